"""What becomes an entry of the log, and what of each row it commits to: the one list.

Rows of these tables are added and never changed, so entries can be made after the act, and no act waits for the log.
Where a row does change in one respect (a role ends, a key is revoked), that change is a kind of its own. What is
published and taken down are two rows already: the entry and its tombstone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import orjson
from django.db.models import Model, Q

from zhiheng.database.dialect import is_postgresql
from zhiheng.database.rows import stream
from zhiheng.kernel.facts import canonical
from zhiheng.kernel.merkle import GENESIS, RootBuilder, leaf_hash
from zhiheng.ledger import chain, party_links
from zhiheng.ledger.aliases import alias_leaf
from zhiheng.ledger.log import Row, count_of, last_row, logged, without_entry
from zhiheng.ledger.models import Alias, AuditLine, Definition, Delivery, IdentityAct, LikelyMatch
from zhiheng.office import case_log
from zhiheng.office.cases import CaseDocument, CaseEvent
from zhiheng.office.grades import StoredGrade
from zhiheng.office.publication import PublicationRequest
from zhiheng.people.models import ApiToken, Confirmation, Grant, KeyOrder, TrailLine
from zhiheng.published.models import PublishedEntry, PublishedFigure, Withdrawal

_AT_ONCE: Final = 2_000
# So many numbers are looked at again on PostgreSQL, where a transaction with a lower number may end after one with a
# higher one. Tables that are numbered under a lock, and SQLite, have no such rows.
_AGAIN: Final = 5_000


class LeafSource(Protocol):
    """A kind of entry: the rows that have none yet, and what each commits to."""

    @property
    def kind(self) -> str:
        """The word for it in entries; never changed."""
        ...

    @property
    def zh(self) -> str:
        """What it is called."""
        ...

    @property
    def en(self) -> str:
        """The same in English."""
        ...

    @property
    def in_order(self) -> bool:
        """Whether rows come in the order of their numbers, so that one without an entry before the last is strange."""
        ...

    def waits(self) -> bool:
        """Whether there is a row without an entry (one or two statements)."""
        ...

    def new(self) -> Iterator[list[Row]]:
        """Rows without an entry, in order, in batches."""
        ...

    def contents(self, keys: Collection[tuple[int, str]]) -> dict[tuple[int, str], bytes]:
        """What the rows with these numbers and names say now; those that are gone are left out."""
        ...

    def standing(self) -> Iterator[tuple[int, str]]:
        """The rows that there are, in order."""
        ...


@dataclass(frozen=True)
class Rows:
    """A table, or those of its rows that a condition holds for; the columns are what an entry commits to."""

    kind: str
    zh: str
    en: str
    model: type[Model]
    columns: tuple[str, ...]
    # Of rows that don't come in the order of their numbers, each is compared.
    where: Q | None = None
    # Where a text is the key: numbered 0, and named by it.
    named: str = ""
    # Whether numbers are given by the database, outside of any lock.
    sequence: bool = False

    @property
    def in_order(self) -> bool:
        """Whether rows come in the order of their numbers."""
        return self.where is None and not self.named

    def _floor(self) -> int:
        """Rows up to this number have an entry."""
        if not self.in_order:
            return -1
        again = _AGAIN if self.sequence and is_postgresql(self._rows().db) else 0
        return last_row(self.kind) - again

    def _rows(self) -> Any:
        found = self.model._default_manager.order_by("pk")
        return found if self.where is None else found.filter(self.where)

    def _missing(self) -> Iterator[Any]:
        """The keys of rows without an entry, in order."""
        floor = self._floor()
        rows = self._rows() if floor < 0 else self._rows().filter(pk__gt=floor)
        keys = rows.values_list("pk", flat=True).iterator(chunk_size=_AT_ONCE)
        if self.named:
            done = logged(self.kind)
            yield from (key for key in keys if self._key(key) not in done)
            return
        yield from without_entry(self.kind, keys, floor)

    def _key(self, key: Any) -> tuple[int, str]:
        return (0, str(key)) if self.named else (int(key), "")

    def waits(self) -> bool:
        """Whether there is a row without an entry."""
        if self._floor() >= 0:
            last = self._rows().values_list("pk", flat=True).last()
            return last is not None and int(last) > last_row(self.kind)
        return bool(self._rows().count() != count_of(self.kind))

    def new(self) -> Iterator[list[Row]]:
        """Rows without an entry, in order, in batches."""
        missing = list(self._missing())
        for start in range(0, len(missing), _AT_ONCE):
            yield [(*self._key(pk), said) for pk, said in self._said(missing[start : start + _AT_ONCE])]

    def contents(self, keys: Collection[tuple[int, str]]) -> dict[tuple[int, str], bytes]:
        """What the rows with these keys say now."""
        wanted = [name if self.named else row for row, name in keys]
        return {self._key(pk): said for pk, said in self._said(wanted)}

    def standing(self) -> Iterator[tuple[int, str]]:
        """The rows that there are, in order."""
        for key in self._rows().values_list("pk", flat=True).iterator(chunk_size=_AT_ONCE):
            yield self._key(key)

    def _said(self, wanted: Sequence[Any]) -> Iterator[tuple[Any, bytes]]:
        for start in range(0, len(wanted), 900):
            rows = self._rows().filter(pk__in=wanted[start : start + 900]).values("pk", *self.columns)
            for row in rows:
                pk = row.pop("pk")
                yield pk, canonical({name: _plain(value) for name, value in row.items()}).encode()


@dataclass(frozen=True)
class RowsBeside:
    """The rows beside the facts of a delivery (refused ones, or those that are no data) with the numbers under which
    they stood in the file: one entry a delivery that has any. The root in the delivery covers what they say, not where
    they stood.
    """

    kind: str
    zh: str
    en: str
    # Column of the reasons.
    why: str

    @property
    def in_order(self) -> bool:
        """Deliveries come in the order of their numbers."""
        return True

    def _deliveries(self) -> Any:
        return Delivery.objects.filter(**{f"{self.kind}_count__gt": 0}).order_by("pk").values_list("pk", flat=True)

    def waits(self) -> bool:
        """Whether a delivery with such rows has no entry."""
        last = self._deliveries().last()
        return last is not None and last > last_row(self.kind)

    def new(self) -> Iterator[list[Row]]:
        """Deliveries without an entry, in order, in batches."""
        missing = list(self._deliveries().filter(pk__gt=last_row(self.kind)))
        for start in range(0, len(missing), _AT_ONCE):
            yield [(number, "", self._said(number)) for number in missing[start : start + _AT_ONCE]]

    def contents(self, keys: Collection[tuple[int, str]]) -> dict[tuple[int, str], bytes]:
        """What the rows of these deliveries say now."""
        there = set(self._deliveries().filter(pk__in=[row for row, _ in keys]))
        return {key: self._said(key[0]) for key in keys if key[0] in there}

    def standing(self) -> Iterator[tuple[int, str]]:
        """The deliveries that have such rows, in order."""
        for number in self._deliveries().iterator(chunk_size=_AT_ONCE):
            yield number, ""

    def _said(self, delivery: int) -> bytes:
        builder = RootBuilder()
        sql = f"SELECT row_number, cells, {self.why} FROM ledger_{self.kind}row WHERE delivery_id = %s ORDER BY id"
        for batch in stream(sql, [delivery]):
            builder.extend(leaf_hash(f"{number}\n{cells}\n{why}".encode()) for number, cells, why in batch)
        return canonical({"count": builder.count, "root": builder.root().hex()}).encode()


@dataclass(frozen=True)
class SingleEntry:
    """A state from before the log: one entry, the first of its kind and the only one."""

    kind: str
    zh: str
    en: str

    @property
    def in_order(self) -> bool:
        """There is one."""
        return False

    def waits(self) -> bool:
        """Whether it is not there yet."""
        return not logged(self.kind)

    def standing(self) -> Iterator[tuple[int, str]]:
        """None that must have an entry: the entry alone tells what it was."""
        return iter(())


@dataclass(frozen=True)
class ChainEnd(SingleEntry):
    """The last link of a chain that was there before the log."""

    model: type[Model]

    def new(self) -> Iterator[list[Row]]:
        """The last link as it stands, once; of an empty chain 32 zero bytes."""
        if self.waits():
            last = self.model._default_manager.order_by("pk").values_list("pk", "link").last() or (0, GENESIS.hex())
            yield [(int(last[0]), "", _end(*last))]

    def contents(self, keys: Collection[tuple[int, str]]) -> dict[tuple[int, str], bytes]:
        """The link with that number as it stands now."""
        numbers = [row for row, _ in keys]
        found = dict(self.model._default_manager.filter(pk__in=numbers).values_list("pk", "link"))
        return {(n, ""): _end(n, link) for n, link in ({0: GENESIS.hex()} | found).items() if n in numbers}


@dataclass(frozen=True)
class AliasLinks(SingleEntry):
    """To whom every spelling belonged when the log began: one entry over all of them. Those that came later stand in
    their deliveries, and moves in the recorded acts.
    """

    kind: str = "aliases"
    zh: str = "名称与主体的对应"
    en: str = "links of names to subjects"

    def new(self) -> Iterator[list[Row]]:
        """The links as they stand, once. The number is that of the last act, the name that of the last spelling."""
        if self.waits():
            act = IdentityAct.objects.order_by("id").values_list("id", flat=True).last() or 0
            last = Alias.objects.order_by("id").values_list("id", flat=True).last() or 0
            yield [(act, str(last), self._content(act, last))]

    def contents(self, keys: Collection[tuple[int, str]]) -> dict[tuple[int, str], bytes]:
        """The links as they were after that act, by what is stored now and the acts since."""
        return {(act, last): self._content(act, int(last)) for act, last in keys}

    def _content(self, act: int, last: int) -> bytes:
        moved = party_links.first_subjects(IdentityAct.objects.filter(id__gt=act).values_list("id", "moves"))
        builder = RootBuilder()
        sql = "SELECT id, key, subject_id FROM ledger_alias WHERE id <= %s ORDER BY id"
        for batch in stream(sql, [last]):
            builder.extend(alias_leaf(alias, key, moved.get(alias, subject)) for alias, key, subject in batch)
        return canonical({"act": act, "last": last, "count": builder.count, "root": builder.root().hex()}).encode()


def _end(number: int, link: str) -> bytes:
    return canonical({"number": number, "link": link}).encode()


def _plain(value: Any) -> Any:
    """A value as it is hashed: moments in UTC, days as ISO text, JSON with sorted keys (by ``canonical``)."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    return orjson.loads(orjson.dumps(value)) if isinstance(value, list | dict) else value


