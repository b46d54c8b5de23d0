"""Who somebody is in a case: with which rights, from which level, as which party. Rights are asked of people/access,
holding by holding; the engine's guards say what follows for an act.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from zhiheng.engines.workflow.compiled import CompiledAct, Workflow
from zhiheng.engines.workflow.guards import CasePerson, as_whom, entanglement, refusals_of
from zhiheng.engines.workflow.read_model import unit_of_hand
from zhiheng.engines.workflow.refusals import person_may_not
from zhiheng.engines.workflow.standing import CaseStanding, listed
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.workflow_pages import BY_LAW, CaseRight, Level
from zhiheng.grammar.types import Label
from zhiheng.kernel.actor import Actor, Holding
from zhiheng.kernel.reasons import Refusal
from zhiheng.office.case_log import CaseFamily, key_of, names_in, people_of, said_in
from zhiheng.office.cases import CaseEvent, CasePartyRow
from zhiheng.people import access
from zhiheng.people.models import Account
from zhiheng.queries import refusals

LEVELS: tuple[Level, ...] = get_args(Level)
_RIGHTS: frozenset[CaseRight] = frozenset(get_args(CaseRight))


@dataclass(frozen=True)
class PersonInCase:
    """Somebody as the guards take them, the unit for which they act, and in whose place."""

    person: CasePerson
    unit: str = ""
    acts_for: str = ""


def is_involved(who: Actor, handler: str, lines: Collection[CaseEvent], workflow: Workflow) -> bool:
    """Whether somebody handles a case, was named in it as one of its hands, or has acted in it: who does reads it even
    where it is restricted.
    """
    names = {who.id, who.acting_for or who.id}
    return handler in names or any(names & {*names_in(people_of(line)), *_named(line, workflow)} for line in lines)


def _named(line: CaseEvent, workflow: Workflow) -> Iterator[str]:
    """The persons whom a line named for hands of the workflow."""
    act = workflow.acts.get(key_of(line))
    if act is None or not act.body.assigns:
        return
    said = said_in(line)
    for field in act.body.assigns.values():
        yield from map(str, listed(said.get(field)))


def persons_of(
    call: Call, workflow: Workflow, holder: str, parties: Collection[CasePartyRow], *, receipt: bool = False
) -> tuple[PersonInCase, ...]:
    """As whom the actor can act in a case that ``holder`` holds: one for each level from which a role of theirs
    reaches it, one for each party for which they speak. ``receipt``: they have shown the receipt of the case.
    """
    return tuple(_persons(call, workflow, holder, parties, receipt=receipt))


def _persons(
    call: Call, workflow: Workflow, holder: str, parties: Collection[CasePartyRow], *, receipt: bool
) -> Iterator[PersonInCase]:
    actor = call.actor
    # Somebody in another's place acts by their roles and is, for all that a case asks of persons, that other one.
    name = actor.acting_for or actor.id
    acts_for = actor.acting_for
    if actor.kind in access.UNLIMITED:
        for level in LEVELS:
            unit = "" if level == "other" else holder
            yield PersonInCase(CasePerson(name, _RIGHTS, level, called=actor.name), unit, acts_for)
        return
    needed: set[CaseRight] = {hand.takes for hand in workflow.page.hands.values()} | {"case.handle", "case.open"}
    for holding in actor.holdings if actor.kind in ("officer", "program") else ():
        for level, unit in _levels(call, holding, holder):
            one = call.by(replace(actor, holdings=(holding,)))
            may = frozenset(right for right in sorted(needed) if _may(one, right, unit, workflow))
            if may:
                yield PersonInCase(CasePerson(name, may, level, called=actor.name), holding.unit, acts_for)
    if actor.kind == "enterprise":
        for party in parties:
            if party.subject is not None and _speaks(call, workflow, party.subject):
                yield PersonInCase(CasePerson(name, party=party.role, called=actor.name), "", acts_for)
    if receipt and access.may(call, "case.submit") is None and (role := receipt_party(workflow)):
        yield PersonInCase(CasePerson(name, party=role, called=workflow.page.parties[role].label.zh))


def _levels(call: Call, holding: Holding, holder: str) -> Iterator[tuple[Level, str]]:
    """Where a holding stands to the unit that holds a case, and for which unit its rights are asked: for the holder's
    own, if the role reaches it; and from its own unit where that is another one.
    """
    district = call.book[DISTRICT]
    yield "own", holder
    if holding.unit and holding.unit != holder:
        yield "other", holding.unit
        if holder in district.units_beneath.get(holding.unit, frozenset()):
            yield "above", holding.unit


def _may(call: Call, right: str, unit: str, workflow: Workflow) -> bool:
    return access.may(call, right, unit=unit, quality=workflow.page.quality, workflow=workflow.name) is None


def _speaks(call: Call, workflow: Workflow, subject: int) -> bool:
    quality = workflow.page.quality
    return access.may(call, "firm.answer", subject=subject, quality=quality, workflow=workflow.name) is None


def receipt_party(workflow: Workflow) -> str:
    """As which party somebody with the receipt speaks: the first that can open a case; '' where none can."""
    opening = (act for act in workflow.page.acts.values() if act.opens_case)
    return next((name for act in opening for name in act.by if name in workflow.page.parties), "")


def best_for(
    standing: CaseStanding, act: CompiledAct, persons: Sequence[PersonInCase]
) -> tuple[PersonInCase | None, str, tuple[Refusal, ...]]:
    """As whom of these an act can be done, as which hand or party, and every reason against them where it can't.

    The reasons of states, periods and numbers are not asked here.

    Args:
        standing: where the case stands now.
        persons: as whom the actor acts in this case.
    """
    nearest: tuple[PersonInCase | None, tuple[Refusal, ...]] = (None, ())
    for each in persons:
        why = reasons_against(standing, act, each)
        if not why:
            return each, as_whom(standing, act, each.person), ()
        # What refuses somebody of the right unit is worth more than that another role of theirs is elsewhere.
        if nearest[0] is None:
            nearest = (each, why)
    return nearest[0], "", nearest[1]


def reasons_against(standing: CaseStanding, act: CompiledAct, who: PersonInCase) -> tuple[Refusal, ...]:
    """Why somebody can't do an act, whatever the state of the case: their right, level, other hands, the unit to which
    the case was offered.
    """
    refused = refusals_of(standing, act, (who.person,))
    why = [each for each in refused if each.code == "workflow.person"]
    hands = [hand for hand in act.body.by if hand in standing.workflow.page.hands]
    others = [hand for hand in hands if standing.workflow.page.hands[hand].at == "other"]
    named = {unit_of_hand(standing, hand) for hand in others}
    # Of the other units only the one that the case names: nobody else is told anything of it.
    if not why and others and len(others) == len(act.body.by) and who.unit and who.unit not in named:
        why.append(refusals.case_offered_elsewhere())
    return tuple(why)


def is_for_others(standing: CaseStanding, act: CompiledAct, persons: Sequence[PersonInCase]) -> bool:
    """Whether an act is for other hands and parties than those as which the actor can stand in the case, whatever its
    state and whoever it names.
    """
    page = standing.workflow.page
    for name in act.body.by:
        hand = page.hands.get(name)
        for each in persons:
            who = each.person
            if who.party == name if hand is None else hand.takes in who.may and hand.at == who.level:
                return False
    return True


def own_conflict(standing: CaseStanding, act: CompiledAct, who: str, called: str) -> Refusal | None:
    """Why somebody who acts in another's place can't, because of what they did in the case themselves.

    Args:
        who: the account that acts.
        called: what refusals call it: its name.
    """
    hands = [hand for hand in act.body.by if hand in standing.workflow.page.hands and hand != BY_LAW]
    why = entanglement(standing, hands, who) if hands and len(hands) == len(act.body.by) else None
    if why is None:
        return None
    return person_may_not(called, act, why)


def access_refusals(
    call: Call, workflow: Workflow, act: CompiledAct, holder: str, persons: Sequence[PersonInCase]
) -> tuple[Refusal, ...]:
    """What ``people/access`` says to somebody whose roles have none of the rights of an act.

    Args:
        holder: the unit that handles the case.
        persons: as whom the actor acts in this case.
    """
    hands: Mapping[str, CaseRight] = {
        name: workflow.page.hands[name].takes for name in act.body.by if name in workflow.page.hands
    }
    if not hands or any(right in each.person.may for each in persons for right in hands.values()):
        return ()
    asked = (
        access.may(call, right, unit=holder, quality=workflow.page.quality, workflow=workflow.name)
        for right in dict.fromkeys(hands.values())
    )
    return tuple(refusal for refusal in asked if refusal is not None)[:1]


def names_in_family(family: CaseFamily, book: Book) -> Mapping[str, Label]:
    """Units and accounts, as what was said in the cases of a family refers to them -> their names."""
    names = {unit.id: unit.name for unit in book[DISTRICT].units}
    accounts: set[int] = set()
    for lines in family.lines.values():
        for line in lines:
            for each in people_of(line):
                names.setdefault(each["who"], Label(zh=each["name"], en=each["name"]))
    for log in family.logs.values():
        for entry in log.lines:
            for value in entry.said.values():
                for each in value if isinstance(value, list | tuple) else (value,):
                    kind, _, number = str(each).partition(":")
                    if kind == "account" and number.isdecimal() and str(each) not in names:
                        accounts.add(int(number))
    found = Account.objects.filter(pk__in=accounts).values_list("pk", "name") if accounts else ()
    return names | {f"account:{number}": Label(zh=name, en=name) for number, name in found}


def officers_of(unit: str) -> list[tuple[int, str]]:
    """The open accounts of a unit's officers: (number, name), by name; at most 200. Names only."""
    found = Account.objects.filter(unit=unit, kind=Account.Kind.OFFICER, is_active=True).order_by("name", "pk")
    return list(found.values_list("pk", "name")[:200])
