"""Celery carries nudges; what must be done is written in job rows. Beat holds no truth: it only ticks."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carteira.settings")

TICK_SECONDS = 30

app = Celery("carteira")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "tick": {
        "task": "jobs.tasks.tick",
        "schedule": float(TICK_SECONDS),
        # After a pause of the workers one tick is enough: it looks at everything that is due.
        "options": {"expires": TICK_SECONDS},
    }
}
