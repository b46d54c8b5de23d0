"""Code tables: the two editions of the industrial classification."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.codes import INDUSTRIES, IndustryPage
from zhiheng.grammar.yaml import BookRefused, read_text, validated

BOOK = Path(__file__).parents[2] / "book"
TABLES = Book(BOOK)[INDUSTRIES]


# Names that the public transcript of the edition of 2017 cut short, as the standard has them.
CUT_SHORT = {
    "306": "玻璃纤维和玻璃纤维增强塑料制品制造",
    "354": "印刷、制药、日化及日用品生产专用设备制造",
    "3546": "玻璃、陶瓷和搪瓷制品生产专用设备制造",
    "3552": "皮革、毛皮及其制品加工专用设备制造",
    "3583": "医疗实验室及医用消毒设备和器具制造",
    "359": "环保、邮政、社会公共服务及其他专用设备制造",
    "37": "铁路、船舶、航空航天和其他运输设备制造业",
    "3939": "应用电视设备及其他广播电视设备制造",
    "4023": "导航、测绘、气象及海洋专用仪器制造",
}


@pytest.mark.parametrize(("code", "name"), CUT_SHORT.items())
def test_转抄时截短的名称已补全(code: str, name: str) -> None:
    assert TABLES["2017"].names[code] == name


@pytest.mark.parametrize("edition", ["2017", "2011"])
def test_没有名称是另一个名称的半截(edition: str) -> None:
    """A name cut short begins like the whole one in the other edition or on the other level."""
    known = {name for table in TABLES.values() for name in table.names.values()}
    cut = {
        name
        for name in TABLES[edition].names.values()
        if len(name) >= 10 and any(whole != name and whole.startswith(name) for whole in known)
    }
    assert cut == set()


def page(codes: str) -> str:
    return (
        'standard: X\nedition: "2030"\nlabel: {zh: 甲, en: A}\nin_force: 2030-01-01\nsource: invented\ncodes: |\n'
        + "".join(f"  {line}\n" for line in codes.split("\n"))
    )


@pytest.mark.parametrize(
    ("edition", "sections", "divisions", "groups", "classes"),
    [("2017", 20, 97, 473, 1381), ("2011", 20, 96, 432, 1094)],
)
def test_两版的门类大类中类小类数(edition: str, sections: int, divisions: int, groups: int, classes: int) -> None:
    lengths = [len(code) for code in TABLES[edition].names]
    assert [lengths.count(n) for n in (1, 2, 3, 4)] == [sections, divisions, groups, classes]


@pytest.mark.parametrize("edition", ["2017", "2011"])
def test_每个代码都有门类和全部上级(edition: str) -> None:
    table = TABLES[edition]
    for code in table.names:
        path = table.path(code)
        assert path[-1] == code
        assert all(part in table.names for part in path)
        assert path[0] == table.section(code)
        assert path[0].isalpha()


def test_同一代码在两版中含义不同_所以要带版本() -> None:
    names = {edition: table.names for edition, table in TABLES.items()}
    assert names["2017"]["0111"] == names["2011"]["0111"] == "稻谷种植"
    differing = [code for code in names["2017"] if names["2011"].get(code, names["2017"][code]) != names["2017"][code]]
    assert len(differing) > 100
    assert TABLES["2017"].path("3531") == ("C", "35", "353", "3531")
    assert TABLES["2017"].section("9999") is None
    assert TABLES["2017"].path("9999") == ()


def test_以0结尾的小类与中类同名() -> None:
    names = TABLES["2017"].names
    assert [code for code in names if len(code) == 4 and code[3] == "0" and names[code] != names[code[:3]]] == []


@pytest.mark.parametrize(
    ("codes", "says"),
    [
        ("A 农业\n0111 稻谷", "没有上级"),
        ("01 农业", "没有上级"),
        ("A 农业\nA 林业", "第二次"),
        ("A农业", "代码 名称"),
        ("A 农业\n1 种植", "代码 名称"),
    ],
)
def test_写错的代码表说得出哪一行(codes: str, says: str) -> None:
    with pytest.raises(BookRefused) as caught:
        validated(IndustryPage, read_text(page(codes)))
    assert says in caught.value.errors[0].zh


def test_文件名与版本不符时拒绝(tmp_path: Path) -> None:
    (tmp_path / "codes").mkdir()
    (tmp_path / "codes" / "gbt4754-2029.yaml").write_text(page("A 农业\n01 种植"), "utf-8")
    with pytest.raises(BookRefused) as caught:
        _ = Book(tmp_path)[INDUSTRIES]
    assert "gbt4754-2030.yaml" in caught.value.errors[0].zh


@pytest.mark.shared
@pytest.mark.parametrize("edition", ["2017", "2011"])
def test_与公开的代码表逐条一致(edition: str, shared: Path) -> None:
    import csv

    with (shared / "data" / "gbt4754" / f"gbt4754-{edition}.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {
            row["code"] if len(row["code"]) == 1 else row["code"].lstrip("ABCDEFGHIJKLMNOPQRST"): row["name"].strip()
            for row in csv.DictReader(file)
        }
    names = TABLES[edition].names
    corrected = {"3531", "7517", *CUT_SHORT} if edition == "2017" else set()
    assert {code for code, name in rows.items() if names.get(code) != name} == corrected
    assert all(names[code].startswith(rows[code]) for code in CUT_SHORT if edition == "2017")
    # What the source leaves out are groups of a single class, which carry the name of that class.
    assert all(names[code] == names[code + "0"] for code in set(names) - set(rows))
