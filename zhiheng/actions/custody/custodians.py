"""What all acts of custodians ask first: who it is, whether they are in office, whether the passphrase is right."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from nacl.public import PrivateKey

from zhiheng.actions import audit
from zhiheng.actions.accounts.create_account import password_refusals
from zhiheng.actions.custody import refusals
from zhiheng.engines.sealing import LockedKey, Strength, unlock
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.custody import CUSTODY, Custody
from zhiheng.kernel.reasons import Refused
from zhiheng.office.sealed import Custodian
from zhiheng.people import access
from zhiheng.people.actors import actor_of
from zhiheng.people.models import Account, TrailLine

# Wrong passphrases within an hour after which no further one is tried.
TRIES = 5


def custody_page(call: Call) -> Custody:
    """The book's page of custody. Raises Refused where it has none."""
    access.require_somewhere(call, "case.submit")
    page = call.book[CUSTODY]
    if page is None:
        raise Refused(refusals.no_page())
    return page


def in_person(call: Call) -> Account:
    """The account that acts, in its own name. Raises Refused for programs, the terminal, and who acts for somebody."""
    access.require_somewhere(call, "case.read_sealed")
    if call.actor.account is None or call.actor.acting_for:
        raise Refused(refusals.oneself())
    return Account.objects.get(pk=call.actor.account)


def present(call: Call) -> Custodian:
    """The custodian who acts, whose role holds today. Raises Refused where they are none, or were not admitted yet."""
    account = in_person(call)
    found = Custodian.objects.filter(account=account.pk, ended_at=None).first()
    if found is None:
        raise Refused(refusals.no_custodian())
    access.require(call, "case.read_sealed", unit=found.unit)
    return found


def with_shares(call: Call) -> Custodian:
    """The custodian who acts and holds shares."""
    found = present(call)
    if found.admitted_at is None:
        raise Refused(refusals.not_admitted())
    return found


def in_office(units: tuple[str, ...], call: Call) -> list[Custodian]:
    """The custodians of units who were admitted, and whose account and role hold today, by number."""
    access.require_somewhere(call, "case.submit")
    rows = Custodian.objects.filter(unit__in=units, ended_at=None).exclude(admitted_at=None).order_by("pk")
    accounts = Account.objects.filter(pk__in=[row.account for row in rows], is_active=True).in_bulk()
    return [
        row
        for row in rows
        if row.account in accounts
        and access.may(replace(call, actor=actor_of(accounts[row.account])), "case.read_sealed", unit=row.unit) is None
    ]


def locked(custodian: Custodian) -> LockedKey:
    """The pair of keys of a custodian, as it is kept."""
    return LockedKey(
        bytes(custodian.public),
        bytes(custodian.locked),
        bytes(custodian.salt),
        Strength(custodian.passes, custodian.memory),
    )


def unlocked(custodian: Custodian, passphrase: str, call: Call) -> PrivateKey:
    """The private key, by the passphrase. A wrong one is noted; after some within an hour none is tried. Not to be
    called inside of a transaction, which would take the note back.
    """
    access.require(call, "case.read_sealed", unit=custodian.unit)
    about = f"custodian:{custodian.pk}"
    since = call.now - dt.timedelta(hours=1)
    if TrailLine.objects.filter(verb="custody.refused", about=about, at__gt=since).count() >= TRIES:
        raise Refused(refusals.too_many_tries())
    try:
        return unlock(locked(custodian), passphrase)
    except Refused:
        audit.write(call, "custody.refused", about)
        raise


def check_new(passphrase: str, account: Account) -> None:
    """Raise Refused where a passphrase is weak, or the password that the site knows."""
    wrong = password_refusals(passphrase, account)
    if not wrong and account.check_password(passphrase):
        wrong = [refusals.same_as_password()]
    if wrong:
        raise Refused(*wrong)
