"""``zhiheng check-data``: integrity checks of the tables, each with what to do."""

from __future__ import annotations

import sys

import click

from zhiheng.cli import output
from zhiheng.cli.session import json_option, operator_call, set_up

MARKS = {"critical": "✗ 严重 critical", "serious": "✗ 应当处理 to be mended", "hint": "! 提示 hint"}


@click.command("check-data")
@click.argument("names", nargs=-1)
@click.option("--list", "list_only", is_flag=True, help="只列出全部核查 / name all checks, run none")
@click.option(
    "--rows", default=5, show_default=True, type=click.IntRange(0, 1000), help="每项列出几行 / rows told of each"
)
@json_option
def check_data(names: tuple[str, ...], list_only: bool, rows: int, as_json: bool) -> None:
    """逐项核查数据库里的数据是否前后一致；有严重或应当处理的状态为 1。 Check that what the tables say goes together.

    NAMES 是要查的几项的名称，不写就全查。只读，什么也不改。
    """
    set_up()
    from zhiheng.queries.data_checks import ROWS, all_checks, rows_found, run_checks

    if list_only:
        listed = [
            {"id": name, "section": check.section, "severity": check.severity, "zh": check.zh, "en": check.en}
            for name, check in all_checks().items()
        ]
        if as_json:
            output.show_json({"checks": listed})
        else:
            for one in listed:
                click.echo(f"{one['id']:34}{one['zh']} / {one['en']}")
            click.echo(f"{len(listed)} 项 / checks")
        return
    call = operator_call()
    bar = output.progress_bar()
    report = run_checks(call=call, only=names, progress=lambda done, total: bar("核查 checking", done, total))
    found = [(each, rows_found(each.id, call=call, limit=rows).rows if rows else ()) for each in report.found]
    if as_json:
        told = [
            {
                "id": each.id,
                "section": each.check.section,
                "severity": each.check.severity,
                "count": each.count,
                "zh": each.check.zh,
                "en": each.check.en,
                "do": each.check.do.model_dump(),
                "rows": [row.__dict__ for row in shown],
            }
            for each, shown in found
        ]
        output.show_json({"checked": len(report.results), "findings": told})
    else:
        for each, shown in found:
            what = ROWS[each.check.rows]
            click.echo(f"{MARKS[each.check.severity]}  {each.check.zh}：{each.count} 处  [{each.id}]")
            click.echo(f"      {each.check.en}: {each.count}")
            for row in shown:
                click.echo(f"      {what.zh} {what.en} {row.place}  {row.says}")
            click.echo(f"      → {each.check.do.zh}。 / {each.check.do.en}.")
        click.echo(f"查了 {len(report.results)} 项，{len(found)} 项有问题 / checks run, of which found something")
    if report.worst in ("critical", "serious"):
        sys.exit(1)
