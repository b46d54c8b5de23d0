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
def test_没有代码的曾用名不会自行归并() -> None:
    from zhiheng.ledger.models import Alias

    now = Party("subject", "上海市浦东新区澄屿食品有限公司", formers=("上海市浦东新区川砚食品有限公司",))
    old = Party("producer", "上海市浦东新区川砚食品有限公司")
    Aliases().ids_of([now])
    Aliases().ids_of([old])
    assert len(set(Alias.objects.values_list("subject_id", flat=True))) == 2
