"""Codes of organisations, persons, equipment and licences, and telephone numbers.

A code is mended only where nothing can be lost by it (width, case, spaces). A wrong character is refused with its
position, a wrong check character with the one that would fit; neither is ever replaced silently.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import mul
from typing import ClassVar

from stdnum.cn import ric
from stdnum.cn.uscc import calc_check_digit as uscc_check_character

from zhiheng.kernel.doubts import CODE_PLACEHOLDER
from zhiheng.kernel.fields import refusals
from zhiheng.kernel.fields.base import NO_PARTS, FieldType, Value
from zhiheng.kernel.fields.text import narrow, says_nothing, tidy
from zhiheng.kernel.masking import MOBILE
from zhiheng.kernel.reasons import Refusal

USCC, REGISTRATION_NUMBER, ORGANISATION_CODE = "uscc", "registration_number", "organisation_code"

# The registering office (GB 32100) is a digit, or A (armed forces), N (farming), Y (others); its kind a digit or a
# letter.
_USCC = re.compile(r"[1-9ANY][0-9A-HJ-NP-RTUWXY][0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}")
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_VALUES = {char: value for value, char in enumerate(_USCC_ALPHABET)}
# Powers of three modulo 31; the check character itself counts once, so that a whole code sums to a multiple of 31.
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1)
_LEFT_OUT = {"I": "1", "O": "0", "Z": "2", "S": "5", "V": "U或Y"}
_SEPARATORS = re.compile(r"[\s\-‐‑–—－_.·]+")
_CODE_LABEL = re.compile(
    r"^(?:统一)?(?:社会)?(?:信用代码|组织机构代码|营业执照注册号|营业执照号码?|注册号|税号|(?:企业|机构)?代码|USCC)(?:证号?)?[:：\s]*",
    re.IGNORECASE,
)
_SHORTENED = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]+")
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


_PLACEHOLDER_SIGNS = re.compile(r"([0-9XxＸ*?-])\1{6,}[0-9A-Za-zＸ]?")
_IN_ORDER = ("123456789012345678", "12345678901234567X", "123456789012345", "123456789")


def is_placeholder(code: str) -> bool:
    """Whether a code is only there because a form wants one: one sign over and over, perhaps with another at the end
    (17 zeros and X), or the digits in their order."""
    said = _SEPARATORS.sub("", narrow(code)).strip() or code
    return _PLACEHOLDER_SIGNS.fullmatch(said) is not None or said.upper() in _IN_ORDER


def organisation_check_character(body: str) -> str:
    """The ninth character of an organisation code (GB 11714): 11 less the weighted sum modulo 11; 10 is X, 11 is 0."""
    total = sum(
        _ORGANISATION_ALPHABET.index(char) * weight for char, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True)
    )
    return "0X987654321"[total % 11]


def _is_uscc(code: str) -> bool:
    """The check of GB 32100 by itself, a third of the time of stdnum's, which mends its argument again each time."""
    if _USCC.fullmatch(code) is None:
        return False
    total = sum(map(mul, map(_USCC_VALUES.__getitem__, code), _USCC_WEIGHTS))
    return bool(total % 31 == 0)


def _shortened(text: str, said: str, what_zh: str, what_en: str) -> Refusal | None:
    if not _SHORTENED.fullmatch(said):
        return None
    return refusals.code_shortened(what_zh, text=text, what_en=what_en)


