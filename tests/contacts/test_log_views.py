"""Contacts at the screen: the dialog, one tap, what may be changed afterwards, and who may."""

import datetime
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.models import Client, ContactPerson, Phone
from contacts import logs, promises
from contacts.models import ContactLog, ContactOutcome
from jobs.models import OutboxMessage
from people.models import User
from tests.contacts.talking import LANDLINE, MOBILE, callback_of, close_window, log_of, make_ana, task_of
from tests.factories import Cast, make_client, make_contract

HTMX = {"headers": {"HX-Request": "true"}}
DAY = datetime.timedelta(days=1)
type AtDesk = Callable[[User], Browser]


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_ana(cast.julia)


def address(name: str, record: Any) -> str:
    return reverse(f"contacts:{name}", args=[record.pk])


def said(**fields: Any) -> dict[str, Any]:
    return {"form_key": "k1", "outcome": "interested", "channel": "call", **fields}


def triggers(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer["HX-Trigger"])
    return found


def test_log_create_writes_what_was_said(
    cast: Cast, ana: Client, at_desk: AtDesk, settings: Any, tmp_path: Any
) -> None:
    disk = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": disk}
    person = ContactPerson.objects.create(client=ana, name="Rui")
    today = timezone.localdate()
    contract = make_contract(ana, today, today + 300 * DAY)
    fields = said(
        outcome="complaint:Cobrança",
        note="Boleto veio errado",
        is_highlight="on",
        person=person.pk,
        contract=contract.pk,
        minutes="4",
        phone=ana.phones.get(e164=LANDLINE).pk,
        direction="in",
        next="pick",
        next_date=(today + DAY).isoformat(),
        next_time="15:00",
        next_channel="whatsapp",
        started_at=f"{today - DAY:%Y-%m-%d}T10:30",
        file=SimpleUploadedFile("recado.txt", b"Um recado"),
    )
    answer = at_desk(cast.julia).post(address("log_create", ana), fields, **HTMX)
    assert answer.status_code == 204
    log = ana.contact_logs.get()
    assert (log.outcome.code, log.detail, log.note, log.is_highlight) == (
        "complaint", "Cobrança", "Boleto veio errado", True,
    )  # fmt: skip
    assert (log.person, log.contract, log.seconds, log.used, log.direction) == (person, contract, 240, LANDLINE, "in")
    assert timezone.localtime(log.next_at).strftime("%H:%M") == "15:00"
    assert (log.next_on, timezone.localtime(log.started_at).date()) == (None, today - DAY)
    assert ana.tasks.get().channel == "whatsapp"
    assert log.attachments.get().name == "recado.txt"
    told = triggers(answer)
    assert told["aviso"] == {"text": "Contato com Ana registrado.", "undo_url": address("log_undo", log)}
    assert {"close-dialog", "contact-logged", "client-changed"} <= set(told)


def test_log_create_twice_with_one_key_writes_once(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    browser = at_desk(cast.julia)
    for _ in range(2):
        assert browser.post(address("log_create", ana), said()).status_code == 303
    assert ana.contact_logs.count() == 1


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"outcome": ""}, "Escolha o resultado do contato."),
        ({"outcome": "nada"}, "Este resultado saiu da lista."),
        ({"outcome": "complaint:Nada"}, "Este resultado saiu da lista."),
        ({"outcome": "no_answer", "channel": "visit"}, "Este resultado não vale para este canal."),
        ({"outcome": "callback"}, "Escolha para quando ficou o retorno."),
        ({"outcome": "opt_out"}, "Diga se o pedido vale só para este canal"),
        ({"next": "pick"}, "Escolha o dia do próximo contato."),
        ({"next": "pick", "next_date": "32/01/2026"}, "next_date"),
        ({"next": "ontem"}, "Não entendemos este momento."),
        ({"next": "2020-01-01"}, "Este momento já passou."),
        ({"next": "2020-01-01T10:00"}, "Este momento já passou."),
        ({"started_at": "2099-01-01T10:00"}, "Este momento ainda não chegou."),
        ({"started_at": "0001-01-01T00:00"}, "Este momento tem mais de 10 anos."),
        ({"file": SimpleUploadedFile("a.exe", b"MZ\x00")}, "Aceitamos PDF"),
    ],
)
def test_log_create_says_what_is_missing_and_keeps_the_text(
    cast: Cast, ana: Client, at_desk: AtDesk, fields: dict[str, Any], text: str
) -> None:
    answer = at_desk(cast.julia).post(address("log_create", ana), said(note="Não perca", **fields), **HTMX)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert text in page
    assert "Não perca" in page
    assert not ana.contact_logs.exists()


