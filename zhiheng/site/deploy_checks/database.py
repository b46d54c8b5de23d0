"""SQLite or PostgreSQL, and whether what is written survives a power cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import connection

from zhiheng.grammar.book import Book
from zhiheng.quality_file.bulk_statements import last_fact
from zhiheng.site.deploy_checks.finding import DeployFinding

# SQLite serves one machine and one writer at a time; beyond this many facts a restore takes long.
MANY_FACTS = 30_000_000


def of_database(_book: Book) -> Iterator[DeployFinding]:
    """SQLite or PostgreSQL, and whether what is written survives a power cut."""
    last = last_fact()
    if not settings.POSTGRESQL:
        if last > MANY_FACTS:
            yield DeployFinding(
                "database",
                "advice",
                f"SQLite 中已有 {last:,} 条事实；建议换用 PostgreSQL（docs/how-to/postgresql.md）。",
                f"SQLite holds {last:,} facts; PostgreSQL is advised (docs/how-to/postgresql.md).",
            )
        else:
            yield DeployFinding(
                "database",
                "ok",
                "使用 SQLite：适合一台机器；要多台机器共用时换 PostgreSQL。",
                "SQLite: right for one machine; PostgreSQL where several share it.",
            )
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes')"
        )
        weak = sorted(name for name, value in cursor.fetchall() if value == "off")
    if weak:
        yield DeployFinding(
            "database",
            "unsafe",
            f"PostgreSQL 关掉了 {'、'.join(weak)}，断电会丢失已接收的数据；请打开。",
            f"PostgreSQL has {', '.join(weak)} off: a power cut would lose what was accepted. Switch them on.",
        )
    else:
        yield DeployFinding("database", "ok", "PostgreSQL 的写入经得起断电。", "PostgreSQL writes survive a power cut.")
    database: dict[str, Any] = settings.DATABASES["default"]
    host, options = database["HOST"], database["OPTIONS"]
    if (
        host not in ("", "localhost", "127.0.0.1", "::1")
        and not host.startswith("/")
        and options.get("sslmode") not in ("verify-full", "verify-ca", "require")
    ):
        yield DeployFinding(
            "database_tls",
            "unsafe",
            "到 PostgreSQL 的连接没有加密；请在 DATABASE_URL 后加 ?sslmode=verify-full。",
            "The connection to PostgreSQL is not encrypted; add ?sslmode=verify-full to DATABASE_URL.",
        )


CHECKS = (of_database,)
