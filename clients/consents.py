"""Consents and opt-outs per channel and purpose (LGPD): decisions are added, never changed or taken away."""

from django.db import transaction

from clients.models import Client, Consent, OptOut
from clients.versions import lock
from people import activity
from people.models import User


@transaction.atomic
def record(
    client: Client,
    *,
    channel: str,
    purpose: str,
    granted: bool,
    source: str,
    by: User,
    text_version: str = "",
) -> Consent:
    """The client gave (or took back) leave. The newest decision per channel and purpose counts."""
    lock(client.pk)
    consent = Consent.objects.create(
        client=client,
        channel=channel,
        purpose=purpose,
        granted=granted,
        source=source,
        text_version=text_version,
        by=by,
    )
    verb = "consent_granted" if granted else "consent_revoked"
    activity.record(verb, client, by=by, channel=channel, purpose=purpose)
    return consent


@transaction.atomic
def opt_out(client: Client, *, channel: str, purpose: str, by: User | None, reason: str = "") -> OptOut:
    """The client asked not to be contacted; asking twice changes nothing. `by=None`: it did so itself, and the wish no
    longer hangs on what somebody noted down, and may undo."""
    lock(client.pk)
    wish, is_new = OptOut.objects.unscoped(reason="same client").get_or_create(
        client=client, channel=channel, purpose=purpose, defaults={"reason": reason, "by": by}
    )
    is_own_now = not is_new and by is None and wish.by_id is not None
    if is_own_now:
        wish.by, wish.reason = None, reason
        wish.save(update_fields=["by", "reason"])
    if is_new or is_own_now:
        activity.record("opted_out", client, by=by, channel=channel, purpose=purpose)
    return wish


def standing(client: Client) -> list[Consent]:
    """The decision in force for each channel and purpose."""
    decisions = client.consents.order_by("channel", "purpose", "-at", "-id").distinct("channel", "purpose")
    return list(decisions.select_related("by"))
