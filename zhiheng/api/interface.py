"""The interface as a whole: its parts, its errors, its OpenAPI description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent, TooManyFilesSent
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.operation import Operation

from zhiheng.api import office, public, refusals
from zhiheng.api.answers import BODY_BYTES, Orjson, status_of
from zhiheng.grammar.yaml import sentence_of
from zhiheng.kernel.reasons import Refused
from zhiheng.pages.errors import problems

VERSION = "1.0.0"


class Interface(NinjaAPI):
    """The interface for programs. The name of an operation, by which clients are generated, says its part and its
    function, not the module: code that moves within a part does not rename what programs call.
    """

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """``zhiheng_api_office_deliver``."""
        part = operation.view_func.__module__.removeprefix("zhiheng.api.").partition(".")[0]
        return f"zhiheng_api_{part}_{operation.view_func.__name__}"


interface = Interface(
    title="质衡 Zhiheng",
    version=VERSION,
    description="质量强区开放平台的接口：公开部分不需要令牌，其余凭令牌。 The interface of the open platform for a "
    "quality-strong district: the public part needs no key, the rest does.",
    renderer=Orjson(),
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api",
)
interface.add_router("/public", public.router)
interface.add_router("/office", office.router)


@interface.exception_handler(Refused)
def _refused(request: HttpRequest, error: Refused) -> HttpResponse:
    status = status_of(error.refusals[0])
    response = interface.create_response(request, problems(*error.refusals), status=status)
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="zhiheng"'
    return response


def _said(request: HttpRequest, error: Mapping[str, Any]) -> tuple[str, str]:
    """What is wrong with a parameter; the framework leaves out what was given, so it is looked up where it came in."""
    name = str(error["loc"][-1]) if error.get("loc") else ""
    return sentence_of({"input": request.GET.get(name, ""), **error})


@interface.exception_handler(ValidationError)
def _wrong(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What is wrong with each parameter, and where."""
    told = [refusals.input_wrong(each["type"], where=_where(each), said=_said(request, each)) for each in error.errors]
    return interface.create_response(request, problems(*told), status=422)


@interface.exception_handler(AuthenticationError)
def _no_key(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """A request without a key where one is needed."""
    told = refusals.key_missing()
    response = interface.create_response(request, problems(told), status=401)
    response["WWW-Authenticate"] = 'Bearer realm="zhiheng"'
    return response


@interface.exception_handler(Throttled)
def _too_often(request: HttpRequest, error: Throttled) -> HttpResponse:
    told = refusals.too_many_requests()
    response = interface.create_response(request, problems(told), status=429)
    response["Retry-After"] = str(int(error.wait or 60) + 1)
    return response


@interface.exception_handler(Http404)
def _absent(request: HttpRequest, error: Http404) -> HttpResponse:
    told = refusals.address_absent()
    return interface.create_response(request, problems(told), status=404)


@interface.exception_handler(RequestDataTooBig)
@interface.exception_handler(TooManyFieldsSent)
@interface.exception_handler(TooManyFilesSent)
def _too_large(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    """What the framework finds too large: the fields beside a file, or too many of them."""
    return interface.create_response(request, problems(refusals.body_too_large(BODY_BYTES)), status=413)


@interface.exception_handler(MultiPartParserError)
@interface.exception_handler(UnreadablePostError)
def _broken_off(request: HttpRequest, error: Exception) -> HttpResponse:
    told = refusals.request_broken_off()
    return interface.create_response(request, problems(told), status=400)


@interface.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    """A body that can't be read as what it says it is; 415 where it does not even say that it is JSON."""
    if error.status_code == 400 and request.content_type not in ("", "application/json"):
        other = refusals.body_of_other_kind((request.content_type or "")[:80])
        return interface.create_response(request, problems(other), status=status_of(other))
    told = refusals.request_unreadable(error.message)
    return interface.create_response(request, problems(told), status=error.status_code)


@interface.exception_handler(OperationalError)
def _busy(request: HttpRequest, error: OperationalError) -> HttpResponse:
    told = refusals.store_busy()
    response = interface.create_response(request, problems(told), status=503)
    response["Retry-After"] = "5"
    return response


def _where(told: dict[str, Any]) -> str:
    """The parameter that is meant: the place without the words of the library."""
    return ".".join(str(part) for part in told["loc"] if part not in ("body", "query", "path", "form", "file", "given"))
