"""The last contact of each client, written down again from the logs whenever one of them changes."""

from collections.abc import Iterable

from django.db import connection, transaction

# A log that was undone counts nowhere. Ids in order, so that two writers wait for each other instead of both losing.
_REFRESH = """
INSERT INTO contacts_contactpulse AS pulse (client_id, last_log_id, last_at, reached_at)
SELECT wanted.id, newest.id, newest.started_at, reached.started_at
FROM {wanted}
CROSS JOIN LATERAL (
    SELECT id, started_at FROM contacts_contactlog
    WHERE client_id = wanted.id AND undone_at IS NULL
    ORDER BY started_at DESC, id DESC LIMIT 1
) newest
LEFT JOIN LATERAL (
    SELECT started_at FROM contacts_contactlog
    WHERE client_id = wanted.id AND undone_at IS NULL AND "group" = 'reached'
    ORDER BY started_at DESC, id DESC LIMIT 1
) reached ON true
ORDER BY wanted.id
ON CONFLICT (client_id) DO UPDATE
SET last_log_id = excluded.last_log_id, last_at = excluded.last_at, reached_at = excluded.reached_at
WHERE (pulse.last_log_id, pulse.last_at, pulse.reached_at)
    IS DISTINCT FROM (excluded.last_log_id, excluded.last_at, excluded.reached_at)
"""
_EMPTY = """
DELETE FROM contacts_contactpulse pulse
WHERE {condition} NOT EXISTS (
    SELECT 1 FROM contacts_contactlog log WHERE log.client_id = pulse.client_id AND log.undone_at IS NULL
)
"""
_SOME = "unnest(%(ids)s::bigint[]) AS wanted (id)"
_ALL = "(SELECT DISTINCT client_id AS id FROM contacts_contactlog) wanted"


@transaction.atomic
def refresh(client_ids: Iterable[int] | None) -> None:
    """Of these clients, or of everybody (None)."""
    ids = None if client_ids is None else sorted(set(client_ids))
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH.format(wanted=_ALL if ids is None else _SOME), {"ids": ids})
        condition = "" if ids is None else "pulse.client_id = ANY(%(ids)s) AND"
        cursor.execute(_EMPTY.format(condition=condition), {"ids": ids})
