"""Verification of the ledger: runs in the background; shows when, by which account and what was found."""

from __future__ import annotations

import datetime as dt
from typing import Any

import orjson
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from zhiheng.actions.facts.request_verification import ask_verification, verifications
from zhiheng.desk.actor_names import told
from zhiheng.desk.intake import deliveries
from zhiheng.pages.access import call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.navigation import opened
from zhiheng.pages.words import label, say


@door("ledger.verify")
def ledger(request: PageRequest) -> HttpResponse:
    """When the ledger was verified last; a form that was sent has it verified again."""
    if request.method == "POST":
        if ask_verification(call=call_of(request)):
            messages.success(
                request,
                say(
                    "已开始核验，完成后结果列在本页。",
                    "The verification has begun; its result will stand on this page.",
                ),
            )
        else:
            messages.warning(
                request, say("已有一次核验正在进行，请等它完成。", "One is under way already; wait for it.")
            )
        return redirect("desk:ledger")
    found = verifications(call=call_of(request))
    who = told(line.actor for line in found.lines)
    audited = opened(request.actor, "desk:audit") is not None
    words: dict[str, Any] = {
        "rail": "audit" if audited else "deliveries",
        "tabs": [] if audited else deliveries.tabs(request, "ledger"),
        "found": found,
        "findings": [label(one) for one in found.last["findings"]] if found.last else [],
        "last_at": dt.datetime.fromisoformat(found.last["at"]) if found.last else None,
        "rows": [{"line": line, "who": who[line.actor], "told": orjson.loads(line.detail)} for line in found.lines],
    }
    return render(request, "desk/ledger.html", words)
