"""Stored figures are those that the lake gives; the catalogue says what came in, what is due and what is late."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.analytics.conftest import INDICATORS, lake
from tests.book_once import book_once, with_chapters
from tests.places import SMALL, Ledger, lift_row, sampling_row
from tests.projections.pictures import at
from zhiheng.actions.identity.link_subjects import merge
from zhiheng.actions.projections import refresh_projections as action
from zhiheng.actions.projections.recompute_figures import differing_figures
from zhiheng.actions.projections.refresh_projections import refresh
from zhiheng.analytics.figures_by_area import every_area
from zhiheng.analytics.lake import Lake, project
from zhiheng.analytics.lake_compare import lake_made_anew
from zhiheng.analytics.query import figures
from zhiheng.engines.periods import ReportingPeriod, periods
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.cockpit import COCKPITS, Cockpit
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS as BOOK_INDICATORS
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.targets import TARGETS, Goals
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.models import Alias
from zhiheng.projections.figures import days_kept, stored
from zhiheng.projections.models import Owed, StoredFigure

pytestmark = pytest.mark.slow

__all__ = ["lake"]

DAY = dt.date(2026, 7, 1)
AREAS = ("990900", "990901", "990901001", "990901002")


@pytest.fixture
def place(ledger: Ledger, lake: Lake) -> tuple[Ledger, Lake]:
    """Facts of two years in both sub-districts, a goal, and a cockpit that asks for a year's end."""
    ledger.samples(
        "a.csv",
        [
            sampling_row(
                n,
                抽样日期=f"{2025 + n % 2}-03-0{n % 8 + 1}",
                生产日期="2025-01-01",
                抽样地区="甲街道" if n % 3 else "乙街道",
            )
            for n in range(1, 25)
        ],
    )
    ledger.lifts("l.csv", [lift_row(f"L{n}", 使用单位=f"试验第{n % 3}物业有限公司") for n in range(7)])
    goals = Goals.model_validate(
        {
            "goals": [
                {
                    "areas": ["990901"],
                    "beneath": True,
                    "from": dt.date(2026, 1, 1),
                    "at_least": "60",
                    "set_by": {"zh": "责任书", "en": "Letter"},
                }
            ]
        }
    )
    cockpit = Cockpit.model_validate(
        {
            "kinds": ["city", "district", "sub_district"],
            "qualities": {
                "product": {"headline": "pass_rate", "beside": [{"indicator": "samples", "day": "last_full_year"}]}
            },
        }
    )
    book = with_chapters(
        lake.book,
        {TARGETS: MappingProxyType({"pass_rate": goals}), COCKPITS: MappingProxyType({"all": cockpit})},
    )
    return dataclasses.replace(ledger, book=book), Lake(lake.folder, book)


def done(place: tuple[Ledger, Lake], day: str = "2026-07-01", **words: Any) -> action.Refreshed:
    """Project and refresh."""
    project(place[1])
    return refresh(Call(SYSTEM, place[1].book, at(day)), lake=place[1], **words)


def plain(number: Decimal | int | None) -> Decimal | None:
    """A number as a table gives it back."""
    return None if number is None else Decimal(number)


def check(place: tuple[Ledger, Lake], known_on: dt.date = DAY) -> None:
    """Every stored figure is the one that the lake gives now."""
    for day in days_kept():
        kept = stored(AREAS, as_of=[day])
        for area in AREAS:
            asked = figures(place[1], place[1].book, area=area, as_of=day, known_on=known_on)
            assert len(asked) == len(INDICATORS)
            for figure in asked:
                row = kept[area, day, figure.indicator]
                assert (row.value, row.numerator, row.denominator, row.zh, row.en) == (
                    plain(figure.value),
                    plain(figure.numerator),
                    plain(figure.denominator),
                    figure.zh,
                    figure.en,
                )
                assert (row.first, row.last, row.edition, row.watermark or None) == (
                    figure.first,
                    figure.last,
                    figure.edition,
                    figure.watermark or None,
                )


