"""Why subjects are not merged, split or decided to differ."""

from __future__ import annotations

from zhiheng.kernel.reasons import Refusal


def match_decided(match_id: int) -> Refusal:
    return Refusal(
        "likely.decided",
        f"疑似匹配 {match_id} 不存在或已有结论；请刷新清单。",
        f"Likely match {match_id} does not exist or is decided; refresh the list.",
    )


def matches_of_several_kinds() -> Refusal:
    return Refusal(
        "likely.kinds",
        "一起判断的只能是同一种依据的疑似匹配；请先按匹配依据筛选。",
        "Only pairs that are alike for the same reason can be decided together; filter by the reason first.",
    )


def number_of_matches_wrong(most: int, *, chosen: int) -> Refusal:
    return Refusal(
        "likely.several",
        f"请勾选要一起判断的疑似匹配，一次至多 {most} 对；现在勾选了 {chosen} 对。",
        f"Tick the pairs to decide together, at most {most} at a time; {chosen} are ticked.",
    )


def merging_with_itself() -> Refusal:
    return Refusal(
        "merge.itself",
        "合并需要两个不同的主体；请检查编号。",
        "A merge takes two different subjects; check the numbers.",
    )


def merging_different_kinds() -> Refusal:
    return Refusal(
        "merge.kinds",
        "不同种类的主体不能合并（例如企业与人员）；请检查编号。",
        "Subjects of different kinds can't be one (an enterprise and a person); check the numbers.",
    )


def subject_without_names(subject: int) -> Refusal:
    return Refusal(
        "merge.nothing",
        f"主体 {subject} 名下已没有名称（此前已并入别处）；请检查编号。",
        f"Subject {subject} has no names any more (it was merged before); check the number.",
    )


def linking_needs_reason() -> Refusal:
    return Refusal(
        "reason.needed",
        "合并、拆分、撤销和判断都要写明理由；请补写。",
        "A merge, a split, an undoing and a decision need a reason; write one.",
    )


def aliases_of_several_subjects() -> Refusal:
    return Refusal(
        "split.aliases",
        "拆分要选同一主体下的名称；请重新选择。",
        "A split takes names of one subject; choose again.",
    )


def no_fact_left() -> Refusal:
    return Refusal(
        "split.all_facts",
        "不能把这个名称下的全部事实都拆出去；整个名称是别家的，请直接拆分名称。",
        "Not all facts under a name can be split off; if the whole name is somebody else's, split the name.",
    )


def facts_not_under_alias() -> Refusal:
    return Refusal(
        "split.facts",
        "要拆出去的事实不在这个名称之下（也可能刚刚已被拆出）；请刷新页面后重新选择。",
        "The facts to split off do not stand under this name (any more); reload the page and choose again.",
    )


def no_alias_left() -> Refusal:
    return Refusal(
        "split.nothing_left",
        "不能把全部名称都拆出去；请至少留下一个。",
        "A split must leave a name behind; leave at least one.",
    )


def subject_absent(subject: int) -> Refusal:
    return Refusal(
        "subject.absent",
        f"没有主体 {subject}；请检查编号。",
        f"There is no subject {subject}; check it.",
    )


def act_absent(act_id: int) -> Refusal:
    return Refusal(
        "undo.absent",
        f"没有可撤销的操作 {act_id}；请检查编号。",
        f"There is no act {act_id} to undo; check it.",
    )


def aliases_moved_on(act_id: int) -> Refusal:
    return Refusal(
        "undo.moved_on",
        f"操作 {act_id} 之后，其中的名称又被合并或拆分过；请先撤销后来的操作。",
        f"After act {act_id} one of its names was merged or split again; undo the later act first.",
    )


def act_undone(act_id: int) -> Refusal:
    return Refusal(
        "undo.twice",
        f"操作 {act_id} 已撤销，无需再撤。",
        f"Act {act_id} has been undone; nothing is left to do.",
    )
