"""One enterprise, one file (一企一档): who it is, and what every department has said of it, in which role, since when.

Read only. Facts stay as delivered; what was corrected or withdrawn is shown with what replaced it.

It is read in pieces, each of a few statements however long the file is, narrowed by a scope in SQL:

``file_head``   names, codes, addresses and spellings (1 statement)
``timeline``    some entries, the latest first, with filters and a cursor (at most 5)
``current``     what holds now, in the groups of the book's card (at most 5)
``conflicts``   the same thing or field, stated differently (at most 5)

The terminal puts these pieces together (``quality_file/whole_file.py``); one fact with its rows, its proof and its
history is read by ``quality_file/fact_detail.py``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from zhiheng.database.paging import Keyset, Page
from zhiheng.engines.cards import CardPlan, last_fallen_out
from zhiheng.engines.identity.names import fold
from zhiheng.engines.naming import outcome_word
from zhiheng.engines.plain_words import plain_words
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.cards import CARDS, CardFacts, FromField, spoken_of
from zhiheng.grammar.chapters.record_pages import Record
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import Label
from zhiheng.kernel.actor import Scope
from zhiheng.kernel.fields.base import FieldType
from zhiheng.kernel.masking import MASK
from zhiheng.kernel.memo import Recent, Same
from zhiheng.ledger.aliases import alias_key
from zhiheng.ledger.models import Alias, Definition, Delivery, Fact, FactParty
from zhiheng.ledger.party_links import links_of
from zhiheng.quality_file.scope_filters import facts_within
from zhiheng.quality_file.standing import acts_on, next_statements, stands, statements_of

# What of a long file is looked through for what holds now and for what is told differently: the latest so many
# statements.
_LOOKED_THROUGH = 2_000
_GIST = 4
_NOT_TELLING = frozenset({"party", "long_text", "division", "uscc"})


@dataclass(frozen=True)
class SubjectSpelling:
    """A subject as it was delivered once: a name with the code, address and place that stood beside it.

    ``part``: where it is only what one unit said under it (``unit:...``), or facts that a split named (``facts:...``).
    """

    alias: int
    name: str
    code: str
    code_kind: str
    address: str
    place: str
    part: str = ""


@dataclass(frozen=True)
class FileHead:
    """Whom a file is about. Names, codes and addresses each once, in the order in which they were first delivered."""

    subject: int
    kind: str
    names: tuple[str, ...]
    codes: tuple[str, ...]
    addresses: tuple[str, ...]
    spellings: tuple[SubjectSpelling, ...]


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


@dataclass(frozen=True)
class TimelineFilters:
    """What a timeline is narrowed by; everything given must hold. ``outcome`` is pass, fail or neutral; ``fails`` one
    of ``FAILS``; ``only``: nothing but these facts.
    """

    quality: str = ""
    role: str = ""
    outcome: str = ""
    unit: str = ""
    record: str = ""
    first: dt.date | None = None
    last: dt.date | None = None
    fails: str = ""
    only: frozenset[int] | None = None


# Failures that count against a subject: of the last twelve months, and of the twelve before.
LATELY, BEFORE = "year", "before"
FAILS = (LATELY, BEFORE)


# The order of a file: the latest day first.
LATEST_DAY_FIRST = Keyset("-occurred_on", "-id")


@dataclass(frozen=True)
class GroupStanding:
    """What holds now of one group: ``total`` may be more than the lines given; ``ended`` are the latest that no longer
    hold.
    """

    id: str
    label: Label
    lines: tuple[FileLine, ...]
    total: int
    ended: tuple[FileLine, ...]


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


def _distinct(texts: Any) -> list[str]:
    return list(dict.fromkeys(t for t in texts if t))


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


def file_head(subject: int) -> FileHead | None:
    """Whom the file is about; None where there is no such subject, or nothing is linked to it any more (one
    statement).
    """
    aliases = list(Alias.objects.filter(subject_id=subject).order_by("id"))
    if not aliases:
        return None
    return FileHead(
        subject,
        aliases[0].kind,
        tuple(_distinct(plain_words(a.name) for a in aliases)),
        tuple(_distinct(a.code for a in aliases)),
        tuple(_distinct(plain_words(a.address) for a in aliases)),
        tuple(SubjectSpelling(a.id, a.name, a.code, a.code_kind, a.address, a.place, a.part or "") for a in aliases),
    )


def timeline(
    subject: int,
    *,
    book: Book,
    scope: Scope,
    as_of: dt.date,
    known_on: dt.date | None = None,
    card_area: str = "",
    filters: TimelineFilters = TimelineFilters(),
    after: str = "",
    limit: int = 20,
    counted: bool = False,
) -> Page[FileLine]:
    """The statements about a subject, the latest day first (at most 5 queries, 6 where the first page counts them).

    ``card_area`` is the area of its card: a reader who reaches that area sees the whole file. ``known_on``: only facts
    received by that day (None: all of them). ``after`` is the ``next`` of the page before; one that can't be read
    starts from the beginning.
    """
    facts = _facts_of(subject, scope, card_area, as_of, known_on, (filters.role,) if filters.role else ())
    if filters.quality:
        facts = facts.filter(record__in=[n for n, e in book[RECORDS].items() if e.record.quality == filters.quality])
    for name in ("outcome", "unit", "record"):
        if value := getattr(filters, name):
            facts = facts.filter(**{name: value})
    if filters.first is not None:
        facts = facts.filter(occurred_on__gte=filters.first)
    if filters.last is not None:
        facts = facts.filter(occurred_on__lte=filters.last)
    if filters.fails:
        facts = facts.filter(held_against(subject, book, as_of, known_on, filters.fails))
    if filters.only is not None:
        facts = facts.filter(id__in=sorted(filters.only))
    total = facts.count() if counted and not after else None
    page = LATEST_DAY_FIRST.keys(facts, after, limit).of_total(total)
    return page.made(_lines([number for _, number in page.rows], subject, book, as_of, known_on))


_PLANS: Recent[tuple[Same[Book], str], CardPlan] = Recent(8)


def plan_for(book: Book, kind: str = "enterprise") -> CardPlan | None:
    """The plan of a kind of card, made once per book."""
    page = book[CARDS].get(kind)
    if page is None:
        return None
    return _PLANS.get((Same(book), kind), lambda: CardPlan(book, page))


def window(fails: str, as_of: dt.date) -> tuple[dt.date, dt.date]:
    """After which day, and up to which, failures lie that count: those of the last twelve months, or of the twelve
    before.
    """
    lately = last_fallen_out(as_of, 12)
    return (lately, as_of) if fails == LATELY else (last_fallen_out(as_of, 24), lately)


def held_against(subject: int, book: Book, as_of: dt.date, known_on: dt.date | None, fails: str) -> Q:
    """Failures that the card of a subject counts on a day: they stand, they lie in the months that count, and the
    subject is the one that the record is about (a laboratory that found something has not failed).
    """
    after, until = window(fails, as_of)
    return _failed_itself(subject, book) & Q(occurred_on__gt=after, occurred_on__lte=until) & stands(as_of, known_on)


def _failed_itself(subject: int, book: Book) -> Q:
    plan = plan_for(book)
    if plan is None:
        return Q(pk__in=())
    own = FactParty.objects.filter(
        fact_id=OuterRef("id"), alias_id__in=Alias.objects.filter(subject_id=subject).values("id")
    )
    records: dict[frozenset[str], list[str]] = {}
    for record, roles in plan.judged.items():
        records.setdefault(roles, []).append(record)
    judged = Q(pk__in=())
    for roles, names in records.items():
        judged |= Q(record__in=names) & Q(Exists(own.filter(role__in=sorted(roles))))
    return Q(outcome="fail") & judged


def current(
    subject: int,
    *,
    book: Book,
    scope: Scope,
    as_of: dt.date,
    known_on: dt.date | None = None,
    card_area: str = "",
    kind: str = "enterprise",
    limit: int = 20,
) -> tuple[GroupStanding, ...]:
    """What holds on the day, in the groups of the book's card of this kind of subject (at most 5 statements).

    A group is given even where nothing holds in it. Of each group at most ``limit`` lines, the latest first, and as
    many that ended.
    """
    page = book[CARDS].get(kind)
    if page is None:
        return ()
    wanted = {
        (source.record, role) for group in page.groups for source in group.records for role in _roles(source, book)
    }
    facts = _facts_of(subject, scope, card_area, as_of, known_on, sorted({role for _, role in wanted}))
    holding = facts.filter(stands(as_of, known_on), record__in=sorted({record for record, _ in wanted}))
    light = list(holding.order_by("-occurred_on", "-id").values_list("id", "record", "valid_until")[:_LOOKED_THROUGH])
    roles = _roles_in(subject, [number for number, _, _ in light])
    shares: dict[str, tuple[list[int], list[int]]] = {}
    for group in page.groups:
        in_group = {(source.record, role) for source in group.records for role in _roles(source, book)}
        on, over = shares.setdefault(group.id, ([], []))
        for number, record, until in light:
            if any((record, role) in in_group for role in roles.get(number, ())):
                (on if until is None or until >= as_of else over).append(number)
    shown = {number for on, over in shares.values() for number in (*on[:limit], *over[:limit])}
    lines = {
        line.fact: line for line in _lines(sorted(shown), subject, book, as_of, known_on, roles=roles, holding=True)
    }
    return tuple(
        GroupStanding(
            group.id, group.label, tuple(lines[n] for n in on[:limit]), len(on), tuple(lines[n] for n in over[:limit])
        )
        for group in page.groups
        for on, over in (shares[group.id],)
    )


def conflicts(
    subject: int,
    *,
    book: Book,
    scope: Scope,
    as_of: dt.date,
    known_on: dt.date | None = None,
    card_area: str = "",
    kind: str = "enterprise",
) -> tuple[Conflict, ...]:
    """What is told differently of the subject: a field of its card by several records, or one thing by several units.

    At most 4 statements. Of a long file the latest statements are compared. Secret values are compared whole and shown
    masked.
    """
    page = book[CARDS].get(kind)
    if page is None:
        return ()
    compared = [(_field_label(name, sources, page.labels, book), sources) for name, sources in page.fields.items()]
    compared += [(each.label, each.fields) for each in page.compare]
    facts = _facts_of(subject, scope, card_area, as_of, known_on, ())
    several = facts.values("record").annotate(units=Count("unit", distinct=True)).filter(units__gt=1)
    by_several = [
        name
        for name in several.values_list("record", flat=True)
        if name in book[RECORDS] and book[RECORDS][name].record.key
    ]
    records = {source.record for _, sources in compared for source in sources} | set(by_several)
    told = list(
        facts.filter(stands(as_of, known_on), record__in=sorted(records))
        .order_by("-occurred_on", "-id")
        .values_list("id", "record", "unit", "occurred_on", "body")[:_LOOKED_THROUGH]
    )
    keys = set(Alias.objects.filter(subject_id=subject).values_list(Coalesce("spelling", "key"), flat=True))
    statements = [(number, record, unit, day, orjson.loads(body)) for number, record, unit, day, body in told]
    found = [
        c for label, sources in compared if (c := _told_differently(label, sources, statements, keys, book)) is not None
    ]
    found += _things_told_differently([s for s in statements if s[1] in by_several], book)
    return tuple(found)


_Statement = tuple[int, str, str, dt.date, Mapping[str, Any]]


def _facts_of(
    subject: int, scope: Scope, card_area: str, as_of: dt.date, known_on: dt.date | None, roles: Collection[str]
) -> QuerySet[Fact]:
    """The facts about a subject that a scope shows, as a query. The list of ids is what the databases begin with."""
    links = FactParty.objects.filter(alias_id__in=Alias.objects.filter(subject_id=subject).values("id"))
    if roles:
        links = links.filter(role__in=roles)
    facts = Fact.objects.filter(
        facts_within(scope, card_area=card_area, subject=subject), id__in=links.values("fact_id")
    )
    facts = facts.filter(occurred_on__lte=as_of)
    return facts if known_on is None else facts.filter(delivery__learned_on__lte=known_on)


def _roles_in(subject: int, facts: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The roles of a subject in each of some facts."""
    aliases = Alias.objects.filter(subject_id=subject).values("id")
    found: dict[int, list[str]] = {}
    links = FactParty.objects.filter(alias_id__in=aliases, fact_id__in=facts)
    for fact, role in links.values_list("fact_id", "role"):
        found.setdefault(fact, []).append(role)
    return {fact: tuple(sorted(set(roles))) for fact, roles in found.items()}


def _lines(
    facts: Sequence[int],
    subject: int,
    book: Book,
    as_of: dt.date,
    known_on: dt.date | None,
    *,
    roles: Mapping[int, tuple[str, ...]] | None = None,
    holding: bool = False,
) -> list[FileLine]:
    """The lines of some facts, in the order given; ``holding`` says that nothing replaced or outdated them."""
    if not facts:
        return []
    found = {f.id: f for f in Fact.objects.filter(id__in=facts).select_related("delivery").defer("row", "leaf")}
    roles = _roles_in(subject, facts) if roles is None else roles
    later = {} if holding else acts_on(facts, known_on)
    things = set() if holding else {f.thing for f in found.values() if f.thing is not None}
    outdated = next_statements(statements_of(things, as_of, known_on))
    records = records_of(
        {f.delivery_id: f.record for f in found.values()}, {f.delivery_id: f.delivery for f in found.values()}, book
    )
    return [
        _line(found[n], records[found[n].delivery_id], roles.get(n, ()), later.get(n), outdated.get(n), book)
        for n in facts
    ]


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


OUTCOME_LABEL = Label(zh="结果", en="Outcome")


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


# -- what is told differently ------------------------------------------------------------------------------------------


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
