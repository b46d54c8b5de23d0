"""``zhiheng publish``: propose, approve, take down, let expire, write open data."""

from __future__ import annotations

import datetime as dt

import click

from zhiheng.cli import output
from zhiheng.cli.session import DAY, json_option, operator_call, set_up, writing_call


@click.group()
def publish() -> None:
    """公示：提出、审核、撤下、期满停止、开放数据。 Publication."""


@publish.command()
@json_option
def propose(as_json: bool) -> None:
    """查找应公示、更正和撤下的事实。 Find what is to be published, corrected or taken down."""
    set_up()
    from zhiheng.actions.publication.propose_publication import propose as run

    done = run(call=writing_call(), progress=output.progress_bar())
    output.show_done(
        {"facts": done.facts, **done.made},
        f"看过 {done.facts:,} 条事实，提出 {sum(done.made.values()):,} 项 / proposed",
        as_json,
    )


@publish.command()
@click.option("--record", help="只批准这种记录 / only this record")
@click.option("--reason", default="", help="审核意见 / words of the decision")
@click.option("--yes", is_flag=True, help="确认批准全部没有疑点的 / approve everything without doubts")
@json_option
def approve(record: str | None, reason: str, yes: bool, as_json: bool) -> None:
    """批准全部没有疑点的提议（自己提出的除外）。 Approve every proposal without doubts, but none of one's own."""
    set_up()
    from zhiheng.actions.publication.approve import approve_all
    from zhiheng.queries.publications import others_without_doubts

    call = writing_call()
    waiting = others_without_doubts(record or "", call=call)
    number = waiting.count()
    if not yes:
        raise click.UsageError(
            f"将公示 {number} 项；确认请加 --yes。/ {number} would be published; add --yes to go on."
        )
    done = approve_all(waiting, call=call, reason=reason, progress=output.progress_bar())
    output.show_done({"approved": done}, f"已办理 {done:,} 项 / approved", as_json)


@publish.command()
@click.argument("entry")
@click.option("--cause", required=True, help="撤下原因（portal.yaml 的 causes）/ a cause of portal.yaml")
@click.option("--reason", required=True, help="内部留存的理由 / the reason, for the file")
@json_option
def withdraw(entry: str, cause: str, reason: str, as_json: bool) -> None:
    """撤下一个公示条目，立即生效。 Take an entry down, at once."""
    set_up()
    from zhiheng.actions.publication.withdraw_publication import withdraw as run

    done = run([entry], cause=cause, reason=reason, call=writing_call())
    output.show_done({"withdrawn": done}, f"已撤下 {done} 条 / taken down", as_json)


@publish.command()
@json_option
def expire(as_json: bool) -> None:
    """停止公示期满的条目。 Take down what has reached its last day."""
    set_up()
    from zhiheng.actions.publication.expire_publications import expire as run

    done = run(call=writing_call(), progress=output.progress_bar())
    output.show_done({"expired": done}, f"期满停止公示 {done:,} 条 / ended", as_json)


@publish.command("open-data")
@click.option("--only-stale", is_flag=True, help="只重写过时的文件 / only files that are out of date")
@json_option
def open_data(only_stale: bool, as_json: bool) -> None:
    """写出开放数据文件。 Write the bulk files of open data."""
    set_up()
    from zhiheng.actions.publication.rebuild_open_data import rebuild

    done = rebuild(call=operator_call(), only_stale=only_stale, progress=output.progress_bar())
    output.show_done(done, f"{len(done)} 个文件 / files", as_json)


@publish.command()
@click.option("--as-of", type=DAY, help="截至哪天 / as of which day (default: today)")
@json_option
def statistics(as_of: dt.date | None, as_json: bool) -> None:
    """公布 portal.yaml 列出的指标。 Publish the indicators that portal.yaml names."""
    set_up()
    from zhiheng.actions.publication.publish_statistics import publish_statistics
    from zhiheng.cli.numbers import open_lake

    call = writing_call()
    done = publish_statistics(open_lake(), as_of=as_of or call.today, call=call, progress=output.progress_bar())
    output.show_done({"figures": done}, f"公布 {done} 个数字 / figures", as_json)
