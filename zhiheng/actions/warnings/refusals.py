"""Why a signal is not taken up or set aside: one sentence for each, with what to do."""

from __future__ import annotations

from zhiheng.kernel.reasons import Refusal


def signal_decided(state_zh: str, state_en: str, by: str) -> Refusal:
    """Somebody was faster, or the page is old."""
    return Refusal(
        "signal.decided",
        f"这条线索{state_zh}{f'（{by}）' if by else ''}；请刷新页面再看。",
        f"This signal is {state_en}{f' ({by})' if by else ''}; reload the page.",
    )


def reason_short(least: int, most: int) -> Refusal:
    """The reason says too little, or too much."""
    return Refusal(
        "signal.reason",
        f"理由要写 {least} 到 {most} 个字：看了什么、为什么不立案。",
        f"Give a reason of {least} to {most} characters: what you looked at, and why no case is opened.",
    )


def nothing_watched() -> Refusal:
    """The book has no warnings."""
    return Refusal(
        "warning.none",
        "规则书没有预警规则；请照 docs/reference/early-warning-grammar.md 写 warnings.yaml 和 warnings 目录。",
        "The book watches nothing; write warnings.yaml and the folder warnings, as "
        "docs/reference/early-warning-grammar.md says.",
    )


def warning_unknown(name: str, known: str) -> Refusal:
    """The book has no such warning."""
    return Refusal(
        "warning.unknown",
        f"规则书中没有名为“{name}”的预警规则；可用：{known}。",
        f"The book has no warning {name!r}; use one of {known}.",
    )
