"""What the public reads already and is doubted since then: it comes before an officer, once, and comes back when the
doubt is gone.
"""

from __future__ import annotations

import pytest

from tests.published.places import OFFICER, UNIT, Place
from tests.published.test_found_doubts import COPIED, FIRM, REGISTER, SAMPLE, ended, look
from zhiheng.actions.facts import correct_fact
from zhiheng.actions.identity.link_subjects import decide
from zhiheng.actions.publication.approve import approve_all, reject
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.publication import PUBLICATION
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.aliases import DOUBTS
from zhiheng.ledger.models import Fact, LikelyMatch
from zhiheng.office.models import PublicationRequest
from zhiheng.published.models import PublishedEntry, Withdrawal

pytestmark = pytest.mark.slow


def asked(place: Place) -> list[PublicationRequest]:
    """What waits because of a doubt, after everything that the background does."""
    look(place)
    place.propose()
    return place.waiting(verb="withdraw", cause="doubtful")


def shown(fact: int) -> bool:
    return PublishedEntry.objects.filter(fact=fact, state="shown").exists()


def undecided(place: Place) -> None:
    """A person says of every pair that the two are not one, so that nobody is accused any more."""
    for pair in LikelyMatch.objects.filter(decision="", kind__in=DOUBTS):
        decide(pair.id, same=False, reason="代码抄错，已电话核实", call=Call(SYSTEM, place.book, place.now))


def published_then_doubted(place: Place) -> tuple[Fact, PublicationRequest]:
    """A sample of a firm is shown; afterwards the register gives its code to another firm."""
    entry = place.publish(*SAMPLE, **COPIED)
    fact = Fact.objects.get(pk=entry.fact)
    assert asked(place) == [], "nothing speaks against it so far"
    place.fact(*REGISTER, **FIRM)
    (request,) = [each for each in asked(place) if each.fact == fact.id]
    return fact, request


def test_公示以后查出疑点_提请撤下_写明是什么疑点_不成批批准(place: Place) -> None:
    fact, request = published_then_doubted(place)
    assert (request.entry, request.state) == (PublishedEntry.objects.get(fact=fact.id).pk, "open")
    assert [doubt["code"] for doubt in request.doubts] == ["identity_doubtful"]
    assert shown(fact.id), "an officer decides"
    assert approve_all(PublicationRequest.objects.all(), call=Call(OFFICER, place.book, place.now)) == 1, (
        "the register's entry is published; what is doubted waits for a person"
    )
    assert shown(fact.id)
    assert asked(place) == [request], "asked once"


def test_批准撤下_对公众说明核实期间暂停公示_疑点消除以后提请重新公示(place: Place) -> None:
    fact, request = published_then_doubted(place)
    place.approve(request, reason="先撤下核实")
    assert not shown(fact.id)
    tombstone = Withdrawal.objects.get(cause="doubtful")
    assert tombstone.due_on is None, "no law sets a day"
    assert "核实" in place.book[PUBLICATION].portal.causes["doubtful"].notice.zh
    assert asked(place) == []
    assert not PublicationRequest.objects.filter(fact=fact.id, verb="publish", state="open").exists()
    undecided(place)
    assert asked(place) == []
    (again,) = place.waiting(fact=fact.id, verb="publish")
    place.propose()
    assert place.waiting(fact=fact.id) == [again], "proposed once"
    place.approve(again)
    assert shown(fact.id)
    assert asked(place) == []


def test_审核人决定仍公示_写明理由以后不再问_全部重做也不再问(place: Place) -> None:
    fact, request = published_then_doubted(place)
    reject([request.pk], reason="电话核实，属实", call=Call(OFFICER, place.book, place.now))
    assert asked(place) == []
    look(place, whole=True)
    assert asked(place) == [], "made anew, the doubt is the same"
    place.fact(*REGISTER, **FIRM | {"企业名称": "云澜市麦垄禾香食品有限公司"}, 核准日期="2026-06-01")
    assert asked(place) == []
    assert shown(fact.id)


def test_批准时已经知道的疑点不再提出(place: Place) -> None:
    ended(place)
    look(place)
    sample = place.fact(*SAMPLE)
    look(place)
    place.propose()
    (request,) = place.waiting(fact=sample.id)
    place.approve(request, reason="核对属实：注销登记日期有误")
    assert shown(sample.id)
    assert asked(place) == []
    look(place, whole=True)
    assert asked(place) == []


def test_提出以后才查出_批准时写了理由的_也不再提出(place: Place) -> None:
    sample = place.fact(*SAMPLE)
    look(place)
    place.propose()
    (request,) = place.waiting(fact=sample.id)
    ended(place)
    look(place)
    left = place.approve(request).left
    assert left[request.pk].code == "publication.doubts"
    place.approve(request, reason="核对属实")
    assert shown(sample.id)
    request.refresh_from_db()
    assert [doubt["code"] for doubt in request.doubts] == ["party_ended"]
    assert [each for each in asked(place) if each.fact == sample.id] == []


def test_疑点在审核之前消除_这一条自动失效(place: Place) -> None:
    fact, request = published_then_doubted(place)
    undecided(place)
    assert asked(place) == []
    request.refresh_from_db()
    assert (request.state, request.decision) == ("lapsed", "疑点已经消除，无须再办。")
    assert shown(fact.id)


@pytest.mark.parametrize("corrected", [True, False])
def test_注销以后的事_已公示的也提请核对_登记更正以后失效(place: Place, corrected: bool) -> None:
    entry = place.publish(*SAMPLE)
    assert asked(place) == []
    register = ended(place)
    waiting = asked(place)
    assert [(each.fact, each.doubts[0]["code"]) for each in waiting] == [(entry.fact, "party_ended")]
    if corrected:
        words = {"reason": "录错状态", "call": Call(SYSTEM, place.book, place.now), "unit": UNIT}
        correct_fact.correct(register.id, {"status": "存续"}, **words)
        assert asked(place) == []
    assert shown(entry.fact)
