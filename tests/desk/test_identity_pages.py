"""Identity at the desk: pairs side by side, decided once, undone when wrong; merge and split by search."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.desk.officers import officer, signed_in
from tests.desk.test_deliveries import page, statements
from tests.factories import AliasFactory, LikelyMatchFactory
from tests.places import SMALL, Ledger, sampling_row
from zhiheng.grammar.call import Call
from zhiheng.grammar.loader import load
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.models import Alias, AuditLine, FactParty, IdentityAct, LikelyMatch
from zhiheng.people.models import TrailLine
from zhiheng.projections.models import Card
from zhiheng.queries.identity import PairFilters, pairs_waiting

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LEFT, RIGHT = "试验海风食品有限公司", "试验海凤食品有限公司"


@pytest.fixture
def place(ledger: Ledger, settings: Any) -> Ledger:
    """Some enterprises of the small place with their cards, so that it is known where they lie."""
    settings.BOOK = SMALL
    names = (LEFT, RIGHT, "试验山月粮油店", "试验林泉茶叶合作社")
    ledger.samples("a.csv", [sampling_row(i, 生产企业=name, 被抽样单位="") for i, name in enumerate(names)])
    Card.objects.bulk_create(
        Card(subject=a.subject_id, name=a.name, area="990901001", facts=1, last_on="2026-03-05")
        for a in Alias.objects.filter(kind="enterprise")
    )
    return ledger


@pytest.fixture
def clerk(place: Ledger) -> Client:
    """An officer who may decide."""
    return signed_in(officer(name="核对员甲"))


def pair(left: str = LEFT, right: str = RIGHT, score: int = 900) -> LikelyMatch:
    """A pair that waits (a likely match found by itself counts as well)."""
    one, two = Alias.objects.get(name=left), Alias.objects.get(name=right)
    found = LikelyMatch.objects.filter(alias__in=[one, two], other__in=[one, two]).first()
    reasons = orjson.dumps([["名称只差一个字", "one character differs"]]).decode()
    return found or LikelyMatchFactory(alias=one, other=two, score=score, reasons=reasons)


def decide(browser: Client, match: LikelyMatch, verdict: str = "same", reason: str = "同一地址", **words: Any) -> Any:
    """Send the decision."""
    return browser.post(
        reverse("desk:identity_decide", args=[match.id]), {"verdict": verdict, "reason": reason, **words}
    )


def subjects() -> tuple[int, int]:
    """Where the two names are linked now."""
    return tuple(Alias.objects.get(name=name).subject_id for name in (LEFT, RIGHT))


def test_两边并列_不同的字标出来_事实和报送单位都在(place: Ledger, clerk: Client) -> None:
    match = pair()
    text = page(clerk, "identity_pair", match.id)
    assert "试验海<mark>风</mark>食品有限公司" in text
    assert "试验海<mark>凤</mark>食品有限公司" in text
    assert text.count("市场监督管理局") >= 2
    assert "2026-03-05" in text
    assert 'data-key="s"' in text
    assert 'data-key="d"' in text
    assert "identity.js" in text


def test_判为同一_合并并转到下一对_可以马上撤销(place: Ledger, clerk: Client) -> None:
    match, following = pair(), pair("试验山月粮油店", "试验林泉茶叶合作社", 500)
    answer = decide(clerk, match)
    act = IdentityAct.objects.get()
    assert answer.headers["Location"] == reverse("desk:identity_pair", args=[following.id]) + f"?act={act.id}"
    left, right = subjects()
    assert left == right
    text = clerk.get(answer.headers["Location"]).content.decode()
    assert reverse("desk:identity_undo", args=[act.id]) in text
    assert clerk.post(reverse("desk:identity_undo", args=[act.id]), {"reason": "判断有误"}).status_code == 302
    left, right = subjects()
    assert left != right
    assert "已撤销" in page(clerk, "identity_acts")


def test_判为不同_不再列出_理由记下(place: Ledger, clerk: Client) -> None:
    match = pair()
    assert LEFT in page(clerk, "identity")
    decide(clerk, match, "different", "两家各有执照")
    assert subjects()[0] != subjects()[1]
    page(clerk, "identity")  # The message about the decision names both; it is shown once.
    assert LEFT not in page(clerk, "identity")
    text = page(clerk, "identity_pair", match.id)
    assert "两家各有执照" in text
    assert "核对员甲" in text
    assert 'data-key="s"' not in text, "what is decided is not asked again"


def test_两人同时判断同一对_后到的人被告知_写的理由还在(place: Ledger, clerk: Client) -> None:
    match = pair()
    other = signed_in(officer(name="核对员乙"))
    page(other, "identity_pair", match.id)
    decide(clerk, match, "same", "执照相同")
    answer = decide(other, match, "different", "我认为是两家店")
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "刚刚有人判断了这一对" in text
    assert "核对员甲" in text
    assert "执照相同" in text
    assert "我认为是两家店" in text
    assert LikelyMatch.objects.get(id=match.id).decision == "same"
    assert IdentityAct.objects.count() == 1


def test_没写理由或没选结论_说明在旁边_写的还在(place: Ledger, clerk: Client) -> None:
    match = pair()
    answer = decide(clerk, match, "same", "   ")
    assert answer.status_code == 422
    assert "都要写明理由" in answer.content.decode()
    answer = decide(clerk, match, "也许", "看不清")
    assert answer.status_code == 422
    assert 'value="看不清"' in answer.content.decode()
    assert LikelyMatch.objects.get(id=match.id).decision == ""
    assert decide(clerk, match, "same", "", usual="名称和地址都一致").status_code == 302
    assert IdentityAct.objects.get().reason == "名称和地址都一致"


def test_在文字框里按回车不会误判为同一(place: Ledger, clerk: Client) -> None:
    text = page(clerk, "identity_pair", pair().id)
    form = re.search(r'<form class="card" method="post".*?</form>', text, re.S)
    assert form is not None
    first = re.search(r"<button[^>]*>", form[0])
    assert first is not None
    assert "disabled" in first[0], "a form whose default button is disabled is not sent by Enter"


def test_连点两次只判一次(place: Ledger, clerk: Client) -> None:
    match = pair()
    text = page(clerk, "identity_pair", match.id)
    token = re.search(r'name="form_token" value="([^"]+)"', text.partition('id="decide"')[2])
    assert token is not None
    first = decide(clerk, match, form_token=token[1])
    second = decide(clerk, match, form_token=token[1])
    assert first.status_code == second.status_code == 302
    assert first.headers["Location"] == second.headers["Location"]
    assert IdentityAct.objects.count() == 1


def test_地区之外的疑似匹配看不到_也判不了(place: Ledger) -> None:
    match = pair()
    Card.objects.update(area="990901002")
    far = signed_in(officer(unit="jia_office", area="990901001", name="街道员"))
    assert LEFT not in page(far, "identity")
    assert far.get(reverse("desk:identity_pair", args=[match.id])).status_code == 404
    assert decide(far, match).status_code == 404
    Card.objects.filter(subject=subjects()[0]).update(area="990901001")
    assert LEFT not in page(far, "identity"), "only one side lies within reach"
    Card.objects.update(area="990901001")
    assert LEFT in page(far, "identity")


def test_没有权限的人打不开(place: Ledger) -> None:
    watcher = signed_in(officer("watcher"))
    for name, args in (
        ("identity", ()),
        ("identity_pair", (pair().id,)),
        ("identity_acts", ()),
        ("identity_merge", ()),
    ):
        assert watcher.get(reverse(f"desk:{name}", args=args)).status_code == 403
    assert decide(watcher, pair()).status_code == 403
    assert watcher.post(reverse("desk:identity_undo", args=[1]), {"reason": "x"}).status_code == 403


def test_撤销要写理由_撤过的不能再撤(place: Ledger, clerk: Client) -> None:
    decide(clerk, pair())
    act = IdentityAct.objects.get()
    address = reverse("desk:identity_undo", args=[act.id])
    answer = clerk.post(address, {"reason": ""})
    assert answer.status_code == 422
    assert "都要写明理由" in answer.content.decode()
    assert clerk.post(address, {"reason": "错了"}).status_code == 302
    assert "已撤销" in clerk.post(address, {"reason": "再撤"}).content.decode()
    assert clerk.post(reverse("desk:identity_undo", args=[10**9]), {"reason": "没有"}).status_code == 422


def test_合并页_选入两个主体并指明保留哪一个(place: Ledger, clerk: Client) -> None:
    left, right = subjects()
    text = page(clerk, "identity_merge", chosen=[left, right])
    assert LEFT in text
    assert RIGHT in text
    address = reverse("desk:identity_merge")
    answer = clerk.post(address, {"chosen": [left, right], "into": "", "reason": "同一家"})
    assert answer.status_code == 422
    assert "同一家" in answer.content.decode()
    assert clerk.post(address, {"chosen": [left, right], "into": left, "reason": ""}).status_code == 422
    assert clerk.post(address, {"chosen": [left, right], "into": left, "reason": "同一家"}).status_code == 302
    assert subjects() == (left, left)


def test_拆分页_选出别家的名称(place: Ledger, clerk: Client) -> None:
    decide(clerk, pair())
    left, _ = subjects()
    text = page(clerk, "identity_split", left)
    assert RIGHT in text
    address = reverse("desk:identity_split", args=[left])
    alias = Alias.objects.get(name=RIGHT).id
    assert clerk.post(address, {"alias": [], "reason": "两家"}).status_code == 422
    answer = clerk.post(address, {"alias": [alias], "reason": ""})
    assert answer.status_code == 422
    assert re.search(rf'value="{alias}"[^>]* checked', answer.content.decode())
    assert clerk.post(address, {"alias": [alias], "reason": "两家"}).status_code == 302
    assert subjects()[0] != subjects()[1]
    assert clerk.get(reverse("desk:identity_split", args=[10**9])).status_code == 404


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "'; DROP TABLE x; --", "\x00\x07", "很" * 500])
def test_恶意的名称和理由只是文字(place: Ledger, clerk: Client, text: str) -> None:
    match = pair()
    decide(clerk, match, "different", text + "x")
    for shown in (
        page(clerk, "identity_pair", match.id),
        page(clerk, "identity_merge", q=text),
        page(clerk, "identity_acts"),
    ):
        assert "<script>alert" not in shown


def test_乱写的编号和游标不会出错(place: Ledger, clerk: Client) -> None:
    page(clerk, "identity", after="x.y")
    page(clerk, "identity", after="9" * 40 + "." + "9" * 40)
    page(clerk, "identity_acts", after="-1")
    page(clerk, "identity_merge", chosen=["x", "9" * 30, "-1"])
    page(clerk, "identity_pair", 10**12, status=404)


def test_清单的语句数不随行数增加(place: Ledger, clerk: Client) -> None:
    match = pair()
    page(clerk, "identity")
    few = statements(lambda: page(clerk, "identity"))
    aliases = [
        Alias(
            id=10_000 + i,
            key=10**12 + i,
            subject_id=match.alias.subject_id,
            kind="enterprise",
            name=f"试验{i}",
            code="",
            code_kind="",
            address="",
            place="",
        )
        for i in range(60)
    ]
    Alias.objects.bulk_create(aliases)
    LikelyMatch.objects.bulk_create(LikelyMatch(alias=a, other=match.other, score=800, reasons="[]") for a in aliases)
    assert statements(lambda: page(clerk, "identity")) == few <= 8
    text = page(clerk, "identity")
    assert "下一页" in text
    after = re.search(r"after=([\w-]+)", text)
    assert after is not None
    second = page(clerk, "identity", after=after[1])
    assert "试验59" in second
    assert "试验0<" not in second
    assert statements(lambda: page(clerk, "identity_pair", match.id)) <= 30


def test_打开人员的疑似匹配会留痕(place: Ledger, clerk: Client) -> None:
    match = pair()
    page(clerk, "identity_pair", match.id)
    assert not TrailLine.objects.filter(verb="identity.open").exists()
    person = AliasFactory(id=20_000, subject=match.alias.subject, kind="person", name="某甲")
    other = LikelyMatchFactory(alias=person, other=match.other, score=700)
    page(clerk, "identity_pair", other.id)
    assert TrailLine.objects.get(verb="identity.open").about == f"likely:{other.id}"


def test_清单写明总数和各种依据的对数_可按依据_地区_报送单位_文字筛选(place: Ledger, clerk: Client) -> None:
    first = pair()
    two = Alias.objects.get(name="试验山月粮油店"), Alias.objects.get(name="试验林泉茶叶合作社")
    other = LikelyMatchFactory(alias=two[1], other=two[0], score=500, kind="code.differs")
    assert first.kind == "name.sound"
    text = page(clerk, "identity")
    assert "待核对 2 对" in text
    assert "音同字异" in text
    for query, shown, hidden in (
        ({"kind": "code.differs"}, other, first),
        ({"q": "山月"}, other, first),
        ({"q": "海风"}, first, other),
    ):
        text = clerk.get(reverse("desk:identity"), query).content.decode()
        assert reverse("desk:identity_pair", args=[shown.id]) in text, query
        assert reverse("desk:identity_pair", args=[hidden.id]) not in text, query
        assert "符合筛选 1 对" in text
    assert "符合筛选 2 对" in clerk.get(reverse("desk:identity"), {"area": "990901"}).content.decode()
    whole = clerk.get(reverse("desk:identity"), {"area": "990900"}).content.decode()
    assert "符合筛选 2 对" in whole, "a city has the districts that lie in it, whatever their codes begin with"
    assert "符合筛选 2 对" in clerk.get(reverse("desk:identity"), {"unit": "test_market"}).content.decode()
    assert (
        "没有符合筛选的疑似匹配" in clerk.get(reverse("desk:identity"), {"unit": "test_environment"}).content.decode()
    )


def several(browser: Client, matches: list[LikelyMatch], verdict: str = "different", **words: str) -> Any:
    """Decide several pairs together."""
    given = {
        "match": [m.id for m in matches],
        "verdict": verdict,
        "reason": "两家各有执照",
        "query": "kind=name.sound",
        **words,
    }
    return browser.post(reverse("desk:identity_decide_several"), given)


@pytest.fixture
def alike(place: Ledger) -> list[LikelyMatch]:
    """Three pairs that wait for the same reason."""
    names = ("试验海风食品有限公司", "试验海凤食品有限公司", "试验山月粮油店", "试验林泉茶叶合作社")
    aliases = [Alias.objects.get(name=name) for name in names]
    made = [
        LikelyMatchFactory(alias=a, other=b, score=800 - n, kind="name.sound")
        for n, (a, b) in enumerate(((aliases[2], aliases[0]), (aliases[3], aliases[2])))
    ]
    found = LikelyMatch.objects.get(alias=aliases[1], other=aliases[0])
    assert found.kind == "name.sound"
    return [found, *made]


def test_同一种依据的几对一起判断_一个理由_每对各记一笔_可逐个撤销(alike: list[LikelyMatch], clerk: Client) -> None:
    answer = several(clerk, alike[:2], "same")
    assert answer.headers["Location"] == reverse("desk:identity") + "?kind=name.sound"
    assert [m.decision for m in LikelyMatch.objects.order_by("id")] == ["same", "same", ""]
    assert AuditLine.objects.filter(verb="likely.same").count() == 2
    acts = list(IdentityAct.objects.order_by("id"))
    assert [act.reason for act in acts] == ["两家各有执照"] * 2
    for act in reversed(acts):
        assert clerk.post(reverse("desk:identity_undo", args=[act.id]), {"reason": "判断有误"}).status_code == 302
    assert len(set(Alias.objects.filter(kind="enterprise").values_list("subject_id", flat=True))) == 4


def test_一起判断时_依据不同_没勾选_没写理由_都说明_勾选和理由还在(alike: list[LikelyMatch], clerk: Client) -> None:
    other = LikelyMatchFactory(alias=alike[2].alias, other=alike[0].alias, score=1, kind="code.names")
    answer = several(clerk, [alike[0], other], query="")
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "同一种依据" in text
    assert f'value="{other.id}" checked' in text
    assert 'value="两家各有执照"' in text
    assert "请勾选" in several(clerk, []).content.decode()
    assert "都要写明理由" in several(clerk, alike[:1], reason=" ").content.decode()
    assert "请选择" in several(clerk, alike[:1], verdict="也许").content.decode()
    assert set(LikelyMatch.objects.values_list("decision", flat=True)) == {""}


def test_一起判断时别人已经判过的不动_并且告知(alike: list[LikelyMatch], clerk: Client) -> None:
    decide(clerk, alike[0], "same", "电话核实")
    answer = several(clerk, alike[:2])
    assert "另有 1 对刚刚已有别人判断" in clerk.get(answer.headers["Location"]).content.decode()
    assert [m.decision for m in LikelyMatch.objects.order_by("id")] == ["same", "different", ""]


def test_按报送单位筛选_只列它报过其中一方的_不逐条读事实(place: Ledger, clerk: Client) -> None:
    first, second = pair(), pair("试验山月粮油店", "试验林泉茶叶合作社", 500)
    LikelyMatch.objects.exclude(id__in=[first.id, second.id]).delete()
    place.samples("b.csv", [sampling_row(9, 生产企业="试验林泉茶叶合作社", 被抽样单位="")], unit="test_environment")
    place.samples("c.csv", [sampling_row(10, 生产企业="试验另一家食品有限公司", 被抽样单位="")])
    assert LEFT not in page(clerk, "identity", unit="test_environment")
    assert "试验山月粮油店" in page(clerk, "identity", unit="test_environment"), (
        "the other side of the pair was named by it"
    )
    text = page(clerk, "identity", unit="test_market")
    assert LEFT in text
    assert "试验山月粮油店" in text
    assert "试验山月粮油店" not in page(clerk, "identity", unit="jia_office"), "a unit that has handed in nothing"
    # How many wait, how many fit, and the page of them: none of the three reads facts, which may be millions.
    with CaptureQueriesContext(connection) as asked:
        pairs_waiting("", call=Call(SYSTEM, load(SMALL), timezone.now()), asked=PairFilters(unit="test_environment"))
    statements_sent = [each["sql"] for each in asked.captured_queries]
    assert len(statements_sent) == 3
    assert not any('"ledger_fact"' in sql for sql in statements_sent)


def test_一种写法下的部分事实拆给另一主体(place: Ledger, clerk: Client) -> None:
    place.samples("b.csv", [sampling_row(9, 生产企业=LEFT, 被抽样单位="")], unit="test_environment")
    alias = Alias.objects.get(name=LEFT)
    address = reverse("desk:identity_split_facts", args=[alias.subject_id, alias.id])
    assert address in page(clerk, "identity_split", alias.subject_id)
    text = clerk.get(address).content.decode()
    assert "这种写法下面有 2 条事实" in text
    assert 'value="unit:test_environment"' in text
    assert clerk.post(address, {"by": "unit:test_environment", "reason": ""}).status_code == 422
    answer = clerk.post(address, {"by": "unit:test_environment", "reason": "两个街道各有一家"})
    act = IdentityAct.objects.get()
    assert answer.headers["Location"] == reverse("desk:identity_acts") + f"?act={act.id}"
    part = Alias.objects.get(part="unit:test_environment")
    assert part.subject_id != alias.subject_id
    assert "只是" in page(clerk, "identity_split", part.subject_id)
    assert clerk.post(reverse("desk:identity_undo", args=[act.id]), {"reason": "弄错了"}).status_code == 302
    assert Alias.objects.get(id=part.id).subject_id == alias.subject_id


def test_拆事实的页面_逐条勾选_别的主体的名称打不开(place: Ledger, clerk: Client) -> None:
    place.samples("b.csv", [sampling_row(9, 生产企业=LEFT, 被抽样单位="")])
    alias, stranger = Alias.objects.get(name=LEFT), Alias.objects.get(name=RIGHT)
    assert clerk.get(reverse("desk:identity_split_facts", args=[alias.subject_id, stranger.id])).status_code in (
        404,
        422,
    )
    address = reverse("desk:identity_split_facts", args=[alias.subject_id, alias.id])
    fact = FactParty.objects.filter(alias_id=alias.id).order_by("-fact_id")[0].fact_id
    assert clerk.post(address, {"by": "fact:", "reason": "另一家"}).status_code == 422
    assert clerk.post(address, {"by": "fact:", "fact": [fact], "reason": "另一家"}).status_code == 302
    assert FactParty.objects.get(fact_id=fact, role="producer").alias_id != alias.id


def test_自己判断的合并_卡片更新之后仍可撤销(place: Ledger, clerk: Client) -> None:
    decide(clerk, pair())
    act = IdentityAct.objects.get()
    # The refresh takes away the card of the one that was merged into the other.
    Card.objects.filter(subject=orjson.loads(act.moves)[0][1]).delete()
    assert reverse("desk:identity_undo", args=[act.id]) in page(clerk, "identity_acts")
    answer = clerk.post(reverse("desk:identity_undo", args=[act.id]), {"reason": "看错了"})
    assert answer.status_code == 302
    assert len(set(subjects())) == 2


def test_范围以外的合并_不见名称_也没有撤销的按钮(place: Ledger, clerk: Client) -> None:
    decide(clerk, pair())
    act = IdentityAct.objects.get()
    elsewhere = signed_in(officer(unit="yi_office", area="990901002"))
    text = page(elsewhere, "identity_acts")
    assert RIGHT not in text
    assert "不在您的查看范围内" in text
    assert reverse("desk:identity_undo", args=[act.id]) not in text
    assert elsewhere.post(reverse("desk:identity_undo", args=[act.id]), {"reason": "试试"}).status_code == 403
