"""Recount cards, their running counts and the search index from the ledger, and name the enterprises that differ.

A card is updated from new facts and earlier counts (``projections_cardtally``), so a count that was changed by hand, or
left wrong by a fault, would be carried on for ever. Here everything is read again from the facts, a block of
enterprises at a time, while no refresh runs; nothing is written. A difference is no fault of the ledger: ``zhiheng
refresh --whole`` rebuilds it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from zhiheng.engines.cards import CardPlan, CardValues, card_after, plan_of, roles_needed
from zhiheng.grammar.book import Book
from zhiheng.kernel.progress import Counting
from zhiheng.ledger import standing
from zhiheng.ledger.verify import VerifyFinding
from zhiheng.projections import store
from zhiheng.projections.models import Card, Refresh
from zhiheng.quality_file import bulk_statements

BLOCK = 200
# Without ``deep`` so many blocks, spread evenly over all enterprises, from another place every day.
SOME_BLOCKS = 10
# So many are named; of the rest how many there are.
_NAMED = 200
_KIND = "enterprise"


@dataclass
class Recounted:
    """How many enterprises were counted again, how many wait for the next refresh and were left out, and what
    differs.
    """

    subjects: int = 0
    waiting: int = 0
    findings: list[VerifyFinding] = field(default_factory=list)


def recount(book: Book, *, today: dt.date, deep: bool = False, progress: Counting | None = None) -> Recounted:
    """Count again the cards of all enterprises (``deep``), or of a bounded part of them that is another one every day.

    What the next refresh will make anew anyway (facts and acts that came in since the last one) is left out. Nothing is
    counted where no refresh was run yet or one makes everything anew just now.
    """
    done = Recounted()
    plan = plan_of(book, _KIND)
    if plan is None:
        return done
    blocks = _blocks(bulk_statements.last_subject(), today, deep=deep)
    waits = _Waiting()
    more = 0
    for number, (first, last) in enumerate(blocks):
        with store.alone():
            state = Refresh.objects.filter(part="cards").first()
            if (
                state is None
                or state.day is None
                or state.next_subject is not None
                or state.edition != store.edition_of(plan)
            ):
                break
            subjects = bulk_statements.subjects_between(first, last, _KIND)
            waiting = waits.since(state.fact, state.act)
            counted = [subject for subject in subjects if subject not in waiting]
            wrong = list(_differing(counted, plan, state.fact, state.day))
        done.subjects += len(counted)
        done.waiting += len(subjects) - len(counted)
        room = max(0, _NAMED - len(done.findings))
        done.findings += wrong[:room]
        more += len(wrong[room:])
        if progress:
            progress(number + 1, len(blocks))
    if more:
        done.findings.append(
            VerifyFinding(
                "card",
                0,
                None,
                f"还有 {more} 处企业摘要与台账重新计数不符。",
                f"{more} more places where cards differ from what is counted again.",
            )
        )
    return done


def _blocks(last: int, today: dt.date, *, deep: bool) -> Sequence[tuple[int, int]]:
    blocks = [(first, min(first + BLOCK - 1, last)) for first in range(1, last + 1, BLOCK)]
    if deep or len(blocks) <= SOME_BLOCKS:
        return blocks
    step = len(blocks) // SOME_BLOCKS
    return blocks[today.toordinal() % step :: step][:SOME_BLOCKS]


class _Waiting:
    """The subjects that the next refresh makes anew; asked again only where the ledger has moved on."""

    def __init__(self) -> None:
        self._asked: tuple[int, int, int, int] | None = None
        self._found: set[int] = set()

    def since(self, fact: int, act: int) -> set[int]:
        asked = (fact, act, bulk_statements.last_fact(), bulk_statements.last_act())
        if asked != self._asked:
            self._asked = asked
            self._found = bulk_statements.subjects_moved(act, asked[3])
            for more, otherwise in bulk_statements.subjects_told_of(fact, asked[2]):
                self._found |= more | otherwise
        return self._found


def _differing(subjects: Sequence[int], plan: CardPlan, until: int, day: dt.date) -> Iterator[VerifyFinding]:
    gone = standing.all_replaced(until)
    told = bulk_statements.told_of(subjects, until=until, today=day, gone=gone, bodies=roles_needed(plan.bodies()))
    tallies = store.tallies(subjects)
    cards = store.rows_of(subjects)
    searched = store.entries_kept(subjects)
    for subject in subjects:
        lines, spellings = told.lines[subject], told.spellings[subject]
        right, _ = card_after(subject, None, lines, spellings, plan, day, until)
        yield from _named(subject, right, cards.get(subject), "card", "企业摘要", "the card")
        wanted = store.entries_of(subject, right.words) if right is not None else []
        if searched.get(subject, []) != wanted:
            yield _finding(subject, right, "search", "检索用的名称、代码等", "what it is searched by", [])
        tally = tallies.get(subject)
        if tally is None:
            continue
        later = [line for line in lines if line.fact > tally.until]
        follows, _ = card_after(subject, tally, later, spellings, plan, day, until)
        row = None if follows is None else _columns(follows)
        yield from _named(subject, right, row, "tally", "累计数", "the running count")


def _columns(card: CardValues) -> dict[str, Any]:
    row = dict(zip(store.COLUMNS, store.row_of(card, 0), strict=True))
    del row["watermark"]
    return row


def _named(
    subject: int, right: CardValues | None, kept: dict[str, Any] | None, kind: str, zh: str, en: str
) -> Iterator[VerifyFinding]:
    wanted = None if right is None else _columns(right)
    kept = None if kept is None else {name: value for name, value in kept.items() if name != "watermark"}
    if wanted == kept:
        return
    which = [name for name in (wanted or kept or {}) if (wanted or {}).get(name) != (kept or {}).get(name)]
    yield _finding(subject, right, kind, zh, en, which if wanted and kept else [])


def _finding(
    subject: int, card: CardValues | None, kind: str, zh: str, en: str, columns: Sequence[str]
) -> VerifyFinding:
    name = card.name if card is not None else ""
    said = {field.column: str(field.verbose_name) for field in Card._meta.local_fields}
    where = [said.get(column, column) for column in columns[:6]]
    of_zh = f"（{'、'.join(word.split(' ')[0] for word in where)}）" if where else ""
    of_en = f" ({', '.join(column for column in columns[:6])})" if where else ""
    return VerifyFinding(
        kind,
        0,
        None,
        f"主体 {subject}“{name}”的{zh}{of_zh}与台账重新计数不符；账本本身不受影响，请运行 zhiheng refresh --whole "
        "重做。",
        f"Of subject {subject} ({name}) {en}{of_en} differs from what the ledger gives when it is counted again; the "
        "ledger itself is sound. Run zhiheng refresh --whole to make it anew.",
    )
