"""Attachments of cases: kept by their content, named by their line, taken only by who may see the case, and noted."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connections, transaction

from tests.cases.officers import MARKET, call, officer
from tests.reading.test_attachments import PDF, WORD
from tests.reading.test_pictures import MARK, telephone
from zhiheng.actions.cases.act_in_case import act_in_case, sign_proposal
from zhiheng.actions.cases.attach_file import FILES, SentFile, keep_files, named_as
from zhiheng.actions.cases.comment_on_case import comment_on_case
from zhiheng.actions.cases.line_writer import KeptFile
from zhiheng.actions.cases.open_case import PartyGiven, open_case
from zhiheng.actions.cases.restrict_case import restrict_case
from zhiheng.actions.cases.strike_line import strike_line
from zhiheng.actions.cases.verify_cases import verify_cases
from zhiheng.database.content_store import ATTACHMENTS
from zhiheng.kernel.actor import PUBLIC, SYSTEM, Actor
from zhiheng.kernel.reasons import Refused
from zhiheng.office.cases import Case, CaseAttachment
from zhiheng.people.models import Account, TrailLine
from zhiheng.queries.case_attachments import attachment_custody, case_attachment
from zhiheng.queries.cases import case_sheet

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LI, ZHANG = officer(1, "department_officer", name="李敏"), officer(2, "department_officer", name="张强")
HEAD = officer(3, "department_head", name="王局")
FAR = officer(4, "department_officer", "cangji_market", "远方")
COMPLAINT = {"claim": "退货退款", "dispute": "电热水壶漏电"}


def kept(*files: tuple[str, bytes], who: Actor = LI, field: str = "") -> tuple[KeptFile, ...]:
    """Files that were sent."""
    sent = [SentFile(name, [content], field) for name, content in files]
    return keep_files(sent, call=call(who, "2026-04-20 09:00"))


def complaint(files: tuple[KeptFile, ...] = ()) -> Case:
    """A complaint that an officer enters, with files."""
    return open_case(
        "complaint", "receive", COMPLAINT, unit=MARKET, call=call(LI, "2026-04-20 09:00"), files=files
    ).case


def one() -> CaseAttachment:
    """The only attachment."""
    return CaseAttachment.objects.get()


def take(who: Any, number: int) -> bytes:
    """The bytes that somebody takes."""
    return case_attachment(number, call=call(who, "2026-04-22 10:00")).content


def test_随立案交来的附件在记录旁_摘要进链_谁下载都留痕() -> None:
    case = complaint(kept(("小票.pdf", PDF), ("照片.jpg", telephone())))
    paper, photo = CaseAttachment.objects.order_by("id")
    assert (paper.name, paper.kind, paper.size, paper.given_by) == ("小票.pdf", "pdf", len(PDF), "account:1")
    assert MARK.encode() not in ATTACHMENTS.path_of(photo.digest).read_bytes()
    (line,) = case_sheet(case.pk, call=call(ZHANG, "2026-04-21 09:00")).lines
    assert [each.name for each in line.files] == ["小票.pdf", "照片.jpg"]
    assert line.event is not None
    assert paper.digest in line.event.data
    assert take(ZHANG, paper.pk) == PDF
    assert take(ZHANG, paper.pk) == PDF
    custody = attachment_custody(paper.pk, call=call(HEAD, "2026-04-22 11:00"))
    assert [each.who for each in custody.taken.rows] == ["account:2", "account:2"]
    assert custody.whole
    assert not custody.struck
    assert verify_cases(call=call(SYSTEM, "2026-04-22 12:00")).whole


def test_看不到案件的人看不到附件_与没有一样() -> None:
    case = complaint(kept(("小票.pdf", PDF)))
    for reader, number in ((FAR, one().pk), (ZHANG, 999)):
        with pytest.raises(Refused) as refused:
            take(reader, number)
        assert refused.value.refusals[0].code == "case.attachment.absent"
    restrict_case(case.pk, restricted=True, reason="涉密", call=call(HEAD, "2026-04-21 10:00"))
    with pytest.raises(Refused):
        take(ZHANG, one().pk)
    assert take(LI, one().pk) == PDF
    assert TrailLine.objects.filter(verb="case.attachment").count() == 1


def test_凭回执只能取自己交来的() -> None:
    own = keep_files([SentFile("照片.jpg", [telephone()])], call=call(PUBLIC, "2026-04-20 09:00"))
    case = open_case(
        "complaint", "receive", COMPLAINT, unit=MARKET, call=call(PUBLIC, "2026-04-20 09:00"), files=own
    ).case
    given = one()
    comment_on_case(case.pk, "检验报告", call=call(LI, "2026-04-21 09:00"), files=kept(("报告.pdf", PDF)))
    official = CaseAttachment.objects.exclude(pk=given.pk).get()
    assert case_attachment(given.pk, call=call(PUBLIC, "2026-04-22 09:00"), receipt_shown=True).kind == "jpg"
    with pytest.raises(Refused):
        case_attachment(official.pk, call=call(PUBLIC, "2026-04-22 09:00"), receipt_shown=True)
    with pytest.raises(Refused):
        case_attachment(given.pk, call=call(PUBLIC, "2026-04-22 09:00"))


def test_记录撤销以后_附件还在_标明已撤销() -> None:
    case = complaint()
    comment_on_case(case.pk, "", call=call(LI, "2026-04-21 09:00"), files=kept(("补交.docx", WORD)))
    strike_line(case.lines.get(place=2).pk, reason="交错了案件", call=call(HEAD, "2026-04-21 10:00"))
    line = case_sheet(case.pk, call=call(HEAD, "2026-04-21 11:00")).lines[1]
    assert (line.struck_by is not None, [each.name for each in line.files]) == (True, ["补交.docx"])
    assert take(HEAD, one().pk) == WORD
    assert attachment_custody(one().pk, call=call(HEAD, "2026-04-22 11:00")).struck
    assert verify_cases(call=call(SYSTEM, "2026-04-22 12:00")).whole


def test_一个不合格_一个也不留() -> None:
    with pytest.raises(Refused) as refused:
        kept(("好.pdf", PDF), ("坏.pdf", b"MZ"), ("空.pdf", b""))
    assert [each.code for each in refused.value.refusals] == ["attachment.kind", "attachment.empty"]
    assert not ATTACHMENTS.folder().exists() or not any(ATTACHMENTS.folder().rglob("*"))
    with pytest.raises(Refused) as refused:
        kept(*[("好.pdf", PDF)] * (FILES + 1))
    assert refused.value.refusals[0].code == "case.files"


def test_附件不能改也不能删() -> None:
    complaint(kept(("小票.pdf", PDF)))
    for change in ("UPDATE office_caseattachment SET name = 'x'", "DELETE FROM office_caseattachment"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(using=settings.PEOPLE_DATABASE):
            connections[settings.PEOPLE_DATABASE].cursor().execute(change)


def test_核验发现文件丢失或被换() -> None:
    complaint(kept(("小票.pdf", PDF)))
    path = ATTACHMENTS.path_of(one().digest)
    path.write_bytes(b"%PDF-1.7 other")
    assert {each.kind for each in verify_cases(call=call(SYSTEM, "2026-04-22 12:00")).findings} == {"case.file"}
    path.unlink()
    assert {each.kind for each in verify_cases(call=call(SYSTEM, "2026-04-22 12:00")).findings} == {"case.file"}
    with pytest.raises(Refused, match="备份"):
        take(LI, one().pk)


def test_共同签署的_附件随提议一起签() -> None:
    named = [Account.objects.create(login=f"z{n}", name=n, kind="officer", unit=MARKET) for n in ("甲", "乙")]
    first, second = (officer(each.pk, "department_officer", name=each.name) for each in named)
    case = open_case(
        "penalty_case",
        "open_verified",
        {"lead": "无证生产", "officers": [first.id, second.id]},
        unit=MARKET,
        call=call(HEAD, "2026-04-20 09:00"),
        parties=[PartyGiven("party", name="试验食品厂")],
    ).case
    files = kept(("笔录.pdf", PDF), field="evidence")
    said = {"evidence": ["笔录.pdf"]}
    waits = act_in_case(case.pk, "investigate.other", said, call=call(first, "2026-04-22 09:00"), files=files).proposal
    assert waits is not None
    assert not CaseAttachment.objects.exists()
    with pytest.raises(Refused) as refused:
        act_in_case(case.pk, "investigate.other", said, call=call(second, "2026-04-22 09:05"))
    assert refused.value.refusals[0].code == "case.waits_already"
    sign_proposal(waits.pk, digest=waits.digest, call=call(second, "2026-04-22 09:20"))
    assert (one().line.act, one().field, one().name) == ("investigate", "evidence", "笔录.pdf")


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [
        ("现场.JPG", "jpg", "现场.JPG"),
        ("现场.jpeg", "jpg", "现场.jpeg"),
        ("现场.png", "jpg", "现场.png.jpg"),
        ("发票.hta", "pdf", "发票.hta.pdf"),
        ("未命名 unnamed", "pdf", "未命名 unnamed.pdf"),
        ("长" * 120, "docx", "长" * 115 + ".docx"),
    ],
)
def test_附件的扩展名与内容相符_换了扩展名的程序打不开(name: str, kind: str, kept: str) -> None:
    assert named_as(name, kind) == kept
