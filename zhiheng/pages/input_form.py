"""What somebody sends with a form, typed and bounded before a view reads it.

Every form of the house is an ``InputForm``, declared in the ``forms.py`` of its area. It normalises texts
(``kernel.text_input``), bounds their length, and reads days and numbers. What an action refuses stays the action's own
rule: a form repeats none of it, and takes the sentence of the refusal to the field that it is about::

    form = ReasonForm.of(request)
    if form.is_valid():
        with form.refusals():
            withdraw_fact(number, reason=form.cleaned_data["reason"], call=call_of(request))
            return redirect(...)
    return render(request, ..., {"form": form, "errors": form.problems}, status=form.status)

``{% field form.reason %}`` writes a field; ``pages/parts/error_summary.html`` what is wrong above it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self, TypeVar, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms.boundfield import BoundField
from django.utils.datastructures import MultiValueDict

from zhiheng.kernel.parse_params import FIRST_DAY, LAST_DAY, day_in, number_in
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.kernel.text_input import one_line, paragraphs
from zhiheng.pages.http import PageRequest
from zhiheng.pages.refused import of_what_was_typed
from zhiheng.pages.words import label, say_later

T = TypeVar("T")
# (value, word) for each choice of a list.
Options = Sequence[tuple[Any, str]]

# The longest text of one line, and the longest text of several, where a form says nothing else.
LINE, TEXT = 200, 5_000
_TOO_LONG = say_later(
    "最多 %(limit_value)d 个字，现在是 %(show_value)d 个；请缩短后再提交。",
    "At most %(limit_value)d characters, not %(show_value)d; shorten it and send it again.",
)
_NO_DAY = say_later(
    f"不是有效的日期；请写成 2026-03-31，且在 {FIRST_DAY} 至 {LAST_DAY} 之间。",
    f"This is no valid day; write it as 2026-03-31, between {FIRST_DAY} and {LAST_DAY}.",
)
_NO_NUMBER = say_later("应为数字；请从页面上重新选择。", "This is no number; choose again on the page.")
_NO_CHOICE = say_later(
    "不在可选的范围内；请从页面上重新选择。", "This is none of the choices; choose again on the page."
)
_TOO_MANY = say_later("最多 %(limit_value)d 项；请分几次提交。", "At most %(limit_value)d; send them by and by.")


class _Asked(forms.Field):
    """What all fields have in common.

    ``zh``, ``en``: what the page calls the field. ``needed``: whether the page asks for it: True marks it in the
    browser, False says that it may be left out, None says neither. What happens where it is missing is the action's to
    say, unless the form gives its own sentence (``missing``), which a day or a number needs: an action can be asked
    with none only where the type allows it. ``wrong``: the sentence where the text can't be read at all.
    """

    kind = "text"
    default_wrong: str = ""

    def __init__(
        self,
        zh: str = "",
        en: str = "",
        *,
        needed: bool | None = False,
        missing: str | None = None,
        wrong: str | None = None,
        hint: str = "",
        kind: str | None = None,
        autocomplete: str = "",
        short: bool = False,
        field_id: str = "",
    ) -> None:
        said: dict[str, Any] = {
            "invalid": wrong or missing or self.default_wrong,
            "max_length": _TOO_LONG,
            "most": _TOO_MANY,
        }
        if missing is not None:
            said["required"] = missing
        super().__init__(
            label=say_later(zh, en),
            help_text=hint,
            required=missing is not None,
            error_messages=said,
        )
        self.needed = needed
        self.kind = kind or self.kind
        self.autocomplete, self.short, self.field_id = autocomplete, short, field_id
        self.options: Options = ()

    def _refuse(self, code: str, **params: Any) -> forms.ValidationError:
        return forms.ValidationError(self.error_messages[code], code=code, params=params)


class LineField(_Asked):
    """A text of one line of at most ``most`` characters."""

    def __init__(self, zh: str = "", en: str = "", *, most: int = LINE, **words: Any) -> None:
        super().__init__(zh, en, **words)
        self.most = most

    def to_python(self, value: Any) -> str:
        text = self.plain(str(value or ""))
        if len(text) > self.most:
            raise self._refuse("max_length", limit_value=self.most, show_value=len(text))
        return text

    def plain(self, text: str) -> str:
        """The text as it may be kept."""
        return one_line(text)


class ParagraphsField(LineField):
    """A text of several lines."""

    kind = "textarea"

    def __init__(self, zh: str = "", en: str = "", *, most: int = TEXT, **words: Any) -> None:
        super().__init__(zh, en, most=most, **words)

    def plain(self, text: str) -> str:
        return paragraphs(text)


class VerbatimField(LineField):
    """A text that is compared with one that came from elsewhere, to the last space."""

    def plain(self, text: str) -> str:
        return text


class SecretField(VerbatimField):
    """A password: not a character of it is changed, and no page ever shows it again."""

    kind = "password"


class ChoiceField(LineField):
    """One of the choices that a page offers (``InputForm.offer``); whether it may be chosen is the action's to say."""

    kind = "select"


