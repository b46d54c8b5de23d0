"""Whatever somebody sends is typed and bounded by a form of its area, or a model of the interface, before a view reads
it.
"""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import translation
from django.utils.datastructures import MultiValueDict
from hypothesis import given
from hypothesis import strategies as st

from tests.code_once import nodes, walked
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.pages import input_form as inputs
from zhiheng.pages.words import say_later

ROOT = Path(__file__).parents[2] / "zhiheng"
DOORS = ("desk", "firm", "bank", "portal", "pages", "api")
# Where what was sent is read as it came, and why no form stands before it.
AS_IT_CAME = {
    "pages/input_form.py": "the form itself",
    "pages/forms.py": "the token of every form, the characters that no form may have, what changed meanwhile",
    "pages/form_recovery.py": "keeps what was typed into any form, whatever it is",
    "pages/errors.py": "shows what was typed into any form, so that nothing is lost by a fault",
}


def read_by_hand(found: Sequence[ast.AST]) -> list[int]:
    """The lines where what was sent is read otherwise than by a form: ``request.POST``, ``.FILES``, ``.body``."""
    given_to_forms = {
        id(argument)
        for call in found
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id.endswith("Form")
        for argument in call.args
    }
    return [
        node.lineno
        for node in found
        if isinstance(node, ast.Attribute)
        and node.attr in ("POST", "FILES", "body")
        and isinstance(node.value, ast.Name)
        and node.value.id == "request"
        and id(node) not in given_to_forms
    ]


# Where the words of an address are read as they came, and why ``pages/asking.py`` does not stand before it.
ADDRESS_AS_IT_CAME = {
    "pages/asking.py": "where every word of an address is read",
    "pages/paging.py": "places in lists, sealed",
    "pages/form_recovery.py": "the key of what was typed, kept in the session",
    "pages/forms.py": "the characters that no address may have",
    "pages/input_form.py": "a form that an address fills, read as what was sent",
    "pages/middleware.py": "the same address without the word that was not understood",
    "api/interface.py": "says what was wrong with a word that its model refused",
}


def address_read_by_hand(found: Sequence[ast.AST]) -> list[int]:
    """The lines where the words of the address (``request.GET``) are taken otherwise than by ``pages/asking.py``: under
    another name, one by one, or by a function that is none of the pages' own. The whole address may be handed on as
    text and to ``paging``, for the links of a page, and to a form, which reads it as it reads what was sent.
    """
    handed_on = {
        id(each)
        for node in found
        for each in (
            [node.value]
            if isinstance(node, ast.Attribute) and node.attr == "urlencode"
            else node.args
            if isinstance(node, ast.Call) and _reads_addresses(node.func)
            else node.comparators
            if isinstance(node, ast.Compare)
            else []
        )
    }
    return sorted(
        node.lineno
        for node in found
        if isinstance(node, ast.Attribute)
        and node.attr == "GET"
        and ((isinstance(node.value, ast.Name) and node.value.id == "request") or isinstance(node.value, ast.Attribute))
        and id(node) not in handed_on
    )


def _reads_addresses(function: ast.AST) -> bool:
    """``paging.…``, ``asking.…``, a form."""
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return function.value.id in ("paging", "asking")
    return isinstance(function, ast.Name) and function.id.endswith("Form")


def test_no_door_reads_a_word_of_an_address_by_hand() -> None:
    found, files = [], 0
    for room in DOORS:
        for path in sorted((ROOT / room).rglob("*.py")):
            files += 1
            name = path.relative_to(ROOT).as_posix()
            if name not in ADDRESS_AS_IT_CAME:
                found += [f"{name}:{line}" for line in address_read_by_hand(nodes(path))]
    assert files > 80
    assert found == []


@pytest.mark.parametrize("name", ADDRESS_AS_IT_CAME)
def test_every_exception_of_addresses_is_still_one(name: str) -> None:
    assert address_read_by_hand(nodes(ROOT / name))


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('text = request.GET.get("q", "")', [1]),
        ('first = request.GET["first"]', [1]),
        ('several = request.GET.getlist("record")', [1]),
        ('asked = request.GET\ntext = asked.get("q")', [1]),
        ("self.get = self.request.GET", [1]),
        ("group = group_in(name, request.GET)", [1]),
        ("here = request.GET.urlencode()", []),
        ('rest = paging.without(request.GET, "q")', []),
        ('if "lot" in request.GET: pass', []),
        ('text = asking.text(request, "q", 80)', []),
    ],
)
def test_a_word_of_an_address_read_by_hand_is_found(source: str, lines: list[int]) -> None:
    assert address_read_by_hand(walked(ast.parse(source))) == lines


