"""``zhiheng book``: check a book, list it, report unverified law, write JSON Schemas for editors."""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from zhiheng.cli import output, refusals
from zhiheng.cli.session import DAY, json_option, now, open_book, operator_call, set_up, writing_call
from zhiheng.kernel.reasons import Refused

if TYPE_CHECKING:
    from zhiheng.grammar.book import Book
    from zhiheng.grammar.yaml import BookError

# The parts of the report, in this order.
REPORTED = {
    "absent": ("文本中没有所引的条文", "articles that do not exist in their text"),
    "never": ("从未与原文核对", "never checked against the text"),
    "old": ("核对已久", "checked long ago"),
    "edition": ("施行日期未见原文", "day in force not seen in the text"),
    "no_link": ("没有官方网页或数据库", "no official page or database"),
}


# What of a case is compared under two books, in words.
TRIED = {
    "unread": ("无法推算", "can't be worked out"),
    "states": ("状态", "states"),
    "holder": ("承办单位", "held by"),
    "due": ("到期", "due"),
    "act": ("可办", "possible act"),
    "irregular": ("不合规定的记录", "irregular line"),
}


def _told(error: BookError) -> dict[str, str | int]:
    """A mistake or a hint for programs."""
    return {"file": error.file, "line": error.line, "field": error.field, "zh": error.zh, "en": error.en}


@click.group()
def book() -> None:
    """规则书：检查、列出、核对依据。 The book: check it, list it, report its law."""


@book.command()
@json_option
def check(as_json: bool) -> None:
    """检查规则书的每一页，逐条指出错误。 Check every page; each mistake with file, line, field and what to write."""
    from zhiheng.engines.book_check import book_failures
    from zhiheng.grammar import book_checks
    from zhiheng.grammar.yaml import BookRefused

    try:
        found = open_book()
        checked = book_checks.check(found)
        hints = book_checks.hints(found)
        wrong = list(book_failures(found))
    except BookRefused as refused:
        if as_json:
            output.show_json([_told(error) for error in refused.errors])
        else:
            for error in refused.errors:
                output.say(str(error))
        output.say(f"共 {len(refused.errors)} 处错误 / {len(refused.errors)} mistakes")
        sys.exit(1)
    if as_json:
        output.show_json({**checked, "failures": wrong, "hints": [_told(hint) for hint in hints]})
    else:
        for hint in hints:
            output.say(f"提示 hint: {hint}")
        for failure in wrong:
            output.say(failure)
        counted = (
            f"{checked['records']} 种记录，{checked['indicators']} 个指标，{checked['law_parameters']} 个法律参数，"
            f"{checked['calendar_years']} 年日历，{checked['terms']} 条术语，{checked['workflows']} 个工作流的 "
            f"{checked['stories']} 个故事，{checked['case_documents']} 种案件文书"
        )
        click.echo(f"{counted}，全部正确 / the whole book is sound" if not wrong else f"已检查 {counted} / checked")
    if wrong:
        output.say(
            f"{len(wrong)} 处与书中所写不符；请改样例（故事），或者改它所试的那一页 / {len(wrong)} examples, stories "
            "or papers don't come out as written; change them, or the page that they try"
        )
        sys.exit(1)


@book.command("list")
@json_option
def list_(as_json: bool) -> None:
    """列出记录类型和来源。 List record types and their sources."""
    from zhiheng.grammar.chapters.records import RECORDS

    found = open_book()
    rows = [
        (entry.id, entry.record.label.zh, entry.record.label.en, entry.department, ", ".join(entry.sources))
        for entry in found[RECORDS].values()
    ]
    if as_json:
        output.show_json([dict(zip(("record", "zh", "en", "department", "sources"), row, strict=True)) for row in rows])
    else:
        output.show_table(("record", "记录", "label", "department", "sources"), rows)


@click.command()
@click.argument("record")
@click.option(
    "--source", default="standard", show_default=True, help="按哪个来源的表样 / in the layout of which source"
)
@click.option("--out", type=click.Path(path_type=Path), help="写到哪个文件 / the file to write")
@click.option("--english", is_flag=True, help="填表说明用英文 / notes in English")
@json_option
def template(record: str, source: str, out: Path | None, english: bool, as_json: bool) -> None:
    """写出一种记录的空白表样（表头、下拉、示例、填表说明）。 Write the blank form of a record: headings, drop-downs,
    examples, notes.
    """
    from zhiheng.engines.blank_forms import blank_form
    from zhiheng.reading.blank_forms import write_blank_form

    form = blank_form(open_book(), record, source)
    if form is None:
        raise Refused(refusals.record_or_source_absent(record, source=source))
    path = out or Path(form.file_name)
    path.write_bytes(write_blank_form(form, language="en" if english else "zh"))
    output.show_done(
        {"file": str(path), "columns": len(form.columns), "examples": len(form.examples)},
        f"已写出 {path}：{len(form.columns)} 列，{len(form.examples)} 行示例 / {len(form.columns)} columns written",
        as_json,
    )


