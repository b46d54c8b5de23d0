"""Every table that is narrowed by a scope, in every dimension, for every role: SQL shows exactly the rows that
``Scope.shows`` shows.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import random
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Q

from tests.access.test_matrix import BENEATH, NEIGHBOUR, OTHER, OURS, OWN, THEIRS, UNIT, book
from tests.calls import noon
from tests.factories import WarningSignalFactory
from zhiheng.database.scope_sql import DIMENSIONS, TABLES, ScopedTable, SqlCondition, column
from zhiheng.grammar.acts import ACTS
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.kernel.actor import EVERYTHING, NOTHING, Actor, Holding, Reach, Scope
from zhiheng.ledger import bulk
from zhiheng.ledger.models import Alias, Delivery, Fact, FactParty, LikelyMatch
from zhiheng.office.case_facts import CaseFact, case_facts_within
from zhiheng.office.case_scope import cases_within
from zhiheng.office.cases import Case, CasePartyRow, CaseStandingRow
from zhiheng.office.models import Objection, PublicationRequest, WarningSignal
from zhiheng.office.objections import objections_within
from zhiheng.office.publication import within
from zhiheng.office.warnings import signals_within
from zhiheng.people import access
from zhiheng.projections import search
from zhiheng.projections.models import Card
from zhiheng.quality_file.scope_filters import deliveries_within, fact_shown, facts_within
from zhiheng.queries import identity, people

HOUSE = Path(__file__).resolve().parents[2] / "zhiheng"
TODAY = dt.date(2026, 7, 1)
NOW = dt.datetime(2026, 7, 1, 12, 0, tzinfo=dt.UTC)
RECORDS, UNITS, AREAS, SUBJECTS = (
    ("food_sampling", "complaint"),
    (UNIT, NEIGHBOUR),
    (OWN, BENEATH, OTHER, ""),
    (OURS, THEIRS),
)
QUALITY_OF = {"food_sampling": "product", "complaint": "service"}
# Told by a row: record, unit, areas, subjects. A row of two sides tells two, and both must be seen in one way.
Telling = tuple[str, str, Collection[str], Collection[int]]


@dataclass(frozen=True)
class NarrowedTable:
    """A table: which rows SQL shows, what each row tells, and which dimensions mean nothing for it."""

    shown: Callable[[Scope], set[int]]
    told: Callable[[], dict[int, list[Telling]]]
    means_nothing: frozenset[str] = frozenset()


def _rows(model: Any, **extra: Any) -> Callable[[], dict[int, list[Telling]]]:
    """What the rows of a table with columns of the usual names tell."""
    return lambda: {
        row.pk: [(row.record, row.unit, (row.area,), (row.subject,) if "subject" in extra else ())]
        for row in model.objects.all()
    }


def _facts() -> dict[int, list[Telling]]:
    about: dict[int, set[int]] = {}
    of = dict(Alias.objects.values_list("id", "subject_id"))
    for number, alias in FactParty.objects.values_list("fact_id", "alias_id"):
        about.setdefault(number, set()).add(of[alias])
    return {f.id: [(f.record, f.unit, (f.area,), about[f.id])] for f in Fact.objects.all()}


def _on_file() -> dict[int, list[Telling]]:
    """On the file of an enterprise: the area of its card counts for every fact, and every fact is about it."""
    return {n: [(r, u, {*areas, BENEATH}, {OURS, *about})] for n, ((r, u, areas, about),) in _facts().items()}


def _deliveries() -> dict[int, list[Telling]]:
    return {d.id: [(d.record, d.unit, (book()[DISTRICT].area_of_unit[d.unit],), ())] for d in Delivery.objects.all()}


def _cards() -> dict[int, list[Telling]]:
    # A card may have several units: a way that reaches one of them is enough, so each stands as a row of one.
    return {c.subject: [("", json.loads(c.units)[0], (c.area,), (c.subject,))] for c in Card.objects.all()}


def _cases() -> dict[int, list[Telling]]:
    # A case tells its quality where facts tell their record: each of the two records stands for its own.
    record_of = {quality: record for record, quality in QUALITY_OF.items()}
    return {
        row.pk: [(record_of[row.quality], row.unit, (row.area,), (row.case.parties.get().subject,))]
        for row in CaseStandingRow.objects.select_related("case")
    }


def _facts_for_cases() -> dict[int, list[Telling]]:
    record_of = {quality: record for record, quality in QUALITY_OF.items()}
    return {row.pk: [(record_of[row.quality], row.unit, (row.area,), ())] for row in CaseFact.objects.all()}


def _invitable() -> dict[int, list[Telling]]:
    return {c.subject: [("", "", (c.area,), (c.subject,))] for c in Card.objects.all()}


def _pairs() -> dict[int, list[Telling]]:
    return {
        pair.id: [("", "", (side.place,), ()) for side in (pair.alias, pair.other)]
        for pair in LikelyMatch.objects.select_related("alias", "other")
    }


def _found(rows: Any, condition: Q) -> set[int]:
    return set(rows.objects.filter(condition).values_list("pk", flat=True))


TESTED: dict[str, list[NarrowedTable]] = {
    "facts": [
        NarrowedTable(lambda scope: _found(Fact, facts_within(scope)), _facts),
        NarrowedTable(lambda scope: _found(Fact, facts_within(scope, card_area=BENEATH, subject=OURS)), _on_file),
    ],
    "deliveries": [
        NarrowedTable(
            lambda scope: _found(Delivery, deliveries_within(scope, book()[DISTRICT].area_of_unit)), _deliveries
        )
    ],
    "publications": [NarrowedTable(lambda scope: _found(PublicationRequest, within(scope)), _rows(PublicationRequest))],
    "objections": [
        NarrowedTable(lambda scope: _found(Objection, objections_within(scope)), _rows(Objection, subject=True))
    ],
    "signals": [
        NarrowedTable(lambda scope: _found(WarningSignal, signals_within(scope)), _rows(WarningSignal, subject=True))
    ],
    "cards": [
        NarrowedTable(
            lambda scope: {hit.card.subject for hit in search.search("", scope=scope, limit=500).rows},
            _cards,
            frozenset({"records"}),
        )
    ],
    "enterprises to invite": [
        NarrowedTable(
            lambda scope: _found(Card, people._INVITABLE.within(scope, None)), _invitable, frozenset({"records"})
        )
    ],
    "cases": [NarrowedTable(lambda scope: _found(CaseStandingRow, cases_within(scope, QUALITY_OF)), _cases)],
    "facts for cases": [
        NarrowedTable(lambda scope: _found(CaseFact, case_facts_within(scope, QUALITY_OF)), _facts_for_cases)
    ],
    "likely matches": [NarrowedTable(lambda scope: _found(LikelyMatch, identity._PAIRS.within(scope, None)), _pairs)],
}


def _scopes() -> Iterator[Scope]:
    """Every dimension without a limit, limited to nothing, to one value and to two, in every combination; some of two
    ways.
    """
    yield from (EVERYTHING, NOTHING)
    limits = [
        (None, frozenset(), frozenset(some[:1]), frozenset(some[:2])) for some in (RECORDS, AREAS, UNITS, SUBJECTS)
    ]
    ways = [Reach(records, areas, units, subjects) for records, areas, units, subjects in itertools.product(*limits)]
    yield from (Scope((way,)) for way in ways)
    chosen = random.Random(9)
    yield from (Scope(tuple(chosen.sample(ways, 2))) for _ in range(60))


def _scopes_of_roles() -> Iterator[tuple[str, Scope]]:
    """What every role of the book shows under every act, where it is held by a district's bureau, and by its
    sub-district.
    """
    for name, role in book()[ROLES].items():
        for area in (OWN, BENEATH):
            actor = Actor("account:1", role.kind, "甲", (Holding(name, UNIT, area, subject=OURS),))
            for act in ACTS:
                scope = access.scope(Call(actor, book(), noon(TODAY)), act, consents=(OURS,))
                if not scope.nothing:
                    yield f"{name} {area} {act}", scope


@pytest.fixture
def rows(db: None) -> None:
    """In every table each combination of two records, two units, four places and two enterprises. All of it is
    invented.
    """
    every = list(itertools.product(RECORDS, UNITS, AREAS, SUBJECTS))
    # Two enterprises that facts are about, and six without a card or a fact that may be the same.
    spelt = {1: (OURS, ""), 2: (THEIRS, ""), **{10 + n: (100 + n, AREAS[n % 3]) for n in range(6)}}
    bulk.insert("subject", ("id", "kind"), [(subject, "enterprise") for subject, _ in spelt.values()])
    aliases = [
        (n, n, subject, "enterprise", f"试验{n}", "", "", "", place, None, None)
        for n, (subject, place) in spelt.items()
    ]
    bulk.insert("alias", bulk.ALIAS_COLUMNS, aliases)
    facts = [
        (n, 1, n, record, unit, "statement", None, n, None, b"", "2026-03-01", None, None, area, "", "{}", "[]")
        for n, (record, unit, area, _) in enumerate(every, 1)
    ]
    bulk.insert("fact", bulk.FACT_COLUMNS, facts)
    alias_of = {OURS: 1, THEIRS: 2}
    bulk.insert("factparty", bulk.LINK_COLUMNS, [(alias_of[s], n, "producer") for n, (*_, s) in enumerate(every, 1)])
    LikelyMatch.objects.bulk_create(
        LikelyMatch(alias_id=one, other_id=other, score=900, reasons="[]")
        for one, other in itertools.combinations(range(10, 16), 2)
    )
    Delivery.objects.bulk_create(
        Delivery(
            id=n,
            state="accepted",
            unit=unit,
            record=record,
            file_name="试验.csv",
            file_digest="",
            headings="[]",
            root="",
            learned_on=TODAY,
            row_count=0,
            fact_count=0,
            duplicate_count=0,
            refused_count=0,
            flagged_count=0,
            refused_root="",
            link=str(n),
        )
        for n, (record, unit) in enumerate(itertools.product((*RECORDS, ""), UNITS), 1)
    )
    PublicationRequest.objects.bulk_create(
        PublicationRequest(
            verb="publish",
            fact=n,
            record=record,
            list="test",
            unit=unit,
            area=area,
            occurred_on=TODAY,
            title="试验",
            proposed_by="system",
            proposed_at=NOW,
        )
        for n, (record, unit, area, _) in enumerate(every, 1)
    )
    Objection.objects.bulk_create(
        Objection(
            receipt=f"试验{n}",
            subject=subject,
            record=record,
            unit=unit,
            area=area,
            ground="other",
            reason="试验",
            at=NOW,
            by="account:9",
            due_on=TODAY,
        )
        for n, (record, unit, area, subject) in enumerate(every, 1)
    )
    WarningSignal.objects.bulk_create(
        WarningSignalFactory.build(record=record, unit=unit, area=area, subject=subject, key_digest=f"{n:064}")
        for n, (record, unit, area, subject) in enumerate(every, 1)
    )
    for n, (record, unit, area, subject) in enumerate(every, 1):
        case = Case.objects.create(
            workflow="complaint",
            year=2026,
            serial=n,
            number=f"试〔2026〕{n}号",
            opened_on=TODAY,
            opened_at=NOW,
            unit=unit,
        )
        CasePartyRow.objects.create(case=case, line=n, role="respondent", subject=subject)
        CaseStandingRow.objects.create(
            case=case,
            workflow="complaint" if n % 2 else "report",
            quality=QUALITY_OF[record],
            unit=unit,
            area=area,
            opened_on=TODAY,
            last_on=TODAY,
            place=1,
            line=n,
            edition="",
        )
    CaseFact.objects.bulk_create(
        CaseFact(
            workflow="complaint",
            act="receive",
            fact=n,
            now=n,
            record=record,
            unit=unit,
            area=area,
            quality=QUALITY_OF[record],
            key=n,
            day=TODAY,
            shows_on=TODAY,
            seen_at=NOW,
        )
        for n, (record, unit, area) in enumerate(itertools.product(RECORDS, UNITS, AREAS), 1)
    )
    places = itertools.product(UNITS, AREAS)
    Card.objects.bulk_create(
        Card(subject=n, name=f"试验{n}", area=area, units=json.dumps([unit]), facts=1, last_on=TODAY)
        for n, (unit, area) in enumerate(places, OURS)
    )


def _differences(tested: NarrowedTable, scopes: Collection[Scope]) -> list[str]:
    told = tested.told()
    assert len(told) > 3
    found = []
    for scope in scopes:
        meant = [replace(way, **dict.fromkeys(tested.means_nothing)) for way in scope.ways]
        expected = {
            number
            for number, sides in told.items()
            if any(all(_sees(way, side, tested) for side in sides) for way in meant)
        }
        shown = tested.shown(scope)
        if shown != expected:
            found.append(f"{scope}: too much {sorted(shown - expected)[:3]}, too little {sorted(expected - shown)[:3]}")
    return found


def _sees(way: Reach, telling: Telling, tested: NarrowedTable) -> bool:
    record, unit, areas, subjects = telling
    if tested is TESTED["deliveries"][0] and not record:
        # What was not recognised is of no record: a limit by records does not hide it.
        way = replace(way, records=way.records and None)
    return way.shows(record=record, unit=unit, areas=areas, subjects=subjects)


@pytest.mark.parametrize(("name", "at"), [(name, at) for name, tests in TESTED.items() for at in range(len(tests))])
def test_每张表每个维度_列出的正是逐条看得到的(rows: None, name: str, at: int) -> None:
    assert _differences(TESTED[name][at], list(_scopes())) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", TESTED)
def test_每个角色每项事_列出的正是逐条看得到的(rows: None, name: str) -> None:
    scopes = dict.fromkeys(scope for _, scope in _scopes_of_roles())
    assert len(scopes) > 10
    assert _differences(TESTED[name][0], scopes) == []


def test_限于几个工作流的_只见这几个工作流的案件(rows: None) -> None:
    for workflow in ("complaint", "report"):
        shown = _found(CaseStandingRow, cases_within(Scope((Reach(workflows=frozenset({workflow})),)), QUALITY_OF))
        assert shown == set(CaseStandingRow.objects.filter(workflow=workflow).values_list("pk", flat=True))
        assert len(shown) > 3


def test_逐条判断的函数和档案首页用的也是同一个答案(rows: None) -> None:
    told = _facts()
    for scope in _scopes():
        for fact in Fact.objects.all()[:8]:
            ((record, unit, areas, about),) = told[fact.id]
            assert fact_shown(fact, scope, subjects=about) == scope.shows(
                record=record, unit=unit, areas=areas, subjects=about
            )


def test_每张按范围筛的表都在这里试过() -> None:
    assert set(TABLES) == set(TESTED)


def test_少写一个维度_程序就起不来() -> None:
    told = dict.fromkeys(DIMENSIONS, column("x"))
    for left_out in DIMENSIONS:
        with pytest.raises(TypeError, match=left_out):
            ScopedTable[None, Q]("t", Q, **{name: one for name, one in told.items() if name != left_out})
    with pytest.raises(TypeError, match="colour"):
        ScopedTable[None, Q]("t", Q, **told, colour=column("x"))
    with pytest.raises(TypeError, match="twice"):
        ScopedTable[None, Q]("facts", Q, **told)
    with pytest.raises(TypeError, match="areas"):
        ScopedTable[None, Q]("t", Q, **{**told, "areas": "hide"})
    assert "t" not in TABLES


def test_原样语句的条件_且或括号都对() -> None:
    one, two = SqlCondition("a = %s", (1,)), SqlCondition("b = %s", (2,))
    assert (one & two) | one == SqlCondition("(a = %s AND b = %s) OR (a = %s)", (1, 2, 1))
    assert not (one | SqlCondition())
    assert one & SqlCondition() == one


# Where the ways of a scope are looked at, and why it is no list of rows that is narrowed there.
BY_HAND = {
    "kernel/actor.py": "the values themselves",
    "database/scope_sql.py": "the one place",
    "quality_file/at_once.py": "whether the whole file may be read at once",
    "quality_file/file_view.py": "whether a file is seen whole",
    "actions/facts/export_proof.py": "which place of the enterprise is within reach",
    "queries/quality_files.py": "which area of an enterprise without a card is within reach",
    "queries/look_ups.py": "whether an answer is of the whole file or of a part, which its words say",
    "queries/inbox.py": "whether a scope is one unit alone, whose cases an index finds in one look; else cases_within narrows",
    "desk/quality_files/enterprises.py": "the choices of a filter",
    "desk/overview/cockpit.py": "whether there is any",
    "desk/overview/palette.py": "whether there is any",
    "desk/rulebook/indicators.py": "whether there is any",
    "pages/templatetags/zhiheng.py": "whether there is any",
}


def test_别处没有手写的范围条件() -> None:
    found = {
        str(path.relative_to(HOUSE)) for path in HOUSE.rglob("*.py") if re.search(r"\.ways\b", path.read_text("utf-8"))
    }
    assert found == set(BY_HAND)
