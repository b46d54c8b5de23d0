"""What people type into a case may be anything: it stands on the paper as text, and breaks nothing."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from tests.examples import examples
from tests.papers.reading_back import ADDRESS, VERIFY, bare, said_in_docx
from tests.papers.stories import UNIT
from tests.workflows.pages import page_of, time_of
from zhiheng.engines.papers.composing import EMPTY, compose
from zhiheng.engines.papers.content import Listing, PaperCell, PaperContent, PaperForm, Paragraph, Seal, Sheet, Signing
from zhiheng.engines.papers.filling import CaseOnPaper, PartyOnPaper
from zhiheng.engines.workflow.compiled import Workflow
from zhiheng.engines.workflow.standing import CaseLine, replay
from zhiheng.grammar.chapters.case_documents import CaseDocumentPage, CasePaper
from zhiheng.office import paper_docx, paper_pdf
from zhiheng.office.issued_paper import IssuedPaper

pytestmark = pytest.mark.slow

PAGE = """
parties: {party: {label: {zh: 当事人, en: party}, kind: enterprise, role: subject}}
fields:
  said: {label: {zh: 所说, en: Said}, type: long_text}
  lots: {label: {zh: 批次, en: Lots}, type: names}
states:
  open: {label: {zh: 办理中, en: open}}
  closed: {label: {zh: 办结, en: closed}, final: true}
acts:
  begin: {label: {zh: 开始, en: begin}, by: [handler], opens_case: true, asks: [said, lots], begins: [open]}
  end: {label: {zh: 办结, en: end}, by: [handler], while: [open], ends: [open], begins: [closed]}
"""
PAPER = CaseDocumentPage.model_validate(
    {
        "kind": "notice",
        "label": {"zh": "通知书", "en": "Notice"},
        "title": "通知书",
        "number": "{place}通〔{year}〕{serial}号",
        "to": "{party.party}",
        "body": [
            {"says": "{said}"},
            {"form": [{"label": "所说", "says": "{said}"}]},
            {
                "list": {
                    "of": "lots",
                    "columns": [
                        {"label": "序号", "shows": "row"},
                        {"label": "批次", "share": 4, "shows": "entry"},
                        {"label": "备注", "share": 2},
                    ],
                }
            },
        ],
    }
)
HOSTILE = (
    "<b>不是标签</b> &amp; ]]> <!-- --> <?xml?>",
    "{{ 7 * 7 }}{% for x in y %}{# 注释 #}{p.party}",
    "\x00\x07\x1b[31m红\x7f\u2028\u2029\ufffe",
    "\u202e反着写\u202c\u2066隔离\u2069\u200b零宽",
    "שלום مرحبا עברית",
    "😀👩‍👩‍👧‍👦🏳️‍🌈 𠀀𪚥龘",
    '=HYPERLINK("http://x")',
    "</w:t></w:r></w:p><w:p>",
    "长" * 30_000,
    "无空格的英文" + "x" * 3_000,
    "一\n二\n" * 400,
)


def made(said: str, lots: tuple[str, ...] = ("甲",), name: str = "甲公司") -> PaperContent:
    """The paper of a case in which something was said."""
    workflow = Workflow("made", page_of(PAGE))
    line = CaseLine(dt.date(2026, 12, 1), "begin", ("甲",), {"said": said, "lots": lots}, 1)
    standing = replay(workflow, [line], time_of(), dt.date(2026, 12, 1))
    case = CaseOnPaper("一号", standing, (line,), UNIT, {"party": (PartyOnPaper(name),)})
    return compose({"made": CasePaper(id="made", page=PAPER)}, "made", case, serial=1)


def both(content: PaperContent) -> tuple[bytes, bytes]:
    """Both forms."""
    paper = IssuedPaper(content, ADDRESS, VERIFY)
    return paper_pdf.write(paper), paper_docx.write(paper)


@pytest.mark.parametrize("said", HOSTILE, ids=range(len(HOSTILE)))
def test_任何文字都只是文字(said: str) -> None:
    content = made(said)
    pdf, docx = both(content)
    assert PdfReader(io.BytesIO(pdf)).pages
    told = said_in_docx(docx)
    for text in content.texts():
        assert bare(text) in told
    assert "49" not in told.replace(content.digest, "")[:200]


def test_控制字符和改变方向的记号都去掉() -> None:
    text = "".join(made("\u202e反着写\x00\x1b[31m").texts())
    assert "反着写" in text
    assert not {"\u202e", "\x00", "\x1b"} & {*text}


def test_两百项的清单逐页重复表头_没有一项的写明以下空白() -> None:
    many = made("多", tuple(f"第{number}批" for number in range(1, 201)))
    pdf, docx = both(many)
    pages = [bare(page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]
    assert len(pages) > 4
    assert all("序号批次备注" in page for page in pages[1:-1])
    assert "第200批" in said_in_docx(docx)
    assert "200" in "".join(pages)
    none = made("无", ())
    assert EMPTY in "".join(none.texts())
    assert EMPTY in said_in_docx(both(none)[1])


def test_六十个字的名称_写得下() -> None:
    name = "砺原区" + "精密" * 27 + "公司"
    pdf, docx = both(made("事由", name=name))
    assert name in bare(PdfReader(io.BytesIO(pdf)).pages[0].extract_text())
    assert name in said_in_docx(docx)


def test_没见过的字印出它的编号_不留白() -> None:
    pdf, _ = both(made("𖼀"))
    assert "〓U+16F00" in bare(PdfReader(io.BytesIO(pdf)).pages[0].extract_text())


def test_所有种类的段落都能排() -> None:
    parts = (
        Paragraph("to", "甲："),
        Paragraph("heading", "一"),
        Paragraph("text", "文"),
        PaperForm(((PaperCell("甲", "乙", 3), PaperCell("丙", "")),)),
        Listing(("序号",), (1,), (("1",),)),
        Signing(("签名：____",)),
        Paragraph("attachment", "附件：一"),
        Seal("某局", "二〇二六年十二月一日"),
        Paragraph("copies", "一式两份"),
    )
    content = PaperContent("x", "一号", "某局", (Sheet("题", "号", parts), Sheet("附", "", parts)))
    pdf, docx = both(content)
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 2
    assert said_in_docx(docx).count("某局") == 3
    assert replace(content, case="二号").digest != content.digest


@given(said=st.text(max_size=200), lots=st.lists(st.text(max_size=40), max_size=5))
@settings(max_examples=examples(40), deadline=None)
def test_什么都能写进_DOCX_并且读得回来(said: str, lots: list[str]) -> None:
    content = made(said, tuple(lots))
    file = paper_docx.write(IssuedPaper(content, ADDRESS, VERIFY))
    assert Document(io.BytesIO(file)).core_properties.title.startswith("通知书")
    told = said_in_docx(file)
    for text in content.texts():
        assert bare(text) in told
