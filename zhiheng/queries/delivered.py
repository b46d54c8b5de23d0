"""Complaints and reports that another body (the national hotline) sends as deliveries, as they are proposed for cases.

What a row says of its sender is read here for one purpose: to take it out of the text that officers read, and to seal
it when the case is opened. It is in nothing that this module returns but ``DeliveredFact.sender``.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zhiheng.engines.conditions import all_met
from zhiheng.engines.plain_words import scrub
from zhiheng.engines.workflow.from_facts import FactSaid, day_said, digest_of, due_by, ends_on, hashed, in_words
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.submissions import SUBMISSIONS, DeliveredSubmissions, SubmissionKind
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.kernel.reporter import Reporter
from zhiheng.people import access
from zhiheng.queries.submissions import weigh

# What stands in the place of the sender's own name, telephone or address.
TAKEN_OUT = "〔本人信息已封存〕"
_BETWEEN = r"[\s\-·.()（）]*"


@dataclass(frozen=True)
class Feed:
    """What a body sends: its name in the book, and what the book says of it."""

    id: str
    spec: DeliveredSubmissions

    @property
    def name(self) -> str:
        """Under which its progress through the ledger is kept."""
        return f"submissions.{self.id}"

    @property
    def digest(self) -> str:
        """What the book says, as a digest."""
        return digest_of(self.spec.model_dump(mode="json"))


@dataclass(frozen=True)
class DeliveredFact:
    """A row of a delivery as a submission. ``kind``, ``workflow``, ``unit`` are proposed; ``text`` has nothing of the
    sender in it; ``open``: it is still to be dealt with. ``weighed``: the kind that its words tell, if any.
    """

    fact: FactSaid
    feed: Feed
    number: str
    kind: str
    workflow: str
    act: str
    quality: str
    unit: str
    key: int
    day: dt.date
    due: dt.date | None
    open: bool
    text: str
    digest: str
    weighed: str | None
    given: Mapping[str, str]
    about: str
    sender: Mapping[str, str] = field(repr=False, default_factory=dict)

    def reporter(self) -> Reporter:
        """Who sent it, to be sealed. Raises Refused where a part is too long to be one."""
        return Reporter(**dict(self.sender))


def feeds_of(book: Book) -> tuple[Feed, ...]:
    """The bodies that send submissions as deliveries; none where the book names none."""
    page = book[SUBMISSIONS]
    return tuple(Feed(name, spec) for name, spec in page.delivered.items()) if page is not None else ()


def feed_of(book: Book, record: str) -> Feed | None:
    """The body that sends a record."""
    return next((feed for feed in feeds_of(book) if feed.spec.record == record), None)


def without_sender(text: str, sender: Mapping[str, str]) -> str:
    """A text without the sender's own name, telephone and address, however they are spaced, and without what else
    identifies a person.
    """
    for said in sorted(sender.values(), key=len, reverse=True):
        marks = [mark for mark in _alike(said) if not re.fullmatch(r"[\s\-·.()（）]", mark)]
        if len(marks) < 2:
            continue
        wanted = re.compile(_BETWEEN.join(map(re.escape, marks)), re.IGNORECASE)
        for found in reversed(list(wanted.finditer(_alike(text)))):
            text = f"{text[: found.start()]}{TAKEN_OUT}{text[found.end() :]}"
    return scrub(text, ())


def _alike(text: str) -> str:
    """The text with each mark as it is compared (１ like 1), of the same length, so that places in it are places in
    the text.
    """
    marks = ((mark, unicodedata.normalize("NFKC", mark)) for mark in text)
    return "".join(plain if len(plain) == 1 else mark for mark, plain in marks)


def read_delivered(feed: Feed, fact: FactSaid, call: Call) -> DeliveredFact | None:
    """A fact as a submission; None where it is none (advice, a suggestion), has no number, or the book knows it not.

    Args:
        feed: how the book reads the records of this hotline.
    """
    page, spec, body = call.book[SUBMISSIONS], feed.spec, fact.body
    number = str(body.get(spec.number) or "").strip()[:120]
    named = spec.kinds.get(str(body.get(spec.kind) or ""))
    if page is None or not number or named is None:
        return None
    kind = page.kinds[named]
    sender = {
        part: str(body[name])
        for part in ("name", "phone", "address")
        if (name := getattr(spec.sender, part)) is not None and body.get(name)
    }
    text = without_sender(str(body.get(spec.text) or ""), sender)
    weighed = weigh(text, area=fact.area, place="", call=call)
    unit = weighed.unit if weighed.unit in call.book[DISTRICT].area_of_unit else fact.unit
    days = (day_said(body.get(name)) for name in spec.received)
    day = next((day for day in days if day is not None), fact.learned_on)
    given = _given(feed, kind, fact, text, sender, call)
    return DeliveredFact(
        fact=fact,
        feed=feed,
        number=number,
        kind=named,
        workflow=kind.workflow,
        act=kind.act,
        quality=call.book[WORKFLOWS][kind.workflow].page.quality,
        unit=unit,
        key=hashed([fact.record, number]),
        day=day,
        due=due_by(spec.within.get(named), day, case_book(call.book).time),
        open=all_met(body, spec.where) and not _is_old(feed, day, fact, call),
        text=text,
        digest=digest_of([text, sorted(given.items())]),
        weighed=weighed.kind,
        given=given,
        about=_about(feed, body, call.book),
        sender=sender,
    )


def as_kind(sent: DeliveredFact, name: str, call: Call) -> tuple[SubmissionKind, Mapping[str, str]] | None:
    """What an officer opens who says that it is of this kind: the kind, and the fields of its act; None where the book
    has no such kind.

    Args:
        sent: the fact, read as a submission.
        name: the kind of submission, as the book names it.
    """
    access.require_somewhere(call, "case.open")
    page = call.book[SUBMISSIONS]
    kind = page.kinds.get(name) if page is not None else None
    return (kind, _given(sent.feed, kind, sent.fact, sent.text, sent.sender, call)) if kind is not None else None


def _given(
    feed: Feed, kind: SubmissionKind, fact: FactSaid, text: str, sender: Mapping[str, str], call: Call
) -> dict[str, str]:
    """The fields of the act that opens a case of a kind, as the row fills them in."""
    act = call.book[WORKFLOWS][kind.workflow].page.acts[kind.act.partition(".")[0]]
    fields = call.book[RECORDS][fact.record].record.fields
    found = {
        name: without_sender(in_words(fact.body.get(of), fields.get(of)), sender)
        for name, some in feed.spec.asks.items()
        if name in (*act.asks, *act.optional) and (of := next((one for one in some if fact.body.get(one)), None))
    }
    if kind.named:
        found[kind.named] = "true" if sender.get("name") else "false"
    return {**found, kind.text: text}


def _is_old(feed: Feed, day: dt.date, fact: FactSaid, call: Call) -> bool:
    length = feed.spec.recent
    return length is not None and ends_on(day, length, case_book(call.book).time) < fact.learned_on


def about_role(feed: Feed, book: Book) -> str:
    """The role in which rows name whom they are about."""
    return str(book[RECORDS][feed.spec.record].record.fields[feed.spec.about].options.get("role", ""))


def _about(feed: Feed, body: Mapping[str, Any], book: Book) -> str:
    role = about_role(feed, book)
    return next((str(each.get("name", "")) for each in body.get("parties", ()) if each.get("role") == role), "")
