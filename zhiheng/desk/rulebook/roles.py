"""Roles at the desk: what each may do, and how far it reaches."""

from __future__ import annotations

from django.http import HttpResponse

from zhiheng.desk.page_registry import PageTab, page
from zhiheng.desk.rulebook.chapters import book_page, shelf
from zhiheng.engines.naming import AUDIENCES
from zhiheng.grammar.acts import ACTS
from zhiheng.grammar.chapters.roles import ROLES
from zhiheng.pages.access import door
from zhiheng.pages.http import PageRequest

REACHES = {
    "everywhere": {"zh": "全部", "en": "everywhere"},
    "area": {"zh": "所在区域及下级", "en": "its area and all beneath"},
    "unit": {"zh": "本单位", "en": "its own unit"},
    "subject": {"zh": "本企业", "en": "its own enterprise"},
    "consent": {"zh": "同意查询的企业", "en": "enterprises that consent"},
}


@page("book/roles/", "book_roles", tab=PageTab("book", 60, "roles", "角色", "Roles"))
@door("book.read")
def roles(request: PageRequest) -> HttpResponse:
    """Who may do what, and how far it reaches."""
    found = [
        {
            "name": name,
            "role": role,
            "audiences": [AUDIENCES[each] for each in role.audiences],
            "clauses": [
                {
                    "reach": REACHES[clause.reach],
                    "acts": [{"name": act, "label": ACTS[act]} for act in clause.acts],
                    "quality": clause.quality,
                }
                for clause in role.may
            ],
        }
        for name, role in shelf().book[ROLES].items()
    ]
    return book_page(request, "roles", roles=found)
