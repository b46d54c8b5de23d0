"""Deliveries as pages read them: lists narrowed in SQL, one delivery with its refused rows, and how its table was
recognised.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import orjson
from django.db.models import QuerySet

from zhiheng.database.paging import Keyset, Page
from zhiheng.engines.plain_words import scrub
from zhiheng.engines.recognise import Fit, Layout, fit, headings_for, suggestions
from zhiheng.grammar.additions import IGNORED
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.headings import NO_BOOK_WORDS, TABLE_WORDS, BookWords
from zhiheng.grammar.chapters.record_pages import Record, Source
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry
from zhiheng.grammar.types import Label
from zhiheng.kernel.actor import Scope
from zhiheng.kernel.masking import MASK
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.chain import tables
from zhiheng.ledger.models import Definition, Delivery, Fact, RefusedRow, SkippedRow
from zhiheng.ledger.veil import Veil, veil_over
from zhiheng.quality_file import refusals
from zhiheng.quality_file.fact_lines import ShownField, types_of, verdict_of
from zhiheng.quality_file.fact_list import place_of
from zhiheng.quality_file.scope_filters import deliveries_within, facts_within

PAGE = 50
_LATEST_FIRST, _IN_THEIR_ORDER = Keyset("-id"), Keyset("id")
# A state to look for that is none of its own: accepted with something new, and not taken back. So many the cockpit
# counts.
COUNTED = "counted"


@dataclass(frozen=True)
class DeliveryFilters:
    """Filters of the list of deliveries. ``units``: of these units, those of an area; None: of any."""

    state: str = ""
    unit: str = ""
    record: str = ""
    name: str = ""
    first: dt.date | None = None
    last: dt.date | None = None
    units: tuple[str, ...] | None = None

    @property
    def any(self) -> bool:
        """Whether anything is looked for."""
        return self != DeliveryFilters()


@dataclass(frozen=True, kw_only=True)
class DeliveryPage(Page[Delivery]):
    """A page of deliveries; ``hidden``: how many of the total may not be seen."""

    hidden: int = 0


def deliveries(
    scope: Scope, book: Book, filters: DeliveryFilters, after: str = "", limit: int = PAGE, *, beyond: bool = False
) -> DeliveryPage:
    """Deliveries that the scope reaches, latest first (one query, and one that counts them on the first page).

    ``beyond``: also count those outside of the scope, for readers who may know how many there are (one query more).
    """
    every = _filtered(Delivery.objects.all(), filters)
    rows = every.filter(deliveries_within(scope, book[DISTRICT].area_of_unit))
    total = None if after else rows.count()
    hidden = every.count() - total if beyond and total is not None else 0
    page = _LATEST_FIRST.page(rows.defer("headings", "notes"), after, limit)
    return DeliveryPage(page.rows, page.next, None if total is None else total + hidden, hidden=hidden)


def _filtered(rows: QuerySet[Delivery], filters: DeliveryFilters) -> QuerySet[Delivery]:
    if filters.state in Delivery.State.values:
        rows = rows.filter(state=filters.state)
    if filters.state == COUNTED:
        rows = rows.filter(id__in=tables().filter(fact_count__gt=0).values("id"))
    if filters.unit:
        rows = rows.filter(unit=filters.unit)
    if filters.record:
        rows = rows.filter(record=filters.record)
    if filters.name:
        rows = rows.filter(file_name__icontains=filters.name)
    if filters.first:
        rows = rows.filter(learned_on__gte=filters.first)
    if filters.last:
        rows = rows.filter(learned_on__lte=filters.last)
    if filters.units is not None:
        rows = rows.filter(unit__in=filters.units)
    return rows


def delivery(scope: Scope, book: Book, number: int) -> Delivery:
    """One delivery; one that the scope does not reach is refused as if there were none, so that numbers tell
    nothing.
    """
    found: Delivery | None = Delivery.objects.filter(
        deliveries_within(scope, book[DISTRICT].area_of_unit), id=number
    ).first()
    if found is None:
        raise Refused(refusals.delivery_absent(number))
    return found


@dataclass(frozen=True)
class RefusedLine:
    """A refused row in the sender's own layout: its cells in order, each with the reasons that concern it. Masked
    unless asked for clear.

    ``elsewhere`` are reasons that no single cell is to blame for (a column that is not there, a row that is broken).
    """

    number: int
    cells: Sequence[tuple[str, tuple[Mapping[str, str], ...]]]
    reasons: Sequence[Mapping[str, str]]
    elsewhere: Sequence[Mapping[str, str]]


def veil_of(found: Delivery, book: Book) -> Veil:
    """How a delivery's rows are masked for readers who may not see secret fields (one query)."""
    now = book[RECORDS][found.record].record.fields.items() if found.record in book[RECORDS] else ()
    secret = {name: (field.label.zh, field.label.en) for name, field in now if field.secret}
    return veil_over(orjson.loads(found.headings), layout_of(found, book[TABLE_WORDS]), secret)


