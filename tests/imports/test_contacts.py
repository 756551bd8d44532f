"""Contact files: what each row says, that history changes nothing but what must never be lost, and undoing it."""

import csv
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import OptOut, Phone
from contacts import logs, plans, pulse
from contacts.models import ContactLog, ContactOutcome, ContactPlan, ContactPulse, LogChannel, PlanStep, Task
from imports import batches, undoing
from imports.contact_words import channel_of, end_of, moment_of
from imports.models import ImportBatch, State
from tests.factories import make_client
from tests.imports.uploads import CPF_ANA, DATA, TODAY, checked, csv_of, imported, rows_of, told

pytestmark = pytest.mark.django_db

HEADER = ("cliente", "data", "canal", "resultado", "nota", "vendedor")
SAMPLE = DATA / "messy_contacts_sample.csv"
SAO_PAULO = ZoneInfo("America/Sao_Paulo")


@pytest.fixture
def ana(cast):
    client = make_client("Ana", owner=cast.julia, code="C-1", document="52998224725", person_type="PF")
    Phone.objects.create(client=client, e164="+5511987654321", kind="MOBILE", is_primary=True)
    return client


@pytest.fixture
def bia(cast):
    return make_client("Bia", owner=cast.caio, code="C-2", document="11144477735", person_type="PF")


@pytest.fixture
def acme(cast):
    return make_client("Acme", team=cast.sul, code="C-3", document="11222333000181", person_type="PJ")


def file_of(*rows) -> bytes:
    return csv_of(HEADER, *([*row, *[""] * (len(HEADER) - len(row))] for row in rows))


def contacts(*rows, by, **options) -> ImportBatch:
    return imported(file_of(*rows), by=by, kind="contacts", **options)


def all_logs():
    return ContactLog.objects.unscoped(reason="test").order_by("pk")


def wishes():
    return list(OptOut.objects.unscoped(reason="test").order_by("pk").values_list("client__code", "channel", "purpose"))


def outcome(code: str) -> ContactOutcome:
    return ContactOutcome.objects.get(code=code)


def undo(batch: ImportBatch, by) -> int:
    with transaction.atomic():
        return undoing.undo(batch, by=by)


def promised(client, day: date, *, by, **fields) -> Task:
    return Task.objects.create(client=client, title="Ligar", due_on=day, created_by=by, **fields)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SAO_PAULO)


# --- What a row says ---------------------------------------------------------------------------------


def test_sample_has_exactly_the_expected_outcomes_and_contacts(cast, ana, bia, acme):
    batch = imported(SAMPLE.read_bytes(), by=cast.sonia, kind="contacts")

    with (DATA / "messy_contacts_sample.expected.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    assert [described(row) for row in rows_of(batch)] == expected
    assert all_logs().count() == 8


def described(row) -> dict[str, str]:
    log = all_logs().select_related("client", "outcome", "by").filter(pk=row.record_id or 0).first()
    said = {
        "client": log.client.code,
        "at": f"{log.started_at.astimezone(SAO_PAULO):%Y-%m-%d %H:%M}",
        "channel": log.channel,
        "result": log.outcome.code,
        "note": log.note,
        "by": log.by.email.split("@")[0],
    } if log else dict.fromkeys(("client", "at", "channel", "result", "note", "by"), "")  # fmt: skip
    lists = {"actions": "|".join(row.actions), "warnings": "|".join(row.warnings)}
    return {"line": str(row.line), "outcome": row.outcome, "reason": row.reason, **lists, **said}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10/11/2026 14:30", local(2026, 11, 10, 14, 30)),
        ("10/11/2026, 14:30:15", local(2026, 11, 10, 14, 30, 15)),
        ("10/11/2026 14h", local(2026, 11, 10, 14)),
        ("2026-11-10T14:30:00Z", datetime(2026, 11, 10, 14, 30, tzinfo=UTC)),
        ("2026-11-10T14:30:00-0400", datetime(2026, 11, 10, 18, 30, tzinfo=UTC)),
        ("2026-11-10 14:30:00.250000", local(2026, 11, 10, 14, 30)),
        ("46340", local(2026, 11, 14, 12)),
        ("46340.604167", local(2026, 11, 14, 14, 30)),
        ("21/11/2026", local(2026, 11, 21, 12)),
        ("21/11/2026 23:59", local(2026, 11, 21, 23, 59)),
        ("22/11/2026", None),
        ("22/11/2026 00:00", None),
        ("10/11/2026 24:00", None),
        ("10/11/2026 14:60", None),
        ("14:30", None),
        ("ontem", None),
        ("", None),
    ],
)
def test_moment_of_a_contact(text, found):
    assert moment_of(text, until=end_of(TODAY))[0] == found


