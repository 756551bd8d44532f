"""The forms of a contact: the whole one, and the one tap."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from brazil.phones import format_phone
from clients.fields import DateField
from clients.forms import StrictForm
from clients.models import Client, Phone, Purpose
from contacts import attachments, deliveries, moments
from contacts.gate_facts import purpose_for
from contacts.logs import BY_NUMBER
from contacts.models import (
    Consequence,
    ContactLog,
    ContactOutcome,
    Direction,
    LogChannel,
    OutcomeGroup,
)
from contacts.workdays import Workdays
from contracts.models import Contract
from core.forms import OneTimeFormMixin
from core.models import new_form_key

LATE = datetime.timedelta(minutes=5)
LONGEST = 24 * 60
# What is older was mistyped: nobody writes such a contact down by hand.
OLDEST = datetime.timedelta(days=3653)
PURPOSES = [(Purpose.SERVICE.value, Purpose.SERVICE.label), (Purpose.OFFER.value, Purpose.OFFER.label)]
PICK = "pick"
NOTHING_PROMISED = _(
    "O cliente faleceu: nada se agenda com ele. Se foi engano, desfaça o registro na ficha do cliente."
)
# As they are offered: what happens most, and takes the least room, comes first.
GROUPS = (OutcomeGroup.NOT_REACHED, OutcomeGroup.REACHED, OutcomeGroup.WRONG, OutcomeGroup.BLOCKED)


class ReadOnce(ModelChoiceIterator[Phone]):
    """Asks for the records once, however often they are gone through."""

    def __iter__(self) -> Iterator[Any]:
        return (self.choice(record) for record in self.queryset)


class PhoneChoice(forms.ModelChoiceField[Phone]):
    iterator = ReadOnce

    def label_from_instance(self, obj: Phone) -> str:
        return format_phone(obj.e164)


class ContractChoice(forms.ModelChoiceField[Contract]):
    def label_from_instance(self, obj: Contract) -> str:
        return f"{obj.product} · {obj}"


class TimeInput(forms.TimeInput):
    input_type = "time"


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class OutcomeField(forms.CharField):
    """`code`, or `code:detail` of a button that says both."""

    def clean(self, value: Any) -> tuple[ContactOutcome, str]:
        code, _sep, detail = str(super().clean(value)).partition(":")
        outcome = ContactOutcome.objects.filter(code=code, is_active=True).first()
        if outcome is None or (detail and detail not in outcome.details):
            raise ValidationError(_("Este resultado saiu da lista. Escolha outro."), code="unknown")
        return outcome, detail


class QuickForm(StrictForm):
    """What one tap says. `next` is a moment of `contacts.moments`, or "pick" with a day and maybe an hour."""

    outcome = OutcomeField(
        label=_("Resultado"), max_length=120, error_messages={"required": _("Escolha o resultado do contato.")}
    )
    channel = forms.ChoiceField(label=_("Canal"), choices=LogChannel.choices, initial=LogChannel.CALL)
    purpose = forms.ChoiceField(label=_("Finalidade"), choices=PURPOSES, required=False)
    phone = PhoneChoice(
        None,
        label=_("Telefone"),
        required=False,
        empty_label=None,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    next = forms.CharField(required=False, max_length=25)
    next_date = DateField(label=_("Dia"), required=False)
    next_time = forms.TimeField(label=_("Hora"), required=False, widget=TimeInput(format="%H:%M"))
    task: Any = forms.ModelChoiceField(None, required=False, widget=forms.HiddenInput)
    membership: Any = forms.ModelChoiceField(None, required=False, widget=forms.HiddenInput)
    form_key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput, initial=new_form_key)

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client = client
        self.offer("phone", client.phones.all())
        self.offer("task", client.tasks.filter(done_at=None, is_cancelled=False))
        self.offer("membership", client.plan_memberships.filter(state="running").select_related("plan"))

    def offer(self, name: str, choices: QuerySet[Any]) -> None:
        cast(Any, self.fields[name]).queryset = choices

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        outcome, data["detail"] = data.get("outcome") or (None, "")
        data["outcome"] = outcome
        channel = data.get("channel")
        if outcome and channel and outcome.channels and channel not in outcome.channels:
            self.add_error("outcome", _("Este resultado não vale para este canal. Troque um dos dois."))
        if channel not in BY_NUMBER:
            data["phone"] = None
        self._read_next(data)
        return data

    def _read_next(self, data: dict[str, Any]) -> None:
        """`next_on` and `next_at` from the choice; in the past neither makes sense."""
        chosen, day, hour = data.get("next", ""), data.get("next_date"), data.get("next_time")
        data["next_on"], data["next_at"] = None, None
        if (not chosen or chosen == PICK) and day is not None:
            chosen = f"{day.isoformat()}T{hour:%H:%M}" if hour else day.isoformat()
        elif chosen == PICK and "next_date" not in self.errors:
            self.add_error("next_date", _("Escolha o dia do próximo contato."))
            return
        try:
            if chosen and chosen != PICK:
                data["next_on"], data["next_at"] = moments.read(chosen)
                if chosen == self.known_moment:
                    return
        except ValueError:
            self.add_error("next", _("Não entendemos este momento. Escolha de novo."))
        self._check_future(data)

    @property
    def known_moment(self) -> str:
        """A moment that may lie in the past: what was written down already."""
        return ""

    def _check_future(self, data: dict[str, Any]) -> None:
        now = timezone.now()
        day, at = data["next_on"], data["next_at"]
        if (at or day) and self.client.deceased_on:
            self.add_error("next", NOTHING_PROMISED)
        if (at and at < now - LATE) or (day and day < timezone.localdate(now)):
            self.add_error("next", _("Este momento já passou. Escolha outro."))

    @property
    def chosen(self) -> ContactOutcome | None:
        """The outcome that was tapped, when the form comes back with a question."""
        said = str(self["outcome"].value() or "").partition(":")[0]
        return ContactOutcome.objects.filter(code=said, is_active=True).first() if said and said.isprintable() else None

    @property
    def needs_moment(self) -> bool:
        """A promised return without the moment it was promised for."""
        data = self.cleaned_data
        outcome = data.get("outcome")
        is_callback = outcome is not None and outcome.consequence == Consequence.CALLBACK
        return is_callback and data.get("next_on") is None and data.get("next_at") is None

    @property
    def needs_detail(self) -> bool:
        """Who asks not to be contacted says where: guessing would close too little or too much."""
        outcome = self.cleaned_data.get("outcome")
        return outcome is not None and outcome.consequence == Consequence.OPT_OUT and not self.cleaned_data["detail"]

    @cached_property
    def workdays(self) -> Workdays:
        return Workdays.load()

    def hours_ahead(self) -> list[moments.Moment]:
        return moments.hours_ahead(timezone.now(), self.client.uf, self.workdays)

    def kept_fields(self) -> list[forms.BoundField]:
        """What the question carries along."""
        return [self[name] for name in ("channel", "purpose", "phone", "task", "membership", "form_key")]

    def values(self) -> dict[str, Any]:
        """What `contacts.logs` takes."""
        left_out = {"form_key", "next", "next_date", "next_time", "file", "minutes"}
        said = {name: value for name, value in self.cleaned_data.items() if name not in left_out}
        if not said.get("purpose"):
            said.pop("purpose", None)
        return said


class LogForm(QuickForm, OneTimeFormMixin):
    note = forms.CharField(
        label=_("O que foi dito e combinado"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(
            attrs={"rows": 2, "class": "form-control", "placeholder": _("O que foi dito? O que ficou combinado?")}
        ),
    )
    is_highlight = forms.BooleanField(label=_("Destacar esta anotação"), required=False)
    next_channel = forms.ChoiceField(
        label=_("Por onde"), choices=[("", _("O mesmo canal")), *LogChannel.choices], required=False
    )
    direction = forms.ChoiceField(
        label=_("Quem procurou"),
        choices=[(Direction.OUT.value, _("Nós")), (Direction.IN.value, _("O cliente"))],
        initial=Direction.OUT,
        required=False,
    )
    person: Any = forms.ModelChoiceField(None, label=_("Com quem"), required=False, empty_label=_("O próprio cliente"))
    minutes = forms.IntegerField(label=_("Duração em minutos"), min_value=0, max_value=LONGEST, required=False)
    started_at = forms.DateTimeField(
        label=_("Quando"), required=False, widget=MomentInput, help_text=_("Vazio: agora.")
    )
    contract = ContractChoice(None, label=_("Sobre o contrato"), required=False, empty_label=_("Nenhum"))
    file = forms.FileField(
        label=_("Arquivo"),
        required=False,
        help_text=_("PDF, imagem, DOCX, XLSX, texto, CSV ou áudio, até 20 MB."),
        widget=forms.FileInput(attrs={"accept": attachments.ACCEPTED}),
    )

    more: ClassVar = ("purpose", "direction", "person", "contract", "started_at", "minutes", "file")

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, client=client, **kwargs)
        self.offer("person", client.people.all())
        self.offer("contract", client.contracts.select_related("product"))
        self.fields["note"].widget.attrs["data-draft"] = f"log-{client.pk}"
        self.fields["form_key"].required = True

    @property
    def oldest(self) -> datetime.datetime:
        return timezone.now() - OLDEST

    def clean_started_at(self) -> datetime.datetime | None:
        moment: datetime.datetime | None = self.cleaned_data["started_at"]
        if moment is not None and moment > timezone.now() + LATE:
            raise ValidationError(_("Este momento ainda não chegou. Use a hora em que o contato aconteceu."))
        if moment is not None and moment < self.oldest:
            raise ValidationError(_("Este momento tem mais de 10 anos. Confira o ano."))
        return moment

    def clean_file(self) -> Any:
        return checked_file(self.cleaned_data["file"])

    def groups(self) -> Iterator[tuple[str, str, list[ContactOutcome]]]:
        """The outcomes in use, by group, in their order: code and name of the group, its outcomes."""
        outcomes = list(ContactOutcome.objects.filter(is_active=True))
        for group in GROUPS:
            members = [outcome for outcome in outcomes if outcome.group == group]
            if members:
                yield group.value, str(group.label), members

    def days_ahead(self) -> list[moments.Moment]:
        hours = self.hours_ahead()[:1]
        return [*hours, *moments.days_ahead(timezone.localdate(), self.client.uf, self.workdays)]

    def more_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.more if name in self.fields]

    def has_more_errors(self) -> bool:
        return any(self[name].errors for name in self.more if name in self.fields)

    def values(self) -> dict[str, Any]:
        minutes = self.cleaned_data["minutes"]
        said = {**super().values(), "seconds": None if minutes is None else minutes * 60}
        said["direction"] = said["direction"] or Direction.OUT
        return said


class EditForm(LogForm):
    """The same contact, said again. Files have a place of their own.

    How and for what a message left is no longer anybody's to say: the gate counts it, and asks once more as it leaves.
    """

    def __init__(self, *args: Any, log: ContactLog, **kwargs: Any) -> None:
        super().__init__(*args, client=log.client, initial=initial_of(log), **kwargs)
        for name in ("file", "task", "membership"):
            del self.fields[name]
        self.used = log.used if deliveries.leaves_as_written(log) else ""
        if self.used:
            self._hold(log)

    def _hold(self, log: ContactLog) -> None:
        for name in ("channel", "purpose", "direction", "phone", "started_at"):
            self.fields[name].disabled = True
        cast(Any, self.fields["channel"]).choices = [(log.channel, log.get_channel_display())]
        cast(Any, self.fields["purpose"]).choices = [(log.purpose, log.get_purpose_display())]

    def values(self) -> dict[str, Any]:
        said = super().values()
        if self.used:
            said["used"] = self.used
            # To the microsecond, as it stands.
            del said["started_at"]
        return said

    @property
    def oldest(self) -> datetime.datetime:
        """What a spreadsheet told may be older; as it was, it may stay."""
        known: datetime.datetime = self.initial["started_at"]
        return min(super().oldest, known.replace(second=0, microsecond=0))

    @property
    def known_moment(self) -> str:
        day, hour = self.initial["next_date"], self.initial["next_time"]
        return "" if day is None else f"{day.isoformat()}T{hour:%H:%M}" if hour else day.isoformat()


def checked_file(upload: Any) -> Any:
    if upload:
        try:
            attachments.checked(upload)
        except attachments.RefusedFileError as refusal:
            raise ValidationError(attachments.WHY_NOT[refusal.code], code=refusal.code) from refusal
    return upload


def asked_for(client: Client, query: QueryDict) -> dict[str, Any]:
    """The fields an address fills in: `?canal=call&telefone=7&resultado=no_answer&finalidade=offer`."""
    said = {
        "channel": query.get("canal"),
        "phone": query.get("telefone"),
        "outcome": query.get("resultado"),
        "purpose": query.get("finalidade") or purpose_for(client),
        "task": query.get("tarefa"),
        "membership": query.get("plano"),
    }
    return {name: value for name, value in said.items() if value}


def initial_of(log: ContactLog) -> Mapping[str, Any]:
    at = log.next_at and timezone.localtime(log.next_at)
    return {
        "outcome": f"{log.outcome.code}:{log.detail}" if log.detail else log.outcome.code,
        "channel": log.channel,
        "purpose": log.purpose,
        "phone": log.phone_id,
        "next": PICK if log.next_on or at else "",
        "next_date": at.date() if at else log.next_on,
        "next_time": at.time() if at else None,
        "note": log.note,
        "is_highlight": log.is_highlight,
        "next_channel": log.next_channel,
        "direction": log.direction,
        "person": log.person_id,
        "minutes": None if log.seconds is None else log.seconds // 60,
        "started_at": timezone.localtime(log.started_at),
        "contract": log.contract_id,
    }
