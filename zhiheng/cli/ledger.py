"""``zhiheng ledger``, ``zhiheng file``, ``zhiheng correct``, ``zhiheng withdraw``."""

from __future__ import annotations

import datetime as dt
import os
import sys
from pathlib import Path

import click

from zhiheng.cli import output
from zhiheng.cli.session import DAY, json_option, now, open_book, operator_call, set_up, writing_call


@click.group()
def ledger() -> None:
    """台账：核验、导出证明。 The ledger: verify it, export a proof."""


@ledger.command()
@click.option(
    "--processes",
    default=min(2, os.cpu_count() or 1),
    show_default=True,
    type=click.IntRange(1),
    help="进程数 / processes",
)
@click.option("--head", default="", help="先前记下的链尾 / a head of the chain noted earlier: it must still be in it")
@click.option("--case-head", default="", help="先前记下的案件链尾 / a head of the chain of cases noted earlier")
@click.option(
    "--parties/--no-parties", default=True, show_default=True, help="是否核对当事方关联 / check links to parties"
)
@click.option(
    "--deep",
    is_flag=True,
    help="逐一核对存档文件、企业摘要、在公示的信息，并由台账重做数据湖和存下的统计数来比对（不加则前三样每天换一批"
    "抽查） / compare all kept files, cards and entries, and the lake and figures with the ledger",
)
@json_option
def verify(processes: int, head: str, case_head: str, parties: bool, deep: bool, as_json: bool) -> None:
    """重算每条事实的哈希、每次报送的根和整条链，抽查存档文件和由台账得出的数据。 Compute all hashes again.

    有问题逐条指出，退出状态为 1。加 --deep 时需要的时间和磁盘与重做一次数据湖相当，内存有上限，中途停下再运行就从头
    来。 Status 1 where something differs; --deep takes the time and room of making the lake anew.
    """
    set_up()
    from zhiheng.actions.facts.verify_ledger import verify_ledger

    show = output.progress_bar()
    report = verify_ledger(
        call=operator_call(),
        processes=processes,
        parties=parties,
        head=head.strip().lower(),
        case_head=case_head.strip().lower(),
        deep=deep,
        progress=lambda done, total: show("核验 verifying", done, total),
    )
    if as_json:
        output.show_json(
            {
                "facts": report.facts,
                "deliveries": report.deliveries,
                "head": report.head,
                "cards": report.cards,
                "case_lines": report.case_lines,
                "case_head": report.case_head,
                "log_entries": report.log_entries,
                "log_waiting": report.log_waiting,
                "log_heads": report.log_heads,
                "whole": report.whole,
                "findings": [f.__dict__ for f in report.findings],
                "warnings": [f.__dict__ for f in report.warnings],
            }
        )
    else:
        for finding in report.findings:
            click.echo(f"{finding.zh}\n    {finding.en}")
        for warning in report.warnings:
            click.echo(f"请注意 / note: {warning.zh}\n    {warning.en}")
        click.echo(
            f"{report.deliveries} 次报送，{report.facts:,} 条事实，链尾 {report.head} / deliveries, facts, head of "
            "the chain"
        )
        click.echo(
            f"{report.case_lines:,} 条案件办理记录，链尾 {report.case_head} / lines of cases, head of their chain"
        )
        click.echo(
            f"公开日志 {report.log_entries:,} 条、检查点 {report.log_heads:,} 个，待写入 {report.log_waiting:,} 条"
            " / entries and heads of the public log, rows that wait for an entry"
        )
        click.echo(f"{report.cards:,} 家企业的摘要和累计数已重新计数 / enterprises whose cards were counted again")
        click.echo("核验通过 / verified" if report.whole else f"发现 {len(report.findings)} 处问题 / problems found")
    if not report.whole:
        sys.exit(1)


