"""What the public would see of a fact: masks that nothing secret survives, periods that end on the right day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.book_once import book_once
from tests.examples import examples
from zhiheng.engines.plain_words import identifying
from zhiheng.engines.publication import (
    FactToPublish,
    Release,
    Releaser,
    example_failures,
    mask,
    releasers,
    scrub,
)
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.publication import PUBLICATION
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.loader import load
from zhiheng.grammar.yaml import BookRefused
from zhiheng.kernel.days import months_later
from zhiheng.kernel.reasons import Refusal

ROOT = Path(__file__).resolve().parents[2]
TODAY = dt.date(2026, 11, 22)
BOOK = book_once(ROOT / "book")
RELEASERS = releasers(BOOK)
PENALTY = RELEASERS["administrative_penalty"]
FIRM = {"role": "subject", "name": "云澜市砺原区试验食品有限公司", "code": "91990101MA0003267Q", "code_kind": "uscc"}
# Characters that no label and no other text of the row uses, so that a find is a leak and no accident.
RARE = "丳亐仸佱傓兞冟刞勐卝卮厽叞呏咥喎嗞噃囜圫"
names = st.text(RARE, min_size=2, max_size=6)


def penalty(**changed: Any) -> FactToPublish:
    """A penalty of the demo's kind; ``changed`` gives other fields, ``None`` takes one away."""
    body = {
        "decision_number": "云砺市监处罚〔2026〕7号",
        "parties": [FIRM],
        "party_kind": "enterprise",
        "violation_kind": "标签不符",
        "penalty_kind": "fine",
        "lenient": "ordinary",
        "fine": "8000",
        "decided_on": "2026-10-08",
    } | changed
    body = {name: value for name, value in body.items() if value is not None}
    return FactToPublish("administrative_penalty", body, dt.date.fromisoformat(body["decided_on"]), "fail")


def released(told: FactToPublish, *, releaser: Releaser = PENALTY, today: dt.date = TODAY, **words: Any) -> Release:
    made = releaser.release(told, today=today, **words)
    assert isinstance(made, Release), made
    return made


def everything(made: Release) -> str:
    """Every text that would be published."""
    texts = [made.title.zh, made.title.en, made.product, *(f"{e.name} {e.code}" for e in made.enterprises)]
    return "\n".join([*texts, *(f"{value.zh}\n{value.en}" for value in made.values if value is not None)])


def shown(made: Release, name: str, releaser: Releaser = PENALTY) -> str | None:
    value = next(v for c, v in zip(releaser.columns, made.values, strict=True) if c.target == name)
    return None if value is None else value.zh


def test_规则书中的公示样例全部成立() -> None:
    assert list(example_failures(BOOK)) == []


def test_写了要公示的记录都有公示规则() -> None:
    assert set(RELEASERS) == {e.id for e in BOOK[RECORDS].values() if e.record.publication.when}


def test_没有列出的字段一个也不公开() -> None:
    for releaser in RELEASERS.values():
        assert {column.target for column in releaser.columns} == set(releaser.rule.shows)


def test_规则书里每个保密字段都没有进入列表栏目() -> None:
    for record, releaser in RELEASERS.items():
        open_ = [c.target for c in releaser.columns if c.listed and c.masked]
        assert open_ == [], record


@given(
    officers=st.lists(names, min_size=1, max_size=3),
    filler=st.text("的与在对〔〕，。 \n0123abc", max_size=20),
    times=st.integers(1, 3),
)
def test_保密字段的文字在任何公开的文字里都不出现(officers: list[str], filler: str, times: int) -> None:
    text = filler.join([name for name in officers for _ in range(times)])
    made = released(
        penalty(officers="、".join(officers), content=f"由{text}送达", violation_fact=text, basis=filler + text)
    )
    for name in officers:
        assert name not in everything(made)


@given(name=names, house=st.integers(1, 9999), before=st.text("在对向、。\n", max_size=5))
def test_自然人的姓名证件和住址细节不出现(name: str, house: int, before: str) -> None:
    person = {
        "role": "subject",
        "name": name,
        "kind": "person",
        "code": "11010119900307803X",
        "code_kind": "resident_id",
        "address": f"云澜市砺原区铁砧街道灯塔街{house}号",
        "phone": "13912345678",
    }
    told = penalty(
        parties=[person],
        party_kind="person",
        resident_number="11010119900307803X",
        legal_representative=name,
        violation_fact=f"{before}{name}{before}13912345678",
        content=f"{name}（11010119900307803X）",
    )
    made = released(told)
    text = everything(made)
    assert made.person
    assert made.enterprises == ()
    for secret in (name, "11010119900307803X", "13912345678", f"灯塔街{house}号"):
        assert secret not in text


@given(st.text(max_size=40))
def test_任何文字按姓名打码后最多留下每个人的姓(text: str) -> None:
    masked = mask("text", text)
    assert masked.masked
    assert len(text) < 2 or text not in masked.zh
    assert all(len(piece) == 3 and piece.endswith("**") for piece in masked.zh.split("、") if masked.zh)


