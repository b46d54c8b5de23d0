"""What the page of campaign tasks can't say in nouns."""

from zhiheng.kernel.reasons import Refusal


def accepted_by_the_plan(case, entered):
    """A batch is accepted with no item against safety, and no more others than the plan accepts."""
    other, safety = _found(entered)
    if impossible := _more_than_looked_at(case, other, safety):
        return impossible
    most = case.value("accept_up_to")
    if safety <= 0 and other <= most:
        return None
    return Refusal(
        "campaign.batch_refused",
        f"其他不合格 {other:g} 件（接收数 {most:g}），涉及安全的 {safety:g} 件（一件也不接收）：按抽样方案应判不接收；"
        "请改选，或者核对件数。",
        f"{other:g} others (accepted up to {most:g}) and {safety:g} against safety (none is accepted): by the plan the "
        "batch is not accepted; choose so, or check the numbers.",
        "failed_other",
    )


def refused_by_the_plan(case, entered):
    """A batch is refused with an item against safety, or as many others as the plan refuses."""
    other, safety = _found(entered)
    if impossible := _more_than_looked_at(case, other, safety):
        return impossible
    least = case.value("reject_from")
    if safety > 0 or other >= least or not entered:
        return None
    return Refusal(
        "campaign.batch_accepted",
        f"其他不合格 {other:g} 件（拒收数 {least:g}），没有涉及安全的：按抽样方案应判接收，查出的不合格品另行处理；"
        "请改选，或者核对件数。",
        f"{other:g} others (not accepted from {least:g}), none against safety: by the plan the batch is accepted, and "
        "what was found is dealt with by itself; choose so, or check the numbers.",
        "failed_other",
    )


def _found(entered):
    """What was found in the sample; what is still to be filled in is asked for elsewhere."""
    return entered.get("failed_other", 0), entered.get("failed_safety", 0)


def _more_than_looked_at(case, other, safety):
    """Nobody finds more than was looked at."""
    for field, found, looked in (("failed_other", other, "to_draw"), ("failed_safety", safety, "lot_size")):
        most = case.value(looked)
        if found < 0 or found > most:
            return Refusal(
                "campaign.batch_numbers",
                f"件数应在 0 到 {most:g} 之间；请核对。",
                f"This is from 0 to {most:g}; check it.",
                field,
            )
    return None


def all_dealt_with(case, entered):
    """A task is done when what was found was dealt with: problems of inspections, and batches that were refused."""
    rest = case.tally("found_so_far") + case.tally("batches_refused") - case.tally("mended_so_far")
    if rest <= 0:
        return None
    return Refusal(
        "campaign.still_open",
        f"还有 {rest:g} 个发现的问题没有处理；请处理后再报结果。",
        f"{rest:g} of what was found is not dealt with; deal with it before the result is reported.",
    )
