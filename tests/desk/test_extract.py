"""Extracts of a file: what stands on the paper, what is kept of it, and what anybody can verify."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from docx import Document
from pypdf import PdfReader

from tests.desk.files_of import FIRM, PHONE, clock, place, subject_of
from tests.desk.officers import officer, signed_in
from tests.places import ROOT, SMALL, Ledger, credit_code, sampling_row
from zhiheng.actions.facts.correct_fact import withdraw
from zhiheng.actions.log.append_leaves import append_leaves
from zhiheng.engines.transparency import notes
from zhiheng.engines.transparency.checkpoints import read_checkpoint
from zhiheng.engines.transparency.spoken import CHARACTERS, spoken
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.documents import DOCUMENTS
from zhiheng.grammar.yaml import BookRefused
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger import log
from zhiheng.ledger.models import Fact
from zhiheng.office import extract_docx, faces
from zhiheng.office.extract_content import Content, ExtractPaper, Section
from zhiheng.office.models import Extract
from zhiheng.people.models import TrailLine

__all__ = ["clock", "place"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def browser(place: Ledger) -> Client:
    """A clerk of the market bureau."""
    return signed_in(officer(name="试验员甲"))


def made(browser: Client, form: str = "docx", purpose: str = "投标资格核对", **words: str) -> Any:
    """The answer to the form."""
    return browser.post(reverse("desk:file_extract", args=[subject_of()]), {"purpose": purpose, "form": form, **words})


def words_of(content: bytes) -> str:
    """Every word of a DOCX, in its order."""
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join(
        [p.text for p in document.paragraphs] + cells + [p.text for p in document.sections[0].footer.paragraphs]
    )


def test_摘录写着企业_问题_用途_谁出具的(browser: Client) -> None:
    response = made(browser)
    assert response.status_code == 200
    words = words_of(response.content)
    for text in (
        FIRM,
        credit_code(1),
        "试验档案摘录（虚构）",
        "投标资格核对",
        "试验员甲",
        "试验区市场监督管理局",
        "2026-07-15",
        "没有部门报送过。",
        "排污处罚",
        "抽样检查",
        "只供试验。",
    ):
        assert text in words, text
    assert "{{" not in words
    assert PHONE not in words


def test_纸面和留存一致_且留痕(browser: Client) -> None:
    response = made(browser)
    extract = Extract.objects.get()
    assert extract.file_digest == sha256(response.content).hexdigest()
    words = words_of(response.content)
    assert extract.content_digest in words
    assert "-".join(re.findall(".{5}", extract.id)) in words
    assert reverse("portal:verify_number", args=[extract.id]) in words
    assert (extract.facts, extract.subject, extract.unit, extract.purpose) == (
        4,
        subject_of(),
        "test_market",
        "投标资格核对",
    )
    line = TrailLine.objects.get(verb="extract.make")
    assert line.purpose == "投标资格核对"


def test_PDF是真的PDF_有二维码和每页的水印(browser: Client) -> None:
    response = made(browser, "pdf")
    assert response.content.startswith(b"%PDF-")
    assert response.headers["Content-Type"] == "application/pdf"
    assert "attachment" in response.headers["Content-Disposition"]
    assert Extract.objects.get().file_digest == sha256(response.content).hexdigest()


def printed(content: bytes) -> str:
    """Every character of a PDF, page by page, as a reader can mark and copy it."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_PDF上每个数字和字母都印得出来(browser: Client, language: str) -> None:
    words = printed(made(browser, "pdf", language=language).content)
    extract = Extract.objects.get()
    plain = "".join(words.split())
    number = "-".join(re.findall(".{5}", extract.id))
    title, page = ("试验档案摘录（虚构）", "1/1") if language == "zh" else ("Testextractofafile(fictional)", "1/2")
    # The line of the hash is wrapped, so blanks and ends of lines are left out of the comparison.
    for text in (FIRM, credit_code(1), "2026-07-15", number, extract.content_digest, title, page, "投标资格核对"):
        assert "".join(text.split()) in plain, text
    assert not {"\ufffd", "\x00"} & set(words)
    assert faces.MISSING not in words


def test_中文字体没有数字时_数字另用有数字的字体() -> None:
    """A fallback face that browsers bring along has every Chinese character and not one digit."""
    fallback = faces.Face("Fallback", lambda c: "\u4e00" <= c <= "\u9fff" or c in "，。：（）“”")
    whole = faces.Face("Whole", lambda c: c in faces.ASCII or fallback.has(c))
    latin = faces.Face("Latin", lambda c: c in faces.ASCII)
    assert faces.ordered([fallback, latin, whole])[0] is whole
    assert faces.runs("代码 9199A：3项", (fallback, latin)) == [
        ("Fallback", "代码 "),
        ("Latin", "9199A"),
        ("Fallback", "："),
        ("Latin", "3"),
        ("Fallback", "项"),
    ]


