"""What runs in the background: each task reads the clock, opens the book, calls one action.

Every task may be killed at any moment and is then run again from its beginning (office/leases.py), so each brings about
the same state however often it has begun. After a delivery one task follows the other: lake, read models, proposals for
publication; one that waits already is not put in the queue a second time.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.utils import timezone
from django_tasks import task
from django_tasks.base import Task

from zhiheng.actions.accounts.purge_expired import forget_expired
from zhiheng.actions.cases import act_in_many, remake_standings
from zhiheng.actions.cases import watch_facts as watching
from zhiheng.actions.cases import withdraw_struck_facts as struck
from zhiheng.actions.cases.make_documents import make_documents
from zhiheng.actions.facts.verify_ledger import verify_ledger
from zhiheng.actions.intake.process_upload import Line, take_in, take_in_held
from zhiheng.actions.log.append_leaves import append_leaves
from zhiheng.actions.log.ask_witnesses import ask_witnesses
from zhiheng.actions.log.publish_log import publish_log
from zhiheng.actions.messages import remind
from zhiheng.actions.messages.deliver import deliver
from zhiheng.actions.messages.remind import climb_unread as climb
from zhiheng.actions.messages.remind import remind_all, settle_done
from zhiheng.actions.objections import carry_over, mark_contested
from zhiheng.actions.projections.project_lake import project_lake as project_new_facts
from zhiheng.actions.projections.refresh_projections import refresh
from zhiheng.actions.publication.announce_publications import tell_publications
from zhiheng.actions.publication.expire_publications import expire
from zhiheng.actions.publication.propose_publication import propose
from zhiheng.actions.publication.publish_statistics import publish_statistics as compute_statistics
from zhiheng.actions.publication.rebuild_open_data import rebuild
from zhiheng.actions.ratings.keep_backtests import keep_backtests
from zhiheng.actions.ratings.keep_ratings import keep_ratings
from zhiheng.actions.warnings.find_signals import find_signals
from zhiheng.actions.webhooks.deliver_webhooks import announce, call_waiting
from zhiheng.analytics.lake import Lake
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.early_warning import WARNINGS
from zhiheng.grammar.loader import current
from zhiheng.kernel.actor import SYSTEM
from zhiheng.kernel.data_folder import inside
from zhiheng.kernel.progress import Progress, quiet
from zhiheng.kernel.reasons import Refused
from zhiheng.office import leases
from zhiheng.office.lanes import Lane
from zhiheng.office.models import Upload
from zhiheng.office.task_queue import PROPOSING, put_once, unpacked
from zhiheng.projections.models import Refresh
from zhiheng.queries.data_checks import run_checks
from zhiheng.queries.figures import lake_of

logger = logging.getLogger("zhiheng.worker")
_Words = ParamSpec("_Words")
_Answer = TypeVar("_Answer")


# The queue is no archive: what finished so long ago is removed; the trail and the ledger say what was done.
KEPT = dt.timedelta(days=90)


class GiveWay(BaseException):
    """Raised out of a progress report where the worker is to stop: nothing may catch it on the way but the worker."""


_watcher: ContextVar[Progress] = ContextVar("watcher", default=quiet)


@contextmanager
def watched(by: Progress) -> Iterator[None]:
    """Reports of tasks that run inside go to ``by``."""
    token = _watcher.set(by)
    try:
        yield
    finally:
        _watcher.reset(token)


def report(what: str, done: int, total: int | None) -> None:
    """Say how far the task is."""
    _watcher.get()(what, done, total)


def book() -> Book:
    """The book of this installation, with the headings that were accepted here."""
    return current(Path(settings.BOOK), inside(settings.DATA, "book-additions"))


def now() -> dt.datetime:
    """The only place where tasks read the clock."""
    return timezone.localtime()


def lake() -> Lake:
    """The lake of this installation."""
    return lake_of(book())


def in_background(lane: Lane) -> Callable[[Callable[_Words, _Answer]], Task[_Words, _Answer]]:
    """A decorator: a function of this module as a task that can wait in the queue, in this lane."""

    def made(function: Callable[_Words, _Answer]) -> Task[_Words, _Answer]:
        return task(queue_name=lane.value)(function)

    return made


# -- receiving ---------------------------------------------------------------------------------------------------------


@in_background(Lane.DEPARTMENTS)
def receive_upload(
    upload: int, actor: dict[str, Any], only: list[str] | None = None, record: str = "", source: str = ""
) -> dict[str, int]:
    """Receive a file that was handed in; ``only`` is the (origin, table) of a question that was answered."""
    lines = take_in(
        upload,
        call=Call(unpacked(actor), book(), now()),
        only=None if only is None else (only[0], only[1]),
        record=record,
        source=source,
        progress=report,
    )
    facts = sum(line["facts"] for line in lines)
    _tell(upload, lines)
    if facts:
        follow_up()
    return {"tables": len(lines), "facts": facts}


def _tell(upload: int, lines: Sequence[Line]) -> None:
    """Put a message down for the systems of the unit: what became of each table, by its numbers only."""
    unit = Upload.objects.values_list("unit", flat=True).get(id=upload)
    for line in lines:
        if line["deliveries"] and line["state"] in ("accepted", "held", "refused"):
            names = ("record", "source", "state", "deliveries", "rows", "facts", "duplicates", "refused", "flagged")
            told = {
                "upload": upload,
                "file": line["origin"],
                "table": line["table"],
                **{name: line[name] for name in names},
            }
            announce(f"delivery.{line['state']}", f"delivery:{line['deliveries'][0]}", told, now=now(), unit=unit)


@in_background(Lane.DEPARTMENTS)
def receive_held(delivery: int, actor: dict[str, Any]) -> dict[str, int]:
    """Receive a table that was held for its volume and has been confirmed."""
    results = take_in_held(delivery, call=Call(unpacked(actor), book(), now()), progress=report)
    follow_up()
    return {"tables": len(results), "facts": sum(result.facts for result in results)}


# -- what follows a delivery -------------------------------------------------------------------------------------------


def follow_up() -> None:
    """Bring everything that is derived from the ledger up to date, in the background."""
    put_once("project_lake")


FINDINGS_KEPT = 200


@in_background(Lane.DEPARTMENTS)
def verify_the_ledger(actor: dict[str, Any]) -> dict[str, Any]:
    """Verify the whole ledger on request; the report is kept with the task."""
    told = verify_ledger(
        call=Call(unpacked(actor), book(), now()),
        progress=lambda done, total: report("核验账本 verifying the ledger", done, total),
    )
    return {
        "at": now().isoformat(),
        "facts": told.facts,
        "deliveries": told.deliveries,
        "head": told.head,
        "count": len(told.findings),
        "findings": [{"zh": one.zh, "en": one.en} for one in told.findings[:FINDINGS_KEPT]],
    }


@in_background(Lane.DEPARTMENTS)
def check_the_data() -> dict[str, Any]:
    """Run the integrity checks of the tables; the page of checks reads the report that is kept with the task."""
    told = run_checks(
        call=Call(SYSTEM, book(), now()),
        progress=lambda done, total: report("核查数据 checking the data", done, total),
    )
    return {"at": told.at.isoformat(), "found": {one.id: one.count for one in told.results}}


@in_background(Lane.DEPARTMENTS)
def project_lake() -> dict[str, int]:
    """Project what is new in the ledger into the lake."""
    done = project_new_facts(lake(), actor=SYSTEM, now=now(), progress=report)
    put_once("refresh_projections")
    return {"facts": done.facts, "files": done.files}


@in_background(Lane.DEPARTMENTS)
def check_lake() -> dict[str, int]:
    """Look at every byte of the lake, and make anew what is not as it was written: figures are computed and published
    from it.
    """
    done = project_new_facts(lake(), actor=SYSTEM, now=now(), progress=report, thorough=True)
    if done.facts and done.from_id == 1:
        # What was computed from the damaged bytes is not what the ledger says.
        Refresh.objects.filter(part="figures").update(edition="")
    put_once("refresh_projections")
    return {"facts": done.facts, "rebuilt": len(done.rebuilt)}


@in_background(Lane.DEPARTMENTS)
def refresh_projections() -> dict[str, Any]:
    """Bring cards, search, stored figures and dues up to the ledger."""
    done = refresh(Call(SYSTEM, book(), now()), report, lake=lake())
    keep_ratings(lake(), call=Call(SYSTEM, book(), now()))
    put_once("propose_publications", PROPOSING)
    # What was handed in need not be reminded of any more.
    settle_done(call=Call(SYSTEM, book(), now()))
    return dict(done.as_json())


def _deliveries_wait() -> bool:
    """Whether anything more urgent waits in the lane of departments."""
    return leases.waits((Lane.DEPARTMENTS,), above=PROPOSING)


@in_background(Lane.DEPARTMENTS)
def propose_publications() -> dict[str, int]:
    """Find what the book wants to be published, and what must be taken back."""
    done = propose(call=Call(SYSTEM, book(), now()), progress=report, enough=_deliveries_wait)
    if done.left:
        put_once("propose_publications", PROPOSING)
    return {"facts": done.facts, "proposed": sum(done.made.values())}


@in_background(Lane.DUTIES)
def mark_objections() -> dict[str, int]:
    """Say on what is shown that an enterprise objects, and take that back once the objection is settled."""
    return {"entries": mark_contested.mark(call=Call(SYSTEM, book(), now()))}


@in_background(Lane.DUTIES)
def carry_over_objections() -> dict[str, int]:
    """Make cases of the objections that were raised before objections were cases."""
    return {"objections": carry_over.carry_over(call=Call(SYSTEM, book(), now()))}


@in_background(Lane.DUTIES)
def grow_log() -> dict[str, int]:
    """Write into the public log what is not in it yet, and sign its head."""
    call = Call(SYSTEM, book(), now())
    size = append_leaves(call=call).size
    return {"entries": size, "files": publish_log(call=call)}


@in_background(Lane.OUTSIDE)
def ask_for_cosignatures() -> dict[str, int]:
    """Ask the witnesses of the book to sign the last head of the public log."""
    call = Call(SYSTEM, book(), now())
    done = ask_witnesses(call=call, watch=lambda: report("请见证方签名 witnesses", 0, None))
    publish_log(call=call)
    return {"signed": len(done.signed), "refused": len(done.refused)}


@in_background(Lane.DUTIES)
def remake_case_standings() -> dict[str, int]:
    """Make anew the standings and duties of cases that have changed by now without anybody's act."""
    done = remake_standings.remake_due(
        call=Call(SYSTEM, book(), now()),
        report=lambda count: report("更新案件状态 standings of cases", count, None),
    )
    return {"cases": done}


