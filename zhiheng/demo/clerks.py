"""How a clerk spells a value: the same day five ways, full-width digits, a space too many, half a bracket.

A *form* is a record in one source's layout; a *clerk* writes canonical values into it, each file in the habits of its
own
clerk. Only spellings vary here, never meanings: whatever a clerk does, the book must read the same value out of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from zhiheng.demo.layouts import Cell
from zhiheng.grammar.chapters.record_pages import FieldDefinition, Record, Source

Mark = Literal["", "refused", "duplicate"]
DateStyle = Literal["iso", "slash", "zh", "compact", "serial", "cell"]
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
_WIDE_BRACKETS = str.maketrans("()", "（）")
_NARROW_BRACKETS = str.maketrans("（）", "()")

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToldRow:
    """A row before it is spelled: values by target, and what must become of it.

    ``mark``: '' a new fact, 'refused' cannot be accepted, 'duplicate' was said before. ``number`` decides the clerk's
    slips,
    so that a row that is handed in twice is spelled in the same way twice (but for its days).
    """

    values: Values
    mark: Mark = ""
    number: int = 0

    def again(self) -> ToldRow:
        """The same row in a later file: what was accepted is a duplicate then, what was refused is refused again."""
        return ToldRow(self.values, self.mark or "duplicate", self.number)


class DemoForm:
    """A record in one source's layout."""

    def __init__(self, record_id: str, record: Record, source_id: str, source: Source) -> None:
        self.record_id = record_id
        self.source_id = source_id
        self.record = record
        self.source = source
        self.headings: tuple[str, ...] = tuple(source.columns)
        self._targets = tuple(source.targets(heading) for heading in self.headings)
        self._checked: set[frozenset[str]] = set()

    def check(self, values: Values) -> None:
        """Refuse a target that the record does not have: a slip in the demo must not become an empty column."""
        names = frozenset(values)
        if names in self._checked:
            return
        for target in names:
            if target.partition(".")[0] not in self.record.fields:
                known = ", ".join(self.record.fields)
                raise KeyError(f"{self.record_id} has no field {target!r}; fields are: {known}")
        self._checked.add(names)

    def definition(self, target: str) -> tuple[FieldDefinition, Mapping[str, Any]]:
        """The field of a target and the options that hold in this layout."""
        name = target.partition(".")[0]
        field = self.record.fields[name]
        return field, {**field.options, **self.source.options.get(name, {})}

    @property
    def targets(self) -> tuple[tuple[str, ...], ...]:
        """For each heading, the targets that it feeds."""
        return self._targets


class Slips:
    """A stream of random numbers that begins anew with each row: the row's number alone decides it."""

    def __init__(self) -> None:
        self._state = 0

    def begin(self, number: int) -> None:
        """Start the stream of a row."""
        self._state = (number * 0x9E3779B97F4A7C15 + 0x2545F4914F6CDD1D) & 0xFFFFFFFFFFFFFFFF

    def random(self) -> float:
        """The next number from 0 to below 1 (a 64-bit linear congruential generator)."""
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        return (self._state >> 11) / 9007199254740992.0


class Clerk:
    """Writes rows into a form, with the habits of one person."""

    def __init__(
        self, form: DemoForm, *, dates: DateStyle = "iso", slips: float = 0.02, numbers_as_text: bool = True
    ) -> None:
        """``slips``: the share of texts with a space too many, full-width digits or another bracket."""
        self.form = form
        self._rng = Slips()
        self._slips = slips
        self._dates = dates
        self._as_text = numbers_as_text
        self._days: dict[dt.date, Cell] = {}
        self._spellers: dict[str, Callable[[Any], Cell]] = {}

    def write(self, rows: Iterable[ToldRow]) -> Iterator[list[Cell]]:
        """The rows as cells in the order of the form's headings."""
        spellers = self._spellers
        targets = self.form.targets
        for told in rows:
            values = told.values
            self.form.check(values)
            self._rng.begin(told.number)
            line: list[Cell] = []
            for options in targets:
                cell: Cell = ""
                for target in options:
                    value = values.get(target)
                    if value is not None:
                        speller = spellers.get(target)
                        if speller is None:
                            speller = spellers[target] = self._speller(target)
                        cell = speller(value)
                        break
                line.append(cell)
            yield line

    def _speller(self, target: str) -> Callable[[Any], Cell]:
        field, options = self.form.definition(target)
        part = target.partition(".")[2]
        if field.type == "day":
            return self._day
        if field.type in ("choice", "multi_choice") and not part:
            return self._choice(options.get("choices", {}))
        if field.type == "yes_no":
            return lambda value: value if isinstance(value, str) else ("是" if value else "否")
        if field.type == "party" and not part:
            return self._party
        if field.type in ("decimal", "integer", "money", "percentage"):
            return self._number
        if field.type in ("text", "long_text"):
            return self._text
        return lambda value: str(value)

    def _day(self, value: Any) -> Cell:
        if isinstance(value, str):
            return value
        cell = self._days.get(value)
        if cell is None:
            cell = self._days[value] = spell_day(value, self._dates)
        return cell

    def _choice(self, choices: Mapping[str, Sequence[str]]) -> Callable[[Any], Cell]:
        words = {code: tuple(spellings) for code, spellings in choices.items()}

        def spell(value: Any) -> Cell:
            codes = value if isinstance(value, list | tuple) else (value,)
            out = []
            for code in codes:
                spellings = words.get(code)
                # A word that is no code of the book is written as it is: that is how a broken cell is made.
                if not spellings:
                    out.append(str(code))
                elif self._rng.random() < self._slips:
                    out.append(spellings[int(self._rng.random() * len(spellings))])
                else:
                    out.append(spellings[0])
            return "、".join(out)

        return spell

    def _party(self, value: Any) -> Cell:
        text = str(value)
        if self._rng.random() >= self._slips or len(text) < 6:
            return text
        slip = int(self._rng.random() * 5)
        if slip == 0:
            return text + "  "
        if slip == 1:
            return "\u3000" + text
        if slip == 2:
            middle = len(text) // 2
            return f"{text[:middle]}\n{text[middle:]}"
        return text.translate(_NARROW_BRACKETS if "（" in text else _WIDE_BRACKETS) + (" " if slip == 3 else "")

    def _number(self, value: Any) -> Cell:
        slip = self._rng.random()
        if isinstance(value, str):
            return value
        if not self._as_text:
            return int(value) if value == int(value) else float(value)
        text = str(value)
        if slip < self._slips / 4:
            return text if text.startswith("-") else text.translate(_WIDE)
        return f"{value:,}" if slip < self._slips and abs(value) >= 10_000 else text

    def _text(self, value: Any) -> Cell:
        text = str(value)
        return text + " " if self._rng.random() < self._slips else text


def spell_day(value: dt.date, style: DateStyle) -> Cell:
    """A day in one of the spellings that departments use."""
    match style:
        case "iso":
            return value.isoformat()
        case "slash":
            return f"{value.year}/{value.month}/{value.day}"
        case "zh":
            return f"{value.year}年{value.month}月{value.day}日"
        case "compact":
            return f"{value:%Y%m%d}"
        case "serial":
            return (value - dt.date(1899, 12, 30)).days
        case "cell":
            return value
