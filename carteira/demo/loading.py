"""Loads the demo company, once, in one transaction; and remembers that it did."""

import datetime
import json
import os
import random
import secrets
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone

from carteira.demo.clients import Drafter
from carteira.demo.contacts import write_contacts
from carteira.demo.filters import write_filters
from carteira.demo.logo import put_logo
from carteira.demo.products import write_catalogue
from carteira.demo.staff import login_rows, write_staff
from carteira.demo.surveys import write_surveys
from carteira.demo.writing import Writer
from clients import search
from clients.models import Client
from contacts import triggers
from contracts import tiers
from contracts.nightly import classify_everybody
from people import activity
from people.models import Activity
from portfolio import agenda_days, coverage

LOADED = "demo_loaded"
DEMO_PASSWORD = "horizonte-demo"  # noqa: S105  (open on purpose, and only where DEMO is on)
SEED = 20_260_701
LOCK_KEY = 7_304_112
LOGINS = "demo_logins.json"
ANALYZED = (
    "clients_client", "clients_phone", "clients_email", "clients_ownership", "contracts_purchase",
    "contracts_contract", "contracts_clientcycle", "contracts_classchange",
)  # fmt: skip


class RealClientsError(Exception):
    """The base holds clients that are not of the demo."""


def load(data_dir: Path) -> bool:
    """False: it is loaded already and the base stays as it is. Raises RealClientsError."""
    password = DEMO_PASSWORD if settings.DEMO else secrets.token_urlsafe(12)
    with transaction.atomic():
        # Two starts at the same moment: the second waits, then finds the mark of the first.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
        is_new = not is_loaded()
        if is_new:
            _refuse_real_clients()
            _write(password)
    # A password drawn for this base is told once; the one of the demo can be told again.
    if is_new or (settings.DEMO and not (data_dir / LOGINS).exists()):
        write_logins(data_dir, login_rows(password))
    return is_new


def is_loaded() -> bool:
    return Activity.objects.filter(verb=LOADED).exists()


def class_counts() -> dict[str, int]:
    everybody = Client.objects.unscoped(reason="totals of the demo company")
    return dict(everybody.values_list("portfolio_class").annotate(clients=Count("pk")))


def _refuse_real_clients() -> None:
    if Client.objects.unscoped(reason="whether the base is in use").exists():
        raise RealClientsError


def _write(password: str) -> None:
    now = timezone.localtime()
    # The same seed everywhere: every installation shows the same people.
    drafter = Drafter(random.Random(SEED), now)  # noqa: S311  (the same company every time)
    drafts = drafter.everybody()
    staff = write_staff(now.date(), password)
    clients = Writer(drafter, staff, write_catalogue()).write(drafts)
    search.refresh(None)
    for place, day in enumerate(nights(now.date())):
        if place < 2:
            _analyze()
        classify_everybody(day)
    tiers.rank_everybody(now.date())
    write_contacts(now, seed=SEED)
    write_filters(staff.admin, now)
    write_surveys(now, by=staff.admin, seed=SEED)
    put_logo(by=staff.admin)
    for step in (triggers.trigger, coverage.count_everybody, agenda_days.plan_everybody):
        step(now.date())
    activity.record(LOADED, by=staff.admin, clients=len(clients), seed=SEED)


def nights(today: datetime.date) -> Iterator[datetime.date]:
    """The nights lived through again, oldest first, so that clients have a past: sparse, then dense."""
    for first, last, step in ((1080, 360, 72), (360, 90, 18), (90, 14, 7), (14, -1, 2)):
        for days in range(first, last, -step):
            yield today - datetime.timedelta(days=days)


def _analyze() -> None:
    """Fresh tables have no statistics; those of the classification fill in the first night."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(ANALYZED)}")


def write_logins(data_dir: Path, logins: list[dict[str, str]]) -> None:
    """Readable by the owner of the installation only; whole or not at all."""
    draft = data_dir / f"{LOGINS}.new"
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(logins, file, ensure_ascii=False, indent=1)
    draft.replace(data_dir / LOGINS)
