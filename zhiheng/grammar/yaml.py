"""Reading a page of the book: YAML 1.2, positions kept, every mistake told with its line and what to write instead.

ruamel.yaml does the parsing. What a plain word means is decided here, by a table shorter than YAML's own, because the
usual one surprises people who write laws and codes:

=====================  ==============================================================
written                read as
=====================  ==============================================================
``true`` ``false``     bool (nothing else is: ``on``, ``yes``, ``no``, ``True`` are text)
``null`` ``~`` empty   None
``15`` ``-3``          int; ``0123`` stays text, leading zeros are part of a code
``0.5`` ``-2.5e3``     float
``2026-04-15``         ``datetime.date``, if there is such a day (30 February is refused)
anything else          text, and so is everything in quotes
a key                  text, however it looks
=====================  ==============================================================

Refused: a key given twice, a key that is not a word, anchors and aliases (``&a``, ``*a``, ``<<``), tags (``!!``),
several documents in one file. A page of the book says each thing once, in plain sight.

Models are validated by pydantic. All the errors of a page come back together, each as a :class:`BookError`. A
validator that wants to say it in both languages raises :class:`Wrong`.
"""

from __future__ import annotations

import datetime as dt
import re
import types
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML, cyaml
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from zhiheng.kernel.reasons import Refusal, Refused

Key = str | int
Where = tuple[Key, ...]
M = TypeVar("M", bound=BaseModel)

_INT: Final = re.compile(r"-?(0|[1-9][0-9]*)\Z")
_FLOAT: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+([eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)\Z")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_WORDS: Final[Mapping[str, bool | None]] = {"true": True, "false": False, "null": None, "~": None, "": None}
_MANY: Final = 12
# libyaml without what ruamel puts around it, which costs a third as much again.
_LIBYAML: Final[Any] = vars(cyaml)["CParser"]


@dataclass(frozen=True, slots=True)
class BookError(Refusal):
    """A mistake in the book: which file, which line, which field, and what to write instead.

    ``field`` is the path inside the page: ``parameters.objection_period.values.0.unit``.
    """

    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.place}{self.zh} {self.en}"

    @property
    def place(self) -> str:
        """'law/complaints.yaml:12 parameters.accept: ' for the head of a message."""
        line = f":{self.line}" if self.line else ""
        return f"{self.file}{line}{' ' + self.field if self.field else ''}: "


class BookRefused(Refused):
    """The page, or the book, cannot be used as it stands; ``errors`` holds every mistake found, not only the first."""

    def __init__(self, *errors: BookError) -> None:
        super().__init__(*errors)
        self.errors = errors

    def __str__(self) -> str:
        return "\n".join(map(str, self.errors))


class Wrong(ValueError):
    """Raised in a validator of a grammar model to say in both languages what is wrong and what to write instead."""

    def __init__(self, zh: str, en: str, code: str = "book.wrong") -> None:
        super().__init__(en)
        self.zh, self.en, self.code = zh, en, code


@dataclass(frozen=True, slots=True)
class Document:
    """A page as plain data (dict, list, str, int, float, bool, date, None) and the line of every entry in it.

    ``lines`` maps the path of an entry to its line, counted from 1; for an entry of a mapping, the line of its key.
    """

    file: str
    data: Any
    lines: Mapping[Where, int]

    def line(self, where: Sequence[Key] = ()) -> int:
        """The line of an entry, or of the nearest entry around it that the page has."""
        path = tuple(where)
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def error(self, where: Sequence[Key], zh: str, en: str, *, code: str = "book.wrong") -> BookError:
        """A mistake at an entry of this page, for checks that need more than one page."""
        text = _short(_value_at(self.data, where))
        return BookError(code, zh, en, ".".join(map(str, where)), text, file=self.file, line=self.line(where))

    def unknown_names(
        self,
        where: Sequence[Key],
        names: Iterable[str],
        known: Collection[str],
        zh: str,
        en: str,
        remedy: tuple[str, str] = ("请改成规则书中的名称", "use a name of the book"),
    ) -> Iterator[BookError]:
        """A mistake for each name that is none of those known, with the nearest that is; ``zh`` and ``en`` say what it
        should name.
        """
        for name in names:
            if name not in known:
                near = get_close_matches(name, known, n=1)
                yield self.error(
                    where,
                    f"没有名为“{name}”的{zh}{f'，是不是“{near[0]}”' if near else ''}；{remedy[0]}。",
                    f"There is no {en} {name!r}{f', did you mean {near[0]}' if near else ''}; {remedy[1]}.",
                )


