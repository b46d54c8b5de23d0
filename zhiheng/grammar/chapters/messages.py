"""What people are reminded of, in which words, over which channels, and who is told next where nobody reads it
(``book/messages.yaml``, ``book/messages/<kind>.yaml``).

All of it is the place's own: no law says when an office reminds. A ladder has rungs; each stands so many days (or
hours) before or after something is due, and one that nobody has read climbs to the next rung earlier.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from string import Formatter
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from zhiheng.grammar.book import Chapter, PageKind, Reading
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Entry, Identifier, Label, LateEntry
from zhiheng.grammar.yaml import Document, Wrong

Channel = Literal["in_app", "email", "sms"]
About = Literal["delivery", "case", "case_hours", "talk", "draft", "access"]
CHANNELS: Mapping[Channel, Label] = MappingProxyType(
    {
        "in_app": Label(zh="站内消息", en="in-app message"),
        "email": Label(zh="电子邮件", en="e-mail"),
        "sms": Label(zh="短信", en="text message"),
    }
)
# What is due at a moment: its rungs stand in hours.
IN_HOURS: frozenset[About] = frozenset({"case_hours"})
# What the texts about a thing can be filled with. No name of a person or an enterprise is among it: a message leaves
# the house.
BLANKS: Mapping[About, tuple[str, ...]] = MappingProxyType(
    {
        "delivery": ("unit", "due", "days", "n", "records"),
        "case": ("unit", "due", "days", "workflow", "number", "duty"),
        "case_hours": ("unit", "due", "hours", "workflow", "number", "duty", "who"),
        # What the sender of a case has said; neither who it is nor a word of it.
        "talk": ("unit", "due", "days", "workflow", "number"),
        # What somebody has half written and wants to be reminded of; nothing of what was written.
        "draft": ("unit", "due", "days", "workflow", "number", "act"),
        # That access was given, confirmed or ended: the act, and the number of the account; nobody's name and no code.
        "access": ("unit", "due", "days", "what", "account"),
    }
)


_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def _clock(text: object) -> dt.time:
    if isinstance(text, dt.time):
        return text
    if not isinstance(text, str) or not _CLOCK.fullmatch(text):
        raise Wrong(
            f'“{text}”不是时刻；请加引号写成 "08:00"、"21:30" 的样子。',
            f'{text!r} is no time of day; write it in quotes like "08:00" or "21:30".',
        )
    return dt.time.fromisoformat(text)


ClockTime = Annotated[dt.time, BeforeValidator(_clock)]


class Quiet(Entry):
    """In which hours nothing is sent that is not urgent: from ``begins`` to ``ends``, over midnight where it ends
    earlier.
    """

    begins: ClockTime = Field(description="21:30, in quotes")
    ends: ClockTime
    days_off: bool = Field(default=True, description="whether all of a day is quiet on which nobody works")

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.begins == self.ends:
            raise Wrong(
                "begins 与 ends 相同，分不清是全天还是没有；不要静默时段的，删去 quiet。",
                "begins and ends are the same, which could mean all day or never; without quiet hours leave quiet out.",
            )
        return self


class Sending(Entry):
    """How a place sends messages: when it is quiet, and when the summary of a day goes out."""

    quiet: Quiet | None = None
    summary_at: ClockTime | None = Field(
        default=None, description="when the messages of kinds with a summary go out in one; without it each by itself"
    )


class Unread(Entry):
    """After how long a reminder that nobody has read climbs: hours that are not quiet, or working days."""

    amount: int = Field(ge=1, le=400)
    unit: Literal["hour", "wd"] = "wd"


class RungWords(LateEntry):
    """What a rung says, with blanks."""

    title: Label = Field(description="one line; it is the subject of an e-mail")
    text: Label


class Rung(RungWords):
    """A rung of a ladder: who is told, how many days (or hours) before (below 0) or after it is due, in which words."""

    id: Identifier
    to: Literal["hands", "unit", "area"] = Field(
        description="hands: who has to do it; unit: holders of roles in their unit; area: holders of roles whose area "
        "is that of the unit or the nearest above"
    )
    roles: tuple[Identifier, ...] = Field(default=(), description="roles of officers; not for hands")
    days: int | None = Field(default=None, ge=-90, le=365)
    unit: Literal["d", "wd"] = "wd"
    hours: int | None = Field(
        default=None, ge=-240, le=240, description="instead of days, of what is due at a moment: hours before or after"
    )
    unread: Unread | None = Field(default=None, description="after how long it climbs where nobody has read it")
    early: RungWords | None = Field(
        default=None, description="what it says where it comes before its day, because the rung below was not read"
    )

    @model_validator(mode="after")
    def _whom(self) -> Self:
        if (self.to == "hands") == bool(self.roles):
            raise Wrong(
                "to 是 hands 时不写 roles，是 unit 或 area 时要写 roles；请改正。",
                "roles stand with to: unit or area, and not with hands; correct one of them.",
            )
        return self

    @property
    def at(self) -> int:
        """Where it stands on its ladder: in days, or in hours."""
        return self.days or self.hours or 0

    @property
    def addressees(self) -> tuple[str, ...]:
        """Whom it tells, as something that can be compared: rungs with the same tell the same people."""
        return (self.to, *sorted(self.roles))


class MessageKind(LateEntry):
    """A kind of message: what it is about, its channels, its ladder."""

    label: Label
    about: About
    channels: tuple[Channel, ...] = Field(default=("in_app", "email"), description="over which it is sent")
    required: tuple[Channel, ...] = Field(
        default=("in_app",), description="those that nobody can switch off for themselves"
    )
    urgent: bool = Field(default=False, description="goes out in quiet hours too, and waits for no summary")
    ladder: tuple[Rung, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if "in_app" not in self.channels or "in_app" not in self.required:
            raise Wrong(
                "channels 和 required 都要有 in_app：读没读只看站内消息。",
                "channels and required both need in_app: whether something was read is known of in-app messages only.",
            )
        if extra := [one for one in self.required if one not in self.channels]:
            raise Wrong(
                f"required 里的 {extra[0]} 不在 channels 里；请补写。",
                f"required names {extra[0]}, which channels does not; add it there.",
            )
        hours = self.about in IN_HOURS
        for rung in self.ladder:
            if (rung.hours is None) == hours or (rung.days is None) != hours:
                raise Wrong(
                    f"{rung.id}：about 是 {self.about} 的，各级写 {'hours' if hours else 'days'}，"
                    f"不写 {'days' if hours else 'hours'}；请改正。",
                    f"{rung.id}: rungs about {self.about} stand in {'hours' if hours else 'days'} and not in "
                    f"{'days' if hours else 'hours'}; correct it.",
                )
        ids = [rung.id for rung in self.ladder]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise Wrong(
                f"ladder 里 {twice[0]} 写了两次；每级一个名称。", f"ladder has {twice[0]} twice; each rung has an id."
            )
        for before, after in pairwise(self.ladder):
            if before.unit == after.unit and after.at < before.at:
                raise Wrong(
                    f"ladder 须按 days（或 hours）从早到晚排列，{after.id} 早于 {before.id}；请调整。",
                    f"ladder goes from early to late, and {after.id} is before {before.id}; put them in order.",
                )
        for place, rung in enumerate(self.ladder):
            for said in (rung, rung.early):
                for words in () if said is None else (said.title.zh, said.title.en, said.text.zh, said.text.en):
                    _check_blanks(words, self.about)
            above = self.above(place)
            if rung.unread is not None and (above is None or self.ladder[above].early is None):
                raise Wrong(
                    f"{rung.id} 写了 unread，但上面没有写了 early 的另一级可以升；请补写，或删去 unread。",
                    f"{rung.id} has unread, but there is no rung above it with words in early; add one, or leave "
                    "unread out.",
                )
        return self

    def above(self, place: int) -> int | None:
        """The place of the next rung that tells somebody else; None where there is none."""
        here = self.ladder[place].addressees
        return next((at for at in range(place + 1, len(self.ladder)) if self.ladder[at].addressees != here), None)

    def rung(self, name: str) -> Rung | None:
        """The rung with an id."""
        return next((rung for rung in self.ladder if rung.id == name), None)


def _check_blanks(words: str, about: About) -> None:
    known = BLANKS[about]
    try:
        blanks = [name for _, name, _, _ in Formatter().parse(words) if name is not None]
    except ValueError:
        blanks = ["{"]
    if wrong := [name for name in blanks if name not in known]:
        raise Wrong(
            f"空格“{{{wrong[0]}}}”没有可填的内容；可用：{'、'.join(known)}。",
            f"{{{wrong[0]}}} can't be filled in; there are: {', '.join(known)}.",
        )


@dataclass(frozen=True)
class Messages:
    """All of it: how a place sends, and its kinds by the name of their file. A book without any reminds of nothing."""

    sending: Sending = field(default_factory=Sending)
    kinds: Mapping[str, MessageKind] = field(default_factory=dict)

    def about(self, about: About) -> Mapping[str, MessageKind]:
        """The kinds that are about something."""
        return {name: kind for name, kind in self.kinds.items() if kind.about == about}


def _read(reading: Reading) -> Messages:
    sending = next((page for _, page, _ in reading.each(Sending)), Sending())
    roles = reading[ROLES]
    kinds = {}
    for path, page, document in reading.each(MessageKind):
        for number, rung in enumerate(page.ladder):
            where: tuple[str | int, ...] = ("ladder", number, "roles")
            reading.errors += document.unknown_names(where, rung.roles, roles, "角色", "role")
            _only_officers(where, rung, reading, document)
        kinds[path.stem] = page
    return Messages(sending, MappingProxyType(kinds))


def _only_officers(where: tuple[str | int, ...], rung: Rung, reading: Reading, document: Document) -> None:
    for role in rung.roles:
        held = reading[ROLES].get(role)
        if held is not None and held.kind != "officer":
            reading.errors.append(
                document.error(
                    where,
                    f"“{role}”不是工作人员的角色，不能写进提醒的阶梯；请换一个。",
                    f"{role} is no role of officers and can't stand on a ladder; name another one.",
                )
            )


# What people are reminded of, and how.
MESSAGES: Chapter[Messages] = register(
    Chapter(
        name="messages",
        label=Label(zh="消息和提醒", en="Messages and reminders"),
        pages=(
            PageKind("sending", "messages.yaml", Sending),
            PageKind("message", "messages/*.yaml", MessageKind),
        ),
        needs=(ROLES,),
        read=_read,
        counts={"messages": lambda messages: len(messages.kinds)},
        reference="how-to/messages.md",
    )
)
