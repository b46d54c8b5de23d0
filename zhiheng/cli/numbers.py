"""``zhiheng lake`` and ``zhiheng indicators``: project the ledger, print every number of a place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from zhiheng.cli import output
from zhiheng.cli.session import DAY, actor, json_option, now, open_book, set_up
from zhiheng.grammar.call import Call

if TYPE_CHECKING:
    from zhiheng.queries.figures import AreaFigures, Lake


@click.group()
def lake() -> None:
    """数据湖：台账的列式投影，可删除重建。 The lake: a columnar projection of the ledger."""


@lake.command()
@json_option
def project(as_json: bool) -> None:
    """把新事实投影到数据湖。 Project what is new in the ledger."""
    set_up()
    from zhiheng.actions.projections.project_lake import project_lake

    result = project_lake(open_lake(), actor=actor(), now=now(), progress=output.progress_bar())
    if as_json:
        output.show_json({"facts": result.facts, "from": result.from_id, "to": result.to_id, "files": result.files})
    else:
        click.echo(f"{result.facts:,} 条事实，{result.files} 个文件 / facts, files")


def open_lake() -> Lake:
    """The lake beside the database, in the words of the book."""
    from zhiheng.queries.figures import lake_of

    return lake_of(open_book())


@click.command()
@click.option("--area", help="地区代码（含下级）；不填为全部 / code of an area, with all beneath it")
@click.option("--as-of", type=DAY, help="截至哪天 / the situation of which day (default: today)")
@click.option("--known-on", type=DAY, help="数据获知日期 / as known on which day (default: today)")
@click.option("--by", "by", multiple=True, help="分组方式 / split by: area, area:LEVEL, unit, quarter, a field")
@click.option("--only", "names", multiple=True, help="只算这些指标 / only these indicators")
@click.option("--facts", "facts_of", help="列出这个指标的明细记录编号 / the facts behind this indicator")
@click.option("--csv", "as_csv", is_flag=True, help="以 CSV 输出 / print CSV")
@json_option
def indicators(
    area: str | None,
    as_of: dt.date | None,
    known_on: dt.date | None,
    by: tuple[str, ...],
    names: tuple[str, ...],
    facts_of: str | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """计算指标：每个数都有分子、分母、口径和时期。 Every number with numerator, denominator, plan type and period."""
    set_up()
    from zhiheng.queries.figures import facts_not_projected, open_figures

    lake_, moment = open_lake(), now()
    _say_if_behind(facts_not_projected(lake_))
    figures = open_figures(
        area, as_of=as_of or moment.date(), known_on=known_on, call=Call(actor(), lake_.book, moment), lake=lake_
    )
    if facts_of is not None:
        ids = list(figures.fact_ids(facts_of))
        if as_json:
            output.show_json(ids)
        else:
            _show_facts(ids, figures)
        return
    found = figures.computed(names or None, by)
    if as_json:
        output.show_json([figure.as_json() for figure in found])
        return
    headings = ("指标", "名称", *by, "数值", "分子", "分母", "未分到下级", "另有只写到上级", "口径", "起", "止")
    rows = [
        (
            f.indicator,
            f.label_zh,
            *(f.group.get(name) for name in by),
            f.zh,
            output.plain_number(f.numerator),
            output.plain_number(f.denominator),
            f.unplaced_beneath or "",
            f.unplaced_above or "",
            f.plan_zh,
            f.first or "",
            f.last,
        )
        for f in found
    ]
    if as_csv:
        output.show_csv(headings, rows)
    else:
        output.show_table(headings, rows, right=range(2 + len(by), 7 + len(by)))


def _say_if_behind(behind: int) -> None:
    """Warn that the lake is behind the ledger: the reason why numbers are old, or absent."""
    if behind > 0:
        output.say(
            f"数据湖比台账少 {behind:,} 条事实，数字尚未包括它们；请先运行 zhiheng lake project。"
            f" / The lake lacks {behind:,} facts of the ledger; run: zhiheng lake project."
        )


def _show_facts(ids: Sequence[int], figures: AreaFigures) -> None:
    """The facts behind a number as a table: number, day, parties."""
    from zhiheng.engines.naming import Names

    names = Names(figures.book)
    rows = [
        (
            line.fact,
            line.occurred_on,
            names.record(line.record),
            line.who,
            names.outcome(line.outcome) or "—",
            names.unit(line.unit),
        )
        for at in range(0, len(ids), 500)
        for line in figures.fact_lines(ids[at : at + 500])
    ]
    output.show_table(("事实", "日期", "记录", "当事主体", "结果", "单位"), rows)
    output.say(f"共 {len(ids)} 条；用 zhiheng file 加企业名称看它们在档案里的位置。 / {len(ids)} facts.")
