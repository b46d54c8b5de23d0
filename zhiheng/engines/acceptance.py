"""Acceptance sampling by attributes: the plan for a lot, what it can tell, and how one lot bears on the next.

Plans come from the tables of a standard as the book writes them (``grammar/chapters/acceptance.py``); probabilities
from the distributions of ``scipy.special``. A plan is a list of stages with cumulative numbers: single plans have one.
Qualities are fractions (0.01 is one in a hundred); for nonconformities per 100 items the fraction may exceed 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

from zhiheng.engines import refusals
from zhiheng.engines.binomial_density import binomial_density, hypergeometric_density
from zhiheng.grammar.chapters.acceptance import (
    DOWN,
    LETTERS,
    NONE,
    UNREAD,
    UP,
    USE_SINGLE,
    AcceptanceStandard,
    Inspection,
    PlanPage,
    PlanTable,
    SampleKind,
    Switching,
)
from zhiheng.kernel.reasons import Refused

Floats = npt.NDArray[np.float64]
# A lot of more items than this is a slip of the keyboard.
MOST_ITEMS = 1_000_000_000


@cache
def special() -> Any:
    """The special functions of SciPy, loaded when somebody computes: they cost every start some 0.4 s otherwise."""
    return import_module("scipy.special")


class Model(StrEnum):
    """What is drawn: items of a steady process, nonconformities per item, or items of one lot."""

    BINOMIAL = "binomial"
    POISSON = "poisson"
    HYPERGEOMETRIC = "hypergeometric"


@dataclass(frozen=True, slots=True)
class Stage:
    """A sample of ``n`` items, and the numbers of all nonconforming so far at which the lot is accepted or not."""

    n: int
    accept: int
    reject: int


@dataclass(frozen=True)
class Plan:
    """What is drawn and when it is enough. Raises ValueError for numbers that leave no decision."""

    stages: tuple[Stage, ...]

    def __post_init__(self) -> None:
        if not self.stages or self.stages[-1].reject != self.stages[-1].accept + 1:
            raise ValueError("the last sample must decide: its rejection number is its acceptance number plus one")
        for stage in self.stages:
            if stage.n < 1 or stage.accept < 0 or stage.reject <= stage.accept:
                raise ValueError(f"{stage} is no stage of a plan")

    @property
    def n(self) -> int:
        """All items, where every sample is drawn."""
        return sum(stage.n for stage in self.stages)


def single(n: int, accept: int) -> Plan:
    """A single plan: n items, at most ``accept`` of them nonconforming."""
    return Plan((Stage(n, accept, accept + 1),))


@dataclass(frozen=True)
class LotPlan:
    """The plan of a standard for a lot.

    ``letter`` is the code letter of the lot, ``plan_letter`` that at which the arrows end; ``every_item``: the sample
    is as large as the lot, so each item is looked at. ``severity`` and ``kind`` as asked.
    """

    plan: Plan
    kind: SampleKind
    severity: Inspection
    table: str
    aql: str
    letter: str
    plan_letter: str
    lot: int
    every_item: bool


def code_letter(standard: AcceptanceStandard, *, lot: int, level: str) -> str:
    """The code letter for a lot of so many items. Raises Refused for a lot that is none, or an unknown level."""
    if not 2 <= lot <= MOST_ITEMS:
        raise Refused(refusals.lot_size(lot, most=MOST_ITEMS))
    if level not in standard.levels:
        raise Refused(refusals.level_unknown(level, known=standard.levels))
    line = next(line for line in standard.code_letters if line.to is None or lot <= line.to)
    return line.letters.split()[standard.levels.index(level)]


def find(
    standard: AcceptanceStandard,
    *,
    lot: int,
    level: str,
    aql: str,
    kind: SampleKind = SampleKind.SINGLE,
    severity: Inspection = Inspection.NORMAL,
) -> LotPlan:
    """The plan for a lot. Raises Refused with the reason where the standard, as far as it was read, has none."""
    letter = code_letter(standard, lot=lot, level=level)
    return _found(standard, letter, lot=lot, aql=aql, kind=kind, severity=severity)


def require_aql(standard: AcceptanceStandard, aql: str) -> None:
    """Raises Refused for an AQL that the standard does not have."""
    if aql not in standard.aql:
        raise Refused(refusals.aql_unknown(aql, known=standard.aql))


def plan_at(
    standard: AcceptanceStandard, letter: str, *, aql: str, kind: SampleKind = SampleKind.SINGLE, severity: Inspection
) -> tuple[str, Plan]:
    """The letter at which the arrows of a cell end, and its plan. Raises Refused where there is none."""
    table = standard.table(kind, severity)
    if table is None:
        raise Refused(refusals.table_unread(standard.standard, kind.value, severity.value))
    require_aql(standard, aql)
    column = standard.aql.index(aql)
    at = letter
    for _ in LETTERS:
        sign = table.cells[at][column] if at in table.cells else NONE
        if sign not in (UP, DOWN):
            return at, _plan_of(table, at, sign, standard.standard, aql)
        at = LETTERS[LETTERS.index(at) + (-1 if sign == UP else 1)]
    raise Refused(refusals.cell_absent(table.table, letter, aql))


def _plan_of(table: PlanTable, letter: str, sign: str, standard: str, aql: str) -> Plan:
    if sign == UNREAD:
        raise Refused(refusals.cell_unread(standard, table.table, letter, aql))
    if sign == USE_SINGLE:
        raise Refused(refusals.no_double_plan(table.table, letter, aql))
    if sign == NONE:
        raise Refused(refusals.cell_absent(table.table, letter, aql))
    n = table.sizes[letter]
    if table.kind is SampleKind.SINGLE:
        return single(n, int(sign))
    first, reject, second = (int(part) for part in sign.split("/"))
    return Plan((Stage(n, first, reject), Stage(n, second, second + 1)))


def _found(
    standard: AcceptanceStandard, letter: str, *, lot: int, aql: str, kind: SampleKind, severity: Inspection
) -> LotPlan:
    at, plan = plan_at(standard, letter, aql=aql, kind=kind, severity=severity)
    table = standard.table(kind, severity)
    assert table is not None
    return LotPlan(plan, kind, severity, table.table, aql, letter, at, lot, plan.n >= lot)


def of_class(standard: AcceptanceStandard, page: PlanPage, name: str, *, lot: int) -> Stage:
    """What is drawn of a lot by a plan of the book for a class of nonconformity, under normal inspection and a single
    sample; of a class without an AQL every item, and none is accepted.

    Raises Refused for a lot that is none, and where the standard, as far as it was read, has no plan.
    """
    aql = page.classes[name].aql
    if aql is None:
        if not 1 <= lot <= MOST_ITEMS:
            raise Refused(refusals.lot_size(lot, most=MOST_ITEMS))
        return Stage(lot, 0, 1)
    stage = find(standard, lot=lot, level=page.level, aql=aql).plan.stages[0]
    return Stage(min(stage.n, lot), stage.accept, stage.reject)


def tighter(standard: AcceptanceStandard, aql: str) -> str | None:
    """The AQL one step stricter; None for the strictest."""
    at = standard.aql.index(aql)
    return standard.aql[at - 1] if at else None


# -- what a plan can tell ----------------------------------------------------------------------------------------------


def _pmf(count: int, n: int, p: Floats, model: Model, lot: int | None, drawn: int, before: int) -> Floats:
    """Probability of ``count`` in a sample of ``n``, for each quality, after ``drawn`` items with ``before`` found."""
    if model is Model.POISSON:
        mean = n * p
        return np.asarray(np.exp(special().xlogy(count, mean) - mean - special().gammaln(count + 1)), dtype=float)
    if model is Model.BINOMIAL:
        return binomial_density(np.float64(count), np.float64(n), p, 1 - p)
    assert lot is not None
    bad = np.rint(p * lot) - before
    return hypergeometric_density(count, bad, lot - drawn - bad, n)


def _checked(p: Floats | Sequence[float] | float, model: Model, lot: int | None, plan: Plan) -> Floats:
    given = np.atleast_1d(np.asarray(p, dtype=float))
    if not np.all(np.isfinite(given)) or np.any(given < 0) or (model is not Model.POISSON and np.any(given > 1)):
        raise ValueError("a quality is a fraction from 0 to 1 (for nonconformities per item: from 0)")
    if model is Model.HYPERGEOMETRIC and (lot is None or lot < plan.n):
        raise ValueError("drawing from one lot needs the size of the lot, not less than the samples")
    return given


def accept_probability(
    plan: Plan, p: Floats | Sequence[float] | float, *, model: Model, lot: int | None = None
) -> Floats:
    """The operating characteristic: probability that a lot of each quality is accepted, in the order of ``p``.

    Raises ValueError for a quality that is none, and for ``hypergeometric`` without the size of the lot.
    """
    given = _checked(p, model, lot, plan)
    if len(plan.stages) == 1:
        stage = plan.stages[0]
        if model is Model.BINOMIAL:
            return np.asarray(special().bdtr(min(stage.accept, stage.n), stage.n, given), dtype=float)
        if model is Model.POISSON:
            return np.asarray(special().pdtr(stage.accept, stage.n * given), dtype=float)
    return _walk(plan, given, model, lot)[0]


def mean_sample(plan: Plan, p: Floats | Sequence[float] | float, *, model: Model, lot: int | None = None) -> Floats:
    """How many items are drawn on average of a lot of each quality (ASN); every sample is looked at to its end."""
    return _walk(plan, _checked(p, model, lot, plan), model, lot)[1]


def _walk(plan: Plan, p: Floats, model: Model, lot: int | None) -> tuple[Floats, Floats]:
    """Probability of acceptance and mean number of items, stage by stage."""
    going: dict[int, Floats] = {0: np.ones_like(p)}
    accepted, items, drawn = np.zeros_like(p), np.zeros_like(p), 0
    for stage in plan.stages:
        items = items + stage.n * sum(going.values(), np.zeros_like(p))
        after: dict[int, Floats] = {}
        for before, weight in going.items():
            for count in range(stage.reject - before):
                chance = weight * _pmf(count, stage.n, p, model, lot, drawn, before)
                total = before + count
                if total <= stage.accept:
                    accepted = accepted + chance
                else:
                    after[total] = after.get(total, np.zeros_like(p)) + chance
        going, drawn = after, drawn + stage.n
    return np.clip(accepted, 0.0, 1.0), items


def quality_at(plan: Plan, pa: float, *, model: Model) -> float:
    """The quality at which a single plan accepts with probability ``pa`` (binomial or Poisson).

    Raises ValueError where a lot of any quality is accepted, or the plan has several stages.
    """
    if len(plan.stages) != 1 or not 0 < pa < 1:
        raise ValueError("a single plan and a probability between 0 and 1")
    n, c = plan.stages[0].n, plan.stages[0].accept
    if model is Model.POISSON:
        return float(special().gammainccinv(c + 1, pa)) / n
    if c >= n:
        raise ValueError("this plan accepts every lot")
    return float(special().betaincinv(c + 1, n - c, 1 - pa))


@dataclass(frozen=True)
class Risks:
    """What a plan promises to neither side: the producer's risk at the AQL, and the quality that the consumer still
    receives one time in ten.
    """

    at_aql: float
    producer: float
    accepted_95: float
    accepted_50: float
    accepted_10: float


def risks(plan: Plan, *, aql: float, model: Model) -> Risks:
    """The risk points of a plan; ``aql`` as a fraction."""
    at = float(accept_probability(plan, [aql], model=model)[0])
    return Risks(at, 1 - at, *(_inverted(plan, pa, model) for pa in (0.95, 0.5, 0.1)))


def _inverted(plan: Plan, pa: float, model: Model) -> float:
    """The quality accepted with a probability, by halving: plans of several stages have no closed form."""
    low, high = 0.0, 1.0
    while model is Model.POISSON and float(accept_probability(plan, [high], model=model)[0]) > pa:
        low, high = high, high * 2
    for _ in range(200):
        middle = (low + high) / 2
        if float(accept_probability(plan, [middle], model=model)[0]) > pa:
            low = middle
        else:
            high = middle
        if high - low <= 1e-14 * max(high, 1e-300):
            break
    return (low + high) / 2


def outgoing_quality(
    plan: Plan, p: Floats | Sequence[float] | float, *, model: Model, lot: int | None = None
) -> Floats:
    """Average outgoing quality: what is left where lots that were not accepted are sorted and made good. Without the
    size of the lot the sample is taken to be a small part of it.
    """
    given = _checked(p, model, lot, plan)
    left = 1.0 if lot is None else max(0.0, (lot - plan.n) / lot)
    return given * accept_probability(plan, given, model=model, lot=lot) * left


def outgoing_limit(plan: Plan, *, model: Model, lot: int | None = None) -> tuple[float, float]:
    """The worst average outgoing quality (AOQL), and the incoming quality at which it comes about."""
    shape = Model.BINOMIAL if model is Model.HYPERGEOMETRIC else model
    high = _inverted(plan, 1e-6, shape)
    grid = np.linspace(0, high, 2001)
    at = int(np.argmax(outgoing_quality(plan, grid, model=shape)))
    low, high = float(grid[max(0, at - 1)]), float(grid[min(len(grid) - 1, at + 1)])
    for _ in range(200):
        third = (high - low) / 3
        left, right = low + third, high - third
        pair = outgoing_quality(plan, [left, right], model=shape)
        if pair[0] < pair[1]:
            low = left
        else:
            high = right
    best = (low + high) / 2
    share = 1.0 if lot is None else max(0.0, (lot - plan.n) / lot)
    return float(outgoing_quality(plan, [best], model=shape)[0]) * share, best


@dataclass(frozen=True)
class PlanTold:
    """What a plan tells: (quality, probability of acceptance) from good to bad, its risks, the worst outgoing quality.
    Qualities are percent, or nonconformities per 100 items under ``Model.POISSON``.
    """

    model: Model
    curve: tuple[tuple[float, float], ...]
    risks: Risks
    outgoing: float
    mean_at_aql: float


def told(found: LotPlan, *, per_hundred: bool, points: int = 24) -> PlanTold:
    """What the plan of a lot tells; ``per_hundred``: of nonconformities per 100 items."""
    model = Model.POISSON if per_hundred else Model.BINOMIAL
    aql = float(found.aql) / 100
    risk = risks(found.plan, aql=aql, model=model)
    worst = _inverted(found.plan, 0.01, model)
    step = _round_step(worst * 100 / points)
    asked = sorted({0.0, float(found.aql), *(step * at for at in range(1, points + 1))})
    asked = [each for each in asked if model is Model.POISSON or each <= 100]
    chances = accept_probability(found.plan, [each / 100 for each in asked], model=model)
    curve = tuple(zip(asked, (float(each) for each in chances), strict=True))
    limit, _ = outgoing_limit(found.plan, model=model, lot=found.lot)
    mean = float(mean_sample(found.plan, [aql], model=model)[0])
    return PlanTold(model, curve, risk, limit * 100, mean)


def _round_step(least: float) -> float:
    """The next of 1, 2, 5, 10, … times a power of ten."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(round(power * times, 12) for times in (1, 2, 5, 10) if power * times >= least * (1 - 1e-9))


