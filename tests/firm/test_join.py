"""An account is taken up with the code on paper: once, within its time, by whoever has the letter, for one
enterprise.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from tests.desk.files_of import FIRM, NOW, clock, place, subject_of
from tests.firm.owners import send
from tests.places import Ledger
from zhiheng.actions.enterprises.invite_enterprise import invite_enterprise
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.people.models import Account, TrailLine

__all__ = ["clock", "place"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PASSWORD = "河边的老榕树 since 1987"


@pytest.fixture
def code(place: Ledger) -> str:
    """The code of a letter to the food maker."""
    return invite_enterprise(subject_of(), role="owner", name="法人", call=Call(SYSTEM, place.book, NOW)).code


def join(browser: Client, paper: str, **typed: Any) -> Any:
    """Send the form."""
    given = {"code": paper, "login": "zhang.san", "name": "张三", "password": PASSWORD, "again": PASSWORD}
    return send(browser, "join", **{**given, **typed})


def test_a_stranger_opens_the_page_without_a_log_in(place: Ledger, client: Client) -> None:
    assert client.get(reverse("firm:join")).status_code == 200


def test_with_the_code_one_stands_in_the_corner_of_the_own_enterprise(client: Client, code: str) -> None:
    answer = join(client, code)
    assert answer.headers["Location"] == reverse("firm:home"), answer.content.decode()[:2000]
    assert FIRM in client.get(reverse("firm:home")).content.decode()
    account = Account.objects.get(login="zhang.san")
    assert (account.kind, account.subject) == ("enterprise", subject_of())


def test_a_code_works_once(client: Client, code: str) -> None:
    join(client, code)
    again = join(Client(), code, login="li.si")
    assert again.status_code == 422
    assert re.search(r'<a href="#id_code">邀请码</a>：\s*这个码不对', again.content.decode())
    assert not Account.objects.filter(login="li.si").exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"again": "别的密码，长得不一样"}, "两次输入的密码不一样"),
        ({"password": "短", "again": "短"}, "密码太短"),
        ({"login": "大写 A"}, "账号要 3 至 60 个字符"),
        ({"name": ""}, "姓名要 1 至 60 个字符"),
        ({"code": "AAAA-BBBB"}, "这个码不对"),
        ({"code": ""}, "这个码不对"),
        ({"code": "\u0000" * 50}, "这个码不对"),
    ],
)
def test_a_mistake_is_told_and_all_but_the_password_stays(
    client: Client, code: str, typed: dict[str, str], said: str
) -> None:
    answer = join(client, code, **typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert said in text
    assert 'aria-invalid="true"' in text
    assert PASSWORD not in text
    assert not Account.objects.filter(subject=subject_of()).exists()
    if "code" not in typed:
        assert join(client, code).status_code == 302


def test_一个地址试得太多就要等_别的地址不受影响_填的还在(client: Client, code: str) -> None:
    for number in range(20):
        assert join(client, f"{number}-AAAA-BBBB").status_code == 422
    answer = join(client, code)
    assert answer.status_code == 429, "not even the right code, or guessing would be told apart"
    assert "试过的次数太多" in answer.content.decode()
    assert "张三" in answer.content.decode()
    assert client.get(reverse("firm:join")).status_code == 200
    assert join(Client(REMOTE_ADDR="192.0.2.77"), code).status_code == 302
    spoofed = client.post(reverse("firm:join"), {"code": "1-AAAA"}, headers={"X-Forwarded-For": "192.0.2.99"})
    assert spoofed.status_code == 429


def test_a_login_that_is_taken_is_told_of(client: Client, code: str) -> None:
    Account.objects.create_user("zhang.san", None, name="别人", kind="officer", unit="test_market")
    answer = join(client, code)
    assert answer.status_code == 422
    assert "已有人使用" in answer.content.decode()


def test_wrong_tries_use_the_code_up(client: Client, code: str) -> None:
    wrong = code[:-1] + ("A" if code[-1] != "A" else "C")
    for _ in range(12):
        assert join(client, wrong).status_code == 422
    assert join(client, code).status_code == 422
    assert code not in str(list(TrailLine.objects.values()))
    assert PASSWORD not in str(list(TrailLine.objects.values()))


def test_邀请码填到了登录码的页面_说该到哪里用_码还有效(client: Client, code: str) -> None:
    answer = client.post(reverse("pages:code"), {"code": code, "password": PASSWORD, "again": PASSWORD})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(r'<a href="#id_code">登录码</a>：\s*这是企业邀请信上的邀请码', text)
    assert f'href="{reverse("firm:join")}"' in text
    fields = set(re.findall(r'id="(id_[a-z]+)"', text))
    assert set(re.findall(r'<a href="#(id_[a-z]+)">', text)) <= fields, "an error leads to a field that is not there"
    assert join(client, code).headers["Location"] == reverse("firm:home")


def test_a_second_click_opens_no_second_account_and_is_told_no_mistake(client: Client, code: str) -> None:
    token = re.search(r'name="form_token" value="([^"]+)"', client.get(reverse("firm:join")).content.decode())
    assert token is not None
    first, second = (join(client, code, form_token=token[1]) for _ in range(2))
    assert first.headers["Location"] == second.headers.get("Location") == reverse("firm:home")
    assert Account.objects.filter(subject=subject_of()).count() == 1
    assert TrailLine.objects.filter(verb="invitation.refused").count() == 0


def test_a_form_that_is_too_old_leaves_nothing_in_the_session_and_no_code_or_password_on_the_page(
    place: Ledger, code: str
) -> None:
    browser = Client(enforce_csrf_checks=True)
    token = re.search(r'name="form_token" value="([^"]+)"', browser.get(reverse("firm:join")).content.decode())
    assert token is not None
    answer = join(browser, code, form_token=token[1])
    assert (answer.status_code, "表格已经过期" in answer.content.decode()) == (403, True)
    # A form of a page that is open to all belongs to nobody: were it kept, everybody could fill the table of sessions.
    assert not Session.objects.exists()
    assert PASSWORD not in answer.content.decode()
    assert code not in answer.content.decode()
    assert join(Client(), code).headers["Location"] == reverse("firm:home"), "the code was used up"
