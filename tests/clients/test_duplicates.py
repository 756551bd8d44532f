"""What a person is told about a document that exists already."""

import datetime

import pytest
from django.utils import timezone

from clients import duplicates
from clients.models import Email, Phone
from people.models import Activity
from tests.factories import Cast, make_client

CPF = "52998224725"


def test_tell_shows_a_visible_client(cast: Cast) -> None:
    client = make_client("Ana", owner=cast.julia)
    assert duplicates.tell(client, by=cast.julia) == duplicates.Told("Este documento já existe: Ana.", client)
    assert not Activity.objects.exists()


def test_tell_says_only_the_owner_of_a_hidden_client_and_logs_it(cast: Cast) -> None:
    client = make_client("Ana", owner=cast.davi)
    assert duplicates.tell(client, by=cast.julia) == duplicates.Told("Este documento já existe, com Davi Lobo.")
    line = Activity.objects.get()
    assert (line.verb, line.by, line.object_id, line.changes) == (duplicates.HIT, cast.julia, client.pk, {})


def test_tell_of_a_client_without_owner(cast: Cast) -> None:
    told = duplicates.tell(make_client("Ana"), by=cast.julia)
    text = "Este documento já existe, sem responsável. Peça a sua liderança para distribuir."
    assert told == duplicates.Told(text)


def test_too_many_hits_in_an_hour_end_the_asking(cast: Cast) -> None:
    client = make_client("Ana", owner=cast.davi)
    for _ in range(duplicates.HITS_PER_HOUR):
        duplicates.tell(client, by=cast.julia)
    with pytest.raises(duplicates.TooManyHitsError):
        duplicates.tell(client, by=cast.julia)
    duplicates.tell(client, by=cast.caio)
    Activity.objects.update(at=timezone.now() - datetime.timedelta(hours=2))
    duplicates.tell(client, by=cast.julia)


def test_holder_of_looks_past_portfolios_but_not_at_the_client_itself(cast: Cast) -> None:
    client = make_client("Ana", owner=cast.davi, document=CPF, person_type="PF")
    assert duplicates.holder_of(CPF) == client
    assert duplicates.holder_of(CPF, besides=client.pk) is None
    assert duplicates.holder_of("") is None


def test_similar_clients_share_phone_or_email_and_name(cast: Cast) -> None:
    by_phone = make_client("José Antônio Lima", owner=cast.julia)
    Phone.objects.create(client=by_phone, e164="+5511987654321", kind="MOBILE")
    by_email = make_client("Jose Antonio Limas", owner=cast.julia)
    Email.objects.create(client=by_email, address="a@x.com.br")
    stranger = make_client("Beatriz Rocha", owner=cast.julia)
    Phone.objects.create(client=stranger, e164="+5511987654321", kind="MOBILE")
    hidden = make_client("José Antônio Lima", owner=cast.davi)
    Phone.objects.create(client=hidden, e164="+5511987654321", kind="MOBILE")

    def similar(name: str, phones: list[str], emails: list[str]) -> list[object]:
        return list(duplicates.similar_clients(name, phones=phones, emails=emails, by=cast.julia))

    assert similar("Jose Antonio Lima", ["+5511987654321"], ["a@x.com.br"]) == [by_phone, by_email]
    assert similar("Jose Antonio Lima", [], []) == []
    assert similar("", ["+5511987654321"], []) == []
