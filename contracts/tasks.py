"""Background work over everybody's class."""

from typing import Any, Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from clients.models import PortfolioClass
from contracts import nightly
from contracts.models import RiskBand
from jobs.registry import handler
from jobs.running import Run

RECLASSIFY: Final = "reclassify"
COUNTS: Final = {
    **{klass.value: format_lazy(_("Carteira: {name}"), name=klass.label) for klass in PortfolioClass},
    **{f"risk_{band.value}": format_lazy(_("Risco: {name}"), name=band.label) for band in RiskBand if band},
    "changed": _("Mudaram de carteira ou de motivo"),
    "written": _("Linhas gravadas"),
    "sectors": _("Setores com ciclo"),
}


@handler(RECLASSIFY, label=_("Reclassificar a carteira com outros parâmetros"), counts=COUNTS)
def reclassify(run: Run) -> None:
    counts: dict[str, Any] = nightly.reclassify_after_change(by=run.job.created_by, run=run)
    with run.chunk(**counts):
        pass
