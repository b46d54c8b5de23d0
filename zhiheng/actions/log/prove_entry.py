"""A proof of one entry of the public log in the form that others read (C2SP tlog-proof), with its opening beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from zhiheng.actions import audit
from zhiheng.actions.log import refusals
from zhiheng.actions.log.sources import SOURCES
from zhiheng.engines.transparency import leaves
from zhiheng.grammar.call import Call
from zhiheng.kernel.facts import canonical
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger import log
from zhiheng.ledger.models import Fact, LogLeaf
from zhiheng.people import access
from zhiheng.published.models import PublishedEntry

# What is asked for by its own name; a fact is proved by the root of the delivery that it came in, so that the opening
# tells no file name, heading or note of that delivery.
FACT: Final = "fact"


@dataclass(frozen=True)
class EntryProof:
    """An entry as it stands in the log, the proof with it as its extra part, and what opens its third line: the random
    number and the row, as JSON.
    """

    entry: bytes
    proof: str
    opening: str


def prove_entry(kind: str, row: int | str, *, call: Call) -> EntryProof:
    """Prove an entry under the last signed head.

    Args:
        kind: a kind of entry, or ``fact``.
        row: the number of the row; of a publication its public id does, too.

    Raises:
        Refused: where there is no such entry under a signed head, or the actor may not export proofs.
    """
    access.require(call, "proof.export")
    number = _number(kind, row)
    wanted = "facts" if kind == FACT else kind
    head = log.last_checkpoint()
    leaf = LogLeaf.objects.filter(kind=wanted, row=number).first() if number is not None else None
    source = next((each for each in SOURCES if each.kind == wanted), None)
    if head is None or leaf is None or source is None or leaf.pk >= head.size:
        raise Refused(refusals.no_such_entry(kind, str(row)))
    content = source.contents([(leaf.row, leaf.name)]).get((leaf.row, leaf.name))
    if content is None:
        raise Refused(refusals.no_such_entry(kind, str(row)))
    entry = leaves.entry(leaf.kind, leaf.row, leaf.name, bytes(leaf.digest))
    audit.write(call, "proof.export", f"log:{leaf.pk}")
    return EntryProof(
        entry,
        str(log.proof_of(leaf.pk, head, extra=entry)),
        canonical({"nonce": bytes(leaf.nonce).hex(), "content": content.decode()}),
    )


def _number(kind: str, row: int | str) -> int | None:
    text = str(row)
    if kind == "publication" and not text.isdigit():
        return PublishedEntry.objects.filter(public_id=text).values_list("pk", flat=True).first()
    if not text.isdigit():
        return None
    if kind == FACT:
        return Fact.objects.filter(pk=int(text)).values_list("delivery_id", flat=True).first()
    return int(text)
