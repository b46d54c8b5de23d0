"""Series judged by the detectors of a trend: which periods of which series are signals, and what was not judged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from zhiheng.engines.detectors.bayes import BayesOptions, bayes
from zhiheng.engines.detectors.ears import EarsOptions, ears
from zhiheng.engines.detectors.ears import Method as EarsMethod
from zhiheng.engines.detectors.false_discovery import one_family
from zhiheng.engines.detectors.farrington import FarringtonOptions, farrington
from zhiheng.engines.detectors.farrington_flexible import FlexibleOptions, farrington_flexible
from zhiheng.engines.detectors.rki import RkiOptions, rki
from zhiheng.engines.detectors.series import Bools, CountSeries, Findings
from zhiheng.engines.early_warning.series import FREQUENCY, SeriesTable, length
from zhiheng.engines.early_warning.signals import FoundSignal, level_of
from zhiheng.grammar.chapters.early_warning import AREA, Detector, Trend, WarningLevel


@dataclass(frozen=True)
class JudgedPeriod:
    """What a detector says of a series in a period; numbers are None where it has none."""

    observed: float | None
    expected: float | None
    bound: float | None
    score: float | None
    p_value: float | None
    alarm: bool
    stated: bool
    fallback: bool


@dataclass(frozen=True)
class JudgedTable:
    """The judgements of all series of a table in some of its periods (by place), and by which detector."""

    detector: Detector
    places: tuple[int, ...]
    findings: Findings

    def of(self, series: int, at: int, table: SeriesTable) -> JudgedPeriod:
        """What is said of one series in the ``at``-th of the judged periods."""
        found, measures = self.findings, self.findings.measures

        def number(value: float) -> float | None:
            return float(value) if np.isfinite(value) else None

        def measure(name: str) -> float | None:
            return number(measures[name][series, at]) if name in measures else None

        observed = number(table.counts[series, self.places[at]])
        expected, bound = measure("expected"), number(found.bound[series, at])
        return JudgedPeriod(
            observed,
            expected,
            bound,
            _score(observed, expected, bound),
            measure("p_value"),
            bool(found.alarm[series, at]),
            bool(found.stated[series, at]),
            bool(found.fallback[series, at]),
        )


def _score(observed: float | None, expected: float | None, bound: float | None) -> float | None:
    """How far beyond: 0 at what was expected, 1 at the bound; None where there is no bound above the expected."""
    if observed is None or bound is None:
        return None
    base = expected if expected is not None else 0.0
    return (observed - base) / (bound - base) if bound > base else None


def method(detector: Detector) -> str:
    """The method with its settings, as it is written down with a signal."""
    said = detector.model_dump(exclude_defaults=True)
    said.pop("method", None)
    settings = ", ".join(f"{name}={value}" for name, value in sorted(said.items()))
    return f"{detector.method}({settings})" if settings else str(detector.method)


def choose(watch: Trend, table: SeriesTable, place: int) -> Detector | None:
    """The first detector of the trend that has history enough before a period; None where none has."""
    known = np.flatnonzero(~np.isnan(table.counts).all(axis=0)) if len(table.keys) else np.array([], dtype=int)
    return suited(watch, int(known[0]) if known.size else place, place)


def suited(watch: Trend, begun: int, place: int) -> Detector | None:
    """The first detector of the trend whose history fits between the first known period and this one."""
    frequency = FREQUENCY[watch.every]
    return next((one for one in watch.detectors if place - begun >= one.history(frequency)), None)


def judged(watch: Trend, table: SeriesTable, places: Sequence[int]) -> list[JudgedTable]:
    """The judgements of all series in these periods; periods without history enough are left out."""
    by_detector: dict[Detector, list[int]] = {}
    for place in places:
        detector = choose(watch, table, place)
        if detector is not None:
            by_detector.setdefault(detector, []).append(place)
    counts = CountSeries(table.counts, FREQUENCY[watch.every], table.periods)
    return [JudgedTable(one, tuple(some), run_detector(one, counts, some)) for one, some in by_detector.items()]


_EARS: Mapping[str, EarsMethod] = {"ears_c1": "C1", "ears_c2": "C2", "ears_c3": "C3"}


def run_detector(detector: Detector, counts: CountSeries, places: Sequence[int]) -> Findings:
    """What a detector says of all series in these periods; nothing of one depends on another."""
    years, window = detector.lookback
    match detector.method:
        case "farrington_flexible":
            flexible = FlexibleOptions(
                years=years,
                window=window,
                periods=detector.periods,
                skipped=detector.past_left_out,
                threshold=detector.threshold,
                alpha=detector.alpha,
                fallback=True,
            )
            return farrington_flexible(counts, flexible, places)
        case "farrington":
            plain = FarringtonOptions(years=years, window=window, alpha=2 * detector.alpha, fallback=True)
            return farrington(counts, plain, places)
        case "rki":
            return rki(counts, RkiOptions(years=years, window=window, this_year=years == 0), places)
        case "bayes":
            return bayes(counts, BayesOptions(years, window, years == 0, detector.alpha), places)
        case _:
            name: EarsMethod = _EARS[detector.method]
            options = EarsOptions(method=name, baseline=detector.baseline, alpha=detector.alpha, fallback=True)
            return ears(counts, options, places)


@dataclass(frozen=True)
class TrendSignals:
    """The signals of a trend, and the periods that were judged: (first day, last day)."""

    found: tuple[FoundSignal, ...]
    judged: tuple[tuple[dt.date, dt.date], ...]


def trend_signals(name: str, watch: Trend, table: SeriesTable, places: Sequence[int]) -> TrendSignals:
    """The signals among these periods of all series.

    A period of which nothing is known is not judged. One that is not yet told whole is judged all the same: more facts
    only raise its count. ``kept`` follows the share of false alarms that the trend allows over all series of a period.
    """
    signals: list[FoundSignal] = []
    days: list[tuple[dt.date, dt.date]] = []
    step = dt.timedelta(days=length(watch.every) - 1)
    names = [each for each in watch.per if each != AREA]
    for each in judged(watch, table, places):
        for at, place in enumerate(each.places):
            first = table.periods[place]
            days.append((first, first + step))
            kept = _kept(watch, each, at)
            for series, key in enumerate(table.keys):
                one = each.of(series, at, table)
                level = _level(watch, one)
                if level is None or one.observed is None:
                    continue
                group = dict(zip(names, key[1:], strict=True)) | ({AREA: key[0]} if AREA in watch.per else {})
                signals.append(
                    FoundSignal(
                        name,
                        group,
                        key[0],
                        first,
                        first + step,
                        level,
                        one.observed,
                        one.expected,
                        one.bound,
                        one.score,
                        one.p_value,
                        facts=int(one.observed),
                        method=method(each.detector),
                        fallback=one.fallback,
                        complete=float(table.complete[place]),
                        kept=bool(kept[series]),
                    )
                )
    return TrendSignals(tuple(signals), tuple(days))


def _level(watch: Trend, one: JudgedPeriod) -> WarningLevel | None:
    if not one.alarm or not one.stated or one.observed is None or one.observed < watch.at_least:
        return None
    # Beyond a bound that lies on the expected itself, or has none: no more than the mildest level.
    mildest = min(watch.levels, key=lambda level: level.rank)
    return (level_of(watch.levels, one.score) if one.score is not None else None) or mildest


def _kept(watch: Trend, each: JudgedTable, at: int) -> Bools:
    many = each.findings.alarm.shape[0]
    values = each.findings.measures.get("p_value")
    if watch.false_discovery is None or values is None:
        return np.ones(many, dtype=np.bool_)
    column = values[:, at]
    known = np.isfinite(column)
    kept = np.ones(many, dtype=np.bool_)
    kept[known] = one_family(column[known], watch.false_discovery)
    return kept
