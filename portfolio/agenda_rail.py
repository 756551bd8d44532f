"""What stands beside the day: renewals by deadline, and birthdays of today and tomorrow."""

import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.db.models import F, Q
from django.db.models.functions import ExtractDay, ExtractMonth
from django.utils import timezone
from django.utils.translation import ngettext

from clients.models import Client, PortfolioClass
from clients.models.client import PersonType
from contracts.models import Contract
from contracts.validity import in_force_on
from core.addresses import address
from core.phrases import gettext as _
from core.statements import Later, Statement
from core.templatetags import design
from core.templatetags.formats import day, money
from people.models import User
from people.visibility import sight_of
from portfolio.agenda import MESSAGES, birthdays_on, is_birthday
from portfolio.listing import list_url

WHY: Final = "clients of the person whose day it is"
BUCKETS: Final = (7, 15, 30, 60)
NEAREST: Final = 3
GREETING: Final = urlencode({"canal": "whatsapp", "ocasiao": "birthday", "finalidade": "service"})


class Bucket(NamedTuple):
    days: int
    clients: int
    url: str


class Renewal(NamedTuple):
    name: str
    url: str
    product: str
    amount: str
    ends: str


class Birthday(NamedTuple):
    """`write_url` greets whoever has it today and was neither spoken nor written to yet."""

    name: str
    avatar: str
    url: str
    text: str
    write_url: str


def _ending() -> Any:
    """Contracts in force of clients in renewal: what the list shows at the address of each bucket."""
    contracts = Contract.objects.unscoped(reason=WHY).filter(
        in_force_on(Later("on")),
        end_on__lte=Later("until"),
        client__owner__among=Later("owners"),
        client__portfolio_class=PortfolioClass.RENEWAL,
    )
    return contracts.order_by("end_on", "client", "pk").values(
        "client", "client__name", "client__social_name", "end_on", "amount", "product__name"
    )


ENDING = Statement(_ending)


def renewals_of(user: User, covered: list[int], *, viewer: User, on: datetime.date) -> dict[str, Any]:
    """Each count is that of the list at its address: a seller has whom they cover too, a leader asks for one owner."""
    sight = sight_of(viewer)
    leads = sight.everyone or bool(sight.team_ids)
    owners = [user.pk] if leads else [user.pk, *covered]
    rows = ENDING.ask(on=on, until=on + datetime.timedelta(days=BUCKETS[-1]), owners=owners)
    first: dict[int, dict[str, Any]] = {}
    for row in rows:
        first.setdefault(row["client"], row)
    asked = {"class": PortfolioClass.RENEWAL.value} | ({"owner": user.pk} if leads else {})
    return {
        "buckets": [
            Bucket(
                days,
                sum((row["end_on"] - on).days <= days for row in first.values()),
                list_url(urlencode({**asked, "due": days})),
            )
            for days in BUCKETS
        ],
        "total": len(first),
        "url": list_url(urlencode({**asked, "due": BUCKETS[-1]})),
        "nearest": [
            Renewal(
                row["client__social_name"] or row["client__name"],
                address("portfolio:client_detail", row["client"]),
                row["product__name"] or "",
                money(row["amount"]),
                day(row["end_on"], on),
            )
            for row in list(first.values())[:NEAREST]
        ],
    }


def _born() -> Any:
    clients = Client.objects.unscoped(reason=WHY).filter(owner__among=Later("owners"), deceased_on=None)
    named = clients.annotate(month=ExtractMonth("birth_date"), day=ExtractDay("birth_date"))
    either = Q()
    for place in range(4):
        either |= Q(month=Later(f"month_{place}"), day=Later(f"day_{place}"))
    return (
        named.filter(either)
        .order_by(F("name_key"), "pk")
        .values(
            "pk",
            "name",
            "social_name",
            "birth_date",
            "person_type",
            "pulse__last_at",
            "pulse__reached_at",
            "pulse__last_log__channel",
        )
    )


BORN = Statement(_born)


def birthdays_of(owners: list[int], *, on: datetime.date) -> list[Birthday]:
    """Today's first; who was born on 29 February is greeted as `birthdays_on` says."""
    tomorrow = on + datetime.timedelta(days=1)
    wanted = [*birthdays_on(on), *birthdays_on(tomorrow)]
    wanted += wanted[:1] * (4 - len(wanted))
    given: dict[str, Any] = {}
    for place, (month, date) in enumerate(wanted):
        given |= {f"month_{place}": month, f"day_{place}": date}
    rows = BORN.ask(owners=owners, **given)
    todays = [row for row in rows if is_birthday(row["birth_date"], on)]
    others = [row for row in rows if not is_birthday(row["birth_date"], on)]
    return [
        *(_birthday(row, on, is_today=True) for row in todays),
        *(_birthday(row, tomorrow, is_today=False) for row in others),
    ]


def _birthday(row: dict[str, Any], on: datetime.date, *, is_today: bool) -> Birthday:
    pk, name = row["pk"], row["social_name"] or row["name"]
    is_greeted = is_today and _was_met(row, on)
    text = _age(row, on, is_today=is_today)
    return Birthday(
        name=name,
        avatar=design.avatar(name),
        url=address("portfolio:client_detail", pk),
        text=_("%(text)s · já contatado") % {"text": text} if is_greeted else text,
        write_url=f"{address('contacts:message_compose', pk)}?{GREETING}" if is_today and not is_greeted else "",
    )


def _was_met(row: dict[str, Any], on: datetime.date) -> bool:
    """Spoken or written to on that day. A call in vain leaves the greeting open."""
    met = row["pulse__last_at"] if row["pulse__last_log__channel"] in MESSAGES else row["pulse__reached_at"]
    return met is not None and timezone.localdate(met) == on


def _age(row: dict[str, Any], on: datetime.date, *, is_today: bool) -> str:
    years = on.year - row["birth_date"].year
    text = ngettext("%(when)s, %(years)s ano", "%(when)s, %(years)s anos", years)
    if row["person_type"] == PersonType.COMPANY:
        text = ngettext("%(when)s, %(years)s ano de empresa", "%(when)s, %(years)s anos de empresa", years)
    return text % {"when": _("hoje") if is_today else _("amanhã"), "years": years}
