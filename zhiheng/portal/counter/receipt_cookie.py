"""The receipt between two pages: in a signed cookie of the reader's own browser for half an hour, never in an address,
which logs and histories keep. Signed, so that receipts can't be tried out by way of it.
"""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse

from zhiheng.kernel.receipts import receipt_in
from zhiheng.pages.http import PageRequest

NAME = "receipt"
SALT = "zhiheng.portal.receipt"
LIVES = 30 * 60


def remember(response: HttpResponse, receipt: str, request: PageRequest) -> HttpResponse:
    """Let the reader's browser keep it for the pages of complaints."""
    response.set_signed_cookie(
        NAME,
        receipt,
        salt=SALT,
        max_age=LIVES,
        path=reverse("portal:complain"),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


def remembered(request: PageRequest) -> str:
    """The receipt that was shown within the last half hour; '' where there is none."""
    return receipt_in(str(request.get_signed_cookie(NAME, "", salt=SALT, max_age=LIVES)))


def forget(response: HttpResponse) -> HttpResponse:
    """Let the browser keep it no longer."""
    response.delete_cookie(NAME, path=reverse("portal:complain"), samesite="Lax")
    return response
