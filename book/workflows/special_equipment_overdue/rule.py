"""What the page of overdue equipment can't say in nouns."""

from zhiheng.kernel.reasons import Refusal


def is_overdue(case, entered):
    """The last day of the validity is still within it."""
    until = entered.get("valid_until")
    if until is None or until < case.today:
        return None
    return Refusal(
        "special_equipment.not_overdue",
        f"检验合格有效期至 {until}，尚未超过；有效期满的次日起才按超期未检办理。",
        f"The inspection is valid until {until}; it is overdue from the day after.",
        "valid_until",
    )
