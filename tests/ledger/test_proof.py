"""The bundle convinces an outsider: its own script, run by a bare Python in an empty folder, finds every kind of
tampering.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.places import NOON, Ledger, lift_row, sampling_row, write_csv
from zhiheng.actions.facts.correct_fact import correct
from zhiheng.actions.facts.export_proof import export_proof
from zhiheng.actions.log.append_leaves import append_leaves
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.kernel.actor import SYSTEM, Reach, Scope
from zhiheng.kernel.merkle import audit_path, leaf_hash
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.chain import HEADER
from zhiheng.ledger.models import Alias, AuditLine, Delivery
from zhiheng.ledger.proof import _levels, _path
from zhiheng.people import access
from zhiheng.quality_file.scope_filters import deliveries_within

SCRIPT = Path(__file__).resolve().parents[2] / "zhiheng" / "ledger" / "stand_alone" / "verify_bundle.py"


def fill(ledger: Ledger) -> None:
    """Four deliveries: 13 rows, 5 rows, a table refused whole, a correction."""
    ledger.samples("一月.csv", [sampling_row(i) for i in range(13)])
    ledger.lifts("电梯.csv", [lift_row(f"L{i}") for i in range(5)])
    ledger.receive(write_csv(ledger.folder / "别的.csv", ["谁也不认识的列", "另一列"], [["甲", "乙"], ["丙", "丁"]]))
    correct(2, {"product": "试验面条"}, reason="笔误", call=Call(SYSTEM, ledger.book, NOON), unit="test_market")


def exported(ledger: Ledger, subject: int | None = None) -> Path:
    """A bundle of the ledger, or of one subject; the log has an entry of everything."""
    path = ledger.folder / "证明.zip"
    append_leaves(call=Call(SYSTEM, ledger.book, NOON))
    export_proof(path, subject=subject, call=Call(SYSTEM, ledger.book, NOON))
    return path


def as_before(ledger: Ledger, subject: int) -> Path:
    """The bundle of one subject as it was made until 0.11: with the chain, the log's entries of whole deliveries, and
    no entry of their roots.
    """
    with zipfile.ZipFile(exported(ledger)) as bundle:
        chain, head = bundle.read("chain.jsonl"), bundle.read("checkpoint")
        log = bundle.read("log.jsonl").decode().splitlines(keepends=True)
    path = exported(ledger, subject)
    with zipfile.ZipFile(path) as bundle:
        members = {name: bundle.read(name) for name in bundle.namelist()}
    members |= {"chain.jsonl": chain, "checkpoint": head}
    members["log.jsonl"] = "".join(one for one in log if '"kind":"facts"' not in one).encode()
    with zipfile.ZipFile(path, "w") as bundle:
        for name, content in members.items():
            bundle.writestr(name, content)
    return path


def firm() -> int:
    """The subject that rows 1 and 8 of the sheet name, and the correction of row 1."""
    return Alias.objects.filter(name="试验第1食品有限公司")[0].subject_id


def outsider(bundle: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the bundle's own script in an empty folder, with a Python that knows nothing of the platform."""
    empty = bundle.parent / "空文件夹"
    empty.mkdir(exist_ok=True)
    try:
        with zipfile.ZipFile(bundle) as whole:
            script = whole.read("verify_bundle.py")
    except (zipfile.BadZipFile, KeyError):
        script = SCRIPT.read_bytes()
    (empty / "verify_bundle.py").write_bytes(script)
    return subprocess.run(
        [sys.executable, "-I", "-S", "verify_bundle.py", str(bundle), *words],
        cwd=empty,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env={"PATH": "", "PYTHONUTF8": "1"},
    )


Entries = list[dict[str, Any]]


def rewritten(bundle: Path, change: Callable[[Entries, Entries], None]) -> Path:
    """The bundle with its chain (the log, where it has none) and facts changed by whoever passes it on."""
    with zipfile.ZipFile(bundle) as old:
        members = {name: old.read(name) for name in old.namelist()}
    first = "chain.jsonl" if "chain.jsonl" in members else "log.jsonl"
    chain = [json.loads(line) for line in members[first].splitlines()]
    facts = [json.loads(line) for line in members["facts.jsonl"].splitlines()]
    change(chain, facts)
    for name, entries in ((first, chain), ("facts.jsonl", facts)):
        members[name] = b"".join(json.dumps(e, ensure_ascii=False).encode() + b"\n" for e in entries)
    path = bundle.with_name("改过.zip")
    with zipfile.ZipFile(path, "w") as new:
        for name, content in members.items():
            new.writestr(name, content)
    return path


def test_脚本不长且只用标准库() -> None:
    lines = SCRIPT.read_text("utf-8").splitlines()
    assert len(lines) <= 200
    imported = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names
    assert imported == {
        "argparse",
        "base64",
        "hashlib",
        "json",
        "sys",
        "typing",
        "zipfile",
    }


