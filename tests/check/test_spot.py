"""Citations are found in whatever form they are written, and what looks like one is found too."""

from __future__ import annotations

import pytest

from rag.check.sentences import flat, sentences
from rag.check.spot import Spotted, spot


def found(text: str) -> list[tuple[str, str, tuple[int, ...]]]:
    """The words of each citation, of its document, and the numbers of its articles."""
    return [
        (text[one.start : one.end], one.document, tuple(number for number, _ in one.articles))
        for one in spot(flat(text))
    ]


@pytest.mark.parametrize(
    ("text", "cited", "document", "articles"),
    [
        ("根据《防汛条例》第五条，应当巡查。", "《防汛条例》第五条", "《防汛条例》", (5,)),
        (
            "《防汛条例》（水发〔2020〕3号）第十二条第二款",
            "《防汛条例》（水发〔2020〕3号）第十二条第二款",
            "《防汛条例》(水发〔2020〕3号)",
            (12,),
        ),
        ("按水发〔2020〕3号第七条办理", "水发〔2020〕3号第七条", "水发〔2020〕3号", (7,)),
        ("该办法第三条至第五条规定", "该办法第三条至第五条", "该办法", (3, 4, 5)),
        ("同法第三、五条", "同法第三、五条", "同法", (3, 5)),
        ("本意见第６条", "本意见第６条", "本意见", (6,)),
        ("依照前述条例第十条和第十一条", "前述条例第十条和第十一条", "前述条例", (10, 11)),
        ("北山市方案第21、22条", "北山市方案第21、22条", "北山市方案", (21, 22)),
        (
            "Article 12 of Shui Fa [2020] No. 3 applies",
            "Article 12 of Shui Fa [2020] No. 3",
            "Shui Fa [2020] No. 3",
            (12,),
        ),
        ("Under Articles 3 to 5 of the same Plan,", "Articles 3 to 5 of the same Plan",
         "the same Plan", (3, 4, 5)),
        ("Shui Fa [2020] No. 3, Article 7", "Shui Fa [2020] No. 3, Article 7",
         "Shui Fa [2020] No. 3", (7,)),
        ("see Arts. 4-6 of the Flood Rules (2020)", "Arts. 4-6 of the Flood Rules (2020)",
         "the Flood Rules (2020)", (4, 5, 6)),
        ("Article Nine of these Measures", "Article Nine of these Measures",
         "these Measures", (9,)),
        ("《防汛条例》 (2020), Article 8 says", "《防汛条例》 (2020), Article 8",
         "《防汛条例》 (2020)", (8,)),
    ],
)  # fmt: skip
def test_a_citation_is_found_with_its_document(
    text: str, cited: str, document: str, articles: tuple[int, ...]
) -> None:
    assert found(text) == [(cited, document, articles)]


def one(text: str) -> Spotted:
    (spotted,) = spot(flat(text))
    return spotted


def test_paragraphs_items_parts_and_places_are_read() -> None:
    assert (one("第六条第二款").paragraph, one("第五条第（三）项").item) == (2, 3)
    assert one("Article 6(1)").inner == (1,)
    assert one("Paragraph 2 of Article 6").inner == (2,)
    assert one("the second paragraph of Article 6").inner == (2,)
    assert (one("第一部分（二）").part, one("Part 1 (2)").part) == ((1, 2), (1, 2))
    assert one("第二章").chapter and one("Chapter II").chapter
    assert one("第十七条之一").articles == ((17, 1),)
    assert one("the closing provisions").place == "end"
    assert [one(text).back for text in ("该条第二款", "ibid.", "前款")] == [
        "article", "article", "before",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "依第某条",
        "见第__条",
        "第　条",
        "水发〔2020〕",
        "Article [tbc]",
        "Art. XX applies",
        "前两款",
    ],
)
def test_what_only_looks_like_a_citation_is_found_as_unread(text: str) -> None:
    assert one(text).read is False


@pytest.mark.parametrize(
    "text", ["第一条建议是多巡查。", "第二条生产线", "本条例", "三条河流", "part of it"]
)
def test_what_is_no_citation_is_not_found(text: str) -> None:
    assert found(text) == []


def test_every_sign_stays_where_it_is() -> None:
    text = "依《網絡條例》第１２條（㈠）ﬁ…。"
    assert len(flat(text)) == len(text)
    assert flat(text)[:10] == "依《网络条例》第12"


def test_sentences_do_not_end_at_abbreviations_or_within_quotes() -> None:
    text = 'See No. 3 and Art. 5. It says "one. Two." Then more.\n他说“一。二。”又说三。完'
    assert [text[start:end] for start, end in sentences(flat(text))] == [
        "See No. 3 and Art. 5.",
        'It says "one.',
        'Two."',
        "Then more.",
        "他说“一。二。”",
        "又说三。",
        "完",
    ]
