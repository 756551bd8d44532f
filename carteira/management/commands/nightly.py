import csv
import datetime
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from brazil.dates import parse_date
from contracts.nightly import FARTHEST, is_too_far
from jobs import queue, running, workers
from jobs.models import NIGHTLY, Job, JobStep
from jobs.running import Run


class Command(BaseCommand):
    help = "Executa a rotina da noite de uma data, todas as etapas em ordem. Pode ser repetida."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", metavar="AAAA-MM-DD", help="data da rotina (hoje)")
        parser.add_argument("--json", action="store_true", help="um objeto JSON em vez de CSV")

    def handle(self, **options: Any) -> None:
        run = _claim(_day(options["date"]))
        workers.execute(run)
        job = Job.objects.get(pk=run.job.pk)
        rows = [_row(step) for step in job.steps.all()]
        if options["json"]:
            head = {"date": str(job.local_date), "state": job.state, "seconds": _seconds(job), "rows": rows}
            self.stdout.write(json.dumps(head, ensure_ascii=False))
        else:
            self._write_csv(rows)
        if job.state != Job.State.DONE:
            raise CommandError(f"A rotina da noite de {job.local_date} falhou: {job.error}")

    def _write_csv(self, rows: list[dict[str, Any]]) -> None:
        writer = csv.DictWriter(self.stdout, ["name", "state", "seconds", "counts", "error"], lineterminator="\n")
        writer.writeheader()
        for row in rows:
            counts = " ".join(f"{name}={number}" for name, number in row["counts"].items())
            writer.writerow(row | {"counts": counts})


def _day(text: str | None) -> datetime.date:
    day = parse_date(text).value if text else timezone.localdate()
    if day is None:
        raise CommandError(f"{text!r} não é uma data; escreva AAAA-MM-DD.")
    if is_too_far(day):
        raise CommandError(f"{text!r} está mais de {FARTHEST.days} dias à frente; confira o ano.")
    return day


def _claim(day: datetime.date) -> Run:
    """In one transaction, so that no worker takes the row first."""
    with transaction.atomic():
        job = queue.enqueue(NIGHTLY, {}, local_date=day)
        if job.attempt:
            try:
                queue.run_again(job, by=None, from_start=True)
            except queue.StillRunningError:
                raise CommandError(f"A rotina da noite de {day} já está em andamento.") from None
        run = running.claim(only=job.pk)
        if run is None:
            raise CommandError("A rotina da noite de outra data está em andamento; tente de novo quando terminar.")
    return run


def _row(step: JobStep) -> dict[str, Any]:
    state, seconds = step.state, _seconds(step)
    return {"name": step.name, "state": state, "seconds": seconds, "counts": step.counts, "error": step.error}


def _seconds(measured: Job | JobStep) -> float:
    return round(measured.elapsed.total_seconds(), 3) if measured.elapsed else 0.0
