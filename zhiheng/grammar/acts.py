"""The acts of the machine, each declared once: what it is, what people call it, and how the trail tells that it was
done.

Each act is asked for at one door or in one action, so a book can't invent one; which role has it, and how far it
reaches, is the book's (``chapters/roles.py``). A new act is an entry here: what a role may name, the verbs and details
of the trail (``trail_words.py``) and the page of all acts are made from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Words = Mapping[str, tuple[str, str]]
Asked = Literal["role", "account", "anyone"]


@dataclass(frozen=True, slots=True)
class ActEntry:
    """An act as people read it.

    Attributes:
        zh: what it is called, in Chinese; the trail says the same of its own line.
        en: what it is called, in English.
        shows: it shows facts, so the audiences of the role count.
        plain: it opens a room and shows nothing of anybody, so any role may have it everywhere.
        asked: of a ``role``, of an ``account`` whatever its roles, or of ``anyone``.
        weighty: it shows what is secret, publishes, decides or administers, so a password alone is not enough for it.
        done: what the trail says in English of a line that has the act as its verb; "" where there is no such line.
        lines: the other verbs of the trail that tell what is done under it, in both languages.
        details: what its lines alone tell beside the verb, in both languages; what several acts tell stands in
            ``trail_words.DETAILS``.
    """

    zh: str
    en: str
    shows: bool = False
    plain: bool = False
    asked: Asked = "role"
    weighty: bool = False
    done: str = ""
    lines: Words = field(default_factory=dict, hash=False)
    details: Words = field(default_factory=dict, hash=False)


ACTS: Mapping[str, ActEntry] = MappingProxyType(
    {
        "desk.open": ActEntry("打开工作台", "open the desk", plain=True),
        "book.read": ActEntry("查阅规则书", "read the book", plain=True),
        "search.save": ActEntry(
            "保存查询",
            "save a search",
            plain=True,
            done="saved a search",
            lines={"search.forget": ("删去保存的查询", "removed a saved search")},
        ),
        "cockpit.read": ActEntry("查看驾驶舱", "read the cockpit"),
        "indicator.read": ActEntry("查看指标", "read indicators"),
        "warning.read": ActEntry("查看预警线索", "read signals of early warnings", shows=True),
        "warning.decide": ActEntry(
            "处理预警线索",
            "decide on signals of early warnings",
            lines={
                "signal.take_up": ("预警线索立案", "opened a case of a signal"),
                "signal.set_aside": ("预警线索不立案", "set a signal aside"),
            },
        ),
        "enterprise.list": ActEntry(
            "查找企业",
            "look for enterprises",
            lines={"enterprise.search": ("查找企业", "looked for enterprises")},
        ),
        "enterprise.invite": ActEntry(
            "邀请企业",
            "invite enterprises",
            lines={
                "invitation.issue": ("发出邀请码或登录码", "issued a code"),
                "invitation.withdraw": ("收回邀请码", "withdrew a code"),
            },
        ),
        "file.read": ActEntry("查看质量档案", "read quality files", shows=True, done="read a quality file"),
        "fact.read": ActEntry("查看事实", "read facts", shows=True, done="read a fact"),
        "fact.read_secret": ActEntry(
            "查看涉密字段", "read secret fields", shows=True, weighty=True, done="read secret fields"
        ),
        "fact.correct": ActEntry(
            "更正事实",
            "correct facts",
            lines={"fact.correction": ("更正事实", "corrected a fact")},
        ),
        "fact.withdraw": ActEntry(
            "撤回事实",
            "withdraw facts",
            lines={
                "fact.withdrawal": ("撤回事实", "withdrew a fact"),
                "delivery.withdraw": ("撤回整份报送", "withdrew a whole delivery"),
                "case.withdraw_fact": ("随案件记录撤回事实", "took back the fact of a struck line"),
            },
        ),
        "delivery.list": ActEntry("查看报送", "see deliveries"),
        "delivery.receive": ActEntry(
            "报送数据",
            "hand in data",
            lines={
                "delivery.upload": ("报送文件", "handed in a file"),
                "delivery.again": ("重新接收文件", "received a file again"),
                "delivery.answer": ("确认表格类型", "said what a table is"),
                "delivery.accepted": ("接收报送", "received a delivery"),
                "delivery.held": ("暂存报送", "held a delivery"),
                "delivery.refused": ("退回报送", "refused a delivery"),
                "heading.propose": ("提请采用表头", "proposed a heading for the book"),
            },
        ),
        "delivery.confirm": ActEntry(
            "确认暂存的报送", "confirm held deliveries", weighty=True, done="confirmed a held delivery"
        ),
        "delivery.remind": ActEntry(
            "催报",
            "remind units of what they owe",
            lines={"delivery.remind": ("出具催报单", "drew up a reminder of what units owe")},
        ),
        "delivery.report": ActEntry(
            "下载退回记录",
            "take refused rows back",
            lines={"refusals.report": ("下载退回记录", "took refused rows back")},
        ),
        "heading.decide": ActEntry(
            "采用或不采用表头建议",
            "accept or reject headings for the book",
            weighty=True,
            lines={
                "heading.accept": ("采用表头建议", "accepted a heading for the book"),
                "heading.reject": ("不采用表头建议", "rejected a heading for the book"),
                "heading.take_back": ("收回已采用的表头", "took back a heading of the book"),
            },
        ),
        "identity.read": ActEntry(
            "查看疑似匹配",
            "see likely matches",
            lines={
                "identity.open": ("查看疑似匹配", "opened a likely match"),
                "identity.search": ("查找主体", "looked for subjects"),
            },
        ),
        "identity.decide": ActEntry(
            "判断、合并和拆分主体",
            "decide, merge and split identities",
            weighty=True,
            lines={
                "likely.same": ("判为同一主体", "decided: the same"),
                "likely.different": ("判为不同主体", "decided: different"),
                "subjects.merge": ("合并主体", "merged subjects"),
                "subjects.split": ("拆分主体", "split a subject"),
                "subjects.undo": ("撤销归并", "undid a merge"),
            },
        ),
        "export.make": ActEntry(
            "导出数据",
            "export data",
            shows=True,
            done="exported data",
            details={
                "masked": ("遮盖的列", "masked"),
                "unmasked": ("未遮盖的列", "unmasked"),
            },
        ),
        "extract.make": ActEntry(
            "出具档案摘录", "make extracts of a file", shows=True, done="made an extract of a file"
        ),
        "proof.export": ActEntry(
            "导出证明包", "export proof bundles", shows=True, weighty=True, done="exported a proof bundle"
        ),
        "ledger.verify": ActEntry(
            "核验账本",
            "verify the ledger",
            done="verified the ledger",
            lines={
                "clock.accept": ("确认时钟", "accepted the clock"),
                "projections.refresh": ("更新汇总数据", "refreshed what is derived"),
                "rating.store": ("存定信用等级", "stored grades"),
                "signal.find": ("查找预警线索", "looked for signals of early warnings"),
                "case.document": ("制作案件文书", "made a document of a case"),
                "case.remake": ("重算案件状态", "made standings of cases anew"),
                "objection.carry_over": ("异议转为案件", "made cases of objections"),
            },
        ),
        "publication.read": ActEntry("查看公示", "see publications"),
        "publication.propose": ActEntry(
            "提出公示",
            "propose publications",
            done="proposed publication",
            lines={
                "publication.mark_objections": ("标注异议处理中", "marked objections"),
                "publication.follow_identity": ("公示随归并调整", "publication followed a merge"),
            },
            details={
                "marked": ("标注", "marked"),
                "cleared": ("取消标注", "cleared"),
                "deregistered": ("注销企业条数", "of deregistered"),
                "doubted": ("公示以后存疑条数", "doubted since"),
                "shown_again": ("疑点消除后重新提出条数", "cleared of their doubts"),
            },
        ),
        "publication.approve": ActEntry(
            "批准公示",
            "approve publications",
            weighty=True,
            lines={
                "publication.publish": ("批准公示", "approved publication"),
                "publication.reject": ("不予公示", "rejected publication"),
                "publication.statistics": ("公布统计数", "published figures"),
                "publication.open_data": ("生成开放数据文件", "made the open data"),
            },
            details={"watermark": ("账本位置", "ledger position")},
        ),
        "publication.withdraw": ActEntry(
            "撤下公示",
            "withdraw publications",
            weighty=True,
            done="took a publication down",
            lines={"publication.expire": ("公示到期撤下", "publication ended")},
        ),
        "publication.correct": ActEntry(
            "更正公示", "correct publications", weighty=True, done="corrected a publication"
        ),
        "objection.read": ActEntry("查看异议", "see objections", done="read an objection"),
        "objection.answer": ActEntry(
            "答复异议",
            "answer objections",
            weighty=True,
            done="answered an objection",
            details={"upheld": ("成立", "upheld")},
        ),
        "case.open": ActEntry(
            "立案登记",
            "open cases",
            done="opened a case",
            lines={"case.decline_fact": ("决定不因事实立案", "opened no case because of a fact")},
        ),
        "case.handle": ActEntry(
            "承办案件",
            "handle cases",
            lines={
                "case.act": ("办理案件", "acted in a case"),
                "case.propose": ("提请共同签署", "proposed an act for others to sign"),
                "case.sign": ("共同签署", "signed an act of a case"),
                "case.decline": ("不予签署", "declined to sign an act of a case"),
                "case.batch": ("批量办理案件", "did one act in many cases"),
                "case.comment": ("案件备注", "commented on a case"),
                "case.link": ("关联案件", "linked cases"),
                "case.duplicate": ("标为重复案件", "marked a case as a duplicate"),
                "case.draft": ("保存案件草稿", "kept a draft for a case"),
            },
            details={"proposal": ("待签署事项", "proposal")},
        ),
        "case.assign": ActEntry("指派承办人", "assign cases", done="assigned a case"),
        "case.review": ActEntry("审核案件", "review cases"),
        "case.approve": ActEntry("审批案件", "approve in cases", weighty=True),
        "case.consent": ActEntry("同意下级的决定", "consent to decisions of the level below", weighty=True),
        "case.order": ActEntry("责令改正", "order in cases", weighty=True),
        "case.announce": ActEntry("公告案件事项", "announce in cases", weighty=True),
        "case.preside": ActEntry("主持听证", "preside over hearings", weighty=True),
        "case.sample": ActEntry("抽样取证", "take samples in cases"),
        "case.test": ActEntry("检验复检", "test samples in cases"),
        "case.score": ActEntry("评分", "score in cases"),
        "case.vote": ActEntry("表决", "vote in cases"),
        "case.check": ActEntry("核实效果", "check whether a case has helped"),
        "case.read": ActEntry(
            "查看案件",
            "read cases",
            done="read a case",
            lines={
                "case.attachment": ("下载案件附件", "took an attachment of a case"),
                "case.answers": ("导出热线办理反馈", "exported the answers to a hotline"),
            },
        ),
        "case.read_sealed": ActEntry(
            "开启密封身份",
            "open sealed identities",
            weighty=True,
            lines={
                "custody.make_key": ("设立身份保管人", "became a custodian of identities"),
                "custody.admit": ("接纳身份保管人", "admitted a custodian of identities"),
                "custody.passphrase": ("更换保管口令", "changed a custodian's passphrase"),
                "custody.end": ("终止身份保管", "ended a custody of identities"),
                "custody.refused": ("保管口令不对", "a custodian's passphrase was wrong"),
                "seal.ask": ("提出拆封", "asked to open a seal"),
                "seal.open": ("拆封", "opened a seal"),
                "seal.decline": ("不同意拆封", "declined to open a seal"),
                "seal.lapse": ("拆封申请逾期作废", "a request to open a seal lapsed"),
            },
        ),
        "case.restrict": ActEntry(
            "限制案件查阅", "restrict who reads a case", weighty=True, done="restricted who reads a case"
        ),
        "case.strike": ActEntry("撤销案件记录", "strike lines of cases", weighty=True, done="struck a line of a case"),
        "case.submit": ActEntry(
            "投诉举报并凭回执查询",
            "complain, report and follow by a receipt",
            asked="anyone",
            lines={"seal.make": ("封存身份", "sealed an identity")},
        ),
        "firm.answer": ActEntry("在案件中陈述和申请", "speak in cases for the enterprise"),
        "people.read": ActEntry(
            "查看人员与权限",
            "see people and their roles",
            lines={"people.read": ("查看人员账号", "looked at somebody's account")},
        ),
        "people.manage": ActEntry(
            "管理人员与权限",
            "manage people and their roles",
            weighty=True,
            lines={
                "account.create": ("新建账号", "made an account"),
                "account.close": ("停用账号", "closed an account"),
                "account.factor_reset": ("重置双重验证", "reset a second factor"),
                "role.give": ("授予角色", "gave a role"),
                "role.end": ("终止角色", "ended a role"),
            },
            details={"factors": ("移除的验证方式数", "factors removed")},
        ),
        "grant.delegate": ActEntry(
            "委托角色",
            "delegate a role",
            lines={"role.lend": ("委托角色", "lent a role")},
        ),
        "grant.confirm": ActEntry(
            "确认本单位的角色和令牌",
            "confirm roles and keys of the own unit",
            weighty=True,
            lines={
                "role.confirm": ("确认角色", "confirmed a role"),
                "role.decline": ("不予确认角色", "declined a role"),
                "token.confirm": ("确认接口令牌", "confirmed a key of a program"),
                "token.decline": ("不予确认接口令牌", "declined a key of a program"),
            },
        ),
        "grant.act_for": ActEntry(
            "代他人行事",
            "act for somebody else",
            asked="account",
            lines={
                "acting.begin": ("开始代办", "began to act for somebody"),
                "acting.end": ("结束代办", "ended acting for somebody"),
            },
        ),
        "account.begin": ActEntry("进入自己的首页", "come to the own first page", asked="account"),
        "account.accept": ActEntry(
            "凭邀请码启用账号",
            "take up an account by a code",
            asked="anyone",
            lines={
                "invitation.accept": ("凭码启用账号", "took up an account by a code"),
                "invitation.refused": ("码不对", "a code was wrong"),
            },
        ),
        "audit.read": ActEntry(
            "查看审计记录",
            "read the trail",
            lines={"audit.read": ("查阅留痕", "read the trail")},
        ),
        "token.take": ActEntry("领取接口令牌", "take a key of a program", asked="account"),
        "token.manage": ActEntry(
            "管理接口令牌",
            "manage tokens of programs",
            weighty=True,
            lines={
                "token.order": ("提请签发接口令牌", "ordered a key of a program"),
                "token.issue": ("签发接口令牌", "issued a key of a program"),
                "token.revoke": ("吊销接口令牌", "revoked a key of a program"),
            },
        ),
        "webhook.manage": ActEntry(
            "管理推送地址",
            "manage webhooks",
            weighty=True,
            lines={
                "webhook.register": ("登记推送地址", "registered a webhook"),
                "webhook.end": ("停止推送", "ended a webhook"),
                "webhook.pause": ("暂停推送", "paused a webhook"),
            },
            details={"events": ("事件", "events")},
        ),
        "message.own": ActEntry(
            "查看自己的消息",
            "see one's own messages",
            asked="account",
            lines={
                "message.read": ("阅读消息", "read a message"),
                "contact.give": ("填写邮箱或手机号", "gave an e-mail address or number"),
                "contact.confirm": ("确认邮箱或手机号", "confirmed an e-mail address or number"),
                "contact.choose": ("选择接收渠道", "chose channels"),
                "contact.remove": ("删去邮箱或手机号", "removed an e-mail address or number"),
            },
        ),
        "message.manage": ActEntry(
            "管理消息发送",
            "look after the sending of messages",
            weighty=True,
            lines={
                "message.send": ("发出提醒", "sent a reminder"),
                "message.retry": ("重新发送消息", "sent a message again"),
                "message.give_up": ("停止发送消息", "gave up a message"),
            },
            details={"rung": ("级", "rung")},
        ),
        "firm.open": ActEntry("打开企业之窗", "open the enterprise corner", shows=True),
        "firm.deliver": ActEntry("企业报送台账", "hand in an enterprise's own records"),
        "firm.commit": ActEntry(
            "签署承诺和责任书",
            "sign commitments and responsibility letters",
            lines={
                "undertaking.sign": ("签署承诺或责任书", "signed an undertaking"),
                "undertaking.end": ("终止承诺或责任书", "ended an undertaking"),
            },
            details={
                "undertaking": ("文本", "undertaking"),
                "signature": ("签署编号", "signature"),
            },
        ),
        "firm.consent": ActEntry(
            "同意或撤回同意金融机构查询",
            "give or withdraw consent for banks",
            lines={
                "consent.give": ("授权金融机构查询", "consented to a bank"),
                "consent.withdraw": ("撤回授权", "withdrew a consent"),
            },
            details={"replaces": ("替代授权", "takes the place of")},
        ),
        "firm.object": ActEntry(
            "提出异议",
            "object to a fact",
            lines={
                "objection.raise": ("提出异议", "objected"),
                "objection.withdraw": ("撤回异议", "withdrew an objection"),
            },
        ),
        "firm.measure": ActEntry(
            "管理本企业的抽样记录和测量值",
            "keep batches and measurements of the own enterprise",
            lines={
                "sampling.begin": ("登记一个抽样系列", "began a series of batches"),
                "sampling.lot": ("登记一批的抽样结果", "noted the result of a batch"),
                "sampling.drop": ("删去一批的抽样结果", "deleted the result of a batch"),
                "sampling.delete": ("删除一个抽样系列", "deleted a series of batches"),
                "measurement.add": ("提交测量值", "added measurements"),
                "measurement.change": ("改变控制图的设置", "changed how measurements are charted"),
                "measurement.delete": ("删除测量值", "deleted measurements"),
            },
        ),
        "credit.read": ActEntry(
            "查询信用相关档案",
            "read credit-relevant files",
            shows=True,
            lines={"credit.read": ("金融机构查询", "a financial institution read")},
        ),
        "api.deliver": ActEntry("由程序报送", "deliver by a program"),
        "api.read": ActEntry("由程序读取", "read by a program", shows=True),
    }
)

OF_NO_ACT: Words = MappingProxyType(
    {
        "case.fact": ("写入所依据事实的新情况", "told in a case what became of a fact"),
        "session.begin": ("登录", "signed in"),
        "session.end": ("退出登录", "signed out"),
        "session.refused": ("登录未成功", "failed to sign in"),
        "session.locked": ("登录被锁定", "sign-in locked"),
        "account.security": ("账号安全变更", "changed the security of an account"),
    }
)
"""Verbs of the trail for what nobody is asked about: signing in and out, and what the machine tells by itself."""


def once(tables: Iterable[Words]) -> Words:
    """Several tables as one. Raises ValueError where a code has words in two of them."""
    found: dict[str, tuple[str, str]] = {}
    for table in tables:
        for code, words in table.items():
            if code in found:
                raise ValueError(f"{code!r} has words twice; leave it where it belongs")
            found[code] = words
    return MappingProxyType(found)


VERBS: Words = once(
    [
        *({act: (entry.zh, entry.done)} if entry.done else {} for act, entry in ACTS.items()),
        *(entry.lines for entry in ACTS.values()),
        OF_NO_ACT,
    ]
)
"""Every verb of the two trails: the acts themselves first."""