def read(path: Path, *, root: Path | None = None) -> Document:
    """The page as plain data with positions. ``root`` shortens the file's name in messages.

    Raises BookRefused where the file cannot be read as a page of the book.
    """
    file = path.relative_to(root).as_posix() if root is not None else path.as_posix()
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as cause:
        raise BookRefused(
            BookError(
                "book.encoding",
                "文件不是 UTF-8 编码；请另存为 UTF-8。",
                "The file is not UTF-8; save it as UTF-8.",
                file=file,
            )
        ) from cause
    except OSError as cause:
        raise BookRefused(
            BookError(
                "book.unreadable",
                f"文件读不出来（{cause.strerror}）；请检查文件名和权限。",
                f"The file cannot be read ({cause.strerror}); check its name and its permissions.",
                file=file,
            )
        ) from cause
    return read_text(text, file=file)


def read_text(text: str, *, file: str = "") -> Document:
    """The same for a page that is already in memory."""
    try:
        builder = _built(text, file)
    except MarkedYAMLError as cause:
        mark = cause.problem_mark or cause.context_mark
        raise BookRefused(
            BookError(
                "book.syntax",
                f"YAML 写法有误（{cause.problem or cause.context}）；请检查这一行及上一行的缩进、冒号和引号。",
                f"This is not YAML ({cause.problem or cause.context}); check the indent, colon and quotes of this line "
                "and the one above.",
                file=file,
                line=mark.line + 1 if mark is not None else 0,
            )
        ) from cause
    except YAMLError as cause:
        raise BookRefused(
            BookError(
                "book.syntax",
                f"YAML 写法有误（{cause}）；请删去不可见的控制字符。",
                f"This is not YAML ({cause}); delete invisible control characters.",
                file=file,
            )
        ) from cause
    if builder.errors:
        raise BookRefused(*builder.errors)
    return Document(file, builder.root, builder.lines)


def _built(text: str, file: str) -> _Builder:
    """What libyaml reads, eight times as fast; what it refuses (it knows YAML 1.1 only) is for ruamel's own parser to
    judge.
    """
    builder = _Builder(file)
    parser = _LIBYAML(text)
    try:
        while (event := parser.get_event()) is not None:
            builder.take(event)
    except YAMLError:
        builder = _Builder(file)
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    return builder


def validated(model: type[M], source: Path | Document, *, root: Path | None = None, under: Where = ()) -> M:
    """The page (or the part of it ``under`` a path) as an instance of a grammar model.

    Raises BookRefused with every mistake of the page, in the order of its lines.
    """
    document = source if isinstance(source, Document) else read(source, root=root)
    try:
        return model.model_validate(_value_at(document.data, under))
    except ValidationError as cause:
        raise BookRefused(*_told(model, document, under, cause)) from cause


