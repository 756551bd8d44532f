"""Imports a spreadsheet from the command line, by the same steps as the screen."""

import csv
import json
from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Final

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from imports import batches, checking
from imports.headings import UnknownColumnError, chosen_columns
from imports.models import BatchKind, Existing, ImportBatch, State
from imports.outcomes import REPORT_COLUMNS
from imports.refusals import FileRefusedError
from imports.reports import report_dicts
from imports.work import AtOnce
from people.models import User
from people.roles import Permission, Role

OPERATOR: Final = "operador@carteira.invalid"


class Command(BaseCommand):
    help = "Imports clients, purchases, contracts or contacts from a CSV or XLSX file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=BatchKind.values)
        parser.add_argument("path", type=Path)
        parser.add_argument("--mapping", type=Path, help="JSON {heading: field}")
        parser.add_argument("--dry-run", action="store_true", help="check only, write nothing")
        parser.add_argument("--create-products", action="store_true")
        parser.add_argument("--existing", choices=Existing.values, default=Existing.SKIP.value)
        parser.add_argument("--as", dest="email", default="", help="e-mail of the importer; default: an admin")
        parser.add_argument("--today", type=date.fromisoformat, default=None, help="the day to judge ages by")
        parser.add_argument("--report", type=Path, help="CSV with one line per record")
        parser.add_argument("--json", action="store_true")

    def handle(self, **options: Any) -> None:
        report: Path | None = options["report"]
        if report is not None and not (report.parent.is_dir() and not report.is_dir()):
            # Before anything is written.
            raise CommandError(_("%(path)s: não é possível gravar o relatório aí.") % {"path": report})
        try:
            batch = self.imported(options)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        except (FileRefusedError, ValueError) as error:
            raise CommandError(str(error)) from error
        except batches.AlreadyRunningError as error:
            raise CommandError(_("Este arquivo está sendo importado agora.")) from error
        self.tell(batch, options)
        if options["dry_run"]:
            batches.discard(batch, by=batch.created_by)

    def imported(self, options: dict[str, Any]) -> ImportBatch:
        user = importer(options["email"])
        path: Path = options["path"]
        with path.open("rb") as file:
            batch = batches.receive(File(file, name=path.name), kind=options["kind"], by=user)
        try:
            prepare(batch, options)
            checking.check(batch, AtOnce(), today=options["today"])
            if batch.state == State.FAILED:
                raise CommandError(batch.error)
        except BaseException:
            batches.discard(batch, by=user)
            raise
        if not options["dry_run"]:
            batches.start(batch, by=user, now=True)
        return batch

    def tell(self, batch: ImportBatch, options: dict[str, Any]) -> None:
        """The rows go to the report, else to stdout with a summary beside them; as JSON both are one object."""
        report: Path | None = options["report"]
        if report is not None:
            with report.open("w", encoding="utf-8", newline="") as file:
                write_report(file, report_dicts(batch))
        found = summary(batch)
        if options["json"]:
            self.stdout.write(json.dumps(found | {"rows": list(report_dicts(batch))}, ensure_ascii=False))
            return
        if report is None:
            write_report(self.stdout, report_dicts(batch))
        shown = self.stderr if report is None else self.stdout
        for name, value in found.items():
            shown.write(f"{name}: {json.dumps(value, ensure_ascii=False)}", lambda line: line)


def write_report(stream: Any, rows: Iterable[dict[str, Any]]) -> None:
    writer = csv.DictWriter(stream, REPORT_COLUMNS)
    writer.writeheader()
    writer.writerows(rows)


def importer(email: str) -> User:
    """The person named, else an admin; an installation without one gets an operator."""
    people = User.objects.filter(is_active=True)
    if email:
        user = people.filter(email=email.lower()).first()
        if user is None or not user.may(Permission.IMPORT_FILES):
            raise CommandError(
                _("%(email)s não pode importar: informe em --as o e-mail de quem pode.") % {"email": email}
            )
        return user
    if user := people.filter(role=Role.ADMIN).order_by("pk").first():
        return user
    # Nobody can log in as the operator: there is no password, and no mail reaches the address.
    return User.objects.create_user(OPERATOR, name=_("Operador do sistema"), role=Role.ADMIN)


def prepare(batch: ImportBatch, options: dict[str, Any]) -> None:
    mapping = batch.columns
    if options["mapping"]:
        given = json.loads(options["mapping"].read_text(encoding="utf-8"))
        if not isinstance(given, dict):
            raise CommandError(_("--mapping precisa de um objeto JSON: {título da coluna: campo}."))
        try:
            mapping = chosen_columns(batch.kind, batch.table["header"], given)  # type: ignore[arg-type]
        except UnknownColumnError as error:
            raise FileRefusedError("unknown_column", name=str(error)) from error
    batch.mapping = {str(column): field for column, field in mapping.items()}
    batch.options = {"existing": options["existing"], "create_products": options["create_products"]}
    batch.state = State.MAPPED
    with transaction.atomic():
        batch.save(update_fields=["mapping", "options", "state"])


def summary(batch: ImportBatch) -> dict[str, Any]:
    totals = batch.totals
    effects = totals.get("effects", {})
    return {
        "batch": batch.pk,
        "file": batch.original_name,
        "encoding": batch.table.get("encoding", ""),
        "delimiter": batch.table.get("delimiter", ""),
        "header_line": batch.table.get("header_line"),
        "records": batch.records,
        "outcomes": totals.get("outcomes", {}),
        "reasons": totals.get("reasons", {}),
        "created": effects.get("created", 0),
        "updated": effects.get("updated", 0) + effects.get("filled", 0),
        "effects": effects,
    }
