"""Batches of a campaign: how many are drawn and when a batch is accepted come from the plan of the book, frozen in the
line; a judgement that does not follow from them is refused.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases.officers import MARKET, NEIGHBOUR, call, officer
from tests.published.places import Place, default_book, place
from zhiheng.actions.cases.act_in_case import act_in_case
from zhiheng.actions.cases.open_case import open_case
from zhiheng.engines import acceptance
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.acceptance import ACCEPTANCE, SAMPLING_PLANS
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.kernel.reasons import Refused
from zhiheng.office import case_log
from zhiheng.office.cases import CaseEvent, CaseStandingRow
from zhiheng.queries.cases import case_sheet

__all__ = ["default_book", "place"]
pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database, pytest.mark.slow]
HANDLER, HEAD = officer(11, "department_officer", name="李敏"), officer(12, "department_head", name="王局")
DOER = officer(21, "department_officer", NEIGHBOUR, "张工")
PLAN = {"key_products": ["插座"], "key_objects": ["五金店"], "key_areas": ["全区"], "plan": "方案"}
BATCH = "插座 20260311"


def task(place: Place) -> tuple[int, Call]:
    """A task of a campaign that was taken; its case, and the call of the officer who does it."""
    handler, head = (call(who, place.now, place.book) for who in (HANDLER, HEAD))
    campaign = open_case("special_campaign", "draw_up", PLAN, unit=MARKET, call=handler).case
    until = str(place.now.date().replace(year=place.now.year + 1))
    act_in_case(campaign.pk, "approve", {"campaign_until": until, "units": [NEIGHBOUR]}, call=head)
    mine = CaseStandingRow.objects.get(workflow="campaign_task").case_id
    doer = call(DOER, place.now, place.book)
    act_in_case(mine, "take", {"task_until": until, "key_areas": "五金市场"}, call=doer)
    return mine, doer


def drawn(case: int, doer: Call, lot: str) -> dict[str, Any]:
    done = act_in_case(case, "draw_sample", {"batch": BATCH, "lot_size": lot}, call=doer)
    assert done.line is not None
    answers = case_log.answers_in(CaseEvent.objects.get(pk=done.line.pk))
    return {name: answer.value for name, answer in answers.items()}


def test_应抽件数接收数拒收数由方案给出_写在行里_案件页看得到(place: Place) -> None:
    case, doer = task(place)
    assert drawn(case, doer, "600") == {
        "to_draw": 13,
        "accept_up_to": 1,
        "reject_from": 2,
        "to_inspect_for_safety": 600,
    }
    (line,) = [each for each in case_sheet(case, call=doer).lines if each.answers]
    assert [each.value.zh for each in line.answers] == ["13 件", "1 件", "2 件", "600 件"]


def test_判定与方案不符的退回_照方案的办得了(place: Place) -> None:
    case, doer = task(place)
    drawn(case, doer, "600")
    for act, found, code in (
        ("judge_batch.accepted", {"failed_other": "2", "failed_safety": "0"}, "campaign.batch_refused"),
        ("judge_batch.accepted", {"failed_other": "0", "failed_safety": "1"}, "campaign.batch_refused"),
        ("judge_batch.not_accepted", {"failed_other": "1", "failed_safety": "0"}, "campaign.batch_accepted"),
        ("judge_batch.not_accepted", {"failed_other": "14", "failed_safety": "0"}, "campaign.batch_numbers"),
    ):
        with pytest.raises(Refused) as refused:
            act_in_case(case, act, found, call=doer)
        assert [each.code for each in refused.value.refusals] == [code]
        assert refused.value.refusals[0].field in ("failed_other", "failed_safety")
    done = act_in_case(case, "judge_batch.not_accepted", {"failed_other": "2", "failed_safety": "0"}, call=doer)
    assert done.line is not None


@pytest.mark.parametrize(("lot", "told"), [("1", "不能抽样"), ("0", "不能抽样"), ("12.5", "应为整数"), ("-3", "")])
def test_没有方案的批量_在批量这一格说明_什么也不写(place: Place, lot: str, told: str) -> None:
    case, doer = task(place)
    lines = CaseEvent.objects.filter(case=case).count()
    with pytest.raises(Refused) as refused:
        drawn(case, doer, lot)
    assert refused.value.refusals[0].field == "lot_size"
    assert told in refused.value.refusals[0].zh
    assert CaseEvent.objects.filter(case=case).count() == lines


def test_应抽件数不能由人填写(place: Place) -> None:
    case, doer = task(place)
    with pytest.raises(Refused) as refused:
        act_in_case(case, "draw_sample", {"batch": BATCH, "lot_size": "600", "to_draw": "1"}, call=doer)
    assert "由系统在办理时查询" in refused.value.refusals[0].zh


def test_故事里写的数就是方案的数(default_book: Any) -> None:
    page, told = default_book[SAMPLING_PLANS]["campaign_batches"], 0
    standard = default_book[ACCEPTANCE][page.standard]
    for name in ("campaign_task", "special_campaign"):
        for story in default_book[WORKFLOWS][name].stories:
            for day in story.days:
                if "to_draw" not in day.sees:
                    continue
                stage = acceptance.of_class(standard, page, "other", lot=int(day.with_["lot_size"]))
                said = [day.sees[each] for each in ("to_draw", "accept_up_to", "reject_from")]
                assert said == [stage.n, stage.accept, stage.reject], (name, day.day)
                told += 1
    assert told >= 4