_ENTRY: Final = (
    "public_id",
    "list",
    "record",
    "form_id",
    "title_zh",
    "title_en",
    "values",
    "kind",
    "product__name",
    "outcome",
    "quality",
    "person",
    "area",
    "unit",
    "occurred_on",
    "published_at",
    "first_on",
    "show_until",
    "basis_zh",
    "basis_en",
    "law_digest",
    "notice",
    "fact",
    "thing",
)
_APPROVAL: Final = (
    "verb",
    "state",
    "fact",
    "entry",
    "record",
    "digest",
    "cause",
    "proposed_by",
    "proposed_at",
    "decided_by",
    "decided_at",
    "decision",
)
_FIGURE: Final = (
    "indicator",
    "area",
    "as_of",
    "known_on",
    "first_on",
    "last_on",
    "label",
    "quality",
    "value",
    "shown",
    "numerator",
    "denominator",
    "plan",
    "method",
    "law",
    "edition",
    "published_at",
)
# Nothing of what else a line says, nor of whom it names: this is what an outsider is told who is shown a decision.
_DECISION: Final = (
    "case__workflow",
    "case__number",
    "line_id",
    "line__act",
    "line__outcome",
    "line__happened_on",
    "line__entered_at",
    "line__page",
    "line__law",
    "document",
    "number",
    "unit",
    "at",
    "content_digest",
)
_ROLE: Final = (
    "account_id",
    "role",
    "unit",
    "area",
    "quality",
    "subject",
    "first_day",
    "last_day",
    "delegated_by_id",
    "lent_from_id",
    "given_by",
    "given_at",
    "reason",
)
_KEY: Final = (
    "name",
    "role",
    "unit",
    "area",
    "quality",
    "subject",
    "scopes",
    "digest",
    "made_at",
    "made_by",
    "last_day",
)

