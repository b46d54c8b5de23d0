"""Receive deliveries: the tables of a file, a folder or an archive become facts, duplicates and refusals.

One table is one delivery: one transaction, one Merkle root, one link of the chain. A very long table is received in
parts of ``PART_ROWS`` rows, each of which is a delivery; opening a file proves that its text is whole (encoding,
quotes), so half a file is refused before anything is written. A process may die anywhere: what was committed stays,
what was not has left no trace, and receiving the same file again brings the ledger to the same state as if nothing had
happened.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from zhiheng.actions import audit
from zhiheng.actions.intake import refusals
from zhiheng.database.content_store import FILES
from zhiheng.database.rows import matching
from zhiheng.engines.batch_preparation import Prepared, Preparer, doubt
from zhiheng.engines.blank_forms import EXAMPLE
from zhiheng.engines.intake import Intake, RowCleaner, RowRefusal, RowSkip
from zhiheng.engines.recognise import Layout, kept_columns, recognise, share_of_known
from zhiheng.engines.refusals import DAY_AHEAD
from zhiheng.engines.units import astray, line_units, says_at_its_end, units_of
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.cards import CARDS, registers
from zhiheng.grammar.chapters.corner import CORNER
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.headings import TABLE_WORDS
from zhiheng.grammar.chapters.record_pages import Usual
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry
from zhiheng.kernel.doubts import IDENTITY_DOUBTFUL
from zhiheng.kernel.facts import Party, canonical, statement, statement_key
from zhiheng.kernel.fields.measures import EPOCH_1904
from zhiheng.kernel.memo import once_for
from zhiheng.kernel.merkle import EMPTY_ROOT, RootBuilder, leaf_hash, root_of
from zhiheng.kernel.prefetch import aside, no_garbage_collection
from zhiheng.kernel.progress import Progress, quiet
from zhiheng.kernel.reasons import Flag, Refusal, Refused
from zhiheng.ledger import bulk, chain
from zhiheng.ledger.aliases import Aliases, mention_of
from zhiheng.ledger.models import Alias, Definition, Delivery
from zhiheng.ledger.standing import ends_of
from zhiheng.ledger.usual import usual
from zhiheng.office.intake_doors import HandsIn
from zhiheng.people import access
from zhiheng.reading import refusals as reading_refusals
from zhiheng.reading.opening import open_path
from zhiheng.reading.tables import Table, Unreadable, listed

PART_ROWS = 500_000
CHUNK_ROWS = 10_000
# Below this a second process costs more than it saves.
ASIDE_ROWS = 20_000


@dataclass
class TableResult:
    """The result of one table: rows = facts + duplicates + refused + skipped.

    ``reasons`` and ``skips`` count codes; ``told`` has a sentence for each of them, of the first row that it applies
    to.
    """

    class State(StrEnum):
        ACCEPTED = "accepted"
        HELD = "held"
        REFUSED = "refused"
        SKIPPED = "skipped"

    origin: str
    table: str
    state: State
    deliveries: list[int] = field(default_factory=list)
    record: str = ""
    source: str = ""
    rows: int = 0
    facts: int = 0
    duplicates: int = 0
    refused: int = 0
    skipped: int = 0
    flagged: int = 0
    again: bool = False
    reasons: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    skips: Counter[str] = field(default_factory=Counter)
    told: dict[str, Flag] = field(default_factory=dict)
    refusal: Refusal | None = None
    notes: list[str] = field(default_factory=list)
    remarks: list[Flag] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The result for programs."""
        return {
            "origin": self.origin,
            "table": self.table,
            "state": self.state,
            "deliveries": self.deliveries,
            "record": self.record,
            "source": self.source,
            "rows": self.rows,
            "facts": self.facts,
            "duplicates": self.duplicates,
            "refused": self.refused,
            "skipped": self.skipped,
            "flagged": self.flagged,
            "again": self.again,
            "reasons": dict(self.reasons),
            "flags": dict(self.flags),
            "skips": dict(self.skips),
            "told": {code: {"zh": said.zh, "en": said.en} for code, said in self.told.items()},
            "notes": self.notes,
            "remarks": [{"code": said.code, "zh": said.zh, "en": said.en} for said in self.remarks],
            "refusal": None
            if self.refusal is None
            else {"code": self.refusal.code, "zh": self.refusal.zh, "en": self.refusal.en},
        }


class _OwnExamples:
    """The example rows that the blank form of a layout comes with, read only where a row is marked as one of them."""

    def __init__(self, book: Book, layout: Layout) -> None:
        self._book, self._layout = book, layout
        self._rows: list[set[str]] | None = None

    def is_filled(self, cells: Sequence[str]) -> bool:
        """Whether real data was written over an example row: it has the form's mark, and several cells that no example
        has.
        """
        said = {cell.strip() for cell in cells if cell.strip()}
        own = {cell for cell in said if _OWN_EXAMPLE.fullmatch(cell)}
        if not own:
            return False
        if self._rows is None:
            entry = self._book[RECORDS][self._layout.record_id]
            self._rows = [{text.strip() for text in example.row.values()} for example in entry.examples.accepted]
        return all(len(said - own - row) >= _FILLED_CELLS for row in self._rows)


_OWN_EXAMPLE = re.compile(f"{EXAMPLE}[0-9]{{1,2}}")
# One cell that differs may be what a spreadsheet made of it.
_FILLED_CELLS = 2


@once_for(1)
def layouts_of(book: Book) -> list[Layout]:
    """Every layout that the book knows, made once for a book; a process reads one."""
    return [
        Layout.of(entry.id, entry.record, source_id, source, entry.words)
        for entry in book[RECORDS].values()
        for source_id, source in entry.sources.items()
    ]


