"""Where each client stands after what it last said, and the one rule "no offers to a detractor" (SCIENCE 4).

A detractor is who gave 0 to 6 last, for so many days as the settings say, and who has a case that runs, without an end.
Answers that were left out of the score do not count.
"""

import datetime
from collections.abc import Iterable
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clients.models import Client
from nps.models import Answer, Case, Group, NpsSettings, Standing

WHY: Final = "standing of clients whose rows are locked"


def takes_offers(client: Client, *, on: datetime.date) -> bool:
    """Whether anything may be offered to the client: not to a detractor, until the problem was talked about."""
    return not detractors(on).filter(client=client.pk).exists()


def detractors(on: datetime.date) -> QuerySet[Standing, Any]:
    """The ids of the clients that are detractors on that day: `filter(pk__in=detractors(on))`."""
    everybody = Standing.objects.unscoped(reason="who takes no offers")
    return everybody.filter(detractor_until__gte=on).values("client")


def unhappy() -> QuerySet[Standing, int]:
    """The ids of those who said so last or have a case that runs, however long ago."""
    low = Standing.objects.unscoped(reason="whose days without offers are counted anew")
    return low.exclude(detractor_until=None).values_list("client_id", flat=True)


@transaction.atomic
def refresh(client_ids: Iterable[int]) -> None:
    """Works the standing of the clients out anew, and tells the legal gate; their versions stay."""
    ids = sorted(set(client_ids))
    clients = Client.objects.unscoped(reason=WHY).filter(pk__in=ids).order_by("pk")
    locked = list(clients.select_for_update(of=("self",)))
    answers = _last_answers(ids)
    unhappy = set(_running(ids).values_list("client", flat=True))
    days = datetime.timedelta(days=NpsSettings.current().detractor_days)
    standings = [_standing(client, answers.get(client.pk), client.pk in unhappy, days) for client in locked]
    fields = ["answer", "detractor_until"]
    Standing.objects.bulk_create(standings, update_conflicts=True, update_fields=fields, unique_fields=["client"])
    changed = [client for client, found in zip(locked, standings, strict=True) if _pauses(client, found)]
    clients.bulk_update(changed, ["offers_paused_until", "offers_paused_why"])


def _last_answers(ids: list[int]) -> dict[int | None, Answer]:
    counted = Answer.objects.unscoped(reason=WHY).filter(client__in=ids, left_out_by=None)
    newest = counted.order_by("client", "-answered_on", "-answered_at", "-pk").distinct("client")
    return {answer.client_id: answer for answer in newest}


def _running(ids: list[int]) -> QuerySet[Case]:
    return Case.objects.unscoped(reason=WHY).filter(client__in=ids, closed_at=None)


def _standing(client: Client, answer: Answer | None, has_case: bool, days: datetime.timedelta) -> Standing:
    until = answer.answered_on + days if answer and answer.group == Group.DETRACTOR else None
    return Standing(client=client, answer=answer, detractor_until=datetime.date.max if has_case else until)


def _pauses(client: Client, found: Standing) -> bool:
    """Puts on the client until when it gets no offers, and why; whether that is new."""
    before = client.offers_paused_until, client.offers_paused_why
    client.offers_paused_until = found.detractor_until
    client.offers_paused_why = _why(found.answer) if found.detractor_until else ""
    return before != (client.offers_paused_until, client.offers_paused_why)


def _why(answer: Answer | None) -> str:
    if answer is None or answer.group != Group.DETRACTOR:
        return _("caso de cliente detrator em aberto, fale do problema antes")
    said = {"score": answer.score, "day": f"{answer.answered_on:%d/%m/%Y}"}
    return _("cliente detrator (nota %(score)s em %(day)s), fale do problema antes") % said
