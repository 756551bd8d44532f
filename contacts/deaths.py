"""A death that was written down by mistake, taken back by who leads once the contact itself stands."""

from django.db import transaction
from django.utils.translation import gettext as _

from brazil.names import folded
from clients import versions
from clients.models import Client
from contacts import kept, notes
from contacts.consequences import THIS_CHANNEL
from contacts.models import Consequence
from people import activity
from people.models import User


class NotDeceasedError(Exception):
    """Nobody said so, or it was taken back already."""


@transaction.atomic
def take_back(client: Client, *, by: User, reason: str) -> None:
    """The client lives: its day and the refusals that the death wrote go, those that were asked for stay.

    The contact stays as what was said; a note beside it tells why. Tasks and plans that it ended do not come back.
    """
    locked = versions.lock(client.pk)
    if locked.deceased_on is None:
        raise NotDeceasedError
    wishes = _written(locked)
    kept.forget(wishes)
    locked.opt_outs.filter(pk__in=wishes).delete()
    locked.deceased_on = None
    locked.save(update_fields=["deceased_on"])
    text = _("Registro de falecimento retirado: %(reason)s") % {"reason": reason}
    notes.create(locked, text=text, by=by, is_highlight=True)
    activity.record("death_taken_back", locked, by=by, opt_outs=len(wishes))


def _written(client: Client) -> list[int]:
    """The opt-outs that contacts which told the death have added; none where another contact asked for the same."""
    told = client.contact_logs.filter(undone_at=None)
    asked = told.filter(outcome__consequence=Consequence.OPT_OUT).values_list("detail", flat=True)
    if any(folded(detail) != THIS_CHANNEL for detail in asked):
        return []
    deaths = told.filter(outcome__consequence=Consequence.DECEASED)
    return [pk for log in deaths for kind, pk in log.effects.get("added", []) if kind == "opt_out"]