def test_整个台账的证明通过核验(filled: Ledger) -> None:
    done = outsider(exported(filled))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "核验通过 / verified" in done.stdout
    assert "4 deliveries; the ledger has 19 facts, the bundle 19" in done.stdout
    assert Delivery.objects.order_by("-id")[0].link in done.stdout


def test_一个主体的证明只含它的事实并通过核验(filled: Ledger) -> None:
    done = outsider(exported(filled, firm()))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 facts of 2 deliveries; no chain: not that there are no other facts" in done.stdout
    with zipfile.ZipFile(filled.folder / "证明.zip") as bundle:
        facts = [json.loads(line) for line in bundle.read("facts.jsonl").splitlines()]
        told = [json.loads(line) for line in bundle.read("log.jsonl").splitlines()]
        assert "chain.jsonl" not in bundle.namelist()
    assert [f["id"] for f in facts] == [2, 9, 19]
    assert [(entry["kind"], entry["row"]) for entry in told] == [("facts", 1), ("facts", 4)]
    assert {name for entry in told for name in json.loads(entry["content"])} == {
        "learned_on",
        "first_fact",
        "fact_count",
        "root",
        "link",
    }
    assert all("试验第1食品有限公司" in f["content"] for f in facts)
    assert all("试验第2食品有限公司" not in f["content"] for f in facts)


def test_没有的主体不能导出(filled: Ledger) -> None:
    with pytest.raises(Refused) as refused:
        exported(filled, 12345)
    assert refused.value.refusals[0].code == "subject.absent"
    assert not (filled.folder / "证明.zip").exists()


def test_导出写入审计(filled: Ledger) -> None:
    exported(filled)
    assert AuditLine.objects.filter(verb="proof.export", about="ledger", actor="system").count() == 1


def test_写不下时不留半个证明包(filled: Ledger) -> None:
    with pytest.raises(FileNotFoundError):
        export_proof(filled.folder / "没有的文件夹" / "证明.zip", subject=None, call=Call(SYSTEM, filled.book, NOON))
    assert not list(filled.folder.rglob("*.part"))


def change_content(_chain: Entries, facts: Entries) -> None:
    facts[3]["content"] = facts[3]["content"].replace("不合格", "合格").replace("unqualified", "qualified")


def move_fact(_chain: Entries, facts: Entries) -> None:
    facts[0]["index"] += 3
    facts[0]["id"] += 3


def claim_other_delivery(_chain: Entries, facts: Entries) -> None:
    facts[0]["delivery"] = 2


def invent_fact(_chain: Entries, facts: Entries) -> None:
    facts.append(facts[-1] | {"id": 500, "index": 0, "delivery": 77})


def repeat_fact(_chain: Entries, facts: Entries) -> None:
    facts.append(facts[-1])


def drop_fact(_chain: Entries, facts: Entries) -> None:
    del facts[4]


def change_header(chain: Entries, _facts: Entries) -> None:
    chain[1]["header"]["unit"] = "jia_office"


def change_root(chain: Entries, _facts: Entries) -> None:
    chain[0]["header"]["root"] = "0" * 64


def change_link(chain: Entries, _facts: Entries) -> None:
    chain[1]["link"] = "0" * 64


def drop_delivery(chain: Entries, facts: Entries) -> None:
    facts[:] = [f for f in facts if f["delivery"] != 2]
    del chain[1]


def add_delivery(chain: Entries, _facts: Entries) -> None:
    chain.insert(1, chain[1])


WHOLE_CHANGES = [
    change_content,
    move_fact,
    claim_other_delivery,
    invent_fact,
    repeat_fact,
    drop_fact,
    change_header,
    change_root,
    change_link,
    drop_delivery,
    add_delivery,
]


@pytest.mark.parametrize("change", WHOLE_CHANGES, ids=lambda f: f.__name__)
def test_整份证明包的任何一种改动都会被发现(filled: Ledger, change: Callable[[Entries, Entries], None]) -> None:
    done = outsider(rewritten(exported(filled), change))
    assert done.returncode == 1, done.stdout
    assert "NOT verified" in done.stdout
    assert "Traceback" not in done.stderr


def drop_step(_chain: Entries, facts: Entries) -> None:
    facts[0]["path"].pop()


def add_step(_chain: Entries, facts: Entries) -> None:
    facts[0]["path"].append("0" * 64)


def change_step(_chain: Entries, facts: Entries) -> None:
    facts[0]["path"][0] = "0" * 64


def change_subject_content(_chain: Entries, facts: Entries) -> None:
    facts[1]["content"] += " "


def claim_inner_node(_chain: Entries, facts: Entries) -> None:
    facts[0]["path"] = facts[0]["path"][1:]


