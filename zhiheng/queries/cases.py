"""Cases as pages show them: a list with filters, one case with its standing in words, every act with the reasons why
not, its lines, relatives and clocks.

``cases``        a page of the cases within reach, narrowed by ``CaseFilters``
``numbers_of``   the numbers of the first of them
``case_sheet``   one case: ``CaseSheet``; by its number in the table or by its case number, or by a receipt
``cases_of``     the cases of an enterprise, for its quality file
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db.models import Count, Q
from django.utils import timezone

from zhiheng.database.paging import Keyset, Page
from zhiheng.engines.workflow.compiled import CompiledAct, Workflow
from zhiheng.engines.workflow.forms import in_the_place, restored, shown
from zhiheng.engines.workflow.guards import how_many, refusals_of, sealed_acts, who_leaves
from zhiheng.engines.workflow.of_book import CaseBook, case_book
from zhiheng.engines.workflow.read_model import PARTY, clocks_by_hand
from zhiheng.engines.workflow.standing import CaseStanding, Clock, listed
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.case_documents import main_party
from zhiheng.grammar.chapters.corner import on_own_pages
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.workflow_pages import CaseField
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.office import case_log, case_standings
from zhiheng.office.case_log import CaseFamily, family_of
from zhiheng.office.cases import (
    Case,
    CaseAttachment,
    CaseDocument,
    CaseDraft,
    CaseDuty,
    CaseEvent,
    CaseHandIn,
    CaseLink,
    CasePartyRow,
    CaseProposal,
    CaseStandingRow,
)
from zhiheng.office.objections import Objection
from zhiheng.people import access, trail
from zhiheng.queries import refusals
from zhiheng.queries.case_people import (
    PersonInCase,
    access_refusals,
    best_for,
    is_for_others,
    is_involved,
    names_in_family,
    own_conflict,
    persons_of,
)
from zhiheng.queries.case_reach import about_subject, readable
from zhiheng.queries.look_ups import AnswerInWords, LookUpsAsked, in_words, to_look_up

PAGE = 50

MACHINE_LABELS: Mapping[str, Label] = {
    case_log.COMMENT: Label(zh="备注", en="comment"),
    case_log.STRIKE: Label(zh="撤销记录", en="strike a line"),
    case_log.ASSIGN: Label(zh="指派承办人", en="assign"),
    case_log.LINK: Label(zh="关联案件", en="link"),
    case_log.DUPLICATE: Label(zh="标为重复", en="mark as a duplicate"),
    case_log.RESTRICT: Label(zh="限制查阅", en="restrict"),
    case_log.FACT: Label(zh="所依据的事实有新情况", en="news of a fact that it rests on"),
}

# A comment that whoever complained or reported reads too, or has written.
MESSAGE = Label(zh="与投诉举报人的留言", en="message between the handlers and the sender")


@dataclass(frozen=True)
class CaseFilters:
    """What somebody looks for among cases; what is empty narrows nothing.

    ``ended``: None for all, else only those that have ended or have not. ``late``: something is overdue.
    """

    workflow: str = ""
    state: str = ""
    unit: str = ""
    quality: str = ""
    handler: str = ""
    # Only those that are assigned to nobody.
    unassigned: bool = False
    text: str = ""
    opened_from: dt.date | None = None
    opened_to: dt.date | None = None
    ended: bool | None = None
    late: bool = False
    irregular: bool = False
    subject: int | None = None
    # With those beneath it.
    area: str = ""


@dataclass(frozen=True)
class CaseInList:
    """A case as a list shows it: its row (``row.case`` is the case), what its workflow and states are called (the
    first state stands for it), the unit that holds it, and the parties that may be shown.
    """

    row: CaseStandingRow
    workflow: Label
    states: tuple[Label, ...]
    unit: Label
    parties: tuple[str, ...]

    @property
    def case(self) -> Case:
        """The case."""
        return self.row.case


@dataclass(frozen=True)
class FieldToFill:
    """A field of an act's form: its definition in the book, whether it must be filled in, and what can be chosen
    (value, label), by the law of the day where the book says so; none: nothing to choose from. ``among``: the persons
    who alone can be chosen; None: any officer.
    """

    name: str
    field: CaseField
    required: bool
    choices: tuple[tuple[str, Label], ...] = ()
    last: Any = None
    among: tuple[str, ...] | None = None


@dataclass(frozen=True)
class ActToChoose:
    """An act of the page (one outcome of it) as the reader has it.

    ``refused``: every reason why not, empty where it can be done now; ``by_case``: those of them that hold whoever does
    it (state, period, related cases). ``mine``: the reader is one who does such acts; ``for_others``: it is for hands
    and parties that the reader is none of, whatever the state. ``as_whom``: the hand or party as which the reader would
    do it. ``persons``: how many have to sign. ``states_day``: the form asks when it happened. ``key`` is what
    ``act_in_case`` takes.
    """

    key: str
    name: str
    label: Label
    act_label: Label
    refused: tuple[Refusal, ...]
    by_case: tuple[Refusal, ...]
    mine: bool
    for_others: bool
    as_whom: Label | None
    by: tuple[Label, ...]
    persons: int
    states_day: bool
    fields: tuple[FieldToFill, ...]
    issues: tuple[str, ...]

    @property
    def possible(self) -> bool:
        """Whether the reader can do it now."""
        return not self.refused


@dataclass(frozen=True)
class WhyNot:
    """Why the reader can't do an act now: ``by_case``: what holds whoever does it; ``by_person``: what is against the
    reader; both empty where they can. ``mine``, ``for_others``: as in ``ActToChoose``. ``hand``: as which hand or party
    they do it, '' where not.
    """

    by_case: tuple[Refusal, ...]
    by_person: tuple[Refusal, ...]
    mine: bool
    for_others: bool
    hand: str

    @property
    def refused(self) -> tuple[Refusal, ...]:
        """Every reason, those of the case first."""
        return self.by_case + self.by_person


@dataclass(frozen=True)
class Whom:
    """A hand or party of a case: ``unit`` whose officers act as it (None: a party, or the level above), and the
    ``persons`` whom the case names for it.
    """

    label: Label
    unit: Label | None
    persons: tuple[Label, ...]


@dataclass(frozen=True)
class WaitedFor:
    """What a running period asks for: the acts that one of ``whom`` must (``must``) or may do until its end. ``mine``:
    the reader does one of them.
    """

    must: bool
    acts: tuple[Label, ...]
    whom: tuple[Whom, ...]
    mine: bool
    clock: Clock


@dataclass(frozen=True)
class SentAct:
    """An act whose form was sent, as far as reading the form needs it: no standing, no other act, no line.

    ``unit``: that which holds the case. ``states_day``: the form asks when it happened.
    """

    case: Case
    unit: str
    label: Label
    fields: tuple[FieldToFill, ...]
    states_day: bool


@dataclass(frozen=True)
class ActOfCase:
    """One act of a case for the page of its form. ``place``: the last place, which the form carries; ``draft``: what
    the reader has half written.
    """

    case: Case
    unit: str
    label: Label
    states: tuple[Label, ...]
    place: int
    chosen: ActToChoose
    draft: CaseDraft | None
    answers: tuple[AnswerInWords, ...] = ()


@dataclass(frozen=True)
class SaidInLine:
    """A field and what was said in it, in both languages."""

    name: str
    label: Label
    text: Label


@dataclass(frozen=True)
class LineOfCase:
    """A line of the log as the reader may see it.

    ``closed``: what was said is sealed until later. ``struck_by``: the line that struck it. ``irregular``: why it would
    not be permitted as things are known now. ``by_law``: no line at all but what the passing of time did, derived from
    the log; it has no number. ``follows``: nor one of its own, but what followed here from an act of a related case.
    ``derived``: the act of such lines. ``handed_in``: the row that it handed in as a fact.
    ``answers``: what its look-ups answered then.
    """

    label: Label
    happened: dt.date
    entered_at: dt.datetime | None
    people: tuple[Mapping[str, str], ...] = ()
    entered_for: Label | None = None
    said: tuple[SaidInLine, ...] = ()
    text: str = ""
    files: tuple[CaseAttachment, ...] = ()
    closed: bool = False
    struck_by: LineOfCase | None = None
    irregular: tuple[Refusal, ...] = ()
    hints: tuple[str, ...] = ()
    answers: tuple[AnswerInWords, ...] = ()
    by_law: bool = False
    follows: bool = False
    derived: str = ""
    event: CaseEvent | None = None
    opened: tuple[int, ...] = ()
    handed_in: CaseHandIn | None = None
    documents: tuple[CaseDocument, ...] = ()
    may_strike: bool = False


@dataclass(frozen=True)
class Relative:
    """Another case and what it is to this one: ``relation`` in words, ``standing`` None where it may not be read."""

    case: Case
    relation: Label
    row: CaseStandingRow | None
    states: tuple[Label, ...]
    opens_from_here: bool


@dataclass(frozen=True)
class ProposalOfCase:
    """An act that waits for signatures: what it says, who has signed, whether the reader can."""

    proposal: CaseProposal
    label: Label
    said: tuple[SaidInLine, ...]
    refused: tuple[Refusal, ...]
    may_decline: bool


@dataclass(frozen=True)
class CaseSheet:
    """One case for its page.

    ``place``: the last place, which forms carry. ``clocks``: the engine's clocks, the one that ends first before the
    others, with what is left, the article, and why that day. ``waits``: whom those periods ask, in the same order.
    ``lines``: latest first, what the law did among them.
    ``irregular``: those lines that stand on top of the page. ``may``: which of the machine's acts the reader has
    (comment, assign, link, duplicate, restrict, strike).
    """

    case: Case
    row: CaseStandingRow
    workflow: Workflow
    label: Label
    states: tuple[Label, ...]
    unit: Label
    place: int
    clocks: tuple[Clock, ...]
    waits: tuple[WaitedFor, ...]
    acts: tuple[ActToChoose, ...]
    lines: tuple[LineOfCase, ...]
    irregular: tuple[LineOfCase, ...]
    parties: tuple[tuple[Label, CasePartyRow], ...]
    hidden_parties: tuple[Label, ...]
    relatives: tuple[Relative, ...]
    proposals: tuple[ProposalOfCase, ...]
    drafts: tuple[CaseDraft, ...]
    values: tuple[SaidInLine, ...]
    may: frozenset[str]
    # The objection that it is.
    objection: int | None = None


# -- lists -------------------------------------------------------------------------------------------------------------


def cases(filters: CaseFilters, *, after: str = "", call: Call, count: bool = False) -> Page[CaseInList]:
    """A page of cases within reach, the latest first; with ``count`` and on the first page, how many there are."""
    access.require_somewhere(call, "case.read")
    rows = CaseStandingRow.objects.filter(readable(call), _narrowed(filters, call))
    page = Keyset("-opened_on", "-case").page(rows.select_related("case"), after, PAGE)
    total = None
    if count and not after:
        total = rows.count() if page.next else len(page.rows)
    return page.made(in_list(page.rows, call), total)


def numbers_of(filters: CaseFilters, most: int, *, call: Call) -> list[int]:
    """The first cases that a filter finds, at most so many, the latest first: what is done to all of a list."""
    access.require_somewhere(call, "case.read")
    rows = CaseStandingRow.objects.filter(readable(call), _narrowed(filters, call)).order_by("-opened_on", "-case")
    return list(rows.values_list("case", flat=True)[:most])


def cases_of(subject: int, *, after: str = "", call: Call, count: bool = False) -> Page[CaseInList]:
    """The cases in which an enterprise is a party, for its quality file; its names may have moved since."""
    return cases(CaseFilters(subject=subject), after=after, call=call, count=count)


def _narrowed(filters: CaseFilters, call: Call) -> Q:
    asked = Q()
    for name in ("workflow", "unit", "quality", "handler"):
        if value := getattr(filters, name):
            asked &= Q(**{name: value})
    if filters.state:
        asked &= Q(state=filters.state)
    if filters.unassigned:
        asked &= Q(handler="")
    if filters.text:
        asked &= Q(case__number__icontains=filters.text.strip())
    if filters.opened_from is not None:
        asked &= Q(opened_on__gte=filters.opened_from)
    if filters.opened_to is not None:
        asked &= Q(opened_on__lte=filters.opened_to)
    if filters.ended is not None:
        asked &= Q(final=filters.ended)
    if filters.late:
        asked &= _late(call)
    if filters.irregular:
        asked &= Q(irregular__gt=0)
    if filters.subject is not None:
        asked &= about_subject(filters.subject)
    if filters.area:
        asked &= Q(area__in=sorted(call.book[DISTRICT].areas_below.get(filters.area, {filters.area})))
    return asked


def _late(call: Call) -> Q:
    """Something that an officer must do is late: since a day, or since a moment of today."""
    hours = CaseDuty.objects.filter(kind=CaseDuty.Kind.DUTY, due_at__lt=call.now).exclude(at=PARTY)
    return Q(final=False) & (Q(due__lt=call.today) | Q(case__in=hours.values("case")))


@dataclass(frozen=True)
class CaseCounts:
    """How many cases are running, and how many of them are late."""

    running: int
    late: int


def counts_in(area: str, *, call: Call) -> CaseCounts | None:
    """The cases of an area with those beneath it that the reader may see (one query); None for who reads no cases."""
    if access.scope(call, "case.read").nothing:
        return None
    rows = CaseStandingRow.objects.filter(readable(call), _narrowed(CaseFilters(area=area, ended=False), call))
    found = rows.aggregate(running=Count("case"), late=Count("case", filter=_late(call)))
    return CaseCounts(found["running"], found["late"])


def in_list(rows: Sequence[CaseStandingRow], call: Call) -> list[CaseInList]:
    """Rows with their words (one query for the parties of all)."""
    known, names = case_book(call.book), call.book[DISTRICT].names
    parties = parties_in_list([row.case_id for row in rows], known)
    found = []
    for row in rows:
        workflow = known.workflows[row.workflow]
        unit = names.get(row.unit)
        states = told_states(workflow, row.states) if call.actor.kind == "enterprise" else row.states
        found.append(
            CaseInList(
                row,
                workflow.page.label,
                _states(workflow, states),
                unit if unit is not None else Label(zh=row.unit, en=row.unit),
                tuple(parties.get(row.case_id, ())),
            )
        )
    return found


def parties_in_list(cases: Collection[int], known: CaseBook, *, restricted: bool = True) -> Mapping[int, Sequence[str]]:
    """Whom cases are about, by name, as far as lists name them (one query). ``restricted``: of such cases, too."""
    found: dict[int, list[str]] = {}
    if not cases:
        return found
    rows = CasePartyRow.objects.filter(case__in=cases).exclude(name="")
    if not restricted:
        rows = rows.filter(case__standing__restricted=False)
    for party in rows.order_by("id"):
        if not _hides(known, party):
            found.setdefault(party.case_id, []).append(party.name)
    return found


def _hides(known: CaseBook, party: CasePartyRow) -> bool:
    """Whether a party is not named in lists: sealed, or hidden from somebody."""
    for workflow in known.workflows.values():
        entry = workflow.page.parties.get(party.role)
        if entry is not None and (entry.sealed or entry.hidden_from):
            return True
    return False


def told_states(workflow: Workflow, states: Sequence[str]) -> list[str]:
    """The states that an enterprise which knows of the case is told of."""
    known = workflow.page.states
    return [name for name in states if name not in known or not known[name].untold]


def _states(workflow: Workflow, states: Sequence[str]) -> tuple[Label, ...]:
    return tuple(
        workflow.page.states[state].label if state in workflow.page.states else Label(zh=state, en=state)
        for state in states
    )


# -- one case ----------------------------------------------------------------------------------------------------------


def find_case(name: str) -> int | None:
    """The case of a case number, or of its number in the table."""
    if name.isascii() and name.isdecimal() and len(name) < 18:
        return Case.objects.filter(pk=int(name)).values_list("pk", flat=True).first()
    return Case.objects.filter(number=name.strip()).values_list("pk", flat=True).first()


def case_sheet(number: int, *, call: Call, receipt_shown: bool = False) -> CaseSheet:
    """One case whole; reading it is noted. Raises Refused where there is none or it may not be read, alike.

    ``receipt_shown``: the page has checked the receipt of somebody without an account.
    """
    row = CaseStandingRow.objects.filter(case=number).select_related("case").first()
    if row is None:
        if not receipt_shown and call.actor.kind != "enterprise":
            access.require_somewhere(call, "case.read")
        raise Refused(refusals.case_absent(number))
    known = case_book(call.book)
    family = family_of([number], known)
    lines = family.lines[number]
    if receipt_shown:
        access.require(call, "case.submit")
    elif not may_read(row, lines, call):
        raise Refused(refusals.case_absent(number))
    sheet = _sheet(row, family, known, call, receipt=receipt_shown)
    trail.note(call, "case.read", f"case:{number}")
    return sheet


def require_readable(number: int, *, call: Call) -> None:
    """Raise Refused where there is no such case or the actor may not read it, alike."""
    access.require_somewhere(call, "case.read")
    row = CaseStandingRow.objects.filter(case=number).first()
    if row is None or not may_read(row, family_of([number], case_book(call.book)).lines[number], call):
        raise Refused(refusals.case_absent(number))


def may_read(row: CaseStandingRow, lines: Collection[CaseEvent], call: Call) -> bool:
    """Whether the actor may read a case."""
    if _reads_openly(row, call):
        return True
    involved = is_involved(call.actor, row.handler, lines, case_book(call.book).workflows[row.workflow])
    if CaseStandingRow.objects.filter(readable(call), case=row.case_id).exists():
        return True
    if involved and access.may(call, "case.read", **_target(row)) is None:
        return True
    return not row.restricted and (_offered(row, call) or _looks_from_above(row, call, involved=involved))


def closed_to(cases: Collection[int], call: Call) -> frozenset[int]:
    """Those of some cases that are restricted and that the reader can't open (one query, and some for each that is
    restricted).
    """
    rows = CaseStandingRow.objects.filter(case__in=set(cases), restricted=True) if cases else ()
    known = case_book(call.book)
    return frozenset(
        row.case_id for row in rows if not may_read(row, family_of([row.case_id], known).lines[row.case_id], call)
    )


def _reads_openly(row: CaseStandingRow, call: Call) -> bool:
    """Whether reading needs nothing but a role that reaches the case: it is not restricted, and its page asks for no
    right of its own. So ``readable`` has it too, and the database need not be asked.
    """
    if call.actor.kind == "enterprise" or row.restricted or call.book[WORKFLOWS][row.workflow].page.reads is not None:
        return False
    return access.may(call, "case.read", **_target(row)) is None


def sent_act(number: int, act: str, *, call: Call) -> SentAct:
    """An act of a case whose form was sent (one query where the form is the same in every standing). Raises Refused
    where there is no such case or it may not be read, alike, and where nobody does the act on this page.
    """
    row, family = _row_to_act(number, call)
    known = case_book(call.book)
    workflow = known.workflows[row.workflow]
    found = workflow.acts.get(act)
    if found is None or not _is_chosen(found, workflow, call):
        raise Refused(refusals.case_act_absent(act))
    standing = CaseStanding(workflow, known.time)
    if found.body.opens_case or any("." not in among for among in found.body.among.values()):
        # What can be chosen, or whether there is such a form, depends on what was said before.
        family = family or family_of([number], known)
        standing = case_standings.replayed(family, known, in_the_place(call.now))[number]
        if found.body.opens_case and standing.is_open:
            raise Refused(refusals.case_act_absent(act))
    return SentAct(
        row.case,
        row.unit,
        Label(zh=found.zh, en=found.en),
        fields_of(standing, found, call.today),
        found.body.day == "stated",
    )


def act_of_case(number: int, act: str, *, call: Call) -> ActOfCase:
    """One act of a case for its form; reading it is noted. Raises Refused as ``sent_act`` does."""
    row, family = _row_to_act(number, call)
    known = case_book(call.book)
    workflow = known.workflows[row.workflow]
    family = family or family_of([number], known)
    standing = case_standings.replayed(family, known, in_the_place(call.now))[number]
    found = workflow.acts.get(act)
    if found is None or not _is_chosen(found, workflow, call) or (found.body.opens_case and standing.is_open):
        raise Refused(refusals.case_act_absent(act))
    parties = list(row.case.parties.order_by("id"))
    persons = persons_of(call, workflow, row.unit, parties)
    why = why_not(standing, found, persons, row.unit, call)
    facts = frozenset(case_log.facts_in(family.lines[number]))
    asked = LookUpsAsked(workflow, found, parties, standing.values, row.unit, number, facts)
    own = call.actor.account
    drafts = CaseDraft.objects.filter(case=number, act=act, account=own).order_by("-at") if own is not None else None
    sheet = ActOfCase(
        row.case,
        row.unit,
        workflow.page.label,
        _states(workflow, standing.stands),
        family.lines[number][-1].place if family.lines[number] else 0,
        act_to_choose(standing, found, why, call),
        drafts.first() if drafts is not None else None,
        () if why.refused else to_look_up(asked, call=call),
    )
    trail.note(call, "case.read", f"case:{number}")
    return sheet


def _row_to_act(number: int, call: Call) -> tuple[CaseStandingRow, CaseFamily | None]:
    """The row of a case that the actor may read, and its family where that had to be read to know it."""
    row = CaseStandingRow.objects.filter(case=number).select_related("case").first()
    if row is None:
        access.require_somewhere(call, "case.read")
        raise Refused(refusals.case_absent(number))
    if _reads_openly(row, call):
        return row, None
    family = family_of([number], case_book(call.book))
    if not may_read(row, family.lines[number], call):
        raise Refused(refusals.case_absent(number))
    return row, family


def _offered(row: CaseStandingRow, call: Call) -> bool:
    """Whether the case was offered to a unit for which the actor acts: who is to take it over reads it first."""
    duties = CaseDuty.objects.filter(case=row.case_id, at="other").exclude(unit="")
    return any(
        access.may(call, each.takes, unit=each.unit, quality=each.quality, workflow=each.workflow) is None
        for each in duties
    )


def _looks_from_above(row: CaseStandingRow, call: Call, *, involved: bool) -> bool:
    """Whether the case waits for the level above the unit that holds it and the actor acts there, or has acted in it
    from there: who consents, designates, announces or evaluates reads what they decide on. No period need run for it.
    """
    workflow = case_book(call.book).workflows[row.workflow]
    wanted = rights_above(workflow, row.states)
    wanted |= set(CaseDuty.objects.filter(case=row.case_id, at="above").values_list("takes", flat=True))
    if not (wanted or involved):
        return False
    persons = persons_of(call, workflow, row.unit, ())
    above = [each.person.may for each in persons if each.person.level == "above"]
    return any(may & wanted or (involved and may) for may in above)


def rights_above(workflow: Workflow, states: Collection[str]) -> set[str]:
    """The rights of the level above that acts of these states take."""
    hands = workflow.page.hands
    acts = (act for act in workflow.page.acts.values() if not set(states).isdisjoint(act.while_))
    return {hands[name].takes for act in acts for name in act.by if name in hands and hands[name].at == "above"}


def _target(row: CaseStandingRow) -> access.ActTarget:
    return {"unit": row.unit, "area": row.area, "quality": row.quality, "workflow": row.workflow}


def _sheet(row: CaseStandingRow, family: CaseFamily, known: CaseBook, call: Call, *, receipt: bool) -> CaseSheet:
    case = family.cases[row.case_id]
    workflow = known.workflows[case.workflow]
    standing = case_standings.replayed(family, known, in_the_place(call.now), audit=True)[case.pk]
    parties = list(case.parties.order_by("id"))
    persons = persons_of(call, workflow, row.unit, parties, receipt=receipt)
    words = _CaseWords(standing, names_in_family(family, call.book))
    acts = tuple(_acts(standing, persons, row.unit, call))
    lines = tuple(_lines(case, family, words, persons, row, call))
    shown_parties, hidden = _parties(parties, workflow, persons)
    unit = call.book[DISTRICT].names.get(row.unit)
    return CaseSheet(
        case=case,
        row=row,
        workflow=workflow,
        label=workflow.page.label,
        states=_states(
            workflow,
            told_states(workflow, standing.stands) if call.actor.kind == "enterprise" else standing.stands,
        ),
        unit=unit if unit is not None else Label(zh=row.unit, en=row.unit),
        place=family.lines[case.pk][-1].place if family.lines[case.pk] else 0,
        clocks=standing.clocks(),
        waits=_waits(standing, row.unit, words.names, {each.name for each in acts if each.mine}),
        acts=acts,
        lines=lines,
        irregular=tuple(line for line in lines if line.irregular),
        parties=shown_parties,
        hidden_parties=hidden,
        relatives=_relatives(case, call),
        proposals=tuple(_proposals(case, words, persons, row.unit, call)),
        drafts=tuple(CaseDraft.objects.filter(case=case, account=call.actor.account).order_by("-at"))
        if call.actor.account is not None
        else (),
        values=_values(standing, words),
        may=_machine_acts(row, call),
        objection=_objection(case, workflow),
    )


def _objection(case: Case, workflow: Workflow) -> int | None:
    """The objection that a case is, where its workflow is that of objections."""
    if workflow.page.reads is None:
        return None
    return Objection.objects.filter(case=case).values_list("pk", flat=True).first()


def _values(standing: CaseStanding, words: _CaseWords) -> tuple[SaidInLine, ...]:
    """What was said last in each field, but for what is sealed now."""
    closed = {
        name
        for act in sealed_acts(standing)
        for each in standing.workflow.of(act)
        for name in (*each.body.asks, *each.body.optional)
    }
    return words.said({name: value for name, value in standing.values.items() if name not in closed})


@dataclass(frozen=True)
class _CaseWords:
    """What was said in a case, in words: choices and words of the law by their labels, officers and units by name."""

    standing: CaseStanding
    names: Mapping[str, Label]

    def said(self, values: Mapping[str, Any]) -> tuple[SaidInLine, ...]:
        """The fields of a line, or of the whole case."""
        page, found = self.standing.workflow.page, []
        fields = page.fields
        for name, value in values.items():
            if name in page.look_ups:
                # What was looked up stands with its line, with the day and how far it reached.
                continue
            label = fields[name].label if name in fields else Label(zh=name, en=name)
            zh = "、".join(self._word(name, each, "zh") for each in listed(value))
            en = ", ".join(self._word(name, each, "en") for each in listed(value))
            found.append(SaidInLine(name, label, Label(zh=zh or "—", en=en or "—")))
        return tuple(found)

    def _word(self, name: str, value: Any, lang: str) -> str:
        workflow = self.standing.workflow
        field = workflow.page.fields.get(name)
        word: Label | None = None
        if field is not None and field.choices_of is not None:
            word = self.standing.time.word(field.choices_of, value)
        elif field is not None and field.type in _REFER:
            word = self.names.get(str(value))
        if word is not None:
            return word.zh if lang == "zh" else word.en
        return shown(workflow, name, value, lang)


# The fields that refer to an officer or a unit.
_REFER = ("person", "persons", "unit", "units")


def _parties(
    parties: Sequence[CasePartyRow], workflow: Workflow, persons: Sequence[PersonInCase]
) -> tuple[tuple[tuple[Label, CasePartyRow], ...], tuple[Label, ...]]:
    """The parties that the reader may see, and what those are called that may not be: sealed ones, and those hidden
    from every hand that the reader could be.
    """
    seen, hidden = [], []
    rights = {right for each in persons for right in each.person.may}
    for row in parties:
        # A case that another one opened before knew its party by the name that it has there.
        party = workflow.page.parties.get(row.role) or workflow.page.parties.get(main_party(workflow.page))
        label = party.label if party is not None else Label(zh=row.role, en=row.role)
        hands = [workflow.page.hands[name].takes for name in party.hidden_from] if party is not None else []
        mine = any(each.person.party == row.role for each in persons)
        is_hidden = bool(row.sealed or (rights & set(hands) and "case.handle" not in rights))
        if is_hidden and not mine:
            hidden.append(label)
        else:
            seen.append((label, row))
    return tuple(seen), tuple(hidden)


def _acts(standing: CaseStanding, persons: Sequence[PersonInCase], holder: str, call: Call) -> list[ActToChoose]:
    """Every act that somebody does, in the order of the page; acts by law, acts that follow from other cases and those
    done on pages of their own are not chosen.
    """
    return [
        act_to_choose(standing, act, why_not(standing, act, persons, holder, call), call)
        for act in chosen_acts(standing, call)
    ]


def _waits(
    standing: CaseStanding, holder: str, names: Mapping[str, Label], mine: Collection[str]
) -> tuple[WaitedFor, ...]:
    """What the periods that run ask for, of whom: what must be done before what may be, what ends first before the
    rest.

    Args:
        holder: the unit that handles the case.
        names: what units and accounts are called.
        mine: the acts that the reader does.
    """
    page, clocks = standing.workflow.page, {each.period: each for each in standing.clocks()}
    whom: dict[tuple[bool, str, tuple[str, ...]], list[Whom]] = {}
    for each in clocks_by_hand(standing, holder):
        if each.only_waits:
            continue
        hand = page.hands.get(each.hand) or page.parties[each.hand]
        unit = each.unit if each.at != PARTY else ""
        whom.setdefault((each.must, each.period, each.acts), []).append(
            Whom(
                hand.label,
                names.get(unit, Label(zh=unit, en=unit)) if unit else None,
                tuple(names.get(one, Label(zh=one, en=one)) for one in each.persons),
            )
        )
    return tuple(
        WaitedFor(
            must,
            tuple(dict.fromkeys(act_label(standing.workflow, act) for act in acts)),
            tuple(some),
            any(act.partition(".")[0] in mine for act in acts),
            clocks[period],
        )
        for (must, period, acts), some in sorted(whom.items(), key=lambda one: not one[0][0])
    )


def act_label(workflow: Workflow, name: str) -> Label:
    """What an act is called; one with all its outcomes by its own name."""
    if name in workflow.page.acts:
        return workflow.page.acts[name].label
    act = workflow.acts.get(name)
    return Label(zh=act.zh, en=act.en) if act is not None else Label(zh=name, en=name)


def act_to_choose(standing: CaseStanding, act: CompiledAct, why: WhyNot, call: Call) -> ActToChoose:
    """An act of a case with its form, for who would do it as a hand or party (``why_not`` says as which)."""
    page = standing.workflow.page
    label = page.hands.get(why.hand) or page.parties.get(why.hand)
    return ActToChoose(
        act.key,
        act.name,
        Label(zh=act.zh, en=act.en),
        page.acts[act.name].label,
        why.refused,
        why.by_case,
        why.mine,
        why.for_others,
        label.label if label is not None else None,
        tuple((page.hands.get(name) or page.parties[name]).label for name in act.body.by),
        how_many(standing, act) if act.body.joint else 1,
        act.body.day == "stated",
        fields_of(standing, act, call.today),
        act.body.issues,
    )


def chosen_acts(standing: CaseStanding, call: Call) -> Iterator[CompiledAct]:
    """The acts that somebody chooses on the pages of a case; none that follows from the law or from other cases, or
    has pages of its own.
    """
    workflow = standing.workflow
    for act in workflow.acts.values():
        if _is_chosen(act, workflow, call) and not (act.body.opens_case and standing.is_open):
            yield act


def _is_chosen(act: CompiledAct, workflow: Workflow, call: Call) -> bool:
    """Whether somebody does an act on the pages of cases, in some standing."""
    return bool(act.body.by) and not act.by_law and not on_own_pages(call.book, workflow.name, act.key)


def why_not(
    standing: CaseStanding, act: CompiledAct, persons: Sequence[PersonInCase], holder: str, call: Call
) -> WhyNot:
    """Every reason why the reader can't do an act now (none: they can), whether it is theirs to do at all, and as which
    hand or party.

    Args:
        persons: as whom the reader acts in this case (``case_people.persons_of``).
        holder: the unit that handles the case.
    """
    who, hand, against = best_for(standing, act, persons)
    by_case = refusals_of(standing, act)
    if not against and who is not None and who.acts_for:
        conflict = own_conflict(standing, act, call.actor.id, call.actor.name)
        against = (conflict,) if conflict is not None else ()
    # Who it is for is told once: what is against somebody names the hand, what their roles lack only the right.
    by_person = against or (access_refusals(call, standing.workflow, act, holder, persons) if who is None else ())
    if who is None and not (by_case or by_person):
        by_person = (refusals.case_not_yours(),)
    return WhyNot(by_case, by_person, who is not None and not against, is_for_others(standing, act, persons), hand)


def fields_of(standing: CaseStanding, act: CompiledAct, day: dt.date) -> tuple[FieldToFill, ...]:
    """The form of an act on a day: its fields that exist then, with what can be chosen."""
    page, found, leaving = standing.workflow.page, [], who_leaves(standing, act)
    for name in dict.fromkeys((*act.body.asks, *act.body.optional)):
        field = page.fields[name]
        if not field.holds(day):
            continue
        choices = [(key, label) for key, label in field.choices.items()]
        if field.choices_of is not None:
            of_law = listed(standing.time.value(field.choices_of, day).value)
            choices = [(str(each), standing.time.word(field.choices_of, each)) for each in of_law]
        elif (among := act.body.among.get(name)) is not None:
            values = standing.time.value(among, day).value if "." in among else standing.value(among)
            words = standing.time.word if "." in among else _as_written
            choices = [(str(each), words(among, each)) for each in listed(values)]
        needed, last = name in act.body.asks, standing.values.get(name)
        found.append(FieldToFill(name, field, needed, tuple(choices), last, leaving.get(name)))
    return tuple(found)


def _as_written(_among: str, value: object) -> Label:
    return Label(zh=str(value), en=str(value))


def opening_acts(workflow: str, *, call: Call) -> tuple[ActToChoose, ...]:
    """The acts that open a case of a workflow, with their forms; none where only another case opens one."""
    access.require_somewhere(call, "case.submit" if call.actor.kind == "public" else "case.read")
    found = case_book(call.book).workflows.get(workflow)
    if found is None or found.page.only_within:
        return ()
    standing = CaseStanding(found, case_book(call.book).time)
    standing.now = in_the_place(call.now)
    return tuple(
        ActToChoose(
            act.key,
            act.name,
            Label(zh=act.zh, en=act.en),
            found.page.acts[act.name].label,
            (),
            (),
            True,
            False,
            None,
            tuple((found.page.hands.get(name) or found.page.parties[name]).label for name in act.body.by),
            how_many(standing, act) if act.body.joint else 1,
            act.body.day == "stated",
            fields_of(standing, act, call.today),
            act.body.issues,
        )
        for act in found.acts.values()
        if act.body.opens_case and act.body.by and not on_own_pages(call.book, workflow, act.key)
    )


def _lines(
    case: Case,
    family: CaseFamily,
    words: _CaseWords,
    persons: Sequence[PersonInCase],
    row: CaseStandingRow,
    call: Call,
) -> list[LineOfCase]:
    """Lines, what the law did and what followed from related cases, latest first."""
    standing = words.standing
    workflow, closed = standing.workflow, set(sealed_acts(standing))
    irregular = {line.number: refusals for line, refusals in standing.irregular}
    handed = {each.line_id: each for each in CaseHandIn.objects.filter(line__case=case)}
    documents: dict[int, list[CaseDocument]] = {}
    for document in case.documents.order_by("id"):
        documents.setdefault(document.line_id, []).append(document)
    files: dict[int, list[CaseAttachment]] = {}
    for file in case.attachments.order_by("id"):
        files.setdefault(file.line_id, []).append(file)
    may_strike = access.may(call, "case.strike", **_target(row)) is None
    own = {call.actor.id, call.actor.acting_for or call.actor.id}
    strikes = {
        int(case_log.data_of(line)["line"]): line for line in family.lines[case.pk] if line.act == case_log.STRIKE
    }
    found = []
    seen = [(line.pk, case_log.answers_in(line)) for line in family.lines[case.pk] if line.act not in closed]
    answers = dict(zip([n for n, _ in seen], in_words([(workflow, each) for _, each in seen], call=call), strict=True))
    for line in family.lines[case.pk]:
        data, people = case_log.data_of(line), case_log.people_of(line)
        strike = strikes.get(line.pk)
        is_closed = line.act in closed
        party = workflow.page.parties.get(line.entered_for)
        found.append(
            LineOfCase(
                label=label_of(line, workflow),
                happened=case_log.happened(line),
                entered_at=timezone.localtime(line.entered_at),
                people=tuple(people),
                entered_for=party.label if party is not None else None,
                said=() if is_closed else words.said(restored(workflow, data.get("said", {}))),
                text=_machine_text(data),
                files=() if is_closed else tuple(files.get(line.pk, ())),
                closed=is_closed,
                struck_by=_strike(strike, workflow) if strike is not None else None,
                irregular=irregular.get(line.pk, ()),
                hints=tuple(orjson.loads(line.seen).get("hints", ())),
                answers=answers.get(line.pk, ()),
                event=line,
                opened=case_log.opened_by(line),
                handed_in=handed.get(line.pk),
                documents=tuple(documents.get(line.pk, ())),
                may_strike=may_strike
                and strike is None
                and (not line.act.startswith("@") or line.act == case_log.COMMENT)
                and not own & {*case_log.names_in(people)},
            )
        )
    for each in (*standing.derived, *standing.heard):
        act = workflow.acts[each.act]
        label, follows = Label(zh=act.zh, en=act.en), not act.body.by
        found.append(LineOfCase(label, each.on, None, by_law=not follows, follows=follows, derived=act.name))
    order = {id(line): place for place, line in enumerate(found)}
    return sorted(found, key=lambda line: (_first_moment(line.happened), order[id(line)]), reverse=True)


def _first_moment(on: dt.date) -> dt.datetime:
    return on if isinstance(on, dt.datetime) else dt.datetime.combine(on, dt.time())


def _machine_text(data: Mapping[str, Any]) -> str:
    return str(data.get("text") or data.get("reason") or data.get("name") or data.get("number") or "")


def _strike(line: CaseEvent, workflow: Workflow) -> LineOfCase:
    return LineOfCase(
        label=label_of(line, workflow),
        happened=case_log.happened(line),
        entered_at=timezone.localtime(line.entered_at),
        people=tuple(case_log.people_of(line)),
        text=_machine_text(case_log.data_of(line)),
        event=line,
    )


def label_of(line: CaseEvent, workflow: Workflow) -> Label:
    """What a line's act is called; one that the page no longer has, by its name."""
    if line.act == case_log.COMMENT and case_log.data_of(line).get(case_log.WITH) == case_log.SENDER:
        return MESSAGE
    if line.act in MACHINE_LABELS:
        return MACHINE_LABELS[line.act]
    act = workflow.acts.get(case_log.key_of(line))
    return Label(zh=act.zh, en=act.en) if act else Label(zh=case_log.key_of(line), en=case_log.key_of(line))


