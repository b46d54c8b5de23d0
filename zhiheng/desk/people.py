"""People at the desk: accounts, the roles they hold, loans of roles, codes on paper for enterprises, keys of programs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions import close_account as closing
from zhiheng.actions import create_account as creating
from zhiheng.actions import delegate_role as lending
from zhiheng.actions import end_role as ending
from zhiheng.actions import end_webhook as ending_hook
from zhiheng.actions import give_role as giving
from zhiheng.actions import invite_enterprise as inviting
from zhiheng.actions import issue_code as coding
from zhiheng.actions import issue_token as issuing
from zhiheng.actions import read_people as reading
from zhiheng.actions import reset_second_factor as resetting
from zhiheng.actions import revoke_token as revoking
from zhiheng.actions import switch_acting as acting
from zhiheng.actions import withdraw_invitation as withdrawing
from zhiheng.grammar.roles import ACTS
from zhiheng.kernel import days
from zhiheng.kernel.asked import number_in
from zhiheng.kernel.reasons import Refused
from zhiheng.pages import asking
from zhiheng.pages.doors import book, door, now, today
from zhiheng.pages.navigation import beginning
from zhiheng.pages.words import label, say
from zhiheng.people import access
from zhiheng.people.models import Account, Grant

KINDS = {"officer": ("工作人员", "Officer"), "enterprise": ("企业人员", "Enterprise"), "bank": ("金融机构人员", "Bank")}
QUALITIES = {
    "product": ("产品质量", "Product"), "project": ("工程质量", "Project"), "service": ("服务质量", "Service"),
    "environment": ("环境质量", "Environment"),
}  # fmt: skip


def _tabs(request: HttpRequest, here: str) -> list[dict[str, Any]]:
    tabs = [
        ("people", "people.read", say("人员", "People")), ("people_units", "people.read", say("单位", "Units")),
        ("invitations", "enterprise.invite", say("企业邀请", "Invitations")), ("tokens", "token.manage", say("接口令牌", "Keys")),
    ]  # fmt: skip
    found = []
    for name, act, word in tabs:
        try:
            access.require_somewhere(request.actor, act, book=book(), today=today())
        except Refused:
            continue
        found.append({"url": reverse(f"desk:{name}"), "label": word, "here": name == here})
    return found


def _unit(name: str) -> str:
    """A unit of the place, or the institution of a bank's clerk."""
    found = next((unit.name for unit in book().district.units if unit.id == name), None) or next(
        (reader.name for extract in book().credit.values() for reader in extract.readers if reader.id == name), None
    )
    return label(found) if found else name


def _area(code: str) -> str:
    found = next((area.name for area in book().district.areas if area.code == code), None)
    return label(found) if found else code


def _role(name: str) -> str:
    found = book().roles.get(name)
    return label(found.label) if found else name


def _grant(grant: Grant) -> dict[str, Any]:
    """A role held, in words."""
    state = (
        "never"
        if grant.ended_on and grant.ended_on <= grant.first_day
        else "ended"
        if grant.ended_on or (grant.last_day and grant.last_day < today())
        else "future"
        if grant.first_day > today()
        else "held"
    )
    return {
        "grant": grant, "role": _role(grant.role), "unit": _unit(grant.unit), "area": _area(grant.area),
        "quality": say(*QUALITIES[grant.quality]) if grant.quality in QUALITIES else "", "state": state,
    }  # fmt: skip


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _institutions_for(request: HttpRequest) -> list[tuple[str, str]]:
    """The institutions to whose programs the actor may give a key: they stand in no area, so it takes the whole place."""
    if access.may(request.actor, "token.manage", book=book(), today=today()) is not None:
        return []
    return [(name, _unit(name)) for name in sorted(creating.institutions(book()))]


def _units_for(request: HttpRequest, act: str) -> list[tuple[str, str]]:
    return [(name, _unit(name)) for name in access.units(request.actor, act, book=book(), today=today())]


def _roles_of(kind: str) -> list[tuple[str, str]]:
    return [(name, label(role.label)) for name, role in book().roles.items() if role.kind == kind]


def _errors(refused: Refused, labels: dict[str, str]) -> list[dict[str, str]]:
    return [{"field": r.field, "label": labels.get(r.field, r.field), "text": label(r)} for r in refused.refusals]


