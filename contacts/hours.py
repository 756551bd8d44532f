"""When offers may be made: hours per UF with their date of effect, Sundays and holidays, and the limits (DOMAIN 3)."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

from brazil.holidays import holiday_name
from core.phrases import gettext as _


class Hours(NamedTuple):
    """A row of ContactHours; without `closes` the day is closed."""

    uf: str
    days: str
    opens: datetime.time | None
    closes: datetime.time | None
    since: datetime.date
    source: str


WEEKDAY, SATURDAY = "weekday", "saturday"
LONG_AGO: Final = datetime.date.min
# In force where the company keeps no hours of its own: no row must not mean no limit.
DEFAULT_HOURS: Final = {WEEKDAY: (datetime.time(9), datetime.time(18)), SATURDAY: (None, None)}


def default_hours(days: str) -> Hours:
    return Hours("", days, *DEFAULT_HOURS[days], LONG_AGO, _("Padrão do Carteira"))


class Opening(NamedTuple):
    """When offers may be made on one day; without `closes` not at all, and `rule` and `why` say the reason."""

    opens: datetime.time | None
    closes: datetime.time | None
    rule: str
    why: str


@dataclass(frozen=True)
class Rules:
    """What holds for every client: limits, hours per UF with their date of effect, local holidays by (day, UF)."""

    per_day: int = 2
    per_week: int = 6
    between: datetime.timedelta = datetime.timedelta(hours=4)
    rest: datetime.timedelta = datetime.timedelta(days=90)
    hours: tuple[Hours, ...] = ()
    holidays: Mapping[tuple[datetime.date, str], str] = field(default_factory=dict)

    @cached_property
    def _openings(self) -> dict[tuple[datetime.date, str], Opening]:
        return {}

    def opening(self, day: datetime.date, uf: str) -> Opening:
        key = (day, uf)
        if key not in self._openings:
            self._openings[key] = self._opening(day, uf)
        return self._openings[key]

    def _opening(self, day: datetime.date, uf: str) -> Opening:
        holiday = holiday_name(day, uf) or self.holidays.get((day, uf)) or self.holidays.get((day, ""))
        if holiday:
            return Opening(None, None, "holiday", _("Feriado para o cliente: {name}").format(name=holiday))
        if day.weekday() == 6:
            return Opening(None, None, "sunday", _("Sem ofertas no domingo"))
        return self._stricter(day, uf, SATURDAY if day.weekday() == 5 else WEEKDAY)

    def _stricter(self, day: datetime.date, uf: str, days: str) -> Opening:
        """The later opening and the earlier closing of the company's and the UF's hours."""
        rows = [self._in_force(day, "", days) or default_hours(days)]
        rows += [row for row in [self._in_force(day, uf, days) if uf else None] if row]
        closed = next((row for row in rows if row.closes is None), None)
        if closed:
            name = _("sábado") if days == SATURDAY else _("segunda a sexta")
            return Opening(
                None, None, days, _("Sem ofertas: {days} ({source})").format(days=name, source=closed.source)
            )
        opens = max(row.opens or datetime.time.min for row in rows)
        closes = min(row.closes or datetime.time.max for row in rows)
        if opens >= closes:
            return Opening(None, None, "hours", _("Sem ofertas: {source}").format(source=rows[-1].source))
        binding = [row.source for row in rows if row.opens == opens or row.closes == closes]
        return Opening(opens, closes, "hours", "; ".join(dict.fromkeys(binding)))

    def _in_force(self, day: datetime.date, uf: str, days: str) -> Hours | None:
        rows = [row for row in self.hours if row.uf == uf and row.days == days and row.since <= day]
        return max(rows, key=lambda row: row.since, default=None)
