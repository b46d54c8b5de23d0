"""Administrative divisions: a code or a name of the ones that the book knows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from zhiheng.kernel import area_code
from zhiheng.kernel.fields import refusals
from zhiheng.kernel.fields.base import NO_PARTS, FieldType, Value
from zhiheng.kernel.fields.text import narrow, nearest, says_nothing, tidy
from zhiheng.kernel.reasons import Refusal

_DIGITS = re.compile(f"[0-9]{{2,{area_code.LONGEST}}}")


# What stands between the steps of a path, and what may be left out between them.
_BETWEEN = re.compile(r"[/\\>→·,，、;；|]+")
_GAPS = re.compile(r"[\s/\\>→·,，、-]+")
# National files fill codes of digits up with zeros (GB/T 2260, GB/T 10114): a fact of how such files are written, which
# says nothing of the book's tree. A code of the book stands for itself, of whatever form it is.
_FILLED = 12
_STEPS = (12, 9, 6, 4, 2)


def _stem(code: str) -> str:
    """A code of digits without the zeros that fill it up to six, nine or twelve: 990100 and 9901 name one area, unless
    the book has both.
    """
    for length in (9, 6, 4, 2):
        if length < len(code) <= _FILLED and set(code[length:]) == {"0"}:
            code = code[:length]
    return code


@dataclass(frozen=True)
class Division(FieldType):
    """A place: its code, as the book writes it.

    ``divisions`` maps every name (and, where wanted, every other code) to the code, ``above`` a code to those of the
    areas that it lies in. Taken are codes as they are listed, in capitals or not; of digits also those that zeros fill
    up to 6, 9 or 12; names with or without their ending, one of ``endings`` (区, 街道); full paths (…省…市…区) whose
    last step is known and whose known steps contain it; names in either order with marks between (Camden, London) where
    all are known and lie in one another. ``english`` has the English name of a code.
    """

    name = "division"
    label = ("区划", "area")

    longest: int = field(default=300, kw_only=True)
    divisions: Mapping[str, str] = field(default_factory=dict)
    english: Mapping[str, str] = field(default_factory=dict)
    above: Mapping[str, Sequence[str]] = field(default_factory=dict)
    endings: Sequence[str] = ()

    @cached_property
    def _steps(self) -> re.Pattern[str] | None:
        """A step of a path: up to the nearest ending; None where the book names no endings."""
        return re.compile(f"(.{{1,14}}?(?:{'|'.join(map(re.escape, self.endings))}))") if self.endings else None

    @cached_property
    def _codes(self) -> dict[str, str]:
        other = {str(name): str(code) for name, code in self.divisions.items() if _DIGITS.fullmatch(str(name))}
        return other | {str(code).upper(): str(code) for code in self.divisions.values()}

    @cached_property
    def _stems(self) -> dict[str, str]:
        """Codes of digits without the zeros at their end; none that two areas share."""
        stems: dict[str, set[str]] = {}
        for written, code in self._codes.items():
            if _DIGITS.fullmatch(written):
                stems.setdefault(_stem(written), set()).add(code)
        return {stem: found.pop() for stem, found in stems.items() if len(found) == 1}

    @cached_property
    def _names(self) -> dict[str, str]:
        return {tidy(str(name)): str(code) for name, code in self.divisions.items() if not _DIGITS.fullmatch(str(name))}

    @cached_property
    def _short_names(self) -> dict[str, str]:
        short: dict[str, set[str]] = {}
        for name, code in self._names.items():
            ending = next((each for each in self.endings if name.endswith(each)), "")
            stem = name.removesuffix(ending).strip()
            if len(stem) >= 2 and stem not in self._names:
                short.setdefault(stem, set()).add(code)
        return {name: codes.pop() for name, codes in short.items() if len(codes) == 1}

    @cached_property
    def _shown(self) -> dict[str, str]:
        return {code: name for name, code in reversed(self._names.items())}

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        said = tidy(text)
        if says_nothing(said):
            return None
        if (known := self._names.get(said)) is not None:
            return known
        if (known := self._codes.get(narrow(said).upper())) is not None:
            return known
        plain = _GAPS.sub("", narrow(said))
        digits = plain.removesuffix(".0")
        if _DIGITS.fullmatch(digits):
            known = self._codes.get(digits) or (self._stems.get(_stem(digits)) if len(digits) in _STEPS else None)
            return known if known is not None else self._unknown(text, said)
        known = self._names.get(plain) or self._short_names.get(plain) or self._by_path(plain) or self._by_marks(said)
        return known if known is not None else self._unknown(text, said)

    def _by_path(self, said: str) -> str | None:
        """The code of the last step of a path; None unless all before it are steps and none contradicts it."""
        for start in range(1, len(said) - 1):
            code = self._names.get(said[start:])
            if code is None:
                continue
            steps = self._steps.findall(said[:start]) if self._steps is not None else []
            if "".join(steps) != said[:start]:
                continue
            known = (self._names.get(step) for step in steps)
            within = {code, *self.above.get(code, ())}
            if all(step is None or step in within for step in known):
                return code
        return None

    def _by_marks(self, said: str) -> str | None:
        """The code of the deepest of several names with marks between; None unless all are known and lie in one
        another.
        """
        steps = [self._names.get(step.strip()) for step in _BETWEEN.split(said) if step.strip()]
        known = [step for step in steps if step is not None]
        if len(known) < 2 or len(known) < len(steps):
            return None
        deepest = max(known, key=lambda code: len(self.above.get(code, ())))
        return deepest if {*known} <= {deepest, *self.above.get(deepest, ())} else None

    def _unknown(self, text: str, said: str) -> Refusal:
        close = nearest(said, list(self._names))
        hint_zh = f"，是不是{'、'.join(close)}？请改成其中一个" if close else "，请改成区划表里的名称"
        hint_en = f" Did you mean {', '.join(close)}?" if close else ""
        return refusals.division_unknown(text, hint_zh=hint_zh, hint_en=hint_en)

    def show(self, value: Value, *, lang: str = "zh", masked: bool = False) -> str:
        if value is None:
            return ""
        name = self._shown.get(str(value), str(value))
        return name if lang == "zh" else self.english.get(str(value), name)
