"""Every value type by its name: the list that the grammar offers to a book."""

from __future__ import annotations

from zhiheng.kernel.fields.base import FieldType
from zhiheng.kernel.fields.choice import Choice, MultiChoice, YesNo
from zhiheng.kernel.fields.code import EquipmentCode, LicenceNumber, OrganisationCode, Phone, ResidentId
from zhiheng.kernel.fields.day import Day
from zhiheng.kernel.fields.industry import Industry
from zhiheng.kernel.fields.number import DecimalNumber, Integer, Money, Percentage, Quantity
from zhiheng.kernel.fields.party import PartyField
from zhiheng.kernel.fields.place import Division
from zhiheng.kernel.fields.result import Limit, TestResult
from zhiheng.kernel.fields.text import LongText, Text

_TYPES: tuple[type[FieldType], ...] = (
    Text,
    LongText,
    Day,
    DecimalNumber,
    Integer,
    Money,
    Percentage,
    Quantity,
    OrganisationCode,
    ResidentId,
    Phone,
    EquipmentCode,
    LicenceNumber,
    Division,
    Industry,
    Choice,
    MultiChoice,
    YesNo,
    TestResult,
    Limit,
    PartyField,
)

BY_NAME: dict[str, type[FieldType]] = {each.name: each for each in _TYPES}
