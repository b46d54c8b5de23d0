"""An officer at work in a process of its own, for tests that kill it or set two beside each other.

``python -m tests.cases.officer_at_work recalls N``: decides recalls until N are decided, one act after another, and says
a word after each. ``accept CASE PLACE NUMBER``: accepts a complaint as it was seen at a place.
"""

from __future__ import annotations

import sys

from zhiheng.cli.session import now, open_book, set_up


def main(words: list[str]) -> None:
    """Do what the words say."""
    set_up()
    from tests.cases.officers import MARKET, call, officer
    from zhiheng.actions.cases.act_in_case import act_in_case
    from zhiheng.actions.cases.open_case import PartyGiven, open_case
    from zhiheng.kernel.reasons import Refused
    from zhiheng.office.cases import CaseEvent

    book = open_book()
    if words[0] == "recalls":
        for number in range(int(words[1])):
            asker = call(officer(1, "department_officer"), f"2026-03-02 09:{number:02}", book)
            given = {"hazard": f"第{number}批溶出度不合格", "drug": f"试验片 {number}"}
            party = PartyGiven("licence_holder", name="试验制药有限公司")
            made = open_case(
                "drug_recall", "find_hazard", given, unit=MARKET, call=asker, parties=[party], once=f"recall-{number}"
            )
            print(f"opened {number}", flush=True)
            if not CaseEvent.objects.filter(case=made.case, act="assess").exists():
                act_in_case(made.case.pk, "assess.recall", {"assessment": "严重", "level": "level_1"}, call=asker)
            print(f"decided {number}", flush=True)
        return
    case, place, number = int(words[1]), int(words[2]), int(words[3])
    sys.stdin.readline()
    try:
        done = act_in_case(
            case,
            "decide.accept",
            {},
            call=call(officer(number, "department_officer"), now(), book),
            place=place,
        )
        print(f"place {done.place}")
    except Refused as refused:
        print(",".join(each.code for each in refused.refusals))


main(sys.argv[1:])
