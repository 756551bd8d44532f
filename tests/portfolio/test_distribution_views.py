"""The distribution screen: who may, what it shows, what it does."""

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.models import Client
from portfolio import distribution
from portfolio.models import DistributionBatch, DistributionRule
from tests.factories import Cast, make_client

pytestmark = pytest.mark.django_db


def test_distribution_is_for_leaders(cast: Cast, client: Browser) -> None:
    for person, status in ((cast.julia, 403), (cast.aurora, 403), (cast.sonia, 200), (cast.ada, 200)):
        client.force_login(person)
        assert client.get(reverse("portfolio:distribution")).status_code == status


def test_distribution_journey_propose_apply_undo(cast: Cast, client: Browser) -> None:
    waiting = make_client("Ana Beatriz", team=cast.sul)
    client.force_login(cast.sonia)
    assert "1 cliente espera um responsável" in client.get(reverse("portfolio:distribution")).content.decode()

    preview = client.post(reverse("portfolio:distribution_propose"), follow=True)
    page = preview.content.decode()
    assert "Distribuir 1 cliente" in page
    assert "Ana Beatriz" in page

    batch = DistributionBatch.objects.get()
    client.post(reverse("portfolio:distribution_apply", args=[batch.pk]))
    waiting.refresh_from_db()
    assert waiting.owner in {cast.julia, cast.caio}

    undone = client.post(reverse("portfolio:distribution_undo", args=[batch.pk]), follow=True)
    waiting.refresh_from_db()
    assert waiting.owner is None
    assert "1 cliente voltou à fila" in undone.content.decode()


def test_distribution_with_nothing_waiting_says_so(cast: Cast, client: Browser) -> None:
    client.force_login(cast.sonia)
    assert "Ninguém na fila" in client.get(reverse("portfolio:distribution")).content.decode()
    answer = client.post(reverse("portfolio:distribution_propose"), follow=True)
    assert "Nada a distribuir" in answer.content.decode()


def test_batch_of_a_colleague_is_not_found(cast: Cast, client: Browser) -> None:
    make_client("Ana", team=cast.sul)
    batch = distribution.propose(by=cast.sonia)
    client.force_login(cast.norma)
    for name in ("detail", "apply", "undo", "discard"):
        url = reverse(f"portfolio:distribution_{name}", args=[batch.pk])
        answer = client.get(url) if name == "detail" else client.post(url)
        assert answer.status_code == 404


def test_detail_filters_by_seller_and_by_who_stays(cast: Cast, client: Browser) -> None:
    make_client("Vai", uf="SP")
    make_client("Fica", uf="RJ")
    rule = DistributionRule.objects.create(name="SP", criterion="uf", values=["SP"])
    rule.sellers.add(cast.caio)
    batch = distribution.propose(by=cast.mauro)
    client.force_login(cast.mauro)
    url = reverse("portfolio:distribution_detail", args=[batch.pk])

    def names(query: str) -> set[str]:
        page = client.get(f"{url}?seller={query}", headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in page
        return {name for name in ("Vai", "Fica") if f">{name}<" in page}

    assert names(str(cast.caio.pk)) == {"Vai"}
    assert names("none") == {"Fica"}
    assert names("refused") == set()
    assert names("") == {"Vai", "Fica"}


def test_distribution_lists_cost_the_same_with_one_and_three_rows(cast: Cast, client: Browser) -> None:
    client.force_login(cast.mauro)
    counts = []
    for index in range(3):
        make_client(f"Ana {index}")
        batch = distribution.propose(by=cast.mauro)
        with CaptureQueriesContext(connection) as detail:
            client.get(reverse("portfolio:distribution_detail", args=[batch.pk]))
        with CaptureQueriesContext(connection) as listing:
            client.get(reverse("portfolio:distribution"))
        counts.append((len(detail), len(listing)))
    assert counts[0] == counts[2]
    assert max(counts[0]) <= 15


def test_discard_drops_the_preview(cast: Cast, client: Browser) -> None:
    make_client("Ana")
    batch = distribution.propose(by=cast.mauro)
    client.force_login(cast.mauro)
    client.post(reverse("portfolio:distribution_discard", args=[batch.pk]))
    batch.refresh_from_db()
    assert batch.state == "discarded"


def test_seller_leave_asks_first_and_releases_the_portfolio(cast: Cast, client: Browser) -> None:
    make_client("da Júlia", owner=cast.julia)
    client.force_login(cast.ada)
    url = reverse("portfolio:seller_leave", args=[cast.julia.pk])
    assert "1 cliente vai para a fila" in client.get(url).content.decode()
    assert client.post(url, {}).status_code == 422
    client.post(url, {"understood": "on"})
    cast.julia.refresh_from_db()
    assert not cast.julia.is_active
    assert Client.objects.unscoped(reason="test").filter(owner=cast.julia).count() == 0
    assert client.get(url).status_code == 404


def test_rule_form_in_the_admin_checks_values(cast: Cast, client: Browser) -> None:
    client.force_login(cast.ada)
    url = reverse("admin:portfolio_distributionrule_add")
    base = {"position": 1, "name": "CEP", "is_active": "on"}
    assert "não é faixa de CEP" in client.post(url, {**base, "criterion": "cep", "values": "abc"}).content.decode()
    assert "ao menos um valor" in client.post(url, {**base, "criterion": "uf", "values": ""}).content.decode()
    client.post(url, {**base, "criterion": "cep", "values": "01000000-19999999"})
    assert DistributionRule.objects.get().values == ["01000000-19999999"]
