"""Why something about messages is not done, in one place; each sentence ends with what to do."""

from __future__ import annotations

from zhiheng.kernel.reasons import Refusal


def absent(number: int) -> Refusal:
    return Refusal(
        "message.absent",
        f"没有编号为 {number} 的消息，或者不是发给您的；请从消息清单打开。",
        f"There is no message {number}, or it is not for you; open it from the list of messages.",
    )


def not_stuck() -> Refusal:
    return Refusal(
        "message.not_stuck",
        "这一条已经发出或正在发送，不用处理；请刷新清单。",
        "This one was sent or is being sent; there is nothing to do. Load the list again.",
    )


def reason() -> Refusal:
    return Refusal(
        "reason.needed",
        "停止发送要写明理由；请补写。",
        "Giving up a message needs a reason; write one.",
        "reason",
    )


def no_kind(kind: str) -> Refusal:
    return Refusal(
        "message.kind",
        f"规则书里没有“{kind}”这种消息；请在 messages 目录下加一页。",
        f"The book has no kind of message {kind!r}; add a page in the folder messages.",
    )


def no_account() -> Refusal:
    return Refusal(
        "account.absent",
        "这个身份没有账号；请用自己的账号登录。",
        "There is no account behind this identity; sign in with your own.",
    )


def channel_absent() -> Refusal:
    return Refusal(
        "contact.channel",
        "平台没有开通这个渠道，暂时不能使用；请找系统管理员。",
        "This channel is not in use here; ask an administrator.",
        "address",
    )


def email_wrong() -> Refusal:
    return Refusal(
        "contact.email",
        "邮箱地址写法不对；请写成 name@example.gov.cn 的样子。",
        "This is no e-mail address; write it like name@example.gov.cn.",
        "address",
    )


def mobile_wrong() -> Refusal:
    return Refusal(
        "contact.mobile",
        "手机号应是 11 位数字、以 1 开头（境外号码以 + 开头写全）；请核对。",
        "A mobile number has 11 digits and begins with 1 (others in full, with a + before); check it.",
        "address",
    )


def codes_today(most: int) -> Refusal:
    return Refusal(
        "contact.codes",
        f"今天已发过 {most} 次确认码；请明天再试，或检查地址、号码是否写错。",
        f"{most} codes were sent today; try again tomorrow, or check the address or number.",
        "address",
    )


def code_unsent(zh: str, en: str) -> Refusal:
    return Refusal(
        "contact.unsent",
        f"确认码没有发出：{zh}。请核对后重试；仍不行的，找系统管理员。",
        f"The code was not sent: {en}. Check and try again; if that fails too, ask an administrator.",
        "address",
    )


def no_code() -> Refusal:
    return Refusal(
        "contact.no_code",
        "没有等待确认的地址或号码；请先填写。",
        "There is nothing to confirm; give an address or number first.",
        "typed",
    )


def code_wrong(left: int) -> Refusal:
    return Refusal(
        "contact.code",
        f"确认码不对，还可以试 {left} 次；请照收到的六位数字填写。",
        f"The code is wrong, {left} tries are left; type the six digits that came.",
        "typed",
    )


def code_over() -> Refusal:
    return Refusal(
        "contact.code_over",
        "确认码已过期或错误次数过多；请重新获取。",
        "The code has expired or was wrong too often; ask for a new one.",
        "typed",
    )
