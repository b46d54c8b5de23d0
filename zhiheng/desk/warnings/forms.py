"""What is decided of a signal."""

from __future__ import annotations

from zhiheng.actions.warnings.set_aside_signal import MOST
from zhiheng.pages.input_form import ChoiceField, InputForm, ParagraphsField
from zhiheng.pages.words import say_later


class TakeUpForm(InputForm):
    """The unit for which a case is opened of a signal."""

    unit = ChoiceField("由哪个单位办理", "Unit that handles it", needed=True)


class SetAsideForm(InputForm):
    """Why no case is opened."""

    reason = ParagraphsField(
        "不立案的理由",
        "Why no case is opened",
        most=MOST,
        needed=True,
        hint=say_later(
            "写明看了什么、为什么不是预警；会计入这条规则的准确率",
            "What you looked at, and why it is no warning; it counts for how often the warning is right",
        ),
    )
