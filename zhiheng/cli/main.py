"""``zhiheng``: every command has --json and --help, and exits with 0 only when all went well."""

from __future__ import annotations

import sys
from typing import Any

import click

from zhiheng import __version__
from zhiheng.cli import book, deliveries, identity, ledger, numbers, output
from zhiheng.kernel.reasons import Refused


class Zhiheng(click.Group):
    """A group whose refusals are shown as sentences, never as a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a refusal ends it with status 1."""
        try:
            return super().invoke(ctx)
        except Refused as refused:
            output.show_refusals(refused.refusals)
            sys.exit(1)
        except BrokenPipeError:
            sys.exit(1)


@click.group(cls=Zhiheng, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="zhiheng")
def main() -> None:
    """质衡：把各部门的文件变成一企一档。 Zhiheng: department files become one quality file per enterprise.

    ZHIHENG_DATA 数据目录（默认 ./var） ZHIHENG_BOOK 规则书目录 DATABASE_URL 留空即用 SQLite
    """


for command in (
    book.book, deliveries.receive, deliveries.confirm, deliveries.deliveries, ledger.file, ledger.ledger, ledger.correct,
    ledger.withdraw, identity.identity, numbers.lake,
):  # fmt: skip
    main.add_command(command)
