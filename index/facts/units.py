"""Bodies as documents name them: lists of them taken apart, and names of one body brought together.

`市发展改革局` and `市发改局` of one document are one body. Reads names only, not what they do.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from index.facts.spans import Span, parts

_ENDINGS = (
    "领导小组|工作专班|联席会议|协调小组|红十字会|委员会|管委会|办公室|工作组|指挥部|"
    "边检站|检察院|供销社|贸促会|工商联|联合会|总工会|街道办|运营商|基金会|代表处|办事处|"
    "事务所|研究院|咨询委|共青团中央|共青团|常委会|专委会|理事会|董事会|海关|政府|银行|分行|支行|支局|"
    "分局|公司|集团|法院|总社|文联|科协|侨联|残联|妇联|协会|学会|商会|工会|团委|部门|机构|"
    "单位|机关|中心|总队|支队|大队|军区|党委|党组|高校|院校|学校|大学|学院|企业|组织|小组|"
    "总局|总署|监会|人大|政协|工委|委|办|局|厅|部|署|院|站|所|处|台|队"
)
_ENDING = re.compile(rf"(?:{_ENDINGS})(?:\([^()]*\))?$")
# Words that end like a body and are none.
_NO_BODY = re.compile(
    r"(?:全部|内部|外部|干部|一部|局部|底部|顶部|本部|总部|俱乐部|好处|用处|之处|到处|各处|难处|所|场所|"
    r"创办|举办|主办|承办|开办|兴办|督办|协办|领办|经办|申办|代办|联办|网上办|立即办|交通部位|格局|"
    r"布局|结局|开局|车站|网站|医院|剧院|影院|住院|研究所|厕所|事务所|交易所|有所|无所|委|处|办|部|院|站|"
    r"社会组织|经济组织|行业组织|组织|小组织|服务中心|购物中心|数据中心|创新中心|市场主体)$"
)
_LEVEL = re.compile(
    r"^(?:国务院|国家|中央|中国|全国|自治区|本省|本市|我省|我市|[省市区县州盟旗镇乡]|各[省市区县]|"
    r"县级以上|省级|市级|地方|有关|相关|各级|各有关|各相关|其他|上级|同级|所在地|当地)"
)
# A subject of a sentence is no body where it begins with what somebody does.
_ACT = re.compile(
    r"(?:进一步|加快|大力|积极|切实|深入|全面|充分|着力|扎实|持续|不断|统筹|严格|依托|通过|根据|按照|结合|围绕|"
    r"支持|鼓励|引导|推动|推进|促进|完善|健全|建立|明确|允许|加强|强化|优化|提升|提高|增强|扩大|创新|培育|打造|引进|发挥|开展|实施|落实|组织(?!部)|"
    r"对|向|与|在|从|将|为|以|经|由|使|让|请|要求|督促|指导(?!中心)|会同|成立|设立|明晰|改革|深化|协调(?!小组)|配合|"
    r"以下|下列|参照|违反|未经|凡|如|其中|并|同时|不|可|协同|联合|领导(?!小组|机构|干部)|会商|通报|报送|该|你|贵|此|其(?!他)|我(?![省市区县]))"
)
_PUBLIC = re.compile(
    r"(?:(?<!干)(?<!内)(?<!外)(?<!总)(?<![^安]全)部|委|局|厅|办|署|政府|海关|银行|(?<!无)部门|领导小组|工作组|工作专班|指挥部|办公室|"
    r"联席会议|协调小组|监会|常委会|委员会|管委会|法院|检察院|(?<!金融)(?<!医疗)(?<!中介)(?<!服务)(?<!培训)(?<!教育)(?<!评价)(?<!评估)(?<!担保)(?<!分支)机构|"
    r"代表大会|研究院|(?:成员|直属|主管|责任|牵头|各|有关)单位|"
    r"国务院|总工会|贸促会|工商联|妇联|团委|残联|供销社|总社|机关|党委|党组|军区|各地|中心|分行|支局|地区|县|市|区|州)$"
)
# What follows a list of bodies and names none: 等部门, 等有关部门和单位.
_AND_OTHERS = re.compile(
    r"等(?:(?:有关|相关|多个|各|其他)?(?:部门|单位|部委|机构|方面)(?:和单位|、单位|和机构|和地方)?)?$"
)
# The level that the items of a list share: 市商务、发改、财政等部门.
_HEAD = re.compile(r"[^、,]{2,12}人民政府|国务院|[省市区县州](?!级)")
_SHARED_ENDING = re.compile(r"等?(部门|单位|机构|局|委|厅|办)$")
_SHORT_FORMS = (
    ("发展和改革", "发改"), ("发展改革", "发改"), ("经济和信息化", "经信"), ("经济信息化", "经信"),
    ("工业和信息化", "工信"), ("人力资源和社会保障", "人社"), ("人力资源社会保障", "人社"),
    ("住房和城乡建设", "住建"), ("住房城乡建设", "住建"), ("卫生健康", "卫健"),
    ("市场监督管理", "市场监管"), ("文化和旅游", "文旅"), ("文化旅游", "文旅"),
    ("科学技术", "科技"), ("自然资源和规划", "规划资源"), ("农业农村", "农业农村"),
    ("质量技术监督", "质监"), ("工商行政管理", "工商"), ("食品药品监督管理", "食品药品监管"),
    ("药品监督管理", "药监"), ("互联网信息", "网信"), ("机构编制委员会办公室", "编办"),
    ("国有资产监督管理", "国资"), ("委员会", "委"), ("办公室", "办"), ("人民政府", "政府"),
    ("国家税务总局", "税务总局"), ("监督管理", "监管"),
)  # fmt: skip

_LONGEST_SHORT = 8
_LAND = r"(?:省|自治区|直辖市|自治州|设区的市|市|县|区|乡|民族乡|镇|自治县)"
# 国务院管理节能工作的部门: called by what it is in charge of.
_IN_CHARGE = re.compile(
    r"(?!由|经|向|对|按照|应当|支持|推动)[^,。;:的由]{0,24}?(?:管理|负责|承担|履行|主管)[^,。;:的由]{2,24}"
    r"的(?:部门|机构)"
)
# 省、自治区、直辖市 stand for their governments.
_GOVERNED = re.compile(
    rf"(?:各)?{_LAND}(?:、{_LAND})+|(?!全|各|本|我|外|跨)[\u4e00-\u9fff]{{2,3}}(?:省|自治区)"
)


@dataclass(frozen=True)
class Body:
    """A body in a list: its name, completed where the list shortens it, and where it stands."""

    name: str
    span: Span


def is_body(name: str) -> bool:
    """Whether a text is by its form the name of a body: `市商务局`, `各有关部门`, `钱江海关`."""
    name = name.strip()
    if _GOVERNED.fullmatch(name) or _IN_CHARGE.fullmatch(name):
        return True
    if not 2 <= len(name) <= 40 or not _ENDING.search(name) or re.search(r"[。;:!?,\d]", name):
        return False
    if re.search(r"[的了是将把为]|以及|或者", name.replace("为民", "")):
        return bool(re.match(r"各|[^的]*[所在境]地的?|设区的", name))
    bare = re.sub(r"\([^()]*\)$", "", name)
    return bool(_LEVEL.match(bare)) or not _verbal(bare)


def _verbal(name: str) -> bool:
    """Whether the name ends in a word like 总部 or 格局 that ends as bodies do."""
    return any(_NO_BODY.fullmatch(name[-length:]) for length in (4, 3, 2))


def bodies(span: Span) -> list[Body]:
    """The bodies that a list names, in order; shared heads and endings are given to each.

    `市商务、发改、财政等部门` is 市商务部门, 市发改部门, 市财政部门.
    """
    items = [item for item in _joined(_split(span)) if item.text]
    ending = _shared_ending(items, span.text)
    head = _HEAD.match(items[0].text) if items and ending else None
    found: list[Body] = []
    for item in items:
        trimmed = item.part(0, len(_AND_OTHERS.sub("", item.text))).stripped()
        name = re.sub(r"\s", "", trimmed.text)
        if not name:
            continue
        if ending and not _ENDING.search(name):
            name += ending
            if head and not _LEVEL.match(name):
                name = head[0] + name
        found.append(Body(name, trimmed))
    return found


def is_public(name: str) -> bool:
    """Whether a text is the name of a public body, and not that of a firm or a school."""
    return bool(_IN_CHARGE.fullmatch(name)) or (
        is_body(name)
        and not _ACT.match(name)
        and not re.fullmatch(r"[本全我该][省市区县州国]|各地", name)
        and bool(_GOVERNED.fullmatch(name) or _PUBLIC.search(re.sub(r"\([^()]*\)$", "", name)))
        and not re.search(
            r"设在|下设|负责|由|每|对(?!外|口|内)|经(?!济|营|信|贸|办)|按照|应当|向|要|牵头|建立|[^地区市省县州级会]的",
            name,
        )
    )


def are_bodies(found: Iterable[Body]) -> bool:
    """Whether there are some, and every one has the form of a body."""
    names = [body.name for body in found]
    return bool(names) and all(map(is_body, names))


def _split(span: Span) -> list[Span]:
    """The items of a list; 和 and 及 part them only where a body ends before."""
    items: list[Span] = []
    for part in (piece for each in parts(span, "、,;/\n") for piece in _spaced(each)):
        start = 0
        for match in re.finditer(r"以及|及其|或者|和|及|与|会同", part.text):
            left, right = part.text[start : match.start()], part.text[match.end() :]
            ended = is_body(_AND_OTHERS.sub("", left)) or left.endswith("等")
            bare = re.match(r"(?:有关|相关)?单位|(?:有关)?机构", right)
            if ended and len(right) > 2 and not bare:
                items.append(part.part(start, match.start()).stripped())
                start = match.end()
        items.append(part.part(start, len(part.text)).stripped())
    return items


def _spaced(part: Span) -> list[Span]:
    """A part cut at its blanks, where there are bodies on both sides of each."""
    pieces = [part.part(*match.span()) for match in re.finditer(r"\S+", part.text)]
    return pieces if len(pieces) > 1 and all(is_body(piece.text) for piece in pieces) else [part]


def _joined(items: list[Span]) -> list[Span]:
    """Items that make one name together, such as 各区、县(市)政府, as one."""
    joined: list[Span] = []
    open_group = False
    for item in items:
        text = item.text
        if open_group and not text.startswith("各"):
            last = joined[-1]
            gap = "、" * (item.start - last.end)
            joined[-1] = Span(last.start, item.end, last.text + gap + text)
        else:
            joined.append(item)
        whole = joined[-1].text
        short = re.fullmatch(rf"{_LAND}(?:\([^()]*\))?", text) is not None
        collective = whole.startswith("各") and not _ENDING.search(whole)
        open_group = not _ENDING.search(text) and (collective or short)
    return joined


def _shared_ending(items: list[Span], text: str) -> str:
    """The ending that items without one have from the end of the list."""
    lacking = [item for item in items[:-1] if not _ENDING.search(item.text)]
    shared = _SHARED_ENDING.search(text.strip())
    if not shared or not lacking or not ("等" in shared[0] or _HEAD.match(lacking[0].text)):
        return ""
    # The first may have its level before it: 县级以上人民政府渔业、交通等部门.
    if any(len(item.text) > _LONGEST_SHORT for item in lacking[1:]) or (
        len(lacking[0].text) > _LONGEST_SHORT and "政府" not in lacking[0].text
    ):
        return ""
    return shared[1]


def same_body(name: str, other: str) -> bool:
    """Whether two names may be of one body: 市发改委 and 市发展改革委, 市商务局 and 商务局.

    A name without a level (商务局) fits one with; two levels that differ do not.
    """
    first, second = _short(name), _short(other)
    if first == second:
        return True
    levels = [re.match(r"[省市区县州]", each) for each in (first, second)]
    bare = re.sub(r"^[省市区县州]", "", first), re.sub(r"^[省市区县州]", "", second)
    return bare[0] == bare[1] and not all(levels)


def _short(name: str) -> str:
    """A name in its short form: 市发改委."""
    key = re.sub(r"\s", "", name)
    key = re.sub(r"^(?:本|我)(?=[省市区县])", "", key)
    key = re.sub(r"^国家(?=.{2,}(?:委|局|署|部)(?:员会)?$)", "", key)
    for full, short in _SHORT_FORMS:
        key = key.replace(full, short)
    return key


class Names:
    """The names of one document's bodies: what is written of a body to the one it is called by."""

    def __init__(self, written: Iterable[str], region: str | None = None) -> None:
        counts = Counter(written)
        self._region = region or ""
        groups: dict[str, list[str]] = {}
        for name in counts:
            groups.setdefault(self._key(name), []).append(name)
        self._called = {
            name: max(group, key=lambda each: (counts[each], len(each)))
            for group in groups.values()
            for name in group
        }

    def called(self, written: str) -> str:
        """The name that the document uses most for the body so written; the longer of two."""
        return self._called.get(written, written)

    def _key(self, name: str) -> str:
        """What two names of one body share."""
        key = re.sub(r"\s", "", name)
        if self._region and key.startswith(self._region) and len(key) > len(self._region) + 1:
            key = self._region[-1] + key.removeprefix(self._region)
        return _short(key)
