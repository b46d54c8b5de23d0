"""Tables that people of these tests hand in."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping

from tests.browser.world import sample
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.records import RECORDS


def as_csv(*rows: Mapping[str, str]) -> bytes:
    """A table as bytes."""
    text = io.StringIO()
    csv.writer(text).writerows([list(rows[0]), *(list(row.values()) for row in rows)])
    return text.getvalue().encode()


def samples(book: Book, *numbers: int, **changed: str) -> list[dict[str, str]]:
    """Rows of food sampling that nobody has handed in yet."""
    return [sample(example(book, "food_sampling"), number, dt.date.today(), **changed) for number in numbers]


def example(book: Book, record: str) -> dict[str, str]:
    """The first row that the book gives as an example of its own sheet."""
    examples = book[RECORDS][record].examples
    assert examples is not None
    return dict(next(one.row for one in examples.accepted if one.source in (None, "standard")))
