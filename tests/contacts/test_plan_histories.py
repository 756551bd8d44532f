"""Random lives of a client in several plans: what must hold after every contact."""

import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.models import Client
from contacts import plans
from contacts.models import LocalHoliday, PlanMembership
from contacts.workdays import Workdays
from core.fullness import FULL
from people.models import User
from tests.contacts.planning import contact, day, enter, make_plan, members
from tests.factories import make_client, make_user

FIRST = day(4, 1)
CODES = ("no_answer", "sent", "bounced", "wrong_number", "interested", "opt_out")
# A day from FIRST, the hour, what came of it, by which channel, and whether the seller took the step that was due.
contacts = st.tuples(
    st.integers(0, 40),
    st.sampled_from([9, 11, 13, 17]),
    st.sampled_from((*CODES, "no_answer", "no_answer", "sent")),
    st.sampled_from(["call", "whatsapp", "email"]),
    st.booleans(),
)
steps = st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["call", "whatsapp", "email"])), min_size=1, max_size=4)
cadences = st.tuples(steps, st.booleans(), st.integers(1, 5), st.integers(1, 99), st.integers(0, 10))


@pytest.fixture
def seller(db: None) -> User:
    LocalHoliday.objects.create(on=day(4, 15), name="Padroeira", uf="SP")
    FULL.forget()
    return make_user()


def running(client: Client) -> list[PlanMembership]:
    return list(members().filter(client=client, state="running").select_related("plan", "step"))


def check_standing(client: Client, workdays: Workdays) -> None:
    for member in running(client):
        assert workdays.allows(member.due_on, client.uf)
        assert member.step is not None
        assert member.attempts < member.plan.max_attempts


@given(st.lists(cadences, min_size=1, max_size=3), st.lists(contacts, max_size=25), st.sampled_from(["SP", "RJ", "AC"]))
@settings(max_examples=25)
def test_one_step_a_day_on_allowed_days_and_stops_obeyed(
    seller: User, chosen: list[Any], made: list[Any], uf: str
) -> None:
    client, workdays = make_client(uf=uf), Workdays.load()
    for place, (cadence, stops, tries, priority, begins) in enumerate(chosen):
        plan = make_plan(
            f"{client.pk}-{place}",
            *sorted(cadence),
            stops_when_reached=stops,
            max_attempts=tries,
            priority=priority,
        )
        enter(client, plan, FIRST + datetime.timedelta(days=begins), by=seller)
    check_standing(client, workdays)
    for offset, hour, code, channel, follows in sorted(made):
        on = FIRST + datetime.timedelta(days=offset)
        before = {member.pk: member for member in running(client)}
        due = plans.due_for([client.pk], on)
        assert len(due) <= 1
        assert not due or workdays.allows(on, uf)
        contact(client, seller, code, on, hour=hour, channel=channel, membership=due[0] if due and follows else None)
        check_standing(client, workdays)
        check_day(client, on, before, due)
        check_stops(client, on, code)


def check_day(client: Client, on: datetime.date, before: dict[int, PlanMembership], due: list[PlanMembership]) -> None:
    """At most one membership moved on, and whatever is still due today is that same step, to be tried again."""
    now = {member.pk: member for member in running(client)}
    moved = [pk for pk, member in now.items() if (member.step_id, member.attempts) != step_of(before[pk])]
    assert len(moved) <= 1
    still = plans.due_for([client.pk], on)
    assert [member.step_id for member in still] in ([], [member.step_id for member in due])


def step_of(member: PlanMembership) -> tuple[int | None, int]:
    return member.step_id, member.attempts


def check_stops(client: Client, on: datetime.date, code: str) -> None:
    left = running(client)
    if code == "opt_out":
        assert left == []
    if code == "interested":
        begun = [member for member in left if member.started_at.date() <= on]
        assert not [member for member in begun if member.plan.stops_when_reached]


def test_tries_never_pass_two_a_day(seller: User) -> None:
    """A seller who calls whenever the step is due and is never answered."""
    client = make_client(uf="SP")
    membership = enter(client, make_plan(f"{client.pk}", (0, "call"), max_attempts=5), FIRST, by=seller)
    on, calls = FIRST, []
    while running(client) and on < day(6, 1):
        for hour in (9, 15):
            if plans.due_for([client.pk], on):
                contact(client, seller, "no_answer", on, hour=hour)
                calls.append((on, hour))
        on += datetime.timedelta(days=1)
    membership.refresh_from_db()
    assert membership.end_reason == "Sem contato"
    # Good Friday and the weekend lie between.
    assert calls == [(FIRST, 9), (FIRST, 15), (day(4, 2), 9), (day(4, 2), 15), (day(4, 6), 9)]
