"""The timeline of a client: every kind of thing that happened, newest first."""

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients import consents
from clients.models import Client, Consent
from contacts import attachments, logs, notes, plans, promises
from contracts import classification
from imports.models import BatchKind, Effect, ImportBatch, ImportRow, Plan, State
from jobs.models import OutboxMessage
from portfolio.timeline import surveys
from portfolio.timeline.contacts import masked
from portfolio.timeline.entry import Rank
from tests.factories import Cast, browser_of, make_product, make_purchase
from tests.portfolio.record import HTMX, entries_of, entry_of, grown_old, make_bakery, make_plan, outcome, page_of, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast: Cast) -> Client:
    return make_bakery(cast.julia)


def everything_about(client: Client, cast: Cast) -> None:
    julia, today = cast.julia, timezone.localdate()
    said(client, julia, note="Quer a proposta.")
    notes.create(client, by=julia, text="@Sônia confira.")
    promises.promise(client, by=julia, title="Mandar proposta", due_on=today)
    promises.finish(promises.promise(client, by=julia, title="Ligar ao banco", due_on=today), by=julia)
    plans.leave(plans.join(client, make_plan(), by=julia, on=today), "Trocou de ramo", by=julia)
    attachments.add(client, ContentFile(b"%PDF-1.4", name="proposta.pdf"), by=julia)
    consents.opt_out(client, channel="sms", purpose="any", reason="pediu", by=julia)
    Consent.objects.create(client=client, channel="call", purpose="offer", granted=True, source="voz", by=julia)
    batch = ImportBatch.objects.create(
        kind=BatchKind.CLIENTS,
        state=State.DONE,
        original_name="base.xlsx",
        sha256="0" * 64,
        size=1,
        created_by=cast.ada,
        finished_at=timezone.now(),
    )
    ImportRow.objects.create(
        batch=batch, position=1, line=7, outcome="valid", plan=Plan.UPDATE, effect=Effect.UPDATED, record_id=client.pk
    )
    make_purchase(client, today, product=make_product("Consórcio"))
    classification.refresh([client.pk])


def test_timeline_tells_every_kind(cast: Cast, client: Client) -> None:
    everything_about(client, cast)
    ranks = {entry.rank for entry in entries_of(client, cast.julia)}
    of_surveys = {source.rank for source in surveys.SOURCES}
    assert ranks == set(Rank) - {Rank.SIGNING, Rank.CANCELLATION} - of_surveys
    text = page_of(client, cast.julia).content.decode()
    for words in ("Quer a proposta.", "avisou Sônia Reis", "Trocou de ramo", "proposta.pdf", "base.xlsx", "Consórcio"):
        assert words in text


@pytest.mark.parametrize(
    ("view", "ranks"),
    [
        ("contatos", {Rank.CONTACT, Rank.TASK, Rank.TASK_DONE, Rank.PLAN, Rank.PLAN_LEFT}),
        ("negocios", {Rank.PURCHASE, Rank.CLASS_CHANGE}),
        ("anotacoes", {Rank.NOTE, Rank.FILE}),
    ],
)
def test_timeline_is_narrowed_by_kind(cast: Cast, client: Client, view: str, ranks: set[Rank]) -> None:
    everything_about(client, cast)
    assert {entry.rank for entry in entries_of(client, cast.julia, tipo=view)} == ranks


def test_timeline_pages_keep_the_kind(cast: Cast, client: Client) -> None:
    for number in range(45):
        promises.promise(client, by=cast.julia, title=f"Tarefa {number}", due_on=timezone.localdate())
    said(client, cast.julia)
    make_purchase(client, timezone.localdate())
    browser, keys, token = browser_of(cast.julia), [], ""
    while True:
        url = reverse("portfolio:client_detail", args=[client.pk])
        context = browser.get(url, {"tipo": "contatos", "desde": token}, headers=HTMX).context
        keys += [entry.key for entry in context["entries"]]
        token = context["more"]
        if not token:
            break
    assert len(keys) == len(set(keys)) == 46
    assert keys == sorted(keys, reverse=True)


def test_timeline_contact_says_how_it_went(cast: Cast, client: Client) -> None:
    said(client, cast.julia, note="Só de manhã.", is_highlight=True, seconds=480)
    entry = entry_of(client, cast.julia, Rank.CONTACT)
    assert (entry.icon, entry.tone, entry.title, entry.strong) == ("phone-check", "ok", "Ligação:", "Interessado")
    assert entry.meta == "Júlia Prado · (47) •••••-0456 · 8 minutos"
    assert (entry.body, entry.is_highlight) == ("Só de manhã.", True)


