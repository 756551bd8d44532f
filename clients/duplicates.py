"""Whether a client being typed is already there (RELIABILITY T4, DOMAIN 1.7).

Of a colleague's client only the owner's name is told; each hit is logged, and too many in an hour end it.
"""

import datetime
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from brazil.names import are_similar
from clients.models import Client
from people import activity
from people.models import Activity, User

HITS_PER_HOUR = 30
HIT = "duplicate_document_hit"
MOST_SIMILAR = 5


class DuplicateDocumentError(Exception):
    """`holder` has the document already. Its content is for `tell` to weigh, not for the screen."""

    def __init__(self, holder: Client) -> None:
        super().__init__(f"client {holder.pk}")
        self.holder = holder


class SimilarClientsError(Exception):
    """Visible clients with the same phone or e-mail and nearly the same name."""

    def __init__(self, clients: list[Client]) -> None:
        super().__init__(f"{len(clients)} clients")
        self.clients = clients


class TooManyHitsError(Exception):
    """The person has met too many documents of other portfolios in the last hour."""


@dataclass(frozen=True)
class Told:
    """What a person may know about the holder of a document: the client when visible, else who owns it."""

    text: str
    client: Client | None = None


def holder_of(document: str, *, besides: int | None = None) -> Client | None:
    if not document:
        return None
    everyone = Client.objects.unscoped(reason="a document is unique over all portfolios")
    return everyone.filter(document=document).exclude(pk__in=[besides] if besides else []).first()


def tell(holder: Client, *, by: User) -> Told:
    """Logs the hit when the holder is hidden from `by`, and says no more than its owner's name."""
    seen = Client.objects.visible_to(by).filter(pk=holder.pk).first()
    if seen is not None:
        return Told(_("Este documento já existe: %(name)s.") % {"name": seen.display_name}, seen)
    require_quota(by=by)
    activity.record(HIT, holder, by=by)
    if holder.owner is None:
        return Told(_("Este documento já existe, sem responsável. Peça a sua liderança para distribuir."))
    return Told(_("Este documento já existe, com %(owner)s.") % {"owner": holder.owner.name})


def require_quota(*, by: User) -> None:
    """Refuses before looking, so that the refusal does not tell whether the document exists."""
    since = timezone.now() - datetime.timedelta(hours=1)
    if Activity.objects.filter(by=by, verb=HIT, at__gte=since).count() >= HITS_PER_HOUR:
        raise TooManyHitsError


def similar_clients(name: str, *, phones: Collection[str], emails: Collection[str], by: User) -> list[Client]:
    """Visible clients that share a phone or an e-mail and have nearly the same name."""
    same = Q(phones__e164__in=[*phones]) | Q(emails__address__in=[*emails])
    if not (name and (phones or emails)):
        return []
    sharing = Client.objects.visible_to(by).filter(same).distinct().order_by("pk")
    return [client for client in sharing[:50] if are_similar(name, client.name)][:MOST_SIMILAR]
