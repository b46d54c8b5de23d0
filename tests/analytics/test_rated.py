"""留存的等级：与现算的一致；新报送只重算有关的企业；存定以后重演相同，或者说得出哪里不同；两个版本比得出来。"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction

from tests.book_once import with_chapters
from tests.engines.test_rating import FAILED, GAINED, LAW, TWO, edition_of
from tests.places import FINES, NOON, Ledger, sampling_row, write_csv
from zhiheng.actions.facts.correct_fact import correct
from zhiheng.actions.identity.link_subjects import merge
from zhiheng.actions.ratings.keep_ratings import keep_ratings
from zhiheng.actions.ratings.store_grades import store_grades
from zhiheng.analytics.lake import Lake, project
from zhiheng.analytics.rated import Grade, contributions_computed, grades_computed, kept_one
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.ratings import RATINGS, Rating, RatingEdition
from zhiheng.kernel.actor import SYSTEM
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias, Fact
from zhiheng.office.grades import StoredGrade
from zhiheng.queries.grades_replayed import replay_grades
from zhiheng.queries.rating_trial import compared_editions
from zhiheng.queries.ratings import RatingAsked, files_of, open_ratings, rating_asked, rating_facts, rating_of

pytestmark = pytest.mark.slow
DAY = dt.date(2026, 7, 1)


def edition(points: str = "-20") -> RatingEdition:
    """An edition over the records of the small place."""
    counted = {"record": "sampling_check"}
    failed = FAILED | counted | {"points": points, "cap": "80", "decay": None}
    gained = GAINED | counted | {"per": "product", "part": "product"}
    told = edition_of(
        parts=[{"id": "product", "label": TWO, "weight": 100, "marks": 80}],
        items=[failed, gained],
        evidence={"at_least": 1, "of": [{"record": "sampling_check", "role": "producer", "window": {"months": 24}}]},
        veto=[],
        bands=[
            {
                "name": name,
                "label": TWO,
                "at_least": least,
                "consequences": [{"kind": "award", "label": TWO, "eligible": name == "A", "law": LAW}],
            }
            for name, least in (("A", 75), ("B", 50), ("C", 0))
        ],
    )
    return told


def with_rating(ledger: Ledger, *editions: RatingEdition) -> Lake:
    """The ledger's book with a rating, and its lake."""
    said: dict[str, Any] = {"label": TWO, "systems": ["D1"], "law": LAW, "purpose": TWO}
    rating = Rating.model_validate(said | {"editions": [one.model_dump(by_alias=True) for one in editions]})
    ledger.book = with_chapters(ledger.book, {RATINGS: {"trial": rating}})
    return Lake(ledger.folder / "lake", ledger.book)


def call(ledger: Ledger) -> Call:
    return Call(SYSTEM, ledger.book, NOON)


def told(ledger: Ledger) -> None:
    """Three makers that a register knows; the first failed twice, the second once, the third passed."""
    rows = [[f"试验第{n}食品厂", "", "2026-01-05", "不予处罚"] for n in (1, 2, 3)]
    ledger.receive(write_csv(ledger.folder / "fines.csv", FINES, rows), unit="test_environment", day="2026-05-01")
    failed = [(1, "不合格"), (1, "不合格"), (2, "不合格"), (3, "合格")]
    ledger.samples(
        "a.csv",
        [sampling_row(at, 生产企业=f"试验第{n}食品厂", 检验结论=verdict) for at, (n, verdict) in enumerate(failed)],
        day="2026-05-04",
    )


def subject(name: str) -> int:
    return int(Alias.objects.get(name=name).subject_id)


def asked(ledger: Ledger) -> RatingAsked:
    return rating_asked(ledger.book, "trial", as_of=DAY, today=DAY)


def kept(lake: Lake, ledger: Ledger) -> dict[int, tuple[Grade | None, Any]]:
    """Everybody from what is kept, held against what is computed."""
    question = asked(ledger)
    state = files_of("trial").holds(lake, question, DAY)
    assert state is not None
    computed = {grade.subject_id: grade for grade in grades_computed(lake, question)}
    found = {}
    for number, grade in computed.items():
        one, rows = kept_one(lake, files_of("trial"), state, number)
        assert one == grade
        assert rows == contributions_computed(lake, question, [number])
        found[number] = (one, rows)
    return found