_RELATIONS: Mapping[tuple[str, bool], Label] = {
    (case_log.LINKED, True): Label(zh="关联案件", en="linked"),
    (case_log.LINKED, False): Label(zh="关联案件", en="linked"),
    (case_log.DUPLICATE_OF, True): Label(zh="重复于本案", en="repeats this case"),
    (case_log.DUPLICATE_OF, False): Label(zh="本案重复于", en="this case repeats it"),
}


def _relatives(case: Case, call: Call) -> tuple[Relative, ...]:
    """Cases that it opened or that opened it, and those linked to it (three queries)."""
    known = case_book(call.book)
    links = CaseLink.objects.filter(Q(parent=case) | Q(child=case)).select_related("parent", "child").order_by("id")
    others = {link.child_id if link.parent_id == case.pk else link.parent_id for link in links}
    rows = {row.case_id: row for row in CaseStandingRow.objects.filter(readable(call), case__in=others)}
    found = []
    for link in links:
        down = link.parent_id == case.pk
        other = link.child if down else link.parent
        row = rows.get(other.pk)
        relation = _RELATIONS.get((link.relation, down))
        if relation is None:
            child = known.workflows[link.parent.workflow].page.children.get(link.relation)
            relation = child.label if down and child is not None else Label(zh="来自", en="opened by")
        states = _states(known.workflows[other.workflow], row.states) if row is not None else ()
        found.append(Relative(other, relation, row, states, down))
    return tuple(found)