def receive(
    path: Path,
    *,
    call: Call,
    unit: str | None,
    record: str | None = None,
    source: str | None = None,
    confirmed: bool = False,
    answers: int | None = None,
    name: str | None = None,
    only: tuple[str, str] | None = None,
    progress: Progress = quiet,
    act: HandsIn = "delivery.receive",
    subject: int | None = None,
) -> list[TableResult]:
    """Receive every table in a file, a folder or an archive.

    Args:
        path: what to receive.
        call: its moment gives the day on which the facts were learned.
        unit: the sender; None where each table names it.
        record, source: narrow the recognition.
        confirmed: accept a volume outside of the expected range.
        answers: the held delivery that is confirmed.
        name: the file's own name where it is kept under another.
        only: (origin, table): receive this one alone.
        progress: called with (what, done, total).
        act: what the actor does: an officer receives for a unit, a program delivers for it, an enterprise delivers its
            own.
        subject: the enterprise on whose behalf the file came: only its own rows are taken, and identical bytes of
            another enterprise under the same unit are another delivery.

    Returns:
        A result for each table.

    Raises:
        Refused: where the call itself can't be carried out. Faults of tables and rows are part of the results.
    """
    access.require_somewhere(call, act)
    if unit is not None or subject is not None:
        own = subject if act == "firm.deliver" else None
        access.require(call, act, unit=unit or "", subject=own)
    known_units = {u.id: u for u in call.book[DISTRICT].units}
    if unit is not None and unit not in known_units:
        raise Refused(refusals.unit_unknown(unit))
    if not path.exists():
        # What was handed in is called by its own name: where this machine keeps it is nobody's business.
        raise Refused(refusals.file_gone(name) if name else refusals.path_absent(path))
    layouts = layouts_of(call.book)
    known_headings = share_of_known(layouts, call.book[TABLE_WORDS])
    results: list[TableResult] = []
    roots = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    for top in roots:
        kept: str | None = None
        passed: list[int] = []
        read = False
        for item in open_path(top, known_headings=known_headings, name=name or ""):
            origin = item.origin
            if only is not None and (origin, item.sheet) != only:
                continue
            if isinstance(item, Unreadable) and item.harmless:
                if item.refusal.code.startswith("sheet."):
                    passed.append(len(results))
                results.append(TableResult(origin, item.sheet, TableResult.State.SKIPPED, refusal=item.refusal))
                continue
            if isinstance(item, Table) and item.hidden:
                hidden = recognise(
                    layouts, item.layout.headings, record=record, source=source, beside=beside(item, origin)
                )
                if isinstance(hidden, Refusal) and is_list(item, known=hidden.code != "table.unknown"):
                    # The list of a drop-down; nobody hands it in.
                    passed.append(len(results))
                    results.append(
                        TableResult(
                            origin,
                            item.sheet,
                            TableResult.State.SKIPPED,
                            refusal=reading_refusals.hidden_list(item.sheet),
                        )
                    )
                    continue
            read = True
            try:
                kept = kept or FILES.keep(top)
            except Refused as refused:
                # One file that can't be kept does not end a folder: it is told, and the others go on.
                results.append(TableResult(origin, item.sheet, TableResult.State.REFUSED, refusal=refused.refusals[0]))
                continue
            receiver = _Receiver(
                call,
                layouts,
                act=act,
                subject=subject,
                unit=unit,
                origin=origin,
                digest=kept,
                confirmed=confirmed,
                answers=answers,
                progress=progress,
            )
            if isinstance(item, Unreadable):
                results.append(receiver.refuse(item.sheet, (), expected(item.refusal, layouts, record, source), "", ""))
            else:
                results.append(receiver.take(item, record, source))
        if passed and not read:
            # A sheet without a table does no harm beside one that has it; a file of nothing else was not read at all.
            first = results[passed[0]]
            try:
                digest = FILES.keep(top)
            except Refused as refused:
                results[passed[0]] = replace(first, state=TableResult.State.REFUSED, refusal=refused.refusals[0])
                continue
            receiver = _Receiver(
                call,
                layouts,
                act=act,
                subject=subject,
                unit=unit,
                origin=first.origin,
                digest=digest,
                confirmed=confirmed,
                answers=answers,
                progress=progress,
            )
            assert first.refusal is not None
            results[passed[0]] = receiver.refuse(first.table, (), first.refusal, "", "")
    bulk.note_statistics(sum(result.facts for result in results))
    return results


