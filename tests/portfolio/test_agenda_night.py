"""The night's plan of every day, the scale of paces, and that every line says its stored numbers (S10)."""

import datetime
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from clients.models import Client
from contracts.models import ClientCycle
from portfolio import agenda_days, pace
from portfolio.agenda_facts import Frame, frame_on
from portfolio.models import AgendaDay, PaceScale
from tests.factories import Cast, make_client
from tests.portfolio.test_agenda_days import DAY, at, cadence, late_client, lines_of, recompute, said, working_day

pytestmark = pytest.mark.django_db


@pytest.fixture
def on() -> datetime.date:
    return working_day()


# --- The night ------------------------------------------------------------------------------------------------------


def test_night_plans_everybody_who_contacts_clients(cast: Cast, on: datetime.date) -> None:
    late_client(cast.julia)
    late_client(cast.davi)
    AgendaDay.objects.create(user=cast.davi, on=on - 200 * DAY)
    assert agenda_days.plan_everybody(on) == {"planned_days": 2, "planned_contacts": 2}
    assert set(AgendaDay.objects.values_list("user", "on")) == {(cast.julia.pk, on), (cast.davi.pk, on)}
    assert PaceScale.objects.get().on == on
    before = {day.pk: said(day) for day in AgendaDay.objects.all()}
    agenda_days.plan_everybody(on)
    assert {day.pk: said(day) for day in AgendaDay.objects.all()} == before


def test_night_of_a_past_date_plans_nothing(cast: Cast) -> None:
    late_client(cast.julia)
    assert agenda_days.plan_everybody(timezone.localdate() - DAY) == {"planned_days": 0, "planned_contacts": 0}
    assert not AgendaDay.objects.exists()


class Interrupted:
    """A run that had come to somebody before it was stopped."""

    def __init__(self, after: int) -> None:
        self.checkpoint = {"after": after}
        self.checkpoints: list[Any] = []

    def chunk(self, *, checkpoint: dict[str, Any] | None = None) -> AbstractContextManager[Any]:
        self.checkpoints.append(checkpoint)
        return transaction.atomic()


def test_night_goes_on_after_the_person_it_had_come_to(cast: Cast, on: datetime.date) -> None:
    late_client(cast.julia)
    late_client(cast.davi)
    run = Interrupted(after=cast.julia.pk)
    assert agenda_days.plan_everybody(on, run)["planned_days"] == 1
    assert run.checkpoints == [None, {"after": cast.davi.pk}]


def test_pace_is_the_place_among_those_with_any_value(cast: Cast, on: datetime.date) -> None:
    assert (pace.borders(), pace.place(10, [])) == ([], 0.5)
    for value in range(0, 1001):
        ClientCycle.objects.create(client=make_client(owner=cast.julia), value_12m=12 * value)
    borders = pace.measure(on)
    assert pace.borders() == borders
    assert len(borders) == 99
    assert [pace.place(monthly, borders) for monthly in (0, 1, 500, 505, 1000)] == [0, 0, 0.49, 0.5, 0.99]


# --- Every sentence says the stored numbers (S10) -----------------------------------------------------------------


def test_every_line_adds_up_and_names_its_numbers(cast: Cast, on: datetime.date) -> None:
    for number in range(30):
        client = late_client(cast.julia, recency=40 + 11 * number, value=100 * number)
        if number % 3 == 0:
            cadence(client, on, due_on=on - number * DAY)
        if number % 4 == 0:
            Client.objects.unscoped(reason="test").filter(pk=client.pk).update(birth_date=on.replace(year=1980))
    pace.measure(on)
    for line in lines_of(recompute(cast.julia, on)):
        points = sorted((part["points"] for part in line.parts), reverse=True)
        total = float(line.factor) * (points[0] + 0.25 * sum(points[1:]))
        assert float(line.points) == pytest.approx(total, abs=0.006)
        for part in line.parts:
            if part["code"] == "unspoken" or (part["code"] == "plan" and not part["days"]):
                continue
            assert str(part["days"]) in part["text"]
            for name in ("chance", "cycle", "limit"):
                assert str(part.get(name, "")) in part["text"]


def test_frame_looks_at_the_middle_of_the_day(on: datetime.date) -> None:
    frame: Frame = frame_on(on, now=at(on, 8))
    assert not frame.is_afternoon
    assert frame.gate_at == at(on, 12)
    assert frame_on(on, now=at(on, 12)).is_afternoon
