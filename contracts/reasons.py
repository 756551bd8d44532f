"""Why a client is in its class, in words; every number is the stored or computed one (SCIENCE 1.5).

`sentence`, `chip` and `outlook` take a client annotated by `classification.with_numbers`, with its `cycle` and the
cycle's contract at hand; without them they say what they can. `sentence_of_change` speaks of a line of history.
"""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from clients.models import PortfolioClass
from contracts.evaluation import Evaluation
from contracts.models import ClassChange, ClassReason, Contract, RiskBand
from core.phrases import gettext as _
from core.phrases import kept_per_language


@dataclass(frozen=True, slots=True)
class Facts:
    """The numbers a sentence may speak of, on the day it speaks for."""

    on: datetime.date
    reason: str
    gaps: int = -1
    recency_days: int | None = None
    cycle_days: float | None = None
    limit_days: float | None = None
    mean_days: float | None = None
    p_buys: float | None = None
    risk_band: str = ""
    anchor_on: datetime.date | None = None
    contract: Contract | None = None
    next_change_on: datetime.date | None = None

    @property
    def days_to_anchor(self) -> int:
        return (self.anchor_on - self.on).days if self.anchor_on else 0

    @property
    def was_cancelled(self) -> bool:
        return self.contract is not None and self.contract.cancelled_on == self.anchor_on is not None


class Chip(NamedTuple):
    """Colour of the carteira, icon, at most two words, measure: the arguments of the design's chip."""

    tone: str
    icon: str
    label: str
    measure: str


def sentence(client: Any, *, on: datetime.date) -> str:
    return sentence_of(facts_of(client, on=on))


def chip(client: Any, *, on: datetime.date) -> Chip:
    return chip_of(facts_of(client, on=on))


def outlook(client: Any, *, on: datetime.date) -> str:
    """Chance to buy with its risk, and when the class changes if nothing happens."""
    facts = facts_of(client, on=on)
    return " ".join(filter(None, (risk_sentence(facts), change_sentence(facts))))


def sentence_of_change(change: ClassChange) -> str:
    said = sentence_of(facts_of_change(change))
    if change.cause == ClassChange.Cause.SETTINGS:
        return _("%(sentence)s Os parâmetros da classificação mudaram.") % {"sentence": said}
    return said


# --- Where the numbers come from -----------------------------------------------------------------------


def facts_of(client: Any, *, on: datetime.date) -> Facts:
    cycle = getattr(client, "cycle", None)
    return Facts(
        on=on,
        reason=client.class_reason,
        gaps=cycle.gaps if cycle else -1,
        recency_days=getattr(client, "recency_days", None),
        cycle_days=getattr(client, "cycle_days", None),
        limit_days=getattr(client, "limit_days", None),
        mean_days=getattr(client, "mean_days", None),
        p_buys=getattr(client, "p_buys", None),
        risk_band=cycle.risk_band if cycle else "",
        anchor_on=cycle.anchor_on if cycle else None,
        contract=cycle.contract if cycle else None,
        next_change_on=getattr(client, "next_change_on", None),
    )


def facts_of_change(change: ClassChange) -> Facts:
    return Facts(
        on=change.on,
        reason=change.reason,
        gaps=change.gaps,
        recency_days=change.recency_days,
        cycle_days=change.cycle_days,
        limit_days=change.limit_days,
        mean_days=change.mean_days,
        p_buys=change.p_buys,
        risk_band=change.risk_band,
        anchor_on=change.anchor_on,
        contract=change.contract,
    )


def facts_of_evaluation(found: Evaluation, *, on: datetime.date, contract: Contract | None) -> Facts:
    return Facts(
        on=on,
        reason=found.reason,
        gaps=found.gaps,
        recency_days=found.recency_days,
        cycle_days=found.cycle_days,
        limit_days=found.limit_days,
        mean_days=found.mean_days,
        p_buys=found.p_buys,
        risk_band=found.risk_band,
        anchor_on=found.anchor_on,
        contract=contract,
        next_change_on=found.next_change_on,
    )


# --- Sentences -----------------------------------------------------------------------------------------


def sentence_of(facts: Facts) -> str:
    return SENTENCES[facts.reason](facts)


def risk_sentence(facts: Facts) -> str:
    """Chance de comprar nos próximos 69 dias: 31 % (alto risco)."""
    if facts.p_buys is None or facts.limit_days is None:
        return ""
    said = {
        "limit": days(facts.limit_days),
        "chance": whole(100 * facts.p_buys),
        "risk": RISK_WORDS[RiskBand(facts.risk_band)],
    }
    if facts.risk_band:
        return _("Chance de comprar nos próximos %(limit)s: %(chance)s\u00a0%% (%(risk)s).") % said
    return _("Chance de comprar nos próximos %(limit)s: %(chance)s\u00a0%%.") % said


