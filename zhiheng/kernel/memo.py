"""What a process remembers of what it has worked out: a few answers, the oldest forgotten first.

``Recent(most)``     answers by a key that says everything they depend on
``once_for(most)``   what a function makes of an object, made once while that very object is in use
``Same(thing)``      a part of a key that means the object itself, not what it is equal to

``functools.lru_cache`` serves where all arguments can be hashed and the answer depends on nothing else. These are for
the rest: a book can't be hashed, and a picture of a page depends on more than its arguments.
"""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar, cast

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
T = TypeVar("T")


class Recent(Generic[K, V]):
    """The answers that were asked for last, ``most`` of them. Safe in several threads: two that ask the same at once
    may both make it, and both get an answer, but none waits for the other.
    """

    def __init__(self, most: int) -> None:
        if most < 1:
            raise ValueError("a memory of nothing: say how many answers are kept")
        self.most = most
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The answer of a key; made where it is not remembered. What ``make`` raises is raised, and nothing is kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            self._kept.move_to_end(key)
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)
        return made

    def forget(self) -> None:
        """Remember nothing."""
        with self._lock:
            self._kept.clear()

    def __len__(self) -> int:
        return len(self._kept)


class Same(Generic[T]):
    """An object as a part of a key: equal to itself alone. It is kept with the key, so that its identity is never given
    to another one.
    """

    __slots__ = ("it",)

    def __init__(self, it: T) -> None:
        self.it = it

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.it is self.it

    def __hash__(self) -> int:
        return id(self.it)


def once_for(most: int) -> Callable[[Callable[[T], V]], Callable[[T], V]]:
    """A decorator: what a function makes of an object (a book, a page of it) is made once; the ``most`` objects that
    were asked for last are remembered, by identity.
    """

    def decorate(make: Callable[[T], V]) -> Callable[[T], V]:
        kept: Recent[Same[T], V] = Recent(most)

        @functools.wraps(make)
        def made(owner: T) -> V:
            return kept.get(Same(owner), lambda: make(owner))

        return cast(Callable[[T], V], made)

    return decorate
