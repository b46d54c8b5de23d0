"""``zhiheng accounts``: make the first accounts from the machine itself; afterwards an administrator does it at the
desk.
"""

from __future__ import annotations

import sys

import click

from zhiheng.cli import output
from zhiheng.cli.session import json_option, operator_call, set_up, writing_call


@click.group()
def accounts() -> None:
    """账号：开通、列出。 Accounts: make one, list them."""


@accounts.command()
@click.argument("login")
@click.option("--name", required=True, help="姓名 / the person's name")
@click.option("--unit", required=True, help="单位代号 / id of the unit")
@click.option(
    "--role", "roles", multiple=True, required=True, help="角色代号，可多次 / id of a role, more than one may be given"
)
@click.option(
    "--code", is_flag=True, help="不设密码，发一次性登录码由本人设 / no password: a code with which the person sets one"
)
@json_option
def create(login: str, name: str, unit: str, roles: tuple[str, ...], code: bool, as_json: bool) -> None:
    """为工作人员开通账号并授予角色；密码在终端输入（或从标准输入读一行）。 Make an account for an officer and give it
    roles.
    """
    set_up()
    from django.conf import settings
    from django.db import transaction

    from zhiheng.actions.accounts.create_account import create_account
    from zhiheng.actions.accounts.give_role import give_role
    from zhiheng.actions.accounts.issue_code import issue_code

    call = writing_call()
    password = "" if code else _password()
    # An account without the role that was asked for would be half of what was wanted.
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        account = create_account(login, name=name, kind="officer", unit=unit, password=password, call=call)
        for role in roles:
            give_role(account.pk, role, call=call)
    issued = issue_code(account.pk, call=call) if code else None
    told = f"账号 {account.login} 已开通 / the account is made"
    if issued is not None:
        told += f"\n一次性登录码，只显示这一次 / the code, shown only now: {issued.code}"
    output.show_done(
        {"account": account.pk, "login": account.login, "code": issued.code if issued else None}, told, as_json
    )


@accounts.command()
@click.argument("grant", type=int)
@json_option
def confirm(grant: int, as_json: bool) -> None:
    """在服务器上确认一个等待确认的角色（新装时第一位负责人）；留痕写明是谁。 Confirm a role that waits, on the machine
    itself.
    """
    set_up()
    from zhiheng.actions.accounts.confirm_role import confirm_role

    found = confirm_role(grant, call=writing_call())
    told = f"{found.account.login} 的角色 {found.role} 已生效 / the role holds now"
    output.show_done({"grant": found.pk, "login": found.account.login, "role": found.role}, told, as_json)


def _password() -> str:
    """Typed twice at a terminal, unseen; read from standard input where a program calls."""
    if sys.stdin.isatty():
        return str(click.prompt("密码 password", hide_input=True, confirmation_prompt="再输一次 again"))
    return sys.stdin.readline().rstrip("\n")


@accounts.command("list")
@json_option
def list_(as_json: bool) -> None:
    """列出账号和角色。 List accounts with their roles."""
    set_up()
    from zhiheng.people.actors import waits
    from zhiheng.queries.people import accounts as looked_after

    rows = [
        (
            a.pk,
            a.login,
            a.name,
            a.kind,
            a.unit,
            "、".join(f"{g.role}（{g.pk} 待确认 waits）" if waits(g) else g.role for g in grants),
            a.is_active,
        )
        for a, grants in looked_after(call=operator_call())
    ]
    columns = ("id", "login", "name", "kind", "unit", "roles", "active")
    if as_json:
        output.show_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        output.show_table(columns, rows)
