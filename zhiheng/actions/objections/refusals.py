"""Why an objection is not taken, answered, withdrawn or followed by a withdrawal."""

from __future__ import annotations

from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refusal


def no_enterprise_corner() -> Refusal:
    return Refusal("corner.absent", "本规则书没有企业之窗。", "This book has no enterprise corner.")


def no_workflow_of_objections(name: str) -> Refusal:
    return Refusal(
        "corner.workflow",
        f"规则书没有异议的工作流“{name}”，不能办理异议；请由管理员运行 zhiheng book check 并补上。",
        f"The book lacks {name!r}, the workflow of objections, so none can be worked; let an administrator run zhiheng "
        "book check and add it.",
    )


def no_period_for_answer(record: Label) -> Refusal:
    return Refusal(
        "objection.period",
        f"法规参数里没有今天对“{record.zh}”的异议答复期限，暂时不能提出；请联系质量办补上参数。",
        f"The law of today sets no period for answering an objection to '{record.en}', so none can be raised; ask the "
        "quality office to add it.",
    )


def answer_malformed(longest: int) -> Refusal:
    return Refusal(
        "objection.answer",
        f"请写明答复：核实了什么、结论和依据（10 至 {longest} 字）。",
        f"Say what was verified, the conclusion and its ground (10 to {longest} characters).",
        "text",
    )


def objection_closed_meanwhile(when: str) -> Refusal:
    return Refusal(
        "objection.decided",
        f"这件异议已由别人在 {when} 办结，您的答复没有写入；请刷新查看。",
        f"Somebody closed this objection at {when}; yours was not written. Reload the page.",
    )


def objection_answered() -> Refusal:
    return Refusal(
        "objection.decided",
        "这件异议已经答复，不能再撤回；请看答复。",
        "It was answered already and can't be withdrawn; read the answer.",
    )


def objection_closed() -> Refusal:
    return Refusal("objection.decided", "这件异议已经办结或者撤回。", "This objection is closed already.")


def entry_not_of_objection() -> Refusal:
    return Refusal(
        "objection.entry",
        "这件异议所涉的事实没有这个公示条目；请核对编号。",
        "The fact of this objection has no such entry; check the number.",
    )


def too_many_attachments(most: int) -> Refusal:
    return Refusal("objection.files", f"附件最多 {most} 个。", f"At most {most} attachments.", "files")


def ground_not_chosen() -> Refusal:
    return Refusal("objection.ground", "请选择理由类别。", "Choose a ground.", "ground")


def attachment_of_another_kind(name: str) -> Refusal:
    return Refusal(
        "objection.kind",
        f"附件“{name}”不是 PDF、PNG 或 JPEG；请另存为其中一种再附上。",
        f"The attachment {name} is no PDF, PNG or JPEG; save it as one of these and attach it again.",
        "files",
    )


def attachment_too_large(name: str, most: int) -> Refusal:
    return Refusal(
        "objection.large",
        f"附件“{name}”超过 {most >> 20} MB，请压缩或分开。",
        f"The attachment {name} is larger than {most >> 20} MB; compress it or split it.",
        "files",
    )


def never_published() -> Refusal:
    return Refusal(
        "objection.never_shown",
        "这条事实没有公示过，无从撤下；请选择其他处理方式。",
        "It was never published; choose another remedy.",
        "remedy",
    )


def fact_not_remedied() -> Refusal:
    return Refusal(
        "objection.not_remedied",
        "这条事实还没有更正或撤回；请先在事实页办理，再来办结。",
        "The fact was not corrected or withdrawn yet; do that on its page first, then close this.",
        "remedy",
    )


def no_receipt_number() -> Refusal:
    return Refusal(
        "objection.number",
        "暂时取不到回执编号，异议没有提交；请再提交一次，仍不行请联系系统管理员。",
        "No number is free for the receipt, so the objection was not sent; send it again, and if that does not "
        "help, tell the administrator.",
    )


def old_text_still_published() -> Refusal:
    return Refusal(
        "objection.old_shown",
        "事实已经更正或撤回，但公众看到的还是原来的内容；请等公示的更正或撤下办完，再来办结。",
        "The fact was corrected or withdrawn, but the public still sees what it said before; close this once "
        "publication has followed.",
        "remedy",
    )


def objection_needs_reason(longest: int) -> Refusal:
    return Refusal(
        "objection.reason",
        f"请写明理由：哪里不对、应当是什么（10 至 {longest} 字）。",
        f"Say what is wrong and how it should be (10 to {longest} characters).",
        "reason",
    )


def remedy_not_chosen() -> Refusal:
    return Refusal("objection.remedy", "异议成立的，请选择怎样处理。", "Where it stands, say what was done.", "remedy")


def fact_replaced() -> Refusal:
    return Refusal(
        "objection.replaced",
        "这条记录已被更正或撤回，不再有效；对更正后的内容有异议的，请打开更正后的记录提出。",
        "This was corrected or withdrawn and no longer holds; object to the correction instead.",
    )


def still_published() -> Refusal:
    return Refusal(
        "objection.still_shown",
        "相关公示还没有撤下；请先在“发布”中撤下，再来办结。",
        "It is still published; take it down first, then close this.",
        "remedy",
    )


def entry_not_shown() -> Refusal:
    return Refusal(
        "publication.gone",
        "这个条目已经不在公示，无须再提。",
        "The entry is not shown any more; nothing is left to be done.",
    )


def withdrawal_cause_not_chosen() -> Refusal:
    return Refusal("withdrawal.cause", "请选择撤下的原因。", "Choose why it is taken down.", "cause")


def withdrawal_needs_reason() -> Refusal:
    return Refusal("withdrawal.reason", "请写明核实的情况和撤下的理由。", "Say what was verified and why.", "reason")
