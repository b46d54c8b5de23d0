"""A sample of every address of the house, so that a test can walk them all. An address without a sample fails that
test.

Arguments are found by their name (``ARGUMENTS``), or for one address alone (``OF_ADDRESS``) where the name means
another thing there. Add yours here when you add an address.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.factories import GrantFactory, LikelyMatchFactory, ObjectionFactory, WarningSignalFactory
from zhiheng.actions.accounts.issue_code import issue_code
from zhiheng.actions.accounts.issue_token import issue_token
from zhiheng.actions.cases.open_case import PartyGiven, open_case
from zhiheng.actions.enterprises.give_consent import give
from zhiheng.actions.enterprises.invite_enterprise import invite_enterprise
from zhiheng.actions.intake.receive_delivery import receive
from zhiheng.actions.intake.upload_delivery import upload_delivery
from zhiheng.actions.measurements.add_lot import add_lot
from zhiheng.actions.measurements.add_measurements import add_measurements
from zhiheng.actions.measurements.begin_series import begin_series
from zhiheng.actions.projections.refresh_projections import refresh
from zhiheng.actions.publication.approve import approve
from zhiheng.actions.publication.propose_publication import propose
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.acceptance import SampleKind
from zhiheng.grammar.chapters.corner import CORNER
from zhiheng.grammar.chapters.credit import CREDIT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.models import Alias, Delivery, Fact
from zhiheng.office.case_facts import CaseFact
from zhiheng.office.models import (
    Case,
    CaseBatch,
    CaseOfBatch,
    HeadingProposal,
    Message,
    MessageRecipient,
    PublicationRequest,
    Signature,
)
from zhiheng.people.models import Account, Grant, SavedSearch
from zhiheng.people.second_factor import PROVED
from zhiheng.published.models import PublishedEntry
from zhiheng.quality_file.scope_filters import facts_of

# The enterprise of the samples; nobody who may not see its file may find this word on any page.
MARKER = "磐钻石油机械"
FIRM, OTHER_FIRM = "云澜市砺原区磐钻石油机械有限公司", "云澜市麦垄禾香食品有限公司"


@dataclass
class World:
    """One thing of every kind that an address can be about, all of the first district and its market bureau."""

    book: Book
    now: dt.datetime
    subject: int
    other_subject: int
    fact: int
    delivery: int
    heading: int
    upload: int
    match: int
    account: int
    grant: int
    invitation: int
    token: int
    search: int
    own_upload: int
    request: int
    entry: str
    objection: int
    signal: int
    receipt: str
    consent: int
    signature: int
    message: int
    recipient: int
    case: int
    case_line: int
    case_batch: int
    case_fact: int
    series: int
    lot: int
    measurements: int


@dataclass(frozen=True)
class Address:
    """An address of the URLconf."""

    name: str
    route: str
    arguments: tuple[str, ...]
    view: Callable[..., Any]

    @property
    def act(self) -> str:
        """The act of its door; '' where it has none."""
        return str(getattr(self.view, "act", ""))

    @property
    def room(self) -> str:
        """The module of the view."""
        return str(self.view.__module__)

    def url(self, world: World) -> str:
        """The address with its samples; raises LookupError where an argument has none."""
        path = "/" + self.route
        for argument in self.arguments:
            value = OF_ADDRESS.get(self.name, {}).get(argument) or ARGUMENTS[argument]
            path = _replaced(path, argument, str(value(world)))
        return path + QUERY.get(self.name, "")


def _replaced(path: str, argument: str, value: str) -> str:
    before, _, rest = path.partition(f":{argument}>") if f":{argument}>" in path else path.partition(f"<{argument}>")
    return before.rpartition("<")[0] + value + rest if f":{argument}>" in path else before + value + rest


ARGUMENTS: Mapping[str, Callable[[World], Any]] = {
    "subject": lambda world: world.subject,
    "fact": lambda world: world.fact,
    "grant": lambda world: world.grant,
    "year": lambda world: 2025,
    "kind": lambda world: "bar",
    "name": lambda world: "food_pass_rate",
    "provider_id": lambda world: "sso",
    "rating": lambda world: "credit_supervision",
    "upload": lambda world: world.upload,
    "delivery": lambda world: world.delivery,
    "hook": lambda world: 1,
    "code": lambda world: "91990101DM93J4CY3U",
    "public_id": lambda world: world.entry,
    "receipt": lambda world: world.receipt,
    "check": lambda world: "fact_without_key",
    "digest": lambda world: "0" * 64,
    "channel": lambda world: "email",
    "workflow": lambda world: "complaint",
    "act": lambda world: "decide.accept",
    "line": lambda world: world.case_line,
    "proposal": lambda world: 1,
}
OF_ADDRESS: Mapping[str, Mapping[str, Callable[[World], Any]]] = {
    "desk:book_record": {"name": lambda world: "food_sampling"},
    "desk:rating": {"name": lambda world: "credit_supervision"},
    "desk:book_topic": {"name": lambda world: "complaints"},
    "desk:book_workflow": {"name": lambda world: "complaint"},
    "api:blank_form": {"record": lambda world: "food_sampling"},
    "desk:book_blank_form": {"name": lambda world: "food_sampling"},
    "firm:blank_form": {"name": lambda world: next(iter(world.book[CORNER].hands_in)) if world.book[CORNER] else ""},
    "desk:search_forget": {"number": lambda world: world.search},
    "desk:upload_result": {"number": lambda world: world.upload},
    "desk:upload_again": {"number": lambda world: world.upload},
    "desk:upload_answer": {"number": lambda world: world.upload},
    "desk:delivery": {"number": lambda world: world.delivery},
    "desk:delivery_withdraw": {"number": lambda world: world.delivery},
    "desk:delivery_facts": {"number": lambda world: world.delivery},
    "desk:delivery_confirm": {"number": lambda world: world.delivery},
    "desk:delivery_refusals": {"number": lambda world: world.delivery},
    "desk:delivery_heading": {"number": lambda world: world.delivery},
    "desk:heading_decide": {"number": lambda world: world.heading},
    "desk:identity_pair": {"number": lambda world: world.match},
    "desk:identity_decide": {"number": lambda world: world.match},
    "desk:identity_split_facts": {
        "alias": lambda world: Alias.objects.filter(subject_id=world.subject).order_by("id")[0].id
    },
    "desk:identity_undo": {"number": lambda world: 1},
    "desk:sending_retry": {"number": lambda world: world.recipient},
    "desk:sending_give_up": {"number": lambda world: world.recipient},
    "pages:message_read": {"number": lambda world: world.message},
    "desk:withdraw_invitation": {"number": lambda world: world.invitation},
    "desk:custody_admit": {"number": lambda world: 1},
    "desk:custody_end": {"number": lambda world: 1},
    "desk:custody_open": {"number": lambda world: 1},
    "desk:custody_decline": {"number": lambda world: 1},
    "desk:revoke_token": {"number": lambda world: world.token},
    "desk:end_hook": {"number": lambda world: 1},
    "desk:confirm_key": {"number": lambda world: 1},
    "desk:decline_key": {"number": lambda world: 1},
    "desk:take_key": {"number": lambda world: 1},
    "desk:person": {"number": lambda world: world.account},
    "desk:give_role": {"number": lambda world: world.account},
    "desk:close_account": {"number": lambda world: world.account},
    "desk:reset_factor": {"number": lambda world: world.account},
    "desk:issue_code": {"number": lambda world: world.account},
    "desk:publication_request": {"number": lambda world: world.request},
    "desk:publication_decide": {"number": lambda world: world.request},
    "desk:warning_signal": {"number": lambda world: world.signal},
    "desk:warning_signal_data": {"number": lambda world: world.signal},
    "desk:warning_take_up": {"number": lambda world: world.signal},
    "desk:warning_set_aside": {"number": lambda world: world.signal},
    "desk:objection": {"number": lambda world: world.objection},
    "desk:answer_objection": {"number": lambda world: world.objection},
    "desk:objection_file": {"number": lambda world: world.objection},
    "desk:objection_take_down": {"number": lambda world: world.objection},
    "desk:case_paper": {"number": lambda world: 1, "kind": lambda world: "pdf"},
    "desk:case_proof": {"number": lambda world: 1},
    "desk:case_attachment": {"number": lambda world: 1},
    "desk:case_custody": {"number": lambda world: 1},
    **{
        f"desk:case{name}": {"number": lambda world: world.case}
        for name in ("", "_act", "_assign", "_comment", "_link", "_restrict", "_strike", "_sign", "_decline")
    },
    **{
        f"desk:case_batch{name}": {"number": lambda world: world.case_batch}
        for name in ("", "_act", "_assign", "_again")
    },
    "firm:case": {"number": lambda world: world.case},
    "firm:case_act": {"number": lambda world: world.case},
    "firm:case_paper": {"number": lambda world: 1, "kind": lambda world: "pdf"},
    "desk:case_draft_drop": {"number": lambda world: 1},
    **{f"desk:case_fact{name}": {"number": lambda world: world.case_fact} for name in ("", "_decline", "_join")},
    "firm:fact": {"number": lambda world: world.fact},
    "firm:object": {"number": lambda world: world.fact},
    "firm:delivery": {"number": lambda world: world.own_upload},
    "firm:refused_rows": {"number": lambda world: world.own_upload},
    "firm:sign": {"name": lambda world: next(iter(world.book[CORNER].undertakings)) if world.book[CORNER] else ""},
    "firm:end_signature": {"number": lambda world: world.signature},
    "firm:withdraw_consent": {"number": lambda world: world.consent},
    "firm:series": {"number": lambda world: world.series},
    "firm:delete_series": {"number": lambda world: world.series},
    "firm:drop_lot": {"number": lambda world: world.series, "lot": lambda world: world.lot},
    "firm:measured_chart": {"number": lambda world: world.measurements},
    "firm:track_data": {"number": lambda world: world.measurements, "track": lambda world: 0},
    "firm:delete_measurements": {"number": lambda world: world.measurements},
    "firm:blank_measurements": {"shape": lambda world: "values"},
    "bank:file": {"number": lambda world: world.consent},
    "bank:report": {"number": lambda world: world.consent},
    "api:fact": {"number": lambda world: world.fact},
}
# Addresses with an argument that is about nobody in particular: the book, the design, an indicator of one's own area,
# where oneself wants to be told.
ABOUT_NOBODY = frozenset(
    {
        "pages:design_chart",
        "pages:contact_give",
        "pages:contact_confirm",
        "pages:contact_choose",
        "pages:contact_remove",
        "desk:figure",
        "desk:data_check",
        "desk:figure_export",
        "desk:book_record",
        "desk:book_topic",
        "desk:book_workflow",
        "desk:book_blank_form",
        "firm:blank_form",
        "desk:book_indicator",
        "desk:book_calendar_year",
        "desk:case_open",
        "firm:sign",
        "firm:blank_measurements",
    }
)
# Addresses that give no page to the insider of the samples, and why.
NO_PAGE: Mapping[str, str] = {
    "desk:home": "it leads to where whoever opens it begins",
    "pages:begin": "it leads to where whoever opens it begins",
    "desk:delivery_refusals": "the delivery of the samples has no refused row",
    "desk:fact_bundle": "a form is sent there; asked for, it leads back to the fact",
    "desk:search_save": "a form is sent there; asked for, it leads back to the list",
    "desk:search_forget": "a form is sent there; asked for, it leads back to the list",
    "desk:answer_objection": "a form is sent there; asked for, it leads back to the objection",
    "desk:warning_take_up": "a form is sent there; asked for, it leads back to the signal",
    "desk:warning_set_aside": "a form is sent there; asked for, it leads back to the signal",
    "desk:objection_file": "the objection of the samples has no attachment",
    "desk:case_paper": "no document of the case of the samples is made yet",
    "desk:case_proof": "no document of the case of the samples is made yet",
    "desk:case_attachment": "the case of the samples has no attachment",
    "desk:case_custody": "the case of the samples has no attachment",
    "desk:case_batch": "cases that a colleague chose, who alone sees them",
    "desk:case_batch_act": "cases that a colleague chose, who alone sees them",
    "desk:objection_take_down": "a form is sent there; asked for, it leads back to the objection",
    "firm:case": "nobody has told the enterprise of the case of the samples",
    "firm:case_act": "nobody has told the enterprise of the case of the samples",
    "firm:case_paper": "no document of the case of the samples is made yet",
    "firm:refused_rows": "the file of the samples was not received yet",
}
# Forms that open for whoever may send one somewhere, and show nothing of what they are about; sent, they are refused.
EMPTY_FORMS = frozenset({"desk:publication_propose"})
# What an address asks for beside its path.
QUERY: Mapping[str, str] = {
    "desk:indicator_data": "?indicator=food_pass_rate",
    "desk:indicator_export": "?indicator=food_pass_rate",
    "firm:plan_curve": "?lot=1000&level=II&aql=1.0&kind=single&severity=normal",
}


def addresses() -> list[Address]:
    """Every address of the URLconf."""
    return list(_walk(get_resolver().url_patterns, "", ()))


def _walk(patterns: list[Any], prefix: str, spaces: tuple[str, ...]) -> Iterator[Address]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _walk(pattern.url_patterns, prefix + str(pattern.pattern), inner)
        else:
            assert isinstance(pattern, URLPattern)
            arguments = tuple(pattern.pattern.converters) if hasattr(pattern.pattern, "converters") else ()
            yield Address(
                ":".join([*spaces, pattern.name or "?"]), prefix + str(pattern.pattern), arguments, pattern.callback
            )


def officer(
    login: str, *roles: tuple[str, str, str], unit: str = "liyuan_market", kind: str = "officer", **more: Any
) -> Account:
    """An account with roles: (role, unit, area)."""
    account: Account = Account.objects.create_user(login, None, name=login, kind=kind, unit=unit, **more)
    for role, role_unit, area in roles:
        GrantFactory(account=account, role=role, unit=role_unit, area=area, subject=more.get("subject"))
    return account


def browser_of(account: Account | None) -> Client:
    """A browser in which the account is signed in, with its second factor; None: a stranger's."""
    browser = Client(raise_request_exception=False)
    if account is not None:
        browser.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
        session = browser.session
        session[PROVED] = True
        session.save()
    return browser


