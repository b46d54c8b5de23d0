"""Do an act in a case: what was typed is read, every guard is asked, the line is written; an act that takes several
persons waits as a proposal until the last of them has signed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

import orjson

from zhiheng.actions import audit
from zhiheng.actions.cases import line_writer, refusals
from zhiheng.actions.cases.line_writer import ActsTogether, KeptFile, OpenCase, Signer
from zhiheng.engines.workflow.compiled import CompiledAct
from zhiheng.engines.workflow.forms import moment_in, restored, stored, typed
from zhiheng.engines.workflow.guards import CasePerson, hints_of, how_many, refusals_of
from zhiheng.engines.workflow.look_ups import values_of
from zhiheng.engines.workflow.read_model import other_units
from zhiheng.engines.workflow.standing import CaseStanding
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.corner import on_own_pages
from zhiheng.grammar.types import Label
from zhiheng.kernel.facts import canonical
from zhiheng.kernel.reasons import Flag, Refused
from zhiheng.kernel.receipts import receipt_digest, receipt_in
from zhiheng.kernel.text_input import paragraphs
from zhiheng.office import case_log
from zhiheng.office.case_log import opened_by
from zhiheng.office.cases import Case, CaseDraft, CaseEvent, CaseProposal
from zhiheng.people import access
from zhiheng.queries.case_people import PersonInCase, access_refusals, best_for, own_conflict
from zhiheng.queries.refusals import case_absent, case_signed_already

LONGEST_REASON = 2_000
# What is asked of persons apart from the rest: of one, and whether enough have signed.
_OF_PERSONS = ("workflow.person", "workflow.joint")


@dataclass(frozen=True)
class ActDone:
    """What came of an act: the line, or the proposal that waits for others to sign; what was pointed out with it; the
    cases that it opened. ``place`` is the last place of the case now, which the next form carries.
    """

    case: Case
    line: CaseEvent | None
    proposal: CaseProposal | None
    hints: tuple[Flag, ...]
    opened: tuple[int, ...]
    place: int


def act_in_case(
    case: int,
    act: str,
    given: Mapping[str, Any],
    *,
    call: Call,
    place: int | None = None,
    happened: str | dt.date | None = None,
    entered_for: str = "",
    receipt: str = "",
    batch: str = "",
    files: Sequence[KeptFile] = (),
    together: ActsTogether | None = None,
) -> ActDone:
    """Do an act (``decide.accept``) in a case.

    ``given``: field -> what was typed, as from a form or JSON. ``place``: the last place of the case when the form was
    made; where somebody was faster, the refusal tells what changed since, and nothing is written. ``happened``: the
    stated day or moment, for acts whose day is stated and for what a party did on paper. ``entered_for``: the party for
    whom an officer enters it. ``receipt``: shown by somebody without an account. ``files``: what ``keep_files`` kept.
    ``together``: it is one of many acts that are written as one (``line_writer.acts_together``). Raises Refused with
    every reason.
    """
    with line_writer.open_for_writing(case, call, receipt=receipt, together=together) as opened:
        by_receipt = shows_receipt(opened.case, receipt)
        line_writer.check_place(opened, place)
        found = act_of(opened, act)
        on = line_writer.happening(found, happened, call.now, for_party=bool(entered_for))
        standing = opened.standing(on)
        said = typed(opened.workflow, given)
        if case_log.is_orphan(opened.family, case):
            raise Refused(refusals.opening_struck(opened.case.number))
        answers = opened.answers(found, standing, said)
        told = {**said, **values_of(answers)}
        who, hand = asked(opened, found, standing, told, receipt=by_receipt)
        hints = hints_of(standing, found, (who.person,), told)
        line_writer.check_named(opened, found, said, standing)
        entered_for = party_entered_for(opened, who, hand)
        if happened not in (None, "") and found.body.day != "stated" and not entered_for:
            # Only what a party did is entered later than it happened.
            raise Refused(refusals.not_stated(Label(zh=found.zh, en=found.en)))
        signer = Signer.of(call, hand, who.unit, who.person.called)
        needs = how_many(standing, found)
        if needs > 1:
            stated = on.isoformat() if happened not in (None, "") else ""
            proposal = _propose(opened, found, said, stated, entered_for, who, signer, needs, files)
            return ActDone(opened.case, None, proposal, hints, (), opened.place)
        line = line_writer.write_act(
            opened,
            found,
            said,
            (signer,),
            on,
            entered_for=entered_for,
            hints=[flag.code for flag in hints],
            answers=answers,
            batch=batch,
            files=files,
        )
        if call.actor.account is not None:
            CaseDraft.objects.filter(case=opened.case, act=found.key, account=call.actor.account).delete()
        return done(opened, line, hints)


def check_form(
    case: int, act: str, given: Mapping[str, Any], *, call: Call, happened: str | dt.date | None = None
) -> None:
    """Raise Refused where ``act_in_case`` would refuse, without writing anything."""
    with line_writer.open_for_writing(case, call) as opened:
        found = act_of(opened, act)
        on = line_writer.happening(found, happened, call.now, for_party=False)
        said, standing = typed(opened.workflow, given), opened.standing(on)
        asked(opened, found, standing, {**said, **values_of(opened.answers(found, standing, said))})
        line_writer.check_named(opened, found, said, standing)


def done(opened: OpenCase, line: CaseEvent, hints: Sequence[Flag] = ()) -> ActDone:
    """What came of an act whose line was written."""
    return ActDone(opened.case, line, None, tuple(hints), opened_by(line), line.place)


def shows_receipt(case: Case, receipt: str) -> bool:
    """Whether the receipt that was shown is that of the case; a wrong one is answered like no case at all."""
    if not receipt:
        return False
    if case.receipt_digest != receipt_digest(receipt_in(receipt)):
        raise Refused(case_absent(case.pk))
    return True


def act_of(opened: OpenCase, name: str) -> CompiledAct:
    """The act of the page. Raises Refused where it has none of the name, the outcome was not said, or it is done on
    pages of its own.
    """
    found = opened.workflow.acts.get(name)
    if found is None:
        raise Refused(refusals.act_unknown(name, opened.workflow.page.label))
    if on_own_pages(opened.call.book, opened.workflow.name, found.key):
        raise Refused(refusals.on_pages_of_objections(Label(zh=found.zh, en=found.en)))
    return found


def asked(
    opened: OpenCase, act: CompiledAct, standing: CaseStanding, said: Mapping[str, Any], *, receipt: bool = False
) -> tuple[PersonInCase, str]:
    """As whom the actor does an act, and as which hand or party. Raises Refused with every reason why not.

    That more persons have to sign is no reason here.
    """
    call = opened.call
    persons = opened.persons(standing, receipt=receipt)
    who, hand, against = best_for(standing, act, persons)
    people = (who.person,) if who is not None else ()
    refused = [each for each in refusals_of(standing, act, people, said) if each.code not in _OF_PERSONS]
    # Where the act is theirs to do now and only what was typed is wrong, they are told what.
    only_form = who is not None and not against and not refusals_of(standing, act, people)
    if (who is None or against or refused) and not only_form and not reaches(opened, standing, persons):
        # Nothing of the case is told to somebody whom it does not concern: it is answered like one that is not there.
        raise Refused(case_absent(opened.case.number))
    if who is None:
        who = PersonInCase(CasePerson(call.actor.id, called=call.actor.name))
        against = tuple(each for each in refusals_of(standing, act, (who.person,)) if each.code == "workflow.person")
    if not against and who.acts_for and (conflict := own_conflict(standing, act, call.actor.id, call.actor.name)):
        against = (conflict,)
    if against:
        refused += [*access_refusals(call, opened.workflow, act, opened.holder(standing), persons), *against]
    if refused:
        raise Refused(*refused)
    return who, hand


def reaches(opened: OpenCase, standing: CaseStanding, persons: Sequence[PersonInCase]) -> bool:
    """Whether a refusal may tell somebody of the case: they may read it, speak for a party, were offered it, or look
    after it from above.
    """
    if access.may(opened.call, "case.read", **line_writer.target(opened, standing)) is None:
        return True
    others = other_units(standing)
    return any(each.person.party or each.person.level == "above" or each.unit in others for each in persons)


def party_entered_for(opened: OpenCase, who: PersonInCase, hand: str) -> str:
    """The party for whom an officer enters an act; '' where they act as a hand, or the party acts itself."""
    return hand if hand in opened.workflow.page.parties and who.person.party != hand else ""


def _propose(
    opened: OpenCase,
    act: CompiledAct,
    said: Mapping[str, Any],
    stated: str,
    entered_for: str,
    who: PersonInCase,
    signer: Signer,
    needs: int,
    files: Sequence[KeptFile],
) -> CaseProposal:
    """The proposal with its first signature; where one with the same words waits, it is signed."""
    data, attached = canonical(stored(said)), [asdict(each) for each in files]
    signs = [opened.case.pk, act.key, stated, entered_for, orjson.loads(data), *([attached] if attached else [])]
    digest = sha256(canonical(signs).encode()).hexdigest()
    waiting = CaseProposal.objects.filter(case=opened.case, act=act.key, state=CaseProposal.State.WAITING).first()
    if waiting is not None:
        if waiting.digest != digest:
            raise Refused(refusals.waits_already(act.body.label))
        if signer.who in [each["who"] for each in waiting.signed]:
            # A double click, or a page that was sent again.
            return waiting
        return _signed(opened, waiting, who, signer)
    proposal = CaseProposal.objects.create(
        case=opened.case,
        act=act.key,
        happened=stated,
        entered_for=entered_for,
        data=data,
        files=attached,
        digest=digest,
        place=opened.place,
        needs=needs,
        signed=[_signature(who, signer, digest, opened.call)],
        at=opened.call.now,
        proposed_by=who.person.name,
    )
    line_writer.refresh(opened)
    audit.write(
        opened.call,
        "case.propose",
        f"case:{opened.case.pk}",
        detail={"proposal": proposal.pk, "act": act.key, "workflow": opened.case.workflow},
    )
    return proposal


def _signature(who: PersonInCase, signer: Signer, digest: str, call: Call) -> dict[str, Any]:
    return {
        **signer.told(),
        "person": who.person.name,
        "may": sorted(who.person.may),
        "level": who.person.level,
        "party": who.person.party,
        "at": call.now.isoformat(),
        "digest": digest,
    }


def sign_proposal(number: int, *, digest: str, call: Call, together: ActsTogether | None = None) -> ActDone:
    """Sign an act that waits; ``digest`` is that of the words that were shown. The last signature writes the line.

    Raises Refused where it was decided, the words are others, or the signer can't make this act with those who have
    signed.
    """
    line_writer.require_some(call)
    found = CaseProposal.objects.filter(pk=number).first()
    if found is None:
        raise Refused(refusals.proposal_absent(number))
    with line_writer.open_for_writing(found.case_id, call, together=together) as opened:
        found.refresh_from_db()
        if found.state != CaseProposal.State.WAITING:
            raise Refused(refusals.proposal_decided(found.decided_at))
        if found.digest != digest:
            raise Refused(refusals.proposal_changed())
        act, said, on = _waiting(opened, found)
        standing = opened.standing(on)
        answers = opened.answers(act, standing, said)
        who, hand = asked(opened, act, standing, {**said, **values_of(answers)})
        signer = Signer.of(call, hand, who.unit, who.person.called)
        found = _signed(opened, found, who, signer)
        line = CaseEvent.objects.filter(pk=found.line).first() if found.line is not None else None
        if line is not None:
            return done(opened, line)
        return ActDone(opened.case, None, found, (), (), opened.place)


def decline_proposal(number: int, *, reason: str, call: Call) -> CaseProposal:
    """Say that an act that waits for signatures is not signed, and why: it waits no more, and who proposed it is told.

    Who could sign it may decline it, and who has signed it may take it back.
    """
    line_writer.require_some(call)
    found = CaseProposal.objects.filter(pk=number).first()
    if found is None:
        raise Refused(refusals.proposal_absent(number))
    text = paragraphs(reason)
    with line_writer.open_for_writing(found.case_id, call) as opened:
        found.refresh_from_db()
        if found.state != CaseProposal.State.WAITING:
            raise Refused(refusals.proposal_decided(found.decided_at))
        if call.actor.id not in [each["who"] for each in found.signed]:
            act, _, on = _waiting(opened, found)
            standing = opened.standing(on)
            who, _, against = best_for(standing, act, opened.persons(standing))
            if who is None:
                raise Refused(refusals.proposal_absent(number))
            if against:
                raise Refused(*against)
        if not 2 <= len(text) <= LONGEST_REASON:
            raise Refused(refusals.reason_needed())
        found.state, found.reason = CaseProposal.State.DECLINED, text
        found.decided_at, found.decided_by = call.now, str(call.actor)
        found.save(update_fields=["state", "reason", "decided_at", "decided_by"])
        line_writer.refresh(opened)
        detail = {"proposal": found.pk, "act": found.act, "workflow": opened.case.workflow}
        audit.write(call, "case.decline", f"case:{opened.case.pk}", detail=detail)
    return found


def _waiting(opened: OpenCase, proposal: CaseProposal) -> tuple[CompiledAct, dict[str, Any], dt.date]:
    """The act of a proposal, what it says, and when it happens: when stated, else with the last signature."""
    act = act_of(opened, proposal.act)
    said = restored(opened.workflow, orjson.loads(proposal.data))
    on = moment_in(proposal.happened) if proposal.happened else None
    return act, said, on or line_writer.happening(act, None, opened.call.now, for_party=False)


def _signed(opened: OpenCase, proposal: CaseProposal, who: PersonInCase, signer: Signer) -> CaseProposal:
    """The proposal with one more signature; with the last one its line is written."""
    call = opened.call
    eyes = {name for each in proposal.signed for name in (each["who"], each["person"])}
    if {call.actor.id, who.person.name} & eyes:
        raise Refused(case_signed_already(who.person.called or call.actor.name))
    proposal.signed = [*proposal.signed, _signature(who, signer, proposal.digest, call)]
    act, said, on = _waiting(opened, proposal)
    detail = {"proposal": proposal.pk, "act": act.key, "workflow": opened.case.workflow}
    if len(proposal.signed) >= proposal.needs:
        standing = opened.standing(on)
        people = [
            CasePerson(each["person"], frozenset(each["may"]), each["level"], each["party"], each["name"])
            for each in proposal.signed
        ]
        # The last signature is the moment of the act: what it looks up is asked anew, by who signs last.
        answers = opened.answers(act, standing, said)
        told = {**said, **values_of(answers)}
        if refused := refusals_of(standing, act, people, told):
            raise Refused(*refused)
        hints = [flag.code for flag in hints_of(standing, act, people, told)]
        signers = [
            Signer(each["who"], each["name"], each["hand"], each["unit"], each.get("for", ""))
            for each in proposal.signed
        ]
        proposal.state, proposal.decided_at, proposal.decided_by = CaseProposal.State.DONE, call.now, str(call.actor)
        proposal.save(update_fields=["signed", "state", "decided_at", "decided_by"])
        files = [KeptFile(**each) for each in proposal.files]
        line = line_writer.write_act(
            opened,
            act,
            said,
            signers,
            on,
            entered_for=proposal.entered_for,
            hints=hints,
            answers=answers,
            files=files,
        )
        proposal.line = line.pk
        proposal.save(update_fields=["line"])
        detail["line"] = line.pk
    else:
        proposal.save(update_fields=["signed"])
        line_writer.refresh(opened)
    audit.write(call, "case.sign", f"case:{opened.case.pk}", detail=detail)
    return proposal
