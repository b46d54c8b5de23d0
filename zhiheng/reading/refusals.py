"""Every reason for which a file, a sheet or a row of a file is not read, in one place.

Codes are stable; each sentence ends with what the sender can do about it.
"""

from __future__ import annotations

from pathlib import Path

from zhiheng.kernel.reasons import Flag, Refusal

SAVE_AS = "请在 Excel 或 WPS 中打开，另存为普通工作簿（.xlsx）后重新报送。"
SAVE_AS_EN = "Open it in Excel or WPS, save it as a plain workbook (.xlsx) and send it again."
EXPORT = "请从原系统重新导出完整文件后报送。"
EXPORT_EN = "Export the whole file from its system again and send that."


def missing(name: str) -> Refusal:
    return Refusal(
        "file.missing",
        f"找不到“{name}”，或者没有读取权限。请核对路径后重试。",
        f"'{name}' does not exist or may not be read. Check the path and try again.",
    )


def unreadable(name: str, why: str) -> Refusal:
    return Refusal(
        "file.unreadable",
        f"读取“{name}”时磁盘或系统出错（{why}）。请重新报送；仍不行的，请联系管理员。",
        f"Reading '{name}' failed ({why}). Upload it again; if that fails too, call the administrator.",
    )


def empty() -> Refusal:
    return Refusal("file.empty", f"文件是空的，没有任何内容。{EXPORT}", f"The file is empty. {EXPORT_EN}")


def too_large(size: int, most: int) -> Refusal:
    return Refusal(
        "file.too_large",
        f"文件有 {size:,} 字节，超过上限 {most:,} 字节。请按年度或单位拆成几个文件报送。",
        f"The file has {size:,} bytes, more than the {most:,} allowed. Split it by year or unit and send the parts.",
    )


def wrong_kind(zh: str, en: str, *, document: bool = False) -> Refusal:
    """``document``: the file can't hold a delivery's rows (a letter, a picture), so beside tables it does no harm."""
    return Refusal(
        "file.document" if document else "file.kind",
        f"文件内容是{zh}，不是本平台能读的表格。请把表格另存为 .xlsx 或 .csv 后报送（只改扩展名不起作用）。",
        f"The content is {en}, not a table this platform reads. Save the table as .xlsx or .csv and send that "
        "(renaming the file does not help).",
    )


def hidden(name: str) -> Refusal:
    return Refusal(
        "file.skipped",
        f"“{name}”是隐藏文件或办公软件打开时留下的临时文件，已跳过。如确为数据，请改名后报送。",
        f"'{name}' is a hidden file or a lock file left by an office program and was skipped. Rename it if it is data.",
    )


def linked(name: str) -> Refusal:
    return Refusal(
        "file.link",
        f"“{name}”是指向别处的链接，不予读取。请放入文件本身后报送。",
        f"'{name}' is a link to somewhere else and is not followed. Put the file itself there and send again.",
    )


def too_deep(most: int) -> Refusal:
    return Refusal(
        "file.too_deep",
        f"文件夹层数超过 {most} 层。请减少层数后报送。",
        f"Folders are nested deeper than {most}. Use fewer levels and send again.",
    )


def too_many(count: int, most: int) -> Refusal:
    return Refusal(
        "file.too_many",
        f"一次报送含 {count:,} 个文件，超过上限 {most:,} 个。请分批报送。",
        f"The delivery holds {count:,} files, more than the {most:,} allowed. Send it in parts.",
    )


def encoding(line: int, offset: int, byte: int) -> Refusal:
    return Refusal(
        "text.encoding",
        f"第 {line:,} 行（第 {offset:,} 字节起，0x{byte:02X}）既不是 UTF-8 也不是 GB18030 编码的文字。"
        "请用 Excel 或 WPS 打开核对该行，另存为“CSV UTF-8”后报送。",
        f"Line {line:,} (byte offset {offset:,}, 0x{byte:02X}) is neither UTF-8 nor GB18030. "
        "Check that line, save the file as 'CSV UTF-8' and send it again.",
    )


