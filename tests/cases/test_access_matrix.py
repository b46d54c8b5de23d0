"""Who may do which act of a case, in which state: every act of every workflow of the book, every role, from every place
where its holder may sit, in every set of states that can be reached. Generated from the pages: a new workflow, act or
role is looked at without a line here.

What is right is said once more in ``Expected``, by the words of the page alone: a role may do an act where it has the
right of one of its hands for the place that the hand asks for, and the states of the page allow it. Everything else
must be refused, with the reason that the page gives.

Of a workflow with more sets of states than ``ZHIHENG_MATRIX_STATES`` (40) so many are drawn by chance, the same each
time; ``ZHIHENG_MATRIX_STATES=1000`` looks at every one.
"""

from __future__ import annotations

import datetime as dt
import os
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest
from django.conf import settings
from django.db import transaction

from tests.book_once import book_once
from tests.cases.officers import BOOK, CITY, MARKET, NEIGHBOUR, call
from zhiheng.actions.cases.act_in_case import act_in_case
from zhiheng.actions.cases.open_case import open_case
from zhiheng.engines.workflow.compiled import CompiledAct, Workflow
from zhiheng.engines.workflow.guards import refusals_of
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.engines.workflow.standing import CaseStanding
from zhiheng.engines.workflow.walk import walk
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.grammar.chapters.workflow_pages import BY_LAW, CaseAct, WorkflowPage
from zhiheng.kernel.actor import PUBLIC, SYSTEM, Actor, Holding
from zhiheng.kernel.reasons import Refused
from zhiheng.office.cases import Case, CaseEvent, CasePartyRow
from zhiheng.queries.case_people import best_for, persons_of, reasons_against, receipt_party

pytestmark = pytest.mark.slow
book = book_once(BOOK)
known = case_book(book)
DAY: Final = dt.datetime(2026, 12, 1, 10)
# Where the holder of a role sits, seen from the unit that holds the case.
PLACES: Final = {"本单位": MARKET, "同区别的单位": NEIGHBOUR, "上级市的局": CITY, "别的区的局": "cangji_market"}
OFFICERS: Final = [name for name, role in book[ROLES].items() if role.kind in ("officer", "program")]
FIRMS: Final = [name for name, role in book[ROLES].items() if role.kind == "enterprise"]
OURS: Final = 7
MOST: Final = int(os.environ.get("ZHIHENG_MATRIX_STATES") or 40)
BY_STATES: Final = {f"workflow.{why}" for why in ("opened", "not_while", "not_now", "closed", "unfinished")}


@dataclass(frozen=True)
class Expected:
    """What the page and the roles say, read as an official reads them."""

    name: str
    page: WorkflowPage

    def states(self, act: CaseAct, hold: set[str]) -> set[str]:
        """Why the states forbid an act of an open case."""
        finals = {state for state, entry in self.page.states.items() if entry.final}
        ends = self.page.states.keys() - finals if act.ends == "all" else set(act.ends)
        found = {"workflow.opened"} if act.opens_case else set()
        lacking = (bool(act.while_) and not hold & {*act.while_}) or not {*act.needs} <= hold
        if lacking:
            found.add("workflow.not_while")
        if hold & {*act.unless}:
            found.add("workflow.not_now")
        if not (act.while_ or act.needs or act.opens_case) and hold & finals:
            found.add("workflow.closed")
        if {*act.begins} & finals and ((hold - ends) | {*act.begins}) - finals and not lacking:
            found.add("workflow.unfinished")
        return found

    def officer(self, act: CaseAct, role: str, place: str, *, named: bool, offered: bool = False) -> bool:
        """Whether somebody with a role at a place may do an act, be they ``named`` in the case for its hands or not. Of
        other units only the neighbour may, which the case names, or to which it is ``offered``.
        """
        by_name = {hand for each in self.page.acts.values() for hand in each.assigns}
        by_name |= {hand for each in self.page.acts.values() for out in each.outcomes.values() for hand in out.assigns}
        unit = PLACES[place]
        for name in act.by:
            if name == BY_LAW:
                continue
            if name in self.page.parties:
                # What a party did on paper the unit enters.
                if self.reaches(role, unit, "case.handle", MARKET):
                    return True
                continue
            hand = self.page.hands[name]
            if name in by_name and not named:
                continue
            if named and by_name & {*hand.apart_from}:
                # Named for both, they can be neither.
                continue
            here = {
                "own": self.reaches(role, unit, hand.takes, MARKET),
                "other": unit == NEIGHBOUR
                and (offered or hand.unit is not None)
                and self.reaches(role, unit, hand.takes, unit),
                "above": place == "上级市的局" and self.reaches(role, unit, hand.takes, unit),
            }
            if here[hand.at]:
                return True
        return False

    def reaches(self, role: str, own: str, right: str, target: str) -> bool:
        """Whether a role that is held at a unit has a right for a unit."""
        district = book[DISTRICT]
        here, there = district.area_of_unit[own], district.area_of_unit[target]
        return any(
            clause.reach == "everywhere"
            or (clause.reach == "unit" and own == target)
            or (clause.reach == "area" and (here == there or here in district.areas_above.get(there, ())))
            for clause in book[ROLES][role].may
            if right in clause.acts and (not clause.workflows or self.name in clause.workflows)
        )


