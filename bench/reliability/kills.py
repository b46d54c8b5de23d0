"""Processes killed in the middle of every act that writes, at calls spread evenly over it, before the call and right
after it.

With a file the call is a write, a flush, a rename; with PostgreSQL also what is sent to the server, so that a commit is
on its way when its sender dies. After each kill the installation is looked at as it lies there, and the act is done
again: nothing accepted is lost, nothing is half done, everything is there once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bench.reliability.acts import ACTS
from bench.reliability.places import Place, spread, troubles


@dataclass
class Killed:
    """What a series came to: calls of the undisturbed act, kills, how many of them found neither nothing nor all of
    the act's rows, and what went wrong.
    """

    act: str
    calls: int
    kills: int = 0
    midway: int = 0
    troubles: list[str] = field(default_factory=list)


def series(place: Place, act: str, kills: int) -> Killed:
    """Kill an act so often."""
    place.reset()
    before = place.look()
    undisturbed = place.run("do", act, fault="killed")
    if undisturbed.status:
        raise RuntimeError(f"{act}: {undisturbed.complained}")
    complete = place.look()
    found = Killed(act, undisturbed.calls.calls)
    for turn, number in enumerate(spread(kills, found.calls)):
        place.reset()
        done = place.run("do", act, at=number, fault="killed_after" if turn % 2 else "killed")
        if not done.killed:
            continue
        found.kills += 1
        first, second, complained = place.again(act)
        found.midway += first.rows not in (before.rows, complete.rows)
        where = f"killed at call {number} ({done.calls.first})"
        found.troubles += [f"{where}: {each}" for each in troubles(act, before, complete, first, second, complained)]
    return found


def all_series(place: Place, kills: int, acts: Sequence[str] = ()) -> Iterator[Killed]:
    """Every act, killed so often together."""
    chosen = list(acts or ACTS)
    left = kills
    for number, act in enumerate(chosen):
        made = series(place, act, -(-left // (len(chosen) - number)))
        left -= made.kills
        yield made
