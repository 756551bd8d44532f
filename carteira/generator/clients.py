"""Clients and what hangs on them, from the drafts."""

import datetime
from collections.abc import Mapping
from typing import Any

from carteira.generator.database import execute
from carteira.generator.documents import document
from clients.models import DistributionReason

# The name as it is written and its folded key are put together alike, of the same words.
_PERSON = """given.{word} || ' ' || surname.{word}
    || CASE WHEN has_two AND other.key <> surname.key THEN ' ' || other.{word} ELSE '' END"""
_COMPANY = """CASE
    WHEN form < 0.30 THEN trade.{head} || ' ' || mark.{word} || {ending}
    WHEN form < 0.50 THEN trade.{head} || ' ' || mark.{word} || ' de ' || draft.{city} || {ending}
    WHEN form < 0.70 THEN trade.{head} || ' ' || surname.{family} || {ending}
    WHEN form < 0.85 THEN surname.{family} || ' & ' || other.{family} || ' ' || trade.{tail} || {ending}
    ELSE surname.{family} || ' ' || trade.{tail} || {ending} END"""
_NAME = _PERSON.format(word="word")
_NAME_KEY = _PERSON.format(word="key")
_FIRM = _COMPANY.format(word="word", head="head", tail="tail", city="city", family="family", ending="ending")
_FIRM_KEY = _COMPANY.format(
    word="key", head="head_key", tail="tail_key", city="city_key", family="family_key", ending="lower(ending)"
)

NAMED = f"""
CREATE TEMP TABLE named ON COMMIT DROP AS
SELECT draft.n,
    CASE WHEN is_company THEN {_FIRM} ELSE {_NAME} END AS name,
    CASE WHEN is_company THEN {_FIRM_KEY} ELSE {_NAME_KEY} END AS name_key,
    CASE WHEN is_company AND draw.form >= 0.70 AND draw.traded < 0.3
        THEN trade.head || ' ' || mark.word ELSE '' END AS trade_name,
    CASE WHEN is_company THEN 'contato' ELSE given.slug END || '.' || surname.slug || draft.n AS mailbox,
    given.word || ' ' || other.word AS contact
FROM draft
CROSS JOIN LATERAL (
    SELECT pg_temp.draw(draft.n, 'form') AS form,
        pg_temp.draw(draft.n, 'traded') AS traded,
        pg_temp.draw(draft.n, 'two surnames') < 0.78 AS has_two,
        (ARRAY[' Ltda', ' Ltda', ' Ltda ME', ' Ltda EPP', ' S.A.', ''])[1 + pg_temp.pick(draft.n, 'ending', 6)]
            AS ending
    OFFSET 0
) draw
JOIN given ON given.slot = pg_temp.pick(draft.n, 'given', %(given)s)
JOIN surname ON surname.slot = pg_temp.pick(draft.n, 'surname', %(surname)s)
JOIN surname other ON other.slot = pg_temp.pick(draft.n, 'second surname', %(surname)s)
JOIN mark ON mark.slot = pg_temp.pick(draft.n, 'mark', %(mark)s)
JOIN trade ON trade.slot = draft.trade_slot
"""  # noqa: S608  (made of constants)

