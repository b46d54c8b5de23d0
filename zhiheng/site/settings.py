"""Settings. Everything an operator may change comes from the environment; the defaults run on one machine with nothing
else. Reading them makes no folder and no file: the data folder is made where an installation is set up
(``data_folder.prepare``), the secret key where it is first used.

``ZHIHENG_DATA``  folder of the database, the files as delivered and the lake (default: ``var`` in the working folder)
``ZHIHENG_BOOK``  folder of the book (default: the ``book`` folder beside the package, else ``book`` in the working
folder)
``ZHIHENG_LAW_TEXTS``  a folder of law texts, whose articles then open beside citations; without it only citation and
link
``DATABASE_URL``  ``postgresql://user:password@host:port/name``; without it SQLite in ZHIHENG_DATA
``ZHIHENG_LOCK_WAIT``  seconds that the worker and the terminal wait for another writer (SQLite: 600; PostgreSQL:
without end)
``ZHIHENG_LOCK_WAIT_PAGES``  the same for pages and the API (5): somebody sits before them, and is told to try again
``ZHIHENG_KEEP_CONNECTIONS``  seconds for which a thread keeps its connection to a database (pages and the API: 60; else
0)
``ZHIHENG_HOSTS``  names under which the site is reached, with commas between them
``ZHIHENG_HTTPS``  ``1`` where people reach it over TLS: cookies and redirects then insist on it
``ZHIHENG_SESSION_IDLE``  minutes after which a session that nothing was asked for is over (60; 0: only the working day
counts)
``ZHIHENG_PROXIES``  how many proxies stand before it (0): how much of X-Forwarded-For is believed when attempts are
counted
``ZHIHENG_OIDC_URL`` ``_ID`` ``_SECRET`` ``_NAME``  a single sign-on of the government (OpenID Connect); without it only
accounts of its own
``ZHIHENG_OIDC_ISSUER``  what it calls itself, where that is not the URL
``ZHIHENG_OIDC_ORIGINS``  where its log-in page stands at another host than its URL: those origins, with commas between
them
``ZHIHENG_SMTP_URL``  ``smtp://user:password@host:587`` (STARTTLS), ``smtps://host:465``; ``?tls=none`` only for a relay
on this machine
``ZHIHENG_MAIL_FROM``  the address that mails come from; needed with ZHIHENG_SMTP_URL. Without both there are in-app
messages only
``ZHIHENG_LOG_ORIGIN``  the name of the public log (``quality.example.gov.cn/log``; the first of ZHIHENG_HOSTS and
``/log``): for good
``ZHIHENG_SMS_URL`` ``_SECRET``  the gateway of text messages and the key (``whsec_...``) that signs what it is sent
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.utils.functional import SimpleLazyObject

from zhiheng.kernel.data_folder import inside
from zhiheng.kernel.key_file import made_once
from zhiheng.kernel.time_zone import time_zone

DATA = Path(os.environ.get("ZHIHENG_DATA", "var")).absolute()
_beside = Path(__file__).resolve().parents[2] / "book"
BOOK = Path(os.environ.get("ZHIHENG_BOOK", _beside if _beside.is_dir() else "book")).absolute()
LAW_TEXTS = Path(given).absolute() if (given := os.environ.get("ZHIHENG_LAW_TEXTS")) else None


def lock_wait(most: float) -> float:
    """Seconds that this process waits for another writer."""
    return min(most, float(os.environ.get("ZHIHENG_LOCK_WAIT", most)))


def kept() -> dict[str, object]:
    """For how long a thread keeps a connection. Opening one costs a page some milliseconds, and SQLite reads what every
    page needs anew; a minute, so that a file which a restore has put in place is not missed for longer.
    """
    return {"CONN_MAX_AGE": int(os.environ.get("ZHIHENG_KEEP_CONNECTIONS", 0)), "CONN_HEALTH_CHECKS": True}


def database(url: str) -> dict[str, object]:
    """Django's description of a database from its URL; raises ValueError with a sentence for a URL it can't read."""
    if not url:
        # Receiving goes through whole indexes; the threads that serve pages each keep what they have read.
        cache = 150_000 if "ZHIHENG_KEEP_CONNECTIONS" not in os.environ else 40_000
        return kept() | {
            "ENGINE": "zhiheng.database.sqlite",
            "NAME": inside(DATA, "zhiheng.sqlite3"),
            # As with Django's own backend of SQLite, which other programs know by its name.
            "TEST": {"NAME": ":memory:"},
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                # A second receiver waits while the first writes its part; a page does not wait so long (site/wsgi.py).
                "timeout": lock_wait(600),
                # FULL, not NORMAL: what was accepted must survive a power cut, and receiving commits rarely.
                # Facts are wide: with pages of 4 KB a quarter of every page would stay empty.
                "init_command": "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA "
                f"cache_size=-{cache}; PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=8000; PRAGMA "
                "foreign_keys=ON;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ValueError(
            f"DATABASE_URL 以“{parts.scheme}”开头；只支持 postgresql://，或留空使用 SQLite。"
            f" / DATABASE_URL starts with {parts.scheme!r}; use postgresql://, or leave it empty for SQLite."
        )
    # Left out where nothing is said: a pool in between may not let such an option through.
    given = os.environ.get("ZHIHENG_LOCK_WAIT", "")
    waiting = {"options": f"-c lock_timeout={int(float(given) * 1000)}"} if given else {}
    return kept() | {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or dict(parse_qsl(parts.query)).get("host", "")),
        "PORT": str(parts.port or ""),
        "OPTIONS": waiting | {k: v for k, v in parse_qsl(parts.query) if k != "host"},
    }


def single_sign_on() -> dict[str, object]:
    """The OpenID Connect provider that the environment names; raises ValueError with a sentence where it is named by
    half.
    """
    url = os.environ.get("ZHIHENG_OIDC_URL", "")
    if not url:
        return {}
    missing = [name for name in ("ZHIHENG_OIDC_ID", "ZHIHENG_OIDC_SECRET") if not os.environ.get(name)]
    if missing:
        raise ValueError(
            f"给了 ZHIHENG_OIDC_URL，还缺 {'、'.join(missing)}；请补上，或去掉 ZHIHENG_OIDC_URL。"
            f" / ZHIHENG_OIDC_URL is given but not {', '.join(missing)}; give them too, or take the URL away."
        )
    app = {
        "provider_id": "sso",
        "name": os.environ.get("ZHIHENG_OIDC_NAME", "统一认证 Single sign-on"),
        "client_id": os.environ["ZHIHENG_OIDC_ID"],
        "secret": os.environ["ZHIHENG_OIDC_SECRET"],
        "settings": {"server_url": url, "issuer": os.environ.get("ZHIHENG_OIDC_ISSUER", "")},
    }
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}


def mail(url: str, sender: str) -> dict[str, object]:
    """Django's settings of a mail server from its URL; raises ValueError with a sentence where it can't be used."""
    if not url:
        return {}
    parts = urlsplit(url)
    tls = dict(parse_qsl(parts.query)).get("tls", "starttls" if parts.scheme == "smtp" else "whole")
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or tls not in ("starttls", "whole", "none"):
        raise ValueError(
            "ZHIHENG_SMTP_URL 写法不对；请写成 smtp://用户:密码@主机:587 或 smtps://主机:465。"
            " / ZHIHENG_SMTP_URL can't be read; write smtp://user:password@host:587 or smtps://host:465."
        )
    if "@" not in sender:
        raise ValueError(
            "给了 ZHIHENG_SMTP_URL，还缺 ZHIHENG_MAIL_FROM（发件地址）；请补上。"
            " / ZHIHENG_SMTP_URL is given but not ZHIHENG_MAIL_FROM, the address that mails come from; give it too."
        )
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if tls == "whole" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": tls == "starttls",
        "EMAIL_USE_SSL": tls == "whole",
    }


POSTGRESQL = bool(os.environ.get("DATABASE_URL"))
DATABASES = {"default": database(os.environ.get("DATABASE_URL", ""))}
if not POSTGRESQL:
    # Pages write here, row by row: nobody waits long, and the pages of the file stay small.
    DATABASES["people"] = DATABASES["default"] | {
        "NAME": inside(DATA, "people.sqlite3"),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": lock_wait(20),
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-20000; PRAGMA "
            "foreign_keys=ON;",
        },
    }
    DATABASE_ROUTERS = ["zhiheng.site.routers.Router"]
# The database of accounts, sessions, reads and tasks: a file of its own on SQLite, the same one on PostgreSQL.
PEOPLE_DATABASE = "default" if POSTGRESQL else "people"

INSTALLED_APPS = [
    "zhiheng.ledger",
    "zhiheng.people",
    "zhiheng.office",
    "zhiheng.published",
    "zhiheng.projections",
    "zhiheng.pages",
    "zhiheng.desk",
    "zhiheng.firm",
    "zhiheng.bank",
    "zhiheng.portal",
    "zhiheng.api",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "zhiheng.people.single_sign_on",
    "zhiheng.site",
]
# Counts of attempts (sign-in, codes) must be the same for all processes, so they stand where the accounts stand.
CACHES = {
    "default": {
        "BACKEND": "zhiheng.people.tries.TriesCache",
        "LOCATION": "people_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "zhiheng.people.passwords.Length", "OPTIONS": {"min_length": 12}},
    {
        "NAME": "zhiheng.people.passwords.NotLikeOneself",
        "OPTIONS": {"user_attributes": ("login", "name", "email")},
    },
    {"NAME": "zhiheng.people.passwords.NotCommon"},
    {"NAME": "zhiheng.people.passwords.NotOnlyDigits"},
]

# Sign-in: by the name of the account; nobody makes an account for themselves (people/adapters.py).
ACCOUNT_ADAPTER = "zhiheng.site.sign_in.SignInAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_PRESERVE_USERNAME_CASING = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
# How many wrong passwords are allowed is counted by people/adapters.py: per name and address.
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("ZHIHENG_PROXIES", "0"))
MFA_ADAPTER = "zhiheng.people.adapters.SecondFactor"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "质衡 Zhiheng"
MFA_TOTP_TOLERANCE = 1
MFA_PASSKEY_LOGIN_ENABLED = True
USERSESSIONS_TRACK_ACTIVITY = False
SOCIALACCOUNT_ADAPTER = "zhiheng.people.adapters.SingleSignOn"
SOCIALACCOUNT_PROVIDERS = single_sign_on()
SIGN_ON_ORIGINS = [origin for origin in os.environ.get("ZHIHENG_OIDC_ORIGINS", "").split(",") if origin]

SESSION_ENGINE = "zhiheng.people.sessions"
# A working day at the most, no longer than the browser is open, and not when nothing was asked for an hour
# (people/session_times.py). What was typed meanwhile is kept until its writer signs in again (pages/form_recovery.py).
SESSION_IDLE = 60 * int(os.environ.get("ZHIHENG_SESSION_IDLE", "60"))
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "zhiheng.pages.errors.forged"
HTTPS = os.environ.get("ZHIHENG_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
# A browser takes a cookie of such a name only over TLS and only from this very host: no neighbour below the same name
# can put one in its place.
_HOST = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_HOST}sessionid", f"{_HOST}csrftoken"
LANGUAGE_COOKIE_NAME, THEME_COOKIE_NAME = f"{_HOST}django_language", f"{_HOST}theme"
DEVICE_COOKIE_NAME, MESSAGES_COOKIE_NAME = f"{_HOST}device", f"{_HOST}messages"
MESSAGE_STORAGE = "zhiheng.pages.message_storage.MessageStorage"
# No script reads the token: forms carry it.
CSRF_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS and ALLAUTH_TRUSTED_PROXY_COUNT else None
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "zhiheng.pages.middleware.ContentSecurity",
    "django.contrib.sessions.middleware.SessionMiddleware",
    # Inside of it, so that what this one leaves out is not saved, and outside of all that may begin one.
    "zhiheng.pages.middleware.NewSessions",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "zhiheng.pages.middleware.EndsOfSessions",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "zhiheng.pages.middleware.WhoActs",
    "zhiheng.pages.body_limits.BodyLimits",
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
STATIC_ROOT = inside(DATA, "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "zhiheng.pages.storage.Assets"},
}
# Before anything was collected the files are served from the rooms where they lie (tests, a developer's server).
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "staticfiles.json").exists()
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS
# Whether web hooks may lead into inner networks and use plain HTTP: for a test partner on the same machine only.
WEBHOOKS_INNER = os.environ.get("ZHIHENG_WEBHOOKS_INNER") == "1"
_mail = mail(os.environ.get("ZHIHENG_SMTP_URL", ""), os.environ.get("ZHIHENG_MAIL_FROM", ""))
MAIL_READY = bool(_mail)
EMAIL_HOST, EMAIL_PORT = _mail.get("EMAIL_HOST", "localhost"), _mail.get("EMAIL_PORT", 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_USER", ""), _mail.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
# For each answer of the mail server.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("ZHIHENG_MAIL_FROM", "zhiheng@localhost")
SMS_URL, SMS_SECRET = os.environ.get("ZHIHENG_SMS_URL", ""), os.environ.get("ZHIHENG_SMS_SECRET", "")
# A ClamAV daemon that looks at what is attached: unix:/run/clamav/clamd.ctl or host:port; '': there is none.
CLAMD = os.environ.get("ZHIHENG_CLAMD", "")
# Large files are spooled beside the data, not in the machine's folder for temporary files, which may be its memory.
FILE_UPLOAD_TEMP_DIR = inside(DATA, "uploading")
# The lanes of office/lanes.py, and the queue of tasks from before there were any.
QUEUES = ["default", "duties", "departments", "enterprises", "outside"]
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": QUEUES}}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
# The days of the place: on which day something came, when a last day ends.
TIME_ZONE = time_zone()
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
DEBUG = os.environ.get("ZHIHENG_DEBUG") == "1"
ALLOWED_HOSTS = [h for h in os.environ.get("ZHIHENG_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",") if h]
# Under what name the heads of the log are signed: written into the key when it is made, and not read again after.
LOG_ORIGIN = os.environ.get("ZHIHENG_LOG_ORIGIN") or f"{ALLOWED_HOSTS[0] if ALLOWED_HOSTS else 'localhost'}/log"


def secret_key() -> str:
    """The key from the environment, else one that is made once and kept beside the database, readable by its owner
    only.
    """
    if given := os.environ.get("ZHIHENG_SECRET_KEY"):
        return given
    return made_once(inside(DATA, "secret-key"), lambda: secrets.token_urlsafe(50))


# Made or read when something is first signed.
SECRET_KEY = SimpleLazyObject(secret_key)
ROOT_URLCONF = "zhiheng.site.urls"
# A page that fails is written to the server's own log at once; nothing is sent anywhere.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "without_values": {"()": "zhiheng.site.log.WithoutValues", "format": "%(asctime)s %(name)s %(message)s"}
    },
    "handlers": {"failures": {"class": "logging.StreamHandler", "formatter": "without_values"}},
    "loggers": {"django.request": {"handlers": ["failures"], "level": "ERROR", "propagate": False}},
}
