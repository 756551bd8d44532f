"""Keeping large tables fit for reading: VACUUM where many pages were written since the last time.

Counts and pages of lists read indexes alone only while the visibility map says that a page has nothing to hide;
after a large import, distribution or night most of it says nothing, and autovacuum may come hours later.
"""

import datetime
from typing import Any, Final

from django.db import connection
from psycopg import sql

# Pages of 8 KiB below which a table is read whole faster than it is tidied.
SMALL_PAGES: Final = 1_000
# Share of the rows written since the last time; a page has some twenty rows, and one written row hides it.
WRITTEN_SHARE: Final = 0.002

_UNTIDY: Final = """
SELECT kept.relname FROM pg_class kept
JOIN pg_stat_user_tables written ON written.relid = kept.oid
WHERE kept.relkind = 'r' AND kept.relpersistence = 'p' AND kept.relnamespace = current_schema::regnamespace
    AND kept.relpages >= %s AND pg_has_role(kept.relowner, 'USAGE')
    AND written.n_dead_tup + written.n_ins_since_vacuum > %s * greatest(kept.reltuples, 0)
ORDER BY kept.relname
"""


def tidy_tables(day: datetime.date | None = None, run: Any = None, *, small: int = SMALL_PAGES) -> dict[str, int]:
    """Vacuums and analyzes what needs it; a table that somebody holds is left for the next night.

    On a connection of its own, as VACUUM runs in no transaction, and without the limits of a page.
    """
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', '0', false)")
            cursor.execute(_UNTIDY, [small, WRITTEN_SHARE])
            names = [name for (name,) in cursor.fetchall()]
            for name in names:
                cursor.execute(sql.SQL("VACUUM (ANALYZE, SKIP_LOCKED) {}").format(sql.Identifier(name)))
            cursor.execute("RESET statement_timeout")
    finally:
        own.close()
    return {"tidied": len(names)}
