"""指标页：找得到、拆得开、每格点得到事实、导得出且留痕；回放哪天都行。"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from tests.desk.cockpit_place import cockpit_book, cockpit_root, filled, filled_once, first_of_july
from tests.desk.officers import officer, signed_in
from tests.desk.test_cockpit import clerk, page, statements
from tests.places import NOON, Ledger
from zhiheng.desk.overview.shown_figures import show
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM, Actor
from zhiheng.people.models import Grant, TrailLine
from zhiheng.queries.figures import open_figures

__all__ = ["cockpit_book", "cockpit_root", "filled", "filled_once", "first_of_july"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DISTRICT = "990901"


def address(which: str = "indicators", **query: str) -> str:
    return f"{reverse(f'desk:{which}')}?{urlencode({'area': DISTRICT, **query})}"


def cells(text: str) -> dict[str, list[str]]:
    """The rows of the table of a page: heading -> texts of its cells."""
    table = text[text.index("<tbody>") : text.index("</table>")]
    found = {}
    for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.S):
        parts = [
            " ".join(re.sub(r"<[^>]+>", "", part).split())
            for part in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)
        ]
        found[parts[0]] = parts[1:]
    return found


# -- finding one -------------------------------------------------------------------------------------------------------


def test_一览列出全部指标的数_目标和上年(filled: Ledger) -> None:
    text = page(clerk(), address())
    for name in ("抽样合格率", "抽样批次", "被抽企业", "在用电梯", "环境处罚"):
        assert name in text
    assert "75.0%" in text
    assert "≥ 70%" in text
    assert "50.0%" in text, "the value a year before"


def test_写着未分到街道几条的_点开就是那几条(filled: Ledger) -> None:
    """The number that stands there is that of the list behind it, not the empty list of the street."""
    street = "990901001"
    known = open_figures(DISTRICT, as_of=NOON.date(), call=Call(SYSTEM, filled.book, NOON)).one("samples")
    untold = show(replace(known, area=street, value=None, zh="未分到街道 16 条", unplaced_above=16))
    assert "side=above" in untold.url
    assert untold.url == untold.above[2]
    assert "side=above" not in show(replace(known, area=street, unplaced_above=16)).url, "a number opens what it counts"


@pytest.mark.parametrize(
    ("asked", "found"),
    [("合格", ["抽样合格率"]), ("B8", ["在用电梯"]), ("pass RATE", ["抽样合格率"]), ("抽样 批次", ["抽样批次"])],
)
def test_按名称和系统编号查找(filled: Ledger, asked: str, found: list[str]) -> None:
    text = page(clerk(), address(q=asked))
    assert re.findall(r"\?indicator=\w+[^>]*>([^<]+)</a>", text) == found


def test_找不到时说明怎么办(filled: Ledger) -> None:
    text = page(clerk(), address(q="没有这种指标"))
    assert "没有这样的指标" in text
    assert reverse("desk:book_indicators") in text


def test_按质量筛选(filled: Ledger) -> None:
    text = page(clerk(), address(quality="environment"))
    assert "环境处罚" in text
    assert "抽样批次" not in text


def test_一览只要一条语句取全部数字(filled: Ledger) -> None:
    browser = clerk()
    page(browser, address())
    assert statements(browser, address()) <= 8


# -- taking it apart ---------------------------------------------------------------------------------------------------


def test_默认按下级区域拆开_合计在末行(filled: Ledger) -> None:
    found = cells(page(clerk(), address(indicator="pass_rate")))
    assert found["甲街道"][0] == "75.0%"
    assert found["乙街道"] == ["75.0%", "3 / 4"]
    assert found["试验区"] == ["75.0%", "6 / 8"]


def test_按区划的一级拆_从前的叫法也认_门里的事实就是这一格的(filled: Ledger) -> None:
    browser = signed_in(officer(area="990900"))
    told = {"area": "990900", "indicator": "samples"}
    found = cells(page(browser, address(**told, by="area:sub_district")))
    assert (found["甲街道"], found["乙街道"], found["试验市"]) == (["4", "4"], ["4", "4"], ["8", "8"])
    assert cells(page(browser, address(**told, by="area:9"))) == found
    for split in ("area:sub_district", "area:9"):
        sheet = page(browser, f"/desk/figures/samples/?area=990900&as_of=2026-07-01&by.{split}=990901002")
        assert "共 4 条" in sheet
        assert "街道：乙街道" in re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", sheet))


def test_按字段与季度同时拆(filled: Ledger) -> None:
    found = cells(page(clerk(), address(indicator="pass_rate", by="verdict", period="quarter")))
    assert set(found) == {"合格", "不合格", "试验区"}
    assert len(found["试验区"]) == 3


def test_没有记录的格写横线_分母为零的格写证据不足(filled: Ledger) -> None:
    by_month = cells(page(clerk(), address(indicator="pass_rate", by="none", period="month")))
    assert by_month["试验区"][-1] == "—"
    by_year = cells(page(clerk(), address(indicator="pass_rate", by="none", period="year")))
    assert by_year["试验区"] == ["证据不足", "证据不足", "证据不足", "50.0%", "75.0%"]


def test_每一格都是门_门里的事实就是这一格的(filled: Ledger) -> None:
    browser = clerk()
    text = page(browser, address(indicator="samples", by="verdict", period="quarter"))
    table = text[text.index("<tbody>") : text.index("</table>")]
    links = re.findall(r'<a class="door figure" href="([^"]+)"[^>]*>([^<]+)</a>', table)
    assert len(links) >= 5
    for url, shown in links:
        sheet = page(browser, url)
        assert f"共 {shown} 条" in sheet, url
        assert len(set(re.findall(r"/desk/facts/(\d+)/", sheet))) == int(shown), url


def test_格里写明是哪一组(filled: Ledger) -> None:
    sheet = page(clerk(), f"/desk/figures/samples/?area={DISTRICT}&as_of=2026-07-01&by.verdict=unqualified")
    assert "检验结论：不合格" in re.sub(r"\s+", "", sheet)
    assert "各下级区域" not in sheet


def test_编造的分组说出来_空的格是404(filled: Ledger) -> None:
    told = page(clerk(), f"/desk/figures/samples/?area={DISTRICT}&as_of=2026-07-01&by.weather=rain", status=422)
    assert "rain" in told
    assert f'href="/desk/figures/samples/?area={DISTRICT}&as_of=2026-07-01"' in told
    page(clerk(), f"/desk/figures/samples/?area={DISTRICT}&as_of=2026-07-01&by.verdict=nothing", status=404)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"by": "weather"}, "“分组方式”weather"),
        ({"period": "century"}, "“统计周期”century"),
        ({"as_of": "昨天"}, "“截止日期”昨天"),
        ({"known_on": "x"}, "“数据获知日期”x"),
    ],
)
def test_乱写的条件说出来(filled: Ledger, query: dict[str, str], said: str) -> None:
    assert said in page(clerk(), address(indicator="pass_rate", **query), status=422)
    page(clerk(), address(indicator="pass_rate", by="", period=""))


def test_没有的指标是404(filled: Ledger) -> None:
    page(clerk(), address(indicator="nothing_such"), status=404)


def test_回放_按那天已知的算(filled: Ledger) -> None:
    text = page(clerk(), address(indicator="samples", known_on="2026-06-01"))
    assert "回放" in text
    assert cells(text)["试验区"][0] == "0"


# -- the picture -------------------------------------------------------------------------------------------------------


def data(browser: Client, **query: str) -> dict[str, Any]:
    answer = browser.get(address("indicator_data", **query))
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_图上的数与表里的一样_点得到同样的门(filled: Ledger) -> None:
    browser = clerk()
    bars = data(browser, indicator="pass_rate", by="area")
    assert (bars["kind"], bars["categories"], bars["series"][0]["data"]) == ("bars", ["甲街道", "乙街道"], [75.0, 75.0])
    assert bars["target"] == {"value": 70.0, "label": "目标 ≥ 70%"}
    assert all(url.startswith("/desk/figures/pass_rate/") for url in bars["doors"])
    line = data(browser, indicator="pass_rate", by="none", period="year")
    assert (line["kind"], line["series"][0]["data"]) == ("line", [None, None, None, 50.0, 75.0])
    assert line["categories"][-1] == "2026（至今）"


def test_组太多时画热力图(filled: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhiheng.desk.overview.indicators.MOST_LINES", 1)
    heat = data(clerk(), indicator="samples", by="verdict", period="quarter")
    assert heat["kind"] == "heatmap"
    assert len(heat["cells"]) == len(heat["doors"]) == len(heat["rows"]) * len(heat["columns"])


# -- taking it away ----------------------------------------------------------------------------------------------------


@pytest.fixture
def exporter(filled: Ledger, monkeypatch: pytest.MonkeyPatch) -> Client:
    """An officer who may export what lies in the district."""
    from zhiheng.people import access

    asked = access.require

    def require(actor: Actor, act: str, **target: Any) -> None:
        # The small book lets a clerk export what its own unit sent; here the table is the unit's.
        asked(actor, act, **({**target, "unit": "test_market"} if act == "export.make" else target))

    monkeypatch.setattr(access, "require", require)
    return clerk()


def test_导出先问用途_不写就退回_填过的还在(exporter: Client) -> None:
    url = address("indicator_export", indicator="pass_rate", by="area")
    assert "用途" in page(exporter, url)
    answer = exporter.post(url, {"purpose": "看", "format": "csv"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="看"' in text
    assert 'aria-invalid="true"' in text
    assert not TrailLine.objects.filter(verb="export.make").exists()


def test_导出的表与页上的一样_带水印_留痕(exporter: Client) -> None:
    url = address("indicator_export", indicator="pass_rate", by="area")
    answer = exporter.post(url, {"purpose": "二季度质量分析", "format": "csv"})
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[:4] for row in rows[1:]] == [
        ["甲街道", "75.0", "3", "4"],
        ["乙街道", "75.0", "3", "4"],
        ["合计", "75.0", "6", "8"],
    ]
    assert "用途：二季度质量分析；" in rows[0][-1]
    assert "监督抽样" in rows[0][-1]
    line = TrailLine.objects.get(verb="export.make")
    assert (line.about, line.purpose) == ("indicator:pass_rate", "二季度质量分析")


def test_导出为工作簿(exporter: Client) -> None:
    url = address("indicator_export", indicator="samples", by="none", period="year")
    answer = exporter.post(url, {"purpose": "二季度质量分析", "format": "xlsx"})
    assert answer.content[:2] == b"PK"


def test_没有导出权的人没有按钮_硬来被拒(filled: Ledger) -> None:
    account = officer()
    Grant.objects.filter(account=account).update(role="watcher")
    browser = signed_in(account)
    page(browser, address("indicator_export", indicator="samples"), status=403)
    assert reverse("desk:indicator_export") not in page(clerk(), address(indicator="samples"))


def test_别的区域的指标看不到(filled: Ledger) -> None:
    browser = clerk("990901001")
    page(browser, address(indicator="samples"), status=403)
    own = browser.get(f"{reverse('desk:indicators')}?area=990901001&indicator=samples")
    assert own.status_code == 200
    assert "乙街道" not in own.content.decode()


# -- the palette -------------------------------------------------------------------------------------------------------


def test_命令面板找得到指标记录术语和企业(filled: Ledger) -> None:
    browser = clerk()
    text = page(browser, f"{reverse('desk:palette')}?q=抽样", **{"HX-Request": "true"})
    assert "?indicator=pass_rate" in text
    assert reverse("desk:book_record", args=["sampling_check"]) in text
    assert "<html" not in text
    firms = page(browser, f"{reverse('desk:palette')}?q=试验第", **{"HX-Request": "true"})
    assert re.search(r"/desk/enterprises/\d+/", firms)
    assert TrailLine.objects.filter(verb="enterprise.search").exists()


def test_命令面板没有脚本时是一页_太短和没有都说清楚(filled: Ledger) -> None:
    browser = clerk()
    assert "<html" in page(browser, f"{reverse('desk:palette')}?q=抽样")
    assert "至少写两个字" in page(browser, f"{reverse('desk:palette')}?q=抽")
    assert "没有找到" in page(browser, f"{reverse('desk:palette')}?q=没有这种东西")
    assert "去哪里" in page(browser, reverse("desk:palette"))


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "'; DROP TABLE ledger_fact; --", "\x00\x07", "％" * 500, '" onload="x']
)
def test_命令面板里的怪字原样当字看(filled: Ledger, text: str) -> None:
    answer = clerk().get(reverse("desk:palette"), {"q": text})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()
    assert '" onload="' not in unescape(answer.content.decode()).split("</header>")[0]


def test_管人员的人在面板里找不到企业(filled: Ledger) -> None:
    browser = signed_in(officer(role="keeper"))
    assert not re.search(r"/desk/enterprises/\d", page(browser, f"{reverse('desk:palette')}?q=试验第"))


# -- the control chart of a share


def test_按月展开的合格率有控制图_件数不够时写证据不足(filled: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = clerk()
    asked = {"indicator": "pass_rate", "period": "month", "by": "none"}
    text = page(browser, address(**asked))
    assert "逐月控制图" in text
    assert "证据不足：有数的只有" in text
    assert browser.get(address("indicator_data", **asked, chart="control")).status_code == 404
    monkeypatch.setattr("zhiheng.engines.measured.RATE_PERIODS", 2)
    monkeypatch.setattr("zhiheng.engines.measured.RATE_EXPECTED", 0.0)
    text = page(browser, address(**asked))
    assert "每月的界限由当月件数算出" in text
    data = browser.get(address("indicator_data", **asked, chart="control")).json()
    assert len(data["series"]) == 5
    assert len({len(one["data"]) for one in data["series"]}) == 1
    assert "逐月控制图" not in page(browser, address(**{**asked, "period": "quarter"}))
