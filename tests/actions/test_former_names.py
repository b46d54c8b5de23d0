"""A former name in the register leads to the same enterprise: facts under the old name stand in its file."""

from __future__ import annotations

import pytest

from zhiheng.kernel.facts import Party
from zhiheng.ledger.aliases import Aliases, mention_of

CODE = "91310000MA1FL0000X"


@pytest.mark.django_db
def test_登记了曾用名的企业_用旧名称的报送归到同一主体() -> None:
    from zhiheng.ledger.models import Alias

    now = Party(
        "subject",
        "上海市浦东新区澄屿食品有限公司",
        "enterprise",
        CODE,
        "uscc",
        "",
        "",
        ("上海市浦东新区川砚食品有限公司",),
    )
    old = Party("producer", "上海市浦东新区川砚食品有限公司")
    stranger = Party("producer", "上海市浦东新区禾筝食品有限公司")
    first = Aliases().ids_of([now])
    later = Aliases().ids_of([old, stranger])
    subject_of = dict(Alias.objects.values_list("id", "subject_id"))
    assert subject_of[later[mention_of(old)]] == subject_of[first[mention_of(now)]]
    assert subject_of[later[mention_of(stranger)]] != subject_of[first[mention_of(now)]]


@pytest.mark.django_db
@pytest.mark.parametrize("first", ["now", "old", "plain"])
def test_写明的曾用名没有代码也归到同一主体_先来后来都一样(first: str) -> None:
    from zhiheng.ledger.models import Alias

    now = Party("subject", "上海市浦东新区澄屿食品有限公司", formers=("上海市浦东新区川砚食品有限公司",))
    old = Party("producer", "上海市浦东新区川砚食品有限公司")
    plain = Party("producer", "上海市浦东新区澄屿食品有限公司")
    for party in {"now": (now, old, plain), "old": (old, now, plain), "plain": (plain, now, old)}[first]:
        Aliases().ids_of([party])
    assert len(set(Alias.objects.values_list("subject_id", flat=True))) == 1


@pytest.mark.django_db
def test_新旧名称早已各自建档时_列为疑似请人合并_只问一次() -> None:
    from zhiheng.ledger.models import Alias, LikelyMatch

    now = Party("subject", "上海市浦东新区澄屿食品有限公司", formers=("上海市浦东新区川砚食品有限公司",))
    for name in ("上海市浦东新区川砚食品有限公司", "上海市浦东新区澄屿食品有限公司"):
        Aliases().ids_of([Party("producer", name)])
    Aliases().ids_of([now])
    Aliases().ids_of([now])
    assert len(set(Alias.objects.values_list("subject_id", flat=True))) == 2
    assert list(LikelyMatch.objects.values_list("kind", flat=True)) == ["name.former"]
