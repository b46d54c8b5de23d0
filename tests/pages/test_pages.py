"""Frames, headers, tags and pages of errors."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.db import connections
from django.template import TemplateSyntaxError, engines
from django.test import Client, RequestFactory
from django.utils import translation

from tests.access.forms_of import forms_of
from zhiheng.kernel.actor import PUBLIC
from zhiheng.pages import errors, forms
from zhiheng.pages.paging import place_asked
from zhiheng.people.models import Account

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.pages.urls"), pytest.mark.slow]


def render(text: str, address: str = "/", **words: object) -> str:
    request = RequestFactory().get(address)
    request.actor, request.resolver_match, request.user = (
        PUBLIC,
        None,
        type("Nobody", (), {"is_authenticated": False})(),
    )
    return engines["django"].from_string(text).render(words, request)


@pytest.mark.parametrize(
    "address",
    [
        "/account/login/",
        "/desk/design/",
        "/desk/design/sheet/",
        "/desk/design/charts/bar/",
        "/nothing/",
        "/trouble/locked/",
        "/inside/",
    ],
)
def test_every_answer_says_what_it_may_load(signed_in: Client, address: str) -> None:
    policy = signed_in.get(address)["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_the_design_page_shows_every_part(signed_in: Client) -> None:
    from pathlib import Path

    import zhiheng.pages

    parts = Path(zhiheng.pages.__file__).parent / "templates/pages/parts"
    page = (parts.parent / "design.html").read_text()
    frames = "".join(path.read_text() for path in parts.parent.glob("*.html"))
    for part in parts.glob("*.html"):
        assert f"pages/parts/{part.name}" in page or f"pages/parts/{part.name}" in frames, (
            f"{part.name} is shown nowhere"
        )
    answer = signed_in.get("/desk/design/")
    assert answer.status_code == 200
    assert answer.content.decode().count("<h1") == 1


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_page_is_in_one_language(signed_in: Client, language: str) -> None:
    signed_in.cookies["django_language"] = language
    page = signed_in.get("/desk/design/").content.decode()
    assert f'<html lang="{"zh-Hans" if language == "zh-hans" else "en"}"' in page
    assert ("界面规范" in page) == (language == "zh-hans")
    assert ("Design system" in page) == (language == "en")


def test_language_and_theme_are_kept_in_cookies_and_lead_back(client: Client) -> None:
    answer = client.post("/preferences/language/", {"language": "en", "next": "/account/login/"})
    assert (answer["Location"], answer.cookies["django_language"].value) == ("/account/login/", "en")
    assert "Sign in" in client.get("/account/login/").content.decode()
    client.post("/preferences/theme/", {"theme": "dark", "next": "/account/login/"})
    assert 'data-theme="dark"' in client.get("/account/login/").content.decode()


def test_a_choice_never_leads_to_another_site(client: Client) -> None:
    answer = client.post("/preferences/theme/", {"theme": "dark", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"
    assert client.post("/preferences/language/", {"language": "xx"}).cookies["django_language"].value == "zh-hans"
    assert client.get("/preferences/theme/").status_code == 405


def test_a_side_sheet_is_a_fragment_for_the_sheet_and_a_page_for_everybody_else(signed_in: Client) -> None:
    whole = signed_in.get("/desk/design/sheet/").content.decode()
    part = signed_in.get("/desk/design/sheet/", headers={"HX-Request": "true", "HX-Target": "sheet"})
    history = signed_in.get(
        "/desk/design/sheet/",
        headers={"HX-Request": "true", "HX-Target": "sheet", "HX-History-Restore-Request": "true"},
    )
    assert "<html" in whole
    assert "<h1>监督抽查合格率</h1>" in whole
    assert "<html" not in part.content.decode()
    assert 'id="sheet-title">监督抽查合格率' in part.content.decode()
    assert "<html" in history.content.decode()
    assert "HX-Target" in part["Vary"]


def test_the_rail_shows_only_what_exists_and_may_be_entered(account: Account) -> None:
    from zhiheng.pages.navigation import rail
    from zhiheng.people.actors import actor_of

    request = RequestFactory().get("/desk/design/")
    request.actor = actor_of(account)
    # These addresses hold none of the desk's areas.
    assert rail(request) == []


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("locked", 503, "正在写入另一份报送"),
        ("full", 507, "磁盘已满"),
        ("disk", 507, "磁盘已满"),
        ("large", 413, "太大"),
        ("bug", 500, "出了差错"),
    ],
)
def test_each_trouble_has_a_page_that_says_what_to_do(kind: str, status: int, words: str) -> None:
    answer = Client(raise_request_exception=False).get(f"/trouble/{kind}/")
    page = answer.content.decode()
    assert answer.status_code == status
    assert words in page
    assert "Traceback" not in page
    assert "a bug" not in page
    if status == 503:
        assert answer["Retry-After"] == "10"


@pytest.mark.parametrize(
    ("address", "home", "word"),
    [
        ("/desk/nowhere/", "/desk/", "回到工作台"),
        ("/firm/nowhere/", "/firm/", "回到企业之窗"),
        ("/nowhere/", "/", "回到首页"),
    ],
)
def test_出错的页面回到来的那扇门_不把工作人员送到公众门户(
    rf: RequestFactory, address: str, home: str, word: str
) -> None:
    page = errors.absent(rf.get(address)).content.decode()
    assert re.search(rf'<a class="btn is-primary" href="{home}">{word}</a>', page)
    assert re.search(rf'<a class="brand" href="{home}">', page)
    assert "发生时间" not in page


def test_服务器出错时可以再试一次_表格不会被悄悄再交(rf: RequestFactory) -> None:
    asked = errors.page(rf.get("/desk/audit/?q=1"), errors.BROKEN).content.decode()
    assert 'href="/desk/audit/?q=1">再试一次' in asked
    assert "发生时间" in asked
    assert "再试一次" not in errors.page(rf.post("/desk/audit/"), errors.BROKEN).content.decode().replace(
        "请再试一次", ""
    )


def test_what_was_typed_travels_in_the_page_of_a_busy_database_but_no_password_does() -> None:
    browser = Client(raise_request_exception=False)
    typed = {"reason": "第一行\n<b>第二行</b>", "kind": ["甲", "乙"]}
    page = browser.post("/trouble/locked/", typed).content.decode()
    (form,) = [form for form in forms_of(page, "/trouble/locked/") if form.path == "/trouble/locked/"]
    given = form.filled()
    given.pop("csrfmiddlewaretoken")
    assert given == {"reason": ["第一行\n<b>第二行</b>"], "kind": ["甲", "乙"]}
    assert "<b>第二行" not in page
    secret = browser.post("/trouble/locked/", {**typed, "password1": "不能见人的"}).content.decode()
    assert "不能见人的" not in secret
    assert "第二行" not in secret
    assert "第二行" not in browser.post("/trouble/bug/", typed).content.decode()
    assert "第二行" not in browser.post("/trouble/locked/", {**typed, "long": "长" * 300_000}).content.decode()


def test_characters_that_control_reach_no_view(rf: RequestFactory) -> None:
    dirty = "甲\x00乙\x1b[31m\u202e丙\u2028丁\r\n\t戊"
    request = rf.post("/?q=%00a%E2%80%AE", {"reason": dirty, "password1": "a\x01b", "good": "好"})
    forms.printable(request)
    assert request.POST["reason"] == "甲乙[31m丙\n丁\r\n\t戊"
    assert request.POST["password1"] == "a\x01b", "a password is what was typed"
    assert (request.POST["good"], request.GET["q"]) == ("好", "a")
    plain = rf.post("/", {"reason": "好"})
    before = plain.POST
    forms.printable(plain)
    assert plain.POST is before


def test_pages_of_errors_ask_no_database(django_assert_num_queries: object) -> None:
    for connection in connections:
        with django_assert_num_queries(0, using=connection):
            Client(raise_request_exception=False).get("/trouble/bug/")


def test_an_address_that_only_takes_forms_says_so(client: Client) -> None:
    answer = client.get("/preferences/language/")
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "只接受从表格提交的内容" in answer.content.decode()


def test_text_in_both_languages_with_values_escaped() -> None:
    text = '{% t "共 {n} 家" "{n} enterprises" n=n %}'
    assert render(text, n="<b>") == "共 &lt;b&gt; 家"
    with translation.override("en"):
        assert render(text, n=3) == "3 enterprises"


def test_a_number_is_a_door_where_it_has_an_address() -> None:
    assert "12,625" in render("{% number 12625 '/f/?a=1' '%' %}")
    door = render("{% number 98.4 '/f/?a=1' '%' %}")
    assert 'class="door" href="/f/?a=1" hx-get="/f/?a=1" hx-target="#sheet"' in door
    assert "href" not in render("{% number 3 bare='total' %}")
    assert "—" in render("{% number None bare='total' %}")
    with pytest.raises(TemplateSyntaxError, match="say which list the number opens"):
        render("{% number 3 %}")


def test_a_tag_and_its_texts_may_stand_over_several_lines() -> None:
    text = """{% t "核对后确认；
        有误的退回。" "Confirm it
        or send it back, {who}."
        who=who %}"""
    assert render(text, who="甲") == "核对后确认；有误的退回。"
    with translation.override("en"):
        assert render(text, who="<b>") == "Confirm it or send it back, &lt;b&gt;."
    assert render("{% if who == 1 or\n  who == 2 %}有{% endif %}", who=2) == "有"


def test_days_in_tables_and_under_letters() -> None:
    day = dt.date(2026, 3, 31)
    assert render("{{ d|day }} {{ n|day }}", d=day, n=None) == "2026-03-31 —"
    # A letter is kept for longer than its year.
    assert render("{{ d|letter_day }}", d=day) == "2026年3月31日"
    # Midnight in Shanghai is still the day before elsewhere: the office's own day counts.
    assert render("{{ d|day }}", d=dt.datetime(2026, 3, 30, 16, 30, tzinfo=dt.UTC)) == "2026-03-31"
    assert render("{{ d|moment }}", d=dt.datetime(2026, 3, 30, 16, 30, tzinfo=dt.UTC)) == "2026-03-31 00:30"


def test_a_heading_sorts_and_keeps_the_other_choices() -> None:
    tag = '<th {% sorted_by "name" %}>{% sort "name" "名称" %}</th>'
    assert 'href="?area=1&amp;sort=name"' in render(tag, "/?area=1&after=x")
    second = render(tag, "/?area=1&sort=name")
    assert 'href="?area=1&amp;sort=-name"' in second
    assert 'aria-sort="ascending"' in second
    assert 'aria-sort="descending"' in render(tag, "/?sort=-name")


def test_states_and_qualities_have_a_word_and_an_icon() -> None:
    for state in ("pass", "fail", "late", "soon", "neutral", "active"):
        html = render("{% badge state '词' %}", state=state)
        assert f"is-{state}" in html
        assert "<use" in html
        assert "词" in html
    assert "产品" in render('{% quality "product" %}')


def test_a_code_to_scan_is_drawn_without_a_style() -> None:
    html = render("{% qr 'https://example.org/verify/1' %}")
    assert html.startswith("<svg")
    assert "style=" not in html


def test_paging_keeps_the_filters() -> None:
    html = render('{% include "pages/parts/pager.html" with next="abc" total="12" %}', "/?q=%E6%9C%9B&after=x")
    found = re.search(r'href="\?q=%E6%9C%9B&amp;after=([\w-]+)"', html)
    assert found is not None
    assert place_asked(RequestFactory().get("/", {"q": "望", "after": found[1]})) == "abc"
    assert 'href="?q=%E6%9C%9B"' in html
    assert '<span class="figure">10,000</span>' in render(
        '{% include "pages/parts/pager.html" with total=10000 %}', "/"
    )


def test_a_field_tells_its_error_beside_it() -> None:
    html = render(
        '{% include "pages/parts/field.html" with name="on" label="日期" type="date" value="" error="写成 2026-03-31" '
        'hint="抽样日" %}'
    )
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_on_hint id_on_error"' in html
    assert re.search(r'id="id_on_error">.*写成 2026-03-31', html)


def test_the_log_in_page_is_ours_and_names_what_was_wrong(client: Client, account: Account) -> None:
    page = client.get("/account/login/").content.decode()
    assert "<h1>登录</h1>" in page
    assert "pages/built/zhiheng.css" in page
    wrong = client.post("/account/login/", {"login": "tester", "password": "no"}).content.decode()
    assert 'role="alert"' in wrong
    assert 'value="tester"' in wrong
    assert "账号或密码不对" in wrong


@pytest.mark.django_db
def test_连续输错密码_说明要等多久_找谁(client: Client, account: Account) -> None:
    cache.clear()
    told = ""
    for number in range(6):
        told = client.post("/account/login/", {"login": "tester", "password": f"错{number}"}).content.decode()
    cache.clear()
    assert "暂时不能登录" in told
    assert "15 分钟" in told
    assert "账号管理员" in told


@pytest.mark.parametrize(
    "address",
    [
        "/account/password/change/",
        "/account/2fa/",
        "/account/2fa/totp/activate/",
        "/account/2fa/webauthn/",
        "/account/2fa/webauthn/add/",
        "/account/sessions/",
        "/account/logout/",
        "/account/reauthenticate/",
        "/account/3rdparty/",
    ],
)
def test_pages_of_the_account_stand_in_our_frame(client: Client, account: Account, address: str) -> None:
    client.post("/account/login/", {"login": "tester", "password": "a-long-password-of-tests"})
    answer = client.get(address, follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "pages/built/zhiheng.css" in page
    assert page.count("<h1") == 1
    assert "Menu:" not in page
    assert not re.search(r"<script(?![^>]*(?:src=|application/json))", page)
    assert " style=" not in page


def test_a_form_may_lead_to_the_single_sign_on_of_this_installation_and_nowhere_else(settings: object) -> None:
    from zhiheng.pages.middleware import policy

    assert "form-action 'self';" in policy()
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"APPS": [{"settings": {"server_url": "https://sso.example.gov/realms/x/.well-known"}}]}
    }
    assert "form-action 'self' https://sso.example.gov;" in policy()
