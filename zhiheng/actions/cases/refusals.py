"""Why an act in a case is refused, beside what the workflow itself forbids: one sentence for each, with what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refusal


def workflow_unknown(name: str) -> Refusal:
    """The book has no such workflow."""
    return Refusal(
        "case.workflow",
        f"规则书中没有工作流“{name}”；请重新选择。",
        f"The book has no workflow {name!r}; choose again.",
    )


def document_not_in_log() -> Refusal:
    """The log has no entry of the document under a signed head yet."""
    return Refusal(
        "case.document_not_in_log",
        "这份文书还没有写入公开日志，后台一分钟左右写入一次；请稍后再试。",
        "The public log has no entry of this document yet; it gets one within a minute or two. Try again then.",
    )


def opened_within(label: Label, above: Sequence[Label]) -> Refusal:
    """Only another case opens a case of the workflow."""
    zh = "、".join(f"“{each.zh}”" for each in above)
    en = ", ".join(f"'{each.en}'" for each in above)
    return Refusal(
        "case.only_within",
        f"“{label.zh}”由{zh}的案件开立，不单独立案；请打开那件案件办理。",
        f"A case of '{label.en}' is opened by one of {en}, never by itself; open that case and act there.",
    )


def act_unknown(name: str, label: Label) -> Refusal:
    """The workflow has no such act, or its outcome was not said."""
    return Refusal(
        "case.act",
        f"“{label.zh}”没有行为“{name}”；有几种结果的行为要写明结果，如 decide.accept。请刷新页面后再选。",
        f"'{label.en}' has no act {name!r}; of an act with outcomes name one, such as decide.accept. Reload the page.",
    )


def on_pages_of_objections(act: Label) -> Refusal:
    """An act that is done where it is seen that a remedy was carried out."""
    return Refusal(
        "case.own_page",
        f"“{act.zh}”不在案件页办理；请在“异议”页办理，那里核对更正、撤回或者停止公示是否已经做到。",
        f"'{act.en}' is not done in the case; do it on the page of the objection, which sees whether the remedy was "
        "carried out.",
    )


def changed_since(lines: Sequence[tuple[str, dt.datetime, Label]]) -> Refusal:
    """Somebody was faster: what changed since the page was opened, as (who, when, which act)."""
    zh = "；".join(f"{who} {at:%Y-%m-%d %H:%M}“{act.zh}”" for who, at, act in lines)
    en = "; ".join(f"{who} {at:%Y-%m-%d %H:%M} '{act.en}'" for who, at, act in lines)
    return Refusal(
        "case.changed",
        f"您打开案件以后，案件有了变化：{zh}。您填写的内容还在，没有提交；请核对后再办。",
        f"The case has changed since you opened it: {en}. What you typed is still there and was not submitted; look at "
        "the changes, then submit again.",
    )


def not_stated(act: Label) -> Refusal:
    """The day was given for an act that happens when it is entered."""
    return Refusal(
        "case.day_not_stated",
        f"“{act.zh}”的时间就是登记的时间，不能另填；请去掉日期。",
        f"'{act.en}' happens when it is entered, so its day is not stated; leave it out.",
        "happened",
    )


def in_future(day: dt.date, today: dt.date) -> Refusal:
    """The stated day or moment has not come."""
    said = day.isoformat(" ", "minutes") if isinstance(day, dt.datetime) else day.isoformat()
    return Refusal(
        "case.future",
        f"发生时间 {said} 还没有到（今天是 {today}）；请改正。",
        f"{said} has not come yet (today is {today}); correct it.",
        "happened",
    )


def moment_unread(text: str) -> Refusal:
    """What was stated is no day and no moment."""
    return Refusal(
        "case.happened",
        f"“{text[:40]}”不是日期或者时刻；请写成 2026-03-02 或 2026-03-02 09:30。",
        f"'{text[:40]}' is no day and no moment; write 2026-03-02 or 2026-03-02 09:30.",
        "happened",
    )


def party_unknown(role: str, label: Label) -> Refusal:
    """The page has no such party."""
    return Refusal(
        "case.party",
        f"“{label.zh}”没有当事人“{role}”；请改正。",
        f"'{label.en}' has no party {role!r}; correct it.",
        "parties",
    )


def party_twice(label: Label) -> Refusal:
    """Several were named for a party of whom there is one."""
    return Refusal(
        "case.party_twice",
        f"“{label.zh}”只能有一个；请删去其余。",
        f"There is only one '{label.en}'; remove the others.",
        "parties",
    )


def party_open(label: Label) -> Refusal:
    """A party that has to be sealed was named."""
    return Refusal(
        "case.party_open",
        f"“{label.zh}”的身份必须密封，不能写姓名；请先密封，再填密封编号。",
        f"The identity of '{label.en}' must be sealed and can't be named here; seal it first and give its reference.",
        "parties",
    )


def party_unnamed(label: Label) -> Refusal:
    """A party without a name and without a sealed reference."""
    return Refusal(
        "case.party_unnamed",
        f"请写明“{label.zh}”。",
        f"Say who the '{label.en}' is.",
        "parties",
    )


def person_unknown(field: Label, name: str, who: str) -> Refusal:
    """A field that names who acts in the case holds no account."""
    return Refusal(
        "case.person",
        f"“{field.zh}”中的“{who}”不是在用的账号；请从名单中选择。",
        f"'{who}' in '{field.en}' is no account that is in use; choose from the list.",
        name,
    )


def unit_unknown(field: Label, name: str, unit: str) -> Refusal:
    """A field that names the unit which is to hold the case holds none."""
    return Refusal(
        "case.unit",
        f"“{field.zh}”中的“{unit}”不是单位；请从名单中选择。",
        f"'{unit}' in '{field.en}' is no unit; choose from the list.",
        name,
    )


def unit_holds_it(field: Label, name: str) -> Refusal:
    """A case is offered to the unit that holds it."""
    return Refusal(
        "case.unit_holds_it",
        f"“{field.zh}”就是现在办理的单位；请选别的单位。",
        f"'{field.en}' is the unit that holds the case now; choose another.",
        name,
    )


def opening_struck(case: str) -> Refusal:
    """The line that opened a case was struck before anything was done in it."""
    return Refusal(
        "case.opening_struck",
        f"开出案件“{case}”的那一步已经撤销，不再办理；需要时请在原案件里重新办这一步。",
        f"The step that opened case {case} was struck, so nothing is done in it; do that step anew in the case before.",
    )


def waits_already(act: Label) -> Refusal:
    """The same act waits for signatures with other words."""
    return Refusal(
        "case.waits_already",
        f"“{act.zh}”已有一件待共同签署，内容不同；请先签署或者不予签署那一件。",
        f"'{act.en}' waits for signatures already, with other words; sign or decline that one first.",
    )


def proposal_absent(number: int) -> Refusal:
    """There is no such proposal."""
    return Refusal(
        "case.proposal",
        f"没有编号为 {number} 的待签署事项；请刷新页面。",
        f"There is no proposal {number}; reload the page.",
    )


def proposal_decided(at: dt.datetime | None) -> Refusal:
    """The proposal was signed to its end, or declined."""
    when = f"{at:%Y-%m-%d %H:%M}" if at else ""
    return Refusal(
        "case.proposal_decided",
        f"这件事项已在 {when} 办结，您的签署没有写入；请刷新查看。",
        f"This was decided at {when}; your signature was not written. Reload the page.",
    )


def proposal_changed() -> Refusal:
    """The words that were shown are not those that wait."""
    return Refusal(
        "case.proposal_changed",
        "您看到的内容与待签署的不一致，没有签署；请刷新后重新阅读。",
        "What you were shown is not what waits to be signed; reload, read it again, then sign.",
    )


def reason_needed() -> Refusal:
    """An act that is written with its reason has none."""
    return Refusal("case.reason", "请写明理由（2 至 2000 字）。", "Give the reason (2 to 2,000 characters).", "reason")


def text_needed() -> Refusal:
    """A comment without a word."""
    return Refusal("case.text", "请写下内容（不超过 5000 字）。", "Write something (at most 5,000 characters).", "text")


def line_absent(number: int) -> Refusal:
    """There is no such line that could be struck."""
    return Refusal(
        "case.line",
        f"没有编号为 {number} 的办理记录，或者这一类记录不能撤销；请刷新页面。",
        f"There is no line {number}, or lines of its kind can't be struck; reload the page.",
    )


def struck_already() -> Refusal:
    """The line was struck before."""
    return Refusal("case.struck", "这条记录已经撤销。请刷新页面。", "The line was struck already. Reload the page.")


def own_line() -> Refusal:
    """Who wrote a line does not strike it."""
    return Refusal(
        "case.own_line",
        "自己办的记录要由另一人撤销；请找负责人或者同事。",
        "A line is struck by somebody else than who wrote it; ask the head or a colleague.",
    )


def not_of_the_unit(called: str) -> Refusal:
    """Who is to handle a case can't."""
    return Refusal(
        "case.assignee",
        f"“{called}”不能承办本单位的这类案件；请另选一人。",
        f"{called} may not handle cases of this kind for the unit; choose somebody else.",
        "to",
    )


