"""What the public sends to the portal."""

from __future__ import annotations

from zhiheng.kernel import reporter
from zhiheng.pages.input_form import (
    CarriedField,
    ChoiceField,
    FilesField,
    InputForm,
    LineField,
    OneOfField,
    ParagraphsField,
)
from zhiheng.pages.submission_form import SubmittedForm
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


class ReportForm(InputForm):
    """The signed file of a credit report that somebody holds."""

    file = FilesField(
        "选择收到的 JSON 文件",
        "Choose the JSON file that you received",
        most=1,
        missing=say_later("请选择要核验的文件。", "Choose the file to verify."),
        too_many=say_later("一次核验一个文件；请只选择一个。", "One file is verified at a time; choose one."),
    )


class WorkedForm(InputForm):
    """A form for whose sending the sender's machine has worked; ``solution`` is empty where no script ran."""

    solution = CarriedField(most=4_000)


class SubmissionForm(WorkedForm, SubmittedForm):
    """A complaint or a report. The first page asks what happened, where and whom; the second shows what was worked out
    of it and asks for the rest, so the answers of the first are carried.
    """

    step = OneOfField(of=("tell", "change", "send"))
    once_key = CarriedField(most=200)
    text = ParagraphsField(
        "发生了什么",
        "What happened",
        needed=True,
        missing=say_later("请写明事情的经过。", "Write what happened."),
        hint=say_later(
            "哪一天、买了什么或者看到什么、怎么回事、您要求怎样。不要写自己的姓名和电话，后面有专门封存的栏目。",
            "Which day, what you bought or saw, what went wrong, what you ask for. Leave your own name and number out: "
            "they have sealed fields of their own.",
        ),
    )
    area = ChoiceField(
        "在哪个区域",
        "Which area",
        needed=True,
        missing=say_later("请选择地区。", "Choose the place."),
    )
    place = LineField(
        "具体地点",
        "Where exactly",
        hint=say_later("路名、门牌、商场楼层，或者网店平台", "Street, number, floor, or the online platform"),
    )
    about = LineField(
        "商家或者企业的名称",
        "The business",
        hint=say_later("招牌上的名称也可以；不知道的举报可以不填", "The name on its sign will do"),
    )
    business = ChoiceField("是哪一家", "Which one")
    kind = ChoiceField("投诉还是举报", "Complaint or report")
    photographs = FilesField(
        "照片",
        "Photographs",
        most=40,
        hint=say_later(
            "商品、票据、现场。照片里的拍摄地点、时间、手机型号会去掉。",
            "Goods, receipts, the place. Where, when and with which telephone they were taken is removed.",
        ),
    )
    name = LineField("您的姓名", "Your name", needed=None, most=reporter.NAME, autocomplete="name")
    phone = LineField("您的电话", "Your telephone", needed=None, most=reporter.PHONE, kind="tel", autocomplete="tel")
    address = LineField(
        "您的通讯地址", "Your address", needed=None, most=reporter.ADDRESS, autocomplete="street-address"
    )


class FollowForm(WorkedForm):
    """The receipt by which somebody follows a case."""

    receipt = LineField(
        "回执号码",
        "Receipt",
        most=60,
        needed=True,
        missing=say_later("请输入回执上的十六位数字。", "Enter the sixteen digits of the receipt."),
        hint=say_later("十六位数字，空格可有可无", "sixteen digits, with or without spaces"),
        autocomplete="off",
    )


class TalkForm(WorkedForm):
    """What the sender of a case says in it: a message, or (``act``) an answer that the book asks for."""

    act = CarriedField(most=120)
    text = ParagraphsField("补充或者留言", "Add something, or write a message", most=5_000)
    photographs = FilesField("照片", "Photographs", most=40)