class _Builder:
    """Builds plain data out of parser events, noting the line of each entry."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Any = None
        self.lines: dict[Where, int] = {}
        self.errors: list[BookError] = []
        self._path: list[Key] = []
        self._stack: list[tuple[Any, str | None]] = []  # container, pending key
        self._documents = 0

    def take(self, event: Any) -> None:
        """One event of the parser."""
        kind = type(event)
        if kind is ScalarEvent:
            self._scalar(event)
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            self._open(event, {} if kind is MappingStartEvent else [])
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            self._stack.pop()
            self._closed()
        elif kind is AliasEvent:
            self._refuse(
                event,
                "book.alias",
                f"书中不用别名 *{event.anchor}；请把内容原样写在这里。",
                f"Aliases such as *{event.anchor} are not used in a book; write the content here.",
            )
            self._scalar(event, is_alias=True)
        elif kind is DocumentStartEvent:
            self._documents += 1
            if self._documents == 2:
                self._refuse(
                    event,
                    "book.documents",
                    "一个文件只写一页；请删去“---”分隔线，把后面的内容另存为一个文件。",
                    "One file is one page; remove the line '---' and move what follows into a file of its own.",
                )

    def _open(self, event: Any, container: Any) -> None:
        self._check_marks(event)
        if self._stack and isinstance(self._stack[-1][0], dict) and self._stack[-1][1] is None:
            self._refuse(
                event,
                "book.key",
                "键必须是一个词，不能是列表或映射；请改写成“名称: 内容”。",
                "A key must be a word, not a list or a mapping; write 'name: content'.",
            )
            # From here on keys and values could not be told apart any more, so reading stops.
            raise BookRefused(*self.errors)
        self._put(event, container)
        self._stack.append((container, None))

    def _closed(self) -> None:
        """After a value inside a container is complete, its key or index leaves the path."""
        if self._path and self._stack:
            self._path.pop()
            container, _ = self._stack[-1]
            if isinstance(container, dict):
                self._stack[-1] = (container, None)

    def _scalar(self, event: Any, *, is_alias: bool = False) -> None:
        if not is_alias:
            self._check_marks(event)
        if self._stack and isinstance(self._stack[-1][0], dict) and self._stack[-1][1] is None:
            self._key(event, f"*{event.anchor}" if is_alias else event.value)
            return
        self._put(event, None if is_alias else self._value(event))
        self._closed()

    def _key(self, event: Any, key: str) -> None:
        container, _ = self._stack[-1]
        self._path.append(key)
        line = event.start_mark.line + 1
        if key == "":
            self._refuse(
                event, "book.key", "键是空的；请写上字段名。", "The key is empty; write the name of the field."
            )
        elif key == "<<":
            self._refuse(
                event,
                "book.alias",
                "书中不用合并键 <<；请把内容原样写在这里。",
                "Merge keys (<<) are not used in a book; write the content here.",
            )
        elif key in container:
            first = self.lines[tuple(self._path)]
            self._refuse(
                event,
                "book.twice",
                f"“{key}”写了两次（第 {first} 行已有）；请删去一个，或合并两处内容。",
                f"'{key}' is given twice (first on line {first}); delete one or join the two.",
            )
        else:
            self.lines[tuple(self._path)] = line
        self._stack[-1] = (container, key)

    def _put(self, event: Any, value: Any) -> None:
        if not self._stack:
            if self._documents < 2:
                self.root = value
                self.lines[()] = event.start_mark.line + 1
            return
        container, key = self._stack[-1]
        if isinstance(container, dict):
            container[key] = value
        else:
            self._path.append(len(container))
            self.lines[tuple(self._path)] = event.start_mark.line + 1
            container.append(value)

    def _value(self, event: Any) -> Any:
        text: str = event.value
        if event.style:  # quoted, or a block of text
            return text
        if text in _WORDS:
            return _WORDS[text]
        if not (text[0].isdigit() or text[0] == "-"):
            return text
        if _INT.match(text):
            return int(text)
        if _FLOAT.match(text):
            return float(text)
        if _DATE.match(text):
            try:
                return dt.date.fromisoformat(text)
            except ValueError:
                self._refuse(
                    event,
                    "book.date",
                    f"没有 {text} 这一天；请改正日期，若不是日期请加引号。",
                    f"There is no such day as {text}; correct it, or put it in quotes if it is not a date.",
                )
        return text

    def _check_marks(self, event: Any) -> None:
        if event.anchor is not None:
            self._refuse(
                event,
                "book.alias",
                f"书中不用锚点 &{event.anchor}；请删去它，并把引用处写全。",
                f"Anchors such as &{event.anchor} are not used in a book; remove it and write out what refers to it.",
            )
        if event.tag is not None:
            self._refuse(
                event,
                "book.tag",
                f"书中不用标签 {event.tag}；请删去它，文本请加引号。",
                f"Tags such as {event.tag} are not used in a book; remove it, and put text in quotes.",
            )

    def _refuse(self, event: Any, code: str, zh: str, en: str) -> None:
        field = ".".join(map(str, self._path))
        self.errors.append(BookError(code, zh, en, field, file=self.file, line=event.start_mark.line + 1))


def _told(model: type[BaseModel], document: Document, under: Where, cause: ValidationError) -> list[BookError]:
    """Pydantic's errors as book errors; the branches of one union at one entry become one error."""
    by_place: dict[tuple[Where, str], list[tuple[str, str, str]]] = {}
    for error in cause.errors(include_url=False):
        loc: tuple[Key, ...] = error["loc"]
        data = _value_at(document.data, under)
        where = _walk(data, loc)
        field = where
        if error["type"] == "missing":
            field = (*where, loc[-1])
        if error["type"] == "too_short" and _enough(error, _value_at(data, where)):
            continue
        told = _sentence(model, where, field, dict(error))
        kept = by_place.setdefault(((*under, *field), "missing" if error["type"] == "missing" else ""), [])
        if told not in kept:
            kept.append(told)
    errors = []
    for (field, _), sentences in by_place.items():
        code, zh, en = sentences[0]
        if len(sentences) > 1:
            zh = "不合下列任何一种写法：" + "".join(f"（{n}）{s[1]}" for n, s in enumerate(sentences, 1))
            en = "Fits none of these: " + " ".join(f"({n}) {s[2]}" for n, s in enumerate(sentences, 1))
        text = _short(_value_at(document.data, field))
        errors.append(
            BookError(code, zh, en, ".".join(map(str, field)), text, file=document.file, line=document.line(field))
        )
    return sorted(errors, key=lambda e: e.line)