def test_contact_of_today_without_an_hour_is_not_in_the_future():
    until = local(2026, 11, 21, 9)

    assert moment_of("21/11/2026", until=until)[0] == until
    assert moment_of("21/11/2026 09:01", until=until)[0] is None
    assert timezone.now() - end_of(timezone.localdate()) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("call", "Ligação, telefone, CALL, chamada"), ("whatsapp", "WhatsApp, zap, Whats App"), ("sms", "SMS, Torpedo"),
        ("email", "E-mail, EMAIL, correio eletrônico"), ("visit", "visita"), ("meeting", "Reunião"),
        ("in_person", "balcão, Presencial, in_person"), ("", "pombo, 12"),
    ],
)  # fmt: skip
def test_words_of_channels(channel, words):
    assert {channel_of(word) for word in words.split(",")} == {channel}
    assert {channel_of(str(label)) for label in LogChannel.labels} == set(LogChannel.values)


def test_contact_is_history_of_service_written_down_when_it_happened(cast, ana):
    contacts(("C-1", "10/11/2026 14:30", "ligação", "Interessado"), by=cast.sonia)

    log = all_logs().get()
    assert (log.direction, log.purpose, log.group, log.used, log.phone) == ("out", "service", "reached", "", None)
    assert (log.started_at, log.created_at) == (local(2026, 11, 10, 14, 30),) * 2
    assert not logs.may_mend(log, by=cast.julia)


def test_retired_outcome_is_known_but_the_one_in_use_is_meant(cast, ana):
    ContactOutcome.objects.filter(code="busy").update(is_active=False, label="Não atende")
    ContactOutcome.objects.filter(code="off").update(is_active=False)

    contacts(("C-1", "10/11/2026", "ligação", "não atende"), ("C-1", "10/11/2026", "ligação", "off"), by=cast.sonia)

    assert [log.outcome.code for log in all_logs()] == ["no_answer", "off"]


def test_outcome_that_is_gone_since_the_check_is_refused(cast, ana):
    rows = (("C-1", "10/11/2026", "ligação", "Ocupado"), ("C-1", "10/11/2026", "ligação", "Interessado"))
    batch = checked(file_of(*rows), by=cast.sonia, kind="contacts")
    outcome("busy").delete()

    batches.start(batch, by=cast.sonia, now=True)

    assert told(batch) == [(2, "rejected", "not_accepted", ""), (3, "valid", "", "created")]


# --- Consequences ------------------------------------------------------------------------------------


def test_history_has_no_consequences(cast, ana):
    plan = ContactPlan.objects.create(name="Plano")
    PlanStep.objects.create(plan=plan, position=1, title="Ligar")
    membership = plans.join(ana, plan, by=cast.julia, on=date(2026, 11, 1))
    promise = Task.objects.create(
        client=ana, kind="callback", title="Ligar", due_on=date(2026, 11, 2), created_by=cast.julia
    )
    results = ("Interessado", "Agendou retorno", "Sem interesse definitivo", "Número errado", "Número inexistente")

    contacts(*(("C-1", "10/11/2026", "ligação", result) for result in results), by=cast.sonia)

    assert all_logs().count() == 5
    assert [log.effects for log in all_logs()] == [{}] * 5
    assert wishes() == []
    assert ana.phones.get().status == "ok"
    assert (ana.tasks.get(), ana.tasks.get().done_at) == (promise, None)
    after = ana.plan_memberships.get()
    assert (after.state, after.step_id, after.attempts) == ("running", membership.step_id, membership.attempts)


def test_who_asked_not_to_be_contacted_is_never_lost(cast, ana, bia, acme):
    contacts(
        ("C-1", "10/11/2026", "ligação", "Pediu para não contatar"),
        ("C-1", "12/11/2026", "sms", "Pediu para não contatar"),
        ("C-2", "10/11/2026", "ligação", "Falecido"),
        ("C-3", "10/11/2026", "ligação", "Fraude suspeita"),
        by=cast.sonia,
    )

    assert wishes() == [("C-1", "any", "any"), ("C-2", "any", "any"), ("C-3", "any", "offer")]
    wish = ana.opt_outs.get()
    assert (wish.by, wish.reason) == (cast.sonia, "Importado com o contato de 10/11/2026: Pediu para não contatar")
    bia.refresh_from_db()
    assert bia.deceased_on == date(2026, 11, 10)
    assert [bool(log.effects) for log in all_logs()] == [True, False, True, True]


def test_what_the_base_knows_already_stays_as_it_is(cast, ana, bia):
    known = OptOut.objects.create(client=ana, by=cast.julia)
    type(bia).objects.unscoped(reason="test").filter(pk=bia.pk).update(deceased_on=date(2026, 1, 1))

    contacts(("C-1", "10/11/2026", "ligação", "opt_out"), ("C-2", "10/11/2026", "ligação", "deceased"), by=cast.sonia)

    assert (ana.opt_outs.get(), ana.opt_outs.get().by) == (known, cast.julia)
    bia.refresh_from_db()
    assert bia.deceased_on == date(2026, 1, 1)


