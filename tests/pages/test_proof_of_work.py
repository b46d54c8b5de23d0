"""Whoever sends a form has worked for it, once, and no address of theirs is kept; without a script there is a slow lane."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any

import pytest
from altcha import v1 as altcha
from django.core.cache import cache
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhiheng.kernel.reasons import Refused
from zhiheng.pages import proof_of_work, refusals
from zhiheng.pages.proof_of_work import CROWD, LEAST, LIVES, MOST, WITHOUT_SCRIPT, challenge, spend

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    """As few tries as a test needs, and nothing sent before."""
    monkeypatch.setattr(proof_of_work, "LEAST", 200)
    cache.clear()


def now() -> dt.datetime:
    """This moment: the library looks at the clock itself."""
    return dt.datetime.now(dt.UTC)


def solved(given: dict[str, Any], **changed: Any) -> str:
    """What the script of a page sends for a challenge."""
    found = altcha.solve_challenge(given["challenge"], given["salt"], given["algorithm"], given["maxnumber"], 0)
    assert found is not None
    said = {**{name: given[name] for name in ("algorithm", "challenge", "salt", "signature")}, "number": found.number}
    return base64.b64encode(json.dumps({**said, **changed}).encode()).decode()


def code(solution: str) -> str:
    """Why a solution is refused; empty where it is taken."""
    try:
        spend(solution, now())
    except Refused as refused:
        return refused.refusals[0].code
    return ""


def test_算出来的收一次_第二次和换个写法的都不收() -> None:
    given = challenge(now())
    one = solved(given)
    assert (code(one), code(one)) == ("", "work.again")
    assert code(solved(given, more="x")) == "work.again"
    assert code(solved(given, challenge=given["challenge"].upper())) in ("work.again", "work.wrong")


@pytest.mark.parametrize(
    "changed",
    [
        {"number": -1},
        {"number": "5"},
        {"number": True},
        {"signature": "0" * 64},
        {"salt": "abc"},
        {"salt": "abc?expires=99999999999"},
        {"algorithm": "SHA-1"},
        {"challenge": "0" * 64},
    ],
)
def test_没算对的_自己编的_改了期限的都不收(changed: dict[str, Any]) -> None:
    assert code(solved(challenge(now()), **changed)) == "work.wrong"


def test_页面放得太久的不收() -> None:
    assert code(solved(challenge(now() - LIVES - dt.timedelta(seconds=5)))) == "work.wrong"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(min_size=1, max_size=60), st.binary(min_size=1).map(lambda b: base64.b64encode(b).decode())))
def test_乱写的只是不收(text: str) -> None:
    assert code(text) == "work.wrong"


def test_没有脚本的一小时收这么多件_再多请打电话() -> None:
    moment = now()
    for _ in range(WITHOUT_SCRIPT):
        spend("", moment)
    with pytest.raises(Refused) as refused:
        spend("", moment)
    assert refused.value.refusals[0].code == "work.no_script"
    spend("", moment + dt.timedelta(hours=1))
    spend(solved(challenge(moment)), moment)


def test_来得越多算得越久_过后又轻了(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof_of_work, "LEAST", LEAST)
    moment = now()
    assert challenge(moment)["maxnumber"] == LEAST
    for _ in range(CROWD):
        proof_of_work._count(moment)
    assert challenge(moment)["maxnumber"] == 2 * LEAST
    for _ in range(CROWD * 12):
        proof_of_work._count(moment)
    assert challenge(moment)["maxnumber"] == MOST
    assert challenge(moment + dt.timedelta(minutes=30))["maxnumber"] == LEAST


def test_where_the_store_was_busy_a_solution_is_not_called_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache in a database answers False as well where the database was busy."""

    class BusyOnce:
        turns = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(cache, name)

        def add(self, key: str, *rest: Any) -> bool:
            self.turns += key.startswith("work:")
            return cache.add(key, *rest) if self.turns != 1 else False

    solution = solved(challenge(now()))
    monkeypatch.setattr(proof_of_work, "cache", BusyOnce())
    spend(solution, now())
    with pytest.raises(Refused) as refused:
        spend(solution, now())
    assert refused.value.refusals[0].code == refusals.work_again().code
