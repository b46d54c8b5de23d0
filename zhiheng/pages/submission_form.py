"""What the forms of complaints and reports share, whoever fills them in: the further fields of each kind, and places as
a choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.submissions import SubmissionKind, Submissions
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.pages.access import book
from zhiheng.pages.input_form import InputForm, ParagraphsField
from zhiheng.pages.words import label


class SubmittedForm(InputForm):
    """A form that asks for the further fields of each kind of the book, each under a name of its own."""

    def ask_more(self, page: Submissions) -> None:
        """Ask for the further fields of each kind."""
        for name, kind in page.kinds.items():
            fields = book()[WORKFLOWS][kind.workflow].page.fields
            for one in kind.asks:
                words = fields[one].label
                self.fields[f"{name}_{one}"] = ParagraphsField(
                    words.zh, words.en, most=2_000, needed=None, hint=self.hint_of(kind)
                )

    def hint_of(self, kind: SubmissionKind) -> Any:
        """What stands under the further fields of a kind; nothing where only those of the chosen kind are shown."""
        return ""

    def further(self, page: Submissions) -> dict[str, list[Any]]:
        """Kind -> its further fields, bound."""
        return {name: [self[f"{name}_{one}"] for one in kind.asks] for name, kind in page.kinds.items()}

    def places_of_refusals(self, page: Submissions) -> dict[str, str]:
        """Field of a workflow -> the field of the form that asks for it, by the kind that was sent."""
        chosen = self.cleaned_data["kind"]
        return {one: f"{chosen}_{one}" for kind in page.kinds.values() for one in kind.asks}

    def given(self, page: Submissions) -> Mapping[str, str]:
        """What was filled in of the further fields of the kind that was sent."""
        kind = page.kinds.get(self.cleaned_data["kind"])
        places = self.places_of_refusals(page)
        return {one: self.cleaned_data[places[one]] for one in (kind.asks if kind is not None else ())}


def area_words(code: str) -> str:
    """An area as it stands in the list: 砺原区 铁砧街道. The root is no place."""
    district = book()[DISTRICT]
    above = district.areas_above[code]
    return " ".join(label(district.names[one]) for one in (*reversed(above[:-1]), code)) if above else ""


def areas() -> list[tuple[str, str]]:
    """The places of the district, as a choice."""
    return [(code, words) for code in book()[DISTRICT].areas_above if (words := area_words(code))]
