"""A program's key: how it looks, how it is kept, who it is. Only the digest is stored; the key itself is shown once."""

from __future__ import annotations

import datetime as dt
import secrets
from hashlib import sha256

from zhiheng.kernel.actor import Actor
from zhiheng.kernel.reasons import Refusal
from zhiheng.people import refusals
from zhiheng.people.actors import actor_of_token
from zhiheng.people.models import ApiToken

# Scanners of source code find a key that was published by mistake by its beginning.
PREFIX = "zhiheng_"
# Writing down every single use would make each read of a program a write.
NOTED_EVERY = dt.timedelta(minutes=5)


def new_key() -> str:
    """A new key: 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(key: str) -> str:
    """What is stored of a key. It is random, so a fast digest is enough."""
    return sha256(key.encode()).hexdigest()


def actor_of_key(key: str, now: dt.datetime) -> Actor | Refusal:
    """The actor of a token, or why it is refused (one query, and seldom one more)."""
    token = ApiToken.objects.filter(digest=digest_of(key)).first()
    if token is None:
        return refusals.key_unknown()
    if token.revoked_at is not None:
        return refusals.key_revoked()
    if token.last_day < now.date():
        return refusals.key_expired(token.last_day)
    if token.last_used_at is None or now - token.last_used_at >= NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return actor_of_token(token)
