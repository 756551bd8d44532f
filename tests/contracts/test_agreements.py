"""Contracts: the rules."""

import datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.utils import timezone

from clients.models import Client
from clients.versions import StaleRecordError
from contracts import agreements
from contracts.agreements import Terms
from contracts.models import Contract, Institution
from people.models import Activity
from tests.factories import Cast, make_client

DAY = datetime.timedelta(days=1)


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana", owner=cast.julia)


def year(**changes: object) -> Terms:
    """A contract of 366 days that ends in 20 days."""
    end = timezone.localdate() + 20 * DAY
    return Terms(**{"start_on": end - 365 * DAY, "end_on": end, **changes})  # type: ignore[arg-type]


def class_of(client: Client) -> str:
    return Client.objects.unscoped(reason="test").get(pk=client.pk).portfolio_class


def stored(contract: Contract) -> Contract:
    return Contract.objects.unscoped(reason="test").select_related("seller", "team").get(pk=contract.pk)


def test_add_signs_with_seller_team_and_institution(ana: Client, cast: Cast) -> None:
    contract = stored(agreements.add(ana, year(institution="Banco São", number=" 9 "), by=cast.julia))
    assert (contract.seller, contract.team, contract.number) == (cast.julia, cast.sul, "9")
    assert Institution.objects.get().key == "banco sao"
    assert class_of(ana) == "renewal"
    agreements.add(ana, year(institution="BANCO SAO", seller=cast.davi), by=cast.ada)
    assert Institution.objects.count() == 1
    assert Activity.objects.filter(verb="contract_added").count() == 2


def test_renew_releases_the_client_from_renewal_and_cancelling_it_returns_it(ana: Client, cast: Cast) -> None:
    old = agreements.add(ana, year(), by=cast.julia)
    start, end = agreements.next_term(old)
    new = agreements.renew(old, Terms(status="signed", start_on=start, end_on=end), by=cast.julia)
    assert (new.renews_id, class_of(ana)) == (old.pk, "active")
    with pytest.raises(agreements.AlreadyRenewedError):
        agreements.renew(old, Terms(start_on=start), by=cast.julia)
    agreements.cancel(new, cancelled_on=timezone.localdate(), reason="Desistiu", by=cast.julia)
    assert class_of(ana) == "renewal"
    assert Activity.objects.get(verb="contract_renewed").changes == {"client": ana.pk, "renews": old.pk}


def test_a_proposal_is_not_renewed_nor_cancelled(ana: Client, cast: Cast) -> None:
    contract = agreements.add(ana, Terms(status="proposal"), by=cast.julia)
    with pytest.raises(agreements.NotInForceError):
        agreements.renew(contract, Terms(), by=cast.julia)
    with pytest.raises(agreements.NotInForceError):
        agreements.cancel(contract, cancelled_on=timezone.localdate(), reason="x", by=cast.julia)


def test_cancel_and_reinstate(ana: Client, cast: Cast) -> None:
    contract = agreements.add(ana, year(), by=cast.julia)
    agreements.cancel(contract, cancelled_on=timezone.localdate() - DAY, reason=" Preço ", by=cast.julia)
    after = stored(contract)
    assert (after.status, after.cancel_reason, class_of(ana)) == ("cancelled", "Preço", "inactive")
    agreements.reinstate(contract, by=cast.julia)
    assert (stored(contract).status, stored(contract).cancelled_on, class_of(ana)) == (
        "in_force",
        None,
        "renewal",
    )
    agreements.reinstate(contract, by=cast.julia)
    assert Activity.objects.filter(verb="contract_reinstated").count() == 1


def test_reinstate_before_the_start_is_signed_again(ana: Client, cast: Cast) -> None:
    ahead = timezone.localdate() + 30 * DAY
    contract = agreements.add(ana, Terms(status="signed", start_on=ahead), by=cast.julia)
    agreements.cancel(contract, cancelled_on=ahead, reason="x", by=cast.julia)
    agreements.reinstate(contract, by=cast.julia)
    assert stored(contract).status == "signed"


def test_will_not_renew_leaves_renewal_at_once(ana: Client, cast: Cast) -> None:
    contract = agreements.add(ana, year(), by=cast.julia)
    agreements.mark_will_not_renew(contract, will_not_renew=True, by=cast.julia)
    assert class_of(ana) == "active"
    agreements.mark_will_not_renew(contract, will_not_renew=True, by=cast.julia)
    agreements.mark_will_not_renew(contract, will_not_renew=False, by=cast.julia)
    assert class_of(ana) == "renewal"
    verbs = Activity.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["contract_added", "contract_will_not_renew", "contract_may_renew"]


