from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from brazil.money import format_number
from carteira.demo import loading
from clients.models import PortfolioClass


class Command(BaseCommand):
    help = "Carrega a empresa de demonstração. Pode ser repetido; recusa uma base com clientes de verdade."

    def handle(self, **_options: Any) -> None:
        data_dir = Path(settings.DATA_DIR)
        try:
            is_new = loading.load(data_dir)
        except loading.RealClientsError:
            raise CommandError(
                _("Esta base já tem clientes: a demonstração não foi carregada e nada mudou. Use uma base vazia.")
            ) from None
        if not is_new:
            self.stdout.write(_("A empresa de demonstração já está carregada; nada mudou."))
            return
        found = loading.class_counts()
        counts = ", ".join(f"{label} {format_number(found[code])}" for code, label in PortfolioClass.choices)
        self.stdout.write(_("Empresa de demonstração carregada: %(counts)s.") % {"counts": counts})
        self.stdout.write(_("Acessos em %(path)s.") % {"path": data_dir / loading.LOGINS})
