"""The cases that an enterprise knows of: in which it did something itself, or by whose act it was told (``learns`` of
the workflow). What it does not know of is for it as if there were none: that it was reported, that it is looked into.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.office import case_log
from zhiheng.office.cases import CaseEvent, CasePartyRow


def subjects_of(call: Call) -> frozenset[int]:
    """The enterprises for which the actor speaks."""
    return frozenset(holding.subject for holding in call.actor.holdings if holding.subject is not None)


def known_cases(subjects: Collection[int], book: Book) -> set[int]:
    """The numbers of the cases that enterprises know of (two queries). Who was told by a line that was struck since
    still sees the case: they are told of that, too.
    """
    roles: dict[tuple[str, str], set[int]] = {}
    rows = CasePartyRow.objects.filter(subject__in=sorted(subjects)).values_list("case__workflow", "role", "case")
    for workflow, role, case in rows:
        roles.setdefault((workflow, role), set()).add(case)
    told = Q(pk__in=())
    for (workflow, role), cases in sorted(roles.items()):
        told |= Q(case__in=sorted(cases)) & _told(workflow, role, book)
    if not roles:
        return set()
    lines = CaseEvent.objects.filter(told)
    return set(lines.values_list("case", flat=True))


def _told(workflow: str, role: str, book: Book) -> Q:
    """The condition on ``CaseEvent`` that by this line a party knows of the case."""
    found = Q(entered_for=role) | Q(people__contains=f'"hand":"{role}"')
    entry = book[WORKFLOWS].get(workflow)
    party = entry.page.parties.get(role) if entry is not None else None
    for name in party.learns if party is not None else ():
        act, _, outcome = name.partition(".")
        found |= Q(act=act, outcome=outcome) if outcome else Q(act=act)
    return found


def tells(line: CaseEvent, role: str, book: Book) -> tuple[bool, bool]:
    """Whether a line is the party's own, and whether the party was told by it."""
    own = line.entered_for == role or any(each["hand"] == role for each in case_log.people_of(line))
    entry = book[WORKFLOWS].get(line.case.workflow)
    party = entry.page.parties.get(role) if entry is not None else None
    names = party.learns if party is not None else ()
    return own, line.act in names or case_log.key_of(line) in names
