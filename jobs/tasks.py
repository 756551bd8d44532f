"""What Celery calls. The messages carry nothing: everything is in the job rows."""

import time

from celery import shared_task
from django.utils.translation import gettext_lazy as _

from jobs import outbox, queue, workers
from jobs.models import JobStep
from jobs.registry import handler
from jobs.running import Run

SELFCHECK = "selfcheck"


@shared_task(name=queue.WORK_TASK, max_retries=3)
def work() -> None:
    # Work left over when the time is up, or a paused job, needs the next pair of hands.
    if workers.work_off():
        queue.nudge_if_due()


@shared_task(name=outbox.SEND_TASK, max_retries=3)
def send() -> None:
    # What is left when the time is up, or waits for the mail server, is for the next tick.
    outbox.relay()


@shared_task(name="jobs.tasks.tick", max_retries=3)
def tick() -> None:
    workers.tick()


@handler(SELFCHECK, label=_("Teste da fila"), counts={"points": _("Pontos gravados")})
def selfcheck(run: Run) -> None:
    """Writes `points` rows, one chunk each: shows that workers, checkpoints and the screen work together."""
    total, pause = int(run.payload["points"]), int(run.payload.get("pause_ms", 0)) / 1000
    for number in range(run.checkpoint.get("next", 1), total + 1):
        with run.chunk(done=number, total=total, checkpoint={"next": number + 1}, points=1):
            JobStep.objects.create(job=run.job, name=f"Ponto {number}", position=number, state=JobStep.State.DONE)
        time.sleep(pause)
