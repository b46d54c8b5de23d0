"""Export the list of enterprises as it was filtered, within the areas from which the actor may take data away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from zhiheng.actions.exports.export_table import Cell, Export, ExportColumn, ExportTable, Format, Language, make_export
from zhiheng.engines.naming import QUALITIES, Names
from zhiheng.engines.plain_words import plain_words
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.types import Label
from zhiheng.kernel.actor import Scope
from zhiheng.people import access
from zhiheng.projections.search import Order, SearchFilters, search
from zhiheng.queries.enterprises import hits, of_what_is_counted

_AT_A_TIME = 500


def export_enterprises(
    text: str,
    filters: SearchFilters,
    *,
    order: Order,
    purpose: str,
    format: Format,
    call: Call,
    language: Language = "zh",
) -> Export:
    """Export the cards that a search finds, as a file. An actor who may look at a wider area than they may export from
    gets the part that they may.

    Args:
        text, filters, order: the search, as on the page.
        purpose: what the file is for, in words.
        language: of headings and words.

    Returns:
        The file, with who, when and why on it.

    Raises:
        Refused: without the right or a purpose, or for too many rows.
    """
    access.require_somewhere(call, "export.make")
    access.require_somewhere(call, "enterprise.list")
    scope = access.scope(call, "enterprise.list")
    within = access.areas(call, "export.make")
    areas = tuple(code for code in (filters.areas or within) if code in within)
    names = Names(call.book, language)
    # Nothing within reach: the question is asked of what was wished for, and the answer says why not.
    asked = areas or filters.areas or (call.book[DISTRICT].areas[0].code,)
    everywhere = len(within) == len(call.book[DISTRICT].areas) and not filters.areas
    narrowed = filters if everywhere else replace(filters, areas=areas)
    table = ExportTable(
        Label(zh="企业清单", en="List of enterprises"),
        "enterprises",
        _columns(),
        _rows(" ".join(text.split())[:100], narrowed, scope, order, names, call),
        [
            Label(
                zh="各项为最近一次更新时的情况，以档案中的事实为准。",
                en="As of the last refresh; the facts in the files count.",
            )
        ],
    )
    return make_export(table, purpose=purpose, format=format, call=call, area=asked, language=language)


def _columns() -> Sequence[ExportColumn]:
    fixed = [
        ExportColumn("name", Label(zh="企业名称", en="Enterprise")),
        ExportColumn("code", Label(zh="统一社会信用代码", en="Credit code")),
        ExportColumn("area", Label(zh="地区", en="Area")),
        ExportColumn("industry", Label(zh="行业", en="Industry")),
        ExportColumn("status", Label(zh="登记状态", en="Status")),
        ExportColumn("established_on", Label(zh="成立日期", en="Established on")),
        ExportColumn("legal_representative", Label(zh="法定代表人", en="Legal representative"), secret=True),
        ExportColumn("address", Label(zh="地址", en="Address")),
    ]
    for quality, label in QUALITIES.items():
        fixed += [
            ExportColumn(f"{quality}_facts", Label(zh=f"{label.zh}记录", en=f"{label.en}: facts")),
            ExportColumn(
                f"{quality}_fails", Label(zh=f"{label.zh}近十二个月不合格", en=f"{label.en}: failed in 12 months")
            ),
            ExportColumn(f"{quality}_open", Label(zh=f"{label.zh}未办结", en=f"{label.en}: open")),
        ]
    return [
        *fixed,
        ExportColumn("lists", Label(zh="所在名单", en="Lists")),
        ExportColumn("next_expiry", Label(zh="最近到期日", en="Next to end")),
        ExportColumn("expired", Label(zh="已过期未续", en="Ended, not renewed")),
        ExportColumn("last_on", Label(zh="最近记录", en="Latest fact")),
    ]


def _rows(
    text: str, filters: SearchFilters, scope: Scope, order: Order, names: Names, call: Call
) -> Iterator[Sequence[Cell]]:
    after, filters = "", of_what_is_counted(filters, order, call)
    while True:
        page = hits(search(text, scope=scope, filters=filters, after=after, limit=_AT_A_TIME, order=order), call=call)
        for hit in page.rows:
            card, told = hit.card, hit.card.standing_of
            counts: list[Cell] = []
            for quality in QUALITIES:
                part = told.get(quality) or {}
                counts += [part.get("facts", 0), part.get("fails", 0), part.get("open", 0)]
            of_facts = [
                *counts,
                "；".join(names.record(name) for name in card.on_lists),
                card.next_expiry,
                card.expired,
                card.last_counted_on,
            ]
            yield [
                card.name,
                card.code,
                names.area(card.area) if card.area else "",
                names.industry(card.industry) if card.industry else "",
                names.card_value("status", card.status),
                card.established_on,
                plain_words(card.legal_representative),
                plain_words(card.address),
                # Nothing of what the reader may open only in part.
                *(of_facts if hit.counted else [None] * len(of_facts)),
            ]
        if not page.next:
            return
        after = page.next
