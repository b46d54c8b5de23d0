"""指标引擎：与逐行计算的简单写法对照，数字和数字背后的事实都要一致。"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import duckdb
import ibis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from zhiheng.engines import indicator as engine
from zhiheng.grammar.chapters.indicators import Indicator
from zhiheng.grammar.types import Condition
from zhiheng.kernel.reasons import Refused

COLUMNS = {
    "fact_id": "BIGINT",
    "unit": "VARCHAR",
    "kind": "VARCHAR",
    "concerns": "BIGINT",
    "thing": "BIGINT",
    "learned_on": "DATE",
    "occurred_on": "DATE",
    "valid_until": "DATE",
    "outcome": "VARCHAR",
    "severity": "VARCHAR",
    "area": "VARCHAR",
    "producer": "BIGINT",
    "plan": "VARCHAR",
    "amount": "DECIMAL(24,6)",
    "items": "BIGINT",
    "marks": "VARCHAR[]",
    "urgent": "BOOLEAN",
    "due_on": "DATE",
    "sector_code": "VARCHAR",
    "occurred_year": "BIGINT",
}
PARTIES = {"fact_id": "BIGINT", "role": "VARCHAR", "alias_id": "BIGINT"}
ACTS = {"fact_id": "BIGINT", "concerns": "BIGINT", "record": "VARCHAR", "kind": "VARCHAR", "learned_on": "DATE"}
LEVELS = {"code": "VARCHAR", "level": "VARCHAR", "within": "VARCHAR"}
ALIASES = {"alias_id": "BIGINT", "subject_id": "BIGINT"}
DAY = dt.date(2026, 6, 30)
DUCK = duckdb.connect()
Row = dict[str, Any]


@dataclass
class World:
    """A tiny lake: facts of one record, further parties, acts, and which subject an alias stands for."""

    facts: list[Row] = field(default_factory=list)
    parties: list[Row] = field(default_factory=list)
    acts: list[Row] = field(default_factory=list)
    aliases: list[Row] = field(default_factory=list)
    levels: Sequence[tuple[str, str, str]] = ()

    def add(self, **values: Any) -> int:
        """Add a statement (or, with ``concerns``, a correction) on 2026-06-01 unless told otherwise; returns its id."""
        number = len(self.facts) + sum(a["kind"] == "withdrawal" for a in self.acts) + 1
        row = (
            dict.fromkeys(COLUMNS)
            | {
                "fact_id": number,
                "unit": "u1",
                "kind": "statement",
                "area": "990101",
                "occurred_on": dt.date(2026, 6, 1),
                "learned_on": dt.date(2026, 6, 2),
            }
            | values
        )
        row["occurred_year"] = row["occurred_on"].year
        self.facts.append(row)
        if row["concerns"] is not None:
            row["kind"] = "correction"
            self._act(number, row["concerns"], "correction", row["learned_on"])
        return number

    def withdraw(self, concerns: int, learned_on: dt.date) -> None:
        """Add a withdrawal."""
        self._act(len(self.facts) + len(self.acts) + 1000, concerns, "withdrawal", learned_on)

    def _act(self, number: int, concerns: int, kind: str, learned_on: dt.date) -> None:
        self.acts.append(
            {"fact_id": number, "concerns": concerns, "record": "sampling", "kind": kind, "learned_on": learned_on}
        )

    def tables(self) -> dict[str, ibis.Table]:
        """The tables as the engine is given them."""
        tables = {
            "sampling": COLUMNS,
            "sampling/parties": PARTIES,
            "sampling/acts": ACTS,
            "_aliases": ALIASES,
            "_levels": LEVELS,
        }
        kinds = {"VARCHAR": "string", "BIGINT": "int64", "BOOLEAN": "boolean", "VARCHAR[]": "array<string>"}
        return {
            name: ibis.table({c: kinds.get(t, t.lower()) for c, t in columns.items()}, name=name)
            for name, columns in tables.items()
            if name != "sampling/acts" or self.acts
        }

    def run(self, table: ibis.Table | str) -> list[Row]:
        """The rows of an expression, or of its SQL, by DuckDB."""
        for name, columns, rows in (
            ("sampling", COLUMNS, self.facts),
            ("sampling/parties", PARTIES, self.parties),
            ("sampling/acts", ACTS, self.acts),
            ("_aliases", ALIASES, self.aliases),
            ("_levels", LEVELS, [dict(zip(LEVELS, row, strict=True)) for row in self.levels]),
        ):
            values = ", ".join(f"({', '.join(f'{_sql(row[c])}::{t}' for c, t in columns.items())})" for row in rows)
            nothing = "SELECT " + ", ".join(f"NULL::{t} AS {c}" for c, t in columns.items()) + " WHERE false"
            source = f"(VALUES {values}) AS v({', '.join(columns)})" if rows else f"({nothing})"
            DUCK.execute(f'CREATE OR REPLACE TEMP VIEW "{name}" AS SELECT * FROM {source}')
        cursor = DUCK.execute(table if isinstance(table, str) else str(ibis.to_sql(table, dialect="duckdb")))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _sql(value: Any) -> str:
    if value is None or isinstance(value, bool | int | Decimal):
        return "NULL" if value is None else str(value)
    return str(value) if isinstance(value, list) else f"'{value}'"


def number_of(
    world: World, indicator: Indicator, *, as_of: dt.date = DAY, known_on: dt.date = DAY, areas: Any = None
) -> Decimal | None:
    """An indicator's value over a world."""
    compiled = engine.compile(indicator, world.tables(), as_of=as_of, known_on=known_on, areas=areas)
    (over,) = world.run(compiled.numerator)
    under = world.run(compiled.denominator)[0] if compiled.denominator is not None else {"value": None}
    return engine.value_of(indicator, over["value"], under["value"])


