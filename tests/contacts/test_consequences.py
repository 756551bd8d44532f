"""What each outcome changes besides its log, and that its undo puts everything back as it was."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Client, Email, OptOut, Phone
from contacts import logs, plans
from contacts.models import ContactOutcome, ContactPlan, PlanMembership, PlanStep, Task
from contacts.models.pulse import ContactPulse
from people.models import Activity, Notification
from tests.contacts.talking import LANDLINE, MOBILE, callback_of, log_of, make_ana, task_of
from tests.factories import Cast, make_client

OF_CLIENT = (Client, Phone, Email, OptOut, Task, PlanMembership, ContactPulse)
# Counts the writes, so it may go on.
LEFT_OUT = {"version"}


@pytest.fixture
def ana(cast: Cast) -> Client:
    client = make_ana(cast.julia)
    Email.objects.create(client=client, address="ana@exemplo.com.br", is_primary=True)
    Email.objects.create(client=client, address="ana@trabalho.com.br")
    return client


def enter_plan(client: Client, cast: Cast, **fields: Any) -> PlanMembership:
    plan = ContactPlan.objects.create(name=f"Plano {ContactPlan.objects.count()}", **fields)
    for place in (1, 2):
        PlanStep.objects.create(plan=plan, position=place, offset_days=place - 1, title="Ligar")
    return plans.join(client, plan, by=cast.julia, on=timezone.localdate())


def everything() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for model in (*OF_CLIENT, Notification):
        manager: Any = model.objects
        rows = manager.unscoped(reason="test") if hasattr(manager.all(), "unscoped") else manager.all()
        found[model.__name__] = [
            {name: value for name, value in row.items() if name not in LEFT_OUT} for row in rows.order_by("pk").values()
        ]
    return found


def wishes(client: Client) -> list[tuple[str, str]]:
    return list(client.opt_outs.order_by("pk").values_list("channel", "purpose"))


def test_refusal_is_left_to_the_gate(cast: Cast, ana: Client) -> None:
    assert log_of(ana, cast.julia, "not_now", detail="Preço").effects == {}


def test_refusal_for_good_ends_offers(cast: Cast, ana: Client) -> None:
    log_of(ana, cast.julia, "never")
    assert wishes(ana) == [("any", "offer")]


@pytest.mark.parametrize(
    ("channel", "detail", "wish"),
    [
        ("whatsapp", "Só este canal", ("whatsapp", "any")),
        ("meeting", "Só este canal", ("visit", "any")),
        ("call", "Todos os canais", ("any", "any")),
        ("call", "", ("any", "any")),
    ],
)
def test_opt_out_closes_the_channel_or_all(
    cast: Cast, ana: Client, channel: str, detail: str, wish: tuple[str, str]
) -> None:
    log_of(ana, cast.julia, "opt_out", channel=channel, detail=detail)
    assert wishes(ana) == [wish]


def test_wrong_number_hands_the_first_place_on(cast: Cast, ana: Client) -> None:
    log_of(ana, cast.julia, "wrong_number")
    assert list(ana.phones.order_by("pk").values_list("e164", "status", "is_primary")) == [
        (MOBILE, "wrong_number", False),
        (LANDLINE, "ok", True),
    ]


def test_the_only_number_stays_the_first_even_when_wrong(cast: Cast, ana: Client) -> None:
    ana.phones.get(e164=LANDLINE).delete()
    log_of(ana, cast.julia, "wrong_number")
    assert list(ana.phones.values_list("status", "is_primary")) == [("wrong_number", True)]


def test_a_wrong_second_number_takes_nothing_from_the_first(cast: Cast, ana: Client) -> None:
    log_of(ana, cast.julia, "no_number", used=LANDLINE)
    assert list(ana.phones.order_by("pk").values_list("status", "is_primary")) == [
        ("ok", True),
        ("wrong_number", False),
    ]


def test_a_number_not_on_file_spoils_none(cast: Cast, ana: Client) -> None:
    log_of(ana, cast.julia, "wrong_number", used="+5511900000000")
    assert not ana.phones.exclude(status="ok").exists()


def test_unreachable_number_is_marked(cast: Cast, ana: Client) -> None:
    ContactOutcome.objects.filter(code="off").update(consequence="unreachable")
    log_of(ana, cast.julia, "off")
    assert ana.phones.get(e164=MOBILE).status == "unreachable"


@pytest.mark.parametrize(("used", "left"), [("", "ana@exemplo.com.br"), ("ana@trabalho.com.br", "ana@trabalho.com.br")])
def test_returned_mail_spoils_its_address(cast: Cast, ana: Client, used: str, left: str) -> None:
    log = log_of(ana, cast.julia, "bounced", channel="email", used=used)
    assert [email.address for email in ana.emails.filter(status="invalid")] == [left]
    assert log.used == left


def test_returned_mail_of_a_client_without_address_changes_nothing(cast: Cast) -> None:
    rui = make_client("Rui", owner=cast.julia)
    assert log_of(rui, cast.julia, "bounced", channel="email").effects == {}


def test_unknown_person_by_mail_spoils_the_address(cast: Cast, ana: Client) -> None:
    log_of(ana, cast.julia, "unknown_person", channel="email")
    assert ana.emails.get(is_primary=True).address == "ana@trabalho.com.br"


def test_death_stops_everything(cast: Cast, ana: Client) -> None:
    membership = enter_plan(ana, cast)
    task, callback = task_of(ana, cast.julia, days=5), callback_of(ana, cast.julia)
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    log = log_of(ana, cast.julia, "deceased", next_on=tomorrow)
    for record in (ana, membership, task, callback):
        record.refresh_from_db()
    assert ana.deceased_on == timezone.localdate()
    assert wishes(ana) == [("any", "any")]
    assert (membership.state, task.is_cancelled, callback.done_log) == ("stopped", True, log)
    assert not ana.tasks.filter(done_at=None, is_cancelled=False).exists()
    assert Activity.objects.filter(verb="deceased").count() == 1


def test_death_said_twice_keeps_the_first_day(cast: Cast, ana: Client) -> None:
    day = timezone.now() - datetime.timedelta(days=3)
    log_of(ana, cast.julia, "deceased", started_at=day)
    log_of(ana, cast.julia, "deceased")
    ana.refresh_from_db()
    assert ana.deceased_on == timezone.localtime(day).date()


def test_shielding_ends_offers_and_tells_who_leads(cast: Cast, ana: Client) -> None:
    log_of(ana, cast.julia, "minor")
    assert wishes(ana) == [("any", "offer")]
    notice = Notification.objects.get()
    assert (notice.recipient, notice.kind, notice.url) == (cast.sonia, "case", ana.get_absolute_url())


def test_without_a_leader_of_the_team_those_above_are_told(cast: Cast, ana: Client) -> None:
    cast.sonia.is_active = False
    cast.sonia.save()
    log_of(ana, cast.julia, "fraud")
    assert Notification.objects.get().recipient == cast.mauro


def test_ownerless_client_is_led_by_its_own_team(cast: Cast) -> None:
    log_of(make_client("Rui", team=cast.sul), cast.bento, "fraud")
    assert Notification.objects.get().recipient == cast.sonia


@pytest.mark.parametrize(
    "code",
    [
        "interested", "callback", "not_now", "never", "no_answer", "sent", "bounced", "wrong_number",
        "unknown_person", "opt_out", "deceased", "minor",
    ],
)  # fmt: skip
@pytest.mark.parametrize("channel", ["call", "email", "whatsapp"])
def test_undo_restores_exactly(cast: Cast, ana: Client, code: str, channel: str) -> None:
    enter_plan(ana, cast)
    enter_plan(ana, cast, stops_when_reached=False)
    callback_of(ana, cast.julia)
    task_of(ana, cast.julia, days=2)
    log_of(ana, cast.caio, "no_answer", note="antes")
    before = everything()
    moment = timezone.now() + datetime.timedelta(hours=30)
    log = log_of(ana, cast.julia, code, channel=channel, next_at=moment)
    assert logs.undo(log, by=cast.julia) == 0
    assert everything() == before


def test_undo_leaves_read_notices(cast: Cast, ana: Client) -> None:
    log = log_of(ana, cast.julia, "minor")
    Notification.objects.update(read_at=timezone.now())
    logs.undo(log, by=cast.julia)
    assert Notification.objects.count() == 1


def test_undo_gives_the_first_place_back_only_where_nobody_took_it(cast: Cast, ana: Client) -> None:
    """Two wrong numbers, the first one taken back: the third number keeps the place it got meanwhile."""
    third = Phone.objects.create(client=ana, e164="+5511911112222", kind="MOBILE")
    first = log_of(ana, cast.julia, "wrong_number")
    log_of(ana, cast.julia, "wrong_number")
    assert logs.undo(first, by=cast.julia) == 1
    mobile = ana.phones.get(e164=MOBILE)
    assert (mobile.status, mobile.is_primary) == ("ok", False)
    third.refresh_from_db()
    assert third.is_primary


def test_undo_leaves_a_record_that_is_gone(cast: Cast, ana: Client) -> None:
    log = log_of(ana, cast.julia, "wrong_number")
    ana.phones.get(e164=MOBILE).delete()
    assert logs.undo(log, by=cast.julia) == 1


def test_undo_lets_a_step_that_is_gone_go(cast: Cast, ana: Client) -> None:
    membership = enter_plan(ana, cast, stops_when_reached=False)
    first = membership.step
    log = log_of(ana, cast.julia, membership=membership)
    membership.refresh_from_db()
    assert membership.step != first
    first.delete()
    assert logs.undo(log, by=cast.julia) == 0
    membership.refresh_from_db()
    assert membership.step is None


def test_undo_does_not_put_a_client_twice_into_a_plan(cast: Cast, ana: Client) -> None:
    membership = enter_plan(ana, cast)
    log = log_of(ana, cast.julia)
    plans.join(ana, membership.plan, by=cast.julia, on=timezone.localdate())
    assert logs.undo(log, by=cast.julia) == 1
    membership.refresh_from_db()
    assert membership.state == "finished"
