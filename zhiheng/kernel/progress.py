"""How work that takes long tells how far it is. Nothing depends on what the one who is told does with it."""

from __future__ import annotations

from collections.abc import Callable

# (what, done, total); the total is None where it is not known yet.
Progress = Callable[[str, int, "int | None"], None]
# (done, total), where there is one thing to count.
Counting = Callable[[int, int], None]


def quiet(_what: str, _done: int, _total: int | None) -> None:
    """A ``Progress`` that tells nobody."""
