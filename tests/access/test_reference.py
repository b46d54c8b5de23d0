"""The pages of the documentation about roles say what is so."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

from tests.book.test_reference_docs import script
from tests.book_once import book_once
from zhiheng.grammar.acts import ACTS
from zhiheng.grammar.chapters.roles import ROLES, Clause, Role
from zhiheng.grammar.yaml import read_text, validated
from zhiheng.people import codes

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_文档网站列出每个行为和每个角色_页上不另抄一份(book_root: Path, tmp_path: Path) -> None:
    kept = (DOCS / "reference" / "roles.md").read_text("utf-8")
    book = book_once(book_root)
    tables = script("roles_table").tables(book)
    assert len(ACTS) >= 70
    assert [a for a, entry in ACTS.items() if f"| `{a}` | {entry.zh} | {entry.en} | " not in tables] == []
    assert [name for name, role in book[ROLES].items() if f"| `{name}` | {role.label.zh} |" not in tables] == []
    assert [code for code in (*ACTS, *book[ROLES]) if f"| `{code}` |" in kept] == []
    page = SimpleNamespace(file=SimpleNamespace(src_uri="reference/roles.md"))
    hooks = script("site_hooks")
    hooks.ROLES = tmp_path / "roles.md"
    hooks.ROLES.write_text(tables, "utf-8")
    assert tables in hooks.on_page_markdown(kept, page=page)
    assert "<!--" not in hooks.on_page_markdown(kept, page=page)


def test_角色的写法一页写明每个键_例子能用() -> None:
    text = (DOCS / "reference" / "role-grammar.md").read_text("utf-8")
    assert [key for key in (*Role.model_fields, *Clause.model_fields) if f"| `{key}` |" not in text] == []
    (example,) = re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert validated(Role, read_text(example)).label.zh == "街道经办人"


def test_说明里的次数和天数与代码一致() -> None:
    from zhiheng.actions.accounts import delegate_role, issue_code
    from zhiheng.actions.enterprises import invite_enterprise

    text = (DOCS / "explanation" / "access.md").read_text("utf-8")
    assert codes.TRIES == 5
    assert "码试错五次作废" in text
    assert (issue_code.DAYS, invite_enterprise.DAYS) == (7, 30)
    assert "七天（企业三十天）过期" in text
    assert delegate_role.LONGEST_MONTHS == 6
    assert "最长半年" in text
