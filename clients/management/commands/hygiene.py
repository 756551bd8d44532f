"""manage.py hygiene: what the rules of documents and phones make of each value of a file."""

import csv
import json
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from brazil.documents import parse_document
from brazil.phones import parse_phone

Row = dict[str, str]


def document_row(raw: str) -> Row:
    found = parse_document(raw)
    return {
        "status": found.status,
        "person_type": found.person_type,
        "normalized": found.normalized,
        "formatted": found.formatted,
        "actions": "|".join(found.actions),
        "error": found.error,
    }


def phone_row(raw: str) -> Row:
    found = parse_phone(raw)
    return {
        "status": found.status,
        "e164": found.e164,
        "second_e164": found.second_e164,
        "type": found.type,
        "whatsapp_link": found.whatsapp_link,
        "extension": found.extension,
        "ddd_uf": found.ddd_uf,
        "actions": "|".join(found.actions),
        "error": found.error,
    }


RULES: dict[str, Callable[[str], Row]] = {"document": document_row, "phone": phone_row}


class Command(BaseCommand):
    help = "Aplica as regras de documento ou de telefone à coluna `input` de um CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=sorted(RULES))
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="um objeto JSON com `rows`, em vez de CSV")

    def handle(self, *args: Any, kind: str, file: Path, **options: Any) -> None:
        rows = [RULES[kind](value) for value in self._inputs(file)]
        if options["json"]:
            self.stdout.write(json.dumps({"rows": rows}, ensure_ascii=False))
            return
        columns = list(RULES[kind](""))
        writer = csv.DictWriter(self.stdout, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)

    def _inputs(self, file: Path) -> list[str]:
        try:
            with file.open(encoding="utf-8-sig", newline="") as handle:
                reader = csv.DictReader(handle)
                if "input" not in (reader.fieldnames or []):
                    raise CommandError(f"{file}: falta a coluna `input`.")
                return [row["input"] or "" for row in reader]
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise CommandError(f"{file}: não foi possível ler o arquivo ({error}).") from error
