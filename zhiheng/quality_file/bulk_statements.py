"""Statements about many subjects at once, for read models that are derived from the ledger: read in bulk, narrowed by
subjects.

Read only, outside of any transaction: later deliveries have higher numbers, and the next reading finds them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from zhiheng.database import dialect
from zhiheng.database.rows import matching, stream
from zhiheng.engines.cards import CardStatement, PartySpelling
from zhiheng.ledger import party_links
from zhiheng.ledger.aliases import alias_key
from zhiheng.ledger.models import Fact, IdentityAct, Subject
from zhiheng.ledger.standing import holding_on

_BATCH = 5_000


@dataclass(frozen=True)
class SubjectStatements:
    """What a batch of subjects is made from: the lines of each, and the spellings of their aliases."""

    lines: Mapping[int, list[CardStatement]]
    spellings: Mapping[int, dict[int, PartySpelling]]


def last_fact() -> int:
    """The last fact whose delivery is complete; 0 in an empty ledger."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT first_fact + fact_count - 1 FROM ledger_delivery WHERE fact_count > 0 ORDER BY id DESC LIMIT 1"
        )
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def last_act() -> int:
    """The last merge, split or undoing; 0 where there was none."""
    return int(IdentityAct.objects.order_by("-id").values_list("id", flat=True).first() or 0)


def last_subject() -> int:
    """The highest number of a subject."""
    return int(Subject.objects.order_by("-id").values_list("id", flat=True).first() or 0)


def has_subjects(kind: str) -> bool:
    """Whether there is a subject of a kind at all."""
    return bool(Subject.objects.filter(kind=kind).exists())


def count_subjects(kind: str) -> int:
    """How many subjects of a kind there are."""
    found: int = Subject.objects.filter(kind=kind).count()
    return found


def subjects_between(first: int, last: int, kind: str) -> list[int]:
    """The subjects of a kind with numbers from first to last."""
    return list(Subject.objects.filter(id__range=(first, last), kind=kind).order_by("id").values_list("id", flat=True))


def subjects_moved(after: int, last: int) -> set[int]:
    """The subjects from which or to which aliases moved, by the acts after one up to another."""
    moves = IdentityAct.objects.filter(id__gt=after, id__lte=last).values_list("moves", flat=True)
    return {subject for text in moves for _, was, now in orjson.loads(text) for subject in (was, now)}


def subjects_told_of(after: int, last: int) -> Iterator[tuple[set[int], set[int]]]:
    """The subjects whose card may have changed by the facts after one up to another, in batches: (those with additional
    statements, those with an earlier statement that may not stand any longer); a subject may be in both.

    These are the parties of the facts themselves, of the facts that they correct or withdraw, and of earlier statements
    of the same things: the former user of a lift is no party of the statement about its new user.
    """
    about_of = party_links.abouts()
    editions = dict(_editions(after, last))
    start = after + 1
    while start <= last:
        end = min(start + _BATCH - 1, last)
        rows = list(
            Fact.objects.filter(id__range=(start, end)).values_list("id", "delivery_id", "concerns", "thing", "body")
        )
        more: set[int] = set()
        keys: set[int] = set()
        for _, delivery, concerns, thing, body in rows:
            told = more if concerns is None and thing is None else keys
            told |= _keys(body, about_of.get(editions.get(delivery, "")))
        concerned = {concerns for _, _, concerns, _, _ in rows if concerns is not None}
        things = {thing for _, _, _, thing, _ in rows if thing is not None}
        # A correction may speak of another thing than the fact that it corrects: then an earlier statement of that one
        # holds again.
        select = "SELECT f.thing FROM ledger_fact f"
        things |= {thing for (thing,) in matching(select, "f.id", sorted(concerned)) if thing is not None}
        select = "SELECT f.id FROM ledger_fact f"
        concerned |= {number for (number,) in matching(select, "f.thing", sorted(things)) if number < start}
        keys |= _keys_of_facts(sorted(concerned), about_of)
        yield _subjects_of(more), _subjects_of(keys)
        start = end + 1


def _subjects_of(keys: Collection[int]) -> set[int]:
    # Of a spelling of which parts stand for others every one is looked at again: whose the new fact is need not be
    # asked here.
    select = "SELECT a.subject_id FROM ledger_alias a"
    return {s for column in ("a.key", "a.spelling") for (s,) in matching(select, column, sorted(keys))}


