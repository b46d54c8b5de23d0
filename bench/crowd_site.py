"""The settings of the house with the bare page beside its own pages (``bench.bare_page``): what ``bench.crowd`` serves."""

from __future__ import annotations

from zhiheng.site.settings import *  # noqa: F403 - every setting but the addresses is the house's own

ROOT_URLCONF = "bench.bare_page"
