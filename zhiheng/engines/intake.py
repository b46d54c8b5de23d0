"""A row becomes a fact or a refusal, a column at a time.

Each distinct text of a column is cleaned once; rows are then put together from ready pieces of canonical JSON. Nothing here
knows a database: the result is columns that the receiving action numbers, hashes and stores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import orjson

from zhiheng.engines.recognise import Layout, heading_key
from zhiheng.grammar.records import Rule
from zhiheng.kernel.facts import Party, canonical
from zhiheng.kernel.fields.base import FieldType, Value
from zhiheng.kernel.reasons import Flag, Refusal

# A record's clean.py may reshape a whole row: values in, values (and flags) out, or a refusal.
RowCleaner = Callable[[dict[str, Value]], "dict[str, Value] | tuple[dict[str, Value], list[Flag]] | Refusal"]

_KEEP_DISTINCT = 400_000
_dumps = orjson.dumps


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not accepted: where it stood, its cells as delivered, and every reason found."""

    row_number: int
    cells: tuple[str, ...]
    refusals: tuple[Refusal, ...]


@dataclass(slots=True)
class Batch:
    """Accepted rows as columns of equal length, and the refused ones. Days are ISO texts."""

    row_numbers: list[int] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    occurred_on: list[str] = field(default_factory=list)
    valid_until: list[str | None] = field(default_factory=list)
    outcome: list[str | None] = field(default_factory=list)
    area: list[str | None] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    parties: list[tuple[Party, ...]] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.row_numbers)


@dataclass(frozen=True, slots=True, eq=False)
class _Cell:
    """What one distinct text (with its parts) gave; compared by identity, since each distinct text has one."""

    piece: str
    value: Value
    parties: tuple[Party, ...] = ()
    refusal: Refusal | None = None