def _case_fact(now: dt.datetime) -> int:
    """A fact because of which a case is to be opened."""
    fact = Fact.objects.order_by("id")[0]
    row = CaseFact.objects.create(
        workflow="complaint",
        act="receive",
        fact=fact.id,
        now=fact.id,
        record=fact.record,
        unit="liyuan_market",
        area=fact.area,
        quality="product",
        key=1,
        day=now.date(),
        shows_on=now.date(),
        seen_at=now,
    )
    return int(row.pk)


def _batch(colleague: Account, case: Case, now: dt.datetime) -> int:
    """A case that a colleague has chosen for an act in many."""
    batch = CaseBatch.objects.create(account=colleague.pk, actor=f"account:{colleague.pk}", at=now)
    CaseOfBatch.objects.create(batch=batch, case=case, place=1)
    return int(batch.pk)


def made(book: Book, folder: Path, now: dt.datetime) -> World:
    """The samples: two enterprises of the register, by the market bureau of the first district, and what belongs to
    them.
    """
    folder.mkdir(parents=True)
    examples = book[RECORDS]["enterprise_register"].examples
    assert examples is not None
    path = folder / "登记.csv"
    base = examples.accepted[0].row
    other = {
        **base,
        "企业名称": OTHER_FIRM,
        "统一社会信用代码": "91990101QF8NMTAQ52",
        "所属街道": "麦垄镇",
        "住所": "麦垄镇麦香路3号",
        "法定代表人": "麦穗青",
    }
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([list(base), list(base.values()), list(other.values())])
    words: dict[str, Any] = {"call": Call(SYSTEM, book, now)}
    (result,) = receive(path, unit="liyuan_market", confirmed=True, **words)
    assert result.facts == 2, result
    refresh(Call(SYSTEM, book, now))
    one, two = (Alias.objects.get(name=name, kind="enterprise") for name in (FIRM, OTHER_FIRM))
    match = LikelyMatchFactory(alias=one, other=two)
    fact = Fact.objects.filter(id__in=facts_of([one.subject_id])).order_by("id").values_list("id", flat=True)[0]
    colleague = officer("colleague", ("department_officer", "liyuan_market", "990101"))
    data = path.read_bytes()
    handed = upload_delivery([data], name="登记.csv", unit="liyuan_market", door="desk", **words)
    own = upload_delivery([data], name="自报.csv", unit="liyuan_mailong", door="firm", subject=one.subject_id, **words)
    in_a_month = now.date() + dt.timedelta(days=30)
    token = issue_token("抽检系统", unit="liyuan_market", scopes=["api.read"], last_day=in_a_month, **words).token
    issue_code(colleague.pk, **words)
    propose(**words)
    request = PublicationRequest.objects.get(fact=fact)
    approve([request.pk], call=Call(replace(SYSTEM, id="somebody else"), book, now))
    heading = HeadingProposal.objects.create(
        delivery=1,
        unit="liyuan_market",
        record="food_sampling",
        source="standard",
        heading="抽样的编号",
        target="sample_number",
        proposed_by="account:0",
        at=now,
    )
    objection = ObjectionFactory(
        receipt="YY20260001",
        subject=one.subject_id,
        fact=fact,
        record="enterprise_register",
        unit="liyuan_market",
        area="990101001",
        ground="wrong",
        reason="住所写错了",
        at=now,
        by="account:0",
        due_on=in_a_month,
    )
    signed = Signature.objects.create(
        number="CN20260001",
        subject=one.subject_id,
        undertaking="quality_commitment",
        text="…",
        digest="0" * 64,
        signer="季望舒",
        by="account:0",
        at=now,
        first_day=now.date(),
        last_day=in_a_month,
    )
    case = open_case(
        "complaint",
        "receive",
        {"claim": "退还货款二百元", "dispute": "标签没有生产日期"},
        unit="liyuan_market",
        parties=[PartyGiven("respondent", subject=one.subject_id, name=FIRM)],
        happened=now.date(),
        **words,
    )
    (extract,) = book[CREDIT]
    purpose = next(iter(book[CREDIT][extract].purposes))
    reader = book[CREDIT][extract].readers[0].id
    consent = give(one.subject_id, extract=extract, reader=reader, purpose=purpose, last=in_a_month, **words)
    message = Message.objects.create(
        kind="delivery_due",
        key="owed:liyuan_market:2026-06-24",
        due_on="2026-06-24",
        rung="late",
        unit="liyuan_market",
        title_zh=f"{MARKER}逾期",
        title_en="late",
        text_zh=f"{MARKER}逾期",
        text_en="late",
        at=now,
    )
    told = {"message": message, "account": colleague.pk, "unit": "liyuan_market", "at": now}
    MessageRecipient.objects.create(channel="in_app", state="sent", **told)
    recipient = MessageRecipient.objects.create(channel="email", state="failed", attempts=1, next_at=now, **told)
    series = begin_series(
        one.subject_id,
        name=f"{MARKER}钻头",
        standard="gbt2828_1-2012",
        level="II",
        aql="1.0",
        kind=SampleKind.SINGLE,
        may_reduce=False,
        **words,
    )
    noted = {"name": f"{MARKER}甲", "day": now.date(), "size": 1000, "found": 0, "found_second": None, "resumed": False}
    add_lot(series.pk, **noted, **words)
    measurements = add_measurements(
        one.subject_id,
        name=f"{MARKER}外径",
        unit="mm",
        file_name="外径.csv",
        pieces=["组号,x1,x2\n1,10.1,10.2\n2,10.3,10.0\n3,10.2,10.2\n".encode()],
        **words,
    )
    return World(
        book=book,
        series=series.pk,
        lot=series.lots.get().pk,
        measurements=measurements.pk,
        now=now,
        subject=one.subject_id,
        other_subject=two.subject_id,
        fact=fact,
        delivery=Delivery.objects.order_by("id").values_list("id", flat=True)[0],
        heading=heading.pk,
        upload=handed.upload.id,
        match=match.id,
        account=colleague.pk,
        grant=Grant.objects.get(account=colleague).pk,
        invitation=invite_enterprise(one.subject_id, role="enterprise_owner", **words).invitation.pk,
        token=token.pk,
        search=SavedSearch.objects.create(owner=colleague, name="磨石的企业", query="area=990101004").pk,
        own_upload=own.upload.id,
        request=request.pk,
        entry=PublishedEntry.objects.get(fact=fact).public_id,
        objection=objection.pk,
        signal=WarningSignalFactory(area="990101001").pk,
        receipt=objection.receipt,
        consent=consent.pk,
        signature=signed.pk,
        message=message.pk,
        recipient=recipient.pk,
        case=case.case.pk,
        case_line=case.line.pk,
        case_batch=_batch(colleague, case.case, now),
        case_fact=_case_fact(now),
    )
