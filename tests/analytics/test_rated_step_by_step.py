"""留存的等级和每一分：报送、更正、撤回、合并、拆分、撤销，怎么先后都与从头现算的一致。"""

from __future__ import annotations

import contextlib
import datetime as dt
import tempfile
from collections import Counter
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.analytics.test_rated import asked, call, matrix_edition, with_rating
from tests.engines.test_rating import FAILED, GAINED, HELD, LAW, TWO, edition_of
from tests.examples import examples
from tests.places import FINES, Ledger, lift_row, sampling_row, write_csv
from zhiheng.actions.facts.correct_fact import correct, withdraw
from zhiheng.actions.identity.link_subjects import SplitPart, merge, split, split_facts, undo
from zhiheng.actions.ratings.keep_ratings import keep_ratings
from zhiheng.analytics import sorted_facts
from zhiheng.analytics.lake import Lake, project
from zhiheng.analytics.rated import RatingAsked, contributions_computed, grades_computed, kept_one, read_of
from zhiheng.analytics.rating_compare import NOT_RATED, compared
from zhiheng.engines.rating_causes import CauseKind
from zhiheng.grammar.chapters.ratings import RATINGS, RatingEdition
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias, Fact, FactParty, IdentityAct, Subject
from zhiheng.queries.ratings import files_of, rating_facts

pytestmark = pytest.mark.slow

FIRMS = ("试验甲食品有限公司", "试验乙面粉厂", "试验“丙”\n物业有限公司", "试验丁电梯维保有限公司")
DAYS = ("2024-02-29", "2026-01-04", "2026-03-05", "2026-06-30")
_TODAY = dt.date(2026, 7, 1)

_firm, _day = st.sampled_from(FIRMS), st.sampled_from(DAYS)
_steps = st.lists(
    st.one_of(
        st.tuples(st.just("sampled"), _firm, _firm, _day, st.booleans()),
        st.tuples(st.just("lift"), st.integers(1, 3), _firm, _firm, _day, st.booleans()),
        st.tuples(st.just("fine"), _firm, _day, st.booleans()),
        st.tuples(st.just("correct"), st.integers(0, 30), _firm),
        st.tuples(st.just("withdraw"), st.integers(0, 30)),
        st.tuples(st.just("merge"), st.integers(0, 8), st.integers(0, 8)),
        st.tuples(st.just("split"), st.integers(0, 12)),
        st.tuples(st.just("split_facts"), st.integers(0, 12), st.integers(0, 8)),
        st.tuples(st.just("split_unit"), st.integers(0, 12)),
        st.tuples(st.just("undo"), st.integers(0, 5)),
    ),
    min_size=3,
    max_size=6,
)


def every_kind() -> RatingEdition:
    """An edition whose items count in every way there is: of a span, each value once, what holds, lapsed, is silent."""
    sampled = {"record": "sampling_check", "part": "product", "where": {}}
    lift = {"record": "lift_register", "role": "user_unit", "part": "product", "where": {}, "decay": None}
    fined = {"record": "discharge_fine", "role": "party", "part": "product", "where": {}, "decay": None}
    several = {"points": "-2", "cap": "10"}
    return edition_of(
        parts=[{"id": "product", "label": TWO, "weight": 100, "marks": 90}],
        items=[
            FAILED | sampled | several | {"id": "failed", "where": {"outcome": "fail"}},
            FAILED | sampled | several | {"id": "sold", "role": "seller", "where": {"outcome": "fail"}},
            GAINED | sampled | {"id": "passed", "where": {"outcome": "pass"}, "cap": "10", "per": "product"},
            HELD | lift | several | {"id": "stopped", "where": {"status": "stopped"}},
            HELD | lift | several | {"id": "late", "window": "lapsed"},
            HELD | lift | several | {"id": "cared", "role": "maintainer"},
            FAILED | fined | several | {"id": "fined", "window": {"years": 5}},
            FAILED | fined | several | {"id": "quiet", "window": {"silent": {"months": 3}}},
        ],
        evidence={"at_least": 1, "of": [{"record": "sampling_check", "role": "producer", "window": {"months": 36}}]},
        veto=[
            {"id": "grave", "label": TWO, "at_most": "B", "law": LAW}
            | {key: fined[key] for key in ("record", "role")}
            | {"where": {"decision": "fined"}, "window": {"years": 5}}
        ],
        bands=[{"name": name, "label": TWO, "at_least": least} for name, least in (("A", 90), ("B", 80), ("C", 0))],
    )


