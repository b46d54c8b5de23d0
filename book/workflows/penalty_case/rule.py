"""What the page of penalty cases can't say in nouns."""

import datetime as dt

from zhiheng.kernel.reasons import Flag, Refusal

# The text of Article 5 of the hearing measures before this day was not found; until then the officers judge.
HEARING_LAW = dt.date(2021, 7, 15)
MONEY = {"fine", "forfeit_income"}


def hearing_is_owed(case, entered):
    """Article 5 of the hearing measures: whom the law gives a hearing must be told of it."""
    if _day(case) < HEARING_LAW:
        return None
    kinds = set(case.values.get("proposed_kinds", ())) & set(case.law("hearing.kinds"))
    limit = case.law("hearing.threshold")[case.values.get("party_kind", "person")]
    fine, forfeit = case.values.get("proposed_fine", 0), case.values.get("proposed_forfeit", 0)
    if not kinds and max(fine, forfeit) < limit:
        return None
    return Refusal(
        "penalty.hearing_owed",
        "拟作出的处罚属于听证范围（听证办法第五条），应当告知当事人有要求听证的权利；请选“批准，告知陈述申辩权和听证权”。",
        "A hearing may be asked before this penalty (Art. 5 of the hearing measures); approve it with the right to a hearing.",  # noqa: E501
    )


def as_told(case, entered):
    """Articles 57 and 58: nothing is imposed that was not told, and nothing heavier because the party pleaded."""
    told, kinds = set(case.values.get("proposed_kinds", ())), set(entered.get("kinds", ()))
    fine, forfeit = entered.get("fine", 0), entered.get("forfeit", 0)
    asked = "fine" in entered  # Only the outcomes with money ask for amounts.
    if bool(kinds & MONEY) != asked or (asked and not (fine or forfeit)):
        return Refusal(
            "penalty.money",
            "处罚种类与罚没数额不一致：有罚款、没收违法所得的填数额，没有的选“没有罚没款”。",
            "Kinds and amounts do not fit: a fine or forfeit has an amount; without either choose 'no money'.",
            "fine",
        )
    over = fine > case.values.get("proposed_fine", 0) or forfeit > case.values.get("proposed_forfeit", 0)
    if not over and kinds <= told:
        return None
    if case.done("plead", "ask_hearing"):
        return Refusal(
            "penalty.heavier",
            "不得因当事人陈述、申辩或者要求听证而给予更重的行政处罚（第五十八条）；请不超出告知的内容。",
            "Nothing heavier because the party pleaded or asked for a hearing (Art. 58); stay within what was told.",
            "fine",
        )
    return Refusal(
        "penalty.not_told",
        "拟处罚的内容没有告知过当事人（第五十七条）；请先“改变拟处罚内容”，重新审核、告知。",
        "The party was not told of this (Art. 57); change the proposal first, have it reviewed and tell it again.",
        "fine",
    )


def surcharge(case, entered):
    """Article 75: what a surcharge may come to by now at most; whether it is imposed is for the authority."""
    late = [line.on for line in case.derived if line.act in ("late_payment", "deferral_over")]
    fine = case.values.get("fine", 0)
    if not late or not fine:
        return None
    days = (_day(case) - late[-1]).days + 1
    rate = case.law("penalty_procedure.late_fee_daily")
    most = min(fine, fine * rate * days / 100)
    return Flag(
        "penalty.surcharge",
        f"自 {late[-1]} 起逾期 {days} 日；可以每日按罚款数额的 {rate}% 加处罚款，至多 {most:g} 元，不得超出罚款数额；复议、诉讼期间不计算。",  # noqa: E501
        f"Late for {days} days since {late[-1]}; a surcharge of {rate} % of the fine a day may come to {most:g} yuan at most, "  # noqa: E501
        "never more than the fine; days of a review or suit are not counted.",
    )


def _day(case):
    return case.now.date() if isinstance(case.now, dt.datetime) else case.now