def encoding_doubtful(chinese: str, western: str) -> Refusal:
    one, other = " ".join(chinese.split())[:60], " ".join(western.split())[:60]
    return Refusal(
        "text.encoding_doubtful",
        f"这份文件的文字编码看不准：按中文（GB18030）读是“{one}”，按西文（Windows-1252）读是“{other}”，没有接收。"
        "请用 Excel 或 WPS 打开核对，另存为“CSV UTF-8”后报送。",
        f"The encoding of this file can't be told: as Chinese (GB18030) it says '{one}', as Western text "
        f"(Windows-1252) '{other}'; it was not received. Open it, save it as 'CSV UTF-8' and send that.",
    )


def encoding_elsewhere(name: str) -> Refusal:
    zh, en = {
        "Big5": ("繁体中文（Big5）", "traditional Chinese (Big5)"),
        "Shift-JIS": ("日文（Shift-JIS）", "Japanese (Shift-JIS)"),
        "EUC-KR": ("韩文（EUC-KR）", "Korean (EUC-KR)"),
    }.get(name, (name, name))
    return Refusal(
        "text.encoding_elsewhere",
        f"这份文件像是用{zh}编码写的，按中文（GB18030、UTF-8）读会变成别的字，没有接收。请用原来的程序打开，"
        "另存为“CSV UTF-8”或 .xlsx 后报送。",
        f"This file looks written in {en}; read as mainland Chinese it would turn into other words, so it was not "
        "received. Open it in the program it comes from, save it as 'CSV UTF-8' or .xlsx and send that.",
    )


def quote_sign(sign: str) -> Refusal:
    return Refusal(
        "text.quote_sign",
        f"这份文件每一格都用“{sign}”括起来，这不是表格文件用的引号，符号会混进内容里，格内的逗号也会把一格拆成几格，没有接收。"
        '请在原系统导出时把文本限定符改为英文双引号（"），或另存为 .xlsx 后报送。',
        f"Each cell of this file stands in {sign}, which are no quotes of a CSV file: they would become part of the "
        'texts, and commas would break cells in two; it was not received. Choose the double quote (") as text '
        "qualifier, or save it as .xlsx, and send that.",
    )


def western() -> Flag:
    return Flag(
        "text.western",
        "文件按西文（Windows-1252）编码读取；若其中有中文，请另存为“CSV UTF-8”后重新报送。",
        "The file was read as Western text (Windows-1252).",
    )


def row_garbled(headings: str) -> Refusal:
    return Refusal(
        "row.garbled",
        f"“{headings}”里是乱码（如“锟斤拷”），原来的字已经丢失。请从原系统重新导出，或改正这一行后重新报送。",
        f"'{headings}' holds what a wrong encoding has made of it; the text itself is lost. Export it again, or mend "
        "the row and send it.",
    )


def row_quotes(text: str) -> Refusal:
    return Refusal(
        "row.quotes",
        '这一行的格里有没有成对的双引号，分不清每一格到哪里为止。请把内容里的双引号写成两个（""）'
        "或改用中文引号后重新报送。",
        "Inside the cells of this row stand quotes that are not doubled, so it is not clear where a cell ends. Double "
        "them or leave them out, and send the row again.",
        text=text,
    )


def nul(line: int, offset: int) -> Refusal:
    return Refusal(
        "text.nul",
        f"第 {line:,} 行（第 {offset:,} 字节）有空字符（NUL），不是正常的文本文件。{EXPORT}",
        f"Line {line:,} (byte offset {offset:,}) holds a NUL character: this is not a sound text file. {EXPORT_EN}",
    )


def truncated(line: int, zh: str, en: str) -> Refusal:
    return Refusal(
        "text.truncated",
        f"文件不完整：第 {line:,} 行{zh}。半个文件不予接收，{EXPORT}",
        f"The file is not whole: line {line:,} {en}. Half a file is not received. {EXPORT_EN}",
    )


def line_too_long(line: int, most: int) -> Refusal:
    return Refusal(
        "text.line_too_long",
        f"第 {line:,} 行超过 {most:,} 字节，不可能是表格的一行。{EXPORT}",
        f"Line {line:,} is longer than {most:,} bytes and can't be a row of a table. {EXPORT_EN}",
    )


