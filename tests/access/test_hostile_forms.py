"""Every form of the desk, the corner and the accounts, filled in by somebody who means no good, or has a cat on the
keyboard.

The forms are read from the pages themselves, so that a new form is walked without being named here; an address that
takes a form and shows none is sent the fields that its code asks for. Whatever comes: no fault, nothing half written,
nothing stored that controls a terminal, what was typed stays in the form, and what is wrong stands beside its field.
"""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import quote_plus

import pytest
from django.apps import apps
from django.db import connections, router, transaction
from django.test import Client

from tests.access.addresses import ARGUMENTS, OF_ADDRESS, Address, World, addresses, browser_of, officer
from tests.access.forms_of import Form, forms_of
from tests.access.test_addresses import OURS
from zhiheng.pages.input_form import InputForm
from zhiheng.people.models import Account

pytestmark = pytest.mark.slow

SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
CONTROL = "甲\x00乙\x07\x1b[31m丙\u202e丁\u2028戊"
LONG = "长" * 30_000
HOSTILE = {
    "script": SCRIPT,
    "control": CONTROL,
    "long": LONG,
    "empty": "",
    "blank": " \u3000\t\r\n ",
    "word": "不是数也不是日期",
    "negative": "-1",
    "huge": "9" * 40,
    "float": "1e309",
    "no number": "NaN",
    "digits of another kind": "٣²",
    "no day": "2026-02-30",
    "a day before days": "0000-00-00",
    "a format": "{0.__class__} %s %n ${x}",
    "sql": "' OR 1=1; DROP TABLE people_account; --",
    "a path": "../../../../etc/passwd",
}
# Each field alone gets these; all fields of a form together get every one of the above. What a page says of a word does
# not depend on
# the database, so the second time they are those that a database can choke on.
ALONE = ("control", "huge") if os.environ.get("DATABASE_URL") else ("control", "long", "empty", "huge", "word")
ANSWERS = {200, 204, 302, 303, 400, 403, 404, 405, 409, 413, 422, 429}
# What a refused form may leave: counts of attempts, and the trail of what was tried.
NOTES = {"people_trailline", "django_session"}
STORED_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2028\u2029]")


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written meanwhile is taken back in all databases."""
    with ExitStack() as stack:
        for alias in connections:
            stack.enter_context(transaction.atomic(using=alias))
        yield
        for alias in connections:
            transaction.set_rollback(True, using=alias)


def rows() -> dict[str, int]:
    """Of every table how many rows it has; one statement a database."""
    tables: dict[str, list[str]] = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and model._meta.db_table not in NOTES:
            tables.setdefault(router.db_for_read(model), []).append(model._meta.db_table)
    found: dict[str, int] = {}
    for alias, names in tables.items():
        with connections[alias].cursor() as cursor:
            cursor.execute(" UNION ALL ".join(f"SELECT '{name}', COUNT(*) FROM \"{name}\"" for name in names))
            found.update(cursor.fetchall())
    return found


def new_texts(before: dict[str, Any], after: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The texts of the rows that came: (table and column, text)."""
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if table in before and after[table] > before[table]:
            for row in model._default_manager.order_by("-pk")[: after[table] - before[table]].values():
                for name, value in row.items():
                    if isinstance(value, str):
                        yield f"{table}.{name}", value


