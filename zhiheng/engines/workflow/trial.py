"""A case under two books: what stands otherwise, which days move, which acts can be done under one of them only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from zhiheng.engines.workflow.guards import refusals_of
from zhiheng.engines.workflow.standing import CaseStanding
from zhiheng.kernel.days import Sentence

NONE: Final = Sentence(zh="", en="")


@dataclass(frozen=True, slots=True)
class TrialDifference:
    """One thing that differs: ``name`` is the period, the act or the number of the line that it is about ('' for states
    and for the unit that holds the case); ``before`` and ``after`` are empty where there is none.
    """

    kind: Literal["unread", "states", "holder", "due", "act", "irregular"]
    name: str
    label: Sentence
    before: Sentence
    after: Sentence


def differences(before: CaseStanding, after: CaseStanding) -> Iterator[TrialDifference]:
    """What of a standing differs from that of the same log at the same moment by another book.

    Raises Refused where one of the books can't answer.
    """
    if {*before.stands} != {*after.stands}:
        yield TrialDifference("states", "", NONE, _states(before), _states(after))
    if before.holder != after.holder:
        yield TrialDifference("holder", "", NONE, _same(before.holder), _same(after.holder))
    yield from _paired("due", _dues(before), _dues(after))
    yield from _paired("act", _acts(before), _acts(after))
    yield from _paired("irregular", _irregular(before), _irregular(after))


# Name -> what it is called, and what is compared of it.
_Told = Mapping[str, tuple[Sentence, Sentence]]


def _paired(kind: Literal["due", "act", "irregular"], before: _Told, after: _Told) -> Iterator[TrialDifference]:
    for name in dict.fromkeys((*before, *after)):
        label, was = before.get(name, (NONE, NONE))
        other, becomes = after.get(name, (NONE, NONE))
        if was != becomes:
            yield TrialDifference(kind, name, label if name in before else other, was, becomes)


def _states(standing: CaseStanding) -> Sentence:
    zh, en = standing.workflow.words(standing.states)
    return Sentence(zh=zh, en=en)


def _dues(standing: CaseStanding) -> _Told:
    return {
        clock.period: (
            Sentence(zh=clock.label[0], en=clock.label[1]),
            _same(clock.moment.isoformat(" ", "minutes") if clock.moment else clock.day.isoformat()),
        )
        for clock in standing.clocks()
    }


def _acts(standing: CaseStanding) -> _Told:
    """The acts that can be done now by anybody at all."""
    return {
        act.key: (Sentence(zh=act.zh, en=act.en), Sentence(zh="可以", en="possible"))
        for act in standing.workflow.acts.values()
        if act.body.by and not act.by_law and not refusals_of(standing, act)
    }


def _irregular(standing: CaseStanding) -> _Told:
    return {
        str(line.number): (
            Sentence(zh=f"{line.number} {standing.workflow.acts[line.act].zh}", en=f"{line.number} {line.act}"),
            Sentence(zh="；".join(each.zh for each in refused), en="; ".join(each.en for each in refused)),
        )
        for line, refused in standing.irregular
    }


def _same(text: str) -> Sentence:
    return Sentence(zh=text, en=text)
