"""Contacts made and planned, the words used, and the rules that say when they may be."""

from contacts.models.log import (
    Attachment,
    ClientNote,
    Consequence,
    ContactLog,
    ContactOutcome,
    Direction,
    LogChannel,
    OutcomeGroup,
)
from contacts.models.message import CallScript, MessageChannel, MessageTemplate, ScriptBlock
from contacts.models.plan import ContactPlan, PlanMembership, PlanStep
from contacts.models.pulse import ContactPulse
from contacts.models.rules import (
    BlockedNumber,
    BlockList,
    ContactHours,
    ContactSettings,
    KeptOptOut,
    KeptSalt,
    LocalHoliday,
)
from contacts.models.task import Task

__all__ = [
    "Attachment",
    "BlockList",
    "BlockedNumber",
    "CallScript",
    "ClientNote",
    "Consequence",
    "ContactHours",
    "ContactLog",
    "ContactOutcome",
    "ContactPlan",
    "ContactPulse",
    "ContactSettings",
    "Direction",
    "KeptOptOut",
    "KeptSalt",
    "LocalHoliday",
    "LogChannel",
    "MessageChannel",
    "MessageTemplate",
    "OutcomeGroup",
    "PlanMembership",
    "PlanStep",
    "ScriptBlock",
    "Task",
]
