"""Every error of the interface has one shape, whatever the status, the size of what came, and who refuses it: an
operation, the framework before any operation was found, or the server itself (``tests/site/test_web_server.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from tests.api.conftest import BASE, Keys
from tests.places import Ledger
from zhiheng.api.interface import interface
from zhiheng.pages import body_limits

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

EVERY_ACT = ["api.deliver", "api.read", "delivery.list", "fact.read", "webhook.manage", "fact.withdraw"]
BODIES = {
    "nothing": b"",
    "one byte": b"{",
    "no JSON": b"not at all JSON",
    "cut off": b'{"unit": "test_market", "rows": [[',
    "another encoding": '{"unit": "质量"}'.encode("gb18030"),
    "UTF-16 without a mark": '{"unit": "质量"}'.encode("utf-16-le"),
    "half a character": b'{"unit": "\xe8"}',
    "lone surrogate": b'{"unit": "\\ud800", "record": "x", "headings": ["a"], "rows": [["b"]]}',
    "no end": b"[" * 100_000,
    "not a number": b'{"unit": NaN}',
    "a list": b"[]",
    "null": b"null",
    "one megabyte": b'{"unit": "' + b"x" * (1 << 20) + b'"}',
    "three megabytes": b'{"unit": "' + b"x" * (3 << 20) + b'"}',
    "over the limit": b'{"unit": "' + b"x" * (33 << 20) + b'"}',
}
KINDS = ("application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")


@pytest.fixture(autouse=True)
def the_whole_site(_the_small_place: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the handlers of the site, and nobody counted."""
    from zhiheng.api import keys

    settings.ROOT_URLCONF = "zhiheng.site.urls"
    monkeypatch.setattr(keys.Programs, "allow_request", lambda self, request: True)
    monkeypatch.setattr(keys.Strangers, "allow_request", lambda self, request: True)


def caller(secret: str = "") -> Client:
    """A program, with a key or without."""
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return Client(headers=headers, raise_request_exception=False)


def wrong_with(answer: Any) -> str:
    """What is wrong with the shape of an error; '' where nothing is."""
    if answer.status_code < 400:
        return ""
    kind = answer.headers.get("Content-Type", "")
    if not kind.startswith("application/json"):
        return f"{answer.status_code} {kind}"
    said = answer.json()
    problems = said.get("problems") or []
    if not problems or any(set(one) != {"code", "zh", "en", "field"} for one in problems):
        return f"{answer.status_code} {answer.content[:200]!r}"
    if not all(one["code"] and one["zh"] and one["en"] for one in problems):
        return f"{answer.status_code} says nothing"
    if answer.headers.get("Cache-Control") != "no-store":
        return f"{answer.status_code} may be kept: {answer.headers.get('Cache-Control')}"
    return ""


def operations() -> Iterator[tuple[str, str]]:
    """Every operation: method and address, with numbers where it asks for one."""
    for path, methods in interface.get_openapi_schema()["paths"].items():
        for method in methods:
            url = path
            for name in ("upload", "delivery", "number", "subject", "hook"):
                url = url.replace(f"{{{name}}}", "987654321")
            yield method, "".join("xyz" if "}" in part else part for part in url.replace("{", "\0{").split("\0"))


def test_每个操作_谁来_交什么_出错都是一个样子(key: Keys, ledger: Ledger) -> None:
    found = list(operations())
    assert len(found) >= 14
    seen: set[int] = set()
    wrong = {}
    people = {"nobody": "", "unknown": "zhiheng_nobody", "without the act": key([]), "known": key(EVERY_ACT)}
    for method, url in found:
        for who, secret in people.items():
            for asked in ("", "?cursor=forged&limit=0&first=2026-02-30&area=zz&q=%00%ff"):
                answer = getattr(caller(secret), method)(url + asked)
                seen.add(answer.status_code)
                if said := wrong_with(answer):
                    wrong[f"{method} {url}{asked} by {who}"] = said
                if "/public/" not in url and answer.headers.get("Cache-Control") != "no-store":
                    wrong[f"{method} {url}{asked} by {who}"] = "what one reader may see is kept for the next one"
    assert wrong == {}
    assert {200, 401, 403, 404, 422} <= seen