@in_background(Lane.DUTIES)
def act_in_many_cases(batch: int, actor: dict[str, Any]) -> dict[str, int]:
    """Do an act in the cases that somebody chose for it, each by itself."""
    told = act_in_many.carry_on(
        batch,
        call=Call(unpacked(actor), book(), now()),
        clock=now,
        progress=lambda done, of: report("批量办理案件 an act in many cases", done, of),
    )
    return {"done": told.done, "proposed": told.proposed, "refused": told.refused}


@in_background(Lane.DUTIES)
def withdraw_struck_facts() -> dict[str, int]:
    """Take back the facts that struck lines of cases had handed in."""
    return {"facts": struck.withdraw_struck_facts(call=Call(SYSTEM, book(), now()))}


@in_background(Lane.DUTIES)
def announce_publications() -> dict[str, int]:
    """Put messages down for the systems that want to know what was published and taken down."""
    return {"messages": tell_publications(now=now())}


@in_background(Lane.DEPARTMENTS)
def publish_statistics() -> dict[str, int]:
    """Publish the figures as of the end of last month, and those that late deliveries have changed since."""
    at = now()
    as_of = at.date().replace(day=1) - dt.timedelta(days=1)
    return {"figures": compute_statistics(lake(), as_of=as_of, call=Call(SYSTEM, book(), at), progress=report)}