def test_留存的与现算的一致_新报送只重算有关的企业(ledger: Ledger) -> None:
    lake = with_rating(ledger, edition())
    told(ledger)
    project(lake)
    assert keep_ratings(lake, call=call(ledger)) == {"trial": 1}
    first, second = subject("试验第1食品厂"), subject("试验第2食品厂")
    assert [kept(lake, ledger)[n][0].score for n in (first, second)] == [4_000_000, 6_000_000]
    assert keep_ratings(lake, call=call(ledger)) == {"trial": 1}
    more = [sampling_row(30, 生产企业="试验第2食品厂", 检验结论="不合格", 样品名称="试验米线")]
    ledger.samples("b.csv", more, day="2026-06-20")
    project(lake)
    assert files_of("trial").holds(lake, asked(ledger), DAY) is None
    assert keep_ratings(lake, call=call(ledger)) == {"trial": 2}
    assert second in files_of("trial").state().touched
    assert first not in files_of("trial").state().touched
    assert kept(lake, ledger)[second][0].score == 4_000_000
    # A correction and a merge touch those whom they concern.
    wrong = Fact.objects.filter(record="sampling_check").order_by("id").first()
    assert wrong is not None
    correct(wrong.id, {"verdict": "合格"}, reason="录入有误", call=call(ledger), unit="test_market")
    project(lake)
    assert keep_ratings(lake, call=call(ledger)) == {"trial": 3}
    assert kept(lake, ledger)[first][0].score == 6_500_000
    merge(first, [second], reason="同一家", call=call(ledger))
    project(lake)
    keep_ratings(lake, call=call(ledger))
    found = kept(lake, ledger)
    assert second not in found
    assert found[first][0].score == 2_500_000


def test_存定以后重演相同_更正以后仍按当日所知_版本改了说得出来(ledger: Ledger) -> None:
    lake = with_rating(ledger, edition())
    told(ledger)
    project(lake)
    done = store_grades("trial", None, lake=lake, call=call(ledger))
    assert (done.stored, done.stood) == (3, 0)
    assert store_grades("trial", None, lake=lake, call=call(ledger)).stored == 0
    first = subject("试验第1食品厂")
    (one,) = replay_grades(first, lake=lake, call=call(ledger))
    assert (one.same, one.stored.band, one.differs) == (True, "C", ())
    with pytest.raises(DatabaseError), transaction.atomic():
        StoredGrade.objects.filter(subject=first).update(band="A")
    # A correction that became known later changes nothing of what was known.
    wrong = Fact.objects.filter(record="sampling_check").order_by("id").first()
    assert wrong is not None
    later = Call(SYSTEM, ledger.book, NOON + dt.timedelta(days=30))
    correct(wrong.id, {"verdict": "合格"}, reason="录入有误", call=later, unit="test_market")
    project(lake)
    assert replay_grades(first, lake=lake, call=later)[0].same
    # The edition was edited: the one of its day is taken, and the facts that count otherwise are named.
    edited = with_rating(ledger, edition("-30"))
    (other,) = replay_grades(first, lake=edited, call=Call(SYSTEM, ledger.book, later.now))
    assert (other.same, other.edition_gone, other.band) == (False, True, "C")
    assert {(each.then, each.now) for each in other.differs} == {(-2_000_000, -3_000_000)}


def test_两个版本比得出谁变了_哪个项目造成_谁失去资格(ledger: Ledger) -> None:
    later = edition("-40").model_copy(update={"from_": dt.date(2026, 6, 1)})
    lake = with_rating(ledger, edition("-2"), later)
    told(ledger)
    project(lake)
    ledger_lake = files_of("trial").folder.parents[1] / "lake"
    ledger_lake.symlink_to(lake.folder)
    found = compared_editions("trial@2020-01-01", "trial@2026-06-01", as_of=DAY, call=call(ledger))
    trial = found.comparison
    assert dict(trial.moves) == {("A", "A"): 1, ("A", "C"): 2}
    assert (trial.enterprises, trial.moved, trial.lost_in_all) == (3, 2, 2)
    assert {one.subject_id for one in trial.lost} == {subject("试验第1食品厂"), subject("试验第2食品厂")}
    assert [(one.item, one.before, one.after, one.enterprises) for one in trial.items] == [
        ("failed", -600_000, -12_000_000, 2)
    ]
    assert sum(sum(numbers) for numbers in trial.splits["area"].values()) == 3
    said = found.as_json()
    assert (said["moved"], said["unexplained"]) == (2, 0)
    (cause,) = said["causes"]
    assert (cause["kind"], cause["name"], cause["enterprises"]) == ("item", "failed", 2)
    assert (cause["label"], cause["first"], cause["second"]) == (
        TWO,
        *({"zh": n, "en": n} for n in ("-6.00", "-120.00")),
    )


