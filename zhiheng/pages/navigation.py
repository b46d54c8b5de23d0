"""The rail of the desk: which areas there are, and which of them somebody may enter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from zhiheng.kernel.reasons import Refused
from zhiheng.pages.doors import book, today
from zhiheng.people import access


@dataclass(frozen=True, slots=True)
class Area:
    """An area of the desk: its key, the names of its first page, the act it takes to enter, icon and words."""

    key: str
    route: str
    act: str
    icon: str
    zh: str
    en: str


# In the order of a day: what must be done first, then the things themselves, then what stands behind them.
GROUPS: tuple[tuple[Area, ...], ...] = (
    (
        Area("cockpit", "desk:cockpit", "cockpit.read", icon="gauge", zh="驾驶舱", en="Cockpit"),
        Area("inbox", "desk:inbox", "desk.open", icon="inbox", zh="待办", en="Inbox"),
        Area("enterprises", "desk:enterprises", "enterprise.list", icon="building-store", zh="企业", en="Enterprises"),
        Area("supervision", "desk:supervision", "desk.open", icon="shield-check", zh="监管", en="Supervision"),
        Area("warnings", "desk:warnings", "desk.open", icon="alert-triangle", zh="预警", en="Warnings"),
        Area("credit", "desk:credit", "desk.open", icon="scale", zh="信用", en="Credit"),
        Area("indicators", "desk:indicators", "indicator.read", icon="chart-bar", zh="指标", en="Indicators"),
    ),
    (
        Area("deliveries", "desk:deliveries", "delivery.list", icon="inbox", zh="数据", en="Deliveries"),
        Area("identity", "desk:identity", "identity.read", icon="arrows-join", zh="归并", en="Identity"),
        Area("publication", "desk:publication", "publication.read", icon="speakerphone", zh="发布", en="Publication"),
        Area("objections", "desk:objections", "objection.read", icon="message", zh="异议", en="Objections"),
        Area("book", "desk:book", "book.read", icon="book", zh="法规", en="The book"),
    ),
    (
        Area("people", "desk:people", "people.read", icon="users", zh="人员", en="People"),
        Area("audit", "desk:audit", "audit.read", icon="history", zh="留痕", en="Audit"),
    ),
)  # fmt: skip


def rail(request: HttpRequest) -> list[list[dict[str, Any]]]:
    """The areas that exist in this installation and that the actor may enter; the one in which the page lies is marked."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return []
    here, found = request.path, []
    for group in GROUPS:
        entries = []
        for area in group:
            try:
                url = reverse(area.route)
                access.require_somewhere(actor, area.act, book=book(), today=today())
            except (NoReverseMatch, Refused):
                continue
            entries.append(
                {"key": area.key, "url": url, "icon": area.icon, "label": {"zh": area.zh, "en": area.en}, "here": False}
            )
        if entries:
            found.append(entries)
    inside = [entry for group in found for entry in group if here.startswith(entry["url"])]
    if inside:
        # The cockpit's address begins all others; the longest one says where the page lies.
        max(inside, key=lambda entry: len(entry["url"]))["here"] = True
    return found
