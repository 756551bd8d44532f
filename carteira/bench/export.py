"""A whole portfolio as a CSV file, through the real address, beside a bare COPY of the same columns."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median

from django.db import connection, transaction
from django.test import Client as Browser
from django.test.utils import override_settings
from django.urls import reverse

from carteira.bench.figures import BenchError, Figure, Options, seconds_of
from carteira.generator.marks import NoLoginError, login_of
from clients.models import Client
from people.models import Activity, User
from portfolio import csv_columns, export

TIME_BUDGET, MEMORY_BUDGET_MB = 3, 32
RAW = (
    "code", "name", "social_name", "person_type", "document", "city", "uf", "first_phone__e164", "portfolio_class",
    "class_since", "cycle__last_on", "owner__name",
)  # fmt: skip


def measure(options: Options) -> Iterator[Figure]:
    try:
        email, password = login_of("admin")
    except NoLoginError as error:
        raise BenchError("Esta medida entra como administrador: só em uma base de manage.py generate.") from error
    reader = User.objects.get(email=email)
    limits, taken, grown, rows = [], [], [], 0
    for _round in range(options.repeat):
        limits.append(seconds_of(partial(bare_copy, reader)))
        with transaction.atomic(), override_settings(SECOND_FACTOR_REQUIRED=False, ALLOWED_HOSTS=["testserver"]):
            browser = browser_of(reader, password)
            before = forget_peak()
            taken.append(seconds_of(partial(download, browser)))
            grown.append(memory_mb("VmHWM") - before)
            rows = Activity.objects.filter(verb="clients_exported").latest("pk").changes["clients"]
            transaction.set_rollback(True)
    yield Figure(f"{rows} clients as CSV", median(taken), "s", median(limits), TIME_BUDGET)
    yield Figure("memory it takes", max(grown), "MB", None, MEMORY_BUDGET_MB)


def browser_of(reader: User, password: str) -> Browser:
    browser = Browser()
    browser.force_login(reader)
    browser.post(reverse("account_reauthenticate"), {"password": password}, secure=True)
    return browser


def download(browser: Browser) -> None:
    answer = browser.post(reverse("portfolio:client_export"), {"format": "csv"}, secure=True)
    if answer.status_code != 200:
        raise BenchError(f"O download respondeu {answer.status_code}.")
    for _part in answer:
        pass


def bare_copy(reader: User) -> None:
    """The same columns of the same clients in the same order, unformatted, to nowhere."""
    found = csv_columns.joined(Client.objects.visible_to(reader)).order_by("name_key", "pk")
    sql, params = found.values_list(*RAW)[: export.CAPS["csv"] + 1].query.sql_with_params()
    with connection.cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv)", params) as copy:
        for _line in copy:
            pass


def forget_peak() -> float:
    """Begins a new measurement of the highest memory of this process; returns what it holds now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return memory_mb("VmRSS")


def memory_mb(name: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024
