"""manage.py distribute: the distribution screen's rules from the command line."""

import csv
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from portfolio import distribution
from portfolio.models import DistributionBatch


class Command(BaseCommand):
    help = "Distribui os clientes sem responsável; mostra a carga por vendedor antes e depois."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="calcula e mostra, sem gravar")
        parser.add_argument("--json", action="store_true", help="um objeto JSON na saída")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        with transaction.atomic():
            report = self._distribute(dry_run=dry_run)
            if dry_run:
                transaction.set_rollback(True)
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
        else:
            self._print(report)

    def _distribute(self, *, dry_run: bool) -> dict[str, Any]:
        try:
            batch = distribution.propose(by=None)
        except distribution.NothingToDistributeError:
            return {"moved": 0, "unplaced": 0, "refused": 0, "fairness": {}, "rows": [], "skipped": []}
        refused = 0
        if not dry_run:
            applied = distribution.apply(batch, by=None)
            batch.refresh_from_db()
            refused = applied.refused
        return _report(batch, refused=refused)

    def _print(self, report: dict[str, Any]) -> None:
        """The rows of the JSON as CSV, and the rest of it beside them."""
        rows: list[dict[str, Any]] = report["rows"]
        if rows:
            writer = csv.DictWriter(self.stdout, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        for name in ("moved", "unplaced", "refused", "fairness"):
            self.stderr.write(f"{name}: {json.dumps(report[name])}", lambda line: line)


def _report(batch: DistributionBatch, *, refused: int) -> dict[str, Any]:
    return {
        "moved": batch.placed,
        "unplaced": batch.unplaced,
        "refused": refused,
        "fairness": batch.fairness,
        "rows": batch.sellers,
        "skipped": batch.skipped,
    }
