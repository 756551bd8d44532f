"""By which ways a client may be reached now: what the legal gate says of each number, and of writing mail."""

import datetime
import re
from typing import Any, Final, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.utils import timezone

from brazil.phones import format_phone, tel_link, whatsapp_link
from clients.models import Client, Phone
from contacts.gate import Verdict, verdict
from contacts.gate_facts import CallablePhone, callable_phones, facts_of, purpose_for, rules_on
from contacts.links import SILENT, log_url
from contacts.models import LogChannel
from people.models import User

_NOT_A_DIGIT: Final = re.compile(r"\D")


class Way(NamedTuple):
    """`href` is empty where the gate is closed; then `blocked` says the rule. `log_url` asks on return how it went."""

    shown: str
    href: str
    blocked: str
    log_url: str


class Number(NamedTuple):
    """One number and its two ways; without WhatsApp the second is None. `mark` finds it on the page."""

    mark: str
    call: Way
    whatsapp: Way | None


class Reach(NamedTuple):
    call: Way | None
    whatsapp: Way | None
    numbers: list[Number]
    mail_blocked: str


def client_with_phones(user: User, pk: int) -> Any:
    """The visible client with its phones by number in its own row, or None."""
    phones = Phone.objects.unscoped(reason="of a visible client").filter(client=OuterRef("pk"))
    keys = ArraySubquery(phones.values(row=JSONObject(pk="pk", e164="e164")))
    return Client.objects.visible_to(user).annotate(phone_keys=keys).filter(pk=pk).first()


def reach_of(client: Any, *, at: datetime.datetime) -> Reach:
    """Of a `client_with_phones`."""
    purpose = purpose_for(client)
    facts, rules = facts_of([client.pk], at=at)[client.pk], rules_on(timezone.localdate(at))
    keys = {row["e164"]: row["pk"] for row in client.phone_keys}
    phones = callable_phones(facts, rules, purpose=purpose, at=at)
    numbers = [_number(client, phone, keys.get(phone.number), purpose) for phone in phones]
    mail = verdict(facts, rules, channel=LogChannel.EMAIL, purpose=purpose, at=at)
    whatsapps = [number.whatsapp for number in numbers if number.whatsapp]
    return Reach(_best([number.call for number in numbers]), _best(whatsapps), numbers, mail.text)


def _best(ways: list[Way]) -> Way | None:
    """The first that is open, else the first with its reason."""
    return next((way for way in ways if way.href), ways[0] if ways else None)


def _number(client: Client, phone: CallablePhone, key: int | None, purpose: str) -> Number:
    shown = format_phone(phone.number)

    def way(channel: str, said: Verdict, link: str) -> Way:
        url = log_url(client.pk, channel=channel, phone=key, purpose=purpose)
        return Way(shown, link if said.allowed else "", said.text, url)

    takes_whatsapp = phone.whatsapp.rule not in SILENT
    return Number(
        mark_of(phone.number),
        way(LogChannel.CALL, phone.call, tel_link(phone.number)),
        way(LogChannel.WHATSAPP, phone.whatsapp, whatsapp_link(phone.number)) if takes_whatsapp else None,
    )


def mark_of(e164: str) -> str:
    return f"tel-{_NOT_A_DIGIT.sub('', e164)}"
