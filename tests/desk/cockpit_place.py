"""The small place with indicators, targets and cockpits of its own, some facts, a lake and what pages read of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from tests.book_once import book_once
from tests.places import NOON, SMALL, Ledger, lift_row, sampling_row, standing
from zhiheng.actions.projections.refresh_projections import refresh
from zhiheng.analytics.lake import Lake, project
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM

PAGES = {
    "indicators/pass_rate.yaml": """
label: {zh: 抽样合格率, en: Pass rate}
systems: [B2]
quality: product
kind: rate
unit: "%"
decimals: 1
law: [{text: 试验办法（虚构）, article: 第一条}]
plan: {zh: 监督抽样, en: Supervisory}
denominator: {record: sampling_check, count: facts, where: {verdict: [qualified, unqualified]}}
numerator: {verdict: qualified}
per: [verdict]
""",
    "indicators/samples.yaml": """
label: {zh: 抽样批次, en: Samples}
systems: [B2]
quality: product
kind: number
unit: count
measure: {record: sampling_check, count: facts}
per: [verdict]
""",
    "indicators/producers.yaml": """
label: {zh: 被抽企业, en: Producers sampled}
systems: [A1]
quality: product
kind: number
unit: count
direction: none
measure: {record: sampling_check, count: producer, period: ever}
""",
    "indicators/lifts_in_use.yaml": """
label: {zh: 在用电梯, en: Lifts in use}
systems: [B8]
quality: product
kind: number
unit: count
measure: {record: lift_register, count: facts, where: {status: in_use}, period: standing}
""",
    "indicators/fines.yaml": """
label: {zh: 环境处罚, en: Fines}
systems: [B11]
quality: environment
kind: number
unit: count
direction: down
measure: {record: discharge_fine, count: facts}
""",
    "targets/pass_rate.yaml": """
goals:
  - {kinds: [district], beneath: true, from: 2020-01-01, at_least: 70, set_by: {zh: 目标责任书（虚构）, en: Target letter (fictional)}}
""",
    "cockpit/district.yaml": """
kinds: [city, district, sub_district]
qualities:
  product: {headline: pass_rate, beside: [samples]}
  environment: {headline: {indicator: fines, day: last_full_year}}
key:
  - {headline: lifts_in_use, beside: [producers]}
map: [pass_rate, samples]
changed: {days: 7, lists: [discharge_fine]}
overdue: {expired: [lift_register]}
""",
}


@pytest.fixture(scope="session")
def cockpit_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the book."""
    root = tmp_path_factory.mktemp("book") / "book"
    shutil.copytree(SMALL, root)
    for name, text in PAGES.items():
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return root


@pytest.fixture(scope="session")
def cockpit_book(cockpit_root: Path) -> Book:
    """The book, read once."""
    return book_once(cockpit_root)


@pytest.fixture(autouse=True)
def first_of_july(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages' clock stands at NOON."""
    monkeypatch.setattr("zhiheng.pages.access.clock", lambda: NOON.astimezone())


@pytest.fixture(scope="module")
def filled_once(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory, cockpit_book: Book
) -> Iterator[Path]:
    """Samples of two sub-districts of this year and the last, two lifts; projected and refreshed. Made once for the
    tests of a module; the data folder that goes with it.
    """
    folder = tmp_path_factory.mktemp("figures")
    (folder / "handed-in").mkdir()
    with standing(django_db_blocker):
        with django_db_blocker.unblock(), override_settings(DATA=folder / "data"):
            fill(Ledger(cockpit_book, folder / "handed-in"))
        yield folder / "data"


@pytest.fixture
def filled(
    filled_once: Path, db: None, settings: Any, tmp_path: Path, cockpit_root: Path, cockpit_book: Book
) -> Ledger:
    """The same, open to pages, with files of the test's own."""
    settings.BOOK, settings.DATA = cockpit_root, tmp_path / "data"
    shutil.copytree(filled_once, settings.DATA)
    return Ledger(cockpit_book, tmp_path)


def fill(place: Ledger) -> None:
    """Hand in what ``filled`` holds, and bring lake and read models up to date."""
    rows = [
        sampling_row(
            n,
            抽样日期=f"2026-0{1 + n % 6}-05",
            抽样地区="甲街道" if n % 2 else "乙街道",
            检验结论="不合格" if n in (3, 4) else "合格",
        )
        for n in range(1, 9)
    ]
    before = [
        sampling_row(n, 抽样日期="2025-03-05", 检验结论="不合格" if n in (20, 21) else "合格") for n in range(20, 24)
    ]
    place.samples("a.csv", [*rows, *before], day="2026-06-28")
    place.lifts("b.csv", [lift_row("T1"), lift_row("T2")], day="2026-06-29")
    refreshed(place)


def refreshed(place: Ledger) -> Lake:
    """Bring lake and read models up to date."""
    from django.conf import settings

    lake = Lake(Path(settings.DATA) / "lake", place.book)
    project(lake)
    refresh(Call(SYSTEM, place.book, NOON), lake=lake)
    return lake
