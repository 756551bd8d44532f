"""Contact files on the pages of an import, in what comes out of it, and by the command."""

import json
import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from imports.reports import rejected_rows
from people.models import Activity
from tests.factories import make_client
from tests.imports.test_contacts import HEADER, SAMPLE, all_logs, contacts, file_of, wishes
from tests.imports.uploads import checked, receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(cast):
    return make_client("Ana", owner=cast.julia, code="C-1", document="52998224725", person_type="PF")


@pytest.mark.parametrize(("name", "status"), [("sonia", 200), ("ada", 200), ("julia", 403), ("aurora", 403)])
def test_model_of_contacts_is_for_those_who_import(client, cast, name, status):
    client.force_login(getattr(cast, name))

    assert client.get(reverse("imports:batch_upload")).status_code == status
    model = client.get(reverse("imports:batch_model", args=["contacts"]))
    assert model.status_code == status
    if status == 200:
        assert b"".join(model.streaming_content).decode().lstrip("\ufeff").startswith(";".join(HEADER))


def test_conference_says_what_is_wrong_and_who_is_not_contacted_any_more(client, cast, ana):
    batch = checked(SAMPLE.read_bytes(), by=cast.sonia, kind="contacts")
    client.force_login(cast.sonia)
    address = batch.get_absolute_url()

    wrong, new = client.get(address).text, client.get(address, {"mostrar": "create"}).text

    assert "não marcam retorno nem mudam planos de contato" in wrong
    assert "<strong>1 linha diz para não contatar mais</strong>" in wrong
    assert '<span class="bad">Pombo</span>' in wrong
    assert '<span class="bad">Talvez</span>' in wrong
    assert re.search("Use um destes: .*Interessado, Agendou retorno, .*, Fraude suspeita\\.", wrong)
    assert "ela não existe ou ainda não chegou" in wrong
    assert "O cliente deixa de ser contatado: o pedido é registrado junto." in new
    assert (all_logs().count(), wishes()) == (0, [])


def test_conference_takes_as_many_queries_for_three_rows_as_for_one(client, cast, ana):
    client.force_login(cast.sonia)
    counts = []
    for total in (1, 1, 3):
        rows = [("C-1", "10/11/2026", "ligação", f"Talvez {total}")] * total
        batch = checked(file_of(*rows), by=cast.sonia, kind="contacts")
        with CaptureQueriesContext(connection) as queries:
            client.get(batch.get_absolute_url())
        counts.append(len(queries))

    assert counts[1] == counts[2] <= 15


def test_columns_of_contacts_ask_for_what_a_contact_needs(client, cast, ana):
    batch = receive(file_of(("C-1", "10/11/2026", "ligação", "Interessado")), by=cast.sonia, kind="contacts")
    client.force_login(cast.sonia)

    page = client.get(batch.get_absolute_url()).text
    refused = client.post(batch.get_absolute_url(), {"column_0": "cliente", "column_1": "data"})
    chosen = {f"column_{place}": name for place, name in enumerate(HEADER)}
    accepted = client.post(batch.get_absolute_url(), chosen)

    assert "Criar os produtos" not in page
    assert refused.status_code == 422
    assert "Escolha a coluna de Canal." in refused.text
    assert accepted.status_code == 303


def test_rejected_lines_keep_their_layout_and_name_the_outcomes(cast, ana):
    batch = contacts(("C-1", "10/11/2026", "zap", "Talvez", "Ficou de ver", "Júlia Prado"), by=cast.sonia)

    header, row = rejected_rows(batch)

    assert list(header) == [*HEADER, "motivo"]
    assert row[:-1] == ["C-1", "10/11/2026", "zap", "Talvez", "Ficou de ver", "Júlia Prado"]
    assert re.fullmatch(r"Resultado desconhecido\. Use um destes: .*Interessado, .*, Fraude suspeita\.", row[-1])


def test_import_file_brings_contacts(cast, ana, capsys):
    make_client("Bia", owner=cast.caio, code="C-2", document="11144477735", person_type="PF")
    make_client("Acme", team=cast.sul, code="C-3", document="11222333000181", person_type="PJ")
    outcomes = {"valid": 7, "repaired": 1, "rejected": 8, "ignored": 3}
    run = ("import_file", "contacts", str(SAMPLE), "--as", cast.sonia.email, "--today", "2026-11-21", "--json")

    told_by = []
    for extra in (["--dry-run"], [], []):
        call_command(*run, *extra)
        told_by.append(json.loads(capsys.readouterr().out))

    assert [(found["outcomes"], found["created"]) for found in told_by] == [
        (outcomes, 0), (outcomes, 8), (outcomes, 0),
    ]  # fmt: skip
    assert len(told_by[0]["rows"]) == 19
    assert all_logs().count() == 8
    assert not Activity.objects.filter(verb="contact_logged").exists()
