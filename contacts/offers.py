"""The address in an offer by mail that stops offers without a login (RFC 8058): a signed contact, nothing else."""

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from clients import consents
from clients.models import Channel, Purpose
from contacts.models import ContactLog

_SALT = "contacts.offers"


def stop_url(log: ContactLog) -> str:
    return f"{settings.SITE_URL}{reverse('contacts:offer_stop', args=[signing.dumps(log.pk, salt=_SALT)])}"


def log_of(token: str) -> ContactLog | None:
    """The contact whose mail the address was in; None for one that we did not sign, or a client that is gone."""
    try:
        pk = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    logged = ContactLog.objects.unscoped(reason="named by an address that we signed").select_related("client", "by")
    return logged.filter(pk=pk).first()


def stop(log: ContactLog) -> None:
    """No more offers by mail to the client, who says so itself."""
    reason = _("Pediu pelo endereço no e-mail")
    consents.opt_out(log.client, channel=Channel.EMAIL, purpose=Purpose.OFFER, reason=reason, by=None)