def _sentence(model: type[BaseModel], where: Where, field: Where, error: Mapping[str, Any]) -> tuple[str, str, str]:
    kind: str = error["type"]
    ctx: Mapping[str, Any] = error.get("ctx") or {}
    given = _short(error.get("input"))
    code = f"book.{kind}"
    name = str(field[-1]) if field else ""
    if kind == "missing":
        about = _description(model, where, name)
        return (
            code,
            f"缺少“{name}”{f'（{about}）' if about else ''}；请补上“{name}: …”。",
            f"'{name}' is missing{f' ({about})' if about else ''}; add '{name}: …'.",
        )
    if kind == "extra_forbidden":
        known = _names(model, where[:-1])
        near = get_close_matches(name, known, n=1)
        hint_zh = f"是不是“{near[0]}”？" if near else ""
        hint_en = f"Did you mean '{near[0]}'? " if near else ""
        return (
            code,
            f"这里没有“{name}”这个字段。{hint_zh}可用的字段：{_listed(known, '、')}；请改名或删去。",
            f"There is no field '{name}' here. {hint_en}Fields: {_listed(known, ', ')}; rename or delete it.",
        )
    if kind in ("value_error", "assertion_error"):
        wrong = ctx.get("error")
        if isinstance(wrong, Wrong):
            return wrong.code, wrong.zh, wrong.en
        message = str(wrong) if wrong is not None else str(error["msg"])
        return code, f"内容有误：{message}；请按提示改正。", f"{message[:1].upper()}{message[1:]}"
    if kind in ("literal_error", "enum"):
        expected = str(ctx.get("expected", "")).replace(" or ", ", ").replace("'", "")
        near = get_close_matches(given, expected.split(", "), n=1)
        hint_zh, hint_en = (f"是不是“{near[0]}”？", f"Did you mean '{near[0]}'? ") if near else ("", "")
        return (
            code,
            f"“{given}”不在可选值之中。{hint_zh}请写其中之一：{expected}。",
            f"'{given}' is not one of the choices. {hint_en}Write one of: {expected}.",
        )
    if kind == "string_type" and isinstance(error.get("input"), int | float | bool | dt.date):
        return (
            code,
            f'这里要文本，写成 {given} 会被读作数字、日期或真假值；请加引号："{given}"。',
            f'Text is wanted here, and {given} reads as a number, a day or true/false; put it in quotes: "{given}".',
        )
    if kind == "string_pattern_mismatch":
        return (
            code,
            f"“{given}”的写法不对；请按此格式书写：{ctx.get('pattern')}。",
            f"'{given}' is not written as it should be; keep to the pattern {ctx.get('pattern')}.",
        )
    template = _TEMPLATES.get(kind)
    if template is not None:
        zh, en = template
        limits = {key: str(value) for key, value in ctx.items()}
        return code, zh.format(given=given, **limits), en.format(given=given, **limits)
    return (
        code,
        f"“{given}”不合要求（{error['msg']}）；请改正。",
        f"'{given}' does not fit: {error['msg']}; correct it.",
    )


def sentence_of(error: Mapping[str, Any]) -> tuple[str, str]:
    """What pydantic says of a value that stands in no book (a parameter of the interface), in both languages."""
    if error["type"] == "missing":
        return "没有给出；请补上", "It is missing; add it."
    if error["type"] == "extra_forbidden":
        return "没有这个参数；请去掉", "There is no such parameter; leave it out."
    if error["type"] == "json_invalid":
        return (
            "内容不是有效的 JSON；请检查引号、逗号和括号",
            "It is no valid JSON; look at its quotes, commas and brackets.",
        )
    _, zh, en = _sentence(BaseModel, (), (), error)
    return zh.removesuffix("。"), en