def cell_too_long(row: int, most: int) -> Refusal:
    return Refusal(
        "cell.too_long",
        f"第 {row:,} 行附近有单元格超过 {most:,} 个字，可能是引号没有成对。请检查该行的引号和内容后重新报送。",
        f"Near row {row:,} a cell has more than {most:,} characters; a quote may not be closed. "
        "Mend that row and send the file again.",
    )


def row_too_long(row: int, most: int) -> Refusal:
    return Refusal(
        "row.too_long",
        f"第 {row:,} 行的内容合计超过 {most:,} 个字，不像一行数据。请检查该行，把附带的长文字另行报送。",
        f"The cells of row {row:,} together have more than {most:,} characters, which no row of data has. Look at that "
        "row, and send what is long apart from it.",
    )


def too_many_merges(most: int) -> Refusal:
    return Refusal(
        "workbook.too_many_merges",
        f"一张表里合并的单元格超过 {most:,} 处。请取消合并、每行都填写后重新报送，或另存为 CSV。",
        f"A sheet has more than {most:,} merged cells. Undo the merging and fill every row, or save it as CSV.",
    )


def too_many_formats(count: int, most: int) -> Refusal:
    return Refusal(
        "workbook.too_many_formats",
        f"工作簿有 {count:,} 种单元格格式，超过上限 {most:,} 种，表格软件自己也打不开。"
        "请把内容粘贴为数值到新的工作簿后报送。",
        f"The workbook has {count:,} formats of cells, more than the {most:,} that a spreadsheet keeps. Paste the "
        "values into a new workbook and send that.",
    )


def whole_workbook_too_large(kind: str, size: int, most: int) -> Refusal:
    """``kind``: what may only be read as a whole."""
    return Refusal(
        "workbook.too_large",
        f"{kind} 工作簿的内容有 {-(-size // 2**20):,} MB，超过上限 {most // 2**20:,} MB（这种格式只能整个读进内存）。"
        "请另存为 .xlsx 或 CSV，或者按年度、单位拆成几份后报送。",
        f"The content of the {kind} workbook has {-(-size // 2**20):,} MB, more than the {most // 2**20:,} MB allowed "
        "(this kind can only be read as a whole). Save it as .xlsx or CSV, or split it by year or unit, and send it "
        "again.",
    )


def markup_too_long(most: int) -> Refusal:
    return Refusal(
        "workbook.too_large",
        f"工作簿里有一处内容超过 {most:,} 字节没有断开，不像表格里的一格。请在 Excel 或 WPS 中打开，"
        "删去过长的内容，另存为 .xlsx 后报送。",
        f"Something in the workbook goes on for more than {most:,} bytes, unlike any cell of a table. Open it in Excel "
        "or WPS, delete what is too long, save it as .xlsx and send again.",
    )


def too_much_shared_text(most: int) -> Refusal:
    return Refusal(
        "workbook.too_much_text",
        f"工作簿的文字合计超过 {most // 2**20:,} MB。请按年度或单位拆成几份，或另存为 CSV 后报送。",
        f"The texts of the workbook have more than {most // 2**20:,} MB. Split it by year or unit, or save it as CSV.",
    )


def too_many_columns(count: int, most: int) -> Refusal:
    return Refusal(
        "table.too_many_columns",
        f"表格有 {count:,} 列，超过上限 {most:,} 列。请删去多余的列后报送。",
        f"The table has {count:,} columns, more than the {most:,} allowed. Delete what is not needed and send again.",
    )


def too_many_rows(most: int) -> Refusal:
    return Refusal(
        "table.too_many_rows",
        f"表格超过 {most:,} 行。请按年度或单位拆分后报送。",
        f"The table has more than {most:,} rows. Split it by year or unit and send the parts.",
    )


