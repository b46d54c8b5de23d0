"""What is typed on the pages of deliveries and of identity."""

from __future__ import annotations

from zhiheng.pages.input_form import (
    CarriedField,
    ChoiceField,
    FilesField,
    InputForm,
    LineField,
    NumberField,
    NumbersField,
    OneOfField,
    ParagraphsField,
)
from zhiheng.pages.words import say_later

# More boxes than a page of pairs, of spellings or of facts has.
_TICKED = 1_000
_VERDICT = {
    "of": ("same", "different"),
    "missing": say_later("请选择“同一主体”或“不同主体”。", "Choose 'the same' or 'different'."),
}


class UploadForm(InputForm):
    """Files that are handed in: for which unit, and of which kind where the headings leave doubt."""

    unit = ChoiceField(
        "报送单位",
        "Sender",
        needed=True,
        missing=say_later("请选择您可以为之报送的单位。", "Choose a unit for which you may hand in."),
        hint=say_later(
            "以哪个单位的名义报送；事实以后由这个单位负责更正。",
            "In whose name this is handed in; this unit will answer for the facts.",
        ),
    )
    files = FilesField(  # type: ignore[assignment]  # Django's class has an attribute of that name, and takes the field away
        "文件", "Files", most=100, missing=say_later("请选择至少一个文件。", "Choose at least one file.")
    )
    kind = ChoiceField(
        "表格类型",
        "What the tables are",
        hint=say_later(
            "一般不用选：系统按表头识别。只有表头相同、分不清时才需要。",
            "Usually left alone: the headings tell. Only where they leave doubt.",
        ),
    )


class TableKindForm(InputForm):
    """What a table is whose headings left doubt."""

    origin = CarriedField(most=1_000)
    table = CarriedField(most=1_000)
    kind = CarriedField(most=200)


class ProposedHeadingForm(InputForm):
    """What an unknown heading stands for."""

    record = CarriedField(most=200)
    source = CarriedField(most=200)
    heading = CarriedField(most=40_000)
    target = ChoiceField("对应", "What it stands for")


class ConfirmForm(InputForm):
    """Why a delivery that was held is right."""

    reason = ParagraphsField(
        "确认的理由",
        "Why it is right",
        needed=True,
        hint=say_later(
            "例如：全年一次报送，已与去年行数核对。",
            "For example: the whole year at once, compared with last year.",
        ),
    )


class WithdrawDeliveryForm(InputForm):
    """Why a whole delivery is taken back."""

    reason = ParagraphsField(
        "撤回的理由",
        "Reason of the withdrawal",
        needed=True,
        hint=say_later(
            "例如：误报的文件，正确的文件已另行报送。", "For example: the wrong file; the right one was handed in."
        ),
    )


class RefusedRowsForm(InputForm):
    """What the refused rows are taken away for."""

    purpose = LineField(
        "下载用途",
        "What the download is for",
        most=1_000,
        needed=True,
        hint=say_later(
            "下载的表格里涉密栏不遮盖；用途会连同您的账号和时间记入留痕。",
            "In the downloaded table nothing is masked; the purpose is kept in the trail with your account and the "
            "time.",
        ),
    )


class PairForm(InputForm):
    """Whether both sides of a pair are the same, and what that rests on."""

    verdict = OneOfField("结论", "Decision", **_VERDICT)
    reason = LineField(
        "判断依据",
        "Reason",
        most=1_000,
        needed=None,
        autocomplete="off",
        hint=say_later("写明判断依据，复核时可查。", "What the decision rests on; whoever looks later will see it."),
    )
    usual = LineField("常用理由", "Usual reason", most=1_000)

    @property
    def because(self) -> str:
        """The reason in own words, else the usual one that was chosen."""
        return str(self.cleaned_data["reason"] or self.cleaned_data["usual"])


class SeveralPairsForm(PairForm):
    """The same of all ticked pairs; and which list they stood in."""

    query = CarriedField(most=2_000)
    match = NumbersField("勾选的匹配", "Ticked pairs", most=_TICKED)


class MergeForm(InputForm):
    """Which subjects are one, and which of them stays."""

    q = LineField("查找", "Find", most=1_000)
    chosen = NumbersField("已选的主体", "Chosen subjects", most=20)
    into = NumberField("保留哪一个", "Which one stays")
    reason = LineField("理由", "Reason", most=1_000, needed=True)


class SplitForm(InputForm):
    """Which names are somebody else's."""

    alias = NumbersField(
        "名称", "Names", most=_TICKED, missing=say_later("请至少选一个名称。", "Choose at least one name.")
    )
    reason = LineField("理由", "Reason", most=1_000, needed=True)


class SplitFactsForm(InputForm):
    """Which facts are somebody else's."""

    by = LineField("哪些事实", "Which facts")
    fact = NumbersField("勾选的事实", "Ticked facts", most=_TICKED)
    reason = LineField("判断依据", "Reason", most=1_000, needed=True)
