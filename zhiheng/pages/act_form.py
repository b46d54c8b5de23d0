"""The form of an act of a case: the fields that its workflow asks for by the law of the day. Officers fill it in at the
desk, an enterprise in its corner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from zhiheng.pages.attaching import AttachingForm
from zhiheng.pages.http import PageRequest
from zhiheng.pages.input_form import (
    CarriedField,
    ChoiceField,
    DayField,
    LineField,
    Options,
    ParagraphsField,
    TicksField,
)
from zhiheng.pages.words import label, say, say_later
from zhiheng.queries.cases import ActToChoose, FieldToFill, SentAct

# What stands on several lines of a box: one entry a line.
LISTS = ("names", "parties", "files")
MOST_TICKED = 200
HAPPENED = "happened"


class ActForm(AttachingForm):
    """An act of a case. ``place`` is the last place of the log when the form was made: if another officer has acted
    since, the act is refused with what changed.
    """

    place = CarriedField(most=12)
    # The button that keeps what is half written, and the day on which its owner is reminded of it.
    draft = CarriedField(most=1)
    remind_on = DayField("哪天提醒我", "Remind me on", short=True, hint=say_later("可以不填", "May be left out"))

    def __init__(
        self, fields: Sequence[FieldToFill], people: Options, units: Options, *args: Any, **words: Any
    ) -> None:
        super().__init__(*args, **words)
        for each in fields:
            self.fields[each.name] = _field(each, people)
        for each in fields:
            if (options := _options(each, people, units)) is not None:
                empty = [] if isinstance(self.fields[each.name], TicksField) else [("", say("请选择", "Choose"))]
                self.offer(**{each.name: [*empty, *options]})
        self.names = tuple(each.name for each in fields)
        if self.is_drafting:
            for name in self.names:
                self.fields[name].required = False

    @property
    def is_drafting(self) -> bool:
        """Whether what was sent is to be kept half written: then nothing has to be filled in yet."""
        return self.is_bound and bool(self.data.get("draft"))

    def ask_day(self) -> None:
        """Ask for the day, or the moment, on which it happened."""
        self.fields[HAPPENED] = LineField(
            "发生时间",
            "When it happened",
            needed=not self.is_drafting,
            hint=say_later(
                "写日期（2026-03-31）；按小时计算的，写到分（2026-03-31 09:30）。",
                "A day (2026-03-31); where hours count, to the minute (2026-03-31 09:30).",
            ),
        )

    @property
    def given(self) -> Mapping[str, Any]:
        """Field -> what was typed; empty ones are left out."""
        data = self.cleaned_data
        return {name: data[name] for name in self.names if data.get(name) not in (None, "", [])}

    @property
    def seen(self) -> int | None:
        """The last place of the log when the form was made."""
        text = self.cleaned_data.get("place", "")
        return int(text) if text.isascii() and text.isdecimal() else None

    def place_to_carry(self, now: int) -> str | int:
        """The place that the form carries when it is shown: that of now, for a new one and for one whose sender has
        just been told what changed since; else the one that it was made at.
        """
        return now if not self.is_bound or self.has_code("case.changed") else str(self["place"].data or "")


def _field(each: FieldToFill, people: Options) -> Any:
    words: dict[str, Any] = {"needed": each.required}
    zh, en = each.field.label.zh, each.field.label.en
    if each.field.type == "long_text":
        return ParagraphsField(zh, en, most=20_000, **words)
    if each.field.type in LISTS:
        hint = (
            say_later("每行写一份材料的名称；文件在“附件”里添加。", "One paper a line; attach files below.")
            if each.field.type == "files"
            else say_later("每行写一项。", "One a line.")
        )
        return ParagraphsField(zh, en, most=20_000, hint=hint, **words)
    if each.field.type in ("choices", "persons", "units"):
        return TicksField(zh, en, most=MOST_TICKED, **words)
    if each.field.type == "person" and not people:
        # A party writes the name of whom it means; who decides chooses the account.
        return LineField(zh, en, most=500, **words)
    if each.choices or each.field.type in ("choice", "person", "unit", "yes_no"):
        return ChoiceField(zh, en, **words)
    if each.field.type == "day":
        return LineField(zh, en, kind="date", **words)
    if each.field.type == "moment":
        return LineField(zh, en, kind="datetime-local", **words)
    return LineField(zh, en, most=500, **words)


def _options(each: FieldToFill, people: Options, units: Options) -> Options | None:
    """What a field offers; None where it is typed."""
    if each.field.type in ("person", "persons"):
        return [one for one in people if each.among is None or one[0] in each.among] or None
    if each.field.type in ("unit", "units"):
        return units
    if each.field.type == "yes_no":
        return [("true", say("是", "Yes")), ("false", say("否", "No"))]
    if each.choices:
        return [(value, label(word)) for value, word in each.choices]
    return None


def act_form(
    request: PageRequest,
    act: ActToChoose | SentAct,
    *,
    people: Options,
    units: Options,
    begins: Mapping[str, Any] = MappingProxyType({}),
) -> ActForm:
    """The form of an act, bound where it was sent."""
    sent = request.method == "POST"
    form = (
        ActForm(act.fields, people, units, request.POST, request.FILES) if sent else ActForm(act.fields, people, units)
    )
    form.initial.update(begins)
    if act.states_day:
        form.ask_day()
    return form
