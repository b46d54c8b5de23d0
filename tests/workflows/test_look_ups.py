"""Look-ups on a page: stories give their answers, later acts compare them, wrong names are told, deletions noticed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.book_once import book_once
from tests.workflows.pages import BOOK, HEAD, workflow_of
from tests.workflows.test_page_checks import law as law
from zhiheng.engines.workflow.forms import typed
from zhiheng.engines.workflow.legal_time import LegalTime
from zhiheng.engines.workflow.look_ups import Answer, Reached, nothing_found, says_same, since
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.engines.workflow.stories import play_all
from zhiheng.engines.workflow.untested import untested
from zhiheng.grammar.chapters.acceptance import SAMPLING_PLANS
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.workflow_pages import LookUp
from zhiheng.grammar.chapters.workflows import WorkflowEntry, read_workflows
from zhiheng.grammar.yaml import BookRefused
from zhiheng.kernel.law import Law
from zhiheng.kernel.reasons import Refused

PAGE = (
    HEAD
    + """
parties: {firm: {label: {zh: 当事人, en: party}, kind: enterprise, role: subject}}
fields:
  product: {label: {zh: 产品, en: Product}, type: text}
  reason: {label: {zh: 理由, en: Reason}, type: long_text}
states:
  open: {label: {zh: 办理中, en: open}}
  done: {label: {zh: 办结, en: done}, final: true}
acts:
  begin: {label: {zh: 立案, en: begin}, by: [handler], opens_case: true, asks: [product], sees: [failures], begins: [open]}
  close: {label: {zh: 办结, en: close}, by: [handler], while: [open], where: {failures: {at_most: 1}}, ends: [open], begins: [done]}
  close_as_repeated: {label: {zh: 按再犯办结, en: close as repeated}, by: [handler], while: [open], where: {failures: {more_than: 1}}, ends: [open], begins: [done]}
look_ups:
  failures:
    label: {zh: 此前不合格, en: Earlier failures}
    records: product_sampling
    about: firm
    where: {verdict: unqualified}
    same: {product: product}
    within: {value: 24, unit: month, by: {zh: 本区设定, en: set by the district}}
"""
)
STORIES = """
stories:
  - name: 再犯的
    people: {甲: {may: [case.handle]}}
    days:
      - {day: 2026-03-02, act: begin, by: 甲, with: {product: 电热水壶}, sees: {failures: 2}, then: {may: [close_as_repeated]}}
      - {day: 2026-03-03, act: close, by: 甲, refused: at_most_failures}
      - {day: 2026-03-03, act: close_as_repeated, by: 甲, then: {stands: [done]}}
  - name: 没有查到的
    people: {甲: {may: [case.handle]}}
    days:
      - {day: 2026-03-02, act: begin, by: 甲, refused: asks}
      - {day: 2026-03-02, act: begin, by: 甲, with: {product: 电热水壶}, then: {stands: [open], may: [close]}}
      - {day: 2026-03-03, act: close_as_repeated, by: 甲, refused: more_than_failures}
      - {day: 2026-03-03, act: close, by: 甲, then: {stands: [done]}}
  - name: 看不到、没有查的，既不是零也不是再犯
    people: {甲: {may: [case.handle]}}
    days:
      - {day: 2026-03-02, act: begin, by: 甲, with: {product: 电热水壶}, sees: {failures: ~}, then: {may: []}}
