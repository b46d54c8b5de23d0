"""Leases of tasks. The queue of the framework has none: a task whose worker was killed would stay 'running' for ever.

A worker holds a lock on a file as long as it lives (the kernel releases it, however the process ends) and writes a
heartbeat every few seconds. On the same machine the lock shows at once that a worker is dead; on another machine a
missing heartbeat does. A task whose worker died goes back to the queue once; if the second one dies too, the task has
failed, since it may be the task that kills them.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import secrets
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Min
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from zhiheng.database.locks import Lock, hold
from zhiheng.kernel.data_folder import inside
from zhiheng.office.lanes import LANES, NO_LANE, Lane
from zhiheng.office.models import TaskProgress, Worker

BEAT_SECONDS = 5
# A worker on another machine that has been silent for so long is dead: a dozen beats missed.
SILENT_SECONDS = 60


class WorkerLost(Exception):
    """The worker of a task died again and again; stored with the task as the reason why it failed."""


@dataclass(frozen=True)
class Recovered:
    """What became of the tasks of dead workers."""

    again: tuple[UUID, ...]
    failed: tuple[UUID, ...]


def queue_database() -> str:
    """The name of the database in which the queue stands."""
    return str(settings.PEOPLE_DATABASE)


@contextmanager
def alone() -> Iterator[None]:
    """One transaction at the queue at a time, over all workers."""
    name = queue_database()
    with transaction.atomic(using=name):
        hold(Lock.QUEUE, name)
        yield


class Lease:
    """The life of one worker process, which serves some lanes: a locked file and a row. ``end`` is called where it
    stops by itself.
    """

    def __init__(self, at: dt.datetime, lanes: Sequence[Lane] = LANES) -> None:
        self.host = socket.gethostname()
        self.id = f"{self.host[:40]}-{os.getpid()}-{secrets.token_hex(4)}"
        self._file: IO[str] = _lock_of(self.id).open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        Worker.objects.create(
            id=self.id, host=self.host, pid=os.getpid(), lanes=" ".join(lanes), started_at=at, seen_at=at
        )

    def beat(self, at: dt.datetime) -> None:
        """Show that the worker lives."""
        Worker.objects.filter(id=self.id).update(seen_at=at)

    def end(self, at: dt.datetime) -> None:
        """The worker stops, and has no task any more."""
        Worker.objects.filter(id=self.id).update(stopped_at=at)
        self._file.close()
        _lock_of(self.id).unlink(missing_ok=True)


def _lock_of(worker: str) -> Path:
    folder = inside(settings.DATA, "workers")
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{worker}.lock"


def _dead(worker: Worker, at: dt.datetime) -> bool:
    if worker.stopped_at is not None:
        return True
    if worker.host == socket.gethostname():
        try:
            with _lock_of(worker.id).open("r+") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
        except FileNotFoundError:
            return True
        except BlockingIOError:
            return False
    return (at - worker.seen_at).total_seconds() > SILENT_SECONDS


def living(at: dt.datetime) -> list[Worker]:
    """The workers that live."""
    return [worker for worker in Worker.objects.filter(stopped_at=None) if not _dead(worker, at)]


def recover(at: dt.datetime) -> Recovered:
    """Take up again what dead workers had in hand: once; then the task has failed."""
    again: list[UUID] = []
    failed: list[UUID] = []
    with alone():
        running = list(DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING))
        if not running:
            return Recovered((), ())
        workers = {worker.id: worker for worker in Worker.objects.all()}
        for task in running:
            holder = workers.get(task.worker_ids[-1]) if task.worker_ids else None
            if holder is not None and not _dead(holder, at):
                continue
            progress, _ = TaskProgress.objects.get_or_create(task=task.id, defaults={"at": at})
            progress.deaths += 1
            progress.save(update_fields=["deaths"])
            if progress.deaths == 1:
                _back(task)
                again.append(task.id)
            else:
                task.status = TaskResultStatus.FAILED
                task.finished_at = at
                task.exception_class_path = f"{WorkerLost.__module__}.{WorkerLost.__qualname__}"
                task.traceback = f"the worker died {progress.deaths} times while this task ran"
                task.save(update_fields=["status", "finished_at", "exception_class_path", "traceback"])
                failed.append(task.id)
        _bury(workers.values(), at)
    return Recovered(tuple(again), tuple(failed))


def _bury(workers: Any, at: dt.datetime) -> None:
    """Mark a dead worker as ended, so that it is not looked for again, and remove its file."""
    for worker in workers:
        if worker.stopped_at is None and _dead(worker, at):
            Worker.objects.filter(id=worker.id).update(stopped_at=at)
            if worker.host == socket.gethostname():
                _lock_of(worker.id).unlink(missing_ok=True)


def waits(lanes: Sequence[Lane] = LANES, *, above: int | None = None) -> bool:
    """Whether a task waits in some lanes that could be taken now (of a higher priority than ``above``); asked often, so
    it takes no lock.
    """
    ready = DBTaskResult.objects.ready().filter(queue_name__in=lanes)
    return bool((ready if above is None else ready.filter(priority__gt=above)).exists())


def claim(worker: str, one_at_a_time: frozenset[str], lanes: Sequence[Lane] = LANES) -> DBTaskResult[Any, Any] | None:
    """The next task of some lanes, now this worker's; None where nothing waits.

    ``one_at_a_time`` names task functions of which no two run side by side.
    """
    with alone():
        waiting = DBTaskResult.objects.ready().filter(queue_name__in=lanes)
        busy = set(
            DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING, task_path__in=one_at_a_time)
            .order_by()
            .values_list("task_path", flat=True)
        )
        task: DBTaskResult[Any, Any] | None = waiting.exclude(task_path__in=busy).first()
        if task is not None:
            task.claim(worker)
        return task


def waits_before(task: DBTaskResult[Any, Any], kinds: frozenset[str], lanes: Sequence[Lane] = LANES) -> bool:
    """Whether a task of one of some kinds waits in some lanes that is more urgent."""
    waiting = DBTaskResult.objects.ready().filter(task_path__in=kinds, priority__gt=task.priority, queue_name__in=lanes)
    return bool(waiting.exists())


def put_into_lanes(lane_of: Callable[[DBTaskResult[Any, Any]], Lane]) -> int:
    """Put tasks that wait from before there were lanes into those that they belong to; returns how many."""
    with alone():
        moved = list(DBTaskResult.objects.filter(status=TaskResultStatus.READY, queue_name=NO_LANE))
        for task in moved:
            DBTaskResult.objects.filter(id=task.id).update(queue_name=lane_of(task).value)
    return len(moved)


@dataclass(frozen=True)
class LaneState:
    """How a lane stands: who serves it, what waits in it and since when, what is done in it now and since when."""

    lane: Lane
    workers: int
    waiting: int
    waits_since: dt.datetime | None
    doing: tuple[str, ...]
    busy_since: dt.datetime | None
    failed: int


def lane_states(at: dt.datetime, *, failed_since: dt.datetime) -> list[LaneState]:
    """How each lane stands at this moment; ``failed_since``: from when on failed tasks are counted. Six statements."""
    serving = [worker.lanes.split() for worker in living(at)]
    waiting = _grouped(DBTaskResult.objects.ready(), Min("enqueued_at"))
    running = _grouped(DBTaskResult.objects.running(), Min("started_at"))
    failed = _grouped(DBTaskResult.objects.failed().filter(finished_at__gte=failed_since), Min("finished_at"))
    doing: dict[str, list[str]] = {}
    for queue, path in DBTaskResult.objects.running().order_by("started_at").values_list("queue_name", "task_path"):
        doing.setdefault(queue, []).append(path.rpartition(".")[2])
    none = (0, None)
    return [
        LaneState(
            lane,
            sum(lane in lanes for lanes in serving),
            *waiting.get(lane, none),
            tuple(doing.get(lane, ())),
            running.get(lane, none)[1],
            failed.get(lane, none)[0],
        )
        for lane in LANES
    ]


def _grouped(tasks: Any, first: Any) -> dict[str, tuple[int, dt.datetime | None]]:
    """By lane: how many tasks, and the first moment of one of them."""
    found = tasks.order_by().values_list("queue_name").annotate(number=Count("id"), first=first)
    return {queue: (number, moment) for queue, number, moment in found}


def is_held(task: UUID, worker: str) -> bool:
    """Whether the task is still this worker's: one that was silent for too long may have lost it."""
    held = DBTaskResult.objects.filter(id=task, status=TaskResultStatus.RUNNING).values_list("worker_ids", flat=True)
    return any(ids and ids[-1] == worker for ids in held)