def test_交来的内容_一个字节到超过上限_写法编码各式各样_出错都是一个样子(key: Keys, ledger: Ledger) -> None:
    client, stranger = caller(key(EVERY_ACT)), caller()
    posts = [url for method, url in operations() if method == "post"]
    assert len(posts) >= 4
    wrong, seen = {}, set()
    for url in [*posts, f"{BASE}/public/lists", f"{BASE}/nothing/here"]:
        for name, body in BODIES.items():
            for kind in KINDS:
                # What is large is the same to all kinds of content but one.
                if len(body) > 2 << 20 and kind != KINDS[0]:
                    continue
                answer = client.post(url, body, content_type=kind)
                seen.add(answer.status_code)
                if said := wrong_with(answer):
                    wrong[f"{url} {name} {kind}"] = said
        if said := wrong_with(stranger.post(url, BODIES["three megabytes"], content_type=KINDS[0])):
            wrong[f"{url} by a stranger"] = said
    assert wrong == {}
    assert {400, 404, 405, 413, 415, 422} <= seen
    assert 500 not in seen


def test_内容是压缩的_写明不解压(key: Keys, ledger: Ledger) -> None:
    answer = caller(key(EVERY_ACT)).post(
        f"{BASE}/office/deliveries/rows", b"\x1f\x8b", content_type=KINDS[0], headers={"Content-Encoding": "gzip"}
    )
    assert (answer.status_code, wrong_with(answer)) == (415, "")
    assert "不压缩" in answer.json()["problems"][0]["zh"]


def test_比整个网站的上限还大_也是这个样子(key: Keys, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limits, "SIGNED_IN", 1_000)
    answer = caller(key(EVERY_ACT)).post(f"{BASE}/office/deliveries", {"file": b"x" * 5_000})
    assert (answer.status_code, wrong_with(answer)) == (413, "")
    assert answer.json()["problems"][0]["code"] == "body.large"


@pytest.mark.parametrize("length", ["abc", "-5", "1e3", "99999999999999999999999"])
def test_写错的长度_不成为系统的差错(key: Keys, ledger: Ledger, length: str) -> None:
    answer = caller(key(EVERY_ACT)).post(
        f"{BASE}/office/deliveries/rows", b"{}", content_type=KINDS[0], CONTENT_LENGTH=length
    )
    assert answer.status_code in (400, 413, 422)
    assert wrong_with(answer) == ""


def test_没有的地址_不行的方法_不认的主机名_也是这个样子(key: Keys, ledger: Ledger) -> None:
    client = caller(key(EVERY_ACT))
    answers = {
        404: client.get(f"{BASE}/nothing/here"),
        405: client.delete(f"{BASE}/office/me"),
        400: client.get(f"{BASE}/office/me", headers={"Host": "elsewhere.example"}),
    }
    assert {status: (answer.status_code, wrong_with(answer)) for status, answer in answers.items()} == {
        status: (status, "") for status in answers
    }
    assert "GET" in answers[405].headers["Allow"]


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (RuntimeError("张三丰 13812345678"), 500, "server.fault"),
        (OSError(28, "No space left on device"), 507, "store.full"),
        (OperationalError("database is locked"), 503, "store.busy"),
    ],
)
def test_系统自己出了差错_也是这个样子_不说出内情(
    key: Keys, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, fault: Exception, status: int, code: str
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise fault

    secret = key(EVERY_ACT)
    monkeypatch.setattr("zhiheng.api.public.reading.shelves", broken)
    monkeypatch.setattr("zhiheng.api.office.deliveries.upload_delivery", broken)
    one = caller().get(f"{BASE}/public/lists")
    rows = {"unit": "test_market", "record": "sampling_check", "headings": ["甲"], "rows": [["乙"]]}
    other = caller(secret).post(f"{BASE}/office/deliveries/rows", rows, content_type=KINDS[0])
    for answer in (one, other):
        assert (answer.status_code, wrong_with(answer)) == (status, "")
        assert answer.json()["problems"][0]["code"] == code
        assert "张三丰" not in answer.content.decode()


def test_问得太多_写明等多久(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    from zhiheng.api import keys

    monkeypatch.setattr(keys.Strangers, "allow_request", lambda self, request: False)
    monkeypatch.setattr(keys.Strangers, "wait", lambda self: 7.0)
    answer = caller().get(f"{BASE}/public/lists")
    assert (answer.status_code, wrong_with(answer)) == (429, "")
    assert int(answer.headers["Retry-After"]) >= 7
