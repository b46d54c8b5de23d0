"""The people of the small place: invented names, made by the actions that make real ones."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.places import NOON
from zhiheng.actions.accounts.create_account import create_account
from zhiheng.actions.accounts.give_role import give_role
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM, Actor
from zhiheng.kernel.reasons import Refused
from zhiheng.people.actors import actor_of
from zhiheng.people.models import Account, Grant, TrailLine

PASSWORD = "雨天 walks uphill 42"


@dataclass
class People:
    """Accounts of the small book, made on demand."""

    book: Book
    now: dt.datetime = NOON
    made: dict[str, Account] = field(default_factory=dict)

    def words(self, actor: Actor = SYSTEM, **more: Any) -> dict[str, Any]:
        """What every action takes."""
        return {"call": Call(actor, self.book, self.now)} | more

    def account(self, login: str, **words: Any) -> Account:
        """An account; an officer of the market bureau unless it is said otherwise."""
        told = {"name": f"{login} 甲", "kind": "officer", "unit": "test_market", "password": PASSWORD} | words
        self.made[login] = create_account(login, **told, **self.words())
        return self.made[login]

    def holding(self, login: str, role: str = "clerk", **words: Any) -> Account:
        """An account with a role; what is said of the account comes in ``of``."""
        account = self.account(login, **words.pop("of", {}))
        self.give(account, role, **words)
        return account

    def give(self, account: Account, role: str = "clerk", **words: Any) -> Grant:
        """A role, given by the installation itself."""
        return give_role(account.pk, role, **words, **self.words())

    def actor(self, account: Account, acting_for: int | None = None) -> Actor:
        """Who acts, read afresh."""
        return actor_of(Account.objects.get(pk=account.pk), acting_for)

    def trail(self, verb: str = "") -> list[TrailLine]:
        """The lines of the trail, in their order."""
        lines = TrailLine.objects.order_by("id")
        return list(lines.filter(verb=verb) if verb else lines)


@pytest.fixture
def people(db: None, settings: Any, small_book: Book, monkeypatch: pytest.MonkeyPatch) -> People:
    """People of the small book; today is the day of NOON."""
    settings.BOOK = small_book.root
    monkeypatch.setattr("zhiheng.people.actors.timezone.localdate", lambda *_: NOON.date())
    return People(small_book)


def code_of(act: Any) -> str:
    """The code of the first refusal of an act."""
    with pytest.raises(Refused) as refused:
        act()
    first = refused.value.refusals[0]
    assert first.zh.endswith("。"), first.zh
    assert first.en.endswith("."), first.en
    return first.code
