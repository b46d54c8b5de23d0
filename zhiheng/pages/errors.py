"""Pages for what went wrong: each says what happened, that nothing was half done, and what to do next.

They ask no database for anything, since it may be the database that can't answer. A program gets the same in the one
shape that every error of the interface has (``problems``), wherever it arises: in the framework, before any operation
was found, in the web server itself.
"""

from __future__ import annotations

import errno
import sys
from dataclasses import astuple, dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException, UnreadablePostError
from django.middleware.csrf import get_token
from django.template.loader import render_to_string

from zhiheng.database.troubles import WORDS as TROUBLE_WORDS
from zhiheng.database.troubles import DatabaseTrouble, trouble_of
from zhiheng.kernel.reasons import Refusal
from zhiheng.pages import form_recovery
from zhiheng.pages.context import THEMES
from zhiheng.pages.forms import EDITION, TOKEN, file_names
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import chinese


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is said of an error: its status, its code for programs, what happened and what to do, in both languages;
    seconds to wait, if any.
    """

    status: int
    code: str
    zh: str
    en: str
    zh_do: str
    en_do: str
    wait: int = 0


BAD = Trouble(
    400,
    "request.wrong",
    "这个请求看不懂",
    "This request can't be understood",
    "地址或表格不完整，什么都没有改变。请从原来的页面重新打开。",
    "The address or the form is not complete; nothing was changed. Open it again from the page it was on.",
)
DENIED = Trouble(
    403,
    "access.denied",
    "没有权限",
    "You may not do this",
    "这一项不在您的权限内，什么都没有改变。需要时请联系本单位的账号管理员。",
    "This is not among what your roles allow; nothing was changed. Ask the administrator of your unit.",
)
ABSENT = Trouble(
    404,
    "address.absent",
    "没有这个页面",
    "There is no such page",
    "地址可能写错，或者内容已经撤下。请从下面的入口重新查找。",
    "The address may be mistyped, or what was here was taken down. Look for it again from the entry below.",
)
METHOD = Trouble(
    405,
    "method.wrong",
    "不能这样打开",
    "It can't be opened this way",
    "这个地址只接受从表格提交的内容。请从原来的页面操作。",
    "This address only takes what a form sends. Go back to the page with the form.",
)
LARGE = Trouble(
    413,
    "body.large",
    "提交的内容太大",
    "What was sent is too large",
    "超过了允许的大小，没有收下任何一部分。请分成几份提交。",
    "It is larger than allowed; no part of it was taken. Send it in parts.",
)
LONG_HEAD = Trouble(
    431,
    "head.large",
    "请求头太长",
    "The head of the request is too long",
    "地址或请求头超过了允许的长度，什么都没有改变。请缩短地址，或清除本站的 Cookie 后再试。",
    "The address or the headers are longer than allowed; nothing was changed. Shorten the address, or clear the "
    "cookies of this site, and try again.",
)
OFTEN = Trouble(
    429,
    "rate.exceeded",
    "次数太多，请稍后再试",
    "Too many attempts; try again later",
    "为保护账号，短时间内的次数有限。请过几分钟再试。",
    "To protect the accounts the number of attempts is limited. Try again in some minutes.",
    300,
)
BROKEN = Trouble(
    500,
    "server.fault",
    "出了差错",
    "Something went wrong",
    "没有改变任何内容，差错已经记录。请再试一次；仍然如此，请把下面的时间告诉管理员。",
    "Nothing was changed and the fault was recorded. Try again; if it stays, tell the administrator the time below.",
)
# What a database's refusal to work means stands with the database: the terminal says the same.
_OF_DATABASES = {
    trouble: Trouble(507 if trouble is DatabaseTrouble.FULL else 503, *astuple(words))
    for trouble, words in TROUBLE_WORDS.items()
}
BUSY, FULL = _OF_DATABASES[DatabaseTrouble.BUSY], _OF_DATABASES[DatabaseTrouble.FULL]
FILLING = Trouble(
    503,
    "store.filling",
    "服务器磁盘空间不足",
    "The server's disk is nearly full",
    "没有收下任何一部分。请稍后再试，并告知管理员。",
    "No part of this was taken. Try again later, and tell the administrator.",
)
SILENT = Trouble(
    502,
    "sign_on.silent",
    "统一认证没有应答",
    "The single sign-on does not answer",
    "统一认证系统暂时连不上，什么都没有改变。请过一会儿再试，或用本系统的账号和密码登录。",
    "The single sign-on can't be reached at the moment; nothing was changed. Try again later, or sign in with your "
    "account here.",
)
FORGED = Trouble(
    403,
    "form.old",
    "表格已经过期",
    "The form is too old",
    "登录之后页面换过，或者浏览器没有保存所需的 Cookie。什么都没有改变。请回到表格重新提交。",
    "You signed in again since it was opened, or the browser keeps no cookies. Nothing was changed. Go back to the "
    "form and send it again.",
)


# Below it programs ask, which read no pages.
INTERFACE = "/api/v1/"


def problems(*refusals: Refusal) -> dict[str, Any]:
    """The body of an error of the interface, the same for every status."""
    return {"problems": [{"code": r.code, "zh": r.zh, "en": r.en, "field": r.field} for r in refusals]}


def told(trouble: Trouble) -> Refusal:
    """What happened and what to do, as a sentence for a program."""
    return Refusal(trouble.code, f"{trouble.zh}：{trouble.zh_do}", f"{trouble.en}. {trouble.en_do}")


# Where a page of trouble leads back to, told by its address alone: an officer is not sent out to the public pages.
HOMES = (
    ("/desk/", "回到工作台", "Back to the desk"),
    ("/firm/", "回到企业之窗", "Back to the enterprise corner"),
    ("/bank/", "回到授权查询", "Back to the consents"),
)
FIRST_PAGE = ("/", "回到首页", "To the first page")


def home(path: str) -> dict[str, str]:
    """The first page of the door that an address belongs to, and what the way there is called."""
    url, zh, en = next((one for one in HOMES if path.startswith(one[0])), FIRST_PAGE)
    return {"url": url, "word": zh if chinese() else en}


def of(error: BaseException | None) -> Trouble | None:
    """What is to be said of an exception, where it is more than 'something went wrong'."""
    if isinstance(error, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return LARGE
    # The framework asks the single sign-on by this package and lets its errors through where it fetches the
    # description.
    if isinstance(error, OSError) and type(error).__module__.startswith("requests."):
        return SILENT
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return FULL
    found = trouble_of(error) if error is not None else None
    return _OF_DATABASES[found] if found else None


@dataclass(frozen=True, slots=True)
class Again:
    """A form that was not taken, so that it can be sent again as it is: its fields, and the files that must be chosen
    anew.
    """

    fields: list[tuple[str, str]]
    files: list[str]


def again(request: PageRequest) -> Again | None:
    """What was typed; None where nothing was, where it can't be read any more, or where it holds a password.

    It travels in the page itself: what was to be written could not be, so there is no other place to keep it.
    """
    if request.method != "POST":
        return None
    try:
        typed, files = list(request.POST.lists()), file_names(request)
    except (
        OSError,
        MultiPartParserError,
        RawPostDataException,
        UnreadablePostError,
        TooManyFieldsSent,
        TooManyFilesSent,
    ):
        return None
    if any(word in name.lower() for name, _ in typed for word in form_recovery.SECRET_WORDS):
        return None
    fields = [(name, text) for name, texts in typed for text in texts if name != "csrfmiddlewaretoken"]
    told = [field for field in fields if field[0] not in (TOKEN, EDITION)]
    if not told or sum(len(text) for _, text in fields) > form_recovery.MOST_CHARACTERS:
        return None
    return Again(fields, files)


def page(request: PageRequest, trouble: Trouble, *, back: str = "") -> HttpResponse:
    """The page, in the frame that needs nothing but the request; for a program the same as JSON."""
    response = _for_programs(trouble) if request.path.startswith(INTERFACE) else _page(request, trouble, back)
    response.headers["Cache-Control"] = "no-store"
    if trouble.wait:
        response.headers["Retry-After"] = str(trouble.wait)
    return response


def _for_programs(trouble: Trouble) -> HttpResponse:
    return JsonResponse(problems(told(trouble)), status=trouble.status, json_dumps_params={"ensure_ascii": False})


def before_any_page(status: int) -> Trouble:
    """What is said of a request that the web server itself refuses, before the house sees it."""
    return {each.status: each for each in (LARGE, LONG_HEAD, BROKEN, FILLING)}.get(status, BAD)


def _page(request: PageRequest, trouble: Trouble, back: str) -> HttpResponse:
    theme = request.COOKIES.get(settings.THEME_COOKIE_NAME, "")
    sent_before = again(request) if trouble in _OF_DATABASES.values() else None
    words = {
        "trouble": trouble,
        "request": request,
        "chinese": chinese(),
        "theme": theme if theme in THEMES else "",
        "back": back,
        "again": sent_before,
        "home": home(request.path),
        # Asked for again it may be there; what was sent by a form is not sent twice behind the reader's back.
        "once_more": request.method == "GET" and (bool(trouble.wait) or trouble.status >= 500),
        "csrf_token": get_token(request) if sent_before else "",
        "heading": trouble.zh if chinese() else trouble.en,
        "advice": trouble.zh_do if chinese() else trouble.en_do,
    }
    return HttpResponse(render_to_string("pages/error.html", words), status=trouble.status)


def bad_request(request: PageRequest, exception: Exception | None = None) -> HttpResponse:
    """400, or 413 where the framework found it too large."""
    return page(request, of(exception) or BAD)


def denied(request: PageRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return page(request, DENIED)


def absent(request: PageRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return page(request, ABSENT)


def often(request: PageRequest, exception: Exception | None = None) -> HttpResponse:
    """429."""
    return page(request, OFTEN)


def broken(request: PageRequest) -> HttpResponse:
    """500, or what the exception under way says better."""
    return page(request, of(sys.exc_info()[1]) or BROKEN)


def forged(request: PageRequest, reason: str = "") -> HttpResponse:
    """A form without a valid token: distinguished from the reader's own old form, which is shown again filled in."""
    if hasattr(request, "session") and (again := form_recovery.keep(request)):
        if request.actor.kind == "public":
            return redirect_to_login(again)
        return page(request, FORGED, back=again)
    return page(request, FORGED)
