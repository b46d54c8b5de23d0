"""What operations for programs with a key share: the router, which act a key needs, how a refusal is written."""

from __future__ import annotations

from typing import Any

from ninja import Router

from zhiheng.api.answers import Problems
from zhiheng.api.keys import Key, Programs

router = Router(tags=["office"], throttle=[Programs()])


# 401 no key or a dead one, 403 not within its reach, 404 not there, 409 changed meanwhile, 413 too large, 422 wrong,
# 429 too often,
# 503 the store is busy.
WRONG: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 429, 503), Problems)


def asks(act: str) -> dict[str, Any]:
    """What an operation says of itself: the key it needs and the act that its role must have."""
    return {"auth": Key(act), "openapi_extra": {"x-act": act}}


def problem(told: Any) -> dict[str, Any] | None:
    if not told:
        return None
    return {"code": told["code"], "zh": told["zh"], "en": told["en"], "field": told.get("field", "")}


def number_text(value: Any) -> str | None:
    return None if value is None else str(value)