def test_no_door_reads_what_was_sent_otherwise_than_by_a_form() -> None:
    found, files = [], 0
    for room in DOORS:
        for path in sorted((ROOT / room).rglob("*.py")):
            files += 1
            name = path.relative_to(ROOT).as_posix()
            if name not in AS_IT_CAME:
                found += [f"{name}:{line}" for line in read_by_hand(nodes(path))]
    assert files > 80
    assert found == []


@pytest.mark.parametrize("name", AS_IT_CAME)
def test_every_exception_is_still_one(name: str) -> None:
    assert read_by_hand(nodes(ROOT / name))


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('reason = request.POST.get("reason", "")', [1]),
        ("import json\nsaid = json.loads(request.body)", [2]),
        ("files = request.FILES.getlist('files')", [1]),
        ("form = ReasonForm(request.POST, request.FILES)", []),
        ("form = ReasonForm.of(request)", []),
    ],
)
def test_a_line_that_reads_by_hand_is_found(source: str, lines: list[int]) -> None:
    assert read_by_hand(walked(ast.parse(source))) == lines


class EveryForm(inputs.InputForm):
    name = inputs.LineField("名称", "Name", most=10, needed=True)
    words = inputs.ParagraphsField("说明", "In words", most=20)
    password = inputs.SecretField("密码", "Password", most=20)
    exact = inputs.VerbatimField("原文", "As delivered", most=20)
    unit = inputs.ChoiceField("单位", "Unit")
    verdict = inputs.OneOfField("结论", "Conclusion", of=("upheld", "rejected"))
    entry = inputs.CarriedField(most=4)
    day = inputs.DayField("日期", "Day")
    last = inputs.DayField("截止日期", "Last day", missing=say_later("请填截止日期。", "Give the last day."))
    number = inputs.NumberField("编号", "Number")
    ticked = inputs.NumbersField("勾选", "Ticked", most=3)
    scopes = inputs.TicksField("范围", "Scope", most=2)
    files = inputs.FilesField("文件", "Files", most=2)


def sent(text: str, *files: str) -> EveryForm:
    """The form as it was sent, with a last day."""
    uploads: MultiValueDict[str, Any] = MultiValueDict({"files": [SimpleUploadedFile(name, b"x") for name in files]})
    return EveryForm(QueryDict(f"last=2026-12-31&{text}"), uploads)


def wrong(form: EveryForm) -> dict[str, str]:
    return {each["field"]: each["text"] for each in form.problems}


def test_texts_are_normalised_and_days_and_numbers_are_read() -> None:
    form = sent(
        "name=%20望井%0A%20精密&words=一%0D%0A二%20&password=%20a%20%20b&exact=a%20%20b&unit=x&verdict=upheld&entry=abcdefgh"
        "&day=2026-03-31&number=17&ticked=3&ticked=1&ticked=x&scopes=a&scopes=b",
        "a.csv",
        "b.csv",
    )
    assert form.is_valid(), form.problems
    assert form.cleaned_data | {"files": [file.name for file in form.cleaned_data["files"]]} == {
        "name": "望井 精密",
        "words": "一\n二",
        "password": " a  b",
        "exact": "a  b",
        "unit": "x",
        "verdict": "upheld",
        "entry": "abcd",
        "day": dt.date(2026, 3, 31),
        "last": dt.date(2026, 12, 31),
        "number": 17,
        "ticked": [1, 3],
        "scopes": ["a", "b"],
        "files": ["a.csv", "b.csv"],
    }


def test_what_was_not_sent_is_empty_and_never_a_fault() -> None:
    form = EveryForm(QueryDict("last=2026-12-31"), MultiValueDict())
    assert form.is_valid()
    assert [form.cleaned_data[name] for name in ("name", "day", "number", "ticked", "scopes", "files")] == [
        "",
        None,
        None,
        [],
        [],
        [],
    ]


