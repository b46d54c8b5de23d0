"""What a credit report tells of an enterprise: read under its consent, within what the consent opens, and nothing whose
display has ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zhiheng.engines.restrictions import Restriction, longest_end
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.credit import CREDIT
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.ratings import RATINGS
from zhiheng.kernel.actor import Scope
from zhiheng.ledger.models import Delivery, Fact
from zhiheng.office.consents import Consent
from zhiheng.people import access
from zhiheng.projections.models import Card
from zhiheng.published.models import PublishedEnterprise, PublishedEntry, PublishedParty
from zhiheng.published.reading import on_show
from zhiheng.quality_file.file_head import FileHead, opened_head
from zhiheng.quality_file.file_view import FileView
from zhiheng.quality_file.restrictions import listing_roles, restrictions_of
from zhiheng.queries.ratings import EnterpriseRating, RatedPoint, rating_asked, rating_within

# Of what is on show so many entries are read at most.
_MOST = 500


@dataclass(frozen=True)
class ReportedRating:
    """A rating with the points that may be told one by one; of the others how many there are."""

    found: EnterpriseRating
    told: tuple[RatedPoint, ...]
    untold: tuple[RatedPoint, ...]


@dataclass(frozen=True)
class CreditFindings:
    """What stands in a report, and the state of the ledger that it was read from."""

    head: FileHead
    card: Card | None
    ratings: tuple[ReportedRating, ...]
    restrictions: tuple[Restriction, ...]
    published: tuple[PublishedEntry, ...]
    facts: int
    last_fact: int
    last_delivery: int
    link: str


def credit_findings(consent: Consent, scope: Scope, *, call: Call) -> CreditFindings:
    """What a report under a consent tells today; ``scope``: what the consent shows (``credit.opened_under``)."""
    access.require(call, "credit.read", subject=consent.subject, consent=True)
    page = call.book[CREDIT][consent.extract]
    view = FileView(consent.subject, scope, call.today)
    restrictions = tuple(one for one in restrictions_of(view, book=call.book) if one.holds and _on_show(one, call))
    published = _published(consent.subject, page.only_published, call)
    shown = {entry.fact for entry in published} | {one.listing.fact for one in restrictions}
    guarded = {*page.only_published, *listing_roles(call.book)}
    ratings = []
    for name in page.ratings:
        rating = call.book[RATINGS].get(name)
        if rating is None or rating.on(call.today) is None:
            continue
        asked = rating_asked(call.book, name, as_of=call.today, today=call.today)
        found = rating_within(asked, consent.subject, scope, book=call.book, today=call.today)
        told = tuple(
            one
            for one in found.points
            if one.line is not None and (one.line.record not in guarded or one.fact in shown)
        )
        kept = {one.fact for one in told}
        ratings.append(ReportedRating(found, told, tuple(one for one in found.points if one.fact not in kept)))
    last = Delivery.objects.order_by("-id").values_list("id", "link").first() or (0, "")
    return CreditFindings(
        opened_head(consent.subject),
        Card.objects.filter(subject=consent.subject).first(),
        tuple(ratings),
        restrictions,
        published,
        len({*shown, *(point.fact for each in ratings for point in each.told)}),
        Fact.objects.order_by("-id").values_list("id", flat=True).first() or 0,
        *last,
    )


def _on_show(one: Restriction, call: Call) -> bool:
    """Whether the listing still stands: with the removal its display ends, and so does what a report tells of it, even
    where a measure lasts longer.
    """
    longest = longest_end(one.page, one.listing, call.book[LAW], call.book[CALENDAR])
    ends = (one.listing.removed_on, longest.day if longest is not None else None)
    return all(day is None or day >= call.today for day in ends)


def _published(subject: int, records: Sequence[str], call: Call) -> tuple[PublishedEntry, ...]:
    """The entries of some records about an enterprise that are on public show today, the latest first."""
    own = PublishedEnterprise.objects.filter(subject=subject).values("pk")
    entries = on_show(call.today).filter(
        record__in=list(records), pk__in=PublishedParty.objects.filter(enterprise__in=own).values("entry")
    )
    return tuple(entries.select_related("form").order_by("-occurred_on", "-id")[:_MOST])


__all__ = ["CreditFindings", "ReportedRating", "credit_findings"]
