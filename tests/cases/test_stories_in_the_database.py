"""Every story of the book played through the real actions: the cases in the database stand as the engine says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

import pytest

from tests.book_once import book_once
from tests.cases.officers import BOOK, CITY, MARKET, NEIGHBOUR, ZONE, book_with_rights, only
from zhiheng.actions.cases import act_in_case as acting
from zhiheng.actions.cases import line_writer, open_case
from zhiheng.engines.workflow.family import CaseLog
from zhiheng.engines.workflow.forms import in_the_place
from zhiheng.engines.workflow.guards import CasePerson
from zhiheng.engines.workflow.look_ups import Answer
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.engines.workflow.read_model import other_units
from zhiheng.engines.workflow.standing import CaseStanding, listed
from zhiheng.engines.workflow.stories import Family, _entered, _expected, _seen
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.workflow_pages import CaseRight, Story, StoryDay
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.kernel.actor import Actor, Holding
from zhiheng.kernel.reasons import Refused
from zhiheng.office import case_standings
from zhiheng.office.case_log import family_of, opened_by
from zhiheng.office.cases import Case, CaseEvent, CaseProposal
from zhiheng.office.models import Upload
from zhiheng.people.models import Account
from zhiheng.queries.case_people import PersonInCase
from zhiheng.queries.look_ups import LookUpsAsked

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
RIGHTS = tuple(right for right in get_args(CaseRight) if right.startswith(("case.", "objection.")))
STORIES = [(name, number) for name, entry in book_once(BOOK)[WORKFLOWS].items() for number in range(len(entry.stories))]


class Stage:
    """A story on the database, and beside it in memory."""

    def __init__(self, workflow: str, story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
        self.book = book_with_rights(RIGHTS)
        self.known = case_book(self.book)
        self.name, self.story = workflow, story
        self.workflow = self.known.workflows[workflow]
        self.cases: dict[str, int] = {}
        self.accounts: dict[str, str] = {}
        self.units: dict[str, str] = {}
        self.latest = dt.datetime.min.replace(tzinfo=ZONE)
        self.memory = Family(self.known.workflows, self.known.time, {"": CaseLog(self.workflow)})
        self._persons = line_writer.persons_of
        monkeypatch.setattr(line_writer, "persons_of", self.persons)
        # A story says itself what its look-ups answer; that the ledger is asked is tried in tests/cases/test_sees.py.
        monkeypatch.setattr(line_writer, "look_up", self.look_up)
        self.day = story.days[0]
        # A story of what only another case opens begins with it alone.
        monkeypatch.setattr(open_case, "require_alone", lambda *_: None)
        # What an objection asks beside its workflow is tried where objections are (tests/desk/test_objection_cases.py).
        monkeypatch.setattr(acting, "on_own_pages", lambda *_: False)
        self.speaker = ""

    # -- who -----------------------------------------------------------------------------------------------------------

    def account(self, name: str) -> str:
        """The account of somebody of the story."""
        if name not in self.accounts:
            made = Account.objects.create(login=f"s{len(self.accounts)}", name=name, kind="officer", unit=MARKET)
            self.accounts[name] = f"account:{made.pk}"
        return self.accounts[name]

    def persons(self, call: Call, workflow: Any, holder: str, parties: Any, **more: Any) -> tuple[PersonInCase, ...]:
        """Officers as they really are; a party speaks for itself."""
        party = self.story.people[self.speaker].party
        if party is not None:
            return (PersonInCase(CasePerson(call.actor.id, party=party)),)
        return self._persons(call, workflow, holder, parties, **more)

    def look_up(self, asked: LookUpsAsked, *, call: Call) -> dict[str, Answer]:
        """What the story answers."""
        values = _seen(asked.workflow, asked.act, self.day)
        return {name: Answer(value, call.today) for name, value in values.items()}

    def actor(self, name: str, holder: str, offered: str) -> Actor:
        """Somebody of the story as an officer with these rights, at a unit that stands so to the one that holds it."""
        person = self.story.people[name]
        unit = {"own": holder, "other": offered or NEIGHBOUR, "above": CITY}[person.level]
        holdings = tuple(Holding(only(right), unit) for right in (*person.may, "case.open", "case.read"))
        return Actor(self.account(name), "officer", name, holdings)

    # -- what ----------------------------------------------------------------------------------------------------------

    def given(self, workflow: Any, entered: Mapping[str, Any]) -> dict[str, Any]:
        """What is said, with people by their accounts and units by their names in the book."""
        named = {field for act in workflow.acts.values() for field in act.body.assigns.values()}
        named |= {field for act in workflow.acts.values() for field in act.body.relieves.values()}
        named |= {act.body.recuses.field for act in workflow.acts.values() if act.body.recuses is not None}
        moves = {name for name, field in workflow.page.fields.items() if field.type == "unit"}
        found = dict(entered)
        for name, value in entered.items():
            if name in named:
                several = [self.account(str(each)) for each in listed(value)]
                found[name] = several if isinstance(value, list | tuple) else several[0]
            if name in moves:
                found[name] = self.unit(str(value))
        return found

    def unit(self, name: str) -> str:
        """A unit of the book for one of the story."""
        others = [unit.id for unit in self.book[DISTRICT].units if unit.id not in (MARKET, CITY)]
        return self.units.setdefault(name, others[len(self.units)])

    # -- days ----------------------------------------------------------------------------------------------------------

    def play(self, day: StoryDay) -> Iterator[str]:
        """What does not come true on a day."""
        on = day.day
        moment = (on if isinstance(on, dt.datetime) else dt.datetime.combine(on, dt.time())).replace(tzinfo=ZONE)
        if not isinstance(on, dt.datetime) and self.latest.date() == on:
            # A day without a time stands after what was entered before it.
            moment = max(moment, self.latest)
        hints: list[Any] = []
        self.day = day
        if day.act is not None:
            yield from self.do(day, moment, hints)
        if day.case not in self.cases:
            return
        standings = self.standings(on)
        then = day.then
        if then.holder is not None:
            then = then.model_copy(update={"holder": self.units.get(then.holder, then.holder)})
        standing = standings[day.case]
        for sentence in _expected(standing, day.model_copy(update={"then": then}), hints):
            yield sentence.zh
        for case, other in standings.items():
            mine, theirs = _facts(other), _facts(self.memory.standing(case, on))
            if mine != theirs:
                yield f"{case!r}: {mine} / {theirs}"

    def do(self, day: StoryDay, moment: dt.datetime, hints: list[Any]) -> Iterator[str]:
        """The act of a day, in the database and in memory."""
        workflow = self.memory.cases[day.case].workflow
        if day.act not in workflow.acts:
            return
        act = workflow.acts[day.act]
        stated = act.body.day == "stated"
        self.latest = max(self.latest, moment) if stated else moment
        given = self.given(workflow, _entered(workflow, day))
        changed = day.model_copy(update={"with_": given})
        people = [
            CasePerson(self.account(name), frozenset(said.may), said.level, said.party or "")
            for name, said in ((name, self.story.people[name]) for name in day.by)
        ]
        before: tuple[str, ...] = ()
        try:
            self.memory.do(day.case, changed, people)
        except Refused as refused:
            before = tuple(each.code for each in refused.refusals)
        try:
            hints += self.real(day, act.key, given, moment)
        except Refused as refused:
            codes = {each.code for each in refused.refusals}
            if "case.opened_jointly" in codes:
                codes = {"workflow.joint"}
            if codes == {"case.absent"} and all(self.story.people[name].level != "own" for name in day.by):
                # To another unit a case in which it can't act now is one that is not there.
                codes = set(before) - {"workflow.asks"}
            hints += self.memory.hints
            if not before:
                yield f"{day.act}: {[each.zh for each in refused.refusals]}"
            elif not codes & set(before):
                yield f"{day.act}: {codes}, {before}"
        else:
            if before and "workflow.joint" not in before:
                yield f"{day.act} was done in the database; refused: {before}"
        if before:
            # What was refused in the story is not signed later.
            CaseProposal.objects.filter(state="waiting").update(state="declined")

    def real(self, day: StoryDay, key: str, given: Mapping[str, Any], moment: dt.datetime) -> Sequence[Any]:
        """The act by the actions; what was pointed out."""
        assert day.act is not None
        workflow = self.memory.cases[day.case].workflow
        happened = day.day if workflow.acts[key].body.day == "stated" else None
        if day.case not in self.cases and len(day.by) > 1:
            # What several open together belongs to another case, which has made its row.
            moment = self.latest
            case = line_writer.new_case(self.name, MARKET, "", moment, moment, self.known)
            self.cases[day.case] = case.pk
        if day.case not in self.cases:
            self.speaker = day.by[0]
            actor = self.actor(day.by[0], MARKET, "")
            done = open_case.open_case(
                self.name, key, given, unit=MARKET, call=Call(actor, self.book, self.latest), happened=happened
            )
            self.cases[day.case] = done.case.pk
            self.children(day.case, done.line)
            return done.hints
        case = self.cases[day.case]
        standing = self.standings(in_the_place(self.latest))[day.case]
        holder, offered = standing.holder or Case.objects.get(pk=case).unit, next(iter(other_units(standing)), "")
        hints: Sequence[Any] = ()
        proposal: CaseProposal | None = None
        for name in day.by:
            self.speaker = name
            call = Call(self.actor(name, holder, offered), self.book, self.latest)
            if proposal is not None:
                done = acting.sign_proposal(proposal.pk, digest=proposal.digest, call=call)
            else:
                place = Case.objects.get(pk=case).lines.count()
                done = acting.act_in_case(case, key, given, call=call, place=place, happened=happened)
                hints = done.hints
            proposal = done.proposal
            if done.line is not None:
                self.children(day.case, done.line)
                break
        return hints

    def children(self, case: str, line: CaseEvent) -> None:
        """Remember under which name of the story the cases are that a line opened."""
        for number in opened_by(line):
            self.cases.setdefault(f"{case}/{Case.objects.get(pk=number).party}".strip("/"), number)

    def standings(self, on: dt.date) -> dict[str, CaseStanding]:
        """The standings of all cases of the story, from the database."""
        family = family_of(list(self.cases.values()), self.known)
        found = case_standings.replayed(family, self.known, on)
        return {name: found[number] for name, number in self.cases.items()}


def _facts(standing: CaseStanding) -> tuple[Any, ...]:
    clocks = [
        (clock.period, clock.day, clock.moment, clock.is_late, clock.missed, clock.provisional)
        for clock in standing.clocks()
    ]
    derived = [(str(line.on), line.act) for line in standing.derived]
    return standing.stands, clocks, derived, {str(k): str(v) for k, v in standing.values.items()}


@pytest.mark.parametrize(("workflow", "number"), STORIES)
def test_故事在数据库里一样成立(workflow: str, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    story = book_once(BOOK)[WORKFLOWS][workflow].stories[number]
    stage = Stage(workflow, story, monkeypatch)
    wrong = [f"{day.day}: {told}" for day in story.days for told in stage.play(day)]
    assert wrong == []
    handed = Upload.objects.count()
    assert handed == CaseEvent.objects.filter(handed_in__isnull=False).values("handed_in__upload").distinct().count()
