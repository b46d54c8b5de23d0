"""Reads of the published tables, each in one query: what pages, feeds and the public part of the API show.

What has reached its last day is left out from the next day on, whether or not the daily work has taken it down yet.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import connection
from django.db.models import Count, Q, QuerySet

from zhiheng.database.paging import Keyset, Page, cut, one_more, place_text, place_values
from zhiheng.published.models import (
    Form,
    ListState,
    OpenFile,
    Product,
    PublishedEnterprise,
    PublishedEntry,
    PublishedFigure,
    PublishedParty,
    Token,
    Withdrawal,
)
from zhiheng.published.tokens import half_width, pairs, plain

PAGE = 50
_FEW = 1000
_FORMS: dict[str, Form] = {}
# What a list does not show is not read for it.
_UNLISTED = ("basis_zh", "basis_en", "law_digest", "notice")
_LIVING = (
    f" AND EXISTS (SELECT 1 FROM {PublishedEntry._meta.db_table} x WHERE x.product_id = e.id AND "
    f"x.state = '{PublishedEntry.State.SHOWN}')"
)


@dataclass(frozen=True)
class Shelves:
    """The state of every list at one moment; ``version`` changes with any of them."""

    lists: Mapping[str, ListState]

    @property
    def version(self) -> int:
        """One number for everything that is shown."""
        return sum(state.version for state in self.lists.values())

    @property
    def changed_at(self) -> dt.datetime | None:
        """When something changed last."""
        return max((state.changed_at for state in self.lists.values()), default=None)

    def shown(self, name: str) -> int:
        """How many entries of a list are shown."""
        state = self.lists.get(name)
        return state.shown if state else 0


@dataclass(frozen=True)
class EntryListFilters:
    """What a list is narrowed by."""

    areas: Collection[str] = ()
    kind: str = ""
    outcome: str = ""
    record: str = ""
    first: dt.date | None = None
    last: dt.date | None = None
    product: int | None = None
    enterprises: Collection[int] | None = None


@dataclass(frozen=True)
class EntrySearch:
    """What a search has found."""

    exact: list[PublishedEnterprise] = field(default_factory=list)
    enterprises: list[PublishedEnterprise] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    next: str = ""


def shelves() -> Shelves:
    """The state of all lists."""
    return Shelves({state.list: state for state in ListState.objects.all()})


def on_show(today: dt.date) -> QuerySet[PublishedEntry]:
    """Entries that may be shown today."""
    return PublishedEntry.objects.filter(
        Q(show_until__isnull=True) | Q(show_until__gte=today), state=PublishedEntry.State.SHOWN
    )


def _narrowed(name: str, filters: EntryListFilters) -> Q:
    """What an entry meets that stands in a narrowed list: of the page and of its total alike."""
    found = Q(list=name)
    if filters.areas:
        found &= Q(area__in=sorted(filters.areas))
    for key in ("kind", "outcome", "record", "product"):
        if value := getattr(filters, key):
            found &= Q(**{key: value})
    if filters.first:
        found &= Q(occurred_on__gte=filters.first)
    if filters.last:
        found &= Q(occurred_on__lte=filters.last)
    if filters.enterprises is not None:
        parties = PublishedParty.objects.filter(enterprise__in=sorted(filters.enterprises)).values("entry")
        found &= Q(pk__in=parties)
    return found


def list_page(
    name: str, filters: EntryListFilters, *, after: str, today: dt.date, limit: int = PAGE
) -> Page[PublishedEntry]:
    """A page of a list, the newest event first; with their enterprises two queries."""
    return _page(on_show(today).filter(_narrowed(name, filters)), after, limit)


def list_totals(asked: Mapping[str, tuple[str, EntryListFilters]], today: dt.date) -> Mapping[str, int]:
    """How many entries stand in each of some narrowed lists; ``asked``: key -> (list, filters). One query."""
    if not asked:
        return {}
    wanted = {f"n{at}": Count("pk", filter=_narrowed(*one)) for at, one in enumerate(asked.values())}
    here = on_show(today).filter(list__in={name for name, _ in asked.values()})
    areas = [filters.areas for _, filters in asked.values()]
    if all(areas):
        here = here.filter(area__in=sorted({area for some in areas for area in some}))
    found = here.aggregate(**wanted)
    return {key: found[f"n{at}"] for at, key in enumerate(asked)}


def on_display(shelved: Shelves, today: dt.date) -> Mapping[str, int]:
    """How many entries stand in each whole list: those shown without those whose last day is past. One query."""
    over = (
        PublishedEntry.objects.filter(state=PublishedEntry.State.SHOWN, show_until__lt=today)
        .order_by()
        .values_list("list")
    )
    ended = dict(over.annotate(n=Count("pk")))
    return defaultdict(int, {name: max(0, state.shown - ended.get(name, 0)) for name, state in shelved.lists.items()})


def file_page(
    enterprise: PublishedEnterprise, *, name: str = "", after: str, today: dt.date, limit: int = PAGE
) -> Page[PublishedEntry]:
    """A page of the public file of an enterprise, the newest event first; with their enterprises two queries."""
    entries = PublishedParty.objects.filter(enterprise=enterprise).values("entry")
    found = on_show(today).filter(pk__in=entries)
    if name:
        found = found.filter(list=name)
    return _page(found, after, limit)


def product(number: int) -> Product | None:
    """A product by its number."""
    return Product.objects.filter(pk=number).first()


def product_page(found: Product, *, after: str, today: dt.date, limit: int = PAGE) -> Page[PublishedEntry]:
    """Everything that is published of a product's name, in any list."""
    return _page(on_show(today).filter(product=found), after, limit)


