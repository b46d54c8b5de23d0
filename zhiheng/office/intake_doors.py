"""By which act each door hands a file in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

HandsIn = Literal["delivery.receive", "delivery.confirm", "api.deliver", "firm.deliver"]

# Which act each door does when somebody hands in a file there.
ACT: Mapping[str, HandsIn] = {"desk": "delivery.receive", "firm": "firm.deliver", "api": "api.deliver"}
