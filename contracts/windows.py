"""When the renewal window of a contract opens: the rule of the class (`contracts.terms`), asked for screens."""

import datetime
from collections.abc import Iterable
from typing import Final

from django.db import connection
from psycopg import sql

from contracts.evaluation import Question
from contracts.terms import TERM

OPENINGS: Final = sql.SQL("WITH ") + TERM + sql.SQL("SELECT contract_id, opens_on FROM term WHERE opens_on IS NOT NULL")


def opening_days(client_ids: Iterable[int], question: Question) -> dict[int, datetime.date]:
    """By contract, of all contracts of these clients; a contract that never renews is not among them."""
    ids = list(client_ids)
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(OPENINGS, question.about(ids).parameters())
        return dict(cursor.fetchall())
