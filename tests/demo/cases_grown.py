"""What the cases of the demo are like, and what each of its accounts finds to do.

Run as a program over an installation that ``zhiheng demo`` has filled (see ``every_number``): ``python -m
tests.demo.cases_grown`` says it on standard output, as JSON.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

import orjson


def main() -> None:
    """Look, and say what was found."""
    from zhiheng.cli.session import now, open_book, set_up

    set_up()
    from zhiheng.actions.cases.verify_cases import verify_cases
    from zhiheng.grammar.call import Call
    from zhiheng.grammar.chapters.demo_accounts import DEMO_ACCOUNTS
    from zhiheng.kernel.actor import SYSTEM
    from zhiheng.office.cases import CaseEvent, CaseHandIn, CasePartyRow, CaseStandingRow
    from zhiheng.people.actors import actor_of
    from zhiheng.people.models import Account
    from zhiheng.queries import inbox

    book, at = open_book(), now()
    rows = CaseStandingRow.objects.all()
    to_do: dict[str, Any] = {}
    for told in book[DEMO_ACCOUNTS]:
        actor = actor_of(Account.objects.get(login=told.login))
        if told.kind == "officer" and "case.read" in {
            act for clause in _clauses(book, told.role) for act in clause.acts
        }:
            to_do[told.login] = asdict(inbox.counts(call=Call(actor, book, at)))
    # Only cases that were opened by themselves: a notice that another one opened has its party from there.
    opened = rows.filter(case__parents=None)
    found = {
        "cases": opened.count(),
        "running": opened.filter(final=False).count(),
        "late": opened.filter(final=False, due__lt=at.date()).count(),
        "restricted": rows.filter(restricted=True).count(),
        "struck": CaseEvent.objects.filter(act="@strike").count(),
        "irregular": rows.exclude(irregular=0).count(),
        "days": [str(day) for day in rows.order_by("opened_on").values_list("opened_on", flat=True)[:1]],
        # What a case hands in would change the figures that the demo reproduces.
        "handed_in": CaseHandIn.objects.count(),
        "without_enterprise": CasePartyRow.objects.filter(subject=None).count(),
        "in_order": _in_order(list(CaseEvent.objects.order_by("id").values_list("entered_at", flat=True))),
        "wrong": [str(each) for each in verify_cases(call=Call(SYSTEM, book, at)).findings],
        "to_do": to_do,
    }
    sys.stdout.buffer.write(orjson.dumps(found))


def _clauses(book: Any, role: str) -> Any:
    from zhiheng.grammar.chapters.roles import ROLES

    return book[ROLES][role].may


def _in_order(moments: list[Any]) -> bool:
    return moments == sorted(moments)


if __name__ == "__main__":
    main()
