"""What a telephone shows as second factor, for those who sign in without one: benchmarks and tests."""

from __future__ import annotations

import base64
import hmac

STEP = 30


def shown_at(secret: str, at: float) -> str:
    """The six digits of an authenticator with this secret (base32) at a moment in seconds since 1970 (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, int(at // STEP).to_bytes(8, "big"), "sha1")
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"
