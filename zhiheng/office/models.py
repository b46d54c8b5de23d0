"""Tables of the office, one file for each kind of work."""

from zhiheng.office.case_batches import CaseBatch, CaseOfBatch
from zhiheng.office.case_facts import CaseFact, CaseFactDecision, CaseFactWatch
from zhiheng.office.cases import (
    Case,
    CaseAttachment,
    CaseDocument,
    CaseDraft,
    CaseDuty,
    CaseEvent,
    CaseHandIn,
    CaseLink,
    CasePartyRow,
    CaseProposal,
    CaseStandingRow,
)
from zhiheng.office.consents import Consent, CreditRead
from zhiheng.office.extracts import Extract
from zhiheng.office.grades import StoredGrade
from zhiheng.office.headings import HeadingProposal
from zhiheng.office.measurements import LotSeries, MeasurementSet, SampledLot
from zhiheng.office.objections import Objection
from zhiheng.office.outbox import Message, MessageRecipient
from zhiheng.office.publication import PublicationMark, PublicationRequest
from zhiheng.office.queue import DailyWork, TaskProgress, Worker
from zhiheng.office.sealed import CaseSeal, Custodian, SealOpening, SealShare
from zhiheng.office.undertakings import Signature
from zhiheng.office.uploads import Upload
from zhiheng.office.warnings import WarningSignal
from zhiheng.office.webhooks import WebHook, WebHookCall

__all__ = [
    "Case",
    "CaseAttachment",
    "CaseBatch",
    "CaseDocument",
    "CaseDraft",
    "CaseDuty",
    "CaseEvent",
    "CaseFact",
    "CaseFactDecision",
    "CaseFactWatch",
    "CaseHandIn",
    "CaseLink",
    "CaseOfBatch",
    "CasePartyRow",
    "CaseProposal",
    "CaseSeal",
    "CaseStandingRow",
    "Consent",
    "CreditRead",
    "Custodian",
    "DailyWork",
    "Extract",
    "HeadingProposal",
    "LotSeries",
    "MeasurementSet",
    "Message",
    "MessageRecipient",
    "Objection",
    "PublicationMark",
    "PublicationRequest",
    "SampledLot",
    "SealOpening",
    "SealShare",
    "Signature",
    "StoredGrade",
    "TaskProgress",
    "Upload",
    "WarningSignal",
    "WebHook",
    "WebHookCall",
    "Worker",
]
