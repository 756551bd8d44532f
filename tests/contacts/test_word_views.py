"""The screens of words: composer, templates with their preview, scripts along a call."""

import json

import pytest
from django.urls import reverse
from django.utils import timezone

from clients.models import Email, OptOut, Phone
from contacts import texts
from contacts.models import CallScript, ContactLog, MessageTemplate
from jobs.models import OutboxMessage
from tests.factories import make_client, make_contract

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
BODY = {**HTMX, "HX-Target": "message-body"}
ACTS = {**HTMX, "HX-Target": "message-acts"}


@pytest.fixture(autouse=True)
def own_words(db):
    CallScript.objects.all().delete()
    MessageTemplate.objects.all().delete()


@pytest.fixture
def ana(cast):
    client = make_client("Ana Souza", owner=cast.julia, person_type="PF", uf="SP")
    Phone.objects.create(client=client, e164="+5511987654321", kind="MOBILE", is_primary=True)
    Email.objects.create(client=client, address="ana@exemplo.com.br", is_primary=True)
    return client


@pytest.fixture
def julia(cast, at_desk):
    return at_desk(cast.julia)


@pytest.fixture
def sonia(cast, at_desk):
    return at_desk(cast.sonia)


def make_template(**fields) -> MessageTemplate:
    told = {"name": "Oi", "channel": "whatsapp", "purpose": "service", "body": "Olá, {{primeiro_nome}}.", **fields}
    return MessageTemplate.objects.create(**told)


def compose(client) -> str:
    return reverse("contacts:message_compose", args=[client.pk])


def text(response) -> str:
    return response.content.decode()


# --- Composer ---------------------------------------------------------------------------------------------


def test_composer_opens_with_the_words_of_the_occasion_and_a_link(julia, ana):
    make_template(name="A outro")
    make_template(name="B aniversário", occasion="birthday", body="Feliz aniversário, {{primeiro_nome}}!")
    page = text(julia.get(compose(ana), {"canal": "whatsapp", "ocasiao": "birthday", "finalidade": "service"}))
    assert "Feliz aniversário, Ana!</textarea>" in page
    assert 'href="https://wa.me/5511987654321?text=Feliz%20anivers%C3%A1rio%2C%20Ana%21"' in page
    assert 'data-contact="/contatos/clientes/' in page
    assert "<html" in page


def test_composer_named_template_and_nonsense_in_the_address(julia, ana):
    template = make_template()
    assert "Olá, Ana." in text(julia.get(compose(ana), {"canal": "whatsapp", "modelo": template.pk}))
    page = julia.get(compose(ana), {"canal": "x", "modelo": "99999", "telefone": "a", "plano": "-1", "tarefa": "1"})
    assert page.status_code == 200
    assert "</textarea>" in text(page)
    other = make_template(name="Mail", channel="email", subject="Oi")
    assert "Olá, Ana." not in text(julia.get(compose(ana), {"canal": "whatsapp", "modelo": other.pk}))


def test_composer_misses_no_words_before_a_try_but_names_rules(julia, ana, cast):
    missing = "A mensagem está vazia."
    make_contract(ana, timezone.localdate(), None)
    assert "não pode sair assim" not in text(julia.get(compose(ana)))
    typed = {"channel": "whatsapp", "body": " ", "form_key": "k", "step": "check"}
    assert missing in text(julia.post(compose(ana), typed, headers=ACTS))
    OptOut.objects.create(client=ana, channel="whatsapp", by=cast.julia)
    page = text(julia.get(compose(ana)))
    assert "não pode sair assim" in page
    assert missing not in page


def test_composer_is_a_dialog_and_its_parts_for_htmx(julia, ana):
    template = make_template()
    assert text(julia.get(compose(ana), headers=HTMX)).lstrip().startswith("<dialog")
    chosen = {"channel": "whatsapp", "template": template.pk, "form_key": "k", "step": "change"}
    body = text(julia.post(compose(ana), chosen, headers=BODY))
    assert 'id="message-body"' in body
    assert "Olá, Ana.</textarea>" in body
    assert "<dialog" not in body
    typed = {**chosen, "step": "check", "body": "Olá, {{produto}}"}
    acts = text(julia.post(compose(ana), typed, headers=ACTS))
    assert acts.lstrip().startswith('<div id="message-acts"')
    assert "{{produto}} está vazio" in acts
    assert "wa.me" not in acts


