"""Neighbouring areas that together have more than their own past lets expect: Kulldorff's scan over space and time."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from zhiheng.engines.detectors.scan import Place, space_time_scan
from zhiheng.engines.early_warning.rules import smallest_around
from zhiheng.engines.early_warning.series import Numbers
from zhiheng.engines.early_warning.signals import FoundSignal, level_of
from zhiheng.grammar.chapters.early_warning import AREAS, Scan

# What half a fact in the whole past adds to an area: one without any past would else be infinitely surprising.
_HALF = 0.5


@dataclass(frozen=True)
class ScannedArea:
    """An area on the map, and its counts by week, the last one last; NaN where nobody reported."""

    code: str
    x: float
    y: float
    counts: Numbers


def scanned(
    name: str, watch: Scan, areas: Sequence[ScannedArea], weeks: Sequence[dt.date], above: Mapping[str, Sequence[str]]
) -> list[FoundSignal]:
    """The clusters of areas that live in the last week, the most surprising first.

    Facts come late: of the last weeks those of which nobody told anything yet are left off, ``watch.longest`` at most.
    What is expected of an area is its own mean in the weeks before, brought to the sum of all in the weeks looked at:
    a rise everywhere alike is no cluster. An area of which nothing is known in one of the last weeks is left out.

    Args:
        areas: those to be scanned.
        weeks: first day of each week of their counts, ascending.
        above: area -> itself and the areas around it.
    """
    longest = watch.longest
    areas, weeks = _told(watch, areas, weeks)
    known = [one for one in areas if not np.isnan(one.counts[-longest:]).any()]
    cases = np.array([one.counts[-longest:] for one in known]).reshape(len(known), longest)
    if len(known) < watch.least_areas or cases.sum() < watch.at_least:
        return []
    past = [one.counts[:-longest][~np.isnan(one.counts[:-longest])] for one in known]
    rates = np.array([(float(some.sum()) + _HALF) / max(1, some.size) for some in past])
    expected = np.repeat(rates[:, None], longest, axis=1)
    places = [
        Place(one.x, one.y, float(row.sum()), float(rate * longest), float(rate))
        for one, row, rate in zip(known, cases, rates, strict=True)
    ]
    found = []
    for cluster in space_time_scan(
        places, cases, expected, largest_share=watch.largest_share, longest=longest, replicates=watch.replicates
    ):
        assert cluster.p_value is not None
        level = level_of(watch.levels, -math.log10(cluster.p_value))
        if level is None or cluster.cases < watch.at_least:
            continue
        codes = sorted(known[member].code for member in cluster.members)
        found.append(
            FoundSignal(
                name,
                {AREAS: ",".join(codes)},
                smallest_around(codes, above),
                weeks[-cluster.periods],
                weeks[-1] + dt.timedelta(days=6),
                level,
                observed=cluster.cases,
                expected=cluster.expected,
                p_value=cluster.p_value,
                facts=int(cluster.cases),
                method=f"kulldorff(longest={longest}, replicates={watch.replicates})",
            )
        )
    return found


def _told(
    watch: Scan, areas: Sequence[ScannedArea], weeks: Sequence[dt.date]
) -> tuple[list[ScannedArea], Sequence[dt.date]]:
    """The areas and weeks up to the last week that was told, with the baseline before them."""
    end = len(weeks)
    while end > len(weeks) - watch.longest and all(np.isnan(one.counts[end - 1]) for one in areas):
        end -= 1
    begin = max(0, end - watch.longest - watch.baseline)
    cut = [ScannedArea(one.code, one.x, one.y, one.counts[begin:end]) for one in areas]
    return cut, weeks[begin:end]
