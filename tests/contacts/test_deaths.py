"""A death that was written down by mistake is taken back by who leads, long after the contact stands."""

from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients import consents
from clients.models import Client
from contacts import deaths, gate_facts, kept
from contacts.models import ContactSettings
from contacts.models.rules import KeptOptOut
from people.models import Activity, User
from tests.contacts.talking import close_window, log_of, make_ana
from tests.factories import Cast, make_contract

HTMX = {"headers": {"HX-Request": "true"}}
type AtDesk = Callable[[User], Browser]


@pytest.fixture
def ana(cast: Cast) -> Client:
    client = make_ana(cast.julia)
    make_contract(client, timezone.localdate(), None)
    return client


def keep_all() -> None:
    ContactSettings.objects.update_or_create(defaults={"edit_hours": 0})
    kept.keep_all()


def test_client_lives_again_and_keeps_what_it_asked(cast: Cast, ana: Client) -> None:
    consents.opt_out(ana, channel="sms", purpose="any", by=cast.julia)
    close_window(log_of(ana, cast.julia, "deceased"))
    log_of(ana, cast.julia, "deceased")
    keep_all()
    deaths.take_back(ana, by=cast.sonia, reason="Atendeu o telefone")
    ana.refresh_from_db()
    assert ana.deceased_on is None
    assert list(ana.opt_outs.values_list("channel", flat=True)) == ["sms"]
    assert set(KeptOptOut.objects.values_list("channel", flat=True)) == {"sms"}
    assert gate_facts.check(ana, channel="call", purpose="service").allowed
    note = ana.client_notes.get()
    assert (note.by, note.text) == (cast.sonia, "Registro de falecimento retirado: Atendeu o telefone")
    assert Activity.objects.get(verb="death_taken_back").changes == {"opt_outs": 1}
    with pytest.raises(deaths.NotDeceasedError):
        deaths.take_back(ana, by=cast.sonia, reason="De novo")


@pytest.mark.parametrize(("detail", "stays"), [("Todos os canais", True), ("Só este canal", False)])
def test_what_another_contact_asked_stays(cast: Cast, ana: Client, detail: str, stays: bool) -> None:
    log_of(ana, cast.julia, "deceased")
    log_of(ana, cast.julia, "opt_out", detail=detail)
    deaths.take_back(ana, by=cast.sonia, reason="Engano")
    assert ana.opt_outs.filter(channel="any").exists() == stays


def test_leaders_take_it_back_on_the_page_of_the_client(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    url, page = reverse("contacts:death_take_back", args=[ana.pk]), ana.get_absolute_url()
    log_of(ana, cast.julia, "deceased")
    sonia = at_desk(cast.sonia)
    assert url in sonia.get(page).content.decode()
    assert url not in at_desk(cast.julia).get(page).content.decode()
    assert at_desk(cast.julia).get(url).status_code == 403
    assert "Pedidos que ele mesmo fez continuam valendo" in sonia.get(url, **HTMX).content.decode()
    assert sonia.post(url, {"form_key": "k", "reason": "Engano"}).status_code == 303
    assert "Registro de falecimento retirado: Engano" in sonia.get(page).content.decode()
    again = sonia.post(url, {"form_key": "l", "reason": "Engano"})
    assert (again.status_code, "não consta como falecido" in again.content.decode()) == (422, True)
