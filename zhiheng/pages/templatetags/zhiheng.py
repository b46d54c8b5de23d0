"""Words, numbers, days and parts of the design system in templates; always loaded (settings: builtins)."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from zhiheng.pages import words

register = template.Library()


@register.simple_tag
def t(zh: str, en: str, **values: Any) -> SafeString:
    """``{% t "共 {n} 家" "{n} enterprises" n=count %}``: the text in the page's language; values are escaped."""
    safe = {name: conditional_escape(value) for name, value in values.items()}
    # The two texts are written in the template, so they are the page's own; only the values come from elsewhere.
    return mark_safe(words.say(zh, en, **safe))  # noqa: S308


@register.filter
def tr(value: Any) -> str:
    """``{{ record.label|tr }}``: a label of the book in the page's language."""
    return words.label(value)


@register.simple_tag
def number(value: Any, url: str = "", unit: str = "") -> SafeString:
    """A figure; with an address it is a door: it opens the side sheet with its definition, law and facts (N1)."""
    shown = "—" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
    inner = format_html(
        '<span class="figure">{}</span>{}', shown, format_html('<span class="unit">{}</span>', unit) if unit else ""
    )
    if not url:
        return inner
    return format_html(
        '<a class="door" href="{}" hx-get="{}" hx-target="#sheet" hx-swap="innerHTML">{}</a>', url, url, inner
    )