@book.command()
@json_option
@click.option(
    "--months", default=12, show_default=True, help="多少个月未复核算陈旧 / months after which a check is stale"
)
def report(as_json: bool, months: int) -> None:
    """列出没有核对、久未复核、没有官方网页的依据，以及文本中不存在的条文。 Law nobody has checked, or not for long; no
    official page; articles that do not exist.
    """
    from django.conf import settings

    from zhiheng.grammar import book_checks
    from zhiheng.reading.law_texts import LawTexts, absent

    found = open_book()
    today = now().date()
    rows = book_checks.doubts(found, today, months)
    texts = LawTexts(settings.LAW_TEXTS) if settings.LAW_TEXTS else None
    problem = texts.problem() if texts is not None else None
    if texts is not None and problem is None:
        rows += [
            book_checks.Doubt("absent", each.page, each.name, each.cited, "", "", f"{each.zh} / {each.en}")
            for each in absent(texts, book_checks.cited_places(found, today))
        ]
    gone = sum(row.kind == "absent" for row in rows)
    if as_json:
        output.show_json([asdict(row) for row in rows])
        if problem is not None:
            output.say(f"{problem.zh} / {problem.en}")
    else:
        for kind, (zh, en) in REPORTED.items():
            some = [row for row in rows if row.kind == kind]
            if some:
                click.echo(f"\n{zh}：{len(some)} 处 / {en}: {len(some)}")
                output.show_table(
                    ("页 page", "名称 name", "文本 text", "条 article", "核对 checked", "线索 lead"),
                    [(row.page, row.name, row.text, row.article, row.checked, row.lead) for row in some],
                )
        if texts is None:
            click.echo(
                "没有设 ZHIHENG_LAW_TEXTS，没有逐条核对条文是否存在 / ZHIHENG_LAW_TEXTS is unset: articles were not "
                "looked up"
            )
        elif problem is not None:
            output.say(f"{problem.zh} / {problem.en}")
        elif not gone:
            click.echo("目录中有文本的，所引条文都在 / every article whose text is in the folder exists")
        click.echo(f"{sum(row.kind in ('never', 'old') for row in rows)} 处尚待核对 / citations to check")
    if gone or problem is not None:
        sys.exit(1)