_KEY_ORDER: Final = (
    "name",
    "role",
    "unit",
    "area",
    "quality",
    "scopes",
    "last_day",
    "holder_id",
    "asked_at",
    "asked_by",
)
_GRADE: Final = (
    "subject",
    "rating",
    "edition",
    "as_of",
    "known_on",
    "score",
    "band",
    "evidence",
    "seen",
    "counted",
    "decided_by",
    "decided_at",
)

# In the order in which they are written when the log begins: first what was chained before there was a log.
SOURCES: Final[tuple[LeafSource, ...]] = (
    ChainEnd("chain", "建日志前报送链的链尾", "end of the chain of deliveries before the log", Delivery),
    ChainEnd("case-chain", "建日志前案件链的链尾", "end of the chain of cases before the log", CaseEvent),
    AliasLinks(),
    Rows(
        "definition",
        "规则书的版次",
        "edition of a definition",
        Definition,
        ("record", "source", "text"),
        named="edition",
    ),
    Rows("delivery", "报送", "delivery", Delivery, (*chain.HEADER, "link")),
    # What a bundle of some facts may tell of their delivery, without its file name, headings and notes.
    Rows(
        "facts",
        "报送的事实根",
        "root of the facts of a delivery",
        Delivery,
        ("learned_on", "first_fact", "fact_count", "root", "link"),
    ),
    RowsBeside("refused", "退回的行所属的报送", "delivery whose rows were refused", "reasons"),
    RowsBeside("skipped", "未作数据的行所属的报送", "delivery with rows that are no data", "reason"),
    Rows(
        "match",
        "疑似同一主体",
        "likely match",
        LikelyMatch,
        ("alias_id", "other_id", "score", "reasons", "kind"),
        sequence=True,
    ),
    Rows(
        "match-end",
        "疑似同一主体的判定",
        "decision on a likely match",
        LikelyMatch,
        ("decision", "act_id"),
        where=~Q(decision=""),
    ),
    Rows(
        "identity",
        "归并记录",
        "identity act",
        IdentityAct,
        ("verb", "actor", "day", "reason", "moves", "parted", "undoes_id"),
        sequence=True,
    ),
    Rows(
        "audit",
        "台账留痕",
        "line of the ledger's trail",
        AuditLine,
        ("at", "actor", "verb", "about", "detail"),
        sequence=True,
    ),
    Rows(
        "trail",
        "人员留痕",
        "line of the trail",
        TrailLine,
        ("at", "actor", "verb", "about", "purpose", "detail"),
        sequence=True,
    ),
    Rows(
        "approval",
        "公示的审核",
        "decision on a publication",
        PublicationRequest,
        _APPROVAL,
        where=Q(state__in=(PublicationRequest.State.APPROVED, PublicationRequest.State.REJECTED)),
    ),
    Rows("publication", "公示", "published entry", PublishedEntry, _ENTRY),
    Rows(
        "tombstone",
        "撤下记录",
        "tombstone",
        Withdrawal,
        ("public_id", "list", "cause", "at", "due_on", "by", "reason"),
        sequence=True,
    ),
    Rows("figure", "公布的统计数", "published figure", PublishedFigure, _FIGURE, sequence=True),
    Rows("role", "授予的角色", "role given", Grant, _ROLE, sequence=True),
    Rows(
        "role-end",
        "终止的角色",
        "role ended",
        Grant,
        ("ended_on", "ended_by", "end_reason"),
        where=Q(ended_on__isnull=False),
    ),
    Rows(
        "role-decided",
        "角色的确认",
        "decision on a role",
        Confirmation,
        ("state", "asked_at", "decided_at", "decided_by"),
        where=~Q(state=Confirmation.State.WAITING),
    ),
    Rows("key-order", "申请的密钥", "key ordered", KeyOrder, _KEY_ORDER, sequence=True),
    Rows(
        "key-decided",
        "密钥的确认",
        "decision on a key",
        KeyOrder,
        ("decided_at", "decided_by"),
        where=Q(decided_at__isnull=False),
    ),
    # Of the state only what is its end: a confirmed order is taken later, and its row says so then.
    Rows(
        "key-declined",
        "未予确认的密钥",
        "key declined",
        KeyOrder,
        ("decided_at", "decided_by"),
        where=Q(state=KeyOrder.State.DECLINED),
    ),
    Rows("key-taken", "领取的密钥", "key taken", KeyOrder, ("token_id",), where=Q(token__isnull=False)),
    Rows("key", "签发的密钥", "key given", ApiToken, _KEY, sequence=True),
    Rows(
        "key-end",
        "吊销的密钥",
        "key revoked",
        ApiToken,
        ("revoked_at", "revoked_by"),
        where=Q(revoked_at__isnull=False),
    ),
    Rows("grade", "存定的等级", "stored grade", StoredGrade, _GRADE, sequence=True),
    Rows("case", "案件办理记录", "line of a case", CaseEvent, (*case_log.HEADER, "link")),
    Rows("decision", "案件文书", "document of a case", CaseDocument, _DECISION, where=~Q(content_digest="")),
)