def file_counts(enterprise: PublishedEnterprise, today: dt.date) -> dict[str, int]:
    """How many entries of each list stand on a public file."""
    entries = PublishedParty.objects.filter(enterprise=enterprise).values("entry")
    counted = on_show(today).filter(pk__in=entries).order_by().values_list("list").annotate(n=Count("pk"))
    return dict(counted)


def registration(enterprise: PublishedEnterprise, today: dt.date) -> PublishedEntry | None:
    """What the register says of an enterprise, where it is shown today (read with the enterprise)."""
    found = enterprise.registration
    if (
        found is None
        or found.state != PublishedEntry.State.SHOWN
        or (found.show_until is not None and found.show_until < today)
    ):
        return None
    return found


_NEWEST_FIRST = Keyset("-occurred_on", "-id")


def _page(found: QuerySet[PublishedEntry], after: str, limit: int) -> Page[PublishedEntry]:
    page = _NEWEST_FIRST.page(found.select_related("contested").defer(*_UNLISTED), after, limit)
    with_forms(page.rows)
    _with_parties(page.rows)
    return page


def with_forms(entries: Sequence[PublishedEntry]) -> Sequence[PublishedEntry]:
    """Put the form of each entry beside it. A form never changes, so each is read once in the life of a process."""
    missing = {entry.form_id for entry in entries} - set(_FORMS)
    if missing:
        _FORMS.update(Form.objects.in_bulk(missing))
    for entry in entries:
        entry.form = _FORMS[entry.form_id]
    return entries


def _with_parties(entries: Sequence[PublishedEntry]) -> None:
    """Put the enterprises of all entries beside them: ``entry.enterprises``, (role, enterprise)."""
    by_entry: dict[int, list[tuple[str, PublishedEnterprise]]] = {entry.pk: [] for entry in entries}
    parties = PublishedParty.objects.filter(entry__in=list(by_entry)).select_related("enterprise").order_by("pk")
    for party in parties if by_entry else ():
        by_entry[party.entry_id].append((party.role, party.enterprise))
    for entry in entries:
        entry.enterprises = by_entry[entry.pk]


def contested(entry: PublishedEntry) -> str:
    """Whether an enterprise objects to an entry: open, upheld, or nothing. Read with the entry, so it costs no
    query.
    """
    found = getattr(entry, "contested", None)
    return str(found.state) if found is not None else ""


