"""Why an address is not registered, called or ended."""

from __future__ import annotations

from collections.abc import Collection

from zhiheng.kernel.reasons import Refusal


def host_in_inner_network(host: str) -> Refusal:
    return Refusal(
        "address.inner",
        f"主机“{host}”指向内部网络，不能登记或呼叫；请改用公网能访问的地址。",
        f"The host {host!r} leads into an inner network and can't be registered or called; give an address that "
        "is public.",
        field="url",
    )


def address_with_odd_characters() -> Refusal:
    return Refusal(
        "address.letters",
        "地址中有空格或控制字符，请删除后重填。",
        "The address has spaces or control characters; take them out.",
        field="url",
    )


def address_too_long(longest: int) -> Refusal:
    return Refusal(
        "address.long",
        f"地址超过 {longest} 个字符。",
        f"The address is longer than {longest} characters.",
        field="url",
    )


def address_malformed() -> Refusal:
    return Refusal(
        "address.malformed",
        "地址写法不对，请写成 https://主机/路径。",
        "Malformed; write https://host/path.",
        field="url",
    )


def address_with_user_or_fragment() -> Refusal:
    return Refusal(
        "address.malformed",
        "地址写法不对：须有主机名，不得带用户名、密码或“#”部分。",
        "Malformed: there must be a host, and no user name, password or fragment.",
        field="url",
    )


def address_not_https() -> Refusal:
    return Refusal(
        "address.plain",
        "只能登记 https:// 开头的地址。",
        "Only addresses with https:// are taken.",
        field="url",
    )


def host_unknown(host: str) -> Refusal:
    return Refusal(
        "address.unknown",
        f"找不到主机“{host}”，请检查拼写。",
        f"There is no host {host!r}; check the spelling.",
        field="url",
    )


def webhook_absent(hook_id: int) -> Refusal:
    return Refusal("webhook.absent", f"没有编号为 {hook_id} 的推送地址。", f"There is no webhook {hook_id}.")


def event_unknown(event: str, known: Collection[str]) -> Refusal:
    return Refusal(
        "webhook.event",
        f"没有“{event}”这种事件；可选：{'、'.join(known)}。",
        f"There is no event {event!r}; choose among: {', '.join(known)}.",
        field="events",
    )


def event_not_chosen() -> Refusal:
    return Refusal("webhook.events", "请至少选择一种事件。", "Choose at least one event.", field="events")


def too_many_webhooks(most: int) -> Refusal:
    return Refusal(
        "webhook.many",
        f"每个账号最多登记 {most} 个推送地址；请先停用不用的。",
        f"An account has at most {most} webhooks; end one that is not used.",
    )