def _editions(after: int, last: int) -> Iterator[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, edition FROM ledger_delivery WHERE fact_count > 0 AND first_fact <= %s AND first_fact + "
            "fact_count - 1 > %s",
            [last, after],
        )
        yield from cursor.fetchall()


def _keys_of_facts(facts: Sequence[int], about_of: Mapping[str, party_links.About]) -> set[int]:
    select = "SELECT f.delivery_id, f.body FROM ledger_fact f"
    rows = list(matching(select, "f.id", facts))
    deliveries = sorted({delivery for delivery, _ in rows})
    editions = dict(matching("SELECT d.id, d.edition FROM ledger_delivery d", "d.id", deliveries))
    return {key for delivery, body in rows for key in _keys(body, about_of.get(str(editions.get(delivery, ""))))}


def _keys(body: str, about: party_links.About | None) -> set[int]:
    if '"parties":[' not in body and about is None:
        return set()
    return {alias_key(mention) for _, mention in party_links.links_of(orjson.loads(body), about)}


def told_of(
    subjects: Sequence[int],
    *,
    until: int,
    today: dt.date,
    gone: Collection[int],
    bodies: Mapping[str, Collection[str]],
    after: int = 0,
) -> SubjectStatements:
    """Everything that was said of some subjects by facts (after one) up to ``until``, and all their spellings.

    ``gone``: facts that were corrected or withdrawn (``standing.all_replaced``); ``bodies``: record -> roles in which
    the body is needed. Which fact stands is said by ``ledger.standing``.
    """
    spellings: dict[int, dict[int, PartySpelling]] = {subject: {} for subject in subjects}
    subject_of: dict[int, int] = {}
    select = "SELECT a.id, a.subject_id, a.name, a.code, a.code_kind, a.address, a.place FROM ledger_alias a"
    for alias, subject, *spelling in matching(select, "a.subject_id", subjects):
        spellings[subject][alias] = PartySpelling(alias, *spelling)
        subject_of[alias] = subject
    rows = list(_rows(sorted(subject_of), after, until, bodies))
    things = sorted({row[10] for row in rows if row[10] is not None})
    winners, next_days = holding_on(_statements(things, until), today.isoformat(), gone)
    lines: dict[int, list[CardStatement]] = {subject: [] for subject in subjects}
    for alias, fact, role, record, unit, on, ends, outcome, area, body, thing in rows:
        standing = fact not in gone and (thing is None or winners.get(thing, fact) == fact)
        over = next_days.get(thing) if standing else None
        lines[subject_of[alias]].append(
            CardStatement(fact, role, alias, record, unit, on, ends, outcome, area, standing, body, over)
        )
    return SubjectStatements(lines, spellings)


def _rows(
    aliases: Sequence[int], after: int, until: int, bodies: Mapping[str, Collection[str]]
) -> Iterator[tuple[Any, ...]]:
    """(alias, fact, role, record, unit, on, until, outcome, area, body, thing) of every link of the aliases."""
    if not aliases:
        return
    pairs = sorted(f"{record}/{role}" for record, roles in bodies.items() for role in roles)
    wanted = f"f.record || '/' || p.role IN ({', '.join(['%s'] * len(pairs))})" if pairs else "1 = 0"
    # A withdrawal has no parties; kind need not be asked.
    columns = (
        "p.alias_id, p.fact_id, p.role, f.record, f.unit, CAST(f.occurred_on AS TEXT), CAST(f.valid_until AS TEXT), "
        f"f.outcome, f.area, CASE WHEN {wanted} THEN f.body END, f.thing"
    )
    source = dialect.from_keys("ledger_factparty p", "p.alias_id", "ledger_fact f ON f.id = p.fact_id")
    params = [*pairs, dialect.keys_parameter(aliases), after, until]
    for batch in stream(f"SELECT {columns} FROM {source} AND p.fact_id > %s AND p.fact_id <= %s", params):
        yield from batch


def _statements(things: Sequence[int], until: int) -> Iterator[tuple[int, str, int]]:
    """(thing, day, fact) of the statements of some things by facts up to one."""
    select = "SELECT f.thing, f.id, CAST(f.occurred_on AS TEXT), f.kind FROM ledger_fact f"
    for thing, fact, on, kind in matching(select, "f.thing", things):
        if kind != Fact.Kind.WITHDRAWAL and fact <= until:
            yield thing, on, fact
