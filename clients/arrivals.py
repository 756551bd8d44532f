"""Telling people of clients that came to them: one notice for each act, however many clients it moved."""

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import ngettext

from core.templatetags.formats import intdot
from people.models import Notification, User
from people.notifications import notify


def tell(counts: Mapping[int, int], *, by: User | None, url: str = "") -> None:
    """`counts`: how many clients came to each person, by id; `url` leads to them, else the list does."""
    for person in User.objects.filter(pk__in=[pk for pk, count in counts.items() if count]):
        count = counts[person.pk]
        text = ngettext(
            "%(count)s cliente chegou à sua carteira.", "%(count)s clientes chegaram à sua carteira.", count
        ) % {"count": intdot(count)}
        notify(person, Notification.Kind.OWNERSHIP, text, url=url or reverse("portfolio:client_list"), by=by)
