"""Why a witness does not begin, or what one that was asked answers can't be used."""

from __future__ import annotations

from pathlib import Path

from zhiheng.kernel.reasons import Refusal


def witness_needs_name() -> Refusal:
    return Refusal(
        "witness.name",
        "新的见证方要有名称：不带 https:// 的网址，没有空格和加号，如 --name witness.example.gov.cn/city。",
        "A new witness needs a name: an address without https://, spaces and plus signs, for example "
        "--name witness.example.gov.cn/city.",
    )


def witness_has_another_name(own: str, given: str) -> Refusal:
    return Refusal(
        "witness.other_name",
        f"这个文件夹是见证方“{own}”的，不是“{given}”的；请换一个文件夹，或去掉 --name。",
        f"This folder is that of the witness {own!r}, not {given!r}; use another folder, or leave out --name.",
    )


def witness_state_damaged(path: Path) -> Refusal:
    return Refusal(
        "witness.state",
        f"{path} 读不出来；见证方不会从头开始，否则会为拒绝过的历史签名。请从备份恢复这个文件。",
        f"{path} can't be read. A witness does not begin anew, since it would sign a history that it refused; bring "
        "the file back from a backup.",
    )


def witness_answered(name: str, why: str) -> Refusal:
    return Refusal(
        "witness.answered",
        f"见证方“{name}”没有签：{why}。",
        f"The witness {name!r} did not sign: {why}.",
        text=name,
    )


def no_such_entry(kind: str, row: str) -> Refusal:
    return Refusal(
        "log.no_such_entry",
        f"公开日志的检查点下没有“{kind} {row}”；种类写 fact、delivery、publication、decision 等，刚发生的等一分钟再试，"
        "或先运行 zhiheng ledger log。",
        f"No entry {kind!r} {row!r} is under a signed head of the log. Kinds are fact, delivery, publication, decision "
        "and others; what just happened has its entry a minute later, or run zhiheng ledger log first.",
        text=f"{kind} {row}",
    )


def witness_saw_more(name: str, theirs: int, own: int) -> Refusal:
    return Refusal(
        "witness.saw_more",
        f"见证方“{name}”签过 {theirs} 条的日志，这里只有 {own} 条：日志被截断过，或是从较早的备份恢复的；"
        "请查明原因，再联系见证方。",
        f"The witness {name!r} signed a log of {theirs} entries and here are {own}: the log was cut off, or brought "
        "back from an older backup. Find out why, then talk to the witness.",
    )
