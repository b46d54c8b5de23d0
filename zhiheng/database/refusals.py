"""Why a file is not kept."""

from __future__ import annotations

from zhiheng.kernel.reasons import Refusal


def file_changing(name: str) -> Refusal:
    return Refusal(
        "file.changing",
        f"“{name}”在读取时被改动；请等它写完后再报。",
        f"{name} changed while it was read; wait until it is written and hand it in again.",
    )


def file_unreadable(name: str, why: str | None) -> Refusal:
    return Refusal(
        "file.unreadable",
        f"“{name}”无法读取（{why}）；请检查文件和权限后再报。",
        f"{name} can't be read ({why}); check the file and its permissions, then hand it in again.",
    )
