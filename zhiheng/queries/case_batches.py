"""Cases that somebody chose for one act: which acts at least one of them allows, and what came of the act in each.

``chosen``     the batch of the reader
``acts_of``    every act that can be done in one of its cases, with in how many
``outcome``    how many were done, wait for signatures, were refused; ``cases_of`` a page of them with the reasons
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count

from zhiheng.database.paging import Keyset, Page
from zhiheng.engines.workflow.forms import in_the_place
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.engines.workflow.standing import CaseStanding
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refused
from zhiheng.office import case_standings
from zhiheng.office.case_batches import CaseBatch, CaseOfBatch
from zhiheng.office.case_log import family_of
from zhiheng.office.cases import CaseStandingRow
from zhiheng.people import access
from zhiheng.queries import refusals
from zhiheng.queries.case_people import PersonInCase, officers_of, persons_of
from zhiheng.queries.case_reach import readable
from zhiheng.queries.cases import ActToChoose, act_to_choose, chosen_acts, parties_in_list, require_readable, why_not

PAGE = 100
# So many logs are in memory at a time.
_AT_A_TIME = 100


@dataclass(frozen=True)
class ActInMany:
    """An act with its form as the first case that allows it has it (``case``); in how many cases it can be done, of how
    many of its workflow that were chosen.
    """

    workflow: str
    workflow_label: Label
    act: ActToChoose
    case: int
    possible: int
    of: int


@dataclass(frozen=True)
class Assignable:
    """How many of the chosen cases the reader may assign, and the officers of their units: (account, name)."""

    cases: int
    people: Sequence[tuple[int, str]]


@dataclass(frozen=True)
class BatchOutcome:
    """How many cases of a batch stand how."""

    waiting: int = 0
    done: int = 0
    proposed: int = 0
    refused: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.waiting + self.done + self.proposed + self.refused


@dataclass(frozen=True)
class CaseInBatch:
    """A case of a batch with its parties, as far as lists name them."""

    item: CaseOfBatch
    workflow: Label
    parties: Sequence[str]


def places_of(numbers: Sequence[int], *, call: Call) -> list[tuple[int, int]]:
    """Cases as they stand now: (number, last place), in the order that was given. Raises Refused where the reader may
    not read one of them.
    """
    wanted = list(dict.fromkeys(numbers))
    found = dict(
        CaseStandingRow.objects.filter(readable(call), case__in=wanted).values_list("case", "place").order_by()
    )
    for number in wanted:
        if number not in found:
            # Offered to the unit of the reader, or handled by them in a unit that they have left.
            require_readable(number, call=call)
            found[number] = CaseStandingRow.objects.values_list("place", flat=True).get(case=number)
    return [(number, found[number]) for number in wanted]


def chosen(number: int, *, call: Call) -> CaseBatch:
    """A batch of the reader. Raises Refused where there is none of theirs."""
    access.require_somewhere(call, "case.read")
    found = CaseBatch.objects.filter(pk=number).first()
    if found is None or call.actor.account is None or found.account != call.actor.account:
        raise Refused(refusals.case_batch_absent(number))
    return found


def acts_of(batch: CaseBatch, *, call: Call) -> tuple[ActInMany, ...]:
    """Every act that can be done now in at least one of the cases, in the order of the pages of the book."""
    counted: dict[tuple[str, str], ActInMany] = {}
    of: dict[str, int] = {}
    for row, standing, persons in _standings(batch, call):
        of[row.workflow] = of.get(row.workflow, 0) + 1
        for act in chosen_acts(standing, call):
            why = why_not(standing, act, persons, row.unit, call)
            if why.refused:
                continue
            before = counted.get((row.workflow, act.key))
            sample = act_to_choose(standing, act, why, call) if before is None else before.act
            counted[row.workflow, act.key] = ActInMany(
                row.workflow,
                standing.workflow.page.label,
                sample,
                row.case_id if before is None else before.case,
                1 if before is None else before.possible + 1,
                0,
            )
    order = {
        (name, key): (place, at)
        for place, (name, workflow) in enumerate(case_book(call.book).workflows.items())
        for at, key in enumerate(workflow.acts)
    }
    found = sorted(counted.values(), key=lambda one: order[one.workflow, one.act.key])
    return tuple(
        ActInMany(one.workflow, one.workflow_label, one.act, one.case, one.possible, of[one.workflow]) for one in found
    )


def _standings(
    batch: CaseBatch, call: Call
) -> Iterator[tuple[CaseStandingRow, CaseStanding, tuple[PersonInCase, ...]]]:
    """The cases of a batch as they stand, and as whom the reader can act in each."""
    known, now = case_book(call.book), in_the_place(call.now)
    numbers = list(batch.cases.order_by("id").values_list("case", flat=True))
    as_whom: dict[tuple[str, str], tuple[PersonInCase, ...]] = {}
    for first in range(0, len(numbers), _AT_A_TIME):
        some = numbers[first : first + _AT_A_TIME]
        family = family_of(some, known)
        standings = case_standings.replayed(family, known, now)
        for row in CaseStandingRow.objects.filter(case__in=some).order_by("case"):
            where = (row.workflow, row.unit)
            if where not in as_whom:
                # Officers act for units, whoever the parties are.
                as_whom[where] = persons_of(call, known.workflows[row.workflow], row.unit, ())
            yield row, standings[row.case_id], as_whom[where]


def officers_for(one: ActInMany) -> list[tuple[int, str]]:
    """The officers that a form of the act can name: those of the unit of the case that it was made for."""
    unit = CaseStandingRow.objects.values_list("unit", flat=True).get(case=one.case)
    return officers_of(unit)


def label_of_act(batch: CaseBatch, book: Book) -> Label:
    """What the act of a batch is called; one that the book no longer has, by its name."""
    workflow = case_book(book).workflows.get(batch.workflow)
    act = workflow.acts.get(batch.act) if workflow is not None else None
    return Label(zh=act.zh, en=act.en) if act is not None else Label(zh=batch.act, en=batch.act)


def assignable(batch: CaseBatch, *, call: Call) -> Assignable:
    """Whether the cases can be assigned by the reader, and to whom."""
    rows = CaseStandingRow.objects.filter(case__in=batch.cases.values("case"))
    may: dict[tuple[str, str, str], bool] = {}
    count, units = 0, dict[str, None]()
    for unit, quality, workflow in rows.values_list("unit", "quality", "workflow"):
        where = (unit, quality, workflow)
        if where not in may:
            may[where] = access.may(call, "case.assign", unit=unit, quality=quality, workflow=workflow) is None
        if may[where]:
            count += 1
            units[unit] = None
    return Assignable(count, [one for unit in units for one in officers_of(unit)])


def outcome(batch: CaseBatch) -> BatchOutcome:
    """How many of its cases stand how (one query)."""
    counts = batch.cases.values("state").annotate(count=Count("id")).order_by()
    return BatchOutcome(**{each["state"]: each["count"] for each in counts})


def cases_of(batch: CaseBatch, *, after: str = "", call: Call, state: str = "") -> Page[CaseInBatch]:
    """A page of its cases, in the order in which they were chosen; ``state`` narrows it.

    Args:
        batch: the cases that were chosen together.
    """
    rows = batch.cases.select_related("case")
    page = Keyset("id").page(rows.filter(state=state) if state else rows, after, PAGE)
    known = case_book(call.book)
    parties = parties_in_list([item.case_id for item in page.rows], known)
    return page.made(
        CaseInBatch(item, known.workflows[item.case.workflow].page.label, parties.get(item.case_id, ()))
        for item in page.rows
    )
