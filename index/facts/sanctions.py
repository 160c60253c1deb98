"""What is suffered for a conduct and what is given under a condition: fines, grants and the like.

One row for each party and form. Amounts are kept in 元, or as multiples of what is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from index.documents.model import Clause, Document
from index.facts.model import Benefit, Sanction
from index.facts.quantities import NUMBER, read_amount
from index.facts.spans import Span, parts, placed, sentences
from index.facts.units import is_body

_FINE = re.compile(
    rf"(?:(?P<least>{NUMBER})元以上(?P<most>{NUMBER})元?以下"
    rf"|(?P<most_only>{NUMBER})元以下(?:或者[\u4e00-\u9fff]{{2,16}}百分之{NUMBER}以下)?"
    rf"|(?P<least_only>{NUMBER})元以上"
    rf"|(?P<of>[\u4e00-\u9fff、]{{2,20}}?)?(?P<least_times>{NUMBER})倍以上(?P<most_times>{NUMBER})倍以下"
    rf"|(?P<of2>[\u4e00-\u9fff、]{{2,20}}?)?(?P<most_times_only>{NUMBER})倍以下"
    rf"|(?P<of3>[\u4e00-\u9fff、]{{2,20}}?)?百分之(?P<least_part>{NUMBER})以上"
    rf"百分之(?P<most_part>{NUMBER})以下"
    rf"|(?P<of4>(?:(?!元以下)[\u4e00-\u9fff、]){{2,20}}?)?百分之(?P<most_part_only>{NUMBER})以下"
    rf"|(?P<times>{NUMBER})倍|(?P<equal>等额)|(?P<exactly>{NUMBER})元)(?:的)?罚款"
)
_OTHER_FORMS = re.compile(
    r"(?P<form>给予[^,。;]{0,24}处分|(?<!缴纳)罚款|没收|收缴|吊销|暂扣|"
    r"(?:给予|予以|处以|处|并处|、)?警告(?!标志|标识|牌|函)|通报批评|"
    r"(?:责令)?(?:其)?(?:停产停业|停业整顿|停产整顿)(?:整顿)?|责令(?:其)?(?:停业|停产)|责令关闭|取缔|行政拘留|(?:处|并处)[^,。;]{1,20}拘留|"
    r"(?:给予|予以|依法|行政|政务|纪律|党纪)处分(?!权)|"
    r"(?:依法|并|应当)追究(?:其)?(?:刑事|法律)责任|终身(?:不得|禁止)|(?:予以|处)撤销|"
    r"撤销(?=[^,。;]{0,20}(?:资格|登记|许可|批准(?!的)|职务|文件|证书))|降级|撤职|开除|"
    r"(?:处|判处)[^,。;]{1,16}(?:有期徒刑|拘役|管制)|取消(?=[^,。;]{0,10}资格)|"
    r"(?:[一二三五十]年|\d年)内不(?:受理|得)|不受理(?=[^,。;]{0,16}申请)|不得重新申请|"
    r"暂停(?=[^,。;]{0,12}(?:业务|资格|许可|执业))|停止(?=相关业务|[^,。;]{0,6}业务)|"
    r"禁止(?:其)?(?=[^,。;]{0,8}(?:年内|期限内))|(?:[一二三五十]年|\\d年)内禁止|治安管理处罚(?!法|条例)|(?:规定|依法)(?=(?:进行|予以|给予)?(?:处理和)?处罚(?!外))|滞纳金)"
)
_BY = re.compile(
    r"由(?P<by>[^,。;]{2,40}?)(?:依照|根据|按照|依法|责令|给予|处以|处|没收|予以|对|吊销|可以|按|撤销|依据|收回|取消|分别|进行|暂停)"
)
_WHO = re.compile(
    r"对(?P<who>[^,。;]{2,60}?)(?:,)?(?:依法|分别|可以|并|均)*(?:处以|处|给予|并处|并)(?=[^理置分罚]|[^,]{0,30}罚款|分)"
)
_NOT_IMPOSED = re.compile(
    r"决定|的|后|应当|由|权|机关|"
    r"措施|时|数额|以及依法|[^,。;]{0,8}的期限|法》?的?规定执行"
)
# What tells of sanctions without imposing one.
_TELLS = re.compile(
    r"受到|被(?:吊销|处|没收|暂扣|撤销|收缴)|处罚的?种类|作为考核|缴纳罚款|罚款数额|行政处罚的|的罚款$"
)
_GRANT = re.compile(
    r"(?:给予|予以|享受|获得|申请|申领|发放|实施|落实|提高|加大|提供|适用|按规定|进行|安排|一次性|领取)[^,。;]{0,30}?"
    r"(?P<form>补贴|补助|奖励|奖补|以奖代补|贴息|资助|临时救助|补偿|扶持(?=$|资金)|优惠|奖金|津贴|贷款(?=$|[,。;])|保险金|抚恤|"
    r"免征|免缴|减免|(?<=资金予以)支持$|(?<=适当)支持$|(?<=资金)(?:支持|扶持)$|"
    # 给予资金、土地等保障和支持: money among other things.
    r"资金(?=(?:、[^,。;、]{1,8}){1,6}[^,。;、]{0,8}(?:支持|扶持)$))"
    r"|(?P<form2>免征|减征|免缴|免收|减收|减免(?!责任)|返还|先征后返|加计扣除|(?:定额|据实|限额内|税前)扣除|进行贴息|奖励(?!和?处罚|办法|制度))"
)
_NO_GRANT = re.compile(
    r"违法所得|罚|不可|不得|暂不|无法|不再|涉及|收取|返还.{0,6}(?:财物|原)|公平|专项奖补资金|补贴目录|资金下达|机制$|监管|追回|责任|合同|"
    r"(?:补贴|补助|返还|奖励)(?:的)?(?:标准|条件|范围|项目|等标准|机具)|公布|归并|倾斜|重点支持|大力支持|积极支持|"
    r"优先支持|政策支持|信贷支持|支持力度$"
)
_AMOUNT = re.compile(
    rf"(?:最高|不超过|最多|不低于|每[\u4e00-\u9fff]{{1,6}})*(?:{NUMBER})(?:万|亿)?元(?:以上|以下|以内)?(?:{NUMBER}元以下)?"
    rf"|\d+(?:\.\d+)?%|百分之{NUMBER}"
)
_UP_TO = re.compile(r"最高|不超过|最多|以内|以下|上限")


@dataclass(frozen=True)
class _Amounts:
    """The bounds of a fine."""

    written: str | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    least_multiple: Decimal | None = None
    most_multiple: Decimal | None = None
    of_what: str | None = None


def read_sanctions(document: Document, clause: Clause) -> list[Sanction]:
    """The sanctions of a clause, in order."""
    if clause.path.endswith("首") or not _OTHER_FORMS.search(clause.body):
        return []
    found: list[Sanction] = []
    by_whom: str | None = None
    opening = ""
    for sentence in sentences(clause.body):
        conduct: list[str] = []
        who: str | None = None
        by = _BY.search(sentence.text)
        if by and is_body(re.split(r"、|或者|和", by["by"])[-1]):
            by_whom = by["by"]
        for part in parts(sentence, ",:"):
            text = part.text.strip(" \n。;")
            own = _WHO.search(text)
            lone = re.fullmatch(r"(?:并|可以)?对(?P<who>.{2,60})", text)
            if lone and re.search(r"予以|依法|追究|给予", lone["who"]):
                lone = None
            who = own["who"] if own else lone["who"] if lone else who
            forms = list(_forms(part))
            if not forms:
                if not lone and not re.match(
                    r"[(][一二三四五六七八九十]|(?:由|并)?.{0,30}责令", text
                ):
                    conduct.append(text)
                continue
            told = ",".join(conduct) or opening
            opening = opening or told
            for form, amounts, start, end in forms:
                place = placed(document, clause, part.start + start, part.start + end)
                found.append(
                    Sanction(
                        **place,
                        form=form,
                        who=who,
                        conduct=told,
                        by_whom=by_whom,
                        least=amounts.least,
                        most=amounts.most,
                        least_multiple=amounts.least_multiple,
                        most_multiple=amounts.most_multiple,
                        of_what=amounts.of_what,
                        amounts_as_written=amounts.written,
                    )
                )
    return found


def _forms(part: Span) -> Iterator[tuple[str, _Amounts, int, int]]:
    """The forms of sanction in a part, a fine with its bounds, and where its words stand."""
    text = part.text
    fines = list(_FINE.finditer(text))
    for match in fines:
        start = _from_verb(text, match.start())
        yield "罚款", _bounds(match), start, match.end()
    last, before = 0, ""
    stripped = text.rstrip(" \n。;")
    # What ends in 的 is a condition; what one is under already is told of, not imposed.
    if stripped.endswith("的") or (_TELLS.search(stripped) and not fines):
        return
    forms = [
        match
        for match in _OTHER_FORMS.finditer(text)
        if not any(fine.start() <= match.start() < fine.end() for fine in fines)
    ]
    for at, match in enumerate(forms):
        if re.search(
            r"不得$|未$|免予$|免于$|不予$|可$", text[max(0, match.start() - 4) : match.start()]
        ):
            continue
        if _NOT_IMPOSED.match(text[match.end() :]):
            continue
        bare = match["form"] == "罚款" and not re.search(
            r"[处并予和及、者]$", text[: match.start()]
        )
        if bare and text[: match.start()].strip():
            continue
        # 暂扣或者吊销 is one sanction with a choice.
        between = text[last : match.start()]
        choice = between in ("或者", "或") and not before.startswith("责令")
        again = before == match["form"] and re.fullmatch(r"[^、,]{1,16}(?:或者|或)", between)
        if last and (choice or again):
            last = match.end()
            continue
        last, before = match.end(), match["form"]
        behind = forms[at + 1].start() if at + 1 < len(forms) else len(stripped)
        end = len(stripped) if re.search(r"或者?$", text[match.end() : behind]) else behind
        form = (
            re.sub(
                r"^(?:给予|予以|处以|并处(?!分)|处(?!分)|、|依法|并(?!处)|应当|规定)",
                "",
                match["form"],
            )
            or "处罚"
        )
        start = _from_verb(text, match.start())
        if form == "处罚":
            start = len(text) - len(text.lstrip())
        yield form, _Amounts(), start, max(match.end(), end)


def _from_verb(text: str, start: int) -> int:
    """Where the words of a sanction begin: with the verb before its amount."""
    verb = None
    for match in re.finditer(
        r"可以并处(?!罚)|可以处(?![罚分])|并处以|并处(?!罚)|处以|(?<![行惩])处(?![罚分理])|给予",
        text[:start],
    ):
        verb = match
    return verb.start() if verb and start - verb.end() <= 24 else start


def _bounds(match: re.Match[str]) -> _Amounts:
    """The bounds that a fine's words give."""

    def amount(name: str) -> Decimal | None:
        return read_amount(match[name]) if match[name] else None

    written = match[0].removesuffix("罚款").removesuffix("的")
    of_what = match["of"] or match["of2"] or match["of3"] or match["of4"]
    if of_what:
        of_what = re.sub(r"^.*(?:处以|并处|处|可以处)", "", of_what)
        written = written[written.find(of_what) :] if of_what else written
    exactly = amount("exactly")
    times = Decimal(1) if match["equal"] else amount("times")
    hundred = Decimal(100)
    least_part, most_part = amount("least_part"), amount("most_part") or amount("most_part_only")
    return _Amounts(
        written=written,
        least=amount("least") or amount("least_only") or exactly,
        most=amount("most") or amount("most_only") or exactly,
        least_multiple=times
        or amount("least_times")
        or (least_part / hundred if least_part else None),
        most_multiple=times
        or amount("most_times")
        or amount("most_times_only")
        or (most_part / hundred if most_part else None),
        of_what=of_what or None,
    )


