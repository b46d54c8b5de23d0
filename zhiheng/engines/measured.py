"""Measurements as somebody wrote them into a table: read cell by cell, with the chart that fits them, and what it says.

Three layouts are known by their headings: values (one column or several, a subgroup a row), shares (inspected and
nonconforming), and counts of nonconformities, with or without the number of items. A column that is none of these names
the points.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from zhiheng.engines import control_charts, refusals
from zhiheng.engines.control_charts import NELSON, Capability, Chart, ChartLimits, ChartRule, Floats, Signal, Track
from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refusal, Refused

MOST_POINTS, MOST_COLUMNS, MOST_MISTAKES = 5_000, 25, 20
LEAST_POINTS = 2
LONGEST_LABEL = 40
# For capability: as many subgroups and values as make the sigma worth something (AIAG, SPC, 2nd edition).
CAPABILITY_POINTS, CAPABILITY_VALUES = 25, 100
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,12})?([eE][+-]?\d{1,2})?\Z")
_INSPECTED = ("检验数", "检查数", "检验件数", "样本量", "单位数", "inspected", "sample size", "items", "units")
_NONCONFORMING = ("不合格数", "不合格品数", "不合格件数", "nonconforming", "rejected", "failed")
_POINT_NAMES = (
    "时间",
    "日期",
    "组号",
    "组别",
    "序号",
    "编号",
    "批号",
    "批次",
    "班次",
    "样本",
    "time",
    "date",
    "no.",
    "lot",
    "batch",
)
_NONCONFORMITIES = ("缺陷数", "不合格项数", "不合格个数", "nonconformities", "defects")


class TableShape(StrEnum):
    """What the columns of a table are."""

    VALUES = "values"
    SHARES = "shares"
    COUNTS = "counts"
    COUNTS_PER_ITEM = "counts_per_item"


CHARTS: Mapping[TableShape, tuple[Chart, ...]] = {
    TableShape.VALUES: (Chart.I_MR, Chart.XBAR_R, Chart.XBAR_S, Chart.CUSUM, Chart.EWMA),
    TableShape.SHARES: (Chart.P, Chart.NP),
    TableShape.COUNTS: (Chart.C,),
    TableShape.COUNTS_PER_ITEM: (Chart.U,),
}

# Headings and rows of the templates that enterprises download; the numbers are invented.
TEMPLATES: Mapping[TableShape, tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]] = {
    TableShape.VALUES: (
        ("组号", "x1", "x2", "x3", "x4", "x5"),
        (("1", "500.2", "499.8", "500.1", "500.0", "499.9"), ("2", "500.4", "500.1", "499.7", "500.2", "500.0")),
    ),
    TableShape.SHARES: (("日期", "检验数", "不合格数"), (("2026-03-01", "200", "3"), ("2026-03-02", "180", "1"))),
    TableShape.COUNTS: (("日期", "缺陷数"), (("2026-03-01", "4"), ("2026-03-02", "2"))),
    TableShape.COUNTS_PER_ITEM: (("日期", "单位数", "缺陷数"), (("2026-03-01", "50", "4"), ("2026-03-02", "48", "2"))),
}


@dataclass(frozen=True)
class Measured:
    """A table that was read: a name per point, and its numbers; of shares: nonconforming, inspected. ``columns`` are
    the headings of the numbers.
    """

    shape: TableShape
    labels: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    columns: tuple[str, ...] = ()

    @property
    def array(self) -> Floats:
        """Points x numbers."""
        return np.asarray(self.values, dtype=float)

    @property
    def width(self) -> int:
        """Numbers per point."""
        return len(self.values[0])

    @property
    def even(self) -> bool:
        """Whether every sample has the same size."""
        return self.shape is TableShape.VALUES or len({row[-1] for row in self.values}) == 1


def read_table(headings: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]]) -> Measured:
    """A table of texts (number of the row, cells) as measurements.

    Raises Refused with a reason for every cell that can't be (the first twenty), or one for the whole table.
    """
    table = [(number, [_plain(cell) for cell in cells]) for number, cells in rows]
    table = [(number, cells) for number, cells in table if any(cells)]
    if not LEAST_POINTS <= len(table) <= MOST_POINTS:
        raise Refused(refusals.points_of_table(len(table), least=LEAST_POINTS, most=MOST_POINTS))
    names = [_plain(heading) for heading in headings]
    shape, columns = _layout(names)
    if shape is None:
        first = 1 if len(names) > 1 and _names_points(names[0], [cells[0] for _, cells in table]) else 0
        shape, columns = TableShape.VALUES, list(range(first, len(names)))
    if not 1 <= len(columns) <= MOST_COLUMNS:
        raise Refused(refusals.columns_of_table(len(columns), most=MOST_COLUMNS))
    mistakes: list[Refusal] = []
    labels: list[str] = []
    values: list[tuple[float, ...]] = []
    label_at = next((at for at in range(len(names)) if at not in columns), None)
    for number, cells in table:
        padded = [*cells, *[""] * (len(names) - len(cells))]
        read = [_number(padded[at], number, names[at], shape, mistakes) for at in columns]
        labels.append((padded[label_at] if label_at is not None else "")[:LONGEST_LABEL] or str(len(labels) + 1))
        values.append(tuple(read))
        _fits(read, number, [names[at] for at in columns], shape, mistakes)
        if len(mistakes) >= MOST_MISTAKES:
            break
    if mistakes:
        raise Refused(*mistakes[:MOST_MISTAKES])
    return Measured(shape, tuple(labels), tuple(values), tuple(names[at] for at in columns))


def _names_points(heading: str, cells: Sequence[str]) -> bool:
    """Whether the first column names the points: it is called so, or one of its cells is no number."""
    said = heading.casefold()
    return any(word in said for word in _POINT_NAMES) or not all(_NUMBER.match(cell) for cell in cells)


def _layout(names: Sequence[str]) -> tuple[TableShape | None, list[int]]:
    """The shape that the headings name, with its columns in the order in which they are kept."""

    def place(words: Sequence[str]) -> int | None:
        return next((at for at, name in enumerate(names) if name.casefold() in words), None)

    inspected, bad, flaws = place(_INSPECTED), place(_NONCONFORMING), place(_NONCONFORMITIES)
    if bad is not None and inspected is not None:
        return TableShape.SHARES, [bad, inspected]
    if flaws is not None:
        return (
            (TableShape.COUNTS_PER_ITEM, [flaws, inspected]) if inspected is not None else (TableShape.COUNTS, [flaws])
        )
    if bad is not None or inspected is not None:
        raise Refused(refusals.half_of_a_share(names[bad if bad is not None else inspected or 0]))
    return None, []


def _plain(cell: object) -> str:
    return " ".join(unicodedata.normalize("NFKC", "" if cell is None else str(cell)).split())


def number_in_cell(text: str) -> float | None:
    """The number that a cell or a field holds; None where it is none."""
    plain = _plain(text).replace("−", "-")
    return float(plain) if _NUMBER.match(plain) else None


def _number(cell: str, row: int, heading: str, shape: TableShape, mistakes: list[Refusal]) -> float:
    number = number_in_cell(cell)
    if number is None:
        mistakes.append(refusals.cell_no_number(row, heading, cell))
        return float("nan")
    if shape is not TableShape.VALUES and (number < 0 or not number.is_integer()):
        mistakes.append(refusals.cell_no_count(row, heading, cell))
    return number


def _fits(read: Sequence[float], row: int, names: Sequence[str], shape: TableShape, mistakes: list[Refusal]) -> None:
    if shape is TableShape.SHARES and read[0] > read[1]:
        mistakes.append(refusals.more_bad_than_seen(row, names[0], names[1]))
    if shape in (TableShape.SHARES, TableShape.COUNTS_PER_ITEM) and read[1] == 0:
        mistakes.append(refusals.nothing_inspected(row, names[1]))


def propose(measured: Measured) -> tuple[Chart, Label]:
    """The kind of chart that fits, and why."""
    if measured.shape is TableShape.SHARES:
        if measured.even:
            return Chart.P, Label(
                zh="每行有检验数和不合格数，各次检验数相同：p 图，也可用 np 图。",
                en="Each row has items inspected and nonconforming, of one size: a p chart; an np chart would do.",
            )
        return Chart.P, Label(
            zh="每行有检验数和不合格数，各次检验数不同：p 图，界限随检验数变化。",
            en="Each row has items inspected and nonconforming, of several sizes: a p chart, whose limits follow them.",
        )
    if measured.shape is TableShape.COUNTS:
        return Chart.C, Label(
            zh="每行是缺陷个数，没有检验的单位数，当作各次相同：c 图。",
            en="Each row counts nonconformities and names no number of items, taken to be the same: a c chart.",
        )
    if measured.shape is TableShape.COUNTS_PER_ITEM:
        return Chart.U, Label(
            zh="每行有缺陷个数和检验的单位数：u 图。",
            en="Each row has nonconformities and the number of items: a u chart.",
        )
    n = measured.width
    if n == 1:
        return Chart.I_MR, Label(
            zh="每行一个测量值：单值—移动极差图。", en="One value a row: a chart of single values and moving ranges."
        )
    if n <= 8:
        return Chart.XBAR_R, Label(
            zh=f"每行 {n} 个测量值为一组，组小，极差够用：均值—极差图。",
            en=f"Subgroups of {n}, small enough for ranges: a chart of means and ranges.",
        )
    return Chart.XBAR_S, Label(
        zh=f"每行 {n} 个测量值为一组，9 个以上用标准差更准：均值—标准差图。",
        en=f"Subgroups of {n}: from nine on the standard deviation says more, so a chart of means and deviations.",
    )


@dataclass(frozen=True, slots=True)
class Tuning:
    """What a chart of small shifts is tuned by. The usual values are those of Montgomery, *Introduction to Statistical
    Quality Control*, chapter 9.

    ``target``: where the mean should lie; None: the mean of the baseline. ``reference`` and ``decision``: k and h of a
    CUSUM, ``weight`` and ``width``: lambda and L of an EWMA; k, h and L in standard errors of a point.
    """

    target: float | None = None
    reference: float = 0.5
    decision: float = 5.0
    weight: float = 0.2
    width: float = 3.0


USUAL = Tuning()
# Beyond these a chart sees nothing, or signals all the time.
TUNING_RANGE: Mapping[str, tuple[float, float]] = {
    "reference": (0.1, 2.0),
    "decision": (1.0, 10.0),
    "weight": (0.05, 1.0),
    "width": (1.0, 5.0),
}
# Which of them a chart has.
TUNED_BY: Mapping[Chart, tuple[str, ...]] = {
    Chart.CUSUM: ("target", "reference", "decision"),
    Chart.EWMA: ("target", "weight", "width"),
}


@dataclass(frozen=True)
class ChartQuestion:
    """How measurements are charted: the first ``baseline`` points give the limits (0: all of them)."""

    chart: Chart
    baseline: int = 0
    laney: bool = False
    lower: float | None = None
    upper: float | None = None
    tuning: Tuning = USUAL


@dataclass(frozen=True)
class ChartAnswer:
    """The chart with its signals track by track, and the capability or what it lacks."""

    limits: ChartLimits
    signals: tuple[tuple[Signal, ...], ...]
    baseline: int
    capability: Capability | None
    lacking: tuple[Label, ...]
    shifts: ShiftsSeen | None = None


@dataclass(frozen=True, slots=True)
class ShiftsSeen:
    """What a chart of small shifts can see: the target it measures from, the standard error of a point, and after how
    many points it signals on average (``in_control``: by chance, without any shift; ``shifted``: a shift of the mean by
    one standard error). The run lengths are those of independent normal values.
    """

    target: float
    error: float
    in_control: float
    shifted: float


def fitting(measured: Measured, chart: Chart) -> bool:
    """Whether a chart can be drawn of the measurements."""
    if chart not in CHARTS[measured.shape]:
        return False
    if chart is Chart.I_MR:
        return measured.width == 1
    if chart in (Chart.XBAR_R, Chart.XBAR_S):
        return measured.width > 1
    if chart in TUNED_BY:
        return True
    return chart is not Chart.NP or measured.even


def answer(measured: Measured, question: ChartQuestion) -> ChartAnswer:
    """The chart of measurements. Raises Refused where it does not fit, or the baseline is none."""
    if not fitting(measured, question.chart):
        raise Refused(refusals.chart_does_not_fit())
    points = len(measured.labels)
    if question.baseline and not LEAST_POINTS <= question.baseline <= points:
        raise Refused(refusals.baseline_impossible(question.baseline, least=LEAST_POINTS, most=points))
    if question.lower is not None and question.upper is not None and question.lower >= question.upper:
        raise Refused(refusals.specification_reversed())
    baseline = question.baseline or points
    if question.chart in TUNED_BY:
        return _small_shifts(measured, question, baseline)
    limits = _limits(measured, question, slice(0, baseline))
    signals = tuple(control_charts.signals(track, _rules(limits.chart, at)) for at, track in enumerate(limits.tracks))
    capability, lacking = _capability(measured, question, limits, _out_of_baseline(limits, baseline), baseline)
    return ChartAnswer(limits, signals, baseline, capability, lacking)


def _small_shifts(measured: Measured, question: ChartQuestion, baseline: int) -> ChartAnswer:
    """A CUSUM or an EWMA of the values or means of subgroups. Its sigma is that of the Shewhart chart which fits the
    measurements, and the capability needs both charts to be in control.
    """
    tuning = question.tuning
    for name, (least, most) in TUNING_RANGE.items():
        if name in TUNED_BY[question.chart] and not least <= getattr(tuning, name) <= most:
            raise Refused(refusals.tuning_out_of_range(name, least=least, most=most))
    shewhart = _limits(measured, ChartQuestion(propose(measured)[0]), slice(0, baseline))
    if not shewhart.sigma:
        raise Refused(refusals.nothing_varies())
    means = shewhart.tracks[0]
    target = means.centre if tuning.target is None else tuning.target
    error = shewhart.sigma / measured.width**0.5
    tracks: tuple[Track, ...]
    signals: tuple[tuple[Signal, ...], ...]
    if question.chart is Chart.CUSUM:
        tracks, signals = control_charts.cusum_chart(
            means.points, target=target, sigma=error, k=tuning.reference, h=tuning.decision
        )
        lengths = [
            control_charts.cusum_run_length(tuning.reference, tuning.decision, shift, two_sided=True)
            for shift in (0.0, 1.0)
        ]
    else:
        track = control_charts.ewma(means.points, target=target, sigma=error, weight=tuning.weight, limit=tuning.width)
        tracks, signals = (track,), (control_charts.signals(track, (ChartRule.BEYOND,)),)
        lengths = [control_charts.ewma_run_length(tuning.weight, tuning.width, shift) for shift in (0.0, 1.0)]
    out = _out_of_baseline(shewhart, baseline) | {
        one.at for signals_of in signals for one in signals_of if one.at < baseline
    }
    capability, lacking = _capability(measured, question, shewhart, out, baseline)
    return ChartAnswer(
        ChartLimits(question.chart, tracks, shewhart.sigma),
        signals,
        baseline,
        capability,
        lacking,
        ShiftsSeen(target, error, lengths[0], lengths[1]),
    )


def _out_of_baseline(limits: ChartLimits, baseline: int) -> set[int]:
    """The points of the baseline that lie beyond a limit."""
    return {at for track in limits.tracks for at in track.out() if at < baseline}


def _rules(chart: Chart, track: int) -> Sequence[ChartRule]:
    """All eight for means; the four that need no normal values for counts; beyond the limits for spreads."""
    if track:
        return (ChartRule.BEYOND,)
    return NELSON if chart in (Chart.I_MR, Chart.XBAR_R, Chart.XBAR_S) else NELSON[:4]


def _limits(measured: Measured, question: ChartQuestion, base: slice) -> ChartLimits:
    values, chart = measured.array, question.chart
    if chart is Chart.XBAR_R:
        return control_charts.xbar_r(values, base)
    if chart is Chart.XBAR_S:
        return control_charts.xbar_s(values, base)
    if chart is Chart.I_MR:
        return control_charts.i_mr(values[:, 0], base)
    if chart is Chart.P:
        return control_charts.p_chart(values[:, 0], values[:, 1], base, laney=question.laney)
    if chart is Chart.NP:
        return control_charts.np_chart(values[:, 0], int(values[0, 1]), base)
    if chart is Chart.U:
        return control_charts.u_chart(values[:, 0], values[:, 1], base, laney=question.laney)
    return control_charts.c_chart(values[:, 0], base)


def _capability(
    measured: Measured, question: ChartQuestion, limits: ChartLimits, out: Collection[int], baseline: int
) -> tuple[Capability | None, tuple[Label, ...]]:
    if measured.shape is not TableShape.VALUES:
        return None, ()
    lacking = []
    if question.lower is None and question.upper is None:
        lacking.append(
            Label(zh="没有填规格限；请至少填上限或下限。", en="No specification was given; give at least one limit.")
        )
    if baseline < CAPABILITY_POINTS or baseline * measured.width < CAPABILITY_VALUES:
        lacking.append(
            Label(
                zh=f"基准段有 {baseline} 组、{baseline * measured.width} 个值，"
                f"至少要 {CAPABILITY_POINTS} 组、{CAPABILITY_VALUES} 个值。",
                en=f"The baseline has {baseline} subgroups and {baseline * measured.width} values; it takes "
                f"{CAPABILITY_POINTS} and {CAPABILITY_VALUES}.",
            )
        )
    if out:
        lacking.append(
            Label(
                zh=f"基准段里有 {len(out)} 个点出界，过程不受控；请先查明原因，另选基准段。",
                en=f"{len(out)} points of the baseline lie beyond the limits: the process is not in control. Find out "
                "why, and choose another baseline.",
            )
        )
    if not limits.sigma:
        lacking.append(Label(zh="基准段的值没有变化。", en="The values of the baseline do not vary."))
    if lacking:
        return None, tuple(lacking)
    assert limits.sigma is not None
    return (
        control_charts.capability(
            measured.array[:baseline].ravel(),
            sigma_within=limits.sigma,
            within_freedom=_freedom(limits.chart, baseline, measured.width),
            lower=question.lower,
            upper=question.upper,
        ),
        (),
    )


def _freedom(chart: Chart, points: int, n: int) -> int:
    """Degrees of freedom of the sigma within: ranges tell some 0.9 of what deviations do, moving ranges 0.62."""
    if chart is Chart.XBAR_S:
        return points * (n - 1)
    if chart is Chart.XBAR_R:
        return max(1, int(0.9 * points * (n - 1)))
    return max(1, int(0.62 * (points - 1)))


def flagged(track: Track, signals: Sequence[Signal]) -> dict[int, list[ChartRule]]:
    """Point -> the rules that speak at it, for a table beside the picture."""
    found: dict[int, list[ChartRule]] = {}
    for one in signals:
        found.setdefault(one.at, []).append(one.rule)
    return found


def runs(signals: Sequence[Signal]) -> list[tuple[Signal, int]]:
    """(signal, the last point at which it still holds): a rule that speaks at neighbouring points is told once."""
    found: list[tuple[Signal, int]] = []
    open_: dict[ChartRule, int] = {}
    for one in signals:
        place = open_.get(one.rule)
        if place is not None and found[place][1] == one.at - 1:
            found[place] = (found[place][0], one.at)
        else:
            open_[one.rule] = len(found)
            found.append((one, one.at))
    return found


# An indicator's shares: so many periods, and so many expected on either side in each, before a chart says anything.
RATE_PERIODS, RATE_EXPECTED = 8, 1.0


def rate_chart(parts: Sequence[tuple[int, int] | None]) -> tuple[Track, tuple[Signal, ...]] | Label:
    """(counted, of how many) per period as a p chart of percent, or why there is none. Only points beyond the limits
    are signals: months follow each other too slowly for rules of runs.
    """
    told = [part for part in parts if part is not None and part[1] > 0]
    if len(told) < RATE_PERIODS:
        return Label(
            zh=f"证据不足：有数的只有 {len(told)} 期，至少要 {RATE_PERIODS} 期。",
            en=f"Insufficient evidence: {len(told)} periods have a number, it takes {RATE_PERIODS}.",
        )
    counts = np.asarray([part[0] if part is not None else 0 for part in parts], dtype=float)
    sizes = np.asarray([part[1] if part is not None else 0 for part in parts], dtype=float)
    track = control_charts.p_chart(counts, sizes).tracks[0]
    rarer = min(track.centre, 1 - track.centre)
    if min(part[1] for part in told) * rarer < RATE_EXPECTED:
        return Label(
            zh="证据不足：有的期次样本太少，期望的不合格（或合格）数不到 1。",
            en="Insufficient evidence: in some periods less than one of either outcome is expected.",
        )
    percent = Track(
        track.name, track.points * 100, track.centre * 100, track.lower * 100, track.upper * 100, track.sigma * 100
    )
    return percent, control_charts.signals(percent, (ChartRule.BEYOND,))
