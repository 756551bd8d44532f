"""manage.py classify: the night's classification for a date, its explanation for one client, or a truth table."""

import csv
import datetime
import json
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from brazil.dates import parse_date
from clients.models import Client, PortfolioClass, Sector
from contracts import cases, nightly, reasons, tiers
from contracts.evaluation import Evaluation, Question, read
from contracts.models import Contract, RiskBand

COLUMNS: Final = (
    "codigo", "class", "reason_code", "x", "t_x", "recency", "m", "c", "limit", "p_buys", "risk", "next_change_on",
)  # fmt: skip


class Command(BaseCommand):
    help = "Classifica a carteira em uma data. Data anterior à última classificada: só mostra, não grava."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--date", help="data de referência, AAAA-MM-DD ou DD/MM/AAAA (padrão: hoje)")
        parser.add_argument("--client", help="só este cliente: código externo, ou o número interno; não grava")
        parser.add_argument("--explain", action="store_true", help="com --client: motivo e números")
        parser.add_argument("--out", type=Path, help="arquivo CSV com uma linha por cliente")
        parser.add_argument(
            "--recompute", action="store_true", help="relê todas as compras e contratos, corrige e diz o que divergia"
        )
        parser.add_argument("--cases", type=Path, help="tabela de casos; nada fica gravado")
        parser.add_argument("--json", action="store_true", help="um objeto JSON na saída")

    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            # A night is a job, with a job's patience.
            cursor.execute(
                "SELECT set_config('statement_timeout', %s, false)", [str(settings.JOB_STATEMENT_TIMEOUT_MS)]
            )
        try:
            self._answer(**options)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error

    def _answer(self, *, client: str | None, explain: bool, **options: Any) -> None:
        truth_table = options.pop("cases")
        if truth_table is not None:
            self._try_cases(truth_table, as_json=options["json"])
        elif client is not None:
            self._show_client(client, explain=explain, **options)
        elif explain:
            raise CommandError("--explain precisa de --client.")
        else:
            self._classify(**options)

    # --- A truth table ------------------------------------------------------------------------------

    def _try_cases(self, path: Path, *, as_json: bool) -> None:
        try:
            rows = list(cases.as_rows(cases.outcomes(path)))
        except (cases.CaseError, csv.Error, UnicodeDecodeError) as error:
            raise CommandError(f"{path}: {error}") from error
        if as_json:
            self._json({"cases": rows})
        else:
            shown = [row | {"limit": "" if row["limit"] is None else f"{row['limit']:g}"} for row in rows]
            _write_csv(self.stdout, ("case_id", "class", "reason_code", "limit"), (row.values() for row in shown))

    # --- One client ---------------------------------------------------------------------------------

    def _show_client(self, name: str, *, explain: bool, date: str | None, out: Path | None, **options: Any) -> None:
        question = nightly.question_on(_day(date)).about([_client_id(name)])
        (found,) = read(question)
        row = dict(zip(COLUMNS, _cells(found), strict=True))
        if out is not None:
            _write_file(out, [found])
        if explain:
            row |= _explanation(found, on=question.on)
        if options["json"]:
            self._json(row)
        elif explain:
            for key, value in row.items():
                self.stdout.write(f"{key}: {'' if value is None else value}")
        else:
            _write_csv(self.stdout, COLUMNS, [row.values()])

    # --- Everybody ----------------------------------------------------------------------------------

    def _classify(self, *, date: str | None, out: Path | None, recompute: bool, **options: Any) -> None:
        day = _day(date)
        is_past = nightly.is_past(day)
        if nightly.is_too_far(day):
            raise CommandError(f"--date {date}: mais de {nightly.FARTHEST.days} dias à frente; confira o ano.")
        if recompute and is_past:
            raise CommandError("--recompute não vale para uma data anterior à última classificada.")
        if is_past:
            counts = nightly.counts_of(nightly.question_on(day)) | {"changed": 0, "written": 0}
        else:
            counts = nightly.classify_everybody(day)
            counts["written"] += sum(tiers.rank_everybody(day).values())
        differed = {"differed": _recompute(day)} if recompute else {}
        question = nightly.question_on(day)
        if out is not None:
            _write_file(out, nightly.everybody(question))
        report = _report(question, counts) | differed
        if options["json"]:
            self._json(report)
        else:
            _write_csv(self.stdout, ("group", "name", "value"), _flat(report))

    def _json(self, found: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(found, ensure_ascii=False, default=str))


def _day(text: str | None) -> datetime.date:
    if text is None:
        return timezone.localdate()
    parsed = parse_date(text)
    if parsed.value is None:
        raise CommandError(f"--date {text}: data inválida.")
    return parsed.value


def _recompute(day: datetime.date) -> dict[str, int]:
    """Rows written because what was kept is not what raw rows say."""
    found = nightly.classify_everybody(day, recompute=True)
    return {"classification": found["written"]} | tiers.rank_everybody(day, recompute=True)


def _client_id(name: str) -> int:
    """The external code wins over the internal number."""
    everyone = Client.objects.unscoped(reason="command of the operator")
    found = everyone.filter(code=name).values_list("pk", flat=True).first()
    if found is None and name.isascii() and name.isdigit() and len(name) < 19:
        found = everyone.filter(pk=int(name)).values_list("pk", flat=True).first()
    if found is None:
        raise CommandError(f"--client {name}: não há cliente com esse código.")
    return found


def _cells(found: Evaluation) -> tuple[Any, ...]:
    bought = found.gaps >= 0
    return (
        found.code or str(found.client_id),
        found.class_code,
        found.reason,
        found.gaps if bought else None,
        found.span_days,
        found.recency_days,
        found.mean_days,
        found.cycle_days,
        found.limit_days,
        found.p_buys,
        found.risk_band,
        found.next_change_on,
    )


def _explanation(found: Evaluation, *, on: datetime.date) -> dict[str, Any]:
    contracts = Contract.objects.unscoped(reason="command of the operator")
    contract = contracts.filter(pk=found.contract_id).first() if found.contract_id else None
    facts = reasons.facts_of_evaluation(found, on=on, contract=contract)
    return {
        "date": on,
        "sentence": reasons.sentence_of(facts),
        "chance": reasons.risk_sentence(facts),
        "change": reasons.change_sentence(facts),
        "last_on": found.last_on,
        "anchor_on": found.anchor_on,
        "contract": str(contract) if contract else "",
    }


def _report(question: Question, counts: dict[str, int]) -> dict[str, Any]:
    names = dict(Sector.objects.values_list("pk", "name"))
    by_sector = {names[pk]: days for pk, days in sorted(question.means.by_sector.items()) if pk in names}
    return {
        "date": question.on,
        "clients": sum(counts[name] for name in PortfolioClass.values),
        "classes": {name: counts[name] for name in PortfolioClass.values},
        "risk": {band: counts[f"risk_{band}"] for band in RiskBand.values if band},
        "m": by_sector,
        "company_m": question.means.company,
        "changed": counts["changed"],
        "written": counts["written"],
    }


def _flat(report: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for group, value in report.items():
        if isinstance(value, dict):
            yield from ((group, name, inner) for name, inner in value.items())
        else:
            yield group, "", value


def _write_file(path: Path, found: Iterable[Evaluation]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        _write_csv(file, COLUMNS, map(_cells, found))


def _write_csv(stream: Any, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """Numbers in full, so that another program computes the same from them."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
