"""Prints docs/reference/roles.md: ``python docs/roles_table.py > docs/reference/roles.md``.

The page is made from the default book and the machine's list of acts; tests/access/test_reference.py says when it is
stale.
"""

from __future__ import annotations

import sys
from pathlib import Path

from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.roles import ACTS, ROLES, Role
from zhiheng.grammar.loader import load

BOOK = Path(__file__).resolve().parents[1] / "book"
KINDS = {
    "officer": "工作人员 officer",
    "enterprise": "企业人员 enterprise",
    "bank": "金融机构人员 bank",
    "program": "程序 program",
}
REACHES = {"everywhere": "全部", "area": "区域", "unit": "本单位", "subject": "本企业", "consent": "同意"}
AUDIENCES = {"public": "公开", "departments": "各部门", "sender": "报送单位", "office": "质强办"}
ASKED = {"account": "有账号即可 anybody with an account", "anyone": "任何人 anybody"}
HEAD = """# 角色与行为一览 Roles and acts of the default book

由规则书和行为表生成，请勿手改：`python docs/roles_table.py > docs/reference/roles.md`。
Made from the book and the machine's list of acts; don't edit by hand.

- **区域**：授权所在的区域及其下级。**本单位**：本单位报送的、本单位的人。**本企业**：授权所指的企业。**同意**：当天有有效同意的企业。
- **区域** the area of the grant and all beneath it; **本单位** what concerns the grant's own unit; **本企业** the enterprise of the grant;
  **同意** enterprises that consent on that day; **全部** everywhere.
- 带 `*` 的不受授权中“只管某一类质量”的限制。 With `*`: a grant for one of the four qualities does not limit it.
- 怎么写一个角色，见[角色的写法](role-grammar.md)；为什么这样分，见[谁能看什么、做什么](../explanation/access.md)。
"""  # noqa: E501


def roles(book: Book) -> str:
    """The roles: who holds them and whose records they see."""
    lines = ["| 角色 id | 中文 | English | 种类 | 谁来担任 | 看得到的受众 | 可委托 |", "|---|---|---|---|---|---|---|"]
    for name, role in book[ROLES].items():
        seen = "、".join(AUDIENCES[audience] for audience in role.audiences) or "（不看事实）"
        lines.append(
            f"| `{name}` | {role.label.zh} | {role.label.en} | {KINDS[role.kind]} | {role.held_by.zh} | {seen} | "
            f"{'是 yes' if role.delegable else ''} |"
        )
    return "\n".join(lines)


def reach(role: Role, act: str) -> str:
    """How far a role reaches with an act, as a cell."""
    return "、".join(
        REACHES[clause.reach] + ("*" if clause.quality == "any" and not ACTS[act].plain else "")
        for clause in role.clauses(act)
    )


def acts(book: Book, kind: str) -> str:
    """The acts as rows, the roles of a kind as columns."""
    able = {name: role for name, role in book[ROLES].items() if role.kind == kind}
    lines = [
        f"| 行为 act | | {' | '.join(role.label.zh for role in able.values())} |",
        "|---|---|" + "---|" * len(able),
    ]
    for act, entry in ACTS.items():
        cells = [reach(role, act) for role in able.values()]
        if any(cells):
            lines.append(f"| `{act}` | {entry.zh} {entry.en} | {' | '.join(cells)} |")
    return "\n".join(lines)


def page(book: Book) -> str:
    """The whole page as Markdown."""
    parts = [HEAD, f"## 角色 Roles\n\n{roles(book)}\n"]
    parts += [f"## {KINDS[kind]}\n\n{acts(book, kind)}\n" for kind in KINDS]
    asked = "\n".join(
        f"| `{act}` | {entry.zh} {entry.en} | {ASKED[entry.asked]} |"
        for act, entry in ACTS.items()
        if entry.asked != "role"
    )
    parts.append(f"## 不问角色的行为 Acts that ask for no role\n\n| 行为 act | | |\n|---|---|---|\n{asked}\n")
    parts.append(f"共 {len(book[ROLES])} 个角色，{len(ACTS)} 个行为 / {len(book[ROLES])} roles, {len(ACTS)} acts.\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page(load(BOOK)))
