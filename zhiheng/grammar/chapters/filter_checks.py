"""What conditions on a record may say: columns that there are, in values that such a column can have.

A filter that names a word which no fact ever has counts nothing, and nobody would see why; so the check of a book reads
the values too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import NamedTuple, get_args

from zhiheng.grammar.chapters.records import RecordEntry, column_names, field_columns
from zhiheng.grammar.types import OUTCOMES, Condition, Scalar, Severity
from zhiheng.grammar.yaml import BookError, Document, Key
from zhiheng.kernel.fields.base import FieldType
from zhiheng.kernel.fields.choice import Choice

_COMPARED = ("at_least", "at_most", "more_than", "less_than")
_SEVERITIES: tuple[str, ...] = get_args(Severity)
_NUMBERS = ("DECIMAL", "BIGINT", "INTEGER", "DOUBLE")


def filter_errors(
    filter_: Mapping[str, Condition],
    entry: RecordEntry,
    document: Document,
    where: tuple[Key, ...],
    *,
    open_only: bool = False,
) -> Iterator[BookError]:
    """Every mistake of a filter on a record's columns.

    Args:
        where: the place of the filter in the page.
        open_only: what is found is shown beside its facts, so the filter may not tell what a secret field says.
    """
    columns, own = column_names(entry), field_columns(entry)
    for name, condition in filter_.items():
        if name not in columns:
            yield document.error(
                (*where, name),
                f"记录“{entry.id}”没有列“{name}”；可用：{'、'.join(columns)}。",
                f"Record {entry.id!r} has no column {name!r}; use one of {', '.join(columns)}.",
            )
            continue
        if open_only and name in own and entry.record.fields[own[name][0]].secret:
            yield secret_error(name, entry, document, (*where, name))
        values = Values(_kind(name, entry), _words(name, entry), ordered=name == "severity")
        for zh, en in value_mistakes(name, condition, values):
            yield document.error((*where, name), zh, en)


def secret_error(name: str, entry: RecordEntry, document: Document, where: tuple[Key, ...]) -> BookError:
    """That a field is secret, and what is shown to more people than its facts may not be made from it."""
    return document.error(
        where,
        f"“{name}”在记录“{entry.id}”里是保密的，从结果会看出它的值；请换一个字段。",
        f"{name} of {entry.id} is secret, and what is found would tell its value; take another field.",
    )


class Values(NamedTuple):
    """What can stand in a column or field: of which kind (``_CALLED``), and one of which words; None where any may.

    ``ordered``: what is compared is an order of the words (severities), or how many they are.
    """

    kind: str = "text"
    words: tuple[str, ...] | None = None
    ordered: bool = False


def field_filter_errors(
    filter_: Mapping[str, Condition], entry: RecordEntry, document: Document, where: tuple[Key, ...]
) -> Iterator[BookError]:
    """Every value that cannot stand in a field, in conditions on the fields of single facts, as
    ``engines/conditions.py`` reads them. Fields that the record does not have are left to those who ask.

    Args:
        where: the place of the filter in the page.
    """
    for name, condition in filter_.items():
        if name == "outcome" or name in entry.record.fields:
            for zh, en in value_mistakes(name, condition, field_values(name, entry)):
                yield document.error((*where, name), zh, en)


def field_values(name: str, entry: RecordEntry) -> Values:
    """What can stand in a field of a record, in all of its sources; ``outcome``: how a fact ended."""
    if name == "outcome":
        return Values(words=OUTCOMES)
    kinds = [types[name] for types in entry.types.values()]
    type_ = kinds[0].columns.get("", "")
    words = _choices_of(kinds)
    if type_.endswith("[]"):
        # Of several words one must meet the condition.
        return Values(words=words)
    # Of what has several parts the one that conditions read is a code or a number.
    return Values(_kind_of(type_ or kinds[0].columns.get("value", "VARCHAR")), words)


def value_mistakes(name: str, condition: Condition, values: Values | None) -> Iterator[tuple[str, str]]:
    """What is wrong with the values of a condition, in Chinese and English; nothing where anything may stand there.

    Every condition of a book passes here: ``tests/grammar/test_conditions_checked.py`` holds that.
    """
    if values is None:
        return
    kind, words = values.kind, values.words
    for value in _values(condition):
        if words is not None and _said(value) not in words:
            yield (
                f"“{name}”不会是“{value}”，这个条件永远不成立；可用：{'、'.join(words) or '（无）'}。",
                f"{name} is never {value!r}, so the condition is never met; use one of {', '.join(words) or '(none)'}.",
            )
        elif not _fits(value, kind):
            yield (
                f"“{name}”是{_CALLED[kind][0]}，“{value}”不是；请改正。",
                f"{name} is {_CALLED[kind][1]}, and {value!r} is none; correct it.",
            )
    if condition.starts is not None and kind != "text":
        yield (
            f"“{name}”是{_CALLED[kind][0]}，没有“以……开头”（starts）一说；请改用 at_least 等。",
            f"{name} is {_CALLED[kind][1]} and begins with nothing (starts); compare it instead.",
        )
    if condition.starts is not None and words is not None and not any(w.startswith(condition.starts) for w in words):
        yield (
            f"“{name}”没有以“{condition.starts}”开头的值，这个条件永远不成立；可用：{'、'.join(words)}。",
            f"{name} never begins with {condition.starts!r}, so the condition is never met; use one of "
            f"{', '.join(words)}.",
        )
    compared = [key for key in _COMPARED if getattr(condition, key) is not None]
    if compared and not values.ordered and (kind in ("flag", "several") or words is not None):
        yield (
            f"“{name}”的值没有大小先后，不能用 {compared[0]}；请写明是哪几个。",
            f"The values of {name} have no order, so {compared[0]} says nothing; name the values.",
        )


def _said(value: Scalar) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


_CALLED = {
    "day": ("日期（如 2026-01-31）", "a day (like 2026-01-31)"),
    "number": ("数", "a number"),
    "flag": ("是或否（true、false）", "true or false"),
    "several": ("几个词", "several words"),
    "text": ("文字", "a text"),
}


def _kind(name: str, entry: RecordEntry) -> str:
    """What values a column has: ``day``, ``number``, ``flag``, ``several`` or ``text``."""
    if name in ("occurred_on", "valid_until"):
        return "day"
    found = field_columns(entry).get(name)
    type_ = found[2] if found is not None else "VARCHAR"
    return _kind_of(type_)


def _kind_of(type_: str) -> str:
    """What values a column of a DuckDB type has."""
    if type_.endswith("[]"):
        return "several"
    if type_.startswith(_NUMBERS):
        return "number"
    return {"DATE": "day", "BOOLEAN": "flag"}.get(type_, "text")


def _words(name: str, entry: RecordEntry) -> tuple[str, ...] | None:
    """The words that a column has, in all sources; None where it may have any."""
    if name == "outcome":
        return OUTCOMES
    if name == "severity":
        return _SEVERITIES
    found = field_columns(entry).get(name)
    if found is None or found[1]:
        return None
    return _choices_of([types[found[0]] for types in entry.types.values()])


def _choices_of(kinds: Sequence[FieldType]) -> tuple[str, ...] | None:
    """The words of a field in all sources; None where one of them takes any."""
    said: dict[str, None] = {}
    for kind in kinds:
        if not isinstance(kind, Choice):
            return None
        said |= dict.fromkeys(kind.choices)
    return tuple(said) or None


def _values(condition: Condition) -> Iterator[Scalar]:
    single = (condition.equals, *(getattr(condition, key) for key in _COMPARED))
    yield from (value for value in single if value is not None)
    yield from (*(condition.any_of or ()), *(condition.none_of or ()))


def _fits(value: Scalar, kind: str) -> bool:
    if kind == "flag":
        return str(value).lower() in ("true", "false")
    if kind == "number":
        try:
            return not isinstance(value, bool) and Decimal(str(value)).is_finite()
        except InvalidOperation:
            return False
    if kind == "day":
        try:
            return bool(isinstance(value, dt.date) or dt.date.fromisoformat(str(value)))
        except ValueError:
            return False
    return True
