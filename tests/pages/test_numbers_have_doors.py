"""A number that counts records can't be written without its door, or without a reason for having none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template import Template, TemplateSyntaxError
from django.template.context import Context
from django.template.loader import get_template

from zhiheng.pages.templatetags.zhiheng import BARE

pytestmark = pytest.mark.slow

HOUSE = Path(__file__).resolve().parents[2] / "zhiheng"
PAGES = sorted(HOUSE.glob("*/templates/**/*.html"))
COUNTED = re.compile(r"\{% t \"([^\"]*\{[a-z_]+\} ?(?:条|项|次|批|家|件|对|个|行|起|处|种|列)(?!月)[^\"]*)\"")
# Sentences in which a number of something stands without a link, and why it may.
SENTENCES = {
    "of the list on this page, or of what stands beside it": {
        "共 {total} 条",
        "共 {n} 条，",
        "以上逾期共 {n} 条",
        "同一样品、同一当事人的共 {n} 条，一并进入这个案件。",
        "同一事项的共 {n} 条，一并立案。",
        "{n} 家企业，{moved} 家的等级会变。",
        "会失去资格的（共 {n} 家次）",
        "依据的记录，{n} 条",
        "只列出最近的 {n} 条。",
        "另有较早的 {n} 批，参与推算，未列出。",
        "证据 {n} 条，需 {needed} 条",
        "{n} 处信号",
        "本页 {shown} 条",
        "共 {n} 项，列出最近 {m} 项",
        "{n} 项",
        "共 {n} 个",
        "{n} 条",
        "{n} 种",
        "{n} 个",
        "{n} 列",
        "找到 {n} 处",
        "{n} 处待核",
        "{n} 个单位",
        "本单位报送的 {n} 种",
        "还有 {n} 种",
        "{n} 个单位，目标 0",
        "另有 {n} 项在其后到期，见下面各表。",
        "（{facts} 条记录，计 {value}）",
        "截至 {day}，贵单位有 {n} 项应报数据逾期未报，请尽快报送；已不再产生这类记录的，请说明情况，"
        "由质强办调整交换目录。",
        "发现 {n} 处问题",
        "现在不能办的 {n} 项和原因",
        "{who}现在可以办的 {n} 项",
        "其他人以后才能办的 {n} 项和原因",
        "选定的 {of} 件都能办",
        "选定的 {of} 件中 {n} 件能办",
        "第 {delivery} 次报送的第 {i} 条，共 {n} 条",
        "截至 {as_of} 的事实，以 {known_on} 所知为准，共 {n} 条",
        "这种写法下面有 {n} 条事实。若其实是两家，选出另一家的那些；事实的内容不动，可以撤销。",
    },
    "of what the reader may not open": {
        "这一页另有 {n} 条不在您的查看范围内。",
        "，其中 {n} 批由其他单位报送，不在您的查看范围内",
        "，其中 {n} 项属于其他单位，不在您的查看范围内",
        "另有 {n} 条没有列出（只列最近的，且只列您可以查看的）；请按单位或地区拆分。",
        "，其中 {n} 条不在您的查看范围内",
        "{n} 次",
        "收到 {came} 件，已办结 {ended} 件。",
        "{first} 至 {last} 收到的投诉举报，重复的只计一次；一个地方不足 {n} 件的不写件数。",
        "其中 {n} 条不在您的查看范围内。",
        "{rows} 行：接收 {facts}，重复 {duplicates}，退回 {refused}，不是数据（合计、说明等）{skipped}",
    },
    "of headings, tries, codes, points and rows of a table, of a plan: no records": {
        "认出 {n} 列",
        "，界限由前 {n} 个点算出。",
        "（从 {f} 起）",
        "批量 {n} 件的方案",
        "质量等于 AQL 时，平均抽 {n} 件。",
        "批量仍为 {n} 件的，方案：",
        "已漏报 {n} 次",
        "漏办 {n} 次",
        "，未识别 {n} 列",
        "，原样保存 {n} 列，可以提请采用",
        "，第 {n} 行",
        "第 {n} 次报送第 {row} 行",
        "输错 {n} 次",
        "试过 {n} 次，{at} 再试",
        "试过 {n} 次，已放弃",
        "连续 {n} 次未送达，{at} 再试",
        "连续 {n} 条未送达",
        "还有 {n} 个未用",
        "生成之后，原来的 {n} 个恢复码全部作废。",
        "共 {all} 个，还有 {left} 个未用。",
        "这张表有 {rows} 行。请与报送单位核对：是不是漏了、多了，或者交错了文件。",
        "批准本类没有疑点的（一次至多 {n} 条）",
    },
    "reckoned from numbers that stand beside it; the signals meant stand on the page that the row leads to": {
        "，每年抽查 {n}%，约 {drawn} 家",
        "扣除它们超出预期的部分，还剩 {rest} 件，没有超出统计上限：先看下级的。",
        "扣除它们超出预期的部分，还剩 {rest} 件，仍超出统计上限：另有原因。",
        "　已由下级 {n} 条线索说明",
        "　部分由下级 {n} 条线索说明",
    },
    "of what changed since, or of the past": {
        "出具时的检查点：{n} 条，{words}。纸面印的不同，就不是当时的那份日志",
        "公开日志检查点，{n} 条：",
        "{first} 起收过 {n} 批、{facts} 条",
        "新增事实 {a} 条，更正 {c} 条，撤回 {w} 条。需要最新情况的，请让企业或出具单位重新出具。",
    },
}


def drawn(text: str) -> str:
    return Template(text).render(Context({"n": 3, "nowhere": ""}))


@pytest.mark.parametrize("text", ["{% number n %}", '{% number n bare="because" %}', '{% number n unit="家" %}'])
def test_没有写门也没有写理由的数_模板读不进来(text: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="total"):
        drawn(text)


def test_有门的数带着门里应有几条_有理由的可以没有门() -> None:
    assert 'data-count="3"' in drawn('{% number n "/list/" %}')
    assert 'hx-get="/list/"' in drawn('{% number n "/list/" %}')
    assert "hx-get" not in drawn('{% number n "/list/" sheet=False %}')
    for reason in BARE:
        assert "data-doorless" not in drawn(f'{{% number n bare="{reason}" %}}')


def test_写了门而地址是空的_页面自己标出来_走查时找得到() -> None:
    assert "data-doorless" in drawn("{% number n nowhere %}")


def test_每个模板都读得进来_句子里的条数要么在链接里_要么写明为什么没有门() -> None:
    allowed = set().union(*SENTENCES.values())
    bare, used = [], set()
    for path in PAGES:
        get_template(path.relative_to(path.parents[len(path.parts) - path.parts.index("templates") - 2]).as_posix())
        # A text may stand over several lines; what it says is the same.
        text = re.sub(r"\s*\n\s*", " ", path.read_text("utf-8"))
        text = re.sub(r"(?<=[。；，：、！？）]) (?=[^\x00-\xff{])", "", text)
        for found in COUNTED.finditer(text):
            before = text[: found.start()]
            within = before.rfind("<a ") > before.rfind("</a>")
            own = "data-total" in before[max(before.rfind("<p"), before.rfind("<h2"), before.rfind("<span"), 0) :]
            if found[1] in allowed:
                used.add(found[1])
            elif not within and not own and not re.search(r"\{(day|at)\}", found[1]):
                bare.append(f"{path.relative_to(HOUSE)}: {found[1]}")
    assert bare == []
    assert allowed - used == set(), "an exception that nothing needs"
