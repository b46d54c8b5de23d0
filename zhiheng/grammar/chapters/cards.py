"""What a page of ``book/cards/`` may say: what the machine keeps at hand about a kind of subject, and which fields of
which records it comes from.

A card is read for every line of a list and for the head of a file, so it is made once, when something was received. The
machine knows no record by name: where a name, a status or a licence stands is said here.

.. code-block:: yaml

    of: enterprise
    fields:
      status: [enterprise_register.status]
      industry: [enterprise_register.industry.code, {from: environment_permit.industry.code, of: [holder]}]
    in_business: [in_operation]
    lists: [abnormal_list_entry, blacklist_entry]
    expiring: [{from: production_licence.licence_number, of: [holder]}]
    problems:
      - record: rectification_order
        settled_when: {progress: done}
        settled_by: [{record: rectification_recheck, same: {order_number: order_number}}]
    groups:
      - {id: licences, label: {zh: 许可, en: Licences}, records: [production_licence]}
    search:
      licence: {label: {zh: 证书编号, en: Licence}, from: [production_licence.licence_number], match: start}
    compare:
      - {label: {zh: 从业人数, en: Employees}, fields: [enterprise_register.employees, annual_report.employees]}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from zhiheng.grammar.book import Chapter, PageKind, Reading
from zhiheng.grammar.chapters.filter_checks import field_filter_errors
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry, roles_of
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Audience, Entry, Filter, Identifier, Label, Outcome, SubjectKind
from zhiheng.grammar.yaml import BookError, Document, Wrong

# record.field, or record.field.part of a value that has parts (a party's address, an industry's code)
Place = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$")]
CardField = Literal["name", "area", "industry", "kind", "status", "address", "legal_representative", "established_on"]


class FromField(Entry):
    """A field of a record that describes the party in one of the roles ``of``.

    Without ``of`` it describes the first party that the record has; a field that is itself a party describes that
    party.
    """

    from_: Place = Field(alias="from")
    of: tuple[Identifier, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        """``enterprise_register.status`` is short for ``{from: enterprise_register.status}``."""
        return {"from": value} if isinstance(value, str) else value

    @property
    def record(self) -> str:
        """The record that the field belongs to."""
        return self.from_.split(".")[0]

    @property
    def field(self) -> str:
        """The field."""
        return self.from_.split(".")[1]

    @property
    def part(self) -> str:
        """The part of the field's value, or nothing."""
        return self.from_.partition(".")[2].partition(".")[2]


