"""Answer an objection: it stands, and then something was done about it; or it does not, and then it is said why and
where to turn.
"""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from zhiheng.actions import audit
from zhiheng.actions.objections import refusals
from zhiheng.actions.objections.as_case import act_in_objection, objections_of
from zhiheng.actions.objections.carry_over import case_of
from zhiheng.engines.naming import REMEDIES
from zhiheng.engines.workflow.forms import in_the_place
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.corner import REJECT, UPHOLD
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.kernel.text_input import paragraphs
from zhiheng.ledger.models import Fact
from zhiheng.office.objections import Objection
from zhiheng.people import access
from zhiheng.published.models import PublishedEntry
from zhiheng.queries.refusals import objection_absent

LONGEST = 5_000


def answer(number: int, *, upheld: bool, remedy: str, text: str, call: Call) -> Objection:
    """Answer an objection and close it. One that is upheld is closed only after its remedy was carried out.

    Args:
        upheld: whether the objection stands.
        remedy: what was done: ``corrected``, ``withdrawn``, ``taken_down`` or ``none``.
        text: the answer that the enterprise reads.

    Returns:
        The answered objection.

    Raises:
        Refused: where it is absent, the remedy was not carried out, or another officer answered meanwhile; nothing is
            written then.
    """
    found = Objection.objects.filter(pk=number).first()
    if found is None:
        raise Refused(objection_absent(number))
    access.require(
        call, "objection.answer", unit=found.unit, area=found.area, subject=found.subject, record=found.record
    )
    text = paragraphs(text)
    wrong: list[Refusal] = []
    if not 10 <= len(text) <= LONGEST:
        wrong.append(refusals.answer_malformed(LONGEST))
    if upheld:
        wrong += _not_done(found, remedy)
    if wrong:
        raise Refused(*wrong)
    said = {"answer": text}
    said |= {"remedy": remedy} if upheld else {"remedies": objections_of(call.book).review.zh}
    with case_of(found, "objection.answer", call=call) as opened:
        standing = opened.standing()
        if standing.has_ended or not standing.is_open:
            found.refresh_from_db()
            when = f"{timezone.localtime(found.answered_at or call.now):%Y-%m-%d %H:%M}"
            raise Refused(refusals.objection_closed_meanwhile(when))
        act_in_objection(opened, UPHOLD if upheld else REJECT, said, in_the_place(call.now))
        audit.write(
            call,
            "objection.answer",
            f"fact:{found.fact}",
            detail={"objection": found.pk, "upheld": upheld, "remedy": remedy},
        )
        found.refresh_from_db()
    return found


def _entries(found: Objection) -> QuerySet[PublishedEntry]:
    """What was published of the fact; nothing where the objection names none."""
    return PublishedEntry.objects.filter(fact=found.fact) if found.fact is not None else PublishedEntry.objects.none()


def _not_done(found: Objection, remedy: str) -> list[Refusal]:
    """Why an objection that stands can't be closed yet: the remedy that is named was not done."""
    if remedy not in REMEDIES:
        return [refusals.remedy_not_chosen()]
    if remedy == "taken_down":
        states = set(_entries(found).values_list("state", flat=True))
        if not states:
            return [refusals.never_published()]
        if PublishedEntry.State.SHOWN in states:
            return [refusals.still_published()]
        return []
    kind = Fact.Kind.CORRECTION if remedy == "corrected" else Fact.Kind.WITHDRAWAL
    if not Fact.objects.filter(concerns=found.fact, kind=kind).exists():
        return [refusals.fact_not_remedied()]
    if _entries(found).filter(state=PublishedEntry.State.SHOWN).exists():
        return [refusals.old_text_still_published()]
    return []