"""


def entries(folder: Path, law: Law, text: str = PAGE, stories: str = STORIES) -> dict[str, WorkflowEntry]:
    page = folder / "made"
    page.mkdir(exist_ok=True)
    (page / "workflow.yaml").write_text(text)
    (page / "stories.yaml").write_text(stories)
    book = book_once(BOOK)
    return dict(
        read_workflows(
            folder,
            law,
            root=folder,
            documents=[],
            records=book[RECORDS],
            indicators=book[INDICATORS],
            plans=book[SAMPLING_PLANS],
        )
    )


def time_of_book(law: Law) -> LegalTime:
    return LegalTime(law, book_once(BOOK)[CALENDAR])


def test_故事给出查询的答案_后面的条件按它判断(tmp_path: Path, law: Law) -> None:
    assert play_all(entries(tmp_path, law), time_of_book(law)) == ()


def test_删去一处sees_故事发觉(tmp_path: Path, law: Law) -> None:
    found = untested(entries(tmp_path, law), "made", time_of_book(law))
    assert "acts.begin.sees" not in {str(each) for each in found.unnoticed}


def test_故事回答了行为不查的_不通过(tmp_path: Path, law: Law) -> None:
    stories = STORIES.replace(
        "act: close_as_repeated, by: 甲, then", "act: close_as_repeated, sees: {failures: 2}, by: 甲, then"
    )
    failure = play_all(entries(tmp_path, law, stories=stories), time_of_book(law))[0]
    assert "办理时不查：failures" in failure.told.zh


@pytest.mark.parametrize(
    ("wrote", "instead", "told"),
    [
        ("sees: [failures]", "sees: [failure]", "没有名为“failure”的查询（look_ups），是不是“failures”"),
        ("records: product_sampling", "records: product_samplin", "没有名为“product_samplin”的记录"),
        ("where: {verdict: unqualified}", "where: {verdit: unqualified}", "没有名为“verdit”的记录的字段"),
        ("same: {product: product}", "same: {produce: product}", "没有名为“produce”的记录的字段"),
        ("same: {product: product}", "same: {product: produce}", "没有名为“produce”的字段"),
        ("about: firm", "about: firms", "没有名为“firms”的当事人或字段"),
        ("about: firm", "about: product", "字段“product”不是当事人"),
        ("records: product_sampling\n    about: firm", "about: firm", "五者居一"),
        ("    about: firm\n", "", "写明关于谁"),
        ("sees: [failures], ", "", "没有哪个行为查“failures”"),
        ("    within: {", "    take: latest\n    field: verdict\n    within: {", "取的不是件数"),
        (
            "records: product_sampling\n    about: firm\n    where: {verdict: unqualified}\n    same: {product: product}\n"
            "    within: {value: 24, unit: month, by: {zh: 本区设定, en: set by the district}}",
            "indicator: industrial_pass",
            "没有名为“industrial_pass”的指标",
        ),
    ],
)
def test_查询的名称写错_告诉在哪里(tmp_path: Path, law: Law, wrote: str, instead: str, told: str) -> None:
    assert wrote in PAGE
    with pytest.raises(BookRefused) as refused:
        entries(tmp_path, law, PAGE.replace(wrote, instead))
    assert any(told in each.zh for each in refused.value.errors), [each.zh for each in refused.value.errors]


SAMPLED = PAGE.replace(
    "  product: {label", "  lot: {label: {zh: 批量, en: Lot}, type: number}\n  product: {label"
).replace(
    PAGE[PAGE.index("    records: product_sampling") :],
    "    sampling: campaign_batches\n    of_class: other\n    batch_size: lot\n    take: accept\n",
)


def test_查抽样方案的_写得对就没有错(tmp_path: Path, law: Law) -> None:
    found = entries(tmp_path, law, SAMPLED)["made"].page.look_ups["failures"]
    assert found.is_number
    assert nothing_found(found) is None


@pytest.mark.parametrize(
    ("wrote", "instead", "told"),
    [
        ("sampling: campaign_batches", "sampling: campaign_batch", "没有名为“campaign_batch”的抽样方案"),
        ("of_class: other", "of_class: others", "没有名为“others”的不合格类别"),
        ("batch_size: lot", "batch_size: lots", "没有名为“lots”的字段"),
        ("batch_size: lot", "batch_size: product", "字段“product”不是件数"),
        ("    of_class: other\n", "", "写类别"),
        ("    take: accept\n", "", "写类别"),
        ("    take: accept\n", "    take: accept\n    about: firm\n", "查抽样方案的也不写"),
        ("    take: accept\n", "    take: accept\n    holds: true\n", "抽样方案与时间无关"),
    ],
)
def test_查抽样方案的写错_告诉在哪里(tmp_path: Path, law: Law, wrote: str, instead: str, told: str) -> None:
    assert wrote in SAMPLED
    with pytest.raises(BookRefused) as refused:
        entries(tmp_path, law, SAMPLED.replace(wrote, instead))
    assert any(told in each.zh for each in refused.value.errors), [each.zh for each in refused.value.errors]


def test_查询的名称不能当作字段填写() -> None:
    with pytest.raises(Refused) as refused:
        typed(workflow_of(PAGE, head=""), {"failures": "3"})
    assert "由系统在办理时查询" in refused.value.refusals[0].zh


def test_答案写下去再读出来不变() -> None:
    for answer in (
        Answer(2, dt.date(2026, 3, 2), Reached.PART, (5, 3), (8,)),
        Answer(None, dt.date(2026, 3, 2), Reached.UNKNOWN),
        Answer(96.5, dt.date(2026, 3, 2)),
    ):
        assert Answer.told(answer.stored()) == answer


@pytest.mark.parametrize(
    ("in_case", "in_fact", "same"),
    [
        ("电热水壶", "电热水壶", True),
        ("电热水壶 1.5L 20260210", "电热水壶", True),
        ("电热水壶底座", "电热水壶", False),
        ("Kettle X", "KETTLE", True),
        ("电热水壶", "", False),
        (None, "电热水壶", False),
        ("电热", "电热水壶", False),
    ],
)
def test_同一产品按字面_型号批次写在后面也算(in_case: str | None, in_fact: str, *, same: bool) -> None:
    assert says_same(in_case, in_fact) is same


def test_往回看多久_按月按日(law: Law) -> None:
    time, on = time_of_book(law), dt.date(2026, 3, 31)
    by = {"zh": "本区设定", "en": "set by the district"}
    of = {"label": by, "records": ["product_sampling"], "about": "firm"}
    assert since(LookUp.model_validate(of), on, time) is None
    month = LookUp.model_validate({**of, "within": {"value": 1, "unit": "month", "by": by}})
    assert since(month, on, time) == dt.date(2026, 2, 28)
    days = LookUp.model_validate({**of, "within": {"value": 30, "unit": "d", "by": by}})
    assert since(days, on, time) == dt.date(2026, 3, 1)


def test_没有查到的_数是零_取值的是没有() -> None:
    label = {"zh": "查", "en": "look"}
    of = {"label": label, "records": ["product_sampling"], "about": "firm"}
    assert nothing_found(LookUp.model_validate(of)) == 0
    assert nothing_found(LookUp.model_validate({**of, "take": "latest", "field": "verdict"})) is None
    assert nothing_found(LookUp.model_validate({"label": label, "indicator": "industrial_pass_rate"})) is None


def test_本书里能公开立案的企业案件_立案时都查此前的案件() -> None:
    known = case_book(book_once(BOOK)).workflows
    lacking = [
        name
        for name, workflow in known.items()
        if "earlier_cases" in workflow.page.look_ups
        and any(act.body.opens_case and "earlier_cases" not in act.body.sees for act in workflow.acts.values())
    ]
    assert lacking == []
    assert len([name for name in known if "earlier_cases" in known[name].page.look_ups]) >= 15


RULE = """
from zhiheng.kernel.reasons import Flag, Refusal


