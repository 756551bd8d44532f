"""Who may be asked, and if not, why (DOMAIN 4). Sellers never choose: the night does, by these rules alone.

`among` is what the database can say of many clients at once; `why_not` and `way_to` judge those that were read, each
rule with its sentence. A client whom `why_not` lets pass is also in `among`.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest, TruncDate
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clients.models import Client, ContactPerson, Email, Phone, PortfolioClass, Purpose
from contacts import adapters, gate_facts
from contacts.gate import Facts, verdict
from contacts.hours import Rules
from contacts.models import LogChannel
from core.days import midnight
from nps.events import CATCH_UP, Event, events_of, events_on
from nps.models import Case, Invitation, NpsSettings, Survey, SurveyChannel

DAY: Final = datetime.timedelta(days=1)
MORNING: Final = datetime.time(9)
# Which wishes of a client speak of a channel: a link that is handed over is as if face to face.
ASKED_AS: Final[Mapping[str, str]] = {
    SurveyChannel.EMAIL: LogChannel.EMAIL,
    SurveyChannel.WHATSAPP: LogChannel.WHATSAPP,
    SurveyChannel.SMS: LogChannel.SMS,
    SurveyChannel.LINK: LogChannel.IN_PERSON,
    SurveyChannel.PHONE: LogChannel.CALL,
}
NOWHERE: Final[Mapping[str, str | Promise]] = {
    SurveyChannel.EMAIL: gettext_lazy("O cliente não tem e-mail em uso. Cadastre um."),
    SurveyChannel.WHATSAPP: gettext_lazy("O cliente não tem telefone com WhatsApp em uso. Cadastre um."),
    SurveyChannel.SMS: gettext_lazy("O cliente não tem celular em uso. Cadastre um."),
}
BY_PROVIDER: Final = (SurveyChannel.WHATSAPP, SurveyChannel.SMS)


def leaves_by_itself(channel: str) -> bool:
    """Through the outbox, without anybody's phone."""
    return channel == SurveyChannel.EMAIL or (channel in BY_PROVIDER and adapters.is_configured(channel))


def night_channels(survey: Survey) -> list[str]:
    return [channel for channel in survey.channels if leaves_by_itself(channel)]


def hand_channels(survey: Survey) -> list[str]:
    return [channel for channel in survey.channels if not leaves_by_itself(channel)]


@dataclass(frozen=True)
class Terms:
    """What the rules of one survey on one day are judged by. Four queries."""

    survey: Survey
    settings: NpsSettings
    rules: Rules
    on: datetime.date
    # How long ago what a transactional survey asks about may be: nights catch up, people take longer.
    reach: int = CATCH_UP

    @classmethod
    def of(cls, survey: Survey, on: datetime.date, *, reach: int = CATCH_UP) -> Self:
        return cls(survey, NpsSettings.current(), gate_facts.rules_on(on), on, reach)

    @property
    def at(self) -> datetime.datetime:
        return timezone.make_aware(datetime.datetime.combine(self.on, MORNING))

    @property
    def throttled_since(self) -> datetime.date:
        return self.on - self.settings.throttle_days * DAY

    @property
    def asked_since(self) -> datetime.date:
        """Whoever this survey asked later than that is not asked by it again."""
        return self.on - self.survey.interval_days * DAY


@dataclass(frozen=True)
class Candidate:
    """A client and what the rules ask of it. Invitations that failed asked nobody."""

    client: Client
    facts: Facts
    # The last question by this survey, by any of them, and to one of the client's addresses.
    asked_by_this: datetime.date | None = None
    asked: datetime.date | None = None
    address_asked: datetime.date | None = None
    has_case: bool = False
    event: Event | None = None


# --- One client ----------------------------------------------------------------------------------------


def why_not(client: Client, survey: Survey, *, on: datetime.date, channel: str = "", reach: int = CATCH_UP) -> str:
    """Why the client may not be asked by this survey; "" when it may. With `channel`, also by that channel."""
    terms = Terms.of(survey, on, reach=reach)
    (candidate,) = read([client], terms)
    return refusal(candidate, terms) or (refused_by(candidate, terms, channel) if channel else "")


def refusal(candidate: Candidate, terms: Terms) -> str:
    """The first rule that says no, by whatever channel."""
    told = (_of_survey, _of_event, _of_case, _of_throttle)
    return next((text for rule in told if (text := rule(candidate, terms))), "")


