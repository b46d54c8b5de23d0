"""Standings and duties of cases as rows for lists: made from the logs by one pure function
(``engines/workflow/read_model.py``), written where they differ, and compared with the logs when the ledger is verified.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from zhiheng.engines.workflow.family import replay_family
from zhiheng.engines.workflow.forms import in_the_place
from zhiheng.engines.workflow.of_book import CaseBook, case_book
from zhiheng.engines.workflow.read_model import StandingForLists, for_lists
from zhiheng.engines.workflow.standing import CaseStanding
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.kernel.actor import PUBLIC
from zhiheng.office import objection_rows
from zhiheng.office.case_log import (
    ASSIGN,
    DUPLICATE,
    FACT,
    RESTRICT,
    CaseFamily,
    data_of,
    family_of,
    is_orphan,
    lock,
    people_of,
)
from zhiheng.office.cases import NO_END, Case, CaseDuty, CaseProposal, CaseStandingRow, end_of
from zhiheng.office.objections import Objection

# So many cases are made anew in one transaction.
BATCH: Final = 200
# Moments after this year are how people write that there is none.
_LAST_YEAR: Final = 2200
_STANDING: Final = tuple(each.name for each in CaseStandingRow._meta.concrete_fields if not each.primary_key)
_DUTY: Final = tuple(each.attname for each in CaseDuty._meta.concrete_fields if not each.primary_key)


@dataclass(frozen=True)
class CaseRows:
    """The rows that a case should have: columns of ``CaseStandingRow``, of each ``CaseDuty``, and of ``Objection``."""

    standing: Mapping[str, Any]
    duties: tuple[Mapping[str, Any], ...]
    # Columns of Objection, where the case is one.
    objection: Mapping[str, Any] | None = None


def replayed(family: CaseFamily, book: CaseBook, at: dt.date, *, audit: bool = False) -> dict[int, CaseStanding]:
    """The standing of each case of a family up to a day, or a moment by the clock of the place."""
    standings = replay_family(family.logs, book.time, at, struck=family.struck, audit=audit)
    return {number: standings[case.number] for number, case in family.cases.items()}


def rows_of(family: CaseFamily, book: Book, now: dt.datetime) -> dict[int, CaseRows]:
    """The rows of each case of a family at a moment (one query)."""
    proposals: dict[int, list[CaseProposal]] = {}
    for proposal in CaseProposal.objects.filter(case__in=family.cases, state=CaseProposal.State.WAITING).order_by("id"):
        proposals.setdefault(proposal.case_id, []).append(proposal)
    return rows_with(family, proposals, book, now)


def rows_with(
    family: CaseFamily, proposals: Mapping[int, Sequence[CaseProposal]], book: Book, now: dt.datetime
) -> dict[int, CaseRows]:
    """The same, where it is known what waits for signatures in each case."""
    known = case_book(book)
    standings = replayed(family, known, in_the_place(now), audit=True)
    return {
        number: _rows(case, family, standings[number], proposals.get(number, ()), book, known)
        for number, case in family.cases.items()
    }


def _rows(
    case: Case,
    family: CaseFamily,
    standing: CaseStanding,
    proposals: Sequence[CaseProposal],
    book: Book,
    known: CaseBook,
) -> CaseRows:
    shown = for_lists(standing, unit=case.unit, begun=bool(family.lines[case.pk]))
    lines, quality = family.lines[case.pk], standing.workflow.page.quality
    area = book[DISTRICT].area_of_unit.get(shown.holder, "")
    common = {"quality": quality, "workflow": case.workflow, "area": area}
    row = {
        **common,
        **_of_machine(family, case.pk),
        "unit": shown.holder,
        "states": list(shown.states),
        "state": shown.states[0] if shown.states else "",
        "final": shown.final or is_orphan(family, case.pk),
        "waits_for": shown.waits_for,
        "irregular": shown.irregular,
        "opened_on": case.opened_on,
        "ended_on": shown.ended_on,
        "last_on": max((line.happened_on for line in lines), default=case.opened_on),
        "place": lines[-1].place if lines else 0,
        "line": lines[-1].pk if lines else 0,
        "changes_at": _aware(shown.changes_at),
        "due": shown.due,
        "edition": known.edition(case.workflow),
        "unheard": _unheard(family, case.pk),
    }
    duties = [{**common, "case_id": case.pk, **duty} for duty in _duties(shown)]
    duties += [{**common, "case_id": case.pk, **_signature(each, standing, shown.holder)} for each in proposals]
    return CaseRows(row, tuple(duties), objection_rows.columns_of(case, family, standing, known))


def _of_machine(family: CaseFamily, case: int) -> dict[str, Any]:
    """What the machine's own lines of a case say: the last one of each kind holds."""
    last = {line.act: data_of(line) for line in family.machine[case]}
    return {
        "handler": last.get(ASSIGN, {}).get("to", ""),
        "restricted": bool(last.get(RESTRICT, {}).get("on", False)),
        "duplicate_of": last.get(DUPLICATE, {}).get("case"),
    }


