"""The day that is kept: when it still holds, and when what changed since makes it be worked out again."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.models import Consent, OptOut, PortfolioClass
from contacts import block_lists, promises
from contacts.models import BlockList, ContactPlan, ContactSettings, LogChannel
from contracts.models import ClientCycle, Contract
from people import directory
from people.models import Absence
from portfolio import agenda_days, postponements
from portfolio.agenda_facts import frame_on
from portfolio.models import AgendaDay, AgendaLine
from tests.factories import Cast, browser_of, make_contract
from tests.portfolio.test_agenda_days import (
    DAY,
    at,
    cadence,
    late_client,
    planned,
    promised,
    spoke,
    working_day,
)

pytestmark = pytest.mark.django_db
recompute = agenda_days.recompute
State = AgendaLine.State


@pytest.fixture
def goes_stale(cast: Cast) -> Iterator[Callable[[Callable[[], object]], bool]]:
    """Whether the day, worked out anew, holds no more after something was done."""
    on = timezone.localdate()

    def ask(done: Callable[[], object]) -> bool:
        recompute(cast.julia, on)
        assert agenda_days.current(cast.julia, on, now=timezone.now()) is not None
        done()
        return agenda_days.current(cast.julia, on, now=timezone.now()) is None

    yield ask
    assert not ask(lambda: None)


def test_day_is_current_until_something_is_written(cast: Cast) -> None:
    on = timezone.localdate()
    client, other = late_client(cast.julia, on=on), late_client(cast.julia, on=on)

    def is_current() -> bool:
        return agenda_days.current(cast.julia, on, now=timezone.now()) is not None

    assert not is_current()
    for write in (
        lambda: spoke(client, cast.julia),
        lambda: spoke(other, cast.davi),
        lambda: promised(other, cast.julia, on),
        lambda: postponements.put_off(other, until=on + DAY, by=cast.julia),
        lambda: OptOut.objects.create(client=other, channel="sms", reason="pediu"),
    ):
        recompute(cast.julia, on)
        assert is_current()
        write()
        assert not is_current(), write


def test_day_goes_stale_with_a_finished_task_and_at_noon(cast: Cast) -> None:
    on = timezone.localdate()
    task = promised(late_client(cast.julia, on=on), cast.julia, on)
    recompute(cast.julia, on)
    promises.finish(task, by=cast.julia)
    assert agenda_days.current(cast.julia, on, now=timezone.now()) is None
    task.delete()
    day = recompute(cast.julia, on)
    AgendaDay.objects.filter(pk=day.pk).update(computed_at=at(on, 8))
    assert agenda_days.current(cast.julia, on, now=at(on, 11)) is not None
    assert agenda_days.current(cast.julia, on, now=at(on, 12)) is None


def test_day_goes_stale_when_a_task_comes_to_it(cast: Cast, goes_stale: Callable[[Callable[[], object]], bool]) -> None:
    today = timezone.localdate()
    client = late_client(cast.julia, on=today)
    task = promised(client, cast.davi, today + 5 * DAY, assignee=cast.davi)

    assert not goes_stale(lambda: promises.move(task, by=cast.davi, due_on=today))
    assert goes_stale(lambda: promises.edit(task, {"assignee": cast.julia}, version=task.version, by=cast.davi))
    later = promised(client, cast.julia, today + 5 * DAY)
    assert goes_stale(lambda: promises.move(later, by=cast.julia, due_on=today))
    promises.finish(later, by=cast.julia)
    assert goes_stale(lambda: promises.reopen(later, by=cast.julia))


def test_day_goes_stale_with_an_absence(cast: Cast, goes_stale: Callable[[Callable[[], object]], bool]) -> None:
    today = timezone.localdate()
    away = Absence(user=cast.caio, cover=cast.julia, starts_on=today, ends_on=today + DAY)

    assert not goes_stale(lambda: Absence.objects.create(user=cast.davi, starts_on=today, ends_on=today))
    assert goes_stale(lambda: directory.save_absence(away, by=cast.sonia))
    assert goes_stale(lambda: directory.end_absence(away, by=cast.sonia))


def test_day_goes_stale_when_the_gate_may_close(cast: Cast, goes_stale: Callable[[Callable[[], object]], bool]) -> None:
    client = late_client(cast.julia, on=timezone.localdate())
    ada = browser_of(cast.ada)
    holiday = {"on": timezone.localdate().isoformat(), "name": "Aniversário da cidade", "uf": ""}

    assert goes_stale(
        lambda: Consent.objects.create(
            client=client, channel=LogChannel.CALL, purpose="offer", granted=False, source="pediu", by=cast.julia
        )
    )
    block_list = BlockList(name="Procon", since=timezone.localdate())
    assert goes_stale(lambda: block_lists.save(block_list, by=cast.ada, values={"covers_service": True}))
    assert goes_stale(lambda: block_lists.remove(block_list, by=cast.ada))
    assert goes_stale(lambda: save_in_admin(ada, "contacts_localholiday", holiday))


def test_day_goes_stale_when_offers_are_paused(cast: Cast, goes_stale: Callable[[Callable[[], object]], bool]) -> None:
    client = late_client(cast.julia, on=timezone.localdate())
    lines = AgendaLine.objects.unscoped(reason="test").filter(client=client)

    def pause(state: str = State.OPEN) -> None:
        # Whatever day it is: on a Sunday the offer was left out before.
        lines.update(state=state, purpose="offer")
        client.offers_paused_until = timezone.localdate()
        client.save()

    assert goes_stale(pause)
    assert not goes_stale(lambda: pause(State.LEFT_OUT))


def save_in_admin(browser: Browser, model: str, values: dict[str, str]) -> None:
    answer = browser.post(reverse(f"admin:{model}_add"), values)
    assert answer.status_code == 302, answer.content.decode()


# --- The gate of the day ------------------------------------------------------------------------------------------


def test_nobody_reached_in_the_morning_comes_again_when_the_gate_opens(cast: Cast) -> None:
    on = working_day(after=1)
    client = late_client(cast.julia, recency=5)
    ContactPlan.objects.filter(pk=cadence(client, on, due_on=on).plan_id).update(purpose="offer")
    spoke(client, cast.julia, code="no_answer", at=at(on, 9))

    (line,) = agenda_days.plan(cast.julia, frame_on(on, now=at(on, 16))).lines
    assert (line.state, line.purpose, line.phone_id) == (State.OPEN, "offer", client.phones.get().pk)
    # Four hours between two offers, where the hours of offers begin at nine.
    assert (line.opens_at, line.closes_at) == (at(on, 13), at(on, 18))

    ContactSettings.objects.update_or_create(pk=1, defaults={"offers_per_day": 1})
    (line,) = agenda_days.plan(cast.julia, frame_on(on, now=at(on, 16))).lines
    assert (line.state, line.phone_id) == (State.LEFT_OUT, None)


def test_renewal_is_service_as_long_as_the_contract_is_in_force(cast: Cast) -> None:
    on = working_day()
    client = late_client(cast.julia, portfolio_class=PortfolioClass.RENEWAL, class_reason="CONTRATO_A_VENCER")
    contract = make_contract(client, on - 300 * DAY, on + 20 * DAY)
    ClientCycle.objects.unscoped(reason="test").filter(client=client).update(
        contract=contract, anchor_on=contract.end_on
    )
    assert planned(cast.julia, on)[client.pk].purpose == "service"
    Contract.objects.unscoped(reason="test").filter(pk=contract.pk).update(end_on=on - DAY)
    assert planned(cast.julia, on)[client.pk].purpose == "offer"


def test_keeping_a_day_locks_the_day_alone(cast: Cast) -> None:
    """Whoever writes down a contact needs the person's row, and may hold a client that the day needs."""
    late_client(cast.julia)
    with CaptureQueriesContext(connection) as asked:
        recompute(cast.julia, working_day())
    locking = [query["sql"] for query in asked if "FOR UPDATE" in query["sql"]]
    assert locking
    assert not any("people_user" in sql for sql in locking)
