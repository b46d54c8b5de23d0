"""Whose key it is, and what it may."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ninja import Schema

from zhiheng.api.keys import ProgramRequest
from zhiheng.api.office.operation import WRONG, asks, router


class Me(Schema):
    """What a key is and reaches."""

    id: str
    name: str
    acts: list[str]
    roles: list[str]
    unit: str
    last_day: dt.date


@router.get(
    "/me",
    response={200: Me, **WRONG},
    summary="这个令牌是谁的、能做什么 / whose key this is and what it may",
    **asks("api.read"),
)
def me(request: ProgramRequest) -> dict[str, Any]:
    """The token as the platform knows it."""
    actor = request.auth
    (holding,) = actor.holdings
    return {
        "id": actor.id,
        "name": actor.name,
        "acts": sorted(actor.only or ()),
        "roles": [holding.role],
        "unit": holding.unit,
        "last_day": holding.last,
    }
