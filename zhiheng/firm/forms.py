"""What an enterprise types in its corner."""

from __future__ import annotations

from zhiheng.pages.codes import CodeForm
from zhiheng.pages.input_form import (
    BookForm,
    CarriedField,
    ChoiceField,
    DayField,
    FilesField,
    InputForm,
    LineField,
    ParagraphsField,
)
from zhiheng.pages.words import say_later

# So many files are handed in at once.
FILES_AT_ONCE = 20


class JoinForm(CodeForm):
    """The code of a letter of invitation, and the account that it opens."""

    code = LineField("邀请码", "Code", most=120, needed=True, autocomplete="one-time-code")


class SignForm(BookForm):
    """What an undertaking asks for, and the name of who signs it."""

    agreed = CarriedField(most=200)
    signer = LineField("签名", "Signature", needed=True, autocomplete="off")


class HandInForm(InputForm):
    """Ledgers and self-inspections as files."""

    files = FilesField(  # type: ignore[assignment]  # Django's class has an attribute of that name, and takes the field away
        "文件",
        "File",
        most=FILES_AT_ONCE,
        missing=say_later("请选择文件。", "Choose a file."),
        too_many=say_later(
            "一次最多 %(limit_value)d 个文件，请分几次报送。",
            "At most %(limit_value)d files at once; hand them in by and by.",
        ),
    )


class ConsentForm(InputForm):
    """Which institution may read for what, and until when."""

    reader = ChoiceField("金融机构", "Institution", needed=True)
    purpose = ChoiceField("用途", "Purpose", needed=True)
    last = DayField(
        "截止日期",
        "Last day",
        needed=True,
        any_day=True,
        missing=say_later("请填截止日期，如 2026-12-31。", "Give the last day, such as 2026-12-31."),
    )


class ObjectionForm(InputForm):
    """What is wrong with a fact, how it should be, and the papers that prove it."""

    entry = CarriedField(most=24)
    ground = ChoiceField("理由类别", "Ground", needed=True)
    reason = ParagraphsField(
        "理由",
        "Reason",
        most=20_000,
        needed=True,
        hint=say_later("哪里不对，应当是什么，有什么证明。", "What is wrong, how it should be, what proves it."),
    )
    files = FilesField(  # type: ignore[assignment]  # Django's class has an attribute of that name, and takes the field away
        "附件",
        "Attachments",
        most=100,
        hint=say_later(
            "PDF、PNG 或 JPEG，最多 5 个，每个不超过 10 MB。", "PDF, PNG or JPEG; at most five, 10 MB each."
        ),
    )
