"""Prints the acts of the machine and the roles of the default book as Markdown: ``python docs/roles_table.py``.

The site of the documentation puts these tables into its page of roles (``make docs``, ``site_hooks.py``). They are
kept nowhere else, so neither a new act nor a new role has to change a page.
"""

from __future__ import annotations

import sys
from pathlib import Path

from zhiheng.grammar.acts import ACTS
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.roles import ROLES, Role
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


def every_act() -> str:
    """What there is to be allowed, and what each act asks for."""
    lines = [
        f"| `{act}` | {entry.zh} | {entry.en} | {ASKED.get(entry.asked, '角色 a role')}"
        f"{WEIGHTY if entry.weighty else ''} |"
        for act, entry in ACTS.items()
    ]
    return "\n".join(["| 行为 act | 中文 | English | 问什么 asks for |", "|---|---|---|---|", *lines])


def tables(book: Book) -> str:
    """All tables: the acts, the roles of a book, and which role of each kind may do what."""
    head = f"## 行为 Acts\n\n{every_act()}\n\n共 {len(ACTS)} 个行为 / {len(ACTS)} acts.\n"
    parts = [head, f"## 角色 Roles\n\n{roles(book)}\n"]
    return "\n".join(parts + [f"### {KINDS[kind]}\n\n{acts(book, kind)}\n" for kind in KINDS])


if __name__ == "__main__":
    sys.stdout.write(tables(load(BOOK)))
