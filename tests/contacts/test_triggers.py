"""The night of contact plans: who enters and leaves by itself, once, also when nights were missed."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction

from clients.models import Client, OptOut
from contacts import admission, triggers
from contacts.models import ContactPlan
from contracts.models import ClassChange, ClientCycle
from tests.contacts.planning import MONDAY, contact, day, default, enter, make_plan, members, moment
from tests.factories import Cast, make_client, make_contract, make_user

pytestmark = pytest.mark.django_db
NOTHING = {"plan_left": 0, "plan_joined": 0}


@pytest.fixture(autouse=True)
def _only_asked_for() -> None:
    """Each test wakes the plans it is about."""
    ContactPlan.objects.update(is_active=False)


def wake(*names: str) -> None:
    ContactPlan.objects.filter(name__in=names).update(is_active=True)


def bought(client: Client, on: datetime.date, **fields: Any) -> Client:
    """What a sale leaves in the client's statistics."""
    values = {"gaps": 0, "first_on": on, "last_on": on, "purchase_count": 1, **fields}
    ClientCycle.objects.unscoped(reason="test").update_or_create(client=client, defaults=values)
    return client


def became(client: Client, klass: str, on: datetime.date, *, was: str = "active") -> Client:
    client.portfolio_class, client.class_since = klass, on
    client.save()
    ClassChange.objects.create(client=client, on=on, from_class=was, to_class=klass, reason="FORA_DO_CICLO", gaps=0)
    return client


def lines(plan: str = "") -> list[tuple[Any, ...]]:
    found = members().filter(plan__name=plan) if plan else members()
    values = ("client__name", "plan__name", "step__position", "due_on", "anchored_on", "state")
    return sorted(found.values_list(*values), key=str)


class Killed:
    """Chunks that break off, as a job that is killed."""

    def __init__(self, until: int) -> None:
        self.left = until

    @contextmanager
    def chunk(self) -> Iterator[None]:
        if not self.left:
            raise InterruptedError
        self.left -= 1
        with transaction.atomic():
            yield


# --- Entering ------------------------------------------------------------------------------------------


def test_sale_of_yesterday_is_welcomed_and_checked() -> None:
    wake("Boas-vindas", "Acompanhamento")
    bought(make_client("Ana", uf="SP"), day(3, 5))
    assert triggers.trigger(day(3, 6)) == {"plan_left": 0, "plan_joined": 2}
    assert lines() == [
        ("Ana", "Acompanhamento", 1, day(4, 6), day(3, 5), "running"),
        ("Ana", "Boas-vindas", 1, day(3, 6), day(3, 5), "running"),
    ]
    assert members().first().started_at == moment(day(3, 6), 3) + datetime.timedelta(minutes=10)


@pytest.mark.parametrize(("sold_on", "joined"), [(day(3, 6), 0), (day(3, 5), 1), (day(2, 27), 1), (day(2, 26), 0)])
def test_sale_written_down_late_is_welcomed_for_a_week(sold_on: datetime.date, joined: int) -> None:
    wake("Boas-vindas")
    bought(make_client(), sold_on)
    assert triggers.trigger(day(3, 6))["plan_joined"] == joined


def test_next_sale_starts_anew_after_the_rest(cast: Cast) -> None:
    wake("Boas-vindas")
    ana = bought(make_client("Ana"), day(3, 5))
    triggers.trigger(day(3, 6))
    contact(ana, cast.julia, "opt_out", day(3, 6))
    members().update(ended_at=moment(day(3, 6)))
    bought(ana, day(5, 29))
    assert triggers.trigger(day(5, 30)) == NOTHING
    bought(ana, day(6, 8))
    assert triggers.trigger(day(6, 9))["plan_joined"] == 1


@pytest.mark.parametrize(
    ("birth", "on", "greeted"),
    [
        (day(3, 2, 1980), day(3, 2), True),
        (day(3, 2, 1980), day(3, 3), False),
        (day(2, 29, 1980), day(2, 28, 2027), True),
        (day(2, 29, 1980), day(2, 28, 2028), False),
        (day(2, 29, 1980), day(2, 29, 2028), True),
        (day(2, 28, 1980), day(2, 28, 2028), True),
    ],
)
def test_birthday_is_greeted_on_its_day(birth: datetime.date, on: datetime.date, greeted: bool) -> None:
    wake("Aniversário")
    make_client(birth_date=birth, portfolio_class="active")
    assert triggers.trigger(on)["plan_joined"] == greeted


def test_birthday_of_a_company_is_the_day_of_its_foundation_and_prospects_are_left_alone() -> None:
    wake("Aniversário")
    make_client("Padaria", person_type="PJ", birth_date=day(3, 2, 1990), portfolio_class="inactive")
    make_client("Prospect", birth_date=day(3, 2, 1990))
    triggers.trigger(MONDAY)
    assert [line[0] for line in lines()] == ["Padaria"]


