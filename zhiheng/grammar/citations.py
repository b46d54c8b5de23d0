"""Citations of texts of law in the pages of a book: those of one page, and those of all chapters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from zhiheng.grammar.types import Citation


def cited_in(page: object) -> Iterator[Citation]:
    """Every citation in a page of the book, wherever its grammar has one."""
    if isinstance(page, Citation):
        yield page
    elif isinstance(page, BaseModel):
        for name in type(page).model_fields:
            yield from cited_in(getattr(page, name))
    elif isinstance(page, Mapping):
        for each in page.values():
            yield from cited_in(each)
    elif isinstance(page, tuple | list):
        for each in page:
            yield from cited_in(each)


def cited_in_pages(pages: Mapping[str, object], folder: str) -> Iterator[tuple[str, str, Citation]]:
    """(page, its name, citation) for every citation in the pages of a folder, by the names of their files."""
    for name, page in pages.items():
        for citation in cited_in(page):
            yield f"{folder}/{name}.yaml", name, citation
