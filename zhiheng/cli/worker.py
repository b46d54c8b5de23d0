"""``zhiheng worker``: takes tasks out of the queue, one after the other, until it is told to stop.

A second thread shows that the worker lives, writes how far the task is, takes up what dead workers had in hand, and
puts daily work into the queue. A third calls other people's systems, so that nothing of ours waits for them. Told to
stop (SIGTERM, Ctrl+C) a task gives way at its next report of progress and goes back to the queue.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import click

from zhiheng.cli.session import json_option, now, set_up

# Two reports of progress a second are as many as a page asks for.
REPORT_SECONDS = 0.5
LOOK_SECONDS, OUTSIDE_SECONDS = 0.1, 0.5
# Work looks so often whether a delivery waits that comes before it, and gives way so many times at most: an
# enterprise's file, which is
# taken up where it stopped, more often than other work, some of which begins again.
WAY_SECONDS, WAYS_GIVEN, WAYS_GIVEN_BY_OTHERS = 2.0, 10, 3
DAILY_SECONDS = 30
NICE = 5
# A worker that holds more bytes than this after a task gives back what it no longer needs.
MEMORY = 400_000_000
logger = logging.getLogger("zhiheng.worker")


@click.command()
@click.option("--until-empty", is_flag=True, help="队列做完即结束 / end once nothing waits")
@json_option
def worker(until_empty: bool, as_json: bool) -> None:
    """后台工作进程：接收文件、更新数字、每日工作。 The background worker: receives files, refreshes numbers, daily work.

    zhiheng serve 会自行启动它；单独使用时可在另一台机器上多开几个。
    """  # noqa: E501
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    # Somebody waits for a page; nobody stands before a delivery. Where both want the processor, the page goes first.
    os.nice(NICE)
    set_up()
    done = WorkerProcess(until_empty=until_empty).run()
    if as_json:
        from zhiheng.cli import output

        output.show_json({"tasks": done})


class WorkerProcess:
    """One process that works; ``run`` returns how many tasks it has finished."""

    def __init__(self, *, until_empty: bool) -> None:
        from zhiheng.office.leases import Lease

        self.until_empty = until_empty
        self.stopping = False
        self.lease = Lease(now())
        self._said: tuple[Any, str, int, int | None] | None = None
        self._gave_way: Counter[Any] = Counter()
        self._clock_was_steady = True

    def run(self) -> int:
        """Work until told to stop, or until nothing waits."""
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self._stop)
        logger.info("%s starts", self.lease.id)
        self._look_after_the_queue()
        keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)
        keeper.start()
        outside = threading.Thread(target=self._outside, name="outside lane", daemon=True)
        if not self.until_empty:
            outside.start()
        done = 0
        try:
            while not self.stopping:
                if self._one():
                    done += 1
                elif self.until_empty:
                    break
                else:
                    time.sleep(LOOK_SECONDS)
        finally:
            self.stopping = True
            keeper.join(timeout=10)
            if outside.ident is not None:
                outside.join(timeout=10)
            self.lease.end(now())
            logger.info("%s ends after %s tasks", self.lease.id, done)
        return done

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _outside(self) -> None:
        """The lane of tasks that wait for other people's systems: nothing of ours stands behind them."""
        from django.db import connections

        from zhiheng.jobs import tasks

        while not self.stopping:
            if not self._one(only=tasks.OUTSIDE):
                time.sleep(OUTSIDE_SECONDS)
        connections.close_all()

    def _one(self, only: frozenset[str] | None = None) -> bool:
        """Do the next task (of a lane); False where none waits or the queue can't be asked."""
        from django.db import OperationalError, close_old_connections

        from zhiheng.jobs import tasks
        from zhiheng.office import leases

        close_old_connections()
        if not self._steady():
            return False
        try:
            # Looked at without a lock: nearly always nothing waits.
            if not leases.waits():
                return False
            elsewhere = tasks.OUTSIDE if only is None and not self.until_empty else frozenset()
            task = leases.claim(self.lease.id, tasks.ONE_AT_A_TIME, only=only, without=elsewhere)
        except OperationalError as error:
            # A locked or restarting database is no reason to die: the next look comes soon.
            logger.warning("the queue can't be asked: %s", error)
            return False
        if task is None:
            return False
        begun = time.monotonic()
        logger.info("%s %s begins", task.task_name, task.id)
        try:
            with tasks.watched(self._report(task, told=only is None)):
                value = task.task.call(*task.args_kwargs["args"], **task.args_kwargs["kwargs"])
        except tasks.GiveWay:
            leases.give_back(task, self.lease.id)
            logger.info("%s %s gives way and goes back to the queue", task.task_name, task.id)
        except Exception as error:
            held = leases.fail(task, self.lease.id, error)
            logger.exception(
                "%s %s failed%s", task.task_name, task.id, "" if held else " (and is another worker's now)"
            )
        else:
            held = leases.succeed(task, self.lease.id, value)
            logger.info(
                "%s %s ends after %.1f s%s",
                task.task_name,
                task.id,
                time.monotonic() - begun,
                "" if held else " (and is another worker's now)",
            )
        if resident() > MEMORY:
            give_back_memory()
        return True

    def _report(self, task: Any, *, told: bool = True) -> Callable[[str, int, int | None], None]:
        looked = time.monotonic()

        def report(what: str, done: int, total: int | None) -> None:
            from zhiheng.jobs.tasks import GiveWay

            nonlocal looked
            if told:
                self._said = (task.id, what, done, total)
            if self.stopping:
                raise GiveWay
            # The lane of other people's systems stands before nobody.
            if told and time.monotonic() - looked >= WAY_SECONDS:
                looked = time.monotonic()
                if self._stands_before_others(task):
                    raise GiveWay

        return report

    def _stands_before_others(self, task: Any) -> bool:
        """Whether a delivery waits that comes before this task: an enterprise's file gives way to a department's, what
        follows from deliveries and what the clock starts to both; and some times only, so that all comes to its end on
        a busy day too.
        """
        from django.db import OperationalError

        from zhiheng.jobs import tasks
        from zhiheng.office import leases, task_queue

        receiving = task.task_path in tasks.RECEIVING
        if receiving and task.priority > task_queue.FROM_ENTERPRISES:
            return False
        if self._gave_way[task.id] >= (WAYS_GIVEN if receiving else WAYS_GIVEN_BY_OTHERS):
            return False
        try:
            if not leases.waits_before(task, tasks.RECEIVING):
                return False
        except OperationalError:
            return False
        self._gave_way[task.id] += 1
        return True

    # -- the second thread ---------------------------------------------------------------------------------------------

    def _keep(self) -> None:
        """Beat, report, recover, daily work, each at its pace; the thread has separate database connections."""
        from django.db import DatabaseError, connections

        from zhiheng.jobs.schedule import put_waiting
        from zhiheng.office import leases

        written = None
        beaten = looked = time.monotonic()
        while not self.stopping:
            time.sleep(REPORT_SECONDS)
            try:
                if self._said is not written:
                    written = self._said
                    if written is not None:
                        leases.note_progress(*written, at=now())
                if time.monotonic() - beaten >= leases.BEAT_SECONDS:
                    beaten = time.monotonic()
                    self.lease.beat(now())
                    self._recover()
                    if self._steady():
                        put_waiting(now())
                if time.monotonic() - looked >= DAILY_SECONDS:
                    looked = time.monotonic()
                    self._daily()
            except DatabaseError as error:
                logger.warning("could not write to the queue: %s", error)
                connections.close_all()
        connections.close_all()

    def _look_after_the_queue(self) -> None:
        self._recover()
        self._daily()

    def _recover(self) -> None:
        from zhiheng.actions.intake.process_upload import close_lost
        from zhiheng.office import leases

        recovered = leases.recover(now())
        for task in recovered.again:
            logger.warning("%s is taken up again: its worker died", task)
        for task in recovered.failed:
            logger.error("%s has failed: its worker died twice", task)
        close_lost(now())

    def _steady(self) -> bool:
        """Whether the clock has not jumped; until a person has accepted a jump no task is taken up and none is put in
        the queue.
        """
        from zhiheng.office import clock

        steady = clock.note(now())
        if not steady and self._clock_was_steady:
            found = clock.jump(now())
            logger.error("the clock has jumped: %s; zhiheng clock says what to do", found)
        self._clock_was_steady = steady
        return steady

    def _daily(self) -> None:
        from zhiheng.jobs.schedule import put_due

        if not self._steady():
            return
        for name in put_due(now()):
            logger.info("%s is due today", name)


def resident() -> int:
    """The bytes of memory that this process holds; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    except OSError:
        return 0


def give_back_memory() -> None:
    """Give the system back what a large task took: Python and Arrow keep it for the next one, which may not come for
    days.
    """
    import pyarrow as pa

    gc.collect()
    pa.default_memory_pool().release_unused()
    with contextlib.suppress(OSError, AttributeError):
        # glibc's own; where there is another library nothing is lost.
        ctypes.CDLL(None).malloc_trim(0)
