"""One fact, whole: the row as it was delivered beside what was read from it, who sent it and when, what became of it
since, the law, and the way from its hash to the root of its delivery, by which an outsider can check it.

Read only, in a fixed number of statements. Secret fields are masked, in the values and in the delivered cells, unless
the caller has asked for them unmasked (``fact.read_secret``, which the caller writes to the trail).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from django.db import connection

from zhiheng.database.rows import stream
from zhiheng.engines.plain_words import plain_cell, plain_words
from zhiheng.engines.recognise import Layout
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.headings import TABLE_WORDS
from zhiheng.grammar.chapters.record_pages import Record, Source
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import Citation, Label
from zhiheng.kernel.actor import Scope
from zhiheng.kernel.masking import MASK
from zhiheng.ledger.aliases import Linked, alias_key, linked
from zhiheng.ledger.models import Definition, Delivery, Fact
from zhiheng.ledger.party_links import About, links_of
from zhiheng.ledger.proof import _levels, _path
from zhiheng.ledger.veil import is_hidden
from zhiheng.quality_file.fact_lines import ShownField, severity_of, shown_field, types_of, verdict_of
from zhiheng.quality_file.scope_filters import fact_shown


@dataclass(frozen=True)
class Cell:
    """A cell of the row as it was delivered: its heading, its text, and the fields (or field.part) that it feeds.

    ``now``: what a correction says instead; None where it left the cell as it was.
    """

    heading: str
    text: str
    fields: tuple[str, ...]
    masked: bool = False
    now: str | None = None


@dataclass(frozen=True)
class PartyShown:
    """A party of the fact in its role; ``subject`` is the subject whose file it stands in today (None: it has no
    file).
    """

    role: str
    kind: str
    name: str
    code: str
    address: str
    subject: int | None


@dataclass(frozen=True)
class Act:
    """A statement, a correction or a withdrawal of the chain that a fact belongs to, in the order of receiving.

    ``changes`` and ``before``: the values of a correction and those before it, masked; ``told``: the same unmasked, for
    the sheet alone.
    """

    fact: int
    kind: str
    learned_on: dt.date
    delivery: int
    reason: str
    actor: str
    changes: Mapping[str, str]
    before: Mapping[str, str]
    told: Mapping[str, str] = field(repr=False, default_factory=dict)


@dataclass(frozen=True)
class Origin:
    """The row that a correction corrects: the first statement of its chain, and where that was delivered."""

    fact: int
    delivery: int
    file_name: str
    table_name: str
    row_number: int


@dataclass(frozen=True)
class Proof:
    """The way from a fact's hash to the root of its delivery: ``path`` has a hash per level, the lowest first (RFC
    6962).
    """

    leaf: str
    index: int
    size: int
    path: tuple[str, ...]
    root: str
    link: str
    delivery: int
    holds: bool


@dataclass(frozen=True)
class FactSheet:
    """A fact with everything that says where it comes from and what became of it."""

    fact: int
    record: str
    label: Label
    quality: str
    audience: str
    law: tuple[Citation, ...]
    kind: str
    unit: str
    area: str
    occurred_on: dt.date
    valid_until: dt.date | None
    outcome: str | None
    severity: str
    flags: tuple[str, ...]
    delivery: int
    source: str
    learned_on: dt.date
    file_name: str
    table_name: str
    row_number: int
    edition: str
    fields: tuple[ShownField, ...]
    cells: tuple[Cell, ...]
    parties: tuple[PartyShown, ...]
    chain: tuple[Act, ...]
    earlier: tuple[int, ...]
    later: tuple[int, ...]
    leaf: str
    root: str
    link: str
    has_secrets: bool
    masked: bool
    origin: Origin | None = None
    verdict: ShownField | None = None

    @property
    def replaced_by(self) -> Act | None:
        """The correction or withdrawal that took its place."""
        return next((act for act in self.chain if act.fact > self.fact), None)

    @property
    def withdrawn(self) -> bool:
        """Whether it was withdrawn, itself or after corrections."""
        return bool(self.chain) and self.chain[-1].kind == Fact.Kind.WITHDRAWAL


def fact_sheet(
    fact_id: int, *, book: Book, scope: Scope, card_areas: Mapping[int, str] | None = None, unmasked: bool = False
) -> FactSheet | None:
    """The sheet of a fact; None where there is no such fact, or the scope does not show it (at most 8 statements).

    ``card_areas``: subject -> area of its card, of the subject through whose file the fact is opened: a reader who
    reaches that area sees its whole file. A subject that the fact is not about opens nothing.
    """
    fact = Fact.objects.filter(id=fact_id).select_related("delivery").first()
    if fact is None:
        return None
    delivery: Delivery = fact.delivery
    definition, record, layout = _definition(delivery, fact.record, book)
    body: dict[str, Any] = orjson.loads(fact.body)
    said_parties = _parties(fact, body, definition)
    parties = tuple(
        replace(p, name=plain_words(p.name), code=plain_words(p.code), address=plain_words(p.address))
        for p in said_parties
    )
    about = {party.subject for party in parties if party.subject is not None}
    opened = [area for subject, area in (card_areas or {}).items() if subject in about]
    if not any(fact_shown(fact, scope, card_area=area, subjects=about) for area in opened or [""]):
        return None
    types = types_of(fact.record, book)
    told = [name for name in record.fields if body.get(name) is not None]
    guarded_fields = [shown_field(name, record, types, body[name]) for name in told]
    fields = (
        [shown_field(name, record, types, body[name], unmasked=True) for name in told] if unmasked else guarded_fields
    )
    secret = {name for name, one in record.fields.items() if one.secret}
    before, after = _of_the_same_thing(fact)
    chain, first = _chain(fact, None if unmasked else frozenset(secret), book)
    origin = None
    if first is not None and first.fact.id != fact.id:
        d = first.fact.delivery
        origin = Origin(first.fact.id, d.id, d.file_name, d.table_name, first.fact.row_number)
    first = first or _First(fact, layout)
    # What corrections said, as it was told: whether it is shown is asked cell by cell, as of every other text.
    anew = [act.told for act in chain if act.fact <= fact.id]
    guarded = first.cells(frozenset(secret), anew)
    cells = first.cells(None, anew) if unmasked else guarded
    return FactSheet(
        fact.id,
        fact.record,
        record.label,
        record.quality,
        record.audience,
        record.law_on(fact.occurred_on),
        fact.kind,
        fact.unit,
        fact.area,
        fact.occurred_on,
        fact.valid_until,
        fact.outcome,
        severity_of(record, fact.outcome),
        tuple(filter(None, fact.flags.split(","))),
        delivery.id,
        delivery.source,
        delivery.learned_on,
        delivery.file_name,
        delivery.table_name,
        fact.row_number,
        delivery.edition,
        tuple(fields),
        cells,
        said_parties if unmasked else parties,
        chain,
        before,
        after,
        bytes(fact.leaf).hex(),
        delivery.root,
        delivery.link,
        any(shown.secret or shown.masked for shown in guarded_fields)
        or bool(secret & set(body))
        or any(cell.masked for cell in guarded)
        or parties != said_parties,
        any(shown.masked for shown in fields)
        or any(cell.masked for cell in cells)
        or (not unmasked and parties != said_parties),
        origin,
        verdict_of(fact.outcome, record, types, body),
    )


def proof_of(fact_id: int) -> Proof | None:
    """The way from a fact to the root of its delivery, and whether it leads there (2 statements).

    Reads the hash of every fact of the delivery: of a very long one this takes a second, so a page asks for it by
    itself.
    """
    fact = Fact.objects.filter(id=fact_id).select_related("delivery").first()
    if fact is None:
        return None
    delivery = fact.delivery
    first, size = delivery.first_fact, delivery.fact_count
    assert first is not None, "a delivery with facts has a first one"
    sql = "SELECT leaf FROM ledger_fact WHERE id BETWEEN %s AND %s ORDER BY id"
    leaves = [bytes(leaf) for batch in stream(sql, [first, first + size - 1]) for (leaf,) in batch]
    levels = _levels(leaves)
    return Proof(
        bytes(fact.leaf).hex(),
        fact_id - first,
        size,
        tuple(step.hex() for step in _path(levels, fact_id - first)),
        delivery.root,
        delivery.link,
        delivery.id,
        levels[-1][0].hex() == delivery.root,
    )


def _definition(delivery: Delivery, name: str, book: Book) -> tuple[Mapping[str, Any], Record, Layout | None]:
    """The definition that a fact was received with, as it was then; labels and law are those of the book of today."""
    text = Definition.objects.filter(edition=delivery.edition).values_list("text", flat=True).first()
    definition: dict[str, Any] = orjson.loads(text) if text else {}
    then = Record.model_validate(definition["record"]) if definition else book[RECORDS][name].record
    layout = None
    if definition and delivery.source not in ("correction", "withdrawal"):
        layout = Layout.of(name, then, delivery.source, Source.model_validate(definition["source"]), book[TABLE_WORDS])
    return definition, book[RECORDS][name].record if name in book[RECORDS] else then, layout


def _parties(fact: Fact, body: Mapping[str, Any], definition: Mapping[str, Any]) -> tuple[PartyShown, ...]:
    about = definition.get("record", {}).get("about") if definition else None
    what: About | None = (
        (about["kind"], about["code"], about.get("name") or "") if about and about.get("code") else None
    )
    links = sorted(links_of(body, what))
    said = {mention: Linked(alias_key(mention), fact.unit, fact.id) for _, mention in links}
    at = linked(said.values())
    return tuple(
        PartyShown(role, mention.kind, mention.name, mention.code, mention.address, at.get(said[mention], (0, None))[1])
        for role, mention in links
    )


@dataclass(frozen=True)
class _First:
    """The first statement of a chain with the layout that it was read by."""

    fact: Fact
    layout: Layout | None

    def told(self) -> dict[str, str]:
        """Field (or field.part) -> text as delivered."""
        said: dict[str, str] = {}
        for heading, text in self._row():
            said |= dict.fromkeys(self.layout.targets(heading) if self.layout else (), text)
        return said

    def cells(self, hide: frozenset[str] | None, corrections: Sequence[Mapping[str, str]]) -> tuple[Cell, ...]:
        """The delivered cells, each with what corrections say instead; what had no cell stands at the end without a
        heading.
        """
        changed: dict[str, str] = {}
        for each in corrections:
            changed |= each
        found, fed = [], set[str]()
        for heading, text in self._row():
            targets = self.layout.targets(heading) if self.layout else ()
            fed.update(targets)
            anew = [changed[target] for target in targets if target in changed]
            plain = self.layout is not None and self.layout.is_plain(heading)
            now = anew[-1] if anew and anew[-1] != text else None
            found.append(_cell(heading, text, targets, hide, now, plain=plain, kinds=self._kinds(targets)))
        found += [
            _cell("", "", (name,), hide, text, kinds=self._kinds((name,)))
            for name, text in changed.items()
            if name not in fed
        ]
        return tuple(found)

    def _kinds(self, targets: Sequence[str]) -> set[str]:
        return kinds_of(targets, self.layout.record if self.layout is not None else None)

    def _row(self) -> list[tuple[str, str]]:
        row, headings = orjson.loads(self.fact.row), orjson.loads(self.fact.delivery.headings)
        return list(zip([*headings, *[""] * (len(row) - len(headings))], row, strict=False))


def _cell(
    heading: str,
    text: str,
    fields: tuple[str, ...],
    hide: frozenset[str] | None,
    now: str | None = None,
    *,
    plain: bool = True,
    kinds: Collection[str] = (),
) -> Cell:
    """A cell as it is shown; nothing of it is masked where ``hide`` is None."""
    if hide is None:
        return Cell(heading, text, fields, False, now)
    if bool(text or now) and is_hidden(fields, hide, plain=plain):
        return Cell(heading, MASK if text else text, fields, True, MASK if now else now)
    shown, anew = plain_cell(text, kinds), plain_cell(now, kinds) if now else now
    return Cell(heading, shown, fields, (shown, anew) != (text, now), anew)


def kinds_of(targets: Iterable[str], record: Record | None) -> set[str]:
    """The types of the fields (or parts of fields) that a text feeds; the telephone of a party is one by its own
    right.
    """
    found = set()
    for target in targets:
        name, _, part = target.partition(".")
        definition = record.fields.get(name) if record is not None else None
        found.add("phone" if part == "phone" else definition.type if definition is not None else "")
    return found


_CHAIN = """
    WITH RECURSIVE up(id, concerns) AS (
        SELECT id, concerns FROM ledger_fact WHERE id = %s
        UNION ALL SELECT f.id, f.concerns FROM ledger_fact f JOIN up ON f.id = up.concerns
    ), down(id) AS (
        SELECT id FROM ledger_fact WHERE id = %s
        UNION ALL SELECT f.id FROM ledger_fact f JOIN down ON f.concerns = down.id
    ) SELECT id FROM up UNION SELECT id FROM down
