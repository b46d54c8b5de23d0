"""Verify the ledger, and where a root differs without a changed hash, find the row by the file that was kept.

Somebody who changes a row together with its hash and its statement key leaves only a wrong Merkle root. The file as delivered
says what stood there: its rows are read again and compared with the facts.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson

from zhiheng.engines.intake import Intake
from zhiheng.engines.recognise import Layout
from zhiheng.grammar.loader import Book, RecordEntry
from zhiheng.ledger import files, store
from zhiheng.ledger.models import Delivery
from zhiheng.ledger.verify import Finding, Report, verify
from zhiheng.reading.opening import open_path
from zhiheng.reading.tables import Table


def verify_ledger(
    *, book: Book, processes: int = 1, progress: Callable[[int, int], None] | None = None
) -> Report:
    """The report of the ledger, with the rows behind wrong roots named where the kept file tells them."""
    report = verify(processes=processes, progress=progress)
    for finding in [f for f in report.findings if f.kind == "root"]:
        report.findings += _rows_behind(Delivery.objects.get(id=finding.delivery), book)
    return report


def _rows_behind(delivery: Delivery, book: Book) -> list[Finding]:
    kept = files.path_of(delivery.file_digest)
    entry = book.records.get(delivery.record)
    if not kept.exists() or entry is None or delivery.source not in entry.sources or not delivery.first_fact:
        return []
    if files.digest_of(kept) != delivery.file_digest:
        return [
            Finding(
                "file", delivery.id, None, f"报送 {delivery.id} 的存档文件也被改动过，无法据以查找。",
                f"The kept file of delivery {delivery.id} has been changed too: it can't tell.",
            )
        ]  # fmt: skip
    wanted = _as_delivered(delivery, kept, entry)
    findings = []
    sql = "SELECT id, row_number, body, row FROM ledger_fact WHERE id BETWEEN %s AND %s ORDER BY id"
    for batch in store.stream(sql, [delivery.first_fact, delivery.first_fact + delivery.fact_count - 1]):
        for number, row_number, body, row in batch:
            said = wanted.get(row_number)
            if said is None or said != (body, row):
                findings.append(
                    Finding(
                        "changed", delivery.id, number,
                        f"事实 {number}（报送 {delivery.id} 第 {row_number} 行）与存档文件不符，其哈希也被一并改过。",
                        f"Fact {number} (delivery {delivery.id}, row {row_number}) differs from the kept file; its hash was "
                        "changed with it.",
                    )
                )  # fmt: skip
    return findings


def _as_delivered(delivery: Delivery, kept: Path, record: RecordEntry) -> dict[int, tuple[str, str]]:
    """Row number -> (body, row) as the kept file gives them today."""
    layout = Layout.of(record.id, record.record, delivery.source, record.sources[delivery.source])
    headings = orjson.loads(delivery.headings)
    found: dict[int, tuple[str, str]] = {}
    for item in open_path(kept):
        inner = item.origin.removeprefix(kept.name)
        if not isinstance(item, Table) or item.sheet != delivery.table_name or not delivery.file_name.endswith(inner):
            continue
        if list(item.layout.headings) != headings:
            continue
        intake = Intake(layout, record.types[delivery.source], headings, row_cleaner=record.clean)
        for chunk in item.chunks():
            batch = intake.read(chunk.columns, chunk.row_numbers)
            found |= {n: (b, r) for n, b, r in zip(batch.row_numbers, batch.bodies, batch.rows, strict=True)}
    return found