def change_told_root(log: Entries, _facts: Entries) -> None:
    said = json.loads(log[0]["content"])
    log[0]["content"] = json.dumps(said | {"root": "0" * 64}, sort_keys=True, separators=(",", ":"))


def make_root_up(log: Entries, facts: Entries) -> None:
    """A delivery of one invented fact, told by an entry that the log does not have."""
    content = "food_sampling\nliyuan_market\nstatement:\n{}\n1|2026-03-16||pass|||\n[]"
    said = {"first_fact": 900, "fact_count": 1, "root": leaf_hash(content.encode()).hex(), "link": "0" * 64}
    log.append(log[0] | {"row": 900, "content": json.dumps(said | {"learned_on": "2026-03-16"})})
    facts.append({"id": 900, "delivery": 900, "index": 0, "content": content, "path": []})


def drop_entry(log: Entries, _facts: Entries) -> None:
    del log[0]


def swap_entries(log: Entries, _facts: Entries) -> None:
    log[0]["row"], log[1]["row"] = log[1]["row"], log[0]["row"]


def say_twice(log: Entries, _facts: Entries) -> None:
    log.append(log[0] | {"content": log[1]["content"], "nonce": log[1]["nonce"]})


def call_otherwise(log: Entries, _facts: Entries) -> None:
    log[0]["kind"] = "delivery"


OF_FACTS = [drop_step, add_step, change_step, change_subject_content, claim_inner_node, move_fact]
OF_ROOTS = [change_told_root, make_root_up, drop_entry, swap_entries, say_twice, call_otherwise]


@pytest.mark.parametrize("change", [*OF_FACTS, *OF_ROOTS], ids=lambda f: f.__name__)
def test_一个主体的证明包的任何一种改动都会被发现(filled: Ledger, change: Callable[[Entries, Entries], None]) -> None:
    done = outsider(rewritten(exported(filled, firm()), change))
    assert done.returncode == 1, done.stdout
    assert "NOT verified" in done.stdout
    assert "Traceback" not in done.stderr


def test_以前的证明包照旧通过核验(filled: Ledger) -> None:
    done = outsider(as_before(filled, firm()))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 deliveries; the ledger has 19 facts, the bundle 3" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("change", [*OF_FACTS, change_header, change_root, drop_delivery], ids=lambda f: f.__name__)
def test_以前的证明包的任何一种改动照旧被发现(filled: Ledger, change: Callable[[Entries, Entries], None]) -> None:
    done = outsider(rewritten(as_before(filled, firm()), change))
    assert done.returncode == 1, done.stdout
    assert "NOT verified" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("left_out", ["checkpoint", "log.jsonl", "facts.jsonl"])
def test_去掉一部分的证明包不会通过(filled: Ledger, left_out: str) -> None:
    path = exported(filled, firm())
    with zipfile.ZipFile(path) as bundle:
        members = {name: bundle.read(name) for name in bundle.namelist() if name != left_out}
    with zipfile.ZipFile(path, "w") as bundle:
        for name, content in members.items():
            bundle.writestr(name, content)
    done = outsider(path)
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr


def test_没有链的证明包不说记下的链尾在不在(filled: Ledger) -> None:
    path = exported(filled, firm())
    # The link of a delivery that it does tell of is compared; another one needs the chain.
    assert "after delivery 4" in outsider(path, "--head", Delivery.objects.get(id=4).link).stdout
    done = outsider(path, "--head", Delivery.objects.get(id=2).link)
    assert done.returncode == 1
    assert "no chain in it: ask for the whole ledger" in done.stdout


def test_日志还没有写到的事实不能导出_说要等一分钟(filled: Ledger) -> None:
    path, call = filled.folder / "证明.zip", Call(SYSTEM, filled.book, NOON)
    with pytest.raises(Refused, match="公开日志"):
        export_proof(path, fact=2, call=call)
    append_leaves(call=call)
    filled.samples("二月.csv", [sampling_row(i) for i in range(20, 22)])
    assert export_proof(path, fact=2, call=call) == 1
    with pytest.raises(Refused, match="公开日志"):
        export_proof(path, fact=20, call=call)


def sets(of: Collection[Any]) -> st.SearchStrategy[frozenset[Any] | None]:
    """Some of them, or no limit."""
    return st.none() | st.frozensets(st.sampled_from(sorted(of)), max_size=3)


