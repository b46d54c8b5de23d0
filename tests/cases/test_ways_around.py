"""Ways around the guards of cases that were tried: one person named twice, a restricted case acted in by its number, a
case offered to its own unit, a case whose opening was struck, a recusal of nobody, less than nothing, hours that can't
be read.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.cases.officers import MARKET, NEIGHBOUR, call, officer
from tests.factories import GrantFactory
from zhiheng.actions.cases.act_in_case import act_in_case, check_form, sign_proposal
from zhiheng.actions.cases.assign_case import assign_case
from zhiheng.actions.cases.link_cases import link_cases
from zhiheng.actions.cases.open_case import PartyGiven, open_case
from zhiheng.actions.cases.restrict_case import restrict_case
from zhiheng.actions.cases.save_draft import save_draft
from zhiheng.actions.cases.strike_line import strike_line
from zhiheng.actions.cases.verify_cases import verify_cases
from zhiheng.engines.workflow.forms import moment_in
from zhiheng.kernel.actor import SYSTEM, Actor
from zhiheng.kernel.reasons import Refused
from zhiheng.office.cases import Case, CaseEvent, CaseStandingRow
from zhiheng.people.models import Account
from zhiheng.queries.cases import case_sheet
from zhiheng.queries.inbox import cases_in, inbox

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LI, ZHANG = officer(901, "department_officer", name="李敏"), officer(902, "department_officer", name="张强")
HEAD = officer(903, "department_head", name="王局")
COMPLAINT = {"claim": "退货退款", "dispute": "电热水壶漏电"}
DAY = "2026-04-20"


def complaint(hour: str = "09:00") -> Case:
    """A complaint that an officer enters."""
    return open_case("complaint", "receive", COMPLAINT, unit=MARKET, call=call(LI, f"{DAY} {hour}")).case


def refused(act: Any) -> set[str]:
    """The codes of what refuses an act."""
    with pytest.raises(Refused) as found:
        act()
    return {each.code for each in found.value.refusals}


def named_officers() -> tuple[Actor, Actor]:
    """Two officers of the market bureau with accounts."""
    made = [Account.objects.create_user(f"o{n}", None, name=f"办案{n}", kind="officer", unit=MARKET) for n in (1, 2)]
    first, second = (officer(each.pk, "department_officer", name=each.name) for each in made)
    return first, second


def penalty(officers: list[str]) -> Case:
    """A penalty case on a verified lead."""
    given = {"lead": "无证生产", "officers": officers}
    return open_case("penalty_case", "open_verified", given, unit=MARKET, call=call(HEAD, f"{DAY} 09:00")).case


def test_同一人写两遍_不算两名办案人员() -> None:
    one, two = named_officers()
    assert refused(lambda: penalty([one.id, one.id])) == {"workflow.at_least_officers"}
    assert penalty([one.id, two.id, one.id]).lines.get().data.count(one.id) == 1


def test_限制查阅的_没有经手的人凭编号也办不了_负责人和指名的人办得了() -> None:
    case, other = complaint(), complaint("09:05")
    restrict_case(case.pk, restricted=True, reason="涉及举报人安全", call=call(HEAD, f"{DAY} 10:00"))
    line = CaseEvent.objects.filter(case=case).order_by("place")[0]
    stranger = call(ZHANG, f"{DAY} 11:00")
    for act in (
        lambda: act_in_case(case.pk, "decide.accept", {}, call=stranger),
        lambda: check_form(case.pk, "decide.accept", {}, call=stranger),
        lambda: link_cases(case.pk, other.pk, call=stranger),
        lambda: link_cases(other.pk, case.pk, call=stranger),
    ):
        assert refused(act) == {"case.absent"}
    assert CaseEvent.objects.filter(case__in=(case, other)).count() == 3
    act_in_case(case.pk, "decide.accept", {}, call=call(LI, f"{DAY} 12:00"))
    strike_line(line.pk, reason="登记错了", call=call(HEAD, f"{DAY} 13:00"))
    one, two = named_officers()
    secret = penalty([one.id, two.id])
    restrict_case(secret.pk, restricted=True, reason="线索敏感", call=call(HEAD, f"{DAY} 10:00"))
    waiting = act_in_case(secret.pk, "investigate.other", {"evidence": "账册"}, call=call(one, f"{DAY} 14:00")).proposal
    assert waiting is not None
    sign = {"digest": waiting.digest}
    assert refused(lambda: sign_proposal(waiting.pk, **sign, call=call(ZHANG, f"{DAY} 15:00"))) == {"case.absent"}
    assert sign_proposal(waiting.pk, **sign, call=call(two, f"{DAY} 15:00")).line is not None


def test_限制查阅的_指派给谁谁就办得了() -> None:
    case = complaint()
    restrict_case(case.pk, restricted=True, reason="涉及举报人安全", call=call(HEAD, f"{DAY} 10:00"))
    someone = Account.objects.create_user("z", None, name="赵新", kind="officer", unit=MARKET)
    new = officer(someone.pk, "department_officer", name="赵新")
    assert refused(lambda: act_in_case(case.pk, "decide.accept", {}, call=call(new, f"{DAY} 11:00"))) == {"case.absent"}
    GrantFactory(account=someone, role="department_officer", unit=MARKET, area="990101")
    assign_case(case.pk, someone.pk, call=call(HEAD, f"{DAY} 12:00"))
    assert act_in_case(case.pk, "decide.accept", {}, call=call(new, f"{DAY} 13:00")).line is not None


def test_限制查阅的_待办里写明打不开_成批办理时略过它() -> None:
    secret, other = complaint(), complaint("09:05")
    restrict_case(secret.pk, restricted=True, reason="涉及举报人安全", call=call(HEAD, f"{DAY} 10:00"))
    later = "2026-04-28 09:00"
    shown = {row.case.pk: row.closed for row in inbox("soon", call=call(ZHANG, later)).rows}
    assert shown == {secret.pk: True, other.pk: False}
    assert cases_in("soon", 500, call=call(ZHANG, later)) == [other.pk]
    assert not any(row.closed for row in inbox("soon", call=call(LI, later)).rows)
    assert set(cases_in("soon", 500, call=call(HEAD, later))) <= {secret.pk, other.pk}
    assert len(cases_in("soon", 500, call=call(LI, later))) == 2


def test_不能移交给现在办理的单位_移交可以撤回() -> None:
    case = complaint()
    given = {"to_unit": MARKET, "handover_reason": "经营地在本区"}
    assert refused(lambda: act_in_case(case.pk, "offer", given, call=call(LI, f"{DAY} 10:00"))) == {
        "case.unit_holds_it"
    }
    act_in_case(case.pk, "offer", {**given, "to_unit": NEIGHBOUR}, call=call(LI, f"{DAY} 10:00"))
    act_in_case(case.pk, "withdraw_offer", {}, call=call(LI, f"{DAY} 11:00"))
    assert CaseStandingRow.objects.get(case=case).states == ["to_decide"]
    neighbour = officer(5, "department_officer", NEIGHBOUR)
    assert "case.absent" in refused(lambda: act_in_case(case.pk, "take_over", {}, call=call(neighbour, f"{DAY} 12:00")))


def test_争议可以商定仍由本单位办() -> None:
    case = complaint()
    given = {"to_unit": NEIGHBOUR, "handover_reason": "经营地"}
    act_in_case(case.pk, "offer", given, call=call(LI, f"{DAY} 10:00"))
    neighbour = officer(5, "department_officer", NEIGHBOUR)
    act_in_case(case.pk, "decline", {"handover_reason": "不在辖区"}, call=call(neighbour, f"{DAY} 11:00"))
    act_in_case(case.pk, "settle_dispute", {"to_unit": MARKET}, call=call(LI, f"{DAY} 12:00"))
    row = CaseStandingRow.objects.get(case=case)
    assert (row.states, row.unit) == (["to_decide"], MARKET)


def test_开出案件的一步撤销了_没有办过的那件不再办理_也不再列为在办_重新办那一步还是它() -> None:
    case = complaint()
    split = act_in_case(case.pk, "split_report", {"lead": "无证"}, call=call(LI, f"{DAY} 10:00"))
    (child,) = split.opened
    assert split.line is not None
    assert not CaseStandingRow.objects.get(case=child).final
    strike_line(split.line.pk, reason="分错了", call=call(HEAD, f"{DAY} 11:00"))
    assert CaseStandingRow.objects.get(case=child).final
    lead = {"lead": "无证", "named": False}
    does = call(LI, f"{DAY} 12:00")
    assert refused(lambda: act_in_case(child, "receive", lead, call=does, happened=DAY)) == {"case.opening_struck"}
    again = act_in_case(case.pk, "split_report", {"lead": "无证"}, call=call(LI, f"{DAY} 13:00"))
    assert again.opened == (child,)
    assert not CaseStandingRow.objects.get(case=child).final
    act_in_case(child, "receive", lead, call=call(LI, f"{DAY} 14:00"), happened=DAY)
    assert verify_cases(call=call(SYSTEM, f"{DAY} 14:00")).findings == []


def test_开出的案件已经办了的_撤销开出的那一步_它照旧办理() -> None:
    case = complaint()
    split = act_in_case(case.pk, "split_report", {"lead": "无证"}, call=call(LI, f"{DAY} 10:00"))
    (child,) = split.opened
    assert split.line is not None
    act_in_case(child, "receive", {"lead": "无证", "named": False}, call=call(LI, f"{DAY} 11:00"), happened=DAY)
    strike_line(split.line.pk, reason="分错了", call=call(HEAD, f"{DAY} 12:00"))
    row = CaseStandingRow.objects.get(case=child)
    assert (row.states, row.final) == (["verifying"], False)


def test_专项整治的任务由承担的单位持有和办理() -> None:
    plan = {"key_products": "燃气灶", "key_objects": "五金店", "key_areas": "全区", "plan": "方案"}
    case = open_case("special_campaign", "draw_up", plan, unit=MARKET, call=call(LI, f"{DAY} 09:00")).case
    given = {"campaign_until": "2026-12-31", "units": ["mars"]}
    head = call(HEAD, f"{DAY} 10:00")
    assert refused(lambda: act_in_case(case.pk, "approve", given, call=head)) == {"case.unit"}
    (task,) = act_in_case(case.pk, "approve", {**given, "units": [NEIGHBOUR]}, call=head).opened
    assert CaseStandingRow.objects.get(case=task).unit == NEIGHBOUR
    take = {"task_until": "2026-12-01", "key_areas": "工地"}
    assert "case.absent" in refused(lambda: act_in_case(task, "take", take, call=call(LI, f"{DAY} 11:00")))
    doer = officer(5, "department_officer", NEIGHBOUR)
    assert act_in_case(task, "take", take, call=call(doer, f"{DAY} 11:00")).line is not None


def test_当事人写姓名申请回避_决定回避的从名单选账号_选了就不能再办() -> None:
    one, two = named_officers()
    case = penalty([one.id, two.id])
    told = {"challenged": "办案1", "reason": "与竞争对手是亲属"}
    act_in_case(case.pk, "challenge", told, call=call(one, f"{DAY} 10:00"), happened=DAY)
    head = call(HEAD, f"{DAY} 11:00")
    assert refused(lambda: act_in_case(case.pk, "decide_challenge.replace", {}, call=head)) == {"workflow.asks"}
    named = {"challenged": "办案1"}
    assert refused(lambda: act_in_case(case.pk, "decide_challenge.replace", named, call=head)) == {"workflow.not_named"}
    act_in_case(case.pk, "decide_challenge.replace", {"challenged": one.id}, call=head)
    does = {"evidence": "账册"}
    assert refused(lambda: act_in_case(case.pk, "investigate.other", does, call=call(one, f"{DAY} 12:00"))) == {
        "workflow.person"
    }


def test_数量金额不能小于零() -> None:
    found = {"hazard": "溶出度", "drug": "试验片"}
    holder = [PartyGiven("licence_holder", name="试验制药")]
    case = open_case(
        "drug_recall", "find_hazard", found, unit=MARKET, call=call(LI, f"{DAY} 09:00"), parties=holder
    ).case
    act_in_case(case.pk, "assess.recall", {"assessment": "x", "level": "level_1"}, call=call(LI, f"{DAY} 10:00"))
    does = call(LI, f"{DAY} 11:00")
    assert refused(lambda: act_in_case(case.pk, "file_plan", {"sold": "-1"}, call=does)) == {"workflow.negative"}
    act_in_case(case.pk, "file_plan", {"sold": "0"}, call=does)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("2026-04-20 9:30", dt.datetime(2026, 4, 20, 9, 30)),
        ("2026-04-20 9：30", dt.datetime(2026, 4, 20, 9, 30)),
        ("2026-04-20T09:30Z", dt.datetime(2026, 4, 20, 17, 30)),
        ("2026-04-20", dt.date(2026, 4, 20)),
        ("2026-04-20T25:00", None),
        ("2026-04-20T24:00", None),
        ("2026年4月20日 9:30", None),
        ("0001-01-01T00:00+14:00", None),
        ("9999-12-31T23:59-12:00", None),
        ("0001-01-01 00:00", None),
        ("1899-12-31 23:59", None),
    ],
)
def test_时刻读不出的不当作只写了日子_年份离谱的不收(said: str, read: dt.date | None) -> None:
    assert moment_in(said) == read


def test_草稿里的控制字符去掉_太长的截断_数据库存得下() -> None:
    case = complaint()
    someone = Account.objects.create_user("d", None, name="丁", kind="officer", unit=MARKET)
    mine = call(officer(someone.pk, "department_officer"), f"{DAY} 10:00")
    typed = {"refusal_reason": "不属于\x00本部门\u202e职责", "other_routes": "诉" * 30_000}
    draft = save_draft("complaint", "decide.refuse", typed, case=case.pk, call=mine)
    assert draft.typed == {"refusal_reason": "不属于本部门职责", "other_routes": "诉" * 20_000}


def test_别的单位里只有案件写明的那个单位能办_远处的单位凭编号也不行() -> None:
    given = {"decision": "〔2026〕1号", "request": "撤销"}
    applicant = [PartyGiven("applicant", name="试验公司")]
    case = open_case(
        "administrative_review", "apply", given, unit=MARKET, call=call(LI, f"{DAY} 09:00"), parties=applicant
    ).case
    act_in_case(case.pk, "accept.normal", {}, call=call(LI, f"{DAY} 10:00"))
    own = call(LI, f"{DAY} 11:00")
    itself = {"respondent_unit": MARKET}
    assert refused(lambda: act_in_case(case.pk, "forward.normal", itself, call=own)) == {"case.unit_holds_it"}
    act_in_case(case.pk, "forward.normal", {"respondent_unit": NEIGHBOUR}, call=own)
    answer = {"answer": "合法"}
    for unit in ("cangji_market", "liyuan_environment"):
        far = call(officer(77, "department_officer", unit), f"{DAY} 12:00")
        assert refused(lambda does=far: act_in_case(case.pk, "answer", answer, call=does)) == {"case.absent"}
    named = call(officer(5, "department_officer", NEIGHBOUR), f"{DAY} 13:00")
    assert case_sheet(case.pk, call=named).case == case
    assert act_in_case(case.pk, "answer", answer, call=named).line is not None


def test_代当事人登记的才能写以前的日子_别的行为借这个名义也不能倒签() -> None:
    case = complaint()
    late = call(LI, "2026-04-30 10:00")
    for party in ("", "zzz", "complainant"):
        assert refused(
            lambda party=party: act_in_case(
                case.pk, "decide.accept", {}, call=late, happened="2026-04-21", entered_for=party
            )
        ) == {"case.day_not_stated"}
