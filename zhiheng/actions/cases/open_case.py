"""Open a case: it gets its number, its parties and the first line of its log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from zhiheng.actions.cases import line_writer, refusals
from zhiheng.actions.cases.act_in_case import act_of, asked, party_entered_for
from zhiheng.actions.cases.line_writer import ActsTogether, KeptFile, OpenCase, Signer
from zhiheng.actions.cases.taken_facts import require_free, take_up
from zhiheng.engines.workflow.compiled import Workflow
from zhiheng.engines.workflow.forms import typed
from zhiheng.engines.workflow.guards import hints_of, how_many
from zhiheng.engines.workflow.look_ups import values_of
from zhiheng.engines.workflow.of_book import CaseBook, case_book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.kernel.reasons import Flag, Refused
from zhiheng.kernel.receipts import receipt_digest
from zhiheng.kernel.text_input import one_line
from zhiheng.ledger.models import Alias
from zhiheng.office import case_log
from zhiheng.office.case_log import family_of, made
from zhiheng.office.cases import Case, CaseEvent
from zhiheng.people import access


@dataclass(frozen=True)
class PartyGiven:
    """Somebody whom a case is about, as they are named when it is opened.

    ``role`` is a party of the page. ``alias`` and ``subject`` say whom of the ledger it is; a sealed party has its
    reference in ``sealed`` and nothing else.
    """

    role: str
    name: str = ""
    code: str = ""
    alias: int | None = None
    subject: int | None = None
    unit: str = ""
    sealed: str = ""


@dataclass(frozen=True)
class CaseOpened:
    """The case with its first line, and what was pointed out. ``new``: False where the form had opened it before."""

    case: Case
    line: CaseEvent
    hints: tuple[Flag, ...] = ()
    new: bool = True


def open_case(
    workflow: str,
    act: str,
    given: Mapping[str, Any],
    *,
    unit: str,
    call: Call,
    parties: Sequence[PartyGiven] = (),
    happened: str | dt.date | None = None,
    facts: Collection[int] = (),
    receipt: str = "",
    once: str = "",
    files: Sequence[KeptFile] = (),
    together: ActsTogether | None = None,
) -> CaseOpened:
    """Open a case of a workflow by one of the acts that open it, for the unit that is to hold it.

    ``once``: a key that the form carries, so that a form sent twice opens one case. ``facts``: the facts of the ledger
    because of which it is opened. ``receipt``: by which somebody without an account follows the case; only its digest
    is kept. ``files``: what ``keep_files`` kept. ``together``: it is one of many acts that are written as one. Raises
    Refused with every reason.
    """
    known = case_book(call.book)
    if workflow not in known.workflows:
        raise Refused(refusals.workflow_unknown(workflow))
    page = known.workflows[workflow]
    require_alone(page, known)
    if unit not in call.book[DISTRICT].area_of_unit:
        raise Refused(refusals.unit_to_handle_unknown(unit))
    _require(call, page, unit, parties)
    rows = [_row(each, page) for each in parties]
    _one_each(parties, page)
    with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
        case_log.lock()
        if once and (before := Case.objects.filter(once=once).first()) is not None:
            return CaseOpened(before, before.lines.get(place=1), new=False)
        require_free(workflow, facts)
        today = call.today
        case = line_writer.new_case(workflow, unit, "", today, call.now, known)
        family = family_of([case.pk], known) if together is None else made({case.pk: case}, {case.pk: []}, (), known)
        opened = OpenCase(case, family, known, call, together)
        found = act_of(opened, act)
        on = line_writer.happening(found, happened, call.now, for_party=False)
        standing = opened.standing(on)
        said = typed(page, given)
        line_writer.name_parties(opened, rows)
        # A citizen without an account, or an enterprise's account, speaks as the party that opens it.
        answers = opened.answers(found, standing, said, facts)
        told = {**said, **values_of(answers)}
        who, hand = asked(opened, found, standing, told, receipt=call.actor.kind == "public")
        if how_many(standing, found) > 1:
            raise Refused(refusals.opened_jointly(found.body.label))
        hints = hints_of(standing, found, (who.person,), told)
        line_writer.check_named(opened, found, said, standing)
        case.opened_on = on.date() if isinstance(on, dt.datetime) else on
        case.once, case.receipt_digest = once or None, receipt_digest(receipt) if receipt else None
        case.save(update_fields=["opened_on", "once", "receipt_digest"])
        line = line_writer.write_act(
            opened,
            found,
            said,
            (Signer.of(call, hand, who.unit, who.person.called),),
            on,
            entered_for=party_entered_for(opened, who, hand),
            hints=[flag.code for flag in hints],
            answers=answers,
            facts=facts,
            parties=rows,
            files=files,
        )
        take_up(case, line, found.name, page.page.quality, facts, call)
    return CaseOpened(case, line, hints)


def require_alone(workflow: Workflow, known: CaseBook) -> None:
    """Raise Refused where only another case opens a case of a workflow, with the procedures that do."""
    if workflow.page.only_within:
        pages = (other.page for other in known.workflows.values())
        above = [one.label for one in pages if workflow.name in {child.workflow for child in one.children.values()}]
        raise Refused(refusals.opened_within(workflow.page.label, above))


def _require(call: Call, page: Workflow, unit: str, parties: Sequence[PartyGiven]) -> None:
    """Raise Refused for who may open no such case: officers for a unit, enterprises for themselves, anybody where a
    person opens it.
    """
    quality = page.page.quality
    if call.actor.kind == "enterprise":
        own = [each.subject for each in parties if each.subject is not None]
        access.require(call, "firm.answer", subject=own, quality=quality, workflow=page.name)
    elif call.actor.kind == "public":
        access.require(call, "case.submit")
        if not any(page.page.parties[name].kind == "person" for name in _openers(page)):
            access.require(call, "case.open", unit=unit, quality=quality, workflow=page.name)
    else:
        access.require(call, "case.open", unit=unit, quality=quality, workflow=page.name)


def _openers(page: Workflow) -> list[str]:
    """The parties that can open a case."""
    acts = [act for act in page.page.acts.values() if act.opens_case]
    return [name for act in acts for name in act.by if name in page.page.parties]


def _row(given: PartyGiven, page: Workflow) -> dict[str, Any]:
    """A party as a row. Raises Refused where it is none of the page, a sealed one is named, or nobody is named."""
    party = page.page.parties.get(given.role)
    if party is None:
        raise Refused(refusals.party_unknown(given.role, page.page.label))
    name, code, sealed = one_line(given.name)[:200], one_line(given.code)[:40], one_line(given.sealed)[:64]
    if party.sealed and (name or code or given.alias is not None or given.subject is not None):
        raise Refused(refusals.party_open(party.label))
    subject = given.subject
    if given.alias is not None:
        alias = Alias.objects.filter(pk=given.alias).first()
        if alias is None:
            raise Refused(refusals.party_unnamed(party.label))
        name, code, subject = name or alias.name, code or alias.code, alias.subject_id
    if not (name or sealed or given.unit):
        raise Refused(refusals.party_unnamed(party.label))
    return {
        "role": given.role,
        "name": name,
        "code": code,
        "alias": given.alias,
        "subject": subject,
        "unit": given.unit,
        "sealed": sealed,
    }


def _one_each(parties: Sequence[PartyGiven], page: Workflow) -> None:
    roles = [each.role for each in parties]
    for role in dict.fromkeys(roles):
        if roles.count(role) > 1 and not page.page.parties[role].many:
            raise Refused(refusals.party_twice(page.page.parties[role].label))
