#!/usr/bin/env python3
# ruff: noqa: T201 - this script stands alone and speaks by printing.
"""Verify a Zhiheng proof bundle with nothing but Python: python3 verify_bundle.py BUNDLE.zip

1. log.jsonl: entries of the public log with their rows and random numbers. The third line of an entry is SHA-256(random
   number + row); its path leads to the root in checkpoint, signed by the platform (--key) and witnesses (--witness).
   Get the keys elsewhere: then nobody can have made a log for you alone. papers/: texts whose digests entries name.
2. facts.jsonl: facts, each with its audit path to the root of its delivery (Merkle tree of RFC 6962). The roots are in
   entries of the kind "facts"; where all of a ledger or an older bundle is given (format 1), in chain.jsonl:
3. chain.jsonl: header and link of every delivery; link = SHA-256(previous link (first: 32 zero bytes) + the header).
Canonical JSON: keys sorted, no spaces, UTF-8. 核验质衡证明包，只需 Python：报送链、事实的路径、公开日志的条目和签名。
"""

import argparse
import base64
import hashlib
import json
import sys
import zipfile
from typing import Any

Point = tuple[int, int, int, int]
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def ed25519(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature holds (RFC 8032, section 5.1.7); points are (X, Y, Z, T)."""

    def add(a: Point, b: Point) -> Point:
        low, high = (a[1] - a[0]) * (b[1] - b[0]), (a[1] + a[0]) * (b[1] + b[0])
        e, f, g, h = high - low, 2 * a[2] * b[2], 2 * a[3] * b[3] * D, high + low
        return e * (f - g) % P, (f + g) * h % P, (f - g) * (f + g) % P, e * h % P

    def times(number: int, point: Point) -> Point:
        total = (0, 1, 1, 0)
        while number:
            total, point, number = add(total, point) if number & 1 else total, add(point, point), number >> 1
        return total

    def point_of(raw: bytes) -> "Point | None":
        sign, y = divmod(int.from_bytes(raw, "little"), 1 << 255)
        square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
        x = pow(square, (P + 3) // 8, P)
        x = x if (x * x - square) % P == 0 else x * pow(2, (P - 1) // 4, P) % P
        if y >= P or (x * x - square) % P or (sign and not x):
            return None
        return (x, y, 1, x * y % P) if x % 2 == sign else (P - x, y, 1, (P - x) * y % P)

    base, own, r = point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little")), point_of(key), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if base is None or own is None or r is None or len(key) != 32 or len(signature) != 64 or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    one, two = times(s, base), add(r, times(h, own))
    return not any((one[i] * two[2] - two[i] * one[2]) % P for i in (0, 1))


def verify_chain(bundle: zipfile.ZipFile, problems: list[str]) -> tuple[str, dict[int, Any], dict[str, int]]:
    if "chain.jsonl" not in bundle.namelist():
        return "", {}, {}
    link, expected, headers, links = bytes(32), 1, {}, {}
    for number, entry in enumerate(map(json.loads, bundle.open("chain.jsonl")), start=1):
        header = entry["header"]
        if header["id"] != expected:
            problems.append(f"报送 {expected} 缺失 / delivery {expected} is missing (chain.jsonl:{number})")
        expected = header["id"] + 1
        link = sha(link, json.dumps(header, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())
        if link.hex() != entry["link"]:
            problems.append(f"报送 {header['id']} 的登记被改动 / the header of delivery {header['id']} was changed")
            link = bytes.fromhex(entry["link"])
        links[link.hex()], headers[header["id"]] = header["id"], header
    return link.hex(), headers, links


def climbed(node: bytes, steps: list[str], index: int, count: int) -> bytes:
    """The root that a path leads to, its sides told by index and count; nothing where its length is wrong."""
    path, last = [bytes.fromhex(step) for step in steps], count - 1
    while last > 0:
        if index % 2 or index < last:
            beside = path.pop(0) if path else b""
            node = sha(b"\x01", beside, node) if index % 2 else sha(b"\x01", node, beside)
        index, last = index // 2, last // 2
    return b"" if path or last < 0 else node


def verify_facts(bundle: zipfile.ZipFile, headers: dict[int, Any], problems: list[str]) -> int:
    count, nothing = 0, {"root": None, "fact_count": 0, "first_fact": None}
    whole: dict[int, list[tuple[int, bytes]]] = {}
    for number, fact in enumerate(map(json.loads, bundle.open("facts.jsonl")), start=1):
        count, name = count + 1, f"事实 {fact['id']} / fact {fact['id']}"
        root, facts, first = map(headers.get(fact["delivery"], nothing).get, ("root", "fact_count", "first_fact"))
        if first is None or fact["id"] - first != fact["index"] or not 0 <= fact["index"] < facts:
            problems.append(f"{name}: 不属于报送 {fact['delivery']} / is not in that delivery (facts.jsonl:{number})")
            continue
        node = sha(b"\x00", fact["content"].encode())
        if "path" not in fact:
            whole.setdefault(fact["delivery"], []).append((fact["index"], node))
        elif climbed(node, fact["path"], fact["index"], facts).hex() != root:
            problems.append(f"{name}: 内容与默克尔根不符 / its content does not lead to the root")
    for delivery, leaves in sorted(whole.items()):
        level = [node for _, node in leaves]
        while len(level) > 1:
            joined = [sha(b"\x01", level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
            level = joined + level[len(level) - len(level) % 2 :]
        if [index for index, _ in leaves] != list(range(headers[delivery]["fact_count"])):
            problems.append(f"报送 {delivery}: 有事实缺失或重复 / facts are missing or stand twice")
        elif level[0].hex() != headers[delivery]["root"]:
            problems.append(f"报送 {delivery}: 默克尔根不符，其中有事实被改动 / a fact of it was changed")
    return count


def has_signed(key: str, text: str, lines: list[str]) -> bool:
    name, raw = key.strip().split("+", 2)[0], base64.b64decode(key.strip().split("+", 2)[2])
    for line in lines:
        _, of, signed = line.split(" ")
        told, signature = base64.b64decode(signed)[:4], base64.b64decode(signed)[4:]
        if of == name and told == sha(name.encode(), b"\n", raw)[:4]:
            if raw[0] == 4:
                text, signature = f"cosignature/v1\ntime {int.from_bytes(signature[:8], 'big')}\n{text}", signature[8:]
            return ed25519(raw[1:], text.encode(), signature)
    return False


def verify_log(bundle: zipfile.ZipFile, headers: dict[int, Any], words: Any, problems: list[str]) -> dict[int, Any]:
    """The roots of deliveries that the log tells of; where there is a chain, both are compared."""
    told: dict[int, Any] = {}
    if "checkpoint" not in bundle.namelist() and "chain.jsonl" in bundle.namelist():
        print("包内没有公开日志的部分 / no part of the public log in this bundle")
        return told
    text, _, below = bundle.read("checkpoint").decode().rpartition("\n\n")
    text, signatures = text + "\n", below.splitlines()
    size, root, count = int(text.split("\n")[1]), base64.b64decode(text.split("\n")[2]), 0
    if not has_signed(words.key or bundle.read("key.txt").decode(), text, signatures):
        problems.append("检查点不是这个公钥签的 / the head is not signed by this key")
    witnesses = sum(has_signed(key, text, signatures) for key in set(words.witness))
    if witnesses < (words.quorum or len(set(words.witness))):
        problems.append(f"只有 {witnesses} 方见证 / only {witnesses} of the witnesses signed")
    for number, entry in enumerate(map(json.loads, bundle.open("log.jsonl")), start=1):
        count, which, content = count + 1, f"{entry['kind']} {entry['row']}", entry["content"]
        digest = sha(bytes.fromhex(entry["nonce"]), content.encode()).hex()
        leaf = sha(b"\x00", f"zhiheng-leaf/1\n{which}\n{digest}\n".encode())
        if not 0 <= entry["index"] < size or climbed(leaf, entry["path"], entry["index"], size) != root:
            problems.append(f"{which}: 推不出检查点的根 / does not lead to the head (log.jsonl:{number})")
        said, of = json.loads(content), headers.get(entry["row"], {}) if entry["kind"] in ("delivery", "facts") else {}
        if entry["kind"] == "facts" and told.setdefault(entry["row"], said) != said:
            problems.append(f"{which}: 日志里有两种说法 / the log says two things of it")
        if any(said[name] != value for name, value in of.items() if name in said or entry["kind"] == "delivery"):
            problems.append(f"{which}: 与报送链不符 / is not what the chain says (log.jsonl:{number})")
        if entry["kind"] == "decision":
            print(f"文书 / document: {said['number']} {said['unit']} {said['line__happened_on']} {said['line__act']}")
            paper = f"papers/{said['content_digest']}.json"
            if sha(bundle.read(paper)).hex() not in paper:
                problems.append(f"{which}: 文书内容与摘要不符 / the document is not what was issued ({paper})")
    hint = "" if words.key else "；公钥取自包内，请另行核对 / check the key elsewhere"
    print(f"{count} 条在 {size} 条的日志里，{witnesses} 方见证 / {count} entries are in the log of {size}, ", end="")
    print(f"{witnesses} witnesses{hint}")
    return told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle")
    parser.add_argument("--head", default="", type=lambda text: text.strip().lower(), help="a link noted earlier")
    parser.add_argument("--key", default="", help="the platform's public key, got elsewhere")
    parser.add_argument("--witness", action="append", default=[], help="the public key of a witness, got elsewhere")
    parser.add_argument("--quorum", type=int, default=0, help="how many of them must have signed (all)")
    words, problems = parser.parse_args(), list[str]()
    try:
        with zipfile.ZipFile(words.bundle) as bundle:
            head, headers, links = verify_chain(bundle, problems)
            told = verify_log(bundle, headers, words, problems)
            if not head:
                headers, links = told, {said["link"]: number for number, said in told.items()}
            count, whole = verify_facts(bundle, headers, problems), sum(h["fact_count"] for h in headers.values())
    except Exception as cause:  # Whatever a damaged bundle makes Python say: a sentence, never a traceback.
        sys.exit(f"证明包无法读取，请重新取得 / the bundle can't be read, get it anew: {type(cause).__name__}: {cause}")
    if words.head and words.head not in links:
        cut = "链中没有记下的链接 {0}，历史被改写或截断 / the noted link is not in the chain"
        none = "包内没有报送链，链接 {0} 用整个台账的证明包核对 / no chain in it: ask for the whole ledger"
        problems.append((cut if head else none).format(words.head))
    elif words.head:
        print("记下的链接是报送 {0} 之后的链尾 / noted: the head after delivery {0}".format(links[words.head]))
    print(*problems, sep="\n", end="\n" if problems else "")
    if head:
        print(f"{len(headers)} 次报送；台账共 {whole} 条事实，包内 {count} 条；链尾 {head}")
        print(f"{len(headers)} deliveries; the ledger has {whole} facts, the bundle {count}; head {head}")
    else:
        print(f"包内 {count} 条事实，属于 {len(headers)} 次报送；没有报送链：不证明没有别的事实或报送")
        print(f"{count} facts of {len(headers)} deliveries; no chain: not that there are no other facts or deliveries")
    print(f"核验未通过 / NOT verified: {len(problems)} problems" if problems else "核验通过 / verified")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
