"""Why a cell is not what its field holds; each sentence says how to write it."""

from __future__ import annotations

from collections.abc import Collection

from zhiheng.kernel.fields.visible import quote
from zhiheng.kernel.reasons import Refusal


def cell_points_above(text: str) -> Refusal:
    said = text.strip()
    return Refusal(
        "cell.as_above",
        f"这一格写的是“{said}”，没有写明内容；表一排序、筛选或抽出几行，就会指到别的行，因此不代为推断。"
        "请照上一行写全后重新报送。",
        f"This cell says '{said}' instead of what is meant; once the table is sorted or filtered it points at another "
        "row, so nothing is inferred. Write it out as in the row above, and send the row again.",
        text=text,
    )


def cell_failed(said: str) -> Refusal:
    return Refusal(
        "cell.failed",
        f"这一格里是“{said}”，是电子表格算不出或显示不下时的记号，不是内容。请在表里改正公式或加宽这一列，"
        "填上应有的内容后重新报送。",
        f"This cell holds '{said}', which a spreadsheet shows where a formula failed or a column is too narrow; it "
        "is no value. Mend the formula or widen the column, write what should stand there, and send the row again.",
        text=said,
    )


def cell_too_long(text: str, longest: int) -> Refusal:
    begin = " ".join(text[:160].split())[:40]
    return Refusal(
        "cell.too_long",
        f"这一格有{len(text)}个字符（“{begin}…”），这一栏最多{longest}个：请核对是否把几格或整段说明粘在了一起，"
        "改短后重新报送。",
        f"This cell has {len(text)} characters ('{begin}…'), at most {longest} may stand here: check whether several "
        "cells or a whole text were pasted into it, shorten it and send the row again.",
        text=text,
    )


def choice_unknown(text: str, *, offered: Collection[str], more_zh: str, more_en: str) -> Refusal:
    return Refusal(
        "choice.unknown",
        f"“{quote(text)}”不在可选项里：请从{'、'.join(offered)}{more_zh}中选一个。",
        f"'{quote(text)}' is not among the choices: write one of {', '.join(offered)}{more_en}.",
        text=text,
    )


def code_rounded(text: str) -> Refusal:
    return Refusal(
        "code.rounded",
        f"设备代码“{quote(text)}”从第16位起全是0，多半被电子表格当作数值舍掉了：请把该列设为文本格式后重新填写。",
        f"From its sixteenth digit on the equipment code '{quote(text)}' is all zeros; a spreadsheet"
        " probably rounded it:"
        " set the column to text and enter it again.",
        text=text,
    )


def code_shortened(what_zh: str, *, text: str, what_en: str) -> Refusal:
    return Refusal(
        "code.shortened",
        f"{what_zh}“{quote(text)}”被电子表格缩写成了科学计数，数字已经丢失：请把该列设为文本格式后重新填写。",
        f"A spreadsheet shortened the {what_en} '{quote(text)}' and its digits are lost:"
        " set the column to text and enter it again.",
        text=text,
    )


def day_without_end(text: str) -> Refusal:
    return Refusal(
        "day.forever",
        f"“{quote(text)}”不是具体的一天，这一栏要写具体日期：请写成2026年3月31日这样。",
        f"'{quote(text)}' is not a certain day and this field needs one: write 2026-03-31.",
        text=text,
    )


def day_impossible(text: str) -> Refusal:
    return Refusal(
        "day.impossible",
        f"没有“{quote(text)}”这一天：请核对年、月、日，写成2026年3月31日这样。",
        f"There is no day '{quote(text)}': check year, month and day and write 2026-03-31.",
        text=text,
    )


def only_a_month(text: str) -> Refusal:
    return Refusal(
        "day.only_month",
        f"“{quote(text)}”只写到月，这里要写到日：请写成2026年3月31日这样。",
        f"'{quote(text)}' names a month, a day is needed: write 2026-03-31.",
        text=text,
    )