def test_存下的数被改过_由台账重算就指出是哪一个(place: tuple[Ledger, Lake]) -> None:
    done(place)
    call = Call(SYSTEM, place[1].book, at("2026-07-01"))
    with lake_made_anew(place[1], place[0].folder) as fresh:
        assert list(differing_figures(call, fresh)) == []
        row = StoredFigure.objects.filter(indicator="pass_rate", value__isnull=False, as_of=DAY)[0]
        StoredFigure.objects.filter(pk=row.pk).update(value=Decimal(100), zh="100%", en="100%")
        (finding,) = differing_figures(call, fresh)
        assert "存为 100%" in finding.zh
        StoredFigure.objects.filter(pk=row.pk).update(value=row.value, zh=row.zh, en=row.en, numerator=1)
        assert [each.kind for each in differing_figures(call, fresh)] == ["figure"]


def test_存下的数与数据湖算出的相同(place: tuple[Ledger, Lake]) -> None:
    done(place)
    assert days_kept() == [DAY, dt.date(2025, 12, 31), dt.date(2025, 7, 1), dt.date(2024, 12, 31)]
    assert StoredFigure.objects.count() == 4 * len(AREAS) * len(INDICATORS)
    check(place)


def test_没有事实的区域也有数_零或证据不足(place: tuple[Ledger, Lake]) -> None:
    project(place[1])
    for day in (DAY, dt.date(2020, 1, 1)):
        for area, found in every_area(place[1], place[1].book, as_of=day, known_on=DAY):
            asked = figures(place[1], place[1].book, area=area, as_of=day, known_on=DAY)
            assert [dataclasses.asdict(f) for f in found] == [dataclasses.asdict(f) for f in asked]


def test_与去年同日和目标相比(place: tuple[Ledger, Lake]) -> None:
    done(place)
    kept = stored(["990901", "990900"], as_of=[DAY, dt.date(2025, 7, 1)])
    rate = kept["990901", DAY, "pass_rate"]
    assert (rate.before_on, rate.before) == (
        dt.date(2025, 7, 1),
        kept["990901", dt.date(2025, 7, 1), "pass_rate"].value,
    )
    assert (rate.goal, rate.goal_by_zh, rate.goal_met) == ("≥ 60", "责任书", rate.value >= 60)
    # The goal is of 2026, and of the district, not of the city above it.
    assert kept["990901", dt.date(2025, 7, 1), "pass_rate"].goal == kept["990900", DAY, "pass_rate"].goal == ""


def test_读一屏的数只用一条语句(place: tuple[Ledger, Lake]) -> None:
    done(place)
    with CaptureQueriesContext(connection) as queries:
        assert len(stored(AREAS, as_of=[DAY], names=["pass_rate", "samples"])) == 8
    assert len(queries) == 1


def test_只重算涉及所报记录的指标(place: tuple[Ledger, Lake]) -> None:
    done(place)
    assert done(place).figures == 0
    place[0].lifts("m.csv", [lift_row("L99", 使用单位="试验第9物业有限公司")])
    again = done(place)
    lifts = [name for name, said in INDICATORS.items() if "lift" in name]
    assert again.figures == 4 * len(AREAS) * len(lifts)
    # What was not asked again says of which facts it knows: those of its own records.
    for row in StoredFigure.objects.filter(as_of=DAY, area="990901", indicator__in=lifts):
        (figure,) = figures(place[1], place[1].book, area="990901", as_of=DAY, known_on=DAY, names=[row.indicator])
        assert row.value == figure.value


def beside() -> list[tuple[Any, ...]]:
    """What stands beside every figure: a year before, and the goal."""
    names = (
        "area",
        "as_of",
        "indicator",
        "value",
        "before_on",
        "before",
        "before_zh",
        "goal",
        "goal_by_zh",
        "goal_met",
    )
    return list(StoredFigure.objects.order_by(*names[:3]).values_list(*names))


