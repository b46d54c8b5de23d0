"""The book at the desk: record types, law with its dates, indicators in words, roles, calendars, terms, editions,
search.
"""

from __future__ import annotations

import calendar as months
import datetime as dt
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from zhiheng.desk.page_registry import PageTab, page, tabs_of
from zhiheng.engines import definition, editions
from zhiheng.engines.naming import AUDIENCES, CADENCES, OUTCOMES, outcome_words
from zhiheng.grammar.book import Book, BookHit
from zhiheng.grammar.book_index import Library, freshness, index_groups, library
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.roles import ACTS, ROLES
from zhiheng.grammar.chapters.targets import BOUND_SIGNS, TARGETS, Goal
from zhiheng.grammar.types import QUALITIES, Citation, Label
from zhiheng.kernel.fields.by_name import BY_NAME
from zhiheng.kernel.law import LawKey
from zhiheng.kernel.memo import once_for
from zhiheng.pages import asking
from zhiheng.pages.access import book, call_of, door, today
from zhiheng.pages.blank_forms import blank_form_file
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import label
from zhiheng.people import access
from zhiheng.quality_file.editions import Edition, edition_text, editions_received

STAGES = {
    "before": {"zh": "事前", "en": "before"},
    "during": {"zh": "事中", "en": "during"},
    "after": {"zh": "事后", "en": "after"},
}
REACHES = {
    "everywhere": {"zh": "全部", "en": "everywhere"},
    "area": {"zh": "所在区域及下级", "en": "its area and all beneath"},
    "unit": {"zh": "本单位", "en": "its own unit"},
    "subject": {"zh": "本企业", "en": "its own enterprise"},
    "consent": {"zh": "同意查询的企业", "en": "enterprises that consent"},
}
# The groups in which people look for an indicator: the letters of the systems it serves.
SYSTEMS = {
    "A": {"zh": "质量档案与信息平台", "en": "Quality files and information"},
    "B": {"zh": "监管", "en": "Supervision"},
    "C": {"zh": "风险", "en": "Risk"},
    "D": {"zh": "信用", "en": "Credit"},
    "E": {"zh": "社会共治", "en": "Public participation"},
    "F": {"zh": "品牌与质量奖", "en": "Brands and awards"},
    "G": {"zh": "组织与目标", "en": "Organisation and targets"},
    "H": {"zh": "药品质量", "en": "Quality of drugs"},
    "N": {"zh": "平台能力", "en": "What the platform adds"},
}


# Made anew when something was added to the book.
_library = once_for(1)(library)


def shelf() -> Library:
    """The book of this installation with all its chapters."""
    return _library(book())


def book_page(request: PageRequest, template: str, **context: Any) -> HttpResponse:
    """A page of the book, with the tabs of its chapters."""
    return render(request, f"desk/book/{template}.html", {"rail": "book", "tabs": tabs_of(request, "book"), **context})


def absent() -> Http404:
    return Http404("the book has no such page")


@page("book/", "book", tab=PageTab("book", 10, "contents", "目录", "Contents"))
@door("book.read")
def contents(request: PageRequest) -> HttpResponse:
    """The chapters of the book, and the citations of law that are due to be checked."""
    shelf_, day = shelf(), today()
    stale = [
        {"name": name, "label": topic.label, "count": count}
        for name, topic in shelf_.topics.items()
        if (count := shelf_.stale_in(name, day))
    ]
    counts = {
        "records": len(shelf_.book[RECORDS]),
        "indicators": len(shelf_.book[INDICATORS]),
        "roles": len(shelf_.book[ROLES]),
    }
    return book_page(request, "contents", shelf=shelf_, counts=counts, stale=stale)


@page("book/search/", "book_search")
@door("book.read")
def search(request: PageRequest) -> HttpResponse:
    """Pages of the book that have the words."""
    asked = asking.text(request, "q", 200)
    found: dict[str, list[BookHit]] = {}
    for each in shelf().search(asked):
        found.setdefault(each.chapter, []).append(each)
    groups = [(title, found[chapter]) for chapter, title in index_groups().items() if chapter in found]
    return book_page(request, "search", q=asked, groups=groups, total=sum(map(len, found.values())))


