"""What the page of notices can't say in nouns."""

from zhiheng.kernel.reasons import Refusal


def another_laboratory(case, entered):
    """Article 39(2): not the first laboratory, unless it is the only qualified one in the area."""
    if entered.get("retest_laboratory") != case.values.get("first_laboratory") or entered.get("only_one"):
        return None
    return Refusal(
        "retest.same_laboratory",
        "复检机构与初检机构不得为同一机构（第三十九条第二款）；请另选，区域内仅有一个机构具备资质的，请选“是”。",
        "The retest laboratory must not be the first one (Art. 39(2)); choose another, or say that there is only one.",
        "retest_laboratory",
    )
