"""An objection as its case tells it: the columns of ``Objection``, made anew from the log with every standing.

The receipt, the fact and the entry stand in the first line of the case beside what was said, with the digests of what
was attached. The state is that of the engine; the due day is the period that the act of objecting has begun.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from zhiheng.engines.workflow.legal_time import moment_of
from zhiheng.engines.workflow.of_book import CaseBook
from zhiheng.engines.workflow.promised import promised
from zhiheng.engines.workflow.standing import CaseStanding
from zhiheng.grammar.chapters.corner import ENDS, REJECT, UPHOLD
from zhiheng.office import case_log
from zhiheng.office.case_log import CaseFamily, data_of, key_of, people_of, said_in
from zhiheng.office.cases import Case, CaseEvent
from zhiheng.office.objections import Objection

# Under this name the first line of an objection's case has what identifies it.
TOLD: Final = "objection"


@dataclass(frozen=True)
class ObjectionTold:
    """What identifies an objection in the first line of its case: its receipt, the enterprise, the fact (None where it
    is gone), the public id of the entry or '', the record and the area.
    """

    receipt: str
    subject: int
    fact: int | None
    entry: str
    record: str
    area: str

    @classmethod
    def of(cls, row: Objection) -> Self:
        """That of an objection which has a row already."""
        return cls(row.receipt, row.subject, row.fact, row.entry, row.record, row.area)


_STATES: Final[Mapping[str, Objection.State]] = {
    "upheld": Objection.State.UPHELD,
    "rejected": Objection.State.REJECTED,
    "taken_back": Objection.State.WITHDRAWN,
}
_FILE: Final = ("name", "digest", "size", "kind")
_OPEN: Final[Mapping[str, Any]] = {
    "state": Objection.State.OPEN.value,
    "answer": "",
    "answered_at": None,
    "answered_by": "",
    "remedy": "",
}


def columns_of(case: Case, family: CaseFamily, standing: CaseStanding, known: CaseBook) -> dict[str, Any] | None:
    """The columns of the objection that a case is; None where it is none. Where the law of the day on which it was
    raised knows no period for the answer, there is no due day among them.
    """
    lines = family.lines[case.pk]
    told = data_of(lines[0]).get(TOLD) if lines else None
    if told is None:
        return None
    first, end = lines[0], _end(lines, family, standing)
    said = said_in(first)
    row = {
        **told,
        "unit": case.unit,
        "ground": str(said.get("ground", "")),
        "reason": str(said.get("reason", "")),
        "files": [{name: each[name] for name in _FILE} for each in data_of(first).get("files", ())],
        "at": first.happened_at,
        "by": _actor(first),
        "by_name": people_of(first)[0]["name"],
        **(_OPEN if end is None else _ended(end, standing)),
    }
    log = family.logs[case.number]
    counted = [each for each in log.lines if each.number not in family.struck] or list(log.lines[:1])
    before = [each for each in counted if end is None or each.number != end.pk]
    before.sort(key=lambda each: (moment_of(each.on), each.number))
    until = standing.now if end is None else max(case_log.happened(end), before[0].on, key=moment_of)
    term = promised(log.workflow, before, known.time, until, duty=UPHOLD.partition(".")[0])
    return row if term is None else row | {"due_on": term.day, "due_basis": term.basis()}


def _end(lines: list[CaseEvent], family: CaseFamily, standing: CaseStanding) -> CaseEvent | None:
    """The line that has ended it; where its first line was struck, the one that says so."""
    if not standing.is_open:
        return next(line for line in lines if line.act == case_log.STRIKE and data_of(line)["line"] == lines[0].pk)
    if not standing.has_ended:
        return None
    return next((line for line in reversed(lines) if key_of(line) in ENDS and line.pk not in family.struck), None)


def _ended(end: CaseEvent, standing: CaseStanding) -> dict[str, Any]:
    said, key = said_in(end), key_of(end)
    if key == case_log.STRIKE:
        state, answer = Objection.State.WITHDRAWN, str(data_of(end)["reason"])
    else:
        state = next(_STATES[name] for name in standing.stands if name in _STATES)
        answer = str(said.get("answer", ""))
    return {
        "state": state.value,
        "answer": answer,
        "answered_at": end.happened_at or end.entered_at,
        "answered_by": _actor(end),
        "remedy": str(said.get("remedy", "")) if key == UPHOLD else "none" if key == REJECT else "",
    }


def _actor(line: CaseEvent) -> str:
    """Who acted, as the trail names them."""
    who = people_of(line)[0]
    return f"{who['who']} for {who['for']}" if who.get("for") else who["who"]
