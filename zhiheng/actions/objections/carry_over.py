"""Objections of before they were cases become cases: what was said, when and by whom stands in the lines, and the row
keeps its number, receipt, answer and attachments.

The lines are entered now, and say when they happened; documents that were not issued then are not issued now.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.cases import line_writer
from zhiheng.actions.cases.line_writer import ActsTogether, KeptFile, OpenCase, acts_together
from zhiheng.actions.objections.as_case import ANSWERS, MATERIALS, act_in_objection, objections_of, open_objection
from zhiheng.engines.workflow.forms import in_the_place
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.corner import CORNER, REJECT, TAKE_BACK, UPHOLD
from zhiheng.kernel.actor import SYSTEM
from zhiheng.office import case_log
from zhiheng.office.objection_rows import ObjectionTold
from zhiheng.office.objections import Objection
from zhiheng.people import access

# So many are carried over in one transaction.
BATCH = 50


def are_waiting(book: Book) -> bool:
    """Whether an objection is no case yet, and the book has their workflow (one query)."""
    if not Objection.objects.filter(case=None).exists():
        return False
    corner = book[CORNER]
    return corner is not None and corner.objections.workflow in case_book(book).workflows


def carry_over(*, call: Call) -> int:
    """Make a case of every objection that is none yet; returns how many there were. Raises Refused where the actor may
    not, or the book has no workflow of objections.
    """
    access.require(call, "ledger.verify")
    objections_of(call.book)
    done = 0
    while True:
        with acts_together(call) as together:
            some = list(Objection.objects.filter(case=None).order_by("id")[:BATCH])
            for each in some:
                _carry(each, call, together)
            if some:
                detail = {"first": some[0].pk, "last": some[-1].pk, "count": len(some)}
                audit.write(call, "objection.carry_over", "objections", detail=detail)
        done += len(some)
        if len(some) < BATCH:
            return done


@contextmanager
def case_of(found: Objection, act: str, *, call: Call) -> Iterator[OpenCase]:
    """A transaction in which somebody who may do ``act`` on an objection writes into its case; one of before becomes a
    case first. Raises Refused where they may not.
    """
    target = _target(found)
    access.require(call, act, **target)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        case_log.lock()
        found.refresh_from_db()
        if found.case_id is None:
            with acts_together(call) as together:
                _carry(found, call, together)
            found.refresh_from_db()
        assert found.case_id is not None
        with line_writer.case_under_lock(found.case_id, act, target, call=call) as opened:
            yield opened


def _target(row: Objection) -> access.ActTarget:
    return {"unit": row.unit, "area": row.area, "subject": row.subject, "record": row.record}


def _carry(row: Objection, call: Call, together: ActsTogether) -> None:
    """The case of a row: the line that raised it, and the one that ended it, entered by the machine."""
    call = call.by(SYSTEM)
    at = in_the_place(row.at)
    who, _, acting_for = row.by.partition(" for ")
    made = open_objection(
        told=ObjectionTold.of(row),
        unit=row.unit,
        ground=row.ground,
        reason=row.reason,
        files=[
            KeptFile(each["name"], each["kind"], each["size"], each["digest"], each["digest"], field=MATERIALS)
            for each in row.files
        ],
        signer=(who, row.by_name, acting_for),
        on=at,
        opened_at=row.at,
        call=call,
        carried_over=row,
        together=together,
    )
    assert made.case_id is not None
    if row.state == Objection.State.OPEN:
        return
    key, said = _ended(row, call)
    who, _, acting_for = row.answered_by.partition(" for ")
    on = max(in_the_place(row.answered_at) if row.answered_at else at, at)
    with line_writer.case_under_lock(made.case_id, ANSWERS, _target(row), call=call, together=together) as opened:
        act_in_objection(opened, key, said, on, signer=(who or row.by, "", acting_for))


def _ended(row: Objection, call: Call) -> tuple[str, dict[str, Any]]:
    """The act by which it ended, and what was said."""
    if row.state == Objection.State.WITHDRAWN:
        return TAKE_BACK, {}
    if row.state == Objection.State.UPHELD:
        return UPHOLD, {"answer": row.answer, "remedy": row.remedy}
    return REJECT, {"answer": row.answer, "remedies": objections_of(call.book).review.zh}
