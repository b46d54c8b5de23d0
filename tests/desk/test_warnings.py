"""Early warnings at the desk: signals are found in the lake, explained, taken up as cases or set aside with a reason."""

from __future__ import annotations

import csv
import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.book_once import book_once, with_chapters
from tests.desk.officers import officer, said_on, signed_in
from zhiheng.actions.facts.correct_fact import withdraw
from zhiheng.actions.intake.receive_delivery import receive
from zhiheng.actions.projections.refresh_projections import refresh
from zhiheng.actions.warnings.find_signals import SignalsFound, find_signals
from zhiheng.analytics.lake import Lake, project
from zhiheng.engines.early_warning.words import method_words
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.early_warning import WARNINGS, Scan, WarningLevel, Warnings
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.types import Condition
from zhiheng.kernel.actor import PUBLIC, SYSTEM
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias, Fact
from zhiheng.office.cases import Case, CaseEvent
from zhiheng.office.warnings import WarningSignal
from zhiheng.people import access
from zhiheng.people.models import TrailLine
from zhiheng.queries.warnings import open_signal, signal, signals, track_records

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
UNIT, DISTRICT = "liyuan_market", "990101"
HEADINGS = (
    "抽样编号",
    "样品名称",
    "食品大类",
    "标称生产企业名称",
    "被抽样单位名称",
    "抽样日期",
    "检验项目",
    "检验结论",
    "抽样地区",
)


class District:
    """A district whose market bureau hands in food samples; the lake follows."""

    def __init__(self, data: Path, book: Book) -> None:
        self.data, self.book, self.files = data, book, 0
        # What is owed and the cards are looked at; no warning and no page of theirs reads a stored figure.
        self.without_figures = with_chapters(book, {INDICATORS: {}})

    def samples(self, *rows: tuple[str, str, str, dt.date, str], area: str = "砺原区") -> None:
        """(maker, shop, item, day, verdict) as one delivery, sampled in an area."""
        self.files += 1
        path = self.data / f"食品抽检{self.files}.csv"
        with path.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.writer(opened)
            writer.writerow(HEADINGS)
            for place, (maker, shop, item, day, verdict) in enumerate(rows):
                number = f"S{self.files:03}{place:05}"
                writer.writerow((number, "试验糕点", "糕点", maker, shop, day.isoformat(), item, verdict, area))
        call = Call(SYSTEM, self.book, timezone.localtime())
        results = receive(path, call=call, unit=UNIT, confirmed=True)
        assert [result.state for result in results] == ["accepted"], results

    def look(self) -> SignalsFound:
        """Bring the lake up to date and look for signals."""
        lake = Lake(self.data / "lake", self.book)
        project(lake)
        refresh(Call(SYSTEM, self.without_figures, timezone.localtime()), lake=lake)
        return find_signals(lake, call=Call(SYSTEM, self.book, timezone.localtime()))


@pytest.fixture
def district(settings: LazySettings, tmp_path: Path, book_root: Path) -> District:
    """The first district of the book, with nothing handed in."""
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    return District(settings.DATA, book_once(book_root))


@pytest.fixture
def clerk() -> Client:
    """An officer of the market bureau."""
    return signed_in(officer("department_officer", UNIT, DISTRICT, "何承办"))


def day(back: int) -> dt.date:
    """So many days before today."""
    return timezone.localdate() - dt.timedelta(days=back)


def three_makers(district: District) -> WarningSignal:
    """One item fails at three makers, and what is found."""
    district.samples(
        *[(f"试验第{n}糕点厂有限公司", f"试验第{n}商店", "菌落总数", day(20 + n), "不合格") for n in (1, 2, 3)],
        ("试验第九糕点厂有限公司", "试验第九商店", "铅", day(30), "合格"),
    )
    district.look()
    return WarningSignal.objects.get(warning="same_item_several_makers")


def page(browser: Client, route: str, *args: int, status: int = 200, **query: str) -> str:
    """What stands on a page."""
    answer = browser.get(reverse(f"desk:{route}", args=args), query)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return said_on(answer.content.decode())


def send(browser: Client, number: int, route: str, **typed: str) -> Any:
    """Send a form of a signal as its page carries it."""
    text = browser.get(reverse("desk:warning_signal", args=[number])).content.decode()
    once = dict(re.findall(r'name="(once_key)" value="([^"]*)"', text))
    return browser.post(reverse(f"desk:{route}", args=[number]), {**once, **typed})


def test_没有线索时说明系统什么时候查(district: District, clerk: Client) -> None:
    text = page(clerk, "warnings")
    assert "没有线索" in text
    assert "每天早上" in text


