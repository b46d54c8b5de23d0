"""An enterprise uploads measurements: one table of a workbook or text file, read cell by cell."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.measurements import refusals
from zhiheng.engines.measured import Measured, propose, read_table
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import one_line
from zhiheng.office.models import MeasurementSet
from zhiheng.people import access
from zhiheng.queries.own_measurements import kept
from zhiheng.reading.limits import MIB, Limits
from zhiheng.reading.opening import open_path
from zhiheng.reading.tables import Table, rows_of

MOST_SETS = 100
MOST_BYTES = 2 * MIB
_LIMITS = Limits(
    max_bytes=MOST_BYTES,
    max_workbook_bytes=MOST_BYTES,
    max_html_bytes=MOST_BYTES,
    max_unzipped_bytes=64 * MIB,
    max_entries=200,
    max_depth=2,
    max_sheets=20,
    max_columns=60,
    max_rows=20_000,
    max_spool_bytes=64 * MIB,
    seconds=30,
)


def add_measurements(
    subject: int, *, name: str, unit: str, file_name: str, pieces: Iterable[bytes] | None, call: Call
) -> MeasurementSet:
    """The measurements, with the chart that fits them; the file itself is not kept.

    Raises Refused without the right, a name or a file, and with a reason for every cell that is no number.
    """
    access.require(call, "firm.measure", subject=subject)
    if not (said := one_line(name)):
        raise Refused(refusals.name_missing())
    if pieces is None:
        raise Refused(refusals.file_missing())
    table = _read(file_name, pieces)
    chart, _ = propose(table)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        if MeasurementSet.objects.filter(subject=subject).count() >= MOST_SETS:
            raise Refused(refusals.too_many_sets(MOST_SETS))
        found: MeasurementSet = MeasurementSet.objects.create(
            subject=subject,
            name=said,
            unit=one_line(unit),
            chart=chart.value,
            rows=kept(table),
            points=len(table.labels),
            made_by=str(call.actor)[:160],
            at=call.now,
        )
        audit.write(
            call, "measurement.add", f"subject:{subject}", detail={"number": found.pk, "rows": len(table.labels)}
        )
    return found


def _read(file_name: str, pieces: Iterable[bytes]) -> Measured:
    """The one table of a file."""
    with tempfile.TemporaryDirectory(prefix="zhiheng-") as folder:
        path = Path(folder) / f"measurements{Path(file_name).suffix[:8]}"
        size = 0
        with path.open("wb") as out:
            for piece in pieces:
                size += len(piece)
                if size > MOST_BYTES:
                    raise Refused(refusals.file_too_large(MOST_BYTES))
                out.write(piece)
        tables: list[Table] = []
        for found in open_path(path, limits=_LIMITS, name=file_name):
            if isinstance(found, Table):
                tables.append(found)
            elif not found.harmless:
                raise Refused(found.refusal.at(field="files"))
        if len(tables) != 1:
            raise Refused(refusals.several_tables(len(tables)))
        rows: list[tuple[int, tuple[str, ...]]] = []
        for chunk in tables[0].chunks():
            if chunk.broken:
                raise Refused(*(refusals.row_unreadable(at, why.zh, why.en) for at, _, why in chunk.broken[:20]))
            rows += rows_of(chunk)
        return read_table(tables[0].layout.headings, rows)
