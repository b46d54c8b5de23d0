"""Documents that acts issue are made once, numbered without a gap, frozen, and can be verified by anybody."""

from __future__ import annotations

import datetime as dt
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.test import Client
from pypdf import PdfReader

import zhiheng.ledger
from tests.cases.officers import MARKET, NEIGHBOUR, at, book_with_rights, only
from tests.cases.tampering import without_triggers
from zhiheng.actions.cases.act_in_case import act_in_case
from zhiheng.actions.cases.export_decision import export_decision
from zhiheng.actions.cases.make_documents import documents_wait, make_documents
from zhiheng.actions.cases.open_case import open_case
from zhiheng.actions.cases.strike_line import strike_line
from zhiheng.actions.cases.verify_document import verify_document
from zhiheng.actions.log.append_leaves import append_leaves
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM, Actor, Holding
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger import log_key
from zhiheng.office.cases import Case, CaseDocument
from zhiheng.queries.case_papers import case_paper

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
RIGHTS = ("case.open", "case.handle", "case.read", "case.strike", "case.approve")
WHEN = "2026-12-01 09:30"


def officer(number: int, unit: str = MARKET) -> Actor:
    """Somebody who may open, handle, read and strike."""
    return Actor(
        f"account:{number}", "officer", f"某{number}", tuple(Holding(only(right), unit) for right in RIGHTS[:4])
    )


def by(actor: Actor, moment: str = WHEN) -> Call:
    """A call of somebody."""
    return Call(actor, book_with_rights(RIGHTS), at(moment))


def ordered(problem: str = "灭火器过期") -> Case:
    """A case in which an order was given: it issues a document."""
    opened = open_case(
        "rectification",
        "find",
        {"basis": "inspection", "problem": problem},
        unit=MARKET,
        call=by(officer(1)),
        happened=dt.date(2026, 12, 1),
    )
    case = opened.case
    said = {"requirement": "更换灭火器", "rectify_by": dt.date(2026, 12, 20)}
    act_in_case(case.pk, "order.in_time", said, call=by(officer(1)), place=1)
    return case


def made() -> list[CaseDocument]:
    """Make what waits; all documents."""
    make_documents(call=by(SYSTEM, "2026-12-01 09:31"))
    return list(CaseDocument.objects.order_by("id"))


def test_出具的文书只做一次_文号不缺号不重号() -> None:
    cases = [ordered("一"), ordered("二"), ordered("三")]
    assert documents_wait()
    rows = made()
    assert [row.number for row in rows] == [f"砺原市监责改〔2026〕{serial}号" for serial in (1, 2, 3)]
    assert [row.case_id for row in rows] == [case.pk for case in cases]
    assert not documents_wait()
    frozen = [(row.code, row.content_digest) for row in rows]
    assert make_documents(call=by(SYSTEM)).made == 0
    assert [(row.code, row.content_digest) for row in CaseDocument.objects.order_by("id")] == frozen


def test_制作之前后来又办了别的_文书仍按当时的记录() -> None:
    case = ordered()
    head = Actor("account:9", "officer", "某9", (Holding(only("case.approve"), MARKET),))
    said = {"rectify_by": dt.date(2026, 12, 30), "reason": "配件未到"}
    act_in_case(case.pk, "extend", said, call=by(head, "2026-12-02 10:00"), place=2)
    row = made()[0]
    assert "2026年12月20日" in row.content
    assert "2026年12月30日" not in row.content


def test_制作之前已经撤销的_不给文号也没有内容() -> None:
    case = ordered()
    line = case.lines.get(place=2)
    strike_line(line.pk, reason="办错了案件", call=by(officer(2)))
    row = made()[0]
    assert (row.number, row.content, row.code) == ("", "", None)
    assert row.made_at is not None
    assert ordered("再办") is not None
    assert made()[1].number == "砺原市监责改〔2026〕1号"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE office_casedocument SET content = 'x'",
        "UPDATE office_casedocument SET made_at = NULL",
        "DELETE FROM office_casedocument",
    ],
)
def test_制作好的文书不能改也不能删(change: str) -> None:
    ordered()
    made()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(using=settings.PEOPLE_DATABASE):
        connections[settings.PEOPLE_DATABASE].cursor().execute(change)


def test_等待制作的文书只能制作_不能换记录() -> None:
    ordered()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(using=settings.PEOPLE_DATABASE):
        connections[settings.PEOPLE_DATABASE].cursor().execute("UPDATE office_casedocument SET line_id = line_id + 1")