def _mine(refused: Refused) -> bool:
    """Whether a refusal is about what was typed; one about access or absence is a page of its own."""
    code = refused.refusals[0].code
    return not code.startswith("access.") and not code.endswith(".absent")


def _try(request: HttpRequest, act: Callable[[], object], said: str, back: str) -> HttpResponse:
    """Do a small act of a button; what is wrong is told on the page that the button stands on."""
    try:
        act()
    except Refused as refused:
        if not _mine(refused):
            raise
        for refusal in refused.refusals:
            messages.error(request, label(refusal))
    else:
        messages.success(request, said)
    return redirect(back)


# -- accounts ----------------------------------------------------------------------------------------------------------


@door("people.read")
def people(request: HttpRequest) -> HttpResponse:
    """Who has an account, and what they may do."""
    asked = {name: request.GET.get(name, "").strip()[:60] for name in ("q", "unit", "kind", "role", "closed")}
    asking.choice(request, "kind", {kind.value for kind in Account.Kind})
    asking.choice(request, "role", book().roles)
    filters = reading.Filters(asked["q"], asked["unit"], asked["kind"], asked["role"], asked["closed"] == "1")
    page = reading.people(filters, after=request.GET.get("after", "")[:60], actor=request.actor, book=book(), now=now())
    rows = [
        {
            "person": one, "account": one.account, "unit": _unit(one.account.unit), "roles": [_role(g.role) for g in one.grants],
            "kind": say(*KINDS.get(one.account.kind, (one.account.kind,) * 2)),
        }
        for one in page.rows
    ]  # fmt: skip
    every = say("全部", "All")
    fields = [
        {"name": "q", "label": say("姓名或账号", "Name or account"), "value": asked["q"], "type": "search", "placeholder": ""},
        {"name": "unit", "label": say("单位", "Unit"), "value": asked["unit"], "type": "select",
         "options": [("", every), *_units_for(request, "people.read")]},
        {"name": "role", "label": say("角色", "Role"), "value": asked["role"], "type": "select",
         "options": [("", every), *((name, label(role.label)) for name, role in book().roles.items())]},
        {"name": "kind", "label": say("种类", "Kind"), "value": asked["kind"], "type": "select",
         "options": [("", every), *((name, say(*words)) for name, words in KINDS.items())]},
        {"name": "closed", "label": say("状态", "State"), "value": asked["closed"], "type": "select",
         "options": [("", say("在用", "In use")), ("1", say("已停用", "Closed"))]},
    ]  # fmt: skip
    chips = [
        {"label": f"{field['label']}：{_shown(field, asked[str(field['name'])])}",
         "url": "?" + urlencode({k: v for k, v in asked.items() if v and k != field["name"]})}
        for field in fields if asked[str(field["name"])]
    ]  # fmt: skip
    words = {
        "rows": rows, "next": page.next, "fields": fields, "chips": chips, "clear": reverse("desk:people"), "any": bool(chips),
        "tabs": _tabs(request, "people"), "may_make": bool(access.units(request.actor, "people.manage", book=book(), today=today())),
    }  # fmt: skip
    return render(request, "desk/people.html", words)


def _shown(field: dict[str, Any], value: str) -> str:
    return str(dict(field.get("options") or ()).get(value, value))


@door("people.read")
def person(request: HttpRequest, number: int) -> HttpResponse:
    """One account: its roles, its codes, what can be done with it."""
    return _person(request, number)


