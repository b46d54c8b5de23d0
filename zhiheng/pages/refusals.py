"""Why what an address asks for is not understood."""

from __future__ import annotations

import datetime as dt

from zhiheng.kernel.parse_params import FIRST_DAY, LAST_DAY
from zhiheng.kernel.reasons import Refusal
from zhiheng.pages.asked_words import DAYS, OF_THE_BOOK, OWN, PAST_DAYS

# No text longer than this is said back.
SHOWN = 40


def not_a_day(name: str, text: str) -> Refusal:
    return _asked(
        "asked.day",
        name,
        text,
        f"不是有效的日期；请写成 2026-03-31，且在 {FIRST_DAY} 至 {LAST_DAY} 之间",
        f"is no valid day; write it as 2026-03-31, between {FIRST_DAY} and {LAST_DAY}",
    )


def day_to_come(name: str, text: str, today: dt.date) -> Refusal:
    return _asked(
        "asked.future",
        name,
        text,
        f"还没有到；请选 {today} 或以前的日期",
        f"has not come yet; choose {today} or earlier",
    )


def not_a_month(name: str, text: str) -> Refusal:
    return _asked("asked.month", name, text, "不是一个月份；请写成 2026-03", "is no month; write it as 2026-03")


def not_a_number(name: str, text: str) -> Refusal:
    return _asked(
        "asked.number", name, text, "不是编号；请写成 0、1、2 这样的数字", "is no number; write it as 0, 1, 2"
    )


def not_a_choice(name: str, text: str) -> Refusal:
    return _asked(
        "asked.unknown",
        name,
        text,
        "不在可选的范围内；请从页面上重新选择",
        "is none of the choices; choose again on the page",
    )


def _asked(code: str, name: str, text: str, zh: str, en: str) -> Refusal:
    words = {**PAST_DAYS, **DAYS, **OF_THE_BOOK, **OWN}.get(name, (name, name))
    shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    return Refusal(
        code, f"“{words[0]}”{shown}：{zh}。", f"{words[1].capitalize()} “{shown}” {en}.", field=name, text=shown
    )


def work_wrong() -> Refusal:
    return Refusal(
        "work.wrong",
        "防止机器提交的验证没有通过，或者页面打开太久了；请刷新页面后再提交。",
        "The check against machines failed, or the page was open too long; reload it and send again.",
    )


def work_again() -> Refusal:
    return Refusal(
        "work.again",
        "这一页已经提交过一次；要再提交一件，请重新打开表单。",
        "This page was sent before; to send another, open the form anew.",
    )


def work_without_script() -> Refusal:
    return Refusal(
        "work.no_script",
        "浏览器关闭了脚本的人，这一小时提交的太多了；请打开脚本再提交，或者过一小时再来，也可以拨打 12315。",
        "Too many forms came from browsers without scripts this hour; allow scripts, wait an hour, or call 12315.",
    )
