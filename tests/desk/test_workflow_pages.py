"""The procedures of the book at the desk: by the law of the day asked for, with the articles, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.desk.officers import officer, signed_in
from tests.places import NOON

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2] / "book"


@pytest.fixture
def reader(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Somebody who reads the default book."""
    settings.BOOK = ROOT
    monkeypatch.setattr("zhiheng.pages.access.clock", lambda: NOON.astimezone())
    return signed_in(officer(role="leader", unit="", area="990101"))


def text(reader: Client, address: str) -> str:
    """A page that opens."""
    answer = reader.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_清单列出每项程序和它的期限数(reader: Client) -> None:
    listed = text(reader, reverse("desk:book_workflows"))
    assert "消费者投诉" in listed
    assert reverse("desk:book_workflow", args=["complaint"]) in listed


def test_同一程序_按哪一天的法律就显示哪一天的期限和条文(reader: Client) -> None:
    address = reverse("desk:book_workflow", args=["complaint"])
    new, old = text(reader, f"{address}?on=2026-04-15"), text(reader, f"{address}?on=2026-04-14")
    assert "60日" in new
    assert "第二十三条第一款第五项" in new
    assert "45个工作日" in old
    assert "第二十一条第一款第五项" in old
    assert "鉴定、检测中”的时间不计入" in new
    assert "第四十二条" in new
    assert "第四十二条" not in old, "the article of a text that was not yet in force is no basis"
    assert "<svg" in new


def test_看不懂的日期会说明_不会换成今天(reader: Client) -> None:
    answer = reader.get(f"{reverse('desk:book_workflow', args=['complaint'])}?on=2026-02-30")
    assert answer.status_code == 422


def test_英文页上没有中文的期限和效果(reader: Client) -> None:
    reader.cookies["django_language"] = "en"
    page = text(reader, reverse("desk:book_workflow", args=["report"]))
    assert "within it, must: " in page
    assert "期内应当" not in page
