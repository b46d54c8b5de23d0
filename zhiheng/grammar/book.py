"""Chapters: what a chapter of a book is, how it is read, and the book that gives the chapters.

Nothing here knows any chapter: each registers itself (``registry.py``) in a module of ``chapters/``, and code that
needs one names it: ``book[RECORDS]`` has the type that ``RECORDS`` gives.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from zhiheng.grammar.types import Citation, Label
from zhiheng.grammar.yaml import BookError, BookRefused, Document, read, validated

T = TypeVar("T")
# A chapter of mappings may stand where one of collections is asked for: what it gives is only read.
T_co = TypeVar("T_co", covariant=True)
M = TypeVar("M", bound=BaseModel)

# One thread reads at a time: the others find what it has read, and no model is built twice at once.
_READING = threading.RLock()


@dataclass(frozen=True, slots=True)
class PageKind:
    """A kind of page: its name, which files of a book are pages of it, and what they may say.

    ``files`` is a glob pattern below the folder of the book. Without a model it is no YAML page (``clean.py``, a
    letterhead).
    """

    name: str
    files: str
    model: type[BaseModel] | None = None


@dataclass(frozen=True, slots=True)
class BookHit:
    """A place of the book that a search can find: the group of the index, its name there, what it is called.

    ``place`` is where on the page of that name the words stand, ``note`` what kind of thing it is.
    """

    chapter: str
    name: str
    label: Label
    place: str = ""
    note: Label | None = None


@dataclass(frozen=True, slots=True)
class IndexGroup:
    """What a chapter puts into the index of the book: the name and title of its group, and a hit with all words by
    which it is found, for each place.
    """

    name: str
    label: Label
    entries: Callable[[Book], Iterator[tuple[BookHit, str]]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Chapter(Generic[T_co]):
    """A chapter of a book; ``T_co`` is what the book gives for it.

    Attributes:
        name: what it is called among the chapters; unique.
        label: what people call it.
        pages: the files that belong to it. A chapter without files is made of other chapters (the law as the kernel
            takes it).
        needs: the chapters that it may look at while it is read.
        read: reads it. What it tells ``reading.errors`` refuses the book; it may still return what can be used, so
            that chapters that need it are looked through at the same time.
        at_once: whether a book with a mistake in it is refused when it is opened. The others are read when somebody
            asks for them.
        checks: what is asked of it beside the rest of the book; for the check of a book, since no page waits for it.
        hints: what the check of a book points out though the book is sound.
        counts: name -> how many of something it has, as the check of a book reports it.
        cites: (page, what it speaks of, citation) for every citation of a text of law.
        index: what it puts into the index of the book.
        order: where it stands among the chapters in reports and in the index; equal ones stand by name.
        reference: the page of ``docs/`` that says how its pages are written.
    """

    name: str
    label: Label
    read: Callable[[Reading], T_co | None]
    pages: tuple[PageKind, ...] = ()
    needs: tuple[Chapter[Any], ...] = ()
    at_once: bool = False
    checks: Callable[[Book], Iterator[BookError]] | None = None
    hints: Callable[[Book], Iterator[BookError]] | None = None
    counts: Mapping[str, Callable[[T_co], int]] = field(default_factory=dict)
    cites: Callable[[Book], Iterator[tuple[str, str, Citation]]] | None = None
    index: IndexGroup | None = None
    order: int = 100
    reference: str = ""


class _Files:
    """The files of a book while some of its chapters are read: each file is read once, each chapter once."""

    def __init__(self, root: Path, added: Path | None, known: Mapping[Chapter[Any], Any]) -> None:
        self.root, self.added = root, added
        self.values: dict[Chapter[Any], Any] = dict(known)
        self.mistakes: dict[Chapter[Any], tuple[BookError, ...]] = dict.fromkeys(known, ())
        self._documents: dict[Path, Document] = {}

    def document(self, path: Path) -> Document:
        found = self._documents.get(path)
        if found is None:
            found = self._documents[path] = read(path, root=self.root)
        return found

    def read(self, chapter: Chapter[Any]) -> None:
        """Read a chapter, and what it needs before it; its mistakes are kept."""
        if chapter in self.mistakes:
            return
        reading = Reading(chapter, self)
        value = None
        try:
            value = chapter.read(reading)
        except BookRefused as refused:
            reading.errors += refused.errors
        self.values[chapter] = value
        self.mistakes[chapter] = tuple(reading.errors)

    def sound(self) -> Iterator[tuple[Chapter[Any], Any]]:
        """The chapters without mistakes that were read, and what they give."""
        return ((chapter, self.values[chapter]) for chapter, errors in self.mistakes.items() if not errors)


class Reading:
    """What the reading of a chapter is given: the folder of the book, the chapters that it needs, a place for mistakes.

    Attributes:
        root: the folder of the book.
        added: the folder in which this installation keeps what was added to the book here, if it has one.
        errors: the mistakes of the chapter.
    """

    def __init__(self, chapter: Chapter[Any], files: _Files) -> None:
        self._chapter, self._files = chapter, files
        self.root, self.added = files.root, files.added
        self.errors: list[BookError] = []

    def __getitem__(self, needed: Chapter[T]) -> T:
        """A chapter that this one needs. Raises BookRefused where it has mistakes."""
        value = self.usable(needed)
        if errors := self._files.mistakes[needed]:
            raise BookRefused(*errors)
        return value  # type: ignore[return-value]  # Without mistakes it is what the chapter gives.

    def usable(self, needed: Chapter[T]) -> T | None:
        """The usable part of a needed chapter, which may have mistakes (they are reported where it is read itself);
        None where nothing can be used.
        """
        if needed not in self._chapter.needs:
            raise LookupError(f"chapter {self._chapter.name!r} does not say that it needs {needed.name!r}")
        self._files.read(needed)
        found: T | None = self._files.values[needed]
        return found

    def file(self, path: Path) -> str:
        """The name of a file as mistakes tell it."""
        return path.relative_to(self.root).as_posix()

    def document(self, path: Path) -> Document:
        """A page with the lines of its entries. Raises BookRefused where it is no YAML."""
        return self._files.document(path)

    def page(self, model: type[M], path: Path) -> tuple[M, Document] | None:
        """A page and its document; None where it has mistakes, which are reported in ``errors``."""
        try:
            document = self.document(path)
            return validated(model, document), document
        except BookRefused as refused:
            self.errors += refused.errors
            return None

    def each(self, model: type[M]) -> Iterator[tuple[Path, M, Document]]:
        """Every usable page of a kind, in the order of their paths; the mistakes of the others are reported in
        ``errors``.
        """
        for path in self.paths(model):
            if (found := self.page(model, path)) is not None:
                yield path, *found

    def paths(self, model: type[BaseModel]) -> list[Path]:
        """The files of the chapter that are pages of a model."""
        patterns = [kind.files for kind in self._chapter.pages if kind.model is model]
        return sorted(path for pattern in patterns for path in self.root.glob(pattern))


class Book:
    """A book in a folder: ``book[CHAPTER]`` is what a chapter gives, read when it is first asked for and then kept.

    ``added`` is the folder of what an installation added to it. Nothing in a book changes once it is read.
    """

    def __init__(
        self, root: Path, added: Path | None = None, chapters: Mapping[Chapter[Any], Any] = MappingProxyType({})
    ) -> None:
        self.root, self.added = root, added
        self._chapters: dict[Chapter[Any], Any] = dict(chapters)

    def __getitem__(self, chapter: Chapter[T]) -> T:
        """What a chapter gives. Raises BookRefused with every mistake in it."""
        try:
            found: T = self._chapters[chapter]
        except KeyError:
            self.read(chapter)
            found = self._chapters[chapter]
        return found

    def read(self, *chapters: Chapter[Any]) -> None:
        """Read chapters together, so that all their mistakes are reported at once. Raises BookRefused."""
        with _READING:
            files = _Files(self.root, self.added, self._chapters)
            for chapter in chapters:
                files.read(chapter)
            if errors := dict.fromkeys(error for chapter in chapters for error in files.mistakes[chapter]):
                raise BookRefused(*errors)
            self._chapters |= dict(files.sound())

    def __repr__(self) -> str:
        return f"Book({self.root})"
