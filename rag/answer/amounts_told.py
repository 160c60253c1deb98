"""Amounts of money and numbers as an answer writes them, in the language of the question.

Computes nothing and reads nothing.
"""

from __future__ import annotations

from decimal import Decimal

from rag.answer.running import Running
from rag.english.amounts import in_figures

SIGNS = {"CNY": "RMB ", "USD": "US$", "EUR": "EUR ", "HKD": "HK$"}
NAMES = {"CNY": "元", "USD": "美元", "EUR": "欧元", "HKD": "港元"}


def money(running: Running, value: Decimal, currency: str) -> str:
    """An amount in a currency as the question's language writes it."""
    if running.language == "en":
        return f"{SIGNS.get(currency, currency + ' ')}{in_figures(value)}"
    return f"{chinese_figures(value)}{NAMES.get(currency, currency)}"


def chinese_figures(value: Decimal) -> str:
    """`3200亿`, `1.5万`, `260`: as Chinese writes a number, exactly."""
    for power, unit in ((8, "亿"), (4, "万")):
        if abs(value) >= Decimal(10) ** power:
            return f"{value.scaleb(-power).normalize():f}{unit}"
    return f"{value.normalize():f}"
