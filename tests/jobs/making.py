"""Jobs in any state, for tests."""

import datetime
from typing import Any

from django.utils import timezone

from jobs.models import Job
from jobs.tasks import SELFCHECK

ENDED = {Job.State.DONE, Job.State.DEAD}


def make_job(kind: str = SELFCHECK, **fields: Any) -> Job:
    state = fields.get("state")
    if state == Job.State.RUNNING:
        fields.setdefault("lease_until", timezone.now() + datetime.timedelta(minutes=1))
        fields.setdefault("attempt", 1)
    if state in ENDED:
        fields.setdefault("finished_at", timezone.now())
    return Job.objects.create(kind=kind, **fields)
