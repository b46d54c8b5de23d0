"""Series judged in batches, each by itself: what a machine among many does with the series that it is given.

What a detector says of a series depends on no other series. Which detector is asked does: on the first period of which
anything is known at all (``first_known``); that, and which areas said nothing when, every machine is told beforehand
(``BatchPlan``). False alarms over all series of a period (``judge.trend_signals``) are held down after the answers come
together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from zhiheng.engines.detectors.series import Bools, CountSeries
from zhiheng.engines.early_warning.judge import JudgedTable, run_detector, suited
from zhiheng.engines.early_warning.occurrences import EPOCH
from zhiheng.engines.early_warning.series import FREQUENCY, SeriesTable, length, unreported
from zhiheng.grammar.chapters.early_warning import AREA, CountedByPeriod, Trend

# A row of the answers: the series, the place of the period, which of the trend's detectors, and what it says.
NUMBERS = ("observed", "expected", "bound", "p_value")
ANSWERS: Mapping[str, pa.DataType] = {
    "place": pa.int64(),
    "detector": pa.int64(),
    **dict.fromkeys(NUMBERS, pa.float64()),
    **dict.fromkeys(("alarm", "stated", "fallback"), pa.bool_()),
}


def key_columns(watch: CountedByPeriod) -> tuple[str, ...]:
    """The columns that name a series of a trend, in the order of its keys (``occurrences.counts``)."""
    return ("area_key", *(f"by{place}" for place in range(sum(name != AREA for name in watch.per))))


@dataclass(frozen=True)
class BatchPlan:
    """What is the same for all batches: the periods, which areas said nothing in which, which detector judges which.

    ``chosen``: the place of a detector of the trend -> the places of the periods that it judges.
    """

    watch: Trend
    periods: tuple[dt.date, ...]
    missing: Mapping[str, Bools]
    chosen: Mapping[int, tuple[int, ...]]

    @classmethod
    def of(
        cls,
        watch: Trend,
        periods: Sequence[dt.date],
        missing: Mapping[str, Bools],
        counted_from: Mapping[str, dt.date],
        places: Sequence[int],
    ) -> BatchPlan:
        """``counted_from``: of every area with a series the first period in which anything was counted."""
        begun = first_known(periods, missing, counted_from)
        chosen: dict[int, list[int]] = {}
        for place in places:
            detector = suited(watch, place if begun is None else begun, place)
            if detector is not None:
                chosen.setdefault(watch.detectors.index(detector), []).append(place)
        return cls(watch, tuple(periods), missing, {at: tuple(some) for at, some in chosen.items()})

    def judge(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Answers for batches of series: ``key_columns`` and ``cells``, a list of (period, number) each."""
        for batch in batches:
            if batch.num_rows:
                yield from self.answers(self.table(batch)).to_batches()

    def table(self, batch: pa.RecordBatch) -> SeriesTable:
        """The series of a batch."""
        names = key_columns(self.watch)
        keys = tuple(zip(*(batch.column(name).to_pylist() for name in names), strict=True))
        cells = batch.column("cells")
        rows = np.repeat(np.arange(batch.num_rows), cells.value_lengths().to_numpy(zero_copy_only=False))
        said = cells.flatten()
        days = said.field("period").to_numpy(zero_copy_only=False) - (self.periods[0] - EPOCH).days
        counts = np.zeros((batch.num_rows, len(self.periods)))
        counts[rows, days // length(self.watch.every)] = said.field("number").to_numpy(zero_copy_only=False)
        return SeriesTable(keys, self.periods, unreported(counts, keys, self.missing), np.ones(len(self.periods)))

    def answers(self, table: SeriesTable) -> pa.Table:
        """What the detectors say of a table's series, a row per series and judged period."""
        counts = CountSeries(table.counts, FREQUENCY[self.watch.every], table.periods)
        found = [
            self._rows(
                at, JudgedTable(one := self.watch.detectors[at], places, run_detector(one, counts, places)), table
            )
            for at, places in self.chosen.items()
        ]
        return pa.concat_tables(found) if found else self.schema.empty_table()

    def _rows(self, at: int, judged: JudgedTable, table: SeriesTable) -> pa.Table:
        findings, many = judged.findings, len(judged.places)
        shape = (len(table.keys), many)
        nothing = np.full(shape, np.nan)
        numbers = {
            "observed": table.counts[:, list(judged.places)],
            "bound": findings.bound,
            **{name: findings.measures.get(name, nothing) for name in ("expected", "p_value")},
        }
        columns: dict[str, pa.Array] = {
            name: pa.array(np.repeat(np.array([key[place] for key in table.keys], dtype=object), many), pa.string())
            for place, name in enumerate(key_columns(self.watch))
        }
        columns["place"] = pa.array(np.tile(np.array(judged.places, dtype=np.int64), len(table.keys)))
        columns["detector"] = pa.array(np.full(shape[0] * many, at, dtype=np.int64))
        columns |= {name: pa.array(np.ascontiguousarray(numbers[name]).ravel()) for name in NUMBERS}
        columns |= {name: pa.array(getattr(findings, name).ravel()) for name in ("alarm", "stated", "fallback")}
        return pa.table(columns, schema=self.schema)

    @property
    def schema(self) -> pa.Schema:
        """The columns of the answers."""
        return pa.schema([*((name, pa.string()) for name in key_columns(self.watch)), *ANSWERS.items()])


def first_known(
    periods: Sequence[dt.date], missing: Mapping[str, Bools], counted_from: Mapping[str, dt.date]
) -> int | None:
    """The place of the first period of which anything is known of any series; None where nothing is."""
    at = {period: place for place, period in enumerate(periods)}
    found = [at[period] for period in counted_from.values() if period in at]
    found += [int(np.argmin(missing[area])) for area in counted_from if not missing[area].all()]
    return min(found, default=None)
