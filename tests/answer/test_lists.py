"""Questions of facts: lists, counts, structure, figures compared, who leads; no model is asked."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import cast, get_args

import pytest
from fakes import NoModel
from fakes_index import HashEncoder

from index.request.model import Request, Wanted
from index.request.subject import quoted_terms
from index.request.understand import understand
from index.search.build import build_index
from index.search.search import search
from index.search.store import ClauseIndex
from rag.answer.articles_listed import asks_for_articles, list_articles
from rag.answer.figures_compared import compare_figures
from rag.answer.matching import InflectedTerm, Term, extent_of, terms_asked
from rag.answer.referred import with_referred
from rag.answer.routes import ROUTES
from rag.answer.running import Running
from rag.answer.structure_told import asks_for_structure
from rag.answer.summary_told import asks_for_document
from rag.answer.support import verbatim
from rag.answer.target_told import asks_for_target
from rag.answer.tasks_listed import asks_for_tasks
from rag.answer.told import points_asked
from rag.answer.who_told import tell_who
from rag.schema import Answer

PENALTIES = """# 临江市养犬管理条例
（2023年3月1日临江市人民代表大会常务委员会通过）
第一条 为了规范养犬行为，制定本条例。
第二条 本条例所称烈性犬，是指危险性较大的犬只。
第三条 遛犬不牵绳的，由公安机关处二百元以上五百元以下罚款。
第四条 犬只伤人的，处一千元以上三万元以下罚款。
第五条 违法经营犬只的，没收违法所得，并处违法所得一倍以上三倍以下罚款。
第六条 本条例自2023年5月1日起施行。
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> ClauseIndex:
    folder = tmp_path_factory.mktemp("index")
    encoder = HashEncoder()
    build_index([], folder, encoder)
    return ClauseIndex.open(folder, encoder)


@pytest.fixture(scope="module")
def dogs(tmp_path_factory: pytest.TempPathFactory) -> ClauseIndex:
    folder = tmp_path_factory.mktemp("dogs")
    (folder / "dogs.md").write_text(PENALTIES, encoding="utf-8")
    encoder = HashEncoder()
    build_index([folder / "dogs.md"], folder / "index", encoder)
    return ClauseIndex.open(folder / "index", encoder)


def running(index: ClauseIndex, question: str, wanted: str) -> Running:
    assert wanted in get_args(Wanted)
    request: Request = replace(understand(question, index), wanted=cast(Wanted, wanted))
    under_way = Running(NoModel(), index, request, "", 0.0)
    under_way.found = search(index, request, 5)
    return under_way


def asked(index: ClauseIndex, question: str, wanted: str) -> Answer:
    """The answer by the first route that gives one without a model."""
    under_way = running(index, question, wanted)
    for route in ROUTES:
        if route.fits(under_way):
            under_way.route = route.name
            events = list(route.handle(under_way))
            if events:
                answer = events[-1]
                assert isinstance(answer, Answer)
                return answer
    raise AssertionError("no route")


def cited(answer: Answer) -> list[str]:
    return list(dict.fromkeys(each.clause_id for each in answer.citations))


def rows(answer: Answer) -> list[str]:
    return [each.text for each in answer.sentences if each.form == "row"]


@pytest.mark.parametrize(
    ("question", "wanted", "lead", "articles"),
    [
        ("湛江方案里市公安局参加哪几项任务？", "list", "市公安局承担4项",
         ["二/(四)", "二/(十一)", "三/(十六)", "三/(十九)"]),
        ("Which tasks of the Zhanjiang plan involve the Municipal Postal Administration?", "list",
         "takes part in 3 tasks", ["二/(八)", "二/(九)", "二/(十二)"]),
        ("沪商电商〔2021〕121号哪几条提到了长三角？", "list", "有3条提到“长三角”",
         ["三/(五)", "五/(十六)", "六/(二十一)"]),
        ("How many articles of the Shanghai 2021 opinions mention the Lin-gang Special Area?",
         "count", "2 articles mention", ["二/(三)", "二/(四)"]),
    ],
)  # fmt: skip
def test_articles_are_listed_complete_and_cited(
    index: ClauseIndex, question: str, wanted: str, lead: str, articles: list[str]
) -> None:
    answer = asked(index, question, wanted)
    assert lead in answer.sentences[0].text and answer.sentences[0].form == "lead"
    assert [key.partition("#")[2] for key in cited(answer)] == articles
    assert len(rows(answer)) == len(articles)
    assert set(answer.sentences[0].citations) == {each.n for each in answer.citations}