@in_background(Lane.DEPARTMENTS)
def find_warning_signals() -> dict[str, Any]:
    """Look for what the early warnings of the book find today; nothing where it watches nothing."""
    if book()[WARNINGS] is None:
        return {}
    return find_signals(lake(), call=Call(SYSTEM, book(), now()), progress=report).as_json()


@in_background(Lane.DEPARTMENTS)
def try_ratings() -> dict[str, str]:
    """Try the ratings on the past year, once a month, so that each page says whether its grades foretold anything."""
    return keep_backtests(lake(), call=Call(SYSTEM, book(), now()))


@in_background(Lane.DUTIES)
def rebuild_open_data() -> dict[str, int]:
    """Write the bulk files anew that hold what was taken down, or lack what was published."""
    return {"files": len(rebuild(call=Call(SYSTEM, book(), now()), only_stale=True, progress=report))}


# -- by the clock ------------------------------------------------------------------------------------------------------


@in_background(Lane.DUTIES)
def expire_publications() -> dict[str, int]:
    """Take down what has been shown for as long as the law says; far more than usual waits for a person."""
    try:
        return {"taken_down": expire(call=Call(SYSTEM, book(), now()), progress=report), "waits": 0}
    except Refused as refused:
        # The page of checks and check-deploy tell of it until somebody has done it.
        logger.error("%s", refused.refusals[0].en)
        return {"taken_down": 0, "waits": 1}


