"""What the page of missed periods can't say in nouns."""

from zhiheng.kernel.reasons import Refusal


def is_over(case, entered):
    """On its last day a period is not missed yet."""
    due_on = entered.get("due_on")
    if due_on is None or due_on < case.today:
        return None
    return Refusal(
        "missed_period.not_over",
        f"期限 {due_on} 届满，尚未超期；届满的次日起才能认定。",
        f"The period ends on {due_on}; it is missed from the day after.",
        "due_on",
    )