@pytest.mark.parametrize(
    ("question", "wanted", "told"),
    [
        ("湛江市发改局总共出现在几条的责任单位里？其中牵头几条？", "count",
         "承担10项，其中牵头1项"),
        ("In the Hangzhou plan, how many items have the market regulator (AMR) among the "
         "responsible units, and in how many is it named first?", "count",
         "11 tasks, in 1 of which it comes first"),
        ("zhanjiang - which articles is the postal administration part of?", "structure",
         "takes part in 3 tasks"),
        ("Cyberspace Affairs Commission Office in Hangzhou: in how many measures or safeguards "
         "does it take part?", "count", "takes part in 5 tasks"),
        ("五份政策中哪些涉及农村电商方面的内容？", "list", "有2份提到"),
        ("Which of the papers have something on time-honored brands?", "list",
         "2 documents mention"),
        ("Personal information protection: which plans say something about that?", "list",
         "3 documents mention"),
        ("哪些文件提出要对标CPTPP和DEPA?", "list", "有2份提到“对标CPTPP、DEPA”"),
        ("哪些文件写到了家政服务?", "list", "有3份提到“家政服务”"),
        ("湛江方案里责任单位最多的是哪一条？只有一家单位负责的又是哪条？", "list",
         "有8家，是：\n第十一条"),
        ("湛江方案里责任单位最多的是哪一条？只有一家单位负责的又是哪条？", "list",
         "只有1家，是：\n第十条"),
        ("Which Zhanjiang task has the most responsible bodies, and which has only one body?",
         "list", "for one task are 1"),
        ("Which articles are in the part on ports of entry of Shanghai's 2021 opinions?", "list",
         "has 5 articles:\nArticle 13"),
        ("Which of Hangzhou's 23 measures have the fewest responsible units?", "count",
         "one task are 2"),
        ("2019年上海数字贸易行动方案是几家单位联合印发的？", "issue", "由9家单位（"),
        ("上海数字商务意见里管口岸的那一部分，一共几条，是第几条到第几条？", "count",
         "共5条：\n第十三条"),
    ],
)  # fmt: skip
def test_lists_and_counts_in_the_words_of_strangers(
    index: ClauseIndex, question: str, wanted: str, told: str
) -> None:
    assert told in asked(index, question, wanted).answer


@pytest.mark.parametrize(
    ("question", "wanted", "told", "count"),
    [
        ("杭州行动计划的“工作举措”一共有多少项？", "count", "共23条", 23),
        ("上海数字贸易行动方案（2019-2021年）的保障措施有哪几条？", "list", "共7条", 7),
        ("沪商电商〔2021〕121号分几个部分、多少条？", "structure", "7个部分、24条", 7),
        ("What are the safeguard measures in Jiangsu's plan?", "list", "has 4 articles", 4),
    ],
)
def test_structure_is_counted_with_its_rows(
    index: ClauseIndex, question: str, wanted: str, told: str, count: int
) -> None:
    answer = asked(index, question, wanted)
    assert told in answer.answer
    assert len(rows(answer)) == count


def test_parts_of_the_built_in_documents_have_english_names(index: ClauseIndex) -> None:
    question = "How many parts and articles do Shanghai's 2021 opinions have?"
    answer = asked(index, question, "structure")
    assert answer.language == "en" and len(rows(answer)) == 7
    assert not [row for row in rows(answer) if re.search(r"[\u4e00-\u9fff]", row)]


def test_a_chapter_is_told_by_its_sections_where_it_has_some(index: ClauseIndex) -> None:
    answer = asked(index, "杭州行动计划的工作举措分成哪几个方面？每方面几条？", "structure")
    assert "共23条，分4个方面：\n“(一)加强业态培育”（8条）：" in answer.answer
    assert "“(四)推动开放与合作”（4条）：\n第20条" in answer.answer
    assert len(rows(answer)) == 23
    quoted = asked(index, "上海2019年方案第三部分有哪些内容？", "structure")
    assert (
        "“(一)全面打造要素流动、数字监管、总部集聚三大功能,加快建设‘数字贸易国际枢纽港’”（3条）"
        in (quoted.answer)
    )


def test_articles_are_listed_whatever_else_the_question_may_want(index: ClauseIndex) -> None:
    question = "Which tasks in Hangzhou's plan involve Qianjiang Customs?"
    answer = asked(index, question, "relation")
    assert answer.route == "tasks listed" and len(rows(answer)) == 10


