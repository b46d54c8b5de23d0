"""Verify the ledger: every content hash, Merkle root and link of the chain is computed again.

A changed row is named by its leaf hash, a removed one by the gap in the ids, an inserted one because no delivery counts
it. Where a row was changed together with its leaf hash, the root of the delivery shows it: the statement key of the row
and the kept file (``actions/facts/verify_ledger.py``) then find the row. Removing the last deliveries with all their
rows leaves a whole, shorter chain: only a link noted earlier (``head``) reveals it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from typing import Any

from django.db import connection, connections

from zhiheng.database.dialect import line_feed
from zhiheng.database.rows import stream
from zhiheng.kernel.facts import statement_key
from zhiheng.kernel.merkle import EMPTY_ROOT, GENESIS, RootBuilder, chained, leaf_hash
from zhiheng.ledger import (
    party_links,
    statement_keys,
)
from zhiheng.ledger.aliases import alias_leaf
from zhiheng.ledger.chain import HEADER, header_of
from zhiheng.ledger.models import Definition, Delivery, IdentityAct

# The content of a fact as two texts, put together by the database (zhiheng.kernel.facts.content): the statement, and
# its marks
# with the row as delivered.
CONTENT = (
    "record || chr(10) || unit || chr(10) || kind || ':' || COALESCE(CAST(concerns AS TEXT), '') || chr(10) || body, "
    "row_number || '|' || CAST(occurred_on AS TEXT) || '|' || COALESCE(CAST(valid_until AS TEXT), '') || '|' || "
    "COALESCE(outcome, '') || '|' || area || '|' || flags || '|' || COALESCE(CAST(thing AS TEXT), '') || chr(10) || row"
)
_BATCH = 2_000
# Fewer facts than this are checked before a second process has started.
_FEW = 40_000
# Up to so many rows at one place are named one by one, more of them as a range.
_NAMED = 200


@dataclass(frozen=True)
class VerifyFinding:
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
    findings: list[VerifyFinding] = field(default_factory=list)
    content_bytes: int = 0
    unlinked: list[int] = field(default_factory=list)
    # Enterprises whose card was counted again (``actions/projections/recount_cards.py``).
    cards: int = 0
    # Lines of cases, and the head of their chain (``actions/cases/verify_cases.py``).
    case_lines: int = 0
    case_head: str = ""
    # Entries of the public log, rows that have none yet, and heads (``actions/log/verify_log.py``).
    log_entries: int = 0
    log_waiting: int = 0
    log_heads: int = 0
    # What a person should look at though nothing was changed.
    warnings: list[VerifyFinding] = field(default_factory=list)

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
    findings: list[VerifyFinding]
    unlinked: list[int]
    keys: int


# A delivery's facts to be checked: (delivery, first, last, the sums of the stored links, what its rows are about, the
# secret behind
# the sum of their keys).
_Span = tuple[int, int, int, party_links.Sums | None, party_links.About | None, statement_keys.Secret]


def content_sql() -> str:
    """The two parts of a fact's content, in the words of the database at hand."""
    return CONTENT.replace("chr(10)", line_feed())


def contents(first: int, last: int) -> Iterator[list[tuple[int, int, bytes, int, str, str]]]:
    """Batches of (id, delivery, leaf, key, statement, marks and row) of the facts first..last, in order."""
    sql = f"SELECT id, delivery_id, leaf, key, {content_sql()} FROM ledger_fact WHERE id BETWEEN %s AND %s ORDER BY id"
    yield from stream(sql, [first, last], size=_BATCH)


