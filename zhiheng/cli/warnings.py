"""``zhiheng warnings``: look for signals of early warnings, and list what was found."""

from __future__ import annotations

import click

from zhiheng.cli import output
from zhiheng.cli.session import json_option, operator_call, set_up, writing_call


@click.group()
def warnings() -> None:
    """预警：按规则书查找线索。 Early warnings: signals by the rules of the book."""


@warnings.command()
@click.argument("names", nargs=-1)
@json_option
def find(names: tuple[str, ...], as_json: bool) -> None:
    """查找线索；可只查几条规则。 Look for signals, of all warnings or of some."""
    set_up()
    from zhiheng.actions.warnings.find_signals import find_signals
    from zhiheng.cli.numbers import open_lake

    lake = open_lake()
    done = find_signals(lake, call=writing_call(lake.book), names=names, progress=output.progress_bar())
    if as_json:
        output.show_json(done.as_json())
        return
    for name, why in done.not_judged.items():
        output.say(f"{name}：{why}")
    click.echo(
        f"新线索 {done.new}，数值变动 {done.changed}，数据不再支持 {done.gone} / new, changed, no longer reached"
    )


@warnings.command("list")
@click.option("--state", type=click.Choice(["open", "decided", "gone", "all"]), default="open")
@click.option("--after", default="", help="上一页给出的位置 / the place that the page before gave")
@json_option
def list_(state: str, after: str, as_json: bool) -> None:
    """列出线索，级别高的在前。 The signals, the gravest first."""
    set_up()
    from zhiheng.queries.warnings import signals

    page = signals(state=state, after=after, call=operator_call())
    if as_json:
        rows = [
            {"id": row.signal.pk, "warning": row.signal.warning, "level": row.signal.level, "key": row.signal.key}
            | {"first": row.signal.first, "last": row.signal.last, "said": row.said.zh}
            for row in page.rows
        ]
        output.show_json({"rows": rows, "next": page.next, "total": page.total})
        return
    lines = [(row.signal.pk, row.signal.level, row.label.zh, row.said.zh) for row in page.rows]
    output.show_table(("编号", "级别", "规则", "发现了什么"), lines)
    if page.next:
        click.echo(f"--after {page.next}")
