"""One fact, whole: the row as it was delivered beside what was read from it, who sent it and when, what became of it since, the law,
and the way from its hash to the root of its delivery, by which an outsider can check it.

Read only, in a fixed number of statements. Secret fields are masked, in the values and in the delivered cells, unless the caller
has asked for them unmasked (``fact.read_secret``, which the caller writes to the trail).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from zhiheng.engines.recognise import Layout
from zhiheng.grammar.loader import Book
from zhiheng.grammar.records import Record, Source
from zhiheng.grammar.words import Citation, Label
from zhiheng.kernel.actor import Scope
from zhiheng.ledger import store
from zhiheng.ledger.aliases import Linked, alias_key, linked
from zhiheng.ledger.links import About, links_of
from zhiheng.ledger.models import Definition, Delivery, Fact
from zhiheng.ledger.proof import _levels, _path
from zhiheng.ledger.quality_file import MASK, Shown, severity_of, shown_field, types_of
from zhiheng.ledger.veil import is_hidden
from zhiheng.ledger.within import fact_shown


@dataclass(frozen=True)
class Cell:
    """A cell of the row as it was delivered: its heading, its text, and the fields (or field.part) that it feeds."""

    heading: str
    text: str
    fields: tuple[str, ...]
    masked: bool = False


@dataclass(frozen=True)
class PartyShown:
    """Somebody whom the fact concerns, in a role; ``subject`` is whose file it stands in today (None: no file of its own)."""

    role: str
    kind: str
    name: str
    code: str
    address: str
    subject: int | None


@dataclass(frozen=True)
class Act:
    """A statement, a correction or a withdrawal of the chain that a fact belongs to, in the order of receiving."""

    fact: int
    kind: str
    learned_on: dt.date
    delivery: int
    reason: str
    actor: str
    changes: Mapping[str, str]


@dataclass(frozen=True)
class Proof:
    """The way from a fact's hash to the root of its delivery: ``path`` has a hash per level, the lowest first (RFC 6962)."""

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
    fields: tuple[Shown, ...]
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

    ``card_areas``: subject -> area of its card, of the subject through whose file the fact is opened: whoever reaches that area
    sees its whole file. A subject that the fact is not about opens nothing.
    """
    fact = Fact.objects.filter(id=fact_id).select_related("delivery").first()
    if fact is None:
        return None
    delivery: Delivery = fact.delivery
    definition, record, layout = _definition(delivery, fact.record, book)
    body: dict[str, Any] = orjson.loads(fact.body)
    parties = _parties(fact, body, definition)
    about = {party.subject for party in parties if party.subject is not None}
    opened = [area for subject, area in (card_areas or {}).items() if subject in about]
    if not any(fact_shown(fact, scope, card_area=area, subjects=about) for area in opened or [""]):
        return None
    types = types_of(fact.record, book)
    fields = [
        shown_field(name, record, types, body[name], unmasked=unmasked)
        for name in record.fields
        if body.get(name) is not None
    ]
    row = orjson.loads(fact.row)
    secret = {name for name, field in record.fields.items() if field.secret}
    hide: frozenset[str] = frozenset() if unmasked else frozenset(secret)
    headings = orjson.loads(delivery.headings)
    guarded = _cells(row, headings, layout, frozenset(secret))
    cells = _cells(row, headings, layout, None) if unmasked else guarded
    before, after = _of_the_same_thing(fact)
    return FactSheet(
        fact.id, fact.record, record.label, record.quality, record.audience, record.law_on(fact.occurred_on), fact.kind, fact.unit, fact.area,
        fact.occurred_on, fact.valid_until, fact.outcome, severity_of(record, fact.outcome), tuple(filter(None, fact.flags.split(","))),
        delivery.id, delivery.source, delivery.learned_on, delivery.file_name, delivery.table_name, fact.row_number, delivery.edition,
        tuple(fields), cells, parties, _chain(fact, hide), before, after,
        bytes(fact.leaf).hex(), delivery.root, delivery.link, any(shown.secret for shown in fields) or bool(secret & set(body)) or any(cell.masked for cell in guarded),
        bool(hide & {shown.name for shown in fields}) or any(cell.masked for cell in cells),
    )  # fmt: skip


def proof_of(fact_id: int) -> Proof | None:
    """The way from a fact to the root of its delivery, and whether it leads there (2 statements).

    Reads the hash of every fact of the delivery: of a very long one this takes a second, so a page asks for it by itself.
    """
    fact = Fact.objects.filter(id=fact_id).select_related("delivery").first()
    if fact is None:
        return None
    delivery = fact.delivery
    first, size = delivery.first_fact, delivery.fact_count
    sql = "SELECT leaf FROM ledger_fact WHERE id BETWEEN %s AND %s ORDER BY id"
    leaves = [bytes(leaf) for batch in store.stream(sql, [first, first + size - 1]) for (leaf,) in batch]
    levels = _levels(leaves)
    return Proof(
        bytes(fact.leaf).hex(), fact_id - first, size, tuple(step.hex() for step in _path(levels, fact_id - first)), delivery.root,
        delivery.link, delivery.id, levels[-1][0].hex() == delivery.root,
    )  # fmt: skip


def _definition(delivery: Delivery, name: str, book: Book) -> tuple[Mapping[str, Any], Record, Layout | None]:
    """The definition that a fact was received with, as it was then; labels and law are those of the book of today."""
    text = Definition.objects.filter(edition=delivery.edition).values_list("text", flat=True).first()
    definition: dict[str, Any] = orjson.loads(text) if text else {}
    then = Record.model_validate(definition["record"]) if definition else book.records[name].record
    layout = None
    if definition and delivery.source not in ("correction", "withdrawal"):
        layout = Layout.of(name, then, delivery.source, Source.model_validate(definition["source"]), book.words)
    return definition, book.records[name].record if name in book.records else then, layout


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


def _cells(row: Any, headings: Sequence[str], layout: Layout | None, hide: frozenset[str] | None) -> tuple[Cell, ...]:
    if isinstance(row, dict):
        # A correction was delivered as changes by field, not as a row with headings.
        return tuple(_cell(name, str(text), (name,), hide) for name, text in row.get("changes", {}).items())
    padded = [*headings, *[""] * (len(row) - len(headings))]
    return tuple(
        _cell(h, t, layout.targets(h) if layout else (), hide, plain=layout is not None and layout.is_plain(h))
        for h, t in zip(padded, row, strict=False)
    )


def _cell(heading: str, text: str, fields: tuple[str, ...], hide: frozenset[str] | None, *, plain: bool = True) -> Cell:
    """A cell as it is shown."""
    masked = bool(text) and hide is not None and is_hidden(fields, hide, plain=plain)
    return Cell(heading, MASK if masked else text, fields, masked)


_CHAIN = """
    WITH RECURSIVE up(id, concerns) AS (
        SELECT id, concerns FROM ledger_fact WHERE id = %s
        UNION ALL SELECT f.id, f.concerns FROM ledger_fact f JOIN up ON f.id = up.concerns
    ), down(id) AS (
        SELECT id FROM ledger_fact WHERE id = %s
        UNION ALL SELECT f.id FROM ledger_fact f JOIN down ON f.concerns = down.id
    ) SELECT id FROM up UNION SELECT id FROM down