def test_谁都能核验_撤销以后看得出来() -> None:
    case = ordered()
    row = made()[0]
    found = verify_document(str(row.code).upper(), book=book_with_rights(RIGHTS))
    assert (found.number, found.day, found.digest) == (row.number, dt.date(2026, 12, 1), row.content_digest)
    assert found.whole
    assert not found.struck
    strike_line(case.lines.get(place=2).pk, reason="办错了案件", call=by(officer(2), "2026-12-02 09:00"))
    assert verify_document(str(row.code), book=book_with_rights(RIGHTS)).struck
    without_triggers("office_casedocument")
    CaseDocument.objects.filter(pk=row.pk).update(content=row.content.replace("灭火器", "水龙头"))
    assert not verify_document(str(row.code), book=book_with_rights(RIGHTS)).whole
    with pytest.raises(Refused, match="没有这个编号"):
        verify_document("z" * 20, book=book_with_rights(RIGHTS))


def test_门户的核验页说由谁哪天出具_不说内容(client: Client) -> None:
    ordered("机密的问题")
    row = made()[0]
    page = client.get(f"/verify/{row.code}/")
    text = page.content.decode()
    assert page.status_code == 200
    assert row.number in text
    assert row.content_digest in text
    assert "市场监督管理局" in text
    assert "机密的问题" not in text
    assert client.get("/verify/zzzzzzzzzzzzzzzzzzzz/").status_code == 404


def test_看得到案件的人能下载_别的单位不能() -> None:
    ordered()
    row = made()[0]
    where = "https://quality.example/verify/"
    file = case_paper(row.pk, form="pdf", verify_at=where, call=by(officer(1)))
    text = PdfReader(io.BytesIO(file.content)).pages[0].extract_text()
    assert "更换灭火器" in "".join(text.split())
    assert file.name == f"责令改正通知书 {row.number}.pdf"
    assert case_paper(row.pk, form="docx", verify_at=where, call=by(officer(1))).content[:2] == b"PK"
    for number in (row.pk, row.pk + 1):
        with pytest.raises(Refused, match="没有这份文书"):
            case_paper(number, form="pdf", verify_at=where, call=by(officer(3, NEIGHBOUR)))


def proof_of(row: CaseDocument, folder: Path) -> Path:
    """The bundle of a document, after the log has an entry of it."""
    append_leaves(call=Call(SYSTEM, book_with_rights(RIGHTS), at("2026-12-03 09:00")))
    out = folder / "proof.zip"
    export_decision(out, document=row.pk, call=by(officer(1)))
    return out


def checked(bundle: Path, *words: str) -> subprocess.CompletedProcess[str]:
    script = Path(zhiheng.ledger.__file__).with_name("stand_alone") / "verify_bundle.py"
    command = [sys.executable, "-I", str(script), str(bundle), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_决定的证明包_外人凭公钥就能核对_不含案件的其他内容(tmp_path: Path) -> None:
    ordered()
    row = made()[0]
    with pytest.raises(Refused, match="还没有写入公开日志"):
        export_decision(tmp_path / "x.zip", document=row.pk, call=by(officer(1)))
    bundle = proof_of(row, tmp_path)
    done = checked(bundle, "--key", str(log_key.own_key().public))
    assert done.returncode == 0, done.stdout + done.stderr
    assert row.number in done.stdout
    with zipfile.ZipFile(bundle) as file:
        said = json.loads(json.loads(file.read("log.jsonl"))["content"])
        assert "chain.jsonl" not in file.namelist()
    assert (said["number"], said["content_digest"]) == (row.number, row.content_digest)
    assert not {"line__data", "line__people", "line__seen"} & set(said)
    with pytest.raises(Refused, match="没有这份文书"):
        export_decision(tmp_path / "x.zip", document=row.pk, call=by(officer(3, NEIGHBOUR)))


def test_决定的证明包里_改了文书或条目就核不过(tmp_path: Path) -> None:
    ordered()
    bundle = proof_of(made()[0], tmp_path)
    with zipfile.ZipFile(bundle) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    for name, old, new in (
        (next(name for name in parts if name.startswith("papers/")), "灭火器", "水龙头"),
        ("log.jsonl", MARKET, "other_unit"),
    ):
        changed = parts | {name: parts[name].replace(old.encode(), new.encode())}
        assert changed != parts
        with zipfile.ZipFile(tmp_path / "changed.zip", "w") as file:
            for each, content in changed.items():
                file.writestr(each, content)
        assert checked(tmp_path / "changed.zip").returncode == 1
