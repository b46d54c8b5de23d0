"""Public ids and numbers of papers: random, so that they can't be enumerated and reveal no number of the ledger."""

from __future__ import annotations

import secrets

from zhiheng.published.tokens import half_width

# Without 0, 1, i, l, o: they are read out by telephone and typed from a wall.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_LENGTH = 20
_SHOP = 9


def public_id() -> str:
    """Twenty characters, ninety-nine bits."""
    return _random(_LENGTH)


def shop_code() -> str:
    """A code for the wall: nine random characters and one that tells a typing mistake."""
    body = _random(_SHOP)
    return body + _check(body)


def read_shop_code(text: str) -> str | None:
    """A code as typed or scanned (spaces, dashes, capitals), or None where it can't be one."""
    code = "".join(c for c in half_width(text).strip().casefold() if c not in " -·_")
    if len(code) != _SHOP + 1 or any(c not in ALPHABET for c in code) or _check(code[:-1]) != code[-1]:
        return None
    return code


def _random(length: int) -> str:
    """Characters drawn evenly: bytes beyond the last whole multiple are thrown away."""
    whole = 256 - 256 % len(ALPHABET)
    drawn = [byte % len(ALPHABET) for byte in secrets.token_bytes(2 * length) if byte < whole][:length]
    text = "".join(ALPHABET[each] for each in drawn)
    return text if len(text) == length else text + _random(length - len(text))


def _check(body: str) -> str:
    """One wrong character and two neighbours in the wrong order both change it, since 31 is a prime."""
    return ALPHABET[sum(place * ALPHABET.index(c) for place, c in enumerate(body, start=2)) % len(ALPHABET)]
