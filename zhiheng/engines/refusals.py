"""Why a table, a row or a fact does not pass a rule, and what is doubtful about how it was read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from zhiheng.grammar.types import Label
from zhiheng.kernel.fields.visible import quote
from zhiheng.kernel.reasons import Flag, Refusal

DAY_AHEAD = "day.ahead"


def column_kept_unused(heading: str) -> Flag:
    return Flag(
        "heading.kept",
        f"“{heading}”一列规则书里没有，不影响接收：内容原样保存，不使用，显示时遮盖。要用到的话，"
        "请在这次报送的页面上说明它对应什么，提请质量办采用。",
        f"Nobody knows the column '{heading}', and it does no harm: its cells are kept as delivered, not used, "
        "and masked. If it is of use, say on the page of this delivery what it stands for, and propose it to the "
        "quality office.",
        heading,
    )


def dimension_unknown(label: Label, dimension: str, known: Collection[str]) -> Refusal:
    return Refusal(
        "indicator.dimension",
        f"“{label.zh}”不能按“{dimension}”分组；可用：{'、'.join(known)}。",
        f"{label.en!r} can't be split by {dimension!r}; use one of {', '.join(known)}.",
    )


def period_read(label: Label, *, words: str, day: dt.date, text: str, field: str) -> Flag:
    return Flag(
        "period.read",
        f"表里没有“{label.zh}”一列，各行都按“{words}”（{day}）读取，依据“{text[:40]}”。不对的，"
        "请在表里加上这一列后重新报送。",
        f"No column says {label.en}: every row was read as of {words} ({day}), as '{text[:40]}' "
        "says. Add the column and send the table again if that is wrong.",
        field,
    )


def fact_ahead(occurred_on: dt.date) -> Refusal:
    return Refusal(
        "publication.ahead",
        f"发生日期 {occurred_on} 还没有到，不能公示；请核对日期，写错的请报送单位更正。",
        f"It is said to have happened on {occurred_on}, which has not come; check the day, and have it corrected "
        "if it is wrong.",
        text=str(occurred_on),
    )


def enterprise_deregistered() -> Refusal:
    return Refusal(
        "publication.deregistered",
        "企业已经注销，不利信息停止公示。",
        "The enterprise is deregistered; what speaks against it is not shown any more.",
    )


def display_over(until: dt.date) -> Refusal:
    return Refusal(
        "publication.ended",
        f"公示期已于 {until} 届满；不再公示。",
        f"Its time of display ended on {until}; it is not shown any more.",
        text=str(until),
    )


def display_not_countable(cause: Refusal) -> Refusal:
    return Refusal(
        "publication.law",
        f"公示期限算不出来：{cause.zh}",
        f"The time of display can't be counted: {cause.en}",
        cause.field,
    )


def law_silent_on_display(day: dt.date, until: str) -> Flag:
    return Flag(
        "publication.law_silent",
        f"{day} 的规定没有写明能否适用“{until}”这一期限；暂按较长的期限，请核对后再批准。",
        f"The law of {day} does not say whether the period {until} applies; the longer one stands until an "
        "officer has checked it.",
        until,
    )


def outcome_never_published(outcome: str) -> Refusal:
    return Refusal(
        "publication.outcome",
        "这样的结论不公示。",
        "Such an outcome is not published.",
        text=outcome,
    )


def party_is_a_person() -> Refusal:
    return Refusal(
        "publication.person",
        "当事人是自然人，本栏目不公示自然人的信息；不予公示。",
        "This is about a natural person, and the list shows none; it is not published.",
    )


def required_empty(label: Label, field: str) -> Refusal:
    return Refusal(
        "required",
        f"“{label.zh}”是必填项，这一行没有填写。请补填后重新报送。",
        f"{label.en} is required and is empty in this row. Fill it in and send the row again.",
        field,
    )


def name_masked(label: Label, *, said: str, field: str) -> Refusal:
    return Refusal(
        "required.not_one",
        f"“{label.zh}”是必填项，这一行写的是{said}，名称被遮盖或只是代称，看不出是哪一家。请写全称后重新报送。",
        f"{label.en} is required, and {said} is masked or stands for a name: it can't be told whose it "
        "is. Write it in full and send the row again.",
        field,
    )


def required_says_nothing(label: Label, *, said: str, what: tuple[str, ...], field: str) -> Refusal:
    return Refusal(
        "required.not_one",
        f"“{label.zh}”是必填项，这一行写的是{said}，不是{what[0]}。请写全称后重新报送。"
        if what[1] == "a name"
        else f"“{label.zh}”是必填项，这一行写的是{said}，只是占位。请填写后重新报送。",
        f"{label.en} is required, and {said} is not {what[1]}. Write it in full and send the row again.",
        field,
    )


def row_scant(said: Sequence[str], lacking: Sequence[Label]) -> Refusal:
    return Refusal(
        "row.scant",
        f"这一行只有 {len(said)} 格有内容（{'、'.join(f'“{text}”' for text in said[:3])}），"
        f"必填的{'、'.join(f'“{label.zh}”' for label in lacking[:4])}"
        f"{'等' if len(lacking) > 4 else ''}都没有填，像是合计、小标题、说明或落款。不是数据的，请删去这一行；"
        "是数据的，请补填后重新报送。",
        f"Only {len(said)} cells of this row are filled ({', '.join(repr(text) for text in said[:3])}), and "
        f"it lacks {', '.join(label.en for label in lacking[:4])}{' ...' if len(lacking) > 4 else ''}: it "
        "looks like a sum, a heading, a remark or a signature. Delete the row if it is no data; fill it in "
        "and send it again if it is.",
    )


def several_layouts_fit(names_zh: str, *, names_en: str) -> Refusal:
    return Refusal(
        "table.ambiguous",
        f"这张表的表头同时符合：{names_zh}。请在报送时选明记录类型和表样。",
        f"The headings fit several layouts: {names_en}. Choose the record and the layout.",
    )


def nearer_to_another_record(
    label: Label, *, parts_zh: Collection[str], other: Label, parts_en: Collection[str]
) -> Refusal:
    return Refusal(
        "table.between",
        f"这张表的表头最像“{label.zh}”，但{'；'.join(parts_zh)}；按现有的列又能读成“{other.zh}”。"
        f"类型报得不对，会记到别的事上，因此没有接收。是“{label.zh}”的，请改好表头后重新报送；确实是“{other.zh}”的，"
        "请在报送时选明记录类型。",
        f"The headings are nearest to {label.en}, but {'; '.join(parts_en)}; as they stand the table can be read as "
        f"{other.en} too, so it was not received. If it is {label.en}, mend the headings and send it again; if it is "
        f"{other.en}, choose that record.",
    )


def columns_do_not_fit(label: Label, *, source: Label, parts_zh: Collection[str], parts_en: Collection[str]) -> Refusal:
    return Refusal(
        "table.columns",
        f"这张表最接近“{label.zh}”的表样“{source.zh}”，但{'；'.join(parts_zh)}。请更正表头后重新报送；"
        "如果本单位的表一直这样写，请在办公端这次报送的页面上确认每一列对应什么，提请质量办采用。",
        f"Nearest is {label.en}, as in '{source.en}', but {'; '.join(parts_en)}. Mend the headings and send it again; "
        "where your tables always have it so, say on the page of this delivery at the desk what each column stands "
        "for, and propose it to the quality office.",
    )


def no_such_layout(record: str | None, *, source: str | None) -> Refusal:
    return Refusal(
        "table.no_such_layout",
        f"规则书中没有记录类型“{record or ''}”或表样“{source or ''}”。请在规则书的记录类型一览里查看可用的名称。",
        f"The book has no record {record!r} with source {source!r}. See the names in the list of records of the book.",
    )


def no_record_fits() -> Refusal:
    return Refusal(
        "table.unknown",
        "这张表的表头在规则书中找不到对应的记录类型。请检查第一行是不是表头、表头是否完整，或在报送时选明记录类型；"
        "空白表样可以在报送页或规则书的记录类型页下载。",
        "No record of the book has such headings. Check that the first row holds the headings and that they are "
        "whole, or choose the record; blank forms can be had where files are handed in, and on the book's pages "
        "of records.",
    )


def units_astray(number: int, *, unit: str, heading: str) -> Refusal:
    return Refusal(
        "units.astray",
        f"第 {number} 行只写了单位“{unit}”，夹在数据中间或末尾，不能确定“{heading}”"
        "一列哪些行按它读，因此整张表没有接收。请把单位写进标题或标题下一行，单位不同的分成两张表，"
        "再重新报送。",
        f"Row {number} says nothing but the unit {unit}, among the data or behind it; it is not certain "
        f"which rows of the column '{heading}' count it, so nothing of the table was received. "
        "Write the unit into the heading or right beneath it, make two tables where the units differ, and "
        "send it again.",
    )


def units_contradict(heading: str, zh: str, en: str) -> Refusal:
    return Refusal(
        "units.contradict",
        f"“{heading}”一列的单位前后不一致：{zh}。差一个单位就差几千几万倍，因此整张表没有接收。请核实，"
        "改成一致后重新报送。",
        f"The units of the column '{heading}' contradict each other: {en}. A wrong unit is wrong by thousands, so "
        "nothing of the table was received. Check it, write one unit and send the table again.",
    )


def units_doubtful(where: str, *, unit: str, heading: str) -> Refusal:
    return Refusal(
        "units.doubtful",
        f"“{where}”里有“{unit}”，不能确定是不是“{heading}”一列的单位。请在标题里写明单位，"
        f"或在表上方写“单位：{unit}”，再重新报送。",
        f"'{where}' has '{unit}' in it; it is not certain that the column '{heading}' "
        "counts it. Write the unit into the heading, or above the table, and send the table again.",
    )


def units_misplaced(unit: str, *, heading: str, bare: str) -> Refusal:
    return Refusal(
        "units.misplaced",
        f"标题下的单位“{unit}”写在“{heading}”一列下面，而“{bare}”一列没有写单位，"
        "不能确定按什么读。请把单位写在它自己的列下面，再重新报送。",
        f"The unit {unit} stands beneath '{heading}', and the column '{bare}' has none, "
        "so it is not certain what that counts. Put the unit beneath its own column and send the table again.",
    )


def units_of_another_kind(heading: str, *, said: str, zh: str, en: str) -> Refusal:
    return Refusal(
        "units.other",
        f"“{heading}”一列写的单位是“{said}”{zh}，两者不能换算，因此整张表没有接收。请核对单位，换算或更正后重新报送。",
        f"The column '{heading}' is said to count {said}{en}; one can't be turned into the other, so nothing of the "
        "table was received. Check the unit, convert the numbers and send the table again.",
    )


def units_read(heading: str, where: tuple[str, ...]) -> Flag:
    return Flag(
        "units.read",
        f"“{heading}”一列的数按“{where[0]}”读取，依据{where[1]}。",
        f"The numbers of the column '{heading}' count {where[0]}, as {where[2]} says.",
    )


def units_unknown(where: str, *, unit: str, heading: str, usual_zh: str, usual_en: str) -> Refusal:
    return Refusal(
        "units.unknown",
        f"表旁写着“{where}”，看不懂其中的单位“{unit}”，不能确定“{heading}”一列按什么读。"
        f"请改写成{usual_zh}，或在标题里写明单位，再重新报送。",
        f"Beside the table stands '{where}'; the unit '{unit}' is not understood, so it is "
        f"not certain what the column '{heading}' counts. Write {usual_en} and send the table again.",
    )


def day_ahead(text: str, *, today: str) -> Refusal:
    return Refusal(
        DAY_AHEAD,
        f"“{quote(text)}”晚于报送日 {today}，这一天还没有到：请核对年份和月日。",
        f"'{quote(text)}' is after the day of delivery, {today}, and has not come yet: check year, month and day.",
        text=text,
    )


def passphrase_wrong() -> Refusal:
    return Refusal(
        "custody.passphrase",
        "保管口令不对；请重新输入。口令谁也查不到，忘记的请按保管人说明更换保管人。",
        "The custodian's passphrase is wrong; type it again. Nobody can look it up: where it is forgotten, "
        "replace the custodian as the page for custodians says.",
        "passphrase",
    )


def seal_spoiled() -> Refusal:
    return Refusal(
        "custody.spoiled",
        "封存内容与其编号不符或已损坏，打不开；请告知系统管理员核对备份。",
        "What is sealed does not belong to its number or is damaged, and does not open; ask the administrator to "
        "compare the backup.",
    )


# -- acceptance sampling -----------------------------------------------------------------------------------------------


def lot_size(lot: int, *, most: int) -> Refusal:
    return Refusal(
        "acceptance.lot",
        f"批量 {lot} 不在 2 到 {most} 之间，不能抽样；请填这一批的件数，1 件的请逐件检验。",
        f"A batch of {lot} items can't be sampled, it must be 2 to {most}; give the number of items, and look at a "
        "single item itself.",
        "lot",
        text=str(lot),
    )


def level_unknown(level: str, *, known: Collection[str]) -> Refusal:
    return Refusal(
        "acceptance.level",
        f"没有检验水平“{quote(level)}”；请选：{'、'.join(known)}。",
        f"There is no inspection level '{quote(level)}'; choose one of {', '.join(known)}.",
        "level",
        text=level,
    )


def choice_unknown() -> Refusal:
    return Refusal(
        "acceptance.choice",
        "抽样类型或严格性不在可选的范围内；请从页面上重新选择。",
        "Kind of plan or severity is none of the choices; choose again on the page.",
        "kind",
    )


def aql_unknown(aql: str, *, known: Collection[str]) -> Refusal:
    return Refusal(
        "acceptance.aql",
        f"没有 AQL“{quote(aql)}”；请选：{'、'.join(known)}。",
        f"There is no AQL '{quote(aql)}'; choose one of {', '.join(known)}.",
        "aql",
        text=aql,
    )


def table_unread(standard: str, kind: str, severity: str) -> Refusal:
    kinds = {"single": ("一次", "single"), "double": ("二次", "double")}
    severities = {
        "normal": ("正常检验", "normal"),
        "tightened": ("加严检验", "tightened"),
        "reduced": ("放宽检验", "reduced"),
        "discontinued": ("暂停检验", "discontinued"),
    }
    (kind_zh, kind_en), (severity_zh, severity_en) = kinds[kind], severities[severity]
    return Refusal(
        "acceptance.table_unread",
        f"规则书里没有 {standard} 的{severity_zh}{kind_zh}抽样表；请改用一次抽样，或查印刷标准。",
        f"The book has no table of {standard} for {kind_en} plans under {severity_en} inspection; use a single plan, "
        "or look into the printed standard.",
    )


def cell_unread(standard: str, table: str, letter: str, aql: str) -> Refusal:
    return Refusal(
        "acceptance.cell_unread",
        f"{standard} 表 {table} 字码 {letter}、AQL {aql} 这一格，公开转录不一致，不作猜测；"
        "请查印刷标准，或改用相邻的 AQL。",
        f"Public transcriptions of {standard}, table {table}, letter {letter}, AQL {aql} differ, and nothing is "
        "guessed; read the printed standard, or use the AQL beside it.",
        "aql",
    )


def no_double_plan(table: str, letter: str, aql: str) -> Refusal:
    return Refusal(
        "acceptance.no_double",
        f"表 {table} 字码 {letter}、AQL {aql} 没有二次抽样方案；请改用一次抽样。",
        f"Table {table} has no double plan at letter {letter}, AQL {aql}; use the single plan.",
        "kind",
    )


def cell_absent(table: str, letter: str, aql: str) -> Refusal:
    return Refusal(
        "acceptance.cell_absent",
        f"表 {table} 没有字码 {letter}、AQL {aql} 的方案；请改用别的检验水平或 AQL。",
        f"Table {table} has no plan at letter {letter}, AQL {aql}; use another inspection level or AQL.",
        "aql",
    )


def no_plan_between(most: int) -> Refusal:
    return Refusal(
        "acceptance.no_plan",
        f"抽 {most} 件以内没有同时满足两个风险点的方案；请把两个质量水平拉开，或放宽其中一个风险。",
        f"No plan of up to {most} items meets both points of risk; move the two qualities apart, or allow more risk.",
    )


def points_of_risk() -> Refusal:
    return Refusal(
        "acceptance.points",
        "两个风险点应当是：好的质量小于差的质量，都在 0 和 1 之间；好批的接收概率大于差批的。请改正。",
        "The two points must be: the good quality below the bad one, both between 0 and 1, and the good one accepted "
        "more often; correct them.",
    )


def inspection_discontinued() -> Refusal:
    return Refusal(
        "acceptance.discontinued",
        "加严检验下累计未接收的批数已到暂停检验的界限；请供方采取改进措施后，勾选“恢复检验”再登记下一批。",
        "So many batches were not accepted under tightened inspection that it is discontinued; once the supplier has "
        "acted, tick 'inspection begins again' with the next batch.",
        "resumed",
    )


def second_sample_missing(accept: int, reject: int, *, n: int) -> Refusal:
    return Refusal(
        "acceptance.second_missing",
        f"第一样本的不合格数在接收数 {accept} 和拒收数 {reject} 之间，还要抽第二样本 {n} 件；请填第二样本的不合格数。",
        f"What was found lies between {accept} and {reject}: a second sample of {n} items is drawn; say what was found "
        "in it.",
        "found_second",
    )


def second_sample_needless() -> Refusal:
    return Refusal(
        "acceptance.second_needless",
        "第一样本已经可以判定，不抽第二样本；请清空第二样本的不合格数。",
        "The first sample decides, and no second one is drawn; leave its number out.",
        "found_second",
    )


def found_impossible(field: str, found: int, *, most: int) -> Refusal:
    return Refusal(
        "acceptance.found",
        f"不合格数 {found} 不在 0 到 {most} 之间；请核对样本量和不合格数。",
        f"{found} can't have been found, it is 0 to {most}; compare it with the size of the sample.",
        field,
        text=str(found),
    )


# -- measurements ------------------------------------------------------------------------------------------------------


def points_of_table(points: int, *, least: int, most: int) -> Refusal:
    return Refusal(
        "measured.points",
        f"表里有 {points} 行数据，应为 {least} 到 {most} 行；请补足或分成几份。",
        f"The table has {points} rows of data, it must have {least} to {most}; add some, or split it.",
        "files",
    )


def columns_of_table(columns: int, *, most: int) -> Refusal:
    return Refusal(
        "measured.columns",
        f"表里有 {columns} 列测量值，应为 1 到 {most} 列；请照模板，第一列写时间或组号，后面各列写测量值。",
        f"The table has {columns} columns of values, it must have 1 to {most}; follow the template: the first column "
        "names the point, the others hold values.",
        "files",
    )


def half_of_a_share(heading: str) -> Refusal:
    return Refusal(
        "measured.half",
        f"只有“{quote(heading)}”一列；p 图要“检验数”和“不合格数”两列，请补上另一列。",
        f"There is only '{quote(heading)}'; shares need both items inspected and nonconforming, add the other column.",
        "files",
    )


def cell_no_number(row: int, heading: str, cell: str) -> Refusal:
    said = f"“{quote(cell)}”不是数字" if cell else "是空的"
    said_en = f"'{quote(cell)}' is no number" if cell else "is empty"
    return Refusal(
        "measured.number",
        f"第 {row} 行“{quote(heading)}”{said}；请填数字（不带单位、不带逗号），没有测的整行删去。",
        f"Row {row}, '{quote(heading)}': {said_en}; write a number without unit and commas, or delete the row.",
        "files",
        text=cell,
    )


def cell_no_count(row: int, heading: str, cell: str) -> Refusal:
    return Refusal(
        "measured.count",
        f"第 {row} 行“{quote(heading)}”的“{quote(cell)}”不是件数；请填 0 或正整数。",
        f"Row {row}, '{quote(heading)}': '{quote(cell)}' is no number of items; write 0 or a whole number.",
        "files",
        text=cell,
    )


def more_bad_than_seen(row: int, bad: str, seen: str) -> Refusal:
    return Refusal(
        "measured.more",
        f"第 {row} 行“{quote(bad)}”大于“{quote(seen)}”；请核对这一行。",
        f"Row {row}: '{quote(bad)}' exceeds '{quote(seen)}'; check the row.",
        "files",
    )


def nothing_inspected(row: int, seen: str) -> Refusal:
    return Refusal(
        "measured.nothing",
        f"第 {row} 行“{quote(seen)}”为 0，算不出比率；请删去这一行。",
        f"Row {row}: '{quote(seen)}' is 0, so there is no share; delete the row.",
        "files",
    )


def chart_does_not_fit() -> Refusal:
    return Refusal(
        "measured.chart",
        "这种图不适合这份数据；请从页面列出的几种里选。",
        "This kind of chart does not fit the data; choose one that the page lists.",
        "chart",
    )


def baseline_impossible(baseline: int, *, least: int, most: int) -> Refusal:
    return Refusal(
        "measured.baseline",
        f"基准段 {baseline} 个点不在 {least} 到 {most} 之间；请改正，0 表示全部。",
        f"A baseline of {baseline} points is not between {least} and {most}; correct it, 0 means all of them.",
        "baseline",
        text=str(baseline),
    )


def tuning_out_of_range(field: str, *, least: float, most: float) -> Refusal:
    return Refusal(
        "measured.tuning",
        f"应在 {least:g} 到 {most:g} 之间；留空用常用值。",
        f"This lies between {least:g} and {most:g}; leave it out for the usual value.",
        field,
    )


def nothing_varies() -> Refusal:
    return Refusal(
        "measured.no_spread",
        "基准段的值没有变化，画不出这种图；请另选基准段，或者换一种图。",
        "The values of the baseline do not vary, so this chart has no limits; choose another baseline or chart.",
        "chart",
    )


def specification_reversed() -> Refusal:
    return Refusal(
        "measured.specification",
        "规格下限不小于规格上限；请核对，只有单侧的留空另一侧。",
        "The lower limit of the specification is not below the upper one; correct them, or leave one out.",
        "lower",
    )


def report_not_signed() -> Refusal:
    return Refusal(
        "report.not_signed",
        "这不是带签名的信用报告；请选择随 PDF 一起收到的 JSON 文件，或者用 PDF 上的编号核验。",
        "This is no signed credit report; choose the JSON file that came with the PDF, or verify by the number on it.",
        "file",
    )


def report_key_unknown(key: str) -> Refusal:
    return Refusal(
        "report.key",
        f"签名用的公钥“{key}”不是本平台的；请确认报告是在本平台出具的。",
        f"The key {key!r} that signed it is none of this platform; make sure that the report was issued here.",
        "file",
        text=key,
    )


def report_altered() -> Refusal:
    return Refusal(
        "report.altered",
        "签名对不上：报告被改动过。请以编号核验，或者请企业重新授权出具。",
        "The signature does not fit: the report was altered. Verify by its number, or have it issued anew.",
        "file",
    )
