"""Accounts, roles held, unused codes and tokens, as far as the actor manages them."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.db.models import F, Prefetch, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from zhiheng.database.paging import Keyset, Page, cut, place_text
from zhiheng.database.scope_sql import ScopedTable, column
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.grammar.types import Label
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.parse_params import number_in
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias
from zhiheng.office.webhooks import WebHook, WebHookCall
from zhiheng.people import access, trail
from zhiheng.people.actors import NOT_WAITING, waits
from zhiheng.people.models import Account, ApiToken, Grant, Invitation
from zhiheng.projections.models import Card
from zhiheng.queries import refusals
from zhiheng.queries.subject_areas import areas_of

PAGE = 50


@dataclass(frozen=True)
class AccountFilters:
    """Filters of the list of accounts."""

    text: str = ""
    unit: str = ""
    kind: str = ""
    role: str = ""
    closed: bool = False


@dataclass(frozen=True)
class Person:
    """An account in a list: the roles held today, and whether a second factor stands before it."""

    account: Account
    grants: tuple[Grant, ...]
    second_factor: bool


@dataclass(frozen=True)
class PersonSheet:
    """An account whole: every role it ever held, codes that are out, and what the reader may do with it."""

    account: Account
    grants: tuple[Grant, ...]
    second_factor: bool
    codes: tuple[Invitation, ...]
    enterprise: str
    manages: bool


def holds(grant: Grant, today: dt.date) -> bool:
    """Whether a role is held on the day; one that waits for a second person is not."""
    return (
        not waits(grant)
        and grant.first_day <= today <= (grant.last_day or dt.date.max)
        and (grant.ended_on is None or grant.ended_on > today)
    )


def people(filters: AccountFilters, *, after: str, call: Call) -> Page[Person]:
    """Accounts of the units that the actor looks after, by login; those of enterprises and banks only for who reaches
    all.
    """
    access.require_somewhere(call, "people.read")
    rows = _looked_after(call)
    rows = rows.filter(is_active=not filters.closed)
    if filters.text:
        rows = rows.filter(Q(name__contains=filters.text) | Q(login__startswith=filters.text.lower()))
    if filters.unit:
        rows = rows.filter(unit=filters.unit)
    if filters.kind:
        rows = rows.filter(kind=filters.kind)
    if filters.role:
        rows = rows.filter(pk__in=_holding(filters.role, call.today).values("account_id"))
    grants = Prefetch("grants", Grant.objects.select_related("confirmation").order_by("id"))
    page = Keyset("login").page(rows.prefetch_related(grants), after, PAGE)
    factors = _second_factors([account.pk for account in page.rows])
    today = call.today
    return page.made(
        Person(account, tuple(g for g in account.grants.all() if holds(g, today)), account.pk in factors)
        for account in page.rows
    )


def accounts(*, call: Call) -> list[tuple[Account, tuple[Grant, ...]]]:
    """Every account that the actor looks after, closed ones too, by login; with the roles that were not ended."""
    access.require_somewhere(call, "people.read")
    rows = _looked_after(call).prefetch_related("grants__confirmation").order_by("login")
    return [(account, tuple(grant for grant in account.grants.all() if grant.ended_on is None)) for account in rows]


def _looked_after(call: Call) -> QuerySet[Account]:
    """Accounts of the units that the actor looks after; those of enterprises and banks only for who reaches all."""
    units = access.units(call, "people.read")
    everybody = len(units) == len(call.book[DISTRICT].units)
    return Account.objects.all() if everybody else Account.objects.filter(unit__in=units)


def person(number: int, *, call: Call) -> PersonSheet:
    """One account; raises Refused where there is none or the actor does not look after it. Looking at another's account
    is noted, once a day.
    """
    account = Account.objects.filter(pk=number).first()
    if account is None:
        raise Refused(refusals.account_absent(number))
    target = _where(account)
    access.require(call, "people.read", **target)
    manages = access.may(call, "people.manage", **target) is None
    if call.actor.kind == "officer" and call.actor.account != number:
        trail.note_daily(call, "people.read", [f"account:{number}"])
    rows = Grant.objects.filter(account=account).select_related("delegated_by", "confirmation")
    grants = rows.order_by("-first_day", "-id")
    codes = Invitation.objects.filter(account=account, accepted_at=None, withdrawn_at=None, expires_at__gt=call.now)
    name = ""
    if account.subject is not None:
        name = Card.objects.filter(subject=account.subject).values_list("name", flat=True).first() or ""
    return PersonSheet(
        account,
        tuple(grants),
        account.pk in _second_factors([account.pk]),
        tuple(codes.order_by("-made_at", "-id")),
        name,
        manages,
    )


def own(*, actor: Actor, now: dt.datetime) -> tuple[Account, tuple[Grant, ...], tuple[Account, ...]]:
    """The actor's own account, the roles it holds today, and colleagues of its unit to whom one may be lent."""
    account = Account.objects.filter(pk=actor.account).first() if actor.account is not None else None
    if account is None:
        raise Refused(refusals.no_account())
    grants = Grant.objects.filter(account=account).select_related("delegated_by", "confirmation").order_by("id")
    lent = Grant.objects.filter(delegated_by=account).select_related("account", "confirmation").order_by("id")
    colleagues = Account.objects.filter(unit=account.unit, kind=Account.Kind.OFFICER, is_active=True).exclude(
        pk=account.pk
    )
    today = now.date()
    return (
        account,
        tuple(
            g for g in (*grants, *lent) if holds(g, today) or (g.ended_on is None and (g.first_day > today or waits(g)))
        ),
        tuple(colleagues.order_by("name", "login")[:500]) if account.unit else (),
    )


