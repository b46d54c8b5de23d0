"""The header of a delivery, as the chain hashes it, and the walk along the chain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zhiheng.kernel.facts import canonical
from zhiheng.kernel.merkle import GENESIS, chained
from zhiheng.ledger.models import Delivery

# The parts of a delivery that its link of the chain covers. Fields can be added at the end; none may be renamed or removed,
# since every link already written was computed over them.
HEADER = (
    "id", "state", "unit", "record", "source", "edition", "file_name", "file_digest", "table_name", "part", "headings",
    "learned_on", "row_count", "fact_count", "duplicate_count", "refused_count", "flagged_count", "first_fact", "notes",
    "answers_id", "root", "refused_root",
)  # fmt: skip


def header_of(values: Mapping[str, Any]) -> bytes:
    """The canonical header: JSON with sorted keys, the day as ISO text."""
    plain = {name: values[name] for name in HEADER}
    plain["learned_on"] = str(plain["learned_on"])
    return canonical(plain).encode()


def append(values: dict[str, Any]) -> Delivery:
    """Add a delivery at the end of the chain; the caller holds the writing lock. ``id`` and ``link`` are set here."""
    last = Delivery.objects.order_by("-id").values_list("id", "link").first()
    values["id"] = last[0] + 1 if last else 1
    values.setdefault("answers_id", None)
    link = chained(bytes.fromhex(last[1]) if last else GENESIS, header_of(values))
    return Delivery.objects.create(**values, link=link.hex())
