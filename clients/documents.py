"""Reading a whole CPF or CNPJ: a logged act, with a limit per hour."""

import datetime

from django.db import transaction
from django.utils import timezone

from brazil.documents import format_document
from clients.models import Client
from people import activity
from people.models import Activity, User

REVEALS_PER_HOUR = 100
REVEALED = "document_revealed"


class TooManyRevealsError(Exception):
    """The person has read more documents in the last hour than work asks for."""


@transaction.atomic
def reveal(client: Client, *, by: User) -> str:
    """The document with its mask of punctuation; who read it is written down first."""
    since = timezone.now() - datetime.timedelta(hours=1)
    if Activity.objects.filter(by=by, verb=REVEALED, at__gte=since).count() >= REVEALS_PER_HOUR:
        raise TooManyRevealsError
    activity.record(REVEALED, client, by=by)
    return format_document(client.document)
