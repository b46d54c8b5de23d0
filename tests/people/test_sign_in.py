"""Signing in: by the account's name, with a second factor, locked out after wrong tries; nobody makes an account
alone.
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import global_settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.totp import shown_at
from tests.people.places import PASSWORD, People
from zhiheng.people import adapters
from zhiheng.people.models import Account
from zhiheng.site import settings as site_settings
from zhiheng.site.settings import single_sign_on

pytestmark = pytest.mark.slow


def sign_in(client: Client, login: str = "officer", password: str = PASSWORD, **more: Any) -> Any:
    """What comes back from the form."""
    return client.post("/account/login/", {"login": login, "password": password}, **more)


def signed_in(client: Client) -> bool:
    """Whether the session belongs to somebody."""
    return "_auth_user_id" in client.session


@pytest.mark.parametrize(
    ("role", "words", "home"),
    [
        ("clerk", {}, "/desk/cockpit/"),
        ("watcher", {}, "/desk/deliveries/"),
        ("keeper", {}, "/desk/people/"),
        ("", {}, "/begin/"),
        ("", {"kind": "enterprise", "unit": "", "subject": 1}, "/begin/"),
    ],
)
def test_用账号名和密码登录_到自己进得去的第一处(people: People, role: str, words: dict[str, Any], home: str) -> None:
    account = people.account("somebody", **words)
    if role:
        people.give(account, role)
    client = Client()
    answer = sign_in(client, "somebody")
    assert (answer.status_code, answer.headers["Location"]) == (302, home)
    assert signed_in(client)
    line = people.trail("session.begin")[-1]
    assert line.about == line.actor == f"account:{account.pk}"
    assert '"by":["password"]' in line.detail


def test_登录后回到原来要去的页面_不去别的网站(people: People) -> None:
    people.holding("officer")
    assert sign_in(Client(), QUERY_STRING="next=/desk/book/").headers["Location"] == "/desk/book/"
    assert sign_in(Client(), QUERY_STRING="next=https://evil.example/").headers["Location"] == "/desk/cockpit/"


def test_密码错五次_从这里锁住一刻钟_对的密码也不行_别处和别人不受影响(people: People) -> None:
    people.account("officer")
    people.account("other")
    client = Client()
    for _ in range(5):
        assert sign_in(client, password="wrong").status_code == 200
    assert sign_in(client).status_code == 200
    assert not signed_in(client)
    sign_in(client, "other")
    assert signed_in(client)
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    sign_in(elsewhere)
    assert signed_in(elsewhere), "nobody locks an account for its owner elsewhere"
    assert [len(people.trail(verb)) for verb in ("session.refused", "session.locked", "session.begin")] == [5, 1, 2]
    assert people.trail("session.refused")[0].about == f"account:{people.made['officer'].pk}"


def test_登录过的浏览器另外计数_同一地址有人乱试_本人照样登得进(people: People) -> None:
    people.account("officer")
    own, stranger = Client(), Client()
    sign_in(own)
    own.post("/account/logout/")
    assert not signed_in(own)
    for number in range(25):
        sign_in(stranger, "officer" if number % 2 else f"nobody{number}", "wrong")
    sign_in(stranger)
    assert not signed_in(stranger)
    sign_in(own)
    assert signed_in(own)
    # The mark lets nobody in, and its own wrong tries count too.
    own.post("/account/logout/")
    for _ in range(5):
        sign_in(own, password="wrong")
    sign_in(own)
    assert not signed_in(own)


def test_许多地址一起猜一个账号_加起来也有限_登录过的浏览器不受影响(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.account("officer")
    own = Client()
    sign_in(own)
    own.post("/account/logout/")
    monkeypatch.setattr(adapters, "NAME_TRIES", {"login_failed": "6/3600s/key"})
    for number in range(6):
        sign_in(Client(REMOTE_ADDR=f"192.0.2.{number + 1}"), password="wrong")
    late = Client(REMOTE_ADDR="192.0.2.99")
    sign_in(late)
    assert not signed_in(late)
    sign_in(own)
    assert signed_in(own)


def test_伪造的标记不算登录过的浏览器(people: People) -> None:
    people.account("officer")
    client = Client()
    client.cookies["device"] = "eyJvZmZpY2VyIjoieCJ9:forged:forged"
    for _ in range(5):
        sign_in(client, password="wrong")
    sign_in(client)
    assert not signed_in(client)


def test_一个地址整天乱试_留痕只添有限的几条(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    people.account("officer")
    monkeypatch.setattr(adapters, "NOTED", {"noted": "3/h/ip"})
    client = Client()
    for _ in range(10):
        sign_in(client, password="wrong")
    assert len(people.trail("session.refused")) == 3
    assert not people.trail("session.locked")
    sign_in(Client(REMOTE_ADDR="192.0.2.7"), password="wrong")
    assert len(people.trail("session.refused")) == 4, "another address is noted as before"


def test_没有的账号与错的密码得到同样的回答(people: People) -> None:
    people.account("officer")
    one, other = (sign_in(Client(), login, "wrong") for login in ("officer", "nobody"))
    assert one.status_code == other.status_code == 200
    assert one.context["form"].errors == other.context["form"].errors != {}
    assert people.trail("session.refused")[-1].about == "account:unknown"


def test_停用的账号登录不了(people: People) -> None:
    account = people.account("officer")
    Account.objects.filter(pk=account.pk).update(is_active=False)
    client = Client()
    sign_in(client)
    assert not signed_in(client)


@pytest.mark.parametrize("address", ["/account/signup/", "/account/3rdparty/signup/"])
def test_没有人能自己开账号(people: People, address: str) -> None:
    client = Client()
    words = {"username": "me", "login": "me", "email": "me@example.org", "password1": PASSWORD, "password2": PASSWORD}
    client.get(address)
    client.post(address, words)
    assert not signed_in(client)
    assert not Account.objects.exists()


def with_second_factor(people: People) -> str:
    """An account with a second factor; returns its secret."""
    account = people.account("officer")
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(account, secret)
    return secret


def test_第二因素_没有它进不来_错了记下_对了才进(people: People) -> None:
    secret = with_second_factor(people)
    client = Client()
    answer = sign_in(client)
    assert answer.headers["Location"].startswith("/account/2fa/authenticate/")
    assert not signed_in(client)
    client.post("/account/2fa/authenticate/", {"code": "000000"})
    assert not signed_in(client)
    assert '"factor":"totp"' in people.trail("session.refused")[-1].detail
    client.post("/account/2fa/authenticate/", {"code": shown_at(secret, time.time())})
    assert signed_in(client)
    assert '"by":["password","totp"]' in people.trail("session.begin")[-1].detail


def test_第二因素的密钥在数据库里是加密的(people: People) -> None:
    secret = with_second_factor(people)
    stored = Authenticator.objects.get()
    assert secret not in repr(stored.data)
    assert TOTP(stored).validate_code(shown_at(secret, time.time()))


def test_换了密钥_旧密钥列在备用里_第二因素仍然可用(people: People, settings: Any) -> None:
    secret = with_second_factor(people)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key of this installation"
    assert TOTP(Authenticator.objects.get()).validate_code(shown_at(secret, time.time()))


def test_自己设置第二因素和恢复码_写进审计_用恢复码登录_都不占台账的写锁(
    people: People, django_capture_on_commit_callbacks: Any, settings: Any
) -> None:
    people.account("officer")
    client = Client()
    sign_in(client)
    asked = client.get("/account/2fa/totp/activate/")
    assert asked.headers["Location"].startswith("/account/reauthenticate/")
    client.post(asked.headers["Location"], {"password": PASSWORD})
    assert client.get("/account/2fa/totp/activate/").status_code == 200
    from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY

    beside = settings.PEOPLE_DATABASE
    with (
        CaptureQueriesContext(connections["default"]) as ledger,
        CaptureQueriesContext(connections[beside]) as own,
        django_capture_on_commit_callbacks(using=beside, execute=True),
    ):
        answer = client.post(
            "/account/2fa/totp/activate/", {"code": shown_at(client.session[SECRET_SESSION_KEY], time.time())}
        )
        client.post("/account/2fa/recovery-codes/generate/")
        (kept,) = Authenticator.objects.filter(type="recovery_codes")
        assert RecoveryCodes(kept).validate_code(RecoveryCodes(kept).get_unused_codes()[0])
        assert len(RecoveryCodes(Authenticator.objects.get(pk=kept.pk)).get_unused_codes()) == 9
    assert answer.status_code == 302
    if beside != "default":
        assert not [one["sql"] for one in ledger if "SAVEPOINT" in one["sql"] or "BEGIN" in one["sql"]]
    assert any("SAVEPOINT" in one["sql"] for one in own)
    assert Authenticator.objects.filter(type="totp").exists()
    assert Authenticator.objects.filter(type="recovery_codes").exists()
    assert any('"what":"totp_activated"' in line.detail for line in people.trail("account.security"))


def test_看得到自己的会话_能结束另一处的会话(people: People) -> None:
    people.account("officer")
    here, there = Client(), Client(REMOTE_ADDR="192.0.2.9")
    sign_in(here)
    sign_in(there)
    assert "192.0.2.9" in here.get("/account/sessions/").content.decode()
    here.post("/account/sessions/")
    assert signed_in(here)
    assert there.get("/account/sessions/").status_code == 302


def test_改密码要原密码_弱密码不收_写进审计(people: People) -> None:
    account = people.account("officer")
    client = Client()
    sign_in(client)
    new = "另一句 long enough 话"
    for old, one in (("wrong", new), (PASSWORD, "officer12")):
        client.post("/account/password/change/", {"oldpassword": old, "password1": one, "password2": one})
        account.refresh_from_db()
        assert account.check_password(PASSWORD)
    client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    account.refresh_from_db()
    assert account.check_password(new)
    assert any('"what":"password_changed"' in line.detail for line in people.trail("account.security"))


def test_退出写进审计_会话不再有用(people: People) -> None:
    people.account("officer")
    client = Client()
    sign_in(client)
    client.post("/account/logout/")
    assert not signed_in(client)
    assert [line.verb for line in people.trail()][-2:] == ["session.begin", "session.end"]


def test_会话最长一个工作日_关掉浏览器就结束(settings: Any) -> None:
    assert settings.SESSION_EXPIRE_AT_BROWSER_CLOSE
    assert 8 * 3600 <= settings.SESSION_COOKIE_AGE <= 14 * 3600


def test_统一认证来的人_编号对得上才是那个账号(
    people: People, rf: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from allauth.socialaccount.models import SocialAccount, SocialLogin
    from django.contrib.sessions.backends.db import SessionStore

    from zhiheng.people.adapters import SingleSignOn

    for name, value in (("URL", "https://sso.example"), ("ID", "zhiheng"), ("SECRET", "x"), ("NAME", "政务统一认证")):
        monkeypatch.setenv(f"ZHIHENG_OIDC_{name}", value)
    settings.SOCIALACCOUNT_PROVIDERS = single_sign_on()
    account = people.account("officer", outside_id="gov-123")
    closed = people.account("closed", outside_id="gov-9")
    Account.objects.filter(pk=closed.pk).update(is_active=False)
    request = rf.get("/")
    request.session = SessionStore()
    adapter = SingleSignOn(request)
    for uid, found in (("gov-123", account.pk), ("gov-124", None), ("gov-9", None), ("", None)):
        login = SocialLogin(user=Account(), account=SocialAccount(provider="sso", uid=uid))
        adapter.pre_social_login(request, login)
        assert (login.user.pk if login.is_existing else None) == found
        assert not adapter.is_open_for_signup(request, login)


def test_数据库正忙时登录说稍后再试_不说次数太多_也不说会话没有了(
    people: People, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counting a try and saving a session each need a lock; the framework takes one that is not had for something
    else.
    """
    from importlib import import_module

    from django.conf import settings
    from django.core.cache import cache
    from django.db import OperationalError, connections

    people.account("officer")
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store["acting_for"] = "x"
    store.save()
    database = connections[settings.PEOPLE_DATABASE]

    def no_lock(*_words: Any) -> None:
        raise OperationalError("database is locked")

    # Inside of a test's own transaction a savepoint is what begins.
    with monkeypatch.context() as busy:
        busy.setattr(database, "_savepoint", no_lock)
        answer = client.post("/account/login/", {"login": "officer", "password": "any"})
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        with pytest.raises(OperationalError):
            cache.add("some", 1)
        with pytest.raises(OperationalError):
            store.save()
    assert cache.add("some", 1)
    store.save()