@dataclass(frozen=True)
class OrganisationCode(FieldType):
    """Whose it is, by the unified social credit code: {"code", "kind"}.

    Older identifiers are recognised as such: registration numbers of a business licence (15 digits, before 2007 13
    digits) and organisation codes (GB 11714, 9 characters). ``kinds``: the kinds that are taken.
    """

    name = "uscc"
    label = ("统一社会信用代码", "unified social credit code")
    columns: ClassVar[Mapping[str, str]] = {"code": "VARCHAR", "kind": "VARCHAR"}

    kinds: Sequence[str] = (USCC, REGISTRATION_NUMBER, ORGANISATION_CODE)

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        if len(text) == 18 and USCC in self.kinds and _is_uscc(text) and text not in _IN_ORDER:
            return {"code": text, "kind": USCC}
        said = narrow(tidy(text))
        if says_nothing(said):
            return None
        if shortened := _shortened(text, said, "统一社会信用代码", "credit code"):
            return shortened
        code = _SEPARATORS.sub("", _CODE_LABEL.sub("", said, count=1)).upper()
        if says_nothing(code) or is_placeholder(code):
            return None
        read = self._read(code, text)
        if isinstance(read, Refusal) or read["kind"] in self.kinds:
            return read
        return refusals.code_of_an_older_kind(text)

    def doubts(self, text: str, parts: Mapping[str, str], value: Value | None) -> tuple[str, ...]:
        if value is not None or not (code := _CODE_LABEL.sub("", narrow(tidy(text)), count=1)):
            return ()
        return (CODE_PLACEHOLDER,) if is_placeholder(code) else ()

    def _read(self, code: str, text: str) -> dict[str, str] | Refusal:
        if len(code) == 18:
            return self._uscc(code, text)
        if len(code) in (13, 15) and code.isascii() and code.isdigit():
            return {"code": code, "kind": REGISTRATION_NUMBER}
        if len(code) == 9 and code.isascii() and code.isalnum():
            fits = organisation_check_character(code[:8])
            if code[8] == fits:
                return {"code": code, "kind": ORGANISATION_CODE}
            return refusals.organisation_check_wrong(text, fits=fits)
        return refusals.credit_code_length(text, len(code))

    def _uscc(self, code: str, text: str) -> dict[str, str] | Refusal:
        for place, char in enumerate(code, start=1):
            if char in _USCC_ALPHABET and (char.isdigit() or place in (1, 2) or place > 8):
                continue
            meant_zh = f"，多半是“{_LEFT_OUT[char]}”之误" if char in _LEFT_OUT else ""
            return refusals.credit_code_character(text, place=place, char=char, meant=meant_zh)
        fits = uscc_check_character(code[:17])
        if code[17] == fits and _USCC.fullmatch(code):
            return {"code": code, "kind": USCC}
        if _is_resident(code):
            return refusals.resident_id_as_credit_code(text)
        if code[17] == fits:
            return refusals.credit_code_office(text, first=code[0])
        return refusals.credit_code_check_wrong(text, fits=fits, last=code[17])

    def show(self, value: Value, *, lang: str = "zh", masked: bool = False) -> str:
        return "" if value is None else str(value["code"])


def _is_resident(code: str) -> bool:
    return (
        re.fullmatch(r"[1-9][0-9]{16}[0-9X]", code) is not None
        and _resident_day(code) is not None
        and (code[17] == ric.calc_check_digit(code))
    )


def _resident_day(code: str) -> date | None:
    try:
        return (
            ric.get_birth_date(code)
            if len(code) == 18
            else date(1900 + int(code[6:8]), int(code[8:10]), int(code[10:12]))
        )
    except ValueError:  # stdnum's own exceptions are ValueErrors
        return None


def _modern(code: str) -> str:
    """A 15-digit number as the 18 characters it became; those of centenarians (996 to 999) were born in the 1800s."""
    if len(code) != 15:
        return code
    body = f"{code[:6]}{'18' if code[12:] >= '996' else '19'}{code[6:]}"
    return f"{body}{ric.calc_check_digit(body + '0')}"


