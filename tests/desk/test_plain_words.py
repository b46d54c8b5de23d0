"""A telephone that somebody wrote into an address, a name of a product or a remark is shown to nobody who has not said
what for: on pages, in forms, by the interface, in exports and extracts.
"""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.test import Client
from django.urls import reverse

from tests.api.conftest import key
from tests.desk.files_of import FIRM, clock, place, refreshed, subject_of
from tests.desk.officers import officer, signed_in
from tests.desk.test_facts import typed
from tests.firm.owners import browser_of
from tests.places import SAMPLING, Ledger, credit_code, sampling_row, write_csv
from zhiheng.ledger.models import Fact
from zhiheng.people.models import TrailLine

__all__ = ["clock", "key", "place"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ADDRESS, PRODUCT, REMARK, CORRECTED = "13912340911", "139-1234-0912", "１３９１２３４０９１３", "139 1234 0914"
PARTS = ("139123409", "1234-09", "１２３４０９", "1234 09")


@pytest.fixture
def told(place: Ledger) -> Fact:
    """A sample in whose plain fields somebody wrote telephones."""
    headings = [*SAMPLING, "生产企业地址"]
    row = sampling_row(
        77,
        生产企业=FIRM,
        生产企业代码=credit_code(1),
        样品名称=f"试验粉丝（找李四光{PRODUCT}）",
        备注=f"厂长张三丰{REMARK}，下午打",
    )
    path = write_csv(place.folder / "plain.csv", headings, [[*row, f"甲街道灯塔街9号 {ADDRESS}"]])
    place.receive(path, unit="test_market", day="2026-07-01")
    refreshed(place)
    return Fact.objects.filter(record="sampling_check").latest("id")


def shown_to(browser: Client, *addresses: str) -> dict[str, list[str]]:
    """Which parts of the telephones stand on which page."""
    found = {}
    for address in addresses:
        answer = browser.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        text = answer.content.decode()
        if parts := [part for part in PARTS if part in text]:
            found[address] = parts
    return found


def test_事实_档案_报送各页都看不到_别处的字照样在(told: Fact) -> None:
    firm = subject_of()
    clerk, watcher = signed_in(officer()), signed_in(officer("watcher", name="审计员丁"))
    pages = [
        reverse("desk:fact", args=[told.id]),
        reverse("desk:file", args=[firm]),
        reverse("desk:file_print", args=[firm]),
    ]
    assert shown_to(clerk, *pages, reverse("desk:enterprises"), reverse("desk:delivery", args=[told.delivery_id])) == {}
    assert shown_to(watcher, *pages) == {}
    page = clerk.get(pages[0]).content.decode()
    for rest in ("甲街道灯塔街9号", "试验粉丝（找李四光", "下午打", "〔隐去〕"):
        assert rest in page, rest
    assert shown_to(browser_of(firm), reverse("firm:fact", args=[told.id]), reverse("firm:home")) == {}


def test_有权看涉密内容的人_说明用途才看得到_而且留痕(told: Fact) -> None:
    clerk = signed_in(officer())
    address = reverse("desk:fact_secret", args=[told.id])
    assert "为了什么要看" in clerk.get(address).content.decode()
    shown = clerk.post(address, {"purpose": "核对样品名称里的电话"}).content.decode()
    for written in (ADDRESS, PRODUCT, REMARK):
        assert written in shown, written
    line = TrailLine.objects.get(verb="fact.read_secret")
    assert set(orjson.loads(line.detail)["fields"]) >= {"product", "remark"}


def test_更正的表单不给出带电话的字_留空就不改_改了的一样遮盖(told: Fact) -> None:
    clerk = signed_in(officer())
    address = reverse("desk:fact_correct", args=[told.id])
    page = clerk.get(address).content.decode()
    assert [part for part in PARTS if part in page] == []
    form = typed(page, sample_number="S00078", remark=f"改找王五 {CORRECTED}", reason=f"编号有误，已与{ADDRESS}核对")
    answer = clerk.post(address, form)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    new = Fact.objects.get(concerns=told.id)
    assert PRODUCT in orjson.loads(new.body)["product"], "what was left empty was changed"
    assert ADDRESS in new.body
    assert shown_to(clerk, *(reverse("desk:fact", args=[fact]) for fact in (new.id, told.id))) == {}


def test_接口的事实和档案也没有(told: Fact, key: Any) -> None:
    secret = key(["api.read", "fact.read", "file.read", "enterprise.list"])
    program = Client(headers={"authorization": f"Bearer {secret}"})
    answers = [
        program.get(f"/api/v1/office/{address}")
        for address in (f"facts/{told.id}", f"enterprises/{subject_of()}", f"enterprises/{subject_of()}/facts")
    ]
    assert {answer.status_code for answer in answers} == {200}
    text = "".join(answer.content.decode() for answer in answers)
    assert [part for part in PARTS if part in text] == []
    masked = {one["name"]: one["masked"] for one in answers[0].json()["fields"]}
    assert (masked["product"], masked["remark"], masked["sample_number"]) == (True, True, False)


def test_凭电话查不到企业_查到的旁边也不显示_留痕里也没有(told: Fact) -> None:
    clerk = signed_in(officer())
    by_product = clerk.get(reverse("desk:enterprises"), {"q": "李四光"}).content.decode()
    assert FIRM in by_product, "the product is not found by its words: this test looks in the wrong place"
    assert [part for part in PARTS if part in by_product] == []
    for number in (ADDRESS, PRODUCT, PRODUCT.replace("-", ""), "1391234", "13912340913"):
        found = clerk.get(reverse("desk:enterprises"), {"q": number}).content.decode()
        assert FIRM not in found, number
    palette = clerk.get(reverse("desk:palette"), {"q": "试验粉丝"}).content.decode()
    assert [part for part in PARTS if part in palette] == []
    searched = [line.detail for line in TrailLine.objects.filter(verb="enterprise.search")]
    assert len(searched) >= 5
    assert [line for line in searched if "1391234091" in line or "1234-09" in line] == []
