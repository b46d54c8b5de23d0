"""Who is told: the accounts that hold a role today, in a unit or for an area."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import cached_property

from django.db.models import Q

from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.kernel.actor import Holding
from zhiheng.people.actors import WITH_GRANTS, held
from zhiheng.people.models import Grant


class Addressees:
    """The officers of a day, read once: many messages of one day ask the same (one query)."""

    def __init__(self, book: Book, today: dt.date) -> None:
        self._book, self._today = book, today

    @cached_property
    def _held(self) -> list[tuple[int, Holding, int | None]]:
        """Account, role, and in whose place it is held where it was lent."""
        today = self._today
        officers = [name for name, role in self._book[ROLES].items() if role.kind == "officer"]
        rows = (
            Grant.objects.filter(Q(last_day=None) | Q(last_day__gte=today), role__in=officers, first_day__lte=today)
            .filter(Q(ended_on=None) | Q(ended_on__gt=today), account__is_active=True)
            .select_related(*WITH_GRANTS)
            .order_by("account_id", "id")
        )
        return [
            (grant.account_id, holding, grant.lent_from.account_id if grant.lent_from is not None else None)
            for grant in rows
            if (holding := held(grant)).on(today)
        ]

    @cached_property
    def _deputies(self) -> dict[int, set[int]]:
        """Account -> the accounts that act in its place today, by a role that it lent."""
        found: dict[int, set[int]] = {}
        for account, _, lender in self._held:
            if lender is not None:
                found.setdefault(lender, set()).add(account)
        return found

    def with_deputies(self, accounts: Sequence[int]) -> tuple[int, ...]:
        """Accounts, and those who act in their place today: who is away has somebody who is reminded."""
        deputies = {deputy for account in accounts for deputy in self._deputies.get(account, ())}
        return tuple(sorted({*accounts, *deputies}))

    def of_unit(self, unit: str) -> Iterator[tuple[int, Holding]]:
        """The accounts that hold a role in a unit, each with the role; an account with two comes twice."""
        return ((account, holding) for account, holding, _ in self._held if holding.unit == unit)

    def in_unit(self, roles: Sequence[str], unit: str) -> tuple[int, ...]:
        """The accounts that hold one of the roles in a unit."""
        return tuple(sorted({account for account, holding in self.of_unit(unit) if holding.role in roles}))

    def for_area(self, roles: Sequence[str], unit: str) -> tuple[int, ...]:
        """The accounts that hold one of the roles for the area of a unit, or for the nearest area above it for which
        somebody does.
        """
        district = self._book[DISTRICT]
        area = district.area_of_unit.get(unit, "")
        for code in (area, *district.areas_above.get(area, ())):
            found = {
                account
                for account, holding, _ in self._held
                if holding.role in roles and (holding.area or district.area_of_unit.get(holding.unit, "")) == code
            }
            if found:
                return tuple(sorted(found))
        return ()
