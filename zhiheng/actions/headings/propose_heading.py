"""Ask the quality office to have the book know a heading: what a column of the unit's own table stands for.

The machine has a guess; the unit says what is right; the quality office decides (``decide_heading``). Nothing is read
otherwise for it.
"""

from __future__ import annotations

from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.headings import refusals
from zhiheng.engines.naming import PARTS
from zhiheng.grammar.additions import IGNORED
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry
from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger import bulk
from zhiheng.ledger.models import Delivery
from zhiheng.office.models import HeadingProposal
from zhiheng.people import access
from zhiheng.quality_file.deliveries import one_line, unknown_to

HELD_NAMES = {
    IGNORED[1]: Label(zh="不使用（无涉密）", en="not used (nothing secret)"),
    IGNORED[0]: Label(zh="不使用（涉密）", en="not used (secret)"),
}
LONGEST_HEADING = 300
LONGEST_REASON = 1_000


def targets_of(entry: RecordEntry) -> dict[str, Label]:
    """What a heading of a record can stand for: its fields, the parts of their values, and last that the column is of
    no use.
    """
    found: dict[str, Label] = {}
    types = next(iter(entry.types.values()))
    for name, field in entry.record.fields.items():
        found[name] = field.label
        for part in types[name].parts:
            called = PARTS.get(part, Label(zh=part, en=part))
            found[f"{name}.{part}"] = Label(zh=f"{field.label.zh} · {called.zh}", en=f"{field.label.en}: {called.en}")
    return found | HELD_NAMES


def propose_heading(
    number: int, *, record: str, source: str, heading: str, target: str, call: Call, reason: str = ""
) -> HeadingProposal:
    """Propose what a heading of a delivery stands for in a source of the book; only its unit may.

    Args:
        number: the delivery.
        heading: as the table has it; it must be one that the source does not know.
        target: a key of ``targets_of``.

    Returns:
        The proposal; the same proposal made twice is one.

    Raises:
        Refused: where the delivery is absent, or another proposal waits for the same heading.
    """
    found = Delivery.objects.filter(pk=number).first()
    access.require_somewhere(call, "delivery.receive")
    if found is None:
        raise Refused(refusals.delivery_absent(number))
    access.require(call, "delivery.receive", unit=found.unit)
    heading, reason = one_line(heading), reason.strip()
    _check(found, record, source, heading, target, reason, call.book)
    with transaction.atomic():
        bulk.lock()
        waiting = HeadingProposal.objects.filter(
            record=record, source=source, heading=heading, state=HeadingProposal.State.OPEN
        ).first()
        if waiting is not None and waiting.target == target:
            return waiting
        if waiting is not None:
            raise Refused(refusals.heading_waits())
        made = HeadingProposal.objects.create(
            delivery=found.id,
            unit=found.unit,
            record=record,
            source=source,
            heading=heading,
            target=target,
            proposed_by=str(call.actor)[:160],
            at=call.now,
            reason=reason,
        )
        # A heading that nobody knows may be a cell of a row: the trail has its number only.
        audit.write(
            call,
            "heading.propose",
            f"heading:{made.pk}",
            detail={"delivery": found.id, "record": record, "source": source},
        )
    return made


def _check(found: Delivery, record: str, source: str, heading: str, target: str, reason: str, book: Book) -> None:
    entry = book[RECORDS].get(record)
    if entry is None or source not in entry.sources:
        raise Refused(refusals.layout_unknown())
    if heading not in {one_line(each) for each in unknown_to(found, book, record, source)}:
        raise Refused(refusals.heading_known())
    wrong = []
    if target not in targets_of(entry):
        wrong.append(refusals.field_not_chosen())
    if len(heading) > LONGEST_HEADING:
        wrong.append(refusals.heading_too_long(heading, LONGEST_HEADING))
    if len(reason) > LONGEST_REASON:
        wrong.append(refusals.remark_too_long(LONGEST_REASON))
    if wrong:
        raise Refused(*wrong)
