"""The urgent part of a file on a day: open problems, expiries soon and past. By the book's ``cards`` page.

The same engine that makes the card decides (``engines/cards.py``); here it is given only the statements that can
matter, so that it works for any day, and within any scope.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from zhiheng.engines.cards import CardStatement, PartySpelling, card_of, plan_of
from zhiheng.grammar.book import Book
from zhiheng.ledger.models import Fact
from zhiheng.quality_file.fact_lines import FileLine
from zhiheng.quality_file.file_head import FileHead
from zhiheng.quality_file.file_view import FileView


@dataclass(frozen=True)
class Urgent:
    """Open problems, the latest first; coming expiries, the next first; expiries within a year without a renewal.

    Of each at most ``limit`` lines; ``open_in_all`` and the like say how many there are, ``open_facts`` which problems
    are open and ``open_of`` how many of each record.
    """

    problems: tuple[FileLine, ...] = ()
    ending: tuple[FileLine, ...] = ()
    ended: tuple[FileLine, ...] = ()
    open_in_all: int = 0
    ending_in_all: int = 0
    ended_in_all: int = 0
    open_facts: frozenset[int] = frozenset()
    open_of: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class UrgentFacts:
    """The same by number: open problems, the latest first; what ends, the next first; what ended."""

    problems: tuple[int, ...] = ()
    ending: tuple[int, ...] = ()
    ended: tuple[int, ...] = ()

    def first(self, limit: int) -> set[int]:
        """Those that are shown."""
        return {*self.problems[:limit], *self.ending[:limit], *self.ended[:limit]}

    def told(self, lines: Mapping[int, FileLine], facts: Mapping[int, Fact], limit: int) -> Urgent:
        """As it is shown, by the ``lines`` of the ``first`` of each; ``facts``: at least all problems."""
        return Urgent(
            tuple(lines[n] for n in self.problems[:limit]),
            tuple(lines[n] for n in self.ending[:limit]),
            tuple(lines[n] for n in self.ended[:limit]),
            len(self.problems),
            len(self.ending),
            len(self.ended),
            frozenset(self.problems),
            Counter(facts[n].record for n in self.problems),
        )


def urgent_facts(
    view: FileView, head: FileHead, pending: Iterable[CardStatement], facts: Mapping[int, Fact], *, book: Book
) -> UrgentFacts:
    """What is urgent among what the facts that can be urgent say; ``facts``: at least these, with their bodies."""
    plan = plan_of(book)
    said = [each._replace(body=facts[each.fact].body) for each in pending]
    spellings = {
        s.alias: PartySpelling(s.alias, s.name, s.code, s.code_kind, s.address, s.place) for s in head.spellings
    }
    card = card_of(head.subject, said, spellings, plan, view.as_of) if plan is not None else None
    if card is None:
        return UrgentFacts()
    days = {each.fact: each.on for each in said}
    problems = sorted(card.problems, key=lambda number: (days[number], number), reverse=True)
    return UrgentFacts(tuple(problems), card.ending, card.ended)
