"""What the page of retests can't say in nouns."""

from zhiheng.kernel.reasons import Refusal


def spare_sample_good(case, entered):
    """Article 31(2): no retest with a spare sample that is past its shelf life."""
    until = case.values["spare_until"]
    if until >= case.today:
        return None
    return Refusal(
        "retest.spare_expired",
        f"复检备份样品的保质期至 {until}，已经超过，不予复检（第三十一条第二项）；请选不予受理并写明理由。",
        f"The spare sample was good until {until} (Art. 31(2)); refuse the request and say why.",
        "spare_until",
    )


def not_the_first(case, entered):
    """Article 32(2): not the first laboratory."""
    if entered.get("drawn") != case.values["first_laboratory"]:
        return None
    return Refusal(
        "retest.same_laboratory",
        "复检机构不得与初检机构为同一机构（第三十二条第二款）；请将初检机构移出后重新抽取。",
        "The retest laboratory must not be the first one (Art. 32(2)); take it out and draw again.",
        "drawn",
    )