def order_of_day_unclear(text: str) -> Refusal:
    return Refusal(
        "day.order",
        f"“{quote(text)}”分不清哪个是月、哪个是日：请写成2026年3月31日；来源系统一直按同一次序写的，请告诉质量办，"
        "在规则书里写明次序。",
        f"'{quote(text)}' does not say which number is the month: write 2026-03-31,"
        " or, where one order is always meant, ask the quality office to state it in the book.",
        text=text,
    )


def several_days(text: str) -> Refusal:
    return Refusal(
        "day.several",
        f"“{quote(text)}”写了不止一个日期，这里只能有一个：请只留一个，其余写到各自的栏。",
        f"'{quote(text)}' holds more than one day, one is wanted: keep one, put the others into columns of their own.",
        text=text,
    )


def year_of_two_digits(text: str) -> Refusal:
    return Refusal(
        "day.short_year",
        f"“{quote(text)}”的年份只有两位，分不清世纪和次序：请写四位年份，如2026年3月31日。",
        f"The year in '{quote(text)}' has two digits: write four, as in 2026-03-31.",
        text=text,
    )


def day_unread(text: str) -> Refusal:
    return Refusal(
        "day.unread",
        f"“{quote(text)}”不是能认出的日期：请写成2026年3月31日、2026-03-31或20260331。",
        f"'{quote(text)}' can't be read as a day: write 2026-03-31.",
        text=text,
    )


def year_out_of_range(text: str, *, first: int, last: int) -> Refusal:
    return Refusal(
        "day.year",
        f"“{quote(text)}”的年份不在{first}年至{last}年之间：请核对年份。",
        f"The year of '{quote(text)}' is not between {first} and {last}: check it.",
        text=text,
    )


def day_of_another_zone(text: str) -> Refusal:
    return Refusal(
        "day.zone",
        f"“{quote(text)}”的时间不是北京时间，换算后可能是另一天：请写北京时间的日期，如2026-03-31。",
        f"'{quote(text)}' is not in Chinese time and may be another day there: write the Chinese day, as"
        " in 2026-03-31.",
        text=text,
    )


def division_unknown(text: str, *, hint_zh: str, hint_en: str) -> Refusal:
    return Refusal(
        "division.unknown",
        f"区划表里没有“{quote(text)}”{hint_zh}，或写区划代码。",
        f"'{quote(text)}' is not among the known divisions.{hint_en} Write a listed name or its code.",
        text=text,
    )


def equipment_code_unread(text: str) -> Refusal:
    return Refusal(
        "equipment_code.unread",
        f"“{quote(text)}”不是设备代码：应为6至30位字母和数字，请对照使用登记证改正。",
        f"'{quote(text)}' is not an equipment code: 6 to 30 letters and digits are expected,"
        " copy them from the registration certificate.",
        text=text,
    )


def edition_unknown(said: str, *, editions: Collection[str], text: str) -> Refusal:
    return Refusal(
        "industry.edition",
        f"没有行业分类的这一版（“{quote(said)}”）：请写{'、'.join(editions) or '已配置的版本'}之一。",
        f"There is no such edition of the classification ('{quote(said)}'):"
        f" write one of {', '.join(editions) or 'those of the book'}.",
        text=text,
    )


def industry_mismatch(text: str, *, edition: str, code: str, name: str) -> Refusal:
    return Refusal(
        "industry.mismatch",
        f"“{quote(text)}”的代码和名称对不上：{edition}版里{code}是“{name}”，请改正其中一个。",
        f"Code and name in '{quote(text)}' differ: {code} is '{name}' in the edition of"
        f" {edition};"
        " correct one of them.",
        text=text,
    )


def several_industries(text: str, *, edition: str, codes: Collection[str]) -> Refusal:
    return Refusal(
        "industry.several",
        f"“{quote(text)}”在{edition}版里对应{'、'.join(codes)}：请改写代码。",
        f"'{quote(text)}' stands for {', '.join(codes)} in the edition of {edition}: write the code.",
        text=text,
    )


