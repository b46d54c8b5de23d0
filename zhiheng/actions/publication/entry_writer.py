"""How something comes to stand on the public shelf and is taken from it: the only place that writes entries and what
belongs to them. Figures and files of open data are written by the two that make them (tests/book/test_house_rules.py).

The actions of publication decide; here an entry is written, its enterprises and products are found again by search, a
tombstone is set when it goes, and every list that changed gets a new version, all in the transaction of the action.
Pages that were kept for a version are good for it only, and a bulk file that holds what was taken down is marked and
not handed out.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.db.models import F

from zhiheng.engines.conditions import all_met
from zhiheng.engines.publication import Release, Releaser
from zhiheng.grammar.call import Call
from zhiheng.grammar.types import Citation
from zhiheng.kernel.facts import canonical
from zhiheng.ledger.aliases import Linked, linked
from zhiheng.ledger.models import Fact
from zhiheng.published import (
    entry_text,
    store,
)
from zhiheng.published.ids import public_id, shop_code
from zhiheng.published.models import (
    Contested,
    Form,
    ListState,
    OpenFile,
    Product,
    PublishedEnterprise,
    PublishedEntry,
    PublishedParty,
    Token,
    Withdrawal,
)
from zhiheng.published.tokens import pairs, plain
from zhiheng.queries import publishable
from zhiheng.queries.publishable import PublishableFact


@dataclass(frozen=True)
class EntryToWrite:
    """Something to be put up: the fact, what is shown of it, and the entry whose place it takes."""

    fact: Fact | PublishableFact
    release: Release
    releaser: Releaser
    before: PublishedEntry | None = None
    notice: Mapping[str, str] | None = None
    until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class EntryMade:
    """An entry that was written."""

    pk: int
    public_id: str
    fact: int


_ENTRY = (
    "id",
    "public_id",
    "list",
    "record",
    "form_id",
    "title_zh",
    "title_en",
    "values",
    "kind",
    "product_id",
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
    "state",
    "notice",
    "fact",
    "thing",
)
_PARTY = ("id", "entry_id", "enterprise_id", "role", "occurred_on", "alias")


class Shelf:
    """The shelf during one transaction; ``close`` writes what is counted once for all changes."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.chapter = publishable.chapter(call.book)
        self._lists: Counter[str] = Counter()
        self._gone_from: set[str] = set()
        self._of: Counter[int] = Counter()
        self._law = self.chapter.law.digest()

    # -- up --------------------------------------------------------------------------------------------------------

    def put_up(self, standing: Sequence[EntryToWrite]) -> list[EntryMade]:
        """Write entries that were approved, in their order; what they replace was taken down before."""
        enterprises = self._enterprises(standing)
        products = self._products({each.release.product for each in standing} - {""})
        forms = self._forms({each.fact.record: each.releaser for each in standing})
        first, party = store.next_id(PublishedEntry), store.next_id(PublishedParty)
        made, entries, parties = [], [], []
        for number, each in enumerate(standing, start=first):
            entry = EntryMade(number, public_id(), each.fact.id)
            made.append(entry)
            entries.append(self._entry(entry, each, forms[each.fact.record], products.get(each.release.product)))
            here: set[int] = set()
            for named in each.release.enterprises:
                found = enterprises.get(publishable.spoken_in(named, each.fact))
                if found is None:
                    continue
                alias, enterprise = found
                parties.append((party, number, enterprise.pk, named.role, each.fact.occurred_on, alias))
                party += 1
                here.add(enterprise.pk)
            self._of.update(here)
            self._lists[each.release.list] += 1
        store.append(PublishedEntry, _ENTRY, entries)
        store.append(PublishedParty, _PARTY, parties)
        registrations = {
            entry.pk
            for entry, each in zip(made, standing, strict=True)
            if each.fact.record == self.chapter.portal.enterprise_record
        }
        # Of several registrations of one enterprise the last one counts.
        store.set_one(
            PublishedEnterprise,
            "registration_id",
            {of: number for _, number, of, *_ in parties if number in registrations},
        )
        return made

    def _entry(self, entry: EntryMade, each: EntryToWrite, form: Form, product: int | None) -> tuple[object, ...]:
        made, fact = each.release, each.fact
        values = entry_text.packed(made.values)
        return (
            entry.pk,
            entry.public_id,
            made.list,
            fact.record,
            form.pk,
            made.title.zh,
            made.title.en,
            values,
            made.kind,
            product,
            fact.outcome or "",
            each.releaser.entry.record.quality,
            made.person,
            fact.area,
            fact.unit,
            fact.occurred_on,
            self.call.now,
            made.first_on,
            each.until or made.until,
            made.basis.zh,
            made.basis.en,
            self._law,
            "shown",
            canonical(dict(each.notice or {})),
            fact.id,
            fact.thing,
        )

    def _forms(self, records: Mapping[str, Releaser]) -> dict[str, Form]:
        found = {}
        for record, releaser in records.items():
            form = form_of(record, releaser)
            defaults = {
                "list": form.list,
                "record": record,
                "label": form.label,
                "columns": form.columns,
                "law": form.law,
            }
            found[record], _ = Form.objects.get_or_create(digest=form.digest, defaults=defaults)
        return found

    def _products(self, names: Iterable[str]) -> dict[str, int]:
        known: dict[str, int] = {}
        wanted = sorted(names)
        for some in publishable.parts(wanted):
            known |= dict(Product.objects.filter(name__in=some).values_list("name", "id"))
        new = [name for name in wanted if name not in known]
        Product.objects.bulk_create([Product(name=name) for name in new], ignore_conflicts=True, batch_size=500)
        for some in publishable.parts(new):
            made = dict(Product.objects.filter(name__in=some).values_list("name", "id"))
            self._tokens("p", {number: [name] for name, number in made.items()})
            known |= made
        return known

    def _enterprises(self, standing: Sequence[EntryToWrite]) -> dict[Linked, tuple[int, PublishedEnterprise]]:
        """Each party's spelling where it was said -> (alias, enterprise); enterprises not published before are made."""
        named = [(each, one) for each in standing for one in each.release.enterprises]
        aliases = linked(publishable.spoken_in(one, each.fact) for each, one in named)
        subjects = {subject for _, subject in aliases.values()}
        known = by_subject(subjects)
        names: dict[int, list[str]] = {}
        fresh: dict[int, PublishedEnterprise] = {}
        changed: dict[int, PublishedEnterprise] = {}
        for each, one in named:
            found = aliases.get(publishable.spoken_in(one, each.fact))
            if found is None:
                continue
            subject = found[1]
            enterprise = known.get(subject) or fresh.get(subject)
            if enterprise is None:
                enterprise = fresh[subject] = _enterprise(subject, one.name or one.code, one.code, each.fact.area)
                names.setdefault(subject, []).append(enterprise.name)
            if self._tell(enterprise, each, one.name, one.code):
                names.setdefault(subject, []).append(one.name)
                if subject in known:
                    changed[subject] = enterprise
        made = PublishedEnterprise.objects.bulk_create(fresh.values(), batch_size=200)
        if changed:
            PublishedEnterprise.objects.bulk_update(
                changed.values(), ["name", "plain", "other_names", "code", "area", "gone"], batch_size=100
            )
        known |= {enterprise.subject: enterprise for enterprise in made}
        self._tokens("e", {known[subject].pk: said for subject, said in names.items()})
        return {said: (alias, known[subject]) for said, (alias, subject) in aliases.items() if subject in known}

    def _tell(self, enterprise: PublishedEnterprise, each: EntryToWrite, name: str, code: str) -> bool:
        """What an entry tells of an enterprise besides itself; True where something is new. The register has the last
        word.
        """
        portal = self.chapter.portal
        changed = False
        if each.fact.record == portal.enterprise_record:
            gone = bool(portal.deregistered) and all_met(publishable.told(each.fact).body, portal.deregistered)
            if name and name != enterprise.name:
                enterprise.other_names = [*{*enterprise.other_names, enterprise.name} - {name}]
                enterprise.name, enterprise.plain, changed = name, plain(name), True
            if (enterprise.code, enterprise.area, enterprise.gone) != (code or enterprise.code, each.fact.area, gone):
                enterprise.code, enterprise.area, enterprise.gone = code or enterprise.code, each.fact.area, gone
                changed = True
        if name and name != enterprise.name and name not in enterprise.other_names and len(enterprise.other_names) < 20:
            enterprise.other_names = [*enterprise.other_names, name]
            changed = True
        if code and not enterprise.code:
            enterprise.code, changed = code, True
        return changed

    def _tokens(self, kind: str, names: Mapping[int, Sequence[str]]) -> None:
        made = {(token, ref) for ref, said in names.items() for name in said for token in pairs(name)}
        store.add_missing(Token, ("kind", "token", "ref"), [(kind, token, ref) for token, ref in sorted(made)])

    # -- down ------------------------------------------------------------------------------------------------------

    def take_down(
        self,
        entries: Sequence[PublishedEntry],
        *,
        state: PublishedEntry.State,
        cause: str,
        reason: str = "",
        due_on: dt.date | None = None,
    ) -> None:
        """Take entries from the shelf, each with its tombstone."""
        for some in publishable.parts([entry.pk for entry in entries]):
            PublishedEntry.objects.filter(pk__in=some, state=PublishedEntry.State.SHOWN).update(
                state=state, state_at=self.call.now
            )
            clear_contested(some)
            of = PublishedParty.objects.filter(entry__in=some).order_by().values_list("entry", "enterprise").distinct()
            for _, enterprise in of:
                self._of[enterprise] -= 1
        for entry in entries:
            self._lists[entry.list] -= 1
            self._gone_from.add(entry.list)
        Withdrawal.objects.bulk_create(
            [
                Withdrawal(
                    public_id=entry.public_id,
                    list=entry.list,
                    cause=cause,
                    at=self.call.now,
                    due_on=due_on,
                    by=str(self.call.actor),
                    reason=reason,
                )
                for entry in entries
            ],
            batch_size=500,
        )

    def succeed(self, pairs_: Iterable[tuple[PublishedEntry, EntryMade]]) -> None:
        """Say of what was taken down what took its place, on the entry and on its tombstone."""
        for old, new in pairs_:
            PublishedEntry.objects.filter(pk=old.pk).update(successor_id=new.pk)
            Withdrawal.objects.filter(public_id=old.public_id).update(successor=new.public_id)

    def follow_split(self, whole: int, part: int, facts: Iterable[int]) -> None:
        """What was put up under the whole spelling (alias) of some facts stands under a part of it from now on."""
        for some in publishable.parts(sorted(facts)):
            PublishedParty.objects.filter(alias=whole, entry__fact__in=some).update(alias=part)

    # -- moving between files ---------------------------------------------------------------------------------------

    def move(self, subjects: Mapping[int, int], names: Mapping[int, tuple[str, str, str]]) -> int:
        """Put what aliases stand for on the files of the subjects they belong to now; returns how many parties moved.

        ``subjects``: alias -> subject; ``names``: alias -> (name, code, area) for a subject that has no public file
        yet.
        """
        parties = list(PublishedParty.objects.filter(alias__in=list(subjects)).select_related("enterprise", "entry"))
        wrong = [party for party in parties if party.enterprise.subject != subjects[party.alias]]
        known = by_subject({subjects[party.alias] for party in wrong})
        left: dict[int, PublishedEnterprise] = {}
        for party in wrong:
            subject = subjects[party.alias]
            if subject not in known:
                known[subject] = _enterprise(subject, *names[party.alias])
                known[subject].save()
            self._tokens("e", {known[subject].pk: [names[party.alias][0]]})
            if names[party.alias][0] not in (known[subject].name, *known[subject].other_names):
                known[subject].other_names = [*known[subject].other_names, names[party.alias][0]][:20]
            self._lists[party.entry.list] += 0
            if party.entry.record == self.chapter.portal.enterprise_record and known[subject].registration_id is None:
                known[subject].registration_id = party.entry.pk
            left[party.enterprise.pk] = known[subject]
            party.enterprise = known[subject]
        PublishedParty.objects.bulk_update(wrong, ["enterprise"], batch_size=200)
        PublishedEnterprise.objects.bulk_update(known.values(), ["other_names", "registration"], batch_size=200)
        for number, onward in left.items():
            # A reader with the old address finds the file that took over; a file that is filled again is its own.
            if not PublishedParty.objects.filter(enterprise=number).exists():
                PublishedEnterprise.objects.filter(pk=number).update(merged_into=onward)
        PublishedEnterprise.objects.filter(pk__in=[e.pk for e in known.values()]).update(merged_into=None)
        for number in {*left, *(e.pk for e in known.values())}:
            of = (
                PublishedParty.objects.filter(enterprise=number, entry__state=PublishedEntry.State.SHOWN)
                .values("entry")
                .distinct()
                .count()
            )
            PublishedEnterprise.objects.filter(pk=number).update(shown=of)
        return len(wrong)

    # -- in the end ---------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Write the counts, raise the version of every list that changed, mark the files that hold too much."""
        by_delta: dict[int, list[int]] = {}
        for enterprise, delta in self._of.items():
            if delta:
                by_delta.setdefault(delta, []).append(enterprise)
        for delta, numbers in by_delta.items():
            for some in publishable.parts(numbers):
                PublishedEnterprise.objects.filter(pk__in=some).update(shown=F("shown") + delta)
        raise_versions(self._lists, self.call.now)
        if self._gone_from:
            OpenFile.objects.filter(list__in=sorted(self._gone_from)).update(stale=True)


