"""Which statement holds, said four ways: in plain words over a list, over rows that were read, in SQL, and over
columns.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import duckdb
import ibis
import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from zhiheng.engines.standing import latest_of_each_thing, without_replaced
from zhiheng.ledger.models import Delivery, Fact
from zhiheng.ledger.standing import (
    acts_on,
    all_replaced,
    ends_of,
    holding_on,
    holds,
    known_by,
    later_than,
    latest,
    next_statements,
    replaced,
    stands,
    statements_of,
)

pytestmark = pytest.mark.django_db
DAYS = [dt.date(2026, 3, day) for day in (1, 2, 3)]
EVER = dt.date(2030, 1, 1)


@dataclass(frozen=True)
class Told:
    """One line of a ledger, as far as it decides what holds."""

    id: int
    on: dt.date
    learned: dt.date
    kind: str = "statement"
    concerns: int | None = None
    thing: int | None = None


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[Told, ...]:
    """Statements of three things and of none, some corrected (a correction may speak of another thing), some
    withdrawn.
    """
    made: list[Told] = []
    untouched: list[Told] = []
    things, days = st.sampled_from([None, 11, 12, 13]), st.sampled_from(DAYS)
    for number in range(1, draw(st.integers(1, 9)) + 1):
        kind = (
            draw(st.sampled_from(["statement", "statement", "correction", "withdrawal"])) if untouched else "statement"
        )
        old = untouched.pop(draw(st.integers(0, len(untouched) - 1))) if kind != "statement" else None
        thing = old.thing if kind == "withdrawal" and old is not None else draw(things)
        told = Told(number, draw(days), draw(days), kind, old.id if old is not None else None, thing)
        made.append(told)
        if kind != "withdrawal":
            untouched.append(told)
    return tuple(made)


def by_the_words(ledger: tuple[Told, ...], as_of: dt.date, known_on: dt.date) -> set[int]:
    """The facts that hold, as the rule says it."""
    known = [told for told in ledger if told.learned <= known_on]
    gone = {told.concerns for told in known}
    live = [told for told in known if told.kind != "withdrawal" and told.id not in gone and told.on <= as_of]
    return {
        told.id
        for told in live
        if told.thing is None or (told.on, told.id) == max((o.on, o.id) for o in live if o.thing == told.thing)
    }


def write(ledger: tuple[Told, ...]) -> None:
    """Put the lines into the tables as they are."""
    counts = {"row_count": 1, "fact_count": 1, "duplicate_count": 0, "refused_count": 0, "flagged_count": 0}
    Delivery.objects.bulk_create(
        Delivery(
            id=at,
            state="accepted",
            unit="u",
            file_name="f",
            file_digest="d",
            headings="[]",
            learned_on=day,
            root="",
            refused_root="",
            link=f"link {at}",
            **counts,
        )
        for at, day in enumerate(DAYS, 1)
    )
    Fact.objects.bulk_create(
        Fact(
            id=told.id,
            delivery_id=DAYS.index(told.learned) + 1,
            row_number=1,
            record="r",
            unit="u",
            kind=told.kind,
            concerns=told.concerns,
            key=told.id,
            thing=told.thing,
            leaf=b"",
            occurred_on=told.on,
            area="",
            body="{}",
            row="[]",
        )
        for told in ledger
    )


def over_rows(as_of: dt.date, known_on: dt.date | None) -> set[int]:
    facts = known_by(Fact.objects.exclude(kind="withdrawal").filter(occurred_on__lte=as_of), known_on)
    seen = dict(facts.values_list("id", "thing"))
    later = acts_on(list(seen), known_on)
    outdated = next_statements(statements_of({t for t in seen.values() if t is not None}, as_of, known_on))
    return {fact for fact in seen if fact not in later and fact not in outdated}


def in_sql(as_of: dt.date, known_on: dt.date | None) -> set[int]:
    facts = known_by(Fact.objects.exclude(kind="withdrawal").filter(occurred_on__lte=as_of), known_on)
    return set(facts.filter(stands(as_of, known_on)).values_list("id", flat=True))


def over_columns(ledger: tuple[Told, ...], as_of: dt.date, known_on: dt.date) -> set[int]:
    facts = ibis.table(
        {"fact_id": "int64", "thing": "int64", "occurred_on": "date", "learned_on": "date"}, name="facts"
    )
    acts = ibis.table({"concerns": "int64", "learned_on": "date"}, name="acts")
    known = facts.filter(facts.occurred_on <= as_of, facts.learned_on <= known_on)
    asked = latest_of_each_thing(without_replaced(known, acts, known_on)).select("fact_id")
    with duckdb.connect() as duck:
        duck.execute("CREATE TABLE facts (fact_id BIGINT, thing BIGINT, occurred_on DATE, learned_on DATE)")
        duck.execute("CREATE TABLE acts (concerns BIGINT, learned_on DATE)")
        for told in ledger:
            if told.kind != "withdrawal":
                duck.execute("INSERT INTO facts VALUES (?, ?, ?, ?)", [told.id, told.thing, told.on, told.learned])
            if told.concerns is not None:
                duck.execute("INSERT INTO acts VALUES (?, ?)", [told.concerns, told.learned])
        return {number for (number,) in duck.execute(str(ibis.to_sql(asked, dialect="duckdb"))).fetchall()}


def in_bulk(as_of: dt.date) -> set[int]:
    """As refreshing projections reads it: by what is known now."""
    gone = all_replaced(10**6)
    told = list(Fact.objects.exclude(kind="withdrawal").values_list("thing", "occurred_on", "id"))
    winners, _ = holding_on(
        [(thing, on.isoformat(), fact) for thing, on, fact in told if thing is not None], as_of.isoformat(), gone
    )
    return {
        fact
        for thing, on, fact in told
        if on <= as_of and fact not in gone and (thing is None or winners.get(thing, fact) == fact)
    }


def of_some_things(as_of: dt.date) -> set[int]:
    """As the first page of a short file reads it: by what is known now."""
    told = Fact.objects.exclude(kind="withdrawal").filter(occurred_on__lte=as_of)
    seen = dict(told.values_list("id", "thing"))
    things = {thing for thing in seen.values() if thing is not None}
    acts, outdated = later_than(seen, things, as_of.isoformat())
    return {fact for fact in seen if fact not in acts and fact not in outdated}


def end_by_the_words(ledger: tuple[Told, ...], fact: int) -> int | None:
    """What stands in the place of a fact, act by act."""
    act = next((told for told in ledger if told.concerns == fact), None)
    if act is None:
        return fact
    return None if act.kind == "withdrawal" else end_by_the_words(ledger, act.id)


# Another thing is spoken of by the correction: the earlier statement of the first thing holds again.
MOVED = (
    Told(1, DAYS[0], DAYS[0], thing=11),
    Told(2, DAYS[1], DAYS[0], thing=11),
    Told(3, DAYS[1], DAYS[1], "correction", 2, 12),
)
# The correction says a later day than the one asked: what it corrects does not hold all the same.
LATER = (Told(1, DAYS[0], DAYS[0], thing=11), Told(2, DAYS[2], DAYS[0], "correction", 1, 11))


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(ledger=ledgers(), as_of=st.sampled_from(DAYS), known_on=st.sampled_from(DAYS))
@example(ledger=MOVED, as_of=DAYS[2], known_on=DAYS[2])
@example(ledger=MOVED, as_of=DAYS[2], known_on=DAYS[0])
@example(ledger=LATER, as_of=DAYS[1], known_on=DAYS[2])
def test_rows_sql_and_columns_say_the_same_as_the_rule(
    db: None, ledger: tuple[Told, ...], as_of: dt.date, known_on: dt.date
) -> None:
    wanted = by_the_words(ledger, as_of, known_on)
    assert over_columns(ledger, as_of, known_on) == wanted
    with transaction.atomic():
        write(ledger)
        assert over_rows(as_of, known_on) == wanted
        assert in_sql(as_of, known_on) == wanted
        by_now = by_the_words(ledger, as_of, EVER)
        assert over_rows(as_of, None) == by_now
        assert in_sql(as_of, None) == by_now
        assert in_bulk(as_of) == by_now
        assert of_some_things(as_of) == by_now
        some = [told.id for told in ledger]
        assert replaced(some) == acts_on(some)
        assert ends_of(some) == {number: end_by_the_words(ledger, number) for number in some}
        assert {fact.id for fact in Fact.objects.all() if holds(fact)} == by_the_words(ledger, EVER, EVER)
        transaction.set_rollback(True)


def test_a_thing_is_told_by_its_earlier_statement_again_once_the_later_one_was_corrected_to_another(db: None) -> None:
    write(MOVED)
    assert latest([11, 12]) == {11: 1, 12: 3}
    assert holds(Fact.objects.get(id=1))
    assert not holds(Fact.objects.get(id=2))
