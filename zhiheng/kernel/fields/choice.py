"""Choices: one of a list, several of a list, yes or no. Every choice has the words that departments use for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from zhiheng.kernel.fields import refusals
from zhiheng.kernel.fields.base import NO_PARTS, FieldType, Value
from zhiheng.kernel.fields.text import narrow, nearest, only_marks, says_nothing, tidy
from zhiheng.kernel.reasons import Refusal

_OTHER = re.compile("其[他它](?:[-—–:：_(]|$)")
_BETWEEN = re.compile(r"[、,，;；/／|+＋\r\n]+")
_JOINED = re.compile(r"\s+|并处以?|并且|以及|并|及|和|与")
_NUMBERED = re.compile(r"^\s*[(（]?(?:[0-9]{1,2}|[一二三四五六七八九])[)）.．、]\s*")
_NUMBERING = re.compile(
    r"(?:(?<=^)|(?<=[;；\n\s。,，]))[(（]?(?:[0-9]{1,2}|[一二三四五六七八九])[)）.．、](?=\s*[\u4e00-\u9fff])"
)
_AMOUNT = re.compile(r"(?:人民币)?[0-9][0-9,.]*万?元整?$")


def _key(text: str) -> str:
    return re.sub(r"\s+", "", narrow(tidy(text))).casefold()


@dataclass(frozen=True)
class Choice(FieldType):
    """One of ``choices`` (code -> its words, the first of which is shown); the value is the code.

    A word of the list is understood even where it usually means 'nothing' (无, /). ``terms`` are the terms of the
    book's glossary (Chinese -> English; the loader fills them in): a choice that is one of them is called so in English
    too.

    ``contained`` (code -> words) reads a whole sentence by the word in it (铝不符合国家标准): only where words of one
    code stand in it and none of ``unless`` does (未发现不合格), since then a person has to look. ``other`` is the code
    of everything that follows 其他 (其他-责令改正).
    """

    name = "choice"
    label = ("单选", "one of a list")

    longest: int = field(default=500, kw_only=True)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    terms: Mapping[str, str] = field(default_factory=dict)
    contained: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unless: Sequence[str] = ()
    other: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if unknown := sorted(({*self.contained} | ({self.other} - {""})) - {*self.choices}):
            raise ValueError(f"choice: {unknown[0]!r} is not among the choices")
        words: dict[str, str] = {}
        for code, synonyms in self.choices.items():
            if isinstance(synonyms, str):
                raise ValueError(f"choice: the words of {code!r} must be a list")
            for word in (code, *synonyms):
                if words.setdefault(_key(word), code) != code:
                    raise ValueError(f"choice: {word!r} stands for {words[_key(word)]!r} and for {code!r}")

    @cached_property
    def _words(self) -> dict[str, str]:
        return {_key(word): code for code, synonyms in self.choices.items() for word in (code, *synonyms)}

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        key = _key(text)
        if (code := self._words.get(key)) is not None:
            return code
        if says_nothing(key):
            return None
        if self.other and _OTHER.match(key):
            return self.other
        return self._by_content(key) or self._unknown(text)

    @cached_property
    def _contained(self) -> list[tuple[str, str]]:
        """(word, code), the longest words first: 不合格 is taken out before 合格 is looked for."""
        pairs = [(_key(word), code) for code, words in self.contained.items() for word in words]
        return sorted(pairs, key=lambda pair: -len(pair[0]))

    @cached_property
    def _unless(self) -> re.Pattern[str] | None:
        """What turns the meaning round; 0项 does not stand in 10项."""
        words = sorted(map(_key, self.unless), key=len, reverse=True)
        return (
            re.compile("|".join(("(?<![0-9])" if w[:1].isdigit() else "") + re.escape(w) for w in words))
            if words
            else None
        )

    def _by_content(self, key: str) -> str | None:
        """The code whose words stand in a sentence; None where words of several do, or one that turns the meaning
        round.
        """
        if not self._contained or (self._unless is not None and self._unless.search(key)):
            return None
        found: set[str] = set()
        for word, code in self._contained:
            if word in key:
                found.add(code)
                key = key.replace(word, "")
        return found.pop() if len(found) == 1 else None

    def _unknown(self, text: str) -> Refusal:
        labels = [self._label(code) for code in self.choices]
        offered = labels if len(labels) <= 8 else (nearest(_key(text), labels) or labels[:8])
        more_zh, more_en = ("等", " ...") if len(offered) < len(labels) else ("", "")
        return refusals.choice_unknown(text, offered=offered, more_zh=more_zh, more_en=more_en)

    def _label(self, code: str) -> str:
        synonyms = self.choices.get(code, ())
        return synonyms[0] if synonyms else code

    def show(self, value: Value, *, lang: str = "zh", masked: bool = False) -> str:
        if value is None:
            return ""
        return self._label(str(value)) if lang == "zh" else self._english(str(value))

    def _english(self, code: str) -> str:
        """The term of the glossary; else the code in words, as an abbreviation is written where the list has it so
        (NOx).
        """
        if (term := self.terms.get(self._label(code))) is not None:
            return term
        spelled = code.replace("_", " ")
        return next((word for word in self.choices.get(code, ()) if word.casefold() == spelled), spelled)


@dataclass(frozen=True)
class MultiChoice(Choice):
    """Several of ``choices``, separated by 、 , ; / or line breaks, or joined by 并处, 及; listed in the order of
    ``choices``.

    ``together`` (code -> codes) takes a word for several apart: 罚没 is a fine and a confiscation.
    """

    name = "multi_choice"
    label = ("多选", "several of a list")
    columns: ClassVar[Mapping[str, str]] = {"": "VARCHAR[]"}

    together: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        if unknown := sorted(
            {*self.together, *(c for codes in self.together.values() for c in codes)} - {*self.choices}
        ):
            raise ValueError(f"multi_choice: {unknown[0]!r} is not among the choices")

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        whole = super()._clean(text)
        if whole is None:
            return None
        if isinstance(whole, str):
            return self._apart({whole})
        chosen: set[str] = set()
        for piece in _BETWEEN.split(_NUMBERING.sub("；", text)):
            piece = _NUMBERED.sub("", piece)
            code = super()._clean(piece)
            if isinstance(code, Refusal):
                # Where spaces or 并处 join the words, every word must be a choice by itself.
                codes = [
                    super(MultiChoice, self)._clean(_AMOUNT.sub("", word)) for word in _JOINED.split(piece) if word
                ]
                if not codes or any(not isinstance(each, str) for each in codes):
                    return self._unknown(piece).at(field="", text=text)
                chosen.update(each for each in codes if isinstance(each, str))
            elif code is not None:
                chosen.add(code)
        return self._apart(chosen) or None

    def _apart(self, chosen: set[str]) -> list[str]:
        """The codes in the order of ``choices``, those that stand for several taken apart."""
        whole = {part for code in chosen for part in self.together.get(code, (code,))}
        return [code for code in self.choices if code in whole]

    def show(self, value: Value, *, lang: str = "zh", masked: bool = False) -> str:
        # What was received while the field held one choice is a text.
        codes = (value,) if isinstance(value, str) else value or ()
        return ("、" if lang == "zh" else ", ").join(super(MultiChoice, self).show(code, lang=lang) for code in codes)


_YES_WORDS = "是 有 对 √ ✓ ✔ ☑ ✅ y yes t true 1 1.0 已 具备"
_NO_WORDS = "否 无 不 不是 没有 错 × ✗ ✘ ✕ ☒ ❌ x n no f false 0 0.0 未 不具备"


@dataclass(frozen=True)
class YesNo(FieldType):
    """True or False; 无 says no here. ``yes`` and ``no``: further words of the book (合格, 不合格)."""

    name = "yes_no"
    label = ("是或否", "yes or no")
    columns: ClassVar[Mapping[str, str]] = {"": "BOOLEAN"}

    yes: Sequence[str] = ()
    no: Sequence[str] = ()

    @cached_property
    def _words(self) -> dict[str, bool]:
        usual = {**dict.fromkeys(_YES_WORDS.split(), True), **dict.fromkeys(_NO_WORDS.split(), False)}
        return usual | {_key(word): True for word in self.yes} | {_key(word): False for word in self.no}

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        key = _key(text)
        if (answer := self._words.get(key)) is not None:
            return answer
        if only_marks(key) or says_nothing(key):
            return None
        return refusals.neither_yes_nor_no(text)

    def show(self, value: Value, *, lang: str = "zh", masked: bool = False) -> str:
        if value is None:
            return ""
        return ("是" if value else "否") if lang == "zh" else ("yes" if value else "no")
