"""A row becomes a fact or a refusal, a column at a time.

Each distinct text of a column is cleaned once; rows are then put together from ready pieces of canonical JSON. Nothing
here knows a database: the result is columns that the receiving action numbers, hashes and stores.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from itertools import repeat
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from zhiheng.engines import refusals
from zhiheng.engines.coded import TEXT, Coded, as_json, encoded, glued, joined, texts_of, together
from zhiheng.engines.recognise import Layout
from zhiheng.engines.refusals import DAY_AHEAD
from zhiheng.grammar.chapters.headings import heading_key
from zhiheng.grammar.chapters.record_pages import Rule
from zhiheng.kernel.doubts import DAY_ASKED, DAY_EARLY, PARTY_MASKED
from zhiheng.kernel.facts import Party, canonical
from zhiheng.kernel.fields.base import NO_PARTS, FieldType, Value
from zhiheng.kernel.fields.day import FOREVER
from zhiheng.kernel.fields.measures import counted
from zhiheng.kernel.fields.party import PartyField
from zhiheng.kernel.fields.text import Text
from zhiheng.kernel.fields.visible import quote
from zhiheng.kernel.reasons import Flag, Refusal

# A record's clean.py may reshape a whole row: values in, values (and flags) out, or a refusal.
RowCleaner = Callable[[dict[str, Value]], "dict[str, Value] | tuple[dict[str, Value], list[Flag]] | Refusal"]

# The code of a refusal that time heals: handed in again on a later day, the row may be accepted.
# A column with more distinct texts than this (batch numbers, say) is forgotten now and then; parties cost more to read
# again, and come back more often.
_KEEP_DISTINCT = 50_000
_KEEP_PARTIES = 200_000
# A column is one of words nearly all different where so many of its first are.
_MANY = 512
_dumps = orjson.dumps
_SORTED = orjson.OPT_SORT_KEYS


@dataclass(frozen=True, slots=True)
class RowRefusal:
    """A row that was not accepted: where it stood, its cells as delivered, and every reason found."""

    row_number: int
    cells: tuple[str, ...]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class RowSkip:
    """A row that is no data (a total, a remark): where it stood, its cells as delivered, and what it was taken for."""

    row_number: int
    cells: tuple[str, ...]
    why: Flag


@dataclass(slots=True)
class Batch:
    """Accepted rows as columns of equal length, and the refused ones. Days are ISO texts.

    ``party_columns`` has one column per party field (and one for the subject of the record); cells with the same text
    share one tuple, so parties are resolved once per tuple. ``things`` gives the thing that a row speaks of (the values
    of the record's key), so that a later statement about it replaces the earlier; None where the record or the row has
    no whole key.
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
    refused: list[RowRefusal] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.row_numbers)

    def parties_of(self, index: int) -> tuple[Party, ...]:
        """All parties of one row."""
        return tuple(party for column in self.party_columns for party in column[index])


class _Distinct:
    """What each distinct text (or group of texts) of a field gave: a ready piece of JSON, a value, parties, a refusal.

    Each has a number, by which a chunk looks all of that up: a text is hashed once a chunk.
    """

    __slots__ = ("doubts", "number", "parties", "pieces", "refusal", "values")

    def __init__(self) -> None:
        self.number: dict[Any, int] = {}
        self.pieces: list[str] = []
        self.values: list[Value] = []
        self.parties: list[tuple[Party, ...]] = []
        self.refusal: dict[int, Refusal] = {}
        self.doubts: dict[int, tuple[str, ...]] = {}

    def add(self, key: Any, piece: str, value: Value, parties: tuple[Party, ...]) -> int:
        """Remember what a text gave, under the next number."""
        number = self.number[key] = len(self.pieces)
        self.pieces.append(piece)
        self.values.append(value)
        self.parties.append(parties)
        return number

    def look_up(self, keys: Sequence[Any]) -> tuple[list[int], list[int]]:
        """The number of each of some texts, -1 where it is new, and the places of the new ones."""
        numbers = list(map(self.number.get, keys, repeat(-1)))
        return numbers, [at for at, number in enumerate(numbers) if number < 0] if -1 in numbers else []

    def clear(self) -> None:
        """Forget everything."""
        for each in (self.number, self.pieces, self.values, self.parties, self.refusal, self.doubts):
            each.clear()


