"""Integrity checks of the tables: each finds the fault that its file describes, all are silent where nothing is wrong."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import connections, models, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from tests.actions.test_upload import NOON, hand_in, samples, work
from tests.places import Ledger, sampling_row
from zhiheng.actions.intake.withdraw_delivery import withdraw_delivery
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import PUBLIC, SYSTEM
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Delivery
from zhiheng.projections.models import Refresh
from zhiheng.queries import data_checks
from zhiheng.queries.data_checks import DAYS, HOURS, ROWS, all_checks, connection_of, rows_found, run_checks

NUMBERS = itertools.count(5000)
MODELS = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}


def test_约一百项核查_每项一个文件_中英文俱全_写明怎么办() -> None:
    checks = all_checks()
    assert len(checks) >= 100
    titles = [check.zh for check in checks.values()]
    assert len(set(titles)) == len(titles)
    for name, check in checks.items():
        assert check.rows in ROWS, name
        assert re.search("[\u4e00-\u9fff]", check.zh), name
        assert not re.search("[\u4e00-\u9fff]", check.en + check.do.en), name
        assert not check.zh.endswith("。"), name
        assert not check.do.zh.endswith("。"), name
        assert check.tables <= MODELS.keys(), name
        assert check.home in connections, name
        assert set(re.findall(r"%\((\w+)\)s", check.finds)) <= DAYS.keys() | HOURS.keys(), name
        assert check.finds.count("%") == len(re.findall(r"%\(\w+\)s", check.finds)), name


def test_核查只写行号和数目_不写姓名电话和原文() -> None:
    told = re.compile(
        r"\b(?:\w\.)?(?:name|title_zh|body|row|values|address|phone|email|url|text|cells|detail|data)\s+AS says"
    )
    for name, check in all_checks().items():
        assert not told.search(re.sub(r"\bl\.row AS says", "", check.finds)), name


@contextmanager
def taken_back(using: str) -> Iterator[None]:
    """What is written inside is gone afterwards; keys that lead nowhere are no matter meanwhile."""
    with transaction.atomic(using=using):
        yield
        transaction.set_rollback(True, using=using)


def filler(field: Any) -> Any:
    """Any value that a column takes."""
    if field.null:
        return None
    if isinstance(field, models.DateTimeField):
        return dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
    kinds: list[tuple[type, Any]] = [
        (models.DateField, dt.date(2026, 1, 5)),
        (models.BooleanField, False),
        (models.UUIDField, uuid.UUID(int=1)),
        (models.JSONField, {}),
        (models.BinaryField, b"\0" * 32),
        (models.FloatField, 0.0),
        (models.DecimalField, 0),
        (models.IntegerField, 1),
        (models.ForeignKey, 1),
    ]
    for kind, value in kinds:
        if isinstance(field, kind):
            return value
    return ("0" * 64)[: field.max_length or 64]


def put(row: dict[str, Any]) -> None:
    """Write a row of a fault past everything but the table itself; what the file leaves out is filled."""
    told = dict(row)
    table = told.pop("table")
    model = MODELS[table]
    connection = connections[connection_of(table)]
    names, values = [], []
    for number, field in enumerate(model._meta.local_concrete_fields):
        if field.column is None:
            continue
        value = told.pop(field.column, None) if field.column in told else filler(field)
        if field.unique and not field.primary_key and field.column not in row:
            value = uuid.uuid4().hex[: field.max_length or 32] if isinstance(value, str) else value and next(NUMBERS)
        if field.primary_key and field.column not in row and isinstance(field, models.AutoField):
            value = 1000 + number
        if isinstance(field, models.BinaryField) and isinstance(value, str):
            value = value.encode()
        if isinstance(value, str) and isinstance(field, models.DateTimeField):
            value = dt.datetime.fromisoformat(value)
        if isinstance(value, str) and isinstance(field, models.JSONField):
            names, values = [*names, field.column], [*values, value]
            continue
        names.append(field.column)
        values.append(field.get_db_prep_save(value, connection))
    assert not told, f"{table} has no column {sorted(told)}"
    quoted = ", ".join(connection.ops.quote_name(name) for name in names)
    places = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {connection.ops.quote_name(table)} ({quoted}) VALUES ({places})", values)


@pytest.mark.database
def test_空的台账没有一项报错_每一项都查得出它所写的那种错(ledger: Ledger) -> None:
    call = Call(SYSTEM, ledger.book, NOON)
    assert [one.id for one in run_checks(call=call).found] == []
    blind: list[tuple[str, object]] = []
    for name, check in all_checks().items():
        try:
            with taken_back(check.home):
                for row in check.fault:
                    put(dict(row))
                found = run_checks(call=call, only=[name]).results[0].count
                listed = rows_found(name, call=call).rows
                if not found or len(listed) != found:
                    blind.append((name, (found, len(listed))))
        except DatabaseError as error:
            # What the tables themselves refuse needs no check.
            blind.append((name, str(error)))
    assert blind == []


@pytest.mark.slow
@pytest.mark.database
def test_接收过报送_更新过以后_没有一项报错(ledger: Ledger, settings: Any) -> None:
    settings.BOOK = ledger.book.root
    hand_in(ledger, samples(ledger, "部门.csv", count=30))
    work()
    assert Delivery.objects.exists()
    # The tasks of the worker go by the clock.
    call = Call(SYSTEM, ledger.book, timezone.localtime())
    assert [(one.id, one.count) for one in run_checks(call=call).found] == []


@pytest.mark.database
def test_撤回整份报送_又更新过以后_也没有一项报错(ledger: Ledger) -> None:
    ledger.samples("部门.csv", [sampling_row(number) for number in range(3)])
    call = Call(SYSTEM, ledger.book, NOON)
    withdraw_delivery(Delivery.objects.get().pk, reason="整份报错", call=call)
    # Lines of the trail are counted by the refresh too, and there are more of them than facts.
    Refresh.objects.update_or_create(part="contested", defaults={"fact": 10_000})
    worse = [one.id for one in run_checks(call=call).found if one.check.severity != "hint"]
    assert worse == []


@pytest.mark.database
def test_查的时候什么也写不进去(ledger: Ledger) -> None:
    for using in connections:
        table = "ledger_subject" if using == "default" else "office_dailywork"
        with data_checks.reading_only(using), connections[using].cursor() as cursor, pytest.raises(DatabaseError):
            cursor.execute(f"DELETE FROM {table}")
        # Afterwards it can be written again.
        with taken_back(using), connections[using].cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {'ledger_definition' if using == 'default' else 'office_dailywork'} WHERE 1 = 0"
            )


@pytest.mark.database
def test_很多行时分页_页页相接(ledger: Ledger) -> None:
    call = Call(SYSTEM, ledger.book, NOON)
    with taken_back(all_checks()["card_numbers_negative"].home):
        for subject in range(1, 8):
            put({"table": "projections_card", "subject": subject, "fails": -1})
        first = rows_found("card_numbers_negative", call=call, limit=3)
        second = rows_found("card_numbers_negative", call=call, after=first.next, limit=3)
        third = rows_found("card_numbers_negative", call=call, after=second.next, limit=3)
        assert [row.place for page in (first, second, third) for row in page.rows] == [str(n) for n in range(1, 8)]
        assert third.next == ""


@pytest.mark.database
def test_没有这项核查_没有权限的_都退回(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="check-data --list"):
        run_checks(call=Call(SYSTEM, ledger.book, NOON), only=["nothing"])
    nobody = Call(PUBLIC, ledger.book, NOON)
    with pytest.raises(Refused):
        run_checks(call=nobody)
    with pytest.raises(Refused):
        rows_found("fact_without_key", call=nobody)
    with pytest.raises(Refused):
        data_checks.last_run(call=nobody)
