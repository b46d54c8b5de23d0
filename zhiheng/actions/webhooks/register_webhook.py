"""Register an address of another system for events; its signing key is shown once."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from zhiheng.actions import audit
from zhiheng.actions.webhooks import refusals
from zhiheng.actions.webhooks.safe_http import Lookup, look_up, place_of
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.reasons import Refused
from zhiheng.office.webhooks import WebHook
from zhiheng.people import access

# What happened -> what people read. Deliveries are told to the unit that sent them, publications to everybody.
EVENTS = {
    "delivery.accepted": ("报送已接收", "a delivery was accepted"),
    "delivery.held": ("报送待确认", "a delivery is held"),
    "delivery.refused": ("报送被退回", "a delivery was refused"),
    "publication.shown": ("已公示", "something was published"),
    "publication.corrected": ("已更正公示", "a publication was corrected"),
    "publication.withdrawn": ("已撤下公示", "a publication was withdrawn"),
}
AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Registered:
    """The hook, and the key with which its messages are signed: hex, shown now and never again."""

    hook: int
    key: str

    @property
    def secret(self) -> str:
        """The same key as libraries for Standard Webhooks take it: whsec_ and its bytes in base64."""
        return f"whsec_{b64encode(bytes.fromhex(self.key)).decode()}"


def signing_key(hook: WebHook) -> str:
    """The key of a hook, from the system's own key and the hook's salt: a copy of the database alone can't sign."""
    return str(salted_hmac("zhiheng.webhook", hook.salt, algorithm="sha256").hexdigest())


def register(url: str, events: Collection[str], *, unit: str, call: Call, lookup: Lookup = look_up) -> Registered:
    """Register a web hook.

    Args:
        events: the events to send.
        unit: whose events.
        lookup: resolves the host name.

    Returns:
        The hook and its signing key, which is shown this once.

    Raises:
        Refused: for an address that must not be called, an event that does not exist, or too many hooks.
    """
    access.require(call, "webhook.manage", unit=unit)
    wanted = list(dict.fromkeys(events))
    if unknown := [event for event in wanted if event not in EVENTS]:
        raise Refused(refusals.event_unknown(unknown[0], EVENTS))
    if not wanted:
        raise Refused(refusals.event_not_chosen())
    place_of(url, plain=settings.WEBHOOKS_INNER, inner=settings.WEBHOOKS_INNER, lookup=lookup)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        if WebHook.objects.filter(owner=call.actor.id, ended_at=None).count() >= AT_MOST:
            raise Refused(refusals.too_many_webhooks(AT_MOST))
        hook = WebHook.objects.create(
            owner=call.actor.id, unit=unit, url=url, events=wanted, salt=secrets.token_hex(16), at=call.now
        )
        audit.write(call, "webhook.register", f"webhook:{hook.pk}", detail={"events": wanted, "unit": unit})
    return Registered(int(hook.pk), signing_key(hook))


def of_owner(actor: Actor) -> list[WebHook]:
    """The hooks of an actor, the latest first, ended ones included."""
    return list(WebHook.objects.filter(owner=actor.id).order_by("-pk")[:200])
