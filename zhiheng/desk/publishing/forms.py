"""What is typed on the pages of publication and of objections."""

from __future__ import annotations

from zhiheng.pages.input_form import (
    CarriedField,
    ChoiceField,
    DayField,
    InputForm,
    LineField,
    NumbersField,
    OneOfField,
    ParagraphsField,
)
from zhiheng.pages.words import say_later

# More boxes than any page of the list has.
_TICKED = 1_000


class DecisionForm(InputForm):
    """Whether a request is approved, and what is said about it."""

    notice_zh = ParagraphsField(
        "更正公告（中文）",
        "Correction notice (Chinese)",
        needed=None,
        hint=say_later("公众会看到；不写姓名、证件号码和电话", "The public reads it; no names, numbers or telephones"),
    )
    notice_en = ParagraphsField("更正公告（英文）", "Correction notice (English)", needed=None)
    until = DayField(
        "提前到哪天为止",
        "An earlier last day",
        short=True,
        hint=say_later("只能提前，须写明理由", "only earlier, and with a reason"),
        wrong=say_later("日期请写成 2026-03-31 的样子。", "Write a day like 2026-03-31."),
    )
    reason = ParagraphsField(
        "审核意见",
        "Words of the decision",
        needed=None,
        hint=say_later("不予公示的须写明理由", "Declining needs a reason"),
    )
    despite = ParagraphsField(
        "异议期间仍然公示的理由",
        "Why it is published in spite of the objection",
        hint=say_later("至少十个字，随审核意见存档", "At least ten characters; kept with the decision"),
    )
    decision = OneOfField("结论", "Decision", of=("approve", "reject"))


class SeveralDecisionsForm(InputForm):
    """What is decided of the ticked requests, or of all without doubts that the filters find."""

    query = CarriedField(most=2_000)
    request = NumbersField("勾选的条目", "What is ticked", most=_TICKED)
    reason = LineField("审核意见", "Words of the decision", most=500)
    decision = OneOfField("结论", "Decision", of=("all", "approve", "reject"))


class ProposalForm(InputForm):
    """Why a fact is proposed by hand."""

    reason = ParagraphsField("理由", "Reason", needed=True)


class WithdrawalForm(InputForm):
    """Why an entry is taken down."""

    cause = ChoiceField("原因", "Cause", needed=True)
    reason = ParagraphsField("理由（内部留存）", "Reason (for the file)", needed=True)


class CorrectionForm(InputForm):
    """The notice of an entry that is shown anew, and why."""

    notice_zh = ParagraphsField("更正公告（中文）", "Notice (Chinese)", needed=True)
    notice_en = ParagraphsField("更正公告（英文）", "Notice (English)", needed=True)
    reason = ParagraphsField("理由（内部留存）", "Reason (for the file)", needed=True, field_id="id_correct_reason")


class TakeDownForm(InputForm):
    """Which entry is to be taken down since an objection stands, and why."""

    entry = CarriedField(most=40)
    cause = ChoiceField("撤下的原因", "Cause", needed=True)
    reason = ParagraphsField("核实的情况和理由", "What was verified, and why", most=2_000, needed=True)


class AnswerForm(InputForm):
    """The end of an objection, and what the enterprise reads of it."""

    verdict = OneOfField(
        "结论",
        "Conclusion",
        of=("upheld", "rejected"),
        missing=say_later("请选择“成立”或“不成立”。", "Choose upheld or rejected."),
    )
    remedy = ChoiceField(
        "处理", "Remedy", needed=None, hint=say_later("结论为“成立”时必须选择", "Needed where the objection stands")
    )
    text = ParagraphsField(
        "答复", "Answer", needed=True, hint=say_later("企业会看到全文。", "The enterprise reads it.")
    )
