"""Sales on the screen."""

import datetime
import json
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Client
from contracts import classification, purchases
from contracts.models import Product, Purchase
from contracts.purchases import Sale
from tests.factories import Cast, browser_of, make_client, make_family, make_product, make_purchase

HTMX = {"HX-Request": "true"}


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana Lima", owner=cast.julia)


@pytest.fixture
def product(db: None) -> Product:
    return make_product("Seguro auto", family=make_family("Seguros"))


def stored() -> Any:
    return Purchase.objects.unscoped(reason="test")


def fields(sold: Product, **changes: str) -> dict[str, str]:
    day = timezone.localdate().strftime("%d/%m/%Y")
    form = {"form_key": "k1", "product": str(sold.pk), "sold_on": day, "amount": "1.234,56", **changes}
    return {name: value for name, value in form.items() if value != "-"}


def edit_fields(product: Product, **changes: str) -> dict[str, str]:
    return fields(product, **{"form_key": "-", "version": "1", **changes})


def notice(response: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(response.headers["HX-Trigger"])
    return found


def test_purchase_create_groups_products_by_family(ana: Client, cast: Cast, product: Product) -> None:
    make_product("Fora de linha", family=product.family, is_active=False)
    page = browser_of(cast.julia).get(f"/clientes/{ana.pk}/compras/nova/", headers=HTMX).content.decode()
    assert page.strip().startswith("<dialog")
    assert '<optgroup label="Seguros">' in page
    assert "Fora de linha" not in page
    assert 'name="seller"' not in page
    assert f'value="{timezone.localdate().isoformat()}"' in page


def test_purchase_create_reads_brazilian_money_and_dates(ana: Client, cast: Cast, product: Product) -> None:
    answer = browser_of(cast.julia).post(f"/clientes/{ana.pk}/compras/nova/", fields(product), headers=HTMX)
    assert notice(answer)["aviso"]["text"] == "Venda registrada. Ana Lima agora é ativa."
    assert {"purchases-changed", "client-changed", "close-dialog"} <= set(notice(answer))
    sale = stored().get()
    assert (sale.amount, sale.sold_on, sale.seller) == (Decimal("1234.56"), timezone.localdate(), cast.julia)


def test_purchase_create_brings_an_inactive_client_back(ana: Client, cast: Cast, product: Product) -> None:
    make_purchase(ana, datetime.date(2015, 1, 1))
    classification.refresh([ana.pk])
    assert Client.objects.visible_to(cast.julia).get().portfolio_class == "inactive"
    answer = browser_of(cast.julia).post(f"/clientes/{ana.pk}/compras/nova/", fields(product), follow=True)
    assert "Venda registrada. Ana Lima agora é ativa." in answer.content.decode()
    again = browser_of(cast.julia).post(
        f"/clientes/{ana.pk}/compras/nova/", fields(product, form_key="k2"), headers=HTMX
    )
    assert notice(again)["aviso"]["text"] == "Venda registrada."


def test_purchase_create_twice_creates_one(ana: Client, cast: Cast, product: Product) -> None:
    browser = browser_of(cast.julia)
    for _ in range(2):
        browser.post(f"/clientes/{ana.pk}/compras/nova/", fields(product))
    assert stored().count() == 1


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"product": ""}, "Este campo é obrigatório."),
        ({"amount": ""}, "Este campo é obrigatório."),
        ({"amount": "1,234"}, "O valor não pôde ser lido. Use o formato 1.234,56."),
        ({"amount": "-5"}, "O valor não pode ser negativo."),
        ({"sold_on": "31/02/2026"}, "A data não existe."),
        ({"sold_on": "01/01/2090"}, "A data é depois de hoje. Use o dia em que aconteceu."),
    ],
)
def test_purchase_create_refuses_and_keeps_what_was_typed(
    ana: Client, cast: Cast, product: Product, changes: dict[str, str], text: str
) -> None:
    form = fields(product, notes="Texto que fica", **changes)
    answer = browser_of(cast.julia).post(f"/clientes/{ana.pk}/compras/nova/", form, headers=HTMX)
    page = answer.content.decode()
    assert (answer.status_code, stored().count()) == (422, 0)
    assert text in page
    assert 'value="Texto que fica"' in page
    assert page.count("error-summary") == 1
    if typed := changes.get("amount"):
        assert f'value="{typed}"' in page
    if changes.get("sold_on") == "31/02/2026":
        assert 'type="text" name="sold_on" value="31/02/2026"' in page


