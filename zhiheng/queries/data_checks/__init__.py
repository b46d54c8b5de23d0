"""Integrity checks of the tables, each a file of ``checks/``: what must never be, a query that finds it, how bad it is,
and what to do.

A query is plain SQL that both databases understand, and gives two columns: ``place`` says which row (never a name or a
text of anybody), ``says`` what is there against what should be. How many there are is counted from the same query, so
the number and the list can't differ. Parameters are days and moments (``%(today)s``; ``_moments``). The tables of a
query stand in one database: ``home`` is told by their names. It is run so that it can write nothing.

``fault`` makes the tables wrong in just this way; the tests put it into empty tables and see it found.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal, get_args

from django.apps import apps
from django.db import connections
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from pydantic import Field

from zhiheng.database.paging import Page, cut_start, one_more
from zhiheng.database.read_only import reading_only
from zhiheng.grammar.call import Call
from zhiheng.grammar.types import Entry, Label
from zhiheng.grammar.yaml import validated
from zhiheng.kernel.parse_params import number_in
from zhiheng.kernel.reasons import Refused
from zhiheng.office import leases, task_queue
from zhiheng.people import access
from zhiheng.queries import refusals

FOLDER = Path(__file__).parent / "checks"
TASK = "check_the_data"
ACT = "ledger.verify"
Section = Literal["ledger", "publication", "read_models", "cases", "people", "running"]
Gravity = Literal["critical", "serious", "hint"]
SECTIONS: dict[Section, Label] = {
    "ledger": Label(zh="台账", en="Ledger"),
    "publication": Label(zh="公示", en="Publication"),
    "read_models": Label(zh="名片、指标和应报事项", en="Cards, figures and what is owed"),
    "cases": Label(zh="案件", en="Cases"),
    "people": Label(zh="账号和授权", en="People and consents"),
    "running": Label(zh="接收和后台", en="Receiving and background work"),
}
GRAVITIES: dict[Gravity, Label] = {
    "critical": Label(zh="严重", en="critical"),
    "serious": Label(zh="应当处理", en="to be mended"),
    "hint": Label(zh="提示", en="hint"),
}
# What the rows of a check are, before their number.
ROWS: dict[str, Label] = {
    "account": Label(zh="账号", en="account"),
    "act": Label(zh="归并拆分", en="identity act"),
    "attachment": Label(zh="附件", en="attachment"),
    "batch": Label(zh="批量办理", en="batch"),
    "call": Label(zh="推送", en="message"),
    "case": Label(zh="案件", en="case"),
    "consent": Label(zh="授权书", en="consent"),
    "delivery": Label(zh="报送", en="delivery"),
    "document": Label(zh="文书", en="document"),
    "draft": Label(zh="草稿", en="draft"),
    "duty": Label(zh="期限事项", en="duty"),
    "enterprise": Label(zh="公示企业", en="published enterprise"),
    "entry": Label(zh="日志条目", en="entry of the log"),
    "entry_shown": Label(zh="公示条目", en="published entry"),
    "fact": Label(zh="事实", en="fact"),
    "figure": Label(zh="指标数", en="figure"),
    "file": Label(zh="批量文件", en="bulk file"),
    "grant": Label(zh="角色授予", en="grant of a role"),
    "head": Label(zh="检查点", en="head of the log"),
    "invitation": Label(zh="启用信", en="letter"),
    "key": Label(zh="陈述键", en="statement key"),
    "line": Label(zh="记录", en="line"),
    "list": Label(zh="公示清单", en="list"),
    "match": Label(zh="疑似同一主体", en="likely match"),
    "message": Label(zh="消息", en="message"),
    "name": Label(zh="名称", en="name"),
    "opening": Label(zh="拆封", en="opening of a seal"),
    "owed": Label(zh="应报事项", en="what is owed"),
    "part": Label(zh="更新部分", en="part"),
    "proposal": Label(zh="待共同签署", en="proposal"),
    "read": Label(zh="查看记录", en="reading"),
    "request": Label(zh="公示建议", en="request for publication"),
    "role": Label(zh="公示当事方", en="role in an entry"),
    "seal": Label(zh="封存", en="seal"),
    "signal": Label(zh="预警线索", en="hint of early warning"),
    "subject": Label(zh="主体", en="subject"),
    "task": Label(zh="后台任务", en="task"),
    "token": Label(zh="接口密钥", en="key of a program"),
    "tombstone": Label(zh="撤下记录", en="tombstone"),
    "upload": Label(zh="已报送的文件", en="file handed in"),
    "watched": Label(zh="因事实应立案", en="fact that proposes a case"),
    "worker": Label(zh="后台进程", en="worker"),
}
_TABLE = re.compile(r"\b(?:FROM|JOIN)\s+([a-z]+_[a-z_]+)")


class DataCheck(Entry):
    """One file of ``checks/``; its name is the check's."""

    section: Section
    severity: Gravity
    rows: str = Field(description="what the rows are: a name of ROWS")
    zh: str = Field(min_length=1, description="what must never be, as a heading in Chinese")
    en: str = Field(min_length=1)
    do: Label = Field(description="what to do about it, without a full stop")
    finds: str = Field(min_length=1, description="SELECT ... AS place, ... AS says")
    fault: tuple[dict[str, Any], ...] = Field(min_length=1, description="rows of tables that are such a fault")

    @cached_property
    def tables(self) -> frozenset[str]:
        """The tables that the query reads."""
        return frozenset(_TABLE.findall(self.finds))

    @cached_property
    def home(self) -> str:
        """The alias of the database in which its tables stand. ValueError where they stand in two."""
        homes = {connection_of(table) for table in self.tables}
        if len(homes) != 1:
            raise ValueError(f"a check reads tables of one database: {sorted(self.tables)}")
        return homes.pop()