def test_新报的只重比涉及的指标_与全部重算的结果相同(place: tuple[Ledger, Lake]) -> None:
    done(place)
    place[0].lifts("m.csv", [lift_row("L99", 使用单位="试验第9物业有限公司")])
    assert done(place).figures
    after = beside()
    assert any(row[4] for row in after)
    assert any(row[7] for row in after)
    done(place, whole=True)
    assert beside() == after


def test_更新到一半停下_下次补齐每一天的数和目标(place: tuple[Ledger, Lake]) -> None:
    done(place)

    class Stopped(Exception):
        """The worker was told to stop."""

    def stop(what: str, number: int, _total: int | None) -> None:
        if what == "figures" and number == 3:
            raise Stopped

    next_day = "2026-07-02"
    with pytest.raises(Stopped):
        refresh(Call(SYSTEM, place[1].book, at(next_day)), stop, lake=place[1])
    done(place, next_day)
    after = beside()
    assert {row[1] for row in after} == {
        dt.date(2026, 7, 2),
        dt.date(2025, 7, 2),
        dt.date(2025, 12, 31),
        dt.date(2024, 12, 31),
    }
    StoredFigure.objects.all().delete()
    done(place, next_day, whole=True)
    assert beside() == after


def test_合并之后重算_第二天也重算(place: tuple[Ledger, Lake]) -> None:
    done(place)
    users = list(
        Alias.objects.filter(name__startswith="试验第", name__contains="物业")
        .order_by("id")
        .values_list("subject_id", flat=True)
    )
    before = stored(["990901"], as_of=[DAY])["990901", DAY, "lift_users"].value
    merge(users[0], [users[1]], reason="同一家", call=Call(SYSTEM, place[1].book, at("2026-07-01")))
    done(place)
    assert stored(["990901"], as_of=[DAY])["990901", DAY, "lift_users"].value == before - 1
    check(place)
    done(place, "2026-07-02")
    assert days_kept()[0] == dt.date(2026, 7, 2)
    assert DAY not in days_kept()
    check(place, dt.date(2026, 7, 2))


def test_指标的定义改变后重算(place: tuple[Ledger, Lake]) -> None:
    done(place)
    book = place[1].book
    rounded = book[BOOK_INDICATORS]["samples"].model_copy(update={"decimals": 2})
    other = with_chapters(book, {BOOK_INDICATORS: {**book[BOOK_INDICATORS], "samples": rounded}})
    refresh(Call(SYSTEM, other, at("2026-07-01")), lake=Lake(place[1].folder, other))
    assert "." in stored(["990901"], as_of=[DAY])["990901", DAY, "samples"].zh
    fewer = with_chapters(book, {BOOK_INDICATORS: {"samples": rounded}, TARGETS: {}})
    refresh(Call(SYSTEM, fewer, at("2026-07-01")), lake=Lake(place[1].folder, fewer))
    assert set(StoredFigure.objects.values_list("indicator", flat=True)) == {"samples"}


# -- who owes what -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cadence", "today", "first", "last"),
    [
        ("monthly", "2026-07-01", "2026-07-01", "2026-07-31"),
        ("monthly", "2024-02-29", "2024-02-01", "2024-02-29"),
        ("quarterly", "2026-12-31", "2026-10-01", "2026-12-31"),
        ("yearly", "2026-07-01", "2026-01-01", "2026-12-31"),
        ("weekly", "2026-07-01", "2026-06-29", "2026-07-05"),
        ("daily", "2026-07-01", "2026-07-01", "2026-07-01"),
    ],
)
def test_每期从何日到何日(cadence: str, today: str, first: str, last: str) -> None:
    found = list(periods(cadence, dt.date.fromisoformat(today)))
    assert (str(found[0].first), str(found[0].last)) == (first, last)
    book = book_once(SMALL)
    assert found[0].due(10, book[LAW], book[CALENDAR]).day == found[0].last + dt.timedelta(days=10)
    for later, earlier in itertools.pairwise(found):
        assert earlier.last + dt.timedelta(days=1) == later.first


