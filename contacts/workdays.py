"""The days on which steps of plans may fall: working days of the client's UF, local holidays left out."""

import datetime
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from brazil.holidays import ONE_DAY, is_working_day
from contacts.models import LocalHoliday


@dataclass(frozen=True)
class Workdays:
    """`local` holds the holidays of a town, state or company by UF; those of "" count everywhere."""

    local: Mapping[str, frozenset[datetime.date]]
    _known: dict[tuple[datetime.date, str], datetime.date] = field(default_factory=dict, compare=False)

    @classmethod
    def load(cls) -> Self:
        """One query; holidays are few."""
        days: defaultdict[str, set[datetime.date]] = defaultdict(set)
        for uf, on in LocalHoliday.objects.values_list("uf", "on"):
            days[uf].add(on)
        return cls({uf: frozenset(found | days.get("", set())) for uf, found in days.items()})

    def allows(self, day: datetime.date, uf: str) -> bool:
        return is_working_day(day, uf, extra=self.local.get(uf, self.local.get("", frozenset())))

    def on_or_after(self, day: datetime.date, uf: str) -> datetime.date:
        """The day itself, or the next that is allowed. Kept: many clients share a day and a UF."""
        key = (day, uf)
        if key not in self._known:
            found = day
            while not self.allows(found, uf):
                found += ONE_DAY
            self._known[key] = found
        return self._known[key]

    def after(self, day: datetime.date, uf: str) -> datetime.date:
        return self.on_or_after(day + ONE_DAY, uf)

    def ahead(self, day: datetime.date, count: int, uf: str) -> datetime.date:
        """So many working days later."""
        for _day in range(count):
            day = self.after(day, uf)
        return day
