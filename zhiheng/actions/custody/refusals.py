"""Every reason for which an act on sealed identities is refused, in one place."""

from __future__ import annotations

from zhiheng.kernel.reasons import Refusal

REASON = (10, 500)


def no_page() -> Refusal:
    return Refusal(
        "custody.absent",
        "本规则书没有写哪两个单位保管举报人身份（custody.yaml）；可以匿名举报，或者拨打 12315。",
        "This book does not say which two units keep identities (custody.yaml); report without a name, or call 12315.",
    )


def nobody(unit: str, unit_en: str) -> Refusal:
    return Refusal(
        "custody.nobody",
        f"{unit}还没有身份保管人，现在不能收存您的身份；可以先不填姓名和联系方式，或者拨打 12315。",
        f"{unit_en} has no custodian yet, so your identity cannot be kept; leave name and contact out, or call 12315.",
    )


def oneself() -> Refusal:
    return Refusal(
        "custody.oneself",
        "保管人的事只能本人登录办理，不能代办；请用自己的账号。",
        "A custodian acts in person, never for somebody else; sign in with your own account.",
    )


def already() -> Refusal:
    return Refusal(
        "custody.already",
        "您已是保管人；要换口令请用“更换保管口令”，要换单位请先终止。",
        "You are a custodian already; change the passphrase, or end this custody before beginning another.",
    )


def not_a_side(unit: str, unit_en: str) -> Refusal:
    return Refusal(
        "custody.side",
        f"规则书没有让{unit}保管举报人身份；请核对 custody.yaml。",
        f"The book does not name {unit_en} as a keeper of identities; check custody.yaml.",
    )


def same_as_password() -> Refusal:
    return Refusal(
        "custody.weak",
        "保管口令不能和登录密码相同；请另想一句，例如几个不相干的词。",
        "The passphrase must differ from your password; choose another, such as some unrelated words.",
        "passphrase",
    )


def no_custodian() -> Refusal:
    return Refusal(
        "custody.none",
        "您还不是保管人，或者已终止；请先设立保管口令。",
        "You are not a custodian, or no longer one; set a passphrase first.",
    )


def not_admitted() -> Refusal:
    return Refusal(
        "custody.waiting",
        "您还没有被本单位在任的保管人接纳，手里没有份额；请他（她）先办理接纳。",
        "No custodian of your unit has admitted you, so you hold no share yet; ask them to admit you.",
    )


def other_absent() -> Refusal:
    return Refusal(
        "custody.other",
        "没有这位待接纳的保管人，或者不是您单位的；请刷新名单。",
        "There is no such custodian to admit, or they are of another unit; reload the list.",
    )


def too_many_tries() -> Refusal:
    return Refusal(
        "custody.tries",
        "一小时内口令错了太多次，暂停办理；请一小时后再试。",
        "Too many wrong passphrases within an hour; try again in an hour.",
        "passphrase",
    )


def no_seal() -> Refusal:
    return Refusal(
        "seal.absent",
        "没有这个编号的封存身份，或者不由您单位保管；请核对编号。",
        "There is no sealed identity with this number, or your unit does not keep it; check the number.",
        "seal",
    )


def no_share() -> Refusal:
    return Refusal(
        "seal.no_share",
        "这份身份封存时您还不是保管人，没有您的份额；请本单位其他保管人办理，或者由他（她）重新接纳您。",
        "You were no custodian when this was sealed and hold no share of it; another custodian of your unit can act.",
        "seal",
    )


def reason_needed() -> Refusal:
    least, most = REASON
    return Refusal(
        "seal.reason",
        f"请写明为什么要拆封（{least} 至 {most} 字）；举报人会看到这个理由，不要写入他人的个人信息。",
        f"Say why it must be opened ({least} to {most} characters); the reporter reads it: name no other person.",
        "reason",
    )


def waiting_already() -> Refusal:
    return Refusal(
        "seal.waiting",
        "这份身份已有一件拆封申请在等另一方；请等它办完或者逾期。",
        "A request to open this identity is waiting for the other side already; wait until it is decided or lapses.",
        "seal",
    )


def no_opening() -> Refusal:
    return Refusal(
        "seal.opening_absent",
        "没有这件待办的拆封申请，或者不归您这一方办；请刷新名单。",
        "There is no such request waiting for your side; reload the list.",
    )


def lapsed() -> Refusal:
    return Refusal(
        "seal.lapsed",
        "这件拆封申请已经逾期作废；确有需要的，请提出方重新提出。",
        "This request to open has lapsed; where it is still needed, the side that asked may ask again.",
    )


def same_person() -> Refusal:
    return Refusal(
        "seal.same_person",
        "提出拆封的人不能自己拆封；须由另一单位的保管人办理。",
        "Whoever asked cannot open it; a custodian of the other unit must.",
    )


def kept_by_nobody() -> Refusal:
    return Refusal(
        "seal.no_other",
        "另一方现在没有在任的保管人持有这份身份的份额，拆不了封；请另一方先补齐保管人。",
        "No present custodian of the other unit holds a share of this, so it cannot be opened; they must name one.",
    )


def last_holder(count: int) -> Refusal:
    return Refusal(
        "custody.last",
        f"有 {count} 份封存的身份在本单位只有这位保管人打得开，终止以后永远打不开；请先接纳一位保管人，或者勾选确认。",
        f"{count} sealed identities can be opened in your unit by this custodian alone, and never again afterwards; "
        "admit another first, or tick that you are sure.",
        "sure",
    )


def decline_reason() -> Refusal:
    least, most = REASON
    return Refusal(
        "seal.reason",
        f"请写明为什么不同意拆封（{least} 至 {most} 字）。",
        f"Say why it is not to be opened ({least} to {most} characters).",
        "reason",
    )


def ending_custody_needs_reason() -> Refusal:
    return Refusal(
        "reason.needed", "终止保管要写明理由；请补写。", "Ending a custody needs a reason; write one.", "reason"
    )
