"""Actors and the extent of what they may see, as plain values that every room can take as arguments.

Rules stand in the book (``book/roles``), the answer to 'may they?' in ``people/access.py`` alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["system", "operator", "officer", "enterprise", "bank", "program", "public"]


@dataclass(frozen=True, slots=True)
class Holding:
    """A role held: where (unit, area), over which quality (None: all four), of which subject, from when until when."""

    role: str
    unit: str = ""
    area: str = ""
    quality: str | None = None
    subject: int | None = None
    first: dt.date = dt.date.min
    last: dt.date = dt.date.max

    def on(self, day: dt.date) -> bool:
        """Whether it is held on the day."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Actor:
    """The account, token, operator or system that acts. ``id`` is how the trail names it: ``account:12``, ``cli:root``,
    ``token:5``, ``system``, ``public``.

    ``holdings`` are the roles held now. ``acting_for`` is the account on whose behalf another one acts: then they are
    the roles that it lent, and the trail names both. ``past`` are roles that ended or have not begun: they allow
    nothing, and a refusal can say so. ``only`` are the acts that a token is limited to.
    """

    id: str
    kind: ActorKind
    name: str = ""
    holdings: tuple[Holding, ...] = ()
    acting_for: str = ""
    past: tuple[Holding, ...] = ()
    only: frozenset[str] | None = None

    @property
    def account(self) -> int | None:
        """The number of the account that acts, where it is one."""
        kind, _, number = self.id.partition(":")
        return int(number) if kind == "account" else None

    def __str__(self) -> str:
        return f"{self.id} for {self.acting_for}" if self.acting_for else self.id


SYSTEM = Actor("system", "system", "系统 system")
PUBLIC = Actor("public", "public", "公众 public")


def operator(name: str) -> Actor:
    """The operator at the command line. Not checked against roles, because access to the shell already implies access
    to the database.
    """
    return Actor(f"cli:{name}", "operator", name)


@dataclass(frozen=True, slots=True)
class Reach:
    """One set of conditions under which something may be seen; all that are given must hold. None: not limited by this.

    ``records``: record types; ``areas``: area codes of the fact or of the enterprise's card; ``units``: sending units;
    ``subjects``: ids of subjects; ``workflows``: workflows, where it is a case.
    """

    records: frozenset[str] | None = None
    areas: frozenset[str] | None = None
    units: frozenset[str] | None = None
    subjects: frozenset[int] | None = None
    workflows: frozenset[str] | None = None

    def shows(
        self, *, record: str, areas: Collection[str], unit: str, subjects: Collection[int], workflow: str = ""
    ) -> bool:
        """Whether something lies within every limit; of several areas, or subjects, one within is enough."""
        return (
            (self.records is None or record in self.records)
            and (self.units is None or unit in self.units)
            and (self.areas is None or not self.areas.isdisjoint(areas))
            and (self.subjects is None or not self.subjects.isdisjoint(subjects))
            and (self.workflows is None or not workflow or workflow in self.workflows)
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """What an actor may see: the union of its reaches. An empty one shows nothing."""

    ways: tuple[Reach, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether nothing may be seen."""
        return not self.ways

    @property
    def everything(self) -> bool:
        """Whether a way has no limit."""
        return Reach() in self.ways

    def shows(
        self, *, record: str, areas: Collection[str], unit: str, subjects: Collection[int], workflow: str = ""
    ) -> bool:
        """Whether something that is already read may be seen: the value-level twin of ``database.scope_sql``."""
        return any(
            way.shows(record=record, areas=areas, unit=unit, subjects=subjects, workflow=workflow) for way in self.ways
        )


EVERYTHING = Scope((Reach(),))
NOTHING = Scope()


def same_person(proposed_by: str, actor: Actor) -> bool:
    """Whether a proposal was made by the actor, in their own name or on behalf of another account. The system is never
    the same person.
    """
    return actor.kind != "system" and proposed_by.partition(" for ")[0] == actor.id
