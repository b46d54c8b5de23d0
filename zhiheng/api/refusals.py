"""Why a request of a program is not answered."""

from __future__ import annotations

from zhiheng.kernel.reasons import Refusal


def key_missing() -> Refusal:
    return Refusal(
        "access.token_missing",
        "这里需要令牌：请求头加上 Authorization: Bearer 令牌。",
        "A key is needed here: send the header Authorization: Bearer KEY.",
    )


def address_absent() -> Refusal:
    return Refusal("address.absent", "没有这个地址；请对照接口说明。", "There is nothing here; see the description.")


def body_too_large(most: int) -> Refusal:
    return Refusal(
        "body.large",
        f"请求内容超过 {most >> 20} MB，没有收下任何一部分；请分几次提交，或改用文件报送。",
        f"The body is larger than {most >> 20} MB and no part of it was taken; send it in parts, or send a file.",
    )


def body_packed() -> Refusal:
    return Refusal(
        "body.packed",
        "请求内容是压缩过的（Content-Encoding），这里不解压；请不压缩直接提交 JSON。",
        "The body is compressed (Content-Encoding) and is not unpacked here; send the JSON as it is.",
    )


def body_of_other_kind(kind: str) -> Refusal:
    return Refusal(
        "body.kind",
        f"请求内容不是 JSON（Content-Type 写的是“{kind}”）；请提交 JSON，并写明 Content-Type: application/json。",
        f"The body is no JSON (its Content-Type says {kind!r}); send JSON and say Content-Type: application/json.",
    )


def cursor_wrong() -> Refusal:
    return Refusal(
        "cursor.wrong",
        "游标不对或属于另一份清单；请去掉 cursor 从头查起。",
        "The cursor is wrong or belongs to another list; leave it out and begin anew.",
        field="cursor",
    )


def enterprise_absent() -> Refusal:
    return Refusal("enterprise.absent", "没有这个编号的企业公示页。", "Nothing is published of such an enterprise.")


def entry_absent() -> Refusal:
    return Refusal("entry.absent", "没有这个编号的公示。", "There is no such entry.")


def entry_gone() -> Refusal:
    return Refusal(
        "entry.gone",
        "这条信息已不再公示，请停止使用和传播。",
        "This entry is no longer shown; stop using and sharing it.",
    )


def request_broken_off() -> Refusal:
    return Refusal(
        "input.malformed",
        "请求没有发完或写法不对，什么都没有收下；请重新发送。",
        "The request was not sent to its end, or is malformed; nothing was taken. Send it again.",
    )


def request_unreadable(message: str) -> Refusal:
    return Refusal("input.malformed", f"请求无法读取：{message}。", f"The request can't be read: {message}.")


def too_many_requests() -> Refusal:
    return Refusal(
        "rate.exceeded",
        "查询太频繁，请稍后再试（见应答头 Retry-After）。",
        "Too many requests; wait as the header Retry-After says.",
    )


def row_of_wrong_shape(row: int, *, most: int) -> Refusal:
    return Refusal(
        "rows.shape",
        f"第 {row} 行的列数比表头多，或超过 {most} 个字符。",
        f"Row {row} has more cells than there are headings, or more than {most} characters.",
        field="rows",
    )


def store_busy() -> Refusal:
    return Refusal(
        "store.busy",
        "数据库正忙，没有写入任何内容；请稍后重试。",
        "The store is busy and nothing was written; try again later.",
    )


def input_wrong(kind: str, *, where: str, said: tuple[str, str]) -> Refusal:
    """``said``: what is wrong with the parameter, in Chinese and in English."""
    return Refusal(
        f"input.{kind}",
        f"参数“{where}”不对：{said[0]}；详见接口说明。",
        f"{where}: {said[1]} See the description of the interface.",
        field=where,
    )
