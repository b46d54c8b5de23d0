"""The terminal: every command has --json and --help, ends with 0 only when all went well, and says what went wrong on
stderr.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import orjson
import pytest
from click.testing import CliRunner, Result

from tests.factories import LikelyMatchFactory
from tests.places import FINES, SAMPLING, SMALL, Ledger, lift_row, sampling_row, tamper, write_csv
from zhiheng.cli.main import main
from zhiheng.ledger.models import Alias, AuditLine, Fact, IdentityAct


def commands(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command below a group, with the words that call it."""
    for name, command in group.commands.items():
        yield (*words, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))


COMMANDS = {" ".join(words): command for words, command in commands(main)}


@pytest.fixture
def terminal(ledger: Ledger, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A ledger that the commands open as theirs."""
    settings.BOOK = SMALL
    monkeypatch.setenv("ZHIHENG_ACTOR", "tester")
    return ledger


def run(*words: object) -> Result:
    """Run a command as at the terminal; standard error is kept apart."""
    return CliRunner().invoke(main, [str(word) for word in words])


def told(*words: object, status: int = 0) -> Any:
    """What a command answers with --json."""
    result = run(*words, "--json")
    assert result.exit_code == status, result.stderr or result.stdout
    assert result.stdout, (result.stderr, result.exception)
    return orjson.loads(result.stdout)


def complaint(*words: object, status: int = 1) -> str:
    """What a command says on standard error when it does not do what was asked; standard output stays free of it."""
    result = run(*words)
    assert result.exit_code == status, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stderr.strip()
    assert result.stderr not in result.stdout
    return result.stderr


def samples(ledger: Ledger, name: str = "a.csv", count: int = 6, **changed: str) -> Path:
    """A file with sampling rows."""
    return write_csv(ledger.folder / name, SAMPLING, [sampling_row(i, **changed) for i in range(count)])


# -- all of them -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", sorted(COMMANDS))
def test_每个命令都有两种语言的帮助(words: str) -> None:
    result = run(*words.split(), "--help")
    assert result.exit_code == 0
    text = COMMANDS[words].help or ""
    assert any("\u4e00" <= c <= "\u9fff" for c in text), text
    assert any(c.isascii() and c.isalpha() for c in text), text


@pytest.mark.parametrize("words", sorted(w for w, c in COMMANDS.items() if not isinstance(c, click.Group)))
def test_每个命令都能以JSON作答(words: str) -> None:
    assert any("--json" in p.opts for p in COMMANDS[words].params)


def test_版本与总的帮助() -> None:
    assert run("--version").stdout.startswith("zhiheng")
    assert "receive" in run("-h").stdout


@pytest.mark.parametrize("words", [("no-such-command",), ("receive",), ("ledger", "nothing"), ("correct", "x", "a=b")])
def test_写错的命令_状态为二_说明在标准错误(words: tuple[str, ...]) -> None:
    assert "Usage" in complaint(*words, status=2)


# -- receive -----------------------------------------------------------------------------------------------------------


def test_接收_以JSON作答(terminal: Ledger) -> None:
    path = samples(terminal)
    (result,) = told("receive", path, "--from", "test_market")
    assert (result["state"], result["rows"], result["facts"], result["again"]) == ("accepted", 6, 6, False)
    (again,) = told("receive", path, "--from", "test_market")
    assert (again["facts"], again["duplicates"], again["again"]) == (0, 6, True)
    assert AuditLine.objects.filter(verb="delivery.accepted", actor="cli:tester").count() == 1


def test_接收_以表作答_进度在标准错误(terminal: Ledger) -> None:
    result = run("receive", samples(terminal), "--from", "test_market")
    assert result.exit_code == 0
    assert "已接收" in result.stdout
    assert "sampling_check" in result.stdout
    assert "a.csv" in result.stderr


def test_有行退回时状态仍为零_原因在标准错误(terminal: Ledger) -> None:
    path = write_csv(terminal.folder / "a.csv", SAMPLING, [sampling_row(1), sampling_row(2, 样品名称="")])
    result = run("receive", path, "--from", "test_market")
    assert result.exit_code == 0
    assert "required × 1" in result.stderr


@pytest.mark.parametrize("kind", ["refused", "held", "no unit", "ambiguous"])
def test_整张退回或暂存的_状态为一_说明怎么办(terminal: Ledger, kind: str) -> None:
    words: list[object] = ["--from", "test_market"]
    path = samples(terminal, count=61 if kind == "held" else 3)
    if kind == "refused":
        path = write_csv(terminal.folder / "b.csv", [*SAMPLING, "神秘列"], [[*sampling_row(1), "x"]] * 2)
    if kind == "ambiguous":
        path = write_csv(terminal.folder / "b.csv", ["日期", "企业", "情况"], [["2026-05-06", "试验甲厂", "好"]] * 2)
    if kind == "no unit":
        words = []
    text = complaint("receive", path, *words)
    assert {"refused": "神秘列", "held": "zhiheng confirm", "no unit": "--from", "ambiguous": "--record"}[kind] in text


def test_暂存的可以确认_也可以在报送时就确认(terminal: Ledger) -> None:
    path = samples(terminal, count=61)
    (held,) = told("receive", path, "--from", "test_market", status=1)
    (done,) = told("confirm", held["deliveries"][0])
    assert done["facts"] == 61
    assert "无需再次确认" in complaint("confirm", held["deliveries"][0])
    other = write_csv(terminal.folder / "b.csv", SAMPLING, [sampling_row(i) for i in range(100, 170)])
    (at_once,) = told("receive", other, "--from", "test_market", "--confirm-volume")
    assert (at_once["state"], at_once["facts"]) == ("accepted", 70)


def test_不认识的单位_没有的路径(terminal: Ledger) -> None:
    assert "单位名单" in complaint("receive", samples(terminal), "--from", "nobody")
    assert "找不到" in complaint("receive", terminal.folder / "没有.csv", "--from", "test_market")
    assert Fact.objects.count() == 0


def test_几个路径中一个不行_其余照收并说清楚(terminal: Ledger) -> None:
    one, two = samples(terminal), write_csv(terminal.folder / "b.csv", FINES, [["试验甲厂", "", "2026-06-01", "罚款"]])
    result = run("receive", one, terminal.folder / "没有.csv", two, "--from", "test_market", "--json")
    assert result.exit_code == 1
    assert [r["facts"] for r in orjson.loads(result.stdout)] == [6, 1]
    assert "没有.csv" in result.stderr


def test_空文件夹里没有表格(terminal: Ledger) -> None:
    (terminal.folder / "空").mkdir()
    complaint("receive", terminal.folder / "空", "--from", "test_market")


# -- deliveries --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_列出报送_可按状态和单位筛选(terminal: Ledger) -> None:
    told("receive", samples(terminal), "--from", "test_market")
    told("receive", samples(terminal, "b.csv", 61), "--from", "jia_office", status=1)
    assert [(d["id"], d["state"], d["row_count"]) for d in told("deliveries", "list")] == [
        (2, "held", 61),
        (1, "accepted", 6),
    ]
    assert [d["id"] for d in told("deliveries", "list", "--state", "held")] == [2]
    assert [d["id"] for d in told("deliveries", "list", "--unit", "test_market")] == [1]
    assert "a.csv" in run("deliveries", "list").stdout


def test_看一次报送_每一行都有交代(terminal: Ledger) -> None:
    rows = [sampling_row(1), sampling_row(2, 样品名称=""), ["合 计", "2批次"]]
    path = write_csv(terminal.folder / "a.csv", SAMPLING, rows)
    result = run("receive", path, "--from", "test_market")
    assert "必填项" in result.stderr
    assert "row.total × 1" in result.stderr
    told_of = told("deliveries", "show", 1)
    assert [told_of[name] for name in ("rows", "facts", "duplicates", "refused", "skipped")] == [3, 1, 0, 1, 1]
    assert told_of["balanced"]
    assert told_of["skipped_rows"][0]["text"] == "合 计  2批次"
    text = run("deliveries", "show", 1).stdout
    assert "3 行 = 1 事实 + 0 重复 + 1 退回 + 1 跳过" in text
    assert "合计、小计或平均行" in text
    assert "4711" in complaint("deliveries", "show", 4711)


def test_下载退回记录(terminal: Ledger) -> None:
    path = write_csv(terminal.folder / "a.csv", SAMPLING, [sampling_row(1), sampling_row(2, 样品名称="")])
    told("receive", path, "--from", "test_market")
    out = terminal.folder / "退回.csv"
    assert told("deliveries", "refusals", 1, out) == {"file": str(out), "rows": 1}
    assert "退回原因" in out.read_text("utf-8-sig")
    assert "4711" in complaint("deliveries", "refusals", 4711, out)
    assert "路径" in complaint("deliveries", "refusals", 1, terminal.folder / "没有" / "x.csv")


# -- ledger ------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_核验_完好为零_有问题为一_并点名(terminal: Ledger) -> None:
    told("receive", samples(terminal), "--from", "test_market")
    whole = told("ledger", "verify")
    assert (whole["whole"], whole["facts"], whole["deliveries"], whole["findings"]) == (True, 6, 1, [])
    assert "核验通过" in run("ledger", "verify").stdout
    assert told("ledger", "verify", "--head", whole["head"])["whole"]
    assert told("ledger", "verify", "--head", "ab" * 32, status=1)["findings"][0]["kind"] == "head"
    tamper("UPDATE ledger_fact SET body = '{}' WHERE id = 3")
    found = told("ledger", "verify", status=1)
    assert {f["fact"] for f in found["findings"]} == {3}
    result = run("ledger", "verify")
    assert result.exit_code == 1
    assert "事实 3" in result.stdout


def test_导出证明(terminal: Ledger) -> None:
    told("receive", samples(terminal), "--from", "test_market")
    out = terminal.folder / "证明.zip"
    assert told("ledger", "export-proof", out) == {"file": str(out), "facts": 6}
    with zipfile.ZipFile(out) as bundle:
        assert "verify_bundle.py" in bundle.namelist()
    subject = Alias.objects.filter(name="试验第1食品有限公司")[0].subject_id
    assert "zhiheng ledger log" in complaint("ledger", "export-proof", out, "--subject", subject)
    told("ledger", "log")
    assert told("ledger", "export-proof", out, "--subject", subject)["facts"] == 1
    assert "4711" in complaint("ledger", "export-proof", out, "--subject", 4711)


# -- the quality file --------------------------------------------------------------------------------------------------


def test_一企一档_按名称_代码或编号(terminal: Ledger) -> None:
    told("receive", samples(terminal), "--from", "test_market")
    file = told("file", "试验第1食品有限公司")
    assert file["names"] == ["试验第1食品有限公司"]
    assert [e["body"]["sample_number"] for e in file["entries"]] == ["S00001"]
    assert told("file", file["subject"]) == file
    text = run("file", "试验第1食品有限公司").stdout
    assert "产品质量: 1 条" in text
    assert "工程质量: 尚无部门报送" in text
    assert "生产者" in text


def test_档案可问截至某日和按某日所知(terminal: Ledger) -> None:
    told("receive", samples(terminal), "--from", "test_market")
    assert told("file", "试验第1食品有限公司", "--as-of", "2026-03-04")["entries"] == []
    assert told("file", "试验第1食品有限公司", "--known-on", "2020-01-01")["entries"] == []
    for wrong in ("2026-02-30", "昨天", "20260101x", "9999-12-31", "0001-01-01"):
        assert "请写成 2026-03-31" in complaint("file", "x", "--as-of", wrong, status=2)


def test_找不到或不止一个_说明怎么办(terminal: Ledger) -> None:
    told("receive", samples(terminal), "--from", "test_market")
    assert "换一个名称" in complaint("file", "查无此家")
    result = run("file", "食品有限公司")
    assert result.exit_code == 1
    assert "主体编号" in result.stderr
    assert "试验第2食品有限公司" in result.stdout
    assert "没有主体" in complaint("file", "4711")


# -- correct, withdraw -------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_更正和撤回(terminal: Ledger) -> None:
    told("receive", samples(terminal), "--from", "test_market")
    reason = ("--reason", "笔误", "--from", "test_market")
    assert told("correct", 1, "verdict=不判定", "remark=a=b", *reason) == {"fact": 7}
    assert orjson.loads(Fact.objects.get(id=7).body)["remark"] == "a=b"
    assert told("withdraw", 2, *reason) == {"fact": 8}
    assert "事实 9" in run("correct", 7, "remark=", *reason).stdout
    assert "更正事实 7" in complaint("correct", 1, "verdict=合格", *reason)
    assert "缺少等号" in complaint("correct", 3, "verdict", *reason, status=2)
    assert "联系该单位" in complaint("withdraw", 3, "--reason", "x", "--from", "jia_office")
    assert "理由" in complaint("withdraw", 3, "--reason", " ", "--from", "test_market")
    assert "--reason" in complaint("withdraw", 3, "--from", "test_market", status=2)
    file = run("file", "试验第1食品有限公司").stdout
    assert "已撤回" in file


# -- identity ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_合并_拆分_撤销_判断(terminal: Ledger) -> None:
    told("receive", samples(terminal), "--from", "test_market")
    one, two = (Alias.objects.get(name=f"试验第{i}食品有限公司") for i in (1, 2))
    why = ("--reason", "同一家")
    act = told("identity", "merge", one.subject_id, two.subject_id, *why)
    assert act == {"act": act["act"], "verb": "merge", "moves": [[two.id, two.subject_id, one.subject_id]]}
    split = told("identity", "split", two.id, *why)
    assert "先撤销后来的操作" in complaint("identity", "undo", act["act"], *why)
    told("identity", "undo", split["act"], *why)
    told("identity", "undo", act["act"], *why)
    assert IdentityAct.objects.count() == 4
    assert Alias.objects.get(id=two.id).subject_id == two.subject_id
    assert "理由" in complaint("identity", "merge", one.subject_id, two.subject_id, "--reason", " ")
    shop = Alias.objects.get(name="试验百货店")
    match = LikelyMatchFactory(
        alias=shop, other=min(one, two, key=lambda a: a.id), score=1, reasons='[["名称相近","alike"]]'
    )
    listed = told("identity", "likely")
    assert match.id in [m["match"] for m in listed]
    assert "主体" in run("identity", "likely").stdout
    assert told("identity", "decide", match.id, "--different", *why)["decision"] == "different"
    assert "已有结论" in complaint("identity", "decide", match.id, "--same", *why)
    assert "--same" in complaint("identity", "decide", match.id, *why, status=2)


# -- the book ----------------------------------------------------------------------------------------------------------


def test_列出规则书(terminal: Ledger) -> None:
    assert {r["record"] for r in told("book", "list")} == {
        "sampling_check",
        "lift_register",
        "office_visit",
        "discharge_fine",
        "weighing",
    }
    assert "抽样检查" in run("book", "list").stdout


def test_没有核对过的依据都列出来(terminal: Ledger) -> None:
    rows = told("book", "report")
    assert {r["checked"] for r in rows} == {"never"}
    assert {r["page"] for r in rows} >= {"records/market/sampling_check/record.yaml"}


def test_文本里没有的条文_目录读不了_都说出来(terminal: Ledger, settings: Any) -> None:
    rows = told("book", "report")
    assert {r["kind"] for r in rows} == {"never", "no_link"}
    laws = terminal.folder / "laws"
    laws.mkdir()
    (laws / "试验办法（虚构）.md").write_text("第一条　甲。\n第二条　乙。\n", "utf-8")
    settings.LAW_TEXTS = laws
    answer = run("book", "report")
    assert answer.exit_code == 1
    assert "文本中没有所引的条文" in answer.stdout
    assert "该版文本中没有第九条" in answer.stdout
    (laws / "试验办法（虚构）.md").write_text("第八条　甲。\n第九条　乙。\n", "utf-8")
    assert "所引条文都在" in run("book", "report").stdout
    settings.LAW_TEXTS = terminal.folder / "nowhere"
    assert "不存在" in complaint("book", "report")
    assert "law_texts" in {finding["check"] for finding in told("check-deploy", status=1)["findings"]}


@pytest.mark.slow
def test_写出编辑器用的模式(terminal: Ledger) -> None:
    folder = terminal.folder / "schemas"
    names = told("book", "schemas", folder)
    assert "record.schema.json" in names
    lists = {name for name in names if orjson.loads((folder / name).read_bytes())["type"] != "object"}
    assert lists == {"demo_accounts.schema.json"}


def test_从一个不是编号的地方起列表头建议_退回说明_不从头列起(terminal: Ledger) -> None:
    assert "“x”不是表头建议的编号" in complaint("book", "headings", "list", "--after", "x")
    assert told("book", "headings", "list", "--after", "7")["headings"] == []


def test_没有规则书的文件夹(terminal: Ledger, settings: Any) -> None:
    settings.BOOK = terminal.folder
    assert "ZHIHENG_BOOK" in complaint("book", "list")
    assert "ZHIHENG_BOOK" in complaint("receive", samples(terminal))


def test_电梯台账变化在档案里标明后续(terminal: Ledger) -> None:
    for number, status in enumerate(("在用", "停用")):
        terminal.lifts(f"{number}.csv", [lift_row("L1", 使用状态=status)])
    assert "后有事实 2" in run("file", "试验丙物业有限公司").stdout


def test_一页帮助不必先读规则书的语法和数据库() -> None:
    loaded = "import sys, zhiheng.cli.main; print([n for n in ('zhiheng.grammar.loader', 'pydantic', 'django', 'pyarrow') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