# One in 40 has no document.
CLIENTS = f"""
INSERT INTO clients_client (
    id, code, person_type, name, name_key, social_name, trade_name, document, birth_date, sector_id, source, city, uf,
    owner_id, team_id, portfolio_class, class_since, class_reason, declared_amount, declared_product, legal_basis,
    notes, created_at, created_by_id, version
)
SELECT n, CASE WHEN mod(n, 10) < 8 THEN 'G' || lpad(n::text, 8, '0') ELSE '' END,
    CASE WHEN is_company THEN 'PJ' ELSE 'PF' END,
    name, name_key, '', trade_name,
    CASE WHEN mod(n, 40) = 11 THEN '' WHEN is_company THEN cnpj ELSE cpf END,
    CASE WHEN pg_temp.draw(n, 'birth known') < 0.8 THEN
        %(today)s::date - came - CASE WHEN is_company THEN 30 ELSE 6600 END
            - pg_temp.pick(n, 'birth', CASE WHEN is_company THEN 9000 ELSE 18000 END) END,
    sector_id,
    (ARRAY['Indicação', 'Indicação', 'Site', 'Instagram', 'Feira', 'Planilha', ''])[1 + pg_temp.pick(n, 'source', 7)],
    city, uf, owner_id, client_team_id, 'prospect', %(today)s::date - came, 'SEM_COMPRA', NULL, '',
    'contract', '', {{created_at}}, CASE WHEN NOT is_never_owned THEN coalesce(before_id, seller_id) END, 1
FROM draft JOIN named USING (n)
CROSS JOIN LATERAL ({document("(n + %(seed)s)")}) document
ORDER BY n
"""  # noqa: S608  (made of constants)
# Working hours of the company's zone.
# Nothing happens later than the day has begun: a spell of today can be ended at once.
DAWN = "(%(today)s::date::timestamp AT TIME ZONE %(zone)s)"
CREATED_AT = f"""
    least({DAWN},
        (%(today)s::date - came + time '08:00') AT TIME ZONE %(zone)s + pg_temp.draw(n, 'hour') * interval '10 hours')
"""

