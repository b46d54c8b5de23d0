"""Neighbouring areas with more than their past lets expect are a signal; a rise everywhere alike is none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pytest

from zhiheng.engines.early_warning.scanning import ScannedArea, scanned
from zhiheng.grammar.chapters.early_warning import Scan, WarningLevel

WEEKS = [dt.date(2026, 1, 5) + dt.timedelta(days=7 * n) for n in range(24)]
CODES = [f"99010100{n}" for n in range(1, 10)]
ABOVE = {code: (code, "990101") for code in CODES}
WATCH = Scan(
    record="complaint",
    of="sub_district",
    longest=4,
    baseline=20,
    levels={WarningLevel.BLUE: 1.3, WarningLevel.YELLOW: 2},
)


def street(place: int, last: tuple[float, ...] = (1, 1, 1, 1), past: float = 1) -> ScannedArea:
    """An area of a grid of three by three, with the same count in every week but the last ones."""
    counts = np.array([past] * 20 + list(last), dtype=np.float64)
    return ScannedArea(CODES[place], float(place % 3), float(place // 3), counts)


def grid(last: Mapping[int, tuple[float, ...]]) -> list[ScannedArea]:
    """Nine areas; ``last``: the last four weeks of some of them."""
    return [street(place, last.get(place, (1, 1, 1, 1))) for place in range(9)]


def test_two_neighbours_with_many_more_are_one_cluster_of_the_last_weeks() -> None:
    (found,) = scanned("w", WATCH, grid({0: (1, 1, 9, 9), 1: (1, 1, 8, 9)}), WEEKS, ABOVE)
    assert found.key == {"areas": "990101001,990101002"}
    assert (found.first, found.last, found.area) == (WEEKS[-2], WEEKS[-1] + dt.timedelta(days=6), "990101")
    assert (found.observed, found.level) == (35, WarningLevel.YELLOW)
    assert found.expected is not None
    assert found.expected < 12
    assert found.p_value == pytest.approx(0.001)


def test_a_rise_everywhere_alike_is_no_cluster() -> None:
    assert not scanned("w", WATCH, grid(dict.fromkeys(range(9), (6, 6, 6, 6))), WEEKS, ABOVE)


def test_a_quiet_district_is_no_cluster_and_few_facts_are_none() -> None:
    assert not scanned("w", WATCH, grid({}), WEEKS, ABOVE)
    silent = [street(place, (0, 0, 0, 0), past=0) for place in range(8)]
    assert not scanned("w", WATCH, [*silent, street(8, (0, 0, 0, 4), past=0)], WEEKS, ABOVE)


def test_an_area_of_which_a_last_week_is_not_known_is_left_out() -> None:
    areas = grid({0: (1, 1, 9, float("nan")), 1: (1, 1, 9, 9)})
    (found,) = scanned("w", WATCH, areas, WEEKS, ABOVE)
    assert found.key == {"areas": "990101002"}


def test_last_weeks_that_nobody_told_yet_are_left_off_but_not_more_than_a_cluster_lasts() -> None:
    late = {0: (9, 9, float("nan"), float("nan"))} | {n: (1, 1, float("nan"), float("nan")) for n in range(1, 9)}
    (found,) = scanned("w", WATCH, grid(late), WEEKS, ABOVE)
    assert (found.key, found.last) == ({"areas": "990101001"}, WEEKS[-3] + dt.timedelta(days=6))
    none = {n: (float("nan"),) * 4 for n in range(9)}
    told_long_ago = [ScannedArea(one.code, one.x, one.y, one.counts) for one in grid(none)]
    for one in told_long_ago:
        one.counts[-6:] = np.nan
    assert not scanned("w", WATCH, told_long_ago, WEEKS, ABOVE)


def test_fewer_areas_than_make_a_map_are_not_scanned() -> None:
    assert not scanned("w", WATCH, grid({0: (1, 1, 9, 9)})[:3], WEEKS, ABOVE)


def test_the_same_facts_give_the_same_probability() -> None:
    mild = WATCH.model_copy(update={"levels": {WarningLevel.BLUE: 0.01}})
    areas = grid({4: (2, 2, 3, 3)})
    assert scanned("w", mild, areas, WEEKS, ABOVE) == scanned("w", mild, areas, WEEKS, ABOVE)
