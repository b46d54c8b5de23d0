"""What an objection does to publication: what is not shown yet waits, what is shown says that an enterprise objects.

Whether it waits, or goes on by a decision with a reason, is said by the law of the record and stands in the book. Marks
are derived from objections, which may lie in another database: each run brings about the same marks, however often it
has begun.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Case, Q, When
from django.utils import timezone

from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.publication import PUBLICATION
from zhiheng.grammar.chapters.publication_pages import UnderObjection
from zhiheng.kernel.days import Left
from zhiheng.kernel.deadlines import Deadline, deadline, left_of
from zhiheng.kernel.law import LawKey
from zhiheng.kernel.reasons import Refusal
from zhiheng.office.models import Objection, PublicationRequest
from zhiheng.published.models import Contested, PublishedEntry
from zhiheng.queries import publishable, refusals

# Acts that bring something new before the public. Taking down and correcting what is shown never wait for an objection.
HELD_BACK = frozenset({"publish", "replace"})
SHORTEST_REASON = 10


@dataclass(frozen=True)
class Against:
    """An objection in the way of publication, with what is left of its time, and whether a reason may overrule it."""

    objection: Objection
    left: Left | None
    overruled: bool
    law: str
    law_en: str

    def refusal(self) -> Refusal:
        """Why it is not published now, naming the objection and its clock."""
        one = self.objection
        at = timezone.localtime(one.at).date()
        if one.state == Objection.State.UPHELD:
            return refusals.objection_upheld(one.receipt)
        law = (self.law, self.law_en) if self.overruled else None
        provisional = bool(one.due_basis.get("provisional"))
        return refusals.objection_open(
            one.receipt, raised_on=at, due_on=one.due_on, provisional=provisional, left=self.left, law=law
        )


def against(facts: Iterable[int], records: Mapping[int, str], *, book: Book, today: dt.date) -> dict[int, Against]:
    """The objection that stands in the way of each fact: an open one, else one that was upheld by taking down; one
    query.

    Args:
        records: fact -> the name of its record.
        today: the day from which last days are counted.
    """
    publication = book[PUBLICATION]
    rules = publication.rules if publication else {}
    found: dict[int, Against] = {}
    wanted = sorted(set(facts))
    for some in publishable.parts(wanted):
        rows = Objection.objects.filter(
            Q(state=Objection.State.OPEN) | Q(state=Objection.State.UPHELD, remedy="taken_down"), fact__in=some
        ).defer("reason", "files", "answer")
        # Those that are open first, and of several that are open the first that is due is named.
        open_first = Case(When(state=Objection.State.OPEN, then=0), default=1)
        for one in rows.order_by(open_first, "due_on", "id"):
            if one.fact is None or one.fact in found:
                continue
            rule = rules.get(records.get(one.fact, one.record))
            found[one.fact] = _against(one, rule.objection if rule else UnderObjection(), book, today)
    return found


def _against(one: Objection, rule: UnderObjection, book: Book, today: dt.date) -> Against:
    law = "、".join(f"《{c.text}》{c.article}" for c in rule.law)
    law_en = "; ".join(f"{c.text} {c.article}".strip() for c in rule.law)
    if one.state != Objection.State.OPEN:
        return Against(one, None, True, law, law_en)
    left = left_of(one.due_basis, one.due_on, today, book[CALENDAR])
    return Against(one, left, rule.before == "goes_on", law, law_en)


def still_held(found: Against | None, despite: str) -> Refusal | None:
    """The refusal of an approval, unless a reason was given where the law lets publication go on."""
    if found is None or (found.overruled and len(despite.strip()) >= SHORTEST_REASON):
        return None
    return found.refusal()


def remedy_within(book: Book, record: str, cause: str, today: dt.date) -> Deadline | None:
    """Until when something is taken down or corrected once an objection stands; None where no rule sets a time.

    Args:
        record: the kind of fact that was objected to.
        cause: what is wrong with it, as the book's rules of publication name it.
        today: the day on which the objection was upheld.
    """
    chapter = publishable.chapter(book)
    rule = chapter.rules.get(record)
    said = rule.objection.remedy_within if rule else None
    if said:
        return deadline(chapter.law, LawKey.parse(said), today, chapter.calendar)
    return publishable.withdraw_within(book, record, cause, today)


# -- marks on what is shown --------------------------------------------------------------------------------------------


def is_behind(book: Book) -> bool:
    """Whether a mark is missing or over; a handful of statements, for few objections are open at a time."""
    return wanted_marks(book) != current_marks()


def current_marks() -> dict[int, str]:
    """Entry -> the mark that it carries."""
    return dict(Contested.objects.values_list("entry", "state"))


def wanted_marks(book: Book) -> dict[int, str]:
    """Entry -> the mark that it should carry: where the book marks it, it is shown, and an objection is not settled
    yet.
    """
    chapter = book[PUBLICATION]
    records = [record for record, rule in chapter.rules.items() if rule.objection.marked] if chapter else []
    if not records:
        return {}
    waiting = Objection.objects.filter(state=Objection.State.OPEN, record__in=records).values_list("fact", flat=True)
    facts = {fact for fact in waiting if fact is not None}
    facts |= set(PublishedEntry.objects.filter(contested__isnull=False).values_list("fact", flat=True))
    return marks_of(facts, records)


def marks_of(facts: Collection[int], records: Collection[str]) -> dict[int, str]:
    """The marks of the entries that show these facts."""
    wanted: dict[int, str] = {}
    for some in publishable.parts(sorted(facts)):
        entries = list(
            PublishedEntry.objects.filter(
                fact__in=some, state=PublishedEntry.State.SHOWN, record__in=records
            ).values_list("pk", "fact")
        )
        if not entries:
            continue
        states: dict[int, set[str]] = {}
        for fact, state in Objection.objects.filter(fact__in=some).values_list("fact", "state"):
            if fact is not None:
                states.setdefault(fact, set()).add(state)
        # The officer who answers asks for the taking down first, and closes the objection when it is done.
        leaving = set(
            PublicationRequest.objects.filter(
                entry__in=[number for number, _ in entries],
                state=PublicationRequest.State.OPEN,
                verb__in=(PublicationRequest.Verb.WITHDRAW, PublicationRequest.Verb.CORRECT),
            ).values_list("entry", flat=True)
        )
        for number, fact in entries:
            said = states.get(fact, set())
            if "upheld" in said or ("open" in said and number in leaving):
                wanted[number] = "upheld"
            elif "open" in said:
                wanted[number] = "open"
    return wanted