@dataclass(frozen=True)
class FoundRow:
    """A row that is wrong: which, and what is there."""

    place: str
    says: str


@dataclass(frozen=True)
class CheckResult:
    """What a check found: how many rows."""

    id: str
    check: DataCheck
    count: int


@dataclass(frozen=True)
class CheckReport:
    """A run of all checks: when, and what each found; those with findings first, the gravest of them first."""

    at: dt.datetime
    results: Sequence[CheckResult]

    @property
    def found(self) -> list[CheckResult]:
        """Those that found something."""
        return [one for one in self.results if one.count]

    @property
    def worst(self) -> Gravity | None:
        """How bad the worst of them is."""
        return next((one.check.severity for one in self.found), None)


@cache
def all_checks() -> dict[str, DataCheck]:
    """Every check by its name, by section and name."""
    found = {path.stem: validated(DataCheck, path, root=FOLDER) for path in sorted(FOLDER.glob("*.yaml"))}
    order = list(get_args(Section))
    return dict(sorted(found.items(), key=lambda one: (order.index(one[1].section), one[0])))


@cache
def _homes() -> dict[str, str]:
    """By table: the alias of its database."""
    from django.db import router

    return {model._meta.db_table: router.db_for_read(model) for model in apps.get_models(include_auto_created=True)}


def connection_of(table: str) -> str:
    """The alias of the database in which a table stands. KeyError where there is no such table."""
    return _homes()[table]


def run_checks(
    *, call: Call, only: Sequence[str] = (), progress: Callable[[int, int], None] | None = None
) -> CheckReport:
    """Run all checks (or some, by name); each reads its tables once, however many rows it finds.

    Raises:
        Refused: where the actor may not verify the ledger, or there is no check of a name.
    """
    access.require(call, ACT)
    chosen = {name: one_check(name) for name in only} if only else all_checks()
    results = []
    for number, (name, check) in enumerate(chosen.items(), start=1):
        with _reading(check, call.now) as (cursor, moments):
            cursor.execute(f"SELECT COUNT(*) FROM ({check.finds}) AS found", moments)
            results.append(CheckResult(name, check, int(cursor.fetchone()[0])))
        if progress:
            progress(number, len(chosen))
    return CheckReport(call.now, _sorted(results))


