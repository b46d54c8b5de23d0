"""What the page of food recalls can't say in nouns."""

from zhiheng.kernel.reasons import Refusal


def no_exemption_at_level_1(case, entered):
    """Article 24(1): a recall of level 1 reports every day; who was exempt is so no longer."""
    if entered.get("level") != "level_1" or not case.done("start.exempt") or "reporting" in case.stands:
        return None
    return Refusal(
        "food_recall.exempt_at_level_1",
        "一级召回须每日报告（第二十四条第一款），不再免予过程报告；请选“免予过程报告的升为一级，开始过程报告”。",
        "A recall of level 1 reports every day (Art. 24(1)); choose the outcome with which progress reports begin.",
        "level",
    )
