"""Plans of acceptance sampling: equal to other people's tables and software, and sound where those say nothing."""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.book_once import book_once
from tests.examples import examples
from zhiheng.engines import acceptance as engine
from zhiheng.engines.acceptance import LotResult, Model, Plan, Stage
from zhiheng.grammar.chapters.acceptance import ACCEPTANCE, SAMPLING_PLANS, AcceptanceStandard, Inspection, SampleKind
from zhiheng.kernel.reasons import Refused

BOOK = Path(__file__).parents[2] / "book"
GOLDEN = Path(__file__).parents[3] / "shared" / "golden" / "statistics" / "aql"
shared = [
    pytest.mark.shared,
    pytest.mark.skipif(not GOLDEN.exists(), reason="../shared/golden/statistics/aql is not here"),
]
INSPECTED = (Inspection.NORMAL, Inspection.TIGHTENED, Inspection.REDUCED)


def golden(name: str) -> Iterator[dict[str, str]]:
    with (GOLDEN / name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


@pytest.fixture(scope="module")
def standard() -> AcceptanceStandard:
    return book_once(BOOK)[ACCEPTANCE]["gbt2828_1-2012"]


def aql_as_written(standard: AcceptanceStandard, text: str) -> str:
    return next(aql for aql in standard.aql if float(aql) == float(text))


def shared_test(function: object) -> object:
    for mark in shared:
        function = mark(function)
    return function


@shared_test
def test_every_agreed_cell_of_the_single_tables_is_the_same_here(standard: AcceptanceStandard) -> None:
    compared = 0
    for row in golden("iso2859_1_1999_single.csv"):
        at, plan = engine.plan_at(
            standard,
            row["code_letter"],
            aql=aql_as_written(standard, row["aql"]),
            severity=Inspection(row["inspection"]),
        )
        assert (at, plan) == (row["final_letter"], engine.single(int(row["n"]), int(row["Ac"]))), row
        compared += 1
    assert compared == 822


@shared_test
def test_a_cell_on_which_transcriptions_differ_is_refused_and_says_so(standard: AcceptanceStandard) -> None:
    rows = list(golden("iso2859_1_1999_single_DISPUTED.csv"))
    for row in rows:
        with pytest.raises(Refused) as told:
            engine.plan_at(
                standard,
                row["code_letter"],
                aql=aql_as_written(standard, row["aql"]),
                severity=Inspection(row["inspection"]),
            )
        assert told.value.refusals[0].code == "acceptance.cell_unread"
        assert "印刷标准" in told.value.refusals[0].zh
    assert len(rows) == 15


@shared_test
def test_every_agreed_cell_of_the_double_tables_is_the_same_here(standard: AcceptanceStandard) -> None:
    compared = 0
    for row in golden("iso2859_1_double_agreed.csv"):
        at, plan = engine.plan_at(
            standard,
            row["code_letter"],
            aql=aql_as_written(standard, row["aql"]),
            kind=SampleKind.DOUBLE,
            severity=Inspection(row["inspection"]),
        )
        first = Stage(int(row["n1"]), int(row["Ac1"]), int(row["Re1"]))
        second = Stage(int(row["n2"]), int(row["Ac2"]), int(row["Re2"]))
        assert (at, plan) == (row["final_letter"], Plan((first, second))), row
        compared += 1
    assert compared == 477


@shared_test
def test_every_lot_size_has_the_code_letters_of_the_standard(standard: AcceptanceStandard) -> None:
    for row in golden("iso2859_1_code_letters.csv"):
        for level in standard.levels:
            for lot in (int(row["lot_min"]), int(row["lot_max"] or 10**8)):
                assert engine.code_letter(standard, lot=lot, level=level) == row[level]


@shared_test
def test_operating_characteristics_are_those_of_the_reference() -> None:
    worst, compared = 0.0, 0
    for row in golden("oc_AcceptanceSampling.csv"):
        sizes = [int(part) for part in row["n"].split("+")]
        accept = [int(part) for part in row["c"].split("/")]
        reject = [int(part) for part in row["r"].split("/")]
        plan = Plan(tuple(Stage(*each) for each in zip(sizes, accept, reject, strict=True)))
        model = {"binomial": Model.BINOMIAL, "poisson": Model.POISSON, "hypergeom": Model.HYPERGEOMETRIC}[row["type"]]
        lot = int(row["N"]) if row["N"] != "NA" else None
        found = float(engine.accept_probability(plan, [float(row["pd"])], model=model, lot=lot)[0])
        expected = float(row["paccept"])
        worst = max(worst, abs(found - expected) / max(expected, 1e-12))
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-14), row
        compared += 1
    assert compared == 842
    assert worst < 1e-9


