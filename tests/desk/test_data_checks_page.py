"""The page of integrity checks: asked for, done in the background, told with what to do; and the lanes of the queue."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.desk.files_of import clock, place
from tests.desk.officers import officer, signed_in
from tests.places import Ledger
from tests.queries.test_data_checks import put
from zhiheng.desk.staff import data_checks as page
from zhiheng.jobs import tasks
from zhiheng.office import leases
from zhiheng.office.task_queue import is_under_way
from zhiheng.queries import data_checks
from zhiheng.queries.data_checks import TASK

__all__ = ["clock", "place"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def work() -> None:
    """Do the run that waits."""
    lease = leases.Lease(tasks.now())
    task = leases.claim(lease.id, frozenset())
    assert task is not None
    assert task.task_path.endswith(TASK)
    leases.succeed(task, lease.id, task.task.call())
    lease.end(tasks.now())


def test_审计员要求核查_后台做完_问题写明怎么办_点得开是哪些数据(place: Ledger) -> None:
    browser = signed_in(officer("watcher", area="990900"))
    address = reverse("desk:data_checks")
    assert "还没有核查过" in browser.get(address).content.decode()
    assert browser.post(address, follow=True).status_code == 200
    assert is_under_way(TASK)
    assert "已有一次核查正在进行" in browser.post(address, follow=True).content.decode()
    put({"table": "projections_card", "subject": 77, "fails": -1})
    work()
    text = browser.get(address).content.decode()
    assert "企业摘要里有负数" in text
    assert "zhiheng refresh --whole" in text
    one = browser.get(reverse("desk:data_check", args=["card_numbers_negative"])).content.decode()
    assert ">77<" in one
    assert "SELECT" in one
    assert browser.get(reverse("desk:data_check", args=["nothing"])).status_code == 404


def test_页上写明各条后台队列有没有人做(place: Ledger) -> None:
    browser = signed_in(officer("watcher", area="990900"))
    text = browser.get(reverse("desk:data_checks")).content.decode()
    for name in ("法定事项", "部门报送和更新", "企业报送", "推送和外发"):
        assert name in text


def test_只负责一个地区的看得到结果_看不到是哪些数据(place: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_checks, "may_run", lambda call: False)
    browser = signed_in(officer("watcher", area="990900"))
    assert "现在核查" not in browser.get(reverse("desk:data_checks")).content.decode()
    put({"table": "projections_card", "subject": 77, "fails": -1})
    text = browser.get(reverse("desk:data_check", args=["card_numbers_negative"])).content.decode()
    assert ">77<" not in text
    assert "由负责全部地区的审计员" in text
    assert page.TONES.keys() == data_checks.GRAVITIES.keys()


def test_没有权限的打不开(place: Ledger) -> None:
    clerk = signed_in(officer())
    assert clerk.get(reverse("desk:data_checks")).status_code == 403
    assert clerk.get(reverse("desk:data_check", args=["card_numbers_negative"])).status_code == 403
