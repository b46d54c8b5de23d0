"""The description of the interface for people: made from the same description that programs read, with nothing from
elsewhere.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhiheng.api.interface import VERSION, interface
from zhiheng.grammar.acts import ACTS
from zhiheng.pages.access import door
from zhiheng.pages.words import say

PARTS = {
    "public": ("公开部分", "Public part", "不需要令牌，每分钟 120 次。", "No key; 120 requests a minute."),
    "office": (
        "部门系统与金融机构",
        "Departments and banks",
        "请求头带 Authorization: Bearer 令牌；令牌由管理员签发，有范围和期限。",
        "Send Authorization: Bearer KEY; an administrator issues keys, with a scope and an end.",
    ),
}


@cache
def _paths() -> dict[str, Any]:
    """The description of every path, which is the same as long as the process lives."""
    told: dict[str, Any] = interface.get_openapi_schema()["paths"]
    return told


def _operations() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path, methods in _paths().items():
        for method, told in methods.items():
            zh, _, en = told["summary"].partition(" / ")
            act = told.get("x-act", "")
            found.append(
                {
                    "method": method.upper(),
                    "path": path,
                    "summary": say(zh, en or zh),
                    "part": told["tags"][0],
                    "act": say(ACTS[act].zh, ACTS[act].en) if act in ACTS else "",
                    "act_id": act if act in ACTS else "",
                    "parameters": [
                        {
                            "name": p["name"],
                            "in": p["in"],
                            "needed": p.get("required", False),
                            "says": p.get("description", ""),
                        }
                        for p in told.get("parameters", ())
                    ],
                    "answers": [status for status in told["responses"] if int(status) < 400],
                }
            )
    return found


@door("public")
@require_safe
def description(request: HttpRequest) -> HttpResponse:
    """Every operation: what it is for, what it takes, what key it needs."""
    operations = _operations()
    parts = [
        {
            "id": name,
            "label": say(zh, en),
            "says": say(says_zh, says_en),
            "operations": [o for o in operations if o["part"] == name],
        }
        for name, (zh, en, says_zh, says_en) in PARTS.items()
    ]
    return render(request, "api/description.html", {"parts": parts, "version": VERSION})
