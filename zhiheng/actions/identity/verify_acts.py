"""Has every recorded merge, split and undoing its line in the trail, by the same person, and every line its act?

The tables take a row that is put in by hand: an act that moves a whole history to another enterprise breaks no rule of
theirs. Through the platform no act comes without its line, which is written in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterator

from zhiheng.ledger.models import AuditLine, IdentityAct
from zhiheng.ledger.verify import VerifyFinding

_AT_ONCE = 2_000


def verify_acts() -> Iterator[VerifyFinding]:
    """Acts without their line, or with that of another person or another kind of act; lines whose act is gone."""
    told = _told()
    for number, verb, actor in IdentityAct.objects.order_by("id").values_list("id", "verb", "actor").iterator(_AT_ONCE):
        line = told.pop(number, None)
        if line != (verb, actor):
            yield VerifyFinding(
                "act_untold",
                0,
                None,
                f"归并记录 {number} 在留痕里"
                + ("没有" if line is None else "写的是另一个人或另一种操作")
                + "：不是经平台办的，或者被改动过。",
                f"The identity act {number} has "
                + ("no line in the trail" if line is None else "the line of another person or another act")
                + ": it was not done through the platform, or was changed.",
            )
    for number in sorted(told):
        yield VerifyFinding(
            "act_gone",
            0,
            None,
            f"留痕里有归并记录 {number}，记录本身已被删除。",
            f"The trail has the identity act {number}; the act itself has been removed.",
        )


def _told() -> dict[int, tuple[str, str]]:
    """Number of the act -> (verb, actor), as the trail has it."""
    verbs = {f"subjects.{verb}": str(verb) for verb in IdentityAct.Verb}
    lines = AuditLine.objects.filter(verb__in=list(verbs), about__startswith="act:").order_by("id")
    return {
        int(about.removeprefix("act:")): (verbs[verb], actor)
        for about, verb, actor in lines.values_list("about", "verb", "actor").iterator(_AT_ONCE)
        if about.removeprefix("act:").isdigit()
    }