def _unheard(family: CaseFamily, case: int) -> int | None:
    """The first line after the opening that somebody without an account wrote and no officer has followed."""
    first = None
    for line in family.lines[case]:
        if line.pk in family.struck or line.act == FACT:
            continue
        if line.place > 1 and all(each["who"] == PUBLIC.id for each in people_of(line)):
            first = first or line.pk
        else:
            first = None
    return first


def _duties(shown: StandingForLists) -> Iterator[dict[str, Any]]:
    for each in shown.clocks:
        due, due_at = each.due if each.due.year < _LAST_YEAR else None, _aware(each.due_at)
        yield {
            "kind": each.kind,
            "period": each.period,
            "acts": list(each.acts),
            "hand": each.hand,
            "takes": each.takes,
            "at": each.at,
            "unit": each.unit,
            "persons": persons_text(each.persons),
            "named": bool(each.persons),
            "starts": each.starts,
            "due": due,
            "due_at": due_at,
            "ends_at": end_of(due, due_at),
            "provisional": each.provisional,
            "counted_in": each.counted_in,
            "missed": each.missed,
            "waits_for": each.waits_for,
            "proposal": None,
        }


def _signature(proposal: CaseProposal, standing: CaseStanding, holder: str) -> dict[str, Any]:
    """A proposal as a duty of those who may sign it: the first hand of its act."""
    act = standing.workflow.acts.get(proposal.act)
    name = next((hand for hand in act.body.by if hand in standing.workflow.page.hands), "") if act else ""
    hand, persons = standing.workflow.page.hands.get(name), standing.assigned.get(name, ())
    return {
        "kind": CaseDuty.Kind.SIGNATURE.value,
        "period": "",
        "acts": [proposal.act],
        "hand": name,
        "takes": hand.takes if hand else "",
        "at": hand.at if hand else "own",
        "unit": holder if hand is None or hand.at == "own" else "",
        "persons": persons_text(persons),
        "named": bool(persons),
        "starts": timezone.localtime(proposal.at).date(),
        "due": None,
        "due_at": None,
        "ends_at": NO_END,
        "provisional": False,
        "counted_in": "",
        "missed": 0,
        "waits_for": "",
        "proposal": proposal.pk,
    }


def persons_text(persons: Collection[str]) -> str:
    """Persons as one text in which one is found by ``|account:3|``."""
    return f"|{'|'.join(persons)}|" if persons else ""


def _aware(moment: dt.datetime | None) -> dt.datetime | None:
    if moment is None or moment.year >= _LAST_YEAR:
        return None
    return timezone.make_aware(moment)


