"""Which cases somebody may read, as conditions on the rows for lists: what every list of cases begins with."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q

from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.kernel.memo import once_for
from zhiheng.ledger.models import Alias
from zhiheng.office.case_scope import cases_within
from zhiheng.office.cases import CasePartyRow
from zhiheng.office.objections import Objection, objections_within
from zhiheng.people import access
from zhiheng.queries.known_cases import known_cases, subjects_of


@once_for(4)
def quality_of(book: Book) -> Mapping[str, str]:
    """Record -> quality."""
    return {name: entry.record.quality for name, entry in book[RECORDS].items()}


def readable(call: Call) -> Q:
    """The condition on ``CaseStandingRow`` that the actor may read the case: within the scope of reading, and where it
    is restricted, of restricting or their own.
    """
    known = quality_of(call.book)
    own = {call.actor.id, call.actor.acting_for or call.actor.id}
    within = cases_within(access.scope(call, "case.read"), known)
    if call.actor.kind == "enterprise":
        within = cases_within(access.scope(call, "firm.answer"), known)
        within &= Q(case__in=sorted(known_cases(subjects_of(call), call.book)))
    closed = cases_within(access.scope(call, "case.restrict"), known)
    open_to = Q(restricted=False) | Q(handler__in=own)
    return within & seen_as_objections(call) & (open_to | closed if closed else Q())


def seen_as_objections(call: Call) -> Q:
    """The condition on ``CaseStandingRow`` or ``CaseDuty`` that where the case is an objection, the actor may read that
    objection: by its record and the area of the enterprise, which a case does not tell.
    """
    if call.actor.kind == "enterprise":
        return Q()
    found = Q()
    for name, entry in call.book[WORKFLOWS].items():
        if entry.page.reads is not None:
            within = objections_within(access.scope(call, entry.page.reads))
            if within:
                found &= ~Q(workflow=name) | Q(
                    case__in=Objection.objects.filter(within, case__isnull=False).values("case")
                )
    return found


def about_subject(subject: int) -> Q:
    """The condition on ``CaseStandingRow`` that a subject of the ledger is a party, by the names that stand for it now
    (one query of the ledger).
    """
    names = list(Alias.objects.filter(subject_id=subject).values_list("id", flat=True))
    named = Q(alias__in=names) | Q(alias=None, subject=subject)
    return Q(case__in=CasePartyRow.objects.filter(named).values("case"))
