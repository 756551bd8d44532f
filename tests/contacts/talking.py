"""Contacts of the tests: a client with two phones, and logs of any outcome."""

import datetime
from typing import Any

from django.utils import timezone

from clients.models import Client, Phone
from contacts import logs, promises
from contacts.models import ContactLog, ContactOutcome, ContactSettings, Task
from people.models import User
from tests.factories import make_client

MOBILE, LANDLINE = "+5511987654321", "+551133334444"


def make_ana(owner: User | None) -> Client:
    client = make_client("Ana", owner=owner)
    Phone.objects.create(client=client, e164=MOBILE, kind="MOBILE", is_primary=True)
    Phone.objects.create(client=client, e164=LANDLINE, kind="LANDLINE")
    return client


def outcome(code: str) -> ContactOutcome:
    return ContactOutcome.objects.get(code=code)


def log_of(client: Client, by: User, code: str = "interested", **said: Any) -> ContactLog:
    said.setdefault("channel", "call")
    return logs.record(client, by=by, outcome=outcome(code), **said)


def task_of(client: Client, by: User, *, days: int = 0, **said: Any) -> Task:
    day = timezone.localdate() + datetime.timedelta(days=days)
    return promises.promise(client, by=by, title="Enviar o carnê", due_on=day, **said)


def callback_of(client: Client, by: User, *, days: int = 0, **said: Any) -> Task:
    return task_of(client, by, days=days, kind=Task.Kind.CALLBACK, **said)


def close_window(log: ContactLog) -> ContactLog:
    log.created_at = timezone.now() - datetime.timedelta(hours=ContactSettings().edit_hours, seconds=1)
    log.save(update_fields=["created_at"])
    return log
