"""Putting a client off: it stays out of every agenda before a day. The newest counts; undoing leaves a trace."""

import datetime

from django.db import transaction
from django.utils import timezone

from clients.models import Client
from people import activity
from people.models import User
from portfolio.models import Postponement


@transaction.atomic
def put_off(client: Client, *, until: datetime.date, by: User) -> Postponement:
    made = Postponement.objects.create(client=client, until_on=until, by=by)
    activity.record("postponed", client, by=by, until=until.isoformat())
    return made


@transaction.atomic
def undo(postponement: Postponement, *, by: User) -> None:
    """Undoing twice changes nothing."""
    open_ones = Postponement.objects.unscoped(reason="the one in hand").filter(pk=postponement.pk, undone_at=None)
    if open_ones.update(undone_at=timezone.now()):
        activity.record("postponement_undone", postponement.client, by=by)
