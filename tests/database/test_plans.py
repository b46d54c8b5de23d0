"""How statements are planned, where their text was written so that the planner takes one way and no other.

The plan is asked of the database for the very statement that the house sends. Tables are nearly empty here, so
PostgreSQL is told to leave whole tables unread where it can: what still reads one has no index that serves it.
"""

from __future__ import annotations

import ast
import datetime as dt
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from tests.cases.officers import call, officer
from zhiheng.database import dialect, rows
from zhiheng.kernel.actor import Reach, Scope
from zhiheng.ledger import standing
from zhiheng.projections import search
from zhiheng.projections.search import SearchFilters
from zhiheng.published import reading
from zhiheng.queries import inbox
from zhiheng.queries.cases import CaseFilters, cases

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HOUSE = Path(__file__).resolve().parents[2] / "zhiheng"
EVERYWHERE = Scope((Reach(),))


def sent(work: Callable[[], object], database: str = "default") -> list[str]:
    """The statements of some work in a database, with their values in them."""
    with CaptureQueriesContext(connections[database]) as asked:
        work()
    return [query["sql"] for query in asked if query["sql"].lstrip().startswith(("SELECT", "WITH"))]


def plan_of(sql: str, params: Any = None, database: str = "default") -> str:
    """The steps of a plan, one a line, in order: on SQLite as it tells them, on PostgreSQL kind, index or table, join."""
    with connections[database].cursor() as cursor:
        if not dialect.is_postgresql():
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            return "\n".join(str(row[3]) for row in cursor.fetchall())
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        (found,) = cursor.fetchone()
    return "\n".join(_steps((orjson.loads(found) if isinstance(found, str) else found)[0]["Plan"]))


def _steps(node: dict[str, Any]) -> Iterator[str]:
    keys = ("Node Type", "Join Type", "Subplan Name", "Index Name", "Relation Name", "Alias", "Index Cond")
    yield " ".join(str(node[key]) for key in keys if key in node)
    for child in node.get("Plans", ()):
        yield from _steps(child)


# -- rows by a list of keys --------------------------------------------------------------------------------------------


def keyed() -> set[tuple[str, str]]:
    """(table with its alias, column) of every ``matching(select, column, keys)`` in the house whose words can be read."""
    found = set()
    for path in HOUSE.rglob("*.py"):
        text = path.read_text("utf-8")
        # Only a file that calls it can say so: the others need not be taken apart.
        if "matching(" not in text or "migrations" in path.parts or "node_modules" in path.parts:
            continue
        tree = ast.parse(text)
        said = {
            target.id: node.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "matching" and len(node.args) > 2):
                continue
            select, column = node.args[0], node.args[1]
            text = select.value if isinstance(select, ast.Constant) else said.get(getattr(select, "id", ""), "")
            table = re.search(r" FROM (\w+ (\w+))$", str(text))
            if table and isinstance(column, ast.Constant) and column.value.split(".")[0] == table[2]:
                found.add((table[1], column.value))
    return found


KEYED = sorted(keyed())


def test_按编号成批取行的语句都找得到() -> None:
    assert {("ledger_fact f", "f.id"), ("ledger_fact f", "f.thing")} <= set(KEYED)
    assert len(KEYED) >= 8, "too few were found: this test looks in the wrong place"


@pytest.mark.parametrize(("table", "column"), KEYED)
def test_按编号成批取行_先列编号_再按索引取_不读整张表(table: str, column: str) -> None:
    alias = table.split()[1]
    sql = f"SELECT {alias}.* FROM {dialect.from_keys(table, column)}"
    plan = plan_of(sql, [dialect.keys_parameter([1, 2, 3])])
    if dialect.is_postgresql():
        assert "Seq Scan" not in plan, plan
    else:
        assert re.match(rf"SCAN wanted VIRTUAL TABLE INDEX .*\nSEARCH {alias} USING", plan), plan


@pytest.mark.parametrize(
    ("table", "column", "then"),
    [
        ("ledger_fact f", "f.thing", ""),
        ("ledger_fact f", "f.concerns", ""),
        ("ledger_factparty p", "p.alias_id", "ledger_fact f ON f.id = p.fact_id"),
        ("projections_searchentry e", "e.subject", ""),
    ],
)
def test_统计还停在表很小的时候_也按编号取(table: str, column: str, then: str) -> None:
    """SQLite is told of the sizes when somebody last asked it to look; a first large delivery comes after that."""
    if dialect.is_postgresql():
        pytest.skip("the order of a join is written down for SQLite only")
    sql = f"SELECT count(*) FROM {dialect.from_keys(table, column, then)}"
    alias = table.split()[1]
    assert re.match(rf"SCAN wanted VIRTUAL TABLE INDEX .*\nSEARCH {alias} USING", told_small(sql)), told_small(sql)


def test_没有写定次序_统计旧了就会读整张表() -> None:
    """Why the order is written down: this is what the same statement does without it."""
    if dialect.is_postgresql():
        pytest.skip("the order of a join is written down for SQLite only")
    sql = f"SELECT count(*) FROM {dialect.from_keys('ledger_fact f', 'f.thing')}".replace("CROSS JOIN", "JOIN")
    assert told_small(sql).startswith("SCAN f")


