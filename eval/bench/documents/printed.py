"""Files that other programs make of Word files and web pages: LibreOffice's PDF, Chromium's print.

The programs are looked for on this machine; without them nothing is made. They start once for all
files, as starting takes them longer than writing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

_SECONDS = 600
_BROWSERS = ("chromium", "google-chrome", "chromium-headless-shell")


def office() -> str | None:
    """LibreOffice, None where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def browser() -> str | None:
    """Chromium, None where it is not installed."""
    found = map(shutil.which, _BROWSERS)
    return os.environ.get("CHROMIUM") or next((path for path in found if path), None)


def by_office(files: Mapping[str, bytes], suffix: str) -> dict[str, bytes]:
    """The files (by name) as LibreOffice writes them in another format, by the same names."""
    program = office()
    if program is None or not files:
        return {}
    with TemporaryDirectory() as made:
        folder = Path(made)
        for name, data in files.items():
            (folder / name).write_bytes(data)
        subprocess.run(
            [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
             "--convert-to", suffix, "--outdir", str(folder / "out"),
             *(str(folder / name) for name in files)],
            check=True, capture_output=True, timeout=_SECONDS,
        )  # fmt: skip
        results = {name: folder / "out" / Path(name).with_suffix(f".{suffix}") for name in files}
        return {name: path.read_bytes() for name, path in results.items() if path.is_file()}


def by_browser(pages: Mapping[str, bytes], heads: bool) -> dict[str, bytes]:
    """Web pages (by name) as Chromium prints them to PDF, with its heads and feet or without."""
    program = browser()
    if program is None:
        return {}
    printed: dict[str, bytes] = {}
    with TemporaryDirectory() as made:
        folder = Path(made)
        for name, data in pages.items():
            page, result = folder / f"{name}.html", folder / f"{name}.pdf"
            page.write_bytes(data)
            subprocess.run(
                [program, "--headless", "--no-sandbox", "--disable-gpu",
                 f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={result}",
                 *([] if heads else ["--no-pdf-header-footer"]), page.as_uri()],
                check=True, capture_output=True, timeout=_SECONDS,
            )  # fmt: skip
            if result.is_file():
                printed[name] = result.read_bytes()
    return printed
