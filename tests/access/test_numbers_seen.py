"""Numbers tell nothing that the reader may not see: whatever roles somebody holds, each number of a file is what they
count themselves by opening its facts.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.access.test_scope import filled, with_audience
from tests.calls import noon
from tests.places import NOON, Ledger
from zhiheng.actions.projections.refresh_projections import refresh
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.cards import counted_records
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.actor import SYSTEM, Actor, Holding
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias, Fact
from zhiheng.people import access
from zhiheng.projections.models import Card
from zhiheng.quality_file.scope_filters import facts_of
from zhiheng.queries.enterprises import Order, SearchFilters, find_enterprises
from zhiheng.queries.facts import read_fact
from zhiheng.queries.quality_files import FileQuestion, read_file

__all__ = ["filled"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = NOON.date()

HOLDINGS = st.builds(
    Holding,
    st.sampled_from(["clerk", "watcher", "keeper"]),
    st.sampled_from(["test_market", "jia_office", "test_environment", ""]),
    st.sampled_from(["990900", "990901", "990901001", "990901002", ""]),
    st.sampled_from([None, "product", "environment", "service"]),
)
AUDIENCES = st.fixed_dictionaries(
    {
        name: st.sampled_from(["public", "departments", "sender", "office"])
        for name in ("sampling_check", "lift_register", "discharge_fine")
    }
)


def opened(subject: int, call: Call) -> set[int]:
    """The facts of an enterprise that can be opened one by one, through its file."""
    found = set()
    for number in Fact.objects.filter(id__in=facts_of([subject])).values_list("id", flat=True):
        try:
            read_fact(number, call=call, through=subject)
        except Refused:
            continue
        found.add(number)
    return found


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(holdings=st.lists(HOLDINGS, min_size=1, max_size=2), audiences=AUDIENCES)
def test_任意角色看到的每个数_等于他逐条打开数出来的(
    made: Ledger, holdings: list[Holding], audiences: dict[str, str]
) -> None:
    book = with_audience(made.book, **audiences)
    # A book that says otherwise whom a record is for is another edition: cards are made anew, as after each change.
    refresh(Call(SYSTEM, book, NOON))
    call = Call(Actor("account:1", "officer", "甲", tuple(holdings)), book, noon(TODAY))
    for subject in Alias.objects.filter(kind="enterprise").values_list("subject_id", flat=True).distinct()[:4]:
        try:
            read = read_file(FileQuestion(subject), call=call)
        except Refused:
            continue
        seen = Fact.objects.filter(id__in=opened(subject, call))
        assert read.page.timeline.total in (None, seen.count())
        if read.numbers is None:
            assert not read.view.whole or not Card.objects.filter(subject=subject).exists()
            continue
        assert read.numbers.facts == seen.count()
        assert read.numbers.last_on == max(seen.values_list("occurred_on", flat=True), default=None)
        records = set(seen.values_list("record", flat=True))
        assert set(read.numbers.lists) <= records
        of = dict.fromkeys(("product", "project", "service", "environment"), 0)
        for fact in seen:
            of[book[RECORDS][fact.record].record.quality] += 1
        if read.page.counts is not None:
            assert {name: one.facts for name, one in read.page.counts.items()} == {k: v for k, v in of.items() if v}
        assert read.numbers.open_problems <= seen.count()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(holdings=st.lists(HOLDINGS, min_size=1, max_size=2), audiences=AUDIENCES)
def test_任意角色在清单和检索里看到的每个数_等于他逐条打开数出来的(
    made: Ledger, holdings: list[Holding], audiences: dict[str, str]
) -> None:
    book = with_audience(made.book, **audiences)
    refresh(Call(SYSTEM, book, NOON))
    call = Call(Actor("account:1", "officer", "甲", tuple(holdings)), book, noon(TODAY))
    counted = counted_records(book[RECORDS])
    lists: tuple[tuple[str, SearchFilters, Order], ...] = (
        ("", SearchFilters(), "recent"),
        ("", SearchFilters(), "problems"),
        ("", SearchFilters(problems="any"), "recent"),
        ("试验", SearchFilters(), "recent"),
    )
    for text, filters, order in lists:
        try:
            found = find_enterprises(text, filters, order=order, after="", call=call)
        except Refused:
            return
        for hit in found.page.rows:
            by_numbers = order == "problems" or filters.problems
            assert hit.counted or not by_numbers, "who is found would tell what is counted"
            if not hit.counted:
                continue
            seen = Fact.objects.filter(id__in=opened(hit.card.subject, call), record__in=counted)
            assert hit.card.facts == seen.count()
            assert hit.card.last_counted_on == max(seen.values_list("occurred_on", flat=True), default=None)
            assert set(hit.card.on_lists) <= set(seen.values_list("record", flat=True))


@pytest.fixture
def made(filled: Ledger) -> Ledger:
    """The facts of the tests of scopes, with the cards of their enterprises."""
    book: Book = filled.book
    refresh(Call(SYSTEM, book, NOON))
    return filled


def test_只看得到一部分记录的令牌_拿到的数也只是这一部分(made: Ledger) -> None:
    book = with_audience(made.book, discharge_fine="office", lift_register="departments")
    refresh(Call(SYSTEM, book, NOON))
    subject = int(Alias.objects.get(name="试验第1食品有限公司", code="").subject_id)
    card = Card.objects.get(subject=subject)
    words: dict[str, Any] = {"call": Call(_clerk(), book, noon(TODAY))}
    read = read_file(FileQuestion(subject), **words)
    assert read.numbers is not None
    assert (read.numbers.facts, read.numbers.lists) == (card.facts, ())
    whole = read_file(FileQuestion(subject), call=Call(SYSTEM, book, noon(TODAY)))
    assert whole.numbers is not None
    assert whole.numbers.facts == card.facts + 1, "who sees what is for the office opens one more than the card counts"
    assert access.scope(words["call"], "file.read").ways


def _clerk() -> Actor:
    return Actor("account:1", "officer", "甲", (Holding("clerk", "test_market", "990900"),))
