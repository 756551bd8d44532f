"""A promoter who would tell how it went: somebody invites them, on the next working day."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clients import versions
from contacts import promises
from contacts.models import Task
from contacts.workdays import Workdays
from nps.models import Answer, Group


def may_be_told(answer: Answer) -> bool:
    """By promoters whom one can call: not those of an anonymous survey."""
    return answer.client is not None and answer.group == Group.PROMOTER and not answer.client.deceased_on


@transaction.atomic
def offer(answer: Answer) -> Task:
    """The task for whoever owns the client; offering twice leaves one."""
    if answer.client is None:
        raise ValueError(answer)
    client = versions.lock(answer.client.pk)
    day = Workdays.load().after(timezone.localdate(), client.uf)
    note = _("Ofereceu-se na página da pesquisa.")
    return offered(answer) or promises.promise(
        client, by=answer.survey.created_by, title=title(), due_on=day, note=note
    )


def offered(answer: Answer) -> Task | None:
    if answer.client is None:
        return None
    kept = answer.client.tasks.filter(title=title(), is_cancelled=False)
    return kept.filter(created_at__gte=answer.answered_at).first()


def title() -> str:
    return _("Convidar para contar um caso de sucesso")
