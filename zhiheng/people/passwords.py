"""The rules of a password in this house's own words; what is checked is the framework's."""

from __future__ import annotations

from django.contrib.auth import password_validation as of_django
from django.utils.translation import get_language


def _say(zh: str, en: str) -> str:
    return en if (get_language() or "zh").startswith("en") else zh


class Length(of_django.MinimumLengthValidator):
    """Long enough."""

    def get_error_message(self) -> str:
        """What is wrong."""
        return _say(
            f"密码太短，至少 {self.min_length} 个字符；请加长。",
            f"The password is too short: at least {self.min_length} characters.",
        )

    def get_help_text(self) -> str:
        """The rule."""
        return _say(f"您的密码至少 {self.min_length} 个字符。", f"At least {self.min_length} characters.")


class NotLikeOneself(of_django.UserAttributeSimilarityValidator):
    """Not the account's own name over again."""

    def get_error_message(self) -> str:
        """What is wrong; the framework fills in the name of the field."""
        return _say(
            "密码和您的账号、姓名或邮箱太相近；请换一个。",
            "The password is too much like your account, name or e-mail; choose another.",
        )

    def get_help_text(self) -> str:
        """The rule."""
        return _say("您的密码不能与您的账号、姓名、邮箱太相近。", "Not too much like your account, name or e-mail.")


class NotCommon(of_django.CommonPasswordValidator):
    """None of those that everybody tries first."""

    def get_error_message(self) -> str:
        """What is wrong."""
        return _say("这个密码太常见，容易被猜到；请换一个。", "This password is too common; choose another.")

    def get_help_text(self) -> str:
        """The rule."""
        return _say("您的密码不能是常见的密码。", "No password that many people use.")


class NotOnlyDigits(of_django.NumericPasswordValidator):
    """Not a number alone."""

    def get_error_message(self) -> str:
        """What is wrong."""
        return _say("密码不能全是数字；请加上文字或符号。", "The password is all digits; add letters or marks.")

    def get_help_text(self) -> str:
        """The rule."""
        return _say("您的密码不能全是数字。", "Not digits alone.")
