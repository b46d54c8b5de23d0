"""Why a clock is not accepted."""

from __future__ import annotations

from zhiheng.kernel.reasons import Refusal


def clock_steady() -> Refusal:
    return Refusal(
        "clock.steady",
        "时钟没有跳变，不需要确认。",
        "The clock has not jumped; there is nothing to accept.",
    )


def clock_needs_reason() -> Refusal:
    return Refusal(
        "clock.reason",
        "请写明时钟为什么变了，如“停机二十天”“更换主板后校时”。",
        "Say why the clock is another, for example 'switched off for twenty days'.",
    )
