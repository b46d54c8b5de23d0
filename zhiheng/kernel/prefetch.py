"""How long work is run: a generator in another process, so that one core reads and cleans and the other writes; without
a collector of garbage.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import pickle
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import TypeVar

from zhiheng.kernel.reasons import Refusal, Refused

T = TypeVar("T")
# Items of the child that wait here at most; each is a chunk of some ten megabytes.
_AHEAD = 1


def aside(make: Callable[[], Iterator[T]]) -> Iterator[T]:
    """What ``make()`` yields, made in a forked child that works a few items ahead.

    A refusal in the child is raised here. Where there is no fork, or only one core, everything happens in this process.
    The child ends with this process, however this process ends.
    """
    if not hasattr(os, "fork") or (os.cpu_count() or 1) < 2:
        yield from make()
        return
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_run, args=(make, here, there), daemon=True)
    child.start()
    there.close()
    # A pipe holds less than an item: without somebody who takes items out, the child would stand still while this
    # process
    # writes. The thread only moves bytes, which needs no Python.
    waiting: queue.Queue[bytes | None] = queue.Queue(maxsize=_AHEAD)
    taker = threading.Thread(target=_take, args=(here, waiting), daemon=True)
    taker.start()
    try:
        while (said := waiting.get()) is not None:
            kind, value = pickle.loads(said)  # noqa: S301 - what our own child wrote, over a private pipe
            if kind == "item":
                yield value
            elif kind == "refused":
                raise Refused(*value)
            elif kind == "error":
                raise RuntimeError(value)
            else:
                return
        raise Refused(
            Refusal(
                "receive.reader_died",
                "读取文件的进程意外结束（可能内存不足）；已接收的内容不受影响，请重新报送。",
                "The process that read the file ended unexpectedly (out of memory?); nothing was lost, send it again.",
            )
        )
    finally:
        # The child's end breaks the pipe, and the thread ends with it, once nothing is left to put aside.
        child.terminate()
        child.join()
        while taker.is_alive():
            with contextlib.suppress(queue.Empty):
                waiting.get(timeout=0.05)


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Millions of small objects without a cycle among them: looking for cycles again and again costs a third of the
    time.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _take(here: Connection, waiting: queue.Queue[bytes | None]) -> None:
    """Move items from the pipe into the queue until the child has closed its end."""
    with here:
        try:
            while True:
                waiting.put(here.recv_bytes())
        except (EOFError, OSError):
            waiting.put(None)


def _run(make: Callable[[], Iterator[T]], here: Connection, there: Connection) -> None:
    # The reading end must be closed in the child: then a parent that dies breaks the pipe, and the child with it.
    here.close()
    # Millions of small objects without a cycle among them are made here: looking for cycles costs a fifth of the time.
    gc.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        for item in make():
            _send(there, "item", item)
        _send(there, "end", None)
    except Refused as refused:
        _send(there, "refused", refused.refusals)
    except BrokenPipeError:
        pass
    except Exception as error:
        _send(there, "error", f"{type(error).__name__}: {error}")
    finally:
        there.close()
        os._exit(0)


def _send(there: Connection, kind: str, value: object) -> None:
    there.send_bytes(pickle.dumps((kind, value), protocol=pickle.HIGHEST_PROTOCOL))