def test_哪种字体都没有的字_印出它的编号_不留空白() -> None:
    latin = faces.Face("Latin", lambda c: c in faces.ASCII + faces.MISSING)
    assert faces.runs("A\U0002ce2a", (latin,)) == [("Latin", f"A{faces.MISSING}U+2CE2A")]


def test_摘录印着公开日志的检查点_核验页写的是同一个_以后也不变(
    browser: Client, client: Client, place: Ledger, clock: dt.datetime
) -> None:
    def grow(moment: dt.datetime) -> None:
        append_leaves(call=Call(SYSTEM, place.book, moment))

    grow(clock - dt.timedelta(minutes=5))
    head = log.last_checkpoint()
    assert head is not None
    words = spoken(read_checkpoint(notes.read_note(head.note.encode()).text))
    paper = "".join(printed(made(browser, "pdf").content).split())
    assert f"{head.size}条，{words.replace(' ', '')}" in paper
    number = Extract.objects.get().id
    assert words in verified(client, number)
    grow(clock + dt.timedelta(minutes=5))
    last = log.last_checkpoint()
    assert last is not None
    assert last.size > head.size
    assert words in verified(client, number)


def test_摘录上要印的字_这台机器的字体都有() -> None:
    assert faces.MISSING not in "".join(part for _, part in faces.runs(CHARACTERS))
    said = "统一社会信用代码：91990101DM93J4CY3U（2026-07-15）“虚构”《条例》第三条—·、；？！％①№㎡℃±×≤≥￥　Zürich"
    assert faces.MISSING not in "".join(part for _, part in faces.runs(said))


def test_同样的内容摘要相同_改一个字就不同() -> None:
    section = Section("题", ("一", "二", "三", "四"), (("1", "2", "3", "4"),), "空")
    content = Content("题", "办", "号", "至", (("名", "甲"),), (section,), "说明")
    same = Content("题", "办", "号", "至", (("名", "甲"),), (section,), "说明")
    other = Content("题", "办", "号", "至", (("名", "乙"),), (section,), "说明")
    assert content.digest == same.digest != other.digest


def test_出具摘录的页面写明是哪一家企业(browser: Client) -> None:
    page = browser.get(reverse("desk:file_extract", args=[subject_of()])).content.decode()
    assert f"<strong>{FIRM}</strong>" in page


def test_没有用途不出具(browser: Client) -> None:
    for purpose in ("", " ", "长" * 61):
        response = made(browser, purpose=purpose)
        assert response.status_code == 422
        assert "请写明摘录的用途" in response.content.decode()
    assert not Extract.objects.exists()


def test_看不到整份档案的人不能出具(place: Ledger) -> None:
    place.samples("j.csv", [sampling_row(9, 生产企业=FIRM)], unit="jia_office", day="2026-06-20")
    elsewhere = signed_in(officer(unit="jia_office", area="990901002", name="乙街道"))
    assert made(elsewhere).status_code == 403
    assert not Extract.objects.exists()


