"""Webhooks over the interface: registered, listed, ended."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from ninja import Schema, Status
from pydantic import Field

from zhiheng.actions.webhooks import end_webhook as ending
from zhiheng.actions.webhooks import register_webhook as registering
from zhiheng.api.answers import Number, Word
from zhiheng.api.keys import ProgramRequest, call_of
from zhiheng.api.office.operation import WRONG, asks, router


class HookIn(Schema):
    """Where to call, after what."""

    url: Annotated[str, Field(max_length=500)]
    events: list[Word] = Field(min_length=1, max_length=20)


class HookNew(Schema):
    """The hook and its signing key, shown this once."""

    hook: int
    key: str
    secret: str


class HookOut(Schema):
    """A hook as it stands."""

    hook: int
    url: str
    events: list[str]
    at: dt.datetime
    failures: int
    paused_until: dt.datetime | None
    ended_at: dt.datetime | None
    ended_why: str


class HookList(Schema):
    """The hooks that this key has registered."""

    hooks: list[HookOut]


@router.post(
    "/webhooks", response={201: HookNew, **WRONG}, summary="登记推送地址 / register a webhook", **asks("webhook.manage")
)
def register_hook(request: ProgramRequest, given: HookIn) -> Status[dict[str, Any]]:
    """HTTPS only, and no address of an inner network."""
    actor = request.auth
    done = registering.register(given.url, given.events, unit=actor.holdings[0].unit, call=call_of(request))
    return Status(201, {"hook": done.hook, "key": done.key, "secret": done.secret})


@router.get(
    "/webhooks", response={200: HookList, **WRONG}, summary="已登记的推送地址 / the webhooks", **asks("webhook.manage")
)
def hooks(request: ProgramRequest) -> dict[str, Any]:
    """Those that were ended stand there too, with why."""
    found = registering.of_owner(request.auth)
    return {
        "hooks": [
            {
                "hook": h.pk,
                "url": h.url,
                "events": h.events,
                "at": h.at,
                "failures": h.failures,
                "paused_until": h.paused_until,
                "ended_at": h.ended_at,
                "ended_why": h.ended_why,
            }
            for h in found
        ]
    }


@router.delete(
    "/webhooks/{hook}", response={204: None, **WRONG}, summary="停用推送地址 / end a webhook", **asks("webhook.manage")
)
def end_hook(request: ProgramRequest, hook: Number) -> Status[None]:
    """From now on nothing is sent there."""
    ending.end(hook, why=ending.BY_OWNER, call=call_of(request))
    return Status(204, None)
