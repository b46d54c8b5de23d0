"""Reminders of the periods of cases: whom they reach, and that of a restricted case nobody but its hands is told."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.access.addresses import officer
from tests.actions.outbox_world import at, rungs, told
from tests.book_once import book_once
from zhiheng.actions.messages import remind
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.office.cases import Case, CaseDuty, CaseStandingRow
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


def test_办完的_等别人的_当事人的_不提醒(case: Case, book_root: Path) -> None:
    remind.remind_all(call=call(book_root, "2026-06-19T06:30"))
    CaseDuty.objects.all().delete()
    duty(case, period="mediate", waits_for="laboratory")
    duty(case, period="answer", hand="respondent", takes="", at="party", unit="")
    duty(case, period="decide", kind="right")
    assert remind.settle_done(call=call(book_root, "2026-06-22T06:30")) == 1
    first, last = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
    assert list(CaseDuties().due_between(first, last, call(book_root, "2026-06-22T06:30"))) == []
