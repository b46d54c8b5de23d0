"""How much a request may bring. What is too large is refused by its announced length, before a byte of it is read or
written.

Without this a stranger could fill the disk: the framework spools files to it before any view is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpResponse

from zhiheng.actions.intake.upload_delivery import LIMIT
from zhiheng.pages import errors
from zhiheng.pages.http import PageRequest

# The form around the files needs some room of its own.
SIGNED_IN: Final = LIMIT + (1 << 20)
STRANGER: Final = 10 << 20


class BodyLimits:
    """413 for what is too large; programs show who they are only inside the API, so there the larger limit holds."""

    def __init__(self, next_: Callable[[PageRequest], HttpResponse]) -> None:
        self.next = next_

    def __call__(self, request: PageRequest) -> HttpResponse:
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = 0
        stranger = request.actor.kind == "public" and not request.path.startswith("/api/")
        if length > (STRANGER if stranger else SIGNED_IN):
            return errors.page(request, errors.LARGE)
        return self.next(request)
