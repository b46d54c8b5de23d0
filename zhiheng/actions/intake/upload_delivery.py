"""Take an upload from a page or a program: keep the file, record it, queue its receiving.

The file is written to the inbox first and flushed to the disk; then its row and its task are written in one
transaction. A process that dies before leaves at most an unrecorded file, one that dies after leaves a task that will
be done.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from zhiheng.actions import audit
from zhiheng.actions.intake import refusals
from zhiheng.database.content_store import FILES, INBOX, Accepted
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger import chain
from zhiheng.ledger.models import Delivery
from zhiheng.office import leases, task_queue
from zhiheng.office.intake_doors import ACT
from zhiheng.office.lanes import Lane, lane_of_sender
from zhiheng.office.models import Upload
from zhiheng.people import access
from zhiheng.queries.refusals import upload_absent

LIMIT = 2 << 30
# What one enterprise has to say of itself is not larger. However hard to read, a file of this size is received in
# minutes, and a
# department's file, which may come meanwhile, need not wait longer than that.
LIMIT_OF_ENTERPRISES = 32 << 20
NAME_LENGTH = 120


@dataclass(frozen=True)
class Handed:
    """An upload, and whether the same unit had handed in the same file before, so that nothing is received now."""

    upload: Upload
    before: bool


def upload_delivery(
    pieces: Iterable[bytes],
    *,
    name: str,
    unit: str,
    call: Call,
    door: str,
    record: str = "",
    source: str = "",
    subject: int | None = None,
    limit: int = LIMIT,
) -> Handed:
    """Keep the bytes of a file and queue its receiving.

    Args:
        pieces: the bytes, in pieces.
        name: the file's name.
        unit: the sender.
        door: where it came from: ``desk``, ``firm``, ``api`` ...
        record, source: what the sender says the file is, if anything.
        subject: the enterprise that hands in its own.
        limit: most bytes.

    Returns:
        The upload, and whether identical bytes had been handed in before.

    Raises:
        Refused: where the actor may not, or the file is empty or larger than ``limit``.
    """
    _require(call, door, unit, subject)
    known = {one.id for one in call.book[DISTRICT].units}
    if unit not in known:
        raise Refused(refusals.unit_absent(unit))
    most = limit if subject is None else min(limit, LIMIT_OF_ENTERPRISES)
    kept = INBOX.keep_pieces(
        pieces,
        Accepted(most, refusals.file_too_large(most), empty=refusals.file_empty()),
        elsewhere=lambda name: FILES.path_of(name).exists(),
    )
    digest, size = kept.digest, kept.size
    with leases.alone():
        upload = Upload.objects.filter(digest=digest, unit=unit, subject=subject).first()
        before = upload is not None
        if upload is None:
            upload = Upload.objects.create(
                unit=unit,
                subject=subject,
                door=door,
                actor=str(call.actor),
                actor_name=call.actor.name,
                name=clean_name(name),
                digest=digest,
                size=size,
                record=record,
                source=source,
                at=call.now,
            )
            _enqueue(upload, call.actor)
            audit.write(call, "delivery.upload", f"upload:{upload.id}", detail={"file": digest, "unit": unit})
        elif upload.state == Upload.State.DONE and _taken_back(upload):
            # What this file said was withdrawn since: handed in again, it is said again.
            before = False
            _enqueue(upload, call.actor)
            audit.write(call, "delivery.again", f"upload:{upload.id}")
    return Handed(upload, before)


def _taken_back(upload: Upload) -> bool:
    """Whether a delivery of the upload was withdrawn since, or what its rows repeated."""
    for table in upload.result:
        parts = list(Delivery.objects.filter(id__in=table["deliveries"], state=Delivery.State.ACCEPTED))
        gone = Delivery.objects.filter(chain.taken_back(), id__in=[part.id for part in parts]).count()
        if parts and (gone == len(parts) or chain.lost_since(parts)):
            return True
    return False


def receive_again(upload_id: int, *, call: Call) -> Upload:
    """Queue an upload once more: its task had failed, or the book has learned its layout since.

    Returns:
        The upload.

    Raises:
        Refused: where the actor may not, or there is nothing to receive.
    """
    with leases.alone():
        upload = _own(upload_id, call)
        if upload.state in (Upload.State.DONE, Upload.State.FAILED):
            _enqueue(upload, call.actor)
            audit.write(call, "delivery.again", f"upload:{upload.id}")
    return upload


def answer(upload_id: int, *, origin: str, table: str, record: str, source: str, call: Call) -> Upload:
    """Name the record and source of a table whose headings left doubt; it is then received.

    Args:
        origin, table: the file within the upload, and its table.

    Returns:
        The upload.

    Raises:
        Refused: where there is no such table, or the actor may not.
    """
    with leases.alone():
        upload = _own(upload_id, call)
        asked = any(line["origin"] == origin and line["table"] == table for line in upload.result)
        entry = call.book[RECORDS].get(record)
        if not asked or entry is None or source not in entry.sources:
            raise Refused(refusals.no_such_table())
        if upload.state in (Upload.State.DONE, Upload.State.FAILED):
            _enqueue(upload, call.actor, only=[origin, table], record=record, source=source)
            audit.write(call, "delivery.answer", f"upload:{upload.id}", detail={"record": record, "source": source})
    return upload


def clean_name(name: str) -> str:
    """A file name as it may be shown and stored: no folders, no characters that control or turn round a line, not too
    long.
    """
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    name = "".join(" " if c.isspace() else c for c in name if c.isspace() or unicodedata.category(c)[0] != "C")
    name = " ".join(name.split()).lstrip(".").strip()
    if len(name) > NAME_LENGTH:
        stem, dot, ending = name.rpartition(".")
        ending = dot + ending if stem and len(ending) <= 10 else ""
        name = name[: NAME_LENGTH - len(ending) - 1] + "…" + ending
    return name or "未命名 unnamed"


def _require(call: Call, door: str, unit: str, subject: int | None) -> None:
    target: access.ActTarget = {"unit": unit} if subject is None else {"subject": subject}
    access.require(call, ACT[door], **target)


def _own(upload_id: int, call: Call) -> Upload:
    upload: Upload | None = Upload.objects.filter(id=upload_id).first()
    if upload is None:
        raise Refused(upload_absent(upload_id))
    # What a unit's program sent, its people see to: officers who hand in for the unit may also answer for it.
    at_desk = upload.subject is None and (access.may(call, ACT["desk"], unit=upload.unit) is None)
    if not at_desk:
        _require(call, upload.door, upload.unit, upload.subject)
    return upload


def _enqueue(
    upload: Upload, actor: Actor, *, only: list[str] | None = None, record: str = "", source: str = ""
) -> None:
    """Put the receiving in the queue, in the caller's transaction."""
    lane = lane_of_sender(upload.subject)
    queued = task_queue.put(
        "receive_upload",
        upload.id,
        task_queue.packed(actor),
        only,
        record,
        source,
        priority=task_queue.FROM_ENTERPRISES if lane is Lane.ENTERPRISES else task_queue.FROM_DEPARTMENTS,
        lane=lane,
    )
    upload.state, upload.task, upload.finished_at, upload.failure = Upload.State.WAITING, queued, None, {}
    upload.save(update_fields=["state", "task", "finished_at", "failure"])
