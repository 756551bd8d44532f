"""Clients leave by one way alone, and what they refused stays."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from clients import consents
from clients.models import Client, ClientQuerySet, OptOut, Phone
from clients.models.client import ErasureError
from contacts import erasure, gate_facts
from imports.undoing import OWN
from tests.contacts.talking import MOBILE, log_of, make_ana
from tests.factories import Cast, make_client

pytestmark = pytest.mark.django_db


def everyone() -> ClientQuerySet:
    return Client.objects.unscoped(reason="test")


def test_refusal_outlives_its_client(cast: Cast) -> None:
    ana, bia = make_ana(cast.julia), make_client("Bia", owner=cast.julia)
    consents.opt_out(ana, channel="call", purpose="any", by=cast.julia)
    erasure.erase([ana.pk], with_records=[*OWN[Client], OptOut])
    assert list(everyone()) == [bia]
    assert [(wish.channel, wish.purpose) for wish in gate_facts.kept_wishes(MOBILE)] == [("call", "any")]
    again = make_ana(cast.julia)
    said = gate_facts.check(again, channel="call", purpose="service", at=timezone.now(), number=MOBILE)
    assert said.rule == "kept_opt_out"


def test_client_with_work_on_it_is_not_erased(cast: Cast) -> None:
    ana = make_ana(cast.julia)
    log_of(ana, cast.julia)
    erase = partial(erasure.erase, [ana.pk], with_records=OWN[Client])
    with pytest.raises(IntegrityError), transaction.atomic():
        checked(erase)
    assert Phone.objects.unscoped(reason="test").count() == 2


def checked(act: Callable[[], None]) -> None:
    act()
    connection.check_constraints()


def test_no_other_way_out(cast: Cast) -> None:
    ana = make_client(owner=cast.julia)
    for delete in (ana.delete, everyone().delete, lambda: everyone()._raw_delete("default")):
        with pytest.raises(ErasureError, match=r"contacts\.erasure"):
            delete()
    assert everyone().exists()