class _Receiver:
    """Receives the tables of one file."""

    def __init__(
        self,
        call: Call,
        layouts: list[Layout],
        *,
        act: str,
        subject: int | None,
        unit: str | None,
        origin: str,
        digest: str,
        confirmed: bool,
        answers: int | None,
        progress: Progress,
    ) -> None:
        self.call, self.layouts, self.unit = call, layouts, unit
        self.act, self.subject = act, subject
        self.origin, self.digest = origin, digest
        self.confirmed, self.answers, self.progress = confirmed, answers, progress

    def refuse(
        self, sheet: str, headings: Sequence[str], refusal: Refusal, record: str, source: str, rows: int = 0
    ) -> TableResult:
        """Write down that a whole table was refused, and why; the same refusal is written once."""
        return self._set_aside(TableResult.State.REFUSED, sheet, headings, refusal, record, source, rows)

    def _set_aside(
        self,
        state: TableResult.State,
        sheet: str,
        headings: Sequence[str],
        refusal: Refusal,
        record: str,
        source: str,
        rows: int,
    ) -> TableResult:
        notes = canonical([[refusal.code, refusal.zh, refusal.en]])
        result = TableResult(self.origin, sheet, state, record=record, source=source, rows=rows, refusal=refusal)
        with transaction.atomic():
            bulk.lock()
            same = Delivery.objects.filter(
                file_digest=self.digest,
                unit=self.unit or "",
                subject=self.subject,
                state=state.value,
                file_name=self.origin,
                table_name=sheet,
                notes=notes,
                record=record,
                source=source,
            ).first()
            if same is not None:
                result.deliveries, result.again = [same.id], True
                return result
            delivery = chain.append(
                self.header(state.value, sheet, headings, record, source, "") | {"row_count": rows, "notes": notes}
            )
            audit.write_as(
                actor=self.call.actor,
                verb=f"delivery.{state}",
                about=f"delivery:{delivery.id}",
                at=self.call.now,
                detail={"code": refusal.code, "file": self.digest},
            )
        result.deliveries = [delivery.id]
        return result

    def header(
        self, state: str, sheet: str, headings: Sequence[str], record: str, source: str, edition: str
    ) -> dict[str, Any]:
        """The fields of a delivery that has nothing in it yet."""
        return {
            "state": state,
            "unit": self.unit or "",
            "record": record,
            "source": source,
            "edition": edition,
            "file_name": self.origin,
            "file_digest": self.digest,
            "table_name": sheet,
            "part": 1,
            "headings": canonical(list(headings)),
            "learned_on": self.call.today,
            "row_count": 0,
            "fact_count": 0,
            "duplicate_count": 0,
            "refused_count": 0,
            "flagged_count": 0,
            "first_fact": None,
            "notes": "[]",
            "root": EMPTY_ROOT.hex(),
            "refused_root": EMPTY_ROOT.hex(),
            "answers_id": self.answers,
            "subject": self.subject,
        }

    def take(self, table: Table, record: str | None, source: str | None) -> TableResult:
        """Recognise a table and receive it, or say why not."""
        headings = table.layout.headings
        layout = recognise(
            self.layouts, headings, record=record, source=source, beside=beside(table, self.origin.rpartition("/")[2])
        )
        if isinstance(layout, Refusal):
            if table.hidden:
                return self.refuse(table.sheet, headings, reading_refusals.hidden_sheet(table.sheet, layout), "", "")
            why = self._transposed(table) or expected(layout, self.layouts, record, source)
            return self.refuse(table.sheet, headings, why, "", "")
        if table.hidden:
            question = reading_refusals.hidden_sheet(table.sheet)
            return self.refuse(table.sheet, headings, question, layout.record_id, layout.source_id)
        entry = self.call.book[RECORDS][layout.record_id]
        self.unit = self.unit or layout.source.unit
        units = {u.id: u for u in self.call.book[DISTRICT].units}
        if self.unit not in units:
            question = refusals.unit_missing()
            return self.refuse(table.sheet, headings, question, layout.record_id, layout.source_id)
        try:
            # Only here it is known whose it is where the sender named no unit, and of which quality.
            access.require(
                self.call,
                self.act,
                unit=self.unit,
                subject=self.subject if self.act == "firm.deliver" else None,
                record=layout.record_id,
            )
            if self.subject is not None:
                self._of_enterprises(layout, declared=record)
            return self._receive(table, layout, entry, units[self.unit].area)
        except Refused as refused:
            return self.refuse(table.sheet, headings, refused.refusals[0], layout.record_id, layout.source_id)

    def _transposed(self, table: Table) -> Refusal | None:
        """Why a table is not recognised, where its headings stand in its first column instead of its first row."""
        try:
            chunk = next(table.chunks(CHUNK_ROWS), None)
        except Refused:
            # Half a file is refused for its headings, which were read; what else is wrong with it is told once they are
            # right.
            return None
        if chunk is None or not chunk.columns or len(chunk.row_numbers) > 1_000:
            return None
        first = [table.layout.headings[0], *map(str, chunk.columns[0])]
        share = share_of_known(self.layouts, self.call.book[TABLE_WORDS])
        if len(first) < 4 or share(first) < 0.7 or share(table.layout.headings) > 0.5:
            return None
        names = "、".join(text for text in first[:4] if text.strip())
        return refusals.table_lies_on_its_side(names)

    def _of_enterprises(self, layout: Layout, *, declared: str | None) -> None:
        """Raise Refused for a record that the book does not let enterprises hand in themselves.

        What is signed comes as a file that was declared to be so by the act of signing; a file that only looks like it
        was never signed by anybody.
        """
        corner = self.call.book[CORNER]
        own = set(corner.hands_in) if corner else set()
        if corner and declared is not None:
            own |= {one.record for one in corner.undertakings.values() if one.record == declared}
        if layout.record_id not in own:
            label = layout.record.label
            raise Refused(refusals.record_not_for_enterprises(label))

    # -- one recognised table --------------------------------------------------------------------------------------

    def _receive(
        self, table: Table, layout: Layout, entry: RecordEntry, unit_area: str, below: Sequence[str] = ()
    ) -> TableResult:
        """``below``: lines beneath the data that say in which units it counts, known once it was read to its end."""
        assert self.unit is not None
        layout, said = counted_as_told(table, layout, entry, self.origin, below)
        edition = entry.edition(layout.source_id, layout.as_read(table.layout.headings))
        result = TableResult(
            self.origin, table.sheet, TableResult.State.ACCEPTED, record=layout.record_id, source=layout.source_id
        )
        result.notes += [note for note in table.layout.notes if note]
        result.remarks += [*table.layout.remarks, *kept_columns(layout, table.layout.headings), *layout.told, *said]
        earlier = list(
            Delivery.objects.filter(
                file_digest=self.digest,
                unit=self.unit,
                subject=self.subject,
                table_name=table.sheet,
                file_name=self.origin,
                edition=edition,
                state=Delivery.State.ACCEPTED,
            )
            .exclude(chain.taken_back())
            .order_by("part", "id")
        )
        # A table that was read anew has its parts twice: the later ones count.
        earlier = list({part.part: part for part in earlier}.values())
        known = bool(earlier)
        if earlier and chain.lost_since(earlier):
            # What some of its rows repeated was withdrawn since: they say it again.
            earlier = []
        if earlier and earlier[-1].learned_on < self.call.today and chain.refused_for(earlier, DAY_AHEAD):
            # Days that had not come then may have come by now: the table is read anew, and what was said is said
            # already.
            earlier = []
            result.again = True
        expected = usual(
            layout.source.volume or layout.record.volume,
            unit=self.unit,
            record=layout.record_id,
            source=layout.source_id,
        )
        total = table.row_count if table.row_count is not None else table.lines
        checked = self.confirmed or known
        if not checked and total is not None and total > max(PART_ROWS, expected.at_most):
            # Too many for one part, perhaps too many at all: count before the first part is written.
            total = sum(len(chunk.row_numbers) + len(chunk.broken) for chunk in table.chunks(CHUNK_ROWS))
            if total > expected.at_most:
                return self._hold(table, layout, total, expected)
        intake = Intake(
            layout,
            entry.types[layout.source_id],
            table.layout.headings,
            delivered_on=self.call.today,
            row_cleaner=only_own(self.subject, layout.record_id, self.call.book, entry.clean),
        )
        preparer = Preparer(intake, record=layout.record_id, unit=self.unit, area=unit_area)

        forms = _OwnExamples(self.call.book, layout)

        def prepared() -> Iterator[Prepared]:
            for chunk in table.chunks(CHUNK_ROWS):
                skipped, asked = [], []
                for row in chunk.skipped:
                    if row.why.code == "row.sample" and forms.is_filled(row.cells):
                        asked.append((row.row_number, list(row.cells), reading_refusals.sample_filled()))
                    else:
                        skipped.append((row.row_number, row.cells, row.why))
                yield preparer.prepare(chunk.columns, chunk.row_numbers, [*chunk.broken, *asked], chunk.flags, skipped)

        done = 0
        groups = _Groups()
        parts = _Parts(aside(prepared) if total is None or total > ASIDE_ROWS else prepared())
        if parts.ended and expected.at_least:
            raise Refused(refusals.no_rows(0))
        # Where the record says that there may be nothing to tell, an empty table tells just that, and is on record.
        nothing: list[Iterator[Prepared]] = [iter(())]
        with no_garbage_collection():
            for number, chunks in enumerate(nothing if parts.ended else parts, start=1):
                if number <= len(earlier):
                    # This part was received before the process died, or the whole file was sent a second time.
                    _add(result, earlier[number - 1], again=True)
                    for chunk in chunks:
                        groups.see(chunk)
                        done += chunk.row_count
                    self.progress(self.origin, done, total)
                    continue
                part = _Part(self, table, layout, entry, edition, unit_area, number, result.remarks)
                try:
                    with transaction.atomic():
                        done = part.receive(chunks, groups, result, done, total)
                        for row in part.skipped:
                            if row.why.code == "row.units_astray" and (
                                why := astray(
                                    layout,
                                    entry.types[layout.source_id],
                                    table.layout.headings,
                                    row.row_number,
                                    row.cells,
                                )
                            ):
                                raise Refused(why)
                        if number == 1 and parts.ended and not below and (found := _unit_lines(part.skipped)):
                            again, _ = counted_as_told(table, layout, entry, self.origin, found)
                            if again.source.units != layout.source.units:
                                raise _UnitsBelow(found)
                        if number == 1 and parts.ended and not done and expected.at_least:
                            raise Refused(refusals.no_rows(len(part.skipped)))
                        if (
                            number == 1
                            and parts.ended
                            and not checked
                            and not expected.at_least <= done <= expected.at_most
                        ):
                            raise _UnexpectedVolume
                except _UnitsBelow as told:
                    return self._receive(table, layout, entry, unit_area, told.lines)
                except _UnexpectedVolume:
                    # The transaction is gone as if nothing had been read.
                    return self._hold(table, layout, done, expected)
                part.report(result)
        self.progress(self.origin, done, done)
        return result

    def _hold(self, table: Table, layout: Layout, rows: int, expected: Usual) -> TableResult:
        hold = refusals.volume_unexpected(
            rows,
            layout.record.label,
            at_least=expected.at_least,
            at_most=expected.at_most,
            learned=expected.learned,
        )
        return self._set_aside(
            TableResult.State.HELD, table.sheet, table.layout.headings, hold, layout.record_id, layout.source_id, rows
        )