@given(st.lists(names, max_size=3), st.text(RARE + "的，。", max_size=30))
def test_清除后的文字里再没有要清除的(secrets: list[str], text: str) -> None:
    left = scrub(text, sorted(secrets, key=len, reverse=True))
    assert all(secret not in left for secret in secrets)


@pytest.mark.parametrize(
    ("kind", "value", "seen"),
    [
        ("text", "张三丰", "张**"),
        ("text", "魏清和、季闻", "魏**、季**"),
        ("text", "欧阳静安", "欧**"),
        ("text", "云质检二科检查组", ""),
        ("resident_id", "11010119900307803X", ""),
        ("phone", "13912345678", ""),
        ("long_text", "张三丰", ""),
        ("money", "82000", ""),
    ],
)
def test_各类字段怎样打码(kind: str, value: str, seen: str) -> None:
    masked = mask(kind, value)
    assert (masked.zh, masked.masked) == (seen, True)


def test_批号里的十一位数字不当作手机号() -> None:
    assert scrub("13052026001", (), free=False) == "13052026001"
    assert "139" not in scrub("电话13912345678", ())


def test_像身份证号而校验位不对的编号留着() -> None:
    assert scrub("111101011990030780", (), free=True) == "111101011990030780"
    assert scrub("证11010119900307803X号", ()) == "证〔隐去〕号"


def test_只写了名字又没有代码的两三个字当作自然人() -> None:
    made = released(penalty(parties=[{"role": "subject", "name": "温如璟"}], party_kind=None))
    assert made.person
    assert shown(made, "punished") == "温**"
    shop = released(penalty(parties=[{"role": "subject", "name": "老温店"}], party_kind=None))
    assert shown(shop, "punished") == "老温店"


def test_栏目不公示自然人时说明原因() -> None:
    releaser = RELEASERS["abnormal_list_entry"]
    told = FactToPublish(
        "abnormal_list_entry",
        {"parties": [{"role": "subject", "name": "温如璟"}], "cause": "not_reachable"},
        dt.date(2026, 7, 8),
        "fail",
    )
    made = releaser.release(told, today=TODAY)
    assert isinstance(made, Refusal)
    assert made.code == "publication.person"


def test_企业注销后不利信息停止公示而合格结果不受影响() -> None:
    gone = PENALTY.release(penalty(), today=TODAY, deregistered=True)
    assert isinstance(gone, Refusal)
    assert gone.code == "publication.deregistered"
    sampling = RELEASERS["product_sampling"]
    told = FactToPublish(
        "product_sampling",
        {"parties": [FIRM | {"role": "producer"}], "verdict": "qualified", "product": "挂面"},
        dt.date(2026, 10, 1),
        "pass",
    )
    assert isinstance(sampling.release(told, today=TODAY, deregistered=True), Release)


def test_所有公示的记录都说得出依据() -> None:
    assert [record for record, releaser in RELEASERS.items() if not releaser.law()] == []


@given(
    kind=st.sampled_from(
        [
            "criticism",
            "fine",
            "confiscation",
            "fine_and_confiscation",
            "downgrade",
            "licence_revoked",
            "business_restricted",
            "closed",
        ]
    ),
    field=st.sampled_from(
        [
            None,
            "food",
            "drug",
            "medical_device",
            "cosmetics",
            "special_equipment",
            "key_industrial_product",
            "product",
            "advertising",
        ]
    ),
    lenient=st.sampled_from([None, "lenient", "ordinary", "heavy"]),
    fine=st.integers(0, 200_000),
    day=st.dates(dt.date(2025, 12, 25), dt.date(2026, 11, 22)),
)
@settings(max_examples=examples(300))
def test_公示期按第十三条到第十五条逐条核对(
    kind: str, field: str | None, lenient: str | None, fine: int, day: dt.date
) -> None:
    """The oracle is the text of the articles, written down a second time and otherwise."""
    light = kind == "criticism" or (kind == "fine" and lenient == "lenient" and fine <= 50_000)
    serious = field in {"food", "drug", "medical_device", "cosmetics", "special_equipment", "key_industrial_product"}
    grave = kind in {"downgrade", "licence_revoked", "closed", "business_restricted"}
    months = 3 if light else 36 if serious or grave else 12
    told = penalty(
        penalty_kind=kind,
        field_of_supervision=field,
        lenient=lenient,
        fine=str(fine),
        decided_on=str(day),
        published_on=str(day),
    )
    made = PENALTY.release(told, today=day)
    assert isinstance(made, Release)
    assert made.until == months_later(day, months)
    assert made.doubts == ()


@given(days=st.integers(0, 1500))
def test_迟公示不延长公示期(days: int) -> None:
    told = penalty(decided_on="2026-01-05")
    on_time = released(told, today=dt.date(2026, 1, 5))
    assert on_time.publish_by is not None
    late = PENALTY.release(told, today=on_time.publish_by + dt.timedelta(days=days))
    last = months_later(on_time.publish_by, 12)
    if isinstance(late, Refusal):
        assert late.code == "publication.ended"
        assert on_time.publish_by + dt.timedelta(days=days) > last
    else:
        assert late.until == last


