"""Whom the day need not read: of those who have nothing but the common reasons, only the best of each share can get in.

Lateness, a chance of coming back and the interval of the tier are ranked by the database as `portfolio.agenda` would
(a test holds both together). Everybody else is always read: promises, plans, renewals, birthdays, whoever was left
undone before, and who rests or was put off, as that is told.
"""

from typing import Any, Final

from django.db.models import DateField, Exists, Field, IntegerField, OuterRef, Q
from django.db.models.functions import Cast

from clients.models import PortfolioClass
from core.statements import Later
from portfolio.agenda import INACTIVE, PLAN_OVERDUE, PLAN_TODAY, RISK, SECOND
from portfolio.models import Postponement

# Of each share, the densest and the heaviest of so many are taken to the gate: far more than a day holds.
POOL: Final = 50
POINTS: Final = {
    "pool": POOL,
    "risk": RISK,
    "inactive": INACTIVE,
    "plan_overdue": PLAN_OVERDUE,
    "plan_today": PLAN_TODAY,
    "second": SECOND,
}
# Each OFFSET 0 is a fence: without it the server works out every number again wherever it is named. Points are rounded
# as Python does: what is equal there must be so here. `share` 0 is always read, the others are those of an inactive
# client, of lateness, of the interval; a pace on a border has not passed it. `unread`: how many of the same owner and
# share are left out.
SIFT: Final = """
SELECT * FROM (
    SELECT shared.*,
        CASE share WHEN 0 THEN 0 ELSE row_number() OVER (own ORDER BY score DESC, pk) END AS place,
        CASE share WHEN 0 THEN 0 ELSE greatest(count(*) FILTER (WHERE score > 0) OVER own - %(pool)s, 0) END AS unread
    FROM (
        SELECT valued.*,
            CASE WHEN is_always_read THEN 0 WHEN portfolio_class = 'inactive' AND first > 0 THEN 1
                WHEN first >= second THEN 2 ELSE 3 END AS share,
            round((factor * (greatest(first, second) + %(second)s * least(first, second)))::numeric, 2) AS score
        FROM (
            SELECT known.*,
                round(coalesce(%(risk)s * (1 - chance), %(inactive)s * p_alive, 0)::numeric, 2)::float8 AS first,
                CASE WHEN overdue < 0 OR overdue IS NULL THEN 0::float8 ELSE round(greatest(
                    %(plan_today)s, %(plan_overdue)s * least(1, overdue::float8 / every))::numeric, 2)::float8
                    END AS second,
                round((0.5 + coalesce(width_bucket(value / 12 - 1e-9, %(borders)s::float8[]), 0)
                    / 100.0)::numeric, 4)::float8 AS factor
            FROM ({query} OFFSET 0) AS known
            OFFSET 0
        ) AS valued
        OFFSET 0
    ) AS shared
    WINDOW own AS (PARTITION BY owner, share)
) AS ranked
WHERE place <= %(pool)s
ORDER BY pk
"""


def given(name: str, kind: Field[Any, Any] | None = None) -> Cast:
    """A value that is told when the clients are asked for."""
    return Cast(Later(name), kind or IntegerField())


GREETED: Final = Q(born=given("born")) | Q(born=given("born_too"))
OVERDUE: Final = Q(overdue__gte=0)


def is_always_read() -> Any:
    off = Postponement.objects.unscoped(reason="only whether there is one").filter(client=OuterRef("pk"))
    put_off = off.filter(undone_at=None, until_on__gt=given("on", DateField()))
    certain = Q(pk__among=Later("due")) | Q(portfolio_class=PortfolioClass.RENEWAL) | GREETED
    return certain | Q(last_on__gte=given("recent", DateField())) | Exists(put_off)
