"""Ways a message or a call can leave without the seller's own phone: WhatsApp Business, telephony. None is required.

`CONTACT_ADAPTERS` in the settings names a class per channel; without one the contact is made by hand, through links
that open the phone or WhatsApp (docs/contacts.md). Callers pass the legal gate before they ask an adapter for anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Protocol, runtime_checkable
from urllib.parse import quote

from django.conf import settings
from django.utils.module_loading import import_string

from brazil.phones import tel_link, whatsapp_link
from contacts.models import LogChannel


class DeliveryState(StrEnum):
    """What a provider tells later about something it took."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    READ = "read"
    ANSWERED = "answered"
    FAILED = "failed"


@dataclass(frozen=True)
class Handover:
    """Either `link`, which the seller opens, or `reference`, by which the provider will tell what became of it."""

    link: str = ""
    reference: str = ""

    @property
    def is_by_hand(self) -> bool:
        return bool(self.link)


@dataclass(frozen=True)
class StatusReport:
    """One status callback. `text` is the client's answer, for `contacts.wording.means_stop`."""

    # The provider's own, as in its `Handover`, or the key it was given.
    reference: str
    state: DeliveryState
    text: str = ""


class RefusedError(Exception):
    """The provider will not take this: the message has not left and never will."""


class AwayError(Exception):
    """The provider could not be reached: the message has not left and may be tried again.

    Whatever else an adapter raises means that nobody knows.
    """


class MessageAdapter(Protocol):
    """A provider of WhatsApp or SMS. `key` is the same in every try: it must send one message for one key."""

    def send_text(self, number: str, text: str, *, key: str) -> Handover: ...


class CallAdapter(Protocol):
    """A telephone system that rings the seller first and then the client."""

    def start_call(self, number: str, *, extension: str, key: str) -> Handover: ...


@runtime_checkable
class ReportsStatus(Protocol):
    """An adapter whose provider calls back. Raises ValueError unless the signature of the request is right."""

    def read_callback(self, body: bytes, headers: Mapping[str, str]) -> list[StatusReport]: ...


class ByHand:
    """Links: `wa.me`, `sms:` and `tel:`. Nothing leaves before the seller presses send."""

    def __init__(self, channel: str) -> None:
        self.channel = channel

    def send_text(self, number: str, text: str, *, key: str) -> Handover:
        if self.channel == LogChannel.SMS:
            return Handover(link=sms_link(number, text))
        return Handover(link=whatsapp_link(number, text))

    def start_call(self, number: str, *, extension: str, key: str) -> Handover:
        return Handover(link=tel_link(number))


def sms_link(number: str, text: str) -> str:
    return f"sms:{number}?body={quote(text, safe='')}"


@cache
def _adapter(channel: str, path: str) -> Any:
    return import_string(path)() if path else ByHand(channel)


def is_configured(channel: str) -> bool:
    """Whether a provider stands in for the seller's own phone."""
    return bool(settings.CONTACT_ADAPTERS.get(channel))


def messages_by(channel: str) -> MessageAdapter:
    """The adapter of WhatsApp or SMS."""
    adapter: MessageAdapter = _adapter(channel, settings.CONTACT_ADAPTERS.get(channel, ""))
    return adapter


def reports_of(channel: str) -> ReportsStatus | None:
    """The adapter of the channel, where its provider calls back."""
    adapter = messages_by(channel)
    return adapter if isinstance(adapter, ReportsStatus) else None


def calls() -> CallAdapter:
    channel = LogChannel.CALL.value
    adapter: CallAdapter = _adapter(channel, settings.CONTACT_ADAPTERS.get(channel, ""))
    return adapter