@shared_test
def test_the_quality_that_is_accepted_so_often_is_that_of_the_reference() -> None:
    compared = 0
    for row in golden("oc_quantiles.csv"):
        plan = engine.single(int(row["n"]), int(row["Ac"]))
        if row["p_binomial"] not in ("", "NA", "NaN"):
            assert engine.quality_at(plan, float(row["Pa"]), model=Model.BINOMIAL) == pytest.approx(
                float(row["p_binomial"]), rel=1e-10
            ), row
            compared += 1
        assert 100 * engine.quality_at(plan, float(row["Pa"]), model=Model.POISSON) == pytest.approx(
            float(row["per100_poisson"]), rel=1e-10
        ), row
    assert compared > 500


@shared_test
def test_the_smallest_plan_between_two_risks_is_that_of_the_reference() -> None:
    compared = 0
    for row in golden("find_plan_AcceptanceSampling.csv"):
        good = float(row["prp_p"]), float(row["prp_pa"])
        bad = float(row["crp_p"]), float(row["crp_pa"])
        compared += 1
        if row["type"] == "normal":
            found = engine.find_variables_plan(good, bad, sigma_known=row["s_type"] == "known")
            assert found.n == int(row["n"])
            # The reference seeks k of the sample's sigma with R's uniroot, whose tolerance is 1.2e-4.
            assert found.k == pytest.approx(float(row["k"]), rel=1e-9 if row["s_type"] == "known" else 1.3e-4)
            continue
        model = {"binomial": Model.BINOMIAL, "poisson": Model.POISSON, "hypergeom": Model.HYPERGEOMETRIC}[row["type"]]
        lot = int(row["N"]) if row["N"] != "NA" else None
        plan = engine.find_plan(good, bad, model=model, lot=lot)
        assert plan == engine.single(int(row["n"]), int(row["c"])), row
    assert compared == 24


@shared_test
def test_inspection_switches_lot_by_lot_as_in_the_reference(standard: AcceptanceStandard) -> None:
    sequences: dict[str, list[dict[str, str]]] = {}
    for row in golden("switching_rules_capstat.csv"):
        sequences.setdefault(row["sequence"], []).append(row)
    assert len(sequences) == 30
    for rows in sequences.values():
        lots = [
            LotResult(
                row["accepted"] == "1",
                None if row["accepted_at_tighter_aql"] == "" else row["accepted_at_tighter_aql"] == "1",
            )
            for row in rows
        ]
        may_reduce = rows[0]["reduced_authorised"] == "1"
        states = engine.run(lots, rules=standard.switching, may_reduce=may_reduce)
        for row, (before, state) in zip(rows, states, strict=True):
            where = (row["sequence"], row["lot"])
            assert (before.value, state.severity.value) == (row["severity"], row["severity_after"]), where
            if row["switching_score"]:
                assert state.score == int(row["switching_score"]), where


# -- what holds without a reference


SIZES = st.integers(2, 2_000_000)


@settings(max_examples=examples(400), deadline=None)
@given(
    lot=SIZES,
    level=st.integers(0, 6),
    aql=st.integers(0, 25),
    kind=st.sampled_from(SampleKind),
    severity=st.sampled_from(Inspection),
)
def test_every_question_gives_a_plan_or_a_reason_with_a_name(
    lot: int, level: int, aql: int, kind: SampleKind, severity: Inspection
) -> None:
    page = book_once(BOOK)[ACCEPTANCE]["gbt2828_1-2012"]
    told, found = [], None
    try:
        found = engine.find(page, lot=lot, level=page.levels[level], aql=page.aql[aql], kind=kind, severity=severity)
    except Refused as refused:
        told = [one.code for one in refused.refusals]
    assert (found is None) == (len(told) == 1)
    assert set(told) <= {
        "acceptance.cell_unread",
        "acceptance.no_double",
        "acceptance.table_unread",
        "acceptance.cell_absent",
    }
    if found is not None:
        assert found.plan.n >= 2
        assert found.every_item == (found.plan.n >= lot)
        assert len(found.plan.stages) == (1 if kind is SampleKind.SINGLE else 2)