class Walk:
    """Sends forms, and notes what was not as it should be."""

    def __init__(self, browser: Client) -> None:
        self.browser = browser
        self.wrong: list[str] = []
        self.sent = self.refused = self.taken = 0
        self.first: dict[str, Any] = rows()

    def send(self, form: Form, given: dict[str, list[str]], what: str, raw: bytes | None = None) -> Any:
        """Send a form as a browser does, look at the answer, and take back what it wrote."""
        body = (
            raw
            if raw is not None
            else "&".join(
                f"{quote_plus(name)}={quote_plus(value)}" for name, values in given.items() for value in values
            ).encode()
        )
        name = f"{form.path} [{what}]"
        self.sent += 1
        with undone():
            answer = self.browser.post(form.action, body, content_type="application/x-www-form-urlencoded")
            content = b"".join(answer) if answer.streaming else answer.content
            after = rows()
            self._stored(name, answer.status_code, after)
        if answer.status_code not in ANSWERS:
            self.wrong.append(f"{name}: {answer.status_code}")
        elif "html" in answer.headers.get("Content-Type", ""):
            text = content.decode()
            if "<script>alert(1)" in text or "<img src=x" in text:
                self.wrong.append(f"{name}: what was typed stands on the page as markup")
            if answer.status_code == 422 and raw is None and form.shown:
                self._told(name, form, given, text)
        return answer

    def _stored(self, name: str, status: int, after: dict[str, Any]) -> None:
        if status >= 400 and status != 409:
            self.refused += 1
            changed = [table for table in after if after[table] != self.first[table]]
            if changed:
                self.wrong.append(f"{name}: refused with {status}, and yet written: {changed}")
        elif after != self.first:
            self.taken += 1
            self.wrong += [
                f"{name}: stored in {where}: {text[:60]!r}"
                for where, text in new_texts(self.first, after)
                if STORED_CONTROL.search(text)
            ]

    def _told(self, name: str, form: Form, given: dict[str, list[str]], text: str) -> None:
        """Beside the field what is wrong, and in all the others what was typed."""
        again = next((one for one in forms_of(text, form.action) if one.path == form.path), None)
        if again is None:
            # A page of its own that says why; the way back is the browser's. Only where there was nothing to lose.
            lost = [one.name for one in form.fields.values() if one.typed]
            if lost and "data-refused" not in text:
                self.wrong.append(f"{name}: the form is gone, with {lost}")
            return
        if 'class="error' not in text and "error-summary" not in text and "is-fail" not in text:
            self.wrong.append(f"{name}: refused, and nothing says why")
        for one in form.fields.values():
            typed = (given.get(one.name) or [""])[-1]
            if (
                not one.typed
                or one.name not in given
                or one.name not in again.fields
                or typed != " ".join(typed.split())
            ):
                continue
            shown = (again.fields[one.name].values or [""])[0].strip()
            short = len(typed) < 60 and not STORED_CONTROL.search(typed)
            if short and one.kind in ("text", "textarea") and shown != typed:
                self.wrong.append(f"{name}: {one.name} was {typed!r} and is {shown[:60]!r} now")

    def form(self, form: Form) -> None:
        """Everything for one form."""
        good = form.filled()
        hidden = {n for n in good if form.fields[n].kind == "hidden" and n not in ("credential", "csrfmiddlewaretoken")}
        open_ = [n for n in good if n not in hidden and n != "csrfmiddlewaretoken" and form.fields[n].kind != "submit"]
        for what, value in HOSTILE.items():
            if open_:
                self.send(form, {**good, **{name: [value] for name in open_}}, what)
        for name in open_:
            for what in ALONE:
                self.send(form, {**good, name: [HOSTILE[what]]}, f"{name}: {what}")
            self.send(form, {n: v for n, v in good.items() if n != name}, f"{name} is missing")
            self.send(form, {**good, name: ["一", "二", "三"]}, f"{name} three times")
        for name in (*hidden, *(n for n in good if form.fields[n].kind == "submit")):
            for what in ("script", "control", "huge"):
                self.send(form, {**good, name: [HOSTILE[what]]}, f"{name}: {what}")
        self.send(form, {}, "nothing at all")
        self.send(
            form,
            {},
            "no text at all",
            raw=b"%FF%FE=%C0%80&a=%ED%A0%80&" + b"&".join(f"{quote_plus(n)}=%ED%A0%80%FF".encode() for n in good),
        )


# Where an address takes a form and shows none: the fields of the forms that its code names.
FORMS = re.compile(r"\b(\w+Form)(?:\.of)?\(")


