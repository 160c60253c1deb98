"""Takes settings of the user's that lead an installation out of the virtual environment out of it.

Where pip looks for packages (index, proxy, certificates) stays as the user has set it. Nothing is
installed here.
"""

from __future__ import annotations

import configparser
import os
from collections.abc import MutableMapping
from pathlib import Path

# Options of pip that install elsewhere, for another Python, or not at all; with the value that
# means as usual (pip passes over empty ones).
LEADING_OUT = {
    "user": "no", "target": "", "prefix": "", "root": "", "python": "", "dry-run": "no",
}  # fmt: skip
# Variables that have Python itself look for modules elsewhere.
OF_PYTHON = ("PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE")
CONFIG_VARIABLE = "PIP_CONFIG_FILE"


def set_aside(environment: MutableMapping[str, str], folder: Path) -> list[str]:
    """Take such settings out of an environment; their names, for telling.

    Those in the file that PIP_CONFIG_FILE names are left out of a copy of it in `folder`.
    """
    gone = [name for name in environment if name in OF_PYTHON or _option(name) in LEADING_OUT]
    for name in gone:
        del environment[name]
    named = Path(environment.get(CONFIG_VARIABLE) or os.devnull)
    if named.is_file():
        settings = configparser.RawConfigParser()
        try:
            settings.read(named, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            return gone  # pip itself says best what is wrong with it
        found = [
            (section, option)
            for section in settings.sections()
            for option in settings.options(section)
            if option.replace("_", "-") in LEADING_OUT
        ]
        for section, option in found:
            settings.remove_option(section, option)
        if found:
            copy = folder / "pip.conf"
            # It may hold a password of an index.
            copy.touch(mode=0o600)
            with copy.open("w", encoding="utf-8") as file:
                settings.write(file)
            environment[CONFIG_VARIABLE] = str(copy)
        gone += [f"{option} in {named}" for _, option in found]
    return gone


def write_own(environment: Path) -> None:
    """Give a virtual environment settings of its own, which come before those of the user's files.

    They hold for everything that pip does in it, also for the building of packages.
    """
    lines = [f"{option} = {value}".rstrip() for option, value in LEADING_OUT.items()]
    text = "\n".join(["[global]", *lines, "", "[install]", *lines, ""])
    (environment / "pip.conf").write_text(text, encoding="utf-8")


def _option(variable: str) -> str:
    """The option of pip that a variable sets, as configuration files name it."""
    is_pips = variable.startswith("PIP_")
    return variable.removeprefix("PIP_").lower().replace("_", "-") if is_pips else ""