@pytest.mark.parametrize("severity", INSPECTED)
def test_a_single_plan_is_refused_for_nothing_but_an_unread_cell(
    standard: AcceptanceStandard, severity: Inspection
) -> None:
    told = []
    for letter in "ABCDEFGHJKLMNPQR":
        for aql in standard.aql:
            try:
                engine.plan_at(standard, letter, aql=aql, severity=severity)
            except Refused as refused:
                told.append(refused.refusals[0].code)
    assert set(told) <= {"acceptance.cell_unread"}
    unread = len(told)
    assert unread == {Inspection.NORMAL: 0, Inspection.TIGHTENED: 1, Inspection.REDUCED: 14}[severity]


def test_a_lot_of_one_item_an_unknown_level_and_an_unknown_aql_are_refused(standard: AcceptanceStandard) -> None:
    for lot, level, aql, code in (
        (1, "II", "1.0", "acceptance.lot"),
        (-5, "II", "1.0", "acceptance.lot"),
        (10**10, "II", "1.0", "acceptance.lot"),
        (500, "IV", "1.0", "acceptance.level"),
        (500, "II", "0.5", "acceptance.aql"),
    ):
        with pytest.raises(Refused) as told:
            engine.find(standard, lot=lot, level=level, aql=aql)
        assert told.value.refusals[0].code == code


def test_where_the_sample_is_as_large_as_the_lot_every_item_is_looked_at(standard: AcceptanceStandard) -> None:
    found = engine.find(standard, lot=100, level="II", aql="0.10")
    assert (found.letter, found.plan_letter, found.plan.n) == ("F", "K", 125)
    assert found.every_item


plans = st.one_of(
    st.builds(lambda n, c: engine.single(n, min(c, n)), st.integers(1, 300), st.integers(0, 20)),
    st.builds(
        lambda n, a, gap, more: Plan((Stage(n, a, a + 1 + gap), Stage(n, a + more, a + more + 1))),
        st.integers(1, 100),
        st.integers(0, 8),
        st.integers(1, 5),
        st.integers(0, 8),
    ),
)


@settings(max_examples=examples(150), deadline=None)
@given(plan=plans, model=st.sampled_from([Model.BINOMIAL, Model.POISSON]))
def test_a_worse_lot_is_never_accepted_more_often(plan: Plan, model: Model) -> None:
    qualities = np.linspace(0, 1, 41)
    chances = engine.accept_probability(plan, qualities, model=model)
    assert chances[0] == pytest.approx(1)
    assert np.all(np.diff(chances) <= 1e-12)
    assert np.all((chances >= 0) & (chances <= 1))


