"""What was said may not be changed: every protected table refuses UPDATE, DELETE and TRUNCATE, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from tests.factories import LikelyMatchFactory
from tests.places import NOON, Ledger, lift_row, sampling_row, snapshot
from zhiheng.actions.identity.link_subjects import merge
from zhiheng.actions.log.append_leaves import append_leaves
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.models import Alias, Fact, LikelyMatch, LogCosignature, Subject

PROTECTED = (
    "definition",
    "delivery",
    "fact",
    "factkey",
    "factparty",
    "refusedrow",
    "skippedrow",
    "identityact",
    "subject",
    "aliaskey",
    "auditline",
    "alias",
    "likelymatch",
    "logleaf",
    "logcheckpoint",
    "logcosignature",
)
FROZEN_COLUMNS = [
    (model._meta.db_table.removeprefix("ledger_"), field.column)
    for model in apps.get_app_config("ledger").get_models()
    for field in model._meta.concrete_fields
    if field.concrete
    and field.column
    and (model._meta.model_name, field.column)
    not in {("alias", "subject_id"), ("likelymatch", "decision"), ("likelymatch", "act_id")}
]


def fill(ledger: Ledger) -> None:
    """A ledger that has at least one row in every table."""
    rows = [sampling_row(i) for i in range(10)]
    rows += [sampling_row(50, 生产企业="试验奔马食品有限公司"), sampling_row(51, 生产企业="试验奔马食品厂")]
    ledger.samples("a.csv", [*rows, sampling_row(99, 抽样日期="不详"), ["合计", "10批次"]])
    ledger.lifts("b.csv", [lift_row("L1")])
    subjects = list(Subject.objects.filter(kind="enterprise").values_list("id", flat=True)[:2])
    merge(subjects[0], [subjects[1]], reason="同一家", call=Call(SYSTEM, ledger.book, NOON))
    if not LikelyMatch.objects.exists():
        one, two = Alias.objects.order_by("id")[:2]
        LikelyMatchFactory(alias=two, other=one, score=500)
    head = append_leaves(call=Call(SYSTEM, ledger.book, NOON))
    LogCosignature.objects.create(checkpoint=head, witness="witness.example/city", at=NOON, line="")
    before = snapshot()
    assert all(before[table] for table in before), {table for table in before if not before[table]}


def refused(sql: str, *params: Any) -> bool:
    """Whether the database itself refuses the statement, saying why."""
    why = ""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, params)
    except DatabaseError as cause:
        why = str(cause)
    return "append-only" in why


def test_任何一列都不能用语句改写(filled: Ledger) -> None:
    before = snapshot()
    assert len(FROZEN_COLUMNS) > 60
    left = [f"{t}.{c}" for t, c in FROZEN_COLUMNS if not refused(f'UPDATE ledger_{t} SET "{c}" = "{c}"')]
    assert left == []
    assert snapshot() == before


@pytest.mark.parametrize("table", PROTECTED)
def test_任何一行都不能删除(filled: Ledger, table: str) -> None:
    assert refused(f"DELETE FROM ledger_{table}")


@pytest.mark.parametrize("table", PROTECTED)
def test_PostgreSQL上也不能整表清空(filled: Ledger, table: str) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE; DELETE without a condition is refused by the test above")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert refused(f"TRUNCATE ledger_{table} CASCADE")


def test_经对象层也不能改不能删(filled: Ledger) -> None:
    fact = Fact.objects.order_by("id")[0]
    fact.body = "{}"
    for attempt in (
        fact.save,
        fact.delete,
        Fact.objects.filter(id=fact.id).delete,
        lambda: Fact.objects.update(outcome="pass"),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()
    assert Fact.objects.get(id=fact.id).body != "{}"


def test_名称可以改挂主体_这是合并和拆分所需(filled: Ledger) -> None:
    alias = Alias.objects.order_by("id")[0]
    other = Subject.objects.exclude(id=alias.subject_id)[0]
    Alias.objects.filter(id=alias.id).update(subject=other)
    assert Alias.objects.get(id=alias.id).subject_id == other.id


def test_疑似匹配的结论只能写一次(filled: Ledger) -> None:
    match = LikelyMatch.objects.all()[0]
    LikelyMatch.objects.filter(id=match.id).update(decision="different")
    assert refused("UPDATE ledger_likelymatch SET decision = 'same' WHERE id = %s", match.id)
    assert LikelyMatch.objects.get(id=match.id).decision == "different"