def not_repeated(case, entered):
    if (case.values.get("failures") or 0) > 1:
        return Refusal("made.repeated", "此前多次不合格，不能按首次办结。", "Failed before; not closed as a first time.")


def take_care(case, entered):
    if (entered.get("failures") or 0) > 0:
        return Flag("made.again", "此前不合格过。", "Failed before.")
"""
RULED = """
stories:
  - name: 查到的数在后来的规则里，也在当步的提示里
    people: {甲: {may: [case.handle]}}
    days:
      - {day: 2026-03-02, act: begin, by: 甲, with: {product: 电热水壶}, sees: {failures: 2}, then: {hints: [made.again]}}
      - {day: 2026-03-03, act: close, by: 甲, refused: made.repeated}
  - name: 没有查到的
    people: {甲: {may: [case.handle]}}
    days:
      - {day: 2026-03-02, act: begin, by: 甲, with: {product: 电热水壶}, sees: {failures: 0}, then: {hints: []}}
      - {day: 2026-03-03, act: close, by: 甲, then: {stands: [done]}}
  - name: 没有查的不当作有
    people: {甲: {may: [case.handle]}}
    days:
      - {day: 2026-03-02, act: begin, by: 甲, with: {product: 电热水壶}, sees: {failures: ~}, then: {hints: []}}
      - {day: 2026-03-03, act: close, by: 甲, then: {stands: [done]}}
"""


def test_规则函数用得上查到的_提示在当步_规则在以后(tmp_path: Path, law: Law) -> None:
    page = PAGE.replace("sees: [failures], ", "sees: [failures], hints: [take_care], ")
    page = page.replace("where: {failures: {at_most: 1}}, ", "rule: not_repeated, ")
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "rule.py").write_text(RULE)
    assert play_all(entries(tmp_path, law, page, RULED), time_of_book(law)) == ()
