"""The small place of ``tests/places.py`` for the tests of this room, with a lake and a few indicators."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.book_once import with_chapters
from tests.places import Ledger, installation, ledger, new_installation, small_book
from zhiheng.analytics.lake import Lake
from zhiheng.grammar.chapters.indicators import INDICATORS as BOOK_INDICATORS
from zhiheng.grammar.chapters.indicators import Indicator

__all__ = ["installation", "ledger", "new_installation", "small_book"]

_WORDS = {"label": {"zh": "试验指标", "en": "An indicator"}, "systems": ["B2"], "quality": "product"}
_PLAN = {"zh": "监督抽查", "en": "Supervisory"}
INDICATORS: dict[str, dict[str, Any]] = {
    "samples": {"kind": "number", "unit": "count", "measure": {"record": "sampling_check", "count": "facts"}},
    "pass_rate": {
        "kind": "rate",
        "unit": "%",
        "decimals": 1,
        "plan": _PLAN,
        "numerator": {"outcome": "pass"},
        "denominator": {"record": "sampling_check", "count": "facts"},
        "per": ["verdict"],
    },
    "producers": {
        "kind": "number",
        "unit": "count",
        "measure": {"record": "sampling_check", "count": "producer", "period": "ever"},
    },
    "serious": {
        "kind": "number",
        "unit": "count",
        "measure": {
            "record": "sampling_check",
            "count": "facts",
            "where": {"severity": {"at_least": "serious"}},
            "period": "ever",
        },
    },
    "lifts_in_use": {
        "kind": "number",
        "unit": "count",
        "measure": {"record": "lift_register", "count": "facts", "where": {"status": "in_use"}, "period": "standing"},
    },
    "lift_users": {
        "kind": "number",
        "unit": "count",
        "measure": {"record": "lift_register", "count": "user_unit", "period": "standing"},
    },
    "weighed": {"kind": "number", "unit": "tonne", "decimals": 2, "measure": {"record": "weighing", "sum": "net"}},
    "weighed_change": {
        "kind": "change",
        "unit": "%",
        "decimals": 1,
        "change": {"record": "weighing", "sum": "net"},
        "base": {"year": 2025},
    },
}


@pytest.fixture
def lake(ledger: Ledger, tmp_path: Path) -> Lake:
    """An empty lake of the small book, which has a few indicators here."""
    indicators = {name: Indicator.model_validate(_WORDS | said) for name, said in INDICATORS.items()}
    book = with_chapters(ledger.book, {BOOK_INDICATORS: indicators})
    return Lake(tmp_path / "lake", book)