@dataclass(slots=True)
class Taken:
    """Accepted rows of a chunk in columns, as they go on to be hashed and stored, and the refused ones. See ``Batch``.

    ``bodies`` and ``rows`` are Arrow arrays of texts; ``flags`` and ``things`` are None where no row has any.
    """

    row_numbers: NDArray[np.int64]
    bodies: Any
    rows: Any
    occurred_on: Coded[str]
    valid_until: Coded[str | None]
    outcome: Coded[str | None]
    area: Coded[str | None]
    flags: Coded[str] | None
    things: list[str | None] | None
    party_columns: list[Coded[tuple[Party, ...]]]
    refused: list[RowRefusal]

    def batch(self) -> Batch:
        """The same as lists, for who looks at a few rows."""
        count = len(self.row_numbers)
        return Batch(
            self.row_numbers.tolist(),
            self.bodies.to_pylist(),
            self.rows.to_pylist(),
            self.occurred_on.rows(),
            self.valid_until.rows(),
            self.outcome.rows(),
            self.area.rows(),
            [""] * count if self.flags is None else self.flags.rows(),
            [None] * count if self.things is None else self.things,
            [column.rows() for column in self.party_columns],
            self.refused,
        )


class _Column:
    """A field of a chunk: the text (or group of texts) of each row, and what the distinct ones gave."""

    __slots__ = ("_distinct", "_numbers", "texts")

    def __init__(self, texts: Coded[Any], distinct: _Distinct, numbers: list[int]) -> None:
        """All texts have been cleaned; ``numbers`` are theirs among the distinct ones."""
        self.texts, self._distinct, self._numbers = texts, distinct, numbers

    def key(self, row: int) -> Any:
        """The text (or group of texts) of a row."""
        codes = self.texts.codes
        return self.texts.values[0 if codes is None else codes[row]]

    def doubts_of(self, key: Any) -> tuple[str, ...]:
        """The codes of what is doubtful in a text of the column."""
        return self._distinct.doubts.get(self._distinct.number.get(key, -1), ())

    def refusals(self) -> list[tuple[int, Refusal]]:
        """(row, why) of the cells that are refused."""
        return self._numbered().where(self._distinct.refusal)

    def doubts(self) -> list[tuple[int, tuple[str, ...]]]:
        """(row, codes) of the cells that are doubtful."""
        return self._numbered().where(self._distinct.doubts)

    def pieces(self, keep: NDArray[np.int64] | None) -> Any:
        """The ready pieces of JSON of these rows (all), null where nothing was said."""
        pieces = self.words()
        return (pieces if keep is None else pieces.take(keep)).texts()

    def words(self) -> Coded[str]:
        """The same by the few texts; empty where nothing was said."""
        return self._told(self._distinct.pieces)

    def values(self) -> Coded[Value]:
        """The values, row by row; None where nothing was said."""
        return self._told(self._distinct.values)

    def missing(self) -> list[int]:
        """The rows in which nothing was said, or nothing that was accepted."""
        return self.values().missing()

    def parties(self) -> Coded[tuple[Party, ...]]:
        """The parties, row by row."""
        return self._told(self._distinct.parties)

    def _numbered(self) -> Coded[int]:
        return Coded(self._numbers, self.texts.codes, self.texts.count)

    def _told(self, of: Sequence[Any]) -> Coded[Any]:
        return Coded(list(map(of.__getitem__, self._numbers)), self.texts.codes, self.texts.count)


