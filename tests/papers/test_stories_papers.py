"""Every paper of the book, as the stories of its workflows issue it: nothing is left to fill, and both forms say it word
for word.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from dataclasses import replace

import pytest
from pypdf import PdfReader

from tests.papers.reading_back import ADDRESS, VERIFY, bare, expected, said_in_docx, said_in_pdf
from tests.papers.stories import book, contents, issued
from zhiheng.engines.papers.composing import compose
from zhiheng.engines.papers.content import Listing, PaperContent, PaperForm, as_content
from zhiheng.engines.papers.filling import CaseOnPaper, Filling
from zhiheng.grammar.chapters.case_documents import CASE_DOCUMENTS
from zhiheng.office import paper_docx, paper_pdf
from zhiheng.office.faces import embeds_chinese
from zhiheng.office.issued_paper import IssuedPaper
from zhiheng.office.paper_faces import as_set, embeds_song, faces_for

pytestmark = pytest.mark.slow

MADE = list(contents())
NAMES = [f"{document}，{case.standing.workflow.name}.{case.line.act}" for document, case, _ in MADE]
# One of each document is enough to look at its forms.
ONE_OF_EACH = list({document: (document, content) for document, _, content in MADE}.values())


def test_书里每一种文书都有故事出具它() -> None:
    enclosed = {name for paper in book()[CASE_DOCUMENTS].values() for name in paper.page.encloses}
    assert {document for document, _ in issued()} | enclosed == book()[CASE_DOCUMENTS].keys()


@pytest.mark.parametrize(("document", "case", "content"), MADE, ids=NAMES)
def test_没有剩下的空格_没有代号(document: str, case: CaseOnPaper, content: PaperContent) -> None:
    for text in content.texts():
        assert "{" not in text
        assert "}" not in text
        assert "None" not in text
    codes = {value for field in case.standing.workflow.page.fields.values() for value in field.choices}
    words = set(re.findall(r"[a-z][a-z_]{3,}", "".join(content.texts())))
    assert not words & codes, "a choice stands by its code"


@pytest.mark.parametrize(("document", "case", "content"), MADE, ids=NAMES)
def test_同一行总是同样的内容和摘要(document: str, case: CaseOnPaper, content: PaperContent) -> None:
    again = compose(book()[CASE_DOCUMENTS], document, case, serial=7)
    assert again == content
    assert again.digest == content.digest
    assert as_content(json.loads(content.canonical)) == content


@pytest.mark.parametrize(("document", "content"), ONE_OF_EACH, ids=[document for document, _ in ONE_OF_EACH])
def test_两种格式逐字说的都是内容说的(document: str, content: PaperContent) -> None:
    paper = IssuedPaper(content, ADDRESS, VERIFY)
    file = paper_pdf.write(paper)
    with faces_for(content.texts()) as faces:
        shown = as_set(expected(content), faces.text)
    assert said_in_pdf(file, content) == shown
    docx = said_in_docx(paper_docx.write(paper))
    around = bare(VERIFY + ADDRESS + paper.digest)
    assert docx.count(around) == 1
    assert docx.replace(around, "") == expected(content)


def test_PDF里的每个字体都嵌入了() -> None:
    if not (embeds_song() or embeds_chinese()):
        pytest.skip("no face of this machine can be embedded: papers name the reader's own")
    # One with a ruled form, one with a list: each is a table, and a table has a face of its own.
    for kind in (PaperForm, Listing):
        content = next(
            content
            for _, content in ONE_OF_EACH
            if any(isinstance(part, kind) for sheet in content.sheets for part in sheet.parts)
        )
        file = paper_pdf.write(IssuedPaper(content, ADDRESS, VERIFY))
        fonts = [
            font.get_object()
            for page in PdfReader(io.BytesIO(file)).pages
            for font in page["/Resources"]["/Font"].values()
        ]
        assert fonts
        assert [font["/BaseFont"] for font in fonts if "/FontFile2" not in font.get("/FontDescriptor", {})] == []


def test_文号_日期_条文_期限() -> None:
    made = {(document, case.line.act): content for document, case, content in MADE}
    refused = made["complaint_refused", "decide.refuse"]
    accepted = made["complaint_accepted", "decide.accept"]
    assert accepted.number == "砺原市监投受〔2026〕7号"
    text = "".join(accepted.texts())
    # Taken in on 22 April 2026: sixty days of Order 121 end on 21 June.
    assert "二〇二六年四月二十二日" in text
    assert "六十日内（至2026年6月21日）" in text
    assert "《市场监督管理投诉举报处理办法》第二十三条第一款第五项" in text
    # Refused on 14 April 2026, the last day of the measures of 2020: their article, and no other routes yet.
    old = "".join(refused.texts())
    assert "《市场监督管理投诉举报处理暂行办法》第十五条" in old
    assert "你可以通过下列途径" not in old


def test_新旧办法同一文书引用当日的条文() -> None:
    said = {case.day: "".join(content.texts()) for document, case, content in MADE if document == "food_recall_order"}
    for day, text in said.items():
        assert ("第二十条" in text) == (day >= dt.date(2026, 12, 1)), day
        assert ("第十二条第二款" in text) == (day < dt.date(2026, 12, 1)), day


def test_保密的当事人在文书上留空() -> None:
    content = next(content for document, _, content in MADE if document == "report_result")
    assert next(content.texts()) == "举报处理结果告知书"
    assert any(text.startswith("____") and text.endswith("：") for text in content.texts())


def test_文书写得出办理时查到的_没有查的留空() -> None:
    case = next(case for _, case in issued() if case.line.act == "open_case" and case.values.get("earlier_penalties"))
    page = book()[CASE_DOCUMENTS]["case_opening"].page
    text = "此前受过处罚 {earlier_penalties} 次"
    assert Filling(page, case, title="", number="").filled(text) == "此前受过处罚 1 次"
    unasked = replace(case, lines=(case.line._replace(said={**case.line.said, "earlier_penalties": None}),))
    assert "_" in Filling(page, unasked, title="", number="").filled(text)
