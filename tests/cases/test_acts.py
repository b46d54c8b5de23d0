"""Acts in cases: who may, who comes second, what is struck and taken back, what verifying finds."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connections, transaction

from tests.book_once import book_once
from tests.cases.officers import BOOK, CITY, MARKET, NEIGHBOUR, at, book_with_rights, call, officer, only
from tests.cases.tampering import without_triggers
from zhiheng.actions.cases import remake_standings
from zhiheng.actions.cases.act_in_case import act_in_case, decline_proposal, sign_proposal
from zhiheng.actions.cases.act_in_many import begin, choose_cases
from zhiheng.actions.cases.assign_case import assign_case
from zhiheng.actions.cases.comment_on_case import comment_on_case
from zhiheng.actions.cases.line_writer import ActsTogether, acts_together
from zhiheng.actions.cases.open_case import CaseOpened, PartyGiven, open_case
from zhiheng.actions.cases.remake_standings import is_due, remake_all, remake_due
from zhiheng.actions.cases.restrict_case import restrict_case
from zhiheng.actions.cases.strike_line import strike_line
from zhiheng.actions.cases.verify_cases import verify_cases
from zhiheng.actions.cases.withdraw_struck_facts import facts_wait, withdraw_struck_facts
from zhiheng.actions.intake.process_upload import take_in
from zhiheng.kernel.actor import PUBLIC, SYSTEM
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.receipts import receipt_of
from zhiheng.ledger.models import Fact
from zhiheng.office.cases import Case, CaseDuty, CaseEvent, CaseHandIn, CaseStandingRow
from zhiheng.office.models import Upload
from zhiheng.people.models import Account, TrailLine
from zhiheng.queries.audit import TrailEntry, cases_open_to
from zhiheng.queries.case_reach import readable
from zhiheng.queries.cases import CaseFilters, _reads_openly, case_sheet, cases, opening_acts
from zhiheng.queries.inbox import calendar, counts, inbox, unclocked

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LI, ZHANG = officer(1, "department_officer", name="李敏"), officer(2, "department_officer", name="张强")
HEAD = officer(3, "department_head", name="王局")
FAR = officer(4, "department_officer", "cangji_market", "远方")
COMPLAINT = {"claim": "退货退款", "dispute": "电热水壶漏电"}


def opened(moment: str = "2026-04-20 09:00", who: Any = LI, **more: Any) -> CaseOpened:
    """A complaint that an officer enters."""
    return open_case("complaint", "receive", COMPLAINT, unit=MARKET, call=call(who, moment), **more)


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    """The codes of what was refused."""
    return {each.code for each in refused.value.refusals}


def recall(moment: str = "2026-03-02 09:00") -> Case:
    """A drug recall with its holder named."""
    done = open_case(
        "drug_recall",
        "find_hazard",
        {"hazard": "溶出度不合格", "drug": "试验片 A1"},
        unit=MARKET,
        call=call(LI, moment),
        parties=[PartyGiven("licence_holder", name="试验制药有限公司")],
    )
    return done.case


def decided(case: Case, moment: str = "2026-03-03 10:00") -> CaseEvent:
    """The recall decided: the row of the recall is handed in."""
    given = {"assessment": "可能引起严重健康危害", "level": "level_1"}
    done = act_in_case(case.pk, "assess.recall", given, call=call(LI, moment))
    assert done.line is not None
    return done.line


def test_案件清单和没有期限的清单_翻到底每件恰好一次(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = {opened().case.pk for _ in range(3)}
    monkeypatch.setattr("zhiheng.queries.cases.PAGE", 1)
    monkeypatch.setattr("zhiheng.queries.inbox.PAGE", 1)
    CaseStandingRow.objects.update(due=None)
    for turn in (
        lambda after: cases(CaseFilters(), after=after, call=call(HEAD, "2026-04-21 09:00")),
        lambda after: unclocked(after=after, call=call(LI, "2026-04-21 09:00")),
    ):
        found, after = [], ""
        for _ in range(4):
            page = turn(after)
            found += [row.case.pk for row in page.rows]
            after = page.next
            if not after:
                break
        assert sorted(found) == sorted(numbers)


# -- acts --------------------------------------------------------------------------------------------------------------


def _mediated(together: ActsTogether | None) -> Case:
    """A complaint from its entry to the split-off report, and on to the agreement."""
    case = opened(together=together).case
    act_in_case(case.pk, "split_report", {"lead": "无证销售"}, call=call(LI, "2026-04-20 10:00"), together=together)
    act_in_case(case.pk, "decide.accept", {}, call=call(LI, "2026-04-21 10:00"), together=together)
    agreed = {"agreement": "退款", "fulfilled": True}
    act_in_case(case.pk, "agree", agreed, call=call(ZHANG, "2026-04-22 10:00"), together=together)
    return case


def test_许多行为一并写成_与一个一个办的一样_被拒的不留下什么() -> None:
    alone = _mediated(None)
    with acts_together(call(LI, "2026-04-22 10:00")) as together:
        case = _mediated(together)
        with pytest.raises(Refused) as refused:
            act_in_case(case.pk, "decide.accept", {}, call=call(LI, "2026-04-22 11:00"), together=together)
        assert codes(refused) == {"workflow.not_while"}
        second = opened("2026-04-22 09:00", together=together).case
        assert not CaseStandingRow.objects.filter(case__in=(case, second)).exists(), "made once, at the end"
    lines = [
        list(
            each.lines.order_by("place").values_list("place", "act", "outcome", "entered_at", "people", "seen", "page")
        )
        for each in (alone, case)
    ]
    assert lines[0] == lines[1]
    assert len(lines[0]) == 4
    rows = [
        CaseStandingRow.objects.filter(case=each).values("states", "due", "changes_at", "unit", "place", "final").get()
        for each in (alone, case)
    ]
    assert rows[0] == rows[1]
    assert CaseStandingRow.objects.get(case=second).states == ["to_decide"]
    assert case.children.count() == alone.children.count() == 1
    assert verify_cases(call=call(SYSTEM, "2026-04-22 10:00")).findings == []


def test_立案有编号_状态_期限_留痕() -> None:
    done = opened()
    assert done.case.number == "诉〔2026〕1号"
    row = CaseStandingRow.objects.get(case=done.case)
    assert (row.states, row.unit, row.final, row.due) == (["to_decide"], MARKET, False, dt.date(2026, 4, 29))
    (duty,) = CaseDuty.objects.filter(case=done.case)
    assert (duty.hand, duty.takes, duty.acts, duty.counted_in) == ("handler", "case.handle", ["decide"], "wd")
    assert TrailLine.objects.filter(verb="case.open", about=f"case:{done.case.pk}").count() == 1
    assert opened().case.number == "诉〔2026〕2号"


def test_同一张表提交两次_只立一件() -> None:
    first, second = opened(once="form-1"), opened(once="form-1")
    assert (first.case.pk, first.new, second.new) == (second.case.pk, True, False)
    assert CaseEvent.objects.count() == 1


def test_后到的一个被告知有什么变化_什么也没有写入() -> None:
    case = opened().case
    act_in_case(case.pk, "decide.accept", {}, call=call(LI, "2026-04-21 10:00"), place=1)
    with pytest.raises(Refused) as refused:
        act_in_case(case.pk, "decide.accept", {}, call=call(ZHANG, "2026-04-21 10:01"), place=1)
    assert codes(refused) == {"case.changed"}
    assert "李敏 2026-04-21 10:00“决定是否受理并告知：受理”" in refused.value.refusals[0].zh
    assert CaseEvent.objects.count() == 2


def test_备注不挡别人办理() -> None:
    case = opened().case
    comment_on_case(case.pk, "已电话联系", call=call(ZHANG, "2026-04-21 09:30"))
    assert act_in_case(case.pk, "decide.accept", {}, call=call(LI, "2026-04-21 10:00"), place=1).place == 3


@pytest.mark.parametrize(
    ("who", "act", "given", "code"),
    [
        (officer(5, "leader"), "decide.accept", {}, "access.role"),
        (FAR, "decide.accept", {}, "case.absent"),
        (LI, "decide.refuse", {"refusal_reason": "无"}, "workflow.asks"),
        (LI, "decide.nothing", {}, "case.act"),
        (LI, "tell_end", {}, "workflow.not_while"),
        (LI, "decide.accept", {"lead": "某线索"}, "workflow.unknown"),
        (LI, "refer_to_police", {"reason": "敲诈"}, "access.role"),
    ],
)
def test_不能办的说明理由_什么也不变(who: Any, act: str, given: dict[str, Any], code: str) -> None:
    case = opened().case
    with pytest.raises(Refused) as refused:
        act_in_case(case.pk, act, given, call=call(who, "2026-04-21 10:00"))
    assert code in codes(refused), [each.zh for each in refused.value.refusals]
    assert CaseEvent.objects.count() == 1


def test_填写的按字段读_日期数字是否都认得() -> None:
    case = opened(happened="2026年4月18日").case
    assert case.opened_on == dt.date(2026, 4, 18)
    act_in_case(case.pk, "decide.accept", {}, call=call(LI, "2026-04-21 10:00"))
    given = {"agreement": "退款\r\n三日内", "fulfilled": "是"}
    act_in_case(case.pk, "agree", given, call=call(LI, "2026-04-22 10:00"))
    values = {each.name: each.text.zh for each in case_sheet(case.pk, call=call(LI, "2026-04-22 11:00")).values}
    assert values["fulfilled"] == "是"
    with pytest.raises(Refused) as refused:
        act_in_case(case.pk, "check_effect.solved", {"effect_note": "好"}, call=call(LI, "2026-04-23 10:00"))
    assert codes(refused) == {"workflow.person"}
    assert "不得兼任" in refused.value.refusals[0].zh


def test_没有到的日子不能填_不问日子的行为不能填() -> None:
    with pytest.raises(Refused) as refused:
        opened(happened="2026-04-21")
    assert codes(refused) == {"case.future"}
    case = opened().case
    with pytest.raises(Refused) as refused:
        act_in_case(case.pk, "decide.accept", {}, call=call(LI, "2026-04-21 10:00"), happened="2026-04-20")
    assert codes(refused) == {"case.day_not_stated"}


def test_凭回执可以陈述_错的回执等于没有案件() -> None:
    receipt = receipt_of(123456789012345)
    done = open_case(
        "complaint", "receive", COMPLAINT, unit=MARKET, call=call(PUBLIC, "2026-04-20 09:00"), receipt=receipt
    )
    assert receipt not in str(list(Case.objects.values())) + str(list(CaseEvent.objects.values()))
    act_in_case(done.case.pk, "decide.accept", {}, call=call(LI, "2026-04-21 10:00"))
    given = {"challenged": "李敏", "reason": "是被投诉人的亲属"}
    later = call(PUBLIC, "2026-04-22 09:00")
    with pytest.raises(Refused) as refused:
        act_in_case(done.case.pk, "challenge", given, call=later, receipt="0" * 16)
    assert codes(refused) == {"case.absent"}
    with pytest.raises(Refused):
        act_in_case(done.case.pk, "challenge", given, call=later)
    said = act_in_case(done.case.pk, "challenge", given, call=later, receipt=receipt)
    assert said.line is not None
    assert said.line.entered_for == ""


def test_移交的只有被移交的单位能接_接后由它持有() -> None:
    case = opened().case
    given = {"to_unit": NEIGHBOUR, "handover_reason": "属住建职责"}
    act_in_case(case.pk, "offer", given, call=call(LI, "2026-04-21 10:00"))
    third = officer(7, "department_officer", "liyuan_environment", "外人")
    with pytest.raises(Refused) as refused:
        act_in_case(case.pk, "take_over", {}, call=call(third, "2026-04-21 11:00"))
    assert codes(refused) & {"case.absent", "case.offered_elsewhere"}
    builder = officer(6, "department_officer", NEIGHBOUR, "住建小陈")
    assert inbox("soon", call=call(builder, "2026-04-21 11:00")).rows[0].case.pk == case.pk
    act_in_case(case.pk, "take_over", {}, call=call(builder, "2026-04-21 11:00"))
    assert CaseStandingRow.objects.get(case=case).unit == NEIGHBOUR
    with pytest.raises(Refused):
        act_in_case(case.pk, "decide.accept", {}, call=call(LI, "2026-04-21 12:00"))
    assert act_in_case(case.pk, "decide.accept", {}, call=call(builder, "2026-04-21 12:00")).line is not None


def test_两人共同办的先等另一人_签的是同样的内容_最后一人写入() -> None:
    names = [Account.objects.create(login=f"z{n}", name=n, kind="officer", unit=MARKET) for n in ("甲", "乙")]
    one, two = (officer(each.pk, "department_officer", name=each.name) for each in names)
    done = open_case(
        "penalty_case",
        "open_verified",
        {"lead": "无证生产", "officers": [one.id, two.id]},
        unit=MARKET,
        call=call(HEAD, "2026-04-20 09:00"),
        parties=[PartyGiven("party", name="试验食品厂")],
    )
    case = done.case
    first = act_in_case(case.pk, "investigate.other", {"evidence": ["笔录一"]}, call=call(one, "2026-04-22 09:00"))
    assert first.line is None
    assert first.proposal is not None
    assert CaseDuty.objects.filter(case=case, kind="signature").count() == 1
    again = act_in_case(case.pk, "investigate.other", {"evidence": ["笔录一"]}, call=call(one, "2026-04-22 09:05"))
    assert again.proposal == first.proposal
    with pytest.raises(Refused) as refused:
        sign_proposal(first.proposal.pk, digest=first.proposal.digest, call=call(one, "2026-04-22 09:10"))
    assert codes(refused) == {"case.signed_already"}
    with pytest.raises(Refused) as refused:
        sign_proposal(first.proposal.pk, digest="0" * 64, call=call(two, "2026-04-22 09:10"))
    assert codes(refused) == {"case.proposal_changed"}
    with pytest.raises(Refused) as refused:
        sign_proposal(
            first.proposal.pk,
            digest=first.proposal.digest,
            call=call(officer(99, "department_officer"), "2026-04-22 09:10"),
        )
    assert "workflow.person" in codes(refused)
    last = sign_proposal(first.proposal.pk, digest=first.proposal.digest, call=call(two, "2026-04-22 09:20"))
    assert last.line is not None
    assert "甲" in last.line.people
    assert "乙" in last.line.people
    other = act_in_case(case.pk, "investigate.other", {"evidence": ["笔录二"]}, call=call(two, "2026-04-23 09:00"))
    assert other.proposal is not None
    decline_proposal(other.proposal.pk, reason="笔录缺页", call=call(one, "2026-04-23 10:00"))
    assert counts(call=call(two, "2026-04-23 11:00")).refused == 1
    assert not CaseDuty.objects.filter(case=case, kind="signature").exists()


def test_批量指派_逐件把关_列出没有办成的() -> None:
    mine, theirs = opened().case, opened().case
    holder = Account.objects.create(login="h", name="承办", kind="officer", unit=MARKET)
    holder.grants.create(role="department_officer", unit=MARKET, first_day=dt.date(2020, 1, 1), given_by="test")
    head = call(HEAD, "2026-04-21 09:00")
    assign_case(theirs.pk, holder.pk, call=head)
    batch = choose_cases([mine.pk, theirs.pk], call=head)
    begin(batch.pk, "@assign", {"account": holder.pk}, call=head)
    told = {each.case_id: [why["code"] for why in each.reasons] for each in batch.cases.all()}
    assert told == {mine.pk: [], theirs.pk: ["case.same_state"]}
    assert set(CaseStandingRow.objects.values_list("handler", flat=True)) == {f"account:{holder.pk}"}
    with pytest.raises(Refused):
        begin(
            choose_cases([mine.pk], call=head).pk, "@assign", {"account": holder.pk}, call=call(LI, "2026-04-21 09:00")
        )
    with pytest.raises(Refused):
        choose_cases([mine.pk, 999], call=head)


# -- restricted, struck ------------------------------------------------------------------------------------------------


def test_限制查阅的_别人看不到_办过的人和能限制的人看得到() -> None:
    case = opened().case
    restrict_case(case.pk, restricted=True, reason="涉及举报人安全", call=call(HEAD, "2026-04-21 09:00"))
    seen = {
        name: [each.case.pk for each in cases(CaseFilters(), call=call(who, "2026-04-21 10:00")).rows]
        for name, who in (("head", HEAD), ("colleague", ZHANG), ("leader", officer(8, "leader", "liyuan_office")))
    }
    assert seen["head"] == [case.pk]
    assert seen["colleague"] == []
    with pytest.raises(Refused) as refused:
        case_sheet(case.pk, call=call(ZHANG, "2026-04-21 10:00"))
    assert codes(refused) == {"case.absent"}
    assert case_sheet(case.pk, call=call(LI, "2026-04-21 10:00")).row.restricted
    assert TrailLine.objects.filter(verb="case.read", about=f"case:{case.pk}").count() == 1


def test_撤销要另一人_写明理由_原记录还在() -> None:
    case = opened().case
    line = act_in_case(case.pk, "decide.accept", {}, call=call(LI, "2026-04-21 10:00")).line
    assert line is not None
    for who, reason, code in ((LI, "点错了", "access.role"), (HEAD, "", "case.reason")):
        with pytest.raises(Refused) as refused:
            strike_line(line.pk, reason=reason, call=call(who, "2026-04-21 11:00"))
        assert codes(refused) == {code}
    strike_line(line.pk, reason="点错了，应不予受理", call=call(HEAD, "2026-04-21 11:00"))
    assert CaseStandingRow.objects.get(case=case).states == ["to_decide"]
    sheet = case_sheet(case.pk, call=call(LI, "2026-04-21 12:00"))
    struck = next(each for each in sheet.lines if each.event is not None and each.event.pk == line.pk)
    assert struck.struck_by is not None
    assert struck.struck_by.text == "点错了，应不予受理"
    with pytest.raises(Refused) as refused:
        strike_line(line.pk, reason="再来一次", call=call(HEAD, "2026-04-21 13:00"))
    assert codes(refused) == {"case.struck"}


def receive() -> None:
    """Do what waits in the queue for files."""
    for upload in Upload.objects.filter(state=Upload.State.WAITING):
        take_in(upload.pk, call=call(SYSTEM, "2026-03-03 11:00"), record=upload.record)


def test_报送的事实恰好一条_撤销随之撤回_再办再报(tmp_path: Any) -> None:
    case = recall()
    line = decided(case)
    handed = CaseHandIn.objects.get(line=line)
    receive()
    (fact,) = Fact.objects.filter(record="product_recall")
    assert fact.unit == MARKET
    assert case.number in fact.body
    receive()
    assert Fact.objects.count() == 1
    strike_line(line.pk, reason="评估有误", call=call(HEAD, "2026-03-04 09:00"))
    assert facts_wait()
    assert withdraw_struck_facts(call=call(SYSTEM, "2026-03-04 09:05")) == 1
    assert withdraw_struck_facts(call=call(SYSTEM, "2026-03-04 09:06")) == 0
    assert not facts_wait()
    assert [each.kind for each in Fact.objects.order_by("id")] == ["statement", "withdrawal"]
    assert handed.digest == CaseHandIn.objects.get(line=line).digest
    assert verify_cases(call=call(SYSTEM, "2026-03-04 09:10")).whole


# -- verifying ---------------------------------------------------------------------------------------------------------


def people_database() -> Any:
    """The connection of the database in which cases stand."""
    return connections[settings.PEOPLE_DATABASE]


def test_记录不能改也不能删() -> None:
    opened()
    for change in ("UPDATE office_caseevent SET act = 'x'", "DELETE FROM office_caseevent"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(using=settings.PEOPLE_DATABASE):
            people_database().cursor().execute(change)


def tampered(sql: str) -> None:
    """Change a table as somebody who takes the triggers off first."""
    without_triggers("office_caseevent")
    with people_database().cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    ("sql", "kinds"),
    [
        ("UPDATE office_caseevent SET data = replace(data, '漏电', '完好') WHERE place = 1", {"case.changed"}),
        ("UPDATE office_caseevent SET happened_on = '2026-04-01' WHERE place = 2", {"case.changed"}),
        ("UPDATE office_case SET number = '诉〔2026〕99号'", {"case.identity"}),
        ("UPDATE office_casestandingrow SET states = '[\"closed\"]', final = TRUE", {"case.standing"}),
        ("DELETE FROM office_caseduty", {"case.standing"}),
        ("UPDATE office_casepartyrow SET name = '另一家'", {"case.party"}),
    ],
)
def test_改动都被核验发现(sql: str, kinds: set[str]) -> None:
    case = opened(parties=[PartyGiven("respondent", name="试验电器店")]).case
    act_in_case(case.pk, "decide.accept", {}, call=call(LI, "2026-04-21 10:00"))
    asker = call(SYSTEM, "2026-04-21 11:00")
    assert verify_cases(call=asker).findings == []
    tampered(sql)
    assert {each.kind for each in verify_cases(call=asker).findings} >= kinds


def test_删去中间或者最后的记录_由编号和先前的链尾发现() -> None:
    case = opened().case
    act_in_case(case.pk, "decide.accept", {}, call=call(LI, "2026-04-21 10:00"))
    comment_on_case(case.pk, "备注", call=call(LI, "2026-04-21 10:30"))
    asker = call(SYSTEM, "2026-04-21 11:00")
    head = verify_cases(call=asker).head
    tampered("DELETE FROM office_caseevent WHERE place = 3")
    remake_all(call=asker)
    assert verify_cases(call=asker).whole
    assert {each.kind for each in verify_cases(call=asker, head=head).findings} == {"case.head"}
    tampered("DELETE FROM office_caseevent WHERE place = 1")
    assert {"case.removed", "case.order"} <= {each.kind for each in verify_cases(call=asker).findings}


# -- by the clock ------------------------------------------------------------------------------------------------------


def test_期限届满当天重算_只改有变化的() -> None:
    case = opened().case
    other = recall("2026-04-20 09:00")
    late = call(SYSTEM, "2026-04-30 00:00")
    assert not is_due(book_once(BOOK), at("2026-04-29 23:00")) or CaseStandingRow.objects.get(case=other).changes_at
    assert is_due(book_once(BOOK), late.now)
    remake_due(call=late)
    assert not is_due(book_once(BOOK), late.now)
    assert counts(call=call(LI, "2026-04-30 09:00")).late >= 1
    assert [each.case.pk for each in inbox("late", call=call(LI, "2026-04-30 09:00")).rows][:1] == [case.pk]
    assert verify_cases(call=late).whole


def test_重算写了而留痕没有写成的_都不算_再来一次两样都在(monkeypatch: pytest.MonkeyPatch) -> None:
    opened()
    late = call(SYSTEM, "2026-04-30 00:00")
    with monkeypatch.context() as broken:
        broken.setattr(remake_standings.audit, "write", None)
        with pytest.raises(TypeError):
            remake_due(call=late)
    assert is_due(book_once(BOOK), late.now)
    assert remake_due(call=late) == 1
    assert TrailLine.objects.filter(verb="case.remake").count() == 1


def test_日历和待办按权限收窄() -> None:
    case = opened().case
    mine, theirs = call(LI, "2026-04-21 09:00"), call(FAR, "2026-04-21 09:00")
    assert [each.day for each in calendar(dt.date(2026, 4, 1), dt.date(2026, 4, 30), call=mine)] == [
        dt.date(2026, 4, 29)
    ]
    assert calendar(dt.date(2026, 4, 1), dt.date(2026, 4, 30), call=theirs) == ()
    (row,) = inbox("later", call=mine).rows or inbox("soon", call=mine).rows
    assert (row.case.pk, row.left.zh if row.left else "") == (case.pk, "还剩 6 个工作日")
    assert counts(call=theirs).total == 0


def test_留痕里的案件_看不到的不给链接() -> None:
    case = opened().case
    auditor = call(officer(8, "auditor"), "2026-04-21 12:00")
    restrict_case(case.pk, restricted=True, reason="涉及举报人安全", call=call(HEAD, "2026-04-21 09:00"))
    of_case, of_fact = (
        TrailEntry(auditor.now, "people", 1, "account:1", "李敏", "case.read", about, "", {})
        for about in (f"case:{case.pk}", "fact:1")
    )
    lines = [of_case, of_fact]
    assert cases_open_to(lines, call=auditor) == frozenset()
    restrict_case(case.pk, restricted=False, reason="已经核实，不再涉及", call=call(HEAD, "2026-04-21 10:00"))
    assert cases_open_to(lines, call=auditor) == {f"case:{case.pk}"}


def test_移交给谁_谁先看得到案件_别的单位看不到() -> None:
    case = opened().case
    given = {"to_unit": NEIGHBOUR, "handover_reason": "经营地在该单位辖区"}
    theirs = call(officer(9, "department_officer", NEIGHBOUR), "2026-04-21 09:00")
    with pytest.raises(Refused):
        case_sheet(case.pk, call=theirs)
    act_in_case(case.pk, "offer", given, call=call(LI, "2026-04-20 11:00"))
    assert case_sheet(case.pk, call=theirs).case.pk == case.pk
    with pytest.raises(Refused):
        case_sheet(case.pk, call=call(FAR, "2026-04-21 09:00"))
    restrict_case(case.pk, restricted=True, reason="涉及本单位人员", call=call(HEAD, "2026-04-21 10:00"))
    with pytest.raises(Refused):
        case_sheet(case.pk, call=theirs)


def test_移交有争议的_共同的上一级先看得到再指定_争议以前看不到() -> None:
    case = opened().case
    above = call(officer(11, "department_head", CITY, "市局"), "2026-04-22 09:00")
    with pytest.raises(Refused):
        case_sheet(case.pk, call=above)
    given = {"to_unit": NEIGHBOUR, "handover_reason": "经营地在该单位辖区"}
    act_in_case(case.pk, "offer", given, call=call(LI, "2026-04-20 11:00"))
    theirs = call(officer(9, "department_head", NEIGHBOUR), "2026-04-21 09:00")
    act_in_case(case.pk, "decline", {"handover_reason": "不属本单位"}, call=theirs)
    sheet = case_sheet(case.pk, call=above)
    assert {"designate"} <= {each.key for each in sheet.acts if each.possible}
    with pytest.raises(Refused):
        case_sheet(case.pk, call=call(officer(12, "department_officer", CITY), "2026-04-22 09:00"))
    act_in_case(case.pk, "designate", {"to_unit": NEIGHBOUR}, call=above)
    assert CaseStandingRow.objects.get(case=case).unit == NEIGHBOUR


def test_只能看的人看得到清单和案件_一步也办不了() -> None:
    case = opened().case
    book = book_with_rights(("case.read",))
    reader = officer(13, only("case.read"))
    asks = call(reader, "2026-04-21 09:00", book)
    assert [row.case.pk for row in cases(CaseFilters(), call=asks).rows] == [case.pk]
    sheet = case_sheet(case.pk, call=asks)
    assert [each.key for each in sheet.acts if each.possible] == []
    assert sheet.may <= {"comment"}
    for each in sheet.acts:
        with pytest.raises(Refused):
            act_in_case(case.pk, each.key, {}, call=asks)
    with pytest.raises(Refused):
        assign_case(case.pk, 1, call=asks)
    assert CaseEvent.objects.filter(case=case).count() == 1


def test_待办写明当事人_限制查阅的不写() -> None:
    case = opened(parties=[PartyGiven("respondent", name="试验第一百货有限公司")]).case
    mine = call(LI, "2026-04-28 09:00")
    assert [row.parties for row in inbox("soon", call=mine).rows] == [["试验第一百货有限公司"]]
    restrict_case(case.pk, restricted=True, reason="涉及本单位人员", call=call(HEAD, "2026-04-28 10:00"))
    assert [list(row.parties) for row in inbox("soon", call=mine).rows] == [[]]


def test_没有期限的案件_限制查阅的也只有能看的人列得出() -> None:
    case = opened().case
    CaseStandingRow.objects.filter(case=case).update(due=None)
    assert [row.case.pk for row in unclocked(call=call(ZHANG, "2026-04-21 09:00")).rows] == [case.pk]
    restrict_case(case.pk, restricted=True, reason="涉及举报人安全", call=call(HEAD, "2026-04-21 10:00"))
    CaseStandingRow.objects.filter(case=case).update(due=None)
    assert not unclocked(call=call(ZHANG, "2026-04-21 11:00")).rows


def test_只由另一案件开立的_不单独立案_说明由哪类案件开立() -> None:
    with pytest.raises(Refused) as refused:
        open_case("result_notice", "serve.sampled", {}, unit="liyuan_market", call=call(LI, "2026-04-21 09:00"))
    assert refused.value.refusals[0].code == "case.only_within"
    assert "监督抽查不合格后处理" in refused.value.refusals[0].zh
    assert opening_acts("result_notice", call=call(LI, "2026-04-21 09:00")) == ()


@pytest.mark.parametrize("role", ["department_officer", "department_head", "leader", "auditor", "legal_reviewer"])
@pytest.mark.parametrize("unit", [MARKET, NEIGHBOUR, CITY])
def test_不问数据库就能看的案件_清单里也有(role: str, unit: str) -> None:
    """A page that asks the role alone never opens a case that the list would not show."""
    case = opened().case
    asks = call(officer(31, role, unit, "看者"), "2026-04-21 09:00")
    for restricted in (False, True):
        CaseStandingRow.objects.filter(case=case).update(restricted=restricted)
        row = CaseStandingRow.objects.get(case=case)
        openly = _reads_openly(row, asks)
        assert not (openly and restricted)
        assert openly <= CaseStandingRow.objects.filter(readable(asks), case=case).exists()


def test_一页的查询数不随件数增加(django_assert_max_num_queries: Any) -> None:
    for _ in range(12):
        opened()
    mine = call(LI, "2026-04-21 09:00")
    with django_assert_max_num_queries(4, using=settings.PEOPLE_DATABASE):
        assert len(cases(CaseFilters(), call=mine, count=True).rows) == 12
    # Each list is read in two parts, by the unit and from above, and its parties once.
    with django_assert_max_num_queries(6, using=settings.PEOPLE_DATABASE):
        assert len(inbox("later", call=mine).rows) + len(inbox("soon", call=mine).rows) == 12


@pytest.mark.parametrize("role", ["department_officer", "department_head", "leader", "auditor", "legal_reviewer"])
@pytest.mark.parametrize("unit", [MARKET, NEIGHBOUR, CITY])
def test_每个角色在案件页看到的可办_就是办得成的(role: str, unit: str) -> None:
    """What the page offers is what the action does: every act of the page tried by every role, from three places."""
    case = opened().case
    who = officer(30, role, unit, "试者")
    asker = call(who, "2026-04-21 10:00")
    try:
        offered = {each.key: each for each in case_sheet(case.pk, call=asker).acts}
    except Refused:
        offered = {}
    for key in case_sheet(case.pk, call=call(HEAD, "2026-04-21 10:00")).acts:
        given: dict[str, Any] = {}
        tried = offered.get(key.key)
        with transaction.atomic(using=settings.PEOPLE_DATABASE):
            try:
                act_in_case(case.pk, key.key, given, call=asker)
                found = set[str]()
            except Refused as refused:
                found = {each.code for each in refused.refusals}
            transaction.set_rollback(True, using=settings.PEOPLE_DATABASE)
        # What is not filled in yet is no reason on the page.
        of_form = {"workflow.asks", "workflow.joint"}
        shown = {each.code for each in tried.refused} if tried is not None else {"case.absent"}
        assert bool(found - of_form) == bool(shown), (key.key, found, shown)
