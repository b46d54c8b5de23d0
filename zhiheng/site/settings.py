"""Settings. Everything an operator may change comes from the environment; the defaults run on one machine with nothing else.

``ZHIHENG_DATA``  folder of the database, the files as delivered and the lake (default: ``var`` in the working folder)
``ZHIHENG_BOOK``  folder of the book (default: the ``book`` folder beside the package, else ``book`` in the working folder)
``DATABASE_URL``  ``postgresql://user:password@host:port/name``; without it SQLite in ZHIHENG_DATA
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

DATA = Path(os.environ.get("ZHIHENG_DATA", "var")).absolute()
_beside = Path(__file__).resolve().parents[2] / "book"
BOOK = Path(os.environ.get("ZHIHENG_BOOK", _beside if _beside.is_dir() else "book")).absolute()


def database(url: str) -> dict[str, object]:
    """Django's description of a database from its URL; raises ValueError with a sentence for a URL it can't read."""
    if not url:
        DATA.mkdir(parents=True, exist_ok=True)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA / "zhiheng.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                # A second receiver waits while the first writes its part.
                "timeout": 600,
                # FULL, not NORMAL: what was accepted must survive a power cut, and receiving commits rarely.
                # Facts are wide: with pages of 4 KB a quarter of every page would stay empty.
                "init_command": "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-200000; "
                "PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=8000; PRAGMA foreign_keys=ON;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ValueError(
            f"DATABASE_URL 以“{parts.scheme}”开头；只支持 postgresql://，或留空使用 SQLite。"
            f" / DATABASE_URL starts with {parts.scheme!r}; use postgresql://, or leave it empty for SQLite."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or dict(parse_qsl(parts.query)).get("host", "")),
        "PORT": str(parts.port or ""),
        "OPTIONS": {k: v for k, v in parse_qsl(parts.query) if k != "host"},
    }


POSTGRESQL = bool(os.environ.get("DATABASE_URL"))
DATABASES = {"default": database(os.environ.get("DATABASE_URL", ""))}
if not POSTGRESQL:
    DATABASES["people"] = DATABASES["default"] | {"NAME": DATA / "people.sqlite3"}
    DATABASE_ROUTERS = ["zhiheng.site.routers.Router"]
# The database of accounts, sessions, reads and tasks: a file of its own on SQLite, the same one on PostgreSQL.
PEOPLE_DATABASE = "default" if POSTGRESQL else "people"

INSTALLED_APPS = [
    "zhiheng.ledger", "zhiheng.people", "zhiheng.office", "zhiheng.published", "zhiheng.projections", "zhiheng.pages",
    "zhiheng.desk", "zhiheng.firm", "zhiheng.portal", "zhiheng.api",
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages",
    "django.contrib.staticfiles", "django_htmx", "django_tasks", "django_tasks_db",
    "allauth", "allauth.account", "allauth.mfa", "allauth.usersessions", "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]  # fmt: skip
AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "zhiheng.pages.middleware.ContentSecurity",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "zhiheng.pages.middleware.WhoActs",
    "zhiheng.pages.middleware.Refusals",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "zhiheng.pages.context.page",
            ],
            "builtins": ["zhiheng.pages.templatetags.zhiheng"],
        },
    }
]
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
DEBUG = os.environ.get("ZHIHENG_DEBUG") == "1"
ALLOWED_HOSTS = [h for h in os.environ.get("ZHIHENG_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",") if h]


def secret_key() -> str:
    """The key from the environment, else one that is made once and kept beside the database, readable by its owner only."""
    if given := os.environ.get("ZHIHENG_SECRET_KEY"):
        return given
    DATA.mkdir(parents=True, exist_ok=True)
    path = DATA / "secret-key"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text()


SECRET_KEY = secret_key()
ROOT_URLCONF = "zhiheng.site.urls"
