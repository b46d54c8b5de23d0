"""``zhiheng book``: check a book, list it, report unverified law, write JSON Schemas for editors."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import orjson

from zhiheng.cli import output
from zhiheng.cli.session import json_option, now, open_book


@click.group()
def book() -> None:
    """规则书：检查、列出、核对依据。 The book: check it, list it, report its law."""


@book.command()
@json_option
def check(as_json: bool) -> None:
    """检查规则书的每一页，逐条指出错误。 Check every page; each mistake with file, line, field and what to write."""
    from zhiheng.engines.examples import failures as example_failures
    from zhiheng.engines.publication import example_failures as publication_failures
    from zhiheng.grammar import chapters
    from zhiheng.grammar.yaml import BookRefused

    try:
        found = open_book()
        checked = chapters.check_rest(found)
        examples = [*example_failures(found), *publication_failures(found)]
    except BookRefused as refused:
        if as_json:
            output.show_json(
                [{"file": e.file, "line": e.line, "field": e.field, "zh": e.zh, "en": e.en} for e in refused.errors]
            )
        else:
            for error in refused.errors:
                output.say(str(error))
        output.say(f"共 {len(refused.errors)} 处错误 / {len(refused.errors)} mistakes")
        sys.exit(1)
    if as_json:
        output.show_json(
            {"records": len(found.records), "indicators": len(found.indicators), **checked, "failures": examples}
        )
    else:
        for failure in examples:
            output.say(failure)
        click.echo(
            f"{len(found.records)} 种记录，{len(found.indicators)} 个指标，{checked['law_parameters']} 个法律参数，"
            f"{checked['calendar_years']} 年日历，{checked['terms']} 条术语，全部正确 / the whole book is sound"
        )
    if examples:
        output.say(f"{len(examples)} 个样例不符 / {len(examples)} examples fail")
        sys.exit(1)


@book.command("list")
@json_option
def list_(as_json: bool) -> None:
    """列出记录类型和来源。 List record types and their sources."""
    found = open_book()
    rows = [
        (entry.id, entry.record.label.zh, entry.record.label.en, entry.department, ", ".join(entry.sources))
        for entry in found.records.values()
    ]
    if as_json:
        output.show_json([dict(zip(("record", "zh", "en", "department", "sources"), row, strict=True)) for row in rows])
    else:
        output.show_table(("record", "记录", "label", "department", "sources"), rows)


@book.command()
@json_option
@click.option(
    "--months", default=12, show_default=True, help="多少个月未复核算陈旧 / months after which a check is stale"
)
def report(as_json: bool, months: int) -> None:
    """列出尚未核对或久未复核的依据。 List law that nobody has checked, or not for long."""
    from zhiheng.grammar import chapters

    found = open_book()
    rows = chapters.unchecked(found, now().date(), months)
    if as_json:
        output.show_json(
            [dict(zip(("page", "name", "text", "article", "checked", "lead"), row, strict=True)) for row in rows]
        )
        return
    output.show_table(("页 page", "名称 name", "文本 text", "条 article", "核对 checked", "线索 lead"), rows)
    click.echo(f"{len(rows)} 处尚待核对 / {len(rows)} citations to check")


@book.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@json_option
def schemas(folder: Path, as_json: bool) -> None:
    """为编辑器写出 JSON Schema。 Write JSON Schemas for editors, generated from the grammar's own models."""
    from zhiheng.grammar import chapters

    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for name, model in chapters.models().items():
        names.append(f"{name}.schema.json")
        (folder / f"{name}.schema.json").write_bytes(
            orjson.dumps(model.model_json_schema(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        )
    output.show_done(names, "\n".join(names), as_json)