@page("book/records/", "book_records", tab=PageTab("book", 20, "records", "记录类型", "Record types"))
@door("book.read")
def records(request: PageRequest) -> HttpResponse:
    """All record types, by the system that they serve first."""
    shelf_ = shelf()
    quality = asking.text(request, "quality", 20)
    groups: dict[str, list[dict[str, Any]]] = {}
    for entry in shelf_.book[RECORDS].values():
        if quality in ("", entry.record.quality):
            groups.setdefault(entry.record.systems[0][0], []).append(
                {
                    "entry": entry,
                    "more": len(entry.record.law) - 1,
                    "cadence": CADENCES[entry.record.volume.cadence],
                    "audience": AUDIENCES[entry.record.audience],
                    "senders": len(shelf_.senders(entry.id)),
                    "worst": _worst(entry.record.law),
                }
            )
    found = [(SYSTEMS[letter], groups[letter]) for letter in SYSTEMS if letter in groups]
    return book_page(request, "records", groups=found, quality=quality, qualities=QUALITIES)


@page("book/records/<str:name>/", "book_record")
@door("book.read")
def record(request: PageRequest, name: str) -> HttpResponse:
    """A record type: its fields, law, publication, cadence, who hands it in, sources, examples, editions."""
    shelf_ = shelf()
    entry = shelf_.book[RECORDS].get(name)
    if entry is None:
        raise absent()
    said = entry.record
    until = LawKey.parse(said.publication.until)
    return book_page(
        request,
        "record",
        entry=entry,
        record=said,
        fields=[_field(shelf_.book, name, key) for key in said.fields],
        law=[cited_with_topic(citation) for citation in said.law],
        published_law=cited_with_topic(said.publication.law) if said.publication.law else None,
        published_when=outcome_words(said.publication.when, said, next(iter(entry.types.values()))),
        published_until={
            "topic": until.topic,
            "name": until.parameter,
            "value": _value_today(shelf_, until.topic, until.parameter),
        }
        if until.topic
        else None,
        masked=[said.fields[key].label for key in said.publication.masked],
        cadence=CADENCES[said.volume.cadence],
        audience=AUDIENCES[said.audience],
        stage=STAGES[said.stage],
        key=[said.fields[key].label for key in said.key],
        on=said.fields[said.on].label,
        until=said.fields[said.until].label if said.until else None,
        area=said.fields[said.area].label if said.area != "unit" else None,
        outcomes=_outcomes(shelf_.book, name),
        senders=shelf_.senders(name),
        sources=[_source(entry.id, source, shelf_.book) for source in entry.sources],
        examples=_examples(shelf_.book, name),
        indicators=[(each, shelf_.book[INDICATORS][each]) for each in shelf_.indicators_of(name)],
        editions=_with_current(shelf_.book, name, editions_received(name)),
    )


@page("book/records/<str:name>/blank-form/", "book_blank_form")
@door("book.read")
def blank_form(request: PageRequest, name: str) -> HttpResponse:
    """The blank form of a record, in the layout of one of its sources."""
    return blank_form_file(book(), name, asking.text(request, "source", 80))


@page("book/law/", "book_law", tab=PageTab("book", 30, "law", "法规", "Law"))
@door("book.read")
def law(request: PageRequest) -> HttpResponse:
    """The topics of law."""
    shelf_, day = shelf(), today()
    topics = [
        {
            "name": name,
            "topic": topic,
            "texts": [text for _, text in shelf_.texts_of(name)],
            "values": sum(len(p.values) for p in topic.parameters.values()),
            "stale": shelf_.stale_in(name, day),
        }
        for name, topic in shelf_.topics.items()
    ]
    register = sorted(shelf_.register.texts.items(), key=lambda each: each[1].zh)
    return book_page(request, "law", topics=topics, register=register)


