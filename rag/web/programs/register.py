"""A register for programs: the rows of the register page as JSON, with the facts they are of.

Rows are chosen and worded by rag/web/pages/register_rows.py.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from index.facts.model import row_of
from index.facts.register import REGISTERS, orders_of
from rag.schema import Language
from rag.web.chat.conversation import Library
from rag.web.pages.register_rows import Asking, Row, rows_of, wanted

USUAL, MOST = 50, 500


class RegisterFault(Exception):
    """What is asked for cannot be told; `param` is the field."""

    def __init__(self, message: str, param: str) -> None:
        super().__init__(message)
        self.param = param


def register_told(query: Asking, library: Library) -> dict[str, Any]:
    """The rows that a query asks for, `limit` of them from `offset` on, and how many there are.

    Raises RegisterFault for a value that the register does not take.
    """
    kind = query.get("kind", "") or "duty"
    if kind not in REGISTERS:
        raise RegisterFault(f"kind must be one of {', '.join(REGISTERS)}.", "kind")
    sort = query.get("sort", "")
    if sort and sort not in orders_of(kind):
        told = ", ".join(orders_of(kind))
        raise RegisterFault(f"sort of {kind} must be one of {told}.", "sort")
    unknown = [key for key in query.getlist("document") if key not in library.documents]
    if unknown:
        raise RegisterFault(f"No document {unknown[0][:80]} is held here.", "document")
    language: Language = "en" if query.get("language", "") == "en" else "zh"
    offset = _number(query.get("offset", "0"), "offset", 10**7)
    limit = _number(query.get("limit", str(USUAL)), "limit", MOST)
    rows = rows_of(wanted(query), library, language, date.today(), offset, limit)
    return {
        "kind": kind,
        "total": rows.total,
        "offset": offset,
        "rows": [_told(row) for row in rows.rows],
    }


def _told(row: Row) -> dict[str, Any]:
    return row_of(row.fact) | {
        "corrected": bool(row.fact.corrected),
        "cells": dict(row.cells),
        "label": row.clause.label,
        "label_en": row.clause.label_en,
        "english": row.english or None,
        "machine_made_en": row.machine if row.english else None,
        "title": row.document.title,
        "title_en": row.document.title_en,
        "number": row.document.number,
        "status": row.status,
        "address": row.address,
    }


def _number(text: str, name: str, most: int) -> int:
    if not re.fullmatch(r"[0-9]{1,8}", text) or int(text) > most:
        raise RegisterFault(f"{name} must be a number from 0 to {most}.", name)
    return int(text)
