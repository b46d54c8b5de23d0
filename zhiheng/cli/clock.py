"""``zhiheng clock``: has the clock of the machine jumped, and is it right?"""

from __future__ import annotations

import sys

import click

from zhiheng.cli import output
from zhiheng.cli.session import json_option, now, operator_call, set_up


@click.command()
@click.option("--accept", is_flag=True, help="时钟是对的，照现在的日期办 / the clock is right, go on with its day")
@click.option("--reason", default="", help="时钟为什么变了，记入留痕 / why it is another, for the trail")
@json_option
def clock(accept: bool, reason: str, as_json: bool) -> None:
    """查看时钟有没有跳变；确认以后才继续接收、办理和到期撤下。 Has the clock jumped? Accept it as it stands.

    倒退十分钟以上、向前跳十四天以上算跳变：后台不取任务，不到期撤下，接收、更正和合并被退回。有跳变时退出状态为 1。
    Back by ten minutes or forward by fourteen days is a jump; status 1 where there is one.
    """
    set_up()
    from zhiheng.actions.clock.accept_clock import accept_clock
    from zhiheng.office import clock as seen

    if accept:
        jump = accept_clock(reason=reason, call=operator_call())
        output.show_done(
            {"from": jump.last.isoformat(), "to": jump.now.isoformat()},
            f"时钟已确认：{jump.last:%Y-%m-%d %H:%M} → {jump.now:%Y-%m-%d %H:%M} / accepted",
            as_json,
        )
        return
    last, found = seen.last_seen(), seen.jump(now())
    said = "没有跳变 / steady" if found is None else "跳变，尚未确认 / jumped, not accepted"
    output.show_done(
        {"seen": last.isoformat() if last else None, "now": now().isoformat(), "jumped": found is not None},
        f"上次看到 / seen last: {f'{last:%Y-%m-%d %H:%M}' if last else '—'}\n"
        f"现在 / now: {now():%Y-%m-%d %H:%M}\n{said}",
        as_json,
    )
    if found is not None:
        sys.exit(1)