def test_what_follows_an_article_is_told(index: ClauseIndex) -> None:
    answer = asked(index, "沪商电商〔2021〕121号第十二条之后是哪一条？", "structure")
    assert answer.answer.startswith("沪商电商〔2021〕121号 第十二条之后是第十三条：")
    assert cited(answer) == ["shanghai-2021#五/(十三)"]


def test_two_chapters_are_compared_by_their_articles(index: ClauseIndex) -> None:
    question = "杭州计划里“加强业态培育”和“推动开放与合作”哪一块的任务多？多几项？"
    answer = asked(index, question, "comparison")
    assert "多4条" in answer.answer and answer.route == "structure"


def test_targets_are_listed_and_subtracted(index: ClauseIndex) -> None:
    listed = asked(index, "江苏方案到2025年的量化目标有哪些？", "list")
    assert "共有10项" in listed.answer and "农村网络零售额达到3200亿元" in listed.answer
    gap = asked(index, "江苏省级以上电商示范基地比县域电商产业集聚区多多少个？", "comparison")
    assert "多30个" in gap.answer and cited(gap) == ["jiangsu-ecommerce#一"]
    assert "70个" in gap.answer and "40个" in gap.answer


def test_fines_are_listed_and_the_highest_is_found(dogs: ClauseIndex) -> None:
    listed = asked(dogs, "哪些条款规定了罚款？", "list")
    assert [key.partition("#")[2] for key in cited(listed)] == ["第三条", "第四条", "第五条"]
    highest = asked(dogs, "罚款最高是多少？", "figure")
    assert "3万元" in highest.answer and cited(highest) == ["dogs#第四条"]
    lowest = asked(dogs, "罚款最低多少？", "figure")
    assert "200元" in lowest.answer and cited(lowest) == ["dogs#第三条"]
    cap = asked(dogs, "罚款上限最低是多少？", "figure")
    assert "上限最低为500元" in cap.answer and cited(cap) == ["dogs#第三条"]
    multiple = asked(dogs, "按违法所得的倍数罚款，最高几倍？", "figure")
    assert "3倍" in multiple.answer and cited(multiple) == ["dogs#第五条"]


def test_fines_are_told_in_english_figures_where_the_law_has_no_english(dogs: ClauseIndex) -> None:
    listed = asked(dogs, "Which articles impose fines?", "list")
    assert "fine: RMB 200 to RMB 500" in listed.answer
    assert "fine: 1 to 3 times the illegal gains" in listed.answer


@pytest.mark.parametrize(
    "question",
    [
        "How large should digital trade in Hangzhou be by 2026?",
        "杭州想在2026年把数字贸易做到多大？",
    ],
)
def test_the_size_of_what_a_target_measures_is_told(index: ClauseIndex, question: str) -> None:
    answer = asked(index, question, "figure")
    assert answer.route == "target" and cited(answer) == ["hangzhou-2024#一/(一)"]


@pytest.mark.parametrize(
    "question",
    [
        # What is set is a number of these, under another name.
        "杭州2026年数字贸易平台规模多大？",
        "杭州2026年数字贸易平台企业要多少家？",
        "How big are the digital trade platforms of Hangzhou to be by 2026?",
        # No word of the lexicon, and another target's.
        "What volume of digital trade payments and settlement is Hangzhou targeting?",
        # What no target has.
        "杭州2026年数字贸易基金规模多大？",
        "杭州2026年数字贸易吸引外资的规模多大？",
        "How much money will Hangzhou spend on digital trade by 2026?",
    ],
)
def test_the_size_of_something_else_is_no_target(index: ClauseIndex, question: str) -> None:
    assert not asks_for_target(running(index, question, "figure"))


def test_what_only_qualifies_a_thing_that_is_not_there_is_not_listed(index: ClauseIndex) -> None:
    for question, terms in (
        ("Does the Shanghai 2021 document mention the digital lottery, and where?", []),
        ("Where does the Shanghai 2021 document mention digital trade?", ["digital trade"]),
    ):
        under_way = running(index, question, "where")
        assert [each.label for each in terms_asked(under_way, extent_of(under_way))] == terms


def test_a_list_of_what_nothing_mentions_is_left_to_others(dogs: ClauseIndex) -> None:
    under_way = running(dogs, "哪些条款提到了数据安全？", "list")
    told = [r.name for r in ROUTES if r.fits(under_way) and r.name == "articles listed"
            and list(r.handle(under_way))]  # fmt: skip
    assert told == []


