"""Prints docs/reference/commands.md: ``python docs/commands_list.py > docs/reference/commands.md``.

The page is made from the commands themselves, in the words of their own --help; tests/book/test_reference_docs.py says
when it is stale.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from inspect import cleandoc

import click

from zhiheng.cli.main import main

HEAD = """# Commands 命令一览

由命令自身的帮助生成，请勿手改：`python docs/commands_list.py > docs/reference/commands.md`。
Made from the commands' own help; don't edit by hand.

- 每个命令都有 `--json` 和 `--help`。结果写到标准输出，其余说明写到标准错误；全部顺利时退出状态为 0，有退回、暂存或发现问题时不为 0。
- Every command has `--json` and `--help`. Results go to standard output, everything else to standard error; the exit status is 0 only
  when all went well.

| 环境变量 | |
|---|---|
| `ZHIHENG_DATA` | 数据目录，默认 `./var` / folder of the database, the files and the lake |
| `ZHIHENG_BOOK` | 规则书目录，默认随程序的 `book` / folder of the book |
| `ZHIHENG_TIME_ZONE` | 当地的时区，默认 Asia/Shanghai / the time zone of the place |
| `ZHIHENG_LAW_TEXTS` | [法规文本目录](../how-to/show-law-texts.md)，不设就只显示条文号和官方链接 / folder of law texts; without it only citation and link |
| `DATABASE_URL` | `postgresql://…`；留空即用数据目录里的 SQLite / empty: SQLite in the data folder |
| `ZHIHENG_ACTOR` | 经办人，记入审计；默认取登录名 / who acts, for the audit trail |
"""  # noqa: E501


def leaves(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with its whole name."""
    if isinstance(command, click.Group):
        for each in sorted(command.commands):
            yield from leaves(command.commands[each], f"{name} {each}")
    else:
        yield name, command


def words_of(option: click.Parameter) -> str:
    """How an option or argument is written."""
    if isinstance(option, click.Option):
        names = " / ".join([*option.opts, *option.secondary_opts])
        if option.is_flag:
            return names
        kind = option.type
        if isinstance(kind, click.Choice):
            return f"{names} " + "\\|".join(map(str, kind.choices))
        return f"{names} {option.metavar or kind.name.upper()}"
    return (option.metavar or str(option.name).upper()).rstrip(".") + ("…" if option.nargs == -1 else "")


def section(name: str, command: click.Command) -> str:
    """One command as Markdown."""
    context = click.Context(command, info_name=name)
    usage = " ".join([name, "[OPTIONS]", *(words_of(p) for p in command.params if isinstance(p, click.Argument))])
    paragraphs = cleandoc(command.help or "").split("\n\n")
    told = "\n\n".join(" ".join(each.splitlines()) for each in paragraphs)
    lines = [f"## {name}", "", told, "", "```text", usage, "```", ""]
    rows = []
    for option in command.params:
        if not isinstance(option, click.Option) or option.name == "as_json":
            continue
        # What depends on the machine (how many processes) is no part of the page.
        shown = f" [{option.get_default(context)}]" if option.show_default and option.name != "processes" else ""
        rows.append(
            f"| `{words_of(option)}` | {'**必填 required** ' if option.required else ''}{option.help or ''}{shown} |"
        )
    if rows:
        lines += ["| | |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(section(name, command) for name, command in leaves(main, "zhiheng"))])


if __name__ == "__main__":
    sys.stdout.write(page())
