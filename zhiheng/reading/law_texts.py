"""A folder of law texts, as an installation may name one (``ZHIHENG_LAW_TEXTS``): the articles' own words.

The project ships no texts. A folder holds one file for each edition of a text, ``.md`` or ``.txt`` in UTF-8, named as
the book's register says: the title, and for an edition that is not the newest the day it came into force in brackets
(``食品安全抽样检验管理办法(2022-11-01).md``). What stands above a line ``---`` is about the file; the text follows.

Only files that the folder itself lists are opened, so no name leads out of it. A file is read when its words are
first asked for, and again when it has changed. A folder that is missing or can't be read is told by :meth:`problem`
and otherwise has no words; it never raises.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from zhiheng.kernel.articles import ArticlePlace, Articles, articles, places
from zhiheng.kernel.law import Instrument
from zhiheng.kernel.reasons import Refusal
from zhiheng.reading import refusals

ENDINGS = (".md", ".txt")
# The longest code of the country has below half a megabyte.
LARGEST = 8_000_000


@dataclass(frozen=True, slots=True)
class CitedWords:
    """What a citation says in the text itself: each place with its words, in the order of the citation."""

    text: Instrument
    passages: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Absent:
    """A citation that can't be found in its text: where it stands in the book, what it cites, and why."""

    page: str
    name: str
    cited: str
    zh: str
    en: str


class LawTexts:
    """The texts of a folder. Shared by threads; what was read is kept until its file changes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._listed: tuple[int, dict[str, Path]] | None = None
        self._read: dict[Path, tuple[tuple[int, int], Articles]] = {}

    def problem(self) -> Refusal | None:
        """Why the folder gives no words; None where it can be read."""
        try:
            names = [path for path in self._folder.iterdir() if path.suffix in ENDINGS]
        except FileNotFoundError:
            zh, en = "不存在", "does not exist"
        except NotADirectoryError:
            zh, en = "不是目录", "is no folder"
        except OSError:
            zh, en = "不能读取", "can't be read"
        else:
            if names:
                return None
            zh, en = "里没有 .md 或 .txt 文件", "holds no .md or .txt file"
        return refusals.law_texts_folder(self._folder, zh=zh, en=en)

    def has(self, text: Instrument) -> bool:
        """Whether the folder has a file of this edition that can be read as articles."""
        return bool(self._articles(text.file))

    def file(self, text: Instrument) -> bool:
        """Whether the folder has a file of this edition."""
        return _key(text.file) in self._files()

    def words(self, text: Instrument, place: ArticlePlace) -> str | None:
        """The words of an article, paragraph or item in this edition; None where the folder does not have them."""
        found = self._articles(text.file).get((place.article, place.inserted))
        return found.words(place) if found is not None else None

    def passages(self, text: Instrument, article: str) -> CitedWords | None:
        """The words of a whole citation; None where the folder has none of them."""
        found = [(str(place), words) for place in _places(article) if (words := self.words(text, place))]
        return CitedWords(text, tuple(found)) if found else None

    def missing(self, text: Instrument, article: str) -> tuple[ArticlePlace, ...]:
        """The places of a citation that this edition does not have; none where the folder has no such text."""
        if not self.has(text):
            return ()
        return tuple(place for place in _places(article) if self.words(text, place) is None)

    def _files(self) -> dict[str, Path]:
        try:
            stamp = self._folder.stat().st_mtime_ns
            with self._lock:
                if self._listed is None or self._listed[0] != stamp:
                    self._listed = (stamp, dict(self._list()))
                return self._listed[1]
        except OSError:
            return {}

    def _list(self) -> Iterator[tuple[str, Path]]:
        # .md is looked at last, so that of two files with one name it counts.
        for path in sorted(self._folder.iterdir(), reverse=True):
            if path.suffix in ENDINGS and not path.is_symlink() and path.is_file():
                yield _key(path.stem), path

    def _articles(self, file: str) -> Articles:
        path = self._files().get(_key(file)) if file else None
        if path is None:
            return {}
        try:
            told = path.stat()
            stamp = (told.st_mtime_ns, told.st_size)
            with self._lock:
                kept = self._read.get(path)
            if kept is not None and kept[0] == stamp:
                return kept[1]
            whole = path.read_text("utf-8-sig") if told.st_size <= LARGEST else ""
        except (OSError, UnicodeDecodeError):
            return {}
        _, line, body = whole.replace("\r\n", "\n").partition("\n---\n")
        found = articles(body if line else whole)
        with self._lock:
            self._read[path] = (stamp, found)
        return found


def absent(texts: LawTexts, citations: Iterable[tuple[str, str, Instrument, str]]) -> tuple[Absent, ...]:
    """Of (page, name, text, article): every article that does not exist in its text, and every file that is
    unreadable.
    """
    found = []
    for page, name, text, article in citations:
        if not article or not texts.file(text):
            continue
        title = f"《{text.zh}》{f'（{text.in_force} 起施行）' if text.in_force else ''}"
        if not texts.has(text):
            found.append(
                Absent(
                    page,
                    name,
                    f"{title}{article}",
                    f"{text.file} 不能读出条文",
                    f"no articles can be read in {text.file}",
                )
            )
            continue
        gone = texts.missing(text, article)
        if gone:
            listed = "、".join(map(str, gone))
            found.append(
                Absent(page, name, f"{title}{article}", f"该版文本中没有{listed}", f"this edition has no {listed}")
            )
    return tuple(found)


def _places(article: str) -> tuple[ArticlePlace, ...]:
    try:
        return places(article)
    except ValueError:
        return ()


def _key(name: str) -> str:
    """A file's name as people compare names: one form of each character, brackets of either width."""
    return unicodedata.normalize("NFKC", name)
