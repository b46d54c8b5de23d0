"""Take in a complaint or a report: who sends it is sealed, a case is opened for the unit whose it probably is, and a
receipt is given by which its sender follows it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from zhiheng.actions.cases.open_case import PartyGiven, open_case
from zhiheng.actions.custody.seal_identity import seal_identity
from zhiheng.actions.submissions import refusals
from zhiheng.actions.submissions.photographs import keep_photographs
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.submissions import SUBMISSIONS, SubmissionKind
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.kernel.receipts import receipt_digest, receipt_of
from zhiheng.kernel.reporter import Reporter
from zhiheng.kernel.text_input import one_line, paragraphs
from zhiheng.office.cases import Case
from zhiheng.people import access
from zhiheng.published import reading
from zhiheng.queries.submissions import weigh, with_place

LEAST = 10
_PARTS: Mapping[str, Label] = {
    "name": Label(zh="您的姓名", en="your name"),
    "phone": Label(zh="您的电话号码", en="your telephone number"),
    "address": Label(zh="您的通讯地址", en="your address"),
    "about": Label(zh="商家的名称", en="the name of the business"),
}


@dataclass(frozen=True)
class Submission:
    """What somebody sends.

    ``kind``: of the book. ``area``: code of the place; ``place``: in words. ``business``: public id of an enterprise
    that was found, else ``about``, its name as it was typed. ``given``: the further fields that the kind asks for.
    """

    kind: str
    text: str
    area: str
    place: str = ""
    business: str = ""
    about: str = ""
    given: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    reporter: Reporter = field(default_factory=Reporter)
    photographs: Sequence[bytes] = ()


@dataclass(frozen=True)
class Submitted:
    """The case that was opened, and its receipt, which stands nowhere else. ``new``: False for a form sent twice."""

    case: Case
    receipt: str
    new: bool


def submit(
    said: Submission,
    *,
    once: str,
    call: Call,
    admit: Callable[[], None] = lambda: None,
    unit: str = "",
    happened: str | None = None,
) -> Submitted:
    """Take a submission in.

    ``once``: the secret number of the form, from which the receipt is made, so that a form that was sent twice shows
    the same receipt twice; '' where the page has none. ``admit``: asked when all else is right, before anything is
    kept; it raises Refused where the sender's machine has not worked for it. ``unit``: an officer who enters what came
    by telephone or on paper says for which unit; ``happened``: and on which day it came. Raises Refused with every
    reason.
    """
    access.require_somewhere(call, "case.submit")
    page = call.book[SUBMISSIONS]
    if page is None:
        raise Refused(refusals.not_taken_here())
    if not once:
        raise Refused(refusals.form_old())
    key = sha256(once.encode()).hexdigest()
    if (before := Case.objects.filter(once=key).first()) is not None:
        return Submitted(before, _receipt_before(once, before), False)
    kind = page.kinds.get(said.kind)
    if unit and kind is not None:
        quality = call.book[WORKFLOWS][kind.workflow].page.quality
        access.require(call, "case.open", unit=unit, quality=quality, workflow=kind.workflow)
    text, place = paragraphs(said.text), one_line(said.place)
    wrong = list(_wrong(said, kind, text, call))
    if kind is None or wrong:
        raise Refused(*(wrong or (refusals.kind_needed(),)))
    # What is worked out of the words only proposes; an officer who enters it for a unit has decided.
    to = unit or weigh(text, area=said.area, place=place, call=call).unit
    if not to:
        raise Refused(refusals.not_taken_here())
    admit()
    files = keep_photographs(said.photographs, call=call)
    with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
        sealed = seal_identity(said.reporter, area=said.area, call=call)
        parties = [PartyGiven(kind.sender, sealed=sealed)] if sealed else []
        if (about := _about(said, kind)) is not None:
            parties.append(about)
        given = {**said.given, kind.text: with_place(text, place)}
        if kind.named:
            given[kind.named] = "true" if said.reporter.name else "false"
        opened = open_case(
            kind.workflow,
            kind.act,
            given,
            unit=to,
            call=call,
            parties=parties,
            happened=happened,
            files=files,
            receipt=_unused(once),
            once=key,
        )
    return Submitted(opened.case, _receipt_before(once, opened.case), opened.new)


def _wrong(said: Submission, kind: SubmissionKind | None, text: str, call: Call) -> Sequence[Refusal]:
    found = []
    if kind is None:
        found.append(refusals.kind_needed())
    if len(text) < LEAST:
        found.append(refusals.text_needed(LEAST))
    if said.area not in call.book[DISTRICT].areas_above:
        found.append(refusals.place_needed())
    if kind is not None:
        there = {
            "name": said.reporter.name,
            "phone": said.reporter.phone,
            "address": said.reporter.address,
            "about": one_line(said.about) or said.business,
        }
        found += [refusals.sender_needs(part, _PARTS[part], kind.label) for part in kind.needs if not there[part]]
    texts = {"text": text, "place": said.place, "about": said.about, **said.given}
    found += [refusals.oneself_in_text(name) for name, written in texts.items() if _tells(said.reporter, written)]
    return found


def _tells(reporter: Reporter, text: str) -> bool:
    """Whether a text that officers read says who sends it: the own name, telephone or number of a document."""
    looked = _bare(text)
    return any(
        len(part := _bare(one)) > 1 and part in looked for one in (reporter.name, reporter.phone, reporter.number)
    )


def _bare(text: str) -> str:
    return re.sub(r"[\s\-·.()（）]+", "", unicodedata.normalize("NFKC", text)).casefold()


def _about(said: Submission, kind: SubmissionKind) -> PartyGiven | None:
    """Whom it is about: an enterprise that was found, as it is published now, or as its name was typed."""
    if said.business:
        found = reading.enterprise(said.business)
        if found is None:
            raise Refused(refusals.business_gone())
        found = found.merged_into or found
        return PartyGiven(kind.about, name=found.name, code=found.code, subject=found.subject)
    name = one_line(said.about)
    return PartyGiven(kind.about, name=name) if name else None


def _drawn(once: str, time: int) -> str:
    """The receipt of a form: by chance for everybody who does not have the form's number and the key of the site."""
    drawn = salted_hmac("zhiheng.receipt", f"{time}:{once}", algorithm="sha256").digest()
    return receipt_of(int.from_bytes(drawn[:16]))


def _unused(once: str) -> str:
    """The first receipt of a form that is nobody else's."""
    return next(
        receipt
        for receipt in (_drawn(once, time) for time in range(100))
        if not Case.objects.filter(receipt_digest=receipt_digest(receipt)).exists()
    )


def _receipt_before(once: str, case: Case) -> str:
    """The receipt that a form was given for its case."""
    drawn = (_drawn(once, time) for time in range(100))
    return next((receipt for receipt in drawn if receipt_digest(receipt) == case.receipt_digest), "")
