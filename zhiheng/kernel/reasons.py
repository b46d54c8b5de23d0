"""A verdict carries its reason.

Nothing in this code answers a bare ``False``: what is refused or doubted says which rule, where, and what to do next,
in Chinese for the officer and in English for the engineer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something was not accepted, as a sentence that ends with what to do.

    ``code`` is stable and in English (``date.impossible``); ``zh`` and ``en`` are whole sentences; ``field`` names the
    field of the record, where there is one, and ``part`` the part of its value that stood in a separate column (the
    code beside a name); ``text`` is the delivered text, unchanged.
    """

    code: str
    zh: str
    en: str
    field: str = ""
    text: str = ""
    part: str = ""

    def at(self, *, field: str, text: str | None = None) -> Refusal:
        """The same refusal for a given field (and, where given, the text that stood there)."""
        return replace(self, field=field, text=self.text if text is None else text)

    def __str__(self) -> str:
        return self.zh


@dataclass(frozen=True, slots=True)
class Flag:
    """A doubt that does not stop a row: an error of the source that an officer should know of, never a penalty."""

    code: str
    zh: str
    en: str
    field: str = ""


class Refused(Exception):
    """Raised where a whole act is refused (a file, a book, a command); carries one refusal or several."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__("\n".join(r.zh for r in refusals))
        self.refusals = refusals