def store(family: CaseFamily, book: Book, now: dt.datetime, *, changed: Collection[int] = ()) -> int:
    """Write the rows of a family where they differ from what is stored; returns of how many cases they did.

    ``changed``: cases of which that is known, since a line was written into them.
    """
    wanted = rows_of(family, book, now)
    others = {number: rows for number, rows in wanted.items() if number not in changed}
    found = sorted([*(wanted.keys() & set(changed)), *(differing(others) if others else ())])
    if not found:
        return 0
    CaseStandingRow.objects.bulk_create(
        [CaseStandingRow(case_id=number, **wanted[number].standing) for number in found],
        update_conflicts=True,
        unique_fields=["case"],
        update_fields=_STANDING,
    )
    CaseDuty.objects.filter(case__in=found).delete()
    for number in found:
        if (objection := wanted[number].objection) is not None:
            Objection.objects.update_or_create(case_id=number, defaults=dict(objection))
    CaseDuty.objects.bulk_create([CaseDuty(**duty) for number in found for duty in wanted[number].duties])
    return len(found)


def differing(wanted: Mapping[int, CaseRows]) -> list[int]:
    """The cases whose stored rows are not these (two queries, and one where there are objections among them)."""
    found = CaseStandingRow.objects.filter(case__in=wanted).values()
    standings = {row["case_id"]: {name: value for name, value in row.items() if name != "case_id"} for row in found}
    duties: dict[int, list[Mapping[str, Any]]] = {}
    for duty in CaseDuty.objects.filter(case__in=wanted).order_by("id").values(*_DUTY):
        duties.setdefault(duty["case_id"], []).append(duty)
    told = {number: rows.objection for number, rows in wanted.items() if rows.objection is not None}
    objections = {row["case_id"]: row for row in Objection.objects.filter(case__in=told).values()} if told else {}
    return [
        number
        for number, rows in wanted.items()
        if standings.get(number) != rows.standing
        or duties.get(number, []) != list(rows.duties)
        or (rows.objection is not None and not rows.objection.items() <= objections.get(number, {}).items())
    ]


def due_to_change(now: dt.datetime, book: Book) -> Q:
    """The condition on ``CaseStandingRow`` that it must be made anew: its moment has come, or the book has changed."""
    changed = Q(changes_at__lte=now)
    known = case_book(book)
    for workflow in known.workflows:
        changed |= Q(workflow=workflow) & ~Q(edition=known.edition(workflow))
    return changed


def remake(cases: Collection[int], book: Book, now: dt.datetime) -> tuple[set[int], int]:
    """Make the rows of these cases and their relatives anew, in one transaction; returns all that were looked at, and
    of how many something was written.
    """
    with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
        lock()
        family = family_of(cases, case_book(book))
        return set(family.cases), store(family, book, now)


def remake_some(
    cases: Collection[int], book: Book, now: dt.datetime, report: Callable[[int], None] = lambda _: None
) -> int:
    """Make the rows of these cases and their relatives anew, batch by batch; returns of how many something was
    written.
    """
    written, done, wanted = 0, set[int](), sorted(cases)
    for start in range(0, len(wanted), BATCH):
        if left := [number for number in wanted[start : start + BATCH] if number not in done]:
            looked, changed = remake(left, book, now)
            done |= looked
            written += changed
        report(written)
    return written


# Writes down, in the transaction that wrote them, of how many cases rows were written.
Note = Callable[[int], None]


def remake_due(book: Book, now: dt.datetime, note: Note, report: Callable[[int], None] = lambda _: None) -> int:
    """Make anew what changes by now without anybody's act; returns of how many cases something was written."""
    written, done, last = 0, set[int](), 0
    condition = due_to_change(now, book)
    while True:
        rows = CaseStandingRow.objects.filter(condition, case__gt=last).order_by("case")
        some = list(rows.values_list("case_id", flat=True)[:BATCH])
        if not some:
            return written
        last = some[-1]
        if left := [number for number in some if number not in done]:
            with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
                looked, changed = remake(left, book, now)
                if changed:
                    note(changed)
            done |= looked
            written += changed
        report(written)


def remake_all(book: Book, now: dt.datetime, note: Note, report: Callable[[int], None] = lambda _: None) -> int:
    """Make the rows of every case anew; returns of how many something was written."""
    written, done, last = 0, set[int](), 0
    while some := list(Case.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        last = some[-1]
        if left := [number for number in some if number not in done]:
            with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
                looked, changed = remake(left, book, now)
                if changed:
                    note(changed)
            done |= looked
            written += changed
        report(last)
    return written
