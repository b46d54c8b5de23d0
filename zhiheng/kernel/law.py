"""Law as dated parameters.

A number from the law is never in Python. It stands in the book with the day since which it holds, its unit, its article
and the day on which it was last checked against the text. Old values stay beside new ones and are picked by the day of
the *event*, so yesterday's decision can be replayed under yesterday's law. Where the book has no value for a day the
answer is a refusal, never the nearest value.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from zhiheng.kernel import refusals
from zhiheng.kernel.days import UNITS, Period, Unit, months_later
from zhiheng.kernel.reasons import Refusal, Refused

Amount = int | float
# A number, a choice of words, a list of these, or a table: recall level -> its own number.
Value = Amount | str | tuple[Amount | str, ...] | Mapping[str, Amount | str]
Kind = Literal["period", "percentage", "money", "number", "choice"]

PERCENT: Final = "%"
MONEY: Final = "CNY"


@dataclass(frozen=True, slots=True)
class Instrument:
    """One edition of a law, regulation, order or standard that parameters cite. ``zh`` is its title without brackets.

    ``in_force`` is the day on which this edition came into force; ``url`` its official page, ``search`` the official
    database where the page itself is not known; ``file`` its name in a folder of law texts.
    """

    id: str
    zh: str
    en: str
    order: str = ""
    in_force: date | None = None
    url: str = ""
    search: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value of one parameter: since when it holds, in what unit, by which article, and whether it was checked.

    ``text`` is one edition of the text; where a value outlives an edition there is one such entry for each, and
    ``begins`` is the day since which the value itself holds. ``until`` is the last day on which it holds, where it was
    repealed without a successor. ``first`` says that there was no such rule before. ``checked`` is None as long as the
    value was not found in the text; ``lead`` then says where the claim comes from.
    """

    topic: str
    name: str
    zh: str
    en: str
    value: Value
    unit: str
    text: Instrument
    article: str
    since: date
    until: date | None = None
    checked: date | None = None
    lead: str = ""
    note_zh: str = ""
    note_en: str = ""
    begins: date | None = None
    first: bool = False

    @property
    def kind(self) -> Kind:
        """What the value is, as its unit says."""
        if self.unit in UNITS:
            return "period"
        if self.unit == PERCENT:
            return "percentage"
        if self.unit == MONEY:
            return "money"
        return "number" if self.unit or self._is_numeric() else "choice"

    def period(self, row: str = "") -> Period:
        """The value as a period; ``row`` picks a line of a table (``level_1``).

        Raises Refused where the value is no period or the table has no such line.
        """
        value = self.row(row) if row else self.value
        unit = _unit_of_time(self.unit)
        if unit is None or not isinstance(value, int):
            raise Refused(refusals.no_period((self.zh, self.en), key=f"{self.topic}.{self.name}"))
        return Period(value, unit)

    def row(self, name: str) -> Amount | str:
        """One line of a table. Raises Refused where there is no table or no such line."""
        if isinstance(self.value, Mapping) and name in self.value:
            return self.value[name]
        rows = ", ".join(self.value) if isinstance(self.value, Mapping) else ""
        raise Refused(refusals.no_row((self.zh, self.en), row=name, rows=rows, key=f"{self.topic}.{self.name}"))

    def cited(self, lang: str = "zh") -> str:
        """'《产品质量监督抽查管理暂行办法》（国家市场监督管理总局令第18号）第三十六条'."""
        if lang == "zh":
            return f"《{self.text.zh}》{f'（{self.text.order}）' if self.text.order else ''}{self.article}"
        order = f" ({self.text.order})" if self.text.order else ""
        return f"{self.text.en}{order}{', ' if self.article else ''}{self.article}"

    def _is_numeric(self) -> bool:
        if isinstance(self.value, Mapping):
            return all(not isinstance(v, str) for v in self.value.values())
        if isinstance(self.value, tuple):
            return all(not isinstance(v, str) for v in self.value)
        return not isinstance(self.value, str)


class LawKey(NamedTuple):
    """How the book names a parameter of the law: ``topic.parameter``, or ``topic.parameter.row`` for one line of a
    table.

    ``row`` is empty where no line is named; a workflow may name the field that says which line: ``{level}``. A part
    that is missing is empty, so the law refuses it as unknown instead of a mistake passing for another name.
    """

    topic: str
    parameter: str
    row: str = ""

    @staticmethod
    @lru_cache(1 << 12)
    def parse(written: str) -> LawKey:
        """The key as the book writes it; everything after the second point belongs to the row."""
        topic, _, rest = written.partition(".")
        parameter, _, row = rest.partition(".")
        return LawKey(topic, parameter, row)

    def __str__(self) -> str:
        return f"{self.name}.{self.row}" if self.row else self.name

    @property
    def name(self) -> str:
        """``topic.parameter``, without the row."""
        return f"{self.topic}.{self.parameter}"

    @property
    def row_field(self) -> str:
        """The field of a case that says which row is meant (``{level}`` -> ``level``); empty where the row is spelt
        out.
        """
        return self.row[1:-1] if self.row.startswith("{") else ""


