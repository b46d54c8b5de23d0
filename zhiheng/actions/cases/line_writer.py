"""One act of a case as one transaction: the line, the cases that it opens, the row that it hands in, the documents that
it issues, standings and duties, the trail. What all actions on cases share.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from zhiheng.actions import audit
from zhiheng.actions.cases import refusals
from zhiheng.actions.intake.upload_delivery import upload_delivery
from zhiheng.engines.workflow.compiled import CompiledAct, Workflow
from zhiheng.engines.workflow.forms import in_the_place, moment_in, shown, stored
from zhiheng.engines.workflow.legal_time import moment_of
from zhiheng.engines.workflow.look_ups import Answer, values_of
from zhiheng.engines.workflow.of_book import CaseBook, case_book, empty_digest
from zhiheng.engines.workflow.standing import CaseStanding, listed
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.types import Label
from zhiheng.kernel.actor import SYSTEM
from zhiheng.kernel.facts import canonical
from zhiheng.kernel.reasons import Refused
from zhiheng.office import case_log, case_standings
from zhiheng.office.case_facts import CaseFact
from zhiheng.office.case_log import CaseFamily, family_of, opened_by
from zhiheng.office.cases import (
    Case,
    CaseAttachment,
    CaseDocument,
    CaseEvent,
    CaseHandIn,
    CaseLink,
    CasePartyRow,
    CaseStandingRow,
)
from zhiheng.people import access
from zhiheng.people.models import Account
from zhiheng.queries.case_people import PersonInCase, is_involved, persons_of
from zhiheng.queries.cases import label_of
from zhiheng.queries.look_ups import LookUpsAsked, look_up
from zhiheng.queries.refusals import case_absent


@dataclass(frozen=True)
class Signer:
    """Somebody who makes an act: as the guards take them, as which hand or party."""

    who: str
    name: str
    hand: str
    unit: str = ""
    acts_for: str = ""

    @classmethod
    def of(cls, call: Call, hand: str = "", unit: str = "", name: str = "") -> Signer:
        """The actor of a call."""
        return cls(call.actor.id, name or call.actor.name, hand, unit, call.actor.acting_for)

    def told(self) -> dict[str, str]:
        """As it stands in the line."""
        found = {"who": self.who, "name": self.name, "hand": self.hand, "unit": self.unit}
        return found | ({"for": self.acts_for} if self.acts_for else {})


@dataclass(frozen=True)
class KeptFile:
    """A file that is kept already (``attach_file.keep_files``) and goes with a line; ``field``: of the act, '': beside
    what is said.
    """

    name: str
    kind: str
    size: int
    digest: str
    sent_digest: str
    scanned: bool = False
    field: str = ""


@dataclass
class ActsTogether:
    """Many acts that are written as one transaction. Each is asked and written like any other; the logs that were read
    stay in memory, and the rows for lists are made once, for all that was touched, when the last act was written.
    """

    book: CaseBook
    families: dict[int, CaseFamily] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)

    def keep(self, family: CaseFamily) -> None:
        """This is how the family stands now."""
        self.families |= dict.fromkeys(family.cases, family)

    def written(self, family: CaseFamily, line: CaseEvent | None) -> CaseFamily:
        """A line was added to a family (None: only what waits for signatures changed); returns how it stands now."""
        self.touched |= family.cases.keys()
        if line is None:
            return family
        if opened_by(line):
            # It has other members now.
            found = family_of(family.cases, self.book)
        else:
            found = case_log.with_line(family, line, self.book)
        self.keep(found)
        return found


@contextmanager
def acts_together(call: Call) -> Iterator[ActsTogether]:
    """A transaction in which many acts are written, each by whom and when its own call says. At its end standings and
    duties are made as they stand at the moment of this call.
    """
    with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
        case_log.lock()
        together = ActsTogether(case_book(call.book))
        yield together
        case_standings.remake_some(together.touched, call.book, call.now)


@dataclass
class OpenCase:
    """A case while something is written into it: its relatives and logs, under the lock of all cases."""

    case: Case
    family: CaseFamily
    book: CaseBook
    call: Call
    # Where it is one of many acts that are written as one.
    together: ActsTogether | None = None
    # Named with the line that is being written.
    parties: list[CasePartyRow] = field(default_factory=list)
    # The standing that was asked for last: of which family, up to when.
    _replayed: tuple[CaseFamily, dt.date, CaseStanding] | None = None

    @property
    def workflow(self) -> Workflow:
        """The workflow of the case."""
        return self.book.workflows[self.case.workflow]

    @property
    def lines(self) -> list[CaseEvent]:
        """The lines of the case."""
        return self.family.lines.setdefault(self.case.pk, [])

    @property
    def place(self) -> int:
        """The place of its last line."""
        return self.lines[-1].place if self.lines else 0

    def standing(self, at: dt.date | None = None) -> CaseStanding:
        """Its standing up to a day or a moment; without one, now."""
        moment = in_the_place(self.call.now) if at is None else at
        if self._replayed is None or self._replayed[0] is not self.family or self._replayed[1] != moment:
            found = case_standings.replayed(self.family, self.book, moment)[self.case.pk]
            self._replayed = (self.family, moment, found)
        return self._replayed[2]

    def holder(self, standing: CaseStanding) -> str:
        """The unit that holds it."""
        return standing.holder or self.case.unit

    def answers(
        self, act: CompiledAct, standing: CaseStanding, said: Mapping[str, Any], facts: Collection[int] = ()
    ) -> Mapping[str, Answer]:
        """What the look-ups of an act answer now, as far as the actor may read. ``facts``: because of which the case is
        being opened.
        """
        if not act.body.sees:
            return {}
        parties = [*self.case.parties.all(), *self.parties]
        own = {*facts, *case_log.facts_in(self.lines)}
        values = {**standing.values, **said}
        asked = LookUpsAsked(self.workflow, act, parties, values, self.holder(standing), self.case.pk, frozenset(own))
        return look_up(asked, call=self.call)

    def persons(self, standing: CaseStanding, *, receipt: bool = False) -> tuple[PersonInCase, ...]:
        """As whom the actor can act in it."""
        parties = [*self.case.parties.all(), *self.parties]
        return persons_of(self.call, self.workflow, self.holder(standing), parties, receipt=receipt)


def require_some(call: Call, receipt: str = "") -> None:
    """Raise Refused for somebody who may act in no case at all; who shows a receipt needs no account."""
    if receipt:
        access.require(call, "case.submit")
    elif call.actor.kind == "enterprise":
        access.require_somewhere(call, "firm.answer")
    else:
        access.require_somewhere(call, "case.read")


@contextmanager
def open_for_writing(
    number: int, call: Call, *, receipt: str = "", together: ActsTogether | None = None
) -> Iterator[OpenCase]:
    """A transaction in which something is written into a case. Raises Refused where there is none, and for somebody who
    may act in no case at all.
    """
    require_some(call, receipt)
    with _locked(number, call, together) as opened:
        _require_let_in(opened)
        yield opened


@contextmanager
def case_under_lock(
    number: int, act: str, target: access.ActTarget, *, call: Call, together: ActsTogether | None = None
) -> Iterator[OpenCase]:
    """A transaction in which something is written into a case by who may do ``act`` on a target, whatever their rights
    on cases are. Raises Refused where they may not, and where there is no such case.
    """
    access.require(call, act, **target)
    with _locked(number, call, together) as opened:
        yield opened


@contextmanager
def _locked(number: int, call: Call, together: ActsTogether | None) -> Iterator[OpenCase]:
    with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
        case_log.lock()
        if together is not None and number in together.families:
            family = together.families[number]
            yield OpenCase(family.cases[number], family, together.book, call, together)
            return
        book = case_book(call.book) if together is None else together.book
        family = family_of([number], book)
        case = family.cases.get(number)
        if case is None:
            raise Refused(case_absent(number))
        if together is not None:
            together.keep(family)
        yield OpenCase(case, family, book, call, together)


def name_parties(opened: OpenCase, rows: Sequence[Mapping[str, Any]]) -> None:
    """Take parties into account that the line which is being written names."""
    opened.parties = [CasePartyRow(case=opened.case, **row) for row in rows]


def happening(act: CompiledAct, given: str | dt.date | None, now: dt.datetime, *, for_party: bool) -> dt.date:
    """The day or the moment (by the clock of the place) on which an act happens. Raises Refused where a day is stated
    that can't be.
    """
    now = in_the_place(now)
    if given is None or given == "":
        return now
    label = Label(zh=act.zh, en=act.en)
    if act.body.day != "stated" and not for_party:
        raise Refused(refusals.not_stated(label))
    found = moment_in(given) if isinstance(given, str) else given
    if found is None:
        raise Refused(refusals.moment_unread(str(given)))
    if isinstance(found, dt.datetime):
        found = in_the_place(found)
    if moment_of(found) > now:
        raise Refused(refusals.in_future(found, now.date()))
    return found


def check_place(opened: OpenCase, seen: int | None) -> None:
    """Raise Refused where something was done since the page was opened; comments are no change."""
    if seen is None or seen >= opened.place:
        return
    since = [line for line in opened.lines if line.place > seen and line.act != case_log.COMMENT]
    if since:
        told = [
            (
                "、".join(each["name"] or each["who"] for each in case_log.people_of(line)),
                timezone.localtime(line.entered_at),
                label_of(line, opened.workflow),
            )
            for line in since
        ]
        raise Refused(refusals.changed_since(told))


def check_named(opened: OpenCase, act: CompiledAct, said: Mapping[str, Any], standing: CaseStanding) -> None:
    """Raise Refused where a field that names who acts in the case, or no longer does, names no account; where one names
    no unit; where the case is offered to the unit that holds it.
    """
    page, wrong = opened.workflow.page, []
    fields = set(act.body.assigns.values())
    if act.body.recuses is not None:
        fields.add(act.body.recuses.field)
    for name in sorted(fields):
        for who in listed(said.get(name)):
            kind, _, number = str(who).partition(":")
            known = kind == "account" and number.isdecimal()
            if not known or not Account.objects.filter(pk=int(number), is_active=True).exists():
                wrong.append(refusals.person_unknown(page.fields[name].label, name, str(who)))
    moves = {each.body.moves_to for each in opened.workflow.acts.values() if each.body.moves_to}
    others = {hand.unit for hand in page.hands.values() if hand.unit is not None}
    for name in sorted(each for each in said if each in page.fields and page.fields[each].type in ("unit", "units")):
        for unit in map(str, listed(said[name])):
            if unit not in opened.call.book[DISTRICT].area_of_unit:
                wrong.append(refusals.unit_unknown(page.fields[name].label, name, unit))
            elif (name in others or (name in moves and act.body.moves_to is None)) and unit == opened.holder(standing):
                wrong.append(refusals.unit_holds_it(page.fields[name].label, name))
    if wrong:
        raise Refused(*wrong)


def write_act(
    opened: OpenCase,
    act: CompiledAct,
    said: Mapping[str, Any],
    signers: Sequence[Signer],
    on: dt.date,
    *,
    entered_for: str = "",
    hints: Collection[str] = (),
    answers: Mapping[str, Answer] = MappingProxyType({}),
    facts: Collection[int] = (),
    parties: Sequence[Mapping[str, Any]] = (),
    batch: str = "",
    files: Sequence[KeptFile] = (),
    given: tuple[str, dt.datetime] | None = None,
    more: Mapping[str, Any] | None = None,
    issues: bool = True,
) -> CaseEvent:
    """Write the line of an act whose guards were asked, with everything that comes with it.

    ``given``: who gave the files, and when, where that is not the call. ``more``: what the line holds beside what was
    said. ``answers``: what its look-ups answered, which the line keeps. ``issues``: False for an act of long ago, whose
    documents were made then.
    """
    call, case, workflow = opened.call, opened.case, opened.workflow
    standing = opened.standing(on)
    children, fresh = _open_children(opened, act, said, standing)
    data: dict[str, Any] = {"said": stored(said), **(more or {})}
    if children:
        data["opened"] = [{"id": child.pk, **case_log.identity_of(child)} for child in children]
    if parties:
        data["parties"] = [dict(each) for each in parties]
    if files:
        data["files"] = [asdict(each) for each in files]
    row = _row_of(opened, act, {**said, **values_of(answers)}, standing, on, parties)
    if row is not None:
        data["handed_in"] = {"record": row.record, "digest": row.digest}
    offered = _offered(opened, act)
    facts = {*facts, *(row.fact for row in offered)}
    seen: dict[str, Any] = {}
    if hints:
        seen["hints"] = list(hints)
    if facts:
        seen["facts"] = sorted(facts)
    if answers:
        seen[case_log.ANSWERS] = {name: each.stored() for name, each in answers.items()}
    documents = act.body.issues if issues else ()
    line = _append(
        opened,
        act.name,
        act.key.removeprefix(act.name).removeprefix("."),
        on,
        data,
        seen=seen,
        signers=signers,
        entered_for=entered_for,
        form=opened.book.form_digest(workflow, act, on.date() if isinstance(on, dt.datetime) else on),
        documents=documents,
        batch=batch,
    )
    for fact in offered:
        fact.state, fact.line = CaseFact.State.TAKEN, line.pk
        fact.save(update_fields=["state", "line"])
    for child in children:
        CaseLink.objects.get_or_create(
            parent=case,
            child=child,
            relation=act.body.opens.child if act.body.opens else "",
            defaults={"line": line.pk},
        )
    if parties:
        CasePartyRow.objects.bulk_create([CasePartyRow(case=case, line=line.pk, **each) for each in parties])
    for child in fresh:
        # After the parties of this line: an act that opens its case and others names them for all.
        _inherit(opened, child, act)
    if documents:
        CaseDocument.objects.bulk_create(
            [CaseDocument(case=case, line=line, document=document, at=call.now) for document in documents]
        )
    if row is not None:
        _hand_in(line, row, call)
    _attach(line, files, *(given or (str(call.actor), call.now)))
    finish(opened, line)
    return line


def _offered(opened: OpenCase, act: CompiledAct) -> list[CaseFact]:
    """The facts because of which this act was proposed in the case: the line relies on them, and they wait no more."""
    if act.body.opens_case or opened.workflow.page.acts[act.name].from_record is None:
        return []
    waiting = CaseFact.objects.filter(case=opened.case, opens=False, act=act.name, state=CaseFact.State.WAITING)
    return list(waiting.filter(shows_on__lte=opened.call.today).order_by("id"))


def write_machine_line(
    opened: OpenCase,
    act: str,
    data: Mapping[str, Any],
    signer: Signer,
    *,
    files: Sequence[KeptFile] = (),
    batch: str = "",
) -> CaseEvent:
    """Write a line of one of the machine's own acts."""
    said = dict(data) | ({"files": [asdict(each) for each in files]} if files else {})
    line = _append(opened, act, "", in_the_place(opened.call.now), said, seen={}, signers=(signer,), batch=batch)
    _attach(line, files, str(opened.call.actor), opened.call.now)
    finish(opened, line)
    return line


