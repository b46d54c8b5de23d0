"""What is typed on the pages of the book."""

from __future__ import annotations

from zhiheng.pages.input_form import InputForm, LineField, OneOfField
from zhiheng.pages.words import say_later


class HeadingForm(InputForm):
    """Whether a heading is taken into the book, and what is said about it."""

    reason = LineField("意见", "Words of the decision", most=500)
    decision = OneOfField(
        "结论",
        "Decision",
        of=("accept", "reject", "take_back"),
        missing=say_later("请选“采用”或“不采用”。", "Choose to accept or to reject it."),
    )
