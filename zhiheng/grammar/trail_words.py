"""What the lines of both trails are called: which trail a verb belongs to, what a line can be about, and its details.

The verbs are declared with their acts (``acts.py``), and so are details that one act alone tells.
``tests/people/test_trail_words.py`` says where something that is written has no words.
"""

from __future__ import annotations

from types import MappingProxyType

from zhiheng.grammar.acts import ACTS, VERBS, Words, once

OF_THE_LEDGER = frozenset(
    verb
    for verb in VERBS
    if verb.partition(".")[0]
    in ("fact", "heading", "likely", "projections", "proof", "publication", "rating", "subjects")
    or verb in ("delivery.accepted", "delivery.held", "delivery.refused", "delivery.withdraw")
) - {"fact.read", "fact.read_secret"}
"""Verbs that change the ledger, what is published or what is derived: their line is written in the same transaction, to
the ledger's trail. All others are written to the trail of people. ``actions/audit.py`` asks here, so no action chooses
a trail.
"""

OF_BOTH = frozenset({"refusals.report"})
"""Verbs that stand in both trails: somebody at the terminal takes refused rows beside the ledger, a page may not wait
for it.
"""


def check_verb(verb: str, *, of_the_ledger: bool) -> None:
    """Raise ValueError where a verb has no words, or its line belongs to the other trail."""
    if verb not in VERBS:
        raise ValueError(f"{verb!r} has no words; add it to its act in grammar/acts.py")
    if verb not in OF_BOTH and (verb in OF_THE_LEDGER) != of_the_ledger:
        raise ValueError(f"{verb!r} belongs to the other trail; see OF_THE_LEDGER in grammar/trail_words.py")


READINGS = ("file.read", "fact.read", "fact.read_secret", "extract.make")
"""Verbs by which an officer or a program looks into the file of an enterprise; what the enterprise is told counts
these.
"""

ABOUT: Words = MappingProxyType(
    {
        "fact": ("事实", "fact"),
        "facts": ("事实", "facts"),
        "subject": ("企业", "enterprise"),
        "account": ("账号", "account"),
        "delivery": ("报送", "delivery"),
        "upload": ("报送文件", "file"),
        "area": ("地区", "area"),
        "rating": ("质量信用评价", "rating"),
        "entry": ("公示条目", "entry"),
        "entries": ("公示条目", "entries"),
        "request": ("公示事项", "request"),
        "requests": ("公示事项", "requests"),
        "record": ("记录类型", "record"),
        "token": ("接口令牌", "key"),
        "grant": ("授予的角色", "role held"),
        "search": ("保存的查询", "saved search"),
        "invitation": ("邀请", "invitation"),
        "objection": ("异议", "objection"),
        "signal": ("预警线索", "signal"),
        "case": ("案件", "case"),
        "attachment": ("案件附件", "attachment of a case"),
        "workflow": ("工作流", "workflow"),
        "consent": ("授权", "consent"),
        "webhook": ("推送地址", "webhook"),
        "unit": ("单位", "unit"),
        "match": ("疑似匹配", "likely match"),
        "likely": ("疑似匹配", "likely match"),
        "act": ("归并记录", "identity act"),
        "identity": ("归并记录", "identity acts"),
        "indicator": ("指标", "indicator"),
        "list": ("清单", "list"),
        "heading": ("表头建议", "heading for the book"),
        "custodian": ("身份保管人", "custodian"),
        "seal": ("封存的身份", "sealed identity"),
        "message": ("消息", "message"),
        "recipient": ("消息收件", "message to somebody"),
        "document": ("案件文书", "document of a case"),
        "batch": ("成批办理", "acts in several cases"),
        "log": ("公开日志条目", "entry of the public log"),
        "submissions": ("热线导出", "what the hotline handed over"),
    }
)
"""Of what kind a thing is that a line is about."""

WHOLE: Words = MappingProxyType(
    {
        "trail": ("留痕", "the trail"),
        "projections": ("汇总数据", "what is derived"),
        "ledger": ("账本", "the ledger"),
        "clock": ("时钟", "the clock"),
        "enterprises": ("企业清单", "the list of enterprises"),
        "subjects": ("全部主体", "all subjects"),
        "cases": ("全部案件", "all cases"),
        "objections": ("全部异议", "all objections"),
        "book": ("规则书", "the book"),
        "doubts": ("公示以后查出的疑点", "doubts found after publication"),
        "signal:all": ("全部预警线索", "all signals"),
    }
)
"""What a line is about where that is one of its kind."""

COUNTED: Words = MappingProxyType({"files": ("{n} 个文件", "{n} files"), "bytes": ("{n} 字节", "{n} bytes")})
"""What a line is about where that is so many of something (``114 files``)."""

ACTORS: Words = MappingProxyType(
    {
        "system": ("系统自动", "the system itself"),
        "public": ("没有账号的公众", "somebody without an account"),
        "cli": ("服务器命令行（{name}）", "command line ({name})"),
        "cli:": ("服务器命令行", "command line"),
        "token": ("接口令牌 {name}", "key of a program {name}"),
        "account": ("已删除的账号 {name}", "deleted account {name}"),
    }
)
"""Who acts, by what an actor's name begins with, where no account has it. ``name``: what stands behind the colon. A
search for all of a command line names nobody (``cli:``).
"""

LISTED: Words = MappingProxyType({"fact.read": ("查看事实清单", "read a list of facts")})
"""Readings of a list are noted about what the list belongs to (an indicator, an area, a delivery) and not about a fact
or an enterprise: what they are called then.
"""
_ONE_BY_ONE = ("fact", "subject")


