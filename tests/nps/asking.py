"""Nights of surveys on days that are given, not today."""

import datetime
from typing import Any

from django.utils import timezone

from clients.models import Client, Email, Phone
from contacts.models import ContactLog, ContactOutcome
from nps import asking
from nps.models import Case, Invitation, NpsSettings
from people.models import User
from tests.factories import make_client

DAY = datetime.timedelta(days=1)
# A Tuesday, and the hour of the night.
TUESDAY = datetime.date(2026, 3, 3)
NIGHT = datetime.time(3, 10)
MOBILE = "+5511987654321"


def moment(on: datetime.date, at: datetime.time = NIGHT) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(on, at))


def night(on: datetime.date = TUESDAY, at: datetime.time = NIGHT) -> dict[str, int]:
    return asking.ask(on, now=moment(on, at))


def mailed(name: str, owner: User | None, address: str = "", **fields: Any) -> Client:
    """A client in the active portfolio with an e-mail."""
    fields.setdefault("portfolio_class", "active")
    client = make_client(name, owner=owner, person_type="PF", **fields)
    give_email(client, address or f"c{client.pk}@cliente.example")
    return client


def give_email(client: Client, address: str, **fields: Any) -> Email:
    return Email.objects.create(client=client, address=address, **{"is_primary": True, **fields})


def give_phone(client: Client, e164: str = MOBILE, **fields: Any) -> Phone:
    return Phone.objects.create(client=client, e164=e164, **{"kind": "MOBILE", "is_primary": True, **fields})


def make_case(client: Client, **fields: Any) -> Case:
    return Case.objects.create(client=client, **{"due_on": TUESDAY, **fields})


def make_log(client: Client, by: User, on: datetime.date, **fields: Any) -> ContactLog:
    """The client was spoken to, about something it has."""
    outcome = ContactOutcome.objects.filter(group=fields.pop("group", "reached")).order_by("pk")[0]
    at = moment(on, datetime.time(10))
    return ContactLog.objects.create(client=client, by=by, outcome=outcome, **{"started_at": at, **fields})


def caps(**values: int) -> None:
    """The parameters of an installation whose first days are over, unless said otherwise."""
    NpsSettings.objects.update_or_create(pk=NpsSettings.ONLY, defaults={"first_day": 500, **values})


def invitations() -> Any:
    return Invitation.objects.unscoped(reason="test").order_by("pk")
