"""Other systems are told what happened: signed, once each, again while they don't take it, and not for ever."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.places import NOON
from zhiheng.actions.webhooks import deliver_webhooks, end_webhook, register_webhook
from zhiheng.actions.webhooks.safe_http import HttpAnswer, SafeAddress
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM, Actor, Holding
from zhiheng.kernel.reasons import Refused
from zhiheng.office.backoff import WAITS
from zhiheng.office.models import WebHook, WebHookCall
from zhiheng.people.models import TrailLine

pytestmark = pytest.mark.django_db

URL = "https://partner.example/told"
PROGRAM = Actor("token:7", "program", "试验系统", (Holding("program", "test_market", "990901"),))


def everywhere(host: str, port: int) -> list[str]:
    """A resolver that knows one public address."""
    return ["93.184.216.34"]


class Partner:
    """The other system: answers what it is told to answer, and remembers what came."""

    def __init__(self) -> None:
        self.answers: list[HttpAnswer] = []
        self.came: list[tuple[SafeAddress, bytes, dict[str, str]]] = []

    def __call__(self, place: SafeAddress, body: bytes, headers: Mapping[str, str], _line: Any = None) -> HttpAnswer:
        self.came.append((place, body, dict(headers)))
        return self.answers.pop(0) if self.answers else HttpAnswer(204)


@pytest.fixture
def partner(monkeypatch: pytest.MonkeyPatch) -> Partner:
    """Stands where the network is."""
    found = Partner()
    monkeypatch.setattr(deliver_webhooks, "post", found)
    return found


@pytest.fixture
def hook(small_book: Book) -> register_webhook.Registered:
    """A hook of a unit's program for accepted deliveries."""
    return register_webhook.register(
        URL, ["delivery.accepted"], unit="test_market", call=Call(PROGRAM, small_book, NOON), lookup=everywhere
    )


def tell(key: str = "delivery:1", **words: Any) -> int:
    """Announce an accepted delivery."""
    return deliver_webhooks.announce(
        "delivery.accepted", key, {"facts": 3}, now=NOON, **{"unit": "test_market", **words}
    )


def call(minutes: float = 0) -> dt.datetime | None:
    """What the worker does so many minutes later."""
    return deliver_webhooks.call_waiting(now=NOON + dt.timedelta(minutes=minutes), lookup=everywhere)


