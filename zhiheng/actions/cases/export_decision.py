"""Export the proof of a document of a case: what the public log has of it, with the text that its digest is of.

The entry tells the act, the numbers, the unit, the day, and the digests of the document, of the page and of the law.
Nothing else of the case is in the bundle: neither what else was said in its lines nor who acted.
"""

from __future__ import annotations

from pathlib import Path

from zhiheng.actions import audit
from zhiheng.actions.cases import refusals
from zhiheng.actions.log import proved_entries
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger import proof
from zhiheng.queries.case_papers import readable_paper


def export_decision(out: Path, *, document: int, call: Call) -> None:
    """Write the bundle of a document that the actor may read.

    Args:
        out: the file to write.
        document: the number of the document.

    Raises:
        Refused: where there is no such document or the actor may not read its case, alike; where the log has no entry
            of it yet.
    """
    row = readable_paper(document, call=call)
    part = proved_entries.part({"decision": [document]})
    entries = list(part.entries) if part is not None else []
    if part is None or not entries:
        raise Refused(refusals.document_not_in_log())
    audit.write(call, "proof.export", f"document:{document}", detail={"case": row.case_id})
    proof.export_entries(
        out, proof.LogPart(part.note, part.key, entries), papers={row.content_digest: row.content.encode()}
    )