class _Plain(_Column):
    """A field of words that are nearly all different: most are their own clean value, and are never looked at one by
    one.
    """

    __slots__ = ("_name", "_odd", "_words")

    def __init__(
        self,
        name: str,
        words: Any,
        odd: NDArray[np.int64],
        texts: Coded[Any],
        distinct: _Distinct,
        numbers: list[int],
    ) -> None:
        """``odd``: the rows that were cleaned one by one, whose texts are ``texts``."""
        super().__init__(texts, distinct, numbers)
        self._name, self._words, self._odd = name, words, odd

    def refusals(self) -> list[tuple[int, Refusal]]:
        """As above, of the rows that had to be cleaned."""
        return [(int(self._odd[row]), why) for row, why in super().refusals()]

    def doubts(self) -> list[tuple[int, tuple[str, ...]]]:
        """As above, of the rows that had to be cleaned."""
        return [(int(self._odd[row]), codes) for row, codes in super().doubts()]

    def missing(self) -> list[int]:
        """As above: what needed no cleaning says something."""
        found: list[int] = self._odd[super().missing()].tolist()
        return found

    def key(self, row: int) -> str:
        """The text of a row."""
        return str(self._words[row].as_py())

    def pieces(self, keep: NDArray[np.int64] | None) -> Any:
        """As above; what is plain needs no escapes."""
        made = glued(f'"{self._name}":"', self._words, '"')
        if len(self._odd):
            odd = np.zeros(len(self._words), bool)
            odd[self._odd] = True
            made = pc.replace_with_mask(made, pa.array(odd), super().pieces(None))
        return made if keep is None else made.take(pa.array(keep))