def industry_unknown(edition: str, *, text: str, hint_zh: str, hint_en: str) -> Refusal:
    return Refusal(
        "industry.unknown",
        f"GB/T 4754—{edition}里没有“{quote(text)}”{hint_zh}：请写行业代码，如C1361。",
        f"GB/T 4754-{edition} has no '{quote(text)}'{hint_en} Write a code such as C1361.",
        text=text,
    )


def food_licence_length(text: str, length: int) -> Refusal:
    return Refusal(
        "licence_number.food",
        f"食品生产许可证编号“{quote(text)}”在SC后有{length}位数字，应为14位：请对照许可证改正。",
        f"{length} digits follow SC in the food production licence '{quote(text)}', 14 are expected:"
        " correct it from the licence.",
        text=text,
    )


def licence_number_unread(text: str) -> Refusal:
    return Refusal(
        "licence_number.unread",
        f"“{quote(text)}”不是证书编号：编号里要有数字，共4至60个字符，请对照证书改正。",
        f"'{quote(text)}' is not a licence number: it needs digits and 4 to 60 characters, copy it from"
        " the certificate.",
        text=text,
    )


def money_unread(text: str) -> Refusal:
    return Refusal(
        "money.unread",
        f"“{quote(text)}”不是能认出的人民币金额：请写成12345.67元或1.2万元。",
        f"'{quote(text)}' can't be read as an amount in yuan: write 12345.67元 or 1.2万元.",
        text=text,
    )


def number_not_whole(text: str) -> Refusal:
    return Refusal(
        "number.not_whole",
        f"“{quote(text)}”不是整数：这一栏是个数，请写整数。",
        f"'{quote(text)}' is not a whole number: a count stands here, write a whole number.",
        text=text,
    )


def number_with_rest(text: str, rest: str, unit: str) -> Refusal:
    """``rest``: what follows the number; ``unit``: the one that the field counts, '' where it has none."""
    zh = f"单位应为“{unit}”" if unit else "这里只写数，不写单位"
    en = f"the unit here is '{unit}'" if unit else "only a number stands here, without a unit"
    return Refusal(
        "number.rest",
        f"“{quote(text)}”的数后面还有“{quote(rest, 16)}”，{zh}：请只写一个数，或换算后再写。",
        f"After the number in '{quote(text)}' stands '{quote(rest, 16)}', but {en}: write one number, converted if"
        " need be.",
        text=text,
    )


def separators_unclear(text: str) -> Refusal:
    return Refusal(
        "number.separators",
        f"“{quote(text)}”里的逗号或小数点有歧义：请写成1234.5，不用逗号。",
        f"The commas or points in '{quote(text)}' can be read in two ways: write 1234.5 without commas.",
        text=text,
    )


def number_shortened(text: str) -> Refusal:
    return Refusal(
        "number.shortened",
        f"“{quote(text)}”是电子表格缩写过的数，后面的数字已经丢失：请把该列设为文本或数值格式后重新导出。",
        f"A spreadsheet shortened '{quote(text)}' and the digits are lost: set the column to text or number"
        " and export again.",
        text=text,
    )


def number_too_large(text: str, *, most: str) -> Refusal:
    return Refusal(
        "number.too_large",
        f"“{quote(text)}”大于这一栏的最大值{most}：请核对数值和单位。",
        f"'{quote(text)}' is above the greatest value of this field, {most}: check the value and its unit.",
        text=text,
    )


def number_too_long(text: str, whole: int) -> Refusal:
    return Refusal(
        "number.too_long",
        f"“{quote(text)}”的位数太多（整数部分最多{whole}位）：请核对是否把编号填进了数值栏。",
        f"'{quote(text)}' has too many digits (at most {whole} before the point): check whether a code stands in a"
        " number column.",
        text=text,
    )


def number_too_small(text: str, *, least: str) -> Refusal:
    return Refusal(
        "number.too_small",
        f"“{quote(text)}”小于这一栏的最小值{least}：请核对数值和单位。",
        f"'{quote(text)}' is below the least value of this field, {least}: check the value and its unit.",
        text=text,
    )