def only_own(subject: int | None, record: str, book: Book, clean: RowCleaner | None) -> RowCleaner | None:
    """A cleaner that refuses rows of an enterprise's delivery that do not name it, before the checks of the record's
    own page.

    The book may name a field that must name it alone: a row about another enterprise that names it as a supplier is not
    its own.
    """
    if subject is None:
        return clean
    corner = book[CORNER]
    speaker = corner.hands_in.get(record) if corner else None
    aliases = Alias.objects.filter(subject_id=subject)
    codes = frozenset(aliases.exclude(code="").values_list("code", flat=True))
    names = frozenset(aliases.values_list("name", flat=True))

    def own(row: dict[str, Any]) -> Any:
        named = [row.get(speaker)] if speaker is not None else list(row.values())
        parties = [p for value in named if isinstance(value, dict) for p in value.get("parties", ())]
        own_ones = [p["code"] in codes if p.get("code") else p.get("name") in names for p in parties]
        if not any(own_ones) or (speaker is not None and not all(own_ones)):
            return refusals.row_of_another_enterprise()
        return row if clean is None else clean(row)

    return own


class _UnitsBelow(Exception):
    """Beneath the data stands in which unit it counts, and nothing above had said so."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self.lines = lines


class _UnexpectedVolume(Exception):
    """The table turned out to have fewer or more rows than expected."""


class _Parts:
    """The chunks of a table, cut into parts of at most PART_ROWS rows; ``ended`` once the last chunk has been taken."""

    def __init__(self, chunks: Iterator[Prepared]) -> None:
        self._chunks = chunks
        self._ahead = next(chunks, None)

    @property
    def ended(self) -> bool:
        """Whether every chunk has been taken."""
        return self._ahead is None

    def __iter__(self) -> Iterator[Iterator[Prepared]]:
        while self._ahead is not None:
            yield self._part()

    def _part(self) -> Iterator[Prepared]:
        rows = 0
        while self._ahead is not None and (rows == 0 or rows + self._ahead.row_count <= PART_ROWS):
            rows += self._ahead.row_count
            # Nobody holds a chunk any more when the next is asked for: its place in memory is used again.
            box, self._ahead = [self._ahead], None
            yield box.pop()
            self._ahead = next(self._chunks, None)


def _add(result: TableResult, delivery: Delivery, *, again: bool) -> None:
    result.deliveries.append(delivery.id)
    result.rows += delivery.row_count
    result.refused += delivery.refused_count
    result.skipped += delivery.skipped_count or 0
    result.flagged += delivery.flagged_count
    if again:
        # Sent again, every fact and duplicate of the first time is a duplicate, and the refused rows are refused still.
        result.again = True
        result.duplicates += delivery.fact_count + delivery.duplicate_count
    else:
        result.facts += delivery.fact_count
        result.duplicates += delivery.duplicate_count


# Links as three columns of equal length: alias, fact, number of the role.
_Links = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int8]]


class _Groups:
    """The parties that the numbers of prepared chunks stand for, as aliases in their roles; kept across the parts of a
    table.

    Numbers are given one after the other, so a group is a piece of two long columns, and the links of a whole chunk are
    looked up at once.
    """

    def __init__(self) -> None:
        self.roles: list[str] = []
        self._pending: dict[int, tuple[Party, ...]] = {}
        self._starts, self._aliases, self._roles = array("q", [0]), array("q"), array("b")

    def see(self, chunk: Prepared) -> None:
        """Take note of a chunk's groups; they are resolved when a chunk is written."""
        if chunk.fresh:
            self._pending.clear()
            self._starts, self._aliases, self._roles = array("q", [0]), array("q"), array("b")
        self._pending |= chunk.new_groups

    def resolve(self, chunk: Prepared, aliases: Aliases) -> None:
        """Find or create the aliases of the groups that came with this chunk, or with those that were only seen."""
        self.see(chunk)
        alias_of = aliases.ids_of(party for group in self._pending.values() for party in group)
        for number, group in self._pending.items():
            assert number == len(self._starts) - 1, "numbers of groups must follow one another"
            for party in group:
                if party.role not in self.roles:
                    self.roles.append(party.role)
                self._aliases.append(alias_of[mention_of(party)])
                self._roles.append(self.roles.index(party.role))
            self._starts.append(len(self._aliases))
        self._pending.clear()

    def with_alias(self, columns: Sequence[Sequence[int] | NDArray[np.int64]], wanted: Collection[int]) -> list[int]:
        """The rows of a chunk that name one of some aliases."""
        starts, aliases = np.frombuffer(self._starts, np.int64), np.frombuffer(self._aliases, np.int64)
        met = np.flatnonzero(np.isin(aliases, np.fromiter(wanted, np.int64)))
        groups = np.unique(np.searchsorted(starts, met, "right") - 1)
        if not len(groups):
            return []
        rows = [np.flatnonzero(np.isin(np.asarray(column, np.int64), groups)) for column in columns]
        found: list[int] = np.unique(np.concatenate(rows)).tolist()
        return found

    def links(
        self, columns: Sequence[Sequence[int] | NDArray[np.int64]], rows: Sequence[int], first: int
    ) -> Iterator[_Links]:
        """The links of these rows of a chunk, whose facts are numbered from ``first``, a party column at a time."""
        starts = np.frombuffer(self._starts, np.int64)
        aliases, roles = np.frombuffer(self._aliases, np.int64), np.frombuffer(self._roles, np.int8)
        facts = np.arange(first, first + len(rows))
        for column in columns:
            groups = np.asarray(column, np.int64)[np.asarray(rows, np.int64)]
            begin = starts[groups]
            size = starts[groups + 1] - begin
            # Of each fact the positions begin, begin + 1, ... of its group.
            at = np.arange(size.sum()) + np.repeat(begin - (np.cumsum(size) - size), size)
            yield aliases[at], np.repeat(facts, size), roles[at]


