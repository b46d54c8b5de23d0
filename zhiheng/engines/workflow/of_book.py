"""The workflows of a book as cases use them: compiled once, with the law and the calendar, and the digests that each
line of a log keeps of what it was done by.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path

from zhiheng.engines.workflow.compiled import CompiledAct, Workflow
from zhiheng.engines.workflow.legal_time import LegalTime
from zhiheng.engines.workflow.stories import compiled
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.law import LAW, words_of_law
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.kernel.facts import canonical
from zhiheng.kernel.memo import once_for

# What of a book says how long periods are and how days are counted.
_LAW_FILES = ("law/*.yaml", "texts.yaml", "calendars/*.yaml")


@dataclass(frozen=True)
class CaseBook:
    """The workflows of a book, the law and calendar by which they count, and the digest of these two."""

    workflows: Mapping[str, Workflow]
    time: LegalTime
    law_digest: str
    pages: Mapping[str, str] = field(repr=False)

    def edition(self, workflow: str) -> str:
        """The digest of all that a standing of the workflow depends on beside its log."""
        return _digest(f"{self.pages[workflow]} {self.law_digest}")

    def form_digest(self, workflow: Workflow, act: CompiledAct, day: dt.date) -> str:
        """The digest of the form of an act on a day: its fields, with the choices of the law of the day."""
        fields = {name: workflow.page.fields[name] for name in (*act.body.asks, *act.body.optional)}
        said = {
            name: [each.model_dump(mode="json"), str(self.time.value(each.choices_of, day).value)]
            if each.choices_of is not None
            else [each.model_dump(mode="json")]
            for name, each in fields.items()
        }
        return _digest(canonical([act.key, list(act.body.asks), said]))


@once_for(4)
def case_book(book: Book) -> CaseBook:
    """What cases need of a book; made once for a book."""
    entries = book[WORKFLOWS]
    pages = {
        name: _digest(canonical(entry.page.model_dump(mode="json")) + _text(book.root / "workflows" / name / "rule.py"))
        for name, entry in entries.items()
    }
    files = sorted(path for pattern in _LAW_FILES for path in book.root.glob(pattern))
    law = _digest("\n".join(f"{path.name}\n{_text(path)}" for path in files))
    time = LegalTime(book[LAW], book[CALENDAR], words=lambda topic: words_of_law(book, topic))
    return CaseBook(compiled(entries), time, law, pages)


@cache
def empty_digest() -> str:
    """The digest of nothing: what the machine's own acts have in place of a form."""
    return _digest("")


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
