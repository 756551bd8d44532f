"""Plans as leaders write them, while clients stand before their steps."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Client
from clients.versions import StaleRecordError
from contacts import cadences, plans
from contacts.models import ContactPlan, PlanStep
from contacts.workdays import Workdays
from people.models import Activity
from tests.contacts.planning import contact, default, enter, make_plan, members
from tests.factories import Cast, make_client

CALL = {"offset_days": 4, "channel": "call", "title": "Ligar", "template": None, "script": None, "minutes": 8}


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana Lima", owner=cast.julia, uf="SP")


@pytest.fixture
def plan(db: None) -> ContactPlan:
    return make_plan("P", (0, "call"), (3, "call"), (9, "call"), stops_when_reached=False)


def titles(plan: ContactPlan) -> list[tuple[int, str]]:
    return list(plan.steps.order_by("position").values_list("position", "title"))


def step(plan: ContactPlan, position: int) -> PlanStep:
    return plan.steps.select_related("plan").get(position=position)


def today() -> datetime.date:
    return timezone.localdate()


def working(day: datetime.date) -> datetime.date:
    return Workdays.load().on_or_after(day, "SP")


def said() -> list[str]:
    return list(Activity.objects.order_by("pk").values_list("verb", flat=True))


def test_new_plan_waits_for_its_steps(cast: Cast) -> None:
    plan = cadences.create({"name": "Novo", "priority": 70}, by=cast.sonia)
    assert (plan.is_active, plan.priority, said()) == (False, 70, ["plan_created"])


def test_edit_claims_the_version(cast: Cast, plan: ContactPlan) -> None:
    cadences.edit(plan, {"priority": 99}, version=1, by=cast.sonia)
    with pytest.raises(StaleRecordError) as stale:
        cadences.edit(plan, {"priority": 1}, version=1, by=cast.sonia)
    assert (stale.value.current.priority, stale.value.current.version) == (99, 2)


def test_pausing_twice_is_told_once(cast: Cast, plan: ContactPlan) -> None:
    for is_active in (False, False, True):
        cadences.set_active(plan, is_active, by=cast.sonia)
    assert said() == ["plan_paused", "plan_activated"]


def test_duplicate_is_paused_and_has_its_own_steps(cast: Cast) -> None:
    renewal = default("Renovação")
    copies = [cadences.duplicate(renewal, by=cast.sonia) for _number in range(2)]
    assert [copy.name for copy in copies] == ["Renovação (cópia 1)", "Renovação (cópia 2)"]
    assert (copies[0].is_active, copies[0].anchor, copies[0].portfolio_class) == (False, "end", "renewal")
    same = ("position", "offset_days", "channel", "title", "template", "script", "minutes")
    assert list(copies[0].steps.values(*same)) == list(renewal.steps.values(*same))


def test_duplicate_of_a_long_name_fits(cast: Cast) -> None:
    assert cadences.duplicate(make_plan("P" * 80), by=cast.sonia).name == "P" * 70 + " (cópia 1)"


def test_step_is_added_at_the_end(cast: Cast, plan: ContactPlan) -> None:
    cadences.add_step(plan, CALL, version=1, by=cast.sonia)
    assert titles(plan)[-1] == (4, "Ligar")
    empty = make_plan("Vazio")
    cadences.add_step(empty, CALL, version=1, by=cast.sonia)
    assert titles(empty) == [(1, "Ligar")]


def test_step_moves_up_and_down_and_stays_at_the_ends(cast: Cast, plan: ContactPlan) -> None:
    cadences.move_step(step(plan, 3), up=True, version=1, by=cast.sonia)
    assert titles(plan) == [(1, "Passo 1"), (2, "Passo 3"), (3, "Passo 2")]
    cadences.move_step(step(plan, 1), up=False, version=2, by=cast.sonia)
    assert titles(plan) == [(1, "Passo 3"), (2, "Passo 1"), (3, "Passo 2")]
    cadences.move_step(step(plan, 1), up=True, version=3, by=cast.sonia)
    cadences.move_step(step(plan, 3), up=False, version=4, by=cast.sonia)
    assert titles(plan) == [(1, "Passo 3"), (2, "Passo 1"), (3, "Passo 2")]


@pytest.mark.parametrize("change", ["add_step", "edit_step", "move_step", "remove_step"])
def test_steps_claim_the_version_of_the_plan(cast: Cast, plan: ContactPlan, change: str) -> None:
    ContactPlan.objects.update(version=5)
    first = step(plan, 1)
    acts: dict[str, Any] = {
        "add_step": lambda version: cadences.add_step(plan, CALL, version=version, by=cast.sonia),
        "edit_step": lambda version: cadences.edit_step(first, CALL, version=version, by=cast.sonia),
        "move_step": lambda version: cadences.move_step(first, up=False, version=version, by=cast.sonia),
        "remove_step": lambda version: cadences.remove_step(first, version=version, by=cast.sonia),
    }
    before = titles(plan)
    with pytest.raises(StaleRecordError):
        acts[change](4)
    assert titles(plan) == before
    acts[change](5)
    assert ContactPlan.objects.get(pk=plan.pk).version == 6


def test_other_day_of_a_step_moves_who_stands_before_it(cast: Cast, plan: ContactPlan, ana: Client) -> None:
    start = working(today())
    membership = enter(ana, plan, start, by=cast.julia)
    tried = enter(make_client(owner=cast.julia, uf="SP"), plan, start, by=cast.julia)
    members().filter(pk=tried.pk).update(attempts=1)
    cadences.edit_step(step(plan, 1), {**CALL, "offset_days": 20}, version=1, by=cast.sonia)
    assert members().get(pk=membership.pk).due_on == working(start + datetime.timedelta(days=20))
    assert members().get(pk=tried.pk).due_on == start


def test_other_words_of_a_step_move_nobody(cast: Cast, plan: ContactPlan, ana: Client) -> None:
    membership = enter(ana, plan, working(today()), by=cast.julia)
    cadences.edit_step(step(plan, 1), {**CALL, "offset_days": 0}, version=1, by=cast.sonia)
    assert members().get(pk=membership.pk).due_on == membership.due_on


def test_removed_step_sends_its_clients_to_the_next(cast: Cast, plan: ContactPlan, ana: Client) -> None:
    membership = enter(ana, plan, working(today()), by=cast.julia)
    members().update(attempts=2, turn="morning")
    cadences.remove_step(step(plan, 1), version=1, by=cast.sonia)
    membership.refresh_from_db()
    assert (membership.step.title, membership.attempts, membership.turn) == ("Passo 2", 0, "")
    assert membership.due_on == working(membership.anchored_on + datetime.timedelta(days=3))
    assert titles(plan) == [(1, "Passo 2"), (2, "Passo 3")]


def test_removed_step_never_gives_a_second_contact_on_the_same_day(cast: Cast, plan: ContactPlan, ana: Client) -> None:
    start = working(today() - datetime.timedelta(days=20))
    membership = enter(ana, plan, start, by=cast.julia)
    cadences.remove_step(step(plan, 1), version=1, by=cast.sonia)
    membership.refresh_from_db()
    assert membership.due_on == working(today() + datetime.timedelta(days=1))


def test_removed_last_step_finishes_the_plan_for_its_clients(cast: Cast, ana: Client) -> None:
    plan = make_plan("P", (0, "call"))
    membership = enter(ana, plan, working(today()), by=cast.julia)
    cadences.remove_step(step(plan, 1), version=1, by=cast.sonia)
    membership.refresh_from_db()
    assert (membership.state, membership.end_reason, membership.due_on) == ("finished", "Todos os passos feitos", None)


def test_who_stands_before_a_moved_step_goes_on_by_the_new_order(cast: Cast, plan: ContactPlan, ana: Client) -> None:
    start = working(today())
    membership = enter(ana, plan, start, by=cast.julia)
    cadences.move_step(step(plan, 1), up=False, version=1, by=cast.sonia)
    contact(ana, cast.julia, "interested", start)
    membership.refresh_from_db()
    assert membership.step.title == "Passo 3"
    assert plans.due_for([ana.pk], start) == []
