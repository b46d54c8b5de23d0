"""``zhiheng worker``: takes tasks out of the queue, one after the other in each lane, until it is told to stop.

The process itself serves the lane of departments; two more that it forks serve legal duties (and, in a thread, what
waits for other people's systems) and what enterprises hand in, so a task that is stuck holds its own lane alone. They
are forked once Django and the book are read, before there is a connection or a thread: most of their memory is shared.
One that dies is forked again by a process that does nothing else (``Nursery``).

In each a second thread shows that the worker lives, writes how far the task is, takes up what dead workers had in hand,
and puts daily work into the queue. Told to stop (SIGTERM, Ctrl+C) a task gives way at its next report of progress and
goes back to the queue.
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
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from zhiheng.cli.session import json_option, now, set_up

if TYPE_CHECKING:
    from zhiheng.office.lanes import Lane

# Two reports of progress a second are as many as a page asks for.
REPORT_SECONDS = 0.5
LOOK_SECONDS, OUTSIDE_SECONDS = 0.1, 0.5
# Work looks so often whether a delivery waits that comes before it, and gives way so many times at most: an
# enterprise's file, which is
# taken up where it stopped, more often than other work, some of which begins again.
WAY_SECONDS, WAYS_GIVEN, WAYS_GIVEN_BY_OTHERS = 2.0, 10, 3
DAILY_SECONDS = 30
NICE = 5
# Enterprises' files are received beside those of departments, which get the larger share of a processor.
NICE_FOR_ENTERPRISES = 5
# A process of a lane that dies is forked again after so long.
FORK_AGAIN_SECONDS = 1.0
# A worker that holds more bytes than this after a task gives back what it no longer needs.
MEMORY = 400_000_000
_PARENT_DIED = 1  # PR_SET_PDEATHSIG
logger = logging.getLogger("zhiheng.worker")


@click.command()
@click.option("--until-empty", is_flag=True, help="队列做完即结束 / end once nothing waits")
@click.option(
    "--lane",
    "lanes",
    multiple=True,
    type=click.Choice(["duties", "departments", "enterprises", "outside"]),
    help="只做这几条队列，不写就全做 / serve these lanes only",
)
@json_option
def worker(until_empty: bool, lanes: tuple[str, ...], as_json: bool) -> None:
    """后台工作进程：接收文件、更新数字、每日工作。 The background worker: receives files, refreshes numbers, daily
    work.

    zhiheng serve 会自行启动它；单独使用时可在另一台机器上多开几个。
    """
    # Somebody waits for a page; nobody stands before a delivery. Where both want the processor, the page goes first.
    os.nice(NICE)
    set_up()
    _write_log()
    from zhiheng.office.lanes import Lane

    if until_empty or lanes:
        chosen = tuple(Lane(lane) for lane in lanes) or None
        done = WorkerProcess(chosen, until_empty=until_empty).run()
    else:
        done = _of_all_lanes()
    if as_json:
        from zhiheng.cli import output

        output.show_json({"tasks": done})


def _write_log() -> None:
    """What the worker does, and where a task failed, to standard error: as pages write it, without what the message of
    an error quotes, since a task has the cells of deliveries in its hands.
    """
    from django.conf import settings
    from django.utils.module_loading import import_string

    words: dict[str, str] = settings.LOGGING["formatters"]["without_values"]  # type: ignore[index]  # of several kinds
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(import_string(words["()"])(words["format"]))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def _of_all_lanes() -> int:
    """Serve every lane until told to stop; returns how many tasks the lane of departments has finished."""
    from zhiheng.office.lanes import Lane

    nursery = Nursery(((Lane.DUTIES, Lane.OUTSIDE), (Lane.ENTERPRISES,)))
    worker = WorkerProcess((Lane.DEPARTMENTS,), nursery=nursery)
    try:
        done = worker.run()
    finally:
        nursery.end()
    if worker.deserted:
        # What watches over workers starts one again that ends so.
        raise SystemExit(1)
    return done


class Nursery:
    """A process that forks one for each of some groups of lanes, and another where one has died. It has no thread and
    no connection, since both would be torn by a fork.
    """

    def __init__(self, groups: Sequence[Sequence[Lane]]) -> None:
        from django.db import connections

        connections.close_all()
        gc.freeze()
        self._groups = groups
        self._children: dict[int, Sequence[Lane]] = {}
        self._stopping = False
        self._parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            _leave(self._mind)

    def look(self) -> bool:
        """Whether the nursery lives; without it a lane that dies would stay empty, so the worker ends and is started
        again as a whole.
        """
        if self.pid and os.waitpid(self.pid, os.WNOHANG) != (0, 0):
            self.pid = 0
        return self.pid != 0

    def tell(self) -> None:
        """Tell it, and the lanes through it, to stop."""
        if self.pid:
            os.kill(self.pid, signal.SIGTERM)

    def end(self) -> None:
        """Tell them to stop; returns when they have."""
        self.tell()
        if self.pid:
            os.waitpid(self.pid, 0)
            self.pid = 0

    # -- in the forked process -----------------------------------------------------------------------------------------

    def _mind(self) -> None:
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self._stop)
        end_with_parent()
        for lanes in self._groups:
            self._fork(lanes)
        # A parent that died before it was asked to tell tells nobody.
        while not self._stopping and os.getppid() == self._parent:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                pid, status = 0, 0
            if pid == 0:
                time.sleep(LOOK_SECONDS)
                continue
            lanes = self._children.pop(pid)
            logger.error("the process of %s ended with %s and is started again", " ".join(lanes), status)
            time.sleep(FORK_AGAIN_SECONDS)
            if not self._stopping:
                self._fork(lanes)
        for pid in self._children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        for pid in self._children:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _fork(self, lanes: Sequence[Lane]) -> None:
        pid = os.fork()
        if pid:
            self._children[pid] = lanes
            return
        _leave(lambda: _serve_lanes(lanes))


def _serve_lanes(lanes: Sequence[Lane]) -> None:
    from zhiheng.office.lanes import Lane

    end_with_parent()
    if Lane.ENTERPRISES in lanes:
        os.nice(NICE_FOR_ENTERPRISES)
    WorkerProcess(lanes).run()


def _leave(work: Callable[[], Any]) -> None:
    """Do the work of a forked process and end it, whatever happens: nothing of its parent's may run in it as well."""
    status = 1
    try:
        work()
        status = 0
    except BaseException:
        logger.exception("a process of the worker ends")
    finally:
        logging.shutdown()
        sys.stdout.flush()
        os._exit(status)


