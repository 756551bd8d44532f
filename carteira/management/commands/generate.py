"""manage.py generate: a large synthetic company, to measure on."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from brazil.money import format_number
from carteira.demo.loading import class_counts
from carteira.generator.documents import MOST_CLIENTS
from carteira.generator.loading import AlreadyGeneratedError, ClientsThereError, Company, Generator
from carteira.generator.marks import LOGINS, Login
from clients.models import PortfolioClass
from people.roles import Role

MOST_SELLERS = 100_000


class Command(BaseCommand):
    help = "Gera uma grande empresa sintética para medições, em uma base sem clientes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--clients", type=int, required=True, help="quantos clientes")
        parser.add_argument("--sellers", type=int, help="quantos vendedores (padrão: um para 2.000 clientes)")
        parser.add_argument("--seed", type=int, default=1, help="a mesma semente gera a mesma empresa no mesmo dia")

    def handle(self, *, clients: int, sellers: int | None, seed: int, **_options: Any) -> None:
        if not 1 <= clients <= MOST_CLIENTS:
            raise CommandError(_("--clients vai de 1 a %(most)s.") % {"most": format_number(MOST_CLIENTS)})
        if sellers is not None and not 1 <= sellers <= MOST_SELLERS:
            raise CommandError(_("--sellers vai de 1 a %(most)s.") % {"most": format_number(MOST_SELLERS)})
        if not 0 <= seed < 10**9:
            raise CommandError(_("--seed vai de 0 a 999.999.999."))
        generator = Generator(Company.of(clients, sellers, seed), Path(settings.DATA_DIR), self._tell)
        try:
            logins = generator.run()
        except AlreadyGeneratedError:
            raise CommandError(_("Esta base já tem uma empresa gerada; nada mudou. Use uma base vazia.")) from None
        except ClientsThereError:
            text = _("Esta base já tem clientes: nada foi gerado e nada mudou. Use uma base vazia.")
            raise CommandError(text) from None
        self._report(generator, logins)

    def _tell(self, phase: str, seconds: float) -> None:
        self.stdout.write(f"{phase:<32} {seconds:8.1f} s")

    def _report(self, generator: Generator, logins: list[Login]) -> None:
        for table, rows in generator.rows.items():
            self.stdout.write(f"{table:<32} {format_number(rows):>12}")
        found = class_counts()
        counts = ", ".join(f"{label} {format_number(found.get(code, 0))}" for code, label in PortfolioClass.choices)
        self.stdout.write(_("Empresa gerada: %(counts)s.") % {"counts": counts})
        for role, label in Role.choices:
            login = next((login for login in logins if login.role == role), None)
            if login:
                self.stdout.write(f"{label}: {login.email} {login.password}")
        self.stdout.write(_("Todos os acessos em %(path)s.") % {"path": generator.data_dir / LOGINS})
