"""The net weight is what is left of the gross weight without the vehicle; a vehicle heavier than itself and its load is
an error.
"""

from decimal import Decimal
from typing import Any

from zhiheng.kernel.reasons import Flag, Refusal


def clean_row(row: dict[str, Any]) -> dict[str, Any] | tuple[dict[str, Any], list[Flag]] | Refusal:
    """Adds the net weight; refuses a negative one and flags one of nothing."""
    net = Decimal(row["gross"]) - Decimal(row["tare"])
    if net < 0:
        return Refusal(
            "weighing.negative",
            "皮重大于毛重；请核对两个重量。",
            "The tare exceeds the gross weight; check both.",
            "tare",
        )
    row["net"] = str(net)
    if net == 0:
        return row, [Flag("weighing_empty", "净重为零。", "The net weight is nothing.", "net")]
    return row
