"""信用报告的签名：谁也改不了一个字；公布的公钥和文档里的二十行程序核验得了。"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from tests.examples import examples
from zhiheng.engines.signed_report import FORMAT, VERIFY_LINES, key_id, signed, verified
from zhiheng.kernel.facts import canonical
from zhiheng.kernel.reasons import Refused

SEED = bytes(range(32))
PUBLIC = bytes(SigningKey(SEED).verify_key)
KEYS = {key_id(PUBLIC): PUBLIC}
DOC = Path(__file__).resolve().parents[2] / "docs/how-to/verify-a-credit-report.md"
REPORT: dict[str, Any] = {
    "format": FORMAT,
    "number": "abcde",
    "issued_at": "2026-07-15T10:00:00+08:00",
    "pdf_sha256": "0" * 64,
    "content": {"title": "企业质量信用报告", "rows": [["—", "“引号”\\ \n", "<&>", "ＡＢ 😀"]]},
}

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def code(wrong: bytes, keys: dict[str, bytes] = KEYS) -> str:
    with pytest.raises(Refused) as refused:
        verified(wrong, keys)
    return str(refused.value.refusals[0].code)


def test_签好的核验得了_内容一字不差() -> None:
    assert verified(signed(REPORT, SEED), KEYS) == REPORT


def test_改一个字_换一把钥匙_不是报告的文件_各有说法() -> None:
    file = signed(REPORT, SEED)
    assert code(file.replace("质量信用".encode(), "质量失信".encode())) == "report.altered"
    assert code(file, {}) == "report.key"
    assert code(signed(REPORT, bytes(32))) == "report.key"
    assert code(b"%PDF-1.4") == "report.not_signed"
    assert code(b'{"report": {}, "signature": {"key": "x", "value": "eA=="}}') == "report.not_signed"
    said = orjson.loads(file)
    said["signature"]["value"] = base64.b64encode(b"short").decode()
    assert code(orjson.dumps(said)) == "report.altered"


@pytest.mark.slow
@given(value=st.dictionaries(TEXTS, VALUES, max_size=5))
@settings(max_examples=examples(200), deadline=None)
def test_签名的文字与二十行程序里json库写出的一样(value: dict[str, Any]) -> None:
    assert canonical(value) == json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@given(text=TEXTS, at=st.integers(0, 10_000), new=st.integers(0, 255))
@settings(max_examples=examples(100), deadline=None)
def test_报告里改任何一个字节_内容变了的都核验不过(text: str, at: int, new: int) -> None:
    report = {**REPORT, "note": text}
    file = bytearray(signed(report, SEED))
    place = at % len(file)
    file[place] = new
    try:
        said = verified(bytes(file), KEYS)
    except Refused:
        return
    assert said == report


def _run(folder: Path, lines: str, file: bytes, public: bytes) -> subprocess.CompletedProcess[str]:
    (folder / "verify.py").write_text(lines, "utf-8")
    (folder / "report.json").write_bytes(file)
    key = {"id": key_id(public), "algorithm": "Ed25519", "public_key": base64.b64encode(public).decode()}
    (folder / "keys.json").write_text(json.dumps({"keys": [key]}), "utf-8")
    return subprocess.run(
        [sys.executable, "verify.py", "report.json", (folder / "keys.json").as_uri()],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_文档里的程序逐字运行_真的说真_改过的说改过_别处的说别处(tmp_path: Path) -> None:
    found = re.search(r"```python\n(.*?)```", DOC.read_text("utf-8"), re.DOTALL)
    assert found is not None
    lines = found.group(1)
    assert lines == VERIFY_LINES
    assert len(lines.splitlines()) <= 22
    file = signed(REPORT, SEED)
    genuine = _run(tmp_path, lines, file, PUBLIC)
    assert genuine.returncode == 0, genuine.stderr
    assert genuine.stdout.startswith("genuine abcde 2026-07-15")
    altered = _run(tmp_path, lines, file.replace(b"abcde", b"abcdf"), PUBLIC)
    assert (altered.returncode, altered.stderr.strip()) == (1, "altered")
    other = _run(tmp_path, lines, file, bytes(SigningKey(bytes(32)).verify_key))
    assert (other.returncode, other.stderr.strip()) == (1, "not signed by this platform")
