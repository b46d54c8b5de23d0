"""What every template knows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from zhiheng.pages.words import chinese


def page(request: HttpRequest) -> dict[str, Any]:
    """Who acts and the language of the page."""
    return {"actor": getattr(request, "actor", None), "chinese": chinese()}
