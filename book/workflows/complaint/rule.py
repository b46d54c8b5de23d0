"""What the page of complaints can't say in nouns. A hint is shown beside the act and never decides."""

from zhiheng.kernel.days import months_later
from zhiheng.kernel.reasons import Flag


def over_the_limit_of_years(case, entered):
    """Article 16(4): more years since the harm was known than a dispute may be old."""
    known, years = case.values.get("known_on"), case.law("complaints.claim_limit")
    if known is None or months_later(known, 12 * years) >= case.today:
        return None
    return Flag(
        "complaint.over_the_limit_of_years",
        f"自知道权益受损之日（{known}）起已超过 {years} 年，请核实法律有无另外规定。",
        f"More than {years} years since the harm was known ({known}); check whether a law says otherwise.",
        "known_on",
    )
