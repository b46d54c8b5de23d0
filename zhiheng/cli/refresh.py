"""``zhiheng refresh``: bring the lake and the read models up to the ledger."""

from __future__ import annotations

import click

from zhiheng.cli import output
from zhiheng.cli.session import actor, json_option, now, operator_call, set_up


@click.command()
@click.option("--whole", is_flag=True, help="全部重建，不看上次做到哪里 / make everything anew")
@click.option("--cards-only", is_flag=True, help="只更新企业摘要和检索 / only cards and what is searched")
@json_option
def refresh(whole: bool, cards_only: bool, as_json: bool) -> None:
    """更新数据湖、企业摘要、检索、指标数和交换目录；随时可中断，再运行即接着做。 Bring lake, cards, search, figures and
    dues up to date.
    """
    set_up()
    from zhiheng.actions.projections.project_lake import project_lake
    from zhiheng.actions.projections.refresh_projections import refresh as act
    from zhiheng.actions.ratings.keep_ratings import keep_ratings
    from zhiheng.cli.numbers import open_lake

    show = output.progress_bar()
    lake = open_lake()
    if not cards_only:
        project_lake(lake, actor=actor(), now=now(), progress=show, thorough=whole)
    done = act(operator_call(lake.book), show, lake=None if cards_only else lake, whole=whole)
    if not cards_only:
        keep_ratings(lake, call=operator_call(lake.book))
    output.show_done(
        done.as_json(),
        f"{done.cards:,} 份企业摘要，{done.figures:,} 个指标数，{done.owed:,} 项应报 / cards, figures, dues"
        + ("（全部重建 made anew）" if done.whole else ""),
        as_json,
    )
