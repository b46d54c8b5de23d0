"""Look-ups of an act (``sees`` of a workflow) answered from the ledger, from other cases, from indicators and from the
sampling plans of the book, as far as who asks may read; and the answers that lines have frozen, with the way to the
facts and cases behind them.

``look_up``       what an act asks, answered now
``to_look_up``    the same before the act, for its form
``in_words``      answers as a page shows them, to whoever reads it now
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from django.db.models import Q

from zhiheng.engines import acceptance
from zhiheng.engines.conditions import all_met
from zhiheng.engines.figure_words import figure_text
from zhiheng.engines.restrictions import Restriction
from zhiheng.engines.workflow.compiled import CompiledAct, Workflow
from zhiheng.engines.workflow.look_ups import MOST_NAMED, Answer, Reached, says_same, since
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.engines.workflow.standing import listed
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.acceptance import ACCEPTANCE, SAMPLING_PLANS
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.restrictions import RESTRICTIONS
from zhiheng.grammar.chapters.workflow_pages import LookUp
from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias, FactParty
from zhiheng.office.cases import CasePartyRow, CaseStandingRow
from zhiheng.people import access
from zhiheng.quality_file.file_view import FileView
from zhiheng.quality_file.restrictions import restrictions_of
from zhiheng.queries import refusals
from zhiheng.queries.case_reach import about_subject, readable
from zhiheng.queries.figures import open_figures
from zhiheng.queries.quality_files import view_of
from zhiheng.queries.readings import note_reading
from zhiheng.queries.restrictions import own_departments

FILES, CASES = "file.read", "case.read"


@dataclass(frozen=True, slots=True)
class LookUpsAsked:
    """What is asked: the look-ups of an act, about the parties of a case and with what was said in it, for the unit
    that holds it. ``case`` and ``facts``: the case itself, and the facts because of which it was opened; they are no
    other cases and no earlier facts.
    """

    workflow: Workflow
    act: CompiledAct
    parties: Sequence[CasePartyRow]
    values: Mapping[str, Any]
    unit: str
    case: int = 0
    facts: frozenset[int] = frozenset()

    def subjects(self, about: str) -> tuple[int, ...]:
        """The enterprises of the ledger whom a look-up is about: a party by the name that the case took (it follows
        where that name belongs to another enterprise later), a party of a field by its name where only one has it.
        """
        if about in self.workflow.page.parties:
            rows = [row for row in self.parties if row.role == about]
            aliases = dict(
                Alias.objects.filter(pk__in=[row.alias for row in rows if row.alias]).values_list("pk", "subject_id")
            )
            found = [aliases.get(row.alias, row.subject) if row.alias else row.subject for row in rows]
        else:
            found = []
            for name in listed(self.values.get(about)):
                named = list(Alias.objects.filter(name=str(name)).values_list("subject_id", flat=True).distinct()[:2])
                found += named if len(named) == 1 else []
        return tuple(dict.fromkeys(each for each in found if each is not None))


@dataclass(frozen=True, slots=True)
class BehindAnswer:
    """A fact or a case that an answer rests on, which the reader may open: ``subject`` is whose file it is opened
    through.
    """

    number: int
    label: Label
    on: dt.date | None
    subject: int | None = None


@dataclass(frozen=True, slots=True)
class AnswerInWords:
    """An answer as a page shows it. ``facts`` and ``cases``: those named that the reader may open; ``more``: how many
    of those named the reader may not open. ``note``: what to look out for, where something was found.
    """

    name: str
    label: Label
    value: Label
    answer: Answer
    note: Label | None = None
    facts: tuple[BehindAnswer, ...] = ()
    cases: tuple[BehindAnswer, ...] = ()
    more: int = 0


def look_up(asked: LookUpsAsked, *, call: Call) -> dict[str, Answer]:
    """Look-up -> its answer now. Raises Refused for a lot that no sampling plan is for."""
    page = asked.workflow.page
    return {name: _answer(page.look_ups[name], asked, call) for name in dict.fromkeys(asked.act.body.sees)}


def to_look_up(asked: LookUpsAsked, *, call: Call, only: Collection[str] | None = None) -> tuple[AnswerInWords, ...]:
    """What the look-ups of an act answer now, for its form; the act itself asks again. Those that depend on what is
    still to be filled in are left out. ``only``: these look-ups; None: those of the act.
    """
    page, to_come = asked.workflow.page, {*asked.act.body.asks, *asked.act.body.optional}
    found = {}
    for name in dict.fromkeys(asked.act.body.sees if only is None else only):
        spec = page.look_ups[name]
        depends = {page.about(spec), *spec.same.values(), spec.batch_size or ""} & to_come
        if all(asked.values.get(each) for each in depends):
            # A lot for which there is no plan is told by the act itself, beside its field.
            with suppress(Refused):
                found[name] = _answer(spec, asked, call)
    return in_words([(asked.workflow, found)], call=call)[0]


def before_opening(
    workflow: str,
    party: CasePartyRow,
    *,
    unit: str,
    said: Mapping[str, Any],
    facts: Collection[int] = (),
    call: Call,
) -> tuple[AnswerInWords, ...]:
    """What the opening acts of a workflow look up about who is to be a party of the new case."""
    known = case_book(call.book).workflows[workflow]
    openers = [act for act in known.acts.values() if act.body.opens_case]
    sees = dict.fromkeys(name for act in openers for name in act.body.sees)
    mine = tuple(name for name in sees if known.page.about(known.page.look_ups[name]) == party.role)
    asked = LookUpsAsked(known, openers[0], [party], said, unit, facts=frozenset(facts))
    if mine and party.subject is not None:
        note_reading(call, "file.read", [party.subject])
    return to_look_up(asked, call=call, only=mine)


def in_words(
    some: Iterable[tuple[Workflow, Mapping[str, Answer]]], *, call: Call
) -> tuple[tuple[AnswerInWords, ...], ...]:
    """Answers as they were given, each group beside its workflow, with the facts and cases behind them as far as the
    reader may open them (about five queries for all).
    """
    groups = list(some)
    every = [answer for _, answers in groups for answer in answers.values()]
    if not every:
        return tuple(() for _ in groups)
    facts = _facts_shown({number for answer in every for number in answer.facts}, call)
    cases = _cases_shown({number for answer in every for number in answer.cases}, call)
    found = []
    for workflow, answers in groups:
        shown = []
        # In the order of the page; lines keep their answers by name.
        for name in sorted(answers, key=list(dict.fromkeys((*workflow.page.look_ups, *answers))).index):
            answer, spec = answers[name], workflow.page.look_ups.get(name)
            behind = tuple(facts[number] for number in answer.facts if number in facts)
            others = tuple(cases[number] for number in answer.cases if number in cases)
            named = len(answer.facts) + len(answer.cases)
            shown.append(
                AnswerInWords(
                    name,
                    spec.label if spec is not None else Label(zh=name, en=name),
                    _value_in_words(spec, answer, call),
                    answer,
                    spec.note if spec is not None and answer.value not in (None, 0) else None,
                    behind,
                    others,
                    named - len(behind) - len(others),
                )
            )
        found.append(tuple(shown))
    return tuple(found)


def _value_in_words(spec: LookUp | None, answer: Answer, call: Call) -> Label:
    value = answer.value
    if value is None:
        return Label(zh="—", en="—")
    if spec is not None and spec.indicator is not None and spec.indicator in call.book[INDICATORS]:
        zh, en = figure_text(call.book[INDICATORS][spec.indicator], Decimal(str(value)))
        return Label(zh=zh, en=en)
    if spec is not None and spec.is_number:
        return Label(zh=f"{value:,} 条" if spec.records else f"{value:,} 件", en=f"{value:,}")
    return Label(zh=str(value), en=str(value))


def _facts_shown(numbers: Collection[int], call: Call) -> dict[int, BehindAnswer]:
    """Those of some facts that the reader may open, through the file of an enterprise that they are about."""
    if not numbers or access.scope(call, FILES).nothing:
        return {}
    links = FactParty.objects.filter(fact_id__in=numbers).values_list("fact_id", "alias_id")
    about = dict(Alias.objects.filter(pk__in={alias for _, alias in links}).values_list("pk", "subject_id"))
    records, found = call.book[RECORDS], dict[int, BehindAnswer]()
    for subject in sorted(set(about.values())):
        theirs = {fact for fact, alias in links if about.get(alias) == subject} - found.keys()
        view, _, _ = view_of(subject, call=call)
        rows = view.facts().filter(pk__in=theirs).values_list("id", "record", "occurred_on") if theirs else ()
        for number, record, on in rows:
            label = records[record].record.label if record in records else Label(zh=record, en=record)
            found[number] = BehindAnswer(number, label, on, subject)
    return found


def _cases_shown(numbers: Collection[int], call: Call) -> dict[int, BehindAnswer]:
    if not numbers or access.scope(call, CASES).nothing:
        return {}
    rows = CaseStandingRow.objects.filter(readable(call), case__in=numbers).select_related("case")
    return {
        row.case_id: BehindAnswer(row.case_id, Label(zh=row.case.number, en=row.case.number), row.opened_on)
        for row in rows
    }


def _answer(spec: LookUp, asked: LookUpsAsked, call: Call) -> Answer:
    if spec.indicator is not None:
        return _figure(spec.indicator, asked.unit, call)
    if spec.sampling is not None:
        return _sampled(spec, spec.sampling, asked, call)
    subjects = asked.subjects(asked.workflow.page.about(spec))
    if not subjects:
        return Answer(None, call.today, Reached.UNKNOWN)
    if spec.restrictions:
        return _measures(subjects, asked.unit, call)
    return _facts(spec, asked, subjects, call) if spec.records else _cases(spec, subjects, asked.case, call)


def _figure(indicator: str, unit: str, call: Call) -> Answer:
    """The figure of an indicator for the area of a unit, as it stands today."""
    area = call.book[DISTRICT].area_of_unit.get(unit, "")
    try:
        found = open_figures(area, as_of=call.today, call=call).one(indicator)
    except Refused:
        return Answer(None, call.today, Reached.NONE)
    if found.value is None:
        return Answer(None, call.today, Reached.LACKING)
    return Answer(float(found.value), call.today)


def _sampled(spec: LookUp, plan: str, asked: LookUpsAsked, call: Call) -> Answer:
    """A number of a sampling plan of the book for the lot that the case says. Raises Refused, at the field of the lot,
    where there is no plan for it.
    """
    page = call.book[SAMPLING_PLANS][plan]
    standard = call.book[ACCEPTANCE][page.standard]
    lot = Decimal(str(asked.values.get(str(spec.batch_size)) or 0))
    if not standard.holds(call.today):
        raise Refused(refusals.standard_not_in_force(standard.standard, str(spec.batch_size)))
    if lot != lot.to_integral_value():
        raise Refused(refusals.batch_not_whole(str(spec.batch_size)))
    try:
        stage = acceptance.of_class(standard, page, str(spec.of_class), lot=int(lot))
    except Refused as refused:
        raise Refused(*(one.at(field=str(spec.batch_size)) for one in refused.refusals)) from None
    return Answer({"sample": stage.n, "accept": stage.accept, "reject": stage.reject}[spec.take], call.today)


def _facts(spec: LookUp, asked: LookUpsAsked, subjects: Sequence[int], call: Call) -> Answer:
    """Facts about enterprises that stand today, the latest first; those that who asks may not read are not counted, and
    the answer says so.
    """
    first = since(spec, call.today, case_book(call.book).time)
    reached = set[Reached]()
    found: dict[int, tuple[dt.date, Mapping[str, Any]]] = {}
    for subject in subjects:
        view, _, _ = view_of(subject, call=call)
        reached |= {_reached(view, record) for record in spec.records}
        rows = view.standing(spec.as_).filter(record__in=spec.records)
        if first is not None:
            rows = rows.filter(occurred_on__gte=first)
        if spec.holds:
            rows = rows.filter(Q(valid_until=None) | Q(valid_until__gte=call.today))
        for number, on, outcome, text in rows.values_list("id", "occurred_on", "outcome", "body"):
            body = {**orjson.loads(text), "outcome": outcome}
            if number in asked.facts:
                continue
            alike = all(says_same(asked.values.get(ours), body.get(theirs)) for theirs, ours in spec.same.items())
            if alike and all_met(body, spec.where):
                found[number] = on, body
    if reached == {Reached.NONE}:
        return Answer(None, call.today, Reached.NONE)
    how = Reached.WHOLE if reached == {Reached.WHOLE} else Reached.PART
    latest = sorted(found, key=lambda number: (found[number][0], number), reverse=True)
    value: Any = len(latest)
    if spec.take == "latest":
        value = found[latest[0]][1].get(str(spec.field)) if latest else None
    return Answer(value, call.today, how, tuple(latest[:MOST_NAMED]))


def _measures(subjects: Sequence[int], unit: str, call: Call) -> Answer:
    """The measures that the department of a unit applies today because of the listings of enterprises, a line each, by
    the matrix and the listings that who asks may read.
    """
    matrix = call.book[RESTRICTIONS]
    if matrix is None:
        return Answer(None, call.today)
    departments = own_departments(matrix, call.book, (unit,))
    reached = set[Reached]()
    found: list[Restriction] = []
    for subject in subjects:
        view, _, _ = view_of(subject, call=call)
        reached |= {_reached(view, page.record) for page in matrix.lists.values()}
        found += [
            each
            for each in restrictions_of(view, book=call.book)
            if each.holds and each.measure.department in departments
        ]
    if reached == {Reached.NONE}:
        return Answer(None, call.today, Reached.NONE)
    how = Reached.WHOLE if reached == {Reached.WHOLE} else Reached.PART
    words = "\n".join(dict.fromkeys(each.in_words() for each in found))
    return Answer(words or None, call.today, how, tuple(dict.fromkeys(each.listing.fact for each in found)))


def _reached(view: FileView, record: str) -> Reached:
    """How much of the facts of a record in a file may be read: all, those of some areas or units, or none."""
    ways = [way for way in view.scope.ways if way.records is None or record in way.records]
    for way in ways:
        whole_area = way.areas is None or view.card_area in way.areas
        if way.units is None and whole_area and (way.subjects is None or view.subject in way.subjects):
            return Reached.WHOLE
    return Reached.PART if ways else Reached.NONE


def _cases(spec: LookUp, subjects: Sequence[int], case: int, call: Call) -> Answer:
    """Other cases of enterprises, the latest first, as far as who asks may read them."""
    scope = access.scope(call, CASES)
    if scope.nothing:
        return Answer(None, call.today, Reached.NONE)
    about = Q(pk__in=())
    for subject in subjects:
        about |= about_subject(subject)
    rows = CaseStandingRow.objects.filter(readable(call), about).exclude(case=case)
    if spec.cases != "all":
        rows = rows.filter(workflow__in=spec.cases)
    if spec.holds:
        rows = rows.filter(final=False)
    first = since(spec, call.today, case_book(call.book).time)
    if first is not None:
        rows = rows.filter(opened_on__gte=first)
    numbers = list(rows.order_by("-opened_on", "-case").values_list("case", flat=True))
    how = Reached.WHOLE if scope.everything else Reached.PART
    return Answer(len(numbers), call.today, how, (), tuple(numbers[:MOST_NAMED]))