def _attach(line: CaseEvent, files: Sequence[KeptFile], given_by: str, at: dt.datetime) -> None:
    if not files:
        return
    CaseAttachment.objects.bulk_create(
        CaseAttachment(case_id=line.case_id, line=line, given_by=given_by, at=at, **asdict(each)) for each in files
    )


def finish(opened: OpenCase, line: CaseEvent) -> None:
    """Bring standings and duties of the case and its relatives up to its log, and write the trail."""
    refresh(opened, line)
    verb = "case.act" if not line.act.startswith("@") else f"case.{line.act[1:]}"
    if line.place == 1:
        verb = "case.open"
    detail = {"line": line.pk, "act": case_log.key_of(line), "workflow": opened.case.workflow}
    audit.write(opened.call, verb, f"case:{opened.case.pk}", detail=detail)


def refresh(opened: OpenCase, line: CaseEvent | None = None) -> None:
    """Make the rows for lists anew of the case and its relatives, after a line (written since they were read) or after
    what waits for signatures.
    """
    if opened.together is not None:
        opened.family = opened.together.written(opened.family, line)
        return
    if line is None or line.place == 1 or case_log.opened_by(line):
        family = family_of([opened.case.pk], opened.book)
    else:
        family = case_log.with_line(opened.family, line, opened.book)
    changed = () if line is None else (line.case_id,)
    case_standings.store(family, opened.call.book, opened.call.now, changed=changed)
    opened.family = family


