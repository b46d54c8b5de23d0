"""Names as clerks get them wrong who write down no code: one character by sound or by sight, a form cut short, a place
left out or put elsewhere; and one code that was copied from the row above. They are what the identity clerk's list of
likely pairs is for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle

from zhiheng.demo.clerks import ToldRow
from zhiheng.engines.identity import Mention, compare
from zhiheng.engines.identity.confusables import LIKE, READING
from zhiheng.engines.identity.names import DISTINGUISHING, ReadName, read


def _by_sound(name: str, said: ReadName) -> str:
    """Another character with the reading of one of the trade name: 松惠, 松慧."""
    for character in reversed(said.trade):
        reading = READING.get(character)
        for other, sound in READING.items():
            if sound == reading and other != character and not {other, character} & DISTINGUISHING:
                return name.replace(said.trade, said.trade.replace(character, other), 1)
    return ""


def _by_sight(name: str, said: ReadName) -> str:
    """One that looks like it."""
    for character in said.trade:
        for other in LIKE.get(character, ()):
            if not {other, character} & DISTINGUISHING:
                return name.replace(said.trade, said.trade.replace(character, other), 1)
    return ""


def _swapped(name: str, said: ReadName) -> str:
    """Two characters in the wrong order."""
    return name.replace(said.trade, said.trade[1::-1] + said.trade[2:], 1) if len(said.trade) >= 3 else ""


def _left_out(name: str, said: ReadName) -> str:
    """A character less."""
    return name.replace(said.trade, said.trade[:-1], 1) if len(said.trade) >= 4 else ""


def _form_misspelt(name: str, _said: ReadName) -> str:
    return name.removesuffix("公司") + "公同" if name.endswith("有限公司") else ""


def _form_cut(name: str, _said: ReadName) -> str:
    """The legal form left out."""
    return name.removesuffix("有限公司") if name.endswith("有限公司") else ""


def _without_place(name: str, said: ReadName) -> str:
    return name[len(said.place_text) :] if said.place_text and not said.placed else ""


def _place_elsewhere(name: str, said: ReadName) -> str:
    """The place in brackets behind the trade name."""
    if not said.place_text or said.placed or not said.form:
        return ""
    return f"{said.trade}（{said.place_text}）{name[len(said.place_text) + len(said.trade) :]}"


_WAYS: tuple[Callable[[str, ReadName], str], ...] = (
    _by_sound,
    _form_misspelt,
    _by_sight,
    _without_place,
    _swapped,
    _form_cut,
    _left_out,
    _place_elsewhere,
)


def misspelt(rows: Sequence[ToldRow], *, every: int = 5) -> list[ToldRow]:
    """The rows, every fifth that names a producer with its code misspelt in one of the ways in turn, and without the
    code.

    One more producer has the code of the row before it. No row comes or goes, and no value but a name and a code
    changes.
    """
    ways = cycle(_WAYS)
    found: list[ToldRow] = []
    named = 0
    copied = ""
    for told in rows:
        name, code = str(told.values.get("producer", "")), str(told.values.get("producer.code", ""))
        if len(code) != 18 or told.mark:
            found.append(told)
            continue
        named += 1
        values = dict(told.values)
        if named == every + 2:
            values["producer.code"] = copied
        elif named % every == 0 and (slip := _slip(name, ways)):
            values |= {"producer": slip, "producer.code": "", "producer.address": ""}
        copied = code
        found.append(ToldRow(values, told.mark, told.number))
    return found


def _slip(name: str, ways: cycle[Callable[[str, ReadName], str]]) -> str:
    """The name with the next slip that it can have and that leaves it recognisable, '' where it can have none."""
    said = read(name)
    for _ in _WAYS:
        slip = next(ways)(name, said)
        if slip and compare(Mention("enterprise", name), Mention("enterprise", slip)).kind == "likely":
            return slip
    return ""
