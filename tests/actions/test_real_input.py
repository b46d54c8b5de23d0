"""The real files beside the checkout: every row is accounted for, and what a naive importer corrupts is refused."""

from __future__ import annotations

import csv
import sqlite3
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.shared, pytest.mark.slow]


@pytest.fixture
def data(tmp_path: Path, settings: Any) -> Path:
    """A data folder of its own."""
    settings.DATA = tmp_path
    return tmp_path


def _report(paths: list[Path]) -> dict[str, Any]:
    from bench.real_input import report

    return report(paths)


@pytest.mark.django_db
def test_7000_行真实抽检数据一行不丢(shared: Path, data: Path) -> None:
    folder = shared / "data" / "cn-food-sampling"
    paths = sorted(p for p in folder.glob("*.csv") if "_format" not in p.name)
    found = _report(paths)
    delivered = 0
    for path in paths:
        with path.open(encoding="utf-8-sig", newline="") as file:
            delivered += sum(1 for _ in csv.DictReader(file))
    assert found["rows"] == delivered
    assert found["rows"] == found["facts"] + found["duplicates"] + found["refused"]
    assert found["refused"] == 0
    # The scraper wrote the publication day into the production day of every row.
    # One cell names a branch as the producer and beside it, as 公司名称, the company: whose name that is can't be told
    # for certain. Another has an address where the producer should stand (…榄核镇顺河街1号自编二栋): that is nobody.
    assert found["flags"] == {"production_day_is_publication_day": delivered, "party_unplaced": 1, "party_nobody": 1}
    # Whatever was not read whole stays text; nothing is guessed.
    assert found["results"]["text"] <= 6
    assert sum(found["results"].values()) >= 110
    assert found["enterprises"] < found["spellings"]


@pytest.mark.django_db
def test_被拆坏的结果列不会成为新的事实(shared: Path, data: Path) -> None:
    folder = shared / "data" / "cn-food-sampling"
    good = next(p for p in folder.glob("3-4*.csv") if "_format" not in p.name)
    split = next(folder.glob("*_format.csv"))
    found = _report([good, split])
    first, second = found["tables"]
    assert first["refused"] == 0
    assert second["facts"] == 0, "a row whose unit stands in its own column says the same as before"
    assert second["reasons"] == {"result.split": second["refused"]}
    assert second["refused"] == 9


@pytest.mark.django_db
def test_欧盟通报库的每一行都有去处(shared: Path, data: Path) -> None:
    path = shared / "data" / "eu-rasff" / "rasff_data.db"
    found = _report([path])
    with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as source:
        (delivered,) = source.execute("SELECT COUNT(*) FROM rasff_notifications").fetchone()
    assert found["rows"] == delivered == found["facts"] + found["duplicates"] + found["refused"]
    assert found["refused"] == 0
    assert found["duplicates"] == 9


def test_真实通报里最突出的是哪几周_换一种写法不算升高(shared: Path) -> None:
    from bench.telling import hazards_of, notifications

    assert hazards_of("Salmonella spp. ,Salmonella  ,chlorpyriphos-ethyl  unauthorised substance", "one") == [
        "chlorpyrifos",
        "salmonella",
    ]
    assert hazards_of(None, "one") == []
    told = notifications()
    assert len(told) == 8388
    assert len({day.isocalendar()[:2] for day, *_ in told}) == 84
