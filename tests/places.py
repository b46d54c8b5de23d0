"""A small invented place for tests: the book in ``tests/books/small``, its files, and a ledger to receive them.

Everything in it is fictional. Rooms that need it take the fixtures from here in their own conftest.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import xlsxwriter
from django.conf import settings as django_settings
from django.db import connection, connections, transaction
from django.test import override_settings
from stdnum.cn import uscc

from tests.book_once import book_once
from tests.tables_once import drop_database, make_database
from tests.tables_once import tables as kept_tables
from tests.warm import POSSIBLE, Nursery, WarmPopen
from zhiheng.actions.intake.receive_delivery import TableResult, receive
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.models import Delivery, Fact, RefusedRow
from zhiheng.ledger.verify import VerifyFinding

ROOT = Path(__file__).resolve().parents[1]
SMALL = ROOT / "tests" / "books" / "small"
NOON = dt.datetime(2026, 7, 1, 12, 0, tzinfo=dt.UTC)

SAMPLING = (
    "抽样单号",
    "样品名称",
    "生产企业",
    "生产企业代码",
    "被抽样单位",
    "生产日期",
    "抽样日期",
    "检验结果",
    "单位",
    "标准限量值",
    "检验结论",
    "抽样地区",
    "备注",
)
LIFTS = ("电梯编号", "电梯名称", "使用单位", "使用单位代码", "维保单位", "登记日期", "下次检验日期", "使用状态")
FINES = ("当事人", "当事人代码", "决定日期", "决定")


def credit_code(number: int) -> str:
    """An invented unified social credit code with a right check digit, of a division that does not exist."""
    body = f"91990901MAABC{number:04d}"
    return str(body + uscc.calc_check_digit(body))


def sampling_row(number: int, **changed: str) -> list[str]:
    """A row that is accepted; ``changed`` gives other texts by heading."""
    row = dict(
        zip(
            SAMPLING,
            (
                f"S{number:05d}",
                "试验挂面",
                f"试验第{number % 7}食品有限公司",
                "",
                "试验百货店",
                "2026-02-01",
                "2026-03-05",
                "254",
                "mg/kg",
                "≤200",
                "不合格" if number % 3 == 0 else "合格",
                "甲街道",
                "",
            ),
            strict=True,
        )
    )
    return list({**row, **changed}.values())


def lift_row(code: str, **changed: str) -> list[str]:
    """A row of the register of lifts that is accepted."""
    row = dict(
        zip(
            LIFTS,
            (code, "客梯", "试验丙物业有限公司", "", "试验丁电梯维保有限公司", "2025-01-02", "2026-12-31", "在用"),
            strict=True,
        )
    )
    return list({**row, **changed}.values())


def write_csv(path: Path, headings: Sequence[str], rows: Sequence[Sequence[str]], encoding: str = "utf-8") -> Path:
    """A CSV file as an export would write it."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([headings, *rows])
    return path