def _sorted(results: Sequence[CheckResult]) -> list[CheckResult]:
    gravities = list(get_args(Gravity))
    return sorted(results, key=lambda one: (not one.count, gravities.index(one.check.severity) if one.count else 0))


def may_run(call: Call) -> bool:
    """Whether the actor may run the checks and see which rows they find: the tables are those of all areas."""
    return access.may(call, ACT) is None


def one_check(name: str) -> DataCheck:
    """A check by its name. Raises Refused where there is none."""
    check = all_checks().get(name)
    if check is None:
        raise Refused(refusals.no_such_data_check(name))
    return check


def rows_found(name: str, *, call: Call, after: str = "", limit: int = 50) -> Page[FoundRow]:
    """The rows that a check finds now, some at a time. One query.

    Raises:
        Refused: where the actor may not verify the ledger, or there is no such check.
    """
    access.require(call, ACT)
    check = one_check(name)
    start = number_in(after) or 0
    with _reading(check, call.now) as (cursor, moments):
        cursor.execute(
            f"SELECT place, says FROM ({check.finds}) AS found ORDER BY 1, 2 LIMIT %(limit)s OFFSET %(start)s",
            {**moments, "limit": one_more(limit), "start": start},
        )
        rows = [FoundRow(str(place), "" if says is None else str(says)) for place, says in cursor.fetchall()]
    return cut_start(rows, limit, start)


@contextmanager
def _reading(check: DataCheck, now: dt.datetime) -> Iterator[tuple[Any, dict[str, Any]]]:
    """A cursor that can only read, and the parameters of a query."""
    with reading_only(check.home), connections[check.home].cursor() as cursor:
        yield cursor, _moments(now, check.home)


# What a query may be given: days before (or after) today, and hours before now.
DAYS = {
    "today": 0,
    "yesterday": -1,
    "three_days_ago": -3,
    "next_year": 366,
    "in_two_years": 731,
    "far_past": -3650,
}
HOURS = {"now": 0, "hour_ago": -1, "day_ago": -24, "week_ago": -168, "month_ago": -720, "tomorrow": 24}


def _moments(now: dt.datetime, using: str) -> dict[str, Any]:
    """The parameters as this database compares them with its columns."""
    adapt = connections[using].ops
    days = {name: adapt.adapt_datefield_value(now.date() + dt.timedelta(days=number)) for name, number in DAYS.items()}
    return days | {
        name: adapt.adapt_datetimefield_value(now + dt.timedelta(hours=number)) for name, number in HOURS.items()
    }


# -- the last run, in the background -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class LastRun:
    """What the page shows: the last report that the queue keeps, whether a run is under way or has failed, whether the
    reader may ask for one, and how the lanes of the queue stand.
    """

    report: CheckReport | None
    under_way: bool
    failed: bool
    may_ask: bool
    lanes: Sequence[leases.LaneState]


FAILED_DAYS = 7


def last_run(*, call: Call) -> LastRun:
    """The last run of all checks. Checks that came with a newer version stand in the next one.

    Raises:
        Refused: where the actor may verify the ledger nowhere.
    """
    access.require_somewhere(call, ACT)
    runs = DBTaskResult.objects.filter(task_path=task_queue.task_path(TASK))
    last = (
        runs.filter(status__in=(TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED)).order_by("-finished_at").first()
    )
    report = None
    if last is not None and last.status == TaskResultStatus.SUCCESSFUL:
        known = all_checks()
        told = last.return_value
        counts = [CheckResult(name, known[name], count) for name, count in told["found"].items() if name in known]
        report = CheckReport(dt.datetime.fromisoformat(told["at"]), _sorted(counts))
    return LastRun(
        report,
        task_queue.is_under_way(TASK),
        last is not None and report is None,
        may_run(call),
        leases.lane_states(call.now, failed_since=call.now - dt.timedelta(days=FAILED_DAYS)),
    )


def by_section(results: Sequence[CheckResult]) -> Iterator[tuple[Label, list[CheckResult]]]:
    """The results under the headings of their sections, in the order of the sections."""
    for section, heading in SECTIONS.items():
        if chosen := [one for one in results if one.check.section == section]:
            yield heading, chosen
