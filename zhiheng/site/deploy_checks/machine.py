"""The machine: who may read the files, room on the disk, style sheets, faces for paper."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import find

from zhiheng.grammar.book import Book
from zhiheng.kernel.data_folder import inside, parts
from zhiheng.office.faces import embeds_chinese
from zhiheng.site.deploy_checks.finding import DeployFinding, State

LEAST_FREE = 5 << 30


def of_files(_book: Book) -> Iterator[DeployFinding]:
    """Who may read the key and the databases; room on the disk; style sheets."""
    data = Path(settings.DATA)
    open_to_others = [
        p.name
        for p in (inside(data, part.name) for part in parts("database", "copied", "key", "made_again"))
        if p.exists() and stat.S_IMODE(p.stat().st_mode) & 0o077 and stat.S_IMODE(data.stat().st_mode) & 0o077
    ]
    if open_to_others:
        yield DeployFinding(
            "permissions",
            "unsafe",
            f"本机其他用户可以读取 {'、'.join(open_to_others)}；请运行 chmod 700 {data}。",
            f"Other users of this machine can read {', '.join(open_to_others)}; run: chmod 700 {data}.",
        )
    else:
        yield DeployFinding("permissions", "ok", "数据目录只有运行者能读。", "Only its owner can read the data folder.")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        yield DeployFinding(
            "root",
            "advice",
            "正以 root 运行；请为质衡建一个没有特权的用户。",
            "It runs as root; make a user without privileges for it.",
        )
    # Beside PostgreSQL the folder may not have been made yet: the disk is that of the nearest folder above it.
    disk = shutil.disk_usage(next(folder for folder in (data, *data.absolute().parents) if folder.exists()))
    gib = disk.free / (1 << 30)
    state: State = "unsafe" if disk.free < LEAST_FREE else "advice" if disk.free < disk.total // 10 else "ok"
    yield DeployFinding(
        "disk",
        state,
        f"磁盘剩余 {gib:,.1f} GiB{'；请清理或扩容' if state != 'ok' else ''}。",
        f"{gib:,.1f} GiB are left on the disk{'; make room' if state != 'ok' else ''}.",
    )
    if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists() or find("pages/built/zhiheng.css") is None:
        yield DeployFinding(
            "static",
            "unsafe",
            "样式和脚本还没有收集；请先运行 make assets，再启动一次 zhiheng serve。",
            "Style sheets and scripts were not collected; run make assets, then start zhiheng serve once.",
        )
    else:
        yield DeployFinding("static", "ok", "样式和脚本已收集。", "Style sheets and scripts are collected.")


def of_faces(_book: Book) -> Iterator[DeployFinding]:
    """Whether papers embed their Chinese font: a reader without one shows blank paper."""
    if embeds_chinese():
        yield DeployFinding(
            "faces", "ok", "PDF 摘录会嵌入中文字体。", "Extracts as PDF carry their Chinese face with them."
        )
    else:
        yield DeployFinding(
            "faces",
            "advice",
            "本机没有可嵌入的中文字体，PDF 摘录要靠阅读者自己的宋体显示；建议安装一种，例如 Debian 的 "
            "fonts-wqy-zenhei。",
            "This machine has no Chinese face that can be embedded, so an extract as PDF shows only where the reader "
            "has one; install one, such as fonts-wqy-zenhei of Debian.",
        )


CHECKS = (of_files, of_faces)
