"""Make an extract of a quality file as PDF or DOCX, and keep what is needed to tell any holder of it whether it is
genuine.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.exports import refusals
from zhiheng.actions.exports.paper_rows import Fill, PaperRows, grouped
from zhiheng.engines.naming import Names
from zhiheng.engines.transparency.checkpoints import Checkpoint
from zhiheng.engines.transparency.spoken import spoken
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.documents import DOCUMENTS, SectionText
from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger import log
from zhiheng.ledger.models import Delivery, Fact
from zhiheng.office import extract_content
from zhiheng.office.models import Extract
from zhiheng.people import access
from zhiheng.published.ids import public_id
from zhiheng.quality_file.alerts import Urgent
from zhiheng.quality_file.conflicts import conflicts
from zhiheng.quality_file.file_head import opened_head
from zhiheng.quality_file.file_pages import GroupStanding, current, timeline, urgent
from zhiheng.quality_file.file_view import LinesQuestion
from zhiheng.queries.quality_files import open_file

Form = Literal["pdf", "docx"]
DOCUMENT: Final = "file_extract"
_LEAST, _MOST = 2, 60
_LOG_LABEL: Final = Label(zh="公开日志检查点", en="Head of the public log")


@dataclass(frozen=True)
class ExtractMade:
    """The extract that was kept, its file and the name to save it under."""

    extract: Extract
    content: bytes
    file_name: str


def make_extract(
    subject: int,
    *,
    form: Form,
    purpose: str,
    verify_at: str,
    call: Call,
    language: str = "zh",
    as_of: dt.date | None = None,
    known_on: dt.date | None = None,
) -> ExtractMade:
    """Make an extract of a quality file.

    Args:
        form: DOCX or PDF.
        purpose: one of the book's, or words.
        verify_at: the address of the verification page, to which the number is added.
        as_of, known_on: the day of the situation and the day of knowledge; today where none is given.

    Returns:
        The file with its number.

    Raises:
        Refused: without the right, without a purpose, or where there is no such file.
    """
    access.require_somewhere(call, "extract.make")
    purpose = " ".join(purpose.split())
    if not _LEAST <= len(purpose) <= _MOST:
        raise Refused(refusals.extract_needs_purpose(_LEAST, most=_MOST))
    document = call.book[DOCUMENTS].get(DOCUMENT)
    if document is None:
        raise Refused(refusals.document_missing(DOCUMENT))
    head = opened_head(subject)
    view, card = open_file(subject, act="extract.make", call=call, as_of=as_of, known_on=known_on)
    if not view.whole:
        raise Refused(refusals.extract_outside_reach())
    writing = PaperRows(document.text, Names(call.book, language), view.as_of)
    counted = view.counts(book=call.book)
    number = public_id()
    unit = next((holding.unit for holding in call.actor.holdings if holding.unit), "")
    office = writing.names.unit(unit) if unit else writing.names.said(call.book[DISTRICT].name)
    name = card.name if card is not None else head.names[0] if head.names else ""
    special: dict[str, Fill] = {
        "standing": writing.standing(counted),
        "timeline": lambda section: writing.lines(
            section,
            timeline(view, LinesQuestion(limit=section.rows), book=call.book).rows,
            sum(c.facts for c in counted.values()),
        ),
        "conflicts": lambda section: writing.conflicts(section, conflicts(view, book=call.book)),
    }
    pressing = urgent(view, head, book=call.book, limit=200)
    groups = {standing.id: standing for standing in current(view, book=call.book, limit=200)}
    made = [_section(writing, section, special, pressing, groups) for section in document.text.sections]
    content = extract_content.Content(
        writing.said(document.text.title),
        office,
        writing.said(document.text.number).format(number=grouped(number)),
        writing.said(document.text.as_of).format(as_of=view.as_of, known_on=view.known_on or call.today),
        writing.identity(head, card, name, purpose, call.today),
        tuple(made),
        writing.said(document.text.statement),
    )
    who = (
        f"{call.actor.name}（{office}）"
        if unit and language == "zh"
        else f"{call.actor.name}, {office}"
        if unit
        else call.actor.name
    )
    printed = log.head_printed(call.now)
    whole = extract_content.ExtractPaper(
        content,
        " ".join(filter(None, (writing.said(document.text.verification), _of_the_log(printed, language)))),
        f"{verify_at}{number}/",
        writing.said(document.text.content_hash),
        writing.said(document.text.watermark).format(who=who, day=call.today, purpose=purpose),
        writing.said(document.text.page_of),
        language,
        "" if printed is None else printed.text,
        writing.names.said(_LOG_LABEL),
    )
    # Read when the first extract is made: what writes paper is a good part of all code, and every page would wait for
    # it.
    from zhiheng.office import extract_docx, extract_pdf

    file = extract_pdf.write(whole) if form == "pdf" else extract_docx.write(whole, document.template)
    last = Delivery.objects.order_by("-id").values_list("id", "link").first() or (0, "")
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        extract = Extract.objects.create(
            id=number,
            document=document.id,
            subject=subject,
            name=name,
            code=head.codes[0] if head.codes else "",
            form=form,
            as_of=view.as_of,
            known_on=view.known_on or call.today,
            file_digest=sha256(file).hexdigest(),
            content_digest=content.digest,
            facts=sum(c.facts for c in counted.values()),
            last_fact=Fact.objects.order_by("-id").values_list("id", flat=True).first() or 0,
            last_delivery=last[0],
            link=last[1],
            at=call.now,
            actor=str(call.actor)[:160],
            actor_name=call.actor.name[:60],
            unit=unit,
            purpose=purpose,
        )
        audit.write(
            call,
            "extract.make",
            f"subject:{subject}",
            purpose=purpose,
            detail={
                "extract": number,
                "form": form,
                "facts": extract.facts,
                "file": extract.file_digest,
                "content": extract.content_digest,
            },
        )
    return ExtractMade(extract, file, f"{name}-{writing.said(document.text.label)}-{call.today}.{form}")


def _of_the_log(head: Checkpoint | None, language: str) -> str:
    """The head of the public log that the paper names, in words that are compared by eye; nothing where there is
    none.
    """
    if head is None:
        return ""
    if language == "zh":
        return f"公开日志的检查点：{head.size} 条，{spoken(head)}；应与核验页和公开日志页上的一致。"
    return f"Head of the public log: {head.size} entries, {spoken(head)}; compare it with the page of verification."


def _section(
    writing: PaperRows,
    section: SectionText,
    special: Mapping[str, Fill],
    pressing: Urgent,
    groups: Mapping[str, GroupStanding],
) -> extract_content.Section:
    if section.id in special:
        return special[section.id](section)
    if section.id == "problems":
        return writing.lines(section, pressing.problems, pressing.open_in_all)
    if section.id == "expiring":
        return writing.ending(
            section, [*pressing.ended, *pressing.ending], pressing.ended_in_all + pressing.ending_in_all
        )
    if section.id in ("people", "lists"):
        group = groups.get(section.id)
        return writing.things(section, group.lines if group else (), group.total if group else 0)
    rest = [group for name, group in groups.items() if name not in ("people", "lists")]
    return writing.things(section, [line for group in rest for line in group.lines], sum(group.total for group in rest))
