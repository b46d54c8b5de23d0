"""What clerks get wrong about names in the demo: it is for the identity clerk to find, and nothing else may come of
it.
"""

from __future__ import annotations

from collections import Counter

from zhiheng.demo import SEED
from zhiheng.demo.clerks import ToldRow
from zhiheng.demo.misspelt import misspelt
from zhiheng.demo.sampling import FoodSampling
from zhiheng.demo.writing import scenes_of
from zhiheng.engines.identity import MemoryRegistry, Mention, resolve
from zhiheng.grammar.book import Book


def producer(told: ToldRow) -> Mention:
    """Who made the sample, as the row says it."""
    code = str(told.values["producer.code"]).replace("/", "")
    return Mention("enterprise", str(told.values["producer"]), code, "uscc" if code else "")


def test_错字和漏写的名称都列为疑似_没有一个归到别家_抄来的代码存疑(book: Book) -> None:
    scene = scenes_of(book, SEED, 1.0)[0]
    registry = MemoryRegistry()
    for number, firm in enumerate(scene.place.firms):
        registry.add(number, number, Mention("enterprise", firm.name, firm.code, "uscc"), registered=True)
    right = FoodSampling(scene).risk(2026, 120)
    rows = misspelt(right)
    assert len(rows) == len(right)
    changed = [(producer(one), producer(other)) for one, other in zip(right, rows, strict=True) if one != other]
    answers = dict(
        zip([wrong for _, wrong in changed], resolve([wrong for _, wrong in changed], registry), strict=True)
    )
    assert all(answer.kind == "new" and answer.likely for answer in answers.values())
    copied = [answer for wrong, answer in answers.items() if wrong.code]
    assert [answer.doubt is not None for answer in copied] == [True]
    number_of = {firm.name: number for number, firm in enumerate(scene.place.firms)}
    for was, wrong in changed:
        if not wrong.code and was.name in number_of:
            assert number_of[was.name] in {match.subject_id for match in answers[wrong].likely}, (was.name, wrong.name)
    kinds = Counter(answer.likely[0].reasons[0].code for answer in answers.values())
    assert len(changed) >= 15
    assert len(kinds) >= 6, kinds
