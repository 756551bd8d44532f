"""The risk of losing a client: the band of its numbers, lifted by what else is known (SCIENCE 1.5).

The chance itself stays what it was; a detractor stands one band higher, and whoever reads it is told why.
"""

import datetime
from dataclasses import replace
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from contracts import reasons
from contracts.models import ClientCycle, RiskBand
from nps import standing

LIFTED: Final = {RiskBand.LOW: RiskBand.MEDIUM, RiskBand.MEDIUM: RiskBand.HIGH, RiskBand.HIGH: RiskBand.HIGH}


def lifted(band: str) -> str:
    """One band up; a client without a band (a prospect) keeps none."""
    return LIFTED.get(RiskBand(band), RiskBand.NONE)


def sentence(client: Any, *, on: datetime.date, is_detractor: bool) -> str:
    """The chance with its risk, and what lifted it."""
    facts = reasons.facts_of(client, on=on)
    if not is_detractor or not facts.risk_band:
        return reasons.risk_sentence(facts)
    said = reasons.risk_sentence(replace(facts, risk_band=lifted(facts.risk_band)))
    return " ".join(filter(None, (said, _("Detrator na pesquisa: um nível a mais."))))


def in_band(band: str, *, on: datetime.date) -> Q:
    """Clients that stand in this band once lifted.

    Detractors are few and read first: with their number known the server begins with the band, not with the clients.
    """
    unhappy = Q(client__among=list(standing.detractors(on).values_list("client", flat=True)))
    stays = Q(risk_band=band) if lifted(band) == band else Q(risk_band=band) & ~unhappy
    below = [one for one, above in LIFTED.items() if above == band and one != band]
    cycles = ClientCycle.objects.unscoped(reason="narrows clients that a scoped query finds")
    return Q(pk__in=cycles.filter(stays | Q(risk_band__in=below) & unhappy).values("client"))
