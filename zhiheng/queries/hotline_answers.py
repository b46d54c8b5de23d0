"""What a hotline is answered about what it sent: by its own numbers, nothing of the sender."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zhiheng.engines.workflow.compiled import Workflow
from zhiheng.engines.workflow.forms import restored, shown
from zhiheng.engines.workflow.legal_time import LegalTime
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.submissions import SUBMISSIONS, AnswerCell, SubmissionKind
from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refused
from zhiheng.office import case_log
from zhiheng.office.case_facts import CaseFact, CaseFactDecision, case_facts_within
from zhiheng.office.cases import CaseEvent, CaseStandingRow
from zhiheng.people import access
from zhiheng.queries.case_facts import facts_as_said
from zhiheng.queries.case_reach import quality_of, readable
from zhiheng.queries.delivered import Feed, read_delivered, without_sender

# So many cases are answered at once.
MOST = 20_000
_KINDS: Mapping[str, Label] = {
    "takes_in": Label(zh="受理", en="taken in"),
    "refuses": Label(zh="不予受理", en="refused"),
    "declined": Label(zh="未立案", en="no case opened"),
    "waiting": Label(zh="待确认", en="to be confirmed"),
}
Answer = Mapping[AnswerCell, str | dt.date | Label | None]


@dataclass(frozen=True)
class HotlineAnswers:
    """The answers of a period, in the order in which the hotline's numbers came, and how many cases are left out
    because the reader may not read them.
    """

    feed: Feed
    rows: tuple[Answer, ...]
    left_out: int


def answers_of(feed: Feed, first: dt.date, last: dt.date, *, call: Call) -> HotlineAnswers:
    """What became of each number that was received between two days, both included.

    Args:
        feed: the hotline, as the book describes it.
        first: the first day on which numbers were received, included.
        last: the last day, included.
    """
    access.require_somewhere(call, "case.read")
    within = case_facts_within(access.scope(call, "case.read"), quality_of(call.book))
    found = CaseFact.objects.filter(within, record=feed.spec.record, number__isnull=False, day__range=(first, last))
    rows = list(found.exclude(state=CaseFact.State.LAPSED).select_related("case").order_by("day", "id")[:MOST])
    cases = {row.case_id for row in rows if row.case_id is not None}
    standings = CaseStandingRow.objects.filter(readable(call), case__in=cases).in_bulk(field_name="case_id")
    lines: dict[int, list[CaseEvent]] = {}
    for line in CaseEvent.objects.filter(case__in=standings).order_by("case_id", "place"):
        lines.setdefault(line.case_id, []).append(line)
    reasons = dict(CaseFactDecision.objects.filter(of__in=rows).order_by("id").values_list("of_id", "reason"))
    said = facts_as_said(rows)
    told, left_out = [], 0
    for row in rows:
        if row.case_id is not None and row.case_id not in standings:
            left_out += 1
            continue
        fact = said.get(row.now)
        sent = read_delivered(feed, fact, call) if fact is not None else None
        sender = sent.sender if sent is not None else {}
        standing = standings.get(row.case_id) if row.case_id is not None else None
        told.append(_answer(row, standing, lines.get(row.case_id or 0, ()), reasons.get(row.pk, ""), sender, call))
    return HotlineAnswers(feed, tuple(told), left_out)


def _answer(
    row: CaseFact,
    standing: CaseStandingRow | None,
    lines: Sequence[CaseEvent],
    declined: str,
    sender: Mapping[str, str],
    call: Call,
) -> Answer:
    page = call.book[SUBMISSIONS]
    kind = page.kinds.get(row.kind) if page is not None else None
    names = call.book[DISTRICT].names
    answer: dict[AnswerCell, str | dt.date | Label | None] = {
        "number": row.number,
        "kind": kind.label if kind is not None else row.kind,
        "received_on": row.day,
        "unit": names.get(standing.unit if standing is not None else row.unit),
        "case_number": row.case.number if row.case is not None and standing is not None else "",
    }
    if standing is None:
        if row.state == CaseFact.State.DECLINED:
            return answer | {"decided": _KINDS["declined"], "reason": without_sender(declined, sender)}
        return answer | {"decided": _KINDS["waiting"]}
    if kind is not None:
        known = case_book(call.book)
        answer |= _decided(kind, _standing_lines(lines), known.workflows[standing.workflow], known.time, sender)
    return answer | {"ended_on": standing.ended_on}


def _standing_lines(lines: Sequence[CaseEvent]) -> list[CaseEvent]:
    """Acts of the page that still count."""
    struck = {int(case_log.data_of(line)["line"]) for line in lines if line.act == case_log.STRIKE}
    return [line for line in lines if not line.act.startswith("@") and line.pk not in struck]


def _decided(
    kind: SubmissionKind, lines: Sequence[CaseEvent], workflow: Workflow, time: LegalTime, sender: Mapping[str, str]
) -> dict[AnswerCell, str | dt.date | Label | None]:
    """Whether it was taken in, by which article not, and what came of it."""
    rule, found = kind.told_back, dict[AnswerCell, "str | dt.date | Label | None"]()
    for line in lines:
        key = case_log.key_of(line)
        named = next((name for name in (key, line.act) if name in (*rule.takes_in, *rule.refuses)), None)
        if named is not None:
            found["decided"] = _KINDS["takes_in" if named in rule.takes_in else "refuses"]
            found["decided_on"] = line.happened_on
            if named in rule.refuses:
                found |= _why(kind, line, workflow, time, sender)
        ends = next((name for name in (key, line.act) if name in rule.ends), None)
        if ends is not None:
            found["result"] = rule.ends[ends]
    return found


def _why(
    kind: SubmissionKind, line: CaseEvent, workflow: Workflow, time: LegalTime, sender: Mapping[str, str]
) -> dict[AnswerCell, str | dt.date | Label | None]:
    said = restored(workflow, case_log.data_of(line).get("said", {}))
    rule, act = kind.told_back, workflow.acts.get(case_log.key_of(line))
    cause = shown(workflow, rule.cause, said[rule.cause]) if rule.cause is not None and rule.cause in said else ""
    law = _article(act.body.law, workflow, time, line.happened_on) if act is not None else ""
    reason = str(said.get(rule.reason, "")) if rule.reason is not None else ""
    return {
        "article": "：".join(part for part in (law, cause) if part),
        "reason": without_sender(reason, sender),
    }


def _article(law: str, workflow: Workflow, time: LegalTime, day: dt.date) -> str:
    """The article of an act on a day: of the parameter of the law, or of the text of the page that holds then."""
    if not law:
        return ""
    if not law.isascii():
        text = next((each for each in workflow.page.law if each.holds(day)), workflow.page.law[0])
        return f"{text.text}{law}"
    try:
        by = time.value(law, day)
    except Refused:
        return ""
    return f"{by.text.zh}{by.article}"
