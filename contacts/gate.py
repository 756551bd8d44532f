"""May this client be contacted, by this channel, for this purpose, at this moment? Pure rules (DOMAIN 3, legal gate).

Lasting rules come first, in the order of DOMAIN 3: death, opt-outs, what is known of the number, block lists, refusals
for good. Of the rules that pass by themselves (hours, attempts, rest) the one that holds longest is named, because it
decides when the gate opens. `contacts.gate_facts` reads the facts and the rules from the database.
"""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import ngettext

from brazil.postal import zone_of_uf
from clients.models import Channel, Phone, Purpose
from contacts.hours import Rules
from contacts.models.log import LogChannel
from core.phrases import gettext as _

DAY: Final = datetime.timedelta(days=1)
WEEK: Final = datetime.timedelta(days=7)
# An opening farther away than this is none: the company has closed every day.
LONGEST_WAIT: Final = 400
# Which wish of the client speaks of a channel: face to face there is but one.
ASKED_AS: Final = {
    LogChannel.CALL: Channel.CALL,
    LogChannel.WHATSAPP: Channel.WHATSAPP,
    LogChannel.SMS: Channel.SMS,
    LogChannel.EMAIL: Channel.EMAIL,
    LogChannel.VISIT: Channel.VISIT,
    LogChannel.MEETING: Channel.VISIT,
    LogChannel.IN_PERSON: Channel.VISIT,
}
BY_NUMBER: Final = (LogChannel.CALL, LogChannel.WHATSAPP, LogChannel.SMS)
EMAIL: Final = "EMAIL"


class Verdict(NamedTuple):
    """`until` is the next moment at which every rule allows the contact; None: never by itself (or open now)."""

    allowed: bool
    rule: str = ""
    text: str = ""
    until: datetime.datetime | None = None


ALLOWED: Final = Verdict(True)


class Block(NamedTuple):
    """One rule that says no. `opens` is the first moment at which this rule alone allows it."""

    rule: str
    text: str
    opens: datetime.datetime | None = None


class Wish(NamedTuple):
    """What the client does not want: an opt-out, a consent taken back, or a refusal kept by hash."""

    channel: str
    purpose: str
    on: datetime.date | None = None

    def covers(self, channel: str, purpose: str) -> bool:
        return self.channel in (Channel.ANY, ASKED_AS[LogChannel(channel)]) and (
            Purpose.ANY in (self.purpose, purpose) or self.purpose == purpose
        )


class Listed(NamedTuple):
    """A number on an imported block list."""

    name: str
    source: str
    since: datetime.date
    covers_service: bool


@dataclass(frozen=True, slots=True)
class Number:
    """A phone or e-mail address of the client and what is known of it. `status` is that of Phone or Email."""

    value: str
    kind: str = Phone.Kind.MOBILE.value
    status: str = Phone.Status.OK.value
    is_whatsapp: bool | None = None
    lists: tuple[Listed, ...] = ()
    kept: tuple[Wish, ...] = ()

    def serves(self, channel: str) -> bool:
        return (self.kind == EMAIL) == (channel == LogChannel.EMAIL)

    @property
    def takes_whatsapp(self) -> bool:
        return self.is_whatsapp is True or (self.is_whatsapp is None and self.kind != Phone.Kind.LANDLINE)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gate knows of one client. `offers` are the moments of the offers made to it, newest first."""

    uf: str = ""
    zone: ZoneInfo = field(default_factory=lambda: zone_of_uf(""))
    deceased_on: datetime.date | None = None
    # The last day without offers, and why.
    paused_until: datetime.date | None = None
    paused_why: str = ""
    opt_outs: tuple[Wish, ...] = ()
    revoked: tuple[Wish, ...] = ()
    kept: tuple[Wish, ...] = ()
    offers: tuple[datetime.datetime, ...] = ()
    refused_at: datetime.datetime | None = None
    refused_for_good_at: datetime.datetime | None = None
    shielded_at: datetime.datetime | None = None
    numbers: Mapping[str, Number] = field(default_factory=dict)

    def is_paused(self, day: datetime.date) -> bool:
        """Without offers for now: what was promised meanwhile is about the problem."""
        return self.paused_until is not None and day <= self.paused_until


def verdict(
    facts: Facts, rules: Rules, *, channel: str, purpose: str, at: datetime.datetime, number: str = ""
) -> Verdict:
    """Without `number`, any number of the client will do; with none on file, only the client's own rules speak."""
    block = _block(facts, rules, channel, purpose, at, number)
    if block is None:
        return ALLOWED
    if block.opens is None:
        return Verdict(False, block.rule, block.text if block.text.endswith(".") else f"{block.text}.")
    until = next_opening(facts, rules, channel=channel, purpose=purpose, at=block.opens, number=number)
    if until is None:
        return Verdict(False, block.rule, f"{block.text}.")
    text = _("{reason}. Abre em {moment}.").format(reason=block.text, moment=_moment(until, facts))
    return Verdict(False, block.rule, text, until)


