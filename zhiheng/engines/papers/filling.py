"""The blanks of a paper, filled from a case: what is known, by the law of the day; the rest stays a line to be written
by hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from zhiheng.engines.workflow.compiled import CompiledAct
from zhiheng.engines.workflow.legal_time import day_of
from zhiheng.engines.workflow.standing import CaseLine, CaseStanding, listed
from zhiheng.grammar.chapters.case_documents import MAIN, CaseDocumentPage, PaperBlank, main_party, parts_of
from zhiheng.grammar.chapters.workflow_pages import CaseField
from zhiheng.kernel.law import MONEY, PERCENT, LawKey, Parameter
from zhiheng.kernel.numerals import capital_yuan, chinese_day, counted, plain_day, plain_moment, plain_yuan
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import one_line, paragraphs

# Widths of what is left to be written by hand, in characters: a day, a name, anything else.
_DAY, _NAME, _OTHER = 14, 20, 16


@dataclass(frozen=True, slots=True)
class PartyOnPaper:
    """A party as papers name it; what is not known stays empty. A sealed party has no name here."""

    name: str = ""
    code: str = ""
    address: str = ""
    representative: str = ""
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class IssuingUnit:
    """Who issues a paper, and how its place stands in numbers of papers (砺原)."""

    name: str
    place: str = ""
    address: str = ""
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class CaseOnPaper:
    """A case at the line that issues a paper.

    ``standing`` is that right after the line, ``lines`` are those of the case up to it. ``names`` turns what persons,
    units and parties are referred to by into names; what it does not have stands as it is. ``opener`` is the standing
    of the case that opened it, if one did.
    """

    number: str
    standing: CaseStanding
    lines: tuple[CaseLine, ...]
    unit: IssuingUnit
    parties: Mapping[str, tuple[PartyOnPaper, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    opener: CaseStanding | None = None

    @property
    def line(self) -> CaseLine:
        """The line that issues the paper."""
        return self.lines[-1]

    @property
    def act(self) -> CompiledAct:
        """The act of that line."""
        return self.standing.workflow.acts[self.line.act]

    @property
    def day(self) -> dt.date:
        """The day of that line, by whose law the paper is written."""
        return day_of(self.line.on)

    @property
    def values(self) -> Mapping[str, Any]:
        """What was said in each field last."""
        return {**self.standing.values, **self.line.said}


class Filling:
    """Fills the blanks of one page for one case."""

    def __init__(self, page: CaseDocumentPage, case: CaseOnPaper, *, title: str, number: str) -> None:
        self.page, self.case, self._title, self._number = page, case, title, number
        self._by_head: Mapping[str, Callable[[PaperBlank], str]] = {
            "": self._field,
            "paper": self._paper,
            "case": self._case,
            "unit": lambda blank: one_line(str(getattr(case.unit, blank.name))),
            "act": lambda blank: self._act_law(),
            "opener": self._of_opener,
            "party": self._party,
            "hand": self._hand,
            "day": self._day_of_act,
            "until": self._until,
            "length": self._length,
            "value": self._value,
            "law": self._law,
            "cite": self._cite,
            "blank": lambda blank: "_" * int(blank.name),
        }

    def filled(self, text: str) -> str:
        """A text with its blanks filled; of what is not known a line is left."""
        return "".join(part if isinstance(part, str) else self._of(part) for part in parts_of(text))

    def known(self, text: str) -> str:
        """A text of a form, whose fields have room enough: what is not known is left out."""
        return "".join(part if isinstance(part, str) else self._by_head[part.head](part) for part in parts_of(text))

    def entries(self, name: str) -> tuple[str, ...]:
        """The entries of a field, each in one line."""
        return tuple(one_line(self._named(each)) for each in listed(self.case.values.get(name)))

    def _of(self, blank: PaperBlank) -> str:
        return self._by_head[blank.head](blank) or "_" * _width(blank, self.case)

    def _field(self, blank: PaperBlank) -> str:
        value = self.case.values.get(blank.name)
        if blank.form == "count":
            return str(len(listed(value))) if value is not None else ""
        if value is None or value == "":
            return ""
        if blank.form == "capital":
            return capital_yuan(Decimal(str(value)))
        page = self.case.standing.workflow.page
        if blank.name in page.look_ups:
            return one_line(str(value))
        return self._shown(page.fields[blank.name], blank.name, value)

    def _of_opener(self, blank: PaperBlank) -> str:
        opener = self.case.opener
        field_ = opener.workflow.page.fields.get(blank.name) if opener is not None else None
        value = opener.values.get(blank.name) if opener is not None else None
        return self._shown(field_, blank.name, value) if field_ is not None and value is not None else ""

    def _shown(self, field_: CaseField, name: str, value: Any) -> str:
        if isinstance(value, dt.datetime):
            return plain_moment(value)
        if isinstance(value, dt.date):
            return plain_day(value)
        if isinstance(value, bool):
            return "是" if value else "否"
        if field_.type == "money":
            return plain_yuan(Decimal(str(value)))
        if field_.type in ("choice", "choices"):
            return "、".join(self._choice(field_, name, str(each)) for each in listed(value))
        if isinstance(value, list | tuple):
            return "、".join(one_line(self._named(each)) for each in value)
        said = self._named(value)
        return paragraphs(said) if field_.type == "long_text" else one_line(said)

    def _choice(self, field_: CaseField, name: str, value: str) -> str:
        label = field_.choices.get(value)
        return label.zh if label is not None else self.page.words.get(name, {}).get(value, value)

    def _named(self, value: Any) -> str:
        return self.case.names.get(str(value), str(value))

    def _paper(self, blank: PaperBlank) -> str:
        if blank.name == "day":
            return chinese_day(self.case.day)
        return self._title if blank.name == "title" else self._number

    def _case(self, blank: PaperBlank) -> str:
        case = self.case
        if blank.name == "officers":
            return self._people(case.line.people)
        if blank.name == "moment":
            on = case.line.on
            return plain_moment(on) if isinstance(on, dt.datetime) else ""
        act, _, outcome = case.line.act.partition(".")
        body = case.standing.workflow.page.acts[act]
        return {
            "number": one_line(case.number),
            "day": plain_day(case.day),
            "act": body.label.zh,
            "outcome": body.outcomes[outcome].label.zh if outcome else "",
        }[blank.name]

    def _party(self, blank: PaperBlank) -> str:
        name = main_party(self.case.standing.workflow.page) if blank.name == MAIN else blank.name
        found = (getattr(each, blank.form or "name") for each in self.case.parties.get(name, ()))
        return "、".join(one_line(each) for each in found if each)

    def _hand(self, blank: PaperBlank) -> str:
        """Who acted last as a hand; else who is named for it."""
        acts = self.case.standing.workflow.acts
        for line in reversed(self.case.lines):
            if acts[line.act].body.by == (blank.name,) and line.people:
                return self._people(line.people)
        return self._people(self.case.standing.assigned.get(blank.name, ()))

    def _people(self, people: Iterable[str]) -> str:
        return "、".join(one_line(self._named(each)) for each in people)

    def _day_of_act(self, blank: PaperBlank) -> str:
        done = [*self.case.lines, *self.case.standing.derived]
        on = [day_of(line.on) for line in done if blank.name in (line.act, line.act.partition(".")[0])]
        return plain_day(max(on)) if on else ""

    def _until(self, blank: PaperBlank) -> str:
        for clock in self.case.standing.clocks():
            if clock.period == blank.name:
                return plain_moment(clock.moment) if clock.moment is not None else plain_day(clock.day)
        return ""

    def _length(self, blank: PaperBlank) -> str:
        law = self._parameter(blank)
        if law is None:
            return ""
        period = law.period(LawKey.parse(blank.name).row)
        shown = period.show()
        return counted(period.amount) + shown.removeprefix(str(period.amount))

    def _value(self, blank: PaperBlank) -> str:
        law = self._parameter(blank)
        if law is None:
            return ""
        row = LawKey.parse(blank.name).row
        value = law.row(row) if row else law.value
        if law.unit == MONEY:
            return plain_yuan(Decimal(str(value)))
        return f"{value}%" if law.unit == PERCENT else str(value)

    def _law(self, blank: PaperBlank) -> str:
        law = self._parameter(blank)
        return _cited(law.text.zh, law.article) if law is not None else ""

    def _parameter(self, blank: PaperBlank) -> Parameter | None:
        return self.case.standing.time.at(LawKey.parse(blank.name), self.case.day)

    def _cite(self, blank: PaperBlank) -> str:
        held = (each for each in self.page.cites[blank.name] if each.holds(self.case.day))
        return "、".join(_cited(each.text, each.article) for each in held)

    def _act_law(self) -> str:
        law, case = self.case.act.body.law, self.case
        if not law:
            return ""
        if law.isascii():
            try:
                found = case.standing.time.at(LawKey.parse(law), case.day)
            except Refused:
                return ""
            return _cited(found.text.zh, found.article) if found is not None else ""
        first = case.standing.workflow.page.law[0]
        return _cited(first.text, law) if first.holds(case.day) else ""


def _cited(text: str, article: str) -> str:
    return f"《{text}》{article}"


def _width(blank: PaperBlank, case: CaseOnPaper) -> int:
    """How long a line is left for what is not known."""
    if blank.head in ("day", "until") or blank.name in ("day", "moment"):
        return _DAY
    if blank.head in ("party", "unit", "hand") or blank.name == "officers":
        return _NAME
    field_ = case.standing.workflow.page.fields.get(blank.name)
    if not blank.head and field_ is not None and field_.type in ("day", "moment"):
        return _DAY
    return _OTHER
