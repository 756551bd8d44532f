"""Whom a client introduces: a prospect of the same owner, credited to who introduced it (DOMAIN 4)."""

from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from brazil.phones import PhoneNumber
from clients import versions
from clients.models import Client, Email, Phone
from clients.registration import FirstContact, Profile, register
from nps.models import Answer, Group, Referral
from people import notifications
from people.models import Notification

MOST: Final = 5
WHOSE: Final = "somebody introduced may be anybody's client"


class TooManyError(Exception):
    """This answer has introduced as many people as it may."""


def may_refer(answer: Answer) -> bool:
    """Promoters, and none whom nobody knows: there would be nobody to credit."""
    return answer.client_id is not None and answer.group == Group.PROMOTER


@transaction.atomic
def refer(answer: Answer, *, name: str, phone: PhoneNumber, email: str = "") -> Referral:
    """The same number again is the same introduction. Raises TooManyError.

    Who is a client already, of whomever, becomes no prospect; the owner hears of it, and whoever introduces hears
    nothing.
    """
    if answer.client_id is None:
        raise ValueError(answer)
    client = versions.lock(answer.client_id)
    if known := answer.referrals.filter(phone=phone.e164).first():
        return known
    if answer.referrals.count() >= MOST:
        raise TooManyError
    prospect = _prospect(answer, client, name, FirstContact(phones=(phone,), email=email))
    _tell(client, name, prospect)
    return Referral.objects.create(
        client=client, answer=answer, prospect=prospect, name=name, phone=phone.e164, email=email
    )


def _prospect(answer: Answer, client: Client, name: str, contact: FirstContact) -> Client | None:
    """None when somebody is there who is reached so, in whatever portfolio and under whatever name: a second record
    would not know that the first one died or wants no contact."""
    if _is_known(contact):
        return None
    owner = client.owner if client.owner and client.owner.is_active else None
    profile = Profile(name=name, source=_("Indicação"))
    return register(profile, by=owner or answer.survey.created_by, owner=owner, contact=contact, confirmed=True)


def _is_known(contact: FirstContact) -> bool:
    phones, emails = Phone.objects.unscoped(reason=WHOSE), Email.objects.unscoped(reason=WHOSE)
    if phones.filter(e164__in=[number.e164 for number in contact.phones]).exists():
        return True
    return bool(contact.email) and emails.filter(address=contact.email).exists()


def _tell(client: Client, friend: str, prospect: Client | None) -> None:
    if client.owner is None:
        return
    text = _("%(client)s indicou %(friend)s.")
    if prospect is None:
        text = _("%(client)s indicou %(friend)s, com telefone ou e-mail que já está no cadastro.")
    url = (prospect or client).get_absolute_url()
    said = text % {"client": client.display_name, "friend": friend}
    notifications.notify(client.owner, Notification.Kind.OWNERSHIP, said, url=url)
