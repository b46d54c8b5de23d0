"""What is typed on the pages of enterprises, their files and their facts."""

from __future__ import annotations

from zhiheng.pages.input_form import BookForm, CarriedField, InputForm, LineField, OneOfField, ParagraphsField
from zhiheng.pages.words import say_later


class SearchForm(InputForm):
    """The conditions of the list, and the name under which they are kept."""

    name = LineField("名称", "Name", needed=True)
    query = CarriedField(most=20_000)


class ListExportForm(InputForm):
    """What the list of enterprises is taken away for, and of which kind the file is."""

    purpose = LineField(
        "用途",
        "Purpose",
        most=1_000,
        needed=True,
        hint=say_later(
            "例如：三季度质量分析会材料；会写进文件并记入留痕。",
            "For example: papers of the quarterly meeting; it is written into the file and the trail.",
        ),
    )
    format = OneOfField("格式", "Format", of=("xlsx", "csv"), needed=None, kind="select")


class ExtractForm(InputForm):
    """What an extract of a file is for, of which kind and in which language it is, and of which day."""

    purpose = LineField(
        "用途",
        "Purpose",
        most=1_000,
        needed=True,
        hint=say_later(
            "例如：投标资格核对；会印在每一页上。", "For example: tender of 2026; it is printed on every page."
        ),
    )
    form = OneOfField("格式", "Format", of=("pdf", "docx"), needed=None, kind="select")
    language = OneOfField("语言", "Language", of=("zh", "en"), needed=None, kind="select")
    as_of = CarriedField(most=10)
    known_on = CarriedField(most=10)


class PurposeForm(InputForm):
    """For what somebody wants to see what is masked."""

    purpose = LineField(
        "为了什么要看遮盖的内容",
        "What do you need the masked fields for?",
        most=1_000,
        needed=True,
        hint=say_later(
            "用途会连同您的账号和时间记入留痕。", "The purpose is kept in the trail with your account and the time."
        ),
    )


class CorrectFactForm(BookForm):
    """The texts of a row as they were told, and why they are corrected."""

    reason = ParagraphsField(
        "更正的理由",
        "Reason of the correction",
        needed=True,
        hint=say_later(
            "例如：原件登记有误，见某某文号。理由会一直与更正一起显示。",
            "For example: the register was wrong, see document no. … The reason is shown with the correction for good.",
        ),
    )


class WithdrawFactForm(InputForm):
    """Why a fact is taken back."""

    reason = ParagraphsField("撤回的理由", "Reason of the withdrawal", needed=True)
