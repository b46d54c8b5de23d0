"""Attachments of cases: the file for those who may read the case, and who gave it and who has taken it since.

``case_attachment``    the bytes; taking them is noted
``attachment_custody`` from whose hands it came, with which digests, and everybody who has taken it
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from zhiheng.database.content_store import ATTACHMENTS
from zhiheng.database.paging import Keyset, Page
from zhiheng.engines.workflow.forms import in_the_place
from zhiheng.engines.workflow.guards import sealed_acts
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.grammar.call import Call
from zhiheng.grammar.types import Label
from zhiheng.kernel.actor import PUBLIC
from zhiheng.kernel.reasons import Refused
from zhiheng.office import case_log, case_standings
from zhiheng.office.case_log import family_of
from zhiheng.office.cases import CaseAttachment, CaseStandingRow
from zhiheng.people import access, trail
from zhiheng.people.models import TrailLine
from zhiheng.queries import refusals
from zhiheng.queries.cases import label_of, may_read

PAGE = 50
VERB = "case.attachment"


@dataclass(frozen=True, slots=True)
class AttachmentFile:
    """A file, what it is called and its kind (``pdf``, ``jpg`` …)."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class AttachmentTaken:
    """Somebody has taken the file: when, and who, as the trail keeps an actor."""

    at: dt.datetime
    who: str


@dataclass(frozen=True, slots=True)
class AttachmentCustody:
    """The chain of custody of an attachment: the line that it came with, who gave it (as the trail keeps an actor),
    whether that line was struck, whether the bytes that are kept still have their digest, and who has taken it, the
    latest first.
    """

    attachment: CaseAttachment
    line: Label
    given_by: str
    struck: bool
    whole: bool
    taken: Page[AttachmentTaken]


def case_attachment(number: int, *, call: Call, receipt_shown: bool = False) -> AttachmentFile:
    """The file of an attachment; that it was taken is noted, each time.

    ``receipt_shown``: the page has checked the receipt of the case, as ``case_sheet`` says; who has no account, and an
    enterprise, take only what they gave themselves. Raises Refused where there is none, its case may not be read, or
    its line is still sealed, alike.
    """
    found = _within_reach(number, call, receipt_shown=receipt_shown)
    try:
        content = ATTACHMENTS.path_of(found.digest).read_bytes()
    except FileNotFoundError:
        raise Refused(refusals.attachment_lost(found.name)) from None
    trail.note(call, VERB, f"attachment:{found.pk}", detail={"line": found.line_id})
    return AttachmentFile(found.name, found.kind, content)


def attachment_custody(number: int, *, after: str = "", call: Call) -> AttachmentCustody:
    """From whose hands an attachment came and who has taken it. Raises Refused as ``case_attachment`` does."""
    found = _within_reach(number, call)
    workflow = case_book(call.book).workflows[found.case.workflow]
    lines = family_of([found.case_id], case_book(call.book)).lines[found.case_id]
    page = Keyset("-id").page(TrailLine.objects.filter(verb=VERB, about=f"attachment:{found.pk}"), after, PAGE)
    taken = [AttachmentTaken(line.at, line.actor) for line in page.rows]
    return AttachmentCustody(
        found,
        label_of(found.line, workflow),
        found.given_by,
        found.line_id in case_log.struck_lines(lines),
        ATTACHMENTS.holds(found.digest),
        page.made(taken),
    )


def _within_reach(number: int, call: Call, *, receipt_shown: bool = False) -> CaseAttachment:
    if receipt_shown:
        access.require(call, "case.submit")
    elif call.actor.kind == "enterprise":
        access.require_somewhere(call, "firm.answer")
    else:
        access.require_somewhere(call, "case.read")
    found = CaseAttachment.objects.select_related("case", "line").filter(pk=number).first()
    row = CaseStandingRow.objects.filter(case=found.case_id).first() if found is not None else None
    if found is None or row is None:
        raise Refused(refusals.case_attachment_absent())
    known = case_book(call.book)
    family = family_of([found.case_id], known)
    if receipt_shown:
        own = found.given_by == str(PUBLIC)
    else:
        own = call.actor.kind != "enterprise" or found.given_by == str(call.actor)
        own = own and may_read(row, family.lines[found.case_id], call)
    standing = case_standings.replayed(family, known, in_the_place(call.now))[found.case_id]
    if not own or found.line.act in sealed_acts(standing):
        raise Refused(refusals.case_attachment_absent())
    return found