def no_table(sheet: str) -> Refusal:
    where, where_en = (f"工作表“{sheet}”", f"Sheet '{sheet}'") if sheet else ("文件", "The file")
    return Refusal(
        "sheet.no_table",
        f"{where}里没有找到表格：看不到一行列名（如“企业名称、统一社会信用代码……”）和它下面的数据，什么也没有读取。"
        "请在数据上方补上一行列名（可对照空白表样），再重新报送；不清楚用哪些列名的，请问质强办。",
        f"{where_en} holds no table: there is no row of headings with data beneath it, so nothing was read. Put the "
        "names of the columns above the data (see the blank form) and send it again; ask the quality office which "
        "names to use.",
    )


def workbook_damaged(why: str) -> Refusal:
    return Refusal(
        "workbook.damaged",
        f"工作簿已损坏或不完整（{why}）。{SAVE_AS}",
        f"The workbook is damaged or not whole ({why}). {SAVE_AS_EN}",
    )


def workbook_greedy() -> Refusal:
    return Refusal(
        "workbook.too_large",
        "工作簿展开后所需的内存、时间或磁盘超过上限：太大，或者有内容落在表格之外很远的行或列。"
        "请删去多余的行列，按年度或单位拆成几份，或另存为 CSV 后重新报送。",
        "The workbook needs more memory, time or disk than is allowed: it is too large, or something stands in a row "
        "or column far from the table. Delete what is not needed, split it by year or unit, or save the table as CSV, "
        "and send again.",
    )


def too_many_sheets(count: int, most: int) -> Refusal:
    return Refusal(
        "workbook.too_many_sheets",
        f"工作簿有 {count:,} 张工作表，超过上限 {most:,} 张。请拆成几个文件报送。",
        f"The workbook has {count:,} sheets, more than the {most:,} allowed. Split it and send the parts.",
    )


def encrypted() -> Refusal:
    return Refusal(
        "file.encrypted",
        "文件设有密码，无法读取。请在 Excel、WPS 或压缩软件中取消密码后重新报送。",
        "The file is protected by a password and can't be read. Remove the password and send it again.",
    )


def macros() -> Refusal:
    return Refusal(
        "workbook.macros",
        f"工作簿带有宏，为安全起见不予读取。{SAVE_AS}保存时选择不带宏的格式。",
        f"The workbook holds macros and is not read, for safety. {SAVE_AS_EN} Choose the format without macros.",
    )


def external_links() -> Refusal:
    return Refusal(
        "workbook.external_links",
        "工作簿引用了别的文件，数值可能不是最新的，也不安全。请在“数据—编辑链接”中断开链接"
        "（或全选后“选择性粘贴—数值”），保存后重新报送。",
        "The workbook refers to other files: its values may be stale, and it is not safe. Break the links under "
        "Data - Edit Links (or paste everything as values), save and send it again.",
    )


def entities(part: str) -> Refusal:
    return Refusal(
        "workbook.entities",
        f"文件的“{part}”部分含有实体声明，正常的办公软件不会这样写，可能是恶意文件。{SAVE_AS}",
        f"Part '{part}' declares entities, which no office program writes: it may be hostile. {SAVE_AS_EN}",
    )


def bomb() -> Refusal:
    return Refusal(
        "archive.bomb",
        "压缩包展开后的大小远超正常范围，可能是恶意文件，不予读取。请重新打包，或把文件分几次报送。",
        "The archive unpacks to far more than is sound and may be hostile; it is not read. "
        "Pack the files again or send them in parts.",
    )


def archive_damaged(why: str) -> Refusal:
    return Refusal(
        "archive.damaged",
        f"压缩包已损坏或不完整（{why}）。请重新打包后报送。",
        f"The archive is damaged or not whole ({why}). Pack the files again and send it.",
    )


def archive_name(name: str) -> Refusal:
    return Refusal(
        "archive.name",
        f"压缩包内有指向包外的路径或链接“{name}”，可能是恶意文件，整个压缩包不予读取。请重新打包后报送。",
        f"The archive holds a path or link that leads outside of it, '{name}'; it may be hostile and is not read. "
        "Pack the files again and send it.",
    )


def archive_nested(name: str) -> Refusal:
    return Refusal(
        "archive.nested",
        f"压缩包里还有压缩包“{name}”，不予读取。请先解开，把表格直接打包后报送。",
        f"The archive holds another archive, '{name}', which is not read. Unpack it and pack the tables themselves.",
    )


