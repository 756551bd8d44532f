"""The mail of the morning: what waits for a person today. One a day at most, none when there is nothing to say.

It holds numbers alone: no client is named outside the program.
"""

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Count, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs import outbox
from people import digests, notifications
from people.models import Notification, User
from portfolio.models import AgendaLine

KIND = "digest"
SECTIONS = AgendaLine.Section


@dataclass(frozen=True)
class News:
    """What there is to say: open lines of the day per section, unread notices per kind."""

    sections: dict[str, int]
    notices: dict[str, int]

    @property
    def contacts(self) -> int:
        return sum(self.sections.values())

    @property
    def unread(self) -> int:
        return sum(self.notices.values())

    def __bool__(self) -> bool:
        return bool(self.contacts or self.unread)


def readers() -> QuerySet[User]:
    return User.objects.filter(is_active=True, wants_digest=True).order_by("pk")


def news_for(user: User, *, on: datetime.date) -> News:
    lines = AgendaLine.objects.visible_to(user).filter(day__user=user, day__on=on, state=AgendaLine.State.OPEN)
    counted = lines.order_by().values_list("section").annotate(Count("pk"))
    waiting = notifications.waiting(user, on=on).order_by().values_list("kind").annotate(Count("pk"))
    return News(dict(counted), dict(waiting))


@transaction.atomic
def put(user: User, *, on: datetime.date) -> bool:
    """Hands the mail of the day over to be sent; asking twice sends one. False when there is nothing to say."""
    news = news_for(user, on=on)
    if not news:
        return False
    outbox.put(
        KIND,
        key=f"{KIND}:{on.isoformat()}:{user.pk}",
        to=user.email,
        subject=subject_of(news),
        body=body_of(user, news, on=on),
        headers={
            "List-Unsubscribe": f"<{digests.stop_url(user)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    notifications.waiting(user, on=on).update(digested_on=on)
    return True


def subject_of(news: News) -> str:
    contacts = ngettext("%(count)s contato", "%(count)s contatos", news.contacts) % {"count": news.contacts}
    unread = ngettext("%(count)s aviso", "%(count)s avisos", news.unread) % {"count": news.unread}
    told = [text for text, count in ((contacts, news.contacts), (unread, news.unread)) if count]
    return _("Seu dia no Carteira: %(told)s") % {"told": _(" e ").join(told)}


def body_of(user: User, news: News, *, on: datetime.date) -> str:
    context = {
        "name": user.first_name,
        "day": date_format(on, _("l, j \\d\\e F")).lower(),
        "sections": [(label, news.sections[word]) for word, label in SECTIONS.choices if word in news.sections],
        "notices": [(label, news.notices[word]) for word, label in Notification.Kind.choices if word in news.notices],
        "day_url": f"{settings.SITE_URL}/",
        "notices_url": f"{settings.SITE_URL}{reverse('people:notice_list')}",
        "account_url": f"{settings.SITE_URL}{reverse('people:account')}",
        "stop_url": digests.stop_url(user),
    }
    return render_to_string("portfolio/digest.txt", context).strip() + "\n"