def actor_of(role: str, place: str) -> Actor:
    """Somebody with a role at a place."""
    unit = PLACES[place]
    kind = book[ROLES][role].kind
    return Actor("account:1", kind, "甲", (Holding(role, unit, book[DISTRICT].area_of_unit[unit]),))


def standing_in(workflow: Workflow, states: int, *, named: bool = False) -> CaseStanding:
    """An open case in which these states hold."""
    standing = CaseStanding(workflow, known.time)
    standing.is_open, standing.now, standing.states = True, DAY, states
    standing.values = {hand.unit: NEIGHBOUR for hand in workflow.page.hands.values() if hand.unit is not None}
    if named:
        standing.assigned = dict.fromkeys(workflow.assigned_hands, ("account:1",))
    return standing


def codes(standing: CaseStanding, act: CompiledAct, *people: Any) -> set[str]:
    """The reasons of states and persons."""
    return {each.code for each in refusals_of(standing, act, people)} & {*BY_STATES, "workflow.person"}


def cells(workflow: Workflow) -> Iterator[tuple[set[str], int]]:
    """Sets of states that can be reached, as names and as bits."""
    reached = sorted(walk(workflow).standings)
    for states in random.Random(workflow.name).sample(reached, min(MOST, len(reached))):
        yield {*workflow.states(states)}, states


@pytest.mark.parametrize("name", known.workflows)
def test_每个行为在每种状态下可办与否_与页面一致(name: str) -> None:
    workflow, wrong = known.workflows[name], []
    expected = Expected(name, workflow.page)
    for hold, states in cells(workflow):
        standing = standing_in(workflow, states)
        for act in workflow.acts.values():
            found, wanted = codes(standing, act), expected.states(act.body, hold)
            if found != wanted:
                wrong.append(f"{sorted(hold)} 时 {act.key}：{sorted(found)}，应为 {sorted(wanted)}")
    assert wrong == []


@pytest.mark.parametrize("name", known.workflows)
def test_每个角色在每个单位能办哪些行为_与页面和角色一致(name: str) -> None:
    """Also those who are named in the case for a hand, and those who are not."""
    workflow, wrong = known.workflows[name], []
    expected = Expected(name, workflow.page)
    first = next(act.begins for act in workflow.acts.values() if act.body.opens_case)
    may = refused = 0
    for role in OFFICERS:
        for place in PLACES:
            persons = persons_of(call(actor_of(role, place), "2026-12-01 10:00"), workflow, MARKET, ())
            for named in (True, False):
                standing = standing_in(workflow, first, named=named)
                for act in workflow.acts.values():
                    _, hand, against = best_for(standing, act, persons)
                    found, wanted = bool(hand) and not against, expected.officer(act.body, role, place, named=named)
                    may, refused = may + found, refused + (not found)
                    if found != wanted:
                        wrong.append(f"{place}的 {role}（{'本案指定' if named else '未指定'}）{act.key}：{against}")
    assert wrong == []
    assert may, "nobody of the book may do anything here"
    assert refused > may


@pytest.mark.parametrize("name", known.workflows)
def test_企业和凭回执的人_只办自己作为当事人的行为(name: str) -> None:
    workflow, wrong = known.workflows[name], []
    first = next(act.begins for act in workflow.acts.values() if act.body.opens_case)
    standing = standing_in(workflow, first, named=True)
    speakers = [
        (f"{role}（{party}）", Actor("account:1", "enterprise", "甲厂", (Holding(role, subject=OURS),)), party, subject)
        for role in FIRMS
        for party in workflow.page.parties
        for subject in (OURS, OURS + 1)
    ]
    by_receipt = receipt_party(workflow)
    for who, actor, party, subject in [*speakers, ("凭回执的人", PUBLIC, by_receipt, OURS)]:
        named = [CasePartyRow(role=party, subject=subject)] if party else []
        asking = call(actor, "2026-12-01 10:00")
        persons = persons_of(asking, workflow, MARKET, named, receipt=actor is PUBLIC)
        speaks = bool(party) and subject == OURS
        if actor is not PUBLIC:
            role = actor.holdings[0].role
            speaks = speaks and any("firm.answer" in clause.acts for clause in book[ROLES][role].may)
        for act in workflow.acts.values():
            _, hand, against = best_for(standing, act, persons)
            if (bool(hand) and not against) != (speaks and party in act.body.by):
                wrong.append(f"{who} {act.key}：{hand!r} {against}")
    assert wrong == []