class OneOfField(LineField):
    """One of the words that the page itself knows: a verdict, a format."""

    kind = "radio"
    default_wrong = _NO_CHOICE

    def __init__(self, zh: str = "", en: str = "", *, of: Iterable[str], **words: Any) -> None:
        super().__init__(zh, en, **words)
        self.of = tuple(of)

    def to_python(self, value: Any) -> str:
        text = self.plain(str(value or ""))
        if text and text not in self.of:
            raise self._refuse("invalid")
        return text


class CarriedField(LineField):
    """What the page itself wrote into a hidden field. Nobody types it, so nobody is told of its length: an id that was
    cut names nothing, and the action says so.
    """

    kind = "hidden"

    def to_python(self, value: Any) -> str:
        return str(value or "")[: self.most]


class DayField(_Asked):
    """A day, written 2026-03-31; None where it is left out. ``any_day``: also one so far away that only the action can
    say what is wrong with it.
    """

    kind = "date"
    default_wrong = _NO_DAY

    def __init__(self, zh: str = "", en: str = "", *, any_day: bool = False, **words: Any) -> None:
        super().__init__(zh, en, **words)
        self.any_day = any_day

    def to_python(self, value: Any) -> dt.date | None:
        text = str(value or "").strip()
        day = self._read(text)
        if text and day is None:
            raise self._refuse("invalid")
        return day

    def _read(self, text: str) -> dt.date | None:
        if not self.any_day:
            return day_in(text)
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            return None


class NumberField(_Asked):
    """The number of something that is chosen; None where it is left out."""

    kind = "select"
    default_wrong = _NO_NUMBER

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip()
        if text and number_in(text) is None:
            raise self._refuse("invalid")
        return number_in(text)


class _Several(_Asked):
    """Ticked boxes of one name."""

    kind = "ticks"
    widget = forms.MultipleHiddenInput

    def __init__(self, zh: str = "", en: str = "", *, most: int, cut: bool = False, **words: Any) -> None:
        super().__init__(zh, en, **words)
        self.most, self.cut = most, cut

    def _bounded(self, values: list[T]) -> list[T]:
        if len(values) > self.most and not self.cut:
            raise self._refuse("most", limit_value=self.most)
        return values[: self.most]


class TicksField(_Several):
    """The words that were ticked."""

    def to_python(self, value: Any) -> list[str]:
        return self._bounded([one_line(str(each)[:LINE]) for each in value or ()])


class NumbersField(_Several):
    """The numbers that were ticked, in their order; what is no number was not on the page."""

    def to_python(self, value: Any) -> list[int]:
        return self._bounded(sorted({n for each in value or () if (n := number_in(str(each))) is not None}))


class _FilesWidget(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: MultiValueDict[str, UploadedFile[Any]], name: str) -> Any:
        return files.getlist(name)


class FilesField(_Asked):
    """The files that were chosen: a list, empty where there are none. What is in them is the action's to judge."""

    kind = "file"
    widget = _FilesWidget

    def __init__(self, zh: str = "", en: str = "", *, most: int, too_many: str | None = None, **words: Any) -> None:
        super().__init__(zh, en, **words)
        self.most = most
        if too_many is not None:
            self.error_messages["most"] = too_many

    def to_python(self, value: Any) -> list[UploadedFile[Any]]:
        files = list(value or ())
        if len(files) > self.most:
            raise self._refuse("most", limit_value=self.most)
        return files


class PageField(BoundField):
    """A field on its page: what ``pages/parts/field.html`` shows of it."""

    field: _Asked

    @property
    def auto_id(self) -> str:
        """The id of the field on its page; ``field_id`` where the page has two of one name."""
        return self.field.field_id or str(super().auto_id)

    @property
    def id_for_label(self) -> str:
        """Where a link of the summary leads: the field, or the group of boxes."""
        return self.auto_id

    @property
    def shown(self) -> Any:
        """What stands in it: as it was typed; what the page begins with where it was not sent, too."""
        if self.field.kind in ("password", "file"):
            return ""
        value = self.value() if not self.form.is_bound or self.html_name in self.form.data else self.initial
        return "" if value is None else value.isoformat() if isinstance(value, dt.date) else value

    @property
    def problem(self) -> str:
        """What is wrong with it, in words."""
        return " ".join(str(each) for each in self.errors)

    @property
    def parts(self) -> dict[str, Any]:
        """The words of the template of a field."""
        field = self.field
        return {
            "name": self.html_name,
            "field_id": self.auto_id,
            "label": self.label,
            "type": field.kind,
            "value": self.shown,
            "options": field.options,
            "hint": field.help_text,
            "required": "" if field.needed is None else field.needed,
            "error": self.problem,
            "autocomplete": field.autocomplete,
            "short": field.short,
        }


