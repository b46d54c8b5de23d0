"""The key with which this installation signs credit reports: a file of the data folder that only its owner reads, made
when something is first signed.

It is not the key of the log, so that no signature of the one can pass for the other. Whoever takes a new key moves
``report-key`` away; the public keys of all that ever signed stay in ``report-keys.txt``, so that reports of before can
still be verified.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from django.conf import settings
from nacl.signing import SigningKey

from zhiheng.engines.signed_report import key_id
from zhiheng.kernel.data_folder import inside
from zhiheng.kernel.key_file import list_public, listed_public, made_once


def signing_seed() -> bytes:
    """The private key (32 bytes); made where there is none yet."""
    made = made_once(inside(settings.DATA, "report-key"), lambda: secrets.token_bytes(32).hex() + "\n")
    seed = bytes.fromhex(made.strip())
    public = bytes(SigningKey(seed).verify_key)
    if key_id(public) not in public_keys():
        list_public(inside(settings.DATA, "report-keys.txt"), public.hex())
    return seed


def public_keys() -> Mapping[str, bytes]:
    """Id -> public key of all that ever signed here, the oldest first; nothing where nothing was ever signed."""
    keys = [bytes.fromhex(line) for line in listed_public(inside(settings.DATA, "report-keys.txt"))]
    return {key_id(public): public for public in keys}


__all__ = ["public_keys", "signing_seed"]
