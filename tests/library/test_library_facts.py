"""Corrections of facts in a library: kept beside the document, built in, surviving everything."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from fakes_collections import until
from fakes_served import Served

from index.errors import DocumentFault, StoreFault
from index.facts.corrections import FactCorrection, corrects
from index.facts.model import Duty
from index.library.library import Library, Metadata
from index.library.reading import read_collections
from index.search.store import ClauseIndex

BASE = "示范市基本办法\n第一条 推进建设。(市商务局牵头,市财政局配合)\n第二条 自发布之日起施行。\n"
OWN = "示范市数字办法\n第一条 推进数字建设。(市科技局牵头,市教育局配合)\n第二条 报送情况。\n"


def correction(served: Served, document_id: str, unit: str) -> FactCorrection:
    """A correction of the first duty of a document."""
    fact = served.index.facts.find(Duty, documents=[document_id])[0]
    return replace(corrects(fact, served.index.clause(fact.clause_id)), changes={"unit": unit})


def test_a_correction_of_an_added_document_is_served_and_survives(
    library: Library, served: Served, base: ClauseIndex, tmp_path: Path
) -> None:
    held = library.confirm(library.stage("数字.txt", OWN.encode()).id, Metadata())
    until(lambda: held.id in served.index.documents)
    kept = correction(served, held.id, "市数据局")
    library.facts_corrected.keep(held.id, kept)
    assert library.facts_corrected.all() == {held.id: (kept,)}
    until(lambda: served.units(held.id) == ["市数据局", "市教育局"])
    # Beside the document, as its other corrections are.
    (file,) = (tmp_path / "library" / "documents" / held.id).glob("*.facts.json")
    assert "duty" in file.read_text("ascii")
    # A correction of its metadata builds the index anew, and keeps it.
    library.change(held.id, Metadata(title="另一标题"))
    until(lambda: served.index.documents[held.id].title == "另一标题")
    assert served.units(held.id) == ["市数据局", "市教育局"]
    library.close()
    again = Library(tmp_path / "library")
    other = Served()
    again.start(base, other.use)
    assert other.units(held.id) == ["市数据局", "市教育局"]
    again.facts_corrected.forget(held.id, kept.key)
    until(lambda: other.units(held.id) == ["市科技局", "市教育局"])
    assert again.facts_corrected.all() == {}
    again.close()


def test_facts_of_built_in_documents_are_corrected_in_the_library_too(
    library: Library, served: Served, base: ClauseIndex, tmp_path: Path
) -> None:
    kept = correction(served, "base", "市贸易局")
    library.facts_corrected.keep("base", kept)
    until(lambda: served.units("base") == ["市贸易局", "市财政局"])
    assert [each.unit for each in base.facts.find(Duty)] == ["市商务局", "市财政局"]
    # Programs that only ask have it too.
    (read,) = read_collections(tmp_path / "library", base)
    assert read.index.facts.find(Duty)[0].unit == "市贸易局"
    library.close()
    again = Library(tmp_path / "library")
    other = Served()
    again.start(base, other.use)
    assert other.units("base") == ["市贸易局", "市财政局"]
    again.facts_corrected.keep("base", replace(kept, struck=True))
    until(lambda: other.units("base") == ["市财政局"])
    again.facts_corrected.forget("base", kept.key)
    until(lambda: other.units("base") == ["市商务局", "市财政局"])
    again.close()


def test_only_documents_that_are_held_are_corrected(library: Library, served: Served) -> None:
    kept = correction(served, "base", "市贸易局")
    with pytest.raises(DocumentFault, match="there is no document 'none'"):
        library.facts_corrected.keep("none", kept)


def test_a_correction_in_place_of_another_is_one(library: Library, served: Served) -> None:
    for unit in ("甲局", "乙局"):
        library.facts_corrected.keep("base", correction(served, "base", "甲局"))
        kept = replace(library.facts_corrected.all()["base"][0], changes={"unit": unit})
        library.facts_corrected.keep("base", kept)
    assert [each.changes for each in library.facts_corrected.all()["base"]] == [{"unit": "乙局"}]


def test_a_damaged_file_of_corrections_is_told_and_loses_nothing_else(
    base: ClauseIndex, tmp_path: Path
) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "facts.json").write_text("[1", encoding="utf-8")
    library = Library(tmp_path / "library")
    assert library.facts_corrected.all() == {}
    assert "facts.json cannot be read" in (library.fault() or "")
    served = Served()
    served.use(base)
    library.start(base, served.use)
    with pytest.raises(StoreFault, match="mend or remove it, then start again"):
        library.facts_corrected.keep("base", correction(served, "base", "市贸易局"))
    assert (tmp_path / "library" / "facts.json").read_text(encoding="utf-8") == "[1"
    library.close()


def test_what_is_changed_is_read_while_nothing_else_is_kept(
    library: Library, served: Served
) -> None:
    kept = correction(served, "base", "市贸易局")
    first = replace(kept, changes={})

    def adding(name: str) -> None:
        def instead(before: FactCorrection | None) -> FactCorrection:
            time.sleep(0.02)
            held = before or first
            return replace(held, changes={**held.changes, name: f"{name}局"})

        library.facts_corrected.change("base", kept.key, instead)

    threads = [threading.Thread(target=adding, args=(name,)) for name in ("unit", "task")]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    ((own,),) = library.facts_corrected.all().values()
    assert own.changes == {"unit": "unit局", "task": "task局"}
    library.facts_corrected.change("base", kept.key, lambda _: None)
    assert library.facts_corrected.all() == {}
