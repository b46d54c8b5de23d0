"""What somebody with the rights of the databases' owner, or of the data folder, may change by hand, and what tells it.

One row a manipulation: ``tests/actions/test_manipulations.py`` does each to a filled place and looks whether verifying
tells it; ``docs/manipulations_table.py`` prints them. Triggers are dropped first, so that nothing but the verification
stands in the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# Part of ``zhiheng ledger verify`` -> what it compares, as the table of the documentation says it.
PARTS: Final = {
    "ledger": "事实、报送、名称的哈希和链",
    "acts": "归并记录与留痕相互核对",
    "heads": "与平台内各处记下的链尾比对",
    "log": "与公开日志的条目比对",
    "files": "公开日志给外人取用的文件",
    "extracts": "档案摘录与留痕相互核对",
    "cases": "案件的链和推算的状态",
    "cards": "企业摘要由台账重新计数",
    "deep": "--deep：存档文件、数据湖、统计数、公示由台账重做",
    "names": "--deep：名称的检索键",
    "clock": "报送日期的先后（提醒）",
}


@dataclass(frozen=True)
class Manipulation:
    """One of them.

    ``how``: a statement of SQL, or ``edit:`` and the name of an edit in the test; ``part``: which part of verifying
    tells it, as a finding of the kind ``found`` whose sentence has ``says``; ``beside``: the table stands beside the
    queue; ``h7``: its number or place in the findings of attacks (H7). Where nothing tells it, ``found`` is empty and
    ``why_not`` says why.
    """

    what: str
    how: str
    part: str = "log"
    found: str = "log.changed"
    says: str = ""
    beside: bool = False
    h7: str = ""
    why_not: str = ""


M = Manipulation
_FIRST_ACT = "(SELECT MIN(id) FROM ledger_identityact)"

GROUPS: Final[dict[str, tuple[Manipulation, ...]]] = {
    "事实": (
        M("改一条事实的内容", "UPDATE ledger_fact SET body = '{}' WHERE id = 2", "ledger", "changed", h7="改内容"),
        M("改内容，叶哈希一并改", "edit:body_and_leaf", "ledger", "changed", h7="改内容和叶哈希"),
        M("改内容，叶哈希、陈述键及其索引一并改", "edit:body_leaf_and_key", "ledger", "root"),
        M("两条事实整行对调", "edit:swapped_facts", "ledger", "root", h7="对调事实"),
        M("改原始行", "UPDATE ledger_fact SET row = '[]' WHERE id = 2", "ledger", "changed"),
        M("改结果（不合格改合格）", "UPDATE ledger_fact SET outcome = 'fail' WHERE id = 2", "ledger", "changed"),
        M("改发生日期", "UPDATE ledger_fact SET occurred_on = '2020-01-01' WHERE id = 2", "ledger", "changed"),
        M("改有效期", "UPDATE ledger_fact SET valid_until = '2020-01-01' WHERE id = 2", "ledger", "changed"),
        M("改区域", "UPDATE ledger_fact SET area = '990102' WHERE id = 2", "ledger", "changed"),
        M("改存疑标记", "UPDATE ledger_fact SET flags = 'x' WHERE id = 2", "ledger", "changed"),
        M("改报送单位", "UPDATE ledger_fact SET unit = 'x' WHERE id = 2", "ledger", "changed"),
        M("改行号", "UPDATE ledger_fact SET row_number = 77 WHERE id = 2", "ledger", "changed"),
        M("把事实挂到另一次报送", "UPDATE ledger_fact SET delivery_id = 3 WHERE id = 2", "ledger", "changed"),
        M("删一条事实", "DELETE FROM ledger_fact WHERE id = 2", "ledger", "removed"),
        M("插一条事实", "edit:inserted_fact", "ledger", "inserted"),
        M("删陈述键的索引（同样内容可以再报一次）", "DELETE FROM ledger_factkey WHERE fact_id = 2", "ledger", "key"),
    ),
    "更正和撤回": (
        M("删更正", "DELETE FROM ledger_fact WHERE kind = 'correction'", "ledger", "removed", h7="删更正"),
        M(
            "把更正移到另一条事实",
            "UPDATE ledger_fact SET concerns = 1 WHERE kind = 'correction'",
            "ledger",
            "changed",
            h7="移更正",
        ),
        M(
            "把更正变成撤回",
            "UPDATE ledger_fact SET kind = 'withdrawal' WHERE kind = 'correction'",
            "ledger",
            "changed",
        ),
        M("删撤回（撤回的又算数）", "DELETE FROM ledger_fact WHERE kind = 'withdrawal'", "ledger", "removed"),
        M("抹去撤回的登记", "DELETE FROM ledger_delivery WHERE source = 'withdrawal'", "ledger", "chain"),
    ),
    "报送": (
        M("删中间一次报送", "DELETE FROM ledger_delivery WHERE id = 2", "ledger", "chain", h7="删中间报送"),
        M("改文件名", "UPDATE ledger_delivery SET file_name = 'x' WHERE id = 2", "ledger", "chain", h7="改登记"),
        M(
            "改接收日期",
            "UPDATE ledger_delivery SET learned_on = '2020-01-01' WHERE id = 2",
            "ledger",
            "chain",
            h7="改日期",
        ),
        M("改状态", "UPDATE ledger_delivery SET state = 'held' WHERE id = 2", "ledger", "chain", h7="改状态"),
        M("改重复行数", "UPDATE ledger_delivery SET duplicate_count = 9 WHERE id = 2", "ledger", "chain"),
        M("改存档文件的摘要", "UPDATE ledger_delivery SET file_digest = 'x' WHERE id = 2", "ledger", "chain"),
        M("改链接", "UPDATE ledger_delivery SET link = 'x' WHERE id = 2", says="报送 2"),
        M("截去末尾：最后一次报送连同事实、键全部删除", "edit:cut_off", "heads", "known_head", h7="t10"),
        M("同上，由公开日志发现", "edit:cut_off", "log", "log.removed", "报送"),
        M("从头重写整条链", "edit:rewritten_chain", "heads", "known_head", h7="rewrite"),
        M("同上，由公开日志发现", "edit:rewritten_chain", "log", "log.changed", "报送 1"),
    ),
    "退回的和未作数据的行": (
        M("改退回行的单元格", "UPDATE ledger_refusedrow SET cells = '[]'", "ledger", "refused", h7="改退回行"),
        M("改退回行的行号", "UPDATE ledger_refusedrow SET row_number = row_number + 100", says="退回的行", h7="t13"),
        M("改退回原因", "UPDATE ledger_refusedrow SET reasons = '[]'", "ledger", "refused"),
        M("删退回行", "DELETE FROM ledger_refusedrow", "ledger", "refused"),
        M("两条退回行对调位置", "edit:swapped_refusals", says="退回的行"),
        M("改合计行的行号", "UPDATE ledger_skippedrow SET row_number = 1", says="未作数据的行"),
        M("删合计行", "DELETE FROM ledger_skippedrow", "ledger", "skipped"),
    ),
    "规则书的版次": (
        M("改定义的文字", "UPDATE ledger_definition SET text = '{}'", "ledger", "edition", h7="改定义"),
        M("改定义的来源", "UPDATE ledger_definition SET source = 'x'", says="规则书的版次", h7="t16"),
        M("改定义的记录种类", "UPDATE ledger_definition SET record = 'x'", "ledger", "edition"),
        M("删一版定义", "DELETE FROM ledger_definition", "ledger", "edition"),
    ),
    "名称、主体和归并": (
        M("删事实与当事方的关联", "DELETE FROM ledger_factparty WHERE fact_id = 2", "ledger", "link", h7="删关联"),
        M("加一个当事方的关联", "edit:surplus_link", "ledger", "link"),
        M(
            "改关联的角色",
            "UPDATE ledger_factparty SET role = 'x' WHERE fact_id = 2 AND role = 'producer'",
            "ledger",
            "link",
        ),
        M("不经归并给名称换主体", "edit:relinked", "ledger", "relinked", h7="换主体"),
        M(
            "0.3.0 以前收的名称（没有名称根）换主体",
            "edit:relinked",
            "log",
            "log.changed",
            "名称与主体的对应",
            h7="alias_root 为空",
        ),
        M("改名称的写法", "UPDATE ledger_alias SET name = '别家' WHERE id = 1", "ledger", "alias"),
        M("伪造归并记录并把名称移走", "edit:forged_merge", "acts", "act_untold", h7="t04"),
        M(
            "改归并的经办人",
            f"UPDATE ledger_identityact SET actor = 'account:99' WHERE id = {_FIRST_ACT}",
            says="归并记录",
            h7="t05",
        ),
        M("改归并的日期", "UPDATE ledger_identityact SET day = '2020-01-01'", says="归并记录", h7="t05"),
        M("改归并的理由", "UPDATE ledger_identityact SET reason = '别的'", says="归并记录", h7="t05"),
        M("改归并移动了哪些名称", "UPDATE ledger_identityact SET moves = '[]'", says="归并记录"),
        M("删归并记录并移回", "edit:merge_undone_by_hand", "acts", "act_gone", h7="t06"),
        M("同上，由公开日志发现", "edit:merge_undone_by_hand", "log", "log.removed", "归并记录"),
        M("归并以后悄悄移回名称", "edit:moved_back", "ledger", "moved"),
        M("删名称的检索键", "edit:lost_alias_key", "names", "alias_key", h7="t18"),
        M("改主体的种类", "UPDATE ledger_subject SET kind = 'person'", "ledger", "kind", h7="t20"),
        M("改疑似匹配的分数", "UPDATE ledger_likelymatch SET score = 1", says="疑似同一主体", h7="t19"),
        M("改疑似匹配的理由", "UPDATE ledger_likelymatch SET reasons = '[1]'", says="疑似同一主体"),
        M("改疑似匹配的对象", "UPDATE ledger_likelymatch SET other_id = 4", says="疑似同一主体"),
        M("删没有判定的疑似匹配", "DELETE FROM ledger_likelymatch WHERE decision = ''", found="log.removed"),
        M(
            "改疑似匹配的判定",
            "UPDATE ledger_likelymatch SET decision = 'same' WHERE decision <> ''",
            says="疑似同一主体的判定",
        ),
        M("已判定的退回待办", "UPDATE ledger_likelymatch SET decision = ''", found="log.removed"),
    ),
    "留痕": (
        M("删台账留痕", "DELETE FROM ledger_auditline WHERE verb = 'fact.correction'", found="log.removed", h7="t07"),
        M("改台账留痕：谁", "UPDATE ledger_auditline SET actor = 'account:99'", says="台账留痕", h7="t08"),
        M("改台账留痕：何时", "UPDATE ledger_auditline SET at = '2020-01-01 00:00:00'", says="台账留痕"),
        M("改台账留痕：做了什么", "UPDATE ledger_auditline SET verb = 'ledger.verify'", says="台账留痕"),
        M("改台账留痕：对什么", "UPDATE ledger_auditline SET about = 'fact:99'", says="台账留痕"),
        M("改台账留痕：详情", "UPDATE ledger_auditline SET detail = '{}'", says="台账留痕"),
        M(
            "删人员留痕（谁看过）",
            "DELETE FROM people_trailline",
            found="log.removed",
            says="人员留痕",
            beside=True,
            h7="t07",
        ),
        M("改人员留痕：谁", "UPDATE people_trailline SET actor = 'account:99'", says="人员留痕", beside=True, h7="t08"),
        M("改人员留痕：看了什么", "UPDATE people_trailline SET about = 'subject:99'", says="人员留痕", beside=True),
        M("改人员留痕：为什么", "UPDATE people_trailline SET purpose = 'x'", says="人员留痕", beside=True),
        M("在旧留痕之间插一条", "edit:inserted_line", found="log.inserted", says="人员留痕", beside=True),
        M(
            "写入日志以前（一分钟内）改留痕",
            "edit:line_before_its_entry",
            beside=True,
            found="",
            why_not="条目在事后一分钟内写入：行为不等日志。核验说出还有几行没有写入",
        ),
        M(
            "在末尾加一条像样的留痕",
            "edit:line_at_the_end",
            beside=True,
            found="",
            why_not="日志只说它何时到来，不说是谁写的；它之后不能再改、再删",
        ),
    ),
    "公示和撤下": (
        M("公示的不合格改成合格", "UPDATE published_publishedentry SET title_zh = '合格'", says="公示", h7="t23"),
        M("同上，由事实重做发现", "UPDATE published_publishedentry SET title_zh = '合格'", "deep", "entry"),
        M("改公示的数值", "UPDATE published_publishedentry SET \"values\" = '[]'", says="公示"),
        M("改公示的结果", "UPDATE published_publishedentry SET outcome = 'fail'", says="公示"),
        M("改公示到哪天", "UPDATE published_publishedentry SET show_until = '2020-01-01'", says="公示"),
        M("改公示的依据", "UPDATE published_publishedentry SET law_digest = 'x'", says="公示"),
        M("公示指向另一条事实", "UPDATE published_publishedentry SET fact = fact + 100", says="公示"),
        M(
            "公示的产品改名",
            "UPDATE published_product SET name = '别的产品' WHERE id = (SELECT MIN(id) FROM published_product)",
            says="公示",
        ),
        M(
            "公示挂到另一家企业",
            "UPDATE published_publishedenterprise SET subject = subject + 100",
            "deep",
            "entry",
            "列在另一家企业名下",
        ),
        M("撤下的又显示", "UPDATE published_publishedentry SET state = 'shown'", found="log.shown"),
        M("没有撤下记录就不显示", "UPDATE published_publishedentry SET state = 'expired'", found="log.hidden"),
        M("删公示", "edit:entry_gone", found="log.removed", says="公示"),
        M("删撤下记录", "DELETE FROM published_withdrawal", found="log.removed", says="撤下记录", h7="t24"),
        M("改撤下的原因", "UPDATE published_withdrawal SET cause = 'expired'", says="撤下记录"),
        M("改撤下的人", "UPDATE published_withdrawal SET \"by\" = 'account:99'", says="撤下记录"),
        M("改撤下的时间", "UPDATE published_withdrawal SET at = '2020-01-01 00:00:00'", says="撤下记录"),
        M("改审核人", "UPDATE office_publicationrequest SET decided_by = 'account:9'", says="公示的审核", h7="t27"),
        M("改提出人", "UPDATE office_publicationrequest SET proposed_by = 'account:9'", says="公示的审核"),
        M("批准改成不予", "UPDATE office_publicationrequest SET state = 'rejected'", says="公示的审核"),
        M("改批准的内容摘要", "UPDATE office_publicationrequest SET digest = 'x'", says="公示的审核"),
        M("删审核", "DELETE FROM office_publicationrequest", found="log.removed", says="公示的审核"),
        M("改公布的统计数", "UPDATE published_publishedfigure SET value = '100.0'", says="公布的统计数"),
        M("改统计数的写法", 'UPDATE published_publishedfigure SET shown = \'{"zh":"100"}\'', says="公布的统计数"),
        M("删公布的统计数", "DELETE FROM published_publishedfigure", found="log.removed", says="公布的统计数"),
    ),
    "角色和密钥": (
        M("角色改大", "UPDATE people_grant SET role = 'administrator'", says="授予的角色", beside=True),
        M("角色的区域改大", "UPDATE people_grant SET area = '99'", says="授予的角色", beside=True),
        M("改授予人", "UPDATE people_grant SET given_by = 'account:99'", says="授予的角色", beside=True),
        M(
            "终止的角色恢复",
            "UPDATE people_grant SET ended_on = NULL",
            found="log.removed",
            says="终止的角色",
            beside=True,
        ),
        M("改终止的理由", "UPDATE people_grant SET end_reason = 'x' WHERE ended_on IS NOT NULL", beside=True),
        M("改确认角色的人", "UPDATE people_confirmation SET decided_by = 'x'", says="角色的确认", beside=True),
        M("未予确认改成已确认", "UPDATE people_confirmation SET state = 'confirmed'", says="角色的确认", beside=True),
        M(
            "删去确认（角色当作不用确认）",
            "DELETE FROM people_confirmation",
            found="log.removed",
            says="角色的确认",
            beside=True,
        ),
        M("密钥的范围改大", "UPDATE people_apitoken SET scopes = '[\"file\"]'", says="签发的密钥", beside=True),
        M(
            "换成别人的密钥",
            "UPDATE people_apitoken SET digest = replace(digest, 'a', 'c')",
            says="签发的密钥",
            beside=True,
        ),
        M("密钥的有效期改长", "UPDATE people_apitoken SET last_day = '2099-01-01'", says="签发的密钥", beside=True),
        M(
            "吊销的密钥恢复",
            "UPDATE people_apitoken SET revoked_at = NULL",
            found="log.removed",
            says="吊销的密钥",
            beside=True,
        ),
        M("改申请密钥的人", "UPDATE people_keyorder SET asked_by = 'x'", says="申请的密钥", beside=True),
        M("改确认密钥的人", "UPDATE people_keyorder SET decided_by = 'x'", says="密钥的确认", beside=True),
        M("改领取的是哪个密钥", "edit:another_key_taken", says="领取的密钥", beside=True),
        M(
            "改密码的摘要（冒用账号）",
            "UPDATE people_account SET password = 'x'",
            "log",
            "",
            beside=True,
            why_not="密码由本人随时更改，不进日志；冒用者的读和写在留痕里，第二因素也要有",
        ),
    ),
    "公开日志": (
        M("改条目的摘要", "UPDATE ledger_logleaf SET digest = nonce WHERE id = 4", found="log.rewritten"),
        M("改条目的随机数", "UPDATE ledger_logleaf SET nonce = digest WHERE id = 4", found="log.changed"),
        M("改条目的名称", "UPDATE ledger_logleaf SET name = 'x' WHERE id = 4", found="log.rewritten"),
        M("删中间的条目", "DELETE FROM ledger_logleaf WHERE id = 4", found="log.cut"),
        M("截去末尾的条目", "edit:cut_log", found="log.cut"),
        M("改检查点的根", "UPDATE ledger_logcheckpoint SET root = 'x'", found="log.rewritten"),
        M("改检查点的原文", "UPDATE ledger_logcheckpoint SET note = replace(note, 'log', 'lag')", found="log.note"),
        M("改见证方的签名", "edit:spoiled_cosignature", found="log.witness"),
        M("删见证方的签名", "DELETE FROM ledger_logcosignature", "files", "log.file", "checkpoint"),
        M("改给外人的检查点文件", "edit:checkpoint_file", "files", "log.file", "checkpoint"),
        M("改给外人的瓦片", "edit:tile_file", "files", "log.file", "tile/0/"),
        M("改给外人的条目文件", "edit:bundle_file", "files", "log.file", "tile/entries/"),
        M("改给外人的公钥", "edit:published_key", "files", "log.file", "heads.json"),
        M(
            "换密钥、重写日志并重签所有检查点，各处记载一并改掉",
            "不做",
            found="",
            why_not="掌握全部数据和密钥的人做得到：靠见证方和外面抄下的检查点（摘录、开放数据上印的字）发现",
        ),
    ),
    "案件": (
        M(
            "改办理记录",
            "UPDATE office_caseevent SET data = '{}' WHERE place = 2",
            "cases",
            "case.changed",
            beside=True,
        ),
        M(
            "改办理的日期",
            "UPDATE office_caseevent SET happened_on = '2026-01-01' WHERE place = 2",
            "cases",
            "case.changed",
            beside=True,
        ),
        M(
            "改办理人",
            "UPDATE office_caseevent SET people = '[]' WHERE place = 2",
            "cases",
            "case.changed",
            beside=True,
        ),
        M("删中间的办理记录", "edit:case_line_gone", "cases", "case.removed", beside=True),
        M("改案号", "UPDATE office_case SET number = '诉〔2026〕99号'", "cases", "case.identity", beside=True),
        M("改案件的状态", "UPDATE office_casestandingrow SET final = TRUE", "cases", "case.standing", beside=True),
        M("删期限", "DELETE FROM office_caseduty", "cases", "case.standing", beside=True),
        M("改案件当事人", "UPDATE office_casepartyrow SET name = '另一家'", "cases", "case.party", beside=True),
        M("截去最后的办理记录", "edit:case_cut_off", "log", "log.removed", "案件办理记录", beside=True),
    ),
    "评价、摘录": (
        M("改存定的等级", "UPDATE office_storedgrade SET band = 'A'", says="存定的等级"),
        M("改存定等级计入的事实", "UPDATE office_storedgrade SET counted = '[]'", says="存定的等级"),
        M("删存定的等级", "DELETE FROM office_storedgrade", found="log.removed", says="存定的等级"),
        M("改摘录的文件摘要（假文件核验为真）", "edit:forged_paper", "extracts", "extract", "不符", beside=True),
        M("插一份摘录的登记", "edit:inserted_paper", "extracts", "extract", "不是经平台出具的", beside=True),
        M("删摘录的登记", "edit:paper_gone", "extracts", "extract", "已被删除", beside=True),
    ),
    "改成读不懂的（核验照样做完，不中断）": (
        M("定义改成乱码", "UPDATE ledger_definition SET text = 'x'", "ledger", "edition"),
        M("报送的链接改成乱码", "UPDATE ledger_delivery SET link = 'x' WHERE id = 2", "ledger", "chain"),
        M("事实改成乱码，叶哈希、陈述键一并改", "edit:unreadable_body", "ledger", "root"),
        M("退回行改成乱码", "UPDATE ledger_refusedrow SET cells = 'x'", "ledger", "refused"),
        M("表头改成乱码", "UPDATE ledger_delivery SET headings = 'x'", "ledger", "chain"),
        M("归并移动的名称改成乱码", "UPDATE ledger_identityact SET moves = 'x'", "ledger", "relinked"),
        M("留痕的详情改成乱码", "UPDATE ledger_auditline SET detail = 'x'", says="台账留痕"),
        M("办理记录改成乱码", "UPDATE office_caseevent SET data = 'x'", "cases", "case.changed", beside=True),
        M("办理记录的链接改成乱码", "UPDATE office_caseevent SET link = 'x'", "cases", "case.changed", beside=True),
        M("见证方的签名改成乱码", "UPDATE ledger_logcosignature SET line = 'x'", found="log.witness"),
        M("检查点改成乱码", "UPDATE ledger_logcheckpoint SET note = 'x'", found="log.note"),
        M("给外人的检查点清单改成乱码", "edit:garbled_heads", "files", "log.file", "heads.json"),
    ),
    "可以重做的": (
        M("洗白企业摘要", "UPDATE projections_card SET facts = facts + 1", "cards", "card", h7="t25"),
        M("删企业摘要", "DELETE FROM projections_card", "cards", "card"),
        M("改检索用的名称", "UPDATE projections_searchentry SET text = 'x'", "cards", "search"),
        M("改存下的统计数", "UPDATE projections_storedfigure SET zh = '1'", "deep", "figure", h7="t26"),
        M("改数据湖的行，清单的摘要一并改", "edit:lake_rows", "deep", "lake", h7="t_lake"),
        M("删数据湖的文件", "edit:lake_file_gone", "deep", "lake"),
        M("改数据湖清单记的链尾", "edit:lake_link", "heads", "known_head", "数据湖"),
        M("改评价用的、按企业排好的事实，记下的大小一并改", "edit:sorted_facts", "deep", "sorted", "排好的"),
        M("删评价用的、按企业排好的事实", "edit:sorted_facts_gone", "deep", "sorted", "排好的"),
    ),
    "文件、备份和时钟": (
        M("存档文件改一个字节", "edit:kept_changed", "deep", "kept_changed", h7="改存档文件"),
        M("删存档文件", "edit:kept_gone", "deep", "kept_gone", h7="删存档文件"),
        M("改备份的记载", "edit:backup_note", "heads", "known_head", "最近一次备份"),
        M(
            "改备份里的存档文件",
            "不做",
            found="",
            why_not="备份是另一处的文件，核验不读它；恢复时逐个核对摘要，不符的拒绝（tests/cli/test_operation.py）",
        ),
        M("时钟拨回以后接收", "edit:learned_earlier", "clock", "clock"),
        M(
            "改 clock.json（记下的时刻）",
            "不做",
            found="",
            why_not="它防的是时钟走错，不防能写数据目录的人；那样的人改了日期，接收日期的先后和公开日志会说出来",
        ),
    ),
}
