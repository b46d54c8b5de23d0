"""程序接口里的评价：与工作台、命令行同一个数；证据不足是未评；够不着的不给。"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Caller, Keys
from tests.book_once import book_once
from zhiheng.actions.intake.receive_delivery import receive
from zhiheng.actions.projections.refresh_projections import refresh
from zhiheng.analytics.lake import Lake, project
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.models import Alias
from zhiheng.people.models import TrailLine
from zhiheng.queries.ratings import rating_of

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.slow]

NAME = "云澜市砺原区试验接口食品有限公司"
NOW = dt.datetime(2026, 7, 1, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
HEAD = "企业名称,统一社会信用代码,法定代表人,列入情形,列入事由,列入日期,作出决定机关\n"
LINE = f"{NAME},919901010PUYAFBM21,试验人,食品安全领域,试验事由,2025-09-01,云澜市砺原区市场监督管理局\n"


@pytest.fixture
def whole_book(settings: Any, book_root: Path, tmp_path: Path, _the_small_place: None) -> Book:
    settings.BOOK, settings.DATA = book_root, tmp_path / "data"
    return book_once(book_root)


@pytest.fixture
def subject(whole_book: Book, tmp_path: Path) -> int:
    """A food maker of which nothing is known but that it was listed."""
    path = tmp_path / "listed.csv"
    path.write_text(HEAD + LINE, "utf-8")
    call = Call(SYSTEM, whole_book, NOW)
    receive(path, call=call, unit="liyuan_market", record="blacklist_entry", source="standard", confirmed=True)
    refresh(call)
    project(Lake(tmp_path / "data" / "lake", whole_book))
    return int(Alias.objects.filter(name=NAME)[0].subject_id)


@pytest.fixture
def caller(key: Keys) -> Caller:
    """A system of the district's market bureau."""
    return Caller(
        key(["api.read", "file.read", "enterprise.list"], role="program", unit="liyuan_market", area="990101")
    )


def test_一家企业的评价与工作台同一个数_查看留痕(subject: int, whole_book: Book, caller: Caller) -> None:
    told = caller.get(f"/office/enterprises/{subject}/ratings/quality_integrity?as_of=2026-07-02")
    assert told.status_code == 200, told.content.decode()
    same = rating_of(
        "quality_integrity", subject, as_of=dt.date(2026, 7, 2), call=Call(SYSTEM, whole_book, NOW + dt.timedelta(90))
    ).as_json()
    assert {**told.json(), "known_on": None} == {**same, "known_on": None}
    assert TrailLine.objects.filter(verb="file.read", about=f"subject:{subject}").exists()


def test_没有这种评价_没有这个版本_没有这个等级_写明有哪些(subject: int, caller: Caller) -> None:
    for path, code in (
        (f"/office/enterprises/{subject}/ratings/nothing", "rating.absent"),
        (f"/office/enterprises/{subject}/ratings/quality_integrity?edition=12345678", "rating.edition.absent"),
        ("/office/ratings/quality_integrity?band=Z", "rating.band.absent"),
        ("/office/ratings/quality_integrity?as_of=1999-01-01", "rating.not_in_force"),
    ):
        told = caller.get(path)
        assert told.status_code in (404, 422), path
        assert told.json()["problems"][0]["code"] == code


def test_清单有家数_未评的等级为空(subject: int, caller: Caller) -> None:
    told = caller.get("/office/ratings/quality_integrity").json()
    assert told["area"] == "990101"
    assert {each["band"] for each in told["counts"]} >= {"A", None}
    assert sum(each["enterprises"] for each in told["counts"]) == len(told["enterprises"])


def test_够不着的企业和地区不给(subject: int, key: Keys) -> None:
    other = Caller(
        key(["api.read", "file.read", "enterprise.list"], role="program", unit="cangji_market", area="990102")
    )
    assert other.get(f"/office/enterprises/{subject}/ratings/quality_integrity").status_code == 403
    assert other.get("/office/ratings/quality_integrity?area=990101").status_code == 403