@page("book/law/<str:name>/", "book_topic")
@door("book.read")
def topic(request: PageRequest, name: str) -> HttpResponse:
    """A topic of law: its texts, and every value each parameter has had, with article, day of force and last check."""
    shelf_, day = shelf(), today()
    page = shelf_.topics.get(name)
    if page is None:
        raise absent()
    own = {id for id, text in shelf_.texts_of(name) if text.own}
    parameters = [
        {
            "name": key,
            "label": parameter.label,
            "values": [
                {
                    "said": value,
                    "words": shelf_.written(value),
                    "fresh": freshness(value.checked, day),
                    "own": value.text.id in own,
                    "note": {"zh": value.note_zh, "en": value.note_en} if value.note_zh else None,
                    "since": value.begins or value.since,
                    "holds": (value.begins or value.since) <= day
                    and (value.until is None or day <= value.until)
                    and not number,
                }
                for number, value in enumerate(shelf_.values(name, key))
            ],
        }
        for key, parameter in page.parameters.items()
    ]
    cited = [
        entry for entry in shelf_.book[RECORDS].values() if any(shelf_.topic_of(c) == name for c in entry.record.law)
    ]
    return book_page(
        request,
        "topic",
        name=name,
        topic=page,
        texts=shelf_.texts_of(name),
        one_text=len(page.cited()) == 1,
        parameters=parameters,
        published=shelf_.records_published_by(name),
        records=cited,
    )


@page("book/indicators/", "book_indicators", tab=PageTab("book", 50, "indicators", "指标", "Indicators"))
@door("book.read")
def indicators(request: PageRequest) -> HttpResponse:
    """All indicators with their definitions, by the system they serve."""
    found = shelf().book
    groups: dict[str, list[Any]] = {}
    for name, indicator in found[INDICATORS].items():
        groups.setdefault(indicator.systems[0][0], []).append((name, indicator))
    return book_page(
        request, "indicators", groups=[(SYSTEMS[letter], groups[letter]) for letter in SYSTEMS if letter in groups]
    )


@page("book/indicators/<str:name>/", "book_indicator")
@door("book.read")
def indicator(request: PageRequest, name: str) -> HttpResponse:
    """The definition of an indicator in words, its law, plan and targets."""
    found = shelf().book
    if name not in found[INDICATORS]:
        raise absent()
    said = found[INDICATORS][name]
    goals = found[TARGETS].get(name)
    return book_page(
        request,
        "indicator",
        name=name,
        indicator=said,
        sides=definition.in_words(found, name, today()),
        law=[cited_with_topic(citation) for citation in said.law],
        goals=[_goal(found, goal) for goal in goals.goals] if goals else (),
        splits=[definition.dimension_label(found, said, each) for each in said.per],
        edition=found[INDICATORS][name].edition,
        may_read=bool(access.scope(call_of(request), "indicator.read").ways),
    )


@page("book/roles/", "book_roles", tab=PageTab("book", 60, "roles", "角色", "Roles"))
@door("book.read")
def roles(request: PageRequest) -> HttpResponse:
    """Who may do what, and how far it reaches."""
    found = [
        {
            "name": name,
            "role": role,
            "audiences": [AUDIENCES[each] for each in role.audiences],
            "clauses": [
                {
                    "reach": REACHES[clause.reach],
                    "acts": [{"name": act, "label": ACTS[act]} for act in clause.acts],
                    "quality": clause.quality,
                }
                for clause in role.may
            ],
        }
        for name, role in shelf().book[ROLES].items()
    ]
    return book_page(request, "roles", roles=found)


@page("book/calendars/", "book_calendar", tab=PageTab("book", 70, "calendar", "日历", "Calendars"))
@page("book/calendars/<number:year>/", "book_calendar_year")
@door("book.read")
def calendar(request: PageRequest, year: int | None = None) -> HttpResponse:
    """The working days of a year, after the notice of that year."""
    shelf_ = shelf()
    known = {page.year: page for page in shelf_.years}
    if year is None:
        year = today().year if today().year in known else max(known)
    if year not in known:
        raise absent()
    return book_page(
        request,
        "calendar",
        year=year,
        page=known[year],
        years=sorted(known, reverse=True),
        months=[_month(shelf_, year, number) for number in range(1, 13)],
    )


