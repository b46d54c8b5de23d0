"""Why a note, a checkpoint, a proof or a request to a witness is not taken."""

from __future__ import annotations

from zhiheng.kernel.reasons import Refusal


def unreadable(what: str, why: str) -> Refusal:
    return Refusal(
        "log.unreadable",
        f"不是规范格式（{what}）：{why}；请重新取得原文，不要改动任何一个字符。",
        f"Not in the specified form ({what}): {why}. Get the original text again, and change no character of it.",
        text=what,
    )


def not_signed(names: str) -> Refusal:
    return Refusal(
        "log.not_signed",
        f"没有一个认得的公钥（{names}）的签名；请核对公钥和来源。",
        f"No signature of a key that is known here ({names}). Check the keys, and where the text comes from.",
        text=names,
    )


def signature_spoiled(name: str) -> Refusal:
    return Refusal(
        "log.signature_spoiled",
        f"“{name}”的签名与内容不符：内容被改动过，或不是它签的；不要采信。",
        f"The signature of {name!r} does not fit the text: changed, or signed by somebody else. Don't rely on it.",
        text=name,
    )


def not_in_tree(index: int, size: int) -> Refusal:
    return Refusal(
        "log.not_in_tree",
        f"第 {index} 条的证明推不出检查点（共 {size} 条）所签的根：内容不是日志里的那一条，或证明被改动过。",
        f"The proof of entry {index} does not lead to the root that the head over {size} entries signs: the "
        "content is not what was logged, or the proof was changed.",
    )


def not_an_extension(old: int, new: int) -> Refusal:
    return Refusal(
        "log.not_an_extension",
        f"{new} 条的日志不是 {old} 条的日志的延续：历史被改写或截断过；请保留两个检查点，作为证据。",
        f"The log of {new} entries does not continue that of {old}: history was rewritten or cut off. Keep both "
        "heads as evidence.",
    )