class _Values:
    """The values of a chunk's fields, laid out row by row on demand."""

    def __init__(self, cells: Mapping[str, _Column], names: Collection[str]) -> None:
        self._coded = {name: cells[name].values() for name in names if name in cells}
        self._rows: dict[str, Sequence[Value]] = {}

    def coded(self, name: str | None) -> Coded[Value] | None:
        """A field by its few values; None where the table has no such column."""
        return self._coded.get(name) if name else None

    def get(self, name: str) -> Sequence[Value] | None:
        """A field row by row; None where the table has no such column."""
        if name not in self._rows and name in self._coded:
            self._rows[name] = self._coded[name].rows()
        return self._rows.get(name)

    def put(self, rows: Mapping[str, Sequence[Value]]) -> None:
        """Fields that were made row by row."""
        for name, values in rows.items():
            self._rows[name], self._coded[name] = values, Coded.of(values)


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

        ``delivered_on``: what is said to have happened later is refused or flagged, as the record says; None where a
        row is read that was judged before (an example of the book without a day).
        """
        self.layout = layout
        self.headings = tuple(headings)
        self._types = types
        self._units = layout.source.units
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
            wanted = [
                (part, position.get(target), source.fixed.get(target, ""))
                for part, target in [("", name), *((p, f"{name}.{p}") for p in kind.parts)]
            ]
            if any(index is not None or fixed for _, index, fixed in wanted):
                self._inputs.append((name, wanted))
        self._fed = {name for name, _ in self._inputs}
        self._cache = {name: _Distinct() for name, _ in self._inputs}
        self._rules = (*record.rules, *source.rules)
        self._required = set(record.required) | {record.on}
        # Whose values are looked at; of what is only required it is enough to know that something was said.
        self._looked_at = {record.on}
        self._looked_at |= {record.until} if record.until else set()
        self._looked_at |= {record.area} if record.area != "unit" else set()
        self._key = [(name, bool(types[name].columns)) for name in record.key]
        self._key_names = frozenset(record.key)
        self._looked_at |= {record.outcome.field} if record.outcome else set()
        if record.about:
            self._looked_at |= {n for n in (record.about.code, record.about.name) if n}
        # The fields that one heading feeds together.
        self._of_one_cell = frozenset(
            frozenset(target.partition(".")[0] for target in targets)
            for targets in layout.known.values()
            if len(targets) > 1
        )
        for rule in self._rules:
            self._looked_at |= {*rule.in_order, *rule.differ, *rule.needs, *rule.when}
        self._needs_values = self._looked_at | self._required

    def read(self, columns: Sequence[Sequence[str]], row_numbers: Sequence[int]) -> Batch:
        """``take``, for a few rows."""
        return self.take(columns, row_numbers).batch()

    def take(self, columns: Sequence[Any], row_numbers: Sequence[int] | NDArray[np.int64]) -> Taken:
        """Turn a chunk into facts and refusals: cells as column-major texts (lists or Arrow arrays). Every row comes
        out, accepted or refused.
        """
        columns = [texts_of(column) for column in columns]
        numbers = np.asarray(row_numbers, np.int64)
        count = len(numbers)
        told: dict[int, Coded[str]] = {}
        bad: dict[int, list[Refusal]] = {}
        # Row and field whose trouble is told already: that of the same cell under another field.
        troubled: set[tuple[int, str]] = set()
        flags: dict[int, list[str]] = {}
        cells: dict[str, _Column] = {}
        for name, wanted in self._inputs:
            column = cells[name] = self._clean_column(name, wanted, columns, told, count)
            for index, why in column.refusals():
                # A heading that feeds two fields is one cell, and its trouble is told once.
                if any(self._same_trouble(why, told_before) for told_before in bad.get(index, ())):
                    troubled.add((index, name))
                else:
                    bad.setdefault(index, []).append(why)
            for index, codes in column.doubts():
                for code in codes:
                    if code not in flags.setdefault(index, []):
                        flags[index].append(code)
        values = _Values(cells, self._looked_at)
        for name in self._required:
            for index in cells[name].missing() if name in cells else range(count):
                if (index, name) not in troubled and not any(r.field == name for r in bad.get(index, ())):
                    bad.setdefault(index, []).append(self._empty(name, cells.get(name), index))
        self._apply_rules(values, count, bad, flags)
        if self._row_cleaner is not None:
            return self._row_by_row(columns, numbers, cells, flags, bad)
        keep = np.array([row for row in range(count) if row not in bad], np.int64) if bad else None
        bodies = self._bodies(cells, keep, count if keep is None else len(keep))
        parties = [cells[name].parties() for name, _ in self._inputs if not self._types[name].columns]
        if self.layout.record.about:
            parties.append(Coded.of(self._about_column(values, count)))
        things = self._things(cells, count)
        return self._taken(columns, numbers, bodies, values, things, parties, flags, bad, keep)

    def _bodies(self, cells: Mapping[str, _Column], keep: NDArray[np.int64] | None, count: int) -> Any:
        """Canonical JSON of the rows that are kept: the pieces of the fields in their order, all parties together."""
        if not count:
            return pa.array([], TEXT)
        pieces: list[Any] = []
        parties: Any = None
        parties_at: int | None = None
        for name, _ in self._inputs:
            if name > "parties" and parties_at is None:
                parties_at = len(pieces)
            piece = cells[name].pieces(keep)
            if self._types[name].columns:
                pieces.append(piece)
            elif parties is None:
                parties = piece
            else:
                parties = pc.coalesce(glued(parties, piece, between=","), parties, piece)
        if parties is not None:
            whole = glued('"parties":[', parties, "]")
            pieces.insert(len(pieces) if parties_at is None else parties_at, whole)
        # A row that is kept has its day, so that no row is empty.
        return glued("{", joined(pieces, ","), "}")

    # -- columns -------------------------------------------------------------------------------------------------

    def _clean_column(
        self,
        name: str,
        wanted: Sequence[tuple[str, int | None, str]],
        columns: Sequence[Any],
        told: dict[int, Coded[str]],
        count: int,
    ) -> _Column:
        """Clean the distinct texts of a field; ``told`` caches the columns by position as their distinct texts."""
        distinct = self._cache[name]
        if len(distinct.pieces) > (_KEEP_DISTINCT if self._types[name].columns else _KEEP_PARTIES):
            distinct.clear()
        live = [(part, index) for part, index, _ in wanted if index is not None]
        fixed = {part: text for part, index, text in wanted if index is None and text}
        if not live:
            number = distinct.number.get("")
            if number is None:
                number = self._clean(name, "", fixed.get("", ""), fixed, distinct)
            return _Column(Coded([""], None, count), distinct, [number])
        if (plain := self._plain(name, live, fixed, columns, distinct)) is not None:
            return plain
        for _, index in live:
            if index not in told:
                told[index] = encoded(columns[index])
        if len(live) == 1:
            part, index = live[0]
            texts: Coded[Any] = told[index]
            numbers, new = distinct.look_up(texts.values)
            for at in new:
                text = texts.values[at]
                given = {**fixed, part: text} if part or fixed else NO_PARTS
                numbers[at] = self._clean(name, text, given.get("", "") if given else text, given, distinct)
        else:
            parts = [part for part, _ in live]
            texts = together([told[index] for _, index in live])
            numbers, new = distinct.look_up(texts.values)
            for at in new:
                group = texts.values[at]
                given = {**fixed, **dict(zip(parts, group, strict=True))}
                numbers[at] = self._clean(name, group, given.get("", ""), given, distinct)
        return _Column(texts, distinct, numbers)

    def _plain(
        self,
        name: str,
        live: Sequence[tuple[str, int]],
        fixed: Mapping[str, str],
        columns: Sequence[Any],
        distinct: _Distinct,
    ) -> _Plain | None:
        """A column of words that are nearly all different, or None where it is none."""
        kind = self._types[name]
        if (
            not isinstance(kind, Text)
            or kind.plain is None
            or self._row_cleaner is not None
            or fixed
            or len(live) > 1
            or live[0][0]
        ):
            return None
        column = columns[live[0][1]]
        if name in self._looked_at or name in self._key_names or len(column) < _MANY:
            return None
        if pc.count_distinct(column.slice(0, _MANY)).as_py() < _MANY * 3 // 4:
            return None
        unlike, most = kind.plain
        other = pc.or_(pc.match_substring_regex(column, unlike), pc.greater(pc.utf8_length(column), most))
        odd = np.flatnonzero(other.to_numpy(zero_copy_only=False))
        texts = encoded(column.take(pa.array(odd)))
        numbers, new = distinct.look_up(texts.values)
        for at in new:
            numbers[at] = self._clean(name, texts.values[at], texts.values[at], NO_PARTS, distinct)
        return _Plain(name, column, odd, texts, distinct, numbers)

    def _clean(self, name: str, key: Any, text: str, given: Mapping[str, str], distinct: _Distinct) -> int:
        """Clean one text with its parts and remember what it gave under ``key``; the number of what is remembered."""
        kind = self._types[name]
        if (
            not given
            and not self._whole_values(name)
            and isinstance(kind, PartyField)
            and (said := kind.plain_name(text))
        ):
            # Nearly every party: letters and digits, which JSON writes as they are.
            return distinct.add(key, f'{{"name":"{said}","role":"{kind.role}"}}', None, (Party(kind.role, said),))
        parts = {part: given[part] for part in kind.parts if given.get(part)} if kind.parts and given else NO_PARTS
        said = text
        if (unit := self._units.get(name)) is not None:
            if "unit" not in kind.parts:
                said = counted(text, unit)
            elif not parts.get("unit"):
                parts = {**parts, "unit": unit}
        value = kind.clean(said, parts)
        doubts = () if isinstance(value, Refusal) else kind.doubts(text, parts, value)
        if name in self._days and isinstance(value, str):
            value, doubts = self._judged(name, value, text, doubts)
        kept = self._whole_values(name)
        if value is None:
            number = distinct.add(key, "", None, ())
        elif isinstance(value, Refusal):
            number = distinct.add(key, "", None, ())
            # What is wrong with a part (the code beside a name) is told of the column of the part alone.
            told = value.at(field=name, text=text if said != text else value.text or text)
            distinct.refusal[number] = replace(told, part=value.field) if value.field in parts else told
        elif kind.columns:
            piece = f'"{name}":{_dumps(value, None, _SORTED).decode()}'
            number = distinct.add(key, piece, value if kept else None, ())
        else:
            piece = ",".join(canonical(party) for party in value["parties"])
            parties = tuple(map(_party, value["parties"]))
            number = distinct.add(key, piece, value if kept and parties else None, parties)
        if doubts:
            distinct.doubts[number] = doubts
        return number

    def _whole_values(self, name: str) -> bool:
        """Whether the values of a field are needed beyond what is already serialised into the body."""
        return name in self._needs_values or self._row_cleaner is not None

    def _judged(self, name: str, day: str, text: str, doubts: tuple[str, ...]) -> tuple[str | Refusal, tuple[str, ...]]:
        """A day held against that of the delivery, and what is doubtful about it: what has happened can't lie after it,
        what is very early is doubtful.
        """
        ahead, earliest = self._days[name]
        if day < earliest:
            doubts = (DAY_EARLY,)
        if self._today is None or day <= self._today or day == FOREVER or ahead == "usual":
            return day, doubts
        if ahead == "asked":
            return day, (*doubts, DAY_ASKED)
        why = refusals.day_ahead(text, today=self._today)
        return why, doubts

    def _empty(self, name: str, column: _Column | None, index: int) -> Refusal:
        """A required value is missing: nothing was written, or what was written is none (a place where a name should
        be).
        """
        label = self.layout.record.fields[name].label
        if (heading := self._heading.get(name, "")) and heading_key(heading) != heading_key(label.zh):
            label = label.model_copy(update={"zh": heading, "en": f"{heading} ({label.en})"})
        key = column.key(index) if column is not None else ""
        if column is not None and (doubts := column.doubts_of(key)):
            texts = key if isinstance(key, tuple) else (key,)
            said = "、".join(f"“{quote(text)}”" for text in texts if text.strip())
            what = ("单位或个人的名称", "a name") if self._types[name].name == "party" else ("有效的内容", "a value")
            if PARTY_MASKED in doubts:
                return refusals.name_masked(label, said=said, field=name)
            return refusals.required_says_nothing(label, said=said, what=what, field=name)
        return refusals.required_empty(label, name)

    def _in_short(self, cells: Sequence[str], reasons: Sequence[Refusal]) -> tuple[Refusal, ...]:
        """The reasons of a refused row; a row with hardly a cell (a total, a heading or a signature that was not
        recognised) gets one sentence instead of a list of all that it lacks.
        """
        lacking = [self.layout.record.fields[why.field].label for why in reasons if why.code == "required"]
        said = [quote(cell, 20) for cell in cells if cell.strip()]
        if len(lacking) < 2 or not said or len(said) > max(1, len(cells) // 3):
            return tuple(reasons)
        return (refusals.row_scant(said, lacking),)

    def _apply_rules(
        self,
        values: _Values,
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

    def _things(self, cells: Mapping[str, _Column], count: int) -> list[str | None] | None:
        """The key of each row; a party stands for its code, or its name where it has none. None where no row has
        one.
        """
        if not self._key or any(name not in cells for name, _ in self._key):
            return None
        columns = []
        for name, plain in self._key:
            cell = cells[name]
            words: Coded[str] = (
                cell.words() if plain else cell.parties().map(lambda p: (p[0].code or p[0].name) if p else "")
            )
            columns.append(words.rows())
        return ["\n".join(texts) if all(texts) else None for texts in zip(*columns, strict=True)]

    # -- what it is about ------------------------------------------------------------------------------------------

    def _about_column(self, values: _Values, count: int) -> list[tuple[Party, ...]]:
        """The piece of equipment, project, batch or person that each row is about, where it has a code.

        A product or a person with only a name makes no subject: the name stays in the body.
        """
        about = self.layout.record.about
        assert about is not None
        nothing: Sequence[Value] = [None] * count
        codes = (values.get(about.code) if about.code else None) or nothing
        names = (values.get(about.name) if about.name else None) or nothing
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

    def _taken(
        self,
        columns: Sequence[Any],
        row_numbers: NDArray[np.int64],
        bodies: Any,
        values: _Values,
        things: list[str | None] | None,
        party_columns: Sequence[Coded[tuple[Party, ...]]],
        flags: Mapping[int, list[str]],
        bad: Mapping[int, list[Refusal]],
        keep: NDArray[np.int64] | None,
    ) -> Taken:
        """The rows that are kept (all where it is None), whose ``bodies`` are made already, and the refused ones."""
        record = self.layout.record
        count = len(row_numbers)
        nothing: Coded[Any] = Coded([None], None, count)

        def kept(column: Coded[Any] | None) -> Coded[Any]:
            found = nothing if column is None else column
            return found if keep is None else found.take(keep)

        outcome = values.coded(record.outcome.field) if record.outcome else None
        if record.outcome and outcome is not None:
            of = record.outcome.outcome_of
            outcome = outcome.map(lambda value: of(tuple(value) if isinstance(value, list) else value))
        rows = (
            glued('["', glued(*map(as_json, columns), between='","'), '"]')
            if columns
            else pa.repeat(pa.scalar("[]", TEXT), count)
        )
        refused: list[RowRefusal] = []
        if keep is not None:
            order = sorted(bad)
            some = pa.array(order, pa.int64())
            cells = zip(*(column.take(some).to_pylist() for column in columns), strict=True)
            refused = [
                RowRefusal(int(row_numbers[row]), texts, self._in_short(texts, bad[row]))
                for row, texts in zip(order, cells, strict=True)
            ]
            rows, row_numbers = rows.take(pa.array(keep)), row_numbers[keep]
        told = [",".join(flags[row]) if row in flags else "" for row in range(count)] if flags else None
        return Taken(
            row_numbers,
            bodies,
            rows,
            kept(values.coded(record.on)),
            kept(values.coded(record.until)),
            kept(outcome),
            kept(values.coded(record.area)) if record.area != "unit" else kept(None),
            None if told is None else kept(Coded.of(told)),
            things if things is None or keep is None else [things[row] for row in keep.tolist()],
            [kept(column) for column in party_columns],
            refused,
        )

    def _same_trouble(self, one: Refusal, other: Refusal) -> bool:
        if one.code != other.code or one.text != other.text:
            return False
        # A cell that is a code and the code of a party (two days from one cell are told each, for their rules differ).
        party = not all(self._types[name].columns for name in (one.field, other.field) if name in self._types)
        return one.code == DAY_AHEAD or (
            party and any({one.field, other.field} <= together for together in self._of_one_cell)
        )

    def _row_by_row(
        self,
        columns: Sequence[Any],
        row_numbers: NDArray[np.int64],
        cells: Mapping[str, _Column],
        flags: dict[int, list[str]],
        bad: dict[int, list[Refusal]],
    ) -> Taken:
        """The slow way, for a record with a clean.py: its function sees each row's values and may reshape them."""
        assert self._row_cleaner is not None
        count = len(row_numbers)
        columns_of = {name: column.values().rows() for name, column in cells.items()}
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
        made = _Values({}, ())
        made.put(values)
        party_columns: list[Coded[tuple[Party, ...]]] = [Coded.of(parties)]
        if self.layout.record.about:
            party_columns.append(Coded.of(self._about_column(made, count)))
        keep = np.array([row for row in range(count) if row not in bad], np.int64) if bad else None
        kept = bodies if keep is None else [bodies[row] for row in keep.tolist()]
        return self._taken(
            columns,
            row_numbers,
            pa.array(kept, TEXT),
            made,
            self._things(cells, count),
            party_columns,
            flags,
            bad,
            keep,
        )


def _party(said: Mapping[str, Any]) -> Party:
    if len(said) == 2 and "name" in said:
        return Party(said["role"], said["name"])
    return Party(
        said["role"],
        said.get("name", ""),
        said.get("kind", "enterprise"),
        said.get("code", ""),
        said.get("code_kind", ""),
        said.get("address", ""),
        said.get("place", ""),
        tuple(said.get("former_names", ())),
    )


def _broken(rule: Rule, values: _Values, count: int) -> list[int]:
    """Indexes of the rows that break a rule; a row that leaves a compared field empty does not break an order."""
    rows: Sequence[int] = range(count)
    for name, wanted in rule.when.items():
        told = values.coded(name)
        rows = [] if told is None else told.among(rows, partial(_has, wanted=wanted))
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