def refused_rows(found: Delivery, veil: Veil | None, after: str = "", limit: int = PAGE) -> Page[RefusedLine]:
    """Refused rows of a delivery in their order, reasons put at the cells (two queries).

    Cells and reasons are masked by the ``veil``; without one they are shown as they were handed in, which the caller
    has asked the right for and notes in the trail.
    """
    page = _IN_THEIR_ORDER.page(RefusedRow.objects.filter(delivery=found), after, limit)
    headings = orjson.loads(found.headings)
    layout = layout_of(found)
    columns = _columns(headings, layout)
    return page.made(_refused_line(row, headings, columns, veil) for row in page.rows)


@dataclass(frozen=True)
class SkippedLine:
    """A row that is no data: its cells under the sender's headings, and what it was taken for."""

    number: int
    cells: Sequence[str]
    reason: Mapping[str, str]

    @property
    def text(self) -> str:
        """What the row says, its empty cells left out."""
        return "  ".join(" ".join(cell.split()) for cell in self.cells if cell.strip())


def skipped_rows(found: Delivery, veil: Veil | None, after: str = "", limit: int = PAGE) -> Page[SkippedLine]:
    """The rows of a delivery that are no data, in their order (one query), masked as ``refused_rows`` are."""
    page = _IN_THEIR_ORDER.page(SkippedRow.objects.filter(delivery=found), after, limit)
    return page.made(_skipped_line(row, veil) for row in page.rows)


def _skipped_line(row: SkippedRow, veil: Veil | None) -> SkippedLine:
    cells, reason = orjson.loads(row.cells), orjson.loads(row.reason)
    if veil is None:
        return SkippedLine(row.row_number, cells, reason)
    return SkippedLine(row.row_number, veil.remark(cells), veil.reasons([reason], cells)[0])


def balanced(found: Delivery) -> bool:
    """Whether every row of a delivery is accounted for: rows = facts + duplicates + refused + skipped."""
    told = found.fact_count + found.duplicate_count + found.refused_count + (found.skipped_count or 0)
    return bool(told == found.row_count)


def _columns(headings: Sequence[str], layout: Layout | None) -> Mapping[str, list[int]]:
    """Field (and field.part) -> the columns that feed it."""
    columns: dict[str, list[int]] = {}
    for at, heading in enumerate(headings):
        for target in layout.targets(heading) if layout else ():
            columns.setdefault(target, []).append(at)
            columns.setdefault(target.partition(".")[0], []).append(at)
    return columns


def _refused_line(
    row: RefusedRow, headings: Sequence[str], columns: Mapping[str, list[int]], veil: Veil | None
) -> RefusedLine:
    cells: list[str] = orjson.loads(row.cells)
    reasons: Sequence[Mapping[str, str]] = orjson.loads(row.reasons)
    if veil is not None:
        cells, reasons = veil.cells(cells, reasons), veil.reasons(reasons, cells)
    at: dict[int, list[Mapping[str, str]]] = {}
    elsewhere = []
    for reason in reasons:
        part = columns.get(f"{reason['field']}.{reason.get('part', '')}", ())
        fed = dict.fromkeys(part or columns.get(reason["field"], ()))
        for column in fed:
            at.setdefault(column, []).append(reason)
        if not fed:
            elsewhere.append(reason)
    width = max(len(cells), len(headings))
    padded = [*cells, *[""] * (width - len(cells))]
    return RefusedLine(
        row.row_number, [(text, tuple(at.get(i, ()))) for i, text in enumerate(padded)], reasons, elsewhere
    )


