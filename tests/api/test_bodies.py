"""Ten thousand rows at once are taken, as promised; what is too large is refused in the interface's own shape of
error.
"""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.api.conftest import BASE, Caller, Keys
from tests.places import SAMPLING, Ledger, sampling_row
from zhiheng.api import answers
from zhiheng.office.models import Upload

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def body(rows: int, wide: int) -> dict[str, object]:
    """Rows with a name of so many characters."""
    given = [sampling_row(n, 样品名称="虚构面粉" + "长" * wide) for n in range(rows)]
    return {"unit": "test_market", "record": "sampling_check", "headings": list(SAMPLING), "rows": given}


def test_一次一万行_远超两兆半_照收(key: Keys, ledger: Ledger) -> None:
    answer = Caller(key(["api.deliver"])).post("/office/deliveries/rows", body(10_000, 80))
    assert answer.status_code == 202, answer.content[:300]
    assert Upload.objects.get().size > 2_621_440


@pytest.mark.parametrize("said", [True, False])
def test_超过上限的_用接口自己的出错格式回答(
    key: Keys, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, said: bool
) -> None:
    monkeypatch.setattr(answers, "BODY_BYTES", 100_000)
    caller = Caller(key(["api.deliver"]))
    extra = {} if said else {"CONTENT_LENGTH": ""}
    answer = caller.client.post(
        f"{BASE}/office/deliveries/rows", body(1_000, 80), content_type="application/json", **extra
    )
    if said:
        assert answer.status_code == 413
        (problem,) = answer.json()["problems"]
        assert problem["code"] == "body.large"
        assert "分几次提交" in problem["zh"]
    else:
        assert answer.headers["Content-Type"].startswith("application/json")
    assert not Upload.objects.exists()


def test_不认识的人送来的大内容_根本不读(ledger: Ledger) -> None:
    answer = Caller("zhiheng_nobody").post("/office/deliveries/rows", body(10_000, 80))
    assert answer.status_code == 401
    assert answer.json()["problems"][0]["code"].startswith("access.")


def test_文件旁边的字段太大_也是接口的格式(key: Keys, ledger: Ledger, settings: object) -> None:
    caller = Caller(key(["api.deliver"]))
    file = SimpleUploadedFile("抽检.csv", b"x")
    answer = caller.client.post(f"{BASE}/office/deliveries", {"file": file, "unit": "x" * 3_000_000})
    assert answer.status_code == 413
    assert answer.json()["problems"][0]["code"] == "body.large"


def test_公开接口收到不是它要的大内容_也答得出格式(ledger: Ledger) -> None:
    answer = Caller().post("/public/lists", {"x": "y" * 3_000_000})
    assert answer.status_code in (404, 405, 413)
    assert b"Traceback" not in answer.content
