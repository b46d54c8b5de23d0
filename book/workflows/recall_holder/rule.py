"""What the page of holders can't say in nouns. A hint never decides."""

from zhiheng.kernel.reasons import Flag


def numbers_agree(case, entered):
    """What came back and what was disposed of should be what was counted."""
    counted = case.values.get("held")
    told = (entered.get("returned") or 0) + (entered.get("disposed") or 0)
    if counted is None or told == counted:
        return None
    return Flag(
        "recall_holder.numbers_differ",
        f"退回与处理合计 {told}，清点在库 {counted}，请核对并说明。",
        f"{told} returned or disposed of, {counted} counted; check and explain.",
        "returned",
    )
