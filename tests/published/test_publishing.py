"""From a fact to the public and back: proposing, approving, replacing, correcting, taking down, expiring."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import orjson
import pytest
from django.db import IntegrityError, transaction

from tests.factories import PublishedEntryFactory
from tests.published.places import OFFICER, UNIT, Place
from zhiheng.actions.facts import correct_fact
from zhiheng.actions.identity import link_subjects
from zhiheng.actions.intake.withdraw_delivery import withdraw_delivery
from zhiheng.actions.publication import expire_publications
from zhiheng.actions.publication.approve import approve, approve_all, reject
from zhiheng.actions.publication.correct_publication import correct as correct_entry
from zhiheng.actions.publication.expire_publications import expire
from zhiheng.actions.publication.propose_publication import propose, propose_fact
from zhiheng.actions.publication.withdraw_publication import withdraw
from zhiheng.engines.publication import Releaser
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.publication import PUBLICATION
from zhiheng.kernel.actor import PUBLIC, SYSTEM, Actor, Holding, operator
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import AuditLine, Fact
from zhiheng.office.models import PublicationMark, PublicationRequest
from zhiheng.published.models import (
    ListState,
    PublishedEnterprise,
    PublishedEntry,
    PublishedParty,
    Token,
    Withdrawal,
)
from zhiheng.published.tokens import pairs
from zhiheng.queries import publishable

pytestmark = pytest.mark.slow

PENALTY = ("administrative_penalty", "一般裁量的罚款")
SAMPLE = ("product_sampling", "区级监督抽查，合格")
REGISTER = ("enterprise_register", "在营企业按登记信息收下，注册资本按万元读")
LISTED = ("abnormal_list_entry", "未按期公示年报的列入")


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {refusal.code for refusal in refused.value.refusals}


# -- proposing ---------------------------------------------------------------------------------------------------------


def test_收到应公示的事实后自动提出且写明公示到哪天(place: Place) -> None:
    fact = place.fact(*PENALTY)
    place.propose()
    (request,) = place.waiting()
    assert (request.fact, request.verb, request.list) == (fact.id, "publish", "penalties")
    assert (request.until, request.due_on) == (dt.date(2027, 8, 20), dt.date(2026, 8, 31))
    assert request.due_basis["unit"] == "wd"
    assert request.due_basis["zh"].startswith("20个工作日（《")
    assert request.due_basis["why"]
    assert request.due_basis["provisional"] == []
    assert request.proposed_by == "system"
    assert "甲某" not in request.shown


def test_再次提出不重复(place: Place) -> None:
    place.fact(*PENALTY)
    place.propose()
    PublicationMark.objects.all().delete()
    place.propose()
    assert len(place.waiting()) == 1


def test_不公示的结论不提出(place: Place) -> None:
    place.fact("administrative_penalty", "仅受警告的不公示，记为中性")
    place.propose()
    assert PublicationRequest.objects.count() == 0


def test_不能公示的写明原因等人处理(place: Place) -> None:
    place.fact("product_sampling", "不合格却没有写不合格项目，收下并提示", 异议情况="已提出异议")
    place.propose()
    (request,) = PublicationRequest.objects.all()
    assert (request.state, request.doubts[0]["code"]) == ("blocked", "publication.withheld")
    done = place.approve(request)
    assert done.approved == []
    request.refresh_from_db()
    assert request.state == "blocked"


def test_没有权限的人不能提出(place: Place) -> None:
    with pytest.raises(Refused):
        propose(call=Call(PUBLIC, place.book, place.now))


def test_手工提出要有人另行审核(place: Place) -> None:
    fact = place.fact(*PENALTY)
    me = operator("提出人")
    number = propose_fact(fact.id, reason="漏报补提", call=Call(me, place.book, place.now))
    with pytest.raises(Refused) as refused:
        approve([number], call=Call(me, place.book, place.now))
    assert codes(refused) == {"publication.second_person"}
    assert approve([number], call=Call(OFFICER, place.book, place.now)).approved == [number]


def test_替别人办事的人也不能批准自己提出的(place: Place) -> None:
    fact = place.fact(*PENALTY)
    me = Actor("cli:张", "operator", "张", acting_for="account:9")
    number = propose_fact(fact.id, reason="漏报", call=Call(me, place.book, place.now))
    again = Actor("cli:张", "operator", "张")
    with pytest.raises(Refused) as refused:
        approve([number], call=Call(again, place.book, place.now))
    assert codes(refused) == {"publication.second_person"}


def test_已经在公示的不能再提(place: Place) -> None:
    entry = place.publish(*PENALTY)
    with pytest.raises(Refused) as refused:
        propose_fact(entry.fact, reason="再提", call=Call(OFFICER, place.book, place.now))
    assert codes(refused) == {"publication.shown"}


# -- approving ---------------------------------------------------------------------------------------------------------


def test_批准后公众看到打码的内容而没有内部编号(place: Place) -> None:
    entry = place.publish(*PENALTY, 办案人员="魏清和、季闻")
    assert entry.title_zh == "云澜市锦枢区七彩涂料有限公司：生产不符合国家标准的产品"
    values = dict(zip([c["target"] for c in entry.form.columns], orjson.loads(entry.values), strict=True))
    assert values["officers"] == {"m": ["魏**、季**", "魏**, 季**"]}
    assert len(entry.public_id) == 20
    (party,) = PublishedParty.objects.filter(entry=entry).select_related("enterprise")
    assert (party.enterprise.name, party.enterprise.code, party.enterprise.shown) == (
        "云澜市锦枢区七彩涂料有限公司",
        "919901019YN9DYXP8Y",
        1,
    )
    assert ListState.objects.get(list="penalties").shown == 1


def test_规则改过之后要重新看过才能批准(place: Place) -> None:
    place.fact(*PENALTY)
    place.propose()
    PublicationRequest.objects.update(digest="0" * 64, shown="{}")
    done = place.approve()
    (refusal,) = done.left.values()
    assert refusal.code == "publication.changed"
    (request,) = place.waiting()
    assert request.digest != "0" * 64
    assert place.approve(request).approved == [request.pk]


def test_批准两次只公示一次(place: Place) -> None:
    place.fact(*PENALTY)
    place.propose()
    (request,) = place.waiting()
    place.approve(request)
    done = place.approve(request)
    assert (done.approved, done.left[request.pk].code) == ([], "publication.decided")
    assert PublishedEntry.objects.count() == 1


def test_同一事实不会有两个在公示的条目(place: Place) -> None:
    entry = place.publish(*PENALTY)
    with pytest.raises(IntegrityError), transaction.atomic():
        PublishedEntryFactory(
            id=entry.pk + 1,
            public_id="x" * 20,
            list="penalties",
            record=entry.record,
            form=entry.form,
            occurred_on=entry.occurred_on,
            published_at=place.now,
            fact=entry.fact,
        )


def test_审核人只能提前截止日期且要写理由(place: Place) -> None:
    place.fact(*PENALTY)
    place.propose()
    with pytest.raises(Refused) as refused:
        place.approve(until=dt.date(2027, 1, 1))
    assert codes(refused) == {"publication.reason"}
    with pytest.raises(Refused) as refused:
        place.approve(until=dt.date(2028, 1, 1), reason="延长")
    assert codes(refused) == {"publication.until"}
    place.approve(until=dt.date(2027, 1, 1), reason="行政复议已部分变更")
    assert PublishedEntry.objects.get().show_until == dt.date(2027, 1, 1)


def test_不予公示要写理由(place: Place) -> None:
    place.fact(*PENALTY)
    place.propose()
    (request,) = place.waiting()
    with pytest.raises(Refused) as refused:
        reject([request.pk], reason=" ", call=Call(OFFICER, place.book, place.now))
    assert codes(refused) == {"publication.reason"}
    reject([request.pk], reason="涉及未决诉讼", call=Call(OFFICER, place.book, place.now))
    request.refresh_from_db()
    assert (request.state, request.decision, request.decided_by) == ("rejected", "涉及未决诉讼", "cli:审核")
    assert PublishedEntry.objects.count() == 0


def test_只有管辖范围内的人能批准(place: Place) -> None:
    place.fact(*PENALTY)
    place.propose()
    (request,) = place.waiting()

    def officer(area: str) -> Actor:
        return Actor("account:3", "officer", "丙", (Holding("publication_officer", area=area),))

    with pytest.raises(Refused) as refused:
        place.approve(request, actor=officer("990102"))
    assert all(code.startswith("access.") for code in codes(refused))
    assert place.approve(request, actor=officer("990101")).approved == [request.pk]


def test_批量批准跳过有疑点的(place: Place) -> None:
    place.fact(*PENALTY)
    place.fact(
        *PENALTY,
        处罚决定书文号="云锦市监处罚〔2025〕8号",
        裁量阶次="从轻",
        罚款金额="2000",
        立案日期="2025-03-03",
        处罚决定日期="2025-06-02",
        公示日期="2025-06-09",
    )
    place.propose()
    assert approve_all(PublicationRequest.objects.all(), call=Call(OFFICER, place.book, place.now)) == 1
    (left,) = place.waiting()
    assert left.doubts[0]["code"] == "publication.law_silent"


def test_每次办理都留下审计行且没有内容(place: Place) -> None:
    place.publish(*PENALTY)
    lines = AuditLine.objects.filter(verb__startswith="publication.")
    assert [line.verb for line in lines] == ["publication.propose", "publication.publish"]
    assert not any("七彩" in line.detail + line.about for line in lines)


# -- what the ledger says later ----------------------------------------------------------------------------------------


def test_更正事实后自动提出更正并有公告(place: Place) -> None:
    entry = place.publish(*PENALTY)
    place.correct(entry.fact, {"violation_kind": "标签不符合规定"})
    place.propose()
    (request,) = place.waiting()
    assert (request.verb, request.entry) == ("correct", entry.pk)
    place.approve(request)
    entry.refresh_from_db()
    new = entry.successor
    assert new is not None
    assert (entry.state, new.state, new.notice["zh"]) == (
        "corrected",
        "shown",
        "内容有误，已经更正，请以更正后的信息为准。",
    )
    assert "标签不符合规定" in new.title_zh
    stone = Withdrawal.objects.get(public_id=entry.public_id)
    assert (stone.cause, stone.successor) == ("corrected", new.public_id)
    assert PublishedEnterprise.objects.get().shown == 1


def test_更正公告里不能有能认出个人的内容(place: Place) -> None:
    entry = place.publish(*PENALTY, 办案人员="魏清和")
    place.correct(entry.fact, {"violation_kind": "标签不符合规定"})
    place.propose()
    for text in ("经魏清和复核更正", "联系13912345678"):
        with pytest.raises(Refused) as refused:
            place.approve(notice={"zh": text, "en": "corrected"})
        assert codes(refused) == {"publication.notice"}


def test_撤回事实后自动提出撤下且有三个工作日的期限(place: Place) -> None:
    entry = place.publish(*PENALTY)
    correct_fact.withdraw(entry.fact, reason="处罚决定被撤销", call=Call(OFFICER, place.book, place.now), unit=UNIT)
    place.propose()
    (request,) = place.waiting()
    # 11月20日（周五）起三个工作日
    assert (request.verb, request.cause, request.due_on) == ("withdraw", "annulled", dt.date(2026, 11, 25))
    place.approve(request)
    entry.refresh_from_db()
    assert entry.state == "withdrawn"
    assert Withdrawal.objects.get().cause == "annulled"
    assert PublishedEnterprise.objects.get().shown == 0


def test_整份报送撤回_已公示的同时撤下_等审核的不再审核(place: Place) -> None:
    entry = place.publish(*PENALTY)
    fact = Fact.objects.get(pk=entry.fact)
    done = withdraw_delivery(fact.delivery_id, reason="整份报错", call=Call(OFFICER, place.book, place.now))
    assert (done.facts, done.published) == (1, 1)
    entry.refresh_from_db()
    assert entry.state == "withdrawn"
    assert (Withdrawal.objects.get().cause, Withdrawal.objects.get().reason) == ("annulled", "整份报错")
    assert PublishedEnterprise.objects.get().shown == 0
    waiting = place.fact(*PENALTY, 处罚决定书文号="云锦市监处罚〔2026〕99号")
    place.propose()
    withdraw_delivery(waiting.delivery_id, reason="整份报错", call=Call(OFFICER, place.book, place.now))
    place.propose()
    assert place.waiting() == []


def test_存疑的记录_批量批准不动它_单独批准要写理由(place: Place) -> None:
    fact = place.fact(*PENALTY, 立案日期="1926-05-22")
    assert fact.flags == "day_early"
    place.propose()
    (request,) = place.waiting()
    assert [doubt["code"] for doubt in request.doubts] == ["day_early"]
    assert approve_all(PublicationRequest.objects.all(), call=Call(OFFICER, place.book, place.now)) == 0
    assert {why.code for why in place.approve(request).left.values()} == {"publication.doubts"}
    assert place.approve(request, reason="原件如此，已核对").approved == [request.pk]


def test_发生日期还没有到的不公示(place: Place) -> None:
    fact = place.fact(*PENALTY)
    place.now = dt.datetime.combine(fact.occurred_on - dt.timedelta(days=1), dt.time(12), place.now.tzinfo)
    place.propose()
    assert place.waiting() == []
    (request,) = PublicationRequest.objects.filter(state="blocked")
    assert [doubt["code"] for doubt in request.doubts] == ["publication.ahead"]


def test_同一事物有了新的说法就更新公示(place: Place) -> None:
    entry = place.publish(*REGISTER)
    place.later(3)
    place.fact(*REGISTER, 企业名称="云澜市砺原区磐钻装备有限公司", 核准日期="2026-11-21")
    place.propose()
    (request,) = place.waiting()
    assert (request.verb, request.entry) == ("replace", entry.pk)
    place.approve(request)
    entry.refresh_from_db()
    assert (entry.state, Withdrawal.objects.get().cause) == ("withdrawn", "superseded")
    enterprise = PublishedEnterprise.objects.get()
    assert (enterprise.name, enterprise.other_names) == (
        "云澜市砺原区磐钻装备有限公司",
        ["云澜市砺原区磐钻石油机械有限公司"],
    )
    assert enterprise.shown == 1


def test_移出名录的记录自动提出撤下(place: Place) -> None:
    entry = place.publish(*LISTED)
    place.later(10)
    place.fact(*LISTED, 移出日期="2026-11-28", 移出经营异常名录事由="已补报年报")
    place.propose()
    (request,) = place.waiting()
    assert (request.verb, request.entry, request.cause) == ("withdraw", entry.pk, "ended")


def test_还没审核就被更正的不再等人审核(place: Place) -> None:
    fact = place.fact(*PENALTY)
    place.propose()
    place.correct(fact.id, {"violation_kind": "标签不符合规定"})
    place.propose()
    states = list(PublicationRequest.objects.order_by("pk").values_list("state", "verb"))
    assert states == [("lapsed", "publish"), ("open", "publish")]


def test_提出之后又被更正的批准时不公示旧内容(place: Place) -> None:
    fact = place.fact(*PENALTY)
    place.propose()
    place.correct(fact.id, {"violation_kind": "标签不符合规定"})
    done = place.approve()
    (refusal,) = done.left.values()
    assert refusal.code == "publication.outdated"
    assert PublishedEntry.objects.count() == 0


def test_企业注销后不利信息提出撤下而登记仍公示(place: Place) -> None:
    code = {"统一社会信用代码": "919901019YN9DYXP8Y"}
    entry = place.publish(*PENALTY)
    place.publish(*REGISTER, **code, 企业名称="云澜市锦枢区七彩涂料有限公司", 登记状态="注销", 核准日期="2026-11-01")
    place.propose()
    (request,) = place.waiting()
    assert (request.verb, request.entry, request.cause) == ("withdraw", entry.pk, "deregistered")
    place.approve(request)
    assert list(PublishedEntry.objects.filter(state="shown").values_list("record", flat=True)) == [
        "enterprise_register"
    ]
    place.fact(*PENALTY, 处罚决定书文号="云锦市监处罚〔2026〕77号")
    place.propose()
    assert PublicationRequest.objects.filter(state="blocked").get().doubts[0]["code"] == "publication.deregistered"


def test_合并主体后公示档案合在一起且旧地址指过去(place: Place) -> None:
    place.publish(*PENALTY)
    other = place.publish(
        *PENALTY,
        处罚决定书文号="云锦市监处罚〔2026〕32号",
        当事人="云澜市锦枢七彩漆业有限公司",
        统一社会信用代码="",
        法定代表人="",
    )
    first, second = PublishedEnterprise.objects.order_by("pk")
    act = link_subjects.merge(
        first.subject, [second.subject], reason="同一企业", call=Call(SYSTEM, place.book, place.now)
    )
    place.propose()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.shown, second.shown, second.merged_into_id) == (2, 0, first.pk)
    assert PublishedParty.objects.get(entry=other).enterprise_id == first.pk
    link_subjects.undo(act.pk, reason="不是同一企业", call=Call(SYSTEM, place.book, place.now))
    place.propose()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.shown, second.shown, second.merged_into_id) == (1, 1, None)


def test_拆出的事实_公示条目也归另一份公示档案_撤销后回来(place: Place) -> None:
    place.publish(*PENALTY)
    other = place.publish(*PENALTY, 处罚决定书文号="云锦市监处罚〔2026〕32号")
    party = PublishedParty.objects.get(entry=other)
    first = party.enterprise
    assert PublishedEnterprise.objects.count() == 1
    act = link_subjects.split_facts(
        party.alias,
        link_subjects.SplitPart(facts=(other.fact,)),
        reason="另一家",
        call=Call(SYSTEM, place.book, place.now),
    )
    place.propose()
    party.refresh_from_db()
    first.refresh_from_db()
    assert party.enterprise_id != first.pk
    assert (first.shown, party.enterprise.shown) == (1, 1)
    link_subjects.undo(act.pk, reason="不是另一家", call=Call(SYSTEM, place.book, place.now))
    place.propose()
    party.refresh_from_db()
    assert party.enterprise_id == first.pk


def test_代码是别家的那一行有疑点_不能成批批准(place: Place) -> None:
    place.publish(*PENALTY)
    place.fact(*PENALTY, 处罚决定书文号="云锦市监处罚〔2026〕33号", 当事人="云澜市桐柏机械制造有限公司")
    place.propose()
    request = PublicationRequest.objects.get(state="open")
    assert [doubt["code"] for doubt in request.doubts] == ["identity_doubtful"]


# -- taking down -------------------------------------------------------------------------------------------------------


def test_撤下立即生效并留下不含内容的记号(place: Place) -> None:
    entry = place.publish(*PENALTY)
    version = ListState.objects.get(list="penalties").version
    count = withdraw(
        [entry.public_id],
        cause="repaired",
        reason="准予信用修复决定书〔2026〕3号",
        call=Call(OFFICER, place.book, place.now),
    )
    assert count == 1
    entry.refresh_from_db()
    assert entry.state == "withdrawn"
    stone = Withdrawal.objects.get()
    assert (stone.public_id, stone.cause, stone.due_on) == (entry.public_id, "repaired", dt.date(2026, 11, 25))
    state = ListState.objects.get(list="penalties")
    assert (state.version, state.shown) == (version + 1, 0)
    assert withdraw([entry.public_id], cause="repaired", reason="重复", call=Call(OFFICER, place.book, place.now)) == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"cause": "whim", "reason": "想撤"}, "withdrawal.cause"),
        ({"cause": "error", "reason": ""}, "withdrawal.reason"),
    ],
)
def test_撤下要有规则书的原因和理由(place: Place, words: dict[str, str], code: str) -> None:
    entry = place.publish(*PENALTY)
    with pytest.raises(Refused) as refused:
        withdraw([entry.public_id], call=Call(OFFICER, place.book, place.now), **words)
    assert codes(refused) == {code}


def test_没有的条目撤不了(place: Place) -> None:
    with pytest.raises(Refused) as refused:
        withdraw(["nosuch"], cause="error", reason="误公示", call=Call(OFFICER, place.book, place.now))
    assert codes(refused) == {"entry.absent"}


def test_公示期最后一天仍公示第二天停止(place: Place) -> None:
    entry = place.publish(*PENALTY)
    assert entry.show_until is not None
    place.now = dt.datetime.combine(entry.show_until, dt.time(23, 59), place.now.tzinfo)
    assert expire(call=Call(SYSTEM, place.book, place.now)) == 0
    place.later(1)
    assert expire(call=Call(SYSTEM, place.book, place.now)) == 1
    entry.refresh_from_db()
    assert entry.state == "expired"
    assert Withdrawal.objects.get().cause == "ended"
    assert expire(call=Call(SYSTEM, place.book, place.now)) == 0


def test_一下子期满的远多于平常_系统不自行撤下_由人核对时钟以后撤(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = place.publish(*PENALTY)
    monkeypatch.setattr(expire_publications, "USUAL", 0)
    place.later(1_200)
    with pytest.raises(Refused) as refused:
        expire(call=Call(SYSTEM, place.book, place.now))
    assert codes(refused) == {"expiry.unusual"}
    entry.refresh_from_db()
    assert entry.state == "shown"
    assert not Withdrawal.objects.exists()
    assert expire(call=Call(operator("t"), place.book, place.now)) == 1


def test_到期还没审核的提议一并失效(place: Place) -> None:
    place.fact(*PENALTY)
    place.propose()
    place.later(400)
    expire(call=Call(SYSTEM, place.book, place.now))
    assert PublicationRequest.objects.get().state == "lapsed"


# -- correcting what a wrong rule showed -------------------------------------------------------------------------------


def test_规则改正后按现行规则重新生成并留公告(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = place.publish(*PENALTY)
    words = {"notice": {"zh": "补充公开的栏目", "en": "A column was added"}, "reason": "规则改正"}
    with pytest.raises(Refused) as refused:
        correct_entry(entry.public_id, call=Call(OFFICER, place.book, place.now), **words)
    assert codes(refused) == {"correction.same"}
    ready = dict(publishable.ready(place.book))
    releaser = ready["administrative_penalty"]
    chapter = place.book[PUBLICATION]
    assert chapter is not None
    rule = releaser.rule.model_copy(update={"shows": (*releaser.rule.shows, "goods_value")})
    changed = Releaser(releaser.entry, replace(chapter, rules={**chapter.rules, "administrative_penalty": rule}))
    monkeypatch.setattr(publishable, "ready", lambda _book: ready | {"administrative_penalty": changed})
    new = correct_entry(entry.public_id, call=Call(OFFICER, place.book, place.now), **words)
    entry.refresh_from_db()
    made = PublishedEntry.objects.get(public_id=new)
    assert (entry.state, made.state, made.notice) == ("corrected", "shown", words["notice"])
    assert made.show_until == entry.show_until
    assert "41,000元" in made.values


# -- for search --------------------------------------------------------------------------------------------------------


def test_公示后企业和产品都能按任意两个字查到(place: Place) -> None:
    place.publish(*SAMPLE)
    enterprise = PublishedEnterprise.objects.get()
    tokens = set(Token.objects.filter(kind="e", ref=enterprise.pk).values_list("token", flat=True))
    assert tokens == set(pairs(enterprise.name))
    product = PublishedEntry.objects.get().product
    assert product is not None
    assert set(Token.objects.filter(kind="p", ref=product.pk).values_list("token", flat=True)) == {
        "内墙",
        "墙涂",
        "涂料",
    }
