"""Run a generator in another process, so that two cores share the work: one reads and cleans, the other writes."""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import signal
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import TypeVar

from zhiheng.kernel.reasons import Refusal, Refused

T = TypeVar("T")


def aside(make: Callable[[], Iterator[T]]) -> Iterator[T]:
    """What ``make()`` yields, made in a forked child that works one item ahead.

    A refusal in the child is raised here. Where there is no fork, or only one core, everything happens in this process. The
    child ends with this process, however this process ends.
    """
    if not hasattr(os, "fork") or (os.cpu_count() or 1) < 2:
        yield from make()
        return
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_run, args=(make, here, there), daemon=True)
    child.start()
    there.close()
    try:
        while True:
            try:
                kind, value = pickle.loads(here.recv_bytes())  # noqa: S301 - what our own child wrote, over a private pipe
            except EOFError:
                raise Refused(
                    Refusal(
                        "receive.reader_died",
                        "读取文件的进程意外结束（可能内存不足）；已接收的内容不受影响，请重新报送。",
                        "The process that read the file ended unexpectedly (out of memory?); nothing was lost, send it again.",
                    )
                ) from None
            if kind == "item":
                yield value
            elif kind == "refused":
                raise Refused(*value)
            elif kind == "error":
                raise RuntimeError(value)
            else:
                return
    finally:
        here.close()
        child.terminate()
        child.join()


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