def next_opening(
    facts: Facts, rules: Rules, *, channel: str, purpose: str, at: datetime.datetime, number: str = ""
) -> datetime.datetime | None:
    """The first moment from `at` on at which the contact is allowed, if nothing else happens; None: never."""
    last = at + LONGEST_WAIT * DAY
    while at <= last:
        block = _block(facts, rules, channel, purpose, at, number)
        if block is None:
            return at
        if block.opens is None:
            return None
        at = block.opens
    return None


def _block(facts: Facts, rules: Rules, channel: str, purpose: str, at: datetime.datetime, number: str) -> Block | None:
    lasting = next(_lasting(facts, channel, purpose), None) or _of_numbers(facts, channel, purpose, at, number)
    if lasting or purpose not in (Purpose.OFFER, Purpose.ANY):
        return lasting
    lasting = next(_refusals(facts, at), None)
    if lasting:
        return lasting
    blocks = list(_passing(facts, rules, at))
    # `max` keeps the first of equals: the order of DOMAIN 3.
    return max(blocks, key=lambda block: _or_never(block.opens), default=None)


def _or_never(moment: datetime.datetime | None) -> datetime.datetime:
    return moment or datetime.datetime.max.replace(tzinfo=datetime.UTC)


# --- What lasts


def _lasting(facts: Facts, channel: str, purpose: str) -> Iterator[Block]:
    if facts.deceased_on:
        text = _("Cliente falecido, informado em {day}: nenhum contato.").format(day=_day(facts.deceased_on))
        yield Block("deceased", text)
    for wish in facts.opt_outs:
        if wish.covers(channel, purpose):
            yield Block("opt_out", _("O cliente pediu em {day}: {wish}.").format(day=_day(wish.on), wish=_wish(wish)))
    for wish in facts.revoked:
        if wish.covers(channel, purpose):
            text = _("O cliente retirou a autorização em {day}: {wish}.").format(day=_day(wish.on), wish=_wish(wish))
            yield Block("consent_revoked", text)
    for wish in facts.kept:
        if wish.covers(channel, purpose):
            yield Block("kept_opt_out", _("Pedido antigo desta pessoa, guardado: {wish}.").format(wish=_wish(wish)))


def _of_numbers(facts: Facts, channel: str, purpose: str, at: datetime.datetime, number: str) -> Block | None:
    """What is known of the number; of any number of the client when none is named."""
    day = at.astimezone(facts.zone).date()
    if number:
        known = facts.numbers.get(number)
        if known is None:
            return Block("unknown_number", _("Este número ou e-mail não está no cadastro do cliente."))
        return next(_of_number(known, channel, purpose, day), None)
    blocks = [next(_of_number(one, channel, purpose, day), None) for one in _serving(facts, channel)]
    return None if None in blocks else next(iter(blocks), None)


def _serving(facts: Facts, channel: str) -> Iterator[Number]:
    if channel == LogChannel.EMAIL or channel in BY_NUMBER:
        yield from (number for number in facts.numbers.values() if number.serves(channel))


def _of_number(number: Number, channel: str, purpose: str, day: datetime.date) -> Iterator[Block]:
    if number.status == "wrong_number":
        yield Block("wrong_number", _("Este telefone está marcado como número errado."))
    if number.status == "invalid":
        yield Block("bounced", _("Este e-mail está marcado como devolvido."))
    if number.status == "opted_out":
        what = _("Este e-mail") if number.kind == EMAIL else _("Este telefone")
        yield Block("number_opted_out", _("{what} está marcado como não contatar.").format(what=what))
    if not number.serves(channel):
        yield Block("unfit", _("Este canal não usa este número ou e-mail."))
    if channel == LogChannel.WHATSAPP and not number.takes_whatsapp:
        yield Block("no_whatsapp", _("Este telefone não tem WhatsApp."))
    if channel == LogChannel.SMS and number.kind == Phone.Kind.LANDLINE:
        yield Block("no_sms", _("Telefone fixo não recebe SMS."))
    for wish in number.kept:
        if wish.covers(channel, purpose):
            yield Block(
                "kept_opt_out", _("Pedido antigo para este contato, guardado: {wish}.").format(wish=_wish(wish))
            )
    yield from _of_lists(number, purpose, day)


def _of_lists(number: Number, purpose: str, day: datetime.date) -> Iterator[Block]:
    """Surveys are neither offers nor service: a list of numbers says nothing of them."""
    for listed in number.lists:
        is_meant = purpose in (Purpose.OFFER, Purpose.ANY) or (listed.covers_service and purpose == Purpose.SERVICE)
        if is_meant and listed.since <= day:
            what = _("nem ofertas nem atendimento") if listed.covers_service else _("sem ofertas")
            origin = f"{listed.name}, {listed.source}" if listed.source else listed.name
            text = _("Número na lista de bloqueio {list} desde {day}: {what}.")
            yield Block("block_list", text.format(list=origin, day=_day(listed.since), what=what))


