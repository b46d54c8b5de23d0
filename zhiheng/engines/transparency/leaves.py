"""An entry of the log: which row it is of, and a digest that commits to the row without telling it.

Entries are public, rows are not. The digest covers a random number beside the row: who has only the digest can't try
out names and verdicts until one fits; who is given row and number together can check them.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from zhiheng.kernel.merkle import leaf_hash

FORM: Final = "zhiheng-leaf/1"
# Bytes of the random number.
NONCE: Final = 16


def commitment(nonce: bytes, content: bytes) -> bytes:
    """The digest (32 bytes) of a row's canonical bytes under its random number."""
    return sha256(nonce + content).digest()


def entry(kind: str, row: int, name: str, digest: bytes) -> bytes:
    """The entry as it stands in the log: form, kind and number of the row (with its name, where it has one), digest."""
    which = f"{kind} {row} {name}" if name else f"{kind} {row}"
    return f"{FORM}\n{which}\n{digest.hex()}\n".encode()


def leaf_of(kind: str, row: int, name: str, digest: bytes) -> bytes:
    """The leaf hash of the entry."""
    return leaf_hash(entry(kind, row, name, digest))