def test_一票否决_证据和等级界限造成的_比较里写得出来(ledger: Ledger) -> None:
    first = edition("-2")
    evidence = first.evidence.model_dump(by_alias=True) | {"at_least": 2}
    bands = [band.model_dump(by_alias=True) for band in first.bands]
    later = first.model_dump(by_alias=True) | {
        "from": "2026-06-01",
        "evidence": evidence,
        "veto": [FAILED | {"id": "grave", "record": "sampling_check", "where": {"outcome": "fail"}, "at_most": "C"}],
        "bands": [bands[0] | {"at_least": 100}, *bands[1:]],
    }
    for key in ("points", "cap", "part", "decay"):
        later["veto"][0].pop(key)
    lake = with_rating(ledger, first, RatingEdition.model_validate(later))
    told(ledger)
    project(lake)
    (files_of("trial").folder.parents[1] / "lake").symlink_to(lake.folder)
    found = compared_editions("trial@2020-01-01", "trial@2026-06-01", as_of=DAY, call=call(ledger))
    # The first has two failures, the second one, the third passed once.
    assert dict(found.comparison.moves) == {("A", "C"): 2, ("A", None): 1}
    causes = {(one.kind.value, one.name): one for one in found.causes()}
    said = {
        key: (one.before and one.before.zh, one.after and one.after.zh, one.enterprises) for key, one in causes.items()
    }
    assert said == {
        ("veto", "grave"): ("无", "C", 2),
        # Alone, more evidence would leave the second not graded, and the edge would move the third.
        ("evidence", "too_few"): ("1", "2", 2),
        ("edge", "A"): ("75", "100", 3),
    }
    assert found.comparison.unexplained == 0


def test_一家企业的每一分_清单和家数对得上(ledger: Ledger) -> None:
    lake = with_rating(ledger, edition())
    told(ledger)
    project(lake)
    first = subject("试验第1食品厂")
    found = rating_of("trial", first, call=call(ledger), lake=lake)
    assert found.band is not None
    assert (found.band.name, str(found.score), len(found.points)) == ("C", "40.00", 2)
    assert all(one.line is not None and one.law and one.changes_on for one in found.points)
    assert found.as_json()["score"] == "40.00"
    for _ in ("computed", "kept"):
        ratings = open_ratings(asked(ledger), None, call=call(ledger), lake=lake)
        assert ratings.counts() == {"A": 1, "B": 1, "C": 1, None: 0}
        rows = [*(page := ratings.page(limit=2)).rows, *ratings.page(after=page.next, limit=2).rows]
        assert [line.grade.score for line in rows] == [4_000_000, 6_000_000, 8_500_000]
        assert [line.grade.subject_id for line in ratings.page("C").rows] == [first]
        keep_ratings(lake, call=call(ledger))
    with pytest.raises(Refused, match="没有等级"):
        ratings.page("E")
    with pytest.raises(Refused, match="没有评价"):
        rating_asked(ledger.book, "nothing", as_of=DAY, today=DAY)
    with pytest.raises(Refused, match="2020-01-01"):
        rating_asked(ledger.book, "trial", as_of=dt.date(2019, 1, 1), today=DAY)


def matrix_edition() -> RatingEdition:
    """A risk list over the records of the small place: failures make harm likely, a product sampled makes it grave."""
    counted = {"record": "sampling_check"}
    failed = FAILED | counted | {"part": "likelihood", "points": "50", "cap": "100", "decay": None}
    made = GAINED | counted | {"part": "consequence", "per": "fact", "where": {}, "points": "50", "cap": "100"}
    levels = [{"label": TWO, "at_least": least} for least in (0, 50, 100)]
    return edition_of(
        parts=[{"id": one, "label": TWO, "weight": 100, "marks": 0} for one in ("likelihood", "consequence")],
        items=[failed, made],
        evidence={"at_least": 1, "of": [{"record": "sampling_check", "role": "producer", "window": {"months": 24}}]},
        veto=[],
        bands=[{"name": name, "label": TWO} for name in ("A", "B", "C")],
        matrix={
            "likelihood": {"part": "likelihood", "levels": levels},
            "consequence": {"part": "consequence", "levels": levels},
            "cells": [["A", "A", "B"], ["A", "B", "B"], ["B", "B", "C"]],
            "law": LAW,
        },
    )


def test_风险清单_格子里的家数和名单对得上_风险高的在前_存定以后能重演(ledger: Ledger) -> None:
    lake = with_rating(ledger, matrix_edition())
    told(ledger)
    project(lake)
    first, second, third = (subject(f"试验第{n}食品厂") for n in (1, 2, 3))
    for _ in ("computed", "kept"):
        risks = open_ratings(asked(ledger), None, call=call(ledger), lake=lake)
        assert risks.counts() == {"A": 1, "B": 1, "C": 1, None: 0}
        assert risks.cells() == {(2, 2): 1, (1, 1): 1, (0, 1): 1}
        rows = [*(page := risks.page(limit=2)).rows, *risks.page(after=page.next, limit=2).rows]
        assert [line.grade.subject_id for line in rows] == [first, second, third]
        assert [line.grade.subject_id for line in risks.page(cell="2-2").rows] == [second]
        assert risks.page(cell="3-1").rows == ()
        keep_ratings(lake, call=call(ledger))
    with pytest.raises(Refused, match="没有“4-1”这一格"):
        risks.page(cell="4-1")
    found = rating_of("trial", second, call=call(ledger), lake=lake)
    assert found.cell is not None
    assert found.as_json()["cell"] == {
        "likelihood": {"points": "50.00", "level": 2, "of": 3, "label": "试验", "label_en": "Trial"},
        "consequence": {"points": "50.00", "level": 2, "of": 3, "label": "试验", "label_en": "Trial"},
        "band": "B",
        "law": ["试验办法第一条"],
    }
    assert {str(one.points) for one in found.points} == {"50.00"}
    store_grades("trial", None, lake=lake, call=call(ledger))
    (again,) = replay_grades(first, lake=lake, call=call(ledger))
    assert (again.same, again.band) == (True, "C")