def _refusals(facts: Facts, at: datetime.datetime) -> Iterator[Block]:
    if facts.refused_for_good_at:
        day = _day(facts.refused_for_good_at.astimezone(facts.zone).date())
        yield Block("refused_for_good", _("O cliente recusou ofertas em definitivo em {day}.").format(day=day))
    if facts.shielded_at:
        day = _day(facts.shielded_at.astimezone(facts.zone).date())
        text = _("Sem ofertas desde {day}: menor, incapaz ou suspeita de fraude. Fale com a supervisão.")
        yield Block("shielded", text.format(day=day))
    if facts.is_paused(at.astimezone(facts.zone).date()):
        yield Block("paused", _("Sem ofertas por enquanto: {why}.").format(why=facts.paused_why))


# --- What passes by itself


def _passing(facts: Facts, rules: Rules, at: datetime.datetime) -> Iterator[Block]:
    yield from _hours(facts, rules, at)
    yield from _attempts(facts, rules, at)
    if facts.refused_at and at < facts.refused_at + rules.rest:
        text = _("Recusou em {day} e descansa de ofertas por {count} dias").format(
            day=_day(facts.refused_at.astimezone(facts.zone).date()), count=rules.rest.days
        )
        yield Block("rest_after_refusal", text, facts.refused_at + rules.rest)


def _hours(facts: Facts, rules: Rules, at: datetime.datetime) -> Iterator[Block]:
    local = at.astimezone(facts.zone)
    opening = rules.opening(local.date(), facts.uf)
    if opening.opens is None or opening.closes is None:
        yield Block(opening.rule, opening.why, _opens_after(facts, rules, local))
    elif not opening.opens <= local.time() < opening.closes:
        where = facts.uf or _("horário de Brasília")
        text = _("Fora do horário de ofertas em {where}: {opens} às {closes} ({source})").format(
            where=where, opens=f"{opening.opens:%H:%M}", closes=f"{opening.closes:%H:%M}", source=opening.why
        )
        yield Block("hours", text, _opens_after(facts, rules, local))


def _opens_after(facts: Facts, rules: Rules, local: datetime.datetime) -> datetime.datetime | None:
    for days in range(LONGEST_WAIT):
        day = local.date() + days * DAY
        opens = rules.opening(day, facts.uf).opens
        if opens and (moment := datetime.datetime.combine(day, opens, facts.zone)) > local:
            return moment.astimezone(datetime.UTC)
    return None


def _attempts(facts: Facts, rules: Rules, at: datetime.datetime) -> Iterator[Block]:
    made = sorted((moment for moment in facts.offers if moment <= at), reverse=True)
    midnight = datetime.datetime.combine(at.astimezone(facts.zone).date(), datetime.time(), facts.zone)
    if sum(moment >= midnight for moment in made) >= rules.per_day:
        text = ngettext(
            "Já houve {count} oferta hoje, o limite do dia",
            "Já houve {count} ofertas hoje, o limite do dia",
            rules.per_day,
        ).format(count=rules.per_day)
        tomorrow = datetime.datetime.combine(midnight.date() + DAY, datetime.time(), facts.zone)
        yield Block("per_day", text, tomorrow.astimezone(datetime.UTC))
    if sum(moment > at - WEEK for moment in made) >= rules.per_week:
        text = _("Já houve {count} ofertas em 7 dias, o limite da semana").format(count=rules.per_week)
        yield Block("per_week", text, made[rules.per_week - 1] + WEEK if rules.per_week else None)
    if made and at < made[0] + rules.between:
        text = _("A última oferta foi às {time}; entre ofertas passam {count} horas").format(
            time=f"{made[0].astimezone(facts.zone):%H:%M}", count=int(rules.between / datetime.timedelta(hours=1))
        )
        yield Block("between", text, made[0] + rules.between)


# --- Words


def _wish(wish: Wish) -> str:
    what = {
        Purpose.OFFER: _("sem ofertas"),
        Purpose.SERVICE: _("sem contatos de atendimento"),
        Purpose.SURVEY: _("sem pesquisas"),
    }.get(Purpose(wish.purpose), _("não contatar"))
    if wish.channel == Channel.ANY:
        return what
    return _("{what} por {channel}").format(what=what, channel=Channel(wish.channel).label)


def _day(day: datetime.date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else "—"


def _moment(moment: datetime.datetime, facts: Facts) -> str:
    local = moment.astimezone(facts.zone)
    text = _("{day} às {time}").format(day=_day(local.date()), time=f"{local:%H:%M}")
    away = local.utcoffset() != moment.astimezone(zone_of_uf("")).utcoffset()
    return _("{moment} no horário do cliente").format(moment=text) if away else text