# -- a plan from two points of risk ------------------------------------------------------------------------------------


def find_plan(
    good: tuple[float, float], bad: tuple[float, float], *, model: Model, lot: int | None = None, most: int = 20_000
) -> Plan:
    """The smallest single plan that accepts quality ``good[0]`` with at least ``good[1]``, and ``bad[0]`` with at most
    ``bad[1]``. Raises Refused where there is none of up to ``most`` items, or of the lot.
    """
    _points(good, bad)
    c, n = 0, 1
    limit = min(most, lot) if lot is not None else most
    while n <= limit:
        chances = accept_probability(single(n, c), [good[0], bad[0]], model=model, lot=lot)
        if chances[1] > bad[1]:
            n += 1
        elif chances[0] < good[1]:
            c += 1
        else:
            return single(n, c)
    raise Refused(refusals.no_plan_between(limit))


@dataclass(frozen=True)
class VariablesPlan:
    """A plan by variables: the lot is accepted where (limit - mean) / sigma is at least ``k``."""

    n: int
    k: float


def find_variables_plan(
    good: tuple[float, float], bad: tuple[float, float], *, sigma_known: bool, most: int = 20_000
) -> VariablesPlan:
    """The smallest plan by variables (normal, one limit) through two points of risk: with the sigma known, or with that
    of the sample (non-central t). Raises Refused where ``most`` items do not do.
    """
    _points(good, bad)
    ndtri = special().ndtri
    (p1, a1), (p2, a2) = good, bad
    if sigma_known:
        n = math.ceil(((ndtri(a1) - ndtri(a2)) / (ndtri(p2) - ndtri(p1))) ** 2)
        return VariablesPlan(n, float(-ndtri(p1) - ndtri(a1) / math.sqrt(n)))
    for n in range(2, most + 1):
        root = math.sqrt(n)
        k = float(special().nctdtrit(n - 1, -ndtri(p1) * root, 1 - a1)) / root
        if 1 - float(special().nctdtr(n - 1, -ndtri(p2) * root, k * root)) <= a2:
            return VariablesPlan(n, k)
    raise Refused(refusals.no_plan_between(most))