def invitations(*, after: str, call: Call) -> Page[tuple[Invitation, str]]:
    """Codes on paper for enterprises, the latest first, each with the enterprise's name; within the actor's areas."""
    access.require_somewhere(call, "enterprise.invite")
    # The enterprises stand in another database than the codes: a few more are read than are shown.
    read = Keyset("-made_at", "-id").page(Invitation.objects.filter(subject__isnull=False), after, PAGE * 4)
    subjects = {one.subject for one in read.rows if one.subject is not None}
    cards = {card.subject: card for card in Card.objects.filter(subject__in=subjects).only("subject", "name", "area")}
    areas = _areas(subjects, {number: card.area for number, card in cards.items()})
    mine = [
        one
        for one in read.rows
        if one.subject is not None
        and access.may(call, "enterprise.invite", area=areas[one.subject], subject=one.subject) is None
    ]
    page = cut(mine, PAGE, lambda one: place_text(one.made_at, one.pk))
    named = tuple((one, cards[one.subject].name if one.subject in cards else "") for one in page.rows)
    return Page(named, page.next or read.next)


# Web hooks that stand on the page of keys, the newest; the page says how many there are.
MOST_HOOKS = 200


def tokens(*, call: Call, after: str = "", limit: int = PAGE) -> tuple[Page[ApiToken], Page[WebHook]]:
    """A page of the keys of the units that the actor looks after, and the newest web hooks that were registered with
    them; each with how many there are.
    """
    access.require_somewhere(call, "token.manage")
    units = access.units(call, "token.manage")
    rows, hooks = ApiToken.objects.all(), WebHook.objects.all()
    if len(units) < len(call.book[DISTRICT].units):
        rows, hooks = rows.filter(unit__in=units), hooks.filter(unit__in=units)
    newest = Keyset("-id")
    return (
        newest.page(rows, after, limit).of_total(rows.count()),
        newest.page(hooks, "", MOST_HOOKS).of_total(hooks.count()),
    )


def latest_calls(hooks: Collection[int], most: int = 10) -> dict[int, list[WebHookCall]]:
    """The latest messages of web hooks without their bodies: hook -> messages, the latest first (one query)."""
    place = Window(RowNumber(), partition_by=F("hook_id"), order_by=F("id").desc())
    numbered = WebHookCall.objects.filter(hook__in=hooks).defer("body").annotate(place=place).filter(place__lte=most)
    found: dict[int, list[WebHookCall]] = {}
    for one in numbered.order_by("-id"):
        found.setdefault(one.hook_id, []).append(one)
    return found


def _holding(role: str, today: dt.date) -> QuerySet[Grant]:
    held = Grant.objects.filter(Q(last_day=None) | Q(last_day__gte=today), role=role, first_day__lte=today)
    return held.filter(Q(ended_on=None) | Q(ended_on__gt=today), NOT_WAITING)


