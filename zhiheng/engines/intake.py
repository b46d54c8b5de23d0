"""A row becomes a fact or a refusal, a column at a time.

Each distinct text of a column is cleaned once; rows are then put together from ready pieces of canonical JSON. Nothing here
knows a database: the result is columns that the receiving action numbers, hashes and stores.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import orjson

from zhiheng.engines.recognise import Layout
from zhiheng.grammar.headings import heading_key
from zhiheng.grammar.records import Rule
from zhiheng.kernel.doubts import DAY_ASKED, DAY_EARLY
from zhiheng.kernel.facts import Party, canonical
from zhiheng.kernel.fields.base import NO_PARTS, FieldType, Value
from zhiheng.kernel.fields.day import FOREVER
from zhiheng.kernel.fields.text import quote
from zhiheng.kernel.reasons import Flag, Refusal

# A record's clean.py may reshape a whole row: values in, values (and flags) out, or a refusal.
RowCleaner = Callable[[dict[str, Value]], "dict[str, Value] | tuple[dict[str, Value], list[Flag]] | Refusal"]

# The code of a refusal that time heals: handed in again on a later day, the row may be accepted.
DAY_AHEAD = "day.ahead"
# A column with more distinct texts than this (batch numbers, say) is forgotten now and then; parties cost more to read
# again, and come back more often.
_KEEP_DISTINCT = 50_000
_KEEP_PARTIES = 200_000
_dumps = orjson.dumps
_SORTED = orjson.OPT_SORT_KEYS


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not accepted: where it stood, its cells as delivered, and every reason found."""

    row_number: int
    cells: tuple[str, ...]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row that is no data (a total, a remark): where it stood, its cells as delivered, and what it was taken for."""

    row_number: int
    cells: tuple[str, ...]
    why: Flag


@dataclass(slots=True)
class Batch:
    """Accepted rows as columns of equal length, and the refused ones. Days are ISO texts.

    ``party_columns`` has one column per party field (and one for what the record is about); cells with the same text share one
    tuple, so whoever resolves parties does it once per tuple. ``things`` says which thing a row speaks of (the values of the
    record's key), so that a later statement about it replaces the earlier; None where the record or the row has no whole key.
    """

    row_numbers: list[int] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    occurred_on: list[str] = field(default_factory=list)
    valid_until: list[str | None] = field(default_factory=list)
    outcome: list[str | None] = field(default_factory=list)
    area: list[str | None] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    things: list[str | None] = field(default_factory=list)
    party_columns: list[list[tuple[Party, ...]]] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.row_numbers)

    def parties_of(self, index: int) -> tuple[Party, ...]:
        """All parties of one row."""
        return tuple(party for column in self.party_columns for party in column[index])


class _Distinct:
    """What each distinct text (or group of texts) of a field gave: a ready piece of JSON, a value, parties, a refusal."""

    __slots__ = ("doubts", "parties", "piece", "refusal", "value")

    def __init__(self) -> None:
        self.piece: dict[Any, str] = {}
        self.value: dict[Any, Value] = {}
        self.parties: dict[Any, tuple[Party, ...]] = {}
        self.refusal: dict[Any, Refusal] = {}
        self.doubts: dict[Any, tuple[str, ...]] = {}

    def clear(self) -> None:
        """Forget everything."""
        for each in (self.piece, self.value, self.parties, self.refusal, self.doubts):
            each.clear()


@dataclass(slots=True)
class _Column:
    """A field of a chunk: the text (or group of texts) of each row, and what the distinct ones gave."""

    texts: Sequence[Any]
    distinct: _Distinct

    def pieces(self) -> list[str]:
        """The ready pieces of JSON, row by row."""
        return list(map(self.distinct.piece.__getitem__, self.texts))

    def values(self) -> list[Value]:
        """The values, row by row; None where nothing was said."""
        return list(map(self.distinct.value.get, self.texts))

    def parties(self) -> list[tuple[Party, ...]]:
        """The parties, row by row."""
        return [self.distinct.parties.get(text, ()) for text in self.texts]


class Intake:
    """Reads the rows of one layout; made once for a table, it remembers what it has cleaned before."""

    def __init__(
        self,
        layout: Layout,
        types: Mapping[str, FieldType],
        headings: Sequence[str],
        *,
        delivered_on: dt.date | None,
        row_cleaner: RowCleaner | None = None,
    ) -> None:
        """``types`` are the record's field types with this source's options; ``headings`` as they stand in the table.

        ``delivered_on``: what is said to have happened later is refused or flagged, as the record says; None where a row is read
        that was judged before (an example of the book without a day).
        """
        self.layout = layout
        self.headings = tuple(headings)
        self._types = types
        self._row_cleaner = row_cleaner
        record, source = layout.record, layout.source
        position: dict[str, int] = {}
        for index, heading in enumerate(headings):
            for target in layout.targets(heading):
                position[target] = index
        # What stands above the column that feeds a field: that is what its sender calls it.
        self._heading = {target: self.headings[index] for target, index in position.items()}
        self._days = {
            name: (record.ahead_of(name), record.earliest_of(name).isoformat())
            for name, field in record.fields.items()
            if field.type == "day"
        }
        self._today = None if delivered_on is None else delivered_on.isoformat()
        self._inputs: list[tuple[str, list[tuple[str, int | None, str]]]] = []
        for name in sorted(record.fields):
            kind = types[name]
            wanted = [(part, position.get(target), source.fixed.get(target, ""))
                      for part, target in [("", name), *((p, f"{name}.{p}") for p in kind.parts)]]  # fmt: skip
            if any(index is not None or fixed for _, index, fixed in wanted):
                self._inputs.append((name, wanted))
        self._fed = {name for name, _ in self._inputs}
        self._cache = {name: _Distinct() for name, _ in self._inputs}
        self._rules = (*record.rules, *source.rules)
        self._required = set(record.required) | {record.on}
        self._needs_values = {record.on, *self._required}
        self._needs_values |= {record.until} if record.until else set()
        self._needs_values |= {record.area} if record.area != "unit" else set()
        self._key = [(name, bool(types[name].columns)) for name in record.key]
        self._needs_values |= {record.outcome.field} if record.outcome else set()
        if record.about:
            self._needs_values |= {n for n in (record.about.code, record.about.name) if n}
        for rule in self._rules:
            self._needs_values |= {*rule.in_order, *rule.differ, *rule.needs, *rule.when}

    def read(self, columns: Sequence[Sequence[str]], row_numbers: Sequence[int]) -> Batch:
        """Turn a chunk (column-major cell texts) into a batch. Every row comes out, accepted or refused."""
        count = len(row_numbers)
        bad: dict[int, list[Refusal]] = {}
        pieces: list[Sequence[str]] = []
        party_pieces: list[Sequence[str]] = []
        party_columns: list[list[tuple[Party, ...]]] = []
        values: dict[str, Sequence[Value]] = {}
        cells: dict[str, _Column] = {}
        flags: dict[int, list[str]] = {}
        parties_at: int | None = None
        for name, wanted in self._inputs:
            column = cells[name] = self._clean_column(name, wanted, columns, count)
            if refused := column.distinct.refusal:
                for index, text in enumerate(column.texts):
                    # A heading that feeds two fields is one cell, and its trouble is told once.
                    if text in refused and not any(_same_trouble(refused[text], r) for r in bad.get(index, ())):
                        bad.setdefault(index, []).append(refused[text])
            if doubted := column.distinct.doubts:
                for index, text in enumerate(column.texts):
                    for code in doubted.get(text, ()):
                        if code not in flags.setdefault(index, []):
                            flags[index].append(code)
            if name > "parties" and parties_at is None:
                parties_at = len(pieces)
            if self._types[name].columns:
                pieces.append(column.pieces())
            else:
                party_pieces.append(column.pieces())
                party_columns.append(column.parties())
            if name in self._needs_values:
                values[name] = column.values()
        for name in self._required:
            given = values.get(name)
            if given is not None and None not in given:
                continue
            for index in range(count) if given is None else [i for i, v in enumerate(given) if v is None]:
                if not any(r.field == name for r in bad.get(index, ())):
                    bad.setdefault(index, []).append(self._empty(name, cells.get(name), index))
        self._apply_rules(values, count, bad, flags)
        if self._row_cleaner is not None:
            return self._row_by_row(columns, row_numbers, cells, flags, bad)
        if party_pieces:
            joined: list[str] = (
                [f'"parties":[{p}]' if p else "" for p in party_pieces[0]]
                if len(party_pieces) == 1
                else [
                    f'"parties":[{",".join(filter(None, t))}]' if any(t) else ""
                    for t in zip(*party_pieces, strict=True)
                ]
            )
            pieces.insert(len(pieces) if parties_at is None else parties_at, joined)
        bodies = ["{" + ",".join(filter(None, t)) + "}" for t in zip(*pieces, strict=True)]
        if self.layout.record.about:
            party_columns.append(self._about_column(values, count))
        return self._batch(columns, row_numbers, bodies, values, self._things(cells, count), party_columns, flags, bad)

    # -- columns -------------------------------------------------------------------------------------------------

    def _clean_column(
        self, name: str, wanted: Sequence[tuple[str, int | None, str]], columns: Sequence[Sequence[str]], count: int
    ) -> _Column:
        distinct = self._cache[name]
        if len(distinct.piece) > (_KEEP_DISTINCT if self._types[name].columns else _KEEP_PARTIES):
            distinct.clear()
        live = [(part, index) for part, index, _ in wanted if index is not None]
        fixed = {part: text for part, index, text in wanted if index is None and text}
        if not live:
            texts: Sequence[Any] = ("",) * count
            if count and "" not in distinct.piece:
                self._clean(name, "", fixed.get("", ""), fixed, distinct)
        elif len(live) == 1:
            part, index = live[0]
            texts = columns[index]
            if part == "" and not fixed:
                for text in set(texts).difference(distinct.piece):
                    self._clean(name, text, text, NO_PARTS, distinct)
            else:
                for text in set(texts).difference(distinct.piece):
                    given = {**fixed, part: text}
                    self._clean(name, text, given.get("", ""), given, distinct)
        else:
            parts = [part for part, _ in live]
            texts = list(zip(*(columns[index] for _, index in live), strict=True))
            for group in set(texts).difference(distinct.piece):
                given = {**fixed, **dict(zip(parts, group, strict=True))}
                self._clean(name, group, given.get("", ""), given, distinct)
        return _Column(texts, distinct)

    def _clean(self, name: str, key: Any, text: str, given: Mapping[str, str], distinct: _Distinct) -> None:
        """Clean one text with its parts and remember what it gave under ``key``."""
        kind = self._types[name]
        parts = {part: given[part] for part in kind.parts if given.get(part)} if kind.parts and given else NO_PARTS
        value = kind.clean(text, parts)
        if not isinstance(value, Refusal) and (doubts := kind.doubts(text, parts, value)):
            distinct.doubts[key] = doubts
        if name in self._days and isinstance(value, str):
            value = self._judged(name, value, text, key, distinct)
        if value is None:
            distinct.piece[key] = ""
        elif isinstance(value, Refusal):
            distinct.piece[key] = ""
            distinct.refusal[key] = value.at(field=name, text=value.text or text)
        elif kind.columns:
            distinct.piece[key] = f'"{name}":{_dumps(value, None, _SORTED).decode()}'
            if name in self._needs_values or self._row_cleaner is not None:
                distinct.value[key] = value
        else:
            distinct.piece[key] = ",".join(canonical(party) for party in value["parties"])
            distinct.parties[key] = tuple(map(_party, value["parties"]))
            if name in self._needs_values or self._row_cleaner is not None:
                distinct.value[key] = value if value["parties"] else None

    def _judged(self, name: str, day: str, text: str, key: Any, distinct: _Distinct) -> str | Refusal:
        """A day held against that of the delivery: what has happened can't lie after it, what is very early is doubtful."""
        ahead, earliest = self._days[name]
        if day < earliest:
            distinct.doubts[key] = (DAY_EARLY,)
        if self._today is None or day <= self._today or day == FOREVER or ahead == "usual":
            return day
        if ahead == "asked":
            distinct.doubts[key] = (*distinct.doubts.get(key, ()), DAY_ASKED)
            return day
        return Refusal(
            DAY_AHEAD,
            f"“{quote(text)}”晚于报送日 {self._today}，这一天还没有到：请核对年份和月日。",
            f"'{quote(text)}' is after the day of delivery, {self._today}, and has not come yet: check year, month and day.",
            text=text,
        )

    def _empty(self, name: str, column: _Column | None, index: int) -> Refusal:
        """A required value is missing: nothing was written, or what was written is none (a place where a name should be)."""
        label = self.layout.record.fields[name].label
        if (heading := self._heading.get(name, "")) and heading_key(heading) != heading_key(label.zh):
            label = label.model_copy(update={"zh": heading, "en": f"{heading} ({label.en})"})
        key = column.texts[index] if column is not None else ""
        if column is not None and column.distinct.doubts.get(key):
            texts = key if isinstance(key, tuple) else (key,)
            said = "、".join(f"“{quote(text)}”" for text in texts if text.strip())
            what = ("单位或个人的名称", "a name") if self._types[name].name == "party" else ("有效的内容", "a value")
            return Refusal(
                "required.not_one",
                f"“{label.zh}”是必填项，这一行写的是{said}，不是{what[0]}。请写全称后重新报送。"
                if what[1] == "a name"
                else f"“{label.zh}”是必填项，这一行写的是{said}，只是占位。请填写后重新报送。",
                f"{label.en} is required, and {said} is not {what[1]}. Write it in full and send the row again.",
                name,
            )
        return Refusal(
            "required",
            f"“{label.zh}”是必填项，这一行没有填写。请补填后重新报送。",
            f"{label.en} is required and is empty in this row. Fill it in and send the row again.",
            name,
        )

    def _apply_rules(
        self,
        values: Mapping[str, Sequence[Value]],
        count: int,
        bad: dict[int, list[Refusal]],
        flags: dict[int, list[str]],
    ) -> None:
        """Refuse or flag the rows that break a rule."""
        for rule in self._rules:
            for index in _broken(rule, values, count):
                if rule.broken == "flag":
                    flags.setdefault(index, []).append(rule.code)
                else:
                    where = (*rule.needs, *rule.differ, *rule.in_order)[0]
                    bad.setdefault(index, []).append(Refusal(f"rule.{rule.code}", rule.says.zh, rule.says.en, where))

    def _things(self, cells: Mapping[str, _Column], count: int) -> list[str | None]:
        """The key of each row; a party stands for its code, or its name where it has none."""
        if not self._key or any(name not in cells for name, _ in self._key):
            return [None] * count
        columns = [
            cells[name].pieces() if plain else [(p[0].code or p[0].name) if p else "" for p in cells[name].parties()]
            for name, plain in self._key
        ]
        return ["\n".join(texts) if all(texts) else None for texts in zip(*columns, strict=True)]

    # -- what it is about ------------------------------------------------------------------------------------------

    def _about_column(self, values: Mapping[str, Sequence[Value]], count: int) -> list[tuple[Party, ...]]:
        """The piece of equipment, project, batch or person that each row is about, where it has a code.

        A product or a person that has nothing but a name is no subject of its own: the name stays in the body.
        """
        about = self.layout.record.about
        assert about is not None
        nothing: Sequence[Value] = [None] * count
        codes = values.get(about.code, nothing) if about.code else nothing
        names = values.get(about.name, nothing) if about.name else nothing
        made: dict[tuple[str, str, str], tuple[Party, ...]] = {}
        column: list[tuple[Party, ...]] = []
        for code, name in zip(codes, names, strict=True):
            text, kind = (code["code"], code.get("kind", "")) if isinstance(code, dict) else (code, "own")
            if not text:
                column.append(())
                continue
            key = (str(text), kind, str(name or ""))
            if key not in made:
                made[key] = (Party(role="about", name=key[2], kind=about.kind, code=key[0], code_kind=kind),)
            column.append(made[key])
        return column

    # -- putting rows together -------------------------------------------------------------------------------------

    def _batch(
        self,
        columns: Sequence[Sequence[str]],
        row_numbers: Sequence[int],
        bodies: list[str],
        values: Mapping[str, Sequence[Value]],
        things: list[str | None],
        party_columns: list[list[tuple[Party, ...]]],
        flags: Mapping[int, list[str]],
        bad: Mapping[int, list[Refusal]],
    ) -> Batch:
        record = self.layout.record
        count = len(row_numbers)
        nothing: Sequence[Value] = [None] * count
        rows = [_dumps(row).decode() for row in zip(*columns, strict=True)]
        until = values.get(record.until, nothing) if record.until else nothing
        area = values.get(record.area, nothing) if record.area != "unit" else nothing
        outcome: Sequence[str | None] = nothing
        if record.outcome:
            seen = values.get(record.outcome.field, nothing)
            meaning = {v: record.outcome.outcome_of(v) for v in {tuple(v) if isinstance(v, list) else v for v in seen}}
            outcome = [meaning[tuple(v) if isinstance(v, list) else v] for v in seen]
        texts = [",".join(flags[i]) if i in flags else "" for i in range(count)] if flags else [""] * count
        whole = Batch(
            list(row_numbers), bodies, rows, list(values.get(record.on, nothing)), list(until), list(outcome),
            list(area), texts, things, party_columns,
        )  # fmt: skip
        if not bad:
            return whole
        keep = [i for i in range(count) if i not in bad]
        kept: tuple[list[Any], ...] = (
            whole.row_numbers, whole.bodies, whole.rows, whole.occurred_on, whole.valid_until, whole.outcome, whole.area,
            whole.flags, whole.things, *whole.party_columns,
        )  # fmt: skip
        for column in kept:
            _keep(column, keep)
        whole.refused = [RefusedRow(row_numbers[i], tuple(c[i] for c in columns), tuple(bad[i])) for i in sorted(bad)]
        return whole

    def _row_by_row(
        self,
        columns: Sequence[Sequence[str]],
        row_numbers: Sequence[int],
        cells: Mapping[str, _Column],
        flags: dict[int, list[str]],
        bad: dict[int, list[Refusal]],
    ) -> Batch:
        """The slow way, for a record with a clean.py: its function sees each row's values and may reshape them."""
        assert self._row_cleaner is not None
        count = len(row_numbers)
        columns_of = {name: column.values() for name, column in cells.items()}
        values: dict[str, list[Value]] = {name: [None] * count for name in self._needs_values}
        bodies = [""] * count
        parties: list[tuple[Party, ...]] = [()] * count
        for index in range(count):
            if index in bad:
                continue
            row = {name: column[index] for name, column in columns_of.items() if column[index] is not None}
            cleaned = self._row_cleaner(dict(row))
            if isinstance(cleaned, Refusal):
                bad.setdefault(index, []).append(cleaned)
                continue
            if isinstance(cleaned, tuple):
                cleaned, found = cleaned
                flags.setdefault(index, []).extend(flag.code for flag in found)
            body: dict[str, Value] = {}
            these: list[dict[str, Any]] = []
            for name, value in cleaned.items():
                if value is None:
                    continue
                if self._types[name].columns:
                    body[name] = value
                else:
                    these += value["parties"]
            if these:
                body["parties"] = these
                parties[index] = tuple(map(_party, these))
            bodies[index] = canonical(body)
            for name in values:
                values[name][index] = cleaned.get(name)
        party_columns = [parties]
        if self.layout.record.about:
            party_columns.append(self._about_column(values, count))
        return self._batch(columns, row_numbers, bodies, values, self._things(cells, count), party_columns, flags, bad)


def _same_trouble(one: Refusal, other: Refusal) -> bool:
    return one.code == other.code == DAY_AHEAD and one.text == other.text


def _keep(column: list[Any], rows: Sequence[int]) -> None:
    """Leave only these rows in a column."""
    column[:] = [column[i] for i in rows]


def _party(said: Mapping[str, Any]) -> Party:
    return Party(
        said["role"], said.get("name", ""), said.get("kind", "enterprise"), said.get("code", ""),
        said.get("code_kind", ""), said.get("address", ""), said.get("place", ""), tuple(said.get("former_names", ())),
    )  # fmt: skip


def _broken(rule: Rule, values: Mapping[str, Sequence[Value]], count: int) -> list[int]:
    """Indexes of the rows that break a rule; a row that leaves a compared field empty does not break an order."""
    rows: Iterable[int] = range(count)
    for name, wanted in rule.when.items():
        column = values.get(name)
        rows = [] if column is None else [i for i in rows if _has(column[i], wanted)]
    if rule.needs:
        columns = [values.get(name) for name in rule.needs]
        return [i for i in rows if any(column is None or column[i] is None for column in columns)]
    if rule.differ:
        left, right = (values.get(name) for name in rule.differ)
        if left is None or right is None:
            return []
        return [i for i in rows if left[i] is not None and left[i] == right[i]]
    broken: set[int] = set()
    for first, second in zip(rule.in_order, rule.in_order[1:], strict=False):
        left, right = values.get(first), values.get(second)
        if left is not None and right is not None:
            broken |= {i for i in rows if left[i] is not None and right[i] is not None and _after(left[i], right[i])}
    return sorted(broken)


def _after(left: Value, right: Value) -> bool:
    """Whether left comes after right: days by the calendar, numbers (canonical decimal texts) by size."""
    if isinstance(left, str) and len(left) == 10 and left[4] == "-" == left[7]:
        return left > str(right)
    return Decimal(left) > Decimal(right)


def _has(value: Value, wanted: str) -> bool:
    """Whether a value, or one of several, is the one that is asked for."""
    return any(_plain(each) == wanted for each in value) if isinstance(value, list) else _plain(value) == wanted


def _plain(value: Value) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
