"""What every command shares: the clock, who acts, the book, the database, words for days."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from zhiheng.kernel.actor import Actor, operator
from zhiheng.kernel.collecting import without_collecting
from zhiheng.kernel.data_folder import inside, prepare
from zhiheng.kernel.parse_params import FIRST_DAY, LAST_DAY, day_in
from zhiheng.kernel.time_zone import time_zone

if TYPE_CHECKING:
    # The grammar is loaded by the commands that read the book: a page of help should not wait for it.
    from zhiheng.grammar.book import Book
    from zhiheng.grammar.call import Call


class DayParameter(click.ParamType):  # type: ignore[type-arg]  # older releases of click are not generic
    """A day as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: Any, ctx: Any) -> dt.date:
        """The day, or a usage error that says what to write."""
        if isinstance(value, dt.date):
            return value
        if (day := day_in(value)) is not None:
            return day
        self.fail(
            f"“{value}”不是 {FIRST_DAY:%Y} 至 {LAST_DAY:%Y} 年的日期，请写成 2026-03-31 / "
            f"not a day between {FIRST_DAY:%Y} and {LAST_DAY:%Y}; write for example 2026-03-31",
            param,
            ctx,
        )


# The settings are named, not imported: a door does not know the room that wires the house.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhiheng.site.settings")
DAY = DayParameter()
ZONE = ZoneInfo(time_zone())


def now() -> dt.datetime:
    """The only place where the terminal reads the clock."""
    return dt.datetime.now(ZONE)


def actor() -> Actor:
    """Who sits at the terminal: the operator's own account on the machine."""
    return operator(os.environ.get("ZHIHENG_ACTOR") or os.environ.get("USER") or "operator")


def for_oneself() -> None:
    """Make what a command writes from here on (databases, kept files, exports, refused rows) readable by its user
    alone.
    """
    os.umask(0o077)


def set_up() -> None:
    """Set up Django, the data folder, and missing tables; from here on everything written is readable by this user
    alone.
    """
    for_oneself()
    with without_collecting(kept=True):
        import django

        django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    prepare(settings.DATA)
    with _one_at_a_time():
        for name in connections:
            executor = MigrationExecutor(connections[name])
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                call_command("migrate", database=name, verbosity=0, interactive=False)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two commands that start beside a new database must not both make its tables."""
    from django.conf import settings

    from zhiheng.database import locks

    with locks.alone(locks.Lock.TABLES, inside(settings.DATA, ".making-tables")):
        yield


def open_book() -> Book:
    """The book that ZHIHENG_BOOK names, with the headings that were accepted here."""
    from django.conf import settings

    from zhiheng.grammar.loader import load

    return load(settings.BOOK, inside(settings.DATA, "book-additions"))


def operator_call(book: Book | None = None) -> Call:
    """What a command asks with: the operator, the book in force (or the one that the command has read already) and this
    moment.
    """
    from zhiheng.grammar.call import Call

    return Call(actor(), book or open_book(), now())


def writing_call(book: Book | None = None) -> Call:
    """The same for a command that writes under the day of the clock. Raises Refused where the clock has jumped."""
    from zhiheng.office import clock

    call = operator_call(book)
    clock.require_steady_and_note(call.now)
    return call


json_option = click.option("--json", "as_json", is_flag=True, help="以 JSON 输出 / print JSON")