class InputForm(forms.Form):
    """A form of the house: bound to what was sent, or with what its page begins with."""

    bound_field_class = PageField
    # What an action refused; None where the form was not sent, or not taken by the form itself.
    refused: Refused | None = None

    def __getitem__(self, name: str) -> PageField:
        return cast(PageField, super().__getitem__(name))

    def __iter__(self) -> Iterator[PageField]:
        return iter([self[name] for name in self.fields])

    @classmethod
    def of(cls, request: PageRequest, **begins: Any) -> Self:
        """The form of a request: bound where it was sent, else showing what it begins with."""
        if request.method == "POST":
            return cls(request.POST, request.FILES)
        return cls(initial=begins)

    @classmethod
    def asked(cls, request: PageRequest) -> Self:
        """The form of a request that may as well say in its address what it asks for: always bound."""
        return cls(request.POST if request.method == "POST" else request.GET)

    def offer(self, **options: Options) -> Self:
        """Give fields their choices, as a page lists them."""
        for name, choices in options.items():
            field = self.fields[name]
            assert isinstance(field, _Asked)  # every field of an InputForm is one
            field.options = choices
        return self

    @contextmanager
    def refusals(self, fields: Mapping[str, str] = MappingProxyType({}), *, absent: bool = False) -> Iterator[None]:
        """What an action refuses of what was typed stands beside its field; refused access passes, and absence unless
        ``absent`` says that it is told on the page. ``fields``: as in ``take``.
        """
        try:
            yield
        except Refused as refused:
            if not of_what_was_typed(refused) and not (absent and refused.refusals[0].code.endswith(".absent")):
                raise
            self.take(refused.refusals, fields)

    def take(self, refusals: Sequence[Refusal], fields: Mapping[str, str] = MappingProxyType({})) -> None:
        """Each refusal beside its field; ``fields`` says which field of the form another word of the action means."""
        self.refused, typed = Refused(*refusals), dict(self.cleaned_data)
        for refusal in refusals:
            name = fields.get(refusal.field, refusal.field)
            error = forms.ValidationError(label(refusal), code=refusal.code)
            self.add_error(name if name in self.fields else None, error)
        # Django takes the value away with the error; what was typed could be read nevertheless.
        self.cleaned_data = typed

    def has_code(self, *codes: str) -> bool:
        """Whether an action refused with one of these codes."""
        return self.refused is not None and self.refused.refusals[0].code in codes

    @property
    def problems(self) -> list[dict[str, str]]:
        """What is wrong, for the summary above the page: sentences with the field and what the page calls it."""
        told = [{"field": "", "label": "", "text": str(text)} for text in self.non_field_errors()]
        for field in self:
            told += [
                {"field": field.auto_id.removeprefix("id_"), "label": str(field.label), "text": str(text)}
                for text in field.errors
            ]
        return told

    @property
    def loose(self) -> list[dict[str, str]]:
        """What is wrong and stands beside no field, for a page that has no summary of the rest."""
        hidden = {field.name for field in self if field.field.kind == "hidden"}
        return [each for each in self.problems if not each["field"] or each["field"] in hidden]

    @property
    def status(self) -> int:
        """Of the answer: 422 where the form comes back, else 200."""
        return 422 if self.errors else 200


class ReasonForm(InputForm):
    """Why somebody does what a button does."""

    reason = LineField("理由", "Reason", most=500, needed=True)


@dataclass(frozen=True, slots=True)
class BookField:
    """A field that the book asks for: name, what it is called, bound of its length, hint, and what stands in it."""

    name: str
    label: str
    most: int = LINE
    needed: bool = True
    long: bool = False
    verbatim: bool = False
    hint: str = ""
    begins: str = ""


class BookForm(InputForm):
    """A form whose fields the book names: the blanks of an undertaking, the texts of a row."""

    def __init__(self, asked: Iterable[BookField], *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        declared = dict(self.fields)
        self.fields.clear()
        for each in asked:
            kind = VerbatimField if each.verbatim else ParagraphsField if each.long else LineField
            self.fields[each.name] = kind(
                each.label,
                each.label,
                most=each.most,
                needed=each.needed,
                hint=each.hint,
                kind="textarea" if each.long else None,
            )
            if each.begins:
                self.initial.setdefault(each.name, each.begins)
        # What the form itself asks for comes behind what the book does.
        self.fields.update(declared)

    @property
    def sent(self) -> dict[str, Any]:
        """What was sent, as it was cleaned: a field that was not sent is not among it."""
        return {name: value for name, value in self.cleaned_data.items() if name in self.data}
