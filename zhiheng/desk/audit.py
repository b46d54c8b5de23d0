"""The audit at the desk: one list over what was changed, read and exported."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from zhiheng.actions import read_audit as reading
from zhiheng.desk.who import told
from zhiheng.kernel.asked import day_in
from zhiheng.pages.doors import book, door, now
from zhiheng.pages.words import say

# Verbs of both trails in words; the beginning of a verb is enough. One that is not here is shown as it was written.
VERBS = {
    "delivery.accepted": ("接收报送", "received a delivery"), "delivery.held": ("暂存报送", "held a delivery"),
    "delivery.refused": ("退回报送", "refused a delivery"), "delivery.upload": ("交来文件", "handed in a file"),
    "delivery.again": ("再次接收", "received again"), "delivery.answer": ("说明表格种类", "said what a table is"),
    "refusals.report": ("取回退回行", "took refused rows back"), "fact.correction": ("更正事实", "corrected a fact"),
    "fact.withdrawal": ("撤回事实", "withdrew a fact"), "fact.read": ("查看事实", "read a fact"), "fact.unmask": ("查看涉密字段", "read secret fields"),
    "file.read": ("查看质量档案", "read a quality file"), "enterprise.search": ("查找企业", "looked for enterprises"),
    "subjects.merge": ("合并主体", "merged subjects"), "subjects.split": ("拆分主体", "split subjects"), "subjects.undo": ("撤销归并", "undid a merge"),
    "likely.same": ("判为同一主体", "decided: the same"), "likely.different": ("判为不同主体", "decided: different"),
    "export": ("导出", "exported"), "extract": ("出具摘录", "made an extract"), "proof.export": ("导出证明包", "exported a proof"),
    "ledger.verify": ("核验账本", "verified the ledger"), "audit.read": ("查阅留痕", "read the audit"),
    "session.begin": ("登录", "signed in"), "session.end": ("退出登录", "signed out"), "session.refused": ("登录未成功", "failed to sign in"),
    "account.factor_reset": ("重置第二重验证", "reset a second factor"), "account": ("账号变更", "changed an account"), "role.give": ("授予角色", "gave a role"), "role.end": ("终止角色", "ended a role"),
    "role.lend": ("委托角色", "lent a role"), "identity": ("主体归并", "identity"), "search": ("常用查询", "saved search"),
    "projections": ("更新汇总", "refreshed read models"), "delivery.confirm": ("确认暂存的报送", "confirmed a held delivery"), "invitation": ("邀请", "invitation"), "token": ("接口令牌", "key of a program"),
    "acting.begin": ("开始代办", "began to act for somebody"), "acting.end": ("结束代办", "ended acting for somebody"),
    "consent.give": ("同意银行查询", "consented to a bank"), "consent.withdraw": ("撤回同意", "withdrew a consent"),
    "credit.read": ("银行查询", "a bank read"), "webhook": ("推送地址", "webhook"), "publication": ("公示", "publication"),
    "objection.raise": ("提出异议", "objected"), "objection.read": ("查看异议", "read an objection"),
    "objection.answer": ("答复异议", "answered an objection"), "objection.withdraw": ("撤回异议", "withdrew an objection"),
    "undertaking.sign": ("签署承诺或责任书", "signed an undertaking"), "undertaking.end": ("终止签署", "ended an undertaking"),
}  # fmt: skip
# What a line is about, and what its details are called; what is not here is shown as it was written.
ABOUT = {
    "fact": ("事实", "fact"), "facts": ("事实", "facts"), "subject": ("主体", "subject"), "account": ("账号", "account"),
    "delivery": ("报送", "delivery"), "area": ("地区", "area"), "entry": ("公示条目", "entry"), "record": ("记录", "record"),
    "token": ("接口令牌", "key"), "grant": ("授予的角色", "role held"), "search": ("常用查询", "search"),
    "upload": ("交来的文件", "upload"), "invitation": ("邀请", "invitation"), "objection": ("异议", "objection"),
    "consent": ("授权", "consent"), "webhook": ("推送地址", "webhook"), "match": ("疑似匹配", "likely match"),
}  # fmt: skip
DETAILS = {
    "facts": ("事实", "facts"), "fact": ("事实", "fact"), "file": ("文件", "file"), "files": ("文件", "files"), "requests": ("公示事项", "requests"),
    "request": ("公示事项", "request"), "count": ("条数", "count"), "reason": ("理由", "reason"), "subject": ("主体", "subject"),
    "subjects": ("主体", "subjects"), "unit": ("单位", "unit"), "area": ("地区", "area"), "first_day": ("自", "from"), "last_day": ("至", "until"),
    "grant": ("授予", "grant"), "quality": ("质量", "quality"), "role": ("角色", "role"), "kind": ("种类", "kind"), "login": ("账号", "account"),
    "as_of": ("截至", "as of"), "indicators": ("指标", "indicators"), "watermark": ("账本位置", "ledger position"), "by": ("方式", "by"),
    "ip": ("来自", "from"), "what": ("事项", "what"), "record": ("记录", "record"), "rows": ("行", "rows"), "form": ("格式", "form"),
    "fields": ("字段", "fields"), "cards": ("名片", "cards"), "figures": ("指标数", "figures"), "owed": ("应交项", "owed"),
    "whole": ("全部重算", "all anew"), "found": ("找到", "found"), "text": ("查找的内容", "text"), "filters": ("条件", "filters"),
    "cause": ("原因", "cause"), "factor": ("验证方式", "factor"), "name": ("名称", "name"), "events": ("事件", "events"), "extract": ("摘录", "extract"),
    "consent": ("授权", "consent"), "objection": ("异议", "objection"), "reader": ("机构", "institution"), "source": ("来源", "source"),
    "ground": ("异议理由", "ground"), "remedy": ("处理", "remedy"), "code": ("码", "code"), "invitation": ("邀请", "invitation"),
}  # fmt: skip
_THINGS = {"fact": "desk:fact", "subject": "desk:file", "account": "desk:person", "delivery": "desk:delivery"}
_ABOUT = re.compile(r"^(fact|subject|account|delivery):(\d{1,18})$")


def _verb(verb: str) -> str:
    for length in range(len(verb), 0, -1):
        if verb[:length] in VERBS and (length == len(verb) or verb[length] in "._"):
            word = say(*VERBS[verb[:length]])
            return word if length == len(verb) else f"{word}（{verb}）"
    return verb


def _word(name: str) -> str:
    return say(*DETAILS[name]) if name in DETAILS else name


def _plain(value: Any) -> str:
    """A detail without the marks of a program: a list with its commas, yes and no, pairs as they are said."""
    if isinstance(value, bool):
        return say("是", "yes") if value else say("否", "no")
    if isinstance(value, dict):
        return say("，", ", ").join(f"{_word(name)} {_plain(each)}" for name, each in value.items())
    if isinstance(value, list):
        return say("、", ", ").join(_plain(each) for each in value)
    return str(value)


def _about(about: str) -> str:
    """``fact:345`` in words; what has no word stays as it was written."""
    kind, _, rest = about.partition(":")
    return f"{say(*ABOUT[kind])} {rest}" if kind in ABOUT and rest else about


def _url(about: str) -> str:
    found = _ABOUT.match(about)
    if found is None:
        return ""
    try:
        return reverse(_THINGS[found[1]], args=[int(found[2])])
    except NoReverseMatch:
        return ""


@door("audit.read")
def audit(request: HttpRequest) -> HttpResponse:
    """Both trails, the latest first."""
    asked = {name: request.GET.get(name, "").strip()[:120] for name in ("who", "verb", "about", "first", "last")}
    filters = reading.Filters(
        asked["who"], asked["verb"], asked["about"], day_in(asked["first"]), day_in(asked["last"])
    )
    page = reading.audit(filters, after=request.GET.get("after", "")[:80], actor=request.actor, book=book(), now=now())
    words_of = {"who": say("谁", "Who"), "verb": say("做了什么", "What"), "about": say("对什么", "About"),
                "first": say("自", "From"), "last": say("至", "Until")}  # fmt: skip
    hints = {"who": "account:12", "verb": "file.read", "about": "fact:345"}
    fields: list[dict[str, Any]] = [
        {"name": name, "label": word, "value": asked[name], "type": "date" if name in ("first", "last") else "search",
         "placeholder": hints.get(name, "")}
        for name, word in words_of.items()
    ]  # fmt: skip
    chips = [
        {"label": f"{words_of[name]}：{value}", "url": "?" + urlencode({k: v for k, v in asked.items() if v and k != name})}
        for name, value in asked.items() if value
    ]  # fmt: skip
    said = told(line.who for line in page.rows)
    rows = [
        {
            "line": line, "verb": _verb(line.verb), "url": _url(line.about),
            "detail": say("；", "; ").join(
                f"{_word(name)} {_plain(value)}" for name, value in line.detail.items() if value not in ("", None, {}, [])
            ),
            "about": _about(line.about), "who": said[line.who],
        }
        for line in page.rows
    ]  # fmt: skip
    words = {"rows": rows, "next": page.next, "fields": fields, "chips": chips, "clear": reverse("desk:audit")}
    return render(request, "desk/audit.html", words)