def test_who_leads_and_who_supports(index: ClauseIndex) -> None:
    under_way = running(index, "湛江商务创新由谁牵头？", "who")
    (told,) = tell_who(under_way, under_way.read("zhanjiang-2016#二/(四)"))
    assert told.text.startswith("牵头单位：") and "；配合单位：" in told.text
    english = running(index, "Who is responsible in Hangzhou?", "who")
    (joint,) = tell_who(english, english.read("hangzhou-2024#二/(一)/1"))
    assert joint.text == (
        "Responsible: the Municipal Bureau of Commerce, the Municipal Bureau of Statistics, "
        "the Qianjiang Customs."
    )
    assert tell_who(under_way, under_way.read("shanghai-2021#四/(十二)")) == []


def test_no_list_reaches_beyond_the_documents_chosen(index: ClauseIndex) -> None:
    limited = index.limited_to(["hangzhou-2024"])
    answer = asked(limited, "哪些条款提到了“数据安全”？", "list")
    assert all(key.startswith("hangzhou-2024#") for key in cited(answer)) and cited(answer)


def test_the_index_is_what_a_folder_holds(dogs: ClauseIndex, tmp_path: Path) -> None:
    """The terms of a question are looked up in the texts, not in the built-in ones."""
    answer = asked(dogs, "哪几条提到了公安机关？", "list")
    assert [key.partition("#")[2] for key in cited(answer)] == ["第三条"]


def test_a_document_is_summed_up_in_as_many_points_as_asked_for(index: ClauseIndex) -> None:
    answer = asked(index, "用三点概括杭州行动计划", "summary")
    assert answer.route == "document summed up" and len(rows(answer)) == 3
    # Every article whose heading is told is cited by its line.
    assert len(cited(answer)) == 33
    for sentence in answer.sentences[1:]:
        own = [each for each in answer.citations if each.n in sentence.citations]
        assert own and all(index.clause(each.clause_id).heading in sentence.text for each in own)


def test_a_summary_of_one_subject_is_left_to_its_article(index: ClauseIndex) -> None:
    under_way = running(index, "请用三点概括杭州打算怎么提升数字物流服务能级。", "summary")
    assert not asks_for_document(under_way)
    assert points_asked("in four points") == 4 and points_asked("两点") == 2
    # In English too, whose words stand in the renditions.
    english = "Briefly, what does the Hangzhou plan say on overseas warehouses?"
    assert not asks_for_document(running(index, english, "summary"))
    of_its = "The gist of what Hangzhou wants for overseas warehouses in its digital trade plan"
    assert not asks_for_document(running(index, of_its, "summary"))
    assert asks_for_document(
        running(index, "Summarise the Hangzhou plan in four points", "summary")
    )


def test_what_stands_within_an_article_is_no_list_of_articles(index: ClauseIndex) -> None:
    office = "上海2021年数字商务领导小组的办公室归哪个处室？"
    groups = "上海市商务委数字商务领导小组设了几个工作小组？"
    places = "上海2021年意见要在哪几个地方建“新城商业数字化示范区”？"
    for question in (office, groups, places):
        assert not asks_for_articles(running(index, question, "list"))
    assert asks_for_articles(running(index, "江苏方案有几处提到了数据安全？", "list"))
    stages = "上海2021年意见要在跨境贸易的哪些环节推进数字化？"
    assert not asks_for_structure(running(index, stages, "list"))
    assert asks_for_structure(running(index, "上海2021年意见第三部分有哪几节？", "list"))


def test_a_bound_of_one_target_is_no_extreme(index: ClauseIndex) -> None:
    question = "What is the minimum number of standards that Hangzhou should release a year?"
    under_way = running(index, question, "figure")
    assert list(compare_figures(under_way)) == []


def test_figures_of_two_documents_are_subtracted_where_their_units_allow(
    index: ClauseIndex,
) -> None:
    question = "哪个多：杭州2026年的数字贸易额目标，还是江苏2025年的农村网络零售额目标？"
    gap = asked(index, question, "figure")
    assert "多1100亿元" in gap.answer
    assert cited(gap) == ["hangzhou-2024#一/(一)", "jiangsu-ecommerce#一"]
    units = asked(index, "杭州和上海2019年的数字贸易目标哪个多？多多少？", "figure")
    assert "不能直接相减" in units.answer and "4300亿元" in units.answer


