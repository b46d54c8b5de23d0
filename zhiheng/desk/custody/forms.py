"""What custodians type: passphrases, and why a seal must be opened."""

from __future__ import annotations

from typing import Any

from zhiheng.pages.input_form import ChoiceField, InputForm, LineField, ParagraphsField, ReasonForm, SecretField
from zhiheng.pages.words import say_later

_SECRET: dict[str, Any] = {"most": 200, "needed": True, "autocomplete": "off"}
_HINT = say_later(
    "至少 12 个字符，可以是几个不相干的词；不能和登录密码相同，谁也查不到。",
    "At least 12 characters, such as some unrelated words; not your password. Nobody can look it up.",
)


class CustodyKeyForm(InputForm):
    """The passphrase of a new custodian, typed twice."""

    unit = ChoiceField("为哪个单位保管", "For which unit", needed=True)
    passphrase = SecretField("保管口令", "Passphrase", hint=_HINT, **_SECRET)
    passphrase_again = SecretField("再输入一次", "Once more", **_SECRET)

    def clean(self) -> dict[str, Any]:
        """Both must be the same."""
        typed: dict[str, Any] = self.cleaned_data
        if typed.get("passphrase") != typed.get("passphrase_again"):
            self.add_error(
                "passphrase_again",
                say_later("两次输入的口令不一样；请重新输入。", "The two passphrases differ; type them again."),
            )
        return typed


class AskToOpenForm(InputForm):
    """Which seal, why, and the own passphrase."""

    seal = LineField(
        "封存编号",
        "Number of the seal",
        most=32,
        needed=True,
        autocomplete="off",
        hint=say_later("案件里举报人一栏的 32 位编号。", "The 32 characters that stand for the reporter in the case."),
    )
    reason = ParagraphsField(
        "为什么要拆封",
        "Why it must be opened",
        most=500,
        needed=True,
        hint=say_later(
            "举报人会看到这个理由；不要写他人的个人信息。", "The reporter will read this; name no other person in it."
        ),
    )
    asking_passphrase = SecretField("您的保管口令", "Your passphrase", **_SECRET)


class OwnPassphraseForm(InputForm):
    """The own passphrase, for an act of a button."""

    passphrase = SecretField("您的保管口令", "Your passphrase", **_SECRET)


class ChangePassphraseForm(InputForm):
    """The passphrase of now, and the new one."""

    old_passphrase = SecretField("现在的口令", "The present one", **_SECRET)
    new_passphrase = SecretField("新的口令", "The new one", hint=_HINT, **_SECRET)


class EndCustodyForm(ReasonForm):
    """Why a custody ends; ``sure``: also where nobody else holds the shares."""

    sure = LineField(most=5)
