"""Names of places in a text, which begin and end where words do."""

from __future__ import annotations

import pytest

from index.text.gazetteer import places_in


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("支持霞山、廉江等县（市）开设地方特色馆", {"霞山", "廉江"}),
        ("与新加坡、马来西亚开展试点", {"新加坡", "马来西亚"}),
        ("浦东新区、无锡市和江苏连云港", {"浦东新区", "无锡市", "江苏", "连云港"}),
        ("鼓励县域、城区发展，长江海洋联运", set()),
        ("平安合作，公安机关共享资源", set()),
        ("对口帮扶西部地区", set()),
        ("", set()),
    ],
)
def test_places_are_named_by_whole_words(text: str, names: set[str]) -> None:
    assert places_in(text) == names