@dataclass(frozen=True)
class ResidentId(FieldType):
    """A resident identity number (GB 11643): 18 characters, or 15 digits as issued before 1999.

    The place of the number is not compared with a list of places: places have come and gone.
    """

    name = "resident_id"
    label = ("身份证件号码", "resident's number")

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        said = narrow(tidy(text))
        if says_nothing(said):
            return None
        if shortened := _shortened("", said, "身份号码", "identity number"):
            return shortened
        code = (
            _SEPARATORS.sub("", re.sub(r"^(?:公民)?身份(?:证)?(?:号码?|证)[:：\s]*", "", said))
            .upper()
            .replace("×", "X")
        )
        if is_placeholder(code):
            return None
        if not re.fullmatch(r"[1-9](?:[0-9]{14}|[0-9]{16}[0-9X])", code):
            return refusals.resident_id_length(len(code), text)
        if _resident_day(code) is None:
            return refusals.resident_id_birthday(text)
        if len(code) == 18 and code[17] != ric.calc_check_digit(code):
            return refusals.resident_id_check_wrong(text)
        return code

    def doubts(self, text: str, parts: Mapping[str, str], value: Value | None) -> tuple[str, ...]:
        return (CODE_PLACEHOLDER,) if value is None and is_placeholder(narrow(tidy(text))) else ()

    def show(self, value: Value, *, lang: str = "zh", masked: bool = False) -> str:
        code = "" if value is None else str(value)
        return f"{code[:3]}{'*' * (len(code) - 7)}{code[-4:]}" if masked and code else code

    def same(self, left: Value, right: Value) -> bool:
        return left == right or (left is not None and right is not None and _modern(left) == _modern(right))


_LANDLINE = re.compile(
    r"(?:(?:\+|00)?86)?[(]?(0(?:10|2[0-9]|[3-9][0-9]{2}))[)]?([2-9][0-9]{6,7})(?:(?:转|EXT|X|#)([0-9]{1,6}))?"
)
_FREE = re.compile(r"([48]00)([0-9]{3})([0-9]{4})")
_SERVICE = re.compile(r"1[0-9]{2}|1(?:2|1|0)[0-9]{3}|9[0-9]{4,5}")
_LOCAL = re.compile(r"([2-9][0-9]{6,7})(?:(?:转|EXT|X|#)([0-9]{1,6}))?")
_EXTENSION = re.compile(r"(?:转|分机|EXT\.?|#|(?<=[0-9]{7})-)\s*(?=[0-9]{1,6}$)")


@dataclass(frozen=True)
class Phone(FieldType):
    """A telephone number: 13812345678, 0513-81234567 (-extension), 400-123-4567, 12315.

    ``area_code`` (0513) is put before local numbers; without it they are refused. Numbers that a source has masked
    itself (138****1234) are kept as they are.
    """

    name = "phone"
    label = ("电话", "telephone")

    area_code: str = ""

    def contradicts(self, left: Value, right: Value) -> bool:
        """One may have several telephones."""
        return False

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        said = narrow(tidy(text))
        if says_nothing(said):
            return None
        if shortened := _shortened(text, said, "电话号码", "telephone number"):
            return shortened
        said = re.sub(r"^(?:联系)?(?:电话|手机)(?:号码?)?[:：\s]*|\.0$", "", said)
        digits = _EXTENSION.sub("转", said.upper())
        digits = re.sub(r"[\s\-‐‑–—－.]+", "", digits)
        if found := MOBILE.fullmatch(digits):
            return found["number"]
        if found := _FREE.fullmatch(digits):
            return f"{found[1]}-{found[2]}-{found[3]}"
        if found := _LANDLINE.fullmatch(digits):
            return f"{found[1]}-{found[2]}" + (f"-{found[3]}" if found[3] else "")
        if _SERVICE.fullmatch(digits):
            return digits
        if self.area_code and (found := _LOCAL.fullmatch(digits)):
            return f"{self.area_code}-{found[1]}" + (f"-{found[2]}" if found[2] else "")
        if len(re.findall(r"[0-9]{7,}", said)) > 1 and re.search(r"[/、,;；，]|\s", said):
            return refusals.several_phones(text)
        return refusals.phone_unread(text)

    def show(self, value: Value, *, lang: str = "zh", masked: bool = False) -> str:
        number = "" if value is None else str(value)
        if not masked or len(number) < 7 or number.startswith(("400-", "800-")):
            return number
        if number.startswith("1"):
            return f"{number[:3]}****{number[-4:]}"
        area, _, rest = number.partition("-")
        return f"{area}-****{rest.partition('-')[0][-4:]}"


