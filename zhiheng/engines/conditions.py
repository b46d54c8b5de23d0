"""Whether the value of a field meets a condition of the book: the one reading for single values.

``zhiheng.engines.indicator`` compiles the same conditions for columns of the lake; tests/engines/test_conditions.py
holds that both agree.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, Final, get_args

from zhiheng.grammar.types import Condition, Filter, Severity

SEVERITIES: Final[tuple[str, ...]] = get_args(Severity)
BOUNDS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "at_least": operator.ge,
    "at_most": operator.le,
    "more_than": operator.gt,
    "less_than": operator.lt,
}


def all_met(body: Mapping[str, Any], conditions: Filter) -> bool:
    """Whether a fact meets every condition; of a field that says nothing only ``none_of`` and ``exists: false`` are
    met.
    """
    return all(is_met(body.get(name), condition) for name, condition in conditions.items())


def is_met(value: Any, condition: Condition) -> bool:
    """Whether a value meets a condition. Of several values each key needs one that meets it, ``none_of`` all of
    them.
    """
    if isinstance(value, Mapping):
        value = value.get("code") or value.get("number") or value.get("value")
    if condition.exists is not None and condition.exists != (value is not None):
        return False
    several = value if isinstance(value, list | tuple) else [] if value is None else [value]
    if condition.none_of is not None and any(_is_one_of(each, condition.none_of) for each in several):
        return False
    asked: list[Callable[[Any], bool]] = []
    if condition.equals is not None:
        wanted = condition.equals
        asked.append(lambda each: _is_one_of(each, (wanted,)))
    if condition.any_of is not None:
        listed = condition.any_of
        asked.append(lambda each: _is_one_of(each, listed))
    if condition.starts is not None:
        start = condition.starts
        asked.append(lambda each: _text(each).startswith(start))
    for key in BOUNDS:
        if (bound := getattr(condition, key)) is not None:
            asked.append(partial(within, key, bound))
    return all(any(ask(each) for each in several) for ask in asked)


def _is_one_of(value: Any, wanted: tuple[Any, ...]) -> bool:
    return any(_text(value) == _text(each) for each in wanted)


def within(how: str, bound: Any, value: Any) -> bool:
    """Whether a value keeps to a bound; ``how``: one of ``BOUNDS``."""
    return BOUNDS[how](_ordered(value), _ordered(bound))


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _ordered(value: Any) -> tuple[int, Decimal, str]:
    """Numbers by size, severities by weight, days and other words by their text; the kinds don't mix."""
    text = _text(value)
    if text in SEVERITIES:
        return (1, Decimal(SEVERITIES.index(text)), "")
    try:
        return (0, Decimal(text), "")
    except InvalidOperation:
        return (2, Decimal(0), text)
