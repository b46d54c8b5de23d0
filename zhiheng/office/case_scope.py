"""Cases within a scope as SQL: by the unit that holds them, its area, the quality, the workflow and the enterprises."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import Q

from zhiheng.database.scope_sql import ScopedTable, column
from zhiheng.kernel.actor import Scope
from zhiheng.office.cases import CasePartyRow


def of_qualities(records: Collection[str], quality_of: Mapping[str, str]) -> Q:
    """A scope that is limited to one quality names the records of that quality; a case, or a fact
    proposed for one, has the quality itself.
    """
    return Q(quality__in=sorted({quality_of[record] for record in records if record in quality_of}))


def _subjects(subjects: Collection[int], _known: Mapping[str, str]) -> Q:
    return Q(case__in=CasePartyRow.objects.filter(subject__in=sorted(subjects)).values("case"))


_CASES = ScopedTable[Mapping[str, str], Q](
    "cases",
    Q,
    records=of_qualities,
    areas=column("area"),
    units=column("unit"),
    subjects=_subjects,
    workflows=column("workflow"),
)


def cases_within(scope: Scope, quality_of: Mapping[str, str]) -> Q:
    """The condition on ``CaseStandingRow`` that a scope shows it; ``quality_of`` is record -> quality, of the book."""
    return _CASES.within(scope, quality_of)