def test_留存文件的列变了就重新算(ledger: Ledger) -> None:
    lake = with_rating(ledger, edition())
    told(ledger)
    project(lake)
    keep_ratings(lake, call=call(ledger))
    state = files_of("trial").folder / "state.json"
    state.write_text(state.read_text("utf-8").replace(" likelihood consequence", ""), "utf-8")
    assert files_of("trial").holds(lake, asked(ledger), DAY) is None
    assert keep_ratings(lake, call=call(ledger)) == {"trial": 1}
    assert files_of("trial").holds(lake, asked(ledger), DAY) is not None


@contextmanager
def taken_back() -> Iterator[None]:
    """What is written to the ledger is gone afterwards, as by restoring a backup of it beside a data folder that
    stays.
    """
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def one_way(ledger: Ledger, lake: Lake) -> None:
    more = [sampling_row(30, 生产企业="试验第2食品厂", 检验结论="不合格", 样品名称="试验米线")]
    ledger.samples("b.csv", more, day="2026-06-20")
    merge(subject("试验第1食品厂"), [subject("试验第2食品厂")], reason="同一家", call=call(ledger))
    project(lake)
    keep_ratings(lake, call=call(ledger))


def test_台账恢复到较早的备份以后另有报送和归并_水位相同也不沿用原来的等级(ledger: Ledger) -> None:
    lake = with_rating(ledger, edition())
    told(ledger)
    project(lake)
    with taken_back():
        one_way(ledger, lake)
        before = lake.manifest()
    # The lake is brought to the restored ledger first, then to what came after: its making is told in the same words.
    project(lake)
    more = [sampling_row(30, 生产企业="试验第3食品厂", 检验结论="不合格", 样品名称="试验米线")]
    ledger.samples("c.csv", more, day="2026-06-20")
    merge(subject("试验第1食品厂"), [subject("试验第3食品厂")], reason="同一家", call=call(ledger))
    project(lake)
    after = lake.manifest()
    if not settings.POSTGRESQL:
        # There numbers that were taken are not given again.
        assert (after.watermark, after.made, after.parted) == (before.watermark, before.made, before.parted)
    assert keep_ratings(lake, call=call(ledger)) == {"trial": 1}
    found = kept(lake, ledger)
    assert found[subject("试验第1食品厂")][0].score == 2_500_000
    assert not list(rating_facts().differing(lake))


def test_数据湖和台账一起退回较早的_水位相同也不沿用原来的等级(ledger: Ledger) -> None:
    lake = with_rating(ledger, edition())
    told(ledger)
    project(lake)
    aside = ledger.folder / "lake-aside"
    shutil.copytree(lake.folder, aside)
    with taken_back():
        one_way(ledger, lake)
    shutil.rmtree(lake.folder)
    aside.rename(lake.folder)
    more = [sampling_row(30, 生产企业="试验第3食品厂", 检验结论="不合格", 样品名称="试验米线")]
    ledger.samples("c.csv", more, day="2026-06-20")
    project(lake)
    assert keep_ratings(lake, call=call(ledger)) == {"trial": 1}
    assert {grade.score for grade, _ in kept(lake, ledger).values()} == {4_000_000, 6_000_000, 6_500_000}
    assert not list(rating_facts().differing(lake))


def test_台账恢复到归并以前_另一次归并同号_数据湖的名称重新写(ledger: Ledger) -> None:
    lake = with_rating(ledger, edition())
    told(ledger)
    first, second, third = (subject(f"试验第{n}食品厂") for n in (1, 2, 3))
    with taken_back():
        merge(first, [second], reason="同一家", call=call(ledger))
        project(lake)
    merge(first, [third], reason="同一家", call=call(ledger))
    project(lake)
    with lake.open(lake.manifest(), []) as connection:
        said = dict(connection.execute("SELECT alias_id, subject_id FROM _aliases").fetchall())
    assert said == dict(Alias.objects.values_list("id", "subject_id"))
    assert second in said.values()