@dataclass
class _Story:
    """Carries out steps; one that the ledger refuses leaves it as it was."""

    ledger: Ledger
    number: int = 0

    def tell(self, step: tuple[Any, ...]) -> None:
        """One step."""
        verb, *words = step
        with contextlib.suppress(Refused):
            getattr(self, verb)(*words)

    def sampled(self, producer: str, seller: str, day: str, passed: bool) -> None:
        """A sample is taken; maker and seller may be the same."""
        self.number += 1
        said = {"生产企业": producer, "被抽样单位": seller, "抽样日期": day, "生产日期": "2024-01-01"}
        said |= {"检验结论": "合格" if passed else "不合格", "样品名称": f"试验挂面{self.number % 2}"}
        row = sampling_row(self.number, **said)
        unit = "test_market" if self.number % 3 else "jia_office"
        self.ledger.samples(f"s{self.number}.csv", [row], unit=unit)

    def lift(self, code: int, user: str, maintainer: str, day: str, in_use: bool) -> None:
        """A lift is registered, or registered anew with another user."""
        self.number += 1
        said = {"使用单位": user, "维保单位": maintainer, "登记日期": day, "下次检验日期": "2026-06-30"}
        row = lift_row(f"L{code}", **said, 使用状态="在用" if in_use else "停用")
        self.ledger.lifts(f"l{self.number}.csv", [row])

    def fine(self, firm: str, day: str, fined: bool) -> None:
        """A decision of the other department, which also says that the enterprise is there."""
        self.number += 1
        rows = [[firm, "", day, "罚款" if fined else "不予处罚"]]
        self.ledger.receive(write_csv(self.ledger.folder / f"f{self.number}.csv", FINES, rows), unit="test_environment")

    def correct(self, which: int, firm: str) -> None:
        """A fact is said anew, about somebody else or another thing."""
        if facts := list(Fact.objects.order_by("id")):
            fact = facts[which % len(facts)]
            said = {"sampling_check": {"producer": firm}, "lift_register": {"lift_code": f"L{which % 4}"}}
            changes = said.get(fact.record, {"firm": firm})
            correct(fact.id, changes, reason="录入有误", call=call(self.ledger), unit=fact.unit)

    def withdraw(self, which: int) -> None:
        """A fact is taken back."""
        if facts := list(Fact.objects.order_by("id")):
            fact = facts[which % len(facts)]
            withdraw(fact.id, reason="重复", call=call(self.ledger), unit=fact.unit)

    def merge(self, into: int, other: int) -> None:
        """Two subjects are one."""
        subjects = list(Subject.objects.filter(kind="enterprise").order_by("id").values_list("id", flat=True))
        if len(subjects) > 1:
            into, other = subjects[into % len(subjects)], subjects[other % len(subjects)]
            merge(into, [other], reason="同一家", call=call(self.ledger))

    def _alias(self, which: int) -> int | None:
        aliases = list(Alias.objects.filter(kind="enterprise").order_by("id").values_list("id", flat=True))
        return aliases[which % len(aliases)] if aliases else None

    def split(self, which: int) -> None:
        """A name is somebody else."""
        if (alias := self._alias(which)) is not None:
            split([alias], reason="不同", call=call(self.ledger))

    def split_facts(self, which: int, fact: int) -> None:
        """One of the facts under a name is about somebody else."""
        if (alias := self._alias(which)) is not None:
            facts = list(FactParty.objects.filter(alias_id=alias).order_by("fact_id").values_list("fact_id", flat=True))
            if facts:
                part = SplitPart(facts=(facts[fact % len(facts)],))
                split_facts(alias, part, reason="不同", call=call(self.ledger))

    def split_unit(self, which: int) -> None:
        """What one unit says under a name is about somebody else."""
        if (alias := self._alias(which)) is not None:
            split_facts(alias, SplitPart(unit="jia_office"), reason="不同", call=call(self.ledger))

    def undo(self, which: int) -> None:
        """A merge or split is taken back."""
        if acts := list(IdentityAct.objects.order_by("id").values_list("id", flat=True)):
            undo(acts[which % len(acts)], reason="弄错", call=call(self.ledger))


def held_together(lake: Lake, ledger: Ledger) -> None:
    """Hold everything that is kept against what is computed."""
    question, files, manifest = asked(ledger), files_of("trial"), lake.manifest()
    # What is read for those whom something new touches is there, and is what the lake says.
    assert rating_facts().reading(lake, manifest, read_of(lake, manifest, question)) is not None
    assert list(rating_facts().differing(lake)) == []
    state = files.holds(lake, question, _TODAY)
    assert state is not None
    with lake.open(manifest, []) as connection:
        grades, rows = (
            connection.execute(f"SELECT * FROM ({files.view(state, what)})").fetchall()
            for what in ("grades", "contributions")
        )
    assert sorted(grades) == [tuple(one) for one in grades_computed(lake, question)]
    assert sorted(rows) == sorted(tuple(one) for one in contributions_computed(lake, question, None))
    for subject in Subject.objects.values_list("id", flat=True):
        one, points = kept_one(lake, files, state, subject)
        assert ([one] if one else []) == [row for row in grades if row[0] == subject]
        assert sorted(points) == sorted(row for row in rows if row[0] == subject)


