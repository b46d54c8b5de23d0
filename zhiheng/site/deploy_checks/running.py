"""What must happen every day: backups, workers, tasks that do not fail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from zhiheng.cli.backup import last_backup
from zhiheng.cli.session import now
from zhiheng.grammar.book import Book
from zhiheng.kernel.data_folder import inside, parts
from zhiheng.office import leases
from zhiheng.office.lanes import LANE_NAMES
from zhiheng.published.models import PublishedEntry
from zhiheng.site.deploy_checks.finding import DeployFinding

# A backup that is older than this loses more than a day's work.
BACKUP_DAYS = 7
# What waits for so long in a lane stands behind something that is stuck.
LONG_WAIT = dt.timedelta(hours=1)


def of_running(_book: Book) -> Iterator[DeployFinding]:
    """Backups, workers, failed tasks."""
    last = last_backup(Path(settings.DATA))
    at, copied = last if last is not None else (None, [])
    lacking = [p for p in parts("copied") if p.name not in copied and any(inside(settings.DATA, p.name).rglob("*"))]
    if at is None:
        yield DeployFinding(
            "backup",
            "unsafe",
            "没有备份记录；请每天运行 zhiheng backup，并试着恢复一次（docs/how-to/back-up-and-restore.md）。",
            "No backup is known; run zhiheng backup every day, and try to restore it once "
            "(docs/how-to/back-up-and-restore.md).",
        )
    elif (age := now() - at) > dt.timedelta(days=BACKUP_DAYS):
        yield DeployFinding(
            "backup",
            "unsafe",
            f"最近一次备份在 {age.days} 天前；请检查定时任务。",
            f"The last backup is {age.days} days old; look at its schedule.",
        )
    elif lacking:
        yield DeployFinding(
            "backup",
            "unsafe",
            f"最近一次备份没有 {'、'.join(f'{p.name}/（{p.zh}）' for p in lacking)}；请用现在的版本再备份一次。",
            f"The last backup lacks {', '.join(f'{p.name}/ ({p.en})' for p in lacking)}; run zhiheng backup again "
            "with this version.",
        )
    else:
        yield DeployFinding(
            "backup", "ok", f"最近一次备份：{at:%Y-%m-%d %H:%M}。", f"Last backup: {at:%Y-%m-%d %H:%M}."
        )
    if leases.living(now()):
        yield DeployFinding("worker", "ok", "后台工作进程在运行。", "A background worker is running.")
    else:
        yield DeployFinding(
            "worker",
            "unsafe",
            "没有后台工作进程在运行，已报送的文件不会被接收；请用 zhiheng serve 启动，或另开 zhiheng worker。",
            "No background worker is running, files that are handed in are not received; start zhiheng serve, or "
            "zhiheng worker.",
        )
    week = now() - dt.timedelta(days=7)
    yield from _of_lanes(week)
    two_days_ago = now().date() - dt.timedelta(days=2)
    if ended := PublishedEntry.objects.filter(state=PublishedEntry.State.SHOWN, show_until__lt=two_days_ago).count():
        yield DeployFinding(
            "expiry",
            "unsafe",
            f"{ended:,} 条公示期满两天以上没有撤下；请核对服务器时钟，确实期满的运行 zhiheng publish expire。",
            f"{ended:,} entries ended more than two days ago and were not taken down; look at the server's clock, and "
            "where they have ended run zhiheng publish expire.",
        )
    if failed := DBTaskResult.objects.filter(status=TaskResultStatus.FAILED, finished_at__gte=week).count():
        yield DeployFinding(
            "tasks",
            "advice",
            f"最近七天有 {failed} 个后台任务失败；请查看日志。",
            f"{failed} background tasks failed in the last seven days; look at the log.",
        )


def _of_lanes(week: dt.datetime) -> Iterator[DeployFinding]:
    """Lanes of the queue that nobody serves although something waits in them, or in which something waits for long."""
    for state in leases.lane_states(now(), failed_since=week):
        zh, en = LANE_NAMES[state.lane]
        if state.waits_since is None or now() - state.waits_since < LONG_WAIT:
            continue
        minutes = int((now() - state.waits_since).total_seconds() // 60)
        doing = "、".join(state.doing)
        yield DeployFinding(
            "lanes",
            "advice",
            f"后台队列“{zh}”有 {state.waiting} 项在等，最早的等了 {minutes} 分钟"
            + (f"，正在做 {doing}" if doing else "，没有进程在做")
            + "；请查看后台日志，必要时重启后台。",
            f"{state.waiting} tasks wait in the lane “{en}”, the first for {minutes} minutes"
            + (f", behind {', '.join(state.doing)}" if doing else ", and no process serves it")
            + "; look at the worker's log, and start the workers again if need be.",
        )


CHECKS = (of_running,)
