"""What years, Chinese characters and ends of sentences look like in any text, for every room.

Days are read in dates.py, numbers in numbers.py.
"""

from __future__ import annotations

import re

# One group: the year.
YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
# A year with what a question says around it: 到2025年底, by the end of 2025.
YEAR_TOLD = re.compile(
    r"(?:到|在|截至|\b(?:by|in)\s+(?:the end of\s+)?)?(?:19|20)\d{2}\s*年?(?:底|末)?", re.IGNORECASE
)
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
HAN_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
# Where a sentence ends, in either language; a point within a number or name ends none.
SENTENCE_END = re.compile(r"[。？！?!；;]|\.(?=\s|$)")
