"""Which of the project's modules imports which, read from their texts; nothing is run.

Imports inside functions and those for type checkers alone count as any other does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

PARTS = ("index", "rag", "eval", "prompts")
ALONE = ("app.py", "tiaowen.py")


def module_files(root: Path) -> dict[str, Path]:
    """Every module by its dotted name, a package by that of its folder."""
    paths = [path for part in PARTS for path in sorted((root / part).rglob("*.py"))]
    paths += [root / name for name in ALONE]
    return {_name(path.relative_to(root)): path for path in paths}


def _name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path) -> Iterator[str]:
    """The dotted names that a file imports; of `from a import b` both a and a.b."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def import_graph(root: Path) -> dict[str, set[str]]:
    """The modules of ours that each one imports. `from a import b` is of a.b where that is one."""
    files = module_files(root)
    graph = {}
    for name, path in files.items():
        own = {found for found in imported(path) if found in files} - {name}
        # A package is named on the way to its modules; it counts only where it holds something.
        packages = {parent for parent in own if any(o.startswith(f"{parent}.") for o in own)}
        graph[name] = own - packages
    return graph


def reached(graph: Mapping[str, set[str]], start: str) -> set[str]:
    """A module and all that it imports, and so on."""
    seen, waiting = {start}, [start]
    while waiting:
        fresh = graph[waiting.pop()] - seen
        seen |= fresh
        waiting += fresh
    return seen


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """The groups of modules that all import each other, straight or by way of others."""
    reach = {name: reached(graph, name) for name in graph}
    groups = {
        tuple(sorted(other for other in reach[name] if name in reach[other])) for name in graph
    }
    return sorted(list(group) for group in groups if len(group) > 1)


def long_functions(root: Path, most: int) -> dict[str, int]:
    """The functions with more lines than that, with what is nested in them."""
    found = {}
    for name, path in module_files(root).items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > most:
                    found[f"{name}.{node.name}"] = lines
    return found