class Law:
    """Every dated parameter of the book. Immutable after construction."""

    __slots__ = ("_by_name", "_digest", "_since")

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        by_name: dict[tuple[str, str], list[Parameter]] = {}
        for parameter in parameters:
            by_name.setdefault((parameter.topic, parameter.name), []).append(parameter)
        self._by_name: dict[tuple[str, str], tuple[Parameter, ...]] = {}
        self._since: dict[tuple[str, str], tuple[date, ...]] = {}
        for key in sorted(by_name):
            values = tuple(sorted(by_name[key], key=lambda p: p.since))
            for earlier, later in itertools.pairwise(values):
                if earlier.since == later.since:
                    raise ValueError(f"{'.'.join(key)}: two values hold from {later.since}")
                if earlier.until is not None and earlier.until >= later.since:
                    raise ValueError(f"{'.'.join(key)}: the value from {earlier.since} runs into that of {later.since}")
            self._by_name[key] = values
            self._since[key] = tuple(p.since for p in values)
        self._digest = ""

    def __iter__(self) -> Iterator[Parameter]:
        """Every value of every parameter, by topic, name and day."""
        for values in self._by_name.values():
            yield from values

    def __len__(self) -> int:
        return sum(map(len, self._by_name.values()))

    def rules(self) -> Iterator[Parameter]:
        """Every value once, in the newest edition of the text that says it."""
        for key in self._by_name:
            yield from self.values(*key)

    def values(self, topic: str, parameter: str) -> tuple[Parameter, ...]:
        """Every value of a parameter once, oldest first, each in the newest edition of the text that says it."""
        newest = {p.begins or p.since: p for p in self.history(topic, parameter)}
        return tuple(newest.values())

    def topics(self) -> tuple[str, ...]:
        """The topics, in order of their names."""
        return tuple(dict.fromkeys(topic for topic, _ in self._by_name))

    def names(self, topic: str) -> tuple[str, ...]:
        """The parameters of a topic."""
        return tuple(name for of, name in self._by_name if of == topic)

    def history(self, topic: str, parameter: str) -> tuple[Parameter, ...]:
        """Every value that a parameter has had, oldest first. Raises Refused where the book does not know it."""
        values = self._by_name.get((topic, parameter))
        if values is None:
            raise Refused(self._unknown(topic, parameter))
        return values

    def at(self, topic: str, parameter: str, day: date) -> Parameter:
        """The value that held on a day (the day of the event).

        Raises Refused where the book does not know the parameter or has no value for that day.
        """
        values = self.history(topic, parameter)
        at = bisect_right(self._since[topic, parameter], day) - 1
        if at >= 0:
            found = values[at]
            if found.until is None or day <= found.until:
                return found
            raise Refused(
                refusals.law_repealed(
                    (found.zh, found.en),
                    day=day,
                    cited=(found.cited(), found.cited("en")),
                    until=found.until,
                    key=f"{topic}.{parameter}",
                )
            )
        first = values[0]
        if first.first:
            raise Refused(
                refusals.law_not_yet(
                    (first.zh, first.en),
                    day=day,
                    since=first.since,
                    cited=(first.cited(), first.cited("en")),
                    key=f"{topic}.{parameter}",
                )
            )
        raise Refused(
            refusals.law_before_first(
                (first.zh, first.en),
                day=day,
                since=first.since,
                cited=(first.cited(), first.cited("en")),
                key=f"{topic}.{parameter}",
            )
        )

    def of(self, key: LawKey, day: date) -> Parameter:
        """The value of a key that held on a day; the row is not looked at. Raises Refused as ``at`` does."""
        return self.at(key.topic, key.parameter, day)

    def digest(self) -> str:
        """A SHA-256 over every value, so that a decision can name the edition of the law that it relied on."""
        if not self._digest:
            rows = [
                [
                    p.topic,
                    p.name,
                    p.since.isoformat(),
                    p.until.isoformat() if p.until else None,
                    dict(p.value) if isinstance(p.value, Mapping) else p.value,
                    p.unit,
                    p.text.id,
                    p.article,
                ]
                for p in self
            ]
            canonical = json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            self._digest = hashlib.sha256(canonical.encode()).hexdigest()
        return self._digest

    def _unknown(self, topic: str, parameter: str) -> Refusal:
        if topic not in self.topics():
            near = get_close_matches(topic, self.topics(), n=1)
            known = "、".join(self.topics())
            return refusals.topic_unknown(topic, near=near, known=known)
        near = get_close_matches(parameter, self.names(topic), n=1)
        known = "、".join(self.names(topic))
        return refusals.parameter_unknown(topic, parameter=parameter, near=near, known=known)


@dataclass(frozen=True, slots=True)
class StaleParameter:
    """A parameter that is due to be checked against its text again, and the age of its last check (None: never
    checked).
    """

    parameter: Parameter
    months: int | None
    zh: str
    en: str


def stale(law: Law, today: date, months: int) -> tuple[StaleParameter, ...]:
    """Parameters never checked, or checked more than ``months`` whole months before ``today``.

    The never checked first, then the oldest check first.
    """
    found = []
    for parameter in law.rules():
        since = parameter.begins or parameter.since
        name = f"{parameter.topic}.{parameter.name}（{parameter.zh}，自 {since} 起）"
        name_en = f"{parameter.topic}.{parameter.name} ({parameter.en}, from {since})"
        if parameter.checked is None:
            found.append(
                StaleParameter(
                    parameter,
                    None,
                    f"{name}从未与原文核对；请查阅{parameter.cited()}并填写核对日期。",
                    f"{name_en} was never checked against the text; read {parameter.cited('en')} and enter the day.",
                )
            )
            continue
        if today > months_later(parameter.checked, months):
            age = _whole_months(parameter.checked, today)
            cited = parameter.cited("en")
            found.append(
                StaleParameter(
                    parameter,
                    age,
                    f"{name}上次核对是 {parameter.checked}，已逾 {age} 个月；请重新核对{parameter.cited()}。",
                    f"{name_en} was last checked on {parameter.checked}, {age} months ago; check {cited} again.",
                )
            )
    return tuple(sorted(found, key=lambda s: (s.months is not None, s.parameter.checked or date.min)))


def _unit_of_time(unit: str) -> Unit | None:
    for known in UNITS:
        if unit == known:
            return known
    return None


def _whole_months(earlier: date, later: date) -> int:
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months - 1 if months_later(earlier, months) > later else months
