"""How a document stands to others: on what it rests, what it issues, changes, ends and refers to.

The targets are resolved where they are held once all documents are read: held.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from index.documents.model import Clause, Document
from index.facts.held import bare_number
from index.facts.model import Relation
from index.facts.spans import Span, placed, sentences

# A sign that opens a title within is read in one way alone, for what never closes takes no time.
TITLE = re.compile(
    r"[《<](?P<title>(?:[^《》<>〈]|〈(?![^《》〈〉<>]{0,100}[〉>])|〈[^《》〈〉<>]{0,100}[〉>]"
    r"|[《<][^《》〈〉<>]{0,100}[〉》>]){1,200})[》]"
)
_NUMBER = re.compile(
    r"\s*\((?P<number>[^()《》,]{1,16}?[〔\[(]\s*\d{4}\s*[〕\])]\s*\d{1,5}\s*号)[^()]*\)"
)
_NUMERAL = r"(?:[一二三四五六七八九十百千〇零]{1,9}|\d{1,6})"
_PART = rf"第(?:{_NUMERAL}|\({_NUMERAL}\))[款项]"
_ARTICLE = re.compile(
    rf"(?P<whose>本法|本条例|本办法|本规定|本规则|本细则|本意见|本方案|本决定|该法)?第(?P<article>{_NUMERAL})条"
    rf"(?P<branch>之{_NUMERAL})?(?P<part>(?:{_PART}(?:[、和至]{_PART})*)*)"
)
# More articles of what was named: 第十条、第十二条和第十五条.
_MORE = re.compile(r"(?:、|和|与|及|以及|或者|或|至|到)\s*(?=第)")
# So far back the words are looked at that say whose an article is.
_REACH = 120
_JOINED = re.compile(r"[、和与及或者以至到\s]{1,3}")
_DOCUMENT_NUMBER = re.compile(
    r"(?P<words>[\u4e00-\u9fff]{1,16})(?P<rest>[〔\[(]\s*\d{4}\s*[〕\])]\s*\d{1,5}\s*号)"
)
# What stands before a number or a bare name and is no part of it.
_LEAD = re.compile(
    r"根据|依据|按照|依照|遵照|参照|适用|违反|执行|转发|印发|废止|修改|替代|取代|代替|原|和|与|及|或者|"
    r"的|以|见|关于|同时|自|由|在|对|将|按|有关"
)
# A law that is named without its signs: 依照治安管理处罚法第十条.
_BARE_NAME = re.compile(r"[\u4e00-\u9fff]{2,24}(?:法典|法|条例)$")
_NO_NAME = re.compile(
    r"(?:[本该此]|(?<!合)同|办|方|立|执|司|违|合|依|守|普|非|国际|做|算|用|说|看|想|写|书|手|打|语)法$|[本该同此]条例$"
)
_SAME = re.compile(r"(?:该|同)(?:法|条例|办法|规定|决定|意见)$")
_SHORT_TITLE = re.compile(
    r"《(?P<title>[^《》]{5,})》\s*\([^()《》]{0,40}(?:\([^()]*\))?[^()《》]{0,20}"
    r"(?:以下|下)?简称《(?P<short>[^《》]{2,20})》\)"
)
# What is not said of it: 不违反, 不再适用, 未执行.
_STATED = r"(?<![不未])(?<!不再)(?<!不得)(?<!没有)"
# What is said of a title by the words before it and behind it, nearest first.
_BEFORE = (
    ("修改", r"(?:修改|修订|修正)(?!后?的)[^,。;]*$"),
    ("废止", r"(?:废止|停止执行|终止执行)[^,。;]*$"),
    ("替代", r"(?:替代|代替|取代)[^,。;]*$"),
    ("转发", r"(?:转发|批转)[^,。;]*$"),
    ("印发", r"(?:印发|现发布|现公布|现将|下发)[^,。;]*$"),
    ("参照", r"(?:参照|比照|参考)[^,。;]*$"),
    ("违反", rf"{_STATED}违反[^,。;]*$"),
    ("适用", rf"{_STATED}适用[^,。;]*$"),
    ("根据", r"根据[^,。;]*$"),
    ("依据", r"依据[^,。;]*$"),
    ("依照", r"依照[^,。;]*$"),
    ("按照", r"(?:按照|遵照|按)[^,。;]*$"),
    (
        "落实",
        rf"{_STATED}(?:贯彻|落实|(?<!停止)(?<!终止)执行(?!机构|机关|情况|部门|人|力))[^,。;]*$",
    ),
)
_BEHIND = (
    ("废止", r"[^,。;]*?(?:同时|自行|即行|予以|一并)*(?:废止|停止执行|失效|不再执行|终止执行)"),
    ("修改", r"[^,。;]*?(?:作(?:如下|出)?修改|予以修改|修改为|进行修改)"),
    ("印发", r"[^。;]{0,20}?(?:印发给你们|现印发|予以印发|现予印发|现发给你们|现予发布|印发各)"),
    ("转发", r"[^。;]{0,20}?(?:转发给你们|现转发)"),
    ("转发", r"(?:已经|业经)[^。;]{0,60}?(?:现转发|转发给|予以转发)"),
    ("印发", r"(?:已经|业经)[^。;]{0,40}?(?:现印发|现予(?:公布|发布|印发)|予以(?:公布|发布))"),
    ("落实", r"的(?:贯彻)?落实"),
    ("落实", r"(?:已经|业经)[^。;]{0,60}?(?:贯彻|执行|落实)"),
)
# Titles and articles that share what is said behind the last of them.
_SHARING = re.compile(
    rf"(?:[、和与及](?:{TITLE.pattern.replace('?P<title>', '?:')}|第{_NUMERAL}条(?:{_PART})*))*"
)
# 本法第十五条、第十七条的规定,适用于……: what is said of articles behind them.
_APPLIES = re.compile(r"(?:的规定)?,?(?:同样|均|也)?适用于")
# A law that is named without its signs and no article of it: 参照公务员法管理.
_BARE_RULE = re.compile(
    rf"{_STATED}(?P<verb>依照|依据|根据|按照|参照|适用|违反)(?P<name>(?!有关|本法|国家|相关)[\u4e00-\u9fff]{{1,20}}?法)"
    r"(?=的规定|规定|管理|有关)"
)
# What is said of an article rather than of a whole document.
_OF_ARTICLES = ("依照", "根据", "按照", "依据", "参照", "违反", "适用")
# 根据宪法，制定本法: the one that is named without its signs.
_CONSTITUTION = re.compile(r"(?P<verb>根据|依据)宪法")
_BASIS = re.compile(r"^\s*为(?:了)?(?:深入|全面|认真|切实|进一步)*(?:贯彻落实|贯彻|落实|执行)")
_MADE = re.compile(
    r"(?:制定|制订|提出|出台|特制[定订])[^。]{0,12}(?:本|如下|以下|意见|方案|办法|措施|规定)"
)
_PLACES = ("修改", "废止", "印发", "转发")


def short_titles(document: Document) -> dict[str, str]:
    """The short names that a document gives to others, with their titles: （以下简称《决定》）."""
    return {
        match["short"]: re.sub(r"\s", "", match["title"])
        for clause in document.clauses
        for match in _SHORT_TITLE.finditer(clause.body)
    }


def read_relations(document: Document, clause: Clause, short: Mapping[str, str]) -> list[Relation]:
    """The relations that a clause states, each target with one verb once.

    `short` are the document's short names of others, as `short_titles` gives them.
    """
    found: list[Relation] = []
    seen: set[tuple[str, str | None, str]] = set()
    for sentence in sentences(clause.body):
        for relation in (
            *_titled(document, clause, sentence, short),
            *_own(document, clause, sentence),
        ):
            key = (
                relation.verb,
                relation.target_title,
                f"{relation.target_article}{relation.target_paragraph}",
            )
            # A document that names itself, as in its heading, refers to nothing.
            own = relation.target_title == re.sub(r"[《》\s]", "", document.title)
            if key not in seen and not (own and relation.verb == "引用"):
                seen.add(key)
                found.append(relation)
    return found


def _titled(
    document: Document, clause: Clause, sentence: Span, short: Mapping[str, str]
) -> Iterator[Relation]:
    """The relations to documents named by their titles, or by their numbers alone."""
    text = sentence.text
    basis = _CONSTITUTION.search(text)
    if basis:
        yield Relation(
            **placed(
                document, clause, sentence.start + basis.start(), sentence.start + basis.end()
            ),
            verb=basis["verb"],
            target_title="宪法",
        )
    for bare in _BARE_RULE.finditer(text):
        if not _NO_NAME.search(bare["name"]):
            yield Relation(
                **placed(
                    document, clause, sentence.start + bare.start(), sentence.start + bare.end()
                ),
                verb=bare["verb"],
                target_title=bare["name"],
            )
    named: list[tuple[int, int]] = []
    for match in TITLE.finditer(text):
        if re.search(r"(?:简称|统称)[^()]{0,3}$", text[: match.start()]):
            continue
        number = _NUMBER.match(text, match.end())
        end = number.end() if number else match.end()
        named.append((match.start(), end))
        verb = _verb(text, match.start(), end)
        title = short.get(match["title"], re.sub(r"\s", "", match["title"]))
        start = _said_from(text, match.start())
        articles = _articles(text, end)
        for article in articles or (None,):
            stop = _said_until(text, article.end() if article else end, verb)
            yield Relation(
                **placed(document, clause, sentence.start + start, sentence.start + stop),
                verb=verb,
                target_title=title,
                target_number=re.sub(r"\s", "", number["number"]) if number else None,
                target_article=_path(article) if article else None,
                target_paragraph=(article["part"] or None) if article else None,
            )
    yield from _numbered(document, clause, sentence, named)


def _numbered(
    document: Document, clause: Clause, sentence: Span, named: Sequence[tuple[int, int]]
) -> Iterator[Relation]:
    """The relations to documents named by their numbers alone: 海政发〔2020〕7号同时废止."""
    text = sentence.text
    for match in _DOCUMENT_NUMBER.finditer(text):
        words = _LEAD.split(match["words"])[-1]
        number = re.sub(r"\s", "", words + match["rest"])
        start = match.end("words") - len(words)
        held = any(first <= start < last for first, last in named)
        if not words or held or bare_number(number) == bare_number(document.number or ""):
            continue
        verb = _verb(text, start, match.end())
        if verb == "引用" and not re.match(r"文件?|的?规定", text[match.end() :]):
            continue  # A number in a heading refers to nothing.
        stop = _said_until(text, match.end(), verb)
        yield Relation(
            **placed(document, clause, sentence.start + start, sentence.start + stop),
            verb=verb,
            target_number=number,
        )


def _articles(text: str, at: int) -> list[re.Match[str]]:
    """The articles that are named from this place on, in one list."""
    found: list[re.Match[str]] = []
    while match := _ARTICLE.match(text, at):
        found.append(match)
        more = _MORE.match(text, match.end())
        if not more:
            break
        at = more.end()
    return found


def _articles_of_titles(text: str) -> set[int]:
    """Where articles stand that are those of documents with titles."""
    found: set[int] = set()
    for match in TITLE.finditer(text):
        number = _NUMBER.match(text, match.end())
        found |= {one.start() for one in _articles(text, (number or match).end())}
    return found


def _own(document: Document, clause: Clause, sentence: Span) -> Iterator[Relation]:
    """The relations to articles of the document itself, or of one that has no signs or is 该法."""
    text = sentence.text
    if not _ARTICLE.search(text):
        return  # Most sentences: what a document holds is gone through for those that name some.
    held = {other.path.split("/")[-1]: other.id for other in reversed(document.clauses)}
    if not any(path.startswith("第") for path in held):
        return
    titled = _articles_of_titles(text)
    foreign: str | None = None
    end = -1
    for match in _ARTICLE.finditer(text):
        if match.start() in titled:
            continue
        # A list goes on with the document that its first article is of.
        goes_on = end >= 0 and _JOINED.fullmatch(text[end : match.start()])
        if match["whose"] or not goes_on:
            own = match["whose"] not in (None, "该法")
            foreign = None if own else _foreign(text, match.start())
        end = match.end()
        verb = _verb(text, match.start(), match.end())
        path = _path(match)
        place = placed(
            document, clause, sentence.start + match.start(), sentence.start + match.end()
        )
        verb = verb if verb in _OF_ARTICLES else "引用"
        part = match["part"] or None
        if foreign is not None:
            yield Relation(
                **place, verb=verb, target_title=foreign, target_article=path, target_paragraph=part
            )
        elif (target := held.get(path)) is not None and target != clause.id:
            yield Relation(
                **place,
                verb=verb,
                target_article=path,
                target_paragraph=part,
                target_document_id=document.id,
                target_clause_id=target,
            )


def _foreign(text: str, at: int) -> str | None:
    """The title of another law whose article stands here, None for one of the document itself."""
    before = text[max(at - _REACH, 0) : at]
    if _SAME.search(before) or text.startswith("该法", at):
        titles = list(TITLE.finditer(text, 0, at))
        return re.sub(r"\s", "", titles[-1]["title"]) if titles else None
    name = _BARE_NAME.search(_LEAD.split(re.split(r"[^\u4e00-\u9fff]", before)[-1])[-1])
    return name[0] if name and not _NO_NAME.search(name[0]) else None


def _path(match: re.Match[str]) -> str:
    """The marker of an article as paths have it: 第十二条, 第十七条之一."""
    return f"第{match['article']}条{match['branch'] or ''}"


def _verb(text: str, start: int, end: int) -> str:
    """What a sentence says of the title at this place."""
    # Titles named before in the same breath share its verb.
    before = TITLE.sub("", text[max(start - 4 * _REACH, 0) : start])
    before = re.split(r"[,。;](?![^(]*\))", before)[-1]
    behind = text[end : end + 4 * _REACH]
    shared = _SHARING.match(behind)
    behind = behind[shared.end() :] if shared else behind
    if _APPLIES.match(behind):
        return "适用"
    for verb, pattern in _BEHIND:
        if re.match(pattern, behind):
            return verb
    nearest = max(
        ((match.start(), verb) for verb, each in _BEFORE if (match := re.search(each, before))),
        default=None,
    )
    # What is made to carry out another rests on it.
    if (nearest is None or nearest[1] == "落实") and _BASIS.match(text) and _MADE.search(text):
        return "依据"
    return nearest[1] if nearest else "引用"


def _said_from(text: str, start: int) -> int:
    """Where the words about a title begin: with its part of the sentence."""
    return max((text.rfind(sign, 0, start) for sign in ",。;\n"), default=-1) + 1


def _said_until(text: str, end: int, verb: str) -> int:
    """Where the words about a title end: with its part, where what is behind says the verb."""
    if verb not in _PLACES:
        return end
    stops = [at for sign in ",。;" if (at := text.find(sign, end)) >= 0]
    stop = min(stops, default=len(text))
    for _, pattern in _BEHIND:
        match = re.match(pattern, text[end:])
        if match:
            stop = max(stop if stop < end + match.end() + 20 else 0, end + match.end())
            break
    return stop
