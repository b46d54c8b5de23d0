"""What is switched on for trying only; names, keys, HTTPS, mail."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from zhiheng.grammar.book import Book
from zhiheng.site.deploy_checks.finding import DeployFinding


def of_settings(_book: Book) -> Iterator[DeployFinding]:
    """DEBUG, the key, names, HTTPS, what is switched on for trying only."""
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


def of_mail(_book: Book) -> Iterator[DeployFinding]:
    """Mail is optional; where it is set it must not be the one for trying."""
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


CHECKS = (of_settings, of_mail)
