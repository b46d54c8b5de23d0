"""Acts by which somebody gets, keeps or loses access: whom they concern, so that the holder and the auditors are told.

The lines of the trail are asked, so no act has to send anything and none can be forgotten. What is told names no
person, no enterprise and no secret: which act, on which day, and the number of the account.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

import orjson

from zhiheng.database.days import on_days
from zhiheng.grammar.acts import VERBS
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.messages import MESSAGES
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.grammar.types import Label
from zhiheng.office.outbox import Message
from zhiheng.people import access
from zhiheng.people.models import Account, KeyOrder, TrailLine
from zhiheng.people.second_factor import is_exempt
from zhiheng.queries.duty import Duty

# What gives, confirms, changes or ends access.
TOLD: Final = (
    "role.give",
    "role.confirm",
    "role.decline",
    "role.end",
    "role.lend",
    "invitation.issue",
    "account.factor_reset",
    "token.order",
    "token.confirm",
    "token.decline",
    "token.issue",
    "token.revoke",
)
# A message counts as unread for so long; afterwards it stands among the old ones.
_DAYS: Final = 30
# The worker looks for new lines so far back: one that was down for longer makes up for it in the morning.
LATELY: Final = dt.timedelta(days=1)


class AccessActs:
    """Each line of the trail that gave, confirmed or ended access, due on its day."""

    def due_between(self, first: dt.date, last: dt.date, call: Call) -> Iterator[Duty]:
        """See DutySource."""
        access.require(call, "audit.read")
        rows = TrailLine.objects.filter(on_days("at", first, last), verb__in=TOLD)
        yield from _duties(rows.order_by("id"), call)

    def named(self, duties: Collection[tuple[str, dt.date]], call: Call) -> Iterator[Duty]:
        """See DutySource."""
        access.require(call, "audit.read")
        numbers = {int(key.split(":")[1]) for key, due in duties if (call.today - due).days <= _DAYS}
        found = TrailLine.objects.filter(pk__in=numbers).order_by("id")
        yield from (duty for duty in _duties(found, call) if (duty.key, duty.due) in duties)


def access_is_untold(*, call: Call) -> bool:
    """Whether an act of the last day was not told yet (two queries)."""
    kinds = list(call.book[MESSAGES].about("access"))
    if not kinds:
        return False
    lines = TrailLine.objects.filter(at__gt=call.now - LATELY, at__lte=call.now, verb__in=TOLD).order_by("id")
    duties = list(_duties(lines, call))
    told = set(Message.objects.filter(kind__in=kinds, key__in=[duty.key for duty in duties]).values_list("kind", "key"))
    return any((kind, duty.key) not in told for kind in kinds for duty in duties)


def _duties(lines: Iterable[TrailLine], call: Call) -> Iterator[Duty]:
    found = list(lines)
    holders = _holders(found)
    accounts = Account.objects.in_bulk({number for number in holders.values() if number is not None})
    for line in found:
        account = accounts.get(holders.get(line.pk) or 0)
        if account is None or is_exempt(account, call.book):
            continue
        unit = account.unit
        if unit not in call.book[DISTRICT].names:
            continue
        day = line.at.astimezone(call.now.tzinfo).date()
        # Who did it knows of it; the auditors hear of that too.
        by_oneself = line.actor.split(" ")[0] == f"account:{account.pk}"
        words = {
            "unit": call.book[DISTRICT].names[unit],
            "due": Label(zh=day.isoformat(), en=day.isoformat()),
            "what": _what(line, call.book),
            "account": Label(zh=str(account.pk), en=str(account.pk)),
        }
        yield Duty(f"access:{line.pk}", unit, day, () if by_oneself or not account.is_active else (account.pk,), words)


def _holders(lines: Collection[TrailLine]) -> dict[int, int | None]:
    """Line -> the account whose access it is about; a key is its holder's, as its order says."""
    about = {line.pk: _number(line.about) for line in lines}
    tokens = {number for kind, number in about.values() if kind == "token"}
    takers = dict(KeyOrder.objects.filter(token__in=tokens).values_list("token_id", "holder_id"))
    return {line: {"account": number, "token": takers.get(number)}.get(kind) for line, (kind, number) in about.items()}


def _number(about: str) -> tuple[str, int]:
    """What a line is about: ``account:12`` -> ("account", 12)."""
    kind, _, number = about.partition(":")
    return kind, int(number) if number.isdigit() else 0


def _what(line: TrailLine, book: Book) -> Label:
    """The act in words, with the role where it is about one that the book has."""
    zh, en = VERBS[line.verb]
    role = book[ROLES].get(_detail(line).get("role", ""))
    return Label(zh=zh, en=en) if role is None else Label(zh=f"{zh}“{role.label.zh}”", en=f"{en} ({role.label.en})")


def _detail(line: TrailLine) -> dict[str, Any]:
    try:
        found = orjson.loads(line.detail)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
