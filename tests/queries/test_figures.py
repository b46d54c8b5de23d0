"""一个数只有一条路：工作台、接口、命令行、刷新和公布统计问的是同一处，给出同一个数；先问能不能看，再给数。"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.desk.cockpit_place import cockpit_book, cockpit_root, filled, filled_once, first_of_july
from tests.desk.officers import officer
from tests.places import NOON, Ledger
from zhiheng.analytics import query
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.cockpit import ShownIndicator
from zhiheng.kernel.actor import PUBLIC, SYSTEM, Actor
from zhiheng.kernel.reasons import Refused
from zhiheng.people.actors import actor_of
from zhiheng.projections.models import StoredFigure
from zhiheng.queries.figures import AreaFigures, open_figures, open_own_figures

__all__ = ["cockpit_book", "cockpit_root", "filled", "filled_once", "first_of_july"]
pytestmark = pytest.mark.django_db
DISTRICT, STREET = "990901", "990901001"
DAY = dt.date(2026, 7, 1)


def opened(of: Ledger, area: str | None = DISTRICT, actor: Actor = SYSTEM, **words: Any) -> AreaFigures:
    return open_figures(area, **{"as_of": DAY, "call": Call(actor, of.book, NOON), **words})


def clerk_of(area: str) -> Actor:
    return actor_of(officer(area=area))


def code_of(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.refusals[0].code


@pytest.mark.slow
def test_存下的_现算的_按全部地区算的_是同一个数(filled: Ledger) -> None:
    figures = opened(filled)
    kept = figures.one("pass_rate")
    (computed,) = figures.computed(["pass_rate"])
    every = dict(figures.of_every_area(["pass_rate"]))
    assert kept.computed_at is not None
    assert kept.value == computed.value == every[DISTRICT][0].value == 75
    StoredFigure.objects.all().delete()
    fresh = figures.one("pass_rate")
    assert fresh.computed_at is None
    for name in (
        "value",
        "zh",
        "numerator",
        "denominator",
        "before",
        "goal",
        "goal_by",
        "goal_met",
        "before_on",
        "facts",
    ):
        assert getattr(fresh, name) == getattr(kept, name), name


def test_按某日所知的数不用存下的(filled: Ledger) -> None:
    known = dt.date(2026, 6, 28)
    figure = opened(filled, known_on=known).one("lifts_in_use")
    assert (figure.computed_at, figure.known_on, figure.value) == (None, known, 0)
    assert opened(filled).one("lifts_in_use").value == 2


def test_没有权限的地区_一个数也问不到(filled: Ledger) -> None:
    with pytest.raises(Refused):
        opened(filled, DISTRICT, clerk_of(STREET))
    with pytest.raises(Refused):
        opened(filled, None, clerk_of(DISTRICT))
    with pytest.raises(Refused):
        opened(filled, DISTRICT, PUBLIC)
    assert opened(filled, STREET, clerk_of(STREET)).one("samples").value == 4


def test_规则书没有的地区说明没有(filled: Ledger) -> None:
    with pytest.raises(Refused) as refused:
        opened(filled, "123456")
    assert code_of(refused) == "area.absent"


def test_开了一个地区_就只问得到它和它下面的(filled: Ledger) -> None:
    shown = ShownIndicator(indicator="samples")
    street = opened(filled, STREET, clerk_of(STREET))
    with pytest.raises(ValueError, match="does not lie in"):
        street.of_areas({DISTRICT: [shown]})
    with pytest.raises(ValueError, match="does not lie in"):
        street.at(DISTRICT)
    assert set(dict(street.of_every_area(["samples"]))) == {STREET}
    assert opened(filled).at(STREET).one("samples").value == 4


def test_没说地区的_从自己管得到的最高一级看起(filled: Ledger) -> None:
    mine = clerk_of(STREET)
    words: dict[str, Any] = {"as_of": DAY, "call": Call(mine, filled.book, NOON)}
    for said in ("", "123456"):
        assert open_own_figures(said, **words).asked.area == STREET
    with pytest.raises(Refused):
        open_own_figures(DISTRICT, **words)


def test_背后的事实一页一页取_每页只从数据湖取这一页(filled: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    figures, taken = opened(filled), list[int]()
    plain = query.facts_behind

    def counted(*given: Any, **words: Any) -> Iterator[int]:
        found = list(plain(*given, **words))
        taken.append(len(found))
        yield from found

    whole = list(figures.fact_ids("samples"))
    monkeypatch.setattr(query, "facts_behind", counted)
    seen: list[int] = []
    after = ""
    while True:
        page = figures.fact_page("samples", after=after, limit=3)
        seen += page.rows
        if not (after := page.next):
            break
    assert seen == whole
    assert len(whole) == 8
    assert taken == [4, 4, 2]


def test_没有的指标说明没有(filled: Ledger) -> None:
    with pytest.raises(Refused) as refused:
        opened(filled).fact_page("nothing_such", after="", limit=3)
    assert code_of(refused) == "indicator.absent"


def test_列表里看不到的事实只计数(filled: Ledger) -> None:
    page = opened(filled).facts("samples", start=0, limit=5)
    assert (len(page.rows), page.hidden, page.next) == (5, 0, "5")
    # A program whose key has only this act reaches the number and none of its facts.
    narrow = replace(clerk_of(DISTRICT), only=frozenset({"indicator.read"}))
    page = opened(filled, actor=narrow).facts("samples", start=0, limit=5)
    assert (list(page.rows), page.hidden) == ([], 5)
