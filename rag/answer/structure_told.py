"""How a document is built: its chapters, how many articles they have, what comes next.

Told from the structure read at build time, with the articles as rows; no model is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.documents.model import Document
from index.documents.parse import END, FRONT
from index.facts.model import Structure
from index.request.chapters_named import headings_named
from index.request.subject import without_documents
from index.text.numbers import NUMERAL, read_numeral
from index.text.tokens import tokenise_chinese
from prompts import message
from rag.answer.article_rows import article_row, counted, title_of
from rag.answer.compose import name_of
from rag.answer.evidence import ReadClause
from rag.answer.gathered import gathers
from rag.answer.parts_meant import UNITS, asks_more, asks_within, chapters_meant
from rag.answer.running import Running
from rag.answer.support import Statement
from rag.english.phrases import english_of
from rag.schema import Event

_BESIDE = re.compile(
    r"(?P<after>之后|以后|后面|接下来|紧接着|下一[条项个]|随后|(?<!最)后一[条项]|"
    r"\b(?:after|next|follow(?:s|ing)?|comes? after)\b)|"
    r"(?P<before>之前|以前|前面|上一[条项个]|前一[条项]|\b(?:before|preced\w+|previous)\b)",
    re.IGNORECASE,
)
# What stands under a heading, or beside an article.
_PLACED = re.compile(
    r"(?:部分|章|节|板块|标题)(?:下|之下|下面|里|中|有|包括)|(?:之后|之前|前面|后面|接着)(?:的|是|一条)|"
    r"\b(?:under|beneath|below)\b|\b(?:comes?|stands?|immediately|directly|right)\s+"
    r"(?:\w+\s+)?(?:after|before)\b|\b(?:follows|precedes)\b",
    re.IGNORECASE,
)
_LARGER = re.compile(
    r"更[多少]|[多少](?:几|多少)|[多少]出|相差|差(?:几|多少)|哪.{0,8}[项条务]多|"
    r"\b(?:more|fewer|less|difference|larger)\b",
    re.IGNORECASE,
)
_OF_PARTS = re.compile(
    r"章|节|部分|板块|领域|方面|\b(?:chapters?|parts?|sections?|headings?|fields?|areas?)\b", re.I
)
_MOST = re.compile(r"最多|最长|\bmost\b|\blongest\b", re.IGNORECASE)
_ORDINARY = frozenset((FRONT, END))
# An article with a number of its own in the whole document.
_NUMBERED = re.compile(rf"第(?:{NUMERAL}+|\d+)条|Article \d+", re.IGNORECASE)


# How many articles or parts a document has as a whole.
_HOW_MANY = re.compile(
    r"(?:共|总共|一共)?(?:有|分)?(?<!哪)(?:几|多少)(?:个)?(?:部分|章|条)(?!款?(?:提|讲|涉|说|有))|"
    r"\bhow many (?:\w+ )?(?:articles|chapters|parts|provisions|items|sections)"
    r"(?: and (?:\w+ )?\w+)? (?:does|do|are there|has|is it)\b",
    re.IGNORECASE,
)


# How a document is built, whatever else is said of its parts.
_BUILT = re.compile(
    r"(?:方案|计划|意见|文件|规划|办法|条例|通知)的?(?:整体|总体|基本)?(?:框架|结构)|"
    r"\b(?:built up|structured|put together|laid out|made up)\b",
    re.IGNORECASE,
)
# So many requirements of the document as such.
_POINTS = re.compile(
    rf"哪(?P<zh>{NUMERAL}{{1,2}}|\d{{1,2}})[条点项个](?:方面)?(?:的)?(?:具体)?(?:要求|意见|建议)|"
    r"\b(?:which|what|the) (?P<en>two|three|four|five|six|seven|eight|nine|ten) (?:\w+ )?"
    r"(?:requirements|demands|instructions|recommendations)\b",
    re.IGNORECASE,
)
_NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# Of which unit the number is asked for.
_NUMBER_OF = re.compile(
    r"(?:几|多少)(?:个)?(?P<zh>[章节])|\bhow many (?P<en>chapters|parts|sections)\b", re.IGNORECASE
)


def asks_for_structure(running: Running) -> bool:
    """Whether the structure of a document is asked for, or how many of its units there are."""
    request = running.request
    text = request.answered.text
    if request.wanted == "structure" or _points_asked(text) or _BUILT.search(text):
        return True
    most = gathers(running, "extreme") and _OF_PARTS.search(text)
    if not request.articles and (most or gathers(running, "structure")):
        return True
    if request.wanted in ("count", "comparison", "list"):
        return bool(UNITS.search(text)) or (request.wanted == "list" and _headed_wholly(running))
    # What is wanted may be told apart badly: a place in a document stands in the words.
    return request.wanted in ("fact", "relation", "where") and bool(
        _PLACED.search(text) and UNITS.search(text)
    )


def _points_asked(text: str) -> int | None:
    """How many requirements or the like are asked for that a document may be made of."""
    match = _POINTS.search(text)
    if match is None:
        return None
    word = (match["zh"] or match["en"]).lower()
    return read_numeral(word) or (_NUMBERS.index(word) + 2 if word in _NUMBERS else None)


def _articles(running: Running, document: Document) -> int:
    every = running.index.facts.find(Structure, documents=[document.id])
    return next((each.articles for each in every if each.level == "document"), 0)


def _headed_wholly(running: Running) -> bool:
    """Whether a list is asked for by all the words of a heading: the basic principles."""
    documents = running.held(running.request.meant)
    if len(documents) != 1:
        return False
    asked = without_documents(running.request.answered.text, documents)
    either = {t for words in running.index.alternatives(asked) for word in words for t in word}
    either |= set(tokenise_chinese(asked))
    for chapter in chapters_meant(running, documents[0])[:1]:
        own = {token for token in tokenise_chinese(chapter.heading) if len(token) > 1}
        return bool(own) and own <= either
    return False


def tell_structure(running: Running) -> Iterator[Event]:
    """What is asked of how a document is built; nothing where no one document is meant."""
    request = running.request
    documents = running.held(request.meant)
    if len(documents) != 1:
        documents = list(running.index.documents.values())
    if len(documents) != 1:
        return
    document = documents[0]
    text = request.answered.text
    chapters = chapters_meant(running, document)
    if _BUILT.search(text):
        yield from _whole(running, document)
        return
    if number := _points_asked(text):
        if not chapters and number == _articles(running, document):
            yield from _whole(running, document)
        return
    counted_units = _units_counted(text)
    if beside := {match.lastgroup for match in _BESIDE.finditer(text)}:
        if articles := request.articles or _article_headed(running, document):
            yield from _beside(running, articles[0], "after" in beside)
    elif _MOST.search(text) and _OF_PARTS.search(text):
        yield from _most(running, top_chapters(running, document))
    elif len(chapters) > 1 and (
        request.wanted == "comparison" or request.asked.compares or _LARGER.search(text)
    ):
        yield from _difference(running, chapters[:2])
    elif chapters and "sections" in counted_units and (below := _sections(running, chapters[0])):
        yield from _told_sections(running, chapters[0], below)
    elif _HOW_MANY.search(text) and ("chapters" in counted_units if chapters else request.articles):
        yield from _whole(running, document, chapters[:1], [] if chapters else request.articles)
    elif _LARGER.search(text):
        return  # of two things, of which not both are chapters
    elif chapters:
        if not asks_within(running, document, chapters[0]):
            yield from tell_chapter_rows(running, chapters[0])
    elif (gathers(running, "structure") and not request.articles) or (
        (request.wanted == "structure" or _HOW_MANY.search(text))
        and not asks_more(running, document)
    ):
        yield from _whole(running, document)


def _units_counted(text: str) -> set[str]:
    """Of which of chapters and sections the number is asked for."""
    found = (match["zh"] or match["en"].lower() for match in _NUMBER_OF.finditer(text))
    return {"sections" if unit in ("节", "sections") else "chapters" for unit in found}


def top_chapters(running: Running, document: Document) -> list[Structure]:
    """The highest numbered parts of a document, in order."""
    every = running.index.facts.find(Structure, documents=[document.id])
    return [each for each in every if each.level == "chapter" and each.above is None]


def tell_chapter_rows(running: Running, chapter: Structure) -> Iterator[Event]:
    """A chapter's articles, each a row, and their number; under its sections where it has some."""
    rows = {read.clause.id: article_row(running, read) for read in reads_under(running, chapter)}
    if not rows:
        return
    document = title_of(running.index.documents[chapter.document_id], running)
    fields = {"document": document, "chapter": chapter_name(running, chapter)}
    sections = _sections(running, chapter)
    below = [[each.clause.id for each in reads_under(running, section)] for section in sections]
    # Sections that leave articles out, or that are articles themselves, do not divide it.
    held = sorted(each for ids in below for each in ids)
    if len(sections) < 2 or held != sorted(rows) or len(sections) == len(rows):
        lead = counted(
            "structure-chapter", running.language, len(rows), articles=len(rows), **fields
        )
        yield from running.listed([(lead, list(rows.values()))])
        return
    lead = message(
        "structure-chapter-divided",
        running.language,
        articles=len(rows),
        sections=len(sections),
        **fields,
    )
    parts: list[tuple[str, list[Statement]]] = []
    for section, ids in zip(sections, below, strict=True):
        heading = counted(
            "structure-section",
            running.language,
            len(ids),
            section=chapter_name(running, section),
            articles=len(ids),
        )
        parts.append((f"{lead}\n{heading}" if not parts else heading, [rows[each] for each in ids]))
    yield from running.listed(parts)


