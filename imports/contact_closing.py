"""What an imported contact may change besides its own row: who asked not to be contacted, or has died.

A contact of the past has no other consequence. What was changed is kept in `ContactLog.effects`, so that undoing the
batch puts back exactly that.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clients.models import Channel, Client, OptOut, Purpose
from contacts import effects
from contacts.models import Consequence, ContactLog, ContactOutcome
from imports.models import Effect, ImportBatch, ImportRow
from people.models import User

REASON = "opt-outs and deaths told by a contact file, of clients that are visible and locked"
PURPOSES = {
    Consequence.OPT_OUT: Purpose.ANY, Consequence.DECEASED: Purpose.ANY, Consequence.SHIELDED: Purpose.OFFER,
}  # fmt: skip
WARNINGS = {
    Consequence.OPT_OUT: "opts_out", Consequence.DECEASED: "deceased", Consequence.SHIELDED: "opts_out_of_offers",
}  # fmt: skip
BATCH = 500

type Effects = dict[int, dict[str, Any]]


def close(rows: Sequence[ImportRow], outcomes: Mapping[int, ContactOutcome], *, by: User) -> Effects:
    """Carries out what rows about locked clients tell. What each changed, by its position."""
    closing = [row for row in rows if outcomes[row.values["outcome"]].consequence in PURPOSES]
    found: Effects = {}
    for row, wish in _opt_out(closing, outcomes, by=by):
        found[row.position] = {"added": [["opt_out", wish.pk]]}
    dead = [row for row in closing if outcomes[row.values["outcome"]].consequence == Consequence.DECEASED]
    for row, day in _mark_deceased(dead):
        change = ["client", row.values["client"], {"deceased_on": None}, {"deceased_on": day}]
        found.setdefault(row.position, {})["changed"] = [change]
    return found


def reopen(batch: ImportBatch) -> None:
    """Takes back what the contacts of a batch closed, unless another contact tells the same of the client."""
    everyone = ContactLog.objects.unscoped(reason=REASON)
    mine = ImportRow.objects.of(batch).filter(effect=Effect.CREATED).values("record_id")
    logs = list(everyone.filter(pk__in=mine).exclude(effects={}).order_by("pk"))
    others = everyone.filter(client__in={log.client_id for log in logs}, undone_at=None).exclude(pk__in=mine)
    told = set(others.filter(outcome__consequence__in=PURPOSES).values_list("client", flat=True))
    for log in logs:
        if log.client_id not in told:
            effects.take_back(log)


def _opt_out(
    rows: Sequence[ImportRow], outcomes: Mapping[int, ContactOutcome], *, by: User
) -> list[tuple[ImportRow, OptOut]]:
    """The first row that tells it for each client whose wish is new."""
    wanted: dict[tuple[int, str], ImportRow] = {}
    for row in rows:
        purpose = PURPOSES[Consequence(outcomes[row.values["outcome"]].consequence)]
        wanted.setdefault((row.values["client"], str(purpose)), row)
    standing = OptOut.objects.unscoped(reason=REASON).filter(channel=Channel.ANY)
    known = standing.filter(client__in={client for client, _purpose in wanted}).values_list("client_id", "purpose")
    for key in known:
        wanted.pop(key, None)
    wishes = [
        OptOut(client_id=client, channel=Channel.ANY, purpose=purpose, by=by, reason=_why(row, outcomes))
        for (client, purpose), row in wanted.items()
    ]
    OptOut.objects.bulk_create(wishes, batch_size=BATCH)
    return list(zip(wanted.values(), wishes, strict=True))


def _why(row: ImportRow, outcomes: Mapping[int, ContactOutcome]) -> str:
    day = date_format(_day_of(row), "d/m/Y")
    label = outcomes[row.values["outcome"]].label
    return _("Importado com o contato de %(day)s: %(outcome)s") % {"day": day, "outcome": label}


def _mark_deceased(rows: Sequence[ImportRow]) -> list[tuple[ImportRow, str]]:
    first: dict[int, ImportRow] = {}
    for row in rows:
        first.setdefault(row.values["client"], row)
    everyone = Client.objects.unscoped(reason=REASON)
    living = list(everyone.filter(pk__in=first, deceased_on=None))
    for client in living:
        client.deceased_on = _day_of(first[client.pk]).date()
    everyone.bulk_update(living, ["deceased_on"], batch_size=BATCH)
    return [(first[client.pk], str(client.deceased_on)) for client in living]


def _day_of(row: ImportRow) -> datetime:
    return timezone.localtime(datetime.fromisoformat(row.values["at"]), timezone.get_default_timezone())