def behind(world: World, indicator: Indicator, *, as_of: dt.date = DAY, known_on: dt.date = DAY) -> dict[str, set[int]]:
    """The facts behind an indicator, by side."""
    found: dict[str, set[int]] = {"numerator": set(), "denominator": set()}
    for row in world.run(engine.compile(indicator, world.tables(), as_of=as_of, known_on=known_on).facts):
        found[row["side"]].add(row["fact_id"])
    return found


def an_indicator(**said: Any) -> Indicator:
    """An indicator from the keys that matter."""
    return Indicator.model_validate(
        {"label": {"zh": "试验指标", "en": "An indicator"}, "systems": ["B2"], "quality": "product", "unit": "count"}
        | said
    )


def count(**where: Any) -> Indicator:
    """The number of facts of the year that meet conditions."""
    return an_indicator(kind="number", measure={"record": "sampling", "count": "facts", "where": where})


def rate(numerator: dict[str, Any], *, decimals: int = 1, **measure: Any) -> Indicator:
    """A percentage of the facts of the year."""
    return an_indicator(
        kind="rate",
        unit="%",
        decimals=decimals,
        plan={"zh": "监督抽查", "en": "Supervisory"},
        numerator=numerator,
        denominator={"record": "sampling", "count": "facts"} | measure,
    )


# -- sentences ---------------------------------------------------------------------------------------------------------


def test_没有事实时计数为零而合格率是证据不足() -> None:
    assert number_of(World(), count()) == 0
    assert number_of(World(), rate({"outcome": "pass"})) is None


def test_合格率四舍五入而不是银行家舍入() -> None:
    world = World()
    for outcome in ("pass", *["fail"] * 15):
        world.add(outcome=outcome)
    assert number_of(world, rate({"outcome": "pass"}, decimals=1)) == Decimal("6.3")  # 6.25
    assert number_of(world, rate({"outcome": "pass"}, decimals=2)) == Decimal("6.25")
    assert str(engine.rounded(Fraction(-5, 2), 0)) == "-3"


def test_更正后的事实代替原来的事实而且只在已知更正之后() -> None:
    world = World()
    first = world.add(outcome="fail", learned_on=dt.date(2026, 6, 2))
    world.add(outcome="pass", concerns=first, learned_on=dt.date(2026, 6, 20))
    passed, failed = count(outcome="pass"), count(outcome="fail")
    assert (number_of(world, passed), number_of(world, failed)) == (1, 0)
    before = dt.date(2026, 6, 19)
    assert (number_of(world, passed, known_on=before), number_of(world, failed, known_on=before)) == (0, 1)
    assert behind(world, passed)["numerator"] == {2}