def write_xlsx(path: Path, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    """The same as a workbook, every cell a text."""
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("数据")
        for number, row in enumerate([headings, *rows]):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
    return path


@dataclass
class Ledger:
    """A ledger with the small book and a folder for files."""

    book: Book
    folder: Path

    def receive(
        self, path: Path, *, unit: str | None = "test_market", day: str = "", **words: Any
    ) -> list[TableResult]:
        """Receive what is at the path, on a day (or at NOON)."""
        now = dt.datetime.fromisoformat(f"{day}T12:00:00+08:00") if day else NOON
        return receive(path, call=Call(SYSTEM, self.book, now), unit=unit, **words)

    def samples(self, name: str, rows: Sequence[Sequence[str]], **words: Any) -> TableResult:
        """Write sampling rows to a file and receive it; there is one table."""
        (result,) = self.receive(write_csv(self.folder / name, SAMPLING, rows), **words)
        return result

    def lifts(self, name: str, rows: Sequence[Sequence[str]], **words: Any) -> TableResult:
        """The same for the register of lifts."""
        (result,) = self.receive(write_csv(self.folder / name, LIFTS, rows), **words)
        return result


@pytest.fixture(scope="session")
def small_book() -> Book:
    """The small book, read once."""
    return book_once(SMALL)


@pytest.fixture
def ledger(db: None, settings: Any, tmp_path: Path, small_book: Book) -> Ledger:
    """An empty ledger whose files are kept in a folder of the test's own."""
    return _ledger(settings, tmp_path, small_book)


def _ledger(settings: Any, tmp_path: Path, book: Book) -> Ledger:
    settings.DATA = tmp_path / "data"
    folder = tmp_path / "handed-in"
    folder.mkdir()
    return Ledger(book, folder)


@contextmanager
def standing(blocker: Any) -> Iterator[None]:
    """What is written inside stands for all tests of a module, and is made once: what each of them writes over it is
    taken back, and all of it when the module ends. ``blocker``: the fixture ``django_db_blocker``; whoever uses this
    asks for ``django_db_setup`` too. No test of such a module finds an empty ledger: it belongs into a module of its
    own.
    """
    with ExitStack() as stack:
        with blocker.unblock():
            for alias in connections:
                stack.enter_context(transaction.atomic(using=alias))
                stack.callback(transaction.set_rollback, True, using=alias)
        try:
            yield
        finally:
            with blocker.unblock():
                stack.close()


@contextmanager
def standing_ledger(blocker: Any, folder: Path, book: Book, fill: Callable[[Ledger], None]) -> Iterator[Path]:
    """A ledger that is filled once for all tests of a module (``standing``), and the data folder that goes with it:
    each test takes ``own_copy`` of it.
    """
    (folder / "handed-in").mkdir()
    with standing(blocker):
        with blocker.unblock(), override_settings(DATA=folder / "data"):
            fill(Ledger(book, folder / "handed-in"))
        yield folder / "data"


def own_copy(made: Path, ledger: Ledger) -> Ledger:
    """The ledger with a copy of the files that stand for the module."""
    shutil.copytree(made, django_settings.DATA, dirs_exist_ok=True)
    return ledger


def snapshot() -> dict[str, list[tuple[Any, ...]]]:
    """Everything the ledger holds, row by row: two equal snapshots are the same ledger."""
    tables = (
        "definition",
        "delivery",
        "fact",
        "factkey",
        "factparty",
        "refusedrow",
        "skippedrow",
        "subject",
        "alias",
        "aliaskey",
        "likelymatch",
        "identityact",
        "auditline",
    )
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM ledger_{table}")
            found[table] = sorted(
                (tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor.fetchall()),
                key=repr,
            )
    return found


def told_by_files() -> dict[str, list[list[Any]]]:
    """What the ledger owes to the files alone: everything but the days, the links over them, and numbers that a
    database gives out by itself and does not take back.
    """
    leave_out = {
        "delivery": ("learned_on", "link"),
        "refusedrow": ("id",),
        "skippedrow": ("id",),
        "likelymatch": ("id",),
    }
    found: dict[str, list[list[Any]]] = {}
    with connection.cursor() as cursor:
        for table in (
            "definition",
            "delivery",
            "fact",
            "factkey",
            "factparty",
            "refusedrow",
            "skippedrow",
            "subject",
            "alias",
            "aliaskey",
            "likelymatch",
        ):
            cursor.execute(f"SELECT * FROM ledger_{table}")
            names = [column[0] for column in cursor.description]
            keep = [i for i, name in enumerate(names) if name not in leave_out.get(table, ())]
            found[table] = sorted(
                [bytes(row[i]).hex() if isinstance(row[i], bytes | memoryview) else str(row[i]) for i in keep]
                for row in cursor.fetchall()
            )
    return found


def drop_triggers() -> None:
    """What somebody with the rights of the database's owner does first: the triggers go, the tables can be changed."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            # PostgreSQL drops no trigger of a table while checks of its rows are still waiting.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal")
            for name, table in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name} ON {table}")


def tamper(sql: str, *params: Any) -> int:
    """Change the database by hand, past every trigger; returns how many rows were hit."""
    drop_triggers()
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def named(findings: Sequence[VerifyFinding]) -> set[tuple[str, int | None]]:
    """What was found, as pairs of kind and fact."""
    return {(f.kind, f.fact) for f in findings}


def counts() -> tuple[int, int, int]:
    """How many deliveries, facts and refused rows there are."""
    return Delivery.objects.count(), Fact.objects.count(), RefusedRow.objects.count()


@dataclass
class Installation:
    """An installation of its own for other processes: a data folder and, on PostgreSQL, a database.

    ``warm``: its processes are forked from one that has read the code already (``tests/warm.py``).
    """

    environment: dict[str, str]
    folder: Path
    warm: bool = False
    nursery: Nursery | None = None
    twin: Installation | None = None

    def warmed(self) -> Installation:
        """The same place, where what is tried has nothing to do with how a process starts."""
        if self.twin is None:
            self.twin = self if self.warm else Installation(self.environment, self.folder, warm=True)
        return self.twin

    def emptied(self, *, tables: bool = True) -> Installation:
        """The same place with nothing received: its processes come from the same nursery. None of them may still run.
        ``tables``: whether it has tables already.
        """
        shutil.rmtree(self.folder / "var", ignore_errors=True)
        if url := self.environment.get("DATABASE_URL"):
            make_database(urlsplit(url).path[1:], with_tables=tables)
        elif tables:
            shutil.copytree(kept_tables(), self.folder / "var")
        return self

    def run(self, *words: str, timeout: int = 600, **more: Any) -> subprocess.CompletedProcess[str]:
        """Run a ``zhiheng`` command to its end."""
        if self.warm and not more and POSSIBLE:
            process = self.start(*words)
            said, complained = process.communicate(timeout=timeout)
            return subprocess.CompletedProcess(process.args, process.returncode, said, complained)
        return subprocess.run(
            self.command(*words),
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            **more,
        )

    def start(self, *words: str, **more: Any) -> subprocess.Popen[str]:
        """Start a ``zhiheng`` command."""
        if self.warm and not more and POSSIBLE:
            if self.nursery is None:
                self.nursery = Nursery(self.environment)
            _, _, program, *rest = self.command(*words)
            return WarmPopen(self.nursery, program, ["-c", *rest], self.folder)
        return subprocess.Popen(
            self.command(*words),
            env=self.environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    def command(self, *words: str) -> list[str]:
        """The command line: short parts, so that small files have several transactions."""
        if words[:1] == ("-c",):
            return [sys.executable, *words]
        program = (
            "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'zhiheng.site.settings'; django.setup(); "
            "import zhiheng.actions.intake.receive_delivery as r; r.PART_ROWS = 400; r.CHUNK_ROWS = 100; "
            "from zhiheng.cli.main import main; main()"
        )
        return [sys.executable, "-c", program, *words]


@pytest.fixture
def new_installation(tmp_path: Path) -> Iterator[Installation]:
    """An installation without any tables yet, on the kind of database that the suite runs on."""
    folder = tmp_path / "installation"
    folder.mkdir()
    environment = {
        **os.environ,
        "ZHIHENG_DATA": str(folder / "var"),
        "ZHIHENG_BOOK": str(SMALL),
        "PYTHONPATH": str(ROOT),
    }
    if not (url := os.environ.get("DATABASE_URL", "")):
        yield Installation(environment, folder)
        return
    name = f"zhiheng_{uuid.uuid4().hex[:12]}"
    make_database(name, with_tables=False)
    yield Installation(environment | {"DATABASE_URL": urlsplit(url)._replace(path=f"/{name}").geturl()}, folder)
    drop_database(name)


@pytest.fixture
def installation(new_installation: Installation) -> Installation:
    """The same with its tables, and nothing received."""
    if url := new_installation.environment.get("DATABASE_URL"):
        make_database(urlsplit(url).path[1:], with_tables=True)
    else:
        shutil.copytree(kept_tables(), new_installation.folder / "var")
    return new_installation
