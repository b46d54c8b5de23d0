"""``zhiheng cases``: list, show, open, act; make standings anew and verify them."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import click
import orjson

from zhiheng.cli import output
from zhiheng.cli.session import json_option, operator_call, set_up, writing_call


@click.group()
def cases() -> None:
    """案件：清单、查看、立案、办理、重算、核验。 Cases under legal clocks."""


@cases.command("list")
@click.option("--workflow", default="", help="工作流 / only this workflow")
@click.option("--unit", default="", help="持有单位 / held by this unit")
@click.option("--late", is_flag=True, help="只看超期的 / only what is late")
@click.option("--ended/--open", "ended", default=None, help="已办结或未办结 / ended or not")
@json_option
def list_cases(workflow: str, unit: str, late: bool, ended: bool | None, as_json: bool) -> None:
    """列出案件，新的在前。 List cases, the latest first."""
    set_up()
    from zhiheng.queries.cases import CaseFilters
    from zhiheng.queries.cases import cases as found

    call = operator_call()
    page = found(CaseFilters(workflow=workflow, unit=unit, late=late, ended=ended), call=call, count=True)
    if as_json:
        output.show_json(
            {
                "total": page.total,
                "cases": [
                    {
                        "id": each.case.pk,
                        "number": each.case.number,
                        "workflow": each.row.workflow,
                        "states": each.row.states,
                        "unit": each.row.unit,
                        "opened_on": str(each.row.opened_on),
                        "due": str(each.row.due) if each.row.due else None,
                        "ended": each.row.final,
                    }
                    for each in page.rows
                ],
            }
        )
        return
    output.show_table(
        ("案号 number", "工作流 workflow", "状态 state", "单位 unit", "到期 due"),
        [
            (
                each.case.number,
                each.workflow.zh,
                "、".join(state.zh for state in each.states),
                each.unit.zh,
                str(each.row.due or ""),
            )
            for each in page.rows
        ],
    )
    click.echo(f"共 {page.total} 件 / cases")


@cases.command()
@click.argument("case")
@json_option
def show(case: str, as_json: bool) -> None:
    """查看一个案件：状态、期限、可办的行为、办理记录。 One case: standing, clocks, acts, lines."""
    set_up()
    from zhiheng.queries.cases import case_sheet

    sheet = case_sheet(_number(case), call=operator_call())
    if as_json:
        output.show_json(
            {
                "id": sheet.case.pk,
                "number": sheet.case.number,
                "place": sheet.place,
                "states": list(sheet.row.states),
                "clocks": [
                    {"period": each.period, "due": str(each.moment or each.day), "late": each.is_late}
                    for each in sheet.clocks
                ],
                "acts": [{"act": each.key, "refused": [refusal.zh for refusal in each.refused]} for each in sheet.acts],
                "lines": [
                    {
                        "line": each.event.pk if each.event else None,
                        "act": each.label.zh,
                        "happened": str(each.happened),
                        "struck": each.struck_by is not None,
                    }
                    for each in sheet.lines
                ],
            }
        )
        return
    click.echo(f"{sheet.case.number}  {sheet.label.zh}  {'、'.join(state.zh for state in sheet.states)}")
    for clock in sheet.clocks:
        click.echo(f"  {clock.label[0]}：{clock.moment or clock.day}（{clock.left[0]}；{clock.cited[0]}）")
    for act in sheet.acts:
        mark = "可办" if act.possible else "不可"
        click.echo(f"  {mark} {act.key}  {act.label.zh}")
    for line in sheet.lines:
        struck = "（已撤销）" if line.struck_by is not None else ""
        click.echo(f"  {line.happened} {line.label.zh}{struck}")


@cases.command("open")
@click.argument("workflow")
@click.argument("act")
@click.option("--unit", required=True, help="承办单位 / the unit that is to hold it")
@click.option("--with", "given", default="{}", help="填写的内容，JSON / what is filled in, as JSON")
@click.option("--party", "parties", multiple=True, help="当事人，role=名称 / a party, role=name")
@click.option("--happened", default="", help="发生之日或时刻 / the stated day or moment")
@json_option
def open_one(
    workflow: str, act: str, unit: str, given: str, parties: tuple[str, ...], happened: str, as_json: bool
) -> None:
    """立案。 Open a case."""
    set_up()
    from zhiheng.actions.cases.open_case import PartyGiven, open_case

    named = [PartyGiven(role, name) for role, _, name in (each.partition("=") for each in parties)]
    done = open_case(
        workflow, act, _json(given), unit=unit, call=writing_call(), parties=named, happened=happened or None
    )
    output.show_done({"id": done.case.pk, "number": done.case.number, "line": done.line.pk}, done.case.number, as_json)


@cases.command()
@click.argument("case")
@click.argument("name")
@click.option("--with", "given", default="{}", help="填写的内容，JSON / what is filled in, as JSON")
@click.option("--place", type=int, help="看到的最后序号 / the last place that was seen")
@click.option("--happened", default="", help="发生之日或时刻 / the stated day or moment")
@json_option
def act(case: str, name: str, given: str, place: int | None, happened: str, as_json: bool) -> None:
    """在案件里办一个行为（如 decide.accept）。 Do an act in a case."""
    set_up()
    from zhiheng.actions.cases.act_in_case import act_in_case

    done = act_in_case(_number(case), name, _json(given), call=writing_call(), place=place, happened=happened or None)
    told = {
        "line": done.line.pk if done.line else None,
        "proposal": done.proposal.pk if done.proposal else None,
        "opened": list(done.opened),
        "place": done.place,
    }
    words = f"已办理，记录 {told['line']} / done" if done.line else "待共同签署 / waits for signatures"
    output.show_done(told, words, as_json)


@cases.command()
@json_option
def rebuild(as_json: bool) -> None:
    """由办理记录重算全部状态和期限。 Make every standing and duty anew from the logs."""
    set_up()
    from zhiheng.actions.cases.remake_standings import remake_all

    written = remake_all(call=operator_call())
    output.show_done({"written": written}, f"改写 {written} 件 / cases whose rows differed", as_json)


@cases.command()
@click.option("--head", default="", help="先前记下的链尾 / a head noted earlier: it must still be in the chain")
@json_option
def verify(head: str, as_json: bool) -> None:
    """核验案件的链、状态和期限。 Verify the chain of cases, their standings and duties."""
    set_up()
    from zhiheng.actions.cases.verify_cases import verify_cases

    found = verify_cases(call=operator_call(), head=head.strip().lower())
    if as_json:
        output.show_json(
            {
                "cases": found.cases,
                "lines": found.lines,
                "head": found.head,
                "whole": found.whole,
                "findings": [each.__dict__ for each in found.findings],
            }
        )
    else:
        for finding in found.findings:
            click.echo(f"{finding.zh}\n    {finding.en}")
        click.echo(f"{found.cases} 件案件，{found.lines} 条办理记录，链尾 {found.head} / cases, lines, head")
        click.echo("核验通过 / verified" if found.whole else f"发现 {len(found.findings)} 处问题 / problems found")
    if not found.whole:
        sys.exit(1)


def _number(case: str) -> int:
    """The case of a case number. Raises Refused where there is none."""
    from zhiheng.kernel.reasons import Refused
    from zhiheng.queries.cases import find_case
    from zhiheng.queries.refusals import case_absent

    found = find_case(case)
    if found is None:
        raise Refused(case_absent(case))
    return found


def _json(text: str) -> dict[str, Any]:
    try:
        told = orjson.loads(text)
    except orjson.JSONDecodeError:
        told = None
    if not isinstance(told, dict):
        raise click.UsageError('--with 要写 JSON 对象，如 {"claim": "退货"} / write a JSON object')
    return told


@cases.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), required=True, help="收到日期自 / received from")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), required=True, help="收到日期至 / received until")
@click.option("--unit", default="", help="单位 / the unit that answers")
@click.option("--feed", default="hotline", show_default=True, help="来源 / the body that sent them, of the book")
@click.option("--purpose", required=True, help="用途 / what the file is for")
@json_option
def answers(
    out: Path, first: dt.datetime, last: dt.datetime, unit: str, feed: str, purpose: str, as_json: bool
) -> None:
    """导出热线办理反馈（xlsx 或 csv，按文件名）。 The answers to a hotline as a file, xlsx or csv by its name."""
    set_up()
    from zhiheng.actions.submissions.export_answers import export_answers

    made = export_answers(
        feed,
        first.date(),
        last.date(),
        unit=unit,
        purpose=purpose,
        format="csv" if out.suffix == ".csv" else "xlsx",
        call=operator_call(),
    )
    out.write_bytes(made.content)
    told = {"file": str(out), "rows": made.rows, "number": made.number, "sha256": made.digest}
    output.show_done(told, f"{out}：{made.rows} 行 rows", as_json)
