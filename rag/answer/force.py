"""How strongly a text binds: must, may, must not, or only strives, explores, encourages.

积极争取 and `strive for` are neither permission nor duty. Reads words by grammar; asks no model.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

from index.facts.modalities import first_force
from index.facts.model import Force
from index.request.intents import interrogatives
from index.text.repair import clean
from rag.schema import Language

Kind = Literal["yes_no", "may", "must", "better"]
Strength = Literal["binds", "allows", "forbids", "hopes", "states"]
_EN: tuple[tuple[Force, str], ...] = (
    (
        "must_not",
        r"\b(?:shall|must|may|can|should) not\b|\bcannot\b|\bcan't\b|\bmustn't\b|"
        r"\b(?:is|are|be|was|were) (?:not (?:allowed|permitted)|prohibited|forbidden|banned)\b|"
        r"\b(?:prohibit|forbid|ban)(?:s|ed|ding|bed)?\b|\b(?:no (?:\w+ ){1,5}|nobody )may\b",
    ),
    (
        "strives",
        r"\bstriv(?:e|es|ing)\b|\bseek(?:s|ing)?\b|\b(?:actively )?work(?:s|ing)? to\b|"
        r"\baim(?:s|ing)? (?:to|for)\b|\bendeavou?rs?\b|\bmake (?:every )?efforts?\b|\btry to\b",
    ),
    (
        "explores",
        r"\bexplor(?:e|es|ing|ation)\b|\bpilot(?:s|ed|ing)?\b(?! (?:free|zone))|\bstudy whether\b",
    ),
    (
        "encourages",
        r"\bencourag(?:e|es|ing|ed)\b|\bsupport(?:s|ing|ed)?\b(?! (?:polic|system|service))|"
        r"\bguid(?:e|es|ing|ed)\b|\bpromot(?:e|es|ing|ed)\b|\badvocat(?:e|es|ing)\b",
    ),
    (
        "must",
        r"\b(?:shall|must)\b|\b(?:is|are|be) (?:required|obliged|mandatory|obligatory)\b|"
        r"\bha(?:s|ve) to\b|\bneeds? to\b|\bmandatory\b|\brequire[sd]?\b",
    ),
    (
        "may",
        r"\bmay\b|\bcan\b|\b(?:is|are|be) (?:allowed|permitted|entitled|eligible) to\b|"
        r"\ballow(?:s|ed|ing)?\b|\bpermit(?:s|ted|ting)?\b(?! (?:system|regime))",
    ),
)
_ANY_EN = re.compile("|".join(f"(?P<{force}>{words})" for force, words in _EN), re.IGNORECASE)
# What is pushed forward is neither allowed nor required by it; within a sentence these are nouns.
_PUSHES = {
    "zh": re.compile(
        r"(?:积极|大力|加快|进一步|持续|着力|深入|全面|加速|稳步|有序)*(?P<word>推动|推进|促进)"
    ),
    "en": re.compile(r"(?:and )?(?:\w+ly )?(?P<word>advance|push)\b", re.IGNORECASE),
}
_STRENGTH: dict[Force, Strength] = {
    "must": "binds", "may": "allows", "must_not": "forbids",
    "strives": "hopes", "explores": "hopes", "encourages": "hopes",
}  # fmt: skip
# What must have been done is no report that it was.
_NOT_DUE = r"(?<!must )(?<!shall )(?<!should )(?<!to )"
_HOW_FAR = re.compile(r"\bhow (?:far|much|well)\b[^,.;]*", re.IGNORECASE)
_DONE = {
    "zh": re.compile(
        r"已(?!经?(?:是|为|有))[\u4e00-\u9fff]|业已|(?:放开|建成|取消|获批|开放|完成)了"
    ),
    "en": re.compile(
        r"\balready\b|\b(?<!have )been (?:\w+ly )?\w+(?:ed|en|n)\b|"
        rf"{_NOT_DUE}\b(?:has|have|had) (?:been|now|since|fully)\b|"
        rf"{_NOT_DUE}\b(?:has|have|had) "
        r"(?:\w+ly )?(?:\w{2,}ed|built|begun|set|made|become|given|taken|won|"
        r"got|grown|cut|put|gone|begun|shut|let|lifted)\b",
        re.IGNORECASE,
    ),
}
_NEGATION = {
    "zh": re.compile(r"[不未无非勿]|没有|禁止|严禁"),
    "en": re.compile(
        r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|prohibit\w*|forbid\w*|cannot)\b|n't\b",
        re.IGNORECASE,
    ),
}
# Words that have the character of a negation and deny nothing.
_AFFIRMS = re.compile(
    r"不断|不同|不仅|不但|不少于?|不低于|不小于|不超过|不高于|不多于|不动产|无人|无线|无缝|无障碍|无形|无纸|无接触|无感|无理由|非机动|非营利|非居民|非农|非税|非公开|非国有|非政府|非金融|非公有|非银行|非现场|非歧视|"
    r"未来|未成年|非物质|非遗|\b(?:no|not) (?:less|fewer|more) than\b|"
    r"\bno (?:later|earlier) than\b|\bno\. ?\d|\bno-reason\b|\bnot only\b",
    re.IGNORECASE,
)


def force_of(text: str, language: Language) -> Force | None:
    """The force of the first modal word of a sentence; None where it has none."""
    found = modal_word(text, language)
    return None if found is None else found[0]


def modal_word(text: str, language: Language) -> tuple[Force, str] | None:
    """The force of the first modal word of a sentence and the word itself; None without one."""
    if language == "zh":
        found = first_force(clean(text).text)
        # 要 and 应 of plans and statements are as weak as the English will.
        if found and found[1][0] not in ("要", "应", "研究"):
            return found[0], found[1][0]
    elif match := _ANY_EN.search(text):
        return next(force for force, _ in _EN if match[force]), match[0]
    pushed = _PUSHES[language].match(text.strip())
    return ("encourages", pushed["word"]) if pushed else None


def strength_of(force: Force | None) -> Strength:
    """What a force comes to."""
    return "states" if force is None else _STRENGTH[force]


def tells_done(text: str, language: Language) -> bool:
    """Whether a text tells that something was done: 已经放开, `has opened`."""
    return _DONE[language].search(_HOW_FAR.sub("", text)) is not None


@cache
def _asked() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(
        (files("prompts") / "rules" / "force.json").read_text(encoding="utf-8")
    )
    return read


_DEGREE = re.compile(
    r"更[高大多低少快慢严宽强]|[谁哪].{0,12}?[高大多低少快慢](?!校|学|家|户)|"
    r"\b(?:higher|larger|greater|bigger|more|lower|smaller|less|fewer|faster|slower|stricter|stronger|"
    r"better|highest|largest|most|lowest|fastest)\b",
    re.IGNORECASE,
)


def asks_degree(question: str) -> bool:
    """Whether it is asked which of several is more; who writes of one of them cannot tell."""
    return _DEGREE.search(question) is not None


def asks_force(question: str, language: Language) -> Kind | None:
    """Whether a question is answered by yes or no, may, must, or by a preference; None if by more.

    The kinds and their patterns are data (prompts/rules/force.json).
    """
    question = question.strip()
    # 吗 asks for yes or no.
    open_question = any(match[0] != "吗" for match in interrogatives(question))
    for rule in _asked()[language]:
        if re.search(rule["pattern"], question, re.IGNORECASE) and (
            not open_question or rule["kind"] == "better"
        ):
            return cast(Kind, rule["kind"])
    return None


def denies(text: str, language: Language) -> bool:
    """Whether a text denies something."""
    return _NEGATION[language].search(_AFFIRMS.sub("", text)) is not None


# What is no body of the state, with a word of duty behind it or before it.
_OTHERS_BOUND = re.compile(
    r"(?:企业|公司|商户|经营者|平台|个人|消费者|投资者|外商|申请人)[^，。；,;]{0,12}?(?:应当|必须|须|应|需要?)"
    r"|\b(?:compan(?:y|ies)|firms?|enterprises?|business(?:es)?|merchants?|investors?|operators?|"
    r"platforms?|individuals?|applicants?|you|we)\b[^.,;]{0,30}?"
    r"\b(?:must|shall|ha(?:ve|s) to|(?:is|are) (?:required|obliged) to|needs? to)\b"
    r"|\b(?:requires?|obliges?)\s+(?:\w+\s+){0,2}?(?:compan(?:y|ies)|firms?|enterprises?|"
    r"business(?:es)?|merchants?|investors?|operators?|platforms?|individuals?)\b",
    re.IGNORECASE,
)


def binds_others(text: str) -> bool:
    """Whether a sentence puts a duty on others than bodies of the state.

    A plan's `carry out pilots` is a task of those it is addressed to, and no duty of a company.
    """
    return _OTHERS_BOUND.search(text) is not None
