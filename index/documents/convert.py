"""Gives old office files (.doc .wps .odt) to a program of this machine that converts them.

LibreOffice or antiword, found when it is needed and run in a folder of its own: without a network
and macros, within limits on time, memory and size. Nothing is installed, and no text is read here.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from index.errors import DocumentFault
from prompts.notices import notice

MOST_SECONDS = 90
MOST_MEMORY = 3 * 2**30
MOST_OUTPUT = 200 * 2**20
# Macros never run, nothing is fetched, links are not followed.
_SETTINGS = {
    ("/org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel"): "3",
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution"): "true",
    ("/org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks"): "true",
    ("/org.openoffice.Office.Writer/Content/Update", "Link"): "0",
    ("/org.openoffice.Inet/Settings", "ooInetProxyType"): "2",
    ("/org.openoffice.Inet/Settings", "ooInetHTTPProxyName"): "127.0.0.1",
    ("/org.openoffice.Inet/Settings", "ooInetHTTPProxyPort"): "9",
    ("/org.openoffice.Inet/Settings", "ooInetHTTPSProxyName"): "127.0.0.1",
    ("/org.openoffice.Inet/Settings", "ooInetHTTPSProxyPort"): "9",
}  # fmt: skip
_OLD_WORD = (".doc", ".wps")
_NOWHERE = "http://127.0.0.1:9"

Convert = Callable[[bytes, str, str], tuple[bytes, str]]


def convert(
    data: bytes, suffix: str, name: str, apart: bool = True, seconds: float | None = None
) -> tuple[bytes, str]:
    """The file as a Word file (`docx`) or text (`txt`), and which of them it is.

    `apart` starts the converter in a session of its own, which ends with it; without, whoever
    started this process ends what is left. Raises DocumentFault where there is no converter, and
    for one that fails or takes too long.
    """
    office, antiword = _programs(suffix)
    if not office and not antiword:
        programs = "LibreOffice"
        if suffix in _OLD_WORD:
            programs = notice("either", first=programs, second="antiword")
        raise DocumentFault("needs-a-converter", name=name, programs=programs)
    limit = MOST_SECONDS if seconds is None else seconds
    with tempfile.TemporaryDirectory(prefix="tiaowen-") as made:
        folder = Path(made)
        given = folder / f"given{suffix}"
        given.write_bytes(data)
        for program, written in ((office, "docx"), (antiword, "txt")):
            if program is None:
                continue
            command = _office(program, folder, given, data) if written == "docx" else [
                program, "-m", "UTF-8.txt", "-w", "0", str(given)
            ]  # fmt: skip
            printed = _run(command, folder, name, limit, apart)
            result = folder / "out" / "given.docx"
            content = result.read_bytes() if result.is_file() else printed
            if content and (written == "txt" or result.is_file()):
                return content, written
    raise DocumentFault("not-converted", name=name)


def convertible(suffix: str) -> bool:
    """Whether this machine has a program that converts files of that suffix."""
    return any(_programs(suffix))


def _programs(suffix: str) -> tuple[str | None, str | None]:
    """LibreOffice and, for old Word, antiword, as far as they are there."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    return office, shutil.which("antiword") if suffix in _OLD_WORD else None


def _office(program: str, folder: Path, given: Path, data: bytes) -> list[str]:
    settings = folder / "profile" / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{key}" oor:op="fuse"><value>{value}</value>'
        "</prop></item>"
        for (path, key), value in _SETTINGS.items()
    )
    settings.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items '
        f'xmlns:oor="http://openoffice.org/2001/registry">{items}</oor:items>\n',
        encoding="utf-8",
    )
    return [
        program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
        "--norestore", "--nolockcheck", "--nodefault", f"--infilter={_filter(given, data)}",
        "--convert-to", "docx:MS Word 2007 XML",
        "--outdir", str(folder / "out"), str(given),
    ]  # fmt: skip


def _filter(given: Path, data: bytes) -> str:
    """What LibreOffice is to read the file as; left to itself it takes what is broken for text."""
    if given.suffix not in _OLD_WORD:
        return "writer8"
    return "MS Word 97" if "WordDocument".encode("utf-16-le") in data else "MS_Works"


def _run(command: list[str], folder: Path, name: str, seconds: float, apart: bool) -> bytes:
    """What the converter prints; nothing if it fails."""
    (folder / "out").mkdir(exist_ok=True)
    keys = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH")
    env = {key: os.environ[key] for key in keys if key in os.environ}
    env |= {"HOME": str(folder), "TMPDIR": str(folder), "SAL_USE_VCLPLUGIN": "svp"}
    env |= {key: _NOWHERE for key in ("http_proxy", "https_proxy", "all_proxy")}
    printed = folder / "printed"
    with printed.open("wb") as taken:
        process = subprocess.Popen(
            [*_without_network(), *command],
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=taken,
            stderr=subprocess.DEVNULL,
            start_new_session=apart,
            preexec_fn=_limits if os.name == "posix" else None,
        )
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise DocumentFault("converts-too-long", name=name, seconds=seconds) from error
        finally:
            _end(process, apart)
    return b"" if process.returncode else printed.read_bytes()


def _without_network() -> list[str]:
    """What starts a program with no network, where the system allows that."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return []
    prefix = [unshare, "--map-root-user", "--net"]
    tried = subprocess.run([*prefix, "true"], capture_output=True, check=False)
    return [] if tried.returncode else prefix


def _limits() -> None:
    """Limits on a process that is about to become the converter."""
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_FSIZE, MOST_OUTPUT),
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        within = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (within, within))


def _end(process: subprocess.Popen[bytes], apart: bool) -> None:
    """End the converter, and in a session of its own everything that it started."""
    if apart and os.name == "posix":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    if process.poll() is None:
        process.kill()
    process.wait()