def verify(
    *,
    processes: int = 1,
    parties: bool = True,
    head: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Verify the whole ledger. With more than one process, deliveries are checked side by side.

    ``parties`` also checks the links of facts to parties and the parties' aliases; ``head`` is a link of the chain that
    was noted earlier, which must still be in it.
    """
    report = Report()
    rows = list(Delivery.objects.order_by("id").values(*HEADER, "link"))
    total = sum(row["fact_count"] for row in rows)
    _verify_chain(rows, head, report)
    _verify_editions(rows, report)
    ranges = [(r["id"], r["first_fact"], r["first_fact"] + r["fact_count"] - 1) for r in rows if r["fact_count"]]
    _verify_bounds(ranges, {row["id"] for row in rows}, report)
    secret = statement_keys.secret()
    about_of = _about_of(rows) if parties else {}
    sums = party_links.stored_sums(max((last for _, _, last in ranges), default=0)) if parties else None
    try:
        spans = [
            (d, first, last, sums, about_of.get(d), secret) for d, first, last in sorted(ranges, key=lambda r: r[1])
        ]
        if processes > 1 and total > _FEW:
            connections.close_all()
            with ProcessPoolExecutor(processes) as pool:
                keys = _collect(rows, spans, pool.map(_check_in_process, spans), report, total, progress)
        else:
            keys = _collect(rows, spans, map(_check, spans), report, total, progress)
    finally:
        if sums is not None:
            sums.path.unlink()
    if keys != statement_keys.stored_sum(secret):
        report.findings += _keys_astray()
    if sums is not None:
        _verify_links(report, about_of, sums.astray)
        acts = list(IdentityAct.objects.values_list("id", "moves"))
        _verify_aliases(acts, report)
        _verify_first_subjects(rows, acts, report)
        _verify_parts(report)
    _verify_refused(rows, report)
    _verify_skipped(rows, report)
    _days_run_backwards(rows, report)
    report.deliveries = len(rows)
    report.head = rows[-1]["link"] if rows else GENESIS.hex()
    return report


def _collect(
    rows: list[dict[str, Any]],
    spans: list[_Span],
    checked: Iterable[_Checked],
    report: Report,
    total: int,
    progress: Callable[[int, int], None] | None,
) -> int:
    """Put together what the deliveries gave; the sum of their keys."""
    by_id = {row["id"]: row for row in rows}
    keys = 0
    for (delivery, first, last, *_), result in zip(spans, checked, strict=True):
        report.facts += result.facts
        report.content_bytes += result.size
        report.findings += result.findings
        report.unlinked += result.unlinked
        keys += result.keys
        if not result.findings and result.root != by_id[delivery]["root"]:
            report.findings.append(
                VerifyFinding(
                    "root",
                    delivery,
                    first if first == last else None,
                    f"报送 {delivery}（事实 {first} 至 {last}）的默克尔根不符：其中有行连同其哈希一起被改过。",
                    f"The Merkle root of delivery {delivery} (facts {first} to {last}) differs: a row was changed "
                    "together with its hash.",
                )
            )
        if progress is not None:
            progress(report.facts, total)
    return keys % (1 << 64)


def _check_in_process(span: _Span) -> _Checked:
    import django

    django.setup()
    return _check(span)


def _check(span: _Span) -> _Checked:
    delivery, first, last, sums, about, secret = span
    findings: list[VerifyFinding] = []
    unlinked: list[int] = []
    builder = RootBuilder()
    stored = None if sums is None else sums.read()
    wanted = None if sums is None else party_links.Wanted(sums.secret, about)
    expected = first
    size = facts = keys = 0
    for batch in contents(first, last):
        leaves = []
        for number, owner, leaf, key, said, row in batch:
            if expected < number:
                findings.append(_removed(expected, number - 1, delivery))
            expected = number + 1
            text = f"{said}\n{row}".encode()
            size += len(text)
            now = sha256(b"\x00" + text).digest()
            leaves.append(now)
            if now != bytes(leaf) or owner != delivery or not _keyed(key, said):
                findings.append(_changed(number, delivery))
            elif wanted is not None and stored is not None and wanted.of(said) != stored[number - 1]:
                unlinked.append(number)
        builder.extend(leaves)
        facts += len(batch)
        keys += statement_keys.sum_of(secret, [row[3] for row in batch], [row[0] for row in batch])
    if expected <= last:
        findings.append(_removed(expected, last, delivery))
    return _Checked(facts, size, builder.root().hex(), findings, unlinked, keys)


def _keyed(key: int, said: str) -> bool:
    """Whether the stored statement key belongs to the statement (salted keys are rare and tried in turn)."""
    return statement_key(said) == key or any(statement_key(said, salt) == key for salt in range(1, 64))


def _keys_astray() -> list[VerifyFinding]:
    lost, strange = statement_keys.astray(_NAMED)
    told = (
        (
            lost,
            "的陈述键不在索引里或指向别处，同样的内容再报一次不会被认作重复",
            "not found by their statement keys: the same said again would not be known as a duplicate",
        ),
        (
            strange,
            "被不属于它的陈述键指着，别的内容会被误认作重复",
            "pointed to by statement keys that are not theirs: something else would be taken for a duplicate",
        ),
    )
    found = []
    for numbers, zh, en in told:
        if numbers:
            some = "、".join(map(str, numbers[:10])) + (" 等" if len(numbers) > 10 else "")
            named = ", ".join(map(str, numbers[:10])) + (" and more" if len(numbers) > 10 else "")
            fact = numbers[0] if len(set(numbers)) == 1 else None
            found.append(VerifyFinding("key", 0, fact, f"事实 {some} {zh}。", f"Facts {named} are {en}."))
    return found


def _changed(number: int, delivery: int) -> VerifyFinding:
    return VerifyFinding(
        "changed",
        delivery,
        number,
        f"事实 {number}（报送 {delivery}）的内容被改动过。",
        f"Fact {number} (delivery {delivery}) has been changed.",
    )


def _removed(first: int, last: int, delivery: int) -> VerifyFinding:
    zh, en = (
        (f"{first}", f"Fact {first} (delivery {delivery}) has")
        if first == last
        else (f"{first} 至 {last}", f"Facts {first} to {last} (delivery {delivery}) have")
    )
    return VerifyFinding("removed", delivery, first, f"事实 {zh}（报送 {delivery}）已被删除。", f"{en} been removed.")


def _about_of(rows: list[dict[str, Any]]) -> dict[int, party_links.About]:
    """Delivery -> what its rows are about, where its definition says so."""
    of_edition = party_links.abouts()
    return {row["id"]: of_edition[row["edition"]] for row in rows if row["edition"] in of_edition}


def _verify_links(report: Report, about_of: dict[int, party_links.About], astray: int) -> None:
    for fact, delivery, missing, surplus in party_links.differences(report.unlinked[:_NAMED], about_of):
        names = "、".join(f"{mention.name or mention.code}（{role}）" for role, mention in missing)
        zh = "；".join(filter(None, (names and f"少了 {names}", f"多出 {'、'.join(surplus)}" if surplus else "")))
        en = "; ".join(filter(None, (names and f"missing {names}", f"surplus {', '.join(surplus)}" if surplus else "")))
        report.findings.append(
            VerifyFinding(
                "link",
                delivery,
                fact,
                f"事实 {fact}（报送 {delivery}）与当事方的关联被改动过：{zh}。",
                f"The links of fact {fact} (delivery {delivery}) to its parties have been changed: {en}.",
            )
        )
    if more := report.unlinked[_NAMED:]:
        report.findings.append(
            VerifyFinding(
                "link",
                0,
                more[0],
                f"另有 {len(more)} 条事实（从 {more[0]} 到 {more[-1]}）与当事方的关联被改动过。",
                f"The links of {len(more)} further facts ({more[0]} to {more[-1]}) have been changed.",
            )
        )
    if astray:
        report.findings.append(
            VerifyFinding(
                "link",
                0,
                None,
                f"有 {astray} 条关联指向任何报送都没有的事实。",
                f"{astray} links lead to facts that no delivery has.",
            )
        )


def _verify_aliases(acts: Sequence[tuple[int, str]], report: Report) -> None:
    for number, name in party_links.changed_aliases():
        report.findings.append(
            VerifyFinding(
                "alias", 0, None, f"名称 {number}“{name}”被改动过。", f"Alias {number} ({name}) has been changed."
            )
        )
    for number in party_links.moved_aliases(acts):
        report.findings.append(
            VerifyFinding(
                "moved",
                0,
                None,
                f"名称 {number} 不在合并、拆分记录所说的主体之下，或已被删除。",
                f"Alias {number} is not with the subject that the recorded acts put it, or has been removed.",
            )
        )

    for number in party_links.wrong_kinds(acts):
        report.findings.append(
            VerifyFinding(
                "kind",
                0,
                None,
                f"主体 {number} 的种类与它的名称不符，被改动过。",
                f"Subject {number} is of another kind than its spellings: it has been changed.",
            )
        )


def _verify_parts(report: Report) -> None:
    """Facts under one spelling that stand under the wrong part of it."""
    for fact in party_links.astray_in_parts(IdentityAct.objects.values_list("id", "parted")):
        report.findings.append(
            VerifyFinding(
                "parted",
                0,
                fact,
                f"事实 {fact} 不在拆分记录或报送单位所说的那一份名称之下。",
                f"Fact {fact} does not stand under the part of its spelling that its sender or a recorded split says.",
            )
        )


def _verify_first_subjects(rows: list[dict[str, Any]], acts: Sequence[tuple[int, str]], report: Report) -> None:
    """Verify the subject each spelling was linked to when it came; acts that moved it since are reverted first."""
    moved = party_links.first_subjects(acts)
    sql = "SELECT id, key, subject_id FROM ledger_alias WHERE id BETWEEN %s AND %s ORDER BY id"
    for row in rows:
        if not row["alias_count"]:
            continue
        first, last = row["first_alias"], row["first_alias"] + row["alias_count"] - 1
        builder = RootBuilder()
        for batch in stream(sql, [first, last]):
            builder.extend(alias_leaf(alias, key, moved.get(alias, subject)) for alias, key, subject in batch)
        if builder.root().hex() != row["alias_root"]:
            report.findings.append(
                VerifyFinding(
                    "relinked",
                    row["id"],
                    None,
                    f"报送 {row['id']} 带来的名称（{first} 至 {last}）中，有的未经合并、拆分就换了主体，或已被删除。",
                    f"Of the aliases that delivery {row['id']} brought ({first} to {last}) some were linked to "
                    "another subject without a recorded act, or have been removed.",
                )
            )


def _verify_chain(rows: list[dict[str, Any]], head: str, report: Report) -> None:
    link, expected = GENESIS, 1
    for row in rows:
        if row["id"] != expected:
            gone = f"{expected}" if row["id"] == expected + 1 else f"{expected}–{row['id'] - 1}"
            report.findings.append(
                VerifyFinding("chain", expected, None, f"报送 {gone} 已被删除。", f"Delivery {gone} has been removed.")
            )
        elif chained(link, header_of(row)).hex() != row["link"]:
            report.findings.append(
                VerifyFinding(
                    "chain",
                    row["id"],
                    None,
                    f"报送 {row['id']} 的登记内容被改动过（链在此断开）。",
                    f"The header of delivery {row['id']} has been changed (the chain breaks here).",
                )
            )
        # From here on the stored link is taken as it is, so that one break does not hide the next; where it is none,
        # the one that it should be.
        link, expected = _link(row["link"]) or chained(link, header_of(row)), row["id"] + 1
    if head and head not in {GENESIS.hex(), *(row["link"] for row in rows)}:
        report.findings.append(
            VerifyFinding(
                "head",
                0,
                None,
                f"记下的链尾 {head} 已不在链中：之后的历史被改写或截断过。",
                f"The noted head {head} is no longer in the chain: history was rewritten or cut off.",
            )
        )


def _link(text: str) -> bytes | None:
    """A stored link; None where it is no hash."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None


def _verify_editions(rows: list[dict[str, Any]], report: Report) -> None:
    known = {d.edition: d.text for d in Definition.objects.all()}
    record_of = {d.edition: d.record for d in Definition.objects.all()}
    for row in rows:
        edition = row["edition"]
        if edition and edition in known and record_of[edition] != row["record"]:
            report.findings.append(
                VerifyFinding(
                    "edition",
                    row["id"],
                    None,
                    f"报送 {row['id']} 所依据的定义被改称为“{record_of[edition]}”。",
                    f"The definition that delivery {row['id']} was received with is now called {record_of[edition]!r}.",
                )
            )
        if edition and edition not in known:
            report.findings.append(
                VerifyFinding(
                    "edition",
                    row["id"],
                    None,
                    f"报送 {row['id']} 所依据的定义已被删除。",
                    f"The definition that delivery {row['id']} was received with has been removed.",
                )
            )
    for edition, text in known.items():
        if sha256(text.encode()).hexdigest() != edition:
            report.findings.append(
                VerifyFinding(
                    "edition",
                    0,
                    None,
                    f"定义 {edition[:12]} 的文字被改动过。",
                    f"Definition {edition[:12]} has been changed.",
                )
            )


def _verify_bounds(ranges: list[tuple[int, int, int]], known: set[int], report: Report) -> None:
    """Facts outside of every delivery's range were inserted; ranges must not overlap."""
    spans = sorted((first, last) for _, first, last in ranges)
    for (_, end), (start, _) in pairwise(spans):
        if start <= end:
            report.findings.append(
                VerifyFinding(
                    "overlap",
                    0,
                    start,
                    f"事实 {start} 被两次报送同时计入。",
                    f"Fact {start} is counted by two deliveries.",
                )
            )
    gaps = [(-(1 << 63), spans[0][0] - 1 if spans else (1 << 63) - 1)]
    gaps += [(end + 1, start - 1) for (_, end), (start, _) in pairwise(spans)]
    gaps += [(spans[-1][1] + 1, (1 << 63) - 1)] if spans else []
    with connection.cursor() as cursor:
        for low, high in gaps:
            if low > high:
                continue
            cursor.execute(
                "SELECT delivery_id, MIN(id), MAX(id), COUNT(*) FROM ledger_fact WHERE id BETWEEN %s AND %s "
                "GROUP BY delivery_id ORDER BY 2",
                [low, high],
            )
            for delivery, first, last, count in cursor.fetchall():
                if count <= _NAMED:
                    cursor.execute(
                        "SELECT id FROM ledger_fact WHERE id BETWEEN %s AND %s AND delivery_id = %s ORDER BY id",
                        [first, last, delivery],
                    )
                    report.findings += [_stray(n, n, delivery, known) for (n,) in cursor.fetchall()]
                else:
                    report.findings.append(_stray(first, last, delivery, known))


def _stray(first: int, last: int, delivery: int, known: set[int]) -> VerifyFinding:
    which = str(first) if first == last else f"{first}–{last}"
    if delivery in known:
        return VerifyFinding(
            "inserted",
            delivery,
            first,
            f"事实 {which}（自称属于报送 {delivery}）不在该报送之内，是后来插入的。",
            f"Fact {which} (claims delivery {delivery}) is not counted by it: it was inserted.",
        )
    return VerifyFinding(
        "orphan",
        delivery,
        first,
        f"事实 {which} 所属的报送 {delivery} 不存在：报送登记被删除，或事实是后来插入的。",
        f"Fact {which} belongs to delivery {delivery}, which is not there: it was removed, or the fact was inserted.",
    )


def _verify_refused(rows: list[dict[str, Any]], report: Report) -> None:
    of = [row for row in rows if row["refused_count"] or row["refused_root"] != EMPTY_ROOT.hex()]
    changed, strange = _beside("refused", "reasons", "d.refused_count = 0", of)
    report.findings += [
        VerifyFinding(
            "refused",
            delivery,
            None,
            f"报送 {delivery} 的退回行被改动过。",
            f"The refused rows of delivery {delivery} have been changed.",
        )
        for delivery in changed
    ] + [
        VerifyFinding(
            "refused",
            delivery,
            None,
            f"有 {count} 条退回行不属于报送 {delivery}，是后来插入的。",
            f"{count} refused rows do not belong to delivery {delivery}: they were inserted.",
        )
        for delivery, count in strange
    ]


def _days_run_backwards(rows: list[dict[str, Any]], report: Report) -> None:
    """Deliveries that were learned on an earlier day than one before them: the clock of the machine was set back."""
    for before, row in pairwise(rows):
        if row["learned_on"] < before["learned_on"]:
            report.warnings.append(
                VerifyFinding(
                    "clock",
                    row["id"],
                    None,
                    f"报送 {row['id']} 记在 {row['learned_on']} 接收，前一次是 {before['learned_on']}：时钟倒退过。",
                    f"Delivery {row['id']} was learned on {row['learned_on']}, the one before it on "
                    f"{before['learned_on']}: the clock was set back.",
                )
            )


def _verify_skipped(rows: list[dict[str, Any]], report: Report) -> None:
    of = [row for row in rows if row["skipped_count"]]
    changed, strange = _beside("skipped", "reason", "d.skipped_count IS NULL", of)
    report.findings += [
        VerifyFinding(
            "skipped",
            delivery,
            None,
            f"报送 {delivery} 里未作数据的行被改动过。",
            f"The rows of delivery {delivery} that are no data have been changed.",
        )
        for delivery in changed
    ] + [
        VerifyFinding(
            "skipped",
            delivery,
            None,
            f"有 {count} 条未作数据的行不属于报送 {delivery}，是后来插入的。",
            f"{count} skipped rows do not belong to delivery {delivery}: they were inserted.",
        )
        for delivery, count in strange
    ]


def _beside(kind: str, why: str, none: str, rows: Sequence[dict[str, Any]]) -> tuple[list[int], list[tuple[int, int]]]:
    """The deliveries whose rows beside the facts (refused, skipped) are not those that their root covers; and
    (delivery, how many) of rows that belong to none. ``why`` is the column of the reasons, ``none`` the condition that
    a delivery has no such rows.
    """
    changed = []
    for row in rows:
        builder = RootBuilder()
        sql = f"SELECT cells, {why} FROM ledger_{kind}row WHERE delivery_id = %s ORDER BY id"
        for batch in stream(sql, [row["id"]]):
            builder.extend(leaf_hash(f"{cells}\n{reason}".encode()) for cells, reason in batch)
        if builder.root().hex() != row[f"{kind}_root"] or builder.count != row[f"{kind}_count"]:
            changed.append(row["id"])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.delivery_id, COUNT(*) FROM ledger_{kind}row r LEFT JOIN ledger_delivery d ON d.id = "
            f"r.delivery_id WHERE d.id IS NULL OR {none} GROUP BY r.delivery_id ORDER BY r.delivery_id"
        )
        return changed, list(cursor.fetchall())
