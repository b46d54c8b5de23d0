"""Who has to have a second factor before anything else, and whether they have one.

Which roles ask for it stands in the book (``second_factor`` of a role). The demo's accounts are exempt where the book
is of an invented place: their password is published, so a second factor would guard nothing. A code on paper stands for
the password alone (``adapters.sign_in_by_code``).
"""

from __future__ import annotations

from enum import StrEnum

from allauth.mfa.models import Authenticator

from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.demo_accounts import DEMO_ACCOUNTS
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.roles import ROLES, Role
from zhiheng.people.models import Account

PROVED = "second_factor"
"""The mark in a session that its account has a second factor, which was asked for when it began or set up in it."""


class FactorStanding(StrEnum):
    """How an account stands to the second factor today."""

    NOT_ASKED = "not_asked"
    EXEMPT = "exempt"
    MISSING = "missing"
    THERE = "there"


def asking_roles(call: Call) -> tuple[Role, ...]:
    """The roles held today that ask for a second factor, lent ones among them."""
    held = dict.fromkeys(holding.role for holding in call.actor.holdings if holding.on(call.today))
    roles = call.book[ROLES]
    return tuple(roles[name] for name in held if name in roles and roles[name].second_factor)


def is_exempt(account: Account, book: Book) -> bool:
    """Whether it is an account of the demo, in the book of an invented place."""
    return book[DISTRICT].fictional and any(account.login == told.login for told in book[DEMO_ACCOUNTS])


def has_factor(account: Account) -> bool:
    """Whether the account has an authenticator or a security key; recovery codes alone are none (one query)."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return bool(Authenticator.objects.filter(user=account, type__in=kinds).exists())


def standing(account: Account, *, proved: bool, call: Call) -> FactorStanding:
    """How an account stands; the database is asked only where a role asks for a factor and nothing has proved one.

    Args:
        proved: whether the session has the mark ``PROVED``.
    """
    if not asking_roles(call):
        return FactorStanding.NOT_ASKED
    if is_exempt(account, call.book):
        return FactorStanding.EXEMPT
    return FactorStanding.THERE if proved or has_factor(account) else FactorStanding.MISSING
