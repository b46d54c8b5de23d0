"""People at the desk: who has an account, one account with its roles, the units they work in; and what the pages beside
it share.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from zhiheng.actions.accounts.create_account import institutions
from zhiheng.desk.staff.forms import GiveRoleForm
from zhiheng.engines.naming import QUALITIES
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.pages import asking, named, paging
from zhiheng.pages.access import book, call_of, door, today
from zhiheng.pages.http import PageRequest
from zhiheng.pages.navigation import opened
from zhiheng.pages.words import label, say
from zhiheng.people import access
from zhiheng.people.actors import waits
from zhiheng.people.models import Account, Grant
from zhiheng.queries import people as reading

KINDS = {"officer": ("工作人员", "Officer"), "enterprise": ("企业人员", "Enterprise"), "bank": ("金融机构人员", "Bank")}


def tabs(request: PageRequest, here: str) -> list[dict[str, Any]]:
    """The pages about people that the actor may open."""
    words = {
        "people": say("人员", "People"),
        "people_units": say("单位", "Units"),
        "invitations": say("企业邀请", "Invitations"),
        "tokens": say("接口令牌", "Keys"),
        "sending": say("发送情况", "Sending"),
    }
    doors = ((name, opened(request.actor, f"desk:{name}")) for name in words)
    return [{"url": url, "label": words[name], "here": name == here} for name, url in doors if url is not None]


def grant_told(grant: Grant) -> dict[str, Any]:
    """A role held, in words."""
    state = (
        "waits"
        if waits(grant) and grant.ended_on is None
        else "never"
        if grant.ended_on and grant.ended_on <= grant.first_day
        else "ended"
        if grant.ended_on or (grant.last_day and grant.last_day < today())
        else "future"
        if grant.first_day > today()
        else "held"
    )
    return {
        "grant": grant,
        "role": named.role(grant.role),
        "unit": named.unit(grant.unit),
        "area": named.area(grant.area),
        "quality": label(QUALITIES[grant.quality]) if grant.quality in QUALITIES else "",
        "state": state,
    }


def units_for(request: PageRequest, act: str) -> list[tuple[str, str]]:
    return [(name, named.unit(name)) for name in access.units(call_of(request), act)]


def institutions_for(request: PageRequest, act: str) -> list[tuple[str, str]]:
    """The institutions for whose people and programs the actor may do an act: they stand in no area, so it takes the
    whole place.
    """
    if access.may(call_of(request), act) is not None:
        return []
    return [(name, named.unit(name)) for name in sorted(institutions(book()))]


def roles_of(kind: str) -> list[tuple[str, str]]:
    return [(name, label(role.label)) for name, role in book()[ROLES].items() if role.kind == kind]


@door("people.read")
def people(request: PageRequest) -> HttpResponse:
    """Who has an account, and what they may do."""
    asked = {name: asking.text(request, name, 60) for name in ("q", "unit", "kind", "role", "closed")}
    asking.choice(request, "kind", {kind.value for kind in Account.Kind})
    asking.choice(request, "role", book()[ROLES])
    filters = reading.AccountFilters(asked["q"], asked["unit"], asked["kind"], asked["role"], asked["closed"] == "1")
    page = reading.people(filters, after=paging.place_asked(request), call=call_of(request))
    rows = [
        {
            "person": one,
            "account": one.account,
            "unit": named.unit(one.account.unit),
            "roles": [named.role(g.role) for g in one.grants],
            "kind": say(*KINDS.get(one.account.kind, (one.account.kind,) * 2)),
        }
        for one in page.rows
    ]
    every = say("全部", "All")
    fields: list[dict[str, Any]] = [
        {
            "name": "q",
            "label": say("姓名或账号", "Name or account"),
            "value": asked["q"],
            "type": "search",
            "placeholder": "",
        },
        {
            "name": "unit",
            "label": say("单位", "Unit"),
            "value": asked["unit"],
            "type": "select",
            "options": [("", every), *units_for(request, "people.read")],
        },
        {
            "name": "role",
            "label": say("角色", "Role"),
            "value": asked["role"],
            "type": "select",
            "options": [("", every), *((name, label(role.label)) for name, role in book()[ROLES].items())],
        },
        {
            "name": "kind",
            "label": say("种类", "Kind"),
            "value": asked["kind"],
            "type": "select",
            "options": [("", every), *((name, say(*words)) for name, words in KINDS.items())],
        },
        {
            "name": "closed",
            "label": say("状态", "State"),
            "value": asked["closed"],
            "type": "select",
            "options": [("", say("在用", "In use")), ("1", say("已停用", "Closed"))],
        },
    ]
    chips = [
        {
            "label": f"{field['label']}：{_shown(field, asked[str(field['name'])])}",
            "url": "?" + urlencode({k: v for k, v in asked.items() if v and k != field["name"]}),
        }
        for field in fields
        if asked[str(field["name"])]
    ]
    words = {
        "rows": rows,
        "next": page.next,
        "fields": fields,
        "chips": chips,
        "clear": reverse("desk:people"),
        "any": bool(chips),
        "tabs": tabs(request, "people"),
        "may_make": bool(access.units(call_of(request), "people.manage")),
    }
    return render(request, "desk/people.html", words)


def _shown(field: dict[str, Any], value: str) -> str:
    return str(dict(field.get("options") or ()).get(value, value))


def _roles_for(request: PageRequest, kind: str) -> list[tuple[str, str]]:
    """The roles that the actor may give to an account of a kind: one that reaches everywhere only where they do."""
    everywhere = access.may(call_of(request), "people.manage") is None
    if kind == "bank" and not everywhere:
        return []
    return [(name, word) for name, word in roles_of(kind) if everywhere or not book()[ROLES][name].far]


@door("people.read")
def person(request: PageRequest, number: int) -> HttpResponse:
    """One account: its roles, its codes, what can be done with it."""
    return page_of(request, number)


def page_of(request: PageRequest, number: int, form: GiveRoleForm | None = None, *, code: str = "") -> HttpResponse:
    shown = reading.person(number, call=call_of(request))
    account = shown.account
    form = form or GiveRoleForm(initial={"first_day": today()})
    form.offer(
        role=[("", say("请选择", "Choose")), *_roles_for(request, account.kind)],
        unit=[("", say("本人单位", "Own unit")), *units_for(request, "people.manage")],
        area=[
            ("", say("单位所在地区", "Area of the unit")),
            *((code, named.area(code)) for code in access.areas(call_of(request), "people.manage")),
        ],
        quality=[("", say("四类全部", "All four")), *((name, label(word)) for name, word in QUALITIES.items())],
    )
    words = {
        "shown": shown,
        "account": account,
        "unit": named.unit(account.unit),
        "kind": say(*KINDS.get(account.kind, (account.kind,) * 2)),
        "grants": [grant_told(grant) for grant in shown.grants],
        "form": form,
        "errors": form.problems,
        "code": code,
        "is_self": account.pk == request.actor.account,
    }
    return render(request, "desk/person.html", words, status=form.status)


@door("people.read")
def units(request: PageRequest) -> HttpResponse:
    """The tree of areas with the units that stand at its nodes, their duties, and who works there."""
    mine = set(access.units(call_of(request), "people.read"))
    district = book()[DISTRICT]
    groups = [
        {
            "name": label(g.name),
            "lead": named.unit(g.lead),
            "members": [named.unit(m) for m in g.members],
            "quality": g.quality,
        }
        for g in district.groups
    ]
    places = []
    for area in district.areas:
        here = [u for u in district.units if u.area == area.code]
        if here:
            places.append(
                {
                    "name": label(area.name),
                    "code": area.code,
                    "units": [
                        {
                            "id": u.id,
                            "name": label(u.name),
                            "leads": u.leads,
                            "mine": u.id in mine,
                            "records": [(r, label(book()[RECORDS][r].record.label)) for r in u.records],
                        }
                        for u in here
                    ],
                }
            )
    return render(
        request, "desk/people_units.html", {"places": places, "groups": groups, "tabs": tabs(request, "people_units")}
    )
