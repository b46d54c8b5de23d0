"""The key that signs the heads of the log: a file of the data folder that only its owner reads, made when first used.

Its name is the origin of the log and stays for good. Who takes a new key (docs/how-to/witnesses.md) moves the file
away: the next one has the same name, and the public keys of all that ever signed stand in a second file.
"""

from __future__ import annotations

from django.conf import settings
from nacl.utils import random

from zhiheng.engines.transparency import notes
from zhiheng.engines.transparency.notes import KeyKind, PrivateKey, PublicKey
from zhiheng.kernel.data_folder import inside
from zhiheng.kernel.key_file import list_public, listed_public, made_once


def own_key() -> PrivateKey:
    """The key of this installation; made where there is none yet."""
    key = notes.read_private_key(made_once(inside(settings.DATA, "log-key"), _secret))
    if key.public not in known_keys():
        list_public(inside(settings.DATA, "log-keys.txt"), str(key.public))
    return key


def known_keys() -> list[PublicKey]:
    """The public keys of all that ever signed here, the oldest first."""
    return [notes.read_public_key(line) for line in listed_public(inside(settings.DATA, "log-keys.txt"))]


def _secret() -> str:
    """A new key; its name is that of the first one."""
    name = next((key.name for key in known_keys()), "") or settings.LOG_ORIGIN
    return PrivateKey(name, KeyKind.ED25519, random(32)).secret_text() + "\n"