def database_damaged(why: str) -> Refusal:
    return Refusal(
        "database.damaged",
        f"数据库文件已损坏或不完整（{why}）。请关闭使用它的程序，重新复制后报送。",
        f"The database file is damaged or not whole ({why}). Close the program that uses it, copy it again and send "
        f"it.",
    )


def database_open() -> Refusal:
    return Refusal(
        "database.open",
        "数据库旁边还有未写入的日志（-wal 或 -journal 文件），数据不完整。请先关闭使用它的程序再复制报送。",
        "A journal (-wal or -journal) with unwritten changes lies beside the database: it is not whole. "
        "Close the program that uses it, then copy and send it.",
    )


def row_longer(cells: int, headings: int) -> Refusal:
    return Refusal(
        "row.longer",
        f"这一行有 {cells} 格，标题只有 {headings} 列，多出的格里有内容。"
        "可能是内容中的逗号没有加引号，请改正这一行后重新报送。",
        f"This row has {cells} cells under {headings} headings and the extra ones are not empty; a comma in the "
        f"text may "
        "lack its quotes. Mend the row and send it again.",
    )


def row_outside(column: str) -> Refusal:
    return Refusal(
        "row.outside",
        f"这一行的 {column} 列有内容，但该列没有标题。请移入有标题的列或删去后重新报送。",
        f"This row has something in column {column}, which has no heading. Move it under a heading or delete it, "
        f"and send "
        "it again.",
    )


def row_split(text: str) -> Refusal:
    return Refusal(
        "row.split",
        "这一行与相邻的行像是被换行断开的同一行。请把内容中的换行去掉或加上引号后重新报送。",
        "This row and the one beside it look like one row broken by a line break. Remove the break or quote the "
        "text, and "
        "send it again.",
        text=text,
    )


def row_second_table(first: int) -> Refusal:
    return Refusal(
        "row.second_table",
        f"第 {first:,} 行又是一行列名，与这张表的列名不同，从那里起像是另一张表：它的行没有按上面的列名读取。"
        "请把两张表放在两个工作表（或两个文件）里重新报送。",
        f"Row {first:,} holds names of columns again, other ones than this table has: from there on it looks like "
        "another table, whose rows were not read under the headings above. Put the two into sheets (or files) of "
        "their own and send them again.",
    )


def row_swallowed(text: str) -> Refusal:
    return Refusal(
        "row.swallowed",
        "这一行有一格里含有好几行数据，多半是引号没有成对。请补全引号后重新报送。",
        "A cell of this row holds whole further rows: a quote is probably not closed. Close it and send the rows "
        "again.",
        text=text,
    )


def row_binary(column: str) -> Refusal:
    return Refusal(
        "row.binary",
        f"“{column}”一格存的是二进制内容，不是文字。请导出为文字后重新报送。",
        f"The cell under '{column}' holds binary content, not text. Export it as text and send it again.",
    )


def cell_long(column: str, most: int) -> Refusal:
    return Refusal(
        "row.cell_too_long",
        f"“{column}”一格超过 {most:,} 个字。请缩短后重新报送。",
        f"The cell under '{column}' has more than {most:,} characters. Shorten it and send the row again.",
    )


def digits_lost(field: str) -> Flag:
    return Flag(
        "cell.digits_lost",
        f"“{field}”是以数值形式存放的 16 位以上号码，Excel 只保留前 15 位，后面的数字可能已变成 0。"
        "请把该列设为文本格式，重新填写。",
        f"'{field}' is a code of more than 15 digits stored as a number; Excel keeps only 15, so the last digits "
        f"may be "
        "lost. Format the column as text and enter it again.",
        field,
    )


def command_like(field: str) -> Flag:
    return Flag(
        "cell.command_like",
        f"“{field}”的内容像一条可执行的公式命令，已按普通文字保存。请向报送单位核实来源。",
        f"The text under '{field}' looks like a formula that runs a command; it was kept as plain text. "
        "Ask the sender where it comes from.",
        field,
    )


