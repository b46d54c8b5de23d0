"""What the page of warnings can't say in nouns."""

from zhiheng.kernel.reasons import Refusal


def another_colour(case, entered):
    """A change of the level changes it: naming the same colour would only restart the clock."""
    if entered.get("colour") != case.values.get("colour"):
        return None
    return Refusal(
        "warning.same_colour",
        "级别没有变化，不能以此重新起算响应期限；请选另一颜色，或者直接报告进展。",
        "The level is the same, so the clock does not begin again; choose another colour, or report progress.",
        "colour",
    )
