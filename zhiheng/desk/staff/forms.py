"""What is typed on the pages about people: accounts, roles, letters and keys."""

from __future__ import annotations

from zhiheng.pages.input_form import (
    CarriedField,
    ChoiceField,
    DayField,
    InputForm,
    LineField,
    NumberField,
    ReasonForm,
    TicksField,
)
from zhiheng.pages.words import say_later

_REASON = {"most": 500}


class AccountForm(InputForm):
    """An account for a colleague."""

    kind = ChoiceField("种类", "Kind", needed=True)
    name = LineField("姓名", "Name", needed=True, autocomplete="off")
    login = LineField(
        "账号",
        "Account",
        needed=True,
        autocomplete="off",
        hint=say_later(
            "小写字母、数字和 . _ -，登录时使用，以后不能改。",
            "Small letters, digits and . _ -; used to sign in, can't be changed.",
        ),
    )
    unit = ChoiceField("单位", "Unit", needed=True, missing=say_later("请选择单位。", "Choose a unit."))
    email = LineField("电子邮箱", "E-mail", kind="email", autocomplete="off")


class GiveRoleForm(InputForm):
    """A role for an account: where, over which quality, from when until when, why."""

    role = ChoiceField("角色", "Role", needed=True)
    unit = ChoiceField("单位", "Unit")
    area = ChoiceField("地区（含下级）", "Area, with all beneath")
    quality = ChoiceField("质量类别", "Quality")
    first_day = DayField("自", "From", needed=True)
    last_day = DayField("至", "Until", hint=say_later("不填为长期", "empty: open"))
    reason = LineField("理由", "Reason", **_REASON)


class EndRoleForm(ReasonForm):
    """Why a role is ended, and whether one came from one's own page or from that of an account."""

    back = CarriedField(most=20)


class LendRoleForm(InputForm):
    """A role that is lent to a colleague for some days."""

    grant = NumberField("角色", "Role", needed=True, missing=say_later("请选择角色。", "Choose a role."))
    to = NumberField("受托人", "To whom", needed=True, missing=say_later("请选择受托人。", "Choose somebody."))
    first_day = DayField(
        "自",
        "From",
        needed=True,
        missing=say_later("请填起始日期，如 2026-03-31。", "Give the first day, such as 2026-03-31."),
    )
    last_day = DayField(
        "至",
        "Until",
        needed=True,
        missing=say_later("请填截止日期，如 2026-04-30。", "Give the last day, such as 2026-04-30."),
    )
    reason = LineField("理由", "Reason", needed=True, hint=say_later("例如：休假", "such as: leave"), **_REASON)


class ActForForm(InputForm):
    """The lender to act for; empty: in one's own name again."""

    lender = NumberField("代谁办理", "For whom")


class InviteForm(InputForm):
    """First the enterprise, then the person that the letter goes to."""

    enterprise = LineField("企业名称或统一社会信用代码", "Name or credit code of the enterprise", needed=True)
    subject = NumberField("邀请哪一家企业", "Which enterprise")
    role = ChoiceField("角色", "Role", needed=True)
    name = LineField("写给谁", "For whom", most=60)


class TokenForm(InputForm):
    """A key for a program."""

    name = LineField(
        "用途",
        "What for",
        most=120,
        needed=True,
        hint=say_later("例如：局里抽检系统每日报送", "such as: daily delivery of the sampling system"),
    )
    unit = ChoiceField("单位", "Unit", needed=True, missing=say_later("请选择单位。", "Choose a unit."))
    role = ChoiceField("角色", "Role", needed=True)
    holder = LineField(
        "领取人的账号",
        "Account of who takes it",
        most=60,
        needed=True,
        autocomplete="off",
        hint=say_later(
            "该单位管理这个系统的人；令牌由他领取，提请的人看不到。",
            "Who looks after that system in the unit; they take the key, who orders it never sees it.",
        ),
    )
    last_day = DayField(
        "有效期至",
        "Until",
        needed=True,
        missing=say_later("请填截止日期，如 2026-12-31。", "Give the last day, such as 2026-12-31."),
    )
    scopes = TicksField("范围", "Scope", most=60)