def same_case() -> Refusal:
    """A case is not linked to itself."""
    return Refusal(
        "case.same",
        "两个案件是同一件；请填另一件的案号。",
        "Both are the same case; give the number of another.",
        "other",
    )


def linked_already() -> Refusal:
    """The link is there."""
    return Refusal(
        "case.linked", "两件案件已经关联。请刷新页面。", "The two cases are linked already. Reload the page."
    )


def not_changed() -> Refusal:
    """It is so already."""
    return Refusal("case.same_state", "已经是这样，不用再办。请刷新页面。", "It is so already. Reload the page.")


def draft_absent(number: int) -> Refusal:
    """There is no such draft of the actor."""
    return Refusal(
        "case.draft",
        f"您没有编号为 {number} 的草稿；请刷新页面。",
        f"You have no draft {number}; reload the page.",
    )


def opened_jointly(act: Label) -> Refusal:
    """A case that several persons open together is opened from the case that it belongs to."""
    return Refusal(
        "case.opened_jointly",
        f"“{act.zh}”要几人共同办理，不能单独立案；请在它所属的案件里开出这一件，再共同签署。",
        f"'{act.en}' is done by several together and can't be opened alone; open it from the case that it belongs to, "
        "then sign it together.",
    )


def unit_to_handle_unknown(unit: str) -> Refusal:
    return Refusal(
        "unit.unknown",
        f"没有代号为“{unit}”的单位；请重新选择承办单位。",
        f"There is no unit {unit!r}; choose the unit again.",
        "unit",
    )


