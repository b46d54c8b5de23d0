"""金融机构凭企业授权取得信用报告：没有授权、期满、撤回的取不到；只写授权打开、正在公示的；证据不足写未评；企业看得到。"""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.book_once import book_once
from tests.desk.officers import said_on, signed_in
from tests.factories import (
    ApiTokenFactory,
    ConsentFactory,
    FormFactory,
    GrantFactory,
    PublishedEnterpriseFactory,
    PublishedEntryFactory,
)
from zhiheng.actions.exports.make_credit_report import CreditReportMade, make_credit_report
from zhiheng.actions.intake.receive_delivery import receive
from zhiheng.actions.projections.refresh_projections import refresh
from zhiheng.analytics.lake import Lake, project
from zhiheng.api.office.credit import CreditReportOut
from zhiheng.engines.signed_report import verified
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM, Actor, Holding
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias, Fact
from zhiheng.office.models import CreditRead, Extract
from zhiheng.office.signing_key import public_keys
from zhiheng.people.models import Account, TrailLine
from zhiheng.people.tokens import digest_of, new_key
from zhiheng.published.models import PublishedParty
from zhiheng.queries.credit import read_under

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.slow]

NAME, CODE = "云澜市砺原区试验报告食品有限公司", "919901010PUYAFBM21"
NOW = dt.datetime(2026, 7, 15, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
DAY = NOW.date()
ROW = {
    "企业名称": NAME,
    "统一社会信用代码": CODE,
    "法定代表人": "试验法人",
    "列入情形": "食品安全领域",
    "列入事由": "试验事由",
    "列入日期": "2025-09-01",
    "作出决定机关": "云澜市砺原区市场监督管理局",
}


@pytest.fixture
def whole_book(settings: Any, book_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Book:
    settings.BOOK, settings.DATA = book_root, tmp_path / "data"
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    return book_once(book_root)


@pytest.fixture
def subject(whole_book: Book, tmp_path: Path, settings: Any) -> int:
    """A food maker on the list of serious violations."""
    _hand_in(tmp_path, ROW, NOW - dt.timedelta(days=300), whole_book)
    return int(Alias.objects.filter(name=NAME)[0].subject_id)


def _hand_in(
    folder: Path,
    row: dict[str, str],
    now: dt.datetime,
    book: Book,
    record: str = "blacklist_entry",
    source: str = "standard",
) -> None:
    path = folder / f"{record}-{len(row)}.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)
    call = Call(SYSTEM, book, now)
    receive(path, call=call, unit="liyuan_market", record=record, source=source, confirmed=True)
    refresh(call)
    project(Lake(folder / "data" / "lake", book))


def clerk(book: Book, bank: str = "yunlan_rural_bank", now: dt.datetime = NOW) -> Call:
    return Call(Actor("account:9", "bank", name="试验信贷员", holdings=(Holding("bank_clerk", unit=bank),)), book, now)


def consent(subject: int, **words: Any) -> int:
    said = {"extract": "bank_extract", "reader": "yunlan_rural_bank", "first_day": DAY, **words}
    return int(ConsentFactory(subject=subject, digest="c" * 64, **said).pk)


def report(number: int, call: Call, language: str = "zh") -> CreditReportMade:
    return make_credit_report(number, verify_at="https://zhiheng.example/verify/", call=call, language=language)


def test_没有授权_期满_撤回_给别的机构的都取不到_也没有记录(subject: int, whole_book: Book) -> None:
    last = DAY - dt.timedelta(days=1)
    numbers = [
        9_999,
        consent(subject, purpose="loan", first_day=last - dt.timedelta(days=30), last_day=last),
        consent(subject, purpose="guarantee", withdrawn_at=NOW),
        consent(subject, purpose="after_loan", reader="yunlan_technology_bank"),
        consent(subject, purpose="after_loan", first_day=DAY + dt.timedelta(days=1)),
    ]
    for number in numbers:
        with pytest.raises(Refused):
            report(number, clerk(whole_book))
    assert not CreditRead.objects.exists()
    assert not Extract.objects.exists()


def test_报告写明名单_限制措施和救济_评价证据不足写未评_签名核验得了(subject: int, whole_book: Book) -> None:
    made = report(consent(subject), clerk(whole_book))
    said = verified(made.json, public_keys())
    text = orjson.dumps(said).decode()
    assert said["pdf_sha256"] == made.extract.file_digest
    assert "市场监督管理严重违法失信名单" in text
    assert "不适用告知承诺制" in text
    assert "《市场监督管理严重违法失信名单管理办法》第十五条第三项" in text
    assert "可以申请行政复议或者提起行政诉讼" in text
    (listed,) = said["data"]["listings"]
    # A list is a display: its last day does not move on from a holiday, so no year has to be known first.
    assert listed["ends_provisional"] is False
    assert f"{listed['ends']}，3年（《市场监督管理严重违法失信名单管理办法》" in text
    assert "未评" in text
    assert "证据不足" in text
    (rating,) = said["data"]["ratings"]
    assert (rating["rating"], rating["band"]) == ("quality_integrity", None)
    assert "credit_supervision" not in text
    assert "试验法人" not in text
    assert said["data"]["ledger"]["link"] == made.extract.link
    (read,) = CreditRead.objects.all()
    assert read.actor == "account:9"
    assert read.entries == made.extract.facts == 1


def test_PDF与JSON内容相同(subject: int, whole_book: Book) -> None:
    made = report(consent(subject), clerk(whole_book))
    content = verified(made.json, public_keys())["content"]
    pages = pypdf.PdfReader(io.BytesIO(made.pdf)).pages
    printed = "".join("".join(page.extract_text().split()) for page in pages)
    for section in content["sections"]:
        assert "".join(section["title"].split()) in printed
    assert verified(made.json, public_keys())["content_sha256"] in printed
    with zipfile.ZipFile(io.BytesIO(made.together())) as file:
        assert file.namelist() == ["report.pdf", "report.json"]
        assert file.read("report.json") == made.json


def test_英文的也出具得了(subject: int, whole_book: Book) -> None:
    text = orjson.dumps(verified(report(consent(subject), clerk(whole_book), "en").json, public_keys())).decode()
    assert "insufficient evidence" in text
    assert "no procedure by commitment" in text


def test_移出名单以后不再写这次列入_也不写它的分值(subject: int, whole_book: Book, tmp_path: Path) -> None:
    _hand_in(tmp_path, {**ROW, "移出日期": "2026-07-01", "移出事由": "信用修复"}, NOW, whole_book)
    said = verified(report(consent(subject), clerk(whole_book)).json, public_keys())
    assert said["data"]["listings"] == []
    assert said["data"]["restrictions"] == []
    assert all(not rating["points"] for rating in said["data"]["ratings"])


def test_处罚只写正在公示的(subject: int, whole_book: Book) -> None:
    own = PublishedEnterpriseFactory(subject=subject, name=NAME)
    form = FormFactory(columns=[])
    for fact, title, until in ((901, "还在公示的处罚", DAY), (902, "公示期满的处罚", DAY - dt.timedelta(days=1))):
        entry = PublishedEntryFactory(
            record="administrative_penalty",
            title_zh=title,
            title_en=title,
            show_until=until,
            form=form,
            fact=fact,
            id=fact,
        )
        PublishedParty.objects.create(
            id=entry.pk, entry=entry, enterprise=own, role="subject", occurred_on=entry.occurred_on, alias=1
        )
    text = orjson.dumps(verified(report(consent(subject), clerk(whole_book)).json, public_keys())).decode()
    assert "还在公示的处罚" in text
    assert "公示期满的处罚" not in text


PENALTY = {
    "处罚决定书文号": "砺市监罚〔2026〕17 号",
    "当事人": NAME,
    "统一社会信用代码": CODE,
    "违法行为类型": "生产经营标签不符合规定的食品",
    "所属领域": "食品",
    "处罚种类": "罚款",
    "罚款金额": "5000",
    "处罚决定日期": "2026-06-10",
    "处罚机关": "云澜市砺原区市场监督管理局",
}


def test_机构查看的清单里_处罚也只有正在公示的(subject: int, whole_book: Book, tmp_path: Path) -> None:
    _hand_in(tmp_path, PENALTY, NOW, whole_book, "administrative_penalty")
    number = consent(subject)

    def told(now: dt.datetime = NOW) -> list[str]:
        found = read_under(number, after="", limit=50, call=clerk(whole_book, now=now))
        return [line.record for line in found.rows]

    assert told() == ["blacklist_entry"], "not published yet"
    fact = Fact.objects.get(record="administrative_penalty").pk
    PublishedEntryFactory(
        record="administrative_penalty", fact=fact, id=903, form=FormFactory(columns=[]), show_until=DAY
    )
    assert sorted(told()) == ["administrative_penalty", "blacklist_entry"]
    assert told(NOW + dt.timedelta(days=1)) == ["blacklist_entry"], "its display has ended"


def test_机构在页面上取得_门户核验_改过的被指出(subject: int, whole_book: Book) -> None:
    account = Account.objects.create_user("rural-clerk", None, name="信贷员", kind="bank", unit="yunlan_rural_bank")
    GrantFactory(account=account, role="bank_clerk", unit="yunlan_rural_bank")
    browser, number = signed_in(account), consent(subject)
    assert "出具信用报告" in said_on(browser.get(reverse("bank:file", args=[number])).content.decode())
    assert browser.get(reverse("bank:report", args=[number])).status_code == 405
    answer = browser.post(reverse("bank:report", args=[number]))
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        signed, pdf = file.read("report.json"), file.read("report.pdf")

    def upload(content: bytes) -> tuple[int, str]:
        told = Client().post(reverse("portal:verify_report"), {"file": SimpleUploadedFile("r.json", content)})
        return told.status_code, said_on(told.content.decode())

    status, text = upload(signed)
    assert status == 200
    assert "签名正确" in text
    assert NAME in text
    status, text = upload(signed.replace("食品有限公司".encode(), "饮品有限公司".encode()))
    assert status == 422
    assert "被改动过" in text
    assert upload(pdf)[0] == 422
    (key,) = Client().get(reverse("portal:report_keys")).json()["keys"]
    assert key["id"] == orjson.loads(signed)["signature"]["key"]
    code = orjson.loads(signed)["report"]["number"]
    by_number = said_on(Client().get(reverse("portal:verify_number", args=[code])).content.decode())
    assert "质量信用报告" in by_number
    assert "云澜农村商业银行（虚构）：贷款审批" in by_number


def program(bank: str = "yunlan_rural_bank") -> Client:
    """A program of a bank, with its key."""
    secret = new_key()
    ApiTokenFactory(scopes='["credit.read"]', digest=digest_of(secret), role="bank_program", unit=bank, area="")
    return Client(headers={"Authorization": f"Bearer {secret}"})


def asked(caller: Client, code: str = CODE, **words: str) -> Any:
    said = urlencode({"purpose": "loan", **words})
    return caller.post(f"/api/v1/office/credit/{code}/report?{said}", content_type="application/json")


def test_机构的系统用接口取得_与页面同一服务_签名核验得了_不得缓存_企业看得到(subject: int, whole_book: Book) -> None:
    number = consent(subject)
    answer = asked(program())
    assert (answer.status_code, answer["Content-Type"]) == (201, "application/json")
    assert answer["Cache-Control"] == "no-store"
    said = verified(answer.content, public_keys())
    kept = Extract.objects.get(pk=said["number"])
    assert (said["pdf_sha256"], said["content_sha256"]) == (kept.file_digest, kept.content_digest)
    by_page = verified(report(number, clerk(whole_book)).json, public_keys())
    assert said["data"] == by_page["data"]
    assert [section["title"] for section in said["content"]["sections"]] == [
        section["title"] for section in by_page["content"]["sections"]
    ]
    assert CreditRead.objects.filter(consent=number).count() == 2
    line = TrailLine.objects.filter(verb="credit.read").order_by("id").first()
    assert line is not None
    assert said["number"] in line.detail
    assert CreditReportOut.model_validate_json(answer.content).report.number == said["number"]


def test_接口也给连同PDF的一份_和英文的(subject: int, whole_book: Book) -> None:
    consent(subject)
    answer = asked(program(), form="zip", language="en")
    assert (answer.status_code, answer["Content-Type"]) == (201, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        said = verified(file.read("report.json"), public_keys())
        assert sha256(file.read("report.pdf")).hexdigest() == said["pdf_sha256"]
    assert "insufficient evidence" in orjson.dumps(said).decode()
    assert asked(program(), form="doc").status_code == 422


def test_接口没有授权的取不到_与没有这家企业答得一样_也没有记录(subject: int, whole_book: Book) -> None:
    consent(subject, purpose="guarantee")
    consent(subject, reader="yunlan_technology_bank")
    answers = [asked(program()), asked(program(), "91990901MA00000000"), asked(program(), purpose="nothing")]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.content for answer in answers}) == 1
    assert asked(Client()).status_code == 401
    assert not CreditRead.objects.exists()
    assert not Extract.objects.exists()
