"""What became of a file that was handed in, for the unit that handed it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from zhiheng.database.paging import Page
from zhiheng.engines.plain_words import plain_words
from zhiheng.grammar.call import Call
from zhiheng.kernel.masking import MASK
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Delivery
from zhiheng.office.intake_doors import ACT
from zhiheng.office.models import Upload
from zhiheng.people import access
from zhiheng.quality_file.deliveries import SkippedLine, refused_rows, skipped_rows, veil_of
from zhiheng.queries import refusals
from zhiheng.queries.refused_rows import require_clear
from zhiheng.reading.layouts import SheetLayout
from zhiheng.reading.writing import write_refusals


@dataclass(frozen=True)
class RefusedRowOut:
    """A refused row: its number in the file, its cells, every reason; ``masked``: which cells (from 0) are not shown as
    handed in.
    """

    number: int
    cells: list[str]
    reasons: Sequence[Mapping[str, str]]
    masked: list[int]


@dataclass(frozen=True, kw_only=True)
class RefusedRows(Page[RefusedRowOut]):
    """A page of refused rows under the sender's own headings."""

    headings: list[str]


def upload(number: int, *, call: Call) -> Upload:
    """The upload; raises Refused where there is none, or the actor may not hand in for its unit.

    Through which of its doors the unit handed it in makes no difference: a file that was handed in before is the upload
    of before, and a program that hands it in again asks what became of that.
    """
    found = Upload.objects.filter(pk=number).first()
    if found is None:
        raise Refused(refusals.upload_unknown(number))
    # An enterprise that tries numbers learns nothing of what others have handed in.
    if found.door == Upload.Door.FIRM and access.may(call, ACT["firm"], subject=found.subject):
        access.require_somewhere(call, ACT["firm"])
        raise Refused(refusals.upload_unknown(number))
    if found.subject is None and access.may(call, ACT["api"], unit=found.unit) is None:
        return found
    target: access.ActTarget = {"unit": found.unit} if found.subject is None else {"subject": found.subject}
    access.require(call, ACT[found.door], **target)
    return found


def told_of(found: Upload) -> tuple[str, list[Mapping[str, Any]]]:
    """The name of an upload and the results of its tables, as a program gets them: without telephones in names of
    files, in headings, and in the quotes of refusals.
    """
    return plain_words(found.name), [_plain(table) for table in found.result]


def _plain(said: Any) -> Any:
    if isinstance(said, str):
        return plain_words(said)
    if isinstance(said, Mapping):
        return {name: _plain(each) for name, each in said.items()}
    return [_plain(each) for each in said] if isinstance(said, list) else said


def refused(number: int, delivery_id: int, *, after: str, limit: int, call: Call, purpose: str = "") -> RefusedRows:
    """The refused rows of one of the upload's deliveries.

    An enterprise sees its own as it handed them in. A program sees them masked; with a ``purpose``, and the right to
    take refused rows back, as they were handed in, and that is noted.

    Args:
        number: the upload.
        delivery_id: the delivery, one of the upload's.
    """
    delivery, clear = _delivery(number, delivery_id, call=call)
    if purpose and not clear:
        require_clear(delivery, purpose=purpose, call=call, detail={"after": after, "most": limit})
        clear = True
    page = refused_rows(delivery, None if clear else veil_of(delivery, call.book), after, limit)
    rows = [
        RefusedRowOut(
            line.number,
            [text for text, _ in line.cells],
            line.reasons,
            [at for at, (text, _) in enumerate(line.cells) if text == MASK],
        )
        for line in page.rows
    ]
    return RefusedRows(rows, page.next, headings=_headings(delivery, clear=clear))


@dataclass(frozen=True, kw_only=True)
class SkippedRows(Page[SkippedLine]):
    """A page of rows that are no data under the sender's own headings."""

    headings: list[str]


def skipped(number: int, delivery_id: int, *, after: str, limit: int, call: Call) -> SkippedRows:
    """The rows of one of the upload's deliveries that are no data.

    Args:
        number: the upload.
        delivery_id: the delivery, one of the upload's.
    """
    delivery, clear = _delivery(number, delivery_id, call=call)
    page = skipped_rows(delivery, None if clear else veil_of(delivery, call.book), after, limit)
    return SkippedRows(page.rows, page.next, headings=_headings(delivery, clear=clear))


def _headings(delivery: Delivery, *, clear: bool) -> list[str]:
    found: list[str] = orjson.loads(delivery.headings)
    return found if clear else [plain_words(text) for text in found]


def _delivery(number: int, delivery_id: int, *, call: Call) -> tuple[Delivery, bool]:
    """One of the upload's deliveries, and whether its rows are shown as they were handed in: to the enterprise whose
    own they are.
    """
    found = upload(number, call=call)
    delivery = Delivery.objects.filter(pk=delivery_id).first()
    if delivery is None or not any(delivery_id in table["deliveries"] for table in found.result):
        raise Refused(refusals.delivery_not_of_upload(number, delivery_id=delivery_id))
    return delivery, found.door == Upload.Door.FIRM


def write_refused(number: int, delivery_id: int, out: Path, *, call: Call, language: str = "zh") -> int:
    """Write every refused row of one of the upload's tables to a file, with the reasons (zh or en), to be mended;
    returns how many.

    Args:
        number: the upload.
        delivery_id: the delivery, one of the upload's.
        out: where the file is written.
    """
    headings: list[str] = []
    rows: list[list[str]] = []
    told: list[str] = []
    found = upload(number, call=call)
    parts = next((table["deliveries"] for table in found.result if delivery_id in table["deliveries"]), [delivery_id])
    for part in parts:
        after: str | None = ""
        while after is not None:
            some = refused(number, part, after=after, limit=1_000, call=call)
            headings = some.headings
            rows += [row.cells for row in some.rows]
            told += ["；".join(reason[language] for reason in row.reasons) for row in some.rows]
            after = some.next or None
    write_refusals(SheetLayout(header_rows=(1,), headings=tuple(headings), first_row=2), rows, told, out)
    return len(rows)
