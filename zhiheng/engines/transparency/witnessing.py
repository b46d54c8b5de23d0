"""What a witness is asked and what it answers: a cosignature only for a checkpoint that continues the one before.

Source: C2SP tlog-witness (``add-checkpoint``). Keeping the state and speaking HTTP is the caller's: between reading the
state and writing it nobody else may write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from zhiheng.engines.transparency import notes, refusals
from zhiheng.engines.transparency.checkpoints import (
    LONGEST_PROOF,
    Checkpoint,
    hash_of,
    hash_text,
    number,
    open_checkpoint,
    read_checkpoint,
)
from zhiheng.engines.transparency.notes import Note, PrivateKey, PublicKey
from zhiheng.engines.transparency.tree import check_consistency
from zhiheng.kernel.merkle import EMPTY_ROOT
from zhiheng.kernel.reasons import Refused

# The kind of text that says which size the witness has.
SIZE_TYPE: Final = "text/x.tlog.size"
NOTHING: Final = (0, EMPTY_ROOT)


@dataclass(frozen=True, slots=True)
class WitnessRequest:
    """A checkpoint to be cosigned, and the proof that it continues the one of ``old`` entries."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    def __str__(self) -> str:
        return f"old {self.old}\n" + "".join(f"{hash_text(step)}\n" for step in self.proof) + f"\n{self.note}"


def read_request(raw: bytes) -> WitnessRequest:
    """A request as it came. Raises Refused where it is none."""
    head, gap, rest = raw.partition(b"\n\n")
    lines = head.decode("ascii", "replace").split("\n")
    if not gap or not lines[0].startswith("old ") or len(lines) > 1 + LONGEST_PROOF:
        raise Refused(refusals.unreadable("add-checkpoint", lines[0][:80]))
    return WitnessRequest(
        number(lines[0].removeprefix("old ")), tuple(hash_of(line) for line in lines[1:]), notes.read_note(rest)
    )


@dataclass(frozen=True, slots=True)
class WitnessAnswer:
    """What the witness answers, and (where it cosigns) the head that it must have written down before it does."""

    status: HTTPStatus
    body: str
    content_type: str = "text/plain; charset=utf-8"
    seen: Checkpoint | None = None


def answer(
    raw: bytes,
    *,
    logs: Mapping[str, Sequence[PublicKey]],
    seen: Mapping[str, tuple[int, bytes]],
    key: PrivateKey,
    second: int,
) -> WitnessAnswer:
    """The answer to a request. ``logs`` are the keys that the witness trusts, by the origin of the log; ``seen`` the
    size and root that it cosigned last, by origin; ``key`` signs at the ``second``.
    """
    try:
        request = read_request(raw)
        asked = read_checkpoint(request.note.text)
    except Refused as cause:
        return _no(HTTPStatus.BAD_REQUEST, cause)
    if asked.origin not in logs:
        return WitnessAnswer(HTTPStatus.NOT_FOUND, "unknown log\n")
    try:
        open_checkpoint(request.note, logs[asked.origin])
    except Refused as cause:
        return _no(HTTPStatus.FORBIDDEN, cause)
    if request.old > asked.size:
        return WitnessAnswer(HTTPStatus.BAD_REQUEST, f"old size {request.old} is beyond the size {asked.size}\n")
    size, root = seen.get(asked.origin, NOTHING)
    if request.old != size:
        return WitnessAnswer(HTTPStatus.CONFLICT, f"{size}\n", SIZE_TYPE)
    if size == asked.size and root != asked.root:
        return WitnessAnswer(HTTPStatus.CONFLICT, f"{size}\n", SIZE_TYPE)
    try:
        check_consistency(size, asked.size, request.proof, root, asked.root)
    except Refused as cause:
        return _no(HTTPStatus.UNPROCESSABLE_ENTITY, cause)
    return WitnessAnswer(HTTPStatus.OK, key.sign(request.note.text, second).line, seen=asked)


def _no(status: HTTPStatus, cause: Refused) -> WitnessAnswer:
    return WitnessAnswer(status, "".join(f"{refusal.en}\n" for refusal in cause.refusals))
