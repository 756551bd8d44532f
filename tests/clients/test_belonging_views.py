"""Phones, e-mails, addresses and contact people on the screen."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients.models import Client, Phone
from people.models import User
from tests.factories import Cast, make_client

Desk = Callable[[User], Browser]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana Lima", owner=cast.julia)


def phone(client: Client, number: str = "+5511987654321", **changes: Any) -> Phone:
    return Phone.objects.create(client=client, e164=number, kind="MOBILE", **changes)


def phone_fields(**changes: str) -> dict[str, str]:
    return {
        "form_key": "k1",
        "number": "(11) 98765-4321",
        "is_whatsapp": "unknown",
        "status": "ok",
        **changes,
    }


def notice(response: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(response.headers["HX-Trigger"])
    return found


ADDED = [
    (
        "phone",
        {"number": "(11) 3456-7890 ramal 12", "is_whatsapp": "true", "status": "ok"},
        "Telefone cadastrado.",
    ),
    ("email", {"address": "ana@gmail.con", "status": "ok"}, "E-mail cadastrado. O e-mail parece ter um erro"),
    (
        "address",
        {"cep": "01310-100", "city": "Rio", "uf": "RJ"},
        "Endereço cadastrado. O CEP 01310-100 é de SP",
    ),
    ("person", {"name": "Bia", "phone": "11987654321"}, "Pessoa de contato cadastrada."),
    ("person", {"name": "Bia"}, "Pessoa de contato cadastrada."),
]


@pytest.mark.parametrize("nothing", ["-", "N/A", "\u200b"])
@pytest.mark.parametrize(("noun", "field"), [("phone", "number"), ("email", "address")])
def test_words_for_nothing_do_not_answer_a_required_field(
    cast: Cast, at_desk: Desk, ana: Client, noun: str, field: str, nothing: str
) -> None:
    url = reverse(f"clients:{noun}_add", args=[ana.pk])
    answer = at_desk(cast.julia).post(url, {"form_key": "k1", "status": "ok", field: nothing}, headers=HTMX)
    assert answer.status_code == 422
    assert "obrigatório" in answer.content.decode()


@pytest.mark.parametrize(("noun", "form", "text"), ADDED)
def test_add_then_edit(ana: Client, cast: Cast, at_desk: Desk, noun: str, form: dict[str, str], text: str) -> None:
    browser, url = at_desk(cast.julia), reverse(f"clients:{noun}_add", args=[ana.pk])
    assert "<dialog" in browser.get(url, headers=HTMX).content.decode()
    answer = browser.post(url, {"form_key": "k1", **form}, headers=HTMX)
    assert notice(answer)["aviso"]["text"].startswith(text)
    assert {"client-changed", "people-changed", "close-dialog"} <= set(notice(answer))
    manager = {"phone": ana.phones, "email": ana.emails, "address": ana.addresses, "person": ana.people}[noun]
    record = manager.get()
    edit = reverse(f"clients:{noun}_edit", args=[record.pk])
    page = browser.get(edit).content.decode()
    assert "Remover" in page
    assert browser.post(edit, {"form_key": "k2", **form}).status_code == 303


def test_phone_add_stores_what_the_number_means(ana: Client, cast: Cast, at_desk: Desk) -> None:
    form = phone_fields(number="11 3456-7890 ramal 12", is_whatsapp="true", label="Casa")
    at_desk(cast.julia).post(reverse("clients:phone_add", args=[ana.pk]), form)
    saved = ana.phones.get()
    assert (saved.e164, saved.kind, saved.extension, saved.is_whatsapp) == (
        "+551134567890",
        "LANDLINE",
        "12",
        True,
    )
    page = at_desk(cast.julia).get(reverse("clients:phone_edit", args=[saved.pk])).content.decode()
    assert 'value="(11) 3456-7890 ramal 12"' in page


def test_phone_add_refuses_and_keeps_what_was_typed(ana: Client, cast: Cast, at_desk: Desk) -> None:
    url = reverse("clients:phone_add", args=[ana.pk])
    answer = at_desk(cast.julia).post(url, phone_fields(number="98765-4321", label="Casa"), headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("error-summary") == 1
    assert page.strip().startswith("<dialog")
    assert 'value="98765-4321"' in page
    assert 'value="Casa"' in page


def test_phone_add_of_one_that_is_there(ana: Client, cast: Cast, at_desk: Desk) -> None:
    phone(ana)
    url = reverse("clients:phone_add", args=[ana.pk])
    answer = at_desk(cast.julia).post(url, phone_fields(), headers=HTMX)
    assert answer.status_code == 422
    assert "O cliente já tem este telefone. Edite o que existe." in answer.content.decode()
    assert at_desk(cast.julia).post(url, phone_fields(number="11 98765-4322")).status_code == 303


def test_phone_remove_and_undo(ana: Client, cast: Cast, at_desk: Desk) -> None:
    record, browser = phone(ana, is_primary=True, label="Casa"), at_desk(cast.julia)
    answer = browser.post(reverse("clients:phone_remove", args=[record.pk]), headers=HTMX)
    undo = notice(answer)["aviso"]["undo_url"]
    assert not ana.phones.exists()
    assert "98765" not in undo
    assert at_desk(cast.caio).post(undo).status_code == 404
    assert notice(browser.post(undo, headers=HTMX))["aviso"]["text"] == "Remoção desfeita."
    assert [(p.e164, p.label, p.is_primary) for p in ana.phones.all()] == [("+5511987654321", "Casa", True)]
    assert browser.post(undo, headers=HTMX).status_code == 404


def test_undo_after_the_same_phone_came_back(ana: Client, cast: Cast, at_desk: Desk) -> None:
    record, browser = phone(ana), at_desk(cast.julia)
    answer = browser.post(reverse("clients:phone_remove", args=[record.pk]), headers=HTMX)
    phone(ana)
    again = browser.post(notice(answer)["aviso"]["undo_url"], headers=HTMX)
    assert notice(again)["aviso"]["text"] == "O cliente já tem este registro de novo."
    assert ana.phones.count() == 1


def test_only_the_last_removals_can_be_undone(ana: Client, cast: Cast, at_desk: Desk) -> None:
    browser, undos = at_desk(cast.julia), []
    for n in range(12):
        record = phone(ana, f"+55119876543{n:02}")
        answer = browser.post(reverse("clients:phone_remove", args=[record.pk]), headers=HTMX)
        undos.append(notice(answer)["aviso"]["undo_url"])
    assert [browser.post(undo).status_code for undo in undos] == [404, 404, *[303] * 10]


def test_undo_belongs_to_its_client(ana: Client, cast: Cast, at_desk: Desk) -> None:
    other, browser = make_client("Bia", owner=cast.julia), at_desk(cast.julia)
    answer = browser.post(reverse("clients:phone_remove", args=[phone(ana).pk]), headers=HTMX)
    token = notice(answer)["aviso"]["undo_url"].rstrip("/").rsplit("/", 1)[-1]
    assert browser.post(reverse("clients:belonging_restore", args=[other.pk, token])).status_code == 404


def test_phone_make_primary(ana: Client, cast: Cast, at_desk: Desk) -> None:
    phone(ana, is_primary=True)
    second = phone(ana, "+5511987654322")
    answer = at_desk(cast.julia).post(reverse("clients:phone_make_primary", args=[second.pk]), headers=HTMX)
    assert notice(answer)["aviso"]["text"] == "Principal trocado."
    assert ana.phones.get(is_primary=True) == second
