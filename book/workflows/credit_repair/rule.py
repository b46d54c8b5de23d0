"""What the page of credit repair can't say in nouns."""

import datetime as dt

from zhiheng.kernel.days import months_later
from zhiheng.kernel.reasons import Refusal


def display_is_over(case, entered):
    """Articles 8, 9 and 11: a penalty is shown for its shortest time before repair can be granted; some are never shortened."""  # noqa: E501
    kind, since = case.values["display_kind"], case.values["shown_since"]
    if kind == "revocation":
        return Refusal(
            "repair.never_early",
            "降低资质、吊销、责令关闭的处罚信息公示满三年才停止公示，不能提前（第八条第五款）；请不予修复。",
            "Downgrading, revocation and closure are shown for three years and never less (Art. 8); refuse the repair.",
        )
    months = case.law("penalty_publication.display_min")[kind]
    first = months_later(since, months) + dt.timedelta(days=1)
    if _day(case) >= first:
        return None
    return Refusal(
        "repair.too_early",
        f"最短公示期自 {since} 起 {months} 个月，{first} 起才可以修复；请届时再办或者不予修复。",
        f"The shortest display is {months} months from {since}; repair can be granted from {first}.",
    )


def _day(case):
    return case.now.date() if isinstance(case.now, dt.datetime) else case.now