def _points(good: tuple[float, float], bad: tuple[float, float]) -> None:
    if not (0 < good[0] < bad[0] < 1 and 0 < bad[1] < good[1] < 1):
        raise Refused(refusals.points_of_risk())


# -- from lot to lot ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LotResult:
    """What became of a lot on original inspection.

    ``strict`` is None where the acceptance number is below ``score.strict_from``; otherwise whether the lot would have
    been accepted with the AQL one step tighter (double plans: whether it was accepted on the first sample).
    """

    accepted: bool
    strict: bool | None = None


@dataclass(frozen=True)
class SwitchingState:
    """How the next lot is inspected. ``score`` counts under normal inspection only."""

    severity: Inspection = Inspection.NORMAL
    score: int = 0
    recent: tuple[bool, ...] = field(default=())
    rejected: int = 0
    in_a_row: int = 0


def after(state: SwitchingState, lot: LotResult, *, rules: Switching, may_reduce: bool) -> SwitchingState:
    """The state after a lot. ``may_reduce``: production is steady and reduced inspection was authorised.

    Under discontinued inspection nothing moves until the supplier has acted and inspection is begun again, tightened.
    """
    if state.severity is Inspection.DISCONTINUED:
        return state
    if state.severity is Inspection.REDUCED:
        return state if lot.accepted and may_reduce else SwitchingState()
    if state.severity is Inspection.TIGHTENED:
        rejected = state.rejected + (not lot.accepted)
        in_a_row = state.in_a_row + 1 if lot.accepted else 0
        if rejected >= rules.stop.rejected:
            return SwitchingState(Inspection.DISCONTINUED, rejected=rejected)
        if in_a_row >= rules.relax.accepted:
            return SwitchingState()
        return SwitchingState(Inspection.TIGHTENED, rejected=rejected, in_a_row=in_a_row)
    recent = (*state.recent, lot.accepted)[-rules.tighten.of :]
    if recent.count(False) >= rules.tighten.rejected:
        return SwitchingState(Inspection.TIGHTENED)
    gained = rules.score.low if lot.strict is None else rules.score.strict
    score = state.score + gained if lot.accepted and lot.strict is not False else 0
    if may_reduce and score >= rules.reduce.score:
        return SwitchingState(Inspection.REDUCED, score=score)
    return SwitchingState(Inspection.NORMAL, score=score, recent=recent)


def begin_again() -> SwitchingState:
    """After inspection was discontinued and the supplier has acted: tightened inspection."""
    return SwitchingState(Inspection.TIGHTENED)


def run(lots: Iterable[LotResult], *, rules: Switching, may_reduce: bool) -> list[tuple[Inspection, SwitchingState]]:
    """(severity under which a lot was inspected, state after it) for a sequence of lots that begins with normal."""
    state, found = SwitchingState(), []
    for lot in lots:
        before = state.severity
        state = after(state, lot, rules=rules, may_reduce=may_reduce)
        found.append((before, state))
    return found
