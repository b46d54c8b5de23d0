"""Does the ledger still say what was received? Every content hash, Merkle root and link of the chain is computed again.

A changed row is named by its leaf hash, a removed one by the gap in the ids, an inserted one because no delivery counts it.
Where somebody changed a row together with its leaf hash, the root of the delivery tells: the statement key of the row and the
kept file (``actions/verify_ledger.py``) then say which row it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from typing import Any

from django.db import connection, connections

from zhiheng.kernel.facts import statement_key
from zhiheng.kernel.merkle import EMPTY_ROOT, GENESIS, RootBuilder, chained, leaf_hash
from zhiheng.ledger import store
from zhiheng.ledger.deliveries import HEADER, header_of
from zhiheng.ledger.models import Definition, Delivery

# The content of a fact as one text, put together by the database (zhiheng.kernel.facts.content).
CONTENT = (
    "record || chr(10) || unit || chr(10) || kind || ':' || COALESCE(CAST(concerns AS TEXT), '') || chr(10) || body"
)
_BATCH = 20_000


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was received."""

    kind: str
    delivery: int
    fact: int | None
    zh: str
    en: str


@dataclass
class Report:
    """What was verified, and what was found."""

    facts: int = 0
    deliveries: int = 0
    head: str = ""
    findings: list[Finding] = field(default_factory=list)
    content_bytes: int = 0

    @property
    def whole(self) -> bool:
        """Nothing was found."""
        return not self.findings


@dataclass
class _Checked:
    """What one delivery's facts gave."""

    facts: int
    size: int
    root: str
    findings: list[Finding]


def content_sql() -> str:
    """The two parts of a fact's content, in the words of the database at hand."""
    return CONTENT.replace("chr(10)", "char(10)") if connection.vendor == "sqlite" else CONTENT


def contents(first: int, last: int) -> Iterator[list[tuple[int, int, bytes, int, str, str]]]:
    """Batches of (id, delivery, leaf, key, statement, row) of the facts first..last, in order."""
    sql = f"SELECT id, delivery_id, leaf, key, {content_sql()}, row FROM ledger_fact WHERE id BETWEEN %s AND %s ORDER BY id"
    yield from store.stream(sql, [first, last], size=_BATCH)


def verify(*, processes: int = 1, progress: Callable[[int, int], None] | None = None) -> Report:
    """Verify the whole ledger. With more than one process, deliveries are checked side by side."""
    report = Report()
    rows = list(Delivery.objects.order_by("id").values(*HEADER, "link"))
    total = sum(row["fact_count"] for row in rows)
    _verify_chain(rows, report)
    _verify_editions(rows, report)
    ranges = [(r["id"], r["first_fact"], r["first_fact"] + r["fact_count"] - 1) for r in rows if r["fact_count"]]
    _verify_bounds(ranges, report)
    spans = _spans(ranges)
    if processes > 1 and len(ranges) > 1 and total > 2 * _BATCH:
        connections.close_all()
        with ProcessPoolExecutor(processes) as pool:
            checked = pool.map(_check_in_process, spans)
            _collect(rows, spans, checked, report, total, progress)
    else:
        _collect(rows, spans, map(_check, spans), report, total, progress)
    _verify_refused(rows, report)
    report.deliveries = len(rows)
    report.head = rows[-1]["link"] if rows else GENESIS.hex()
    return report


