"""Facts as rows of a paper, in one language: what extracts and credit reports are written with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from zhiheng.engines.naming import Names
from zhiheng.engines.plain_words import plain_words
from zhiheng.grammar.chapters.documents import DocumentText, SectionText
from zhiheng.grammar.types import QUALITIES
from zhiheng.office import extract_content
from zhiheng.projections.models import Card
from zhiheng.quality_file.conflicts import Conflict
from zhiheng.quality_file.fact_lines import FileLine
from zhiheng.quality_file.file_head import FileHead
from zhiheng.quality_file.file_view import Counts

Fill = Callable[[SectionText], extract_content.Section]


def grouped(number: str) -> str:
    """The number of a paper as it is printed: four groups of five."""
    return "-".join(number[i : i + 5] for i in range(0, len(number), 5))


class PaperRows:
    """Facts as rows of a paper, in one language."""

    def __init__(self, text: DocumentText, names: Names, day: dt.date) -> None:
        self.text, self.names, self.day, self.zh = text, names, day, names.language == "zh"

    def said(self, label: object) -> str:
        """The side of a label in the language of the paper."""
        return str(getattr(label, "zh" if self.zh else "en"))

    def identity(
        self, head: FileHead, card: Card | None, name: str, purpose: str, day: dt.date, **more: str
    ) -> tuple[tuple[str, str], ...]:
        """The identity section, in the order of the book; attributes without any statement are left out. ``more``: what
        this kind of paper says besides.
        """
        names = self.names
        values = {
            "name": name,
            "code": "、".join(head.codes),
            "former": "；".join(n for n in head.names if n != name),
            "status": names.card_value("status", card.status) if card else "",
            "does": names.industry(card.industry) if card and card.industry else "",
            "area": names.area(card.area) if card and card.area else "",
            "since": str(card.established_on or "") if card else "",
            "address": plain_words(card.address) if card and card.address else "；".join(head.addresses[:2]),
            "purpose": purpose,
            "made_on": str(day),
            **more,
        }
        return tuple((self.said(label), values[key]) for key, label in self.text.identity.items() if values.get(key))

    def standing(self, counted: Counts) -> Fill:
        """A row per quality; a quality without any statement says so, which is a finding."""

        def fill(section: SectionText) -> extract_content.Section:
            rows = []
            for quality in QUALITIES:
                c = counted.get(quality)
                word = self.names.quality(quality)
                if c is None or not c.facts:
                    rows.append((word, self.said(section.empty), "—", "—"))
                else:
                    rows.append((word, str(c.facts), str(c.fails), str(c.last_on or "—")))
            return self.made(section, rows, len(rows))

        return fill

    def lines(self, section: SectionText, lines: Iterable[FileLine], total: int) -> extract_content.Section:
        """Day, what in which role, outcome and content, who said it."""
        return self.made(
            section,
            [
                (str(line.occurred_on), self._what(line), self._outcome(line), self.names.unit(line.unit))
                for line in lines
            ],
            total,
        )

    def ending(self, section: SectionText, lines: Iterable[FileLine], total: int) -> extract_content.Section:
        """Last day, what, its number or name, who said it."""
        rows = []
        for line in lines:
            until = str(line.valid_until or "")
            over = ("（已过期）" if self.zh else " (ended)") if line.ended(self.day) else ""
            rows.append((f"{until}{over}", self.said(line.label), self._gist(line, 2), self.names.unit(line.unit)))
        return self.made(section, rows, total)

    def things(self, section: SectionText, lines: Iterable[FileLine], total: int) -> extract_content.Section:
        """Since when, what, number or name and its end, who said it."""
        rows = []
        for line in lines:
            until = f"{'，至 ' if self.zh else ', until '}{line.valid_until}" if line.valid_until else ""
            rows.append(
                (
                    str(line.occurred_on),
                    self.said(line.label),
                    f"{self._gist(line, 3)}{until}",
                    self.names.unit(line.unit),
                )
            )
        return self.made(section, rows, total)

    def conflicts(self, section: SectionText, found: Iterable[Conflict]) -> extract_content.Section:
        """Each side of what is stated differently, a row each."""
        rows = [
            (
                str(side.occurred_on),
                f"{one.thing}　{self.said(one.label)}".strip(),
                side.zh if self.zh else side.en,
                self.names.unit(side.unit),
            )
            for one in found
            for side in one.said
        ]
        return self.made(section, rows, len(rows))

    def _what(self, line: FileLine) -> str:
        roles = "、".join(self.names.role(role) for role in line.roles)
        state = ""
        if line.withdrawn:
            state = "［已撤回］" if self.zh else " [withdrawn]"
        elif line.replaced_by:
            state = "［已更正］" if self.zh else " [corrected]"
        said = self.said(line.label)
        return f"{said}（{roles}）{state}" if self.zh else f"{said} ({roles}){state}"

    def _outcome(self, line: FileLine) -> str:
        verdict = self.said(line.verdict) if line.verdict is not None else ""
        return "　".join(filter(None, (verdict, self._gist(line, 2))))

    def _gist(self, line: FileLine, most: int) -> str:
        return ("，" if self.zh else ", ").join(self.said(shown) for shown in line.gist[:most])

    def made(self, section: SectionText, rows: list[extract_content.Row], total: int) -> extract_content.Section:
        """A section of rows, as many as the book says; ``total``: how many there are."""
        shown = rows[: section.rows]
        note = self.said(self.text.more).format(shown=len(shown), total=total) if total > len(shown) else ""
        h = section.headings
        return extract_content.Section(
            self.said(section.title),
            (self.said(h[0]), self.said(h[1]), self.said(h[2]), self.said(h[3])),
            tuple(shown),
            self.said(section.empty),
            note,
        )
