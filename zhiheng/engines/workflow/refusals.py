"""Why an act of a case can't be done, and what is wrong with a rule or a story of a workflow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from zhiheng.engines.workflow.compiled import CompiledAct
from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refusal


def field_empty(name: str, field: Label) -> Refusal:
    """A field that the act asks for was left empty."""
    return Refusal("workflow.asks", f"请填写：{field.zh}。", f"Fill in: {field.en}.", name)


def children_running(number: int, label: Label, names: Sequence[str]) -> Refusal:
    return Refusal(
        "workflow.children",
        f"还有 {number} 件“{label.zh}”未办结：{'、'.join(names[:3])}；请先办结。",
        f"{number} of '{label.en}' not ended yet: {', '.join(names[:3])}; settle them first.",
    )


def children_not_begun(number: int, label: Label, names: Sequence[str]) -> Refusal:
    return Refusal(
        "workflow.children_not_begun",
        f"还有 {number} 件“{label.zh}”没有办理：{'、'.join(names[:3])}；请逐件办理（送达）。",
        f"Nothing was done yet in {number} of '{label.en}': {', '.join(names[:3])}; do each of them.",
    )


def choice_not_of_law(label: Label, *, day: dt.date, cited_zh: str, cited_en: str, field: str) -> Refusal:
    return Refusal(
        "workflow.choice",
        f"“{label.zh}”不在 {day} 适用的规定所列情形之中（{cited_zh}）；请另选。",
        f"'{label.en}' is not among the cases of the rule of {day} ({cited_en}); choose another.",
        field=field,
    )


def choice_unknown(label: Label, field: str) -> Refusal:
    return Refusal(
        "workflow.choice",
        f"“{label.zh}”不在可选值之中；请另选。",
        f"'{label.en}' is no choice; choose another.",
        field=field,
    )


def case_closed() -> Refusal:
    return Refusal(
        "workflow.closed",
        "案件已办结；需要继续的，请先重新打开。",
        "The case has ended; open it again first to go on.",
    )


def not_everyone_yet(number: int, act: CompiledAct) -> Refusal:
    return Refusal(
        "workflow.everyone",
        f"还有 {number} 人没有“{act.zh}”；请等全部完成。",
        f"{number} have not done '{act.en}' yet; wait for all.",
    )


def too_few_people(act: CompiledAct, number: object) -> Refusal:
    return Refusal(
        "workflow.joint",
        f"“{act.zh}”须 {number} 人以上共同办理；请另一人共同签署。",
        f"'{act.en}' is done by {number} or more together; another person has to sign.",
    )


def act_before_another(before: CompiledAct, *, act: CompiledAct) -> Refusal:
    return Refusal(
        "workflow.not_after", f"须先“{before.zh}”，才能“{act.zh}”。", f"'{before.en}' comes before '{act.en}'."
    )


def act_not_in_force(act: CompiledAct, day: dt.date) -> Refusal:
    return Refusal(
        "workflow.not_in_force",
        f"“{act.zh}”在 {day} 没有法律依据；请按当日的规定办理。",
        f"There is no law for '{act.en}' on {day}; proceed under the law of that day.",
    )


def act_not_now(now: tuple[str, str], act: CompiledAct) -> Refusal:
    return Refusal(
        "workflow.not_now",
        f"{now[0]}期间不能“{act.zh}”；请等其办结。",
        f"Not '{act.en}' while {now[1]}; wait until that is settled.",
    )


def act_not_while(
    now: tuple[str, str], *, act: CompiledAct, need: tuple[str, str], first: Collection[CompiledAct]
) -> Refusal:
    return Refusal(
        "workflow.not_while",
        f"现在是{now[0] or '尚未开始'}，“{act.zh}”须在{need[0]}时办"
        f"{'；可先办：' + '、'.join(each.zh for each in first) if first else ''}。",
        f"It is {now[1] or 'not begun'} now; '{act.en}' needs {need[1]}"
        f"{'. What can be done first: ' + ', '.join(each.en for each in first) if first else ''}.",
    )


def act_done_already(act: CompiledAct) -> Refusal:
    return Refusal("workflow.once", f"“{act.zh}”只能办一次，已经办过。", f"'{act.en}' is done only once, and was.")


def case_open_or_not(is_open: bool) -> Refusal:
    return Refusal(
        "workflow.opened",
        "案件已经建立。" if is_open else "案件尚未建立；请先立案登记。",
        "The case is open already." if is_open else "The case is not open yet; open it first.",
    )


def person_may_not(name: str, act: CompiledAct, why: tuple[str, str]) -> Refusal:
    return Refusal(
        "workflow.person",
        f"{name}不能“{act.zh}”：{why[0]}。",
        f"{name}: not '{act.en}': {why[1]}.",
    )


def rule_broken(label: Label, name: str, cause: Exception) -> Refusal:
    return Refusal(
        "workflow.rule_broken",
        f"“{label.zh}”的规则“{name}”算不下去（{type(cause).__name__}：{cause}）；请管理规则书的人改正。",
        f"The rule {name} of '{label.en}' breaks down ({type(cause).__name__}: {cause}); who keeps the book "
        "corrects it.",
    )


def number_of_another_workflow(number: str) -> Refusal:
    return Refusal(
        "workflow.same_number",
        f"故事里“{number}”已是另一种案件；请换一个当事人的名称。",
        f"'{number}' is a case of another kind in the story; name the party otherwise.",
    )


def story_does_not_come_true(failure: object) -> Refusal:
    return Refusal(
        "workflow.stories_fail",
        f"有故事不成立，先改正：{failure}",
        f"A story does not come true; correct it first: {failure}",
    )


def last_day_before_act(label: Label, *, stated: dt.date, day: dt.date, field: str) -> Refusal:
    return Refusal(
        "workflow.too_early",
        f"“{label.zh}”的最后一日 {stated} 早于办理之日 {day}；请改正。",
        f"'{label.en}' would end on {stated}, before the day of the act, {day}; correct it.",
        field=field,
    )


def last_day_too_late(label: Label, *, last: dt.date, cited_zh: str, cited_en: str, field: str) -> Refusal:
    return Refusal(
        "workflow.too_late",
        f"“{label.zh}”最迟为 {last}（{cited_zh}）；请改早。",
        f"'{label.en}' is {last} at the latest ({cited_en}); state an earlier day.",
        field=field,
    )


def value_ill_typed(label: Label, *, zh: str, value: object, en: str, field: str) -> Refusal:
    return Refusal(
        "workflow.type",
        f"“{label.zh}”要写{zh}，现在是“{value}”；请改正。",
        f"'{label.en}' holds {en}, not '{value}'; correct it.",
        field=field,
    )


def case_unfinished(now: tuple[str, str], act: CompiledAct) -> Refusal:
    return Refusal(
        "workflow.unfinished",
        f"还有未办结的事项：{now[0]}，不能“{act.zh}”；请先办结。",
        f"Still open: {now[1]}; settle it before '{act.en}'.",
    )


def fields_not_of_act(act: CompiledAct, unknown: Collection[str]) -> Refusal:
    return Refusal(
        "workflow.unknown", f"“{act.zh}”不填：{'、'.join(unknown)}。", f"'{act.en}' has no {', '.join(unknown)}."
    )


def look_ups_not_of_act(act: CompiledAct, unasked: Collection[str]) -> Refusal:
    """A story answers what the act does not ask."""
    return Refusal(
        "workflow.unknown",
        f"“{act.zh}”办理时不查：{'、'.join(unasked)}；请在页面的 sees 补上，或者从故事中删去。",
        f"'{act.en}' does not look up {', '.join(unasked)}; add it to sees of the page or remove it from the story.",
    )


def look_up_typed(label: Label, field: str) -> Refusal:
    """Somebody typed what is looked up."""
    return Refusal(
        "workflow.unknown",
        f"“{label.zh}”由系统在办理时查询，不能填写。",
        f"'{label.en}' is looked up when the act is done; it can't be typed.",
        field,
    )


def values_lacking(
    field: str, *, label: tuple[str, str], lacking: Collection[Label], cited_zh: str, cited_en: str
) -> Refusal:
    return Refusal(
        f"workflow.all_of_{field}",
        f"“{label[0]}”还缺 {len(lacking)} 项（{cited_zh}）：{'、'.join(each.zh for each in lacking)}。",
        f"'{label[1]}' lacks {len(lacking)} ({cited_en}): {', '.join(each.en for each in lacking)}.",
        field=field,
    )


def value_not_among(field: str, *, label: tuple[str, str], source: tuple[str, str]) -> Refusal:
    return Refusal(
        f"workflow.among_{field}",
        f"“{label[0]}”只能从“{source[0]}”中选。",
        f"'{label[1]}' is chosen from '{source[1]}'.",
        field=field,
    )


def nobody_named(label: Label, *, field: str, strangers: Sequence[str]) -> Refusal:
    """Who is to leave is not among those named for the hand now."""
    return Refusal(
        "workflow.not_named",
        f"“{label.zh}”只能是案件现在指定的人；请改选：{'、'.join(strangers)}。",
        f"'{label.en}' can only be somebody whom the case names now; choose another: {', '.join(strangers)}.",
        field=field,
    )


def too_late(period: str, told: tuple[str, str], act: CompiledAct) -> Refusal:
    return Refusal(f"workflow.right_{period}", f"{told[0]}，不能再“{act.zh}”。", f"{told[1]}; too late for '{act.en}'.")


def too_early(period: str, told: tuple[str, str], act: CompiledAct) -> Refusal:
    return Refusal(
        f"workflow.wait_{period}",
        f"{told[0]}，届满之前不能“{act.zh}”。",
        f"{told[1]}; not '{act.en}' before that.",
    )


def value_does_not_fit(field: str, *, label: tuple[str, str], act: CompiledAct, wanted: str) -> Refusal:
    return Refusal(
        f"workflow.where_{field}",
        f"“{label[0]}”不符合，不能“{act.zh}”{wanted}。",
        f"'{label[1]}' does not fit '{act.en}'.",
        field=field,
    )


def number_out_of_bounds(
    how: str,
    *,
    field: str,
    label: tuple[str, str],
    zh: str,
    limit: object,
    cited: tuple[str, str],
    number: object,
    act: CompiledAct,
    en: str,
) -> Refusal:
    return Refusal(
        f"workflow.{how}_{field}",
        f"“{label[0]}”须{zh} {limit}{cited[0]}，现在是 {'空' if number is None else number}，不能“{act.zh}”。",
        f"'{label[1]}' must be {en} {limit}{cited[1]} and is {'empty' if number is None else number}; not '{act.en}'.",
        field=field,
    )


def value_negative(label: Label, *, value: object, field: str) -> Refusal:
    """A count, a quantity or an amount is less than nothing."""
    return Refusal(
        "workflow.negative",
        f"“{label.zh}”不能小于零，现在是 {value}；请改正。",
        f"'{label.en}' can't be less than nothing and is {value}; correct it.",
        field=field,
    )


def of_field(refusal: Refusal, label: Label, name: str, said: str) -> Refusal:
    """What is wrong with a value, said of the field that it was typed into."""
    return Refusal(refusal.code, f"“{label.zh}”：{refusal.zh}", f"'{label.en}': {refusal.en}", name, said)


def too_many(number: int, most: int) -> Refusal:
    return Refusal(
        "case.many",
        f"最多 {most} 项，现在有 {number} 项；请分开办理。",
        f"At most {most} entries, not {number}; do it in several acts.",
    )


def single() -> Refusal:
    return Refusal("case.single", "只能写一项；请删去其余。", "Only one can stand here; remove the others.")


def too_long(length: int, most: int) -> Refusal:
    return Refusal(
        "case.long",
        f"最多 {most} 字，现在有 {length} 字；请写短一些，详情可以作为附件。",
        f"At most {most} characters, not {length}; write less, details can be attached.",
    )


def no_moment(said: str) -> Refusal:
    return Refusal(
        "case.moment",
        f"“{said}”不是时刻；请写成 2026-03-02 09:30。",
        f"'{said}' is no moment; write 2026-03-02 09:30.",
    )
