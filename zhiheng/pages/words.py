"""Every text of a page exists in both languages, side by side in the place where it is used."""

from __future__ import annotations

from typing import Any

from django.utils.functional import lazy
from django.utils.translation import get_language


def chinese() -> bool:
    """Whether the page is asked for in Chinese (the default)."""
    return not (get_language() or "zh").startswith("en")


def say(zh: str, en: str, **values: Any) -> str:
    """The text in the language of the page, with ``{name}`` replaced by values."""
    text = zh if chinese() else en
    return text.format(**values) if values else text


def say_later(zh: str, en: str) -> str:
    """The same for what is declared once and shown to many: the language is asked when it is shown."""
    return _later(zh, en)


_later = lazy(say, str)


def label(value: Any) -> str:
    """A Label of the book, a Refusal, or a mapping with ``zh`` and ``en``, in the language of the page."""
    side = "zh" if chinese() else "en"
    return str(value[side] if isinstance(value, dict) else getattr(value, side))