def contest(states: Mapping[int, str], now: dt.datetime) -> None:
    """Mark entries to which an enterprise objects: entry -> ``Contested.State``."""
    for number, state in sorted(states.items()):
        Contested.objects.update_or_create(entry_id=number, defaults={"state": state, "since": now})


def clear_contested(entries: Sequence[int]) -> None:
    """Take the marks of objections from entries."""
    for some in publishable.parts(entries):
        Contested.objects.filter(entry__in=some).delete()


def raise_versions(lists: Mapping[str, int], now: dt.datetime) -> None:
    """A new version of each list, with so many entries more or less; in the order of names, so that two never wait
    crosswise.
    """
    for name in sorted(lists):
        ListState.objects.get_or_create(list=name, defaults={"changed_at": now})
        ListState.objects.filter(list=name).update(
            version=F("version") + 1, shown=F("shown") + lists[name], changed_at=now
        )


def form_of(record: str, releaser: Releaser) -> Form:
    """The form of a record's entries, with the digest under which it is kept; not stored."""
    label = releaser.entry.record.label.model_dump()
    columns = [{"target": c.target, "zh": c.label.zh, "en": c.label.en, "listed": c.listed} for c in releaser.columns]
    law = [_cited(each) for each in releaser.law()]
    digest = sha256(canonical([record, releaser.rule.list, label, columns, law]).encode()).hexdigest()
    return Form(digest=digest, list=releaser.rule.list, record=record, label=label, columns=columns, law=law)


def by_subject(subjects: Iterable[int]) -> dict[int, PublishedEnterprise]:
    """The public files of subjects."""
    found: dict[int, PublishedEnterprise] = {}
    for some in publishable.parts(sorted(subjects)):
        found |= {e.subject: e for e in PublishedEnterprise.objects.filter(subject__in=some)}
    return found


def _enterprise(subject: int, name: str, code: str, area: str) -> PublishedEnterprise:
    return PublishedEnterprise(
        public_id=public_id(),
        shop_code=shop_code(),
        subject=subject,
        name=name,
        plain=plain(name),
        code=code,
        area=area,
    )


def _cited(citation: Citation) -> dict[str, object]:
    return {
        "zh": f"《{citation.text}》{citation.article}",
        "en": f"{citation.text} {citation.article}".strip(),
        "checked": citation.checked != "never",
        **({"from": citation.from_.isoformat()} if citation.from_ else {}),
        **({"until": citation.until.isoformat()} if citation.until else {}),
    }