def _proposals(
    case: Case, words: _CaseWords, persons: Sequence[PersonInCase], holder: str, call: Call
) -> list[ProposalOfCase]:
    standing = words.standing
    workflow, found = standing.workflow, []
    for proposal in case.proposals.filter(state=CaseProposal.State.WAITING).order_by("id"):
        act = workflow.acts.get(proposal.act)
        if act is None:
            continue
        said = restored(workflow, orjson.loads(proposal.data))
        who, _, against = best_for(standing, act, persons)
        refused = [*refusals_of(standing, act, (), said), *against]
        if who is None:
            refused += access_refusals(call, workflow, act, holder, persons)
        signed = {name for each in proposal.signed for name in (each["who"], each["person"])}
        has_signed = call.actor.id in signed or (who is not None and who.person.name in signed)
        if has_signed:
            refused.append(refusals.case_signed_already(call.actor.name))
        may_decline = has_signed or (who is not None and not against)
        label = Label(zh=act.zh, en=act.en)
        found.append(ProposalOfCase(proposal, label, words.said(said), tuple(refused), may_decline))
    return found


_MACHINE_ACTS: Mapping[str, str] = {
    "comment": "case.read",
    "assign": "case.assign",
    "link": "case.handle",
    "duplicate": "case.handle",
    "restrict": "case.restrict",
    "strike": "case.strike",
}


def _machine_acts(row: CaseStandingRow, call: Call) -> frozenset[str]:
    where = _target(row)
    return frozenset(name for name, act in _MACHINE_ACTS.items() if access.may(call, act, **where) is None)


__all__ = [
    "PARTY",
    "ActOfCase",
    "ActToChoose",
    "CaseCounts",
    "CaseFilters",
    "CaseInList",
    "CaseSheet",
    "FieldToFill",
    "LineOfCase",
    "ProposalOfCase",
    "Relative",
    "SaidInLine",
    "SentAct",
    "WaitedFor",
    "Whom",
    "WhyNot",
    "about_subject",
    "act_label",
    "act_of_case",
    "case_sheet",
    "cases",
    "cases_of",
    "counts_in",
    "fields_of",
    "find_case",
    "in_list",
    "label_of",
    "may_read",
    "numbers_of",
    "opening_acts",
    "readable",
    "require_readable",
    "sent_act",
]
