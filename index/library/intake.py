"""Reads an upload of unknown origin in a process of its own, with limits on memory, time, output.

Decides what kind of file it is by its content, and how its name is shown. What is in a file is
read by load and parse, in the child; a file that brings the child down is refused like any other.
Pictures of text are recognised by a second child, which has more time, for as many as there are.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial, reduce
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import NoReturn

from index.documents.convert import convert
from index.documents.kinds import CONVERTED, FORMATS, kinds_in
from index.documents.labels import with_labels
from index.documents.load import LoadedText, check_size, read_text
from index.documents.model import Document
from index.documents.parse import parse_document
from index.documents.rows import document_in, document_lines, json_line
from index.documents.scan import Pictures, recognise, threads
from index.errors import DocumentFault
from index.text.characters import one_line
from prompts.notices import notice, notice_of, notice_row

Progress = Callable[[int, int], None]

MOST_MEMORY = 1536 * 2**20
# The engine takes 1.1 GB for a page of A4, and address space for its libraries besides.
MEMORY_TO_RECOGNISE = 1536 * 2**20
MOST_SECONDS = 60
# What a converter may take besides; LibreOffice takes three seconds to start.
SECONDS_TO_CONVERT = 100
# What recognising a page may take besides; on two cores it takes about a third of it.
SECONDS_A_PAGE = 10
MOST_OUTPUT = 512 * 2**20
MOST_CHARACTERS = 5_000_000
MOST_CLAUSES = 20_000
MOST_NAME = 120

_PAGES_DONE = re.compile(rb"pages (\d{1,4}) (\d{1,4})\n")
_KINDS = {
    "txt": notice("plain-text"), "md": "Markdown", "html": "HTML", "docx": "Word", "pdf": "PDF",
    "ofd": "OFD", "rtf": "RTF", "doc": notice("old-word"), "odt": "OpenDocument", "mht": "MHT",
    "png": notice("png-image"), "jpeg": notice("jpeg-image"),
}  # fmt: skip
_REFUSED, _OUT_OF_MEMORY, _TOO_DEEP, _TOO_LONG, _TOO_SLOW, _PICTURED = 3, 4, 5, 6, 7, 8
_CLOCKS = [-getattr(signal, name) for name in ("SIGALRM", "SIGXCPU") if hasattr(signal, name)]


def display_name(file_name: str) -> str:
    """The name without folders, control and direction signs, in at most 120 characters."""
    last = re.split(r"[/\\]", file_name)[-1]
    line = one_line(unicodedata.normalize("NFC", last)).strip(". ")
    suffix = PurePosixPath(line).suffix
    if len(suffix) > 10:
        suffix = ""
    stem = line.removesuffix(suffix)[: MOST_NAME - len(suffix)].rstrip()
    return stem + suffix or "document"


def recognised(data: bytes, name: str) -> tuple[str, str | None]:
    """The suffix to read an upload by, and a warning where its name has none that is read.

    A suffix that is read holds, and content of another kind is refused under it when it is read.
    Raises DocumentFault for an upload that is empty, too big or two kinds of file at once.
    """
    if not data:
        raise DocumentFault("file-empty", name=name)
    check_size(len(data), name)
    own = PurePosixPath(name).suffix.lower()
    found = kinds_in(data)
    if len(found) > 1:
        kinds = reduce(_both, (_KINDS[each] for each in found))
        raise DocumentFault("several-kinds", name=name, kinds=kinds)
    if own in FORMATS:
        return own, None
    kind = found[0] if found else "txt" if _is_text(data) else None
    if kind is None:
        return own, None
    suffix = next(each for each, its in FORMATS.items() if its == kind)
    if own:
        return suffix, notice("named-other", suffix=own, found=_KINDS[kind])
    return suffix, notice("suffix-none", found=_KINDS[kind])


def _both(first: str, second: str) -> str:
    return notice("both", first=first, second=second)


def _is_text(data: bytes) -> bool:
    if not data.strip() or re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]", data):
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


def read_guarded(
    upload: Path,
    suffix: str,
    document_id: str,
    name: str,
    output: Path,
    seconds: int = MOST_SECONDS,
    memory: int = MOST_MEMORY,
    progress: Progress = lambda done, total: None,
) -> Document:
    """Read the file `upload` as one with that suffix; the document is also left in `output`.

    `name` is what faults call the file; `progress` is told the pages recognised, and all there
    are to be. Raises DocumentFault for what cannot be read within the limits, OSError if no
    process can be started.
    """
    if FORMATS.get(suffix) in CONVERTED:
        seconds += SECONDS_TO_CONVERT
    asked = [suffix, document_id, name, seconds, memory]
    code = _run(asked, upload, output, seconds, progress)
    if code == _PICTURED:
        seconds += SECONDS_A_PAGE * int(json.loads(output.read_bytes())["pages"])
        asked = [suffix, document_id, name, seconds, memory + MEMORY_TO_RECOGNISE, True]
        code = _run(asked, upload, output, seconds, progress)
    if code == 0:
        return document_in(output)
    raise _fault(code, name, output, seconds, memory)


def text_guarded(
    data: bytes, suffix: str, name: str, seconds: int = MOST_SECONDS, memory: int = MOST_MEMORY
) -> str:
    """The text of a file with that suffix, which is not kept; pictures in it are not recognised.

    Raises DocumentFault for what cannot be read so, OSError if no process can be started.
    """
    if FORMATS.get(suffix) in CONVERTED:
        seconds += SECONDS_TO_CONVERT
    with TemporaryDirectory(prefix="tiaowen-") as folder:
        upload, output = Path(folder, "upload"), Path(folder, "text")
        upload.write_bytes(data)
        asked = [suffix, "", name, seconds, memory, False, True]
        code = _run(asked, upload, output, seconds, lambda done, total: None)
        if code == _PICTURED:
            raise DocumentFault("images-of-text", name=name)
        if code:
            raise _fault(code, name, output, seconds, memory)
        return str(json.loads(output.read_bytes())["text"])


def _fault(code: int, name: str, output: Path, seconds: int, memory: int) -> DocumentFault:
    """Why a file could not be read, by the exit code of the child."""
    if code == _REFUSED:
        return DocumentFault(notice_of(json.loads(output.read_bytes())["fault"]))
    if code in (_TOO_SLOW, *_CLOCKS):
        return DocumentFault("reads-too-long", name=name, seconds=seconds)
    if code == _OUT_OF_MEMORY:
        return DocumentFault("reads-too-much-memory", name=name, size=memory / 2**30)
    if code == _TOO_DEEP:
        return DocumentFault("parts-too-deep", name=name)
    if code == _TOO_LONG:
        return DocumentFault("too-much-text", name=name)
    return DocumentFault("reader-broke-down", name=name)


def _run(asked: list[object], upload: Path, output: Path, seconds: int, progress: Progress) -> int:
    """Start a child that reads the upload, and see it to its end; gives its exit code."""
    # One thread each: thread pools take address space, which is limited.
    alone = {key: "1" for key in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    slow = threading.Event()
    with (
        upload.open("rb") as given,
        output.open("wb") as taken,
        subprocess.Popen(
            [sys.executable, "-m", "index.library.intake", json.dumps(asked)],
            cwd=Path(__file__).resolve().parents[2],
            env={**os.environ, **alone},
            stdin=given,
            stdout=taken,
            stderr=subprocess.PIPE,
            # So that a converter which it started can be ended with it.
            start_new_session=True,
        ) as process,
    ):

        def end() -> None:
            slow.set()
            _end(process)

        clock = threading.Timer(seconds, end)
        clock.start()
        try:
            assert process.stderr is not None
            while line := process.stderr.readline(200):
                if told := _PAGES_DONE.fullmatch(line):
                    progress(int(told[1]), int(told[2]))
            code = process.wait()
        finally:
            clock.cancel()
            _end(process)
        os.fsync(taken.fileno())
    return _TOO_SLOW if slow.is_set() else code


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a child and whatever it has started."""
    if os.name == "posix":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


