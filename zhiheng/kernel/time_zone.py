"""The time zone of the place: on which day something came, and when a last day ends."""

from __future__ import annotations

import os
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DEFAULT = "Asia/Shanghai"


def time_zone() -> str:
    """The name of the zone that ``ZHIHENG_TIME_ZONE`` names, as the IANA database writes it.

    Raises:
        SystemExit: there is no such zone; with a sentence that says what to write.
    """
    name = os.environ.get("ZHIHENG_TIME_ZONE") or DEFAULT
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SystemExit(
            f"没有“{name}”这个时区；请把 ZHIHENG_TIME_ZONE 写成 Asia/Shanghai 这样的名称。 / "
            f"There is no time zone {name!r}; write ZHIHENG_TIME_ZONE like Asia/Shanghai."
        ) from None
    return name
