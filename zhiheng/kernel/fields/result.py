"""Test results and limits: the text is always kept, a number is given only where the whole text was understood.

The danger is a reader that takes what it can: a splitter that makes 8.2 of '8.2×10²/8.6×10²CFU/g', 12 of the cut-off
'1.2×10', or one number of '初检结果：231mg/kg复检结果：236mg/kg'. So every reading here matches the text from its first
to its last character, units included, or it is no reading and the kind is ``text``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, ClassVar

from zhiheng.kernel.fields import refusals
from zhiheng.kernel.fields.base import NO_PARTS, FieldType, Value
from zhiheng.kernel.fields.number import canonical
from zhiheng.kernel.fields.text import narrow, says_nothing, tidy
from zhiheng.kernel.fields.units import unit_spelling
from zhiheng.kernel.fields.visible import visible
from zhiheng.kernel.reasons import Refusal

# A reading is the part of a value that was understood; the text is put beside it by the caller.
Reading = dict[str, Any]

_LONGEST = 400
_SUPERSCRIPT_DIGITS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+", strict=True))
_SUPERSCRIPT = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+")
_SUP_TAG = re.compile(r"<\s*sup\s*>\s*([-+−]?[0-9]{1,2})\s*<\s*/\s*sup\s*>", re.IGNORECASE)
_BREAK_TAG = re.compile(r"<\s*br\s*/?\s*>|<\s*/?\s*p\s*>", re.IGNORECASE)
_CARET = re.compile(
    r"(?<![0-9.])(10|(?<=[×xX*✕✖╳хХ])10)\s*(?:\^|\*\*)\s*(?:\(([+-]?[0-9]+)\)|\{([+-]?[0-9]+)\}|([+-]?[0-9]+))"
)
_TIMES = re.compile(r"\s*[×xX✕✖╳хХ*]\s*(?=10\^\()")
_E_NOTATION = re.compile(r"(?<![0-9A-Za-z])([0-9]+(?:\.[0-9]+)?)[eE]([+-]?[0-9]{1,2})(?![0-9.])")
_SIGNS = str.maketrans(
    {
        "≦": "≤",
        "⩽": "≤",
        "≧": "≥",
        "⩾": "≥",
        "～": "~",
        "〜": "~",
        "∼": "~",
        "˜": "~",
        "—": "-",
        "–": "-",
        "―": "-",
        "−": "-",
        "‐": "-",
        "‑": "-",
        "∶": ":",
        "︰": ":",
        "㎎": "mg",
        "㎏": "kg",
        "㎍": "μg",
        "㎖": "mL",
    }
)
_COMPARING_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile("小于或?等于|不大于|不超过|不高于|不多于|不得超过|不得大于|不得高于|不应大于|<=|=<|≤=|少于或等于"),
        "≤",
    ),
    (re.compile("大于或?等于|不小于|不低于|不少于|不得低于|不得小于|不得少于|不应小于|不应低于|>=|=>|至少"), "≥"),
    (re.compile("小于|低于|少于"), "<"),
    (re.compile("大于|高于|超过"), ">"),
)
_CIRCLED = re.compile("[\u2460-\u2473]|(?<!\\^)\\((?:[1-9]|1[0-9]|20)\\)\\s*(?=[<>≤≥]?[0-9]|未)|[\u2474-\u2487]")
_LABELLED = re.compile(
    r"(?:(?:第|样品|样本|样|平行样?)([0-9]{1,2})(?:号|份|件|个)?(?:样品)?|([0-9]{1,2})(?:#|号样?品?))[:：]?"
)
# Spaces go, unless a digit stands on both sides: '1.2 1.3' and '1.2×10 4' must not become one number.
_LOOSE_SPACE = re.compile(r"(?<![0-9.)\]^])[^\S\n]+|[^\S\n]+(?![0-9.(\[])")
_LOOSE_BREAK = re.compile(r"(?<![0-9.)\]^])\n|\n(?![0-9.(\[<>≤≥~±×-])")

_N = r"(?:10\^\(-?[0-9]{1,2}\)|-?[0-9]{1,12}(?:\.[0-9]{1,12})?(?:×10\^\(-?[0-9]{1,2}\))?)"
_BARE_N = re.compile(_N)
_UNIT = r"[^0-9<>≤≥=~;\n][^<>≤≥=~;\n]*?"
_SINGLE = re.compile(rf"(?P<comparator>[<>≤≥=]?)(?P<number>{_N})(?P<unit>.*)")
_RANGE = re.compile(rf"(?P<low>{_N})(?P<unit_low>{_UNIT})?(?P<mark>~|-|至|到)(?P<high>{_N})(?P<unit>{_UNIT})?")
_TOLERANCE = re.compile(rf"\(?(?P<number>{_N})(?P<unit_low>[^0-9±]*)(?:±|\+/-)(?P<spread>{_N})\)?(?P<unit>{_UNIT})?")
_SLASHED = re.compile(
    rf"(?P<items>(?:(?:[<>≤≥]?{_N}|未检出|ND)/)+(?:[<>≤≥]?{_N}|未检出|ND))(?P<unit>{_UNIT})?", re.IGNORECASE
)
_DATE = re.compile(r"(?:19|20)[0-9]{2}[/.-][0-9]{1,2}[/.-][0-9]{1,2}.*")
_DETECTION_WORDS = r"(?:方法)?(?:最低)?(?:(?P<lod>检出限|检测限|LOD|MDL)|(?P<loq>定量限|LOQ|报告限))"
_BELOW_WORDS = _DETECTION_WORDS.replace("P<lod>", "P<below_lod>").replace("P<loq>", "P<below_loq>")
_NOT_DETECTED = re.compile(
    rf"(?:未检出|未检测出|未测出|N\.?D\.?|<{_BELOW_WORDS})"
    r"(?P<unit_before>/[0-9]{1,3}[A-Za-z]{1,2}|[^0-9(),;:<=]*)"
    rf"(?:(?:[(,;](?:{_DETECTION_WORDS}[为是]?[:=]?[<≤]?|<)?|<)(?P<number>{_N})(?P<unit>[^)]*?)\)?)?",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(
    r"(?P<kind>(?:不得|不应|不可|不准|禁止|严禁)(?:使用|添加|加入|检出|使用或添加|添加或使用|使用和添加)|禁用|未检出|不能检出|ND)"
    r"\(?(?P<unit>[^0-9()]*(?:/[0-9]{1,3}[A-Za-z]{1,2})?)\)?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    rf"(?P<first>[<>≤≥])(?P<one>{_N})(?P<unit_low>{_UNIT})?(?:且|,|，|;|和|、|并且)"
    rf"(?P<second>[<>≤≥])(?P<two>{_N})(?P<unit>{_UNIT})?"
)
_AROUND = re.compile(
    rf"(?P<low>{_N})(?P<unit_low>{_UNIT})?(?P<first>[≤<])[A-Za-zΑ-ω]{{0,3}}(?P<second>[≤<])?"
    rf"(?P<high>{_N})(?P<unit>{_UNIT})?"
)
_PLAN = re.compile(
    rf"[nN]=(?P<n>[0-9]{{1,3}})[,;、]*[cC]=(?P<c>[0-9]{{1,3}})[,;、]*m=(?P<m>{_N})(?P<unit_m>[^,;、=]*?)"
    rf"(?:[,;、]*M=(?:(?P<M>{_N})(?P<unit>[^,;、=]*?)|[-/]+))?[;]?"
)
_TRAILING_UNIT = re.compile(r"(?<!\^)\(([^()]+)\)$")
_BASIS = re.compile(r"\((?:[^()0-9]{0,12},)?(?:以[^()]{1,24}计|干基|湿基|干样品|鲜重|干重)\)")
_VALUE_LABEL = re.compile(
    r"(?:(?:实测值|检测值|检验值|测定值|检出值|检出量|实测|检验结果|检测结果|测定结果|测试结果|平均值|含量|结果)(?:[:为]|(?=[<>≤≥]?[0-9])))"
)
_FIRST = r"(?:初检|初次检验|首检|初次)(?:结果|值)?"
_AGAIN = r"(?:复检|复验|复测|重检)(?:结果|值)?"
_RETEST = re.compile(
    rf"\(?{_FIRST}\)?[:为]?(?P<first>[^复重]+?)[,;、/\s]*\(?{_AGAIN}\)?[:为]?(?P<again>[^初首]+)"
    rf"|(?P<first_after>[^(]+)\({_FIRST}\)[,;、/\s]*(?P<again_after>[^(]+)\({_AGAIN}\)"
)
_ELLIPSIS = re.compile(r"(?<=[/;,、\n])(?:…+|⋯+|\.{3,}|等)[/;,、\n]?")
_WORDS = {
    word: meaning
    for meaning, words in {
        "negative": "阴性 (-) 阴性(-) -阴性 negative",
        "positive": "阳性 (+) 阳性(+) positive",
        "detected": "检出 有检出 detected",
        "pass": "合格 符合 符合要求 通过 达标 符合规定 符合标准 pass",
        "fail": "不合格 不符合 不符合要求 不通过 不达标 不符合规定 不符合标准 fail",
        "normal": "正常 无异常 未见异常 无异味 无肉眼可见外来异物",
    }.items()
    for word in words.split()
}
_LIMIT_WORDS = re.compile(
    r"(?:应)?符合.{2,80}|按生产需要适量使用|阴性|阳性|合格|.{0,20}(?:无异味|无杂质|应有的).{0,40}"
)
# What a unit column never holds unless somebody has torn a result apart at its first number.
_TORN = re.compile("[0-9×✕*^⁰¹²³⁴⁵⁶⁷⁸⁹\u2460-\u2473<>＜＞≤≥;；：:\n…]|[xX]10|检|结果|未|不得|<sup", re.IGNORECASE)
_BRACKETED = re.compile(r"[(（][^()（）]*[)）]")


def _plain(text: str) -> str:
    """The text with one sign for each meaning; exponents stand as ^(4), so that none is taken for digits."""
    if "&" in text:
        text = html.unescape(text)
    text = _BREAK_TAG.sub("\n", _SUP_TAG.sub(lambda found: f"^({found[1].replace('−', '-')})", text))
    text = _SUPERSCRIPT.sub(lambda found: "^(" + "".join(_SUPERSCRIPT_DIGITS[char] for char in found[0]) + ")", text)
    text = narrow(text.translate(_SIGNS)).replace("^(+", "^(")
    text = _CARET.sub(lambda found: f"{found[1]}^({int(found[2] or found[3] or found[4])})", text)
    text = _TIMES.sub("×", text)
    text = _E_NOTATION.sub(lambda found: f"{found[1]}×10^({int(found[2])})", text)
    for words, sign in _COMPARING_WORDS:
        text = words.sub(sign, text)
    text = _CIRCLED.sub(lambda found: f"\n⟦{_circled(found[0])}⟧", text)
    return _LOOSE_SPACE.sub("", re.sub(r"[^\S\n]+", " ", text)).strip("\n ;,、。")


def _circled(sign: str) -> int:
    if sign[0] == "(":
        return int(re.sub("[^0-9]", "", sign))
    return ord(sign) - (0x2460 if sign <= "\u2473" else 0x2474) + 1


def _number(text: str) -> str | None:
    """A number in plain form as a canonical decimal; None where it doesn't fit the lake's DECIMAL(38,12)."""
    mantissa, _, exponent = text.partition("10^(")
    if exponent:
        number = Decimal(mantissa.rstrip("×") or "1").scaleb(int(exponent.rstrip(")")))
    else:
        number = Decimal(text)
    said = canonical(number)
    whole, _, places = said.lstrip("-").partition(".")
    return said if len(whole) <= 20 and len(places) <= 12 else None


def _unit(text: str | None) -> str | None:
    """The unit spelled one way; '' where there is none, None where the text is no unit."""
    if not text:
        return ""
    bare = text[1:-1] if text[0] == "(" and text[-1] == ")" else text
    bare = bare.replace("^(2)", "²").replace("^(3)", "³").replace("^(-1)", "⁻¹")
    return unit_spelling(bare)


def _shared_unit(units: list[str | None]) -> str | None:
    """The unit of several numbers: the same behind each, or only behind the last; None where they disagree."""
    if None in units:
        return None
    if len(set(units)) == 1 or not any(units[:-1]):
        return units[-1]
    return None


def _read_single(said: str) -> Reading | None:
    found = _SINGLE.fullmatch(said)
    if found is None:
        return None
    number, unit = _number(found["number"]), _unit(found["unit"])
    if number is None or unit is None or (unit.startswith("/") and number != "0"):
        return None
    comparator = found["comparator"].replace("=", "")
    if not comparator:
        return {"kind": "number", "value": number, "values": [number], "unit": unit}
    side = {"kind": "below", "high": number} if comparator in "<≤" else {"kind": "above", "low": number}
    return {**side, "comparator": comparator, "values": [], "unit": unit}


def _read_range(said: str) -> Reading | None:
    found = _RANGE.fullmatch(said)
    if found is None or _DATE.fullmatch(said):
        return None
    low, high = _number(found["low"]), _number(found["high"])
    unit = _shared_unit([_unit(found["unit_low"]), _unit(found["unit"])])
    # '10-4' may be a power of ten whose exponent was flattened, and a range never runs downwards.
    if low is None or high is None or unit is None or Decimal(low) > Decimal(high):
        return None
    if found["mark"] == "-" and found["low"].endswith("10"):
        return None
    return {"kind": "range", "low": low, "high": high, "values": [], "unit": unit}


def _read_tolerance(said: str) -> Reading | None:
    found = _TOLERANCE.fullmatch(said)
    if found is None:
        return None
    number, spread = _number(found["number"]), _number(found["spread"])
    unit = _shared_unit([_unit(found["unit_low"]), _unit(found["unit"])])
    if number is None or spread is None or unit is None:
        return None
    return {"kind": "number", "value": number, "values": [number], "uncertainty": spread, "unit": unit}


def _read_not_detected(said: str) -> Reading | None:
    found = _NOT_DETECTED.fullmatch(said)
    if found is None:
        return None
    before, behind = _unit(found["unit_before"]), _unit(found["unit"])
    unit = _shared_unit([before, behind]) if behind else before
    if unit is None or behind is None:
        return None
    reading: Reading = {"kind": "not_detected", "values": [], "unit": unit}
    if found["number"]:
        limit = _number(found["number"])
        if limit is None:
            return None
        # '未检出(0.01)' does not say what 0.01 is: it is not detected for certain, and no more.
        if found["loq"] or found["below_loq"]:
            reading["quantification_limit"] = limit
        elif found["lod"] or found["below_lod"] or "<" in said:
            reading["detection_limit"] = limit
    return reading


def _read_words(said: str) -> Reading | None:
    meaning = _WORDS.get(said.casefold())
    return None if meaning is None else {"kind": "words", "word": meaning, "values": [], "unit": ""}


_ONE: tuple[Callable[[str], Reading | None], ...] = (_read_single, _read_not_detected, _read_range, _read_tolerance)


def _read_one(said: str) -> Reading | None:
    for read in _ONE:
        if (reading := read(said)) is not None:
            return reading
    return None


def _item(reading: Reading) -> Reading:
    """What a list keeps of each of its results."""
    kept = ("kind", "value", "low", "high", "comparator", "detection_limit")
    return {key: reading[key] for key in kept if key in reading}


def _together(readings: list[Reading | None], kind: str) -> Reading | None:
    known = [reading for reading in readings if reading is not None]
    if len(known) != len(readings):
        return None
    # '未检出' needs no unit of its own among numbers that have one.
    unit = _shared_unit([each["unit"] for each in known if each["unit"] or each["kind"] != "not_detected"] or [""])
    if unit is None:
        return None
    values = [each["value"] for each in known if "value" in each]
    return {"kind": kind, "values": values, "items": [_item(each) for each in known], "unit": unit}


def _read_retest(said: str) -> Reading | None:
    found = _RETEST.fullmatch(said)
    if found is None:
        return None
    sides = [found["first"] or found["first_after"], found["again"] or found["again_after"]]
    reading = _together([_read_one(side.strip("\n ;,、")) for side in sides], "retest")
    if reading is not None:
        for item, stage in zip(reading["items"], ("initial", "retest"), strict=True):
            item["stage"] = stage
    return reading


def _read_several(said: str) -> Reading | None:
    if "⟦" in said:
        return _read_marked(said)
    if ";" in said:
        pieces = _LOOSE_BREAK.sub("", re.sub(r"\s*;\s*", ";", said)).split(";")
    elif "\n" in said:
        pieces = said.split("\n")
    else:
        for mark in "、,":
            if mark in said:
                pieces = said.split(mark)
                # '1、230' counts its items; '1,200' may be a thousand two hundred, and '12,5' twelve and a half.
                if pieces[0] == "1" or re.fullmatch(r"[0-9]{1,3}(?:,[0-9]{3})+\D*|[0-9]+,[0-9]+\D*", said):
                    return None
                break
        else:
            return _read_slashed(said)
    return _read_pieces([piece.strip(" ,、") for piece in pieces if piece.strip(" ,、")])


def _read_pieces(pieces: list[str]) -> Reading | None:
    if len(pieces) < 2:
        return None
    labels = [_LABELLED.match(piece) for piece in pieces]
    if all(labels):
        numbers = [int(label[1] or label[2]) for label in labels if label]
        if numbers != list(range(1, len(pieces) + 1)):
            return None
        pieces = [piece[label.end() :] for piece, label in zip(pieces, labels, strict=True) if label]
    return _together([_read_one(piece) for piece in pieces], "several")


def _read_marked(said: str) -> Reading | None:
    """①…②…: the marks count up from one and are at least two, since a lone ① is the start of a cut-off list."""
    if not said.startswith("⟦"):
        return None
    marks = [int(mark) for mark in re.findall(r"⟦([0-9]+)⟧", said)]
    pieces = [_LOOSE_BREAK.sub("", piece).strip(" ;,、:\n/") for piece in re.split(r"⟦[0-9]+⟧", said)[1:]]
    if len(marks) < 2 or marks != list(range(1, len(marks) + 1)):
        return None
    return _together([_read_one(piece) for piece in pieces], "several")


def _read_slashed(said: str) -> Reading | None:
    found = _SLASHED.fullmatch(said)
    if found is None or _DATE.fullmatch(said):
        return None
    items, unit = found["items"].split("/"), _unit(found["unit"])
    # '3/5' may be three of five, and in '12/13/100g' the 100g may be what the others are counted in.
    if (
        unit is None
        or (len(items) == 2 and not unit)
        or (items[-1] in ("10", "25", "50", "100", "1000") and "/" not in unit)
    ):
        return None
    reading = _together([_read_one(item) for item in items], "several")
    if reading is not None:
        reading["unit"] = unit
    return reading


@lru_cache(maxsize=8192)
def _basis(said: str) -> tuple[str, str]:
    """What a result refers to, '(以Al计)', and the result without it."""
    found = _BASIS.search(said)
    return (said, "") if found is None else (said[: found.start()] + said[found.end() :], found[0][1:-1])


def read_result(text: str) -> Reading:
    """What a result says: kind, values, unit ...; kind ``text`` where it was not understood whole."""
    unread: Reading = {"kind": "text", "values": [], "unit": ""}
    if len(text) > _LONGEST:
        return unread
    said, basis = _basis(_plain(text))
    if found := _VALUE_LABEL.match(said):
        said = said[found.end() :]
    incomplete = False
    if _ELLIPSIS.search(said):
        said, incomplete = _ELLIPSIS.sub("", said), True
        said = (
            re.sub(r"/(?=[A-Za-zμ%])", "", said, count=1)
            if re.search(r"[0-9)]/(?=[A-Za-zμ%])", said)
            else said.rstrip("/;,、\n")
        )
    joined = _LOOSE_BREAK.sub("", said)
    reading = None if incomplete else _read_words(joined) or (_read_one(joined) if "\n" not in joined else None)
    reading = reading or _read_retest(joined) or _read_several(said) or _read_several(joined)
    if reading is None or (incomplete and reading["kind"] != "several"):
        return unread
    if incomplete:
        reading["incomplete"] = True
    if basis:
        reading["basis"] = basis
    return reading


def read_limit(text: str) -> Reading:
    """What a limit says: kind (comparison, number, range, not_used, not_detected, plan, words, text), value ..."""
    unread: Reading = {"kind": "text", "unit": ""}
    if len(text) > _LONGEST:
        return unread
    said = _LOOSE_BREAK.sub("", _plain(text))
    said, basis = _basis(said)
    said = re.sub(r"^(?:限量值?|标准值?|标准要求|标准指标|指标|技术要求)[:为]", "", said)
    reading = _read_forbidden(said) or _read_limit_number(said) or _read_bounds(said) or _read_plan(said)
    if reading is None and _LIMIT_WORDS.fullmatch(said):
        reading = {"kind": "words", "unit": ""}
    if reading is None:
        return unread
    return {**reading, "basis": basis} if basis else reading


def _read_forbidden(said: str) -> Reading | None:
    found = _FORBIDDEN.fullmatch(said)
    unit = _unit(found["unit"]) if found else None
    if found is None or unit is None:
        return None
    detected = "检出" in found["kind"] or found["kind"].upper() == "ND"
    return {"kind": "not_detected" if detected else "not_used", "unit": unit}


def _read_limit_number(said: str) -> Reading | None:
    reading = _read_single(said)
    if reading is None:
        return None
    if reading["kind"] == "number":
        # A bare '100' does not say whether it is a maximum or a minimum; to judge it one must know the item.
        return {"kind": "number", "value": reading["value"], "unit": reading["unit"]}
    value = reading.get("high") or reading.get("low")
    return {"kind": "comparison", "comparator": reading["comparator"], "value": value, "unit": reading["unit"]}


def _read_bounds(said: str) -> Reading | None:
    if (reading := _read_range(said)) is not None:
        return {"kind": "range", "low": reading["low"], "high": reading["high"], "unit": reading["unit"]}
    if (reading := _read_tolerance(said)) is not None:
        middle, spread = Decimal(reading["value"]), Decimal(reading["uncertainty"])
        ends = {"low": canonical(middle - spread), "high": canonical(middle + spread)}
        return {"kind": "range", **ends, "unit": reading["unit"]}
    if found := _BETWEEN.fullmatch(said):
        sides = {found["first"]: found["one"], found["second"]: found["two"]}
        low = next((number for sign, number in sides.items() if sign in ">≥"), "")
        high = next((number for sign, number in sides.items() if sign in "<≤"), "")
        open_ends = [end for end, sign in (("low", ">"), ("high", "<")) if sign in sides]
    elif found := _AROUND.fullmatch(said):
        if not found["second"]:
            return None
        low, high = found["low"], found["high"]
        open_ends = [end for end, sign in (("low", found["first"]), ("high", found["second"])) if sign == "<"]
    else:
        return None
    unit = _shared_unit([_unit(found["unit_low"]), _unit(found["unit"])])
    least, most = (_number(low) if low else None), (_number(high) if high else None)
    if unit is None or least is None or most is None or Decimal(least) > Decimal(most):
        return None
    reading = {"kind": "range", "low": least, "high": most, "unit": unit}
    return {**reading, "excluded": open_ends} if open_ends else reading


def _read_plan(said: str) -> Reading | None:
    """n samples, at most c of them above m, none above M (GB 4789.1).

    Without an M only c = 0 is a whole plan; 'n=5,c=2,m=10' has lost its end, and its 10 may have been 10⁴.
    """
    said = said.replace("\n", "").replace(" ", "")
    unit_behind: str | None = ""
    if found := _TRAILING_UNIT.search(said):
        said, unit_behind = said[: found.start()].rstrip(",;"), _unit(found[1])
    found = _PLAN.fullmatch(said)
    if found is None or unit_behind is None:
        return None
    units = [_unit(found["unit_m"]), _unit(found["unit"])] if found["M"] else [_unit(found["unit_m"])]
    unit = _shared_unit([*units, unit_behind] if unit_behind else units)
    low, high = _number(found["m"]), (_number(found["M"]) if found["M"] else None)
    n, c = int(found["n"]), int(found["c"])
    if low is None or unit is None or c > n or n == 0 or (found["M"] and high is None):
        return None
    if high is None and (c != 0 or (found["m"].endswith("10") and not unit)):
        return None
    if high is not None and Decimal(high) < Decimal(low):
        return None
    return {"kind": "plan", "unit": unit, "sampling_plan": {"n": n, "c": c, "m": low, "M": high}}


def _lines(text: str) -> str:
    """The delivered text without invisible characters and without spaces at the ends of its lines."""
    return "\n".join(line for line in (line.strip() for line in visible(text).split("\n")) if line)


def _absent(text: str) -> bool:
    # 无 is kept: among results it may mean 'none was found'.
    return text != "无" and says_nothing(text)


def _torn(unit: str) -> bool:
    return unit_spelling(unit) is None and _TORN.search(_BRACKETED.sub("", unit)) is not None


def _with_unit(said: str, unit: str, read: Callable[[str], Reading]) -> tuple[str, Reading]:
    """Text and reading of a result (or limit) whose unit has a separate column, as if the unit stood behind the
    number.
    """
    alone = read(said)
    spelled = unit_spelling(unit) or unit
    if not unit or alone["unit"] == spelled:
        return said, alone
    joined = said + unit
    if alone["unit"]:
        # Two different units are two different results: neither is taken.
        unread: Reading = {"kind": "text", "unit": ""}
        return f"{said} {unit}", unread | {"values": []} if "values" in alone else unread
    reading = read(joined)
    if reading["kind"] != "text" and alone["kind"] in (reading["kind"], "text") and reading["unit"] == spelled:
        return joined, reading
    return joined, {**alone, "unit": spelled} if alone["kind"] != "text" else alone


_LIMIT_KEYS = ("kind", "comparator", "value", "low", "high", "unit")


@dataclass(frozen=True)
class TestResult(FieldType):
    """A test result beside its limit.

    ``text``: as delivered, with its unit; ``kind``: number, below, above, not_detected, range, several, retest,
    words, text, or absent (only a limit was delivered). ``values``: every exact number, canonical; ``value``: the one
    number of kind ``number``; ``low``, ``high``, ``comparator``; ``unit``; ``items``: each result of ``several`` and
    ``retest`` (with ``stage``); ``uncertainty``, ``detection_limit``, ``quantification_limit``, ``basis``, ``word``,
    ``incomplete`` where said. ``limit_text``, ``limit_kind`` and so on tell the same of the limit; ``sampling_plan``
    is {n, c, m, M}.
    """

    # Keeps pytest from collecting the class where a test imports it.
    __test__ = False

    name = "test_result"
    label = ("检验值", "result of a test")
    parts = ("unit", "limit")
    columns: ClassVar[Mapping[str, str]] = {
        "text": "VARCHAR",
        "kind": "VARCHAR",
        "value": "DECIMAL(38,12)",
        "low": "DECIMAL(38,12)",
        "high": "DECIMAL(38,12)",
        "comparator": "VARCHAR",
        "unit": "VARCHAR",
        "limit_text": "VARCHAR",
        "limit_kind": "VARCHAR",
        "limit_comparator": "VARCHAR",
        "limit_value": "DECIMAL(38,12)",
        "limit_low": "DECIMAL(38,12)",
        "limit_high": "DECIMAL(38,12)",
        "limit_unit": "VARCHAR",
    }

    longest: int = field(default=2_000, kw_only=True)

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        said = _lines(text)
        unit = tidy(parts.get("unit", "") or "")
        unit = "" if says_nothing(unit) else unit
        limit = _lines(parts.get("limit", "") or "")
        limit = "" if says_nothing(limit) else limit
        if unit and _torn(unit) and not _absent(said):
            return refusals.result_split(said, unit)
        value: Reading
        if _absent(said):
            if not limit:
                return None
            value = {"text": "", "kind": "absent", "values": [], "unit": unit_spelling(unit) or unit}
        else:
            said, reading = _with_unit(said, unit, read_result)
            value = {"text": said, **reading}
        if limit:
            _, reading = _with_unit(limit, unit, read_limit) if unit else (limit, read_limit(limit))
            value["limit_text"] = limit
            value |= {f"limit_{key}": reading[key] for key in _LIMIT_KEYS if key in reading}
            value |= {key: reading[key] for key in ("sampling_plan",) if key in reading}
            value |= {f"limit_{key}": reading[key] for key in ("excluded", "basis") if key in reading}
            if value.get("limit_kind") in ("not_used", "words", "text"):
                # The unit column is the result's; a limit without a number has none, wherever the unit was written.
                value.pop("limit_unit", None)
        return value

    def show(self, value: Value, *, lang: str = "zh", masked: bool = False) -> str:
        if value is None:
            return ""
        limit = value.get("limit_text", "")
        if not limit:
            return str(value["text"])
        return f"{value['text']}（限量：{limit}）" if lang == "zh" else f"{value['text']} (limit: {limit})"

    def same(self, left: Value, right: Value) -> bool:
        return bool(_without_text(left) == _without_text(right))


@dataclass(frozen=True)
class Limit(FieldType):
    """A limit by itself: text, kind, comparator, value, low, high, unit, sampling_plan."""

    name = "limit"
    label = ("限值", "limit")
    parts = ("unit",)
    columns: ClassVar[Mapping[str, str]] = {
        "text": "VARCHAR",
        "kind": "VARCHAR",
        "comparator": "VARCHAR",
        "value": "DECIMAL(38,12)",
        "low": "DECIMAL(38,12)",
        "high": "DECIMAL(38,12)",
        "unit": "VARCHAR",
    }

    longest: int = field(default=2_000, kw_only=True)

    def _clean(self, text: str, parts: Mapping[str, str] = NO_PARTS) -> Value | Refusal | None:
        said = _lines(text)
        unit = tidy(parts.get("unit", "") or "")
        unit = "" if says_nothing(unit) else unit
        if says_nothing(said):
            return None
        if unit and _torn(unit):
            return refusals.result_split(said, unit)
        said, reading = _with_unit(said, unit, read_limit)
        return {"text": said, **reading}

    def show(self, value: Value, *, lang: str = "zh", masked: bool = False) -> str:
        return "" if value is None else str(value["text"])

    def same(self, left: Value, right: Value) -> bool:
        return bool(_without_text(left) == _without_text(right))


def _without_text(value: Value) -> Value:
    """What was understood; the text itself only counts where nothing was."""
    if value is None:
        return None
    kept = {"text"} if value.get("kind") == "text" else set()
    kept |= {"limit_text"} if value.get("limit_kind") in ("text", "words") else set()
    return {key: each for key, each in value.items() if key in kept or key not in ("text", "limit_text")}
