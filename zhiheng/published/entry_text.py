"""How the texts of an entry are kept and shown: the kept form is a short list, the shown one has a label in the
reader's language.

Kept: ``null`` (the row says nothing), ``"text"`` (the same in both languages), ``["中文", "English"]``, ``{"m": ...}``
(masked; what is left of it, perhaps nothing).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from zhiheng.engines.naming import outcome_word
from zhiheng.grammar.chapters.records import RecordEntry
from zhiheng.grammar.types import Label
from zhiheng.kernel.facts import canonical

Side = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class EntryLine:
    """A field of an entry as it is shown."""

    target: str
    label: str
    value: str
    masked: bool
    listed: bool


Told = tuple[str, str, bool] | None


def packed(values: Sequence[Told]) -> str:
    """(zh, en, masked) of every column, as they are kept."""
    return canonical(kept([values])[0])


def kept(rows: Sequence[Sequence[Told]]) -> list[tuple[Any, ...]]:
    """(zh, en, masked) of every column of entries of one form, as what their JSON is made from."""
    if len(_KEPT) > _MOST:
        _KEPT.clear()
    columns: list[Iterable[Any]] = []
    for column in zip(*rows, strict=True):
        # In a list most columns say the same of many entries, or nothing.
        if column.count(column[0]) == len(column):
            columns.append([_KEPT[column[0]]] * len(column))
        else:
            columns.append(map(_KEPT.__getitem__, column))
    return list(zip(*columns, strict=True)) if columns else [()] * len(rows)


class _Kept(dict[Told, Any]):
    """A value -> how it is kept. Most columns of a list have few values, and thousands of entries are packed at a
    time.
    """

    def __missing__(self, value: Told) -> Any:
        made: Any = None
        if value is not None:
            zh, en, masked = value
            made = zh if zh == en else [zh, en]
            made = {"m": made} if masked else made
        self[value] = made
        return made


_MOST = 100_000
_KEPT = _Kept()


def text_of(kept: Any, side: Side) -> tuple[str, bool]:
    """A kept value as (text, masked)."""
    masked = isinstance(kept, dict)
    text = kept["m"] if masked else kept
    if text is None:
        return "", masked
    return (text[0 if side == "zh" else 1] if isinstance(text, list) else text), masked


def lines(columns: Sequence[Mapping[str, Any]], values: str, side: Side) -> list[EntryLine]:
    """The fields of an entry that say something, in the order of its form."""
    shown = []
    for column, kept in zip(columns, orjson.loads(values), strict=True):
        if kept is not None:
            text, masked = text_of(kept, side)
            shown.append(EntryLine(column["target"], column[side], text, masked, column["listed"]))
    return shown


def outcome_of(
    outcome: str, columns: Sequence[Mapping[str, Any]], values: str, entry: RecordEntry | None
) -> Label | None:
    """What came out of it, in the words of the record; nothing where the entry says nothing of the kind."""
    record, types = (entry.record, next(iter(entry.types.values()))) if entry is not None else (None, {})
    decides = record.outcome.field if record is not None and record.outcome is not None else ""
    said = None
    for column, kept in zip(columns, orjson.loads(values), strict=True):
        if column["target"] == decides and kept is not None:
            zh, en = text_of(kept, "zh")[0], text_of(kept, "en")[0]
            said = Label(zh=zh, en=en) if zh and en else None
    return outcome_word(outcome or None, record, types, said)


def row(values: str, side: Side) -> list[str]:
    """Every column of an entry as a text, for a table or a file."""
    return [text_of(kept, side)[0] for kept in orjson.loads(values)]