def _in_order(links: Sequence[_Links]) -> _Links:
    """All links, each once, in the order in which their table is clustered."""
    alias, fact, role = (np.concatenate(column) for column in zip(*links, strict=True))
    order = np.lexsort((role, fact, alias))
    alias, fact, role = alias[order], fact[order], role[order]
    once = np.ones(len(alias), bool)
    once[1:] = (alias[1:] != alias[:-1]) | (fact[1:] != fact[:-1]) | (role[1:] != role[:-1])
    return alias[once], fact[once], role[once]


class _Part:
    """One transaction: a table, or a part of a long one."""

    def __init__(
        self,
        receiver: _Receiver,
        table: Table,
        layout: Layout,
        entry: RecordEntry,
        edition: str,
        area: str,
        number: int,
        seen: Sequence[Flag],
    ) -> None:
        self.receiver, self.table, self.layout, self.entry = receiver, table, layout, entry
        self.seen = tuple(seen)
        self.edition, self.area, self.number = edition, area, number
        self.leaves = RootBuilder()
        self.links: list[_Links] = []
        self.refused: list[RowRefusal] = []
        self.skipped: list[RowSkip] = []
        self.rows = self.duplicates = self.flagged = 0
        self.keys = _Keys()

    def receive(
        self, chunks: Iterator[Prepared], groups: _Groups, result: TableResult, done: int, total: int | None
    ) -> int:
        """Write the part, inside the caller's transaction; returns the rows of the table done so far."""
        receiver = self.receiver
        bulk.lock()
        self.aliases = Aliases(
            receiver.unit or "", record=self.layout.record_id, registers=registers(receiver.call.book[CARDS])
        )
        self.groups = groups
        self.first = self.next = bulk.next_id("fact")
        self.delivery_id = bulk.next_id("delivery")
        self.ledger_empty = self.first == 1
        for chunk in chunks:
            self._write(chunk)
            self.refused += chunk.refused
            self.skipped += chunk.skipped
            self.rows += chunk.row_count
            self.flagged += chunk.flagged
            result.flags.update(chunk.flag_counts)
            done += chunk.row_count
            del chunk
            receiver.progress(receiver.origin, done, total)
        self._write_links()
        self.keys.write()
        self._close()
        return done

    def _write_links(self) -> None:
        """Write all links of the part together, in the order of their table.

        The links of one chunk would touch nearly every page of that table, and each page would be read and written once
        a chunk.
        """
        if not self.links:
            return
        columns = _in_order(self.links)
        self.links.clear()
        bulk.insert_links(*columns, self.groups.roles)

    def _close(self) -> None:
        """Write the delivery itself: its root, its refused rows, its link of the chain, its audit line."""
        receiver, layout = self.receiver, self.layout
        Definition.objects.get_or_create(
            edition=self.edition,
            defaults={
                "record": layout.record_id,
                "source": layout.source_id,
                "text": self.entry.definition(layout.source_id, layout.as_read(self.table.layout.headings)),
            },
        )
        refused_texts = [_refused_text(row) for row in self.refused]
        skipped_texts = [_skipped_text(row) for row in self.skipped]
        self.delivery = chain.append(
            receiver.header(
                "accepted",
                self.table.sheet,
                self.table.layout.headings,
                layout.record_id,
                layout.source_id,
                self.edition,
            )
            | {
                "part": self.number,
                "row_count": self.rows + len(self.skipped),
                "fact_count": self.leaves.count,
                "duplicate_count": self.duplicates,
                "refused_count": len(self.refused),
                "flagged_count": self.flagged,
                "first_fact": self.first if self.leaves.count else None,
                "root": self.leaves.root().hex(),
                "refused_root": _root_of_texts(refused_texts),
                "notes": canonical([*filter(None, self.table.layout.notes), *map(_told, self.remarks)]),
            }
            | (
                {"skipped_count": len(self.skipped), "skipped_root": _root_of_texts(skipped_texts)}
                if self.skipped
                else {}
            )
            | self.aliases.header()
        )
        assert self.delivery.id == self.delivery_id
        bulk.insert(
            "refusedrow",
            ("delivery_id", "row_number", "cells", "reasons"),
            (
                (self.delivery_id, row.row_number, *text.split("\n", 1))
                for row, text in zip(self.refused, refused_texts, strict=True)
            ),
        )
        if self.skipped:
            bulk.insert(
                "skippedrow",
                ("delivery_id", "row_number", "cells", "reason"),
                (
                    (self.delivery_id, row.row_number, *text.split("\n", 1))
                    for row, text in zip(self.skipped, skipped_texts, strict=True)
                ),
            )
        audit.write_as(
            actor=receiver.call.actor,
            verb="delivery.accepted",
            about=f"delivery:{self.delivery_id}",
            at=receiver.call.now,
            detail={"facts": self.leaves.count, "file": receiver.digest},
        )

    @property
    def remarks(self) -> list[Flag]:
        """What was seen of the table on the way: how it was read, and what is odd about its parties."""
        return [*self.seen, *self.aliases.remarks()]

    def report(self, result: TableResult) -> None:
        """Add the part to the table's result, once its transaction is done."""
        for row in self.refused:
            result.reasons.update({refusal.code for refusal in row.refusals})
            for why in row.refusals:
                result.told.setdefault(why.code, Flag(why.code, why.zh, why.en, why.field))
        for skip in self.skipped:
            result.skips[skip.why.code] += 1
            result.told.setdefault(skip.why.code, skip.why)
        result.remarks += self.aliases.remarks()
        _add(result, self.delivery, again=False)

    def _write(self, chunk: Prepared) -> None:
        """Number and insert the accepted rows that have not been said before."""
        new = self._unsaid(chunk)
        self.duplicates += len(chunk.keys) - len(new)
        self.groups.resolve(chunk, self.aliases)
        if self.aliases.doubtful:
            head = statement(self.layout.record_id, self.receiver.unit or "", "statement", "", "")
            doubt(chunk, self.groups.with_alias(chunk.groups, self.aliases.doubtful), IDENTITY_DOUBTFUL, head=head)
        if not new:
            return
        if len(new) < len(chunk.keys):
            chunk = chunk.take(np.array(new, np.int64))
        first = self.next
        self.next += len(new)
        self.links += self.groups.links(chunk.groups, range(len(new)), first)
        leaves = [chunk.leaves[at : at + 32] for at in range(0, len(chunk.leaves), 32)]
        self.leaves.extend(leaves)
        self.keys.add(chunk.keys, first)
        bulk.insert_facts(
            chunk,
            first,
            chunk.keys.tolist(),
            leaves,
            delivery=self.delivery_id,
            record=self.layout.record_id,
            unit=self.receiver.unit or "",
        )

    def _unsaid(self, chunk: Prepared) -> Sequence[int]:
        """Indexes of the statements that are new; keys of different statements that collide are moved apart.

        Of a thing with a key it may be said again what was said before something else (open, closed, open): that is
        new.
        """
        some = np.sort(chunk.keys)
        found = self._already(some)
        if not found and (some[1:] != some[:-1]).all():
            return range(len(some))
        keys = chunk.keys.tolist()
        things = chunk.things or [None] * len(keys)
        head = statement(self.layout.record_id, self.receiver.unit or "", "statement", "", "")
        last_of = self._last_of(things, keys, found)
        here: dict[int, str] = {}
        new = []
        for i, body in enumerate(chunk.bodies.to_pylist()):
            key, thing = keys[i], things[i]
            text = head + body
            salt = 0
            repeated = False
            while key in here or key in found:
                other = here[key] if key in here else found[key]
                if other == text and (thing is None or last_of.get(thing, text) == text):
                    repeated = True
                    break
                salt += 1
                key = statement_key(text, salt)
                if key not in here and key not in found:
                    found |= self._already(np.array([key], np.int64))
            if repeated:
                continue
            chunk.keys[i] = key
            here[key] = text
            if thing is not None:
                last_of[thing] = text
            new.append(i)
        return new

    def _already(self, keys: NDArray[np.int64]) -> dict[int, str | None]:
        """Key (of some in order) -> what was said under it; None where that was withdrawn, so that saying it again is
        new.
        """
        number = self.keys.of(keys)
        if not self.ledger_empty:
            select = "SELECT k.key, k.fact_id FROM ledger_factkey k"
            number |= dict(matching(select, "k.key", keys.tolist()))
        if not number:
            return {}
        key_of = {fact: key for key, fact in number.items()}
        select = "SELECT f.id, f.record, f.unit, f.kind, f.concerns, f.body FROM ledger_fact f"
        found: dict[int, str | None] = {}
        for fact, record, unit, kind, concerns, body in matching(select, "f.id", sorted(key_of)):
            said = statement(record, unit, kind, "" if concerns is None else str(concerns), body)
            found[key_of[fact]] = said
        if len(found) < len(number):
            raise Refused(refusals.statement_keys_astray())
        found |= dict.fromkeys((key_of[fact] for fact, last in ends_of(key_of).items() if last is None), None)
        return found

    def _last_of(self, things: list[int | None], keys: list[int], found: Mapping[int, str | None]) -> dict[int, str]:
        """What was said last of each thing that is spoken of again."""
        wanted = sorted({t for t, key in zip(things, keys, strict=True) if t is not None and key in found})
        last: dict[int, tuple[int, str]] = {}
        select = "SELECT f.thing, f.id, f.record, f.unit, f.kind, f.body FROM ledger_fact f"
        for thing, number, record, unit, kind, body in matching(select, "f.thing", wanted):
            if number > last.get(thing, (0, ""))[0]:
                last[thing] = (number, statement(record, unit, kind, "", body))
        return {thing: text for thing, (_, text) in last.items()}