def document_unknown() -> Refusal:
    """No document of a case has this code."""
    return Refusal(
        "case.document_unknown",
        "没有这个编号的文书或者摘录；请核对二十位编号。仍然查不到的，纸面可能是伪造的，请向落款单位查询。",
        "No document or extract has this number; check its twenty characters. Where it can't be found, the paper may "
        "be forged: ask the unit that it names.",
    )


def workflow_absent(name: str) -> Refusal:
    """The address names a workflow that the book does not have, or that is opened by no officer."""
    return Refusal(
        "case.workflow.absent",
        f"没有可以立案的事项“{name}”；请从清单中选择。",
        f"There is no procedure {name!r} to open a case of; choose from the list.",
    )


def too_many_files(most: int) -> Refusal:
    """More files at once than one line takes."""
    return Refusal(
        "case.files",
        f"一次最多附 {most} 个文件；其余的请随下一条记录或备注补交。",
        f"At most {most} files at once; send the others with the next act or with a comment.",
        "attachments",
    )


def no_sender() -> Refusal:
    return Refusal(
        "case.no_sender",
        "这个案件没有给出过回执，没有人能看到这条留言；请用备注，或者按法定方式告知。",
        "No receipt was given for this case, so nobody would read it; write a comment, or tell them as the law says.",
    )


def none_chosen() -> Refusal:
    return Refusal(
        "case.none_chosen",
        "还没有勾选案件；请在清单里勾选要一起办理的案件。",
        "No case is ticked; tick those that are to be done together.",
        "case",
    )


def too_many_chosen(most: int) -> Refusal:
    """More cases at once than can be worked out while somebody waits."""
    return Refusal(
        "case.too_many_chosen",
        f"一次最多选 {most} 件；请用筛选条件分几次办理。",
        f"At most {most} cases at once; narrow the list and do them by and by.",
        "case",
    )


def possible_in_none() -> Refusal:
    """Meanwhile none of the chosen cases allows the act."""
    return Refusal(
        "case.possible_in_none",
        "选定的案件现在都不能办这一步，可能刚有人办过；请回到清单重新勾选。",
        "None of the chosen cases allows this now; somebody may just have done it. Go back to the list and tick again.",
    )


def of_another_workflow(label: Label) -> Refusal:
    return Refusal(
        "case.another_workflow",
        f"本案不是“{label.zh}”，没有这一步；请单独办理。",
        f"This case is no '{label.en}' and has no such act; do it by itself.",
    )


def fact_taken(fact: int, case: str) -> Refusal:
    return Refusal(
        "case.fact_taken",
        f"事实 {fact} 已经由案件{case}立案办理；一条事实只立一次案，请到该案办理。",
        f"Fact {fact} was taken up by the case {case} already; a fact opens one case. Go on there.",
    )


def fact_decided(fact: int) -> Refusal:
    return Refusal(
        "case.fact_decided",
        f"事实 {fact} 刚刚已经有人处理；请刷新清单。",
        f"Somebody has dealt with fact {fact} meanwhile; reload the list.",
    )


def submission_kind_unknown(kind: str) -> Refusal:
    return Refusal(
        "case.submission_kind",
        f"没有“{kind}”这种来件；请在投诉、举报中选择。",
        f"There is no kind of submission {kind!r}; choose complaint or report.",
        "kind",
    )


def not_delivered(number: int) -> Refusal:
    return Refusal(
        "case.not_delivered",
        f"编号为 {number} 的事实不是热线来件；请从清单逐件立案。",
        f"The fact {number} did not come from a hotline; open its case from the list.",
    )


def reminder_past(day: dt.date, today: dt.date) -> Refusal:
    """A reminder on a day that has gone by."""
    return Refusal(
        "case.reminder_past",
        f"提醒的日期 {day} 已经过去；请写 {today} 或者以后的日期，或者不填。",
        f"The reminder is set on {day}, which has gone by; give {today} or a later day, or none.",
    )
