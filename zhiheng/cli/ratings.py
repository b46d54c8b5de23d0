"""``zhiheng rating``: how enterprises are rated and why, what another edition would do, grades stored and replayed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from zhiheng.cli import output
from zhiheng.cli.session import DAY, json_option, operator_call, set_up, writing_call

if TYPE_CHECKING:
    from zhiheng.grammar.call import Call
    from zhiheng.queries.ratings import EnterpriseRating

_DAYS = (
    click.option("--as-of", type=DAY, help="截至哪天 / the situation of which day (default: today)"),
    click.option("--known-on", type=DAY, help="数据获知日期 / as known on which day (default: today)"),
)


@click.group()
def rating() -> None:
    """质量信用评价：一分一分都说得出来。 Quality-credit ratings, explained point by point."""


def _call() -> Call:
    from zhiheng.cli.numbers import open_lake

    return operator_call(open_lake().book)


@rating.command()
@json_option
def keep(as_json: bool) -> None:
    """更新今天的等级（先更新数据湖）；只重算有变化的企业。 Bring the kept grades up to the lake."""
    set_up()
    from zhiheng.actions.ratings.keep_ratings import keep_ratings
    from zhiheng.cli.numbers import open_lake

    kept = keep_ratings(open_lake(), call=_call())
    if as_json:
        output.show_json(kept)
    else:
        output.show_table(("评价", "层数"), list(kept.items()), right=(1,))


@rating.command()
@click.argument("name")
@click.argument("subject", type=int)
@click.option("--edition", default="", help="版本的生效日或指纹 / an edition, by its day or digest")
@_DAYS[0]
@_DAYS[1]
@json_option
def show(name: str, subject: int, edition: str, as_of: dt.date | None, known_on: dt.date | None, as_json: bool) -> None:
    """一家企业的等级和每一分：事实、依据、何时减少。 An enterprise's grade and every point of it."""
    set_up()
    from zhiheng.queries.ratings import rating_of

    found = rating_of(name, subject, as_of=as_of, known_on=known_on, edition=edition, call=_call())
    if as_json:
        output.show_json(found.as_json())
        return
    output.say(_headline(found))
    rows = [
        (
            one.fact if one.line is not None else "—",
            one.occurred_on,
            one.item.zh,
            f"{one.points:+}" if not one.limits_to else f"≤{one.limits_to}",
            f"{one.full:+}" if one.cut else "",
            f"{one.changes_on} → {one.changes_to:+}" if one.changes_on else "",
            "、".join(f"{c.text}{c.article}" for c in one.law),
        )
        for one in found.points
    ]
    output.show_table(("事实", "日期", "项目", "分值", "未封顶", "何时变为", "依据"), rows, right=(3, 4))


def _headline(found: EnterpriseRating) -> str:
    band = f"{found.band.name}（{found.band.label.zh}）" if found.band else "未评（证据不足） not graded"
    needed = found.edition.evidence.at_least
    points = f"{found.score} 分"
    if found.cell is not None:
        axes = (found.cell.likelihood, found.cell.consequence)
        points = "，".join(f"{one.label.zh}{one.level.label.zh}（{one.points} 分）" for one in axes)
    said = f"{found.rating.label.zh}：{band}，{points}，证据 {found.evidence} 条（需 {needed} 条）"
    return said if found.rated else f"{found.rating.label.zh}：不在评价范围 / not among those that are rated"


