"""Why the law of the book gives no answer, a purpose is none, or this machine does not go on.

``what``: the parameter's name and ``cited`` its citation, both in Chinese and in English; ``key``: topic.parameter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from pathlib import Path

from zhiheng.kernel.reasons import Refusal


def law_before_first(
    what: tuple[str, str], *, day: dt.date, since: dt.date, cited: tuple[str, str], key: str
) -> Refusal:
    return Refusal(
        "law.before_first",
        f"“{what[0]}”在 {day} 的规定不在书中：最早的一条自 {since} 起施行（{cited[0]}）。"
        "请查明当时的规定，补入法律参数后再办。",
        f"The book has no rule for '{what[1]}' on {day}: its earliest holds from {since} "
        f"({cited[1]}). Find the rule of that day and add it to the book first.",
        field=key,
        text=str(day),
    )


def no_period(what: tuple[str, str], *, key: str) -> Refusal:
    return Refusal(
        "law.no_period",
        f"“{what[0]}”不是一个期限；请在 {key} 中写明整数和单位（wd、d、hour、month、year），表格请指明行。",
        f"'{what[1]}' is not a period; give {key} a whole number and a unit "
        "(wd, d, hour, month, year), and name the row of a table.",
        field=key,
    )


def rolling_unknown(day: dt.date, *, district: str, rule: str) -> Refusal:
    return Refusal(
        "law.no_rolling",
        f"{day} 起算的期限，最后一日遇节假日是否顺延没有规定；请在本区规定（{district}）中写明。",
        f"Nothing says whether the last day of a period from {day} moves on when it is a holiday; "
        f"write it in the rules of the district ({district}).",
        field=f"{district}.{rule}",
        text=str(day),
    )


def rolling_misspelt(what: tuple[str, str], *, value: object, rolls: Collection[str], key: str) -> Refusal:
    return Refusal(
        "law.no_rolling",
        f"“{what[0]}”的值“{value}”不是一种顺延办法；请改为 {'、'.join(rolls)} 之一。",
        f"'{what[1]}' says '{value}', which is no way of moving on; use one of {', '.join(rolls)}.",
        field=key,
        text=str(value),
    )


def no_row(what: tuple[str, str], *, row: str, rows: str, key: str) -> Refusal:
    return Refusal(
        "law.no_row",
        f"“{what[0]}”没有“{row}”这一行；请用：{rows or '（不是表格，直接取值）'}。",
        f"'{what[1]}' has no row '{row}'; use: {rows or '(this is no table, take its value)'}.",
        field=key,
    )


def law_not_yet(what: tuple[str, str], *, day: dt.date, since: dt.date, cited: tuple[str, str], key: str) -> Refusal:
    return Refusal(
        "law.not_yet",
        f"“{what[0]}”在 {day} 还没有规定：自 {since} 起才有（{cited[0]}）。请按事项发生之日适用的规定办理。",
        f"There was no rule for '{what[1]}' on {day}: it exists since {since} "
        f"({cited[1]}). Proceed under the law of the day of the event.",
        field=key,
        text=str(day),
    )


def law_repealed(what: tuple[str, str], *, day: dt.date, until: dt.date, cited: tuple[str, str], key: str) -> Refusal:
    return Refusal(
        "law.repealed",
        f"“{what[0]}”在 {day} 没有规定：{cited[0]}的规定到 {until} 为止。"
        "请按事项发生之日适用的规定办理，或在法律参数中补入新规定。",
        f"'{what[1]}' has no rule on {day}: the one of {cited[1]} ended on {until}. "
        "Proceed under the law of the day of the event, or add the new rule to the book.",
        field=key,
        text=str(day),
    )


def parameter_unknown(topic: str, *, parameter: str, near: Sequence[str], known: str) -> Refusal:
    return Refusal(
        "law.unknown_parameter",
        f"专题“{topic}”没有参数“{parameter}”{f'，是不是“{near[0]}”' if near else ''}；现有参数：{known}。"
        "请改用其中之一。",
        f"Topic '{topic}' has no parameter '{parameter}'{f', did you mean {near[0]}' if near else ''}; "
        f"use one of: {known}.",
        field=f"{topic}.{parameter}",
    )


def topic_unknown(topic: str, *, near: Sequence[str], known: str) -> Refusal:
    return Refusal(
        "law.unknown_topic",
        f"法律参数中没有“{topic}”这个专题{f'，是不是“{near[0]}”' if near else ''}；现有专题：{known}。请改用其中之一。",
        f"The law has no topic '{topic}'{f', did you mean {near[0]}' if near else ''}; use one of: {known}.",
        field=topic,
    )


def purpose_missing(least: int, *, most: int, zh: str, en: str) -> Refusal:
    return Refusal(
        "purpose.needed",
        f"请写明查看的用途（{least} 到 {most} 个字），例如“{zh}”；用途会记入留痕。",
        f"Say what you need it for ({least} to {most} characters), for example '{en}'; the "
        "purpose stands in the trail.",
        field="purpose",
    )


def reader_died() -> Refusal:
    return Refusal(
        "receive.reader_died",
        "读取文件的进程意外结束（可能内存不足）；已接收的内容不受影响，请重新报送。",
        "The process that read the file ended unexpectedly (out of memory?); nothing was lost, send it again.",
    )


def restore_unfinished(root: Path | str) -> Refusal:
    return Refusal(
        "restore.unfinished",
        f"“{root}”里的备份没有恢复完；请对同一份备份再运行一次 zhiheng restore。",
        f"A backup was not restored to its end in {root}; run zhiheng restore on it once more.",
    )


def reporter_detail_too_long(most: int, field: str) -> Refusal:
    return Refusal(
        "reporter.long",
        f"这一项最多 {most} 个字；请写短一些。",
        f"At most {most} characters here; write less.",
        field,
    )


def amount_in_capitals(amount: object) -> Refusal:
    """An amount below zero, or of more than sixteen digits."""
    return Refusal(
        "numerals.amount",
        f"金额“{amount}”不能写成大写；请填写零以上、一亿亿元以下的数。",
        f"The amount {amount} can't be written in characters of account; it is to be zero or more and below "
        "10^16 yuan.",
    )
