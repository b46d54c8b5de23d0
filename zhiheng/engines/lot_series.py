"""Lots of one product, one after the other: under which inspection each is looked at, and what becomes of it.

Nothing of this is stored: state and verdict follow from the results and the standard, so that a lot that is put right
puts all after it right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zhiheng.engines import acceptance, refusals
from zhiheng.engines.acceptance import LotPlan, LotResult, SwitchingState
from zhiheng.grammar.chapters.acceptance import AcceptanceStandard, Inspection, SampleKind
from zhiheng.kernel.reasons import Refused


@dataclass(frozen=True, slots=True)
class Series:
    """How the lots of a series are inspected: level, AQL, kind of plan, and whether reduced inspection is allowed."""

    level: str
    aql: str
    kind: SampleKind
    may_reduce: bool


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot: its size, what was found in the first sample, and in the second where one was drawn.

    ``resumed``: before it inspection was begun again, after the supplier had acted.
    """

    size: int
    found: int
    found_second: int | None = None
    resumed: bool = False


@dataclass(frozen=True)
class JudgedLot:
    """A lot with its plan, whether it is accepted, and the state before and after it."""

    lot: Lot
    plan: LotPlan
    accepted: bool
    before: SwitchingState
    after: SwitchingState

    @property
    def switched(self) -> bool:
        """Whether the next lot is inspected otherwise."""
        return self.after.severity is not self.plan_severity

    @property
    def plan_severity(self) -> Inspection:
        """What the rules asked for; the plan may be one of normal inspection where the standard has no other."""
        return self.before.severity


def per_hundred(standard: AcceptanceStandard, aql: str) -> bool:
    """Whether an AQL can be one of nonconformities per 100 items only."""
    return float(aql) > standard.percent_up_to


def plan_for(standard: AcceptanceStandard, series: Series, size: int, severity: Inspection) -> LotPlan:
    """The plan for the next lot. Reduced inspection is a favour: where the book has no plan for it, the normal one is
    used. Raises Refused where there is none, and where inspection is discontinued.
    """
    if severity is Inspection.DISCONTINUED:
        raise Refused(refusals.inspection_discontinued())

    def find(under: Inspection) -> LotPlan:
        return acceptance.find(standard, lot=size, level=series.level, aql=series.aql, kind=series.kind, severity=under)

    if severity is not Inspection.REDUCED:
        return find(severity)
    try:
        return find(severity)
    except Refused:
        return find(Inspection.NORMAL)


def judge(standard: AcceptanceStandard, series: Series, lots: Sequence[Lot]) -> list[JudgedLot]:
    """Every lot in turn, the first under normal inspection. Raises Refused for numbers that can't be."""
    state, judged = SwitchingState(), []
    for lot in lots:
        if state.severity is Inspection.DISCONTINUED and lot.resumed:
            state = acceptance.begin_again()
        plan = plan_for(standard, series, lot.size, state.severity)
        accepted = _accepted(lot, plan, per_hundred(standard, series.aql))
        result = LotResult(accepted, _strict(standard, series, lot, plan, accepted))
        following = acceptance.after(state, result, rules=standard.switching, may_reduce=series.may_reduce)
        judged.append(JudgedLot(lot, plan, accepted, state, following))
        state = following
    return judged


def state_after(judged: Sequence[JudgedLot]) -> SwitchingState:
    """The state for the next lot."""
    return judged[-1].after if judged else SwitchingState()


def _accepted(lot: Lot, plan: LotPlan, many: bool) -> bool:
    first = plan.plan.stages[0]
    _bounded("found", lot.found, min(first.n, lot.size), many)
    if len(plan.plan.stages) == 1 or lot.found <= first.accept or lot.found >= first.reject:
        if lot.found_second is not None:
            raise Refused(refusals.second_sample_needless())
        return lot.found <= first.accept
    if lot.found_second is None:
        raise Refused(refusals.second_sample_missing(first.accept, first.reject, n=plan.plan.stages[1].n))
    _bounded("found_second", lot.found_second, min(plan.plan.stages[1].n, lot.size), many)
    return lot.found + lot.found_second <= plan.plan.stages[1].accept


def _bounded(field: str, found: int, n: int, many: bool) -> None:
    """An item is nonconforming once; nonconformities may be several on one item, within reason."""
    most = n * 100 if many else n
    if not 0 <= found <= most:
        raise Refused(refusals.found_impossible(field, found, most=most))


def _strict(standard: AcceptanceStandard, series: Series, lot: Lot, plan: LotPlan, accepted: bool) -> bool | None:
    """What the switching score asks of a lot (``LotResult.strict``)."""
    if len(plan.plan.stages) > 1:
        return accepted and lot.found_second is None
    if plan.plan.stages[0].accept < standard.switching.score.strict_from:
        return None
    tighter = acceptance.tighter(standard, series.aql)
    if tighter is None:
        return False
    try:
        stricter = acceptance.find(standard, lot=lot.size, level=series.level, aql=tighter, kind=series.kind)
    except Refused:
        return False
    return lot.found <= stricter.plan.stages[0].accept
