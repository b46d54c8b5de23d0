"""The header of a delivery, as the chain hashes it, and the walk along the chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from zhiheng.kernel.facts import canonical
from zhiheng.kernel.merkle import GENESIS, chained
from zhiheng.ledger.models import Delivery, Fact, RefusedRow

# So many deliveries are named where one is withdrawn.
_REPEATED = 20

# The parts of a delivery that its link of the chain covers. Fields can be added at the end; none may be renamed or
# removed,
# since every link already written was computed over them.
HEADER = (
    "id",
    "state",
    "unit",
    "record",
    "source",
    "edition",
    "file_name",
    "file_digest",
    "table_name",
    "part",
    "headings",
    "learned_on",
    "row_count",
    "fact_count",
    "duplicate_count",
    "refused_count",
    "flagged_count",
    "first_fact",
    "notes",
    "answers_id",
    "root",
    "refused_root",
    "subject",
    "first_alias",
    "alias_count",
    "alias_root",
    "skipped_count",
    "skipped_root",
)
# Fields that were added later: where they say nothing they are left out, so every link from before them stays as it
# was.
LATER = frozenset({"subject", "first_alias", "alias_count", "alias_root", "skipped_count", "skipped_root"})


def header(values: Mapping[str, Any]) -> dict[str, Any]:
    """The header as plain values, the day as ISO text."""
    plain = {name: values.get(name) if name in LATER else values[name] for name in HEADER}
    plain["learned_on"] = str(plain["learned_on"])
    return {name: value for name, value in plain.items() if value is not None or name not in LATER}


def header_of(values: Mapping[str, Any]) -> bytes:
    """The canonical header: JSON with sorted keys."""
    return canonical(header(values)).encode()


def tables() -> QuerySet[Delivery]:
    """The tables that units handed in and that still count: accepted, not taken back; acts on single facts are none."""
    accepted = Delivery.objects.filter(state=Delivery.State.ACCEPTED)
    return accepted.exclude(source__in=("correction", "withdrawal")).exclude(taken_back())


def is_table(found: Delivery) -> bool:
    """Whether there is something to take back: a table that was accepted, not the record of an act on single facts."""
    return found.state == Delivery.State.ACCEPTED and found.source not in ("correction", "withdrawal")


def taken_back() -> Exists:
    """The condition on a delivery that the whole of it was withdrawn: another one of withdrawals answers it."""
    return Exists(Delivery.objects.filter(answers=OuterRef("pk"), source="withdrawal"))


def lost_since(parts: Sequence[Delivery]) -> bool:
    """Whether rows of these deliveries (parts of one table) counted as said before, and a statement of the same unit
    that was there before them was withdrawn since: then what those rows say may stand nowhere.
    """
    if not any(part.duplicate_count for part in parts):
        return False
    first, last = min(parts, key=lambda part: part.id), max(parts, key=lambda part: part.id)
    before = Delivery.objects.filter(id__lt=first.id).exclude(first_fact=None).order_by("-id").first()
    if before is None or before.first_fact is None:
        return False
    withdrawn = Fact.objects.filter(
        kind=Fact.Kind.WITHDRAWAL,
        unit=first.unit,
        record=first.record,
        delivery_id__gt=last.id,
        concerns__lt=before.first_fact + before.fact_count,
    )
    return withdrawn.exists()


def repeated_by(parts: Sequence[Delivery]) -> list[Delivery]:
    """Later deliveries of the same unit and record that have rows which counted as said before, perhaps by these."""
    first = min(part.id for part in parts)
    later = tables().filter(unit=parts[0].unit, record=parts[0].record, id__gt=first, duplicate_count__gt=0)
    return list(later.exclude(id__in=[part.id for part in parts]).order_by("-id")[:_REPEATED])


def refused_for(parts: Sequence[Delivery], code: str) -> bool:
    """Whether rows of these deliveries were refused for this reason."""
    said = canonical({"code": code})[1:-1]
    return RefusedRow.objects.filter(delivery__in=parts, reasons__contains=said).exists()


def append(values: dict[str, Any]) -> Delivery:
    """Add a delivery at the end of the chain; the caller holds the writing lock. ``id`` and ``link`` are set here."""
    last = Delivery.objects.order_by("-id").values_list("id", "link").first()
    values["id"] = last[0] + 1 if last else 1
    values.setdefault("answers_id", None)
    link = chained(bytes.fromhex(last[1]) if last else GENESIS, header_of(values))
    return Delivery.objects.create(**values, link=link.hex())