"""


def _chain(fact: Fact, hide: frozenset[str] | None, book: Book) -> tuple[tuple[Act, ...], _First | None]:
    """The statement, and every correction and withdrawal after it, with the first of them; nothing for a fact without
    any.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CHAIN, [fact.id, fact.id])
        ids = [number for (number,) in cursor.fetchall()]
    if len(ids) == 1:
        return (), None
    acts: list[Act] = []
    facts = list(Fact.objects.filter(id__in=ids).select_related("delivery").order_by("id"))
    _, record, layout = _definition(facts[0].delivery, facts[0].record, book)
    first = _First(facts[0], layout)
    told = {} if isinstance(orjson.loads(facts[0].row), dict) else first.told()
    for each in facts:
        row = orjson.loads(each.row)
        said: Mapping[str, Any] = row if isinstance(row, dict) else {}
        changes = {name: str(text) for name, text in said.get("changes", {}).items()}
        shown, before = (
            {name: _cell("", text, (name,), hide, kinds=kinds_of((name,), record)).text for name, text in texts.items()}
            for texts in (changes, {name: told.get(name, "") for name in changes})
        )
        told |= changes
        acts.append(
            Act(
                each.id,
                each.kind,
                each.delivery.learned_on,
                each.delivery_id,
                said.get("reason", "") if hide is None else plain_words(said.get("reason", "")),
                said.get("actor", ""),
                shown,
                before,
                changes,
            )
        )
    return tuple(acts), None if isinstance(orjson.loads(facts[0].row), dict) else first


def _of_the_same_thing(fact: Fact) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The other statements of the same thing, before and after in the order in which they hold; at most the nearest 20
    each way.
    """
    if fact.thing is None:
        return (), ()
    same = Fact.objects.filter(thing=fact.thing).exclude(kind=Fact.Kind.WITHDRAWAL).order_by("occurred_on", "id")
    ids = list(same.values_list("id", flat=True))
    at = ids.index(fact.id) if fact.id in ids else len(ids)
    return tuple(ids[max(0, at - 20) : at]), tuple(ids[at + 1 : at + 21])
