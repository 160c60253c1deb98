"""Formulas of Word (OMML) and of web pages (MathML) to one line of text.

Keeps every sign in reading order, and what is above, below, raised or rooted recognisable:
(a/b), x^2, x_i, √(x), ∑_(i=1)^n x. Evaluates nothing. Formulas that are pictures are not read here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_GONE = frozenset({_W + "del", _W + "moveFrom"})
_SIMPLE = re.compile(r"[^\W_]+(?:\.\d+)?[%‰′″]?|.")
_INVISIBLE = dict.fromkeys(map(ord, "\u2061\u2062\u2063\u2064\u200b\u200c\u200d\ufeff"))
_ACCENTS = {
    "^": "\u0302", "ˆ": "\u0302", "~": "\u0303", "˜": "\u0303", "¯": "\u0305", "‾": "\u0305",
    "_": "\u0332", "→": "\u20d7", "˙": "\u0307", "¨": "\u0308", "̅": "\u0305",
}  # fmt: skip
_RELATIONS = "=＝<>≤≥≈≠+−-×"
_TEX_SIGNS = {
    "times": "×", "cdot": "·", "div": "÷", "pm": "±", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥",
    "ne": "≠", "neq": "≠", "approx": "≈", "sum": "∑", "prod": "∏", "int": "∫", "infty": "∞",
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "Delta": "Δ", "lambda": "λ", "mu": "μ",
    "pi": "π", "rho": "ρ", "sigma": "σ", "theta": "θ", "omega": "ω", "left": "", "right": "",
    "displaystyle": "", "quad": " ", "qquad": " ", "cdots": "…", "ldots": "…", "dots": "…",
    "begin": "", "end": "", "limits": "", "text": "", "mathrm": "", "mathbf": "", "mbox": "",
    "operatorname": "", "mathit": "", "textrm": "",
}  # fmt: skip
_TEX_GROUP = r"\{((?:[^{}\\]|\\.)*)\}"
Hidden = Callable[[Any], bool]


def grouped(text: str) -> str:
    """The text in brackets where it is more than a number, a word or a sign."""
    return text if _SIMPLE.fullmatch(text) or _bracketed(text) else f"({text})"


def _bracketed(text: str) -> bool:
    """Whether one pair of brackets holds the whole text."""
    if not (text[:1] in "([（" and text[-1:] in ")]）" and len(text) > 1):
        return False
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign in "([（") - (sign in ")]）")
        if depth == 0 and at < len(text) - 1:
            return False
    return True


def fraction(above: str, below: str) -> str:
    """A fraction, in brackets of its own so that it can stand in a product."""
    return f"({grouped(above)}/{grouped(below)})"


def raised(base: str, below: str = "", above: str = "") -> str:
    """A base with an index and a power."""
    return base + (f"_{grouped(below)}" if below else "") + (f"^{grouped(above)}" if above else "")


def root(radicand: str, degree: str = "") -> str:
    """A root; its degree in square brackets where it is not the square root."""
    inner = radicand if _bracketed(radicand) else f"({radicand})"
    return f"√[{degree}]{inner}" if degree and degree != "2" else f"√{inner}"


def accented(base: str, sign: str) -> str:
    """A base with a sign over or under it."""
    mark = _ACCENTS.get(sign, sign if len(sign) == 1 and "\u0300" <= sign <= "\u036f" else "")
    return base + mark if mark and len(base) == 1 else f"{grouped(base)}{mark or sign}"


def applied(name: str, argument: str) -> str:
    """A function before what it is applied to: `log_2 x`, `max(a,b)`."""
    gap = "" if not argument or argument[0] in "([{（" else " "
    return f"{name}{gap}{argument}"


# --- Word ----------------------------------------------------------------------------------


def office_formula(element: Any, hidden: Hidden = lambda run: False) -> str:
    """A Word equation (m:oMath or anything in one) as one line; `hidden` tells of struck runs."""
    return _office(element, hidden).translate(_INVISIBLE)


def _office(element: Any, hidden: Hidden) -> str:
    return "".join(_office_parts(element, hidden))


def _office_parts(element: Any, hidden: Hidden) -> Iterator[str]:
    for child in element:
        tag = child.tag if isinstance(child.tag, str) else ""
        if tag in _GONE or tag.endswith("Pr"):
            continue
        if tag == _M + "r":
            if not hidden(child):
                yield "".join(part.text or "" for part in child if part.tag.endswith("}t"))
        elif tag.removeprefix(_M) in _OFFICE:
            yield _OFFICE[tag.removeprefix(_M)](child, hidden)
        else:
            yield _office(child, hidden)


def _argument(element: Any, name: str, hidden: Hidden) -> str:
    found = element.find(_M + name)
    return "" if found is None else _office(found, hidden).strip()


def _property(element: Any, name: str, default: str) -> str:
    """A setting of an equation part such as m:dPr/m:begChr; absent gives the default."""
    found = element.find(f"{element.tag}Pr/{_M}{name}")
    if found is None:
        return default
    value: str | None = found.get(_M + "val")
    return default if value is None and name == "chr" else value or ""


def _office_fraction(element: Any, hidden: Hidden) -> str:
    above, below = (_argument(element, name, hidden) for name in ("num", "den"))
    if _property(element, "type", "bar") == "noBar":
        return f"({above};{below})"
    return fraction(above, below)


def _office_scripts(element: Any, hidden: Hidden) -> str:
    below, above = (_argument(element, name, hidden) for name in ("sub", "sup"))
    base = _argument(element, "e", hidden)
    if element.tag == _M + "sPre":
        return raised("", below, above) + base
    return raised(grouped(base), below, above)


def _office_root(element: Any, hidden: Hidden) -> str:
    return root(*(_argument(element, name, hidden) for name in ("e", "deg")))


def _office_sum(element: Any, hidden: Hidden) -> str:
    below, above = (_argument(element, name, hidden) for name in ("sub", "sup"))
    sign = raised(_property(element, "chr", "∫"), below, above)
    return applied(sign, _argument(element, "e", hidden))


def _office_brackets(element: Any, hidden: Hidden) -> str:
    parts = [_office(part, hidden).strip() for part in element.findall(_M + "e")]
    opening, closing = _property(element, "begChr", "("), _property(element, "endChr", ")")
    return opening + _property(element, "sepChr", "|").join(parts) + closing


def _office_function(element: Any, hidden: Hidden) -> str:
    return applied(*(_argument(element, name, hidden) for name in ("fName", "e")))


def _office_limit(element: Any, hidden: Hidden) -> str:
    base, limit = (_argument(element, name, hidden) for name in ("e", "lim"))
    return raised(base, below=limit) if element.tag == _M + "limLow" else raised(base, above=limit)


def _office_accent(element: Any, hidden: Hidden) -> str:
    base = _argument(element, "e", hidden)
    if element.tag == _M + "bar":
        return accented(base, "¯" if _property(element, "pos", "bot") == "top" else "_")
    return accented(base, _property(element, "chr", "^" if element.tag == _M + "acc" else ""))


def _office_rows(element: Any, hidden: Hidden) -> str:
    """The lines of a set of equations; & is where they are aligned."""
    lines = [_office(part, hidden).replace("&", "").strip() for part in element.findall(_M + "e")]
    return "；".join(lines)


def _office_matrix(element: Any, hidden: Hidden) -> str:
    rows = (
        ", ".join(_office(cell, hidden).strip() for cell in row.findall(_M + "e"))
        for row in element.findall(_M + "mr")
    )
    return "；".join(rows)


_OFFICE: dict[str, Callable[[Any, Hidden], str]] = {
    "f": _office_fraction,
    "sSup": _office_scripts,
    "sSub": _office_scripts,
    "sSubSup": _office_scripts,
    "sPre": _office_scripts,
    "rad": _office_root,
    "nary": _office_sum,
    "d": _office_brackets,
    "func": _office_function,
    "limLow": _office_limit,
    "limUpp": _office_limit,
    "acc": _office_accent,
    "bar": _office_accent,
    "groupChr": _office_accent,
    "eqArr": _office_rows,
    "m": _office_matrix,
}


# --- MathML --------------------------------------------------------------------------------


def web_formula(element: Any) -> str:
    """A MathML element of a web page as one line."""
    return re.sub(r"\s+", " ", _web(element)).translate(_INVISIBLE).strip()


def _local(element: Any) -> str:
    tag = element.tag if isinstance(element.tag, str) else ""
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def _children(element: Any) -> list[Any]:
    dropped = {"annotation", "annotation-xml", "mphantom", "", "none", "mprescripts"}
    return [child for child in element if _local(child) not in dropped]


def _web(element: Any) -> str:
    name = _local(element)
    parts = [_web(child) for child in _children(element)]
    if name in _WEB:
        return _WEB[name](element, parts)
    if name in {"mi", "mn", "mo", "mtext", "ms"}:
        return re.sub(r"\s+", " ", "".join(element.itertext())).strip()
    own = (element.text or "").strip() + "".join(
        part + (child.tail or "").strip()
        for child, part in zip(_children(element), parts, strict=True)
    )
    return own


def _part(parts: Sequence[str], at: int) -> str:
    return parts[at] if at < len(parts) else ""


def _web_under(element: Any, parts: list[str]) -> str:
    base, mark = _part(parts, 0), _part(parts, 1)
    if _local(element) == "munderover":
        return raised(base, mark, _part(parts, 2))
    over = _local(element) == "mover"
    if mark in _ACCENTS:
        return accented(base, mark if over or mark != "_" else "_")
    return raised(base, above=mark) if over else raised(base, below=mark)


def _web_fence(element: Any, parts: list[str]) -> str:
    opening, closing = element.get("open", "("), element.get("close", ")")
    separators = element.get("separators", ",").replace(" ", "") or ""
    inner = parts[0] if parts else ""
    for at, part in enumerate(parts[1:]):
        inner += (separators[min(at, len(separators) - 1)] if separators else "") + part
    return f"{opening}{inner}{closing}"


def _aligned(cells: Sequence[str]) -> str:
    """The cells of a row; where equations are aligned at their signs there is nothing between."""
    line = ""
    for cell in cells:
        whole = not line or not cell or cell[0] in _RELATIONS or line[-1] in _RELATIONS
        line += cell if whole else f", {cell}"
    return line


def _web_before(element: Any, parts: list[str]) -> str:
    """Indices before and behind a base: those behind mprescripts stand before it."""
    names = [_local(child) for child in element if isinstance(child.tag, str)]
    texts = [_web(child) for child in element if isinstance(child.tag, str)]
    cut = names.index("mprescripts") if "mprescripts" in names else len(names)
    behind = [text for text, name in zip(texts, names, strict=True)][1:cut]
    before = texts[cut + 1 :]
    base = raised(_part(texts, 0), _part(behind, 0), _part(behind, 1))
    return raised("", _part(before, 0), _part(before, 1)) + base


_WEB: dict[str, Callable[[Any, list[str]], str]] = {
    "mfrac": lambda element, parts: (
        f"({_part(parts, 0)};{_part(parts, 1)})"
        if element.get("linethickness") in {"0", "0px", "0pt", "0em"}
        else fraction(_part(parts, 0), _part(parts, 1))
    ),
    "msup": lambda _, parts: raised(grouped(_part(parts, 0)), above=_part(parts, 1)),
    "msub": lambda _, parts: raised(grouped(_part(parts, 0)), below=_part(parts, 1)),
    "msubsup": lambda _, parts: raised(grouped(_part(parts, 0)), _part(parts, 1), _part(parts, 2)),
    "msqrt": lambda _, parts: root("".join(parts)),
    "mroot": lambda _, parts: root(_part(parts, 0), _part(parts, 1)),
    "munder": _web_under,
    "mover": _web_under,
    "munderover": _web_under,
    "mfenced": _web_fence,
    "mmultiscripts": _web_before,
    "mtable": lambda _, parts: "；".join(parts),
    "mtr": lambda _, parts: _aligned(parts),
    "mlabeledtr": lambda _, parts: _aligned(parts[1:]),
    "mspace": lambda _, parts: " ",
}


# --- TeX -----------------------------------------------------------------------------------


def tex_formula(source: str) -> str:
    """A formula in TeX, as some pages keep it for a script to draw, as one line."""
    line = re.sub(r"\\(?:begin|end)\{[^{}]*\}", "", source)
    line = re.sub(r"\\([,;:!% {}])", lambda match: match[1] if match[1] in "%" else " ", line)
    line = line.replace("\\\\", "；").replace("&", "")
    for _ in range(20):  # the innermost first
        before = line
        line = re.sub(rf"\\[dt]?frac\s*{_TEX_GROUP}\s*{_TEX_GROUP}",
                      lambda match: fraction(match[1].strip(), match[2].strip()), line)  # fmt: skip
        line = re.sub(rf"\\sqrt\s*(?:\[([^\]]*)\])?\s*{_TEX_GROUP}",
                      lambda match: root(match[2].strip(), match[1] or ""), line)  # fmt: skip
        line = re.sub(rf"([_^])\s*{_TEX_GROUP}",
                      lambda match: match[1] + grouped(match[2].strip()), line)  # fmt: skip
        line = re.sub(r"\\(?:text|mathrm|mathbf|mathit|mbox|operatorname|textrm)\s*"
                      rf"{_TEX_GROUP}", lambda match: match[1], line)  # fmt: skip
        if line == before:
            break
    line = re.sub(r"\\([A-Za-z]+)", lambda match: _TEX_SIGNS.get(match[1], match[1]), line)
    return re.sub(r"\s+", " ", line.replace("{", "").replace("}", "")).strip()
