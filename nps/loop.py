"""What follows from an answer (DOMAIN 4): a detractor has somebody who settles it, a promoter is asked for more, a
neutral one gets attention. Runs in the transaction of the answer; doing it twice changes nothing."""

import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clients import versions
from clients.models import Client
from contacts import plans, promises
from contacts.models import ContactPlan, PlanMembership
from contacts.workdays import Workdays
from nps import cases, standing, stories
from nps.models import Answer, Group
from people.models import User

# The plan that comes with the installation; a company that renames it says that it wants another way.
ATTENTION: Final = "Atenção a neutros"
WORKING_DAYS: Final = 2
NOT_AGAIN: Final = datetime.timedelta(days=90)


@transaction.atomic
def follow(answer: Answer) -> None:
    """Nothing follows from an answer that names nobody, that was left out, or of somebody who has died."""
    if answer.client_id is None:
        return
    client = versions.lock(answer.client_id)
    if not client.deceased_on and answer.left_out_by_id is None:
        cases.hear(answer)
        _take_back(client, answer)
        # Whose case runs is asked for nothing until it is settled.
        if answer.group == Group.DETRACTOR or not client.nps_cases.filter(closed_at=None).exists():
            _ACTS[answer.group](client, answer)
    standing.refresh([client.pk])


def _actor(answer: Answer) -> User:
    """Who wrote the answer down, else whose survey it is: the client has no login."""
    return answer.by or answer.survey.created_by


def _day_of(answer: Answer) -> datetime.date:
    return timezone.localdate(answer.edited_at) if answer.edited_at else answer.answered_on


def _detractor(_client: Client, answer: Answer) -> None:
    cases.open_for(answer)


def _promoter(client: Client, answer: Answer) -> None:
    """Work for the owner, whoever that is by then."""
    lately = client.tasks.filter(title=_request(), is_cancelled=False, created_at__gte=timezone.now() - NOT_AGAIN)
    if lately.exists():
        return
    # The owner reads no score of a month that still runs.
    note = _("Respondeu à pesquisa. Agradeça, peça uma indicação e convide para contar um caso de sucesso.")
    day = Workdays.load().ahead(_day_of(answer), WORKING_DAYS, client.uf)
    promises.promise(client, by=_actor(answer), title=_request(), note=note, due_on=day)


def _request() -> str:
    return _("Pedir indicação")


def _passive(client: Client, answer: Answer) -> None:
    plan = ContactPlan.objects.filter(name=ATTENTION).first()
    if plan is not None:
        try:
            plans.join(client, plan, by=_actor(answer), on=_day_of(answer))
        except plans.PlanRefusedError:
            return


_ACTS: Final = {Group.DETRACTOR: _detractor, Group.PROMOTER: _promoter, Group.PASSIVE: _passive}


def _take_back(client: Client, answer: Answer) -> None:
    """What an edited answer had caused while it was in another group, and nobody has done yet. Cases stay: whoever
    settles them closes them."""
    if answer.edited_at is None or answer.answered_at is None:
        return
    if answer.group != Group.PROMOTER:
        asked = client.tasks.filter(title__in=(_request(), stories.title()), created_at__gte=answer.answered_at)
        for task in asked.filter(done_at=None, is_cancelled=False):
            promises.cancel(task, by=_actor(answer))
    if answer.group != Group.PASSIVE:
        state = PlanMembership.State.RUNNING
        inside = client.plan_memberships.filter(plan__name=ATTENTION, state=state, started_at__gte=answer.answered_at)
        for membership in inside:
            plans.leave(membership, _("O cliente mudou a nota"), by=_actor(answer))
