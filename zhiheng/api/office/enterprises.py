"""Enterprises over the interface: found, their quality files, their facts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ninja import Schema
from pydantic import Field

from zhiheng.api.answers import AreaCode, Cursor, Limit, Number, OriginOut, Text, Word, WordsOut, cursor_in, cursor_out
from zhiheng.api.keys import ProgramRequest, call_of
from zhiheng.api.office.file_lines import LineOut, ShownOut, file_line, shown_field
from zhiheng.api.office.operation import WRONG, asks, router
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.types import OUTCOMES
from zhiheng.pages.access import book, today
from zhiheng.pages.asking import choice, understood
from zhiheng.quality_file.file_view import TimelineFilters as LineFilters
from zhiheng.queries import for_programs as reading
from zhiheng.queries.for_programs import SearchFilters
from zhiheng.queries.quality_files import FileNumbers


class CardOut(Schema):
    """An enterprise in one line."""

    subject: int
    name: str
    code: str
    area: str
    industry: str
    status: str
    established_on: dt.date | None
    facts: int | None = Field(description="null, with the four below it, where the key opens only a part of them")
    open_problems: int | None
    lists: list[str] | None
    next_expiry: dt.date | None
    last_on: dt.date | None


class OfficeEnterprisePage(Schema):
    """Enterprises in a stable order."""

    enterprises: list[CardOut]
    next: str


@router.get(
    "/enterprises",
    response={200: OfficeEnterprisePage, **WRONG},
    summary="查找企业 / look for enterprises",
    **asks("enterprise.list"),
)
def enterprises(
    request: ProgramRequest,
    q: Text = "",
    area: AreaCode = "",
    industry: Word = "",
    listed: bool | None = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """By any name it ever had, Pinyin initials, code, licence, product or equipment; and by filters."""
    understood(request, book(), today())
    within = tuple(sorted(book()[DISTRICT].areas_below.get(area, frozenset({area})))) if area else ()
    filters = SearchFilters(
        areas=within, industry=industry, listed="" if listed is None else "any" if listed else "none"
    )
    of = f"enterprises:{q}:{area}:{industry}:{listed}"
    page = reading.find(q, filters, after=cursor_in(of, cursor), limit=limit, call=call_of(request))
    return {
        "enterprises": [_card(hit.card) | ({} if hit.counted else _NOT_TOLD) for hit in page.rows],
        "next": cursor_out(of, page.next),
    }


class GroupOut(Schema):
    """What holds now of one group."""

    id: str
    label: WordsOut
    total: int
    lines: list[LineOut]


class FileOut(Schema):
    """The quality file: who it is and what holds today."""

    subject: int
    names: list[str]
    codes: list[str]
    addresses: list[str]
    card: CardOut | None = Field(None, description="absent where the key reaches only part of the file")
    standing: list[GroupOut]


@router.get(
    "/enterprises/{subject}",
    response={200: FileOut, **WRONG},
    summary="质量档案 / the quality file",
    **asks("file.read"),
)
def file(request: ProgramRequest, subject: Number) -> dict[str, Any]:
    """The read is noted."""
    found = reading.file(subject, call=call_of(request))
    return {
        "subject": subject,
        "names": list(found.head.names),
        "codes": list(found.head.codes),
        "addresses": list(found.head.addresses),
        "card": _card(found.card) | _numbers(found.numbers) if found.card and found.numbers else None,
        "standing": [
            {
                "id": g.id,
                "label": WordsOut.of(g.label).dict(),
                "total": g.total,
                "lines": [file_line(one) for one in g.lines],
            }
            for g in found.page.current
        ],
    }


class LinePage(Schema):
    """Facts, the latest first."""

    facts: list[LineOut]
    next: str


@router.get(
    "/enterprises/{subject}/facts",
    response={200: LinePage, **WRONG},
    summary="企业的全部事实 / all facts",
    **asks("file.read"),
)
def facts(
    request: ProgramRequest,
    subject: Number,
    quality: Word = "",
    record: Word = "",
    unit: Word = "",
    outcome: Word = "",
    as_of: dt.date | None = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """The timeline of an enterprise from all departments, as far as the key reaches."""
    understood(request, book(), today())
    of = f"facts:{subject}:{quality}:{record}:{unit}:{outcome}:{as_of}"
    choice(request, "outcome", OUTCOMES)
    filters = LineFilters(quality=quality, outcome=outcome, unit=unit, record=record)
    found = reading.facts(
        subject, filters, as_of=as_of or today(), after=cursor_in(of, cursor), limit=limit, call=call_of(request)
    )
    return {"facts": [file_line(line) for line in found.rows], "next": cursor_out(of, found.next)}


class CellOut(Schema):
    """A cell of the row as delivered."""

    heading: str
    text: str
    masked: bool


class FactOut(Schema):
    """A fact whole: what was read from it beside what was delivered."""

    fact: int
    record: str
    label: WordsOut
    law: list[str]
    kind: str
    occurred_on: dt.date
    valid_until: dt.date | None
    outcome: str | None
    flags: list[str]
    fields: list[ShownOut]
    cells: list[CellOut]
    replaced_by: int | None
    origin: OriginOut
    leaf: str
    root: str
    link: str


@router.get("/facts/{number}", response={200: FactOut, **WRONG}, summary="一条事实 / one fact", **asks("fact.read"))
def fact(request: ProgramRequest, number: Number) -> dict[str, Any]:
    """With the original row, the law, and the hashes by which it can be checked."""
    found = reading.fact(number, call=call_of(request))
    after = found.replaced_by
    return {
        "fact": found.fact,
        "record": found.record,
        "label": WordsOut.of(found.label).dict(),
        "kind": found.kind,
        "law": [f"{c.text}{c.article}" for c in found.law],
        "occurred_on": found.occurred_on,
        "valid_until": found.valid_until,
        "outcome": found.outcome,
        "flags": list(found.flags),
        "fields": [shown_field(f) for f in found.fields],
        "cells": [{"heading": c.heading, "text": c.text, "masked": c.masked} for c in found.cells],
        "replaced_by": after.fact if after else None,
        "leaf": found.leaf,
        "root": found.root,
        "link": found.link,
        "origin": {
            "unit": found.unit,
            "delivery": found.delivery,
            "row": found.row_number,
            "learned_on": found.learned_on,
        },
    }


def _card(card: Any) -> dict[str, Any]:
    return {
        "subject": card.subject,
        "name": card.name,
        "code": card.code,
        "area": card.area,
        "industry": card.industry,
        "status": card.status,
        "established_on": card.established_on,
        "facts": card.facts,
        "open_problems": card.open_problems,
        "lists": card.on_lists,
        "next_expiry": card.next_expiry,
        "last_on": card.last_counted_on,
    }


_NOT_TOLD = dict.fromkeys(("facts", "open_problems", "lists", "next_expiry", "last_on"))


def _numbers(told: FileNumbers) -> dict[str, Any]:
    """The numbers of a file in the place of its card's: of what the key can open."""
    return {
        "facts": told.facts,
        "open_problems": told.open_problems,
        "lists": list(told.lists),
        "next_expiry": told.next_expiry,
        "last_on": told.last_on,
    }