def _person(
    request: HttpRequest, number: int, *, errors: Iterable[dict[str, str]] = (), typed: dict[str, str] | None = None, code: str = "",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    shown = reading.person(number, actor=request.actor, book=book(), now=now())
    account = shown.account
    words = {
        "shown": shown, "account": account, "unit": _unit(account.unit), "kind": say(*KINDS.get(account.kind, (account.kind,) * 2)),
        "grants": [_grant(grant) for grant in shown.grants], "roles": [("", say("请选择", "Choose")), *_roles_of(account.kind)],
        "units": [("", say("本人单位", "Own unit")), *_units_for(request, "people.manage")],
        "areas": [("", say("单位所在地区", "Area of the unit")), *((code, _area(code)) for code in access.areas(request.actor, "people.manage", book=book(), today=today()))],
        "qualities": [("", say("四类全部", "All four")), *((name, say(*w)) for name, w in QUALITIES.items())],
        "errors": list(errors), "typed": typed or {}, "code": code, "today": today().isoformat(),
        "is_self": account.pk == request.actor.account,
    }  # fmt: skip
    return render(request, "desk/person.html", words, status=status)


@door("people.manage")
def new_account(request: HttpRequest) -> HttpResponse:
    """An account for a colleague; they set their password with a code on paper."""
    fields = ("login", "name", "email", "kind", "unit", "role")
    typed = {name: request.POST.get(name, "").strip()[:200] for name in fields}
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not typed["unit"]:
        errors = [{"field": "unit", "label": say("单位", "Unit"), "text": say("请选择单位。", "Choose a unit.")}]
    elif request.method == "POST":
        try:
            account = creating.create_account(
                typed["login"], name=typed["name"], kind=typed["kind"] or "officer", unit=typed["unit"], email=typed["email"],
                book=book(), actor=request.actor, now=now(),
            )  # fmt: skip
        except Refused as refused:
            if not _mine(refused):
                raise
            errors = _errors(refused, _account_labels())
        else:
            messages.success(request, say("账号已建立。请授予角色，再打印首次登录码。", "The account is made. Give it a role, then print the first code."))  # fmt: skip
            return redirect("desk:person", account.pk)
    words = {
        "typed": typed, "errors": errors, "units": [("", say("请选择", "Choose")), *_units_for(request, "people.manage")],
        "readers": [(r.id, label(r.name)) for page in book().credit.values() for r in page.readers],
        "kinds": [(name, say(*KINDS[name])) for name in ("officer", "bank")],
    }  # fmt: skip
    return render(request, "desk/person_new.html", words, status=422 if errors else 200)


def _account_labels() -> dict[str, str]:
    return {
        "login": say("账号", "Account"), "name": say("姓名", "Name"), "unit": say("单位", "Unit"), "kind": say("种类", "Kind"),
        "email": say("电子邮箱", "E-mail"), "role": say("角色", "Role"), "last_day": say("截止日期", "Last day"),
        "reason": say("理由", "Reason"), "area": say("地区", "Area"), "quality": say("质量类别", "Quality"),
    }  # fmt: skip


@require_POST
@door("people.manage")
def give_role(request: HttpRequest, number: int) -> HttpResponse:
    """Give a role: where, over which quality, from when until when, why."""
    typed = {
        name: request.POST.get(name, "").strip()[:500]
        for name in ("role", "unit", "area", "quality", "first_day", "last_day", "reason")
    }
    try:
        giving.give_role(
            number, typed["role"], unit=typed["unit"], area=typed["area"], quality=typed["quality"], first_day=_day(typed["first_day"]),
            last_day=_day(typed["last_day"]), reason=typed["reason"], book=book(), actor=request.actor, now=now(),
        )  # fmt: skip
    except Refused as refused:
        if not _mine(refused):
            raise
        return _person(request, number, errors=_errors(refused, _account_labels()), typed=typed, status=422)
    messages.success(request, say("已授予角色。", "The role was given."))
    return redirect("desk:person", number)


@require_POST
@door("desk.open")
def end_role(request: HttpRequest, grant: int) -> HttpResponse:
    """End a role: an administrator, the lender of a loan, or who holds it."""
    back = request.POST.get("back", "")
    return _try(
        request, lambda: ending.end_role(grant, reason=request.POST.get("reason", "").strip()[:500], book=book(), actor=request.actor, now=now()),
        say("角色已终止。", "The role was ended."), reverse("desk:me") if back == "me" else reverse("desk:person", args=[int(back)]) if back.isdecimal() else reverse("desk:people"),
    )  # fmt: skip


@require_POST
@door("people.manage")
def close_account(request: HttpRequest, number: int) -> HttpResponse:
    """Close an account: nobody signs in with it any more."""
    reason = request.POST.get("reason", "").strip()[:500]
    return _try(
        request, lambda: closing.close_account(number, reason=reason, book=book(), actor=request.actor, now=now()),
        say("账号已停用。", "The account was closed."), reverse("desk:person", args=[number]),
    )  # fmt: skip


@require_POST
@door("people.manage")
def reset_factor(request: HttpRequest, number: int) -> HttpResponse:
    """Take a lost second factor away."""
    reason = request.POST.get("reason", "").strip()[:500]
    return _try(
        request, lambda: resetting.reset_second_factor(number, reason=reason, book=book(), actor=request.actor, now=now()),
        say("第二重验证已重置，该账号已退出登录。", "The second factor was reset and the account signed out."),
        reverse("desk:person", args=[number]),
    )  # fmt: skip


@require_POST
@door("people.manage")
def issue_code(request: HttpRequest, number: int) -> HttpResponse:
    """A code with which a person sets a password: shown now and never again."""
    issued = coding.issue_code(number, book=book(), actor=request.actor, now=now())
    return _letter(request, issued, "")


@door("people.read")
def units(request: HttpRequest) -> HttpResponse:
    """The tree of areas with the units that stand at its nodes, their duties, and who works there."""
    mine = set(access.units(request.actor, "people.read", book=book(), today=today()))
    district = book().district
    groups = [
        {"name": label(g.name), "lead": _unit(g.lead), "members": [_unit(m) for m in g.members], "quality": g.quality}
        for g in district.groups
    ]
    places = []
    for area in district.areas:
        here = [u for u in district.units if u.area == area.code]
        if here:
            places.append({
                "name": label(area.name), "code": area.code,
                "units": [
                    {"id": u.id, "name": label(u.name), "leads": u.leads, "mine": u.id in mine,
                     "records": [(r, label(book().records[r].record.label)) for r in u.records]}
                    for u in here
                ],
            })  # fmt: skip
    return render(
        request, "desk/people_units.html", {"places": places, "groups": groups, "tabs": _tabs(request, "people_units")}
    )


# -- oneself -----------------------------------------------------------------------------------------------------------


@door("account.begin")
def me(request: HttpRequest) -> HttpResponse:
    """One's own roles, loans, and in whose place one may act: also for an officer who has no role of their own."""
    if request.actor.kind != "officer":
        return redirect(beginning(request.actor).url)
    return _me(request)


def _me(
    request: HttpRequest,
    *,
    errors: Iterable[dict[str, str]] = (),
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    account, grants, colleagues = reading.own(actor=request.actor, now=now())
    own = [g for g in grants if g.account_id == account.pk]
    words = {
        "account": account, "unit": _unit(account.unit), "grants": [_grant(g) for g in own],
        "lent": [_grant(g) for g in grants if g.account_id != account.pk],
        "lendable": [(g.pk, f"{_role(g.role)}（{_unit(g.unit)}）") for g in own if g.lent_from_id is None and g.role in book().roles and book().roles[g.role].delegable],
        "colleagues": [("", say("请选择", "Choose")), *((a.pk, f"{a.name}（{a.login}）") for a in colleagues)],
        "lenders": lending.lenders(account, today()),
        "errors": list(errors), "typed": typed or {}, "today": today().isoformat(),
    }  # fmt: skip
    return render(request, "desk/me.html", words, status=status)


@require_POST
@door("grant.delegate")
def delegate(request: HttpRequest) -> HttpResponse:
    """Lend a role to a colleague for some days."""
    typed = {
        name: request.POST.get(name, "").strip()[:500] for name in ("grant", "to", "first_day", "last_day", "reason")
    }
    labels = {"to": say("受托人", "To whom"), **_account_labels()}
    first, last = _day(typed["first_day"]), _day(typed["last_day"])
    missing = [
        {"field": name, "label": labels.get(name, name), "text": said}
        for name, right, said in (
            ("grant", typed["grant"].isdecimal(), say("请选择角色。", "Choose a role.")),
            ("to", typed["to"].isdecimal(), say("请选择受托人。", "Choose somebody.")),
            (
                "first_day",
                first is not None,
                say("请填起始日期，如 2026-03-31。", "Give the first day, such as 2026-03-31."),
            ),
            (
                "last_day",
                last is not None,
                say("请填截止日期，如 2026-04-30。", "Give the last day, such as 2026-04-30."),
            ),
        )
        if not right
    ]
    if missing or first is None or last is None:
        return _me(request, errors=missing, typed=typed, status=422)
    try:
        lending.delegate_role(
            int(typed["grant"]), int(typed["to"]), first_day=first, last_day=last, reason=typed["reason"], book=book(),
            actor=request.actor, now=now(),
        )  # fmt: skip
    except Refused as refused:
        if not _mine(refused):
            raise
        return _me(request, errors=_errors(refused, labels), typed=typed, status=422)
    messages.success(request, say("角色已委托。", "The role was lent."))
    return redirect("desk:me")


@require_POST
@door("grant.act_for")
def act_for(request: HttpRequest) -> HttpResponse:
    """Act in somebody's place, or be oneself again; every page says so, and the trail names both."""
    lender = request.POST.get("lender", "")
    try:
        chosen = acting.switch_acting(
            int(lender) if lender.isdecimal() else None, book=book(), actor=request.actor, now=now()
        )
    except Refused as refused:
        if not _mine(refused):
            raise
        messages.error(request, label(refused.refusals[0]))
        return redirect("desk:me")
    if chosen is None:
        request.session.pop("acting_for", None)
        messages.success(request, say("现在以本人身份办理。", "You act for yourself again."))
    else:
        request.session["acting_for"] = chosen
        messages.success(
            request,
            say(
                "现在代他人办理，每一步都记两个人的名字。", "You act in somebody's place; every step names both of you."
            ),
        )
    return redirect("desk:me")


# -- enterprises -------------------------------------------------------------------------------------------------------


@door("enterprise.invite")
def invitations(request: HttpRequest) -> HttpResponse:
    """Codes on paper that are out, and a form for a new one; led here from a file, the enterprise is chosen already."""
    return _invitations(request, typed={"enterprise": request.GET.get("subject", "")[:120]})


def _invitations(
    request: HttpRequest, *, typed: dict[str, str], errors: Iterable[dict[str, str]] = (), status: int = 200
) -> HttpResponse:
    found, further = reading.invitations(
        after=request.GET.get("after", ""), actor=request.actor, book=book(), now=now()
    )
    moment = now()
    rows = [
        {
            "one": one, "name": name, "role": _role(one.role),
            "state": "accepted" if one.accepted_at else "withdrawn" if one.withdrawn_at else "expired" if one.expires_at <= moment else "open",
        }
        for one, name in found
    ]  # fmt: skip
    meant = reading.invitable(typed.get("enterprise", ""), actor=request.actor, book=book(), now=now())
    words = {
        "rows": rows, "next": further, "tabs": _tabs(request, "invitations"), "roles": _roles_of("enterprise"), "typed": typed,
        "meant": [{"one": each, "area": _area(each.area) if each.area else ""} for each in meant], "errors": list(errors),
        "wrong": {error["field"]: error["text"] for error in errors},
    }  # fmt: skip
    return render(request, "desk/invitations.html", words, status=status)


@require_POST
@door("enterprise.invite")
def invite(request: HttpRequest) -> HttpResponse:
    """A letter to an enterprise with a code that is shown this once: first which one is meant, then the letter."""
    typed = {name: request.POST.get(name, "").strip()[:120] for name in ("enterprise", "subject", "role", "name")}
    chosen = number_in(typed["subject"])
    if chosen is None:
        meant = reading.invitable(typed["enterprise"], actor=request.actor, book=book(), now=now())
        if meant:
            return _invitations(request, typed=typed)
        told = say("请填企业名称或统一社会信用代码。", "Give the name or the credit code of the enterprise.")
        if typed["enterprise"]:
            told = say("您的范围内没有找到“{text}”；请核对名称或代码，名称可以只写连续的一部分。",
                       "Within your reach nothing is called “{text}”; check the name or the code. A part of the name will do.", text=typed["enterprise"])  # fmt: skip
        error = {"field": "enterprise", "label": say("企业", "Enterprise"), "text": told}
        return _invitations(request, typed=typed, errors=[error], status=422)
    try:
        issued = inviting.invite_enterprise(
            chosen, role=typed["role"], name=typed["name"][:60], book=book(), actor=request.actor, now=now()
        )
    except Refused as refused:
        if not _mine(refused):
            raise
        return _invitations(request, typed=typed, errors=_errors(refused, _account_labels()), status=422)
    return _letter(request, issued, reading.name_of(chosen))


def _letter(request: HttpRequest, issued: Any, enterprise: str) -> HttpResponse:
    """The printable letter. It is never stored and never shown a second time."""
    invitation = issued.invitation
    words = {
        "code": issued.code, "invitation": invitation, "enterprise": enterprise, "role": _role(invitation.role) if invitation.role else "",
        "address": request.build_absolute_uri("/firm/join/"), "today": today(), "from_unit": reading.unit_of(request.actor, book()),
        "account_unit": _unit(invitation.account.unit) if invitation.account_id and invitation.account.unit else "",
    }  # fmt: skip
    response = render(request, "desk/invitation_letter.html", words)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
@door("enterprise.invite")
def withdraw_invitation(request: HttpRequest, number: int) -> HttpResponse:
    """The code on that paper works no more."""
    return _try(
        request, lambda: withdrawing.withdraw_invitation(number, book=book(), actor=request.actor, now=now()),
        say("邀请已收回。", "The invitation was withdrawn."), reverse("desk:invitations"),
    )  # fmt: skip


# -- programs ----------------------------------------------------------------------------------------------------------


@door("token.manage")
def tokens(request: HttpRequest) -> HttpResponse:
    """Keys of programs, and the addresses that they want to be told at."""
    return _tokens(request)


def _tokens(
    request: HttpRequest, *, key: str = "", errors: Iterable[dict[str, str]] = (), typed: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:  # fmt: skip
    keys, hooks = reading.tokens(actor=request.actor, book=book(), now=now())
    calls = reading.latest_calls([one.pk for one in hooks])
    acts = sorted(
        {act for role in book().roles.values() if role.kind == "program" for clause in role.may for act in clause.acts}
    )
    words = {
        "rows": [
            {"token": one, "unit": _unit(one.unit), "role": _role(one.role),
             "state": "revoked" if one.revoked_at else "expired" if one.last_day < today() else "live"}
            for one in keys
        ],
        "hooks": [{"hook": one, "unit": _unit(one.unit), "calls": calls.get(one.pk, [])} for one in hooks],
        "broken": sum(1 for one in hooks if (one.failures or one.paused_until) and one.ended_at is None), "key": key, "errors": list(errors), "typed": typed or {},
        "units": [("", say("请选择", "Choose")), *_units_for(request, "token.manage"), *_institutions_for(request)],
        "roles": _roles_of("program"),
        "acts": [(act, say(ACTS[act].zh, ACTS[act].en)) for act in acts], "tabs": _tabs(request, "tokens"),
        "latest": days.last_day_of(today(), issuing.LONGEST_MONTHS).isoformat(),
    }  # fmt: skip
    response = render(request, "desk/tokens.html", words, status=status)
    if key:
        response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
@door("token.manage")
def issue_token(request: HttpRequest) -> HttpResponse:
    """A new key: shown on the page that answers, and nowhere else."""
    typed: dict[str, Any] = {
        name: request.POST.get(name, "").strip()[:120] for name in ("name", "unit", "role", "last_day")
    }
    typed["scopes"] = request.POST.getlist("scopes")[:60]
    last = _day(typed["last_day"])
    labels = {"name": say("用途", "What for"), "scopes": say("范围", "Scope"), **_account_labels()}
    if last is None:
        wrong = say("请填截止日期，如 2026-12-31。", "Give the last day, such as 2026-12-31.")
        return _tokens(
            request, errors=[{"field": "last_day", "label": labels["last_day"], "text": wrong}], typed=typed, status=422
        )
    if not typed["unit"]:
        wrong = say("请选择单位。", "Choose a unit.")
        return _tokens(
            request, errors=[{"field": "unit", "label": labels["unit"], "text": wrong}], typed=typed, status=422
        )
    try:
        issued = issuing.issue_token(
            typed["name"], unit=typed["unit"], scopes=typed["scopes"], last_day=last, role=typed["role"] or "program", book=book(),
            actor=request.actor, now=now(),
        )  # fmt: skip
    except Refused as refused:
        if not _mine(refused):
            raise
        return _tokens(request, errors=_errors(refused, labels), typed=typed, status=422)
    return _tokens(request, key=issued.key)


@require_POST
@door("token.manage")
def revoke_token(request: HttpRequest, number: int) -> HttpResponse:
    """From the next request on the key opens nothing."""
    reason = request.POST.get("reason", "").strip()[:500]
    return _try(
        request, lambda: revoking.revoke_token(number, reason=reason, book=book(), actor=request.actor, now=now()),
        say("令牌已吊销。", "The key was revoked."), reverse("desk:tokens"),
    )  # fmt: skip


@require_POST
@door("webhook.manage")
def end_hook(request: HttpRequest, number: int) -> HttpResponse:
    """Tell an address nothing more."""
    why = request.POST.get("reason", "").strip()[:500] or say("由管理员停用", "ended by an administrator")
    return _try(
        request, lambda: ending_hook.end(number, why=why, actor=request.actor, book=book(), now=now()),
        say("推送地址已停用。", "The webhook was ended."), reverse("desk:tokens"),
    )  # fmt: skip
