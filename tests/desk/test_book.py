"""规则书各页：记录、法规、指标、角色、日历、术语、版本都打得开、互相连得上、查得到。"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from django.test import Client
from django.urls import reverse

from tests.book_once import book_once
from tests.desk.officers import officer, signed_in
from tests.desk.test_cockpit import page, statements
from tests.places import NOON, SMALL, Ledger, sampling_row
from zhiheng.grammar.book import Book
from zhiheng.grammar.book_index import Library, freshness, library, written_value
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.chapters.law import words_of_law
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.grammar.types import Citation
from zhiheng.ledger.models import Definition, Delivery
from zhiheng.quality_file.editions import edition_text, editions_received

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2] / "book"


@pytest.fixture(scope="module")
def shelf() -> Library:
    return library(book_once(ROOT))


@pytest.fixture
def reader(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Somebody who reads the default book."""
    settings.BOOK = ROOT
    monkeypatch.setattr("zhiheng.pages.access.clock", lambda: NOON.astimezone())
    return signed_in(officer(role="leader", unit="", area="990101"))


def pages_of(shelf: Library) -> list[str]:
    return [
        *(
            reverse(f"desk:{name}")
            for name in (
                "book",
                "book_records",
                "book_law",
                "book_indicators",
                "book_workflows",
                "book_roles",
                "book_calendar",
                "book_glossary",
                "book_changes",
            )
        ),
        *(reverse("desk:book_record", args=[name]) for name in shelf.book[RECORDS]),
        *(reverse("desk:book_topic", args=[name]) for name in shelf.topics),
        *(reverse("desk:book_indicator", args=[name]) for name in shelf.book[INDICATORS]),
        *(reverse("desk:book_workflow", args=[name]) for name in shelf.book[WORKFLOWS]),
        *(reverse("desk:book_calendar_year", args=[year.year]) for year in shelf.years),
    ]


# -- every page opens and leads somewhere ------------------------------------------------------------------------------


def test_全书每一页都打得开_书内的链接都有去处(reader: Client, shelf: Library) -> None:
    addresses = set(pages_of(shelf))
    linked: dict[str, str] = {}
    for address in addresses:
        for target in re.findall(r'href="(/desk/book/[^"?#]*)', page(reader, address)):
            linked.setdefault(target, address)
    forms = {target for target in linked if target.endswith("/blank-form/")}
    assert len(forms) == len(shelf.book[RECORDS])
    assert reader.get(sorted(forms)[0]).status_code == 200
    known = addresses | forms | {reverse("desk:book_search")}
    assert {target: where for target, where in linked.items() if target not in known} == {}


@pytest.mark.parametrize(
    "address",
    [
        "/desk/book/records/nothing/",
        "/desk/book/law/nothing/",
        "/desk/book/indicators/nothing/",
        "/desk/book/workflows/nothing/",
        "/desk/book/calendars/1999/",
    ],
)
def test_没有的页是404(reader: Client, address: str) -> None:
    page(reader, address, status=404)


def test_记录页写明字段依据公示报送和谁报(reader: Client, shelf: Library) -> None:
    text = page(reader, reverse("desk:book_record", args=["product_sampling"]))
    for words in (
        "抽样单编号",
        "必填",
        "监督抽查、风险监测",
        "产品质量监督抽查管理暂行办法",
        "第四十四条",
        "每月",
        "涉密",
        "产品监督抽查合格率",
    ):
        assert words in text, words
    assert reverse("desk:book_topic", args=["product_sampling"]) in text
    units = shelf.senders("product_sampling")
    assert units
    assert all(unit.name.zh in text for unit in units)
    assert all(example.name in text for example in shelf.book[RECORDS]["product_sampling"].examples.accepted)


def test_指标页用话说定义_目标连到读出目标的指标(reader: Client) -> None:
    text = page(reader, reverse("desk:book_indicator", args=["key_posts_certified"]))
    assert "是否关键岗位为是" in text
    assert "分母中" in text
    assert reverse("desk:book_indicator", args=["target_key_posts"]) in text


