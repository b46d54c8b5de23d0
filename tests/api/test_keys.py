"""A key opens what its role and its acts say, until its last day, and not a second after it was revoked."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from tests.api.conftest import Caller, Keys, code_of
from zhiheng.api.keys import PerMinute
from zhiheng.people.models import ApiToken

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_without_a_key_nothing_of_the_office_is_told() -> None:
    response = Caller().get("/office/me")
    assert response.status_code == 401
    assert code_of(response) == "access.token_missing"
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_key_that_nobody_issued_is_refused() -> None:
    assert code_of(Caller("zhiheng_wrong").get("/office/me")) == "access.token_unknown"


def test_a_key_says_who_it_is_and_what_it_may(key: Keys) -> None:
    told = Caller(key(["api.read", "file.read"])).get("/office/me").json()
    assert (told["unit"], told["acts"], told["roles"]) == ("test_market", ["api.read", "file.read"], ["program"])


def test_a_key_past_its_last_day_is_refused(key: Keys) -> None:
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    assert code_of(Caller(key(["api.read"], last_day=yesterday)).get("/office/me")) == "access.token_expired"


def test_a_key_that_was_revoked_is_refused_at_the_next_request(key: Keys) -> None:
    caller = Caller(key(["api.read"]))
    assert caller.get("/office/me").status_code == 200
    ApiToken.objects.update(revoked_at=timezone.now())
    assert code_of(caller.get("/office/me")) == "access.token_revoked"


def test_an_act_that_is_not_in_the_key_is_refused_although_the_role_has_it(key: Keys) -> None:
    response = Caller(key(["api.read"])).get("/office/enterprises")
    assert response.status_code == 403


def test_an_act_that_is_in_the_key_but_not_in_the_role_is_refused(key: Keys) -> None:
    assert Caller(key(["credit.read"])).get("/office/credit/X", purpose="loan").status_code == 403


def test_a_key_reaches_its_own_area_and_no_other(key: Keys) -> None:
    caller = Caller(key(["indicator.read"], area="990901001", unit="jia_office"))
    assert caller.get("/office/indicators", area="990901002").status_code == 403
    assert caller.get("/office/indicators", area="123456").status_code == 422


def test_who_asks_too_often_is_told_to_wait(key: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    from zhiheng.api.office import router

    (throttle,) = router.throttle
    monkeypatch.setattr(throttle, "num_requests", 2)
    caller = Caller(key(["api.read"]))
    answers = [caller.get("/office/me") for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert code_of(answers[2]) == "rate.exceeded"
    assert int(answers[2]["Retry-After"]) >= 1
    assert Caller(key(["api.read"])).get("/office/me").status_code == 200, "another key has a count of its own"


class Minute(PerMinute):
    """A count with a clock of its own; every caller is named by the path."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.at = 0.0

    def clock(self) -> float:
        return self.at

    def caller(self, request: Any) -> str | None:
        return str(request.path)


def test_在任何一分钟里都不超过约定的次数_等到告知的时间就能再来(rf: Any) -> None:
    throttle, request = Minute(30), rf.get("/a")
    taken: list[float] = []
    for tick in range(3000):
        throttle.at = tick / 10
        if throttle.allow_request(request):
            taken.append(throttle.at)
    for moment in taken:
        assert sum(moment - 60 < one <= moment for one in taken) <= 30
    assert len(taken) == 30 * 5, "who waits gets all that was promised"
    assert not throttle.allow_request(request)
    wait = throttle.wait()
    assert wait is not None
    assert 0 < wait <= 60
    throttle.at += wait
    assert throttle.allow_request(request)
    assert throttle.allow_request(rf.get("/b")), "another caller has a count of its own"


def test_很多地址涌来_记数占的内存有限(rf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PerMinute, "CALLERS", 100)
    throttle = Minute(1)
    for number in range(1000):
        throttle.at = number / 100
        assert throttle.allow_request(rf.get(f"/{number}"))
    assert len(throttle._taken) <= 101


def test_伪造的来源地址骗不过次数_读公开数据不写数据库(db: None, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    from zhiheng.api.public import router

    (throttle,) = router.throttle
    monkeypatch.setattr(throttle, "num_requests", 3)
    found = []
    for number in range(5):
        with CaptureQueriesContext(connections["people" if "people" in connections else "default"]) as seen:
            answer = client.get("/api/v1/public/lists", headers={"X-Forwarded-For": f"192.0.2.{number}"})
        found.append(answer.status_code)
        assert not [q["sql"] for q in seen if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert found == [200, 200, 200, 429, 429]
