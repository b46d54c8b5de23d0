"""Editions of the book at the desk: with which something was received, and what changed between two."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from zhiheng.desk.page_registry import PageTab, page
from zhiheng.desk.rulebook.chapters import absent, book_page, shelf
from zhiheng.engines import definition, editions
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import Label
from zhiheng.pages import asking
from zhiheng.pages.access import door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import label
from zhiheng.quality_file.editions import Edition, edition_text, editions_received


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
                    "editions": with_current(found, record_, some, source),
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


def _source_label(found: Book, record_: str, source: str) -> str:
    """What the layout of a source is called; its name where it has gone from the book."""
    entry = found[RECORDS].get(record_)
    return label(entry.sources[source].label) if entry is not None and source in entry.sources else source


def with_current(
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
