"""What custodians see of sealed identities, and what a reporter is told of openings: units, days and reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.custody import CUSTODY
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.types import Label
from zhiheng.office.sealed import Custodian, SealOpening
from zhiheng.people import access


@dataclass(frozen=True)
class ToldOpening:
    """An opening as the reporter reads it: by which units, when, why, and what became of it."""

    asking_unit: Label
    other_unit: Label
    reason: str
    asked_at: dt.datetime
    state: SealOpening.State
    done_at: dt.datetime | None
    said: str


@dataclass(frozen=True)
class CustodyDesk:
    """What a custodian finds: themselves, those of the same unit, what waits for them, and what their unit did."""

    units: tuple[tuple[str, Label], ...]
    own: Custodian | None
    colleagues: Sequence[Custodian]
    to_decide: Sequence[SealOpening]
    asked: Sequence[SealOpening]


def openings_told(seal: str, *, call: Call) -> list[ToldOpening]:
    """Every opening of a seal that was asked for, the earliest first, for the holder of the case's receipt."""
    access.require_somewhere(call, "case.submit")
    names = {unit.id: unit.name for unit in call.book[DISTRICT].units}
    return [
        ToldOpening(
            names[one.asking_unit],
            names[one.other_unit],
            one.reason,
            one.asked_at,
            _state(one, call.now),
            one.done_at,
            one.said,
        )
        for one in SealOpening.objects.filter(seal=seal).order_by("pk")
    ]


def custody_desk(*, call: Call) -> CustodyDesk:
    """The page of a custodian; before they have a key, the units for which they may make one."""
    access.require_somewhere(call, "case.read_sealed")
    page = call.book[CUSTODY]
    sides = {unit for one in page.sides for unit in one.units} if page is not None else set()
    names = {unit.id: unit.name for unit in call.book[DISTRICT].units}
    units = tuple((unit, names[unit]) for unit in access.units(call, "case.read_sealed") if unit in sides)
    own = Custodian.objects.filter(account=call.actor.account or 0, ended_at=None).first()
    if own is None or access.may(call, "case.read_sealed", unit=own.unit) is not None:
        return CustodyDesk(units, None, (), (), ())
    waiting = SealOpening.objects.filter(state=SealOpening.State.WAITING, expires_at__gt=call.now)
    return CustodyDesk(
        units,
        own,
        list(Custodian.objects.filter(unit=own.unit, ended_at=None).exclude(pk=own.pk).order_by("pk")),
        list(waiting.filter(other_unit=own.unit).order_by("expires_at")[:100]),
        list(SealOpening.objects.filter(asking_unit=own.unit).order_by("-pk")[:100]),
    )


def _state(one: SealOpening, now: dt.datetime) -> SealOpening.State:
    """A request that is too late has lapsed, whether somebody has come by since or not."""
    state = SealOpening.State(one.state)
    late = state is SealOpening.State.WAITING and one.expires_at <= now
    return SealOpening.State.LAPSED if late else state
