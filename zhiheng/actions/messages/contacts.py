"""Where somebody wants to be told: given by themselves, confirmed by a code that was sent there, removed at will.

An account gives addresses of its own person only, and proves by a code that messages arrive there. The trail says that
it was done, never the address. A code is sent at once, not through the outbox: it is kept nowhere but as a hash.
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
from typing import Final
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F

from zhiheng.actions import audit
from zhiheng.actions.messages import refusals
from zhiheng.actions.messages.channels import Letter, line_of, ready
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import one_line
from zhiheng.office.outbox import FAILURES
from zhiheng.people import access
from zhiheng.people.models import Account, ContactAddress

CODES_A_DAY: Final = 5
TRIES: Final = 5
VALID: Final = dt.timedelta(minutes=30)
_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_ABROAD: Final = re.compile(r"\+[1-9]\d{7,14}")


def give_contact(channel: str, address: str, *, call: Call) -> ContactAddress:
    """Note an address or number of one's own, and send a code there; messages go there once it is confirmed.

    Raises Refused where the channel is not set up, the address can't be one, too many codes were sent today, or the
    code could not be sent.
    """
    access.require(call, "message.own")
    if not ready(channel) or channel not in ContactAddress.Channel.values:
        raise Refused(refusals.channel_absent())
    written = _email(address) if channel == ContactAddress.Channel.EMAIL else _mobile(address)
    account, code = _account(call), f"{secrets.randbelow(10**6):06}"
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        contact, _ = ContactAddress.objects.select_for_update().get_or_create(account=account, channel=channel)
        if contact.codes_on != call.today:
            contact.codes_on, contact.codes = call.today, 0
        if contact.codes >= CODES_A_DAY:
            raise Refused(refusals.codes_today(CODES_A_DAY))
        contact.address, contact.confirmed_at, contact.wanted = written, None, True
        contact.code_hash, contact.code_until, contact.tries = make_password(code), call.now + VALID, 0
        contact.codes += 1
        contact.save()
        audit.write(call, "contact.give", f"account:{account.pk}", detail={"channel": channel})
    _send(contact, code, call, english=account.language == "en")
    return contact


def confirm_contact(channel: str, typed: str, *, call: Call) -> ContactAddress:
    """Confirm an address by the code that came there. Raises Refused where it is wrong, too old, or nothing waits."""
    access.require(call, "message.own")
    account = _account(call)
    rows = ContactAddress.objects.filter(account=account, channel=channel, confirmed_at=None)
    contact = rows.first()
    if contact is None or contact.code_until is None:
        raise Refused(refusals.no_code())
    if contact.code_until < call.now or contact.tries >= TRIES:
        raise Refused(refusals.code_over())
    # Counted before it is looked at, so that tries side by side are counted too.
    rows.update(tries=F("tries") + 1)
    if not check_password("".join(typed.split()), contact.code_hash):
        left = TRIES - contact.tries - 1
        raise Refused(refusals.code_wrong(left) if left else refusals.code_over())
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        rows.update(confirmed_at=call.now, code_hash="", code_until=None)
        audit.write(call, "contact.confirm", f"account:{account.pk}", detail={"channel": channel})
    contact.refresh_from_db()
    return contact


def choose_contact(channel: str, wanted: bool, *, call: Call) -> None:
    """Have messages sent there, or not; those that the book requires come all the same."""
    access.require(call, "message.own")
    account = _account(call)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        rows = ContactAddress.objects.filter(account=account, channel=channel).exclude(confirmed_at=None)
        if rows.exclude(wanted=wanted).update(wanted=wanted):
            audit.write(call, "contact.choose", f"account:{account.pk}", detail={"channel": channel})


def remove_contact(channel: str, *, call: Call) -> None:
    """Remove an address of one's own; what still waits to be sent there is given up with that reason."""
    access.require(call, "message.own")
    account = _account(call)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        found, _ = ContactAddress.objects.filter(account=account, channel=channel).delete()
        if found:
            audit.write(call, "contact.remove", f"account:{account.pk}", detail={"channel": channel})


def _account(call: Call) -> Account:
    account = Account.objects.filter(pk=call.actor.account or 0, is_active=True).first()
    if account is None:
        raise Refused(refusals.no_account())
    return account


def _email(text: str) -> str:
    written = one_line(text)
    try:
        validate_email(written)
    except ValidationError:
        raise Refused(refusals.email_wrong()) from None
    return written


def _mobile(text: str) -> str:
    """The number as the gateway takes it: with the code of the country."""
    written = re.sub(r"[\s-]", "", text)
    plain = re.sub(r"^(\+86|0086)(?=1)", "", written)
    if _MOBILE.fullmatch(plain):
        return f"+86{plain}"
    if _ABROAD.fullmatch(written) and not written.startswith("+86"):
        return written
    raise Refused(refusals.mobile_wrong())


def _send(contact: ContactAddress, code: str, call: Call, *, english: bool) -> None:
    title, text = (
        (
            f"Zhiheng: your code is {code}",
            f"Type {code} on the page within 30 minutes. If you did not ask for it, do nothing.\n",
        )
        if english
        else (f"质衡：确认码 {code}", f"请在 30 分钟内把 {code} 填到页面上。不是您本人操作的，不用理会。\n")
    )
    line = line_of(contact.channel, call.now)
    try:
        sent = line.send(
            Letter(
                uuid4(), contact.address, title, f"{title}\n" if contact.channel == ContactAddress.Channel.SMS else text
            )
        )
    finally:
        line.close()
    if sent.code:
        raise Refused(refusals.code_unsent(*FAILURES[sent.code]))
