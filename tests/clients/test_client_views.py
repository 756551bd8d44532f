"""The screens of a client, pressed by the cast: who may, what they see when it fails, and what is written."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients import documents, duplicates
from clients.models import Client, Email, Phone
from people.models import Activity, User
from tests.factories import Cast, make_client

Desk = Callable[[User], Browser]
HTMX = {"HX-Request": "true"}
CPF = "529.982.247-25"
CREATE = "/clientes/novo/"


def fields(**changes: str) -> dict[str, str]:
    return {"form_key": "chave-1", "person_type": "PF", "name": "Ana Lima", **changes}


def edit_fields(**changes: str) -> dict[str, str]:
    return {"person_type": "PF", "name": "Ana Lima", "version": "1", **changes}


def everyone() -> Any:
    return Client.objects.unscoped(reason="test")


def notice(response: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(response.headers["HX-Trigger"])
    return found


def test_client_create_shows_the_form(cast: Cast, at_desk: Desk) -> None:
    page = at_desk(cast.julia).get(CREATE).content.decode()
    assert 'name="form_key"' in page
    assert 'name="owner"' not in page
    assert 'name="owner"' in at_desk(cast.sonia).get(CREATE).content.decode()


def test_client_create_offers_only_people_in_sight(cast: Cast, at_desk: Desk) -> None:
    page = at_desk(cast.sonia).get(CREATE).content.decode()
    assert "Caio Torres</option>" in page
    assert "Davi Lobo</option>" not in page
    answer = at_desk(cast.sonia).post(CREATE, fields(owner=str(cast.davi.pk)))
    assert (answer.status_code, everyone().count()) == (422, 0)


def test_client_create_gives_the_client_to_the_seller(cast: Cast, at_desk: Desk) -> None:
    form = fields(document=CPF, phone="(11) 98765-4321", email="ana@gmail.con", cep="01310-100", uf="RJ", city="Rio")
    answer = at_desk(cast.julia).post(CREATE, form, follow=True)
    client = everyone().get()
    assert answer.redirect_chain == [(f"/clientes/{client.pk}/", 303)]
    assert (client.owner, client.document, client.city) == (cast.julia, "52998224725", "Rio")
    page = answer.content.decode()
    assert "Ana Lima foi cadastrado." in page
    assert "O CEP 01310-100 é de SP, mas o endereço diz RJ." in page
    assert "seria ana@gmail.com?" in page


def test_client_create_by_backoffice_goes_to_the_queue(cast: Cast, at_desk: Desk) -> None:
    at_desk(cast.bento).post(CREATE, fields())
    assert everyone().get().owner is None


def test_client_create_by_a_leader_goes_to_the_chosen_one(cast: Cast, at_desk: Desk) -> None:
    at_desk(cast.sonia).post(CREATE, fields(owner=str(cast.caio.pk)))
    at_desk(cast.sonia).post(CREATE, fields(owner="", form_key="chave-2", name="Bia Reis"))
    assert [c.owner for c in everyone().order_by("pk")] == [cast.caio, None]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"name": ""}, "Este campo é obrigatório."),
        ({"name": "..."}, "O nome precisa de ao menos duas letras."),
        ({"document": "529.982.247-26"}, "O dígito verificador do CPF ou CNPJ não confere."),
        ({"document": "11.222.333/0001-81"}, "Este documento é um CNPJ. Marque “Pessoa jurídica”"),
        ({"document": CPF, "person_type": "PJ"}, "Este documento é um CPF. Marque “Pessoa física”"),
        ({"phone": "98765-4321"}, "Falta o DDD do telefone."),
        ({"phone": "(11) 98765-4321 / (11) 98765-4322"}, "Cadastre um de cada vez."),
        ({"email": "ana@"}, "O e-mail não tem um endereço válido"),
        ({"cep": "123"}, "O CEP tem 8 dígitos."),
        ({"birth_date": "31/02/2000"}, "A data não existe."),
        ({"birth_date": "01/01/2090"}, "A data de nascimento está no futuro."),
        ({"birth_date": "01/01/2090", "person_type": "PJ"}, "A data de fundação está no futuro."),
    ],
)
def test_client_create_refuses_and_keeps_what_was_typed(
    cast: Cast, at_desk: Desk, changes: dict[str, str], text: str
) -> None:
    answer = at_desk(cast.julia).post(CREATE, fields(notes="Texto que fica", **changes))
    page = answer.content.decode()
    assert (answer.status_code, everyone().count()) == (422, 0)
    assert text in page
    assert "Texto que fica" in page
    assert page.count('class="alert alert-danger error-summary"') == 1
    for typed in changes.values():
        shown = typed.replace("01/01/2090", "2090-01-01")
        assert f'value="{shown}"' in page


def test_client_create_reads_foundation_dates_of_old_companies(cast: Cast, at_desk: Desk) -> None:
    at_desk(cast.julia).post(CREATE, fields(person_type="PJ", birth_date="01/01/1890"))
    assert everyone().get().birth_date.year == 1890


def test_client_create_twice_creates_one(cast: Cast, at_desk: Desk) -> None:
    browser = at_desk(cast.julia)
    first = browser.post(CREATE, fields(document=CPF))
    second = browser.post(CREATE, fields(document=CPF))
    assert everyone().count() == 1
    assert first.headers["Location"] == second.headers["Location"]


@pytest.mark.parametrize("extra", ["portfolio_class", "version", "owner"])
def test_client_create_refuses_fields_it_does_not_declare(cast: Cast, at_desk: Desk, extra: str) -> None:
    answer = at_desk(cast.julia).post(CREATE, fields(**{extra: "1"}))
    assert (answer.status_code, everyone().count()) == (400, 0)


def test_client_create_links_a_visible_duplicate(cast: Cast, at_desk: Desk) -> None:
    held = make_client("Zeca", owner=cast.julia, document="52998224725", person_type="PF")
    answer = at_desk(cast.julia).post(CREATE, fields(document=CPF))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Este documento já existe: Zeca." in page
    assert f'href="/clientes/{held.pk}/"' in page


def test_client_create_names_only_the_owner_of_a_hidden_duplicate(cast: Cast, at_desk: Desk) -> None:
    held = make_client("Zeca Oculto", owner=cast.davi, document="52998224725", person_type="PF")
    answer = at_desk(cast.julia).post(CREATE, fields(document=CPF))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Este documento já existe, com Davi Lobo." in page
    assert "Zeca" not in page
    assert f"/clientes/{held.pk}/" not in page
    assert Activity.objects.get(verb=duplicates.HIT).object_id == held.pk


def test_client_create_stops_after_too_many_hidden_hits(cast: Cast, at_desk: Desk) -> None:
    make_client("Zeca", owner=cast.davi, document="52998224725", person_type="PF")
    for _ in range(duplicates.HITS_PER_HOUR):
        Activity.objects.create(verb=duplicates.HIT, by=cast.julia)
    browser = at_desk(cast.julia)
    for document in (CPF, "111.444.777-35"):
        answer = browser.post(CREATE, fields(document=document))
        assert answer.status_code == 429
        assert "Foram muitos documentos de outras carteiras" in answer.content.decode()
        assert browser.post("/clientes/novo/repetidos/", fields(document=document)).status_code == 429
    assert browser.post(CREATE, fields()).status_code == 303


def test_client_create_asks_about_similar_clients(cast: Cast, at_desk: Desk) -> None:
    held = make_client("Ana de Lima", owner=cast.julia)
    Phone.objects.create(client=held, e164="+5511987654321", kind="MOBILE")
    browser, form = at_desk(cast.julia), fields(phone="11987654321")
    answer = browser.post(CREATE, form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Ana de Lima" in page
    assert "É outra pessoa, cadastrar mesmo assim" in page
    assert browser.post(CREATE, form | {"confirmed": "1"}).status_code == 303
    assert everyone().count() == 2


def test_client_duplicates_warns_without_writing_clients(cast: Cast, at_desk: Desk) -> None:
    held = make_client("Ana de Lima", owner=cast.julia, document="52998224725", person_type="PF")
    Email.objects.create(client=held, address="ana@hotmal.com")
    form = fields(document=CPF, email="ana@hotmal.com", cep="01310100", uf="RJ")
    page = at_desk(cast.julia).post("/clientes/novo/repetidos/", form, headers=HTMX).content.decode()
    assert "Este documento já existe: Ana de Lima." in page
    assert "Já há clientes parecidos" in page
    assert "cadastrar mesmo assim" not in page
    assert "seria ana@hotmail.com?" in page
    assert "O CEP 01310-100 é de SP" in page
    assert "<html" not in page
    empty = at_desk(cast.julia).post("/clientes/novo/repetidos/", fields(name="", phone="x"), headers=HTMX)
    assert (empty.status_code, everyone().count()) == (200, 1)


def test_client_edit_saves_and_keeps_the_masked_document(cast: Cast, at_desk: Desk) -> None:
    client = make_client("Ana Lima", owner=cast.julia, document="52998224725", person_type="PF")
    url = f"/clientes/{client.pk}/editar/"
    page = at_desk(cast.julia).get(url).content.decode()
    assert "•••.982.247-••" in page
    assert "52998224725" not in page
    form = edit_fields(document="•••.982.247-••", sector="Saúde", tags="VIP, Novo")
    answer = at_desk(cast.julia).post(url, form, headers=HTMX)
    assert answer.status_code == 204
    assert notice(answer) == {
        "aviso": {"text": "Ana Lima foi salvo.", "undo_url": ""},
        "close-dialog": True,
        "client-changed": True,
    }
    saved = everyone().get()
    assert (saved.document, saved.sector and saved.sector.name, saved.version) == ("52998224725", "Saúde", 2)
    assert sorted(tag.name for tag in saved.tags.all()) == ["Novo", "VIP"]


def test_client_edit_can_change_and_clear_the_document(cast: Cast, at_desk: Desk) -> None:
    client = make_client("Ana Lima", owner=cast.julia, document="52998224725", person_type="PF")
    url = f"/clientes/{client.pk}/editar/"
    at_desk(cast.julia).post(url, edit_fields(document="111.444.777-35"))
    assert everyone().get().document == "11144477735"
    at_desk(cast.julia).post(url, edit_fields(document="", version="2"))
    assert everyone().get().document == ""


def test_client_edit_tells_a_duplicate_and_its_limit(cast: Cast, at_desk: Desk) -> None:
    make_client("Oculto", owner=cast.davi, document="52998224725", person_type="PF")
    client = make_client("Ana Lima", owner=cast.julia)
    url = f"/clientes/{client.pk}/editar/"
    answer = at_desk(cast.julia).post(url, edit_fields(document=CPF))
    assert answer.status_code == 422
    assert "Este documento já existe, com Davi Lobo." in answer.content.decode()
    assert Activity.objects.filter(verb=duplicates.HIT).count() == 1
    for _ in range(duplicates.HITS_PER_HOUR):
        Activity.objects.create(verb=duplicates.HIT, by=cast.julia)
    assert at_desk(cast.julia).post(url, edit_fields(document=CPF)).status_code == 429


def test_client_edit_conflict_shows_both_texts_and_then_saves(cast: Cast, at_desk: Desk) -> None:
    client = make_client("Ana Lima", owner=cast.julia)
    url = f"/clientes/{client.pk}/editar/"
    at_desk(cast.sonia).post(url, edit_fields(notes="Texto de Sônia", birth_date="01/02/1980"))
    answer = at_desk(cast.julia).post(url, edit_fields(notes="Texto de Júlia"), headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "<td>Texto de Sônia</td>" in page
    assert "<td>Texto de Júlia</td>" in page
    assert "<td>01/02/1980</td>" in page
    assert "Salvo por Sônia Reis" in page
    assert 'name="version" value="2"' in page
    assert everyone().get().notes == "Texto de Sônia"
    assert at_desk(cast.julia).post(url, edit_fields(notes="Texto de Júlia", version="2")).status_code == 303
    assert everyone().get().notes == "Texto de Júlia"


def test_client_edit_conflict_with_equal_texts_says_so(cast: Cast, at_desk: Desk) -> None:
    client = make_client("Ana Lima", owner=cast.julia, person_type="PF", version=5)
    answer = at_desk(cast.julia).post(f"/clientes/{client.pk}/editar/", edit_fields())
    assert answer.status_code == 409
    assert "Os campos deste formulário estão iguais." in answer.content.decode()


def test_client_edit_is_a_dialog_for_htmx_and_a_page_otherwise(cast: Cast, at_desk: Desk) -> None:
    client = make_client("Ana Lima", owner=cast.julia)
    browser, url = at_desk(cast.julia), f"/clientes/{client.pk}/editar/"
    dialog = browser.get(url, headers=HTMX).content.decode()
    assert dialog.strip().startswith("<dialog")
    assert f'hx-post="{url}"' in dialog
    assert "<h1>Editar cliente</h1>" in browser.get(url).content.decode()


def test_client_tags_are_saved(cast: Cast, at_desk: Desk) -> None:
    client = make_client("Ana Lima", owner=cast.julia)
    url = f"/clientes/{client.pk}/etiquetas/"
    at_desk(cast.julia).post(url, {"tags": "VIP"})
    assert [tag.name for tag in client.tags.all()] == ["VIP"]
    assert 'value="VIP"' in at_desk(cast.julia).get(url).content.decode()


def test_client_tags_beyond_their_length_are_named(cast: Cast, at_desk: Desk) -> None:
    client = make_client("Ana Lima", owner=cast.julia)
    answer = at_desk(cast.julia).post(f"/clientes/{client.pk}/etiquetas/", {"tags": f"VIP, {'muito ' * 9}"})
    assert answer.status_code == 422
    assert "passa de 40 letras" in answer.content.decode()
    at_desk(cast.julia).post(f"/clientes/{client.pk}/etiquetas/", {"tags": "ß" * 40})
    assert [tag.name for tag in client.tags.all()] == ["ß" * 40]
    at_desk(cast.julia).post(f"/clientes/{client.pk}/editar/", edit_fields(sector="ß" * 80, version="2"))
    client.refresh_from_db()
    assert client.sector is None or client.sector.name == "ß" * 80


def test_client_document_is_shown_by_post_logged_and_limited(cast: Cast, at_desk: Desk) -> None:
    client = make_client("Ana Lima", owner=cast.julia, document="52998224725", person_type="PF")
    browser, url = at_desk(cast.julia), f"/clientes/{client.pk}/documento/"
    assert browser.get(url).status_code == 405
    assert browser.post(url, headers=HTMX).content.decode() == f'<span class="num">{CPF}</span>'
    assert f'<h1><span class="num">{CPF}</span></h1>' in browser.post(url).content.decode()
    assert Activity.objects.filter(verb=documents.REVEALED, by=cast.julia, object_id=client.pk).count() == 2
    for _ in range(documents.REVEALS_PER_HOUR):
        Activity.objects.create(verb=documents.REVEALED, by=cast.julia)
    assert browser.post(url, headers=HTMX).status_code == 429
    assert at_desk(cast.aurora).post(url).status_code == 403


def test_client_transfer_gives_the_client_away(cast: Cast, at_desk: Desk) -> None:
    client = make_client("Ana Lima", owner=cast.julia)
    url = f"/clientes/{client.pk}/transferir/"
    assert "Davi Lobo" not in at_desk(cast.sonia).get(url, headers=HTMX).content.decode()
    answer = at_desk(cast.sonia).post(url, {"owner": cast.caio.pk, "note": "Férias"}, headers=HTMX)
    assert notice(answer)["aviso"]["text"] == "Ana Lima agora é de Caio Torres."
    assert everyone().get().owner == cast.caio
    assert at_desk(cast.sonia).post(url, {"owner": cast.davi.pk}).status_code == 422


def test_client_release_puts_it_in_the_queue(cast: Cast, at_desk: Desk) -> None:
    client = make_client("Ana Lima", owner=cast.julia)
    answer = at_desk(cast.sonia).post(f"/clientes/{client.pk}/devolver/", headers=HTMX)
    assert notice(answer)["aviso"]["text"] == "Ana Lima voltou para a fila."
    assert everyone().get().owner is None


def test_client_bulk_transfer_asks_then_moves_all(cast: Cast, at_desk: Desk) -> None:
    clients = [make_client(f"Ana {n}", owner=cast.julia) for n in range(3)]
    ids, browser = [c.pk for c in clients], at_desk(cast.sonia)
    asked = browser.post("/clientes/transferir/", {"ids": ids}, headers=HTMX).content.decode()
    assert "Transferir 3 clientes" in asked
    assert asked.count('type="hidden" name="ids"') == 3
    page = browser.post("/clientes/transferir/", {"ids": ids}).content.decode()
    assert "<h1>Transferir 3 clientes</h1>" in " ".join(page.split()).replace("> ", ">").replace(" <", "<")
    missing_owner = browser.post("/clientes/transferir/", {"ids": ids, "owner": ""}, headers=HTMX)
    assert missing_owner.status_code == 422
    answer = browser.post("/clientes/transferir/", {"ids": ids, "owner": cast.caio.pk, "note": ""}, headers=HTMX)
    assert notice(answer)["aviso"]["text"] == "3 clientes transferidos para Caio Torres."
    assert "selection-clear" in notice(answer)
    assert {c.owner for c in everyone()} == {cast.caio}


def test_client_bulk_transfer_is_all_or_nothing(cast: Cast, at_desk: Desk) -> None:
    mine, far = make_client("Ana", owner=cast.julia), make_client("Longe", owner=cast.davi)
    browser = at_desk(cast.sonia)
    form = {"ids": [mine.pk, far.pk, 999_999], "owner": cast.caio.pk}
    answer = browser.post("/clientes/transferir/", form)
    assert answer.status_code == 404
    assert "2 clientes não encontrados. Nada foi transferido." in answer.content.decode()
    assert everyone().get(pk=mine.pk).owner == cast.julia
    one = browser.post("/clientes/transferir/", {"ids": [far.pk]}, headers=HTMX)
    assert (one.status_code, "1 cliente não encontrado." in one.content.decode()) == (404, True)


@pytest.mark.parametrize("ids", [[], ["x"], ["1" * 30], ["²"]])
def test_client_bulk_transfer_refuses_what_is_no_id(cast: Cast, at_desk: Desk, ids: list[str]) -> None:
    assert at_desk(cast.sonia).post("/clientes/transferir/", {"ids": ids}).status_code == 400


def test_consent_add_and_opt_out_add(cast: Cast, at_desk: Desk) -> None:
    client = make_client("Ana Lima", owner=cast.julia)
    browser = at_desk(cast.julia)
    form = {"form_key": "k1", "granted": "1", "channel": "whatsapp", "purpose": "offer", "source": "Ligação"}
    url = reverse("clients:consent_add", args=[client.pk])
    assert "Registrar consentimento" in browser.get(url, headers=HTMX).content.decode()
    assert notice(browser.post(url, form, headers=HTMX))["aviso"]["text"] == "Autorização registrada."
    again = browser.post(url, form, headers=HTMX)
    assert notice(again)["aviso"]["text"] == "Este formulário já tinha sido enviado. Nada foi repetido."
    taken = browser.post(url, form | {"form_key": "k2", "granted": "0"}, headers=HTMX)
    assert notice(taken)["aviso"]["text"] == "Retirada da autorização registrada."
    assert [c.granted for c in client.consents.order_by("pk")] == [True, False]
    url = reverse("clients:opt_out_add", args=[client.pk])
    assert "Não contatar" in browser.get(url).content.decode()
    form = {"form_key": "k3", "channel": "call", "purpose": "any", "reason": "Pediu por telefone"}
    assert browser.post(url, form).status_code == 303
    assert client.opt_outs.get().reason == "Pediu por telefone"


@pytest.mark.parametrize("rows", [1, 3])
def test_consent_list_costs_the_same_for_many(
    cast: Cast, at_desk: Desk, django_assert_num_queries: Any, rows: int
) -> None:
    client = make_client("Ana Lima", owner=cast.julia)
    for channel in ("call", "whatsapp", "email")[:rows]:
        client.consents.create(channel=channel, purpose="offer", granted=True, source="Ligação", by=cast.julia)
        client.opt_outs.create(channel=channel, reason="Pediu", by=cast.julia)
    browser = at_desk(cast.aurora)
    url = reverse("clients:consent_list", args=[client.pk])
    browser.get(url, headers=HTMX)
    with django_assert_num_queries(6):
        page = browser.get(url, headers=HTMX).content.decode()
    assert page.count("Autorizado") == rows
    assert "<h1>Consentimentos (LGPD)</h1>" in browser.get(url).content.decode()