def test_last_contact_is_kept_with_the_clients(cast, ana, bia):
    contacts(
        ("C-1", "10/11/2026 10:00", "ligação", "Interessado"),
        ("C-1", "12/11/2026 10:00", "ligação", "Não atende"),
        ("C-2", "11/11/2026 10:00", "ligação", "Ocupado"),
        by=cast.sonia,
    )

    assert (ana.pulse.last_at, ana.pulse.reached_at) == (local(2026, 11, 12, 10), local(2026, 11, 10, 10))
    assert (bia.pulse.last_at, bia.pulse.reached_at) == (local(2026, 11, 11, 10), None)
    before = list(ContactPulse.objects.unscoped(reason="test").order_by("pk").values())
    pulse.refresh(None)
    assert list(ContactPulse.objects.unscoped(reason="test").order_by("pk").values()) == before


# --- Again, and who may ------------------------------------------------------------------------------


def test_same_file_creates_nothing_again_whoever_sends_it(cast, ana):
    rows = [("C-1", "10/11/2026", "ligação", "Interessado")] * 2
    contacts(*rows, by=cast.sonia)

    again = contacts(*rows, by=cast.ada)

    assert told(again) == [(2, "valid", "", "skipped"), (3, "valid", "", "skipped")]
    assert all_logs().count() == 2


def test_client_out_of_sight_is_unknown(cast, ana):
    batch = contacts(("C-1", "10/11/2026", "ligação", "Interessado"), by=cast.norma)

    assert told(batch) == [(2, "rejected", "unknown_client", "")]


def test_client_that_left_the_importers_sight_since_the_check_gets_no_contact(cast, ana):
    rows = (("C-1", "10/11/2026", "ligação", "opt_out"), (CPF_ANA, "11/11/2026", "ligação", "Interessado"))
    batch = checked(file_of(*rows), by=cast.sonia, kind="contacts")
    type(ana).objects.unscoped(reason="test").filter(pk=ana.pk).update(owner=cast.davi, team=cast.norte)

    batches.start(batch, by=cast.sonia, now=True)

    assert [row.reason for row in rows_of(batch)] == ["unknown_client", "unknown_client"]
    assert (all_logs().count(), wishes()) == (0, [])


def test_as_many_queries_for_thirty_contacts_as_for_three(cast, ana, bia, acme):
    counts = []
    for total in (3, 3, 30):
        results = ("Interessado", "Pediu para não contatar", "Falecido")
        rows = [(f"C-{n % 3 + 1}", f"{total:02}/10/2026", "zap", results[n % 3]) for n in range(total)]
        with CaptureQueriesContext(connection) as queries:
            undo(contacts(*rows, by=cast.sonia), cast.sonia)
        counts.append(len(queries))

    assert counts[1] == counts[2]


# --- Undo --------------------------------------------------------------------------------------------


def test_undo_takes_everything_back(cast, ana, bia):
    earlier = ContactLog.objects.create(
        client=ana, by=cast.julia, outcome=outcome("busy"), started_at=local(2026, 1, 2)
    )
    pulse.refresh([ana.pk])
    rows = [("C-1", "10/11/2026", "ligação", "opt_out"), ("C-2", "11/11/2026", "ligação", "deceased"),
            ("C-2", "11/11/2026", "ligação", "opt_out")]  # fmt: skip
    batch = contacts(*rows, by=cast.sonia)

    assert undo(batch, cast.sonia) == 3

    assert (all_logs().get(), wishes()) == (earlier, [])
    bia.refresh_from_db()
    assert bia.deceased_on is None
    assert ContactPulse.objects.unscoped(reason="test").get().last_log == earlier
    batch.refresh_from_db()
    assert batch.state == State.UNDONE
    assert contacts(*rows, by=cast.sonia).totals["effects"] == {"created": 3}


def test_undo_keeps_a_wish_that_another_contact_tells(cast, ana):
    batch = contacts(("C-1", "10/11/2026", "ligação", "opt_out"), by=cast.sonia)
    logs.record(ana, by=cast.julia, channel="call", outcome=outcome("opt_out"))

    undo(batch, cast.sonia)

    assert wishes() == [("C-1", "any", "any")]


@pytest.mark.parametrize("what", ["note", "undone", "corrected", "task", "merged"])
def test_undo_is_blocked_by_work_on_one_contact(cast, ana, bia, what):
    batch = contacts(
        ("C-1", "10/11/2026", "ligação", "Interessado"), ("C-1", "11/11/2026", "zap", "sent"), by=cast.sonia
    )
    log = all_logs()[0]
    match what:
        case "note":
            all_logs().filter(pk=log.pk).update(note="outra")
        case "undone":
            all_logs().filter(pk=log.pk).update(undone_at=timezone.now())
        case "corrected":
            logs.correct(log, by=cast.julia, channel="call", outcome=outcome("busy"))
        case "task":
            promised(ana, TODAY, by=cast.julia, from_log=log)
        case "merged":
            all_logs().filter(pk=log.pk).update(client=bia)
    before = all_logs().count()

    with pytest.raises(undoing.UndoBlockedError) as blocked:
        undo(batch, cast.sonia)

    assert blocked.value.blocked.total == 1
    assert all_logs().count() == before
