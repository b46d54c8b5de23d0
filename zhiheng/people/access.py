"""The only place that answers 'may they?'. Everything that no role of the book allows is refused, with a reason.

Roles stand in ``book/roles``; grants say which account holds which role, where and from when until when. Two rules are
not the book's: SYSTEM (the installation's own work) and an operator (at the command line) are allowed every act, and
both are named in the trail like all others.

What is not given of a target is unknown: an act on nothing in particular is an act on everything, which takes a role
that reaches everything. (A missing quality is no obstacle: a file has all four, and its lists are narrowed by
``scope``.)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TypedDict

from zhiheng.grammar.acts import ACTS
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.roles import ROLES, Clause, Role
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.kernel.actor import EVERYTHING, NOTHING, Actor, Holding, Reach, Scope
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.people import refusals

UNLIMITED = frozenset({"system", "operator"})
# What its own unit sent, somebody sees even where it is not for other departments; what is for the office alone is not
# among it.
OF_THE_OWN_UNIT = frozenset({"public", "departments", "sender"})


class ActTarget(TypedDict, total=False):
    """The target of ``may`` and ``require``, for callers that check several acts on one target."""

    unit: str
    area: str | Collection[str]
    quality: str | None
    subject: int | Collection[int] | None
    record: str
    consent: bool
    workflow: str


@dataclass(frozen=True, slots=True)
class _Target:
    """What an act is aimed at; what is not said is not known."""

    unit: str
    areas: frozenset[str]
    quality: str | None
    subjects: frozenset[int]
    record: str
    consent: bool
    workflow: str


@dataclass(frozen=True, slots=True)
class _Way:
    """A role held today that has the act, with the clause that says so."""

    act: str
    holding: Holding
    role: Role
    clause: Clause

    def area(self, book: Book) -> str:
        """The node of the tree at which the role is held."""
        return self.holding.area or book[DISTRICT].area_of_unit.get(self.holding.unit, "")

    def areas(self, book: Book) -> frozenset[str] | None:
        """The areas that it reaches; None where that is the whole tree."""
        inside = book[DISTRICT].areas_below.get(self.area(book), frozenset())
        return None if len(inside) == len(book[DISTRICT].areas_below) else inside

    @property
    def quality(self) -> str | None:
        """The quality that it is limited to; opening a room is of no quality."""
        narrowed = self.clause.quality == "granted" and not ACTS[self.act].plain
        return self.holding.quality if narrowed else None

    @property
    def audiences(self) -> frozenset[str]:
        """The audiences whose records it sees."""
        own = OF_THE_OWN_UNIT if self.clause.reach == "unit" else frozenset()
        return own | frozenset(self.role.audiences)

    def records(self, book: Book) -> frozenset[str] | None:
        """The record types that it reaches; None where that is all of them."""
        everybodys = not ACTS[self.act].shows or len(self.audiences) == 4
        if everybodys and self.quality is None:
            return None
        return frozenset(
            entry.id
            for entry in book[RECORDS].values()
            if (everybodys or entry.record.audience in self.audiences)
            and (self.quality is None or entry.record.quality == self.quality)
        )

    def workflows(self, book: Book) -> frozenset[str] | None:
        """The workflows whose cases it reaches; None where that is all of them. Some pages ask more of a role than the
        right itself (``reads``): without that their cases are out of its reach, whatever its rights on cases are.
        """
        named = frozenset(self.clause.workflows) or None
        if not self.act.startswith("case."):
            return named
        closed = {
            name
            for name, entry in book[WORKFLOWS].items()
            if entry.page.reads is not None and not any(self.role.clauses(entry.page.reads))
        }
        return named if not closed else (frozenset(book[WORKFLOWS]) if named is None else named) - closed


def may(
    call: Call,
    act: str,
    *,
    unit: str = "",
    area: str | Collection[str] = "",
    quality: str | None = None,
    subject: int | Collection[int] | None = None,
    record: str = "",
    consent: bool = False,
    workflow: str = "",
) -> Refusal | None:
    """None where the act is allowed on the target, else the reason why it is not.

    ``area``: where the target lies; of a fact several may be given (its own, that of its enterprise's card), one within
    reach is enough, and where none is given it is that of the unit. ``subject``: about whom, one or several.
    ``consent``: the enterprise consents today (the action that asks has looked it up). ``workflow``: of which workflow
    the target is a case.
    """
    if (refusal := _entry(call, act)) is not None or _unasked(call.actor, act):
        return refusal
    target = _Target(
        unit,
        frozenset([area] if isinstance(area, str) else area) - {""}
        or frozenset({call.book[DISTRICT].area_of_unit.get(unit, "")}) - {""},
        quality,
        frozenset(() if subject is None else [subject] if isinstance(subject, int) else subject),
        record,
        consent,
        workflow,
    )
    # The reason that is nearest to a yes is the one worth telling: right place, wrong quality, before wrong place.
    nearest: tuple[int, Refusal] | None = None
    for way in _ways(call, act):
        reason = _outside(way, target, call.book)
        if reason is None:
            return None
        if nearest is None or reason[0] > nearest[0]:
            nearest = reason
    assert nearest is not None
    return nearest[1]


def require(
    call: Call,
    act: str,
    *,
    unit: str = "",
    area: str | Collection[str] = "",
    quality: str | None = None,
    subject: int | Collection[int] | None = None,
    record: str = "",
    consent: bool = False,
    workflow: str = "",
) -> None:
    """Raise Refused where ``may`` gives a reason."""
    refusal = may(
        call,
        act,
        unit=unit,
        area=area,
        quality=quality,
        subject=subject,
        record=record,
        consent=consent,
        workflow=workflow,
    )
    if refusal is not None:
        raise Refused(refusal)


def require_somewhere(call: Call, act: str) -> None:
    """Raise Refused where no role held today has the act anywhere: the question that a door asks before its view."""
    if (refusal := _entry(call, act)) is not None:
        raise Refused(refusal)


def scope(call: Call, act: str, *, consents: Collection[int] = ()) -> Scope:
    """What the actor may see under an act, as values that every list narrows its SQL with.

    ``consents``: the enterprises that consent today, for roles that reach no further.
    """
    if _entry(call, act) is not None:
        return NOTHING
    if call.actor.kind in UNLIMITED:
        return EVERYTHING
    found = []
    for way in _ways(call, act):
        reach = _reach(way, call.book, consents)
        if reach is not None and reach not in found:
            found.append(reach)
    return EVERYTHING if Reach() in found else Scope(tuple(found))


def units(call: Call, act: str) -> tuple[str, ...]:
    """The units for which the actor may do an act, in the order of the book."""
    if _entry(call, act) is not None:
        return ()
    return tuple(u.id for u in call.book[DISTRICT].units if may(call, act, unit=u.id) is None)


def areas(call: Call, act: str) -> tuple[str, ...]:
    """The areas in which the actor may do an act, in the order of the book."""
    return tuple(a.code for a in call.book[DISTRICT].areas if may(call, act, area=a.code) is None)


def _unasked(actor: Actor, act: str) -> bool:
    """Whether no role is asked for."""
    return actor.kind in UNLIMITED or ACTS[act].asked != "role"


def _entry(call: Call, act: str) -> Refusal | None:
    """Why the act is refused whatever its target is."""
    if act not in ACTS:
        raise ValueError(f"{act!r} is no act of grammar/acts.py; add it there, and to a role of the book")
    if call.actor.kind in UNLIMITED or ACTS[act].asked == "anyone":
        return None
    what = ACTS[act]
    if call.actor.kind == "public":
        return refusals.needs_sign_in(what)
    if ACTS[act].asked == "account":
        if call.actor.kind in ("officer", "enterprise", "bank"):
            return None
        return refusals.needs_a_person(what)
    if call.actor.only is not None and act not in call.actor.only:
        return refusals.outside_key(what, act)
    if any(_ways(call, act)):
        return None
    return _not_held(call, act)


def _not_held(call: Call, act: str) -> Refusal:
    """Why none of the actor's roles allows the act: the role ended, has not begun, or never had it."""
    what = ACTS[act]
    # Of several the one that ended last is what somebody means by 'my role': an older one says a day of long ago.
    for holding in sorted((*call.actor.past, *call.actor.holdings), key=lambda one: one.last, reverse=True):
        role = call.book[ROLES].get(holding.role)
        if role is None or role.kind != call.actor.kind or holding.on(call.today) or not any(role.clauses(act)):
            continue
        if call.today < holding.first:
            return refusals.role_not_begun(role.label, holding.first, what)
        return refusals.role_over(role.label, holding.last, what)
    if not call.actor.holdings:
        return refusals.no_role(what)
    labels = [
        call.book[ROLES][h.role].label for h in call.actor.holdings if h.role in call.book[ROLES] and h.on(call.today)
    ]
    able = [role.label for role in call.book[ROLES].values() if role.kind == call.actor.kind and any(role.clauses(act))]
    if not able:
        return refusals.no_role_of_this_kind(what)
    return refusals.role_without_act(what, yours=labels, able=able)


def _ways(call: Call, act: str) -> Iterator[_Way]:
    """The roles held today that have the act; a role of another kind of account allows nothing."""
    for holding in call.actor.holdings:
        role = call.book[ROLES].get(holding.role)
        if role is not None and role.kind == call.actor.kind and holding.on(call.today):
            for clause in role.clauses(act):
                yield _Way(act, holding, role, clause)


def _reach(way: _Way, book: Book, consents: Collection[int]) -> Reach | None:
    """What a way shows; None where it shows nothing (no area, no unit, no enterprise is named in the grant)."""
    records = way.records(book)
    if records is not None and not records:
        return None
    flows = way.workflows(book)
    if flows is not None and not flows:
        return None
    if way.clause.reach == "everywhere":
        return Reach(records=records, workflows=flows)
    if way.clause.reach == "area":
        inside = way.areas(book)
        return Reach(records=records, areas=inside, workflows=flows) if inside is None or inside else None
    if way.clause.reach == "unit":
        own = frozenset({way.holding.unit})
        return Reach(records=records, units=own, workflows=flows) if way.holding.unit else None
    about = frozenset(consents) if way.clause.reach == "consent" else frozenset({way.holding.subject}) - {None}
    subjects = frozenset(s for s in about if s is not None)
    return Reach(records=records, subjects=subjects, workflows=flows) if about else None


def _outside(way: _Way, target: _Target, book: Book) -> tuple[int, Refusal] | None:
    """Why a target lies outside of a way, with how near it came; None where it lies inside."""
    what = ACTS[way.act]
    if (refusal := _misplaced(way, target, book)) is not None:
        return 0, refusal
    flows = way.workflows(book) if way.clause.workflows or target.workflow else None
    if flows is not None and target.workflow not in flows:
        return 1, refusals.role_not_for_workflow(way.role.label, what)
    entry = book[RECORDS].get(target.record)
    about = target.quality or (entry.record.quality if entry is not None else None)
    unknown = bool(target.record) and entry is None
    if way.quality is not None and (unknown or (about is not None and about != way.quality)):
        return 1, refusals.another_quality(way.role.label, quality=way.quality, what=what)
    if ACTS[way.act].shows and target.record and len(way.audiences) < 4:
        audience = entry.record.audience if entry is not None else ""
        if audience not in way.audiences:
            label = (
                (entry.record.label.zh, entry.record.label.en) if entry is not None else (target.record, target.record)
            )
            return 2, refusals.record_not_open_to_role(label, role=way.role.label, what=what)
    return None


def _misplaced(way: _Way, target: _Target, book: Book) -> Refusal | None:
    """Why a target is not in the place that a way reaches."""
    what = ACTS[way.act]
    reach = way.clause.reach
    if reach == "everywhere":
        return None
    if reach == "area":
        inside = way.areas(book)
        if inside is None or target.areas & inside:
            return None
        own = book[DISTRICT].names.get(way.area(book))
        there = [book[DISTRICT].names[code] for code in sorted(target.areas) if code in book[DISTRICT].names]
        return refusals.another_area(own, what, there)
    if reach == "unit":
        if way.holding.unit and target.unit == way.holding.unit:
            return None
        theirs = book[DISTRICT].names.get(target.unit)
        return refusals.another_unit(what, theirs)
    if reach == "subject":
        if way.holding.subject is not None and way.holding.subject in target.subjects:
            return None
        return refusals.another_enterprise(what)
    if target.consent and target.subjects:
        return None
    return refusals.no_consent(what)
