"""How many examples a property is tried with: all of them in ``make test``; a share in ``make check``, which sets
``ZHIHENG_QUICK``.

Each run draws its examples anew, so that what few examples miss today they may find tomorrow.
"""

from __future__ import annotations

import os

QUICK = os.environ.get("ZHIHENG_QUICK") == "1"
_SHARE, _LEAST = 8, 8


def examples(many: int) -> int:
    """``many``, or as many of them as ``make check`` tries."""
    return min(many, max(_LEAST, many // _SHARE)) if QUICK else many