def test_法规页列出历次规定_旧的还在_标出待核(reader: Client) -> None:
    text = page(reader, reverse("desk:book_topic", args=["product_sampling"]))
    assert "15日" in text
    assert "从未核对原文" in text
    assert "第三十六条" in text


def test_日历页把法定节假日调休分开(reader: Client) -> None:
    text = page(reader, reverse("desk:book_calendar_year", args=[2026]))
    assert re.search(r'cal-day is-statutory"\s+title="春节"\s*>16<', text)
    assert re.search(r'cal-day is-worked"[^>]*>14<', text)
    assert re.search(r'cal-day is-off"\s+title="春节"\s*>20<', text)


def test_角色页写明能办什么看到哪里(reader: Client, shelf: Library) -> None:
    text = page(reader, reverse("desk:book_roles"))
    for role in shelf.book[ROLES].values():
        assert role.label.zh in text
    assert "所在区域及下级" in text


def test_书页不查账本_语句很少(reader: Client) -> None:
    for name in ("book", "book_law", "book_indicators", "book_glossary"):
        page(reader, reverse(f"desk:{name}"))
        assert statements(reader, reverse(f"desk:{name}")) <= 5


# -- search ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "chapter", "name"),
    [
        ("抽样单编号", "record", "product_sampling"),
        ("抽样单号", "record", "product_sampling"),
        ("第三十六条 异议", "law", "product_sampling"),
        ("产品监督抽查合格率", "indicator", "product_pass_rate"),
        ("PASS rate of supervisory", "indicator", "product_pass_rate"),
        ("质强办", "role", "quality_office"),
        ("public holiday", "term", "public_holiday"),
    ],
)
def test_书里查得到字段别称条文指标角色术语(shelf: Library, asked: str, chapter: str, name: str) -> None:
    assert (chapter, name) in {(found.chapter, found.name) for found in shelf.search(asked)}


def test_名称正好相同的排在最前(shelf: Library) -> None:
    assert shelf.search("产品监督抽查合格率")[0].name == "product_pass_rate"
    assert shelf.search("召回")[0].label.zh.startswith("召回")


def test_查不到和没有写字都说清楚(reader: Client, shelf: Library) -> None:
    assert shelf.search("") == ()
    assert "写几个字再查" in page(reader, reverse("desk:book_search"))
    assert "没有找到" in page(reader, f"{reverse('desk:book_search')}?q={quote('绝对没有这几个字')}")
    assert "找到" in page(reader, f"{reverse('desk:book_search')}?q={quote('合格率')}")


# -- what the library knows --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("checked", "found"),
    [
        (None, "never"),
        ("never", "never"),
        ("2026-11-22", "checked"),
        ("2025-11-23", "checked"),
        ("2025-11-22", "old"),
        ("2020-01-01", "old"),
    ],
)
def test_核对满一年就算久未核对(checked: Any, found: str) -> None:
    day = dt.date.fromisoformat(checked) if checked and checked != "never" else checked
    assert freshness(day, dt.date(2026, 11, 22)) == found


def test_引用的法规连到它的专题_书里没有的不连(shelf: Library) -> None:
    assert shelf.topic_of(Citation(text="产品质量监督抽查管理暂行办法")) == "product_sampling"
    assert shelf.topic_of(Citation(text="没有这部法")) == ""


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (15, "wd", "15个工作日", "15 working days"),
        (30, "%", "30%", "30%"),
        (50000, "CNY", "50,000元", "50,000 yuan"),
        (2, "person", "2人", "2 persons"),
        (1, "time", "1次", "1 time"),
        ("public_holiday", "", "法定节假日", "public holiday"),
        (
            {"level_1": 24, "level_2": 48},
            "hour",
            "level_1：24小时；level_2：48小时",
            "level 1: 24 hours; level 2: 48 hours",
        ),
        ((1, 2), "month", "1个月、2个月", "1 month, 2 months"),
    ],
)
def test_法规的值按单位写成话(shelf: Library, value: Any, unit: str, zh: str, en: str) -> None:
    said = written_value(value, unit, words_of_law(shelf.book, "abnormal_list"))
    assert (said.zh, said.en) == (zh, en)