@dataclass(frozen=True)
class DeliveryFactLine:
    """A fact of a delivery as a line of a list: nothing of it that could be secret."""

    number: int
    row_number: int
    kind: str
    occurred_on: dt.date
    outcome: str | None
    area: str
    flagged: bool
    enterprises: tuple[str, ...]
    verdict: ShownField | None = None


def facts_of(
    found: Delivery, scope: Scope, book: Book, after: str = "", limit: int = PAGE, *, flagged: bool = False
) -> Page[DeliveryFactLine]:
    """The facts of a delivery that the scope shows, in the order of its rows; ``flagged``: only those that a rule
    doubts.

    One query, and one that counts them on the first page.
    """
    if found.first_fact is None:
        return Page()
    rows = Fact.objects.filter(
        facts_within(scope), id__gte=found.first_fact, id__lt=found.first_fact + found.fact_count
    )
    if flagged:
        rows = rows.exclude(flags="")
    total = None if after else rows.count()
    wanted = rows.only("id", "record", "row_number", "kind", "occurred_on", "outcome", "area", "flags", "body")
    page = _IN_THEIR_ORDER.page(wanted, after, limit).of_total(total)
    return page.made(
        DeliveryFactLine(
            f.id,
            f.row_number,
            f.kind,
            f.occurred_on,
            f.outcome,
            f.area,
            bool(f.flags),
            enterprises_named(f.body),
            _verdict(f, book),
        )
        for f in page.rows
    )


def _verdict(fact: Fact, book: Book) -> ShownField | None:
    entry = book[RECORDS].get(fact.record)
    if entry is None:
        return None
    return verdict_of(fact.outcome, entry.record, types_of(fact.record, book), orjson.loads(fact.body))


def enterprises_named(body: str) -> tuple[str, ...]:
    """The names of a fact's enterprises: the subject of the fact first, parties with a minor role last."""
    parties = sorted(orjson.loads(body).get("parties", ()), key=lambda party: place_of(party.get("role", "")))
    names = (p.get("name", "") for p in parties if p.get("kind", "enterprise") == "enterprise")
    return tuple(dict.fromkeys(name for name in names if name))


# -- recognition -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Heading:
    """What became of a heading: which fields it feeds, or why it feeds none."""

    text: str
    kind: Literal["matched", "ignored", "unknown", "twice", "empty"]
    fields: tuple[Label, ...] = ()
    proposals: tuple[HeadingMeaning, ...] = ()


@dataclass(frozen=True)
class HeadingMeaning:
    """What an unknown heading may mean, and the line by which the book would know it: the page of the source, and what
    to add to its ``columns`` (or to ``ignored``, where the column is of no use; then there is no field). ``target`` is
    what the heading feeds, as the line says it.
    """

    field: Label | None
    word: str
    page: str
    line: str
    target: str = ""


@dataclass(frozen=True)
class Alternative:
    """A layout of the book beside a heading row: how much of the row it explains (0 to 100), and what stands against
    it.
    """

    record: str
    source: str
    record_label: Label
    source_label: Label
    score: int
    matched: int
    unknown: tuple[str, ...]
    missing: tuple[Label, ...]
    whole: bool


