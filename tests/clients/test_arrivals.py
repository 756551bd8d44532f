"""Who gets clients is told: one notice for each act."""

import datetime

import pytest
from django.utils import timezone

from clients import handover
from people import directory
from people.models import Absence, Notification, User
from portfolio import distribution
from portfolio.models import DistributionRule
from tests.factories import Cast, make_client

pytestmark = pytest.mark.django_db


def told(user: User) -> list[tuple[str, str]]:
    return list(Notification.objects.filter(recipient=user).values_list("text", "url"))


def test_bulk_transfer_tells_the_new_owner_once(cast: Cast) -> None:
    ids = [make_client(owner=cast.julia).pk for _number in range(3)]
    handover.transfer(ids, to=cast.caio, by=cast.sonia)

    assert told(cast.caio) == [("3 clientes chegaram à sua carteira.", "/carteira/")]
    assert told(cast.julia) == []


def test_single_transfer_leads_to_the_client(cast: Cast) -> None:
    client = make_client(owner=cast.julia)
    handover.transfer([client.pk], to=cast.caio, by=cast.sonia)

    assert told(cast.caio) == [("1 cliente chegou à sua carteira.", f"/clientes/{client.pk}/")]


def test_what_changes_no_hands_and_one_s_own_act_tell_nobody(cast: Cast) -> None:
    client = make_client(owner=cast.caio)
    handover.transfer([client.pk], to=cast.caio, by=cast.sonia)
    handover.transfer([client.pk], to=cast.sonia, by=cast.sonia)

    assert [told(cast.caio), told(cast.sonia)] == [[], []]


def test_distribution_tells_each_seller_once(cast: Cast) -> None:
    DistributionRule.objects.create(name="Todos", criterion=DistributionRule.Criterion.ANY)
    for _number in range(6):
        make_client(team=cast.sul)
    distribution.apply(distribution.propose(by=None), by=None)

    texts = [text for user in (cast.julia, cast.caio) for text, _url in told(user)]
    assert sum(int(text.split()[0]) for text in texts) == 6
    assert len(texts) == 2


def test_cover_is_told_when_the_absence_is_written_and_not_when_it_changes(cast: Cast) -> None:
    today = timezone.localdate()
    absence = Absence(user=cast.julia, cover=cast.caio, starts_on=today, ends_on=today + datetime.timedelta(days=9))
    for _turn in range(2):
        directory.save_absence(absence, by=cast.sonia)

    ((text, url),) = told(cast.caio)
    assert text.startswith("Você cobre Júlia Prado de ")
    assert url == "/carteira/"


def test_absence_without_cover_tells_nobody(cast: Cast) -> None:
    today = timezone.localdate()
    directory.save_absence(Absence(user=cast.julia, starts_on=today, ends_on=today), by=cast.sonia)

    assert Notification.objects.count() == 0
