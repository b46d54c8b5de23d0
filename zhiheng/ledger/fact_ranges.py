"""Where the facts of some records stand in the ledger.

Facts are told apart by their number alone, and those of a delivery stand in one row: the numbers of a record are those
of its deliveries. A condition on them reads a small part of a large ledger where a condition on the record reads all of
it, and costs no index that every fact would have to be written into.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db.models import Q

from zhiheng.ledger.models import Delivery

# So many ranges stand in a statement; a database has a limit, and beyond some dozens nothing is gained.
MOST = 100


def within_deliveries_of(records: Collection[str]) -> Q:
    """The condition on ``Fact`` that it stands where deliveries of some records put theirs (one query); others may
    stand between them, so the record is asked as well.
    """
    rows = Delivery.objects.filter(record__in=sorted(records), fact_count__gt=0).values_list("first_fact", "fact_count")
    found = Q(pk__in=())
    for first, last in joined([(first, first + count - 1) for first, count in rows if first is not None], MOST):
        found |= Q(id__range=(first, last))
    return found & Q(record__in=sorted(records))


def joined(ranges: Collection[tuple[int, int]], most: int) -> Sequence[tuple[int, int]]:
    """At most so many ranges that hold all of these: those with the least between them become one."""
    found = sorted(ranges)
    gaps = sorted(range(1, len(found)), key=lambda at: found[at - 1][1] - found[at][0])[: most - 1]
    begins = [0, *sorted(gaps)]
    ends = [*begins[1:], len(found)]
    return [(found[begin][0], found[end - 1][1]) for begin, end in zip(begins, ends, strict=True)] if found else []


__all__ = ["joined", "within_deliveries_of"]