def test_birthday_comes_again_the_next_year(cast: Cast) -> None:
    wake("Aniversário")
    ana = make_client(birth_date=day(3, 2, 1980), portfolio_class="active")
    triggers.trigger(MONDAY)
    contact(ana, cast.julia, "sent", MONDAY, channel="whatsapp")
    assert triggers.trigger(day(3, 2, 2027))["plan_joined"] == 1


@pytest.mark.parametrize(
    ("on", "position", "due"),
    [
        (day(4, 1), 1, day(4, 1)),  # 90 days before
        (day(5, 1), 2, day(5, 4)),  # 60 days before, a holiday
        (day(5, 20), 2, day(5, 20)),
        (day(7, 10), 5, day(7, 10)),  # over, in grace
        (day(1, 5), 1, day(1, 5)),  # a loan, far from its end
    ],
)
def test_renewal_begins_with_the_alert_whose_day_has_come(on: datetime.date, position: int, due: datetime.date) -> None:
    wake("Renovação")
    bought(became(make_client("Ana", uf="SP"), "renewal", on), day(1, 2, 2025), anchor_on=day(6, 30))
    assert triggers.trigger(on)["plan_joined"] == 1
    assert lines() == [("Ana", "Renovação", position, due, day(6, 30), "running")]


def test_renewal_follows_the_contract_that_ends_next() -> None:
    wake("Renovação")
    ana = bought(became(make_client("Ana"), "renewal", day(5, 4)), day(1, 2, 2025), anchor_on=day(6, 30))
    triggers.trigger(day(5, 4))
    bought(ana, day(1, 2, 2025), anchor_on=day(7, 31))
    assert triggers.trigger(day(5, 5)) == {"plan_left": 1, "plan_joined": 1}
    assert sorted(line[4:] for line in lines()) == [(day(6, 30), "stopped"), (day(7, 31), "running")]


def test_who_became_inactive_is_won_back_but_not_who_came_so() -> None:
    wake("Reativação")
    became(make_client("Ana"), "inactive", day(3, 5))
    became(make_client("Bia"), "inactive", day(3, 5), was="prospect")
    became(make_client("Caio"), "inactive", day(2, 25))
    assert triggers.trigger(day(3, 6))["plan_joined"] == 1
    assert lines() == [("Ana", "Reativação", 1, day(3, 6), day(3, 6), "running")]


def test_interval_of_the_tier_starts_a_plan() -> None:
    make_plan("Relacionamento", (0, "call"), trigger="interval")
    for name, tier, created in [("Ana", "A", day(1, 30)), ("Bia", "A", day(2, 1)), ("Caio", "D", day(1, 1, 2020))]:
        bought(make_client(name, created_at=moment(created)), day(1, 2), tier=tier)
    triggers.trigger(day(3, 2))
    assert lines() == [("Ana", "Relacionamento", 1, day(3, 2), day(3, 2), "running")]
    assert triggers.trigger(day(3, 2)) == NOTHING
    assert triggers.trigger(day(3, 3))["plan_joined"] == 1


def test_plan_without_steps_takes_nobody_in() -> None:
    make_plan("Vazio", trigger="sale")
    bought(make_client(), day(3, 5))
    assert triggers.trigger(day(3, 6)) == NOTHING


def test_who_may_not_enter_stays_out() -> None:
    wake("Boas-vindas")
    bought(make_client("Morta", deceased_on=day(3, 1)), day(3, 5))
    OptOut.objects.create(client=bought(make_client("Cala"), day(3, 5)), channel="any", purpose="any")
    assert triggers.trigger(day(3, 6)) == NOTHING


# --- Leaving -------------------------------------------------------------------------------------------


@pytest.fixture
def bia(cast: Cast) -> Client:
    return make_client("Bia", owner=cast.julia, portfolio_class="inactive")


def left(reason: str) -> bool:
    return triggers.trigger(day(3, 6)) == {"plan_left": 1, "plan_joined": 0} and reason == members().get().end_reason


def test_purchase_ends_a_plan_that_wants_one(cast: Cast, bia: Client) -> None:
    enter(bia, make_plan("P", (0, "call"), stops_on_purchase=True), MONDAY, by=cast.julia)
    bought(bia, day(3, 1))
    assert triggers.trigger(day(3, 5)) == NOTHING
    bought(bia, MONDAY)
    assert left("Comprou")


def test_purchase_leaves_the_other_plans(cast: Cast, bia: Client) -> None:
    enter(bia, make_plan("P", (0, "call")), MONDAY, by=cast.julia)
    bought(bia, MONDAY)
    assert triggers.trigger(day(3, 6)) == NOTHING


def test_leaving_the_carteira_ends_its_plan(cast: Cast, bia: Client) -> None:
    enter(bia, default_awake("Reativação"), MONDAY, by=cast.julia)
    assert triggers.trigger(day(3, 5)) == NOTHING
    became(bia, "active", day(3, 5), was="inactive")
    assert left("Mudou de carteira")


