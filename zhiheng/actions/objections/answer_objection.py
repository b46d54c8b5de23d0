"""Answer an objection: it stands, and then something was done about it; or it does not, and then it is said why and
where to turn.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from zhiheng.actions import audit
from zhiheng.engines.naming import REMEDIES
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.kernel.text_input import paragraphs
from zhiheng.ledger.models import Fact
from zhiheng.office.objections import Objection
from zhiheng.people import access
from zhiheng.published.models import PublishedEntry

LONGEST = 5_000


def answer(number: int, *, upheld: bool, remedy: str, text: str, call: Call) -> Objection:
    """The answered objection. An objection that stands is closed only after its remedy can be seen to have been done.

    Raises Refused where somebody has answered already: the second is told, and nothing of theirs is written.
    """
    found = Objection.objects.filter(pk=number).first()
    if found is None:
        raise Refused(Refusal("objection.absent", f"没有编号为 {number} 的异议。", f"There is no objection {number}."))
    access.require(
        call, "objection.answer", unit=found.unit, area=found.area, subject=found.subject, record=found.record
    )
    text = paragraphs(text)
    wrong: list[Refusal] = []
    if not 10 <= len(text) <= LONGEST:
        wrong.append(
            Refusal(
                "objection.answer",
                f"请写明答复：核实了什么、结论和依据（10 至 {LONGEST} 字）。",
                f"Say what was verified, the conclusion and its ground (10 to {LONGEST} characters).",
                "text",
            )
        )
    if upheld:
        wrong += _not_done(found, remedy)
    if wrong:
        raise Refused(*wrong)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        changed = Objection.objects.filter(pk=number, state=Objection.State.OPEN).update(
            state=Objection.State.UPHELD if upheld else Objection.State.REJECTED,
            answer=text,
            answered_at=call.now,
            answered_by=str(call.actor),
            remedy=remedy if upheld else "none",
        )
        if not changed:
            found.refresh_from_db()
            when = f"{timezone.localtime(found.answered_at or call.now):%Y-%m-%d %H:%M}"
            raise Refused(
                Refusal(
                    "objection.decided",
                    f"这件异议已由别人在 {when} 办结，您的答复没有写入；请刷新查看。",
                    f"Somebody closed this objection at {when}; yours was not written. Reload the page.",
                )
            )
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
        return [
            Refusal("objection.remedy", "异议成立的，请选择怎样处理。", "Where it stands, say what was done.", "remedy")
        ]
    if remedy == "taken_down":
        states = set(_entries(found).values_list("state", flat=True))
        if not states:
            return [
                Refusal(
                    "objection.never_shown",
                    "这条事实没有公示过，无从撤下；请选择其他处理方式。",
                    "It was never published; choose another remedy.",
                    "remedy",
                )
            ]
        if PublishedEntry.State.SHOWN in states:
            return [
                Refusal(
                    "objection.still_shown",
                    "相关公示还没有撤下；请先在“发布”中撤下，再来办结。",
                    "It is still published; take it down first, then close this.",
                    "remedy",
                )
            ]
        return []
    kind = Fact.Kind.CORRECTION if remedy == "corrected" else Fact.Kind.WITHDRAWAL
    if not Fact.objects.filter(concerns=found.fact, kind=kind).exists():
        return [
            Refusal(
                "objection.not_remedied",
                "这条事实还没有更正或撤回；请先在事实页办理，再来办结。",
                "The fact was not corrected or withdrawn yet; do that on its page first, then close this.",
                "remedy",
            )
        ]
    if _entries(found).filter(state=PublishedEntry.State.SHOWN).exists():
        return [
            Refusal(
                "objection.old_shown",
                "事实已经更正或撤回，但公众看到的还是原来的内容；请等公示的更正或撤下办完，再来办结。",
                "The fact was corrected or withdrawn, but the public still sees what it said before; close this once "
                "publication has followed.",
                "remedy",
            )
        ]
    return []