def number_unread(text: str) -> Refusal:
    return Refusal(
        "number.unread",
        f"“{quote(text)}”不是一个数：请只写一个数，如1234.5；范围、约数和说明请写到备注。",
        f"'{quote(text)}' is not one number: write a single number such as 1234.5,"
        " and put ranges, estimates and remarks into a note.",
        text=text,
    )


def percentage_ambiguous(text: str, *, number: str, hundredfold: str) -> Refusal:
    return Refusal(
        "percentage.ambiguous",
        f"“{quote(text)}”没有百分号，分不清是{number}%还是{hundredfold}%：请带上百分号。",
        f"'{quote(text)}' has no percent sign and may mean {number}% or {hundredfold}%: write the sign.",
        text=text,
    )


def several_phones(text: str) -> Refusal:
    return Refusal(
        "phone.several",
        f"“{quote(text)}”里有不止一个号码，这里只能写一个：请只留一个常用的。",
        f"'{quote(text)}' holds more than one number: keep the one most used.",
        text=text,
    )


def phone_unread(text: str) -> Refusal:
    return Refusal(
        "phone.unread",
        f"“{quote(text)}”不是能认出的电话号码：请写11位手机号，或带区号的固定电话（如0513-81234567）。",
        f"'{quote(text)}' can't be read as a telephone number: write 11 digits of a mobile,"
        " or a landline with its area code (0513-81234567).",
        text=text,
    )


def not_a_unit(unit: str, *, text: str) -> Refusal:
    return Refusal(
        "quantity.unit",
        f"“{quote(unit, 16)}”不是单位：请写成一个数加一个单位，如12.5kg、30袋。",
        f"'{quote(unit, 16)}' is not a unit: write one number and one unit, such as 12.5kg.",
        text=text,
    )


def unit_not_allowed(text: str, units: Collection[str]) -> Refusal:
    return Refusal(
        "quantity.unit",
        f"“{quote(text)}”的单位应是{'、'.join(units)}之一：请补上或换算。",
        f"The unit of '{quote(text)}' must be one of {', '.join(units)}: add or convert it.",
        text=text,
    )


def units_differ(text: str, *, beside: str) -> Refusal:
    return Refusal(
        "quantity.units_differ",
        f"数量“{quote(text)}”自带的单位与单位栏“{quote(beside)}”不一致：请只保留正确的一个。",
        f"The unit in '{quote(text)}' and the one in the unit column, '{quote(beside)}', differ: keep the"
        " right one only.",
        text=text,
    )


def resident_id_birthday(text: str) -> Refusal:
    return Refusal(
        "resident_id.birthday",
        "身份号码里的出生日期不存在：请对照证件改正第7位以后的数字。",
        "The birthday inside the identity number does not exist: correct the digits from the seventh on.",
        text=text,
    )


def resident_id_check_wrong(text: str) -> Refusal:
    return Refusal(
        "resident_id.check",
        "身份号码的校验码不对，多半有一位抄错：请对照证件逐位核对。",
        "The check character of the identity number is wrong, one character was probably miscopied:"
        " compare it with the card.",
        text=text,
    )


def resident_id_length(length: int, text: str) -> Refusal:
    return Refusal(
        "resident_id.length",
        f"身份号码应为18位（旧的为15位）数字，末位可为X，来文有{length}位：请对照证件改正。",
        f"An identity number has 18 characters (older ones 15 digits), these are {length}: correct it from the card.",
        text=text,
    )


def result_split(text: str, unit: str) -> Refusal:
    """A result that a spreadsheet split at its first number: ``text`` and ``unit`` are the two parts."""
    return Refusal(
        "result.split",
        f"单位栏里是“{quote(unit)}”，像是从检测结果里按第一个数拆下来的，结果栏只剩“{quote(text)}”，真实数值已看不出："
        "请用未拆分的原始结果重新报送。",
        f"The unit column holds '{quote(unit)}', which looks like the rest of a result that was split at its first"
        " number, leaving"
        f" '{quote(text)}': send the result again as the laboratory wrote it.",
        text=text,
    )


