"""Ask the quality office to have the book know a heading: what a column of the unit's own table stands for.

The machine has a guess; the unit says what is right; the quality office decides (``decide_heading``). Nothing is read
otherwise for it.
"""

from __future__ import annotations

from django.db import transaction

from zhiheng.actions import audit
from zhiheng.engines.naming import PARTS
from zhiheng.grammar.additions import IGNORED
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry
from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refusal, Refused
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

    ``heading``: as the table has it; it must be one that the source does not know. ``target``: a key of ``targets_of``.
    The same proposal made twice is one; raises Refused where another one waits for the same heading.
    """
    found = Delivery.objects.filter(pk=number).first()
    access.require_somewhere(call, "delivery.receive")
    if found is None:
        raise Refused(
            Refusal(
                "delivery.absent",
                f"没有编号为 {number} 的报送；请从报送清单重新打开。",
                f"There is no delivery {number}; open it from the list of deliveries again.",
            )
        )
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
            raise Refused(
                Refusal(
                    "heading.waits",
                    "这个表头已有另一条建议在等质量办决定；请等它有了结果，或与质量办联系。",
                    "Another proposal for this heading waits for the quality office; wait for its decision, or talk "
                    "to the office.",
                    "target",
                )
            )
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
        raise Refused(
            Refusal(
                "heading.no_source",
                "规则书里没有这种记录类型或表样；请刷新报送页面后重新选择。",
                "The book has no such record or layout; reload the page of the delivery and choose again.",
            )
        )
    if heading not in {one_line(each) for each in unknown_to(found, book, record, source)}:
        raise Refused(
            Refusal(
                "heading.known",
                "这份报送里没有这个表头，或规则书已经认识它；请刷新报送页面，已认识的可以直接再次接收。",
                "The delivery has no such heading, or the book knows it already; reload its page, and receive the "
                "file again.",
            )
        )
    wrong = []
    if target not in targets_of(entry):
        wrong.append(
            Refusal(
                "heading.target",
                "请选择这一列对应哪个字段；没有用的列选“不使用”。",
                "Choose the field that this column stands for, or that it is not used.",
                "target",
            )
        )
    if len(heading) > LONGEST_HEADING:
        wrong.append(
            Refusal(
                "heading.long",
                f"这个表头有 {len(heading)} 个字，超过 {LONGEST_HEADING} 字，不像一个表头；请检查表头行是否完整，"
                "改短后重新报送。",
                f"This heading has {len(heading)} characters, more than {LONGEST_HEADING}: hardly a heading. Check "
                "the row of headings, shorten it and hand it in again.",
                "target",
            )
        )
    if len(reason) > LONGEST_REASON:
        wrong.append(
            Refusal(
                "heading.reason",
                f"说明请写在 {LONGEST_REASON} 字以内。",
                f"Say why in at most {LONGEST_REASON} characters.",
                "reason",
            )
        )
    if wrong:
        raise Refused(*wrong)