def test_edit_moves_dates_and_class(ana: Client, cast: Cast) -> None:
    contract = agreements.add(ana, year(), by=cast.julia)
    later = year(end_on=timezone.localdate() + 200 * DAY, amount=Decimal(9))
    agreements.edit(contract, later, version=1, by=cast.julia)
    assert (stored(contract).amount, class_of(ana)) == (Decimal(9), "active")
    assert Activity.objects.get(verb="contract_changed").changes["fields"] == ["amount", "end_on"]
    with pytest.raises(StaleRecordError):
        agreements.edit(contract, year(), version=1, by=cast.julia)


def test_the_window_of_the_contract_wins(ana: Client, cast: Cast) -> None:
    contract = agreements.add(ana, year(window_days=10), by=cast.julia)
    assert class_of(ana) == "active"
    agreements.edit(contract, year(window_days=30), version=1, by=cast.julia)
    assert class_of(ana) == "renewal"


def test_signing_a_proposal_fixes_the_team_of_that_day(ana: Client, cast: Cast) -> None:
    contract = agreements.add(ana, Terms(status="proposal"), by=cast.julia)
    cast.julia.team = cast.norte
    cast.julia.save()
    agreements.edit(contract, year(), version=1, by=cast.julia)
    assert stored(contract).team == cast.norte
    cast.julia.team = cast.sul
    cast.julia.save()
    agreements.edit(contract, year(notes="x"), version=2, by=cast.julia)
    assert stored(contract).team == cast.norte
    agreements.edit(contract, year(seller=cast.davi), version=3, by=cast.ada)
    assert (stored(contract).seller, stored(contract).team) == (cast.davi, cast.norte)


def test_signing_without_a_known_seller_leaves_no_team(ana: Client, cast: Cast) -> None:
    contract = Contract.objects.create(client=ana, status="proposal")
    agreements.edit(contract, year(), version=1, by=cast.ada)
    assert (stored(contract).seller, stored(contract).team) == (None, None)


def test_edit_leaves_a_cancelled_contract_cancelled(ana: Client, cast: Cast) -> None:
    contract = agreements.add(ana, year(), by=cast.julia)
    agreements.cancel(contract, cancelled_on=timezone.localdate(), reason="x", by=cast.julia)
    agreements.edit(contract, year(notes="depois"), version=2, by=cast.julia)
    assert (stored(contract).status, stored(contract).notes) == ("cancelled", "depois")


def test_a_number_is_used_once_per_institution(ana: Client, cast: Cast) -> None:
    agreements.add(ana, year(institution="A", number="1"), by=cast.julia)
    agreements.add(ana, year(institution="B", number="1"), by=cast.julia)
    with pytest.raises(agreements.NumberTakenError):
        agreements.add(ana, year(institution="a", number="1"), by=cast.julia)


def test_other_broken_constraints_stay_what_they_are(ana: Client, cast: Cast) -> None:
    with pytest.raises(IntegrityError):
        agreements.add(ana, year(amount=Decimal(-1)), by=cast.julia)


@pytest.mark.parametrize(
    ("start", "end", "next_start", "next_end"),
    [
        ((2025, 12, 5), (2026, 12, 4), (2026, 12, 5), (2027, 12, 4)),
        ((2026, 1, 31), (2026, 7, 30), (2026, 7, 31), (2027, 1, 30)),
        ((2025, 8, 31), (2025, 12, 30), (2025, 12, 31), (2026, 4, 29)),
        ((2026, 1, 1), (2026, 1, 30), (2026, 1, 31), (2026, 3, 1)),
    ],
)
def test_next_term_is_as_long_again(
    start: tuple[int, int, int],
    end: tuple[int, int, int],
    next_start: tuple[int, int, int],
    next_end: tuple[int, int, int],
) -> None:
    contract = Contract(start_on=datetime.date(*start), end_on=datetime.date(*end))
    assert agreements.next_term(contract) == (datetime.date(*next_start), datetime.date(*next_end))


def test_next_term_without_end_begins_tomorrow() -> None:
    assert agreements.next_term(Contract()) == (timezone.localdate() + DAY, None)
    end = datetime.date(2026, 1, 31)
    assert agreements.next_term(Contract(end_on=end)) == (datetime.date(2026, 2, 1), None)
