"""The areas of subjects, for checks of access: the area of the card, else those of the ledger."""

from __future__ import annotations

from collections.abc import Collection

from zhiheng.ledger.models import Alias, Fact, FactParty
from zhiheng.projections.models import Card
from zhiheng.quality_file.scope_filters import facts_of

# Of a subject without card and place, so many of its latest facts say where it lies.
_LATEST = 200


def areas_of(subjects: Collection[int]) -> dict[int, frozenset[str]]:
    """Each subject -> the areas in which it lies; empty where nothing says so, and then only who reaches everything may
    act.
    """
    found: dict[int, set[str]] = {subject: set() for subject in sorted(subjects)}
    for subject, area in Card.objects.filter(subject__in=found).exclude(area="").values_list("subject", "area"):
        found[subject].add(area)
    places = Alias.objects.filter(subject_id__in=[s for s, areas in found.items() if not areas]).exclude(place="")
    for subject, area in places.values_list("subject_id", "place").distinct():
        found[subject].add(area)
    for subject in [s for s, areas in found.items() if not areas]:
        latest = (
            Fact.objects.filter(id__in=facts_of([subject])).order_by("-id").values_list("area", flat=True)[:_LATEST]
        )
        found[subject] |= set(latest) - {""}
    return {subject: frozenset(areas) for subject, areas in found.items()}


def areas_after(moves: Collection[tuple[int, int, int]]) -> dict[int, frozenset[str]]:
    """Each subject between which names move (name, from, to) -> the areas in which it lies.

    One that has no names left, since they were merged away, lies where those names do that come back to it.
    """
    subjects = {subject for _, *ends in moves for subject in ends}
    named = set(Alias.objects.filter(subject_id__in=subjects).values_list("subject_id", flat=True))
    found = areas_of(named)
    places = dict(Alias.objects.filter(id__in=[name for name, _, _ in moves]).values_list("id", "place"))
    for subject in sorted(subjects - named):
        coming = [name for name, _, to in moves if to == subject]
        told = {places.get(name, "") for name in coming} - {""}
        if not told:
            links = FactParty.objects.filter(alias_id__in=coming)
            latest = Fact.objects.filter(id__in=links.values("fact_id")).order_by("-id")
            told = set(latest.values_list("area", flat=True)[:_LATEST]) - {""}
        found[subject] = frozenset(told)
    return found
