"""The log as tables: entries are added at the end, heads are signed over them, proofs are read from them.

One process at a time adds (``alone``). Nothing here knows what entries are of: that is told in ``actions/log``.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from zhiheng.database import locks
from zhiheng.database.locks import Lock
from zhiheng.database.rows import stream
from zhiheng.engines.transparency import leaves, notes, tree
from zhiheng.engines.transparency.checkpoints import Checkpoint, LogProof, read_checkpoint
from zhiheng.engines.transparency.notes import Note, PrivateKey
from zhiheng.engines.transparency.tiles import WIDTH, Tile, bundle, reader
from zhiheng.kernel.data_folder import inside
from zhiheng.kernel.merkle import root_of
from zhiheng.ledger.models import LogCheckpoint, LogCosignature, LogLeaf

# (number of the row, its name or '', its canonical bytes).
Row = tuple[int, str, bytes]
_AT_ONCE = 5_000


@contextmanager
def alone() -> Iterator[None]:
    """One process adds at a time; a second waits for the first."""
    with locks.alone(Lock.LOG, inside(settings.DATA, ".logging")):
        yield


def size() -> int:
    """How many entries the log has."""
    last = LogLeaf.objects.aggregate(last=Max("id"))["last"]
    return 0 if last is None else last + 1


def last_row(kind: str) -> int:
    """The highest number of a row of this kind that has an entry; 0: none has."""
    return LogLeaf.objects.filter(kind=kind).aggregate(last=Max("row"))["last"] or 0


def logged(kind: str, above: int = -1) -> set[tuple[int, str]]:
    """The rows of a kind that have an entry, by number and name; ``above`` leaves out lower numbers."""
    return set(LogLeaf.objects.filter(kind=kind, row__gt=above).values_list("row", "name"))


def without_entry(kind: str, rows: Iterable[int], above: int = -1) -> Iterator[int]:
    """Of some numbers of rows of a kind, in order, those that have no entry; ``above``: none of them is lower. Both
    sides are walked along, never held.
    """
    found = LogLeaf.objects.filter(kind=kind, row__gt=above).order_by("row").values_list("row", flat=True)
    entries = found.iterator(chunk_size=_AT_ONCE)
    entry = next(entries, None)
    for row in rows:
        while entry is not None and entry < row:
            entry = next(entries, None)
        if entry != row:
            yield row


def count_of(kind: str) -> int:
    """How many rows of a kind have an entry."""
    return LogLeaf.objects.filter(kind=kind).count()


def append(kind: str, added: Sequence[Row]) -> None:
    """Add entries of rows at the end, in their order; the caller works ``alone``."""
    for start in range(0, len(added), _AT_ONCE):
        with transaction.atomic():
            first = size()
            made = []
            for place, (row, name, content) in enumerate(added[start : start + _AT_ONCE], start=first):
                nonce = secrets.token_bytes(leaves.NONCE)
                digest = leaves.commitment(nonce, content)
                made.append(LogLeaf(id=place, kind=kind, row=row, name=name, nonce=nonce, digest=digest))
            LogLeaf.objects.bulk_create(made, batch_size=500)


def last_checkpoint() -> LogCheckpoint | None:
    """The head that was signed last."""
    return LogCheckpoint.objects.order_by("-size").first()


# A head is in its table at the latest so long after the moment that it names.
_SETTLED = dt.timedelta(minutes=2)


def head_printed(at: dt.datetime) -> Checkpoint | None:
    """The head that a paper made at this moment names: the last one of two minutes before, so that the same is found
    at any time afterwards; None where there was none yet.
    """
    last = LogCheckpoint.objects.filter(signed_at__lte=at - _SETTLED).order_by("-size").first()
    return None if last is None else read_checkpoint(notes.read_note(last.note.encode()).text)


def sign(key: PrivateKey, now: dt.datetime) -> LogCheckpoint:
    """Sign the head of the log as it stands; where nothing came since the last one, that one. The caller works
    ``alone``.
    """
    last = last_checkpoint()
    peaks = tree.Peaks(last.size, last.peaks) if last else tree.Peaks()
    for hashes in leaf_hashes(peaks.size):
        for leaf in hashes:
            peaks.add(leaf)
    if last is not None and last.size == peaks.size:
        return last
    head = Checkpoint(key.name, peaks.size, peaks.root())
    note = notes.sign(head.text, key)
    return LogCheckpoint.objects.create(
        size=head.size, root=head.root.hex(), signed_at=now, note=str(note), peaks=peaks.text
    )


def note_of(checkpoint: LogCheckpoint) -> Note:
    """The note of a head with the lines of all witnesses that have signed it."""
    note = notes.read_note(checkpoint.note.encode())
    lines = LogCosignature.objects.filter(checkpoint=checkpoint).order_by("id").values_list("line", flat=True)
    return note.with_signatures([each for line in lines for each in notes.read_signatures(line)])


def leaf_hashes(first: int, last: int | None = None) -> Iterator[list[bytes]]:
    """The leaf hashes of the entries from ``first`` on (to ``last``, not included), in batches."""
    for batch in _entries(first, last):
        yield [leaves.leaf_of(kind, row, name, bytes(digest)) for kind, row, name, digest in batch]


def bundle_of(tile: Tile) -> bytes:
    """The entries of a bundle as it is published."""
    first = tile.place * WIDTH
    batches = _entries(first, first + tile.width)
    return bundle(
        [leaves.entry(kind, row, name, bytes(digest)) for batch in batches for kind, row, name, digest in batch]
    )


def tile_of(tile: Tile) -> bytes:
    """The hashes of a tile, worked out from the entries below it (256 to the power of its level for each hash)."""
    covers = WIDTH ** (tile.level or 0)
    first = tile.place * WIDTH * covers
    below = [leaf for hashes in leaf_hashes(first, first + tile.width * covers) for leaf in hashes]
    return b"".join(root_of(below[i : i + covers]) for i in range(0, len(below), covers))


def read_tree(of: int) -> tree.Read:
    """A reader of the tree over the first ``of`` entries."""
    return reader(tile_of, of)


def proof_of(place: int, checkpoint: LogCheckpoint, extra: bytes = b"") -> LogProof:
    """The proof that an entry is under a signed head, as it is handed out; ``extra`` goes with it unsigned."""
    path = tree.inclusion_proof(read_tree(checkpoint.size), place, checkpoint.size)
    return LogProof(place, tuple(path), note_of(checkpoint), extra)


def _entries(first: int, last: int | None) -> Iterator[list[tuple[str, int, str, bytes]]]:
    until = (1 << 62) if last is None else last
    yield from stream(
        "SELECT kind, row, name, digest FROM ledger_logleaf WHERE id >= %s AND id < %s ORDER BY id", [first, until]
    )
