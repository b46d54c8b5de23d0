"""Why an account, a role, a loan of a role or a key is not given, changed or ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from zhiheng.grammar.acts import ACTS
from zhiheng.grammar.types import QUALITIES, Label
from zhiheng.kernel.reasons import Refusal


def account_absent(account_id: int) -> Refusal:
    return Refusal(
        "account.absent",
        f"没有编号为 {account_id} 的账号；请刷新名单。",
        f"There is no account {account_id}; reload the list.",
    )


def account_closed(login: str) -> Refusal:
    return Refusal(
        "account.closed",
        f"账号“{login}”已停用；请先恢复，或用另一个账号。",
        f"The account {login!r} is closed; open it again first, or use another.",
    )


def kind_of_account_unknown(kind: str) -> Refusal:
    return Refusal(
        "account.kind",
        f"没有“{kind}”这种账号；请选 officer、enterprise 或 bank。",
        f"There is no kind of account {kind!r}; choose officer, enterprise or bank.",
        "kind",
    )


def account_malformed() -> Refusal:
    return Refusal(
        "account.login",
        "账号要 3 至 60 个字符，只用小写字母、数字和 . _ -，以字母或数字开头；请改写。",
        "An account has 3 to 60 characters: small letters, digits and . _ -, beginning with a letter or digit.",
        "login",
    )


def name_malformed() -> Refusal:
    return Refusal(
        "account.name",
        "姓名要 1 至 60 个字符，不含控制字符；请改写。",
        "A name has 1 to 60 characters and no control characters; write it again.",
        "name",
    )


def sign_on_number_taken() -> Refusal:
    return Refusal(
        "account.outside_taken",
        "这个统一认证编号已属于另一个账号；请核对编号。",
        "This number at the single sign-on belongs to another account; check it.",
        "outside_id",
    )


def closing_own_account() -> Refusal:
    return Refusal(
        "account.own",
        "不能停用自己的账号；请另一位管理员办理。",
        "Nobody closes their own account; ask another administrator.",
    )


def resetting_own_second_factor() -> Refusal:
    return Refusal(
        "account.own",
        "不能重置自己的双重验证；请另一位管理员办理，或在“账号安全”里自己更换。",
        "Nobody resets their own second factor; ask another administrator, or change it under account security.",
    )


def enterprise_not_named() -> Refusal:
    return Refusal(
        "account.subject",
        "企业账号要写明是哪家企业（主体编号）；请补上。",
        "An account of an enterprise names the enterprise (number of the subject); add it.",
        "subject",
    )


def account_taken(login: str) -> Refusal:
    return Refusal(
        "account.taken",
        f"账号“{login}”已有人使用；请换一个。",
        f"The account {login!r} is taken; choose another.",
        "login",
    )


def nobody_lent_a_role() -> Refusal:
    return Refusal(
        "acting.none",
        "这个人今天没有把角色委托给您；请刷新后再选。",
        "This person has lent you no role today; reload and choose again.",
    )


def area_unknown(area: str) -> Refusal:
    return Refusal(
        "area.unknown",
        f"没有区划代码为“{area}”的地区；请从地区名单中选择。" if area else "请选择地区。",
        f"There is no area {area!r}; choose one of the list of areas." if area else "Choose an area.",
        "area",
    )


def loan_days_wrong(last: dt.date) -> Refusal:
    return Refusal(
        "delegation.days",
        f"委托要从今天或以后开始，到 {last} 为止（不超过半年，也不长于角色本身）；请改日期。",
        f"A loan begins today or later and lasts until {last} at most (half a year, and no longer than the "
        "role); correct the days.",
        "last_day",
    )


def lent_role_lent_again() -> Refusal:
    return Refusal(
        "delegation.not_own",
        "只能委托自己名下的角色，别人委托来的不能再转；请选自己的角色。",
        "Only a role of one's own can be lent, not one that was lent; choose a role of yours.",
    )


def receiver_missing() -> Refusal:
    return Refusal("delegation.receiver", "请选另一位在用的账号。", "Choose another account that is in use.", "to")


def role_not_to_be_lent(zh: str, *, en: str) -> Refusal:
    return Refusal(
        "delegation.role",
        f"角色“{zh}”不能委托；请找系统管理员另行授予。",
        f"The role {en} can't be lent; ask an administrator to give it.",
        "role",
    )


def receiver_of_another_unit(name: str) -> Refusal:
    return Refusal(
        "delegation.unit",
        f"“{name}”不是本单位的人；请选同一单位的人，跨单位请找系统管理员授予。",
        f"{name} is not of your unit; choose somebody of it, or ask an administrator.",
        "to",
    )


def demo_accounts_in_real_place() -> Refusal:
    return Refusal(
        "demo.real_place",
        "演示账号只能建在虚构地方的规则书上（district.yaml 中 fictional: true）；请为真实的工作人员逐个开通账号。",
        "Accounts of the demo are made only for a fictional place (fictional: true in district.yaml); give "
        "the people of a real one accounts of their own.",
    )


def no_second_factor(login: str) -> Refusal:
    return Refusal(
        "factor.none",
        f"账号“{login}”没有设置双重验证，无需重置。",
        f"The account {login!r} has no second factor; there is nothing to reset.",
    )


def needs_two_administrators() -> Refusal:
    return Refusal(
        "factor.two_people",
        "发登录码和重置双重验证要由两位管理员分别办理（一天之内），以免一个人就能以别人的身份登录；"
        "请另一位管理员办其中一件。",
        "Giving a code and resetting the second factor of one account within a day takes two administrators, so that "
        "nobody alone can sign in as somebody else; ask another one for one of the two.",
    )


def quality_unknown(quality: str) -> Refusal:
    return Refusal(
        "quality.unknown",
        f"没有“{quality}”这类质量；请选 {'、'.join(QUALITIES)}，或留空。",
        f"There is no quality {quality!r}; choose {', '.join(QUALITIES)}, or leave it empty.",
        "quality",
    )


_PASSWORD = {
    "password_too_short": (
        "密码太短；至少 12 个字符，可以用一句话。",
        "The password is too short; use 12 characters or more, a sentence will do.",
    ),
    "password_too_common": (
        "这个密码太常见；请换一个别人想不到的。",
        "This password is too common; choose one that others do not think of.",
    ),
    "password_entirely_numeric": ("密码不能全是数字；请加入文字。", "A password can't be all digits; add letters."),
    "password_too_similar": (
        "密码与账号或姓名太像；请换一个。",
        "The password is too much like the account or the name; choose another.",
    ),
}


def password_weak(code: str | None, message: str) -> Refusal:
    """``code`` and ``message`` are those of the validator that refuses the password."""
    zh, en = _PASSWORD.get(str(code), (message, message))
    return Refusal(f"password.{code or 'weak'}", zh, en, "password")


def closing_needs_reason() -> Refusal:
    return Refusal(
        "reason.needed",
        "停用账号要写明理由；请补写。",
        "Closing an account needs a reason; write one.",
        "reason",
    )


def loan_needs_reason() -> Refusal:
    return Refusal(
        "reason.needed",
        "委托要写明理由，例如休假；请补写。",
        "A loan needs a reason, such as leave; write one.",
        "reason",
    )


def ending_role_needs_reason() -> Refusal:
    return Refusal(
        "reason.needed", "终止角色要写明理由；请补写。", "Ending a role needs a reason; write one.", "reason"
    )


def reset_needs_reason() -> Refusal:
    return Refusal(
        "reason.needed",
        "重置双重验证要写明理由（如何核对了本人）；请补写。",
        "Resetting a second factor needs a reason (how you made sure who asks); write one.",
        "reason",
    )


def revoking_needs_reason() -> Refusal:
    return Refusal(
        "reason.needed", "吊销令牌要写明理由；请补写。", "Revoking a token needs a reason; write one.", "reason"
    )


def last_day_before_first() -> Refusal:
    return Refusal(
        "role.days",
        "截止日期早于起始日期；请改正。",
        "The last day lies before the first; correct it.",
        "last_day",
    )


def role_ended(grant_id: int) -> Refusal:
    return Refusal(
        "role.ended",
        f"授权 {grant_id} 不存在或已终止；请刷新名单。",
        f"Grant {grant_id} does not exist or has ended; reload the list.",
    )


def last_day_past(last_day: dt.date) -> Refusal:
    return Refusal(
        "role.over",
        f"截止日期 {last_day} 已经过去，授予后也用不了；请选今天或以后的日期，或留空表示长期。",
        f"The last day {last_day} is past, so the role would never hold; choose today or later, or leave it empty.",
        "last_day",
    )


def giving_oneself_a_role() -> Refusal:
    return Refusal(
        "role.own",
        "不能给自己授予角色；请另一位管理员办理。",
        "Nobody gives a role to themselves; ask another administrator.",
    )


def first_day_past(first_day: dt.date) -> Refusal:
    return Refusal(
        "role.past",
        f"起始日期 {first_day} 已经过去；授予从今天或以后开始，请改日期。",
        f"The first day {first_day} is past; a role begins today or later. Correct the day.",
        "first_day",
    )


def role_unknown(role: str, able: Collection[str]) -> Refusal:
    return Refusal(
        "role.unknown",
        f"规则书里没有适合这种账号的角色“{role}”；可用：{'、'.join(able) or '（无）'}。",
        f"The book has no role {role!r} for this kind of account; use one of: {', '.join(able) or '(none)'}.",
        "role",
    )


def key_absent(token_id: int) -> Refusal:
    return Refusal(
        "token.absent",
        f"令牌 {token_id} 不存在或已吊销；请刷新名单。",
        f"Token {token_id} does not exist or was revoked; reload the list.",
    )


def key_days_wrong(latest: dt.date) -> Refusal:
    return Refusal(
        "token.days",
        f"有效期要在明天至 {latest} 之间；到期前换发。",
        f"The last day lies between tomorrow and {latest}; renew it before.",
        "last_day",
    )


def purpose_of_key_missing() -> Refusal:
    return Refusal(
        "token.name",
        "请写明令牌的用途（120 字以内）。",
        "Say what the token is for (120 characters at most).",
        "name",
    )


def scopes_outside_role(label: Label, *, able: Collection[str], wrong: Collection[str]) -> Refusal:
    """``able``: the acts of the role; ``wrong``: the scopes that are none of them."""
    listed = "、".join(f"{act}（{ACTS[act].zh}）" for act in sorted(able))
    return Refusal(
        "token.scopes",
        f"范围要在角色“{label.zh}”之内，至少一项；可用：{listed}。",
        f"Scopes are one or more acts of the role {label.en}: {', '.join(sorted(able))}"
        + (f"; not {', '.join(wrong)}." if wrong else "."),
        "scopes",
    )


def unit_unknown(unit: str) -> Refusal:
    return Refusal(
        "unit.unknown",
        f"没有代号为“{unit}”的单位；请从单位名单中选择。" if unit else "请选择单位。",
        f"There is no unit {unit!r}; choose one of the list of units." if unit else "Choose a unit.",
        "unit",
    )


def institution_unknown(unit: str) -> Refusal:
    return Refusal(
        "unit.unknown",
        f"规则书里没有签有协议的机构“{unit}”；请先写进 credit 目录。",
        f"The book names no institution {unit!r} that has an agreement; add it in the folder credit first.",
        "unit",
    )


def unit_unfit_for_key(label: Label, bank: bool) -> Refusal:
    return Refusal(
        "unit.unknown",
        f"“{label.zh}”的令牌发给{'签有协议的金融机构' if bank else '本地的单位'}；请另选单位，或另选角色。",
        f"A key of the role '{label.en}' is for "
        f"{'an institution that has an agreement' if bank else 'a unit of the place'}; choose another unit or "
        "another role.",
        "unit",
    )


def nothing_to_confirm(number: int) -> Refusal:
    return Refusal(
        "confirmation.absent",
        f"没有编号 {number} 的待确认事项，或者别人已经办了；请刷新名单。",
        f"Nothing with the number {number} waits to be confirmed, or somebody has decided it; reload the list.",
    )


def keys_are_ordered() -> Refusal:
    return Refusal(
        "token.order",
        "令牌不交给签发的人：请提请签发，写明本单位的领取人，由领取人自己领取。",
        "A key is not shown to who gives it: order it for a person of the unit, who takes it.",
        "holder",
    )


def holder_of_key_unknown(holder: str) -> Refusal:
    return Refusal(
        "token.holder",
        f"这个单位没有在用的账号“{holder}”；请填领取人的账号名。" if holder else "请填领取人的账号名。",
        f"The unit has no open account {holder!r}; give the account name of who takes the key."
        if holder
        else "Give the account name of who takes the key.",
        "holder",
    )


def holder_of_key_is_who_orders() -> Refusal:
    return Refusal(
        "token.holder",
        "提请签发的人不能自己领取；请填该单位管理这个系统的人。",
        "Who orders a key does not take it; name the person of the unit who looks after that system.",
        "holder",
    )


def no_key_to_take() -> Refusal:
    return Refusal(
        "token.absent",
        "没有可由您领取的令牌：还没有确认、已经领取或已经过期；请找提请的管理员。",
        "There is no key for you to take: not confirmed, taken already, or over; ask the administrator who ordered it.",
    )


def declining_needs_reason() -> Refusal:
    return Refusal("reason.needed", "不予确认要写明理由；请补写。", "Declining needs a reason; write one.", "reason")
