"""``zhiheng receive`` and what belongs to it: hand in, confirm what is held, list, take refused rows back to be
mended.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zhiheng.cli import output
from zhiheng.cli.session import json_option, operator_call, set_up, writing_call
from zhiheng.kernel.reasons import Refusal, Refused

if TYPE_CHECKING:
    from zhiheng.actions.intake.receive_delivery import TableResult

# Refusals that are answered by naming the record and the layout; how that is done at a terminal is said here alone,
# since a refusal
# is read on pages as well.
TO_BE_NAMED = frozenset({"table.ambiguous", "table.between", "table.no_such_layout", "table.unknown"})
HOW_TO_NAME = (
    "用 --record 和 --source 选明记录类型和表样，名称见 zhiheng book list"
    " / name them with --record and --source; zhiheng book list has the names"
)


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--record", help="记录类型 / record type, where the headings leave doubt")
@click.option("--source", help="来源系统 / source system")
@click.option("--from", "unit", help="报送单位代号 / id of the unit that sends")
@click.option("--confirm-volume", is_flag=True, help="行数超出预期也接收 / accept an unexpected number of rows")
@json_option
def receive(
    paths: tuple[Path, ...],
    record: str | None,
    source: str | None,
    unit: str | None,
    confirm_volume: bool,
    as_json: bool,
) -> None:
    """接收文件、文件夹或压缩包。 Receive files, folders or archives: CSV, XLSX, XLS, ODS, SQLite, ZIP."""
    set_up()
    from zhiheng.actions.intake.receive_delivery import receive as act

    call = writing_call()
    results = []
    refused: list[Refusal] = []
    for path in paths:
        try:
            results += act(
                path,
                call=call,
                unit=unit,
                record=record,
                source=source,
                confirmed=confirm_volume,
                progress=output.progress_bar(rows=True),
            )
        except Refused as cause:
            # One path that can't be received must not hide what became of the others.
            refused += cause.refusals
    if results or not refused:
        show(results, as_json, ends=not refused)
    if refused:
        raise Refused(*dict.fromkeys(refused))


@click.command()
@click.argument("delivery", type=int)
@json_option
def confirm(delivery: int, as_json: bool) -> None:
    """接收一次因行数异常而暂存的报送。 Accept a delivery that was held for its volume."""
    set_up()
    from zhiheng.actions.intake.receive_delivery import confirm as act

    show(act(delivery, call=writing_call(), progress=output.progress_bar(rows=True)), as_json)


def show(results: Sequence[TableResult], as_json: bool, *, ends: bool = True) -> None:
    """The result of receiving; status 1 where a table was refused or held, or there was none."""
    from zhiheng.actions.intake.receive_delivery import TableResult

    if as_json:
        output.show_json([r.as_json() for r in results])
    else:
        states = {"accepted": "已接收", "held": "待确认", "refused": "已退回", "skipped": "已跳过"}
        output.show_table(
            ("报送", "文件", "表", "结果", "记录", "来源", "行", "事实", "重复", "退回", "跳过", "存疑"),
            [
                (
                    ",".join(map(str, r.deliveries)),
                    r.origin,
                    r.table,
                    states[r.state] + ("（曾接收）" if r.again else ""),
                    r.record,
                    r.source,
                    f"{r.rows:,}",
                    f"{r.facts:,}",
                    f"{r.duplicates:,}",
                    f"{r.refused:,}",
                    f"{r.skipped:,}",
                    f"{r.flagged:,}",
                )
                for r in results
            ],
            right=range(6, 12),
        )
        for r in results:
            where = f"{r.origin} {r.table}".strip()
            for remark in r.remarks:
                output.say(f"{where}: {remark.zh}\n    {remark.en}")
            for verb, counts in (("退回 refused", r.reasons), ("跳过 skipped", r.skips)):
                for code, count in counts.most_common(8):
                    output.say(f"{where}: {verb} {code} × {count}  {r.told[code].zh}")
            if r.refusal is not None:
                output.say(f"{where}: {r.refusal.zh}\n    {r.refusal.en}")
                if r.refusal.code in TO_BE_NAMED:
                    output.say(HOW_TO_NAME)
            if r.state == TableResult.State.HELD:
                output.say(f"核对无误后接收 / to accept it: zhiheng confirm {r.deliveries[0]}")
    if not results:
        output.say("没有找到表格；请检查路径。 / No table was found; check the path.")
    if ends and (not results or any(r.state in (TableResult.State.REFUSED, TableResult.State.HELD) for r in results)):
        sys.exit(1)


@click.group()
def deliveries() -> None:
    """报送：列出、下载退回记录。 Deliveries: list them, take refused rows back."""


@deliveries.command("list")
@click.option("--state", type=click.Choice(["accepted", "held", "refused"]))
@click.option("--unit")
@click.option("--limit", default=50, show_default=True)
@json_option
def list_(state: str | None, unit: str | None, limit: int, as_json: bool) -> None:
    """列出报送，最近的在前。 List deliveries, latest first."""
    set_up()
    from zhiheng.queries.deliveries import LINE, latest

    values = latest(state=state or "", unit=unit or "", limit=limit, call=operator_call())
    if as_json:
        output.show_json([dict(zip(LINE, v, strict=True)) for v in values])
    else:
        output.show_table(LINE, [(*v[:-1], v[-1][:12]) for v in values], right=range(8, 14))


@deliveries.command("show")
@click.argument("delivery", type=int)
@click.option("--limit", default=50, show_default=True, help="最多列出多少行 / at most so many rows")
@json_option
def show_one(delivery: int, limit: int, as_json: bool) -> None:
    """一次报送逐行的交代：事实、重复、退回、跳过的行各多少，为什么。 What became of each row of a delivery, and why."""
    set_up()
    from zhiheng.queries.deliveries import look_at

    told = look_at(delivery, limit=limit, call=operator_call())
    if as_json:
        output.show_json(told.as_json())
        return
    d = told.delivery
    click.echo(f"{d.id}  {d.file_name} {d.table_name}  {d.get_state_display()}  {d.unit}  {d.record}  {d.learned_on}")
    click.echo(
        f"{d.row_count:,} 行 = {d.fact_count:,} 事实 + {d.duplicate_count:,} 重复 + {d.refused_count:,} 退回 + "
        f"{d.skipped_count or 0:,} 跳过 / rows = facts + duplicates + refused + skipped"
    )
    for note in told.notes:
        click.echo(f"{note['zh']}\n    {note['en']}" if note["code"] else note["zh"])
    rows = [(line.number, "退回 refused", reason["zh"], "") for line in told.refused for reason in line.reasons]
    rows += [(line.number, "跳过 skipped", line.reason["zh"], line.text) for line in told.skipped]
    if rows:
        output.show_table(("行", "结果", "原因", "内容"), sorted(rows, key=lambda row: row[0]), right=[0])


@deliveries.command()
@click.argument("delivery", type=int)
@click.option("--reason", required=True, help="理由 / why")
@json_option
def withdraw(delivery: int, reason: str, as_json: bool) -> None:
    """撤回整份报送；已公示的同时撤下，原文件和原记录保留。 Take a whole delivery back, and what was published of it
    down.
    """
    set_up()
    from zhiheng.actions.intake.withdraw_delivery import withdraw_delivery

    done = withdraw_delivery(delivery, reason=reason, call=writing_call(), progress=output.progress_bar())
    output.show_done(
        {"facts": done.facts, "published": done.published, "repeated": [each.id for each in done.repeated]},
        f"已撤回 {done.facts} 条记录，撤下公示 {done.published} 条 / {done.facts} facts withdrawn, {done.published} "
        "entries taken down",
        as_json,
    )
    if done.repeated and not as_json:
        numbers = ", ".join(str(each.id) for each in done.repeated)
        listed = "、".join(f"{each.id}（{each.file_name}）" for each in done.repeated)
        output.say(
            f"以后的报送里有算作重复的行：{listed}；与撤回的内容相同的，请把这些文件再报一次。\n"
            f"    Later deliveries have rows that counted as said before: {numbers}; hand their files in again."
        )


@deliveries.command()
@click.argument("delivery", type=int)
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--purpose", default="", help="用途，有涉密栏时必填，记入留痕 / what for; needed where columns are secret"
)
@json_option
def refusals(delivery: int, out: Path, purpose: str, as_json: bool) -> None:
    """把退回行写成原样表格，末列是原因，改好后可再报。 Write refused rows in the sender's own layout, with reasons."""
    set_up()
    from zhiheng.actions.intake.export_refused_rows import report_refusals

    count = report_refusals(delivery, out, call=operator_call(), purpose=purpose)
    output.show_done({"file": str(out), "rows": count}, f"{out}: {count} 行 / rows", as_json)