def told_small(sql: str) -> str:
    """The plan of a statement in an empty copy of the tables whose statistics say that each has ten rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type = 'index'")
        made = [
            text for (text,) in cursor.fetchall() if text.startswith(("CREATE TABLE", "CREATE INDEX", "CREATE UNIQUE"))
        ]
        schema = [text for text in made if "sqlite_" not in text]
    with closing(sqlite3.connect(":memory:")) as copy:
        for text in schema:
            copy.execute(text)
        copy.execute("ANALYZE")
        copy.execute("DELETE FROM sqlite_stat1")
        copy.execute("INSERT INTO sqlite_stat1 SELECT tbl_name, name, '10 2 1' FROM sqlite_master WHERE type = 'index'")
        copy.execute("ANALYZE sqlite_master")
        return "\n".join(
            str(row[3]) for row in copy.execute(f"EXPLAIN QUERY PLAN {sql.replace('%s', '?')}", ["[1, 2]"])
        )


def test_一个编号的行太多时_只读到够数为止() -> None:
    (sql,) = sent(
        lambda: list(rows.matching("SELECT p.alias_id FROM ledger_factparty p", "p.alias_id", [1, 2], at_most=5))
    )
    plan = plan_of(sql.replace("%", "%%") if "%" in sql else sql)
    if dialect.is_postgresql():
        assert "Seq Scan" not in plan, plan
        assert "Limit" in plan, plan
    else:
        assert "SCAN p" not in plan, plan
        assert plan.count("SEARCH") == 2, plan


# -- which facts were replaced -----------------------------------------------------------------------------------------


def test_被更正和撤回的_从更正件的索引取_不走全部事实() -> None:
    (sql,) = sent(lambda: standing.all_replaced(1_000))
    plan = plan_of(sql)
    assert "fact_concerns" in plan, plan
    assert "pkey" not in plan, plan
    assert "Seq Scan" not in plan, plan
    # Without the plus the planner may take the numbers of all facts instead, where it knows the size of the ledger.
    assert "+id <=" in sql


# -- the search --------------------------------------------------------------------------------------------------------


def test_查找_更好的命中逐行排除_不与全部词条相连() -> None:
    (sql, *_) = sent(lambda: search.search("试验食品", scope=EVERYWHERE))
    plan = plan_of(sql.replace("%", "%%") if "%" in sql else sql)
    if dialect.is_postgresql():
        assert "SubPlan" in plan, plan
        assert "Anti" not in plan, plan
        assert "Seq Scan on projections_searchentry" not in plan, plan
        assert not re.search(r"Seq Scan projections_(searchentry|card|words)", plan), plan
        assert re.search(r"Subquery Scan w|Subquery Scan .*\bw\b", plan), plan
    else:
        assert "SCAN b" not in plan, plan
        assert plan.count("SEARCH b USING") == 2, plan
        assert "SCAN c" not in plan, plan
        assert not re.search(r"SCAN e\b", plan), plan


@pytest.mark.parametrize(("order", "index"), [("problems", "problem"), ("expiry", "expiry")])
def test_按问题和到期排的清单_即使限定地区_也按排序的索引取(order: Any, index: str) -> None:
    filters = SearchFilters(areas=("990901001", "990901002"))
    (sql,) = sent(lambda: search.search("", scope=EVERYWHERE, filters=filters, order=order))
    plan = plan_of(sql)
    if dialect.is_postgresql():
        assert "Seq Scan" not in plan, plan
    else:
        assert index in plan, plan
        assert "TEMP B-TREE" not in plan, plan


# -- pages of lists ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", ["", "2026-03-31~17"])
def test_公示清单的每一页都从索引接着取_不另排序(after: str) -> None:
    (sql, *_) = sent(
        lambda: reading.list_page("sampling", reading.EntryListFilters(), after=after, today=dt.date(2026, 7, 1))
    )
    plan = plan_of(sql)
    assert "TEMP B-TREE" not in plan, plan
    assert "Seq Scan published_entry" not in plan, plan
    assert not re.search(r"SCAN published_entry\b(?! USING)", plan), plan


# -- what waits for an officer -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["department_officer", "department_head"])
def test_待办的数和清单_从索引数_按最后一日接着取_不读整张表(role: str) -> None:
    asks = call(officer(1, role), "2026-11-30 09:00")

    def first_page() -> None:
        for part in inbox.PARTS:
            inbox.inbox(part, call=asks)
        inbox.counts(call=asks)

    of_duties = [sql for sql in sent(first_page, settings.PEOPLE_DATABASE) if "office_caseduty" in sql]
    assert len(of_duties) > len(inbox.PARTS)
    for sql in of_duties:
        _reads_no_table(sql, "office_caseduty")


def test_一个单位在办案件的清单_按索引取_不读整张表() -> None:
    asks = call(officer(1, "department_officer"), "2026-11-30 09:00")

    def lists() -> None:
        cases(CaseFilters(ended=False), call=asks)
        inbox.unclocked(call=asks)

    of_cases = [sql for sql in sent(lists, settings.PEOPLE_DATABASE) if "office_casestandingrow" in sql]
    assert of_cases
    for sql in of_cases:
        _reads_no_table(sql, "office_casestandingrow")


def _reads_no_table(sql: str, table: str) -> None:
    """The plan reaches the rows of a table by an index; a look at all of them is an error."""
    steps = plan_of(sql, database=settings.PEOPLE_DATABASE).splitlines()
    scans = ("Seq Scan " + table,) if dialect.is_postgresql() else (f"SCAN {table}",)
    assert not [step for step in steps if step.startswith(scans) and "USING INDEX" not in step], (sql, steps)
