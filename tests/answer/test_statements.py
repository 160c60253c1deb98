"""Statements against an article: in other words, with numbers of others, with more force."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from fakes_index import built_in, read_built_in

from rag.answer.citation_check import check_citation
from rag.answer.pieces import pieces
from rag.answer.roles import misplaced
from rag.answer.statement_check import check_sentence
from rag.answer.support import support
from rag.schema import Language

FOUND = ("verbatim", "supported")

RIGHT = [
    ("hangzhou-2024#一/(五)", "杭州要培育至少5家跨境支付企业。"),
    (
        "hangzhou-2024#一/(五)",
        "Hangzhou expects air cargo and mail throughput of over 1.1 million tonnes.",
    ),
    (
        "hangzhou-2024#一/(五)",
        "There are to be 900 or more dedicated channels for cross-border communication.",
    ),
    ("hangzhou-2024#一/(二)", "跨境电商占杭州外贸出口的两成以上。"),
    (
        "hangzhou-2024#一/(二)",
        "Digital services should make up over 60% of Hangzhou's services exports.",
    ),
    ("hangzhou-2024#一/(三)", "杭州要培育至少十个数字贸易产业集群。"),
    ("jiangsu-ecommerce#一", "江苏要打造70个省级以上的电商示范基地。"),
    (
        "jiangsu-ecommerce#一",
        "By 2025 more than 4.2 million people should work in e-commerce in Jiangsu.",
    ),
    (
        "jiangsu-ecommerce#一",
        "The pilot bringing digital commerce into communities is to be widened to 60 communities.",
    ),
    ("zhanjiang-2016#首", "湛江市人民政府办公室于2016年8月15日印发这份通知。"),
    (
        "zhanjiang-2016#首",
        "Problems met during implementation should be reported to the Municipal Bureau "
        "of Commerce.",
    ),
    ("shanghai-2021#七/(二十二)", "领导小组下面有五个工作组。"),
    ("shanghai-2021#七/(二十二)", "The office of the leading group is in the E-commerce Division."),
    ("shanghai-2019#四/(一)", "上海要争取让浦东新区和长宁区被认定为国家级数字贸易示范区。"),
    ("shanghai-2019#四/(一)", "Progress is followed up every quarter."),
    ("shanghai-2019#四/(七)", "个人信息和重要数据要实行本地化储存。"),
    ("zhanjiang-2016#三/(十五)", "用存量房产发展线上线下互动业务的，土地原用途五年内可以不变。"),
    ("zhanjiang-2016#三/(十七)", "符合小微企业认定条件的企业可以享受税收优惠。"),
    ("hangzhou-2024#尾", "行动计划的有效期到2026年12月31日为止。"),
    ("hangzhou-2024#尾", "The action plan takes effect on 24 May 2024."),
    ("hangzhou-2024#二/(一)/7", "Hangzhou strives to build an international offshore data center."),
    ("shanghai-2021#四/(九)", "长宁和普陀等区创建生活服务数字化示范区。"),
    (
        "shanghai-2021#四/(九)",
        "Pudong, Huangpu and Jing'an are supported in becoming digital demonstration "
        "zones for an international consumption centre city.",
    ),
    ("shanghai-2019#二/(四)", "允许数字支付平台在合法利用交易数据的基础上提供定制化服务。"),
    ("hangzhou-2024#一", "滨江、萧山、钱塘、余杭要推动数字贸易创新发展。"),
    ("hangzhou-2024#一", "Tonglu County is to develop in a differentiated way."),
    ("hangzhou-2024#一", "By 2026 Hangzhou is to be a world-class digital trade city."),
    ("hangzhou-2024#二/(一)/4", "杭州鼓励企业用“硬件+软件+服务”一体化模式输出整体解决方案。"),
    ("hangzhou-2024#二/(二)/10", "杭州重点招引全球和全国的数字贸易百强企业。"),
    ("hangzhou-2024#二/(三)/16", "数据知识产权存证登记由市场经营主体来做，政府给予指导。"),
    (
        "hangzhou-2024#二/(三)/16",
        "The Municipal Bureau of Commerce shares responsibility for protecting digital "
        "intellectual property.",
    ),
    ("shanghai-2021#三/(六)", "上海支持外贸企业用“云签约”等新模式。"),
    (
        "shanghai-2021#三/(六)",
        "Companies are encouraged to open up markets through the online Canton Fair.",
    ),
    ("shanghai-2021#五/(十五)", "要推进跨部门、跨系统、跨区域的数据共享。"),
    ("shanghai-2019#三/(三)/7", "静安要打造数字技术和应用示范区。"),
    (
        "shanghai-2019#三/(三)/7",
        "Changning is to create a digital service development demonstration zone.",
    ),
    ("shanghai-2019#四/(五)", "上海探索设立数字贸易学院。"),
    (
        "shanghai-2019#四/(五)",
        "Housing and children's schooling are guaranteed for high-end international talent.",
    ),
    ("jiangsu-ecommerce#二/(五)/15", "江苏支持连云港自贸片区申建国际邮件互换局。"),
    ("jiangsu-ecommerce#二/(三)/10", "江苏鼓励生活服务业“一店多能”。"),
    ("jiangsu-ecommerce#三/(四)", "要扩大电商统计的覆盖面。"),
    ("zhanjiang-2016#二/(十一)", "鼓励中心商业区建设体验式智慧商圈。"),
    ("zhanjiang-2016#二/(十三)", "Zhanjiang Customs is among the responsible units."),
    ("zhanjiang-2016#二/(十三)", "湛江支持零售企业开展跨境网络零售。"),
    (
        "zhanjiang-2016#三/(十九)",
        "E-commerce demonstration bases are supported in building talent training bases.",
    ),
    ("zhanjiang-2016#二/(八)", "市发展改革局牵头打造智慧物流体系。"),
    (
        "zhanjiang-2016#二/(八)",
        "The Municipal Bureau of Development and Reform leads the work on smart logistics.",
    ),
    (
        "shanghai-2019#一/(二)",
        "Shanghai aims for average annual growth of around 15% in digital trade exports.",
    ),
    ("shanghai-2019#一/(二)", "规模以上的数字贸易企业要有500家。"),
    ("jiangsu-ecommerce#一", "全省要创建100家省级以上数字商务企业，重点培育20家左右龙头电商平台。"),
    ("jiangsu-ecommerce#一", "70 e-commerce demonstration bases are planned."),
    ("hangzhou-2024#一/(三)", "Hangzhou is to train one million people for digital trade."),
    ("shanghai-2021#七/(二十二)", "The principal leader of the Commission is the group leader."),
    ("shanghai-2021#七/(二十三)", "各区商务部门要明确负责人和联络员。"),
    ("hangzhou-2024#二/(四)/20", "杭州每年要推出一批首发首秀首展。"),
    (
        "hangzhou-2024#二/(一)/1",
        "Hangzhou is to build the country's first statistical system for digital trade.",
    ),
    ("hangzhou-2024#二/(三)/18", "中国人民银行浙江省分行是责任单位之一。"),
    (
        "shanghai-2019#二/(四)",
        "Digital payment platforms may offer customized services to consumers.",
    ),
    (
        "hangzhou-2024#一/(四)",
        "Hangzhou expects its share of the worldwide IaaS market to keep growing.",
    ),
    ("hangzhou-2024#一/(四)", "生成式人工智能的应用将会加速。"),
    ("hangzhou-2024#二/(一)/2", "Platforms are steered towards blockchain for security and trust."),
    ("hangzhou-2024#二/(一)/5", "杭州要大力发展数字金融、在线教育等数字服务贸易。"),
    (
        "hangzhou-2024#二/(一)/5",
        "Online education is one of the digital services Hangzhou means to develop.",
    ),
    ("hangzhou-2024#二/(二)/11", "杭州要孵化一批成长型的数字贸易企业。"),
    ("hangzhou-2024#二/(二)/11", "Hangzhou backs incubation bases for digital trade."),
    ("hangzhou-2024#二/(三)/17", "“123”快货物流圈是指国内1天送达、周边国家2天、全球主要城市3天。"),
    ("hangzhou-2024#三/(一)", "杭州会定期发布数字贸易发展蓝皮书。"),
    (
        "hangzhou-2024#三/(一)",
        "Blue books on digital trade are to come out regularly, together with think tanks.",
    ),
    ("hangzhou-2024#三/(二)", "Hangzhou will introduce policies of its own for digital trade."),
    ("shanghai-2021#二/(三)", "徐汇、闵行、杨浦被列为数字贸易的新兴区域。"),
    (
        "shanghai-2021#二/(三)",
        "Xuhui, Minhang and Yangpu count as emerging areas for digital trade.",
    ),
    ("shanghai-2021#四/(十二)", "上海要多布设智能快件箱，并试点智能取餐柜。"),
    ("shanghai-2021#四/(十二)", "More smart parcel lockers are to be put up in Shanghai."),
    (
        "shanghai-2021#六/(十八)",
        "Companies are to get government services online around the clock.",
    ),
    (
        "shanghai-2019#三/(二)/5",
        "Big projects are to be helped with money, land, energy and talent.",
    ),
    ("shanghai-2019#四/(三)", "上海探索从虹桥商务区建设国际互联网数据专用通道。"),
    (
        "shanghai-2019#四/(三)",
        "Shanghai meant to roll out 5G on a large scale and try it commercially.",
    ),
    ("jiangsu-ecommerce#二/(二)/5", "江苏重点培育20个左右的单项冠军和隐形冠军。"),
    (
        "jiangsu-ecommerce#二/(二)/5",
        "Some twenty champions in industry segments are to be fostered.",
    ),
    ("jiangsu-ecommerce#二/(六)/18", "江苏要督促电商平台履行主体责任。"),
    ("zhanjiang-2016#二/(四)", "湛江要加强保护用户的个人信息安全。"),
    ("zhanjiang-2016#二/(四)", "Zhanjiang wants big data to be used more deeply in commerce."),
    ("zhanjiang-2016#三/(十六)", "Fraud and counterfeit goods online are to be cracked down on."),
]
WRONG = [
    # The number of the article itself is nothing that it says.
    (
        "zhanjiang-2016#三/(十五)",
        "利用存量房产、土地资源发展线上线下互动业务的,可在15年内保持土地原用途、权利类型不变。",
    ),
    (
        "hangzhou-2024#一/(二)",
        "Hangzhou's digital trade imports are to keep growing at a double-digit rate.",
    ),
    ("hangzhou-2024#一/(五)", "杭州要培育跨境支付企业900家。"),
    (
        "hangzhou-2024#一/(五)",
        "Hangzhou will build 5 dedicated channels for cross-border communication.",
    ),
    ("hangzhou-2024#一/(五)", "数字贸易支付结算额达110万亿元。"),
    ("hangzhou-2024#一/(五)", "航空货邮吞吐量不超过110万吨。"),
    ("hangzhou-2024#一/(二)", "数字服务贸易出口额占服务贸易出口比重超20%。"),
    ("jiangsu-ecommerce#一", "江苏要建设县级物流配送中心40个。"),
    ("jiangsu-ecommerce#一", "About 20 county e-commerce industry clusters will be fostered."),
    ("jiangsu-ecommerce#一", "网络零售额年均增长率不高于10%。"),
    ("jiangsu-ecommerce#一", "By 2025, online retail sales in Jiangsu will reach RMB 320 billion."),
    ("zhanjiang-2016#首", "实施过程中遇到的问题，请向省商务厅反映。"),
    ("zhanjiang-2016#首", "这份方案由湛江市商务局于2016年8月15日印发。"),
    ("shanghai-2021#七/(二十二)", "各分管委领导担任领导小组组长。"),
    (
        "shanghai-2021#七/(二十二)",
        "The office of the leading group is located in the Foreign Trade Division.",
    ),
    (
        "shanghai-2021#七/(二十二)",
        "The Commission leader in charge of e-commerce is the group leader.",
    ),
    ("shanghai-2019#四/(一)", "浦东新区和长宁区已被认定为国家级数字贸易示范区。"),
    (
        "shanghai-2019#四/(一)",
        "Changning has been recognized as a national-level digital trade demonstration zone.",
    ),
    ("shanghai-2019#四/(七)", "个人信息不必本地化储存。"),
    ("zhanjiang-2016#三/(十五)", "土地原用途可以10年内不变。"),
    ("zhanjiang-2016#三/(十七)", "线上线下企业必须享受税收优惠政策。"),
    ("hangzhou-2024#尾", "行动计划自2024年5月24日起失效。"),
    ("hangzhou-2024#尾", "The plan takes effect on December 31, 2026."),
    ("hangzhou-2024#尾", "行动计划由市发改委牵头组织实施。"),
    ("hangzhou-2024#二/(一)/7", "Hangzhou must build an international offshore data center."),
    ("hangzhou-2024#二/(一)/7", "国际离岸数据中心可以在杭州建设。"),
    ("shanghai-2021#四/(九)", "浦东、静安创建新城商业数字化示范区。"),
    (
        "shanghai-2021#四/(九)",
        "Jiading and Songjiang are to create International Consumption Center City "
        "Digitalization Demonstration Zones.",
    ),
    ("shanghai-2019#二/(四)", "禁止数字支付平台提供定制化服务。"),
    (
        "hangzhou-2024#二/(四)/21",
        "Foreign companies may operate value-added telecommunications services in Hangzhou.",
    ),
    ("hangzhou-2024#二/(四)/21", "数字内容发行许可审批流程已经简化。"),
    ("hangzhou-2024#二/(四)/21", "The licensing of digital content distribution is abolished."),
    ("hangzhou-2024#二/(四)/21", "市教育局牵头扩大数字贸易重点领域开放。"),
    ("shanghai-2021#二/(四)", "上海试点实施DEPA关于无纸化贸易的规则。"),
    ("shanghai-2019#一/(二)", "上海数字贸易出口额年均增速达到26%。"),
    ("shanghai-2019#一/(二)", "Five unicorn companies are to be fostered in Shanghai."),
    ("zhanjiang-2016#二/(十三)", "湛江不再与东盟国家开展电子商务合作。"),
    ("hangzhou-2024#一", "上城、临平要推动数字贸易差异化发展。"),
    (
        "hangzhou-2024#一",
        "Binjiang District is to pursue distinctive development of digital trade.",
    ),
    ("hangzhou-2024#一", "By 2030 Hangzhou is to be a world-class digital trade city."),
    ("hangzhou-2024#二/(一)/4", "杭州要求企业必须输出整体解决方案。"),
    ("hangzhou-2024#二/(二)/10", "杭州已经引进全球数字贸易百强企业。"),
    ("hangzhou-2024#二/(二)/10", "Hangzhou focuses on the top 500 digital trade enterprises."),
    ("hangzhou-2024#二/(三)/16", "市科技局负责数字领域知识产权保护。"),
    ("hangzhou-2024#二/(三)/16", "市商务局牵头加强数字领域知识产权保护。"),
    ("shanghai-2021#三/(六)", "上海要求外贸企业必须参加线上广交会。"),
    ("shanghai-2021#三/(六)", "Foreign trade enterprises may not use cloud signing."),
    ("shanghai-2021#五/(十五)", "口岸管理部门不得跨部门共享数据。"),
    ("shanghai-2019#三/(三)/7", "静安要打造数字内容引领示范区。"),
    (
        "shanghai-2019#三/(三)/7",
        "Pudong is to create the Digital Service Development Demonstration Zone.",
    ),
    ("shanghai-2019#三/(三)/7", "长宁临空经济园区已建成国家数字服务出口基地。"),
    ("shanghai-2019#四/(五)", "上海已设立数字贸易学院。"),
    ("shanghai-2019#四/(五)", "The digital trade college must be established."),
    ("jiangsu-ecommerce#二/(五)/15", "江苏支持南京自贸片区建设国际邮件互换局。"),
    (
        "jiangsu-ecommerce#二/(五)/15",
        "The Lianyungang Area has built an international mail exchange office.",
    ),
    ("jiangsu-ecommerce#二/(三)/10", "江苏禁止“一店多能”。"),
    ("jiangsu-ecommerce#三/(四)", "典型企业样本库要缩小。"),
    ("zhanjiang-2016#二/(十一)", "中心商业区应当建设无线网络。"),
    ("zhanjiang-2016#二/(十一)", "市发展改革局在智慧城市建设中牵头。"),
    ("zhanjiang-2016#二/(十三)", "湛江重点加强与欧盟国家的电子商务合作。"),
    (
        "zhanjiang-2016#二/(十三)",
        "Zhanjiang Customs leads the development of cross-border e-commerce.",
    ),
    ("zhanjiang-2016#三/(十九)", "市教育局负责人才培养。"),
    ("zhanjiang-2016#三/(十九)", "All enterprises receive free training in e-commerce."),
    ("jiangsu-ecommerce#一", "江苏网络零售额到2025年达到10%。"),
    ("jiangsu-ecommerce#一", "农村网络零售额年均增长3200亿元。"),
    ("hangzhou-2024#二/(三)/16", "市市场监管局牵头数字领域知识产权保护。"),
    ("zhanjiang-2016#二/(八)", "市商务局牵头打造智慧物流体系。"),
    ("shanghai-2019#一/(二)", "数字贸易进出口总额年均增速达到15%左右。"),
    ("shanghai-2019#一/(二)", "独角兽企业达到500家。"),
    ("shanghai-2019#一/(二)", "上海数字贸易出口额要达到260亿欧元。"),
    ("jiangsu-ecommerce#一", "全省要创建20家省级以上数字商务企业，重点培育100家龙头电商平台。"),
    ("jiangsu-ecommerce#一", "The province will create 40 e-commerce demonstration bases."),
    ("hangzhou-2024#一/(二)", "跨境电商占外贸出口比重比全国平均水平高10个百分点。"),
    ("hangzhou-2024#一/(二)", "数字贸易出口保持一位数增长。"),
    ("hangzhou-2024#一/(三)", "数字贸易市场经营主体不超过10万家。"),
    ("hangzhou-2024#一/(三)", "One million market entities are to engage in digital trade."),
    ("zhanjiang-2016#一/(二)", "到2020年底网络零售额年均增长不低于30%。"),
    ("zhanjiang-2016#一/(二)", "到2018年底，电子商务交易额年均增长不低于30%。"),
    ("shanghai-2019#四/(一)", "每年对各单位推进工作进行督办。"),
    ("shanghai-2019#四/(一)", "由商务部负责上海数字贸易推进工作。"),
    ("shanghai-2019#四/(一)", "Shanghai has set up a digital trade development fund."),
    ("shanghai-2021#七/(二十二)", "领导小组设立六个工作组。"),
    ("shanghai-2021#七/(二十二)", "副组长由委主要领导担任。"),
    ("shanghai-2021#七/(二十三)", "各区商务部门不必明确联络员。"),
    ("hangzhou-2024#二/(四)/20", "数贸会常设馆已经在大会展中心建成。"),
    ("hangzhou-2024#二/(一)/1", "The statistical system is to be the first in the world."),
    ("hangzhou-2024#二/(一)/1", "Four bodies are responsible for the statistical system."),
    ("hangzhou-2024#二/(三)/18", "数字人民币已用于跨境支付。"),
    ("hangzhou-2024#二/(三)/18", "The digital RMB must be used in cross-border payments."),
    (
        "shanghai-2019#二/(四)",
        "Digital payment platforms must offer customized services to consumers.",
    ),
    ("hangzhou-2024#二/(三)/17", "“123”快货物流圈承诺国内3天送达。"),
    ("hangzhou-2024#二/(三)/17", "Goods reach major cities worldwide within one day."),
    ("hangzhou-2024#二/(一)/2", "市场监管局独自负责数字贸易平台。"),
    (
        "hangzhou-2024#三/(一)",
        "The Municipal Bureau of Finance is responsible for the working mechanisms.",
    ),
    ("hangzhou-2024#三/(一)", "蓝皮书每年发布一次。"),
    ("shanghai-2021#二/(三)", "徐汇要建设数字内容示范引领区。"),
    ("shanghai-2021#二/(三)", "Jing'an hosts the Digital Content Demonstration and Leading Zone."),
    ("shanghai-2021#四/(十二)", "智能取餐柜已在全市推广。"),
    ("shanghai-2021#四/(十二)", "The delivery system covers the 30-minute community life circle."),
    ("shanghai-2019#三/(二)/5", "重大项目一律免费用地。"),
    ("shanghai-2019#四/(三)", "The dedicated channels have been built from Hongqiao."),
    ("jiangsu-ecommerce#二/(二)/5", "About 20 leading platforms are to be fostered."),
    ("jiangsu-ecommerce#二/(六)/18", "电商平台可以自行决定是否履行主体责任。"),
    ("zhanjiang-2016#二/(四)", "用户个人信息可以公开。"),
    ("zhanjiang-2016#三/(十六)", "湛江已建立专利执法机制。"),
    ("zhanjiang-2016#三/(十六)", "Administrative penalties are not disclosed online."),
]


@pytest.mark.parametrize(("article", "statement"), RIGHT)
def test_what_an_article_says_is_found_in_other_words(article: str, statement: str) -> None:
    checked = check_citation(article, statement, built_in())
    assert checked.verdict in FOUND, checked.reasons


@pytest.mark.parametrize(("article", "statement"), WRONG)
def test_what_an_article_does_not_say_is_not_passed(article: str, statement: str) -> None:
    checked = check_citation(article, statement, built_in())
    assert checked.verdict not in FOUND


def test_of_sixty_statements_no_wrong_one_passes_and_nine_in_ten_right_ones_do() -> None:
    rows = (Path(__file__).parent / "citations_dev.jsonl").read_text(encoding="utf-8").splitlines()
    found: dict[str, list[str]] = {"true": [], "false": []}
    for row in map(json.loads, rows):
        if check_citation(row["article"], row["statement"], built_in()).verdict in FOUND:
            found[row["truth"]].append(row["id"])
    assert found["false"] == []
    assert len(found["true"]) >= 0.9 * sum('"truth": "true"' in row for row in rows)


def test_a_number_is_told_with_what_the_article_says_it_of() -> None:
    read = read_built_in("shanghai-2019#一/(二)", "zh")
    assert misplaced("数字贸易出口额达到400亿美元", read, "zh")
    assert misplaced("数字贸易进出口总额达到400亿美元", read, "zh") is None
    assert misplaced("数字贸易进出口总额达到400亿元人民币", read, "zh") == "unit CNY"
    assert misplaced("到2025年数字贸易进出口总额达到400亿美元", read, "zh") == "year 2025"


def test_a_written_sentence_needs_the_check_too() -> None:
    read = read_built_in("shanghai-2019#一/(二)", "zh")
    question = "数字贸易出口额的目标是多少？"
    right, wrong = "数字贸易出口额的目标是260亿美元。", "数字贸易出口额的目标是400亿美元。"
    assert support(right, read, read.content, question, "zh")
    assert support(wrong, read, read.content, question, "zh") is None


def test_the_articles_own_label_and_period_are_no_part_of_what_is_checked() -> None:
    read = read_built_in("jiangsu-ecommerce#一", "zh")
    told = "农村网络零售额达到3200亿元（计划期2021—2025年，已结束）。"
    assert check_sentence(f"{read.clause.label}：{told}", read, "zh").verdict == "verbatim"


@pytest.mark.parametrize(
    ("text", "language", "values"),
    [
        ("增长三成", "zh", {30}),
        ("培养人才百万名", "zh", {1000000}),
        ("自2024年5月24日起", "zh", {20240524}),
        ("at least a tenth", "en", {10}),
        ("over ten billion dollars", "en", {10**10}),
        ("effective on 24 May 2024", "en", {20240524}),
        ("one of the bodies", "en", set()),
    ],
)
def test_numbers_in_words_are_numbers(text: str, language: str, values: set[int]) -> None:
    (piece,) = pieces(text, "zh" if language == "zh" else "en")
    assert piece.values == values


PLANS = re.compile(r"支持|鼓励|推进|推动|引导|探索|争取")
PLANS_EN = re.compile(r"(?:support|encourage|promote|guide|explore|advance)\b(?P<rest>.*)", re.I)


def test_no_measure_of_the_documents_passes_when_it_is_denied_done_or_required() -> None:
    book = built_in()
    passed = []
    for clause in (each for document in book.documents.values() for each in document.clauses):
        rendition = book.rendition(clause.id)
        assert rendition is not None
        said = []
        for sentence in rendition.sentences:
            parts = [part for part in re.split("[,;。]", sentence.zh) if PLANS.match(part)]
            said += [f"{word}{part}。" for part in parts for word in ("不", "已经", "必须")]
            match = PLANS_EN.match(sentence.en)
            if match:
                verb, rest = match[0].split()[0].lower(), match["rest"].rstrip(".;")
                said += [f"The plan does not {verb}{rest}.", f"Districts must {verb}{rest}."]
        passed += [
            (clause.id, each)
            for each in said
            if len(each) > 8 and check_citation(clause.id, each, book).verdict in FOUND
        ]
    assert passed == []


@pytest.mark.parametrize(
    ("statement", "language", "verdict"),
    [
        ("企业应当使用数字人民币。", "zh", "not_found_in_article"),
        ("Companies must use the digital RMB.", "en", "not_found_in_article"),
        ("The article requires companies to use the digital RMB.", "en", "not_found_in_article"),
        ("上海应当开展数字人民币应用试点。", "zh", "supported"),
    ],
)
def test_a_task_of_a_plan_is_no_duty_of_others(
    statement: str, language: Language, verdict: str
) -> None:
    read = read_built_in("shanghai-2021#四/(十一)", language)
    assert check_sentence(statement, read, language).verdict == verdict
