"""Transfer and release: all of the clients or none."""

import pytest

from clients import handover
from clients.models import Client, Ownership
from tests.factories import Cast, make_client


def owners(*clients: Client) -> list[str | None]:
    found = {c.pk: c for c in Client.objects.unscoped(reason="test").select_related("owner")}
    people = [found[c.pk].owner for c in clients]
    return [person.first_name if person else None for person in people]


def test_transfer_moves_all_and_keeps_history(cast: Cast) -> None:
    ana, bia = make_client("Ana", owner=cast.julia), make_client("Bia", owner=cast.caio)
    assert handover.transfer([bia.pk, ana.pk], to=cast.caio, by=cast.sonia, note="Férias") == 1
    assert owners(ana, bia) == ["Caio", "Caio"]
    spell = Ownership.objects.unscoped(reason="test").get(client=ana, until__isnull=True)
    assert (spell.reason, spell.note, spell.by) == ("manual", "Férias", cast.sonia)


def test_transfer_with_a_client_out_of_sight_moves_none(cast: Cast) -> None:
    ana, far = make_client("Ana", owner=cast.julia), make_client("Longe", owner=cast.davi)
    with pytest.raises(handover.ClientsNotFoundError) as caught:
        handover.transfer([ana.pk, far.pk, 999_999], to=cast.caio, by=cast.sonia)
    assert caught.value.count == 2
    assert owners(ana, far) == ["Júlia", "Davi"]


def test_release_puts_back_in_the_queue_of_the_team(cast: Cast) -> None:
    ana = make_client("Ana", owner=cast.julia)
    assert handover.release([ana.pk], by=cast.sonia) == 1
    assert owners(ana) == [None]
    assert Client.objects.visible_to(cast.sonia).filter(pk=ana.pk).exists()


def test_require_visible(cast: Cast) -> None:
    ana, far = make_client("Ana", owner=cast.julia), make_client("Longe", owner=cast.davi)
    handover.require_visible([ana.pk], by=cast.sonia)
    with pytest.raises(handover.ClientsNotFoundError):
        handover.require_visible([ana.pk, far.pk], by=cast.sonia)