def test_应报日落在法定节假日的顺延_放假安排还没有公布的写明暂定(book_root: Path) -> None:
    book = book_once(book_root)
    september = ReportingPeriod(dt.date(2024, 9, 1), dt.date(2024, 9, 30))
    moved = september.due(1, book[LAW], book[CALENDAR])
    assert moved.day == dt.date(2024, 10, 4), "1 to 3 October are public holidays; the days off behind them are none"
    assert not moved.provisional
    beyond = max(book[CALENDAR].years) + 1
    later = ReportingPeriod(dt.date(beyond, 1, 1), dt.date(beyond, 1, 31)).due(10, book[LAW], book[CALENDAR])
    assert later.provisional
    assert later.basis()["provisional"]


def test_按需报送的没有期限() -> None:
    assert list(periods("as_needed", DAY)) == []


def owed(record: str, unit: str, first: str) -> Owed:
    """The row of a unit, a record and a month."""
    return Owed.objects.get(record=record, unit=unit, first=first)


def test_所报事实在哪个月_就算报了哪个月(place: tuple[Ledger, Lake]) -> None:
    place[0].samples("b.csv", [sampling_row(90, 抽样日期="2026-06-03")], day="2026-07-05")
    place[0].samples("c.csv", [sampling_row(91, 抽样日期="2026-05-03")], day="2026-07-20")
    done(place, "2026-07-21")
    june, may, july = (owed("sampling_check", "test_market", f"2026-0{m}-01") for m in (6, 5, 7))
    # Both the delivery of 5 July and that of NOON (1 July) came between the end of June and the day it fell due.
    assert (str(june.handed_in_on), june.state(DAY), june.due_on) == ("2026-07-01", "handed", dt.date(2026, 7, 10))
    assert (str(may.handed_in_on), may.state(DAY), may.facts, may.days_late(DAY)) == (
        "2026-07-20",
        "handed_late",
        1,
        40,
    )
    assert (july.handed_in_on, july.state(dt.date(2026, 7, 21))) == (None, "due")
    assert july.state(dt.date(2026, 8, 5)) == "due"
    assert (july.state(dt.date(2026, 8, 11)), july.days_late(dt.date(2026, 8, 11))) == ("late", 1)
    # The other unit that hands samples in has handed nothing in.
    assert owed("sampling_check", "jia_office", "2026-06-01").state(dt.date(2026, 7, 21)) == "late"


def test_系统启用之前的期限不算欠(place: tuple[Ledger, Lake]) -> None:
    done(place, "2026-07-21")
    rows = Owed.objects.filter(unit="jia_office", record="sampling_check")
    assert min(rows.values_list("due_on", flat=True)) >= dt.date(2026, 7, 1)
    # What was handed in of an earlier month is shown all the same.
    assert Owed.objects.filter(unit="test_market", record="sampling_check", first="2026-03-01", facts__gt=0).exists()


def test_再算一次结果相同_定义去掉的不再列(place: tuple[Ledger, Lake]) -> None:
    done(place)
    before = list(Owed.objects.order_by("id").values())
    done(place)
    assert list(Owed.objects.order_by("id").values()) == before
    district = place[1].book[DISTRICT]
    units = tuple(
        u if u.id != "test_market" else u.model_copy(update={"records": ("lift_register",)}) for u in district.units
    )
    book: Book = with_chapters(place[1].book, {DISTRICT: district.model_copy(update={"units": units})})
    refresh(Call(SYSTEM, book, at("2026-07-01")), lake=Lake(place[1].folder, book))
    assert set(Owed.objects.filter(unit="test_market").values_list("record", flat=True)) == {"lift_register"}


def test_没有数据湖时只更新名片(place: tuple[Ledger, Lake], tmp_path: Path) -> None:
    found = refresh(Call(SYSTEM, place[1].book, at("2026-07-01")))
    assert found.cards > 0
    assert (found.figures, found.owed, StoredFigure.objects.count(), Owed.objects.count()) == (0, 0, 0, 0)
