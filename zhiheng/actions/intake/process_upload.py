"""Receive a file that waits in the inbox, and write down table by table what became of it.

The worker may die and begin again: tables that its first attempt received are counted as what they were, facts,
although the second attempt finds them there. So an upload has the same result whether it was interrupted or not.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Max
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from zhiheng.actions.intake import refusals
from zhiheng.actions.intake.receive_delivery import TableResult, receive
from zhiheng.database.content_store import FILES, INBOX, STORES
from zhiheng.database.troubles import trouble_of
from zhiheng.grammar.call import Call
from zhiheng.kernel.progress import Progress, quiet
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.ledger.models import Delivery
from zhiheng.office.intake_doors import ACT
from zhiheng.office.models import Upload

Line = dict[str, Any]


def waiting_file(digest: str) -> Path:
    """Where a file that was handed in lies: in the inbox, or with the delivered files once a table of it was
    received.
    """
    kept = FILES.path_of(digest)
    return kept if kept.exists() else INBOX.path_of(digest)


def take_in(
    upload_id: int,
    *,
    call: Call,
    only: tuple[str, str] | None = None,
    record: str = "",
    source: str = "",
    progress: Progress = quiet,
) -> list[Line]:
    """Receive an upload, or one table of it.

    Args:
        only: (origin, table) of the single table to receive.
        record, source: how its sender named it.

    Returns:
        The result by table.

    Raises:
        Refused: where the upload can't be received at all.
    """
    upload = Upload.objects.get(id=upload_id)
    if upload.after_delivery is None:
        upload.after_delivery = Delivery.objects.aggregate(last=Max("id"))["last"] or 0
    upload.state = Upload.State.RUNNING
    upload.save(update_fields=["state", "after_delivery"])
    try:
        results = receive(
            waiting_file(upload.digest),
            act=ACT[upload.door],
            subject=upload.subject,
            call=call,
            unit=upload.unit,
            name=upload.name,
            only=only,
            record=record or upload.record or None,
            source=source or upload.source or None,
            progress=progress,
        )
    except Refused as refused:
        _failed(upload, refused.refusals[0], call.now)
        return []
    except OSError as cause:
        _failed(upload, refusals.disk_failed(cause), call.now)
        raise
    except DatabaseError as cause:
        trouble = trouble_of(cause)
        _failed(upload, refusals.database_failed(trouble) if trouble else refusals.receiving_broke_off(), call.now)
        raise
    except Exception:
        _failed(upload, refusals.receiving_broke_off(), call.now)
        raise
    lines = [_line(result, upload.after_delivery) for result in results]
    if only is not None:
        said = {(line["origin"], line["table"]): line for line in lines}
        lines = [said.pop((old["origin"], old["table"]), old) for old in upload.result] + list(said.values())
    upload.state, upload.result, upload.failure, upload.finished_at = Upload.State.DONE, lines, {}, call.now
    upload.save(update_fields=["state", "result", "failure", "finished_at"])
    _clear(upload.digest)
    return lines


def take_in_held(delivery_id: int, *, call: Call, progress: Progress = quiet) -> list[TableResult]:
    """Receive the table of a held delivery; run again after an interruption it continues where it was.

    Returns:
        The results by table.

    Raises:
        Refused: where it is not held.
    """
    held = Delivery.objects.get(id=delivery_id, state=Delivery.State.HELD)
    return receive(
        FILES.path_of(held.file_digest),
        act="delivery.confirm",
        call=call,
        unit=held.unit,
        record=held.record,
        source=held.source,
        confirmed=True,
        answers=held.id,
        name=held.file_name.split("/")[0],
        only=(held.file_name, held.table_name),
        progress=progress,
        subject=held.subject,
    )


def close_lost(now: dt.datetime) -> None:
    """Say at every upload whose task has failed for good, because its worker died again and again, that it has."""
    for upload in Upload.objects.filter(state__in=Upload.UNDER_WAY).exclude(task=None):
        if (
            upload.task is not None
            and DBTaskResult.objects.filter(id=upload.task, status=TaskResultStatus.FAILED).exists()
        ):
            _failed(upload, refusals.worker_died(), now)


def _line(result: TableResult, after: int) -> Line:
    """What became of a table, counted over its deliveries: those after ``after`` are this upload's own."""
    line: Line = {
        "origin": result.origin,
        "table": result.table,
        "state": result.state,
        "deliveries": result.deliveries,
        "record": result.record,
        "source": result.source,
        "rows": result.rows,
        "facts": 0,
        "duplicates": 0,
        "refused": 0,
        "skipped": 0,
        "flagged": 0,
        "again": False,
        "notes": result.notes,
        "remarks": [{"code": said.code, "zh": said.zh, "en": said.en} for said in result.remarks],
        "refusal": None
        if result.refusal is None
        else {"code": result.refusal.code, "zh": result.refusal.zh, "en": result.refusal.en},
    }
    if result.state == TableResult.State.ACCEPTED:
        for delivery in Delivery.objects.filter(id__in=result.deliveries):
            own = delivery.id > after
            line["facts"] += delivery.fact_count if own else 0
            line["duplicates"] += delivery.duplicate_count + (0 if own else delivery.fact_count)
            line["refused"] += delivery.refused_count
            line["skipped"] += delivery.skipped_count or 0
            line["flagged"] += delivery.flagged_count
    line["again"] = bool(result.deliveries) and max(result.deliveries) <= after
    return line


def _failed(upload: Upload, why: Refusal, now: dt.datetime) -> None:
    upload.state, upload.finished_at = Upload.State.FAILED, now
    upload.failure = {"code": why.code, "zh": why.zh, "en": why.en}
    upload.save(update_fields=["state", "failure", "finished_at"])


def _clear(digest: str) -> None:
    """Remove a file from the inbox once it is kept and no other upload of it waits."""
    waiting = Upload.objects.filter(digest=digest, state__in=Upload.UNDER_WAY)
    if FILES.path_of(digest).exists() and not waiting.exists():
        INBOX.path_of(digest).unlink(missing_ok=True)


def forget_left_behind(now: dt.datetime) -> int:
    """Remove leftovers of the inbox: partial files, files whose upload could not be recorded, spools of a killed web
    process.

    Only after a day, so that nothing is removed while it is being handed in; returns how many.
    """
    halves = {path for store in STORES for path in store.halves()}
    folders = [INBOX.folder(), Path(settings.FILE_UPLOAD_TEMP_DIR)]
    gone = 0
    for path in halves.union(path for folder in folders if folder.is_dir() for path in folder.iterdir()):
        old = now.timestamp() - path.stat().st_mtime > LEFT_BEHIND_SECONDS
        if old and path.is_file() and not Upload.objects.filter(digest=path.name).exists():
            path.unlink(missing_ok=True)
            gone += 1
    return gone


LEFT_BEHIND_SECONDS = 24 * 3600
