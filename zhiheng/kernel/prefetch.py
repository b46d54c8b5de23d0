"""How long work is run: a generator in another process, so that one core reads and cleans and the other writes; without
a collector of garbage.

The large parts of an item (Arrow's and NumPy's buffers) lie in memory that both processes share, and are not moved:
through a pipe they would be copied four times, which costs as much as hashing them.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import mmap
import multiprocessing
import os
import pickle
import queue
import signal
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from zhiheng.kernel import refusals
from zhiheng.kernel.reasons import Refused

T = TypeVar("T")
# Items of the child that wait here at most; each is a chunk of some ten megabytes.
_AHEAD = 1
# Places for the large parts of an item: one is read here while the next is filled. Memory is taken as it is used.
_PLACES = 2
_PLACE_BYTES = 64 << 20
# Smaller parts go through the pipe with the rest.
_LARGE = 256 << 10
# Computing with a buffer in steps of a cache line is fastest where it begins at one.
_ALIGNED = 64
# A place that the child gets for the next item, or this: the item goes through the pipe as a whole.
_NO_PLACE = 255


def aside(make: Callable[[], Iterator[T]]) -> Iterator[T]:
    """What ``make()`` yields, made in a forked child that works a few items ahead.

    A refusal in the child is raised here. Where there is no fork, or only one core, everything happens in this process.
    The child ends with this process, however this process ends. Who keeps a part of an item keeps its place in the
    shared memory from being used again; that costs speed, nothing else.
    """
    if not hasattr(os, "fork") or (os.cpu_count() or 1) < 2:
        yield from make()
        return
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    granted, grant = context.Pipe(duplex=False)
    places = [mmap.mmap(-1, _PLACE_BYTES) for _ in range(_PLACES)]
    child = context.Process(target=_run, args=(make, here, there, granted, grant, places), daemon=True)
    child.start()
    there.close()
    granted.close()
    # A pipe holds less than an item: without somebody who takes items out, the child would stand still while this
    # process writes. The thread only moves bytes, which needs no Python.
    waiting: queue.Queue[bytes | None] = queue.Queue(maxsize=_AHEAD)
    taker = threading.Thread(target=_take, args=(here, waiting), daemon=True)
    taker.start()
    lent: list[tuple[int, list[weakref.ref[Any]]]] = []
    try:
        while (said := waiting.get()) is not None:
            place, spans, begin = _head(said)
            # Whatever is made of such a view holds it, so that its end is the end of all of them.
            views = [(ctypes.c_char * size).from_buffer(places[place], at) for at, size in spans]
            # No name is left on the item, which would keep its place.
            kind, box = _unpacked(memoryview(said)[begin:], views)
            del said
            if kind == "item":
                if place != _NO_PLACE:
                    lent.append((place, list(map(weakref.ref, views))))
                views.clear()
                yield box.pop()
                with contextlib.suppress(OSError):
                    grant.send_bytes(bytes([_free_again(lent)]))
            elif kind == "refused":
                raise Refused(*box.pop())
            elif kind == "error":
                raise RuntimeError(box.pop())
            else:
                return
        raise Refused(refusals.reader_died())
    finally:
        # The child's end breaks the pipe, and the thread ends with it, once nothing is left to put aside.
        child.terminate()
        child.join()
        grant.close()
        while taker.is_alive():
            with contextlib.suppress(queue.Empty):
                waiting.get(timeout=0.05)


def _free_again(lent: list[tuple[int, list[weakref.ref[Any]]]]) -> int:
    """A slot that is no longer referenced, removed from the list; ``_NO_PLACE`` where there is none."""
    for at, (place, views) in enumerate(lent):
        if all(view() is None for view in views):
            del lent[at]
            return place
    return _NO_PLACE


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


def _run(
    make: Callable[[], Iterator[T]],
    here: Connection,
    there: Connection,
    granted: Connection,
    grant: Connection,
    places: Sequence[mmap.mmap],
) -> None:
    # The other ends must be closed in the child: then a parent that dies breaks the pipes, and the child with them.
    here.close()
    grant.close()
    # Millions of small objects without a cycle among them are made here: looking for cycles costs a fifth of the time.
    gc.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    free = list(range(len(places)))
    try:
        for item in make():
            place = free.pop() if free else granted.recv_bytes()[0]
            _send(there, "item", item, place, None if place == _NO_PLACE else places[place])
        _send(there, "end", None)
    except Refused as refused:
        _send(there, "refused", refused.refusals)
    except (BrokenPipeError, EOFError):
        pass
    except Exception as error:
        _send(there, "error", f"{type(error).__name__}: {error}")
    finally:
        there.close()
        os._exit(0)


def _send(there: Connection, kind: str, value: object, place: int = _NO_PLACE, memory: mmap.mmap | None = None) -> None:
    """Hand something to the parent: large parts that have room in ``memory`` lie there, the rest goes through the
    pipe.
    """
    spans: list[tuple[int, int]] = []
    end = 0

    def stays(part: pickle.PickleBuffer) -> bool:
        """Whether a part goes with the rest; else it was put into the memory."""
        nonlocal end
        raw = part.raw()
        if memory is None or raw.nbytes < _LARGE or end + raw.nbytes > len(memory):
            return True
        memory[end : end + raw.nbytes] = raw
        spans.append((end, raw.nbytes))
        end = -(-(end + raw.nbytes) // _ALIGNED) * _ALIGNED
        return False

    rest = pickle.dumps((kind, value), protocol=pickle.HIGHEST_PROTOCOL, buffer_callback=stays)
    head = pickle.dumps((place, spans))
    there.send_bytes(b"".join((len(head).to_bytes(4, "big"), head, rest)))


def _head(said: bytes) -> tuple[int, list[tuple[int, int]], int]:
    """Which place an item has, where in it its large parts lie (begin, bytes), and where in the message the rest
    begins.
    """
    begin = 4 + int.from_bytes(said[:4], "big")
    place, spans = pickle.loads(said[4:begin])  # noqa: S301 - what our own child wrote, over a private pipe
    return place, spans, begin


def _unpacked(rest: memoryview, views: Sequence[Any]) -> tuple[str, list[Any]]:
    """What kind of message this is, and what it says, in a box from which it can be taken."""
    kind, value = pickle.loads(rest, buffers=views)  # noqa: S301 - what our own child wrote, over a private pipe
    return kind, [value]
