"""The log of cases: a line is added under a lock, numbered without a gap over all cases, and chained twice: to the line
of all cases before it, and to the line of its own case.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from django.conf import settings
from django.db.models import Max, Q
from django.utils import timezone

from zhiheng.database import locks
from zhiheng.engines.workflow.family import CaseLog
from zhiheng.engines.workflow.forms import restored
from zhiheng.engines.workflow.look_ups import Answer, values_of
from zhiheng.engines.workflow.of_book import CaseBook
from zhiheng.engines.workflow.standing import CaseLine
from zhiheng.kernel.facts import canonical
from zhiheng.kernel.merkle import GENESIS, chained
from zhiheng.kernel.reasons import Refused
from zhiheng.office import refusals
from zhiheng.office.cases import Case, CaseEvent, CaseLink

# The machine's own acts: they begin and end no state, and the engine never sees them.
COMMENT, STRIKE, ASSIGN, LINK, DUPLICATE, RESTRICT, FACT = (
    "@comment",
    "@strike",
    "@assign",
    "@link",
    "@duplicate",
    "@restrict",
    "@fact",
)
# What a line keeps of the answers of look-ups, in what it relied on.
ANSWERS = "answers"
# A comment that its sender reads, too: {"with": "sender"} in what the line says.
WITH, SENDER = "with", "sender"
# Relations that no act of a page has made.
LINKED, DUPLICATE_OF = "@linked", "@duplicate"
# What the link of a line covers, in this order. Columns can be added at the end; none may be renamed or removed.
HEADER: Final = (
    "id",
    "case_id",
    "place",
    "act",
    "outcome",
    "happened_on",
    "happened_at",
    "entered_at",
    "people",
    "entered_for",
    "data",
    "seen",
    "form",
    "page",
    "law",
    "documents",
    "batch",
    "before",
)

# Cases by number, the lines of each, and (parent, child).
FamilyRows = tuple[dict[int, Case], dict[int, list[CaseEvent]], list[tuple[int, int]]]


def lock() -> None:
    """Nobody else adds a line until the transaction ends."""
    locks.hold(locks.Lock.CASES, str(settings.PEOPLE_DATABASE))


def header_of(values: Mapping[str, Any]) -> bytes:
    """The canonical header of a line: JSON with sorted keys, moments in UTC."""
    return canonical({name: _plain(values[name]) for name in HEADER}).encode()


def link_of(before: str, values: Mapping[str, Any]) -> str:
    """The link of a line after the link of the line before it, of whatever case ('': it is the first of all)."""
    return chained(bytes.fromhex(before) if before else GENESIS, header_of(values)).hex()


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return value.isoformat() if isinstance(value, dt.date) else value


def append(case: Case, values: dict[str, Any], own: CaseEvent | None) -> CaseEvent:
    """Add a line to a case after its last one (``own``; None: it has none), which was read under the lock that the
    caller holds. ``id``, ``place``, ``before`` and ``link`` are set here.
    """
    last = CaseEvent.objects.order_by("-id").values_list("id", "link").first()
    values |= {
        "id": last[0] + 1 if last else 1,
        "case_id": case.pk,
        "place": own.place + 1 if own else 1,
        "before": own.link if own else "",
    }
    return CaseEvent.objects.create(**values, link=link_of(last[1] if last else "", values))


def next_serial(workflow: str, year: int) -> int:
    """The next serial of a workflow's numbers in a year, without a gap; the caller holds the lock."""
    last = Case.objects.filter(workflow=workflow, year=year).aggregate(last=Max("serial"))["last"]
    return (last or 0) + 1


@dataclass
class CaseFamily:
    """Cases that opened each other, with their lines, as the engine replays them.

    ``logs`` are by the number of the case; ``struck`` are numbers of lines that don't count. ``machine`` has the
    machine's own lines of each case, struck ones left out.
    """

    cases: dict[int, Case]
    lines: dict[int, list[CaseEvent]]
    logs: dict[str, CaseLog] = field(default_factory=dict)
    struck: frozenset[int] = frozenset()
    machine: dict[int, list[CaseEvent]] = field(default_factory=dict)
    # Pairs of parent and child.
    links: tuple[tuple[int, int], ...] = ()


def family_of(cases: Collection[int], book: CaseBook) -> CaseFamily:
    """The cases, all that opened them and that they opened, with their logs (a query for each generation, and two)."""
    return made(*family_rows(cases), book)


def family_rows(cases: Collection[int]) -> FamilyRows:
    """The rows of a family: its cases, the lines of each, and who opened whom (parent, child)."""
    known, links = set(cases), dict[tuple[int, int], None]()
    waiting = set(cases)
    while waiting:
        found = CaseLink.objects.filter(Q(parent__in=waiting) | Q(child__in=waiting)).order_by("id")
        waiting = set()
        for parent, child, relation in found.values_list("parent_id", "child_id", "relation"):
            if relation not in (LINKED, DUPLICATE_OF):
                links[parent, child] = None
                waiting |= {parent, child} - known
        known |= waiting
    rows = {case.pk: case for case in Case.objects.filter(pk__in=known).order_by("pk")}
    lines: dict[int, list[CaseEvent]] = {number: [] for number in rows}
    for line in CaseEvent.objects.filter(case__in=known).order_by("id"):
        lines[line.case_id].append(line)
    return rows, lines, list(links)


