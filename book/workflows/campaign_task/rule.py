"""What the page of campaign tasks can't say in nouns."""

from zhiheng.kernel.reasons import Refusal


def accepted_by_the_plan(case, entered):
    """A batch is accepted with no item against safety, and no more others than the plan accepts."""
    if impossible := _more_than_looked_at(case, entered):
        return impossible
    if entered["failed_safety"] <= 0 and entered["failed_other"] <= case.value("accept_up_to"):
        return None
    return Refusal(
        "campaign.batch_refused",
        f"其他不合格 {entered['failed_other']:g} 件（接收数 {case.value('accept_up_to'):g}），涉及安全的 "
        f"{entered['failed_safety']:g} 件（一件也不接收）：按抽样方案应判不接收；请改选，或者核对件数。",
        f"{entered['failed_other']:g} others (accepted up to {case.value('accept_up_to'):g}) and "
        f"{entered['failed_safety']:g} against safety (none is accepted): by the plan the batch is not accepted; "
        "choose so, or check the numbers.",
        "failed_other",
    )


def refused_by_the_plan(case, entered):
    """A batch is refused with an item against safety, or as many others as the plan refuses."""
    if impossible := _more_than_looked_at(case, entered):
        return impossible
    if entered["failed_safety"] > 0 or entered["failed_other"] >= case.value("reject_from"):
        return None
    return Refusal(
        "campaign.batch_accepted",
        f"其他不合格 {entered['failed_other']:g} 件（拒收数 {case.value('reject_from'):g}），没有涉及安全的：按抽样方案"
        "应判接收，查出的不合格品另行处理；请改选，或者核对件数。",
        f"{entered['failed_other']:g} others (not accepted from {case.value('reject_from'):g}), none against safety: "
        "by the plan the batch is accepted, and what was found is dealt with by itself; choose so, or check the "
        "numbers.",
        "failed_other",
    )


def _more_than_looked_at(case, entered):
    """Nobody finds more than was looked at."""
    for field, most in (("failed_other", case.value("to_draw")), ("failed_safety", case.value("lot_size"))):
        if entered[field] < 0 or entered[field] > most:
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
