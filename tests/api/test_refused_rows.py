"""Refused rows by the interface: masked, and as handed in only for a purpose and with the right to take them back."""

from __future__ import annotations

import pytest

from tests.actions.test_upload import work
from tests.api.conftest import Caller, Keys
from tests.desk.test_refused_rows_masked import FINES, PURPOSE, ROWS, SECRETS, refusals_taken
from tests.places import Ledger

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_接口默认遮盖_有取回权并说明用途才给原样(key: Keys, ledger: Ledger) -> None:
    words = {"unit": "test_environment"}
    caller = Caller(key(["api.deliver", "delivery.report"], **words))
    taken = caller.post(
        "/office/deliveries/rows",
        {"unit": "test_environment", "record": "discharge_fine", "headings": FINES, "rows": ROWS},
    ).json()
    work()
    (table,) = caller.get(f"/office/deliveries/{taken['upload']}").json()["tables"]
    path = f"/office/deliveries/{taken['upload']}/refused/{table['deliveries'][0]}"
    masked = caller.get(path)
    assert [secret for secret in SECRETS if secret in masked.content.decode()] == []
    assert masked.json()["rows"][0]["cells"][4] == "＊＊＊"
    assert masked.json()["rows"][0]["masked"] == [4]
    assert caller.get(path, purpose="x").status_code == 422
    assert refusals_taken() == []
    clear = caller.get(path, purpose=PURPOSE).json()
    assert [row["cells"] for row in clear["rows"]] == ROWS[1:]
    assert all(row["masked"] == [] for row in clear["rows"])
    assert refusals_taken() == [(f"delivery:{table['deliveries'][0]}", PURPOSE)]
    limited = Caller(key(["api.deliver"], **words))
    assert limited.get(path, purpose=PURPOSE).status_code == 403


def test_接口说的文件名_表头和退回的理由里没有电话(key: Keys, ledger: Ledger) -> None:
    words = {"unit": "test_environment"}
    caller = Caller(key(["api.deliver", "delivery.report"], **words))
    table = {"unit": "test_environment", "record": "discharge_fine", "name": "罚款13912345671"}
    heading = "找李四光 139-1234-5672"
    unknown = caller.post(
        "/office/deliveries/rows", {**table, "headings": [*FINES, heading], "rows": [[*ROWS[0], "x"]]}
    ).json()
    refused = caller.post("/office/deliveries/rows", {**table, "headings": FINES, "rows": ROWS}).json()
    work()
    answers = [caller.get(f"/office/deliveries/{one['upload']}").content.decode() for one in (unknown, refused)]
    assert "找李四光" in answers[0], "the heading is not told of: this test looks in the wrong place"
    assert [part for part in ("13912345671", "1234-5672") for text in answers if part in text] == []


def test_退回的行上面的表头也没有电话_凭目的取回的才原样(key: Keys, ledger: Ledger) -> None:
    caller = Caller(key(["api.deliver", "delivery.report"], unit="test_environment"))
    headings = ["联系电话13912345673" if text == "联系电话" else text for text in FINES]
    taken = caller.post(
        "/office/deliveries/rows",
        {"unit": "test_environment", "record": "discharge_fine", "headings": headings, "rows": ROWS},
    )
    work()
    (table,) = caller.get(f"/office/deliveries/{taken.json()['upload']}").json()["tables"]
    for kind in ("refused", "skipped"):
        answer = caller.get(f"/office/deliveries/{taken.json()['upload']}/{kind}/{table['deliveries'][0]}")
        assert answer.status_code == 200
        assert len(answer.json()["headings"]) == len(headings)
        assert "13912345673" not in answer.content.decode()
