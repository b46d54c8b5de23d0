"""A blank form as a download, for every door that hands one out."""

from __future__ import annotations

from django.http import Http404, HttpResponse

from zhiheng.engines.blank_forms import blank_form
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.media_types import MEDIA_TYPES
from zhiheng.pages.downloads import download
from zhiheng.pages.words import chinese
from zhiheng.reading.blank_forms import write_blank_form


def blank_form_file(book: Book, record: str, source: str = "") -> HttpResponse:
    """The form of a record, in the layout of a source (else of its first). Raises Http404 where the book has none
    such.
    """
    entry = book[RECORDS].get(record)
    form = None
    if entry is not None:
        form = blank_form(
            book, record, source or ("standard" if "standard" in entry.sources else next(iter(entry.sources)))
        )
    if form is None:
        raise Http404("the book has no such record")
    return download(write_blank_form(form, language="zh" if chinese() else "en"), form.file_name, MEDIA_TYPES["xlsx"])