@dataclass(frozen=True)
class Recognition:
    """How a table was recognised, or what it might be."""

    headings: tuple[Heading, ...]
    record_label: Label | None = None
    source_label: Label | None = None
    missing: tuple[Label, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    # Record and source, where it was recognised.
    taken_for: tuple[str, str] | None = None


def layout_of(found: Delivery, words: BookWords = NO_BOOK_WORDS) -> Layout | None:
    """The layout with which a delivery was received, in the words of that day (and those that the book has for all
    tables); None where it was not recognised.
    """
    if not found.edition:
        return None
    text = Definition.objects.filter(edition=found.edition).values_list("text", flat=True).first()
    if text is None:
        return None
    definition = orjson.loads(text)
    record, source = Record.model_validate(definition["record"]), Source.model_validate(definition["source"])
    return Layout.of(found.record, record, found.source, source, words)


def recognition(found: Delivery, book: Book, most: int = 5, *, clear: bool = False) -> Recognition:
    """What each heading of a delivery was taken for; for a table that was not recognised, what it resembles most.

    Where a table was not recognised its headings may be a row of data: those that no record knows are shown only
    ``clear``.
    """
    told = _scrubbed(_recognition(found, book, most))
    if clear or told.record_label is not None:
        return told
    hide = frozenset(heading.text for heading in told.headings if heading.kind == "unknown")
    return replace(
        told,
        headings=tuple(replace(h, text=MASK, proposals=()) if h.text in hide else h for h in told.headings),
        alternatives=tuple(
            replace(each, unknown=tuple(MASK if text in hide else text for text in each.unknown))
            for each in told.alternatives
        ),
    )


def _recognition(found: Delivery, book: Book, most: int) -> Recognition:
    texts: list[str] = orjson.loads(found.headings)
    layout = layout_of(found)
    if layout is None and found.record in book[RECORDS] and found.source in book[RECORDS][found.record].sources:
        entry = book[RECORDS][found.record]
        layout = Layout.of(entry.id, entry.record, found.source, entry.sources[found.source], book[TABLE_WORDS])
    if layout is not None:
        told = fit(layout, texts)
        guessed = _kept_proposals(found, texts, book)
        return Recognition(
            tuple(replace(h, proposals=guessed.get(h.text, ())) for h in _headings(texts, told)),
            layout.record.label,
            layout.source.label,
            _wanted(told),
            taken_for=(found.record, found.source),
        )
    fits = [
        fit(Layout.of(entry.id, entry.record, name, source, book[TABLE_WORDS]), texts)
        for entry in book[RECORDS].values()
        for name, source in entry.sources.items()
    ]
    near = sorted((f for f in fits if f.matched), key=lambda f: f.nearness, reverse=True)[:most]
    guessed = (
        _proposals(near[0], texts, [f.layout for f in fits if f.layout.record_id == near[0].layout.record_id], book)
        if near
        else {}
    )
    return Recognition(
        tuple(replace(h, proposals=guessed.get(h.text, ())) for h in _headings(texts, near[0]))
        if near
        else tuple(Heading(t, "unknown" if t.strip() else "empty") for t in texts),
        alternatives=tuple(_alternative(f, texts) for f in near),
    )


def _kept_proposals(found: Delivery, texts: Sequence[str], book: Book) -> Mapping[str, tuple[HeadingMeaning, ...]]:
    """Possible meanings in today's book for the unknown columns of a delivery that did no harm."""
    entry = book[RECORDS].get(found.record)
    if entry is None or found.source not in entry.sources:
        return {}
    told = fit(Layout.of(entry.id, entry.record, found.source, entry.sources[found.source], book[TABLE_WORDS]), texts)
    return _proposals(replace(told, unknown=told.kept), texts, (), book) if told.kept else {}


def _proposals(
    told: Fit, texts: Sequence[str], siblings: Sequence[Layout], book: Book
) -> Mapping[str, tuple[HeadingMeaning, ...]]:
    """What each unknown heading of the nearest layout may mean, the likeliest first, and last that it is of no use."""
    layout, entry = told.layout, book[RECORDS][told.layout.record_id]
    page = page_of(entry, layout.source_id)
    found: dict[str, tuple[HeadingMeaning, ...]] = {}
    for heading, guesses in suggestions(told, texts, siblings).items():
        key = one_line(heading)
        made = [
            HeadingMeaning(
                entry.record.fields[g.target.partition(".")[0]].label,
                g.word,
                page,
                line_for(key, g.target),
                g.target,
            )
            for g in guesses
        ]
        found[heading] = (*made, HeadingMeaning(None, "", page, line_for(key, IGNORED[0]), IGNORED[0]))
    return found


def one_line(heading: str) -> str:
    """A heading with the breaks and blanks in it put together, as a book writes it."""
    return " ".join(heading.split())


def page_of(entry: RecordEntry, source: str) -> str:
    """Where in the book the words of a source stand."""
    return f"records/{entry.department}/{entry.id}/sources/{source}.yaml"


def line_for(heading: str, target: str) -> str:
    """What the page of a source has to say for a heading to stand for a target; the heading quoted, as JSON, which YAML
    reads.
    """
    quoted = orjson.dumps(heading).decode()
    if target in IGNORED:
        chapter, _, held = target.partition(": ")
        return f"{chapter}: {{{quoted}: {held}}}"
    return f"columns: {{{quoted}: {target}}}"


def unknown_to(found: Delivery, book: Book, record: str, source: str) -> list[str]:
    """The headings of a delivery that a source of the book does not know, as they were written."""
    entry = book[RECORDS][record]
    told = fit(
        Layout.of(record, entry.record, source, entry.sources[source], book[TABLE_WORDS]), orjson.loads(found.headings)
    )
    return [*told.unknown, *told.kept]


def _alternative(told: Fit, texts: Sequence[str]) -> Alternative:
    filled = sum(bool(text.strip()) for text in texts)
    wanted = filled + len(told.missing)
    return Alternative(
        told.layout.record_id,
        told.layout.source_id,
        told.layout.record.label,
        told.layout.source.label,
        round(100 * (filled - len(told.unknown) - len(told.twice)) / wanted) if wanted else 0,
        told.matched,
        told.unknown,
        _wanted(told),
        told.whole,
    )


def _wanted(told: Fit) -> tuple[Label, ...]:
    """What is missing, called as the sender would have to write it."""
    pairs = [headings_for(told.layout, name) for name in told.missing]
    return tuple(Label(zh=zh, en=en) for zh, en in [*pairs, *((heading, heading) for heading in told.lacks)])


def _labels(layout: Layout, names: Sequence[str]) -> tuple[Label, ...]:
    return tuple(layout.record.fields[name].label for name in names)


def _headings(texts: Sequence[str], told: Fit) -> tuple[Heading, ...]:
    found = []
    for text in texts:
        targets = told.layout.targets(text)
        kind: Literal["matched", "ignored", "unknown", "twice", "empty"]
        if not text.strip():
            kind = "empty"
        elif text in told.twice:
            kind = "twice"
        elif text in told.unknown:
            kind = "unknown"
        else:
            kind = "matched" if targets else "ignored"
        names = dict.fromkeys(target.partition(".")[0] for target in targets)
        found.append(Heading(text, kind, _labels(told.layout, tuple(names))))
    return tuple(found)


def _scrubbed(told: Recognition) -> Recognition:
    """Headings without personal data, so that a telephone typed into a heading appears in no proposal."""

    def heading(one: Heading) -> Heading:
        text = scrub(one.text, ())
        return one if text == one.text else replace(one, text=text, proposals=())

    return replace(
        told,
        headings=tuple(heading(one) for one in told.headings),
        alternatives=tuple(
            replace(each, unknown=tuple(scrub(text, ()) for text in each.unknown)) for each in told.alternatives
        ),
    )


def notes_of(found: Delivery, book: Book, veil: Veil | None) -> list[Mapping[str, str]]:
    """The notes of a delivery: why it was refused or held, or what was seen on the way; without what they quote, unless
    there is no ``veil``, and never with what identifies a person: who needs that takes the rows back with a purpose.
    """
    notes = _notes(found)
    if veil is None:
        return [{**note, "zh": scrub(note["zh"], ()), "en": scrub(note["en"], ())} for note in notes]
    hidden = unknown_headings(found, book)
    return [{**note, "zh": veil.said(note["zh"], hidden), "en": veil.said(note["en"], hidden)} for note in notes]


def unknown_headings(found: Delivery, book: Book) -> list[str]:
    """The headings of a table that was not recognised that nothing in the book knows: they may be a row of data."""
    told = _recognition(found, book, 1)
    return [] if told.record_label is not None else [h.text for h in told.headings if h.kind == "unknown"]


def _notes(found: Delivery) -> list[Mapping[str, str]]:
    return [
        {"code": note[0], "zh": note[1], "en": note[2]}
        if isinstance(note, list)
        else {"code": "", "zh": str(note), "en": str(note)}
        for note in orjson.loads(found.notes)
    ]


def confirmed_by(found: Delivery) -> list[int]:
    """The deliveries that accepted a held one."""
    answers = Delivery.objects.filter(answers_id=found.id).exclude(source="withdrawal")
    return list(answers.order_by("id").values_list("id", flat=True))
