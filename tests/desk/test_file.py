"""The quality file at the desk: what an officer asks of it in order, for whom it opens, and how much it costs."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.desk.files_of import FIRM, OTHER, PHONE, clock, place, refreshed, statements, subject_of
from tests.desk.officers import officer, said_on, signed_in
from tests.places import Ledger, sampling_row
from zhiheng.actions.facts.correct_fact import withdraw
from zhiheng.actions.identity.link_subjects import merge
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM, Reach, Scope
from zhiheng.ledger.models import Alias, Fact
from zhiheng.people.models import TrailLine
from zhiheng.quality_file.file_view import FileView

__all__ = ["clock", "place"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def browser(place: Ledger) -> Client:
    """A clerk of the market bureau."""
    return signed_in(officer())


def opened(browser: Client, subject: int, name: str = "file", status: int = 200, **query: Any) -> str:
    """A page of a file, as text."""
    response = browser.get(reverse(f"desk:{name}", args=[subject]), query)
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


def test_档案说清是谁_有什么问题_谁说的(browser: Client) -> None:
    page = opened(browser, subject_of())
    assert FIRM in page
    assert "试验甲食品厂（旧名）" in page
    assert "1 项问题未办结" in said_on(page)
    assert "排污处罚" in page
    assert "试验区市场监督管理局" in page
    assert "试验区生态环境局" in page
    # Each entry opens its fact, through this file.
    fact = Fact.objects.get(record="discharge_fine")
    assert f"{reverse('desk:fact', args=[fact.id])}?file={subject_of()}" in page


def test_没有部门报送的方面要说出来(browser: Client) -> None:
    page = opened(browser, subject_of())
    assert page.count("暂无部门报送") == 2  # project and service


def test_到期和已过期的分开说(browser: Client) -> None:
    page = opened(browser, subject_of(OTHER))
    assert "2026-08-01" in page
    assert "还剩 17 天" in page
    assert "已过期" in page
    assert page.index("2026-06-01") < page.index("2026-08-01")


def test_时间线按条件筛选(browser: Client) -> None:
    subject = subject_of()
    everything = opened(browser, subject, "file_timeline")
    assert everything.count('class="what"') == 4
    for query, count in (
        ({"quality": "environment"}, 1),
        ({"outcome": "fail"}, 2),
        ({"role": "producer"}, 3),
        ({"unit": "test_environment"}, 1),
        ({"record": "sampling_check", "outcome": "pass"}, 2),
        ({"role": "laboratory"}, 0),
    ):
        assert opened(browser, subject, "file_timeline", **query).count('class="what"') == count, query


def test_涉密字段在档案里不出现(browser: Client) -> None:
    for name in ("file", "file_timeline", "file_print", "file_conflicts"):
        assert PHONE not in opened(browser, subject_of(), name)


def test_历史时点查询所知(browser: Client) -> None:
    subject = subject_of()
    before = opened(browser, subject, known_on="2026-05-31")
    assert "回看" in before
    assert "排污处罚" not in before.split('id="timeline"')[1].split("<ol")[1]
    assert "罚款" in opened(browser, subject, known_on="2026-06-10")
    early = opened(browser, subject, as_of="2026-04-30")
    assert "没有未办结的" in early  # the sample that failed was taken in May
    assert "2026-05-05" not in early


@pytest.mark.parametrize("text", ["2099-01-01", "不是日期", "2026-13-45"])
def test_将来的日子和读不懂的日子_说出来_不换成今天(browser: Client, text: str) -> None:
    for name in ("file", "file_timeline", "file_conflicts", "file_print"):
        answer = browser.get(reverse(f"desk:{name}", args=[subject_of()]), {"known_on": text})
        assert answer.status_code == 422
        assert f"“数据获知日期”{text}" in answer.content.decode()


def test_更正撤回之后时间线注明(browser: Client, place: Ledger, clock: dt.datetime) -> None:
    fact = Fact.objects.get(record="discharge_fine")
    withdraw(fact.id, reason="报错对象", call=Call(SYSTEM, place.book, clock), unit="test_environment")
    page = opened(browser, subject_of(), "file_timeline")
    assert "已撤回" in page
    assert "罚款" in page  # what was said stays readable


def test_时间线接着往下取_不重不漏(browser: Client, place: Ledger) -> None:
    rows = [sampling_row(100 + i, 生产企业=FIRM, 抽样日期=f"2026-03-{1 + i % 28:02d}") for i in range(55)]
    place.samples("many.csv", rows, day="2026-06-20")
    seen: list[str] = []
    address = reverse("desk:file_timeline", args=[subject_of()])
    while address:
        page = browser.get(address).content.decode()
        seen += [part.split('"')[0] for part in page.split('class="what" href="')[1:]]
        more = page.split('hx-get="')
        address = next((m.split('"')[0].replace("&amp;", "&") for m in more if "/timeline/" in m.split('"')[0]), "")
    assert len(seen) == len(set(seen)) == 59


def test_档案页只问数据库十五次_五千条事实也一样(browser: Client, place: Ledger) -> None:
    rows = [
        sampling_row(1000 + i, 生产企业=FIRM, 抽样日期=f"202{4 + i % 3}-0{1 + i % 6}-{1 + i % 28:02d}")
        for i in range(5000)
    ]
    (result,) = [place.samples("big.csv", rows, confirmed=True, day="2026-07-01")]
    assert result.facts == 5000
    refreshed(place)
    subject = subject_of()
    opened(browser, subject)  # what is read once per process is read now
    for query in ({}, {"quality": "product", "outcome": "fail"}, {"as_of": "2026-05-01", "known_on": "2026-06-01"}):
        with statements() as said:
            opened(browser, subject, **query)
        # Two of them: whether this reading stands in the trail today, and the line where it does not; two more: the
        # names of the enterprise, and its cases.
        assert len(said) <= 19, "\n".join(said)


def test_名称六十个字也完整显示(browser: Client, place: Ledger) -> None:
    name = "试验区" + "长" * 50 + "食品有限公司"
    place.samples("long.csv", [sampling_row(77, 生产企业=name)])
    refreshed(place)
    assert name in opened(browser, subject_of(name))


def test_没有统一社会信用代码的企业_档案抬头说明没有写(browser: Client, place: Ledger) -> None:
    row = sampling_row(70, 生产企业="试验无代码食品厂")
    place.samples("无代码.csv", [row])
    refreshed(place)
    told = "各部门报送时均未写明统一社会信用代码"
    assert told in opened(browser, subject_of("试验无代码食品厂"))
    assert told not in opened(browser, subject_of(FIRM))


def test_并入别的企业之后旧地址带到新档案(browser: Client, place: Ledger, clock: dt.datetime) -> None:
    old, new = subject_of(OTHER), subject_of()
    merge(new, [old], reason="同一家", call=Call(SYSTEM, place.book, clock))
    response = browser.get(reverse("desk:file", args=[old]))
    assert response.status_code == 302
    assert response.url == reverse("desk:file", args=[new])


def test_没有的档案是四百零四(browser: Client) -> None:
    assert "没有编号为 4711 的企业档案" in opened(browser, 4711, status=404)


def test_别的地区的人打不开_只打得开自己单位报送过的(place: Ledger) -> None:
    subject = subject_of()
    elsewhere = signed_in(officer(unit="jia_office", area="990901002", name="乙街道"))
    assert "您只能在乙街道范围内" in opened(elsewhere, subject, status=403)
    # A department from elsewhere that handed something in sees that, and is told that it is a part.
    place.samples("j.csv", [sampling_row(9, 生产企业=FIRM)], unit="jia_office", day="2026-06-20")
    refreshed(place)
    page = opened(elsewhere, subject)
    assert "不在您的地区范围内" in page
    assert "排污处罚" not in page.split('id="timeline"')[1].split("<ol")[1]
    # What is not in the part is not said of the whole.
    for said in ("没有部门报送过", "暂无部门报送", "没有未办结的问题", "> 没有未办结的不合格"):
        assert said not in page, said
    assert "您能看到的部分里没有" in page


def test_陌生人和企业账号都进不来(place: Ledger, client: Client) -> None:
    address = reverse("desk:file", args=[subject_of()])
    assert client.get(address).status_code == 302
    keeper = signed_in(officer("keeper"))
    assert keeper.get(address).status_code == 403


def test_说法不一并列(browser: Client, place: Ledger) -> None:
    place.lifts(
        "other.csv",
        [["L1", "货梯", OTHER, "", "试验丁电梯维保有限公司", "2025-01-02", "2026-12-31", "停用"]],
        unit="jia_office",
    )
    page = opened(browser, subject_of(OTHER), "file_conflicts")
    assert "数据不一致" in page
    assert "甲街道办事处" in page
    assert "试验区市场监督管理局" in page
    assert "客梯" in page
    assert "货梯" in page


def test_没有出入也说出来(browser: Client) -> None:
    assert "未发现不一致" in opened(browser, subject_of(), "file_conflicts")


def test_英文页没有中文界面文字(browser: Client) -> None:
    browser.cookies["django_language"] = "en"
    page = opened(browser, subject_of())
    for text in ("Is anything wrong now?", "What expires?", "Who is responsible?", "What happened?"):
        assert text in page


def test_打印页有核对用的抬头(browser: Client) -> None:
    page = opened(browser, subject_of(), "file_print")
    assert "打印" in page
    assert "<svg" in page
    assert Alias.objects.get(id=1).name in page


def readings(subject: int) -> list[tuple[str, str]]:
    """Who looked into a file, by the trail: (actor, verb)."""
    lines = TrailLine.objects.filter(about=f"subject:{subject}", verb__in=("file.read", "fact.read")).order_by("id")
    return list(lines.values_list("actor", "verb"))


def test_每人每天看一家企业的档案_留一条痕_翻页打印都算这一条(
    place: Ledger, clock: dt.datetime, monkeypatch: Any
) -> None:
    one, other = officer(name="甲"), officer(name="乙")
    subject = subject_of()
    for account in (one, other):
        browser = signed_in(account)
        for name in ("file", "file", "file_timeline", "file_print", "file_conflicts"):
            opened(browser, subject, name)
    assert readings(subject) == [(f"account:{one.pk}", "file.read"), (f"account:{other.pk}", "file.read")]
    monkeypatch.setattr(timezone, "now", lambda: clock + dt.timedelta(days=1))
    opened(signed_in(one), subject)
    assert len(readings(subject)) == 3


def test_打开事实也留痕_同一家企业每天一条_被拒绝的不留(place: Ledger) -> None:
    account, subject = officer(name="甲"), subject_of()
    browser = signed_in(account)
    facts = Fact.objects.filter(record="sampling_check").order_by("id")[:2]
    for fact in facts:
        for _ in range(2):
            assert browser.get(reverse("desk:fact", args=[fact.id])).status_code == 200
    assert readings(subject) == [(f"account:{account.pk}", "fact.read")]
    stranger = signed_in(officer("keeper"))
    assert stranger.get(reverse("desk:file", args=[subject])).status_code == 403
    assert len(readings(subject)) == 1


def test_成批列出的事实_每人每天为这张清单留一条痕(place: Ledger) -> None:
    account = officer(name="甲")
    browser, number = signed_in(account), Fact.objects.values_list("delivery_id", flat=True)[0]
    for _ in range(2):
        assert browser.get(reverse("desk:delivery_facts", args=[number])).status_code == 200
    lines = TrailLine.objects.filter(verb="fact.read", about=f"delivery:{number}")
    assert list(lines.values_list("actor", flat=True)) == [f"account:{account.pk}"]


def test_本地只看部分记录_外地看全部_不等于看得到这份档案的全部(place: Ledger) -> None:
    some, all_elsewhere = (
        Reach(records=frozenset({"sampling_check"}), areas=frozenset({"990901"})),
        Reach(areas=frozenset({"990902"})),
    )
    own, another = Reach(subjects=frozenset({1})), Reach(subjects=frozenset({2}))
    seen = {
        name: FileView(1, Scope(ways), dt.date(2026, 7, 1), None, "990901", whole=True).sees_as_counted(place.book)
        for name, ways in {
            "part": (some, all_elsewhere),
            "here": (some, Reach(areas=frozenset({"990901"}))),
            "own": (own,),
            "another": (some, another),
        }.items()
    }
    assert seen == {"part": False, "here": True, "own": True, "another": False}