def test_撤回的事实不再计入() -> None:
    world = World()
    world.withdraw(world.add(), dt.date(2026, 6, 15))
    assert number_of(world, count()) == 0
    assert number_of(world, count(), known_on=dt.date(2026, 6, 14)) == 1


def test_持证以最近一次陈述为准即使最近一次不符合条件() -> None:
    standing = an_indicator(
        kind="number", measure={"record": "sampling", "count": "facts", "where": {"plan": "held"}, "period": "standing"}
    )
    world = World()
    world.add(thing=7, plan="held", occurred_on=dt.date(2020, 1, 1))
    assert number_of(world, standing) == 1
    world.add(thing=7, plan="cancelled", occurred_on=dt.date(2026, 5, 1))
    assert number_of(world, standing) == 0
    assert number_of(world, standing, as_of=dt.date(2026, 4, 30)) == 1
    world.add(thing=8, plan="held", valid_until=dt.date(2026, 6, 30))
    assert number_of(world, standing) == 1
    assert number_of(world, standing, as_of=dt.date(2026, 7, 1), known_on=dt.date(2026, 7, 1)) == 0


def test_同一天的两次陈述后收到的为准() -> None:
    world = World()
    world.add(thing=1, plan="a")
    world.add(thing=1, plan="b")
    standing = {"record": "sampling", "count": "facts", "period": "standing"}
    assert number_of(world, an_indicator(kind="number", measure=standing | {"where": {"plan": "b"}})) == 1
    assert number_of(world, an_indicator(kind="number", measure=standing | {"where": {"plan": "a"}})) == 0


def test_合并后的企业只算一家而且同一角色的第二家也算() -> None:
    world = World(
        aliases=[{"alias_id": 1, "subject_id": 1}, {"alias_id": 2, "subject_id": 1}, {"alias_id": 3, "subject_id": 3}]
    )
    world.add(producer=1)
    both = world.add(producer=2)
    producers = an_indicator(kind="number", measure={"record": "sampling", "count": "producer"})
    assert number_of(world, producers) == 1
    world.parties.append({"fact_id": both, "role": "producer", "alias_id": 3})
    assert number_of(world, producers) == 2
    sellers = an_indicator(kind="number", measure={"record": "sampling", "count": "seller"})
    assert number_of(world, sellers) == 0


def test_较基期变化用当年与基期全年比较() -> None:
    change = an_indicator(
        kind="change", unit="%", change={"record": "sampling", "sum": "amount"}, base={"year": 2020}, direction="down"
    )
    world = World()
    world.add(amount=Decimal("47"))
    assert number_of(world, change) is None
    world.add(amount=Decimal("60"), occurred_on=dt.date(2020, 3, 1))
    world.add(amount=Decimal("40"), occurred_on=dt.date(2020, 12, 31))
    assert number_of(world, change) == Decimal("-53")
    assert number_of(world, change, as_of=dt.date(2026, 5, 1)) is None


def test_最近三年含当年() -> None:
    world = World()
    for year in (2023, 2024, 2025, 2026):
        world.add(occurred_on=dt.date(year, 1, 1))
    three = an_indicator(kind="number", measure={"record": "sampling", "count": "facts", "period": 3})
    assert number_of(world, three) == 3


def test_严重程度按轻重比较而不是按字母() -> None:
    world = World()
    for severity in ("none", "minor", "general", "serious", "critical"):
        world.add(severity=severity)
    assert number_of(world, count(severity={"at_least": "serious"})) == 2
    assert number_of(world, count(severity={"less_than": "general"})) == 2


def test_不能按未列出的维度分组时说明可用的维度() -> None:
    with pytest.raises(Refused) as caught:
        engine.compile(count(), World().tables(), as_of=DAY, known_on=DAY, by=["plan"])
    assert "area" in caught.value.refusals[0].zh


