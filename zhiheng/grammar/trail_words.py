"""What the lines of both trails are called: every verb that the machine writes, what a line can be about, and its
details.

A closed list like the acts of roles: an action that writes a new verb adds it here, and
``tests/people/test_trail_words.py`` says so
where it did not.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Words = Mapping[str, tuple[str, str]]

VERBS: Words = MappingProxyType(
    {
        "file.read": ("查看质量档案", "read a quality file"),
        "fact.read": ("查看事实", "read a fact"),
        "fact.read_secret": ("查看涉密字段", "read secret fields"),
        "enterprise.search": ("查找企业", "looked for enterprises"),
        "export.make": ("导出数据", "exported data"),
        "extract.make": ("出具档案摘录", "made an extract of a file"),
        "proof.export": ("导出证明包", "exported a proof bundle"),
        "credit.read": ("金融机构查询", "a financial institution read"),
        "objection.read": ("查看异议", "read an objection"),
        "people.read": ("查看人员账号", "looked at somebody's account"),
        "audit.read": ("查阅留痕", "read the trail"),
        "clock.accept": ("确认时钟", "accepted the clock"),
        "ledger.verify": ("核验账本", "verified the ledger"),
        "identity.open": ("查看疑似匹配", "opened a likely match"),
        "identity.search": ("查找主体", "looked for subjects"),
        "delivery.upload": ("报送文件", "handed in a file"),
        "delivery.again": ("重新接收文件", "received a file again"),
        "delivery.answer": ("确认表格类型", "said what a table is"),
        "delivery.accepted": ("接收报送", "received a delivery"),
        "delivery.held": ("暂存报送", "held a delivery"),
        "delivery.refused": ("退回报送", "refused a delivery"),
        "delivery.remind": ("出具催报单", "drew up a reminder of what units owe"),
        "delivery.confirm": ("确认暂存的报送", "confirmed a held delivery"),
        "delivery.withdraw": ("撤回整份报送", "withdrew a whole delivery"),
        "heading.propose": ("提请采用表头", "proposed a heading for the book"),
        "heading.accept": ("采用表头建议", "accepted a heading for the book"),
        "heading.reject": ("不采用表头建议", "rejected a heading for the book"),
        "heading.take_back": ("收回已采用的表头", "took back a heading of the book"),
        "refusals.report": ("下载退回记录", "took refused rows back"),
        "fact.correction": ("更正事实", "corrected a fact"),
        "fact.withdrawal": ("撤回事实", "withdrew a fact"),
        "likely.same": ("判为同一主体", "decided: the same"),
        "likely.different": ("判为不同主体", "decided: different"),
        "subjects.merge": ("合并主体", "merged subjects"),
        "subjects.split": ("拆分主体", "split a subject"),
        "subjects.undo": ("撤销归并", "undid a merge"),
        "publication.propose": ("提出公示", "proposed publication"),
        "publication.publish": ("批准公示", "approved publication"),
        "publication.reject": ("不予公示", "rejected publication"),
        "publication.withdraw": ("撤下公示", "took a publication down"),
        "publication.correct": ("更正公示", "corrected a publication"),
        "publication.expire": ("公示到期撤下", "publication ended"),
        "publication.statistics": ("公布统计数", "published figures"),
        "publication.open_data": ("生成开放数据文件", "made the open data"),
        "publication.mark_objections": ("标注异议处理中", "marked objections"),
        "publication.follow_identity": ("公示随归并调整", "publication followed a merge"),
        "case.read": ("查看案件", "read a case"),
        "case.open": ("立案登记", "opened a case"),
        "case.act": ("办理案件", "acted in a case"),
        "case.document": ("制作案件文书", "made a document of a case"),
        "case.attachment": ("下载案件附件", "took an attachment of a case"),
        "case.batch": ("批量办理案件", "did one act in many cases"),
        "case.propose": ("提请共同签署", "proposed an act for others to sign"),
        "case.sign": ("共同签署", "signed an act of a case"),
        "case.decline": ("不予签署", "declined to sign an act of a case"),
        "case.strike": ("撤销案件记录", "struck a line of a case"),
        "case.assign": ("指派承办人", "assigned a case"),
        "case.comment": ("案件备注", "commented on a case"),
        "case.link": ("关联案件", "linked cases"),
        "case.duplicate": ("标为重复案件", "marked a case as a duplicate"),
        "case.restrict": ("限制案件查阅", "restricted who reads a case"),
        "case.draft": ("保存案件草稿", "kept a draft for a case"),
        "case.remake": ("重算案件状态", "made standings of cases anew"),
        "case.fact": ("写入所依据事实的新情况", "told in a case what became of a fact"),
        "case.decline_fact": ("决定不因事实立案", "opened no case because of a fact"),
        "case.answers": ("导出热线办理反馈", "exported the answers to a hotline"),
        "case.withdraw_fact": ("随案件记录撤回事实", "took back the fact of a struck line"),
        "signal.find": ("查找预警线索", "looked for signals of early warnings"),
        "signal.take_up": ("预警线索立案", "opened a case of a signal"),
        "signal.set_aside": ("预警线索不立案", "set a signal aside"),
        "objection.raise": ("提出异议", "objected"),
        "objection.answer": ("答复异议", "answered an objection"),
        "objection.withdraw": ("撤回异议", "withdrew an objection"),
        "objection.carry_over": ("异议转为案件", "made cases of objections"),
        "undertaking.sign": ("签署承诺或责任书", "signed an undertaking"),
        "undertaking.end": ("终止承诺或责任书", "ended an undertaking"),
        "consent.give": ("授权金融机构查询", "consented to a bank"),
        "sampling.begin": ("登记一个抽样系列", "began a series of batches"),
        "sampling.lot": ("登记一批的抽样结果", "noted the result of a batch"),
        "sampling.drop": ("删去一批的抽样结果", "deleted the result of a batch"),
        "sampling.delete": ("删除一个抽样系列", "deleted a series of batches"),
        "measurement.add": ("提交测量值", "added measurements"),
        "measurement.change": ("改变控制图的设置", "changed how measurements are charted"),
        "measurement.delete": ("删除测量值", "deleted measurements"),
        "consent.withdraw": ("撤回授权", "withdrew a consent"),
        "session.begin": ("登录", "signed in"),
        "session.end": ("退出登录", "signed out"),
        "session.refused": ("登录未成功", "failed to sign in"),
        "session.locked": ("登录被锁定", "sign-in locked"),
        "account.create": ("新建账号", "made an account"),
        "account.close": ("停用账号", "closed an account"),
        "account.security": ("账号安全变更", "changed the security of an account"),
        "account.factor_reset": ("重置双重验证", "reset a second factor"),
        "role.give": ("授予角色", "gave a role"),
        "role.confirm": ("确认角色", "confirmed a role"),
        "role.decline": ("不予确认角色", "declined a role"),
        "role.end": ("终止角色", "ended a role"),
        "role.lend": ("委托角色", "lent a role"),
        "acting.begin": ("开始代办", "began to act for somebody"),
        "acting.end": ("结束代办", "ended acting for somebody"),
        "invitation.issue": ("发出邀请码或登录码", "issued a code"),
        "invitation.accept": ("凭码启用账号", "took up an account by a code"),
        "invitation.refused": ("码不对", "a code was wrong"),
        "invitation.withdraw": ("收回邀请码", "withdrew a code"),
        "custody.make_key": ("设立身份保管人", "became a custodian of identities"),
        "custody.admit": ("接纳身份保管人", "admitted a custodian of identities"),
        "custody.passphrase": ("更换保管口令", "changed a custodian's passphrase"),
        "custody.end": ("终止身份保管", "ended a custody of identities"),
        "custody.refused": ("保管口令不对", "a custodian's passphrase was wrong"),
        "seal.make": ("封存身份", "sealed an identity"),
        "seal.ask": ("提出拆封", "asked to open a seal"),
        "seal.open": ("拆封", "opened a seal"),
        "seal.decline": ("不同意拆封", "declined to open a seal"),
        "seal.lapse": ("拆封申请逾期作废", "a request to open a seal lapsed"),
        "token.order": ("提请签发接口令牌", "ordered a key of a program"),
        "token.confirm": ("确认接口令牌", "confirmed a key of a program"),
        "token.decline": ("不予确认接口令牌", "declined a key of a program"),
        "token.issue": ("签发接口令牌", "issued a key of a program"),
        "token.revoke": ("吊销接口令牌", "revoked a key of a program"),
        "webhook.register": ("登记推送地址", "registered a webhook"),
        "webhook.end": ("停止推送", "ended a webhook"),
        "webhook.pause": ("暂停推送", "paused a webhook"),
        "message.send": ("发出提醒", "sent a reminder"),
        "message.read": ("阅读消息", "read a message"),
        "message.retry": ("重新发送消息", "sent a message again"),
        "message.give_up": ("停止发送消息", "gave up a message"),
        "contact.give": ("填写邮箱或手机号", "gave an e-mail address or number"),
        "contact.confirm": ("确认邮箱或手机号", "confirmed an e-mail address or number"),
        "contact.choose": ("选择接收渠道", "chose channels"),
        "contact.remove": ("删去邮箱或手机号", "removed an e-mail address or number"),
        "search.save": ("保存查询", "saved a search"),
        "search.forget": ("删去保存的查询", "removed a saved search"),
        "projections.refresh": ("更新汇总数据", "refreshed what is derived"),
        "rating.store": ("存定信用等级", "stored grades"),
    }
)
"""Every verb of the two trails, those of reading first."""

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
        raise ValueError(f"{verb!r} has no words; add it to grammar/trail_words.py")
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


DETAILS: Words = MappingProxyType(
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
        "watermark": ("账本位置", "ledger position"),
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
        "factors": ("移除的验证方式数", "factors removed"),
        "published": ("随之撤下的公示", "taken down with it"),
        "name": ("名称", "name"),
        "events": ("事件", "events"),
        "warnings": ("预警规则数", "warnings"),
        "new": ("新线索", "new"),
        "changed": ("数值变动", "changed"),
        "gone": ("数据不再支持", "no longer reached"),
        "not_judged": ("没有判断的规则", "not judged"),
        "extract": ("摘录编号", "extract"),
        "consent": ("授权编号", "consent"),
        "report": ("信用报告编号", "credit report"),
        "rating": ("评价", "rating"),
        "replaces": ("替代授权", "takes the place of"),
        "objection": ("异议编号", "objection"),
        "reader": ("金融机构", "institution"),
        "source": ("来源", "source"),
        "ground": ("异议理由", "ground"),
        "remedy": ("处理", "remedy"),
        "code": ("退回原因", "why refused"),
        "invitation": ("邀请编号", "invitation"),
        "aliases": ("名称数", "spellings"),
        "moved": ("调整条数", "moved"),
        "marked": ("标注", "marked"),
        "cleared": ("取消标注", "cleared"),
        "deregistered": ("注销企业条数", "of deregistered"),
        "doubted": ("公示以后存疑条数", "doubted since"),
        "shown_again": ("疑点消除后重新提出条数", "cleared of their doubts"),
        "number": ("编号", "number"),
        "columns": ("列", "columns"),
        "masked": ("遮盖的列", "masked"),
        "unmasked": ("未遮盖的列", "unmasked"),
        "sha256": ("文件摘要", "digest of the file"),
        "undertaking": ("文本", "undertaking"),
        "signature": ("签署编号", "signature"),
        "upheld": ("成立", "upheld"),
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
        "rung": ("级", "rung"),
        "line": ("办理记录", "line"),
        "document": ("文书", "document"),
        "act": ("行为", "act"),
        "workflow": ("工作流", "workflow"),
        "proposal": ("待签署事项", "proposal"),
        "why": ("原因", "why"),
    }
)
"""What the details of a line are called."""

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
