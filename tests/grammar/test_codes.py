"""Code tables: the two editions of the industrial classification."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhiheng.grammar.codes import IndustryPage, industries, load_industries
from zhiheng.grammar.yaml import BookRefused, read_text, validated

BOOK = Path(__file__).parents[2] / "book"
TABLES = load_industries(BOOK / "codes", root=BOOK)


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
    names = industries(BOOK / "codes")
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
    (tmp_path / "gbt4754-2029.yaml").write_text(page("A 农业\n01 种植"), "utf-8")
    with pytest.raises(BookRefused) as caught:
        load_industries(tmp_path)
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
    corrected = {"3531", "7517"} if edition == "2017" else set()
    assert {code for code, name in rows.items() if names.get(code) != name} == corrected
    # What the source leaves out are groups of a single class, which carry the name of that class.
    assert all(names[code] == names[code + "0"] for code in set(names) - set(rows))
