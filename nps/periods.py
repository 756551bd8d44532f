"""What is told when: sellers read scores once their month is over (DOMAIN 4), so that nobody hunts for tens."""

import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from core.templatetags.formats import day
from nps.models import Case, Group
from people.models import User
from people.roles import Permission


def last_told(user: User, *, on: datetime.date | None = None) -> datetime.date:
    """The last day whose answers `user` may read: today, or the end of the month before."""
    today = on or timezone.localdate()
    return today if user.may(Permission.SURVEY) else today.replace(day=1) - datetime.timedelta(days=1)


def is_told(user: User, answered_on: datetime.date) -> bool:
    return answered_on <= last_told(user)


def is_case_told(user: User, case: Case) -> bool:
    """Of whoever is unhappy the case tells at once; a better score that the client gave since waits as all do."""
    answer = case.answer
    return answer is not None and (answer.group == Group.DETRACTOR or is_told(user, answer.answered_on))


def when_told() -> str:
    """Nota visível a partir de 1 dez."""
    first = (timezone.localdate().replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
    return _("nota visível a partir de %(day)s") % {"day": day(first)}
