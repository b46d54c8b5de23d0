"""What departments state differently of a subject: a field of its card by several records, or one thing by several
units.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db.models import Count
from django.db.models.functions import Coalesce

from zhiheng.engines.identity.names import fold
from zhiheng.engines.plain_words import plain_words
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.cards import CARDS, CardFacts, FromField, spoken_of
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import Label
from zhiheng.kernel.fields.base import FieldType
from zhiheng.kernel.masking import MASK
from zhiheng.ledger.aliases import alias_key
from zhiheng.ledger.models import Alias
from zhiheng.ledger.party_links import links_of
from zhiheng.quality_file.fact_lines import shown_field, types_of
from zhiheng.quality_file.file_view import FileView

# Of a long file the latest so many statements are compared.
_LOOKED_THROUGH = 2_000


@dataclass(frozen=True)
class ConflictStatement:
    """What one unit says in a conflict."""

    unit: str
    record: str
    label: Label
    fact: int
    occurred_on: dt.date
    zh: str
    en: str


@dataclass(frozen=True)
class Conflict:
    """The same field of the same subject or thing, stated differently. ``thing`` names the thing where it is not the
    subject.
    """

    label: Label
    thing: str
    said: tuple[ConflictStatement, ...]
    secret: bool = False


def conflicts(view: FileView, *, book: Book, kind: str = "enterprise") -> tuple[Conflict, ...]:
    """What is told differently of the subject: a field of its card by several records, or one thing by several units.

    At most 4 statements. Of a long file the latest statements are compared. Secret values are compared whole and shown
    masked.
    """
    page = book[CARDS].get(kind)
    if page is None:
        return ()
    compared = [(_field_label(name, sources, page.labels, book), sources) for name, sources in page.fields.items()]
    compared += [(each.label, each.fields) for each in page.compare]
    several = view.facts().values("record").annotate(units=Count("unit", distinct=True)).filter(units__gt=1)
    by_several = [
        name
        for name in several.values_list("record", flat=True)
        if name in book[RECORDS] and book[RECORDS][name].record.key
    ]
    records = {source.record for _, sources in compared for source in sources} | set(by_several)
    told = list(
        view.standing()
        .filter(record__in=sorted(records))
        .order_by("-occurred_on", "-id")
        .values_list("id", "record", "unit", "occurred_on", "body")[:_LOOKED_THROUGH]
    )
    keys = set(Alias.objects.filter(subject_id=view.subject).values_list(Coalesce("spelling", "key"), flat=True))
    statements = [(number, record, unit, day, orjson.loads(body)) for number, record, unit, day, body in told]
    found = [
        c for label, sources in compared if (c := _told_differently(label, sources, statements, keys, book)) is not None
    ]
    found += _things_told_differently([s for s in statements if s[1] in by_several], book)
    return tuple(found)


_Statement = tuple[int, str, str, dt.date, Mapping[str, Any]]


def _roles(source: FromField | CardFacts, book: Book) -> tuple[str, ...]:
    entry = book[RECORDS].get(source.record)
    return spoken_of(source, entry) if entry is not None else ()


def _field_label(name: str, sources: Sequence[FromField], labels: Mapping[Any, Label], book: Book) -> Label:
    if name in labels:
        return labels[name]
    first = sources[0]
    return book[RECORDS][first.record].record.fields[first.field].label


def value_at(
    body: Mapping[str, Any],
    source: FromField,
    roles: Collection[str],
    keys: Collection[int],
    types: Mapping[str, FieldType],
) -> Any:
    """What a fact says in a field, of the subject whose alias keys these are; None where it says nothing of it."""
    kind = types.get(source.field)
    if kind is not None and kind.name == "party":
        for role, mention in sorted(links_of(body, None)):
            if role in roles and alias_key(mention) in keys:
                return getattr(mention, source.part or "name") or None
        return None
    value = body.get(source.field)
    return value.get(source.part) if source.part and isinstance(value, Mapping) else value


def _told_differently(
    label: Label, sources: Sequence[FromField], statements: Sequence[_Statement], keys: set[int], book: Book
) -> Conflict | None:
    said: dict[tuple[str, str], ConflictStatement] = {}
    wholes: dict[str, None] = {}
    secret = False
    for source in sources:
        entry = book[RECORDS][source.record]
        types, roles = types_of(source.record, book), _roles(source, book)
        definition = entry.record.fields[source.field]
        for number, record, unit, day, body in statements:
            # The latest that each unit says in this record; what stood before is history and no conflict.
            if record != source.record or (unit, record) in said or not _speaks(body, roles, keys):
                continue
            value = value_at(body, source, roles, keys, types)
            if value is None:
                continue
            secret = secret or definition.secret
            plain = _plainly(types, source, value)
            hidden = plain_words(plain[0], definition.type), plain_words(plain[1], definition.type)
            shown = (MASK, MASK) if definition.secret else hidden
            said[unit, record] = ConflictStatement(unit, record, entry.record.label, number, day, *shown)
            wholes[fold(plain[0])] = None
    return Conflict(label, "", tuple(said.values()), secret) if len(wholes) > 1 else None


def _plainly(types: Mapping[str, FieldType], source: FromField, value: Any) -> tuple[str, str]:
    kind = types.get(source.field)
    if source.part or kind is None or kind.name == "party":
        return str(value), str(value)
    return kind.show(value), kind.show(value, lang="en")


def _speaks(body: Mapping[str, Any], roles: Collection[str], keys: Collection[int]) -> bool:
    """Whether a fact speaks of the subject in one of the roles."""
    return any(role in roles and alias_key(mention) in keys for role, mention in links_of(body, None))


def _things_told_differently(statements: Sequence[_Statement], book: Book) -> Iterator[Conflict]:
    """Of one thing (one licence, one lift) of which several units speak, the fields in which they differ."""
    things: dict[tuple[str, str], list[_Statement]] = {}
    for statement in statements:
        record = book[RECORDS][statement[1]].record
        key = [statement[4].get(name) for name in record.key]
        if all(value is not None for value in key):
            things.setdefault((statement[1], orjson.dumps(key).decode()), []).append(statement)
    for (name, _), told in things.items():
        record, types = book[RECORDS][name].record, types_of(name, book)
        latest = {unit: statement for statement in reversed(told) for unit in (statement[2],)}
        if len(latest) < 2:
            continue
        first = told[0][4]
        thing = "、".join(shown_field(name_, record, types, first[name_]).zh for name_ in record.key)
        for part, definition in record.fields.items():
            values = {unit: s[4].get(part) for unit, s in latest.items() if s[4].get(part) is not None}
            if len({orjson.dumps(value, option=orjson.OPT_SORT_KEYS) for value in values.values()}) < 2:
                continue
            said = []
            for unit in values:
                number, _, _, day, body = latest[unit]
                shown = shown_field(part, record, types, body[part])
                said.append(ConflictStatement(unit, name, record.label, number, day, shown.zh, shown.en))
            yield Conflict(definition.label, thing, tuple(said), definition.secret)
