"""The two trails as one list: what was changed in the ledger and what was read, exported and done among people."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from heapq import merge
from typing import Any

import orjson
from django.db.models import Q, QuerySet

from zhiheng.grammar.loader import Book
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.asked import FIRST_DAY, LAST_DAY, number_in
from zhiheng.ledger.models import AuditLine
from zhiheng.people import access, trail
from zhiheng.people.models import Account, Grant, TrailLine

PAGE = 50


@dataclass(frozen=True)
class Filters:
    """What somebody looks for: the start of who, a verb or its beginning, what it was about, days."""

    who: str = ""
    verb: str = ""
    about: str = ""
    first: dt.date | None = None
    last: dt.date | None = None


@dataclass(frozen=True)
class Entry:
    """One line of either trail."""

    at: dt.datetime
    trail: str
    number: int
    who: str
    name: str
    verb: str
    about: str
    purpose: str
    detail: dict[str, Any]


@dataclass(frozen=True)
class Page:
    """Some lines, the latest first, and the cursor of the next ones."""

    rows: tuple[Entry, ...]
    next: str = ""


def audit(filters: Filters, *, after: str, actor: Actor, book: Book, now: dt.datetime, limit: int = PAGE) -> Page:
    """A page of both trails by time. Reading them is itself noted, once per search."""
    access.require_somewhere(actor, "audit.read", book=book, today=now.date())
    whose = _whose(actor, book, now)
    wanted = limit + 1
    place = _place(after)
    lines = merge(
        (_entry(line, "ledger") for line in _rows(AuditLine.objects.all(), "ledger", filters, place, whose)[:wanted]),
        (_entry(line, "people") for line in _rows(TrailLine.objects.all(), "people", filters, place, whose)[:wanted]),
        key=lambda entry: (entry.at, entry.trail, entry.number),
        reverse=True,
    )
    found = [line for line, _ in zip(lines, range(wanted), strict=False)]
    if not after:
        asked = {name: str(value) for name, value in vars(filters).items() if value}
        trail.note(actor, "audit.read", "trail", now, detail={"filters": asked})
    shown = _named(found[:limit])
    last = shown[-1] if len(found) > limit else None
    return Page(tuple(shown), f"{last.at.isoformat()}~{last.trail}~{last.number}" if last else "")


def _whose(actor: Actor, book: Book, now: dt.datetime) -> Q:
    """Whose lines the actor may read: everybody's, or those of the accounts of the units that they audit."""
    units = access.units(actor, "audit.read", book=book, today=now.date())
    if len(units) == len(book.district.units):
        return Q()
    accounts = Account.objects.filter(unit__in=units)
    found = Q(actor__in=[f"account:{number}" for number in accounts.values_list("pk", flat=True)])
    acting = Grant.objects.filter(account__in=accounts, lent_from__isnull=False).values_list("account_id", flat=True)
    for number in acting.distinct():
        found |= Q(actor__startswith=f"account:{number} for ")
    return found


def _rows(
    rows: QuerySet[Any], of: str, filters: Filters, place: tuple[dt.datetime, str, int] | None, whose: Q
) -> QuerySet[Any]:
    """Lines of one trail after a place, the latest first; lines of one moment stand by the name of their trail, then by number."""
    rows = rows.filter(whose).order_by("-at", "-id")
    if filters.who:
        rows = rows.filter(actor__startswith=filters.who)
    if filters.verb:
        rows = rows.filter(verb__startswith=filters.verb)
    if filters.about:
        rows = rows.filter(about=filters.about)
    if filters.first is not None:
        rows = rows.filter(at__date__gte=filters.first)
    if filters.last is not None:
        rows = rows.filter(at__date__lte=filters.last)
    if place is None:
        return rows
    at, stood, number = place
    if of == stood:
        return rows.filter(Q(at__lt=at) | Q(at=at, id__lt=number))
    return rows.filter(at__lt=at) if of > stood else rows.filter(at__lte=at)


def _place(after: str) -> tuple[dt.datetime, str, int] | None:
    at, _, rest = after.partition("~")
    of, _, number = rest.partition("~")
    try:
        moment = dt.datetime.fromisoformat(at)
    except ValueError:
        return None
    place = number_in(number)
    # Only a moment with its zone is one; and it is none where its day is none.
    if place is None or moment.tzinfo is None or not FIRST_DAY <= moment.date() <= LAST_DAY:
        return None
    return moment, of, place


def _entry(line: Any, of: str) -> Entry:
    return Entry(
        line.at,
        of,
        line.pk,
        line.actor,
        "",
        line.verb,
        line.about,
        getattr(line, "purpose", ""),
        orjson.loads(line.detail),
    )


def _named(lines: list[Entry]) -> list[Entry]:
    """The same with the names of accounts beside their numbers (one query)."""
    numbers = {int(n) for line in lines if (n := line.who.partition(" ")[0].removeprefix("account:")).isdecimal()}
    names = dict(Account.objects.filter(pk__in=numbers).values_list("pk", "name")) if numbers else {}

    def name(who: str) -> str:
        number = who.partition(" ")[0].removeprefix("account:")
        return names.get(int(number), "") if number.isdecimal() else ""

    return [Entry(**{**vars(line), "name": name(line.who)}) for line in lines]
