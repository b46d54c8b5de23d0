"""The cases that an enterprise knows of: in which it did something itself, or by whose act it was told (``learns`` of
the workflow). What it does not know of is for it as if there were none: that it was reported, that it is looked into.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.workflow_pages import PARENT
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.office import case_log
from zhiheng.office.cases import Case, CaseEvent, CaseLink, CasePartyRow


def subjects_of(call: Call) -> frozenset[int]:
    """The enterprises for which the actor speaks."""
    return frozenset(holding.subject for holding in call.actor.holdings if holding.subject is not None)


def known_cases(subjects: Collection[int], book: Book) -> set[int]:
    """The numbers of the cases that enterprises know of (three queries). Who was told by a line that was struck since
    still sees the case: they are told of that, too.
    """
    roles: dict[tuple[str, str], set[int]] = {}
    rows = CasePartyRow.objects.filter(subject__in=sorted(subjects)).values_list("case__workflow", "role", "case")
    for workflow, role, case in rows:
        roles.setdefault((workflow, role), set()).add(case)
    if not roles:
        return set()
    told, heard = Q(pk__in=()), Q(pk__in=())
    for (workflow, role), cases in sorted(roles.items()):
        told |= Q(case__in=sorted(cases)) & _told(workflow, role, book)
        heard |= Q(pk__in=sorted(cases)) & _heard(workflow, role, book)
    found = set(CaseEvent.objects.filter(told).values_list("case", flat=True))
    return found | set(Case.objects.filter(heard).values_list("pk", flat=True))


def _told(workflow: str, role: str, book: Book) -> Q:
    """The condition on ``CaseEvent`` that by this line a party knows of the case."""
    found = Q(entered_for=role) | Q(people__contains=f'"hand":"{role}"')
    for name in learned(workflow, role, book):
        act, _, outcome = name.partition(".")
        found |= Q(act=act, outcome=outcome) if outcome else Q(act=act)
    return found


def _heard(workflow: str, role: str, book: Book) -> Q:
    """The condition on ``Case`` that a party knows of it because of what was done in another case: an act that is heard
    is no line of the log.
    """
    found = Q(pk__in=())
    entry = book[WORKFLOWS].get(workflow)
    for name in learned(workflow, role, book) if entry is not None else ():
        act = entry.page.acts.get(name.partition(".")[0]) if entry is not None else None
        for pattern in act.hears if act is not None else ():
            other, _, key = pattern.partition(".")
            does, _, outcome = key.partition(".")
            lines = CaseEvent.objects.filter(act=does, **({"outcome": outcome} if outcome else {})).values("case")
            links = (
                CaseLink.objects.filter(parent__in=lines).values("child")
                if other == PARENT
                else CaseLink.objects.filter(relation=other, child__in=lines).values("parent")
            )
            found |= Q(pk__in=links)
    return found


def learned(workflow: str, role: str, book: Book) -> tuple[str, ...]:
    """The acts by which a party of a workflow is told."""
    entry = book[WORKFLOWS].get(workflow)
    party = entry.page.parties.get(role) if entry is not None else None
    return party.learns if party is not None else ()


def tells(line: CaseEvent, role: str, book: Book) -> tuple[bool, bool]:
    """Whether a line is the party's own, and whether the party was told by it.

    Args:
        role: the role of the party in the case, as its workflow names it.
    """
    own = line.entered_for == role or any(each["hand"] == role for each in case_log.people_of(line))
    names = learned(line.case.workflow, role, book)
    return own, line.act in names or case_log.key_of(line) in names