@settings(max_examples=examples(80), deadline=None)
@given(plan=plans, lot=st.integers(600, 3000))
def test_drawing_from_one_lot_is_monotone_too_and_near_the_process(plan: Plan, lot: int) -> None:
    qualities = np.arange(0, lot, max(1, lot // 30)) / lot
    chances = engine.accept_probability(plan, qualities, model=Model.HYPERGEOMETRIC, lot=lot)
    assert chances[0] == pytest.approx(1)
    assert np.all(np.diff(chances) <= 1e-10)


def test_a_lot_without_a_flaw_is_accepted_and_the_consumer_risk_is_said() -> None:
    plan = engine.single(80, 2)
    told = engine.risks(plan, aql=0.01, model=Model.BINOMIAL)
    assert told.producer == pytest.approx(1 - told.at_aql)
    assert told.accepted_95 < told.accepted_50 < told.accepted_10
    for share, quality in ((0.95, told.accepted_95), (0.1, told.accepted_10)):
        assert engine.accept_probability(plan, quality, model=Model.BINOMIAL)[0] == pytest.approx(share, rel=1e-9)
        assert engine.quality_at(plan, share, model=Model.BINOMIAL) == pytest.approx(quality, rel=1e-9)


def test_the_worst_outgoing_quality_is_the_top_of_its_curve() -> None:
    plan = engine.single(50, 1)
    limit, at = engine.outgoing_limit(plan, model=Model.BINOMIAL)
    curve = engine.outgoing_quality(plan, np.linspace(0, 0.3, 3001), model=Model.BINOMIAL)
    assert limit == pytest.approx(float(curve.max()), rel=1e-5)
    # Dodge and Romig: AOQL of n, c = 1 is near 0.8400 / n.
    assert limit * 50 == pytest.approx(0.84, rel=0.02)
    assert 0 < at < 0.3


def test_a_double_plan_draws_less_on_average_where_lots_are_good() -> None:
    plan = Plan((Stage(50, 0, 3), Stage(50, 3, 4)))
    mean = engine.mean_sample(plan, [0.0, 0.001, 0.03], model=Model.BINOMIAL)
    assert mean[0] == pytest.approx(50)
    assert 50 < mean[1] < mean[2] < 100


def test_two_lots_refused_among_five_tighten_and_five_refused_stop(standard: AcceptanceStandard) -> None:
    rules, good, bad = standard.switching, LotResult(True), LotResult(False)
    lots = [bad, good, good, bad, *[bad, good, bad, bad, bad, bad], good]
    states = [state.severity for _, state in engine.run(lots, rules=rules, may_reduce=True)]
    assert states[3] is Inspection.TIGHTENED
    assert states[8] is Inspection.TIGHTENED
    assert states[9] is states[10] is Inspection.DISCONTINUED
    assert engine.begin_again().severity is Inspection.TIGHTENED


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from([None, True, False])), max_size=80), st.booleans())
def test_a_score_is_never_negative_and_reduced_needs_leave(lots: list[tuple[bool, bool | None]], may: bool) -> None:
    rules = book_once(BOOK)[ACCEPTANCE]["gbt2828_1-2012"].switching
    for _, state in engine.run([LotResult(*lot) for lot in lots], rules=rules, may_reduce=may):
        assert state.score >= 0
        assert may or state.severity is not Inspection.REDUCED


def test_the_plans_of_the_book_give_numbers_for_every_class(standard: AcceptanceStandard) -> None:
    plans_of_book = book_once(BOOK)[SAMPLING_PLANS]
    assert plans_of_book
    for page in plans_of_book.values():
        for one in page.classes.values():
            if one.aql is not None:
                assert engine.find(standard, lot=1000, level=page.level, aql=one.aql, kind=page.kind).plan.n > 0
    assert standard.holds(dt.date(2026, 1, 1))
    assert not standard.holds(dt.date(2012, 1, 1))


def test_numbers_that_decide_nothing_are_no_plan() -> None:
    for stages in ((), (Stage(10, 1, 3),), (Stage(0, 0, 1),), (Stage(10, 2, 2),)):
        with pytest.raises(ValueError):
            Plan(stages)
    with pytest.raises(ValueError):
        engine.accept_probability(engine.single(10, 1), [math.nan], model=Model.BINOMIAL)
    with pytest.raises(ValueError):
        engine.accept_probability(engine.single(10, 1), [0.1], model=Model.HYPERGEOMETRIC)


def test_two_points_that_no_plan_can_meet_are_refused() -> None:
    with pytest.raises(Refused) as told:
        engine.find_plan((0.05, 0.95), (0.01, 0.1), model=Model.BINOMIAL)
    assert told.value.refusals[0].code == "acceptance.points"
    with pytest.raises(Refused) as told:
        engine.find_plan((0.010, 0.999), (0.011, 0.001), model=Model.BINOMIAL, most=200)
    assert told.value.refusals[0].code == "acceptance.no_plan"


@settings(max_examples=examples(100), deadline=None)
@given(lot=st.integers(2, 100_000))
def test_a_plan_of_the_book_draws_no_more_than_there_is_and_of_safety_looks_at_everything(lot: int) -> None:
    book = book_once(BOOK)
    page = book[SAMPLING_PLANS]["campaign_batches"]
    standard = book[ACCEPTANCE][page.standard]
    other, safety = (engine.of_class(standard, page, name, lot=lot) for name in ("other", "safety"))
    assert 1 <= other.n <= lot
    assert other.reject == other.accept + 1
    assert safety == Stage(lot, 0, 1)


@pytest.mark.parametrize("lot", [-1, 0])
def test_a_lot_of_nothing_has_no_plan(lot: int) -> None:
    book = book_once(BOOK)
    page = book[SAMPLING_PLANS]["campaign_batches"]
    for name in page.classes:
        with pytest.raises(Refused):
            engine.of_class(book[ACCEPTANCE][page.standard], page, name, lot=lot)