def test_composer_changes_the_channel_without_the_template_of_the_other(julia, ana):
    template = make_template()
    chosen = {"channel": "email", "template": template.pk, "form_key": "k", "step": "change"}
    body = text(julia.post(compose(ana), chosen, headers=BODY))
    assert 'name="subject"' in body
    assert "Olá, Ana." not in body
    refused = julia.post(compose(ana), {**chosen, "step": "send", "subject": "a", "body": "b"}, headers=BODY)
    assert refused.status_code == 422
    assert "Este modelo é de outro canal." in text(refused)


def test_composer_takes_accents_out_of_an_sms(julia, ana):
    template = make_template(channel="sms", body="Olá, João")
    typed = {"channel": "sms", "template": template.pk, "form_key": "k", "step": "plain", "body": "Olá, João"}
    body = text(julia.post(compose(ana), typed, headers=BODY))
    assert "Ola, Joao</textarea>" in body
    assert "9 caracteres em 1 SMS; cabem mais 151." in body
    assert "sms:+5511987654321?body=Ola%2C%20Joao" in body
    accents = text(julia.post(compose(ana), {**typed, "step": "check"}, headers=ACTS))
    assert "Tirar os acentos" in accents


def test_gate_gives_no_link_and_names_its_rule(julia, ana, cast):
    template = make_template()
    OptOut.objects.create(client=ana, channel="whatsapp", by=cast.julia)
    page = text(julia.get(compose(ana), {"canal": "whatsapp", "modelo": template.pk}))
    assert "Esta mensagem não pode sair assim" in page
    assert "wa.me" not in page


def mail_of(template, **fields) -> dict:
    told = {"channel": "email", "template": template.pk, "form_key": "key-1", "step": "send"}
    return {**told, "subject": "Olá", "body": "Bom dia, {{primeiro_nome}}.", **fields}


def test_mail_is_sent_once_and_taken_back(julia, ana):
    template = make_template(channel="email", subject="Olá", body="Bom dia, {{primeiro_nome}}.")
    first = julia.post(compose(ana), mail_of(template), headers=HTMX)
    assert first.status_code == 204
    told = json.loads(first.headers["HX-Trigger"])
    assert {"aviso", "close-dialog", "contact-logged", "client-changed"} == set(told)
    again = julia.post(compose(ana), mail_of(template), headers=HTMX)
    assert "já tinha sido enviado" in json.loads(again.headers["HX-Trigger"])["aviso"]["text"]
    message = OutboxMessage.objects.get()
    assert message.body == "Bom dia, Ana."
    undone = julia.post(told["aviso"]["undo_url"], headers=HTMX)
    assert json.loads(undone.headers["HX-Trigger"])["aviso"]["text"] == "E-mail cancelado antes de sair."
    message.refresh_from_db()
    assert message.state == "cancelled"
    assert julia.post(told["aviso"]["undo_url"]).status_code == 404


def test_mail_that_left_stays_logged(julia, ana):
    template = make_template(channel="email", subject="Olá", body="Bom dia, {{primeiro_nome}}.")
    julia.post(compose(ana), mail_of(template))
    OutboxMessage.objects.update(state="sent")
    log = ContactLog.objects.unscoped(reason="test").get()
    late = julia.post(reverse("contacts:message_undo", args=[log.pk]), headers=HTMX)
    assert "já saiu" in json.loads(late.headers["HX-Trigger"])["aviso"]["text"]


def test_mail_that_may_not_go_keeps_what_was_typed(julia, ana):
    template = make_template(channel="email", subject="Olá")
    refused = julia.post(compose(ana), mail_of(template, body="Sobre {{vencimento}}"), headers=HTMX)
    assert refused.status_code == 422
    assert "Sobre {{vencimento}}</textarea>" in text(refused)
    assert not OutboxMessage.objects.exists()


def test_composer_of_a_hidden_client_is_404(ana, cast, at_desk):
    assert at_desk(cast.davi).get(compose(ana)).status_code == 404


# --- Templates --------------------------------------------------------------------------------------------

