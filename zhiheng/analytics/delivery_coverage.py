"""Of which days a delivery speaks: what says for which period it was handed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from zhiheng.analytics.lake import Lake
from zhiheng.analytics.layout import quoted


def days_told(lake: Lake, records: Sequence[str], since: dt.date) -> Iterator[tuple[str, int, dt.date, int]]:
    """(record, delivery, day, facts): of how many facts of each day since ``since`` a delivery speaks, for these
    records.
    """
    manifest = lake.manifest()
    known = [record for record in records if record in lake.layouts and manifest.facts.get(record)]
    connection = lake.open(manifest, known)
    try:
        for record in known:
            rows = connection.execute(
                f"SELECT delivery_id, occurred_on, count(*) FROM {quoted(record)} "
                "WHERE occurred_on >= ? AND occurred_year >= ? GROUP BY ALL ORDER BY ALL",
                [since, since.year],
            )
            while some := rows.fetchmany(10_000):
                yield from ((record, delivery, day, facts) for delivery, day, facts in some)
    finally:
        connection.close()
