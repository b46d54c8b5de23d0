"""Verify the ledger, and where a root differs without a changed hash, find the row by the file that was kept.

A row that was changed together with its hash and its statement key leaves only a wrong Merkle root. The file as
delivered says what stood there: its rows are read again and compared with the facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import orjson

from zhiheng.actions import audit
from zhiheng.actions.cases.verify_cases import verify_cases
from zhiheng.actions.facts.verify_deeply import verify_deeply
from zhiheng.actions.identity.verify_acts import verify_acts
from zhiheng.actions.identity.verify_keys import not_findable
from zhiheng.actions.intake.receive_delivery import only_own
from zhiheng.actions.log.known_heads import compare_heads
from zhiheng.actions.log.verify_log import verify_log
from zhiheng.actions.projections.recount_cards import recount
from zhiheng.database.content_store import FILES, digest_of
from zhiheng.database.rows import stream
from zhiheng.engines.intake import Intake
from zhiheng.engines.recognise import Layout
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry
from zhiheng.kernel.facts import canonical
from zhiheng.ledger.models import Delivery, RefusedRow
from zhiheng.ledger.verify import Report, VerifyFinding, verify
from zhiheng.people import access
from zhiheng.quality_file import deliveries
from zhiheng.reading.opening import open_path
from zhiheng.reading.tables import Table


def verify_ledger(
    *,
    call: Call,
    processes: int = 1,
    parties: bool = True,
    head: str = "",
    case_head: str = "",
    progress: Callable[[int, int], None] | None = None,
    deep: bool = False,
) -> Report:
    """Verify hashes, keys, roots and the chain, and recount cards from the facts.

    Args:
        processes: how many work at once.
        parties: also check every link of a fact to a party.
        head: an earlier head of the chain that must still be part of it.
        progress: called with (done, total).
        deep: recount all cards, hash all kept files and make all entries again instead of some; make the lake and the
            stored figures again as well, and look for names by each of their keys.

    Returns:
        The report, with the rows behind wrong roots named where the kept file has them.

    Raises:
        Refused: where the actor may not.
    """
    access.require(call, "ledger.verify")
    report = verify(processes=processes, parties=parties, head=head, progress=progress)
    if deep:
        report.findings += not_findable()
    report.findings += compare_heads()
    report.findings += verify_acts()
    for finding in [f for f in report.findings if f.kind in ("root", "refused")]:
        delivery = Delivery.objects.filter(id=finding.delivery).first()
        if delivery is not None and delivery.source not in ("correction", "withdrawal"):
            report.findings += _rows_behind(delivery, call.book, finding.kind)
    counted = recount(call.book, today=call.today, deep=deep, progress=progress)
    report.cards = counted.subjects
    report.findings += counted.findings
    of_cases = verify_cases(call=call, head=case_head)
    report.case_head, report.case_lines = of_cases.head, of_cases.lines
    report.findings += of_cases.findings
    report.findings += verify_deeply(call=call, deep=deep, progress=progress)
    of_log = verify_log()
    report.log_entries, report.log_waiting, report.log_heads = of_log.entries, of_log.waiting, of_log.heads
    report.findings += of_log.findings
    told = {"head": report.head, "findings": len(report.findings), "facts": report.facts}
    audit.write(call, "ledger.verify", "ledger", detail=told)
    return report


def _rows_behind(delivery: Delivery, book: Book, kind: str) -> list[VerifyFinding]:
    kept = FILES.path_of(delivery.file_digest)
    entry = book[RECORDS].get(delivery.record)
    if not kept.exists():
        return [_silent(delivery, "的存档文件不在了", "is gone")]
    if digest_of(kept) != delivery.file_digest:
        return [_silent(delivery, "的存档文件也被改动过", "has been changed too")]
    layout = deliveries.layout_of(delivery)
    if (
        entry is None
        or layout is None
        or delivery.source not in entry.sources
        or entry.edition(delivery.source, layout.source) != delivery.edition
    ):
        return [
            _silent(
                delivery,
                "是按规则书的另一版接收的，请用那一版核验；存档文件",
                "was received with another edition of the book",
            )
        ]
    delivered = _as_delivered(delivery, kept, entry, layout, book)
    if delivered is None:
        return [_silent(delivery, "的表在存档文件中找不到", "does not have the table")]
    accepted, refused = delivered
    return list(_facts_behind(delivery, accepted) if kind == "root" else _refused_behind(delivery, refused))


def _silent(delivery: Delivery, zh: str, en: str) -> VerifyFinding:
    return VerifyFinding(
        "file",
        delivery.id,
        None,
        f"报送 {delivery.id} {zh}，无法据以找出被改的行。",
        f"The kept file of delivery {delivery.id} {en}: it can't tell which row was changed.",
    )


def _facts_behind(delivery: Delivery, accepted: Mapping[int, tuple[str, str]]) -> Iterator[VerifyFinding]:
    sql = "SELECT id, row_number, body, row FROM ledger_fact WHERE id BETWEEN %s AND %s ORDER BY id"
    assert delivery.first_fact is not None, "a delivery with facts has a first one"
    for batch in stream(sql, [delivery.first_fact, delivery.first_fact + delivery.fact_count - 1]):
        for number, row_number, body, row in batch:
            if accepted.get(row_number) != (body, row):
                yield VerifyFinding(
                    "changed",
                    delivery.id,
                    number,
                    f"事实 {number}（报送 {delivery.id} 第 {row_number} 行）与存档文件不符，其哈希也被一并改过。",
                    f"Fact {number} (delivery {delivery.id}, row {row_number}) differs from the kept file; its hash "
                    "was changed with it.",
                )


def _refused_behind(delivery: Delivery, refused: Mapping[int, str]) -> Iterator[VerifyFinding]:
    """Refused rows that the kept file does not have so, and those of it that are missing (of this part of a long
    table).
    """
    stored = dict(RefusedRow.objects.filter(delivery=delivery).values_list("row_number", "cells"))
    other = RefusedRow.objects.filter(delivery__file_digest=delivery.file_digest).exclude(delivery=delivery)
    elsewhere = set(other.values_list("row_number", flat=True))
    for number in sorted(
        {n for n, cells in stored.items() if refused.get(n) != cells} | (set(refused) - set(stored) - elsewhere)
    ):
        yield VerifyFinding(
            "refused",
            delivery.id,
            None,
            f"报送 {delivery.id} 第 {number} 行的退回内容与存档文件不符。",
            f"The refused row {number} of delivery {delivery.id} differs from the kept file.",
        )


def _as_delivered(
    delivery: Delivery, kept: Path, record: RecordEntry, layout: Layout, book: Book
) -> tuple[dict[int, tuple[str, str]], dict[int, str]] | None:
    """Row number -> (body, row) of the accepted rows and -> cells of the refused ones, as the kept file gives them
    today.

    None where the file no longer gives that table.
    """
    headings = orjson.loads(delivery.headings)

    def known_headings(texts: Sequence[str]) -> float:
        return float(list(texts) == headings)

    for item in open_path(kept, known_headings=known_headings):
        inner = item.origin.removeprefix(kept.name)
        if not isinstance(item, Table) or item.sheet != delivery.table_name or not delivery.file_name.endswith(inner):
            continue
        if list(item.layout.headings) != headings:
            continue
        accepted: dict[int, tuple[str, str]] = {}
        refused: dict[int, str] = {}
        own = only_own(delivery.subject, record.id, book, record.clean)
        intake = Intake(
            layout, record.types[delivery.source], headings, delivered_on=delivery.learned_on, row_cleaner=own
        )
        for chunk in item.chunks():
            batch = intake.read(chunk.columns, chunk.row_numbers)
            accepted |= {n: (b, r) for n, b, r in zip(batch.row_numbers, batch.bodies, batch.rows, strict=True)}
            refused |= {row.row_number: canonical(list(row.cells)) for row in batch.refused}
            refused |= {number: canonical(list(cells)) for number, cells, _ in chunk.broken}
        return accepted, refused
    return None
