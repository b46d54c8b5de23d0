"""Reminders of the periods of cases: whom they reach, and that of a restricted case nobody but its hands is told."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.access.addresses import officer
from tests.actions.outbox_world import at, rungs, told
from tests.book_once import book_once, with_chapters
from zhiheng.actions.messages import remind
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.messages import MESSAGES
from zhiheng.kernel.actor import SYSTEM
from zhiheng.office.cases import Case, CaseDraft, CaseDuty, CaseStandingRow
from zhiheng.office.models import Message
from zhiheng.people.models import Account
from zhiheng.queries.case_duties import CaseDuties

pytestmark = pytest.mark.django_db
MARKET = "liyuan_market"


@pytest.fixture
def case(book_root: Path, db: None) -> Case:
    """A complaint to be decided on by 24 June 2026, a Wednesday; three officers of the unit and one of the office."""
    for name, role, unit in (
        ("经办甲", "department_officer", MARKET),
        ("经办丁", "department_officer", MARKET),
        ("负责乙", "department_head", MARKET),
        ("质强丙", "quality_office", "liyuan_quality_office"),
    ):
        officer(name, (role, unit, "990101"), unit=unit)
    found = Case.objects.create(
        workflow="complaint",
        year=2026,
        serial=1,
        number="投诉〔2026〕1号",
        opened_on="2026-06-15",
        opened_at=at("2026-06-15T09:00"),
        unit=MARKET,
    )
    CaseStandingRow.objects.create(
        case=found,
        workflow="complaint",
        quality="product",
        unit=MARKET,
        area="990101",
        opened_on="2026-06-15",
        last_on="2026-06-15",
        place=1,
        line=1,
        edition="0",
    )
    duty(found)
    return found


def duty(case: Case, **other: Any) -> CaseDuty:
    """A period that runs."""
    words: dict[str, Any] = {
        "kind": "duty",
        "period": "decide",
        "hand": "handler",
        "takes": "case.handle",
        "at": "own",
        "unit": MARKET,
        "area": "990101",
        "quality": "product",
        "workflow": "complaint",
        "starts": "2026-06-15",
        "due": dt.date(2026, 6, 24),
    }
    return CaseDuty.objects.create(case=case, **{**words, **other})


def call(book_root: Path, moment: str) -> Call:
    return Call(SYSTEM, book_once(book_root), at(moment))


def test_单位里能办的人都收到_指派以后只有承办人(case: Case, book_root: Path) -> None:
    remind.remind_all(call=call(book_root, "2026-06-19T06:30"))
    assert sorted(told()) == [("soon", "经办丁"), ("soon", "经办甲")]
    handler = Account.objects.get(name="经办甲")
    CaseStandingRow.objects.update(handler=f"account:{handler.pk}")
    remind.remind_all(call=call(book_root, "2026-06-25T06:30"))
    assert told()[2:] == [("late", "经办甲"), ("head", "负责乙")]
    remind.remind_all(call=call(book_root, "2026-07-01T06:30"))
    assert told()[4:] == [("office", "质强丙")]


def test_案件指名的人才收到(case: Case, book_root: Path) -> None:
    named = Account.objects.get(name="经办丁")
    CaseDuty.objects.update(persons=f"|account:{named.pk}|")
    remind.remind_all(call=call(book_root, "2026-06-19T06:30"))
    assert told() == [("soon", "经办丁")]
    message = Message.objects.get()
    assert "投诉〔2026〕1号" in message.title_zh
    assert "还有 5 天" in message.title_zh


def test_限制查阅的案件_逾期也只提醒承办人(case: Case, book_root: Path) -> None:
    CaseStandingRow.objects.update(restricted=True)
    remind.remind_all(call=call(book_root, "2026-07-02T06:30"))
    assert {rung for rung, _ in told()} == {"late"}
    remind.climb_unread(call=call(book_root, "2026-07-20T10:00"))
    assert rungs() == [("late", False)]


def test_没有人读的_先升到负责人_再升到质强办(case: Case, book_root: Path) -> None:
    remind.remind_all(call=call(book_root, "2026-06-19T06:30"))
    assert {rung for rung, _ in told()} == {"soon"}
    # A Friday; two working days are Monday and Tuesday.
    assert remind.climb_unread(call=call(book_root, "2026-06-24T08:00")).climbed == 1
    assert told()[2:] == [("head", "负责乙")]
    assert "承办人尚未阅读提醒" in Message.objects.get(rung="head").title_zh
    assert remind.climb_unread(call=call(book_root, "2026-06-29T08:00")).climbed == 1
    assert told()[3:] == [("office", "质强丙")]
    assert rungs() == [("soon", False), ("head", True), ("office", True)]


def test_承办人请假_委托的同事也收到(case: Case, book_root: Path) -> None:
    handler, deputy = Account.objects.get(name="经办甲"), Account.objects.get(name="经办丁")
    CaseStandingRow.objects.update(handler=f"account:{handler.pk}")
    lent = handler.grants.get()
    deputy.grants.create(
        role=lent.role,
        unit=lent.unit,
        area=lent.area,
        first_day=dt.date(2026, 6, 18),
        last_day=dt.date(2026, 6, 22),
        delegated_by=handler,
        lent_from=lent,
        given_by="test",
    )
    remind.remind_all(call=call(book_root, "2026-06-19T06:30"))
    assert sorted(told()) == [("soon", "经办丁"), ("soon", "经办甲")]
    remind.remind_all(call=call(book_root, "2026-06-25T06:30"))
    assert [whom for rung, whom in told() if rung == "late"] == ["经办甲"]


def in_hours(case: Case, moment: str = "2026-06-23T20:00", **other: Any) -> CaseDuty:
    """A period of 24 hours that ends at a moment."""
    CaseDuty.objects.all().delete()
    due = {"due": at(moment).date(), "due_at": at(moment), "counted_in": "hour", "period": "hours"}
    return duty(case, **{**due, **other})


def hours(book_root: Path, moment: str) -> list[tuple[str, str]]:
    """What was told by a moment: (rung, whom); the worker asks whether there is something to be told before."""
    before = len(told())
    waits = remind.hours_have_come(call=call(book_root, moment))
    written = remind.remind_of_hours(call=call(book_root, moment)).written
    assert waits == bool(written)
    return told()[before:]


def test_以小时计的期限_到期前六小时提醒_到时即为逾期_再过一小时报负责人(case: Case, book_root: Path) -> None:
    in_hours(case)
    assert hours(book_root, "2026-06-23T13:59") == []
    assert sorted(hours(book_root, "2026-06-23T14:00")) == [("soon", "经办丁"), ("soon", "经办甲")]
    assert "2026-06-23 20:00 到期（还有 6 小时）" in Message.objects.get().title_zh
    assert hours(book_root, "2026-06-23T14:10") == []
    assert {rung for rung, _ in hours(book_root, "2026-06-23T20:30")} == {"late"}
    assert "逾期 30 分钟" in Message.objects.get(rung="late").title_zh
    assert hours(book_root, "2026-06-23T21:00") == [("head", "负责乙")]
    assert hours(book_root, "2026-06-24T08:00") == [("office", "质强丙")]
    # The ladder of days leaves it alone.
    assert remind.remind_all(call=call(book_root, "2026-06-24T06:30")).written == 0
    CaseDuty.objects.all().delete()
    assert remind.remind_of_hours(call=call(book_root, "2026-06-24T09:00")).settled == 4


def test_以小时计的提醒没有人读_两小时升到负责人_夜里不算(case: Case, book_root: Path) -> None:
    in_hours(case)
    hours(book_root, "2026-06-23T14:00")
    assert remind.climb_unread(call=call(book_root, "2026-06-23T15:59")).climbed == 0
    assert remind.climb_unread(call=call(book_root, "2026-06-23T16:00")).climbed == 1
    assert told()[-1] == ("head", "负责乙")
    in_hours(case, "2026-06-24T02:30")
    hours(book_root, "2026-06-23T20:30")
    # Quiet from half past nine to eight: one hour this evening, one tomorrow morning.
    assert remind.climb_unread(call=call(book_root, "2026-06-23T23:59")).climbed == 0
    assert remind.climb_unread(call=call(book_root, "2026-06-24T08:59")).climbed == 0
    assert remind.climb_unread(call=call(book_root, "2026-06-24T09:00")).climbed == 1


@pytest.mark.slow
def test_规则书写急的_夜里也升级(case: Case, book_root: Path) -> None:
    book = book_once(book_root)
    kinds = {**book[MESSAGES].kinds}
    kinds["case_hours"] = kinds["case_hours"].model_copy(update={"urgent": True})
    urgent = with_chapters(book, {MESSAGES: replace(book[MESSAGES], kinds=kinds)})
    in_hours(case, "2026-06-24T02:30")
    remind.remind_of_hours(call=Call(SYSTEM, urgent, at("2026-06-23T20:30")))
    assert remind.climb_unread(call=Call(SYSTEM, urgent, at("2026-06-23T22:30"))).climbed == 1


def test_召回启动这样的当事人期限_以小时计的提醒承办人盯办_改期重新提醒(case: Case, book_root: Path) -> None:
    in_hours(case, hand="respondent", takes="", at="party", waits_for="respondent")
    assert {rung for rung, _ in hours(book_root, "2026-06-23T15:00")} == {"soon"}
    assert "被投诉人" in Message.objects.get().text_zh
    CaseStandingRow.objects.update(restricted=True)
    in_hours(case, "2026-06-23T22:00", hand="respondent", takes="", at="party", waits_for="respondent")
    assert len(hours(book_root, "2026-06-23T17:00")) == 2, "its moment has moved: it is told anew"
    assert {rung for rung, _ in hours(book_root, "2026-06-24T23:00")} == {"late"}, "restricted: its hands alone"


def test_办完的_等别人的_当事人的_不提醒(case: Case, book_root: Path) -> None:
    remind.remind_all(call=call(book_root, "2026-06-19T06:30"))
    CaseDuty.objects.all().delete()
    duty(case, period="mediate", waits_for="laboratory")
    duty(case, period="answer", hand="respondent", takes="", at="party", unit="")
    duty(case, period="decide", kind="right")
    assert remind.settle_done(call=call(book_root, "2026-06-22T06:30")) == 1
    first, last = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
    assert list(CaseDuties().due_between(first, last, call(book_root, "2026-06-22T06:30"))) == []


def test_草稿到了选定的那天只提醒本人_提交或删除以后不再提醒(case: Case, book_root: Path) -> None:
    book = book_once(book_root)
    mine = Account.objects.get(name="经办甲")
    words = {"workflow": "complaint", "act": "decide.refuse", "at": at("2026-06-16T09:00")}
    draft = CaseDraft.objects.create(case=case, account=mine.pk, remind_on=dt.date(2026, 6, 18), **words)
    CaseDuty.objects.all().delete()
    remind.remind_all(call=Call(SYSTEM, book, at("2026-06-17T07:00")))
    assert not Message.objects.filter(kind="case_draft").exists()
    remind.remind_all(call=Call(SYSTEM, book, at("2026-06-18T07:00")))
    (message,) = Message.objects.filter(kind="case_draft")
    assert [one.account for one in message.recipients.all()] == [mine.pk]
    draft.delete()
    remind.settle_done(call=Call(SYSTEM, book, at("2026-06-18T08:00")))
    message.refresh_from_db()
    assert message.settled_at is not None
