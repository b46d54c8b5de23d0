"""What is published of a book's records: the rules beside the records and the page of the portal, read and checked
together. Their models stand in ``publication_pages.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from zhiheng.grammar.book import Book, Chapter, PageKind, Reading
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.filter_checks import field_filter_errors
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.chapters.law import LAW, law_errors
from zhiheng.grammar.chapters.publication_pages import Portal, PublicationRule
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry
from zhiheng.grammar.citations import cited_in
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Citation, Filter, Label
from zhiheng.grammar.yaml import BookError, BookRefused, Document, read
from zhiheng.kernel.days import Calendar
from zhiheng.kernel.law import Law

PORTAL = "portal.yaml"
RULE = "publication.yaml"


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


def _read(reading: Reading) -> Publications | None:
    """None where the book has no portal."""
    records, indicators, errors = reading[RECORDS], reading[INDICATORS], reading.errors
    pages = {entry.id: entry.folder / RULE for entry in records.values()}
    pages = {record: page for record, page in pages.items() if page.is_file()}
    if not (reading.root / PORTAL).is_file():
        for page in [*pages.values()][:1]:
            errors.append(
                reading.document(page).error(
                    (),
                    f"规则书没有 {PORTAL}，写了公示规则也无处公示；请先写 {PORTAL}。",
                    f"The book has no {PORTAL}, so there is nowhere to publish; write {PORTAL} first.",
                )
            )
        return None
    law, calendar = reading[LAW], reading[CALENDAR]
    portal: Portal | None = None
    if (said := reading.page(Portal, reading.root / PORTAL)) is not None:
        portal = said[0]
        errors += _portal_errors(portal, records, indicators, law, said[1])
    rules: dict[str, PublicationRule] = {}
    for record, page in pages.items():
        if (found := reading.page(PublicationRule, page)) is None:
            continue
        rules[record], document = found
        errors += _rule_errors(rules[record], records[record], portal, law, document)
    for entry in records.values():
        if entry.record.publication.when and entry.id not in pages:
            errors.append(
                BookError(
                    "book.publication",
                    f"publication.when 写了要公示，却没有 {RULE}；请在同一目录写明公示哪些字段。",
                    f"publication.when says that it is published, but there is no {RULE} beside it; say there what is "
                    "shown.",
                    "publication.when",
                    file=reading.file(entry.folder / "record.yaml"),
                )
            )
    return Publications(portal, MappingProxyType(rules), law, calendar) if portal is not None else None


def _portal_errors(
    portal: Portal, records: Mapping[str, RecordEntry], indicators: Collection[str], law: Law, document: Document
) -> Iterator[BookError]:
    for name in portal.statistics:
        if name not in indicators:
            yield document.error(
                ("statistics",),
                f"没有名为“{name}”的指标；请改成 indicators 目录下的名称。",
                f"There is no indicator {name!r}; use a name of a file under indicators.",
            )
    if portal.enterprise_record is not None and portal.enterprise_record not in records:
        yield document.error(
            ("enterprise_record",),
            f"没有名为“{portal.enterprise_record}”的记录类型；请改成 records 目录下的名称。",
            f"There is no record {portal.enterprise_record!r}; use the name of a folder under records.",
        )
    elif portal.enterprise_record is not None:
        entry = records[portal.enterprise_record]
        yield from _field_errors(entry, [(("deregistered", name), name) for name in portal.deregistered], document)
        yield from field_filter_errors(portal.deregistered, entry, document, ("deregistered",))
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
    conditions: list[tuple[tuple[str | int, ...], Filter]] = [
        (("person_where",), rule.person_where),
        *((("withheld", index, "where"), held.where) for index, held in enumerate(rule.withheld)),
        *((("periods", index, "where"), period.where) for index, period in enumerate(rule.periods)),
    ]
    for at, condition in conditions:
        yield from field_filter_errors(condition, entry, document, at)
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


def _checks(book: Book) -> Iterator[BookError]:
    """Examples that say which row of the record they are like, where the record has no such row."""
    publication = book[PUBLICATION]
    for record, rule in publication.rules.items() if publication is not None else ():
        entry = book[RECORDS][record]
        try:
            accepted = {example.name for example in entry.examples.accepted}
        except BookRefused:
            # The record tells it.
            continue
        for index, example in enumerate(rule.examples):
            if example.like and example.like not in accepted:
                yield read(entry.folder / RULE, root=book.root).error(
                    ("examples", index, "like"),
                    f"examples.yaml 的 accepted 中没有“{example.like}”；请改成那里的名称。",
                    f"examples.yaml has no accepted example {example.like!r}; use a name from there.",
                )


def _cites(book: Book) -> Iterator[tuple[str, str, Citation]]:
    publication = book[PUBLICATION]
    for record, rule in publication.rules.items() if publication is not None else ():
        entry = book[RECORDS][record]
        for citation in cited_in(rule):
            yield f"records/{entry.department}/{record}/{RULE}", f"{entry.record.label.zh}（公示）", citation


# What is published, how and until when; None where the book has no portal.
PUBLICATION: Chapter[Publications | None] = register(
    Chapter(
        name="publication",
        label=Label(zh="公示", en="Publication"),
        pages=(
            PageKind("publication", f"records/*/*/{RULE}", PublicationRule),
            PageKind("portal", PORTAL, Portal),
        ),
        needs=(RECORDS, INDICATORS, LAW, CALENDAR),
        read=_read,
        checks=_checks,
        counts={"publications": lambda publication: len(publication.rules) if publication is not None else 0},
        cites=_cites,
        reference="reference/publication-grammar.md",
    )
)
