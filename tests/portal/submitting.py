"""A citizen with a browser, the custodians of the district, and the officers who handle what the citizen sent."""

from __future__ import annotations

import base64
import html
import io
import json
import re
from typing import Any

import pytest
from altcha import v1 as altcha
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from nacl import pwhash
from PIL import Image

from tests.cases.officers import officer
from tests.people.places import People
from tests.published.places import Place
from zhiheng.actions.custody.make_custody_key import make_custody_key
from zhiheng.engines import sealing
from zhiheng.grammar.call import Call
from zhiheng.office.cases import Case
from zhiheng.pages import proof_of_work

NAME, PHONE, ADDRESS = "欧阳皎皎", "13900009876", "甲街道槐荫里 7 号"
TOLD = {
    "text": "11月3日在铁砧里步行街买的电热水壶，插上电就跳闸，商家不肯退款，要求退货退款。",
    "area": "990101001",
    "place": "铁砧里步行街 12 号",
    "about": "试验家电商店",
}
SENDER = {"name": NAME, "phone": PHONE, "address": ADDRESS}
PASSPHRASES = {"zhao": "青石板路 seven umbrellas", "qian": "晚潮与旧灯塔 nineteen"}


class Citizen:
    """Somebody without an account, who has a telephone with a script that works for its forms."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def post(self, name: str, given: dict[str, Any], *args: Any) -> Any:
        """Send a form of the portal."""
        return self.client.post(reverse(f"portal:{name}", args=args), given)

    def second_page(self, **told: str) -> Any:
        """The page that shows what was worked out of the first."""
        return self.post("submission", {**TOLD, **told, "step": "tell"})

    def sends(self, kind: str = "complaint", **more: Any) -> Any:
        """Fill in both pages and send them; the answer."""
        told = {name: more.pop(name) for name in list(more) if name in TOLD}
        page = self.second_page(**told)
        given = {**TOLD, **told, "step": "send", "kind": kind, "once_key": once_key(page), "solution": solved(page)}
        asked = {"complaint_claim": "退货退款", **SENDER} if kind == "complaint" else {}
        return self.post("submission", {**given, **asked, **more})

    def receipt(self) -> str:
        """The receipt that stands on the page after sending."""
        shown = self.client.get(reverse("portal:receipt")).content.decode()
        found = re.search(r"data-receipt>([\d ]+)<", shown)
        assert found is not None, shown
        return found[1].replace(" ", "")

    def follows(self) -> str:
        """The page of the own case, as text."""
        response = self.client.get(reverse("portal:follow"))
        assert response.status_code == 200
        return str(response.content.decode())

    def says(self, text: str, **more: Any) -> Any:
        """A message in the own case."""
        page = self.client.get(reverse("portal:follow"))
        return self.post("follow_say", {"text": text, "solution": solved(page), **more})


def once_key(page: Any) -> str:
    """The secret number of the form on a page."""
    found = re.search(r'name="once_key" value="([^"]+)"', page.content.decode())
    assert found is not None, page.content.decode()
    return html.unescape(found[1])


def solved(page: Any) -> str:
    """What the script of a page sends."""
    found = re.search(r'data-work="([^"]+)"', page.content.decode())
    assert found is not None
    given = json.loads(html.unescape(found[1]))
    answer = altcha.solve_challenge(given["challenge"], given["salt"], given["algorithm"], given["maxnumber"], 0)
    assert answer is not None
    said = {name: given[name] for name in ("algorithm", "challenge", "salt", "signature")} | {"number": answer.number}
    return base64.b64encode(json.dumps(said).encode()).decode()


def photograph() -> bytes:
    """A photograph whose EXIF names the telephone and the place."""
    picture, out = Image.new("RGB", (64, 48), "teal"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "PLANTED-MAKER", "PLANTED-PHONE-9876"
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


class SubmissionOffice:
    """Custodians of the district with their keys."""

    def __init__(self, place: Place) -> None:
        self.people = People(place.book, timezone.now())
        for login, unit in (("zhao", "liyuan_market"), ("qian", "liyuan_quality_office")):
            self.people.holding(login, "seal_custodian", unit=unit, of={"unit": unit})
            make_custody_key(unit, PASSPHRASES[login], call=self.call(login))

    def call(self, login: str) -> Call:
        """A call of a custodian now."""
        return Call(self.people.actor(self.people.made[login]), self.people.book, timezone.localtime())

    def by(self, role: str = "department_officer", number: int = 7001) -> Call:
        """A call of an officer of the unit that handles the case, now."""
        unit = Case.objects.latest("pk").unit
        return Call(officer(number, role, unit), self.people.book, timezone.localtime())


@pytest.fixture
def office(place: Place, monkeypatch: pytest.MonkeyPatch) -> SubmissionOffice:
    """The district with its custodians; passphrases and work are cheap here."""
    weak = sealing.Strength(pwhash.argon2id.OPSLIMIT_MIN, pwhash.argon2id.MEMLIMIT_MIN)
    monkeypatch.setattr(sealing, "MODERATE", weak)
    monkeypatch.setattr(proof_of_work, "LEAST", 50)
    cache.clear()
    return SubmissionOffice(place)


@pytest.fixture
def citizen(office: SubmissionOffice, client: Client) -> Citizen:
    """Somebody in the district."""
    return Citizen(client)