def new_case(workflow: str, unit: str, party: str, on: dt.date, opened_at: dt.datetime, book: CaseBook) -> Case:
    """A case with the next number of its workflow; the caller holds the lock."""
    year = timezone.localtime(opened_at).year
    serial = case_log.next_serial(workflow, year)
    return Case.objects.create(
        workflow=workflow,
        year=year,
        serial=serial,
        number=book.workflows[workflow].page.number.zh.format(year=year, serial=serial),
        party=party,
        opened_on=on.date() if isinstance(on, dt.datetime) else on,
        opened_at=opened_at,
        unit=unit,
    )


def _append(
    opened: OpenCase,
    act: str,
    outcome: str,
    on: dt.date,
    data: Mapping[str, Any],
    *,
    seen: Mapping[str, Any],
    signers: Sequence[Signer],
    entered_for: str = "",
    form: str = "",
    documents: Sequence[str] = (),
    batch: str = "",
) -> CaseEvent:
    moment = on if isinstance(on, dt.datetime) else None
    if not opened.lines:
        # The chain covers what the case is, too.
        data = {**data, "case": case_log.identity_of(opened.case)}
    return case_log.append(
        opened.case,
        {
            "act": act,
            "outcome": outcome,
            "happened_on": moment.date() if moment is not None else on,
            "happened_at": timezone.make_aware(moment) if moment is not None else None,
            "entered_at": opened.call.now,
            "people": canonical([each.told() for each in signers]),
            "entered_for": entered_for,
            "data": canonical(dict(data)),
            "seen": canonical(dict(seen)),
            "form": form or empty_digest(),
            "page": opened.book.pages[opened.case.workflow],
            "law": opened.book.law_digest,
            "documents": canonical(list(documents)),
            "batch": batch,
        },
        opened.lines[-1] if opened.lines else None,
    )


