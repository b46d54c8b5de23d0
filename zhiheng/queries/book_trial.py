"""Running cases under another book: replayed under the one in force and under the other, case by case, nothing written.

Cases are read in batches, and each batch is forgotten once it was compared, so that memory does not grow with them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from zhiheng.engines.workflow.forms import in_the_place
from zhiheng.engines.workflow.of_book import CaseBook, case_book
from zhiheng.engines.workflow.standing import CaseStanding
from zhiheng.engines.workflow.trial import NONE, TrialDifference, differences
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.kernel.days import Sentence
from zhiheng.kernel.reasons import Refused
from zhiheng.office import case_log, case_standings
from zhiheng.office.case_log import FamilyRows
from zhiheng.office.cases import Case, CaseStandingRow
from zhiheng.people import access

# What a log does where a book has no place for what it says.
UNREADABLE: Final = (Refused, KeyError, ValueError, TypeError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class CaseTried:
    """A case of which something differs."""

    number: str
    workflow: str
    differences: tuple[TrialDifference, ...]


@dataclass
class BookTrial:
    """A trial of another book: go through ``differing()``; ``cases`` and ``differ`` count what was gone through."""

    ours: CaseBook
    theirs: CaseBook
    at: dt.date
    workflow: str = ""
    cases: int = 0
    differ: int = 0
    _last: int = field(default=0, repr=False)

    def differing(self) -> Iterator[CaseTried]:
        """The running cases of which something differs, by their numbers of entry."""
        while some := self._next():
            self._last = some[-1]
            tried = self._tried(some)
            self.cases += len(some)
            for number in some:
                if tried[number].differences:
                    self.differ += 1
                    yield tried[number]

    def _next(self) -> list[int]:
        rows = CaseStandingRow.objects.filter(final=False, case__gt=self._last).order_by("case")
        if self.workflow:
            rows = rows.filter(workflow=self.workflow)
        return list(rows.values_list("case_id", flat=True)[: case_standings.BATCH])

    def _tried(self, some: Collection[int]) -> dict[int, CaseTried]:
        """Each of some cases; where one can't be worked out, family by family: it hides no other."""
        rows = case_log.family_rows(some)
        try:
            return self._compared(some, rows)
        except UNREADABLE as cause:
            if len(some) > 1:
                return {number: tried for each in some for number, tried in self._tried([each]).items()}
            return {number: _unread(rows[0][number], cause) for number in some}

    def _compared(self, some: Collection[int], rows: FamilyRows) -> dict[int, CaseTried]:
        before, after = self._standings(rows, self.ours), self._standings(rows, self.theirs)
        return {
            number: CaseTried(
                rows[0][number].number,
                rows[0][number].workflow,
                tuple(differences(before[number], after[number])),
            )
            for number in some
        }

    def _standings(self, rows: FamilyRows, book: CaseBook) -> Mapping[int, CaseStanding]:
        return case_standings.replayed(case_log.made(*rows, book), book, self.at, audit=True)


def _unread(case: Case, cause: Exception) -> CaseTried:
    if isinstance(cause, Refused):
        zh, en = ("；".join(each.zh for each in cause.refusals), "; ".join(each.en for each in cause.refusals))
    else:
        # What was said fits no more into a field of the other book.
        zh = en = f"{type(cause).__name__}: {cause}"
    why = Sentence(zh=zh, en=en)
    return CaseTried(case.number, case.workflow, (TrialDifference("unread", "", NONE, NONE, why),))


def try_book(other: Book, *, call: Call, on: dt.date | None = None, workflow: str = "") -> BookTrial:
    """A trial of another book on the running cases, as they stand at the moment of the call, or by the end of a day.

    ``workflow``: only cases of that one. Raises Refused for who may not verify the ledger.
    """
    access.require(call, "ledger.verify")
    at = in_the_place(call.now) if on is None else on
    return BookTrial(case_book(call.book), case_book(other), at, workflow)