@rating.command("list")
@click.argument("name")
@click.option("--area", help="地区代码（含下级） / code of an area, with all beneath it")
@click.option("--band", default="", help="只列这个等级；未评写 none / only this grade; none: not graded")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50)
@click.option("--edition", default="")
@_DAYS[0]
@_DAYS[1]
@json_option
def list_(
    name: str,
    area: str | None,
    band: str,
    limit: int,
    edition: str,
    as_of: dt.date | None,
    known_on: dt.date | None,
    as_json: bool,
) -> None:
    """一个地区各等级的家数，和得分最低或者风险最高的企业。 How many have each grade, and the worst of them."""
    set_up()
    from zhiheng.queries.ratings import open_ratings, rating_asked

    call = _call()
    asked = rating_asked(
        call.book, name, as_of=as_of or call.today, known_on=known_on, today=call.today, edition=edition
    )
    ratings = open_ratings(asked, area, call=call)
    counts, page = ratings.counts(), ratings.page(band, limit=limit)
    if as_json:
        lines = [
            {
                "subject": one.grade.subject_id,
                "name": one.name,
                "band": one.band.name if one.band else None,
                "score": str(one.score),
                "evidence": one.grade.evidence,
            }
            for one in page.rows
        ]
        told = {key or "none": number for key, number in counts.items()}
        output.show_json({"edition": asked.edition.edition, "counts": told, "enterprises": lines})
        return
    output.say("，".join(f"{key or '未评'} {number:,} 家" for key, number in counts.items()))
    rows = [
        (one.grade.subject_id, one.name, one.band.name if one.band else "未评", one.score, one.grade.evidence)
        for one in page.rows
    ]
    output.show_table(("主体", "名称", "等级", "得分", "证据"), rows, right=(3, 4))


@rating.command()
@click.argument("first")
@click.argument("second")
@click.option("--area", help="地区代码（含下级） / code of an area, with all beneath it")
@_DAYS[0]
@_DAYS[1]
@json_option
def compare(
    first: str, second: str, area: str | None, as_of: dt.date | None, known_on: dt.date | None, as_json: bool
) -> None:
    """采用以前先试：谁从哪一档到哪一档，为什么，谁会失去资格。 Try another edition before adopting it.

    FIRST、SECOND 各是：评价名、评价名@生效日或指纹、或者一个 YAML 文件 / a rating, rating@day-or-digest, or a file.
    """
    set_up()
    from zhiheng.queries.rating_trial import compared_editions

    found = compared_editions(first, second, area=area, as_of=as_of, known_on=known_on, call=_call())
    if as_json:
        output.show_json(found.as_json())
        return
    trial = found.comparison
    output.say(f"{trial.enterprises:,} 家企业，{trial.moved:,} 家等级变化 / enterprises, with another grade")
    words = {None: "未评", "-": "不评"}
    moves = [
        (words.get(before, before), words.get(after, after), number) for (before, after), number in trial.moves.items()
    ]
    output.show_table(("原等级", "新等级", "家数"), moves, right=(2,))
    for split, rows in found.splits():
        output.say(f"按{split.zh} / by {split.en}")
        output.show_table(
            ("", "等级提高", "等级降低", "不变"), [(word.zh, *numbers) for word, numbers in rows], right=(1, 2, 3)
        )
    causes = [
        (
            f"{one.word.zh} / {one.word.en}",
            f"{one.label.zh} / {one.label.en}" if one.label else "",
            one.before.zh if one.before else "",
            one.after.zh if one.after else "",
            one.enterprises,
        )
        for one in found.causes()
    ]
    output.say("造成变化的原因（一家企业可以有几个） / what did it; an enterprise may have several causes")
    output.show_table(("原因", "内容", "原来", "新的", "企业"), causes, right=(2, 3, 4))
    output.say(f"将失去资格的 {trial.lost_in_all:,} 家次 / would lose an eligibility")
    lost = [
        (one.subject_id, found.names.get(one.subject_id, ""), kind.zh, one.before, one.after)
        for one, kind in found.lost()
    ]
    output.show_table(("主体", "名称", "资格", "原等级", "新等级"), lost[:50])


