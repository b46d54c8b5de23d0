"""Is this paper genuine? For anybody who holds an extract of a quality file or a document of a case: by its QR code, or
by typing its number.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from zhiheng.actions.cases.verify_document import verify_document
from zhiheng.actions.exports.verify_extract import verify_extract
from zhiheng.kernel.reasons import Refused
from zhiheng.pages import asking
from zhiheng.pages.access import book, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import label, say
from zhiheng.portal.forms import CompareForm
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