@ledger.command("log")
@click.option("--ask/--no-ask", default=True, show_default=True, help="是否请见证方签名 / ask the witnesses to sign")
@json_option
def grow_log(ask: bool, as_json: bool) -> None:
    """把还没有写入公开日志的行写进去，签出检查点，请规则书里的见证方签名。
    Let the public log grow, sign its head, ask the witnesses.

    后台进程每分钟自动做一次。 A worker does it every minute.
    """
    set_up()
    from zhiheng.actions.log.append_leaves import append_leaves
    from zhiheng.actions.log.ask_witnesses import ask_witnesses
    from zhiheng.actions.log.publish_log import publish_log
    from zhiheng.queries.public_log import note_of_last, own_keys

    call = writing_call()
    head = append_leaves(call=call)
    done = ask_witnesses(call=call) if ask else None
    publish_log(call=call)
    note, keys = note_of_last(), own_keys()
    failed = done.refused if done else []
    output.show_done(
        {
            "size": head.size,
            "root": head.root,
            "signed_at": head.signed_at.isoformat(),
            "note": note,
            "keys": keys,
            "witnessed": [*done.before, *done.signed] if done else [],
            "refused": [refusal.zh for refusal in failed],
        },
        f"{note}\n公钥 / public key: {keys[-1]}",
        as_json,
    )
    if failed:
        output.show_refusals(failed)
        sys.exit(1)


@ledger.command()
@click.argument("kind", metavar="KIND")
@click.argument("row", metavar="ROW")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def prove(kind: str, row: str, out: Path, as_json: bool) -> None:
    """写出公开日志里一个条目的证明（C2SP tlog-proof）。 Write the proof of one entry of the public log.

    KIND 写 fact、delivery、publication、decision 等，ROW 写编号；事实由它所属的报送证明。旁边的 .opening.json
    是打开条目的随机数和原行，有权看的人才给。 The file beside it opens the entry: random number and row.
    """
    set_up()
    from zhiheng.actions.log.prove_entry import prove_entry

    found = prove_entry(kind, row, call=operator_call())
    out.write_text(found.proof, "utf-8")
    opening = out.with_name(f"{out.name}.opening.json")
    opening.write_text(found.opening, "utf-8")
    output.show_done(
        {"proof": str(out), "opening": str(opening), "entry": found.entry.decode()},
        f"{found.entry.decode()}{out}\n{opening}",
        as_json,
    )


@ledger.command("export-proof")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--subject", type=int, help="只含这个主体的事实 / only facts of this subject")
@json_option
def export_proof(out: Path, subject: int | None, as_json: bool) -> None:
    """写出证明包；包内脚本只需 Python 即可核验。 Write a bundle that its own script verifies without the platform."""
    set_up()
    from zhiheng.actions.facts.export_proof import export_proof as act

    count = act(out, subject=subject, call=operator_call())
    output.show_done({"file": str(out), "facts": count}, f"{out}: {count:,} 条事实 / facts", as_json)


