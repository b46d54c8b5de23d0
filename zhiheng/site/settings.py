"""Settings. Everything an operator may change comes from the environment; the defaults run on one machine with nothing else.

``ZHIHENG_DATA``  folder of the database, the files as delivered and the lake (default: ``var`` in the working folder)
``ZHIHENG_BOOK``  folder of the book (default: the ``book`` folder beside the package, else ``book`` in the working folder)
``DATABASE_URL``  ``postgresql://user:password@host:port/name``; without it SQLite in ZHIHENG_DATA
"""

from __future__ import annotations

import os
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


DATABASES = {"default": database(os.environ.get("DATABASE_URL", ""))}
INSTALLED_APPS = ["zhiheng.ledger"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
# No page is served yet; a secret key is needed by nothing. The doors will demand one from the environment.
SECRET_KEY = os.environ.get("ZHIHENG_SECRET_KEY", "")
# No door has been built yet, so there is nothing to route.
ROOT_URLCONF = "zhiheng.site.urls"
