"""``zhiheng demo``: five fictional places, from their departments' files to the published figures."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import click

from zhiheng.cli import output
from zhiheng.cli.session import ZONE, actor, json_option, now, open_book, set_up
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.kernel.reasons import Refused

# The demo's files end in October 2026; they are received and asked on fixed days, so that every run prints the same.
RECEIVED = dt.datetime(2026, 11, 1, 9, 0, tzinfo=ZONE)


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/demo"),
    show_default=True,
    help="文件写到哪里 / where the files are written",
)
@click.option(
    "--check", is_flag=True, help="逐一核对公布的数字 / compare every published figure; status 1 where one differs"
)
@click.option(
    "--scale", type=click.FloatRange(0.001, 1.0), default=1.0, show_default=True, help="行数比例 / thin out rows"
)
@click.option(
    "--cases",
    "wanted",
    type=click.IntRange(0, 100_000),
    help="长出多少件案件，默认全套 5,000 件，按行数比例减少 / how many cases; 5,000 for the whole demo",
)
@click.option(
    "--figures-only", is_flag=True, help="到数字为止，不建账号、不公示 / stop at the figures: no accounts, no portal"
)
@json_option
def demo(folder: Path, check: bool, scale: float, wanted: int | None, figures_only: bool, as_json: bool) -> None:
    """写出五个虚构地区的文件，接收、投影，与公布的数字对照，建演示账号，发布门户。 Write, receive and show five
    fictional places.

    名称、企业、人员全部虚构。 Every name, enterprise and person is fictional.
    """
    set_up()
    from zhiheng import demo as writer
    from zhiheng.actions.intake.receive_delivery import TableResult, receive
    from zhiheng.actions.projections.project_lake import project_lake
    from zhiheng.grammar.chapters.figures import DEMO_FIGURES
    from zhiheng.queries.figures import lake_of

    book = open_book()
    bar = output.progress_bar()
    output.say("一、写文件 / writing the files of five fictional places")
    manifest = writer.write(
        book, folder, scale=scale, progress=lambda file, done, total: bar(f"写出 {file}", done, total)
    )
    output.say(f"\n二、接收 {len(manifest.files)} 个文件 / receiving")
    units = {listed.path: listed.unit for listed in manifest.tables}
    received: list[Any] = []
    for number, path in enumerate(manifest.files, start=1):
        received += receive(folder / path, call=Call(SYSTEM, book, RECEIVED), unit=units[path], confirmed=True)
        bar(f"接收 {path}", number, len(manifest.files))
    rows, facts = sum(r.rows for r in received), sum(r.facts for r in received)
    duplicates, refused = sum(r.duplicates for r in received), sum(r.refused for r in received)
    again = sum(r.rows for r in received if r.again)
    skipped = sum(r.skipped for r in received)
    output.say("\n三、投影到数据湖 / projecting the lake")
    lake = lake_of(book)
    project_lake(lake, actor=SYSTEM, now=RECEIVED, progress=bar)
    output.say("\n四、各地数字 / the figures, place by place")
    compared = _compare(lake, book, book[DEMO_FIGURES])
    agree = sum(line["agrees"] for line in compared)
    opened = {} if figures_only else _open_to_people(book, lake, scale, wanted, bar)
    unexpected = [r for r in received if r.state is not TableResult.State.ACCEPTED]
    expected_refused = sum(t.refused for t in manifest.tables)
    whole = rows == facts + duplicates + refused + skipped and not unexpected
    if as_json:
        output.show_json(
            {
                "files": len(manifest.files),
                "rows": rows,
                "facts": facts,
                "duplicates": duplicates,
                "refused": refused,
                "skipped": skipped,
                "received_before": again,
                "not_accepted": [r.as_json() for r in unexpected],
                "figures": compared,
                "agree": agree,
                **opened,
            }
        )
    else:
        _print(compared, book)
        click.echo(
            f"\n{len(manifest.files)} 个文件，{rows:,} 行 = {facts:,} 条事实 + {duplicates:,} 行重复 + {refused:,} "
            f"行退回 + {skipped:,} 行不是数据（其中 {again:,} 行此前已接收）；{_subjects():,} 家企业"
        )
        for r in unexpected:
            output.say(f"{r.origin} {r.table}: {r.state} {r.refusal.zh if r.refusal else ''}")
        if refused != expected_refused:
            output.say(f"退回 {refused} 行，预期 {expected_refused} 行 / refused rows differ from what was written")
        click.echo(f"{agree} / {len(compared)} 个数字一致 / figures agree")
    if check and (agree < len(compared) or not whole or (scale == 1 and refused != expected_refused)):
        sys.exit(1)


def _open_to_people(book: Any, lake: Any, scale: float, wanted: int | None, bar: Any) -> dict[str, Any]:
    """What pages need: read models, accounts to sign in with, cases to work at, a portal that shows something."""
    from zhiheng.actions.accounts.make_demo_accounts import make_demo_accounts
    from zhiheng.actions.cases.open_demo_cases import open_demo_cases, since
    from zhiheng.actions.projections.refresh_projections import refresh
    from zhiheng.actions.publication.publish_demo import publish_demo
    from zhiheng.actions.ratings.keep_ratings import keep_ratings
    from zhiheng.demo.writing import SEED
    from zhiheng.grammar.chapters.demo_accounts import DEMO_ACCOUNTS
    from zhiheng.grammar.chapters.demo_cases import WHOLE
    from zhiheng.people.actors import active_accounts, actor_of

    # Pages ask of today; a clock that is behind the demo's files must not make them fall into the future.
    at = max(RECEIVED, now())
    output.say("\n五、企业摘要、检索、指标数、交换目录 / cards, search, figures, dues")
    refreshed = refresh(Call(SYSTEM, book, at), bar, lake=lake)
    keep_ratings(lake, call=Call(SYSTEM, book, at))
    output.say("\n六、演示账号 / accounts")
    made = make_demo_accounts(book[DEMO_ACCOUNTS], call=Call(actor(), book, at), officers_since=since(at))
    for one in made:
        if one.state == "absent":
            output.say(
                f"{one.account.login}: 台账中没有“{one.account.enterprise}” / its enterprise is not in the ledger"
            )
    output.say("七、案件 / cases")
    wanted = round(WHOLE * scale) if wanted is None else wanted
    opened = None
    try:
        if wanted:
            opened = open_demo_cases(wanted, seed=SEED, call=Call(actor(), book, at), progress=bar)
    except Refused as refused:
        # A demo of an older version has officers who began when it was made; what they did before is not invented.
        if all(one.state != "before" for one in made):
            raise
        output.say("这套演示以前建过，原来的账号当时还没有角色，案件没有全部写入；要有三年案件，请另建一套演示。")
        output.say("This demo was made before and its officers begin later than its cases; make a new demo for them.")
        output.show_refusals(refused.refusals[:3])
    if opened is not None and opened.missing:
        output.say(f"\n事实不够，少长出 {opened.missing} 件 / too few facts for so many cases")
    output.say("\n八、公示 / the portal")
    approvers = active_accounts(["demo-publication"])
    published = publish_demo(
        book,
        lake,
        proposer=SYSTEM,
        approver=actor_of(approvers[0]) if approvers else actor(),
        now=at,
        as_of=RECEIVED.date() - dt.timedelta(days=1),
        progress=bar,
    )
    return {
        "cards": refreshed.cards,
        "accounts": [one.account.login for one in made if one.state != "absent"],
        "cases": opened.cases if opened else 0,
        "acts_in_cases": opened.acts if opened else 0,
        "portal": published,
    }


def _subjects() -> int:
    from zhiheng.quality_file.bulk_statements import count_subjects

    return count_subjects("enterprise")


def _compare(lake: Any, book: Any, figures: Any) -> list[dict[str, Any]]:
    """Every published figure beside what the indicators give."""
    from zhiheng.queries.figures import open_figures

    asked: dict[tuple[str, dt.date], set[str]] = {}
    for lines in figures.values():
        for line in lines:
            asked.setdefault((line.area, line.as_of), set()).add(line.indicator)
    answers = {
        (area, as_of, answer.indicator): answer
        for (area, as_of), names in asked.items()
        for answer in open_figures(area, as_of=as_of, call=Call(SYSTEM, book, RECEIVED), lake=lake).computed(
            sorted(names)
        )
    }
    compared = []
    for place, lines in figures.items():
        for line in lines:
            answer = answers[line.area, line.as_of, line.indicator]
            compared.append(
                {
                    "place": place,
                    "area": line.area,
                    "figure": line.figure.zh,
                    "figure_en": line.figure.en,
                    "indicator": line.indicator,
                    "as_of": line.as_of.isoformat(),
                    "published": str(line.expected),
                    "computed": None if answer.value is None else str(answer.value),
                    "shown": answer.zh,
                    "numerator": output.plain_number(answer.numerator) or None,
                    "denominator": output.plain_number(answer.denominator) or None,
                    "plan": answer.plan_zh,
                    "first": str(answer.first or ""),
                    "last": str(answer.last),
                    "agrees": line.expected.met_by(answer.value),
                }
            )
    return compared


def _print(compared: list[dict[str, Any]], book: Any) -> None:
    from zhiheng.grammar.chapters.district import DISTRICT

    names = {area.code: area.name.zh for area in book[DISTRICT].areas}
    for place in dict.fromkeys(line["place"] for line in compared):
        lines = [line for line in compared if line["place"] == place]
        click.echo(f"\n{names[lines[0]['area']]}（虚构 fictional）")
        output.show_table(
            ("公布的说法", "公布", "算得", "分子", "分母", "截至", "一致"),
            [
                (
                    line["figure"],
                    line["published"],
                    line["shown"],
                    line["numerator"] if line["denominator"] else "",
                    line["denominator"] or "",
                    line["as_of"],
                    "是" if line["agrees"] else "否 ✗",
                )
                for line in lines
            ],
            right=(1, 2, 3, 4),
        )
