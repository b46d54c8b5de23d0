"""People at the desk: who is found, what is given and ended, what is shown once, what the trail says; each within reach
only.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.desk.officers import officer, said_on, signed_in
from tests.desk.test_deliveries import statements
from tests.factories import LONG_AGO, GivenUpCallFactory, TrailLineFactory, WebHookFactory
from tests.places import SMALL, Ledger, sampling_row
from zhiheng.ledger.models import Alias
from zhiheng.people.models import Account, ApiToken, Grant, Invitation, KeyOrder, TrailLine

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def place(ledger: Ledger, settings: Any) -> Ledger:
    """The small place, open to pages."""
    settings.BOOK = SMALL
    return ledger


@pytest.fixture
def keeper(place: Ledger) -> Client:
    """Who looks after accounts of the district."""
    return signed_in(officer("keeper"))


def page(browser: Client, which: str, *args: Any, status: int = 200, **query: Any) -> str:
    """The text of a page."""
    answer = browser.get(reverse(f"desk:{which}", args=args), query)
    assert answer.status_code == status, (answer.status_code, answer.content.decode()[:2000])
    return answer.content.decode()


def send(browser: Client, which: str, *args: Any, **typed: Any) -> Any:
    """Send a form."""
    return browser.post(reverse(f"desk:{which}", args=args), typed)


def test_people_are_found_by_name_account_unit_and_role(keeper: Client) -> None:
    officer("clerk", name="张三丰试验")
    officer("clerk", unit="jia_office", area="990901001", name="李四光试验")
    assert "张三丰试验" in page(keeper, "people", q="三丰")
    assert "李四光试验" not in page(keeper, "people", q="三丰")
    assert "李四光试验" in page(keeper, "people", unit="jia_office")
    assert "李四光试验" not in page(keeper, "people", role="keeper")


def test_whoever_looks_after_one_unit_does_not_see_the_people_of_another(place: Ledger) -> None:
    officer("clerk", name="别处的人")
    narrow = signed_in(officer("keeper", unit="jia_office", area="990901001"))
    assert "别处的人" not in page(narrow, "people")
    other = Account.objects.get(name="别处的人")
    assert page(narrow, "person", other.pk, status=403)


def test_a_long_list_is_turned_page_by_page_and_every_account_is_shown_once(keeper: Client) -> None:
    for number in range(120):
        officer("clerk", name=f"试验员{number:03}")
    seen: list[str] = []
    after = ""
    for _ in range(5):
        text = page(keeper, "people", after=after) if after else page(keeper, "people")
        seen += re.findall(r"试验员\d{3}", text)
        found = re.search(r'rel="next" href="\?after=([^"]+)"', text)
        if found is None:
            break
        after = found[1]
    assert sorted(seen) == [f"试验员{number:03}" for number in range(120)]


def test_the_lists_take_few_statements_however_long_they_are(keeper: Client) -> None:
    for number in range(30):
        officer("clerk", name=f"试验员{number}")
    page(keeper, "people")
    for which in ("people", "people_units", "invitations", "tokens"):
        assert statements(lambda which=which: page(keeper, which)) <= 8, which


def test_a_new_account_gets_a_role_and_a_code_that_is_shown_once(keeper: Client) -> None:
    answer = send(keeper, "person_new", login="wang.wu", name="王五", kind="officer", unit="test_market", email="")
    account = Account.objects.get(login="wang.wu")
    assert answer.headers["Location"] == reverse("desk:person", args=[account.pk])
    assert "没有任何角色" in page(keeper, "person", account.pk)
    send(keeper, "give_role", account.pk, role="clerk", first_day=timezone.localdate().isoformat(), reason="新到任")
    assert "经办人" in page(keeper, "person", account.pk)
    letter = send(keeper, "issue_code", account.pk)
    code = re.search(r'class="code-on-paper"[^>]*>([^<]+)<', letter.content.decode())
    assert code is not None
    assert letter.headers["Cache-Control"] == "no-store"
    assert f"http://testserver{reverse('pages:code')}" in letter.content.decode()
    assert code[1] not in page(keeper, "person", account.pk)
    assert code[1] not in str(list(Invitation.objects.values())) + str(list(TrailLine.objects.values()))


def test_登录码通知单上的网址直达设密码的页面_不问企业的事(keeper: Client) -> None:
    account = officer(name="新同事", unit="test_market")
    letter = send(keeper, "issue_code", account.pk).content.decode()
    address = re.search(r"http://testserver(/[^<\s]+/)", letter)
    code = re.search(r'class="code-on-paper"[^>]*>([^<]+)<', letter)
    assert address is not None
    assert code is not None
    fresh = Client()
    form = fresh.get(address[1]).content.decode()
    assert "登录码" in form
    assert 'name="login"' not in form
    mistyped = fresh.post(address[1], {"code": "AAAA-BBBB", "password": "短", "again": "短"}).content.decode()
    assert re.search(r'<a href="#id_code">登录码</a>：\s*这个码不对', mistyped)
    assert "邀请码" not in mistyped
    wrong = fresh.post(address[1], {"code": code[1], "password": "短", "again": "短"})
    assert wrong.status_code == 422
    assert "密码太短" in wrong.content.decode()
    password = "河边的老榕树 since 1987"
    answer = fresh.post(address[1], {"code": code[1], "password": password, "again": password})
    assert answer.status_code == 302
    assert fresh.get(reverse("desk:me")).status_code == 200


def test_an_account_that_can_not_be_made_is_told_why_and_keeps_what_was_typed(keeper: Client) -> None:
    answer = send(keeper, "person_new", login="带空格 的", name="王五", kind="officer", unit="nowhere")
    assert answer.status_code in (403, 422)
    assert not Account.objects.filter(name="王五").exists()
    text = send(
        keeper, "person_new", login="带空格 的", name="王五", kind="officer", unit="test_market"
    ).content.decode()
    assert "error-summary" in text
    assert 'value="王五"' in text


def test_nobody_gives_a_role_beyond_the_place_they_look_after(place: Ledger) -> None:
    narrow = signed_in(officer("keeper", unit="jia_office", area="990901001"))
    colleague = officer("clerk", unit="jia_office", area="990901001")
    answer = send(
        narrow, "give_role", colleague.pk, role="clerk", area="990901", unit="test_market", first_day="2026-01-01"
    )
    assert answer.status_code == 403
    assert Grant.objects.filter(account=colleague).count() == 1


def test_a_role_that_was_ended_is_gone_and_its_reason_stands_there(keeper: Client) -> None:
    account = officer("clerk")
    grant = Grant.objects.get(account=account)
    send(keeper, "end_role", grant.pk, reason="调离岗位", back=str(account.pk))
    assert Grant.objects.get(pk=grant.pk).ended_on is not None
    assert "调离岗位" in page(keeper, "person", account.pk)


def test_an_account_that_was_closed_no_longer_opens_anything(keeper: Client) -> None:
    account = officer("clerk")
    browser = signed_in(account)
    assert browser.get(reverse("desk:me")).status_code == 200
    send(keeper, "close_account", account.pk, reason="离职")
    assert browser.get(reverse("desk:me")).status_code == 302


def test_a_role_is_lent_for_some_days_and_used_in_the_name_of_both(place: Ledger) -> None:
    head, colleague = officer("clerk", name="某科长"), officer("clerk", name="某科员")
    today = timezone.localdate()
    grant = Grant.objects.get(account=head)
    answer = send(
        signed_in(head),
        "delegate",
        grant=grant.pk,
        to=colleague.pk,
        first_day=today.isoformat(),
        last_day=(today + dt.timedelta(days=7)).isoformat(),
        reason="休假",
    )
    assert answer.status_code == 302, answer.content.decode()[:3000]
    browser = signed_in(colleague)
    assert "代 某科长 办理" in page(browser, "me")
    send(browser, "act_for", lender=head.pk)
    assert "恢复本人身份" in page(browser, "me")
    line = TrailLine.objects.filter(verb="acting.begin").get()
    assert line.about == f"account:{head.pk}"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"to": ""}, "请选择受托人"),
        ({"last_day": "明年"}, "请填截止日期"),
        ({"reason": ""}, "委托要写明理由"),
        ({"last_day": "2099-01-01"}, "不超过半年"),
    ],
)
def test_a_loan_that_can_not_be_is_told_why(place: Ledger, typed: dict[str, str], said: str) -> None:
    head, colleague = officer("clerk"), officer("clerk")
    today = timezone.localdate().isoformat()
    given = {
        "grant": Grant.objects.get(account=head).pk,
        "to": colleague.pk,
        "first_day": today,
        "last_day": today,
        "reason": "休假",
    }
    answer = send(signed_in(head), "delegate", **{**given, **typed})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    # Above the form a field is called as beside it.
    assert not re.search(r">\s*(?:grant|to|first_day|last_day|reason)\s*</a>", page)
    assert not Grant.objects.filter(lent_from__isnull=False).exists()


def test_a_number_of_thousands_of_digits_is_nobody_and_no_error(place: Ledger) -> None:
    browser, many = signed_in(officer()), "9" * 6000
    assert send(browser, "act_for", lender=many).status_code == 302
    assert send(browser, "end_role", 1, back=many, reason="x").status_code == 403


def test_an_enterprise_is_invited_by_a_letter_and_the_invitation_is_taken_back(keeper: Client, place: Ledger) -> None:
    place.samples("a.csv", [sampling_row(1, 生产企业="试验甲食品有限公司")])
    subject = Alias.objects.get(name="试验甲食品有限公司").subject_id
    letter = send(keeper, "invite", subject=subject, role="owner", name="法定代表人")
    assert "code-on-paper" in letter.content.decode(), letter.content.decode()[:1500]
    assert "未启用" in page(keeper, "invitations")
    send(keeper, "withdraw_invitation", Invitation.objects.get().pk)
    assert "已收回" in page(keeper, "invitations")


def test_收不到消息的推送地址_写明每条消息试过几次_为什么(keeper: Client) -> None:
    hook = WebHookFactory(failures=3)
    for number in range(12):
        GivenUpCallFactory(hook=hook, error=f"HTTP 5{number:02}")
    text = page(keeper, "tokens")
    assert "有推送地址收不到消息" in text
    assert "连续 3 条未送达" in text
    assert text.count("试过 6 次，已放弃") == 10
    assert "HTTP 511" in text
    assert "HTTP 501" not in text, "only the latest ten"
    assert statements(lambda: page(keeper, "tokens")) <= 9


def test_停用推送地址没有写理由_页面和留痕里中英文都写明是谁停用的(keeper: Client) -> None:
    hook = WebHookFactory()
    keeper.cookies["django_language"] = "en"
    send(keeper, "end_hook", hook.pk)
    keeper.cookies["django_language"] = "zh-hans"
    text = page(keeper, "tokens")
    assert "由管理员停用" in text, "whoever ended it worked in English, who reads it now does not"
    assert "ended by an administrator" in text


def test_a_key_is_taken_once_by_its_holder_and_never_seen_by_who_orders_it(keeper: Client) -> None:
    last = (timezone.localdate() + dt.timedelta(days=30)).isoformat()
    holder, head = officer("clerk", name="系统管理人"), officer("clerk", name="另一位经办人")
    order = {"name": "抽检系统", "unit": "test_market", "role": "program", "last_day": last, "scopes": ["api.read"]}
    assert send(keeper, "issue_token", **order, holder=holder.login).status_code == 302
    assert "等本单位确认" in page(keeper, "tokens")
    waiting = KeyOrder.objects.get()
    taker = signed_in(holder)
    assert send(taker, "take_key", waiting.pk).status_code == 404
    assert "抽检系统" in page(signed_in(head), "confirmations")
    send(signed_in(head), "confirm_key", waiting.pk)
    answer = send(taker, "take_key", waiting.pk)
    key = re.search(r"zhiheng_[\w-]+", answer.content.decode())
    assert key is not None
    assert answer.headers["Cache-Control"] == "no-store"
    assert key[0] not in page(keeper, "tokens") + page(taker, "own_keys")
    assert send(taker, "take_key", waiting.pk).status_code == 404, "a key is taken once"
    send(keeper, "revoke_token", ApiToken.objects.get().pk, reason="系统停用")
    assert ApiToken.objects.get().revoked_at is not None


def test_a_role_that_shows_facts_waits_on_the_pages_until_the_unit_confirms(keeper: Client) -> None:
    account = Account.objects.create_user("newcomer", None, name="新同事", kind="officer", unit="test_market")
    head = officer("clerk", name="老同事")
    send(keeper, "give_role", account.pk, role="clerk", first_day=timezone.localdate().isoformat(), reason="新到任")
    assert "等本单位确认" in page(keeper, "person", account.pk)
    newcomer = signed_in(account)
    assert newcomer.get(reverse("desk:enterprises")).status_code == 403
    grant = Grant.objects.filter(account=account).latest("pk")
    assert "新同事" in page(signed_in(head), "confirmations")
    assert send(signed_in(head), "confirm_role", grant.pk).status_code == 302
    assert newcomer.get(reverse("desk:enterprises")).status_code == 200


def test_a_clerk_looks_after_nobody(place: Ledger) -> None:
    clerk = signed_in(officer("clerk"))
    for which in ("people", "people_units", "tokens", "person_new", "audit"):
        assert clerk.get(reverse(f"desk:{which}")).status_code == 403, which


# -- the audit ---------------------------------------------------------------------------------------------------------


def lines(browser: Client, **query: Any) -> str:
    """The lines of the audit, without the form above them."""
    return page(browser, "audit", **query).partition("<tbody")[2].partition("</tbody")[0]


def auditor() -> Client:
    """Who looks at what was done, over the whole place."""
    return signed_in(officer("watcher", area="990900"))


def test_the_audit_shows_both_trails_by_time_and_that_it_was_read(place: Ledger) -> None:
    place.samples("a.csv", [sampling_row(1)])
    assert "接收报送" in lines(auditor())
    assert TrailLine.objects.filter(verb="audit.read").count() == 1


def test_the_audit_is_turned_page_by_page_and_every_line_is_shown_once(place: Ledger) -> None:
    for number in range(30):
        place.samples(f"{number}.csv", [sampling_row(number)])
    watcher = officer("watcher", area="990900")
    same = timezone.now()
    TrailLine.objects.bulk_create(
        TrailLine(at=same, actor=f"account:{watcher.pk}", verb="file.read", about=f"subject:{10_000 + n}")
        for n in range(80)
    )
    browser = signed_in(watcher)
    seen: list[str] = []
    after = ""
    for _ in range(9):
        text = page(browser, "audit", **({"after": after} if after else {}))
        seen += re.findall(r"企业 1\d{4}|报送 \d+", text)
        found = re.search(r'rel="next" href="\?after=([^"]+)"', text)
        if found is None:
            break
        after = found[1]
    things = [one for one in seen if one.startswith("企业")]
    assert len(set(things)) == 80
    assert {f"报送 {n}" for n in range(1, 31)} <= set(seen)


def test_who_looks_after_the_whole_place_gives_keys_to_institutions_too(place: Ledger, keeper: Client) -> None:
    whole = signed_in(officer("keeper", area="990900"))
    assert 'value="test_bank">试验银行' in page(whole, "tokens")
    assert "test_bank" not in page(signed_in(officer("keeper", unit="jia_office", area="990901001")), "tokens")


def test_the_audit_tells_names_and_words_and_no_marks_of_a_program(place: Ledger) -> None:
    account = officer("clerk", name="读者甲")
    TrailLineFactory(
        actor=f"account:{account.pk}",
        verb="session.begin",
        about=f"account:{account.pk}",
        detail='{"by": ["password", "totp"], "ip": "127.0.0.1"}',
    )
    text = lines(auditor(), verb="session.begin")
    assert said_on(text).count("读者甲") == 2, "who did it, and whom it is about"
    assert "方式 密码、动态口令；来自 127.0.0.1" in text
    assert "account:" not in text.replace("account%3A", "")
    assert "[&#x27;" not in text


def test_从一条留痕打开人员和企业的页_从人员和企业的页回到留痕_没有权限看的不给链接(place: Ledger) -> None:
    place.samples("a.csv", [sampling_row(1)])
    subject = Alias.objects.filter(kind="enterprise").values_list("subject_id", flat=True)[0]
    person = officer("clerk", name="沈知衡")
    noted(f"account:{person.pk}", f"subject:{subject}")
    noted(f"account:{person.pk}", "signal:4", "signal.set_aside")
    text = lines(auditor(), who="沈知衡")
    assert f'href="{reverse("desk:person", args=[person.pk])}"' in text
    assert f'href="?about=subject%3A{subject}"' in text
    assert f'href="{reverse("desk:file", args=[subject])}"' in text
    assert reverse("desk:warning_signal", args=[4]) not in text, "an auditor may not open signals"
    back = page(auditor(), "person", person.pk)
    for name in ("who", "about"):
        assert f'href="{reverse("desk:audit")}?{name}=account:{person.pk}"' in back
    assert f'href="{reverse("desk:audit")}?about=subject:{subject}"' in page(auditor(), "file", subject)


def test_打开别人的账号也留痕_每天一条_看自己的不留(place: Ledger, keeper: Client) -> None:
    person = officer("clerk")
    for _ in range(2):
        page(keeper, "person", person.pk)
    assert TrailLine.objects.filter(verb="people.read", about=f"account:{person.pk}").count() == 1


def test_查阅留痕的条件和授权的用途也用中文写_不出代号(place: Ledger) -> None:
    person = officer("clerk", name="沈知衡")
    browser = auditor()
    lines(browser, who="沈知衡", about="事实 345")
    noted(f"account:{person.pk}", "subject:71", "consent.give", purpose="loan")
    noted(f"account:{person.pk}", "subject:72", "file.read", purpose="loan")
    text = said_on(lines(browser))
    assert "对象 事实 345，操作人 沈知衡" in text
    assert "fact:345" not in text
    assert "account:" not in text
    assert "贷款审批" in text
    assert "loan" in text, "what somebody typed stays as typed"


def test_the_audit_is_narrowed_by_who_what_and_when(place: Ledger) -> None:
    place.samples("a.csv", [sampling_row(1)])
    browser = auditor()
    assert "接收报送" not in lines(browser, verb="file.read")
    assert "接收报送" not in lines(browser, first="2099-01-01")
    assert "接收报送" not in lines(browser, who="account:999")
    assert "接收报送" in lines(browser, verb="delivery.accepted", about="报送 1")


def noted(who: str, about: str, verb: str = "file.read", **more: Any) -> None:
    """A line of the trail."""
    TrailLineFactory(actor=who, verb=verb, about=about, **more)


def test_按姓名查只出这个人_编号开头相同的别人不出(place: Ledger) -> None:
    person = officer("clerk", name="沈知衡")
    noted(f"account:{person.pk}", "subject:71")
    noted(f"account:{person.pk}0", "subject:72")
    noted(f"account:{person.pk} for account:999", "subject:73")
    for who in ("沈知衡", person.login, f"account:{person.pk}"):
        text = lines(auditor(), who=who)
        assert "企业 71" in text
        assert "企业 73" in text, "what was done in somebody's place is this person's as well"
        assert "企业 72" not in text


def test_有人用没有的账号登录过_审计页照样打开_写明没有这个账号(place: Ledger) -> None:
    stranger = Client()
    stranger.post(reverse("account_login"), {"login": "nobody-at-all", "password": "guessed-it-wrong"})
    assert TrailLine.objects.filter(verb="session.refused", about="account:unknown").count() == 1
    text = lines(auditor())
    assert "没有这个账号" in text
    assert "unknown" not in re.sub(r"<[^>]*>", "", text), "no word of a program stands on the page"
    assert "没有这个账号" in lines(auditor(), who="public")


def test_按企业名称_代码_事实编号查对象(place: Ledger) -> None:
    place.samples("a.csv", [sampling_row(1)])
    alias = Alias.objects.filter(kind="enterprise").order_by("id")[0]
    noted("account:5", f"subject:{alias.subject_id}", purpose="看这一家")
    noted("account:5", "fact:321", "fact.read", purpose="看这一条")
    for about in filter(None, (alias.name, alias.code.lower())):
        assert "看这一家" in lines(auditor(), about=about)
        assert "看这一条" not in lines(auditor(), about=about)
    for about in ("事实 321", "事实321", "fact 321", "fact:321"):
        assert "看这一条" in lines(auditor(), about=about)


def test_查不到的人和对象_说出来_不当作没有这个条件(place: Ledger) -> None:
    noted("account:5", "subject:71")
    text = page(auditor(), "audit", status=422, who="没有这个人")
    assert "没有叫“没有这个人”的账号" in text
    assert "企业 71" not in text
    assert "没有找到“某家没有的公司”" in page(auditor(), "audit", status=422, about="某家没有的公司")
    assert "起始日期”2026-02-30" in page(auditor(), "audit", status=422, first="2026-02-30")


def test_an_auditor_of_a_sub_district_reads_only_the_lines_of_its_units(place: Ledger) -> None:
    near, far = officer("clerk", unit="jia_office", area="990901001"), officer("clerk")
    for account in (near, far):
        TrailLineFactory(actor=f"account:{account.pk}", verb="file.read", about=f"subject:{account.pk * 1111}")
    text = page(signed_in(officer("watcher", unit="jia_office", area="990901001")), "audit")
    assert f"企业 {near.pk * 1111}" in text
    assert f"企业 {far.pk * 1111}" not in text


def test_a_role_of_long_ago_is_shown_with_its_days(keeper: Client) -> None:
    assert LONG_AGO.isoformat() in page(keeper, "person", officer("clerk").pk)


def test_金融机构查询员的账号_管全市的人建得了_机构可选_管一个区的人没有这一项(place: Ledger, keeper: Client) -> None:
    assert "金融机构人员" not in page(keeper, "person_new")
    whole = signed_in(officer("keeper", area="990900"))
    assert '<option value="test_bank"' in page(whole, "person_new")
    answer = send(whole, "person_new", login="clerk.of.bank", name="查询员甲", kind="bank", unit="test_bank")
    account = Account.objects.get(login="clerk.of.bank")
    assert answer.headers["Location"] == reverse("desk:person", args=[account.pk])
    assert '<option value="lender"' in page(whole, "person", account.pk)
    assert send(whole, "give_role", account.pk, role="lender", reason="按协议开通").status_code == 302


def test_通行全市的角色_只有管全市的人看得到这个选项(place: Ledger, keeper: Client) -> None:
    somebody = officer("clerk", name="某人")
    assert not re.search(r'<option\s+value="watcher"', page(keeper, "person", somebody.pk))
    assert '<option value="watcher"' in page(signed_in(officer("keeper", area="990900")), "person", somebody.pk)


def test_金融机构系统的令牌_只有管全市的人看得到这个角色(place: Ledger, keeper: Client) -> None:
    assert not re.search(r'<option\s+value="lender_program"', page(keeper, "tokens"))
    assert '<option value="lender_program"' in page(signed_in(officer("keeper", area="990900")), "tokens")


def test_我的角色与委托在右上角的菜单里(place: Ledger) -> None:
    assert f'href="{reverse("desk:me")}"' in page(signed_in(officer("clerk")), "enterprises")
