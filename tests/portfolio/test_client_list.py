"""The list of the carteira: who sees whom, tabs, filters, search, orders, pages."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from brazil.documents import CPF_WEIGHTS, check_digit
from clients.models import Client, Phone, Sector, Tag
from contacts.models import ContactPulse
from contracts import classification
from contracts.models import ClientCycle
from core.templatetags.formats import day
from people.models import User
from tests.factories import (
    Cast,
    browser_of,
    make_client,
    make_contract,
    make_product,
    make_purchase,
)

pytestmark = pytest.mark.django_db
LIST = "portfolio:client_list"


def days_ago(days: int) -> datetime.date:
    return timezone.localdate() - datetime.timedelta(days=days)


def cpf(number: int) -> str:
    digits = f"{number:09d}"
    for weights in CPF_WEIGHTS:
        digits += check_digit(digits, weights)
    return digits


def page(user: User, **query: str) -> str:
    return browser_of(user).get(reverse(LIST), query).content.decode()


def names(user: User, **query: str) -> list[str]:
    response = browser_of(user).get(reverse(LIST), query)
    return [row.name for row in response.context["rows"]]


def tabs(user: User, **query: str) -> dict[str, str]:
    response = browser_of(user).get(reverse(LIST), query)
    return {str(tab["label"]): tab["count"] for tab in response.context["tabs"]}


def renewal(name: str, owner: User | None, *, days: int = 12, **fields: object) -> Client:
    client = make_client(name, owner=owner, **fields)
    ends = timezone.localdate() + datetime.timedelta(days=days)
    make_contract(client, days_ago(300), ends, amount=500, product=make_product())
    classification.refresh([client.pk])
    return client


def active(name: str, owner: User | None, **fields: object) -> Client:
    client = make_client(name, owner=owner, **fields)
    make_purchase(client, days_ago(5))
    classification.refresh([client.pk])
    return client


def test_home_leads_sellers_to_their_day_and_others_to_the_list(cast: Cast) -> None:
    assert browser_of(cast.julia).get("/").headers["Location"] == reverse("portfolio:my_day")
    assert browser_of(cast.sonia).get("/").headers["Location"] == reverse(LIST)


def test_client_list_shows_what_each_role_sees(cast: Cast) -> None:
    make_client("De Júlia", owner=cast.julia)
    make_client("De Caio", owner=cast.caio)
    make_client("De Davi", owner=cast.davi)
    make_client("Fila do Sul", team=cast.sul)
    make_client("Sem equipe")
    south = ["De Caio", "De Júlia", "Fila do Sul"]
    everyone = ["De Caio", "De Davi", "De Júlia", "Fila do Sul", "Sem equipe"]

    assert names(cast.julia) == ["De Júlia"]
    assert names(cast.davi) == ["De Davi"]
    assert names(cast.sonia) == south
    assert names(cast.norma) == ["De Davi"]
    for user in (cast.mauro, cast.bento, cast.aurora, cast.ada):
        assert names(user) == everyone


def test_client_list_counts_each_class_within_the_filters(cast: Cast) -> None:
    renewal("Vence", cast.julia, uf="SC")
    active("Comprou", cast.julia, uf="SC")
    make_client("Novo", owner=cast.julia, uf="PR")
    make_client("De outro", owner=cast.davi, uf="SC")

    assert tabs(cast.julia) == {
        "Todas": "3",
        "Ativa": "1",
        "Renovação": "1",
        "Inativa": "0",
        "Prospects": "1",
    }
    assert tabs(cast.julia, uf="SC")["Todas"] == "2"
    assert tabs(cast.julia, uf="SC", **{"class": "renewal"})["Prospects"] == "0"


def test_client_list_sums_the_renewals_under_their_tab(cast: Cast) -> None:
    renewal("Vence", cast.julia)
    renewal("Vence depois", cast.julia, days=20)

    response = browser_of(cast.julia).get(reverse(LIST), {"class": "renewal"})

    assert response.context["summary"] == "2 clientes · R$\u00a01.000/mês em renovação"
    assert [row.name for row in response.context["rows"]] == ["Vence", "Vence depois"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"uf": "SC"}, ["Alvo"]),
        ({"type": "PJ"}, ["Alvo"]),
        ({"tier": "A"}, ["Alvo"]),
        ({"risk": "high"}, ["Alvo"]),
        ({"due": "15"}, ["Alvo"]),
        ({"due": "16"}, ["Alvo", "Outro"]),
        ({"changes_until": "9999-12-31"}, ["Alvo"]),
        ({"changes_until": "1999-12-31"}, []),
        ({"since_from": "2020-01-02"}, ["Outro"]),
        ({"since_to": "2020-01-02"}, ["Alvo"]),
        ({"uf": "xx"}, ["Alvo", "Outro"]),
        ({"class": "renewal"}, ["Alvo"]),
        ({"class": "nothing"}, ["Alvo", "Outro"]),
    ],
)
def test_client_list_filters(cast: Cast, query: dict[str, str], found: list[str]) -> None:
    target = renewal("Alvo", cast.julia, uf="SC", person_type="PJ")
    make_client("Outro", owner=cast.julia, uf="PR", person_type="PF")
    Client.objects.visible_to(cast.julia).filter(pk=target.pk).update(class_since=datetime.date(2020, 1, 1))
    ClientCycle.objects.visible_to(cast.julia).filter(client=target).update(tier="A", risk_band="high")

    assert names(cast.julia, **query) == found


def test_client_list_filters_by_records(cast: Cast) -> None:
    product, tag = make_product("Prestamista"), Tag.objects.create(name="VIP", key="vip")
    sector = Sector.objects.create(name="Metal", key="metal")
    target = make_client("Alvo", owner=cast.julia, sector=sector)
    make_client("Outro", owner=cast.caio)
    make_client("Sem dono", team=cast.sul)
    make_purchase(target, days_ago(3), product=product)
    target.tags.add(tag)

    for query in ({"product": product.pk}, {"tag": tag.pk}, {"sector": sector.pk}, {"owner": cast.julia.pk}):
        assert names(cast.sonia, **{name: str(pk) for name, pk in query.items()}) == ["Alvo"]
    assert names(cast.sonia, ownerless="1") == ["Sem dono"]
    assert names(cast.mauro, team=str(cast.norte.pk)) == []
    assert names(cast.mauro, team=str(cast.brasil.pk)) == ["Alvo", "Outro", "Sem dono"]


def test_client_list_offers_only_colleagues_in_sight(cast: Cast) -> None:
    form = browser_of(cast.sonia).get(reverse("portfolio:client_filter")).context["form"]
    assert {person.name for person in form.fields["owner"].queryset} == {
        "Júlia Prado",
        "Caio Torres",
        "Sônia Reis",
    }
    assert set(form.fields["team"].queryset) == {cast.sul}
    own = browser_of(cast.julia).get(reverse("portfolio:client_filter")).context["form"]
    assert not {"owner", "team", "ownerless"} & set(own.fields)


def test_client_list_ignores_an_owner_out_of_sight(cast: Cast) -> None:
    make_client("De Caio", owner=cast.caio)
    response = browser_of(cast.sonia).get(reverse(LIST), {"owner": cast.davi.pk})
    assert response.context["chips"] == []


def test_client_list_names_the_filters_to_drop_when_nothing_is_left(cast: Cast) -> None:
    make_client("Alguém", owner=cast.julia, uf="SC")
    text = page(cast.julia, uf="AC", due="30")
    assert "Nenhum cliente com estes filtros" in text
    assert "UF: AC" in text
    assert "Vence em: até 30 dias" in text
    assert f'href="{reverse(LIST)}?due=30"' in text


def test_client_list_welcomes_whoever_has_no_client(cast: Cast) -> None:
    assert "Sua carteira começa aqui" in page(cast.julia)
    assert "Nenhum cliente por aqui" in page(cast.aurora)


def test_client_list_says_when_a_class_is_empty(cast: Cast) -> None:
    make_client("Alguém", owner=cast.julia)
    assert "Nenhum cliente nesta carteira hoje" in page(cast.julia, **{"class": "inactive"})


def test_client_list_goes_through_all_pages_once_with_equal_keys(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.paging.NUMBERED_ROWS", 0)
    made = {make_client("Mesmo Nome", owner=cast.julia).pk for _ in range(120)}
    browser = browser_of(cast.julia)
    browser.get(reverse(LIST), {"ordem": "saude", "changes_until": "2099-01-01"})
    for order in ("nome", "-nome", "desde", "-valor", "saude"):
        seen: list[int] = []
        where = ""
        while True:
            context = browser.get(reverse(LIST), {"ordem": order, "pagina": where}).context
            seen += [row.pk for row in context["rows"]]
            where = context["page"].next
            if not where:
                break
        assert len(seen) == 120
        assert set(seen) == made


def test_client_list_sorts(cast: Cast) -> None:
    first, second = make_client("B", owner=cast.julia), make_client("A", owner=cast.julia)
    make_purchase(first, days_ago(3), amount=900)
    make_purchase(second, days_ago(200), amount=100)
    classification.refresh([first.pk, second.pk])
    assert names(cast.julia) == ["A", "B"]
    assert names(cast.julia, ordem="-nome") == ["B", "A"]
    assert names(cast.julia, ordem="valor") == ["A", "B"]
    assert names(cast.julia, ordem="-compra") == ["B", "A"]
    assert names(cast.julia, ordem="-saude") == ["B", "A"]
    assert names(cast.julia, ordem="password") == ["A", "B"]


def test_client_list_sorts_a_capped_set_by_name_only(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portfolio.queries.COUNT_CAP", 1)
    make_client("B", owner=cast.julia, class_since=datetime.date(2020, 1, 1))
    make_client("A", owner=cast.julia)
    assert names(cast.julia, ordem="desde") == ["A", "B"]


def test_client_list_asks_the_same_few_queries_for_one_row_and_three(cast: Cast) -> None:
    renewal("Um", cast.julia)
    assert_same_queries(cast, lambda: [renewal("Dois", cast.julia), active("Três", cast.caio)])


def assert_same_queries(cast: Cast, add: object) -> None:
    browser = browser_of(cast.mauro)

    def count() -> int:
        browser.get(reverse(LIST))
        with CaptureQueriesContext(connection) as queries:
            browser.get(reverse(LIST))
        return len(queries)

    one = count()
    assert callable(add)
    add()
    assert count() == one <= 15


def test_client_list_as_fragment_is_part_of_the_page(cast: Cast) -> None:
    make_client("Alguém", owner=cast.julia)
    browser = browser_of(cast.julia)
    whole = browser.get(reverse(LIST), {"uf": ""}).content.decode()
    response = browser.get(reverse(LIST), {"uf": "", "owner": ""}, headers={"HX-Request": "true"})
    part = response.content.decode()
    assert part.lstrip().startswith('<div id="clientes"')
    assert "<html" not in part
    assert "<html" in whole
    assert "Alguém" in part
    assert response.headers["HX-Push-Url"] == reverse(LIST)


def test_client_list_keeps_the_columns_a_person_chose(cast: Cast) -> None:
    make_client("Alguém", owner=cast.julia)
    browser = browser_of(cast.julia)
    browser.post(reverse("portfolio:client_columns"), {"columns": ["since", "value"]})
    shown = [column["name"] for column in browser.get(reverse(LIST)).context["columns"]]
    assert shown == ["since", "value"]
    assert "owner" not in [column["name"] for column in browser.get(reverse(LIST)).context["column_choices"]]


def test_client_list_says_when_a_client_was_last_contacted(cast: Cast) -> None:
    client = make_client("Alguém", owner=cast.julia)
    now = timezone.now()
    ContactPulse.objects.unscoped(reason="test").create(client=client, last_log_id=1, last_at=now)
    browser = browser_of(cast.julia)
    browser.post(reverse("portfolio:client_columns"), {"columns": ["reason", "value"]})
    assert f">{day(now)}</td>" not in browser.get(reverse(LIST)).content.decode()
    browser.post(reverse("portfolio:client_columns"), {"columns": ["reason", "contact", "value"]})
    text = browser.get(reverse(LIST)).content.decode()
    assert f'<td class="m-hide nowrap tnum">{day(now)}</td>' in text


def test_client_list_gives_the_auditor_nothing_to_write(cast: Cast) -> None:
    make_client("Alguém", owner=cast.julia)
    text = page(cast.aurora)
    for control in (
        "data-sel>",
        "Novo cliente",
        "Registrar venda",
        "client_export",
        "Transferir",
        "Etiquetar",
    ):
        assert control not in text


def test_client_list_shows_no_number_and_asks_the_gate_when_one_wants_to_call(cast: Cast) -> None:
    client = make_client("Recusa", owner=cast.julia)
    Phone.objects.create(client=client, e164="+5547999120456", kind=Phone.Kind.MOBILE, is_primary=True)
    client.opt_outs.create()
    browser = browser_of(cast.julia)
    page = browser.get(reverse(LIST))
    assert "5547999120456" not in page.content.decode()

    (row,) = page.context["rows"]
    asked = {"HX-Request": "true", "HX-Target": "dialog-slot"}
    dialog = browser.get(row.links_url, headers=asked).content.decode()
    assert "<dialog" in dialog
    assert "tel:" not in dialog
    assert "O cliente pediu em" in dialog


def test_client_tag_tags_all_or_nobody(cast: Cast) -> None:
    mine, hidden = make_client("Meu", owner=cast.julia), make_client("Dele", owner=cast.davi)
    browser, url = browser_of(cast.julia), reverse("portfolio:client_tag")

    assert browser.post(url, {"ids": [mine.pk]}).context["ids"] == [mine.pk]
    assert browser.post(url, {"ids": [mine.pk], "name": ""}).status_code == 422
    assert browser.post(url, {"ids": ["x"], "name": "VIP"}).status_code == 400
    assert browser.post(url, {"ids": [mine.pk, hidden.pk], "name": "VIP"}).status_code == 404
    assert not mine.tags.exists()

    assert browser.post(url, {"ids": [mine.pk], "name": "VIP"}).status_code == 303
    assert [tag.name for tag in mine.tags.all()] == ["VIP"]
