"""What ``make docs`` adds to MkDocs: the table of contents of docs/README.md is the navigation, links out of the folder
become text, and the tables of acts and roles, which it has made before, stand in the page of roles.

The pages are read where the code is read, too: there a link to the book or to a module leads to the file; on the site
there is none.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
ROLES = DOCS.parent / "build" / "docs" / "roles.md"
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)


def on_config(config: Any) -> Any:
    """The navigation: the sections of the table of contents with the pages that each names."""
    text = (DOCS / "README.md").read_text("utf-8")
    heads = list(_SECTION.finditer(text))
    nav: list[Any] = [{"目录": "README.md"}]
    for head, after in zip(heads, [*heads[1:], None], strict=True):
        body = text[head.end() : after.start() if after else len(text)]
        pages = [
            {label: target} for label, target in _LINK.findall(body) if target.endswith(".md") and ".." not in target
        ]
        nav.append({head[1]: pages})
    config.nav = nav
    return config


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Links that lead out of docs/ become their label; the tables of acts and roles take their place."""
    if page.file.src_uri == "reference/roles.md" and ROLES.exists():
        markdown = markdown.replace("<!-- acts and roles -->", ROLES.read_text("utf-8"))
    here = (DOCS / page.file.src_uri).parent

    def kept(link: re.Match[str]) -> str:
        label, target = link.groups()
        path = target.partition("#")[0]
        if not path or "://" in path or target.startswith("mailto:"):
            return link[0]
        return link[0] if (here / path).resolve().is_relative_to(DOCS) else label

    return _LINK.sub(kept, markdown)
