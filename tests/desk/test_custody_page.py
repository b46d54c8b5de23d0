"""The page of a custodian: from a passphrase to an opened seal, by two people, on paper nowhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from nacl import pwhash

from tests.desk.officers import officer, said_on, signed_in
from tests.places import SMALL, Ledger
from zhiheng.actions.custody.seal_identity import seal_identity
from zhiheng.engines import sealing
from zhiheng.kernel.actor import PUBLIC
from zhiheng.kernel.reporter import Reporter
from zhiheng.office.sealed import Custodian, SealOpening
from zhiheng.pages.access import call_by

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
WORDS = {"test_market": "青石板路 seven umbrellas", "test_environment": "晚潮与旧灯塔 nineteen"}
WHY = "被举报人威胁报复，公安机关依法调取"
PLANTED = Reporter("欧阳皎皎", "13900009876")


@pytest.fixture(autouse=True)
def _place(ledger: Ledger, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BOOK = SMALL
    weak = sealing.Strength(pwhash.argon2id.OPSLIMIT_MIN, pwhash.argon2id.MEMLIMIT_MIN)
    monkeypatch.setattr(sealing, "MODERATE", weak)


def custodian(unit: str, name: str = "试验员甲") -> Client:
    """Somebody of a unit, signed in, with the role."""
    return signed_in(officer("seal_custodian", unit=unit, area="", name=name))


def key(browser: Client, unit: str, words: str = "") -> Any:
    """Send the form of a passphrase."""
    typed = {"unit": unit, "passphrase": words or WORDS[unit], "passphrase_again": words or WORDS[unit]}
    return browser.post(reverse("desk:custody_key"), typed)


def page(browser: Client) -> str:
    """What stands on the page."""
    return said_on(browser.get(reverse("desk:custody")).content.decode())


@pytest.fixture
def two() -> tuple[Client, Client]:
    """A custodian of each unit, with keys."""
    found = custodian("test_market"), custodian("test_environment", "试验员乙")
    for browser, unit in zip(found, WORDS, strict=True):
        assert key(browser, unit).status_code == 302
    return found


def test_从设立口令到两人拆封_内容只显示一次(two: tuple[Client, Client]) -> None:
    market, environment = two
    assert "本单位只有您一位保管人" in page(market)
    seal = seal_identity(PLANTED, area="990901001", call=call_by(PUBLIC))
    sent = {"seal": seal, "reason": WHY, "asking_passphrase": WORDS["test_market"]}
    assert market.post(reverse("desk:custody_ask"), sent).status_code == 302
    assert "待另一方" in page(market)
    assert WHY in page(environment)
    number = SealOpening.objects.get().pk
    opened = environment.post(reverse("desk:custody_open", args=[number]), {"passphrase": WORDS["test_environment"]})
    assert PLANTED.name in opened.content.decode()
    assert "no-store" in opened.headers["Cache-Control"]
    for browser in two:
        assert PLANTED.name not in browser.get(reverse("desk:custody")).content.decode()
    again = environment.post(reverse("desk:custody_open", args=[number]), {"passphrase": WORDS["test_environment"]})
    assert again.status_code in (404, 422)
    assert PLANTED.name not in again.content.decode()
    assert "已拆封" in page(market)


def test_口令两次不一样_太短的说在栏目旁边_口令不回填(two: tuple[Client, Client]) -> None:
    browser = custodian("test_market", "试验员丙")
    typed = {"unit": "test_market", "passphrase": "一句很长很长的话 one", "passphrase_again": "另一句"}
    answer = browser.post(reverse("desk:custody_key"), typed)
    assert answer.status_code == 422
    assert "两次输入的口令不一样" in said_on(answer.content.decode())
    assert "一句很长很长的话" not in answer.content.decode()
    assert key(browser, "test_market", "太短").status_code == 422
    assert Custodian.objects.count() == 2


def test_口令不对的不拆_说清楚_不同意的写理由(two: tuple[Client, Client]) -> None:
    market, environment = two
    seal = seal_identity(PLANTED, area="990901", call=call_by(PUBLIC))
    wrong = market.post(reverse("desk:custody_ask"), {"seal": seal, "reason": WHY, "asking_passphrase": "不对的口令"})
    assert (wrong.status_code, "保管口令不对" in said_on(wrong.content.decode())) == (422, True)
    market.post(reverse("desk:custody_ask"), {"seal": seal, "reason": WHY, "asking_passphrase": WORDS["test_market"]})
    number = SealOpening.objects.get().pk
    environment.post(reverse("desk:custody_decline", args=[number]), {"reason": "没有公安机关的调取文书"})
    assert "不同意：没有公安机关的调取文书" in page(market)


def test_新保管人由在任的接纳_英文页是英文(two: tuple[Client, Client]) -> None:
    market, _ = two
    new = custodian("test_market", "试验员丙")
    key(new, "test_market", "三只纸船 drifting east")
    assert "等待接纳" in page(new)
    number = Custodian.objects.get(name="试验员丙").pk
    market.post(reverse("desk:custody_admit", args=[number]), {"passphrase": WORDS["test_market"]})
    assert "等待接纳" not in page(new)
    new.cookies["django_language"] = "en"
    shown = page(new)
    assert "Ask to open a seal" in shown
    assert not re.search("[一-龥]{4,}", shown.replace("试验员", "").split("Custodians of")[0][-200:])


def test_没有这个权限的打不开() -> None:
    other = signed_in(officer("keeper"))
    assert other.get(reverse("desk:custody")).status_code == 403