"""


def _chain(fact: Fact, hide: frozenset[str]) -> tuple[Act, ...]:
    """The statement, and every correction and withdrawal after it; empty for a fact that nobody touched."""
    with connection.cursor() as cursor:
        cursor.execute(_CHAIN, [fact.id, fact.id])
        ids = [number for (number,) in cursor.fetchall()]
    if len(ids) == 1:
        return ()
    acts = []
    for each in Fact.objects.filter(id__in=ids).select_related("delivery").order_by("id"):
        row = orjson.loads(each.row)
        said: Mapping[str, Any] = row if isinstance(row, dict) else {}
        changes = {n: MASK if n.partition(".")[0] in hide else str(t) for n, t in said.get("changes", {}).items()}
        acts.append(
            Act(
                each.id,
                each.kind,
                each.delivery.learned_on,
                each.delivery_id,
                said.get("reason", ""),
                said.get("actor", ""),
                changes,
            )
        )
    return tuple(acts)


def _of_the_same_thing(fact: Fact) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The other statements of the same thing, before and after in the order in which they hold; at most the nearest 20 each way."""
    if fact.thing is None:
        return (), ()
    same = Fact.objects.filter(thing=fact.thing).exclude(kind=Fact.Kind.WITHDRAWAL).order_by("occurred_on", "id")
    ids = list(same.values_list("id", flat=True))
    at = ids.index(fact.id) if fact.id in ids else len(ids)
    return tuple(ids[max(0, at - 20) : at]), tuple(ids[at + 1 : at + 21])
