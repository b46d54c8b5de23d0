"""The navigation rail of the desk: its areas, those that the actor may enter, and where an account begins its day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, resolve, reverse

from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.roles import BEGINNINGS, ROLES
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.reasons import Refused
from zhiheng.pages.access import book, call_by
from zhiheng.pages.http import PageRequest
from zhiheng.people import access


@dataclass(frozen=True, slots=True)
class NavigationArea:
    """An area of the desk: its key, the names of its first page, the act it takes to enter, icon and words."""

    key: str
    route: str
    act: str
    icon: str
    zh: str
    en: str


# In the order of a day: what must be done first, then the things themselves, then what stands behind them.
GROUPS: tuple[tuple[NavigationArea, ...], ...] = (
    (
        NavigationArea("cockpit", "desk:cockpit", BEGINNINGS["cockpit"], icon="gauge", zh="驾驶舱", en="Cockpit"),
        NavigationArea("inbox", "desk:inbox", BEGINNINGS["inbox"], icon="writing-sign", zh="待办", en="Inbox"),
        NavigationArea("cases", "desk:cases", "case.read", icon="file-description", zh="案件", en="Cases"),
        NavigationArea(
            "enterprises",
            "desk:enterprises",
            BEGINNINGS["enterprises"],
            icon="building-store",
            zh="企业",
            en="Enterprises",
        ),
        NavigationArea(
            "supervision", "desk:supervision", "desk.open", icon="shield-check", zh="监管", en="Supervision"
        ),
        NavigationArea(
            "warnings", "desk:warnings", BEGINNINGS["warnings"], icon="alert-triangle", zh="预警", en="Warnings"
        ),
        NavigationArea("credit", "desk:credit", "file.read", icon="scale", zh="信用", en="Credit"),
        NavigationArea(
            "indicators", "desk:indicators", BEGINNINGS["indicators"], icon="chart-bar", zh="指标", en="Indicators"
        ),
    ),
    (
        NavigationArea(
            "deliveries", "desk:deliveries", BEGINNINGS["deliveries"], icon="inbox", zh="数据", en="Deliveries"
        ),
        NavigationArea(
            "identity", "desk:identity", BEGINNINGS["identity"], icon="arrows-join", zh="主体归并", en="Identity"
        ),
        NavigationArea(
            "publication",
            "desk:publication",
            BEGINNINGS["publication"],
            icon="speakerphone",
            zh="发布",
            en="Publication",
        ),
        NavigationArea(
            "objections", "desk:objections", BEGINNINGS["objections"], icon="message", zh="异议", en="Objections"
        ),
        NavigationArea("book", "desk:book", BEGINNINGS["book"], icon="book", zh="法规", en="The book"),
    ),
    (
        NavigationArea(
            "custody", "desk:custody", BEGINNINGS["custody"], icon="lock", zh="身份保管", en="Sealed identities"
        ),
        NavigationArea("people", "desk:people", BEGINNINGS["people"], icon="users", zh="人员", en="People"),
        NavigationArea("audit", "desk:audit", BEGINNINGS["audit"], icon="history", zh="留痕", en="Audit"),
    ),
)


# The first page of those who have no desk: its address, and the act that opens it.
DOORS = {"enterprise": ("firm:home", "firm.open"), "bank": ("bank:home", "credit.read")}
WORDS = {
    "officer": ("回到工作台", "Back to the desk"),
    "enterprise": ("回到企业之窗", "Back to the enterprise corner"),
    "bank": ("回到授权查询", "Back to the consents"),
}


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first page of an account, and the label of the way back there."""

    url: str
    zh: str
    en: str


def beginning(actor: Actor) -> Beginning:
    """The first page of an account: for an officer where the first of their roles says so, else the first area that
    they may enter; for others the door of their kind; without a role the page that says so; for strangers the public
    pages.
    """
    if actor.kind not in WORDS:
        return Beginning("/", "回到首页", "To the first page")
    zh, en = WORDS[actor.kind]
    for route, act in _first_pages(actor):
        if (url := _entered(call_by(actor), route, act)) is not None:
            return Beginning(url, zh, en)
    return Beginning(reverse("pages:begin"), "查看我的账号情况", "To what your account may do")


def _first_pages(actor: Actor) -> list[tuple[str, str]]:
    if actor.kind != "officer":
        return [DOORS[actor.kind]]
    areas = {area.key: area for group in GROUPS for area in group}
    roles = [book()[ROLES][held.role] for held in actor.holdings if held.role in book()[ROLES]]
    wanted = [areas[role.begins] for role in roles if role.begins is not None and role.begins in areas]
    # What any role may open is nobody's work: it comes last.
    plain = ("book", "inbox", "supervision", "warnings", "credit")
    rest = sorted(areas.values(), key=lambda area: area.key in plain)
    return [(area.route, area.act) for area in (*wanted, *rest)]


def _entered(call: Call, route: str, act: str) -> str | None:
    """The address of a first page; None where this installation has none, or where the actor may not enter."""
    try:
        url = reverse(route)
        access.require_somewhere(call, act)
    except (NoReverseMatch, Refused):
        return None
    return url


def opened(actor: Actor, route: str, *about: Any) -> str | None:
    """The address of a page where its door would let the actor in somewhere; None where it would not: then no link
    leads there.
    """
    url = reverse(route, args=about)
    act = getattr(resolve(url).func, "act", "")
    if act == "public":
        return url
    try:
        access.require_somewhere(call_by(actor), act)
    except Refused:
        return None
    return url


def rail(request: PageRequest) -> list[list[dict[str, Any]]]:
    """The areas that exist in this installation and that the actor may enter; the one in which the page lies is
    marked.
    """
    actor = getattr(request, "actor", None)
    if actor is None:
        return []
    here, found, call = request.path, list[list[dict[str, Any]]](), call_by(actor)
    for group in GROUPS:
        entries: list[dict[str, Any]] = []
        for area in group:
            if (url := _entered(call, area.route, area.act)) is None:
                continue
            entries.append(
                {"key": area.key, "url": url, "icon": area.icon, "label": {"zh": area.zh, "en": area.en}, "here": False}
            )
        if entries:
            found.append(entries)
    inside = [entry for group in found for entry in group if here.startswith(entry["url"])]
    if inside:
        # Addresses lie inside one another; the longest one says where the page lies.
        max(inside, key=lambda entry: len(entry["url"]))["here"] = True
    return found
