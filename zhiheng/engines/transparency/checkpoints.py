"""A checkpoint: which log, how many entries it has, and their root; and a proof that an entry is in it.

Sources: C2SP tlog-checkpoint, C2SP tlog-proof.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from zhiheng.engines.transparency import notes, refusals
from zhiheng.engines.transparency.notes import Note, PublicKey
from zhiheng.engines.transparency.tree import check_inclusion
from zhiheng.kernel.reasons import Refused

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_PROOF: Final = "c2sp.org/tlog-proof@v1"
# A path to the root of a tree has at most this many hashes.
LONGEST_PROOF: Final = 63


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: its origin (an address without scheme), how many entries, the root over them (32 bytes)."""

    origin: str
    size: int
    root: bytes
    # Lines of others that carry no meaning here; they are signed with the rest.
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed."""
        lines = (self.origin, str(self.size), hash_text(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def read_checkpoint(text: str) -> Checkpoint:
    """The checkpoint that the text of a note is. Raises Refused where it is none."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise Refused(refusals.unreadable("checkpoint", text[:80]))
    return Checkpoint(lines[0], number(lines[1]), hash_of(lines[2]), tuple(lines[3:-1]))


def open_checkpoint(note: Note, keys: Iterable[PublicKey]) -> tuple[Checkpoint, list[PublicKey]]:
    """The checkpoint of a note and which of the keys signed it. Raises Refused where none did, or one does not hold."""
    known = list(keys)
    signed = [key for key, _ in note.signed_by(known)]
    if not signed:
        raise Refused(refusals.not_signed("、".join(key.name for key in known)))
    return read_checkpoint(note.text), signed


@dataclass(frozen=True, slots=True)
class LogProof:
    """That an entry stands at a place of a log, as a text that is checked without the log."""

    index: int
    path: tuple[bytes, ...]
    note: Note
    extra: bytes = b""

    def __str__(self) -> str:
        extra = [f"extra {base64.b64encode(self.extra).decode('ascii')}"] if self.extra else []
        lines = [_PROOF, *extra, f"index {self.index}", *(hash_text(step) for step in self.path)]
        return "".join(f"{line}\n" for line in lines) + f"\n{self.note}"

    def check(self, leaf: bytes, keys: Iterable[PublicKey]) -> tuple[Checkpoint, list[PublicKey]]:
        """The checkpoint that covers the entry with this leaf hash, and who signed it. Raises Refused where it does
        not.
        """
        checkpoint, signed = open_checkpoint(self.note, keys)
        check_inclusion(leaf, self.index, checkpoint.size, self.path, checkpoint.root)
        return checkpoint, signed


def read_proof(raw: bytes) -> LogProof:
    """A proof as it was handed over; nothing is verified yet. Raises Refused where it is none."""
    head, gap, rest = raw.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as cause:
        raise Refused(refusals.unreadable("tlog-proof", "ASCII")) from cause
    extra = b""
    if lines[0] != _PROOF or not gap:
        raise Refused(refusals.unreadable("tlog-proof", lines[0][:80]))
    if len(lines) > 1 and lines[1].startswith("extra "):
        extra = _decoded(lines.pop(1).removeprefix("extra "))
    if len(lines) < 2 or not lines[1].startswith("index ") or len(lines) > 2 + LONGEST_PROOF:
        raise Refused(refusals.unreadable("tlog-proof", "index"))
    index = number(lines[1].removeprefix("index "))
    return LogProof(index, tuple(hash_of(line) for line in lines[2:]), notes.read_note(rest), extra)


def number(text: str) -> int:
    """A count in decimal digits, without zeros before it. Raises Refused where it is none."""
    if _NUMBER.fullmatch(text) is None:
        raise Refused(refusals.unreadable("number", text[:40]))
    return int(text)


def hash_text(digest: bytes) -> str:
    """A hash as it stands in a line."""
    return base64.b64encode(digest).decode("ascii")


def hash_of(text: str) -> bytes:
    """The hash (32 bytes) of a line. Raises Refused where it is none."""
    raw = _decoded(text)
    if len(raw) != 32:
        raise Refused(refusals.unreadable("SHA-256", text[:60]))
    return raw


def _decoded(text: str) -> bytes:
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as cause:
        raise Refused(refusals.unreadable("Base64", text[:60])) from cause
    if base64.b64encode(raw).decode("ascii") != text:
        raise Refused(refusals.unreadable("Base64", text[:60]))
    return raw
