"""Fragments of a translation as demands."""

from __future__ import annotations

import pytest

from rag.english.imperative import as_sentence


@pytest.mark.parametrize(
    ("chinese", "english", "told"),
    [
        ("支持乡镇建设冷库。", "Supporting towns in building cold stores.",
         "Support towns in building cold stores."),
        ("大力推动冷链发展。", "Vigorously promoting the cold chain, with parks as carriers.",
         "Vigorously promote the cold chain, with parks as carriers."),
        ("加快园区建设。", "To accelerate the building of parks.",
         "Accelerate the building of parks."),
        ("订立方案。", "Setting plans.", "Set plans."),
        ("支持企业。", "Support enterprises.", "Support enterprises."),
        # A sentence with a verb of its own, a noun, and Chinese that demands nothing.
        ("推动发展,企业达到60家。", "Promoting growth, there will be 60 firms.",
         "Promoting growth, there will be 60 firms."),
        ("加快发展,制定本方案。", "To speed up growth, we make this plan.",
         "To speed up growth, we make this plan."),
        ("制造业集群。", "Manufacturing clusters.", "Manufacturing clusters."),
        ("企业应当备案。", "Enterprises should file a record.",
         "Enterprises shall file a record."),
        ("企业要备案。", "Enterprises should file a record.", "Enterprises should file a record."),
        ("开展活动。", "Timing of the events.", "Timing of the events."),
    ],
)  # fmt: skip
def test_fragments_become_demands(chinese: str, english: str, told: str) -> None:
    assert as_sentence(chinese, english) == told
