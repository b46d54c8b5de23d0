"""A blank form as real hands fill it in: examples left standing are no data, rows written over them are asked about."""

from __future__ import annotations

import orjson
import pytest

from tests.places import SAMPLING, Ledger, sampling_row, write_csv
from zhiheng.engines.blank_forms import EXAMPLE, NUMBERING, BlankForm, blank_form
from zhiheng.ledger.models import Fact, RefusedRow, SkippedRow


@pytest.fixture
def form(ledger: Ledger) -> BlankForm:
    """The blank form of samples, with examples."""
    made = blank_form(ledger.book, "sampling_check")
    assert made is not None
    assert made.examples
    return made


def received(ledger: Ledger, form: BlankForm, *rows: list[str]) -> None:
    headings = [NUMBERING, *(column.heading for column in form.columns)]
    ledger.receive(write_csv(ledger.folder / f"{len(rows)}.csv", headings, rows), unit="test_market")


def own_row(form: BlankForm, number: int) -> list[str]:
    """Another row than any example: the texts of the small place where they fit, else a number of its own."""
    told = dict(zip(SAMPLING, sampling_row(number), strict=True))
    return [told.get(column.heading, "") for column in form.columns]


def test_示例行留着没删_不是数据(ledger: Ledger, form: BlankForm) -> None:
    received(ledger, form, [f"{EXAMPLE}1", *form.examples[0]], ["1", *own_row(form, 7)])
    assert Fact.objects.count() == 1
    assert [orjson.loads(row.reason)["code"] for row in SkippedRow.objects.all()] == ["row.sample"]
    assert RefusedRow.objects.count() == 0


def test_只改了示例行的几格_也问(ledger: Ledger, form: BlankForm) -> None:
    headings = [column.heading for column in form.columns]
    changed = list(form.examples[0])
    for heading in ("样品名称", "生产企业"):
        changed[headings.index(heading)] = f"另一种{heading}"
    received(ledger, form, [f"{EXAMPLE}1", *changed], ["1", *own_row(form, 7)])
    assert RefusedRow.objects.count() == 1


def test_写在示例行上的数据_不悄悄跳过_退回来问(ledger: Ledger, form: BlankForm) -> None:
    received(ledger, form, [f"{EXAMPLE}1", *own_row(form, 8)], ["1", *own_row(form, 7)])
    assert Fact.objects.count() == 1
    (refused,) = RefusedRow.objects.all()
    (why,) = orjson.loads(refused.reasons)
    assert why["code"] == "row.sample_filled"
    assert "示例" in why["zh"]
    assert "example" in why["en"]
    assert SkippedRow.objects.count() == 0
