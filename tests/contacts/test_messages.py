"""Messages to a client: words, gate, links; mail that leaves once and can be taken back for a moment."""

import datetime
from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.core import mail
from django.utils import timezone

from clients import belongings
from clients.models import Email, OptOut, Phone
from contacts import adapters, logs, messages, offers, wording
from contacts.correspondent import read
from contacts.models import ContactLog, ContactOutcome, ContactPlan, MessageTemplate, PlanMembership, Task
from jobs import outbox
from jobs.models import OutboxMessage
from people.models import Notification
from tests.factories import make_client, make_contract, make_product
from tests.jobs.post_office import PostOffice

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
# A Wednesday at noon: offers may be made.
NOON = datetime.datetime(2026, 11, 18, 15, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def own_words():
    MessageTemplate.objects.all().delete()


@pytest.fixture
def ana(cast):
    client = make_client("Ana Souza", owner=cast.julia, person_type="PF", uf="SP")
    Phone.objects.create(client=client, e164="+5511987654321", kind="MOBILE", is_primary=True)
    Phone.objects.create(client=client, e164="+551133334444", kind="LANDLINE")
    Email.objects.create(client=client, address="ana@exemplo.com.br", is_primary=True)
    return client


def make_template(body="Olá, {{primeiro_nome}}.", **fields) -> MessageTemplate:
    told = {"name": "Modelo", "channel": "whatsapp", "purpose": "service", "body": body, **fields}
    return MessageTemplate.objects.create(**told)


def draft(client, user, body="Olá, Ana.", channel="whatsapp", **about) -> messages.Draft:
    begun = messages.begin(read(client), user, channel=channel, **about)
    return messages.Draft(**{**vars(begun), "body": body, "subject": "Olá" if channel == "email" else ""})


# --- Beginning --------------------------------------------------------------------------------------------


def test_templates_are_of_the_company_or_ones_own(cast):
    for name, fields in {
        "B da casa": {},
        "A da casa": {},
        "Z aniversário": {"occasion": "birthday"},
        "Meu": {"owner": cast.julia},
        "De Davi": {"owner": cast.davi},
        "Antigo": {"is_active": False},
        "E-mail": {"channel": "email", "subject": "x"},
        "Oferta": {"purpose": "offer"},
    }.items():
        make_template(name=name, **fields)
    found = [template.name for template in messages.templates_of(cast.julia)]
    assert found == ["A da casa", "B da casa", "E-mail", "Meu", "Oferta", "Z aniversário"]


def test_begin_fills_the_words_and_takes_the_primary_phone(cast, ana):
    begun = messages.begin(read(ana), cast.julia, channel="whatsapp", template=make_template())
    assert (begun.body, begun.phone.e164, begun.purpose) == ("Olá, Ana.", "+5511987654321", "service")
    other = ana.phones.get(kind="LANDLINE")
    assert messages.begin(read(ana), cast.julia, channel="whatsapp", phone=other).phone == begun.phone
    assert messages.begin(read(ana), cast.julia, channel="email").phone is None


def test_first_offer_gets_the_line_that_says_how_to_stop(cast, ana, settings):
    settings.COMPANY_NAME = "Horizonte"
    template = make_template(purpose="offer", body="Olá, {{primeiro_nome}}.")
    assert "responda SAIR" in messages.begin(read(ana), cast.julia, channel="whatsapp", template=template).body
    logs.record(ana, by=cast.julia, channel="whatsapp", outcome=sent(), purpose="offer")
    assert messages.begin(read(ana), cast.julia, channel="whatsapp", template=template).body == "Olá, Ana."


def sent() -> ContactOutcome:
    return ContactOutcome.objects.get(code="sent")


def test_who_writes_freely_may_only_be_stricter(cast, ana):
    def purpose(**about):
        return messages.begin(read(ana), cast.julia, channel="whatsapp", **about).purpose

    assert purpose(purpose="service") == "offer"
    task = Task.objects.create(client=ana, kind="callback", title="Retorno", due_on=TODAY, created_by=cast.julia)
    assert purpose(task=task) == "service"
    make_contract(ana, TODAY - datetime.timedelta(days=9), None, product=make_product())
    assert (purpose(), purpose(purpose="offer")) == ("service", "offer")


SUNDAY_NIGHT = datetime.datetime(2026, 11, 23, 2, tzinfo=datetime.UTC)


def test_own_template_decides_nothing(cast, ana):
    """Whoever writes the words of a template cannot make an offer a service."""
    mine = make_template("Promoção! Compre.", owner=cast.julia)
    begun = messages.begin(read(ana), cast.julia, channel="whatsapp", template=mine)
    assert (begun.purpose, begun.why_offer[:17]) == ("offer", "Conta como oferta")
    assert "responda SAIR" in begun.body
    assert messages.judge(begun, at=SUNDAY_NIGHT).href == ""
    task = Task.objects.create(client=ana, kind="callback", title="Retorno", due_on=TODAY, created_by=cast.julia)
    kept = messages.begin(read(ana), cast.julia, channel="whatsapp", template=mine, task=task)
    assert (kept.purpose, kept.why_offer) == ("service", "")
    mine.purpose = "survey"
    make_contract(ana, TODAY - datetime.timedelta(days=9), None, product=make_product())
    assert messages.begin(read(ana), cast.julia, channel="whatsapp", template=mine).purpose == "service"
    mine.purpose = "offer"
    assert messages.begin(read(ana), cast.julia, channel="whatsapp", template=mine).purpose == "offer"


def test_template_of_the_company_decides_while_its_words_stand(cast, ana):
    begun = messages.begin(read(ana), cast.julia, channel="whatsapp", template=make_template())
    same, other = replace(begun, body="  ola, ANA! 🎉"), replace(begun, body="Olá, Ana. Compre já.")
    assert [one.purpose for one in (begun, same, other)] == ["service", "service", "offer"]
    assert messages.judge(begun, at=SUNDAY_NIGHT).is_ready
    assert not messages.judge(other, at=SUNDAY_NIGHT).is_ready
    assert other.why_offer.startswith("Com o texto alterado conta como oferta.")
    make_contract(ana, TODAY - datetime.timedelta(days=9), None, product=make_product())
    assert replace(other, to=read(ana)).purpose == "service"


def test_name_that_holds_a_variable_is_read_as_a_name(cast, ana):
    ana.name = "{{vendedor}} Souza"
    begun = messages.begin(read(ana), cast.julia, channel="whatsapp", template=make_template("Olá, {{nome}}."))
    judged = messages.judge(begun)
    assert (judged.text, judged.reasons) == ("Olá, vendedor Souza.", [])


def test_usual_channel_is_the_one_that_reaches_the_client(cast, ana):
    assert read(ana).usual_channel == "whatsapp"
    ana.phones.all().delete()
    assert read(ana).usual_channel == "email"
    ana.emails.all().delete()
    assert read(ana).usual_channel == "whatsapp"


# --- Judging ----------------------------------------------------------------------------------------------


def test_whatsapp_link_carries_the_text_and_the_address_of_the_log(cast, ana):
    template = make_template("Olá, {{primeiro_nome}} & cia?")
    judged = messages.judge(messages.begin(read(ana), cast.julia, channel="whatsapp", template=template))
    assert judged.is_ready
    link = urlsplit(judged.href)
    assert (link.netloc, link.path) == ("wa.me", "/5511987654321")
    assert parse_qs(link.query)["text"] == ["Olá, Ana & cia?"]
    said = parse_qs(urlsplit(judged.log_url).query)
    assert (said["canal"], said["resultado"], said["finalidade"]) == (["whatsapp"], ["sent"], ["service"])
    assert "98765" not in judged.log_url


def test_sms_link_and_its_length(cast, ana):
    judged = messages.judge(draft(ana, cast.julia, "Olá", channel="sms", template=make_template("Olá", channel="sms")))
    assert judged.href == "sms:+5511987654321?body=Ol%C3%A1"
    assert (judged.length.encoding, judged.length.parts) == ("UCS-2", 1)


def test_empty_variable_blocks_and_gives_no_link(cast, ana):
    template = make_template("{{produto}} e {{xyz}}")
    judged = messages.judge(draft(ana, cast.julia, template.body, template=template))
    assert (judged.href, judged.log_url, judged.is_ready) == ("", "", False)
    assert len(judged.reasons) == 2


def test_gate_blocks_with_its_rule(cast, ana):
    OptOut.objects.create(client=ana, channel="whatsapp", by=cast.julia)
    judged = messages.judge(draft(ana, cast.julia, template=make_template()))
    assert judged.href == ""
    assert len(judged.reasons) == 1
    assert "contat" in judged.reasons[0]


def test_first_offer_without_the_way_out_is_blocked(cast, ana):
    judged = messages.judge(draft(ana, cast.julia, "Temos uma oferta.", purpose="offer"), at=NOON)
    assert [reason.split(".")[0] for reason in judged.reasons] == [
        "A oferta precisa dizer o nome da empresa",
        "A oferta precisa dizer como parar de receber",
    ]


@pytest.mark.parametrize(
    ("channel", "reason"),
    [
        ("whatsapp", "O cliente não tem telefone com WhatsApp em uso. Cadastre um."),
        ("sms", "O cliente não tem celular em uso. Cadastre um."),
        ("email", "O cliente não tem e-mail em uso. Cadastre um."),
    ],
)
def test_client_without_an_address_is_said(cast, channel, reason):
    nobody = make_client("Zé Lima", owner=cast.julia)
    judged = messages.judge(draft(nobody, cast.julia, "", channel=channel, template=make_template()))
    assert judged.standing == [reason]
    assert judged.reasons[:2] == [reason, "A mensagem está vazia. Escolha um modelo ou escreva o texto."]


def test_mail_without_a_subject_is_said(cast, ana):
    begun = draft(ana, cast.julia, channel="email", template=make_template())
    judged = messages.judge(replace(begun, subject=" "))
    assert judged.reasons == ["O e-mail está sem assunto. Escreva um."]


def test_contact_of_a_plan_has_its_purpose(cast, ana):
    plan = ContactPlan.objects.create(name="Reativar", purpose="offer")
    make_contract(ana, TODAY, None, product=make_product())
    member = PlanMembership.objects.create(client=ana, plan=plan, anchored_on=TODAY)
    begun = messages.begin(read(ana), cast.julia, channel="whatsapp", membership=member)
    assert begun.purpose == "offer"
    assert (
        f"plano={member.pk}"
        in messages.judge(messages.Draft(**{**vars(begun), "body": wording.with_notice("Olá")}), at=NOON).log_url
    )


# --- Mail -------------------------------------------------------------------------------------------------


def letter(client, user, body="Bom dia, {{primeiro_nome}}.", **fields) -> messages.Draft:
    template = make_template(body, channel="email", subject="Olá", **fields)
    return draft(client, user, body, channel="email", template=template)


def test_mail_is_logged_and_leaves_after_the_moment_of_regret(cast, ana, settings):
    settings.COMPANY_NAME = "Horizonte"
    log = messages.send(letter(ana, cast.julia, purpose="offer"), at=NOON)
    assert (log.channel, log.outcome.code, log.used) == ("email", "sent", "ana@exemplo.com.br")
    assert log.note == "Olá\n\nBom dia, Ana."
    message = OutboxMessage.objects.get()
    assert (message.recipient, message.reply_to, message.subject_id) == (log.used, cast.julia.email, log.pk)
    assert message.due_at > timezone.now() + datetime.timedelta(seconds=5)
    assert outbox.relay() == 0
    OutboxMessage.objects.update(due_at=timezone.now())
    # Offers have hours, and the gate is asked again when the mail leaves: the test runs on Sundays too.
    ContactLog.objects.unscoped(reason="test").update(purpose="service")
    mail.outbox.clear()
    assert outbox.relay() == 1
    (gone,) = mail.outbox
    assert (gone.to, gone.reply_to) == (["ana@exemplo.com.br"], [cast.julia.email])
    assert gone.message()["From"].startswith("Júlia Prado · Horizonte <")
    words, stop = gone.body.split("\n\nPara não receber mais ofertas por e-mail: ")
    assert words == "Bom dia, Ana."
    # Signed with the second of sending: read back, not written again.
    assert offers.log_of(stop.removesuffix("/parar/").rpartition("/")[2]) == log
    assert gone.extra_headers["List-Unsubscribe"] == f"<{stop}>, <mailto:julia@carteira.example?subject=SAIR>"
    assert gone.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert not messages.take_back(log, by=cast.julia)


def test_mail_is_taken_back_with_its_contact(cast, ana):
    log = messages.send(letter(ana, cast.julia))
    assert "List-Unsubscribe" not in OutboxMessage.objects.get().headers
    assert messages.take_back(log, by=cast.julia)
    log.refresh_from_db()
    assert log.undone_at is not None
    assert OutboxMessage.objects.get().state == "cancelled"
    assert not messages.take_back(log, by=cast.julia)


def test_mail_stays_when_a_rule_closes_before_it_leaves(cast, ana):
    messages.send(letter(ana, cast.julia))
    OptOut.objects.create(client=ana, channel="email", by=cast.julia)
    OutboxMessage.objects.update(due_at=timezone.now())
    mail.outbox.clear()
    assert outbox.relay() == 1
    message = OutboxMessage.objects.get()
    assert (message.state, mail.outbox) == ("failed", [])
    assert "O cliente pediu em" in message.error


def test_mail_that_may_not_go_writes_nothing(cast, ana):
    OptOut.objects.create(client=ana, channel="email", by=cast.julia)
    with pytest.raises(messages.NotReadyError) as refused:
        messages.send(letter(ana, cast.julia))
    assert len(refused.value.reasons) == 1
    assert not ContactLog.objects.unscoped(reason="test").exists()
    assert not OutboxMessage.objects.exists()


def test_contact_without_a_mail_is_not_taken_back(cast, ana):
    log = logs.record(ana, by=cast.julia, channel="email", outcome=sent())
    assert not messages.take_back(log, by=cast.julia)


def test_seller_hears_of_a_mail_that_gave_up(cast, ana):
    messages.send(letter(ana, cast.julia))
    message = OutboxMessage.objects.get()
    message.state, message.error = "sent", ""
    messages.conclude(message)
    assert not Notification.objects.exists()
    message.state, message.error = "failed", "O servidor de e-mail recusou a mensagem (código 550)."
    messages.conclude(message)
    told = Notification.objects.get(recipient=cast.julia)
    assert told.text.startswith("A mensagem para Ana Souza (E-mail) não saiu. O servidor de e-mail recusou")
    assert told.url == ana.get_absolute_url()
    message.subject_id = None
    messages.conclude(message)
    assert Notification.objects.count() == 1


def test_box_that_does_not_exist_is_marked_and_gives_way_until_it_is_mended(cast, ana, settings):
    spare = Email.objects.create(client=ana, address="outra@exemplo.com.br")
    with PostOffice("no_such_box") as office:
        settings.MAILERS = office.mailers
        messages.send(letter(ana, cast.julia))
        OutboxMessage.objects.update(due_at=timezone.now())
        outbox.relay()
    lost = ana.emails.get(address="ana@exemplo.com.br")
    assert (lost.status, lost.is_primary, read(ana).usable_email) == ("invalid", False, spare)
    told = Notification.objects.get(recipient=cast.julia).text
    assert told.startswith("O e-mail para Ana Souza voltou. O endereço não existe (código 550).")
    belongings.change(lost, {"label": "trabalho"}, by=cast.julia)
    assert lost.status == "invalid"
    belongings.change(lost, {"address": "ana.souza@exemplo.com.br", "status": "invalid"}, by=cast.julia)
    assert ana.emails.get(pk=lost.pk).status == "ok"


# --- Adapters ---------------------------------------------------------------------------------------------


class Provider:
    def send_text(self, number: str, text: str, *, key: str) -> adapters.Handover:
        return adapters.Handover(reference=key)


def test_without_an_adapter_everything_is_done_by_hand():
    link = adapters.messages_by("whatsapp").send_text("+5511987654321", "Olá", key="1")
    assert link.is_by_hand
    assert unquote(link.link) == "https://wa.me/5511987654321?text=Olá"
    assert adapters.calls().start_call("+5511987654321", extension="", key="1").link == "tel:+5511987654321"
    assert not isinstance(adapters.messages_by("whatsapp"), adapters.ReportsStatus)


def test_adapter_is_named_by_the_settings(settings):
    settings.CONTACT_ADAPTERS = {"whatsapp": f"{__name__}.Provider"}
    handed = adapters.messages_by("whatsapp").send_text("+5511987654321", "Olá", key="7")
    assert (handed.reference, handed.is_by_hand) == ("7", False)
