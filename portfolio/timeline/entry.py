"""What the timeline of a client is made of: entries, the tables they come from, and where a page of them ends."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, Final

from django.core import signing
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from core.days import midnight
from core.phrases import kept_per_language
from core.statements import Later
from people.models import User
from people.roles import Permission

PAGE: Final = 20
VISIBLE: Final = "of a visible client"
ANY_ID: Final = 2**63 - 1
BRIEF: Final = 260
_SALT: Final = "portfolio.timeline"

type Said = dict[str, Any]


class View(StrEnum):
    """What one may narrow the timeline to; the code stands in the address."""

    ALL = ""
    CONTACTS = "contatos"
    BUSINESS = "negocios"
    NOTES = "anotacoes"


VIEWS: Final = (
    (View.ALL, _("Tudo")),
    (View.CONTACTS, _("Contatos")),
    (View.BUSINESS, _("Negócios e contratos")),
    (View.NOTES, _("Anotações e arquivos")),
)


class Rank(IntEnum):
    """Order of the kinds at one moment: what follows from something stands above it."""

    BIRTH = 0
    IMPORT = 1
    SIGNING = 2
    CANCELLATION = 3
    PURCHASE = 4
    OWNERSHIP = 5
    CLASS_CHANGE = 6
    CONTACT = 7
    CONSENT = 8
    OPT_OUT = 9
    TASK = 10
    PLAN = 11
    NOTE = 12
    FILE = 13
    TASK_DONE = 14
    PLAN_LEFT = 15
    SURVEY = 16
    ANSWER = 17
    CASE = 18
    REFERRAL = 19


@dataclass(frozen=True)
class Entry:
    """`title` says what, `strong` how it went; `timed` tells whether the hour means something."""

    at: datetime.datetime
    rank: int
    pk: int
    icon: str
    title: str
    strong: str = ""
    meta: str = ""
    body: str = ""
    tone: str = ""
    timed: bool = False
    mark: str = ""
    mark_tone: str = "line"
    is_highlight: bool = False
    edit_url: str = ""
    undo_url: str = ""
    correct_url: str = ""

    @property
    def key(self) -> tuple[datetime.datetime, int, int]:
        return (self.at, self.rank, self.pk)

    @property
    def brief(self) -> str:
        """The beginning of a long text; empty when the whole is short enough to stand there."""
        if len(self.body) <= BRIEF * 5 // 4:
            return ""
        return f"{self.body[:BRIEF].rsplit(maxsplit=1)[0]}…"

    @property
    def heading(self) -> str:
        """Quinta-feira, 19 de novembro; with the year outside the current one."""
        date = timezone.localtime(self.at).date()
        return _heading(date, date.year == timezone.localdate().year)

    @property
    def clock(self) -> str:
        return f"{timezone.localtime(self.at):%H:%M}"


@kept_per_language
def _heading(date: datetime.date, is_of_this_year: bool) -> str:
    return date_format(date, r"l, j \d\e F" if is_of_this_year else r"l, j \d\e F \d\e Y").capitalize()


@dataclass(frozen=True)
class Reader:
    """Who looks, and which contacts may still be mended."""

    user: User
    now: datetime.datetime
    window: datetime.timedelta

    def may_mend(self, *, by: int, written_at: datetime.datetime) -> bool:
        is_open = self.now < written_at + self.window
        return is_open and (by == self.user.pk or self.user.may(Permission.PLAN_CONTACTS))

    @property
    def may_contact(self) -> bool:
        return self.user.may(Permission.CONTACT)


@dataclass(frozen=True)
class Source:
    """One table. `rows` are those of the client; `said` names what an entry needs, read as JSON by one statement."""

    rank: Rank
    view: View
    rows: Callable[[], QuerySet[Any]]
    field: str
    said: Mapping[str, Any]
    entry: Callable[[Said, datetime.datetime, Reader], Entry]
    is_date: bool = False

    def query(self) -> Any:
        """Newest first, what comes after the edge of a page."""
        moment, below = Later(f"moment_{self.rank}"), Later(f"below_{self.rank}")
        earlier = Q(**{f"{self.field}__lt": moment}) | Q(**{self.field: moment, "pk__lt": below})
        row = JSONObject(pk="pk", at=self.field, **self.said)
        found = self.rows().filter(earlier).order_by(f"-{self.field}", "-pk")
        return found.annotate(rank=Value(int(self.rank)), row=row).values("rank", "row")[: PAGE + 1]

    def made(self, row: Said, reader: Reader) -> Entry:
        return self.entry(row, read_moment(row["at"]), reader)


@dataclass(frozen=True)
class Cursor:
    """Where the page before ended."""

    at: datetime.datetime
    rank: int
    pk: int

    def edge(self, rank: int, *, is_date: bool) -> tuple[datetime.date, int]:
        """Rows of a table with this rank follow in the timeline that are earlier, or as early with a smaller id."""
        if not is_date:
            return self.at, self._below(rank, starts_day=True)
        local = timezone.localtime(self.at)
        return local.date(), self._below(rank, starts_day=local.time() == datetime.time())

    def _below(self, rank: int, *, starts_day: bool) -> int:
        if rank < self.rank or not starts_day:
            return ANY_ID
        return self.pk if rank == self.rank else 0

    @property
    def token(self) -> str:
        return signing.dumps([self.at.isoformat(), int(self.rank), self.pk], salt=_SALT)


# Before everything that happened.
START: Final = Cursor(datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC), Rank.BIRTH, 0)


def read_cursor(token: str) -> Cursor | None:
    try:
        at, rank, pk = signing.loads(token, salt=_SALT)
        return Cursor(datetime.datetime.fromisoformat(at), int(rank), int(pk))
    except (signing.BadSignature, TypeError, ValueError):
        return None


def moment_of(value: datetime.date) -> datetime.datetime:
    """A date without an hour stands for its first moment."""
    if isinstance(value, datetime.datetime):
        return value
    return midnight(value)


def read_moment(text: str) -> datetime.datetime:
    """A date or a moment, as JSON writes them."""
    return moment_of(datetime.datetime.fromisoformat(text) if "T" in text else datetime.date.fromisoformat(text))


def read_day(text: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


def joined(*parts: object) -> str:
    return " · ".join(str(part) for part in parts if part)
