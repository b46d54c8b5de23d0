"""The book: a real place, the holidays of next year, the law texts beside it."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from zhiheng.cli.session import now
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.reading.law_texts import LawTexts
from zhiheng.site.deploy_checks.finding import DeployFinding, State

# From November on the holidays of next year are known.
NOTICE_MONTH = 11


def of_book(book: Book) -> Iterator[DeployFinding]:
    """A real place; the holidays of next year."""
    if book[DISTRICT].fictional:
        yield DeployFinding(
            "book",
            "unsafe",
            "规则书写的是虚构的地方；请用 ZHIHENG_BOOK 指向本地的规则书（docs/how-to/another-book.md）。",
            "The book is of a fictional place; let ZHIHENG_BOOK name your own (docs/how-to/another-book.md).",
        )
    else:
        yield DeployFinding("book", "ok", f"规则书：{book[DISTRICT].name.zh}。", f"Book: {book[DISTRICT].name.en}.")
    today = now().date()
    calendar = book[CALENDAR]
    wanted = [today.year] + ([today.year + 1] if today.month >= NOTICE_MONTH else [])
    if missing := [year for year in wanted if not calendar.known(year)]:
        state: State = "unsafe" if today.year in missing else "advice"
        years = "、".join(map(str, missing))
        yield DeployFinding(
            "calendar",
            state,
            f"规则书里没有 {years} 年的节假日安排，法定期限会按暂定日历计算；通知公布后请写入 book/calendars。",
            f"The book lacks the holidays of {years}, so statutory periods are counted provisionally; write them into "
            "book/calendars.",
        )
    else:
        yield DeployFinding("calendar", "ok", "节假日安排齐全。", "The calendars are complete.")


def of_law_texts(_book: Book) -> Iterator[DeployFinding]:
    """The folder of law texts, where one is named."""
    if settings.LAW_TEXTS is None:
        return
    problem = LawTexts(settings.LAW_TEXTS).problem()
    if problem is not None:
        yield DeployFinding("law_texts", "advice", problem.zh, problem.en)
    else:
        yield DeployFinding(
            "law_texts", "ok", f"法规文本目录：{settings.LAW_TEXTS}。", f"Folder of law texts: {settings.LAW_TEXTS}."
        )


CHECKS = (of_book, of_law_texts)