def test_purchase_create_refuses_a_number_in_use(ana: Client, cast: Cast, product: Product) -> None:
    make_purchase(ana, datetime.date(2026, 1, 1), number="7")
    answer = browser_of(cast.julia).post(f"/clientes/{ana.pk}/compras/nova/", fields(product, number="7"))
    assert answer.status_code == 422
    assert "Este número já está em outra venda." in answer.content.decode()


def test_purchase_create_for_a_colleague(ana: Client, cast: Cast, product: Product) -> None:
    url = f"/clientes/{ana.pk}/compras/nova/"
    page = browser_of(cast.bento).get(url).content.decode()
    assert f'<option value="{cast.julia.pk}" selected>' in page
    browser_of(cast.sonia).post(url, fields(product, seller=str(cast.caio.pk)))
    assert stored().get().seller == cast.caio
    assert browser_of(cast.sonia).post(url, fields(product, form_key="k2", seller=str(cast.davi.pk))).status_code == 422
    assert browser_of(cast.julia).post(url, fields(product, seller=str(cast.caio.pk))).status_code == 400


def test_purchase_edit_conflict_shows_both_values(ana: Client, cast: Cast, product: Product) -> None:
    other = make_product("Seguro vida", family=product.family, is_active=False)
    sale = purchases.record(ana, Sale(sold_on=timezone.localdate(), product=other, amount=Decimal(10)), by=cast.julia)
    browser, url = browser_of(cast.julia), f"/compras/{sale.pk}/editar/"
    page = browser.get(url, headers=HTMX).content.decode()
    assert "Seguro vida" in page
    assert 'value="10,00"' in page
    assert browser.post(url, edit_fields(product, amount="20"), headers=HTMX).status_code == 204
    answer = browser.post(url, edit_fields(product, amount="R$ 3.000"), headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "<td>R$\xa020,00</td>" in page
    assert "<td>R$\xa03.000,00</td>" in page
    assert 'name="version" value="2"' in page
    assert stored().get().amount == Decimal(20)


@pytest.mark.parametrize(
    ("act", "status", "text"),
    [
        ("cancelar", "cancelled", "Venda cancelada. Ana Lima agora é prospect."),
        ("devolver", "returned", "Devolução registrada. Ana Lima agora é prospect."),
    ],
)
def test_purchase_cancel_and_return_can_be_undone(
    ana: Client, cast: Cast, product: Product, act: str, status: str, text: str
) -> None:
    sale = purchases.record(ana, Sale(sold_on=timezone.localdate(), product=product), by=cast.julia)
    browser = browser_of(cast.julia)
    answer = browser.post(f"/compras/{sale.pk}/{act}/", headers=HTMX)
    assert notice(answer)["aviso"] == {"text": text, "undo_url": f"/compras/{sale.pk}/restaurar/"}
    assert stored().get().status == status
    undone = browser.post(f"/compras/{sale.pk}/restaurar/", headers=HTMX)
    assert notice(undone)["aviso"]["text"] == "A venda vale de novo. Ana Lima agora é ativa."
    assert stored().get().status == "completed"


def test_outsider_and_auditor(ana: Client, cast: Cast, product: Product) -> None:
    sale = make_purchase(ana, datetime.date(2026, 1, 1))
    for act in ("editar", "cancelar", "devolver", "restaurar"):
        for pk in (sale.pk, 987_654):
            assert browser_of(cast.davi).post(f"/compras/{pk}/{act}/").status_code == 404
        assert browser_of(cast.aurora).post(f"/compras/{sale.pk}/{act}/").status_code == 403
    for pk in (ana.pk, 987_654):
        assert browser_of(cast.davi).get(f"/clientes/{pk}/compras/nova/").status_code == 404
    assert browser_of(cast.aurora).get(f"/clientes/{ana.pk}/compras/nova/").status_code == 403
    assert stored().get().status == "completed"


@pytest.mark.parametrize("rows", [1, 3])
def test_purchase_create_costs_the_same_for_many_products(
    ana: Client, cast: Cast, django_assert_num_queries: Any, rows: int
) -> None:
    for number in range(rows):
        make_product(f"Produto {number}", family=make_family(f"Família {number}"))
    browser, url = browser_of(cast.sonia), f"/clientes/{ana.pk}/compras/nova/"
    browser.get(url, headers=HTMX)
    with django_assert_num_queries(6):
        browser.get(url, headers=HTMX)