def test_同一项目三家企业不合格_成为线索_写明件数_依据的记录和法律(district: District, clerk: Client) -> None:
    found = three_makers(district)
    assert (found.level, found.observed, found.facts, found.area) == ("blue", 3, 3, DISTRICT)
    assert "菌落总数" in page(clerk, "warnings")
    text = page(clerk, "warning_signal", found.pk)
    for words in ("菌落总数", "3 家不同的", "食品安全抽样检验管理办法", "第六条", "试验第1糕点厂有限公司", "待处理"):
        assert words in text, words
    assert "试验第九糕点厂" not in text, "a sample that passed is no fact behind it"


def test_线索的页上有企业档案的链接_点得开_打不开档案的人没有链接(
    district: District, clerk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = three_makers(district)

    def links(reader: Client) -> set[str]:
        text = reader.get(reverse("desk:warning_signal", args=[found.pk])).content.decode()
        return set(re.findall(r'href="([^"]*)"\s*aria-label="质量档案', text))

    makers = Alias.objects.filter(name__startswith="试验第", name__endswith="糕点厂有限公司").exclude(
        name__contains="九"
    )
    assert links(clerk) == {reverse("desk:file", args=[each]) for each in makers.values_list("subject_id", flat=True)}
    assert all(clerk.get(url).status_code == 200 for url in links(clerk))
    one = makers.order_by("id")[0]
    WarningSignal.objects.filter(pk=found.pk).update(subject=one.subject_id)
    assert (
        f'<a href="{reverse("desk:file", args=[one.subject_id])}">'
        in clerk.get(reverse("desk:warning_signal", args=[found.pk])).content.decode()
    )
    honest, honest_scope = access.may, access.scope

    def may(call: Call, act: str, **target: Any) -> Any:
        return honest(call, "people.read" if act == "file.read" else act, **target)

    monkeypatch.setattr(access, "may", may)
    monkeypatch.setattr(
        access, "scope", lambda call, act: honest_scope(call, "people.read" if act == "file.read" else act)
    )
    assert not links(clerk)
    assert "试验第1糕点厂有限公司" in page(clerk, "warning_signal", found.pk)


def test_再查一次_没有变化就不添一笔_多了一家就添一次数值(district: District) -> None:
    found = three_makers(district)
    assert (district.look().new, district.look().changed) == (0, 0)
    district.samples(("试验第四糕点厂有限公司", "试验第四商店", "菌落总数", day(5), "不合格"))
    assert district.look().changed == 1
    found.refresh_from_db()
    assert found.observed == 4
    assert [reading["observed"] for reading in found.readings] == [3, 4]


def test_立案_案件写明线索和依据的记录_线索写明案号_不能再办第二次(district: District, clerk: Client) -> None:
    found = three_makers(district)
    answer = send(clerk, found.pk, "warning_take_up", unit=UNIT)
    case = Case.objects.get(workflow="warning_response")
    assert answer.status_code == 302
    line = CaseEvent.objects.get(case=case, place=1)
    assert "菌落总数" in line.data
    found.refresh_from_db()
    assert (found.state, found.case) == ("taken_up", case)
    assert case.number in page(clerk, "warning_signal", found.pk)
    assert "已立案" in page(clerk, "warnings", state="decided")
    again = clerk.post(reverse("desk:warning_take_up", args=[found.pk]), {"unit": UNIT})
    assert again.status_code != 302
    assert Case.objects.filter(workflow="warning_response").count() == 1


def test_不立案要写理由_写了就计入效果(district: District, clerk: Client) -> None:
    found = three_makers(district)
    assert "理由" in said_on(send(clerk, found.pk, "warning_set_aside", reason="无").content.decode())
    assert send(clerk, found.pk, "warning_set_aside", reason="三家的原料不同，逐家核对过检验报告").status_code == 302
    found.refresh_from_db()
    assert (found.state, found.decided_by_name) == ("set_aside", "何承办")
    assert TrailLine.objects.filter(verb="signal.set_aside").count() == 1
    call = Call(SYSTEM, district.book, timezone.localtime())
    (record,) = [one for one in track_records(call=call) if one.decided]
    assert (record.warning, record.right, record.decided) == ("same_item_several_makers", 0, 1)
    assert "0 / 1" in page(clerk, "warnings_watched")


def test_更正以后够不上的_留着并注明数据不再支持(district: District, clerk: Client) -> None:
    found = three_makers(district)
    fact = Fact.objects.filter(record="food_sampling", occurred_on=day(21)).get()
    call = Call(SYSTEM, district.book, timezone.localtime())
    withdraw(fact.pk, reason="检验机构更正了报告，这一批次合格", call=call, unit=UNIT)
    assert district.look().gone == 1
    found.refresh_from_db()
    assert found.gone
    assert "没有线索" in page(clerk, "warnings")
    assert "数据不再支持" in page(clerk, "warnings", state="gone")


def test_别的区的人看不到也打不开(district: District) -> None:
    found = three_makers(district)
    other = signed_in(officer("department_officer", "cangji_market", "990102", "外区人"))
    assert "菌落总数" not in page(other, "warnings")
    page(other, "warning_signal", found.pk, status=403)
    leader = signed_in(officer("leader", UNIT, DISTRICT, "区领导"))
    text = page(leader, "warning_signal", found.pk)
    assert "不立案的理由" not in text, "who may only read is offered nothing to decide"


def test_一家企业一年比往年多_周数够了才判断_历史不够用短的方法(district: District, clerk: Client) -> None:
    weeks = [(day(7 * n + 10), "合格") for n in range(30)]
    rows = [("试验第一糕点厂有限公司", "试验第一商店", "铅", on, verdict) for on, verdict in weeks]
    burst = [("试验第一糕点厂有限公司", f"试验第{n}商店", "铅", day(10), "不合格") for n in range(6)]
    district.samples(*rows, *burst)
    district.look()
    found = WarningSignal.objects.filter(warning="food_failures_rising", area=DISTRICT).get()
    assert found.method.startswith("ears_c2")
    assert found.observed == 6
    text = page(clerk, "warning_signal", found.pk)
    assert "EARS C2" in text
    picture = clerk.get(reverse("desk:warning_signal_data", args=[found.pk])).json()
    assert 6 in picture["series"][0]["data"]
    # The city counts the same six: its signal is explained by the district's, and both stay.
    (city,) = WarningSignal.objects.filter(warning="food_failures_rising").exclude(pk=found.pk)
    above = signed_in(officer("leader", "", city.area, "市领导"))
    assert "已由下级 1 条线索说明" in page(above, "warnings")
    text = page(above, "warning_signal", city.pk)
    assert "说明这一条的下级线索" in text
    assert "没有超出统计上限：先看下级的" in text
    assert "这一条能说明的上级线索" in page(above, "warning_signal", found.pk)
    assert "上级线索" not in page(clerk, "warning_signal", found.pk), "who may not see the city's is not told of it"


def test_相邻两个街道一起增多_写明是哪几个街道_依据的记录只有它们的(district: District) -> None:
    weeks = [day(7 * n + 10) for n in range(28)]
    for street in ("铁砧街道", "望井街道", "砺东街道", "磨石街道", "河弯镇", "麦垄镇"):
        rows = [("试验第一糕点厂有限公司", f"{street}商店", "铅", on, "不合格") for on in weeks]
        if street in ("铁砧街道", "望井街道"):
            rows += [("试验第一糕点厂有限公司", f"{street}第{n}商店", "铅", weeks[n % 2], "不合格") for n in range(16)]
        district.samples(*rows, area=f"砺原区{street}")
    lake = Lake(district.data / "lake", district.book)
    project(lake)
    watch = Scan(
        record="food_sampling",
        where={"verdict": Condition(equals="unqualified")},
        of="sub_district",
        baseline=20,
        levels={WarningLevel.BLUE: 2},
    )
    shipped = district.book[WARNINGS]
    assert shipped is not None
    trial = shipped.kinds["food_failures_rising"].model_copy(update={"trend": None, "scan": watch})
    book = with_chapters(district.book, {WARNINGS: Warnings(shipped.answering, {"trial": trial})})
    call = Call(SYSTEM, book, timezone.localtime())
    assert find_signals(lake, call=call).new == 1
    found = WarningSignal.objects.get(warning="trial")
    assert (found.level, found.area, found.p_value) == ("blue", DISTRICT, 0.001)
    sheet = signal(found.pk, call=call, lake=lake)
    assert sheet.row.about.zh == "铁砧街道、望井街道"
    assert "按各自以往和近期总数折算约" in sheet.row.said.zh
    assert sheet.total == found.observed
    assert "Kulldorff" in method_words(sheet.method).zh


def test_没有权限的人不能看清单_没有的编号说清楚(district: District) -> None:
    with pytest.raises(Refused):
        signals(call=Call(PUBLIC, district.book, timezone.localtime()))
    with pytest.raises(Refused, match="没有编号为 99 的预警线索"):
        open_signal(99, "warning.read", call=Call(SYSTEM, district.book, timezone.localtime()))
