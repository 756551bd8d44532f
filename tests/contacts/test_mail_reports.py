"""Bounces that come later, complaints and unsubscriptions, posted as the providers document them."""

import datetime
import json
import logging
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from django.utils import timezone

from clients.models import Client, Email
from contacts import gate_facts, logs, mail_providers, messages
from contacts.correspondent import read
from contacts.models import MessageTemplate
from contacts.views import mail_reports as views
from jobs import outbox
from jobs.models import OutboxMessage
from nps import deliveries
from people.models import Activity, Notification
from tests.contacts import mail_posts as posts
from tests.contacts.talking import log_of
from tests.factories import Cast, make_client, make_contract
from tests.nps.surveying import make_invitation, make_survey

pytestmark = pytest.mark.django_db
# A Wednesday at noon: offers may be made.
NOON = datetime.datetime(2026, 11, 18, 15, tzinfo=datetime.UTC)
OLD, NEW = "ana@exemplo.com.br", "ana@trabalho.com.br"


@pytest.fixture(autouse=True)
def listening(settings: Any) -> None:
    listen(settings, "postmark")


@pytest.fixture
def ana(cast: Cast) -> Client:
    client = make_client("Ana Souza", owner=cast.julia, person_type="PF", uf="SP")
    Email.objects.create(client=client, address=OLD, is_primary=True)
    Email.objects.create(client=client, address=NEW)
    return client


@pytest.fixture
def rui(cast: Cast) -> Client:
    """Shares an address with Ana, and has nobody who looks after him."""
    client = make_client("Rui Souza", person_type="PF", uf="SP")
    Email.objects.create(client=client, address=OLD, is_primary=True)
    return client


def listen(settings: Any, provider: str) -> None:
    known = mail_providers.PROVIDERS[provider]
    secret = posts.SECRET if known.signs_little or not known.key else ""
    key = posts.KEY if known.key else ""
    settings.MAIL_REPORTS, settings.ANYMAIL = provider, mail_providers.proofs(provider, secret=secret, key=key)


def tell(client: Any, said: Any, *, provider: str = "postmark", proof: dict[str, str] | None = None) -> int:
    body = said if isinstance(said, bytes) else posts.text(said)
    headers = posts.proof_of(provider, body) if proof is None else proof
    url = reverse("contacts:mail_report", args=[provider])
    return int(client.post(url, body, content_type="application/json", headers=headers).status_code)


def addresses(client: Client) -> dict[str, tuple[str, bool]]:
    return {email.address: (email.status, email.is_primary) for email in client.emails.all()}


def wishes(client: Client) -> set[tuple[str, str]]:
    return set(client.opt_outs.values_list("channel", "purpose"))


def allows(client: Client, purpose: str) -> bool:
    return gate_facts.check(client, channel="email", purpose=purpose, at=NOON).allowed


# --- What is told -----------------------------------------------------------------------------------------


def test_address_that_does_not_exist_gives_way_with_every_client(ana: Client, rui: Client, client: Any) -> None:
    for _ in range(2):
        assert tell(client, posts.postmark(OLD.upper())) == 200
    assert addresses(ana) == {OLD: ("invalid", False), NEW: ("ok", True)}
    # Without another the lost one stays.
    assert addresses(rui) == {OLD: ("invalid", True)}
    assert Activity.objects.filter(verb="email_changed", by=None).count() == 3
    assert not wishes(ana)


def test_address_that_the_client_refused_stays_refused(ana: Client, client: Any) -> None:
    ana.emails.filter(address=OLD).update(status=Email.Status.OPTED_OUT)
    assert tell(client, posts.postmark(OLD)) == 200
    assert addresses(ana) == {OLD: ("opted_out", True), NEW: ("ok", False)}


def test_complaint_closes_mail_for_everything_and_tells_the_owner(
    cast: Cast, ana: Client, rui: Client, client: Any
) -> None:
    assert allows(ana, "service")
    for _ in range(2):
        assert tell(client, posts.postmark(OLD, "SpamComplaint")) == 200
    for one in (ana, rui):
        assert wishes(one) == {("email", "any")}
        assert one.opt_outs.get().reason == "Marcou o e-mail como spam"
        assert not any(allows(one, purpose) for purpose in ("offer", "service", "survey"))
    assert Activity.objects.filter(verb="opted_out", by=None).count() == 2
    notice = Notification.objects.get()
    assert (notice.recipient, notice.url) == (cast.julia, ana.get_absolute_url())
    assert notice.text.startswith("Ana Souza marcou um e-mail como spam.")


def test_complaint_outlives_what_a_seller_noted_and_takes_back(cast: Cast, ana: Client, client: Any) -> None:
    noted = log_of(ana, cast.julia, "opt_out", channel="email", used=OLD, detail="Só este canal")
    assert wishes(ana) == {("email", "any")}
    for _ in range(2):
        assert tell(client, posts.postmark(OLD, "SpamComplaint")) == 200
    assert Notification.objects.count() == 1
    logs.undo(noted, by=cast.julia)
    assert wishes(ana) == {("email", "any")}
    assert ana.opt_outs.get().reason == "Marcou o e-mail como spam"