@rating.command()
@click.argument("name")
@click.argument("day", type=DAY)
@click.option("--known-on", type=DAY, help="数据获知日期（默认同 DAY） / as known on which day (default: DAY)")
@click.option(
    "--keep", "kept", is_flag=True, help="留存结果，评价页上写明 / keep the result for the page of the rating"
)
@json_option
def backtest(name: str, day: dt.date, known_on: dt.date | None, kept: bool, as_json: bool) -> None:
    """检验：DAY 那天的等级，能不能预见此后一年的不合格；与“上次结果”相比。 Does a grade foretell the year after?"""
    set_up()
    from zhiheng.cli.numbers import open_lake
    from zhiheng.queries.rating_backtest import backtest_rating

    found = backtest_rating(name, day, known_on=known_on, keep=kept, lake=open_lake(), call=_call())
    if as_json:
        output.show_json(found)
        return
    output.say(found["zh"])
    measures = [(word, *(f"{found[key][at]:.3f}" for at in range(3))) for key, word in _MEASURES]
    output.show_table(("曲线下面积 AUC", "值", "下限", "上限"), measures, right=(1, 2, 3))
    for word, groups in (("等级", found["bands"]), ("可能性", found["levels"])):
        if groups:
            rows = [(one["band"] or "未评", one["enterprises"], one["failed"], f"{one['lift']:.2f}") for one in groups]
            output.show_table((word, "企业", "此后不合格", "提升"), rows, right=(1, 2, 3))


_MEASURES = (("rating", "评价"), ("naive", "上次结果"), ("regression", "逻辑回归"), ("better", "评价减上次结果"))


@rating.command()
@click.argument("name")
@click.option("--area", help="地区代码（含下级） / code of an area, with all beneath it")
@_DAYS[0]
@_DAYS[1]
@json_option
def store(name: str, area: str | None, as_of: dt.date | None, known_on: dt.date | None, as_json: bool) -> None:
    """存定一个地区的等级：版本、两个日期、所见的事实一并存下，不能再改。 Store the grades of an area for good."""
    set_up()
    from zhiheng.actions.ratings.store_grades import store_grades
    from zhiheng.cli.numbers import open_lake

    lake = open_lake()
    done = store_grades(name, area, as_of=as_of, known_on=known_on, lake=lake, call=writing_call(lake.book))
    output.show_done(
        {"stored": done.stored, "stood": done.stood, "edition": done.edition},
        f"存定 {done.stored:,} 家，原已存定 {done.stood:,} 家 / stored, stood already",
        as_json,
    )


@rating.command()
@click.argument("subject", type=int)
@click.option("--name", default="", help="只看这一种评价 / only this rating")
@json_option
def replay(subject: int, name: str, as_json: bool) -> None:
    """重演存定的等级：相同，或者哪些事实、哪个版本使它不同。 Replay stored grades: the same, or what differs."""
    set_up()
    from zhiheng.cli.numbers import open_lake
    from zhiheng.queries.grades_replayed import replay_grades
    from zhiheng.queries.ratings import points_of

    found = replay_grades(subject, name=name, lake=open_lake(), call=_call())
    if as_json:
        output.show_json(
            [
                {
                    "rating": one.stored.rating,
                    "as_of": one.stored.as_of.isoformat(),
                    "known_on": one.stored.known_on.isoformat(),
                    "same": one.same,
                    "edition_gone": one.edition_gone,
                    "then": {"band": one.stored.band or None, "score": str(points_of(one.stored.score))},
                    "now": {"band": one.band or None, "score": str(points_of(one.score))},
                    "facts": [vars(each) for each in one.differs],
                }
                for one in found
            ]
        )
        return
    rows = [
        (
            one.stored.rating,
            one.stored.as_of,
            one.stored.band or "未评",
            points_of(one.stored.score),
            "相同" if one.same else f"{one.band or '未评'} {points_of(one.score)}",
            "版本已不在规则书" if one.edition_gone else "、".join(str(each.fact) for each in one.differs),
        )
        for one in found
    ]
    output.show_table(("评价", "截至", "等级", "得分", "重演", "不同在"), rows, right=(3,))