def _spans(ranges: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """(delivery, first, last) in order of the ids."""
    return sorted(ranges, key=lambda r: r[1])


def _collect(
    rows: list[dict[str, Any]],
    spans: list[tuple[int, int, int]],
    checked: Any,
    report: Report,
    total: int,
    progress: Callable[[int, int], None] | None,
) -> None:
    by_id = {row["id"]: row for row in rows}
    for (delivery, first, last), result in zip(spans, checked, strict=True):
        report.facts += result.facts
        report.content_bytes += result.size
        report.findings += result.findings
        if not result.findings and result.root != by_id[delivery]["root"]:
            report.findings.append(
                Finding(
                    "root", delivery, None,
                    f"报送 {delivery}（事实 {first} 至 {last}）的默克尔根不符：其中有行连同其哈希一起被改过。",
                    f"The Merkle root of delivery {delivery} (facts {first} to {last}) differs: a row was changed together "
                    "with its hash.",
                )
            )  # fmt: skip
        if progress is not None:
            progress(report.facts, total)


def _check_in_process(span: tuple[int, int, int]) -> _Checked:
    import django

    django.setup()
    return _check(span)


def _check(span: tuple[int, int, int]) -> _Checked:
    delivery, first, last = span
    findings: list[Finding] = []
    builder = RootBuilder()
    expected = first
    size = 0
    facts = 0
    for batch in contents(first, last):
        leaves = []
        for number, owner, leaf, key, said, row in batch:
            while expected < number:
                findings.append(_removed(expected, delivery))
                expected += 1
            expected = number + 1
            text = f"{said}\n{row}".encode()
            size += len(text)
            now = sha256(b"\x00" + text).digest()
            leaves.append(now)
            if now != bytes(leaf) or owner != delivery or not _keyed(key, said):
                findings.append(_changed(number, delivery))
        builder.extend(leaves)
        facts += len(batch)
    while expected <= last:
        findings.append(_removed(expected, delivery))
        expected += 1
    return _Checked(facts, size, builder.root().hex(), findings)


def _keyed(key: int, said: str) -> bool:
    """Whether the stored statement key belongs to the statement (salted keys are rare and tried in turn)."""
    return statement_key(said) == key or any(statement_key(said, salt) == key for salt in range(1, 64))


def _changed(number: int, delivery: int) -> Finding:
    return Finding(
        "changed", delivery, number,
        f"事实 {number}（报送 {delivery}）的内容被改动过。",
        f"Fact {number} (delivery {delivery}) has been changed.",
    )  # fmt: skip


def _removed(number: int, delivery: int) -> Finding:
    return Finding(
        "removed", delivery, number,
        f"事实 {number}（报送 {delivery}）已被删除。",
        f"Fact {number} (delivery {delivery}) has been removed.",
    )  # fmt: skip


def _inserted(number: int, delivery: int) -> Finding:
    return Finding(
        "inserted", delivery, number,
        f"事实 {number}（自称属于报送 {delivery}）不在任何报送之内，是后来插入的。",
        f"Fact {number} (claims delivery {delivery}) belongs to no delivery: it was inserted.",
    )  # fmt: skip


def _verify_chain(rows: list[dict[str, Any]], report: Report) -> None:
    link = GENESIS
    for expected, row in enumerate(rows, start=1):
        if row["id"] != expected:
            report.findings.append(
                Finding("chain", expected, None, f"报送 {expected} 已被删除。", f"Delivery {expected} has been removed.")
            )
            return
        link = chained(link, header_of(row))
        if link.hex() != row["link"]:
            report.findings.append(
                Finding(
                    "chain", row["id"], None,
                    f"报送 {row['id']} 的登记内容被改动过（链在此断开）。",
                    f"The header of delivery {row['id']} has been changed (the chain breaks here).",
                )
            )  # fmt: skip
            return


def _verify_editions(rows: list[dict[str, Any]], report: Report) -> None:
    known = {d.edition: d.text for d in Definition.objects.all()}
    for row in rows:
        edition = row["edition"]
        if edition and edition not in known:
            report.findings.append(
                Finding("edition", row["id"], None, f"报送 {row['id']} 所依据的定义已被删除。",
                        f"The definition that delivery {row['id']} was received with has been removed.")
            )  # fmt: skip
    for edition, text in known.items():
        if sha256(text.encode()).hexdigest() != edition:
            report.findings.append(
                Finding("edition", 0, None, f"定义 {edition[:12]} 的文字被改动过。", f"Definition {edition[:12]} has been changed.")
            )


def _verify_bounds(ranges: list[tuple[int, int, int]], report: Report) -> None:
    """Facts outside of every delivery's range were inserted; ranges must not overlap."""
    spans = sorted((first, last) for _, first, last in ranges)
    for (_, end), (start, _) in pairwise(spans):
        if start <= end:
            report.findings.append(
                Finding("overlap", 0, start, f"事实 {start} 被两次报送同时计入。", f"Fact {start} is counted by two deliveries.")
            )
    gaps = [(0 if i == 0 else spans[i - 1][1] + 1, first - 1) for i, (first, _) in enumerate(spans)]
    gaps.append((spans[-1][1] + 1 if spans else 0, (1 << 63) - 1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, delivery_id FROM ledger_fact WHERE id < 0 ORDER BY id")
        strays = list(cursor.fetchall())
        for low, high in gaps:
            if low <= high:
                cursor.execute(
                    "SELECT id, delivery_id FROM ledger_fact WHERE id BETWEEN %s AND %s ORDER BY id", [low, high]
                )
                strays += cursor.fetchall()
    report.findings += [_inserted(number, delivery) for number, delivery in strays]


def _verify_refused(rows: list[dict[str, Any]], report: Report) -> None:
    for row in rows:
        if not row["refused_count"] and row["refused_root"] == EMPTY_ROOT.hex():
            continue
        builder = RootBuilder()
        sql = "SELECT cells, reasons FROM ledger_refusedrow WHERE delivery_id = %s ORDER BY id"
        for batch in store.stream(sql, [row["id"]]):
            builder.extend(leaf_hash(f"{cells}\n{reasons}".encode()) for cells, reasons in batch)
        if builder.root().hex() != row["refused_root"] or builder.count != row["refused_count"]:
            report.findings.append(
                Finding("refused", row["id"], None, f"报送 {row['id']} 的退回行被改动过。",
                        f"The refused rows of delivery {row['id']} have been changed.")
            )  # fmt: skip