@click.command()
@click.argument("who")
@click.option("--as-of", type=DAY, help="截至哪天的情况 / the situation of which day")
@click.option("--known-on", type=DAY, help="数据获知日期 / as known on which day")
@click.option("--limit", default=40, show_default=True, help="时间线显示条数 / facts shown")
@json_option
def file(who: str, as_of: dt.date | None, known_on: dt.date | None, limit: int, as_json: bool) -> None:
    """一企一档：按名称、代码或主体编号查看质量档案。 The quality file of an enterprise, by name, code or number."""
    set_up()
    from zhiheng.engines.naming import Names
    from zhiheng.quality_file.fact_lines import types_of, verdict_of
    from zhiheng.quality_file.whole_file import FileEntry, find_subjects, quality_file

    book = open_book()
    today = now().date()
    found = [(int(who), "", "")] if who.isdigit() and len(who) < 13 else find_subjects(who)
    if len(found) != 1:
        if not found:
            output.say(f"没有找到“{who}”；请换一个名称或代码。 / Nobody is called {who!r}; try another name or code.")
        else:
            output.show_table(("主体 subject", "名称 name", "代码 code"), found)
            output.say("有多个主体符合，请用主体编号再查。 / Several fit; ask again with the number.")
        sys.exit(1)
    result = quality_file(found[0][0], book, as_of=as_of or today, known_on=known_on or today)
    if result is None:
        output.say(f"没有主体 {who}。 / There is no subject {who}.")
        sys.exit(1)
    if as_json:
        output.show_json(
            {
                "subject": result.subject,
                "kind": result.kind,
                "names": result.names,
                "codes": result.codes,
                "addresses": result.addresses,
                "entries": [e.__dict__ for e in result.entries],
            }
        )
        return
    click.echo(f"{result.names[0] if result.names else ''}  主体 {result.subject}")
    click.echo(f"代码 codes: {'、'.join(result.codes) or '（无）'}")
    if len(result.names) > 1:
        click.echo(f"报送中的名称 names: {'；'.join(result.names[:12])}")
    from zhiheng.engines.naming import QUALITIES

    for quality, entries in result.by_quality().items():
        live = [e for e in entries if not e.replaced_by and not e.outdated_by]
        fails = sum(e.outcome == "fail" for e in live)
        units = len({e.unit for e in live})
        click.echo(
            f"{QUALITIES[quality].zh}: "
            + (
                f"{len(live)} 条，来自 {units} 个单位，不合格 {fails} 条"
                if live
                else "尚无部门报送 / no department has handed anything in"
            )
        )
    names = Names(book)

    def outcome_of(e: FileEntry) -> str:
        from zhiheng.grammar.chapters.records import RECORDS

        entry = book[RECORDS].get(e.record)
        said = verdict_of(e.outcome, entry.record, types_of(e.record, book), e.body) if entry is not None else None
        return said.zh if said is not None else ""

    output.show_table(
        ("日期", "记录", "角色", "结果", "单位", "收到", "事实", "备注"),
        [
            (
                e.occurred_on,
                e.label["zh"],
                "、".join(map(names.role, e.roles)),
                outcome_of(e),
                names.unit(e.unit),
                e.learned_on,
                e.fact,
                (
                    "已撤回 "
                    if e.withdrawn
                    else f"由事实 {e.replaced_by} 更正 "
                    if e.replaced_by
                    else f"后有事实 {e.outdated_by} "
                    if e.outdated_by
                    else ""
                )
                + "、".join(e.flags),
            )
            for e in result.entries[:limit]
        ],
    )


@click.command()
@click.argument("fact", type=int)
@click.argument("changes", nargs=-1, required=True, metavar="FIELD=TEXT...")
@click.option("--reason", required=True, help="理由 / why")
@click.option("--from", "unit", required=True, help="原报送单位 / the unit that said it")
@json_option
def correct(fact: int, changes: tuple[str, ...], reason: str, unit: str, as_json: bool) -> None:
    """更正一条事实；原事实保留。 Correct a fact; what was said stays readable."""
    set_up()
    from zhiheng.actions.facts.correct_fact import correct as act

    pairs = {}
    for change in changes:
        target, equals, text = change.partition("=")
        if not equals:
            raise click.BadParameter(f"“{change}”缺少等号，请写成 字段=内容 / write FIELD=TEXT")
        pairs[target] = text
    number = act(fact, pairs, reason=reason, call=writing_call(), unit=unit)
    output.show_done({"fact": number}, f"更正已记为事实 {number} / the correction is fact {number}", as_json)


@click.command()
@click.argument("fact", type=int)
@click.option("--reason", required=True, help="理由 / why")
@click.option("--from", "unit", required=True, help="原报送单位 / the unit that said it")
@json_option
def withdraw(fact: int, reason: str, unit: str, as_json: bool) -> None:
    """撤回一条事实；原事实保留并标明已撤回。 Withdraw a fact; it stays readable, marked as withdrawn."""
    set_up()
    from zhiheng.actions.facts.correct_fact import withdraw as act

    number = act(fact, reason=reason, call=writing_call(), unit=unit)
    output.show_done({"fact": number}, f"撤回已记为事实 {number} / the withdrawal is fact {number}", as_json)