def _of_survey(candidate: Candidate, terms: Terms) -> str:
    client, survey = candidate.client, terms.survey
    if client.deceased_on:
        return _("Cliente falecido: ninguém é perguntado.")
    if not survey.is_active:
        return _("A pesquisa está parada. Inicie-a para perguntar.")
    if not survey.is_relational:
        return ""
    if client.portfolio_class not in survey.classes:
        return _("A carteira do cliente (%(name)s) não entra nesta pesquisa.") % {
            "name": PortfolioClass(client.portfolio_class).label
        }
    last = candidate.asked_by_this
    if last and last > terms.asked_since:
        return _("Esta pesquisa perguntou em %(day)s; pode perguntar de novo a partir de %(next)s.") % {
            "day": _day(last),
            "next": _day(last + survey.interval_days * DAY),
        }
    return ""


def _of_event(candidate: Candidate, terms: Terms) -> str:
    """A sale or a service contact of the right age, about which this survey has not asked yet."""
    survey, event = terms.survey, candidate.event
    if survey.is_relational:
        return ""
    if event is None:
        first, last = survey.delay_days, survey.delay_days + terms.reach
        text = {
            Survey.Kind.SALE: _("Não há venda nem contrato de %(first)s a %(last)s dias atrás para perguntar."),
            Survey.Kind.SERVICE: _("Não há atendimento de %(first)s a %(last)s dias atrás para perguntar."),
        }[Survey.Kind(survey.kind)]
        return text % {"first": first, "last": last}
    if candidate.asked_by_this and candidate.asked_by_this >= event.on:
        return _("Esta pesquisa já perguntou sobre este fato em %(day)s.") % {"day": _day(candidate.asked_by_this)}
    return ""


def _of_case(candidate: Candidate, _terms: Terms) -> str:
    return _("O cliente tem um caso em aberto: resolva-o antes de perguntar de novo.") if candidate.has_case else ""


def _of_throttle(candidate: Candidate, terms: Terms) -> str:
    """All surveys, channels and sellers together."""
    days = terms.settings.throttle_days
    rest = ngettext("Entre perguntas passa %(count)s dia.", "Entre perguntas passam %(count)s dias.", days) % {
        "count": days
    }
    if candidate.asked and candidate.asked > terms.throttled_since:
        return _("O cliente foi perguntado em %(day)s. %(rest)s") % {"day": _day(candidate.asked), "rest": rest}
    if candidate.address_asked:
        text = _("Um telefone ou e-mail do cliente recebeu uma pergunta em %(day)s. %(rest)s")
        return text % {"day": _day(candidate.address_asked), "rest": rest}
    return ""


def refused_by(candidate: Candidate, terms: Terms, channel: str) -> str:
    """The legal gate's word on a channel; and e-mail, WhatsApp and SMS need somewhere to go."""
    said = _said(candidate, terms, channel)
    if said or channel not in NOWHERE or address_for(candidate, terms, channel):
        return said
    return str(NOWHERE[channel])


def _is_open(candidate: Candidate, terms: Terms, channel: str, address: str = "") -> bool:
    return not _said(candidate, terms, channel, address)


def _said(candidate: Candidate, terms: Terms, channel: str, address: str = "") -> str:
    return verdict(
        candidate.facts, terms.rules, channel=ASKED_AS[channel], purpose=Purpose.SURVEY, at=terms.at, number=address
    ).text


# --- By which way --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    channel: str
    address: str = ""


def address_for(candidate: Candidate, terms: Terms, channel: str) -> str:
    """The first number or e-mail in use that the gate opens for the channel: the primary one leads."""
    for number in candidate.facts.numbers.values():
        is_meant = number.status == Phone.Status.OK and number.serves(ASKED_AS[channel])
        if is_meant and _is_open(candidate, terms, channel, number.value):
            return number.value
    return ""


def way_to(candidate: Candidate, terms: Terms, channels: Iterable[str]) -> Way | None:
    """The first of the channels that is open; a link needs no address, the others do."""
    for channel in channels:
        if channel == SurveyChannel.LINK and _is_open(candidate, terms, channel):
            return Way(channel)
        if channel != SurveyChannel.LINK and (address := address_for(candidate, terms, channel)):
            return Way(channel, address)
    return None


# --- Reading many --------------------------------------------------------------------------------------


