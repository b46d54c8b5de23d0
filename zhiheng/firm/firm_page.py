"""What the pages of the enterprise corner share: the frame with its tabs, a fact in one line, what is offered to the
reader.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from zhiheng.firm.tabs import tabs
from zhiheng.pages import named
from zhiheng.pages.access import call_of, today
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import label, say
from zhiheng.people import access
from zhiheng.quality_file.fact_lines import FileLine
from zhiheng.queries import own_file as reading


def firm_page(request: PageRequest, template: str, words: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of the corner with its tabs and the name of the enterprise."""
    return render(request, f"firm/{template}.html", {**words, **tabs(request, words.get("name", ""))}, status=status)


def outcome_badge(outcome: str | None, word: Any) -> dict[str, str] | None:
    """What came out of it as a badge, in the words of the record."""
    return {"look": outcome or "neutral", "word": label(word)} if word is not None else None


def fact_line(line: FileLine) -> dict[str, Any]:
    """A fact in one line, as the corner shows it."""
    return {
        "line": line,
        "label": label(line.label),
        "unit": named.unit(line.unit),
        "outcome": outcome_badge(line.outcome, line.verdict),
        "gist": [{"label": label(f.label), "value": say(f.zh, f.en)} for f in line.gist],
        "over": line.replaced_by is not None or line.withdrawn,
        "ended": line.ended(today()),
    }


def may(request: PageRequest, act: str) -> bool:
    """Whether somebody may do an act for their own enterprise: what they may not is not offered to them."""
    subject = reading.subject_of(request.actor)
    return access.may(call_of(request), act, subject=subject) is None
