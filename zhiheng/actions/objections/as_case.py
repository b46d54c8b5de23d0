"""An objection as the case that it is: opened, acted in, and carried over from before objections were cases.

Who may is asked of the fact's unit, the enterprise and its area, by the verbs that use this; the guards of the workflow
are asked here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from zhiheng.actions.cases import line_writer
from zhiheng.actions.cases.line_writer import ActsTogether, KeptFile, OpenCase, Signer
from zhiheng.actions.objections import refusals
from zhiheng.engines.workflow.compiled import CompiledAct, Workflow
from zhiheng.engines.workflow.guards import CasePerson, refusals_of
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.engines.workflow.promised import promised
from zhiheng.engines.workflow.standing import CaseLine
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.corner import CORNER, UPHOLD, Objections
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.workflow_pages import CaseRight
from zhiheng.grammar.types import Label
from zhiheng.kernel.deadlines import Deadline
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias
from zhiheng.office.case_log import family_of
from zhiheng.office.cases import CaseEvent
from zhiheng.office.objection_rows import TOLD, ObjectionTold
from zhiheng.office.objections import Objection
from zhiheng.people import access
from zhiheng.projections.models import Card

# The field in which what proves it is attached.
MATERIALS: Final = "materials"
# What answering takes of a role: the right of the hand that answers.
ANSWERS: Final = "objection.answer"


def objections_of(book: Book) -> Objections:
    """How enterprises object by this book. Raises Refused where it has no corner, or not the workflow it names."""
    corner = book[CORNER]
    if corner is None:
        raise Refused(refusals.no_enterprise_corner())
    if corner.objections.workflow not in case_book(book).workflows:
        raise Refused(refusals.no_workflow_of_objections(corner.objections.workflow))
    return corner.objections


def workflow_of(book: Book) -> Workflow:
    """The workflow of objections. Raises Refused as ``objections_of`` does."""
    return case_book(book).workflows[objections_of(book).workflow]


def term_of(record: str, book: Book, on: dt.date) -> Deadline:
    """Until when an objection to a record is answered that is raised on a day (or at a moment): by the law of its
    record, else by what the district has set itself. Raises Refused where the law of that day knows no such period.
    """
    line = CaseLine(on, objections_of(book).act_for(record))
    term = promised(workflow_of(book), [line], case_book(book).time, on, duty=UPHOLD.partition(".")[0])
    if term is None:
        entry = book[RECORDS].get(record)
        label = entry.record.label if entry else Label(zh=record, en=record)
        raise Refused(refusals.no_period_for_answer(label))
    return term


def open_objection(
    *,
    told: ObjectionTold,
    unit: str,
    ground: str,
    reason: str,
    files: Sequence[KeptFile],
    signer: tuple[str, str, str],
    on: dt.datetime,
    opened_at: dt.datetime,
    call: Call,
    carried_over: Objection | None = None,
    together: ActsTogether | None = None,
) -> Objection:
    """The case of an objection with its first line; the caller holds the lock of all cases.

    ``told``: what identifies it. ``signer``: who, their name, in whose place. ``on``: when,
    by the clock of the place. ``carried_over``: the row of before objections were cases, which it becomes; what is
    asked of a new one is not asked of it.
    """
    access.require(call, "firm.object", subject=told.subject)
    known, said_of = case_book(call.book), objections_of(call.book)
    workflow = known.workflows[said_of.workflow]
    case = line_writer.new_case(workflow.name, unit, "", on, opened_at, known)
    opened = OpenCase(case, family_of([case.pk], known), known, call, together)
    act = workflow.acts[said_of.act_for(told.record)]
    party = _party(workflow, act)
    said: dict[str, Any] = {"fact": _fact_words(told, call.book), "ground": ground, "reason": reason}
    if files:
        said[MATERIALS] = [each.name for each in files]
    row = _party_row(party, told.subject)
    line_writer.name_parties(opened, [row])
    if carried_over is None:
        _ask(opened, act, CasePerson(signer[0], party=party, called=signer[1]), said, on)
    else:
        Objection.objects.filter(pk=carried_over.pk).update(case=case)
    line_writer.write_act(
        opened,
        act,
        said,
        (Signer(signer[0], signer[1], party, acts_for=signer[2]),),
        on,
        facts=[told.fact] if told.fact is not None else (),
        parties=[row],
        more={TOLD: asdict(told)},
        files=files,
        given=(" for ".join(filter(None, (signer[0], signer[2]))), opened_at),
    )
    return Objection.objects.get(case=case)


def act_in_objection(
    opened: OpenCase,
    key: str,
    said: Mapping[str, Any],
    on: dt.datetime,
    *,
    signer: tuple[str, str, str] | None = None,
) -> CaseEvent:
    """An act in the case of an objection, as its party or as the hand that answers.

    ``signer``: who did it long ago (who, their name, in whose place); its guards are not asked, and it issues nothing.
    Raises Refused with every reason of the workflow.
    """
    act = opened.workflow.acts[key]
    party = _party(opened.workflow, act)
    hand = party or next(name for name in act.body.by if opened.workflow.page.hands[name].takes == ANSWERS)
    if signer is not None:
        who = Signer(signer[0], signer[1], hand, acts_for=signer[2])
        return line_writer.write_act(opened, act, said, (who,), on, issues=False)
    call = opened.call
    name = call.actor.acting_for or call.actor.id
    may: frozenset[CaseRight] = frozenset() if party else frozenset({ANSWERS})
    _ask(opened, act, CasePerson(name, may, party=party, called=call.actor.name), said, on)
    units = [] if party else [held.unit for held in call.actor.holdings if held.unit]
    unit = opened.case.unit if opened.case.unit in units else next(iter(units), "")
    return line_writer.write_act(opened, act, said, (Signer.of(call, hand, unit),), on)


def _ask(opened: OpenCase, act: CompiledAct, who: CasePerson, said: Mapping[str, Any], on: dt.datetime) -> None:
    """Raise Refused with every reason of the workflow against an act."""
    if refused := refusals_of(opened.standing(on), act, (who,), said):
        raise Refused(*refused)


def _party(workflow: Workflow, act: CompiledAct) -> str:
    """The party that does an act; empty where a hand does."""
    return next((name for name in act.body.by if name in workflow.page.parties), "")


def _party_row(role: str, subject: int) -> dict[str, Any]:
    """The enterprise as a party of the case, by the name on its card, else by the last one that was delivered."""
    card = Card.objects.filter(subject=subject).values_list("name", "code").first()
    aliases = Alias.objects.filter(subject_id=subject)
    alias = (aliases.filter(name=card[0]) if card else aliases).order_by("-id").first()
    name, code = card or ((alias.name, alias.code or "") if alias else ("", ""))
    return {
        "role": role,
        "name": name[:200],
        "code": code[:40],
        "alias": alias.pk if alias else None,
        "subject": subject,
        "unit": "",
        "sealed": "",
    }


def _fact_words(told: ObjectionTold, book: Book) -> str:
    """The fact as people read it in the case."""
    entry = book[RECORDS].get(told.record)
    label = entry.record.label.zh if entry else str(told.record)
    return f"{label}（事实 {told.fact}）" if told.fact is not None else label