def test_按区域和季度分组时各组之和等于总数() -> None:
    tree = {"990101001": "990101", "990102002": "990102"}
    world = World(levels=[(code, "district", around) for code, around in tree.items()])
    for day, area in ((1, "990101001"), (2, "990101001"), (1, "990102002")):
        world.add(occurred_on=dt.date(2026, day * 2, 1), area=area)
    by = ["area:district", "quarter"]
    levels = ["district"]
    table = engine.compile(count(), world.tables(), as_of=DAY, known_on=DAY, by=by, levels=levels).numerator
    found = {(row["by0"], row["by1"]): row["value"] for row in world.run(table)}
    assert found == {("990101", "2026-Q1"): 1, ("990101", "2026-Q2"): 1, ("990102", "2026-Q1"): 1}


def test_按自己的字段分组多选值各计一次() -> None:
    world = World()
    world.add(marks=["a", "b"], sector_code="C13")
    world.add(marks=["b"], sector_code="C14")
    indicator = an_indicator(kind="number", measure={"record": "sampling", "count": "facts"}, per=["marks", "sector"])
    table = engine.compile(indicator, world.tables(), as_of=DAY, known_on=DAY, by=["marks"]).numerator
    assert {row["by0"]: row["value"] for row in world.run(table)} == {"a": 1, "b": 2}
    table = engine.compile(indicator, world.tables(), as_of=DAY, known_on=DAY, by=["sector"]).numerator
    assert {row["by0"]: row["value"] for row in world.run(table)} == {"C13": 1, "C14": 1}


def test_说明里有分子分母计划期间两种语言() -> None:
    compiled = engine.compile(rate({"outcome": "pass"}), World().tables(), as_of=DAY, known_on=DAY)
    for word in ("分子", "分母", "监督抽查", "2026-01-01", "2026-06-30"):
        assert word in compiled.zh
    for word in ("numerator", "denominator", "Supervisory", "2026-01-01"):
        assert word in compiled.en


# -- the oracle --------------------------------------------------------------------------------------------------------