def change_sentence(facts: Facts) -> str:
    """Muda em 28/08/2026 se nada acontecer."""
    if facts.next_change_on is None:
        return ""
    return _("Muda em %(day)s se nada acontecer.") % {"day": written(facts.next_change_on)}


def _no_purchase(_facts: Facts) -> str:
    return _("Ainda não comprou: prospect, fora das três carteiras.")


def _contract_ending(facts: Facts) -> str:
    if facts.days_to_anchor == 0:
        return _("Contrato vence hoje (%(day)s).") % {"day": written(facts.anchor_on)}
    said = {"days": days(facts.days_to_anchor), "day": written(facts.anchor_on)}
    return _("Contrato vence em %(days)s (%(day)s).") % said


def _contract_in_grace(facts: Facts) -> str:
    said = {"days": days(-facts.days_to_anchor), "day": written(facts.anchor_on)}
    return _("Contrato venceu há %(days)s (%(day)s) e ainda pode ser renovado.") % said


def _contract_in_force(facts: Facts) -> str:
    if facts.anchor_on is None:
        return _("Contrato vigente, sem data de fim.")
    return _("Contrato vigente até %(day)s.") % {"day": written(facts.anchor_on)}


def _cancellation_scheduled(facts: Facts) -> str:
    return _("Contrato com cancelamento agendado para %(day)s.") % {"day": written(facts.anchor_on)}


def _without_renewal(facts: Facts) -> str:
    if facts.anchor_on is None:
        return _("Contrato vigente marcado para não renovar.")
    return _("Contrato vigente até %(day)s, marcado para não renovar.") % {"day": written(facts.anchor_on)}


def _contract_ahead(facts: Facts) -> str:
    return _("Contrato assinado; começa em %(day)s.") % {"day": written(facts.anchor_on)}


def _contract_over(facts: Facts) -> str:
    since = {"days": days(-facts.days_to_anchor)}
    if facts.anchor_on is None:
        return _("Só tinha contrato, que não vale mais.")
    if facts.was_cancelled:
        return _("Contrato cancelado há %(days)s; não há outro vínculo.") % since
    return _("Único vínculo era o contrato, vencido há %(days)s e não renovado.") % since


def _within_cycle(facts: Facts) -> str:
    return _rhythm(
        facts,
        once=gettext_noop(
            "Comprou uma vez, há %(ago)s; clientes do segmento recompram em %(mean)s (limite %(limit)s)."
        ),
        often=gettext_noop(
            "Costuma comprar a cada %(cycle)s; última compra há %(ago)s (%(cycles)s; limite %(limit)s)."
        ),
        unknown=gettext_noop("Dentro do próprio ciclo de compra."),
    )


def _beyond_cycle(facts: Facts) -> str:
    return _rhythm(
        facts,
        once=gettext_noop(
            "Comprou uma vez, há %(ago)s; clientes do segmento recompram em %(mean)s (limite %(limit)s)."
        ),
        often=gettext_noop(
            "Costuma comprar a cada %(cycle)s; está há %(ago)s sem comprar (%(cycles)s; limite %(limit)s)."
        ),
        unknown=gettext_noop("Fora do próprio ciclo de compra."),
    )


def _no_new_event(facts: Facts) -> str:
    return _rhythm(
        facts,
        once=gettext_noop("Está inativo e não comprou de novo: a única compra foi há %(ago)s (limite %(limit)s)."),
        often=gettext_noop(
            "Está inativo e não comprou de novo: última compra há %(ago)s (%(cycles)s; limite %(limit)s)."
        ),
        unknown=gettext_noop("Está inativo e não comprou de novo."),
    )


SENTENCES: Final[Mapping[str, Callable[[Facts], str]]] = {
    ClassReason.NO_PURCHASE: _no_purchase,
    ClassReason.CONTRACT_ENDING: _contract_ending,
    ClassReason.CONTRACT_IN_GRACE: _contract_in_grace,
    ClassReason.CONTRACT_IN_FORCE: _contract_in_force,
    ClassReason.CANCELLATION_SCHEDULED: _cancellation_scheduled,
    ClassReason.WITHOUT_RENEWAL: _without_renewal,
    ClassReason.CONTRACT_AHEAD: _contract_ahead,
    ClassReason.CONTRACT_OVER: _contract_over,
    ClassReason.WITHIN_CYCLE: _within_cycle,
    ClassReason.BEYOND_CYCLE: _beyond_cycle,
    ClassReason.NO_NEW_EVENT: _no_new_event,
}