def test_a_message_can_be_checked_with_the_key_that_was_shown_once(
    hook: register_webhook.Registered, partner: Partner
) -> None:
    tell()
    call()
    ((_, body, headers),) = partner.came
    parts = dict(part.split("=") for part in headers["Zhiheng-Signature"].split(","))
    mine = hmac.new(hook.key.encode(), parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(mine, parts["v1"])
    assert abs(int(parts["t"]) - NOON.timestamp()) < 1
    assert json.loads(body)["data"] == {"facts": 3}


def test_a_message_can_be_checked_as_standard_webhooks_say(hook: register_webhook.Registered, partner: Partner) -> None:
    tell()
    call()
    ((_, body, headers),) = partner.came
    assert headers["webhook-id"] == f"msg_{headers['Zhiheng-Delivery']}"
    key = base64.b64decode(hook.secret.removeprefix("whsec_"))
    assert 24 <= len(key) <= 64, "the length that the standard allows"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mine = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"].split() == [f"v1,{mine}"]


def test_the_headers_are_those_of_an_example_worked_out_by_hand() -> None:
    """The example of the standard's own text: the same key, id, time and body."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").hex()
    made = deliver_webhooks.standard_headers(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_key_is_nowhere_in_the_database(hook: register_webhook.Registered) -> None:
    row = WebHook.objects.values().get()
    assert hook.key not in str(row)
    assert hook.key not in str(list(TrailLine.objects.values()))


def test_the_same_event_about_the_same_thing_is_told_once(hook: register_webhook.Registered, partner: Partner) -> None:
    tell()
    tell()
    call()
    call(1)
    assert len(partner.came) == 1


def test_a_message_that_was_not_taken_is_sent_again_later_and_not_before(
    hook: register_webhook.Registered, partner: Partner
) -> None:
    partner.answers = [HttpAnswer(None, "ConnectTimeoutError"), HttpAnswer(500, "HTTP 500")]
    tell()
    assert call() == NOON + dt.timedelta(minutes=1)
    call(0.5)
    assert len(partner.came) == 1
    assert call(1) == NOON + dt.timedelta(minutes=6)
    assert call(6) is None
    assert [one[1] for one in partner.came] == [partner.came[0][1]] * 3, "the same message each time"
    assert WebHookCall.objects.get().state == "taken"
    assert WebHook.objects.get().failures == 0


def test_after_the_last_attempt_a_message_is_given_up_with_its_reason(
    hook: register_webhook.Registered, partner: Partner
) -> None:
    partner.answers = [HttpAnswer(503, "HTTP 503")] * 10
    tell()
    minutes = 0.0
    for wait in (0, *WAITS):
        minutes += wait
        call(minutes)
    told = WebHookCall.objects.get()
    assert (told.state, told.attempts, told.error) == ("given_up", 6, "HTTP 503")
    assert WebHook.objects.get().failures == 1


def test_an_address_that_never_takes_anything_is_ended_and_that_is_in_the_trail(
    hook: register_webhook.Registered, partner: Partner
) -> None:
    partner.answers = [HttpAnswer(503, "HTTP 503")] * 100
    for number in range(deliver_webhooks.GIVEN_UP_IN_A_ROW):
        tell(f"delivery:{number}")
    minutes = 0.0
    for wait in (0, *WAITS):
        minutes += wait
        call(minutes)
    found = WebHook.objects.get()
    assert found.ended_at is not None
    assert found.ended_why
    assert TrailLine.objects.filter(verb="webhook.end", about=f"webhook:{hook.hook}").exists()
    assert tell("delivery:99") == 0


def test_a_name_that_leads_into_an_inner_network_by_now_is_not_called(
    hook: register_webhook.Registered, partner: Partner
) -> None:
    tell()
    deliver_webhooks.call_waiting(now=NOON, lookup=lambda host, port: ["127.0.0.1"])
    assert not partner.came
    assert WebHookCall.objects.get().error == "address.inner"


def test_another_unit_hears_nothing_of_a_delivery(hook: register_webhook.Registered, partner: Partner) -> None:
    assert tell(unit="test_environment") == 0


def test_a_hook_that_was_ended_is_called_no_more_not_even_for_what_waits(
    hook: register_webhook.Registered, partner: Partner, small_book: Book
) -> None:
    tell()
    end_webhook.end(hook.hook, why="不再使用", call=Call(PROGRAM, small_book, NOON))
    end_webhook.end(hook.hook, why="又一次", call=Call(PROGRAM, small_book, NOON))
    call()
    assert not partner.came
    assert WebHook.objects.get().ended_why == "不再使用"


@pytest.mark.parametrize(
    ("url", "events", "code"),
    [
        ("http://partner.example/", ["delivery.accepted"], "address.plain"),
        (URL, ["delivery.eaten"], "webhook.event"),
        (URL, [], "webhook.events"),
    ],
)
def test_a_hook_that_can_not_be_is_refused_with_a_reason(
    small_book: Book, url: str, events: list[str], code: str
) -> None:
    with pytest.raises(Refused) as told:
        register_webhook.register(
            url, events, unit="test_market", call=Call(SYSTEM, small_book, NOON), lookup=everywhere
        )
    assert told.value.refusals[0].code == code
    assert not WebHook.objects.exists()


def test_nobody_registers_more_hooks_than_a_program_needs(small_book: Book) -> None:
    def again() -> None:
        register_webhook.register(
            URL, ["delivery.held"], unit="test_market", call=Call(PROGRAM, small_book, NOON), lookup=everywhere
        )

    for _ in range(register_webhook.AT_MOST):
        again()
    with pytest.raises(Refused):
        again()


# -- an address that lets one wait holds nobody else -------------------------------------------------------------------


def test_an_address_that_lets_one_wait_is_asked_once_a_run_and_the_others_have_their_turn(
    hook: register_webhook.Registered, partner: Partner, small_book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = register_webhook.register(
        "https://other.example/told",
        ["delivery.accepted"],
        unit="test_market",
        call=Call(PROGRAM, small_book, NOON),
        lookup=everywhere,
    )
    for number in range(20):
        tell(f"delivery:{number}")
    slow = WebHook.objects.get(pk=hook.hook).url

    def answer(place: SafeAddress, _body: bytes, _headers: Mapping[str, str], _line: Any = None) -> HttpAnswer:
        partner.came.append((place, b"", {}))
        return HttpAnswer(None, "TooSlow") if place.host in slow else HttpAnswer(204)

    monkeypatch.setattr(deliver_webhooks, "post", answer)
    call()
    hosts = [place.host for place, _, _ in partner.came]
    assert hosts.count("partner.example") == 1
    assert hosts.count("other.example") == deliver_webhooks.AT_ONCE_TO_ONE
    assert WebHook.objects.get(pk=other.hook).misses == 0


def test_an_address_that_keeps_failing_is_left_alone_longer_and_longer_and_that_is_told(
    hook: register_webhook.Registered, partner: Partner
) -> None:
    from zhiheng.jobs.schedule import messages_are_due

    partner.answers = [HttpAnswer(None, "TooSlow")] * 100
    for number in range(9):
        tell(f"delivery:{number}")
    for minutes in (0, 1, 6):
        call(minutes)
    found = WebHook.objects.get()
    assert (found.misses, found.paused_until) == (3, NOON + dt.timedelta(minutes=16))
    (line,) = TrailLine.objects.filter(verb="webhook.pause")
    assert "TooSlow" in line.purpose
    came = len(partner.came)
    call(15)
    assert len(partner.came) == came
    assert not messages_are_due(NOON + dt.timedelta(minutes=15)), "no task is put in the queue for it either"
    assert messages_are_due(NOON + dt.timedelta(minutes=17))
    call(17)
    assert WebHook.objects.get().paused_until == NOON + dt.timedelta(minutes=37)
    partner.answers = []
    call(40)
    found = WebHook.objects.get()
    assert (found.misses, found.paused_until) == (0, None), "once it takes something all is forgotten"


def test_an_address_that_takes_nothing_for_a_week_is_ended_and_what_waits_is_given_up(
    hook: register_webhook.Registered, partner: Partner
) -> None:
    partner.answers = [HttpAnswer(None, "TooSlow")] * 1_000
    for number in range(60):
        tell(f"delivery:{number}")
    for run in range(deliver_webhooks.MISSES_AT_MOST):
        call(run * 60 * 7)
    found = WebHook.objects.get()
    assert found.ended_at is not None
    assert not WebHookCall.objects.filter(state="waiting").exists()
    assert TrailLine.objects.filter(verb="webhook.end").count() == 1
