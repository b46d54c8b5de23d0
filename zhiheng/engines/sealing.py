"""A text that two people of different units can open together, and nobody alone.

The text is encrypted under a random key. The key is split in two shares of which each by itself is pure chance (one is
random, the other is the key XOR the first), and each share stands in a box that the custodians of one side can open.
The database, the backups and one custodian's passphrase together still open nothing. The parts are libsodium's
(PyNaCl): XChaCha20-Poly1305 for the text, X25519 sealed boxes for the shares, argon2id for the passphrase that locks a
custodian's own key.

What is sealed carries the name of its seal: a box that somebody moves to another seal does not open there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal

from nacl import bindings, pwhash
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import Aead, SecretBox
from nacl.utils import random

from zhiheng.engines import refusals
from zhiheng.kernel.reasons import Refused

Side = Literal[1, 2]
KEY: Final = 32
# A sealed text is filled up to a multiple of this, so that its length tells nothing of a name or an address.
BLOCK: Final = 512


@dataclass(frozen=True, slots=True)
class Strength:
    """What one try of a passphrase costs: passes, and bytes of memory, of argon2id."""

    passes: int
    memory: int


MODERATE: Final = Strength(pwhash.argon2id.OPSLIMIT_MODERATE, pwhash.argon2id.MEMLIMIT_MODERATE)
"""About a second and 256 MB: libsodium's measure for keys that are used from time to time."""


@dataclass(frozen=True, slots=True)
class LockedKey:
    """A custodian's pair of keys: the public one, and the private one under their passphrase."""

    public: bytes
    locked: bytes
    salt: bytes
    strength: Strength


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed text, and for each side its share in a box for each of that side's custodians (by their number)."""

    text: bytes
    shares: Mapping[Side, Mapping[int, bytes]]


def new_key(passphrase: str, strength: Strength = MODERATE) -> LockedKey:
    """A new pair of keys under a passphrase; the private key is in memory here, and nowhere else in the clear."""
    private = PrivateKey.generate()
    salt = random(pwhash.argon2id.SALTBYTES)
    return LockedKey(
        bytes(private.public_key), _lock(passphrase, salt, strength).encrypt(bytes(private)), salt, strength
    )


def unlock(key: LockedKey, passphrase: str) -> PrivateKey:
    """The private key, for as long as the act takes; one try costs what the key's strength says.

    Raises Refused where the passphrase is wrong.
    """
    try:
        return PrivateKey(_lock(passphrase, key.salt, key.strength).decrypt(key.locked))
    except CryptoError as cause:
        raise Refused(refusals.passphrase_wrong()) from cause


def relock(key: LockedKey, passphrase: str, new: str, strength: Strength = MODERATE) -> LockedKey:
    """The same pair under another passphrase. Raises Refused where the old one is wrong."""
    private = unlock(key, passphrase)
    salt = random(pwhash.argon2id.SALTBYTES)
    return LockedKey(key.public, _lock(new, salt, strength).encrypt(bytes(private)), salt, strength)


def seal(name: str, text: str, sides: tuple[Mapping[int, bytes], Mapping[int, bytes]]) -> Sealed:
    """Seal a text under the ``name`` of its seal for two sides, each: number of a custodian -> public key.

    Raises ValueError where a side has nobody, or the same key stands on both.
    """
    first, second = sides
    if not first or not second:
        raise ValueError("a seal needs a custodian on each side")
    if set(first.values()) & set(second.values()):
        raise ValueError("the same key on both sides would open a seal alone")
    key, one = random(KEY), random(KEY)
    padded = bindings.sodium_pad(text.encode(), BLOCK)
    return Sealed(
        bytes(Aead(key).encrypt(padded, aad=name.encode())),
        {
            1: {number: _box(name, 1, one, public) for number, public in first.items()},
            2: {number: _box(name, 2, _xor(key, one), public) for number, public in second.items()},
        },
    )


def take_share(name: str, side: Side, box: bytes, private: PrivateKey) -> bytes:
    """The share in a custodian's box. Raises Refused for another's key, and for a box not of this seal."""
    try:
        found = SealedBox(private).decrypt(box)
    except CryptoError as cause:
        raise Refused(refusals.seal_spoiled()) from cause
    if found[:KEY] != _mark(name, side):
        raise Refused(refusals.seal_spoiled())
    return bytes(found[KEY:])


def give_share(name: str, side: Side, share: bytes, public: bytes) -> bytes:
    """A box with a share for somebody else: the other side's custodian in an opening, or a new one of the own side."""
    return _box(name, side, share, public)


def open_sealed(name: str, text: bytes, one: bytes, two: bytes) -> str:
    """The sealed text by both shares. Raises Refused where they are not the two of this seal."""
    try:
        padded = Aead(_xor(one, two)).decrypt(text, aad=name.encode())
    except CryptoError as cause:
        raise Refused(refusals.seal_spoiled()) from cause
    return bytes(bindings.sodium_unpad(padded, BLOCK)).decode()


def _lock(passphrase: str, salt: bytes, strength: Strength) -> SecretBox:
    return SecretBox(
        pwhash.argon2id.kdf(
            SecretBox.KEY_SIZE, passphrase.encode(), salt, opslimit=strength.passes, memlimit=strength.memory
        )
    )


def _box(name: str, side: Side, share: bytes, public: bytes) -> bytes:
    return bytes(SealedBox(PublicKey(public)).encrypt(_mark(name, side) + share))


def _mark(name: str, side: Side) -> bytes:
    return sha256(f"zhiheng.seal:{side}:{name}".encode()).digest()


def _xor(one: bytes, two: bytes) -> bytes:
    if len(one) != KEY or len(two) != KEY:
        raise Refused(refusals.seal_spoiled())
    return bytes(a ^ b for a, b in zip(one, two, strict=True))
