"""Signed notes: a text with a line for each signature, and the keys that sign and verify them.

A key has a name (an address without its scheme) and an id of four bytes, made of the name, the kind of signature and
the public key. Two kinds are known here: Ed25519 over the text, and a witness's cosignature, which says at what second
it was given. Sources: C2SP signed-note (with the keys' text form of Go's sumdb/note), C2SP tlog-cosignature.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from typing import Final

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from zhiheng.engines.transparency import refusals
from zhiheng.kernel.reasons import Refused

# What is refused unread: a note of a log has some hundred bytes, sixteen signatures of the longest kind some 80,000.
LARGEST: Final = 200_000
_MOST_SIGNATURES: Final = 100
_DASH: Final = "— "
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_PRIVATE: Final = "PRIVATE+KEY"


class KeyKind(IntEnum):
    """What a signature is of; the number is its byte in the key."""

    ED25519 = 1
    COSIGNATURE = 4


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that verifies: its name, its kind, the 32 bytes of the Ed25519 public key."""

    name: str
    kind: KeyKind
    key: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature names its key."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.key).digest()[:4]

    def __str__(self) -> str:
        """The form in which keys are handed round: name, id in hex, kind and key in Base64, joined by plus signs."""
        return f"{self.name}+{self.id.hex()}+{_text(bytes([self.kind]) + self.key)}"

    def holds(self, text: str, signature: bytes) -> bool:
        """Whether a signature (without the id of its key) is this key's over the text."""
        if self.kind is KeyKind.COSIGNATURE:
            if len(signature) != 72 or (second := cosigned_at(signature)) >= 1 << 63:
                return False
            message, signed = cosigned_text(text, second), signature[8:]
        else:
            message, signed = text.encode(), signature
        try:
            VerifyKey(self.key).verify(message, signed)
        except (BadSignatureError, ValueError, TypeError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key that signs. Its seed (32 bytes) is never shown: not by ``repr`` either."""

    name: str
    kind: KeyKind
    seed: bytes

    def __repr__(self) -> str:
        return f"PrivateKey({self.name!r}, {self.kind.name})"

    @property
    def public(self) -> PublicKey:
        """The key that verifies what this one signs."""
        return PublicKey(self.name, self.kind, bytes(SigningKey(self.seed).verify_key))

    def secret_text(self) -> str:
        """The form in which it is kept in a file that only its owner reads."""
        return f"{_PRIVATE}+{self.name}+{self.public.id.hex()}+{_text(bytes([self.kind]) + self.seed)}"

    def sign(self, text: str, second: int = 0) -> NoteSignature:
        """The signature over a text that ends with a line feed; a witness's says its second (since 1970, UTC)."""
        signer = SigningKey(self.seed)
        if self.kind is KeyKind.COSIGNATURE:
            signed = second.to_bytes(8, "big") + signer.sign(cosigned_text(text, second)).signature
        else:
            signed = signer.sign(text.encode()).signature
        return NoteSignature(self.name, self.public.id, signed)


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """A line of a note: whose key, the id of the key, and what it signed with."""

    name: str
    id: bytes
    signed: bytes

    @property
    def line(self) -> str:
        """The line, with its line feed."""
        return f"{_DASH}{self.name} {_text(self.id + self.signed)}\n"

    def is_by(self, key: PublicKey) -> bool:
        """Whether it says to be this key's; whether it is, ``PublicKey.holds`` tells."""
        return (self.name, self.id) == (key.name, key.id)


@dataclass(frozen=True, slots=True)
class Note:
    """A text, which ends with a line feed, and the signatures under it, verified or not."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(signature.line for signature in self.signatures)}"

    def signed_by(self, keys: Iterable[PublicKey]) -> list[tuple[PublicKey, NoteSignature]]:
        """The first signature of each key, verified; keys that did not sign are left out.

        Raises Refused where a signature that names one of the keys does not hold: such a note is not to be relied on.
        """
        found = list[tuple[PublicKey, NoteSignature]]()
        for key in keys:
            own = [signature for signature in self.signatures if signature.is_by(key)]
            if any(not key.holds(self.text, signature.signed) for signature in own[:1]):
                raise Refused(refusals.signature_spoiled(key.name))
            found += [(key, signature) for signature in own[:1]]
        return found

    def with_signatures(self, more: Sequence[NoteSignature]) -> Note:
        """The note with further lines; of a key that has signed already the newer line stays."""
        new = {(signature.name, signature.id) for signature in more}
        kept = [signature for signature in self.signatures if (signature.name, signature.id) not in new]
        return Note(self.text, (*kept, *more))


def sign(text: str, *keys: PrivateKey) -> Note:
    """A note with this text, signed by these keys."""
    return Note(text, tuple(key.sign(text) for key in keys))


def read_note(raw: bytes) -> Note:
    """A note as it was handed over; nothing is verified yet. Raises Refused where it is none."""
    if len(raw) > LARGEST:
        raise Refused(refusals.unreadable("note", f"{len(raw)} bytes"))
    try:
        whole = raw.decode("utf-8")
    except UnicodeDecodeError as cause:
        raise Refused(refusals.unreadable("note", "UTF-8")) from cause
    text, gap, lines = whole.rpartition("\n\n")
    if not gap or not lines.endswith("\n") or _CONTROL.search(whole):
        raise Refused(refusals.unreadable("note", "text, empty line, signatures"))
    return Note(text + "\n", tuple(read_signatures(lines)))


def read_signatures(lines: str) -> list[NoteSignature]:
    """The lines of signatures, one a line. Raises Refused where one is none."""
    found = list[NoteSignature]()
    for line in lines.split("\n")[:-1]:
        name, _, signed = line.removeprefix(_DASH).partition(" ")
        raw = _bytes(signed)
        if not line.startswith(_DASH) or not is_name(name) or len(raw) < 5 or len(found) == _MOST_SIGNATURES:
            raise Refused(refusals.unreadable("signature", line[:80]))
        found.append(NoteSignature(name, raw[:4], raw[4:]))
    return found


def read_public_key(text: str) -> PublicKey:
    """A key in the form in which keys are handed round. Raises Refused where it is none, or its id is not its own."""
    name, _, rest = text.strip().partition("+")
    id_text, _, material = rest.partition("+")
    raw = _bytes(material)
    if is_name(name) and len(raw) == 33 and raw[0] in set(KeyKind):
        key = PublicKey(name, KeyKind(raw[0]), raw[1:])
        if key.id.hex() == id_text:
            return key
    raise Refused(refusals.unreadable("public key", text[:80]))


def read_private_key(text: str) -> PrivateKey:
    """A key as it is kept. Raises Refused where it is none; the text is not shown."""
    name, _, rest = text.strip().removeprefix(f"{_PRIVATE}+").partition("+")
    id_text, _, material = rest.partition("+")
    raw = _bytes(material)
    if text.startswith(_PRIVATE) and is_name(name) and len(raw) == 33 and raw[0] in set(KeyKind):
        found = PrivateKey(name, KeyKind(raw[0]), raw[1:])
        if found.public.id.hex() == id_text:
            return found
    raise Refused(refusals.unreadable("private key", "PRIVATE+KEY+…"))


def is_name(text: str) -> bool:
    """Whether a text can be the name of a key: something, without spaces and plus signs."""
    return bool(text) and "+" not in text and not any(character.isspace() for character in text)


def cosigned_at(signed: bytes) -> int:
    """The second of a witness's signature."""
    return int.from_bytes(signed[:8], "big")


def cosigned_text(text: str, second: int) -> bytes:
    """What a witness signs: a line that says what it is, a line with the second, and the text of the note."""
    return f"cosignature/v1\ntime {second}\n{text}".encode()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _bytes(text: str) -> bytes:
    """The bytes of a Base64 text in its only form; nothing where it is not."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return b""
    return raw if _text(raw) == text else b""
