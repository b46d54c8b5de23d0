"""What somebody typed for an act, as values of its fields; and values as JSON of a log, and back.

Days, numbers and yes or no are read by the readers of records (``kernel/fields``), so the same spellings are understood
everywhere. Whether a value fits the act (asked for, among the choices, in time) is asked by ``guards``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from zhiheng.engines.workflow import refusals
from zhiheng.engines.workflow.compiled import Workflow
from zhiheng.grammar.chapters.workflow_pages import CaseField
from zhiheng.kernel.fields.choice import YesNo
from zhiheng.kernel.fields.day import Day
from zhiheng.kernel.fields.number import DecimalNumber
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.kernel.text_input import one_line, paragraphs
from zhiheng.kernel.time_zone import time_zone

SEVERAL: Final = ("choices", "persons", "parties", "units", "names", "files")
LONGEST, LONGEST_TEXT, MOST = 500, 20_000, 2_000
# Years in which cases happen, as days are read.
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_SHORT_HOUR: Final = re.compile(r"([ T])(\d:)")
# What boxes of forms send for yes and no.
_BOXES: Final = {"on": True, "true": True, "false": False, "off": False}


def typed(workflow: Workflow, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of what was typed (or came as JSON), field by field; what says nothing is left out.

    A name that is no field of the page is kept as it is: the guards say that the act has no such field.
    Raises Refused with everything that can't be read.
    """
    values: dict[str, Any] = {}
    found: list[Refusal] = []
    for name, said in given.items():
        field = workflow.page.fields.get(name)
        if (looked_up := workflow.page.look_ups.get(name)) is not None:
            found.append(refusals.look_up_typed(looked_up.label, name))
            continue
        if field is None:
            values[name] = said
            continue
        value = _several(field, said) if field.type in SEVERAL else _one(field, said)
        if isinstance(value, Refusal):
            label = field.label
            found.append(refusals.of_field(value, label, name, str(said)[:200]))
        elif value not in (None, "", []):
            values[name] = value
    if found:
        raise Refused(*found)
    return values


def stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as JSON can hold them: days and moments as ISO text, decimals as text."""
    return {name: _plain(value) for name, value in values.items()}


def restored(workflow: Workflow, told: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a line of a log: the inverse of ``stored``. A field that the page no longer has is kept as it is."""
    return {
        name: _value(workflow.page.fields[name].type, value) if name in workflow.page.fields else value
        for name, value in told.items()
    }


def shown(workflow: Workflow, name: str, value: Any, lang: str = "zh") -> str:
    """A value as people read it: choices by their labels, several with a sign between them."""
    field = workflow.page.fields.get(name)
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ("、" if lang == "zh" else ", ").join(shown(workflow, name, each, lang) for each in value)
    if isinstance(value, bool):
        return {("zh", True): "是", ("zh", False): "否", ("en", True): "yes", ("en", False): "no"}[(lang, value)]
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "minutes")
    if field is not None and value in field.choices:
        label = field.choices[value]
        return label.zh if lang == "zh" else label.en
    return str(value)


def moment_in(text: str) -> dt.date | None:
    """A moment in the place's own time ('2026-03-02T09:30', '2026-03-02 9:30'), or a day; None where it is neither, or
    in no year between 1900 and 2100.
    """
    said = _SHORT_HOUR.sub(r"\g<1>0\g<2>", text.strip().replace("：", ":"))
    try:
        found = in_the_place(dt.datetime.fromisoformat(said))
    except (ValueError, OverflowError):
        found = None
    if found is not None and len(said) > len("2026-03-02"):
        return found if _FIRST_YEAR <= found.year <= _LAST_YEAR else None
    if ":" in said:
        # A day with an hour that can't be read is no day: where hours count, it would be another end.
        return None
    day = Day().clean(said)
    return dt.date.fromisoformat(day) if isinstance(day, str) else None


def in_the_place(moment: dt.datetime) -> dt.datetime:
    """A moment without a zone, by the clock of the place: how the engine of workflows counts."""
    return moment if moment.tzinfo is None else moment.astimezone(ZoneInfo(time_zone())).replace(tzinfo=None)


def _several(field: CaseField, said: Any) -> list[str] | Refusal:
    entries = said if isinstance(said, list | tuple) else str(said).splitlines() if said not in (None, "") else []
    # Who or what is named twice is one: two officers are two persons.
    found = list(dict.fromkeys(text for each in entries if (text := one_line(str(each)))))
    if len(found) > MOST:
        return refusals.too_many(len(found), MOST)
    long = next((each for each in found if len(each) > LONGEST), None)
    return found if long is None else refusals.too_long(len(long), LONGEST)


def _one(field: CaseField, said: Any) -> Any:
    if said is None or isinstance(said, bool):
        return said
    if isinstance(said, list | tuple):
        if len(said) > 1:
            return refusals.single()
        said = said[0] if said else ""
    read: Callable[[Any], Any] = _READERS.get(field.type, _line)
    return read(said)


def _line(said: Any) -> str | Refusal:
    text = one_line(str(said))
    return text if len(text) <= LONGEST else refusals.too_long(len(text), LONGEST)


def _text(said: Any) -> str | Refusal:
    text = paragraphs(str(said))
    return text if len(text) <= LONGEST_TEXT else refusals.too_long(len(text), LONGEST_TEXT)


def _day(said: Any) -> Any:
    if isinstance(said, dt.datetime):
        return in_the_place(said).date()
    if isinstance(said, dt.date):
        return said
    found = Day().clean(str(said))
    return dt.date.fromisoformat(found) if isinstance(found, str) else found


def _moment(said: Any) -> Any:
    if isinstance(said, dt.datetime):
        return in_the_place(said)
    if isinstance(said, dt.date):
        return said
    if not str(said).strip():
        return None
    found = moment_in(str(said))
    return found or refusals.no_moment(str(said)[:40])


def _number(said: Any) -> Any:
    found = DecimalNumber().clean(str(said))
    if not isinstance(found, str):
        return found
    number = Decimal(found)
    return int(number) if number == number.to_integral_value() else number


def _yes_no(said: Any) -> Any:
    word = str(said).strip()
    return _BOXES[word.casefold()] if word.casefold() in _BOXES else YesNo().clean(word)


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "long_text": _text,
    "day": _day,
    "moment": _moment,
    "number": _number,
    "money": _number,
    "yes_no": _yes_no,
}


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def _value(kind: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if kind == "day":
        return dt.date.fromisoformat(value)
    if kind == "moment":
        return dt.datetime.fromisoformat(value) if ":" in value else dt.date.fromisoformat(value)
    if kind in ("number", "money"):
        return Decimal(value)
    return value