def read(clients: Iterable[Client], terms: Terms) -> list[Candidate]:
    """In the order given, in a fixed number of queries."""
    found = list(clients)
    ids = [client.pk for client in found]
    facts = gate_facts.facts_of(ids, at=terms.at)
    questions = _asked(ids, terms)
    addresses = _addresses_asked({value for one in facts.values() for value in one.numbers}, terms)
    unhappy = set(_running_cases().filter(client__among=ids).values_list("client_id", flat=True))
    events = {} if terms.survey.is_relational else events_of(terms.survey, ids, on=terms.on, reach=terms.reach)
    return [
        Candidate(
            client=client,
            facts=facts[client.pk],
            **questions.get(client.pk, {}),
            address_asked=max((addresses[v] for v in facts[client.pk].numbers if v in addresses), default=None),
            has_case=client.pk in unhappy,
            event=events.get(client.pk),
        )
        for client in found
    ]


def _invitations() -> QuerySet[Invitation]:
    """Those that asked somebody, or still may."""
    asked = Invitation.objects.unscoped(reason="who was asked before, by whomever")
    return asked.exclude(state=Invitation.State.FAILED).order_by()


def _running_cases() -> QuerySet[Case]:
    return Case.objects.unscoped(reason="who is unhappy and waits").filter(closed_at=None).order_by()


# A letter may leave days after it was written: whoever read it was asked then.
_ARRIVED: Final = Greatest("asked_on", TruncDate("delivered_at"))


def _lately(terms: Terms) -> Q:
    """Invitations that asked within the throttle."""
    since = terms.throttled_since
    return Q(asked_on__gt=since) | Q(delivered_at__gte=midnight(since + DAY))


def _asked(ids: list[int], terms: Terms) -> dict[int, dict[str, Any]]:
    rows = _invitations().filter(client__among=ids).values("client_id")
    this = Max("asked_on", filter=Q(survey=terms.survey))
    told = rows.annotate(asked=Max(_ARRIVED), asked_by_this=this)
    return {row["client_id"]: {"asked": row["asked"], "asked_by_this": row["asked_by_this"]} for row in told}


def _addresses_asked(values: set[str], terms: Terms) -> dict[str, datetime.date]:
    """When each address was asked last, within the throttle."""
    meant = _invitations().filter(_lately(terms), address__in=values)
    return dict(meant.values("address").annotate(last=Max(_ARRIVED)).values_list("address", "last"))


# --- Looking for many ----------------------------------------------------------------------------------


def among(clients: QuerySet[Client], terms: Terms) -> QuerySet[Client]:
    """Those of the clients that may be asked, but for their addresses and wishes, which are read one by one."""
    survey = terms.survey
    of_client = _invitations().filter(client=OuterRef("pk"))
    found = clients.filter(
        ~Exists(_running_cases().filter(client=OuterRef("pk"))),
        ~Exists(of_client.filter(_lately(terms))),
        deceased_on=None,
    )
    if not survey.is_relational:
        return found.filter(pk__among=[event.client_id for event in events_on(survey, terms.on, reach=terms.reach)])
    asked = of_client.filter(survey=survey, asked_on__gt=terms.asked_since)
    return found.filter(~Exists(asked), portfolio_class__in=survey.classes)


def reachable(survey: Survey) -> Q:
    """Whoever has an address for a channel of the night: its own, or that of a person who speaks for it."""
    found = Q(pk__in=[])
    for channel in night_channels(survey):
        found |= Q(Exists(_addresses(channel))) | Q(Exists(_people(channel)))
    return found


def _addresses(channel: str) -> QuerySet[Any]:
    if channel == SurveyChannel.EMAIL:
        return _of_client(Email).filter(status=Email.Status.OK)
    phones = _of_client(Phone).filter(status=Phone.Status.OK)
    if channel == SurveyChannel.SMS:
        return phones.exclude(kind=Phone.Kind.LANDLINE)
    return phones.exclude(is_whatsapp=False).exclude(kind=Phone.Kind.LANDLINE, is_whatsapp=None)


def _people(channel: str) -> QuerySet[Any]:
    return _of_client(ContactPerson).exclude(**{"email" if channel == SurveyChannel.EMAIL else "phone": ""})


def _of_client(model: Any) -> QuerySet[Any]:
    rows: QuerySet[Any] = model.objects.unscoped(reason="where surveys are sent").filter(client=OuterRef("pk"))
    return rows


def _day(day: datetime.date) -> str:
    return f"{day:%d/%m/%Y}"
