"""Contracts on the screen."""

import datetime
import json
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Client
from contracts import agreements
from contracts.agreements import Terms
from contracts.models import Contract, Product
from tests.factories import Cast, browser_of, make_client, make_family, make_product

HTMX = {"HX-Request": "true"}
DAY = datetime.timedelta(days=1)


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana Lima", owner=cast.julia)


@pytest.fixture
def product(db: None) -> Product:
    return make_product("Seguro auto", family=make_family("Seguros"))


@pytest.fixture
def ending(ana: Client, cast: Cast, product: Product) -> Contract:
    """A year that ends in 20 days: the client is in renewal."""
    end = timezone.localdate() + 20 * DAY
    terms = Terms(product=product, institution="Seguradora", start_on=end - 364 * DAY, end_on=end, amount=Decimal(90))
    return agreements.add(ana, terms, by=cast.julia)


def stored() -> Any:
    return Contract.objects.unscoped(reason="test").order_by("pk")


def fields(product: Product, **changes: str) -> dict[str, str]:
    form = {
        "form_key": "k1",
        "product": str(product.pk),
        "institution": "Banco São",
        "status": "in_force",
        "start_on": "01/01/2026",
        "end_on": "2030-12-31",
        "amount": "1.234,56",
        **changes,
    }
    return {name: value for name, value in form.items() if value != "-"}


def edit_fields(product: Product, **changes: str) -> dict[str, str]:
    return fields(product, **{"form_key": "-", "version": "1", **changes})


def notice(response: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(response.headers["HX-Trigger"])
    return found


def test_contract_create(ana: Client, cast: Cast, product: Product) -> None:
    url = f"/clientes/{ana.pk}/contratos/novo/"
    assert '<datalist id="instituicoes">' in browser_of(cast.julia).get(url, headers=HTMX).content.decode()
    answer = browser_of(cast.julia).post(url, fields(product), headers=HTMX)
    assert notice(answer)["aviso"]["text"] == "Contrato cadastrado. Ana Lima agora é ativa."
    assert {"contracts-changed", "client-changed", "close-dialog"} <= set(notice(answer))
    contract = stored().get()
    assert (contract.amount, contract.start_on, contract.team) == (
        Decimal("1234.56"),
        datetime.date(2026, 1, 1),
        cast.sul,
    )
    assert browser_of(cast.julia).post(url, fields(product)).status_code == 303
    assert stored().count() == 1


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"start_on": ""}, "Um contrato assinado precisa de início."),
        ({"end_on": "31/12/2020"}, "O fim vem antes do início. Troque as datas."),
        ({"start_on": "32/01/2026"}, "A data não existe."),
        ({"window_days": "0"}, "Janela de renovação, em dias"),
        ({"status": "cancelled"}, "Situação"),
    ],
)
def test_contract_create_refuses_and_keeps_what_was_typed(
    ana: Client, cast: Cast, product: Product, changes: dict[str, str], text: str
) -> None:
    form = fields(product, notes="Texto que fica", **changes)
    answer = browser_of(cast.julia).post(f"/clientes/{ana.pk}/contratos/novo/", form, headers=HTMX)
    page = answer.content.decode()
    assert (answer.status_code, stored().count()) == (422, 0)
    assert text in page
    assert 'value="Texto que fica"' in page


def test_contract_create_as_proposal_needs_no_dates(ana: Client, cast: Cast, product: Product) -> None:
    form = fields(product, status="proposal", start_on="", end_on="", amount="")
    assert (
        browser_of(cast.bento)
        .post(f"/clientes/{ana.pk}/contratos/novo/", form | {"seller": str(cast.julia.pk)})
        .status_code
        == 303
    )
    assert (stored().get().status, stored().get().seller) == ("proposal", cast.julia)


def test_contract_create_refuses_a_number_in_use(ana: Client, cast: Cast, product: Product) -> None:
    url = f"/clientes/{ana.pk}/contratos/novo/"
    browser_of(cast.julia).post(url, fields(product, number="1"))
    answer = browser_of(cast.julia).post(url, fields(product, number="1", form_key="k2"))
    assert answer.status_code == 422
    assert "Esta instituição já tem um contrato com este número." in answer.content.decode()


def test_contract_edit_and_conflict(ending: Contract, cast: Cast, product: Product) -> None:
    browser, url = browser_of(cast.julia), f"/contratos/{ending.pk}/editar/"
    assert 'value="Seguradora"' in browser.get(url).content.decode()
    answer = browser.post(url, edit_fields(product), headers=HTMX)
    assert notice(answer)["aviso"]["text"] == "Contrato salvo. Ana Lima agora é ativa."
    stale = browser.post(url, edit_fields(product, institution="Outra", status="signed"), headers=HTMX)
    page = stale.content.decode()
    assert stale.status_code == 409
    assert "<td>Banco São</td>" in page
    assert "<td>Outra</td>" in page
    assert "<td>Vigente</td>" in page
    assert "<td>Assinado</td>" in page


