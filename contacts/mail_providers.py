"""Providers that tell what became of the mails they carried, and what their words mean here.

Anymail checks who speaks and reads the post; no mail leaves through it. Here are those that post JSON and prove
themselves by a name and a password in the address, or by a signature, without a further package.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from anymail.signals import AnymailTrackingEvent, EventType
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.module_loading import import_string


class MailEvent(StrEnum):
    """What changes something; that a mail arrived, was opened or waits does not."""

    GONE = "gone"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True)
class MailReport:
    event: MailEvent
    address: str
    # Ours, from a provider that keeps it; else its own, which names nothing here.
    message_id: str = ""


@dataclass(frozen=True)
class Provider:
    reader: str
    # Anymail calls bounces that pass bounces too: where the provider itself says how a mail bounced, and its words for
    # "for good".
    where: tuple[str, ...]
    for_good: frozenset[Any]
    # The setting of Anymail that holds the key of its signature; "" for a name and a password alone.
    key: str = ""
    # Whether what it signs is not the post itself: then the name and the password are asked as well.
    signs_little: bool = False


PROVIDERS: Final = {
    "brevo": Provider("brevo.Brevo", ("event",), frozenset({"hard_bounce", "invalid_email"})),
    "mailersend": Provider(
        "mailersend.MailerSend", ("data", "type"), frozenset({"hard_bounced"}), "MAILERSEND_SIGNING_SECRET"
    ),
    "mailgun": Provider(
        "mailgun.Mailgun",
        ("event-data", "reason"),
        frozenset({"bounce", "suppress-bounce"}),
        "MAILGUN_WEBHOOK_SIGNING_KEY",
        signs_little=True,
    ),
    "mailjet": Provider("mailjet.Mailjet", ("hard_bounce",), frozenset({True})),
    "mailtrap": Provider("mailtrap.Mailtrap", ("event",), frozenset({"bounce"}), "MAILTRAP_TRACKING_SECRET"),
    "postmark": Provider("postmark.Postmark", ("Type",), frozenset({"HardBounce", "BadEmailAddress"})),
    # Its classes: 10 invalid recipient, 30 no such recipient.
    "sparkpost": Provider("sparkpost.SparkPost", ("msys", "message_event", "bounce_class"), frozenset({"10", "30"})),
}
NOT_DELIVERED: Final = (EventType.BOUNCED, EventType.REJECTED)
# Postmark's word for what a filter, and no client, took for spam.
FILTERED: Final = "SpamNotification"
SHORTEST_PASSWORD: Final = 16


class UnprovenError(Exception):
    """Whoever posted this is not the provider."""


class UnreadableError(Exception):
    """The provider posted what it does not document."""


def proofs(name: str, *, secret: str, key: str) -> dict[str, str]:
    """Anymail's settings for the provider called `name`; raises ImproperlyConfigured for wrong or half ones."""
    if not name:
        _require(not (secret or key), "MAIL_REPORTS must name the provider whose secret or key is set.")
        return {}
    _require(name in PROVIDERS, f"MAIL_REPORTS must be one of {', '.join(PROVIDERS)}, not {name!r}.")
    provider, found = PROVIDERS[name], {}
    if provider.key:
        _require(bool(key) and key.isascii(), f"{name} signs: MAIL_REPORTS_KEY must be its key.")
        found[provider.key] = key
    else:
        _require(not key, f"{name} does not sign: MAIL_REPORTS_KEY must be empty.")
    if provider.signs_little or not provider.key:
        person, _, password = secret.partition(":")
        form = f"name:password, the password of {SHORTEST_PASSWORD} characters or more"
        is_pair = bool(person) and len(password) >= SHORTEST_PASSWORD
        _require(is_pair, f"MAIL_REPORTS_SECRET of {name} must be {form}.")
        found["WEBHOOK_SECRET"] = secret
    else:
        _require(not secret, f"{name} signs what it posts: MAIL_REPORTS_SECRET must be empty.")
    return found


def _require(fits: bool, sentence: str) -> None:
    if not fits:
        raise ImproperlyConfigured(sentence)


def read(request: HttpRequest) -> list[MailReport]:
    """What the provider of the settings tells. Raises UnprovenError or UnreadableError."""
    provider = PROVIDERS[settings.MAIL_REPORTS]
    reader = import_string(f"anymail.webhooks.{provider.reader}TrackingWebhookView")()
    try:
        reader.run_validators(request)
    except Exception as error:  # Whatever a forged post makes it stumble over, it proves nothing.
        raise UnprovenError from error
    try:
        told = [_report(event, provider) for event in reader.parse_events(request)]
    except Exception as error:
        raise UnreadableError(type(error).__name__) from error
    return [report for report in told if report is not None]


def _report(event: AnymailTrackingEvent, provider: Provider) -> MailReport | None:
    meaning = _meaning(event.event_type, _own_word(event.esp_event, provider.where), provider)
    if meaning is None or not event.recipient:
        return None
    if not isinstance(event.recipient, str):
        raise TypeError
    return MailReport(meaning, event.recipient, event.message_id if isinstance(event.message_id, str) else "")


def _meaning(kind: str, word: Any, provider: Provider) -> MailEvent | None:
    if kind == EventType.COMPLAINED and word != FILTERED:
        return MailEvent.COMPLAINED
    if kind == EventType.UNSUBSCRIBED:
        return MailEvent.UNSUBSCRIBED
    return MailEvent.GONE if kind in NOT_DELIVERED and word in provider.for_good else None


def _own_word(said: Any, where: tuple[str, ...]) -> Any:
    for name in where:
        said = said.get(name) if isinstance(said, Mapping) else None
    return said
