"""What the styles of a web page say about showing its elements: hidden, struck, list markers.

Knows the style attribute and the page's own sheets, with selectors of tags, classes and ids;
sheets of other files are not fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_PROPERTIES = frozenset(
    {"display", "visibility", "text-decoration", "text-decoration-line", "list-style",
     "list-style-type"}
)  # fmt: skip
_MOST_RULES = 2_000
_MOST_MATCHES = 3_000_000
_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_PRINTED = re.compile(r"@media\s+print\b[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", re.IGNORECASE)
_AROUND = re.compile(r"@(?:media|supports|layer)[^{};]*\{|@[\w-]+[^{};]*;", re.IGNORECASE)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_COMPOUND = re.compile(r"(?:[a-zA-Z][\w-]*|\*)?(?:[.#][\w-]+)*")
_NAME = re.compile(r"[.#]?[\w-]+|\*")

Declarations = dict[str, str]


@dataclass(frozen=True)
class _Compound:
    """One step of a selector: a tag, an id, classes."""

    tag: str
    names: tuple[str, ...]

    def matches(self, element: Any) -> bool:
        """Whether it fits an element."""
        if self.tag and element.tag != self.tag:
            return False
        classes = (element.get("class") or "").split()
        return all(
            name[1:] in classes if name[0] == "." else name[1:] == element.get("id")
            for name in self.names
        )


@dataclass(frozen=True)
class _Rule:
    steps: tuple[tuple[str, _Compound], ...]  # the last one first, each with what joins it
    weight: tuple[int, int, int, int]
    declarations: tuple[tuple[str, str], ...]


class StyleSheet:
    """The page's own rules."""

    def __init__(self, page: Any) -> None:
        self._rules: dict[str, list[_Rule]] = {}
        self._matches = 0
        text = "\n".join(each.text or "" for each in page.iter("style"))
        for number, rule in enumerate(_rules(text)):
            if number >= _MOST_RULES:
                break
            last = rule.steps[0][1]
            key = next(iter(last.names), last.tag) or "*"
            self._rules.setdefault(key, []).append(rule)

    def of(self, element: Any) -> Declarations:
        """What holds for an element by itself; inheriting is for the one who asks."""
        found: list[_Rule] = []
        keys = ["*", element.tag, f"#{element.get('id')}"]
        keys += [f".{each}" for each in (element.get("class") or "").split()]
        if self._rules:
            for key in keys:
                for rule in self._rules.get(key, ()):
                    self._matches += 1
                    if self._matches < _MOST_MATCHES and _fits(rule, element):
                        found.append(rule)
        shown: Declarations = {}
        own = _declared(element.get("style") or "")
        important: Declarations = {}
        for rule in sorted(found, key=lambda each: each.weight):
            for name, value in rule.declarations:
                (important if value.endswith("!important") else shown)[name] = value
        for name, value in own:
            (important if value.endswith("!important") else shown)[name] = value
        merged = {**shown, **important}
        return {name: value.removesuffix("!important").strip() for name, value in merged.items()}


def _rules(text: str) -> Iterator[_Rule]:
    text = _AROUND.sub("", _PRINTED.sub("", _COMMENT.sub("", text)))
    for order, (selectors, body) in enumerate(_RULE.findall(text)):
        declarations = tuple(_declared(body))
        if not declarations:
            continue
        for selector in selectors.split(","):
            steps = _steps(selector.strip().lower() if not re.search("[.#]", selector)
                           else selector.strip())  # fmt: skip
            if steps:
                names = [name for _, step in steps for name in step.names]
                ids = sum(name[0] == "#" for name in names)
                tags = sum(bool(step.tag) for _, step in steps)
                yield _Rule(steps, (ids, len(names) - ids, tags, order), declarations)


def _steps(selector: str) -> tuple[tuple[str, _Compound], ...]:
    """The steps of a selector from its end; none for one with signs that are not known."""
    steps: list[tuple[str, _Compound]] = []
    joint = ""
    for part in reversed(re.sub(r"\s*>\s*", " > ", selector).split()):
        if part == ">":
            joint = ">"
        elif not _COMPOUND.fullmatch(part):
            return ()
        else:
            names = _NAME.findall(part)
            tag = names[0].lower() if names and names[0][0] not in ".#*" else ""
            steps.append((joint, _Compound(tag, tuple(n for n in names if n[0] in ".#"))))
            joint = " "
    return tuple(steps)


def _declared(body: str) -> Iterator[tuple[str, str]]:
    for each in body.split(";"):
        name, _, value = each.partition(":")
        name = name.strip().lower()
        if name in _PROPERTIES and value.strip():
            yield name, re.sub(r"\s*!\s*important", "!important", value.strip().lower())


def _fits(rule: _Rule, element: Any) -> bool:
    if not rule.steps[0][1].matches(element):
        return False
    at = element
    for joint, step in rule.steps[1:]:
        at = at.getparent()
        while joint == " " and at is not None and not step.matches(at):
            at = at.getparent()
        if at is None or not step.matches(at):
            return False
    return True


def is_struck(element: Any, style: Declarations) -> bool:
    """Whether an element begins what is struck through."""
    decoration = " ".join(
        style[name] for name in ("text-decoration", "text-decoration-line") if name in style
    )
    if decoration:
        return "line-through" in decoration
    return element.tag in {"del", "s", "strike"}


def is_gone(element: Any, style: Declarations) -> bool:
    """Whether an element takes no place on the page."""
    display = style.get("display")
    if display is not None:
        return display == "none"
    closed = element.tag == "dialog" and element.get("open") is None
    return closed or (element.get("hidden") is not None and element.get("hidden") != "until-found")


def list_marker(style: Declarations) -> str | None:
    """The list-style-type that an element sets, None if it sets none."""
    if "list-style-type" in style:
        return style["list-style-type"]
    words = style.get("list-style", "").split()
    kinds = [each for each in words if each not in {"inside", "outside"} and "(" not in each]
    return kinds[0] if kinds else ("disc" if words and "(" not in style["list-style"] else None)