def newest(name: str, *, today: dt.date, limit: int) -> Sequence[PublishedEntry]:
    """The entries of a list that were published last."""
    found = on_show(today).filter(list=name).select_related("contested")
    return with_forms(list(found.order_by("-pk").defer(*_UNLISTED)[:limit]))


def entry(public_id: str) -> PublishedEntry | None:
    """An entry by its public id, whatever its state, with what took its place and its enterprises."""
    found = (
        PublishedEntry.objects.filter(public_id=public_id)
        .select_related("successor", "predecessor", "product", "contested")
        .first()
    )
    if found is not None:
        with_forms([found])
        _with_parties([found])
    return found


def tombstone(public_id: str) -> Withdrawal | None:
    """Why an entry is not shown any more."""
    return Withdrawal.objects.filter(public_id=public_id).first()


def tombstones(name: str, *, limit: int) -> list[Withdrawal]:
    """The entries of a list that were taken down last."""
    return list(Withdrawal.objects.filter(list=name).order_by("-at")[:limit])


def enterprise(public_id: str) -> PublishedEnterprise | None:
    """An enterprise by its public id, with the file that took over after a merge; None where nothing of it is shown."""
    return _of_which_something_is_shown(PublishedEnterprise.objects.filter(public_id=public_id))


def by_shop_code(code: str) -> PublishedEnterprise | None:
    """An enterprise by the code on its wall; None where nothing of it is shown."""
    return _of_which_something_is_shown(PublishedEnterprise.objects.filter(shop_code=code))


def _of_which_something_is_shown(found: QuerySet[PublishedEnterprise]) -> PublishedEnterprise | None:
    """Name and credit code of an enterprise are published by what is shown of it, and go with the last of that."""
    one = found.select_related("merged_into", "registration__form").first()
    return one if one is not None and (one.merged_into or one).shown > 0 else None


def figures(area: str, indicators: Iterable[str]) -> list[PublishedFigure]:
    """The current statistics of an area, of each indicator the latest."""
    found: dict[str, PublishedFigure] = {}
    wanted = list(indicators)
    for figure in PublishedFigure.objects.filter(area=area, current=True, indicator__in=wanted).order_by("as_of"):
        found[figure.indicator] = figure
    return [found[name] for name in wanted if name in found]


def files() -> list[OpenFile]:
    """Every bulk file."""
    return list(OpenFile.objects.order_by("list", "name"))


# -- search ------------------------------------------------------------------------------------------------------------


def open_file(name: str) -> OpenFile | None:
    """A bulk file by its name."""
    return OpenFile.objects.filter(name=name).first()


def last_enterprise() -> int:
    """The highest number of an enterprise that anything was ever published of; 0 where there is none."""
    return PublishedEnterprise.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def enterprise_ids(first: int, end: int) -> list[str]:
    """The public ids of enterprises of which something is shown, with numbers from ``first`` to before ``end``."""
    found = PublishedEnterprise.objects.filter(pk__gte=first, pk__lt=end, shown__gt=0).order_by("pk")
    return list(found.values_list("public_id", flat=True))


def search(text: str, *, after: str = "", limit: int = 20) -> EntrySearch:
    """Enterprises by any part of a name or by their code, and products; at most four queries.

    Exact matches come first and on the first page only; then names that contain all words, page by page.
    """
    text = half_width(text)
    words = [word for word in text.split() if plain(word)][:6]
    if not words:
        return EntrySearch()
    (start,) = place_values(after, int) or (0,)
    whole = plain(text)
    # A name that is longer than any name finds nothing, and costs nothing.
    tokens = list(dict.fromkeys(pair for word in words for pair in pairs(word)))[:24]
    exact: list[PublishedEnterprise] = []
    if not start:
        same = Q(plain=whole) | Q(code=text.strip().upper())
        exact = list(PublishedEnterprise.objects.filter(same, shown__gt=0).order_by("pk")[:limit])
    singles = [token for token in tokens if len(token) == 1]
    if singles and len(singles) == len(tokens):
        # A single character is no search: it would find half the register.
        return EntrySearch(exact)
    counted = _frequency([token for token in tokens if len(token) == 2])
    enterprises: list[PublishedEnterprise] = []
    following = ""
    if all(counted.get(("e", token)) for token in tokens if len(token) == 2):
        found = _having(PublishedEnterprise, "e", tokens, counted, start, one_more(limit), " AND e.shown > 0")
        page = cut(found, limit, lambda each: place_text(each.pk))
        following = page.next
        known = {each.pk for each in exact}
        enterprises = [each for each in page.rows if each.pk not in known and _has(each, words)]
        enterprises.sort(key=lambda each: (not each.plain.startswith(whole), each.pk))
    products: list[Product] = []
    if not start and all(counted.get(("p", token)) for token in tokens if len(token) == 2):
        products = [
            each
            for each in _having(Product, "p", tokens, counted, 0, 12, _LIVING)
            if all(plain(w) in plain(each.name) for w in words)
        ]
    return EntrySearch(exact, enterprises, products, following)


