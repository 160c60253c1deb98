"""The optional packages that the peers are made of: their modules and their versions.

They are imported by name, when a peer is loaded: without them the project is whole, and whoever
asks for a peer is told what to install. It installs nothing.
"""

from __future__ import annotations

import importlib
import os
from importlib import metadata
from typing import Any

from eval.case import EvalFault

# Both frameworks may send traces of what they do to services of their makers.
_NO_TRACES = {"LANGSMITH_TRACING": "false", "LANGCHAIN_TRACING_V2": "false"}


class PeerFault(EvalFault):
    """A peer cannot be put together here. Its message says what to do."""


def optional(module: str) -> Any:
    """Import a module of an optional package. Raises PeerFault where it is not installed.

    Any: type checkers must come to the same result with and without the packages.
    """
    os.environ.update(_NO_TRACES)
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise _missing(module, str(error)) from error


def versions(packages: tuple[str, ...]) -> str:
    """The packages with their versions, in one line. Raises PeerFault where one is missing."""
    try:
        return ", ".join(f"{name} {metadata.version(name)}" for name in packages)
    except metadata.PackageNotFoundError as error:
        raise _missing(str(error.name), "it is not installed") from error


def _missing(name: str, reason: str) -> PeerFault:
    return PeerFault(
        f"The peers need {name} ({reason}); install their packages: "
        'pip install -c constraints.txt ".[peers]"'
    )
