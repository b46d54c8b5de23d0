"""An enterprise objects: what is not shown waits or goes on by its law, what is shown says so, what is upheld goes
everywhere.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import orjson
import pytest
from django.test import Client

from tests.published.places import OFFICER, UNIT, Place
from zhiheng.actions.facts import correct_fact
from zhiheng.actions.objections import mark_contested
from zhiheng.actions.objections.answer_objection import answer
from zhiheng.actions.objections.raise_objection import raise_objection, withdraw_objection
from zhiheng.actions.objections.request_withdrawal import ask_withdrawal
from zhiheng.actions.publication.approve import approve_all
from zhiheng.actions.publication.propose_publication import propose_fact
from zhiheng.actions.publication.rebuild_open_data import rebuild
from zhiheng.grammar.call import Call
from zhiheng.jobs import schedule
from zhiheng.kernel.actor import SYSTEM, Actor, Holding, operator
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias, AuditLine, Fact
from zhiheng.office.models import Objection, PublicationRequest
from zhiheng.published.models import Contested, ListState, PublishedEntry, Withdrawal

pytestmark = pytest.mark.slow

PENALTY = ("administrative_penalty", "一般裁量的罚款")
FAILED = ("product_sampling", "不合格却没有写不合格项目，收下并提示")
WHY = "样品不是本企业生产的，包装上的批号与台账不符。"
ANSWER = "经核对抽样单和企业台账，异议属实，依法处理。"
ACCEPTED = "企业的理由已经核过，不影响公示。"


@pytest.fixture(autouse=True)
def _tasks_read_noon(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhiheng.jobs.tasks.now", lambda: place.now)


def object_to(place: Place, fact: Fact, ground: str = "wrong_content") -> Objection:
    """The enterprise that the fact is about objects in its corner."""
    body = orjson.loads(fact.body)
    named = {party["name"] for party in body["parties"]} | {party.get("code") for party in body["parties"]}
    subject = Alias.objects.filter(name__in=named - {None}).order_by("id")[0].subject_id
    owner = Actor("account:77", "enterprise", "某负责人", (Holding("enterprise_owner", subject=subject),))
    return raise_objection(subject, fact=fact.id, ground=ground, reason=WHY, call=Call(owner, place.book, place.now))


def owner_of(one: Objection) -> Actor:
    return Actor("account:77", "enterprise", "某负责人", (Holding("enterprise_owner", subject=one.subject),))


def mark(place: Place) -> int:
    return mark_contested.mark(call=Call(SYSTEM, place.book, place.now))


def answered(place: Place, one: Objection, *, upheld: bool, remedy: str = "") -> Objection:
    return answer(one.pk, upheld=upheld, remedy=remedy, text=ANSWER, call=Call(OFFICER, place.book, place.now))


def text_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode("utf-8", "replace")


# -- not shown yet -----------------------------------------------------------------------------------------------------


def test_异议期间不批准公示且说明哪件异议还剩几天(place: Place) -> None:
    fact = place.fact(*FAILED)
    place.propose()
    one = object_to(place, fact)
    (request,) = place.waiting()
    done = place.approve(request)
    (refusal,) = done.left.values()
    assert (done.approved, refusal.code) == ([], "publication.objection")
    for said in (one.receipt, "2026-11-20", str(one.due_on), "还剩", "答复之前不公示"):
        assert said in refusal.zh, refusal.zh
    assert one.receipt in refusal.en
    request.refresh_from_db()
    assert request.state == "open"
    assert PublishedEntry.objects.count() == 0


def test_规定异议期间等待的写了理由也不能公示(place: Place) -> None:
    object_to(place, place.fact(*FAILED))
    place.propose()
    done = place.approve(despite=ACCEPTED)
    assert [refusal.code for refusal in done.left.values()] == ["publication.objection"]
    assert PublishedEntry.objects.count() == 0


def test_批量批准跳过有异议的(place: Place) -> None:
    object_to(place, place.fact(*FAILED))
    place.fact("product_recall", "企业主动召回食品，已完成")
    place.propose()
    assert approve_all(PublicationRequest.objects.all(), call=Call(OFFICER, place.book, place.now)) == 1
    assert len(place.waiting()) == 1


@pytest.mark.parametrize("end", ["rejected", "withdrawn"])
def test_异议不成立或者撤回之后可以公示(place: Place, end: str) -> None:
    one = object_to(place, place.fact(*FAILED))
    place.propose()
    if end == "rejected":
        answered(place, one, upheld=False)
    else:
        withdraw_objection(one.receipt, call=Call(owner_of(one), place.book, place.now))
    assert len(place.approve().approved) == 1


def test_处罚的公示依法不因异议停止但要写明理由(place: Place) -> None:
    one = object_to(place, place.fact(*PENALTY))
    place.propose()
    for despite in ("", "太短"):
        (refusal,) = place.approve(despite=despite).left.values()
        assert (refusal.code, refusal.field) == ("publication.objection_reason", "despite")
        assert "《市场监督管理行政处罚程序规定》第七十一条第二款" in refusal.zh
        assert one.receipt in refusal.zh
    done = place.approve(despite=ACCEPTED)
    assert len(done.approved) == 1
    request = PublicationRequest.objects.get()
    assert one.receipt in request.decision
    assert ACCEPTED in request.decision
    assert ACCEPTED in AuditLine.objects.get(verb="publication.publish").detail
    # It says from its first moment that an enterprise objects.
    assert Contested.objects.get().state == "open"


def test_没有疑点也没有异议的照常公示(place: Place) -> None:
    entry = place.publish(*PENALTY)
    object_to(place, Fact.objects.get(pk=entry.fact))
    place.fact(*PENALTY, 处罚决定书文号="云锦市监处罚〔2026〕99号")
    place.propose()
    assert len(place.approve().approved) == 1


def test_更正和撤下不因异议等待(place: Place) -> None:
    entry = place.publish(*PENALTY)
    object_to(place, Fact.objects.get(pk=entry.fact))
    new = place.correct(entry.fact, {"violation_kind": "标签不符合规定"})
    object_to(place, Fact.objects.get(pk=new))
    place.propose()
    assert len(place.approve().approved) == 1
    assert PublishedEntry.objects.get(state="shown").fact == new


# -- shown already -----------------------------------------------------------------------------------------------------


def test_已公示的条目到处写明异议处理中(place: Place, client: Client) -> None:
    entry = place.publish(*PENALTY)
    assert "异议处理中" not in text_of(client.get("/lists/penalties/"))
    one = object_to(place, Fact.objects.get(pk=entry.fact))
    assert schedule.objections_are_unmarked(place.now)
    assert mark(place) == 1
    assert not schedule.objections_are_unmarked(place.now)
    enterprise = entry.parties.get().enterprise.public_id
    for address in ("/lists/penalties/", f"/p/{entry.public_id}/", f"/e/{enterprise}/", "/feeds/penalties.atom"):
        assert "异议处理中" in text_of(client.get(address)), address
        assert one.receipt not in text_of(client.get(address)), address
        assert WHY not in text_of(client.get(address)), address
    assert "Objection pending" in text_of(client.get(f"/p/{entry.public_id}/", headers={"Accept-Language": "en"}))
    rebuild(call=Call(SYSTEM, place.book, place.now), lists=["penalties"])
    rows = list(csv.DictReader(io.StringIO(text_of(client.get("/open-data/administrative_penalty.csv")))))
    assert [row["objection"] for row in rows] == ["open"]
    assert client.get(f"/api/v1/public/entries/{entry.public_id}").json()["objection"] == "open"


def test_标注两次只标注一次(place: Place) -> None:
    entry = place.publish(*PENALTY)
    object_to(place, Fact.objects.get(pk=entry.fact))
    version = ListState.objects.get(list="penalties").version
    assert (mark(place), mark(place)) == (1, 0)
    assert ListState.objects.get(list="penalties").version == version + 1
    assert AuditLine.objects.filter(verb="publication.mark_objections").count() == 1


def test_标注到一半被杀再来一次结果一样(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = place.publish(*PENALTY)
    object_to(place, Fact.objects.get(pk=entry.fact))

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(mark_contested, "raise_versions", killed)
        with pytest.raises(KeyboardInterrupt):
            mark(place)
    assert Contested.objects.count() == 0
    assert mark(place) == 1


@pytest.mark.parametrize("end", ["rejected", "withdrawn"])
def test_异议了结后标注去掉(place: Place, client: Client, end: str) -> None:
    entry = place.publish(*PENALTY)
    one = object_to(place, Fact.objects.get(pk=entry.fact))
    mark(place)
    if end == "rejected":
        answered(place, one, upheld=False)
    else:
        withdraw_objection(one.receipt, call=Call(owner_of(one), place.book, place.now))
    assert mark(place) == 1
    assert "异议处理中" not in text_of(client.get(f"/p/{entry.public_id}/"))
    assert Contested.objects.count() == 0


def test_规则书没有要求标注的不标注(place: Place, client: Client) -> None:
    entry = place.publish("product_recall", "企业主动召回食品，已完成")
    object_to(place, Fact.objects.get(pk=entry.fact))
    assert mark(place) == 0
    assert "异议处理中" not in text_of(client.get(f"/p/{entry.public_id}/"))


# -- it stands ---------------------------------------------------------------------------------------------------------


def test_异议成立先提请撤下且有法定期限再办结(place: Place, client: Client) -> None:
    entry = place.publish(*PENALTY)
    one = object_to(place, Fact.objects.get(pk=entry.fact))
    mark(place)
    with pytest.raises(Refused) as refused:
        answered(place, one, upheld=True, remedy="taken_down")
    assert refused.value.refusals[0].code == "objection.still_shown"
    me = operator("办案人")
    number = ask_withdrawal(
        one.pk, entry.public_id, cause="error", reason="批号核实不符", call=Call(me, place.book, place.now)
    )
    again = ask_withdrawal(
        one.pk, entry.public_id, cause="error", reason="批号核实不符", call=Call(me, place.book, place.now)
    )
    request = PublicationRequest.objects.get(pk=number)
    # 11月20日（周五）起三个工作日：行政处罚信息公示规定第十一条。
    assert (again, request.verb, request.due_on) == (number, "withdraw", dt.date(2026, 11, 25))
    assert one.receipt in request.reason
    assert mark(place) == 1
    assert "异议成立，正在更正或者撤下" in text_of(client.get(f"/p/{entry.public_id}/"))
    with pytest.raises(Refused) as refused:
        place.approve(request, actor=me)
    assert refused.value.refusals[0].code == "publication.second_person"
    place.approve(request)
    assert answered(place, one, upheld=True, remedy="taken_down").state == "upheld"
    assert Contested.objects.count() == 0


def test_提出异议到撤下后哪里都没有了(place: Place, client: Client, django_capture_on_commit_callbacks: Any) -> None:
    entry = place.publish(*PENALTY)
    other = place.fact(*FAILED)
    place.propose()
    rebuild(call=Call(SYSTEM, place.book, place.now), lists=["penalties", "sampling"])
    one, two = object_to(place, Fact.objects.get(pk=entry.fact)), object_to(place, other)
    mark(place)
    assert place.approve().approved == []
    enterprise = entry.parties.get().enterprise.public_id
    pages = [
        "/lists/penalties/",
        f"/e/{enterprise}/",
        "/feeds/penalties.atom",
        f"/p/{entry.public_id}/",
        "/search/?q=七彩",
    ]
    tags = {address: client.get(address).headers["ETag"] for address in pages}
    ask_withdrawal(
        one.pk, entry.public_id, cause="error", reason="批号核实不符", call=Call(operator("甲"), place.book, place.now)
    )
    with django_capture_on_commit_callbacks(execute=True):
        place.approve(*place.waiting(verb="withdraw"))
    answered(place, one, upheld=True, remedy="taken_down")
    mark(place)
    for address in pages:
        response = client.get(address, headers={"If-None-Match": tags[address]})
        # The entry says that it was taken down; an enterprise of which nothing else is shown has no page.
        assert response.status_code == {"p": 410, "e": 404}.get(address.split("/")[1], 200), address
        assert "生产不符合国家标准的产品" not in text_of(response), address
        assert "异议" not in text_of(response) or address.startswith("/p/"), address
    assert f'deleted-entry ref="http://testserver/p/{entry.public_id}/"' in text_of(client.get("/feeds/penalties.atom"))
    for ending in ("csv", "json"):
        file = client.get(f"/open-data/administrative_penalty.{ending}")
        assert (file.status_code, entry.public_id in text_of(file)) == (200, False)
    assert entry.public_id in text_of(client.get("/open-data/taken_down.json"))
    assert client.get(f"/api/v1/public/entries/{entry.public_id}").status_code == 410
    assert client.get("/api/v1/public/entries?list=penalties").json()["entries"] == []
    assert Withdrawal.objects.get().cause == "error"
    # The other objection goes on holding back what it is about.
    assert [r.code for r in place.approve().left.values()] == ["publication.objection"]
    assert two.state == "open"


def test_撤下办结的事实要写明理由才能再公示(place: Place) -> None:
    entry = place.publish(*PENALTY)
    one = object_to(place, Fact.objects.get(pk=entry.fact))
    ask_withdrawal(
        one.pk, entry.public_id, cause="error", reason="不符", call=Call(operator("甲"), place.book, place.now)
    )
    place.approve()
    answered(place, one, upheld=True, remedy="taken_down")
    propose_fact(entry.fact, reason="复议维持原决定", call=Call(operator("甲"), place.book, place.now))
    assert [r.code for r in place.approve().left.values()] == ["publication.objection_upheld"]
    assert len(place.approve(despite="行政复议决定维持原处罚决定，应当公示。").approved) == 1


def test_事实更正了但公众还看到旧内容时不能办结(place: Place) -> None:
    entry = place.publish(*PENALTY)
    one = object_to(place, Fact.objects.get(pk=entry.fact))
    mark(place)
    place.correct(entry.fact, {"violation_kind": "标签不符合规定"})
    with pytest.raises(Refused) as refused:
        answered(place, one, upheld=True, remedy="corrected")
    assert refused.value.refusals[0].code == "objection.old_shown"
    place.propose()
    assert mark(place) == 1
    assert Contested.objects.get().state == "upheld"
    place.approve()
    assert answered(place, one, upheld=True, remedy="corrected").state == "upheld"
    assert mark(place) == 0
    assert Contested.objects.count() == 0


def test_撤回的事实要等公示撤下才能办结(place: Place) -> None:
    entry = place.publish(*PENALTY)
    one = object_to(place, Fact.objects.get(pk=entry.fact))
    correct_fact.withdraw(entry.fact, reason="异议成立", call=Call(OFFICER, place.book, place.now), unit=UNIT)
    with pytest.raises(Refused):
        answered(place, one, upheld=True, remedy="withdrawn")
    place.propose()
    place.approve()
    assert answered(place, one, upheld=True, remedy="withdrawn").state == "upheld"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"cause": "x"}, "withdrawal.cause"),
        ({"cause": "corrected"}, "withdrawal.cause"),
        ({"reason": " "}, "withdrawal.reason"),
    ],
)
def test_提请撤下要有原因和理由(place: Place, words: dict[str, str], code: str) -> None:
    entry = place.publish(*PENALTY)
    one = object_to(place, Fact.objects.get(pk=entry.fact))
    given = {"cause": "error", "reason": "不符"} | words
    with pytest.raises(Refused) as refused:
        ask_withdrawal(one.pk, entry.public_id, **given, call=Call(OFFICER, place.book, place.now))
    assert [r.code for r in refused.value.refusals] == [code]
    assert place.waiting() == []


def test_别的条目和别人管的异议不能提请(place: Place) -> None:
    entry = place.publish(*PENALTY)
    other = place.publish("product_recall", "企业主动召回食品，已完成")
    one = object_to(place, Fact.objects.get(pk=entry.fact))
    words = {"cause": "error", "reason": "不符"}
    for public_id in (other.public_id, "nothing"):
        with pytest.raises(Refused) as refused:
            ask_withdrawal(one.pk, public_id, call=Call(OFFICER, place.book, place.now), **words)
        assert refused.value.refusals[0].code == "objection.entry"
    elsewhere = Actor("account:5", "officer", "乙", (Holding("department_officer", unit="cuijin_market"),))
    with pytest.raises(Refused) as refused:
        ask_withdrawal(one.pk, entry.public_id, call=Call(elsewhere, place.book, place.now), **words)
    assert refused.value.refusals[0].code.startswith("access.")
    assert place.waiting() == []