NEW = {"name": "Oi", "channel": "whatsapp", "purpose": "service", "occasion": "", "subject": "", "body": "Olá"}


def test_seller_writes_own_templates_and_leaders_the_company_ones(julia, sonia, cast):
    page = text(julia.get(reverse("contacts:template_create")))
    assert "Modelo da empresa" not in page
    assert "Modelo da empresa" in text(sonia.get(reverse("contacts:template_create")))
    assert julia.post(reverse("contacts:template_create"), {**NEW, "form_key": "a"}).status_code == 303
    assert (
        julia.post(reverse("contacts:template_create"), {**NEW, "form_key": "x", "for_company": "on"}).status_code
        == 400
    )
    sonia.post(reverse("contacts:template_create"), {**NEW, "form_key": "b", "for_company": "on"})
    assert set(MessageTemplate.objects.values_list("owner", flat=True)) == {cast.julia.pk, None}
    listed = text(julia.get(reverse("contacts:template_list")))
    assert listed.count("Retirar de uso") == 1
    assert "<html" not in text(julia.get(reverse("contacts:template_list"), headers=HTMX))
    shared = MessageTemplate.objects.get(owner=None)
    assert julia.get(reverse("contacts:template_edit", args=[shared.pk])).status_code == 403


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"body": "{{senha}}"}, "{{senha}} não existe."),
        ({"purpose": "offer"}, "A oferta precisa dizer como parar de receber."),
        ({"channel": "email"}, "Escreva o assunto do e-mail."),
        ({"channel": "email", "subject": "{{x}}"}, "{{x}} não existe."),
    ],
)
def test_template_that_could_not_be_sent_is_not_saved(julia, fields, said):
    answer = julia.post(reverse("contacts:template_create"), {**NEW, "form_key": "a", **fields})
    assert answer.status_code == 422
    assert said in text(answer)
    assert not MessageTemplate.objects.exists()


def test_template_is_edited_with_its_version_and_retired(julia, cast):
    template = texts.create_template({**NEW, "subject": ""}, by=cast.julia)
    edit = reverse("contacts:template_edit", args=[template.pk])
    assert julia.post(edit, {**NEW, "version": 1, "body": "Bom dia", "subject": "cai fora"}).status_code == 303
    conflict = julia.post(edit, {**NEW, "version": 1, "body": "Boa tarde"})
    assert conflict.status_code == 409
    assert "Bom dia" in text(conflict)
    template.refresh_from_db()
    assert (template.body, template.subject) == ("Bom dia", "")
    texts.create_template({**NEW, "name": "Tomado"}, by=cast.julia)
    taken = julia.post(edit, {**NEW, "version": 2, "name": "tomado"})
    assert "Este nome já existe." in text(taken)
    julia.post(reverse("contacts:template_retire", args=[template.pk]))
    assert "Fora de uso" in text(julia.get(reverse("contacts:template_list")))
    julia.post(reverse("contacts:template_restore", args=[template.pk]))
    template.refresh_from_db()
    assert template.is_active


def test_template_of_another_seller_is_404(julia, cast):
    foreign = texts.create_template(NEW, by=cast.davi)
    for name in ("template_edit", "template_retire"):
        assert julia.post(reverse(f"contacts:{name}", args=[foreign.pk])).status_code == 404


def test_preview_reads_for_a_client_that_one_sees(julia, ana, cast):
    make_client("Bia Alves", owner=cast.davi)
    url = reverse("contacts:template_preview")
    typed = {"channel": "sms", "purpose": "offer", "subject": "", "body": "Olá, {{primeiro_nome}}: {{parcela}}"}
    shown = text(julia.post(url, {**typed, "client": "an"}))
    assert "Assim lê Ana Souza:" in shown
    assert "Olá, Ana: {{parcela}}" in shown
    assert "{{parcela}} está vazio" in shown
    assert "A oferta precisa dizer o nome da empresa." in shown
    assert "(UCS-2)" in shown
    assert "Nenhum cliente seu começa assim." in text(julia.post(url, {**typed, "client": "bia"}))
    assert "Nenhum cliente seu" in text(julia.post(url, {"channel": "x"}))


# --- Scripts ----------------------------------------------------------------------------------------------


