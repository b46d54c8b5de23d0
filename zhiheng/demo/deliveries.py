"""What is handed in: a file with its sender, its layout and the rows that stand in it, and the list of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from zhiheng.demo.clerks import Clerk, DateStyle, DemoForm, ToldRow
from zhiheng.demo.layouts import Band, DemoSheet, Line, write_csv, write_xlsx, write_zip

FileKind = Literal["xlsx", "csv", "csv-bom", "csv-gb18030", "tsv", "zip"]
Forms = Callable[[str, str], DemoForm]


@dataclass(slots=True)
class DemoPart:
    """One table of a file: a sheet of a workbook, a member of an archive, or the whole of a CSV."""

    record: str
    rows: Iterable[ToldRow]
    source: str = "standard"
    name: str = ""
    titles: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class DemoFile:
    """One file as a unit hands it in. ``banded``: a two-line heading, with each party's columns under one band."""

    place: str
    unit: str
    stem: str
    kind: FileKind
    parts: Sequence[DemoPart]
    dates: DateStyle = "iso"
    slips: float = 0.02
    banded: bool = False

    @property
    def file_name(self) -> str:
        """The name of the file with its ending."""
        return f"{self.stem}.{'csv' if self.kind.startswith('csv') else 'txt' if self.kind == 'tsv' else self.kind}"


@dataclass(slots=True)
class DemoTable:
    """A table of a written file: what its receiving must come to."""

    path: str
    place: str
    unit: str
    record: str
    source: str
    table: str
    rows: int = 0
    refused: int = 0
    duplicates: int = 0

    @property
    def accepted(self) -> int:
        """Rows that become new facts when the files are received in the order of the manifest."""
        return self.rows - self.refused - self.duplicates


@dataclass(slots=True)
class DemoManifest:
    """Every table of every file, in the order in which they were handed in."""

    folder: Path
    tables: list[DemoTable] = field(default_factory=list)
    enterprises: int = 0

    @property
    def files(self) -> tuple[str, ...]:
        """Paths of the files below the folder, in the order of receiving."""
        return tuple(dict.fromkeys(table.path for table in self.tables))

    @property
    def rows(self) -> int:
        """All rows of all tables."""
        return sum(table.rows for table in self.tables)


def write_delivery(delivery: DemoFile, forms: Forms, folder: Path) -> list[DemoTable]:
    """Write one file below ``folder/place/unit`` and tell what stands in it."""
    target = folder / delivery.place / delivery.unit
    target.mkdir(parents=True, exist_ok=True)
    path = target / delivery.file_name
    listed: list[DemoTable] = []
    tables: list[DemoSheet] = []
    for part in delivery.parts:
        form = forms(part.record, part.source)
        entry = DemoTable(
            path.relative_to(folder).as_posix(), delivery.place, delivery.unit, part.record, part.source, part.name
        )
        listed.append(entry)
        clerk = Clerk(form, dates=_dates(delivery), slips=delivery.slips, numbers_as_text=delivery.kind != "xlsx")
        tables.append(
            DemoSheet(
                headings=form.headings,
                rows=_lines(clerk, part.rows, entry),
                name=part.name or "Sheet1",
                titles=part.titles,
                bands=_bands(form) if delivery.banded else (),
                notes=part.notes,
            )
        )
    match delivery.kind:
        case "xlsx":
            write_xlsx(path, tables, streaming=not delivery.banded)
        case "zip":
            write_zip(path, [(f"{table.name}.csv", table) for table in tables])
        case "csv" | "csv-bom" | "csv-gb18030" | "tsv":
            if len(tables) != 1:
                raise ValueError(f"{path.name}: a text file holds one table")
            encoding = {"csv-bom": "utf-8-sig", "csv-gb18030": "gb18030"}.get(delivery.kind, "utf-8")
            write_csv(path, tables[0], encoding=encoding, delimiter="\t" if delivery.kind == "tsv" else ",")
    return listed


def _dates(delivery: DemoFile) -> DateStyle:
    # A text file has no date cells, and a bare serial number in it would be a number to everybody.
    if delivery.dates == "cell" and delivery.kind != "xlsx":
        return "iso"
    return delivery.dates


def _lines(clerk: Clerk, rows: Iterable[ToldRow], entry: DemoTable) -> Iterator[Line]:
    def counted() -> Iterator[ToldRow]:
        for told in rows:
            entry.rows += 1
            entry.refused += told.mark == "refused"
            entry.duplicates += told.mark == "duplicate"
            yield told

    return clerk.write(counted())


def _bands(form: DemoForm) -> list[Band]:
    """One band over the neighbouring columns of each party, and single columns merged over both lines."""
    bands: list[Band] = []
    owner_before = ""
    for targets in form.targets:
        field, _ = form.definition(targets[-1])
        owner = targets[-1].partition(".")[0] if field.type == "party" else ""
        if owner and owner == owner_before:
            last = bands.pop()
            bands.append(Band(field.label.zh + "信息", last.columns + 1))
        else:
            bands.append(Band("", 1))
        owner_before = owner
    return bands
