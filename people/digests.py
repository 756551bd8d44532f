"""Who wants the daily mail, and the address in it that stops it without a login."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from people import activity
from people.models import User

_SALT = "people.digests"


def stop_url(user: User) -> str:
    return f"{settings.SITE_URL}{reverse('people:digest_stop', args=[signing.dumps(user.pk, salt=_SALT)])}"


def person_of(token: str) -> User | None:
    """Whose mail the address was in; None for one that we did not sign."""
    try:
        return User.objects.filter(pk=signing.loads(token, salt=_SALT)).first()
    except signing.BadSignature:
        return None


def stop(user: User) -> None:
    if User.objects.filter(pk=user.pk, wants_digest=True).update(wants_digest=False):
        activity.record("digest_stopped", user, by=user)
