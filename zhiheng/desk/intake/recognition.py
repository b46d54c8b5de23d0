"""How a table was recognised, in words: its headings, what is close, what is asked of an unknown heading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from zhiheng.actions.headings import propose_heading as proposing
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.office.models import HeadingProposal
from zhiheng.pages import states
from zhiheng.pages.access import book
from zhiheng.pages.states import badge
from zhiheng.pages.words import label, say
from zhiheng.quality_file.deliveries import Heading, Recognition, line_for, one_line
from zhiheng.queries.headings import standing


def _place(told: Recognition, heading: Heading) -> tuple[str, str, str]:
    """What a proposal for an unknown heading would be about: the record and the source that it was taken for, or that
    come nearest, and the heading.
    """
    if told.taken_for is not None:
        return *told.taken_for, one_line(heading.text)
    near = told.alternatives[0]
    return near.record, near.source, one_line(heading.text)


def standing_proposals(several: Iterable[Recognition | None]) -> Mapping[tuple[str, str, str], HeadingProposal]:
    """What was proposed already for the unknown headings of tables, and what came of it."""
    # Of a table that was refused a heading may be known by now, just because it was accepted.
    return standing(
        [
            _place(told, h)
            for told in several
            if told is not None
            for h in told.headings
            if h.proposals or (told.alternatives and told.taken_for is None and h.kind in ("matched", "ignored"))
        ]
    )


def _asked_for(
    told: Recognition,
    heading: Heading,
    asked: Mapping[tuple[str, str, str], HeadingProposal],
    may_propose: bool,
    typed: Mapping[str, str],
) -> dict[str, Any]:
    """The form by which a unit says what a heading stands for, and how what it said before stands."""
    if not heading.proposals and (told.taken_for is not None or not told.alternatives):
        return {}
    record, source, text = _place(told, heading)
    if not heading.proposals and (record, source, text) not in asked:
        return {}
    names = proposing.targets_of(book()[RECORDS][record])
    likely = [one.target for one in heading.proposals if one.field]
    before = asked.get((record, source, text))
    mine = typed if typed.get("heading") == text else {}
    return {
        "record": record,
        "source": source,
        "heading": text,
        "error": mine.get("error", ""),
        "before": before,
        "meant": (label(names[before.target]) if before.target in names else before.target) if before else "",
        "value": mine.get("target") or (likely[0] if likely else ""),
        "options": [
            *([] if likely else [("", say("请选择", "choose"))]),
            *((target, label(names[target])) for target in dict.fromkeys([*likely, *names])),
        ],
        "may": may_propose
        and bool(heading.proposals)
        and (before is None or before.state in (HeadingProposal.State.REJECTED, HeadingProposal.State.RECALLED)),
        "line": line_for(text, before.target) if before else "",
    }


def recognition_words(
    told: Recognition | None,
    asked: Mapping[tuple[str, str, str], HeadingProposal],
    *,
    may_propose: bool,
    typed: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any] | None:
    if told is None:
        return None
    headings: list[dict[str, Any]] = [
        {
            "text": h.text,
            "badge": badge(states.HEADINGS, h.kind),
            "fields": [label(name) for name in h.fields],
            "proposals": [
                {"field": label(p.field) if p.field else "", "word": p.word, "page": p.page, "line": p.line}
                for p in h.proposals
            ],
            "asked": _asked_for(told, h, asked, may_propose, typed),
        }
        for h in told.headings
    ]
    alternatives = [
        {
            "value": f"{a.record}/{a.source}",
            "record": label(a.record_label),
            "source": label(a.source_label),
            "score": a.score,
            "unknown": a.unknown[:8],
            "missing": [label(m) for m in a.missing],
            "whole": a.whole,
            "id": a.record,
        }
        for a in told.alternatives
    ]
    return {
        "record": label(told.record_label) if told.record_label else "",
        "source": label(told.source_label) if told.source_label else "",
        "headings": headings,
        "alternatives": alternatives,
        "missing": [label(m) for m in told.missing],
        "unknown": sum(h.kind == "unknown" for h in told.headings),
        "matched": sum(h.kind == "matched" for h in told.headings),
        # Nobody knows them, and they did no harm: what they are is asked here.
        "kept": sum(
            told_of.kind == "ignored" and bool(shown["asked"].get("may"))
            for told_of, shown in zip(told.headings, headings, strict=True)
        ),
    }