def test_unsubscription_closes_offers_and_surveys_by_mail(ana: Client, client: Any) -> None:
    for _ in range(2):
        assert tell(client, posts.postmark_change(OLD, "ManualSuppression")) == 200
    assert wishes(ana) == {("email", "offer"), ("email", "survey")}
    assert [allows(ana, purpose) for purpose in ("service", "offer", "survey")] == [True, False, False]


@pytest.mark.parametrize(
    "said",
    [
        posts.postmark(OLD, "SoftBounce"),
        posts.postmark(OLD, "Transient"),
        # A filter's verdict, not the client's.
        posts.postmark(OLD, "SpamNotification"),
        posts.postmark_change(OLD, None),
        posts.postmark("ninguem@exemplo.com.br"),
        posts.postmark("sem arroba", "BadEmailAddress"),
        {"RecordType": "Delivery", "Recipient": OLD, "DeliveredAt": posts.MOMENT},
        {"RecordType": "Bounce", "Type": "HardBounce"},
    ],
)
def test_what_passes_by_itself_or_names_nobody_changes_nothing(ana: Client, client: Any, said: Any) -> None:
    assert tell(client, said) == 200
    assert addresses(ana) == {OLD: ("ok", True), NEW: ("ok", False)}
    assert not wishes(ana)


@pytest.mark.parametrize(
    ("provider", "gone", "passing", "complaint"),
    [
        ("brevo", posts.brevo(OLD, "hard_bounce"), posts.brevo(OLD, "soft_bounce"), posts.brevo(OLD, "spam")),
        (
            "mailersend",
            posts.mailersend(OLD, "hard_bounced"),
            posts.mailersend(OLD, "soft_bounced"),
            posts.mailersend(OLD, "spam_complaint"),
        ),
        (
            "mailgun",
            posts.mailgun(OLD, "failed", severity="permanent", reason="bounce"),
            posts.mailgun(OLD, "failed", severity="temporary", reason="bounce"),
            posts.mailgun(OLD, "complained"),
        ),
        (
            "mailjet",
            posts.mailjet(OLD, "bounce", hard_bounce=True, error="user unknown"),
            posts.mailjet(OLD, "bounce", hard_bounce=False, error="quota exceeded"),
            posts.mailjet(OLD, "spam", source="JMRPP"),
        ),
        ("mailtrap", posts.mailtrap(OLD, "bounce"), posts.mailtrap(OLD, "soft bounce"), posts.mailtrap(OLD, "spam")),
        (
            "sparkpost",
            posts.sparkpost(OLD, "bounce", bounce_class="10"),
            posts.sparkpost(OLD, "bounce", bounce_class="22"),
            posts.sparkpost(OLD, "spam_complaint"),
        ),
    ],
)
def test_each_provider_is_understood_and_proves_itself(
    ana: Client, client: Any, settings: Any, provider: str, gone: Any, passing: Any, complaint: Any
) -> None:
    listen(settings, provider)
    assert tell(client, passing, provider=provider) == 200
    assert addresses(ana)[OLD] == ("ok", True)
    assert tell(client, gone, provider=provider) == 200
    assert addresses(ana)[OLD] == ("invalid", False)
    assert tell(client, complaint, provider=provider) == 200
    assert wishes(ana) == {("email", "any")}
    forged = json.loads(posts.text(gone).replace(b'"signature": "', b'"signature": "0'))
    assert tell(client, forged, provider=provider, proof={"Authorization": "Basic eDp5"}) == 403


# --- The message it tells of ------------------------------------------------------------------------------


def test_message_that_came_back_is_told_to_who_wrote_it(cast: Cast, ana: Client, client: Any, settings: Any) -> None:
    listen(settings, "mailgun")
    make_contract(ana, timezone.localdate(), None)
    words = MessageTemplate.objects.create(name="Oi", channel="email", purpose="service", subject="Oi", body="Olá.")
    messages.send(messages.begin(read(ana), cast.julia, channel="email", template=words))
    OutboxMessage.objects.update(due_at=timezone.now())
    outbox.relay()
    message = OutboxMessage.objects.get()
    bounce = {"severity": "permanent", "reason": "bounce", "name": outbox.name_of(message).strip("<>")}
    other = {**bounce, "name": str(bounce["name"]).replace("@", "@outro.")}
    assert tell(client, posts.mailgun("x@exemplo.com.br", "failed", **other), provider="mailgun") == 200
    message.refresh_from_db()
    assert message.state == OutboxMessage.State.SENT
    for _ in range(2):
        assert tell(client, posts.mailgun(OLD, "failed", **bounce), provider="mailgun") == 200
    message.refresh_from_db()
    assert (message.state, message.receipt, message.error) == ("failed", "bounced", "O endereço não existe.")
    assert "O e-mail para Ana Souza voltou." in Notification.objects.get(recipient=cast.julia).text
    assert addresses(ana) == {OLD: ("invalid", False), NEW: ("ok", True)}


