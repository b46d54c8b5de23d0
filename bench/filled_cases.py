"""Open cases filled quickly, for benchmarks of the office: rows of the real tables, chain, standings and duties included.

    from bench.filled_cases import fill
    fill(100_000)        # so many cases more, into the database that ZHIHENG_DATA or DATABASE_URL names

``python -m bench.filled_cases COUNT`` fills and says how long it took.

Courses are drawn once: acts that the guards permit, with something filled in. Each case takes one of them, begun on a
day of the last months, so that some are late, some due soon, and each day something changes. A tenth of the cases are
held by one unit (``UNIT``), whose inbox is measured; the others by the other units of the book. ``ledger verify`` finds
nothing wrong with them; papers are not made, and nobody opened them by a form.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from zhiheng.engines.workflow.compiled import CompiledAct, Workflow
from zhiheng.engines.workflow.forms import stored
from zhiheng.engines.workflow.guards import refusals_of
from zhiheng.engines.workflow.legal_time import moment_of
from zhiheng.engines.workflow.of_book import CaseBook, case_book, empty_digest
from zhiheng.engines.workflow.standing import CaseLine, CaseStanding
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.kernel.facts import canonical
from zhiheng.kernel.reasons import Refused

if TYPE_CHECKING:
    from django.db.models import Model

    from zhiheng.office.case_standings import CaseRows
    from zhiheng.office.cases import Case

UNIT: Final = "liyuan_market"
NOW: Final = dt.datetime(2026, 11, 30, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
WORKFLOWS: Final = (
    "complaint",
    "report",
    "product_follow_up",
    "rectification",
    "interview",
)
# Courses of each workflow, the longest of them in acts, how many days ago a case began at most, cases at once.
COURSES, LONGEST, DAYS, AT_ONCE = 40, 5, 80, 2_000
_WHO: Final = [{"who": "account:1", "name": "承办人", "hand": "", "unit": UNIT}]


@dataclass(frozen=True)
class Course:
    """Acts with what was filled in, each so many days after the beginning of the case."""

    workflow: str
    steps: tuple[tuple[int, str, Mapping[str, Any]], ...]


def fill(cases: int, *, seed: int = 7, share: float = 0.1) -> float:
    """Add so many open cases, of which ``UNIT`` holds a share; returns the seconds that it took."""
    from django.db import transaction

    from zhiheng.cli.session import open_book

    begun, dice = time.perf_counter(), random.Random(seed)
    filling = Filling(open_book(), dice, share)
    connection = filling.connection
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        connection.ensure_connection()
        connection.connection.execute("PRAGMA synchronous = OFF")
    for done in range(0, cases, AT_ONCE):
        with transaction.atomic(using=connection.alias):
            filling.some(min(AT_ONCE, cases - done))
    with connection.cursor() as cursor:
        for table in ("case", "caseevent", "casestandingrow", "caseduty"):
            cursor.execute(f"ANALYZE office_{table}")
        if connection.vendor == "postgresql":
            # Rows were given their numbers: what comes next is counted on.
            for table in ("case", "casepartyrow", "caseduty"):
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('office_{table}', 'id'), (SELECT max(id) FROM office_{table}))"
                )
    return time.perf_counter() - begun


def courses_of(workflow: Workflow, known: CaseBook, dice: random.Random) -> Iterator[Course]:
    """Courses that the guards permit and that have not ended."""
    for _ in range(COURSES):
        steps: list[tuple[int, str, Mapping[str, Any]]] = []
        day, first = 0, (NOW - dt.timedelta(days=DAYS)).date()
        standing = CaseStanding(workflow, known.time)
        for place in range(dice.randrange(1, LONGEST + 1)):
            on = first + dt.timedelta(days=day)
            while standing.expire(moment_of(on)):
                pass
            standing.now = on
            able = list(_able(workflow, standing, known))
            if not able or standing.has_ended:
                break
            act, said = dice.choice(able)
            if act.ends_case:
                break
            standing.apply(CaseLine(on, act.key, ("account:1",), said, place + 1))
            steps.append((day, act.key, said))
            day += dice.randrange(0, 6)
        if steps:
            yield Course(workflow.name, tuple(steps))


def _able(workflow: Workflow, standing: CaseStanding, known: CaseBook) -> Iterator[tuple[CompiledAct, dict[str, Any]]]:
    for act in workflow.acts.values():
        if not act.body.by or act.by_law or act.body.opens or act.body.hears or act.body.records:
            continue
        said = {name: _filled(workflow, name, standing, known) for name in act.body.asks}
        try:
            if not refusals_of(standing, act, (), said):
                yield act, said
        except Refused:
            continue


def _filled(workflow: Workflow, name: str, standing: CaseStanding, known: CaseBook) -> Any:
    field = workflow.page.fields[name]
    if field.choices_of is not None:
        found = known.time.value(field.choices_of, standing.today).value
        one: Any = found[0] if isinstance(found, tuple) else next(iter(found))
    elif field.choices:
        one = next(iter(field.choices))
    else:
        one = {
            "day": standing.today,
            "moment": moment_of(standing.today),
            "number": 1,
            "money": 1,
            "yes_no": True,
            "unit": "liyuan_construction",
            "persons": "account:1",
            "person": "account:1",
        }.get(field.type, f"{field.label.zh}（测速）")
    return [one] if field.type in ("choices", "persons", "parties", "units", "names", "files") else one


class Filling:
    """Cases in the making: what each course gives on each day is worked out once."""

    def __init__(self, book: Book, dice: random.Random, share: float) -> None:
        from django.conf import settings
        from django.db import connections

        self.book, self.known, self.dice, self.share = book, case_book(book), dice, share
        flows = self.known.workflows
        self.courses = [course for name in WORKFLOWS for course in courses_of(flows[name], self.known, dice)]
        self.units = [unit.id for unit in book[DISTRICT].units if unit.id != UNIT]
        self.connection = connections[str(settings.PEOPLE_DATABASE)]
        self._rows: dict[tuple[int, dt.date], CaseRows] = {}
        self._values: dict[tuple[str, Any], Any] = {}

    def some(self, count: int) -> None:
        """Cases in one transaction."""
        from django.db.models import Max

        from zhiheng.office import case_log
        from zhiheng.office.cases import Case, CaseDuty, CaseEvent, CasePartyRow, CaseStandingRow

        case_log.lock()
        number = (Case.objects.aggregate(last=Max("id"))["last"] or 0) + 1
        serials = {name: case_log.next_serial(name, NOW.year) for name in WORKFLOWS}
        last = CaseEvent.objects.order_by("-id").values_list("id", "link").first() or (0, "")
        party = (CasePartyRow.objects.aggregate(last=Max("id"))["last"] or 0) + 1
        duty = (CaseDuty.objects.aggregate(last=Max("id"))["last"] or 0) + 1
        cases: list[dict[str, Any]] = []
        lines: list[dict[str, Any]] = []
        parties: list[dict[str, Any]] = []
        standings: list[dict[str, Any]] = []
        duties: list[dict[str, Any]] = []
        for pk in range(number, number + count):
            case, place, rows, first = self._case(pk, serials)
            course = self.courses[place]
            cases.append(vars(case))
            before = ""
            for step, (after, act, said) in enumerate(course.steps, 1):
                data: dict[str, Any] = {"said": stored(said)}
                if step == 1:
                    data["case"] = case_log.identity_of(case)
                    if named := _party(self.known.workflows[case.workflow], pk):
                        data["parties"] = [named]
                        parties.append({**named, "id": party, "case_id": pk, "line": last[0] + 1})
                        party += 1
                line = _line(case, step, first + dt.timedelta(days=after), act, data, self.known)
                line |= {"id": last[0] + 1, "before": before}
                before = line["link"] = case_log.link_of(last[1], line)
                last = (line["id"], before)
                lines.append(line)
            held = self._held_by(case.unit, rows.standing)
            standings.append({**rows.standing, **held(rows.standing), "line": last[0], "case_id": pk})
            for each in rows.duties:
                duties.append({**each, **held(each), "id": duty, "case_id": pk})
                duty += 1
        for model, made in (
            (Case, cases),
            (CaseEvent, lines),
            (CasePartyRow, parties),
            (CaseStandingRow, standings),
            (CaseDuty, duties),
        ):
            self._insert(model, made)

    def _case(self, pk: int, serials: dict[str, int]) -> tuple[Case, int, CaseRows, dt.date]:
        """A case with its course, the rows that it gives, and its first day; one that would have ended is not taken."""
        from zhiheng.office.cases import Case

        while True:
            place = self.dice.randrange(len(self.courses))
            course = self.courses[place]
            first = NOW.date() - dt.timedelta(days=self.dice.randrange(course.steps[-1][0] + 1, DAYS))
            rows = self._rows_of(place, first)
            if not rows.standing["final"]:
                break
        unit, serial = (
            UNIT if self.dice.random() < self.share else self.dice.choice(self.units),
            serials[course.workflow],
        )
        serials[course.workflow] += 1
        case = Case(
            id=pk,
            workflow=course.workflow,
            year=NOW.year,
            serial=serial,
            number=self.known.workflows[course.workflow].page.number.zh.format(year=NOW.year, serial=serial),
            party="",
            opened_on=first,
            opened_at=dt.datetime.combine(first, dt.time(9), NOW.tzinfo),
            unit=unit,
        )
        return case, place, rows, first

    def _rows_of(self, place: int, first: dt.date) -> CaseRows:
        """The rows of a case of ``UNIT`` that takes a course from a day."""
        from zhiheng.office import case_log, case_standings
        from zhiheng.office.cases import Case, CaseEvent

        if (place, first) not in self._rows:
            course = self.courses[place]
            case = Case(id=1, workflow=course.workflow, number="1", unit=UNIT, opened_on=first)
            lines = [
                CaseEvent(
                    id=step,
                    link="",
                    before="",
                    **_line(case, step, first + dt.timedelta(days=after), act, {"said": stored(said)}, self.known),
                )
                for step, (after, act, said) in enumerate(course.steps, 1)
            ]
            family = case_log.made({1: case}, {1: lines}, (), self.known)
            self._rows[place, first] = case_standings.rows_with(family, {}, self.book, NOW)[1]
        return self._rows[place, first]

    def _held_by(self, unit: str, standing: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], dict[str, str]]:
        """What differs in a row where another unit holds the case."""
        area = self.book[DISTRICT].area_of_unit[unit]

        def held(row: Mapping[str, Any]) -> dict[str, str]:
            if standing["unit"] != UNIT:
                # It was taken over by another unit since.
                return {}
            return {"unit": unit, "area": area} if row["unit"] == UNIT else {"area": area}

        return held

    def _insert(self, model: type[Model], made: Sequence[Mapping[str, Any]]) -> None:
        """Append rows, column -> value; what is left out has its default. A value is made ready for the database once."""
        fields = model._meta.concrete_fields
        left_out = {field.attname: field.get_default() for field in fields}
        marks = ", ".join(["%s"] * len(fields))
        names = ", ".join(f'"{field.column}"' for field in fields)
        ready = [
            [self._ready(field, row.get(field.attname, left_out[field.attname])) for field in fields] for row in made
        ]
        with self.connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({marks})", ready)

    def _ready(self, field: Any, value: Any) -> Any:
        if value is None or type(value) is int:
            return value
        if type(value) is str:
            return value
        if isinstance(value, dict):
            return field.get_db_prep_save(value, self.connection)
        key = (field.get_internal_type(), tuple(value) if isinstance(value, list) else value)
        if key not in self._values:
            self._values[key] = field.get_db_prep_save(value, self.connection)
        return self._values[key]


def _line(case: Case, step: int, on: dt.date, act: str, data: Mapping[str, Any], known: CaseBook) -> dict[str, Any]:
    """A line of a case but for its number and its links."""
    name, _, outcome = act.partition(".")
    moment = dt.datetime.combine(on, dt.time(9, step), NOW.tzinfo)
    return {
        "case_id": case.pk,
        "place": step,
        "act": name,
        "outcome": outcome,
        "happened_on": on,
        "happened_at": moment,
        "entered_at": moment,
        "people": canonical(_WHO),
        "entered_for": "",
        "data": canonical(dict(data)),
        "seen": "{}",
        "form": empty_digest(),
        "page": known.pages[case.workflow],
        "law": known.law_digest,
        "documents": "[]",
        "batch": "",
    }


def _party(workflow: Workflow, number: int) -> dict[str, Any] | None:
    """An enterprise that the case is about; none where its page knows no enterprise."""
    role = next((name for name, each in workflow.page.parties.items() if each.kind == "enterprise"), None)
    if role is None:
        return None
    told = {"role": role, "name": f"云澜测速第{number}有限公司", "code": "", "unit": "", "sealed": ""}
    return {**told, "alias": None, "subject": None}


def main() -> int:
    """Fill, and say how long it took."""
    from zhiheng.cli.session import set_up

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    count = parser.parse_args().count
    set_up()
    print(f"{count:,} cases in {fill(count):.0f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