@pytest.mark.parametrize("name", known.workflows)
def test_办过一种身份的人_不得兼任须与之分开的身份(name: str) -> None:
    workflow, wrong = known.workflows[name], []
    page, asking = workflow.page, call(SYSTEM, "2026-12-01 10:00")
    first = next(act.begins for act in workflow.acts.values() if act.body.opens_case)
    everyone = persons_of(asking, workflow, MARKET, ())
    for was in page.hands:
        standing = standing_in(workflow, first)
        standing.assigned = {hand: (SYSTEM.id,) for hand in workflow.assigned_hands if hand != was}
        standing.actors = {was: frozenset({SYSTEM.id})}
        clashing = {*standing.assigned, was}
        for act in workflow.acts.values():
            _, hand, against = best_for(standing, act, everyone)
            # Where the case names who acts as a hand, others don't.
            free = [
                hand
                for hand in act.body.by
                if hand in page.hands
                and not {*page.hands[hand].apart_from} & clashing
                and not (hand == was and hand in workflow.assigned_hands)
            ]
            entered = any(by in page.parties for by in act.body.by)
            if (bool(hand) and not against) != (bool(free) or entered):
                wrong.append(f"曾为 {was}：{act.key} 得到 {hand!r}，分开的 {free}")
    assert wrong == []


def test_状态和人各说各的理由_一个不掩盖另一个() -> None:
    """Cells of the whole table, drawn at random: the reasons of both, together."""
    chance, wrong = random.Random(1), []
    for name, workflow in known.workflows.items():
        expected, reached = Expected(name, workflow.page), list(cells(workflow))
        for _ in range(60):
            hold, states = chance.choice(reached)
            role, place = chance.choice(OFFICERS), chance.choice(list(PLACES))
            act, named = chance.choice(list(workflow.acts.values())), chance.random() < 0.5
            persons = persons_of(call(actor_of(role, place), "2026-12-01 10:00"), workflow, MARKET, ())
            standing = standing_in(workflow, states, named=named)
            may = expected.officer(act.body, role, place, named=named)
            wanted = expected.states(act.body, hold) | (set() if may else {"workflow.person"})
            # That it is another unit's is a reason of persons, too.
            found = [
                codes(standing, act) | ({"workflow.person"} if reasons_against(standing, act, each) else set())
                for each in persons
            ] or [wanted | {"workflow.person"}]
            if may and wanted not in found:
                wrong.append(f"{name} {sorted(hold)} {place}的 {role} {act.key}：{found}，应有 {wanted}")
            if not may and any(each != wanted for each in found):
                wrong.append(f"{name} {sorted(hold)} {place}的 {role} {act.key}：{found}，应为 {wanted}")
    assert wrong == []


# -- through the action itself -----------------------------------------------------------------------------------------


class _Undone(Exception):
    """What was done in a cell is taken back."""


def tried(case: int, act: str, given: Mapping[str, Any], actor: Actor) -> set[str]:
    """The codes with which an act is refused; none: it was done (and is undone)."""
    try:
        with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
            act_in_case(case, act, given, call=call(actor, "2026-12-01 10:00"))
            raise _Undone
    except Refused as refused:
        return {each.code for each in refused.refusals}
    except _Undone:
        return set()


# State -> the acts that are tried in it, with what is filled in.
REAL: Final[Mapping[str, Mapping[str, Mapping[str, Any]]]] = {
    "to_decide": {"decide.accept": {}, "tell_end": {}, "offer": {"to_unit": NEIGHBOUR, "handover_reason": "不属本局"}},
    "offered": {"take_over": {}, "decide.accept": {}},
}


@pytest.mark.django_db
@pytest.mark.parametrize("role", OFFICERS)
def test_经过真正的办理_每个角色在每个单位_办成的和被拒的与页面一致(role: str) -> None:
    handler = Actor("account:9", "officer", "丙", (Holding("department_officer", MARKET),))
    workflow = known.workflows["complaint"]
    expected, wrong = Expected("complaint", workflow.page), []
    opened = open_case(
        "complaint",
        "receive",
        {"claim": "退货", "dispute": "漏电"},
        unit=MARKET,
        call=call(handler, "2026-12-01 09:00"),
    ).case
    done = 0
    for state, acts in REAL.items():
        if state == "offered":
            act_in_case(opened.pk, "offer", REAL["to_decide"]["offer"], call=call(handler, "2026-12-01 09:30"))
        hold = {*standing_of(opened)}
        for act, given in acts.items():
            body = workflow.acts[act].body
            for place in PLACES:
                before = CaseEvent.objects.count()
                found = tried(opened.pk, act, given, actor_of(role, place))
                assert CaseEvent.objects.count() == before
                may = expected.officer(body, role, place, named=False, offered=state == "offered")
                states = expected.states(body, hold)
                said = f"{state} {place}的 {role} {act}：{found or '办成'}"
                if (may and found & BY_STATES != states) or (may and not states and found):
                    wrong.append(said)
                if not may and not found & {"case.absent", "access.role", "workflow.person", "case.offered_elsewhere"}:
                    wrong.append(said)
                done += not found
    assert wrong == []
    rights = {act for clause in book[ROLES][role].may for act in clause.acts}
    assert bool(done) == ("case.handle" in rights)


def standing_of(case: Case) -> list[str]:
    """The states that hold."""
    case.refresh_from_db()
    states: list[str] = case.standing.states
    return states
