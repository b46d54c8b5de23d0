"""Write the bulk files of what is published anew, and hand out the new ones in one moment.

A file that holds something taken down since is never handed out: the withdrawal marks it in its own transaction, and if
one comes while files are being written, they are written again.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.engines.transparency.spoken import spoken
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.kernel.data_folder import inside
from zhiheng.ledger import bulk
from zhiheng.people import access
from zhiheng.published import log_files, open_data
from zhiheng.published.ids import public_id
from zhiheng.published.models import ListState, OpenFile, Withdrawal
from zhiheng.queries import publishable

# Files with so many rows are made anew at once after a withdrawal; longer ones by the background.
AT_ONCE = 20_000
_TRIES = 5
_YOUNG = dt.timedelta(hours=6)


def folder() -> Path:
    """Where bulk files lie."""
    return inside(settings.DATA, "open-data")


def rebuild(
    *,
    call: Call,
    lists: Iterable[str] | None = None,
    only_stale: bool = False,
    progress: Callable[[str, int, int | None], None] | None = None,
) -> list[str]:
    """Write the open data files.

    Args:
        lists: the lists to write; all where none are given.
        only_stale: those that hold withdrawn entries or are older than their list.

    Returns:
        The names of the files.

    Raises:
        Refused: where the actor may not.
    """
    access.require(call, "publication.approve")
    chapter = publishable.chapter(call.book)
    wanted = [record for record, rule in chapter.rules.items() if lists is None or rule.list in set(lists)]
    if only_stale:
        fresh = _fresh(call.today)
        wanted = [record for record in wanted if record not in fresh]
    made: list[str] = []
    for number, record in enumerate(wanted, start=1):
        made += _rebuild_record(record, chapter.rules[record].list, call.book, call.now)
        if progress:
            progress("写出开放数据 writing open data", number, len(wanted))
    if made or not only_stale:
        made += _rebuild_taken_down(call.book, call.now)
        with transaction.atomic():
            bulk.lock()
            audit.write(call, "publication.open_data", f"{len(made)} files", detail={"files": made})
    return made


def after_a_withdrawal(lists: Sequence[str], *, book: Book, now: dt.datetime) -> None:
    """Make small files anew at once; long ones stay locked until the background has done it."""
    sizes = dict(ListState.objects.filter(list__in=lists).values_list("list", "shown"))
    short = [name for name in lists if sizes.get(name, 0) <= AT_ONCE]
    # Where nobody has asked for open data yet there is nothing to mend.
    if short and OpenFile.objects.filter(list__in=short).exists():
        rebuild(call=Call(SYSTEM, book, now), lists=short)


def _fresh(today: dt.date) -> set[str]:
    versions = dict(ListState.objects.values_list("list", "version"))
    return {
        file.name.partition(".")[0]
        for file in OpenFile.objects.filter(stale=False, format="json").exclude(list=open_data.TAKEN_DOWN)
        if file.version >= versions.get(file.list, 0) and (file.good_through is None or file.good_through >= today)
    }


def _head(book: Book, now: dt.datetime) -> dict[str, object]:
    portal = publishable.chapter(book).portal
    head = log_files.head()
    # Which log was in force when the file was written: whoever keeps the file can hold the platform to it.
    of_log = (
        {}
        if head is None
        else {
            "public_log": {
                "origin": head.origin,
                "size": head.size,
                "root": head.root.hex(),
                "words": spoken(head),
            }
        }
    )
    return of_log | {
        "source": portal.name.model_dump(),
        "operator": portal.operator.model_dump(),
        "updated": now.isoformat(timespec="seconds"),
        "terms": {
            "title": portal.terms.label.model_dump(),
            "text": portal.terms.says.model_dump(),
            "url": portal.terms.url,
        },
    }


def _rebuild_record(record: str, of_list: str, book: Book, now: dt.datetime) -> list[str]:
    for attempt in range(_TRIES):
        state = ListState.objects.filter(list=of_list).first()
        version = state.version if state else 0
        before = _last_withdrawal(of_list)
        place = _place()
        written = open_data.write(record, place, today=now.date(), head=_head(book, now))
        with transaction.atomic():
            bulk.lock()
            late = _last_withdrawal(of_list) > before
            if late and attempt + 1 < _TRIES:
                shutil.rmtree(place)
                continue
            _hand_out(written, of_list, record, place, version, now, stale=late)
            if not late and not OpenFile.objects.filter(list=of_list, stale=True).exists():
                Withdrawal.objects.filter(list=of_list, pk__lte=before, files_at__isnull=True).update(files_at=now)
            break
    _sweep(now)
    return [f"{record}.{each.format}" for each in written]


def _rebuild_taken_down(book: Book, now: dt.datetime) -> list[str]:
    place = _place()
    written = open_data.write_taken_down(place, head=_head(book, now))
    with transaction.atomic():
        bulk.lock()
        _hand_out(written, open_data.TAKEN_DOWN, open_data.TAKEN_DOWN, place, 0, now, stale=False)
    _sweep(now)
    return [f"{open_data.TAKEN_DOWN}.{each.format}" for each in written]


def _last_withdrawal(of_list: str) -> int:
    return int(Withdrawal.objects.filter(list=of_list).order_by("-pk").values_list("pk", flat=True).first() or 0)


def _place() -> Path:
    place = folder() / public_id()
    place.mkdir(parents=True)
    return place


def _hand_out(
    written: Sequence[open_data.Written],
    of_list: str,
    record: str,
    place: Path,
    version: int,
    now: dt.datetime,
    *,
    stale: bool,
) -> None:
    for each in written:
        OpenFile.objects.update_or_create(
            name=f"{record}.{each.format}",
            defaults={
                "list": of_list,
                "format": each.format,
                "path": f"{place.name}/{each.path.name}",
                "digest": each.digest,
                "size": each.size,
                "rows": each.rows,
                "built_at": now,
                "version": version,
                "good_through": each.good_through,
                "stale": stale,
            },
        )


def _sweep(now: dt.datetime) -> None:
    """Remove folders that no file of the table names any more.

    Not the young ones: another process may be writing there. A reader that has a file open keeps it until its end.
    """
    named = {path.partition("/")[0] for path in OpenFile.objects.values_list("path", flat=True)}
    for place in folder().iterdir():
        if place.is_dir() and place.name not in named and place.stat().st_mtime < (now - _YOUNG).timestamp():
            shutil.rmtree(place, ignore_errors=True)
