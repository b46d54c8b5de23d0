"""What officers have half written for acts of cases: the own list, and the day on which each wants to be reminded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from zhiheng.database.paging import Keyset, Page
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.types import Label
from zhiheng.office.cases import CaseDraft, CaseStandingRow
from zhiheng.people import access
from zhiheng.people.models import Account
from zhiheng.queries.case_reach import readable
from zhiheng.queries.duty import Duty

PAGE = 50


@dataclass(frozen=True)
class DraftRow:
    """A draft with the case and the act that it is for. ``open``: whether its case can be read by its owner now."""

    draft: CaseDraft
    workflow: Label
    act: Label
    open: bool


def own_drafts(*, after: str = "", call: Call) -> Page[DraftRow]:
    """A page of the drafts of the actor, the latest first (two queries)."""
    access.require_somewhere(call, "case.read")
    own = CaseDraft.objects.filter(account=call.actor.account or 0).select_related("case")
    page = Keyset("-at", "-id").page(own, after, PAGE)
    cases = [draft.case_id for draft in page.rows if draft.case_id is not None]
    known = set(CaseStandingRow.objects.filter(readable(call), case__in=cases).values_list("case", flat=True))
    return page.made(DraftRow(one, *_words(one, call), one.case_id in known) for one in page.rows)


class DraftReminders:
    """Drafts whose owner chose a day: the owner is reminded on it, and nobody else."""

    def due_between(self, first: dt.date, last: dt.date, call: Call) -> Iterator[Duty]:
        """See DutySource."""
        access.require(call, "case.read")
        yield from _duties(CaseDraft.objects.filter(remind_on__range=(first, last)).select_related("case"), call)

    def named(self, duties: Collection[tuple[str, dt.date]], call: Call) -> Iterator[Duty]:
        """See DutySource."""
        access.require(call, "case.read")
        numbers = {int(key.split(":")[1]) for key, _ in duties}
        found = CaseDraft.objects.filter(pk__in=numbers, remind_on__isnull=False).select_related("case")
        yield from (duty for duty in _duties(found, call) if (duty.key, duty.due) in duties)


def _duties(drafts: Iterable[CaseDraft], call: Call) -> Iterator[Duty]:
    found = list(drafts)
    units = dict(Account.objects.filter(pk__in={one.account for one in found}).values_list("pk", "unit"))
    names = call.book[DISTRICT].names
    for one in found:
        unit = units.get(one.account, "")
        if unit not in names or one.remind_on is None:
            continue
        workflow, act = _words(one, call)
        number = one.case.number if one.case is not None else ""
        words = {
            "unit": names[unit],
            "due": Label(zh=one.remind_on.isoformat(), en=one.remind_on.isoformat()),
            "workflow": workflow,
            "number": Label(zh=number or "（未立案）", en=number or "(not opened)"),
            "act": act,
        }
        yield Duty(f"draft:{one.pk}", unit, one.remind_on, (one.account,), words, hands_only=True)


def _words(one: CaseDraft, call: Call) -> tuple[Label, Label]:
    """What its workflow and its act are called; by their names where the book no longer has them."""
    workflow = case_book(call.book).workflows.get(one.workflow)
    if workflow is None:
        return Label(zh=one.workflow, en=one.workflow), Label(zh=one.act, en=one.act)
    act = workflow.acts.get(one.act)
    return workflow.page.label, Label(zh=act.zh, en=act.en) if act is not None else Label(zh=one.act, en=one.act)
