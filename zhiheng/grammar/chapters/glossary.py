"""The word table (``book/glossary.yaml``): one term for one thing, and the words that are not used for it."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field, model_validator

from zhiheng.grammar.book import Book, BookHit, Chapter, IndexGroup, PageKind, Reading
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Entry, Identifier, Label
from zhiheng.grammar.yaml import Wrong

PAGE = "glossary.yaml"


class GlossaryTerm(Entry):
    """One row: what people read in both languages, what code and book write, the law, and what it is not."""

    id: Identifier
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    law: str = ""
    article: str = ""
    not_: tuple[str, ...] = Field(alias="not", min_length=1, description="不要用的说法 / words to avoid")
    note: str = ""


class Glossary(Entry):
    """Every term of the book."""

    terms: tuple[GlossaryTerm, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_word_one_thing(self) -> Glossary:
        for what, words in (
            ("id", [term.id for term in self.terms]),
            ("zh", [term.zh for term in self.terms]),
            ("en", [term.en for term in self.terms]),
        ):
            twice = sorted({word for word in words if words.count(word) > 1})
            if twice:
                raise Wrong(
                    f"{what} 重复：{'、'.join(twice)}；一词只指一事，请合并或改名。",
                    f"{what} given twice: {', '.join(twice)}; one word means one thing, join the rows or rename one.",
                )
        for term in self.terms:
            own = {term.zh, term.en, term.id} & set(term.not_)
            if own:
                raise Wrong(
                    f"“{term.zh}”把自己的写法 {'、'.join(sorted(own))} 列为不用；请从 not 中删去。",
                    f"'{term.en}' forbids its own word {', '.join(sorted(own))}; remove it from 'not'.",
                )
        return self

    def term(self, identifier: str) -> GlossaryTerm | None:
        """The row of an identifier."""
        return next((term for term in self.terms if term.id == identifier), None)


def _read(reading: Reading) -> Glossary | None:
    found = reading.page(Glossary, reading.root / PAGE)
    return found[0] if found is not None else None


def _entries(book: Book) -> Iterator[tuple[BookHit, str]]:
    for term in book[GLOSSARY].terms:
        hit = BookHit("term", term.id, Label(zh=term.zh, en=term.en), note=Label(zh="术语", en="term"))
        yield hit, " ".join([term.id, term.law, term.note, *term.not_])


GLOSSARY: Chapter[Glossary] = register(
    Chapter(
        name="glossary",
        label=Label(zh="术语", en="Terms"),
        pages=(PageKind("glossary", PAGE, Glossary),),
        read=_read,
        counts={"terms": lambda glossary: len(glossary.terms)},
        index=IndexGroup("term", Label(zh="术语", en="Terms"), _entries),
        order=5,
        reference="how-to/another-book.md",
    )
)
