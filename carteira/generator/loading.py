"""Generates the company in one transaction, with its first night, then lives through a second one."""

import datetime
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from carteira.demo.loading import DEMO_PASSWORD, LOCK_KEY
from carteira.demo.products import Catalogue, write_catalogue
from carteira.generator import marks
from carteira.generator.clients import PARTS, write_clients
from carteira.generator.contacts import write_contacts
from carteira.generator.database import execute, patience, prepare_draws, rows_of, without_key_checks
from carteira.generator.drafts import write_drafts
from carteira.generator.indexes import drop_indexes, make_indexes
from carteira.generator.lookups import write_lookups
from carteira.generator.sales import draw_agreements, write_sales
from carteira.generator.staff import Staff, write_staff
from clients import search
from clients.models import Client
from contacts import pulse, triggers
from contracts import tiers
from contracts.nightly import classify_everybody
from people import activity
from portfolio import agenda_days, coverage

ONE_DAY = datetime.timedelta(days=1)
CLIENTS_PER_SELLER, FEWEST_SELLERS = 2_000, 3
FILLED = (*PARTS, "contracts_contract", "contracts_purchase", "contacts_contactlog", "contacts_task")
CHANGED_BY_NIGHT = ("clients_client", "contracts_clientcycle", "contracts_classchange")
WRITTEN_LATER = ("contacts_contactpulse", "contacts_planmembership", "portfolio_agendaline")
FILLED_BEFORE_NIGHT = tuple(table for table in (*FILLED, "clients_clientsearch") if table not in CHANGED_BY_NIGHT)
# Rows were numbered by hand: the next one goes on from there.
SEQUENCE = "SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table} HAVING max(id) IS NOT NULL"


class AlreadyGeneratedError(Exception):
    """This base holds a generated company."""


class ClientsThereError(Exception):
    """This base holds clients, real ones or those of the demo."""


@dataclass(frozen=True, slots=True)
class Company:
    """What is asked for; the same company again for the same figures on the same day."""

    clients: int
    sellers: int
    seed: int
    today: datetime.date

    @classmethod
    def of(cls, clients: int, sellers: int | None, seed: int) -> "Company":
        """As many sellers as the clients need, when nobody says how many."""
        needed = max(FEWEST_SELLERS, clients // CLIENTS_PER_SELLER)
        return cls(clients, sellers or needed, seed, timezone.localdate())


class Generator:
    """`tell` hears the name of each phase and its seconds; `rows` counts what was written per table."""

    def __init__(self, company: Company, data_dir: Path, tell: Callable[[str, float], None]) -> None:
        self.company = company
        self.data_dir = data_dir
        self.tell = tell
        self.rows: dict[str, int] = {}

    def run(self) -> list[marks.Login]:
        with patience():
            with transaction.atomic():
                _refuse()
                logins = self._write()
                marks.write_logins(self.data_dir, logins)
            self._settle()
        return logins

    def _write(self) -> list[marks.Login]:
        company = self.company
        password = DEMO_PASSWORD if settings.DEMO else secrets.token_urlsafe(12)
        with self._phase("people and products"):
            staff = write_staff(company.sellers, seed=company.seed, today=company.today, password=password)
            catalogue = write_catalogue()
        with without_key_checks():
            indexes = drop_indexes(FILLED_BEFORE_NIGHT)
            indexes_of_night = drop_indexes(CHANGED_BY_NIGHT)
            self._fill(staff, catalogue)
            with self._phase("indexes"):
                make_indexes(indexes)
            with self._phase("last contacts"):
                execute("ANALYZE contacts_contactlog")
                pulse.refresh(None)
            self._first_night()
            with self._phase("indexes of what the night writes"):
                make_indexes(indexes_of_night)
        for table in FILLED:
            execute(SEQUENCE.format(table=table))
        activity.record(
            marks.GENERATED,
            by=staff.admin,
            clients=company.clients,
            sellers=company.sellers,
            seed=company.seed,
        )
        return staff.logins(password)

    def _fill(self, staff: Staff, catalogue: Catalogue) -> None:
        company, zone = self.company, settings.TIME_ZONE
        with self._phase("draws"):
            prepare_draws(company.seed)
            sizes = write_lookups(staff.sellers, catalogue, seed=company.seed)
            write_drafts(company.clients, sizes)
            draw_agreements(sizes, company.today)
        with self._phase("clients"):
            self.rows |= write_clients(sizes, company.today, seed=company.seed, zone=zone)
        with self._phase("purchases and contracts"):
            self.rows |= write_sales(sizes, company.today, zone=zone)
        with self._phase("contacts"):
            self.rows |= write_contacts(company.today, zone=zone)
        with self._phase("search text"):
            execute("ANALYZE clients_client, clients_phone, clients_email")
            search.refresh(None)

    def _first_night(self) -> None:
        """Every client changes its class: far quicker while few indexes follow."""
        with self._phase("first night"):
            execute(f"ANALYZE {', '.join(FILLED)}")
            classify_everybody(self.company.today - ONE_DAY)

    def _settle(self) -> None:
        """Statistics and visibility maps, and the night that comes with them."""
        with self._phase("statistics"):
            _vacuum({*FILLED_BEFORE_NIGHT, *CHANGED_BY_NIGHT})
        with self._phase("second night"):
            classify_everybody(self.company.today)
            tiers.rank_everybody(self.company.today)
            triggers.trigger(self.company.today)
        with self._phase("days of the sellers"):
            coverage.count_everybody(self.company.today)
            agenda_days.plan_everybody(self.company.today)
        with self._phase("statistics after the night"):
            _vacuum((*CHANGED_BY_NIGHT, *WRITTEN_LATER))

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        start = time.monotonic()
        yield
        self.tell(name, time.monotonic() - start)


def _refuse() -> None:
    # Two at the same moment: the second waits, then finds the mark of the first.
    rows_of("SELECT pg_advisory_xact_lock(%(key)s)", {"key": LOCK_KEY})
    if marks.is_generated():
        raise AlreadyGeneratedError
    if Client.objects.unscoped(reason="whether the base is in use").exists():
        raise ClientsThereError


def _vacuum(tables: Iterable[str]) -> None:
    """Within a transaction of the caller's there is no VACUUM."""
    verb = "ANALYZE" if connection.in_atomic_block else "VACUUM ANALYZE"
    execute(f"{verb} {', '.join(tables)}")
