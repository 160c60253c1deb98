"""Reads an upload of unknown origin in a process of its own, with limits on memory, time, output.

Decides what kind of file it is by its content, and how its name is shown. What is in a file is
read by load and parse, in the child; a file that brings the child down is refused like any other.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path, PurePosixPath

from index.characters import one_line
from index.errors import DocumentFault
from index.labels import with_labels
from index.load import FORMATS, check_size, read_text
from index.parse import parse_document
from index.rows import document_in, document_lines, json_line
from index.schema import Document

MOST_MEMORY = 1536 * 2**20
MOST_SECONDS = 60
MOST_OUTPUT = 512 * 2**20
MOST_CHARACTERS = 5_000_000
MOST_CLAUSES = 20_000
MOST_NAME = 120

_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(rb"<\s*[a-zA-Z!][^>]*>")
_KINDS = {"txt": "plain text", "md": "Markdown", "html": "HTML", "docx": "Word", "pdf": "PDF"}
_REFUSED, _OUT_OF_MEMORY, _TOO_DEEP, _TOO_LONG, _TOO_SLOW = 3, 4, 5, 6, 7
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
    """The suffix that the content calls for, and a warning where the name has another.

    What no suffix can be told for keeps its own, and is refused when it is read. Raises
    DocumentFault for an upload that is empty, too big or two kinds of file at once.
    """
    if not data:
        raise DocumentFault(f"{name} is empty: give a file with the text of a document.")
    check_size(len(data), name)
    own = PurePosixPath(name).suffix.lower()
    suffix = _suffix_by_content(data, own, name)
    if suffix == own or (own in FORMATS and FORMATS[suffix] == FORMATS[own]):
        return own, None
    called = f"is named {own}" if own else "has no suffix"
    return suffix, f"the file {called}, but holds {_KINDS[FORMATS[suffix]]}; it was read as that"


def _suffix_by_content(data: bytes, own: str, name: str) -> str:
    head = data[:4096]
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    start = head.decode("utf-16" if wide else "latin-1", "ignore").removeprefix("ï»¿")
    found = [
        suffix
        for suffix, there in (
            (".docx", data.startswith(b"PK\x03\x04")),
            (".html", _HTML.match(start) is not None),
            # Some writers put a few bytes before the header; readers accept the first kilobyte.
            (".pdf", b"%PDF-" in data[:1024]),
        )
        if there
    ]
    if len(found) > 1:
        kinds = " and ".join(_KINDS[FORMATS[each]] for each in found)
        raise DocumentFault(f"{name} is {kinds} at once: save it again from its program.")
    if found:
        return own if FORMATS.get(own) == FORMATS[found[0]] else found[0]
    plain = FORMATS.get(own) in {"txt", "md"} or (own in {".html", ".htm"} and _TAG.search(data))
    return own if plain or not _is_text(data) else ".txt"


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
) -> Document:
    """Read the file `upload` as one with that suffix; the document is also left in `output`.

    `name` is what faults call the file. Raises DocumentFault for what cannot be read within the
    limits, OSError if no process can be started.
    """
    asked = json.dumps([suffix, document_id, name, seconds, memory])
    # One thread each: thread pools take address space, which is limited.
    alone = {key: "1" for key in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    with upload.open("rb") as given, output.open("wb") as taken:
        try:
            code = subprocess.run(
                [sys.executable, "-m", "index.intake", asked],
                cwd=Path(__file__).resolve().parent.parent,
                env={**os.environ, **alone},
                stdin=given,
                stdout=taken,
                stderr=subprocess.DEVNULL,
                timeout=seconds,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            code = _TOO_SLOW
        os.fsync(taken.fileno())
    if code == 0:
        return document_in(output)
    if code == _REFUSED:
        raise DocumentFault(json.loads(output.read_bytes())["fault"])
    if code in (_TOO_SLOW, *_CLOCKS):
        reason = f"takes longer than {seconds} seconds to read: split it into parts"
    elif code == _OUT_OF_MEMORY:
        reason = f"takes more than {memory / 2**30:.1f} GB of memory to read: split it"
    elif code == _TOO_DEEP:
        reason = "nests its parts too deep to be read: save it as .txt"
    elif code == _TOO_LONG:
        reason = "gives too much text to be kept: split it into parts"
    else:
        reason = "cannot be read, its reader broke down: save it in another format, such as .txt"
    raise DocumentFault(f"{name} {reason}.")


def _child(suffix: str, document_id: str, name: str, seconds: int, memory: int) -> int:
    """Read standard input, write the document or a fault to standard output; gives an exit code."""
    _limit(seconds, memory)
    try:
        loaded = read_text(sys.stdin.buffer.read(), suffix, name)
        if len(loaded.text) > MOST_CHARACTERS:
            raise DocumentFault(
                f"{name} has {len(loaded.text):,} characters, over the limit of "
                f"{MOST_CHARACTERS:,}: split it into parts."
            )
        document = parse_document(loaded.text, document_id, title_hint=loaded.title)
        if not document.clauses:
            raise DocumentFault(f"{name} has no text to search: give another document.")
        if len(document.clauses) > MOST_CLAUSES:
            raise DocumentFault(
                f"{name} has {len(document.clauses):,} articles, over the limit of "
                f"{MOST_CLAUSES:,}: split it into parts."
            )
        written = document_lines(_titled(document, name))
    except DocumentFault as fault:
        written, code = json_line({"fault": str(fault)}), _REFUSED
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


def _titled(document: Document, name: str) -> Document:
    """The document, with the file's name for its title where none could be read."""
    if document.title != document.id:
        return document
    return with_labels(replace(document, title=PurePosixPath(name).stem))


def _limit(seconds: int, memory: int) -> None:
    """Put limits on this process. Where the system knows none, the parent's clock still holds."""
    if os.name != "posix":
        return
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, MOST_OUTPUT),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    # Ends the process by itself too, should the one that waits for it be killed.
    signal.alarm(seconds)


if __name__ == "__main__":
    code = _child(*json.loads(sys.argv[1]))
    # Without clean-up: closing the output of a full disk would raise once more.
    os._exit(code)