class WorkerProcess:
    """One process that works in some lanes (all of them where none is named); ``run`` returns how many tasks it has
    finished.

    ``nursery`` serves the other lanes: it is told to stop with this process, and this one ends where it has died.
    """

    def __init__(
        self,
        lanes: Sequence[Lane] | None = None,
        *,
        until_empty: bool = False,
        nursery: Nursery | None = None,
    ) -> None:
        from zhiheng.office.lanes import LANES, Lane
        from zhiheng.office.leases import Lease

        served = LANES if lanes is None else tuple(lanes)
        # What waits for other people's systems waits in a thread of its own, unless this process ends when all is done.
        self.outside = not until_empty and Lane.OUTSIDE in served and len(served) > 1
        self.lanes = tuple(lane for lane in served if lane is not Lane.OUTSIDE) if self.outside else served
        self.until_empty = until_empty
        self.stopping = False
        self.lease = Lease(now(), served)
        self.deserted = False
        self._nursery = nursery
        # How far the task of each thread is, by its id; written by the keeper.
        self._said: dict[Any, tuple[str, int, int | None]] = {}
        self._gave_way: Counter[Any] = Counter()
        self._clock_was_steady = True

    def run(self) -> int:
        """Work until told to stop, or until nothing waits."""
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self._stop)
        logger.info("%s starts: %s", self.lease.id, " ".join(self.lanes))
        self._look_after_the_queue()
        keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)
        keeper.start()
        outside = threading.Thread(target=self._outside, name="outside lane", daemon=True)
        if self.outside:
            outside.start()
        done = 0
        try:
            while not self.stopping:
                if self._nursery is not None and not self._nursery.look():
                    logger.error("the processes of the other lanes are gone: this one ends too")
                    self.deserted = True
                    break
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
        if self._nursery is not None:
            self._nursery.tell()

    def _outside(self) -> None:
        """The lane of tasks that wait for other people's systems: nothing of ours stands behind them."""
        from django.db import connections

        from zhiheng.office.lanes import Lane

        while not self.stopping:
            if not self._one((Lane.OUTSIDE,)):
                time.sleep(OUTSIDE_SECONDS)
        connections.close_all()

    def _one(self, lanes: Sequence[Lane] | None = None) -> bool:
        """Do the next task of some lanes (of the main thread's); False where none waits or the queue can't be asked."""
        from django.db import OperationalError, close_old_connections

        from zhiheng.jobs import tasks
        from zhiheng.office import leases

        close_old_connections()
        if not self._steady():
            return False
        lanes = self.lanes if lanes is None else lanes
        try:
            # Looked at without a lock: nearly always nothing waits.
            if not leases.waits(lanes):
                return False
            task = leases.claim(self.lease.id, tasks.ONE_AT_A_TIME, lanes)
        except OperationalError as error:
            # A locked or restarting database is no reason to die: the next look comes soon.
            logger.warning("the queue can't be asked: %s", error)
            return False
        if task is None:
            return False
        begun = time.monotonic()
        logger.info("%s %s begins", task.task_name, task.id)
        try:
            with tasks.watched(self._report(task, lanes)):
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
        finally:
            self._said.pop(task.id, None)
        if resident() > MEMORY:
            give_back_memory()
        return True

    def _report(self, task: Any, lanes: Sequence[Lane] | None = None) -> Callable[[str, int, int | None], None]:
        looked = time.monotonic()

        def report(what: str, done: int, total: int | None) -> None:
            from zhiheng.jobs.tasks import GiveWay

            nonlocal looked
            self._said[task.id] = (what, done, total)
            if self.stopping:
                raise GiveWay
            if time.monotonic() - looked >= WAY_SECONDS:
                looked = time.monotonic()
                if self._stands_before_others(task, self.lanes if lanes is None else lanes):
                    raise GiveWay

        return report

    def _stands_before_others(self, task: Any, lanes: Sequence[Lane]) -> bool:
        """Whether a delivery waits in these lanes that comes before this task: what follows from deliveries
        and what the clock starts give way to them, and where one process serves all lanes an enterprise's file to a
        department's; some times only, so that all comes to its end on a busy day too.
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
            if not leases.waits_before(task, tasks.RECEIVING, lanes):
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

        written: dict[Any, tuple[str, int, int | None]] = {}
        beaten = looked = time.monotonic()
        while not self.stopping:
            time.sleep(REPORT_SECONDS)
            try:
                said = dict(self._said)
                for task, far in said.items():
                    if written.get(task) != far:
                        what, done, total = far
                        leases.note_progress(task, what, done, total, now())
                written = said
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
        from zhiheng.jobs.schedule import put_into_lanes

        self._recover()
        if moved := put_into_lanes():
            logger.info("%s tasks from before there were lanes wait in theirs now", moved)
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


def end_with_parent() -> None:
    """Have the kernel tell this process to stop when its parent dies, where it knows how."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DIED, signal.SIGTERM)


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
