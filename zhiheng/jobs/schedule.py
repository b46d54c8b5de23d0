"""What is done by the worker's clock: every day at its time, and whenever something is found that waits to be done.

Two lists in code, not a chapter of the book: no law and no district changes them. Daily work that was missed while
nothing ran is done once when a worker starts again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from zhiheng.actions.cases import make_documents, remake_standings, watch_facts, withdraw_struck_facts
from zhiheng.actions.log import append_leaves, ask_witnesses
from zhiheng.actions.messages import deliver, remind
from zhiheng.actions.objections import carry_over
from zhiheng.actions.publication import announce_publications
from zhiheng.actions.webhooks import deliver_webhooks
from zhiheng.grammar.call import Call
from zhiheng.jobs import tasks
from zhiheng.kernel.actor import SYSTEM
from zhiheng.kernel.reasons import Refused
from zhiheng.office import leases
from zhiheng.office.lanes import Lane
from zhiheng.office.models import DailyWork
from zhiheng.office.task_queue import FROM_ENTERPRISES, is_under_way, put_once
from zhiheng.projections.models import Refresh
from zhiheng.published.models import OpenFile
from zhiheng.quality_file import bulk_statements
from zhiheng.queries import access_acts, objection_holds


@dataclass(frozen=True)
class Daily:
    """A task and the time of day from which it may run."""

    task: Any
    at: dt.time

    @property
    def name(self) -> str:
        """The name under which the day is written down."""
        return str(self.task.name)


DAILY = (
    # What the law no longer allows to be shown goes first, right after midnight.
    Daily(tasks.expire_publications, dt.time(0, 5)),
    # Expiry and lateness change with the day, without any delivery; and what is computed from must be what was written.
    Daily(tasks.check_lake, dt.time(1, 0)),
    # Figures as of the end of last month: the same ones change nothing, those of late deliveries are published anew.
    Daily(tasks.publish_statistics, dt.time(1, 30)),
    # Weeks end on Sundays, but facts of past weeks come in on any day.
    Daily(tasks.find_warning_signals, dt.time(4, 0)),
    # Once a month of each edition: whether the grades of a year ago foretold what was found since.
    Daily(tasks.try_ratings, dt.time(4, 30)),
    # Open data is at most a day behind the lists; what was taken down is mended at once, see below.
    Daily(tasks.rebuild_open_data, dt.time(2, 0)),
    Daily(tasks.forget_finished_tasks, dt.time(3, 0)),
    # After the work of the night, so that what it has left undone is found.
    Daily(tasks.check_the_data, dt.time(5, 30)),
    # Before the day begins, and after what makes the dues of the day anew.
    Daily(tasks.remind_of_duties, dt.time(6, 30)),
)


@dataclass(frozen=True)
class WaitingTask:
    """A task, and what tells that there is something for it to do: a question that costs a statement or two."""

    task: Any
    waits: Callable[[dt.datetime], bool]


def ledger_is_ahead(_now: dt.datetime) -> bool:
    """Whether facts, merges or splits are not yet in the read models, whether they came from a page or the terminal."""
    state = Refresh.objects.filter(part="cards").values_list("fact", "act").first() or (0, 0)
    return bulk_statements.last_fact() > state[0] or bulk_statements.last_act() > state[1]


def messages_are_due(now: dt.datetime) -> bool:
    """Whether another system waits for a message."""
    return bool(deliver_webhooks.due(now).exists())


def case_documents_wait(_now: dt.datetime) -> bool:
    """Whether an act of a case has issued a document that is not made yet."""
    return make_documents.documents_wait()


def letters_are_due(now: dt.datetime) -> bool:
    """Whether an e-mail or a text message waits to be sent."""
    return bool(deliver.due(now).exists())


def reminders_are_unread(now: dt.datetime) -> bool:
    """Whether a reminder climbs because nobody has read it in time."""
    return bool(remind.due_to_climb(now).exists())


def hours_have_come(now: dt.datetime) -> bool:
    """Whether a reminder of something that is due at a moment waits to be written."""
    return remind.hours_have_come(call=Call(SYSTEM, tasks.book(), now))


def access_is_untold(now: dt.datetime) -> bool:
    """Whether access was given, confirmed or ended and nobody was told; asked once a minute, for it reads the trail."""
    if not _minute_is_over("access", now):
        return False
    return access_acts.access_is_untold(call=Call(SYSTEM, tasks.book(), now))


def publications_are_untold(_now: dt.datetime) -> bool:
    """Whether publications or withdrawals were not yet announced."""
    return announce_publications.is_untold()


def open_data_is_stale(now: dt.datetime) -> bool:
    """Whether a bulk file holds what was taken down, or what may be shown no longer from today on."""
    return bool(OpenFile.objects.filter(Q(stale=True) | Q(good_through__lt=now.date())).exists())


def objections_are_unmarked(_now: dt.datetime) -> bool:
    """Whether an entry that is shown doesn't say yet that an enterprise objects, or says so still."""
    return objection_holds.is_behind(tasks.book())