class Intake:
    """Reads the rows of one layout; made once for a table, it remembers what it has cleaned before."""

    def __init__(
        self,
        layout: Layout,
        types: Mapping[str, FieldType],
        headings: Sequence[str],
        *,
        row_cleaner: RowCleaner | None = None,
    ) -> None:
        """``types`` are the record's field types with this source's options; ``headings`` as they stand in the table."""
        self.layout = layout
        self.headings = tuple(headings)
        self._types = types
        self._row_cleaner = row_cleaner
        record, source = layout.record, layout.source
        position: dict[str, int] = {}
        for index, heading in enumerate(headings):
            for target in layout.known.get(heading_key(heading), ()) if heading.strip() else ():
                position[target] = index
        self._inputs: list[tuple[str, list[tuple[str, int | None, str]]]] = []
        for name in sorted(record.fields):
            kind = types[name]
            wanted = [(part, position.get(target), source.fixed.get(target, ""))
                      for part, target in [("", name), *((p, f"{name}.{p}") for p in kind.parts)]]  # fmt: skip
            if any(index is not None or fixed for _, index, fixed in wanted):
                self._inputs.append((name, wanted))
        self._fed = {name for name, _ in self._inputs}
        self._cache: dict[str, dict[Any, _Cell]] = {name: {} for name, _ in self._inputs}
        self._rules = (*record.rules, *source.rules)
        self._required = set(record.required) | {record.on}
        self._needs_values = {record.on, *self._required}
        self._needs_values |= {record.until} if record.until else set()
        self._needs_values |= {record.area} if record.area != "unit" else set()
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
        party_columns: list[Sequence[tuple[Party, ...]]] = []
        values: dict[str, Sequence[Value]] = {}
        cells_of: dict[str, list[_Cell]] = {}
        parties_at: int | None = None
        for name, wanted in self._inputs:
            cells = self._clean_column(name, wanted, columns, count)
            cells_of[name] = cells
            for index, refusal in self._refusals(cells):
                bad.setdefault(index, []).append(refusal)
            if "parties" < name and parties_at is None:
                parties_at = len(pieces)
            if self._types[name].columns:
                pieces.append([cell.piece for cell in cells])
            else:
                party_pieces.append([cell.piece for cell in cells])
                party_columns.append([cell.parties for cell in cells])
            if name in self._needs_values:
                values[name] = [cell.value for cell in cells]
        for name in self._required:
            column = values.get(name)
            for index in range(count) if column is None else [i for i, v in enumerate(column) if v is None]:
                if not any(r.field == name for r in bad.get(index, ())):
                    bad.setdefault(index, []).append(self._empty(name))
        flags = self._apply_rules(values, count, bad)
        if self._row_cleaner is not None:
            return self._row_by_row(columns, row_numbers, cells_of, flags, bad)
        if len(party_pieces) == 1:
            joined: list[str] = [f'"parties":[{p}]' if p else "" for p in party_pieces[0]]
            pieces.insert(len(pieces) if parties_at is None else parties_at, joined)
            parties: list[tuple[Party, ...]] = list(party_columns[0])
        elif party_pieces:
            joined = [f'"parties":[{",".join(filter(None, t))}]' if any(t) else "" for t in zip(*party_pieces, strict=True)]
            pieces.insert(len(pieces) if parties_at is None else parties_at, joined)
            parties = [sum(t, ()) for t in zip(*party_columns, strict=True)]
        else:
            parties = [()] * count
        bodies = ["{" + ",".join(filter(None, t)) + "}" for t in zip(*pieces, strict=True)]
        if self.layout.record.about:
            parties = [p + self._about(c, n) for p, c, n in zip(parties, *self._about_columns(values, count), strict=True)]
        return self._batch(columns, row_numbers, bodies, values, parties, flags, bad)

    # -- columns -------------------------------------------------------------------------------------------------

    def _clean_column(
        self, name: str, wanted: Sequence[tuple[str, int | None, str]], columns: Sequence[Sequence[str]], count: int
    ) -> list[_Cell]:
        cache = self._cache[name]
        if len(cache) > _KEEP_DISTINCT:
            cache.clear()
        live = [(part, index) for part, index, _ in wanted if index is not None]
        fixed = {part: text for part, index, text in wanted if index is None and text}
        if not live:
            return [self._clean(name, fixed.get("", ""), fixed)] * count
        if len(live) == 1:
            part, index = live[0]
            texts: Sequence[Any] = columns[index]
            for text in set(texts).difference(cache):
                cache[text] = self._clean(name, text, fixed) if part == "" else self._clean(
                    name, fixed.get("", ""), {**fixed, part: text})  # fmt: skip
        else:
            names = [part for part, _ in live]
            texts = list(zip(*(columns[index] for _, index in live), strict=True))
            for group in set(texts).difference(cache):
                given = {**fixed, **dict(zip(names, group, strict=True))}
                cache[group] = self._clean(name, given.get("", ""), given)
        return [cache[text] for text in texts]

    def _clean(self, name: str, text: str, given: Mapping[str, str]) -> _Cell:
        kind = self._types[name]
        parts = {part: given[part] for part in kind.parts if given.get(part)}
        value = kind.clean(text, parts)
        if isinstance(value, Refusal):
            return _Cell("", None, (), value.at(field=name, text=value.text or text))
        if value is None:
            return _Cell("", None)
        if kind.columns:
            return _Cell(f'"{name}":{canonical(value)}', value)
        parties = tuple(
            Party(
                role=p["role"], name=p.get("name", ""), kind=p.get("kind", "enterprise"), code=p.get("code", ""),
                code_kind=p.get("code_kind", ""), address=p.get("address", ""), place=p.get("place", ""),
            )
            for p in value["parties"]
        )  # fmt: skip
        if not parties:
            return _Cell("", None)
        return _Cell(",".join(canonical(p) for p in value["parties"]), value, parties)

    @staticmethod
    def _refusals(cells: Sequence[_Cell]) -> Iterable[tuple[int, Refusal]]:
        if all(cell.refusal is None for cell in set(cells)):
            return ()
        return [(index, cell.refusal) for index, cell in enumerate(cells) if cell.refusal is not None]

    def _empty(self, name: str) -> Refusal:
        label = self.layout.record.fields[name].label
        return Refusal(
            "required",
            f"“{label.zh}”是必填项，这一行没有填写。请补填后重新报送。",
            f"{label.en} is required and is empty in this row. Fill it in and send the row again.",
            name,
        )

    def _apply_rules(
        self, values: Mapping[str, Sequence[Value]], count: int, bad: dict[int, list[Refusal]]
    ) -> dict[int, list[str]]:
        flags: dict[int, list[str]] = {}
        for rule in self._rules:
            for index in _broken(rule, values, count):
                if rule.broken == "flag":
                    flags.setdefault(index, []).append(rule.code)
                else:
                    where = (*rule.needs, *rule.differ, *rule.in_order)[0]
                    bad.setdefault(index, []).append(Refusal(f"rule.{rule.code}", rule.says.zh, rule.says.en, where))
        return flags

    # -- what it is about ------------------------------------------------------------------------------------------

    def _about_columns(self, values: Mapping[str, Sequence[Value]], count: int) -> tuple[Sequence[Value], Sequence[Value]]:
        about = self.layout.record.about
        assert about is not None
        nothing = [None] * count
        return (
            values.get(about.code, nothing) if about.code else nothing,
            values.get(about.name, nothing) if about.name else nothing,
        )

    def _about(self, code: Value, name: Value) -> tuple[Party, ...]:
        about = self.layout.record.about
        assert about is not None
        text, kind = (code["code"], code.get("kind", "")) if isinstance(code, dict) else (code, "own")
        # A product or a person that has nothing but a name is no subject of its own: the name stays in the body.
        if not text:
            return ()
        return (Party(role="about", name=str(name or ""), kind=about.kind, code=str(text), code_kind=kind),)

    # -- putting rows together -------------------------------------------------------------------------------------

    def _batch(
        self,
        columns: Sequence[Sequence[str]],
        row_numbers: Sequence[int],
        bodies: list[str],
        values: Mapping[str, Sequence[Value]],
        parties: list[tuple[Party, ...]],
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
            list(area), texts, parties,
        )  # fmt: skip
        if not bad:
            return whole
        keep = [i for i in range(count) if i not in bad]
        return Batch(
            *([column[i] for i in keep] for column in (
                whole.row_numbers, whole.bodies, whole.rows, whole.occurred_on, whole.valid_until, whole.outcome,
                whole.area, whole.flags, whole.parties)),
            refused=[RefusedRow(row_numbers[i], tuple(c[i] for c in columns), tuple(bad[i])) for i in sorted(bad)],
        )  # fmt: skip

    def _row_by_row(
        self,
        columns: Sequence[Sequence[str]],
        row_numbers: Sequence[int],
        cells_of: Mapping[str, list[_Cell]],
        flags: dict[int, list[str]],
        bad: dict[int, list[Refusal]],
    ) -> Batch:
        """The slow way, for a record with a clean.py: its function sees each row's values and may reshape them."""
        assert self._row_cleaner is not None
        count = len(row_numbers)
        values: dict[str, list[Value]] = {name: [None] * count for name in self._needs_values}
        bodies = [""] * count
        parties: list[tuple[Party, ...]] = [()] * count
        for index in range(count):
            if index in bad:
                continue
            row = {name: cells[index].value for name, cells in cells_of.items() if cells[index].value is not None}
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
                parties[index] = tuple(
                    Party(p["role"], p.get("name", ""), p.get("kind", "enterprise"), p.get("code", ""),
                          p.get("code_kind", ""), p.get("address", ""), p.get("place", "")) for p in these
                )  # fmt: skip
            bodies[index] = canonical(body)
            for name in values:
                values[name][index] = cleaned.get(name)
            if self.layout.record.about:
                code, name_ = (c[index] for c in self._about_columns(values, count))
                parties[index] += self._about(code, name_)
        return self._batch(columns, row_numbers, bodies, values, parties, flags, bad)


def _broken(rule: Rule, values: Mapping[str, Sequence[Value]], count: int) -> list[int]:
    """Indexes of the rows that break a rule; a row that leaves a compared field empty does not break an order."""
    rows: Iterable[int] = range(count)
    for name, wanted in rule.when.items():
        column = values.get(name)
        rows = [] if column is None else [i for i in rows if _plain(column[i]) == wanted]
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


def _plain(value: Value) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