def misnamed(extension: str, zh: str, en: str) -> Flag:
    return Flag(
        "file.misnamed",
        f"扩展名为 {extension}，内容实为{zh}，已按内容读取。",
        f"The extension is {extension}, the content is {en}; it was read by its content.",
    )


def hidden_sheet(name: str, why: Refusal | None = None) -> Refusal:
    """``why``: what would keep the sheet from being received if it were shown."""
    more_zh, more_en = (
        (f"它的表头也还认不出：{why.zh}", f" Its headings are not understood either: {why.en}") if why else ("", "")
    )
    return Refusal(
        "sheet.hidden",
        f"工作表“{name}”在文件里是隐藏的，不能确定是否要报送，没有接收。要报送的，请取消隐藏后重新报送；不报送的，"
        f"请删去这张表。{more_zh}",
        f"Sheet '{name}' is hidden in the file, so it is not sure that it is meant, and nothing of it was received. "
        f"Show it and send the file again if it is, delete it if not.{more_en}",
    )


def hidden_list(name: str) -> Refusal:
    return Refusal(
        "sheet.hidden_list",
        f"隐藏的工作表“{name}”不是规则书里的表（如下拉选项的清单），没有读取；不需要处理。",
        f"The hidden sheet '{name}' is no table of the book (perhaps the choices of a drop-down list) and was not "
        "read; nothing is to do.",
    )


def digits_lost_in(count: int) -> Flag:
    return Flag(
        "sheet.digits_lost",
        f"有 {count:,} 个 16 位以上的号码以数值形式存放，末尾数字可能已丢失。",
        f"{count:,} codes of more than 15 digits are stored as numbers; their last digits may be lost.",
    )


def _cells(names: list[str], most: int = 8) -> str:
    return "、".join(names[:most]) + ("等" if len(names) > most else "")


def uncomputed(count: int, cells: list[str]) -> Flag:
    return Flag(
        "sheet.uncomputed",
        f"有 {count:,} 个公式没有计算结果（{_cells(cells)}），所在的行没有接收；请在 Excel 或 WPS "
        "中打开并保存一次后重新报送。",
        f"{count:,} formulas have no result ({', '.join(cells[:8])}), and their rows were not accepted; open the file "
        "in Excel or WPS, save it and send it again.",
    )


def hidden_columns(letters: list[str]) -> Flag:
    return Flag(
        "sheet.hidden_columns",
        f"{_cells(letters)} 列是隐藏的，已照常读取；不该报送的，请删去该列后重新报送。",
        f"Column {', '.join(letters[:8])} is hidden; it was read like any other. Delete it and send again if it "
        "should not be sent.",
    )


def comments(cells: list[str]) -> Flag:
    return Flag(
        "sheet.comments",
        f"{_cells(cells)} 有批注，批注不是数据，没有读取；批注里有要紧内容的，请写进格子里重新报送。",
        f"Cell {', '.join(cells[:8])} has a comment; comments are no data and were not read. Write what matters into "
        "the cells.",
    )


def epoch1904() -> Flag:
    return Flag(
        "sheet.epoch1904",
        "这个工作簿采用 1904 日期系统，只显示为数字的日期已按它换算。",
        "This workbook counts days from 1904; days that stand as bare numbers were read so.",
    )


def marks_unseen() -> Flag:
    return Flag(
        "sheet.marks_unseen",
        "这种格式的工作簿看不出哪些行被隐藏、筛选或加了删除线，各行都按有效数据读取；有这类行的，请另存为 .xlsx "
        "后报送。",
        "Of a workbook of this format it can't be seen which rows are hidden, filtered or struck out: every row was "
        "read. Save it as .xlsx if there are such rows.",
    )


def merged(ranges: list[str]) -> Flag:
    return Flag(
        "sheet.merged",
        f"有 {len(ranges):,} 处上下合并的单元格（{_cells(ranges)}），合并范围内的每一行都按同一内容读取。",
        f"{len(ranges):,} cells are merged over several rows ({', '.join(ranges[:8])}); each of these rows was read "
        "with their text.",
    )