# -- editions ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def place(ledger: Ledger, settings: Any) -> Ledger:
    settings.BOOK = SMALL
    return ledger


def older_edition(place: Ledger, **changed: Any) -> str:
    """As if the same record had been received before with another definition."""
    kept = Definition.objects.get(record="sampling_check")
    said = orjson.loads(kept.text)
    said["record"] |= changed
    text = orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()
    edition = "0" * 64
    Definition.objects.create(edition=edition, record=kept.record, source=kept.source, text=text)
    last = Delivery.objects.order_by("-id").first()
    assert last is not None
    Delivery.objects.create(
        id=last.id + 1,
        state="accepted",
        unit="test_market",
        record="sampling_check",
        source=kept.source,
        edition=edition,
        file_name="old.csv",
        file_digest="1" * 64,
        headings="[]",
        learned_on=dt.date(2026, 8, 1),
        row_count=1,
        fact_count=1,
        duplicate_count=0,
        refused_count=0,
        flagged_count=0,
        root="2" * 64,
        refused_root="3" * 64,
        link="4" * 64,
    )
    return edition


def test_两版之间逐项说出改了什么(place: Ledger) -> None:
    place.samples("a.csv", [sampling_row(1)], day="2026-06-01")
    first = editions_received("sampling_check")[0].edition
    second = older_edition(place, stage="after", label={"zh": "抽样检查（新）", "en": "Sampling check"})
    browser = signed_in(officer())
    text = page(browser, f"{reverse('desk:book_changes')}?from={first}&to={second}")
    assert re.search(r"<del>抽样检查</del>.*?<ins>抽样检查（新）</ins>", text, re.S)
    assert re.search(r"<del>during</del>.*?<ins>after</ins>", text, re.S)
    assert "两版相同" in page(browser, f"{reverse('desk:book_changes')}?from={first}&to={first}")
    page(browser, f"{reverse('desk:book_changes')}?from={first}&to={'9' * 64}", status=404)


def test_版本按先后列出_现行的标出(place: Ledger) -> None:
    place.samples("a.csv", [sampling_row(1)], day="2026-06-01")
    older_edition(place, stage="after")
    found = editions_received("sampling_check")
    assert [edition.first_on for edition in found] == [dt.date(2026, 6, 1), dt.date(2026, 8, 1)]
    text = page(signed_in(officer()), reverse("desk:book_changes"))
    assert "现行" in text
    assert f"?from={found[0].edition}&to={found[1].edition}" in text
    assert edition_text("no such edition") is None


def test_书里的新版还没收过数据也能与上一版相比(place: Ledger) -> None:
    place.samples("a.csv", [sampling_row(1)], day="2026-06-01")
    Definition.objects.filter(record="sampling_check").exists()
    book: Book = place.book
    current = book[RECORDS]["sampling_check"].edition("platform")
    text = page(signed_in(officer()), reverse("desk:book_record", args=["sampling_check"]))
    assert current[:12] in text
    assert "还没有用它收过数据" in text


def test_还没收过数据时版本页说明(place: Ledger) -> None:
    assert "还没有收过数据" in page(signed_in(officer()), reverse("desk:book_changes"))


def test_更正不另算一种来源(place: Ledger) -> None:
    from zhiheng.actions.facts.correct_fact import correct
    from zhiheng.kernel.actor import SYSTEM

    place.samples("a.csv", [sampling_row(1)], day="2026-06-01")
    correct(1, {"remark": "改"}, reason="录入有误", call=Call(SYSTEM, place.book, NOON), unit="test_market")
    assert [edition.source for edition in editions_received("sampling_check")] == ["standard"]