@book.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@json_option
def schemas(folder: Path, as_json: bool) -> None:
    """为编辑器写出 JSON Schema。 Write JSON Schemas for editors, generated from the grammar's own models."""
    from zhiheng.grammar import book_checks

    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for name, model in book_checks.models().items():
        names.append(f"{name}.schema.json")
        (folder / f"{name}.schema.json").write_bytes(
            orjson.dumps(model.model_json_schema(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        )
    output.show_done(names, "\n".join(names), as_json)


@book.command()
@click.argument("workflow", required=False)
@json_option
def stories(workflow: str | None, as_json: bool) -> None:
    """演一遍工作流的故事。 Play the stories of the workflows."""
    from zhiheng.engines.workflow.legal_time import LegalTime
    from zhiheng.engines.workflow.stories import compiled, play
    from zhiheng.grammar.chapters.calendars import CALENDAR
    from zhiheng.grammar.chapters.law import LAW
    from zhiheng.grammar.chapters.workflows import WORKFLOWS

    found = open_book()
    names = [_workflow(found, workflow)] if workflow else list(found[WORKFLOWS])
    workflows, time = compiled(found[WORKFLOWS]), LegalTime(found[LAW], found[CALENDAR])
    failures, rows = [], []
    for name in names:
        for story in found[WORKFLOWS][name].stories:
            wrong = list(play(workflows, time, name, story))
            failures += wrong
            rows.append((name, story.name, len(story.days), "×" if wrong else "✓"))
    if as_json:
        output.show_json(
            {
                "stories": [dict(zip(("workflow", "story", "days", "true"), row, strict=True)) for row in rows],
                "failures": [str(failure) for failure in failures],
            }
        )
    else:
        output.show_table(("工作流 workflow", "故事 story", "行 days", ""), rows)
        for failure in failures:
            output.say(str(failure))
    if failures:
        sys.exit(1)


@book.command()
@click.argument("workflow")
@click.option(
    "--at-least", type=click.FloatRange(0, 100), default=95.0, show_default=True, help="至少百分之多少 / share wanted"
)
@json_option
def untested(workflow: str, at_least: float, as_json: bool) -> None:
    """逐条去掉工作流的一行、挪动改变之日，列出没有故事发觉的。 Lines and days of change that no story would miss."""
    from zhiheng.engines.workflow.legal_time import LegalTime
    from zhiheng.engines.workflow.untested import untested as look
    from zhiheng.engines.workflow.untested_days import untested_days
    from zhiheng.grammar.chapters.calendars import CALENDAR
    from zhiheng.grammar.chapters.law import LAW
    from zhiheng.grammar.chapters.workflows import WORKFLOWS

    found = open_book()
    name, time = _workflow(found, workflow), LegalTime(found[LAW], found[CALENDAR])
    seen, days = look(found[WORKFLOWS], name, time), untested_days(found[WORKFLOWS], name, time)
    share = 100 * seen.share_noticed
    if as_json:
        output.show_json(
            {
                "deletions": seen.deletions,
                "noticed_percent": share,
                "unnoticed": [str(each) for each in seen.unnoticed],
                "days_of_change": len(days.changes),
                "no_story_on_the_day_before": [str(each) for each in days.before],
                "no_story_on_the_day": [str(each) for each in days.after],
            }
        )
    else:
        for each in seen.unnoticed:
            click.echo(str(each))
        for which, changes in (
            ("前一日 / no story on the day before", days.before),
            ("当日 / no story on the day", days.after),
        ):
            for change in changes:
                click.echo(f"{change}：没有故事讲到{which}")
        click.echo(
            f"去掉 {seen.deletions} 行中的任一行，{share:.1f}% 有故事发觉；改变之日 {len(days.changes)} 个 / "
            f"{share:.1f}% of {seen.deletions} deletions noticed; {len(days.changes)} days of change"
        )
    if share < at_least or days.before or days.after:
        sys.exit(1)


@book.command("draw-workflow")
@click.argument("workflow")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="写到哪个文件 / the file to write")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="按哪一天的法律 / by the law of which day")
@click.option("--english", is_flag=True, help="图中用英文 / in English")
@json_option
def draw_workflow(workflow: str, out: Path | None, day: dt.datetime | None, english: bool, as_json: bool) -> None:
    """把工作流画成图：状态、期限和条文、能办的事（SVG）。 Draw a workflow: states, periods, articles, acts (SVG)."""
    from zhiheng.engines.workflow.drawing import draw
    from zhiheng.engines.workflow.legal_time import LegalTime
    from zhiheng.engines.workflow.stories import compiled
    from zhiheng.grammar.chapters.calendars import CALENDAR
    from zhiheng.grammar.chapters.law import LAW
    from zhiheng.grammar.chapters.workflows import WORKFLOWS

    found = open_book()
    name = _workflow(found, workflow)
    on = day.date() if day is not None else now().date()
    picture = draw(
        compiled(found[WORKFLOWS])[name], LegalTime(found[LAW], found[CALENDAR]), on, language="en" if english else "zh"
    )
    path = out or Path(f"{name}.svg")
    path.write_text(picture, "utf-8")
    output.show_done({"file": str(path)}, f"已画出 {path} / drawn", as_json)


