"""What happens by the clock and in the background: other systems are told, figures are published, open data follows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.published.places import NOON, OFFICER, Place
from zhiheng.actions.publication import announce_publications
from zhiheng.actions.publication import publish_statistics as statistics
from zhiheng.actions.publication.announce_publications import is_untold
from zhiheng.actions.publication.rebuild_open_data import rebuild
from zhiheng.actions.publication.withdraw_publication import withdraw
from zhiheng.actions.webhooks.register_webhook import register
from zhiheng.analytics.lake import Lake, project
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.jobs import schedule
from zhiheng.kernel.actor import SYSTEM, Actor, Holding
from zhiheng.kernel.reasons import Refused
from zhiheng.office.models import PublicationMark, WebHookCall
from zhiheng.published.models import ListState, OpenFile, PublishedEntry, PublishedFigure

pytestmark = pytest.mark.slow

PENALTY = ("administrative_penalty", "一般裁量的罚款")
SAMPLE = ("product_sampling", "区级监督抽查，合格")
EVENTS = ["publication.shown", "publication.corrected", "publication.withdrawn"]
PROGRAM = Actor("token:7", "program", "某系统", (Holding("program", "liyuan_market", "990104"),))


def listen(place: Place, *events: str, at: dt.datetime = NOON) -> None:
    """A system of a department wants to be told."""
    register(
        "https://partner.example/told",
        events or EVENTS,
        unit="liyuan_market",
        call=Call(PROGRAM, place.book, at),
        lookup=lambda host, port: ["93.184.216.34"],
    )


def tell(place: Place) -> int:
    return announce_publications.tell_publications(now=place.now)


def messages() -> list[tuple[str, dict[str, Any]]]:
    return [(call.event, orjson.loads(call.body)["data"]) for call in WebHookCall.objects.order_by("pk")]


# -- other systems are told --------------------------------------------------------------------------------------------


def test_公示更正撤下各告知一次且只说编号不说内容(place: Place) -> None:
    listen(place)
    entry = place.publish(*PENALTY, 办案人员="魏清和")
    assert schedule.publications_are_untold(place.now)
    assert (tell(place), tell(place)) == (1, 0)
    assert not is_untold()
    place.correct(entry.fact, {"violation_kind": "标签不符合规定"})
    place.propose()
    place.approve()
    new = PublishedEntry.objects.get(state="shown")
    assert tell(place) == 2
    withdraw([new.public_id], cause="error", reason="内部理由甲", call=Call(OFFICER, place.book, place.now))
    tell(place)
    told = messages()
    assert [event for event, _ in told] == [
        "publication.shown",
        "publication.shown",
        "publication.corrected",
        "publication.withdrawn",
    ]
    assert [data["id"] for _, data in told] == [entry.public_id, new.public_id, entry.public_id, new.public_id]
    assert (told[1][1]["takes_place_of"], told[2][1]["successor"]) == (entry.public_id, new.public_id)
    assert told[0][1]["path"] == f"/api/v1/public/entries/{entry.public_id}"
    everything = "\n".join(WebHookCall.objects.values_list("body", flat=True))
    for said in ("七彩", "魏", "内部理由甲", "标签", "919901019YN9DYXP8Y", f'"{entry.fact}"'):
        assert said not in everything


def test_公示后马上撤下的只告知撤下(place: Place) -> None:
    listen(place)
    entry = place.publish(*PENALTY)
    withdraw([entry.public_id], cause="error", reason="误公示", call=Call(OFFICER, place.book, place.now))
    tell(place)
    assert [event for event, _ in messages()] == ["publication.withdrawn"]


def test_只告知登记了的事件且登记之前的不补(place: Place) -> None:
    entry = place.publish(*PENALTY)
    place.later(1)
    listen(place, "publication.withdrawn", at=place.now)
    assert tell(place) == 0
    place.publish(*SAMPLE)
    withdraw([entry.public_id], cause="error", reason="误公示", call=Call(OFFICER, place.book, place.now))
    assert tell(place) == 1
    assert [data["id"] for _, data in messages()] == [entry.public_id]


def test_没有人登记时从登记以后说起(place: Place) -> None:
    place.publish(*PENALTY)
    assert tell(place) == 0
    assert not is_untold()
    assert WebHookCall.objects.count() == 0


def test_告知到一半被杀再来不重不漏(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    listen(place)
    for number in range(5):
        place.fact(*PENALTY, 处罚决定书文号=f"云锦市监处罚〔2026〕{number}号")
    place.propose()
    place.approve()
    monkeypatch.setattr(announce_publications, "STEP", 2)
    done: list[str] = []
    announce = announce_publications.announce

    def killed(event: str, key: str, *args: Any, **words: Any) -> int:
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(key)
        return announce(event, key, *args, **words)

    with monkeypatch.context() as patched:
        patched.setattr(announce_publications, "announce", killed)
        with pytest.raises(KeyboardInterrupt):
            tell(place)
    assert PublicationMark.objects.get(name="told.entries").value == 2
    tell(place)
    assert sorted(data["id"] for _, data in messages()) == sorted(
        PublishedEntry.objects.values_list("public_id", flat=True)
    )


# -- figures -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def lake(place: Place, settings: Any) -> Lake:
    """The lake of a district in which something was sampled and somebody certified."""
    place.fact(*SAMPLE)
    place.fact("system_certificate", place.book[RECORDS]["system_certificate"].examples.accepted[0].name)
    found = Lake(Path(settings.DATA) / "lake", place.book)
    project(found)
    return found


def publish(place: Place, lake: Lake, **words: Any) -> int:
    return statistics.publish_statistics(
        lake, as_of=dt.date(2026, 10, 31), call=Call(SYSTEM, place.book, place.now), **words
    )


def test_统计每天算一遍没有变化的不重复公布(place: Place, lake: Lake) -> None:
    first = publish(place, lake)
    version = ListState.objects.get(list="statistics").version
    place.later(1)
    assert (publish(place, lake), ListState.objects.get(list="statistics").version) == (0, version)
    assert 0 < first == PublishedFigure.objects.count() == PublishedFigure.objects.filter(current=True).count()


def test_从来没有数字的指标不公布空白(place: Place, lake: Lake) -> None:
    publish(place, lake)
    assert not PublishedFigure.objects.filter(value="").exists()


def test_数据湖的字节不是当初写下的_统计一个也不公布_修好后照常(place: Place, lake: Lake) -> None:
    path = next(path for path in sorted(lake.folder.glob("*/*/*.parquet")) if path.stat().st_size > 200)
    good = path.read_bytes()
    path.write_bytes(good[:100] + bytes([good[100] ^ 1]) + good[101:])
    with pytest.raises(Refused) as told:
        publish(place, lake)
    assert told.value.refusals[0].code == "lake.damaged"
    assert not PublishedFigure.objects.exists()
    project(lake, thorough=True)
    assert publish(place, lake) > 0


def test_补报之后改变的数字重新公布旧的留存(place: Place, lake: Lake) -> None:
    publish(place, lake)
    before = PublishedFigure.objects.filter(current=True).count()
    place.fact(
        "product_sampling",
        "不合格却没有写不合格项目，收下并提示",
        抽样单编号="补报一号",
        抽样日期="2026-06-02",
    )
    project(lake)
    changed = publish(place, lake)
    assert changed > 0
    assert PublishedFigure.objects.filter(current=False).count() <= changed
    assert PublishedFigure.objects.filter(current=True).count() >= before
    for figure in PublishedFigure.objects.filter(current=False):
        assert PublishedFigure.objects.filter(indicator=figure.indicator, area=figure.area, current=True).count() == 1


def test_公布统计到一半被杀再来一次结果一样(place: Place, lake: Lake) -> None:
    def killed(_what: str, number: int, _total: int | None) -> None:
        if number == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(place, lake, progress=killed)
    half = PublishedFigure.objects.count()
    publish(place, lake)
    once = set(PublishedFigure.objects.values_list("indicator", "area", "as_of", "value", "current"))
    assert half < len(once) == PublishedFigure.objects.count()


def test_每天的工作公布上月末的统计(place: Place, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhiheng.jobs.tasks.now", lambda: place.now)
    monkeypatch.setattr("zhiheng.jobs.tasks.book", lambda: place.book)
    from zhiheng.jobs import tasks

    assert tasks.publish_statistics.func()["figures"] > 0
    assert set(PublishedFigure.objects.values_list("as_of", flat=True)) == {dt.date(2026, 10, 31)}
    daily = [each.task for each in schedule.DAILY]
    assert tasks.publish_statistics in daily
    assert tasks.expire_publications in daily
    # The daily look at the lake projects what is new as well.
    assert daily.index(tasks.check_lake) < daily.index(tasks.publish_statistics)


# -- open data ---------------------------------------------------------------------------------------------------------


def test_每天的工作写出新公示的开放数据(place: Place) -> None:
    place.publish(*PENALTY)
    rebuild(call=Call(SYSTEM, place.book, place.now), only_stale=True)
    assert OpenFile.objects.get(name="administrative_penalty.csv").rows == 1
    place.later(1)
    place.fact(*PENALTY, 处罚决定书文号="云锦市监处罚〔2026〕77号")
    place.propose()
    place.approve()
    made = rebuild(call=Call(SYSTEM, place.book, place.now), only_stale=True)
    assert "administrative_penalty.csv" in made
    assert "product_recall.csv" not in made
    assert OpenFile.objects.get(name="administrative_penalty.csv").rows == 2