def _open_children(
    opened: OpenCase, act: CompiledAct, said: Mapping[str, Any], standing: CaseStanding
) -> tuple[list[Case], list[Case]]:
    """The cases that an act opens: one, or one for each entry of a field; one that was opened for the same party under
    the same name before is that one. And those among them that are new.
    """
    opens = act.body.opens
    if opens is None:
        return [], []
    workflow = opened.workflow.page.children[opens.child].workflow
    parties = [str(each) for each in listed(said.get(opens.for_each))] if opens.for_each else [opens.child]
    before = {
        link.child.party: link.child
        for link in CaseLink.objects.filter(parent=opened.case, child__workflow=workflow).select_related("child")
        if not link.relation.startswith("@")
    }
    found, fresh = [], []
    of_each = _kind_of_each(opened, act)
    for party in dict.fromkeys(parties):
        child = before.get(party)
        if child is None:
            # A task that is given to a unit is that unit's case.
            unit, call = party if of_each in ("unit", "units") else opened.holder(standing), opened.call
            child = new_case(workflow, unit, party, call.today, call.now, opened.book)
            fresh.append(child)
        found.append(child)
    return found, fresh


def _kind_of_each(opened: OpenCase, act: CompiledAct) -> str:
    """The type of the field for each of whose entries an act opens a case; '' where it opens one."""
    field = act.body.opens.for_each if act.body.opens is not None else None
    return opened.workflow.page.fields[field].type if field is not None else ""


