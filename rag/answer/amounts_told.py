"""Amounts of money and numbers as an answer writes them, in the language of the question.

Computes nothing and reads nothing.
"""

from __future__ import annotations

from decimal import Decimal

from rag.answer.facts_worded import SIGNS
from rag.answer.running import Running
from rag.english.amounts import in_figures
from rag.schema import Language

NAMES = {"CNY": "元", "USD": "美元", "EUR": "欧元", "HKD": "港元"}


def money(running: Running, value: Decimal, currency: str) -> str:
    """An amount in a currency as the question's language writes it."""
    return amount_in(running.language, value, "", currency)


def chinese_figures(value: Decimal) -> str:
    """`3200亿`, `1.5万`, `260`: as Chinese writes a number, exactly."""
    for power, unit in ((8, "亿"), (4, "万")):
        if abs(value) >= Decimal(10) ** power:
            return f"{value.scaleb(-power).normalize():f}{unit}"
    return f"{value.normalize():f}"


def amount_in(language: Language, value: Decimal, unit: str, currency: str | None) -> str:
    """A value in its unit; a number of things is told in English without what is counted."""
    if currency and language == "en":
        return f"{SIGNS.get(currency, currency + ' ')}{in_figures(value)}"
    if currency:
        return f"{chinese_figures(value)}{NAMES.get(currency, currency)}"
    if unit == "%":
        share = f"{value.normalize():f}"
        return f"{share} percentage points" if language == "en" else f"{share}个百分点"
    return in_figures(value) if language == "en" else f"{chinese_figures(value)}{unit}"