@book.command("try")
@click.argument("other", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--on", type=DAY, help="比较哪一天的状态，默认此刻 / the standing of which day; without it, now")
@click.option("--workflow", default="", help="只看一个工作流 / only cases of this workflow")
@json_option
def try_(other: Path, on: dt.date | None, workflow: str, as_json: bool) -> None:
    """用另一本规则书重算在办案件，列出有何不同；什么也不写入。 What differs under another book; nothing is written.

    比较状态、承办单位、到期日和可办的事。 States, holders, due days and possible acts of running cases are compared.
    有不同时退出状态为 1；--json 每行一个对象，最后一行是合计。
    Status 1 where something differs; --json: an object a line, the sum in the last.
    """
    set_up()
    from zhiheng.grammar.loader import load
    from zhiheng.queries.book_trial import try_book

    call, theirs = operator_call(), load(other)
    if workflow:
        _workflow(call.book, workflow)
    trial = try_book(theirs, call=call, on=on, workflow=workflow)
    for case in trial.differing():
        for each in case.differences:
            if as_json:
                told = {
                    "case": case.number,
                    "workflow": case.workflow,
                    "what": each.kind,
                    "name": each.name,
                    "before": each.before.zh,
                    "after": each.after.zh,
                }
                click.echo(orjson.dumps(told, option=orjson.OPT_SORT_KEYS))
                continue
            what = "".join(filter(None, (TRIED[each.kind][0], f"“{each.label.zh}”" if each.label.zh else "")))
            click.echo(f"{case.number}  {what}：{each.before.zh or '无'} → {each.after.zh or '无'}")
    if as_json:
        click.echo(orjson.dumps({"cases": trial.cases, "differ": trial.differ}, option=orjson.OPT_SORT_KEYS))
    else:
        click.echo(
            f"{trial.cases} 件在办案件，{trial.differ} 件有不同 / {trial.differ} of {trial.cases} running cases differ"
        )
    if trial.differ:
        sys.exit(1)


def _workflow(found: Book, name: str) -> str:
    """The name of a workflow of the book. Raises Refused where it has no such workflow."""
    from zhiheng.grammar.chapters.workflows import WORKFLOWS

    if name in found[WORKFLOWS]:
        return name
    raise Refused(refusals.workflow_absent(name, found[WORKFLOWS]))


@book.group()
def headings() -> None:
    """表头建议：各单位提请规则书认识的表头。 Headings that units want the book to know."""


@headings.command("list")
@click.option(
    "--state",
    type=click.Choice(["open", "accepted", "rejected", "recalled"]),
    default="open",
    show_default=True,
    help="哪一种 / which of them",
)
@click.option("--after", default="", help="从这个编号往前 / those before this number")
@json_option
def list_headings_(state: str, after: str, as_json: bool) -> None:
    """列出表头建议，新的在前。 Proposals for headings, latest first."""
    set_up()
    from zhiheng.kernel.parse_params import number_in
    from zhiheng.queries.headings import list_headings

    if after and number_in(after) is None:
        # The list would begin at its start, as if nothing had been asked.
        raise Refused(refusals.proposal_after_unknown(after))
    listed = list_headings(state, after, call=operator_call())
    values = [
        {
            "proposal": one.proposal.pk,
            "unit": one.proposal.unit,
            "delivery": one.proposal.delivery,
            "record": one.proposal.record,
            "source": one.proposal.source,
            "heading": one.proposal.heading,
            "target": one.proposal.target,
            "page": one.page,
            "line": one.line,
            "state": one.proposal.state,
            "decision": one.proposal.decision,
        }
        for one in listed.rows
    ]
    if as_json:
        output.show_json({"total": listed.total, "next": listed.next, "headings": values})
        return
    output.show_table(
        ("编号", "单位", "报送", "规则书的一页", "一行"),
        [(v["proposal"], v["unit"], v["delivery"], v["page"], v["line"]) for v in values],
        right=(0, 2),
    )
    if listed.next:
        output.say(f"共 {listed.total} 条；其余用 --after {listed.next} / {listed.total} in all; the rest with --after")


@headings.command()
@click.argument("proposal", type=int)
@click.option("--reason", default="", help="意见 / words of the decision")
@json_option
def accept(proposal: int, reason: str, as_json: bool) -> None:
    """采用一条表头建议。 Accept a proposal for a heading."""
    from zhiheng.grammar.chapters.records import RECORDS

    set_up()
    from zhiheng.actions.headings.decide_heading import accept_heading
    from zhiheng.quality_file.deliveries import line_for, page_of

    found = open_book()
    done = accept_heading(proposal, reason=reason, call=writing_call(found))
    page, line = page_of(found[RECORDS][done.record], done.source), line_for(done.heading, done.target)
    output.show_done(
        {"proposal": done.pk, "state": done.state, "page": page, "line": line},
        f"已采用；规则书的 {page} 要有这一行：{line} / accepted; the line of the book's page",
        as_json,
    )


@headings.command("take-back")
@click.argument("proposal", type=int)
@click.option("--reason", required=True, help="理由，报送单位会看到 / why; the unit reads it")
@json_option
def take_back(proposal: int, reason: str, as_json: bool) -> None:
    """收回一条已采用的表头。 Take back a heading that was accepted."""
    set_up()
    from zhiheng.actions.headings.take_back_heading import take_back_heading

    done = take_back_heading(proposal, reason=reason, call=writing_call())
    output.show_done({"proposal": done.pk, "state": done.state}, "已收回 / taken back", as_json)


@headings.command()
@click.argument("proposal", type=int)
@click.option("--reason", required=True, help="理由，报送单位会看到 / why; the unit reads it")
@json_option
def reject(proposal: int, reason: str, as_json: bool) -> None:
    """不采用一条表头建议。 Reject a proposal for a heading."""
    set_up()
    from zhiheng.actions.headings.decide_heading import reject_heading

    done = reject_heading(proposal, reason=reason, call=writing_call())
    output.show_done({"proposal": done.pk, "state": done.state}, "已记录为不采用 / rejected", as_json)
