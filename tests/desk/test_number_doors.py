"""每个数都是一扇门：点开的清单恰好是它数的那些，点开的侧页写着同一个数；按角色、按地区、历史时点查询都一样。"""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.desk.cockpit_place import cockpit_book, cockpit_root, filled, filled_once, first_of_july
from tests.desk.number_doors import open_every_door
from tests.desk.officers import officer, signed_in
from tests.places import Ledger

__all__ = ["cockpit_book", "cockpit_root", "filled", "filled_once", "first_of_july"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.mark.parametrize(("role", "area"), [("clerk", "990901"), ("clerk", "990901001"), ("keeper", "990900")])
def test_每个角色每个数点开的清单都是它数的那些(filled: Ledger, role: str, area: str) -> None:
    browser = signed_in(officer(role=role, area=area))
    starts = [
        f"{reverse('desk:cockpit')}?area={area}",
        f"{reverse('desk:indicators')}?area={area}",
        reverse("desk:deliveries"),
        reverse("desk:exchange"),
        reverse("desk:enterprises"),
        f"{reverse('desk:cockpit')}?area={area}&as_of=2026-03-31",
        f"{reverse('desk:indicators')}?indicator=samples&area={area}&by=verdict",
        f"{reverse('desk:indicators')}?indicator=pass_rate&area={area}&period=month",
    ]
    reached = [start for start in starts if browser.get(start).status_code == 200]
    found = open_every_door(browser, reached)
    assert found.wrong == []
    assert found.opened > 20 or not any("cockpit" in start for start in reached)