def test_登录页不慢到拒绝服务(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """A try hashes one password, whether there is such a person or not; a password of a megabyte costs no more, since
    PBKDF2 begins with a digest of it.
    """
    people.account("officer")
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    for login in ("officer", "nobody"):
        for password in ("不对的密码 1987", "x" * 1_000_000):
            hashed.clear()
            sign_in(Client(), login=login, password=password)
            assert hashed == [password]
    assert global_settings.PASSWORD_HASHERS[0] == "django.contrib.auth.hashers.PBKDF2PasswordHasher"
    assert not hasattr(site_settings, "PASSWORD_HASHERS"), "the house hashes as Django does"


def test_统一认证只写一半_启动时就说缺什么(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("URL", "ID", "SECRET"):
        monkeypatch.delenv(f"ZHIHENG_OIDC_{name}", raising=False)
    assert single_sign_on() == {}
    monkeypatch.setenv("ZHIHENG_OIDC_URL", "https://sso.example")
    monkeypatch.setenv("ZHIHENG_OIDC_ID", "zhiheng")
    with pytest.raises(ValueError, match="ZHIHENG_OIDC_SECRET"):
        single_sign_on()


def test_登录_看会话和退出都不碰台账的数据库_报送时也进得来(people: People, settings: Any) -> None:
    if settings.PEOPLE_DATABASE == "default":
        pytest.skip("PostgreSQL has one database and no writing lock")
    people.account("officer")
    client = Client()
    with CaptureQueriesContext(connections["default"]) as seen:
        sign_in(client)
        assert signed_in(client)
        client.get("/account/sessions/")
        client.post("/account/logout/")
    assert [query["sql"] for query in seen] == []


@pytest.mark.parametrize("email", ["somebody@example.org", "nobody@example.org"])
def test_密码不能用邮件找回_表格造出来也不发_说清楚找谁(people: People, email: str) -> None:
    people.account("somebody", email="somebody@example.org")
    answer = Client().post("/account/password/reset/", {"email": email})
    assert answer.status_code == 422
    assert "不收发电子邮件" in answer.content.decode()
    assert "账号管理员" in answer.content.decode()
    assert mail.outbox == []


def test_账号不登记邮箱_造出来的表格什么都不写(people: People) -> None:
    people.account("somebody")
    client = Client()
    sign_in(client, "somebody")
    assert "本系统不收发电子邮件" in client.get("/account/email/").content.decode()
    for doing in ("action_add", "action_send", "action_primary"):
        answer = client.post("/account/email/", {doing: "", "email": "new@example.org"})
        assert answer.status_code in (302, 422), doing
    assert not EmailAddress.objects.exists()
    assert mail.outbox == []
