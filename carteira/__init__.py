"""Project wiring of Carteira; loads the Celery application so that tasks find their broker."""

from carteira.celery import app as celery_app

__all__ = ["celery_app"]
