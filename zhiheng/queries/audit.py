"""The two trails as one list: what was changed in the ledger and what was read, exported and done among people."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from heapq import merge
from typing import Any

import orjson
from django.db.models import Q, QuerySet

from zhiheng.database.days import on_days
from zhiheng.database.paging import Page, cut, one_more, place_text, place_values
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.trail_words import ABOUT, WHOLE
from zhiheng.ledger.models import Alias, AuditLine
from zhiheng.office.cases import CaseStandingRow
from zhiheng.people import access, trail
from zhiheng.people.models import Account, ApiToken, Grant, TrailLine
from zhiheng.projections.models import Card
from zhiheng.queries.case_reach import readable

PAGE = 50


@dataclass(frozen=True)
class TrailFilters:
    """Filters of the trail: any of these actors, a verb, any of these things, days; an empty one limits nothing."""

    who: tuple[str, ...] = ()
    verb: str = ""
    about: tuple[str, ...] = ()
    first: dt.date | None = None
    last: dt.date | None = None


@dataclass(frozen=True)
class TrailEntry:
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


def audit(filters: TrailFilters, *, after: str, call: Call, limit: int = PAGE) -> Page[TrailEntry]:
    """A page of both trails, the latest first. Reading them is itself noted, once per search."""
    access.require_somewhere(call, "audit.read")
    whose = _whose(call)
    wanted = one_more(limit)
    place = place_values(after, dt.datetime, str, int)
    lines = merge(
        (_entry(line, "ledger") for line in _rows(AuditLine.objects.all(), "ledger", filters, place, whose)[:wanted]),
        (_entry(line, "people") for line in _rows(TrailLine.objects.all(), "people", filters, place, whose)[:wanted]),
        key=lambda entry: (entry.at, entry.trail, entry.number),
        reverse=True,
    )
    found = [line for line, _ in zip(lines, range(wanted), strict=False)]
    if not after:
        asked = {
            name: list(value) if isinstance(value, tuple) else str(value)
            for name, value in vars(filters).items()
            if value
        }
        trail.note(call, "audit.read", "trail", detail={"filters": asked})
    page = cut(found, limit, lambda line: place_text(line.at, line.trail, line.number))
    return page.made(_named(page.rows))


def cases_open_to(lines: Iterable[TrailEntry], *, call: Call) -> frozenset[str]:
    """Of the cases that some lines are about, those that the reader may read, as the lines name them: a restricted one
    is not among them (one query).
    """
    access.require_somewhere(call, "audit.read")
    numbers = {int(line.about[5:]) for line in lines if re.fullmatch(r"case:\d{1,18}", line.about)}
    if not numbers or access.scope(call, "case.read").nothing:
        return frozenset()
    found = CaseStandingRow.objects.filter(readable(call), case__in=numbers).values_list("case", flat=True)
    return frozenset(f"case:{number}" for number in found)


COMMAND_LINE = "cli:"
MOST_FOUND = 50
_NOBODY = {
    "系统": "system",
    "系统自动": "system",
    "system": "system",
    "公众": "public",
    "public": "public",
    "未登录": "public",
    "服务器命令行": COMMAND_LINE,
    "命令行": COMMAND_LINE,
    "command line": COMMAND_LINE,
}
_KNOWN = re.compile(r"(?:account|token):\d{1,18}|cli:.*|system|public")


@dataclass(frozen=True)
class LookedUp:
    """The actors and the things that two search texts mean; none where a text matches nothing."""

    who: tuple[str, ...]
    about: tuple[str, ...]


def look_up(who: str, about: str) -> LookedUp:
    """From what an auditor types to what the trails hold: a person's name, an enterprise, '事实 123'."""
    return LookedUp(_actors(who), _things(about))


def _actors(text: str) -> tuple[str, ...]:
    if not text:
        return ()
    if text.lower() in _NOBODY:
        return (_NOBODY[text.lower()],)
    if _KNOWN.fullmatch(text):
        return (text,)
    accounts = Account.objects.filter(Q(name=text) | Q(login=text.lower()))
    found = [f"account:{number}" for number in accounts.values_list("pk", flat=True)[:MOST_FOUND]]
    if not found:
        some = Account.objects.filter(name__contains=text).values_list("pk", flat=True)[:MOST_FOUND]
        found = [f"account:{number}" for number in some]
    keys = ApiToken.objects.filter(name__contains=text).values_list("pk", flat=True)[:MOST_FOUND]
    return (*found, *(f"token:{number}" for number in keys))


