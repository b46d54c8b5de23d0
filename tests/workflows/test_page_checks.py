"""A wrong name on a page of a workflow is told with its line and what to write; courses that lead nowhere are told,
too.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.book_once import book_once
from tests.workflows.pages import BOOK, CALENDAR, HEAD, workflow_of
from zhiheng.engines.workflow.legal_time import LegalTime
from zhiheng.engines.workflow.stories import compiled, play_all
from zhiheng.engines.workflow.walk import findings
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.workflows import WorkflowEntry, read_workflows
from zhiheng.grammar.yaml import BookRefused
from zhiheng.kernel.law import Law

GOOD = (
    HEAD
    + """
fields: {reason: {label: {zh: 理由, en: Reason}, type: long_text}}
states:
  open: {label: {zh: 办理中, en: open}}
  done: {label: {zh: 办结, en: done}, final: true}
acts:
  begin: {label: {zh: 立案, en: begin}, by: [handler], opens_case: true, begins: [open]}
  close: {label: {zh: 办结, en: close}, by: [head], while: [open], asks: [reason], ends: [open], begins: [done]}
periods:
  closing: {label: {zh: 办结期限, en: Close}, in: open, within: complaints.accept_or_refuse, duty: [close]}
"""
)


@pytest.fixture(scope="module")
def law() -> Law:
    """The law of the default book."""
    return book_once(BOOK)[LAW]


def read_page(folder: Path, law: Law, text: str, stories: str = "", rule: str = "") -> WorkflowEntry:
    """The one workflow of a folder."""
    page = folder / "made"
    page.mkdir()
    for name, content in (("workflow.yaml", text), ("stories.yaml", stories), ("rule.py", rule)):
        if content:
            (page / name).write_text(content)
    return read_workflows(folder, law, root=folder, documents=[], records=["product_sampling"])["made"]


def test_写对的一页没有话说(tmp_path: Path, law: Law) -> None:
    assert read_page(tmp_path, law, GOOD).page.states.keys() == {"open", "done"}


@pytest.mark.parametrize(
    ("wrote", "instead", "told"),
    [
        ("while: [open]", "while: [opne]", "没有名为“opne”的状态，是不是“open”"),
        ("begins: [open]}", "begins: [shut]}", "没有名为“shut”的状态"),
        ("asks: [reason]", "asks: [reasons]", "没有名为“reasons”的字段，是不是“reason”"),
        ("by: [head]", "by: [boss]", "没有名为“boss”的经办身份或当事人"),
        ("duty: [close]", "duty: [closed]", "没有名为“closed”的行为，是不是“close”"),
        ("within: complaints.accept_or_refuse", "within: complaints.accept", "“complaints.accept”在 law 目录中找不到"),
        ("within: complaints.accept_or_refuse", "within: complaints.refusal_causes", "不是期限"),
        ("within: complaints.accept_or_refuse, duty: [close]", "within: complaints.accept_or_refuse", "期限没有效果"),
        (
            "within: complaints.accept_or_refuse, ",
            "every: food_recall.progress_report.level_1, purpose: limit, ",
            "purpose 只说明按长度（within）计算的期限",
        ),
        ("in: open, ", "", "期限从状态开始（in）或者从行为开始（after）"),
        (", final: true", "", "没有终结状态"),
        ("opens_case: true, ", "", "没有立案的行为"),
        ("duty: [close]", "else: close", "须写 by: [law]"),
        ("asks: [reason]", "asks: [reason], rule: mine", "没有名为“mine”的函数（rule.py）"),
        ("asks: [reason]", "asks: [reason], settled: [notice]", "没有名为“notice”的子案"),
        ("asks: [reason]", "asks: [reason], issues: notice", "没有名为“notice”的文书"),
        ("asks: [reason]", "asks: [reason], records: {record: sampling, row: {a: b}}", "没有名为“sampling”的记录"),
        ("asks: [reason]", "asks: [reason], joint: complaints.nobody", "“complaints.nobody”在 law 目录中找不到"),
        ("type: long_text", "type: choice", "choice、choices 类型写 choices 或 choices_of 之一"),
        ("type: long_text", "type: choice, choices_of: complaints.accept_or_refuse", "不是一个清单"),
        ("by: [head], while", "while", "行为须写明由谁办"),
        ("within: complaints.accept_or_refuse, duty", "until: reason, duty", "“reason”不是日期"),
        ("duty: [close]", "extended_by: {close: reason}, duty: [close]", "“reason”不是日期"),
        ("within: complaints.accept_or_refuse", "within: food_recall.start", "是表格；请写 专题.参数.行"),
        (
            "within: complaints.accept_or_refuse",
            "within: complaints.accept_or_refuse.level_1",
            "没有行；请写 专题.参数",
        ),
        (
            "within: complaints.accept_or_refuse",
            "every: food_recall.start.level_1, right: [close]",
            "every（重复）只有义务",
        ),
        ("in: open, within", "in: open, from: last, within", "from: last 只用于从行为开始"),
        (
            "asks: [reason]",
            "asks: [reason], at_least: {reason: penalty_procedure.officers_min}",
            "“reason”不能与数比较",
        ),
        ("asks: [reason]", "asks: [reason], where: {reason: {more_than: 3}}", "“reason”不能与数比较"),
        ("asks: [reason]", "asks: [reason], joint: complaints.refusal_causes", "不是一个数"),
        ("asks: [reason]", "asks: [reason], joint: 0", "不能少于 1"),
        (
            "asks: [reason]",
            "asks: [reason], since: 2026-03-01, until: 2026-02-01",
            "until（2026-02-01）早于 since（2026-03-01）",
        ),
        ("type: long_text", "type: long_text, since: 2026-03-01, until: 2026-02-01", "早于 since"),
        (
            "states:",
            "transition: complaints.refusal_causes\nstates:",
            "的值须是 started、recounted、later、earlier 之一",
        ),
        ("T {year}/{serial}", "T {year}/{serial", "案号的大括号里只能写 {year} 和 {serial}"),
        ("T {year}/{serial}", "T {year}/{serial}/{unit}", "案号的大括号里只能写 {year} 和 {serial}"),
        ("states:", "parent: complaint\nstates:", "没有名为“complaint”的工作流"),
        ("states:", "parent: made\nstates:", "“made”的 children 中没有“made”"),
        ("states:", "kept: complaints.refusal_causes\nstates:", "不是期限"),
        (
            "states:",
            "tallies: {reason: {label: {zh: 数, en: n}, take: count, act: [begin]}}\nstates:",
            "既是字段又是合计",
        ),
        (
            "states:",
            "tallies: {n: {label: {zh: 数, en: n}, take: sum, act: [close], field: reason}}\nstates:",
            "“reason”不是数",
        ),
        ("while: [open], asks", "whilst: [open], asks", "没有“whilst”这个字段"),
    ],
)
def test_写错的地方指出行和改法(tmp_path: Path, law: Law, wrote: str, instead: str, told: str) -> None:
    text = GOOD.replace(wrote, instead)
    assert text != GOOD
    with pytest.raises(BookRefused) as refused:
        read_page(tmp_path, law, text)
    errors = refused.value.errors
    assert any(told in error.zh for error in errors), [error.zh for error in errors]
    assert all(error.file == "made/workflow.yaml" and error.line > 0 and error.en for error in errors)


def test_依法发生的行为有几种结果_期限须写哪一种(tmp_path: Path, law: Law) -> None:
    outcomes = "outcomes: {one: {label: {zh: 一, en: one}}, two: {label: {zh: 二, en: two}}}"
    text = GOOD.replace("duty: [close]", "else: close").replace("by: [head]", f"by: [law], {outcomes}")
    with pytest.raises(BookRefused, match=r"请写 close\.one 这样的一种结果"):
        read_page(tmp_path, law, text)


def test_没有人读的文件和文件夹_指出来(tmp_path: Path, law: Law) -> None:
    (tmp_path / "recall").mkdir()
    (tmp_path / "recall" / "workflow.yml").write_text(GOOD)
    (tmp_path / "Food-Recall").mkdir()
    with pytest.raises(BookRefused) as refused:
        read_page(tmp_path, law, GOOD)
    assert [(error.file, error.zh.partition("；")[0]) for error in refused.value.errors] == [
        ("Food-Recall", "这个文件夹里没有 workflow.yaml"),
        ("Food-Recall", "文件夹名“Food-Recall”须是小写字母、数字和下划线（如 food_recall）"),
        ("recall", "这个文件夹里没有 workflow.yaml"),
        ("recall/workflow.yml", "没有人读“workflow.yml”"),
    ]


def story(days: str) -> str:
    """A stories.yaml with one story of these days."""
    people = "李敏: {may: [case.handle]}, 王强: {may: [case.approve]}"
    return f"stories:\n- name: 虚构\n  people: {{{people}}}\n  days:\n{days}"


@pytest.mark.parametrize("on", ["2026-03-02T09:00+08:00", "2026-03-02T09:00Z", "20260302", "三月二日", "13", "true"])
def test_故事的日子写得不对_说明怎么写(tmp_path: Path, law: Law, on: str) -> None:
    with pytest.raises(BookRefused, match="写成 2026-03-02"):
        read_page(tmp_path, law, GOOD, story(f"  - {{day: {on}, act: begin, by: 李敏}}\n"))


def told_by(entry: WorkflowEntry, law: Law) -> list[str]:
    """What is wrong with its stories, in Chinese and English."""
    return [str(failure) for failure in play_all({"made": entry}, LegalTime(law, CALENDAR))]


def test_故事里没有的合计_填错的内容_坏了的规则_都说成一句话(tmp_path: Path, law: Law) -> None:
    text = GOOD.replace("asks: [reason]", "asks: [reason], rule: broken")
    days = (
        "  - {day: 2026-03-02, act: begin, by: 李敏, then: {numbers: {nothing: 1}}}\n"
        "  - {day: 2026-03-03, act: close, by: 王强, with: {reason: [{a: b}]}}\n"
        "  - {day: 2026-03-03, act: close, by: 王强, with: {reason: 好}}\n"
    )
    rule = "def broken(case, entered):\n    return case.nothing\n"
    told = told_by(read_page(tmp_path, law, text, story(days), rule), law)
    assert len(told) == 3
    assert "没有合计“nothing”" in told[0]
    assert "“理由”要写文字" in told[1]
    assert "规则“broken”算不下去" in told[2]
    assert "who keeps the book corrects it" in told[2]


def test_书里没有那一天的规定_故事说明哪一行(tmp_path: Path, law: Law) -> None:
    told = told_by(read_page(tmp_path, law, GOOD, story("  - {day: 1900-03-02, act: begin, by: 李敏}\n")), law)
    assert len(told) == 1
    assert "第 1 行（1900-03-02）" in told[0]


def test_规则代码坏了_也指出来(tmp_path: Path, law: Law) -> None:
    with pytest.raises(BookRefused, match=r"rule\.py 无法使用"):
        read_page(tmp_path, law, GOOD, rule="raise ValueError('坏了')")


def test_用不存在的共用部分(tmp_path: Path, law: Law) -> None:
    with pytest.raises(BookRefused, match="没有名为“handover”的共用部分"):
        read_page(tmp_path, law, GOOD + "uses: [handover]\n")


def test_共用部分里的错误_指出部分的文件和行_只说一次(tmp_path: Path, law: Law) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "handover.yaml").write_text(
        "acts:\n  pass_on: {label: {zh: 移交, en: pass on}, by: [handler], while: [opne]}\n"
    )
    other = tmp_path / "other"
    other.mkdir()
    (other / "workflow.yaml").write_text(GOOD + "uses: [handover]\n")
    with pytest.raises(BookRefused) as refused:
        read_page(tmp_path, law, GOOD + "uses: [handover]\n")
    assert [(error.file, error.line) for error in refused.value.errors] == [("parts/handover.yaml", 2)]


def test_不成立的故事说明哪一行差在哪里(tmp_path: Path, law: Law) -> None:
    from tests.workflows.pages import CALENDAR
    from zhiheng.engines.workflow.legal_time import LegalTime

    stories = """
