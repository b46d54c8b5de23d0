"""While a process starts, or reads a book, nothing becomes garbage: looking for it again and again takes a fifth of the
time.
"""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collecting(*, kept: bool = False) -> Iterator[None]:
    """Nothing is collected meanwhile. ``kept``: what was made is for the life of the process and is never looked at
    again.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if kept:
            gc.freeze()
            # At the end all is looked at once more: what a request has spooled is deleted with the last that holds it.
            atexit.register(gc.unfreeze)
        if before:
            gc.enable()
