"""The list of enterprises: found by whatever people remember of them, narrowed, saved, exported, and within one's
reach.
"""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import orjson
import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from tests.desk.files_of import FIRM, OTHER, clock, place, refreshed, statements, subject_of
from tests.desk.officers import officer, signed_in
from tests.places import Ledger, credit_code, sampling_row
from zhiheng.grammar.call import Call
from zhiheng.people.models import SavedSearch, TrailLine
from zhiheng.projections.models import Card

__all__ = ["clock", "place"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def browser(place: Ledger) -> Client:
    """A clerk of the market bureau."""
    return signed_in(officer())


def listed(browser: Client, **query: Any) -> str:
    """The list, as text."""
    response = browser.get(reverse("desk:enterprises"), query)
    assert response.status_code == 200, response.content.decode()[:2000]
    return response.content.decode()


def found(browser: Client, **query: Any) -> list[int]:
    """The subjects on the page, in their order."""
    page = listed(browser, **query)
    rows = page.split("<tbody>")[1].split("</tbody>")[0] if "<tbody>" in page else ""
    return [int(part.split("/")[0]) for part in rows.split('class="name">\n      <a href="/desk/enterprises/')[1:]]


@pytest.mark.parametrize(
    "text", [FIRM, "甲食品", "试验甲食品厂（旧名）", "syjspyxgs", credit_code(1), credit_code(1).lower(), "试验米粉"]
)
def test_按名称_旧名_拼音_代码_产品都找得到(browser: Client, text: str) -> None:
    assert subject_of() in found(browser, q=text)


def test_按设备代码找到使用单位(browser: Client) -> None:
    page = listed(browser, q="L1")
    assert OTHER in page
    assert "电梯编号：L1" in page


def test_说明为什么找到(browser: Client) -> None:
    assert "曾用名或其他写法：试验甲食品厂（旧名）" in listed(browser, q="旧名")


def test_筛选(browser: Client) -> None:
    firm, other = subject_of(), subject_of(OTHER)
    assert firm in found(browser, problems="any")
    assert firm in found(browser, problems="product")
    assert other not in found(browser, problems="any")
    assert firm in found(browser, listed="any")
    assert other in found(browser, listed="none")
    assert firm not in found(browser, listed="none")
    assert found(browser, expiry="30") == [other]
    assert other in found(browser, expiry="past")
    assert firm in found(browser, area="990901001")
    assert firm not in found(browser, area="990901002")
    assert firm in found(browser, area="990901")


@pytest.mark.parametrize(
    "name", ["industry", "status", "problems", "expiry", "listed", "kind", "order", "area", "unit"]
)
def test_清单没有的条件_说出来_不当作没有筛选(browser: Client, name: str) -> None:
    answer = browser.get(reverse("desk:enterprises"), {name: "zzz", "q": "食品"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "zzz：不在可选的范围内" in text
    assert 'href="/desk/enterprises/?q=%E9%A3%9F%E5%93%81">去掉这个条件再打开' in text


def test_现用的条件可以一个个去掉(browser: Client) -> None:
    page = listed(browser, q="食品", problems="any", listed="any")
    assert 'href="/desk/enterprises/?problems=any&amp;listed=any"' in page
    assert 'href="/desk/enterprises/?q=%E9%A3%9F%E5%93%81&amp;listed=any"' in page
    assert "全部去掉" in page


def test_没找到时说为什么和怎么办(browser: Client) -> None:
    page = listed(browser, q="查无此家")
    assert "没有找到这样的企业" in page
    assert "换个写法" in page


def test_查找留痕_翻页和只筛选不留(browser: Client) -> None:
    listed(browser, q="食品")
    listed(browser, problems="any")
    (line,) = TrailLine.objects.filter(verb="enterprise.search")
    assert orjson.loads(line.detail)["text"] == "食品"


@pytest.mark.parametrize("after", ["x", "2026-03-31~1", "MTIzNDU2Nzg5MTA"])
def test_编造翻页位置绕不过留痕_从第一页显示并说明(browser: Client, after: str) -> None:
    page = listed(browser, q="食品", after=after)
    assert "现在从第一页显示" in page
    assert found(browser, q="食品", after=after) == found(browser, q="食品") != []
    assert TrailLine.objects.filter(verb="enterprise.search").count() == 3


def test_只看得到自己范围内的企业(place: Ledger) -> None:
    place.samples("yi.csv", [sampling_row(20, 生产企业="试验乙面粉厂", 被抽样单位="", 抽样地区="乙街道")])
    refreshed(place)
    yi = signed_in(officer(unit="jia_office", area="990901002", name="乙街道员"))
    assert found(yi, q="食品") == []
    assert found(yi, q="面粉") == [subject_of("试验乙面粉厂")]
    assert "甲街道" not in listed(yi).split('<select name="area"')[1].split("</select>")[0]


def test_逐页翻完_不重不漏(browser: Client, place: Ledger) -> None:
    Card.objects.bulk_create(
        Card(
            subject=100_000 + i,
            name=f"试验第{i}号商行",
            area="990901001",
            facts=1,
            last_on=dt.date(2026, 1, 1 + i % 28),
        )
        for i in range(130)
    )
    seen: list[int] = []
    after = ""
    while True:
        page = listed(browser, after=after)
        seen += [int(p.split("/")[0]) for p in page.split('class="name">\n      <a href="/desk/enterprises/')[1:]]
        if 'rel="next"' not in page:
            break
        after = page.split('rel="next" href="')[1].split("after=")[1].split('"')[0].split("&")[0]
    assert len(seen) == len(set(seen)) == Card.objects.count()


@pytest.mark.parametrize(
    "query", [{}, {"q": "试验"}, {"q": "sy", "problems": "any"}, {"listed": "any", "area": "990901"}]
)
def test_清单只问数据库八次(browser: Client, query: dict[str, str]) -> None:
    SavedSearch.objects.create(owner_id=int(browser.session["_auth_user_id"]), name="我的", query="q=1")
    listed(browser, **query)
    with statements() as said:
        listed(browser, **query)
    assert len(said) <= 8, "\n".join(said)


def test_名称六十个字不截断(browser: Client, place: Ledger) -> None:
    name = "试验" + "很" * 52 + "有限公司"
    Card.objects.create(subject=777, name=name, area="990901001", facts=1, last_on=dt.date(2026, 7, 1))
    assert name in listed(browser)


def test_保存查询_再用_删去(browser: Client) -> None:
    saved = browser.post(
        reverse("desk:search_save"), {"name": " 有问题的 食品厂 ", "query": "q=食品&problems=any&after=xyz"}
    )
    assert saved.status_code == 302
    one = SavedSearch.objects.get()
    assert (one.name, one.query) == ("有问题的 食品厂", "q=%E9%A3%9F%E5%93%81&problems=any")
    assert "有问题的 食品厂" in listed(browser)
    # The same name again replaces it.
    browser.post(reverse("desk:search_save"), {"name": "有问题的 食品厂", "query": "q=面粉"})
    assert SavedSearch.objects.get().query == "q=%E9%9D%A2%E7%B2%89"
    other = signed_in(officer(name="别人"))
    assert other.post(reverse("desk:search_forget", args=[one.pk])).status_code == 404
    assert "有问题的 食品厂" not in listed(other)
    assert browser.post(reverse("desk:search_forget", args=[one.pk])).status_code == 302
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize(
    ("name", "query"), [("", "q=1"), ("名" * 61, "q=1"), ("空条件", ""), ("空条件", "q=&problems=")]
)
def test_没有名称或条件不保存(browser: Client, name: str, query: str) -> None:
    browser.post(reverse("desk:search_save"), {"name": name, "query": query})
    assert not SavedSearch.objects.exists()


def test_只能导出本单位数据的人_导不走企业清单(browser: Client) -> None:
    assert "导出" not in listed(browser).split('class="page-head"')[1].split("</header>")[0]
    assert (
        browser.post(reverse("desk:enterprises_export"), {"purpose": "季度分析会", "format": "xlsx"}).status_code == 403
    )
    assert not TrailLine.objects.filter(verb="export.make").exists()


def test_导出写明用途_遮盖_留痕(place: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    from zhiheng.people import access

    # The small book lets nobody export by area: here everybody of the small place may.
    real = access._ways

    def ways(call: Call, act: str) -> Any:
        return real(call, "enterprise.list" if act == "export.make" else act)

    monkeypatch.setattr(access, "_ways", ways)
    browser = signed_in(officer())
    assert browser.post(reverse("desk:enterprises_export"), {"purpose": ""}).status_code == 422
    Card.objects.filter(subject=subject_of()).update(legal_representative="李某")
    response = browser.post(
        reverse("desk:enterprises_export") + "?problems=any", {"purpose": "季度分析会", "format": "xlsx"}
    )
    assert response.status_code == 200
    rows = CalamineWorkbook.from_filelike(io.BytesIO(response.content)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == [
        c.name for c in Card.objects.filter(open_problems__gt=0).order_by("-last_on", "-subject")
    ]
    assert b"\xe6\x9d\x8e\xe6\x9f\x90" not in response.content
    assert all(row[6] in ("", "＊＊＊") for row in rows[1:])
    line = TrailLine.objects.get(verb="export.make")
    assert line.purpose == "季度分析会"
