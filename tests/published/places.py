"""A district with the default book, into which single rows are handed in and published by the actions that do so every
day.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.book_once import book_once
from zhiheng.actions.facts import correct_fact
from zhiheng.actions.intake.receive_delivery import receive
from zhiheng.actions.publication.approve import Decided, approve
from zhiheng.actions.publication.propose_publication import Proposed, propose
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.actor import SYSTEM, Actor, operator
from zhiheng.ledger.models import Fact
from zhiheng.office.models import PublicationRequest
from zhiheng.published.models import PublishedEntry

ROOT = Path(__file__).resolve().parents[2]
NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
UNIT = "liyuan_market"
OFFICER = operator("审核")


@dataclass
class Place:
    """The district: rows come in, entries go out."""

    book: Book
    folder: Path
    now: dt.datetime = NOON
    files: int = 0

    def fact(self, record: str, example: str, *, unit: str = UNIT, **changed: str) -> Fact:
        """Hand in the row of an example of the book, with other texts in some cells; returns its fact."""
        entry = self.book[RECORDS][record]
        assert entry.examples is not None
        like = next(each for each in entry.examples.accepted if each.name == example)
        row = like.row | changed
        self.files += 1
        path = self.folder / f"{self.files}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([list(row), list(row.values())])
        results = receive(
            path, call=Call(SYSTEM, self.book, self.now), unit=unit, record=record, source=like.source, confirmed=True
        )
        assert [result.state for result in results] == ["accepted"], results
        return Fact.objects.order_by("-id")[0]

    def propose(self) -> Proposed:
        """What the background does after a delivery."""
        return propose(call=Call(SYSTEM, self.book, self.now))

    def waiting(self, **words: Any) -> list[PublicationRequest]:
        """The open requests."""
        return list(PublicationRequest.objects.filter(state="open", **words).order_by("pk"))

    def approve(self, *requests: PublicationRequest, actor: Actor = OFFICER, **words: Any) -> Decided:
        """Approve requests (all that wait)."""
        numbers = [r.pk for r in requests or self.waiting()]
        return approve(numbers, call=Call(actor, self.book, self.now), **words)

    def publish(self, record: str, example: str, **changed: str) -> PublishedEntry:
        """Hand in, propose, approve; returns the entry that is shown."""
        fact = self.fact(record, example, **changed)
        self.propose()
        self.approve()
        return PublishedEntry.objects.get(fact=fact.id, state="shown")

    def correct(self, fact: int, changes: dict[str, str], reason: str = "录入有误") -> int:
        """The sender corrects a fact in the ledger."""
        return correct_fact.correct(fact, changes, reason=reason, call=Call(OFFICER, self.book, self.now), unit=UNIT)

    def later(self, days: int) -> None:
        """Let days pass."""
        self.now += dt.timedelta(days=days)


@pytest.fixture(scope="session")
def default_book() -> Book:
    """The default book, read once."""
    return book_once(ROOT / "book")


@pytest.fixture
def place(db: None, settings: Any, tmp_path: Path, default_book: Book, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An empty district whose files lie in a folder of the test's own."""
    settings.DATA = tmp_path / "data"
    settings.BOOK = default_book.root
    folder = tmp_path / "handed-in"
    folder.mkdir()
    return Place(default_book, folder)
