"""Which record is this table? Told from its headings; doubt is a question, and what nobody knows is named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.book_once import book_once
from zhiheng.engines.recognise import Layout, fit, heading_key, recognise
from zhiheng.grammar.chapters.record_pages import Record, Source
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.reasons import Refusal


def record(label: str, **fields: tuple[str, bool]) -> Record:
    """A small record: field -> (label, required); every record has a day."""
    shown = {"day": ("日期", True), **fields}
    return Record.model_validate(
        {
            "label": {"zh": label, "en": label},
            "systems": ["A1"],
            "quality": "product",
            "stage": "during",
            "kind": "event",
            "law": [{"text": "试验办法（虚构）"}],
            "on": "day",
            "ignored": ["经办人"],
            "fields": {
                name: {
                    "label": {"zh": zh, "en": name.capitalize()},
                    "type": "day" if name == "day" else "text",
                    "required": needed,
                    "synonyms": [f"{zh}别名"],
                }
                for name, (zh, needed) in shown.items()
            },
        }
    )


def layout(record_id: str, of: Record, source_id: str, columns: dict[str, str | list[str]], **more: object) -> Layout:
    """A layout of a record."""
    source = Source.model_validate({"label": {"zh": source_id, "en": source_id}, "columns": columns, **more})
    return Layout.of(record_id, of, source_id, source)


CHECK = record("检查", firm=("企业", True), item=("项目", False))
VISIT = record("走访", firm=("企业", True), mood=("态度", False))
CHECK_OURS = layout("check", CHECK, "ours", {"日期": "day", "企业": "firm", "项目": "item"})
CHECK_THEIRS = layout(
    "check", CHECK, "theirs", {"检查时间": "day", "单位名称": "firm", "检查项": "item"}, ignored=["流水"]
)
VISIT_OURS = layout("visit", VISIT, "ours", {"日期": "day", "企业": "firm", "态度": "mood"})
ALL = [CHECK_OURS, CHECK_THEIRS, VISIT_OURS]


def found(headings: Sequence[str], layouts: Sequence[Layout] = ALL, **words: str) -> tuple[str, str]:
    """Record and source, or ('refused', code)."""
    answer = recognise(layouts, headings, **words)
    if isinstance(answer, Refusal):
        assert answer.zh.endswith("。")
        assert answer.en.endswith(".")
        return "refused", answer.code
    return answer.record_id, answer.source_id


def words_of(headings: Sequence[str], **words: str) -> str:
    """What a refusal says."""
    answer = recognise(ALL, headings, **words)
    assert isinstance(answer, Refusal)
    return f"{answer.zh} {answer.en}"


@pytest.mark.parametrize(
    ("headings", "wanted"),
    [
        (["日期", "企业", "项目"], ("check", "ours")),
        (["项目", "日期", "企业"], ("check", "ours")),
        (["日期", "企业", "态度"], ("visit", "ours")),
        (["检查时间", "单位名称", "检查项", "流水"], ("check", "theirs")),
        (["检查时间", "单位名称"], ("check", "theirs")),
        (["序号", "日期", "企业", "项目", "经办人", "退回原因 / reason"], ("check", "ours")),
        (["", "日期", "企业", "项目", "  "], ("check", "ours")),
    ],
)
def test_按表头认出记录和来源(headings: list[str], wanted: tuple[str, str]) -> None:
    assert found(headings) == wanted


@pytest.mark.parametrize(
    "heading",
    ["项目", " 项 目 ", "项\n目", "项目*", "＊项目", "项目：", "项目:", "项目别名", "Item", "ITEM", "ｉｔｅｍ", "item"],
)
def test_表头的写法不影响辨认(heading: str) -> None:
    assert found(["日期", "企业", heading]) == ("check", "ours")


def test_两种都符合_是一个问题_列出是哪几种() -> None:
    assert found(["日期", "企业"]) == ("refused", "table.ambiguous")
    text = words_of(["日期", "企业"])
    assert all(
        name in text for name in ("检查（ours）", "走访（ours）", "检查 (ours)", "走访 (ours)", "选明记录类型和表样")
    )
    assert "theirs" not in text
    assert "--" not in text, "who reads it on a page has no terminal: the terminal says itself how to choose"


def test_问过之后按答复认() -> None:
    assert found(["日期", "企业"], record="visit") == ("visit", "ours")
    assert found(["日期", "企业"], record="check", source="ours") == ("check", "ours")


def test_多说明一列的胜过少说明的() -> None:
    assert found(["日期", "企业", "项目"], [CHECK_OURS, VISIT_OURS]) == ("check", "ours")


def test_不认识的列逐一点名() -> None:
    assert found(["日期", "企业", "项目", "神秘列", "另一列"]) == ("refused", "table.columns")
    text = words_of(["日期", "企业", "项目", "神秘列", "另一列"])
    assert "神秘列" in text
    assert "另一列" in text
    assert "check" not in text or "检查" in text


def test_缺少的必填列逐一点名() -> None:
    assert found(["日期", "项目", "项目经理"]) == ("refused", "table.columns")
    assert "企业" in words_of(["日期", "项目"])


def test_同一字段两列都写_点名() -> None:
    assert found(["日期", "企业", "项目", "项目别名"]) == ("refused", "table.columns")
    assert "项目别名" in words_of(["日期", "企业", "项目", "项目别名"])


def test_全不认识的表_说没有这种记录() -> None:
    assert found(["甲", "乙", "丙"]) == ("refused", "table.unknown")
    assert found([]) == ("refused", "table.unknown")


def test_指明的记录或来源不存在() -> None:
    assert found(["日期"], record="nothing") == ("refused", "table.no_such_layout")
    assert found(["日期"], source="nothing") == ("refused", "table.no_such_layout")
    assert found(["日期"], []) == ("refused", "table.no_such_layout")


def test_固定值顶替必填列() -> None:
    fixed = layout("check", CHECK, "fixed", {"项目": "item", "企业": "firm"}, fixed={"day": "2026-01-01"})
    assert found(["项目", "企业"], [fixed]) == ("check", "fixed")


def test_一列可以给两个字段() -> None:
    both = layout("check", CHECK, "both", {"日期": "day", "名称": ["firm", "item"]})
    assert fit(both, ["日期", "名称"]).whole
    assert fit(both, ["日期", "名称", "企业"]).twice == ("企业",)


def test_来源自己的说法优先于记录的同义词() -> None:
    swapped = layout("check", CHECK, "swapped", {"日期": "day", "项目": "firm", "企业": "item"})
    assert swapped.known[heading_key("项目")] == ("firm",)
    ignoring = layout("check", CHECK, "ignoring", {"日期": "day", "企业": "firm"}, ignored=["项目"])
    assert ignoring.known[heading_key("项目")] == ()


def test_一列可以给两个字段_其中一个另有自己的列时让给它() -> None:
    both = layout("check", CHECK, "both", {"企业": "firm", "检查时间": ["item", "day"]})
    assert fit(both, ["企业", "检查时间"]).whole
    # What else may stand above that column feeds both too.
    assert both.targets("项目别名") == ("item", "day")
    apart = recognise([both], ["企业", "检查时间", "日期"])
    assert isinstance(apart, Layout)
    assert (apart.targets("检查时间"), apart.targets("日期")) == (("item",), ("day",))


INSPECTION = record("抽查", number=("编号", True), plan=("类型", True), goods=("产品", True), verdict=("结论", True))
MEAL = record("抽检", number=("单号", False), goods=("食品", True), verdict=("判定", True))
MEAL_OURS = layout(
    "meal",
    MEAL,
    "ours",
    {"单号": "number", "食品": "goods", "日期": "day", "判定": "verdict"},
    ignored=["编号", "规格"],
)
INSPECTION_OURS = layout(
    "inspection",
    INSPECTION,
    "ours",
    {"编号": "number", "类型": "plan", "产品": "goods", "日期": "day", "结论": "verdict"},
)


def test_缺一列的表不会悄悄读成别的记录() -> None:
    """A sheet of inspections without its type has what a sheet of meals needs, in other words."""
    meal = Layout.of(
        "meal",
        MEAL.model_copy(
            update={
                "fields": {
                    **MEAL.fields,
                    "goods": MEAL.fields["goods"].model_copy(update={"synonyms": ("产品",)}),
                    "verdict": MEAL.fields["verdict"].model_copy(update={"synonyms": ("结论",)}),
                }
            }
        ),
        "ours",
        MEAL_OURS.source,
    )
    layouts = [meal, INSPECTION_OURS]
    assert found(["编号", "产品", "日期", "结论"], [meal]) == ("meal", "ours")
    answer = recognise(layouts, ["编号", "产品", "日期", "结论"])
    assert isinstance(answer, Refusal)
    assert answer.code == "table.between"
    assert all(word in answer.zh for word in ("抽查", "类型", "抽检", "选明记录类型"))
    assert "--" not in answer.zh + answer.en, "who reads it on a page has no terminal"
    # Named by the sender it is what he says; with its column it is an inspection; in its own words it is a meal.
    assert found(["编号", "产品", "日期", "结论"], layouts, record="meal") == ("meal", "ours")
    assert found(["编号", "类型", "产品", "日期", "结论"], layouts) == ("inspection", "ours")
    assert found(["单号", "食品", "日期", "判定"], layouts) == ("meal", "ours")


@pytest.fixture(scope="module")
def layouts_of_the_book() -> list[Layout]:
    """Every layout of the default book."""
    book = book_once(Path(__file__).resolve().parents[2] / "book")
    return [
        Layout.of(entry.id, entry.record, name, source, entry.words)
        for entry in book[RECORDS].values()
        for name, source in entry.sources.items()
    ]


@pytest.mark.parametrize(
    ("headings", "wanted"),
    [
        (["抽样单编号", "产品名称", "被抽样单位", "抽样日期", "检验结论"], ("refused", "table.between")),
        (
            [
                "抽样单编号",
                "产品名称",
                "标称生产企业",
                "被抽样单位",
                "规格型号",
                "批号",
                "抽样日期",
                "检验结论",
                "不合格项目",
                "承检机构",
            ],
            ("refused", "table.between"),
        ),
        (
            ["抽样单编号", "抽查类型", "产品名称", "被抽样单位", "抽样日期", "检验结论"],
            ("product_sampling", "standard"),
        ),
        (["抽样编号", "样品名称", "被抽样单位", "抽样日期", "检验结论"], ("food_sampling", "standard")),
        (["抽样编号", "食品名称", "被抽样单位", "抽样时间", "检验结论"], ("food_sampling", "standard")),
        (["样品编号", "样品名称", "受检单位", "抽样时间", "结论"], ("refused", "table.ambiguous")),
    ],
)
def test_食品抽检与产品抽查分不清的_问(
    layouts_of_the_book: list[Layout], headings: list[str], wanted: tuple[str, str]
) -> None:
    assert found(headings, layouts_of_the_book) == wanted


@pytest.mark.slow
def test_任何表样少了一个必填列都不会成为另一种记录(layouts_of_the_book: list[Layout]) -> None:
    wrong = []
    for each in layouts_of_the_book:
        needed = {*each.record.required, each.record.on}
        for heading in each.source.columns:
            if needed.isdisjoint(each.source.targets(heading)):
                continue
            answer = recognise(layouts_of_the_book, [word for word in each.source.columns if word != heading])
            if not isinstance(answer, Refusal) and answer.record_id != each.record_id:
                wrong.append((each.record_id, each.source_id, heading, answer.record_id))
    assert wrong == []


HEADINGS = st.sampled_from(
    [
        "日期",
        "企业",
        "项目",
        "态度",
        "检查时间",
        "单位名称",
        "检查项",
        "流水",
        "序号",
        "神秘列",
        "另一列",
        "",
        "项目别名",
    ]
)


@given(st.lists(HEADINGS, max_size=7), st.randoms())
def test_列的顺序与来源的顺序都不影响答案(headings: list[str], chance: object) -> None:
    shuffled, layouts = list(headings), list(ALL)
    chance.shuffle(shuffled)
    chance.shuffle(layouts)
    assert found(shuffled, layouts)[0] == found(headings)[0]
    if found(headings)[0] != "refused":
        assert found(shuffled, layouts) == found(headings)


@given(st.lists(HEADINGS, max_size=7))
def test_认出的表里没有一列不明不白(headings: list[str]) -> None:
    answer = recognise(ALL, headings)
    if isinstance(answer, Refusal):
        return
    assert "神秘列" not in headings
    assert "另一列" not in headings
    explained = fit(answer, headings)
    assert explained.whole
    assert not explained.missing
