"""The background half of a large distribution; each goes on where it was killed."""

import datetime

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from jobs import outbox
from jobs.registry import handler
from jobs.running import JobError, Run
from portfolio import digest, distribution, enrolment, export_notice, handover
from portfolio.models import DistributionBatch, SegmentPlan
from portfolio.segments import BrokenSegmentError

State = DistributionBatch.State
PROPOSE, APPLY, UNDO = "distribution_propose", "distribution_apply", "distribution_undo"
SEGMENT_PLAN = "segment_plan"

outbox.register(export_notice.KIND, label=_("Aviso de lista baixada"))
outbox.register(digest.KIND, label=_("Resumo do dia"))


def batch_of(run: Run, state: str) -> DistributionBatch | None:
    """The batch, unless it has left the state that the job works in."""
    return DistributionBatch.objects.filter(pk=run.payload["batch"], state=state).first()


@handler(PROPOSE, label=_("Calcular distribuição"))
def propose(run: Run) -> None:
    batch = batch_of(run, State.COMPUTING)
    if batch is None:
        return
    try:
        with run.chunk():
            distribution.compute(batch)
    except distribution.NothingToDistributeError:
        with run.chunk():
            distribution.begin(batch, State.COMPUTING, State.DISCARDED)


@handler(APPLY, label=_("Distribuir clientes"))
def apply(run: Run) -> None:
    batch = batch_of(run, State.APPLYING)
    if batch is None:
        return
    with run.chunk(total=batch.placed):
        handover.plan(batch, size=distribution.PART)
    while batch.state == State.APPLYING:
        with run.chunk() as part:
            part.done = distribution.apply_next(batch, by=run.job.created_by)


@handler(UNDO, label=_("Desfazer distribuição"))
def undo(run: Run) -> None:
    batch = batch_of(run, State.UNDOING)
    while batch is not None and batch.state == State.UNDOING:
        with run.chunk(total=batch.placed) as part:
            part.done = run.job.progress_done + distribution.undo_part(batch, by=run.job.created_by)


@handler(SEGMENT_PLAN, label=_("Aplicar plano de contato a um segmento"), counts={"joined": _("Entraram no plano")})
def apply_plan(run: Run) -> None:
    link = SegmentPlan.objects.select_related("segment", "plan", "by").filter(pk=run.payload["link"]).first()
    if link is None:
        return
    try:
        joined = enrolment.fill(link, on=timezone.localdate(), run=run)
    except BrokenSegmentError as error:
        raise JobError(_now("Um filtro do segmento não vale mais; nada foi feito.")) from error
    with run.chunk() as part:
        part.count(joined=joined)


@handler(
    digest.KIND,
    label=_("Resumo do dia por e-mail"),
    daily_at=datetime.time(7, 30),
    counts={"letters": _("Resumos entregues para envio")},
)
def send_digests(run: Run) -> None:
    """Person by person, each once; the morning of a day that is over is told to nobody."""
    on = run.job.local_date
    if on != timezone.localdate():
        return
    for user in list(digest.readers().filter(pk__gt=run.checkpoint.get("after", 0))):
        with run.chunk(checkpoint={"after": user.pk}) as part:
            part.count(letters=digest.put(user, on=on))
