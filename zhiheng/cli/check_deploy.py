"""``zhiheng check-deploy``: what is not yet safe for production, each with what to do about it. What is looked at are
Django's system checks with the tag ``zhiheng`` (site/deploy_checks); this door runs and tells them.
"""

from __future__ import annotations

import sys
from typing import Protocol, cast

import click

from zhiheng.cli import output
from zhiheng.cli.session import json_option, open_book, set_up

MARKS = {"unsafe": "✗ 不安全", "advice": "! 建议", "ok": "✓"}


class DeployMessage(Protocol):
    """What a check says: ``state`` is one of MARKS; ``place`` is where its subject stands among the others."""

    check: str
    state: str
    zh: str
    en: str
    place: int


@click.command("check-deploy")
@json_option
def check_deploy(as_json: bool) -> None:
    """上线前检查：逐项指出还不安全的地方和怎么办；有不安全的状态为 1。 What is not yet safe for production."""
    set_up()
    # A book that can't be read is told as by every command.
    open_book()
    from django.core import checks

    said = cast("list[DeployMessage]", checks.run_checks(tags=["zhiheng"], include_deployment_checks=True))
    findings = sorted(said, key=lambda finding: finding.place)
    unsafe = sum(finding.state == "unsafe" for finding in findings)
    if as_json:
        told = [{"check": one.check, "state": one.state, "zh": one.zh, "en": one.en} for one in findings]
        output.show_json({"unsafe": unsafe, "findings": told})
    else:
        for state, mark in MARKS.items():
            for finding in findings:
                if finding.state == state:
                    click.echo(f"{mark}  {finding.zh}\n      {finding.en}")
        click.echo(f"{unsafe} 项不安全 / unsafe")
    if unsafe:
        sys.exit(1)
