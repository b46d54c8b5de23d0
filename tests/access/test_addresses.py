"""Every address of the house, walked as those who may not: a stranger, an account without a role, an enterprise, a
bank, another department. And as those who may, so that the walk is not passed by everything being shut.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.test import Client

from tests.access.addresses import (
    ABOUT_NOBODY,
    ARGUMENTS,
    EMPTY_FORMS,
    MARKER,
    NO_PAGE,
    OF_ADDRESS,
    QUERY,
    Address,
    World,
    addresses,
    browser_of,
    officer,
)
from zhiheng.grammar.acts import ACTS
from zhiheng.ledger.models import AuditLine, Fact
from zhiheng.people.models import Account, ApiToken, Grant, Invitation

pytestmark = pytest.mark.slow

ADDRESSES = addresses()
# Rooms of the framework, with doors of their own: they show an account to its own holder.
OF_THE_FRAMEWORK = ("allauth.", "django.views.generic.base", "zhiheng.people.single_sign_on.")
# What of them a stranger may open, because it leads in (or says that it does not).
LEADS_IN = frozenset(
    {
        "account_login",
        "account_logout",
        "account_inactive",
        "account_signup",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "account_email_verification_sent",
        "account_confirm_email",
        "account_confirm_login_code",
        "mfa_authenticate",
        "mfa_login_webauthn",
        "openid_connect_login",
        "openid_connect_callback",
        "socialaccount_login_cancelled",
        "socialaccount_login_error",
        "socialaccount_signup",
        "?",
    }
)
# Rooms in which a page may be open to everybody.
OPEN_ROOMS = ("zhiheng.portal.", "zhiheng.pages.preferences", "zhiheng.api.page")
# Pages of other rooms that are open because nobody has an account before them.
OPEN_PAGES = {"firm:join", "pages:code"}
API = ("ninja.", "functools")
# Acts that a person does for themselves, whatever their roles.
FOR_ONESELF = {act for act, entry in ACTS.items() if entry.asked == "account"}
OURS = [a for a in ADDRESSES if not a.room.startswith((*OF_THE_FRAMEWORK, *API))]
GUARDED = [a for a in OURS if a.act != "public"]
SHUT = {302, 400, 401, 403, 404, 405, 409, 413, 422}


def test_每个地址都写明是哪个行为() -> None:
    assert len(OURS) > 40, "no address was found: this test looks in the wrong place"
    assert [a.route for a in OURS if not a.act] == []
    assert [a.route for a in OURS if a.act != "public" and a.act not in ACTS] == []


def test_人人可看的页面只在公示平台等几处() -> None:
    assert [
        a.route for a in OURS if a.act == "public" and not a.room.startswith(OPEN_ROOMS) and a.name not in OPEN_PAGES
    ] == []


def test_接口的每个操作都要令牌_公开部分除外() -> None:
    from zhiheng.api.interface import interface

    naked = [
        f"{prefix}{path}"
        for prefix, router in interface._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        if not operation.auth_callbacks and not prefix.startswith("/public")
    ]
    assert naked == []
    acts = {
        getattr(callback, "act", "")
        for _, router in interface._routers
        for view in router.path_operations.values()
        for operation in view.operations
        for callback in operation.auth_callbacks
    }
    assert acts <= set(ACTS)


def test_每个地址都有样本() -> None:
    missing = [
        f"{address.name}: {argument}"
        for address in ADDRESSES
        if not address.room.startswith(OF_THE_FRAMEWORK) and address.act != "public"
        for argument in address.arguments
        if argument not in {**ARGUMENTS, **OF_ADDRESS.get(address.name, {})}
    ]
    assert missing == [], "give these addresses a sample in tests/access/addresses.py"
    names = {address.name for address in ADDRESSES}
    assert set(OF_ADDRESS) | ABOUT_NOBODY | EMPTY_FORMS | set(NO_PAGE) | set(QUERY) <= names, (
        "samples of addresses that are gone"
    )


def walked(browser: Client, world: World, found: list[Address]) -> dict[str, str]:
    """What was open that should be shut: address -> answer. Both by GET and by POST with what a form might hold.

    A GET that leads to another address is as shut as that one is; a POST that leads on has done something.
    """
    wrong = {}
    form = {
        "reason": "试一试",
        "same": "1",
        "verdict": "same",
        "purpose": "试一试看",
        "login": "intruder",
        "name": "闯入者",
    }
    for address in found:
        for method in ("get", "post"):
            answer = getattr(browser, method)(address.url(world), form if method == "post" else {})
            text = b"".join(answer) if answer.streaming else answer.content
            if (
                answer.status_code == 200
                and method == "get"
                and address.name in EMPTY_FORMS
                and MARKER not in text.decode()
            ):
                continue
            if answer.status_code not in SHUT:
                wrong[f"{method} {address.name}"] = str(answer.status_code)
            elif method == "post" and answer.status_code == 302 and "/account/login/" not in answer.headers["Location"]:
                wrong[f"{method} {address.name}"] = f"302 {answer.headers['Location']}"
            elif MARKER in text.decode("utf-8", "replace"):
                wrong[f"{method} {address.name}"] = "names the enterprise"
    return wrong


def counted() -> list[int]:
    """How much there is of what the desk can change."""
    return [model.objects.count() for model in (Fact, AuditLine, Account, Grant, Invitation, ApiToken)]


def visitor(kind: str, world: World) -> Client:
    """Somebody for whom the desk is not."""
    if kind == "stranger":
        return browser_of(None)
    if kind == "newcomer":
        return browser_of(officer("newcomer"))
    if kind == "closed":
        account = officer("closed", ("quality_office", "liyuan_market", "990100"))
        Account.objects.filter(pk=account.pk).update(is_active=False)
        return browser_of(account)
    if kind == "bank":
        return browser_of(
            officer("bank", ("bank_clerk", "yunlan_rural_bank", ""), kind="bank", unit="yunlan_rural_bank")
        )
    return browser_of(
        officer("owner", ("enterprise_owner", "", ""), kind="enterprise", unit="", subject=world.other_subject)
    )


@pytest.mark.parametrize("kind", ["stranger", "newcomer", "closed", "bank", "enterprise"])
def test_外人_没有角色的_已停用的_银行和企业进不了任何一间办公室(world: World, kind: str) -> None:
    browser = visitor(kind, world)
    desks = [
        a
        for a in GUARDED
        if a.act not in (FOR_ONESELF if kind not in ("stranger", "closed") else ())
        and not (kind == "enterprise" and a.act.startswith("firm."))
        and not (kind == "bank" and a.act == "credit.read")
    ]
    before = counted()
    assert walked(browser, world, desks) == {}
    assert counted() == before


def test_别的区别的部门_打不开这家企业的任何一页_也看不到它的名字(world: World) -> None:
    roles = [
        ("department_head", "cangji_construction", "990102"),
        ("quality_office", "cangji_construction", "990102"),
        ("identity_clerk", "cangji_construction", "990102"),
        ("auditor", "cangji_construction", "990102"),
        ("administrator", "cangji_construction", "990102"),
        ("publication_officer", "cangji_construction", "990102"),
    ]
    browser = browser_of(officer("neighbour", *roles, unit="cangji_construction"))
    about_somebody = [a for a in GUARDED if a.arguments and a.name not in ABOUT_NOBODY]
    assert len(about_somebody) > 20
    before = counted()
    assert walked(browser, world, about_somebody) == {}
    assert counted() == before
    shown = {}
    for address in GUARDED:
        if not address.arguments or address.name in ABOUT_NOBODY:
            answer = browser.get(address.url(world))
            text = b"".join(answer) if answer.streaming else answer.content
            if MARKER in text.decode("utf-8", "replace"):
                shown[address.name] = answer.status_code
    assert shown == {}


def text_of(answer: Any) -> str:
    """What an answer says: of a workbook all that stands in it."""
    if not answer.content.startswith(b"PK"):
        return str(answer.content.decode())
    with zipfile.ZipFile(io.BytesIO(answer.content)) as parts:
        return "".join(parts.read(name).decode(errors="replace") for name in parts.namelist())


def test_别的企业打不开这家企业的东西(world: World) -> None:
    browser = visitor("enterprise", world)
    theirs = [a for a in GUARDED if a.act.startswith("firm.") and a.arguments and a.name not in ABOUT_NOBODY]
    assert len(theirs) > 5
    before = counted()
    assert walked(browser, world, theirs) == {}
    assert counted() == before
    lists = [a for a in GUARDED if a.act.startswith("firm.") and a not in theirs]
    shown = {a.name: browser.get(a.url(world)) for a in lists}
    assert {name: answer.status_code for name, answer in shown.items() if answer.status_code not in (200, 405)} == {}
    assert [name for name, answer in shown.items() if MARKER in text_of(answer)] == []


def test_该看的人看得到(world: World) -> None:
    """Every guarded page opens for somebody: without this the walks above would be passed by a house that is shut."""
    roles = [
        (role, "liyuan_market", "990101")
        for role in (
            "department_head",
            "quality_office",
            "identity_clerk",
            "auditor",
            "administrator",
            "publication_officer",
            "seal_custodian",
        )
    ]
    insider = browser_of(officer("insider", *roles))
    owner = browser_of(
        officer("owner", ("enterprise_owner", "", ""), kind="enterprise", unit="", subject=world.subject)
    )
    bank = visitor("bank", world)
    wrong, stored = {}, {}
    for address in GUARDED:
        browser = owner if address.act.startswith("firm.") else bank if address.act == "credit.read" else insider
        answer = browser.get(address.url(world))
        # Pages that come in pieces are read to their end: an error in the last piece is one.
        if answer.status_code == 200 and answer.streaming:
            b"".join(answer)
        if answer.status_code != 200 and answer.status_code != 405 and address.name not in NO_PAGE:
            wrong[address.name] = f"{answer.status_code} {address.url(world)}"
        if "no-store" not in answer.headers["Cache-Control"]:
            stored[address.name] = answer.headers["Cache-Control"]
    assert wrong == {}
    assert stored == {}, "what one reader may see is kept for the next one"


def test_接口没有令牌一律401_登录了也一样(world: World) -> None:
    insider = browser_of(officer("insider", ("quality_office", "liyuan_market", "990101")))
    wrong = {}
    for address in ADDRESSES:
        if address.room.startswith("ninja.") and "/public/" not in address.route:
            for browser in (browser_of(None), insider):
                for method in ("get", "post", "delete"):
                    answer = getattr(browser, method)(address.url(world))
                    if answer.status_code not in (401, 405) or answer.headers["Cache-Control"] != "no-store":
                        wrong[f"{method} {address.name}"] = answer.status_code
    assert wrong == {}


def test_框架的页面_不登录只打得开登录这几页(world: World) -> None:
    stranger = browser_of(None)
    opened = [
        address.name
        for address in ADDRESSES
        if address.room.startswith(OF_THE_FRAMEWORK)
        and address.name not in LEADS_IN
        and stranger.get("/" + address.route.replace("<int:pk>", "1")).status_code == 200
    ]
    assert opened == []