def read_benefits(document: Document, clause: Clause) -> list[Benefit]:
    """The benefits of a clause, in order."""
    found: list[Benefit] = []
    for sentence in sentences(clause.body):
        # A heading only says what the article is about.
        if clause.heading and sentence.text.strip(" 。\n") == clause.heading:
            continue
        before: list[str] = []
        for part in parts(sentence):
            text = part.text.strip(" \n。;")
            grant = _GRANT.search(text)
            if not grant or _NO_GRANT.search(text) or re.search(r"的$", text):
                before.append(text)
                continue
            found.append(_benefit(document, clause, part, grant, before))
    return found


def _benefit(
    document: Document, clause: Clause, part: Span, grant: re.Match[str], before: list[str]
) -> Benefit:
    """The benefit of a part, its condition from the parts before it."""
    run = part.stripped()
    text = run.text
    amounts = list(_AMOUNT.finditer(text))
    money = [
        (each[0], value)
        for each in amounts
        if "元" in each[0] and (value := _money(each[0])) is not None
    ]
    share = next((each[0] for each in amounts if "%" in each[0] or "分之" in each[0]), None)
    capped = bool(money) and _UP_TO.search(money[-1][0]) is not None
    who = re.search(
        r"(?:对|向|为)(?P<who>[^,。;]{2,40}?)(?:给予|予以|按|发放|提供|实行|,|可|进行|的贷款)", text
    )
    given = re.search(r"由(?P<by>[^,。;]{2,24}?)(?:给予|予以|统筹|发放|承担|安排|列支|按)", text)
    condition = next((each for each in reversed(before) if re.search(r"的$|^对", each)), "")
    return Benefit(
        **placed(document, clause, run.start, run.end),
        form=grant["form"] or grant["form2"],
        who=who["who"] if who else (re.sub(r"^对", "", condition) or None),
        condition=condition,
        by_whom=given["by"] if given else None,
        least=None if capped or not money else money[0][1],
        most=money[-1][1] if money else None,
        share=_percent(share),
        amounts_as_written="、".join(each[0] for each in amounts) or None,
    )


def _money(text: str) -> Decimal | None:
    match = re.search(rf"({NUMBER})(万|亿)?元", text)
    return read_amount(match[1] + (match[2] or "")) if match else None


def _percent(text: str | None) -> Decimal | None:
    if text is None:
        return None
    return read_amount(text.replace("百分之", "").replace("%", ""))
