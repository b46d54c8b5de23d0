"""``zhiheng lake`` and ``zhiheng indicators``: project the ledger, print every number of a place."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from zhiheng.cli import output
from zhiheng.cli.session import DAY, json_option, now, open_book, set_up


@click.group()
def lake() -> None:
    """数据湖：台账的列式投影，可删除重建。 The lake: a columnar projection of the ledger."""


@lake.command()
@json_option
def project(as_json: bool) -> None:
    """把新事实投影到数据湖。 Project what is new in the ledger."""
    set_up()
    from zhiheng.analytics.lake import project as run

    result = run(open_lake(), progress=output.progress_bar())
    if as_json:
        output.show_json({"facts": result.facts, "from": result.from_id, "to": result.to_id, "files": result.files})
    else:
        click.echo(f"{result.facts:,} 条事实，{result.files} 个文件 / facts, files")


def open_lake():  # type: ignore[no-untyped-def]
    """The lake beside the database, in the words of the book."""
    from django.conf import settings

    from zhiheng.analytics.lake import Lake

    return Lake(Path(settings.DATA) / "lake", open_book())