@given(ended=st.dates(dt.date(2026, 10, 9), dt.date(2029, 12, 31)))
def test_来文写明的截止日期只会提前不会推迟(ended: dt.date) -> None:
    plain = released(penalty(), today=dt.date(2026, 10, 8))
    made = PENALTY.release(penalty(shown_until=str(ended)), today=dt.date(2026, 10, 8))
    assert isinstance(made, Release)
    assert made.until is not None
    assert plain.until is not None
    assert made.until <= plain.until
    assert made.until == min(plain.until, ended - dt.timedelta(days=1))


def test_公告里能认出人的文字会被指出() -> None:
    assert identifying("因张三丰（11010119900307803X，13912345678，a@b.cn）申请", ["张三丰"]) == (
        "张三丰",
        "11010119900307803X",
        "13912345678",
        "a@b.cn",
    )
    assert identifying("依法准予信用修复，停止公示。") == ()


def small(tmp_path: Path, rule: str) -> Book:
    """A copy of the default book in which the rule of penalties is another."""
    import shutil

    root = tmp_path / "book"
    shutil.copytree(ROOT / "book", root)
    (root / "records/market/administrative_penalty/publication.yaml").write_text(rule, "utf-8")
    return load(root)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "place", "said"),
    [
        ("shows: [decision_number, punised]", "shows.1", "没有字段“punised”"),
        ("list: penaltys", "list", "没有栏目“penaltys”"),
        ("kind: fine", "kind", "不是公开的选项字段"),
        ("periods: [{until: penalty_publication.display_max.medium}]", "periods.0.until", "没有“medium”这一行"),
        ("periods: [{until: penalty_publication.low_fine_max}]", "periods.0.until", "不是期限"),
        ("publish_within: penalty_publication.publsh", "publish_within", "是不是“publish”"),
        ("title: {zh: '{officers}', en: '{officers}'}", "title", "没有公开的字段"),
    ],
)
def test_公示规则写错时指出哪一页哪一处(tmp_path: Path, line: str, place: str, said: str) -> None:
    key = line.partition(":")[0]
    rule = {
        "list": "list: penalties",
        "title": "title: {zh: '{punished}', en: '{punished}'}",
        "shows": "shows: [punished, fine]",
        "examples": "examples: [{name: 一, like: 一般裁量的罚款, asked: 2026-09-10}]",
    } | {key: line}
    with pytest.raises(BookRefused) as refused:
        _ = small(tmp_path, "\n".join(rule.values()) + "\n")[PUBLICATION]
    told = [
        e for e in refused.value.errors if e.file == "records/market/administrative_penalty/publication.yaml" and e.line
    ]
    assert any(place == error.field and said in error.zh for error in told), [str(e) for e in refused.value.errors]


@pytest.mark.slow
def test_没有公示规则的记录不能写成要公示(tmp_path: Path) -> None:
    book = small(tmp_path, "")
    (book.root / "records/market/administrative_penalty/publication.yaml").unlink()
    with pytest.raises(BookRefused, match="请在同一目录写明公示哪些字段"):
        _ = book[PUBLICATION]


FOOD = RELEASERS["food_sampling"]


def sample(*parties: dict[str, Any]) -> FactToPublish:
    """A failed sample that names these parties."""
    body = {
        "product": "挂面",
        "verdict": "unqualified",
        "item": "铅",
        "counted_on": "2026-10-08",
        "parties": list(parties),
    }
    return FactToPublish("food_sampling", body, dt.date(2026, 10, 8), "fail")


@pytest.mark.parametrize("name", ["张三", "Mrs Jane Patel", "Patel, Jane", "阿卜杜拉·买买提", "田中太郎", "王某某"])
def test_只说到自然人的不公示_不论姓名用什么文字(name: str) -> None:
    answer = FOOD.release(sample({"role": "producer", "name": name}), today=TODAY)
    assert isinstance(answer, Refusal)
    assert answer.code == "publication.person"
    # Beside an enterprise the person is masked, whatever the script.
    made = released(sample(FIRM | {"role": "producer"}, {"role": "seller", "name": name}), releaser=FOOD)
    assert name not in everything(made)


@pytest.mark.parametrize(
    "party",
    [
        {"role": "producer", "name": "JANE PATEL"},
        {"role": "producer", "name": "张三（个体工商户）"},
        {"role": "producer", "name": "张三", "code": "92990101MA0003267Q", "code_kind": "uscc"},
    ],
)
def test_分不清是不是个人的_等审核人判断(party: dict[str, Any]) -> None:
    made = released(sample(party), releaser=FOOD)
    assert "person_perhaps" in {doubt.code for doubt in made.doubts}


def test_单位的名称不因此存疑() -> None:
    made = released(
        sample(FIRM | {"role": "producer"}, {"role": "seller", "name": "Qinghe Food Co., Ltd."}), releaser=FOOD
    )
    assert made.doubts == ()
