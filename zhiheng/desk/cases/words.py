"""What cases say, in the words of a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from django.urls import reverse

from zhiheng.desk.actor_names import told
from zhiheng.engines.workflow.compiled import Workflow
from zhiheng.engines.workflow.legal_time import day_of
from zhiheng.engines.workflow.look_ups import Reached
from zhiheng.engines.workflow.standing import Clock
from zhiheng.grammar.chapters.case_documents import CASE_DOCUMENTS
from zhiheng.grammar.types import Label
from zhiheng.office.cases import CaseAttachment, CaseDocument, CasePartyRow
from zhiheng.pages.access import book
from zhiheng.pages.deadlines import DueWords
from zhiheng.pages.named import unit as unit_name
from zhiheng.pages.words import chinese, label, say
from zhiheng.queries.cases import ActToChoose, CaseInList, LineOfCase, ProposalOfCase, Relative, WaitedFor, Whom
from zhiheng.queries.inbox import DutyInList
from zhiheng.queries.look_ups import AnswerInWords, BehindAnswer


def _together(words: Iterable[str]) -> str:
    """Several words as one text, as the language of the page lists them."""
    return say("、", ", ").join(words)


def named(parties: Sequence[str]) -> str:
    """The parties of a case, the first three of many."""
    return _together(parties[:3]) + (say("等", " and others") if len(parties) > 3 else "")


def row(one: CaseInList, today: dt.date) -> dict[str, Any]:
    """A line of the list."""
    due = one.row.due
    return {
        "url": reverse("desk:case", args=[one.case.pk]),
        "case": one.case.pk,
        "number": one.case.number,
        "workflow": label(one.workflow),
        "parties": named(one.parties),
        "state": label(one.states[0]) if one.states else "—",
        "more_states": _together(label(each) for each in one.states[1:]),
        "look": "neutral" if one.row.final else "active",
        "unit": label(one.unit),
        "opened_on": one.row.opened_on,
        "due": due,
        "late": due is not None and due < today and not one.row.final,
        "irregular": one.row.irregular,
        "restricted": one.row.restricted,
    }


def is_waited_out(one: Clock, workflow: Workflow) -> bool:
    """Whether a period that only had to be waited for is over: nothing is late by it, and what it held back stands
    among the acts that can be done.
    """
    period = workflow.page.periods[one.period]
    return one.is_late and not (period.duty or period.right or period.else_)


def clock(one: Clock, workflow: Workflow, today: dt.date) -> dict[str, Any]:
    """A period that runs: what must, may or can't yet be done until when, by which article, and why that day."""
    period = workflow.page.periods[one.period]
    kinds = (
        (period.duty, say("应当", "must")),
        (period.right, say("可以", "may")),
        (period.wait, say("期满方可", "only after")),
    )
    effects = [
        say("{kind}：{acts}", "{kind}: {acts}", kind=word, acts=_together(_act_words(workflow, acts)))
        for acts, word in kinds
        if acts
    ]
    why = tuple(label(each) for each in one.why)
    moves = (say("日期可能变动", "the day may still move"),) if one.provisional else ()
    return {
        "label": _pair(one.label),
        "effects": effects,
        "due": one.day,
        "moment": one.moment,
        "left": _pair(one.left),
        "law": _pair(one.cited),
        "state": "late" if one.is_late else "soon" if period.duty and (one.day - today).days <= 5 else "",
        "counted": DueWords(_pair(one.cited), why, moves),
        "missed": one.missed,
    }


def _act_words(workflow: Workflow, names: Sequence[str]) -> list[str]:
    found = []
    for name in names:
        acts = workflow.of(name)
        page = workflow.page.acts.get(name)
        found.append(label(page.label) if page is not None else _pair((acts[0].zh, acts[0].en)) if acts else name)
    return found


def _pair(pair: tuple[str, str]) -> str:
    return say(*pair)


def act(one: ActToChoose, case: int, due: Container[str] = frozenset()) -> dict[str, Any]:
    """An act as a button, or with the reasons why not. ``due``: the acts that a running period asks for."""
    return {
        "due": one.name in due or one.key in due,
        "url": reverse("desk:case_act", args=[case, one.key]),
        "label": label(one.label),
        "by": _together(label(each) for each in one.by),
        "persons": one.persons,
        "refused": [label(each) for each in one.refused],
    }