def too_short(text: str) -> bool:
    """Whether a text has only single characters, which are never looked up."""
    said = [plain(word) for word in text.split() if plain(word)]
    return bool(said) and all(len(word) == 1 for word in said)


def enterprises_named(text: str, *, limit: int = 200) -> list[int]:
    """The numbers of the enterprises that a list is narrowed to: by code, or by all words in a name; at most two
    queries.
    """
    text = half_width(text)
    code = "".join(text.split()).upper()
    if len(code) >= 15 and code.isascii() and code.isalnum():
        return list(PublishedEnterprise.objects.filter(code=code).values_list("pk", flat=True)[:limit])
    words = [word for word in text.split() if plain(word)][:6]
    tokens = [pair for pair in dict.fromkeys(pair for word in words for pair in pairs(word)) if len(pair) == 2][:24]
    counted = _frequency(tokens)
    if not tokens or not all(counted["e", token] for token in tokens):
        return []
    found = _having(PublishedEnterprise, "e", tokens, counted, 0, limit, " AND e.shown > 0")
    return [each.pk for each in found if _has(each, words)]


def _has(found: PublishedEnterprise, words: Sequence[str]) -> bool:
    """Neighbouring pairs may all occur and the word not: the names themselves have the last word."""
    names = [plain(name) for name in (found.name, *found.other_names)]
    return all(any(plain(word) in name for name in names) for word in words)


def _frequency(tokens: Sequence[str]) -> dict[tuple[str, str], int]:
    """How often each token occurs, counted no further than it takes to tell the rare from the common; one query."""
    if not tokens:
        return {}
    asked = [(kind, token) for kind in ("e", "p") for token in tokens]
    few = f"SELECT 1 FROM {Token._meta.db_table} WHERE kind = %s AND token = %s LIMIT {_FEW}"
    one = f"SELECT COUNT(*) FROM ({few}) AS counted"
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"({one})" for _ in asked), [value for pair in asked for value in pair])
        row = cursor.fetchone()
    return dict(zip(asked, row, strict=True))


_Row = TypeVar("_Row", PublishedEnterprise, Product)


def _having(
    model: type[_Row],
    kind: str,
    tokens: Sequence[str],
    counted: Mapping[tuple[str, str], int],
    after: int,
    limit: int,
    also: str,
) -> list[_Row]:
    """Rows that have all tokens, in order of their number: the rarest token is read, the others are looked up."""
    useful = sorted((t for t in tokens if len(t) == 2), key=lambda t: counted[kind, t])
    # Beyond a few rare tokens the names themselves decide.
    rarest, *others = useful[:6]
    table, token = model._meta.db_table, Token._meta.db_table
    sql = (
        f"SELECT e.* FROM {token} t JOIN {table} e ON e.id = t.ref "
        f"WHERE t.kind = %s AND t.token = %s AND t.ref > %s{also}"
    )
    values: list[object] = [kind, rarest, after]
    for other in others:
        sql += f" AND EXISTS (SELECT 1 FROM {token} o WHERE o.kind = %s AND o.token = %s AND o.ref = t.ref)"
        values += [kind, other]
    return list(model.objects.raw(f"{sql} ORDER BY t.ref LIMIT {limit}", values))
