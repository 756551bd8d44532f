"""The pages of an import: who may enter, what each step shows and does, and how many queries a list takes."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from clients.models import Client
from imports.models import ImportBatch, SavedMapping, State
from jobs.models import Job
from tests.factories import make_client
from tests.imports.uploads import CPF_ANA, CPF_BIA, checked, csv_of, imported, receive

pytestmark = pytest.mark.django_db

FILE = csv_of(("nome", "documento", "obs"), ("Ana Lima", CPF_ANA, "x1"), ("Bia Reis", "111.111.111-11", "x2"))


@pytest.fixture
def page(client, cast):
    client.force_login(cast.sonia)
    return client


def address(name: str, *args: object) -> str:
    return reverse(f"imports:{name}", args=args)


def stored(batch: ImportBatch) -> ImportBatch:
    return ImportBatch.objects.unscoped(reason="test").get(pk=batch.pk)


@pytest.mark.parametrize(
    ("name", "status"),
    [("sonia", 200), ("mauro", 200), ("ada", 200), ("julia", 403), ("bento", 403), ("aurora", 403)],
)
def test_batch_list_is_for_those_who_import(client, cast, name, status):
    client.force_login(getattr(cast, name))

    assert client.get(address("batch_list")).status_code == status


@pytest.mark.parametrize(("name", "status"), [("sonia", 200), ("mauro", 200), ("ada", 200), ("norma", 404)])
def test_batch_of_somebody_else_is_seen_by_their_manager_and_the_admin(client, cast, name, status):
    batch = imported(FILE, by=cast.sonia)
    client.force_login(getattr(cast, name))

    assert client.get(address("batch_detail", batch.pk)).status_code == status


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("batch_detail", "get"), ("batch_mapping", "get"), ("batch_mapping", "post"), ("batch_check", "get"),
        ("batch_run", "post"), ("batch_progress", "get"), ("batch_rejects", "get"), ("batch_undo", "post"),
        ("batch_cancel", "post"), ("batch_reread", "post"),
    ],
)  # fmt: skip
def test_foreign_batch_is_not_found(client, cast, name, method):
    batch = checked(FILE, by=cast.sonia)
    client.force_login(cast.norma)

    assert getattr(client, method)(address(name, batch.pk)).status_code == 404
    assert stored(batch).state == State.CHECKED


def test_batch_list_empty_says_what_it_is_for(page):
    text = page.get(address("batch_list")).text

    assert "Sua primeira planilha" in text
    assert address("batch_model", "clients") in text


def test_batch_list_takes_as_many_queries_for_three_as_for_one(page, cast, django_assert_max_num_queries):
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    counts = []
    for content in (
        FILE,
        csv_of(("nome", "documento"), ("Ana", CPF_ANA)),
        csv_of(("nome", "cpf"), ("Bia", CPF_BIA)),
    ):
        checked(content, by=cast.sonia)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page.get(address("batch_list"))
        counts.append(len(queries))

    assert counts[0] == counts[2] <= 10


def test_batch_upload_reads_the_file_and_leads_to_the_columns(page, cast):
    sent = SimpleUploadedFile("../../Clientes Sul.csv", FILE)

    response = page.post(address("batch_upload"), {"kind": "clients", "file": sent, "source": "Antigo"})

    batch = ImportBatch.objects.visible_to(cast.sonia).get()
    assert (response.status_code, response.url) == (303, address("batch_mapping", batch.pk))
    assert (batch.original_name, batch.records, batch.source) == ("Clientes Sul.csv", 2, "Antigo")
    assert batch.file.name.startswith("imports/")


def test_batch_upload_of_something_else_names_the_rule_and_keeps_the_choice(page, cast):
    sent = SimpleUploadedFile("clientes.xlsx", b"%PDF-1.7 something")

    response = page.post(address("batch_upload"), {"kind": "contracts", "file": sent, "source": "Antigo"})

    assert response.status_code == 422
    assert "Este arquivo não é uma planilha" in response.text
    assert 'value="Antigo"' in response.text
    assert not ImportBatch.objects.visible_to(cast.sonia).exists()


def test_batch_model_is_a_file_for_brazilian_excel(page):
    response = page.get(address("batch_model", "contracts"))

    content = b"".join(response.streaming_content)
    assert content.startswith(b"\xef\xbb\xbfcliente;instituicao;numero;produto;inicio;fim")
    assert response.headers["Content-Disposition"] == 'attachment; filename="modelo-contracts.csv"'
    assert page.get(address("batch_model", "deals")).status_code == 404


def test_batch_mapping_shows_guesses_with_samples_and_masks_documents(page, cast):
    batch = receive(FILE, by=cast.sonia)

    text = page.get(address("batch_mapping", batch.pk)).text

    assert "Reconhecemos 2 de 3 colunas" in text
    assert "Reconhecida" in text
    assert "Fica de fora" in text
    assert CPF_ANA not in text
    assert "Conferir 2 linhas" in text


def test_batch_mapping_shows_dates_as_they_stand(page, cast):
    batch = receive(csv_of(("nome", "documento", "nascimento"), ("Ana", CPF_ANA, "20-09-1966")), by=cast.sonia)

    text = page.get(address("batch_mapping", batch.pk)).text

    assert "20-09-1966" in text
    assert CPF_ANA not in text


def test_batch_mapping_checks_and_remembers_the_source(page, cast):
    batch = receive(FILE, by=cast.sonia)

    chosen = {
        "column_0": "nome",
        "column_1": "documento",
        "existing": "skip",
        "source": "Antigo",
        "remember": "on",
    }
    response = page.post(address("batch_mapping", batch.pk), chosen)

    assert response.url == address("batch_check", batch.pk)
    assert stored(batch).state == State.CHECKED
    assert SavedMapping.objects.get().mapping == {"nome": "nome", "documento": "documento", "obs": ""}
    again = receive(csv_of(("documento", "nome", "obs"), (CPF_BIA, "Bia", "")), by=cast.sonia, source="Antigo")
    assert again.columns == {0: "documento", 1: "nome"}


def test_batch_mapping_without_a_name_column_is_refused(page, cast):
    batch = receive(FILE, by=cast.sonia)

    response = page.post(address("batch_mapping", batch.pk), {"column_1": "documento", "existing": "skip"})

    assert response.status_code == 422
    assert "Escolha a coluna de Nome." in response.text
    assert stored(batch).state == State.UPLOADED


def test_batch_mapping_refuses_a_field_twice(page, cast):
    batch = receive(FILE, by=cast.sonia)

    response = page.post(
        address("batch_mapping", batch.pk), {"column_0": "nome", "column_2": "nome", "existing": "skip"}
    )

    assert response.status_code == 422
    assert "Nome só pode vir de uma coluna." in response.text


def test_batch_reread_takes_another_encoding(page, cast):
    batch = receive("nome;documento\r\nJosé;529.982.247-25\r\n".encode("cp850"), by=cast.sonia)

    response = page.post(address("batch_reread", batch.pk), {"encoding": "cp850"})

    assert response.status_code == 303
    assert stored(batch).sample[0][0] == "José"


def test_batch_check_shows_totals_and_the_wrong_cell(page, cast):
    batch = checked(FILE, by=cast.sonia)

    text = page.get(address("batch_check", batch.pk)).text

    assert "Nada foi gravado ainda." in text
    assert '<span class="bad">111.111.111-11</span>' in text
    assert "CPF ou CNPJ com todos os dígitos iguais não existe." in text
    assert "Importar 1 e pular 1" in text
    assert not Client.objects.unscoped(reason="test").exists()


def test_batch_check_filters_by_outcome_in_a_fragment(page, cast):
    batch = checked(FILE, by=cast.sonia)

    response = page.get(address("batch_check", batch.pk), {"mostrar": "create"}, headers={"HX-Request": "true"})

    assert "Ana Lima" in response.text
    assert "<html" not in response.text
    assert CPF_ANA not in response.text


def test_same_file_again_warns_with_a_link(page, cast):
    first = imported(FILE, by=cast.sonia)
    second = checked(FILE, by=cast.sonia)

    text = page.get(address("batch_check", second.pk)).text

    assert "Este mesmo arquivo já foi importado" in text
    assert first.get_absolute_url() in text


def test_batch_run_works_in_the_background_and_reports(page, cast):
    batch = checked(FILE, by=cast.sonia)

    page.post(address("batch_run", batch.pk))

    assert stored(batch).state == State.RUNNING
    progress = page.get(address("batch_progress", batch.pk), headers={"HX-Request": "true"})
    assert "every 2s" in progress.text
    work_off()
    assert page.get(address("batch_progress", batch.pk), headers={"HX-Request": "true"}).headers["HX-Redirect"]
    text = page.get(address("batch_detail", batch.pk)).text
    assert "Importação concluída" in text
    assert Client.objects.visible_to(cast.sonia).count() == 1


def work_off() -> None:
    """What the worker does, inside the transaction of the test."""
    from imports import running  # noqa: PLC0415
    from imports.work import AtOnce  # noqa: PLC0415

    for job in Job.objects.filter(kind="import_run"):
        running.run(ImportBatch.objects.unscoped(reason="test").get(pk=job.payload["batch"]), AtOnce())


def test_batch_run_twice_starts_once(page, cast):
    batch = checked(FILE, by=cast.sonia)

    page.post(address("batch_run", batch.pk))
    page.post(address("batch_run", batch.pk))

    assert Job.objects.filter(kind="import_run").count() == 1


def test_batch_cancel_interrupts_and_the_run_goes_on_later(page, cast):
    batch = checked(FILE, by=cast.sonia)
    page.post(address("batch_run", batch.pk))

    page.post(address("batch_cancel", batch.pk))
    work_off()

    assert stored(batch).state == State.INTERRUPTED
    assert "Continuar" in page.get(address("batch_detail", batch.pk)).text
    page.post(address("batch_run", batch.pk))
    work_off()
    assert stored(batch).state == State.DONE


def test_batch_cancel_before_the_run_leaves_nothing(page, cast, django_capture_on_commit_callbacks):
    batch = checked(FILE, by=cast.sonia)
    storage, name = batch.file.storage, batch.file.name

    with django_capture_on_commit_callbacks(execute=True):
        page.post(address("batch_cancel", batch.pk))

    assert not ImportBatch.objects.visible_to(cast.sonia).exists()
    assert not storage.exists(name)


def test_batch_undo_takes_everything_back(page, cast):
    batch = imported(FILE, by=cast.sonia)

    page.post(address("batch_undo", batch.pk))

    assert stored(batch).state == State.UNDONE
    assert not Client.objects.unscoped(reason="test").exists()
    assert "Importação desfeita" in page.get(address("batch_detail", batch.pk)).text


def test_batch_rejects_keeps_the_layout_and_disarms_formulas(page, cast):
    content = csv_of(("nome", "documento", "obs"), ("=1+1", "11", "+55"), ("Bia", "x", "@cmd"))
    batch = imported(content, by=cast.sonia)

    response = page.get(address("batch_rejects", batch.pk))

    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0] == "nome;documento;obs;motivo"
    assert lines[1].startswith("'=1+1;11;'+55;Falta o nome")
    assert lines[2].startswith("Bia;x;'@cmd;")


def test_batch_rejects_as_xlsx_has_only_text(page, cast):
    import openpyxl  # noqa: PLC0415

    batch = imported(csv_of(("nome", "documento"), ("=1+1", "00011")), by=cast.sonia)

    response = page.get(address("batch_rejects", batch.pk), {"formato": "xlsx"})

    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    rows = [[(cell.value, cell.data_type) for cell in row] for row in book.active.iter_rows()]
    assert rows[1][:2] == [("=1+1", "s"), ("00011", "s")]
    assert len(rows) == 2


def test_hidden_client_shows_only_its_owner(page, cast):
    make_client("Segredo Total", owner=cast.davi, document="52998224725", person_type="PF")
    batch = checked(FILE, by=cast.sonia)

    text = page.get(address("batch_check", batch.pk), {"mostrar": "repeat"}).text

    assert "Já existe, com Davi Lobo." in text
    assert "Segredo" not in text
