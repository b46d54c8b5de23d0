"""Codes of organisations, persons, equipment and licences, and telephone numbers. All codes here are made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric
from stdnum.cn import uscc as standard

from zhiheng.kernel.fields.code import (
    EquipmentCode,
    LicenceNumber,
    OrganisationCode,
    Phone,
    ResidentId,
    organisation_check_character,
)
from zhiheng.kernel.reasons import Refusal

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
FIRST_17 = st.builds(
    lambda kind, area, body: f"9{kind}{area}{body}",
    st.sampled_from("1239"),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(ALPHABET, min_size=9, max_size=9),
)


def uscc(first: str = "91320602MA1FAKE00") -> str:
    return first + standard.calc_check_digit(first)


def wide(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


@given(FIRST_17)
def test_正确的信用代码无论大小写全半角空格都读成同一个(first: str) -> None:
    code = uscc(first)
    assert standard.is_valid(code)
    for said in (
        code,
        code.lower(),
        f" {code} ",
        wide(code),
        f"{code[:4]} {code[4:8]} {code[8:]}",
        f"统一社会信用代码：{code}",
        f"代码：{code}",
        f"’{code}",
        f"`{code}",
        f"'{code}'",
        f'"{code}"',
    ):
        assert OrganisationCode().clean(said) == {"code": code, "kind": "uscc"}, said


@given(FIRST_17, st.integers(0, 17), st.characters(exclude_categories=["Cs"]))
def test_信用代码改动一个字符就拒收或改回原样(first: str, place: int, char: str) -> None:
    code = uscc(first)
    changed = code[:place] + char + code[place + 1 :]
    read = OrganisationCode().clean(changed)
    assert isinstance(read, Refusal) or read == {"code": code, "kind": "uscc"}


def test_不会出现的字母要指出第几位() -> None:
    code = uscc()
    refusal = OrganisationCode().clean(code[:8] + "O" + code[9:])
    assert refusal.code == "uscc.character"
    assert "第9位是“O”" in refusal.zh
    assert "“0”之误" in refusal.zh
    assert "Character 9" in refusal.en


def test_校验码不对要说应该是哪个() -> None:
    code = uscc()
    wrong = "3" if code[-1] != "3" else "4"
    refusal = OrganisationCode().clean(code[:-1] + wrong)
    assert refusal.code == "uscc.check"
    assert f"末位应为“{code[-1]}”" in refusal.zh
    assert f"'{code[-1]}' would fit" in refusal.en


def test_旧的注册号和组织机构代码认作它们自己() -> None:
    body = "MA1FAKE0"
    organisation = body + organisation_check_character(body)
    assert OrganisationCode().clean("320602000012345") == {"code": "320602000012345", "kind": "registration_number"}
    assert OrganisationCode().clean(f"{organisation[:8]}-{organisation[8]}") == {
        "code": organisation,
        "kind": "organisation_code",
    }
    assert OrganisationCode().clean(body + ("1" if organisation[-1] != "1" else "2")).code == "uscc.organisation_check"
    assert OrganisationCode(kinds=["uscc"]).clean("320602000012345").code == "uscc.kind"


def test_组织机构代码的校验码与公布的例子一致() -> None:
    # The example of GB 11714-1997: D2143569-X.
    assert organisation_check_character("D2143569") == "X"


def test_农村集体经济组织以N开头() -> None:
    code = uscc("N2320602MF1FAKE00")
    assert OrganisationCode().clean(code) == {"code": code, "kind": "uscc"}


def test_被电子表格缩写和填成身份号码的信用代码() -> None:
    assert OrganisationCode().clean("9.13206E+17").code == "code.shortened"
    person = "110105194912310020"
    person = person[:17] + ric.calc_check_digit(person)
    refusal = OrganisationCode().clean(person)
    assert refusal.code == "uscc.resident_id"
    assert person not in refusal.zh
    assert OrganisationCode().clean("12345").code == "uscc.length"
    assert OrganisationCode().clean("/") is None


def resident(body: str = "99000019491231002") -> str:
    return body + ric.calc_check_digit(body + "0")


def test_身份号码() -> None:
    code = resident()
    assert ResidentId().clean(f" {code.lower()} ") == code
    assert ResidentId().show(code, masked=True) == f"990***********{code[-4:]}"
    assert ResidentId().show(code) == code
    for said, why in ((code[:10] + "1350021", "resident_id.length"), (code[:10] + "13310021", "resident_id.birthday")):
        refusal = ResidentId().clean(said)
        assert refusal.code == why
        assert said not in refusal.zh
    assert ResidentId().clean(code[:17] + ("0" if code[17] != "0" else "1")).code == "resident_id.check"


def test_十五位身份号码与升位以后是同一个人() -> None:
    old = "990000491231002"
    assert ResidentId().clean(old) == old
    assert ResidentId().same(old, resident())
    assert not ResidentId().same(old, resident("99000019491231003"))


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("13800001234", "13800001234"),
        ("+86 138-0000-1234", "13800001234"),
        ("１３８００００１２３４", "13800001234"),
        ("13800001234.0", "13800001234"),
        ("0513-81234567", "0513-81234567"),
        ("（0513）81234567", "0513-81234567"),
        ("051381234567", "0513-81234567"),
        ("010-81234567转801", "010-81234567-801"),
        ("010-81234567-801", "010-81234567-801"),
        ("4001234567", "400-123-4567"),
        ("400-123-4567", "400-123-4567"),
        ("12315", "12315"),
        ("电话：13800001234", "13800001234"),
        ("138****1234", "138****1234"),
    ],
)
def test_电话号码(said: str, number: str) -> None:
    assert Phone().clean(said) == number


def test_看不准的电话不读() -> None:
    assert Phone().clean("13800001234/13900001234").code == "phone.several"
    assert Phone().clean("1380000123").code == "phone.unread"
    assert Phone().clean("81234567").code == "phone.unread"
    assert Phone(area_code="0513").clean("81234567") == "0513-81234567"
    assert Phone().clean("无") is None


def test_电话遮盖() -> None:
    assert Phone().show("13800001234", masked=True) == "138****1234"
    assert Phone().show("0513-81234567", masked=True) == "0513-****4567"
    assert Phone().show("400-123-4567", masked=True) == "400-123-4567"
    assert Phone().show("12315", masked=True) == "12315"


def test_设备代码() -> None:
    field = EquipmentCode()
    assert field.clean("3110-3204-8120-1800-0123") == "31103204812018000123"
    assert field.clean("31103204812018000123") == "31103204812018000123"
    assert field.clean("ts-2026 001a") == "TS-2026001A"
    assert field.clean("3.1E+19").code == "code.shortened"
    assert field.clean("31103204812018000000").code == "code.rounded"
    assert field.clean("锅炉一号").code == "equipment_code.unread"


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("sc10632060200001", "SC10632060200001"),
        ("SC 106 3206 0200 001", "SC10632060200001"),
        ("苏xk13-001-00001", "苏XK13-001-00001"),
        ("ＸＫ１６－２０４－０００１", "XK16-204-0001"),
        ("XK16—204—0001", "XK16-204-0001"),
        ("崇市监准[2026]第 1 号", "崇市监准〔2026〕第1号"),
        ("崇市监准（2026）1号", "崇市监准〔2026〕1号"),
        ("许可证编号：JY13206020000001", "JY13206020000001"),
        ("梯11苏F0001【26】", "梯11苏F0001(26)"),
    ],
)
def test_证书编号归一(said: str, number: str) -> None:
    assert LicenceNumber().clean(said) == number


def test_食品生产许可证编号少一位() -> None:
    refusal = LicenceNumber().clean("SC1063206020001")
    assert refusal.code == "licence_number.food"
    assert "13位数字" in refusal.zh
    assert LicenceNumber().clean("许可证").code == "licence_number.unread"
