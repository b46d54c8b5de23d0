"""Tasks of restrictions: the measures come from the matrix and the listing, frozen when the task is received; a removal
that comes before dissolves it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.cases.officers import MARKET, NEIGHBOUR, call, officer
from tests.cases.test_facts_open_cases import acts, waiting, watched
from tests.published.places import Place, default_book, place
from zhiheng.actions.cases.act_in_case import act_in_case
from zhiheng.actions.cases.open_case import PartyGiven, open_case
from zhiheng.actions.facts.correct_fact import withdraw
from zhiheng.engines.workflow.look_ups import Reached
from zhiheng.kernel.actor import SYSTEM
from zhiheng.kernel.reasons import Refused
from zhiheng.office import case_log
from zhiheng.office.cases import CaseEvent, CaseStandingRow
from zhiheng.queries import case_facts
from zhiheng.queries.cases import case_sheet

__all__ = ["default_book", "place"]
pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database, pytest.mark.slow]
BUILDER = officer(21, "department_officer", NEIGHBOUR, "张工")


def handed_out(place: Place) -> tuple[Any, CaseStandingRow]:
    """A listing of which the departments are told; the listing, and the task of the housing department."""
    fact = place.fact("blacklist_entry", "尚未移出的列入一直有效", 列入日期="2026-11-16", 届满日期="2029-11-15")
    watched(place)
    row = next(each for each in waiting(place) if each.workflow == "joint_restriction")
    found = case_facts.fact_to_open(row.pk, call=acts(place))
    open_case(
        row.workflow,
        row.act,
        {**found.fields, "units": [NEIGHBOUR]},
        unit=MARKET,
        call=acts(place),
        parties=[PartyGiven(role, alias=alias.pk) for role, alias in found.parties.items()],
        facts=found.facts,
    )
    return fact, CaseStandingRow.objects.get(workflow="restriction_task")


def test_签收时查出本单位的措施和条文_随签收记录_名单撤回以后也不变(place: Place) -> None:
    fact, task = handed_out(place)
    assert task.unit == NEIGHBOUR
    builder = call(BUILDER, place.now, place.book)
    with pytest.raises(Refused) as refused:
        act_in_case(task.case_id, "receive.apply_as_told", {"measures": "自己写的"}, call=builder)
    assert [each.code for each in refused.value.refusals] == ["workflow.where_due_measures"]
    done = act_in_case(task.case_id, "receive.apply", {}, call=builder)
    assert done.line is not None
    answer = case_log.answers_in(CaseEvent.objects.get(pk=done.line.pk))["due_measures"]
    assert answer.value == "工程招投标中依法予以限制或者禁入（《企业信息公示暂行条例》第十九条）"
    assert answer.facts == (fact.pk,)
    withdraw(fact.pk, unit="liyuan_market", reason="列入有误", call=call(SYSTEM, place.now, place.book))
    (line,) = [each for each in case_sheet(task.case_id, call=builder).lines if each.answers]
    assert [each.answer.value for each in line.answers] == [answer.value]


def test_查不到名单记录的_写明没有查_按来文所列执行(place: Place) -> None:
    fact, task = handed_out(place)
    withdraw(fact.pk, unit="liyuan_market", reason="列入有误", call=call(SYSTEM, place.now, place.book))
    builder = call(BUILDER, place.now, place.book)
    with pytest.raises(Refused):
        act_in_case(task.case_id, "receive.apply", {}, call=builder)
    done = act_in_case(task.case_id, "receive.apply_as_told", {"measures": "招投标限制"}, call=builder)
    assert done.line is not None
    answer = case_log.answers_in(CaseEvent.objects.get(pk=done.line.pk))["due_measures"]
    assert (answer.value, answer.reached in (Reached.WHOLE, Reached.PART)) == (None, True)


def test_签收以前移出的_任务随即撤销_单位不用办(place: Place) -> None:
    _, task = handed_out(place)
    parent = CaseStandingRow.objects.get(workflow="joint_restriction")
    assert not task.final
    act_in_case(parent.case_id, "removed_serious", {"removal": "信用修复"}, call=acts(place, days=3))
    task.refresh_from_db()
    assert (task.states, task.final) == (["dissolved"], True)
    later = call(BUILDER, place.now + dt.timedelta(days=4), place.book)
    with pytest.raises(Refused):
        act_in_case(task.case_id, "receive.apply", {}, call=later)
    assert "任务撤销" in "".join(each.label.zh for each in case_sheet(task.case_id, call=later).lines)
