"""Who enters and leaves a plan, and what a contact does to it."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import Client, OptOut
from contacts import plans
from contacts.models import ContactPlan, LocalHoliday, PlanMembership
from contacts.plans import PlanRefusedError
from people.models import Activity
from tests.contacts.planning import MONDAY, contact, day, enter, make_plan, members
from tests.factories import Cast, make_client, make_contract

CALLS = (0, "call"), (3, "call")
MESSAGE_THEN_CALL = (0, "whatsapp"), (2, "call")


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana Lima", owner=cast.julia, uf="SP")


def of(membership: PlanMembership) -> tuple[Any, ...]:
    """Position of the step, day it is due, state."""
    membership.refresh_from_db()
    return membership.step.position, membership.due_on, membership.state


# --- Entering ------------------------------------------------------------------------------------------


def test_join_stands_before_the_first_step_and_is_remembered(cast: Cast, ana: Client) -> None:
    plan = make_plan("Ligações", *CALLS)
    membership = plans.join(ana, plan, by=cast.julia, on=MONDAY)
    assert of(membership) == (1, MONDAY, "running")
    assert (membership.anchored_on, membership.started_by) == (MONDAY, cast.julia)
    assert Activity.objects.get(verb="plan_joined").changes == {"plan": "Ligações"}


@pytest.mark.parametrize(
    ("on", "uf", "due"),
    [
        (day(3, 7), "SP", day(3, 9)),  # Saturday
        (day(4, 21), "SP", day(4, 22)),  # Tiradentes
        (day(4, 23), "RJ", day(4, 24)),  # São Jorge, in RJ only
        (day(4, 23), "SP", day(4, 23)),
        (day(3, 10), "SP", day(3, 11)),  # a holiday of the company
        (day(3, 11), "PE", day(3, 12)),  # one of that state
    ],
)
def test_join_falls_on_an_allowed_day_of_the_clients_uf(
    cast: Cast, on: datetime.date, uf: str, due: datetime.date
) -> None:
    LocalHoliday.objects.create(on=day(3, 10), name="Aniversário da empresa")
    LocalHoliday.objects.create(on=day(3, 11), name="Festa local", uf="PE")
    client = make_client(owner=cast.julia, uf=uf)
    assert plans.join(client, make_plan("P", *CALLS), by=cast.julia, on=on).due_on == due


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"is_active": False}, "Este plano está pausado."),
        ({"portfolio_class": "inactive"}, "Este plano é só da carteira Inativa, e o cliente não está nela."),
        ({"anchor": "end"}, "O cliente não tem contrato com data de fim pela frente."),
    ],
)
def test_join_names_what_the_plan_lacks(cast: Cast, ana: Client, fields: dict[str, Any], text: str) -> None:
    with pytest.raises(PlanRefusedError, match=f"^{text}$"):
        plans.join(ana, make_plan("P", *CALLS, **fields), by=cast.julia, on=MONDAY)


def test_join_refuses_a_plan_without_steps(cast: Cast, ana: Client) -> None:
    with pytest.raises(PlanRefusedError, match="ainda não tem passos"):
        plans.join(ana, make_plan("P"), by=cast.julia, on=MONDAY)


def test_join_refuses_the_deceased(cast: Cast, ana: Client) -> None:
    Client.objects.unscoped(reason="test").update(deceased_on=MONDAY)
    with pytest.raises(PlanRefusedError, match="faleceu"):
        plans.join(ana, make_plan("P", *CALLS), by=cast.julia, on=MONDAY)


@pytest.mark.parametrize(
    ("channel", "purpose", "refused"),
    [
        ("any", "any", True),
        ("any", "offer", True),
        ("any", "survey", False),
        ("call", "any", False),
    ],
)
def test_join_refuses_who_opted_out_of_every_channel(
    cast: Cast, ana: Client, channel: str, purpose: str, refused: bool
) -> None:
    OptOut.objects.create(client=ana, channel=channel, purpose=purpose)
    plan = make_plan("P", *CALLS, purpose="offer")
    if refused:
        with pytest.raises(PlanRefusedError, match="pediu para não ser contatado"):
            plans.join(ana, plan, by=cast.julia, on=MONDAY)
    else:
        plans.join(ana, plan, by=cast.julia, on=MONDAY)


def test_join_happens_once_while_running(cast: Cast, ana: Client) -> None:
    plan = make_plan("P", *CALLS)
    first = plans.join(ana, plan, by=cast.julia, on=MONDAY)
    with pytest.raises(PlanRefusedError, match="já está neste plano"):
        plans.join(ana, plan, by=cast.julia, on=MONDAY)
    plans.leave(first, "Pediu pausa", by=cast.julia)
    assert plans.join(ana, plan, by=cast.julia, on=MONDAY).pk != first.pk


def test_join_waits_for_the_rest_after_the_last_end(cast: Cast, ana: Client) -> None:
    plan = make_plan("P", *CALLS, rest_days=90)
    membership = enter(ana, plan, MONDAY, by=cast.julia)
    contact(ana, cast.julia, "interested", MONDAY)
    ended = members().get(pk=membership.pk).ended_at.astimezone().date()
    with pytest.raises(PlanRefusedError, match="em descanso deste plano, 90 dias"):
        plans.join(ana, plan, by=cast.julia, on=ended + datetime.timedelta(days=89))
    assert plans.join(ana, plan, by=cast.julia, on=ended + datetime.timedelta(days=90)).state == "running"


def test_join_counts_from_the_end_of_the_next_contract(cast: Cast, ana: Client) -> None:
    plan = make_plan("P", (-60, "call"), (-30, "call"), anchor="end")
    make_contract(ana, day(1, 1), day(12, 31))
    make_contract(ana, day(1, 1), day(5, 31))
    make_contract(ana, day(1, 1), day(4, 30), cancelled_on=day(2, 1), status="cancelled")
    membership = plans.join(ana, plan, by=cast.julia, on=day(4, 6))
    assert (membership.anchored_on, *of(membership)) == (day(5, 31), 1, day(4, 6), "running")


@pytest.mark.parametrize(
    ("on", "position"),
    [(day(1, 5), 1), (day(4, 1), 1), (day(4, 30), 1), (day(5, 4), 2), (day(6, 10), 2)],
)
def test_entry_takes_up_the_alert_whose_day_has_come(cast: Cast, ana: Client, on: datetime.date, position: int) -> None:
    plan = make_plan("P", (-60, "call"), (-30, "call"), anchor="end")
    membership = plans.join(ana, plan, by=cast.julia, on=on, anchored_on=day(5, 31))
    assert (membership.step.position, membership.due_on) == (position, on)


# --- Leaving -------------------------------------------------------------------------------------------


def test_leave_keeps_the_reason_and_asks_for_nothing_more(cast: Cast, ana: Client) -> None:
    membership = enter(ana, make_plan("P", *CALLS), MONDAY, by=cast.julia)
    plans.leave(membership, "Vai viajar", by=cast.julia)
    plans.leave(membership, "De novo", by=cast.julia)
    membership.refresh_from_db()
    assert (membership.state, membership.end_reason, membership.due_on) == ("stopped", "Vai viajar", None)
    assert Activity.objects.filter(verb="plan_left").count() == 1
    assert plans.due_for([ana.pk], MONDAY) == []


# --- Contacts ------------------------------------------------------------------------------------------


def test_reached_finishes_a_plan_that_wants_one_talk(cast: Cast, ana: Client) -> None:
    membership = enter(ana, make_plan("P", *CALLS), MONDAY, by=cast.julia)
    contact(ana, cast.julia, "interested", MONDAY)
    assert of(membership) == (1, None, "finished")
    assert membership.end_reason == "Falou com o cliente"


def test_reached_completes_the_step_of_a_plan_that_goes_on(cast: Cast, ana: Client) -> None:
    membership = enter(ana, make_plan("P", *CALLS, stops_when_reached=False), MONDAY, by=cast.julia)
    contact(ana, cast.julia, "interested", MONDAY)
    assert of(membership) == (2, day(3, 5), "running")
    contact(ana, cast.julia, "interested", day(3, 5))
    assert of(membership) == (2, None, "finished")
    assert membership.end_reason == "Todos os passos feitos"


def test_reached_before_its_day_leaves_a_plan_that_goes_on(cast: Cast, ana: Client) -> None:
    membership = enter(ana, make_plan("P", (30, "call"), stops_when_reached=False), MONDAY, by=cast.julia)
    contact(ana, cast.julia, "interested", day(3, 4))
    assert of(membership) == (1, day(4, 1), "running")


def test_blocked_stops_every_plan(cast: Cast, ana: Client) -> None:
    both = [enter(ana, make_plan(name, *CALLS, stops_when_reached=False), MONDAY, by=cast.julia) for name in ("P", "Q")]
    contact(ana, cast.julia, "opt_out", MONDAY)
    assert [of(one)[1:] for one in both] == [(None, "stopped")] * 2
    assert {one.end_reason for one in both} == {"Pediu para não contatar"}


def test_message_sent_completes_a_message_step(cast: Cast, ana: Client) -> None:
    membership = enter(ana, make_plan("P", *MESSAGE_THEN_CALL), MONDAY, by=cast.julia)
    contact(ana, cast.julia, "sent", MONDAY, channel="email")
    assert of(membership) == (2, day(3, 4), "running")


def test_message_sent_leaves_a_call_to_be_made(cast: Cast, ana: Client) -> None:
    membership = enter(ana, make_plan("P", *CALLS), MONDAY, by=cast.julia)
    contact(ana, cast.julia, "sent", MONDAY, channel="whatsapp")
    assert (*of(membership), membership.attempts) == (1, MONDAY, "running", 0)


def test_mail_that_came_back_is_a_try(cast: Cast, ana: Client) -> None:
    membership = enter(ana, make_plan("P", (0, "email"), (2, "call")), MONDAY, by=cast.julia)
    contact(ana, cast.julia, "bounced", MONDAY, channel="email")
    assert (*of(membership), membership.attempts) == (1, MONDAY, "running", 1)


def test_call_in_place_of_a_message_counts_when_the_seller_says_so(cast: Cast, ana: Client) -> None:
    membership = enter(ana, make_plan("P", *MESSAGE_THEN_CALL), MONDAY, by=cast.julia)
    contact(ana, cast.julia, "no_answer", MONDAY)
    assert membership.attempts == 0 == members().get(pk=membership.pk).attempts
    contact(ana, cast.julia, "no_answer", MONDAY, membership=membership)
    membership.refresh_from_db()
    assert membership.attempts == 1


def test_not_reached_tries_the_other_half_of_the_day_and_then_the_next_day(cast: Cast, ana: Client) -> None:
    membership = enter(ana, make_plan("P", *CALLS), day(3, 6), by=cast.julia)
    seen = []
    for on, hour in [(6, 9), (6, 15), (9, 11), (9, 14)]:
        contact(ana, cast.julia, "no_answer", day(3, on), hour=hour)
        seen.append((*of(membership)[:2], membership.turn, membership.attempts))
    # Friday twice, then Monday twice.
    assert seen == [
        (1, day(3, 6), "morning", 1),
        (1, day(3, 9), "afternoon", 2),
        (1, day(3, 9), "morning", 3),
        (1, day(3, 10), "afternoon", 4),
    ]
    contact(ana, cast.julia, "wrong_number", day(3, 10))
    assert (*of(membership), membership.attempts, membership.turn) == (2, day(3, 11), "running", 0, "")


def test_half_of_the_day_is_the_clients(cast: Cast) -> None:
    acre = make_client(owner=cast.julia, uf="AC")
    membership = enter(acre, make_plan("P", *CALLS), MONDAY, by=cast.julia)
    # 13:00 in São Paulo, 11:00 in Rio Branco.
    contact(acre, cast.julia, "no_answer", MONDAY, hour=13)
    membership.refresh_from_db()
    assert (membership.turn, membership.due_on) == ("morning", MONDAY)


def test_last_step_without_contact_ends_so(cast: Cast, ana: Client) -> None:
    membership = enter(ana, make_plan("P", (0, "call"), max_attempts=2), MONDAY, by=cast.julia)
    contact(ana, cast.julia, "no_answer", MONDAY, hour=9)
    contact(ana, cast.julia, "busy", MONDAY, hour=15)
    assert (*of(membership), membership.end_reason) == (1, None, "finished", "Sem contato")


def test_step_done_late_moves_the_later_ones(cast: Cast, ana: Client) -> None:
    membership = enter(ana, make_plan("P", (0, "whatsapp"), (3, "call")), MONDAY, by=cast.julia)
    contact(ana, cast.julia, "sent", day(3, 16), channel="whatsapp")
    assert of(membership) == (2, day(3, 19), "running")
    assert membership.anchored_on == day(3, 16)


def test_late_step_leaves_days_before_the_end_of_a_contract(cast: Cast, ana: Client) -> None:
    plan = make_plan("P", (-60, "whatsapp"), (-30, "call"), (-29, "call"), anchor="end", stops_when_reached=False)
    membership = enter(ana, plan, day(4, 1), by=cast.julia, anchored_on=day(5, 31))
    contact(ana, cast.julia, "sent", day(4, 17), channel="whatsapp")
    assert of(membership) == (2, day(5, 4), "running")
    # 2 May is a Saturday; both alerts would fall on the Monday, and a client has one step a day.
    contact(ana, cast.julia, "interested", day(5, 4))
    assert of(membership) == (3, day(5, 5), "running")
    assert membership.anchored_on == day(5, 31)


def test_other_plans_wait_for_another_day(cast: Cast, ana: Client) -> None:
    low = enter(ana, make_plan("Baixa", *CALLS, priority=10, stops_when_reached=False), MONDAY, by=cast.julia)
    high = enter(ana, make_plan("Alta", *CALLS, priority=90, stops_when_reached=False), MONDAY, by=cast.julia)
    assert plans.due_for([ana.pk], MONDAY) == [high]
    contact(ana, cast.julia, "interested", MONDAY)
    assert (of(high)[0], of(low)[:2]) == (2, (1, day(3, 3)))
    assert plans.due_for([ana.pk], MONDAY) == []
    assert plans.due_for([ana.pk], day(3, 3)) == [low]


def test_named_step_wins_over_priority(cast: Cast, ana: Client) -> None:
    low = enter(ana, make_plan("Baixa", *CALLS, priority=10, stops_when_reached=False), MONDAY, by=cast.julia)
    high = enter(ana, make_plan("Alta", *CALLS, priority=90, stops_when_reached=False), MONDAY, by=cast.julia)
    contact(ana, cast.julia, "interested", MONDAY, membership=low)
    assert (of(low)[0], of(high)[:2]) == (2, (1, day(3, 3)))


def test_call_from_the_client_that_nobody_took_is_no_try(cast: Cast, ana: Client) -> None:
    membership = enter(ana, make_plan("P", *CALLS), MONDAY, by=cast.julia)
    contact(ana, cast.julia, "no_answer", MONDAY, direction="in")
    assert (*of(membership), membership.attempts) == (1, MONDAY, "running", 0)
    contact(ana, cast.julia, "complaint", MONDAY, direction="in")
    assert of(membership)[2] == "finished"


def test_correction_is_no_further_try(cast: Cast, ana: Client) -> None:
    membership = enter(ana, make_plan("P", *CALLS), MONDAY, by=cast.julia)
    log = contact(ana, cast.julia, "no_answer", MONDAY)
    contact(ana, cast.julia, "busy", MONDAY, corrects=log)
    membership.refresh_from_db()
    assert membership.attempts == 1


def test_contact_written_down_late_says_nothing_to_a_later_plan(cast: Cast, ana: Client) -> None:
    membership = enter(ana, make_plan("P", *CALLS), day(3, 10), by=cast.julia)
    contact(ana, cast.julia, "interested", day(3, 9))
    assert of(membership) == (1, day(3, 10), "running")
    contact(ana, cast.julia, "opt_out", day(3, 9))
    assert of(membership)[2] == "stopped"


def test_contact_before_the_day_leaves_the_try_uncounted(cast: Cast, ana: Client) -> None:
    membership = enter(ana, make_plan("P", (4, "call")), MONDAY, by=cast.julia)
    contact(ana, cast.julia, "no_answer", day(3, 3))
    assert (*of(membership), membership.attempts) == (1, day(3, 6), "running", 0)


# --- What is due ---------------------------------------------------------------------------------------


def test_due_for_asks_nothing_on_a_day_off_nor_of_paused_plans(cast: Cast, ana: Client) -> None:
    plan = make_plan("P", *CALLS)
    membership = enter(ana, plan, day(3, 6), by=cast.julia)
    assert plans.due_for([ana.pk], day(3, 7)) == []
    assert plans.due_for([ana.pk], day(3, 5)) == []
    assert plans.due_for([ana.pk], day(3, 9)) == [membership]
    ContactPlan.objects.filter(pk=plan.pk).update(is_active=False)
    assert plans.due_for([ana.pk], day(3, 9)) == []


def test_due_for_forgets_the_deceased(cast: Cast, ana: Client) -> None:
    enter(ana, make_plan("P", *CALLS), MONDAY, by=cast.julia)
    Client.objects.unscoped(reason="test").update(deceased_on=MONDAY)
    assert plans.due_for([ana.pk], MONDAY) == []


@pytest.mark.parametrize("count", [1, 3])
def test_due_for_asks_two_questions(cast: Cast, count: int) -> None:
    plan = make_plan("P", *CALLS)
    ids = []
    for _number in range(count):
        client = make_client(owner=cast.julia)
        enter(client, plan, MONDAY, by=cast.julia)
        ids.append(client.pk)
    with CaptureQueriesContext(connection) as asked:
        found = plans.due_for(ids, MONDAY)
        assert len({member.step.title + member.plan.name for member in found}) == 1
    assert (len(found), len(asked)) == (count, 2)