def _sections(running: Running, chapter: Structure) -> list[Structure]:
    """The sections right under a chapter."""
    every = running.index.facts.find(Structure, documents=[chapter.document_id])
    return [e for e in every if e.level == "section" and e.above == chapter.path]


def _told_sections(
    running: Running, chapter: Structure, sections: Sequence[Structure]
) -> Iterator[Event]:
    lead = message(
        "structure-sections",
        running.language,
        document=title_of(running.index.documents[chapter.document_id], running),
        chapter=chapter_name(running, chapter),
        sections=len(sections),
    )
    yield from running.listed([(lead, [_chapter_row(running, each) for each in sections])])


def chapter_name(running: Running, chapter: Structure) -> str:
    """A chapter as an answer names it: its number and its heading."""
    if running.language == "zh":
        joint = "" if chapter.marker.startswith(("第", "(", "（")) else "、"
        # Quotation marks within quotation marks are single ones.
        inner = chapter.heading.replace("“", "‘").replace("”", "’")
        return f"“{chapter.marker}{joint}{inner}”"
    heading = english_of(chapter.heading, dict(running.index.glossary)) or chapter.heading
    read = reads_under(running, chapter)[0]
    number = re.search(r"Part \d+(?: \(\d+\))?|Chapter \d+", read.clause.label_en)
    if number and chapter.level == "chapter":
        return f"{number[0].split(' (')[0]} (“{heading}”)"
    return f"“{heading}”"


