"""The initial values of a correction form: the latest texts of the row, field by field. A reading, not a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zhiheng.engines.plain_words import plain_cell
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Fact
from zhiheng.people import access
from zhiheng.quality_file.fact_detail import FactSheet, kinds_of
from zhiheng.quality_file.told_texts import told_so_far
from zhiheng.queries import refusals
from zhiheng.queries.facts import read_fact

# Parts of a party that can be given though the row had none: the corrections that are needed most.
ALWAYS = ("code", "address")


@dataclass(frozen=True)
class Blank:
    """A field, or a part of one, with its latest text; the text of a secret one is not given out. Words that contain a
    person's telephone count as secret.

    ``also``: the other fields that the same cell feeds; what is typed is the text of all of them.
    """

    target: str
    label: Label
    part: str
    text: str
    secret: bool
    required: bool
    also: tuple[Label, ...] = ()


@dataclass(frozen=True)
class Offer:
    """A form: the latest statement of the chain (the one that is corrected) and its blanks."""

    sheet: FactSheet
    latest: int
    blanks: tuple[Blank, ...]

    @property
    def shown(self) -> Mapping[str, str]:
        """What the form shows, to be compared when it comes back: another correction in between must not be overwritten
        unseen.
        """
        return {"latest": str(self.latest)} | {
            blank.target: "" if blank.secret else blank.text for blank in self.blanks
        }

    def changes(self, typed: Mapping[str, str]) -> dict[str, str]:
        """The typed texts that differ from the latest ones; a secret field that was left empty stays as it is."""
        found = {}
        for blank in self.blanks:
            text = typed.get(blank.target)
            if text is None or (blank.secret and not text.strip()):
                continue
            if _plain(text) != _plain(blank.text):
                found[blank.target] = text.strip()
        # Code and address stand beside a name in the form: an officer who gives another name has seen them, and
        # leaves or changes them.
        for blank in self.blanks:
            name = blank.target.partition(".")[0]
            if (
                blank.part
                and found.get(name)
                and blank.target in typed
                and not (blank.secret and not typed[blank.target].strip())
            ):
                found.setdefault(blank.target, typed[blank.target].strip())
        return found


def _plain(text: str) -> str:
    """A text area sends its line breaks in another way than the file had them."""
    return text.replace("\r\n", "\n").strip()


def offer_correction(fact: int, *, act: str, call: Call, through: int | None = None) -> Offer:
    """The form for the latest statement of the fact's chain; ``act`` is fact.correct or fact.withdraw.

    Raises Refused where the actor may not do it, or where there is nothing left to correct.

    Args:
        through: the enterprise whose file it is opened through.
    """
    read = read_fact(fact, call=call, through=through)
    sheet = read.sheet
    access.require(call, act, unit=sheet.unit, area=sheet.area, record=sheet.record)
    latest = sheet.chain[-1].fact if sheet.chain else sheet.fact
    if sheet.withdrawn:
        raise Refused(refusals.fact_withdrawn())
    entry = call.book[RECORDS].get(sheet.record)
    found = Fact.objects.filter(id=latest).first()
    if found is None:
        raise Refused(refusals.fact_absent(latest))
    if entry is None:
        raise Refused(refusals.record_unknown(sheet.record))
    before = told_so_far(found)
    told, source = before.texts, before.source
    types = entry.types.get(source) or next(iter(entry.types.values()))
    blanks: list[Blank] = []
    shown: set[str] = set()
    for name, definition in entry.record.fields.items():
        parts = [part for part in types[name].parts if part in ALWAYS or told.get(f"{name}.{part}", "").strip()]
        for target in (name, *(f"{name}.{part}" for part in parts)):
            if target in shown:
                continue
            same = [other for other in before.with_(target) if other.partition(".")[0] in entry.record.fields]
            shown.update(same)
            also = tuple(entry.record.fields[other.partition(".")[0]].label for other in same)
            required = (definition.required and target == name) or any(
                entry.record.fields[o].required for o in same if o in entry.record.fields
            )
            blanks.append(
                Blank(
                    target,
                    definition.label,
                    target.partition(".")[2],
                    said := told.get(target, ""),
                    definition.secret or plain_cell(said, kinds_of((target, *same), entry.record)) != said,
                    required,
                    also,
                )
            )
    return Offer(sheet, latest, tuple(blanks))