@pytest.mark.slow
@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_权限再窄也看不到打不开的报送里的一个字(
    filled: Ledger, monkeypatch: pytest.MonkeyPatch, data: st.DataObject
) -> None:
    """For random rights: no bundle has any text of the header of a delivery that its reader may not open."""
    call, unit_areas = Call(SYSTEM, filled.book, NOON), filled.book[DISTRICT].area_of_unit
    append_leaves(call=call)
    subjects = set(Alias.objects.values_list("subject_id", flat=True))
    reach = st.builds(
        Reach,
        records=sets(["sampling_check", "lift_register"]),
        areas=sets(["990901", "990901001", "990901002"]),
        units=sets(["test_market", "jia_office", "test_environment"]),
        subjects=sets(subjects),
    )
    scope = Scope(tuple(data.draw(st.lists(reach, min_size=1, max_size=2))))
    monkeypatch.setattr(access, "scope", lambda *_args, **_words: scope)
    path = filled.folder / "随机.zip"
    about = data.draw(st.sampled_from([{"fact": n} for n in range(1, 20)] + [{"subject": n} for n in sorted(subjects)]))
    try:
        export_proof(path, call=call, **about)
    except Refused:
        return
    with zipfile.ZipFile(path) as bundle:
        parts = {name: bundle.read(name).decode() for name in bundle.namelist() if name.endswith((".jsonl", "point"))}
    facts = [json.loads(line)["content"] for line in parts.pop("facts.jsonl").splitlines()]
    said = "\n".join([*facts, *parts.values()])
    own = "\n".join(facts)
    opened = set(Delivery.objects.filter(deliveries_within(scope, unit_areas)).values_list("id", flat=True))
    for row in Delivery.objects.exclude(id__in=opened).values(*HEADER, "link"):
        texts = {row["file_name"], row["table_name"], row["file_digest"], row["notes"], row["headings"], row["source"]}
        texts |= set(json.loads(row["headings"]))
        for text in texts - {"", "[]"}:
            # What the row itself says was received, and may be read.
            assert text not in said or text in own, (row["id"], text)
        if row["root"] not in said:
            assert row["link"] not in said


@pytest.mark.slow
def test_运营者改写全部历史_先前记下的链尾能发现(filled: Ledger) -> None:
    bundle = exported(filled)
    earlier = Delivery.objects.get(id=2).link
    assert outsider(bundle, "--head", earlier).returncode == 0
    assert "after delivery 2" in outsider(bundle, "--head", earlier.upper()).stdout
    done = outsider(bundle, "--head", "ab" * 32)
    assert done.returncode == 1
    assert "不在链中" in done.stdout or "链中没有记下的链接" in done.stdout

    def cut(chain: Entries, facts: Entries) -> None:
        del chain[2:]
        facts[:] = [f for f in facts if f["delivery"] <= 2]

    cut_off = rewritten(bundle, cut)
    assert outsider(cut_off).returncode == 0
    assert outsider(cut_off, "--head", Delivery.objects.get(id=4).link).returncode == 1


def broken(bundle: Path, how: str) -> Path:
    """A bundle that did not arrive as it was sent."""
    path = bundle.with_name("坏.zip")
    raw = bytearray(bundle.read_bytes())
    if how == "cut":
        path.write_bytes(raw[: len(raw) // 2])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "bytes":
        at = raw.find(b"facts.jsonl") + 40
        raw[at : at + 20] = b"\xff" * 20
        path.write_bytes(raw)
    elif how == "member":
        with zipfile.ZipFile(path, "w") as new:
            new.writestr("chain.jsonl", "")
    else:
        text = {"json": "{", "list": "[1]\n", "number": "7\n", "keys": "{}\n", "deep": "[" * 100_000}[how]
        out = io.BytesIO()
        with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(out, "w") as new:
            for name in old.namelist():
                new.writestr(name, text if name == "facts.jsonl" else old.read(name))
        path.write_bytes(out.getvalue())
    return path


@pytest.mark.parametrize("how", ["cut", "empty", "bytes", "member", "json", "list", "number", "keys", "deep"])
def test_损坏的证明包得到一句话而不是报错堆栈(filled: Ledger, how: str) -> None:
    done = outsider(broken(exported(filled), how))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "证明包" in done.stderr


def test_没有的文件也得到一句话(tmp_path: Path) -> None:
    done = (
        outsider(tmp_path / "没有.zip")
        if (tmp_path / "没有.zip").exists()
        else subprocess.run(
            [sys.executable, "-I", str(SCRIPT), str(tmp_path / "没有.zip")], capture_output=True, text=True, check=False
        )
    )
    assert done.returncode == 1
    assert "证明包无法读取" in done.stderr
    assert "Traceback" not in done.stderr


@given(st.lists(st.binary(max_size=6), min_size=1, max_size=50), st.data())
def test_导出所用的路径与默克尔树的路径相同(data: list[bytes], draw: st.DataObject) -> None:
    leaves = [leaf_hash(d) for d in data]
    index = draw.draw(st.integers(0, len(leaves) - 1))
    assert list(_path(_levels(leaves), index)) == [step for _, step in audit_path(leaves, index)]