def with_line(family: CaseFamily, line: CaseEvent, book: CaseBook) -> CaseFamily:
    """A family with a line more, which opened no case: as it would be read again under the lock that is held."""
    lines = {**family.lines, line.case_id: [*family.lines[line.case_id], line]}
    return made(family.cases, lines, family.links, book)


def made(
    cases: dict[int, Case],
    lines: dict[int, list[CaseEvent]],
    links: Iterable[tuple[int, int]],
    book: CaseBook,
) -> CaseFamily:
    """A family of rows that were read."""
    struck = struck_lines(line for some in lines.values() for line in some)
    family = CaseFamily(cases, lines, struck=struck, links=tuple(sorted(links)))
    parents: dict[int, list[str]] = {}
    for parent, child in family.links:
        parents.setdefault(child, []).append(cases[parent].number)
    numbers = {number: case.number for number, case in cases.items()}
    for number, case in cases.items():
        workflow = book.workflows.get(case.workflow)
        if workflow is None:
            raise Refused(refusals.workflow_gone(case.workflow, case.number))
        own = [line for line in lines[number] if not line.act.startswith("@")]
        if unknown := sorted({key_of(line) for line in own} - workflow.acts.keys()):
            raise Refused(refusals.act_gone(case.workflow, unknown, case.number))
        family.logs[case.number] = CaseLog(
            workflow,
            tuple(parents.get(number, ())),
            case.party,
            tuple(as_line(line, numbers, restored(workflow, said_in(line)) | seen_in(line)) for line in own),
        )
        family.machine[number] = [line for line in lines[number] if line.act.startswith("@") and line.pk not in struck]
    return family


def struck_lines(lines: Iterable[CaseEvent]) -> frozenset[int]:
    """The numbers of the lines that lines of striking name."""
    return frozenset(int(data_of(line)["line"]) for line in lines if line.act == STRIKE)


def key_of(line: CaseEvent) -> str:
    """The act of a line with its outcome, as pages name it."""
    return f"{line.act}.{line.outcome}" if line.outcome else line.act


def data_of(line: CaseEvent) -> dict[str, Any]:
    """What a line holds."""
    told: dict[str, Any] = orjson.loads(line.data)
    return told


def identity_of(case: Case) -> dict[str, str]:
    """What of the row of a case never changes: it stands in its first line, and in the line that opened it."""
    return {"workflow": case.workflow, "number": case.number, "party": case.party, "unit": case.unit}


def opened_by(line: CaseEvent) -> tuple[int, ...]:
    """The cases that a line opened."""
    return tuple(int(each["id"]) for each in data_of(line).get("opened", ()))


def is_orphan(family: CaseFamily, case: int) -> bool:
    """Whether nothing was done in a case and every line that opened it was struck: it is as if it had not been opened,
    and keeps its number.
    """
    if any(line.pk not in family.struck for line in family.lines[case] if not line.act.startswith("@")):
        return False
    parents = [parent for parent, child in family.links if child == case]
    opening = [line for parent in parents for line in family.lines[parent] if case in opened_by(line)]
    return bool(opening) and all(line.pk in family.struck for line in opening)


def said_in(line: CaseEvent) -> dict[str, Any]:
    """What a line says in the fields of its act, as stored."""
    told: dict[str, Any] = data_of(line).get("said", {})
    return told


def seen_in(line: CaseEvent) -> dict[str, Any]:
    """What the look-ups of its act answered then: look-up -> value, as fields of later conditions."""
    return values_of(answers_in(line))


def answers_in(line: CaseEvent) -> dict[str, Answer]:
    """What the look-ups of its act answered then, with the facts and cases and the day; frozen with the line."""
    if ANSWERS not in line.seen:
        return {}
    return {name: Answer.told(each) for name, each in orjson.loads(line.seen).get(ANSWERS, {}).items()}


def facts_in(lines: Iterable[CaseEvent]) -> set[int]:
    """The facts because of which the acts of some lines were done."""
    told = (orjson.loads(line.seen) for line in lines if line.seen != "{}")
    return {int(fact) for seen in told for fact in seen.get("facts", ())}


def people_of(line: CaseEvent) -> list[dict[str, str]]:
    """Who acted: ``who`` (``account:3``), ``name``, ``hand``, ``unit``, and ``for`` in whose place."""
    told: list[dict[str, str]] = orjson.loads(line.people)
    return told


def names_in(people: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """Everybody who counts as having acted: who did, and those in whose place."""
    return tuple(dict.fromkeys(name for each in people for name in (each["who"], each.get("for", "")) if name))


def happened(line: CaseEvent) -> dt.date:
    """The day, or the moment by the clock of the place, on which it happened."""
    if line.happened_at is None:
        return line.happened_on
    return timezone.localtime(line.happened_at).replace(tzinfo=None)


def as_line(line: CaseEvent, numbers: Mapping[int, str], said: Mapping[str, Any]) -> CaseLine:
    """A line as the engine takes it; ``numbers`` are those of the cases of the family."""
    opened = tuple(numbers[each] for each in opened_by(line) if each in numbers)
    return CaseLine(happened(line), key_of(line), names_in(people_of(line)), said, line.pk, opened)
