"""Does everything still say what the log committed to? Entries are compared with their rows, heads with the entries.

What is found: a row that was changed or removed since its entry was made; a row that came in behind the log's back; a
head that does not follow from the entries; a published entry that is shown although its tombstone stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from zhiheng.actions.log.sources import SOURCES, LeafSource
from zhiheng.engines.transparency import leaves, notes, tree
from zhiheng.engines.transparency.checkpoints import Checkpoint, open_checkpoint
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger import log, log_key
from zhiheng.ledger.models import LogCheckpoint, LogCosignature, LogLeaf
from zhiheng.ledger.verify import VerifyFinding
from zhiheng.published.models import PublishedEntry, Withdrawal

_AT_ONCE: Final = 2_000
# Up to so many rows of one kind are named one by one.
_NAMED: Final = 20


@dataclass
class LogReport:
    """What was verified: how many entries and heads, how many rows wait for their entry, and what was found."""

    entries: int = 0
    heads: int = 0
    waiting: int = 0
    head: Checkpoint | None = None
    findings: list[VerifyFinding] = field(default_factory=list)


def verify_log() -> LogReport:
    """Verify entries against their rows and heads against the entries. A log that never began has nothing to verify."""
    report = LogReport()
    if not log.size():
        return report
    for source in SOURCES:
        report.findings += _rows(source)
        report.findings += _behind(source, report)
    report.findings += _tree(report)
    report.findings += _shown_again()
    return report


def _finding(kind: str, zh: str, en: str) -> VerifyFinding:
    return VerifyFinding(f"log.{kind}", 0, None, zh, en)


def _rows(source: LeafSource) -> Iterator[VerifyFinding]:
    """Entries of a kind whose row says something else by now, or is gone."""
    after = -1
    changed, gone = list[str](), list[str]()
    while True:
        found = LogLeaf.objects.filter(kind=source.kind, id__gt=after).order_by("id")
        batch = list(found.values_list("id", "row", "name", "nonce", "digest")[:_AT_ONCE])
        if not batch:
            break
        after = batch[-1][0]
        said = source.contents([(row, name) for _, row, name, _, _ in batch])
        for _, row, name, nonce, digest in batch:
            content = said.get((row, name))
            if content is None:
                gone.append(name or str(row))
            elif leaves.commitment(bytes(nonce), content) != bytes(digest):
                changed.append(name or str(row))
    for number, count in _few(changed):
        yield _finding(
            "changed",
            f"{source.zh} {number} 写入日志以后被改动过{count.zh}。",
            f"The {source.en} {number} has been changed since its entry of the log was made{count.en}.",
        )
    for number, count in _few(gone):
        yield _finding(
            "removed",
            f"{source.zh} {number} 写入日志以后被删除{count.zh}。",
            f"The {source.en} {number} has been removed since its entry of the log was made{count.en}.",
        )


def _behind(source: LeafSource, report: LogReport) -> Iterator[VerifyFinding]:
    """Rows without an entry: those after the last one wait for it, those before it came in behind the log's back."""
    missing = list[str]()
    if source.in_order:
        last = log.last_row(source.kind)
        for row in log.without_entry(source.kind, (row for row, _ in source.standing())):
            report.waiting += row > last
            missing += [str(row)] if row < last else []
    else:
        report.waiting += sum(map(len, source.new()))
    for number, count in _few(missing):
        yield _finding(
            "inserted",
            f"{source.zh} {number} 不在日志里，而编号在它之后的都在：是绕过平台插入的{count.zh}。",
            f"The {source.en} {number} is not in the log, and later ones are: it was inserted{count.en}.",
        )


@dataclass(frozen=True)
class _More:
    zh: str = ""
    en: str = ""


def _few(numbers: list[str]) -> Iterator[tuple[str, _More]]:
    """The first of many, the last of them with how many more there are."""
    for place, number in enumerate(numbers[:_NAMED], start=1):
        more = len(numbers) - place if place == _NAMED else 0
        yield number, _More(f"（另有 {more} 条）", f" (and {more} more)") if more else _More()


def _tree(report: LogReport) -> Iterator[VerifyFinding]:
    """Every head that was signed is the root over the first entries, and the numbers of entries have no gap."""
    peaks, expected = tree.Peaks(), list(LogCheckpoint.objects.order_by("size"))
    keys = log_key.known_keys()
    for head in expected:
        for hashes in log.leaf_hashes(peaks.size, head.size):
            for leaf in hashes:
                peaks.add(leaf)
        report.heads += 1
        if peaks.size != head.size:
            yield _finding(
                "cut",
                f"检查点签了 {head.size} 条，日志里只有 {peaks.size} 条：有条目被删除。",
                f"A head over {head.size} entries was signed, the log has {peaks.size}: entries were removed.",
            )
            break
        yield from _head(head, peaks.root(), keys)
        report.head = Checkpoint(keys[-1].name if keys else "", head.size, peaks.root())
    report.entries = log.size()
    if report.entries != LogLeaf.objects.count():
        yield _finding(
            "gap", "日志条目的编号有缺口：有条目被删除。", "Numbers of entries are missing: they were removed."
        )


def _head(head: LogCheckpoint, root: bytes, keys: list[notes.PublicKey]) -> Iterator[VerifyFinding]:
    try:
        told, _ = open_checkpoint(log.note_of(head), keys)
    except Refused as cause:
        for refusal in cause.refusals:
            yield _finding("note", f"{head.size} 条的检查点：{refusal.zh}", f"Head over {head.size}: {refusal.en}")
        return
    if (told.size, told.root.hex()) != (head.size, head.root) or told.root != root:
        yield _finding(
            "rewritten",
            f"{head.size} 条的检查点与日志条目不符：条目被改写过。",
            f"The head over {head.size} entries is not that of the entries: they were rewritten.",
        )
    for line in head.cosignatures.order_by("pk"):
        if not _holds(line, told.text):
            yield _finding(
                "witness",
                f"{head.size} 条的检查点上，见证方 {line.witness.split('+')[0]} 的签名不成立：被改动过。",
                f"Of the head over {head.size} entries the signature of the witness {line.witness.split('+')[0]} does "
                "not hold: it was changed.",
            )


def _holds(line: LogCosignature, text: str) -> bool:
    """Whether a kept line of a witness is its signature over this head."""
    try:
        key = notes.read_public_key(line.witness)
        return any(each.is_by(key) and key.holds(text, each.signed) for each in notes.read_signatures(line.line))
    except Refused:
        return False


def _shown_again() -> Iterator[VerifyFinding]:
    """Entries that are shown although they were taken down, or not although nothing took them down."""
    down = Withdrawal.objects.values("public_id")
    shown = PublishedEntry.objects.filter(state=PublishedEntry.State.SHOWN, public_id__in=down)
    hidden = PublishedEntry.objects.exclude(state=PublishedEntry.State.SHOWN).exclude(public_id__in=down)
    for public_id, count in _few(list(shown.order_by("pk").values_list("public_id", flat=True))):
        yield _finding(
            "shown",
            f"公示 {public_id} 已经撤下，却又显示出来{count.zh}。",
            f"The published entry {public_id} was taken down and is shown again{count.en}.",
        )
    for public_id, count in _few(list(hidden.order_by("pk").values_list("public_id", flat=True))):
        yield _finding(
            "hidden",
            f"公示 {public_id} 没有撤下记录，却不再显示{count.zh}。",
            f"The published entry {public_id} is not shown any more, and no tombstone says why{count.en}.",
        )