def test_script_is_written_block_by_block(sonia):
    made = sonia.post(reverse("contacts:script_create"), {"form_key": "a", "name": "Renovar", "purpose": "offer"})
    script = CallScript.objects.get()
    assert made.headers["Location"] == reverse("contacts:script_detail", args=[script.pk])
    add = reverse("contacts:block_add", args=[script.pk])
    sonia.post(add, {"version": 1, "kind": "greeting", "text": "Olá, {{primeiro_nome}}"})
    sonia.post(add, {"version": 2, "kind": "offer", "text": "O CET é"})
    late = sonia.post(add, {"version": 2, "kind": "closing", "text": "Fim"})
    assert "Outra pessoa mudou este roteiro." in text(late)
    assert sonia.post(add, {"version": 3, "kind": "closing", "text": "{{x}}"}).status_code == 422
    first, second = script.blocks.all()
    edit = reverse("contacts:block_edit", args=[second.pk])
    assert "O CET é" in text(sonia.get(edit))
    sonia.post(edit, {"version": 3, "kind": "offer", "text": "O CET total é"})
    sonia.post(reverse("contacts:block_move", args=[second.pk]), {"version": 4, "para": "cima"})
    page = text(sonia.get(reverse("contacts:script_detail", args=[script.pk])))
    assert page.index("O CET total é") < page.index("Olá, {{primeiro_nome}}")
    stale = sonia.post(reverse("contacts:block_remove", args=[first.pk]), {"version": 4}, follow=True)
    assert "Confira os blocos e tente de novo." in text(stale)
    assert sonia.post(reverse("contacts:block_remove", args=[first.pk]), {"version": "x"}).status_code == 400
    sonia.post(reverse("contacts:block_remove", args=[first.pk]), {"version": 5})
    assert script.blocks.count() == 1
    fragment = text(sonia.get(reverse("contacts:script_detail", args=[script.pk]), headers=HTMX))
    assert fragment.lstrip().startswith('<div id="roteiro"')


def test_script_is_renamed_retired_and_listed(sonia, julia):
    create = reverse("contacts:script_create")
    assert "Nenhum roteiro ainda" in text(sonia.get(reverse("contacts:script_list")))
    assert "inclua os blocos" in text(sonia.get(create))
    assert sonia.post(create, {"form_key": "z", "name": ""}).status_code == 422
    sonia.post(create, {"form_key": "a", "name": "Renovar", "purpose": "offer"})
    assert sonia.post(create, {"form_key": "a", "name": "Renovar 2", "purpose": "offer"}).status_code == 303
    assert "Este nome já existe." in text(sonia.post(create, {"form_key": "b", "name": "Renovar", "purpose": "offer"}))
    script = CallScript.objects.get()
    edit = reverse("contacts:script_edit", args=[script.pk])
    sonia.post(edit, {"version": 1, "name": "Renovação", "purpose": "service", "occasion": "renewal"})
    sonia.post(reverse("contacts:script_retire", args=[script.pk]))
    assert "Fora de uso" in text(julia.get(reverse("contacts:script_list")))
    sonia.post(reverse("contacts:script_restore", args=[script.pk]))
    script.refresh_from_db()
    assert (script.name, script.is_active) == ("Renovação", True)
    assert "Incluir bloco" not in text(julia.get(reverse("contacts:script_detail", args=[script.pk])))


def test_script_reads_for_the_client_along_a_call(julia, ana, cast):
    script = texts.create_script({"name": "Renovar", "purpose": "offer"}, by=cast.sonia)
    texts.add_block(script, {"kind": "identity", "text": "Falo com {{primeiro_nome}}?"}, version=1, by=cast.sonia)
    texts.add_block(script, {"kind": "offer", "text": "Vence em {{vencimento}}"}, version=2, by=cast.sonia)
    url = reverse("contacts:script_show", args=[ana.pk, script.pk])
    page = text(julia.get(url))
    assert "Falo com Ana?" in page
    assert "{{vencimento}} está vazio" in page
    assert text(julia.get(url, headers=HTMX)).lstrip().startswith("<dialog")
    hidden = make_client("De Davi", owner=cast.davi)
    assert julia.get(reverse("contacts:script_show", args=[hidden.pk, script.pk])).status_code == 404
