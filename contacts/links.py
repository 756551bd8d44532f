"""The links a client may be reached by, as the legal gate sees them: a number to tap, or the rule that closes it."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.http import urlencode

from brazil.phones import format_phone, tel_link, whatsapp_link
from clients.models import Client
from contacts.adapters import is_configured
from contacts.gate import Verdict
from contacts.gate_facts import callable_phones, facts_of, purpose_for, rules_on
from contacts.models import LogChannel
from core.addresses import address
from core.models import new_form_key

# A landline without WhatsApp is no refusal worth a sentence, nor is the same sentence twice.
SILENT = ("no_whatsapp",)


@dataclass(frozen=True)
class Link:
    """`href` is empty where the gate is closed; then `blocked` says the rule. `log_url` asks on return how it went.

    `ring` are the fields of a call through the telephone system, where one is configured.
    """

    channel: str
    shown: str
    href: str = ""
    blocked: str = ""
    log_url: str = ""
    ring: Mapping[str, Any] | None = None


def of_client(client: Client, *, purpose: str = "", at: datetime.datetime | None = None) -> list[Link]:
    """A call and, where the number takes it, WhatsApp for each phone. The purpose unsaid is the client's usual one."""
    at = at or timezone.now()
    purpose = purpose or purpose_for(client)
    facts, rules = facts_of([client.pk], at=at)[client.pk], rules_on(timezone.localdate(at))
    keys = dict(client.phones.values_list("e164", "pk"))
    found = []
    for phone in callable_phones(facts, rules, purpose=purpose, at=at):
        for channel, said in ((LogChannel.CALL, phone.call), (LogChannel.WHATSAPP, phone.whatsapp)):
            if channel == LogChannel.WHATSAPP and (said.rule in SILENT or said.text == phone.call.text != ""):
                continue
            found.append(_link(client.pk, channel, phone.number, said, key=keys.get(phone.number), purpose=purpose))
    return found


def _link(client_pk: int, channel: str, number: str, said: Verdict, *, key: int | None, purpose: str) -> Link:
    shown = format_phone(number)
    if not said.allowed:
        return Link(channel, shown, blocked=said.text)
    url = log_url(client_pk, channel=channel, phone=key, purpose=purpose)
    if channel == LogChannel.WHATSAPP:
        return Link(channel, shown, whatsapp_link(number), log_url=url)
    ring = {"phone": key, "purpose": purpose, "form_key": new_form_key()} if key and is_configured(channel) else None
    return Link(channel, shown, tel_link(number), log_url=url, ring=ring)


def log_url(client_pk: int, *, channel: str, phone: int | None = None, purpose: str = "", **more: int | str) -> str:
    """The dialog that asks how it went. Addresses carry ids, never a number or a name."""
    said: dict[str, int | str | None] = {"canal": channel, "telefone": phone, "finalidade": purpose, **more, "volta": 1}
    query = urlencode({name: value for name, value in said.items() if value})
    return f"{address('contacts:log_create', client_pk)}?{query}"