stories:
  - name: 写错的故事
    people: {李敏: {may: [case.handle]}}
    days:
      - {day: 2026-05-06, act: begin, by: 李敏, then: {due: {closing: 2026-05-01}}}
      - {day: 2026-05-07, act: close, by: 李敏, with: {reason: 好}}
      - {day: 2026-05-08, act: close, by: 王局, with: {reason: 好}}
      - {day: 2026-05-08, case: 别案, then: {stands: [open]}}
      - {day: 2026-05-08, then: {may_not: {shut: not_while, begin: once}}}
"""
    entry = read_page(tmp_path, law, GOOD, stories)
    told = [failure.told.zh for failure in play_all({"made": entry}, LegalTime(law, CALENDAR))]
    assert told == [
        "到期是 {'closing': '2026-05-14'}，应为 {'closing': '2026-05-01'}",
        "“close”被拒绝：李敏不能“办结”：须由负责人办，您没有这项权限。（person）",
        "故事里没有王局",
        "还没有案件“别案”",
        "没有行为“shut”",
        "begin 不可的理由是 ['opened']，应为 once",
    ]
    assert compiled({"made": entry})["made"].acts.keys() == {"begin", "close"}


def test_故事说期限要求办什么_说错了指出来(tmp_path: Path, law: Law) -> None:
    stories = (
        "stories:\n  - name: 义务\n    people: {李敏: {may: [case.handle]}}\n    days:\n"
        "      - {day: 2026-04-20, act: begin, by: 李敏, then: {duty: {closing: [begin]}}}\n"
        "      - {day: 2026-04-21, then: {duty: {closing: [close]}}}\n"
    )
    made = {"made": read_page(tmp_path, law, GOOD, stories)}
    told = [str(failure) for failure in play_all(made, LegalTime(law, CALENDAR))]
    assert len(told) == 1
    assert "closing 的义务是 ['close']，应为 ['begin']" in told[0]


ENDS = """
states:
  open: {label: {zh: 办理中, en: open}}
  testing: {label: {zh: 检测中, en: testing}}
  done: {label: {zh: 办结, en: done}, final: true}
