"""The only place that answers 'may they?'. Everything not allowed by a role of the book is refused, with a reason."""

from __future__ import annotations

import datetime as dt

from zhiheng.grammar.loader import Book
from zhiheng.kernel.actor import EVERYTHING, NOTHING, Actor, Scope
from zhiheng.kernel.reasons import Refusal, Refused


def may(
    actor: Actor, act: str, *, book: Book, today: dt.date, unit: str = "", area: str = "", quality: str | None = None,
    subject: int | None = None, record: str = "",
) -> Refusal | None:  # fmt: skip
    """None where the act is allowed, else the reason why it is not."""
    if actor.kind in ("system", "operator"):
        return None
    return Refusal("access.denied", f"您没有权限：{act}。", f"You may not: {act}.")


def require(actor: Actor, act: str, **target: object) -> None:
    """Raise Refused where ``may`` gives a reason."""
    if refusal := may(actor, act, **target):  # type: ignore[arg-type]
        raise Refused(refusal)


def scope(actor: Actor, act: str, *, book: Book, today: dt.date) -> Scope:
    """What the actor may see under an act, as values that every list narrows its SQL with."""
    return EVERYTHING if actor.kind in ("system", "operator") else NOTHING


def require_somewhere(actor: Actor, act: str, *, book: Book, today: dt.date) -> None:
    """Raise Refused where no role held today has the act anywhere."""
    require(actor, act, book=book, today=today)