def _second_factors(accounts: Sequence[int]) -> set[int]:
    """Those of the accounts that have a second factor (codes for recovery alone are none)."""
    rows = Authenticator.objects.filter(user_id__in=accounts).exclude(type=Authenticator.Type.RECOVERY_CODES)
    return set(rows.values_list("user_id", flat=True))


def _where(account: Account) -> access.ActTarget:
    """Where an account belongs, for the check whether the actor manages it."""
    if account.subject is not None:
        return {"area": areas_of([account.subject])[account.subject], "subject": account.subject}
    return {"unit": account.unit}


def _areas(subjects: Collection[int], of_cards: dict[int, str]) -> dict[int, frozenset[str]]:
    """Where enterprises lie: of their cards, else what the ledger says."""
    known = {subject: frozenset({area}) for subject, area in of_cards.items() if area}
    return {**areas_of([s for s in subjects if s not in known]), **known}


def name_of(subject: int) -> str:
    """The name on an enterprise's card; empty where it has none."""
    return Card.objects.filter(subject=subject).values_list("name", flat=True).first() or ""


@dataclass(frozen=True)
class Giver:
    """A person who can give a role: the name, and the unit's label (None where it is not of the book)."""

    name: str
    unit: Label | None


MOST_GIVERS = 5


def who_gives_roles(*, call: Call) -> tuple[Giver, ...]:
    """The people whom an account without a role can ask: those who manage the accounts of its unit, at most five, by
    name.
    """
    account = (
        Account.objects.filter(pk=call.actor.account).only("unit").first() if call.actor.account is not None else None
    )
    able = [name for name, role in call.book[ROLES].items() if any(role.clauses("people.manage"))]
    if account is None or not account.unit or not able:
        return ()
    found = []
    grants = (
        Grant.objects.filter(role__in=able, account__is_active=True)
        .select_related("account", "confirmation")
        .order_by("account__name", "id")
    )
    for grant in grants:
        reached = call.book[DISTRICT].areas_below.get(
            grant.area or call.book[DISTRICT].area_of_unit.get(grant.unit, ""), frozenset()
        )
        if holds(grant, call.today) and call.book[DISTRICT].area_of_unit.get(account.unit, "") in reached:
            one = Giver(grant.account.name, call.book[DISTRICT].names.get(grant.account.unit))
            if one not in found:
                found.append(one)
    return tuple(found[:MOST_GIVERS])


def unit_of(actor: Actor, book: Book) -> Label | None:
    """The label of the unit of the actor's account."""
    if actor.account is None:
        return None
    return book[DISTRICT].names.get(
        Account.objects.filter(pk=actor.account).values_list("unit", flat=True).first() or ""
    )


@dataclass(frozen=True)
class Invitable:
    """An enterprise that can be invited, as a choice."""

    subject: int
    name: str
    code: str
    area: str


MOST_INVITABLE = 10
_INVITABLE = ScopedTable[None, Q](
    "enterprises to invite",
    Q,
    records=ScopedTable.LIMITS_NOTHING,
    areas=column("area"),
    # Who has sent something about an enterprise may not invite it for that alone.
    units=ScopedTable.HIDES,
    subjects=column("subject"),
    workflows=ScopedTable.LIMITS_NOTHING,
)


def invitable(text: str, *, call: Call) -> tuple[Invitable, ...]:
    """Enterprises within the actor's reach that a text means: by code, by the number in the address of a file, or by a
    part of the name.

    The right to invite does not include reading files: only names, codes and areas are returned.
    """
    access.require_somewhere(call, "enterprise.invite")
    scope = access.scope(call, "enterprise.invite")
    cards = Card.objects.filter(_INVITABLE.within(scope, None))
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    if not text:
        return ()
    coded = Alias.objects.filter(code=text.upper()).values_list("subject_id", flat=True)[:MOST_INVITABLE]
    exactly = Q(subject__in=list(coded)) | Q(name=text)
    if (number := number_in(text)) is not None:
        exactly |= Q(subject=number)
    found = list(cards.filter(exactly).order_by("name")[:MOST_INVITABLE])
    found = found or list(cards.filter(name__contains=text).order_by("name")[:MOST_INVITABLE])
    return tuple(Invitable(card.subject, card.name, card.code, card.area) for card in found)