acts:
  begin: {label: {zh: 立案, en: begin}, by: [handler], opens_case: true, begins: [open]}
  test: {label: {zh: 送检, en: test}, by: [handler], while: [open], begins: [testing]}
  tested: {label: {zh: 检毕, en: tested}, by: [handler], while: [testing], ends: [testing]}
  lapse: {label: {zh: 视为放弃, en: lapse}, by: [law], while: [open], unless: [testing], ends: [open], begins: [done]}
periods: {closing: {label: {zh: 期限, en: Close}, in: open, within: complaints.accept_or_refuse, else: lapse}}
"""


def test_期限会在办不了的时候届满_指出来() -> None:
    assert [finding.en.partition(";")[0] for finding in findings(workflow_of(ENDS))] == [
        "The period closing can run out in 'open', 'testing', where lapse can't happen"
    ]
    assert findings(workflow_of(ENDS.replace("else: lapse", "not_counted_while: [testing], else: lapse"))) == ()
    assert findings(workflow_of(ENDS.replace("unless: [testing], ends: [open]", "ends: all"))) == ()


def test_重新打开而没有结束终结状态_指出来() -> None:
    text = ENDS.replace("unless: [testing], ends: [open]", "ends: all").replace(
        "acts:", "acts:\n  reopen: {label: {zh: 重开, en: reopen}, by: [head], while: [done], begins: [open]}"
    )
    assert any("'open', 'done' hold at once" in finding.en for finding in findings(workflow_of(text)))


def test_办不了的行为_到不了的状态_走不到头的路() -> None:
    workflow = workflow_of(
        """
states:
  open: {label: {zh: 办理中, en: open}}
  lost: {label: {zh: 搁置, en: lost}}
  never: {label: {zh: 不会有, en: never}}
  done: {label: {zh: 办结, en: done}, final: true}
acts:
  begin: {label: {zh: 立案, en: begin}, by: [handler], opens_case: true, begins: [open]}
  shelve: {label: {zh: 搁置, en: shelve}, by: [handler], while: [open], ends: [open], begins: [lost]}
  wake: {label: {zh: 唤醒, en: wake}, by: [handler], while: [never], begins: [open]}
  close: {label: {zh: 办结, en: close}, by: [head], while: [open], ends: [open], begins: [done]}
periods: {closing: {label: {zh: 期限, en: Close}, in: open, within: complaints.accept_or_refuse, duty: [close]}}
"""
    )
    assert [finding.en for finding in findings(workflow)] == [
        "The act wake can never happen.",
        "The state never never holds.",
        "From 'lost' no end is reached.",
    ]
