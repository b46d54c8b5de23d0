"""The single sign-on, where one is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

from django.conf import settings

from zhiheng.grammar.book import Book
from zhiheng.pages.middleware import policy
from zhiheng.people.single_sign_on.checked_answer import issuer_of
from zhiheng.site.deploy_checks.finding import DeployFinding


def of_single_sign_on(_book: Book) -> Iterator[DeployFinding]:
    """Whether the log-in page of the single sign-on may be reached from ours: browsers go only where the page's policy
    says.
    """
    providers: dict[str, Any] = settings.SOCIALACCOUNT_PROVIDERS
    apps = [app for provider in providers.values() for app in provider.get("APPS", ())]
    allowed = next((part.split()[1:] for part in policy().split(";") if part.strip().startswith("form-action")), [])
    for app in apps:
        url = app["settings"]["server_url"].rstrip("/")
        at = url if "/.well-known/" in url else f"{url}/.well-known/openid-configuration"
        try:
            with urlopen(at, timeout=10) as answer:  # noqa: S310 - the operator's own setting
                said = json.load(answer)
            login, issuer = urlsplit(said["authorization_endpoint"]), str(said["issuer"])
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
        if issuer.rstrip("/") != issuer_of(app["settings"]).rstrip("/"):
            yield DeployFinding(
                "single_sign_on",
                "unsafe",
                f"统一认证 {url} 的说明是另一签发方 {issuer} 的，不由它登录；请核对 ZHIHENG_OIDC_URL，确属同一家的设 "
                f"ZHIHENG_OIDC_ISSUER={issuer}。",
                f"The description at {url} is that of another issuer, {issuer}, so nobody can sign in by it; check "
                f"ZHIHENG_OIDC_URL, and if they are the same set ZHIHENG_OIDC_ISSUER={issuer}.",
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


CHECKS = (of_single_sign_on,)
