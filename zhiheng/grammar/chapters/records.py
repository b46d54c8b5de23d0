"""The records of a book (``book/records/<department>/<record>/``): what departments hand in, one folder each.

``record.yaml`` says what a row is, ``sources/`` how each system spells it, ``clean.py`` (if there is one) tidies a row,
``examples.yaml`` shows rows to accept and to refuse. The models of these pages stand in ``record_pages.py``, what they
must say of each other in ``record_checks.py``.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from zhiheng.grammar import additions
from zhiheng.grammar.additions import IGNORED, Addition
from zhiheng.grammar.book import Book, BookHit, Chapter, IndexGroup, PageKind, Reading
from zhiheng.grammar.book_code import executed
from zhiheng.grammar.chapters.codes import INDUSTRIES
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.district import PAGE as DISTRICT_PAGE
from zhiheng.grammar.chapters.glossary import GLOSSARY
from zhiheng.grammar.chapters.headings import NO_BOOK_WORDS, TABLE_WORDS, BookWords, heading_key
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.record_checks import source_errors, type_errors
from zhiheng.grammar.chapters.record_pages import Examples, FieldDefinition, Record, Source
from zhiheng.grammar.citations import cited_in
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import ROLES, Citation, Label
from zhiheng.grammar.yaml import BookError, BookRefused, Document, validated
from zhiheng.kernel.fields.base import FieldType, Value
from zhiheng.kernel.fields.by_name import BY_NAME
from zhiheng.kernel.law import LawKey

EXAMPLES = "examples.yaml"
COMMON_COLUMNS = ("outcome", "severity", "area", "unit", "flags", "occurred_on", "valid_until")


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
        """The rows to accept and to refuse, read on demand: they are half of all the words of a book, and no page waits
        for them. Raises BookRefused with every mistake in them, which the check of a book reports.
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


def roles_of(entry: RecordEntry) -> tuple[str, ...]:
    """The roles in which a record names parties, in the order of its fields; ``about`` where what it is about has a
    code.
    """
    roles: dict[str, None] = {}
    for types in entry.types.values():
        for kind in types.values():
            if kind.name == "party":
                by_label = dict(getattr(kind, "roles_by_label", None) or {})
                roles |= dict.fromkeys(str(r) for r in (getattr(kind, "role", None), *by_label.values()) if r)
    if entry.record.about and entry.record.about.code:
        roles["about"] = None
    return tuple(roles)


def _read(reading: Reading) -> Mapping[str, RecordEntry]:
    """Every record by the name of its folder."""
    injected = _of_other_chapters(reading)
    words = reading.usable(TABLE_WORDS) or NO_BOOK_WORDS
    added = additions.read(reading.added) if reading.added is not None else ()
    found: dict[str, RecordEntry] = {}
    for path in reading.paths(Record):
        entry = _record(path, reading, injected, words, added)
        if entry is None:
            continue
        if entry.id in found:
            reading.errors.append(
                BookError(
                    "book.twice",
                    f"“{entry.id}”已在别处定义过；请改名。",
                    f"{entry.id!r} is defined elsewhere already; rename it.",
                    file=reading.file(path),
                )
            )
        found[entry.id] = entry
    if not reading.errors:
        reading.errors += _unknown_to_units(reading, found)
    return MappingProxyType(found)


def _of_other_chapters(reading: Reading) -> Mapping[str, Mapping[str, Any]]:
    """Options of field types that other chapters of the book give: field type -> option -> value."""
    injected: dict[str, dict[str, Any]] = {}
    industries = reading.usable(INDUSTRIES)
    if industries is not None:
        editions = MappingProxyType({edition: table.names for edition, table in industries.items()})
        injected["industry"] = {"editions": editions}
    district = reading.usable(DISTRICT)
    if district is not None:
        words = reading.usable(TABLE_WORDS) or NO_BOOK_WORDS
        injected["party"] = {"divisions": district.divisions, "words": words.parties}
        english = {area.code: area.name.en for area in district.areas}
        injected["division"] = {
            "divisions": district.divisions,
            "english": english,
            "above": district.areas_above,
            "endings": district.name_endings,
        }
    glossary = reading.usable(GLOSSARY)
    terms = {term.zh: term.en for term in glossary.terms} if glossary is not None else {}
    injected["choice"] = injected["multi_choice"] = {"terms": terms}
    return injected