def _things(text: str) -> tuple[str, ...]:
    if not text:
        return ()
    for name, words in WHOLE.items():
        if text.lower() in (name, *words):
            return (name,)
    if numbered := re.fullmatch(r"(\D+?)\s*[:：#]?\s*(\d{1,18})", text):
        word = numbered[1].strip().lower()
        kinds = [kind for kind, words in ABOUT.items() if word in (kind, *words)]
        if kinds:
            return tuple(f"{kind}:{int(numbered[2])}" for kind in kinds)
    if re.fullmatch(r"[a-z_]+:\S+", text):
        return (text,)
    named = Alias.objects.filter(Q(name=text) | Q(code=text.upper()))
    cards = Card.objects.filter(name=text).values_list("subject", flat=True)[:MOST_FOUND]
    subjects = {*named.values_list("subject_id", flat=True)[:MOST_FOUND], *cards}
    people = _actors(text) if not subjects else ()
    return (
        *(f"subject:{number}" for number in sorted(subjects)),
        *(one for one in people if one.startswith("account:")),
    )


def names_of_subjects(numbers: Collection[int]) -> dict[int, str]:
    """What enterprises are called today (one query; none for none)."""
    return dict(Card.objects.filter(subject__in=numbers).values_list("subject", "name")) if numbers else {}


def _whose(call: Call) -> Q:
    """Whose lines the actor may read: everybody's, or those of the accounts of the units that they audit."""
    units = access.units(call, "audit.read")
    if len(units) == len(call.book[DISTRICT].units):
        return Q()
    accounts = Account.objects.filter(unit__in=units)
    found = Q(actor__in=[f"account:{number}" for number in accounts.values_list("pk", flat=True)])
    acting = Grant.objects.filter(account__in=accounts, lent_from__isnull=False).values_list("account_id", flat=True)
    for number in acting.distinct():
        found |= Q(actor__startswith=f"account:{number} for ")
    return found


def _rows(
    rows: QuerySet[Any], of: str, filters: TrailFilters, place: tuple[Any, ...] | None, whose: Q
) -> QuerySet[Any]:
    """Lines of one trail after a place, the latest first; lines of one moment stand by the name of their trail, then by
    number.
    """
    rows = rows.filter(whose).order_by("-at", "-id")
    if filters.who:
        # An account itself, and an account in somebody's place; never the accounts whose number begins alike.
        exactly = Q(actor__in=filters.who)
        for one in filters.who:
            exactly |= Q(actor__startswith=f"{one} for ")
            if one == COMMAND_LINE:
                exactly |= Q(actor__startswith=one)
        rows = rows.filter(exactly)
    if filters.verb:
        rows = rows.filter(verb=filters.verb)
    if filters.about:
        rows = rows.filter(about__in=filters.about)
    rows = rows.filter(on_days("at", filters.first, filters.last))
    if place is None:
        return rows
    at, stood, number = place
    if of == stood:
        return rows.filter(Q(at__lt=at) | Q(at=at, id__lt=number))
    return rows.filter(at__lt=at) if of > stood else rows.filter(at__lte=at)


def _entry(line: Any, of: str) -> TrailEntry:
    return TrailEntry(
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


def _named(lines: Sequence[TrailEntry]) -> list[TrailEntry]:
    """The same with the names of accounts beside their numbers (one query)."""
    numbers = {int(n) for line in lines if (n := line.who.partition(" ")[0].removeprefix("account:")).isdecimal()}
    names = dict(Account.objects.filter(pk__in=numbers).values_list("pk", "name")) if numbers else {}

    def name(who: str) -> str:
        number = who.partition(" ")[0].removeprefix("account:")
        return names.get(int(number), "") if number.isdecimal() else ""

    return [TrailEntry(**{**vars(line), "name": name(line.who)}) for line in lines]
