"""What lies in the data folder of an installation, and what becomes of each part when it is backed up.

This is the only list: code that writes below the data folder gets its place from ``inside``, and backing up, restoring
and the check before going live read from here what must be kept. So nothing can be written that a backup does not know
of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from zhiheng.kernel import refusals
from zhiheng.kernel.reasons import Refused

# database: copied by the database's own means; copied: files that never change under their name; key: copied, its
# owner's only;
# made_again: left out, since a command makes it anew; passing: means nothing once the processes have ended.
Kept = Literal["database", "copied", "key", "made_again", "passing"]


@dataclass(frozen=True, slots=True)
class DataPart:
    """A file or folder of the data folder; ``by_digest``: its files are named by their SHA-256; ``removed``: its files
    go again when they have served, so that a backup must let them go too.
    """

    name: str
    kept: Kept
    zh: str
    en: str
    by_digest: bool = False
    removed: bool = False


PARTS: tuple[DataPart, ...] = (
    DataPart(
        "people.sqlite3", "database", "账号、权限、留痕、任务队列", "accounts, roles, the trail, the queue of tasks"
    ),
    DataPart("zhiheng.sqlite3", "database", "台账、公示", "the ledger, what is published"),
    # Before the kept files: what is received while a backup is made goes from here to there, and is in the one copy or
    # in the other.
    DataPart("inbox", "copied", "交来还没接收的文件", "files that wait to be received", by_digest=True, removed=True),
    DataPart(
        "files",
        "copied",
        "交来的原文件，按内容摘要命名，只增不改",
        "files as delivered, named by their digest",
        by_digest=True,
    ),
    DataPart("attachments", "copied", "异议、案件的附件", "what was attached to objections and cases", by_digest=True),
    DataPart(
        "book-additions",
        "copied",
        "本地采用、规则书还没写上的表头",
        "headings that were accepted here and stand in no page of the book yet",
        removed=True,
    ),
    DataPart("secret-key", "key", "会话和双重验证的密钥", "the key of sessions and second factors"),
    DataPart("log-key", "key", "给日志检查点签名的密钥", "the key that signs heads of the log"),
    DataPart("log-keys.txt", "key", "历来的日志公钥", "all public keys that the log ever had"),
    DataPart("report-key", "key", "签署信用报告的密钥", "the key that signs credit reports"),
    DataPart("report-keys.txt", "key", "历来签署信用报告的公钥", "all public keys that ever signed credit reports"),
    DataPart("lake", "made_again", "数据湖：zhiheng refresh 重建", "the lake: made by zhiheng refresh"),
    DataPart(
        "ratings", "made_again", "评价的等级：zhiheng rating keep 重建", "kept grades: made by zhiheng rating keep"
    ),
    DataPart(
        "open-data",
        "made_again",
        "开放数据文件：zhiheng publish open-data 重建",
        "bulk files: made by zhiheng publish open-data",
    ),
    DataPart(
        "public-log",
        "made_again",
        "公开日志的文件：zhiheng ledger log 重建",
        "files of the public log: made by zhiheng ledger log",
    ),
    DataPart(
        "static",
        "made_again",
        "样式和脚本：zhiheng serve 启动时收集",
        "style sheets and scripts: gathered by zhiheng serve",
    ),
    DataPart(
        "demo",
        "made_again",
        "演示用的虚构表格：zhiheng demo 写出",
        "invented tables of the demo: written by zhiheng demo",
    ),
    DataPart("last-backup.json", "passing", "最近一次备份的时间", "when the last backup was made"),
    DataPart("clock.json", "passing", "时钟最近一次的时刻", "when the clock was seen last"),
    DataPart("uploading", "passing", "正在接收的文件", "files that are being sent"),
    DataPart("workers", "passing", "后台进程的锁", "locks of the background workers"),
    DataPart(".making-tables", "passing", "建表时的锁", "a lock while tables are made"),
    DataPart(".restoring", "passing", "还没恢复完的标记", "a mark while a backup is restored"),
    DataPart(".logging", "passing", "追加日志时的锁", "a lock while the log grows"),
    DataPart(".refreshing", "passing", "更新时的锁", "a lock while read models are made"),
)
_BY_NAME = {part.name: part for part in PARTS}
# What SQLite keeps beside a database while it is open.
BESIDE = ("-wal", "-shm", "-journal")


def inside(root: Path | str, name: str) -> Path:
    """The place of a part in this data folder; KeyError for what is not on the list."""
    return Path(root) / _BY_NAME[name].name


def prepare(root: Path | str) -> None:
    """Create what must exist before an installation writes for the first time: the folder, and the place where uploads
    are spooled. Existing folders stay as they are.

    Raises Refused where a backup was restored only in part: running on it would create new tables beside half of the
    old ones.
    """
    if inside(root, ".restoring").exists():
        raise Refused(refusals.restore_unfinished(root))
    inside(root, "uploading").mkdir(parents=True, exist_ok=True)


def parts(*kept: Kept) -> Iterator[DataPart]:
    """The parts that are kept in one of these ways."""
    return (part for part in PARTS if part.kept in kept)


def known(name: str) -> bool:
    """Whether what has this name in a data folder is on the list, or stands beside a database that is."""
    for ending in BESIDE:
        if name.endswith(ending):
            base = _BY_NAME.get(name.removesuffix(ending))
            return base is not None and base.kept == "database"
    return name in _BY_NAME
