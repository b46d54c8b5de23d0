"""Entries of the log with what they are of, for somebody who may see those rows: row, random number, audit path."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final, TypeVar

from zhiheng.actions.log.sources import SOURCES
from zhiheng.engines.transparency import tree
from zhiheng.ledger import log, log_key
from zhiheng.ledger.models import Fact, LogCheckpoint, LogLeaf
from zhiheng.ledger.proof import LogPart
from zhiheng.published.models import PublishedEntry

_AT_ONCE: Final = 500
_Row = TypeVar("_Row")


def of_ledger() -> LogPart | None:
    """The part of the log that belongs to a whole ledger: every delivery, and what is shown to the public. None where
    no head is signed yet.
    """
    shown = PublishedEntry.objects.filter(state=PublishedEntry.State.SHOWN)
    return part({"delivery": None, "facts": None, "publication": set(shown.values_list("id", flat=True))})


def of_facts(facts: Collection[int]) -> LogPart | None:
    """The part of the log that belongs to these facts: the roots of their deliveries, and what is shown of them to the
    public. None where a delivery of them has no entry under a signed head yet.

    A bundle is handed on: what was taken down is not in it, nor are tombstones, which say who took it down and why.
    """
    shown = PublishedEntry.objects.filter(state=PublishedEntry.State.SHOWN)
    deliveries, public = set[int](), set[int]()
    wanted = sorted(facts)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        deliveries |= set(Fact.objects.filter(id__in=some).values_list("delivery_id", flat=True))
        public |= set(shown.filter(fact__in=some).values_list("id", flat=True))
    head = log.last_checkpoint()
    if head is None or any(
        LogLeaf.objects.filter(kind="facts", row__in=some, id__lt=head.size).count() < len(some)
        for some in _parts(sorted(deliveries))
    ):
        return None
    return part({"facts": deliveries, "publication": public})


def part(wanted: Mapping[str, Collection[int] | None]) -> LogPart | None:
    """The part of the log with these rows, by kind (None: all of the kind); those that have no entry under the last
    head yet are left out.
    """
    head = log.last_checkpoint()
    if head is None:
        return None
    return LogPart(str(log.note_of(head)), str(log_key.known_keys()[-1]), _entries(head, wanted))


def _entries(head: LogCheckpoint, wanted: Mapping[str, Collection[int] | None]) -> Iterator[dict[str, object]]:
    read = log.read_tree(head.size)
    for source in SOURCES:
        if source.kind not in wanted:
            continue
        found = LogLeaf.objects.filter(kind=source.kind, id__lt=head.size).order_by("id")
        rows = wanted[source.kind]
        for some in [None] if rows is None else _parts(sorted(rows)):
            leaves = found if some is None else found.filter(row__in=some)
            for batch in _parts(list(leaves.values_list("id", "row", "name", "nonce"))):
                said = source.contents([(row, name) for _, row, name, _ in batch])
                for place, row, name, nonce in batch:
                    if (row, name) in said:
                        yield {
                            "kind": source.kind,
                            "row": row,
                            "index": place,
                            "nonce": bytes(nonce).hex(),
                            "content": said[row, name].decode(),
                            "path": [step.hex() for step in tree.inclusion_proof(read, place, head.size)],
                        }


def _parts(rows: list[_Row]) -> Iterator[list[_Row]]:
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]
