"""The day of a person on real records: what is due, who rests, what fits and is kept, covers, and the night."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Client, OptOut, Phone, PortfolioClass
from contacts import logs, promises
from contacts.models import ContactOutcome, ContactPlan, ContactSettings, LocalHoliday, PlanMembership, Task
from contacts.workdays import Workdays
from contracts.models import ClientCycle
from people.models import Absence, User
from portfolio import agenda_days, agenda_words, postponements
from portfolio.agenda import Facts
from portfolio.agenda_facts import facts_for, frame_on
from portfolio.models import AgendaDay, AgendaLine
from tests.factories import Cast, make_client, make_contract, make_product

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
State = AgendaLine.State


def working_day(after: int = 0) -> datetime.date:
    """Today, or the next day on which everybody works: never a weekend or a holiday."""
    return Workdays({}).on_or_after(timezone.localdate() + after * DAY, "")


@pytest.fixture
def on() -> datetime.date:
    return working_day()


def late_client(
    owner: User, name: str = "", *, recency: int = 60, on: datetime.date | None = None, **fields: Any
) -> Client:
    """Active by cycle and later than it usually is, with a phone."""
    day = on or working_day()
    fields = {"portfolio_class": PortfolioClass.ACTIVE, "class_reason": "DENTRO_DO_CICLO", "uf": "SP"} | fields
    value = fields.pop("value", 1200)
    client = make_client(name, owner=owner, **fields)
    first, last = day - 400 * DAY, day - recency * DAY
    ClientCycle.objects.create(
        client=client, gaps=10, first_on=first, last_on=last, anchor_on=last, reason="DENTRO_DO_CICLO", value_12m=value
    )
    Phone.objects.create(client=client, e164=f"+55119{client.pk:08d}", kind="MOBILE", is_primary=True)
    return client


def planned(user: User, on: datetime.date) -> dict[int, AgendaLine]:
    found = agenda_days.plan(user, frame_on(on))
    return {line.client_id: line for line in found.lines}


def facts_of(user: User, on: datetime.date) -> list[Facts]:
    return facts_for([user], frame_on(on))[user.pk].facts


def outcome(code: str) -> ContactOutcome:
    return ContactOutcome.objects.get(code=code)


def spoke(client: Client, by: User, *, code: str = "interested", at: datetime.datetime | None = None) -> Any:
    return logs.record(client, by=by, channel="call", outcome=outcome(code), started_at=at or timezone.now())


def at(day: datetime.date, hour: int = 9) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(hour)))


# --- Facts ----------------------------------------------------------------------------------------------------


def test_facts_speak_of_the_renewal_window_and_the_numbers_of_the_cycle(cast: Cast, on: datetime.date) -> None:
    client = late_client(cast.julia, portfolio_class=PortfolioClass.RENEWAL, class_reason="CONTRATO_A_VENCER")
    product = make_product("Seguro Frota")
    contract = make_contract(client, on - 300 * DAY, on + 12 * DAY, product=product)
    ClientCycle.objects.unscoped(reason="test").filter(client=client).update(
        contract=contract, anchor_on=contract.end_on
    )
    (found,) = facts_of(cast.julia, on)
    assert (found.product, found.opens_on) == ("Seguro Frota", on - 48 * DAY)
    line = planned(cast.julia, on)[client.pk]
    assert line.parts[0]["points"] == 88
    assert line.parts[0]["text"] == f"Seguro Frota vence em 12 dias ({on + 12 * DAY:%d/%m/%Y})."


def test_facts_leave_out_who_has_no_reason(cast: Cast, on: datetime.date) -> None:
    late_client(cast.julia, recency=5)
    late_client(cast.davi)
    make_client("Falecido", owner=cast.julia, portfolio_class=PortfolioClass.INACTIVE, deceased_on=on)
    assert facts_of(cast.julia, on) == []


def test_facts_take_the_same_number_of_queries_for_any_number_of_clients(cast: Cast, on: datetime.date) -> None:
    frame = frame_on(on)
    counts = []
    # What a person may see is asked once.
    agenda_days.plan(cast.julia, frame)
    for _ in range(2):
        for _client in range(3):
            late_client(cast.julia)
        with CaptureQueriesContext(connection) as queries:
            agenda_days.plan(cast.julia, frame)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 18


def test_interval_of_the_tier_asks_for_a_contact_without_any_plan(cast: Cast, on: datetime.date) -> None:
    client = late_client(cast.julia, recency=5)
    ClientCycle.objects.unscoped(reason="test").filter(client=client).update(tier="A")
    assert planned(cast.julia, on) == {}
    Client.objects.unscoped(reason="test").update(created_at=at(on - 45 * DAY))
    (part,) = planned(cast.julia, on)[client.pk].parts
    assert (part["code"], part["days"], part["points"], part["every"]) == ("unspoken", 15, 30, 30)
    spoke(client, cast.julia, at=at(on - 60 * DAY))
    (part,) = planned(cast.julia, on)[client.pk].parts
    assert (part["code"], part["days"], part["points"]) == ("interval", 30, 60)


def cadence(client: Client, on: datetime.date, **fields: Any) -> PlanMembership:
    plan = ContactPlan.objects.create(name=f"Plano {client.pk}", trigger=fields.pop("trigger", "manual"))
    before = plan.steps.create(position=1, offset_days=0, title="Escrever", channel="whatsapp", minutes=3)
    step = plan.steps.create(position=2, offset_days=10, title="Ligar de novo", channel="call", minutes=12)
    fields = {"step": step, "due_on": on - 5 * DAY, "anchored_on": on - 20 * DAY} | fields
    if fields.pop("is_first", False):
        fields["step"] = before
    return PlanMembership.objects.create(client=client, plan=plan, **fields)


def test_step_of_a_plan_counts_from_the_step_before(cast: Cast, on: datetime.date) -> None:
    client = late_client(cast.julia, recency=5)
    membership = cadence(client, on)
    line = planned(cast.julia, on)[client.pk]
    assert (line.membership_id, line.channel, line.minutes) == (membership.pk, "call", 12)
    (part,) = line.parts
    assert (part["points"], part["text"]) == (30, f"Plano {client.pk}, atrasado 5 dias: Ligar de novo.")
    assert (line.section, line.share) == ("plan", "relation")


def test_first_step_counts_from_a_week(cast: Cast, on: datetime.date) -> None:
    client = late_client(cast.julia, recency=5)
    cadence(client, on, is_first=True, due_on=on - 6 * DAY)
    (part,) = planned(cast.julia, on)[client.pk].parts
    assert part["points"] == 51.43  # 60 · 6/7


# --- Who stays out, and why ---------------------------------------------------------------------------------------


def test_contacted_lately_is_left_out_with_the_days(cast: Cast, on: datetime.date) -> None:
    client = late_client(cast.julia)
    spoke(client, cast.davi, at=at(on - 2 * DAY))
    line = planned(cast.julia, on)[client.pk]
    assert (line.state, line.why_out) == (State.LEFT_OUT, "Contatado há 2 dias")


def test_put_off_is_left_out_until_its_day(cast: Cast, on: datetime.date) -> None:
    client = late_client(cast.julia)
    until = on + 2 * DAY
    made = postponements.put_off(client, until=until, by=cast.julia)
    assert planned(cast.julia, on)[client.pk].why_out == f"Adiado até {until:%d/%m}"
    postponements.undo(made, by=cast.julia)
    postponements.undo(made, by=cast.julia)
    assert planned(cast.julia, on)[client.pk].state == State.OPEN


def test_blocked_on_every_channel_names_the_rule(cast: Cast, on: datetime.date) -> None:
    client = late_client(cast.julia)
    OptOut.objects.create(client=client, channel="any", reason="pediu")
    line = planned(cast.julia, on)[client.pk]
    assert line.state == State.LEFT_OUT
    assert "O cliente pediu em" in line.why_out


def test_blocked_calls_leave_the_message(cast: Cast, on: datetime.date) -> None:
    client = late_client(cast.julia)
    OptOut.objects.create(client=client, channel="call", reason="pediu")
    line = planned(cast.julia, on)[client.pk]
    assert (line.state, line.channel, line.minutes, line.phone_id) == (State.OPEN, "whatsapp", 3, None)
    assert line.whatsapp_id == client.phones.get().pk


def test_unreachable_says_so(cast: Cast, on: datetime.date) -> None:
    client = late_client(cast.julia)
    client.phones.all().delete()
    assert planned(cast.julia, on)[client.pk].why_out == agenda_words.unreachable()


# --- Promises -----------------------------------------------------------------------------------------------------


def promised(client: Client, by: User, on: datetime.date, hour: int | None = None, **fields: Any) -> Task:
    due = {"due_at": at(on, hour)} if hour else {"due_on": on}
    return promises.promise(client, by=by, title="Enviar a cotação", kind=Task.Kind.CALLBACK, **due, **fields)


def test_promises_come_first_by_their_hour(cast: Cast, on: datetime.date) -> None:
    clients = [late_client(cast.julia) for _ in range(4)]
    afternoon = promised(clients[1], cast.julia, on, 15)
    morning = promised(clients[2], cast.julia, on, 9)
    someday = promised(clients[3], cast.julia, on - DAY)
    lines = sorted(planned(cast.julia, on).values(), key=lambda line: line.position)
    assert [line.task_id for line in lines] == [morning.pk, afternoon.pk, someday.pk, None]
    assert {line.section for line in lines[:3]} == {"deadline"}


def test_promise_for_somebody_else_or_done_is_not_mine(cast: Cast, on: datetime.date) -> None:
    clients = [late_client(cast.julia, recency=5) for _ in range(3)]
    promised(clients[0], cast.julia, on, assignee=cast.sonia)
    promises.finish(promised(clients[1], cast.julia, on), by=cast.julia)
    promised(clients[2], cast.julia, on + DAY)
    assert planned(cast.julia, on) == {}


def test_promise_of_who_lost_the_client_falls_to_its_owner(cast: Cast, on: datetime.date) -> None:
    client = late_client(cast.julia, recency=5)
    promised(client, cast.julia, on, assignee=cast.julia)
    assert list(planned(cast.julia, on)) == [client.pk]
    Client.objects.unscoped(reason="test").filter(pk=client.pk).update(owner=cast.caio)
    assert list(planned(cast.caio, on)) == [client.pk]
    assert planned(cast.julia, on) == {}


def test_promise_is_service_while_offers_are_paused(cast: Cast, on: datetime.date) -> None:
    paused, other = (late_client(cast.julia, recency=5, offers_paused_until=on) for _ in range(2))
    promises.promise(paused, by=cast.julia, title="Falar do problema", due_on=on)
    cadence(other, on, due_on=on)
    ContactPlan.objects.update(purpose="offer")
    lines = planned(cast.julia, on)
    assert [(lines[client.pk].purpose, lines[client.pk].state) for client in (paused, other)] == [
        ("service", State.OPEN),
        ("offer", State.LEFT_OUT),
    ]


def test_own_task_makes_no_service_of_an_offer(cast: Cast, on: datetime.date) -> None:
    asked, planned_alone = (late_client(cast.julia, on=on) for _ in range(2))
    promised(asked, cast.julia, on)
    promises.promise(planned_alone, by=cast.julia, title="Oferecer o cartão", due_on=on)
    lines = planned(cast.julia, on)
    assert [lines[client.pk].purpose for client in (asked, planned_alone)] == ["service", "offer"]


def test_return_promised_in_a_contact_of_today_comes_again_today(cast: Cast) -> None:
    on = timezone.localdate()
    client = late_client(cast.julia, on=on)
    logs.record(client, by=cast.julia, channel="call", outcome=outcome("callback"), next_at=at(on, 23))
    facts = facts_of(cast.julia, on)
    assert [(one.client, one.promise is not None and one.promise.was_tried) for one in facts] == [(client.pk, False)]


# --- Time ---------------------------------------------------------------------------------------------------------


def test_totals_never_exceed_the_hours_of_the_person(cast: Cast, on: datetime.date) -> None:
    for _ in range(20):
        late_client(cast.julia)
    User.objects.filter(pk=cast.julia.pk).update(hours_per_day=1)
    julia = User.objects.get(pk=cast.julia.pk)
    found = agenda_days.plan(julia, frame_on(on))
    assert (found.minutes, found.open_minutes, found.left_out) == (60, 56, 13)
    left = [line for line in found.lines if line.state == State.LEFT_OUT]
    assert {line.why_out for line in left} == {"Faltaram 4 min"}


def test_number_of_contacts_is_a_limit_too(cast: Cast, on: datetime.date) -> None:
    for _ in range(5):
        late_client(cast.julia)
    ContactSettings.objects.update_or_create(pk=1, defaults={"day_contacts": 2})
    lines = planned(cast.julia, on).values()
    assert sum(line.state == State.OPEN for line in lines) == 2
    assert {line.why_out for line in lines if line.state == State.LEFT_OUT} == {agenda_words.too_long(0)}


def test_no_minutes_on_a_holiday_of_the_team(cast: Cast, on: datetime.date) -> None:
    client = late_client(cast.julia)
    LocalHoliday.objects.create(on=on, name="Aniversário da cidade")
    found = agenda_days.plan(cast.julia, frame_on(on))
    assert (found.minutes, found.open_minutes) == (0, 0)
    (line,) = found.lines
    assert (line.client_id, line.state) == (client.pk, State.LEFT_OUT)
    assert line.why_out.startswith("Feriado para o cliente: Aniversário da cidade")


def test_contacts_made_take_their_minutes_from_the_day(cast: Cast) -> None:
    on = timezone.localdate()
    User.objects.filter(pk=cast.julia.pk).update(hours_per_day=1)
    julia = User.objects.get(pk=cast.julia.pk)
    done = late_client(julia, on=on)
    logs.record(done, by=julia, channel="call", outcome=outcome("interested"), seconds=601)
    made = agenda_days.made_by([julia], frame_on(on))[julia.pk]
    assert [(one.client, one.minutes) for one in made] == [(done.pk, 11)]


def test_reserve_keeps_time_for_reactivation(cast: Cast, on: datetime.date) -> None:
    for _ in range(60):
        late_client(cast.julia, recency=200, value=12_000)
    gone = [
        late_client(cast.julia, recency=70, portfolio_class=PortfolioClass.INACTIVE, class_reason="FORA_DO_CICLO")
        for _ in range(20)
    ]
    lines = planned(cast.julia, on).values()
    revived = [line for line in lines if line.state == State.OPEN and line.share == "revival"]
    assert sum(line.minutes for line in revived) >= 54
    assert {line.client_id for line in revived} <= {client.pk for client in gone}


# --- Cover --------------------------------------------------------------------------------------------------------


@pytest.fixture
def vacation(cast: Cast, on: datetime.date) -> Absence:
    return Absence.objects.create(user=cast.caio, cover=cast.julia, starts_on=on, ends_on=on + 5 * DAY)


@pytest.mark.usefixtures("vacation")
def test_cover_works_the_clients_of_who_is_away_within_the_own_minutes(cast: Cast, on: datetime.date) -> None:
    own, covered = late_client(cast.julia), late_client(cast.caio)
    assert set(planned(cast.julia, on)) == {own.pk, covered.pk}
    away = agenda_days.plan(cast.caio, frame_on(on))
    assert (away.minutes, away.lines) == (0, [])
    assert set(planned(cast.julia, on + 7 * DAY)) <= {own.pk}


# --- Keeping the day ------------------------------------------------------------------------------------------------


def recompute(user: User, on: datetime.date) -> AgendaDay:
    return agenda_days.recompute(user, on)


def lines_of(day: AgendaDay) -> list[AgendaLine]:
    return list(AgendaLine.objects.unscoped(reason="test").filter(day=day).order_by("state", "position"))


def said(day: AgendaDay) -> list[tuple[Any, ...]]:
    return [
        (line.client_id, line.state, line.position, line.points, line.parts, line.why_out, line.minutes)
        for line in lines_of(day)
    ]


def test_same_inputs_give_the_same_list(cast: Cast, on: datetime.date) -> None:
    for _ in range(12):
        late_client(cast.julia)
    first = said(recompute(cast.julia, on))
    assert said(recompute(cast.julia, on)) == first
    assert len(first) == 12


def test_done_follows_the_contact_and_its_undo(cast: Cast) -> None:
    on = timezone.localdate()
    client = late_client(cast.julia, on=on)
    day = recompute(cast.julia, on)
    AgendaLine.objects.unscoped(reason="test").filter(day=day).update(state=State.OPEN)
    log = spoke(client, cast.julia)
    (line,) = lines_of(recompute(cast.julia, on))
    assert (line.state, line.log_id) == (State.DONE, log.pk)
    logs.undo(log, by=cast.julia)
    (line,) = lines_of(recompute(cast.julia, on))
    assert line.state != State.DONE


def test_undone_days_are_carried_and_lift_the_points(cast: Cast) -> None:
    monday = working_day()
    client = late_client(cast.julia, on=monday)
    first = recompute(cast.julia, monday)
    (line,) = lines_of(first)
    assert (line.carried, float(line.factor)) == (0, 1.0)
    second = working_day((monday - timezone.localdate()).days + 1)
    line = planned(cast.julia, second)[client.pk]
    assert (line.carried, float(line.factor)) == (1, 1.1)
