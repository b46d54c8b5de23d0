"""``zhiheng witness``: be a witness for the public logs of other installations."""

from __future__ import annotations

from pathlib import Path

import click

from zhiheng.cli import output
from zhiheng.cli.session import for_oneself, json_option, now


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--name", default="", help="见证方的名称（第一次必填），如 witness.example.gov.cn/city / its name, the first time"
)
@click.option("--log", "logs", multiple=True, help="所见证的日志的公钥，可重复 / public key of a log that it knows")
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址 / address to listen at")
@click.option("--port", default=8090, show_default=True, type=click.IntRange(1, 65535), help="端口 / port")
@click.option("--serve/--no-serve", default=True, show_default=True, help="只建立、只添加日志，不启动 / only set it up")
@json_option
def witness(folder: Path, name: str, logs: tuple[str, ...], host: str, port: int, serve: bool, as_json: bool) -> None:
    """为别处的公开日志当见证方：只为没有改写过历史的检查点签名。 Cosign heads of others' logs that only grew.

    FOLDER 存放密钥和每份日志最后签过的检查点，要备份。按 Ctrl+C 停止。 FOLDER keeps key and state; Ctrl+C stops.
    """
    from zhiheng.actions.log.cosign import Witness, application

    for_oneself()
    made = Witness(folder, name, logs)
    known = [str(key) for keys in made.logs.values() for key in keys]
    output.show_done(
        {"key": str(made.key.public), "logs": known, "address": f"http://{host}:{port}/" if serve else ""},
        f"见证方公钥 / public key of the witness: {made.key.public}\n"
        f"所见证的日志 / logs: {len(known)}" + (f"\n地址 / address: http://{host}:{port}/" if serve else ""),
        as_json,
    )
    if serve:
        from waitress import serve as listen

        listen(
            application(made, lambda: int(now().timestamp())), host=host, port=port, threads=4, ident="zhiheng-witness"
        )
