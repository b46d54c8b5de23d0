"""What a card says, worked out from what was said: whose outcome it is, what is over, what ends, what is wrong."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.book_once import book_once
from tests.examples import examples
from tests.places import ROOT
from zhiheng.engines import cards
from zhiheng.engines.cards import (
    CardPlan,
    CardStatement,
    CardValues,
    PartySpelling,
    SubjectTally,
    card_after,
    card_of,
    last_fallen_out,
    months_after,
)
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.cards import CARDS, CardPage
from zhiheng.grammar.loader import load
from zhiheng.grammar.yaml import BookRefused

pytestmark = pytest.mark.slow

TODAY = dt.date(2026, 7, 1)
FIRM = PartySpelling(1, "试验甲食品有限公司", "91990901MAABC0001X", "uscc", "甲街1号", "990901001")


def said(fact: int, record: str, role: str, on: str, **other: object) -> CardStatement:
    """A line with what a test does not care about filled in."""
    body = other.pop("body", None)
    words = {
        "fact": fact,
        "role": role,
        "alias": 1,
        "record": record,
        "unit": "test_market",
        "on": on,
        "until": None,
        "outcome": None,
        "area": "990901",
        "standing": True,
        "body": None if body is None else orjson.dumps(body).decode(),
        **other,
    }
    return CardStatement(**words)


def card(
    book: Book, *lines: CardStatement, today: dt.date = TODAY, spellings: tuple[PartySpelling, ...] = (FIRM,)
) -> CardValues:
    """The card of these lines."""
    made = card_of(7, lines, {s.alias: s for s in spellings}, CardPlan(book, book[CARDS]["enterprise"]), today)
    assert made is not None
    return made


def test_没有任何事实就没有名片(small_book: Book) -> None:
    assert card_of(7, [], {1: FIRM}, CardPlan(small_book, small_book[CARDS]["enterprise"]), TODAY) is None


def test_不合格算在当事方头上_不算在检验机构头上(book_root: Path) -> None:
    book = book_once(book_root)
    line = said(1, "food_sampling", "producer", "2026-03-05", outcome="fail", body={})
    assert card(book, line).fails == 1
    assert card(book, line._replace(role="laboratory")).fails == 0
    assert card(book, line._replace(role="laboratory")).facts == 1
    # Producer and seller in one: it is one fail.
    assert card(book, line, line._replace(role="seller")).fails == 1


def test_一年之内的不合格_满一年那天起不再算(small_book: Book) -> None:
    line = said(1, "sampling_check", "producer", "2025-07-02", outcome="fail", body={})
    made = card(small_book, line)
    assert (made.fails, made.standing["product"]["fails_before"], made.changes_on) == (1, 0, "2026-07-02")
    later = card(small_book, line, today=dt.date(2026, 7, 2))
    assert (later.fails, later.standing["product"]["fails_before"], later.changes_on) == (0, 1, "2027-07-02")
    gone = card(small_book, line, today=dt.date(2027, 7, 2))
    assert (gone.standing["product"]["fails_before"], gone.changes_on) == (0, None)


def test_撤回更正或已被新说法取代的不算不合格_但仍计入事实数(small_book: Book) -> None:
    made = card(small_book, said(1, "sampling_check", "producer", "2026-03-05", outcome="fail", standing=False))
    assert (made.facts, made.fails, made.open["product"]) == (1, 0, 0)


def test_将来的事到那天才算(small_book: Book) -> None:
    line = said(1, "sampling_check", "producer", "2026-07-05", outcome="fail", body={})
    early = card(small_book, line)
    assert (early.facts, early.fails, early.changes_on) == (0, 0, "2026-07-05")
    assert card(small_book, line, today=dt.date(2026, 7, 5)).fails == 1


def test_问题到了结为止_同一产品后来合格即了结(small_book: Book) -> None:
    bad = said(1, "sampling_check", "producer", "2026-03-05", outcome="fail", body={"product": "挂面"})
    other = said(2, "sampling_check", "producer", "2026-04-05", outcome="pass", body={"product": "月饼"})
    good = other._replace(fact=3, body='{"product":"挂面"}')
    before = good._replace(fact=4, on="2026-02-05")
    assert card(small_book, bad).open["product"] == 1
    assert card(small_book, bad, other).open["product"] == 1
    assert card(small_book, bad, before).open["product"] == 1
    assert card(small_book, bad, good).open["product"] == 0
    # On the same day the order of receiving decides.
    assert card(small_book, bad, good._replace(on="2026-03-05")).open["product"] == 0
    assert card(small_book, bad._replace(fact=9), good._replace(on="2026-03-05")).open["product"] == 1


def test_超过期限的问题成为历史(small_book: Book) -> None:
    bad = said(1, "sampling_check", "producer", "2025-07-01", outcome="fail", body={"product": "挂面"})
    assert card(small_book, bad, today=dt.date(2026, 6, 30)).open["product"] == 1
    assert card(small_book, bad, today=dt.date(2026, 7, 1)).open["product"] == 0


def test_名单与到期(small_book: Book) -> None:
    lift = said(
        1, "lift_register", "user_unit", "2026-01-02", outcome="pass", until="2026-07-01", body={"lift_code": "L1"}
    )
    made = card(
        small_book,
        lift,
        said(2, "discharge_fine", "subject", "2026-02-02", outcome="fail", until="2026-07-01", body={}),
    )
    assert (made.lists, made.next_expiry, made.expiry_what, made.expired) == (
        ("discharge_fine",),
        "2026-07-01",
        "L1",
        0,
    )
    day_after = card(small_book, lift, today=dt.date(2026, 7, 2))
    assert (day_after.next_expiry, day_after.expired) == (None, 1)
    # The lift is told of again with a later day: the earlier one can't end any more, though nobody replaced it.
    renewed = lift._replace(fact=5, on="2026-06-30", until="2027-06-30")
    made = card(small_book, lift, renewed, today=dt.date(2026, 7, 2))
    assert (made.next_expiry, made.expired) == ("2027-06-30", 0)
    # As its maintainer it has none of its own that ends.
    assert card(small_book, lift._replace(role="maintainer")).next_expiry is None


def test_先写的来源先算数(book_root: Path) -> None:
    book = book_once(book_root)
    register = said(
        1,
        "enterprise_register",
        "subject",
        "2020-01-01",
        outcome="neutral",
        body={"status": "in_operation", "division": "990101001", "industry": {"code": "3512", "edition": "2017"}},
    )
    permit = said(
        2,
        "environment_permit",
        "holder",
        "2026-01-01",
        outcome="pass",
        body={"sub_district": "990101002", "industry": {"code": "4620", "edition": "2017"}},
    )
    made = card(book, register, permit)
    assert (made.area, made.industry, made.status, made.in_business) == ("990101001", "3512", "in_operation", True)
    assert card(book, permit).area == "990101002"
    assert card(book, permit).in_business is None
    later = register._replace(fact=3, on="2021-01-01", body='{"status":"deregistered"}')
    assert card(book, register, later, permit).in_business is False


def test_名称取来源所说的_其余都是曾用名_只差括号的算一个(book_root: Path) -> None:
    book = book_once(book_root)
    now, old, typed = (
        FIRM,
        FIRM._replace(alias=2, name="试验甲（集团）食品厂"),
        FIRM._replace(alias=3, name="试验甲(集团)食品厂"),
    )
    lines = [
        said(1, "enterprise_register", "subject", "2020-01-01", body={"status": "in_operation"}),
        said(2, "food_sampling", "producer", "2026-01-01", alias=2, body={}),
        said(3, "food_sampling", "producer", "2026-02-01", alias=3, body={}),
    ]
    made = card(book, *lines, spellings=(now, old, typed))
    assert (made.name, made.names) == ("试验甲食品有限公司", 1)
    assert sorted((w.kind, w.starts) for w in made.words) == [("code", True), ("former", False), ("name", False)]


def test_没有记录说明所在地时_看地址再看最近的事实(small_book: Book) -> None:
    line = said(1, "weighing", "subject", "2026-01-01", area="990900")
    assert card(small_book, line).area == "990901001"
    assert card(small_book, line, spellings=(FIRM._replace(place=""),)).area == "990900"


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-07-01", 24, "2028-07-01"),
        ("9999-06-01", 12, "9999-12-31"),
        ("1999-01-31", 14, "2000-03-31"),
        ("1899-01-29", 13, "1900-02-28"),
    ],
)
def test_几个月之后的同一天(day: str, months: int, then: str) -> None:
    assert months_after(day, months) == then


def _with_card(tmp_path: Path, text: str) -> Path:
    import shutil

    from tests.places import SMALL

    root = tmp_path / "book"
    shutil.copytree(SMALL, root)
    (root / "cards" / "enterprise.yaml").write_text(text, "utf-8")
    return root


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("of: enterprise\nfields: {status: [nothing.status]}\n", "没有名为“nothing”的记录类型"),
        ("of: enterprise\nfields: {status: [discharge_fine.state]}\n", "没有字段“state”"),
        ("of: enterprise\nfields: {status: [discharge_fine.firm.colour]}\n", "没有“colour”这一部分"),
        ("of: enterprise\nfields: {status: [{from: discharge_fine.decision, of: [holder]}]}\n", "没有角色“holder”"),
        (
            "of: enterprise\nfields: {status: [discharge_fine.decision]}\nlists: [{record: lift_register, of: "
            "[owner]}]\n",
            "没有角色“owner”",
        ),
        (
            "of: enterprise\nfields: {status: [discharge_fine.decision]}\nproblems: [{record: discharge_fine, "
            "settled_when: {done: yes}}]\n",
            "没有字段“done”",
        ),
        (
            "of: enterprise\nfields: {status: [discharge_fine.decision]}\njudged: {weighing: [seller]}\n",
            "没有角色“seller”",
        ),
        ("of: person\nfields: {status: [discharge_fine.decision]}\n", "请改成同一个"),
        (
            "of: enterprise\nfields: {status: [discharge_fine.decision]}\nsearch: {code: {label: {zh: 码, en: c}, "
            "from: [lift_register.lift_code]}}\n",
            "总是可查",
        ),
        ("of: enterprise\nfields: {colour: [discharge_fine.decision]}\n", "colour"),
    ],
)
def test_名片页的错误带着行号和改法(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BookRefused) as refused:
        load(_with_card(tmp_path, text))
    (error,) = refused.value.errors
    assert told in error.zh
    assert error.file == "cards/enterprise.yaml"
    assert error.line > 0


def test_默认规则书的名片页没有错误(book_root: Path) -> None:
    page = book_once(book_root)[CARDS]["enterprise"]
    assert isinstance(page, CardPage)
    assert set(page.search) == {"licence", "product", "equipment", "project"}


@given(
    day=st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)),
    months=st.sampled_from([12, 24]),
    around=st.integers(-4, 4),
)
def test_从哪天起不再计_两头算来是同一天(day: dt.date, months: int, around: int) -> None:
    last = last_fallen_out(day, months)
    on = last + dt.timedelta(days=around)
    assert (months_after(on.isoformat(), months) > day.isoformat()) == (on > last)


# -- counted together --------------------------------------------------------------------------------------------------

_BRANCH = PartySpelling(2, "试验甲食品（东湖）有限公司", "", "", "", "990901002")
_TALLIED = st.lists(
    st.tuples(
        st.sampled_from(
            (
                ("food_sampling", "producer"),
                ("food_sampling", "seller"),
                ("food_sampling", "laboratory"),
                ("inspection_finding", "inspected"),
                ("rectification_recheck", "inspected"),
                ("consumer_complaint", "complained"),
            )
        ),
        st.sampled_from(("2024-08-31", "2025-07-01", "2025-07-02", "2026-06-30", "2026-07-01")),
        st.sampled_from(("pass", "fail", None)),
        st.sampled_from((None, {}, {"product": "挂面、月饼"}, {"product": "月饼；豆干", "order_number": "整1号"})),
        st.sampled_from(("test_market", "test_health")),
        st.sampled_from((1, 2)),
        st.booleans(),
    ),
    max_size=14,
)


@settings(max_examples=examples(150), deadline=None)
@given(told=_TALLIED, cut=st.integers(0, 14), later=st.sampled_from((TODAY, dt.date(2026, 7, 2), dt.date(2027, 7, 2))))
def test_先数好再添新的_与从头数起相同(told: list[tuple[object, ...]], cut: int, later: dt.date) -> None:
    plan = _plan()
    spellings = {1: FIRM, 2: _BRANCH}
    lines = []
    for number, ((record, role), on, outcome, body, unit, alias, standing) in enumerate(told, 1):
        lines.append(
            said(number, record, role, on, outcome=outcome, body=body, unit=unit, alias=alias, standing=standing)
        )
        if number % 4 == 0:
            # One fact may name an enterprise in two roles.
            lines.append(lines[-1]._replace(role="seller"))
    first, rest = [line for line in lines if line.fact <= cut], [line for line in lines if line.fact > cut]
    whole = card_of(7, lines, spellings, plan, later)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cards, "FEW_LINES", 0)
        _, tally = card_after(7, None, first, spellings, plan, TODAY, cut)
        if first:
            assert tally is not None
            assert tally.until == cut
        made, _ = card_after(7, SubjectTally.of(tally.as_json()) if tally else None, rest, spellings, plan, later, 99)
    assert _in_order(made) == _in_order(whole)


@cache
def _plan() -> CardPlan:
    book = book_once(ROOT / "book")
    return CardPlan(book, book[CARDS]["enterprise"])


def _in_order(card: CardValues | None) -> object:
    """A card with its words in an order that does not tell which kind came first."""
    return card and {**vars(card), "words": sorted(card.words), "coming": None}


def test_少的不另外计数_将来才算的不先计数(small_book: Book) -> None:
    plan = CardPlan(small_book, small_book[CARDS]["enterprise"])
    line = said(1, "sampling_check", "producer", "2026-03-05", outcome="fail", body={})
    many = [line._replace(fact=number) for number in range(1, cards.FEW_LINES + 1)]
    assert card_after(7, None, many[1:], {1: FIRM}, plan, TODAY, 99)[1] is None
    assert card_after(7, None, many, {1: FIRM}, plan, TODAY, 99)[1] is not None
    ahead = line._replace(fact=98, on="2026-07-05")
    assert card_after(7, None, [*many, ahead], {1: FIRM}, plan, TODAY, 99)[1] is None
    # What is needed line by line is not kept twice without a bound.
    bad = [line._replace(fact=number) for number in range(1, cards.MOST_LINES + 2)]
    assert card_after(7, None, bad, {1: FIRM}, plan, TODAY, 999)[1] is None
