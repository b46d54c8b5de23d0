"""What the page of campaign tasks can't say in nouns."""

from zhiheng.kernel.reasons import Refusal


def all_dealt_with(case, entered):
    """A task is done when what was found was dealt with."""
    rest = case.tally("found_so_far") - case.tally("mended_so_far")
    if rest <= 0:
        return None
    return Refusal(
        "campaign.still_open",
        f"还有 {rest:g} 个发现的问题没有处理；请处理后再报结果。",
        f"{rest:g} of what was found is not dealt with; deal with it before the result is reported.",
    )
