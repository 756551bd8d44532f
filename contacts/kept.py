"""Refusals that outlive their client: hashes of its numbers, addresses and document (DOMAIN 3, gate 1).

The night keeps every opt-out once its log can no longer be undone; `contacts.erasure` calls `keep` first. Hashes are
salted with a row of the database (`KeptSalt`) rather than with SECRET_KEY: a new key must not forget who said no.
"""

import datetime
from collections.abc import Sequence
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from contacts.models import ContactSettings
from contacts.models.rules import KeptSalt


def kept_document(document: str) -> str:
    """A document among numbers and addresses: the kept list has one column for all."""
    return f"document:{document}" if document else ""


@transaction.atomic
def keep(ids: Sequence[int]) -> int:
    """Keeps the opt-outs of clients that are about to go. Asking twice changes nothing."""
    return _keep(list(ids), timezone.now())


@transaction.atomic
def keep_all() -> int:
    """Keeps every opt-out that has passed the time in which a log, and with it the opt-out, may be undone."""
    return _keep(None, timezone.now() - datetime.timedelta(hours=ContactSettings.current().edit_hours))


def forget(wishes: Sequence[int]) -> int:
    """The hashes of opt-outs that should never have been, while these still stand. The night keeps again what others
    asked of the same numbers."""
    return _run(FORGET, wishes=list(wishes))


def _keep(clients: list[int] | None, until: datetime.datetime) -> int:
    """How many hashes are new."""
    KeptSalt.objects.get_or_create(pk=KeptSalt.ONLY)
    return _run(KEEP, clients=clients, until=until)


def _run(statement: str, **values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


# A wish for one channel is kept by what that channel uses; the document stands for the person, in every channel.
USED: Final = """
CROSS JOIN LATERAL (
    SELECT e164 AS value FROM clients_phone
    WHERE client_id = wish.client_id AND wish.channel IN ('any', 'call', 'whatsapp', 'sms')
    UNION
    SELECT address FROM clients_email WHERE client_id = wish.client_id AND wish.channel IN ('any', 'email')
    UNION
    SELECT 'document:' || document FROM clients_client WHERE id = wish.client_id AND document <> ''
) used
"""
DIGEST: Final = "encode(sha256(convert_to(salt.value || ':' || used.value, 'UTF8')), 'hex')"

KEEP: Final = f"""
INSERT INTO contacts_keptoptout (digest, channel, purpose, at)
SELECT {DIGEST}, wish.channel, wish.purpose, min(wish.at)
FROM contacts_keptsalt salt CROSS JOIN clients_optout wish {USED}
WHERE (%(clients)s::bigint[] IS NULL OR wish.client_id = ANY(%(clients)s::bigint[])) AND wish.at <= %(until)s
GROUP BY 1, 2, 3
ON CONFLICT DO NOTHING
"""  # noqa: S608  (made of the constants above)

# What somebody else asked earlier of the same number has an earlier moment.
FORGET: Final = f"""
DELETE FROM contacts_keptoptout kept
USING (
    SELECT {DIGEST} AS digest, wish.channel, wish.purpose, wish.at
    FROM contacts_keptsalt salt CROSS JOIN clients_optout wish {USED}
    WHERE wish.id = ANY(%(wishes)s::bigint[])
) gone
WHERE (kept.digest, kept.channel, kept.purpose, kept.at) = (gone.digest, gone.channel, gone.purpose, gone.at)
"""  # noqa: S608  (made of the constants above)