def objections_are_no_cases(_now: dt.datetime) -> bool:
    """Whether an objection was raised before objections were cases, and is none yet."""
    return carry_over.are_waiting(tasks.book())


def case_standings_are_due(now: dt.datetime) -> bool:
    """Whether a case stands otherwise by now although nobody did anything, or the book counts otherwise."""
    return remake_standings.is_due(tasks.book(), now)


def struck_facts_wait(_now: dt.datetime) -> bool:
    """Whether a struck line of a case has a fact that is not taken back yet."""
    return withdraw_struck_facts.facts_wait()


def facts_propose_cases(_now: dt.datetime) -> bool:
    """Whether there are new facts that were not looked through for cases to be opened."""
    return watch_facts.facts_wait(tasks.book())


def lake_is_damaged(_now: dt.datetime) -> bool:
    """Whether the lake's manifest can't be read; checked once for each time that it was written."""
    lake = tasks.lake()
    written = lake.written()
    if _looked_at.get("lake") == written:
        return False
    try:
        lake.manifest()
    except Refused:
        return True
    _looked_at["lake"] = written
    return False


def log_is_behind(now: dt.datetime) -> bool:
    """Whether something happened that has no entry in the public log yet, a minute or more after its last head; looked
    for once a minute, since it asks every table.
    """
    return append_leaves.head_is_old(now) and _minute_is_over("log", now) and append_leaves.leaves_wait(now)


def witnesses_are_missing(now: dt.datetime) -> bool:
    """Whether a witness has not signed the last head of the log; asked once a minute, so that one that is away is not
    asked all the time.
    """
    return ask_witnesses.lacks_witnesses(tasks.book()) and _minute_is_over("witnesses", now)


def _minute_is_over(what: str, now: dt.datetime) -> bool:
    """Whether the last time that this was answered with yes is a minute ago; also where the clock was set back."""
    second = int(now.timestamp())
    if 0 <= second - _looked_at.get(what, 0) < _ASK_SECONDS:
        return False
    _looked_at[what] = second
    return True


_ASK_SECONDS = 60
_looked_at: dict[str, int] = {}
WAITING = (
    WaitingTask(tasks.check_lake, lake_is_damaged),
    WaitingTask(tasks.project_lake, ledger_is_ahead),
    WaitingTask(tasks.mark_objections, objections_are_unmarked),
    WaitingTask(tasks.carry_over_objections, objections_are_no_cases),
    WaitingTask(tasks.remake_case_standings, case_standings_are_due),
    WaitingTask(tasks.withdraw_struck_facts, struck_facts_wait),
    WaitingTask(tasks.watch_facts, facts_propose_cases),
    WaitingTask(tasks.announce_publications, publications_are_untold),
    WaitingTask(tasks.call_webhooks, messages_are_due),
    WaitingTask(tasks.remind_of_hours, hours_have_come),
    WaitingTask(tasks.tell_of_access, access_is_untold),
    WaitingTask(tasks.climb_unread, reminders_are_unread),
    WaitingTask(tasks.make_case_documents, case_documents_wait),
    WaitingTask(tasks.deliver_messages, letters_are_due),
    WaitingTask(tasks.rebuild_open_data, open_data_is_stale),
    WaitingTask(tasks.grow_log, log_is_behind),
    WaitingTask(tasks.ask_for_cosignatures, witnesses_are_missing),
)


def put_into_lanes() -> int:
    """Put tasks that wait from before there were lanes where they belong; returns how many there were."""
    return leases.put_into_lanes(_lane_of)


def _lane_of(task: Any) -> Lane:
    """What the task says where it is defined; a row of the queue says only in which it waits."""
    if task.priority <= FROM_ENTERPRISES:
        return Lane.ENTERPRISES
    defined = getattr(tasks, task.task_path.rpartition(".")[2], None)
    # A task that this version does not know fails wherever it waits.
    return Lane.DEPARTMENTS if defined is None else Lane(defined.queue_name)


def put_due(now: dt.datetime) -> list[str]:
    """Put what is due today in the queue, and return its names; what was put there today already is left alone."""
    today = now.date()
    done = set(DailyWork.objects.filter(day__gte=today).values_list("name", flat=True))
    due = [daily for daily in DAILY if daily.name not in done and now.time() >= daily.at]
    put = []
    for daily in due:
        with leases.alone():
            # Another worker may have been faster.
            if DailyWork.objects.filter(name=daily.name, day__gte=today).exists():
                continue
            queued = put_once(daily.name)
            DailyWork.objects.update_or_create(name=daily.name, defaults={"day": today, "task": queued})
            put.append(daily.name)
    return put


def put_waiting(now: dt.datetime) -> list[str]:
    """Put in the queue what something waits for, unless it waits there or runs already; returns its names."""
    put = []
    for one in WAITING:
        if one.waits(now) and not is_under_way(one.task.name):
            put_once(one.task.name)
            put.append(str(one.task.name))
    return put
