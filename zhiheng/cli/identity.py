"""``zhiheng identity``: likely matches with both sides, merges, splits, undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import orjson

from zhiheng.cli import output
from zhiheng.cli.session import json_option, operator_call, set_up, writing_call

if TYPE_CHECKING:
    from zhiheng.actions.identity.link_subjects import IdentityAct
    from zhiheng.queries.identity import Alias


@click.group()
def identity() -> None:
    """身份：疑似匹配、合并、拆分、撤销。 Identity: likely matches, merge, split, undo."""


@identity.command()
@click.option("--limit", default=50, show_default=True)
@click.option("--kind", default="", help="只列一种匹配依据，如 code.names / only those alike for this reason")
@json_option
def likely(limit: int, kind: str, as_json: bool) -> None:
    """列出等人判断的疑似匹配，两边并列。 Likely matches that wait for a person, both sides shown."""
    set_up()
    from zhiheng.queries.identity import likely_matches

    rows = likely_matches(kind=kind, limit=limit, call=operator_call())
    values = [
        {
            "match": m.id,
            "kind": m.kind or "",
            "score": m.score / 1000,
            "left": _side(m.alias),
            "right": _side(m.other),
            "reasons": orjson.loads(m.reasons),
        }
        for m in rows
    ]
    if as_json:
        output.show_json(values)
        return
    output.show_table(
        ("编号", "相似", "甲", "乙", "理由"),
        [
            (
                v["match"],
                f"{v['score']:.2f}",
                _text(v["left"]),
                _text(v["right"]),
                "；".join(zh for zh, _ in v["reasons"]),
            )
            for v in values
        ],
        right=(0, 1),
    )


def _side(alias: Alias) -> dict[str, object]:
    return {
        "subject": alias.subject_id,
        "name": alias.name,
        "code": alias.code,
        "address": alias.address,
        "place": alias.place,
    }


def _text(side: dict[str, object]) -> str:
    return " ".join(str(side[k]) for k in ("name", "code", "address") if side[k]) + f"（主体 {side['subject']}）"


@identity.command()
@click.argument("match", type=int)
@click.option("--same", "verdict", flag_value="same", help="是同一主体 / they are the same")
@click.option("--different", "verdict", flag_value="different", help="是不同主体 / they are different")
@click.option("--reason", required=True, help="理由 / why")
@json_option
def decide(match: int, verdict: str | None, reason: str, as_json: bool) -> None:
    """判断一个疑似匹配。 Decide a likely match."""
    if verdict is None:
        raise click.UsageError("请写明 --same（同一主体）或 --different（不同主体）。 / Say --same or --different.")
    set_up()
    from zhiheng.actions.identity.link_subjects import decide as act

    done = act(match, same=verdict == "same", reason=reason, call=writing_call())
    output.show_done({"match": done.id, "decision": done.decision, "act": done.act_id}, "已记录 / recorded", as_json)


@identity.command()
@click.argument("into", type=int)
@click.argument("others", type=int, nargs=-1, required=True)
@click.option("--reason", required=True, help="理由 / why")
@json_option
def merge(into: int, others: tuple[int, ...], reason: str, as_json: bool) -> None:
    """合并主体；可撤销。 Merge subjects; it can be undone."""
    set_up()
    from zhiheng.actions.identity.link_subjects import merge as act

    _show(act(into, others, reason=reason, call=writing_call()), as_json)


@identity.command()
@click.argument("aliases", type=int, nargs=-1, required=True)
@click.option("--reason", required=True, help="理由 / why")
@json_option
def split(aliases: tuple[int, ...], reason: str, as_json: bool) -> None:
    """把几个名称拆成另一主体；可撤销。 Split names off into a subject of their own; it can be undone."""
    set_up()
    from zhiheng.actions.identity.link_subjects import split as act

    _show(act(aliases, reason=reason, call=writing_call()), as_json)


@identity.command("split-facts")
@click.argument("alias", type=int)
@click.option("--unit", default="", help="这个单位在该写法下报的，连同以后再报的 / what this unit said, and will say")
@click.option("--area", default="", help="这个地区（区划代码）的 / those of this area, by its code")
@click.option(
    "--fact", "facts", type=int, multiple=True, help="事实编号，可多次 / number of a fact, more than one may be given"
)
@click.option("--reason", required=True, help="理由 / why")
@json_option
def split_facts(alias: int, unit: str, area: str, facts: tuple[int, ...], reason: str, as_json: bool) -> None:
    """同一种写法其实是两家时，把其中一家的事实归另一主体；可撤销。 Give some of the facts under a spelling to another
    subject.
    """
    if sum(map(bool, (unit, area, facts))) != 1:
        raise click.UsageError("请在 --unit、--area、--fact 中选一种。 / Give one of --unit, --area, --fact.")
    set_up()
    from zhiheng.actions.identity.link_subjects import SplitPart
    from zhiheng.actions.identity.link_subjects import split_facts as act

    part = SplitPart(unit=unit, area=area, facts=facts)
    _show(act(alias, part, reason=reason, call=writing_call()), as_json)


@identity.command()
@click.argument("act_id", metavar="ACT", type=int)
@click.option("--reason", required=True, help="理由 / why")
@json_option
def undo(act_id: int, reason: str, as_json: bool) -> None:
    """撤销一次合并或拆分。 Undo a merge or a split."""
    set_up()
    from zhiheng.actions.identity.link_subjects import undo as act

    _show(act(act_id, reason=reason, call=writing_call()), as_json)


def _show(act: IdentityAct, as_json: bool) -> None:
    """A recorded act; its number is what undoes it."""
    value = {"act": act.id, "verb": act.verb, "moves": orjson.loads(act.moves)}
    output.show_done(
        value, f"操作 {act.id} 已记录，撤销时用这个编号 / act {act.id} is recorded, undo it by this number", as_json
    )