def verb_words(verb: str, about: str = "") -> tuple[str, str] | None:
    """What a verb is called in a line about something; None where it has no words."""
    if about and verb in LISTED and about.partition(":")[0] not in _ONE_BY_ONE:
        return LISTED[verb]
    return VERBS.get(verb)


DETAILS: Words = once(
    [
        {
            "facts": ("条数", "facts"),
            "fact": ("事实", "fact"),
            "case": ("案件", "case"),
            "file": ("文件摘要", "digest of the file"),
            "content": ("内容摘要", "digest of the content"),
            "files": ("文件", "files"),
            "requests": ("公示事项", "requests"),
            "request": ("公示事项", "request"),
            "count": ("条数", "count"),
            "reason": ("理由", "reason"),
            "subject": ("企业", "enterprise"),
            "subjects": ("企业", "enterprises"),
            "unit": ("单位", "unit"),
            "area": ("地区", "area"),
            "first_day": ("自", "from"),
            "last_day": ("至", "until"),
            "grant": ("授予编号", "grant"),
            "quality": ("质量", "quality"),
            "role": ("角色", "role"),
            "kind": ("种类", "kind"),
            "login": ("账号", "account"),
            "as_of": ("截至", "as of"),
            "indicators": ("指标", "indicators"),
            "by": ("方式", "by"),
            "ip": ("来自", "from"),
            "what": ("事项", "what"),
            "record": ("记录类型", "record"),
            "rows": ("行数", "rows"),
            "form": ("格式", "form"),
            "format": ("格式", "format"),
            "fields": ("字段", "fields"),
            "cards": ("企业摘要", "cards"),
            "figures": ("指标数", "figures"),
            "owed": ("应报事项", "owed"),
            "whole": ("全部重算", "all anew"),
            "doubts": ("存疑记录", "doubtful facts"),
            "found": ("找到", "found"),
            "text": ("查找内容", "text"),
            "filters": ("条件", "filters"),
            "cause": ("原因", "cause"),
            "factor": ("验证方式", "factor"),
            "published": ("随之撤下的公示", "taken down with it"),
            "name": ("名称", "name"),
            "warnings": ("预警规则数", "warnings"),
            "new": ("新线索", "new"),
            "changed": ("数值变动", "changed"),
            "gone": ("数据不再支持", "no longer reached"),
            "not_judged": ("没有判断的规则", "not judged"),
            "extract": ("摘录编号", "extract"),
            "consent": ("授权编号", "consent"),
            "report": ("信用报告编号", "credit report"),
            "rating": ("评价", "rating"),
            "objection": ("异议编号", "objection"),
            "reader": ("金融机构", "institution"),
            "source": ("来源", "source"),
            "ground": ("异议理由", "ground"),
            "remedy": ("处理", "remedy"),
            "code": ("退回原因", "why refused"),
            "invitation": ("邀请编号", "invitation"),
            "aliases": ("名称数", "spellings"),
            "moved": ("调整条数", "moved"),
            "number": ("编号", "number"),
            "columns": ("列", "columns"),
            "sha256": ("文件摘要", "digest of the file"),
            "scopes": ("范围", "scopes"),
            "verb": ("操作", "verb"),
            "who": ("操作人", "who"),
            "about": ("对象", "about"),
            "first": ("自", "from"),
            "last": ("至", "until"),
            "links": ("链接", "links"),
            "faults": ("差错", "faults"),
            "head": ("链尾", "head"),
            "deliveries": ("报送", "deliveries"),
            "ended": ("终止", "ended"),
            "holder": ("持有人", "holder"),
            "address": ("地址", "address"),
            "delivery": ("报送", "delivery"),
            "channel": ("渠道", "channel"),
            "channels": ("渠道", "channels"),
            "line": ("办理记录", "line"),
            "document": ("文书", "document"),
            "act": ("行为", "act"),
            "workflow": ("工作流", "workflow"),
            "why": ("原因", "why"),
        },
        *(entry.details for entry in ACTS.values()),
    ]
)
"""What the details of a line are called: those that several acts tell, then those of one act alone."""

VALUES: Words = MappingProxyType(
    {
        "password": ("密码", "password"),
        "mfa": ("双重验证", "second factor"),
        "totp": ("动态口令", "one-time code"),
        "recovery_codes": ("恢复码", "recovery codes"),
        "webauthn": ("安全密钥", "security key"),
        "socialaccount": ("统一认证", "single sign-on"),
        "code": ("登录码", "code on paper"),
        "officer": ("工作人员", "officer"),
        "enterprise": ("企业人员", "of an enterprise"),
        "bank": ("金融机构人员", "of a bank"),
        "product": ("产品", "product"),
        "project": ("工程", "project"),
        "service": ("服务", "service"),
        "environment": ("环境", "environment"),
        "corrected": ("已更正", "corrected"),
        "withdrawn": ("已撤回", "withdrawn"),
        "taken_down": ("已撤下", "taken down"),
        "none": ("无", "none"),
        "in_app": ("站内消息", "in-app message"),
        "email": ("电子邮件", "e-mail"),
        "sms": ("短信", "text message"),
        "csv": ("CSV 文本", "CSV"),
        "xlsx": ("Excel 工作簿", "Excel workbook"),
        "docx": ("Word 文档", "Word document"),
        "pdf": ("PDF", "PDF"),
        "idle": ("长时间没有操作，自动退出", "idle for too long, signed out"),
        "long": ("登录时间过长，自动退出", "signed in for too long, signed out"),
    }
)
"""Words of the machine that stand as values in the details."""
