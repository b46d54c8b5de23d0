"""What the public sends to the portal."""

from __future__ import annotations

from zhiheng.pages.input_form import FilesField, InputForm
from zhiheng.pages.words import say_later


class CompareForm(InputForm):
    """A file that somebody holds, to be compared with the one that was issued."""

    file = FilesField(
        "选择收到的 PDF 或 DOCX 文件",
        "Choose the PDF or DOCX that you received",
        most=1,
        missing=say_later("请选择要比对的文件。", "Choose the file to compare."),
        too_many=say_later("一次比对一个文件；请只选择一个。", "One file is compared at a time; choose one."),
    )
