"""Why a delivery or a quality file is not shown."""

from __future__ import annotations

from zhiheng.kernel.reasons import Refusal


def delivery_absent(number: int) -> Refusal:
    return Refusal(
        "delivery.absent",
        f"没有编号为 {number} 的报送，或它不在您的查看范围内；请从报送清单打开。",
        f"There is no delivery {number}, or it is not among those that you may see; open it from the list.",
    )


def file_absent(subject: int) -> Refusal:
    """Nothing was ever linked to the number."""
    return Refusal(
        "file.absent",
        f"没有编号为 {subject} 的企业档案；请从企业清单查找。",
        f"There is no file number {subject}; look it up in the list of enterprises.",
    )


def file_merged(subject: int, other: int) -> Refusal:
    """What was linked to the number has gone to another; ``text`` is that one's number."""
    return Refusal(
        "file.merged",
        f"企业 {subject} 已并入企业 {other}；请打开企业 {other} 的档案。",
        f"Enterprise {subject} was merged into {other}; open the file of {other}.",
        text=str(other),
    )
