"""Everything of a book that is tried out, not only read: what ``zhiheng book check`` and an edition are refused for."""

from __future__ import annotations

from collections.abc import Iterator

from zhiheng.engines.examples import calendar_failures, failures
from zhiheng.engines.papers.book_check import paper_failures
from zhiheng.engines.publication import example_failures
from zhiheng.engines.workflow.book_check import workflow_failures
from zhiheng.grammar.book import Book


def book_failures(book: Book) -> Iterator[str]:
    """A line with its place for each example, story, course or paper that does not come out as the book says: rows of
    records, cases of publication, golden cases of counting days, workflows with their stories, papers of cases.
    """
    yield from failures(book)
    yield from calendar_failures(book)
    yield from example_failures(book)
    yield from workflow_failures(book)
    yield from map(str, paper_failures(book))
