"""Prints docs/reference/roles.md: ``python docs/roles_table.py > docs/reference/roles.md``; with ``--of-the-book`` the
tables of the roles, which the site of the documentation puts into that page (``make docs``).

The page lists the acts, which are the machine's; tests/access/test_reference.py says when it is stale. The roles are
the book's, so a new role leaves the page as it is.
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
WEIGHTY = "，要双重验证 with a second factor"
# Where the site puts the tables of the roles.
PLACE = "<!-- roles of the book -->"
HEAD = f"""# 角色与行为一览 Roles and acts

由行为表生成，请勿手改：`python docs/roles_table.py > docs/reference/roles.md`。
Made from the machine's list of acts; don't edit by hand.

每个角色是规则书 `book/roles/` 里的一页。哪个角色能做什么，并排的总表是 `tests/access/matrix.csv`（测试保证与规则书一致），
在平台上见“法规 → 角色”；文档网站在下面列出规则书自带的各个角色。
Each role is a page of `book/roles/`. All of them side by side: `tests/access/matrix.csv`, which the tests hold equal to the book; on the
platform under "The book → Roles"; on the site of the documentation below.

- **区域**：授权所在的区域及其下级。**本单位**：本单位报送的、本单位的人。**本企业**：授权所指的企业。**同意**：当天有有效同意的企业。
- **区域** the area of the grant and all beneath it; **本单位** what concerns the grant's own unit; **本企业** the enterprise of the grant;
  **同意** enterprises that consent on that day; **全部** everywhere.
- 带 `*` 的不受授权中“只管某一类质量”的限制。 With `*`: a grant for one of the four qualities does not limit it.
- 怎么写一个角色，见[角色的写法](role-grammar.md)；为什么这样分，见[谁能看什么、做什么](../explanation/access.md)。

{PLACE}
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


def page() -> str:
    """The page as Markdown: what there is to be allowed."""
    lines = [
        f"| `{act}` | {entry.zh} | {entry.en} | {ASKED.get(entry.asked, '角色 a role')}"
        f"{WEIGHTY if entry.weighty else ''} |"
        for act, entry in ACTS.items()
    ]
    table = "\n".join(["| 行为 act | 中文 | English | 问什么 asks for |", "|---|---|---|---|", *lines])
    return f"{HEAD}\n## 行为 Acts\n\n{table}\n\n共 {len(ACTS)} 个行为 / {len(ACTS)} acts.\n"


def of_the_book(book: Book) -> str:
    """The tables of a book's roles as Markdown."""
    parts = [f"## 角色 Roles\n\n{roles(book)}\n"]
    return "\n".join(parts + [f"### {KINDS[kind]}\n\n{acts(book, kind)}\n" for kind in KINDS])


if __name__ == "__main__":
    sys.stdout.write(of_the_book(load(BOOK)) if "--of-the-book" in sys.argv[1:] else page())
