"""Forms of cases: those of acts have the fields that the workflow asks for by the law of the day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zhiheng.grammar.chapters.submissions import SubmissionKind
from zhiheng.grammar.types import Label
from zhiheng.kernel import reporter
from zhiheng.pages.act_form import ActForm
from zhiheng.pages.attaching import AttachingForm
from zhiheng.pages.http import PageRequest
from zhiheng.pages.input_form import (
    CarriedField,
    ChoiceField,
    DayField,
    InputForm,
    LineField,
    NumberField,
    NumbersField,
    OneOfField,
    ParagraphsField,
    ReasonForm,
)
from zhiheng.pages.submission_form import SubmittedForm
from zhiheng.pages.words import say_later


class FindPartyForm(InputForm):
    """The button that looks for a party of a new case in the ledger."""

    find = CarriedField(most=60)

    @classmethod
    def role_in(cls, request: PageRequest) -> str:
        """The party that is looked for; '' where the form was sent to open the case, or not at all."""
        form = cls.of(request)
        return str(form.cleaned_data["find"]) if form.is_bound and form.is_valid() else ""


class OpenCaseForm(ActForm):
    """A new case: the unit that is to hold it, the parties, and the fields of the act that opens it."""

    once_key = CarriedField(most=64)
    # The fact because of which it is opened.
    fact = NumberField()
    act = ChoiceField("如何来的", "How it came", needed=True)
    unit = ChoiceField(
        "承办单位", "Unit that handles it", needed=True, missing=say_later("请选择单位。", "Choose a unit.")
    )

    def ask_parties(self, parties: Sequence[tuple[str, Label]]) -> None:
        """Ask for the name and the code of each party that can be named openly, or which enterprise of the ledger it
        is.
        """
        for name, word in parties:
            self.fields[f"party_{name}"] = LineField(word.zh, word.en, needed=False, hint=say_later("名称", "Its name"))
            self.fields[f"code_{name}"] = LineField(
                f"{word.zh}的代码", f"Code of the {word.en}", needed=False, hint=say_later("没有可以不填", "if known")
            )
            self.fields[f"subject_{name}"] = NumberField(word.zh, word.en)


class CommentForm(AttachingForm):
    """A remark in a case, or papers that came late; the action says where there is neither."""

    text = ParagraphsField("备注", "Comment", most=2_000)
    to_sender = CarriedField(most=1)


class ReceivedForm(SubmittedForm):
    """A complaint or a report that came by telephone, by letter or in person, as an officer enters it."""

    once_key = CarriedField(most=64)
    unit = ChoiceField("登记单位", "Unit", needed=True, missing=say_later("请选择单位。", "Choose a unit."))
    kind = ChoiceField("投诉还是举报", "Complaint or report", needed=True, kind="radio")
    happened = DayField(
        "收到之日", "Day on which it came", needed=True, missing=say_later("请填写收到之日。", "Say when it came.")
    )
    text = ParagraphsField(
        "事情经过",
        "What happened",
        needed=True,
        hint=say_later(
            "不要写来电来信人的姓名和电话，它们只填在下面封存的几栏。",
            "Leave the caller's name and number out; they have sealed fields.",
        ),
    )
    about = LineField("商家或者企业的名称", "The business")
    area = ChoiceField("在哪个区域", "Which area", needed=True)
    place = LineField("具体地点", "Where exactly")
    name = LineField("来电来信人的姓名", "Name of the sender", most=reporter.NAME, needed=None, autocomplete="off")
    phone = LineField("电话", "Telephone", most=reporter.PHONE, needed=None, kind="tel", autocomplete="off")
    address = LineField("通讯地址", "Address", most=reporter.ADDRESS, needed=None, autocomplete="off")

    def hint_of(self, kind: SubmissionKind) -> Any:
        """The fields of all kinds stand below each other here."""
        return say_later(f"{kind.label.zh}须填", f"for a {kind.label.en.lower()}")


class ConfirmDeliveredForm(InputForm):
    """What was ticked of the hotlines, and of each which kind it is and whose."""

    source = NumbersField("来件", "What came", most=200)

    def ask(self) -> None:
        """Ask for kind and unit of those that were ticked; what is no number was not on the page."""
        for number in self["source"].data[:200]:
            if number.isascii() and number.isdecimal():
                self.fields[f"kind_{number}"] = CarriedField(most=60)
                self.fields[f"unit_{number}"] = CarriedField(most=60)

    def said_of(self, number: int) -> tuple[str, str]:
        """Kind and unit of one; '' where nothing was said."""
        data = self.cleaned_data
        return str(data.get(f"kind_{number}") or ""), str(data.get(f"unit_{number}") or "")


class AnswersForm(InputForm):
    """Of which days a hotline is answered, what the file is for, and of which kind it is."""

    first = DayField("收到日期自", "Received from", needed=True, missing=say_later("请填写日期。", "Say from when."))
    last = DayField("至", "to", needed=True, missing=say_later("请填写日期。", "Say until when."))
    purpose = LineField(
        "用途",
        "Purpose",
        most=1_000,
        needed=True,
        autocomplete="off",
        hint=say_later("写明反馈给谁，例如“反馈12315平台”。", "Say to whom it goes, such as 'answers to 12315'."),
    )
    format = OneOfField("格式", "Format", of=("xlsx", "csv"))


class FactAskedForm(InputForm):
    """The fact because of which a case is opened."""

    fact = NumberField()


class AssignForm(InputForm):
    """Who handles a case from now on."""

    account = NumberField("承办人", "Handled by", needed=True, missing=say_later("请选择承办人。", "Choose somebody."))


class SeveralCasesForm(InputForm):
    """The ticked cases of a list, or (``everything``) all that the list finds; ``query`` is what the list was asked."""

    case = NumbersField("勾选的案件", "The ticked cases", most=1_000)
    everything = CarriedField(most=1)
    source = OneOfField("清单", "List", of=("inbox", "cases"), missing=say_later("请从清单上选择。", "Use the list."))
    query = CarriedField(most=2_000)


class LinkForm(InputForm):
    """Another case, by its number, and what it is to this one."""

    other = LineField("案号", "Number of the case", most=80, needed=True)
    relation = OneOfField("关系", "Relation", of=("linked", "duplicate"), needed=True)


class SignProposalForm(InputForm):
    """The digest of a proposal: what was shown is what is signed."""

    digest = CarriedField(most=64)


class RestrictForm(ReasonForm):
    """Why reading a case is restricted, or (``ends``) is restricted no longer."""

    ends = CarriedField(most=1)
