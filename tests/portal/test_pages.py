"""The pages of the public: what they show, what they never show, how few questions they ask of the database."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from tests.book_once import with_chapters
from tests.published.places import OFFICER, Place
from zhiheng.actions.identity import link_subjects
from zhiheng.actions.publication.approve import approve_all
from zhiheng.actions.publication.expire_publications import expire
from zhiheng.actions.publication.rebuild_open_data import rebuild
from zhiheng.actions.publication.withdraw_publication import withdraw
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.publication import PUBLICATION
from zhiheng.grammar.types import Label
from zhiheng.kernel.actor import SYSTEM
from zhiheng.office.models import PublicationRequest
from zhiheng.portal.caching import PAGES
from zhiheng.portal.showing import rows
from zhiheng.published import reading
from zhiheng.published.models import OpenFile, PublishedEnterprise, PublishedEntry, PublishedFigure

pytestmark = pytest.mark.slow

PENALTY = ("administrative_penalty", "一般裁量的罚款")
SAMPLE = ("product_sampling", "区级监督抽查，合格")
RECALL = ("product_recall", "企业主动召回食品，已完成")
REGISTER = ("enterprise_register", "在营企业按登记信息收下，注册资本按万元读")
TEMPLATES = Path(__file__).resolve().parents[2] / "zhiheng" / "portal" / "templates"


@pytest.fixture
def filled(place: Place) -> Place:
    """One of several kinds, of one enterprise."""
    code = {"统一社会信用代码": "919901019YN9DYXP8Y"}
    place.fact(*PENALTY, 办案人员="魏清和")
    place.fact(*SAMPLE, 抽样人员="鄢如砚")
    place.fact(*RECALL)
    place.fact(*REGISTER, **code, 企业名称="云澜市锦枢区七彩涂料有限公司", 联系电话="0990-80000018")
    place.propose()
    approve_all(PublicationRequest.objects.all(), call=Call(OFFICER, place.book, place.now))
    rebuild(call=Call(SYSTEM, place.book, place.now), lists=["penalties", "sampling"])
    return place


def enterprise() -> PublishedEnterprise:
    return PublishedEnterprise.objects.get(code="919901019YN9DYXP8Y")


def penalty() -> PublishedEntry:
    return PublishedEntry.objects.get(record="administrative_penalty", state="shown")


def addresses() -> list[str]:
    """Every page of the portal, with something on it."""
    product = PublishedEntry.objects.exclude(product=None).values_list("product", flat=True)[0]
    fixed = (
        "home",
        "search",
        "lists",
        "statistics",
        "open_data",
        "log",
        "log_feed",
        "law",
        "complain",
        "about",
        "shops",
        "sitemap",
        "robots",
        "security",
    )
    return [
        *(reverse(f"portal:{name}") for name in fixed),
        *(reverse("portal:list", args=[name]) for name in ("penalties", "sampling", "recalls", "untrustworthy")),
        reverse("portal:list", args=["sampling"]) + "?area=990104&kind=qualified&from=2026-01-01&to=2026-12-31&q=七彩",
        reverse("portal:search") + "?q=七彩涂料",
        reverse("portal:product", args=[product]),
        reverse("portal:enterprise", args=[enterprise().public_id]),
        reverse("portal:enterprise", args=[enterprise().public_id]) + "?list=penalties",
        reverse("portal:wall", args=[enterprise().public_id]),
        reverse("portal:square", args=[enterprise().public_id]),
        reverse("portal:entry", args=[penalty().public_id]),
        reverse("portal:feed", args=["penalties"]),
        reverse("portal:sitemap_part", args=[0]),
        reverse("portal:open_file", args=["administrative_penalty.json"]),
    ]


def text_of(response: object) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode("utf-8", "replace")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_每一页都打得开且保密的内容一处也没有(filled: Place, client: Client, language: str) -> None:
    client.cookies["django_language"] = language
    facts = {str(number) for number in PublishedEntry.objects.values_list("fact", flat=True)}
    assert facts
    for address in addresses():
        response = client.get(address)
        assert response.status_code == 200, address
        text = text_of(response)
        for secret in ("魏清和", "鄢如砚", "80000018", "80000041"):
            assert secret not in text, (address, secret)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_每一页至多问数据库五次(filled: Place, client: Client, language: str) -> None:
    client.cookies["django_language"] = language
    asked = {}
    for address in addresses():
        PAGES.forget()
        with (
            CaptureQueriesContext(connections["default"]) as one,
            CaptureQueriesContext(connections["people" if "people" in connections else "default"]) as other,
        ):
            client.get(address)
        asked[address] = len(one) + (len(other) if "people" in connections else 0)
    assert {address: count for address, count in asked.items() if count > 5} == {}


def test_再看同一页只问一次版本(filled: Place, client: Client, django_assert_num_queries) -> None:
    client.get("/")
    with django_assert_num_queries(1):
        response = client.get("/")
    assert response.status_code == 200


# What a machine does before something is sent from these pages (a proof of work); no other page of the portal has one.
SENDING = ("/complain/",)


def test_页面没有脚本_提交投诉的只有一个自己的_也没有别处的东西(filled: Place, client: Client) -> None:
    class Links(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.handlers = 0
            self.loaded: list[str] = []
            self.scripts: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            told = dict(attrs)
            self.handlers += any(name.startswith("on") for name in told)
            if tag == "script":
                self.scripts.append(str(told.get("src")))
            if tag in ("img", "link", "iframe", "script"):
                self.loaded.append(str(told.get("src") or told.get("href")))

    for address in addresses():
        response = client.get(address)
        if not response.headers["Content-Type"].startswith("text/html"):
            continue
        seen = Links()
        seen.feed(text_of(response))
        assert seen.handlers == 0, address
        if seen.scripts:
            assert address.startswith(SENDING), address
            (script,) = seen.scripts
            assert re.fullmatch(r"/static/pages/built/send(\.[0-9a-f]+)?\.js", script), address
        assert all(each.startswith("/") for each in seen.loaded), (address, seen.loaded)
        assert "style=" not in text_of(response), address
        assert "unsafe-inline" not in response.headers["Content-Security-Policy"]


def test_模板里没有内联样式和脚本() -> None:
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text("utf-8")
        text = text.replace("""<script type="module" src="{% static 'pages/built/send.js' %}"></script>""", "")
        assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=|hx-on", text), path


# -- lists -------------------------------------------------------------------------------------------------------------


def test_清单能按地区类别日期和企业筛选(filled: Place, client: Client) -> None:
    def titles(query: str) -> list[str]:
        return re.findall(r'class="entry-title"><a [^>]*>([^<]+)', text_of(client.get(f"/lists/sampling/?{query}")))

    assert titles("") == titles("area=990104") == titles("kind=qualified") == titles("q=七彩") == ["内墙涂料"]
    for nothing in ("area=990102", "kind=unqualified", "from=2026-04-19", "to=2026-04-17", "q=没有"):
        assert titles(nothing) == [], nothing
    assert titles("from=2026-04-18&to=2026-04-18") != []


@pytest.mark.parametrize(
    "query",
    [
        "after=x.y",
        "after=2026-01-01.99999999999999999999999",
        "area=--",
        "from=2026-13-40",
        "kind=%00",
        "product=9999999999999999999999",
        "q=%00%00",
        "after=%E4%B8%80.1",
        "q=" + "字" * 5000,
        "record=no",
        "outcome='; DROP TABLE",
    ],
)
def test_乱写的条件不会出错(filled: Place, client: Client, query: str) -> None:
    for address in ("/lists/sampling/", f"/e/{enterprise().public_id}/", "/search/"):
        answer = client.get(f"{address}?{query}")
        # What is not understood is told, with the way back; it is never an error, nor something else in silence.
        assert answer.status_code == 200 or (answer.status_code == 422 and "去掉这个条件再打开" in text_of(answer))


def test_写错的日期说出来(filled: Place, client: Client) -> None:
    assert "日期请写成 2026-03-31 的样子" in text_of(client.get("/lists/sampling/?from=三月"))


def test_翻页不重不漏(place: Place, client: Client) -> None:
    for number in range(120):
        day = dt.date(2026, 1, 1) + dt.timedelta(days=number // 7)
        place.fact(
            *SAMPLE,
            抽样单编号=f"LY2026G{number:05d}",
            抽样日期=str(day),
            生产日期="2025-12-01",
            产品名称=f"涂料{number:03d}号",
        )
    place.propose()
    place.approve()
    seen: list[str] = []
    after = ""
    for _ in range(9):
        text = text_of(client.get(f"/lists/sampling/?after={after}"))
        seen += re.findall(r"涂料(\d{3})号", " ".join(re.findall(r'class="entry-title"><a [^>]*>([^<]+)', text)))
        following = re.search(r'rel="next" href="\?after=([^"]+)"', text)
        if following is None:
            break
        after = following[1]
    assert len(seen) == 120
    assert set(seen) == {f"{number:03d}" for number in range(120)}


def test_没有的清单和条目是找不到(filled: Place, client: Client) -> None:
    for address in (
        "/lists/nosuch/",
        "/e/nosuch/",
        "/p/nosuch/",
        "/products/99999/",
        "/open-data/nosuch.csv",
        "/feeds/nosuch.atom",
        "/open-data/..%2f..%2fsecret-key",
        "/sitemap-77.xml",
        "/e/nosuch/qr.svg",
    ):
        assert client.get(address).status_code == 404, address


# -- an enterprise, an entry -------------------------------------------------------------------------------------------


def test_企业公示档案从登记到处罚都在一页(filled: Place, client: Client) -> None:
    text = text_of(client.get(f"/e/{enterprise().public_id}/"))
    assert "919901019YN9DYXP8Y" in text
    assert re.search(r'">内墙涂料</a>\s+<span class="badge is-pass">.*?合格</span>', text)
    assert re.search(r'<span class="badge is-fail">.*?罚款</span>', text)
    assert "不合格" not in text
    assert "生产不符合国家标准的产品" in text
    assert f"/e/{enterprise().public_id}/?list" not in text
    assert "?list=penalties" in text


def test_条目写明公示到哪天依据哪条(filled: Place, client: Client) -> None:
    text = text_of(client.get(f"/p/{penalty().public_id}/"))
    for said in (
        "公示至 2027-08-20",
        "第十三条至第十五条",
        "自 2026-08-20 起",
        "云澜市砺原区市场监督管理局",
        "魏**",
        "部分隐去",
    ):
        assert said in text


def test_合并后旧地址转到新档案(filled: Place, client: Client) -> None:
    other = PublishedEnterprise.objects.exclude(code="919901019YN9DYXP8Y").get()
    link_subjects.merge(
        enterprise().subject, [other.subject], reason="同一企业", call=Call(SYSTEM, filled.book, filled.now)
    )
    filled.propose()
    response = client.get(f"/e/{other.public_id}/")
    assert (response.status_code, response.headers["Location"]) == (302, f"/e/{enterprise().public_id}/")


def test_涉及自然人的条目不进搜索引擎(place: Place, client: Client) -> None:
    place.publish(
        *PENALTY,
        当事人="温如璟",
        统一社会信用代码="",
        当事人类别="自然人",
        法定代表人="",
        证件号码="11010119900307803X",
    )
    text = text_of(client.get(f"/p/{penalty().public_id}/"))
    assert "noindex" in text
    assert "温**" in text
    assert "温如璟" not in text + text_of(client.get("/lists/penalties/"))
    assert "没有查到" in text_of(client.get("/search/?q=温如璟"))
    assert PublishedEnterprise.objects.count() == 0


# -- taking down reaches everything ------------------------------------------------------------------------------------


def test_撤下后下一次打开就看不到(filled: Place, client: Client, django_capture_on_commit_callbacks) -> None:
    entry = penalty()
    pages = [
        "/lists/penalties/",
        f"/e/{enterprise().public_id}/",
        "/feeds/penalties.atom",
        f"/p/{entry.public_id}/",
        "/search/?q=七彩",
    ]
    tags = {address: client.get(address).headers["ETag"] for address in pages}
    with django_capture_on_commit_callbacks(execute=True):
        withdraw([entry.public_id], cause="repaired", reason="信用修复", call=Call(OFFICER, filled.book, filled.now))
    for address in pages:
        response = client.get(address, headers={"If-None-Match": tags[address]})
        assert response.status_code in (200, 410), address
        assert "生产不符合国家标准的产品" not in text_of(response), address
    feed = text_of(client.get("/feeds/penalties.atom"))
    assert f'deleted-entry ref="http://testserver/p/{entry.public_id}/"' in feed
    assert entry.public_id not in text_of(client.get("/open-data/administrative_penalty.json"))
    assert entry.public_id in text_of(client.get("/open-data/taken_down.json"))


def test_撤下的条目只说何时为何不说内容(filled: Place, client: Client) -> None:
    entry = penalty()
    withdraw([entry.public_id], cause="repaired", reason="内部理由甲", call=Call(OFFICER, filled.book, filled.now))
    response = client.get(f"/p/{entry.public_id}/")
    text = text_of(response)
    assert response.status_code == 410
    assert "依法准予信用修复，停止公示。" in text
    for said in ("七彩", "罚款", "内部理由甲", "魏"):
        assert said not in text


def test_最后一条撤下以后_哪里都不再有这家企业的名称和代码(filled: Place, client: Client) -> None:
    one = enterprise()
    shown = PublishedEntry.objects.filter(state="shown").values_list("public_id", flat=True)
    withdraw(list(shown), cause="error", reason="全部撤下", call=Call(OFFICER, filled.book, filled.now))
    answers = [
        client.get(address)
        for address in (
            f"/e/{one.public_id}/",
            f"/e/{one.public_id}/wall/",
            f"/e/{one.public_id}/qr.svg",
            f"/q/{one.shop_code}/",
            f"/q/?code={one.shop_code}",
            f"/api/v1/public/enterprises/{one.public_id}",
            "/search/?q=七彩",
            "/api/v1/public/enterprises?q=七彩",
            "/sitemap.xml",
        )
    ]
    assert [answer.status_code for answer in answers] == [404] * 6 + [200] * 3
    for answer in answers:
        assert one.name not in text_of(answer)
        assert one.code not in text_of(answer)


def test_期满当天之后不等清理就看不到(filled: Place, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = penalty()
    assert entry.show_until is not None
    for room in ("lists", "caching", "data"):
        monkeypatch.setattr(f"zhiheng.portal.{room}.today", lambda: entry.show_until + dt.timedelta(days=1))
    assert "生产不符合国家标准的产品" not in text_of(client.get("/lists/penalties/"))
    response = client.get(f"/p/{entry.public_id}/")
    assert response.status_code == 410
    assert "2027-08-21 起不再公示" in text_of(response)
    assert client.get("/open-data/administrative_penalty.csv").status_code == 503
    filled.now = dt.datetime.combine(entry.show_until + dt.timedelta(days=1), dt.time(1), filled.now.tzinfo)
    assert expire(call=Call(SYSTEM, filled.book, filled.now)) == 1


def test_含有撤下内容的文件停止下载(filled: Place, client: Client) -> None:
    OpenFile.objects.update(stale=True)
    response = client.get("/open-data/administrative_penalty.csv")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "600")
    assert "正在重新生成" in text_of(response)


# -- caching -----------------------------------------------------------------------------------------------------------


def test_没有变化时浏览器得到未修改(filled: Place, client: Client) -> None:
    first = client.get("/lists/penalties/")
    again = client.get("/lists/penalties/", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "must-revalidate" in first.headers["Cache-Control"]
    assert first.headers["Last-Modified"]


def test_语言深浅和条件各有各的页(filled: Place, client: Client) -> None:
    chinese = client.get("/lists/penalties/")
    client.cookies["django_language"] = "en"
    english = client.get("/lists/penalties/")
    client.cookies["theme"] = "dark"
    dark = client.get("/lists/penalties/")
    other = client.get("/lists/penalties/?kind=fine")
    assert len({r.headers["ETag"] for r in (chinese, english, dark, other)}) == 4
    assert "Penalties" in text_of(english)
    assert 'data-theme="dark"' in text_of(dark)


def test_保存的页面有数量上限() -> None:
    from zhiheng.portal.caching import Kept

    pages = Kept(most=3)
    for number in range(10):
        pages.put(str(number), b"x", "text/html")
    assert [pages.get(str(n)) is not None for n in range(10)] == [False] * 7 + [True] * 3
    pages.put("long", b"x" * 300_000, "text/html")
    assert pages.get("long") is None


# -- search ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("七彩", True),
        ("彩涂料有", True),
        ("云澜市锦枢区七彩涂料有限公司", True),
        ("919901019YN9DYXP8Y", True),
        ("七彩 锦枢", True),
        ("919901019yn9dyxp8y", True),
        ("彩七", False),
        ("七料", False),
        ("七彩漆", False),
        ("七", False),
        ("", False),
    ],
)
def test_按名称任意部分或代码查到企业(filled: Place, client: Client, text: str, found: bool) -> None:
    page = text_of(client.get("/search/", {"q": text}))
    assert (f"/e/{enterprise().public_id}/" in page) is found


def test_查不到时说明不等于企业不存在(filled: Place, client: Client) -> None:
    assert "不说明企业不存在" in text_of(client.get("/search/?q=无此企业"))


def test_产品名查得到召回和抽查(filled: Place, client: Client) -> None:
    page = text_of(client.get("/search/?q=灭菌乳"))
    link = re.search(r'href="(/products/\d+/)"', page)
    assert link is not None
    assert "20260801-3" in text_of(client.get(link[1]))


def test_店铺码和二维码都通到企业(filled: Place, client: Client) -> None:
    one = enterprise()
    for address in (f"/q/{one.shop_code}/", f"/q/?code={one.shop_code.upper()[:5]}%20{one.shop_code.upper()[5:]}"):
        response = client.get(address)
        assert (response.status_code, response.headers["Location"]) == (302, f"/e/{one.public_id}/")
    assert client.get(f"/search/?q={one.shop_code}").headers["Location"] == f"/q/{one.shop_code}/"
    assert client.get("/q/?code=2345678999").status_code == 404
    assert client.get(f"/e/{one.public_id}/qr.svg").headers["Content-Type"] == "image/svg+xml"


def test_查询里的脚本原样转义(filled: Place, client: Client) -> None:
    page = text_of(client.get("/search/", {"q": "<script>alert(1)</script>"}))
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


# -- data for programs -------------------------------------------------------------------------------------------------


def test_订阅是合格的Atom(filled: Place, client: Client) -> None:
    root = ElementTree.fromstring(client.get("/feeds/penalties.atom").content)
    atom = "{http://www.w3.org/2005/Atom}"
    assert root.tag == f"{atom}feed"
    assert [root.find(f"{atom}{name}") is not None for name in ("id", "title", "updated")] == [True] * 3
    (entry,) = root.findall(f"{atom}entry")
    assert entry.findtext(f"{atom}id", "").endswith(f"/p/{penalty().public_id}/")


def test_站点地图列出企业档案(filled: Place, client: Client) -> None:
    index = ElementTree.fromstring(client.get("/sitemap.xml").content)
    parts = [each.text or "" for each in index.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    listed = text_of(client.get(parts[0].removeprefix("http://testserver")))
    assert f"/e/{enterprise().public_id}/" in listed


def test_安全联系方式没有过期(filled: Place, client: Client) -> None:
    lines = dict(line.split(": ", 1) for line in text_of(client.get("/.well-known/security.txt")).strip().splitlines())
    assert lines["Contact"].startswith("mailto:")
    assert dt.datetime.fromisoformat(lines["Expires"]) > dt.datetime.now(dt.UTC)


def test_下载的文件带摘要(filled: Place, client: Client) -> None:
    file = OpenFile.objects.get(name="administrative_penalty.csv")
    response = client.get("/open-data/administrative_penalty.csv")
    assert response.headers["ETag"] == f'"{file.digest}"'
    assert file.digest in text_of(client.get("/open-data/"))


def told(indicator: str, now: dt.datetime, **words: Any) -> PublishedFigure:
    """A published statistic of the city."""
    return PublishedFigure.objects.create(
        **{
            "indicator": indicator,
            "area": "990100",
            "as_of": dt.date(2026, 10, 31),
            "known_on": dt.date(2026, 11, 1),
            "first_on": dt.date(2026, 1, 1),
            "last_on": dt.date(2026, 10, 31),
            "label": {"zh": "产品监督抽查合格率", "en": "Pass rate"},
            "quality": "product",
            "value": "97.0",
            "shown": {"zh": "97.0%", "en": "97.0%"},
            "numerator": "970",
            "denominator": "1000",
            "plan": {"zh": "监督抽查", "en": "supervisory"},
            "method": {"zh": "合格样品除以全部样品", "en": "passed by all"},
            "law": [{"zh": "《产品质量法》第十五条", "en": "x", "checked": True}],
            "edition": "e",
            "published_at": now,
            **words,
        }
    )


def test_统计连同口径时期和依据一起公布(filled: Place, client: Client) -> None:
    told("product_pass_rate", filled.now)
    PAGES.forget()
    text = text_of(client.get("/statistics/"))
    for said in ("97.0%", "监督抽查", "2026-01-01", "合格样品除以全部样品", "分子 970，分母 1000", "第十五条"):
        assert said in text


def test_每个统计点开公示平台自己的清单_条件一样_条数一样_为什么更少写在旁边(filled: Place, client: Client) -> None:
    for name in filled.book[PUBLICATION].portal.statistics:
        told(name, filled.now)
    PAGES.forget()
    text = text_of(client.get("/statistics/"))
    doors = re.findall(r'href="(/lists/[^"]*)"\s+data-count="(\d+)"', text)
    assert len(doors) == len(filled.book[PUBLICATION].portal.statistics) - text.count("这类记录不逐条公示")
    assert sum(int(count) for _, count in doors) > 0
    for address, count in doors:
        assert f'data-total="{count}"' in text_of(client.get(address.replace("&amp;", "&"))), address
    sampling = next(address for address, _ in doors if "record=product_sampling" in address)
    assert "from=2026-01-01&amp;to=2026-10-31" in sampling
    assert "公示期未满" in text
    assert "统计只计" in text


def test_栏目的条数不计已经到期的_点开就是那么多(
    filled: Place, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dict(re.findall(r'href="/lists/([a-z_]+)/"\s+data-count="(\d+)"', text_of(client.get("/"))))
    assert before["penalties"] == "1"
    assert 'data-total="1"' in text_of(client.get("/lists/penalties/"))
    # The day after the last one, before the daily work has taken it down.
    over = penalty().show_until + dt.timedelta(days=1)
    for room in ("front", "lists", "caching"):
        monkeypatch.setattr(f"zhiheng.portal.{room}.today", lambda: over)
    PAGES.forget()
    assert re.search(r'href="/lists/penalties/"\s+data-count="0"', text_of(client.get("/")))
    assert 'data-total="0"' in text_of(client.get("/lists/penalties/"))


def test_公示规则页写出每种记录的期限和依据(filled: Place, client: Client) -> None:
    text = " ".join(text_of(client.get("/law/")).split())
    for said in ("罚款金额 不超过 50,000元", "食品／药品／医疗器械", "20个工作日", "只留姓", "3个工作日"):
        assert said in text
    assert text.count('class="rule"') == len(filled.book[PUBLICATION].rules)
    # Each citation leads to the official page of its text.
    assert text.count('class="citation"><a href="https://www.samr.gov.cn/') > 10


def test_只能看不能改(filled: Place, client: Client) -> None:
    for address in addresses()[:8]:
        assert client.post(address).status_code in (403, 405), address


def test_订阅的每一条都有摘要(filled: Place, client: Client) -> None:
    """A summary says what kind of matter it is, the day, the outcome, whom it concerns, who said so."""
    for name, said in (("sampling", "合格"), ("penalties", "罚款")):
        text = text_of(client.get(f"/feeds/{name}.atom"))
        summaries = re.findall(r"<summary>(.*?)</summary>", text)
        assert summaries, name
        for summary in summaries:
            assert said in summary
            assert re.search(r"2026-\d\d-\d\d", summary)
            assert "云澜市" in summary


def test_页脚写明主办和联系方式_规则书没有写的不出现(filled: Place, client: Client) -> None:
    text = text_of(client.get("/"))
    foot = text[text.index('class="foot-run"') :]
    assert "主办：云澜市质量强市工作领导小组办公室" in foot
    assert "portal@yunlan.example" in foot
    for absent in ("承办：", "标识码", "备案"):
        assert absent not in foot


def test_页脚写出标识码备案号和电话(filled: Place, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    run = filled.book[PUBLICATION]
    assert run is not None
    given = run.portal.model_copy(
        update={
            "undertaker": Label(zh="试验承办单位", en="Test keeper"),
            "telephone": "0400-5550001",
            "site_code": "0000000001",
            "icp": "试验ICP备00000001号",
        }
    )
    told = with_chapters(filled.book, {PUBLICATION: replace(run, portal=given)})
    monkeypatch.setattr("zhiheng.pages.templatetags.zhiheng.book", lambda: told)
    foot = text_of(client.get("/about/"))
    for said in ("承办：试验承办单位", "0400-5550001", "网站标识码：0000000001", "ICP备案：试验ICP备00000001号"):
        assert said in foot


def test_生产者与销售者是同一家时两种身份都写出_名称只写一次(filled: Place) -> None:
    entry = reading.newest("sampling", today=filled.now.date(), limit=1)[0]
    firm = enterprise()
    entry.enterprises = [("producer", firm), ("seller", firm)]
    with translation.override("zh-hans"):
        (row,) = rows([entry])
    assert [one.pk for _, one in row.enterprises] == [firm.pk]
    assert row.enterprises[0][0] == "标称生产企业、被抽样单位"
