"""What the actions of publication share: a fact as publication looks at it, what still stands, and the text that is
approved.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar

import orjson
from django.db.models import BinaryField, QuerySet, TextField
from django.db.models.functions import Cast

from zhiheng.database.dialect import is_postgresql
from zhiheng.engines.publication import FactToPublish, NamedEnterprise, Release, Releaser, releasers
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.publication import PUBLICATION, Publications
from zhiheng.kernel.deadlines import Deadline, deadline
from zhiheng.kernel.facts import Party
from zhiheng.kernel.law import LawKey
from zhiheng.kernel.memo import once_for
from zhiheng.kernel.reasons import Flag, Refused
from zhiheng.ledger.aliases import Linked, alias_key, mention_of
from zhiheng.ledger.models import Fact
from zhiheng.published import entry_text
from zhiheng.queries import refusals

# Bound parameters of one statement; SQLite takes no more than a thousand everywhere.
CHUNK = 900
_Key = TypeVar("_Key")


@once_for(4)
def ready(book: Book) -> Mapping[str, Releaser]:
    """The rules of a book, made ready once."""
    return releasers(book)


def chapter(book: Book) -> Publications:
    """The publication chapter; raises Refused where the book publishes nothing."""
    found = book[PUBLICATION]
    if found is None:
        raise Refused(refusals.no_portal())
    return found


class PublishableFact(NamedTuple):
    """A fact of the ledger, as far as publication looks at it; thousands are read at a time, past the object layer."""

    id: int
    record: str
    unit: str
    kind: str
    concerns: int | None
    thing: int | None
    occurred_on: dt.date
    valid_until: dt.date | None
    outcome: str | None
    area: str
    body: str | bytes
    flags: str = ""


def said(facts: QuerySet[Fact]) -> list[PublishableFact]:
    """The facts of a query."""
    # Few days are told by many facts: each is read once.
    days = {name: Cast(name, TextField()) for name in ("occurred_on", "valid_until")}
    asked: dict[str, Any] = dict(days)
    if not is_postgresql():
        # As the bytes that they are kept in: they are only parsed.
        asked["body"] = Cast("body", BinaryField())
    rows = facts.values_list(*(asked.get(name, name) for name in PublishableFact._fields))
    columns: dict[str, Iterable[Any]] = dict(zip(PublishableFact._fields, zip(*rows, strict=True), strict=False))
    if not columns:
        return []
    for name in days:
        known = {text: dt.date.fromisoformat(text) if text else None for text in set(columns[name])}
        columns[name] = map(known.__getitem__, columns[name])
    return list(map(PublishableFact._make, zip(*columns.values(), strict=True)))


def told(fact: Fact | PublishableFact, found: Sequence[str] = ()) -> FactToPublish:
    """A fact as publication looks at it; ``found``: doubts that show only beside other facts."""
    flags: tuple[str, ...] = ()
    if fact.flags or found:
        flags = tuple(dict.fromkeys((*filter(None, fact.flags.split(",")), *found)))
    return FactToPublish(
        fact.record, orjson.loads(fact.body or "{}"), fact.occurred_on, fact.outcome, fact.valid_until, flags
    )


def described(release: Release) -> tuple[str, str]:
    """The rendering of an entry as canonical JSON, and its SHA-256: the text that is approved."""
    ((text, digest),) = described_all([release])
    return text.decode(), digest


def described_all(releases: Sequence[Release]) -> list[tuple[bytes, str]]:
    """``described`` of several releases of one record; the texts as UTF-8."""
    values = entry_text.kept([release.values for release in releases])
    found = []
    for release, kept in zip(releases, values, strict=True):
        enterprises = [named.kept for named in release.enterprises]
        # Names in their order: this is canonical JSON, without sorting it thousands of times.
        text = orjson.dumps(
            {"enterprises": enterprises, "person": release.person, "title": release.title[:2], "values": kept}
        )
        found.append((text, sha256(text).hexdigest()))
    return found


def spoken_in(named: NamedEnterprise, fact: Fact | PublishableFact) -> Linked:
    """A party's spelling in a fact, for ``linked`` to resolve to its present subject."""
    return Linked(_key_of(named), fact.unit, fact.id)


def _key_of(named: NamedEnterprise) -> int:
    """The key of a party's spelling, as the ledger keeps it."""
    said = named.party
    party = Party(
        said["role"],
        said.get("name", ""),
        said.get("kind", "enterprise"),
        said.get("code", ""),
        said.get("code_kind", ""),
        said.get("address", ""),
        said.get("place", ""),
    )
    return alias_key(mention_of(party))


# What is kept beside the day of something that is due at once.
DUE_AT_ONCE: Mapping[str, Any] = {
    "zh": "没有规定期限，当日办理",
    "en": "no rule gives time for it, so it is due today",
    "unit": "d",
    "why": [],
    "provisional": [],
}


def due_at_once(found: Deadline | None, today: dt.date) -> tuple[dt.date, Mapping[str, Any]]:
    """The last day and what is kept beside it; today where no rule gives more time."""
    return (today, DUE_AT_ONCE) if found is None else (found.day, found.basis())


def withdraw_within(book: Book, record: str, cause: str, today: dt.date) -> Deadline | None:
    """Until when something must be taken down, counted from today; None where no rule sets a time.

    Args:
        record: the kind of fact that is shown.
        cause: why it is taken down, as the book's rules of publication name it.
    """
    found = chapter(book)
    rule = found.rules.get(record)
    said = (rule.withdraw_within if rule and cause in ("annulled", "superseded", "ended") else None) or (
        found.portal.causes[cause].within if cause in found.portal.causes else None
    )
    if not said:
        return None
    key = LawKey.parse(said)
    try:
        found.law.of(key, today)
    except Refused:
        return None
    return deadline(found.law, key, today, found.calendar)


def parts(keys: Sequence[_Key]) -> Iterable[Sequence[_Key]]:
    """A long list in pieces that one statement can take."""
    return (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))


def flags(release: Release, beside: Mapping[str, Sequence[int]] | None = None) -> list[dict[str, Any]]:
    """The doubts of a release, as they are kept; ``beside``: code -> the facts that speak against it
    (``find_doubts.beside``).
    """
    return kept(release.doubts, beside or {})


def kept(doubts: Iterable[Flag], beside: Mapping[str, Sequence[int]]) -> list[dict[str, Any]]:
    """Doubts as a request stores them, so that later it can be known which of them were examined."""
    return [
        {"code": flag.code, "zh": flag.zh, "en": flag.en}
        | ({"beside": list(beside[flag.code])} if beside.get(flag.code) else {})
        for flag in doubts
    ]


def corrected(facts: Collection[int]) -> dict[int, int]:
    """Those of the facts that are corrections, and the corrections that they correct in turn -> what each corrects."""
    above: dict[int, int] = {}
    some = sorted(facts)
    while some:
        found = {
            number: concerns
            for part in parts(some)
            for number, concerns in Fact.objects.filter(
                id__in=part, kind=Fact.Kind.CORRECTION, concerns__isnull=False
            ).values_list("id", "concerns")
            if concerns is not None
        }
        above |= found
        some = sorted(set(found.values()) - above.keys())
    return above
