"""Contact plans on the screen."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Client
from contacts import logs
from contacts.models import ContactLog, ContactOutcome, ContactPlan, PlanStep
from people.models import User
from tests.contacts.planning import default, enter, make_plan, members
from tests.factories import Cast, make_client

HTMX = {"HX-Request": "true"}
PLAN = {
    "trigger": "manual",
    "anchor": "start",
    "purpose": "service",
    "max_attempts": "5",
    "rest_days": "0",
    "priority": "50",
}
STEP = {"title": "Ligar", "channel": "call", "offset_days": "2", "minutes": "8"}
Desk = Callable[[User], Browser]


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana Lima", owner=cast.julia, uf="SP")


@pytest.fixture
def plan(db: None) -> ContactPlan:
    return make_plan("Ligações", (0, "call"), (3, "call"))


def url(plan: ContactPlan, rest: str = "") -> str:
    return f"/contatos/planos/{plan.pk}/{rest}"


def step_url(step: PlanStep, rest: str) -> str:
    return f"/contatos/planos/passos/{step.pk}/{rest}/"


def triggers_of(response: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(response.headers["HX-Trigger"])
    return found


def asked_by(browser: Browser, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(address).status_code == 200
    return len(asked)


# --- Plans ---------------------------------------------------------------------------------------------


def test_plan_list_counts_the_clients_one_sees(cast: Cast, at_desk: Desk, ana: Client, plan: ContactPlan) -> None:
    for client in (ana, make_client(owner=cast.davi)):
        enter(client, plan, timezone.localdate(), by=cast.julia)
    rows = dict(at_desk(cast.sonia).get("/contatos/planos/").context["plans"])
    assert rows[plan] == 1
    assert dict(at_desk(cast.ada).get("/contatos/planos/").context["plans"])[plan] == 2
    # By priority.
    assert [row.name for row in rows][:2] == ["Renovação", "Boas-vindas"]


def test_plan_list_without_plans_offers_the_first(cast: Cast, at_desk: Desk) -> None:
    ContactPlan.objects.all().delete()
    assert "Nenhum plano ainda" in at_desk(cast.sonia).get("/contatos/planos/").content.decode()


def test_plan_pages_ask_the_same_however_many_rows(cast: Cast, at_desk: Desk, plan: ContactPlan) -> None:
    browser = at_desk(cast.sonia)
    addresses = ["/contatos/planos/", url(plan), url(plan, "clientes/")]
    enter(make_client(owner=cast.julia), plan, timezone.localdate(), by=cast.julia)
    one = [asked_by(browser, address) for address in addresses]
    for _number in range(2):
        enter(make_client(owner=cast.julia), plan, timezone.localdate(), by=cast.julia)
        make_plan(f"Outro {_number}", (0, "call"))
    assert [asked_by(browser, address) for address in addresses] == one
    assert max(one) <= 15


def test_plan_create_leads_to_the_new_plan_once(cast: Cast, at_desk: Desk) -> None:
    browser = at_desk(cast.sonia)
    assert "Novo plano de contato" in browser.get("/contatos/planos/novo/", headers=HTMX).content.decode()
    sent = {**PLAN, "name": "  Visita  anual ", "form_key": "k1"}
    response = browser.post("/contatos/planos/novo/", sent)
    made = ContactPlan.objects.get(name="Visita anual")
    assert (response.status_code, response.headers["Location"]) == (303, url(made))
    assert made.is_active is False
    again = browser.post("/contatos/planos/novo/", {**sent, "name": "Outra"})
    assert again.headers["Location"] == "/contatos/planos/"
    assert not ContactPlan.objects.filter(name="Outra").exists()


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"name": "boas-VINDAS"}, "Já existe um plano com este nome."),
        ({"trigger": "renewal"}, "Um plano de renovação conta os dias do fim do contrato."),
        ({"trigger": "sale", "anchor": "end"}, "Do fim do contrato contam só renovações"),
        ({"max_attempts": "0"}, "maior ou igual a 1"),
    ],
)
def test_plan_create_says_what_is_wrong(cast: Cast, at_desk: Desk, changes: dict[str, str], text: str) -> None:
    response = at_desk(cast.sonia).post("/contatos/planos/novo/", {**PLAN, "name": "N", "form_key": "k1", **changes})
    assert response.status_code == 422
    assert text in response.content.decode()


def test_plan_edit_saves_and_shows_a_conflict(cast: Cast, at_desk: Desk, plan: ContactPlan) -> None:
    browser, sent = at_desk(cast.sonia), {**PLAN, "name": "Ligações", "version": "1", "priority": "80"}
    assert 'value="Ligações"' in browser.get(url(plan, "editar/")).content.decode()
    response = browser.post(url(plan, "editar/"), sent, headers=HTMX)
    assert triggers_of(response)["plan-changed"] is True
    plan.refresh_from_db()
    assert (plan.priority, plan.stops_when_reached) == (80, False)
    stale = browser.post(url(plan, "editar/"), {**sent, "priority": "10"}, headers=HTMX)
    assert stale.status_code == 409
    assert "Outra pessoa salvou antes de você." in stale.content.decode()


def test_plan_edit_keeps_steps_before_day_zero_possible(cast: Cast, at_desk: Desk) -> None:
    early = make_plan("Antes do fim", (-10, "call"), anchor="end")
    sent = {**PLAN, "name": early.name, "version": "1"}
    response = at_desk(cast.sonia).post(url(early, "editar/"), sent)
    assert "Há passos antes do dia zero." in response.content.decode()


def test_plan_duplicate_leads_to_the_copy(cast: Cast, at_desk: Desk, plan: ContactPlan) -> None:
    response = at_desk(cast.sonia).post(url(plan, "duplicar/"))
    assert response.headers["Location"] == url(ContactPlan.objects.get(name="Ligações (cópia 1)"))


def test_plan_pause_and_activate_undo_each_other(cast: Cast, at_desk: Desk, plan: ContactPlan) -> None:
    browser = at_desk(cast.sonia)
    paused = triggers_of(browser.post(url(plan, "pausar/"), headers=HTMX))
    assert paused["aviso"]["undo_url"] == url(plan, "ativar/")
    assert ContactPlan.objects.get(pk=plan.pk).is_active is False
    browser.post(paused["aviso"]["undo_url"])
    assert ContactPlan.objects.get(pk=plan.pk).is_active is True


def test_plan_without_steps_is_not_activated(cast: Cast, at_desk: Desk) -> None:
    empty = make_plan("Vazio", is_active=False)
    response = at_desk(cast.sonia).post(url(empty, "ativar/"), headers=HTMX)
    assert triggers_of(response)["aviso"]["text"] == "Inclua um passo antes de ativar o plano."
    assert ContactPlan.objects.get(pk=empty.pk).is_active is False
    assert "Nenhum passo ainda." in at_desk(cast.sonia).get(url(empty)).content.decode()


def test_plan_detail_answers_htmx_with_its_part(cast: Cast, at_desk: Desk) -> None:
    part = at_desk(cast.sonia).get(url(default("Reativação")), headers=HTMX).content.decode().strip()
    assert part.startswith('<div id="plano"')
    assert "modelo Reativação: saudade de você" in " ".join(part.split())


# --- Who is in it --------------------------------------------------------------------------------------


def test_plan_members_are_the_clients_one_sees(cast: Cast, at_desk: Desk, ana: Client, plan: ContactPlan) -> None:
    for client in (ana, make_client("Do norte", owner=cast.davi)):
        enter(client, plan, timezone.localdate(), by=cast.julia)
    page = at_desk(cast.sonia).get(url(plan, "clientes/")).content.decode()
    assert "Ana Lima" in page
    assert "Do norte" not in page
    assert "Ana Lima" not in at_desk(cast.sonia).get(url(plan, "clientes/?situacao=saidas")).content.decode()


def test_plan_members_who_left_say_why(cast: Cast, at_desk: Desk, ana: Client, plan: ContactPlan) -> None:
    membership = enter(ana, plan, timezone.localdate(), by=cast.julia)
    browser = at_desk(cast.julia)
    leave = f"/contatos/planos/participacoes/{membership.pk}/sair/"
    assert "Plano Ligações." in browser.get(leave, headers=HTMX).content.decode()
    response = browser.post(leave, {"reason": "Pediu uma pausa"}, headers=HTMX)
    assert triggers_of(response)["aviso"]["text"] == "Ana Lima saiu do plano Ligações."
    assert "Pediu uma pausa" in at_desk(cast.sonia).get(url(plan, "clientes/?situacao=saidas")).content.decode()


def test_plan_members_page_by_keyset(
    cast: Cast, at_desk: Desk, plan: ContactPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.paging.NUMBERED_ROWS", 0)
    for _number in range(51):
        enter(make_client(owner=cast.julia), plan, timezone.localdate(), by=cast.julia)
    browser = at_desk(cast.sonia)
    first = browser.get(url(plan, "clientes/"), headers=HTMX)
    second = browser.get(url(plan, f"clientes/?pagina={first.context['page'].next}"), headers=HTMX)
    assert (len(first.context["members"]), len(second.context["members"])) == (50, 1)
    assert first.content.decode().strip().startswith('<div id="plan-rows"')


# --- Steps ---------------------------------------------------------------------------------------------


def test_step_add_and_edit(cast: Cast, at_desk: Desk, plan: ContactPlan) -> None:
    browser = at_desk(cast.sonia)
    # Three days after the last one.
    assert 'name="offset_days" value="6"' in browser.get(url(plan, "passos/novo/"), headers=HTMX).content.decode()
    response = browser.post(url(plan, "passos/novo/"), {**STEP, "version": "1"}, headers=HTMX)
    assert triggers_of(response)["plan-changed"] is True
    step = plan.steps.get(position=3)
    assert 'value="Ligar"' in browser.get(step_url(step, "editar"), headers=HTMX).content.decode()
    browser.post(step_url(step, "editar"), {**STEP, "version": "2", "title": "Visitar", "channel": "visit"})
    step.refresh_from_db()
    assert (step.title, step.channel) == ("Visitar", "visit")


def test_first_step_is_offered_on_the_day_of_entry(cast: Cast, at_desk: Desk) -> None:
    page = at_desk(cast.sonia).get(url(make_plan("Vazio"), "passos/novo/"), headers=HTMX).content.decode()
    assert 'name="offset_days" value="0"' in page


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"offset_days": "-1"}, "O dia conta da entrada no plano: use 0 ou mais."),
        ({"template": "whatsapp"}, "Este modelo é de WhatsApp."),
        ({"script": "1", "channel": "email"}, "Roteiros são de ligação."),
        ({"version": "7"}, "Outra pessoa mudou este plano."),
    ],
)
def test_step_says_what_is_wrong(
    cast: Cast, at_desk: Desk, plan: ContactPlan, changes: dict[str, str], text: str
) -> None:
    sent = {**STEP, "version": "1", **changes}
    words = default("Boas-vindas").steps.order_by("position")
    sent |= {"template": str(words[0].template_id)} if "template" in changes else {}
    sent |= {"script": str(words[1].script_id)} if "script" in changes else {}
    response = at_desk(cast.sonia).post(url(plan, "passos/novo/"), sent)
    assert response.status_code == 422
    assert text in response.content.decode()


def test_step_before_the_end_of_a_contract_is_fine(cast: Cast, at_desk: Desk) -> None:
    plan = make_plan("Fim", (-10, "call"), anchor="end")
    browser = at_desk(cast.sonia)
    assert "com sinal de menos" in browser.get(url(plan, "passos/novo/")).content.decode()
    browser.post(url(plan, "passos/novo/"), {**STEP, "version": "1", "offset_days": "-5"})
    assert plan.steps.get(position=2).offset_days == -5


def test_step_edit_in_conflict_keeps_what_was_typed(cast: Cast, at_desk: Desk, plan: ContactPlan) -> None:
    ContactPlan.objects.update(version=3)
    step = plan.steps.get(position=1)
    response = at_desk(cast.sonia).post(step_url(step, "editar"), {**STEP, "version": "2", "title": "Meu texto"})
    assert response.status_code == 422
    assert 'value="Meu texto"' in response.content.decode()


def test_step_move_and_remove(cast: Cast, at_desk: Desk, plan: ContactPlan) -> None:
    browser, first = at_desk(cast.sonia), plan.steps.get(position=1)
    browser.post(step_url(first, "mover"), {"version": "1", "para": "baixo"})
    assert plan.steps.get(pk=first.pk).position == 2
    browser.post(step_url(first, "mover"), {"version": "2", "para": "cima"})
    assert plan.steps.get(pk=first.pk).position == 1
    late = browser.post(step_url(first, "remover"), {"version": "2"}, headers=HTMX)
    assert "Outra pessoa mudou este plano." in triggers_of(late)["aviso"]["text"]
    browser.post(step_url(first, "remover"), {"version": "3"})
    assert plan.steps.count() == 1
    assert browser.post(step_url(plan.steps.get(), "remover"), {"version": "x"}).status_code == 400


# --- A client ------------------------------------------------------------------------------------------


def test_plan_join_offers_what_can_be_joined_and_names_the_first_day(
    cast: Cast, at_desk: Desk, ana: Client, plan: ContactPlan
) -> None:
    make_plan("Sem passos")
    make_plan("Pausado", (0, "call"), is_active=False)
    browser, address = at_desk(cast.julia), f"/contatos/planos/clientes/{ana.pk}/entrar/"
    page = browser.get(address, headers=HTMX).content.decode()
    assert "Ligações" in page
    assert "Sem passos" not in page
    assert "Pausado" not in page
    response = browser.post(address, {"plan": plan.pk, "form_key": "k1"}, headers=HTMX)
    told = triggers_of(response)
    assert told["aviso"]["text"].startswith("Ana Lima no plano Ligações. Primeiro contato: ")
    assert told["client-changed"] is True
    assert members().get().started_by == cast.julia


def test_plan_join_names_the_refusal(cast: Cast, at_desk: Desk, ana: Client, plan: ContactPlan) -> None:
    enter(ana, plan, timezone.localdate(), by=cast.julia)
    address = f"/contatos/planos/clientes/{ana.pk}/entrar/"
    response = at_desk(cast.julia).post(address, {"plan": plan.pk, "form_key": "k1"})
    assert response.status_code == 422
    assert "O cliente já está neste plano." in response.content.decode()


# --- With the contacts themselves ----------------------------------------------------------------------


def test_contact_moves_the_plan_and_its_undo_puts_it_back(cast: Cast, ana: Client, plan: ContactPlan) -> None:
    membership = enter(ana, plan, timezone.localdate(), by=cast.julia)
    before = members().values().get()
    outcome = ContactOutcome.objects.get(code="interested")
    log = logs.record(ana, by=cast.julia, channel="call", outcome=outcome, membership=membership)
    assert members().get().state == "finished"
    assert ContactLog.objects.unscoped(reason="test").get().plan_step == membership.step_id
    logs.undo(log, by=cast.julia)
    assert members().values().get() == before
