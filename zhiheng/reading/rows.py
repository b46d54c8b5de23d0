"""Recognise rows of a sheet that are no data: totals, remarks, group headings, instructions, samples.

A skipped row is never dropped: it is named with its reason, counted and kept. So doubt goes the other way: a row with a
name, a number and a day is data, whatever its first cell says.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Sequence
from typing import Any

from zhiheng.kernel.fields.measures import is_convertible, told_unit
from zhiheng.kernel.reasons import Flag
from zhiheng.reading import refusals

_CJK = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f"
_SPACE_BY_CJK = re.compile(rf"(?<=[{_CJK}])\s+(?=[{_CJK}])|(?<=[{_CJK}])\s*[\r\n]\s*|\s*[\r\n]\s*(?=[{_CJK}])")
_SPACE = re.compile(r"\s+")

_COUNTED = "家|户|个|起|件|宗|条|项|批|批次|人|人次|次|份|台|台套|台（套）|元|万元|亿元|%|％"
_TOTAL = re.compile(
    rf"(?:(?:[^\W\d_]|[0-9]+(?=月|季|年)){{0,14}}?(?:合计|总计|小计|共计|累计|合共|总和|汇总|总数|合计数|平均|平均值|平均数|均值)"
    rf"(?:[（(][^（）()]*[）)])?[:：]?(?:[-+]?[\d,，.]+(?:{_COUNTED})?)?[。.]?"
    rf"|共[\d,，.]+(?:{_COUNTED})[。.]?"
    r"|(?:grand|sub)?[\s-]*totals?(?:\s*\([^()]*\))?\s*:?|sum:?|averages?:?|mean:?)",
    re.IGNORECASE,
)
_NUMBER_LIKE = re.compile(
    rf"[-+（(]?[¥￥]?[\d,，.]+[）)]?\s*(?:{_COUNTED})?|[-—–/\\*×]+|\d{{4}}\s*[-/.年]\s*\d{{1,2}}\s*[-/.月]\s*\d{{1,2}}\s*日?"
    rf"(?:[ T]\d.*)?|共?[\d,，.]+(?:{_COUNTED})|元|万元|亿元"
)
_NOTE = re.compile(
    r"(填报人|填表人|填报单位|填表单位|填报日期|填报时间|填表日期|填表时间|制表|制表人|制表日期|制表时间|制表单位|审核|审核人|复核|复核人|"
    r"审批|审批人|负责人|单位负责人|主管领导|分管领导|经办|经办人|联系人|联系电话|电话|统计人|统计员|统计负责人|报送单位|报送人|报送日期|"
    r"打印日期|打印时间|导出时间|导出人|单位盖章|盖章|公章|备注|附注|注|说明|填表说明|填报说明|数据来源|数据截止|数据截至|日期|签字|签名|"
    r"单位|计量单位|金额单位|prepared by|reviewed by|approved by|date|notes?|remarks?|source|printed on)"
    r"\s*(?:[（(][^）)]*[）)])?\s*[:：]",
    re.IGNORECASE,
)
_NOTE_START = re.compile(
    r"^(※|\*+\s|注\d*[、.．]|说明\d*[、.．]|以上数据|以上内容|（?以下空白|（?此表|（?本表|（?盖章|（?公章|第\s*\d+\s*页|共\s*\d+\s*页)"
)
_NOTE_ALONE = frozenset({"备注", "注", "说明", "填表说明", "以下空白", "以下为空", "（盖章）", "(盖章)"})
# Lines between the rows of Chinese office tables, by how they are written anywhere: no levels of a book's tree.
_GROUP = re.compile(
    r"(?:[（(]?[一二三四五六七八九十百]{1,4}[）)]?[、.．:：]?\s*|第[一二三四五六七八九十百\d]{1,4}[部分类组批]{1,2}[、:：\s]*|[A-Z][、.．]\s*|\d{1,2}[、.．]\s*)"
    r"(?=\D)\S.{0,40}|.{1,20}(?:街道|街道办事处|镇|乡|片区|管委会|市场监管所|监管所|科室|类别|部分|\d月份?|[一二三四1-4]季度)(?:[（(].*[）)])?[:：]?",
    re.DOTALL,
)
_LIST_MARK = re.compile(r"(?:[（(][一二三四五六七八九十百]{1,4}[）)]|[一二三四五六七八九十百]{1,4}[、.．])")
_SAMPLE = re.compile(
    r"[\s（(\[【*]*(?:填写|填报)?(?:示例|样例|范例|举例|例子|样表|例如|例)(?:行|数据)?\s*(?:[:：\d一二三）)\]】、.．]|$)"
)
_INSTRUCTION = re.compile(
    r"请?填写?.{1,30}|请.{1,30}|.{0,12}(?:必填|选填|必须填写|可不填|可为空|下拉选择|下拉选取|自动生成|勿填|不用填).{0,12}|"
    r"(?:格式|样式|例如|例|如|示例|单位|计量单位|说明|填写说明)\s*[:：].{1,40}|如\S{2,30}|\d{1,3}\s*(?:位|个字|字)(?:以内|数字|代码|字符)?|"
    r"(?:不超过|最多|至少|限)\s*\d+.{0,12}|.{0,10}(?:yyyy|YYYY)[-/年.]?(?:mm|MM).{0,12}|文本|文本型|数值|数值型|数字|日期|日期型|字符型|字符串"
)
_UNIT_WORDS = (
    "元|万元|亿元|千元|%|％|个|家|件|批|批次|次|人|人次|户|台|台套|套|辆|份|项|处|天|日|个月|月|年|小时|吨|千克|公斤"
    "|克|kg|g|mg|L|mL|升|毫升|"
    "米|m|公里|km|平方米|㎡|m2|m²|立方米|m³|亩|公顷|mg/kg|mg/L|μg/kg|μg/L|g/100g|g/kg|CFU/g|CFU/mL|MPN/g|kWh|千瓦时"
    "|tce|吨标准煤|分"
)
UNIT = re.compile(rf"[（(\[【]?\s*(?:(?:计量)?单位\s*[:：]\s*)?(?:{_UNIT_WORDS})\s*[）)\]】]?", re.IGNORECASE)
# What stands in a row of units under a column that has none, or before it.
_NO_UNIT = re.compile(r"[-—–−/／\\]{1,4}|无|(?:计量|金额|数量)?单位\s*[:：]?")
# What a first cell must look like for its row to be worth a look; asked of many cells at once, so it says yes too
# often.
_SUSPECT = re.compile(
    r"[合总小共累]\s{0,9}计|合共|总和|汇总|总数|平均|均值|[:：※]|^[ \t\u3000]*\*+\s"
    r"|^[ \t\u3000]*[（(\[【*]*[ \t\u3000]*(?:填写|填报)?(?:注|说明|备注|附注|填表|以上|以下|此表|本表|盖章|公章|示例|样例|范例|举例|例|样表|请)"  # noqa: E501
    r"|^[ \t\u3000]*(?:第|共)\s?\d|^[ \t\u3000]*[（(]?[一二三四五六七八九十百]{1,4}[）)、.．]|^[ \t\u3000]*第[一二三四五六七八九十]"  # noqa: E501
    r"|(?:街道|办事处|[镇乡]|片区|管委会|监管所|科室|类别|部分|月份?|季度)[）)：: \t]*$|^[ \t\u3000]*(?:[A-Z]|\d{1,2})[、.．]\s*\D"  # noqa: E501
    r"|^[ \t\u3000]*(?:(?:grand|sub)?[\s-]*totals?|sum|averages?|mean)\b"
    r"|^[ \t\u3000]*(?:[-—–−/／\\]{1,4}|无|(?:计量|金额|数量)?单位)[ \t\u3000]*$",
    re.IGNORECASE | re.MULTILINE,
)
# The same for Arrow's search, which knows ``\s`` and ``\d`` of ASCII only: every cell that the one above finds, it
# finds too. Cells of
# spaces only are another question (``blank_of_arrow``).
_SPACES = r"\s\p{Z}\x0b\x1c-\x1f\x{85}"
_TO_ARROW = {
    r"[\s": f"[{_SPACES}",
    r"\s": f"[{_SPACES}]",
    r"\d": r"\p{Nd}",
    r"\D": "[^0-9]",
    r"\b": "(?:[^0-9A-Za-z_]|$)",
    r"\u3000": "\u3000",
}
_SUSPECT_BY_ARROW = "(?im)" + re.sub(r"\[\\s|\\[sdDb]|\\u3000", lambda found: _TO_ARROW[found[0]], _SUSPECT.pattern)
FIRST_CELLS = 3
_BEGINNING = 80
_FEW_CELLS = 100
LOOKED_AT = 500


@functools.lru_cache(maxsize=20_000)
def squash(text: str) -> str:
    """A heading without line breaks, without the spaces that spread Chinese characters out, with single spaces else.

    No heading, unit or note is longer than ``LOOKED_AT`` characters; of a longer cell only the beginning is looked at.
    """
    text = text.strip()
    if len(text) > LOOKED_AT:
        text = text[: LOOKED_AT - 1] + "…"
    return _SPACE.sub(" ", _SPACE_BY_CJK.sub("", text)).strip()


def suspect(columns: Sequence[Any]) -> bool:
    """Whether one of these cells (lists of texts, or Arrow arrays) may begin a row that is no data; a no is certain, so
    that such rows need no look each.
    """
    first = columns[:FIRST_CELLS]
    if any(_suspect_of_list(column) for column in first if isinstance(column, list | tuple | set)):
        return True
    return suspect_of_arrow(*(column for column in first if not isinstance(column, list | tuple | set)))


def _suspect_of_list(column: Collection[str]) -> bool:
    cells = set(column)
    if max(map(len, cells), default=0) > _BEGINNING:
        cells = set(map(_beginning, cells))
    return _SUSPECT.search("\n".join(cells)) is not None


def suspect_of_arrow(*columns: Any) -> bool:
    """The same of Arrow arrays of texts; where one is long, its beginning is looked at in the other way."""
    import pyarrow as pa
    import pyarrow.compute as pc

    many = []
    for column in columns:
        cells = column.unique()
        # Arrow reads the pattern anew for every search, which costs more than the look at a few cells.
        if len(cells) <= _FEW_CELLS or (pc.max(pc.utf8_length(cells)).as_py() or 0) > _BEGINNING:
            if _suspect_of_list(cells.to_pylist()):
                return True
        else:
            many.append(cells)
    if not many:
        return False
    cells = many[0] if len(many) == 1 else pa.concat_arrays(many)
    return bool(pc.any(pc.match_substring_regex(cells, _SUSPECT_BY_ARROW)).as_py())


def blank_of_arrow(column: Any) -> bool:
    """Whether a cell of an Arrow array is empty, or of spaces only."""
    import pyarrow.compute as pc

    return bool(pc.any(pc.match_substring_regex(column, rf"\A[{_SPACES}]*\z")).as_py())


def _beginning(cell: str) -> str:
    """As much of a cell as a word for a total, a remark or a group can take; the rest is never looked at."""
    return cell.strip()[:_BEGINNING]


def no_data(row: Sequence[str]) -> Flag | None:
    """Why a row that is not empty is no data, or None where it is, or may be."""
    if is_total(row):
        return refusals.total_row()
    cells = [squash(_beginning(cell)) for cell in row if cell and not cell.isspace()]
    if is_sample(row):
        return refusals.sample_row()
    if _is_note(cells, len(row)):
        return refusals.note_row()
    if is_group(row):
        return refusals.group_row()
    # What is counted one by one or stands alone (年, 个) changes no number; and such a row begins with nothing, or with
    # a word for it.
    begins = not row[0].strip() or _NO_UNIT.fullmatch(row[0].strip()) is not None
    if begins and is_units(row) and any(is_convertible(told_unit(cell)) for cell in cells):
        return refusals.unit_row_astray()
    return None


def is_total(row: Sequence[str]) -> bool:
    """Whether a row tells a total, a subtotal or a mean: so says its first text, and besides it stand only numbers.

    The word may follow a number of the row (7, 合计). One short text more is allowed in a row that is mostly empty.
    """
    filled = [
        (place, "".join(_beginning(cell).split())) for place, cell in enumerate(row) if cell and not cell.isspace()
    ]
    for at, (place, text) in enumerate(filled[:2]):
        if place >= FIRST_CELLS:
            return False
        if _TOTAL.fullmatch(text) or (len(text) > 5 and _TOTAL.fullmatch(squash(_beginning(row[place])))):
            words = [said for _, said in filled[at + 1 :] if not _NUMBER_LIKE.fullmatch(said)]
            return not words or (len(words) == 1 and 2 * len(filled) <= len(row))
        if not text.isdigit():
            return False
    return False


def is_sample(row: Sequence[str]) -> bool:
    """Whether a row is the example that came with an empty form: one of its first cells says so."""
    return any(_SAMPLE.match(_beginning(cell)) for cell in row[:FIRST_CELLS] if cell)


def is_group(row: Sequence[str]) -> bool:
    """Whether a row has nothing but the name of those beneath it (一、铁砧街道)."""
    filled = list(dict.fromkeys(squash(_beginning(cell)) for cell in row if cell and not cell.isspace()))
    first = next((place for place, cell in enumerate(row) if cell and not cell.isspace()), len(row))
    if len(row) < 3 or first >= FIRST_CELLS or not filled:
        return False
    if len(filled) == 1:
        return _GROUP.fullmatch(filled[0]) is not None
    # Beneath a heading with a list mark the number of its rows may stand (一、铁砧街道 | 12).
    return _LIST_MARK.match(filled[0]) is not None and all(_NUMBER_LIKE.fullmatch(text) for text in filled[1:])


def is_instructions(row: Sequence[str]) -> bool:
    """Whether a row right beneath the headings tells how to fill the form in: so say half of its cells, and more than
    one.
    """
    cells = [squash(cell) for cell in row if cell and not cell.isspace()]
    telling = sum(1 for cell in cells if _INSTRUCTION.fullmatch(cell))
    return telling >= 2 and 2 * telling >= len(cells)


def is_units(row: Sequence[str]) -> bool:
    """Whether a row says nothing but in which units its columns count; columns without one may have a dash."""
    cells = [squash(cell) for cell in row if cell and not cell.isspace()]
    units = [cell for cell in cells if not _NO_UNIT.fullmatch(cell)]
    return bool(units) and all(UNIT.fullmatch(cell) or told_unit(cell) for cell in units)


def note_rows(rows: Sequence[Sequence[str]]) -> int:
    """How many of these last rows are data: from there on, all is remarks, totals or empty."""
    end = len(rows)
    while end:
        cells = [squash(_beginning(cell)) for cell in rows[end - 1] if cell and not cell.isspace()]
        if cells and not is_total(rows[end - 1]) and not _is_note(cells, len(rows[end - 1])):
            break
        end -= 1
    return end


def _is_note(cells: Sequence[str], width: int) -> bool:
    first = cells[0]
    if len(cells) > max(2, width // 2 + 1):
        return False
    if _NOTE.match(first.replace(" ", "")) or _NOTE.match(first) or _NOTE_START.match(first):
        return True
    return len(cells) == 1 and first in _NOTE_ALONE
