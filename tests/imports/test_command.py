"""`manage.py import_file`, by the same pipeline as the screen."""

import csv
import json

import pytest
from django.core.management import CommandError, call_command

from clients.models import Client
from imports.models import ImportBatch
from people.models import User
from tests.imports.uploads import DATA, SAMPLE, csv_of

pytestmark = pytest.mark.django_db


def clients() -> int:
    return Client.objects.unscoped(reason="test").count()


def command(capsys, *args: object) -> dict[str, object]:
    call_command("import_file", *map(str, args), "--json", "--today", "2026-11-21")
    return json.loads(capsys.readouterr().out)


def test_import_file_reports_exactly_the_expected_rows(cast, capsys, tmp_path):
    report = tmp_path / "report.csv"

    told = command(capsys, "clients", SAMPLE, "--report", report)

    assert report.read_bytes() == (DATA / "messy_clients_sample.expected.csv").read_bytes()
    assert (told["created"], told["records"], len(told["rows"])) == (167, 205, 205)
    assert clients() == 167


def test_import_file_without_json_prints_the_rows_as_csv_and_the_summary_beside_them(cast, capsys):
    call_command("import_file", "clients", str(SAMPLE), "--dry-run", "--today", "2026-11-21")

    told = capsys.readouterr()
    expected = (DATA / "messy_clients_sample.expected.csv").read_text(encoding="utf-8")
    assert told.out.splitlines() == expected.splitlines()
    assert "records: 205" in told.err


def test_import_file_works_where_nobody_is_registered_yet(capsys, tmp_path):
    assert command(capsys, "clients", SAMPLE)["created"] == 167
    assert command(capsys, "clients", SAMPLE)["created"] == 0
    client = Client.objects.unscoped(reason="test").exclude(document="").order_by("pk")[0]
    source = tmp_path / "p.csv"
    source.write_bytes(csv_of(("cliente", "data", "produto"), (client.document, "01/11/2026", "Novo")))
    assert command(capsys, "purchases", source, "--create-products")["created"] == 1

    (operator,) = User.objects.all()
    assert not operator.has_usable_password()


def test_import_file_again_creates_nothing_and_says_the_same(cast, capsys, tmp_path):
    first = command(capsys, "clients", SAMPLE)

    second = command(capsys, "clients", SAMPLE)

    assert second["rows"] == first["rows"]
    assert second["created"] == 0
    assert clients() == 167


def test_import_file_dry_run_writes_nothing(cast, capsys):
    told = command(capsys, "clients", SAMPLE, "--dry-run")

    assert told["outcomes"] == {"valid": 110, "repaired": 57, "duplicate": 10, "rejected": 23, "ignored": 5}
    assert clients() == 0
    assert not ImportBatch.objects.unscoped(reason="test").exists()


def test_import_file_with_a_mapping(cast, capsys, tmp_path):
    source, mapping = tmp_path / "a.csv", tmp_path / "map.json"
    source.write_bytes(csv_of(("A", "B"), ("Ana", "529.982.247-25")))
    mapping.write_text(json.dumps({"a": "nome", "b": "documento"}), encoding="utf-8")

    assert command(capsys, "clients", source, "--mapping", mapping)["created"] == 1


@pytest.mark.parametrize("text", ['{"z": "nome"}', "[1, 2]", '{"a": "nada"}', "não é json"])
def test_import_file_refuses_a_wrong_mapping(cast, tmp_path, text):
    source, mapping = tmp_path / "a.csv", tmp_path / "map.json"
    source.write_bytes(csv_of(("A", "B"), ("Ana", "529.982.247-25")))
    mapping.write_text(text, encoding="utf-8")

    with pytest.raises(CommandError):
        call_command("import_file", "clients", str(source), "--mapping", str(mapping))

    assert not ImportBatch.objects.unscoped(reason="test").exists()


@pytest.mark.parametrize("place", ["nada/r.csv", "."])
def test_import_file_refuses_a_report_it_cannot_write_before_it_imports(cast, tmp_path, place):
    with pytest.raises(CommandError, match="relatório"):
        call_command("import_file", "clients", str(SAMPLE), "--report", str(tmp_path / place))

    assert clients() == 0


def test_import_file_names_a_missing_file(cast, tmp_path):
    with pytest.raises(CommandError, match="nada"):
        call_command("import_file", "clients", str(tmp_path / "nada.csv"))


def test_import_file_refuses_what_is_no_spreadsheet(cast, tmp_path):
    source = tmp_path / "a.xlsx"
    source.write_bytes(b"%PDF")

    with pytest.raises(CommandError, match="não é uma planilha"):
        call_command("import_file", "clients", str(source))


def test_import_file_acts_with_the_rights_of_the_person_named(cast, tmp_path):
    with pytest.raises(CommandError, match="--as"):
        call_command("import_file", "clients", str(SAMPLE), "--as", cast.julia.email)


def test_import_file_creates_products_when_told(cast, capsys, tmp_path):
    command(capsys, "clients", SAMPLE)
    client = Client.objects.unscoped(reason="test").exclude(document="").order_by("pk")[0]
    source = tmp_path / "p.csv"
    with source.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=";").writerows(
            [
                ("cliente", "numero", "data", "produto", "valor"),
                (client.document, "1", "01/11/2026", "Novo", "10"),
            ]
        )

    assert command(capsys, "purchases", source, "--dry-run")["outcomes"] == {"rejected": 1}
    assert command(capsys, "purchases", source, "--create-products")["created"] == 1