def row_asked(what: str, cells: str) -> Refusal:
    """A row of which it is not sure that it is meant as it stands; ``cells`` names those that make the doubt."""
    zh, en = {
        "hidden": ("这一行在表里是隐藏的", "This row is hidden in the sheet"),
        "filtered": ("这一行在表里被筛选隐藏了", "This row is hidden by a filter"),
        "struck": (f"{cells} 加了删除线，像是作废的内容", f"{cells} is struck out, as if it no longer held"),
        "scaled": (f"{cells} 显示的是缩小后的数，与实际存的数不同", f"{cells} shows a smaller number than it holds"),
        "uncomputed": (f"{cells} 是公式，没有计算结果", f"{cells} is a formula without a result"),
    }[what]
    todo_zh, todo_en = {
        "scaled": (
            "请把单元格格式改为常规，核对数值和单位",
            "set the format of the cell to general and check the number and its unit",
        ),
        "uncomputed": ("请在 Excel 或 WPS 中打开并保存一次", "open the file in Excel or WPS and save it"),
    }.get(
        what,
        (
            "确属有效的，请取消隐藏、筛选或删除线；已作废的，请删去这一行",
            "show it without hiding, filter or strike if it holds, delete it if not",
        ),
    )
    return Refusal(
        f"row.{what}",
        f"{zh}，不能确定是否要报送。{todo_zh}，再重新报送（也可以把退回的行下载下来，核对后直接再报）。",
        f"{en}, so it is not sure that it is meant. Please {todo_en}, and send it again (or send the file of refused "
        "rows, checked).",
    )


def repeated_heading() -> Flag:
    return Flag(
        "row.repeated_heading",
        "数据中间重复出现的标题行，不是数据，已跳过。",
        "A heading row repeated among the data was skipped.",
    )


def note_row() -> Flag:
    return Flag(
        "row.note", "表尾或表中的说明、签名行，不是数据，已跳过。", "A remark or signature, not data, was skipped."
    )


def total_row() -> Flag:
    return Flag(
        "row.total",
        "合计、小计或平均行，不是数据，已跳过。",
        "A total, a subtotal or a mean, not data, was skipped.",
    )


def group_row() -> Flag:
    return Flag(
        "row.group",
        "分组的小标题行（如“一、某街道”），不是数据，已跳过。",
        "The name of a group of rows, not data, was skipped.",
    )


def sample_filled() -> Refusal:
    return Refusal(
        "row.sample_filled",
        "这一行的序号写着“示例”，内容却不是表样自带的示例，不能确定是否要报送。要报送的，请把“示例”改成序号；"
        "不报送的，请删去这一行，再重新报送（也可以把退回的行下载下来，改好后直接再报）。",
        "This row is marked as an example (示例), but it is none of those that the form came with, so it is not sure "
        "that it is meant. Write a number in place of the mark if it holds, delete the row if not, and send it again "
        "(or send the file of refused rows, mended).",
    )


def sample_row() -> Flag:
    return Flag(
        "row.sample",
        "表样自带的示例行，不是数据，已跳过。",
        "The example that came with the empty form, not data, was skipped.",
    )


def instruction_row() -> Flag:
    return Flag(
        "row.instructions",
        "标题下的填写说明行，不是数据，已跳过。",
        "A row that tells how to fill in the form, not data, was skipped.",
    )


def unit_row() -> Flag:
    return Flag(
        "row.units",
        "标题下的计量单位行，不是数据，按单位使用。",
        "The row of units beneath the headings; it is no data.",
    )


def unit_row_astray() -> Flag:
    return Flag(
        "row.units_astray",
        "数据中间或末尾只写计量单位的行，不是数据，已跳过。",
        "A row of units among the data or behind it; it is no data.",
    )


def ordinal_row() -> Flag:
    return Flag(
        "row.ordinals", "标题下的栏号行，不是数据，已跳过。", "A row that numbers the columns, not data, was skipped."
    )


def picture_bytes(name: str, most: int) -> Refusal:
    return Refusal(
        "picture.bytes",
        f"照片“{name}”超过 {most} MB；请用手机的“编辑”缩小，或者截图后再传。",
        f"The photograph '{name}' is larger than {most} MB; make it smaller, or send a screenshot of it.",
        "photographs",
    )


