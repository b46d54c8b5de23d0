"""A disk that fills up, or breaks, at every call that writes in turn: receiving, an act with its paper, the public log, backing up.

For each call of an undisturbed run the same act is run again, with that call failing: once alone (EIO, as of a bad
sector), once together with all later ones that need room (ENOSPC, the first write half done). Whatever became of it,
the process says so in a sentence or has done all of the act; the installation verifies; the next try comes to what an
undisturbed one does; and the backup can be restored.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, get_args

from bench.reliability.failing_calls import Fault
from bench.reliability.places import Place, spread, troubles

ACTS: Final = ("receive", "hand_in", "papers", "log", "backup")
FAULTS: Final[tuple[Fault, ...]] = tuple(get_args(Fault))[:2]


@dataclass
class Broken:
    """What a series came to: calls of the undisturbed act, how many were let fail, how many of those were told in a
    sentence and how many did not hinder the act; what went wrong.
    """

    act: str
    fault: Fault
    calls: int
    tried: int = 0
    told: int = 0
    harmless: int = 0
    troubles: list[str] = field(default_factory=list)


def is_a_sentence(complained: str) -> bool:
    """Whether what stands on standard error is told in both languages, and is no traceback."""
    lines = [line for line in complained.splitlines() if line.strip()]
    return "Traceback" not in complained and lines[-1:] != [] and lines[-1].endswith(".") and "。" in complained


def series(place: Place, act: str, fault: Fault, most: int) -> Broken:
    """Let each call of an act fail in turn; at most so many of them, evenly spread, where it has more."""
    place.reset()
    before = place.look()
    undisturbed = place.run("do", act)
    if undisturbed.status:
        raise RuntimeError(undisturbed.complained)
    complete = place.look()
    found = Broken(act, fault, undisturbed.calls.calls)
    for number in spread(most, found.calls):
        place.reset()
        done = place.run("do", act, at=number, fault=fault)
        if not done.calls.failed:
            continue
        found.tried += 1
        where = f"{act}, call {number} ({done.calls.first}), {fault}"
        if done.status == 0:
            found.harmless += 1
        elif is_a_sentence(done.complained):
            found.told += 1
        else:
            found.troubles.append(f"{where}: told by {done.complained.strip()[-400:] or done.status}")
        if act == "backup":
            found.troubles += [f"{where}: {each}" for each in _restored(place, verify=found.tried % 10 == 1)]
        found.troubles += [f"{where}: {each}" for each in troubles(act, before, complete, *place.again(act))]
    return found


def _restored(place: Place, *, verify: bool) -> Iterator[str]:
    """What is wrong with the installation that the backup brings back, whatever became of the last try."""
    shutil.rmtree(place.folder / "restored", ignore_errors=True)
    done = place.run("restored", *(["--verify"] if verify else []))
    if done.status:
        yield f"the backup does not come back whole: {(done.complained or done.said).strip()[-400:]}"


def all_series(place: Place, most: int, acts: Sequence[str] = ACTS) -> Iterator[Broken]:
    """Every act with either fault."""
    for act in acts:
        for fault in FAULTS:
            yield series(place, act, fault, most)
