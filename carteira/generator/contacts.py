"""What sellers and clients said to each other: three contacts a client on average, and what was promised."""

import datetime
from collections.abc import Mapping

from carteira.generator.database import execute, write_lookup
from contacts.models import ContactOutcome

# How often each outcome comes, by channel; who is not named comes never.
OUTCOMES = {
    ("call", "no_answer"): 26,
    ("call", "voicemail"): 8,
    ("call", "busy"): 4,
    ("call", "interested"): 9,
    ("call", "callback"): 7,
    ("call", "not_now"): 6,
    ("call", "after_sale"): 8,
    ("call", "updated"): 3,
    ("call", "sold"): 3,
    ("call", "complaint"): 1,
    ("whatsapp", "sent"): 12,
    ("whatsapp", "interested"): 4,
    ("whatsapp", "wants_proposal"): 3,
    ("email", "sent"): 4,
    ("visit", "after_sale"): 2,
}
# Contacts lie within the last year and a half, more of them lately; weekends are pushed to the Monday after.
LOGS = """
INSERT INTO contacts_contactlog (
    client_id, by_id, channel, direction, purpose, started_at, seconds, used, outcome_id, "group", detail, note,
    is_highlight, next_channel, phone_id, created_at
)
SELECT n, CASE WHEN days_ago > handed_over THEN before_id ELSE seller_id END, outcome.channel,
    CASE WHEN pg_temp.draw(contact, 'direction') < 0.9 THEN 'out' ELSE 'in' END,
    CASE WHEN pg_temp.draw(contact, 'purpose') < 0.6 THEN 'service' ELSE 'offer' END,
    moment, CASE WHEN outcome.channel = 'call' AND outcome.reached THEN 40 + pg_temp.pick(contact, 'seconds', 900) END,
    coalesce(phone.e164, ''), outcome.id, outcome."group", '',
    CASE WHEN outcome.reached AND pg_temp.draw(contact, 'noted') < 0.6
        THEN (ARRAY['Pediu para falar depois do almoço.', 'Quer comparar com a proposta do banco.',
            'Vai consultar a família.', 'Gostou do atendimento.', 'Prefere mensagem a ligação.'])
            [1 + pg_temp.pick(contact, 'note', 5)] ELSE '' END,
    pg_temp.draw(contact, 'highlight') < 0.05, '', phone.id, moment
FROM (
    SELECT draft.*, n * 100 + place AS contact,
        floor(least(came, 540) * pow(pg_temp.draw(n * 100 + place, 'contacted'), 1.5))::integer AS days_ago
    FROM draft
    CROSS JOIN LATERAL generate_series(1, pg_temp.pick(n, 'contacts', 4) + pg_temp.pick(n, 'more contacts', 4)) place
    OFFSET 0
) said
CROSS JOIN LATERAL (SELECT %(today)s::date - 1 - days_ago AS day OFFSET 0) on_day
CROSS JOIN LATERAL (
    SELECT least(
        (day - greatest(extract(isodow FROM day)::integer - 5, 0) + time '09:00') AT TIME ZONE %(zone)s
            + pg_temp.draw(contact, 'hour') * interval '9 hours',
        (%(today)s::date + time '00:00') AT TIME ZONE %(zone)s) AS moment
    OFFSET 0
) at_time
JOIN outcome ON outcome.slot = pg_temp.pick(contact, 'outcome', %(outcome)s)
LEFT JOIN clients_phone phone ON phone.client_id = n AND phone.is_primary AND outcome.channel IN ('call', 'whatsapp')
WHERE NOT is_never_owned
ORDER BY moment
"""
# One client in 60 waits for a promised contact, some since yesterday, a part of them at an agreed hour.
TASKS = """
INSERT INTO contacts_task (
    client_id, kind, title, note, channel, due_on, due_at, minutes, created_by_id, is_cancelled, created_at, version
)
SELECT n, 'callback', 'Retorno combinado', '', 'call', day,
    CASE WHEN pg_temp.draw(n, 'agreed hour') < 0.5
        THEN (day + time '09:00') AT TIME ZONE %(zone)s + pg_temp.pick(n, 'half hours', 17) * interval '30 minutes' END,
    8, seller_id, false, (%(today)s::date - 3 + time '10:00') AT TIME ZONE %(zone)s, 1
FROM draft
CROSS JOIN LATERAL (SELECT %(today)s::date - 1 + pg_temp.pick(n, 'due', 14) AS day OFFSET 0) due
WHERE mod(n, 60) = 7 AND NOT is_ownerless
"""


def write_contacts(today: datetime.date, *, zone: str) -> dict[str, int]:
    """Rows written per table."""
    found = {outcome.code: outcome for outcome in ContactOutcome.objects.all()}
    rows = (
        (found[code].pk, channel, found[code].group, found[code].group == "reached")
        for (channel, code), weight in OUTCOMES.items()
        for _ in range(weight)
    )
    size = write_lookup("outcome", 'id bigint, channel text, "group" text, reached boolean', rows)
    parameters: Mapping[str, object] = {"today": today, "zone": zone, "outcome": size}
    parts = {"contacts_contactlog": LOGS, "contacts_task": TASKS}
    return {table: execute(statement, parameters) for table, statement in parts.items()}
