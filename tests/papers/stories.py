"""Papers that the stories of the book issue: each with the case as it stands at the line."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from zhiheng.engines.papers.composing import compose
from zhiheng.engines.papers.content import PaperContent
from zhiheng.engines.papers.filling import CaseOnPaper, IssuingUnit, PartyOnPaper
from zhiheng.engines.workflow.family import CaseLog, replay_family
from zhiheng.engines.workflow.guards import CasePerson
from zhiheng.engines.workflow.legal_time import LegalTime
from zhiheng.engines.workflow.stories import Family, compiled
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.case_documents import CASE_DOCUMENTS
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.grammar.loader import load
from zhiheng.kernel.reasons import Refused

BOOK = Path(__file__).resolve().parents[2] / "book"
UNIT = IssuingUnit("砺原区市场监督管理局", "砺原", "砺原区铁砧街道示例路1号", "0000-00000000")
PARTY = PartyOnPaper(
    "砺原区甲机械有限公司（虚构）", "91990101MA0000000X", "砺原区望井街道示例路2号", "张示例", "0000-00000001"
)


@cache
def book() -> Book:
    """The book of the house."""
    return load(BOOK)


@cache
def issued() -> tuple[tuple[str, CaseOnPaper], ...]:
    """(document, case at the line) for the first time that a story has an act issue it, for each act."""
    found: dict[tuple[str, str, str], CaseOnPaper] = {}
    workflows = compiled(book()[WORKFLOWS])
    time = LegalTime(book()[LAW], book()[CALENDAR])
    for name, entry in book()[WORKFLOWS].items():
        for story in entry.stories:
            people = {
                each: CasePerson(each, frozenset(said.may), said.level, said.party or "")
                for each, said in story.people.items()
            }
            family = Family(workflows, time, {"": CaseLog(workflows[name])})
            for day in story.days:
                if day.act is None or day.refused is not None:
                    continue
                try:
                    family.do(day.case, day, [people[each] for each in day.by])
                except Refused:
                    continue
                log = family.cases[day.case]
                body = log.workflow.acts[day.act].body
                for document in body.issues:
                    key = document, log.workflow.name, day.act
                    if key not in found:
                        found[key] = _case(family, day.case)
    return tuple((document, case) for (document, _, _), case in found.items())


def _case(family: Family, number: str) -> CaseOnPaper:
    log = family.cases[number]
    standings = replay_family(family.cases, family.time, log.lines[-1].on)
    parties = {name: () if party.sealed else (PARTY,) for name, party in log.workflow.page.parties.items()}
    opener = standings[log.parents[0]] if log.parents else None
    return CaseOnPaper(f"（示例）2026-{len(log.lines)}", standings[number], log.lines, UNIT, parties, opener=opener)


def contents() -> Iterator[tuple[str, CaseOnPaper, PaperContent]]:
    """Each paper of the stories, composed with the number 7."""
    papers = book()[CASE_DOCUMENTS]
    for document, case in issued():
        yield document, case, compose(papers, document, case, serial=7)