def _inherit(opened: OpenCase, child: Case, act: CompiledAct) -> None:
    """Whom a case is about that an act opens, as the party that its own page knows: the one named for it, with what the
    opening case knows of them; where it is opened for things, or for nothing that was named, whom the opening case is
    about. Sealed parties stay where they are.
    """
    role = opened.book.workflows[child.workflow].page.enterprise_party
    known = [row for row in opened.case.parties.order_by("id") if not row.sealed]
    if not role:
        return
    if _kind_of_each(opened, act) in ("party", "parties"):
        rows = [row for row in known if row.name == child.party]
        line = next((row.line for row in known), opened.lines[-1].pk if opened.lines else 0)
        rows = rows or [CasePartyRow(line=line, name=child.party)]
    else:
        rows = [row for row in known if row.role == opened.workflow.page.enterprise_party]
    for row in rows:
        CasePartyRow.objects.create(
            case=child,
            line=row.line,
            role=role,
            name=row.name,
            code=row.code,
            alias=row.alias,
            subject=row.subject,
            unit=row.unit,
        )


@dataclass(frozen=True)
class RowToHandIn:
    """A row of a record as a file of one line."""

    record: str
    unit: str
    name: str
    text: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the file: the same line always gives the same file."""
        return sha256(self.text).hexdigest()


def _row_of(
    opened: OpenCase,
    act: CompiledAct,
    said: Mapping[str, Any],
    standing: CaseStanding,
    on: dt.date,
    parties: Sequence[Mapping[str, Any]],
) -> RowToHandIn | None:
    """The row that an act hands in, with what was said so far in the case filled in."""
    handed = act.body.records
    if handed is None:
        return None
    page, case = opened.workflow.page, opened.case
    blanks = dict.fromkeys((*page.fields, *page.look_ups, *page.parties), "")
    values = {**standing.values, **said}
    blanks |= {name: shown(opened.workflow, name, value) for name, value in values.items()}
    for role, name in [
        *case.parties.values_list("role", "name"),
        *((each["role"], each.get("name", "")) for each in parties),
    ]:
        blanks[role] = "、".join(filter(None, (blanks.get(role, ""), name)))
    blanks |= {"number": case.number, "day": (on.date() if isinstance(on, dt.datetime) else on).isoformat()}
    out = io.StringIO()
    csv.writer(out).writerows([list(handed.row), [text.format(**blanks) for text in handed.row.values()]])
    name = f"{case.number} {act.zh}.csv"
    return RowToHandIn(handed.record, opened.holder(standing), name, out.getvalue().encode())


def _hand_in(line: CaseEvent, row: RowToHandIn, call: Call) -> None:
    """Hand the row in by the receiving action: the task stands in the same transaction as the line. The case speaks for
    the unit, so it is not asked whether who acts may hand in files.
    """
    taken = upload_delivery(
        [row.text], name=row.name, unit=row.unit, call=call.by(SYSTEM), door="desk", record=row.record
    )
    CaseHandIn.objects.create(line=line, record=row.record, unit=row.unit, upload=taken.upload.pk, digest=row.digest)


def target(opened: OpenCase, standing: CaseStanding) -> access.ActTarget:
    """The case as ``people/access`` is asked about it."""
    return {
        "unit": opened.holder(standing),
        "quality": opened.workflow.page.quality,
        "workflow": opened.case.workflow,
    }


def require_read(opened: OpenCase, standing: CaseStanding) -> None:
    """Raise Refused where the actor may not read the case; a restricted one is answered like none."""
    where = target(opened, standing)
    if access.may(opened.call, "case.read", **where) is not None:
        raise Refused(case_absent(opened.case.number))
    _require_let_in(opened)


def _require_let_in(opened: OpenCase) -> None:
    """Raise Refused for an officer to whom a restricted case is closed: not involved in it, and without the right to
    restrict. What can't be read can't be acted in either, and is answered alike; parties speak for themselves.
    """
    last = {line.act: case_log.data_of(line) for line in opened.family.machine.get(opened.case.pk, ())}
    actor = opened.call.actor
    if not last.get(case_log.RESTRICT, {}).get("on", False) or actor.kind not in ("officer", "program"):
        return
    handler = str(last.get(case_log.ASSIGN, {}).get("to", ""))
    if is_involved(actor, handler, opened.lines, opened.workflow):
        return
    if access.may(opened.call, "case.restrict", **target(opened, opened.standing())) is not None:
        raise Refused(case_absent(opened.case.number))


def standing_row(case: Case) -> CaseStandingRow | None:
    """The stored standing of a case."""
    return CaseStandingRow.objects.filter(case=case).first()


def has_ended(case: int) -> bool:
    """Whether a case has ended, as its stored standing says."""
    return CaseStandingRow.objects.filter(case=case, final=True).exists()


def holder_of(case: int) -> str:
    """The unit that holds a case, as its stored standing says; '' where it has none."""
    return CaseStandingRow.objects.filter(case=case).values_list("unit", flat=True).first() or ""