def waited_for(one: WaitedFor, workflow: Workflow, today: dt.date) -> dict[str, Any]:
    """Whom a period asks for what, with the period as ``clock`` has it."""
    who = say("或者", " or ").join(_whom(each) for each in one.whom)
    acts = _together(f"“{label(each)}”" if chinese() else f"'{label(each)}'" for each in one.acts)
    text = (
        say("等{who}办理{acts}", "Waiting for {who} to do {acts}", who=who, acts=acts)
        if one.must
        else say("{who}可以办理{acts}", "{who} may do {acts}", who=who, acts=acts)
    )
    return {"text": text, "must": one.must, "clock": clock(one.clock, workflow, today)}


def _whom(one: Whom) -> str:
    """A hand or party, with the unit and the persons where the case names them."""
    notes = [*([label(one.unit)] if one.unit is not None else []), *(label(each) for each in one.persons)]
    return label(one.label) + (say("（{notes}）", " ({notes})", notes=_together(notes)) if notes else "")


def for_others(acts: Iterable[ActToChoose]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The acts that are for others than the reader: those that can be done now, by who does them; and the rest, each
    with what holds it back whoever does it.
    """
    now: dict[str, list[str]] = {}
    later = []
    for each in acts:
        who = _together(label(one) for one in each.by)
        if each.by_case:
            later.append({"label": label(each.label), "by": who, "why": [label(one) for one in each.by_case]})
        else:
            now.setdefault(who, []).append(label(each.label))
    return [{"who": who, "acts": some} for who, some in now.items()], later


def lines(found: Sequence[LineOfCase], holder: str) -> list[dict[str, Any]]:
    """The lines of the log of a case that the unit ``holder`` holds; in whose place somebody acted is read at once."""
    lenders = told(each.get("for", "") for one in found for each in one.people)
    return [line(one, holder, lenders) for one in found]


def _person(each: Mapping[str, str], holder: str, lenders: Mapping[str, str]) -> str:
    """Who made a line: in whose place, and of which unit where it is another one than that which holds the case."""
    lender, unit = lenders.get(each.get("for", ""), ""), each.get("unit", "")
    notes = [say("代{whom}", "for {whom}", whom=lender)] if lender else []
    notes += [unit_name(unit)] if unit and unit != holder else []
    return each["name"] + (say("（{notes}）", " ({notes})", notes=_together(notes)) if notes else "")


def line(one: LineOfCase, holder: str, lenders: Mapping[str, str]) -> dict[str, Any]:
    """A line of the log."""
    struck = one.struck_by
    return {
        "id": one.event.pk if one.event is not None else None,
        "label": label(one.label),
        "happened": one.happened,
        "entered_at": one.entered_at,
        "late_entry": one.entered_at is not None and day_of(one.happened) != one.entered_at.date(),
        "people": _together(_person(each, holder, lenders) for each in one.people),
        "entered_for": label(one.entered_for) if one.entered_for is not None else "",
        "said": [{"label": label(each.label), "text": label(each.text)} for each in one.said],
        "answers": answers(one.answers),
        "text": one.text,
        "closed": one.closed,
        "struck": {"why": struck.text, "at": struck.entered_at} if struck is not None else None,
        "irregular": [label(each) for each in one.irregular],
        "by_law": one.by_law,
        "follows": one.follows,
        "opened": [reverse("desk:case", args=[each]) for each in one.opened],
        "may_strike": one.may_strike,
        "papers": [_paper(each) for each in one.documents],
        "files": [_file(each) for each in one.files],
    }


# What stands behind an answer: so many at once, the others when asked for.
NAMED_AT_ONCE = 5
_REACHED: Mapping[Reached, Label] = {
    Reached.PART: Label(zh="只含办理的人看得到的，其余没有计入", en="only what the officer may read is counted"),
    Reached.NONE: Label(zh="办理的人看不到这类内容，没有查", en="not looked up: the officer may read none of it"),
    Reached.UNKNOWN: Label(
        zh="当事人没有对应到台账里的企业，没有查", en="not looked up: the party is not in the ledger"
    ),
    Reached.LACKING: Label(zh="证据不足，算不出", en="insufficient evidence"),
}


def answers(some: Iterable[AnswerInWords]) -> list[dict[str, Any]]:
    """What look-ups answered: the value, the day, how far it reached, and the way to the facts and cases behind it."""
    return [
        {
            "label": label(one.label),
            "value": label(one.value),
            "on": one.answer.on,
            "reached": label(_REACHED[one.answer.reached]) if one.answer.reached in _REACHED else "",
            "note": label(one.note) if one.note is not None else "",
            "behind": (behind := _behind(one))[:NAMED_AT_ONCE],
            "rest": behind[NAMED_AT_ONCE:],
            "closed": one.more > 0,
        }
        for one in some
    ]


def _behind(one: AnswerInWords) -> list[dict[str, Any]]:
    cases = [(reverse("desk:case", args=[each.number]), each) for each in one.cases]
    return [
        {"url": url, "label": label(each.label), "on": each.on}
        for url, each in [*((_fact_url(each), each) for each in one.facts), *cases]
    ]


def _fact_url(one: BehindAnswer) -> str:
    return f"{reverse('desk:fact', args=[one.number])}?file={one.subject}"


def _file(one: CaseAttachment) -> dict[str, Any]:
    """What was attached, with the way to the file and to its chain of custody."""
    return {
        "name": one.name,
        "size": one.size,
        "url": reverse("desk:case_attachment", args=[one.pk]),
        "custody": reverse("desk:case_custody", args=[one.pk]),
    }


def _paper(one: CaseDocument) -> dict[str, Any]:
    """A document that a line issued: its files where it is made, else what it waits for or why there is none."""
    entry = book()[CASE_DOCUMENTS].get(one.document)
    made = bool(one.content)
    return {
        "title": label(entry.page.label) if entry is not None else one.document,
        "number": one.number,
        "pdf": reverse("desk:case_paper", args=[one.pk, "pdf"]) if made else "",
        "docx": reverse("desk:case_paper", args=[one.pk, "docx"]) if made else "",
        "proof": reverse("desk:case_proof", args=[one.pk]) if made else "",
        "why_not": one.why_not,
    }


def party(word: Label, one: CasePartyRow, *, opens: bool) -> dict[str, Any]:
    """A party, with the way to its quality file where it is an enterprise of the ledger and the reader opens files."""
    return {
        "role": label(word),
        "name": one.name or one.unit,
        "code": one.code,
        "url": reverse("desk:file", args=[one.subject]) if opens and one.subject is not None else "",
    }


def relative(one: Relative) -> dict[str, Any]:
    """Another case, and what it is to this one; its address where it may be read."""
    return {
        "relation": label(one.relation),
        "number": one.case.number,
        "url": reverse("desk:case", args=[one.case.pk]) if one.row is not None else "",
        "states": _together(label(each) for each in one.states),
    }


def proposal(one: ProposalOfCase) -> dict[str, Any]:
    """An act that waits for signatures."""
    return {
        "id": one.proposal.pk,
        "label": label(one.label),
        "digest": one.proposal.digest,
        "said": [{"label": label(each.label), "text": label(each.text)} for each in one.said],
        "signed": _together(each["name"] for each in one.proposal.signed),
        "missing": one.proposal.needs - len(one.proposal.signed),
        "at": one.proposal.at,
        "refused": [label(each) for each in one.refused],
        "may_decline": one.may_decline,
    }


def duties(some: Iterable[DutyInList]) -> list[dict[str, Any]]:
    """What is to be done, as lines of the inbox; how cases are addressed is worked out once."""
    before, number, after = reverse("desk:case", args=[0]).rpartition("0")
    assert number
    return [{"url": f"{before}{one.case.pk}{after}", **_duty(one)} for one in some]


def _duty(one: DutyInList) -> dict[str, Any]:
    return {
        "case": one.case.pk,
        "number": one.case.number,
        "workflow": label(one.workflow),
        "parties": named(one.parties),
        "closed": one.closed,
        "period": label(one.period),
        # The name of an act may have a comma itself.
        "acts": say("／", " / ").join(label(each) for each in one.acts),
        "hand": label(one.hand),
        "due": one.duty.due,
        "due_at": one.duty.due_at,
        "provisional": one.duty.provisional,
        "left": label(one.left) if one.left is not None else "",
        "late": one.is_late,
        "missed": one.duty.missed,
    }
