"""Is this paper genuine? For anybody who holds an extract of a quality file or a document of a case: by its QR code, or
by typing its number.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from zhiheng.actions.cases.verify_document import verify_document
from zhiheng.actions.exports.verify_credit_report import published_keys, verify_credit_report
from zhiheng.actions.exports.verify_extract import verify_extract
from zhiheng.engines.refusals import report_not_signed
from zhiheng.engines.signed_report import VERIFY_LINES
from zhiheng.kernel.reasons import Refused
from zhiheng.pages import asking
from zhiheng.pages.access import book, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import label, say
from zhiheng.portal.counter.forms import CompareForm, ReportForm
from zhiheng.published.tokens import half_width

# A file that somebody gives to be compared is read once and kept nowhere; an extract is far smaller.
LARGEST = 20 * 1024 * 1024


@never_cache
@door("public")
def verify(request: PageRequest, number: str = "") -> HttpResponse:
    """The form, or what is known of an extract; a file that is posted is compared with the one that was issued."""
    typed = half_width(asking.text(request, "number", 100))
    if not number and typed:
        return redirect("portal:verify_number", "".join(c for c in typed.lower() if c.isalnum())[:40] or "0")
    if not number:
        return render(request, "portal/verification.html", {"typed": ""})
    context: dict[str, Any] = {"typed": number}
    try:
        found = verify_extract(number, book=book())
    except Refused:
        return _document(request, number, context)
    extract = found.extract
    context |= {
        "found": found,
        "extract": extract,
        "office": label(found.office),
        "document": label(found.label),
        "number": "-".join(extract.id[i : i + 5] for i in range(0, len(extract.id), 5)),
    }
    if request.method == "POST":
        context |= _compared(request, extract.file_digest)
    return render(request, "portal/verification.html", context)


@never_cache
@door("public")
def verify_report(request: PageRequest) -> HttpResponse:
    """Is this credit report genuine? For whoever holds its JSON file: by upload, or with a few lines of their own."""
    context: dict[str, Any] = {
        "keys": published_keys(),
        "lines": VERIFY_LINES,
        "keys_at": request.build_absolute_uri(reverse("portal:report_keys")),
    }
    status = 200
    if request.method == "POST":
        form = ReportForm.of(request)
        if form.is_valid():
            (file,) = form.cleaned_data["file"]
            try:
                if (file.size or 0) > LARGEST:
                    raise Refused(report_not_signed())
                context["found"] = verify_credit_report(file.read(), book=book())
            except Refused as refused:
                context["refusal"] = label(refused.refusals[0])
                status = 422
        else:
            context["file_error"] = form["file"].problem
            status = 422
    return render(request, "portal/verify_report.html", context, status=status)


@never_cache
@door("public")
def report_keys(request: PageRequest) -> HttpResponse:
    """The public keys with which reports of this installation can be verified, for programs."""
    return JsonResponse({"keys": published_keys()})


def _document(request: PageRequest, code: str, context: dict[str, Any]) -> HttpResponse:
    """What is known of a document of a case; a code that nothing has is told as such."""
    try:
        paper = verify_document(code, book=book())
    except Refused as refused:
        context["refusal"] = label(refused.refusals[0])
        return render(request, "portal/verification.html", context, status=404)
    context |= {"paper": paper, "office": label(paper.unit), "document": label(paper.label)}
    return render(request, "portal/verification.html", context)


def _compared(request: PageRequest, digest: str) -> dict[str, Any]:
    form = CompareForm.of(request)
    if not form.is_valid():
        return {"file_error": form["file"].problem}
    (file,) = form.cleaned_data["file"]
    if (file.size or 0) > LARGEST:
        return {
            "file_error": say(
                "文件超过 20 MB，不是本系统出具的摘录。",
                "The file is larger than 20 MB, so it is no extract of this system.",
            )
        }
    read = sha256()
    for chunk in file.chunks():
        read.update(chunk)
    return {"compared": True, "same": read.hexdigest() == digest, "digest": read.hexdigest()}