class _PicturedError(Exception):
    """There are pictures to be recognised, which is for another process."""


def _leave(pictures: Pictures) -> NoReturn:
    raise _PicturedError(pictures.count)


def _tell(done: int, total: int) -> None:
    """Tell the parent how far the recognition is."""
    sys.stderr.write(f"pages {done} {total}\n")
    sys.stderr.flush()


def _child(
    suffix: str,
    document_id: str,
    name: str,
    seconds: int,
    memory: int,
    recognising: bool = False,
    only_text: bool = False,
) -> int:
    """Read standard input, write the document or a fault to standard output; gives an exit code.

    `only_text`: what is written is the text as it was read, not a document.
    """
    _limit(seconds, memory, threads() if recognising else 1)
    reads = partial(recognise, progress=_tell) if recognising else _leave
    try:
        # A converter stays in the session of this process, and is ended with it.
        converts = partial(convert, apart=False)
        loaded = read_text(sys.stdin.buffer.read(), suffix, name, reads, converts)
        if len(loaded.text) > MOST_CHARACTERS:
            raise DocumentFault(
                "too-many-characters", name=name, count=len(loaded.text), most=MOST_CHARACTERS
            )
        if only_text:
            written = json_line({"text": loaded.text})
        else:
            written = document_lines(_parsed(loaded, document_id, name))
    except DocumentFault as fault:
        written, code = json_line({"fault": notice_row(fault.notice)}), _REFUSED
    except _PicturedError as pictured:
        written, code = json_line({"pages": pictured.args[0]}), _PICTURED
    except MemoryError:
        return _OUT_OF_MEMORY
    except RecursionError:
        return _TOO_DEEP
    else:
        code = 0
    try:
        sys.stdout.buffer.write(written)
        sys.stdout.buffer.flush()
    except OSError:
        return _TOO_LONG
    return code


def _parsed(loaded: LoadedText, document_id: str, name: str) -> Document:
    """The document that a text is. Raises DocumentFault for none, and for one with too much."""
    document = parse_document(
        loaded.text, document_id, title_hint=loaded.title, warnings=loaded.warnings
    )
    if not document.clauses:
        raise DocumentFault("upload-no-text", name=name)
    if len(document.clauses) > MOST_CLAUSES:
        raise DocumentFault(
            "too-many-clauses", name=name, count=len(document.clauses), most=MOST_CLAUSES
        )
    return _titled(document, name)


def _titled(document: Document, name: str) -> Document:
    """The document, with the file's name for its title where none could be read."""
    if document.title != document.id:
        return document
    return with_labels(replace(document, title=PurePosixPath(name).stem))


def _limit(seconds: int, memory: int, threads: int) -> None:
    """Put limits on this process. Where the system knows none, the parent's clock still holds."""
    if os.name != "posix":
        return
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, MOST_OUTPUT),
        (resource.RLIMIT_CPU, seconds * threads),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    if threads > 1:
        os.nice(10)  # it is long at work, and answers come first
    # Ends the process by itself too, should the one that waits for it be killed.
    signal.alarm(seconds)


if __name__ == "__main__":
    code = _child(*json.loads(sys.argv[1]))
    # Without clean-up: closing the output of a full disk would raise once more.
    os._exit(code)