@page("book/terms/", "book_glossary", tab=PageTab("book", 80, "glossary", "术语", "Terms"))
@door("book.read")
def glossary(request: PageRequest) -> HttpResponse:
    """The word table."""
    return book_page(request, "glossary", terms=shelf().glossary.terms)


@page("book/editions/", "book_changes", tab=PageTab("book", 90, "changes", "版本", "Editions"))
@door("book.read")
def changes(request: PageRequest) -> HttpResponse:
    """Every edition with which something was received, by record and source; or what changed between two of them."""
    found = shelf().book
    name, older, newer = (asking.text(request, key, 100) for key in ("record", "from", "to"))
    if not (older and newer):
        received = editions_received(name or None)
        groups: dict[tuple[str, str], list[Edition]] = {}
        for each in received:
            groups.setdefault((each.record, each.source), []).append(each)
        return book_page(
            request,
            "editions",
            known=found[RECORDS],
            groups=[
                {
                    "record": record_,
                    "source": _source_label(found, record_, source),
                    "label": _record_label(found, record_),
                    "editions": _with_current(found, record_, some, source),
                }
                for (record_, source), some in groups.items()
            ],
        )
    before, after = _text(found, older), _text(found, newer)
    if before is None or after is None:
        raise absent()
    return book_page(
        request,
        "changes",
        label=_record_label(found, before[0]),
        record=before[0],
        source=before[1],
        older=older,
        newer=newer,
        changes=[
            {"change": each, "words": _path_words(found, before[0], each.path)}
            for each in editions.changes(before[2], after[2])
        ],
    )


def _goal(found: Book, goal: Goal) -> dict[str, Any]:
    """A goal in words: where it is asked, what it asks; a bound read from target letters by the name of its
    indicator.
    """
    areas = [area.name for area in found[DISTRICT].areas if area.code in goal.areas]
    where = areas or [level.several for level in found[DISTRICT].levels if level.id in goal.kinds]
    bounds = []
    for name, bound in goal.bounds():
        label = found[INDICATORS][bound].label if isinstance(bound, str) else {"zh": f"{bound:f}", "en": f"{bound:f}"}
        bounds.append({"sign": BOUND_SIGNS[name], "label": label, "indicator": bound if isinstance(bound, str) else ""})
    return {"goal": goal, "where": where, "bounds": bounds}


def cited_with_topic(citation: Citation) -> dict[str, Any]:
    return {
        "citation": citation,
        "topic": shelf().topic_of(citation),
        "fresh": freshness(citation.checked, today()),
    }


def _worst(citations: tuple[Citation, ...]) -> str:
    found = {freshness(citation.checked, today()) for citation in citations}
    return next((word for word in ("never", "old") if word in found), "checked")


def _value_today(shelf_: Library, topic_: str, name: str) -> Label | None:
    values = [value for value in shelf_.values(topic_, name) if (value.begins or value.since) <= today()]
    return shelf_.written(values[0]) if values else None


def _field(found: Book, record_: str, key: str) -> dict[str, Any]:
    field = found[RECORDS][record_].record.fields[key]
    choices = field.options.get("choices", {})
    return {
        "name": key,
        "field": field,
        "type": dict(zip(("zh", "en"), BY_NAME[field.type].label, strict=True)),
        "choices": [definition.value_label(found, record_, key, choice) for choice in choices],
        "unit": field.options.get("unit", ""),
    }


def _outcomes(found: Book, record_: str) -> list[dict[str, Any]]:
    outcome = found[RECORDS][record_].record.outcome
    if outcome is None:
        return []
    sides = (("pass", outcome.pass_), ("fail", outcome.fail), ("neutral", outcome.neutral))
    return [
        {
            "name": side,
            "label": OUTCOMES[side],
            "values": [definition.value_label(found, record_, outcome.field, value) for value in values],
        }
        for side, values in sides
        if values
    ]


def _source(record_: str, name: str, found: Book) -> dict[str, Any]:
    entry = found[RECORDS][record_]
    source = entry.sources[name]
    columns = [
        {"heading": heading, "fields": [_target_label(found, record_, target) for target in source.targets(heading)]}
        for heading in source.columns
    ]
    return {"name": name, "source": source, "columns": columns, "edition": entry.edition(name)}


