"""What the settings of a process that serves pages are read from, said before they are read."""

from __future__ import annotations

import os


def for_pages() -> None:
    """Name the settings; a page waits for locks much shorter than a worker may, and finds its connections open."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhiheng.site.settings")
    os.environ["ZHIHENG_LOCK_WAIT"] = os.environ.get("ZHIHENG_LOCK_WAIT_PAGES", "5")
    os.environ.setdefault("ZHIHENG_KEEP_CONNECTIONS", "60")
