"""What each rule brings: answers and verdicts with it and without it.

A rule is a constant of compiled patterns in a module that reads questions or answers. Here rules
are found and switched off; what that changes is measured in eval/rule_ablation.py.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

# Packages whose rules are looked at, and those in which they may be held.
ROOMS = ("index.request", "rag.answer", "rag.check", "rag.english")
OURS = ("index", "rag")
_METHODS = frozenset(
    {"search", "match", "fullmatch", "findall", "finditer", "sub", "subn", "split"}
)
# What features of the learned heads are made of: they are weighed, not gone by.
_LEARNED = frozenset({"index.request.question_features"})


@dataclass(frozen=True)
class Rule:
    """A constant of a module with its patterns."""

    module: str
    name: str
    patterns: tuple[re.Pattern[str], ...] = field(compare=False, default=())

    @property
    def alternatives(self) -> int:
        """How many ways to say something it holds."""
        return sum(each.pattern.count("|") + 1 for each in self.patterns)


class Watched:
    """A pattern that tells when it matches something."""

    def __init__(self, pattern: re.Pattern[str], matched: Callable[[], None]) -> None:
        self._pattern = pattern
        self._matched = matched

    def __getattr__(self, name: str) -> Any:
        known = getattr(self._pattern, name)
        if name not in _METHODS:
            return known

        def watched(*args: Any, **named: Any) -> Any:
            text = args[1] if name in ("sub", "subn") else args[0]
            if self._pattern.search(text):
                self._matched()
            return known(*args, **named)

        return watched


def find_rules(rooms: Sequence[str] = ROOMS) -> list[Rule]:
    """The rules of all modules of the rooms, each by the module that defines it."""
    found: list[Rule] = []
    held: set[int] = set()
    for module in _modules_of(rooms):
        if module.__name__ in _LEARNED:
            continue
        source = vars(module)
        for name in _defined(module):
            for own, value in _parts(name, source[name]):
                patterns = tuple(each for each in _patterns(value) if id(each) not in held)
                if patterns:
                    held.update(map(id, patterns))
                    found.append(Rule(module.__name__, own, patterns))
    return found


@contextmanager
def without(rule: Rule) -> Iterator[None]:
    """The program as if no pattern of the rule ever matched."""
    with _swapped({id(each): never(each) for each in rule.patterns}):
        yield


def never(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """A pattern that matches nothing, with the groups of another: they may be put into texts."""
    names = {number: name for name, number in pattern.groupindex.items()}
    groups = (names.get(number, "") for number in range(1, pattern.groups + 1))
    return re.compile("(?!)" + "".join(f"(?P<{name}>)" if name else "()" for name in groups))


@contextmanager
def watching(rules: Sequence[Rule], matched: Callable[[Rule], None]) -> Iterator[None]:
    """The program as it is, with each rule told that matches something."""

    def told(rule: Rule) -> Callable[[], None]:
        return lambda: matched(rule)

    swap = {id(each): Watched(each, told(rule)) for rule in rules for each in rule.patterns}
    with _swapped(swap):
        yield


@contextmanager
def _swapped(swap: Mapping[int, object]) -> Iterator[None]:
    """All constants that hold these patterns with others in their place."""
    changed: list[tuple[ModuleType, str, object]] = []
    try:
        for module in _loaded():
            for name, value in list(vars(module).items()):
                if name.startswith("__") or not _may_hold(value):
                    continue
                other = _with(value, swap)
                if other is not value:
                    changed.append((module, name, value))
                    setattr(module, name, other)
        _forget()
        yield
    finally:
        for module, name, value in changed:
            setattr(module, name, value)
        _forget()


def _may_hold(value: object) -> bool:
    return isinstance(value, re.Pattern | tuple | list | dict) or (
        dataclasses.is_dataclass(value) and not isinstance(value, type)
    )


def _with(value: Any, swap: Mapping[int, object]) -> Any:
    """The value with patterns swapped; the value itself where it holds none of them."""
    if isinstance(value, re.Pattern):
        return swap.get(id(value), value)
    if isinstance(value, dict):
        made = {key: _with(each, swap) for key, each in value.items()}
        return made if any(made[key] is not value[key] for key in value) else value
    if isinstance(value, tuple | list):
        parts = [_with(each, swap) for each in value]
        if all(one is other for one, other in zip(parts, value, strict=True)):
            return value
        return list(parts) if isinstance(value, list) else tuple(parts)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
        if not any(isinstance(each, re.Pattern) for each in fields.values()):
            return value
        made = {name: _with(each, swap) for name, each in fields.items()}
        if all(made[name] is fields[name] for name in fields):
            return value
        return dataclasses.replace(value, **made)
    return value


def _patterns(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _patterns(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _patterns(each)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for one in dataclasses.fields(value):
            yield from _patterns(getattr(value, one.name))


def _parts(name: str, value: object) -> Iterator[tuple[str, object]]:
    """A constant, or each of the named things that it is made of."""
    named = value if isinstance(value, tuple) else ()
    if named and all(hasattr(each, "name") and dataclasses.is_dataclass(each) for each in named):
        yield from ((f"{name} {each.name}", each) for each in named)
    else:
        yield name, value


def _defined(module: ModuleType) -> list[str]:
    """The names that a module's own text assigns, in order."""
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    names: list[str] = []
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            targets = [node.target]
        names += [each.id for each in targets if isinstance(each, ast.Name)]
    return names


def _modules_of(rooms: Sequence[str]) -> Iterator[ModuleType]:
    for room in rooms:
        package = importlib.import_module(room)
        for each in pkgutil.iter_modules(package.__path__):
            yield importlib.import_module(f"{room}.{each.name}")


def _loaded() -> list[ModuleType]:
    return [
        module
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] in OURS and isinstance(module, ModuleType)
    ]


def _forget() -> None:
    """What functions of the rooms remember was made with other rules."""
    for module in _loaded():
        if module.__name__.startswith(ROOMS):
            for value in vars(module).values():
                if callable(value) and hasattr(value, "cache_clear"):
                    value.cache_clear()