def reads_under(running: Running, chapter: Structure) -> list[ReadClause]:
    """The articles under a chapter; the chapter itself where it is one."""
    document = running.index.documents[chapter.document_id]
    every = running.index.facts.find(Structure, documents=[document.id])
    above = {each.path: each.above for each in every}

    def is_under(path: str) -> bool:
        while (over := above.get(path)) is not None:
            if over == chapter.path:
                return True
            path = over
        return path.startswith(f"{chapter.path}/")

    own = [
        clause.id
        for clause in document.clauses
        if is_under(clause.path) and clause.path.rsplit("/", 1)[-1] not in _ORDINARY
    ]
    own = own or [clause.id for clause in document.clauses if clause.id == chapter.clause_id]
    return [running.read(each) for each in own]


def _article_headed(running: Running, document: Document) -> list[str]:
    """The article whose heading the question has words of, if one has most."""
    numbered = (c for c in document.clauses if c.path.rsplit("/", 1)[-1] not in _ORDINARY)
    articles = [clause for clause in numbered if clause.heading]
    asked = without_documents(running.request.answered.text, [document])
    named_best = headings_named(
        asked, [each.heading for each in articles], running.index.lexicon.alternatives
    )
    return [articles[at].id for at in named_best[:1]]


def _whole(
    running: Running,
    document: Document,
    only: Sequence[Structure] = (),
    articles: Sequence[str] = (),
) -> Iterator[Event]:
    """How many chapters and articles there are: of `only` these chapters or articles the rows."""
    (whole,) = (
        each
        for each in running.index.facts.find(Structure, documents=[document.id])
        if each.level == "document"
    )
    chapters = top_chapters(running, document)
    fields = {
        "document": title_of(document, running),
        "articles": whole.articles,
        "chapters": len(chapters),
    }
    if not whole.articles:
        return
    if len(chapters) < 2 or articles:
        listed = articles or [
            c.id for c in document.clauses if c.path.rsplit("/", 1)[-1] not in _ORDINARY
        ]
        rows = [article_row(running, running.read(each)) for each in listed]
        key = "structure-document" if len(chapters) < 2 else "structure-chapters"
        lead = message(key, running.language, **fields)
        yield from running.listed([(lead, rows)])
        return
    rows = [_chapter_row(running, chapter) for chapter in only or chapters]
    yield from running.listed([(message("structure-chapters", running.language, **fields), rows)])