class _Keys:
    """Under which key each new fact of a part stands. They are written once, at its end, in the order of their table.

    Those of one chunk would touch nearly every page of that table, and each page would be read and written once a
    chunk.
    """

    def __init__(self) -> None:
        # All keys in their order, to know at once that none of some is among them; and the same as they came, with
        # their facts.
        self._sorted = np.empty(0, np.int64)
        self._came: list[tuple[NDArray[np.int64], int]] = []

    def add(self, keys: NDArray[np.int64], first: int) -> None:
        """Take note of the keys of facts that are numbered from ``first``."""
        some = np.sort(keys)
        self._sorted = np.insert(self._sorted, np.searchsorted(self._sorted, some), some)
        self._came.append((keys, first))

    def of(self, keys: NDArray[np.int64]) -> dict[int, int]:
        """The facts of this part under some keys, which are in order."""
        if not len(self._sorted):
            return {}
        at = np.minimum(np.searchsorted(self._sorted, keys), len(self._sorted) - 1)
        met = keys[self._sorted[at] == keys]
        if not len(met):
            return {}
        all_keys, facts = self._together()
        here = np.isin(all_keys, met)
        return dict(zip(all_keys[here].tolist(), facts[here].tolist(), strict=True))

    def write(self) -> None:
        """Write all of them."""
        if self._came:
            bulk.insert_keys(*self._together())

    def _together(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        facts = [np.arange(first, first + len(keys)) for keys, first in self._came]
        return np.concatenate([keys for keys, _ in self._came]), np.concatenate(facts)


def _refused_text(row: RowRefusal) -> str:
    """Cells and reasons of a refused row as two lines of canonical JSON."""
    reasons = [
        {"code": r.code, "field": r.field, "zh": r.zh, "en": r.en, **({"part": r.part} if r.part else {})}
        for r in row.refusals
    ]
    return f"{canonical(list(row.cells))}\n{canonical(reasons)}"


def _skipped_text(row: RowSkip) -> str:
    """Cells and reason of a row that is no data as two lines of canonical JSON."""
    reason = {"code": row.why.code, "zh": row.why.zh, "en": row.why.en}
    return f"{canonical(list(row.cells))}\n{canonical(reason)}"


def _root_of_texts(texts: Sequence[str]) -> str:
    return root_of([leaf_hash(text.encode()) for text in texts]).hex()


def _told(said: Flag) -> list[str]:
    """A remark on a table as its delivery keeps it."""
    return [said.code, said.zh, said.en]


def counted_as_told(
    table: Table, layout: Layout, entry: RecordEntry, origin: str, below: Sequence[str] = ()
) -> tuple[Layout, tuple[Flag, ...]]:
    """The layout with the units that the table itself tells, and what to say of them. Raises Refused where they are
    doubtful.
    """
    name = Path(origin).stem
    names = [
        text
        for text in (table.sheet, name)
        if "单位" in text
        or "單位" in text
        or "（" in text
        or "(" in text
        or text.endswith("元")
        or says_at_its_end(text)
    ]
    units = units_of(
        layout,
        entry.types[layout.source_id],
        table.layout.headings,
        row=table.layout.units,
        lines=[*table.layout.notes, *below, *names],
    )
    if isinstance(units, Refusal):
        raise Refused(units)
    of = dict(units.of)
    if table.layout.epoch1904:
        targets = {target for heading in table.layout.headings for target in layout.targets(heading)}
        of |= {
            name: EPOCH_1904 for name, field in layout.record.fields.items() if field.type == "day" and name in targets
        }
    if not of:
        return layout, units.remarks
    source = layout.source.model_copy(update={"units": {**layout.source.units, **of}})
    return replace(layout, source=source), units.remarks


def expected(refusal: Refusal, layouts: Sequence[Layout], record: str | None, source: str | None) -> Refusal:
    """A refusal for want of headings, with those of the record that the sender has named."""
    own = [each for each in layouts if each.record_id == record and source in (None, each.source_id)]
    if refusal.code not in ("sheet.no_table", "table.unknown") or not own:
        return refusal
    layout = next((each for each in own if each.source_id == "standard"), own[0])
    needed = {*layout.record.required, layout.record.on}
    must = [
        h
        for h in layout.source.columns
        if needed & {t.partition(".")[0] for t in layout.source.targets(h) if "." not in t}
    ]
    may = [h for h in layout.source.columns if h not in must][:8]
    return refusals.headings_expected(refusal, layout.record.label, must=must, may=may)


def is_list(table: Table, *, known: bool) -> bool:
    """Whether a sheet looks like the choices of drop-down lists: short words, no days, codes or amounts beneath its
    headings.

    ``known``: some of its headings are those of a record, so it may be data with an unknown heading; then its columns
    must also be of unlike length, as lists are, or its name says what it is.
    """
    try:
        chunk = next(table.chunks(CHUNK_ROWS), None)
    except Refused:
        return False
    if chunk is None:
        return True
    if chunk.broken:
        return False
    columns = [[cell.strip() for cell in listed(column) if cell.strip()] for column in chunk.columns]
    if any(any(map(_NO_CHOICE.search, cells)) for cells in columns):
        return False
    return (
        not known
        or len(columns) == 1
        or _OF_CHOICES.search(table.sheet) is not None
        or len({len(cells) for cells in columns}) > 1
    )


_OF_CHOICES = re.compile(
    r"选项|下拉|字典|枚举|码表|代码表|数据源|可选|option|dict|list|lookup|choice|enum|hidden|config", re.IGNORECASE
)
# What stands in data and in no list of choices: a number of five digits or more, a day, a sentence.
_NO_CHOICE = re.compile(r"[0-9０-９]{5}|[0-9]{4}\s*[-/.年]\s*[0-9]{1,2}|^[^\n]{31}|公司$|合作社$")


def beside(table: Table, name: str) -> list[str]:
    """The texts that may say of which period a table tells, the nearest first: its title lines, the names of its sheet
    and file.
    """
    return [*reversed(table.layout.notes), table.sheet, name]


def _unit_lines(skipped: Sequence[RowSkip]) -> list[str]:
    """What rows that are no data say of units."""
    lines = (
        " ".join(filter(None, row.cells)) for row in skipped if row.why.code in ("row.note", "row.total", "row.group")
    )
    return [line for line in lines if line_units(line)]


def confirm(delivery_id: int, *, call: Call, progress: Progress = quiet) -> list[TableResult]:
    """Accept a delivery that was held for its volume.

    Returns:
        The results of its table.

    Raises:
        Refused: where there is none, or it was confirmed before.
    """
    held = Delivery.objects.filter(id=delivery_id).first()
    access.require_somewhere(call, "delivery.confirm")
    if held is None or held.state != Delivery.State.HELD:
        raise Refused(refusals.delivery_not_held(delivery_id))
    access.require(call, "delivery.confirm", unit=held.unit, record=held.record)
    if Delivery.objects.filter(answers_id=delivery_id).exists():
        raise Refused(refusals.delivery_confirmed(delivery_id))
    return receive(
        FILES.path_of(held.file_digest),
        call=call,
        unit=held.unit,
        record=held.record,
        source=held.source,
        confirmed=True,
        answers=held.id,
        name=held.file_name.split("/")[0],
        only=(held.file_name, held.table_name),
        progress=progress,
        act="delivery.confirm",
        subject=held.subject,
    )
