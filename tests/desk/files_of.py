"""Enterprises of the small place with files, for the tests of the pages that show them."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from tests.places import FINES, SMALL, Ledger, credit_code, lift_row, sampling_row, standing, write_csv
from zhiheng.actions.projections.refresh_projections import refresh
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.models import Alias

FIRM = "试验甲食品有限公司"
OTHER = "试验丙物业有限公司"
PHONE = "13912345678"
NOW = dt.datetime(2026, 7, 15, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> dt.datetime:
    """It is the morning of 15 July 2026, for what counts seconds too: the cache compares both clocks."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    monkeypatch.setattr(time, "time", NOW.timestamp)
    # Whichever test read the cache's module first: it keeps the clock that it found by another name.
    monkeypatch.setattr("django.core.cache.backends.db.tz_now", lambda: NOW)
    return NOW


@pytest.fixture(scope="module")
def handed_in(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory, small_book: Book
) -> Iterator[Path]:
    """What ``place`` holds, handed in once for all tests of a module; the folder with its data and its files."""
    folder = tmp_path_factory.mktemp("files-of")
    (folder / "handed-in").mkdir()
    with standing(django_db_blocker):
        with (
            django_db_blocker.unblock(),
            override_settings(DATA=folder / "data", BOOK=SMALL),
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setattr(timezone, "now", lambda: NOW)
            _hand_in(Ledger(small_book, folder / "handed-in"))
        yield folder


@pytest.fixture
def place(handed_in: Path, ledger: Ledger, settings: Any, clock: dt.datetime) -> Ledger:
    """A food maker of whom two departments spoke (one fail is open, a fine is on it), and a keeper of a lift."""
    settings.BOOK = SMALL
    shutil.copytree(handed_in / "data", settings.DATA, dirs_exist_ok=True)
    shutil.copytree(handed_in / "handed-in", ledger.folder, dirs_exist_ok=True)
    return ledger


def _hand_in(ledger: Ledger) -> None:
    code = credit_code(1)
    ledger.samples(
        "a.csv",
        [
            sampling_row(1, 生产企业=FIRM, 生产企业代码=code, 检验结论="不合格", 抽样日期="2026-05-05"),
            sampling_row(
                2, 生产企业=FIRM, 生产企业代码=code, 样品名称="试验米粉", 抽样日期="2026-04-05", 生产日期="2026-04-09"
            ),
            sampling_row(
                3,
                生产企业="试验甲食品厂（旧名）",
                生产企业代码=code,
                检验结论="合格",
                样品名称="试验米粉",
                抽样日期="2025-03-05",
            ),
        ],
        day="2026-05-10",
    )
    ledger.receive(
        write_csv(ledger.folder / "f.csv", [*FINES, "联系电话"], [[FIRM, code, "2026-06-01", "罚款", PHONE]]),
        unit=None,
        day="2026-06-10",
    )
    ledger.lifts(
        "l.csv",
        [
            lift_row("L1", 下次检验日期="2026-08-01"),
            lift_row("L2", 下次检验日期="2026-06-01"),
        ],
        day="2026-02-01",
    )
    refreshed(ledger)


def refreshed(ledger: Ledger) -> None:
    """Bring the cards up to the ledger."""
    refresh(Call(SYSTEM, ledger.book, NOW))


def subject_of(name: str = FIRM) -> int:
    """The subject of a name."""
    return int(Alias.objects.filter(name=name).order_by("id")[0].subject_id)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL of both databases, session and account included."""
    found: list[str] = []
    people = connections["people"] if "people" in connections else connections["default"]
    with CaptureQueriesContext(connections["default"]) as one, CaptureQueriesContext(people) as two:
        yield found
    queries = [*one.captured_queries, *(two.captured_queries if people is not connections["default"] else ())]
    found += [q["sql"] for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