class CardFacts(Entry):
    """Whole facts of a record that describe the party in one of the roles ``of`` (without it: the record's first
    party).
    """

    record: Identifier
    of: tuple[Identifier, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        return {"record": value} if isinstance(value, str) else value


class SettledBy(CardFacts):
    """A later fact about the same subject that settles a problem; ``same``: our field -> their field, both with one
    value.
    """

    same: dict[Identifier, Identifier] = Field(default_factory=dict)
    outcome: tuple[Outcome, ...] = ("pass",)


class Problem(CardFacts):
    """What counts as an open problem: facts of a record with such an outcome, until something settles them.

    Without anything that settles it, or where nothing did, it is history after ``months``.
    """

    outcome: tuple[Outcome, ...] = ("fail",)
    where: Filter = Field(default_factory=dict)
    settled_when: Filter = Field(default_factory=dict, description="conditions on its own fields")
    settled_by: tuple[SettledBy, ...] = ()
    months: int = Field(default=24, ge=1, le=120)


class CardGroup(Entry):
    """What stands together in a file: the statements of these records that hold now."""

    id: Identifier
    label: Label
    records: tuple[CardFacts, ...] = Field(min_length=1)


class Search(Entry):
    """Words by which a subject is found besides its names and codes; ``start``: whole or from its beginning,
    ``within``: any part.
    """

    label: Label
    from_: tuple[FromField, ...] = Field(alias="from", min_length=1)
    match: Literal["start", "within"] = "start"


class Compared(Entry):
    """Fields of several records that should say the same of a subject."""

    label: Label
    fields: tuple[FromField, ...] = Field(min_length=2)


class CardPage(Entry):
    """The card of a kind of subject."""

    of: SubjectKind
    fields: dict[CardField, tuple[FromField, ...]] = Field(
        min_length=1, description="the first that says something counts"
    )
    labels: dict[CardField, Label] = Field(default_factory=dict)
    in_business: tuple[str, ...] = Field(default=(), description="values of status that mean: in business")
    ended: tuple[str, ...] = Field(
        default=(), description="values of status that mean: exists no more; what is said of a later day is doubtful"
    )
    registered: Literal["", "status"] = Field(
        default="", description="status: a list shows those of whom a register tells it, and the others when asked"
    )
    lists: tuple[CardFacts, ...] = Field(
        default=(), description="records whose facts put somebody on a list while they hold"
    )
    expiring: tuple[FromField, ...] = Field(default=(), description="what ends; the field is what it is called by")
    problems: tuple[Problem, ...] = ()
    judged: dict[Identifier, tuple[Identifier, ...]] = Field(
        default_factory=dict, description="whose outcome it is, where it is not only that of the record's first party"
    )
    groups: tuple[CardGroup, ...] = ()
    search: dict[Identifier, Search] = Field(default_factory=dict)
    compare: tuple[Compared, ...] = ()

    @property
    def register(self) -> str:
        """The record whose word on a name counts first: the register, which also tells of a renaming; '' where there is
        none.
        """
        sources = self.fields.get("name", ())
        return sources[0].record if sources else ""

    @model_validator(mode="after")
    def _once(self) -> CardPage:
        ids = [group.id for group in self.groups]
        if len(set(ids)) != len(ids):
            raise Wrong("groups 里有两组同名；请改名。", "Two groups have one id; rename one.")
        if taken := {"name", "former", "code"} & set(self.search):
            raise Wrong(
                f"search 里的“{min(taken)}”总是可查，不必再写；请改名。",
                f"{min(taken)!r} can always be searched for; choose another word in search.",
            )
        return self

    def places(self) -> Iterator[tuple[tuple[str | int, ...], FromField]]:
        """Every field that the page names, and where it stands on the page."""
        for name, sources in self.fields.items():
            yield from ((("fields", name, i), source) for i, source in enumerate(sources))
        yield from ((("expiring", i), source) for i, source in enumerate(self.expiring))
        for word, search in self.search.items():
            yield from ((("search", word, "from", i), source) for i, source in enumerate(search.from_))
        for at, compared in enumerate(self.compare):
            yield from ((("compare", at, "fields", i), source) for i, source in enumerate(compared.fields))

    def wholes(self) -> Iterator[tuple[tuple[str | int, ...], CardFacts]]:
        """Every record that the page names, and where."""
        yield from ((("lists", i), source) for i, source in enumerate(self.lists))
        for at, problem in enumerate(self.problems):
            yield ("problems", at), problem
            yield from ((("problems", at, "settled_by", i), by) for i, by in enumerate(problem.settled_by))
        for at, group in enumerate(self.groups):
            yield from ((("groups", at, "records", i), source) for i, source in enumerate(group.records))


def spoken_of(source: FromField | CardFacts, entry: RecordEntry) -> tuple[str, ...]:
    """The roles that a source speaks of: those it names, else that of the field where it is a party, else the first of
    the record.
    """
    if source.of:
        return source.of
    if isinstance(source, FromField):
        kind = next(iter(entry.types.values())).get(source.field)
        if kind is not None and kind.name == "party" and (role := getattr(kind, "role", None)):
            return (str(role),)
    return roles_of(entry)[:1]


ON_CARDS: frozenset[Audience] = frozenset({"public", "departments"})
"""The audiences whose records cards count and tell of: lists and searches are for every department, and a number that
counted what is for the sender or the office alone would tell of it.
"""


def counted_records(records: Mapping[str, RecordEntry]) -> frozenset[str]:
    """The records whose facts cards count."""
    return frozenset(name for name, entry in records.items() if entry.record.audience in ON_CARDS)


def card_errors(page: CardPage, document: Document, records: Mapping[str, RecordEntry]) -> Iterator[BookError]:
    """What the page says of records that the book does not have so."""
    said: list[tuple[tuple[str | int, ...], FromField | CardFacts]] = [*page.places(), *page.wholes()]
    for where, source in said:
        entry = records.get(source.record)
        if entry is None:
            yield document.error(
                where,
                f"没有名为“{source.record}”的记录类型；请改成 records 目录下的名称。",
                f"There is no record {source.record!r}; use a name of a folder under records.",
            )
            continue
        if where[0] not in ("groups", "compare") and entry.record.audience not in ON_CARDS:
            yield document.error(
                where,
                f"记录“{source.record}”不是各部门都看得到的，不能写进清单和查找都看得到的卡片；请删去。",
                f"Not every department sees record {source.record!r}, so the card, which all lists show, can't tell of "
                "it; delete it.",
            )
        roles = roles_of(entry)
        for role in source.of:
            if role not in roles:
                yield document.error(
                    where,
                    f"记录“{source.record}”里没有角色“{role}”；可用：{'、'.join(roles) or '（无）'}。",
                    f"Record {source.record!r} has no role {role!r}; use one of: {', '.join(roles) or '(none)'}.",
                )
        if not source.of and not spoken_of(source, entry):
            yield document.error(
                where,
                f"记录“{source.record}”没有当事方，说不了任何主体；请换一个记录。",
                f"Record {source.record!r} names no party, so it speaks of nobody; take another record.",
            )
        if isinstance(source, FromField):
            yield from _field_errors(source, entry, document, where)
        else:
            asked = {*getattr(source, "where", ()), *getattr(source, "settled_when", ())}
            if isinstance(source, SettledBy):
                asked |= set(source.same.values())
            for name in sorted(asked - set(entry.record.fields) - {"outcome"}):
                yield _no_field(name, entry, document, where)
            for key in ("where", "settled_when"):
                yield from field_filter_errors(getattr(source, key, {}), entry, document, (*where, key))
    for name, named in page.judged.items():
        yield from _role_errors(name, named, document, records)
    for at, problem in enumerate(page.problems):
        entry = records.get(problem.record)
        if entry is not None:
            for i, by in enumerate(problem.settled_by):
                for name in sorted(set(by.same) - set(entry.record.fields)):
                    yield _no_field(name, entry, document, ("problems", at, "settled_by", i, "same"))


def _role_errors(
    name: str, named: tuple[str, ...], document: Document, records: Mapping[str, RecordEntry]
) -> Iterator[BookError]:
    entry = records.get(name)
    if entry is None:
        yield document.error(
            ("judged", name),
            f"没有名为“{name}”的记录类型；请改成 records 目录下的名称。",
            f"There is no record {name!r}; use a name of a folder under records.",
        )
        return
    roles = roles_of(entry)
    for role in named:
        if role not in roles:
            yield document.error(
                ("judged", name),
                f"记录“{name}”里没有角色“{role}”；可用：{'、'.join(roles) or '（无）'}。",
                f"Record {name!r} has no role {role!r}; use one of: {', '.join(roles) or '(none)'}.",
            )


def _field_errors(
    source: FromField, entry: RecordEntry, document: Document, where: tuple[str | int, ...]
) -> Iterator[BookError]:
    if source.field not in entry.record.fields:
        yield _no_field(source.field, entry, document, where)
        return
    kind = next(iter(entry.types.values())).get(source.field)
    if kind is None:
        return
    parts = ("name", "code", "address") if kind.name == "party" else tuple(s for s in kind.columns if s)
    if source.part and source.part not in parts:
        yield document.error(
            where,
            f"字段“{source.field}”没有“{source.part}”这一部分；可用：{'、'.join(parts) or '（无）'}。",
            f"Field {source.field!r} has no part {source.part!r}; use one of: {', '.join(parts) or '(none)'}.",
        )


def _no_field(name: str, entry: RecordEntry, document: Document, where: tuple[str | int, ...]) -> BookError:
    return document.error(
        where,
        f"记录“{entry.id}”没有字段“{name}”；可用：{'、'.join(entry.record.fields)}。",
        f"Record {entry.id!r} has no field {name!r}; use one of {', '.join(entry.record.fields)}.",
    )


def registers(pages: Mapping[str, CardPage]) -> frozenset[str]:
    """The records that are registers of names."""
    return frozenset(page.register for page in pages.values()) - {""}


def _read(reading: Reading) -> Mapping[str, CardPage]:
    """The cards by the kind of subject that they are of."""
    records = reading.usable(RECORDS)
    found = {}
    for path, page, document in reading.each(CardPage):
        if path.stem != page.of:
            reading.errors.append(
                document.error(
                    ("of",),
                    f"文件名“{path.stem}”与 of 写的“{page.of}”不同；请改成同一个。",
                    f"The file is called {path.stem!r} but is of {page.of!r}; give both one name.",
                )
            )
        if records:
            reading.errors += card_errors(page, document, records)
        found[path.stem] = page
    return MappingProxyType(found)


# The card of each kind of subject that has one.
CARDS: Chapter[Mapping[str, CardPage]] = register(
    Chapter(
        name="cards",
        label=Label(zh="主体摘要", en="Cards of subjects"),
        pages=(PageKind("card", "cards/*.yaml", CardPage),),
        needs=(RECORDS,),
        read=_read,
        at_once=True,
        reference="reference/card-grammar.md",
    )
)
