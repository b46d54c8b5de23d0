"""回测：风险清单按可能性检验；由后台每月检验，同一版本的结果留在页上，一个月以内不重做。"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from bench.indicators import AS_OF, KNOWN_ON, generate
from tests.book_once import book_once
from zhiheng.actions.ratings import keep_backtests as keeping
from zhiheng.actions.ratings.keep_backtests import keep_backtests
from zhiheng.analytics.lake import Lake
from zhiheng.analytics.query import tables_of
from zhiheng.analytics.rated import RatingAsked, records_of
from zhiheng.analytics.rating_backtest import backtest_tables
from zhiheng.analytics.reader import sql_of
from zhiheng.engines import rating as engine
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.ratings import RATINGS
from zhiheng.kernel.actor import PUBLIC, SYSTEM
from zhiheng.kernel.days import months_later
from zhiheng.kernel.reasons import Refused
from zhiheng.queries.rating_backtest import backtest_rating, last_backtest

pytestmark = [pytest.mark.slow]
DAY = months_later(AS_OF, -12)


@pytest.fixture(scope="module")
def invented(book_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Invented facts of every record that an indicator of the book reads."""
    lake = Lake(tmp_path_factory.mktemp("tried") / "lake", book_once(book_root))
    generate(lake, 6_000)
    return lake


def test_风险清单按可能性检验_各等各级加起来就是此后查过的(invented: Lake) -> None:
    rating = invented.book[RATINGS]["risk_list"]
    edition = rating.editions[-1]
    asked, manifest = RatingAsked("risk_list", rating, edition, DAY, KNOWN_ON), invented.manifest()
    days = {"as_of": DAY, "known_on": KNOWN_ON}
    with invented.open(manifest, records_of(invented, asked)) as connection:
        # Everybody who is named at all: the invented register tells the status of few.
        tables = tables_of(invented, manifest)
        everybody = tables["_aliases"].select("subject_id").distinct()
        grades = sql_of(engine.graded(edition, everybody, engine.scores(edition, tables, **days)))
        each = sql_of(engine.contributions(edition, tables, **days))
        found = backtest_tables(connection, edition, tables, grades, each, asked, KNOWN_ON)
        likely = ", ".join(f"'{name}'" for name in edition.of_part("likelihood"))
        ((most,),) = connection.execute(
            f"SELECT max(points) FROM (SELECT sum(points) AS points FROM ({each}) WHERE item IN ({likely}) "
            "GROUP BY subject_id)"
        ).fetchall()
    assert found.enterprises > 100
    for groups in (found.bands, found.levels):
        assert sum(one.enterprises for one in groups) == found.enterprises
        assert sum(one.failed for one in groups) == found.failed
    assert edition.matrix is not None
    assert {one.band for one in found.levels} <= {*(level.label.zh for level in edition.matrix.likelihood.levels), ""}
    # What is ordered by is the likelihood alone: no mean of a fifth exceeds its greatest sum.
    means = [mean for mean, _, _ in found.calibration]
    assert means == sorted(means)
    assert 0 <= means[0] < means[-1] <= most


@pytest.mark.django_db(databases="__all__")
def test_后台每月检验一次_别的版本的不算_没有权限的不行(
    invented: Lake, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA = tmp_path
    now = dt.datetime(AS_OF.year, AS_OF.month, AS_OF.day, 4, 30, tzinfo=dt.UTC)
    call = Call(SYSTEM, invented.book, now)
    found = keep_backtests(invented, call=call)
    assert found.keys() == invented.book[RATINGS].keys()
    edition = invented.book[RATINGS]["risk_list"].editions[-1].edition
    kept = last_backtest("risk_list", edition)
    assert kept is not None
    assert (kept["as_of"], kept["verdict"]) == (DAY.isoformat(), found["risk_list"])
    assert "按" in kept["zh"], "the ledger is younger than the day, which is said"
    assert last_backtest("risk_list", "0" * 64) is None
    assert keep_backtests(invented, call=call) == {}
    monkeypatch.setattr(keeping, "_GOOD_FOR", dt.timedelta(0))
    assert keep_backtests(invented, call=call) == found
    with pytest.raises(Refused, match="还不满一年"):
        backtest_rating("risk_list", DAY + dt.timedelta(days=1), lake=invented, call=call)
    with pytest.raises(Refused):
        keep_backtests(invented, call=Call(PUBLIC, invented.book, now))