def test_留存的行不能改也不能删(browser: Client) -> None:
    made(browser)
    extract = Extract.objects.get()
    for change in (lambda: Extract.objects.update(purpose="别的"), lambda: Extract.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic(using=configured.PEOPLE_DATABASE):
            change()
    assert Extract.objects.get().purpose == extract.purpose


def test_英文摘录(browser: Client) -> None:
    words = words_of(made(browser, language="en").content)
    assert "Test extract of a file (fictional)" in words
    assert "Fine for discharge" in words


def test_回看的摘录只有当时的事实(browser: Client) -> None:
    words = words_of(made(browser, as_of="2026-05-31", known_on="2026-05-31").content)
    assert "排污处罚" not in words
    assert Extract.objects.get().facts == 3


def verified(client: Client, number: str, status: int = 200) -> str:
    """The verification page."""
    response = client.get(reverse("portal:verify_number", args=[number]))
    assert response.status_code == status
    return response.content.decode()


def test_任何人凭编号都能核验_不登录(browser: Client, client: Client) -> None:
    made(browser)
    number = Extract.objects.get().id
    for typed in (number, number.upper(), "-".join(re.findall(".{5}", number))):
        page = verified(client, typed)
        assert "这份摘录是真实的" in page
        assert FIRM in page
        assert "没有新增、更正或撤回" in page
    assert "试验员甲" not in page  # the paper names the person, the public page names the office
    assert "试验区市场监督管理局" in page
    assert client.get(reverse("portal:verify"), {"number": number.upper()}).url == reverse(
        "portal:verify_number", args=[number]
    )


def test_查不到的编号说不是本系统出具的(place: Ledger, client: Client) -> None:
    assert "不是本系统出具的" in verified(client, "aaaaabbbbbcccccddddd", 404)


def test_出具之后的变化看得到(browser: Client, client: Client, place: Ledger, clock: dt.datetime) -> None:
    made(browser)
    number = Extract.objects.get().id
    place.samples("later.csv", [sampling_row(60 + i, 生产企业=FIRM) for i in range(3)], day="2026-07-15")
    fact = Fact.objects.get(record="discharge_fine")
    withdraw(fact.id, reason="对象有误", call=Call(SYSTEM, place.book, clock), unit="test_environment")
    place.samples("others.csv", [sampling_row(90, 生产企业="试验别家食品厂")], day="2026-07-15")
    page = verified(client, number)
    assert "新增事实 3 条，更正 0 条，撤回 1 条" in page


def test_比对电子文件(browser: Client, client: Client) -> None:
    content = made(browser, "pdf").content
    address = reverse("portal:verify_number", args=[Extract.objects.get().id])

    def compare(body: bytes) -> str:
        return client.post(address, {"file": SimpleUploadedFile("x.pdf", body)}).content.decode()

    assert "完全相同" in compare(content)
    assert "被改动过" in compare(content + b" ")
    assert "请选择要比对的文件" in client.post(address).content.decode()


def test_规则书的文书改了字_纸面跟着改(tmp_path: Path) -> None:
    page = (SMALL / "documents" / "file_extract" / "document.yaml").read_text()
    folder = tmp_path / "documents" / "file_extract"
    folder.mkdir(parents=True)
    (folder / "document.yaml").write_text(page.replace("只供试验。", "换一句话。"))
    assert Book(tmp_path)[DOCUMENTS]["file_extract"].text.statement.zh == "换一句话。"
    (folder / "document.yaml").write_text(page.replace("{who}", "{whom}"))
    with pytest.raises(BookRefused) as refused:
        _ = Book(tmp_path)[DOCUMENTS]
    assert "whom" in str(refused.value)
    (folder / "document.yaml").write_text(page.replace("id: problems", "id: standing"))
    with pytest.raises(BookRefused):
        _ = Book(tmp_path)[DOCUMENTS]


def paper() -> ExtractPaper:
    """A paper with a table, an empty section and characters that XML has a use for."""
    rows = (("2026-01-01", "甲 & 乙 <丙>", "合格", "某局"),)
    content = Content(
        "题目",
        "某办",
        "号",
        "至",
        (("名称", "甲"),),
        (
            Section("有", ("一", "二", "三", "四"), rows, "空", "共 9 条"),
            Section("无", ("一", "二", "三", "四"), (), "什么都没有"),
        ),
        "说明",
    )
    return ExtractPaper(content, "核验", "https://example.test/verify/abc/", "摘要", "水印", "{page}/{pages}")


def test_地区自己的信笺可以替换_句子照填(tmp_path: Path) -> None:
    template = tmp_path / "template.docx"
    template.write_bytes(extract_docx.plain_template())
    document = Document(str(template))
    document.add_paragraph("本区信笺")
    document.save(str(template))
    words = words_of(extract_docx.write(paper(), template))
    assert "本区信笺" in words
    assert "甲 & 乙 <丙>" in words
    assert "什么都没有" in words
    assert "共 9 条" in words


def test_信笺里的程序不会执行(tmp_path: Path) -> None:
    template = tmp_path / "template.docx"
    document = Document()
    document.add_paragraph("{{ title.__class__.__mro__ }}")
    document.save(str(template))
    with pytest.raises(Exception, match="unsafe"):
        extract_docx.write(paper(), template)


def test_规则书里的文书填得上每个空(place: Ledger) -> None:
    real = Book(ROOT / "book")[DOCUMENTS]["file_extract"].text
    assert real.number.zh.format(number="1")
    assert {"standing", "problems", "expiring", "timeline"} <= {section.id for section in real.sections}


def test_摘录文件里没有作者以外的隐藏信息(browser: Client) -> None:
    with zipfile.ZipFile(io.BytesIO(made(browser).content)) as file:
        everything = b"".join(file.read(name) for name in file.namelist() if name.endswith(".xml"))
    assert PHONE.encode() not in everything
    assert b"python-docx" not in everything
