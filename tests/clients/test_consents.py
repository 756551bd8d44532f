"""Consents and opt-outs: the rules."""

from clients import consents
from clients.models import Client, Consent, OptOut
from people.models import Activity
from tests.factories import Cast, make_client


def give(client: Client, cast: Cast, *, granted: bool, channel: str = "whatsapp") -> Consent:
    return consents.record(client, channel=channel, purpose="offer", granted=granted, source="Ligação", by=cast.julia)


def test_the_newest_decision_counts_and_none_is_lost(cast: Cast) -> None:
    client = make_client("Ana", owner=cast.julia)
    give(client, cast, granted=True)
    call = give(client, cast, granted=True, channel="call")
    newest = give(client, cast, granted=False)
    assert consents.standing(client) == [call, newest]
    assert client.consents.count() == 3
    verbs = list(Activity.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["consent_granted", "consent_granted", "consent_revoked"]


def test_opting_out_twice_changes_nothing(cast: Cast) -> None:
    client = make_client("Ana", owner=cast.julia)
    first = consents.opt_out(client, channel="call", purpose="any", reason="Pediu", by=cast.julia)
    again = consents.opt_out(client, channel="call", purpose="any", reason="Outra vez", by=cast.julia)
    assert first == again
    assert OptOut.objects.visible_to(cast.julia).get().reason == "Pediu"
    assert Activity.objects.filter(verb="opted_out").count() == 1
