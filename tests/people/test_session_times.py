"""How long a session lasts: until nothing was asked for a while, a working day at the most; what its cookies are called."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.people.places import PASSWORD, People
from zhiheng.people import session_times
from zhiheng.people.session_times import Over

HOUR = 3600


@pytest.fixture
def hour(settings: Any) -> None:
    settings.SESSION_IDLE, settings.SESSION_COOKIE_AGE = HOUR, 12 * HOUR


@pytest.mark.usefixtures("hour")
def test_一直在用的会话一个工作日后结束_不用的一小时后结束() -> None:
    used: dict[str, Any] = {}
    session_times.begin(used, 0)
    idle = dict(used)
    assert session_times.use(idle, HOUR) is None
    for moment in range(0, 12 * HOUR + 1, HOUR // 2):
        assert session_times.use(used, moment) is None
    assert session_times.use(used, 12 * HOUR + 1) is Over.LONG
    session_times.begin(idle, 0)
    assert session_times.use(idle, HOUR + 1) is Over.IDLE


@pytest.mark.usefixtures("hour")
def test_不是每次都写数据库_升级以前的会话从下一次使用算起() -> None:
    session: dict[str, Any] = {}
    assert session_times.use(session, 1_000_000) is None
    before = dict(session)
    assert before
    session_times.use(session, 1_000_000 + session_times.WRITTEN_EVERY)
    assert session == before
    session_times.use(session, 1_000_001 + session_times.WRITTEN_EVERY)
    assert session != before
    # A clock that was set back ends nothing.
    assert session_times.use(session, 1_000) is None


def test_写作零的_多久不用都不结束(settings: Any) -> None:
    settings.SESSION_IDLE, settings.SESSION_COOKIE_AGE = 0, 12 * HOUR
    session: dict[str, Any] = {}
    session_times.begin(session, 0)
    assert session_times.use(session, 11 * HOUR) is None
    assert session_times.use(session, 13 * HOUR) is Over.LONG


@pytest.mark.slow
def test_一小时没有动的会话结束_留痕写明原因_再打开请他登录(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    people.account("officer")
    client = Client()
    client.post("/account/login/", {"login": "officer", "password": PASSWORD})
    key = client.session.session_key
    assert client.get("/account/sessions/").status_code == 200
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + HOUR + session_times.WRITTEN_EVERY)
    answer = client.get("/account/sessions/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/account/login/")
    (line,) = people.trail("session.end")
    assert json.loads(line.detail) == {"why": "idle"}
    assert "_auth_user_id" not in client.session
    assert client.session.session_key != key


@pytest.mark.slow
@pytest.mark.parametrize(("https", "prefix"), [("1", "__Host-"), ("", "")])
def test_走https的_cookie的名称只认这一台主机(tmp_path: Path, https: str, prefix: str) -> None:
    program = (
        "import json; from zhiheng.site import settings as s; print(json.dumps([s.SESSION_COOKIE_NAME, "
        "s.CSRF_COOKIE_NAME, s.LANGUAGE_COOKIE_NAME, s.THEME_COOKIE_NAME, s.DEVICE_COOKIE_NAME, "
        "s.MESSAGES_COOKIE_NAME]))"
    )
    environment = {**os.environ, "ZHIHENG_DATA": str(tmp_path / "var"), "ZHIHENG_HTTPS": https}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    names = json.loads(done.stdout)
    assert len({*names}) == 6
    assert all(name.startswith("__Host-") == bool(prefix) for name in names)


@pytest.mark.slow
def test_cookie合乎这样的名称_根路径_没有域名_脚本读不到(people: People, settings: Any) -> None:
    """A browser refuses a cookie of such a name with another path, or with a domain."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.HTTPS = True
    people.account("officer")
    client = Client()
    answers = [
        client.get("/account/login/", secure=True),
        client.post("/account/login/", {"login": "officer", "password": PASSWORD}, secure=True),
        client.post("/preferences/theme/", {"theme": "dark"}, secure=True),
        client.post("/preferences/language/", {"language": "en"}, secure=True),
    ]
    given = {name: cookie for answer in answers for name, cookie in answer.cookies.items()}
    assert {"sessionid", "csrftoken", "device", "theme", "django_language", "messages"} == set(given)
    for name, cookie in given.items():
        assert (cookie["path"], cookie["domain"]) == ("/", ""), name
        assert cookie["secure"], name
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Lax", name
