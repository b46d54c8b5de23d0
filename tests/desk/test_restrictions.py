"""名单和限制措施的页面：企业和部门都看得到有哪些措施、自何时起、依据哪一条、怎样救济；部门只看自己执行的。"""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.book_once import book_once
from tests.desk.officers import officer, said_on, signed_in
from tests.factories import GrantFactory
from zhiheng.actions.intake.receive_delivery import receive
from zhiheng.actions.projections.refresh_projections import refresh
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.models import Alias
from zhiheng.people.models import Account

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

NAME, CODE = "云澜市砺原区试验名单食品有限公司", "919901010PUYAFBM21"
NOW = dt.datetime(2026, 7, 15, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
ROW = {
    "企业名称": NAME,
    "统一社会信用代码": CODE,
    "法定代表人": "试验人",
    "列入情形": "食品安全领域",
    "列入事由": "试验事由",
    "列入日期": "2025-09-01",
    "作出决定机关": "云澜市砺原区市场监督管理局",
}


def _hand_in(folder: Path, name: str, row: dict[str, str], now: dt.datetime, book: Any) -> None:
    path = folder / name
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)
    call = Call(SYSTEM, book, now)
    receive(path, call=call, unit="liyuan_market", record="blacklist_entry", source="standard", confirmed=True)
    refresh(call)


@pytest.fixture
def listed(settings: Any, book_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """A food maker that was put on the list of serious violations on 1 September 2025."""
    settings.BOOK, settings.DATA = book_root, tmp_path / "data"
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    _hand_in(tmp_path, "listed.csv", ROW, NOW - dt.timedelta(days=300), book_once(book_root))
    return int(Alias.objects.filter(name=NAME)[0].subject_id)


def _says(browser: Client, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200, answer.content.decode()[:1000]
    return said_on(answer.content.decode())


def test_档案写明每项措施的部门_起日_依据_怎样救济和修复(listed: int) -> None:
    said = _says(
        signed_in(officer("quality_office", "liyuan_quality_office", "990101")), reverse("desk:file", args=[listed])
    )
    assert "列为重点监管对象" in said
    assert "第十五条第二项" in said
    assert "增加监督检查频次" in said
    assert "最迟 2028-09-01 届满" in said
    # 名单是公示，届满日不顺延，所以不等那一年的放假安排。
    assert "（暂定）" not in said
    assert "3年（《市场监督管理严重违法失信名单管理办法》" in said
    assert "可以申请行政复议或者提起行政诉讼" in said
    assert "第十三条" in said


def test_名单再多_限制措施一页的查询不多(listed: int, django_assert_max_num_queries: Any) -> None:
    browser = signed_in(officer("quality_office", "liyuan_quality_office", "990101"))
    # Sign-in and grants are asked of the people database, which on PostgreSQL is the same connection.
    with (
        django_assert_max_num_queries(8, using=settings.PEOPLE_DATABASE) as people,
        django_assert_max_num_queries(8 - len(people.captured_queries)),
    ):
        assert NAME in _says(browser, reverse("desk:credit"))


def test_住建部门只看到由它执行的一项(listed: int) -> None:
    said = _says(signed_in(officer("department_officer", "liyuan_construction", "990101")), reverse("desk:credit"))
    assert NAME in said
    assert "工程招投标中依法予以限制或者禁入" in said
    assert "不适用告知承诺制" not in said


def test_移出以后的三个工作日内列为待解除_此后不再列(
    listed: int, tmp_path: Path, book_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 2026年7月15日星期三移出，三个工作日到20日星期一。
    _hand_in(
        tmp_path, "removed.csv", {**ROW, "移出日期": "2026-07-15", "移出事由": "信用修复"}, NOW, book_once(book_root)
    )
    account = officer("department_officer", "liyuan_construction", "990101")
    monkeypatch.setattr(timezone, "now", lambda: NOW + dt.timedelta(days=2))
    said = _says(signed_in(account), reverse("desk:credit"))
    assert "待解除" in said
    assert "2026-07-20 前解除" in said
    monkeypatch.setattr(timezone, "now", lambda: NOW + dt.timedelta(days=6))
    assert NAME not in _says(signed_in(account), reverse("desk:credit"))


def test_企业之窗首页写明名单和措施(listed: int) -> None:
    account = Account.objects.create_user("listed-owner", None, name="某人", kind="enterprise", subject=listed)
    GrantFactory(account=account, role="enterprise_owner", subject=listed)
    said = _says(signed_in(account), reverse("firm:home"))
    assert "名单和限制措施" in said
    assert "不适用告知承诺制" in said
    assert "可以申请提前移出" in said


def test_矩阵写明哪些部门不在平台上(listed: int) -> None:
    said = _says(signed_in(officer("leader", "", "990101")), reverse("desk:restriction_matrix"))
    assert "平台上没有该部门，函告" in said
    assert "云澜市砺原区住房和城乡建设局" in said


def test_别的区的部门看不到本区的列入(listed: int) -> None:
    said = _says(signed_in(officer("department_officer", "cangji_construction", "990102")), reverse("desk:credit"))
    assert NAME not in said
