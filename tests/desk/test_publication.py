"""Publication at the desk: the queue, what would be shown, the decision, taking down, within the officer's reach
only.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import ObjectionFactory
from tests.people.places import PASSWORD
from tests.published.places import NOON, Place, default_book, place
from zhiheng.actions.accounts.create_account import create_account
from zhiheng.actions.accounts.give_role import give_role
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.office.models import Objection, PublicationRequest
from zhiheng.people.models import Account
from zhiheng.published.models import PublishedEntry, Withdrawal

pytestmark = pytest.mark.slow

__all__ = ["default_book", "place"]
PENALTY = ("administrative_penalty", "一般裁量的罚款")
SAMPLE = ("product_sampling", "区级监督抽查，合格")


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhiheng.people.actors.timezone.localdate", lambda *_: NOON.date())
    monkeypatch.setattr("zhiheng.pages.access.now", lambda: NOON)
    monkeypatch.setattr("zhiheng.desk.publishing.requests.today", NOON.date)


def officer(
    place: Place, login: str, role: str = "publication_officer", unit: str = "yunlan_market", area: str = "990100"
) -> Client:
    """Somebody with a role, signed in."""
    words: dict[str, Any] = {"call": Call(SYSTEM, place.book, NOON)}
    account = create_account(login, name=f"{login} 甲", kind="officer", unit=unit, password=PASSWORD, **words)
    give_role(account.pk, role, area=area, **words)
    browser = Client()
    browser.force_login(
        Account.objects.get(pk=account.pk), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return browser


@pytest.fixture
def desk(place: Place) -> Client:
    """A publication officer of the city."""
    return officer(place, "gongshi")


def text_of(browser: Client, which: str, *args: Any, status: int = 200, **query: Any) -> str:
    answer = browser.get(reverse(f"desk:{which}", args=args), query)
    assert answer.status_code == status, (answer.status_code, answer.content.decode()[:1500])
    return answer.content.decode()


def send(browser: Client, which: str, *args: Any, follow: bool = True, **fields: Any) -> Any:
    return browser.post(reverse(f"desk:{which}", args=args), fields, follow=follow)


@pytest.fixture
def waiting(place: Place) -> PublicationRequest:
    """A penalty that waits."""
    place.fact(*PENALTY, 办案人员="魏清和")
    place.propose()
    return PublicationRequest.objects.get()


def test_待审核列出标题来源和期限(desk: Client, waiting: PublicationRequest) -> None:
    text = text_of(desk, "publication")
    for said in ("生产不符合国家标准的产品", "云澜市砺原区市场监督管理局", "2027-08-20", "已超期", "应于"):
        assert said in text
    assert "魏清和" not in text


def test_打开一条看到期限依据哪一条怎样算出(desk: Client, waiting: PublicationRequest) -> None:
    text = text_of(desk, "publication_request", waiting.pk)
    for said in ("期限依据", "20个工作日（《", "起算20个工作日，开始当日不计入"):
        assert said in text, said
    assert "暂定" not in text
    later = {"zh": "2099年的放假安排不在日历中，暂按周末休息计算。", "en": "No holiday notice for 2099."}
    PublicationRequest.objects.update(due_basis={**waiting.due_basis, "provisional": [later]})
    assert later["zh"] in text_of(desk, "publication_request", waiting.pk)
    assert "（暂定）" in text_of(desk, "publication")


def test_打开一条看到的就是公众将看到的(desk: Client, waiting: PublicationRequest) -> None:
    before = text_of(desk, "publication_request", waiting.pk)
    send(desk, "publication_decide", waiting.pk, decision="approve", reason="同意")
    entry = PublishedEntry.objects.get()
    public = Client().get(reverse("portal:entry", args=[entry.public_id])).content.decode()

    def body(text: str) -> list[str]:
        found = re.search(r'<dl class="facts entry-lines">(.*?)</dl>', text, re.DOTALL)
        assert found is not None
        return [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in found[1].split("</dd>")]

    assert body(before) == body(public)
    assert "魏**" in before
    assert "魏清和" not in before


def test_批准后在公示里有且队列里没有(desk: Client, waiting: PublicationRequest) -> None:
    answer = send(desk, "publication_decide", waiting.pk, decision="approve")
    assert "公众即时可见" in answer.content.decode()
    assert "没有待审核的" in text_of(desk, "publication")
    assert "生产不符合国家标准的产品" in text_of(desk, "publication_shown")
    assert "已批准" in text_of(desk, "publication", pile="done")


def test_不予公示没有理由时页面说明且内容还在(desk: Client, waiting: PublicationRequest) -> None:
    answer = send(desk, "publication_decide", waiting.pk, decision="reject", reason="  ")
    assert answer.status_code == 422
    assert "不予公示要写明理由" in answer.content.decode()
    waiting.refresh_from_db()
    assert waiting.state == "open"


def test_勾选几条一起批准(desk: Client, place: Place) -> None:
    for number in range(3):
        place.fact(*SAMPLE, 抽样单编号=f"LY2026G{number}", 产品名称=f"涂料{number}号")
    place.propose()
    first, second, _ = PublicationRequest.objects.order_by("pk")
    answer = send(desk, "publication_decide_several", request=[first.pk, second.pk], decision="approve", query="")
    assert "已办理 2 条" in answer.content.decode()
    assert PublishedEntry.objects.count() == 2


def test_按记录一次批准没有疑点的(desk: Client, place: Place) -> None:
    for number in range(3):
        place.fact(*SAMPLE, 抽样单编号=f"LY2026G{number}")
    place.fact(*PENALTY)
    place.propose()
    assert "批准本类没有疑点的" in text_of(desk, "publication", record="product_sampling")
    answer = send(desk, "publication_decide_several", decision="all", query="pile=open&record=product_sampling")
    assert "已公示 3 条" in answer.content.decode()
    assert set(PublishedEntry.objects.values_list("record", flat=True)) == {"product_sampling"}


@pytest.mark.parametrize("query", ["pile=open&record=nothing", "verb=every", "late=yes", "area=中国"])
def test_条件看不懂就一条也不批_不当作没有条件(desk: Client, place: Place, query: str) -> None:
    place.fact(*SAMPLE, 抽样单编号="LY2026G1")
    place.propose()
    send(desk, "publication_decide_several", decision="all", query=query)
    assert not PublishedEntry.objects.exists()


def test_没有勾选时说明怎么办(desk: Client, waiting: PublicationRequest) -> None:
    answer = send(desk, "publication_decide_several", decision="approve", query="")
    assert "没有勾选" in answer.content.decode()


def test_撤下要选原因并即时生效(desk: Client, place: Place) -> None:
    entry = place.publish(*PENALTY)
    answer = send(desk, "publication_withdraw", entry.public_id, cause="", reason="修复")
    assert answer.status_code == 422
    said = answer.content.decode()
    assert "修复" in said
    assert "请选择撤下原因" in said
    assert "repaired、" not in said, "the page offers causes by name, not by code"
    answer = send(desk, "publication_withdraw", entry.public_id, cause="repaired", reason="准予修复决定书〔2026〕3号")
    text = answer.content.decode()
    assert "已撤下" in text
    assert "准予修复决定书〔2026〕3号" in text
    assert Withdrawal.objects.get().by.startswith("account:")
    assert Client().get(reverse("portal:entry", args=[entry.public_id])).status_code == 410


def test_提出的人看到自己不能批准的原因(desk: Client, place: Place) -> None:
    fact = place.fact(*PENALTY)
    answer = send(desk, "publication_propose", fact.id, reason="漏报补提")
    number = PublicationRequest.objects.get().pk
    assert "已提出" in answer.content.decode()
    answer = send(desk, "publication_decide", number, decision="approve")
    assert answer.status_code == 422
    assert "须由另一个人审核" in answer.content.decode()
    assert (
        "公众即时可见"
        in send(officer(place, "lingyi"), "publication_decide", number, decision="approve").content.decode()
    )


def test_事实页给有权的人提出公示的入口(desk: Client, place: Place) -> None:
    fact = place.fact(*PENALTY)
    link = reverse("desk:publication_propose", args=[fact.id])
    assert link in text_of(desk, "fact", fact.id)
    leader = officer(place, "lingdao", role="leader", unit="yunlan_quality_office")
    assert link not in text_of(leader, "fact", fact.id)


def test_已提出和在公示的事实页指向审核和公示条目(desk: Client, place: Place) -> None:
    fact = place.fact(*PENALTY)
    place.propose()
    link = reverse("desk:publication_propose", args=[fact.id])
    waiting = text_of(desk, "fact", fact.id)
    assert reverse("desk:publication_request", args=[PublicationRequest.objects.get().pk]) in waiting
    assert link not in waiting
    place.approve()
    shown = text_of(desk, "fact", fact.id)
    assert reverse("desk:publication_entry", args=[PublishedEntry.objects.get().public_id]) in shown
    assert link not in shown


def test_办理经过写人的名字而不是账号编号(desk: Client, place: Place, waiting: PublicationRequest) -> None:
    assert "系统自动" in text_of(desk, "publication_request", waiting.pk)
    send(desk, "publication_decide", waiting.pk, decision="approve", reason="属实")
    for text in (
        text_of(desk, "publication_request", waiting.pk),
        text_of(desk, "publication_entry", PublishedEntry.objects.get().public_id),
    ):
        assert "gongshi 甲" in text
        assert "account:" not in text.split("<main", 1)[1]


def test_不公示的记录没有提出公示的入口(desk: Client, place: Place) -> None:
    fact = place.fact("complaint", "投诉调解成功，记为中性")
    assert reverse("desk:publication_propose", args=[fact.id]) not in text_of(desk, "fact", fact.id)


def test_更正过的事实没有提出公示的入口(desk: Client, place: Place) -> None:
    fact = place.fact(*PENALTY)
    latest = place.correct(fact.id, {"fine": "3000"})
    assert reverse("desk:publication_propose", args=[fact.id]) not in text_of(desk, "fact", fact.id)
    assert reverse("desk:publication_propose", args=[latest]) in text_of(desk, "fact", latest)


def test_两人同时审核时后一个得到说明(desk: Client, place: Place, waiting: PublicationRequest) -> None:
    send(officer(place, "lingyi"), "publication_decide", waiting.pk, decision="approve")
    answer = send(desk, "publication_decide", waiting.pk, decision="approve")
    assert "别人已经处理了这一条" in answer.content.decode()
    assert PublishedEntry.objects.count() == 1


def test_别的区看不到也办不了(place: Place, waiting: PublicationRequest) -> None:
    other = officer(place, "linqu", unit="cangji_market", area="990102")
    assert "没有待审核的" in text_of(other, "publication")
    text_of(other, "publication_request", waiting.pk, status=404)
    answer = send(other, "publication_decide", waiting.pk, decision="approve")
    assert answer.status_code == 403
    waiting.refresh_from_db()
    assert waiting.state == "open"


def test_只能看的角色没有审核按钮(place: Place, waiting: PublicationRequest) -> None:
    reader = officer(place, "kan", role="quality_office", unit="yunlan_quality_office")
    text = text_of(reader, "publication_request", waiting.pk)
    assert 'name="decision"' not in text
    assert "公示审核员" in text
    assert send(reader, "publication_decide", waiting.pk, decision="approve").status_code == 403


def test_陌生人被带去登录(place: Place, waiting: PublicationRequest) -> None:
    answer = Client().get(reverse("desk:publication"))
    assert (answer.status_code, answer.headers["Location"].startswith("/account/")) == (302, True)


@pytest.mark.parametrize("query", [{"after": "x"}, {"after": "9" * 40}, {"q": "字" * 4000}])
def test_乱写的条件不会出错(desk: Client, waiting: PublicationRequest, query: dict[str, str]) -> None:
    text_of(desk, "publication", **query)
    text_of(desk, "publication_shown", **query)


@pytest.mark.parametrize("query", [{"record": "'"}, {"pile": "?"}, {"area": "1"}, {"verb": "zzz"}])
def test_没有的条件说出来_不列出别的(desk: Client, waiting: PublicationRequest, query: dict[str, str]) -> None:
    text = text_of(desk, "publication", status=422, **query)
    assert "不在可选的范围内" in text
    assert waiting.title not in text


def test_截止日期写错时说明(desk: Client, waiting: PublicationRequest) -> None:
    answer = send(desk, "publication_decide", waiting.pk, decision="approve", until="三月", reason="提前")
    assert "日期请写成" in answer.content.decode()


def test_列表至多问数据库八次(desk: Client, place: Place) -> None:
    for number in range(60):
        place.fact(*SAMPLE, 抽样单编号=f"LY2026G{number}")
    place.propose()
    place.approve(*place.waiting()[:30])
    for which in ("publication", "publication_shown"):
        text_of(desk, which)
        seen = {}
        with CaptureQueriesContext(connections["default"]) as one:
            if "people" in connections:
                with CaptureQueriesContext(connections["people"]) as two:
                    text_of(desk, which)
                seen[which] = len(one) + len(two)
            else:
                text_of(desk, which)
                seen[which] = len(one)
        assert seen[which] <= 8, seen


def test_即将期满的列在前面(desk: Client, place: Place) -> None:
    soon = place.publish(*PENALTY, 裁量阶次="从轻", 罚款金额="3000", 公示日期="2026-08-25")
    place.publish(*PENALTY, 处罚决定书文号="云锦市监处罚〔2026〕99号")
    assert soon.show_until == dt.date(2026, 11, 25)
    text = text_of(desk, "publication_shown", ending="7")
    assert soon.public_id in text
    assert text.count('class="name"') == 1


# -- an enterprise objects ---------------------------------------------------------------------------------------------


@pytest.fixture
def objection(waiting: PublicationRequest, monkeypatch: pytest.MonkeyPatch) -> Objection:
    """The enterprise objects to the penalty that waits."""
    monkeypatch.setattr("zhiheng.pages.access.clock", lambda: NOON.astimezone())
    return ObjectionFactory(
        receipt="YY20261120000001",
        subject=1,
        fact=waiting.fact,
        record="administrative_penalty",
        unit=waiting.unit,
        area=waiting.area,
        ground="wrong_content",
        reason="内容与事实不符，见所附材料。",
        at=NOON,
        due_on=dt.date(2026, 12, 18),
        due_basis={"zh": "20个工作日", "en": "20 working days", "unit": "wd"},
    )


def test_有异议的在队列和审核页上写明回执和期限(
    desk: Client, waiting: PublicationRequest, objection: Objection
) -> None:
    for text in (text_of(desk, "publication"), text_of(desk, "publication_request", waiting.pk)):
        assert "异议处理中" in text
        assert objection.receipt in text
        assert "还剩" in text
    assert reverse("desk:objection", args=[objection.pk]) in text_of(desk, "publication_request", waiting.pk)


def test_异议期间公示要在页面上写明理由且填的内容还在(
    desk: Client, waiting: PublicationRequest, objection: Objection
) -> None:
    told = send(desk, "publication_decide", waiting.pk, decision="approve", reason="材料齐全", despite="")
    assert told.status_code == 422
    text = told.content.decode()
    assert "第七十一条第二款" in text
    assert "材料齐全" in text
    assert 'href="#id_despite"' in text
    assert PublishedEntry.objects.count() == 0
    told = send(desk, "publication_decide", waiting.pk, decision="approve", despite="企业的理由已经核过，不影响公示。")
    assert "已办理" in told.content.decode()
    assert PublishedEntry.objects.count() == 1


def test_勾选批准有异议的不办且说明(desk: Client, waiting: PublicationRequest, objection: Objection) -> None:
    told = send(desk, "publication_decide_several", decision="approve", request=[waiting.pk])
    assert objection.receipt in told.content.decode()
    assert PublishedEntry.objects.count() == 0


def test_队列不因异议多问数据库(desk: Client, place: Place, objection: Objection) -> None:
    people = connections["people"] if "people" in connections else connections["default"]
    with CaptureQueriesContext(connections["default"]) as one, CaptureQueriesContext(people) as two:
        text_of(desk, "publication")
    assert len(one) + (len(two) if people is not connections["default"] else 0) <= 8


def test_办理异议的人从异议页提请撤下(place: Place, waiting: PublicationRequest, objection: Objection) -> None:
    place.approve(despite="企业的理由已经核过，不影响公示。")
    entry = PublishedEntry.objects.get()
    clerk = officer(place, "chengban", role="department_officer", unit=waiting.unit, area=waiting.area)
    text = text_of(clerk, "objection", objection.pk)
    assert "2026-11-25 前更正或者撤下" in text
    assert (
        send(clerk, "objection_take_down", objection.pk, entry=entry.public_id, cause="", reason="批号不符").status_code
        == 422
    )
    told = send(clerk, "objection_take_down", objection.pk, entry=entry.public_id, cause="error", reason="批号不符")
    assert "已提请撤下" in told.content.decode()
    request = PublicationRequest.objects.get(verb="withdraw")
    assert (request.due_on, request.cause) == (dt.date(2026, 11, 25), "error")
    assert reverse("desk:publication_request", args=[request.pk]) in text_of(clerk, "objection", objection.pk)


def test_有权撤下的人从异议页直接去撤下(
    desk: Client, place: Place, waiting: PublicationRequest, objection: Objection
) -> None:
    place.approve(despite="企业的理由已经核过，不影响公示。")
    head = officer(place, "chuzhang", role="department_head", unit=waiting.unit, area=waiting.area)
    entry = PublishedEntry.objects.get()
    address = reverse("desk:publication_entry", args=[entry.public_id])
    assert f"{address}?cause=error#down" in text_of(head, "objection", objection.pk)
    assert 'value="error" selected' in text_of(head, "publication_entry", entry.public_id, cause="error")
    assert "异议处理中" in text_of(desk, "publication_entry", entry.public_id)
