"""A client who wants no surveys: at once, on every channel."""

from django.utils.translation import gettext as _

from clients import consents
from clients.models import Channel, OptOut, Purpose
from nps.models import Invitation


def stop(invitation: Invitation) -> OptOut:
    """Twice changes nothing."""
    reason = _("Pediu pelo endereço da pesquisa")
    return consents.opt_out(invitation.client, channel=Channel.ANY, purpose=Purpose.SURVEY, reason=reason, by=None)
