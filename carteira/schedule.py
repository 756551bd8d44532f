"""What happens every night, in this order. A step that runs again for the same date changes nothing."""

import datetime
from collections.abc import Callable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from jobs.models import NIGHTLY
from jobs.registry import handler
from jobs.running import JobError, Run

# Never at midnight: on the day summer time began, midnight did not exist.
NIGHT_BEGINS = datetime.time(3, 10)

type StepFunction = Callable[..., dict[str, int] | None]


class NightStep(NamedTuple):
    name: str
    label: str | Promise
    path: str

    def resolve(self) -> StepFunction:
        """Late, so that a missing or broken module stops its own step and not the whole program."""
        function: StepFunction = import_string(self.path.replace(":", "."))
        return function


NIGHT = (
    NightStep("classify", _("Classificar a carteira"), "contracts.nightly:classify_everybody"),
    NightStep("tiers", _("Ordenar por valor, de A a D"), "contracts.tiers:rank_everybody"),
    NightStep("gate", _("Guardar pedidos de não contatar e contar ligações"), "contacts.gate_night:keep_and_count"),
    NightStep("covers", _("Encerrar coberturas"), "people.covers:close_finished"),
    NightStep("plans", _("Começar e encerrar planos de contato"), "contacts.triggers:trigger"),
    NightStep("distribute", _("Distribuir clientes sem responsável"), "portfolio.distribution:place_new_orphans"),
    NightStep("cases", _("Escalar casos de clientes insatisfeitos"), "nps.case_night:follow_up"),
    NightStep("surveys", _("Perguntar a satisfação"), "nps.asking:ask"),
    NightStep("segments", _("Levar segmentos aos planos"), "portfolio.enrolment:fill_segments"),
    NightStep("coverage", _("Contar a cobertura de contatos"), "portfolio.coverage:count_everybody"),
    NightStep("days", _("Planejar o dia de cada vendedor"), "portfolio.agenda_days:plan_everybody"),
    NightStep("files", _("Apagar arquivos removidos"), "contacts.attachment_night:delete_files"),
    NightStep("tidy", _("Arrumar as tabelas grandes"), "core.upkeep:tidy_tables"),
)

COUNTS = {
    "changed": _("Mudaram de classe"),
    "aged": _("Valor de 12 meses renovado"),
    "ranked": _("Mudaram de faixa, de A a D"),
    "placed": _("Clientes distribuídos"),
    "unplaced": _("Ficaram sem responsável"),
    "ended": _("Coberturas encerradas"),
    "kept": _("Pedidos de não contatar guardados"),
    "call_notices": _("Avisos de ligações demais"),
    "plan_joined": _("Entraram em planos de contato"),
    "plan_left": _("Saíram de planos de contato"),
    "segment_joined": _("Entraram em planos pelo segmento"),
    "segment_broken": _("Segmentos com filtro que não vale mais"),
    "cases_escalated": _("Casos escalados"),
    "answers_flagged": _("Respostas para conferir"),
    "edit_keys_dropped": _("Respostas anônimas fechadas"),
    "surveys_asked": _("Pesquisas a caminho"),
    "surveys_reminded": _("Lembretes de pesquisa"),
    "surveys_expired": _("Pesquisas vencidas"),
    "uncovered": _("Sem contato no mês"),
    "active": _("Na carteira ativa"),
    "renewal": _("Em renovação"),
    "inactive": _("Inativos"),
    "prospect": _("Prospects"),
    "risk_low": _("Risco baixo"),
    "risk_medium": _("Risco médio"),
    "risk_high": _("Risco alto"),
    "sectors": _("Setores com ritmo medido"),
    "written": _("Registros gravados"),
    "planned_days": _("Dias planejados"),
    "planned_contacts": _("Contatos planejados"),
    "files_deleted": _("Arquivos apagados"),
    "tidied": _("Tabelas arrumadas"),
}


@handler(
    NIGHTLY,
    label=_("Rotina da noite"),
    daily_at=NIGHT_BEGINS,
    steps={step.name: step.label for step in NIGHT},
    counts=COUNTS,
)
def nightly(run: Run) -> None:
    if run.job.local_date is None:
        raise JobError("A rotina da noite precisa de uma data.")
    run_night(run.job.local_date, run=run)


def run_night(day: datetime.date, *, run: Run) -> None:
    """Every step that this run has not finished yet; one that fails stops the ones after it."""
    run.plan([step.name for step in NIGHT])
    finished = run.finished_steps()
    for position, step in enumerate(NIGHT, 1):
        if step.name not in finished:
            with run.step(step.name, position=position) as part:
                part.complete(step.resolve()(day, run=part))
    run.add_up()
