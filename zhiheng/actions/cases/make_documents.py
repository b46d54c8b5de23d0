"""Make the documents that lines of cases have issued: what each says is worked out from the log, numbered without a gap
and frozen by its digest.

Each is made in a transaction of its own under the lock of all cases, in the order in which they were issued: killed in
between, the rest waits. What a document says follows from the log up to its line and the law of that day alone, so
nothing that is entered later changes it. A document whose line was struck before it was made gets neither number nor
content.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from zhiheng.actions import audit
from zhiheng.database.turns import WritePauses
from zhiheng.engines.papers.composing import compose
from zhiheng.engines.papers.filling import CaseOnPaper, IssuingUnit, PartyOnPaper
from zhiheng.engines.workflow.family import replay_family
from zhiheng.engines.workflow.of_book import CaseBook, case_book
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.case_documents import CASE_DOCUMENTS
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias
from zhiheng.office import case_log
from zhiheng.office.case_log import CaseFamily, family_of
from zhiheng.office.cases import CaseDocument, CaseEvent, CasePartyRow
from zhiheng.people import access
from zhiheng.projections.models import Card
from zhiheng.published.ids import public_id
from zhiheng.queries.case_people import names_in_family


@dataclass(frozen=True, slots=True)
class DocumentsMade:
    """How many documents were made, and how many could not be (``CaseDocument.why_not`` says why)."""

    made: int
    failed: int


def documents_wait() -> bool:
    """Whether a document waits to be made."""
    return CaseDocument.objects.filter(made_at__isnull=True, why_not="").exists()


def make_documents(*, call: Call, watch: Callable[[int], None] = lambda _: None) -> DocumentsMade:
    """Make every document that waits, the one that was issued first before the others."""
    access.require(call, "ledger.verify")
    waiting = CaseDocument.objects.filter(made_at__isnull=True, why_not="")
    made = failed = 0
    pauses = WritePauses(settings.PEOPLE_DATABASE)
    for number in list(waiting.order_by("id").values_list("pk", flat=True)):
        with transaction.atomic(using=settings.PEOPLE_DATABASE):
            case_log.lock()
            row = CaseDocument.objects.select_related("line", "case").filter(pk=number, made_at__isnull=True).first()
            if row is None:
                continue
            try:
                _make(row, call)
                made += 1
            except Refused as refused:
                row.why_not = "；".join(str(each) for each in refused.refusals)
                failed += 1
            row.save()
        watch(made + failed)
        pauses.between()
    return DocumentsMade(made, failed)


def _make(row: CaseDocument, call: Call) -> None:
    known = case_book(call.book)
    family = family_of([row.case_id], known)
    row.made_at = call.now
    if row.line_id in family.struck:
        return
    case = case_at_line(row.line, family, known, call.book)
    page = call.book[CASE_DOCUMENTS][row.document].page
    row.unit = _unit_of(row.line, family)
    if page.number:
        row.year, row.serial = case.day.year, _next_serial(row, case.day.year)
    content = compose(call.book[CASE_DOCUMENTS], row.document, case, serial=row.serial or 0)
    row.number, row.content, row.content_digest = content.number, content.canonical, content.digest
    row.code = public_id()
    audit.write(call, "case.document", f"case:{row.case_id}", detail={"document": row.document, "line": row.line_id})


def _next_serial(row: CaseDocument, year: int) -> int:
    same = CaseDocument.objects.filter(document=row.document, unit=row.unit, year=year)
    return (same.aggregate(last=Max("serial"))["last"] or 0) + 1


def case_at_line(line: CaseEvent, family: CaseFamily, known: CaseBook, book: Book) -> CaseOnPaper:
    """The case of a line as it stood right after it, whatever was entered later."""
    logs = {
        number: replace(log, lines=tuple(each for each in log.lines if each.number <= line.pk))
        for number, log in family.logs.items()
    }
    at: dt.date = case_log.happened(line)
    earlier = (each for lines in family.lines.values() for each in lines if each.pk <= line.pk)
    standings = replay_family(logs, known.time, at, struck=case_log.struck_lines(earlier))
    case = family.cases[line.case_id]
    own = logs[case.number]
    # The line itself comes last, even where another of the same day was entered before it.
    lines = tuple(each for each in own.lines if each.number != line.pk)
    mine = next(each for each in own.lines if each.number == line.pk)
    opener = standings[own.parents[0]] if own.parents else None
    return CaseOnPaper(
        case.number,
        standings[case.number],
        (*lines, mine),
        _issuing(_unit_of(line, family), book),
        _parties(line, own.workflow.page.parties),
        {name: word.zh for name, word in names_in_family(family, book).items()},
        opener,
    )


def _unit_of(line: CaseEvent, family: CaseFamily) -> str:
    """The unit of whom acted; of a party's own act that of the case."""
    units = [each["unit"] for each in case_log.people_of(line) if each.get("unit")]
    return units[0] if units else family.cases[line.case_id].unit


def _issuing(unit: str, book: Book) -> IssuingUnit:
    district = book[DISTRICT]
    name, area = district.names.get(unit), district.area(district.area_of_unit.get(unit, ""))
    if area is None:
        return IssuingUnit(name.zh if name is not None else unit)
    # 砺原 of 砺原区: numbers of papers have the short name of the place.
    short = min((each for each in area.also if area.name.zh.startswith(each)), key=len, default=area.name.zh)
    return IssuingUnit(name.zh if name is not None else unit, short)


def _parties(line: CaseEvent, roles: Collection[str]) -> Mapping[str, tuple[PartyOnPaper, ...]]:
    """Who was named by then, with what the ledger knows of an enterprise; a sealed party has no name on paper."""
    found: dict[str, tuple[PartyOnPaper, ...]] = {}
    for row in CasePartyRow.objects.filter(case=line.case_id, line__lte=line.pk, role__in=roles).order_by("id"):
        party = PartyOnPaper() if row.sealed else _on_paper(row)
        found[row.role] = (*found.get(row.role, ()), party)
    return found


def _on_paper(row: CasePartyRow) -> PartyOnPaper:
    """An enterprise of the ledger with its address and representative as they are known when the paper is made."""
    subject = row.subject
    if row.alias is not None:
        subject = Alias.objects.filter(pk=row.alias).values_list("subject_id", flat=True).first()
    card = Card.objects.filter(subject=subject).first() if subject is not None else None
    if card is None:
        return PartyOnPaper(row.name, row.code)
    return PartyOnPaper(row.name, row.code or card.code, card.address, card.legal_representative)
