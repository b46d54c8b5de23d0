"""Reads a book whole, and reports every mistake in it with file, line, field and what to write instead.

Nothing imports the book: this loader reads its folder. What a record's ``clean.py`` defines is called, never imported
by name.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, TypeAdapter, ValidationError

from zhiheng.grammar import (
    additions,
)
from zhiheng.grammar.book_code import executed
from zhiheng.grammar.chapters import codes
from zhiheng.grammar.chapters.calendars import load_calendar
from zhiheng.grammar.chapters.cards import CardPage, card_errors, roles_of
from zhiheng.grammar.chapters.cockpit import Cockpit, cockpit_of
from zhiheng.grammar.chapters.corner import Corner, load_corner
from zhiheng.grammar.chapters.credit import CreditExtract, load_credit
from zhiheng.grammar.chapters.district import District
from zhiheng.grammar.chapters.documents import Paper, load_documents
from zhiheng.grammar.chapters.glossary import load_glossary
from zhiheng.grammar.chapters.headings import HEADINGS, NO_BOOK_WORDS, BookWords, heading_key, load_headings
from zhiheng.grammar.chapters.headings import NO_WORDS as NO_HEADING_WORDS
from zhiheng.grammar.chapters.indicators import Indicator, Measure
from zhiheng.grammar.chapters.law import load_law
from zhiheng.grammar.chapters.parties import PARTIES, load_parties
from zhiheng.grammar.chapters.publication import Publications, load_publications
from zhiheng.grammar.chapters.record_pages import Examples, FieldDefinition, Record, Rule, Source
from zhiheng.grammar.chapters.roles import Role, mistakes
from zhiheng.grammar.chapters.targets import Goals
from zhiheng.grammar.chapters.workflows import WorkflowEntry, load_workflows
from zhiheng.grammar.types import ROLES, Label
from zhiheng.grammar.yaml import BookError, BookRefused, Document, read, validated
from zhiheng.kernel.collecting import without_collecting
from zhiheng.kernel.days import Calendar
from zhiheng.kernel.fields.base import FieldType, Value
from zhiheng.kernel.fields.by_name import BY_NAME
from zhiheng.kernel.fields.measures import measure
from zhiheng.kernel.fields.party_words import NO_WORDS as NO_PARTY_WORDS
from zhiheng.kernel.law import Law

M = TypeVar("M", bound=BaseModel)
EXAMPLES = "examples.yaml"


@dataclass(frozen=True)
class RecordEntry:
    """A record type of the book with everything in its folder."""

    id: str
    department: str
    folder: Path
    record: Record
    sources: Mapping[str, Source]
    types: Mapping[str, Mapping[str, FieldType]] = field(repr=False)
    clean: Callable[[dict[str, Value]], Any] | None = None
    clean_text: str = ""
    words: BookWords = NO_BOOK_WORDS

    @cached_property
    def examples(self) -> Examples:
        """The rows to accept and to refuse, read when somebody asks: they are half of all the words of a book, and no
        page waits for them. Raises BookRefused with every mistake in them, which the check of a book tells.
        """
        return validated(Examples, self.folder / EXAMPLES, root=self.folder.parents[2])

    def definition(self, source: str, as_read: Source | None = None) -> str:
        """The record and one of its sources as canonical JSON: what the edition is the digest of.

        ``as_read`` is the source as it was understood for one table, where its headings were read by other words of the
        book.
        """
        return orjson.dumps(
            {
                "words": self.words.digest,
                "record": self.record.model_dump(mode="json", by_alias=True, exclude_defaults=True),
                "source": (as_read or self.sources[source]).model_dump(
                    mode="json", by_alias=True, exclude_defaults=True
                ),
                "clean": self.clean_text,
            },
            option=orjson.OPT_SORT_KEYS,
        ).decode()

    def edition(self, source: str, as_read: Source | None = None) -> str:
        """SHA-256 of the definition, stored with everything that was received with it."""
        return sha256(self.definition(source, as_read).encode()).hexdigest()


@dataclass(frozen=True)
class Book:
    """A whole book: immutable, read once."""

    root: Path
    district: District
    records: Mapping[str, RecordEntry]
    indicators: Mapping[str, Indicator]
    targets: Mapping[str, Goals] = field(default_factory=dict)
    cockpits: Mapping[str, Cockpit] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    cards: Mapping[str, CardPage] = field(default_factory=dict)
    words: BookWords = NO_BOOK_WORDS

    @cached_property
    def areas_below(self) -> Mapping[str, frozenset[str]]:
        """Each area -> its own code and those of everything beneath it."""
        below: dict[str, set[str]] = {area.code: {area.code} for area in self.district.areas}
        parents = {area.code: area.parent for area in self.district.areas}
        for code in parents:
            above = parents[code]
            while above is not None:
                below[above].add(code)
                above = parents[above]
        return MappingProxyType({code: frozenset(inside) for code, inside in below.items()})

    @cached_property
    def names(self) -> Mapping[str, Label]:
        """What areas (by code) and units (by id) are called."""
        return MappingProxyType(
            {
                **{area.code: area.name for area in self.district.areas},
                **{unit.id: unit.name for unit in self.district.units},
            }
        )

    @cached_property
    def area_of_unit(self) -> Mapping[str, str]:
        """Each unit -> the area at whose node it stands."""
        return MappingProxyType({unit.id: unit.area for unit in self.district.units})

    def cockpit(self, area: str) -> Cockpit | None:
        """What stands on the cockpit of an area; None where the book says nothing of it."""
        return cockpit_of(self.cockpits.values(), self.district, area)

    @cached_property
    def documents(self) -> Mapping[str, Paper]:
        """The papers that offices hand out, by the name of their folder."""
        return load_documents(self.root)

    @cached_property
    def publications(self) -> Publications | None:
        """What is published, how and until when; None where the book has no portal."""
        return load_publications(self)

    @cached_property
    def calendar(self) -> Calendar:
        """The working days of every year that has a page."""
        return load_calendar(self.root / "calendars", root=self.root)

    @cached_property
    def law(self) -> Law:
        """Every dated parameter."""
        return load_law(self.root / "law", root=self.root)

    @cached_property
    def corner(self) -> Corner | None:
        """What enterprises do in their corner; None where the book has none."""
        return load_corner(self)

    @cached_property
    def credit(self) -> Mapping[str, CreditExtract]:
        """What an enterprise may open to financial institutions, by the name of the page."""
        return load_credit(self)

    @cached_property
    def workflows(self) -> Mapping[str, WorkflowEntry]:
        """The procedures that cases follow, by the name of their folder."""
        return load_workflows(self)

    @cached_property
    def divisions(self) -> Mapping[str, str]:
        """Every spelling of an area -> its code."""
        return divisions_of(self.district)

    def indicator_edition(self, name: str) -> str:
        """SHA-256 of an indicator's definition."""
        dump = self.indicators[name].model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return sha256(orjson.dumps(dump, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _terms(root: Path) -> Mapping[str, str]:
    """Chinese term of the glossary -> English; none where the page can't be read, which the check of the chapters
    tells.
    """
    try:
        return {term.zh: term.en for term in load_glossary(root / "glossary.yaml", root=root).terms}
    except (BookRefused, OSError):
        return {}


def divisions_of(district: District) -> Mapping[str, str]:
    """Codes, names, other spellings and full paths (city + district + sub-district) of all areas -> code.

    A name that two areas share stands only with its parent before it.
    """
    by_code = {area.code: area for area in district.areas}
    found: dict[str, str | None] = {}
    for area in district.areas:
        found[area.code] = area.code
        for name in (area.name.zh, *area.also):
            full, parent = name, area.parent
            spellings = [full]
            while parent is not None:
                full = by_code[parent].name.zh + full
                spellings.append(full)
                parent = by_code[parent].parent
            for spelling in spellings:
                found[spelling] = area.code if found.get(spelling, area.code) == area.code else None
    return MappingProxyType({name: code for name, code in found.items() if code is not None})


def current(root: Path, added: Path) -> Book:
    """The book of an installation with what was added to it here, read once per process and again when something is
    added.

    Where nothing is added it is the book of the folder, whichever installation asks.
    """
    mark = additions.mark(added)
    return _current(root, added if mark else None, mark)


@functools.lru_cache(maxsize=4)
def _current(root: Path, added: Path | None, _mark: tuple[str, ...]) -> Book:
    return load(root, added)


def load(root: Path, added: Path | None = None) -> Book:
    """The book in a folder, with the headings that an installation keeps in ``added``. Raises BookRefused with every
    mistake found in any of its files; the chapters that only some readers need are read when they are asked for.
    """
    with without_collecting():
        return _loaded(root, added)


def _loaded(root: Path, added: Path | None) -> Book:
    errors: list[BookError] = []
    if not (root / "district.yaml").is_file():
        raise BookRefused(
            BookError(
                "book.absent",
                f"“{root}”里没有 district.yaml，不是一本规则书；请检查 ZHIHENG_BOOK 的路径。",
                f"There is no district.yaml in {root}: not a book. Check the path in ZHIHENG_BOOK.",
                file="district.yaml",
            )
        )
    district = _page(District, root / "district.yaml", root, errors)
    injected: dict[str, dict[str, Any]] = {}
    try:
        injected["industry"] = {"editions": codes.industries(root / "codes")}
    except BookRefused as refused:
        errors += refused.errors
    words = _words(root, errors)
    if district is not None:
        divisions = {"divisions": divisions_of(district)}
        injected["party"] = divisions | {"words": words.parties}
        injected["division"] = divisions | {"english": {area.code: area.name.en for area in district.areas}}
    injected["choice"] = injected["multi_choice"] = {"terms": _terms(root)}
    records: dict[str, RecordEntry] = {}
    more = additions.read(added) if added is not None else ()
    for path in sorted((root / "records").glob("*/*/record.yaml")):
        entry = _record(path, root, injected, words, errors, more)
        if entry is None:
            continue
        if entry.id in records:
            errors.append(_twice(path, root, entry.id))
        records[entry.id] = entry
    indicators: dict[str, Indicator] = {}
    for path in sorted((root / "indicators").glob("**/*.yaml")):
        try:
            document = read(path, root=root)
            indicator = validated(Indicator, document)
        except BookRefused as refused:
            errors += refused.errors
            continue
        if path.stem in indicators:
            errors.append(_twice(path, root, path.stem))
        errors += _indicator_errors(indicator, document, records)
        indicators[path.stem] = indicator
    targets = _pages(Goals, root / "targets", root, errors, partial(_goal_errors, indicators, district))
    cockpits = _pages(Cockpit, root / "cockpit", root, errors, partial(_cockpit_errors, indicators, records, district))
    roles = _pages(Role, root / "roles", root, errors, _role_errors)
    cards = _pages(CardPage, root / "cards", root, errors, partial(_card_errors, records))
    if district is not None and not errors:
        document = read(root / "district.yaml", root=root)
        for index, unit in enumerate(district.units):
            for name in unit.records:
                if records and name not in records:
                    errors.append(
                        document.error(
                            ("units", index, "records"),
                            f"没有名为“{name}”的记录类型；请改成 records 目录下的名称。",
                            f"There is no record {name!r}; use a name of a folder under records.",
                        )
                    )
    if errors or district is None:
        raise BookRefused(*errors)
    return Book(
        root, district, MappingProxyType(records), MappingProxyType(indicators), targets, cockpits, roles, cards, words
    )


def _page(model: type[M], path: Path, root: Path, errors: list[BookError]) -> M | None:
    try:
        return validated(model, path, root=root)
    except BookRefused as refused:
        errors += refused.errors
        return None


def _pages(
    model: type[M],
    folder: Path,
    root: Path,
    errors: list[BookError],
    check: Callable[[M, str, Document], Iterator[BookError]],
) -> Mapping[str, M]:
    """The pages of a folder by the name of their file, each checked against the rest of the book."""
    found: dict[str, M] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            document = read(path, root=root)
            page = validated(model, document)
        except BookRefused as refused:
            errors += refused.errors
            continue
        errors += check(page, path.stem, document)
        found[path.stem] = page
    return MappingProxyType(found)


def _card_errors(
    records: Mapping[str, RecordEntry], page: CardPage, name: str, document: Document
) -> Iterator[BookError]:
    """A card names records, roles and fields that the book has, and its file is called as what it is of."""
    if name != page.of:
        yield document.error(
            ("of",),
            f"文件名“{name}”与 of 写的“{page.of}”不同；请改成同一个。",
            f"The file is called {name!r} but is of {page.of!r}; give both one name.",
        )
    if records:
        yield from card_errors(page, document, records)


def _goal_errors(
    indicators: Mapping[str, Indicator], district: District | None, goals: Goals, name: str, document: Document
) -> Iterator[BookError]:
    """A goal belongs to an indicator that exists, names areas that exist, and no area has two on one day."""
    if indicators:
        yield from document.unknown_names((), [name], indicators, "指标", "indicator")
    areas = {area.code for area in district.areas} if district is not None else set()
    for index, goal in enumerate(goals.goals):
        yield from document.unknown_names(("goals", index), goal.indicators(), indicators, "指标", "indicator")
        if district is not None:
            yield from document.unknown_names(("goals", index, "areas"), goal.areas, areas, "区域", "area")
    for earlier, later, area in goals.twice(district) if district is not None else ():
        yield document.error(
            ("goals", later),
            f"区域 {area} 在同一天有两个目标（第 {earlier + 1} 个与第 {later + 1} 个）；请改正 from、until 或 areas。",
            f"Area {area} has two goals on one day (number {earlier + 1} and {later + 1}); correct from, until or "
            "areas.",
        )


def _cockpit_errors(
    indicators: Mapping[str, Indicator],
    records: Mapping[str, RecordEntry],
    district: District | None,
    cockpit: Cockpit,
    _name: str,
    document: Document,
) -> Iterator[BookError]:
    """What stands on a cockpit exists, a card of a quality shows that quality, and what runs out has a last day."""
    for quality, card in cockpit.qualities.items():
        names = [shown.indicator for shown in card.shown()]
        yield from document.unknown_names(("qualities", quality), names, indicators, "指标", "indicator")
        headline = indicators.get(card.headline.indicator)
        if headline is not None and headline.quality != quality:
            yield document.error(
                ("qualities", quality, "headline"),
                f"指标“{card.headline.indicator}”属于 {headline.quality}，不属于 {quality}；请换一个指标。",
                f"Indicator {card.headline.indicator!r} is one of {headline.quality}, not of {quality}; choose "
                "another.",
            )
    for index, card in enumerate(cockpit.key):
        names = [shown.indicator for shown in card.shown()]
        yield from document.unknown_names(("key", index), names, indicators, "指标", "indicator")
    yield from document.unknown_names(("map",), [s.indicator for s in cockpit.map], indicators, "指标", "indicator")
    if district is not None:
        yield from document.unknown_names(
            ("areas",), cockpit.areas, {area.code for area in district.areas}, "区域", "area"
        )
    lists = cockpit.changed.lists if cockpit.changed else ()
    expired = cockpit.overdue.expired if cockpit.overdue else ()
    for where, named in ((("changed", "lists"), lists), (("overdue", "expired"), expired)):
        if records:
            yield from document.unknown_names(where, named, records, "记录类型", "record")
    for record in expired:
        if record in records and records[record].record.until is None:
            yield document.error(
                ("overdue", "expired"),
                f"记录“{record}”没有有效期（until），不会过期；请去掉。",
                f"Record {record!r} has no last day (until), so it never runs out; take it out.",
            )


def _role_errors(role: Role, _name: str, document: Document) -> Iterator[BookError]:
    for where, zh, en in mistakes(role):
        yield document.error(where, zh, en, code="book.role")


def _words(root: Path, errors: list[BookError]) -> BookWords:
    """The words around headings and about parties; of a page that can't be read there are none, and its mistakes are
    told.
    """
    headings, parties = NO_HEADING_WORDS, NO_PARTY_WORDS
    try:
        headings = load_headings(root / HEADINGS, root=root)
    except BookRefused as refused:
        errors += refused.errors
    try:
        parties = load_parties(root / PARTIES, root=root)
    except BookRefused as refused:
        errors += refused.errors
    return BookWords(headings, parties)


def _twice(path: Path, root: Path, name: str) -> BookError:
    return BookError(
        "book.twice",
        f"“{name}”已在别处定义过；请改名。",
        f"{name!r} is defined elsewhere already; rename it.",
        file=path.relative_to(root).as_posix(),
    )


def _record(
    path: Path,
    root: Path,
    injected: Mapping[str, Mapping[str, Any]],
    words: BookWords,
    errors: list[BookError],
    more: Sequence[additions.Addition] = (),
) -> RecordEntry | None:
    folder = path.parent
    try:
        document = read(path, root=root)
        record = validated(Record, document)
    except BookRefused as refused:
        errors += refused.errors
        return None
    before = len(errors)
    errors += _type_errors(record, document)
    base: dict[str, FieldType] = {}
    for name, definition in record.fields.items():
        made = _field_type(definition, definition.options, injected, document, ("fields", name, "options"))
        if isinstance(made, FieldType):
            base[name] = made
        else:
            errors += made
    sources: dict[str, Source] = {}
    types: dict[str, Mapping[str, FieldType]] = {}
    for page in sorted((folder / "sources").glob("*.yaml")):
        try:
            source_document = read(page, root=root)
            source = validated(Source, source_document)
        except BookRefused as refused:
            errors += refused.errors
            continue
        found = list(_source_errors(record, base, source, source_document))
        errors += found
        own = dict(base)
        for name, options in source.options.items():
            if name in base and not found:
                made = _field_type(
                    record.fields[name],
                    {**record.fields[name].options, **options},
                    injected,
                    source_document,
                    ("options", name),
                )
                if isinstance(made, FieldType):
                    own[name] = made
                else:
                    errors += made
        here = [each for each in more if (each.record, each.source) == (folder.name, page.stem)]
        sources[page.stem] = additions.merged(source, record, own, here) if here else source
        types[page.stem] = own
    if not sources:
        errors.append(
            document.error(
                (),
                "还没有来源；请在 sources 目录下写至少一个文件，例如 standard.yaml。",
                "There is no source; write at least one file in the folder sources, for example standard.yaml.",
            )
        )
    if not (folder / EXAMPLES).is_file():
        errors.append(
            document.error(
                (),
                "缺少 examples.yaml；请写至少一行应接收和一行应退回的样例。",
                "examples.yaml is missing; write at least one row to accept and one to refuse.",
            )
        )
    clean, clean_text = _clean(folder, document, errors)
    if len(errors) > before:
        return None
    entry = RecordEntry(folder.name, folder.parent.name, folder, record, sources, types, clean, clean_text, words)
    errors += _place_errors(entry, document)
    return entry


def _place_errors(entry: RecordEntry, document: Document) -> Iterator[BookError]:
    """Whose place counts stands in the record: a role that it names."""
    roles = roles_of(entry)
    for index, role in enumerate(entry.record.place_of):
        if role not in roles:
            yield document.error(
                ("place_of", index),
                f"这个记录里没有角色“{role}”；可用：{'、'.join(roles) or '（无）'}。",
                f"The record has no role {role!r}; use one of: {', '.join(roles) or '(none)'}.",
            )


def _clean(
    folder: Path, document: Document, errors: list[BookError]
) -> tuple[Callable[[dict[str, Value]], Any] | None, str]:
    path = folder / "clean.py"
    if not path.is_file():
        return None, ""
    try:
        return executed(path).clean_row, path.read_text("utf-8")
    except Exception as cause:  # Whatever a book's own code raises is a mistake of the book, told as such.
        errors.append(
            document.error(
                (),
                f"clean.py 无法使用（{cause}）；请定义函数 clean_row(row)。",
                f"clean.py can't be used ({cause}); define a function clean_row(row).",
            )
        )
        return None, ""


def _type_errors(record: Record, document: Document) -> Iterator[BookError]:
    for name, definition in record.fields.items():
        if definition.type not in BY_NAME:
            yield document.error(
                ("fields", name, "type"),
                f"没有名为“{definition.type}”的字段类型；可用：{'、'.join(BY_NAME)}。",
                f"There is no field type {definition.type!r}; use one of {', '.join(BY_NAME)}.",
            )
    for name, definition in record.fields.items():
        known = BY_NAME[definition.type].parts if definition.type in BY_NAME else tuple(definition.parts)
        for part in definition.parts:
            if part not in known:
                yield document.error(
                    ("fields", name, "parts", part),
                    f"字段类型 {definition.type} 没有“{part}”这一部分；可用：{'、'.join(known) or '（无）'}。",
                    f"Field type {definition.type} has no part {part!r}; use one of: {', '.join(known) or '(none)'}.",
                )
    for attribute, wanted in (("on", "day"), ("until", "day"), ("area", "division")):
        name = getattr(record, attribute)
        if name in record.fields and record.fields[name].type != wanted:
            yield document.error(
                (attribute,),
                f"“{attribute}”要指向类型为 {wanted} 的字段，“{name}”是 {record.fields[name].type}；请改指另一字段。",
                f"{attribute} names a field of type {wanted}; {name!r} is {record.fields[name].type}. Name another "
                "field.",
            )


def _field_type(
    definition: FieldDefinition,
    options: Mapping[str, Any],
    injected: Mapping[str, Mapping[str, Any]],
    document: Document,
    where: tuple[str | int, ...],
) -> FieldType | list[BookError]:
    kind = BY_NAME.get(definition.type)
    if kind is None:
        return []
    known = {f.name for f in dataclasses.fields(kind)} - set(injected.get(definition.type, {}))
    unknown = sorted(set(options) - known)
    if unknown:
        return [
            document.error(
                (*where, name),
                f"字段类型 {definition.type} 没有选项“{name}”；可用：{'、'.join(sorted(known)) or '（无）'}。",
                f"Field type {definition.type} has no option {name!r}; use one of: "
                f"{', '.join(sorted(known)) or '(none)'}.",
            )
            for name in unknown
        ]
    role = options.get("role")
    if definition.type == "party" and role is not None and role not in ROLES:
        return [
            document.error(
                (*where, "role"),
                f"没有名为“{role}”的角色；可用：{'、'.join(ROLES)}。",
                f"There is no role {role!r}; use one of {', '.join(ROLES)}.",
            )
        ]
    try:
        made: FieldType = _adapter(kind).validate_python({**options, **injected.get(definition.type, {})})
    except ValidationError as cause:
        return [
            document.error(
                (*where, *error["loc"]),
                f"选项的写法不对（{error['msg']}）；请对照 docs/reference/field-types.md。",
                f"The option is not written as it should be ({error['msg']}); see docs/reference/field-types.md.",
            )
            for error in cause.errors()
        ]
    return made


@functools.cache
def _adapter(kind: type[FieldType]) -> TypeAdapter[FieldType]:
    """What makes a field type of its options; a book has hundreds of fields and some fifteen types."""
    return TypeAdapter(kind)


def _source_errors(
    record: Record, types: Mapping[str, FieldType], source: Source, document: Document
) -> Iterator[BookError]:
    targets = [(("columns", heading), target) for heading in source.columns for target in source.targets(heading)]
    targets += [(("fixed", target), target) for target in source.fixed]
    for where, target in targets:
        name, _, part = target.partition(".")
        if name not in record.fields:
            yield document.error(
                where,
                f"这个记录没有字段“{name}”；可用：{'、'.join(record.fields)}。",
                f"The record has no field {name!r}; use one of {', '.join(record.fields)}.",
            )
        elif part and name in types and part not in types[name].parts:
            yield document.error(
                where,
                f"字段“{name}”没有“{part}”这一部分；可用：{'、'.join(types[name].parts) or '（无）'}。",
                f"Field {name!r} has no part {part!r}; use one of: {', '.join(types[name].parts) or '(none)'}.",
            )
    fed = {target.partition(".")[0] for _, target in targets}
    for name in {*record.required, record.on} - fed:
        yield document.error(
            ("columns",),
            f"必填字段“{name}”没有对应的列；请在 columns 或 fixed 中补上。",
            f"The required field {name!r} is fed by no column; add it to columns or fixed.",
        )
    for name in source.options:
        if name not in record.fields:
            yield document.error(
                ("options", name),
                f"这个记录没有字段“{name}”；请改名。",
                f"The record has no field {name!r}; rename it.",
            )
    for name, unit in source.units.items():
        if name not in types or measure(unit) is None:
            yield document.error(
                ("units", name),
                f"units 里写的是字段和它的单位；“{name}: {unit}”里没有这个字段，或不认识这个单位。",
                f"units has fields with their units; in '{name}: {unit}' there is no such field, or the unit is not "
                "known.",
            )
    for name in source.without:
        if name not in record.fields:
            yield document.error(
                ("without",),
                f"这个记录没有字段“{name}”；可用：{'、'.join(record.fields)}。",
                f"The record has no field {name!r}; use one of {', '.join(record.fields)}.",
            )
    yield from _heading_errors(record, source, document)
    for index, rule in enumerate(source.rules):
        yield from _rule_errors(rule, record, document, ("rules", index))


def _heading_errors(record: Record, source: Source, document: Document) -> Iterator[BookError]:
    """What a column that is not used may hold is said where the record has anything secret, and no heading is both used
    and not.
    """
    if any(field.secret for field in record.fields.values()):
        unsaid = [heading for heading, held in source.ignored.items() if held == "unsaid"]
        unsaid += [heading for heading, held in record.ignored.items() if held == "unsaid"]
        if unsaid:
            yield document.error(
                ("ignored",),
                f"这个记录有涉密字段，不使用的列要写明能不能显示：{'、'.join(unsaid)}；请写成 {{{unsaid[0]}: secret}} "
                "或 plain。",
                "The record has secret fields, so each ignored column says whether it may be shown: "
                f"{', '.join(unsaid)}. Write {{{unsaid[0]}: secret}} or plain.",
            )
    ignored = {heading_key(heading): heading for heading in (*record.ignored, *source.ignored)}
    for name, field_ in record.fields.items():
        for word in (field_.label.zh, *field_.synonyms, *(word for words in field_.parts.values() for word in words)):
            if (key := heading_key(word)) in ignored and ignored[key] in record.ignored:
                yield document.error(
                    ("ignored",),
                    f"“{word}”既是字段“{name}”的写法，又列为不使用；请删去一处。",
                    f"{word!r} is a word for the field {name!r} and is ignored as well; delete one of them.",
                )
    for heading in (*source.columns,):
        if heading in source.ignored:
            yield document.error(
                ("ignored",),
                f"“{heading}”既对应字段，又列为不使用；请删去一处。",
                f"{heading!r} feeds a field and is ignored as well; delete one of them.",
            )


def _rule_errors(rule: Rule, record: Record, document: Document, where: tuple[str | int, ...]) -> Iterator[BookError]:
    for name in (*rule.in_order, *rule.differ, *rule.needs, *rule.when):
        if name not in record.fields:
            yield document.error(
                where,
                f"规则“{rule.code}”提到的字段“{name}”不存在；请改成记录中的字段。",
                f"Rule {rule.code!r} names the field {name!r}, which the record does not have; name one it has.",
            )


COMMON_COLUMNS = ("outcome", "severity", "area", "unit", "flags", "occurred_on", "valid_until")


def _indicator_errors(
    indicator: Indicator, document: Document, records: Mapping[str, RecordEntry]
) -> Iterator[BookError]:
    def measure_errors(where: str, measure: Measure) -> Iterator[BookError]:
        entry = records.get(measure.record)
        if entry is None:
            if records:
                yield document.error(
                    (where, "record"),
                    f"没有名为“{measure.record}”的记录类型；请改成 records 目录下的名称。",
                    f"There is no record {measure.record!r}; use a name of a folder under records.",
                )
            return
        columns = column_names(entry)
        named = [("where", name) for name in measure.where]
        named += [
            (verb, name) for verb, name in (("sum", measure.sum), ("max", measure.max), ("min", measure.min)) if name
        ]
        if measure.count and measure.count != "facts" and measure.count not in ROLES:
            named.append(("count", measure.count))
        if where == "denominator" and indicator.numerator:
            named += [("numerator", name) for name in indicator.numerator]
        for place, name in named:
            if name not in columns:
                yield document.error(
                    (where, place) if place != "numerator" else (place, name),
                    f"记录“{measure.record}”没有列“{name}”；可用：{'、'.join(columns)}。",
                    f"Record {measure.record!r} has no column {name!r}; use one of {', '.join(columns)}.",
                )

    for where in ("measure", "numerator_measure", "denominator", "change"):
        measure = getattr(indicator, where)
        if measure is not None:
            yield from measure_errors(where, measure)


def field_columns(entry: RecordEntry) -> Mapping[str, tuple[str, str, str]]:
    """The columns that a record's own fields have in the lake: name -> (field, suffix, DuckDB type).

    A field that has the name of a common column (``valid_until``, ``occurred_on``, ``area``) is that column.
    """
    types = next(iter(entry.types.values()))
    columns: dict[str, tuple[str, str, str]] = {}
    for name, kind in types.items():
        for suffix, sql in kind.columns.items():
            column = f"{name}_{suffix}" if suffix else name
            if column not in ("valid_until", "occurred_on", "area"):
                columns[column] = (name, suffix, sql)
    return MappingProxyType(columns)


def column_names(entry: RecordEntry) -> tuple[str, ...]:
    """The columns that an indicator may name in a condition."""
    return (*field_columns(entry), *COMMON_COLUMNS)
