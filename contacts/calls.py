"""How many calls the company made this month: beyond a limit callers must be authenticated (DOMAIN 3, gate 6)."""

import datetime
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from contacts.models import ContactLog, ContactSettings
from core.days import midnight
from core.templatetags.formats import intdot
from people.models import Notification, User
from people.notifications import notify
from people.roles import Role


@dataclass(frozen=True)
class CallCount:
    made: int
    warning: int
    limit: int

    @property
    def percent(self) -> int:
        return min(100, self.made * 100 // max(self.limit, 1))

    @property
    def is_over_warning(self) -> bool:
        return self.made >= self.warning

    @property
    def is_over_limit(self) -> bool:
        return self.made >= self.limit


def calls_in_month(day: datetime.date) -> CallCount:
    """Calls to clients that were not undone, whatever came of them."""
    first = day.replace(day=1)
    start, end = midnight(first), midnight((first + datetime.timedelta(days=32)).replace(day=1))
    calls = ContactLog.objects.unscoped(reason="a figure of the whole company, of nobody in particular")
    made = calls.filter(channel="call", direction="out", undone_at=None, started_at__gte=start, started_at__lt=end)
    settings = ContactSettings.current()
    return CallCount(made.count(), settings.call_warning, settings.call_limit)


def warn(day: datetime.date) -> int:
    """Tells the admins, once a month for the warning and once for the limit; how many were told."""
    count = calls_in_month(day)
    if not count.is_over_warning:
        return 0
    # The address tells notices of one month and threshold from all others.
    threshold = "limite" if count.is_over_limit else "aviso"
    url = f"{reverse('contacts:block_list_list')}?{threshold}={day:%Y-%m}"
    if Notification.objects.filter(url=url).exists():
        return 0
    text = _("{made} ligações no mês. Acima de {limit}, quem liga precisa de autenticação.").format(
        made=intdot(count.made), limit=intdot(count.limit)
    )
    admins = User.objects.filter(role=Role.ADMIN, is_active=True)
    return len(notify(admins, Notification.Kind.SYSTEM, text, url=url))
