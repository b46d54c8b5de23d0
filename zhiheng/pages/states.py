"""What states are called on pages, and the look of their badge: one table for each thing that has states.

``badge(UPLOADS, upload.state)`` is what ``{% badge row.badge.look row.badge.word %}`` shows. What is a plain word and
has no look (roles, outcomes, audiences, remedies) stands in ``engines.naming``.
"""

from __future__ import annotations

from collections.abc import Mapping

from zhiheng.pages.words import say

# State -> look, Chinese, English.
States = Mapping[str, tuple[str, str, str]]

DELIVERIES: States = {
    "accepted": ("pass", "已接收", "accepted"),
    "held": ("soon", "待确认", "held"),
    "refused": ("fail", "整表退回", "refused"),
    "skipped": ("neutral", "已跳过", "skipped"),
}
UPLOADS: States = {
    "waiting": ("neutral", "排队中", "in the queue"),
    "running": ("active", "正在接收", "being received"),
    "done": ("pass", "已处理", "done"),
    "failed": ("fail", "未能处理", "failed"),
}
OWED: States = {
    "late": ("late", "逾期未报", "overdue"),
    "due": ("soon", "待报", "due"),
    "handed_late": ("neutral", "逾期已报", "handed in late"),
    "handed": ("pass", "已报", "handed in"),
}
# What became of a heading of a delivered table.
HEADINGS: States = {
    "matched": ("pass", "已认出", "recognised"),
    "ignored": ("neutral", "不使用", "not used"),
    "unknown": ("fail", "未识别", "unknown"),
    "twice": ("fail", "重复", "given twice"),
    "empty": ("neutral", "空表头", "empty"),
}
PROPOSALS: States = {
    "open": ("soon", "待决定", "Open"),
    "accepted": ("pass", "已采用", "Accepted"),
    "rejected": ("neutral", "未采用", "Rejected"),
    "recalled": ("neutral", "采用后收回", "Taken back"),
}
OBJECTIONS: States = {
    "open": ("soon", "待答复", "to be answered"),
    "upheld": ("pass", "成立", "upheld"),
    "rejected": ("neutral", "不成立", "rejected"),
    "withdrawn": ("neutral", "已撤回", "withdrawn"),
}
# What came of an act that was done in many cases, for each of them.
CASES_OF_BATCH: States = {
    "waiting": ("neutral", "还没轮到", "waiting"),
    "done": ("pass", "已办成", "done"),
    "proposed": ("soon", "待他人签署", "to be signed by others"),
    "refused": ("fail", "未办", "refused"),
}
# The colours of early warnings, what became of a signal, and whether it was right.
WARNING_LEVELS: States = {
    "red": ("fail", "红色", "red"),
    "orange": ("late", "橙色", "orange"),
    "yellow": ("soon", "黄色", "yellow"),
    "blue": ("active", "蓝色", "blue"),
}
SIGNALS: States = {
    "open": ("soon", "待处理", "open"),
    "taken_up": ("active", "已立案", "case opened"),
    "set_aside": ("neutral", "不立案", "set aside"),
    "gone": ("neutral", "数据不再支持", "no longer reached"),
}
WARNING_OUTCOMES: States = {
    "true": ("pass", "属实", "right"),
    "false": ("neutral", "不属实", "wrong"),
    "unknown": ("soon", "待核实", "not known yet"),
}
REQUESTS: States = {
    "open": ("active", "待审核", "Open"),
    "blocked": ("soon", "不能公示", "Can't be published"),
    "approved": ("pass", "已批准", "Approved"),
    "rejected": ("neutral", "不予公示", "Rejected"),
    "lapsed": ("neutral", "已失效", "Lapsed"),
}


def badge(states: States, state: str) -> dict[str, str]:
    """The look and the word of a state; one that has no words is called by its code."""
    look, zh, en = states.get(state, ("neutral", state, state))
    return {"look": look, "word": say(zh, en)}


def word(states: States, state: str) -> str:
    """The word of a state."""
    return badge(states, state)["word"]