def asked_by(address: Address) -> Form | None:
    """A form made of the fields of the forms that a view takes; None where it takes none."""
    view = inspect.unwrap(address.view)
    module = inspect.getmodule(view)
    source = inspect.getsource(view)
    named = FORMS.findall(source)
    if not named and "POST" in source:
        named = FORMS.findall(inspect.getsource(module))
    classes = [one for name in named if isinstance(one := getattr(module, name, None), type)]
    names = dict.fromkeys(name for one in classes if issubclass(one, InputForm) for name in one.base_fields)
    if not names:
        return None
    fields = "".join(f'<input name="{name}">' for name in names)
    (form,) = forms_of(f'<form method="post">{fields}</form>', "/")
    return form


def walk(browser: Client, world: World, found: list[Address]) -> tuple[Walk, set[str]]:
    """Every form of the pages at these addresses; also the addresses that were sent something."""
    forms: dict[str, Form] = {}
    found = [a for a in found if all(n in {**ARGUMENTS, **OF_ADDRESS.get(a.name, {})} for n in a.arguments)]
    for address in found:
        url = address.url(world)
        answer = browser.get(url)
        if answer.status_code == 200 and "html" in answer.headers.get("Content-Type", ""):
            text = (b"".join(answer) if answer.streaming else answer.content).decode()
            for form in forms_of(text, url):
                if not form.path.startswith(("/account/logout/", "/preferences/")):
                    forms.setdefault(form.path, form)
    for address in found:
        url = address.url(world)
        if url.partition("?")[0] not in forms and (form := asked_by(address)) is not None:
            form.action, form.shown = url, False
            forms[form.path] = form
    walked = Walk(browser)
    for form in forms.values():
        walked.form(form)
    return walked, set(forms)


def insider(world: World) -> Client:
    """Somebody who holds every role of the desk."""
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
    return browser_of(officer("insider", *roles))


def owner(world: World, subject: int | None = None) -> Client:
    """The owner of the enterprise of the samples."""
    return browser_of(
        officer("owner", ("enterprise_owner", "", ""), kind="enterprise", unit="", subject=subject or world.subject)
    )


@pytest.mark.parametrize("half", [0, 1])
def test_办公端的每张表_填什么都不出错_不留半份(world: World, half: int) -> None:
    desk = [a for a in OURS if a.name.startswith("desk:")][half::2]
    walked, forms = walk(insider(world), world, desk)
    assert not walked.wrong, "\n".join(walked.wrong)
    assert len(forms) > 15, sorted(forms)
    assert walked.sent > 300
    assert walked.refused > 100, "the walk was refused nowhere: it looks in the wrong place"
    assert walked.taken > 5, "no form was ever taken: the walk sends nothing that could be stored"


def test_企业端的每张表_填什么都不出错_不留半份(world: World) -> None:
    walked, forms = walk(owner(world), world, [a for a in OURS if a.name.startswith("firm:")])
    assert not walked.wrong, "\n".join(walked.wrong)
    assert len(forms) >= 8, sorted(forms)
    assert walked.refused > 60
    assert walked.taken >= 3


def test_账号的每张表_填什么都不出错(world: World, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    account: Account = officer("walker", ("quality_office", "liyuan_market", "990101"))
    account.set_password("一句别人想不到的话2026")
    account.save()
    browser = browser_of(None)
    signed = browser.post("/account/login/", {"login": "walker", "password": "一句别人想不到的话2026"})
    assert signed.status_code == 302
    # The pages that change how one signs in ask for the password once more.
    browser.post("/account/reauthenticate/", {"password": "一句别人想不到的话2026"})
    theirs = [a for a in addresses() if a.room.startswith("allauth.") and not a.arguments and "(" not in a.route]
    walked, forms = walk(browser, world, theirs)
    stranger, led_in = walk(browser_of(None), world, [a for a in theirs if a.name == "account_login"])
    assert not walked.wrong, "\n".join(walked.wrong)
    assert not stranger.wrong, "\n".join(stranger.wrong)
    assert {"/account/password/change/", "/account/2fa/totp/activate/"} <= forms
    assert "/account/login/" in led_in
