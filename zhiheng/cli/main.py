"""``zhiheng``: every command has --json and --help, and exits with 0 only when all went well."""

from __future__ import annotations

import errno
import sys
from typing import Any

import click

from zhiheng import __version__
from zhiheng.cli import (
    accounts,
    backup,
    book,
    cases,
    check_data,
    check_deploy,
    clock,
    deliveries,
    demo,
    identity,
    ledger,
    numbers,
    output,
    publication,
    ratings,
    refresh,
    refusals,
    serve,
    warnings,
    witness,
    worker,
)
from zhiheng.kernel.reasons import Refusal, Refused


class Zhiheng(click.Group):
    """A group whose refusals are shown as sentences, never as a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a refusal, or a machine that can't, ends it with status 1 and a sentence."""
        try:
            return super().invoke(ctx)
        except Refused as refused:
            output.show_refusals(refused.refusals)
        except BrokenPipeError:
            pass
        except OSError as cause:
            output.show_refusals([of_the_machine(cause)])
        except Exception as cause:
            # Django is loaded by the commands that need it, so its errors are known by name only where it was.
            if (refusal := of_the_database(cause)) is None:
                raise
            output.show_refusals([refusal])
        sys.exit(1)


def of_the_machine(cause: OSError) -> Refusal:
    """What to do about a file or a disk that does not let itself be read or written."""
    if cause.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return refusals.disk_full()
    if cause.errno == errno.EIO:
        return refusals.disk_failed(cause.filename or "")
    name, why = cause.filename or "?", cause.strerror or str(cause)
    return refusals.file_failed(name, why=why)


def of_the_database(cause: Exception) -> Refusal | None:
    """The same for the database; None where the error is of another kind."""
    # Copying a database for a backup asks the driver itself.
    known = [sys.modules[name].Error for name in ("django.db", "sqlite3") if name in sys.modules]
    if not isinstance(cause, tuple(known)):
        return None
    from zhiheng.database.troubles import WORDS, DatabaseTrouble, trouble_of

    trouble = trouble_of(cause)
    if trouble is DatabaseTrouble.BUSY:
        return refusals.database_locked()
    if trouble is DatabaseTrouble.FULL:
        return refusals.disk_full()
    if trouble is DatabaseTrouble.AWAY:
        # Who sits at the terminal may have named another server than the one that is there.
        return refusals.database_failed(str(cause).strip())
    if trouble is not None:
        return refusals.database_trouble(WORDS[trouble])
    return refusals.database_failed(str(cause).strip()) if type(cause).__name__ == "OperationalError" else None


@click.group(cls=Zhiheng, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="zhiheng")
def main() -> None:
    """质衡：把各部门的文件变成一企一档。 Zhiheng: department files become one quality file per enterprise.

    ZHIHENG_DATA 数据目录（默认 ./var） ZHIHENG_BOOK 规则书目录 DATABASE_URL 留空即用 SQLite
    """


for command in (
    book.book,
    deliveries.receive,
    deliveries.confirm,
    deliveries.deliveries,
    ledger.file,
    ledger.ledger,
    ledger.correct,
    ledger.withdraw,
    clock.clock,
    identity.identity,
    cases.cases,
    numbers.lake,
    numbers.indicators,
    ratings.rating,
    warnings.warnings,
    witness.witness,
    demo.demo,
    serve.serve,
    worker.worker,
    refresh.refresh,
    check_deploy.check_deploy,
    check_data.check_data,
    backup.backup,
    backup.restore,
    accounts.accounts,
    publication.publish,
    book.template,
):
    main.add_command(command)