def _changed(edition: RatingEdition, **said: Any) -> RatingEdition:
    return RatingEdition.model_validate(edition.model_dump(by_alias=True) | said)


def test_两个版本在数据湖上一遍比出的_与各评各的相同_对象不同和只看一个街道也是(ledger: Ledger) -> None:
    first = every_kind()
    items = [item.model_dump(by_alias=True) for item in first.items]
    # An item of the name of another one, which reads another record.
    moved = [item for item in items if item["id"] not in ("fined", "late")]
    moved += [item | {"id": "fined"} for item in items if item["id"] == "late"]
    evidence = first.evidence.model_dump(by_alias=True) | {"at_least": 3}
    editions = [
        first,
        _changed(first, who={"area": ["990901001"]}),
        _changed(first, who={"status": ["fined"]}, evidence=evidence),
        _changed(first, veto=[], items=moved),
        matrix_edition(),
    ]
    lake = with_rating(ledger, first)
    story = _Story(Ledger(lake.book, ledger.folder))
    for at, firm in enumerate(FIRMS):
        story.tell(("fine", firm, DAYS[1], at % 2 == 0))
        story.tell(("lift", at, firm, FIRMS[0], DAYS[at], at % 2 == 1))
        for day in DAYS[: at + 1]:
            story.tell(("sampled", firm, FIRMS[at - 1], day, at == 1))
    ledger.samples("yi.csv", [sampling_row(77, 生产企业=FIRMS[1], 抽样地区="乙街道", 检验结论="合格")])
    project(lake)
    rating = lake.book[RATINGS]["trial"]
    every = [RatingAsked("trial", rating, edition, _TODAY, _TODAY) for edition in editions]
    grades = [{one.subject_id: one for one in grades_computed(lake, one)} for one in every]
    points: list[Counter[tuple[int, str]]] = [Counter() for _ in every]
    for at, one in enumerate(every):
        for row in contributions_computed(lake, one, None):
            points[at][row.subject_id, row.item] += row.points

    def place(at: int, subject: int) -> int:
        bands, one = len(editions[at].bands), grades[at].get(subject)
        return -1 if one is None else bands if one.band is None else one.band

    def name(at: int, where: int) -> str | None:
        return NOT_RATED if where < 0 else [*(band.name for band in editions[at].bands), None][where]

    seen = 0
    # Each with the first, and the first with each; beside it one that rates others with one that is a matrix.
    pairs = [(1, 4), *((0, at) for at in range(1, len(every))), *((at, 0) for at in range(1, len(every)))]
    for (one, two), areas in product(pairs, (None, ["990901001"])):
        found = compared(lake, every[one], every[two], areas)
        both = grades[one] | grades[two]
        inside = [number for number, each in both.items() if areas is None or each.area in areas]
        stands = {number: (place(one, number), place(two, number)) for number in inside}
        moves = Counter((name(one, before), name(two, after)) for before, after in stands.values())
        assert dict(found.moves) == dict(moves)
        movers = [n for n, (before, after) in stands.items() if name(one, before) != name(two, after)]
        assert (found.moved, found.unexplained) == (len(movers), 0)
        for shift in found.items:
            sums = [(points[one][number, shift.item], points[two][number, shift.item]) for number in movers]
            assert shift.enterprises <= sum(before != after for before, after in sums)
            assert shift.enterprises == next(
                each.enterprises for each in found.causes if each.cause == (CauseKind.ITEM, shift.item)
            )
        assert sum(each.enterprises for each in found.causes) >= len(movers)
        seen += len(movers)
    assert seen > 10


@settings(
    max_examples=examples(6),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=_steps)
@example(steps=[("sampled", FIRMS[0], FIRMS[1], DAYS[2], False), ("split_facts", 0, 2), ("undo", 0)])
@example(steps=[("sampled", FIRMS[0], FIRMS[1], DAYS[2], False), ("split_unit", 0)])
def test_留存的与现算的一致_不论先后发生过什么(
    ledger: Ledger, settings: Any, tmp_path: Path, steps: list[tuple[Any, ...]]
) -> None:
    # Borders of batches and merged pieces are met with a handful of facts, too.
    small = mock.patch.multiple(sorted_facts, BATCH=2, MERGED=3)
    with small, transaction.atomic():
        settings.DATA = Path(tempfile.mkdtemp(dir=tmp_path))
        lake = with_rating(Ledger(ledger.book, settings.DATA), every_kind())
        told = Ledger(lake.book, settings.DATA)
        story = _Story(told)
        for firm in FIRMS[:3]:
            story.tell(("fine", firm, DAYS[1], False))
        story.tell(("sampled", FIRMS[0], FIRMS[1], DAYS[2], False))
        for step in [("sampled", FIRMS[0], FIRMS[0], DAYS[2], True), *steps]:
            story.tell(step)
            project(lake)
            keep_ratings(lake, call=call(told))
            held_together(lake, told)
        transaction.set_rollback(True)
