"""What the cells of a contact file mean: channels, outcomes and moments; and what people are told about its rows."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brazil.dates import parse_date
from contacts.models import ContactOutcome, LogChannel
from imports.headings import fold_heading

# Besides the names and codes of the channels themselves.
OTHER_NAMES: Mapping[LogChannel, str] = {
    LogChannel.CALL: "telefone, telefonema, fone, tel, celular, chamada, ligacao telefonica, ligacoes",
    LogChannel.WHATSAPP: "whats, whats app, zap, zapzap, wpp, wa",
    LogChannel.SMS: "torpedo, mensagem de texto",
    LogChannel.EMAIL: "email, mail, correio eletronico",
    LogChannel.VISIT: "visita externa, visita presencial",
    LogChannel.MEETING: "videoconferencia, videochamada",
    LogChannel.IN_PERSON: "presencial, atendimento presencial, loja",
}
MOMENT = re.compile(
    r"(?P<day>\S+?)(?:T|,?\s+(?:[^\W\d]s\s+)?)(?P<hour>[0-9]{1,2})(?:[:h](?P<minute>[0-9]{2})|h)"
    r"(?::(?P<second>[0-9]{2})(?:\.[0-9]+)?)?(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?",
    re.IGNORECASE,
)
SERIAL_WITH_HOUR = re.compile(r"[0-9]{4,5}[.,](?P<part>[0-9]+)")
# A day without an hour: wherever its reader is, noon falls on that day.
NO_HOUR = time(12)
TEXTS: Mapping[str, str | Promise] = {
    "invalid_date": gettext_lazy(
        "Falta a data, ou ela não existe ou ainda não chegou. Use dia/mês/ano, com ou sem a hora."
    ),
    "seller_unknown": gettext_lazy(
        "Vendedor sem cadastro ativo; o contato fica com o responsável pelo cliente ou com quem importa."
    ),
    "seller_out_of_reach": gettext_lazy(
        "Vendedor de outra equipe; o contato fica com o responsável pelo cliente ou com quem importa."
    ),
    "seller_missing": gettext_lazy("Sem vendedor nem responsável; o contato fica com quem importa."),
    "opts_out": gettext_lazy("O cliente deixa de ser contatado: o pedido é registrado junto."),
    "opts_out_of_offers": gettext_lazy("O cliente deixa de receber ofertas: o pedido é registrado junto."),
    "deceased": gettext_lazy("O cliente é marcado como falecido e deixa de ser contatado."),
}


def _channels() -> Iterable[tuple[str, str]]:
    for channel, others in OTHER_NAMES.items():
        for name in (channel.value, str(channel.label), *others.split(",")):
            yield fold_heading(name), channel.value


CHANNELS: Mapping[str, str] = dict(_channels())


def channel_of(text: str) -> str:
    """Empty when the word is not known."""
    return CHANNELS.get(fold_heading(text), "")


class OutcomeNames:
    """Outcomes by label, else by code. Retired ones are known too: files tell of the past."""

    def __init__(self) -> None:
        rows = list(ContactOutcome.objects.order_by("is_active", "-position", "-pk"))
        self.by_name = {fold_heading(row.code): row for row in rows} | {fold_heading(row.label): row for row in rows}

    def find(self, text: str) -> ContactOutcome | None:
        return self.by_name.get(fold_heading(text)) if text else None


def texts() -> Mapping[str, str | Promise]:
    """As TEXTS, with the outcomes that are in use now."""
    labels = ContactOutcome.objects.filter(is_active=True).values_list("label", flat=True)
    accepted = _("Resultado desconhecido. Use um destes: %(accepted)s.") % {"accepted": ", ".join(labels)}
    return {**TEXTS, "unknown_outcome": accepted}


def end_of(today: date) -> datetime:
    """The last moment of which a file may tell."""
    if today == timezone.localdate():
        return timezone.now()
    return _local(datetime.combine(today, time.max))


def moment_of(text: str, *, until: datetime) -> tuple[datetime | None, tuple[str, ...]]:
    """The moment in the company's own time, and what was repaired; none for what is no date or has yet to come."""
    with_hour, parsed = MOMENT.fullmatch(text), parse_date(text)
    if with_hour:
        parsed = parse_date(with_hour["day"])
    if parsed.value is None:
        return None, ()
    found = _with_hour(parsed.value, with_hour) if with_hour else _without_hour(parsed.value, text, until)
    return (found, parsed.actions) if found and found <= until else (None, ())


def _with_hour(day: date, match: re.Match[str]) -> datetime | None:
    hour, minute, second = int(match["hour"]), match["minute"] or "00", match["second"] or "00"
    try:
        found = datetime.fromisoformat(f"{day}T{hour:02}:{minute}:{second}{(match['zone'] or '').upper()}")
    except ValueError:
        return None
    return found if found.tzinfo else _local(found)


def _without_hour(day: date, text: str, until: datetime) -> datetime:
    """Spreadsheets keep the hour as a part of the day, to be rounded to the minute."""
    if part := SERIAL_WITH_HOUR.fullmatch(text):
        minutes = round(float(f"0.{part['part']}") * 24 * 60)
        return _local(datetime.combine(day, time()) + timedelta(minutes=minutes))
    noon = _local(datetime.combine(day, NO_HOUR))
    return until if noon > until and day == _own(until).date() else noon


def _local(moment: datetime) -> datetime:
    return timezone.make_aware(moment, timezone.get_default_timezone())


def _own(moment: datetime) -> datetime:
    return timezone.localtime(moment, timezone.get_default_timezone())
