"""Units of measurement as they are written in Chinese reports, and the one spelling each of them gets.

A unit is read whole or not at all: atoms (mg, CFU, 公斤 ...) joined by '/' with an amount such as 100g below. What is
not made of known atoms is not a unit here, so that no stray word or lost exponent passes for one.
"""

from __future__ import annotations

import re
from functools import lru_cache

from zhiheng.kernel.fields.text import narrow

# Signs that stand for several letters, and the two micro signs, as the letters they mean.
_SIGNS = str.maketrans(
    {
        "㎎": "mg",
        "㎏": "kg",
        "㎍": "μg",
        "㎖": "mL",
        "㎕": "μL",
        "㎜": "mm",
        "㎝": "cm",
        "㎞": "km",
        "㎡": "m²",
        "㎥": "m³",
        "㏄": "mL",
        "㏒": "log",
        "ℓ": "L",
        "\u00b5": "μ",
        "㎛": "μm",
        "㎾": "kW",
        "㏑": "ln",
        "•": "·",
        "∙": "·",
        "⋅": "·",
        "∕": "/",
        "⁄": "/",
        "％": "%",
        "º": "°",
        "˚": "°",
        "\u2103": "℃",
        "\u2126": "Ω",
    }
)

# The canonical spelling and every other one (compared without case; a spelling that differs by case only need not be
# told).
_ATOMS: dict[str, str] = {
    "kg": "公斤 千克",
    "g": "克 公克",
    "mg": "毫克",
    "μg": "微克 ug mcg",
    "ng": "纳克",
    "pg": "皮克",
    "t": "吨 公吨",
    "L": "升 公升 立升",
    "mL": "毫升 cc",
    "μL": "微升 uL",
    "dL": "分升",
    "kL": "千升",
    "m": "米 公尺",
    "km": "公里 千米",
    "cm": "厘米 公分",
    "dm": "分米",
    "mm": "毫米",
    "μm": "微米 um",
    "nm": "纳米",
    "m²": "平方米 m^2 平米 平方公尺",
    "cm²": "平方厘米 cm^2",
    "dm²": "平方分米 dm^2",
    "mm²": "平方毫米 mm^2",
    "km²": "平方公里 平方千米 km^2",
    "m³": "立方米 m^3 方 立方",
    "cm³": "立方厘米 cm^3",
    "dm³": "立方分米 dm^3",
    "hm²": "公顷 ha",
    "亩": "",
    "kJ": "千焦",
    "J": "焦 焦耳",
    "MJ": "兆焦",
    "kcal": "千卡 大卡",
    "cal": "卡",
    "kW·h": "kwh 千瓦时 度电",
    "kW": "千瓦",
    "W": "瓦 瓦特",
    "V": "伏 伏特",
    "kV": "千伏",
    "A": "安培",
    "mA": "毫安",
    "Ω": "欧姆",
    "MΩ": "兆欧",
    "Hz": "赫兹",
    "kHz": "",
    "Pa": "帕",
    "kPa": "千帕",
    "MPa": "兆帕",
    "N": "牛顿",
    "kN": "千牛",
    "mN": "",
    "℃": "°C 摄氏度",
    "K": "",
    "°": "",
    "CFU": "菌落形成单位",
    "MPN": "",
    "PFU": "",
    "IU": "国际单位",
    "U": "酶活力单位",
    "U(酶活)": "",
    "FU": "",
    "NTU": "",
    "Bq": "贝克勒尔",
    "mBq": "",
    "Gy": "",
    "kGy": "",
    "μSv": "uSv",
    "mSv": "",
    "Sv": "",
    "mol": "摩尔",
    "mmol": "毫摩尔",
    "μmol": "umol",
    "meq": "",
    "ppm": "",
    "ppb": "",
    "ppt": "",
    "%": "pct 百分比",
    "‰": "",
    "%vol": "%(v/v) %v/v vol% %(vol)",
    "w/%": "%(w/w) w% %w/w 质量分数%",
    "mg KOH": "mgKOH mg(KOH)",
    "度": "",
    "°T": "",
    "dB(A)": "",
    "dB": "分贝",
    "pH": "",
    "lx": "勒克斯",
    "h": "小时 hr",
    "min": "分钟",
    "s": "秒",
    "d": "天",
    "μS": "uS",
    "mS": "",
    "EBC": "",
    "RLU": "",
    "μ": "",
    "mΩ": "",
    "meq O₂": "",
    "HU": "",
    "Pa·s": "",
    "mPa·s": "",
    "ku": "",
    "个": "",
    "只": "",
    "头": "",
    "尾": "",
    "粒": "",
    "枚": "",
    "株": "",
    "台": "",
    "件": "",
    "套": "",
    "批": "批次",
    "袋": "",
    "瓶": "",
    "盒": "",
    "包": "",
    "箱": "",
    "桶": "",
    "罐": "",
    "支": "",
    "条": "",
    "张": "",
    "片": "",
    "把": "",
    "双": "",
    "户": "",
    "家": "",
    "人": "",
    "次": "",
    "份": "",
    "皿": "",
    "块": "",
    "本": "",
    "组": "",
    "斤": "市斤",
    "两": "",
    "kg bw": "kgbw",
}

_CASED = {"MPa", "mPa·s", "Pa·s", "MΩ", "mΩ", "MJ", "mBq", "mN", "μS", "μSv"}


def _index() -> dict[str, str]:
    spellings: dict[str, str] = {}
    for canonical, others in _ATOMS.items():
        for spelling in (canonical, *others.split()):
            key = spelling.translate(_SIGNS)
            spellings[key] = canonical
            if canonical not in _CASED:
                spellings.setdefault(key.casefold(), canonical)
    return spellings


_INDEX = _index()
_AMOUNT = re.compile(r"(?P<amount>[1-9][0-9]{0,4}(?:\.[0-9]+)?)?(?P<unit>[^0-9].*)", re.DOTALL)
_POWER = re.compile(r"[\^]?\(?(?:⁻¹|-1)\)?$")
_SUPERSCRIPTS = str.maketrans("²³", "23")


def _atom(text: str) -> str | None:
    return _INDEX.get(text) or _INDEX.get(text.casefold())


@lru_cache(maxsize=4096)
def unit_spelling(text: str) -> str | None:
    """The one spelling of a unit ('ug/kg', 'μg/kg', '微克/千克' -> 'μg/kg'), or None where it is not a unit known
    whole.

    A unit below the line may carry an amount ('g/100g', '/25g'); 'mg·kg⁻¹' and 'mg/kg' are the same.
    """
    said = re.sub(r"<sup>\s*([0-9-]{1,2})\s*</sup>", r"^\1", text.translate(_SIGNS))
    said = narrow(said).replace(" ", "").replace("^2", "²").replace("^3", "³")
    if not said or len(said) > 32:
        return None
    if whole := _atom(said):
        return whole
    pieces = said.split("/")
    if len(pieces) == 1 and "·" in said and _POWER.search(said):
        pieces = [_POWER.sub("", piece) for piece in said.split("·")]
    read: list[str] = []
    for place, piece in enumerate(pieces):
        if place == 0 and not piece and len(pieces) == 2:
            read.append("")
            continue
        found = _AMOUNT.fullmatch(piece)
        atom = _atom(found["unit"]) if found else None
        if found is None or atom is None or (place == 0 and found["amount"]):
            return None
        read.append((found["amount"] or "") + atom)
    if len(read) < 2 or len(read) > 3 or (not read[0] and not re.match("[0-9]", read[1])):
        return None
    return "/".join(read)
