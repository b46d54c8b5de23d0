"""Why a delivery is not shown."""

from __future__ import annotations

from zhiheng.kernel.reasons import Refusal


def delivery_absent(number: int) -> Refusal:
    return Refusal(
        "delivery.absent",
        f"没有编号为 {number} 的报送，或它不在您的查看范围内；请从报送清单打开。",
        f"There is no delivery {number}, or it is not among those that you may see; open it from the list.",
    )