_EQUIPMENT = re.compile(r"[0-9A-Z](?:[0-9A-Z-]{4,28})[0-9A-Z]")


def _rounded(code: str) -> bool:
    """Whether a long number went through a spreadsheet as a number: only its first fifteen digits are left."""
    return re.fullmatch(r"[0-9]{15}0{3,}", code) is not None


@dataclass(frozen=True)
class EquipmentCode(FieldType):
    """The code of a piece of special equipment, or its registration code: 6 to 30 letters and digits.

    Long all-digit codes lose their separators, so that 3110-3204-8120-1800-0123 and its bare form are the same
    equipment.
    """

    name = "equipment_code"
    label = ("设备代码", "equipment code")

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        said = narrow(tidy(text))
        if says_nothing(said):
            return None
        if shortened := _shortened(text, said, "设备代码", "equipment code"):
            return shortened
        code = re.sub(
            r"\s*[-‐‑–—－_/.]+\s*", "-", re.sub(r"^(?:设备|注册)?(?:代码|编号|登记号)[:：\s]*", "", said).upper()
        )
        code = re.sub(r"\s+", "", code)
        if len(bare := code.replace("-", "")) >= 14 and bare.isascii() and bare.isdigit():
            code = bare
        if _rounded(code):
            return refusals.code_rounded(text)
        if not _EQUIPMENT.fullmatch(code):
            return refusals.equipment_code_unread(text)
        return code


_YEAR_BRACKETS = re.compile(r"[(\[{〔【［〈<]\s*((?:19|20)[0-9]{2})\s*[)\]}〕】］〉>]")
_BRACKETS = str.maketrans(
    {"【": "(", "】": ")", "［": "(", "］": ")", "[": "(", "]": ")", "〔": "(", "〕": ")", "{": "(", "}": ")"}
)
_DASHES = re.compile(r"\s*[-‐‑‒–—―−－_]+\s*")
_FOOD_LICENCE = re.compile(r"(SC|QS)([0-9 ]+)")
_LICENCE_LABEL = re.compile(
    r"^(?:[一-鿿]{0,8}(?:许可证|证书|备案|登记证|批准文号|证)?(?:编号|号码|书号)|证号|NO\.?|№)[:：\s]+", re.IGNORECASE
)


@dataclass(frozen=True)
class LicenceNumber(FieldType):
    """The number of a licence, certificate or filing: SC10651…, XK16-…, 苏XK13-…, 苏市监准〔2026〕1号, JY1…

    Upper case, narrow letters and digits, no spaces, one kind of dash; a year stands in 〔〕, everything else in ().
    """

    name = "licence_number"
    label = ("证书编号", "number of a licence")

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        said = narrow(tidy(text))
        if says_nothing(said):
            return None
        if shortened := _shortened(text, said, "证号", "licence number"):
            return shortened
        number = _DASHES.sub("-", _LICENCE_LABEL.sub("", said)).upper()
        number = re.sub(r"\s+", "", number)
        number = (
            _YEAR_BRACKETS.sub("\x00\\1\x01", number).translate(_BRACKETS).replace("\x00", "〔").replace("\x01", "〕")
        )
        number = number.strip("-,;:：；，。.")
        if not 4 <= len(number) <= 60 or not re.search("[0-9]", number):
            return refusals.licence_number_unread(text)
        found = _FOOD_LICENCE.fullmatch(number)
        if found and found[1] == "SC" and len(found[2]) != 14:
            return refusals.food_licence_length(text, len(found[2]))
        return number