def _chapter_row(running: Running, chapter: Structure) -> Statement:
    reads = reads_under(running, chapter)
    read = reads[0]
    text = chapter_name(running, chapter)
    if chapter.articles:
        names = [
            running.label(each).removeprefix(name_of(each.document, running.language)).strip(" ,")
            for each in (reads[0], reads[-1])
        ]
        numbered = len(reads) > 1 and all(_NUMBERED.fullmatch(name) for name in names)
        key = "structure-chapter-range" if numbered else "structure-chapter-row"
        text = message(
            key,
            running.language,
            chapter=text,
            articles=chapter.articles,
            first=names[0],
            last=names[1],
        )
    return Statement(text, read, read.passages[:1], complete=True)


def _most(running: Running, chapters: Sequence[Structure]) -> Iterator[Event]:
    most = max((chapter.articles for chapter in chapters), default=0)
    largest = [chapter for chapter in chapters if chapter.articles == most]
    if not most:
        return
    names = ("、" if running.language == "zh" else ", ").join(
        chapter_name(running, chapter) for chapter in largest
    )
    lead = message("structure-most", running.language, chapter=names, articles=most)
    yield from running.listed([(lead, [_chapter_row(running, each) for each in chapters])])


def _difference(running: Running, chapters: Sequence[Structure]) -> Iterator[Event]:
    first, second = chapters
    names = [chapter_name(running, chapter) for chapter in chapters]
    key = "structure-same" if first.articles == second.articles else "structure-difference"
    lead = message(
        key,
        running.language,
        first=names[0],
        second=names[1],
        first_count=first.articles,
        second_count=second.articles,
        larger=names[0] if first.articles > second.articles else names[1],
        difference=abs(first.articles - second.articles),
    )
    yield from running.listed([(lead, [_chapter_row(running, each) for each in chapters])])


def _beside(running: Running, clause_id: str, after: bool) -> Iterator[Event]:
    before, behind = running.index.neighbours(clause_id)
    other = behind if after else before
    label = running.label(running.read(clause_id))
    if other is None or other.path.rsplit("/", 1)[-1] in _ORDINARY:
        read = running.read(clause_id)
        text = message(f"structure-{'last' if after else 'first'}", running.language, label=label)
        yield from running.told([Statement(text, read, read.passages[:1], complete=True)])
        return
    read = running.read(other.id)
    row = article_row(running, read)
    name = running.label(read).removeprefix(name_of(read.document, running.language)).strip(" ,")
    _, _, heading = row.text.partition("：" if running.language == "zh" else ": ")
    key = f"structure-{'next' if after else 'before'}"
    text = message(key, running.language, label=label, next=name, heading=heading)
    yield from running.told([Statement(text, read, row.evidence, complete=True)])
