"""How many rows of data a unit's last deliveries had: what is usual of it is learned from them."""

from __future__ import annotations

from django.db.models import F, Max, Sum
from django.db.models.functions import Coalesce

from zhiheng.grammar.chapters.record_pages import Usual, Volume
from zhiheng.ledger import chain


def usual(volume: Volume, *, unit: str, record: str, source: str) -> Usual:
    """The number of rows that is usual of a unit's delivery, by the book or by what it handed in before."""
    learned = volume.learned
    earlier: list[int] = []
    if learned is not None and (unit not in volume.units or volume.units[unit].at_most is None):
        # The parts of a very long table are one delivery to its sender.
        tables = (
            chain.tables()
            .filter(unit=unit, record=record, source=source)
            .values("file_digest", "file_name", "table_name")
            .annotate(rows=Sum(F("row_count") - Coalesce(F("skipped_count"), 0)), last=Max("id"))
            .order_by("-last")
        )
        earlier = [found["rows"] for found in tables[: learned.last]]
    return volume.usual(unit, earlier)
