"""Why somebody may not do what they ask for, or is not let in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from zhiheng.engines.naming import QUALITIES
from zhiheng.grammar.acts import ActEntry
from zhiheng.grammar.types import Label
from zhiheng.kernel.reasons import Refusal


def another_area(own: Label | None, what: ActEntry, there: Collection[Label]) -> Refusal:
    return Refusal(
        "access.area",
        f"您只能在{own.zh if own else '（未指定区域）'}范围内“{what.zh}”；"
        f"这一项{'在' + '、'.join(a.zh for a in there) if there else '没有限定区域'}，"
        "请找当地的质强办或系统管理员。",
        f"You may {what.en} only within {own.en if own else '(no area)'}; this one "
        f"{'lies in ' + ', '.join(a.en for a in there) if there else 'is not limited to an area'}. Ask the "
        "quality office there, or an administrator.",
    )


def record_not_open_to_role(record: tuple[str, str], *, role: Label, what: ActEntry) -> Refusal:
    return Refusal(
        "access.audience",
        f"“{record[0]}”不对您的角色“{role.zh}”开放，不能“{what.zh}”；请找报送单位或质强办。",
        f"{record[1]} is not open to your role {role.en}, so you may not {what.en}; ask the unit that "
        "sent it, or the quality office.",
    )


def no_consent(what: ActEntry) -> Refusal:
    return Refusal(
        "access.consent",
        f"没有企业现行有效的同意，不能“{what.zh}”；请企业在企业之窗中给出同意。",
        f"Without a consent of the enterprise that holds today you may not {what.en}; ask it to consent in its corner.",
    )


def role_over(label: Label, last: dt.date, what: ActEntry) -> Refusal:
    return Refusal(
        "access.ended",
        f"您的角色“{label.zh}”有效期到 {last} 为止，不能再“{what.zh}”；如仍需要，请找系统管理员。",
        f"Your role {label.en} was valid until {last}, so you may not {what.en} any more; if you still "
        "have to, ask an administrator.",
    )


def role_not_begun(label: Label, first: dt.date, what: ActEntry) -> Refusal:
    return Refusal(
        "access.not_yet",
        f"您的角色“{label.zh}”自 {first} 起生效，现在还不能“{what.zh}”；请到时再办。",
        f"Your role {label.en} begins on {first}; you may not {what.en} before. Come back then.",
    )


def needs_a_person(what: ActEntry) -> Refusal:
    return Refusal(
        "access.person",
        f"“{what.zh}”只能由人登录后办，令牌不行；请用自己的账号登录。",
        f"Only a person who has signed in may {what.en}, no token; sign in with your own account.",
    )


def another_quality(label: Label, *, quality: str, what: ActEntry) -> Refusal:
    return Refusal(
        "access.quality",
        f"您的角色“{label.zh}”只管{QUALITIES[quality].zh}，不能在别的质量上“{what.zh}”；请找主管那一类的部门。",
        f"Your role {label.en} is for {quality} quality only, so you may not {what.en} here; ask the "
        "department that leads the other quality.",
    )


def no_role(what: ActEntry) -> Refusal:
    return Refusal(
        "access.role",
        f"您的账号还没有授予角色，不能“{what.zh}”；请联系本单位的账号管理员。",
        f"Your account has no role yet, so you may not {what.en}; ask the administrator of your unit.",
    )


def no_role_of_this_kind(what: ActEntry) -> Refusal:
    return Refusal(
        "access.role",
        f"“{what.zh}”不对您这类账号开放；有疑问请找质强办。",
        f"Accounts of your kind may not {what.en}; ask the quality office if in doubt.",
    )


def role_without_act(what: ActEntry, *, yours: Collection[Label], able: Collection[Label]) -> Refusal:
    """``yours``: the roles that the account holds today; ``able``: those that may."""
    yours_zh = "、".join(dict.fromkeys(label.zh for label in yours)) or "无"
    yours_en = ", ".join(dict.fromkeys(label.en for label in yours)) or "none"
    return Refusal(
        "access.role",
        f"您的角色（{yours_zh}）不能“{what.zh}”；可以办的角色：{'、'.join(label.zh for label in able)}。"
        "工作需要时请找系统管理员。",
        f"Your roles ({yours_en}) may not {what.en}; these may: {', '.join(label.en for label in able)}. Ask an "
        "administrator if your work needs it.",
    )


def needs_sign_in(what: ActEntry) -> Refusal:
    return Refusal(
        "access.stranger",
        f"“{what.zh}”需要登录；请先登录，没有账号请找质强办或系统管理员开通。",
        f"To {what.en} you have to sign in; if you have no account, ask the quality office or an administrator "
        "for one.",
    )


def another_enterprise(what: ActEntry) -> Refusal:
    return Refusal(
        "access.subject",
        f"您只能就自己的企业“{what.zh}”；如果这就是您的企业，请找质强办核对账号。",
        f"You may {what.en} only for your own enterprise; if this is yours, ask the quality office to check your "
        "account.",
    )


def outside_key(what: ActEntry, act: str) -> Refusal:
    return Refusal(
        "access.token",
        f"这个令牌的范围不含“{what.zh}”（{act}）；请向管理员换发含它的令牌。",
        f"The scopes of this token do not have {act} ({what.en}); ask an administrator for a token that has it.",
    )


def key_expired(last_day: dt.date) -> Refusal:
    return Refusal(
        "access.token_expired",
        f"这个令牌已于 {last_day} 到期；请向管理员换发。",
        f"This token expired on {last_day}; ask an administrator for a new one.",
    )


def key_revoked() -> Refusal:
    return Refusal(
        "access.token_revoked",
        "这个令牌已被吊销；请向管理员换发。",
        "This token was revoked; ask an administrator for a new one.",
    )


def key_unknown() -> Refusal:
    return Refusal(
        "access.token_unknown",
        "令牌不对；请检查请求头里的令牌是否完整。",
        "There is no such token; check that the header has all of it.",
    )


def another_unit(what: ActEntry, theirs: Label | None) -> Refusal:
    return Refusal(
        "access.unit",
        f"“{what.zh}”只能由本单位办；"
        f"这一项{'属于' + theirs.zh + '，请联系该单位' if theirs else '没有说明属于哪个单位，请找质强办'}。",
        f"Only the unit itself may {what.en}; this one "
        f"{'belongs to ' + theirs.en + ', ask them' if theirs else 'names no unit, ask the quality office'}.",
    )


def role_not_for_workflow(label: Label, what: ActEntry) -> Refusal:
    return Refusal(
        "access.workflow",
        f"您的角色“{label.zh}”不办这一类案件，不能“{what.zh}”；请找办这类案件的人，或系统管理员。",
        f"Your role {label.en} is not for cases of this kind, so you may not {what.en}; ask those who handle "
        "them, or an administrator.",
    )


def no_mail() -> Refusal:
    """The framework's own pages offer mail (a new password, an address to be confirmed); this house has none to send it
    with.
    """
    return Refusal(
        "mail.none",
        "本系统不收发电子邮件，密码也不能用邮件找回，没有发出任何内容；"
        "请联系本单位的账号管理员（企业请联系发出邀请信的单位），领取印在纸上的登录码。",
        "There is no e-mail here, and a password is not reset by it; nothing was sent. Ask the administrator of your "
        "unit (enterprises: the office that invited you) for a code on paper.",
    )