@pytest.mark.parametrize(
    ("text", "field", "zh", "en"),
    [
        (
            "name=" + "长" * 12,
            "name",
            "最多 10 个字，现在是 12 个；请缩短后再提交。",
            "At most 10 characters, not 12; shorten it and send it again.",
        ),
        (
            "day=2026-02-30",
            "day",
            "不是有效的日期；请写成 2026-03-31，且在 1900-01-01 至 2199-12-31 之间。",
            "This is no valid day; write it as 2026-03-31, between 1900-01-01 and 2199-12-31.",
        ),
        ("last=", "last", "请填截止日期。", "Give the last day."),
        ("last=2026-02-30", "last", "请填截止日期。", "Give the last day."),
        (
            "verdict=both",
            "verdict",
            "不在可选的范围内；请从页面上重新选择。",
            "This is none of the choices; choose again on the page.",
        ),
        (
            "number=x",
            "number",
            "应为数字；请从页面上重新选择。",
            "This is no number; choose again on the page.",
        ),
        (
            "ticked=1&ticked=2&ticked=3&ticked=4",
            "ticked",
            "最多 3 项；请分几次提交。",
            "At most 3; send them by and by.",
        ),
    ],
)
def test_what_cannot_be_taken_is_told_in_both_languages(text: str, field: str, zh: str, en: str) -> None:
    with translation.override("zh-hans"):
        assert wrong(sent(text)) == {field: zh}
    with translation.override("en"):
        assert wrong(sent(text)) == {field: en}


def test_too_many_files_are_told() -> None:
    assert set(wrong(sent("", "a", "b", "c"))) == {"files"}


def test_what_was_typed_stays_in_the_form_and_a_password_never_does() -> None:
    form = sent("name=" + "长" * 12 + "&day=2026-02-30&password=secret")
    assert not form.is_valid()
    assert (form["name"].shown, form["day"].shown, form["password"].shown) == ("长" * 12, "2026-02-30", "")


def test_a_refusal_of_the_action_stands_beside_its_field_and_of_no_field_above_all() -> None:
    form = sent("")
    assert form.is_valid()
    with form.refusals({"why": "words"}):
        raise Refused(
            Refusal("x.name", "换一个名称。", "Another name.", "name"),
            Refusal("x.why", "说明理由。", "Say why.", "why"),
            Refusal("x.state", "已经办结。", "It is closed.", "state"),
        )
    with translation.override("zh-hans"):
        told = [(each["field"], each["label"]) for each in form.problems]
    assert told == [("", ""), ("name", "名称"), ("words", "说明")]
    assert (form.status, form.has_code("x.name"), form.has_code("x.state")) == (422, True, False)


@pytest.mark.parametrize("code", ["access.missing", "fact.absent"])
def test_refused_access_and_absence_are_no_matter_of_the_form(code: str) -> None:
    form = sent("")
    assert form.is_valid()
    with pytest.raises(Refused), form.refusals():
        raise Refused(Refusal(code, "没有。", "No."))
    assert form.status == 200


def test_a_form_is_bound_where_it_was_sent_and_begins_with_what_the_page_says() -> None:
    asked, posted = RequestFactory().get("/"), RequestFactory().post("/", {"name": "甲"})
    assert (
        EveryForm.of(asked, name="乙", day=dt.date(2026, 3, 31))["day"].shown == "2026-03-31"
    )  # no middleware before it
    form = EveryForm.of(posted, name="乙")  # the same
    assert (form.is_bound, form["name"].shown) == (True, "甲")


def test_the_fields_of_the_book_make_a_form() -> None:
    fields = [
        inputs.BookField("area", "Area", most=3, begins="一区"),
        inputs.BookField("note", "Note", long=True, needed=False),
    ]
    assert inputs.BookForm(fields)["area"].shown == "一区"
    assert inputs.BookForm(fields, QueryDict("note=a"))["area"].shown == "一区", "a field that was not sent stays"
    form = inputs.BookForm(fields, QueryDict("area=一二三四&note=a%0Ab&other=x"))
    assert not form.is_valid()
    assert [each["field"] for each in form.problems] == ["area"]
    assert form.cleaned_data == {"note": "a\nb"}


@given(st.text(max_size=40))
def test_whatever_is_typed_is_text_within_its_bound_or_told(text: str) -> None:
    data = QueryDict(mutable=True)
    data["last"] = "2026-12-31"
    for name in ("name", "words", "day", "number", "ticked", "verdict", "entry"):
        data[name] = text
    form = EveryForm(data, MultiValueDict())
    form.is_valid()
    kept = form.cleaned_data
    assert len(kept.get("name", "")) <= 10
    assert len(kept.get("words", "")) <= 20
    assert len(kept["entry"]) <= 4
    assert kept.get("verdict", "") in ("", "upheld", "rejected")
    assert all(each["text"] for each in form.problems)
