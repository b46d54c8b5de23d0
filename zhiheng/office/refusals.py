"""What the office's records refuse to be read by a book that no longer has what they were written with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from zhiheng.kernel.reasons import Refusal


def workflow_gone(workflow: str, case: str) -> Refusal:
    return Refusal(
        "case.workflow_gone",
        f"规则书中已没有工作流“{workflow}”，案件 {case} 无法推算；请把它加回规则书。",
        f"The book no longer has the workflow {workflow!r}, so case {case} can't be worked out; put it back into the "
        "book.",
    )


def clock_jumped(last: dt.datetime, now: dt.datetime) -> Refusal:
    zh, en = ("倒退", "back") if now < last else ("向前跳", "forward")
    return Refusal(
        "clock.jumped",
        f"这台机器的时钟从 {last:%Y-%m-%d %H:%M} {zh}到了 {now:%Y-%m-%d %H:%M}。日期不对就不能接收、办理和到期撤下："
        "请校准时钟；时钟确实是对的，请管理员运行 zhiheng clock --accept --reason 原因。",
        f"The clock of this machine went {en} from {last:%Y-%m-%d %H:%M} to {now:%Y-%m-%d %H:%M}. Nothing is received, "
        "done or taken down under a wrong day: set the clock right, or, where it is right, let the administrator run "
        "zhiheng clock --accept --reason WHY.",
    )


def act_gone(workflow: str, acts: Sequence[str], case: str) -> Refusal:
    return Refusal(
        "case.act_gone",
        f"工作流“{workflow}”已没有行为 {'、'.join(acts)}，案件 {case} 无法推算；不再用的行为请写 until，不要删去。",
        f"The workflow {workflow!r} no longer has {', '.join(acts)}, so case {case} can't be worked out; give an act "
        "that is no longer used an 'until' instead of removing it.",
    )