@in_background(Lane.OUTSIDE)
def call_webhooks() -> dict[str, int]:
    """Send the messages that are due to other systems."""
    # Asked all the while it waits for somebody else: told to stop, the worker need not wait too.
    call_waiting(now=now(), watch=lambda: report("推送消息 messages to other systems", 0, None))
    return {}


@in_background(Lane.DUTIES)
def remind_of_duties() -> dict[str, int]:
    """Write the reminders of the day: what is soon due, what is late."""
    done = remind_all(call=Call(SYSTEM, book(), now()))
    return {"written": done.written, "settled": done.settled}


@in_background(Lane.DUTIES)
def remind_of_hours() -> dict[str, int]:
    """Write the reminders of what is due at a moment, as soon as a rung has come."""
    done = remind.remind_of_hours(call=Call(SYSTEM, book(), now()))
    return {"written": done.written, "settled": done.settled}


@in_background(Lane.DUTIES)
def tell_of_access() -> dict[str, int]:
    """Tell holders and auditors of roles, keys and codes that were given, confirmed or ended."""
    return {"written": remind.tell_of_access(call=Call(SYSTEM, book(), now())).written}


@in_background(Lane.DUTIES)
def climb_unread() -> dict[str, int]:
    """Tell those above of reminders that nobody has read in time."""
    done = climb(call=Call(SYSTEM, book(), now()))
    return {"climbed": done.climbed, "settled": done.settled}


@in_background(Lane.DUTIES)
def watch_facts() -> dict[str, int]:
    """Look through new facts for those because of which a case is to be opened."""
    done = watching.watch_facts(call=Call(SYSTEM, book(), now()), report=report)
    return {"proposed": done.proposed, "lapsed": done.lapsed, "told": done.told}


@in_background(Lane.DUTIES)
def make_case_documents() -> dict[str, int]:
    """Make the documents that acts of cases have issued."""
    done = make_documents(
        call=Call(SYSTEM, book(), now()), watch=lambda made: report("制作案件文书 documents of cases", made, None)
    )
    return {"made": done.made, "failed": done.failed}


@in_background(Lane.OUTSIDE)
def deliver_messages() -> dict[str, int]:
    """Send the e-mails and text messages that are due."""
    done = deliver(
        call=Call(SYSTEM, book(), now()), watch=lambda: report("发送邮件和短信 e-mails and text messages", 0, None)
    )
    return {"sent": done.sent, "failed": done.failed}


@in_background(Lane.DUTIES)
def forget_finished_tasks() -> dict[str, int]:
    """Remove from the queue what finished long ago, and what has expired: sessions, notes of tries, files left
    behind.
    """
    return {"tasks": leases.forget_before(now() - KEPT), **forget_expired(now())}


# Somebody waits for what became of a file: other work of a lane lets these go first.
RECEIVING = frozenset({receive_upload.module_path, receive_held.module_path})

# No two of these run side by side: each works on the whole ledger, and the second finds everything done.
ONE_AT_A_TIME = frozenset(
    one.module_path
    for one in (
        project_lake,
        check_lake,
        check_the_data,
        refresh_projections,
        propose_publications,
        rebuild_open_data,
        expire_publications,
        call_webhooks,
        deliver_messages,
        remind_of_duties,
        remind_of_hours,
        tell_of_access,
        climb_unread,
        mark_objections,
        carry_over_objections,
        remake_case_standings,
        grow_log,
        ask_for_cosignatures,
        withdraw_struck_facts,
        watch_facts,
        announce_publications,
        publish_statistics,
        find_warning_signals,
    )
)
