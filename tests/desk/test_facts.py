"""One fact at the desk: the delivered row beside the values, masks, corrections that nobody overwrites, and the
proof.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.test import Client
from django.urls import reverse

from tests.desk.files_of import FIRM, PHONE, clock, place, statements, subject_of
from tests.desk.officers import officer, signed_in
from tests.places import NOON, Ledger
from zhiheng.actions.facts.correct_fact import correct, withdraw
from zhiheng.actions.log.append_leaves import append_leaves
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.models import Fact
from zhiheng.pages import forms
from zhiheng.people.models import TrailLine
from zhiheng.quality_file.told_texts import ToldTexts

__all__ = ["clock", "place"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def market(place: Ledger) -> Client:
    """A clerk of the market bureau, who sent the samples."""
    return signed_in(officer())


@pytest.fixture
def environment(place: Ledger) -> Client:
    """A clerk of the environment bureau, who sent the fine."""
    return signed_in(officer(unit="test_environment", name="试验员乙"))


def fine() -> Fact:
    """The fine, which has a secret telephone number."""
    found: Fact = Fact.objects.get(record="discharge_fine", kind="statement")
    return found


def sample() -> Fact:
    """A sample that the market bureau sent."""
    found: Fact = Fact.objects.filter(record="sampling_check").order_by("id")[0]
    return found


def opened(browser: Client, fact: int, name: str = "fact", status: int = 200, **words: Any) -> str:
    """A page of a fact, as text."""
    response = browser.get(reverse(f"desk:{name}", args=[fact]), **words)
    assert response.status_code == status, response.content.decode()[:3000]
    return response.content.decode()


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    return page.split(f'name="{name}" value="')[1].split('"')[0]


def test_原始行的表头和单元格与读出的值并列(market: Client) -> None:
    page = opened(market, sample().id)
    for text in (
        "样品名称",
        "试验挂面",
        "检验结果",
        "254",
        "≤200",
        "a.csv",
        "第 2 行",
        "《试验办法（虚构）》第一条",
        "试验区市场监督管理局",
        FIRM,
    ):
        assert text in page, text
    assert reverse("desk:file", args=[subject_of()]) in page


def test_存疑的行用规则书的话说明(market: Client) -> None:
    doubtful = Fact.objects.filter(flags="made_before_sampled")[0]
    assert "生产日期不应晚于抽样日期" in opened(market, doubtful.id)


def test_整页和侧页是同一个地址(market: Client) -> None:
    whole = opened(market, sample().id)
    part = opened(market, sample().id, headers={"HX-Request": "true", "HX-Target": "sheet"})
    assert "<html" in whole
    assert "<html" not in part
    assert 'id="sheet-title"' in part


def test_涉密字段默认遮盖_值和原文都是(environment: Client) -> None:
    page = opened(environment, fine().id)
    assert PHONE not in page
    assert "139****5678" in page
    assert "＊＊＊" in page


def test_说明用途才看得到涉密字段_而且留痕(environment: Client) -> None:
    address = reverse("desk:fact_secret", args=[fine().id])
    assert "为了什么要看" in environment.get(address).content.decode()
    without = environment.post(address, {"purpose": " "})
    assert without.status_code == 422
    assert PHONE not in without.content.decode()
    assert not TrailLine.objects.filter(verb="fact.read_secret").exists()
    shown = environment.post(address, {"purpose": "核对处罚对象的联系方式"})
    assert PHONE in shown.content.decode()
    assert shown.headers["Cache-Control"] == "no-store"
    line = TrailLine.objects.get(verb="fact.read_secret")
    assert (line.about, line.purpose) == (f"fact:{fine().id}", "核对处罚对象的联系方式")
    assert PHONE not in line.detail
    assert orjson.loads(line.detail)["fields"] == ["contact_phone"]
    # The next look is masked again.
    assert PHONE not in opened(environment, fine().id)


def test_别的单位不能看涉密字段(market: Client) -> None:
    assert "说明用途后显示" not in opened(market, fine().id)
    response = market.post(reverse("desk:fact_secret", args=[fine().id]), {"purpose": "好奇看一看"})
    assert response.status_code == 403
    assert PHONE not in response.content.decode()
    assert not TrailLine.objects.filter(verb="fact.read_secret").exists()


def test_更正_改动的一项成为新的事实_原话还在(market: Client) -> None:
    old = sample()
    address = reverse("desk:fact_correct", args=[old.id])
    page = market.get(address).content.decode()
    assert "试验挂面" in page
    form = typed(page, product="试验面条", reason="样品名称登记有误")
    response = market.post(address, form)
    assert response.status_code == 302, response.content.decode()[:2000]
    new = Fact.objects.get(concerns=old.id)
    assert orjson.loads(new.body)["product"] == "试验面条"
    assert orjson.loads(Fact.objects.get(id=old.id).body)["product"] == "试验挂面"
    assert orjson.loads(new.row)["changes"] == {"product": "试验面条"}
    before = opened(market, old.id)
    assert "已被更正" in before
    assert "样品名称登记有误" in before


def typed(page: str, **changed: str) -> dict[str, str]:
    """What a browser sends of the form of a correction: every field as it was shown, some changed."""
    import html
    import re

    form = {"edition": hidden(page, "edition"), forms.TOKEN: hidden(page, forms.TOKEN)}
    for name, value in re.findall(r'<input type="text" name="([a-z_.]+)" id="[^"]*" value="([^"]*)"', page):
        form[name] = html.unescape(value)
    for name, value in re.findall(r'<textarea name="([a-z_.]+)"[^>]*>([^<]*)</textarea>', page):
        form[name] = html.unescape(value)
    return form | changed


def test_更正没有理由或内容不对_错误在字段旁_填的还在(market: Client) -> None:
    address = reverse("desk:fact_correct", args=[sample().id])
    page = market.get(address).content.decode()
    response = market.post(address, typed(page, product="试验面条", reason=" "))
    assert response.status_code == 422
    assert "试验面条" in response.content.decode()
    assert "更正和撤回都要写明理由" in response.content.decode()
    response = market.post(address, typed(page, sampled_on="2026-02-30", reason="日期有误"))
    assert response.status_code == 422
    text = response.content.decode()
    assert "2026-02-30" in text
    assert 'aria-describedby=" id_sampled_on_error"' in text or 'id="id_sampled_on_error"' in text
    assert Fact.objects.filter(concerns=sample().id).count() == 0


def test_什么都没改就不成更正(market: Client) -> None:
    address = reverse("desk:fact_correct", args=[sample().id])
    response = market.post(address, typed(market.get(address).content.decode(), reason="没有改动"))
    assert response.status_code == 422
    assert Fact.objects.filter(concerns=sample().id).count() == 0


def test_两人同时更正_后来的人先看到别人改了什么(market: Client, place: Ledger, clock: dt.datetime) -> None:
    old = sample()
    address = reverse("desk:fact_correct", args=[old.id])
    page = market.get(address).content.decode()
    correct(
        old.id, {"product": "试验米线"}, reason="同事先改", call=Call(SYSTEM, place.book, clock), unit="test_market"
    )
    response = market.post(address, typed(page, product="试验面条", reason="我也在改"))
    assert response.status_code == 409
    text = response.content.decode()
    assert "试验米线" in text
    assert "试验面条" in text
    assert Fact.objects.filter(kind="correction").count() == 1
    # Having seen it, they go on: the latest statement is corrected, nothing of the other's is lost unseen.
    again = market.post(
        address, typed(market.get(address, follow=True).content.decode(), product="试验面条", reason="核对后仍改")
    )
    assert again.status_code == 302
    latest = Fact.objects.filter(kind="correction").latest("id")
    assert orjson.loads(latest.body)["product"] == "试验面条"
    assert latest.concerns != old.id


def test_更正后的事实_表头和原文是原表的_写明由什么改为什么(market: Client) -> None:
    old = sample()
    address = reverse("desk:fact_correct", args=[old.id])
    assert (
        market.post(
            address, typed(market.get(address).content.decode(), product="试验面条", reason="登记有误")
        ).status_code
        == 302
    )
    new = Fact.objects.get(concerns=old.id)
    page = opened(market, new.id)
    assert re.search(r"<del>试验挂面</del>\s+<ins>试验面条</ins>", page)
    assert "样品名称" in page
    assert "更正所依据的原行" in page
    assert f"a.csv</a>，第 2 行（事实 {old.id}）" in page
    assert "correction of fact" not in page
    assert not re.search(r">\s*product\s*<", page)
    assert page.count("由来源固定") == opened(market, old.id).count("由来源固定")


def test_没有代码和地址的一方_更正表单里也能补写(market: Client) -> None:
    fact = Fact.objects.filter(record="sampling_check").order_by("id")[2]
    address = reverse("desk:fact_correct", args=[fact.id])
    page = market.get(address).content.decode()
    assert 'name="producer.code"' in page
    assert 'name="producer.address"' in page
    form = typed(page, reason="补写地址", **{"producer.address": "试验区甲街道1号"})
    assert market.post(address, form).status_code == 302
    assert "试验区甲街道1号" in Fact.objects.get(concerns=fact.id).body


def test_已更正的旧事实没有更正和撤回按钮_直接打开则转到最新一条(market: Client) -> None:
    old = sample()
    address = reverse("desk:fact_correct", args=[old.id])
    market.post(address, typed(market.get(address).content.decode(), product="试验面条", reason="登记有误"))
    new = Fact.objects.get(concerns=old.id)
    assert address not in opened(market, old.id)
    assert reverse("desk:fact_withdraw", args=[old.id]) not in opened(market, old.id)
    assert f"看更正后的事实 {new.id}" in opened(market, old.id)
    answer = market.get(address, follow=True)
    assert answer.redirect_chain == [(reverse("desk:fact_correct", args=[new.id]), 302)]
    assert f"事实 {old.id} 已被更正，这里是最新的一条（事实 {new.id}）" in answer.content.decode()


def test_一列读成两个字段的_改一处两处都改_另写的照另写的() -> None:
    told = ToldTexts(
        {"sampled_on": "2027-11-06", "counted_on": "2027-11-06", "product": "甲"}, "s", (("sampled_on", "counted_on"),)
    )
    assert told.together({"sampled_on": "2026-11-06"}) == {"sampled_on": "2026-11-06", "counted_on": "2026-11-06"}
    assert told.together({"product": "乙"}) == {"product": "乙"}
    apart = {"sampled_on": "2026-11-06", "counted_on": "2026-12-01"}
    assert told.together(apart) == apart
    differing = ToldTexts(
        {"sampled_on": "2026-11-06", "counted_on": "2026-12-01"}, "s", (("sampled_on", "counted_on"),)
    )
    assert differing.together({"sampled_on": "2026-11-07"}) == {"sampled_on": "2026-11-07"}


def test_涉密字段不改就留空_更正之后仍在(environment: Client) -> None:
    old = fine()
    address = reverse("desk:fact_correct", args=[old.id])
    page = environment.get(address).content.decode()
    assert PHONE not in page
    assert environment.post(address, typed(page, decision="不予处罚", reason="复议改变决定")).status_code == 302
    new = Fact.objects.get(concerns=old.id)
    assert orjson.loads(new.body)["contact_phone"] == PHONE
    assert orjson.loads(new.body)["decision"] == "dropped"


def test_撤回_要有理由_撤回后不能再改(environment: Client) -> None:
    old = fine()
    address = reverse("desk:fact_withdraw", args=[old.id])
    page = environment.get(address).content.decode()
    fields = {"edition": hidden(page, "edition"), forms.TOKEN: hidden(page, forms.TOKEN)}
    assert environment.post(address, fields | {"reason": ""}).status_code == 422
    assert environment.post(address, fields | {"reason": "对象有误"}).status_code == 302
    assert Fact.objects.filter(concerns=old.id, kind="withdrawal").count() == 1
    assert "已经撤回" in opened(environment, old.id)
    assert "已经撤回" in opened(environment, old.id, "fact_correct", status=422)


def test_别的单位的事实不能更正也看不到按钮(market: Client) -> None:
    page = opened(market, fine().id)
    assert reverse("desk:fact_correct", args=[fine().id]) not in page
    opened(market, fine().id, "fact_correct", status=403)
    opened(market, fine().id, "fact_withdraw", status=403)


def test_证明的每一步都重新算过(market: Client) -> None:
    page = opened(market, sample().id, "fact_proof")
    assert "得到的就是报送的根" in page
    assert bytes(sample().leaf).hex() in page
    assert page.count('<li class="hash">') == 2  # three facts: two steps


def test_证明包下载后不靠本系统就能核验(market: Client, place: Ledger, tmp_path: Path) -> None:
    waiting = market.post(reverse("desk:fact_bundle", args=[sample().id]))
    assert waiting.status_code == 422
    assert "还没有写入公开日志" in waiting.content.decode()
    append_leaves(call=Call(SYSTEM, place.book, NOON))
    response = market.post(reverse("desk:fact_bundle", args=[sample().id]))
    assert response.status_code == 200
    path = tmp_path / "proof.zip"
    path.write_bytes(response.content)
    with zipfile.ZipFile(io.BytesIO(response.content)) as bundle:
        assert len(bundle.read("facts.jsonl").splitlines()) == 1
        (tmp_path / "verify.py").write_bytes(bundle.read("verify_bundle.py"))
    done = subprocess.run(
        [sys.executable, str(tmp_path / "verify.py"), str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_别的单位不能带走证明包(market: Client) -> None:
    assert market.post(reverse("desk:fact_bundle", args=[fine().id])).status_code in (403, 404, 422)


def test_没有的和看不到的一样_说没有(market: Client, place: Ledger) -> None:
    assert "没有编号为 999999 的事实" in opened(market, 999999, status=404)
    stranger = signed_in(officer(unit="jia_office", area="990901002", name="乙街道"))
    assert f"没有编号为 {sample().id} 的事实" in opened(stranger, sample().id, status=404)
    # A file that the fact does not stand in opens nothing.
    address = reverse("desk:fact", args=[sample().id])
    assert stranger.get(address, {"file": subject_of("试验丙物业有限公司")}).status_code == 404


def test_更正链上的每一条都能点到(market: Client, place: Ledger, clock: dt.datetime) -> None:
    first = sample().id
    words: dict[str, Any] = {"call": Call(SYSTEM, place.book, clock), "unit": "test_market"}
    second = correct(first, {"verdict": "不判定"}, reason="待复检", **words)
    third = correct(second, {"verdict": "合格"}, reason="复检合格", **words)
    fourth = withdraw(third, reason="样品不是这家的", **words)
    for fact in (first, second, third):
        page = opened(market, fact)
        for other in {first, second, third, fourth} - {fact}:
            assert reverse("desk:fact", args=[other]) in page
        assert "已经撤回" in page
    assert "样品不是这家的" in opened(market, fourth)


def test_事实页的查询数有限(market: Client) -> None:
    opened(market, sample().id)
    with statements() as said:
        market.get(reverse("desk:fact", args=[sample().id]), {"file": subject_of()})
    # Two of them: whether this reading stands in the trail today, and the line where it does not.
    assert len(said) <= 14, "\n".join(said)


def test_脚本当作文字(place: Ledger, market: Client) -> None:
    from tests.places import sampling_row

    place.samples("x.csv", [sampling_row(50, 样品名称="<script>alert(1)</script>", 生产企业=FIRM)], day="2026-06-20")
    page = opened(market, Fact.objects.latest("id").id)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
