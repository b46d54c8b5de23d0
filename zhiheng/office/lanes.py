"""Lanes of the queue: what waits in one never waits for what is done in another.

Each task says in which lane it stands where it is defined (``zhiheng.jobs.tasks``). A worker has a process for each of
our own lanes, and a thread for what waits for other people's systems, so a file that takes an hour, a figure that never
ends and a system that does not answer hold their own lane and nothing else.
"""

from __future__ import annotations

from enum import StrEnum


class Lane(StrEnum):
    """A lane; its value is the name of the queue in which its tasks wait."""

    # What has to be done by a day of the law: taking down, reminding, standings of cases, the public log.
    DUTIES = "duties"
    # What departments hand in, and what follows from it: lake, read models, proposals, figures.
    DEPARTMENTS = "departments"
    # What enterprises hand in.
    ENTERPRISES = "enterprises"
    # What waits for somebody else's system: web hooks, e-mails and text messages, witnesses.
    OUTSIDE = "outside"


LANES: tuple[Lane, ...] = tuple(Lane)
# What lanes are called on pages and at the terminal, in Chinese and in English.
LANE_NAMES: dict[Lane, tuple[str, str]] = {
    Lane.DUTIES: ("法定事项", "legal duties"),
    Lane.DEPARTMENTS: ("部门报送和更新", "deliveries of departments and what follows"),
    Lane.ENTERPRISES: ("企业报送", "deliveries of enterprises"),
    Lane.OUTSIDE: ("推送和外发", "messages to other systems"),
}


def lane_of_sender(subject: int | None) -> Lane:
    """The lane in which a file is received: of the enterprise that handed it in, or (None) of a department."""
    return Lane.DEPARTMENTS if subject is None else Lane.ENTERPRISES


# Before there were lanes every task waited in the queue of this name.
NO_LANE = "default"
