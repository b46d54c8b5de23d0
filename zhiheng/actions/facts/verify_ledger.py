"""Verify the ledger, and where a root differs without a changed hash, find the row by the file that was kept.

A row that was changed together with its hash and its statement key leaves only a wrong Merkle root. The file as
delivered says what stood there: its rows are read again and compared with the facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from zhiheng.actions import audit
from zhiheng.actions.cases.verify_cases import verify_cases
from zhiheng.actions.exports.verify_extracts import verify_extracts
from zhiheng.actions.facts.verify_deeply import verify_deeply
from zhiheng.actions.identity.verify_acts import verify_acts
from zhiheng.actions.identity.verify_keys import not_findable
from zhiheng.actions.intake.receive_delivery import only_own
from zhiheng.actions.log.known_heads import compare_heads
from zhiheng.actions.log.verify_files import differing_files
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
    parts = _Parts(call, report, case_head, deep, progress)
    for part in (
        *((parts.names,) if deep else ()),
        parts.heads_and_acts,
        parts.rows_behind,
        parts.cards,
        parts.cases,
        parts.made_anew,
        parts.public_log,
    ):
        try:
            part()
        except _UNREADABLE as cause:
            report.findings.append(_unread(part.__name__, cause))
    told = {"head": report.head, "findings": len(report.findings), "facts": report.facts}
    audit.write(call, "ledger.verify", "ledger", detail=told)
    return report


# What reading a row ends with that says something else than it may: it was changed past the platform.
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError)


def _unread(part: str, cause: Exception) -> VerifyFinding:
    """A part of the verification that could not be ended, as a finding: a changed row must not end all of it."""
    zh, en = {
        "names": ("名称的检索键", "the keys of names"),
        "heads_and_acts": ("记下的链尾和归并记录", "noted heads and identity acts"),
        "rows_behind": ("存档文件里的行", "the rows of kept files"),
        "cards": ("企业摘要", "the cards"),
        "cases": ("案件", "the cases"),
        "made_anew": ("由台账重做的", "what is made from the ledger"),
        "public_log": ("公开日志", "the public log"),
    }[part]
    return VerifyFinding(
        "unread",
        0,
        None,
        f"{zh}没有核验完：有的内容读不出来（{type(cause).__name__}），被改动过；请先处理其他发现，再核验一次。",
        f"Verifying {en} could not be ended: something can't be read ({type(cause).__name__}), it was changed. See to "
        "the other findings first, then verify again.",
    )


@dataclass
class _Parts:
    """What is verified beside the hashes, part by part; each adds to the report."""

    call: Call
    report: Report
    case_head: str
    deep: bool
    progress: Callable[[int, int], None] | None

    def names(self) -> None:
        """Keys by which names are found."""
        self.report.findings += not_findable()

    def heads_and_acts(self) -> None:
        """Heads noted elsewhere; acts and extracts beside their lines of the trail."""
        self.report.findings += compare_heads()
        self.report.findings += verify_acts()
        self.report.findings += verify_extracts()

    def rows_behind(self) -> None:
        """Rows behind wrong roots, by the kept file."""
        for finding in [f for f in self.report.findings if f.kind in ("root", "refused")]:
            delivery = Delivery.objects.filter(id=finding.delivery).first()
            if delivery is not None and delivery.source not in ("correction", "withdrawal"):
                self.report.findings += _rows_behind(delivery, self.call.book, finding.kind)

    def cards(self) -> None:
        """Cards, counted again."""
        counted = recount(self.call.book, today=self.call.today, deep=self.deep, progress=self.progress)
        self.report.cards = counted.subjects
        self.report.findings += counted.findings

    def cases(self) -> None:
        """The chain of cases and what is worked out of it."""
        found = verify_cases(call=self.call, head=self.case_head)
        self.report.case_head, self.report.case_lines = found.head, found.lines
        self.report.findings += found.findings

    def made_anew(self) -> None:
        """Kept files, entries, the lake, figures."""
        self.report.findings += verify_deeply(call=self.call, deep=self.deep, progress=self.progress)

    def public_log(self) -> None:
        """Entries, heads, and the files that outsiders fetch."""
        found, report = verify_log(), self.report
        report.log_entries, report.log_waiting, report.log_heads = found.entries, found.waiting, found.heads
        report.findings += found.findings
        report.findings += differing_files(deep=self.deep)


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