def _unknown_to_units(reading: Reading, records: Collection[str]) -> Iterator[BookError]:
    """Records that units of the district hand in and that the book does not describe."""
    district = reading.usable(DISTRICT)
    if district is None or not records:
        return
    document = reading.document(reading.root / DISTRICT_PAGE)
    for index, unit in enumerate(district.units):
        for name in unit.records:
            if name not in records:
                yield document.error(
                    ("units", index, "records"),
                    f"没有名为“{name}”的记录类型；请改成 records 目录下的名称。",
                    f"There is no record {name!r}; use a name of a folder under records.",
                )


def _record(
    path: Path,
    reading: Reading,
    injected: Mapping[str, Mapping[str, Any]],
    words: BookWords,
    added: Sequence[Addition],
) -> RecordEntry | None:
    folder, errors = path.parent, reading.errors
    if (read := reading.page(Record, path)) is None:
        return None
    record, document = read
    before = len(errors)
    errors += type_errors(record, document)
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
        if (one := reading.page(Source, page)) is None:
            continue
        source, source_document = one
        found = list(source_errors(record, base, source, source_document))
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
        here = [each for each in added if (each.record, each.source) == (folder.name, page.stem)]
        sources[page.stem] = merged(source, record, own, here) if here else source
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


def merged(source: Source, record: Record, types: Mapping[str, FieldType], added: Sequence[Addition]) -> Source:
    """The source with what was added; a heading that it knows itself, or a field that is there no more, changes
    nothing.
    """
    columns, ignored = dict(source.columns), dict(source.ignored)
    known: Collection[str] = {heading_key(heading) for heading in (*columns, *ignored, *record.ignored)}
    for each in added:
        if heading_key(each.heading) in known:
            continue
        name, _, part = each.target.partition(".")
        if each.target in IGNORED:
            ignored[each.heading] = "plain" if each.target == IGNORED[1] else "secret"
        elif name in types and (not part or part in types[name].parts):
            columns[each.heading] = each.target
    if columns == source.columns and ignored == source.ignored:
        return source
    return source.model_copy(update={"columns": columns, "ignored": ignored})


def _checks(book: Book) -> Iterator[BookError]:
    """Examples that can't be read, and periods of publication that the law does not have."""
    for entry in book[RECORDS].values():
        try:
            _ = entry.examples
        except BookRefused as refused:
            yield from refused.errors
    law = book[LAW]
    for entry in book[RECORDS].values():
        until = entry.record.publication.until
        if until:
            key = LawKey.parse(until)
            if key.topic not in law.topics() or key.parameter not in law.names(key.topic):
                yield BookError(
                    "book.law",
                    f"公示期限“{until}”在 law 目录中找不到；请写成 专题.参数。",
                    f"The period {until!r} is not in the folder law; write topic.parameter.",
                    "publication.until",
                    until,
                    file=(entry.folder / "record.yaml").relative_to(book.root).as_posix(),
                )


def _cites(book: Book) -> Iterator[tuple[str, str, Citation]]:
    for entry in book[RECORDS].values():
        for citation in cited_in(entry.record):
            yield f"records/{entry.department}/{entry.id}/record.yaml", entry.record.label.zh, citation


def _entries(book: Book) -> Iterator[tuple[BookHit, str]]:
    for entry in book[RECORDS].values():
        record = entry.record
        fields = [f"{f.label.zh} {f.label.en} {' '.join(f.synonyms)}" for f in record.fields.values()]
        laws = [f"{c.text} {c.article}" for c in record.law]
        hit = BookHit("record", entry.id, record.label, note=Label(zh="记录类型", en="record type"))
        yield hit, " ".join([entry.id, *fields, *laws])


# Every record by the name of its folder.
RECORDS: Chapter[Mapping[str, RecordEntry]] = register(
    Chapter(
        name="records",
        label=Label(zh="记录类型", en="Record types"),
        pages=(
            PageKind("record", "records/*/*/record.yaml", Record),
            PageKind("source", "records/*/*/sources/*.yaml", Source),
            PageKind("examples", "records/*/*/examples.yaml", Examples),
            PageKind("clean", "records/*/*/clean.py"),
        ),
        needs=(DISTRICT, INDUSTRIES, GLOSSARY, TABLE_WORDS),
        read=_read,
        at_once=True,
        checks=_checks,
        counts={"records": len},
        cites=_cites,
        index=IndexGroup("record", Label(zh="记录类型", en="Record types"), _entries),
        order=1,
        reference="reference/record-grammar.md",
    )
)
