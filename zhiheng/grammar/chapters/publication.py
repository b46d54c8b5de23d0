"""What a book says of publication: a rule beside each record that is published, and one page about the portal.

``book/records/<department>/<record>/publication.yaml``, beside the record's ``publication:`` (which outcomes, what is
masked, until when). A record without this page is not published at all: what the public sees is listed, never what it
does not see.

.. code-block:: yaml

    list: penalties
    title: {zh: "{punished}：{penalty_kind}", en: "{punished}: {penalty_kind}"}
    shows: [decision_number, punished, punished.code, violation_kind, penalty_kind, fine]
    columns: [punished, violation_kind, penalty_kind, decided_on]
    enterprises: [subject]
    publish_within: penalty_publication.publish
    periods:
      - {until: penalty_publication.display_max.minor, where: {penalty_kind: criticism}, alone: true}
      - {until: penalty_publication.display_max.general}

``book/portal.yaml``: the name of the portal, its lists in their order, the reasons for which something is taken back,
the terms of use of open data, the telephone of the hotline, the indicators shown as statistics.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Formatter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import Field, field_validator, model_validator

from zhiheng.grammar.chapters.record_pages import Target
from zhiheng.grammar.types import Citation, Entry, Filter, Identifier, Label, LawName, Outcome, Role
from zhiheng.grammar.yaml import BookError, BookRefused, Document, Wrong, read, validated
from zhiheng.kernel.days import UNITS, Calendar
from zhiheng.kernel.law import Law, LawKey
from zhiheng.kernel.reasons import Refused

if TYPE_CHECKING:
    from zhiheng.grammar.loader import Book, RecordEntry


class DisplayPeriod(Entry):
    """How long something is shown, by a dated parameter of the law, and when that parameter applies.

    Where several apply the longest counts; one that says ``alone`` and applies is the only one that counts ('仅受到……的
    ').
    """

    until: LawName = Field(description="topic.parameter of book/law, or topic.parameter.row")
    where: Filter = Field(default_factory=dict, description="conditions on fields; all must hold")
    outcome: tuple[Outcome, ...] = Field(default=(), description="only for these outcomes")
    person: bool | None = Field(default=None, description="only for natural persons (true), only for others (false)")
    at_most: dict[Identifier, LawName] = Field(
        default_factory=dict, description="a number of the row must not exceed a number of the law of that day"
    )
    among: dict[Identifier, LawName] = Field(
        default_factory=dict, description="a value of the row must stand in a list of the law of that day"
    )
    alone: bool = False
    and_until: Identifier | None = Field(default=None, description="a field with a day up to which it is shown anyway")


class Withheld(Entry):
    """What keeps a row from being published although its outcome would be: an open objection, a monitoring sample."""

    where: Filter = Field(min_length=1)
    says: Label
    lasting: bool = Field(default=False, description="nothing will change it, so nobody is asked to decide")


class UnderObjection(Entry):
    """What an open objection of an enterprise does to publication: it waits, unless the law of the record lets it go
    on.
    """

    before: Literal["waits", "goes_on"] = Field(
        default="waits",
        description="what is not shown yet: waits for the answer, or goes on by a decision with a reason, by the law "
        "named",
    )
    marked: bool = Field(default=False, description="what is shown already says that an objection is open")
    remedy_within: LawName | None = Field(
        default=None, description="within which time it is taken down or corrected once the objection stands"
    )
    law: tuple[Citation, ...] = ()

    @model_validator(mode="after")
    def _lawful(self) -> UnderObjection:
        if self.before == "goes_on" and not self.law:
            raise Wrong(
                "异议期间继续公示要有依据；请在 law 里写明条文。",
                "Going on in spite of an objection needs its law; name the article under law.",
            )
        return self


class PublicationExample(Entry):
    """A row as a department hands it in, and what the public would see of it on a certain day, or why nothing.

    ``like`` names a row of ``examples.yaml`` beside it; ``row`` then says only what differs.
    """

    name: str
    like: str = ""
    row: dict[str, str] = Field(default_factory=dict)
    source: str = "standard"
    asked: dt.date = Field(description="the day on which somebody asks")
    until: dt.date | Literal["no end"] | None = Field(
        default=None, description="the last day it is shown; absent: not looked at"
    )
    publish_by: dt.date | None = None
    shows: dict[str, str] = Field(default_factory=dict, description="field -> the text that the public sees")
    hides: tuple[str, ...] = Field(default=(), description="texts of the row that stand nowhere in what is published")
    doubts: tuple[str, ...] = ()
    refused: str = Field(default="", description="why it is not published: the code of the refusal")


class PublicationRule(Entry):
    """Beside a record: where it is shown, under which title, which fields, to whom it belongs, how long."""

    list: Identifier
    title: Label = Field(description="names of fields in braces are filled in, masked where they are masked")
    shows: tuple[Target, ...] = Field(
        min_length=1, description="fields (or field.part) that the public sees, in this order"
    )
    columns: tuple[Target, ...] = Field(default=(), max_length=4, description="those that stand in the list")
    kind: Identifier | None = Field(default=None, description="the choice by which the list can be narrowed")
    product: Identifier | None = Field(default=None, description="the field with the product's name, to be searched by")
    enterprises: tuple[Role, ...] = Field(default=(), description="roles whose enterprises get it on their public file")
    starts: Identifier | None = Field(default=None, description="the field with the day since which it has been shown")
    publish_within: LawName | None = None
    withdraw_within: LawName | None = None
    law_of: Literal["event", "today"] = Field(
        default="event",
        description="which day picks the periods of the law: that of the event, or today's (transition)",
    )
    periods: tuple[DisplayPeriod, ...] = Field(default=(), description="none: while it is valid, or without end")
    ended_by: Identifier | None = Field(default=None, description="the field with the day on which its effect ended")
    persons: Literal["never", "masked"] = "never"
    person_where: Filter = Field(default_factory=dict, description="what says that it is about a natural person")
    against: tuple[Outcome, ...] = Field(
        default=(), description="outcomes that speak against an enterprise: not shown once it is deregistered"
    )
    withheld: tuple[Withheld, ...] = ()
    objection: UnderObjection = Field(default_factory=UnderObjection)
    law: tuple[Citation, ...] = Field(default=(), description="further articles that oblige to publish it")
    examples: tuple[PublicationExample, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _columns_shown(self) -> PublicationRule:
        if hidden := [name for name in self.columns if name not in self.shows]:
            raise Wrong(
                f"列表的栏目 {'、'.join(hidden)} 不在 shows 中；请先列入 shows。",
                f"The columns {', '.join(hidden)} are not among shows; list them there first.",
            )
        return self

    def blanks(self) -> frozenset[str]:
        """The fields that the title names."""
        return frozenset(
            name for text in (self.title.zh, self.title.en) for _, name, _, _ in Formatter().parse(text) if name
        )


class PortalList(Entry):
    """A list of the portal: what it holds, in words for the public."""

    label: Label
    says: Label
    group: Literal["warnings", "results", "honours", "registers"]
    tells: Label | None = Field(default=None, description="how to read it: what a row does and does not mean")


class Cause(Entry):
    """Why something published is taken back: what the public is told, and within which statutory time it must be
    done.
    """

    label: Label
    notice: Label
    within: LawName | None = None


class ContestedWords(Entry):
    """What the public reads on an entry to which an enterprise objects, and on one whose objection was found to
    stand.
    """

    open: Label
    open_says: Label
    upheld: Label
    upheld_says: Label


CauseName = Literal[
    "repaired", "annulled", "corrected", "superseded", "ended", "deregistered", "court", "privacy", "doubtful", "error"
]


class Terms(Entry):
    """The terms under which open data may be used."""

    label: Label
    says: Label
    url: str = ""


class Hotline(Entry):
    """Where complaints go while the platform takes none itself."""

    number: str = Field(pattern=r"^[0-9-]{3,15}$")
    url: str = Field(pattern=r"^https://")
    says: Label


class Portal(Entry):
    """``book/portal.yaml``."""

    name: Label
    operator: Label
    says: Label = Field(description="one sentence: what the portal is for")
    hotline: Hotline
    undertaker: Label | None = Field(default=None, description="承办单位: who keeps the portal for its operator")
    telephone: str = Field(default="", max_length=40, description="联系电话 of the portal, for its footer")
    site_code: str = Field(default="", max_length=40, description="政府网站标识码, as it was assigned")
    icp: str = Field(default="", max_length=60, description="ICP 备案号, as it was assigned")
    police_record: str = Field(default="", max_length=60, description="公安备案号, as it was assigned")
    contact: str = Field(default="", description="an address for questions and corrections")
    security_contact: str = Field(default="", description="mailto: or https: address for reports of vulnerabilities")
    terms: Terms
    lists: dict[Identifier, PortalList] = Field(min_length=1)
    front: tuple[Identifier, ...] = Field(
        default=(), max_length=2, description="lists whose newest entries open the portal"
    )
    enterprise_record: Identifier | None = Field(
        default=None, description="the record that says who an enterprise is; shown on top of its public file"
    )
    deregistered: Filter = Field(default_factory=dict, description="what in that record says that it exists no more")
    statistics: tuple[Identifier, ...] = Field(default=(), description="indicators that are published")
    causes: dict[CauseName, Cause]
    contested: ContestedWords | None = Field(default=None, description="words for entries that are objected to")

    @model_validator(mode="after")
    def _complete(self) -> Portal:
        if missing := [name for name in self.front if name not in self.lists]:
            raise Wrong(
                f"front 中的 {'、'.join(missing)} 不是栏目；请改成 lists 中的名称。",
                f"front names {', '.join(missing)}, which are no lists; use names of lists.",
            )
        wanted = set(get_args(CauseName))
        if missing := sorted(wanted - set(self.causes)):
            raise Wrong(
                f"causes 还缺 {'、'.join(missing)}；每种撤下的原因都要有对公众的说明。",
                f"causes lacks {', '.join(missing)}; the public is told something for every cause.",
            )
        return self

    @field_validator("security_contact")
    @classmethod
    def _address(cls, text: str) -> str:
        if text and not text.startswith(("mailto:", "https://")):
            raise Wrong("请写成 mailto:… 或 https://…。", "Write mailto:… or https://….")
        return text


@dataclass(frozen=True)
class Publications:
    """Everything that decides what the public sees: the rules, the portal, and the law and calendar they are counted
    by.
    """

    portal: Portal
    rules: Mapping[str, PublicationRule]
    law: Law
    calendar: Calendar

    def of_list(self, name: str) -> tuple[str, ...]:
        """The records that a list holds."""
        return tuple(record for record, rule in self.rules.items() if rule.list == name)


def load_publications(book: Book) -> Publications | None:
    """The publication chapter of a book; None where it has no portal. Raises BookRefused with every mistake found."""
    root = book.root
    pages = {entry.id: entry.folder / "publication.yaml" for entry in book.records.values()}
    pages = {record: page for record, page in pages.items() if page.is_file()}
    if not (root / "portal.yaml").is_file():
        if pages:
            page = next(iter(pages.values()))
            raise BookRefused(
                read(page, root=root).error(
                    (),
                    "规则书没有 portal.yaml，写了公示规则也无处公示；请先写 portal.yaml。",
                    "The book has no portal.yaml, so there is nowhere to publish; write portal.yaml first.",
                )
            )
        return None
    errors: list[BookError] = []
    law, calendar = book.law, book.calendar
    portal: Portal | None = None
    try:
        document = read(root / "portal.yaml", root=root)
        portal = validated(Portal, document)
        errors += _portal_errors(portal, book, law, document)
    except BookRefused as refused:
        errors += refused.errors
    rules: dict[str, PublicationRule] = {}
    for record, page in pages.items():
        try:
            document = read(page, root=root)
            rule = validated(PublicationRule, document)
        except BookRefused as refused:
            errors += refused.errors
            continue
        errors += _rule_errors(rule, book.records[record], portal, law, document)
        rules[record] = rule
    for entry in book.records.values():
        if entry.record.publication.when and entry.id not in pages:
            errors.append(
                BookError(
                    "book.publication",
                    "publication.when 写了要公示，却没有 publication.yaml；请在同一目录写明公示哪些字段。",
                    "publication.when says that it is published, but there is no publication.yaml beside it; say "
                    "there what is shown.",
                    "publication.when",
                    file=(entry.folder / "record.yaml").relative_to(root).as_posix(),
                )
            )
    if errors or portal is None:
        raise BookRefused(*errors)
    return Publications(portal, MappingProxyType(rules), law, calendar)


def _portal_errors(portal: Portal, book: Book, law: Law, document: Document) -> Iterator[BookError]:
    for name in portal.statistics:
        if name not in book.indicators:
            yield document.error(
                ("statistics",),
                f"没有名为“{name}”的指标；请改成 indicators 目录下的名称。",
                f"There is no indicator {name!r}; use a name of a file under indicators.",
            )
    if portal.enterprise_record is not None and portal.enterprise_record not in book.records:
        yield document.error(
            ("enterprise_record",),
            f"没有名为“{portal.enterprise_record}”的记录类型；请改成 records 目录下的名称。",
            f"There is no record {portal.enterprise_record!r}; use the name of a folder under records.",
        )
    elif portal.enterprise_record is not None:
        yield from _field_errors(
            book.records[portal.enterprise_record],
            [(("deregistered", name), name) for name in portal.deregistered],
            document,
        )
    for name, cause in portal.causes.items():
        if cause.within:
            yield from law_errors(cause.within, ("causes", name, "within"), law, document, period=True)


def _rule_errors(
    rule: PublicationRule, entry: RecordEntry, portal: Portal | None, law: Law, document: Document
) -> Iterator[BookError]:
    if not entry.record.publication.when:
        yield document.error(
            (),
            "record.yaml 的 publication.when 是空的，不公示；请写明哪些结论公示，或删去本页。",
            "publication.when of record.yaml is empty, so nothing is published; name the outcomes, or remove this "
            "page.",
        )
    if portal is not None and rule.list not in portal.lists:
        yield document.error(
            ("list",),
            f"portal.yaml 没有栏目“{rule.list}”；可用：{'、'.join(portal.lists)}。",
            f"portal.yaml has no list {rule.list!r}; use one of {', '.join(portal.lists)}.",
        )
    named: list[tuple[tuple[str | int, ...], str]] = [(("shows", i), name) for i, name in enumerate(rule.shows)]
    named += [(("title",), name) for name in sorted(rule.blanks())]
    for key in ("kind", "product", "starts", "ended_by"):
        if (value := getattr(rule, key)) is not None:
            named.append(((key,), value))
    named += [(("person_where", name), name) for name in rule.person_where]
    for index, held in enumerate(rule.withheld):
        named += [(("withheld", index, "where", name), name) for name in held.where]
    for index, period in enumerate(rule.periods):
        where = ("periods", index)
        named += [((*where, "where", name), name) for name in period.where]
        named += [((*where, "at_most", name), name) for name in period.at_most]
        named += [((*where, "among", name), name) for name in period.among]
        named += [((*where, "and_until"), period.and_until)] if period.and_until else []
        yield from law_errors(period.until, (*where, "until"), law, document, period=True)
        for said in (*period.at_most.values(), *period.among.values()):
            yield from law_errors(said, where, law, document, period=False)
    yield from _field_errors(entry, named, document)
    for key in ("publish_within", "withdraw_within"):
        if said := getattr(rule, key):
            yield from law_errors(said, (key,), law, document, period=True)
    if rule.objection.remedy_within:
        yield from law_errors(rule.objection.remedy_within, ("objection", "remedy_within"), law, document, period=True)
    if rule.objection.marked and portal is not None and portal.contested is None:
        yield document.error(
            ("objection", "marked"),
            "portal.yaml 没有写明异议期间公众看到的话；请先写 contested。",
            "portal.yaml does not say what the public reads while an objection is open; write contested there first.",
        )
    shown = {name.partition(".")[0] for name in rule.shows}
    if loose := sorted(rule.blanks() - shown):
        yield document.error(
            ("title",),
            f"标题用了没有公开的字段 {'、'.join(loose)}；请列入 shows。",
            f"The title uses {', '.join(loose)}, which is not shown; list it among shows.",
        )
    if rule.kind is not None and rule.kind in entry.record.fields:
        kind = entry.record.fields[rule.kind].type
        if kind not in ("choice", "multi_choice") or rule.kind not in rule.shows:
            yield document.error(
                ("kind",),
                f"“{rule.kind}”不是公开的选项字段，不能用来筛选；请换一个类型为 choice 且列入 shows 的字段。",
                f"{rule.kind!r} is no choice that is shown, so nothing can be narrowed by it; name one that is.",
            )
    for index, example in enumerate(rule.examples):
        if example.source not in entry.sources:
            yield document.error(
                ("examples", index, "source"),
                f"这个记录没有来源“{example.source}”；可用：{'、'.join(entry.sources)}。",
                f"The record has no source {example.source!r}; use one of {', '.join(entry.sources)}.",
            )


def example_errors(book: Book) -> Iterator[BookError]:
    """Mistakes in the examples of records, and in those of their publication that say which row they are like: for the
    check of a book, since no page needs them.
    """
    for entry in book.records.values():
        try:
            accepted = {example.name for example in entry.examples.accepted}
        except BookRefused as refused:
            yield from refused.errors
            continue
        rule = book.publications.rules.get(entry.id) if book.publications else None
        for index, example in enumerate(rule.examples if rule else ()):
            if example.like and example.like not in accepted:
                yield read(entry.folder / "publication.yaml", root=book.root).error(
                    ("examples", index, "like"),
                    f"examples.yaml 的 accepted 中没有“{example.like}”；请改成那里的名称。",
                    f"examples.yaml has no accepted example {example.like!r}; use a name from there.",
                )


def _field_errors(
    entry: RecordEntry, named: list[tuple[tuple[str | int, ...], str]], document: Document
) -> Iterator[BookError]:
    types: Mapping[str, Any] = next(iter(entry.types.values()))
    for where, target in named:
        name, _, part = target.partition(".")
        if name not in entry.record.fields:
            yield document.error(
                where,
                f"这个记录没有字段“{name}”；可用：{'、'.join(entry.record.fields)}。",
                f"The record has no field {name!r}; use one of {', '.join(entry.record.fields)}.",
            )
        elif part and part not in types[name].parts:
            yield document.error(
                where,
                f"字段“{name}”没有“{part}”这一部分；可用：{'、'.join(types[name].parts) or '（无）'}。",
                f"Field {name!r} has no part {part!r}; use one of: {', '.join(types[name].parts) or '(none)'}.",
            )


def law_errors(
    said: str, where: tuple[str | int, ...], law: Law, document: Document, *, period: bool
) -> Iterator[BookError]:
    """What is wrong with the name of a parameter (``topic.parameter``, of a table with its row); ``period``: it must be
    a period.
    """
    topic, parameter, row = LawKey.parse(said)
    try:
        values = law.history(topic, parameter)
    except Refused as refused:
        yield document.error(where, refused.refusals[0].zh, refused.refusals[0].en)
        return
    for value in values:
        if row and not (isinstance(value.value, Mapping) and row in value.value):
            yield document.error(
                where,
                f"{topic}.{parameter} 自 {value.since} 起的规定没有“{row}”这一行；请改正。",
                f"{topic}.{parameter} has no row {row!r} in the rule from {value.since}; correct it.",
            )
        if period and value.unit not in UNITS:
            yield document.error(
                where,
                f"{topic}.{parameter} 不是期限；请写一个有单位的期限参数。",
                f"{topic}.{parameter} is no period; name a parameter that has a unit of time.",
            )
        elif period and not row and isinstance(value.value, Mapping):
            yield document.error(
                where,
                f"{topic}.{parameter} 自 {value.since} 起的规定是一张表；请写明行："
                f"{topic}.{parameter}.{next(iter(value.value), '')}。",
                f"{topic}.{parameter} is a table in the rule from {value.since}; "
                f"name its row: {topic}.{parameter}.{next(iter(value.value), '')}.",
            )