def _target_label(found: Book, record_: str, target: str) -> dict[str, str]:
    name, _, part = target.partition(".")
    label = found[RECORDS][record_].record.fields[name].label
    return {
        "zh": f"{label.zh}（{part}）" if part else label.zh,
        "en": f"{label.en} ({part})" if part else label.en,
    }


def _examples(found: Book, record_: str) -> dict[str, Any]:
    examples = found[RECORDS][record_].examples
    return {"accepted": examples.accepted, "refused": examples.refused}


def _source_label(found: Book, record_: str, source: str) -> str:
    """What the layout of a source is called; its name where it has gone from the book."""
    entry = found[RECORDS].get(record_)
    return label(entry.sources[source].label) if entry is not None and source in entry.sources else source


def _with_current(
    found: Book, record_: str, received: tuple[Edition, ...] | list[Edition], source: str | None = None
) -> list[dict[str, Any]]:
    """Editions, the newest first, each with the one before it; and the one the book has now, received with or not."""
    entry = found[RECORDS].get(record_)
    lines: list[dict[str, Any]] = []
    sources = dict.fromkeys([e.source for e in received])
    if entry is not None and source is None:
        sources = dict.fromkeys([*sources, *entry.sources])
    for name in sources if source is None else [source]:
        some = sorted((e for e in received if e.source == name), key=lambda e: e.first_delivery, reverse=True)
        current = entry.edition(name) if entry is not None and name in entry.sources else ""
        for number, each in enumerate(some):
            lines.append(
                {
                    "source": _source_label(found, record_, name),
                    "edition": each.edition,
                    "received": each,
                    "current": each.edition == current,
                    "before": some[number + 1].edition if number + 1 < len(some) else "",
                }
            )
        if current and current not in {e.edition for e in some}:
            lines.insert(
                len(lines) - len(some),
                {
                    "source": _source_label(found, record_, name),
                    "edition": current,
                    "received": None,
                    "current": True,
                    "before": some[0].edition if some else "",
                },
            )
    return lines


def _text(found: Book, edition: str) -> tuple[str, str, str] | None:
    """Record, source and canonical text of an edition: from the ledger, else as the book has it now."""
    if (kept := edition_text(edition)) is not None:
        return kept
    for entry in found[RECORDS].values():
        for source in entry.sources:
            if entry.edition(source) == edition:
                return entry.id, source, entry.definition(source)
    return None


def _record_label(found: Book, record_: str) -> Label | dict[str, str]:
    entry = found[RECORDS].get(record_)
    return entry.record.label if entry is not None else {"zh": record_, "en": record_}


def _path_words(found: Book, record_: str, path: tuple[str, ...]) -> dict[str, str]:
    """The way to an entry, with the labels of fields in place of their names."""
    zh, en = [], []
    for number, step in enumerate(path):
        label = (
            definition.field_label(found, record_, step)
            if number and path[number - 1] in ("fields", "options")
            else None
        )
        zh.append(f"{label.zh}（{step}）" if label is not None and label.zh != step else step)
        en.append(f"{label.en} ({step})" if label is not None and label.en != step else step)
    return {"zh": " › ".join(zh), "en": " › ".join(en)}


def _month(shelf_: Library, year: int, number: int) -> dict[str, Any]:
    weeks = []
    for week in months.Calendar(firstweekday=0).monthdatescalendar(year, number):
        weeks.append([_day(shelf_, day) if day.month == number else None for day in week])
    return {"number": number, "weeks": weeks}


def _day(shelf_: Library, day: dt.date) -> dict[str, Any]:
    holiday = shelf_.calendar.holiday(day)
    working = shelf_.calendar.is_working(day)
    kind = "off" if holiday is not None and not working else "worked" if working and day.weekday() > 4 else ""
    if shelf_.calendar.is_statutory_holiday(day):
        kind = "statutory"
    return {"day": day, "kind": kind or ("weekend" if day.weekday() > 4 else ""), "holiday": holiday}
