"""A whole delivery is taken back: what the public sees of it goes with it, also where a correction waits for its
approval.
"""

from __future__ import annotations

import pytest

from tests.published.places import UNIT, Place
from zhiheng.actions.facts import correct_fact
from zhiheng.actions.intake.withdraw_delivery import DeliveryStanding, offer_withdrawal, withdraw_delivery
from zhiheng.actions.projections.refresh_projections import refresh
from zhiheng.actions.publication.approve import approve_all
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.office.models import PublicationRequest
from zhiheng.published.models import PublishedEntry

pytestmark = pytest.mark.slow

SAMPLE = ("food_sampling", "结果、单位、限量各占一栏，合成一个值")


@pytest.mark.parametrize("corrections", [0, 1, 2])
def test_公示以后更正过的_整份撤回时公示一并撤下_待审的不再待审(place: Place, corrections: int) -> None:
    first = place.fact(*SAMPLE)
    refresh(Call(SYSTEM, place.book, place.now))
    place.propose()
    assert approve_all(PublicationRequest.objects.filter(fact=first.id), call=Call(SYSTEM, place.book, place.now))
    number = first.id
    for product in ("挂面二", "挂面三")[:corrections]:
        number = correct_fact.correct(
            number, {"product": product}, reason="抄错", call=Call(SYSTEM, place.book, place.now), unit=UNIT
        )
        place.propose()
    assert PublishedEntry.objects.get().state == "shown"
    words = {"call": Call(SYSTEM, place.book, place.now)}
    assert offer_withdrawal(first.delivery_id, **words)[1] == DeliveryStanding(1, 1)
    assert withdraw_delivery(first.delivery_id, reason="误报的文件", **words) == DeliveryStanding(1, 1)
    assert PublishedEntry.objects.get().state == "withdrawn"
    assert not PublicationRequest.objects.filter(state__in=("open", "blocked")).exists()
    place.propose()
    assert not PublicationRequest.objects.filter(state__in=("open", "blocked")).exists()


@pytest.mark.parametrize("corrections", [1, 2, 3])
def test_更正还没批准就又更正或撤回的_公示的那一条由它接替或撤下(place: Place, corrections: int) -> None:
    first = place.fact(*SAMPLE)
    refresh(Call(SYSTEM, place.book, place.now))
    place.propose()
    assert approve_all(PublicationRequest.objects.filter(fact=first.id), call=Call(SYSTEM, place.book, place.now))
    shown, number = PublishedEntry.objects.get(), first.id
    words = {"call": Call(SYSTEM, place.book, place.now), "unit": UNIT}
    for product in ("挂面二", "挂面三", "挂面四")[:corrections]:
        number = correct_fact.correct(number, {"product": product}, reason="抄错", **words)
        place.propose()
        (request,) = PublicationRequest.objects.filter(state="open")
        assert (request.fact, request.verb, request.entry) == (number, "correct", shown.pk)
    correct_fact.withdraw(number, reason="不是本批次", **words)
    place.propose()
    (request,) = PublicationRequest.objects.filter(state="open")
    assert (request.verb, request.entry) == ("withdraw", shown.pk)