def default_awake(name: str) -> ContactPlan:
    wake(name)
    return default(name)


@pytest.mark.parametrize(("purpose", "leaves"), [("any", True), ("offer", True), ("survey", False)])
def test_refusal_of_every_channel_ends_the_plan(cast: Cast, bia: Client, purpose: str, leaves: bool) -> None:
    enter(bia, make_plan("P", (0, "call"), purpose="offer"), MONDAY, by=cast.julia)
    OptOut.objects.create(client=bia, channel="any", purpose=purpose)
    assert left("Pediu para não ser contatado") if leaves else triggers.trigger(day(3, 6)) == NOTHING


def test_death_ends_every_plan(cast: Cast, bia: Client) -> None:
    enter(bia, make_plan("P", (0, "call")), MONDAY, by=cast.julia)
    Client.objects.unscoped(reason="test").update(deceased_on=day(3, 4))
    assert left("Cliente falecido")


def test_greeting_nobody_sent_in_a_week_is_sent_no_more(cast: Cast, bia: Client) -> None:
    enter(bia, default_awake("Aniversário"), MONDAY, by=cast.julia)
    assert triggers.trigger(day(3, 9)) == NOTHING
    assert triggers.trigger(day(3, 10))["plan_left"] == 1
    assert members().get().end_reason == "Passou da data"


# --- Nights --------------------------------------------------------------------------------------------


def company() -> None:
    """Events over two weeks, all plans awake."""
    ContactPlan.objects.update(is_active=True)
    for number in range(1, 15):
        on = day(3, number)
        bought(make_client(f"Venda {number:02}", uf="SP", portfolio_class="active"), on)
        make_client(f"Festa {number:02}", birth_date=on.replace(year=1980), portfolio_class="active")
        became(make_client(f"Quieto {number:02}"), "inactive", on)


def test_night_a_second_time_changes_nothing() -> None:
    company()
    first = triggers.trigger(day(3, 10))
    written = list(members().order_by("pk").values())
    assert first["plan_joined"] > 10
    assert triggers.trigger(day(3, 10)) == NOTHING
    assert list(members().order_by("pk").values()) == written


def test_missed_nights_caught_up_oldest_first_are_as_nights_run_on_time() -> None:
    company()
    for number in range(2, 16):
        triggers.trigger(day(3, number))
    on_time = lines()
    members().delete()
    for number in (2, 3, *range(7, 16)):
        triggers.trigger(day(3, number))
    caught_up = {(line[0], line[1], line[4] if line[1] == "Boas-vindas" else None) for line in lines()}
    # Greetings belong to their day; sales and losses of the nights in between are found within the week.
    missing = {(line[0], line[1]) for line in on_time} - {line[:2] for line in caught_up}
    assert missing == {(f"Festa {number:02}", "Aniversário") for number in (4, 5, 6)}
    members().delete()
    for number in range(2, 16):
        triggers.trigger(day(3, number))
    assert lines() == on_time


@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_night_that_was_killed_ends_as_one_that_was_not(
    chunks: int, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "CHUNK", 3)
    company()
    triggers.trigger(day(3, 10))
    whole = lines()
    members().delete()
    with pytest.raises(InterruptedError):
        triggers.trigger(day(3, 10), run=Killed(chunks))
    triggers.trigger(day(3, 10))
    assert lines() == whole


def test_segment_enters_at_once_by_hand() -> None:
    """What a list of clients does: everybody who may, anchored on one day."""
    plan, leader = make_plan("P", (0, "call")), make_user()
    make_client("Ana")
    make_client("Morta", deceased_on=MONDAY)
    everybody = Client.objects.unscoped(reason="test")
    assert admission.enrol(plan, admission.anchored(everybody, plan, MONDAY), on=MONDAY, by=leader) == 1
    assert lines() == [("Ana", "P", 1, MONDAY, MONDAY, "running")]


def test_segment_counts_from_the_contract_of_each() -> None:
    plan = make_plan("P", (-30, "call"), anchor="end")
    make_client("Sem contrato")
    make_contract(make_client("Ana"), day(1, 1), day(5, 31))
    found = admission.anchored(Client.objects.unscoped(reason="test"), plan, MONDAY)
    assert admission.enrol(plan, found, on=MONDAY) == 1
    assert lines() == [("Ana", "P", 1, MONDAY, day(5, 31), "running")]


def test_newcomers_have_not_been_in_the_plan_since(cast: Cast) -> None:
    plan = make_plan("P", (0, "call"))
    ana, everybody = make_client("Ana"), Client.objects.unscoped(reason="test")
    make_client("Bia")
    enter(ana, plan, MONDAY, by=cast.julia)
    contact(ana, cast.julia, "interested", MONDAY)
    since = admission.newcomers(everybody, plan, moment(MONDAY, 0))
    assert [client.name for client in since] == ["Bia"]
    assert admission.newcomers(everybody, plan, moment(day(3, 3), 0)).count() == 2
