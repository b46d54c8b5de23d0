"""The tabs of the corner: what an enterprise can look at and do, in the order in which it is needed."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from zhiheng.kernel.reasons import Refused
from zhiheng.pages.access import call_of
from zhiheng.pages.http import PageRequest
from zhiheng.people import access
from zhiheng.queries import own_file as reading

TABS = (
    ("home", "firm.open", "home", "首页", "Home"),
    ("file", "firm.open", "file-description", "我的档案", "My file"),
    ("ratings", "firm.open", "shield-check", "信用评价", "Ratings"),
    ("published", "firm.open", "speakerphone", "公示", "Published"),
    ("undertakings", "firm.open", "writing-sign", "承诺与责任书", "Undertakings"),
    ("deliveries", "firm.deliver", "file-upload", "报送", "Hand in"),
    ("sampling", "firm.measure", "tools", "抽样方案", "Sampling"),
    ("measurements", "firm.measure", "chart-line", "控制图", "Control charts"),
    ("consents", "firm.consent", "building-bank", "授权查询", "Consents"),
    ("cases", "firm.answer", "writing-sign", "案件", "Cases"),
    ("objections", "firm.open", "message", "异议", "Objections"),
)


def tabs(request: PageRequest, name: str = "") -> dict[str, Any]:
    """For the corner's templates: the tabs that the actor may open, and what the enterprise is called."""
    found = []
    for tab, act, icon, zh, en in TABS:
        try:
            access.require_somewhere(call_of(request), act)
        except Refused:
            continue
        url = reverse(f"firm:{tab}")
        here = request.path == url if tab == "home" else request.path.startswith(url)
        found.append({"url": url, "icon": icon, "label": {"zh": zh, "en": en}, "here": here})
    return {"firm_tabs": found, "firm_name": name or reading.name_of(request.actor)}
