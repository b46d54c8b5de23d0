"""A holder of a role that asks for a second factor comes no further than the page on which it is set up; a code on
paper and the demo's accounts change nothing of that in a real place.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.urls import reverse

from bench.totp import shown_at
from tests.book_once import book_once
from tests.desk.officers import officer
from tests.people.places import People, people
from tests.people.test_code_and_factor import PASSWORD, SECRET, issued, join
from tests.places import SMALL
from zhiheng.grammar import book_checks
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.grammar.loader import load
from zhiheng.grammar.yaml import BookRefused
from zhiheng.people.models import Account
from zhiheng.people.second_factor import is_exempt

__all__ = ["people"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def account(people: People, settings: Any, tmp_path: Path) -> Account:
    """An officer without a second factor, whose role asks for one."""
    root = tmp_path / "book"
    shutil.copytree(SMALL, root)
    page = root / "roles" / "clerk.yaml"
    page.write_text(page.read_text("utf-8").replace("second_factor: false", "second_factor: true"), "utf-8")
    settings.BOOK = root
    made = officer("clerk")
    made.set_password(PASSWORD)
    made.save()
    return made


def sign_in(account: Account) -> Client:
    """A browser in which somebody has signed in on the page."""
    browser = Client()
    browser.post("/account/login/", {"login": account.login, "password": PASSWORD})
    return browser


def where(browser: Client, address: str = "/desk/", **more: Any) -> str:
    """Where a page leads to; '' where it opens."""
    answer = browser.get(address, **more)
    return str(answer.headers.get("Location") or answer.headers.get("HX-Redirect") or "")


def test_角色要求双重验证而没有启用_只到得了启用的那一页_公开的页照常(account: Account) -> None:
    browser = sign_in(account)
    for address in ("/desk/", reverse("desk:enterprises"), reverse("desk:me"), reverse("pages:messages")):
        assert where(browser, address) == reverse("mfa_index"), address
    assert where(browser, reverse("desk:enterprises"), headers={"HX-Request": "true"}) == reverse("mfa_index")
    assert browser.post(reverse("desk:act_for"), {}).headers["Location"] == reverse("mfa_index")
    assert where(browser, "/") == ""
    told = browser.get(reverse("mfa_index")).content.decode()
    assert "您担任的角色要求双重验证" in told


def test_启用以后就打得开_停用以后又打不开(account: Account) -> None:
    browser = sign_in(account)
    TOTP.activate(account, SECRET)
    assert where(browser, reverse("desk:enterprises")) == ""
    browser.post("/account/reauthenticate/", {"password": PASSWORD})
    browser.post("/account/2fa/totp/deactivate/")
    if Authenticator.objects.filter(user=account).exists():  # the page wants the code as well
        browser.post("/account/2fa/reauthenticate/", {"code": shown_at(SECRET, time.time())})
        browser.post("/account/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=account, type="totp").exists()
    assert where(browser, reverse("desk:enterprises")) == reverse("mfa_index")


def test_只有恢复码不算双重验证(account: Account) -> None:
    Authenticator.objects.create(user=account, type="recovery_codes", data={"seed": "", "used_mask": 0})
    assert where(sign_in(account)).startswith(("/account/2fa/",))


def test_凭纸上的码登录_也先要启用双重验证(people: People, account: Account) -> None:
    browser = Client()
    join(browser, issued(people, account))
    assert "_auth_user_id" in browser.session
    assert where(browser) == reverse("mfa_index")


def test_没有这样的角色的人不受影响(people: People, account: Account) -> None:
    other = officer("watcher", name="看的人")
    other.set_password(PASSWORD)
    other.save()
    assert where(sign_in(other), reverse("desk:audit")) == ""


def test_只有虚构地方的演示账号免双重验证(book_root: Path) -> None:
    book = book_once(book_root)
    assert is_exempt(Account(login="demo-admin"), book)
    assert not is_exempt(Account(login="demo-somebody-else"), book)


def test_看涉密_公示_决定_管理的角色都写着要双重验证(book_root: Path) -> None:
    book = book_once(book_root)
    asked = {name for name, role in book[ROLES].items() if role.kind == "officer" and role.weighty}
    assert asked >= {"administrator", "department_head", "department_officer", "publication_officer", "quality_office"}
    assert {name for name in asked if not book[ROLES][name].second_factor} == set()


def test_没有写明的角色_真实地方写不要的角色_都是规则书的错(tmp_path: Path) -> None:
    root = tmp_path / "book"
    shutil.copytree(SMALL, root)
    page = root / "roles" / "keeper.yaml"
    said = page.read_text("utf-8")
    page.write_text(said.replace("second_factor: false\n", ""), "utf-8")
    with pytest.raises(BookRefused, match="second_factor: true"):
        load(root)
    page.write_text(said, "utf-8")
    district = root / "district.yaml"
    district.write_text(district.read_text("utf-8").replace("fictional: true\n", ""), "utf-8")
    with pytest.raises(BookRefused, match="请写 true"):
        book_checks.check(load(root))
