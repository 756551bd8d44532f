"""Finding clients by what people type: names without accents, documents and phones with any punctuation.

`refresh` writes the search text set-wise; `matching` reads it. Both sides fold alike: no accents, lower case,
no apostrophes. A mobile is stored with and without its ninth digit, since old lists still carry ten digits.
"""

import re
from collections.abc import Collection

from django.db import connection
from django.db.models import Q

from brazil.cells import INVISIBLE
from brazil.names import folded
from brazil.phones import parse_phone
from clients.models import ClientQuerySet

LONGEST_QUERY = 120
MOST_WORDS = 8

_APOSTROPHES = "'\u2018\u2019\u00b4`"
_NO_APOSTROPHES = str.maketrans("", "", _APOSTROPHES)
_PUNCTUATION = re.compile(r"[\s.()/+\u2010-\u2015-]+")
# A document or phone typed with spaces is one word: "(11) 98765-4321", "+55 11 98765 4321", "123 456 789 09".
_NUMBER = re.compile(r"[+(]{0,2}[0-9][0-9\s.()/-]*[0-9]")
_SHORTEST_NUMBER = 8

# The regular expression drops the combining marks that NFKD sets free, as `brazil.names.folded` does.
_FOLDED = "lower(regexp_replace(normalize(client.{column}, NFKD), '[\u0300-\u036f]', '', 'g'))"

# A mobile with its ninth digit and without, both without the plus.
_NUMBER_TEXT = """
    CASE
        WHEN phone.e164 ~ '^[+]55[0-9]{2}9[0-9]{8}$'
        THEN substr(phone.e164, 2) || ' 55' || substr(phone.e164, 4, 2) || substr(phone.e164, 7)
        ELSE substr(phone.e164, 2)
    END
"""

_UPSERT = f"""
    INSERT INTO clients_clientsearch (client_id, text)
    SELECT client.id,
           translate(
               concat_ws(
                   ' ',
                   client.name_key,
                   nullif({_FOLDED.format(column="social_name")}, ''),
                   nullif({_FOLDED.format(column="trade_name")}, ''),
                   nullif({_FOLDED.format(column="code")}, ''),
                   nullif(lower(client.document), ''),
                   phones.text,
                   emails.text
               ),
               %(apostrophes)s,
               ''
           )
    FROM clients_client client
    LEFT JOIN LATERAL (
        SELECT string_agg({_NUMBER_TEXT}, ' ' ORDER BY phone.id) AS text
        FROM clients_phone phone
        WHERE phone.client_id = client.id
    ) phones ON true
    LEFT JOIN LATERAL (
        SELECT string_agg(lower(email.address), ' ' ORDER BY email.id) AS text
        FROM clients_email email
        WHERE email.client_id = client.id
    ) emails ON true
    WHERE %(everyone)s OR client.id = ANY(%(ids)s)
    ORDER BY client.id
    ON CONFLICT (client_id) DO UPDATE SET text = excluded.text
    WHERE clients_clientsearch.text <> excluded.text
"""  # noqa: S608  (only constant column names are put in)

# The same of what was just written, without reading it again.
_INSERT = f"""
    INSERT INTO clients_clientsearch (client_id, text)
    SELECT client.id,
           translate(
               concat_ws(
                   ' ',
                   client.name_key,
                   nullif({_FOLDED.format(column="code")}, ''),
                   nullif(lower(client.document), ''),
                   (
                       SELECT string_agg({_NUMBER_TEXT}, ' ' ORDER BY place)
                       FROM unnest(client.phones) WITH ORDINALITY AS phone(e164, place)
                   ),
                   nullif(lower(array_to_string(client.emails, ' ')), '')
               ),
               %(apostrophes)s,
               ''
           )
    FROM ({{source}}) AS client (id, name_key, code, document, phones, emails)
"""  # noqa: S608  (only constants are put in)


def insert_new(source: str) -> None:
    """The search texts of clients without social or trade name that were created in this transaction.

    `source` is a constant query of their ids, folded names, codes, documents, phones and e-mails in order.
    """
    _write(_INSERT.replace("{source}", source))


def refresh(client_ids: Collection[int] | None) -> None:
    """Rewrites the search text of these clients (None: of everyone) in the caller's transaction."""
    ids = sorted(set(client_ids or ()))
    if client_ids is not None and not ids:
        return
    _write(_UPSERT, everyone=client_ids is None, ids=ids)


def _write(statement: str, **parameters: bool | list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"apostrophes": _APOSTROPHES, **parameters})


def matching(clients: ClientQuerySet, text: str) -> ClientQuerySet:
    """The clients in which every typed word is found. Nothing typed filters nothing."""
    for word in words_of(text):
        found = Q()
        for form in forms_of(word):
            found |= Q(search__text__contains=form)
        clients = clients.filter(found)
    return clients


def words_of(text: str) -> list[str]:
    """Folded words; the pieces of a number typed with spaces are joined."""
    plain = folded(INVISIBLE.sub(" ", text[:LONGEST_QUERY])).translate(_NO_APOSTROPHES)
    return _NUMBER.sub(_joined, plain).split()[:MOST_WORDS]


def _joined(number: re.Match[str]) -> str:
    compact = _PUNCTUATION.sub("", number[0])
    return compact if len(compact) >= _SHORTEST_NUMBER and compact.isdigit() else number[0]


def forms_of(word: str) -> set[str]:
    """The ways a word may be stored: as typed, without punctuation, or as the phone it means."""
    forms = {word}
    if any(char.isdigit() for char in word) and "@" not in word:
        forms.add(_PUNCTUATION.sub("", word))
        forms.add(parse_phone(word).e164.removeprefix("+"))
    return forms - {""}