_WANTS: Final[Mapping[tuple[str, ...], tuple[str, str]]] = {
    ("string_type",): ("文本", "text"),
    ("int_type", "int_parsing", "int_from_float"): ("整数，例如 15", "a whole number such as 15"),
    ("float_type", "float_parsing", "decimal_type", "decimal_parsing"): ("数字，例如 0.5", "a number such as 0.5"),
    ("bool_type", "bool_parsing"): ("true 或 false", "true or false"),
    ("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"): (
        "日期，例如 2026-04-15",
        "a day such as 2026-04-15",
    ),
    ("datetime_type", "datetime_parsing", "datetime_from_date_parsing"): (
        "日期和时刻，例如 2026-04-15T09:30",
        "a day and time such as 2026-04-15T09:30",
    ),
    ("list_type", "tuple_type", "set_type", "frozen_set_type"): ("列表：[甲, 乙]", "a list: [a, b]"),
    ("dict_type", "model_type", "model_attributes_type", "mapping_type", "dataclass_type"): (
        "映射，形如“名称: 内容”",
        "a mapping such as 'name: content'",
    ),
    ("none_required",): ("空值（不写内容）", "nothing"),
}
_TEMPLATES: Final[dict[str, tuple[str, str]]] = {
    kind: (f"这里要{zh}，不能写“{{given}}”；请改写。", f"This wants {en}, not '{{given}}'; rewrite it.")
    for kinds, (zh, en) in _WANTS.items()
    for kind in kinds
} | {
    "greater_than": ("{given} 太小；请写大于 {gt} 的数。", "{given} is too small; write a number above {gt}."),
    "greater_than_equal": ("{given} 太小；请写不小于 {ge} 的数。", "{given} is too small; write {ge} or more."),
    "less_than": ("{given} 太大；请写小于 {lt} 的数。", "{given} is too large; write a number below {lt}."),
    "less_than_equal": ("{given} 太大；请写不大于 {le} 的数。", "{given} is too large; write {le} or less."),
    "string_too_short": (
        "“{given}”太短；至少写 {min_length} 个字符。",
        "'{given}' is too short; write at least {min_length} character(s).",
    ),
    "string_too_long": (
        "“{given}”太长；至多写 {max_length} 个字符。",
        "'{given}' is too long; write at most {max_length} character(s).",
    ),
    "too_short": (
        "项数不够（现有 {actual_length} 项）；至少写 {min_length} 项。",
        "Too few entries ({actual_length}); write at least {min_length}.",
    ),
    "too_long": (
        "项数太多（现有 {actual_length} 项）；至多写 {max_length} 项。",
        "Too many entries ({actual_length}); write at most {max_length}.",
    ),
}


def _enough(error: Mapping[str, Any], value: Any) -> bool:
    """Whether an error of pydantic is already reported otherwise: a list is called too short when its entries
    failed.
    """
    return hasattr(value, "__len__") and len(value) >= error["ctx"]["min_length"]


def _has(node: Any, part: Key) -> bool:
    """Whether a part of a path exists inside plain data."""
    if isinstance(node, dict):
        return part in node
    return isinstance(node, list) and isinstance(part, int) and 0 <= part < len(node)


def _walk(data: Any, loc: Iterable[Key]) -> Where:
    """The part of pydantic's location that exists in the page (it also names union branches and validators)."""
    where: list[Key] = []
    node = data
    for part in loc:
        if _has(node, part):
            node = node[part]
            where.append(part)
    return tuple(where)


def _value_at(data: Any, where: Iterable[Key]) -> Any:
    node = data
    for part in where:
        if not _has(node, part):
            return None
        node = node[part]
    return node


def _short(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _listed(names: Sequence[str], between: str) -> str:
    more = f"{between}…" if len(names) > _MANY else ""
    return between.join(names[:_MANY]) + more


def _models_at(annotation: Any, where: Sequence[Key]) -> list[type[BaseModel]]:
    """The models that an annotation allows at a path inside it."""
    origin = get_origin(annotation)
    args = get_args(annotation)
    if origin is Annotated:
        return _models_at(args[0], where)
    if origin in (Union, types.UnionType):
        return [model for arg in args for model in _models_at(arg, where)]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if not where:
            return [annotation]
        for name, info in annotation.model_fields.items():
            if where[0] in (name, info.alias):
                return _models_at(info.annotation, where[1:])
        return []
    if origin is None or not where or not isinstance(origin, type):
        return []
    if issubclass(origin, Mapping):
        return _models_at(args[1], where[1:])
    if issubclass(origin, Sequence | AbstractSet):
        return [model for arg in args if arg is not Ellipsis for model in _models_at(arg, where[1:])]
    return []


def _names(model: type[BaseModel], where: Sequence[Key]) -> list[str]:
    return [info.alias or name for found in _models_at(model, where) for name, info in found.model_fields.items()]


def _description(model: type[BaseModel], where: Sequence[Key], name: str) -> str:
    for found in _models_at(model, where):
        for field, info in found.model_fields.items():
            if name in (field, info.alias):
                return info.description or ""
    return ""
