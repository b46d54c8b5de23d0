"""A page of the book and a case at the line that issues it -> what the paper says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from zhiheng.engines.conditions import all_met
from zhiheng.engines.papers.content import (
    Listing,
    PaperCell,
    PaperContent,
    PaperForm,
    PaperPart,
    Paragraph,
    Seal,
    Sheet,
    Signing,
)
from zhiheng.engines.papers.filling import CaseOnPaper, Filling
from zhiheng.grammar.chapters.case_documents import CaseDocumentPage, CasePaper, PaperBlock, PaperList
from zhiheng.kernel.numerals import chinese_day

EMPTY = "以下空白"


def compose(papers: Mapping[str, CasePaper], document: str, case: CaseOnPaper, *, serial: int = 0) -> PaperContent:
    """What a paper of a case says: the same line always gives the same content.

    ``serial`` is the number that it got among those of its kind, unit and year; 0 where its page has no number.
    """
    page = papers[document].page
    number = numbered(page, case, serial)
    sheets = [_sheet(page, Filling(page, case, title=page.title, number=number), case, number)]
    for name in page.encloses:
        enclosed = papers[name].page
        filling = Filling(enclosed, case, title=page.title, number=number)
        sheets.append(_sheet(enclosed, filling, case, ""))
    return PaperContent(document, case.number, case.unit.name, tuple(sheets))


def numbered(page: CaseDocumentPage, case: CaseOnPaper, serial: int) -> str:
    """The number of a paper, as its page writes numbers; empty where it has none."""
    if not page.number or not serial:
        return ""
    return (
        page.number.replace("{place}", case.unit.place)
        .replace("{year}", str(case.day.year))
        .replace("{serial}", str(serial))
    )


def _sheet(page: CaseDocumentPage, filling: Filling, case: CaseOnPaper, number: str) -> Sheet:
    return Sheet(page.title, number, tuple(_parts(page, filling, case)))


def _parts(page: CaseDocumentPage, filling: Filling, case: CaseOnPaper) -> Iterator[PaperPart]:
    if page.to:
        yield Paragraph("to", f"{filling.filled(page.to)}：")
    for block in page.body:
        if _stands(block, case):
            yield _part(block, filling)
    for number, text in enumerate(page.attachments, 1):
        ordinal = f"{number}. " if len(page.attachments) > 1 else ""
        yield Paragraph("attachment", f"附件：{ordinal}{filling.filled(text)}")
    if page.seal:
        yield Seal(case.unit.name, chinese_day(case.day))
    if page.copies:
        yield Paragraph("copies", page.copies)


def _stands(block: PaperBlock, case: CaseOnPaper) -> bool:
    act = case.line.act
    by_act = not block.of or any(name in (act, act.partition(".")[0]) for name in block.of)
    return by_act and block.holds(case.day) and all_met(case.values, block.where)


def _part(block: PaperBlock, filling: Filling) -> PaperPart:
    if block.says:
        return Paragraph("text", filling.filled(block.says))
    if block.heading:
        return Paragraph("heading", block.heading)
    if block.form:
        return PaperForm(
            tuple(
                tuple(PaperCell(cell.label, filling.known(cell.says), cell.lines) for cell in row) for row in block.form
            )
        )
    if block.list_ is not None:
        return _listing(block.list_, filling)
    return Signing(tuple(filling.filled(place) for place in block.signatures))


def _listing(told: PaperList, filling: Filling) -> Listing:
    entries = filling.entries(told.of) if told.of is not None else ()
    rows = []
    for number, entry in enumerate(entries, 1):
        shown = {"row": str(number), "entry": entry, "nothing": ""}
        rows.append(tuple(shown[column.shows] for column in told.columns))
    if told.of is not None:
        # What is left of a list is closed, so that nothing can be added to it afterwards.
        place = next((n for n, column in enumerate(told.columns) if column.shows == "entry"), 0)
        rows.append(tuple(EMPTY if n == place else "" for n in range(len(told.columns))))
    rows += [("",) * len(told.columns)] * max(told.rows - len(rows), 0)
    return Listing(
        tuple(column.label for column in told.columns), tuple(column.share for column in told.columns), tuple(rows)
    )