def test_log_create_shows_what_the_address_asks_for(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    landline = ana.phones.get(e164=LANDLINE).pk
    query = f"?canal=whatsapp&telefone={landline}&resultado=callback&finalidade=offer&volta=1"
    page = at_desk(cast.julia).get(address("log_create", ana) + query, **HTMX).content.decode()
    assert "Como foi?" in page
    assert "Registrar: Agendou retorno" in page
    assert f'<option value="{landline}" selected' in page
    assert 'data-draft="log-' in page


def test_log_create_asks_a_fixed_number_of_questions(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    browser, url = at_desk(cast.julia), address("log_create", ana)

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(url, **HTMX).status_code == 200
        return len(asked)

    browser.get(url, **HTMX)
    first = count()
    for place in range(3):
        Phone.objects.create(client=ana, e164=f"+551198888777{place}", kind="MOBILE")
        ContactPerson.objects.create(client=ana, name=f"Pessoa {place}")
        make_contract(ana, timezone.localdate(), None)
        log_of(ana, cast.julia)
    assert count() == first
    assert first <= 12


def test_log_gate_and_links_ask_a_fixed_number_of_questions(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    browser = at_desk(cast.julia)
    for url in (address("log_gate", ana) + "?channel=call&purpose=offer", address("contact_links", ana)):
        browser.get(url, **HTMX)
        with CaptureQueriesContext(connection) as asked:
            browser.get(url, **HTMX)
        assert len(asked) <= 15


def test_log_quick_writes_with_one_tap(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    task = task_of(ana, cast.julia)
    fields = {"outcome": "no_answer", "channel": "call", "task": task.pk}
    answer = at_desk(cast.julia).post(address("log_quick", ana), fields, **HTMX)
    log = ana.contact_logs.get()
    assert (answer.status_code, log.used, log.purpose) == (204, MOBILE, "offer")
    assert triggers(answer)["aviso"]["text"] == "Contato com Ana registrado: Não atende."
    assert log.finished_tasks.get() == task


def test_log_quick_with_a_key_writes_once(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    browser, fields = at_desk(cast.julia), {"outcome": "no_answer", "channel": "call", "form_key": "k1"}
    for _ in range(2):
        assert browser.post(address("log_quick", ana), fields).status_code == 303
    assert ana.contact_logs.count() == 1


def test_log_quick_asks_when_to_return_in_the_dialog(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    browser, url = at_desk(cast.julia), address("log_quick", ana)
    asked = browser.post(url, {"outcome": "callback", "channel": "whatsapp"}, **HTMX)
    page = asked.content.decode()
    assert (asked.status_code, asked["HX-Retarget"]) == (422, "#dialog-slot")
    assert "Retornar quando?" in page
    assert '<input type="hidden" name="channel" value="whatsapp"' in page
    moment = f"{timezone.localdate() + DAY}T15:00"
    assert moment in page or "15:00" in page
    assert browser.post(url, {"outcome": "callback", "channel": "whatsapp", "next": moment}, **HTMX).status_code == 204
    assert timezone.localtime(ana.tasks.get().due_at).strftime("%H:%M") == "15:00"


def test_log_quick_asks_what_a_refusal_covers(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    browser, url = at_desk(cast.julia), address("log_quick", ana)
    asked = browser.post(url, {"outcome": "opt_out", "channel": "call"})
    assert asked.status_code == 422
    assert 'value="opt_out:Só este canal"' in asked.content.decode()
    browser.post(url, {"outcome": "opt_out:Só este canal", "channel": "call"})
    assert list(ana.opt_outs.values_list("channel", "purpose")) == [("call", "any")]


def test_log_quick_without_an_outcome_leads_to_the_whole_form(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    answer = at_desk(cast.julia).post(address("log_quick", ana), {"outcome": "", "channel": "call"})
    assert answer.status_code == 422
    assert address("log_create", ana) in answer.content.decode()


def test_log_edit_changes_the_contact_inside_the_window(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    """A moment that has come meanwhile may stay as it was."""
    log = log_of(ana, cast.julia, "callback", next_at=timezone.now() + DAY)
    ContactLog.objects.visible_to(cast.julia).update(next_at=timezone.now().replace(second=0, microsecond=0) - DAY)
    browser = at_desk(cast.julia)
    log.refresh_from_db()
    page = browser.get(address("log_edit", log)).content.decode()
    assert "Salvar contato: Agendou retorno" in page
    local = timezone.localtime(log.next_at)
    moment = {"next": "pick", "next_date": local.date().isoformat(), "next_time": f"{local:%H:%M}"}
    answer = browser.post(address("log_edit", log), said(outcome="callback", note="Outra", **moment))
    assert answer.status_code == 303
    log.refresh_from_db()
    assert log.note == "Outra"


@pytest.mark.parametrize(("hour", "open_ones"), [("15:00", 0), ("16:00", 1)])
def test_log_edit_promises_nothing_anew_that_was_kept(
    cast: Cast, ana: Client, at_desk: AtDesk, hour: str, open_ones: int
) -> None:
    day = timezone.localdate() + DAY
    promised = timezone.make_aware(datetime.datetime.combine(day, datetime.time(15)))
    log = log_of(ana, cast.julia, "callback", next_at=promised)
    promises.finish(ana.tasks.get(), by=cast.julia)
    typed = {"channel": "call", "outcome": "callback", "next": "pick", "next_date": day.isoformat(), "next_time": hour}
    typed |= {"note": "Após o almoço.", "form_key": "k"}
    edit = at_desk(cast.julia).post(reverse("contacts:log_edit", args=[log.pk]), typed, **HTMX)
    assert edit.status_code == 204
    assert ana.contact_logs.get().note == "Após o almoço."
    assert ana.tasks.filter(done_at=None).count() == open_ones


def test_log_edit_after_the_window_leads_to_the_correction(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    log = close_window(log_of(ana, cast.julia, note="Assim foi", next_on=timezone.localdate()))
    ContactLog.objects.visible_to(cast.julia).update(started_at=timezone.now() - 5000 * DAY)
    browser = at_desk(cast.julia)
    assert browser.get(address("log_edit", log)).headers["Location"] == address("log_correct", log)
    page = browser.get(address("log_correct", log)).content.decode()
    assert "O registro de Júlia Prado fica como está." in page
    log.refresh_from_db()
    then = f"{timezone.localtime(log.started_at):%Y-%m-%dT%H:%M}"
    fields = said(outcome="sold", note="Na verdade vendeu", started_at=then)
    assert browser.post(address("log_correct", log), fields).status_code == 303
    assert list(ana.contact_logs.order_by("pk").values_list("note", "corrects")) == [
        ("Assim foi", None),
        ("Na verdade vendeu", log.pk),
    ]
    correction = ana.contact_logs.get(corrects=log)
    assert browser.get(address("log_correct", log)).headers["Location"] == address("log_edit", correction)
    again = browser.post(address("log_correct", log), said(form_key="k2"))
    assert again.status_code == 422
    assert "Vale agora “Fechou venda”, de Júlia Prado: corrija esse registro." in again.content.decode()


def test_log_undo_takes_the_contact_back_once(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    log = log_of(ana, cast.julia, "wrong_number")
    browser = at_desk(cast.julia)
    answer = browser.post(address("log_undo", log), **HTMX)
    assert triggers(answer)["aviso"]["text"] == "Contato desfeito."
    assert ana.phones.get(e164=MOBILE).is_primary
    assert browser.post(address("log_undo", log)).status_code == 404


def test_log_undo_tells_of_what_stayed_and_of_a_closed_window(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    log, old = log_of(ana, cast.julia, "wrong_number"), close_window(log_of(ana, cast.julia))
    Phone.objects.visible_to(cast.julia).filter(e164=MOBILE).update(status="unreachable")
    browser = at_desk(cast.julia)
    told = triggers(browser.post(address("log_undo", log), **HTMX))["aviso"]["text"]
    assert told == "Contato desfeito. O que mudou depois dele ficou como está."
    assert "O prazo para desfazer passou" in triggers(browser.post(address("log_undo", old), **HTMX))["aviso"]["text"]
    first = logs.correct(old, by=cast.julia, channel="call", outcome=old.outcome)
    logs.correct(first, by=cast.julia, channel="call", outcome=old.outcome)
    told = triggers(browser.post(address("log_undo", first), **HTMX))["aviso"]["text"]
    assert told.startswith("Esta correção já foi corrigida. Vale agora “")
    mail = log_of(ana, cast.julia, "sent", channel="email", used="ana@exemplo.com.br")
    OutboxMessage.objects.create(kind="contact_email", dedupe_key="1", subject_id=mail.pk, state="sent")
    told = triggers(browser.post(address("log_undo", mail), **HTMX))["aviso"]["text"]
    assert told == "E-mail já saiu; o contato fica registrado."


def test_only_author_and_leaders_undo(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    log = log_of(ana, cast.julia)
    answers = [at_desk(who).post(address("log_undo", log)).status_code for who in (cast.bento, cast.davi, cast.sonia)]
    assert answers == [403, 404, 303]


def test_auditors_only_read(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    browser = at_desk(cast.aurora)
    assert browser.get(address("log_create", ana)).status_code == 403
    assert browser.post(address("log_quick", ana), {"outcome": "sold", "channel": "call"}).status_code == 403


def test_records_of_other_clients_are_no_choice(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    rui = make_client("Rui", owner=cast.julia)
    task, phone = task_of(rui, cast.julia), Phone.objects.create(client=rui, e164="+5511900001111", kind="MOBILE")
    for field in ({"task": task.pk}, {"phone": phone.pk}, {"hidden": 1}):
        answer = at_desk(cast.julia).post(address("log_create", ana), said(**field))
        assert answer.status_code in (400, 422)


def test_log_gate_names_the_rule(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    log_of(ana, cast.julia, "opt_out", detail="Só este canal")
    browser = at_desk(cast.julia)
    url = address("log_gate", ana)
    assert "não contatar por Ligação" in browser.get(f"{url}?channel=call&purpose=service").content.decode()
    for query in ("?channel=whatsapp&purpose=service", "?channel=call&purpose=service&direction=in", "?channel=x"):
        assert browser.get(url + query).content.decode().strip() == ""


def test_contact_links_show_the_number_or_the_rule(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    callback_of(ana, cast.julia)
    browser, url = at_desk(cast.julia), address("contact_links", ana) + "?finalidade=service"
    page = browser.get(url).content.decode()
    assert f'href="tel:{MOBILE}"' in page
    assert 'href="https://wa.me/5511987654321"' in page
    mobile = ana.phones.get(e164=MOBILE).pk
    back = f"{address('log_create', ana)}?canal=call&amp;telefone={mobile}&amp;finalidade=service&amp;volta=1"
    assert f'data-contact="{back}"' in page
    assert page.count("wa.me") == 1
    log_of(ana, cast.julia, "opt_out", detail="Todos os canais")
    page = browser.get(url, **HTMX).content.decode()
    assert "tel:" not in page
    assert page.count("não contatar") == 2


def test_client_without_phones_is_offered_to_get_one(cast: Cast, at_desk: AtDesk) -> None:
    page = at_desk(cast.julia).get(address("contact_links", make_client(owner=cast.julia))).content.decode()
    assert "Cadastrar telefone" in page


def test_retired_outcomes_are_not_offered(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    ContactOutcome.objects.filter(code="sold").update(is_active=False)
    page = at_desk(cast.julia).get(address("log_create", ana)).content.decode()
    assert "Fechou venda" not in page
    assert "Agendou retorno" in page