def test_a_target_that_is_named_is_told_in_one_sentence(index: ClauseIndex) -> None:
    answer = asked(index, "杭州2026年数字贸易额目标是多少？", "figure")
    assert answer.answer == "到2026年，数字贸易额达到4300亿元。[1]" and answer.route == "target"
    under_way = running(index, "杭州2027年数字贸易额目标是多少？", "figure")
    assert not asks_for_target(under_way)
    # Two figures are not told by one target.
    for two in (
        "江苏2025年农村网络零售额和从业人数各是多少？",
        "杭州到2026年要认定多少家数字贸易企业，出口目标是多少？",
        "By 2025, what should Jiangsu's rural online retail sales and e-commerce jobs reach?",
    ):
        assert not asks_for_target(running(index, two, "figure"))


def test_what_is_left_to_another_article_is_told_with_it(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    text = (
        "# 临江市冷库管理办法\n第一条 为了管理冷库，制定本办法。\n"
        "第二条 市商务部门负责冷库的监督检查。\n第三条 库温不合格的，由第二条规定的部门责令改正。\n"
        "第四条 本办法自2024年1月1日起施行。\n"
    )
    folder = tmp_path_factory.mktemp("cold")
    (folder / "cold.md").write_text(text, encoding="utf-8")
    encoder = HashEncoder()
    build_index([folder / "cold.md"], folder / "index", encoder)
    under_way = running(ClauseIndex.open(folder / "index", encoder), "库温不合格由谁处理？", "who")
    read = under_way.read("cold#第三条")
    told = with_referred(under_way, verbatim(read.content, read))
    assert [each.read.clause.path for each in told] == ["第三条", "第二条"]
    assert told[1].text == "市商务部门负责冷库的监督检查。"
    own = under_way.read("cold#第二条")
    assert len(with_referred(under_way, verbatim(own.content, own))) == 1


@pytest.mark.parametrize(
    "question",
    [
        "湛江商贸流通方案里，市公安局的活儿都是什么？",
        "湛江商贸流通方案归市公安局管的有哪些？",
        "请把湛江方案中市公安局参与的逐项列出来。",
    ],
)
def test_what_a_body_has_to_do_is_listed_in_whatever_words(
    index: ClauseIndex, question: str
) -> None:
    answer = asked(index, question, "list")
    assert answer.route == "tasks listed"
    assert "市公安局" in answer.answer and len(answer.citations) >= 2


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("湛江方案里市公安局怎么打击侵权假冒？", "list"),
        ("湛江方案里哪些条款提到市公安局？", "list"),
        ("湛江方案中市公安局配合的工作由哪个部门牵头？", "who"),
        ("湛江方案有几章？是市政府办公室发的吧", "count"),
    ],
)
def test_what_is_asked_of_a_body_beside_its_tasks_lists_none(
    index: ClauseIndex, question: str, wanted: str
) -> None:
    assert not asks_for_tasks(running(index, question, wanted))


@pytest.mark.parametrize(
    ("question", "documents"),
    [
        # One word of a matter that no document has is no mention of it.
        ("Which documents mention nuclear power safety?", 0),
        # What is in quotation marks must stand so; 直播 without 电商 stands in one more.
        ("哪几份文件提到了“直播电商”？", 3),
        ("哪几份文件提到了直播电商？", 4),
    ],
)
def test_documents_have_what_is_asked_about(
    index: ClauseIndex, question: str, documents: int
) -> None:
    *_, last = [None, *list_articles(running(index, question, "list"))]
    assert (len(rows(last)) if isinstance(last, Answer) else 0) == documents


@pytest.mark.parametrize(
    ("label", "text", "holds"),
    [
        ("livestreaming", "Livestream sales of farm products.", True),
        ("cross-border data flows", "An orderly cross-border flow of data is promoted.", True),
        ("cross-border data flows", "Cross-border trade grows. Data are kept. It flows.", False),
        ("single window", "A window for single persons.", True),
        ("single window", "A single office.", False),
    ],
)
def test_an_english_term_stands_in_other_forms_too(label: str, text: str, holds: bool) -> None:
    assert InflectedTerm(Term(label, (label,))).holds(text) is holds


def test_what_stands_in_quotation_marks_is_looked_for() -> None:
    assert quoted_terms("Which of Shanghai's articles name the 'single window'?") == [
        "single window"
    ]
    assert quoted_terms("Which of the bureaus' tasks name Hangzhou's ports?") == []
