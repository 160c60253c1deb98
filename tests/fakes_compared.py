"""Two texts of one law and two cities' plans, made up, for tests of comparing."""

from __future__ import annotations

from dataclasses import dataclass

from fakes_app import FakeLibrary

from index.documents.model import Document, Rendition
from index.documents.parse import parse_document
from index.facts.succession import in_succession

OLD = """海川市渔港办法
海政发〔2020〕7号
第一章 总则
第一条 为了发展渔业，制定本办法。
第二条 渔业部门应当自收到申请之日起30日内作出决定。
第二章 监督
第三条 违反本办法的，处五万元以上二十万元以下罚款；情节严重的，停业三至五年。
第四条 渔业部门应当公布咨询电话，及时答复询问。
第五条 渔港经营者应当保存进出港记录。渔港经营者每年报送安全报告，说明事故情况。
第六条 船员应当参加安全培训，取得合格证书后方可上船工作。
第七条 本办法自2020年3月1日起施行。
"""
NEW = """海川市渔港办法
海政发〔2025〕9号
第一章 总则
第一条 为了发展渔业,制定本办法。
第二条 船员应当参加安全培训，取得合格证书后方可上船工作。
第三条 数据机构负责渔港数据的归集和共享工作。
第四条 渔业部门应当自收到申请之日起十五个工作日内作出决定。
第二章 监督和责任
第五条 违反本办法的，处十万元以上二十万元以下罚款；情节严重的，停业四至五年。
第六条 渔港经营者应当保存进出港记录。
第七条 渔港经营者每年报送安全报告，说明事故情况。
第八条 本办法自2025年3月1日起施行。
"""
PLANS = (
    "海川市渔业方案\n2026年3月1日\n一、目标\n(一)规模。到2030年,渔业总产值达到560亿元。\n二、任务\n"
    "(一)修建渔港。推进渔港泊位和冷库建设。(市交通局牵头,市渔业局配合)\n"
    "(二)培训船员。开展船员安全培训。(市人社局)\n",
    "山城市水产行动计划\n2026年4月1日\n一、目标\n(一)目标。到2027年,渔业产值超过80亿元。\n二、任务\n"
    "(一)完善渔港设施。加快渔港泊位和冷库改造。(市农业局牵头)\n",
)


def compared_documents() -> dict[str, Document]:
    """The four, by their ids: old, new, sea, hills."""
    texts = {"old": OLD, "new": NEW, "sea": PLANS[0], "hills": PLANS[1]}
    parsed = [parse_document(text, name) for name, text in texts.items()]
    return {one.id: one for one in in_succession(parsed)}


@dataclass
class WithFacts(FakeLibrary):
    """A library that knows a glossary, as an index does."""

    glossary: tuple[tuple[str, str], ...] = (("船员法", "Seafarers Law"),)

    def rendition(self, clause_id: str) -> Rendition | None:
        """There is none."""
        return None
