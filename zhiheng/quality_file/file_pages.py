"""What pages, papers and programs show of a quality file (一企一档): its first page, more of its timeline, what holds
now, what is urgent.

Read only. Facts stay as delivered; what was corrected or withdrawn is shown with what replaced it. First the facts are
chosen by number, by the statements that narrow a file (``file_view``) or in memory (``at_once``); then they are read
whole, once, and their lines are made (``fact_lines``).

The terminal puts these together (``whole_file``); what is stated differently stands in ``conflicts``; one fact with its
rows, its proof and its history is read by ``fact_detail``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zhiheng.database.paging import Page
from zhiheng.engines.cards import failures_count, plan_of
from zhiheng.engines.naming import OPEN
from zhiheng.grammar.book import Book
from zhiheng.grammar.types import Label
from zhiheng.quality_file.alerts import Urgent, urgent_facts
from zhiheng.quality_file.at_once import choose_at_once
from zhiheng.quality_file.fact_lines import FileLine, file_lines
from zhiheng.quality_file.file_head import FileHead, file_head
from zhiheng.quality_file.file_view import (
    ChosenGroup,
    Counts,
    FileHas,
    FileView,
    LinesQuestion,
    choose,
    roles_of,
    whole_facts,
)

# Of each group, and of what is urgent, so many lines are shown on the first page.
OF_GROUP, OF_URGENT = 20, 8
LATEST = LinesQuestion()


@dataclass(frozen=True)
class GroupStanding:
    """What holds now of one group: ``total`` may be more than the lines given; ``ended`` are the latest that no longer
    hold.
    """

    id: str
    label: Label
    lines: tuple[FileLine, ...]
    total: int
    ended: tuple[FileLine, ...]


@dataclass(frozen=True)
class FirstPage:
    """The pieces of a file's first page; ``counts``: None where they were not asked for and the file is too long to
    count in memory; ``has``: where it is short enough to know.
    """

    current: tuple[GroupStanding, ...]
    timeline: Page[FileLine]
    urgent: Urgent
    counts: Counts | None = None
    has: FileHas | None = None


def first_page(view: FileView, head: FileHead, lines: LinesQuestion, *, book: Book, counted: bool) -> FirstPage:
    """The first page of a file (4 statements, or about 11 where it is narrowed in SQL; 2 more where the problems that
    are open are asked for). ``counted``: with counts however long it is.
    """
    lines = _of_failures(view, head, lines, book)
    chosen = choose_at_once(view, head, lines, book=book) or choose(view, head, lines, book=book, counted=counted)
    facts = chosen.whole_facts(OF_GROUP)
    pressing = urgent_facts(view, head, chosen.pending, facts, book=book)
    shown = chosen.shown(OF_GROUP) | pressing.first(OF_URGENT)
    told = file_lines(shown, facts, chosen.roles, book=book, later=chosen.later, outdated=chosen.outdated)
    return FirstPage(
        _told_groups(chosen.groups, told, OF_GROUP),
        chosen.page.made(told[number] for number in chosen.page.rows),
        pressing.told(told, facts, OF_URGENT),
        chosen.counts,
        chosen.has,
    )


def timeline(view: FileView, lines: LinesQuestion = LATEST, *, book: Book, counted: bool = False) -> Page[FileLine]:
    """What was said of a subject, the latest day first (at most 5 statements, 6 where the first page is to say how many
    there are, 3 more where the problems that are open are asked for). A place that can't be read is the beginning.
    """
    head = file_head(view.subject) if lines.filters.fails == OPEN else None
    page = view.page(_of_failures(view, head, lines, book), book=book, counted=counted)
    facts = whole_facts(page.rows)
    later, outdated = view.after(page.rows, {fact.thing for fact in facts.values() if fact.thing is not None})
    roles = view.roles_in(page.rows) if page.rows else {}
    told = file_lines(page.rows, facts, roles, book=book, later=later, outdated=outdated)
    return page.made(told[number] for number in page.rows)


def current(view: FileView, *, book: Book, limit: int = OF_GROUP) -> tuple[GroupStanding, ...]:
    """What holds on the day, in the groups of the book's card (at most 3 statements).

    A group is given even where nothing holds in it. Of each group at most ``limit`` lines, the latest first, and as
    many that ended.
    """
    plan = plan_of(book)
    groups, roles = view.groups(plan) if plan is not None else ([], {})
    shown = set[int]().union(*(group.first(limit) for group in groups))
    return _told_groups(groups, file_lines(shown, whole_facts(shown), roles, book=book), limit)


def urgent(view: FileView, head: FileHead, *, book: Book, limit: int = OF_URGENT) -> Urgent:
    """What is urgent in the file of a subject (2 statements)."""
    plan = plan_of(book)
    facts, pending = view.pending(plan, head) if plan is not None else ({}, [])
    pressing = urgent_facts(view, head, pending, facts, book=book)
    return pressing.told(file_lines(pressing.first(limit), facts, roles_of(pending), book=book), facts, limit)


def _of_failures(view: FileView, head: FileHead | None, lines: LinesQuestion, book: Book) -> LinesQuestion:
    """The question with the failures that it asks for: by their days, or one by one where they are open problems."""
    fails, plan = lines.filters.fails, plan_of(book)
    if fails == OPEN and plan is not None and head is not None:
        facts, pending = view.pending(plan, head)
        return lines.only(urgent_facts(view, head, pending, facts, book=book).problems)
    if fails == OPEN:
        return lines.only(())
    if not fails:
        return lines
    after, until = failures_count(fails, view.as_of)
    return lines.failed(after, until)


def _told_groups(groups: Sequence[ChosenGroup], lines: Mapping[int, FileLine], limit: int) -> tuple[GroupStanding, ...]:
    return tuple(
        GroupStanding(
            group.id,
            group.label,
            tuple(lines[number] for number in group.on[:limit]),
            len(group.on),
            tuple(lines[number] for number in group.over[:limit]),
        )
        for group in groups
    )
