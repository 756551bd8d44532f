"""manage.py bench: the real code paths on the current database, each figure beside its limit."""

import json
from argparse import ArgumentParser
from importlib import import_module
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from carteira.bench.figures import BenchError, Figure, Options

TOPICS: Final = ("nightly", "pages", "search", "import", "export", "distribute", "load")
# A module cannot be called import.
MODULES: Final = {"import": "importing"}
QUICK: Final = Options(repeat=1, seconds=2, quick=True)


class Command(BaseCommand):
    help = "Mede os caminhos reais do programa na base atual, cada figura ao lado do seu limite."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("topic", choices=TOPICS)
        parser.add_argument("--json", action="store_true", help="um objeto JSON na saída")
        parser.add_argument("--repeat", type=int, default=Options().repeat, help="medidas por figura (mediana)")
        parser.add_argument("--seconds", type=int, default=Options().seconds, help="duração de cada carga")
        parser.add_argument("--rows", type=int, default=0, help="linhas da planilha medida")
        parser.add_argument("--quick", action="store_true", help="poucas medidas: só mostra que tudo roda")

    def handle(self, *, topic: str, repeat: int, seconds: int, rows: int, quick: bool, **options: Any) -> None:
        if repeat < 1 or seconds < 1 or rows < 0:
            raise CommandError("--repeat e --seconds começam em 1, --rows em 0.")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('statement_timeout', %s, false)", [str(settings.JOB_STATEMENT_TIMEOUT_MS)]
            )
        measure = import_module(f"carteira.bench.{MODULES.get(topic, topic)}").measure
        found: list[Figure] = []
        try:
            for figure in measure(QUICK if quick else Options(repeat=repeat, seconds=seconds, rows=rows)):
                found.append(figure)
                if not options["json"]:
                    self.stdout.write(_line(figure))
                    self.stdout.flush()
        except BenchError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps({"figures": [figure.as_json() for figure in found]}, ensure_ascii=False))


def _line(figure: Figure) -> str:
    verdict = {True: "dentro", False: "FORA", None: ""}[figure.is_met]
    limit = "" if figure.limit is None else f"limite {figure.limit:.4g} {figure.unit}"
    relation = "≥" if figure.at_least else "≤"
    budget = "" if figure.budget is None else f"{figure.ratio:.3g} {relation} {figure.budget:g}"
    return f"{figure.name:<58} {figure.value:>10.4g} {figure.unit:<8} {limit:<24} {budget:<18} {verdict}".rstrip()
