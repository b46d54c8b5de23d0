"""联合惩戒措施一章的写法：没有依据的措施、没有的部门和记录，写了就指出是哪一行。"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from zhiheng.grammar.chapters.restrictions import RESTRICTIONS
from zhiheng.grammar.loader import load
from zhiheng.grammar.yaml import BookRefused

PAGE = """
label: {zh: 试验名单, en: A list}
systems: [D2]
law: [{text: 本区规定, checked: never, lead: 试验}]
record: abnormal_list_entry
party: listed
taken_back: credit_repair.data_done
remedies: [{label: {zh: 复议, en: Review}, law: [{text: 本区规定, checked: never, lead: 试验}]}]
measures:
  one:
    label: {zh: 措施, en: Measure}
    department: market
    from: 2024-05-01
    law: [{text: 企业信息公示暂行条例, article: 第十九条, from: 2024-05-01, checked: 2026-12-01}]
"""


@pytest.fixture
def scratch(book_root: Path, tmp_path: Path) -> Path:
    """A copy of the default book."""
    return Path(shutil.copytree(book_root, tmp_path / "book", ignore=shutil.ignore_patterns("__pycache__")))


def _refused(root: Path, was: str, now: str) -> str:
    assert was in PAGE
    (root / "restrictions" / "trial.yaml").write_text(PAGE.replace(was, now), "utf-8")
    with pytest.raises(BookRefused) as refused:
        load(root)[RESTRICTIONS]
    return "\n".join(f"{error.file}:{error.line}: {error.zh}" for error in refused.value.errors)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("department: market", "department: market_place", "market_place"),
        ("record: abnormal_list_entry", "record: no_such_list", "no_such_list"),
        ("party: listed", "party: authority", "不是企业字段"),
        ("    from: 2024-05-01\n    law", "    from: 2024-04-30\n    law", "没有依据的措施不能写"),
        ("    from: 2024-05-01\n    law", "    from: 2024-05-01\n    until: 2024-04-30\n    law", "until 早于 from"),
        (
            "    law: [{text: 企业信息公示暂行条例",
            "    where: {colour: red}\n    law: [{text: 企业信息公示暂行条例",
            "colour",
        ),
    ],
)
def test_写错的措施被指出来(scratch: Path, was: str, now: str, said: str) -> None:
    told = _refused(scratch, was, now)
    assert said in told
    assert "restrictions/trial.yaml" in told


@pytest.mark.slow
def test_没有部门的规则书写不了名单_两样都没有的就没有这一章(scratch: Path) -> None:
    (scratch / "restrictions.yaml").unlink()
    with pytest.raises(BookRefused, match=r"restrictions\.yaml"):
        load(scratch)[RESTRICTIONS]
    shutil.rmtree(scratch / "restrictions")
    assert load(scratch)[RESTRICTIONS] is None
