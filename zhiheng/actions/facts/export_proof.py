"""Export a proof bundle, with a line in the trail.

A bundle has rows as they were delivered, secret fields included: a hash proves nothing of a row that was masked. So it
holds only facts that the actor may export, and it takes a separate act of the roles. Of deliveries it tells the number,
the day and the root of those that the facts came in; that of the whole ledger has every header, and takes the right to
look at every delivery.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from zhiheng.actions import audit
from zhiheng.actions.facts import refusals
from zhiheng.actions.log import proved_entries
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger import proof
from zhiheng.ledger.models import Alias, Fact, FactParty
from zhiheng.people import access
from zhiheng.quality_file.scope_filters import facts_of, facts_within
from zhiheng.queries.readings import note_reading
from zhiheng.queries.subject_areas import areas_of


def export_proof(out: Path, *, subject: int | None = None, fact: int | None = None, call: Call) -> int:
    """Write a proof bundle of one fact, of one subject's facts, or of all.

    Args:
        out: the file to write.

    Returns:
        How many facts it has.

    Raises:
        Refused: where there is no such subject, nothing to prove, or a fact is outside of the actor's reach; where the
            public log has no entry of a delivery yet.
    """
    if subject is None and fact is None:
        access.require(call, "proof.export")
        access.require(call, "delivery.list")
        audit.write(call, "proof.export", "ledger")
        return proof.export_ledger(out, proved_entries.of_ledger())
    access.require_somewhere(call, "proof.export")
    scope = access.scope(call, "proof.export")
    if fact is not None:
        wanted, area, about = Fact.objects.filter(id=fact), "", f"fact:{fact}"
    else:
        assert subject is not None
        if not Alias.objects.filter(subject_id=subject).exists():
            raise Refused(refusals.subject_absent(subject))
        wanted, about = Fact.objects.filter(id__in=facts_of([subject])), f"subject:{subject}"
        # A reader who reaches the place of the enterprise exports its whole file.
        lies_in = areas_of([subject])[subject]
        reached = {code for reach in scope.ways if reach.areas is not None for code in reach.areas & lies_in}
        area = min(reached, default="")
    facts = sorted(wanted.filter(facts_within(scope, card_area=area)).values_list("id", flat=True))
    if not facts:
        raise Refused(refusals.nothing_to_prove())
    of_log = proved_entries.of_facts(facts)
    if of_log is None:
        raise Refused(refusals.facts_not_in_log())
    audit.write(call, "proof.export", about, detail={"facts": len(facts)})
    # An enterprise is told of a bundle as of every other reading of its file.
    told = [subject] if subject is not None else _told_of(facts)
    note_reading(call, "fact.read", told)
    return proof.export_facts(out, facts, of_log)


def _told_of(facts: Collection[int]) -> set[int]:
    """The enterprises that some facts are about today."""
    links = FactParty.objects.filter(fact_id__in=facts)
    return set(Alias.objects.filter(id__in=links.values("alias_id")).values_list("subject_id", flat=True))
