"""驾驶舱：一屏看一地；每个数都点得到明细记录，条数对得上；只看得到自己的区域。"""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.desk.cockpit_place import cockpit_book, cockpit_root, filled, filled_once, first_of_july, refreshed
from tests.desk.officers import officer, signed_in
from tests.factories import OwedFactory
from tests.places import Ledger, sampling_row
from zhiheng.desk.overview.cockpit import LATE_ON_WALL
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.kernel.actor import SYSTEM
from zhiheng.projections.models import Refresh, StoredFigure
from zhiheng.queries.figures import AreaFigures, ComparedFigure, compare_figures, open_figures

__all__ = ["cockpit_book", "cockpit_root", "filled", "filled_once", "first_of_july"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DISTRICT = "990901"


def page(browser: Client, address: str, status: int = 200, **headers: Any) -> str:
    answer = browser.get(address, headers=headers)
    assert answer.status_code == status, (address, answer.status_code, answer.content.decode()[:1500])
    return unescape(answer.content.decode())


def clerk(area: str = DISTRICT) -> Client:
    return signed_in(officer(area=area))


def cockpit(area: str = DISTRICT, **more: str) -> str:
    query = "&".join(f"{key}={value}" for key, value in {"area": area, **more}.items())
    return f"{reverse('desk:cockpit')}?{query}"


def doors(text: str) -> list[str]:
    """The addresses of all side sheets that a page leads to."""
    return list(dict.fromkeys(re.findall(r'href="(/desk/figures/[^"]+)"', text)))


def statements(browser: Client, address: str) -> int:
    captured = [CaptureQueriesContext(connections[name]) for name in connections]
    for one in captured:
        one.__enter__()
    try:
        page(browser, address)
    finally:
        for one in captured:
            one.__exit__(None, None, None)
    return sum(
        len([q for q in one.captured_queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]) for one in captured
    )


# -- what stands on it -------------------------------------------------------------------------------------------------


def test_四个质量与重点指标都带目标和上年(filled: Ledger) -> None:
    text = page(clerk(), cockpit())
    assert "试验区驾驶舱" in text
    for words in (
        "抽样合格率",
        "75.0%",
        "≥ 70%",
        "达标",
        "+25.0个百分点",
        "在用电梯",
        "被抽企业",
        "数据截至 2026-07-01",
    ):
        assert words in text, words


def test_一年一报的数按上一整年_旁边写日期(filled: Ledger) -> None:
    text = page(clerk(), cockpit())
    assert re.search(r"环境处罚\s*<span class=\"quiet day\">2025-12-31</span>", text)
    assert any("as_of=2025-12-31" in url for url in doors(text) if "/fines/" in url)


def opened(filled: Ledger, area: str, as_of: dt.date) -> AreaFigures:
    """The figures of an area as everybody asks them."""
    return open_figures(area, as_of=as_of, call=Call(SYSTEM, filled.book, timezone.localtime()))


def computed(filled: Ledger, name: str, area: str, as_of: dt.date) -> ComparedFigure:
    """A figure as it is computed where none is kept."""
    figures = opened(filled, area, as_of)
    return compare_figures(figures.lake, filled.book, [area], [name], as_of=as_of, known_on=figures.known)[area][name]


def test_每个数点进去都列出事实_条数等于分子分母(filled: Ledger) -> None:
    browser = clerk()
    text = page(browser, cockpit())
    addresses = doors(text)
    assert len(addresses) >= 8
    checked = 0
    for address in addresses:
        name = address.split("/")[3]
        indicator = filled.book[INDICATORS][name]
        sheet = page(browser, address)
        assert "计算方法" in sheet
        assert filled.book[INDICATORS][name].edition[:16] in sheet
        query = dict(pair.split("=") for pair in address.split("?")[1].split("&"))
        found = computed(filled, name, query["area"], dt.date.fromisoformat(query["as_of"]))
        for side, value in (("numerator", found.numerator), ("denominator", found.denominator)):
            if value is None:
                continue
            listed, who = facts_listed(browser, f"{address}&side={side}")
            counted = next(iter(indicator.measures())).count
            # A count of facts is the number of its facts; a count of enterprises that of those they name.
            assert (len(listed) if counted == "facts" else len(who)) == value, (address, side)
            checked += 1
    assert checked >= 8


def facts_listed(browser: Client, address: str) -> tuple[set[str], set[str]]:
    """The facts of a sheet, page by page, and whom they concern."""
    facts: set[str] = set()
    who: set[str] = set()
    following: str | None = address
    while following:
        text = page(browser, following)
        table = text[text.index("明细记录") :]
        found = re.findall(r'<a href="/desk/facts/(\d+)/"[^>]*>([^<]*)</a>', table)
        assert not facts & {fact for fact, _ in found}
        facts |= {fact for fact, _ in found}
        who |= {name for _, name in found}
        more = re.search(r'rel="next" href="([^"]+)"', table)
        following = more.group(1) if more else None
    return facts, who


def test_事实多于一页时一页一页不重不漏(filled: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhiheng.desk.overview.figures.PAGE", 3)
    browser = clerk()
    facts, _ = facts_listed(browser, f"/desk/figures/samples/?area={DISTRICT}&as_of=2026-07-01")
    assert len(facts) == 8
    part = page(
        browser, f"/desk/figures/samples/?area={DISTRICT}&as_of=2026-07-01&part=facts&after=2", **{"HX-Request": "true"}
    )
    assert "<tr>" in part
    assert "<h1" not in part


def test_数字来自刷新时存下的_写明计算时间(filled: Ledger) -> None:
    assert StoredFigure.objects.filter(area=DISTRICT, indicator="pass_rate").exists()
    sheet = page(clerk(), f"/desk/figures/pass_rate/?area={DISTRICT}&as_of=2026-07-01")
    assert "刚才" not in sheet
    stored = StoredFigure.objects.get(area=DISTRICT, indicator="pass_rate", as_of="2026-07-01")
    assert (
        dt.datetime.strftime(stored.computed_at.astimezone(dt.timezone(dt.timedelta(hours=8))), "%Y-%m-%d %H:%M")
        in sheet
    )


def test_存下的数与现算的数一致(filled: Ledger) -> None:
    kept = opened(filled, DISTRICT, dt.date(2026, 7, 1)).one("pass_rate")
    now = computed(filled, "pass_rate", DISTRICT, dt.date(2026, 7, 1))
    assert kept.computed_at is not None
    for name in ("value", "zh", "numerator", "denominator", "before", "goal", "goal_met", "edition", "before_on"):
        assert getattr(kept, name) == getattr(now, name), name


def test_规则书改了指标而没有刷新时_不用旧数(filled: Ledger) -> None:
    StoredFigure.objects.filter(indicator="pass_rate").update(edition="0" * 64, zh="1.0%")
    assert opened(filled, DISTRICT, dt.date(2026, 7, 1)).one("pass_rate").zh == "75.0%"


def test_回放某一天_数字现算并标明(filled: Ledger) -> None:
    text = page(clerk(), cockpit(as_of="2026-03-31"))
    assert "回放" in text
    assert "as_of=2026-03-31" in text
    assert "数据截至 2026-03-31" in text
    earlier = page(clerk(), cockpit(as_of="2026-06-30", known_on="2026-06-01"))
    assert "按 2026-06-01 已知的事实" in earlier
    assert "证据不足" in earlier, "nothing was known yet on that day"


def test_将来的日子_不存在的日子和地区_说出来_不换成别的(filled: Ledger) -> None:
    browser = clerk()
    assert "“截止日期”2030-01-01：还没有到" in page(browser, cockpit(as_of="2030-01-01"), 422)
    assert "“截止日期”2026-02-30：不是有效的日期" in page(browser, cockpit(as_of="2026-02-30"), 422)
    text = page(browser, f"{cockpit(as_of='abc')}&area=zzz", 422)
    assert "“截止日期”abc" in text
    assert "“地区”zzz：不在可选的范围内" in text
    assert 'href="/desk/cockpit/">去掉这个条件再打开' in text


# -- the map -----------------------------------------------------------------------------------------------------------


def test_地图按街道画出_没有脚本也看得到也点得到(filled: Ledger) -> None:
    text = page(clerk(), cockpit())
    drawing = text[text.index('<svg class="map"') : text.index("</svg>", text.index('<svg class="map"'))]
    assert "甲街道" in drawing
    assert "乙街道" in drawing
    assert drawing.count("<path") == 2
    assert drawing.count("/desk/figures/pass_rate/") >= 2
    assert "style=" not in drawing


def test_地图换指标(filled: Ledger) -> None:
    browser = clerk()
    text = page(browser, cockpit(map="samples"))
    assert 'aria-label="抽样批次"' in text
    data = browser.get(reverse("desk:cockpit_map"), {"area": DISTRICT, "map": "samples"}).json()
    assert [(area["title"], area["value"]) for area in data["areas"]] == [("甲街道", 4.0), ("乙街道", 4.0)]
    assert all(area["door"].startswith("/desk/figures/samples/") for area in data["areas"])
    assert data["areas"][0]["outlines"] == [[[0, 0], [500, 0], [500, 600], [0, 600]]]


def test_最下一级没有地图(filled: Ledger) -> None:
    text = page(clerk(), cockpit("990901001"))
    assert not re.search(r'<svg\s+class="map"', text)
    assert "甲街道驾驶舱" in text


# -- what changed, what is late ----------------------------------------------------------------------------------------


def test_本周变化数得出_点进去列得出(filled: Ledger) -> None:
    browser = clerk()
    text = page(browser, cockpit())
    assert "新增问题记录" in text
    (address,) = set(re.findall(r'href="(/desk/news/\?[^"]*fails=1)"', text))
    listed = page(browser, address)
    assert "共 4 条" in listed
    assert listed.count("/desk/facts/") >= 3
    assert "抽样检查" in listed


def test_近几天没有报送时_说明并看最近一次(filled: Ledger) -> None:
    text = page(clerk(), cockpit(as_of="2026-07-01"))
    assert "没有新报送" not in text
    browser = clerk()
    street = page(browser, cockpit("990901001"))
    assert "均无本辖区" not in street, "its own unit never handed anything in, but others reported of enterprises here"
    count, address = re.search(r'href="(/desk/news/[^"]*)"[^>]*data-count="(\d+)"', street).group(2, 1)
    assert int(count) > 0
    assert f'data-total="{count}"' in page(browser, address.replace("&amp;", "&"))


def test_过期的周转到最近有报送的周(filled: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    later = dt.datetime(2026, 9, 1, 12, 0, tzinfo=dt.UTC)
    monkeypatch.setattr("zhiheng.pages.access.clock", lambda: later)
    Refresh.objects.filter(part="figures").update(day=later.date())
    text = page(clerk(), cockpit())
    assert "近 7 天没有新报送" in text
    assert "2026-06-23" in text


def test_应报未报与过期写在逾期一栏(filled: Ledger) -> None:
    text = page(clerk(), cockpit())
    assert "逾期与到期" in text
    assert "应报未报" in text


# -- who sees which area -----------------------------------------------------------------------------------------------


def test_只能选自己的区域_别处被拒(filled: Ledger) -> None:
    browser = clerk("990901001")
    text = page(browser, reverse("desk:cockpit"))
    assert "甲街道驾驶舱" in text
    assert "乙街道" not in text
    assert "请找" in page(browser, cockpit("990901002"), status=403)
    page(browser, f"/desk/figures/pass_rate/?area={DISTRICT}", status=403)


def test_生人被引去登录_管人员的人看不到驾驶舱(filled: Ledger) -> None:
    answer = Client().get(cockpit())
    assert answer.status_code == 302
    page(signed_in(officer(role="keeper")), cockpit(), status=403)


def test_看不到的事实不列_只说有几条(filled: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    from zhiheng.kernel.actor import Reach, Scope

    inside = Scope((Reach(areas=frozenset({"990901001"})),))
    monkeypatch.setattr("zhiheng.queries.figures.access.scope", lambda *_, **__: inside)
    text = page(clerk(), f"/desk/figures/samples/?area={DISTRICT}&as_of=2026-07-01")
    assert len(set(re.findall(r"/desk/facts/(\d+)/", text))) == 4
    assert "另有 4 条不在您的查看范围内" in text


def test_没有的指标是404(filled: Ledger) -> None:
    page(clerk(), f"/desk/figures/nothing_such/?area={DISTRICT}", status=404)


# -- the wall ----------------------------------------------------------------------------------------------------------


def test_大屏一屏一样_自己往下换_没有导航(filled: Ledger) -> None:
    browser = clerk()
    seen = []
    address = f"{reverse('desk:wall')}?area={DISTRICT}"
    for _ in range(4):
        text = page(browser, address)
        assert "<nav" not in text
        assert 'data-theme="dark"' in text
        seen.append(re.search(r"<p>([^<]+)</p>", text).group(1).strip())
        address = re.search(r'hx-get="([^"]+)" hx-trigger="every 20s"', text).group(1)
        assert f'content="20; url={address}"' in text, "without a script the page goes on by itself"
    assert seen == ["四类质量", "重点指标", "抽样合格率", "最近变化与逾期"]
    assert address.endswith("step=0")
    part = page(browser, address, **{"HX-Request": "true"})
    assert part.lstrip().startswith("<section")


def test_大屏最后一屏列出逾期最久的单位_与应报未报是同一些(filled: Ledger) -> None:
    for late in range(1, 9):
        day = dt.date(2026, 7, 1) - dt.timedelta(days=late)
        OwedFactory(unit="test_environment", record="discharge_fine", cadence="daily", first=day, due_on=day)
    text = page(clerk(), f"{reverse('desk:wall')}?area={DISTRICT}&step=3")
    assert text.count('is-text-late">逾期') == LATE_ON_WALL < 8, "the longest of the eight"
    assert "逾期 8 天" in text
    assert "逾期 2 天" not in text
    assert ">8<" in text


def test_大屏的步数乱写也不出错(filled: Ledger) -> None:
    for step in ("999", "-1", "x", ""):
        page(clerk(), f"{reverse('desk:wall')}?area={DISTRICT}&step={step}")


# -- how much it asks --------------------------------------------------------------------------------------------------


def test_驾驶舱最多十五条语句_画过以后更少(filled: Ledger) -> None:
    browser = clerk()
    first = statements(browser, cockpit())
    assert first <= 15
    assert statements(browser, cockpit()) < first
    assert statements(browser, f"{reverse('desk:wall')}?area={DISTRICT}") <= 15


def test_语句数不随数据增长(filled: Ledger) -> None:
    browser = clerk()

    def after(first: int, rows: int) -> int:
        name, day = f"more-{first}.csv", f"2026-06-{29 if first == 100 else 30}"
        filled.samples(name, [sampling_row(n, 抽样日期="2026-06-09") for n in range(first, first + rows)], day=day)
        refreshed(filled)
        return statements(browser, cockpit())

    assert after(100, 2) == after(200, 50)


def test_刷新之后看到新数_不是画过的旧图(filled: Ledger) -> None:
    browser = clerk()
    assert "75.0%" in page(browser, cockpit())
    filled.samples(
        "more.csv", [sampling_row(n, 抽样日期="2026-06-09", 检验结论="合格") for n in range(100, 108)], day="2026-06-30"
    )
    refreshed(filled)
    text = page(browser, cockpit())
    assert "87.5%" in text
    assert "75.0%" not in text[: text.index("map")]


def test_画过的图不会给另一种语言(filled: Ledger) -> None:
    browser = clerk()
    page(browser, cockpit())
    browser.cookies["django_language"] = "en"
    assert "Last year" in page(browser, cockpit())


def test_规则书没有写驾驶舱的地方说明怎么办(
    filled: Ledger, cockpit_book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zhiheng.desk.overview.cockpit.cockpit_at", lambda _book, _area: None)
    assert "cockpit 目录" in page(clerk(), cockpit(), status=404)


def test_英文页没有中文的界面文字(filled: Ledger) -> None:
    browser = clerk()
    browser.cookies["django_language"] = "en"
    text = page(browser, cockpit())
    main = re.sub(r"<option.*?</option>", "", text[text.index("<main") : text.index("</main>")])
    assert "Pass rate" in main
    # Who printed it is a person's name, which has no translation.
    main = re.sub(r'<p class="only-print printed">.*?</p>', "", main, flags=re.DOTALL)
    assert not re.findall(r"[一-鿿]+", re.sub(r"<[^>]+>", "", main))
