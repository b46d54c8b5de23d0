"""What was looked at, for the trail: one line for a person or a program, a thing and a day.

Who reads of an enterprise, whether its file, one of its facts or facts about several in a list, is named there; the
auditor finds the line, and the enterprise is told how often and by which unit (``own_file.readings``). What an
enterprise or a bank reads is noted where it reads; the operator at the terminal and the installation itself leave lines
by their acts alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from zhiheng.grammar.call import Call
from zhiheng.people import trail

NOTED = frozenset({"officer", "program"})
"""The kinds of actors whose readings of others' files are noted."""


def note_reading(
    call: Call, verb: str, subjects: Collection[int], *, otherwise: str = "", detail: Mapping[str, Any] | None = None
) -> None:
    """Note that the caller reads of some enterprises, once for each and a day (one query, and one more where a line is
    new).

    Args:
        verb: ``file.read`` or ``fact.read``.
        subjects: the enterprises that it is about.
        otherwise: what the line is about where that is none of them, such as ``fact:3``; '' for no line then.
        detail: what the line says besides.
    """
    if call.actor.kind in NOTED:
        abouts = [f"subject:{each}" for each in sorted(subjects)] or ([otherwise] if otherwise else [])
        trail.note_daily(call, verb, abouts, detail)


def note_list(call: Call, about: str) -> None:
    """Note that the caller reads facts of several enterprises in a list, such as those of a delivery: one line for the
    list and a day, so that a list of fifty does not write fifty.
    """
    note_reading(call, "fact.read", (), otherwise=about)
