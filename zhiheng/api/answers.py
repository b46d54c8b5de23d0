"""What goes in and out of the interface: one shape of error, texts without control characters, cursors that can't be
forged.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import orjson
from django.core import signing
from django.http import HttpRequest
from ninja import Schema
from ninja.renderers import BaseRenderer
from pydantic import Field, StringConstraints

from zhiheng.api import refusals
from zhiheng.grammar.types import Label
from zhiheng.kernel import area_code
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.pages.paging import seal, unseal

# Control characters have no place in a name, a code or a search, and PostgreSQL takes no NUL at all.
PLAIN = r"^[^\x00-\x1f\x7f]*$"
Text = Annotated[str, StringConstraints(max_length=200, pattern=PLAIN)]
Word = Annotated[str, StringConstraints(max_length=60, pattern=r"^[A-Za-z0-9_.\-]*$")]
# Whether there is such an area is for the book to say; here only what no code can be is turned away.
AreaCode = Annotated[str, StringConstraints(pattern=f"^({area_code.PATTERN})?$", max_length=area_code.LONGEST)]
Cursor = Annotated[str, StringConstraints(max_length=600, pattern=r"^[A-Za-z0-9_:.\-]*$")]
Number = Annotated[int, Field(ge=1, le=2**63 - 1)]
Limit = Annotated[int, Field(ge=1, le=200)]

# Refusals that say who comes, not what they may: another key would help.
_NOBODY = frozenset(
    {"access.token_missing", "access.token_unknown", "access.token_revoked", "access.token_expired", "access.stranger"}
)
# What came is of a kind that is not read here.
_OTHER_KIND = frozenset({"body.packed", "body.kind"})
_SIGNER = signing.Signer(salt="zhiheng.cursor")


class ProblemOut(Schema):
    """Why something was refused, as a sentence that ends with what to do."""

    code: str = Field(description="stable, in English: access.denied, delivery.absent ...")
    zh: str
    en: str
    field: str = Field("", description="the parameter or field that is meant, where there is one")


class Problems(Schema):
    """Every error has this shape."""

    problems: list[ProblemOut]


class WordsOut(Schema):
    """A label in both languages."""

    zh: str
    en: str

    @classmethod
    def of(cls, label: Label | dict[str, str]) -> WordsOut:
        """From a label of the book."""
        return cls(**label) if isinstance(label, dict) else cls(zh=label.zh, en=label.en)


# Ten thousand rows of the widest records as JSON are some ten megabytes.
BODY_BYTES = 32 << 20


def take_body(request: HttpRequest) -> None:
    """Read a body of JSON up to ``BODY_BYTES``; raises Refused where it is larger, whether its sender said so or not.

    The framework's own limit is for forms, and the interface promises more rows than fit. Only for callers who are
    known: whoever they are not sends no more than a form.
    """
    if request.content_type != "application/json" or hasattr(request, "_body"):
        return
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise Refused(refusals.body_packed())
    if _announced(request) > BODY_BYTES:
        raise Refused(refusals.body_too_large(BODY_BYTES))
    body = request.read(BODY_BYTES + 1)
    if len(body) > BODY_BYTES:
        raise Refused(refusals.body_too_large(BODY_BYTES))
    # Where the framework keeps it once it has been read.
    request._body = body


def _announced(request: HttpRequest) -> int:
    """The length that the sender says; 0 where none is said, or no number."""
    try:
        return int(request.headers.get("Content-Length") or 0)
    except ValueError:
        return 0


class Orjson(BaseRenderer):
    """JSON; numbers with decimals are texts, so that no digit is lost."""

    media_type = "application/json"

    def render(self, request: Any, data: Any, *, response_status: int) -> bytes:
        """The bytes of the answer."""
        return orjson.dumps(data, default=str)


def cursor_out(of: str, inner: str) -> str:
    """A cursor for the caller: what it is a place in, and the place; empty at the end."""
    return seal(f"api:{of}", inner)


def cursor_in(of: str, cursor: str) -> str:
    """The place that a cursor names. Raises Refused for one that is not ours or that belongs to another list."""
    if not cursor:
        return ""
    if (inner := unseal(f"api:{of}", cursor)) is not None:
        return inner
    raise Refused(refusals.cursor_wrong())


def status_of(refusal: Refusal) -> int:
    """The HTTP status that stands for a refusal."""
    code = refusal.code
    if code in _NOBODY:
        return 401
    if code.startswith("access."):
        return 403
    if code.endswith((".absent", ".unknown_address")):
        return 404
    if code.endswith((".changed", ".decided")):
        return 409
    if code.endswith(".gone"):
        return 410
    if code.endswith(".large"):
        return 413
    if code == "clock.jumped":
        # Nothing that the sender could mend: the same request is right once the clock is.
        return 503
    if code in _OTHER_KIND:
        return 415
    return 422


class OriginOut(Schema):
    """Where a fact comes from."""

    unit: str
    delivery: int
    row: int
    learned_on: dt.date