def picture_pixels(name: str, most: int) -> Refusal:
    return Refusal(
        "picture.pixels",
        f"照片“{name}”超过 {most} 百万像素；请缩小后再传。",
        f"The photograph '{name}' has more than {most} million pixels; make it smaller and send it again.",
        "photographs",
    )


def picture_heic(name: str) -> Refusal:
    return Refusal(
        "picture.heic",
        f"照片“{name}”是 HEIC 格式，本平台打不开；请在“设置 → 相机 → 格式”里选“兼容性最佳”后重拍，或者截图后再传。",
        f"The photograph '{name}' is HEIC, which cannot be opened here; choose Settings, Camera, Formats, Most "
        "Compatible and take it again, or send a screenshot.",
        "photographs",
    )


def picture_kind(name: str) -> Refusal:
    return Refusal(
        "picture.kind",
        f"“{name}”不是 JPG、PNG 或 WebP 照片；请换成照片或者截图。",
        f"'{name}' is no JPG, PNG or WebP picture; send a photograph or a screenshot.",
        "photographs",
    )


def picture_broken(name: str) -> Refusal:
    return Refusal(
        "picture.broken",
        f"照片“{name}”不完整或已损坏；请重新选择，或者截图后再传。",
        f"The photograph '{name}' is incomplete or damaged; choose it again, or send a screenshot.",
        "photographs",
    )


def scan_infected(name: str, found: str) -> Refusal:
    return Refusal(
        "scan.infected",
        f"“{name}”被查出病毒（{found}），没有保存；请不要再打开它，换一张照片。",
        f"A virus ({found}) was found in '{name}'; it was not kept. Do not open it again, and send another picture.",
        "photographs",
    )


def scan_absent(name: str) -> Refusal:
    return Refusal(
        "scan.absent",
        f"病毒扫描现在不可用，“{name}”没有保存；请稍后再传，或者先不附照片提交。",
        f"The virus scanner does not answer, so '{name}' was not kept; try again later, or send without photographs.",
        "photographs",
    )


def law_texts_folder(folder: Path, *, zh: str, en: str) -> Refusal:
    return Refusal(
        "law_texts.folder",
        f"法规文本目录“{folder}”{zh}；请检查 ZHIHENG_LAW_TEXTS，或者不设它（页面就只显示条文号和官方链接）。",
        f"The folder of law texts {folder} {en}; check ZHIHENG_LAW_TEXTS, or leave it unset "
        "(pages then show only the citation and the official link).",
        text=str(folder),
    )


def attachment_bytes(name: str, most: int) -> Refusal:
    return Refusal(
        "attachment.bytes",
        f"“{name}”超过 {most} MB；请压缩，或者分成几个文件再传。",
        f"'{name}' is larger than {most} MB; make it smaller, or send it as several files.",
        "attachments",
    )


def attachment_empty(name: str) -> Refusal:
    return Refusal(
        "attachment.empty",
        f"“{name}”是空文件；请核对后重新选择。",
        f"'{name}' is empty; look at it and choose it again.",
        "attachments",
    )


def attachment_kind(name: str) -> Refusal:
    return Refusal(
        "attachment.kind",
        f"“{name}”不是照片（JPG、PNG、WebP）、PDF、Word（.docx）或 Excel（.xlsx）；请另存为其中一种再传。",
        f"'{name}' is no picture (JPG, PNG, WebP), PDF, Word (.docx) or Excel (.xlsx) file; save it as one of these.",
        "attachments",
    )


def attachment_broken(name: str) -> Refusal:
    return Refusal(
        "attachment.broken",
        f"“{name}”不完整或已损坏，打不开；请从原处重新取得后再传。",
        f"'{name}' is incomplete or damaged; take it from where it came from again.",
        "attachments",
    )


def attachment_macros(name: str) -> Refusal:
    return Refusal(
        "attachment.macros",
        f"“{name}”里带有宏（程序），没有保存；请另存为不带宏的 .docx 或 .xlsx，或者导出为 PDF 再传。",
        f"'{name}' carries macros and was not kept; save it without them as .docx or .xlsx, or as PDF.",
        "attachments",
    )
