"""Reveal the secret fields of a fact for a stated purpose, which stands in the trail before anything is shown."""

from __future__ import annotations

from dataclasses import replace

from zhiheng.actions import audit
from zhiheng.grammar.call import Call
from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import purpose_in
from zhiheng.people import access
from zhiheng.quality_file.fact_detail import fact_sheet
from zhiheng.queries.facts import FactRead, card_areas, read_fact, subjects_of
from zhiheng.queries.refusals import fact_absent

_EXAMPLE = Label(zh="核对投诉人联系方式以便回访", en="to call the complainant back")


def read_secret(fact: int, *, purpose: str, call: Call, through: int | None = None) -> FactRead:
    """Read a fact without masking.

    Args:
        purpose: what for, in words.
        through: the enterprise on whose file it is opened.

    Returns:
        The sheet of the fact.

    Raises:
        Refused: without the right, or without a purpose in words.
    """
    access.require_somewhere(call, "fact.read_secret")
    masked = read_fact(fact, call=call, through=through)
    about = subjects_of(masked.sheet)
    access.require(
        call, "fact.read_secret", unit=masked.sheet.unit, area=masked.areas, record=masked.sheet.record, subject=about
    )
    purpose = purpose_in(purpose, zh=_EXAMPLE.zh, en=_EXAMPLE.en)
    hidden = [shown.name for shown in masked.sheet.fields if shown.secret or shown.masked]
    audit.write(
        call,
        "fact.read_secret",
        f"fact:{fact}",
        purpose=purpose,
        detail={"record": masked.sheet.record, "fields": hidden, "subjects": list(about)},
    )
    scope = access.scope(call, "fact.read")
    whole = fact_sheet(fact, book=call.book, scope=scope, card_areas=card_areas(through), unmasked=True)
    if whole is None:
        raise Refused(fact_absent(fact))
    return replace(masked, sheet=whole)