days = st.sampled_from([dt.date(y, m, d) for y in (2024, 2025, 2026) for m, d in ((1, 1), (6, 1), (6, 30), (12, 31))])
maybe_days = st.none() | days
plans = st.sampled_from([None, "a", "b", "ab"])
amounts = st.sampled_from([None, Decimal("0"), Decimal("1.5"), Decimal("-2"), Decimal("7.000001")])
rows = st.fixed_dictionaries(
    {
        "learned_on": days,
        "occurred_on": days,
        "valid_until": maybe_days,
        "thing": st.sampled_from([None, 1, 2]),
        "outcome": st.sampled_from([None, "pass", "fail"]),
        "area": st.sampled_from(["990101", "990101001", "990102"]),
        "producer": st.sampled_from([None, 1, 2, 3]),
        "plan": plans,
        "amount": amounts,
        "items": st.sampled_from([None, 0, 1, 5]),
        "marks": st.sampled_from([None, [], ["x"], ["x", "y"]]),
        "urgent": st.sampled_from([None, True, False]),
        "due_on": maybe_days,
        "severity": st.sampled_from([None, "minor", "serious"]),
    }
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Statements, some of them corrected or withdrawn, some with a second producer; alias 2 is the same subject as
    1.
    """
    world = World(aliases=[{"alias_id": a, "subject_id": s} for a, s in ((1, 1), (2, 1), (3, 3), (4, 4))])
    open_facts: list[int] = []
    for values in draw(st.lists(rows, max_size=10)):
        if open_facts and draw(st.integers(0, 3)) == 0:
            concerns = open_facts.pop(draw(st.integers(0, len(open_facts) - 1)))
            if draw(st.booleans()):
                world.withdraw(concerns, values["learned_on"])
                continue
            values = values | {"concerns": concerns}
        number = world.add(**values)
        open_facts.append(number)
        if values["producer"] and draw(st.integers(0, 2)) == 0:
            world.parties.append({"fact_id": number, "role": "producer", "alias_id": draw(st.sampled_from([3, 4]))})
    return world


conditions = st.one_of(
    plans.filter(bool).map(lambda v: ("plan", v)),
    st.just(("plan", ["a", "b"])),
    st.just(("plan", {"none_of": ["a"]})),
    st.just(("plan", {"starts": "a"})),
    st.booleans().map(lambda v: ("plan", {"exists": v})),
    st.just(("amount", {"at_least": "1.5"})),
    st.just(("amount", {"more_than": 0, "less_than": "7.0000005"})),
    st.just(("amount", 0)),
    st.just(("items", {"at_most": "0.5"})),
    st.just(("items", {"none_of": [0, 1]})),
    st.just(("marks", "x")),
    st.just(("marks", {"none_of": ["y"]})),
    st.just(("marks", ["x", "z"])),
    st.booleans().map(lambda v: ("urgent", v)),
    st.just(("due_on", {"at_least": "2025-06-01"})),
    st.just(("due_on", {"less_than": dt.date(2026, 1, 1)})),
    st.just(("severity", {"at_least": "general"})),
    st.just(("area", {"starts": "990101"})),
    st.just(("outcome", "pass")),
)
filters = st.lists(conditions, max_size=2).map(dict)
numbers = st.sampled_from(
    [
        {"count": "facts"},
        {"count": "producer"},
        {"count": "plan"},
        {"sum": "amount"},
        {"max": "items"},
        {"min": "amount"},
    ]
)
measures = st.builds(
    lambda number, where, period: {"record": "sampling", "where": where, "period": period} | number,
    numbers,
    filters,
    st.sampled_from(["year", 2, 3, "ever", "standing"]),
)


@st.composite
def indicators(draw: st.DrawFn) -> Indicator:
    """A number, a rate of either form, or a change."""
    measure = draw(measures)
    kind = draw(st.sampled_from(["number", "rate", "rate of another", "change"]))
    said: dict[str, Any] = {"decimals": draw(st.integers(0, 4)), "unit": "%"}
    if kind == "number":
        return an_indicator(kind="number", measure=measure, **said)
    if kind == "change":
        return an_indicator(kind="change", change=measure, base={"year": 2024}, **said)
    plan = {"zh": "监督抽查", "en": "Supervisory"}
    if kind == "rate":
        return an_indicator(kind="rate", plan=plan, denominator=measure, numerator=draw(filters), **said)
    return an_indicator(kind="rate", plan=plan, denominator=measure, numerator_measure=draw(measures), **said)


def naive_meets(value: Any, condition: Condition, name: str) -> bool:
    """A condition, read word by word."""
    order = ["none", "minor", "general", "serious", "critical"]

    def plain(other: Any) -> Any:
        if name == "severity":
            return order.index(other)
        if isinstance(value, dt.date):
            return other if isinstance(other, dt.date) else dt.date.fromisoformat(other)
        return Decimal(str(other)) if isinstance(value, Decimal | int) and not isinstance(value, bool) else other

    ranked = order.index(value) if name == "severity" and value is not None else value
    checks: list[bool] = []
    if condition.exists is not None:
        checks.append((value is not None) == condition.exists)
    if condition.none_of is not None:
        some = value if isinstance(value, list) else [value]
        checks.append(value is None or not any(v == plain(o) for v in some for o in condition.none_of))
    if condition.equals is not None:
        checks.append(
            value is not None
            and (condition.equals in value if isinstance(value, list) else value == plain(condition.equals))
        )
    if condition.any_of is not None:
        some = value if isinstance(value, list) else [value]
        checks.append(value is not None and any(v == plain(o) for v in some for o in condition.any_of))
    if condition.starts is not None:
        checks.append(value is not None and value.startswith(condition.starts))
    for key, holds in (
        ("at_least", lambda a, b: a >= b),
        ("at_most", lambda a, b: a <= b),
        ("more_than", lambda a, b: a > b),
        ("less_than", lambda a, b: a < b),
    ):
        bound = getattr(condition, key)
        if bound is not None:
            checks.append(value is not None and holds(ranked, plain(bound)))
    return all(checks)


def naive_facts(world: World, part: engine.MeasurePart, known_on: dt.date, areas: list[str] | None) -> Iterator[Row]:
    """The facts that count, one after the other."""
    out = {act["concerns"] for act in world.acts if act["learned_on"] <= known_on}
    there = [
        row
        for row in world.facts
        if row["learned_on"] <= known_on and row["occurred_on"] <= part.last and row["fact_id"] not in out
    ]
    if part.standing:
        latest = {
            row["thing"]: row
            for row in sorted(there, key=lambda r: (r["occurred_on"], r["fact_id"]))
            if row["thing"] is not None
        }
        there = [row for row in there if row["thing"] is None or latest[row["thing"]] is row]
        there = [row for row in there if row["valid_until"] is None or row["valid_until"] >= part.last]
    for row in there:
        if part.first is not None and row["occurred_on"] < part.first:
            continue
        if areas is not None and row["area"] not in areas:
            continue
        if all(naive_meets(row[name], condition, name) for name, condition in part.where):
            yield row


def naive_number(
    world: World, part: engine.MeasurePart, known_on: dt.date, areas: list[str] | None
) -> tuple[Any, set[int]]:
    """A part's number and the facts behind it."""
    subject = {row["alias_id"]: row["subject_id"] for row in world.aliases}
    facts = list(naive_facts(world, part, known_on, areas))
    measure = part.measure
    if measure.count == "facts":
        return len(facts), {row["fact_id"] for row in facts}
    if measure.count == "producer":
        pairs = [(row["fact_id"], row["producer"]) for row in facts if row["producer"] is not None]
        pairs += [
            (p["fact_id"], p["alias_id"]) for p in world.parties for row in facts if p["fact_id"] == row["fact_id"]
        ]
        return len({subject[a] for _, a in pairs}), {f for f, _ in pairs}
    name = measure.count or measure.sum or measure.max or measure.min
    assert name is not None
    said = [row for row in facts if row[name] is not None]
    values = [row[name] for row in said]
    ids = {row["fact_id"] for row in said}
    if measure.count:
        return len(set(values)), ids
    if not values:
        return None, ids
    return (sum(values) if measure.sum else max(values) if measure.max else min(values)), ids


def naive_value(indicator: Indicator, over: Any, under: Any) -> Decimal | None:
    """The value by the decimal module with plenty of digits."""
    if indicator.kind == "number":
        if over is None:
            over = 0 if indicator.nothing == "zero" else None
        exact = None if over is None else Decimal(over)
    elif not under or (over is None and indicator.kind == "change"):
        exact = None
    elif indicator.kind == "rate":
        exact = 100 * Decimal(over or 0) / Decimal(under)
    else:
        exact = 100 * (Decimal(over) - Decimal(under)) / Decimal(under)
    return None if exact is None else exact.quantize(Decimal(1).scaleb(-indicator.decimals), ROUND_HALF_UP)


@pytest.mark.slow
@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    worlds(),
    st.lists(indicators(), min_size=1, max_size=3),
    days,
    days,
    st.sampled_from([None, ["990101", "990101001"]]),
)
def test_任意事实任意指标都与逐行计算一致(
    world: World, some: list[Indicator], as_of: dt.date, known_on: dt.date, areas: list[str] | None
) -> None:
    tables = world.tables()
    named = {f"i{n}": indicator for n, indicator in enumerate(some)}
    answers = {}
    for question in engine.ask(named, tables, engine.Frame(as_of, known_on, areas)):
        (row,) = world.run(question.table)
        answers |= {(p.name, p.side): row[p.column] for p in question.parts}
    for name, indicator in named.items():
        parts = engine.parts_of(name, indicator, as_of)
        expected = [naive_number(world, part, known_on, areas) for part in parts]
        assert [answers[name, part.side] for part in parts] == [number for number, _ in expected]
        given_numbers = [number for number, _ in expected] + [None]
        assert engine.value_of(indicator, *given_numbers[:2]) == naive_value(indicator, *given_numbers[:2])
        compiled = engine.compile(indicator, tables, as_of=as_of, known_on=known_on, areas=areas)
        listed = {(row["side"], row["fact_id"]) for row in world.run(compiled.facts)}
        assert listed == set(
            itertools.chain.from_iterable(
                ((p.side, f) for f in ids) for p, (_, ids) in zip(parts, expected, strict=True)
            )
        )


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**9), st.integers(0, 4))
def test_舍入与十进制模块的四舍五入一致(over: int, under: int, decimals: int) -> None:
    exact = (Decimal(over) / Decimal(under)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    nearest = engine.rounded(Fraction(over, under), decimals)
    # A quotient of 28 digits may itself be rounded onto a tie; the exact one decides then.
    assert nearest == exact or abs(Fraction(over, under) - Fraction(nearest)) <= abs(
        Fraction(over, under) - Fraction(exact)
    )