def test_refused_address_stays_refused_whoever_wrote(cast: Cast, ana: Client, client: Any, settings: Any) -> None:
    listen(settings, "mailgun")
    invitation = make_invitation(ana, make_survey(cast.mauro), state="waiting", address=OLD)
    message = deliveries.send(invitation, due_at=timezone.now())
    outbox.relay()
    ana.emails.filter(address=OLD).update(status=Email.Status.OPTED_OUT)
    bounce = {"severity": "permanent", "reason": "bounce", "name": outbox.name_of(message).strip("<>")}
    assert tell(client, posts.mailgun(OLD, "failed", **bounce), provider="mailgun") == 200
    assert addresses(ana)[OLD] == ("opted_out", True)


def test_survey_that_came_back_later_asked_nobody(cast: Cast, ana: Client, client: Any, settings: Any) -> None:
    listen(settings, "mailgun")
    invitation = make_invitation(ana, make_survey(cast.mauro), state="waiting", address=OLD)
    message = deliveries.send(invitation, due_at=timezone.now())
    outbox.relay()
    bounce = {"severity": "permanent", "reason": "bounce", "name": outbox.name_of(message).strip("<>")}
    assert tell(client, posts.mailgun(OLD, "failed", **bounce), provider="mailgun") == 200
    invitation.refresh_from_db()
    assert (invitation.state, invitation.delivered_at) == ("failed", None)


# --- Who may tell -----------------------------------------------------------------------------------------


def test_only_the_provider_of_the_settings_is_heard(ana: Client, client: Any, settings: Any) -> None:
    bounce = posts.postmark(OLD)
    assert tell(client, bounce, proof={}) == 403
    assert tell(client, bounce, proof={"Authorization": "Basic eDp5"}) == 403
    assert tell(client, posts.brevo(OLD, "hard_bounce"), provider="brevo") == 404
    assert client.get(reverse("contacts:mail_report", args=["postmark"])).status_code == 405
    settings.MAIL_REPORTS, settings.ANYMAIL = "", {}
    assert tell(client, bounce) == 404
    assert addresses(ana)[OLD] == ("ok", True)


def test_who_proves_nothing_is_soon_not_listened_to(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "REFUSALS", "2/m/ip")
    assert [tell(client, posts.postmark(OLD)) for _ in range(3)] == [200] * 3
    assert [tell(client, posts.postmark(OLD), proof={}) for _ in range(3)] == [403, 403, 429]


def test_post_too_large_or_without_sense_is_refused_without_a_trace_of_whom(
    client: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    inbound = {"RecordType": "Inbound", "FromFull": {"Email": OLD}}
    odd = ({**posts.postmark(OLD), "Email": [OLD]}, {"RecordType": "Bounce", "Type": [OLD], "Email": OLD})
    for said in (b"{", b"[]", b"\xff", inbound, *odd):
        assert tell(client, said) == 400
    assert tell(client, {**posts.postmark("ninguem@exemplo.com.br"), "MessageID": 7}) == 200
    monkeypatch.setattr(views, "MOST_BYTES", 10)
    monkeypatch.setattr(views, "REFUSALS", "2/m/ip")
    assert [tell(client, posts.postmark(OLD)) for _ in range(3)] == [413, 413, 429]
    told = [record.getMessage() for record in caplog.records if record.name == views.__name__]
    assert told[0] == "A report of postmark could not be read: JSONDecodeError."
    assert OLD not in caplog.text


@pytest.mark.parametrize(
    ("name", "secret", "key", "sentence"),
    [
        ("", posts.SECRET, "", "MAIL_REPORTS must name the provider"),
        ("", "", posts.KEY, "MAIL_REPORTS must name the provider"),
        ("sendgrid", posts.SECRET, "", "MAIL_REPORTS must be one of brevo, .*not 'sendgrid'"),
        ("postmark", "", "", "MAIL_REPORTS_SECRET of postmark must be name:password"),
        ("postmark", "semDoisPontosMasComprido", "", "MAIL_REPORTS_SECRET of postmark must be name:password"),
        ("postmark", "carteira:curta", "", "MAIL_REPORTS_SECRET of postmark must be name:password"),
        ("postmark", posts.SECRET, posts.KEY, "MAIL_REPORTS_KEY must be empty"),
        ("mailgun", "", "", "mailgun signs: MAIL_REPORTS_KEY must be its key"),
        ("mailgun", "", "chavé", "mailgun signs: MAIL_REPORTS_KEY must be its key"),
        ("mailgun", "", posts.KEY, "MAIL_REPORTS_SECRET of mailgun must be name:password"),
        ("mailtrap", posts.SECRET, posts.KEY, "MAIL_REPORTS_SECRET must be empty"),
    ],
)
def test_wrong_or_half_settings_stop_the_start(name: str, secret: str, key: str, sentence: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=sentence):
        mail_providers.proofs(name, secret=secret, key=key)


def test_mailgun_proves_itself_twice_for_it_signs_no_post(ana: Client, client: Any, settings: Any) -> None:
    listen(settings, "mailgun")
    assert tell(client, posts.mailgun(OLD, "complained"), provider="mailgun", proof={}) == 403
    assert not wishes(ana)


def test_without_settings_nobody_is_listened_to() -> None:
    assert mail_providers.proofs("", secret="", key="") == {}
