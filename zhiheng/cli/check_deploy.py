"""``zhiheng check-deploy``: what is not yet safe for production, each with what to do about it."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import click

from zhiheng.cli import output
from zhiheng.cli.backup import last_backup
from zhiheng.cli.session import json_option, now, open_book, set_up
from zhiheng.kernel.data_folder import inside, parts

if TYPE_CHECKING:
    from zhiheng.grammar.book import Book

State = Literal["unsafe", "advice", "ok"]

# A backup that is older than this is none for whoever works every day.
BACKUP_DAYS = 7
# From November on the holidays of next year are known.
NOTICE_MONTH = 11
LEAST_FREE = 5 << 30
# SQLite serves one machine and one writer at a time; beyond this many facts a restore takes long.
MANY_FACTS = 30_000_000


@dataclass(frozen=True)
class DeployFinding:
    """One thing that was looked at: unsafe (must be mended), advice, or all right."""

    check: str
    state: State
    zh: str
    en: str


@click.command("check-deploy")
@json_option
def check_deploy(as_json: bool) -> None:
    """上线前检查：逐项指出还不安全的地方和怎么办；有不安全的状态为 1。 What is not yet safe for production."""
    set_up()
    book = open_book()
    findings = [finding for check in CHECKS for finding in check(book)]
    unsafe = sum(finding.state == "unsafe" for finding in findings)
    if as_json:
        output.show_json({"unsafe": unsafe, "findings": [asdict(finding) for finding in findings]})
    else:
        marks = {"unsafe": "✗ 不安全", "advice": "! 建议", "ok": "✓"}
        for state in ("unsafe", "advice", "ok"):
            for finding in findings:
                if finding.state == state:
                    click.echo(f"{marks[finding.state]}  {finding.zh}\n      {finding.en}")
        click.echo(f"{unsafe} 项不安全 / unsafe")
    if unsafe:
        sys.exit(1)


def of_settings(_book: Book) -> Iterator[DeployFinding]:
    """DEBUG, the key, names, HTTPS, what is switched on for trying only."""
    from django.conf import settings

    if settings.DEBUG:
        yield DeployFinding(
            "debug",
            "unsafe",
            "调试模式开着，出错页会泄露内部信息；请去掉 ZHIHENG_DEBUG。",
            "Debugging is on and error pages show what is inside; unset ZHIHENG_DEBUG.",
        )
    else:
        yield DeployFinding("debug", "ok", "调试模式关着。", "Debugging is off.")
    if len(settings.SECRET_KEY) < 50 or len(set(settings.SECRET_KEY)) < 10:
        yield DeployFinding(
            "secret_key",
            "unsafe",
            "密钥太短或太简单；请去掉 ZHIHENG_SECRET_KEY，让系统自己生成，或换成 50 个以上随机字符。",
            "The secret key is short or simple; unset ZHIHENG_SECRET_KEY so that one is made, or use 50 random "
            "characters.",
        )
    else:
        yield DeployFinding("secret_key", "ok", "密钥足够长。", "The secret key is long enough.")
    if not settings.HTTPS:
        yield DeployFinding(
            "https",
            "unsafe",
            "没有声明 HTTPS，登录口令和 Cookie 会明文传输；请在代理上配好证书并设 "
            "ZHIHENG_HTTPS=1（docs/how-to/https-and-proxy.md）。",
            "HTTPS is not declared: passwords and cookies travel in the open. Put a proxy with TLS before it and set "
            "ZHIHENG_HTTPS=1 (docs/how-to/https-and-proxy.md).",
        )
    elif not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        yield DeployFinding(
            "proxies",
            "unsafe",
            "声明了 HTTPS，却没有说明前面有几层代理，页面会不断重定向；请设 ZHIHENG_PROXIES=1。",
            "HTTPS is declared but no proxy, so pages would redirect for ever; set ZHIHENG_PROXIES=1.",
        )
    else:
        yield DeployFinding(
            "https",
            "ok",
            "声明了 HTTPS，Cookie 只经加密连接发送。",
            "HTTPS is declared, cookies travel encrypted only.",
        )
    names = set(settings.ALLOWED_HOSTS)
    if "*" in names:
        yield DeployFinding(
            "hosts",
            "unsafe",
            "任何域名都被接受；请在 ZHIHENG_HOSTS 中只写本站的域名。",
            "Any host name is accepted; name only this site's in ZHIHENG_HOSTS.",
        )
    elif names <= {"localhost", "127.0.0.1", "[::1]", "testserver"}:
        yield DeployFinding(
            "hosts",
            "unsafe",
            "只接受本机名称，别人打不开；请在 ZHIHENG_HOSTS 中写上本站的域名。",
            "Only names of this machine are accepted, nobody else can open it; name this site in ZHIHENG_HOSTS.",
        )
    else:
        yield DeployFinding(
            "hosts", "ok", f"接受的域名：{'、'.join(sorted(names))}。", f"Host names: {', '.join(sorted(names))}."
        )
    if settings.WEBHOOKS_INNER:
        yield DeployFinding(
            "webhooks",
            "unsafe",
            "推送可以发往内网地址，只应在测试时打开；请去掉 ZHIHENG_WEBHOOKS_INNER。",
            "Web hooks may lead into inner networks, which is for tests only; unset ZHIHENG_WEBHOOKS_INNER.",
        )


def of_accounts(book: Book) -> Iterator[DeployFinding]:
    """Passwords that everybody knows, administrators without a second factor."""
    from allauth.mfa.models import Authenticator
    from django.db.models import Q

    from zhiheng.actions.accounts.make_demo_accounts import PASSWORD
    from zhiheng.grammar.chapters.roles import ROLES
    from zhiheng.people.models import Account, Grant

    known = [
        a.login for a in Account.objects.filter(login__startswith="demo-", is_active=True) if a.check_password(PASSWORD)
    ]
    if known:
        yield DeployFinding(
            "demo_accounts",
            "unsafe",
            f"{len(known)} 个演示账号还能用公开的密码登录（{'、'.join(known[:5])}…）；请停用它们，"
            "或换用没有演示数据的目录。",
            f"{len(known)} accounts of the demo still take the password that everybody knows "
            f"({', '.join(known[:5])}…); close them, or use a data folder without the demo.",
        )
    else:
        yield DeployFinding(
            "demo_accounts", "ok", "没有使用公开密码的演示账号。", "No account takes the demo's password."
        )
    managing = {name for name, role in book[ROLES].items() if any(role.clauses("people.manage"))}
    today = now().date()
    held = Grant.objects.filter(
        Q(last_day=None) | Q(last_day__gte=today),
        Q(ended_on=None) | Q(ended_on__gt=today),
        role__in=managing,
        account__is_active=True,
    )
    admins = dict(held.values_list("account_id", "account__login"))
    safe = set(
        Authenticator.objects.filter(user_id__in=admins, type__in=("totp", "webauthn")).values_list(
            "user_id", flat=True
        )
    )
    if bare := sorted(login for number, login in admins.items() if number not in safe):
        yield DeployFinding(
            "second_factor",
            "unsafe",
            f"{len(bare)} 个能管理账号的人没有双重验证（{'、'.join(bare[:5])}）；请他们在“账号安全”中设置。",
            f"{len(bare)} people who manage accounts have no second factor ({', '.join(bare[:5])}); have them set one "
            "up.",
        )
    elif admins:
        yield DeployFinding(
            "second_factor",
            "ok",
            "能管理账号的人都有双重验证。",
            "Everybody who manages accounts has a second factor.",
        )
    else:
        yield DeployFinding(
            "second_factor",
            "advice",
            "还没有能管理账号的人；请给管理员开通账号（zhiheng accounts create）。",
            "Nobody manages accounts yet; make an account for an administrator (zhiheng accounts create).",
        )


def of_files(_book: Book) -> Iterator[DeployFinding]:
    """Who may read the key and the databases; room on the disk; style sheets."""
    from django.conf import settings

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
    from django.contrib.staticfiles.finders import find

    if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists() or find("pages/built/zhiheng.css") is None:
        yield DeployFinding(
            "static",
            "unsafe",
            "样式和脚本还没有收集；请先运行 make assets，再启动一次 zhiheng serve。",
            "Style sheets and scripts were not collected; run make assets, then start zhiheng serve once.",
        )
    else:
        yield DeployFinding("static", "ok", "样式和脚本已收集。", "Style sheets and scripts are collected.")


def of_database(_book: Book) -> Iterator[DeployFinding]:
    """SQLite or PostgreSQL, and whether what is written survives a power cut."""
    from django.conf import settings
    from django.db import connection

    from zhiheng.quality_file.bulk_statements import last_fact

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


def of_running(_book: Book) -> Iterator[DeployFinding]:
    """Backups, workers, failed tasks."""
    from django.conf import settings
    from django_tasks import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    from zhiheng.office import leases

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
    if failed := DBTaskResult.objects.filter(status=TaskResultStatus.FAILED, finished_at__gte=week).count():
        yield DeployFinding(
            "tasks",
            "advice",
            f"最近七天有 {failed} 个后台任务失败；请查看日志。",
            f"{failed} background tasks failed in the last seven days; look at the log.",
        )


def of_book(book: Book) -> Iterator[DeployFinding]:
    """A real place; the holidays of next year."""
    from zhiheng.grammar.chapters.calendars import CALENDAR
    from zhiheng.grammar.chapters.district import DISTRICT

    if book[DISTRICT].fictional:
        yield DeployFinding(
            "book",
            "unsafe",
            "规则书写的是虚构的地方；请用 ZHIHENG_BOOK 指向本地的规则书（docs/how-to/another-book.md）。",
            "The book is of a fictional place; let ZHIHENG_BOOK name your own (docs/how-to/another-book.md).",
        )
    else:
        yield DeployFinding("book", "ok", f"规则书：{book[DISTRICT].name.zh}。", f"Book: {book[DISTRICT].name.en}.")
    today = now().date()
    calendar = book[CALENDAR]
    wanted = [today.year] + ([today.year + 1] if today.month >= NOTICE_MONTH else [])
    if missing := [year for year in wanted if not calendar.known(year)]:
        state: State = "unsafe" if today.year in missing else "advice"
        years = "、".join(map(str, missing))
        yield DeployFinding(
            "calendar",
            state,
            f"规则书里没有 {years} 年的节假日安排，法定期限会按暂定日历计算；通知公布后请写入 book/calendars。",
            f"The book lacks the holidays of {years}, so statutory periods are counted provisionally; write them into "
            "book/calendars.",
        )
    else:
        yield DeployFinding("calendar", "ok", "节假日安排齐全。", "The calendars are complete.")


def of_law_texts(_book: Book) -> Iterator[DeployFinding]:
    """The folder of law texts, where one is named."""
    from django.conf import settings

    from zhiheng.reading.law_texts import LawTexts

    if settings.LAW_TEXTS is None:
        return
    problem = LawTexts(settings.LAW_TEXTS).problem()
    if problem is not None:
        yield DeployFinding("law_texts", "advice", problem.zh, problem.en)
    else:
        yield DeployFinding(
            "law_texts", "ok", f"法规文本目录：{settings.LAW_TEXTS}。", f"Folder of law texts: {settings.LAW_TEXTS}."
        )


def of_faces(_book: Book) -> Iterator[DeployFinding]:
    """Whether papers carry their Chinese face with them: a reader without one of its own shows white paper."""
    from zhiheng.office.faces import embeds_chinese

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


def of_mail(_book: Book) -> Iterator[DeployFinding]:
    """Mail is optional; where it is set it must not be the one for trying."""
    from django.conf import settings

    if settings.EMAIL_BACKEND.rpartition(".")[0].endswith(("console", "locmem", "dummy", "filebased")):
        yield DeployFinding(
            "mail", "advice", "邮件只写到屏幕或文件，不会寄出。", "Mail is written to the screen or a file, not sent."
        )
    elif settings.EMAIL_HOST in ("", "localhost"):
        yield DeployFinding(
            "mail",
            "advice",
            "没有设置邮件服务器；系统不依赖邮件，需要邮件通知时再设。",
            "No mail server is set; nothing depends on mail, set one where notices by mail are wanted.",
        )


def of_single_sign_on(_book: Book) -> Iterator[DeployFinding]:
    """Whether the log-in page of the single sign-on may be reached from ours: browsers go only where the page's policy
    says.
    """
    from django.conf import settings

    from zhiheng.pages.middleware import policy

    providers: dict[str, Any] = settings.SOCIALACCOUNT_PROVIDERS
    apps = [app for provider in providers.values() for app in provider.get("APPS", ())]
    allowed = next((part.split()[1:] for part in policy().split(";") if part.strip().startswith("form-action")), [])
    for app in apps:
        url = app["settings"]["server_url"].rstrip("/")
        at = url if "/.well-known/" in url else f"{url}/.well-known/openid-configuration"
        try:
            # Loaded here: a quarter of what a page of help would wait for.
            from urllib.request import urlopen

            with urlopen(at, timeout=10) as answer:  # noqa: S310 - the operator's own setting
                login = urlsplit(json.load(answer)["authorization_endpoint"])
        except (OSError, ValueError, KeyError, TypeError) as cause:
            yield DeployFinding(
                "single_sign_on",
                "unsafe",
                f"统一认证 {url} 没有给出它的说明（{type(cause).__name__}），没有人能由它登录；请检查 "
                "ZHIHENG_OIDC_URL 和网络。",
                f"The single sign-on {url} did not give its description ({type(cause).__name__}), so nobody can sign "
                "in by it; check ZHIHENG_OIDC_URL and the network.",
            )
            continue
        origin = f"{login.scheme}://{login.netloc}"
        if origin not in allowed:
            yield DeployFinding(
                "single_sign_on",
                "unsafe",
                f"统一认证的登录页在 {origin}，不在页面允许的去处（form-action）里，浏览器会拦下登录；请设 "
                f"ZHIHENG_OIDC_ORIGINS={origin}。",
                f"The log-in page of the single sign-on stands at {origin}, which form-action does not allow, so "
                f"browsers stop the log-in; set ZHIHENG_OIDC_ORIGINS={origin}.",
            )
        elif login.scheme != "https":
            yield DeployFinding(
                "single_sign_on",
                "unsafe",
                f"统一认证 {origin} 不是 HTTPS，登录凭据会明文传输；请改用 HTTPS 地址。",
                f"The single sign-on {origin} is not HTTPS: what is typed there travels in the open; use its HTTPS "
                "address.",
            )
        else:
            yield DeployFinding(
                "single_sign_on",
                "ok",
                f"统一认证的登录页 {origin} 可以到达。",
                f"The log-in page of the single sign-on, {origin}, may be reached.",
            )


CHECKS: tuple[Callable[[Book], Iterator[DeployFinding]], ...] = (
    of_settings,
    of_accounts,
    of_files,
    of_database,
    of_running,
    of_book,
    of_law_texts,
    of_faces,
    of_mail,
    of_single_sign_on,
)