def succeed(task: DBTaskResult[Any, Any], worker: str, value: Any) -> bool:
    """Write the result of a task; False where it is no longer this worker's."""
    with alone():
        if not is_held(task.id, worker):
            return False
        task.set_successful(value)
        return True


def fail(task: DBTaskResult[Any, Any], worker: str, error: BaseException) -> bool:
    """Write that a task has failed, and why; False where it is no longer this worker's."""
    with alone():
        if not is_held(task.id, worker):
            return False
        task.set_failed(error)
        return True


def give_back(task: DBTaskResult[Any, Any], worker: str) -> None:
    """Put a task back that was interrupted on purpose; no death is counted."""
    with alone():
        if is_held(task.id, worker):
            _back(task)


def _back(task: DBTaskResult[Any, Any]) -> None:
    task.status = TaskResultStatus.READY
    task.started_at = None
    task.save(update_fields=["status", "started_at"])


def note_progress(task: UUID, what: str, done: int, total: int | None, at: dt.datetime) -> None:
    """Write how far a task is; the page that shows it reads this."""
    said = {"what": what[:400], "done": done, "total": total, "at": at}
    TaskProgress.objects.update_or_create(task=task, defaults=said)


def forget_before(day: dt.datetime) -> int:
    """Remove what finished before: the queue is no archive; returns how many tasks went."""
    gone = 0
    Worker.objects.filter(stopped_at__lt=day).delete()
    while ids := list(DBTaskResult.objects.finished().filter(finished_at__lt=day).values_list("id", flat=True)[:500]):
        with alone():
            TaskProgress.objects.filter(task__in=ids).delete()
            DBTaskResult.objects.filter(id__in=ids).delete()
        gone += len(ids)
    return gone