def text_shortened(said: str, *, text: str) -> Refusal:
    return Refusal(
        "text.shortened",
        f"“{said}”是电子表格把一串号码缩写成的科学计数，原来的数字已经丢失：请把该列设为文本格式，照原样重新填写。",
        f"'{said}' is what a spreadsheet made of a longer number, whose digits are lost: format the column as "
        "text and write it again as it was.",
        text=text,
    )


def text_too_long(longest: int, *, said: str, text: str) -> Refusal:
    return Refusal(
        "text.too_long",
        f"这里最多写{longest}个字，来文有{len(said)}个字（“{quote(said)}”）：请缩短，或请质量办放宽这一栏。",
        f"At most {longest} characters may stand here, these are {len(said)}:"
        " shorten the text, or have the field widened.",
        text=text,
    )


def credit_code_character(text: str, *, place: int, char: str, meant: str) -> Refusal:
    return Refusal(
        "uscc.character",
        f"统一社会信用代码“{quote(text)}”第{place}位是“{char}”，这一位不会有这个字符{meant}：请对照营业执照改正。",
        f"Character {place} of the credit code '{quote(text)}' is '{char}', which can't stand there:"
        " correct it from the business licence.",
        text=text,
    )


def credit_code_office(text: str, *, first: str) -> Refusal:
    return Refusal(
        "uscc.character",
        f"统一社会信用代码“{quote(text)}”第1位是“{first}”，没有这样的登记管理部门：请对照营业执照改正。",
        f"Character 1 of the credit code '{quote(text)}' is '{first}', which no registering office has:"
        " correct it from the business licence.",
        text=text,
    )


def credit_code_check_wrong(text: str, *, fits: str, last: str) -> Refusal:
    return Refusal(
        "uscc.check",
        f"统一社会信用代码“{quote(text)}”的校验码不对：按前17位，末位应为“{fits}”，现在是“{last}”。"
        "多半有一位抄错，请对照营业执照逐位核对。",
        f"The check character of the credit code '{quote(text)}' is wrong: '{fits}' would fit the first 17, it"
        f" is '{last}'."
        " One character was probably miscopied: compare each with the business licence.",
        text=text,
    )


def code_of_an_older_kind(text: str) -> Refusal:
    return Refusal(
        "uscc.kind",
        f"“{quote(text)}”是旧的注册号或组织机构代码，这里要写18位统一社会信用代码：请换成新码。",
        f"'{quote(text)}' is an older identifier, an 18-character unified social credit code is needed: write"
        " the new code.",
        text=text,
    )


def credit_code_length(text: str, length: int) -> Refusal:
    return Refusal(
        "uscc.length",
        f"“{quote(text)}”去掉空格后有{length}位：统一社会信用代码是18位（旧注册号15位或13位，"
        "组织机构代码9位），请对照营业执照补全。",
        f"'{quote(text)}' has {length} characters: a unified social credit code has 18 (older registration"
        " numbers 15 or 13,"
        " organisation codes 9). Copy it from the business licence.",
        text=text,
    )


def organisation_check_wrong(text: str, *, fits: str) -> Refusal:
    return Refusal(
        "uscc.organisation_check",
        f"组织机构代码“{quote(text)}”的校验码不对：按前8位应为“{fits}”。请对照证件核对每一位。",
        f"The check character of the organisation code '{quote(text)}' is wrong: '{fits}' would fit its"
        " first 8."
        " Compare every character with the certificate.",
        text=text,
    )


def resident_id_as_credit_code(text: str) -> Refusal:
    return Refusal(
        "uscc.resident_id",
        "这里填的是公民身份号码，不是统一社会信用代码：请改填营业执照上的18位代码，身份号码填到它自己的栏。",
        "A resident identity number stands where the credit code belongs: write the 18-character code of"
        " the business"
        " licence, and put the identity number into its own column.",
        text=text,
    )


def neither_yes_nor_no(text: str) -> Refusal:
    return Refusal(
        "yes_no.unread",
        f"“{quote(text)}”看不出是“是”还是“否”：请写是或否。",
        f"'{quote(text)}' says neither yes nor no: write 是 or 否.",
        text=text,
    )
