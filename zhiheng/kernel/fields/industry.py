"""Industries by GB/T 4754. A code means something only together with its edition, so both are kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from zhiheng.kernel.fields import refusals
from zhiheng.kernel.fields.base import NO_PARTS, FieldType, Value
from zhiheng.kernel.fields.text import narrow, nearest, parts_of, says_nothing, tidy
from zhiheng.kernel.reasons import Refusal

_SAID = re.compile(r"(?P<letter>[A-Za-z])?(?P<digits>[0-9]{2,4})?(?:[\s:：.、-]*(?P<name>[^0-9A-Za-z\s].*))?")


@dataclass(frozen=True)
class _Edition:
    """One edition, by every way to write a code: its own, without its section letter, and with it."""

    codes: Mapping[str, str]
    letters: Mapping[str, str]
    by_name: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str]


def _index(listed: Mapping[str, str]) -> _Edition:
    codes: dict[str, str] = {}
    letters: dict[str, str] = {}
    by_name: dict[str, tuple[str, ...]] = {}
    section = ""
    for code, name in listed.items():
        code = str(code)
        digits = code.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        # Lists without letters in their codes put each section before its divisions; that is where the letter is
        # known from.
        section = code[0] if code[:1].isalpha() else section
        codes[digits or code] = code
        letters[digits or code] = section
        key = _name_key(name)
        by_name[key] = (*by_name.get(key, ()), code)
    return _Edition(codes, letters, by_name, {str(code): str(name) for code, name in listed.items()})


def _name_key(name: str) -> str:
    return re.sub(r"[\s()]+", "", narrow(tidy(str(name)))).casefold()


@dataclass(frozen=True)
class Industry(FieldType):
    """{"code", "edition"}; the code is spelled as the edition's own list spells it.

    ``editions`` maps an edition ('2017') to its codes and names, in the order of the standard. Taken are 'C1361',
    '1361', 'C136', 'C', a name, or a code with its name. The part ``edition`` is a separate column; '(2011)' may also
    stand behind the code.
    """

    name = "industry"
    label = ("行业", "industry")
    parts = ("edition",)
    columns: ClassVar[Mapping[str, str]] = {"code": "VARCHAR", "edition": "VARCHAR"}

    editions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    default_edition: str = ""

    @cached_property
    def _editions(self) -> dict[str, _Edition]:
        return {str(year): _index(listed) for year, listed in self.editions.items()}

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        said = narrow(tidy(text))
        if says_nothing(said):
            return None
        edition = self.default_edition
        for year in self._editions:
            marked = re.search(
                rf"[(\[【]\s*(?:GB/?T\s*4754\s*[-—–]\s*)?{re.escape(year)}\s*版?\s*[)\]】]", said, re.IGNORECASE
            )
            if marked:
                edition, said = year, (said[: marked.start()] + said[marked.end() :]).strip()
        if (beside := parts_of(parts, "edition")) and (years := [year for year in self._editions if year in beside]):
            edition = years[0]
        listed = self._editions.get(edition)
        if listed is None:
            return refusals.edition_unknown(beside or edition, editions=self._editions, text=text)
        found = self._find(said, listed, edition, text)
        return found if isinstance(found, Refusal) else {"code": found, "edition": edition}

    def _find(self, said: str, listed: _Edition, edition: str, text: str) -> str | Refusal:
        if codes := listed.by_name.get(_name_key(said)):
            # A group with a single class repeats its name; the deepest of such a chain says the same and more.
            deepest = max(codes, key=len)
            if all(deepest.startswith(code) for code in codes):
                return deepest
            return refusals.several_industries(text, edition=edition, codes=codes)
        read = _SAID.fullmatch(re.sub(r"\.0$", "", said))
        if read is None or not (read["letter"] or read["digits"]):
            return self._unknown(said, listed, edition, text)
        letter, digits = (read["letter"] or "").upper(), read["digits"] or ""
        key = digits or letter
        code = listed.codes.get(key)
        if code is None or (letter and listed.letters[key] and listed.letters[key] != letter):
            return self._unknown(said, listed, edition, text)
        if read["name"] and _name_key(read["name"]) != _name_key(listed.names[code]):
            return refusals.industry_mismatch(text, edition=edition, code=code, name=listed.names[code])
        return code

    def _unknown(self, said: str, listed: _Edition, edition: str, text: str) -> Refusal:
        bare = said.upper().lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") or said.upper()
        others = [year for year, other in self._editions.items() if year != edition and bare in other.codes]
        close = nearest(said, list(dict.fromkeys(listed.names.values()))) if not others else []
        hint_zh = (
            f"（{'、'.join(others)}版里有，请注明版本）" if others else (f"，是不是{'、'.join(close)}" if close else "")
        )
        hint_en = (
            f" (it stands in {', '.join(others)}: name the edition)"
            if others
            else (f"; did you mean {', '.join(close)}?" if close else "")
        )
        return refusals.industry_unknown(edition, text=text, hint_zh=hint_zh, hint_en=hint_en)

    def show(self, value: Value, *, lang: str = "zh", masked: bool = False) -> str:
        if value is None:
            return ""
        listed = self._editions.get(str(value.get("edition", "")))
        name = listed.names.get(value["code"], "") if listed else ""
        return f"{value['code']} {name}".strip()
