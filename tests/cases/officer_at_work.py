"""An officer at work in a process of its own, for tests that kill it or set two beside each other.

``python -m tests.cases.officer_at_work works N RUN``: until N are done, decides a recall (its row is handed in), accepts a
complaint (earlier cases are looked up and a document is issued by the one act), leaves another to be decided (somebody
is reminded), and does after each what the worker does: makes documents, receives rows, writes reminders, sends mails.
All are about one enterprise, so each looks up one case more. It says a word after each that it did anew. RUN moves its
clock on, so that a claim of the run before is over. ``accept CASE PLACE NUMBER``: accepts a complaint as
it was seen at a place.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator

from zhiheng.cli.session import now, open_book, set_up
from zhiheng.grammar.book import Book

# The name of the enterprise that the cases are about, as the test has written it into the ledger.
FIRM = 77_001


def main(words: list[str]) -> None:
    """Do what the words say."""
    set_up()
    from tests.cases.officers import call, officer
    from zhiheng.actions.cases.act_in_case import act_in_case
    from zhiheng.kernel.reasons import Refused

    book = open_book()
    if words[0] == "works":
        for number in range(int(words[1])):
            for word in _one_of_each(number, int(words[2]), book):
                print(word, flush=True)
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


def _one_of_each(number: int, run: int, book: Book) -> Iterator[str]:
    """A recall, a complaint that is accepted and one that is not; a word for each step that had not been done before."""
    from tests.cases.officers import MARKET, at, call, officer
    from zhiheng.actions.cases.act_in_case import act_in_case
    from zhiheng.actions.cases.make_documents import make_documents
    from zhiheng.actions.cases.open_case import PartyGiven, open_case
    from zhiheng.actions.intake.process_upload import take_in
    from zhiheng.actions.messages import deliver
    from zhiheng.actions.messages.remind import remind_all
    from zhiheng.kernel.actor import SYSTEM
    from zhiheng.ledger.models import Alias
    from zhiheng.office.cases import CaseEvent
    from zhiheng.office.models import Upload

    deliver.LEASE = dt.timedelta(minutes=1)
    asker = call(officer(1, "department_officer"), f"2026-03-02 09:{number:02}", book)
    machine = call(SYSTEM, "2026-03-10 10:00", book)
    given = {"hazard": f"第{number}批溶出度不合格", "drug": f"试验片 {number}"}
    firm = Alias.objects.get(pk=FIRM)

    def party(role: str) -> list[PartyGiven]:
        return [PartyGiven(role, name=firm.name, alias=firm.pk, subject=firm.subject_id)]

    recall = open_case(
        "drug_recall",
        "find_hazard",
        given,
        unit=MARKET,
        call=asker,
        parties=party("licence_holder"),
        once=f"recall-{number}",
    )
    if recall.new:
        yield "opened a recall"
    if not CaseEvent.objects.filter(case=recall.case, act="assess").exists():
        act_in_case(recall.case.pk, "assess.recall", {"assessment": "严重", "level": "level_1"}, call=asker)
        yield "decided on a recall"
    for kind in ("accepted", "waiting"):
        told = {"claim": "退货", "dispute": f"{kind} {number}"}
        made = open_case(
            "complaint",
            "receive",
            told,
            unit=MARKET,
            call=asker,
            parties=party("respondent"),
            once=f"{kind}-{number}",
        )
        if made.new:
            yield "entered a complaint"
        if kind == "accepted" and not CaseEvent.objects.filter(case=made.case, act="decide").exists():
            act_in_case(made.case.pk, "decide.accept", {}, call=asker)
            yield "accepted a complaint"
    if make_documents(call=machine).made:
        yield "made documents"
    for upload in Upload.objects.exclude(state="done"):
        take_in(upload.pk, call=machine, record=upload.record)
        yield "received a row"
    if remind_all(call=machine).written:
        yield "wrote reminders"
    morning = at("2026-03-11 09:00") + dt.timedelta(minutes=2 * run)
    if deliver.deliver(call=call(SYSTEM, morning, book)).sent:
        yield "sent mails"


main(sys.argv[1:])
