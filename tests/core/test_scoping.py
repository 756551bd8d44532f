"""The guard refuses every query that nobody scoped, whatever its kind."""

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, sql

from clients.models import Client, Phone, Sector
from core.scoping import GuardedQuerySet, UnscopedQueryError, trusted
from tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "run",
    [
        lambda: list(Client.objects.all()),
        lambda: Client.objects.count(),
        lambda: Client.objects.exists(),
        lambda: Client.objects.first(),
        lambda: Client.objects.get(pk=1),
        lambda: Client.objects.aggregate(n=Count("pk")),
        lambda: list(Client.objects.values_list("pk")),
        lambda: Client.objects.filter(pk=1).update(city="X"),
        lambda: Client.objects.filter(pk=1).delete(),
        lambda: Client.objects.filter(pk=1)._raw_delete("default"),
        lambda: list(Client.objects.unscoped(reason="half") | Client.objects.all()),
        lambda: list(Client.objects.unscoped(reason="outer").filter(pk__in=Client.objects.all())),
        lambda: list(
            Client.objects.unscoped(reason="outer").annotate(x=Exists(Phone.objects.filter(client=OuterRef("pk"))))
        ),
        lambda: list(Client.objects.unscoped(reason="outer").union(Client.objects.all())),
        lambda: list(Client.objects.order_by("pk")[:1]),
        lambda: list(Client.objects.iterator()),
        lambda: Client.objects.in_bulk([1]),
        lambda: list(Phone.objects.filter(client=1)),
    ],
)  # fmt: skip
def test_guard_refuses_a_query_without_scope(run):
    with pytest.raises(UnscopedQueryError, match="visible_to"):
        run()


def test_guard_lets_a_scoped_query_run_and_keeps_the_scope_over_further_filters():
    client = make_client("Ana")

    found = Client.objects.unscoped(reason="test").filter(name="Ana").exclude(city="X").order_by("name")

    assert list(found) == [client]
    assert found.count() == 1
    assert found.update(city="Recife") == 1


def test_guard_lets_related_rows_of_a_record_in_hand_through():
    client = make_client("Ana")
    Phone.objects.create(client=client, e164="+5511987654321", kind="MOBILE")

    assert client.phones.count() == 1
    prefetched = Client.objects.unscoped(reason="test").prefetch_related("phones").get()
    assert [phone.e164 for phone in prefetched.phones.all()] == ["+5511987654321"]


def test_guard_lets_scoped_rows_be_deleted():
    for delete in (lambda found: found.delete()[0], lambda found: found._raw_delete("default")):
        pk = Phone.objects.create(client=make_client("Ana"), e164="+5511987654321", kind="MOBILE").pk
        assert delete(Phone.objects.unscoped(reason="test").filter(pk=pk)) == 1


def test_guard_minds_only_its_own_queries():
    plain = GuardedQuerySet(Sector, query=sql.Query(Sector))

    assert plain.update(name="X") == 0
    plain._add_hints(instance=make_client("Ana"))
    assert not hasattr(plain.query, "scope")


def test_guard_refuses_the_clients_of_a_colleague_or_a_sector_in_hand():
    owner = make_user("Júlia Prado")
    sector = Sector.objects.create(name="Varejo", key="varejo")
    make_client("Ana", owner=owner, sector=sector)

    for related in (owner.clients, sector.client_set):
        with pytest.raises(UnscopedQueryError):
            related.count()
        assert related.visible_to(owner).count() == 1


def test_guard_keeps_the_scope_of_both_sides_of_an_or():
    first, second = make_client("Ana"), make_client("Bia")
    halves = [Client.objects.unscoped(reason="test").filter(pk=one.pk) for one in (first, second)]

    assert {one.pk for one in halves[0] | halves[1]} == {first.pk, second.pk}


def test_none_needs_no_scope():
    assert list(Client.objects.none()) == []


def test_unique_checks_of_a_form_look_past_the_guard():
    make_client("Ana", document="68657271001", person_type="PF")

    with pytest.raises(ValidationError, match="client_document_once"):
        Client(name="Bia", name_key="bia", document="68657271001", person_type="PF").full_clean()


def test_trust_ends_with_its_block():
    with trusted("test"):
        assert Client.objects.count() == 0
    with pytest.raises(UnscopedQueryError):
        Client.objects.count()
