"""A fact as a list shows it: in the words of its record, a few of its fields that tell most, nothing secret.

``file_lines`` makes the lines of facts that were read; the timeline, what holds now and what is urgent all show these.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from zhiheng.engines.naming import outcome_word
from zhiheng.engines.plain_words import plain_words
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.cards import CARDS
from zhiheng.grammar.chapters.record_pages import Record
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import Label
from zhiheng.kernel.fields.base import FieldType
from zhiheng.kernel.masking import MASK
from zhiheng.ledger.models import Definition, Delivery, Fact

_GIST = 4
_NOT_TELLING = frozenset({"party", "long_text", "division", "uscc"})

OUTCOME_LABEL = Label(zh="结果", en="Outcome")


@dataclass(frozen=True)
class ShownField:
    """A field's value as people read it. Unless it was asked for unmasked, a secret one is masked, and so is what
    identifies a person in any other words; ``masked``: something was.
    """

    name: str
    label: Label
    zh: str
    en: str
    secret: bool = False
    masked: bool = False


@dataclass(frozen=True)
class FileLine:
    """One fact of a file as a list shows it; ``gist`` are a few of its fields that tell most, none of them secret.

    ``replaced_by``: the correction or withdrawal that took its place; ``outdated_by``: a later statement of the same
    thing; ``verdict``: the field that the outcome comes from, in the record's own words (合格, 罚款, 吊销).
    """

    fact: int
    record: str
    label: Label
    quality: str
    roles: tuple[str, ...]
    occurred_on: dt.date
    valid_until: dt.date | None
    outcome: str | None
    severity: str
    unit: str
    learned_on: dt.date
    delivery: int
    row_number: int
    flags: tuple[str, ...]
    kind: str
    replaced_by: int | None
    withdrawn: bool
    outdated_by: int | None
    gist: tuple[ShownField, ...]
    verdict: ShownField | None = None

    def ended(self, day: dt.date) -> bool:
        """Whether what it says has ended by the day."""
        return self.valid_until is not None and self.valid_until < day


# -- reading -----------------------------------------------------------------------------------------------------------


def records_of(record_of: Mapping[int, str], deliveries: Mapping[int, Delivery], book: Book) -> dict[int, Record]:
    """Delivery -> its record: as the book has it today, or where it has gone from the book, as it was when received."""
    gone = {deliveries[n].edition for n, record in record_of.items() if record not in book[RECORDS]}
    kept = dict(Definition.objects.filter(edition__in=gone).values_list("edition", "text"))
    found = {}
    for number, name in record_of.items():
        if name in book[RECORDS]:
            found[number] = book[RECORDS][name].record
        else:
            found[number] = Record.model_validate(orjson.loads(kept[deliveries[number].edition])["record"])
    return found


def file_lines(
    numbers: Collection[int],
    facts: Mapping[int, Fact],
    roles: Mapping[int, tuple[str, ...]],
    *,
    book: Book,
    later: Mapping[int, tuple[int, str]] | None = None,
    outdated: Mapping[int, int] | None = None,
) -> dict[int, FileLine]:
    """The lines of some facts that were read, by their numbers.

    ``roles``: in which roles the subject of the file stands in each. ``later``: the act that took a fact's place, with
    its kind; ``outdated``: the next statement of the same thing. Without them nothing took the place of any.
    """
    some = {number: facts[number] for number in numbers}
    records = records_of(
        {fact.delivery_id: fact.record for fact in some.values()},
        {fact.delivery_id: fact.delivery for fact in some.values()},
        book,
    )
    return {
        number: _line(
            fact,
            records[fact.delivery_id],
            roles.get(number, ()),
            (later or {}).get(number),
            (outdated or {}).get(number),
            book,
        )
        for number, fact in some.items()
    }


def _line(
    fact: Fact, record: Record, roles: tuple[str, ...], later: tuple[int, str] | None, outdated: int | None, book: Book
) -> FileLine:
    by, kind = later or (None, "")
    types, body = types_of(fact.record, book), orjson.loads(fact.body)
    return FileLine(
        fact.id,
        fact.record,
        record.label,
        record.quality,
        roles,
        fact.occurred_on,
        fact.valid_until,
        fact.outcome,
        severity_of(record, fact.outcome),
        fact.unit,
        fact.delivery.learned_on,
        fact.delivery_id,
        fact.row_number,
        tuple(filter(None, fact.flags.split(","))),
        fact.kind,
        by,
        kind == Fact.Kind.WITHDRAWAL,
        outdated,
        _gist(record, types, body, _called_by(fact.record, book)),
        verdict_of(fact.outcome, record, types, body),
    )


# -- values ------------------------------------------------------------------------------------------------------------


def verdict_of(
    outcome: str | None, record: Record, types: Mapping[str, FieldType], body: Mapping[str, Any]
) -> ShownField | None:
    """What came out of it, in the words of the record (合格, 罚款, 已报); nothing where it says nothing of the kind."""
    name = record.outcome.field if record.outcome else ""
    value = shown_field(name, record, types, body[name]) if body.get(name) is not None else None
    word = outcome_word(outcome, record, types, Label(zh=value.zh, en=value.en) if value is not None else None)
    if word is None:
        return None
    if value is not None:
        return replace(value, zh=word.zh, en=word.en)
    return ShownField(name, OUTCOME_LABEL, word.zh, word.en, False, False)


def severity_of(record: Record, outcome: str | None) -> str:
    """How serious such an outcome is, in the words of the record; nothing where it says none."""
    return next((severity for said, severity in record.severity.items() if said == outcome), "")


def types_of(record: str, book: Book) -> Mapping[str, FieldType]:
    """The field types of a record, to show its values; none where it has gone from the book."""
    return next(iter(book[RECORDS][record].types.values())) if record in book[RECORDS] else {}


def shown_field(
    name: str, record: Record, types: Mapping[str, FieldType], value: Any, *, unmasked: bool = False
) -> ShownField:
    """A value of a fact as people read it; not asked for unmasked, a secret one is masked, and so is in any words what
    identifies a person.
    """
    definition = record.fields.get(name)
    kind = types.get(name)
    secret = definition is not None and definition.secret
    label = definition.label if definition is not None else Label(zh=name, en=name)
    if kind is None:
        zh = en = value if isinstance(value, str) else orjson.dumps(value).decode()
    else:
        zh, en = kind.show(value), kind.show(value, lang="en")
    if secret and not unmasked:
        hidden = kind.show(value, masked=True) if kind is not None else ""
        # A type that has nothing of its own to hide gives the value back: then nothing of it is shown.
        zh = en = hidden if hidden != zh else MASK
        return ShownField(name, label, zh, en, secret, masked=True)
    if unmasked:
        return ShownField(name, label, zh, en, secret)
    typed = definition.type if definition is not None else ""
    plain = plain_words(zh, typed), plain_words(en, typed)
    return ShownField(name, label, *plain, secret, plain != (zh, en))


def _called_by(record: str, book: Book) -> tuple[str, ...]:
    """The fields by which things of a record are called: those by which the book's cards find them, or say what
    ends.
    """
    found: dict[str, None] = {}
    for page in book[CARDS].values():
        for sources in (page.expiring, *(search.from_ for search in page.search.values())):
            found |= dict.fromkeys(source.field for source in sources if source.record == record)
    return tuple(found)


def _gist(
    record: Record, types: Mapping[str, FieldType], body: Mapping[str, Any], called_by: Sequence[str] = ()
) -> tuple[ShownField, ...]:
    told = []
    plain = {record.on, record.until, record.outcome.field if record.outcome else None}
    first = [name for name in called_by if name in record.fields]
    for name in dict.fromkeys((*first, *record.fields)):
        definition = record.fields[name]
        if definition.secret or definition.type in _NOT_TELLING or name in plain or body.get(name) is None:
            continue
        told.append(shown_field(name, record, types, body[name]))
        if len(told) == _GIST:
            break
    return tuple(told)
