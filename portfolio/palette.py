"""What the command palette finds: a few clients by what is typed or by id, and what may be done with one of them."""

import datetime
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db.models import Case, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brazil.names import folded
from brazil.phones import format_phone, tel_link
from clients import search
from clients.models import Client, ClientQuerySet
from clients.models.client import PersonType
from contacts import gate_facts, links
from contacts.models import LogChannel
from people.models import User
from people.roles import Permission
from portfolio import rows
from portfolio.rows import ClientRow

SHORTEST, LONGEST = 2, 80
MOST_SHOWN = 8
RECENT = 5
# Of a frequent word this many hits are put in order, not the whole table.
MOST_SORTED = 200
# The index of the search knows pieces of three letters; two are taken as the beginning of the name.
PIECE = 3


@dataclass(frozen=True)
class Hit:
    row: ClientRow
    icon: str


@dataclass(frozen=True)
class Act:
    """`dialog` opens in place; an act without `url` says in `why` which rule forbids it. `log_url` asks on return how
    a call went."""

    name: str
    icon: str
    label: str
    url: str = ""
    dialog: bool = False
    key: str = ""
    why: str = ""
    log_url: str = ""


def found(user: User, text: str) -> list[Hit]:
    """The visible clients in which all that is typed is found, names that begin so first."""
    text = text.strip()[:LONGEST]
    if len(text) < SHORTEST:
        return []
    key = folded(text)
    begins = Case(When(name_key__startswith=key, then=Value(0)), default=Value(1))
    some = _matching(Client.objects.visible_to(user), text, key).order_by().values("pk")[:MOST_SORTED]
    best = Client.objects.visible_to(user).filter(pk__in=some).order_by(begins, "name_key", "pk")
    return _hits(best[:MOST_SHOWN])


def _matching(clients: ClientQuerySet, text: str, key: str) -> ClientQuerySet:
    return clients.filter(name_key__startswith=key) if len(key) < PIECE else search.matching(clients, text)


def recent(user: User, ids: Collection[int]) -> list[Hit]:
    """Those of these clients that are visible, in the order given."""
    hits = {hit.row.pk: hit for hit in _hits(Client.objects.visible_to(user).filter(pk__in=list(ids)[:RECENT]))}
    return [hits[pk] for pk in ids if pk in hits]


def _hits(clients: ClientQuerySet) -> list[Hit]:
    types = dict(clients.values_list("pk", "person_type"))
    shown = rows.rows_for(list(types), on=timezone.localdate())
    return [Hit(row, "building" if types[row.pk] == PersonType.COMPANY else "user") for row in shown]


@dataclass(frozen=True)
class Dialog:
    """An act that opens the form of another screen."""

    view: str
    icon: str
    label: Promise | str
    permission: Permission
    key: str = ""


REGISTER = Dialog(
    "contacts:log_create", "phone-check", gettext_lazy("Registrar contato com %s"), Permission.CONTACT, "R"
)
WRITE = Dialog("contacts:message_compose", "brand-whatsapp", gettext_lazy("Escrever para %s"), Permission.CONTACT, "W")
SELL = Dialog("contracts:purchase_create", "briefcase", gettext_lazy("Registrar venda"), Permission.SELL)
PLAN = Dialog("contacts:task_create", "calendar-plus", gettext_lazy("Nova tarefa"), Permission.CONTACT)


def acts(user: User, client: Client, *, at: datetime.datetime) -> list[Act]:
    """What this person may do with this client now; the gate decides on the call."""
    return [
        Act("open", "address-book", _("Abrir a ficha"), client.get_absolute_url()),
        *_dialogs(user, client, REGISTER),
        *(_call(client, at=at) if user.may(Permission.CONTACT) else ()),
        *_dialogs(user, client, WRITE, SELL, PLAN),
    ]


def _dialogs(user: User, client: Client, *dialogs: Dialog) -> Iterator[Act]:
    first = client.display_name.split(" ", 1)[0]
    for one in dialogs:
        if user.may(one.permission):
            label = str(one.label).replace("%s", first)
            yield Act(one.view, one.icon, label, reverse(one.view, args=[client.pk]), dialog=True, key=one.key)


def _call(client: Client, *, at: datetime.datetime) -> Iterator[Act]:
    """The first number that may be called now, else why the first of all may not."""
    facts = gate_facts.facts_of([client.pk], at=at)[client.pk]
    rules = gate_facts.rules_on(timezone.localdate(at))
    purpose = gate_facts.purpose_for(client)
    phones = gate_facts.callable_phones(facts, rules, purpose=purpose, at=at)
    if not phones:
        return
    phone = next((phone for phone in phones if phone.call.allowed), phones[0])
    number = _("Ligar para %(number)s") % {"number": format_phone(phone.number)}
    if phone.call.allowed:
        key = client.phones.filter(e164=phone.number).values_list("pk", flat=True).first()
        log_url = links.log_url(client.pk, channel=LogChannel.CALL, phone=key, purpose=purpose)
        yield Act("call", "phone", number, tel_link(phone.number), key="L", log_url=log_url)
    else:
        yield Act("call", "phone-off", number, why=phone.call.text)