PHONES = """
INSERT INTO clients_phone (id, client_id, e164, kind, raw, extension, is_whatsapp, status, label, is_primary)
SELECT row_number() OVER (), n, '+55' || ddd || number, kind, '', '', NULL,
    CASE WHEN pg_temp.draw(n, place || 'phone is wrong') < 0.03 THEN 'wrong_number' ELSE 'ok' END, '', place = 1
FROM (
    SELECT n, place, ddd, kind,
        -- No number of equal digits, and the two of a client differ in their second digit.
        CASE kind WHEN 'MOBILE' THEN '9' || (CASE place WHEN 1 THEN 7 + pg_temp.pick(n, 'mobile', 2) ELSE 6 END)
                || lpad(pg_temp.pick(n, place || 'mobile digits', 10000000)::text, 7, '0')
            ELSE '3' || (CASE place WHEN 1 THEN 4 + pg_temp.pick(n, 'landline', 2) ELSE 2 END)
                || lpad(pg_temp.pick(n, place || 'landline digits', 1000000)::text, 6, '0') END AS number
    FROM draft
    CROSS JOIN generate_series(1, 2) place
    CROSS JOIN LATERAL (
        SELECT CASE WHEN pg_temp.draw(n, place || 'landline') < CASE WHEN is_company THEN 0.35 ELSE 0.12 END
            THEN 'LANDLINE' ELSE 'MOBILE' END AS kind
    ) line
    WHERE pg_temp.draw(n, place || 'phone') < CASE place WHEN 1 THEN 0.97 ELSE 0.35 END
        AND (place = 1 OR pg_temp.draw(n, '1phone') < 0.97)
) drawn
"""
EMAILS = """
INSERT INTO clients_email (id, client_id, address, label, status, is_primary)
SELECT row_number() OVER (), n,
    mailbox || (ARRAY['@correio.example', '@mensagem.example', '@caixa.example'])[1 + pg_temp.pick(n, 'provider', 3)],
    '', CASE WHEN pg_temp.draw(n, 'e-mail is wrong') < 0.02 THEN 'invalid' ELSE 'ok' END, true
FROM draft JOIN named USING (n)
WHERE pg_temp.draw(n, 'e-mail') < 0.75
ORDER BY n
"""
ADDRESSES = """
INSERT INTO clients_address (
    id, client_id, label, cep, street, number, complement, district, city, uf, is_primary
)
SELECT row_number() OVER (), n, '',
    lpad((lower(ceps) + pg_temp.pick(n, 'cep', upper(ceps) - lower(ceps)))::text, 5, '0')
        || lpad(pg_temp.pick(n, 'end of cep', 1000)::text, 3, '0'),
    street.name, (1 + pg_temp.pick(n, 'number', 2400))::text, '',
    districts[1 + pg_temp.pick(n, 'district', cardinality(districts))], city, uf, true
FROM draft JOIN street ON street.slot = pg_temp.pick(n, 'street', %(street)s)
WHERE pg_temp.draw(n, 'address') < 0.9
"""
PEOPLE = """
INSERT INTO clients_contactperson (id, client_id, name, position, phone, email, decides, created_at)
SELECT row_number() OVER (), n, contact,
    (ARRAY['Compras', 'Financeiro', 'Gerência', ''])[1 + pg_temp.pick(n, 'position', 4)], '', '',
    pg_temp.draw(n, 'decides') < 0.5, {created_at}
FROM draft JOIN named USING (n)
WHERE is_company AND pg_temp.draw(n, 'contact person') < 0.3
"""
TAGS = """
INSERT INTO clients_client_tags (id, client_id, tag_id)
SELECT row_number() OVER (), n, tag.id
FROM draft JOIN tag ON tag.slot = pg_temp.pick(n, 'tag', %(tag)s)
WHERE pg_temp.draw(n, 'tagged') < 0.08
"""
CONSENTS = """
INSERT INTO clients_consent (id, client_id, channel, purpose, granted, text_version, source, at, by_id)
SELECT row_number() OVER (), n, (ARRAY['whatsapp', 'email', 'any'])[1 + pg_temp.pick(n, 'channel', 3)], 'offer',
    pg_temp.draw(n, 'granted') < 0.85, 'v1', 'Cadastro', {created_at}, owner_id
FROM draft
WHERE pg_temp.draw(n, 'consent') < 0.06
"""
OPT_OUTS = """
INSERT INTO clients_optout (id, client_id, channel, purpose, reason, at, by_id)
SELECT row_number() OVER (), n, 'any', 'offer', 'Pediu para não receber ofertas', {created_at}, owner_id
FROM draft
WHERE pg_temp.draw(n, 'opt out') < 0.01
"""
# The spell of the colleague before, if there was one, then that of the present owner or of who gave the client back.
OWNERSHIPS = f"""
INSERT INTO clients_ownership (id, client_id, owner_id, since, until, reason, note, by_id, batch)
SELECT row_number() OVER (), n, spell.owner_id, spell.since, spell.until, spell.reason, '', NULL, NULL
FROM (
    SELECT draft.*, {{created_at}} AS came_at,
        least({DAWN}, {{created_at}} + (came - handed_over) * interval '1 day') AS handed_over_at,
        least({DAWN}, {{created_at}} + came * pg_temp.draw(n, 'release') * interval '1 day') AS released_at
    FROM draft
    WHERE NOT is_never_owned
) told
CROSS JOIN LATERAL (
    SELECT before_id AS owner_id, came_at AS since, handed_over_at AS until, '{DistributionReason.IMPORTED}' AS reason
    WHERE handed_over IS NOT NULL AND NOT is_ownerless
    UNION ALL
    SELECT seller_id, coalesce(CASE WHEN NOT is_ownerless THEN handed_over_at END, came_at),
        CASE WHEN is_ownerless THEN released_at END,
        CASE WHEN handed_over IS NULL OR is_ownerless
            THEN '{DistributionReason.CREATED}' ELSE '{DistributionReason.MANUAL}' END
) spell
"""  # noqa: S608  (made of constants)

# Table -> what fills it, in this order.
PARTS = {
    "clients_client": CLIENTS,
    "clients_phone": PHONES,
    "clients_email": EMAILS,
    "clients_address": ADDRESSES,
    "clients_contactperson": PEOPLE,
    "clients_client_tags": TAGS,
    "clients_consent": CONSENTS,
    "clients_optout": OPT_OUTS,
    "clients_ownership": OWNERSHIPS,
}


def write_clients(sizes: Mapping[str, int], today: datetime.date, *, seed: int, zone: str) -> dict[str, int]:
    """Rows written per table."""
    parameters: dict[str, Any] = {**sizes, "today": today, "seed": seed, "zone": zone}
    execute(NAMED, parameters)
    execute("ANALYZE named")
    return {
        table: execute(statement.replace("{created_at}", CREATED_AT), parameters) for table, statement in PARTS.items()
    }