def test_contract_renew_is_prefilled_and_linked(ending: Contract, cast: Cast, product: Product) -> None:
    browser, url = browser_of(cast.julia), f"/contratos/{ending.pk}/renovar/"
    start, end = agreements.next_term(ending)
    page = browser.get(url, headers=HTMX).content.decode()
    for value in (start.isoformat(), end and end.isoformat(), "90,00", "Seguradora"):
        assert f'value="{value}"' in page
    form = fields(product, start_on=start.isoformat(), end_on=str(end), status="signed")
    answer = browser.post(url, form, headers=HTMX)
    assert notice(answer)["aviso"]["text"] == "Contrato renovado. Ana Lima agora é ativa."
    assert stored().last().renews == ending
    page = browser_of(cast.sonia).get(url).content.decode()
    assert f'<option value="{cast.sonia.pk}" selected>' in page
    again = browser.post(url, form | {"form_key": "k2"}, headers=HTMX)
    assert again.status_code == 422
    assert "Este contrato já foi renovado." in again.content.decode()


def test_contract_renew_begins_after_the_old_one(ending: Contract, cast: Cast, product: Product) -> None:
    form = fields(product, start_on=str(ending.start_on))
    answer = browser_of(cast.julia).post(f"/contratos/{ending.pk}/renovar/", form)
    assert answer.status_code == 422
    assert "A renovação começa depois do contrato que ela continua." in answer.content.decode()


def test_contract_cancel_asks_day_and_reason_and_can_be_undone(ending: Contract, cast: Cast) -> None:
    browser, url = browser_of(cast.julia), f"/contratos/{ending.pk}/cancelar/"
    assert "Motivo" in browser.get(url, headers=HTMX).content.decode()
    day = timezone.localdate().isoformat()
    assert browser.post(url, {"cancelled_on": day, "reason": ""}).status_code == 422
    answer = browser.post(url, {"cancelled_on": day, "reason": "Preço"}, headers=HTMX)
    assert notice(answer)["aviso"] == {
        "text": "Contrato cancelado. Ana Lima agora é inativa.",
        "undo_url": f"/contratos/{ending.pk}/restaurar/",
    }
    again = browser.post(url, {"cancelled_on": day, "reason": "Preço"})
    assert again.status_code == 422
    assert "Só um contrato assinado ou vigente aceita isto." in again.content.decode()
    page = browser.get(f"/contratos/{ending.pk}/editar/").content.decode()
    assert 'name="status"' not in page
    undone = browser.post(f"/contratos/{ending.pk}/restaurar/", headers=HTMX)
    assert notice(undone)["aviso"]["text"] == "O contrato vale de novo. Ana Lima agora está em renovação."


def test_contract_cancelled_can_still_be_edited(ending: Contract, cast: Cast, product: Product) -> None:
    agreements.cancel(ending, cancelled_on=timezone.localdate(), reason="x", by=cast.julia)
    form = edit_fields(product, status="-", version="2", notes="Depois")
    assert browser_of(cast.julia).post(f"/contratos/{ending.pk}/editar/", form).status_code == 303
    assert (stored().get().status, stored().get().notes) == ("cancelled", "Depois")


def test_contract_will_not_renew_turns_over(ending: Contract, cast: Cast) -> None:
    browser, url = browser_of(cast.julia), f"/contratos/{ending.pk}/nao-renova/"
    answer = browser.post(url, headers=HTMX)
    text = "Contrato marcado: não renova. Ana Lima agora é ativa."
    assert notice(answer)["aviso"] == {"text": text, "undo_url": url}
    answer = browser.post(url, headers=HTMX)
    assert notice(answer)["aviso"]["text"] == "O contrato volta a ser renovável. Ana Lima agora está em renovação."


def test_outsider_and_auditor(ending: Contract, ana: Client, cast: Cast) -> None:
    for act in ("editar", "renovar", "cancelar", "restaurar", "nao-renova"):
        for pk in (ending.pk, 987_654):
            assert browser_of(cast.davi).post(f"/contratos/{pk}/{act}/").status_code == 404
        assert browser_of(cast.aurora).post(f"/contratos/{ending.pk}/{act}/").status_code == 403
    for pk in (ana.pk, 987_654):
        assert browser_of(cast.davi).get(f"/clientes/{pk}/contratos/novo/").status_code == 404
    assert browser_of(cast.aurora).get(f"/clientes/{ana.pk}/contratos/novo/").status_code == 403