def _rhythm(facts: Facts, *, once: str, often: str, unknown: str) -> str:
    """A client bought once has no rhythm of its own yet: the sector's is named instead."""
    if None in (facts.recency_days, facts.cycle_days, facts.limit_days):
        return _(unknown)
    return _(often if facts.gaps > 0 else once) % {
        "ago": days(facts.recency_days),
        "cycle": days(facts.cycle_days),
        "cycles": cycles(facts),
        "mean": days(facts.mean_days),
        "limit": whole(facts.limit_days),
    }


def cycles(facts: Facts) -> str:
    """3,5 ciclos"""
    number = rounded((facts.recency_days or 0) / (facts.cycle_days or 1), 1)
    said = f"{number:.1f}".replace(".", ",")
    return _cycles(1 if number < 2 else 2) % {"count": said}


@kept_per_language
def _cycles(count: int) -> str:
    return ngettext("%(count)s ciclo", "%(count)s ciclos", count)


# --- Chips ---------------------------------------------------------------------------------------------


def chip_of(facts: Facts) -> Chip:
    return CHIPS[facts.reason](facts)


def _chip_ending(facts: Facts) -> Chip:
    if facts.days_to_anchor == 0:
        return Chip("renova", "refresh", _("Vence"), _("hoje"))
    return Chip("renova", "refresh", _("Vence"), days(facts.days_to_anchor))


def _chip_grace(facts: Facts) -> Chip:
    return Chip("renova", "refresh", _("Venceu"), days(-facts.days_to_anchor))


def _chip_in_force(facts: Facts) -> Chip:
    return Chip("ativa", "", _("Vigente"), days(facts.days_to_anchor) if facts.anchor_on else "")


def _chip_cancelling(facts: Facts) -> Chip:
    return Chip("ativa", "", _("Cancela"), days(facts.days_to_anchor))


def _chip_leaving(facts: Facts) -> Chip:
    return Chip("ativa", "", _("Não renova"), days(facts.days_to_anchor) if facts.anchor_on else "")


def _chip_ahead(facts: Facts) -> Chip:
    return Chip("ativa", "", _("Começa"), days(facts.days_to_anchor))


def _chip_over(facts: Facts) -> Chip:
    label = _("Cancelou") if facts.was_cancelled else _("Encerrou")
    return Chip("inativa", "history", label, days(-facts.days_to_anchor) if facts.anchor_on else "")


def _chip_within(facts: Facts) -> Chip:
    return Chip("ativa", "", _("Comprou"), _ago(facts))


def _chip_beyond(facts: Facts) -> Chip:
    return Chip("inativa", "history", _("Sem comprar"), _ago(facts))


def _chip_prospect(_facts: Facts) -> Chip:
    return Chip("prosp", "user-heart", str(PortfolioClass.PROSPECT.label), "")


CHIPS: Final[Mapping[str, Callable[[Facts], Chip]]] = {
    ClassReason.NO_PURCHASE: _chip_prospect,
    ClassReason.CONTRACT_ENDING: _chip_ending,
    ClassReason.CONTRACT_IN_GRACE: _chip_grace,
    ClassReason.CONTRACT_IN_FORCE: _chip_in_force,
    ClassReason.CANCELLATION_SCHEDULED: _chip_cancelling,
    ClassReason.WITHOUT_RENEWAL: _chip_leaving,
    ClassReason.CONTRACT_AHEAD: _chip_ahead,
    ClassReason.CONTRACT_OVER: _chip_over,
    ClassReason.WITHIN_CYCLE: _chip_within,
    ClassReason.BEYOND_CYCLE: _chip_beyond,
    ClassReason.NO_NEW_EVENT: _chip_beyond,
}


def _ago(facts: Facts) -> str:
    """Days since the last purchase day, the anchor of every reason of the cycle."""
    if facts.anchor_on is None:
        return ""
    return _("hoje") if facts.days_to_anchor == 0 else days(-facts.days_to_anchor)


# --- Numbers as people read them -----------------------------------------------------------------------

RISK_WORDS: Final = {
    RiskBand.NONE: "",
    RiskBand.LOW: gettext_lazy("baixo risco"),
    RiskBand.MEDIUM: gettext_lazy("médio risco"),
    RiskBand.HIGH: gettext_lazy("alto risco"),
}


def rounded(number: float, places: int = 0) -> Decimal:
    return Decimal(str(number)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def nearest(number: float) -> int:
    """As `rounded`, without a Decimal for each of the hundreds of numbers of a page."""
    below = int(abs(number))
    size = below + (abs(number) - below >= 0.5)
    return size if number >= 0 else -size


def whole(number: float | None) -> str:
    return f"{nearest(number or 0):,}".replace(",", ".")


def days(number: float | None) -> str:
    """1 dia; 34 dias"""
    return _days(nearest(number or 0))


@kept_per_language
def _days(count: int) -> str:
    return ngettext("%(count)s dia", "%(count)s dias", count) % {"count": whole(count)}


def written(day: datetime.date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else _("data não informada")