@pytest.mark.parametrize(
    ("channel", "code", "icon", "tone"),
    [
        ("call", "no_answer", "phone-x", "bad"),
        ("call", "wrong_number", "phone-off", "bad"),
        ("whatsapp", "sent", "brand-whatsapp", "wait"),
        ("visit", "absent", "map-pin", "bad"),
        ("call", "minor", "ban", "bad"),
    ],
)
def test_timeline_icon_tells_the_result(
    cast: Cast, client: Client, channel: str, code: str, icon: str, tone: str
) -> None:
    said(client, cast.julia, code, channel=channel)
    entry = entry_of(client, cast.julia, Rank.CONTACT)
    assert (entry.icon, entry.tone) == (icon, tone)


def test_timeline_shows_a_correction_beside_what_it_corrects(cast: Cast, client: Client) -> None:
    first = said(client, cast.julia, "no_answer")
    logs.correct(first, by=cast.sonia, channel="call", outcome=outcome("interested"))
    newer, older = [entry for entry in entries_of(client, cast.julia) if entry.rank == Rank.CONTACT]
    assert newer.title == "Correção, ligação:"
    assert "no lugar de “Não atende”, registrado por Júlia Prado" in newer.meta
    assert (older.strong, older.mark) == ("Não atende", "Corrigido")
    newer, older = [entry for entry in entries_of(client, cast.bento) if entry.rank == Rank.CONTACT]
    assert (bool(newer.correct_url), older.correct_url) == (True, "")


def test_timeline_leaves_out_what_was_undone(cast: Cast, client: Client) -> None:
    logs.undo(said(client, cast.julia, note="engano"), by=cast.julia)
    file = attachments.add(client, ContentFile(b"%PDF-1.4", name="errado.pdf"), by=cast.julia)
    attachments.remove(file, by=cast.julia)
    text = page_of(client, cast.julia).content.decode()
    assert "engano" not in text
    assert "errado.pdf" not in text


def test_timeline_says_how_a_mail_stands(cast: Cast, client: Client) -> None:
    log = said(client, cast.julia, "sent", channel="email", used="joana@exemplo.com.br")
    mail = OutboxMessage.objects.create(kind="contact_email", dedupe_key="k", recipient="x@a.com", subject_id=log.pk)
    assert entry_of(client, cast.julia, Rank.CONTACT).mark == "Na fila"
    mail.state = OutboxMessage.State.UNKNOWN
    mail.save()
    entry = entry_of(client, cast.julia, Rank.CONTACT)
    assert (bool(entry.edit_url), entry.undo_url) == (True, "")
    assert (entry.mark, entry.mark_tone) == ("Incerto: pode ter saído", "danger")
    assert "j•••@exemplo.com.br" in entry.meta
    OutboxMessage.objects.update(kind="contact_whatsapp", state="sent", receipt="read")
    assert entry_of(client, cast.julia, Rank.CONTACT).mark == "Lida"


def test_timeline_lets_one_mend_ones_own_inside_the_window(cast: Cast, client: Client) -> None:
    log = said(client, cast.julia)
    mine, leads = entry_of(client, cast.julia, Rank.CONTACT), entry_of(client, cast.sonia, Rank.CONTACT)
    assert mine.edit_url
    assert mine.undo_url
    assert leads.edit_url
    theirs = entry_of(client, cast.bento, Rank.CONTACT)
    assert (theirs.edit_url, bool(theirs.correct_url)) == ("", True)
    grown_old(log)
    old = entry_of(client, cast.julia, Rank.CONTACT)
    assert (old.edit_url, old.undo_url) == ("", "")
    assert old.correct_url == reverse("contacts:log_correct", args=[log.pk])
    auditor = entry_of(client, cast.aurora, Rank.CONTACT)
    assert (auditor.edit_url, auditor.correct_url) == ("", "")


def test_timeline_folds_a_long_text(cast: Cast, client: Client) -> None:
    said(client, cast.julia, note="palavra " * 100)
    entry = entry_of(client, cast.julia, Rank.CONTACT)
    assert entry.brief.endswith("palavra…")
    assert "Ler tudo" in page_of(client, cast.julia).content.decode()


@pytest.mark.parametrize(
    ("used", "shown"),
    [
        ("", ""),
        ("+5547999120456", "(47) •••••-0456"),
        ("ana@exemplo.com", "a•••@exemplo.com"),
        ("+351912345678", "+••••••••5678"),
    ],
)
def test_timeline_masks_numbers(used: str, shown: str) -> None:
    assert masked(used).replace(" ", "") == shown.replace(" ", "")


def test_client_detail_asks_as_few_queries_however_much_happened(cast: Cast, client: Client) -> None:
    browser, url = browser_of(cast.julia), reverse("portfolio:client_detail", args=[client.pk])

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get(url)
        return len(queries)

    count()
    few = count()
    everything_about(client, cast)
    for _number in range(3):
        said(client, cast.julia)
    assert count() == few <= 15
