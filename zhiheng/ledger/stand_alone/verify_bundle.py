#!/usr/bin/env python3
# ruff: noqa: T201 - this script stands alone and speaks by printing.
"""Verify a Zhiheng proof bundle with nothing but Python: python3 verify_bundle.py BUNDLE.zip [--head LINK]

What it checks, and why that is enough:
1. chain.jsonl has one line per delivery: its header and its link. link = SHA-256(previous link + canonical header),
   from 32 zero bytes on. A header that was changed, removed or put in between breaks every link after it. Compare with
   a link that you noted earlier or got from somebody else (--head): then not even the operator can have rewritten what
   was received until then.
2. facts.jsonl has facts: their content, the delivery they belong to, their position in it and the audit path to its
   root (Merkle tree of RFC 6962: leaf = SHA-256(0x00 + content), node = SHA-256(0x01 + left + right)). The root stands
   in the header.
Canonical JSON: keys sorted, no spaces, UTF-8.
核验质衡证明包，只需 Python，不需要平台：先核对报送链，再核对每条事实到默克尔根的路径。
"""

import argparse
import hashlib
import json
import sys
import zipfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    # For those who check types; whoever runs this needs nothing but the five modules above.
    from collections.abc import Iterator
    from typing import Any

    # Delivery -> its root, how many facts it has, and the first of them.
    Roots = dict[int, tuple[str | None, int, int | None]]


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def lines(bundle: zipfile.ZipFile, name: str) -> "Iterator[tuple[int, Any]]":
    with bundle.open(name) as file:
        for number, line in enumerate(file, start=1):
            try:
                yield number, json.loads(line)
            except ValueError:
                sys.exit(f"{name}:{number}: 不是 JSON，证明包已损坏 / not JSON, the bundle is damaged")


def verify_chain(bundle: zipfile.ZipFile, problems: "list[str]") -> "tuple[str, Roots, dict[str, int]]":
    link, expected = bytes(32), 1
    roots: Roots = {}
    links: dict[str, int] = {}
    for number, entry in lines(bundle, "chain.jsonl"):
        header = entry["header"]
        if header["id"] != expected:
            problems.append(f"报送 {expected} 缺失 / delivery {expected} is missing (chain.jsonl:{number})")
        expected = header["id"] + 1
        link = sha(link, canonical(header))
        if link.hex() != entry["link"]:
            problems.append(f"报送 {header['id']} 的登记被改动 / the header of delivery {header['id']} was changed")
            link = bytes.fromhex(entry["link"])
        links[link.hex()] = header["id"]
        roots[header["id"]] = (header["root"], header["fact_count"], header["first_fact"])
    return link.hex(), roots, links


def verify_facts(bundle: zipfile.ZipFile, roots: "Roots", problems: "list[str]") -> int:
    count = 0
    whole: dict[int, list[tuple[int, bytes]]] = {}
    for number, fact in lines(bundle, "facts.jsonl"):
        count += 1
        name = f"事实 {fact['id']} / fact {fact['id']}"
        root, facts, first = roots.get(fact["delivery"], (None, 0, None))
        if root is None or first is None or fact["id"] - first != fact["index"] or not 0 <= fact["index"] < facts:
            problems.append(f"{name}: 不属于报送 {fact['delivery']} / is not in that delivery (facts.jsonl:{number})")
            continue
        node = sha(b"\x00", fact["content"].encode())
        if "path" not in fact:
            whole.setdefault(fact["delivery"], []).append((fact["index"], node))
            continue
        # The sides of the path follow from the index and the size of the tree; a bundle can't choose them.
        path, index, last = [bytes.fromhex(step) for step in fact["path"]], fact["index"], facts - 1
        while last and path:
            if index % 2:
                node = sha(b"\x01", path.pop(0), node)
            elif index < last:
                node = sha(b"\x01", node, path.pop(0))
            index, last = index // 2, last // 2
        while last:
            if index % 2 or index < last:
                break
            index, last = index // 2, last // 2
        if path or last or node.hex() != root:
            problems.append(f"{name}: 内容与默克尔根不符 / its content does not lead to the root")
    for delivery, leaves in sorted(whole.items()):
        root, facts, _ = roots[delivery]
        if [index for index, _ in leaves] != list(range(facts)):
            problems.append(f"报送 {delivery}: 有事实缺失或重复 / facts are missing or stand twice")
            continue
        level = [node for _, node in leaves]
        while len(level) > 1:
            joined = [sha(b"\x01", level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
            level = joined + level[len(level) - len(level) % 2 :]
        if level[0].hex() != root:
            problems.append(f"报送 {delivery}: 默克尔根不符，其中有事实被改动 / a fact of it was changed")
    return count


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle")
    parser.add_argument("--head", help="the last link, as noted earlier or told by somebody else")
    words = parser.parse_args()
    problems: list[str] = []
    try:
        with zipfile.ZipFile(words.bundle) as bundle:
            head, roots, links = verify_chain(bundle, problems)
            count = verify_facts(bundle, roots, problems)
    except (
        Exception
    ) as cause:  # Whatever a damaged bundle makes Python say: the answer is a sentence, never a traceback.
        sys.exit(f"证明包无法读取，请重新取得 / the bundle can't be read, get it anew: {type(cause).__name__}: {cause}")
    noted = (words.head or "").strip().lower()
    if noted and noted not in links:
        problems.append(f"链中没有记下的链接 {noted}，历史被改写或截断 / the noted link is not in the chain")
    elif noted:
        print(f"记下的链接是报送 {links[noted]} 之后的链尾 / the noted link was the head after delivery {links[noted]}")
    whole = sum(count for _, count, _ in roots.values())
    for problem in problems:
        print(problem)
    print(f"{len(roots)} 次报送；台账共 {whole} 条事实，包内 {count} 条；链尾 {head}")
    print(f"{len(roots)} deliveries; the ledger has {whole} facts, the bundle {count}; head {head}")
    print(
        "核验通过 / verified"
        if not problems
        else f"核验未通过：{len(problems)} 处 / NOT verified: {len(problems)} problems"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
