"""Reminders of what is overdue, and the verification of the ledger at the desk."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.desk.files_of import clock, place
from tests.desk.officers import officer, signed_in
from tests.factories import OwedFactory
from tests.places import Ledger
from zhiheng.actions.facts.request_verification import ask_verification, verifications
from zhiheng.desk.staff import ledger_check
from zhiheng.grammar.call import Call
from zhiheng.jobs import tasks
from zhiheng.office import task_queue
from zhiheng.people.models import TrailLine
from zhiheng.projections.models import Owed

__all__ = ["clock", "place"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def owed(unit: str, due: str, handed: str | None = None) -> None:
    """Something that a unit hands in every month."""
    day = dt.date.fromisoformat(due)
    OwedFactory(unit=unit, due_on=day, handed_in_on=handed)


@pytest.fixture
def office(place: Ledger) -> Client:
    """Somebody of the quality office."""
    Owed.objects.all().delete()
    owed("test_market", "2026-06-24")
    owed("test_market", "2026-05-24")
    owed("test_market", "2026-07-30")
    owed("test_environment", "2026-06-01", handed="2026-07-01")
    return signed_in(officer("watcher"))


def test_催报单一个单位一张_只列逾期未报的(office: Client) -> None:
    text = office.get(reverse("desk:reminders")).content.decode()
    assert text.count("<article") == 1
    assert "试验区市场监督管理局：" in text
    assert "有 2 项应报数据逾期未报" in text
    assert ">52<" in text
    assert ">21<" in text
    assert "生态环境" not in text.partition("<article")[2]
    assert TrailLine.objects.filter(verb="delivery.remind", about="unit:test_market").count() == 1


def test_逾期表可以导出(office: Client) -> None:
    answer = office.get(reverse("desk:reminders_export"))
    assert "text/csv" in answer.headers["Content-Type"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[-2:] for row in rows[1:]] == [["2026-05-24", "52"], ["2026-06-24", "21"]]


def test_没有催报权的看不到入口_也打不开(place: Ledger) -> None:
    clerk = signed_in(officer())
    assert reverse("desk:reminders") not in clerk.get(reverse("desk:exchange")).content.decode()
    assert clerk.get(reverse("desk:reminders")).status_code == 403
    assert clerk.get(reverse("desk:reminders_export")).status_code == 403


def test_经办人的报送页先说本单位逾期几项(office: Client) -> None:
    text = signed_in(officer()).get(reverse("desk:deliveries")).content.decode()
    assert "逾期未报 2 项" in text
    assert "state=late&amp;unit=test_market" in text


def test_审计员核验账本_后台进行_结果和时间列在页上(place: Ledger, settings: Any) -> None:
    browser = signed_in(officer("watcher", area="990900"))
    assert "还没有核验过" in browser.get(reverse("desk:ledger")).content.decode()
    assert browser.post(reverse("desk:ledger"), follow=True).status_code == 200
    assert "正在核验" in browser.get(reverse("desk:ledger")).content.decode() or TrailLine.objects.filter(
        verb="ledger.verify"
    )
    told = tasks.verify_the_ledger.call(task_queue.packed(_actor(browser)))
    assert (told["count"], told["findings"]) == (0, [])
    text = browser.get(reverse("desk:ledger")).content.decode()
    assert "通过" in text
    assert TrailLine.objects.filter(verb="ledger.verify").count() == 1


def test_从数据进到核验账本_各页的标签还在_可以回去(place: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads the trail comes from there; for the others the page is one of those of deliveries."""
    browser = signed_in(officer("watcher", area="990900"))
    assert not re.search(r'<ul\s+class="tabs">', browser.get(reverse("desk:ledger")).content.decode())
    monkeypatch.setattr(ledger_check, "opened", lambda *about: None)
    text = browser.get(reverse("desk:ledger")).content.decode()
    for page in ("deliveries", "exchange"):
        assert f'<a href="{reverse(f"desk:{page}")}">' in text.split('<ul class="tabs">')[1]
    assert f'<a href="{reverse("desk:ledger")}" aria-current="page"' in text


def test_看得到核验结果而不能启动的_不请他点一个没有的按钮(place: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quality office of one district sees the results; the whole ledger is verified by who is responsible for all of
    it.
    """
    monkeypatch.setattr(ledger_check, "verifications", lambda **words: replace(verifications(**words), may_ask=False))
    text = signed_in(officer("watcher", area="990900")).get(reverse("desk:ledger")).content.decode()
    assert "还没有核验过" in text
    assert "现在核验" not in text
    assert "由负责全部地区的审计员" in text


def test_同时只有一次核验(place: Ledger) -> None:
    actor = _actor(signed_in(officer("watcher", area="990900")))
    assert ask_verification(call=Call(actor, place.book, timezone.localtime()))
    assert not ask_verification(call=Call(actor, place.book, timezone.localtime()))


def _actor(browser: Client) -> Any:
    from zhiheng.people.actors import actor_of
    from zhiheng.people.models import Account

    return actor_of(Account.objects.get(pk=browser.session["_auth_user_id"]))
