"""What is typed on the pages of figures and into the search."""

from __future__ import annotations

from zhiheng.pages.input_form import InputForm, LineField, OneOfField
from zhiheng.pages.words import say_later


class ExportForm(InputForm):
    """What a file is for, and of which kind it is."""

    purpose = LineField(
        "用途",
        "Purpose",
        most=1_000,
        needed=True,
        autocomplete="off",
        hint=say_later(
            "写明拿去做什么，例如“三季度质量分析会材料”。",
            "Say what it is for, such as 'papers of the quarterly meeting'.",
        ),
    )
    format = OneOfField("格式", "Format", of=("xlsx", "csv"))


class PaletteForm(InputForm):
    """A few letters of whatever is looked for."""

    q = LineField("查找", "Find", most=100)
