"""A paper as it is handed out: its content, and how its holder can verify that it is genuine."""

from __future__ import annotations

from dataclasses import dataclass

from zhiheng.engines.papers.content import PaperContent


@dataclass(frozen=True, slots=True)
class IssuedPaper:
    """A content with what goes around it.

    ``address`` is that of its verification page and stands in the QR code; ``verification`` says what to do with it.
    """

    content: PaperContent
    address: str
    verification: str

    @property
    def digest(self) -> str:
        """What stands beside the code: the digest of the content, in groups of eight."""
        digest = self.content.digest
        return " ".join(digest[place : place + 8] for place in range(0, len(digest), 8))
