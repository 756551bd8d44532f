"""The page of one client and its panels."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.models import Address, Client, Consent, Email, OptOut, Phone
from contracts import classification
from people.models import Activity
from tests.factories import Cast, browser_of, make_client, make_contract, make_product, make_purchase

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_of_julia(cast: Cast) -> Client:
    today = timezone.localdate()
    client = make_client(
        "Metalúrgica São Bento",
        owner=cast.julia,
        person_type="PJ",
        document="11222333000181",
        city="Joinville",
    )
    ends = today + datetime.timedelta(days=12)
    make_contract(client, ends - datetime.timedelta(days=364), ends, amount=4280, product=make_product("Frota"))
    for months in range(1, 4):
        make_purchase(client, today - datetime.timedelta(days=30 * months), product=make_product())
    classification.refresh([client.pk])
    client.refresh_from_db()
    return client


def main_of(page: str) -> str:
    """The page without the frame around it, which is the same for all."""
    return page[page.index("<main") : page.index("</main>")]


def url_of(client: Client) -> str:
    return reverse("portfolio:client_detail", args=[client.pk])


def test_client_detail_is_hidden_from_the_outsider(cast: Cast, client_of_julia: Client) -> None:
    absent = browser_of(cast.davi).get(reverse("portfolio:client_detail", args=[0]))
    for user in (cast.davi, cast.caio, cast.norma):
        response = browser_of(user).get(url_of(client_of_julia))
        assert response.status_code == 404
        assert "Bento" not in response.content.decode()
    assert absent.status_code == 404
    for user in (cast.julia, cast.sonia, cast.mauro, cast.bento, cast.aurora, cast.ada):
        assert browser_of(user).get(url_of(client_of_julia)).status_code == 200


def test_client_detail_says_why_and_until_when(cast: Cast, client_of_julia: Client) -> None:
    text = browser_of(cast.julia).get(url_of(client_of_julia)).content.decode()
    assert "Contrato vence em 12 dias" in text
    assert "se nada acontecer" in text
    assert "CNPJ 11.•••.•••/0001-81" in text
    assert "11222333000181" not in text
    assert "R$\u00a04.280" in text


def test_client_detail_offers_the_auditor_nothing_to_write(cast: Cast, client_of_julia: Client) -> None:
    text = main_of(browser_of(cast.aurora).get(url_of(client_of_julia)).content.decode())
    for control in ("Registrar", "Renovar", "Editar", "Transferir", "Mudar", "hx-post", "Adicionar", "Ligar"):
        assert control not in text


def test_client_detail_walks_the_list_one_came_from(cast: Cast, client_of_julia: Client) -> None:
    before, after = make_client("Alfa", owner=cast.julia), make_client("Zeta", owner=cast.julia)
    browser = browser_of(cast.julia)
    assert browser.get(url_of(client_of_julia)).context["step"] is None
    browser.get(reverse("portfolio:client_list"))
    context = browser.get(url_of(client_of_julia)).context
    assert context["position"] == "2 de 3"
    assert (context["step"].previous, context["step"].next) == (before.pk, after.pk)


def test_client_detail_shows_data_quality_with_the_way_to_mend_it(cast: Cast) -> None:
    client = make_client("Incompleto", owner=cast.julia)
    browser = browser_of(cast.julia)
    text = browser.get(url_of(client)).content.decode()
    assert browser.get(url_of(client)).context["quality"] == 0
    for missing in ("CPF ou CNPJ vazio", "Nenhum telefone em uso", "Sem e-mail", "Sem CEP"):
        assert missing in text
    Phone.objects.create(client=client, e164="+5547999120456", kind=Phone.Kind.MOBILE)
    Email.objects.create(client=client, address="a@exemplo.com.br", status=Email.Status.INVALID)
    Address.objects.create(client=client, cep="89201100")
    context = browser.get(url_of(client)).context
    assert context["quality"] == 40
    assert "E-mail voltou" in [fact.text for fact in context["facts"]]


def test_client_detail_shows_consents_and_refusals(cast: Cast, client_of_julia: Client) -> None:
    Consent.objects.create(client=client_of_julia, channel="call", purpose="offer", granted=True, source="voz")
    OptOut.objects.create(client=client_of_julia, channel="any")
    Phone.objects.create(client=client_of_julia, e164="+5547999120456", kind=Phone.Kind.MOBILE, is_primary=True)
    text = browser_of(cast.julia).get(url_of(client_of_julia)).content.decode()
    assert "Ligação, ofertas" in text
    assert "Não contatar: Todos os canais" in text
    assert "wa.me" not in text


@pytest.mark.parametrize("panel", ["header", "facts", "contracts", "composer"])
def test_client_panel_is_the_region_of_the_page(cast: Cast, client_of_julia: Client, panel: str) -> None:
    browser = browser_of(cast.julia)
    url = reverse("portfolio:client_panel", args=[client_of_julia.pk, panel])
    part = browser.get(url).content.decode().strip()
    whole = browser.get(url_of(client_of_julia)).content.decode()
    assert part.startswith(("<div", "<form"))
    assert part.splitlines()[0] in whole
    assert browser_of(cast.davi).get(url).status_code == 404
    other = reverse("portfolio:client_panel", args=[client_of_julia.pk, "nada"])
    assert browser.get(other).status_code == 404


@pytest.mark.parametrize("tab", ["", "compras", "contratos", "historico", "inventada"])
def test_client_detail_tabs_come_whole_or_as_fragment(cast: Cast, client_of_julia: Client, tab: str) -> None:
    browser = browser_of(cast.julia)
    whole = browser.get(url_of(client_of_julia), {"aba": tab})
    part = browser.get(url_of(client_of_julia), {"aba": tab}, headers={"HX-Request": "true"})
    assert whole.status_code == part.status_code == 200
    assert part.content.decode().strip().startswith('<div class="mid"')


def test_client_detail_timeline_comes_in_pages_without_a_gap(cast: Cast) -> None:
    client = make_client("Antigo", owner=cast.julia)
    day = timezone.localdate() - datetime.timedelta(days=1)
    for number in range(30):
        make_purchase(client, day - datetime.timedelta(days=number // 25))
    make_contract(client, day, None, product=make_product(), status="in_force")
    classification.refresh([client.pk])
    browser, keys, token = browser_of(cast.julia), [], ""
    while True:
        context = browser.get(url_of(client), {"desde": token}, headers={"HX-Request": "true"}).context
        keys += [entry.key for entry in context["entries"]]
        token = context["more"]
        if not token:
            break
    changes = client.class_changes.count()
    assert len(keys) == len(set(keys)) == 30 + 1 + 1 + 1 + changes
    assert keys == sorted(keys, reverse=True)
    assert browser.get(url_of(client), {"desde": "inventado"}).status_code == 200


def test_client_detail_asks_the_same_few_queries_for_little_and_much(cast: Cast, client_of_julia: Client) -> None:
    browser = browser_of(cast.mauro)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get(url_of(client_of_julia))
        return len(queries)

    few = count()
    for number in range(3):
        Phone.objects.create(client=client_of_julia, e164=f"+554799912045{number}", kind=Phone.Kind.MOBILE)
        make_purchase(client_of_julia, timezone.localdate(), product=make_product())
        start = timezone.localdate() - datetime.timedelta(days=10)
        make_contract(client_of_julia, start, None, product=make_product())
    assert count() == few <= 15


def test_client_detail_get_writes_nothing(cast: Cast, client_of_julia: Client) -> None:
    browser = browser_of(cast.julia)
    before = Activity.objects.count()
    urls = [url_of(client_of_julia), reverse("portfolio:client_list"), reverse("portfolio:client_filter")]
    for url in urls:
        with CaptureQueriesContext(connection) as queries:
            browser.get(url)
        written = [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
        assert all("django_session" in sql for sql in written)
    assert Activity.objects.count() == before


def test_client_detail_acts_on_purchases_by_post_only(cast: Cast, client_of_julia: Client) -> None:
    browser = browser_of(cast.julia)
    text = browser.get(url_of(client_of_julia), {"aba": "compras"}).content.decode()
    purchase = client_of_julia.purchases.first()
    assert purchase is not None
    cancel = reverse("contracts:purchase_cancel", args=[purchase.pk])
    assert f'hx-post="{cancel}"' in text
    browser.post(cancel)
    text = browser.get(url_of(client_of_julia), {"aba": "compras"}).content.decode()
    assert f'hx-post="{reverse("contracts:purchase_restore", args=[purchase.pk])}"' in text
