"""Reads pages piece by piece, tags and texts in their order, with the parser of libxml2: walks over all pages read
thousands of them, and Python's own parser takes them several times as long.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from lxml import etree


class Listener(Protocol):
    """Told of each piece. Attributes without a value have an empty one."""

    def start(self, tag: str, attributes: Mapping[str, str], /) -> None:
        """A tag begins."""

    def data(self, text: str, /) -> None:
        """A text, or a piece of one."""

    def end(self, tag: str, /) -> None:
        """A tag ends."""


class _Target:
    def __init__(self, listener: Listener) -> None:
        self.start, self.data, self.end = listener.start, listener.data, listener.end

    def close(self) -> None:
        """Nothing is made of a page as a whole."""


def tell(page: str, listener: Listener) -> None:
    """Tell of all pieces of a page."""
    if page.strip():
        parser = etree.HTMLParser(target=_Target(listener), huge_tree=True)
        parser.feed(page)
        parser.close()
