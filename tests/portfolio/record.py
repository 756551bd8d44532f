"""What the tests of a client's page ask and write down."""

import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from clients.models import Client, Phone
from contacts import logs
from contacts.models import ContactLog, ContactOutcome, ContactPlan, PlanStep
from people.models import User
from portfolio.timeline.entry import Entry, Rank
from tests.factories import browser_of, make_client

HTMX = {"HX-Request": "true"}


def make_bakery(owner: User) -> Client:
    client = make_client("Padaria Aurora", owner=owner, uf="SC")
    Phone.objects.create(client=client, e164="+5547999120456", kind=Phone.Kind.MOBILE, is_primary=True)
    return client


def outcome(code: str) -> ContactOutcome:
    return ContactOutcome.objects.get(code=code)


def said(client: Client, by: User, code: str = "interested", **more: Any) -> ContactLog:
    return logs.record(client, by=by, channel=more.pop("channel", "call"), outcome=outcome(code), **more)


def grown_old(log: ContactLog) -> None:
    """Past the edit window."""
    old = timezone.now() - datetime.timedelta(days=3)
    ContactLog.objects.unscoped(reason="test").filter(pk=log.pk).update(created_at=old)


def page_of(client: Client, user: User, **query: str) -> Any:
    return browser_of(user).get(reverse("portfolio:client_detail", args=[client.pk]), query)


def entries_of(client: Client, user: User, **query: str) -> list[Entry]:
    found: list[Entry] = page_of(client, user, **query).context["entries"]
    return found


def entry_of(client: Client, user: User, rank: Rank) -> Entry:
    return next(entry for entry in entries_of(client, user) if entry.rank == rank)


def make_plan(**fields: Any) -> ContactPlan:
    plan = ContactPlan.objects.create(name="Acompanhar", **fields)
    PlanStep.objects.create(plan=plan, position=1, offset_days=0, title="Perguntar como vai")
    return plan
