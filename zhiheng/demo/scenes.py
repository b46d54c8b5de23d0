"""What every department's rows need: the place, its firms, days, running numbers, and shares that come out exactly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from zhiheng.demo.clerks import Mark, ToldRow
from zhiheng.demo.economy import DemoPlace, Firm
from zhiheng.grammar.chapters.district import Unit

AS_OF = dt.date(2026, 10, 31)
YEARS = (2024, 2025, 2026)


@dataclass(slots=True)
class Scene:
    """A place while its files are being written. ``scale``: 1 for the whole demo, less for a quick look or a test."""

    place: DemoPlace
    seed: int
    scale: float = 1.0
    offices: tuple[Unit, ...] = ()
    _told: int = field(default=0)

    def rng(self, topic: str) -> Random:
        """A stream of its own for each topic: a change in one file does not change the others."""
        return Random(f"{self.seed}/{self.place.code}/{topic}")

    def unit(self, office: str) -> str:
        """The id of one of the place's units."""
        return f"{self.place.prefix}_{office}"

    def many(self, full: int, *, step: int = 1) -> int:
        """A number of rows at this scale: a multiple of ``step``, at least one step, so that shares stay exact."""
        return max(step, round(full * self.scale / step) * step)

    def tell(self, values: Mapping[str, Any], mark: Mark = "") -> ToldRow:
        """A row, numbered."""
        self._told += 1
        return ToldRow(values, mark, self._told)

    def division(self, rng: Random) -> str:
        """One of the place's sub-districts, written as the files write it."""
        return self._path(self.place.streets[int(rng.random() * len(self.place.streets))][1])

    def division_of(self, firm: Firm) -> str:
        """The sub-district where a firm stands."""
        return self._path(firm.area_name)

    def _path(self, street: str) -> str:
        # A region is a union of counties and never stands before their names; a district does before its streets.
        return street if self.place.name.endswith("地区") else self.place.name + street


def day_in(rng: Random, year: int) -> dt.date:
    """A day of a year, not after the day on which the demo stands."""
    first = dt.date(year, 1, 1)
    last = min(dt.date(year, 12, 31), AS_OF)
    return first + dt.timedelta(days=int(rng.random() * ((last - first).days + 1)))


def later(rng: Random, day: dt.date, at_least: int, at_most: int) -> dt.date:
    """A day some days later."""
    return day + dt.timedelta(days=at_least + int(rng.random() * (at_most - at_least + 1)))


def quarters() -> Iterator[tuple[dt.date, dt.date]]:
    """First and last day of each quarter of the demo's years, as far as they have passed by its day."""
    for year in YEARS:
        for month in (1, 4, 7, 10):
            first = dt.date(year, month, 1)
            after = dt.date(year + month // 10, (month + 3) % 12, 1)
            if first <= AS_OF:
                yield first, min(after - dt.timedelta(days=1), AS_OF)


def shuffled_exactly(rng: Random, total: int, failing: int) -> list[bool]:
    """``total`` verdicts of which exactly ``failing`` are False, in a random order."""
    verdicts = [True] * (total - failing) + [False] * failing
    rng.shuffle(verdicts)
    return verdicts


def share(total: int, per_thousand: int) -> int:
    """How many of ``total`` are so many per thousand; refuses a total of which that is no whole number."""
    parts = total * per_thousand
    if parts % 1000:
        raise ValueError(f"{per_thousand} per thousand of {total} is no whole number")
    return parts // 1000


def impossible(day: dt.date) -> str:
    """A day that does not exist, as typing slips make it."""
    return f"{day.year}-02-30" if day.month < 7 else f"{day.year}年13月{day.day}日"


def broken_code(code: str) -> str:
    """A code whose check character is wrong."""
    return code[:-1] + ("1" if code[-1] != "1" else "2")
