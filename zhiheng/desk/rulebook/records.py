"""Record types at the desk: fields, outcomes, layouts, examples, and the blank forms."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from zhiheng.desk.page_registry import PageTab, page
from zhiheng.desk.rulebook.chapters import SYSTEMS, absent, book_page, cited_with_topic, shelf, worst_freshness
from zhiheng.desk.rulebook.editions import with_current
from zhiheng.desk.rulebook.law import value_today
from zhiheng.engines import definition
from zhiheng.engines.naming import AUDIENCES, CADENCES, OUTCOMES, outcome_words
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import QUALITIES
from zhiheng.kernel.fields.by_name import BY_NAME
from zhiheng.kernel.law import LawKey
from zhiheng.pages import asking
from zhiheng.pages.access import book, door
from zhiheng.pages.blank_forms import blank_form_file
from zhiheng.pages.http import PageRequest
from zhiheng.quality_file.editions import editions_received

STAGES = {
    "before": {"zh": "事前", "en": "before"},
    "during": {"zh": "事中", "en": "during"},
    "after": {"zh": "事后", "en": "after"},
}


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
                    "worst": worst_freshness(entry.record.law),
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
            "value": value_today(shelf_, until.topic, until.parameter),
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
        editions=with_current(shelf_.book, name, editions_received(name)),
    )


@page("book/records/<str:name>/blank-form/", "book_blank_form")
@door("book.read")
def blank_form(request: PageRequest, name: str) -> HttpResponse:
    """The blank form of a record, in the layout of one of its sources."""
    return blank_form_file(book(), name, asking.text(request, "source", 80))


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
