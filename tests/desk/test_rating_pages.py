"""评价的页面：等级清单、一家企业的每一分、两个版本的比较；企业自己看得到每一分，能对事实提出异议。"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from tests.access.addresses import browser_of
from tests.desk.officers import officer, said_on, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _the_default_book(settings: Any, book_root: Path, tmp_path: Path) -> None:
    settings.BOOK = book_root
    settings.DATA = tmp_path


def test_清单写明各等级的家数和后果_未评单列() -> None:
    answer = signed_in(officer("leader", unit="", area="990101")).get(reverse("desk:ratings"))
    said = said_on(answer.content.decode())
    assert answer.status_code == 200
    assert "信用风险分级监管" in said
    assert "未评" in said
    assert "每年抽查 100%" in said
    assert "建议稿" in said


def test_风险清单写明矩阵和依据_只供编制计划参考() -> None:
    reader = signed_in(officer("leader", unit="", area="990101"))
    answer = reader.get(reverse("desk:ratings"), {"rating": "risk_list"})
    said = said_on(answer.content.decode())
    assert answer.status_code == 200
    assert "风险矩阵" in said
    assert "食品生产经营监督检查管理办法" in said
    assert "不是处理依据，不对外公布" in said
    assert reader.get(reverse("desk:ratings"), {"rating": "risk_list", "cell": "9-9"}).status_code == 422
    assert "风险清单" in said_on(reader.get(reverse("desk:enterprises")).content.decode())


def test_比较页写明只是试算() -> None:
    answer = signed_in(officer("leader", unit="", area="990101")).get(
        reverse("desk:rating_compare"), {"edition": "credit_supervision", "tried": "quality_integrity"}
    )
    assert "这里只是试算" in said_on(answer.content.decode())


def test_没有这种评价的是404_没有权限的打不开() -> None:
    reader = signed_in(officer("leader", unit="", area="990101"))
    assert reader.get(reverse("desk:rating", args=["nothing", 1])).status_code == 404
    assert signed_in(officer("no_such_role")).get(reverse("desk:ratings")).status_code == 403
    assert browser_of(None).get(reverse("desk:ratings")).status_code == 302
