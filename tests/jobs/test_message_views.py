"""The screen of messages that leave: who sees which, masked, the uncertain ones first; deciding about them."""

import pytest
from django.urls import reverse
from django.utils import timezone

from jobs.models import OutboxMessage
from people.models import Activity

pytestmark = pytest.mark.django_db
LIST = "jobs:message_list"
State = OutboxMessage.State


@pytest.fixture
def as_(client, cast):
    def log_in(name: str):
        client.force_login(getattr(cast, name))
        return client

    return log_in


def make_message(key: str = "um", **fields) -> OutboxMessage:
    told = {"kind": "export_notice", "recipient": "ana@exemplo.com.br", "subject": "Olá", "body": "Bom dia", **fields}
    return OutboxMessage.objects.create(dedupe_key=key, **told)


@pytest.mark.parametrize(
    ("who", "view", "run"), [("ada", 200, 303), ("aurora", 200, 403), ("sonia", 200, 403), ("julia", 403, 403)]
)
def test_messages_follow_permissions(as_, who, view, run):
    message = make_message(state=State.UNKNOWN)
    client = as_(who)
    assert client.get(reverse(LIST)).status_code == view
    for name in ("jobs:message_mark_sent", "jobs:message_send_again"):
        assert client.post(reverse(name, args=[message.pk])).status_code == run


def test_leader_sees_what_the_leader_caused(as_, cast):
    make_message("um", recipient="bia@exemplo.com.br", created_by=cast.mauro)
    make_message("dois", recipient="caio@exemplo.com.br", created_by=cast.sonia)
    page = as_("sonia").get(reverse(LIST)).content.decode()
    assert "c•••@exemplo.com.br" in page
    assert "b•••@exemplo.com.br" not in page


def test_recipient_is_masked_and_the_text_is_not_shown(as_):
    make_message(subject="Segredo", body="Muito segredo", state=State.UNKNOWN, error="A conexão caiu durante o envio.")
    page = as_("ada").get(reverse(LIST)).content.decode()
    assert "a•••@exemplo.com.br" in page
    assert "ana@" not in page
    assert "egredo" not in page
    assert page.count("A conexão caiu durante o envio.") == 2
    assert "Aviso de lista baixada" in page


def test_uncertain_messages_come_first_then_those_not_sent(as_):
    make_message("falhou", state=State.FAILED)
    uncertain = make_message("incerta", state=State.UNKNOWN)
    make_message("saiu", state=State.SENT)
    answer = as_("ada").get(reverse(LIST))
    assert [message.dedupe_key for message in answer.context["undecided"]] == ["incerta", "falhou"]
    page = answer.content.decode()
    assert page.count("Enviar de novo") == 2
    assert page.count("Marcar como enviada") == 1
    assert reverse("jobs:message_mark_sent", args=[uncertain.pk]) in page
    assert "3 mensagens" in page
    assert "Enviar de novo" not in as_("aurora").get(reverse(LIST)).content.decode()


def test_list_is_filtered_by_state(as_):
    make_message("saiu", state=State.SENT)
    make_message("espera")
    client = as_("ada")
    rows = client.get(reverse(LIST), {"state": "sent"}, headers={"HX-Request": "true"}).content.decode()
    assert "1 mensagem" in rows
    assert "<html" not in rows
    none = client.get(reverse(LIST), {"state": "failed"}).content.decode()
    assert "Nenhuma mensagem com estes filtros" in none
    OutboxMessage.objects.all().delete()
    assert "Nenhuma mensagem ainda" in client.get(reverse(LIST)).content.decode()


def test_uncertain_message_is_marked_or_sent_again(as_, cast):
    message = make_message(state=State.UNKNOWN, ended_at=timezone.now())
    client = as_("ada")
    client.post(reverse("jobs:message_mark_sent", args=[message.pk]))
    message.refresh_from_db()
    assert message.state == State.SENT
    late = client.post(reverse("jobs:message_send_again", args=[message.pk]), follow=True)
    assert "A situação desta mensagem já era outra; nada foi mudado." in late.content.decode()
    OutboxMessage.objects.update(state=State.FAILED)
    client.post(reverse("jobs:message_send_again", args=[message.pk]))
    message.refresh_from_db()
    assert message.state == State.QUEUED
    verbs = Activity.objects.filter(by=cast.ada).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["message_marked_sent", "message_sent_again"]


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_the_same_number_of_queries(as_, cast, count, django_assert_max_num_queries):
    for number in range(count):
        make_message(f"carta {number}", created_by=cast.sonia, state=State.UNKNOWN)
    client = as_("ada")
    with django_assert_max_num_queries(10) as asked:
        client.get(reverse(LIST))
    # Count, page, rows and undecided; the rest are the shell's.
    assert sum("jobs_outboxmessage" in query["sql"] for query in asked) == 4
